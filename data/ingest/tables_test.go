package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/muscope/muscope/analysis/land"
)

// tableMemory is a Sink that keeps rows of tables and approvals by position.
type tableMemory struct {
	Discard
	rows      map[int64]string // key and record
	approvals map[int64]ApprovalRow
}

func newTableMemory() *tableMemory {
	return &tableMemory{rows: map[int64]string{}, approvals: map[int64]ApprovalRow{}}
}

func (m *tableMemory) TableWriter(string) (TableWriter, error) { return tableMemoryWriter{m}, nil }
func (m *tableMemory) ApprovalWriter() (ApprovalWriter, error) { return approvalMemory{m}, nil }
func (m *tableMemory) list() []string                          { return sortedRows(m.rows) }
func (m *tableMemory) Drop(_ context.Context, _ string, positions []int64) error {
	for _, p := range positions {
		delete(m.rows, p)
		delete(m.approvals, p)
	}
	return nil
}

func sortedRows(rows map[int64]string) []string {
	var out []string
	for _, p := range slices.Sorted(maps.Keys(rows)) {
		out = append(out, rows[p])
	}
	return out
}

type tableMemoryWriter struct{ m *tableMemory }

func (w tableMemoryWriter) Write(r *TableRow) error {
	at, line := recordLine(r.Record)
	w.m.rows[at.Position] = line
	return nil
}
func (tableMemoryWriter) Close() error { return nil }

type approvalMemory struct{ m *tableMemory }

func (w approvalMemory) Write(r *ApprovalRow) error {
	row := *r
	a := *r.Approval
	row.Approval, row.In = &a, slices.Clone(r.In)
	w.m.approvals[a.Source.Position] = row
	return nil
}
func (approvalMemory) Close() error { return nil }

// recordLine writes a record's known fields.
func recordLine(record any) (land.Source, string) {
	switch r := record.(type) {
	case *land.Phase:
		return r.Source, fieldLine(land.PhaseFields(), r)
	case *land.Use:
		return r.Source, fieldLine(land.UseFields(), r)
	case *land.Term:
		return r.Source, fieldLine(land.TermFields(), r)
	case *land.Firm:
		return r.Source, fmt.Sprint(r.Year, " ", fieldLine(land.FirmFields(), r))
	case *land.Event:
		return r.Source, fieldLine(land.EventFields(), r)
	case *land.Ranking:
		return r.Source, fmt.Sprint(r.Zone, " ", r.Year, " ", fieldLine(land.RankingFields(), r))
	case *land.ZoneAction:
		return r.Source, fieldLine(land.ZoneActionFields(), r)
	}
	return land.Source{}, fmt.Sprintf("%T", record)
}

func fieldLine[T any](fields []land.Field[T], rec *T) string {
	var out []string
	for _, f := range fields {
		switch {
		case f.Str != nil && *f.Str(rec) != "":
			out = append(out, *f.Str(rec))
		case f.Date != nil && f.Date(rec).Known():
			out = append(out, f.Date(rec).String())
		case f.Num != nil && f.Num(rec).Known:
			out = append(out, f.Num(rec).Value.String())
		}
	}
	return strings.Join(out, " ")
}

func loadRows(layer string, opt Options, files ...File) (*Result, *tableMemory, *told, error) {
	sink, said := newTableMemory(), &told{}
	opt.Files = files
	if opt.MaxRejects == 0 {
		opt.MaxRejects = NoLimit
	}
	said.listen(&opt)
	res, err := LoadTable(context.Background(), layer, opt, sink)
	return res, sink, said, err
}

func TestTables(t *testing.T) {
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String("parcel,on,kind,cause,by\nP1,2024年3月1日,认定书,企业原因,县自然资源局\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, layer, content string
		opt                  Options
		want, said           []string
	}{
		{"phases", LayerPhases, "parcel,phase,land_m2,started_on,price_wan\nP1,一期,3200,2020-11-15,400\nP1,2,x,2024-13-01,\nP1,一期,1,,\n,1,2,,\nP2,,2,,\n", Options{},
			[]string{"P1 一期 3200 2020-11-15 400", "P1 2"},
			[]string{"3 P1 / 2 land_m2 field.not_a_number", "3 P1 / 2 started_on field.not_a_date", "5 1 parcel row.key_missing", "6 P2 phase row.key_missing", "4 P1 / 一期 row.duplicate"}},
		{"uses", LayerUses, "parcel\tuse_code\tland_m2\nP1\t0902\t5\nP1\t100101\t0\n", Options{}, []string{"P1 0902 5", "P1 100101 0"}, nil},
		{"terms", LayerTerms, "contract_no,indicator,comparison,value,unit\nC1,far.project,不低于,1.2,ratio\nC1,far.project,≤,3,\nC1,far.project,about,3,\n", Options{},
			[]string{"C1 far.project >= 1.2 ratio", "C1 far.project <= 3", "C1 far.project 3"}, []string{"4 C1 / far.project comparison field.unknown_word"}},
		{"firms", LayerFirms, "uscc,year,parcel,role,tax_wan\nX,2024,P1,承租,-5\nX,2024.0,P1,自有,5\nX,2024,P1,承租,6\nX,twenty,P1,,\nX,2024,,,\n", Options{},
			[]string{"2024 X P1 tenant -5", "2024 X P1 holder 5"},
			[]string{"5 X / P1 year row.year", "6 X parcel row.key_missing", "4 X / 2024 / P1 / tenant row.duplicate"}},
		{"events in GB18030", LayerEvents, gbk, Options{}, []string{"P1 2024-03-01 determination holder 县自然资源局"}, nil},
		{"events have no key: the same row once", LayerEvents, "parcel,on,kind,note\nP1,2024-01-02,送达,a\nP1,2024-01-02,送达,b\nP1,2024/1/2,送达,a\nP1,1900-01-01,缴纳,\n", Options{},
			[]string{"P1 2024-01-02 service a", "P1 2024-01-02 service b", "P1 payment"},
			[]string{"5 P1 / payment on field.date_too_early", "4 P1 / 2024-01-02 / service row.duplicate"}},
		{"rankings of unknown zones", LayerRankings, "zone,year,scope,rank,of\nA,2023,自治区,3,12\nB,2023,国家,,\nA,2023,市,3,4\n", Options{KnownZones: map[string]bool{"A": true}},
			[]string{"A 2023 provincial 3 12", "B 2023 national", "A 2023 municipal 3 4"}, []string{"3 B / 2023 / national zone row.unknown_zone"}},
		{"acts on zones", LayerZoneActions, "zone,on,kind\nA,2022-04-08,黄牌警告\nA,2022-04-08,黄牌\nA,,通报批评\n", Options{},
			[]string{"A 2022-04-08 yellow_card", "A criticism"}, []string{"3 A / 2022-04-08 / yellow_card row.duplicate"}},
		{"a key on one line", LayerPhases, "parcel,phase\n\"P\n1\",1\n", Options{}, []string{"P 1 1"}, []string{"2 P 1 / 1 parcel field.line_break"}},
	} {
		res, sink, said, err := loadRows(c.layer, c.opt, text("t.csv", c.content))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := sink.list(); !slices.Equal(got, c.want) || !slices.Equal(said.lines, c.said) || res.Features() != res.Loaded()+res.Rejected() {
			t.Errorf("%s: %q, want %q; said %q, want %q; %+v", c.name, got, c.want, said.lines, c.said, res.Inputs)
		}
		for _, r := range said.rejects {
			if r.Reason == "" || r.Remedy == "" || strings.HasPrefix(r.Reason, "ingest.") || r.File != "t.csv" {
				t.Errorf("%s: %+v", c.name, r)
			}
		}
	}
}

// Of rows that occur twice the first stays, also over files, and both places
// are named; rows added to a layer are held against it.
func TestTableRepeats(t *testing.T) {
	a, b := "parcel,phase\nP1,1\nP1,2\n", "parcel,phase,land_m2\nP1,3,1\nP1,1,2\n"
	_, sink, said, err := loadRows(LayerPhases, Options{}, text("a.csv", a), text("b.csv", b))
	if err != nil || !slices.Equal(sink.list(), []string{"P1 1", "P1 2", "P1 3 1"}) || len(said.rejects) != 1 {
		t.Fatalf("%q, said %q, %v", sink.list(), said.lines, err)
	}
	if r := said.rejects[0]; r.File != "b.csv" || r.Feature != 3 || !strings.Contains(r.Reason, "a.csv, line 2") {
		t.Errorf("%+v", r)
	}
	existing := func(_ context.Context, keys []string, found func(int)) error {
		for i, k := range keys {
			if k == "P1"+keySeparator+"2" {
				found(i)
			}
		}
		return nil
	}
	after := land.Source{File: 3, Position: 50}
	res, sink, said, err := loadRows(LayerPhases, Options{Existing: existing, After: after}, text("a.csv", a))
	if err != nil || !slices.Equal(said.lines, []string{"3 P1 / 2 row.exists"}) || res.Loaded() != 1 || sink.rows[52] != "P1 1" {
		t.Errorf("said %q, %v, %v", said.lines, sink.rows, err)
	}
	var replaced []string
	opt := Options{Existing: existing, After: after, Replace: func(_ context.Context, keys []string) error { replaced = keys; return nil }}
	if _, sink, said, err = loadRows(LayerPhases, opt, text("a.csv", a)); err != nil || len(said.lines) > 0 || len(sink.rows) != 2 || len(replaced) != 1 {
		t.Errorf("said %q, %v, %v, %v", said.lines, sink.rows, replaced, err)
	}
	if res.Inputs[0].SHA256 == "" || res.Inputs[0].Features != 2 {
		t.Errorf("%+v", res.Inputs)
	}
}

func TestTableRefused(t *testing.T) {
	for _, c := range []struct{ layer, content, code string }{
		{LayerEvents, "", "table.empty"},
		{LayerEvents, "parcel,on\n", "load.nothing"},
		{LayerEvents, "name,on\nP,2024-01-01\n", "row.key_missing"},
		{LayerFirms, "uscc,year,year\n", "table.column_twice"},
		{LayerTerms, "contract_no\n\"A\n", "table.csv"},
		{LayerPhases, "PK\x03\x04", "table.not_xlsx"},
		{LayerPhases, "parcel,phase\nP,1\n" + strings.Repeat("P,1\n", 3), ""},
	} {
		_, _, _, err := loadRows(c.layer, Options{MaxRejects: NoLimit}, text("t.csv", c.content))
		var refused *RefusedError
		errors.As(err, &refused)
		if c.code == "" && err != nil || c.code != "" && (refused == nil || refused.Code != c.code) {
			t.Errorf("%q: %v, want %s", c.content, err, c.code)
		}
	}
	opt := Options{MaxRejects: 1}
	if _, _, _, err := loadRows(LayerPhases, opt, text("t.csv", "parcel,phase\nP,1\n,1\n,2\n")); !errors.Is(err, ErrRefused) {
		t.Errorf("two rejects where one is allowed: %v", err)
	}
	if _, err := LoadTable(context.Background(), "parcels", Options{}, Discard{}); err == nil {
		t.Error("parcels are no table")
	}
	m, err := ParseMap("m.yaml", []byte("layer: events\nfields: {parcel: DKBH, on: 日期, kind: {from: 文书, words: {认定: determination}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, sink, said, err := loadRows(LayerEvents, Options{Map: m}, text("t.csv", "DKBH,日期,文书\nP1,2024-05-06,认定\n"))
	if err != nil || !slices.Equal(sink.list(), []string{"P1 2024-05-06 determination"}) {
		t.Errorf("%q %q %v", sink.list(), said.lines, err)
	}
}

// A large file is read as a stream, and gives what a small one gives.
func TestTableStreams(t *testing.T) {
	var b strings.Builder
	b.WriteString("parcel,on,kind,note\n")
	rows := 0
	for ; b.Len() < 2*wholeBytes; rows++ {
		fmt.Fprintf(&b, "P%06d,2024-01-02,调查通知书,\"第%d号，附件\n两行\"\n", rows, rows)
	}
	utf8Text := b.String()
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(utf8Text)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, content, code string }{
		{"UTF-8", utf8Text, ""},
		{"byte order mark", "\xEF\xBB\xBF" + utf8Text, ""},
		{"GB18030", gbk, ""},
		{"neither", gbk + "P,\xFF\xFF\n", "table.encoding"},
		{"UTF-16", "\xFF\xFE" + utf8Text, "table.utf16"},
		{"a quote that never ends", utf8Text + "P,\"" + strings.Repeat("x\n", maxRecordBytes), "table.record_too_long"},
		{"a quote at the end", utf8Text + "P,\"x", "table.csv"},
	} {
		res, sink, _, err := loadRows(LayerEvents, Options{}, text("t.csv", c.content))
		var refused *RefusedError
		if errors.As(err, &refused); c.code != "" {
			if refused == nil || refused.Code != c.code || refused.File != "t.csv" {
				t.Errorf("%s: %v, want %s", c.name, err, c.code)
			}
			continue
		}
		if err != nil || len(sink.rows) != rows || res.Inputs[0].SHA256 != digest([]byte(c.content)) {
			t.Errorf("%s: %d of %d rows, %v", c.name, len(sink.rows), rows, err)
			continue
		}
		if got := sink.list()[rows-1]; got != fmt.Sprintf("P%06d 2024-01-02 notice 第%d号，附件\n两行", rows-1, rows-1) {
			t.Errorf("%s: the last row is %q", c.name, got)
		}
	}
}

// A cell of 10 MB leaves its field unknown; nothing else suffers.
func TestTableLargeCell(t *testing.T) {
	content := "parcel,kind,note\nP1,送达," + strings.Repeat("长", 10<<20/3) + "\nP2,送达,short\n" + strings.Repeat("Q", 10<<20) + ",送达,\n"
	_, sink, said, err := loadRows(LayerEvents, Options{}, text("t.csv", content))
	if err != nil || !slices.Equal(sink.list(), []string{"P1 service", "P2 service short"}) || !slices.Equal(said.lines, []string{
		"2 P1 / service note field.too_long", "4 service parcel field.too_long", "4 service parcel row.key_missing"}) {
		t.Errorf("%.200q, said %.200q, %v", sink.list(), said.lines, err)
	}
}

// countingSink counts rows.
type countingSink struct {
	Discard
	n int64
}

func (s *countingSink) TableWriter(string) (TableWriter, error) { return s, nil }
func (s *countingSink) Write(*TableRow) error                   { s.n++; return nil }
func (s *countingSink) Close() error                            { return nil }

// rowStream is a CSV file of any size that is never held.
type rowStream struct {
	rows, next int
	rest       []byte
}

func (s *rowStream) Close() error { return nil }
func (s *rowStream) Read(b []byte) (int, error) {
	for len(s.rest) < len(b) && s.next < s.rows {
		if s.next == 0 {
			s.rest = append(s.rest, "parcel,on,kind,document_no,by\n"...)
		}
		s.rest = fmt.Appendf(s.rest, "P%08d,2024-01-02,调查通知书,〔2024〕%d号,自然资源局\n", s.next, s.next)
		s.next++
	}
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// Memory doesn't grow with the rows of a table.
func TestTableMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("a million rows take some seconds")
	}
	const rows = 1_000_000
	var peak uint64
	opt := Options{Files: []File{{Name: "t.csv", Open: func() (io.ReadCloser, error) { return &rowStream{rows: rows}, nil }}},
		MaxRejects: NoLimit, TempDir: t.TempDir(), Progress: func(_, n int64) {
			if n%100_000 == 0 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}}
	sink := &countingSink{}
	if _, err := LoadTable(context.Background(), LayerEvents, opt, sink); err != nil || sink.n != rows {
		t.Fatal(sink.n, err)
	}
	if peak > 100<<20 {
		t.Errorf("%d MB of heap for a million rows", peak>>20)
	}
}

func loadApprovals(opt Options, files ...File) (*Result, *tableMemory, *told, error) {
	sink, said := newTableMemory(), &told{}
	opt.Files, opt.MaxRejects, opt.Workers = files, NoLimit, 1
	said.listen(&opt)
	locator, err := NewLocator([]ZoneRow{zoneRow("A", "approved", "", cells(0, 0, 4, 4)), zoneRow("B", "approved", "", cells(4, 0, 4, 4))})
	if err != nil {
		return nil, nil, nil, err
	}
	res, err := LoadApprovals(context.Background(), opt, locator, sink)
	return res, sink, said, err
}

// Approvals come with a boundary or without, from features and tables alike,
// and are located by what is drawn.
func TestApprovals(t *testing.T) {
	book := excelize.NewFile()
	for i, row := range [][]any{{"id", "approval_no", "kind"}, {"X1", "桂函1", "单独选址"}} {
		if err := book.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var xlsx bytes.Buffer
	if err := book.Write(&xlsx); err != nil {
		t.Fatal(err)
	}
	features := collection(
		feature(`"id":"G1","area_ha":1.2,"kind":"批次"`, box(3, 1, 2, 1)),
		`{"type":"Feature","properties":{"id":"G2","approved_on":"2020-05-06"},"geometry":null}`,
		feature(`"id":"G1"`, square(0, 0)),
		feature(`"id":"G4"`, `[[[108,22],[108.001,22.001],[108.001,22],[108,22.001],[108,22]]]`))
	res, sink, said, err := loadApprovals(Options{}, text("a.geojson", features),
		text("b.csv", "id,approval_no,kind,extra\nC1,桂函2,批次,x\nG2,,,\nC2,,,,too,wide\n"), text("c.xlsx", xlsx.String()))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"1 G1 area_ha approval.area_differs", "4 G4 geometry.ring_self_intersection", "3 table.row_too_wide", "2 G2 id id.duplicate", "3 G1 id id.duplicate"}
	slices.Sort(said.lines)
	slices.Sort(want)
	if !slices.Equal(said.lines, want) {
		t.Errorf("said %q, want %q", said.lines, want)
	}
	var got []string
	for _, p := range slices.Sorted(maps.Keys(sink.approvals)) {
		a := sink.approvals[p]
		got = append(got, fmt.Sprintf("%s %s %d %v", a.Approval.ID, a.Approval.Kind, len(a.In), a.Geometry != nil))
	}
	if want := []string{"G1 batch 2 true", "G2  0 false", "C1 batch 0 false", "X1 project 0 false"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if g := sink.approvals[1]; len(g.In) == 2 && (g.In[0].Share < 0.499 || g.In[0].Share > 0.501) || g.Approval.Source.Feature != 1 {
		t.Errorf("%+v", g.In)
	}
	if res.Features() != res.Loaded()+res.Rejected() || res.Loaded() != 4 {
		t.Errorf("%+v", res.Inputs)
	}
	for _, bad := range []string{"", "id\n", "id,id\nA,B\n", "{}"} {
		if _, _, _, err := loadApprovals(Options{}, text("a", bad)); !errors.Is(err, ErrRefused) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// FuzzTables holds any bytes, read as any table, against the promise: features =
// loaded + rejected, and what loads has its key.
func FuzzTables(f *testing.F) {
	for i, s := range []string{"parcel,phase,land_m2\nP,1,5\n", "parcel,use_code\nP,0902\n", "contract_no,indicator,comparison\nC,far,≥\n",
		"uscc,year,parcel\nX,2024,P\n", "parcel,on,kind\nP,2024-01-02,送达\n", "zone,year,rank\nA,2023,1\n", "zone,on,kind\nA,,黄牌\n"} {
		f.Add([]byte(s), byte(i))
	}
	texts := noTexts()
	f.Fuzz(func(t *testing.T, content []byte, which byte) {
		layer := Tables()[int(which)%len(Tables())]
		res, sink, said, err := loadRows(layer, Options{Texts: texts}, text("t.csv", string(content)))
		if err != nil {
			if !errors.Is(err, ErrRefused) {
				t.Fatalf("%s %q: %v", layer, content, err)
			}
			return
		}
		if res.Features() != res.Loaded()+res.Rejected() || res.Loaded() != int64(len(sink.rows)) || res.Rejected() > int64(len(said.lines)) {
			t.Fatalf("%s %q: %+v, %d rows, said %q", layer, content, res.Inputs, len(sink.rows), said.lines)
		}
	})
}

// FuzzApprovals is the same for approvals, features and tables.
func FuzzApprovals(f *testing.F) {
	f.Add([]byte(collection(feature(`"id":"a"`, square(0, 0)), `{"type":"Feature","properties":{"id":"b"},"geometry":null}`)))
	f.Add([]byte("id,approval_no\nA,B\n"))
	f.Add([]byte("PK\x03\x04[Content_Types].xml"))
	texts := noTexts()
	f.Fuzz(func(t *testing.T, content []byte) {
		res, sink, _, err := loadApprovals(Options{Texts: texts}, text("t", string(content)))
		if err != nil {
			if !errors.Is(err, ErrRefused) {
				t.Fatalf("%q: %v", content, err)
			}
			return
		}
		if res.Features() != res.Loaded()+res.Rejected() || res.Loaded() != int64(len(sink.approvals)) {
			t.Fatalf("%q: %+v, %d rows", content, res.Inputs, len(sink.approvals))
		}
	})
}
