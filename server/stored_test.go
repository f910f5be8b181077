package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/supply"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
	"github.com/muscope/muscope/server"
)

// stored is the PostGIS store as the server declares it, as cmd wires it.
type stored struct{ *postgis.Store }

func missing(err error) error {
	switch {
	case errors.Is(err, postgis.ErrNoSnapshot), errors.Is(err, postgis.ErrNotFound):
		return fmt.Errorf("%w: %w", server.ErrNotFound, err)
	case errors.Is(err, postgis.ErrNotAnalyzed):
		return fmt.Errorf("%w: %w", server.ErrNotAnalyzed, err)
	case errors.Is(err, postgis.ErrCursor):
		return fmt.Errorf("%w: %w", server.ErrCursor, err)
	}
	return err
}

func (s stored) Snapshots(ctx context.Context) ([]server.Snapshot, error) {
	list, err := s.Store.Snapshots(ctx)
	var out []server.Snapshot
	for _, sn := range list {
		out = append(out, server.Snapshot{Name: sn.Name, Created: sn.Created, Layers: sn.Layers, AnalysisID: sn.AnalysisID, AsOf: sn.AsOf, Stale: sn.Stale, Zones: sn.Zones, Parcels: sn.Parcels})
	}
	return out, missing(err)
}

func (s stored) Loads(ctx context.Context, snapshot string) ([]server.Load, error) {
	list, err := s.Store.Loads(ctx, snapshot)
	var out []server.Load
	for _, l := range list {
		out = append(out, server.Load{ID: l.ID, Layer: l.Layer, State: l.State, Appended: l.Appended, LoadedBy: l.LoadedBy, Started: l.Started, Published: l.Published, Inputs: l.Inputs})
	}
	return out, missing(err)
}

func (s stored) Rejects(ctx context.Context, snapshot string, yield func(*land.Reject) error) error {
	return missing(s.Store.Rejects(ctx, snapshot, yield))
}

func (s stored) Analysis(ctx context.Context, snapshot string) (server.Analysis, error) {
	v, err := s.Analyzed(ctx, snapshot, nil)
	if err != nil {
		return nil, missing(err)
	}
	return view{v}, nil
}

type view struct{ *postgis.View }

func (v view) Close() { _ = v.View.Close() }
func (v view) ZoneResult(ctx context.Context, zone land.ZoneKey) (*land.ZoneResult, error) {
	z, err := v.View.ZoneResult(ctx, zone)
	return z, missing(err)
}
func (v view) Places(ctx context.Context) ([]server.Place, error) {
	list, err := v.View.Places(ctx)
	var out []server.Place
	for _, p := range list {
		out = append(out, server.Place(p))
	}
	return out, missing(err)
}
func (v view) Parcel(ctx context.Context, id string) ([]report.Row, error) {
	rows, err := v.View.Parcel(ctx, id)
	return rows, missing(err)
}
func query(q server.Query) postgis.FindingQuery {
	return postgis.FindingQuery{Zone: q.Zone, Statuses: q.Statuses, Classes: q.Classes, Rule: q.Rule, Outcome: q.Outcome, Search: q.Search, All: q.All,
		Sort: string(q.Sort), Desc: q.Desc, After: q.After, Limit: q.Limit}
}
func (v view) Findings(ctx context.Context, q server.Query) (server.FindingPage, error) {
	page, err := v.View.Findings(ctx, query(q))
	out := server.FindingPage{Total: page.Total, Next: page.Next}
	for _, f := range page.Findings {
		out.Findings = append(out.Findings, server.Finding(f))
	}
	return out, missing(err)
}
func (v view) FindingRows(ctx context.Context, q server.Query, yield func(*report.Row) error) error {
	return missing(v.View.FindingRows(ctx, query(q), yield))
}
func (v view) TileSet(ctx context.Context, layer string) (server.TileSet, error) {
	set, err := v.View.TileSet(ctx, layer)
	return server.TileSet(set), missing(err)
}
func (v view) Tile(ctx context.Context, layer string, z, x, y uint32) ([]byte, error) {
	b, err := v.View.Tile(ctx, layer, z, x, y)
	return b, missing(err)
}

// district is the sample district, loaded and analyzed in a database of the
// test's own, and a server on it.
type district struct {
	store *postgis.Store
	packs []*rule.Pack
	texts data.Texts
}

const (
	snapshot = "2024"
	loadOnly = "loaded-only"
)

func newDistrict(t testing.TB) *district {
	t.Helper()
	store, err := postgis.OpenMigrated(t.Context(), postgistest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &district{store: store}
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
	for _, layer := range []string{ingest.LayerZones, ingest.LayerParcels, ingest.LayerBuildings, ingest.LayerStats} {
		d.load(t, snapshot, layer)
	}
	d.load(t, loadOnly, ingest.LayerZones)
	d.analyze(t, snapshot)
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
	opt := ingest.Options{Files: []ingest.File{sampleFile(t, layer)}, MaxRejects: ingest.NoLimit, Lang: "zh", Texts: d.texts, Rejects: load.Reject}
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
	}
	locator, err := ingest.NewLocator(zones)
	if err != nil {
		return nil, err
	}
	return ingest.LoadParcels(ctx, opt, locator, sink)
}

func (d *district) analyze(t testing.TB, snapshot string) {
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
	asOf, err := land.ParseDate("2024-12-31")
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
	s, err := server.New(server.Options{Store: stored{d.store}, Texts: d.texts, Packs: d.packs, Version: "test",
		Log: slog.New(slog.NewTextHandler(logTo(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Now: func() time.Time { return time.Date(2025, 1, 6, 9, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// get asks the handler itself.
func get(t testing.TB, s *server.Server, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", target, nil)
	r.Host = "127.0.0.1:8080"
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// devLog is where the server under test logs.
var devLog io.Writer = io.Discard

func logTo() io.Writer { return devLog }
