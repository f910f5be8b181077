package server_test

import (
	"encoding/json"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// ogr runs a program of GDAL and gives what it wrote to stdout and stderr.
func ogr(t testing.TB, args ...string) string {
	t.Helper()
	program, err := exec.LookPath(args[0])
	if err != nil {
		t.Fatalf("%v: the tests need GDAL (apt-get install gdal-bin)", err)
	}
	out, err := exec.CommandContext(t.Context(), program, args[1:]...).CombinedOutput()
	if err != nil || strings.Contains(string(out), "ERROR") {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// fetched is what the OAPIF driver reads of a collection, as lines of id and
// geometry.
func fetched(t testing.TB, at, collection string, more ...string) map[string]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "out.csv")
	args := append([]string{"ogr2ogr", "-f", "CSV", file, "OAPIF:" + at + "/ogc", collection, "-lco", "GEOMETRY=AS_WKT", "-lco", "SEPARATOR=TAB"}, more...)
	ogr(t, args...)
	return tableOf(t, file)
}

// TestGDAL: the OAPIF driver pages to the last feature and gets the rows and
// geometries that SQL gives, all of them, by attribute and by box.
func TestGDAL(t *testing.T) {
	d := newDistrict(t)
	at := d.serve(t)
	for _, c := range []struct {
		collection string
		sql        string
		more       []string
	}{
		{"parcels", "home", []string{"-oo", "PAGE_SIZE=7"}},
		{"parcels", "home and id in (select s.id from muscope.part_status s where s.status = 'suspected_idle' and s.home)", []string{"-where", "status = 'suspected_idle'"}},
		{"parcels", "home and st_intersects(geom, st_makeenvelope(108.421, 22.801, 108.425, 22.805, 4490))", []string{"-spat", "108.421", "22.801", "108.425", "22.805"}},
	} {
		got := fetched(t, at, c.collection, c.more...)
		want := d.rows(t, "select id, st_astext(geom, 17) from muscope.parcel p where "+c.sql)
		if len(want) == 0 || len(got) != len(want) {
			t.Errorf("%s %v: GDAL has %d rows, SQL %d", c.collection, c.more, len(got), len(want))
		}
		for id, geom := range want {
			if plainWKT(got[id]) != plainWKT(geom) {
				t.Errorf("%s %v: %s:\nGDAL %s\nSQL  %s", c.collection, c.more, id, got[id], geom)
				break
			}
		}
	}
	if log := ogr(t, "ogrinfo", "-so", "--debug", "OAPIF", "OAPIF:"+at+"/ogc", "parcels", "-where", "status = 'suspected_idle'"); strings.Contains(log, "client side") {
		t.Errorf("GDAL doesn't let the server filter:\n%s", log)
	}
}

// TestDownloadsAsGDALReadsThem: each format holds every row, with the values and
// geometry that SQL gives.
func TestDownloadsAsGDALReadsThem(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	for _, c := range []struct{ query, sql, geom string }{
		{"", "home", "p.geom"},
		{"?filter=" + url.QueryEscape("status='suspected_idle'"), "home and id in (select s.id from muscope.part_status s where s.status = 'suspected_idle' and s.home)", "p.geom"},
		{"?crs=" + url.QueryEscape("http://www.opengis.net/def/crs/EPSG/0/3857"), "home", "st_transform(st_setsrid(p.geom, 4326), 3857)"},
	} {
		want := d.rows(t, `select p.id, concat_ws('|', p.holder, p.supplied_on, s.area_m2::float8, st_astext(`+c.geom+`, 15)) from muscope.parcel p
			join muscope.part_status s using (id, zone, boundary_scope) where p.`+c.sql)
		for _, format := range []string{"geojson", "csv", "geojsons", "fgb"} {
			w := get(t, s, "/ogc/collections/parcels/download."+format+c.query)
			if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Disposition"), "2024-parcels."+format) {
				t.Fatalf("%s: %d %v", format, w.Code, w.Header())
			}
			file := filepath.Join(t.TempDir(), "parcels."+format)
			if err := os.WriteFile(file, w.Body.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			if format == "geojsons" {
				file = "GeoJSONSeq:" + file
			}
			out := filepath.Join(t.TempDir(), "out.csv")
			ogr(t, "ogr2ogr", "-f", "CSV", out, file, "-lco", "GEOMETRY=AS_WKT", "-lco", "SEPARATOR=TAB", "-select", "id,holder,supplied_on,area_m2", "-oo", "AUTODETECT_TYPE=YES")
			got := rowsOf(t, out)
			if len(got) != len(want) || len(want) == 0 {
				t.Errorf("%s%s: %d rows, want %d", format, c.query, len(got), len(want))
			}
			for id, row := range got {
				if !sameRow(row, want[id]) {
					t.Errorf("%s%s %s:\ngot  %v\nwant %s", format, c.query, id, row, want[id])
					break
				}
			}
		}
	}
}

// rowsOf reads the table of rows that ogr2ogr wrote, by id.
func rowsOf(t testing.TB, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		c := strings.Split(strings.ReplaceAll(line, `"`, ""), "\t") // WKT, id, holder, supplied_on, area_m2
		day, _, _ := strings.Cut(strings.ReplaceAll(c[3], "/", "-"), " ")
		row := []string{}
		for _, cell := range []string{c[2], day, c[4], c[0]} {
			if cell != "" {
				row = append(row, cell)
			}
		}
		out[c[1]] = strings.Join(row, "|")
	}
	return out
}

// sameRow compares texts, numbers among them to a tenth of a millimetre.
func sameRow(got, want string) bool {
	words := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,()|", r) })
	}
	g, w := words(got), words(want)
	if len(g) != len(w) {
		return false
	}
	for i := range g {
		a, err1 := strconv.ParseFloat(g[i], 64)
		b, err2 := strconv.ParseFloat(w[i], 64)
		if g[i] != w[i] && (err1 != nil || err2 != nil || math.Abs(a-b) > 2e-4 || math.Abs(b) < 200 && math.Abs(a-b) > 1e-9) {
			return false
		}
	}
	return true
}

func plainWKT(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, ", ", ","), " (", "(")
}

type featurePage struct {
	NumberMatched  *int
	NumberReturned int
	Features       []struct {
		ID         string
		Properties map[string]any
		Geometry   json.RawMessage
	}
	Links []struct{ Rel, Href string }
}

// page reads a page of features, and the next page's address.
func page(t testing.TB, d *district, target string) (featurePage, string) {
	t.Helper()
	w := get(t, d.server(t), target)
	var p featurePage
	if err := json.Unmarshal(w.Body.Bytes(), &p); w.Code != 200 || err != nil {
		t.Fatalf("%s: %d %v %.300s", target, w.Code, err, w.Body)
	}
	return p, nextOf(t, p)
}

func nextOf(t testing.TB, p featurePage) string {
	t.Helper()
	for _, l := range p.Links {
		if l.Rel == "next" {
			u, err := url.Parse(l.Href)
			if err != nil {
				t.Fatal(err)
			}
			return u.RequestURI()
		}
	}
	return ""
}

// TestGDALOnManyParcels: page after page, the OAPIF driver gets every parcel
// (in CI a hundred thousand), each once and with the geometry of SQL, in all and by
// attribute and box.
func TestGDALOnManyParcels(t *testing.T) {
	n := 10_000 // most of the time is GDAL's, which reads a hundred megabytes of JSON for each tenth of it
	if os.Getenv("CI") == "true" {
		n = 100_000
	}
	d := newGrid(t, n)
	at := "OAPIF:" + d.serve(t) + "/ogc"
	for _, c := range []struct {
		sql  string
		more []string
	}{
		{"true", nil},
		{"completed_on > '2021-06-30' and st_intersects(geom, st_makeenvelope(108.31, 22.71, 108.33, 22.73, 4490))",
			[]string{"-where", "completed_on > '2021/06/30'", "-spat", "108.31", "22.71", "108.33", "22.73"}},
	} {
		file := filepath.Join(t.TempDir(), "out.csv")
		ogr(t, append([]string{"ogr2ogr", "-f", "CSV", file, at, "parcels", "-lco", "GEOMETRY=AS_WKT", "-lco", "SEPARATOR=TAB", "-oo", "PAGE_SIZE=10000", "-select", "id"}, c.more...)...)
		got, want := tableOf(t, file), d.rows(t, "select id, st_astext(geom, 9) from muscope.parcel where home and "+c.sql)
		if len(want) == 0 || len(got) != len(want) {
			t.Fatalf("%v: GDAL has %d rows, SQL %d", c.more, len(got), len(want))
		}
		for id, geom := range want {
			if plainWKT(got[id]) != plainWKT(geom) {
				t.Fatalf("%v %s:\nGDAL %s\nSQL  %s", c.more, id, got[id], geom)
			}
		}
	}
}
