package overlay

import (
	"math"
	"os"
	"testing"

	"github.com/paulmach/orb"
	orbgeojson "github.com/paulmach/orb/geojson"

	"github.com/muscope/muscope/geo"
)

const sharedData = "../../../shared/data/tw-parks/"

func features(t *testing.T, name string) []*orbgeojson.Feature {
	t.Helper()
	if _, err := os.Stat(sharedData); os.IsNotExist(err) {
		t.Skip("the shared test data is not beside the project")
	}
	b, err := os.ReadFile(sharedData + name)
	if err != nil {
		t.Fatal(err)
	}
	fc, err := orbgeojson.UnmarshalFeatureCollection(b)
	if err != nil {
		t.Fatal(err)
	}
	return fc.Features
}

func asMulti(g orb.Geometry) orb.MultiPolygon {
	if p, ok := g.(orb.Polygon); ok {
		return orb.MultiPolygon{p}
	}
	mp, _ := g.(orb.MultiPolygon)
	return mp
}

// TestTaiwanParks: zoning plots in industrial parks. The areas of sound plots inside are PostGIS 3.3's,
//
//	select sum(ST_Area(ST_Segmentize(ST_Intersection(z.g, p.g), 0.0002)::geography)) from zoning z, parks p where p.name = … and ST_IsValid(z.g)
//
// and the coverage with the few others repaired is that of expected_coverage.csv (GEOS on plane coordinates).
func TestTaiwanParks(t *testing.T) {
	for _, tc := range []struct {
		park, zoning string
		soundM2      float64
		coverage     float64 // percent
	}{
		{"土城產業園區", "zoning_F0116.geojson", 1073659.8877, 100.0},
		{"平鎮產業園區", "zoning_H0213.geojson", 939674.9126, 100.0},
		{"南崗產業園區", "zoning_M0103.geojson", 1964283.2261, 50.8},
	} {
		t.Run(tc.park, func(t *testing.T) {
			var park orb.MultiPolygon
			for _, f := range features(t, "industrial_parks.geojson") {
				if f.Properties.MustString("NAME", "") == tc.park {
					park = asMulti(f.Geometry)
				}
			}
			x, err := NewIndex([]orb.MultiPolygon{park})
			if err != nil {
				t.Fatal(err)
			}
			var sound float64
			var parts []orb.MultiPolygon
			for i, f := range features(t, tc.zoning) {
				mp, ok := asMulti(f.Geometry), true
				if geo.Validate(mp) != nil {
					ok = false
					if mp, err = geo.Repair(mp); err != nil {
						t.Fatalf("feature %d: %v", i, err)
					}
				}
				shares, err := x.Shares(mp, 0)
				if err != nil {
					t.Fatalf("feature %d: %v", i, err)
				}
				for _, s := range shares {
					if ok {
						sound += s.AreaM2
					}
					if s.Part == nil {
						s.Part = mp
					}
					parts = append(parts, s.Part)
				}
			}
			if math.Abs(sound-tc.soundM2) > 1e-8*tc.soundM2 {
				t.Errorf("sound plots %.4f m², PostGIS %.4f (%.1e)", sound, tc.soundM2, sound/tc.soundM2-1)
			}
			covered, err := Union(parts...)
			if err != nil {
				t.Fatal(err)
			}
			if got := 100 * geo.AreaM2(covered) / geo.AreaM2(park); math.Abs(got-tc.coverage) > 0.06 {
				t.Errorf("coverage %.3f %%, want %.1f", got, tc.coverage)
			}
		})
	}
}
