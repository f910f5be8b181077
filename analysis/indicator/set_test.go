package indicator

import (
	"slices"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// TestSetCountsEachSquareMetreOnce: two zones overlap in a parcel, a park of
// the first is left out, and the stats are of the last year both have.
func TestSetCountsEachSquareMetreOnce(t *testing.T) {
	asOf := date(t, "2024-12-31")
	stats := func(gdp ...int64) (rows []land.Stats) {
		for i, g := range gdp {
			rows = append(rows, land.Stats{Year: 2024 - i, GDPWan: wan(g)})
		}
		return rows
	}
	a := NewZone(&land.Zone{Code: "A", AreaM2: m2of(10_000), ApprovedAreaHa: land.Num(land.One)}, stats(100, 40), asOf)
	b := NewZone(&land.Zone{Code: "B", AreaM2: m2of(5_000), ApprovedAreaHa: land.Num(land.One / 2)}, stats()[:0], asOf)
	park := NewZone(&land.Zone{Code: "A1", PartOf: "A", AreaM2: m2of(4_000), ApprovedAreaHa: land.Num(9 * land.One)}, stats(7), asOf)
	b.stats = []land.Stats{{Year: 2023, GDPWan: wan(20)}, {Year: 2025, GDPWan: wan(9)}}

	shared := newPlot("shared", m2of(4000), land.ClassIndustrial, land.Built)
	shared.FloorAreaM2 = wan(4000)
	only := newPlot("only", m2of(2000), land.ClassResidential, land.Built)
	only.FloorAreaM2 = wan(6000)
	add := func(z *Zone, p *plot, share, setShare float64) {
		c := *p
		c.Share, c.SetShare, c.PartEllipsoidM2 = share, setShare, ha(1)
		z.Add(&c.Part, &c.Assessment)
	}
	add(a, shared, 0.75, 0.75)
	add(b, only, 1, 1)
	add(b, shared, 0.5, 0.25)
	add(park, shared, 0.75, 0)

	set := NewSet("all")
	for _, z := range []*Zone{a, park, b, a} {
		set.AddZone(z, z.area)
	}
	got := set.Indicators()
	for id, want := range map[string]string{
		"gross_far.built_land":                     "1.6666666666666667 = 10000 m2 / 6000 m2",
		"industrial_land_share.built_land":         "0.6666666666666666 = 6 mu / 9 mu",
		"gdp_per_mu.approved_area":                 "2.6666666666666665 = 60 万元 / 22.5 mu",
		"gdp_per_mu.zone_area":                     "2.6666666666666665 = 60 万元 / 22.5 mu",
		"ancillary_land_share.industrial_projects": "null missing_input of a part = null / null",
	} {
		if have := quantities(find(t, got, id)); have != want {
			t.Errorf("%s\n got %s\nwant %s", id, have, want)
		}
	}
	if s := find(t, got, "gdp_per_mu.zone_area").Source; s != "stats 2023" {
		t.Errorf("stats from %q", s)
	}
	if have := quantities(find(t, b.Indicators(), "gross_far.built_land")); have != "2 = 8000 m2 / 4000 m2" {
		t.Errorf("the zone itself: %s", have)
	}
	if ids := set.Contributors("gross_far.built_land", 3); !slices.Equal(ids, []string{"only", "shared"}) {
		t.Errorf("contributors %v", ids)
	}
}
