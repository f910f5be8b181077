package ingest

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// member is a file of a zip made for a test.
type member struct{ name, content string }

func zipOf(t testing.TB, members ...member) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err == nil {
			_, err = f.Write([]byte(m.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// refusedCode is the code that a load is refused with.
func refusedCode(t *testing.T, file File) string {
	t.Helper()
	temp := t.TempDir()
	_, err := LoadParcels(context.Background(), Options{Files: []File{file}, TempDir: temp, MaxRejects: NoLimit}, nil, newMemory())
	left, _ := os.ReadDir(temp)
	if len(left) > 0 {
		t.Errorf("%s: left %v behind", file.Name, left)
	}
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("%s: %v", file.Name, err)
	}
	if !errors.Is(err, ErrRefused) || refused.Remedy == "" || strings.HasPrefix(refused.Reason, "ingest.") || strings.Contains(refused.Reason, "%!") {
		t.Errorf("%s: %+v", file.Name, refused)
	}
	return refused.Code
}

// TestBadZips: what a zip must not be, refused by name and within its limits.
func TestBadZips(t *testing.T) {
	shp := string([]byte{0, 0, 0x27, 0x0A}) + strings.Repeat("\x00", 96)
	good := zipOf(t, member{"a.shp", shp}, member{"a.dbf", strings.Repeat("\x00", 100)})
	for _, c := range []struct{ name, content, want string }{
		{"cut.zip", good[:len(good)-30], "zip.damaged"},
		{"flipped.zip", strings.Replace(good, "PK\x01\x02", "PK\x01\x03", 1), "zip.damaged"},
		{"empty.zip", zipOf(t), "zip.no_shapefile"},
		{"geojson.zip", zipOf(t, member{"a.geojson", "{}"}), "zip.no_shapefile"},
		{"climbing.zip", zipOf(t, member{"../../etc/a.shp", shp}), "zip.bad_name"},
		{"backwards.zip", zipOf(t, member{`..\a.shp`, shp}), "zip.bad_name"},
		{"absolute.zip", zipOf(t, member{"/etc/a.shp", shp}), "zip.bad_name"},
		{"drive.zip", zipOf(t, member{"C:/a.shp", shp}), "zip.bad_name"},
		{"nested.zip", zipOf(t, member{"a.shp", shp}, member{"inner.zip", good}), "zip.nested"},
		{"two.zip", zipOf(t, member{"a.shp", shp}, member{"b.shp", shp}), "zip.several"},
		{"twice.zip", zipOf(t, member{"a.shp", shp}, member{"a.dbf", "x"}, member{"a.DBF", "x"}), "zip.twice"},
		{"bomb.zip", zipOf(t, member{"a.shp", shp + strings.Repeat("\x00", 50<<20)}, member{"a.dbf", "x"}), "zip.bomb"},
		{"alone.zip", zipOf(t, member{"a.shp", shp}), "shapefile.missing"},
		{"blank.zip", good, "shapefile.not_shapefile"},
	} {
		if got := refusedCode(t, text(c.name, c.content)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	var many []member
	for i := range maxZipMembers + 1 {
		many = append(many, member{name: strings.Repeat("a", i%7) + string(rune('a'+i%26)) + ".txt"})
	}
	if got := refusedCode(t, text("many.zip", zipOf(t, many...))); got != "zip.too_many" {
		t.Error(got)
	}
	if got := refusedCode(t, text("p.shp", shp)); got != "shapefile.stream" {
		t.Error(got)
	}
}

// TestZipByName: of several shapefiles the one behind the colon is read.
func TestZipByName(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "all.zip")
	if err := os.WriteFile(path, []byte(zipOf(t, member{"x/a.shp", "?"}, member{"x/b.shp", "?"})), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{path: "zip.several", path + ":c": "zip.no_layer", path + ":b": "shapefile.missing"} {
		if got := refusedCode(t, File{Name: name}); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestShapefileRefused: what is wrong with the system or a file beside it is
// said with the file's name.
func TestShapefileRefused(t *testing.T) {
	dir := t.TempDir()
	gdal(t, "-f", "ESRI Shapefile", filepath.Join(dir, "p.shp"), sampleFile(t, dir, "parcels.geojson"), "-t_srs", "EPSG:4545")
	shp, prj := filepath.Join(dir, "p.shp"), filepath.Join(dir, "p.prj")
	old, err := os.ReadFile(prj)
	if err != nil {
		t.Fatal(err)
	}
	set := func(name string, content []byte) {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set(prj, []byte(`GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",6378140.0,298.257]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`))
	if got := refusedCode(t, File{Name: shp}); got != "crs.old_datum" {
		t.Error(got)
	}
	set(prj, nil)
	if got := refusedCode(t, File{Name: shp}); got != "crs.metres_as_degrees" {
		t.Error(got)
	}
	opt := options(t, "", shp)
	opt.CRS = "EPSG:4545"
	opt.Map = builtinShort(t)
	if _, res := loadFile(t, opt); res.Counts["shapefile.no_prj"] != 0 || res.Loaded() == 0 {
		t.Errorf("%v", res.Counts)
	}
	set(prj, old)
	table, err := os.ReadFile(filepath.Join(dir, "p.dbf"))
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint32(table[4:], 1<<30)
	set(filepath.Join(dir, "p.dbf"), table)
	if got := refusedCode(t, File{Name: shp}); got != "shapefile.row_count" {
		t.Error(got)
	}
	if err := os.Remove(filepath.Join(dir, "p.dbf")); err != nil {
		t.Fatal(err)
	}
	if got := refusedCode(t, File{Name: shp}); got != "shapefile.missing" {
		t.Error(got)
	}
}

// FuzzZip holds any bytes behind a zip's first four against a crash and
// leftovers; what is no zip is FuzzLoadParcels' concern.
func FuzzZip(f *testing.F) {
	f.Add([]byte(zipOf(f, member{"a.shp", string([]byte{0, 0, 0x27, 0x0A}) + strings.Repeat("\x00", 96)}, member{"a.dbf", strings.Repeat("\x03", 66)})))
	f.Add([]byte(zipOf(f, member{"../a.shp", "x"}, member{"b.zip", "PK"})))
	temp := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		file := File{Name: "f.zip", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(append([]byte("PK\x03\x04"), bytes.TrimPrefix(content, []byte("PK\x03\x04"))...))), nil
		}}
		_, err := LoadParcels(context.Background(), Options{Files: []File{file}, TempDir: temp, Texts: noTexts(), Workers: 1, MaxRejects: NoLimit}, nil, newMemory())
		if err != nil && !errors.Is(err, ErrRefused) {
			t.Fatal(err)
		}
	})
}
