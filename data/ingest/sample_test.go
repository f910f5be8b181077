package ingest

import (
	"context"
	"io"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
)

// sample is a file of the embedded sample district.
func sample(t *testing.T, name string) []File {
	t.Helper()
	files, err := data.Samples()
	if err != nil {
		t.Fatal(err)
	}
	return []File{{Name: name, Open: func() (io.ReadCloser, error) { return files.Open(name) }}}
}

// TestSample: the sample district loads whole, with the one warning it has on
// purpose: parcel 14 lies across the border and declares the other zone.
func TestSample(t *testing.T) {
	ctx, sink := context.Background(), newMemory()
	opt := func(name string) Options {
		return Options{Files: sample(t, name), Rejects: func(r *land.Reject) {
			if r.Feature != 14 || r.Code != "parcel.zone_differs" {
				t.Errorf("%+v", *r)
			}
		}}
	}
	zones, rows, err := LoadZones(ctx, opt("zones.geojson"), sink)
	if err != nil || len(sink.zones) != len(rows) || zones.Loaded() == 0 {
		t.Fatal(err, zones)
	}
	locator, err := NewLocator(rows)
	if err != nil {
		t.Fatal(err)
	}
	parcels, err := LoadParcels(ctx, opt("parcels.geojson"), locator, sink)
	if err != nil || int(parcels.Loaded()) != len(sink.parcels) {
		t.Fatal(err, parcels)
	}
	if b, err := LoadBuildings(ctx, opt("buildings.geojson"), sink); err != nil || int(b.Loaded()) != sink.buildings {
		t.Fatal(err, b)
	}
	if s, err := LoadStats(ctx, opt("stats.csv"), sink); err != nil || int(s.Loaded()) != len(sink.stats) {
		t.Fatal(err, s)
	}
}
