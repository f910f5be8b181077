package overlay

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/muscope/muscope/geo"
)

func mustWKT(t testing.TB, s string) orb.MultiPolygon {
	t.Helper()
	g, err := wkt.Unmarshal(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	if p, ok := g.(orb.Polygon); ok {
		return orb.MultiPolygon{p}
	}
	return g.(orb.MultiPolygon)
}

const ushape = "POLYGON((108 22,108.04 22,108.04 22.04,108.03 22.04,108.03 22.01,108.01 22.01,108.01 22.04,108 22.04,108 22))"

func TestShares(t *testing.T) {
	for _, tc := range []struct {
		name, zone, parcel string
		share              float64 // planar, to 1e-4; exact where 0 or 1
	}{
		{"inside", ushape, "POLYGON((108.001 22.001,108.002 22.001,108.002 22.002,108.001 22.002,108.001 22.001))", 1},
		{"far away", ushape, "POLYGON((109 22,109.1 22,109.1 22.1,109 22.1,109 22))", 0},
		{"in the bay", ushape, "POLYGON((108.015 22.015,108.025 22.015,108.025 22.025,108.015 22.025,108.015 22.015))", 0},
		{"fills the bay to its edges", ushape, "POLYGON((108.01 22.01,108.03 22.01,108.03 22.04,108.01 22.04,108.01 22.01))", 0},
		{"inside along the border", ushape, "POLYGON((108 22,108.01 22,108.01 22.005,108 22.005,108 22))", 1},
		{"inside in a corner of the bay", ushape, "POLYGON((108 22.01,108.01 22.01,108.01 22.02,108 22.02,108 22.01))", 1},
		{"the zone itself", ushape, ushape, 1},
		{"outside along the border", ushape, "POLYGON((107.99 22,108 22,108 22.005,107.99 22.005,107.99 22))", 0},
		{"touches at a corner", ushape, "POLYGON((107.99 21.99,108 21.99,108 22,107.99 22,107.99 21.99))", 0},
		{"half", ushape, "POLYGON((107.99 22,108.01 22,108.01 22.01,107.99 22.01,107.99 22))", 0.5},
		{"half, with repeated points", ushape, "POLYGON((107.99 22,107.99 22,108.01 22,108.01 22,108.01 22.01,108.01 22.01,107.99 22.01,107.99 22))", 0.5},
		{"half, corner on the border, repeated points", ushape, "POLYGON((108 22,108 22,108.02 22.02,108.02 22.02,108 22.02,108 22))", 0.75},
		{"across both arms", ushape, "POLYGON((108 22.02,108.04 22.02,108.04 22.03,108 22.03,108 22.02))", 0.5},
		{"holds the zone", ushape, "POLYGON((107.98 21.98,108.06 21.98,108.06 22.06,107.98 22.06,107.98 21.98))", 10.0 / 64},
		{"zone is a hole's fill", ushape, "POLYGON((107.98 21.98,108.06 21.98,108.06 22.06,107.98 22.06,107.98 21.98),(108 22,108.04 22,108.04 22.04,108.03 22.04,108.03 22.01,108.01 22.01,108.01 22.04,108 22.04,108 22))", 0},
		{"parcel round the zone's hole", "POLYGON((0 0,0.09 0,0.09 0.09,0 0.09,0 0),(0.04 0.04,0.04 0.05,0.05 0.05,0.05 0.04,0.04 0.04))", "POLYGON((0.03 0.03,0.06 0.03,0.06 0.06,0.03 0.06,0.03 0.03))", 8.0 / 9},
		{"parcel in the zone's hole", "POLYGON((0 0,0.09 0,0.09 0.09,0 0.09,0 0),(0.04 0.04,0.04 0.05,0.05 0.05,0.05 0.04,0.04 0.04))", "POLYGON((0.042 0.042,0.048 0.042,0.048 0.048,0.042 0.048,0.042 0.042))", 0},
		{"hole of both", "POLYGON((0 0,0.09 0,0.09 0.09,0 0.09,0 0),(0.04 0.04,0.04 0.05,0.05 0.05,0.05 0.04,0.04 0.04))", "POLYGON((0.03 0.03,0.06 0.03,0.06 0.06,0.03 0.06,0.03 0.03),(0.04 0.04,0.05 0.04,0.05 0.05,0.04 0.05,0.04 0.04))", 1},
		{"two parts, one inside", ushape, "MULTIPOLYGON(((108.001 22.001,108.002 22.001,108.002 22.002,108.001 22.002,108.001 22.001)),((107 22,107.001 22,107.001 22.001,107 22.001,107 22)))", 0.5},
		{"two parts, both inside", ushape, "MULTIPOLYGON(((108.001 22.001,108.002 22.001,108.002 22.002,108.001 22.002,108.001 22.001)),((108.031 22.02,108.032 22.02,108.032 22.021,108.031 22.021,108.031 22.02)))", 1},
		{"clockwise everything", "POLYGON((0 0,0 0.04,0.04 0.04,0.04 0,0 0))", "POLYGON((0.03 0.01,0.03 0.02,0.05 0.02,0.05 0.01,0.03 0.01))", 0.5},
		{"point of the border on the edge", "POLYGON((0 0,0.02 0,0.02 0.01,0.025 0.015,0.02 0.02,0.02 0.04,0 0.04,0 0))", "POLYGON((0.02 0.012,0.03 0.012,0.03 0.018,0.02 0.018,0.02 0.012))", 0.35},
		{"neck: lobes on both sides of the border", "POLYGON((0 0,0.02 0,0.02 0.04,0 0.04,0 0))", "POLYGON((0.01 0.01,0.02 0.0199999999999,0.03 0.01,0.03 0.03,0.02 0.0200000000001,0.01 0.03,0.01 0.01))", 0.5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			x, err := NewIndex([]orb.MultiPolygon{mustWKT(t, tc.zone)})
			if err != nil {
				t.Fatal(err)
			}
			parcel := mustWKT(t, tc.parcel)
			if d := geo.Validate(parcel); d != nil {
				t.Fatalf("parcel: %v", d[0])
			}
			area := geo.AreaM2(parcel)
			got, err := x.Shares(parcel, area)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case tc.share == 0:
				if len(got) != 0 {
					t.Fatalf("share %v, want none", got[0].Share)
				}
			case len(got) != 1:
				t.Fatalf("%d shares", len(got))
			case tc.share == 1:
				if got[0].Share != 1 || got[0].Part != nil || got[0].AreaM2 != area {
					t.Fatalf("%v %v %v, want all", got[0].Share, got[0].Part, got[0].AreaM2)
				}
			case math.Abs(got[0].Share-tc.share) > 2e-4:
				t.Fatalf("share %v, want %v", got[0].Share, tc.share)
			default:
				if d := geo.Validate(got[0].Part); d != nil {
					t.Errorf("the part is not sound: %v", d[0])
				}
				if a := geo.AreaM2(got[0].Part); a != got[0].AreaM2 || math.Abs(a/area-got[0].Share) > 1e-15 {
					t.Errorf("area %v of the part, share %v of %v", a, got[0].Share, area)
				}
			}
		})
	}
}

func TestNewIndexRefusesEmpty(t *testing.T) {
	if _, err := NewIndex([]orb.MultiPolygon{mustWKT(t, ushape), nil}); err == nil {
		t.Error("an empty zone passes")
	}
}

// TestSharesAddUp cuts the plane into zones along a jagged line: parts add up to the parcel, agree with the overlay of the whole
// zone, and do not depend on the order of anything.
func TestSharesAddUp(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	west, east := jaggedHalves(rnd, 4000)
	x, err := NewIndex([]orb.MultiPolygon{west, east})
	if err != nil {
		t.Fatal(err)
	}
	back, err := NewIndex([]orb.MultiPolygon{east, west})
	if err != nil {
		t.Fatal(err)
	}
	cut, walked := 0, 0
	for i := range 3000 {
		size := math.Pow(10, -4+2*rnd.Float64())
		parcel := orb.MultiPolygon{{star(rnd, orb.Point{108 + 0.02*rnd.NormFloat64(), 22.02 + 0.16*rnd.Float64()}, size, 4+rnd.IntN(12))}}
		shares, err := x.Shares(parcel, 0)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, s := range shares {
			sum += s.Share
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("%s: shares add up to %.12f: %v", wkt.MarshalString(parcel), sum, shares)
		}
		turned, err := back.Shares(parcel, 0)
		if err != nil || len(turned) != len(shares) {
			t.Fatalf("other order: %v, %v", turned, err)
		}
		for k, s := range shares {
			if o := turned[len(turned)-1-k]; math.Abs(o.Share-s.Share) > 1e-12 {
				t.Fatalf("other order: %v, %v", s, o)
			}
		}
		if len(shares) == 2 {
			cut++
			if _, ok := x.zones[0].cut(parcel[0], x.zones[0].edges.Search(nil, parcel.Bound())); ok {
				walked++
			}
			if i%5 == 0 {
				checkWholeZone(t, parcel, west, shares[0])
			}
		}
	}
	if cut < 200 || walked < cut*9/10 {
		t.Errorf("only %d parcels were cut, %d of them without the library", cut, walked)
	}
}

func checkWholeZone(t *testing.T, parcel, zone orb.MultiPolygon, s Share) {
	t.Helper()
	in, err := Intersection(parcel, zone)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Difference(parcel, zone)
	if err != nil {
		t.Fatal(err)
	}
	area := geo.AreaM2(parcel)
	if d := geo.AreaM2(in)/area - s.Share; math.Abs(d) > 1e-9 {
		t.Fatalf("%s: clipped %.12f, whole zone %.12f", wkt.MarshalString(parcel), s.Share, geo.AreaM2(in)/area)
	}
	if sum := (geo.AreaM2(in) + geo.AreaM2(out)) / area; math.Abs(sum-1) > 1e-9 {
		t.Fatalf("in and out add up to %.12f", sum)
	}
}

// jaggedHalves are two zones left and right of a winding line of n points near 108°E.
func jaggedHalves(rnd *rand.Rand, n int) (west, east orb.MultiPolygon) {
	line := make([]orb.Point, n+1)
	x := 0.0
	for i := range line {
		x = 0.98*x + 0.0006*rnd.NormFloat64()
		line[i] = orb.Point{108 + x, 22 + 0.2*float64(i)/float64(n)}
	}
	w, e := orb.Ring{{107, 22.2}, {107, 22}}, orb.Ring{}
	w = append(w, line...)
	for i := n; i >= 0; i-- {
		e = append(e, line[i])
	}
	e = append(e, orb.Point{109, 22}, orb.Point{109, 22.2})
	return orb.MultiPolygon{{append(w, w[0])}}, orb.MultiPolygon{{append(e, e[0])}}
}

func star(rnd *rand.Rand, at orb.Point, radius float64, n int) orb.Ring {
	r := make(orb.Ring, 0, n+1)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * (float64(i) + 0.8*rnd.Float64()) / float64(n))
		d := radius * (0.4 + 0.6*rnd.Float64())
		r = append(r, orb.Point{at[0] + d*cos, at[1] + d*sin})
	}
	return append(r, r[0])
}

// TestSharesHolesAndIslands holds the clip against the overlay of the whole zone on a zone of many parts, holes and islands.
func TestSharesHolesAndIslands(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var zone orb.MultiPolygon
	for i := range 8 {
		for j := range 8 {
			at := orb.Point{108 + 0.01*float64(i), 22 + 0.01*float64(j)}
			hole := star(rnd, at, 0.002, 9)
			zone = append(zone, orb.Polygon{ring(rnd, at, 0.003, 0.0049, 40), hole}, orb.Polygon{star(rnd, at, 0.0004, 7)})
		}
	}
	if d := geo.Validate(zone); d != nil {
		t.Fatal(d[0])
	}
	x, err := NewIndex([]orb.MultiPolygon{zone})
	if err != nil {
		t.Fatal(err)
	}
	for range 1500 {
		at := orb.Point{108 + 0.07*rnd.Float64(), 22 + 0.07*rnd.Float64()}
		parcel := orb.MultiPolygon{{star(rnd, at, math.Pow(10, -3.5+1.8*rnd.Float64()), 4+rnd.IntN(8))}}
		shares, err := x.Shares(parcel, 0)
		if err != nil {
			t.Fatal(err)
		}
		in, err := Intersection(parcel, zone)
		if err != nil {
			t.Fatal(err)
		}
		got, want := 0.0, geo.AreaM2(in)/geo.AreaM2(parcel)
		if len(shares) > 0 {
			got = shares[0].Share
		}
		if math.Abs(got-want) > 1e-9 {
			t.Fatalf("%s: %.12f, whole zone %.12f", wkt.MarshalString(parcel), got, want)
		}
	}
}

func ring(rnd *rand.Rand, at orb.Point, least, most float64, n int) orb.Ring {
	r := make(orb.Ring, 0, n+1)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * (float64(i) + 0.8*rnd.Float64()) / float64(n))
		d := least + (most-least)*rnd.Float64()
		r = append(r, orb.Point{at[0] + d*cos, at[1] + d*sin})
	}
	return append(r, r[0])
}

func TestSharesConcurrently(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	west, east := jaggedHalves(rnd, 500)
	x, err := NewIndex([]orb.MultiPolygon{west, east})
	if err != nil {
		t.Fatal(err)
	}
	parcel := orb.MultiPolygon{{star(rnd, orb.Point{108, 22.1}, 0.01, 12)}}
	want, err := x.Shares(parcel, 0)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				got, err := x.Shares(parcel, 0)
				if err != nil || len(got) != len(want) || got[0].Share != want[0].Share {
					t.Errorf("%v, %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestUnion(t *testing.T) {
	a := mustWKT(t, "POLYGON((0 0,2 0,2 2,0 2,0 0))")
	b := mustWKT(t, "POLYGON((2 0,4 0,4 2,2 2,2 0))") // shares an edge with a
	c := mustWKT(t, "POLYGON((9 9,10 9,10 10,9 10,9 9))")
	d := mustWKT(t, "POLYGON((1 1,3 1,3 3,1 3,1 1))") // overlaps a and b
	got, err := Union(a, nil, c, b, d)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || geo.Validate(got) != nil {
		t.Fatalf("%v", wkt.MarshalString(got))
	}
	if area := geo.PlaneAreaM2(got); math.Abs(area-11) > 1e-12 {
		t.Errorf("area %v, want 8 + 2 + 1", area)
	}
	again, err := Union(d, b, c, a)
	if err != nil || geo.PlaneAreaM2(again) != geo.PlaneAreaM2(got) {
		t.Errorf("order matters: %v, %v", again, err)
	}
	for _, p := range got {
		for i, r := range p {
			if (geo.RingAreaM2(r) > 0) != (i == 0) {
				t.Error("a shell is not counter-clockwise or a hole not clockwise")
			}
		}
	}
	if none, err := Union(); none != nil || err != nil {
		t.Errorf("nothing: %v, %v", none, err)
	}
}

func TestIntersectionDifference(t *testing.T) {
	a := mustWKT(t, "POLYGON((0 0,4 0,4 4,0 4,0 0))")
	for _, tc := range []struct {
		name, b string
		in      float64
	}{
		{"apart", "POLYGON((9 9,10 9,10 10,9 10,9 9))", 0},
		{"edge", "POLYGON((4 0,8 0,8 4,4 4,4 0))", 0},
		{"overlap", "POLYGON((2 2,6 2,6 6,2 6,2 2))", 4},
		{"within", "POLYGON((1 1,3 1,3 3,1 3,1 1))", 4},
		{"same", "POLYGON((0 0,4 0,4 4,0 4,0 0))", 16},
	} {
		b := mustWKT(t, tc.b)
		in, err := Intersection(a, b)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Difference(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if geo.PlaneAreaM2(in) != tc.in || geo.PlaneAreaM2(out) != 16-tc.in {
			t.Errorf("%s: %v in, %v out", tc.name, geo.PlaneAreaM2(in), geo.PlaneAreaM2(out))
		}
	}
}
