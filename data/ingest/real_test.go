package ingest

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"

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
	shapes      map[int64]orb.MultiPolygon
	in          map[int64][]Located
	buildingsM2 land.Fixed
	buildings   int
	zones       []ZoneRow
	stats       []land.Stats
	dropped     []int64
}

func newMemory() *memory {
	return &memory{parcels: map[int64]land.Parcel{}, shapes: map[int64]orb.MultiPolygon{}, in: map[int64][]Located{}}
}

type memoryParcels struct{ *memory }

func (m memoryParcels) Write(r *ParcelRow) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := *r.Parcel
	p.Extra = append([]byte(nil), p.Extra...)
	m.parcels[p.Source.Position] = p
	m.shapes[p.Source.Position] = r.Geometry.Clone()
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
		delete(m.shapes, p)
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
// files (../shared/data/README.md): counts, areas, and how many boundaries GEOS
// calls invalid (ST_IsValid of ogrinfo's SQLite dialect).
func TestRealFiles(t *testing.T) {
	for _, c := range []struct {
		file, m          string
		features, loaded int64
		m2               float64 // of all that loaded, 0 where the source gives none
		codes            map[string]int64
	}{
		{"amaseoni/plots.geojson", "amaseoni", 30, 28, 0, map[string]int64{"geometry.ring_self_intersection": 1, "id.missing": 1}},
		{"athi/parcels.geojson", "athi-parcels", 456, 456, 164622, map[string]int64{noteHeight: 456}},
		{"bubenec/plots_4326.geojson", "bubenec-plots", 407, 407, 278935, nil},
		{"cambridge/parcels_fy2014.geojson", "cambridge-parcels", 13116, 13078, 0, map[string]int64{"field.negative": 1,
			"geojson.empty_coordinates": 1, "geometry.ring_self_intersection": 36, "geometry.ring_zero_area": 1, "parcel.area_differs": 2906, "parcel.far_implausible": 3}},
		{"cambridge/CDD_SpecialPermitAreas.geojson", "cambridge-permits", 355, 355, 0, nil},
		{"tw-parks/zoning_F0116.geojson", "tw-zoning", 424, 420, 0, map[string]int64{"geometry.ring_self_intersection": 4}},
		{"tw-parks/zoning_H0213.geojson", "tw-zoning", 416, 414, 0, map[string]int64{"geometry.ring_self_intersection": 2}},
		{"tw-parks/zoning_M0103.geojson", "tw-zoning", 323, 320, 0, map[string]int64{"geometry.ring_self_intersection": 3}},
	} {
		t.Run(c.file, func(t *testing.T) {
			opt := options(t, c.m, shared(t, c.file))
			opt.Rejects = func(r *land.Reject) {
				if r.Reason == "" || r.Remedy == "" || strings.HasPrefix(r.Reason, "ingest.") || strings.Contains(r.Reason, "%!") {
					t.Errorf("%s without words: %+v", r.Code, r)
				}
			}
			sink := newMemory()
			res, err := LoadParcels(context.Background(), opt, nil, sink)
			if err != nil {
				t.Fatal(err)
			}
			if res.Features() != c.features || res.Loaded() != c.loaded || res.Features() != res.Loaded()+res.Rejected() || int64(len(sink.parcels)) != c.loaded {
				t.Errorf("features %d, loaded %d, rejected %d, rows %d; want %d, %d", res.Features(), res.Loaded(), res.Rejected(), len(sink.parcels), c.features, c.loaded)
			}
			if !maps.Equal(res.Counts, c.codes) {
				t.Errorf("counts %v, want %v", res.Counts, c.codes)
			}
			if got := sink.drawnM2(); c.m2 > 0 && math.Abs(got-c.m2) > 1 {
				t.Errorf("area %.1f m², want %.1f", got, c.m2)
			}
		})
	}
}

// TestAmaseoni loads all 30 plots, mending the bow-tie and numbering the one
// without id; its areas by status are those of the README.
func TestAmaseoni(t *testing.T) {
	opt := options(t, "", shared(t, "amaseoni/plots.geojson"))
	m, err := ParseMap("status", []byte("layer: parcels\nid_from: position\nfields: {id: Plot_Id, project_no: Status}"))
	if err != nil {
		t.Fatal(err)
	}
	opt.Map, opt.Repair = m, true
	sink := newMemory()
	res, err := LoadParcels(context.Background(), opt, nil, sink)
	if err != nil || res.Loaded() != 30 || res.Inputs[0].Repaired != 1 {
		t.Fatal(err, res.Inputs)
	}
	count, m2 := map[string]int{}, map[string]float64{}
	for _, p := range sink.parcels {
		count[p.ProjectNo]++
		m2[p.ProjectNo] += p.EllipsoidM2.Float()
	}
	for _, c := range []struct {
		status string
		n      int
		m2     float64
	}{{"Allocated", 20, 74184}, // the README's 73 670 subtracts one lobe of the bow-tie from the other
		{"Closed", 7, 8304}, {"Allocated/Partially Constructed area", 2, 8121}, {"", 1, 3139}} {
		if count[c.status] != c.n || math.Abs(m2[c.status]-c.m2) > 1 {
			t.Errorf("%q: %d plots, %.1f m²; want %d, %.0f", c.status, count[c.status], m2[c.status], c.n, c.m2)
		}
	}
}

func TestPermitAreas(t *testing.T) {
	m, err := ParseMap("status", []byte("layer: parcels\nfields: {id: GlobalID, project_no: CaseStatus}"))
	if err != nil {
		t.Fatal(err)
	}
	opt := options(t, "", shared(t, "cambridge/CDD_SpecialPermitAreas.geojson"))
	opt.Map = m
	sink := newMemory()
	if _, err := LoadParcels(context.Background(), opt, nil, sink); err != nil {
		t.Fatal(err)
	}
	ha := map[string]float64{}
	for _, p := range sink.parcels {
		ha[p.ProjectNo] += p.EllipsoidM2.Float() / 10000
	}
	for status, want := range map[string]float64{"Permitted": 11.84, "Under construction": 39.63, "Built": 173.08, "Expired": 3.19} {
		if math.Abs(ha[status]-want) > 0.005 {
			t.Errorf("%s: %.3f ha, want %.2f", status, ha[status], want)
		}
	}
}

func TestRealBuildings(t *testing.T) {
	for _, c := range []struct {
		file, m string
		loaded  int
	}{
		{"athi/building.geojson", "athi-buildings", 1282}, {"athi/build_cons.geojson", "athi-buildings", 37}, {"bubenec/buildings_4326.geojson", "bubenec-buildings", 144},
	} {
		sink := newMemory()
		res, err := LoadBuildings(context.Background(), options(t, c.m, shared(t, c.file)), sink)
		if err != nil || res.Loaded() != int64(c.loaded) || sink.buildings != c.loaded || sink.buildingsM2 <= 0 {
			t.Errorf("%s: %v %+v, %d rows", c.file, err, res.Inputs, sink.buildings)
		}
	}
}

// TestRealZones: of the 203 parks 5 are invalid by GEOS; Cambridge's 261
// polygons are 57 districts, which hold the parcels the README counts.
func TestRealZones(t *testing.T) {
	res, parks, err := LoadZones(context.Background(), options(t, "tw-parks", shared(t, "tw-parks/industrial_parks.geojson")), newMemory())
	if err != nil || res.Features() != 203 || res.Loaded() != 198 || len(parks) != 198 {
		t.Fatal(err, res.Inputs, res.Counts)
	}
	for _, z := range parks {
		if z.Zone.Name == "土城產業園區" && z.Zone.ApprovedAreaHa.String() != "107" {
			t.Errorf("%+v", z.Zone)
		}
	}
	res, zones, err := LoadZones(context.Background(), options(t, "cambridge-zoning", shared(t, "cambridge/CDD_ZoningDistricts.geojson")), newMemory())
	if err != nil || res.Loaded() != 261 || len(zones) != 57 {
		t.Fatal(err, res.Inputs, res.Counts)
	}
	locator, err := NewLocator(zones)
	if err != nil {
		t.Fatal(err)
	}
	sink := newMemory()
	if _, err := LoadParcels(context.Background(), options(t, "cambridge-parcels", shared(t, "cambridge/parcels_fy2014.geojson")), locator, sink); err != nil {
		t.Fatal(err)
	}
	checkDistricts(t, sink)
}

// checkDistricts counts parcels at home in a district: the README counts those
// whose representative point lies there, which differs for one parcel of IA-1.
func checkDistricts(t *testing.T, sink *memory) {
	count, floor, site := map[string]int{}, map[string]float64{}, map[string]float64{}
	for position, in := range sink.in {
		p := sink.parcels[position]
		homes, set := 0, 0.0
		for _, at := range in {
			set += at.SetShare
			if at.Home {
				homes++
				count[at.Zone.Code]++
				floor[at.Zone.Code] += p.FloorAreaM2.Value.Float()
				site[at.Zone.Code] += p.RecordedM2.Value.Float()
			}
		}
		if homes != 1 || set > 1+1e-6 {
			t.Errorf("parcel %s: %d homes, set shares %v: %+v", p.ID, homes, set, in)
		}
	}
	for _, c := range []struct {
		zone     string
		n        int
		far, off float64
	}{{"MXD", 17, 1.23, 0.006}, {"IB", 27, 1.04, 0.006}, {"IA-1", 61, 0.89, 0.006}} {
		far := floor[c.zone] / site[c.zone]
		if n := count[c.zone]; n != c.n || math.Abs(far-c.far) > c.off {
			t.Errorf("%s: %d parcels, FAR %.3f; want %d, %.2f", c.zone, n, far, c.n, c.far)
		}
	}
}

// TestZoningOfParks overlays the three plan districts with their parks: the
// declared and covered hectares of tw-parks/expected_coverage.csv.
func TestZoningOfParks(t *testing.T) {
	_, zones, err := LoadZones(context.Background(), options(t, "tw-parks", shared(t, "tw-parks/industrial_parks.geojson")), newMemory())
	if err != nil {
		t.Fatal(err)
	}
	locator, err := NewLocator(zones)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file, park      string
		ha, covered     float64
		industrial, tol float64
	}{
		// The CSV's industrial hectares count every zone whose name holds 業, the
		// waterworks (自來水事業) and substations (電力事業) among them: 8.20 ha and
		// 0.36 ha more than the factories'.
		{"F0116", "土城產業園區", 107.40, 107.35, 83.254 - 0.36, 0.05},
		{"H0213", "平鎮產業園區", 107.19, 107.19, 93.874 - 8.20, 0.05},
		{"M0103", "南崗產業園區", 440.46, 223.89, 155.46, 0.05},
	} {
		opt := options(t, "tw-zoning", shared(t, "tw-parks/zoning_"+c.file+".geojson"))
		opt.Repair = true
		sink := newMemory()
		if _, err := LoadParcels(context.Background(), opt, locator, sink); err != nil {
			t.Fatal(err)
		}
		for _, z := range zones {
			if got := z.Zone.AreaM2.Float() / 10000; z.Zone.Code == c.park && math.Abs(got-c.ha) > 0.11 {
				t.Errorf("%s: %.2f ha drawn, want %.2f", c.park, got, c.ha)
			}
		}
		covered, industrial := 0.0, 0.0
		for position, in := range sink.in {
			for _, at := range in {
				if at.Zone.Code == c.park {
					covered += at.EllipsoidM2.Float() / 10000
					if sink.parcels[position].UseCode == "1001" {
						industrial += at.EllipsoidM2.Float() / 10000
					}
				}
			}
		}
		if math.Abs(covered-c.covered) > c.tol || math.Abs(industrial-c.industrial) > c.tol {
			t.Errorf("%s: %.2f ha covered, %.2f industrial; want %.2f, %.2f", c.park, covered, industrial, c.covered, c.industrial)
		}
	}
}
