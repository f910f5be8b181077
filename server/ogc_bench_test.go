package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
)

// grid is a district of n parcels like real records: 26 of 85 fields known, a
// dozen vertices.
func grid(n int) (zones, parcels []byte) {
	rng := rand.New(rand.NewPCG(7, 7))
	side := 1
	for side*side < n {
		side++
	}
	const west, south, cell = 108.3, 22.7, 0.0006
	top := float64(side) * cell
	zones = fmt.Appendf(nil, `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"G1","name":"甲区"},"geometry":{"type":"Polygon","coordinates":[[[%g,%g],[%g,%g],[%g,%g],[%g,%g],[%g,%g]]]}}]}`,
		west, south, west+top, south, west+top, south+top, west, south+top, west, south)
	var b bytes.Buffer
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		x, y := west+float64(i%side)*cell, south+float64(i/side)*cell
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"Feature","properties":{"id":"450103%09d","name":"地块%d","zone":"G1","holder":"南宁某某科技有限公司","holder_code":"91450100MA5KXXXX1X","ownership":"state","tenure":"holder",`+
			`"right_layer":"surface","use_code":"100101","use_scheme":"guide-2023","project_no":"X%06d","approval_no":"桂政地字2019-101","supply_mode":"grant","contract_no":"HT%08d","construction_state":"completed",`+
			`"approved_on":"2018-03-05","supplied_on":"2019-04-06","contract_signed_on":"2019-04-07","agreed_start_on":"2020-04-06","started_on":"2020-03-01","completed_on":"2021-0%d-11","price_wan":%.2f,"floor_area_m2":%.2f,"footprint_m2":%.2f,"output_wan":%.2f,"tax_wan":%.2f},"geometry":{"type":"Polygon","coordinates":[[`,
			i, i, i/3, i, 1+i%9, rng.Float64()*1e3, rng.Float64()*1e4, rng.Float64()*1e3, rng.Float64()*1e4, rng.Float64()*1e3)
		first := ""
		for k := range 12 {
			dx := [...]float64{0, 1, 2, 3, 3, 3, 3, 2, 1, 0, 0, 0}[k]*0.0001 + rng.Float64()*1e-5
			dy := [...]float64{0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 2, 1}[k]*0.0001 + rng.Float64()*1e-5
			point := fmt.Sprintf("[%.7f,%.7f]", x+dx, y+dy)
			if k == 0 {
				first = point
			}
			b.WriteString(point + ",")
		}
		b.WriteString(first + "]]}}")
	}
	b.WriteString("]}")
	return zones, b.Bytes()
}

// newGrid is a district of n parcels, analyzed.
func newGrid(t testing.TB, n int) *district {
	t.Helper()
	d := emptyDistrict(t)
	zones, parcels := grid(n)
	d.loadFile(t, snapshot, ingest.LayerZones, memoryFile("zones.geojson", zones))
	d.loadFile(t, snapshot, ingest.LayerParcels, memoryFile("parcels.geojson", parcels))
	d.analyze(t, snapshot)
	return d
}

func memoryFile(name string, text []byte) ingest.File {
	return ingest.File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}
}

// plainItems is an ordinary handler: ST_AsGeoJSON, every column scanned, and the
// page encoded again by encoding/json.
func (d *district) plainItems(w http.ResponseWriter, r *http.Request) {
	var columns []string
	for _, c := range postgis.ItemCollections()[1].Properties {
		switch c.Name {
		case "zone", "boundary_scope", "class", "status", "since", "reason", "area_m2", "flags", "finding", "listed":
			columns = append(columns, "s."+c.Name)
		case "area_mu", "idle_branch", "idle_since", "measure", "measure_if_holder", "fee_if_holder_wan", "idle_days":
		default:
			columns = append(columns, "p."+c.Name)
		}
	}
	rows, err := d.db.QueryContext(r.Context(), `select st_asgeojson(p.geom, 9), `+strings.Join(columns, ", ")+`
		from muscope.parcel p left join muscope.part_status s on s.id = p.id and s.zone = p.zone and s.boundary_scope = p.boundary_scope
		where p.home order by p.id limit 10000`)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	type feature struct {
		Type       string          `json:"type"`
		ID         any             `json:"id"`
		Geometry   json.RawMessage `json:"geometry"`
		Properties map[string]any  `json:"properties"`
	}
	page := struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}{Type: "FeatureCollection"}
	for rows.Next() {
		var shape string
		values := make([]any, len(columns))
		dest := []any{&shape}
		for i := range values {
			dest = append(dest, &values[i])
		}
		if err := rows.Scan(dest...); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		f := feature{Type: "Feature", Geometry: json.RawMessage(shape), Properties: map[string]any{}}
		for i, c := range columns {
			if b, ok := values[i].([]byte); ok {
				values[i] = string(b)
			}
			f.Properties[c[2:]] = values[i]
		}
		f.ID = f.Properties["id"]
		page.Features = append(page.Features, f)
	}
	w.Header().Set("Content-Type", "application/geo+json")
	if err := json.NewEncoder(w).Encode(page); err != nil {
		return
	}
}

// BenchmarkItems compares a page of 10,000 parcels with the same through
// ST_AsGeoJSON and an ordinary handler, in turns, and reports features a second.
func BenchmarkItems(b *testing.B) {
	const n = 10_000
	d := newGrid(b, n)
	ours := d.serve(b) + "/ogc/collections/parcels/items?limit=10000"
	plain := httptest.NewServer(http.HandlerFunc(d.plainItems))
	defer plain.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	read := func(b *testing.B, at string) {
		resp, err := client.Get(at)
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		if size, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 || size < n*1000 {
			b.Fatalf("%s: %d, %d bytes, %v", at, resp.StatusCode, size, err)
		}
	}
	read(b, ours)
	read(b, plain.URL)
	for _, c := range []struct{ name, at string }{{"ours", ours}, {"plain", plain.URL}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				read(b, c.at)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "features/s")
		})
	}
}
