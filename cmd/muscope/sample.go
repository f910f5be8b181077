package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The sample district is invented: two zones in Guangxi, one with two parks,
// 300 parcels on a lattice of 20 columns and 15 rows. Most parcels are plain,
// so that totals can be worked out by hand; sampleCases are the others. What
// comes of them stands, with the arithmetic, in data/samples/expected.yaml.

const (
	sampleCols, sampleRows = 20, 15
	sampleWest             = 108.42
	sampleSouth            = 22.80
	sampleDX, sampleDY     = 0.00088, 0.0008
)

// facts are a parcel's properties; nil as a value takes a fact away.
type facts map[string]any

// sampleNode is a corner of the lattice. Corners are shifted a little so that
// no parcel is a rectangle, but for the two columns of corners that the
// boundary of the second zone runs between: it halves those parcels exactly.
func sampleNode(i, j int) [2]float64 {
	shift := func(k int) float64 {
		if i == 12 || i == 13 {
			return 0
		}
		return float64((i*7+j*13+k*5+i*j*3)%11-5) * 0.000003
	}
	return [2]float64{round7(sampleWest + float64(i)*sampleDX + shift(0)), round7(sampleSouth + float64(j)*sampleDY + shift(1))}
}

func round7(f float64) float64 { return float64(int64(f*1e7+0.5)) / 1e7 }

// sampleRing goes round the cells from (x0, y0) up to, not including, (x1, y1),
// by every corner on the way.
func sampleRing(x0, y0, x1, y1 int) [][2]float64 {
	var ring [][2]float64
	for i := x0; i < x1; i++ {
		ring = append(ring, sampleNode(i, y0))
	}
	for j := y0; j < y1; j++ {
		ring = append(ring, sampleNode(x1, j))
	}
	for i := x1; i > x0; i-- {
		ring = append(ring, sampleNode(i, y1))
	}
	for j := y1; j >= y0; j-- {
		ring = append(ring, sampleNode(x0, j))
	}
	return ring
}

// sampleID is the parcel code of a cell: county, cadastral area, GB (state
// land), five digits.
func sampleID(col, row int) string { return fmt.Sprintf("450102001001GB%05d", row*sampleCols+col+1) }

type feature struct {
	Type       string `json:"type"`
	Properties facts  `json:"properties"`
	Geometry   any    `json:"geometry"`
}

func polygon(ring [][2]float64) any {
	return map[string]any{"type": "Polygon", "coordinates": [][][2]float64{ring}}
}

func writeCollection(w *bufio.Writer, features []feature) {
	w.WriteString(`{"type":"FeatureCollection","features":[`)
	for i, f := range features {
		if i > 0 {
			w.WriteByte(',')
		}
		b, err := json.Marshal(f)
		if err != nil { // plain values only
			b = []byte("null")
		}
		w.WriteByte('\n')
		w.Write(b)
	}
	w.WriteString("\n]}\n")
}

func sampleZones() []feature {
	zone := func(code, name string, ring [][2]float64, more facts) feature {
		p := facts{"code": code, "name": name, "province": "450000", "county": "450102"}
		for k, v := range more {
			p[k] = v
		}
		return feature{"Feature", p, polygon(ring)}
	}
	half := round7(sampleWest + 12.5*sampleDX)
	// From the halved column: down its middle, then along the lattice.
	gx02 := [][2]float64{{half, sampleSouth}}
	for i := 13; i < 19; i++ {
		gx02 = append(gx02, sampleNode(i, 0))
	}
	for j := range sampleRows {
		gx02 = append(gx02, sampleNode(19, j))
	}
	for i := 19; i >= 13; i-- {
		gx02 = append(gx02, sampleNode(i, sampleRows))
	}
	gx02 = append(gx02, [2]float64{half, sampleNode(12, sampleRows)[1]}, [2]float64{half, sampleSouth})
	return []feature{
		zone("GX01", "邕南高新技术产业开发区", sampleRing(0, 0, 8, sampleRows), facts{"kind": "high_tech", "level": "provincial",
			"approved_area_ha": 140, "approved_on": "2010-06-18", "filed_no": "桂备〔2021〕7号", "filed_on": "2021-08-02"}),
		zone("GX01-A", "东园", sampleRing(8, 0, 11, 8), facts{"kind": "industrial_park", "level": "municipal", "part_of": "GX01"}),
		zone("GX01-B", "西园", sampleRing(8, 8, 11, sampleRows), facts{"kind": "industrial_park", "level": "municipal", "part_of": "GX01"}),
		zone("GX02", "青湾经济开发区", gx02, facts{"kind": "economic", "level": "provincial", "approved_area_ha": 80, "approved_on": "2012-11-05"}),
	}
}

// built is a plain industrial parcel: 8,000 m² (12 mu), floor 9,600 m²,
// ancillary site 400 m² (5 %) and floor 960 m² (10 %), built in time.
func built(use string) facts {
	return facts{"use_code": use, "recorded_area_m2": 8000, "approval_no": "桂政土批函〔2012〕88号", "approved_on": "2012-03-01",
		"supplied_on": "2013-05-10", "supply_mode": "grant", "contract_signed_on": "2013-05-10", "price_wan": 300, "term_years": 50,
		"agreed_handover_on": "2013-06-10", "handed_over_on": "2013-06-08", "agreed_start_on": "2013-11-10", "agreed_completion_on": "2015-11-10",
		"permit_on": "2013-10-20", "started_on": "2013-11-01", "completed_on": "2015-06-30", "accepted_on": "2015-07-20", "in_use_on": "2015-08-01",
		"planned_footprint_m2": 4000, "started_footprint_m2": 4000, "agreed_investment_wan": 3000, "invested_wan": 3000,
		"floor_area_m2": 9600, "footprint_m2": 4000, "structures_m2": 200, "yards_m2": 600, "green_m2": 800,
		"ancillary_site_m2": 400, "ancillary_basis": "separate", "ancillary_floor_m2": 960,
		"figures_year": 2024, "output_wan": 4800, "tax_wan": 240, "fixed_assets_wan": 3000, "employees": 60}
}

// civic is a built parcel that is no industry.
func civic(use string) facts {
	f := built(use)
	for _, name := range []string{"structures_m2", "yards_m2", "ancillary_site_m2", "ancillary_basis", "ancillary_floor_m2",
		"output_wan", "tax_wan", "fixed_assets_wan", "agreed_investment_wan", "invested_wan"} {
		delete(f, name)
	}
	return f
}

// open is land without buildings: no floor.
func open(use string) facts {
	f := civic(use)
	f["floor_area_m2"], f["footprint_m2"] = 0, 0
	return f
}

func farmland(use string) facts {
	return facts{"use_code": use, "recorded_area_m2": 8000}
}

// samplePlain is the plain parcel of a cell.
func samplePlain(col, row int) facts {
	by := func(uses ...string) string { return uses[row*len(uses)/sampleRows] }
	switch col {
	case 4:
		return built(by("110101", "110101", "100102")) // ten storage, five industrial
	case 5:
		return civic("070101")
	case 6:
		return civic(by("0801", "0702", "0902", "090101", "0804"))
	case 7:
		if row == 12 {
			return farmland("0101")
		}
		if row > 12 {
			return farmland("1701")
		}
		return open(by("1207", "1207", "1309", "1401", "1402"))
	case 18:
		return civic(by("0801", "0801", "0702", "070102", "090101"))
	}
	return built([]string{"100101", "100102", "100103"}[row%3])
}

func sampleParcels() []feature {
	cases := sampleCases()
	var features []feature
	for row := range sampleRows {
		for col := range sampleCols {
			p := samplePlain(col, row)
			id := sampleID(col, row)
			p["id"], p["name"] = id, fmt.Sprintf("%d排%d号地块", row+1, col+1)
			p["holder"] = fmt.Sprintf("广西示例%d有限公司", row*sampleCols+col+1)
			if _, supplied := p["supplied_on"]; supplied {
				p["contract_no"] = fmt.Sprintf("450102-2013-%04d", row*sampleCols+col+1)
			}
			for k, v := range cases[[2]int{col, row}] {
				if v == nil {
					delete(p, k)
				} else {
					p[k] = v
				}
			}
			features = append(features, feature{"Feature", p, polygon(sampleRing(col, row, col+1, row+1))})
		}
	}
	return features
}

// sampleBuildings puts a building on every third parcel with a floor; those of
// one row stand across the line to the next parcel.
func sampleBuildings() []feature {
	var features []feature
	for n, p := range sampleParcels() {
		if floor, ok := p.Properties["floor_area_m2"].(int); !ok || floor == 0 || n%3 != 0 {
			continue
		}
		col, row := n%sampleCols, n/sampleCols
		x, y := sampleWest+(float64(col)+0.25)*sampleDX, sampleSouth+(float64(row)+0.25)*sampleDY
		if row == 4 {
			x += sampleDX / 2
		}
		w, h := sampleDX/2, sampleDY/2
		ring := [][2]float64{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}, {x, y}}
		for i := range ring {
			ring[i] = [2]float64{round7(ring[i][0]), round7(ring[i][1])}
		}
		props := facts{"id": fmt.Sprintf("B%04d", n+1), "floors": 3, "floor_area_m2": 6000, "completed_on": "2015-06-30"}
		if row%2 == 0 {
			props["parcel"] = p.Properties["id"]
		}
		features = append(features, feature{"Feature", props, polygon(ring)})
	}
	return features
}

const sampleStats = `zone,year,gdp_wan,revenue_wan,industrial_output_wan,industrial_value_added_wan,tax_wan,industrial_tax_wan,fixed_assets_wan,industrial_fixed_assets_wan,employees,resident_population,rd_wan,energy_tce
GX01,2020,42000,160000,130000,30000,9000,7000,150000,120000,5200,3000,1100,14000
GX01,2021,44000,170000,140000,32000,9500,7400,155000,124000,5400,3050,1200,14200
GX01,2022,46000,180000,150000,34000,10000,7800,160000,128000,5600,3100,1300,14400
GX01,2023,48000,190000,160000,36000,10500,8200,165000,132000,5800,3150,1400,14600
GX01,2024,50000,200000,170000,40000,11000,8600,170000,136000,6000,3200,1750,14800
GX02,2020,12000,50000,40000,9000,2600,2000,60000,48000,2100,900,,5200
GX02,2021,12500,52000,41000,9200,2700,2100,61000,49000,2150,910,,5250
GX02,2022,13000,54000,42000,9400,2800,2200,62000,50000,2200,920,,5300
GX02,2023,13500,56000,43000,9600,2900,2300,63000,51000,2250,930,,5350
GX02,2024,14000,58000,44000,9800,3000,2400,64000,52000,2300,940,,
`

// writeSample makes the files of the sample district in dir.
func writeSample(_ context.Context, dir string) error {
	for name, body := range map[string]func(*bufio.Writer){
		"zones.geojson":     func(w *bufio.Writer) { writeCollection(w, sampleZones()) },
		"parcels.geojson":   func(w *bufio.Writer) { writeCollection(w, sampleParcels()) },
		"buildings.geojson": func(w *bufio.Writer) { writeCollection(w, sampleBuildings()) },
		"stats.csv":         func(w *bufio.Writer) { w.WriteString(strings.TrimLeft(sampleStats, "\n")) },
	} {
		if err := writeFile(filepath.Join(dir, name), body); err != nil {
			return err
		}
	}
	if err := writeSampleExpansion(filepath.Join(dir, "expansion")); err != nil {
		return err
	}
	tables := filepath.Join(dir, "tables")
	if err := os.MkdirAll(tables, 0o755); err != nil {
		return fmt.Errorf("make the sample: %w", err)
	}
	return writeTables(tables)
}
