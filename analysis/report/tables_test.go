package report_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/data"
)

// memory is a Result with its parts, as a report's source.
type memory struct {
	*analysis.Memory
	result *land.Result
}

func (m *memory) Header(context.Context) (land.Header, error) { return m.result.Header, nil }

func (m *memory) ZoneResults(_ context.Context, yield func(*land.ZoneResult) error) error {
	for i := range m.result.Zones {
		if err := yield(&m.result.Zones[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Sets(context.Context) ([]land.SetResult, error) { return m.result.Sets, nil }

func (m *memory) PartResults(_ context.Context, zone *land.ZoneKey, yield func(*land.PartResult) error) error {
	for i := range m.result.Parts {
		if p := &m.result.Parts[i]; zone == nil || p.Key() == *zone {
			if err := yield(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *memory) Rows(ctx context.Context, zone *land.ZoneKey, yield func(*report.Row) error) error {
	return m.PartResults(ctx, zone, func(r *land.PartResult) error {
		for i := range m.PartList {
			if p := &m.PartList[i]; p.ID == r.ID && p.In == r.Key() {
				return yield(&report.Row{Part: p, Result: r, Geometry: m.Parcels[p.ID]})
			}
		}
		return nil
	})
}

func (m *memory) ZoneGeometry(context.Context, land.ZoneKey) (orb.MultiPolygon, error) {
	return orb.MultiPolygon{{{{108, 22}, {108.02, 22}, {108.02, 22.02}, {108, 22.02}, {108, 22}}}}, nil
}

func (m *memory) Rejects(context.Context, func(*land.Reject) error) error { return nil }

// fill reads facts in the notation "field=value …".
func fill[T any](t *testing.T, fields []land.Field[T], facts string) (out T) {
	t.Helper()
	for _, fact := range strings.Fields(facts) {
		name, value, _ := strings.Cut(fact, "=")
		f, known := land.FieldNamed(fields, name)
		if !known {
			t.Fatalf("%q is no field", fact)
		}
		switch f.Kind {
		case land.Day:
			d, err := land.ParseDate(value)
			must(t, err)
			*f.Date(&out) = d
		case land.Quant:
			v, err := land.ParseFixed(value)
			must(t, err)
			*f.Num(&out) = land.Num(v)
		default:
			*f.Str(&out) = value
		}
	}
	return out
}

// withTables is a zone about which every table says something.
func withTables(t *testing.T) *memory {
	t.Helper()
	zones := []land.Zone{
		{Code: "GX01", Name: "甲高新区", Scope: land.ScopeApproved, Kind: "high_tech", Level: "national", Province: "450000", AreaM2: 4_000_000 * land.One},
		{Code: "GX02", Name: "乙高新区", Scope: land.ScopeApproved, Kind: "high_tech", Level: "provincial", Province: "450000", AreaM2: 1_000_000 * land.One}}
	m := &analysis.Memory{ZoneList: zones, RecordList: map[land.ZoneKey]*land.ZoneRecords{}}
	put := func(zone int, facts string, rec *land.Records) {
		p := land.Part{Parcel: fill(t, land.ParcelFields(), facts), In: zones[zone].Key(), Share: 1, SetShare: 1, Home: true, Records: rec}
		p.EllipsoidM2 = p.RecordedM2.Value
		p.PartEllipsoidM2, p.Source.Position = p.EllipsoidM2, int64(len(m.PartList)+1)
		m.PartList = append(m.PartList, p)
	}
	const lot = " approval_no=桂政土〔2021〕7号 use_code=1001 supplied_on=2022-06-01 completed_on=2023-06-01 "
	put(0, "id=1 recorded_area_m2=225000"+lot, nil)
	put(0, "id=2 recorded_area_m2=93000"+lot, nil)
	put(0, "id=3 recorded_area_m2=62000"+lot, nil)
	put(0, "id=4 recorded_area_m2=40000 approval_no=桂政土〔2021〕7号 approved_on=2021-05-01 use_code=1207 completed_on=2022-01-01", nil)
	idle := " use_code=1001 supplied_on=2019-01-01 construction_state=not_started contract_no=C1 price_wan=5000 "
	put(0, "id=5 holder=甲公司 recorded_area_m2=133333.333333"+idle, &land.Records{Phases: []land.Phase{
		fill(t, land.PhaseFields(), "phase=1 land_m2=53333.333333 completed_on=2021-05-01"),
		fill(t, land.PhaseFields(), "phase=2 land_m2=80000 agreed_start_on=2022-03-01")}})
	put(0, "id=6 holder=乙公司 recorded_area_m2=20000 agreed_start_on=2023-06-01"+idle, &land.Records{Events: []land.Event{
		fill(t, land.EventFields(), "kind=notice on=2024-07-15 document_no=调字〔2024〕3号"),
		fill(t, land.EventFields(), "kind=service on=2024-07-20 document_no=<b>&quot;"),
		fill(t, land.EventFields(), "kind=answer")}})
	put(0, "id=7 recorded_area_m2=10000 use_code=0901 supplied_on=2019-01-01 construction_state=not_started agreed_start_on=2023-10-01 price_wan=800", nil)
	put(0, "id=8 recorded_area_m2=5000 use_code=1001 supplied_on=2019-01-01 agreed_start_on=2022-01-01", nil)
	put(0, "id=9 recorded_area_m2=5000 use_code=1001 supplied_on=2019-01-01 agreed_start_on=2020-01-01", nil)
	put(1, "id=10 recorded_area_m2=30000 use_code=1001 supplied_on=2019-01-01 started_on=2020-01-01 agreed_completion_on=2021-01-01", &land.Records{Uses: []land.Use{
		fill(t, land.UseFields(), "use_code=070102 land_m2=10000 floor_m2=15000 term_years=70"),
		fill(t, land.UseFields(), "use_code=1001 land_m2=25000 term_years=50")}})
	m.RecordList[zones[0].Key()] = &land.ZoneRecords{Approvals: []land.ApprovedPart{
		{Approval: fill(t, land.ApprovalFields(), "id=B1 approval_no=桂政土〔2021〕7号 approved_on=2021-05-01 kind=batch area_ha=60 revoked_ha=6 revoked_on=2023-01-01"), Share: 1},
		{Approval: fill(t, land.ApprovalFields(), "id=B2 approval_no=<i>桂 approved_on=2024-02-01 kind=project area_ha=5 revoked_on=2024-06-01"), Share: 1},
		{Approval: fill(t, land.ApprovalFields(), "id=B3 approved_on=2019-02-01 area_ha=1"), Share: 1}},
		Rankings: []land.Ranking{{Year: 2023, Scope: "national", Rank: land.Num(41 * land.One), Of: land.Num(169 * land.One)}}}
	m.StatList = []land.Stats{{Zone: "GX01", Year: 2024, GDPWan: land.Num(90_000 * land.One)}, {Zone: "GX02", Year: 2024, GDPWan: land.Num(30_000 * land.One)}}
	return &memory{m, analyzeTables(t, m)}
}

func analyzeTables(t *testing.T, m *analysis.Memory) *land.Result {
	t.Helper()
	tree, err := data.Rules()
	must(t, err)
	packs, err := rule.LoadFS(tree, "national/idle-land-2012")
	must(t, err)
	packs = append(packs, &rule.Pack{ID: "x/ageing", Version: "1", Parameters: []rule.Parameter{
		{ID: "supply.ageing-years.1", Num: 1, Den: 1}, {ID: "supply.ageing-years.2", Num: 5, Den: 1}}})
	asOf, err := land.ParseDate("2024-12-31")
	must(t, err)
	c := &analysis.Collector{}
	must(t, analysis.Run(t.Context(), analysis.Options{AsOf: asOf, Packs: packs, Workers: 1}, m, c))
	r := c.Result()
	r.Header = land.Header{AsOf: asOf, AsOfReason: "given", AnalysisID: "0123456789abcdef", Engine: land.Engine{Version: "test"}, Packs: []land.Pack{}, Inputs: []land.Input{}}
	return r
}

// What the tables bring, in every format that shows it.
func TestGoldenWithTables(t *testing.T) {
	src := withTables(t)
	for _, c := range []struct{ file, format, lang string }{
		{"expected_tables.json", "json", "zh"}, {"expected_tables_zh.html", "html", "zh"}, {"expected_tables_en.html", "html", "en"}, {"expected_tables_zh.csv", "csv", "zh"},
	} {
		t.Run(c.file, func(t *testing.T) {
			got := write(t, src, c.format, options(t, c.lang))
			path := filepath.Join("testdata", c.file)
			if *update {
				must(t, os.WriteFile(path, got, 0o644))
				return
			}
			want, err := os.ReadFile(path)
			must(t, err)
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs at %s\nrenew with go test ./analysis/report -update", c.file, firstDifference(got, want))
			}
		})
	}
}

// An inspector finds in the page what is due, and words for everything.
func TestTablesAreReadable(t *testing.T) {
	src := withTables(t)
	for lang, want := range map[string][]string{
		"zh": {"2021 年批准", "未供应 240", "70.37%", "超期 134 天", "调字〔2024〕3号", "需实地核实", "分期 2", "城市房地产管理法", "两种平均", "有文书未填日期", "各用途面积之和大于宗地面积"},
		"en": {"approved in 2021", "unsupplied 240", "70.37%", "134 days overdue", "phase 2", "to verify on site", "Urban Real Estate Law", "Both averages"},
	} {
		page := string(write(t, src, "html", options(t, lang)))
		text := wellFormed(t, []byte(page))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is not in the page", lang, w)
			}
		}
		if found := rawKey.FindAllString(text, 5); found != nil || strings.Contains(page, "<i>桂") || strings.Contains(page, "<b>&quot;") {
			t.Errorf("%s: keys %q, or markup of the input, in the page", lang, found)
		}
	}
	text := wellFormed(t, write(t, src, "html", options(t, "zh")))
	if nine, eight := strings.Index(text, "2020-01-01"), strings.Index(text, "2022-01-01"); nine < 0 || eight < 0 || nine > eight {
		t.Error("what is longest overdue stands first in the list to verify")
	}
}
