package overlay

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo"
)

// winding is a zone border of n points with waves of many lengths, about 40 km across.
func winding(n int) orb.Ring {
	r := make(orb.Ring, 0, n+1)
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		d := 1.0
		for k, amp := 3.0, 0.2; k < float64(n)/8; k, amp = k*3, amp/2.5 {
			d += amp * math.Sin(k*a)
		}
		r = append(r, orb.Point{108 + 0.2*d*math.Cos(a), 23 + 0.2*d*math.Sin(a)})
	}
	return append(r, r[0])
}

// BenchmarkSharesLargeZone: one op is one parcel of 100 m against a zone of 100,000 vertices; the sub-benchmarks are the parcels by where they lie.
func BenchmarkSharesLargeZone(b *testing.B) {
	border := winding(100000)
	x, err := NewIndex([]orb.MultiPolygon{{{border}}})
	if err != nil {
		b.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	var all, cut []orb.MultiPolygon
	for i := range 10000 {
		at := orb.Point{108 + 0.3*(rnd.Float64()-0.5), 23 + 0.3*(rnd.Float64()-0.5)}
		if i%10 == 0 {
			at = border[rnd.IntN(len(border))]
		}
		parcel := orb.MultiPolygon{{star(rnd, at, 0.0007, 8)}}
		all = append(all, parcel)
		if i%10 == 0 {
			cut = append(cut, parcel)
		}
	}
	run := func(name string, parcels []orb.MultiPolygon) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				if _, err := x.Shares(parcels[i%len(parcels)], 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("mixed10percentCut", all)
	run("cut", cut)
}

// fabric is a block of n × n jittered parcels and the zone that is their outer edge.
func fabric(rnd *rand.Rand, n int, at orb.Point) (parcels []orb.MultiPolygon, zone orb.MultiPolygon) {
	const step = 0.001
	grid := make([][]orb.Point, n+1)
	for i := range grid {
		grid[i] = make([]orb.Point, n+1)
		for j := range grid[i] {
			grid[i][j] = orb.Point{at[0] + step*(float64(i)+0.3*rnd.Float64()), at[1] + step*(float64(j)+0.3*rnd.Float64())}
		}
	}
	for i := range n {
		for j := range n {
			r := orb.Ring{grid[i][j], grid[i+1][j], grid[i+1][j+1], grid[i][j+1], grid[i][j]}
			parcels = append(parcels, orb.MultiPolygon{{r}})
		}
	}
	var r orb.Ring
	for i := range n {
		r = append(r, grid[i][0])
	}
	for j := range n {
		r = append(r, grid[n][j])
	}
	for i := range n {
		r = append(r, grid[n-i][n])
	}
	for j := range n {
		r = append(r, grid[0][n-j])
	}
	return parcels, orb.MultiPolygon{{append(r, r[0])}}
}

// TestSharesFabric: parcels inside their block have share exactly 1 in it and none in the block beside it, though both share its border.
func TestSharesFabric(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	parcels, zone := fabric(rnd, 30, orb.Point{108, 22})
	outside := orb.Ring{{107.9, 21.9}, {107.9, 22.1}, {108.1, 22.1}, {108.1, 21.9}, {107.9, 21.9}}
	x, err := NewIndex([]orb.MultiPolygon{zone, {{outside, zone[0][0]}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range parcels {
		got, err := x.Shares(p, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].Zone != 0 || got[0].Share != 1 {
			t.Fatalf("parcel %d: %v", i, got)
		}
		bound := p[0][0].Bound()
		for z := range x.zones {
			if near := x.zones[z].edges.Search(nil, bound); len(near) > 0 && x.zones[z].settle(p[0], bound, near) == geo.Boundary {
				t.Errorf("parcel %d is left to the overlay library in zone %d", i, z)
			}
		}
	}
}

// BenchmarkSharesFabric: one op is one parcel of a block of 900 whose outer edge is the zone's border; 13 % lie on it.
func BenchmarkSharesFabric(b *testing.B) {
	rnd := rand.New(rand.NewPCG(5, 6))
	parcels, zone := fabric(rnd, 30, orb.Point{108, 22})
	x, err := NewIndex([]orb.MultiPolygon{zone})
	if err != nil {
		b.Fatal(err)
	}
	for name, ps := range map[string][]orb.MultiPolygon{"all": parcels, "border": parcels[:30]} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				if _, err := x.Shares(ps[i%len(ps)], 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// straightFabric is a row of parcels along one long slanting edge of the zone, which has no vertex at their corners: these lie on it only to
// the rounding of decimals decimals.
func straightFabric(n int, decimals float64) (parcels []orb.MultiPolygon, zone orb.MultiPolygon) {
	round := func(x, y float64) orb.Point {
		if decimals == 0 {
			return orb.Point{x, y}
		}
		f := math.Pow(10, decimals)
		return orb.Point{math.Round(x*f) / f, math.Round(y*f) / f}
	}
	corner := func(i int, depth float64) orb.Point {
		u := float64(i) / float64(n)
		return round(108.1+0.0731*u-0.31*depth, 22.3+0.0523*u+0.87*depth)
	}
	for i := range n {
		r := orb.Ring{corner(i, 0), corner(i+1, 0), corner(i+1, 0.001), corner(i, 0.001), corner(i, 0)}
		parcels = append(parcels, orb.MultiPolygon{{r}})
	}
	return parcels, orb.MultiPolygon{{{corner(0, 0), corner(n, 0), corner(n, 0.01), corner(0, 0.01), corner(0, 0)}}}
}

// TestSharesStraightFabric: corners that lie on a long zone edge to rounding cost no more than that rounding.
func TestSharesStraightFabric(t *testing.T) {
	for decimals, most := range map[float64]float64{0: 1e-9, 9: 5e-5, 7: 5e-3} {
		parcels, zone := straightFabric(100, decimals)
		x, err := NewIndex([]orb.MultiPolygon{zone})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range parcels {
			got, err := x.Shares(p, 0)
			if err != nil || len(got) != 1 {
				t.Fatalf("parcel %d: %v, %v", i, got, err)
			}
			if got[0].Share < 1-most || (decimals == 0 && got[0].Share != 1) {
				t.Errorf("%v decimals, parcel %d: share %.12f", decimals, i, got[0].Share)
			}
		}
	}
}

// BenchmarkSharesStraightFabric: one op is one parcel along a long zone edge without a common vertex.
func BenchmarkSharesStraightFabric(b *testing.B) {
	for name, decimals := range map[string]float64{"exact": 0, "9decimals": 9, "7decimals": 7} {
		parcels, zone := straightFabric(100, decimals)
		x, err := NewIndex([]orb.MultiPolygon{zone})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for i := range b.N {
				if _, err := x.Shares(parcels[i%len(parcels)], 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
