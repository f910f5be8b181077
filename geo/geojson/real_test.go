package geojson

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	orbgeojson "github.com/paulmach/orb/geojson"
)

var update = flag.Bool("update", false, "renew the golden files")

const shared = "../../../shared/data"

// compareJSON checks a decoded feature, coordinate by coordinate and property by property, against encoding/json.
func compareJSON(t *testing.T, text []byte, f *Feature) {
	t.Helper()
	var want struct {
		ID         any             `json:"id"`
		Geometry   json.RawMessage `json:"geometry"`
		Properties map[string]any  `json:"properties"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&want); err != nil {
		t.Errorf("feature %d: taken, but encoding/json says %v", f.Number, err)
		return
	}
	if f.Bare {
		compareGeometry(t, text, f)
		return
	}
	compareGeometry(t, want.Geometry, f)
	if want.ID != nil && fmt.Sprint(want.ID) != f.ID.String() {
		t.Errorf("feature %d: id %s, want %v", f.Number, f.ID, want.ID)
	}
	if len(f.Properties) != len(want.Properties) {
		t.Errorf("feature %d: %d properties, want %d", f.Number, len(f.Properties), len(want.Properties))
	}
	for _, p := range f.Properties {
		w, ok := want.Properties[p.Key]
		if !ok || !sameValue(p, w) {
			t.Errorf("feature %d: %s is %s %q, want %v", f.Number, p.Key, p.Kind, p.Raw, w)
		}
	}
}

func sameValue(p Property, want any) bool {
	switch w := want.(type) {
	case nil:
		return p.IsNull()
	case bool:
		v, ok := p.Bool()
		return ok && v == w
	case string:
		return p.Kind == KindString && p.Text() == w
	case json.Number:
		return p.Kind == KindNumber && p.Text() == w.String()
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(p.Raw))
	d.UseNumber()
	return d.Decode(&v) == nil && reflect.DeepEqual(v, want)
}

func compareGeometry(t *testing.T, raw []byte, f *Feature) {
	t.Helper()
	var w struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		t.Errorf("feature %d: %v", f.Number, err)
		return
	}
	if w.Type != f.GeometryType {
		t.Errorf("feature %d: type %q, want %q", f.Number, f.GeometryType, w.Type)
	}
	var got, want [][][][]float64
	switch g := f.Geometry.(type) {
	case orb.Polygon:
		got = [][][][]float64{floats(g)}
		want = make([][][][]float64, 1)
		_ = json.Unmarshal(w.Coordinates, &want[0])
	case orb.MultiPolygon:
		for _, p := range g {
			got = append(got, floats(p))
		}
		_ = json.Unmarshal(w.Coordinates, &want)
	default:
		return
	}
	for _, p := range want {
		for _, r := range p {
			for k := range r {
				r[k] = r[k][:2]
			}
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("feature %d: coordinates differ: %v, want %v", f.Number, got, want)
	}
}

func floats(p orb.Polygon) [][][]float64 {
	out := make([][][]float64, 0, len(p))
	for _, r := range p {
		ring := make([][]float64, 0, len(r))
		for _, q := range r {
			ring = append(ring, []float64{q[0], q[1]})
		}
		out = append(out, ring)
	}
	return out
}

// Every GeoJSON of the shared data, feature by feature, against encoding/json and orb.
func TestRealFiles(t *testing.T) {
	if _, err := os.Stat(shared); errors.Is(err, fs.ErrNotExist) {
		t.Skip("no shared data here")
	}
	want := map[string]int{
		"tw-parks/industrial_parks.geojson": 203, "cambridge/parcels_fy2014.geojson": 13116, "cambridge/CDD_ZoningDistricts.geojson": 261,
		"cambridge/CDD_SpecialPermitAreas.geojson": 355, "amaseoni/plots.geojson": 30, "athi/parcels.geojson": 456, "athi/building.geojson": 1282,
		"bubenec/plots_4326.geojson": 407, "bubenec/buildings_4326.geojson": 144,
		"athi/build_cons.geojson": -1, "tw-parks/zoning_F0116.geojson": -1, "tw-parks/zoning_H0213.geojson": -1, "tw-parks/zoning_M0103.geojson": -1,
	}
	for name, count := range want {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(shared, name))
			if err != nil {
				t.Fatal(err)
			}
			if got := compareFile(t, text); count >= 0 && got != count {
				t.Errorf("%d features, want %d", got, count)
			}
		})
	}
}

func compareFile(t *testing.T, text []byte) (n int) {
	second, err := orbgeojson.UnmarshalFeatureCollection(text)
	if err != nil {
		t.Logf("orb refuses it: %v", err)
	}
	faults := 0
	for _, b := range batches(t, text) {
		var d Decoder
		err := d.Decode(b, func(f *Feature) error {
			raw, _ := b.Raw(int(f.Number - b.First()))
			n++
			if f.Fault != nil {
				faults++
				t.Log(f.Fault)
				return nil
			}
			compareJSON(t, raw, f)
			if second == nil || f.Geometry == nil {
				return nil
			}
			if o := second.Features[f.Number-1]; !orb.Equal(o.Geometry, f.Geometry) || len(o.Properties) != len(f.Properties) {
				t.Errorf("feature %d differs from orb's", f.Number)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if faults > 1 {
		t.Errorf("%d features refused", faults)
	}
	return n
}

// Every named nasty file has a fixed outcome, kept in testdata/expected_pathological.txt (renew with -update).
func TestPathological(t *testing.T) {
	root := filepath.Join(shared, "pathological")
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		t.Skip("no shared data here")
	}
	var out strings.Builder
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || e.IsDir() || ext != ".geojson" && ext != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		fmt.Fprintf(&out, "%s\n", filepath.ToSlash(name))
		lines := outcome(bytes.NewReader(text), Options{})
		for _, line := range lines {
			if r := []rune(line); len(r) > 160 {
				line = string(r[:160]) + "…"
			}
			fmt.Fprintf(&out, "\t%s\n", line)
		}
		if strings.HasPrefix(name, "earcut") && (len(lines) != 2 || !strings.HasPrefix(lines[1], "stop not_geojson")) {
			t.Errorf("%s is no GeoJSON, but: %q", name, lines)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/expected_pathological.txt", out.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("outcome differs from %s; renew it with go test ./geo/geojson -update if the change is meant.\n%s", path, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("line %d: got %q, want %q", i+1, a[i], append(b, "")[min(i, len(b))])
		}
	}
	return "the golden file is longer"
}
