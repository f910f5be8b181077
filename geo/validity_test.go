package geo

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/peterstace/simplefeatures/geom"
)

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		name, wkt string
		code      DefectCode
		place     orb.Point
		computed  bool
	}{
		{"square", "POLYGON((0 0,4 0,4 4,0 4,0 0))", "", orb.Point{}, false},
		{"clockwise", "POLYGON((0 0,0 4,4 4,4 0,0 0))", "", orb.Point{}, false},
		{"repeated points", "POLYGON((0 0,4 0,4 0,4 4,0 4,0 4,0 0))", "", orb.Point{}, false},
		{"point on a straight edge", "POLYGON((0 0,2 0,4 0,4 4,0 4,0 0))", "", orb.Point{}, false},
		{"hole", "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 2,1 1))", "", orb.Point{}, false},
		{"hole touches shell once", "POLYGON((0 0,4 0,4 4,0 4,0 0),(0 1,2 1,2 2,0 1))", "", orb.Point{}, false},
		{"holes touch once", "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 1),(2 2,3 2,3 3,2 2))", "", orb.Point{}, false},
		{"island in hole", "MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0),(1 1,8 1,8 8,1 8,1 1)),((2 2,3 2,3 3,2 3,2 2)))", "", orb.Point{}, false},
		{"parts touch at a corner", "MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((1 1,2 1,2 2,1 2,1 1)))", "", orb.Point{}, false},
		{"island fills hole to its corners", "MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0),(2 2,6 2,6 6,2 6,2 2)),((2 4,4 2,6 4,4 6,2 4)))", "", orb.Point{}, false},
		{"not closed", "POLYGON((0 0,4 0,4 4,0 4))", DefectNotClosed, orb.Point{0, 4}, false},
		{"two points", "POLYGON((0 0,4 0,0 0))", DefectTooFewPoints, orb.Point{0, 0}, false},
		{"two different points", "POLYGON((0 0,4 0,4 0,0 0))", DefectTooFewPoints, orb.Point{0, 0}, false},
		{"one point", "POLYGON((1 1,1 1,1 1,1 1))", DefectTooFewPoints, orb.Point{1, 1}, false},
		{"on a line", "POLYGON((0 0,2 2,4 4,0 0))", DefectZeroArea, orb.Point{0, 0}, false},
		{"longitude 181", "POLYGON((179 0,181 0,181 4,179 0))", DefectOutOfRange, orb.Point{181, 0}, false},
		{"latitude 91", "POLYGON((0 0,1 91,1 4,0 0))", DefectOutOfRange, orb.Point{1, 91}, false},
		{"bow-tie", "POLYGON((0 0,4 4,4 0,0 4,0 0))", DefectSelfIntersection, orb.Point{2, 2}, true},
		{"spike", "POLYGON((0 0,4 0,4 4,8 8,4 4,0 4,0 0))", DefectSelfIntersection, orb.Point{4, 4}, false},
		{"spike at the start", "POLYGON((8 0,4 0,4 4,0 4,0 0,8 0))", DefectSelfIntersection, orb.Point{8, 0}, false},
		{"touches itself", "POLYGON((0 0,4 0,4 4,2 0,0 4,0 0))", DefectSelfIntersection, orb.Point{2, 0}, false},
		{"retraces itself", "POLYGON((0 0,4 0,4 4,3 0,1 0,0 4,0 0))", DefectSelfIntersection, orb.Point{3, 0}, false},
		{"hole crosses shell", "POLYGON((0 0,4 0,4 4,0 4,0 0),(3 1,5 1,5 2,3 2,3 1))", DefectRingsCross, orb.Point{4, 1}, true},
		{"hole crosses shell at vertices", "POLYGON((0 0,4 0,4 1,4 2,4 4,0 4,0 0),(3 1,4 1,5 1,5 2,4 2,3 2,3 1))", DefectRingsCross, orb.Point{4, 1}, false},
		{"hole shares edge with shell", "POLYGON((0 0,4 0,4 4,0 4,0 0),(0 1,2 1,2 2,0 2,0 1))", DefectRingsShareEdge, orb.Point{0, 1}, false},
		{"hole outside", "POLYGON((0 0,4 0,4 4,0 4,0 0),(5 5,6 5,6 6,5 6,5 5))", DefectHoleOutside, orb.Point{5, 5}, false},
		{"hole outside, touching", "POLYGON((0 0,4 0,4 4,0 4,0 0),(4 1,6 1,6 2,4 1))", DefectHoleOutside, orb.Point{4, 1}, false},
		{"hole is the shell", "POLYGON((0 0,4 0,4 4,0 4,0 0),(0 0,4 0,4 4,0 4,0 0))", DefectRingsShareEdge, orb.Point{}, false},
		{"nested holes", "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,6 1,6 6,1 6,1 1),(2 2,3 2,3 3,2 3,2 2))", DefectNestedHoles, orb.Point{2, 2}, false},
		{"nested shells", "MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0)),((2 2,3 2,3 3,2 3,2 2)))", DefectNestedShells, orb.Point{2, 2}, false},
		{"overlapping shells", "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((2 2,6 2,6 6,2 6,2 2)))", DefectRingsCross, orb.Point{4, 2}, true},
		{"parts share an edge", "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((4 0,8 0,8 4,4 4,4 0)))", DefectRingsShareEdge, orb.Point{4, 0}, false},
		{"hole cuts off a corner", "POLYGON((0 0,4 0,4 4,0 4,0 0),(0 2,2 0,2 2,0 2))", DefectDisconnected, orb.Point{}, false},
		{"hole touches at all its corners", "POLYGON((0 0,4 0,4 4,0 4,0 0),(0 2,2 0,4 2,2 4,0 2))", DefectDisconnected, orb.Point{}, false},
		{"chain of holes", "POLYGON((0 0,6 0,6 6,0 6,0 0),(0 3,2 2,2 4,0 3),(2 2,4 3,2 4,3 3,2 2),(4 3,6 3,5 4,4 3))", DefectDisconnected, orb.Point{}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			mp := mustWKT(t, tc.wkt)
			got := Validate(mp)
			if tc.code == "" {
				if len(got) > 0 {
					t.Fatalf("not sound: %v", got[0])
				}
				return
			}
			if len(got) == 0 || got[0].Code != tc.code {
				t.Fatalf("got %v, want %s", got, tc.code)
			}
			if tc.place != (orb.Point{}) && (got[0].Place != tc.place || got[0].Computed != tc.computed) {
				t.Errorf("at %v computed %v, want %v %v", got[0].Place, got[0].Computed, tc.place, tc.computed)
			}
			if zh, en := got[0].Message("zh"), got[0].Error(); zh == en || !strings.Contains(zh, "多边形") || !strings.Contains(en, "polygon") {
				t.Errorf("messages: %s | %s", zh, en)
			}
		})
	}
}

func TestValidateNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		d := Validate(orb.MultiPolygon{{{{0, 0}, {1, bad}, {1, 1}, {0, 0}}}})
		if len(d) == 0 || d[0].Code != DefectNotFinite || d[0].Vertex != 1 {
			t.Errorf("%v: %v", bad, d)
		}
	}
	if d := Validate(nil); len(d) != 1 || d[0].Code != DefectEmpty {
		t.Errorf("nothing: %v", d)
	}
	if d := Validate(orb.MultiPolygon{{}}); len(d) != 1 || d[0].Code != DefectEmpty {
		t.Errorf("polygon without rings: %v", d)
	}
	if d := ValidatePlane(mustWKT(t, "POLYGON((500000 2520000,500100 2520000,500100 2520100,500000 2520000))")); d != nil {
		t.Errorf("metres in the plane: %v", d)
	}
	if n := RepeatedPoints(mustWKT(t, "POLYGON((0 0,4 0,4 0,4 4,0 4,0 4,0 0))")); n != 2 {
		t.Errorf("%d repeated points", n)
	}
}

func secondEngine(mp orb.MultiPolygon) error {
	polys := make([]geom.Polygon, 0, len(mp))
	for _, p := range mp {
		var rings []geom.LineString
		for _, r := range p {
			var flat []float64
			for _, pt := range r {
				flat = append(flat, pt[0], pt[1])
			}
			rings = append(rings, geom.NewLineString(geom.NewSequence(flat, geom.DimXY)))
		}
		polys = append(polys, geom.NewPolygon(rings))
	}
	return geom.NewMultiPolygon(polys).Validate()
}

// gridRing is a random ring on a coarse grid, so that touching, retracing and vertices on edges are common.
func gridRing(rnd *rand.Rand, n, x, y, size int) orb.Ring {
	var r orb.Ring
	for range n {
		r = append(r, orb.Point{float64(x + rnd.IntN(size)), float64(y + rnd.IntN(size))})
	}
	return append(r, r[0])
}

func TestValidateAgainstSimplefeatures(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	sound := 0
	for i := range 60000 {
		var mp orb.MultiPolygon
		switch i % 4 {
		case 0:
			mp = orb.MultiPolygon{{gridRing(rnd, 3+rnd.IntN(5), 0, 0, 5)}}
		case 1: // holes in a square
			p := orb.Polygon{{{0, 0}, {8, 0}, {8, 8}, {0, 8}, {0, 0}}}
			for range 1 + rnd.IntN(4) {
				p = append(p, gridRing(rnd, 3, rnd.IntN(6), rnd.IntN(6), 4))
			}
			mp = orb.MultiPolygon{p}
		case 2: // parts
			for range 2 + rnd.IntN(3) {
				mp = append(mp, orb.Polygon{gridRing(rnd, 3, rnd.IntN(6), rnd.IntN(6), 4)})
			}
		default: // parts in holes
			mp = orb.MultiPolygon{{{{0, 0}, {9, 0}, {9, 9}, {0, 9}, {0, 0}}, gridRing(rnd, 4, 1, 1, 8)}, {gridRing(rnd, 3, 1, 1, 8)}}
		}
		got, want := Validate(mp), secondEngine(mp)
		if (len(got) == 0) != (want == nil) {
			t.Fatalf("%s: %v, simplefeatures: %v", wkt.MarshalString(mp), got, want)
		}
		if want == nil {
			sound++
		}
	}
	if sound < 3000 {
		t.Errorf("only %d sound ones among the random shapes", sound)
	}
}

// TestValidateLarge holds the tree against the full comparison of edges on rings that the small path does not take.
func TestValidateLarge(t *testing.T) {
	rnd := rand.New(rand.NewPCG(13, 14))
	for range 50 {
		r := star(rnd, orb.Point{108, 23}, 0.1, 60+rnd.IntN(400))
		if d := Validate(orb.MultiPolygon{{r}}); d != nil {
			t.Fatalf("star: %v", d)
		}
		// Swapping two neighbours ties a loop.
		i := 1 + rnd.IntN(len(r)-4)
		r[i], r[i+1] = r[i+1], r[i]
		got, want := Validate(orb.MultiPolygon{{r}}), secondEngine(orb.MultiPolygon{{r}})
		if (got == nil) != (want == nil) {
			t.Fatalf("%v, simplefeatures %v", got, want)
		}
	}
}

func FuzzValidate(f *testing.F) {
	f.Add([]byte{0, 0, 4, 0, 4, 4, 0, 4, 255, 1, 1, 2, 1, 2, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		p := orb.Polygon{{}}
		for len(b) >= 2 && len(p) < 6 {
			if b[0] == 255 {
				p, b = append(p, orb.Ring{}), b[1:]
				continue
			}
			p[len(p)-1] = append(p[len(p)-1], orb.Point{float64(b[0] % 16), float64(b[1] % 16)})
			b = b[2:]
		}
		for i, r := range p {
			if len(r) > 0 {
				p[i] = append(r, r[0])
			}
		}
		mp := orb.MultiPolygon{p}
		got := Validate(mp)
		for _, r := range p {
			if len(r) < 4 {
				if len(got) == 0 {
					t.Fatalf("short ring passes: %v", p)
				}
				return
			}
		}
		if want := secondEngine(mp); (len(got) == 0) != (want == nil) {
			t.Fatalf("%s: %v, simplefeatures %v", wkt.MarshalString(mp), got, want)
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	rnd := rand.New(rand.NewPCG(15, 16))
	comb := orb.Ring{}
	for i := range 50000 {
		comb = append(comb, orb.Point{float64(i%2) * 0.1, float64(i) * 1e-6})
	}
	comb = append(comb, orb.Point{-1, 0.05}, comb[0])
	turned := make(orb.Ring, len(comb))
	for i, p := range comb {
		turned[i] = orb.Point{(p[0] - p[1]) / 2, (p[0] + p[1]) / 2}
	}
	for _, tc := range []struct {
		name string
		r    orb.Ring
	}{
		{"5", star(rnd, orb.Point{108, 23}, 0.001, 5)},
		{"12", star(rnd, orb.Point{108, 23}, 0.001, 12)},
		{"30", star(rnd, orb.Point{108, 23}, 0.001, 30)},
		{"300", star(rnd, orb.Point{108, 23}, 0.01, 300)},
		{"coast20000", coast(rnd, 20000)},
		{"coast200000", coast(rnd, 200000)},
		{"star20000", star(rnd, orb.Point{108, 23}, 0.1, 20000)},
		{"star200000", star(rnd, orb.Point{108, 23}, 0.1, 200000)},
		{"comb50000", comb},
		{"turnedComb50000", turned},
	} {
		b.Run(tc.name, func(b *testing.B) {
			b.ReportAllocs()
			mp := orb.MultiPolygon{{tc.r}}
			for range b.N {
				if d := Validate(mp); d != nil {
					b.Fatal(d)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(tc.r)), "ns/vertex")
		})
	}
}

// coast is a winding ring as a river or ridge makes it: a circle with waves of many lengths.
func coast(rnd *rand.Rand, n int) orb.Ring {
	r := make(orb.Ring, 0, n+1)
	phase := rnd.Float64()
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		d := 1.0
		for k, amp := 3.0, 0.2; k < float64(n)/8; k, amp = k*3, amp/2.5 {
			d += amp * math.Sin(k*a+phase*k)
		}
		r = append(r, orb.Point{108 + 0.2*d*math.Cos(a), 23 + 0.2*d*math.Sin(a)})
	}
	return append(r, r[0])
}

// TestValidateManyOverlappingBoxes: rings whose upright boxes all overlap take slanting boxes; one wrong vertex among thousands is still found.
func TestValidateManyOverlappingBoxes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(17, 18))
	r := star(rnd, orb.Point{108, 23}, 0.1, 8000)
	if d := Validate(orb.MultiPolygon{{r}}); d != nil {
		t.Fatal(d[0])
	}
	for range 30 {
		i := 1 + rnd.IntN(len(r)-4)
		r[i], r[i+1] = r[i+1], r[i]
		tied := false
		for j := i - 3; j < i+3; j++ {
			for k := j + 2; k < i+4; k++ {
				if j >= 0 && k+1 < len(r) {
					how, _ := Meet(r[j], r[j+1], r[k], r[k+1])
					tied = tied || how == Crossing
				}
			}
		}
		if d := Validate(orb.MultiPolygon{{r}}); tied && d == nil {
			t.Fatalf("a loop at vertex %d is not found", i)
		}
		r[i], r[i+1] = r[i+1], r[i]
	}
}
