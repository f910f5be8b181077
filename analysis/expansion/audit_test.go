package expansion_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/geo/geojson"
)

// Four parcels of 10 ha as recorded, by hand: years are (30 planned − 20
// supplied) ÷ (10 in five years ÷ 5) = 5.
func TestAuditByHand(t *testing.T) {
	w := plain()
	w.parcels = nil
	for i, facts := range []string{
		`"use_code":"1001","planned_use_code":"1001","approved_on":"2015-01-01","supplied_on":"2016-01-01","completed_on":"2018-01-01"`,
		`"use_code":"0701","planned_use_code":"0701","approved_on":"2015-01-01","supplied_on":"2024-01-01","agreed_start_on":"2027-01-01","construction_state":"not_started"`,
		`"use_code":"1001","planned_use_code":"11","approved_on":"2025-01-01","construction_state":"not_started","supply_ready":true`,
		`"use_code":"0101","planned_use_code":"0101"`,
	} {
		w.parcels = append(w.parcels, thing{box(float64(i), 0, float64(i+1), 4), fmt.Sprintf(`"id":"p%d","recorded_area_m2":100000,%s`, i, facts)})
	}
	doc := checked(t, w, applied(t, []thing{{box(4, 0, 6, 4), ""}}, `"application":{"kind":"enlargement"},`))
	want := map[string]float64{"existing_construction": 10, "existing_industrial": 10, "existing_industrial_rate": 1, "approved_construction": 30, "unsupplied": 10,
		"unsupplied_rate": 1.0 / 3, "supplied": 20, "idle": 0, "idle_rate": 0, "planned_construction": 30, "planned_industrial": 20, "planned_industrial_rate": 2.0 / 3,
		"remaining_years": 5}
	row := doc.Audit.Rows[0]
	for i, c := range doc.Audit.Columns {
		v, ok := want[c.ID]
		if !ok {
			continue
		}
		cell, got := row.Cells[i], math.NaN()
		switch {
		case cell.Area != nil:
			got = cell.Area.M2.Float() / 10_000
		case cell.Ratio != nil:
			got = *cell.Ratio
		case cell.Years != nil:
			got = *cell.Years
		}
		if math.Abs(got-v) > 1e-9 || cell.Unsure != nil {
			t.Errorf("%s is %v, want %v: %+v", c.ID, got, v, cell)
		}
	}
	if r := doc.Room; r.Held.Ha != "20" || r.Digest[0].ID != "p2" || r.Digest[0].Ease != expansion.EaseUnsuppliedReady || r.Digest[1].ID != "p1" {
		t.Errorf("room %+v", r)
	}
}

// Parcels drawn over each other are room once.
func TestRoomCountsOnce(t *testing.T) {
	w := plain()
	w.parcels = nil
	for i, shape := range []string{box(0, 0, 2, 4), box(1, 0, 3, 4), box(1, 0, 2, 4)} {
		w.parcels = append(w.parcels, thing{shape, fmt.Sprintf(`"id":"p%d","use_code":"1001","approved_on":"2025-01-01","construction_state":"not_started","low_efficiency":"redeveloped"`, i)})
	}
	r := checked(t, w, applied(t, []thing{{box(4, 0, 6, 4), ""}}, `"application":{"kind":"enlargement"},`)).Room
	if math.Abs(*r.Ratio-1.5) > 1e-3 || !r.Exact { // three columns against two
		t.Errorf("ratio %v, exact %v", *r.Ratio, r.Exact)
	}
}

// However broken, a body is refused or read; it never panics, and what is read
// keeps the limits.
func FuzzReadBoundary(f *testing.F) {
	f.Add(collection(f, []thing{{box(4, 0, 6, 4), `"part":"whole"`}}, `"application":{"zone":"Z","stated":{"old_ha":1}},`))
	f.Add([]byte(`{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}`))
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":null,"geometry":{"type":"Polygon","coordinates":[[[1e308,0],[1,1]]]}}]}`))
	words := texts(f)
	limits := expansion.Limits{MaxBytes: 1 << 16, MaxVertices: 100, MaxPieces: 5, MaxSpanDeg: 3, MaxAreaKm2: 10_000}
	f.Fuzz(func(t *testing.T, body []byte) {
		var a expansion.Application
		err := expansion.ReadBoundary(context.Background(), bytes.NewReader(body), expansion.ReadOptions{Limits: limits, Texts: words}, &a)
		if err == nil && a.Vertices > limits.MaxVertices {
			t.Errorf("%d vertices were read", a.Vertices)
		}
		if e, ok := expansion.Refused(err); err != nil && (!ok || len(e.Faults) == 0 || e.Message("zh") == "") {
			t.Errorf("%v", err)
		}
	})
}

// hostile is a ring of n vertices, every edge of which crosses nearly all others.
func hostile(n int) orb.MultiPolygon {
	r := make(orb.Ring, 0, n+1)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) * 0.381966)
		r = append(r, orb.Point{108 + 0.1*cos, 22 + 0.1*sin})
	}
	return orb.MultiPolygon{{append(r, r[0])}}
}

// A boundary of 200,000 vertices that cross each other is refused within
// seconds, with the place.
func TestHostileBoundary(t *testing.T) {
	body := append([]byte(`{"type":"Feature","properties":{},"geometry":`), geojson.AppendGeometry(nil, hostile(200_000))...)
	begin := time.Now()
	var a expansion.Application
	err := expansion.ReadBoundary(context.Background(), bytes.NewReader(append(body, '}')), expansion.ReadOptions{Texts: texts(t)}, &a)
	e, ok := expansion.Refused(err)
	if !ok || e.Faults[0].Place == nil || len(e.Faults) > 20 {
		t.Fatalf("%v", err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

// BenchmarkCheck holds a proposal of 200,000 vertices against a district. The
// whole measure, over 1,000,000 parcels in PostGIS, is in CONTRIBUTING.md.
func BenchmarkCheck(b *testing.B) {
	w := plain()
	src := w.load(b)
	ring := make(orb.Ring, 0, 200_001)
	for i := range 200_000 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 200_000)
		d := 0.008 * (1 + 0.05*math.Sin(977*2*math.Pi*float64(i)/200_000))
		ring = append(ring, orb.Point{108.402 + d*cos, 22.802 + d*sin})
	}
	a := applied(b, []thing{{box(4, 0, 6, 4), ""}}, `"application":{"kind":"enlargement"},`)
	a.Added[0].Geometry = orb.MultiPolygon{{append(ring, ring[0])}}
	opt := expansion.Options{AsOf: day(b, "2026-06-30"), Texts: texts(b)}
	for b.Loop() {
		if _, err := expansion.Check(context.Background(), src, a, opt); err != nil {
			b.Fatal(err)
		}
	}
}
