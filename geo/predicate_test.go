package geo

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	gogeom "github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/xy"
	"github.com/twpayne/go-geom/xy/location"
)

// orientRat is the determinant in rational numbers.
func orientRat(a, b, c orb.Point) int {
	d := func(x, y float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(x), new(big.Rat).SetFloat64(y))
	}
	l := new(big.Rat).Mul(d(a[0], c[0]), d(b[1], c[1]))
	return l.Cmp(new(big.Rat).Mul(d(a[1], c[1]), d(b[0], c[0])))
}

func TestOrientIsExact(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	zero := 0
	for range 100000 {
		a := orb.Point{108 + rnd.Float64(), 22 + rnd.Float64()}
		b := orb.Point{108 + rnd.Float64(), 22 + rnd.Float64()}
		u := rnd.Float64()
		c := orb.Point{a[0] + u*(b[0]-a[0]), a[1] + u*(b[1]-a[1])}
		switch rnd.IntN(4) {
		case 0:
			c[0] = math.Nextafter(c[0], 200*rnd.Float64())
		case 1:
			b = orb.Point{2*c[0] - a[0], 2*c[1] - a[1]}
		case 2: // of very different size
			b = orb.Point{1e-9 * rnd.Float64(), 1e9 * rnd.Float64()}
		}
		got, want := Orient(a, b, c), orientRat(a, b, c)
		if got != want {
			t.Fatalf("Orient(%v, %v, %v) = %d, want %d", a, b, c, got, want)
		}
		if want == 0 {
			zero++
		}
		if Orient(b, c, a) != want || Orient(b, a, c) != -want {
			t.Fatal("Orient depends on the order of its points")
		}
	}
	if zero == 0 {
		t.Error("no collinear points among the test points")
	}
}

func TestMeet(t *testing.T) {
	p := func(x, y float64) orb.Point { return orb.Point{x, y} }
	for _, tc := range []struct {
		name       string
		a, b, c, d orb.Point
		how        Meeting
		at         orb.Point
	}{
		{"cross", p(0, 0), p(4, 4), p(0, 4), p(4, 0), Crossing, p(2, 2)},
		{"apart", p(0, 0), p(4, 4), p(5, 0), p(9, 0), Apart, p(0, 0)},
		{"boxes meet only", p(0, 0), p(4, 4), p(3, 0), p(4, 1), Apart, p(0, 0)},
		{"end on inside", p(0, 0), p(4, 0), p(2, 0), p(2, 4), Touching, p(2, 0)},
		{"common end", p(0, 0), p(4, 0), p(4, 0), p(4, 4), Touching, p(4, 0)},
		{"in line, common end", p(0, 0), p(2, 2), p(2, 2), p(4, 4), Touching, p(2, 2)},
		{"in line, apart", p(0, 0), p(1, 1), p(2, 2), p(4, 4), Apart, p(0, 0)},
		{"overlap", p(0, 0), p(3, 3), p(2, 2), p(4, 4), Overlap, p(2, 2)},
		{"within", p(0, 0), p(4, 0), p(3, 0), p(1, 0), Overlap, p(1, 0)},
		{"parallel", p(0, 0), p(4, 0), p(0, 1), p(4, 1), Apart, p(0, 0)},
	} {
		for _, s := range [][4]orb.Point{{tc.a, tc.b, tc.c, tc.d}, {tc.b, tc.a, tc.c, tc.d}, {tc.c, tc.d, tc.a, tc.b}, {tc.d, tc.c, tc.b, tc.a}} {
			if how, at := Meet(s[0], s[1], s[2], s[3]); how != tc.how || (how != Apart && at != tc.at) {
				t.Errorf("%s: %v at %v, want %v at %v", tc.name, how, at, tc.how, tc.at)
			}
		}
	}
}

// TestLocate holds the three ways to locate a point against each other and against go-geom's.
func TestLocate(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		r := star(rnd, orb.Point{108, 23}, 1, 3+rnd.IntN(200))
		var flat []float64
		for _, q := range r {
			flat = append(flat, q[0], q[1])
		}
		x := NewEdgeIndex(orb.MultiPolygon{{r}})
		for k := range 60 {
			q := orb.Point{107 + 2*rnd.Float64(), 22 + 2*rnd.Float64()}
			switch k {
			case 0:
				q = r[rnd.IntN(len(r))]
			case 1:
				q = orb.Point{107.5, r[rnd.IntN(len(r))][1]} // level with a vertex
			}
			want := Outside
			switch xy.LocatePointInRing(gogeom.XY, gogeom.Coord{q[0], q[1]}, flat) {
			case location.Interior:
				want = Inside
			case location.Boundary:
				want = Boundary
			}
			if got := [3]Location{LocateInRing(q, r), x.Locate(q), Locate(q, orb.Polygon{r})}; got != [3]Location{want, want, want} {
				t.Fatalf("%v in %v: %v, go-geom %v", q, r, got, want)
			}
		}
	}
	donut := mustWKT(t, "POLYGON((0 0,9 0,9 9,0 9,0 0),(3 3,6 3,6 6,3 6,3 3))")
	for q, want := range map[orb.Point]Location{{1, 1}: Inside, {4, 4}: Outside, {3, 4}: Boundary, {9, 3}: Boundary, {9, 9}: Boundary, {10, 9}: Outside, {1, 3}: Inside, {-1, 0}: Outside} {
		if got := Locate(q, donut[0]); got != want {
			t.Errorf("%v: %v, want %v", q, got, want)
		}
		if got := NewEdgeIndex(donut).Locate(q); got != want {
			t.Errorf("index, %v: %v, want %v", q, got, want)
		}
	}
}

func TestEdgeIndexSearch(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	r := coast(rnd, 3000)
	x := NewEdgeIndex(orb.MultiPolygon{{r}})
	if x.Len() != 3000 || x.Rings() != 1 || x.Bound() != r.Bound() {
		t.Fatalf("%d edges, %d rings, %v", x.Len(), x.Rings(), x.Bound())
	}
	for range 500 {
		c := orb.Point{108 + 0.6*(rnd.Float64()-0.5), 23 + 0.6*(rnd.Float64()-0.5)}
		s := 0.05 * rnd.Float64()
		b := orb.Bound{Min: orb.Point{c[0] - s, c[1] - s}, Max: orb.Point{c[0] + s, c[1] + s}}
		found := map[int32]bool{}
		for _, i := range x.Search(nil, b) {
			found[i] = true
		}
		for i := range x.Len() {
			e := x.Edge(i)
			if touchesBox(e.A, e.B, b) != found[int32(i)] {
				t.Fatalf("edge %v box %v: found %v", e, b, found[int32(i)])
			}
		}
	}
	var none EdgeIndex
	if len(none.Search(nil, r.Bound())) != 0 || none.Locate(orb.Point{}) != Outside {
		t.Error("an empty index finds something")
	}
}

func touchesBox(a, b orb.Point, box orb.Bound) bool {
	if box.Contains(a) || box.Contains(b) {
		return true
	}
	r := box.ToRing()
	for i := 1; i < len(r); i++ {
		if how, _ := Meet(a, b, r[i-1], r[i]); how != Apart {
			return true
		}
	}
	return false
}

func BenchmarkOrient(b *testing.B) {
	p, q, far := orb.Point{108.1, 22.1}, orb.Point{108.2, 22.3}, orb.Point{108.1, 22.3}
	on := orb.Point{p[0] + (q[0]-p[0])/2, p[1] + (q[1]-p[1])/2}
	for name, c := range map[string]orb.Point{"clear": far, "onLine": on} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				Orient(p, q, c)
			}
		})
	}
}

func BenchmarkLocate(b *testing.B) {
	rnd := rand.New(rand.NewPCG(7, 8))
	x := NewEdgeIndex(orb.MultiPolygon{{coast(rnd, 100000)}})
	for i := range b.N {
		x.Locate(orb.Point{107.8 + 0.4*float64(i%101)/101, 22.8 + 0.4*float64(i%97)/97})
	}
}
