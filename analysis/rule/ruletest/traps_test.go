package ruletest_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/rule/ruletest"
	"github.com/muscope/muscope/data"
)

// Nothing here is written anew; the flag is known so that one command renews
// the expected files of all packages below analysis/rule.
var _ = flag.Bool("update", false, "write the expected files anew (there are none here)")

// packText is an embedded pack with some words replaced, as a user's own pack
// would have it.
func packText(t *testing.T, id string, replace ...string) *rule.Pack {
	t.Helper()
	tree, err := data.Rules()
	if err != nil {
		t.Fatal(err)
	}
	b, err := fs.ReadFile(tree, id+"/pack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i+1 < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("%s has no %q", id, replace[i])
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	p, err := rule.Read(id+"/pack.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// holds runs cases written in the trade's notation and wants no failure.
func holds(t *testing.T, p *rule.Pack, cases string) {
	t.Helper()
	f, err := ruletest.Read("trap.yaml", []byte("pack: "+p.ID+"\ncases:\n"+cases))
	if err != nil {
		t.Fatal(err)
	}
	failures, err := ruletest.Run(context.Background(), p, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, fail := range failures {
		t.Error(fail)
	}
}

const (
	guangxi   = "guangxi/hightech-2021"
	chongqing = "chongqing/hightech-draft-2021"
	idle      = "national/idle-land-2012"
	project08 = "national/industrial-project-2008"
)

// T1: 7 % and 15 % are norms of a project. The zone's sums are another reading,
// with a numerator of their own; both are reported.
func TestTrap1ProjectAndZoneAreTwoLevels(t *testing.T) {
	p := packText(t, guangxi)
	holds(t, p, `
  - name: a project within its cap in a zone over it, for an office parcel is no project
    as_of: 2024-12-31
    parcels:
      - {id: A, use_code: "1001", supplied_on: 2021-06-01, contract_signed_on: 2021-05-01, completed_on: 2023-01-01,
         recorded_area_m2: 90000, floor_area_m2: 90000, ancillary_site_m2: 6300, ancillary_floor_m2: 13500}
      - {id: B, use_code: "0801", supplied_on: 2021-06-01, completed_on: 2023-01-01, recorded_area_m2: 10000, floor_area_m2: 10000}
    expect:
      - {rule: ancillary.project-land-max, subject: A, outcome: satisfied}
      - {rule: ancillary.zone-projects-land-max, outcome: satisfied, observed: 0.07}
      - {rule: ancillary.zone-land-max, outcome: violated, observed: 0.163, excess_mu: 13.95}
      - {rule: ancillary.project-floor-max, subject: A, outcome: satisfied}
      - {rule: ancillary.zone-projects-floor-max, outcome: satisfied, observed: 0.15}
      - {rule: ancillary.zone-floor-max, outcome: violated, observed: 0.235}
`)
	seen := map[string]string{}
	for _, r := range p.Rules {
		if r.Indicator == "" {
			continue
		}
		if other, twice := seen[r.Indicator]; twice {
			t.Errorf("%s and %s judge the same figure", r.ID, other)
		}
		seen[r.Indicator] = r.ID
	}
}

// T2: one 15 % is a cap on floor area, the other a target for land.
func TestTrap2TwoFifteenPercents(t *testing.T) {
	caps, targets := 0, 0
	for _, r := range packText(t, guangxi).Rules {
		if l, ok := r.LimitOn(day(t, "2024-12-31")); !ok || l.Value.Value != land.One*15/100 {
			continue
		}
		switch r.Kind {
		case rule.KindCap:
			caps++
			if r.Comparison != "<=" || r.Clause != "（二十四）" || !strings.Contains(r.Indicator, "floor_share") {
				t.Errorf("%s: a cap of 15 %% that is not on floor area: %s %s %s", r.ID, r.Clause, r.Comparison, r.Indicator)
			}
		case rule.KindTarget:
			targets++
			if r.Comparison != ">=" || r.Clause != "（二十二）" || r.Indicator != "production_service_land_share.construction_land" {
				t.Errorf("%s: a target of 15 %% that is not production-service land: %s %s %s", r.ID, r.Clause, r.Comparison, r.Indicator)
			}
		}
	}
	if caps != 3 || targets != 1 {
		t.Errorf("%d caps and %d targets of 15 %%; want 3 and 1", caps, targets)
	}
}

const rentalHousing = `
  - name: 12 %% of land, half of it rental housing for staff
    as_of: 2024-12-31
    parcels:
      - {id: A, use_code: "1001", supplied_on: 2021-06-01, contract_signed_on: 2021-05-01, completed_on: 2023-01-01,
         recorded_area_m2: 100000, ancillary_site_m2: 12000, rental_housing_site_m2: 6000}
    expect:
      - {rule: ancillary.project-land-max, subject: A, outcome: %s}
`

// T3: a third 15 % is other cities' cap on land with rental housing. It is
// nobody's here unless a pack of the user says so.
func TestTrap3LiftedCapTakesAPackOfTheUser(t *testing.T) {
	holds(t, packText(t, guangxi), fmt.Sprintf(rentalHousing, "violated"))
	lifted := packText(t, guangxi, "limits: [{from: 2021-03-01, value: 0.07, source: （二十二）}]", "limits: [{from: 2021-03-01, value: 0.15, source: 本市放宽规定}]")
	holds(t, lifted, fmt.Sprintf(rentalHousing, "satisfied"))
	for _, p := range allPacks(t) {
		for _, r := range p.Rules { // local/rental-housing-2021 is written out, and off
			for _, l := range r.Limits {
				lifted := strings.Contains(r.Indicator, "land_share") && l.Value.Value == land.One*15/100 ||
					strings.Contains(r.Indicator, "floor_share") && l.Value.Value == land.One*30/100
				if r.Kind == rule.KindCap && lifted {
					t.Errorf("%s: a lifted cap is shipped", r.Key())
				}
			}
		}
	}
}

// T4: 30 万元/亩 is GDP in Chongqing; the same number of tax is another place's.
func TestTrap4ThirtyIsOfGDP(t *testing.T) {
	p := packText(t, chongqing)
	holds(t, p, `
  - name: 30 of tax a mu says nothing of GDP
    as_of: 2025-12-31
    zone: {province: "500000", approved_area_ha: 100}
    stats: [{year: 2025, tax_wan: 45000, industrial_tax_wan: 45000}]
    parcels:
      - {id: A, use_code: "1001", approved_on: 2018-01-01, supplied_on: 2019-01-01, completed_on: 2020-01-01, recorded_area_m2: 1000000, tax_wan: 45000}
    expect: [{rule: gdp-per-mu.built-land-target, outcome: incomputable}]
    measures: [{indicator: tax_per_mu.built_land, value: 30}]
`)
	for _, other := range allPacks(t) {
		for _, r := range other.All() {
			if strings.Contains(r.Indicator, "tax_per_mu") {
				t.Errorf("%s compares a tax per mu", r.Key())
			}
		}
	}
}

// T5: the land by which GDP is divided turns the verdict round, so each land is
// a rule whose name says it.
func TestTrap5DenominatorIsInTheName(t *testing.T) {
	p := packText(t, chongqing)
	holds(t, p, `
  - name: Chongqing high-tech zone 2021
    as_of: 2021-12-31
    zone: {province: "500000", approved_area_ha: 7430, area_m2: 313000000}
    stats: [{year: 2021, gdp_wan: 5886000}]
    parcels: []
    expect:
      - {rule: gdp-per-mu.approved-area-target, outcome: satisfied}
      - {rule: gdp-per-mu.zone-area-target, outcome: not_reached}
`)
	for _, r := range p.Rules {
		base, ok := strings.CutPrefix(r.Indicator, "gdp_per_mu.")
		base, mean := strings.CutSuffix(base, ".mean_of_zones")
		want := "gdp-per-mu." + strings.ReplaceAll(base, "_", "-") + "-target"
		if mean {
			want = strings.Replace(want, "-target", "-mean-target", 1)
		}
		if ok && r.ID != want {
			t.Errorf("%s divides by %s", r.ID, base)
		}
	}
}

// T6: a draft is marked so in every verdict.
func TestTrap6DraftIsMarked(t *testing.T) {
	p := packText(t, chongqing)
	for _, r := range p.All() {
		s := &rule.Subject{Level: r.Level, ID: "all", AsOf: day(t, "2025-12-31"), Scene: &rule.Scene{Zone: &land.Zone{}}}
		v := r.Judge(s, nil, nil)
		switch r.Finding {
		case rule.FindingRanking:
			v = r.JudgeRanking(s, &rule.Standing{})
		case rule.FindingLadder:
			v = r.JudgeLadder(s, &rule.Standing{})
		}
		if v.DocStatus != "draft" || r.Finding == "" && v.Kind != rule.KindTarget {
			t.Errorf("%s: a %s of a document that is %s", r.ID, v.Kind, v.DocStatus)
		}
	}
	if !strings.Contains(p.Title.ZH, "征求意见稿") || p.Document.EffectiveOn.Known() {
		t.Errorf("the draft is called %s and takes effect on %s", p.Title.ZH, p.Document.EffectiveOn)
	}
}

const threeHigh = `
  - name: a firm of high pollution moves in
    as_of: 2024-12-31
    zone: {province: "%s", level: national}
    parcels:
      - {id: A, use_code: "1001", supplied_on: 2018-01-01, completed_on: 2020-01-01, high_pollution: true, entered_on: 2022-01-01}
    %s
`

// T7: Yunnan bans, the State Council and Chongqing control.
func TestTrap7BanAndControl(t *testing.T) {
	holds(t, packText(t, "yunnan/hightech-2020"), fmt.Sprintf(threeHigh, "530000", "expect: [{rule: entry.three-high-ban, subject: A, outcome: violated}]"))
	holds(t, packText(t, "state-council/hightech-2020"), fmt.Sprintf(threeHigh, "530000", "silent: true"))
	for id, no := range map[string]string{chongqing: "（二十二）", "state-council/hightech-2020": "（十九）"} {
		c, _ := packText(t, id).Clause(no)
		if v := c.Provisions[0]; v.As != rule.AsDuty || !strings.Contains(v.Quote, "严格控制高污染") {
			t.Errorf("%s %s is carried as %s: %q", id, no, v.As, v.Quote)
		}
	}
}

// T8: a limit comes from its clause and not from a search for numbers: these
// are all limits of the five texts, and no sum of money is among them.
func TestTrap8NoOtherNumberIsALimit(t *testing.T) {
	var got []string
	for _, p := range allPacks(t) {
		if p.Document.SHA256 == "" {
			continue
		}
		for _, r := range p.All() {
			for _, l := range r.Limits {
				got = append(got, fmt.Sprintf("%s%s %s %s %s", strings.Split(p.ID, "/")[0], r.Clause, r.Indicator, r.Comparison, l.Value.Value))
			}
		}
	}
	want := []string{
		"chongqing（二） energy_per_value_added < 0.4",
		"chongqing（二） gdp_per_mu.approved_area >= 30",
		"chongqing（二） gdp_per_mu.approved_area.mean_of_zones >= 30",
		"chongqing（二） gdp_per_mu.built_land >= 30",
		"chongqing（二） gdp_per_mu.built_land.mean_of_zones >= 30",
		"chongqing（二） gdp_per_mu.construction_land >= 30",
		"chongqing（二） gdp_per_mu.construction_land.mean_of_zones >= 30",
		"chongqing（二） gdp_per_mu.zone_area >= 30",
		"chongqing（二） gdp_per_mu.zone_area.mean_of_zones >= 30",
		"chongqing（二） rd_intensity.gdp >= 0.05",
		"chongqing（二） rd_intensity.gdp.mean_of_zones >= 0.05",
		"guangxi（三） rd_intensity.gdp > 0.03",
		"guangxi（二十二） admin_living_land_share.construction_land <= 0.07",
		"guangxi（二十二） admin_residential_land_share.construction_land <= 0.07",
		"guangxi（二十二） ancillary_land_share.industrial_projects <= 0.07",
		"guangxi（二十二） ancillary_land_share.project <= 0.07",
		"guangxi（二十二） production_service_land_share.construction_land >= 0.15",
		"guangxi（二十四） admin_living_floor_share.all_floor_area <= 0.15",
		"guangxi（二十四） ancillary_floor_share.industrial_projects <= 0.15",
		"guangxi（二十四） ancillary_floor_share.project <= 0.15",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("limits:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// T9: 规定上限 is by reference. When the norm changes, a dated value is added,
// and contracts of before keep theirs.
func TestTrap9TheCapFollowsTheNorm(t *testing.T) {
	p := packText(t, guangxi, "limits: [{from: 2021-03-01, value: 0.07, source: （二十二）}]",
		"limits: [{from: 2021-03-01, value: 0.07, source: （二十二）}, {from: 2024-01-01, value: 0.1, source: a norm of 2024}]")
	holds(t, p, `
  - name: the same plant under the old contract and the new
    as_of: 2024-12-31
    parcels:
      - {id: old, use_code: "1001", supplied_on: 2023-12-31, contract_signed_on: 2023-12-31, completed_on: 2024-06-01, recorded_area_m2: 100000, ancillary_site_m2: 9000}
      - {id: new, use_code: "1001", supplied_on: 2024-01-01, contract_signed_on: 2024-01-01, completed_on: 2024-06-01, recorded_area_m2: 100000, ancillary_site_m2: 9000}
    expect:
      - {rule: ancillary.project-land-max, subject: old, outcome: violated, excess_mu: 3}
      - {rule: ancillary.project-land-max, subject: new, outcome: satisfied}
`)
}

// The reading rules that decide borderline results: 满一年 and 以上 include the
// number, 超过, 超, 低于 and 不足 exclude it; a day that the month lacks is its
// last one.
func TestBorderlines(t *testing.T) {
	start := `
  - name: start %[1]s as of %[2]s
    as_of: %[2]s
    parcels: [{id: A, use_code: "1001", supplied_on: 2020-01-01, agreed_start_on: %[1]s, construction_state: not_started}]
    expect: [{rule: idle.not-started, subject: A, outcome: %[3]s}]
`
	for _, c := range [][3]string{
		{"2023-03-15", "2024-03-14", "satisfied"}, {"2023-03-15", "2024-03-15", "violated"},
		{"2024-02-29", "2025-02-27", "satisfied"}, {"2024-02-29", "2025-02-28", "violated"},
		{"2023-02-28", "2024-02-27", "satisfied"}, {"2023-02-28", "2024-02-28", "violated"},
		{"2023-03-01", "2024-02-29", "satisfied"}, {"2023-12-31", "2024-12-31", "violated"},
	} {
		holds(t, packText(t, idle), fmt.Sprintf(start, c[0], c[1], c[2]))
	}
	suspended := `
  - name: %[1]s of 3,000 m² started, %[2]s of 100 万元 invested, suspended one year
    as_of: 2024-06-01
    parcels:
      - {id: B, use_code: "1001", supplied_on: 2020-01-01, started_on: 2021-01-01, suspended_on: 2023-06-01, planned_footprint_m2: 3000,
         started_footprint_m2: %[1]s, agreed_investment_wan: 100, invested_wan: %[2]s}
    expect: [{rule: idle.suspended, subject: B, outcome: %[3]s}]
`
	for _, c := range [][3]string{{"1000", "25", "satisfied"}, {"999.9999", "25", "violated"}, {"1000", "24.9999", "violated"}} {
		holds(t, packText(t, idle), fmt.Sprintf(suspended, c[0], c[1], c[2]))
	}
	site := `
  - name: %[1]s of 100,000 m²
    as_of: 2024-12-31
    parcels: [{id: A, use_code: "1001", supplied_on: 2012-03-01, contract_signed_on: 2012-02-01, completed_on: 2014-01-01, recorded_area_m2: 100000, ancillary_site_m2: %[1]s}]
    expect: [{rule: ancillary.project-land-max, subject: A, outcome: %[2]s}]
`
	for _, c := range [][2]string{{"7000", "satisfied"}, {"7000.000001", "violated"}, {"6999.999999", "satisfied"}} {
		holds(t, packText(t, project08), fmt.Sprintf(site, c[0], c[1]))
	}
	research := `
  - name: R&D %[1]s of 100,000
    as_of: 2025-12-31
    zone: {province: "%[2]s"}
    stats: [{year: 2025, gdp_wan: 100000, rd_wan: %[1]s}]
    parcels: []
    expect: [{rule: rd-intensity.gdp-target, outcome: %[3]s}]
`
	holds(t, packText(t, chongqing), fmt.Sprintf(research, "5000", "500000", "satisfied")) // 达5%以上
	holds(t, packText(t, chongqing), fmt.Sprintf(research, "4999.9999", "500000", "not_reached"))
	holds(t, packText(t, guangxi), fmt.Sprintf(research, "3000", "450000", "not_reached")) // 超3%
	holds(t, packText(t, guangxi), fmt.Sprintf(research, "3000.0001", "450000", "satisfied"))
}

func allPacks(t *testing.T) []*rule.Pack {
	t.Helper()
	tree, err := data.Rules()
	if err != nil {
		t.Fatal(err)
	}
	packs, err := rule.LoadFS(tree)
	if err != nil {
		t.Fatal(err)
	}
	return packs
}

func day(t *testing.T, s string) land.Date {
	t.Helper()
	d, err := land.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// beihai is the sale 2023GC07007 of 铁山港(临海)工业区 with its terms: FAR 0.7 to
// 1.8, density 35 to 65 %, green at most 20 %, admin and living at most 7 % of
// land and 15 % of floor, investment ≥ 250, output ≥ 400, tax ≥ 20 万元/亩. The
// plot of 68,507.52 m² is 102.76128 mu.
const beihai = `
    terms:
      - {contract_no: 2023GC07007, indicator: far.project, comparison: ">=", value: 0.7, unit: ratio}
      - {contract_no: 2023GC07007, indicator: far.project, comparison: "<=", value: 1.8, unit: ratio}
      - {contract_no: 2023GC07007, indicator: building_density.built_land, comparison: ">=", value: 35, unit: "%"}
      - {contract_no: 2023GC07007, indicator: building_density.built_land, comparison: "<=", value: 65, unit: "%"}
      - {contract_no: 2023GC07007, indicator: green_share.project, comparison: "<=", value: 20, unit: "%"}
      - {contract_no: 2023GC07007, indicator: ancillary_land_share.project, comparison: "<=", value: 7, unit: "%"}
      - {contract_no: 2023GC07007, indicator: ancillary_floor_share.project, comparison: "<=", value: 15, unit: "%"}
      - {contract_no: 2023GC07007, indicator: investment_intensity.project, comparison: ">=", value: 250, unit: 万元/亩}
      - {contract_no: 2023GC07007, indicator: output_per_mu.built_land, comparison: ">=", value: 400, unit: 万元/亩}
      - {contract_no: 2023GC07007, indicator: tax_per_mu.built_land, comparison: ">=", value: 20, unit: 万元/亩}
`

// The terms of a contract are limits for its own land, each of them.
func TestContractTerms(t *testing.T) {
	p := packText(t, guangxi)
	plot := `
    parcels:
      - {id: G7, use_code: "1001", supplied_on: 2023-07-20, contract_no: 2023GC07007, contract_signed_on: 2023-07-20, completed_on: 2024-06-01,
         recorded_area_m2: 68507.52, `
	holds(t, p, `
  - name: every term exactly on its limit
    as_of: 2024-12-31`+beihai+plot+`floor_area_m2: 47955.264, footprint_m2: 23977.632, green_m2: 13701.504, ancillary_site_m2: 4795.5264, ancillary_floor_m2: 7193.2896,
         fixed_assets_wan: 25690.32, output_wan: 41104.512, tax_wan: 2055.2256}
    expect:
      - {rule: contract/terms#far.project.ge, subject: 2023GC07007, outcome: satisfied, observed: 0.7, limit: 0.7}
      - {rule: contract/terms#far.project.le, subject: 2023GC07007, outcome: satisfied}
      - {rule: contract/terms#building_density.built_land.ge, subject: 2023GC07007, outcome: satisfied, observed: 0.35}
      - {rule: contract/terms#building_density.built_land.le, subject: 2023GC07007, outcome: satisfied}
      - {rule: contract/terms#green_share.project.le, subject: 2023GC07007, outcome: satisfied, observed: 0.2}
      - {rule: contract/terms#ancillary_land_share.project.le, subject: 2023GC07007, outcome: satisfied, observed: 0.07, headroom_mu: 0}
      - {rule: contract/terms#ancillary_floor_share.project.le, subject: 2023GC07007, outcome: satisfied, observed: 0.15}
      - {rule: contract/terms#investment_intensity.project.ge, subject: 2023GC07007, outcome: satisfied, observed: 250}
      - {rule: contract/terms#output_per_mu.built_land.ge, subject: 2023GC07007, outcome: satisfied, observed: 400}
      - {rule: contract/terms#tax_per_mu.built_land.ge, subject: 2023GC07007, outcome: satisfied, observed: 20}
  - name: every term broken by a little
    as_of: 2024-12-31`+beihai+plot+`floor_area_m2: 47955.26, footprint_m2: 23977.63, green_m2: 13701.51, ancillary_site_m2: 4795.53, ancillary_floor_m2: 7193.29,
         fixed_assets_wan: 25690.31, output_wan: 41104.51, tax_wan: 2055.22}
    expect:
      - {rule: contract/terms#far.project.ge, subject: 2023GC07007, outcome: violated}
      - {rule: contract/terms#building_density.built_land.ge, subject: 2023GC07007, outcome: violated}
      - {rule: contract/terms#green_share.project.le, subject: 2023GC07007, outcome: violated}
      - {rule: contract/terms#ancillary_land_share.project.le, subject: 2023GC07007, outcome: violated}
      - {rule: contract/terms#ancillary_floor_share.project.le, subject: 2023GC07007, outcome: violated}
      - {rule: contract/terms#investment_intensity.project.ge, subject: 2023GC07007, outcome: violated}
      - {rule: contract/terms#output_per_mu.built_land.ge, subject: 2023GC07007, outcome: violated}
      - {rule: contract/terms#tax_per_mu.built_land.ge, subject: 2023GC07007, outcome: violated}
  - name: beyond the ceilings
    as_of: 2024-12-31`+beihai+plot+`floor_area_m2: 123313.54, footprint_m2: 44529.89}
    expect:
      - {rule: contract/terms#far.project.le, subject: 2023GC07007, outcome: violated}
      - {rule: contract/terms#building_density.built_land.le, subject: 2023GC07007, outcome: violated}
  - name: figures nobody recorded
    as_of: 2024-12-31`+beihai+plot+`floor_area_m2: 60000}
    expect:
      - {rule: contract/terms#investment_intensity.project.ge, subject: 2023GC07007, outcome: incomputable}
      - {rule: contract/terms#tax_per_mu.built_land.ge, subject: 2023GC07007, outcome: incomputable}
      - {rule: contract/terms#green_share.project.le, subject: 2023GC07007, outcome: incomputable}
`)
}

// A contract's land is what counts, not the project's or the zone's: two
// certificates of one contract together, and a neighbour not.
func TestContractTermsHoldForTheContractsLand(t *testing.T) {
	holds(t, packText(t, guangxi), `
  - name: two plots under one contract, a third of the same project under none
    as_of: 2024-12-31
    terms:
      - {contract_no: C, indicator: far.project, comparison: ">=", value: 1, unit: "1"}
      - {contract_no: C, indicator: investment_intensity.project, comparison: ">=", value: 3750, unit: 万元/公顷}
      - {contract_no: C, indicator: tax_per_mu.built_land, comparison: ">=", value: 20, unit: 斗米}
      - {contract_no: C, indicator: joy.project, comparison: ">=", value: 20, unit: ratio}
      - {contract_no: C, indicator: green_share.project, comparison: "<=", unit: ratio}
    parcels:
      - {id: A, project_no: P, use_code: "1001", contract_no: C, supplied_on: 2023-07-20, completed_on: 2024-06-01, recorded_area_m2: 10000, floor_area_m2: 8000, fixed_assets_wan: 3750}
      - {id: B, project_no: P, use_code: "0901", contract_no: C, supplied_on: 2023-07-20, completed_on: 2024-06-01, recorded_area_m2: 10000, floor_area_m2: 12000, fixed_assets_wan: 3750}
      - {id: X, project_no: P, use_code: "1001", supplied_on: 2023-07-20, completed_on: 2024-06-01, recorded_area_m2: 10000, floor_area_m2: 1000}
    expect:
      - {rule: contract/terms#far.project.ge, subject: C, outcome: satisfied, observed: 1}
      - {rule: contract/terms#investment_intensity.project.ge, subject: C, outcome: satisfied, observed: 250, limit: 250}
      - {rule: contract/terms#tax_per_mu.built_land.ge, subject: C, outcome: incomputable, reason: term_unit_unknown}
      - {rule: contract/terms#joy.project.ge, subject: C, outcome: incomputable, reason: indicator_unknown}
      - {rule: contract/terms#green_share.project.le, subject: C, outcome: incomputable, reason: term_incomplete}
  - name: a contract over two zones is judged whole in each
    as_of: 2024-12-31
    zones: [{code: Y}, {code: Z}]
    terms: [{contract_no: C, indicator: far.project, comparison: ">=", value: 1, unit: ratio}]
    parcels:
      - {id: A, zone: Y, use_code: "1001", contract_no: C, supplied_on: 2023-07-20, completed_on: 2024-06-01, recorded_area_m2: 10000, floor_area_m2: 5000}
      - {id: B, zone: Z, use_code: "1001", contract_no: C, supplied_on: 2023-07-20, completed_on: 2024-06-01, recorded_area_m2: 10000, floor_area_m2: 15000}
    expect: [{rule: contract/terms#far.project.ge, subject: C, outcome: satisfied, observed: 1}]
  - name: nothing is built yet, so nothing of it is asked
    as_of: 2024-12-31
    terms:
      - {contract_no: C, indicator: tax_per_mu.built_land, comparison: ">=", value: 20, unit: 万元/亩}
      - {contract_no: C, indicator: far.project, comparison: ">=", value: 1, unit: ratio}
    parcels: [{id: A, use_code: "1001", contract_no: C, supplied_on: 2024-07-20, agreed_start_on: 2025-06-01, construction_state: not_started, recorded_area_m2: 10000}]
    expect:
      - {rule: contract/terms#tax_per_mu.built_land.ge, subject: C, outcome: not_applicable, reason: empty_base}
      - {rule: contract/terms#far.project.ge, subject: C, outcome: not_applicable, reason: empty_base}
`)
}
