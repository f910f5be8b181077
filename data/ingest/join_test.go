package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/muscope/muscope/analysis/land"
)

// joinLayer is five parcels of which the table knows three.
func joinLayerText() string {
	return collection(feature(`"TBBM":"001","TDYT":"1001","备注":"图"`, square(0, 0)), feature(`"TBBM":2,"TDMJ":1.10`, square(2, 0)),
		feature(`"TBBM":" 003 ","TDMJ":null`, square(4, 0)), feature(`"TBBM":"004"`, square(6, 0)), feature(`"TBBM":null,"BH":"x5"`, square(8, 0)))
}

const joinTable = "DKBM,TDMJ,用途,备注\n001,1.2,,表\n2.0,1.1,1001,\n003,,0701,\n009,5,,\n,6,,\n001,9,,\n"

func joinMap(t *testing.T) *Map {
	t.Helper()
	m, err := ParseMap("survey", []byte("layer: parcels\nfields:\n  id: [TBBM, BH]\n  use_code: [用途, TDYT]\n  recorded_area_m2: {from: TDMJ, unit: ha}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func workbook(t *testing.T, csv string) File {
	t.Helper()
	book := excelize.NewFile()
	for i, line := range strings.Split(strings.TrimSpace(csv), "\n") {
		for c, cell := range strings.Split(line, ",") {
			name, err := excelize.CoordinatesToCellName(c+1, i+1)
			if err == nil {
				err = book.SetCellStr("Sheet1", name, cell)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return File{Name: "t.xlsx", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }}
}

func TestJoin(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(joinTable)
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]File{"csv": text("t.csv", joinTable), "gbk": text("t.csv", gbk), "xlsx": workbook(t, joinTable)} {
		for _, lang := range []string{"zh", "en"} {
			opt := Options{Lang: lang, Files: []File{text("p.geojson", joinLayerText())}, Map: joinMap(t), MaxRejects: NoLimit,
				Joins: []Join{{File: table, Left: "TBBM", Right: "DKBM"}}}
			checkJoin(t, name+" "+lang, opt)
		}
	}
}

func checkJoin(t *testing.T, name string, opt Options) {
	t.Helper()
	said := map[string]land.Reject{}
	opt.Rejects = func(r *land.Reject) {
		if strings.Contains(r.Reason, "ingest.") || strings.Contains(r.Reason, "%!") || r.Remedy == "" {
			t.Errorf("%s: %+v", name, *r)
		}
		said[r.Code] = *r
	}
	sink, res := loadFile(t, opt)
	var got []string
	for i := int64(1); i <= 5; i++ {
		p := sink.parcels[i]
		got = append(got, fmt.Sprintf("%s %s %s %s", p.ID, p.UseCode, p.RecordedM2, p.Extra))
	}
	// The table's 1.2 ha, its blank beside the layer's use, its number 2.0.
	want := []string{`001 1001 12000 {"备注":"表","DKBM":"001"}`, `2 1001 11000 {"DKBM":"2.0"}`, `003 0701  {"DKBM":"003"}`, "004   ", "x5   "}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%s: %q\nwant %q", name, got, want)
	}
	for code, n := range map[string]int64{codeJoinFeatures: 2, codeJoinRows: 2, codeJoinRepeated: 1, codeJoinConflict: 1} {
		if res.Counts[code] != n {
			t.Errorf("%s: %s %d times, want %d", name, code, res.Counts[code], n)
		}
	}
	for code, words := range map[string][]string{codeJoinFeatures: {"2", "t.", "004, #5"}, codeJoinRows: {"2", "1", "009"}, codeJoinRepeated: {"001"}, codeJoinConflict: {"备注", "图 → 表"}} {
		for _, w := range words {
			if !strings.Contains(said[code].Reason, w) {
				t.Errorf("%s: %s doesn't say %q: %s", name, code, w, said[code].Reason)
			}
		}
	}
	if in := res.Inputs[0]; in.Warnings < 4 || in.Settings["join-1"] != "TBBM=DKBM" || len(in.Settings["join-1-sha256"]) != 64 {
		t.Errorf("%s: %+v", name, in)
	}
}

// TestJoinSeveral: two tables, one joined on a column that the other brings,
// and on the Feature's own id.
func TestJoinSeveral(t *testing.T) {
	layer := `{"type":"FeatureCollection","features":[{"type":"Feature","id":7,"properties":{},"geometry":{"type":"Polygon","coordinates":` + square(0, 0) + `}}]}`
	sink, res := loadFile(t, Options{Files: []File{text("p.geojson", layer)}, MaxRejects: NoLimit, Joins: []Join{
		{File: text("a.csv", "id,contract_no\n7,C1\n"), Left: "id", Right: "id"},
		{File: text("b.csv", "no,price_wan\nC1,\"1,200\"\n"), Left: "contract_no", Right: "no"}}})
	if p := sink.parcels[1]; p.ID != "7" || p.ContractNo != "C1" || p.PriceWan.String() != "1200" {
		t.Errorf("%+v %v", p, res.Counts)
	}
}

// TestJoinProposed: --map auto sees the joined columns.
func TestJoinProposed(t *testing.T) {
	p := propose(t, LayerParcels, Options{Files: []File{text("p.geojson", joinLayerText())}, Joins: []Join{{File: text("t.csv", joinTable), Left: "TBBM", Right: "DKBM"}}})
	if matchOf(p, "recorded_area_m2") != "TDMJ ha" {
		t.Errorf("%s", p.YAML)
	}
}

func TestJoinRefused(t *testing.T) {
	for _, c := range []struct{ table, code, says string }{
		{"BH,TDMJ\n1,2\n", "join.no_column", "BH, TDMJ"},
		{"DKBM,x\n1,2,3\n", "join.row_too_wide", "2"},
		{"", "table.empty", ""},
		{"DKBM,DKBM\n1,2\n", "table.column_twice", "DKBM"},
		{"DKBM,x\n\"1,2\n", "table.csv", ""},
	} {
		_, err := LoadParcels(context.Background(), Options{Files: []File{text("p.geojson", joinLayerText())}, MaxRejects: NoLimit,
			Joins: []Join{{File: text("t.csv", c.table), Left: "TBBM", Right: "DKBM"}}}, nil, newMemory())
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Code != c.code || refused.File != "t.csv" || refused.Remedy == "" || !strings.Contains(refused.Reason, c.says) {
			t.Errorf("%q: %v, want %s", c.table, err, c.code)
		}
	}
	_, err := LoadParcels(context.Background(), Options{Files: []File{text("p.geojson", joinLayerText())}, MaxRejects: NoLimit,
		Joins: []Join{{File: File{Name: "/no/such.csv"}, Left: "TBBM", Right: "DKBM"}}}, nil, newMemory())
	if !errors.Is(err, ErrRefused) {
		t.Error(err)
	}
}

// TestJoinLimit: a table that takes more memory than is stated is refused.
func TestJoinLimit(t *testing.T) {
	var b strings.Builder
	b.WriteString("DKBM,x\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "%d,%s\n", i, strings.Repeat("x", 2000))
	}
	j, err := newJob(LayerParcels, Options{Files: []File{text("p.geojson", "")}})
	if err != nil {
		t.Fatal(err)
	}
	for left, want := range map[int64]bool{3 << 20: true, 1 << 20: false} {
		_, err := j.readJoin(context.Background(), Join{File: text("t.csv", b.String()), Right: "DKBM"}, &left)
		var refused *RefusedError
		if ok := err == nil; ok != want || !ok && (!errors.As(err, &refused) || refused.Code != "join.too_large" || refused.Remedy == "") {
			t.Errorf("%v, want %v", err, want)
		}
	}
}
