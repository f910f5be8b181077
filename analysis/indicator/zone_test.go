package indicator

import (
	"encoding/json"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

func ha(n int64) land.Fixed { return land.Fixed(n) * 10_000 * land.One }

func m2of(n int64) land.Fixed { return land.Fixed(n) * land.One }

func date(t testing.TB, s string) land.Date {
	t.Helper()
	d, err := land.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// plot is a parcel with its assessment, wholly inside the zone.
type plot struct {
	land.Part
	land.Assessment
}

func newPlot(id string, area land.Fixed, c land.Class, s land.Status) *plot {
	p := &plot{}
	p.ID, p.RecordedM2, p.Share, p.SetShare = id, land.Num(area), 1, 1
	p.In = land.ZoneKey{Code: "Z", Scope: land.ScopeApproved}
	p.Ownership = land.OwnState
	p.Assessment.Class, p.Assessment.Status = c, s
	p.Approved, p.Supplied, p.Completed, p.BuiltOn, p.Standing = land.No, land.No, land.No, land.No, land.No
	switch s {
	case land.Built:
		p.Supplied, p.BuiltOn, p.Standing, p.Completed = land.Yes, land.Yes, land.Yes, land.Yes
	case land.SuppliedNotDue, land.OverdueStart, land.SuspectedIdle:
		p.Supplied = land.Yes
	case land.UnderConstruction, land.Suspended, land.OverdueCompletion:
		p.Supplied, p.Standing = land.Yes, land.Yes
	case land.Unsupplied:
		p.Approved = land.Yes
	case land.Stock, land.Undetermined:
		p.Completed, p.BuiltOn, p.Standing = land.Unknown, land.Unknown, land.Unknown
	}
	if p.Supplied == land.Yes {
		p.SuppliedOn, p.ApprovedOn, p.Approved = 736330, 735965, land.Yes // 2017, 2016
	}
	return p
}

func (p *plot) with(change func(p *plot)) *plot {
	change(p)
	return p
}

func zoneOf(t testing.TB, area land.Fixed, stats []land.Stats, plots ...*plot) *Zone {
	t.Helper()
	z := NewZone(&land.Zone{Code: "Z", Scope: land.ScopeApproved, AreaM2: area}, stats, date(t, "2024-12-31"))
	for _, p := range plots {
		z.Add(&p.Part, &p.Assessment)
	}
	return z
}

func find(t testing.TB, list []land.Indicator, id string) land.Indicator {
	t.Helper()
	for _, i := range list {
		if i.ID == id {
			return i
		}
	}
	t.Fatalf("no indicator %s", id)
	return land.Indicator{}
}

// rates is the worked zone of the domain sheet: 1,000 ha of which 50 can't be
// built on.
func rates(stated bool) []*plot {
	water := newPlot("water", ha(50), land.ClassNotConstruction, land.NotConstruction)
	water.Assessment.Unbuildable = true
	reserve := newPlot("reserve", ha(300), land.ClassIndustrial, land.Reserve)
	reserve.Tenure = land.TenureReserve
	village := newPlot("village", ha(100), land.ClassIndustrial, land.Undetermined)
	village.Ownership = ""
	if stated {
		reserve.SupplyReady = land.Yes
		village.Ownership = land.OwnCollective
	}
	return []*plot{water, reserve, village,
		newPlot("done", ha(400), land.ClassIndustrial, land.Built),
		newPlot("waiting", ha(100), land.ClassIndustrial, land.SuppliedNotDue),
		newPlot("farm", ha(50), land.ClassNotConstruction, land.NotConstruction)}
}

func TestRatesOfWorkedZone(t *testing.T) {
	stated := zoneOf(t, ha(1000), nil, rates(true)...).Indicators()
	for id, want := range map[string]float64{"development_rate": 800. / 950, "supply_rate": 0.625, "build_rate": 0.8} {
		got := find(t, stated, id)
		if got.Value == nil || *got.Value != want || !got.Exact || got.Coverage != 1 || len(got.Missing) != 0 ||
			*got.Bounds.Lo != want || *got.Bounds.Hi != want {
			t.Errorf("%s = %+v, want exactly %v", id, got, want)
		}
	}
	recorded := zoneOf(t, ha(1000), nil, rates(false)...).Indicators()
	for id, want := range map[string][3]float64{ // value over what is known, least, most
		"development_rate": {500. / 550, 500. / 950, 900. / 950},
		"supply_rate":      {1, 500. / 900, 1},
		"build_rate":       {0.8, 0.8, 1},
	} {
		got := find(t, recorded, id)
		if got.Exact || got.Value == nil || *got.Value != want[0] || *got.Bounds.Lo != want[1] || *got.Bounds.Hi != want[2] {
			t.Errorf("%s = %+v (%v in %v..%v), want %v", id, got, *got.Value, *got.Bounds.Lo, *got.Bounds.Hi, want)
		}
		if id == "development_rate" && got.Coverage != 550./950 {
			t.Errorf("coverage %v", got.Coverage)
		}
		if len(got.Missing) == 0 {
			t.Errorf("%s says nothing of what is missing", id)
		}
	}
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
