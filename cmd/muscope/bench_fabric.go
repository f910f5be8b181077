package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
)

// fabric is a deterministic parcel fabric of any size for benchmarks: a
// lattice of jittered corners, so that neighbours share edges to the last
// digit, cut into zones of which half have their outline on the lattice and
// half run across parcels, with strips of land in no zone between them.
type fabric struct {
	side     int // cells along one side of a zone's square, strip included
	zoneSide int // zones along one side of the district
	parcels  int
	zones    int
	seed     uint64
}

const (
	fabricWest, fabricSouth = 107.5, 22.0
	fabricCell              = 0.0006 // degrees: cells of about 60 by 66 m
	fabricDigits            = 7
)

// newFabric lays out at least one cell a zone; parcels are spread evenly.
func newFabric(parcels, zones int, seed uint64) (*fabric, error) {
	if parcels < zones || zones < 1 {
		return nil, usagef("bench generate: --parcels %d --zones %d: want at least one zone and one parcel a zone", parcels, zones)
	}
	f := &fabric{parcels: parcels, zones: zones, seed: seed}
	f.zoneSide = int(math.Ceil(math.Sqrt(float64(zones))))
	f.side = int(math.Ceil(math.Sqrt(float64(parcels) / float64(zones))))
	if fabricSouth+float64(f.side*f.zoneSide)*fabricCell > 55 {
		return nil, usagef("bench generate: %d parcels in %d zones don't fit into the country", parcels, zones)
	}
	return f, nil
}

// noise is a hash of a place to [0, 1).
func (f *fabric) noise(i, j, k int) float64 {
	h := f.seed ^ uint64(i)*0x9e3779b97f4a7c15 ^ uint64(j)*0xc2b2ae3d27d4eb4f ^ uint64(k)*0x165667b19e3779f9
	h ^= h >> 31
	h *= 0x7fb5d329728ea185
	h ^= h >> 27
	h *= 0x81dadef4bc2dd44d
	h ^= h >> 33
	return float64(h>>11) / (1 << 53)
}

// corner is the lattice point (i, j) in half cells, jittered.
func (f *fabric) corner(i, j int) [2]float64 {
	jitter := func(k int) float64 { return (f.noise(i, j, k) - 0.5) * 0.2 }
	return [2]float64{
		fabricWest + (float64(i)/2+jitter(1))*fabricCell,
		fabricSouth + (float64(j)/2+jitter(2))*fabricCell,
	}
}

func appendPoint(b []byte, p [2]float64) []byte {
	b = strconv.AppendFloat(append(b, '['), p[0], 'f', fabricDigits, 64)
	b = strconv.AppendFloat(append(b, ','), p[1], 'f', fabricDigits, 64)
	return append(b, ']')
}

// vertex reports whether the lattice point (i, j) in half cells is a vertex:
// every corner is, and the middle of every fourth edge. Both neighbours of an
// edge, and the zone whose outline it is, see the same.
func (f *fabric) vertex(i, j int) bool { return (i|j)&1 == 0 || f.noise(i, j, 3) < 0.25 }

// cellRing is the parcel of cell (x, y).
func (f *fabric) cellRing(b []byte, x, y int) []byte {
	i, j := 2*x, 2*y
	for n, d := range [9][2]int{{0, 0}, {1, 0}, {2, 0}, {2, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}, {0, 0}} {
		if !f.vertex(i+d[0], j+d[1]) {
			continue
		}
		if n > 0 {
			b = append(b, ',')
		}
		b = appendPoint(b, f.corner(i+d[0], j+d[1]))
	}
	return b
}

// cellM2 is the area of a cell, good to a percent: what a certificate says.
func (f *fabric) cellM2(x, y int) float64 {
	i, j := 2*x, 2*y
	var twice float64
	var last [2]float64
	for n, d := range [9][2]int{{0, 0}, {1, 0}, {2, 0}, {2, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}, {0, 0}} {
		if !f.vertex(i+d[0], j+d[1]) {
			continue
		}
		p := f.corner(i+d[0], j+d[1])
		if n > 0 {
			twice += (last[0]-fabricWest)*(p[1]-fabricSouth) - (p[0]-fabricWest)*(last[1]-fabricSouth)
		}
		last = p
	}
	const metresPerDegree = 111_195
	return twice / 2 * metresPerDegree * metresPerDegree * math.Cos(last[1]*math.Pi/180)
}

// zoneRing is the outline of zone z. Even zones follow the lattice; odd ones
// are a plain rectangle through the middle of the outermost cells.
func (f *fabric) zoneRing(b []byte, z int) []byte {
	x0, y0 := z%f.zoneSide*f.side, z/f.zoneSide*f.side
	n := f.side
	if n > 2 {
		n-- // the last column and row lie in no zone
	}
	if z%2 == 1 && n > 2 {
		at := func(dx, dy float64) [2]float64 {
			return [2]float64{fabricWest + (float64(x0)+dx)*fabricCell, fabricSouth + (float64(y0)+dy)*fabricCell}
		}
		lo, hi := 0.5, float64(n)-0.5
		for k, p := range [5][2]float64{{lo, lo}, {hi, lo}, {hi, hi}, {lo, hi}, {lo, lo}} {
			if k > 0 {
				b = append(b, ',')
			}
			b = appendPoint(b, at(p[0], p[1]))
		}
		return b
	}
	first := len(b)
	edge := func(i, j, di, dj int) {
		for k := range 2 * n {
			if !f.vertex(2*x0+i+di*k, 2*y0+j+dj*k) {
				continue
			}
			if len(b) > first {
				b = append(b, ',')
			}
			b = appendPoint(b, f.corner(2*x0+i+di*k, 2*y0+j+dj*k))
		}
	}
	edge(0, 0, 1, 0)
	edge(2*n, 0, 0, 1)
	edge(2*n, 2*n, -1, 0)
	edge(0, 2*n, 0, -1)
	return appendPoint(append(b, ','), f.corner(2*x0, 2*y0))
}

// write makes zones.geojson, parcels.geojson and stats.csv in dir.
func (f *fabric) write(dir string) error {
	for name, body := range map[string]func(*bufio.Writer){
		"zones.geojson": f.writeZones, "parcels.geojson": f.writeParcels, "stats.csv": f.writeStats} {
		if err := writeFile(filepath.Join(dir, name), body); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path string, body func(*bufio.Writer)) error {
	out, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the benchmark's data: %w", err)
	}
	w := bufio.NewWriterSize(out, 1<<20)
	body(w)
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write %s: %w; is the disk full?", path, err)
	}
	return out.Close()
}

func zoneCode(z int) string { return fmt.Sprintf("Z%06d", z+1) }

func (f *fabric) writeZones(w *bufio.Writer) {
	io.WriteString(w, `{"type":"FeatureCollection","features":[`)
	for z := range f.zones {
		if z > 0 {
			w.WriteByte(',')
		}
		fmt.Fprintf(w, `%s{"type":"Feature","properties":{"code":"%s","name":"第%d园区","kind":"high_tech","level":"provincial","province":"450000","approved_area_ha":%d},"geometry":{"type":"Polygon","coordinates":[[`,
			"\n", zoneCode(z), z+1, f.side*f.side*2/5+1)
		w.Write(f.zoneRing(nil, z))
		io.WriteString(w, "]]}}")
	}
	io.WriteString(w, "\n]}\n")
}

func (f *fabric) writeStats(w *bufio.Writer) {
	io.WriteString(w, "zone,year,gdp_wan,industrial_output_wan,tax_wan,industrial_tax_wan,fixed_assets_wan,industrial_fixed_assets_wan,resident_population,rd_wan,energy_tce,industrial_value_added_wan\n")
	for z := range f.zones {
		for year := 2020; year <= 2024; year++ {
			n := int(f.noise(z, year, 7)*9000) + 1000
			fmt.Fprintf(w, "%s,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d\n", zoneCode(z), year, n*9, n*12, n, n/2, n*20, n*15, n/3, n/4, n*2, n*5)
		}
	}
}

func (f *fabric) writeParcels(w *bufio.Writer) {
	io.WriteString(w, `{"type":"FeatureCollection","features":[`)
	var b []byte
	side := f.side * f.zoneSide
	for n := range f.parcels {
		// Cells in rows across the whole district, so that neighbours in the
		// file are neighbours on the ground, but zones come interleaved.
		x, y := n%side, n/side
		b = b[:0]
		if n > 0 {
			b = append(b, ',')
		}
		b = append(b, "\n"+`{"type":"Feature","properties":{`...)
		b = f.properties(b, n, x, y)
		b = append(b, `},"geometry":{"type":"Polygon","coordinates":[[`...)
		b = append(f.cellRing(b, x, y), "]]}}"...)
		w.Write(b)
	}
	io.WriteString(w, "\n]}\n")
}

// declared is the zone a parcel is said to lie in; the strips between zones say
// nothing.
func (f *fabric) declared(x, y int) string {
	z := y/f.side*f.zoneSide + x/f.side
	if x%f.side == f.side-1 || y%f.side == f.side-1 || z >= f.zones {
		return ""
	}
	return `,"zone":"` + zoneCode(z) + `"`
}

// properties gives a parcel one of the lives that occur in a real district.
func (f *fabric) properties(b []byte, n, x, y int) []byte {
	pick := func(k int, words ...string) string { return words[int(f.noise(n, k, 11)*float64(len(words)))] }
	day := func(year, k int) string {
		return fmt.Sprintf("%d-%02d-%02d", year, 1+int(f.noise(n, k, 12)*12), 1+int(f.noise(n, k, 13)*28))
	}
	area := f.cellM2(x, y)
	if f.noise(n, 1, 14) < 0.01 {
		area *= 0.9 // recorded with an error, as it happens
	}
	year := 2008 + int(f.noise(n, 2, 14)*12)
	b = fmt.Appendf(b, `"id":"4501%010d"%s,"holder":"广西第%d实业有限公司","use_code":"%s","recorded_area_m2":%.2f,"approval_no":"桂政土批函〔%d〕%d号","approved_on":"%s"`,
		n+1, f.declared(x, y), n%9973,
		pick(3, "1001", "100101", "100102", "100103", "1101", "0701", "0801", "0901", "0902", "1207", "1401", "0702"),
		area, year, n%400+1, day(year, 4))
	life := f.noise(n, 5, 14)
	if life < 0.08 { // approved, not supplied
		return fmt.Appendf(b, `,"supply_ready":%t`, life < 0.04)
	}
	b = fmt.Appendf(b, `,"supplied_on":"%s","supply_mode":"%s","contract_no":"%d-%07d","contract_signed_on":"%s","price_wan":%.1f,"agreed_start_on":"%s","agreed_completion_on":"%s"`,
		day(year+1, 6), pick(7, "grant", "allocation", "挂牌", "出让"), year+1, n+1, day(year+1, 6), area/666*25, day(year+2, 8), day(year+4, 9))
	if life < 0.16 { // supplied, not started or nothing known
		return fmt.Appendf(b, `,"construction_state":"%s"`, pick(10, "not_started", "not_started", "unknown"))
	}
	b = fmt.Appendf(b, `,"permit_on":"%s","started_on":"%s"`, day(year+2, 15), day(year+2, 15))
	if life < 0.22 {
		return fmt.Appendf(b, `,"construction_state":"under_construction","agreed_investment_wan":%.1f,"invested_wan":%.1f`, area/3, area/3*f.noise(n, 16, 14))
	}
	floor := area * (0.5 + f.noise(n, 17, 14))
	b = fmt.Appendf(b, `,"completed_on":"%s","floor_area_m2":%.2f,"footprint_m2":%.2f,"ancillary_site_m2":%.2f,"ancillary_floor_m2":%.2f,"output_wan":%.2f,"tax_wan":%.2f,"fixed_assets_wan":%.2f`,
		day(year+3, 18), floor, floor*0.6, area*0.1*f.noise(n, 19, 14), floor*0.2*f.noise(n, 20, 14), area*0.4, area*0.03, area*0.5)
	if n%10 < 2 {
		b = fmt.Appendf(b, `,"project_no":"P%07d"`, n/10)
	}
	return b
}
