package score

import (
	"math/big"
	"slices"

	"github.com/muscope/muscope/analysis/land"
)

// standing is a firm in one year. best and worst are the first and the last
// class that it may be in; they differ where facts are missing.
type standing struct {
	unit        *unit
	score       *big.Rat // nil: unknown, or not scored
	out         bool     // it isn't scored: its land is below the least
	best, worst int
	result      land.ScoredFirm
}

// Score scores and classes the firms of the ledger's last year, and says of each
// whether it was in the lowest class in each of so many years running. Where
// there are no firms it is nil.
func (s *Scheme) Score(l *Ledger, years int) *land.Scoring {
	last := l.Last()
	if last == 0 {
		return nil
	}
	table := s.year(l, last)
	before := make([]map[string]*standing, max(years, 1)-1)
	for i := range before {
		before[i] = map[string]*standing{}
		for _, st := range s.year(l, last-1-i) {
			before[i][st.unit.id] = st
		}
	}
	out := &land.Scoring{Year: last, Years: max(years, 1)}
	for _, st := range table {
		s.lowest(st, before)
		if !st.out {
			out.Evaluated++
		}
		if st.score != nil {
			out.Scored++
		}
		out.Firms = append(out.Firms, st.result)
	}
	slices.SortStableFunc(out.Firms, func(a, b land.ScoredFirm) int { return place(&a) - place(&b) })
	return out
}

// place orders firms by rank, those without one last.
func place(f *land.ScoredFirm) int {
	if f.Rank == nil {
		return int(^uint(0) >> 2)
	}
	return *f.Rank
}

// year is the firms of one year, scored and classed, by id.
func (s *Scheme) year(l *Ledger, year int) []*standing {
	units := l.units(year)
	out := make([]*standing, len(units))
	var ranked []*standing
	evaluated := 0
	for i, u := range units {
		st := &standing{unit: u, worst: len(s.Classes) - 1}
		st.result = land.ScoredFirm{Firm: u.id, Parcels: u.parcels, LandMu: u.area.Mu()}
		out[i] = st
		if s.LeastMu != nil && u.mu().Cmp(s.LeastMu) < 0 {
			st.out, st.result.Reason = true, ReasonBelowLeast
			continue
		}
		evaluated++
		st.score, st.result.Measures, st.result.Missing = s.score(u)
		if st.score == nil {
			st.result.Reason = ReasonUnknown
			continue
		}
		st.result.Score = float(st.score)
		ranked = append(ranked, st)
	}
	s.classify(ranked, evaluated)
	return out
}

// classify ranks firms of known score, ties sharing a rank, and classes them
// among all that are evaluated: each of the others may stand before any of them.
func (s *Scheme) classify(ranked []*standing, evaluated int) {
	slices.SortStableFunc(ranked, func(a, b *standing) int { return b.score.Cmp(a.score) })
	open := evaluated - len(ranked)
	for start := 0; start < len(ranked); {
		end := start + 1
		for end < len(ranked) && ranked[end].score.Cmp(ranked[start].score) == 0 {
			end++
		}
		for _, st := range ranked[start:end] {
			rank := start + 1
			if open == 0 {
				st.result.Rank = &rank
			}
			if evaluated < len(s.Classes) {
				st.result.Reason = ReasonTooFew
				continue
			}
			st.best, st.worst = s.class(start+1, evaluated), s.class(end+open, evaluated)
			switch {
			case st.best == st.worst:
				st.result.Class = s.Classes[st.best].ID
			case s.class(end, evaluated) != st.best:
				st.result.Reason = ReasonTied
			default:
				st.result.Reason = ReasonOthersOpen
			}
		}
		start = end
	}
}

// class is the class of a rank among n: the first that reaches it.
func (s *Scheme) class(rank, n int) int {
	at := big.NewRat(int64(rank), int64(n))
	for i, c := range s.Classes {
		if c.Until == nil || at.Cmp(c.Until) <= 0 {
			return i
		}
	}
	return len(s.Classes) - 1
}

// inLowest is whether the firm is in the last class.
func (s *Scheme) inLowest(st *standing) land.Flag {
	last := len(s.Classes) - 1
	switch {
	case st == nil:
		return land.Unknown // it has no figures of the year
	case st.out, st.worst < last:
		return land.No
	case st.best == last:
		return land.Yes
	}
	return land.Unknown
}

// lowest says whether the firm was in the last class in every year.
func (s *Scheme) lowest(st *standing, before []map[string]*standing) {
	low := s.inLowest(st)
	for _, year := range before {
		past := year[st.unit.id]
		low = low.And(s.inLowest(past))
		name := ""
		if past != nil {
			name = past.result.Class
		}
		st.result.ClassesBefore = append(st.result.ClassesBefore, name)
	}
	st.result.LowEfficiency = low
	if st.out {
		st.result.LowEfficiency = land.Unknown
	}
}
