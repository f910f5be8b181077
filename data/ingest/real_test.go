package ingest

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// shared gives the path of a real file, or skips where the folder is absent.
func shared(t testing.TB, name string) string {
	t.Helper()
	const root = "../../../shared/data"
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		t.Skip("no ../shared/data")
	}
	return filepath.Join(root, name)
}

// memory is a Sink that keeps what tests ask about.
type memory struct {
	Discard
	mu          sync.Mutex
	parcels     map[int64]land.Parcel
	in          map[int64][]Located
	buildingsM2 land.Fixed
	buildings   int
	zones       []ZoneRow
	stats       []land.Stats
	dropped     []int64
}

func newMemory() *memory {
	return &memory{parcels: map[int64]land.Parcel{}, in: map[int64][]Located{}}
}

type memoryParcels struct{ *memory }

func (m memoryParcels) Write(r *ParcelRow) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := *r.Parcel
	p.Extra = append([]byte(nil), p.Extra...)
	m.parcels[p.Source.Position] = p
	m.in[p.Source.Position] = append([]Located(nil), r.In...)
	return nil
}
func (memoryParcels) Close() error { return nil }

type memoryBuildings struct{ *memory }

func (m memoryBuildings) Write(r *BuildingRow) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.buildings++
	m.buildingsM2 += r.AreaM2
	return nil
}
func (memoryBuildings) Close() error { return nil }

func (m *memory) ParcelWriter() (ParcelWriter, error)     { return memoryParcels{m}, nil }
func (m *memory) BuildingWriter() (BuildingWriter, error) { return memoryBuildings{m}, nil }
func (m *memory) WriteZones(_ context.Context, rows []ZoneRow) error {
	m.zones = rows
	return nil
}
func (m *memory) WriteStats(_ context.Context, rows []land.Stats) error {
	m.stats = rows
	return nil
}
func (m *memory) Drop(_ context.Context, _ string, positions []int64) error {
	for _, p := range positions {
		delete(m.parcels, p)
		delete(m.in, p)
	}
	m.dropped = append(m.dropped, positions...)
	return nil
}

func (m *memory) drawnM2() float64 {
	var sum land.Fixed
	for _, p := range m.parcels {
		sum += p.EllipsoidM2
	}
	return sum.Float()
}

func builtin(t testing.TB, name string) *Map {
	t.Helper()
	m, err := LoadMap(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// options are those of a load that never gives up.
func options(t testing.TB, mapName string, files ...string) Options {
	opt := Options{Files: Paths(files...), MaxRejects: NoLimit}
	if mapName != "" {
		opt.Map = builtin(t, mapName)
	}
	return opt
}

// TestRealFiles reproduces the figures that GEOS, PROJ and GDAL gave for real
// files (../shared/data/README.md).
func TestRealFiles(t *testing.T) {
	for _, c := range []struct {
		file, m          string
		features, loaded int64
		m2, tolerance    float64
		codes            string // of what was rejected
	}{
		{"amaseoni/plots.geojson", "amaseoni", 30, 28, 0, 0, "geometry.ring_self_intersection id.missing"},
		{"athi/parcels.geojson", "athi-parcels", 456, 456, 164622, 1, ""},
		{"bubenec/plots_4326.geojson", "bubenec-plots", 407, 407, 278935, 1, ""},
		{"cambridge/parcels_fy2014.geojson", "cambridge-parcels", 13116, 13116, 0, 0, ""},
		{"cambridge/CDD_SpecialPermitAreas.geojson", "cambridge-permits", 355, 355, 0, 0, ""},
		{"tw-parks/zoning_F0116.geojson", "tw-zoning", 424, 424, 0, 0, ""},
		{"tw-parks/zoning_H0213.geojson", "tw-zoning", 416, 416, 0, 0, ""},
		{"tw-parks/zoning_M0103.geojson", "tw-zoning", 323, 323, 0, 0, ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			opt := options(t, c.m, shared(t, c.file))
			codes := map[string]bool{}
			warned := map[string]int{}
			opt.Rejects = func(r *land.Reject) {
				if r.Reason == "" || r.Remedy == "" || strings.HasPrefix(r.Reason, "ingest.") {
					t.Errorf("%s without text: %+v", r.Code, r)
				}
				if r.Severity == land.SeverityReject {
					codes[r.Code] = true
					t.Logf("%d %q %s: %s — %s", r.Feature, r.ID, r.Code, r.Reason, r.Remedy)
				} else {
					if warned[r.Code]++; warned[r.Code] < 3 {
						t.Logf("warning %d %q %s %s: %s — %s", r.Feature, r.ID, r.Field, r.Code, r.Reason, r.Remedy)
					}
				}
			}
			sink := newMemory()
			res, err := LoadParcels(context.Background(), opt, nil, sink)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(res.Counts, res.Inputs[0])
			if res.Features() != c.features || res.Loaded() != c.loaded || res.Features() != res.Loaded()+res.Rejected() {
				t.Errorf("features %d, loaded %d, rejected %d; want %d, %d", res.Features(), res.Loaded(), res.Rejected(), c.features, c.loaded)
			}
			for _, code := range strings.Fields(c.codes) {
				if !codes[code] {
					t.Errorf("no reject %s", code)
				}
			}
			if int64(len(sink.parcels)) != res.Loaded() {
				t.Errorf("%d rows for %d loaded", len(sink.parcels), res.Loaded())
			}
			if got := sink.drawnM2(); c.m2 > 0 && math.Abs(got-c.m2) > c.tolerance {
				t.Errorf("area %.1f m², want %.1f", got, c.m2)
			}
		})
	}
}
