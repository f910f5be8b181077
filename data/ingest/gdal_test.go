package ingest

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// gdal runs ogr2ogr, the second engine of these tests.
func gdal(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ogr2ogr", args...).CombinedOutput(); err != nil {
		t.Fatalf("ogr2ogr %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// sampleFile writes a file of the sample district to a folder.
func sampleFile(t *testing.T, dir, name string) string {
	t.Helper()
	src, err := sample(t, name)[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	text, err := io.ReadAll(src)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// loadFile loads parcels with what was said of them by code.
func loadFile(t *testing.T, opt Options) (*memory, *Result) {
	t.Helper()
	sink := newMemory()
	res, err := LoadParcels(context.Background(), opt, nil, sink)
	if err != nil {
		t.Fatal(opt.Files[0].Name, err)
	}
	if res.Features() != res.Loaded()+res.Rejected() {
		t.Errorf("%+v", res.Inputs)
	}
	return sink, res
}

// sameParcels holds two loads equal, parcel by parcel: every field, every
// unmapped property and every coordinate.
func sameParcels(t *testing.T, got, want *memory) {
	t.Helper()
	if len(got.parcels) != len(want.parcels) || len(got.parcels) == 0 {
		t.Fatalf("%d parcels, want %d", len(got.parcels), len(want.parcels))
	}
	faults := 0
	for position, w := range want.parcels {
		g := got.parcels[position]
		if a, b := plainExtra(t, g.Extra), plainExtra(t, w.Extra); !maps.Equal(a, b) {
			t.Errorf("%d: extra %v, want %v", position, a, b)
			faults++
		}
		if !slices.Equal(coordinates(got, position), coordinates(want, position)) {
			t.Errorf("%d: geometry %v, want %v", position, got.shapes[position], want.shapes[position])
			faults++
		}
		g.Extra, w.Extra = nil, nil
		if !reflect.DeepEqual(g, w) {
			t.Errorf("%d:\n%+v, want\n%+v", position, g, w)
			faults++
		}
		if faults > 5 {
			t.FailNow()
		}
	}
}

// coordinates are the points of a parcel in an order that ring starts and
// polygon order don't change.
func coordinates(m *memory, position int64) []string {
	var out []string
	for _, p := range m.shapes[position] {
		for _, r := range p {
			for _, c := range r[1:] {
				out = append(out, fmt.Sprintf("%.9f %.9f", c[0], c[1]))
			}
		}
	}
	slices.Sort(out)
	return out
}

// plainExtra is extra with numbers as numbers and dates as dates, whichever way
// they are written. GDAL leaves blank texts of a .dbf out as null.
func plainExtra(t *testing.T, extra []byte) map[string]string {
	t.Helper()
	var values map[string]any
	if len(extra) > 0 {
		if err := json.Unmarshal(extra, &values); err != nil {
			t.Fatal(err)
		}
	}
	out := map[string]string{}
	for k, v := range values {
		switch v := v.(type) {
		case nil:
		case float64:
			out[k] = fmt.Sprintf("%.12g", v)
		case string:
			out[k] = strings.ReplaceAll(v, "/", "-")
		default:
			out[k] = fmt.Sprint(v)
		}
	}
	return out
}

// zipped packs the files of a shapefile.
func zipped(t *testing.T, dir, base, inside string) string {
	t.Helper()
	path := filepath.Join(dir, base+".zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	files, err := filepath.Glob(filepath.Join(dir, base+".*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if filepath.Ext(name) == ".zip" || filepath.Ext(name) == ".geojson" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		member, err := w.Create(inside + filepath.Ext(name))
		if err == nil {
			_, err = member.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestShapefileAgainstGDAL: what GDAL writes as a shapefile loads as what GDAL
// reads of it: the same features, attributes and geometry, in each encoding and
// system, plain and zipped.
func TestShapefileAgainstGDAL(t *testing.T) {
	for _, c := range []struct {
		source, m, srs, encoding string
		cpg                      bool
	}{
		{"", "", "EPSG:4490", "GBK", true},
		{"", "", "EPSG:4490", "GBK", false},
		{"", "", "EPSG:4545", "UTF-8", true},
		{"", "", "EPSG:4524", "UTF-8", false},
		{"tw-parks/zoning_F0116.geojson", "tw-zoning", "EPSG:3826", "BIG5", true},
		{"tw-parks/zoning_M0103.geojson", "tw-zoning", "EPSG:3826", "BIG5", false},
		{"bubenec/plots_4326.geojson", "bubenec-plots", "EPSG:4326", "UTF-8", true},
		{"athi/parcels.geojson", "athi-parcels", "EPSG:4326", "UTF-8", true},
		{"cambridge/parcels_fy2014.geojson", "cambridge-parcels", "EPSG:4326", "UTF-8", true},
	} {
		t.Run(fmt.Sprint(filepath.Base(c.source), c.srs, c.encoding, c.cpg), func(t *testing.T) {
			dir := t.TempDir()
			source := filepath.Join(dir, "none")
			if c.source == "" {
				source = sampleFile(t, dir, "parcels.geojson")
			} else {
				source = shared(t, c.source)
			}
			shp, back := filepath.Join(dir, "p.shp"), filepath.Join(dir, "p.geojson")
			gdal(t, "-f", "ESRI Shapefile", shp, source, "-t_srs", c.srs, "-lco", "ENCODING="+c.encoding, "-nlt", "POLYGON", "-skipfailures")
			gdal(t, "-f", "GeoJSON", back, shp, "-lco", "COORDINATE_PRECISION=15")
			if !c.cpg {
				if err := os.Remove(filepath.Join(dir, "p.cpg")); err != nil {
					t.Fatal(err)
				}
			}
			want, res := loadFile(t, shpOptions(t, c.m, back))
			got, again := loadFile(t, shpOptions(t, c.m, shp))
			sameParcels(t, got, want)
			if res.Features() != again.Features() || res.Rejected() != again.Rejected() {
				t.Errorf("%+v, want %+v", again, res)
			}
			packed, third := loadFile(t, shpOptions(t, c.m, zipped(t, dir, "p", "图层/宗地")))
			sameParcels(t, packed, want)
			if third.Inputs[0].SHA256 == again.Inputs[0].SHA256 || len(third.Inputs[0].SHA256) != 64 || len(again.Inputs[0].SHA256) != 64 {
				t.Errorf("digests %s, %s", third.Inputs[0].SHA256, again.Inputs[0].SHA256)
			}
		})
	}
}

func shpOptions(t *testing.T, mapName, file string) Options {
	opt := options(t, mapName, file)
	if mapName == "" {
		opt.Map = builtinShort(t)
	}
	return opt
}

// builtinShort maps the names that a .dbf cuts at ten bytes.
func builtinShort(t *testing.T) *Map {
	t.Helper()
	text := "layer: parcels\nfields:\n"
	for _, f := range land.ParcelFields() {
		if len(f.Name) > 10 {
			text += fmt.Sprintf("  %s: [%s]\n", f.Name, f.Name[:10])
		}
	}
	m, err := ParseMap("short", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestGeoPackageAgainstGDAL: what GDAL writes as a GeoPackage loads as what
// GDAL reads of it.
func TestGeoPackageAgainstGDAL(t *testing.T) {
	for _, c := range []struct{ source, m, srs string }{
		{"", "", "EPSG:4490"},
		{"", "", "EPSG:4545"},
		{"tw-parks/zoning_F0116.geojson", "tw-zoning", "EPSG:3826"},
		{"athi/parcels.geojson", "athi-parcels", "EPSG:4326"},
		{"cambridge/parcels_fy2014.geojson", "cambridge-parcels", "EPSG:4326"},
	} {
		t.Run(filepath.Base(c.source)+c.srs, func(t *testing.T) {
			dir := t.TempDir()
			source := ""
			if c.source == "" {
				source = sampleFile(t, dir, "parcels.geojson")
			} else {
				source = shared(t, c.source)
			}
			gpkg, back := filepath.Join(dir, "p.gpkg"), filepath.Join(dir, "p.geojson")
			gdal(t, "-f", "GPKG", gpkg, source, "-nln", "宗地", "-t_srs", c.srs, "-nlt", "PROMOTE_TO_MULTI", "-lco", "FID=gpkg_row")
			gdal(t, "-f", "GeoJSON", back, gpkg, "-lco", "COORDINATE_PRECISION=15")
			want, res := loadFile(t, options(t, c.m, back))
			got, again := loadFile(t, options(t, c.m, gpkg))
			for position, p := range got.parcels {
				p.Extra = []byte(strings.Replace(strings.Replace(string(p.Extra), fmt.Sprintf(`"gpkg_row":%d,`, p.Source.Feature), "", 1),
					fmt.Sprintf(`{"gpkg_row":%d}`, p.Source.Feature), "", 1))
				got.parcels[position] = p
			}
			sameParcels(t, got, want)
			if res.Features() != again.Features() || res.Rejected() != again.Rejected() || again.Inputs[0].Settings["layer"] != "宗地" {
				t.Errorf("%+v, want %+v", again, res)
			}
			// The same as a stream, and by the layer's name.
			content, err := os.ReadFile(gpkg)
			if err != nil {
				t.Fatal(err)
			}
			temp := t.TempDir()
			opt := options(t, c.m, gpkg)
			opt.Files, opt.TempDir = []File{text("p.gpkg", string(content))}, temp
			if _, third := loadFile(t, opt); third.Inputs[0].SHA256 != again.Inputs[0].SHA256 || third.Loaded() != again.Loaded() {
				t.Errorf("%+v, want %+v", third.Inputs, again.Inputs)
			}
			if left, _ := os.ReadDir(temp); len(left) > 0 {
				t.Errorf("left %v behind", left)
			}
			if _, byName := loadFile(t, options(t, c.m, gpkg+":宗地")); byName.Loaded() != again.Loaded() {
				t.Errorf("%+v", byName.Inputs)
			}
			if got := refusedCode(t, File{Name: gpkg + ":别的"}); got != "geopackage.no_layer" {
				t.Error(got)
			}
		})
	}
}

// TestGeoPackageRefused: other databases, several layers, one that is being
// written to, a damaged one, no system.
func TestGeoPackageRefused(t *testing.T) {
	dir := t.TempDir()
	source := sampleFile(t, dir, "parcels.geojson")
	two, none := filepath.Join(dir, "two.gpkg"), filepath.Join(dir, "none.gpkg")
	gdal(t, "-f", "GPKG", two, source, "-nln", "a")
	gdal(t, "-f", "GPKG", two, source, "-nln", "b", "-update")
	if got := refusedCode(t, File{Name: two}); got != "geopackage.several" {
		t.Error(got)
	}
	gdal(t, "-f", "SQLite", filepath.Join(dir, "other.sqlite"), source)
	if got := refusedCode(t, File{Name: filepath.Join(dir, "other.sqlite")}); got != "geopackage.not_geopackage" {
		t.Error(got)
	}
	gdal(t, "-f", "GPKG", none, source, "-nln", "a", "-a_srs", "None")
	if got := refusedCode(t, File{Name: none}); got != "geopackage.no_srs" {
		t.Error(got)
	}
	content, err := os.ReadFile(two)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func([]byte) []byte{
		"cut":    func(b []byte) []byte { return b[:len(b)/2] },
		"pages":  func(b []byte) []byte { copy(b[4096:], make([]byte, 4096)); return b },
		"schema": func(b []byte) []byte { copy(b[100:], strings.Repeat("\xFF", 100)); return b },
	} {
		code := refusedCode(t, text(name, string(change(slices.Clone(content)))))
		if !strings.HasPrefix(code, "geopackage.") {
			t.Errorf("%s: %s", name, code)
		}
	}
	if err := os.WriteFile(two+"-wal", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := refusedCode(t, File{Name: two + ":a"}); got != "geopackage.in_use" {
		t.Error(got)
	}
}
