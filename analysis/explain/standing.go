package explain

import (
	"cmp"
	"slices"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// standing shows the record behind a rule on a zone's places or on acts on it.
func (w *watcher) standing(d *Document) {
	if w.rule == nil || w.rule.Finding != rule.FindingRanking && w.rule.Finding != rule.FindingLadder || w.watched.Standing == nil {
		return
	}
	st := w.watched.Standing
	d.Standing = &Standing{Given: st.Ranked, Places: []Place{}, Acts: []Act{}}
	for _, row := range st.Rankings {
		d.Standing.Places = append(d.Standing.Places, w.place(st, row))
	}
	slices.SortStableFunc(d.Standing.Places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(b.Year, a.Year), cmp.Compare(a.Scope, b.Scope))
	})
	for _, a := range st.Actions {
		d.Standing.Acts = append(d.Standing.Acts, Act{On: a.On, Kind: a.Kind, Title: w.words("action." + a.Kind), DocumentNo: a.DocumentNo, Counts: w.counts(a)})
	}
	slices.SortStableFunc(d.Standing.Acts, func(a, b Act) int { return cmp.Compare(a.On, b.On) })
}

func (w *watcher) place(st *rule.Standing, row land.Ranking) Place {
	p := Place{Scope: row.Scope, Year: row.Year, Rank: row.Rank, Of: row.Of}
	if row.Rank.Known && st.Tied != nil {
		if n := st.Tied(row.Scope, row.Year, row.Rank.Value); n > 1 {
			p.Shared = n
		}
	}
	r := w.rule.Ranking
	p.Counts = r != nil && r.Scope == row.Scope && w.verdict != nil && slices.Contains(w.verdict.Years, row.Year)
	return p
}

// counts is whether the rule asks for acts of this kind, and its day has come or
// is unknown.
func (w *watcher) counts(a land.ZoneAction) bool {
	l := w.rule.Ladder
	if l == nil || a.On > w.AsOf {
		return false
	}
	return slices.Contains(l.From, a.Kind) || slices.Contains(l.Passed, a.Kind) || slices.Contains(l.Ends, a.Kind)
}
