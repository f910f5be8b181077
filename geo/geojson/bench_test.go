package geojson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	orbgeojson "github.com/paulmach/orb/geojson"
)

// fabric writes n parcels as a feature collection in GDAL's manner: one feature a line, 5 to 12 vertices with 7 to
// 15 decimals. Narrow parcels have 18 properties and about 650 bytes, wide ones 60 and about 1.7 kB.
func fabric(n int, wide bool) []byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b []byte
	b = append(b, `{"type":"FeatureCollection","name":"parcels","features":[`...)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, "\n{\"type\":\"Feature\",\"properties\":{"...)
		b = fabricProperties(b, rnd, i, wide)
		b = append(b, `},"geometry":{"type":"Polygon","coordinates":[[`...)
		b = fabricRing(b, rnd, i)
		b = append(b, "]]}}"...)
	}
	return append(b, "\n]}\n"...)
}

func fabricProperties(b []byte, rnd *rand.Rand, i int, wide bool) []byte {
	b = fmt.Appendf(b, `"id":"450100-%07d","zone":"G451%03d","holder":"南宁某某实业有限公司%d","use_code":"1001",`, i, i%500, i%9999)
	b = fmt.Appendf(b, `"recorded_area_m2":%.2f,"built_land_m2":%.1f,"approval_no":"桂政土批〔2019〕%d号","approved_on":"2019-0%d-15",`,
		rnd.Float64()*1e5, rnd.Float64()*1e5, i%300, 1+i%9)
	b = fmt.Appendf(b, `"supplied_on":"2020-01-%02d","supply_mode":"grant","term_years":50,"price_wan":%d,`, 1+i%28, rnd.IntN(9000))
	b = fmt.Appendf(b, `"floor_area_m2":%.1f,"far_floor_area_m2":null,"green_m2":%d,"unbuildable":false,"invested_wan":%.3f,"name":null`,
		rnd.Float64()*2e5, rnd.IntN(1000), rnd.Float64()*1e4)
	if wide {
		for k := range 42 {
			b = fmt.Appendf(b, `,"attribute_%02d":`, k)
			switch k % 4 {
			case 0:
				b = append(b, "null"...)
			case 1:
				b = strconv.AppendInt(b, int64(rnd.IntN(100000)), 10)
			case 2:
				b = fmt.Appendf(b, `"2021-1%d-0%d"`, k%3, 1+i%9)
			case 3:
				b = strconv.AppendFloat(b, rnd.Float64()*100, 'f', 2, 64)
			}
		}
	}
	return b
}

func fabricRing(b []byte, rnd *rand.Rand, i int) []byte {
	n, digits := 4+rnd.IntN(8), 7+i%9
	x, y := 108.2+float64(i%1000)*0.001, 22.6+float64(i/1000)*0.001
	var first []byte
	for k := range n {
		a := 2 * math.Pi * float64(k) / float64(n)
		p := append([]byte(nil), '[')
		p = strconv.AppendFloat(p, x+0.0004*math.Cos(a)+rnd.Float64()*1e-5, 'f', digits, 64)
		p = append(p, ',')
		p = strconv.AppendFloat(p, y+0.0004*math.Sin(a)+rnd.Float64()*1e-5, 'f', digits, 64)
		p = append(p, ']', ',')
		if k == 0 {
			first = p[:len(p)-1]
		}
		b = append(b, p...)
	}
	return append(b, first...)
}

func fabrics() map[string][]byte {
	return map[string][]byte{"narrow": fabric(40000, false), "wide": fabric(20000, true)}
}

func each(b *testing.B, run func(b *testing.B, text []byte)) {
	texts := fabrics()
	for _, name := range []string{"narrow", "wide"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(texts[name])))
			b.ReportAllocs()
			run(b, texts[name])
		})
	}
}

func BenchmarkSplit(b *testing.B) {
	each(b, func(b *testing.B, text []byte) {
		for b.Loop() {
			r := NewReader(bytes.NewReader(text), Options{})
			for {
				batch, err := r.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
				batch.Release()
			}
		}
	})
}

// BenchmarkScan is the search for boundaries alone, without moving any text.
func BenchmarkScan(b *testing.B) {
	each(b, func(b *testing.B, text []byte) {
		for b.Loop() {
			for i := bytes.IndexByte(text, '\n') + 1; text[i] == '{'; {
				var s braces
				end, ok := s.find(text, i, true)
				if !ok {
					b.Fatal("no end")
				}
				i = end + 2
			}
		}
	})
}

func batches(b testing.TB, text []byte) []*Batch {
	r := NewReader(bytes.NewReader(text), Options{})
	var all []*Batch
	for {
		batch, err := r.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, batch)
	}
}

func benchDecode(b *testing.B, reuse bool) {
	each(b, func(b *testing.B, text []byte) {
		all := batches(b, text)
		d := Decoder{ReuseGeometry: reuse}
		for b.Loop() {
			for _, batch := range all {
				err := d.Decode(batch, func(f *Feature) error {
					if f.Fault != nil {
						return f.Fault
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkDecode(b *testing.B)      { benchDecode(b, false) }
func BenchmarkDecodeReuse(b *testing.B) { benchDecode(b, true) }

// BenchmarkReadTwoWorkers is the whole way: one goroutine splits, two decode.
func BenchmarkReadTwoWorkers(b *testing.B) {
	each(b, func(b *testing.B, text []byte) {
		for b.Loop() {
			work := make(chan *Batch, 2)
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					d := Decoder{ReuseGeometry: true}
					for batch := range work {
						_ = d.Decode(batch, func(*Feature) error { return nil })
						batch.Release()
					}
				})
			}
			r := NewReader(bytes.NewReader(text), Options{})
			for batch, err := r.Next(); err == nil; batch, err = r.Next() {
				work <- batch
			}
			close(work)
			wg.Wait()
		}
	})
}

func BenchmarkPeerEncodingJSON(b *testing.B) {
	each(b, func(b *testing.B, text []byte) {
		for b.Loop() {
			var v struct {
				Features []struct {
					Geometry struct {
						Type        string
						Coordinates [][][]float64
					}
					Properties map[string]any
				}
			}
			if err := json.Unmarshal(text, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPeerOrb(b *testing.B) {
	each(b, func(b *testing.B, text []byte) {
		for b.Loop() {
			if _, err := orbgeojson.UnmarshalFeatureCollection(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}
