package main

import (
	"bufio"
	"fmt"
	"path/filepath"
)

// The sample of the tables is a small zone of its own beside the sample
// district, GX09, and a smaller one for rankings, GX10; as of 2024-12-31 too.

// tableCol is the first column of GX09 in the lattice of the sample.
const tableCol = 30

func tableID(col, row int) string { return fmt.Sprintf("GX09-%02d%02d", row+1, col+1) }

func tableZones() []feature {
	zone := func(code, name string, ring [][2]float64, areaHa float64) feature {
		return feature{"Feature", facts{"code": code, "name": name, "province": "450000", "county": "450102", "kind": "high_tech",
			"level": "provincial", "approved_area_ha": areaHa, "approved_on": "2018-05-20"}, polygon(ring)}
	}
	return []feature{
		zone("GX09", "榕江高新技术产业开发区", sampleRing(tableCol, 0, tableCol+4, 4), 13),
		zone("GX10", "榕江西区", sampleRing(tableCol+6, 0, tableCol+8, 1), 1.6),
	}
}

// Numbers of the approvals.
const (
	batchDrawn   = "桂政土批函〔2019〕101号" // drawn, partly revoked
	batchNamed   = "桂政土批函〔2020〕55号"  // without boundary
	batchAcross  = "桂政土批函〔2021〕12号"  // half of it outside the zone
	termContract = "450102-2021-0907"
)

// tableApprovals: a batch of eight cells of which one was revoked, one without a
// boundary, and one of which half lies outside the zone.
func tableApprovals() []feature {
	approval := func(id, no, on, kind string, ha float64, more facts, ring [][2]float64) feature {
		p := facts{"id": id, "approval_no": no, "approved_on": on, "kind": kind, "area_ha": ha}
		for k, v := range more {
			p[k] = v
		}
		if ring == nil {
			return feature{"Feature", p, nil}
		}
		return feature{"Feature", p, polygon(ring)}
	}
	return []feature{
		approval("PC2019-101", batchDrawn, "2019-06-12", "batch", 6.4, facts{"new_construction_ha": 5.8, "revoked_ha": 0.8, "revoked_on": "2023-04-18"},
			sampleRing(tableCol, 0, tableCol+4, 2)),
		approval("DX2020-55", batchNamed, "2020-03-09", "project", 3.2, nil, nil),
		approval("PC2021-12", batchAcross, "2021-09-30", "batch", 1.6, nil, sampleRing(tableCol+3, 3, tableCol+5, 4)),
	}
}

// tableCases are the parcels of GX09, by column and row. The cell (3, 1) is in
// the drawn batch, and no parcel is: land never drawn.
func tableCases() map[[2]int]facts {
	batch := func(f facts) facts {
		f["approval_no"], f["approved_on"] = batchDrawn, "2019-06-12"
		return f
	}
	late := func(more facts) facts {
		f := after(facts{"approval_no": batchNamed, "approved_on": "2020-03-09"})
		for k, v := range more {
			f[k] = v
		}
		return f
	}
	return map[[2]int]facts{
		{0, 0}: batch(after(nil)),
		{1, 0}: batch(after(nil)),
		{2, 0}: batch(after(nil)),
		{3, 0}: batch(unsupplied(facts{"in_use_on": "2022-10-01"})),                              // built without supply
		{0, 1}: batch(supplied("2022-06-30", nil)),                                               // idle: see the events
		{1, 1}: batch(supplied("2022-03-01", facts{"construction_state": nil, "state_on": nil})), // two phases
		{2, 1}: batch(unsupplied(facts{"supply_ready": true})),
		{3, 1}: nil,
		{0, 2}: late(facts{"use_code": "100101", "floor_area_m2": 12000}), // mixed use
		{1, 2}: late(facts{"contract_no": termContract}),                  // a contract with terms
		{2, 2}: late(facts{"output_wan": nil, "tax_wan": nil}),            // two tenants
		{3, 2}: late(nil),                                                 // a firm on two plots
		{0, 3}: late(nil),
		{1, 3}: unsupplied(facts{"approval_no": batchNamed, "approved_on": "2020-03-09"}),
		{2, 3}: farmland("0101"),
		{3, 3}: unsupplied(facts{"approval_no": batchAcross, "approved_on": "2021-09-30"}),
	}
}

func tableParcels() []feature {
	cases := tableCases()
	var features []feature
	for row := range 4 {
		for col := range 4 {
			own, drawn := cases[[2]int{col, row}]
			if drawn && own == nil {
				continue
			}
			p := built("100101")
			id := tableID(col, row)
			p["id"], p["name"] = id, fmt.Sprintf("榕江%d排%d号地块", row+1, col+1)
			p["contract_no"] = fmt.Sprintf("450102-2020-09%02d", row*4+col)
			for k, v := range own {
				if v == nil {
					delete(p, k)
				} else {
					p[k] = v
				}
			}
			features = append(features, feature{"Feature", p, polygon(sampleRing(tableCol+col, row, tableCol+col+1, row+1))})
		}
	}
	for col := range 2 {
		p := built("100101")
		p["id"], p["name"] = fmt.Sprintf("GX10-%02d", col+1), fmt.Sprintf("榕江西区%d号地块", col+1)
		p["contract_no"] = fmt.Sprintf("450102-2013-10%02d", col+1)
		features = append(features, feature{"Feature", p, polygon(sampleRing(tableCol+6+col, 0, tableCol+7+col, 1))})
	}
	return features
}

// tableRows are the tables as CSV, by file.
func tableRows() map[string]string {
	return map[string]string{
		"phases.csv": "parcel,phase,land_m2,agreed_start_on,agreed_completion_on,started_on,completed_on,planned_footprint_m2,price_wan\n" +
			tableID(1, 1) + ",一期,3200,2020-12-31,2022-12-31,2020-11-15,2022-10-20,1600,400\n" +
			tableID(1, 1) + ",二期,4800,2022-03-01,2024-03-01,,,2400,600\n",
		"uses.csv": "parcel,use_code,land_m2,floor_m2,term_years\n" +
			tableID(0, 2) + ",100101,6000,9000,50\n" +
			tableID(0, 2) + ",0902,2000,3000,40\n",
		"terms.csv": "contract_no,indicator,comparison,value,unit\n" +
			termContract + ",far.project,不低于,1.2,ratio\n" +
			termContract + ",building_coefficient.project,>=,0.4,ratio\n" +
			termContract + ",ancillary_land_share.project,不超过,0.07,ratio\n" +
			termContract + ",investment_intensity.project,>=,280,万元/亩\n",
		"firms.csv": "uscc,year,parcel,role,land_m2,floor_m2,entered_on,output_wan,value_added_wan,revenue_wan,tax_wan,fixed_assets_wan,employees,rd_wan,energy_tce\n" +
			"91450100MA5K00001A,2024," + tableID(2, 2) + ",承租,,4000,2022-03-01,2600,700,2500,130,600,45,80,210\n" +
			"91450100MA5K00002B,2024," + tableID(2, 2) + ",承租,,3600,2022-09-01,1400,380,1350,60,400,30,,150\n" +
			"91450100MA5K00003C,2024," + tableID(3, 2) + ",自有,8000,9600,2019-04-01,9000,2400,8800,450,5200,120,300,900\n" +
			"91450100MA5K00003C,2024," + tableID(0, 3) + ",自有,8000,9600,2019-04-01,9000,2400,8800,450,5200,120,300,900\n",
		"events.csv": "parcel,on,kind,document_no,cause,cause_from,cause_to,amount_wan,by,note,file_sha256\n" +
			tableID(0, 1) + ",2023-07-20,调查通知书,榕自然资闲调〔2023〕3号,,,,,榕江自然资源局,,\n" +
			tableID(0, 1) + ",2023-08-11,说明,,企业原因,,,,,资金周转,\n" +
			tableID(0, 1) + ",2023-09-28,认定书,榕自然资闲认〔2023〕3号,企业原因,2022-06-30,2023-09-28,,榕江自然资源局,,\n",
		"rankings.csv": "zone,year,scope,rank,of\n" +
			"GX09,2020,自治区,9,12\nGX10,2020,自治区,11,12\n" +
			"GX09,2021,自治区,7,12\nGX10,2021,自治区,12,12\n" +
			"GX09,2023,自治区,7,13\nGX10,2023,自治区,12,13\n" +
			"GX09,2024,自治区,6,13\nGX10,2024,自治区,6,13\n" + // a tie, after a year without a ranking
			"GX09,2024,国家,118,178\n",
		"zone_actions.csv": "zone,on,kind,document_no\nGX10,2022-04-08,黄牌警告,桂科高字〔2022〕19号\nGX09,2024-12-02,奖励,桂科高字〔2024〕77号\n",
		"stats.csv":        "zone,year,gdp_wan,revenue_wan,industrial_output_wan,tax_wan,fixed_assets_wan,employees,rd_wan,energy_tce\nGX09,2024,9800,41000,38000,1900,26000,820,310,2900\n",
	}
}

// writeTables makes the files of the sample of tables in a folder.
func writeTables(dir string) error {
	bodies := map[string]func(*bufio.Writer){
		"zones.geojson":     func(w *bufio.Writer) { writeCollection(w, tableZones()) },
		"parcels.geojson":   func(w *bufio.Writer) { writeCollection(w, tableParcels()) },
		"approvals.geojson": func(w *bufio.Writer) { writeCollection(w, tableApprovals()) },
	}
	for name, text := range tableRows() {
		bodies[name] = func(w *bufio.Writer) { w.WriteString(text) }
	}
	for name, body := range bodies {
		if err := writeFile(filepath.Join(dir, name), body); err != nil {
			return err
		}
	}
	return nil
}
