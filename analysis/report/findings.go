package report

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// An html report lists findings by severity; it holds what it lists of one
// zone in memory, and nothing of the other rows.
const (
	// maxFindings is how many findings of one zone are listed at most, and how
	// many of a whole report, shared evenly by its zones: some 300 printed
	// pages. The rest is counted and stands in csv.
	maxFindings   = 5_000
	allFindings   = 10_000
	leastFindings = 10
	// maxNumbers is how many of the listed findings have their number on the map.
	maxNumbers = 99
)

// finding is what is shown of a part that an inspector has to look at.
type finding struct {
	No         int
	ID, Name   string
	Holder     string
	ContractNo string
	Result     land.PartResult
	Since      land.Date
	At         orb.Point
	HasPlace   bool
}

// findingGroup is the findings of one kind.
type findingGroup struct {
	Title  string
	Status string // of the swatch; blank for mixed ones
	Count  int
	Area   land.Fixed
	Rows   []finding
	More   int
	verify bool // the list to verify on site: longest overdue first
}

// findingKinds is in the order of severity; kindOf gives the index.
func (h *htmlReport) findingKinds() []findingGroup {
	of := func(s land.Status) findingGroup {
		return findingGroup{Title: h.word("status", string(s)), Status: string(s)}
	}
	return []findingGroup{of(land.SuspectedIdle), {Title: h.opt.text("report.findings.built")}, of(land.OverdueStart),
		of(land.Suspended), of(land.OverdueCompletion), of(land.Unsupplied),
		{Title: h.opt.text("report.findings.verify"), Status: string(land.Undetermined), verify: true}, of(land.Undetermined),
		{Title: h.opt.text("report.findings.flagged")}}
}

func kindOf(p *land.PartResult) int {
	if p.Status == land.SuspectedIdle {
		return 0
	}
	if slices.Contains(p.Flags, land.BuiltUnsupplied) || slices.Contains(p.Flags, land.BuiltBeforeApproval) {
		return 1
	}
	if i := slices.Index([]land.Status{land.OverdueStart, land.Suspended, land.OverdueCompletion, land.Unsupplied}, p.Status); i >= 0 {
		return 2 + i
	}
	switch {
	case p.Status != land.Undetermined:
		return 8
	case p.Since.Known(): // the start is unknown, and was due on that day
		return 6
	}
	return 7
}

// take keeps a finding, if it is one of the first limit ones of its group: in
// input order, or of those to verify the longest overdue.
func (g *findingGroup) take(r *Row, limit int) {
	if !g.verify {
		if len(g.Rows) < limit {
			g.Rows = append(g.Rows, findingOf(r))
		}
		return
	}
	at, _ := slices.BinarySearchFunc(g.Rows, r.Result, func(f finding, p *land.PartResult) int {
		return cmp.Or(cmp.Compare(f.Since, p.Since), cmp.Compare(f.Result.Position, p.Position))
	})
	if at >= limit {
		return
	}
	g.Rows = slices.Insert(g.Rows, at, findingOf(r))
	g.Rows = g.Rows[:min(len(g.Rows), limit)]
}

// areaOf is the land of a row that has its status: of a parcel with phases that
// of the phases.
func areaOf(p *land.PartResult) land.Fixed {
	if p.Details == nil || len(p.Details.Phases) == 0 {
		return p.AreaM2
	}
	sum := land.Fixed(0)
	for i := range p.Details.Phases {
		if ph := &p.Details.Phases[i]; ph.Status == p.Status {
			sum += ph.AreaM2
		}
	}
	return sum
}

// gather collects the findings of a zone: every one is counted, at most limit
// are kept, the worst kinds first, each in input order.
func (h *htmlReport) gather(ctx context.Context, key land.ZoneKey, limit int) ([]findingGroup, error) {
	groups := h.findingKinds()
	err := h.src.Rows(ctx, &key, func(r *Row) error {
		if !r.Result.Finding() {
			return nil
		}
		g := &groups[kindOf(r.Result)]
		g.Count++
		g.Area += areaOf(r.Result)
		g.take(r, limit)
		return nil
	})
	if err != nil {
		return nil, err
	}
	no := 0
	for i := range groups {
		g := &groups[i]
		g.Rows = g.Rows[:min(len(g.Rows), limit-no)]
		g.More = g.Count - len(g.Rows)
		for j := range g.Rows {
			no++
			g.Rows[j].No = no
		}
	}
	return slices.DeleteFunc(groups, func(g findingGroup) bool { return g.Count == 0 }), nil
}

// findingOf copies what is shown of a row, which is gone after the call.
func findingOf(r *Row) finding {
	f := finding{ID: strings.Clone(r.Part.ID), Name: strings.Clone(r.Part.Name), Holder: strings.Clone(r.Part.Holder),
		ContractNo: strings.Clone(r.Part.ContractNo), Result: *r.Result, Since: r.Result.Since}
	f.Result.ID, f.Result.Indicators, f.Result.Flags = f.ID, nil, slices.Clone(r.Result.Flags)
	f.Result.Zone, f.Result.Scope = nil, nil
	if i := r.Result.Idle; i != nil {
		idle := *i
		f.Result.Idle, f.Since = &idle, idle.Since
	}
	f.At, f.HasPlace = labelPoint(r.Geometry)
	return f
}

// labelPoint is where a parcel's number stands: the centre of its largest
// piece.
func labelPoint(mp orb.MultiPolygon) (orb.Point, bool) {
	best, most := -1, -1.0
	for i, poly := range mp {
		if len(poly) == 0 {
			continue
		}
		if a := planar.Area(orb.Bound(poly.Bound()).ToPolygon()); a > most {
			best, most = i, a
		}
	}
	if best < 0 {
		return orb.Point{}, false
	}
	at, area := planar.CentroidArea(mp[best])
	return at, area != 0
}
