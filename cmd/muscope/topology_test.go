package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope/muscope/data/postgis/postgistest"
)

// twoParcels is a zone and parcels that overlap, with one far outside.
const (
	topologyZone = `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"Z","name":"Z"},
"geometry":{"type":"Polygon","coordinates":[[[108,22],[108.01,22],[108.01,22.01],[108,22.01],[108,22]]]}}]}`
	topologyParcels = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"id":"a"},"geometry":{"type":"Polygon","coordinates":[[[108,22],[108.005,22],[108.005,22.01],[108,22.01],[108,22]]]}},
{"type":"Feature","properties":{"id":"b"},"geometry":{"type":"Polygon","coordinates":[[[108.004,22],[108.01,22],[108.01,22.01],[108.004,22.01],[108.004,22]]]}},
{"type":"Feature","properties":{"id":"c"},"geometry":{"type":"Polygon","coordinates":[[[109,22],[109.001,22],[109.001,22.001],[109,22.001],[109,22]]]}}]}`
	topologyBuildings = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"id":"h"},"geometry":{"type":"Polygon","coordinates":[[[108.5,22],[108.501,22],[108.501,22.001],[108.5,22.001],[108.5,22]]]}}]}`
)

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// placesOf reads a topology report: code → other, and the counts at its end.
func placesOf(t *testing.T, path string) (map[string]string, map[string]int64) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		ToleranceM float64 `json:"tolerance_m"`
		Counts     map[string]int64
		Features   []struct {
			Geometry   struct{ Type string }
			Properties place
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	got := map[string]string{}
	for _, f := range file.Features {
		got[f.Properties.Code] = f.Properties.ID + " " + f.Properties.Other
		if f.Geometry.Type == "" || f.Properties.Reason == "" || f.Properties.Place == nil {
			t.Errorf("%+v lacks geometry, words or place", f)
		}
	}
	if file.ToleranceM == 0 {
		t.Error("the report doesn't state its tolerance")
	}
	return got, file.Counts
}

func TestTopologyOfCheck(t *testing.T) {
	dir := writeFiles(t, map[string]string{"z.geojson": topologyZone, "p.geojson": topologyParcels, "b.geojson": topologyBuildings})
	in := func(name string) string { return filepath.Join(dir, name) }
	app, _, stderr := testApp(t)
	args := []string{"check", "--lang", "en", "--zones", in("z.geojson"), "--parcels", in("p.geojson"), "--buildings", in("b.geojson"),
		"--topology", in("t.geojson"), "--rejects", in("r.ndjson"), "-o", in("out.json")}
	if code := app.Run(t.Context(), args); code != exitDone {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	got, counts := placesOf(t, in("t.geojson"))
	want := map[string]string{"topology.overlap": "a b", "topology.outside_zones": "c ", "topology.building_off_parcels": "h "}
	for code, who := range want {
		if got[code] != who || counts[code] != 1 {
			t.Errorf("%s: %q (%d), want %q", code, got[code], counts[code], who)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	rejects, err := os.ReadFile(in("r.ndjson"))
	if err != nil || strings.Count(string(rejects), `"code":"topology.`) != 3 {
		t.Errorf("%v: the load report has not all of it:\n%s", err, rejects)
	}
	if !strings.Contains(stderr.String(), "tolerance 0.022 m") || !strings.Contains(stderr.String(), "topology.overlap") {
		t.Errorf("the table is missing:\n%s", stderr)
	}
	app, _, stderr = testApp(t)
	if code := app.Run(t.Context(), append(args, "--tolerance", "0")); code != exitRefused {
		t.Errorf("a tolerance of 0: exit code %d\n%s", code, stderr)
	}
}

// A dry run writes nothing and tells all; a load keeps what --topology told.
func TestTopologyOfLoad(t *testing.T) {
	dir := writeFiles(t, map[string]string{"z.geojson": topologyZone, "p.geojson": topologyParcels, "b.geojson": topologyBuildings})
	in := func(name string) string { return filepath.Join(dir, name) }
	d := databaseApp{t, postgistest.DSN(t)}
	d.run("load", "zones", in("z.geojson"), "--snapshot", "s")
	d.run("load", "parcels", in("p.geojson"), "--snapshot", "s", "--dry-run", "--topology", in("dry.geojson"))
	d.run("load", "parcels", in("p.geojson"), "--snapshot", "s", "--topology", in("t.geojson"))
	d.run("load", "buildings", in("b.geojson"), "--snapshot", "s", "--topology", in("b_t.geojson"))
	dry, _ := placesOf(t, in("dry.geojson"))
	wet, _ := placesOf(t, in("t.geojson"))
	if len(dry) != 2 || len(wet) != 2 || dry["topology.overlap"] != "a b" {
		t.Errorf("dry %v, loaded %v", dry, wet)
	}
	if b, _ := placesOf(t, in("b_t.geojson")); len(b) != 1 || b["topology.building_off_parcels"] == "" {
		t.Errorf("buildings %v", b)
	}
	var batches, kept int
	err := d.open().QueryRow(`select (select count(*) from muscope.batch where layer = 'parcels'),
		(select count(*) from muscope.reject where code like 'topology.%' and layer = 'parcels')`).Scan(&batches, &kept)
	if err != nil || batches != 1 || kept != 2 {
		t.Errorf("%v: %d loads of parcels, %d findings, want 1 and 2", err, batches, kept)
	}
}
