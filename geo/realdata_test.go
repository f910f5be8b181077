package geo

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	orbgeojson "github.com/paulmach/orb/geojson"
)

const sharedData = "../../shared/data/"

// readShared reads a file of the shared test data; the test is skipped only where the whole folder is absent.
func readShared(t testing.TB, name string) []byte {
	t.Helper()
	if _, err := os.Stat(sharedData); os.IsNotExist(err) {
		t.Skip("the shared test data is not beside the project")
	}
	b, err := os.ReadFile(sharedData + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func asMulti(g orb.Geometry) orb.MultiPolygon {
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}
	case orb.MultiPolygon:
		return g
	}
	return nil
}

// TestRealBoundaries: the features that PostGIS ST_IsValid refuses, by their position from 0, are those that Validate refuses; Repair mends each.
func TestRealBoundaries(t *testing.T) {
	for file, refused := range map[string][]int{
		"tw-parks/industrial_parks.geojson": {13, 40, 87, 88, 148},
		"tw-parks/zoning_F0116.geojson":     {181, 182, 213, 240},
		"tw-parks/zoning_H0213.geojson":     {200, 330},
		"tw-parks/zoning_M0103.geojson":     {155, 172, 244},
	} {
		fc, err := orbgeojson.UnmarshalFeatureCollection(readShared(t, file))
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for i, f := range fc.Features {
			mp := asMulti(f.Geometry)
			d := Validate(mp)
			if (secondEngine(mp) == nil) != (d == nil) {
				t.Errorf("%s %d: %v, simplefeatures %v", file, i, d, secondEngine(mp))
			}
			if d == nil {
				continue
			}
			got = append(got, i)
			mended, err := Repair(mp)
			if err != nil {
				t.Errorf("%s %d: %v", file, i, err)
				continue
			}
			if a, b := AreaM2(mp), AreaM2(mended); b <= 0 || b < 0.99*a || b > 1.01*a {
				t.Errorf("%s %d: %.2f m² before, %.2f after", file, i, a, b)
			}
		}
		if !slices.Equal(got, refused) {
			t.Errorf("%s: refused %v, PostGIS %v", file, got, refused)
		}
	}
}

// TestEarcutFixtures closes the rings of mapbox/earcut's nasty polygons and holds ValidatePlane against PostGIS.
func TestEarcutFixtures(t *testing.T) {
	readShared(t, "pathological/earcut/LICENSE")
	sound := strings.Fields("boxy building dude earcut eberly-3 eberly-6 filtered-bridge-jhl hilbert hole-touching-outer issue119 issue16 issue17 issue29 issue34 issue35 issue45 issue52 rain " +
		"self-tangent-1 self-tangent-2 self-tangent-3 self-tangent-4 touching-holes2 touching-holes3 touching-holes4 touching-holes5 touching-holes6 touching2 touching3 touching4 water-huge3")
	files, err := filepath.Glob(sharedData + "pathological/earcut/test/fixtures/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var p orb.Polygon
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatal(f, err)
		}
		for i, r := range p {
			if len(r) > 0 && r[0] != r[len(r)-1] {
				p[i] = append(r, r[0])
			}
		}
		name := strings.TrimSuffix(filepath.Base(f), ".json")
		if d := ValidatePlane(orb.MultiPolygon{p}); (d == nil) != slices.Contains(sound, name) {
			t.Errorf("%s: %v, PostGIS the other way", name, d)
		}
	}
}
