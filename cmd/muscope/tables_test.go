package main

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
	"github.com/muscope/muscope/data/spool"
)

// tableFile is the file of a layer in the sample of the tables.
func tableFile(layer string) string {
	ext := ".csv"
	if slices.Contains([]string{"zones", "parcels", "approvals"}, layer) {
		ext = ".geojson"
	}
	return filepath.Join(sampleDir, "tables", layer+ext)
}

func tableLayers() []string {
	return slices.DeleteFunc(ingest.Layers(), func(l string) bool { return l == "buildings" || l == "constraints" })
}

func (d databaseApp) loadTables(order []string) {
	d.t.Helper()
	for _, layer := range order {
		d.run("load", layer, tableFile(layer), "--snapshot", "s", "--quiet")
	}
}

// recordSource is what both ways give the analysis.
type recordSource interface {
	analysis.Source
	analysis.RecordSource
	analysis.ShapeSource
}

// spooledTables is the sample of the tables as check holds it.
func spooledTables(t *testing.T) *spool.Spool {
	t.Helper()
	s, err := spool.Open(spool.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	app, _, _ := testApp(t)
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	app.texts, app.lang, app.quiet = texts, "en", true
	layers := map[string]*many{}
	for _, layer := range ingest.Layers() {
		layers[layer] = &many{}
	}
	for _, layer := range tableLayers() {
		*layers[layer] = many{tableFile(layer)}
	}
	run := &checkRun{checkFlags: &checkFlags{inputFlags: &inputFlags{app: app}, judgeFlags: &judgeFlags{app: app}, layers: layers}, app: app, spool: s}
	if err := run.load(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// The spool and the database hand the same records and shapes to the analysis,
// in whatever order the layers came.
func TestRecordsInBothWays(t *testing.T) {
	spooled := spooledTables(t)
	keys := []land.ZoneKey{{}, {Code: "GX09", Scope: land.ScopeApproved}, {Code: "GX10", Scope: land.ScopeApproved}}
	last := tableLayers()
	slices.Reverse(last)
	for name, order := range map[string][]string{"zones first": tableLayers(), "zones last": last} {
		t.Run(name, func(t *testing.T) {
			d := databaseApp{t, postgistest.DSN(t)}
			d.loadTables(order)
			store, err := postgis.Open(context.Background(), d.dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			view, err := store.Current(context.Background(), "s")
			if err != nil {
				t.Fatal(err)
			}
			defer view.Close()
			for _, key := range keys {
				got, want := gather(t, view, key), gather(t, spooled, key)
				same(t, "parts of "+key.String(), got.parts, want.parts)
				same(t, "rankings of "+key.String(), got.zone.Rankings, want.zone.Rankings)
				same(t, "actions of "+key.String(), got.zone.Actions, want.zone.Actions)
				same(t, "approvals of "+key.String(), got.zone.Approvals, want.zone.Approvals)
				if !reflect.DeepEqual(got.shapes, want.shapes) || !reflect.DeepEqual(got.approved, want.approved) {
					t.Errorf("%s: %d and %d shapes differ from %d and %d", key, len(got.shapes), len(got.approved), len(want.shapes), len(want.approved))
				}
			}
		})
	}
	checkTableRecords(t, gather(t, spooled, keys[1]))
}

type gathered struct {
	parts    []land.Part
	zone     *land.ZoneRecords
	shapes   map[string]orb.MultiPolygon
	approved map[string]orb.MultiPolygon
}

func gather(t *testing.T, src recordSource, key land.ZoneKey) gathered {
	t.Helper()
	ctx := context.Background()
	g := gathered{shapes: map[string]orb.MultiPolygon{}, approved: map[string]orb.MultiPolygon{}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(src.Parts(ctx, key, func(p *land.Part) error {
		g.parts = append(g.parts, *p)
		g.parts[len(g.parts)-1].Extra = nil // the database doesn't read it
		return nil
	}))
	var err error
	g.zone, err = src.ZoneRecords(ctx, key)
	must(err)
	must(src.ApprovedShapes(ctx, key, func(id string, shape orb.MultiPolygon) error {
		g.approved[id] = shape.Clone()
		return nil
	}))
	odd := func(id string) bool { return strings.HasSuffix(id, "1") || strings.HasSuffix(id, "3") }
	must(src.PartShapes(ctx, key, odd, func(id string, shape orb.MultiPolygon) error {
		g.shapes[id] = shape.Clone()
		return nil
	}))
	return g
}

// checkTableRecords holds the sample's records against what was put into it.
func checkTableRecords(t *testing.T, g gathered) {
	t.Helper()
	records := map[string]*land.Records{}
	for i := range g.parts {
		records[g.parts[i].ID] = g.parts[i].Records
	}
	if r := records[tableID(0, 0)]; r != nil {
		t.Errorf("a parcel of no table has records: %+v", r)
	}
	if r := records[tableID(1, 1)]; r == nil || len(r.Phases) != 2 || r.Phases[0].Phase != "一期" {
		t.Errorf("phases: %+v", r)
	}
	if r := records[tableID(0, 2)]; r == nil || len(r.Uses) != 2 || r.Uses[0].UseCode != "0902" {
		t.Errorf("uses: %+v", r)
	}
	if r := records[tableID(1, 2)]; r == nil || len(r.Terms) != 4 || r.Terms[2].Comparison != ">=" {
		t.Errorf("terms: %+v", r)
	}
	if r := records[tableID(2, 2)]; r == nil || len(r.Firms) != 2 || r.Firms[0].Role != "tenant" || r.Firms[0].Year != 2024 {
		t.Errorf("firms: %+v", r)
	}
	if r := records[tableID(0, 1)]; r == nil || len(r.Events) != 3 || r.Events[1].Kind != land.EventAnswer || r.Events[1].Cause != land.CauseHolder {
		t.Errorf("events: %+v", r)
	}
	if z := g.zone; len(z.Rankings) != 5 || z.Rankings[0].Scope != "national" || len(z.Actions) != 1 || z.Actions[0].Kind != land.ActionReward {
		t.Errorf("rankings %+v, actions %+v", z.Rankings, z.Actions)
	}
	checkTableApprovals(t, g)
}

func checkTableApprovals(t *testing.T, g gathered) {
	t.Helper()
	shares := map[string]float64{}
	for _, a := range g.zone.Approvals {
		shares[a.ID] = a.Share
		if a.Located != (a.ID != "DX2020-55") {
			t.Errorf("approval %s: located %v", a.ID, a.Located)
		}
	}
	if len(shares) != 3 || shares["PC2019-101"] != 1 || shares["DX2020-55"] != 1 || shares["PC2021-12"] < 0.45 || shares["PC2021-12"] > 0.55 {
		t.Errorf("shares of approvals in the zone: %v", shares)
	}
	if len(g.approved) != 2 || len(g.shapes) == 0 {
		t.Errorf("%d approvals drawn, %d outlines", len(g.approved), len(g.shapes))
	}
}

// check and the database say the same of the sample of the tables.
func TestTablesInBothWays(t *testing.T) {
	args := []string{"check", "--format", "json", "--quiet"}
	for _, layer := range tableLayers() {
		args = append(args, "--"+strings.ReplaceAll(layer, "_", "-"), tableFile(layer))
	}
	app, stdout, stderr := testApp(t)
	if code := app.Run(context.Background(), args); code != exitDone {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	var want, got land.Result
	if err := json.Unmarshal(stdout.Bytes(), &want); err != nil {
		t.Fatal(err)
	}
	d := databaseApp{t, postgistest.DSN(t)}
	d.loadTables(tableLayers())
	d.run("analyze", "--snapshot", "s", "--quiet")
	if err := json.Unmarshal(d.run("report", "--snapshot", "s", "--format", "json", "--quiet").Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Inputs) != len(want.Inputs) {
		t.Errorf("%d inputs, want %d", len(got.Inputs), len(want.Inputs))
	}
	for _, in := range append(got.Inputs, want.Inputs...) {
		if in.Rejected != 0 || in.Warnings != 0 || in.Loaded == 0 {
			t.Errorf("%+v", in)
		}
	}
	same(t, "zones", got.Zones, want.Zones)
	same(t, "sets", got.Sets, want.Sets)
	same(t, "parts", got.Parts, want.Parts)
	d.run("load", "events", tableFile("events"), "--snapshot", "s", "--append", "--replace", "--quiet")
	d.run("analyze", "--snapshot", "s", "--quiet")
	var again land.Result
	if err := json.Unmarshal(d.run("report", "--snapshot", "s", "--format", "json", "--quiet").Bytes(), &again); err != nil {
		t.Fatal(err)
	}
	same(t, "parts after replacing events", again.Parts, want.Parts)
	if again.AnalysisID == got.AnalysisID {
		t.Error("another load of events has the same analysis id")
	}
}

// The demo loads the district and the tables, nothing rejected.
func TestDemoSample(t *testing.T) {
	d := databaseApp{t, postgistest.DSN(t)}
	d.run("db", "migrate")
	app, _, stderr := testApp(t)
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	app.texts, app.lang = texts, "en"
	store, err := postgis.Open(context.Background(), d.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := app.loadSample(context.Background(), &database{Store: store}); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	loads, err := store.Loads(context.Background(), demoSnapshot)
	if err != nil || len(loads) != len(sampleFiles()) {
		t.Errorf("%d loads of %d files, %v", len(loads), len(sampleFiles()), err)
	}
	for _, l := range loads {
		for _, in := range l.Inputs {
			if in.Rejected != 0 || in.Loaded == 0 {
				t.Errorf("%+v", in)
			}
		}
	}
}

// A backup holds the tables too.
func TestBackupOfTables(t *testing.T) {
	from, to := databaseApp{t, postgistest.DSN(t)}, databaseApp{t, postgistest.DSN(t)}
	from.loadTables(tableLayers())
	file := filepath.Join(t.TempDir(), "backup")
	from.run("db", "backup", file)
	to.run("db", "restore", file)
	report := []string{"report", "--snapshot", "s", "--format", "json", "--quiet"}
	for _, d := range []databaseApp{from, to} {
		d.run("analyze", "--snapshot", "s", "--quiet")
	}
	var a, b land.Result
	if err := errors.Join(json.Unmarshal(from.run(report...).Bytes(), &a), json.Unmarshal(to.run(report...).Bytes(), &b)); err != nil {
		t.Fatal(err)
	}
	same(t, "zones", b.Zones, a.Zones)
	same(t, "parts", b.Parts, a.Parts)
}
