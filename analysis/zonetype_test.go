package analysis_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
)

// evaluated is a zone of 1 km² with built land of some uses, under the pack of
// zone evaluation.
func evaluated(t *testing.T, kind string, parcels ...land.Parcel) *land.ZoneResult {
	t.Helper()
	packs, err := analysis.DefaultPacks("national/zone-evaluation")
	if err != nil {
		t.Fatal(err)
	}
	asOf, err := land.ParseDate("2024-12-31")
	if err != nil {
		t.Fatal(err)
	}
	z := land.Zone{Code: "Z", Scope: land.ScopeApproved, Kind: kind, AreaM2: 1_000_000 * land.One}
	m := &analysis.Memory{ZoneList: []land.Zone{z}}
	for i, p := range parcels {
		p.ID, p.EllipsoidM2, p.Source.Position = fmt.Sprint(i), p.RecordedM2.Value, int64(i+1)
		m.PartList = append(m.PartList, land.Part{Parcel: p, In: z.Key(), Share: 1, SetShare: 1, Home: true, PartEllipsoidM2: p.EllipsoidM2})
	}
	c := &analysis.Collector{}
	if err := analysis.Run(t.Context(), analysis.Options{AsOf: asOf, Packs: packs, Workers: 1}, m, c); err != nil {
		t.Fatal(err)
	}
	return &c.Result().Zones[0]
}

func lotOf(use string, m2 int64) land.Parcel {
	supplied, _ := land.ParseDate("2015-01-01")
	return land.Parcel{UseCode: use, RecordedM2: land.Num(land.Fixed(m2) * land.One), SuppliedOn: supplied, CompletedOn: supplied}
}

// What falls between the two lines is neither type, and says so.
func TestZoneTypes(t *testing.T) {
	const industry, housing, rest = "1001", "070102", "0803"
	unknown := lotOf(industry, 50)
	unknown.UseCode = ""
	for _, c := range []struct {
		name, kind, want string
		parcels          []land.Parcel
	}{
		{"40 % industry, 10 % housing", "high_tech", "industrial_led", []land.Parcel{lotOf(industry, 40), lotOf(housing, 10), lotOf(rest, 50)}},
		{"20 % and 30 %", "high_tech", "integrated", []land.Parcel{lotOf(industry, 20), lotOf(housing, 30), lotOf(rest, 50)}},
		{"on both lines", "high_tech", "integrated", []land.Parcel{lotOf(industry, 30), lotOf(housing, 25), lotOf(rest, 45)}},
		{"the gap: 40 % and 30 %", "high_tech", "other", []land.Parcel{lotOf(industry, 40), lotOf(housing, 30), lotOf(rest, 30)}},
		{"the gap: 20 % and 10 %", "high_tech", "other", []land.Parcel{lotOf(industry, 20), lotOf(housing, 10), lotOf(rest, 70)}},
		{"a bonded zone, whatever its land", "bonded", "industrial_led", []land.Parcel{lotOf(industry, 20), lotOf(housing, 30), lotOf(rest, 50)}},
		{"half of the land of unknown use", "high_tech", "", []land.Parcel{lotOf(industry, 20), lotOf(housing, 10), unknown}},
	} {
		t.Run(c.name, func(t *testing.T) {
			types := evaluated(t, c.kind, c.parcels...).Types
			if len(types) != 1 || types[0].Type != c.want || (c.want == "") != (types[0].Reason != "" && len(types[0].Missing) > 0) || c.want != "" && types[0].Title.ZH == "" {
				t.Errorf("%+v, want %q", types, c.want)
			}
		})
	}
}

// development_rate × supply_rate × build_rate = built ÷ (zone − unbuildable),
// whatever land the zone has.
func TestProductOfRates(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 14))
	day := func(s string) land.Date { d, _ := land.ParseDate(s); return d }
	tried := 0
	for range 200 {
		var parcels []land.Parcel
		var builtM2, out int64
		for range 1 + r.IntN(12) {
			m2 := 1 + r.Int64N(60_000)
			p := land.Parcel{UseCode: "1001", RecordedM2: land.Num(land.Fixed(m2) * land.One)}
			switch r.IntN(5) {
			case 0, 1:
				p, builtM2 = lotOf("1001", m2), builtM2+m2
			case 2:
				p.SuppliedOn, p.AgreedStartOn, p.ConstructionState = day("2023-01-01"), day("2026-01-01"), land.StateNotStarted
			case 3:
				p.Tenure, p.SupplyReady, p.ConstructionState = "reserve", land.Yes, land.StateNotStarted
			case 4:
				p.UseCode, out = "1701", out+m2
			}
			parcels = append(parcels, p)
		}
		got := map[string]*float64{}
		for _, i := range evaluated(t, "high_tech", parcels...).Indicators {
			if i.Exact {
				got[i.ID] = i.Value
			}
		}
		a, b, c := got["development_rate"], got["supply_rate"], got["build_rate"]
		if a == nil || b == nil || c == nil {
			continue // an empty base: nothing is supplied
		}
		tried++
		if want := float64(builtM2) / float64(1_000_000-out); math.Abs(*a**b**c-want) > 1e-12 {
			t.Fatalf("%v × %v × %v = %v, want %v of %+v", *a, *b, *c, *a**b**c, want, parcels)
		}
	}
	if tried < 100 {
		t.Errorf("only %d zones had all three rates", tried)
	}
}
