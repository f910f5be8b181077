package rule

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/muscope/muscope/analysis/land"
)

// Ranking is a condition on a zone's places in the yearly assessments of one
// scope. Exactly one of Top, Bottom, FirstTop, Up and Down is set; every number
// is data of a pack.
type Ranking struct {
	Scope  string // national | provincial | municipal
	Top    int    // among the first so many
	Bottom int    // among the last so many
	Years  int    // running, of Top and Bottom; at least 1
	// Apart is how many stand at the other end in a rule of the same document.
	// Where so few zones are ranked that a zone is at both ends, neither rule can
	// be meant.
	Apart    int
	FirstTop int // among the first so many, never so before
	Since    int // the year since when places of this scope exist; 0: not known
	Up       int // gained so many places on the year before
	Within   int // and is among the first so many; of Up
	Down     int // lost so many places on the year before
}

// The reasons of findings by ranking.
const (
	ReasonRankingMet     = "ranking_met"
	ReasonRankingNotMet  = "ranking_not_met"
	ReasonRankingMissing = "ranking_missing"
	ReasonRankingTied    = "ranking_tied"
	ReasonRankingTooFew  = "ranking_too_few"
	ReasonNoRankings     = "rankings_not_given" // of any zone, scope or year
	ReasonZoneYounger    = "zone_younger_than_years"
)

// Standing is what is known of a zone's places.
type Standing struct {
	// Ranked is whether a place of any zone, scope or year is given at all. Where
	// none is, nobody ranks here as far as is known, and no rule on places applies.
	Ranked   bool
	Rankings []land.Ranking // the zone's, of every scope
	Actions  []land.ZoneAction
	// Tied is how many of the zones read share a place in a year, the zone itself
	// among them; nil: ties are not known.
	Tied func(scope string, year int, rank land.Fixed) int
}

// places are a zone's places of one scope.
type places struct {
	*Ranking
	rows  map[int]land.Ranking
	tied  func(year int, rank land.Fixed) int
	born  int // year of the zone's approval; 0: not known
	last  int // the year judged; 0: none
	wants []string
}

// JudgeRanking holds a rule on rankings against a zone's places. The year judged
// is the latest with a place, which must be the as-of date's year or the year
// before it.
func (r *Rule) JudgeRanking(s *Subject, st *Standing) land.Verdict {
	v := r.verdict(s)
	if v, open := r.aside(s, v); !open {
		return v
	}
	if !st.Ranked {
		return decided(v, land.NotApplicable, ReasonNoRankings)
	}
	p := placesOf(r.Ranking, s.Scene.Zone, st, s.AsOf)
	held, reason := p.judge(s.AsOf)
	if row, ok := p.rows[p.last]; ok && row.Rank.Known {
		f := row.Rank.Value.Float()
		v.Observed = &f
	}
	v.Years, v.Missing = p.years(), p.wants
	return r.settleFinding(v, held, reason)
}

// aside settles a finding about a zone before it is looked at: the document is
// not in effect, or the rule is not about the zone, or nobody knows.
func (r *Rule) aside(s *Subject, v land.Verdict) (land.Verdict, bool) {
	if e := r.Pack.Document.EffectiveOn; e.Known() && s.AsOf < e {
		return decided(v, land.NotApplicable, ReasonBeforeEffect), false
	}
	switch holds, missing := r.Where.Holds(s.Scene); holds {
	case land.No:
		return decided(v, land.NotApplicable, ReasonWhereNot), false
	case land.Unknown:
		v.Missing = missing
		return decided(v, land.Incomputable, ReasonWhereUnknown), false
	}
	return v, true
}

// settleFinding says what it means that the condition of a warning or a reward
// holds.
func (r *Rule) settleFinding(v land.Verdict, held land.Flag, reason string) land.Verdict {
	reward := r.Kind == KindReward || r.Kind == KindTarget
	switch {
	case held == land.Unknown:
		return decided(v, land.Incomputable, reason)
	case reason == ReasonZoneYounger:
		v.Missing = nil
		return decided(v, land.NotApplicable, reason)
	}
	v.Missing, v.DecidedBy = nil, "value"
	switch {
	case reward && held == land.Yes:
		return decided(v, land.Satisfied, reason)
	case reward:
		return decided(v, land.NotReached, reason)
	case held == land.Yes:
		return decided(v, land.Violated, reason)
	}
	return decided(v, land.Satisfied, reason)
}

func placesOf(r *Ranking, z *land.Zone, st *Standing, asOf land.Date) *places {
	p := &places{Ranking: r, rows: map[int]land.Ranking{}}
	for _, row := range st.Rankings {
		if row.Scope != r.Scope || row.Year > asOf.Year() {
			continue
		}
		p.rows[row.Year] = row
		if row.Rank.Known {
			p.last = max(p.last, row.Year)
		}
	}
	p.tied = func(year int, rank land.Fixed) int {
		if st.Tied == nil {
			return 1
		}
		return max(1, st.Tied(r.Scope, year, rank))
	}
	for _, d := range []land.Date{z.ApprovedOn, z.ValidFrom} {
		if d.Known() && (p.born == 0 || d.Year() < p.born) {
			p.born = d.Year()
		}
	}
	return p
}

func (p *places) judge(asOf land.Date) (land.Flag, string) {
	if p.last == 0 || p.last < asOf.Year()-1 {
		p.last = asOf.Year() - 1
		p.want(p.last)
		return land.Unknown, ReasonRankingMissing
	}
	switch {
	case p.FirstTop > 0:
		return p.first()
	case p.Up > 0:
		return p.moved(func(now, before land.Fixed) bool {
			return now <= whole(p.Within) && before-now >= whole(p.Up)
		}, func(now land.Fixed) bool { return p.Within > 0 && now > whole(p.Within) })
	case p.Down > 0:
		return p.moved(func(now, before land.Fixed) bool { return now-before >= whole(p.Down) }, nil)
	}
	return p.running()
}

func whole(n int) land.Fixed { return land.Fixed(n) * land.One }

func (p *places) want(year int) { p.wants = append(p.wants, "rankings."+strconv.Itoa(year)) }

// years are those that were looked at, the latest first.
func (p *places) years() (out []int) {
	n := max(p.Years, 1)
	if p.Up > 0 || p.Down > 0 {
		n = 2
	}
	for i := range n {
		out = append(out, p.last-i)
	}
	return out
}

// running is whether the zone is among the first or last in each of the years.
func (p *places) running() (land.Flag, string) {
	held, why := land.Yes, ReasonRankingMet
	for _, year := range p.years() {
		in, reason := p.in(year)
		switch {
		case in == land.No:
			return land.No, reason
		case in == land.Unknown && held == land.Yes:
			held, why = land.Unknown, reason
		}
	}
	return held, why
}

// in is whether the zone is among the first or last of one year.
func (p *places) in(year int) (land.Flag, string) {
	if p.born > year {
		return land.No, ReasonZoneYounger
	}
	row := p.rows[year]
	if !row.Rank.Known {
		p.want(year)
		return land.Unknown, ReasonRankingMissing
	}
	if p.Top > 0 {
		return p.inTop(row, p.Top)
	}
	return p.inBottom(row)
}

// inTop is whether the place is among the first k. Zones that share a place take
// up as many; where they reach over the line, the text doesn't say who is in.
func (p *places) inTop(row land.Ranking, k int) (land.Flag, string) {
	last := row.Rank.Value + whole(p.tied(row.Year, row.Rank.Value)-1)
	switch {
	case row.Rank.Value > whole(k):
		return land.No, ReasonRankingNotMet
	case last > whole(k):
		return land.Unknown, ReasonRankingTied
	case row.Of.Known && p.overlaps(row, k, row.Of.Value-last+land.One):
		return land.Unknown, ReasonRankingTooFew
	}
	return land.Yes, ReasonRankingMet
}

// inBottom is whether the place is among the last k.
func (p *places) inBottom(row land.Ranking) (land.Flag, string) {
	if !row.Of.Known {
		p.wants = append(p.wants, "rankings."+strconv.Itoa(row.Year)+".of")
		return land.Unknown, ReasonRankingMissing
	}
	fromEnd := row.Of.Value - row.Rank.Value + land.One // of the first of those who share it
	nearest := fromEnd - whole(p.tied(row.Year, row.Rank.Value)-1)
	switch {
	case nearest > whole(p.Bottom):
		return land.No, ReasonRankingNotMet
	case fromEnd > whole(p.Bottom):
		return land.Unknown, ReasonRankingTied
	case p.overlaps(row, p.Bottom, row.Rank.Value):
		return land.Unknown, ReasonRankingTooFew
	}
	return land.Yes, ReasonRankingMet
}

// overlaps reports whether so few are ranked that everybody is among the k, or
// that the zone is at the other end too.
func (p *places) overlaps(row land.Ranking, k int, fromOther land.Fixed) bool {
	return row.Of.Value <= whole(k) || p.Apart > 0 && fromOther <= whole(p.Apart)
}

// first is whether the zone is among the first k and never was before.
func (p *places) first() (land.Flag, string) {
	now, why := p.inTop(p.rows[p.last], p.FirstTop)
	if now == land.No {
		return now, why
	}
	for year, row := range p.rows {
		if year < p.last && row.Rank.Known && row.Rank.Value <= whole(p.FirstTop) {
			return land.No, ReasonRankingNotMet
		}
	}
	since := max(p.Since, p.born)
	if since == 0 {
		earliest := p.last
		for year := range p.rows {
			earliest = min(earliest, year)
		}
		p.wants = append(p.wants, "zone.approved_on", "rankings.before."+strconv.Itoa(earliest))
		return land.Unknown, ReasonRankingMissing
	}
	for year := since; year < p.last; year++ {
		if !p.rows[year].Rank.Known {
			p.want(year)
			now, why = land.Unknown, ReasonRankingMissing
		}
	}
	return now, why
}

// moved is whether the places of two years running move as asked; never says
// that the later place alone already settles that they don't.
func (p *places) moved(as func(now, before land.Fixed) bool, never func(now land.Fixed) bool) (land.Flag, string) {
	now, before := p.rows[p.last], p.rows[p.last-1]
	switch {
	case never != nil && never(now.Rank.Value):
		return land.No, ReasonRankingNotMet
	case p.born > p.last-1:
		return land.No, ReasonZoneYounger
	case !before.Rank.Known:
		p.want(p.last - 1)
		return land.Unknown, ReasonRankingMissing
	case as(now.Rank.Value, before.Rank.Value):
		return land.Yes, ReasonRankingMet
	}
	return land.No, ReasonRankingNotMet
}

// Ladder is what follows a warning: a term to put things right, and then that
// the zone has passed or is taken off the list.
type Ladder struct {
	From   []string // kinds of act that begin it
	Years  int      // the term; 0: the document sets none
	Passed []string // kinds of act that end it well
	Ends   []string // kinds of act that end it badly
}

// The reasons of findings by acts on a zone.
const (
	ReasonNoWarning   = "no_warning_recorded"
	ReasonActUndated  = "act_undated"
	ReasonUnderWay    = "rectification_under_way"
	ReasonOverdue     = "rectification_overdue"
	ReasonPassed      = "rectification_passed"
	ReasonZoneRemoved = "zone_removed"
)

// JudgeLadder says where a zone stands on a ladder: the last warning, its term,
// and what came of it. A term full on the as-of date is over.
func (r *Rule) JudgeLadder(s *Subject, st *Standing) land.Verdict {
	v := r.verdict(s)
	if v, open := r.aside(s, v); !open {
		return v
	}
	l := r.Ladder
	acts := slices.Clone(st.Actions)
	slices.SortStableFunc(acts, func(a, b land.ZoneAction) int { return cmp.Compare(a.On, b.On) })
	undated := false
	outcome, reason := land.NotApplicable, ReasonNoWarning
	for _, a := range acts {
		from, passed, ends := slices.Contains(l.From, a.Kind), slices.Contains(l.Passed, a.Kind), slices.Contains(l.Ends, a.Kind)
		switch {
		case !(from || passed || ends) || a.On > s.AsOf:
			continue
		case !a.On.Known():
			undated = true
			continue
		case from:
			v.Since, v.Due = a.On, 0
			if l.Years > 0 {
				v.Due = a.On.AddYears(l.Years)
			}
			outcome, reason = land.NotReached, ReasonUnderWay
		case outcome == land.NotApplicable: // of another ladder
			continue
		case passed:
			outcome, reason = land.Satisfied, ReasonPassed
		case ends:
			v.Since = a.On
			outcome, reason = land.Violated, ReasonZoneRemoved
		}
	}
	if reason == ReasonUnderWay && v.Due.Known() && v.Due <= s.AsOf {
		outcome, reason = land.Violated, ReasonOverdue
	}
	if undated && outcome != land.Violated {
		v.Missing = []string{"zone_actions.on"}
		outcome, reason = land.Incomputable, ReasonActUndated
	}
	return decided(v, outcome, reason)
}
