package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// square is a square of a thousandth of a degree at (x, y), in GeoJSON.
func square(x, y float64) string { return rectangle(x, y, 0.001, 0.001) }

func rectangle(x, y, w, h float64) string {
	ring := [][2]float64{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}, {x, y}}
	b, _ := json.Marshal(map[string]any{"type": "Polygon", "coordinates": [][][2]float64{ring}})
	return string(b)
}

func featureOf(properties, geometry string) string {
	return `{"type":"Feature","properties":{` + properties + `},"geometry":` + geometry + `}`
}

func collectionOf(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}

// runCheck checks zones and parcels given as texts.
func runCheck(t *testing.T, zones, parcels string, more ...string) (code int, result land.Result, stderr string) {
	t.Helper()
	dir := t.TempDir()
	for name, body := range map[string]string{"zones.geojson": zones, "parcels.geojson": parcels} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	app, out, errs := testApp(t)
	args := append([]string{"check", "--zones", filepath.Join(dir, "zones.geojson"), "--parcels", filepath.Join(dir, "parcels.geojson")}, more...)
	code = app.Run(context.Background(), args)
	if code == exitDone {
		if err := json.Unmarshal(out.Bytes(), &result); err != nil {
			t.Fatal(err)
		}
	}
	return code, result, errs.String()
}

func TestBadInput(t *testing.T) {
	zone := featureOf(`"code":"Z1","name":"甲"`, rectangle(108.40, 22.80, 0.02, 0.02))
	zones := collectionOf(zone)
	parcel := featureOf(`"id":"P1"`, square(108.401, 22.801))
	for name, c := range map[string]struct {
		zones, parcels string
		code           int
		says           []string // in the messages
	}{
		"zero parcels":        {zones, collectionOf(), exitRefused, []string{"nothing loadable"}},
		"zero zones":          {collectionOf(), collectionOf(parcel), exitRefused, []string{"zones", "nothing loadable"}},
		"empty file":          {zones, "", exitRefused, []string{"parcels.geojson"}},
		"truncated":           {zones, collectionOf(parcel, parcel)[:300], exitRefused, []string{"parcels.geojson", "feature 2"}},
		"metres":              {zones, collectionOf(featureOf(`"id":"P1"`, rectangle(36541100, 2522001, 100, 100))), exitRefused, []string{"metres", "EPSG:4524"}},
		"swapped axes":        {zones, collectionOf(featureOf(`"id":"P1"`, square(22.801, 108.401))), exitRefused, []string{"swapped"}},
		"unknown crs":         {zones, strings.Replace(collectionOf(parcel), `"features"`, `"crs":{"type":"name","properties":{"name":"EPSG:2154"}},"features"`, 1), exitRefused, []string{"2154", "ogr2ogr"}},
		"not JSON":            {zones, "id;geometry", exitRefused, []string{"parcels.geojson"}},
		"cycle of parks":      {collectionOf(featureOf(`"code":"A","name":"a","part_of":"B"`, square(1, 1)), featureOf(`"code":"B","name":"b","part_of":"A"`, square(2, 2))), collectionOf(parcel), exitRefused, []string{"A", "B"}},
		"missing id":          {zones, collectionOf(featureOf(`"name":"x"`, square(108.401, 22.801)), parcel), exitDone, []string{"#1", "id"}},
		"duplicate id":        {zones, collectionOf(parcel, parcel), exitDone, []string{"#2", "feature 1"}},
		"bow-tie":             {zones, collectionOf(parcel, featureOf(`"id":"P2"`, `{"type":"Polygon","coordinates":[[[108.401,22.801],[108.402,22.802],[108.402,22.801],[108.401,22.802],[108.401,22.801]]]}`)), exitDone, []string{"#2", "108.4015000,22.8015000"}},
		"impossible date":     {zones, collectionOf(featureOf(`"id":"P1","supplied_on":"2023-02-30"`, square(108.401, 22.801))), exitDone, []string{"#1", "supplied_on", "2023-02-30"}},
		"unknown word":        {zones, collectionOf(featureOf(`"id":"P1","tenure":"rented"`, square(108.401, 22.801))), exitDone, []string{"tenure", "rented"}},
		"number that is none": {zones, collectionOf(featureOf(`"id":"P1","price_wan":"about 100"`, square(108.401, 22.801))), exitDone, []string{"price_wan", "about 100"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, result, stderr := runCheck(t, c.zones, c.parcels)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, want := range c.says {
				if !strings.Contains(stderr, want) {
					t.Errorf("the messages don't say %q:\n%s", want, stderr)
				}
			}
			balanced(t, stderr)
			for _, in := range result.Inputs {
				if in.Features != in.Loaded+in.Rejected {
					t.Errorf("%s: %d read, %d loaded, %d rejected", in.Layer, in.Features, in.Loaded, in.Rejected)
				}
			}
		})
	}
}

var inputLine = regexp.MustCompile(`(\d+) read = (\d+) loaded \+ (\d+) rejected`)

// balanced checks that features read = loaded + rejected is printed and true.
func balanced(t *testing.T, stderr string) {
	t.Helper()
	lines := inputLine.FindAllStringSubmatch(stderr, -1)
	if len(lines) == 0 {
		t.Errorf("no line says how many features were read:\n%s", stderr)
	}
	for _, l := range lines {
		var n [3]int
		for i := range n {
			n[i], _ = strconv.Atoi(l[i+1])
		}
		if n[0] != n[1]+n[2] {
			t.Errorf("doesn't add up: %s", l[0])
		}
	}
}

// Zones may overlap: a parcel counts in each, and once in the total.
func TestOverlappingZones(t *testing.T) {
	zones := collectionOf(featureOf(`"code":"Z1","name":"甲"`, rectangle(108.40, 22.80, 0.02, 0.02)),
		featureOf(`"code":"Z2","name":"乙"`, rectangle(108.41, 22.80, 0.02, 0.02)))
	parcels := collectionOf(featureOf(`"id":"P1","recorded_area_m2":10000,"rights_basis":"certificate"`, square(108.415, 22.805)))
	code, r, stderr := runCheck(t, zones, parcels)
	if code != exitDone || len(r.Parts) != 2 || *r.Parts[0].Zone != "Z1" || *r.Parts[1].Zone != "Z2" {
		t.Fatalf("exit code %d, parts %+v: %s", code, r.Parts, stderr)
	}
	for _, z := range r.Zones {
		if l := z.Land.ByStatus[land.Stock]; l.Parcels != 1 || l.AreaMu.String() != "15" {
			t.Errorf("zone %s has %+v, want one parcel of 15 mu", z.Code, l)
		}
	}
	if len(r.Sets) != 1 || r.Sets[0].Land.ByStatus[land.Stock].AreaMu.String() != "15" {
		t.Errorf("totals %+v, want 15 mu once", r.Sets)
	}
}

func TestWrongUsage(t *testing.T) {
	for _, c := range []struct {
		args string
		says string
	}{
		{"", "command"}, {"nonsense", "nonsense"}, {"check", "--zones"}, {"check --zones a.geojson", "--parcels"},
		{"check --zones no.geojson --parcels no.geojson", "no.geojson"}, {"check --nonsense", "nonsense"},
		{"check --zones a --parcels b --format pdf", "pdf"}, {"check --zones a --parcels b --as-of 2024-13-01", "2024-13-01"},
		{"check --zones a --parcels b --fail-on satisfied", "satisfied"}, {"check --zones a --parcels b --pack no/such", "no/such"},
		{"check --zones a --parcels b --map no-such-map", "no-such-map"}, {"load parcels x.geojson", "--snapshot"},
		{"load roads x.geojson --snapshot s", "roads"}, {"load parcels --snapshot s", "FILE"}, {"load parcels x --snapshot a/b", "a/b"},
		{"analyze --snapshot ../x", "../x"}, {"report --snapshot s --format docx", "docx"}, {"serve --listen 8080", "host:port"},
		{"expand", "expand"}, {"token", "token create"}, {"token create", "--role"}, {"token revoke x", "\"x\""}, {"serve --tls-cert x", "--tls-key"}, {"check --lang fr", "fr"},
	} {
		app, _, stderr := testApp(t)
		if code := app.Run(context.Background(), strings.Fields(c.args)); code != exitRefused || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("muscope %s: exit code %d, want %d and %q in: %s", c.args, code, exitRefused, c.says, stderr)
		}
	}
}

func TestFailOn(t *testing.T) {
	for _, c := range []struct {
		on   string
		pack string
		code int
	}{
		{"violated", "", exitMatched}, {"incomputable", "", exitMatched},
		{"violated", "national/idle-land-2012", exitMatched},
	} {
		app, _, stderr := testApp(t)
		args := sampleArgs("--fail-on", c.on, "-o", filepath.Join(t.TempDir(), "out.json"))
		if c.pack != "" {
			args = append(args, "--pack", c.pack)
		}
		if code := app.Run(context.Background(), args); code != c.code {
			t.Errorf("--fail-on %s: exit code %d, want %d: %s", c.on, code, c.code, stderr)
		}
	}
}
