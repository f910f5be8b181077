package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/server"
)

func expansionSample(t testing.TB, name string) []byte {
	t.Helper()
	files, err := data.Samples()
	if err != nil {
		t.Fatal(err)
	}
	b, err := fs.ReadFile(files, "expansion/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// withConstraints is the sample district with the constraints of the sample
// applications.
func withConstraints(t testing.TB) *district {
	t.Helper()
	d := newDistrict(t)
	d.loadFile(t, snapshot, ingest.LayerConstraints, ingest.File{Name: "constraints.geojson", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(expansionSample(t, "constraints.geojson"))), nil
	}})
	d.analyze(t, snapshot)
	return d
}

func post(t testing.TB, s *server.Server, target, media string, body []byte) *httptest.ResponseRecorder {
	t.Helper()
	r := localRequest(http.MethodPost, target, bytes.NewReader(body)).WithContext(t.Context())
	r.Header.Set("Content-Type", media)
	return do(t, s, r)
}

const checks = api + "/expansion-checks"

// An application gives the same over HTTP, from PostGIS, as it is worked out by
// hand; and PostGIS measures the same overlaps.
func TestExpansionCheck(t *testing.T) {
	d := withConstraints(t)
	s := d.server(t)
	doc := decode[expansion.Document](t, post(t, s, checks, "application/geo+json", expansionSample(t, "application.geojson")))
	want := map[string]land.Outcome{"farmland": land.Violated, "redline": land.Violated, "urban_boundary": land.Violated, "other_zones": land.Violated,
		"contiguity": land.Violated, "balance_stated": land.Violated, "balance_drawn": land.Satisfied}
	for _, c := range doc.Conditions {
		if c.Outcome != want[c.ID] {
			t.Errorf("%s is %s, want %s", c.ID, c.Outcome, want[c.ID])
		}
	}
	if len(doc.Conditions) != len(want) || doc.Snapshot != snapshot || doc.AsOf.String() != "2024-12-31" {
		t.Errorf("%d conditions of snapshot %s as of %s", len(doc.Conditions), doc.Snapshot, doc.AsOf)
	}
	postgisAgrees(t, d, &doc)
	for format, media := range map[string]string{"html": "text/html", "csv": "text/csv", "geojson": "application/geo+json"} {
		w := post(t, s, checks+"?unit=mu&lang=zh&format="+format, "application/json", expansionSample(t, "application.geojson"))
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), media) || w.Body.Len() < 500 {
			t.Errorf("%s: %d %s", format, w.Code, w.Header().Get("Content-Type"))
		}
	}
	changed := decode[expansion.Document](t, post(t, s, checks, "application/geo+json", bytes.Replace(expansionSample(t, "application.geojson"), []byte(`"kind":`),
		[]byte(`"changes":[{"parcel":"450102001001GB00197","field":"started_on","value":"2024-12-01"},{"parcel":"450102001001GB00197","field":"tax_wan","value":12.5}],"kind":`), 1)))
	if changed.WhatIf == nil || len(changed.WhatIf.Changes) != 2 || len(changed.WhatIf.Indicators) == 0 {
		t.Errorf("what if: %+v", changed.WhatIf)
	}
}

// postgisAgrees measures the overlaps once more with ST_Area on the ellipsoid.
// The tolerance is 1e-6 of the area and 0.01 m²: both engines cut the same
// straight edges.
func postgisAgrees(t *testing.T, d *district, doc *expansion.Document) {
	t.Helper()
	var body struct {
		Features []struct{ Geometry json.RawMessage }
	}
	if err := json.Unmarshal(expansionSample(t, "application.geojson"), &body); err != nil {
		t.Fatal(err)
	}
	var shapes []string
	for _, f := range body.Features {
		shapes = append(shapes, fmt.Sprintf("st_setsrid(st_geomfromgeojson('%s'), 4490)", f.Geometry))
	}
	added := "(select st_union(g) from unnest(array[" + strings.Join(shapes, ",") + "]) g)"
	of := func(kind string) string {
		return "(select st_union(geom) from muscope.constraint_area where kind = '" + kind + "')"
	}
	for id, query := range map[string]string{
		"farmland":       "st_intersection(" + added + "," + of(expansion.Farmland) + ")",
		"redline":        "st_intersection(" + added + "," + of(expansion.Redline) + ")",
		"urban_boundary": "st_difference(" + added + "," + of(expansion.UrbanBoundary) + ")",
		"other_zones":    "st_intersection(" + added + ", (select st_union(geom) from muscope.zone where code <> 'GX02'))",
	} {
		var m2 float64
		if err := d.db.QueryRow("select st_area((" + query + ")::geography)").Scan(&m2); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		i := slices.IndexFunc(doc.Conditions, func(c expansion.Condition) bool { return c.ID == id })
		if got := doc.Conditions[i].Area.M2.Float(); math.Abs(got-m2) > 1e-6*m2+0.01 {
			t.Errorf("%s: %f m², PostGIS measures %f", id, got, m2)
		}
	}
}

// What can't be checked is refused in the caller's language with the place.
func TestExpansionRefuses(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	feature := func(ring string) []byte {
		return []byte(`{"type":"FeatureCollection","application":{"zone":"GX02","kind":"enlargement"},"features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[` + ring + `]}}]}`)
	}
	good := `[[108.4368,22.8],[108.4378,22.8],[108.4378,22.801],[108.4368,22.8]]`
	for _, c := range []struct {
		name, media, query string
		body               []byte
		status             int
		want               string
	}{
		{"self-crossing", "application/geo+json", "", feature(`[[108.4368,22.8],[108.4378,22.801],[108.4378,22.8],[108.4368,22.801],[108.4368,22.8]]`), 400, "108.4373"},
		{"global", "application/geo+json", "", feature(`[[-179,-80],[179,-80],[179,80],[-179,80],[-179,-80]]`), 400, "3 度"},
		{"beyond the antimeridian", "application/geo+json", "", feature(`[[179,20],[181,20],[181,21],[179,21],[179,20]]`), 400, "181"},
		{"not a number", "application/geo+json", "", feature(`[[NaN,20],[108,20],[108,21],[NaN,20]]`), 400, "JSON"},
		{"metres", "application/geo+json", "", feature(`[[36442000,2523000],[36443000,2523000],[36443000,2524000],[36442000,2523000]]`), 400, "EPSG"},
		{"deep", "application/geo+json", "", append(bytes.Repeat([]byte("["), 100_000), bytes.Repeat([]byte("]"), 100_000)...), 400, ""},
		{"deep in a property", "application/geo+json", "", []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `},"geometry":null}]}`), 400, ""},
		{"empty", "application/geo+json", "", nil, 400, ""},
		{"50 MB", "application/geo+json", "", feature(strings.Repeat(" ", 50<<20)), 413, ""},
		{"no content type", "", "", feature(good), 415, "application/geo+json"},
		{"another zone", "application/geo+json", "", bytes.Replace(feature(good), []byte("GX02"), []byte("GX77"), 1), 400, "GX77"},
		{"an unknown member", "application/geo+json", "", bytes.Replace(feature(good), []byte(`"kind"`), []byte(`"sort"`), 1), 400, "sort"},
		{"an unknown unit", "application/geo+json", "?unit=acre", feature(good), 400, "acre"},
	} {
		w := post(t, s, checks+c.query, c.media, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %.400s; want %d with %q", c.name, w.Code, w.Body, c.status, c.want)
		}
	}
	if w := post(t, s, checks, "application/geo+json", feature(good)); w.Code != http.StatusOK {
		t.Errorf("a sound application: %d %.300s", w.Code, w.Body)
	}
}

// A caller of some zones learns nothing of the others, so overlap with them
// can't be judged.
func TestExpansionScope(t *testing.T) {
	d := withConstraints(t)
	s := d.server(t)
	r := remoteRequest(http.MethodPost, checks, d.token(t, server.Viewer, "GX02"), bytes.NewReader(expansionSample(t, "application.geojson")))
	r.Header.Set("Content-Type", "application/geo+json")
	w := do(t, s, r)
	doc := decode[expansion.Document](t, w)
	for _, c := range doc.Conditions {
		if c.ID == "other_zones" && (c.Outcome != land.Incomputable || len(c.Missing) == 0) {
			t.Errorf("%s is %s", c.ID, c.Outcome)
		}
	}
	if strings.Contains(w.Body.String(), "GX01") || strings.Contains(w.Body.String(), "邕南") {
		t.Error("the answer tells of the other zone")
	}
}

// A check is kept where that is asked for, by those who may, and never over
// another one.
func TestExpansionIsKept(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	kept := func() int {
		list, err := d.store.Scenarios(t.Context(), snapshot, nil)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	as := func(name string) []byte {
		return bytes.Replace(expansionSample(t, "application.geojson"), []byte(`"kind":`), []byte(`"save_as":"`+name+`","kind":`), 1)
	}
	post(t, s, checks, "application/geo+json", expansionSample(t, "application.geojson"))
	if kept() != 0 {
		t.Error("a check was kept that nobody asked to keep")
	}
	for _, c := range []struct {
		name   string
		status int
	}{{"plan-A", 200}, {"plan-A", 400}, {"plan B", 400}} {
		if w := post(t, s, checks, "application/geo+json", as(c.name)); w.Code != c.status {
			t.Errorf("%s: %d %.300s", c.name, w.Code, w.Body)
		}
	}
	r := remoteRequest(http.MethodPost, checks, d.token(t, server.Viewer, "GX02"), bytes.NewReader(as("plan-C")))
	r.Header.Set("Content-Type", "application/geo+json")
	if w := do(t, s, r); w.Code != http.StatusForbidden {
		t.Errorf("a viewer keeps a check: %d", w.Code)
	}
	if kept() != 1 {
		t.Errorf("%d checks are kept", kept())
	}
	list, err := d.store.Scenarios(t.Context(), snapshot, []string{"GX01"})
	if err != nil || len(list) != 0 {
		t.Errorf("%d checks of other zones are shown: %v", len(list), err)
	}
}
