package server_test

import (
	"encoding/json"
	"net/url"
	"os/exec"
	"path/filepath"
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
		{"parcels", "home and id in (select id from muscope.part_status where status = 'suspected_idle' and home)", []string{"-where", "status = 'suspected_idle'"}},
		{"parcels", "home and st_intersects(geom, st_makeenvelope(108.421, 22.801, 108.425, 22.805, 4490))", []string{"-spat", "108.421", "22.801", "108.425", "22.805"}},
	} {
		got := fetched(t, at, c.collection, c.more...)
		want := d.rows(t, "select id, st_astext(geom, 17) from muscope.parcel where "+c.sql)
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
	for _, l := range p.Links {
		if l.Rel == "next" {
			u, err := url.Parse(l.Href)
			if err != nil {
				t.Fatal(err)
			}
			return p, u.RequestURI()
		}
	}
	return p, ""
}
