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
	for _, layer := range [][2]string{{ingest.LayerZones, "zones.geojson"}, {ingest.LayerStats, "stats.csv"},
		{ingest.LayerParcels, "parcels.geojson"}, {ingest.LayerBuildings, "buildings.geojson"}} {
		opt := ingest.Options{MaxRejects: ingest.NoLimit, Lang: a.lang, Texts: a.texts,
			Files: []ingest.File{{Name: layer[1], Open: func() (io.ReadCloser, error) { return openSample(samples, layer[1]) }}}}
		run := &loadRun{app: a, db: db, layer: layer[0], opt: opt}
		if err := run.run(ctx, &loadFlags{}, demoSnapshot); err != nil {
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

func openSample(samples fs.FS, name string) (io.ReadCloser, error) { return samples.Open(name) }
