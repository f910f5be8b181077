package topology

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/overlay"
)

// fabric is a zone of w × h metres cut into n × n parcels along lines that are
// not straight, of which some are left out, drawn twice, made larger.
func fabric(rnd *rand.Rand, n int) []*Shape {
	pl := planeAt(22.8)
	corner := make([][]orb.Point, n+1)
	for i := range corner {
		corner[i] = make([]orb.Point, n+1)
		for j := range corner[i] {
			x, y := float64(i)*50, float64(j)*50
			if i > 0 && i < n && j > 0 && j < n {
				x, y = x+20*(rnd.Float64()-0.5), y+20*(rnd.Float64()-0.5)
			}
			corner[i][j] = orb.Point{108 + x/pl.x, 22.8 + y/pl.y}
		}
	}
	side := float64(n) * 50
	zone := orb.Bound{Min: orb.Point{108, 22.8}, Max: orb.Point{108 + side/pl.x, 22.8 + side/pl.y}}
	list := []*Shape{{Ref: Ref{Kind: Zone, ID: "z"}, Gaps: true, MP: orb.MultiPolygon{zone.ToPolygon()}}}
	for i := range n {
		for j := range n {
			ring := orb.Ring{corner[i][j], corner[i+1][j], corner[i+1][j+1], corner[i][j+1], corner[i][j]}
			id := fmt.Sprintf("p%02d-%02d", i, j)
			switch rnd.IntN(12) {
			case 0:
				continue
			case 1:
				list = append(list, &Shape{Ref: Ref{Kind: Parcel, ID: id + "-again"}, MP: orb.MultiPolygon{{ring.Clone()}}})
			case 2:
				if i+2 <= n && j > 0 && j+1 < n {
					ring[1], ring[2] = orb.Point{ring[1][0] + 5/pl.x, ring[1][1]}, orb.Point{ring[2][0] + 5/pl.x, ring[2][1]}
				}
			}
			list = append(list, &Shape{Ref: Ref{Kind: Parcel, ID: id}, MP: orb.MultiPolygon{{ring}}})
		}
	}
	return list
}

// TestBruteForce holds random fabrics against every pair overlaid and the
// whole zone less the union of all parcels.
func TestBruteForce(t *testing.T) {
	for seed := range uint64(12) {
		shapes := fabric(rand.New(rand.NewPCG(seed, 9)), 4+int(seed)%3*5)
		want := brute(t, shapes)
		got := map[string]float64{}
		for _, f := range check(t, Tolerance{M: DefaultM, GapMaxM2: 1e9}, slices.Clone(shapes)) {
			switch f.Code {
			case Overlap, Duplicate, Contained:
				got[min(f.A.ID, f.B.ID)+" "+max(f.A.ID, f.B.ID)] = f.AreaM2
			case Gap:
				got["gap"] += f.AreaM2
				if !in(f.Place, f.Geometry.(orb.MultiPolygon)) {
					t.Errorf("seed %d: %v is not inside its gap", seed, f.Place)
				}
			case AcrossLine:
			default:
				t.Errorf("seed %d: %s %s %s", seed, f.Code, f.A.ID, f.B.ID)
			}
		}
		for pair, area := range want {
			if math.Abs(got[pair]-area) > 1e-3+1e-6*area {
				t.Errorf("seed %d: %s %.4f m², want %.4f", seed, pair, got[pair], area)
			}
			delete(got, pair)
		}
		for pair, area := range got {
			t.Errorf("seed %d: %s %.4f m², want none", seed, pair, area)
		}
	}
}

func in(p orb.Point, mp orb.MultiPolygon) bool {
	return slices.ContainsFunc(mp, func(poly orb.Polygon) bool { return geo.Locate(p, poly) == geo.Inside })
}

func brute(t *testing.T, shapes []*Shape) map[string]float64 {
	t.Helper()
	want := map[string]float64{}
	var parcels []orb.MultiPolygon
	for i, a := range shapes {
		if a.Kind != Parcel {
			continue
		}
		parcels = append(parcels, a.MP)
		for _, b := range shapes[i+1:] {
			mp, err := overlay.Intersection(a.MP, b.MP)
			if err != nil {
				t.Fatal(err)
			}
			if _, area, _ := wide(mp, DefaultM); area > 0 {
				want[min(a.ID, b.ID)+" "+max(a.ID, b.ID)] = area
			}
		}
	}
	all, err := overlay.Union(parcels...)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := overlay.Difference(shapes[0].MP, all)
	if err != nil {
		t.Fatal(err)
	}
	if _, area, _ := wide(rest, DefaultM); area > 0 {
		want["gap"] = area
	}
	return want
}

// A zone of many more parcels than a strip holds has the same gaps.
func TestStrips(t *testing.T) {
	shapes := fabric(rand.New(rand.NewPCG(1, 2)), 100)
	var claimed []orb.MultiPolygon
	for _, s := range shapes[1:] {
		claimed = append(claimed, s.MP)
	}
	all, err := overlay.Union(claimed...)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := overlay.Difference(shapes[0].MP, all)
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := wide(rest, DefaultM)
	got, n := 0.0, 0
	for _, f := range check(t, Tolerance{M: DefaultM, GapMaxM2: 1e9}, shapes) {
		if f.Code == Gap {
			got, n = got+f.AreaM2, n+1
		}
	}
	pieces, _, _ := wide(rest, DefaultM)
	if math.Abs(got-want) > 0.01 || n != len(pieces) {
		t.Errorf("%d gaps of %.3f m², want %d of %.3f", n, got, len(pieces), want)
	}
}

// Land drawn many times over doesn't cost its square.
func TestStacked(t *testing.T) {
	var shapes []*Shape
	for i := range 600 {
		shapes = append(shapes, &Shape{Ref: Ref{Kind: Parcel, ID: fmt.Sprintf("%04d", i)}, MP: metres(t, "POLYGON((0 0,100 0,100 100,0 100,0 0))")})
	}
	counts := map[Code]int{}
	for _, f := range check(t, Usual(), shapes) {
		counts[f.Code]++
	}
	if counts[ManyOverlaps] < 500 || counts[Duplicate] > 600*(mostOverlaps+1) {
		t.Errorf("%v", counts)
	}
}

func TestOrderAndTolerance(t *testing.T) {
	c, err := NewChecker(Usual(), Have{}, func(*Finding) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	east := &Shape{Ref: Ref{Kind: Parcel}, MP: metres(t, "POLYGON((10 0,20 0,20 10,10 0))")}
	west := &Shape{Ref: Ref{Kind: Parcel}, MP: metres(t, "POLYGON((0 0,5 0,5 5,0 0))")}
	if err := errors.Join(c.Add(east), c.Add(west)); !errors.Is(err, ErrOrder) {
		t.Errorf("%v, want ErrOrder", err)
	}
	for _, tol := range []Tolerance{{}, {M: -1}, {M: math.NaN()}, {M: 1000}, {M: 1, GapMaxM2: -1}} {
		if _, err := NewChecker(tol, Have{}, nil); err == nil {
			t.Errorf("%+v is taken", tol)
		}
	}
}

// FuzzPair: whatever two triangles are, a pair is told of once at most, and
// the same whichever comes first.
func FuzzPair(f *testing.F) {
	f.Add(0.0, 0.0, 10.0, 0.0, 0.0, 10.0, 1.0, 1.0, 9.0, 1.0, 1.0, 9.0)
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h, i, j, k, l, m float64) {
		one, two := triangle(a, b, c, d, e, g), triangle(h, i, j, k, l, m)
		if len(geo.Validate(one)) > 0 || len(geo.Validate(two)) > 0 {
			t.Skip()
		}
		tell := func(x, y orb.MultiPolygon) map[Code]int {
			n := map[Code]int{}
			for _, f := range check(t, Usual(), []*Shape{{Ref: Ref{Kind: Parcel, ID: "x"}, MP: x}, {Ref: Ref{Kind: Parcel, ID: "y"}, MP: y}}) {
				n[f.Code]++
			}
			return n
		}
		there, back := tell(one, two), tell(two, one)
		for _, code := range []Code{Duplicate, Contained, Overlap} {
			if there[code] != back[code] || there[code] > 1 {
				t.Errorf("%s: %d and %d\n%s\n%s", code, there[code], back[code], wkt.MarshalString(one), wkt.MarshalString(two))
			}
		}
	})
}

func triangle(v ...float64) orb.MultiPolygon {
	pl := planeAt(22.8)
	var r orb.Ring
	for i := 0; i < 6; i += 2 {
		r = append(r, orb.Point{108 + math.Mod(v[i], 1000)/pl.x, 22.8 + math.Mod(v[i+1], 1000)/pl.y})
	}
	return orb.MultiPolygon{{append(r, r[0])}}
}
