package overlay

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/muscope/muscope/geo"
)

// TestSharesDegenerate holds Shares against the overlay of the whole zone where borders touch, run along each other and meet in vertices:
// both shapes lie on a coarse grid, as they stand or turned and moved so that collinear points are so only to rounding.
func TestSharesDegenerate(t *testing.T) {
	rnd := rand.New(rand.NewPCG(31, 32))
	tested, settled := 0, 0
	for tested < 4000 {
		zone, parcel := gridShape(rnd, 8), gridShape(rnd, 5)
		if geo.Validate(zone) != nil || geo.Validate(parcel) != nil {
			continue // before turning: a spike becomes a needle that only rounding makes valid
		}
		if rnd.IntN(2) == 0 {
			a := rnd.Float64()
			zone, parcel = turned(zone, a), turned(parcel, a)
		}
		if geo.Validate(zone) != nil || geo.Validate(parcel) != nil {
			continue
		}
		if area, length := extent(parcel[0]); area < 1e-6*length {
			continue // collinear to rounding: such a sliver has no share to speak of
		}
		tested++
		x, err := NewIndex([]orb.MultiPolygon{zone})
		if err != nil {
			t.Fatal(err)
		}
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
		if math.Abs(got-want) > 2e-9 {
			t.Fatalf("zone %s parcel %s: %.12f, whole zone %.12f", wkt.MarshalString(zone), wkt.MarshalString(parcel), got, want)
		}
		if near := x.zones[0].edges.Search(nil, parcel.Bound()); len(near) > 0 && x.zones[0].settle(parcel[0], parcel.Bound(), near) != geo.Boundary {
			settled++
		}
	}
	if settled < 200 {
		t.Errorf("only %d of %d were settled without an overlay", settled, tested)
	}
}

// gridShape is a random polygon on a grid of 0.001°, at times with a hole or repeated points.
func gridShape(rnd *rand.Rand, size int) orb.MultiPolygon {
	r := orb.Ring{}
	for range 3 + rnd.IntN(4) {
		p := orb.Point{0.001 * float64(rnd.IntN(size)), 0.001 * float64(rnd.IntN(size))}
		for range 1 + rnd.IntN(5)/4 {
			r = append(r, p)
		}
	}
	poly := orb.Polygon{append(r, r[0])}
	if rnd.IntN(3) == 0 {
		x, y := 0.001*float64(rnd.IntN(size)), 0.001*float64(rnd.IntN(size))
		poly = append(poly, orb.Ring{{x, y}, {x + 0.001, y}, {x, y + 0.001}, {x, y}})
	}
	return orb.MultiPolygon{poly}
}

func turned(mp orb.MultiPolygon, angle float64) orb.MultiPolygon {
	sin, cos := math.Sincos(angle)
	out := mp.Clone()
	for _, p := range out {
		for _, r := range p {
			for i, q := range r {
				r[i] = orb.Point{108.123 + cos*q[0] - sin*q[1], 22.456 + sin*q[0] + cos*q[1]}
			}
		}
	}
	return out
}
