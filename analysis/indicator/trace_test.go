package indicator

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// Of random zones, what the trace says of the parcels adds up to every
// indicator of the zone and of its projects, and tracing changes nothing.
func TestTraceAddsUp(t *testing.T) {
	figures := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 11))
		var plots []*plot
		for i := range 3 + r.IntN(12) {
			plots = append(plots, randomPlot(r, i))
		}
		zoneSeed := r.Uint64()
		plain := randomZone(rand.New(rand.NewPCG(zoneSeed, 1)), plots)
		want := plain.Indicators()
		for i := range want {
			z := emptied(plain)
			if _, err := z.Trace(want[i].ID, ""); err != nil {
				t.Fatal(err)
			}
			refill(z, plots)
			got := z.Indicators()[i]
			if asText(t, &got) != asText(t, &want[i]) {
				t.Fatalf("seed %d: traced %s, plain %s", seed, asText(t, &got), asText(t, &want[i]))
			}
			traceSums(t, seed, z, &got)
			figures++
		}
		for _, p := range plain.Projects() {
			for i := range p.Indicators {
				z := emptied(plain)
				if _, err := z.Trace(p.Indicators[i].ID, p.ParcelIDs[len(p.ParcelIDs)-1]); err != nil {
					t.Fatal(err)
				}
				refill(z, plots)
				z.Projects()
				traceSums(t, seed, z, &p.Indicators[i])
				figures++
			}
		}
	}
	if figures < 800 {
		t.Errorf("only %d figures", figures)
	}
}

// emptied is a zone like another, without parts.
func emptied(z *Zone) *Zone {
	own := newTally()
	return &Zone{key: z.key, park: z.park, calendar: z.calendar, figures: z.figures, area: z.area, approved: z.approved, stats: z.stats,
		patterns: map[known]*pattern{}, own: own, shared: own}
}

func refill(z *Zone, plots []*plot) {
	for i, p := range plots {
		p.Source.Position = int64(i + 1)
		z.Add(&p.Part, &p.Assessment)
	}
}

func asText(t *testing.T, i *land.Indicator) string {
	t.Helper()
	return string(i.Append(nil))
}

func traceSums(t *testing.T, seed uint64, z *Zone, want *land.Indicator) {
	t.Helper()
	got, err := z.Traced()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct {
		name string
		Side
		want *land.Quantity
	}{{"numerator", got.Numerator, want.Numerator}, {"denominator", got.Denominator, want.Denominator}} {
		if s.want == nil || want.Reason == ReasonEmptyBase {
			continue
		}
		sum := land.Fixed(0)
		for i := range got.Given {
			if s.name == "numerator" {
				sum += got.Given[i].Numerator
			} else {
				sum += got.Given[i].Denominator
			}
		}
		if v, ok := s.Total(); sum != s.Parcels || !ok && want.Value != nil || ok && want.Value != nil && v != s.want.Value || s.Unit != s.want.Unit {
			t.Errorf("seed %d, %s of %s: the trace has %s of parcels, %s with the zone; the figure %s", seed, s.name, want.ID, sum, v, s.want.Value)
		}
	}
	for i := range got.Given {
		c := &got.Given[i]
		if c.Covered != (len(c.Missing) == 0) || c.Covered != (len(c.Choices) == 0) {
			t.Errorf("seed %d, %s: %s is covered %t, missing %v, choices %v", seed, want.ID, c.ID, c.Covered, c.Missing, c.Choices)
		}
	}
	if open := slices.ContainsFunc(got.Given, func(c Contribution) bool { return !c.Covered }); want.Reason == "" && open == want.Exact {
		t.Errorf("seed %d, %s: exact %t, parcels left out %t", seed, want.ID, want.Exact, open)
	}
}

// A parcel's share of a figure rests on the facts that the formula asks for.
func TestTraceRestsOn(t *testing.T) {
	factory := newPlot("A", m2of(1000), land.ClassIndustrial, land.Built)
	z := emptied(zoneOf(t, ha(1), nil))
	if _, err := z.Trace("industrial_land_share.built_land", ""); err != nil {
		t.Fatal(err)
	}
	refill(z, []*plot{factory})
	got, err := z.Traced()
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Given) != 1 || !slices.Equal(got.Given[0].Facts, []string{"construction_state", "ownership", "use_code"}) {
		t.Errorf("given %+v", got.Given)
	}
	if !slices.Equal(got.Given[0].NumeratorFields, []string{"recorded_area_m2"}) {
		t.Errorf("read from %v", got.Given[0].NumeratorFields)
	}
}

func TestTraceRefuses(t *testing.T) {
	z := zoneOf(t, ha(1), nil, newPlot("A", m2of(1), land.ClassIndustrial, land.Built))
	if _, err := z.Traced(); err == nil {
		t.Error("a zone that was not followed has a trace")
	}
	if _, err := z.Trace("supply_rate", ""); err == nil {
		t.Error("a zone with parts can be followed")
	}
	if _, err := emptied(z).Trace("stats.output.built_land", ""); err == nil {
		t.Error("a hidden formula can be followed")
	}
}
