package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/data/postgis/postgistest"
)

func explainSample(more ...string) []string {
	args := []string{"explain", "--quiet"}
	for _, layer := range [][2]string{{"zones", "zones.geojson"}, {"parcels", "parcels.geojson"}, {"stats", "stats.csv"}} {
		args = append(args, "--"+layer[0], filepath.Join(sampleDir, layer[1]))
	}
	return append(args, more...)
}

const breach = "guangxi/hightech-2021#ancillary.zone-land-max"

func TestExplainFiles(t *testing.T) {
	app, out, errs := testApp(t)
	if code := app.Run(context.Background(), explainSample("--zone", "GX02", "--limit", "3", breach)); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for _, want := range []string{"156.15 − 0.07 × 1158 = 75.09 mu, above the limit", "violated", "（二十二）", "101 more are not listed", "parcels.geojson #"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	app, out, errs = testApp(t)
	if code := app.Run(context.Background(), explainSample("--zone", "GX02", "--lang", "zh", breach)); code != exitDone || !strings.Contains(out.String(), "高于限值") {
		t.Errorf("in Chinese, %s\n%s", errs, out)
	}
	file := filepath.Join(t.TempDir(), "why.json")
	app, _, errs = testApp(t)
	if code := app.Run(context.Background(), explainSample("--zone", "GX01", "--format", "json", "-o", file, "build_rate")); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var d map[string]any
	if err := json.Unmarshal(b, &d); err != nil || d["format"] != "explain/1" || d["as_of"] != "2024-12-31" || d["analysis_id"] == nil {
		t.Errorf("%v: %.300s", err, b)
	}
}

func TestExplainWrongUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{explainSample("--zone", "GX02"), "name a rule or an indicator"},
		{explainSample("supply_rate"), "--zone is missing"},
		{explainSample("--zone", "GX02", "--limit", "0", "supply_rate"), "--limit 0"},
		{explainSample("--zone", "GX02", "--format", "html", "supply_rate"), "text and json"},
		{explainSample("--zone", "GX02", "--snapshot", "s", "supply_rate"), "either --snapshot or files"},
		{explainSample("--zone", "GX77", "supply_rate"), "GX02"},
		{explainSample("--zone", "GX02", "supply_rates"), "supply_rates"},
		{explainSample("--zone", "GX02", "--as-of", "soon", "supply_rate"), "soon"},
		{[]string{"explain", "--zone", "GX02", "supply_rate"}, "name files, or a --snapshot"},
		{[]string{"explain", "--zone", "GX02", "--snapshot", "a b", "supply_rate"}, "a b"},
	} {
		app, _, errs := testApp(t)
		if code := app.Run(context.Background(), c.args); code != exitRefused || !strings.Contains(errs.String(), c.says) {
			t.Errorf("%v: exit code %d, %s", c.args, code, errs)
		}
	}
}

// A snapshot explains as the files do that it was loaded from, analyzed or not.
func TestExplainSnapshot(t *testing.T) {
	d := databaseApp{t, postgistest.DSN(t)}
	d.loadSample("zones", "parcels", "stats")
	questions := [][]string{{"--zone", "GX02", breach}, {"--zone", "GX01", breach}, {"--zone", "GX01-A", "ancillary_land_share.industrial_projects"},
		{"--zone", "GX02", "--parcel", sampleID(12, 3), "guangxi/hightech-2021#ancillary.project-land-max"},
		{"--zone", "GX01", "--parcel", sampleID(1, 12), "idle.not-started"}}
	compare := func(t *testing.T, analyzed bool) {
		for _, q := range questions {
			fromFiles := document(t, d.run(explainSample(append(q, "--format", "json")...)...).Bytes())
			stored := document(t, d.run(append([]string{"explain", "--quiet", "--snapshot", "s", "--format", "json"}, q...)...).Bytes())
			if stored["snapshot"] != "s" || (stored["analysis_id"] != nil) != analyzed {
				t.Errorf("%v: snapshot %v, analysis %v", q, stored["snapshot"], stored["analysis_id"])
			}
			for _, name := range []string{"snapshot", "analysis_id"} {
				delete(stored, name)
				delete(fromFiles, name)
			}
			if !reflect.DeepEqual(stored, fromFiles) {
				a, _ := json.Marshal(stored)
				b, _ := json.Marshal(fromFiles)
				t.Errorf("%v: of the snapshot\n%.3000s\nof the files\n%.3000s", q, a, b)
			}
		}
	}
	t.Run("loaded", func(t *testing.T) { compare(t, false) })
	d.run("analyze", "--snapshot", "s", "--quiet")
	t.Run("analyzed", func(t *testing.T) { compare(t, true) })
}

func document(t *testing.T, b []byte) map[string]any {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// The terms of a contract, the places and the acts are explained alike from the
// files of the tables and from their snapshot.
func TestExplainTables(t *testing.T) {
	d := databaseApp{t, postgistest.DSN(t)}
	d.loadTables(tableLayers())
	files := []string{"explain", "--quiet"}
	for _, layer := range tableLayers() {
		files = append(files, "--"+strings.ReplaceAll(layer, "_", "-"), tableFile(layer))
	}
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"--zone", "GX09", "--parcel", "450102-2021-0907", "contract/terms#far.project.ge"},
			[]string{"9600 − 1.2 × 8000 = 0 m², exactly on the limit", "“far.project >= 1.2 ratio”", "land contract 450102-2021-0907", "GX09-0302  numerator +9600 m²"}},
		{[]string{"--zone", "GX09", "--parcel", "GX09-0302", "contract/terms#investment_intensity.project.ge"},
			[]string{"3000 − 280 × 12 = -360 10⁴ CNY, below the limit", "violated"}},
		{[]string{"--zone", "GX09", "contract/terms#investment_intensity.project.ge"}, []string{"Subjects: 1 (violated 1)", "450102-2021-0907  violated  250"}},
		{[]string{"--zone", "GX10", "guangxi/hightech-2021#ranking.regional-last-two"},
			[]string{"* 2024, provincial: place 6 of 13 (shared by 2)", "  2023, provincial: place 12 of 13", "2022-04-08  yellow card"}},
	} {
		stored := append([]string{"explain", "--quiet", "--snapshot", "s"}, c.args...)
		for _, args := range [][]string{append(slices.Clone(files), c.args...), stored} {
			out := d.run(append(args, "--as-of", "2024-12-31")...).String()
			for _, want := range c.says {
				if !strings.Contains(out, want) {
					t.Errorf("%v: %q is not in\n%s", args, want, out)
				}
			}
		}
	}
}
