package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
)

func mustWKT(t testing.TB, s string) orb.MultiPolygon {
	t.Helper()
	g, err := wkt.Unmarshal(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}
	case orb.MultiPolygon:
		return g
	}
	t.Fatalf("%s: not a polygon", s)
	return nil
}

// The areas are PostGIS 3.3's (PROJ 9.1), of edges cut every 0.0002°:
//
//	select ST_Area(ST_Segmentize(ST_GeomFromText(wkt, 4490), 0.0002)::geography)
func TestAreaM2(t *testing.T) {
	for _, tc := range []struct {
		name, wkt string
		m2, rel   float64
	}{
		{"Nanning parcel", "POLYGON((108.31 22.81,108.312 22.81,108.312 22.8115,108.3105 22.8117,108.31 22.81))", 32118.134443, 1e-8},
		{"Chongqing square", "POLYGON((106.5 29.5,106.6 29.5,106.6 29.6,106.5 29.6,106.5 29.5))", 107429324.007889, 1e-9},
		{"with hole", "POLYGON((116.3 39.9,116.4 39.9,116.4 40,116.3 40,116.3 39.9),(116.34 39.94,116.34 39.96,116.36 39.96,116.36 39.94,116.34 39.94))", 91089639.964350, 1e-9},
		{"slanted", "POLYGON((121 25,121.2 25.05,121.15 25.3,120.98 25.2,121 25))", 494285722.353629, 1e-9},
		{"two parts", "MULTIPOLYGON(((108 22,108.01 22,108.01 22.01,108 22)),((108.02 22,108.03 22,108.03 22.01,108.02 22.01,108.02 22)))", 1715084.379111, 1e-8},
		{"southern", "POLYGON((36.9 -1.45,36.95 -1.45,36.95 -1.40,36.9 -1.40,36.9 -1.45))", 30763417.029031, 1e-9},
		{"one metre", "POLYGON((108.32 22.82,108.32001 22.82,108.32001 22.82001,108.32 22.82001,108.32 22.82))", 1.136850, 1e-6},
		{"tall", "POLYGON((110 20,112 20.5,111.5 35,110.5 34,110 20))", 235332581352.683, 1e-9},
	} {
		t.Run(tc.name, func(t *testing.T) {
			mp := mustWKT(t, tc.wkt)
			got := AreaM2(mp)
			if math.Abs(got-tc.m2) > tc.rel*tc.m2 {
				t.Errorf("AreaM2 = %.6f, PostGIS %.6f (%.1e)", got, tc.m2, got/tc.m2-1)
			}
			for _, p := range mp {
				for _, r := range p {
					r.Reverse()
				}
			}
			if back := AreaM2(mp); math.Abs(back-got) > 1e-13*got {
				t.Errorf("reversed rings: %.6f, not %.6f", back, got)
			}
		})
	}
}

func TestRingAreaSign(t *testing.T) {
	ccw := orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 0}}
	if RingAreaM2(ccw) <= 0 {
		t.Error("counter-clockwise ring is not positive")
	}
	if got := RingAreaM2(ccw[:3]); math.Abs(got-RingAreaM2(ccw)) > 1e-6 {
		t.Error("unclosed ring is not read as closed")
	}
	if RingAreaM2(nil) != 0 || AreaM2(orb.Polygon{}) != 0 || AreaM2(orb.Point{1, 2}) != 0 {
		t.Error("nothing has an area")
	}
}

// TestAreaWorld checks the whole ellipsoid: 510 065 621.7 km² for GRS80 (Moritz, Geodetic Reference System 1980).
func TestAreaWorld(t *testing.T) {
	got := AreaM2(orb.Polygon{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}) / M2PerKm2
	if math.Abs(got-510065621.724) > 0.01 {
		t.Errorf("area of the earth %.3f km²", got)
	}
}

// surveyArea is the third national land survey's series for 图斑椭球面积 (domain.md section 8): trapezoids between each edge and a reference meridian.
func surveyArea(r orb.Ring) float64 {
	coef := [5]float64{1.0033640898341927, -0.001124189381927124, 1.699459473518905e-6, -2.7178578455775555e-9, 4.358419004834514e-12}
	const b = 6356752.31414036
	var sum float64
	for i := 1; i < len(r); i++ {
		dl := ((r[i-1][0]+r[i][0])/2 - r[0][0]) * radian
		db, bm := (r[i][1]-r[i-1][1])*radian, (r[i][1]+r[i-1][1])/2*radian
		for k, c := range coef {
			m := float64(2*k + 1)
			sum += 2 * b * b * dl * c * math.Sin(m*db/2) * math.Cos(m*bm)
		}
	}
	return sum
}

func TestAreaAgainstSurveySeries(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		r := star(rnd, orb.Point{75 + 60*rnd.Float64(), 4 + 49*rnd.Float64()}, 0.0003, 3+rnd.IntN(20))
		want, got := surveyArea(densify(r, 60)), RingAreaM2(r)
		if math.Abs(got-want) > 2e-9*math.Abs(want) {
			t.Fatalf("%v: %.6f, survey series %.6f (%.1e)", wkt.MarshalString(r), got, want, got/want-1)
		}
	}
}

// TestAreaClosedForm holds the polynomial against the quadrature, at all sizes and latitudes.
func TestAreaClosedForm(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		size := math.Pow(10, -6+7*rnd.Float64())
		lat := -89 + 178*rnd.Float64()
		size = math.Min(size, 90-math.Abs(lat))
		r := star(rnd, orb.Point{100, lat}, size, 3+rnd.IntN(10))
		var reference float64
		for i := 1; i < len(r); i++ {
			n := int(size*10) + 1
			reference -= (r[i][0] - r[i-1][0]) * radian *
				meanZoneAreaM2(r[i-1][1]*radian, (r[i][1]-r[i-1][1])*radian, n, zoneAreaM2(r[0][1]*radian))
		}
		got := RingAreaM2(r)
		// The quadrature subtracts numbers of 4e13 m²: small rings it can't check to the last digit.
		if math.Abs(got-reference) > 1e-11*math.Abs(reference)+0.1*size*radian {
			t.Fatalf("size %g lat %g: %.9g, quadrature %.9g", size, lat, got, reference)
		}
	}
}

func TestAreaAddsUpUnderCutting(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		size := math.Pow(10, -5+4*rnd.Float64())
		r := star(rnd, orb.Point{75 + 60*rnd.Float64(), 4 + 49*rnd.Float64()}, size, 5+rnd.IntN(30))
		whole := RingAreaM2(r)
		k := 2 + rnd.IntN(len(r)-4)
		left := append(append(orb.Ring{}, r[:k+1]...), r[0])
		right := append(append(orb.Ring{}, r[k:]...), r[k])
		if sum := RingAreaM2(left) + RingAreaM2(right); math.Abs(sum-whole) > 1e-10*math.Abs(whole) {
			t.Fatalf("%g + %g is not %g (%.1e)", RingAreaM2(left), RingAreaM2(right), whole, sum/whole-1)
		}
	}
}

func TestPlaneArea(t *testing.T) {
	mp := mustWKT(t, "POLYGON((36500000 2520000,36500100 2520000,36500100 2520100,36500000 2520100,36500000 2520000),(36500010 2520010,36500010 2520020,36500020 2520020,36500020 2520010,36500010 2520010))")
	if got := PlaneAreaM2(mp); got != 9900 {
		t.Errorf("PlaneAreaM2 = %v, want 9900", got)
	}
}

// star is a simple ring of n points around a centre.
func star(rnd *rand.Rand, at orb.Point, radius float64, n int) orb.Ring {
	r := make(orb.Ring, 0, n+1)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * (float64(i) + 0.8*rnd.Float64()) / float64(n))
		d := radius * (0.4 + 0.6*rnd.Float64())
		r = append(r, orb.Point{at[0] + d*cos, at[1] + d*sin})
	}
	return append(r, r[0])
}

func densify(r orb.Ring, n int) orb.Ring {
	var out orb.Ring
	for i := 1; i < len(r); i++ {
		for k := range n {
			t := float64(k) / float64(n)
			out = append(out, orb.Point{r[i-1][0] + t*(r[i][0]-r[i-1][0]), r[i-1][1] + t*(r[i][1]-r[i-1][1])})
		}
	}
	return append(out, r[0])
}

func BenchmarkArea(b *testing.B) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for _, tc := range []struct {
		name string
		n    int
		size float64
	}{{"parcel5", 4, 0.0005}, {"parcel20", 20, 0.001}, {"zone1000", 1000, 0.05}} {
		r := star(rnd, orb.Point{108.3, 22.8}, tc.size, tc.n)
		b.Run(tc.name, func(b *testing.B) {
			for range b.N {
				RingAreaM2(r)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(r)), "ns/vertex")
		})
	}
}
