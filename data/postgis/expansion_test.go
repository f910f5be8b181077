package postgis_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
	"github.com/muscope/muscope/data/spool"
	"github.com/muscope/muscope/geo/geojson"
)

// surroundings are random zones, parcels and constraints around one place.
type surroundings struct {
	rnd                         *rand.Rand
	zones, parcels, constraints []byte
}

// star is a random shape around a place, radius in degrees.
func (s *surroundings) star(x, y, r float64) orb.Polygon {
	n := 5 + s.rnd.IntN(60)
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		d := r * (0.5 + s.rnd.Float64()/2)
		ring = append(ring, orb.Point{x + d*cos, y + d*sin})
	}
	return orb.Polygon{append(ring, ring[0])}
}

func (s *surroundings) near() (x, y float64) {
	return 108.4 + 0.03*s.rnd.Float64(), 22.8 + 0.03*s.rnd.Float64()
}

func featureText(b []byte, props string, g orb.Geometry) []byte {
	if len(b) > 0 {
		b = append(b, ',')
	}
	b = append(b, `{"type":"Feature","properties":{`+props+`},"geometry":`...)
	return append(geojson.AppendGeometry(b, g), '}')
}

func newSurroundings(seed uint64) *surroundings {
	s := &surroundings{rnd: rand.New(rand.NewPCG(seed, 5))}
	s.zones = featureText(nil, `"code":"Z","name":"Z","level":"provincial"`, s.star(108.415, 22.815, 0.006))
	for i := range 3 {
		x, y := s.near()
		s.zones = featureText(s.zones, fmt.Sprintf(`"code":"Y%d","name":"Y"`, i), s.star(x, y, 0.005))
	}
	for i, kind := range []string{expansion.Farmland, expansion.Redline, expansion.UrbanBoundary, expansion.Evidence} {
		for j := range 6 {
			x, y := s.near()
			s.constraints = featureText(s.constraints, fmt.Sprintf(`"id":"%d-%d","kind":"%s"`, i, j, kind), s.star(x, y, 0.006))
		}
	}
	for i := range 150 {
		x, y := s.near()
		s.parcels = featureText(s.parcels, fmt.Sprintf(`"id":"p%d","use_code":"1001","approved_on":"2015-01-01","supplied_on":"2024-03-01","completed_on":"2025-01-01","planned_use_code":"%s"`,
			i, []string{"1001", "0701", "0101"}[i%3]), s.star(x, y, 0.001))
	}
	return s
}

func collected(features []byte) ingest.Options {
	text := append(append([]byte(`{"type":"FeatureCollection","features":[`), features...), "]}"...)
	return ingest.Options{MaxRejects: ingest.NoLimit, Files: []ingest.File{{Name: "f", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}}}
}

// into loads the surroundings into a sink, layer by layer.
func (s *surroundings) into(t *testing.T, sink func(layer string) (ingest.Sink, func(*ingest.Result))) {
	t.Helper()
	ctx := t.Context()
	keep := func(done func(*ingest.Result), r *ingest.Result, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		done(r)
	}
	out, done := sink(ingest.LayerZones)
	r, rows, err := ingest.LoadZones(ctx, collected(s.zones), out)
	keep(done, r, err)
	locator, err := ingest.NewLocator(rows)
	if err != nil {
		t.Fatal(err)
	}
	out, done = sink(ingest.LayerParcels)
	r, err = ingest.LoadParcels(ctx, collected(s.parcels), locator, out)
	keep(done, r, err)
	out, done = sink(ingest.LayerConstraints)
	r, err = ingest.LoadConstraints(ctx, collected(s.constraints), out)
	keep(done, r, err)
}

func (s *surroundings) spool(t *testing.T) *spool.Spool {
	t.Helper()
	out, err := spool.Open(spool.Options{Shapes: true, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	})
	s.into(t, func(string) (ingest.Sink, func(*ingest.Result)) { return out, func(*ingest.Result) {} })
	if err := out.Loaded(); err != nil {
		t.Fatal(err)
	}
	return out
}

func (s *surroundings) store(t *testing.T, store *postgis.Store, snapshot string) *postgis.View {
	t.Helper()
	ctx := t.Context()
	s.into(t, func(layer string) (ingest.Sink, func(*ingest.Result)) {
		load, err := store.BeginLoad(ctx, postgis.LoadOptions{Snapshot: snapshot, Layer: layer})
		if err != nil {
			t.Fatal(err)
		}
		return load, func(r *ingest.Result) {
			if err := load.Publish(ctx, postgis.Published{Inputs: r.Inputs}); err != nil {
				t.Fatal(err)
			}
		}
	})
	v, err := store.Current(ctx, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

func checkExpansion(t *testing.T, src expansion.Source, a *expansion.Application, texts data.Texts) *expansion.Document {
	t.Helper()
	asOf, err := land.ParseDate("2026-06-30")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := expansion.Check(context.Background(), src, a, expansion.Options{AsOf: asOf, Texts: texts})
	if err != nil {
		t.Fatal(err)
	}
	doc.Inputs = nil // files and loads name them differently
	return doc
}

// Every overlap of a random application agrees with ST_Area on the ellipsoid to
// 1e-6 of the area and 0.01 m², and the files give what the database gives.
// Edges are cut into stretches of ten metres for PostGIS, whose geographies have
// geodesics where RFC 7946 has lines straight in longitude and latitude: over
// 500 m that makes 2e-6.
func TestExpansionAgainstPostGIS(t *testing.T) {
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
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // a test
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(12) {
		s := newSurroundings(seed)
		a := &expansion.Application{Zone: land.ParseZoneKey("Z"), Kind: expansion.Adjustment}
		for range 3 {
			x, y := s.near()
			a.Added = append(a.Added, expansion.Piece{Geometry: orb.MultiPolygon{s.star(x, y, 0.005)}})
		}
		a.Removed = []expansion.Piece{{Geometry: orb.MultiPolygon{s.star(108.415, 22.815, 0.002)}}}
		snapshot := fmt.Sprintf("s%d", seed)
		doc := checkExpansion(t, s.store(t, store, snapshot), a, texts)
		files := checkExpansion(t, s.spool(t), a, texts)
		x, y := mustJSON(t, doc), mustJSON(t, files)
		if !bytes.Equal(x, y) {
			t.Errorf("seed %d: files and database differ:\n%.2000s\n%.2000s", seed, x, y)
		}
		measureExpansion(t, db, snapshot, a, doc)
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func measureExpansion(t *testing.T, db *sql.DB, snapshot string, a *expansion.Application, doc *expansion.Document) {
	t.Helper()
	of := func(table, layer, where string) string {
		return "(select st_union(geom) from muscope." + table + " where load_id = any((select load_ids from muscope.snapshot_layer where snapshot = '" + snapshot +
			"' and layer = '" + layer + "')::integer[]) and " + where + ")"
	}
	pieces := func(list []expansion.Piece) string {
		q := ""
		for i := range list {
			if i > 0 {
				q += ","
			}
			q += "st_geomfromtext('" + wkt.MarshalString(list[i].Geometry) + "', 4490)"
		}
		return "(select st_union(g) from unnest(array[" + q + "]) g)"
	}
	zone := of("zone", "zones", "code = 'Z'")
	added := "st_difference(" + pieces(a.Added) + "," + zone + ")"
	kind := func(k string) string { return of("constraint_area", "constraints", "kind = '"+k+"'") }
	area := func(query string) (m2 float64) {
		t.Helper()
		if err := db.QueryRow("select coalesce(st_area(st_segmentize((" + query + "), 0.0001)::geography), 0)").Scan(&m2); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return m2
	}
	same := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-6*want+0.01 {
			t.Errorf("%s %s: %f m², PostGIS measures %f", snapshot, what, got, want)
		}
	}
	same("added", doc.Areas.Added.M2.Float(), area(added))
	same("removed", doc.Areas.Removed.M2.Float(), area("st_intersection("+pieces(a.Removed)+","+zone+")"))
	for id, query := range map[string]string{
		"farmland": "st_intersection(" + added + "," + kind(expansion.Farmland) + ")", "redline": "st_intersection(" + added + "," + kind(expansion.Redline) + ")",
		"urban_boundary": "st_difference(" + added + "," + kind(expansion.UrbanBoundary) + ")",
		"other_zones":    "st_intersection(" + added + "," + of("zone", "zones", "code <> 'Z'") + ")",
	} {
		i := slices.IndexFunc(doc.Conditions, func(c expansion.Condition) bool { return c.ID == id })
		if c := doc.Conditions[i]; c.Area != nil {
			same(id, c.Area.M2.Float(), area(query))
		} else {
			t.Errorf("%s %s isn't measured: %+v", snapshot, id, c.Reason)
		}
	}
	after := "st_union(st_difference(" + zone + "," + pieces(a.Removed) + ")," + added + ")"
	for i, query := range []string{zone, added, after} {
		row := doc.Audit.Rows[i]
		for _, c := range []struct {
			column int
			kind   string
		}{{2, expansion.UrbanBoundary}, {4, expansion.Farmland}, {5, expansion.Redline}, {18, expansion.Evidence}} {
			same(row.Of+" "+doc.Audit.Columns[c.column].ID, row.Cells[c.column].Area.M2.Float(), area("st_intersection("+query+","+kind(c.kind)+")"))
		}
	}
	if doc.Trimmed != nil {
		trimmed := "st_setsrid(st_geomfromgeojson('" + string(doc.Trimmed.Geometry) + "'), 4490)"
		for _, k := range []string{expansion.Farmland, expansion.Redline} {
			if m2 := area("st_intersection(" + trimmed + "," + kind(k) + ")"); m2 > 0.01 {
				t.Errorf("%s: the trimmed boundary has %f m² of %s", snapshot, m2, k)
			}
		}
		if m2 := area("st_difference(" + trimmed + "," + kind(expansion.UrbanBoundary) + ")"); m2 > 0.01 {
			t.Errorf("%s: %f m² of the trimmed boundary are outside the urban boundary", snapshot, m2)
		}
	}
}
