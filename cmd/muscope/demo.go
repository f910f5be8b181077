package main

import (
	"context"
	"io"
	"io/fs"

	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
)

// demoSnapshot is the snapshot the sample district is loaded into.
const demoSnapshot = "demo"

// demo loads the sample district into the private cluster, analyzes it and
// serves the map.
func (a *App) demo(ctx context.Context, args []string) error {
	f := a.flags("demo")
	s := f.serving()
	if err := f.parse(args, 0); err != nil {
		return err
	}
	return a.serveWith(ctx, s, a.loadSample)
}

// loadSample loads and analyzes the sample district that muscope carries.
func (a *App) loadSample(ctx context.Context, db *database) error {
	samples, err := data.Samples()
	if err != nil {
		return err
	}
	for _, f := range sampleFiles() {
		opt := ingest.Options{MaxRejects: ingest.NoLimit, Lang: a.lang, Texts: a.texts,
			Files: []ingest.File{{Name: f.name, Open: func() (io.ReadCloser, error) { return openSample(samples, f.name) }}}}
		run := &loadRun{app: a, db: db, layer: f.layer, opt: opt, snapshot: demoSnapshot,
			flags: &loadFlags{append: f.append, topology: &topologyFlags{app: a}}}
		if err := run.run(ctx); err != nil {
			return err
		}
	}
	l, err := a.loadLaw(nil)
	if err != nil {
		return err
	}
	run := &analyzeRun{app: a, db: db, law: l, judge: &judgeFlags{app: a}, snapshot: demoSnapshot}
	return run.run(ctx)
}

// sampleFile is a file of the sample.
type sampleFile struct {
	layer, name string
	append      bool // to the layer of the district
}

// sampleFiles are the files of the sample district, then those of the tables.
func sampleFiles() []sampleFile {
	files := []sampleFile{
		{layer: ingest.LayerZones, name: "zones.geojson"}, {layer: ingest.LayerStats, name: "stats.csv"},
		{layer: ingest.LayerParcels, name: "parcels.geojson"}, {layer: ingest.LayerBuildings, name: "buildings.geojson"},
		{ingest.LayerZones, "tables/zones.geojson", true}, {ingest.LayerStats, "tables/stats.csv", true},
		{ingest.LayerParcels, "tables/parcels.geojson", true}, {layer: ingest.LayerApprovals, name: "tables/approvals.geojson"},
	}
	for _, layer := range ingest.Tables() {
		files = append(files, sampleFile{layer: layer, name: "tables/" + layer + ".csv"})
	}
	return files
}

func openSample(samples fs.FS, name string) (io.ReadCloser, error) { return samples.Open(name) }
