package geo_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/data/postgis/postgistest"
	"github.com/muscope/muscope/geo"

	"github.com/paulmach/orb/encoding/wkt"
)

func boxAt(x, y, w, h float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}, {x, y}}}}
}

func TestGapBetween(t *testing.T) {
	a := boxAt(108, 22, 0.01, 0.01)
	for _, c := range []struct {
		name string
		b    orb.MultiPolygon
		want float64 // metres, by the radii of curvature at 22°
	}{
		{"the same", a, 0},
		{"an edge in common", boxAt(108.01, 22, 0.01, 0.01), 0},
		{"a corner in common", boxAt(108.01, 22.01, 0.01, 0.01), 0},
		{"inside", boxAt(108.004, 22.004, 0.001, 0.001), 0},
		{"around", boxAt(107, 21, 3, 3), 0},
		{"across", boxAt(108.004, 21.9, 0.001, 0.2), 0},
		{"a thousandth of a degree east", boxAt(108.011, 22, 0.01, 0.01), 103.26},
		{"a thousandth of a degree north", boxAt(108, 22.011, 0.01, 0.01), 110.73},
		{"north-east", boxAt(108.011, 22.011, 0.01, 0.01), math.Hypot(103.26, 110.73)},
	} {
		g, back := geo.GapBetween(a, c.b), geo.GapBetween(c.b, a)
		if math.Abs(g.M-c.want) > 0.02 || math.Abs(g.M-back.M) > 1e-6 {
			t.Errorf("%s: %f m and back %f, want %f", c.name, g.M, back.M, c.want)
		}
	}
	if g := geo.GapBetween(a, nil); !math.IsInf(g.M, 1) {
		t.Errorf("nothing is %f m away", g.M)
	}
}

// PostGIS measures the same gaps on the ellipsoid (ST_Distance of geographies)
// within a thousandth: edges are straight here and geodesics there.
func TestGapBetweenAgainstPostGIS(t *testing.T) {
	db := postgistest.Open(t)
	rnd := rand.New(rand.NewPCG(7, 7))
	star := func(x, y float64) orb.MultiPolygon {
		n, r := 5+rnd.IntN(40), make(orb.Ring, 0, 46)
		for i := range n {
			s, c := math.Sincos(2 * math.Pi * float64(i) / float64(n))
			d := 0.002 + 0.004*rnd.Float64()
			r = append(r, orb.Point{x + d*c, y + d*s})
		}
		return orb.MultiPolygon{{append(r, r[0])}}
	}
	for range 200 {
		a, b := star(108+0.02*rnd.Float64(), 22+0.02*rnd.Float64()), star(108+0.02*rnd.Float64(), 22+0.02*rnd.Float64())
		var want float64
		err := db.QueryRow("select st_distance(st_geogfromtext($1), st_geogfromtext($2))", wkt.MarshalString(a), wkt.MarshalString(b)).Scan(&want)
		if err != nil {
			t.Fatal(err)
		}
		if got := geo.GapBetween(a, b).M; math.Abs(got-want) > 1e-3*want+1e-3 {
			t.Errorf("%f m, PostGIS says %f\n%s\n%s", got, want, wkt.MarshalString(a), wkt.MarshalString(b))
		}
	}
}
