package server_test

import (
	"context"
	"database/sql"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/supply"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
	"github.com/muscope/muscope/server"
	"github.com/muscope/muscope/server/stored"
)

// district is the sample district, loaded and analyzed in a database of the
// test's own, and a server on it.
type district struct {
	store *postgis.Store
	db    *sql.DB // the same database, asked without muscope
	packs []*rule.Pack
	texts data.Texts
}

const (
	snapshot = "2024"
	loadOnly = "loaded-only"
)

func newDistrict(t testing.TB) *district {
	t.Helper()
	d := emptyDistrict(t)
	for _, layer := range []string{ingest.LayerZones, ingest.LayerParcels, ingest.LayerBuildings, ingest.LayerStats} {
		d.load(t, snapshot, layer)
	}
	d.load(t, loadOnly, ingest.LayerZones)
	d.analyze(t, snapshot)
	return d
}

// emptyDistrict is a database with nothing in it.
func emptyDistrict(t testing.TB) *district {
	t.Helper()
	dsn := postgistest.DSN(t)
	store, err := postgis.OpenMigrated(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &district{store: store}
	if d.db, err = sql.Open("postgres", dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.db.Close(); err != nil {
			t.Error(err)
		}
	})
	if d.texts, err = data.LoadTexts(); err != nil {
		t.Fatal(err)
	}
	rules, err := data.Rules()
	if err != nil {
		t.Fatal(err)
	}
	if d.packs, err = rule.LoadFS(rules); err != nil {
		t.Fatal(err)
	}
	return d
}

func sampleFile(t testing.TB, layer string) ingest.File {
	t.Helper()
	files, err := data.Samples()
	if err != nil {
		t.Fatal(err)
	}
	name := layer + ".geojson"
	if layer == ingest.LayerStats {
		name = "stats.csv"
	}
	return ingest.File{Name: name, Open: func() (io.ReadCloser, error) {
		f, err := files.Open(name)
		if err != nil {
			return nil, err
		}
		return f.(fs.File), nil
	}}
}

func (d *district) load(t testing.TB, snapshot, layer string) {
	t.Helper()
	d.loadFile(t, snapshot, layer, sampleFile(t, layer))
}

func (d *district) loadFile(t testing.TB, snapshot, layer string, file ingest.File) {
	t.Helper()
	ctx := t.Context()
	load, err := d.store.BeginLoad(ctx, postgis.LoadOptions{Snapshot: snapshot, Layer: layer, By: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer load.Abort() //nolint:errcheck // after Publish it has nothing to do
	zones, err := load.Zones(ctx)
	if err != nil {
		t.Fatal(err)
	}
	opt := ingest.Options{Files: []ingest.File{file}, MaxRejects: ingest.NoLimit, Lang: "zh", Texts: d.texts, Rejects: load.Reject}
	result, err := readLayer(ctx, layer, opt, zones, load)
	if err != nil {
		t.Fatal(err)
	}
	if err := load.Publish(ctx, postgis.Published{Inputs: result.Inputs, Counts: result.Counts}); err != nil {
		t.Fatal(err)
	}
}

func readLayer(ctx context.Context, layer string, opt ingest.Options, zones []ingest.ZoneRow, sink ingest.Sink) (*ingest.Result, error) {
	switch layer {
	case ingest.LayerZones:
		result, _, err := ingest.LoadZones(ctx, opt, sink)
		return result, err
	case ingest.LayerBuildings:
		return ingest.LoadBuildings(ctx, opt, sink)
	case ingest.LayerStats:
		return ingest.LoadStats(ctx, opt, sink)
	case ingest.LayerConstraints:
		return ingest.LoadConstraints(ctx, opt, sink)
	case ingest.LayerTerms:
		return ingest.LoadTable(ctx, layer, opt, sink)
	}
	locator, err := ingest.NewLocator(zones)
	if err != nil {
		return nil, err
	}
	return ingest.LoadParcels(ctx, opt, locator, sink)
}

func (d *district) analyze(t testing.TB, snapshot string) {
	t.Helper()
	d.analyzeAsOf(t, snapshot, "2024-12-31")
}

func (d *district) analyzeAsOf(t testing.TB, snapshot, day string) {
	t.Helper()
	ctx := t.Context()
	v, err := d.store.Current(ctx, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close() //nolint:errcheck // it only lets locks go
	inputs, err := v.Inputs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	asOf, err := land.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	h := land.Header{AsOf: asOf, AsOfReason: analysis.AsOfGiven, Snapshot: snapshot, Engine: land.Engine{Version: "test"}, Inputs: inputs}
	for _, p := range d.packs {
		h.Packs = append(h.Packs, p.Ref())
	}
	if h.AnalysisID, err = analysis.ID(inputs, asOf, h.Packs, nil); err != nil {
		t.Fatal(err)
	}
	sink, err := d.store.BeginAnalysis(ctx, v, postgis.AnalysisOptions{Header: h, By: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Abort() //nolint:errcheck // after Publish it has nothing to do
	tables, err := data.Classes()
	if err != nil {
		t.Fatal(err)
	}
	classes, err := supply.LoadClasses(tables)
	if err != nil {
		t.Fatal(err)
	}
	if err := analysis.Run(ctx, analysis.Options{AsOf: asOf, Packs: d.packs, Classes: classes}, v, sink); err != nil {
		t.Fatal(err)
	}
	if err := sink.Publish(ctx); err != nil {
		t.Fatal(err)
	}
}

// serve starts the server on a port of its own, as cmd does, and gives its
// address.
func (d *district) serve(t testing.TB) string {
	t.Helper()
	s := d.server(t)
	ln, err := server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return "http://" + ln.Addr().String()
}

func (d *district) server(t testing.TB) *server.Server {
	t.Helper()
	return d.with(t, d.options())
}

func (d *district) options() server.Options {
	store := stored.Store{Store: d.store}
	return server.Options{Store: store, Tokens: store, Features: stored.Features{Store: d.store}, Texts: d.texts, Packs: d.packs, Version: "test",
		Log: slog.New(slog.NewTextHandler(logTo(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Now: func() time.Time { return time.Date(2025, 1, 6, 9, 0, 0, 0, time.UTC) }}
}

func (d *district) with(t testing.TB, opt server.Options) *server.Server {
	t.Helper()
	s, err := server.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// localRequest is a request of somebody at this machine.
func localRequest(method, target string, body io.Reader) *http.Request {
	r := httptest.NewRequest(method, target, body)
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "127.0.0.1:8080"
	return r
}

// get asks the handler itself.
func get(t testing.TB, s *server.Server, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := localRequest("GET", target, nil).WithContext(t.Context())
	r.Host = "127.0.0.1:8080"
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := do(t, s, r)
	return w
}

// devLog is where the server under test logs.
var devLog io.Writer = io.Discard

func logTo() io.Writer { return devLog }
