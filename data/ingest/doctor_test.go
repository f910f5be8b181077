package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo"
)

// zoneOf is a locator of one square zone of 0.02° about a centre.
func zoneOf(t *testing.T, lon, lat float64, move func(orb.Point) orb.Point) *Locator {
	t.Helper()
	p := func(x, y float64) orb.Point {
		at := orb.Point{lon + x, lat + y}
		if move != nil {
			at = move(at)
		}
		return at
	}
	l, err := NewLocator([]ZoneRow{zoneRow("Z", "approved", "", orb.MultiPolygon{{{p(-.01, -.01), p(.01, -.01), p(.01, .01), p(-.01, .01), p(-.01, -.01)}}})})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// parcelsIn fills that zone with parcels that keep to its line, and puts more
// beside it, each point moved.
func parcelsIn(lon, lat float64, move func(orb.Point) orb.Point) string {
	var features []string
	for x := -7; x < 7; x++ {
		for y := -7; y < 7; y++ {
			var ring []string
			for _, c := range [][2]int{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}} {
				at := orb.Point{lon + .002*float64(x+c[0]), lat + .002*float64(y+c[1])}
				if move != nil {
					at = move(at)
				}
				ring = append(ring, fmt.Sprintf("[%.9f,%.9f]", at[0], at[1]))
			}
			features = append(features, feature(fmt.Sprintf(`"id":"%d %d"`, x, y), "[["+strings.Join(ring, ",")+"]]"))
		}
	}
	return collection(features...)
}

// TestDoctor: what is wrong with the place of the parcels, told by the zones.
func TestDoctor(t *testing.T) {
	plus := func(degrees float64) func(orb.Point) orb.Point {
		return func(p orb.Point) orb.Point { return orb.Point{p[0] + degrees, p[1]} }
	}
	some := func(east float64) func(orb.Point) orb.Point { // a shift that no map makes
		return func(p orb.Point) orb.Point { return orb.Point{p[0] - east, p[1]} }
	}
	gk := func(from, as string) (move func(orb.Point) orb.Point, crs string) {
		c, err := geo.ParseCRS(from)
		if err != nil {
			t.Fatal(err)
		}
		return c.FromLonLat, as
	}
	for _, c := range []struct {
		name           string
		parcels, zones func(orb.Point) orb.Point
		crs, want      string
	}{
		{"in place", nil, nil, "", ""},
		{"parcels of GCJ-02", geo.ToGCJ02, nil, "", "crs.parcels_gcj02"},
		{"parcels of BD-09", geo.ToBD09, nil, "", "crs.parcels_bd09"},
		{"zones of GCJ-02", nil, geo.ToGCJ02, "", "crs.zones_gcj02"},
		{"zones of BD-09", nil, geo.ToBD09, "", "crs.zones_bd09"},
		{"both of GCJ-02", geo.ToGCJ02, geo.ToGCJ02, "", ""},
		{"shifted otherwise", some(.004), nil, "", ""},
		{"converted with the meridian of the next zone", plus(3), nil, "", "!crs.wrong_meridian"},
		{"far away", plus(1.3), nil, "", "crs.out_of_region"},
		{"metres", nil, nil, "EPSG:4545 EPSG:4545", ""},
		{"metres of the next zone", nil, nil, "EPSG:4545 EPSG:4546", "!crs.wrong_meridian"},
	} {
		opt := Options{MaxRejects: NoLimit}
		move := c.parcels
		if from, as, ok := strings.Cut(c.crs, " "); ok {
			move, opt.CRS = gk(from, as)
		}
		opt.Files = []File{text("p.geojson", parcelsIn(108.3, 22.8, move))}
		res, err := LoadParcels(context.Background(), opt, zoneOf(t, 108.3, 22.8, c.zones), newMemory())
		got := ""
		for code := range res.Counts {
			got += code
		}
		var refused *RefusedError
		if errors.As(err, &refused) {
			got = "!" + refused.Code
			if c.crs != "" && !strings.Contains(refused.Remedy, "--crs EPSG:4545") {
				t.Errorf("%s: %s", c.name, refused.Remedy)
			}
		}
		if got != c.want {
			t.Errorf("%s: %s %v, want %s", c.name, got, err, c.want)
		}
	}
}

// TestDoctorSample: the sample doesn't depend on the workers.
func TestDoctorSample(t *testing.T) {
	said := map[string]bool{}
	for _, workers := range []int{1, 2, 7} {
		s := &told{}
		opt := Options{MaxRejects: NoLimit, Workers: workers, Files: []File{text("p.geojson", parcelsIn(108.3, 22.8, geo.ToGCJ02))}}
		s.listen(&opt)
		if _, err := LoadParcels(context.Background(), opt, zoneOf(t, 108.3, 22.8, nil), newMemory()); err != nil {
			t.Fatal(err)
		}
		for _, r := range s.rejects {
			said[r.Reason] = true
			if strings.Contains(r.Reason, "%!") {
				t.Error(r.Reason)
			}
		}
	}
	if len(said) != 1 {
		t.Errorf("%v", said)
	}
}
