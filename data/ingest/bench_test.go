package ingest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
)

// district writes n parcels of a made-up district of Nanning: a grid of plots
// with a full record each, as a bureau's export has it.
func district(n int) []byte {
	var b bytes.Buffer
	rnd := rand.New(rand.NewPCG(1, 2))
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		writeParcel(&b, rnd, i)
	}
	b.WriteString("]}")
	return b.Bytes()
}

func writeParcel(b *bytes.Buffer, rnd *rand.Rand, i int) {
	x, y := 108.2+float64(i%1000)*0.001, 22.7+float64(i/1000)*0.001
	fmt.Fprintf(b, `{"type":"Feature","properties":{"id":"450102%06dGB%05d","name":"南宁高新区%d号地块","zone":"NN%02d","holder":"广西某某科技有限公司",`, i/1000, i, i, i%40)
	fmt.Fprintf(b, `"holder_code":null,"ownership":"state","use_code":"1001","current_use_code":"0601","use_scheme":"guide-2023","new_industry":false,"industry_code":"3911",`)
	fmt.Fprintf(b, `"project_no":"P%06d","approval_no":"桂政土批函〔2019〕%d号","approved_on":"2019-03-%02d","supplied_on":"2020-05-%02d","supply_mode":"grant","contract_no":"4501%07d",`,
		i/3, i%400, i%28+1, i%28+1, i)
	fmt.Fprintf(b, `"contract_signed_on":"2020-05-%02d","price_wan":%.2f,"term_years":50,"agreed_start_on":"2021-05-01","agreed_completion_on":"2023-05-01","construction_state":"completed",`,
		i%28+1, rnd.Float64()*5000)
	fmt.Fprintf(b, `"started_on":"2021-04-11","completed_on":"2023-02-15","floor_area_m2":%.2f,"footprint_m2":%.2f,"green_m2":%.1f,"ancillary_site_m2":%.1f,"ancillary_floor_m2":%.1f,`,
		rnd.Float64()*20000, rnd.Float64()*6000, rnd.Float64()*900, rnd.Float64()*500, rnd.Float64()*1000)
	fmt.Fprintf(b, `"figures_year":2023,"output_wan":%.2f,"tax_wan":%.2f,"fixed_assets_wan":%.2f,"employees":%d,"BSM":%d,"QSDWMC":"心圩街道"},`,
		rnd.Float64()*90000, rnd.Float64()*3000, rnd.Float64()*40000, i%900, i)
	r := ring(rnd, x, y)
	b.WriteString(`"geometry":{"type":"Polygon","coordinates":[[`)
	for k, p := range r {
		if k > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, "[%.7f,%.7f]", p[0], p[1])
	}
	b.WriteString(`]]}}`)
}

// ring is a convex plot of 5 to 10 vertices.
func ring(rnd *rand.Rand, x, y float64) orb.Ring {
	const w = 0.00042
	r := orb.Ring{{x - w, y - w}, {x + w, y - w}}
	if rnd.IntN(2) == 0 {
		r = append(r, orb.Point{x + w*1.05, y - w/2}, orb.Point{x + w*1.06, y}, orb.Point{x + w*1.05, y + w/2})
	}
	r = append(r, orb.Point{x + w, y + w}, orb.Point{x - w, y + w})
	return append(r, r[0])
}

// districtZones is 40 zones of 25 columns of plots each.
func districtZones(t testing.TB, rows int) *Locator {
	var zones []ZoneRow
	for i := range 40 {
		west := 108.2 - 0.0005 + float64(i)*0.025
		z := &land.Zone{Code: fmt.Sprintf("NN%02d", i), Scope: land.ScopeApproved}
		south, north := 22.69, 22.71+float64(rows)*0.001
		var r orb.Ring
		for k := range 200 { // a boundary has many vertices
			r = append(r, orb.Point{west, north - (north-south)*float64(k)/200})
		}
		for k := range 200 {
			r = append(r, orb.Point{west + 0.02, south + (north-south)*float64(k)/200})
		}
		r = append(r, r[0])
		zones = append(zones, ZoneRow{Zone: z, Geometry: orb.MultiPolygon{{r}}})
	}
	l, err := NewLocator(zones)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func BenchmarkLoadParcels(b *testing.B) {
	const n = 100_000
	text := district(n)
	zones := districtZones(b, n/1000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var spent time.Duration
	for b.Loop() {
		opt := Options{MaxRejects: NoLimit, Files: []File{{Name: "district.geojson",
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}}}
		start := time.Now()
		res, err := LoadParcels(context.Background(), opt, zones, Discard{})
		spent += time.Since(start)
		if err != nil || res.Loaded() != n {
			b.Fatal(err, res.Inputs, res.Counts)
		}
	}
	b.ReportMetric(float64(n*b.N)/spent.Seconds(), "parcels/s")
	b.ReportMetric(float64(len(text))/n, "bytes/parcel")
}
