package rule_test

import (
	"fmt"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

func fixed(t testing.TB, s string) land.Fixed {
	t.Helper()
	f, err := land.ParseFixed(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func day(t testing.TB, s string) land.Date {
	t.Helper()
	if s == "" {
		return 0
	}
	d, err := land.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ratio is an exact indicator num/den in a unit.
func ratio(t testing.TB, num, den string, unit land.Unit, side land.Unit) *land.Indicator {
	n, d := land.Quantity{Value: fixed(t, num), Unit: side}, land.Quantity{Value: fixed(t, den), Unit: land.UnitMu}
	v := n.Value.Float() / d.Value.Float()
	if unit == land.UnitWanPerMu {
		v = v * 10000 / 15
	}
	return &land.Indicator{Unit: unit, Value: &v, Numerator: &n, Denominator: &d, Exact: true, Coverage: 1}
}

// bounded is an inexact indicator; lo and hi may be nil.
func bounded(value, lo, hi *float64) *land.Indicator {
	return &land.Indicator{Unit: land.UnitRatio, Value: value, Coverage: 0.5, Bounds: &land.Bounds{Lo: lo, Hi: hi}}
}

func f(v float64) *float64 { return &v }

func show(v land.Verdict) string {
	s := fmt.Sprint(v.Outcome, " ", v.Reason)
	if v.DecidedBy != "" {
		s += " by " + v.DecidedBy
	}
	for _, e := range []struct {
		name string
		v    fmt.Stringer
		ok   bool
	}{{"excess_mu", v.ExcessMu, v.ExcessMu != nil}, {"headroom_mu", v.HeadroomMu, v.HeadroomMu != nil},
		{"excess_m2", v.ExcessM2, v.ExcessM2 != nil}, {"headroom_m2", v.HeadroomM2, v.HeadroomM2 != nil}} {
		if e.ok {
			s += fmt.Sprint(" ", e.name, "=", e.v)
		}
	}
	return s
}

func TestJudge(t *testing.T) {
	gx := pack(t, "guangxi/hightech-2021")
	r := func(id string) *rule.Rule { return gx.Rule(id) }
	zone := rule.Subject{Level: land.LevelZone, ID: "Z", AsOf: day(t, "2024-12-31")}
	m2 := land.UnitM2
	for _, c := range []struct {
		name, rule string
		ind        *land.Indicator
		want       string
	}{
		{"under the cap", "ancillary.zone-land-max", ratio(t, "6900", "100000", land.UnitRatio, m2), "satisfied within_limit by value headroom_mu=0.15"},
		{"exactly on the cap", "ancillary.zone-land-max", ratio(t, "7000", "100000", land.UnitRatio, m2), "satisfied within_limit by value headroom_mu=0"},
		{"a square millimetre over", "ancillary.zone-land-max", ratio(t, "7000.000001", "100000", land.UnitRatio, m2), "violated limit_exceeded by value excess_mu=0.0000000015"},
		{"over", "ancillary.zone-land-max", ratio(t, "8000", "100000", land.UnitRatio, m2), "violated limit_exceeded by value excess_mu=1.5"},
		{"floor area under", "ancillary.zone-floor-max", ratio(t, "14999.5", "100000", land.UnitRatio, m2), "satisfied within_limit by value headroom_m2=0.5"},
		{"floor area on the cap", "ancillary.zone-floor-max", ratio(t, "15000", "100000", land.UnitRatio, m2), "satisfied within_limit by value headroom_m2=0"},
		{"floor area over", "ancillary.zone-floor-max", ratio(t, "15001.25", "100000", land.UnitRatio, m2), "violated limit_exceeded by value excess_m2=1.25"},
		{"an awkward denominator on the cap", "ancillary.zone-land-max", ratio(t, "0.000007", "0.0001", land.UnitRatio, m2), "satisfied within_limit by value headroom_mu=0"},
		{"target reached exactly", "production-service.land-target", ratio(t, "15000", "100000", land.UnitRatio, m2), "satisfied target_reached by value headroom_mu=0"},
		{"target not reached is no violation", "production-service.land-target", ratio(t, "5000", "100000", land.UnitRatio, m2), "not_reached target_not_reached by value excess_mu=-15"},
		{"empty base", "ancillary.zone-land-max", &land.Indicator{Unit: land.UnitRatio, Reason: "empty_base", Exact: true}, "not_applicable empty_base"},
		{"nothing known", "ancillary.zone-land-max", &land.Indicator{Unit: land.UnitRatio, Reason: "missing_input"}, "incomputable missing_input"},
		{"nobody computes it", "ancillary.zone-land-max", nil, "incomputable indicator_unknown"},
		{"both bounds under", "ancillary.zone-land-max", bounded(f(0.05), f(0.01), f(0.069)), "satisfied within_limit by bounds"},
		{"upper bound on the cap", "ancillary.zone-land-max", bounded(nil, f(0), f(0.07)), "satisfied within_limit by bounds"},
		{"upper bound on the cap but for rounding", "ancillary.zone-land-max", bounded(nil, f(0), f(0.07000000000000002)), "satisfied within_limit by bounds"},
		{"both bounds over", "ancillary.zone-land-max", bounded(nil, f(0.0701), f(0.5)), "violated limit_exceeded by bounds"},
		{"lower bound on the cap", "ancillary.zone-land-max", bounded(nil, f(0.07), f(0.5)), "incomputable missing_input"},
		{"no upper bound, over", "ancillary.zone-land-max", bounded(f(0.09), f(0.08), nil), "violated limit_exceeded by bounds"},
		{"no upper bound, under", "ancillary.zone-land-max", bounded(f(0.09), f(0.01), nil), "incomputable bounds_on_both_sides"},
		{"bounds astride", "ancillary.zone-land-max", bounded(f(0.05), f(0.01), f(0.2)), "incomputable bounds_on_both_sides"},
		{"target reached whatever is missing", "production-service.land-target", bounded(f(0.5), f(0.15), nil), "satisfied target_reached by bounds"},
		{"target missed whatever is missing", "production-service.land-target", bounded(f(0.1), nil, f(0.149)), "not_reached target_not_reached by bounds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := show(r(c.rule).Judge(&zone, c.ind, nil)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	// Exact ends go before floats.
	close := bounded(nil, f(0.01), f(0.07))
	close.HiExact = &land.Fraction{Num: 70_000_000_001, Den: 1_000_000_000_000}
	if got := r("ancillary.zone-land-max").Judge(&zone, close, nil); got.Outcome != land.Incomputable {
		t.Errorf("an upper bound just over the cap: got %s", show(got))
	}
	v := r("ancillary.zone-land-max-wide").Judge(&zone, ratio(t, "8000", "100000", land.UnitRatio, m2), nil)
	if v.Reading != "wide" || v.DocStatus != "in_force" || v.Clause != "《关于促进高新技术产业开发区高质量发展的若干措施》 （二十二）" || *v.Limit != 0.07 {
		t.Errorf("verdict %+v", v)
	}
	v = r("ancillary.zone-land-max").Judge(&zone, bounded(f(0.05), f(0.01), f(0.2)), nil)
	if *v.Observed != 0.05 || v.Bounds == nil || v.Evidence == nil {
		t.Errorf("an incomputable verdict shows what was observed: %+v", v)
	}
}

// A floor is not asked of a project that is still being built; a cap is, and so
// is a floor whose where settles it.
func TestUnfinishedProject(t *testing.T) {
	low := ratio(t, "3", "100", land.UnitRatio, land.UnitM2)
	floor := *pack(t, "guangxi/hightech-2021").Rule("ancillary.project-land-max")
	floor.Kind, floor.Comparison = rule.KindFloor, ">="
	for _, c := range []struct{ unfinished, want string }{
		{"", "violated"}, {rule.ReasonUnfinished, "not_applicable"}, {rule.ReasonFinishUnknown, "incomputable"},
	} {
		s := rule.Subject{Level: land.LevelProject, ID: "P", AsOf: day(t, "2024-12-31"), Unfinished: c.unfinished}
		v := floor.Judge(&s, low, nil)
		if string(v.Outcome) != c.want || c.unfinished != "" && v.Reason != c.unfinished {
			t.Errorf("floor, %q: %s %s, want %s", c.unfinished, v.Outcome, v.Reason, c.want)
		}
		if v := pack(t, "guangxi/hightech-2021").Rule("ancillary.project-land-max").Judge(&s, low, nil); v.Outcome != land.Satisfied {
			t.Errorf("cap, %q: %s %s", c.unfinished, v.Outcome, v.Reason)
		}
	}
}

// A rule of a project asks for the limit on the day of its contract.
func TestLimitDate(t *testing.T) {
	gx := pack(t, "guangxi/hightech-2021").Rule("ancillary.project-land-max")
	over := ratio(t, "9", "100", land.UnitRatio, land.UnitM2)
	for _, c := range []struct {
		name       string
		s          rule.Subject
		want, date string
	}{
		{"contract before the document", rule.Subject{LimitDate: day(t, "2021-02-28"), LimitBasis: "contract_signed_on"}, "not_applicable before_first_limit", "2021-02-28 contract_signed_on"},
		{"contract on its first day", rule.Subject{LimitDate: day(t, "2021-03-01"), LimitBasis: "contract_signed_on"}, "violated limit_exceeded by value excess_mu=0.003", "2021-03-01 contract_signed_on"},
		{"no contract date", rule.Subject{}, "violated limit_exceeded by value excess_mu=0.003", "2024-12-31 as_of"},
		{"storage", rule.Subject{Exempt: "project_storage"}, "not_applicable project_storage", "2024-12-31 as_of"},
		{"new industry", rule.Subject{Exempt: "project_new_industry"}, "not_applicable project_new_industry", "2024-12-31 as_of"},
		{"the caller knows why not", rule.Subject{NotApplicable: "no_project"}, "not_applicable no_project", "2024-12-31 as_of"},
	} {
		c.s.Level, c.s.ID, c.s.AsOf = land.LevelProject, "P", day(t, "2024-12-31")
		v := gx.Judge(&c.s, over, nil)
		if got := show(v); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if got := v.LimitDate.String() + " " + v.LimitBasis; got != c.date {
			t.Errorf("%s: limit on %s, want %s", c.name, got, c.date)
		}
	}
}

const made = `
pack: test/made
version: "1"
title: {zh: 试, en: made}
authority: {zh: 试, en: made}
document: {number: 试1号, title: {zh: 试, en: made}, status: draft, source: made for this test}
rules:
  - {id: gdp.min, title: {zh: 试, en: t}, clause: 一, quote: 达30万元, kind: floor, level: zone, indicator: gdp_per_mu.approved_area,
     comparison: ">=", unit: 万元/亩, date: as_of, limits: [{from: 2020-01-01, value: 20, source: x}, {from: 2022-01-01, value: 30, source: x}, {from: 2030-01-01, source: to come}]}
  - {id: rd.min, title: {zh: 试, en: t}, clause: 二, quote: 超3%, kind: floor, level: zone, indicator: rd_intensity.gdp,
     comparison: ">", unit: ratio, date: as_of, limits: [{value: 0.03, source: x}]}
  - {id: slot.min, title: {zh: 试, en: t}, clause: 三, quote: 另行规定, kind: floor, level: zone, indicator: gross_far.built_land,
     comparison: ">=", unit: ratio, date: as_of, limits: []}
  - {id: energy.max, title: {zh: 试, en: t}, clause: 四, quote: 低于0.4, kind: cap, level: zone, indicator: energy_per_value_added,
     comparison: "<", unit: tce/万元, date: as_of, limits: [{value: 0.4, source: x}]}
`

func TestDatedLimitsAndUnits(t *testing.T) {
	p, err := rule.Read("made.yaml", []byte(made))
	if err != nil {
		t.Fatal(err)
	}
	exact := ratio(t, "45", "1000", land.UnitWanPerMu, land.UnitWan) // 1000 m² are 1.5 mu: 30 万元/亩
	for _, c := range []struct {
		rule, asOf string
		ind        *land.Indicator
		want       string
	}{
		{"gdp.min", "2019-12-31", exact, "not_applicable before_first_limit"},
		{"gdp.min", "2021-12-31", exact, "satisfied within_limit by value"},
		{"gdp.min", "2022-01-01", exact, "satisfied within_limit by value"},
		{"gdp.min", "2022-01-01", ratio(t, "44.999999", "1000", land.UnitWanPerMu, land.UnitWan), "violated limit_exceeded by value"},
		{"gdp.min", "2022-01-01", ratio(t, "45", "1000.000001", land.UnitWanPerMu, land.UnitWan), "violated limit_exceeded by value"},
		{"gdp.min", "2030-01-01", exact, "incomputable no_limit_configured"},
		{"rd.min", "2024-01-01", ratio(t, "3", "100", land.UnitRatio, land.UnitWan), "violated limit_exceeded by value"},
		{"rd.min", "2024-01-01", ratio(t, "3.000001", "100", land.UnitRatio, land.UnitWan), "satisfied within_limit by value"},
		{"slot.min", "2024-01-01", ratio(t, "3", "100", land.UnitRatio, land.UnitM2), "incomputable no_limit_configured"},
		{"energy.max", "2024-01-01", ratio(t, "40", "100", land.UnitTCEPerWan, land.UnitTCE), "violated limit_exceeded by value"},
		{"energy.max", "2024-01-01", ratio(t, "39.999999", "100", land.UnitTCEPerWan, land.UnitTCE), "satisfied within_limit by value"},
	} {
		s := rule.Subject{Level: land.LevelZone, ID: "Z", AsOf: day(t, c.asOf)}
		v := p.Rule(c.rule).Judge(&s, c.ind, nil)
		if got := show(v); got != c.want {
			t.Errorf("%s on %s: got %s, want %s", c.rule, c.asOf, got, c.want)
		}
		if v.DocStatus != "draft" {
			t.Errorf("document status %q, want draft", v.DocStatus)
		}
	}
}

func TestAppliesTo(t *testing.T) {
	gx := pack(t, "guangxi/hightech-2021").Applies
	for _, c := range []struct {
		zone land.Zone
		want land.Flag
	}{
		{land.Zone{Province: "450000"}, land.Yes},
		{land.Zone{Province: "500000"}, land.No},
		{land.Zone{}, land.Unknown},
	} {
		if got := gx.To(&c.zone); got != c.want {
			t.Errorf("province %q: got %v, want %v", c.zone.Province, got, c.want)
		}
	}
	both := rule.Applies{Province: []string{"450000"}, ZoneKind: []string{"high_tech"}, ZoneLevel: []string{"national"}}
	if got := both.To(&land.Zone{Province: "450000", Kind: "economic"}); got != land.No {
		t.Errorf("another kind, level unknown: got %v, want no", got)
	}
	if got := both.To(&land.Zone{Province: "450000", Kind: "high_tech"}); got != land.Unknown {
		t.Errorf("level unknown: got %v, want unknown", got)
	}
}

// A mean over zones is compared in its own unit, to the last digit of its ends.
func TestMeanAgainstLimit(t *testing.T) {
	const grid = 1_000_000_000
	limit := land.Fixed(30) * land.One
	for _, c := range []struct {
		lo, hi land.Fixed // of 10^-9
		want   land.Outcome
	}{
		{30 * grid, 30 * grid, land.Satisfied},
		{30*grid - 1, 30 * grid, land.NotReached}, // somewhere below 30
		{30 * grid, 30*grid + 1, land.Satisfied},
		{12.5 * grid, 12.5 * grid, land.NotReached},
		{450 * grid, 450 * grid, land.Satisfied},
	} {
		v := float64(c.lo) / grid
		ind := land.Indicator{ID: "gdp_per_mu.approved_area.mean_of_zones", Unit: land.UnitWanPerMu, Exact: true, Value: &v,
			Numerator:   &land.Quantity{Value: land.Fixed(v * 1e6), Unit: land.UnitWanPerMu}, // rounded
			Denominator: &land.Quantity{Value: land.One, Unit: land.UnitZones},
			LoExact:     &land.Fraction{Num: c.lo, Den: grid}, HiExact: &land.Fraction{Num: c.hi, Den: grid}}
		r := rule.Rule{Pack: &rule.Pack{}, ID: "x.mean", Kind: rule.KindTarget, Level: land.LevelZoneSet, Indicator: ind.ID, Comparison: ">=",
			Unit: land.UnitWanPerMu, Date: rule.DateAsOf, Limits: []rule.Limit{{Value: land.Num(limit)}}}
		if got := r.Judge(&rule.Subject{Level: land.LevelZoneSet, ID: "all"}, &ind, nil); got.Outcome != c.want {
			t.Errorf("mean of %v to %v: %s, want %s", c.lo, c.hi, got.Outcome, c.want)
		}
	}
}
