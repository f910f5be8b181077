package analysis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
)

// row reads facts of a row of a table in the notation of parcel; firms' years
// stand under "year".
func row[T any](t testing.TB, fields []land.Field[T], facts string) (out T) {
	t.Helper()
	for _, fact := range strings.Fields(facts) {
		name, value, _ := strings.Cut(fact, "=")
		if f, is := any(&out).(*land.Firm); is && name == "year" {
			fmt.Sscan(value, &f.Year)
			continue
		}
		f, known := land.FieldNamed(fields, name)
		if !known {
			t.Fatalf("%q is no field of %T", fact, out)
		}
		switch f.Kind {
		case land.Day:
			*f.Date(&out) = day(t, value)
		case land.Quant:
			v, err := land.ParseFixed(value)
			if err != nil {
				t.Fatal(err)
			}
			*f.Num(&out) = land.Num(v)
		default:
			*f.Str(&out) = value
		}
	}
	return out
}

func rows[T any](t testing.TB, fields []land.Field[T], list ...string) (out []T) {
	for _, facts := range list {
		out = append(out, row(t, fields, facts))
	}
	return out
}

// mu is an area of whole mu in m², as files have it.
func mu(n int64) string { return fmt.Sprintf("%.6f", float64(n)*10000/15) }

func statuses(z *land.ZoneResult) string {
	var out []string
	for _, s := range land.Statuses() {
		if l, ok := z.Land.ByStatus[s]; ok {
			out = append(out, fmt.Sprintf("%s %d %.4f", s, l.Parcels, l.AreaMu.Float()))
		}
	}
	return strings.Join(out, ", ")
}

// Issue 3, case (d): 200 mu, phase 1 of 80 completed, phase 2 of 120 with start
// 2022-03-01 untouched.
func TestPhasesWorkedCase(t *testing.T) {
	w := newWorld(t, zone("A", ""))
	p := w.put("A", 1, 1, "id=P use_code=1001 approved_on=2018-01-01 supplied_on=2019-01-01 contract_no=C price_wan=8000 construction_state=not_started recorded_area_m2="+mu(200))
	p.Records = &land.Records{Phases: rows(t, land.PhaseFields(),
		"parcel=P phase=1 agreed_start_on=2019-06-01 started_on=2019-05-01 completed_on=2021-05-01 land_m2="+mu(80),
		"parcel=P phase=2 agreed_start_on=2022-03-01 land_m2="+mu(120))}
	r := w.run(analysis.Options{AsOf: day(t, "2024-06-30")})
	z := &r.Zones[0]
	if got, want := statuses(z), "suspected_idle 1 120.0000, built 1 80.0000"; got != want {
		t.Errorf("land: %s, want %s", got, want)
	}
	if v := indicatorOf(z.Indicators, "build_rate"); v.Value == nil || fmt.Sprintf("%.6f", *v.Value) != "0.400000" {
		t.Errorf("build rate %v, want 0.4", v.Value)
	}
	if n := z.VerdictCounts["national/idle-land-2012#idle.not-started"]; n[land.Violated] != 1 || n[land.Satisfied] != 1 {
		t.Errorf("verdicts on the phases %v, want one violated and one satisfied", n)
	}
	if len(r.Parts) != 1 {
		t.Fatalf("%d rows, want one for the parcel", len(r.Parts))
	}
	part := r.Parts[0]
	if part.Status != land.SuspectedIdle || part.Idle == nil || part.Idle.MeasureIfHolder != "take_back" ||
		part.Idle.Since != day(t, "2022-03-01") || part.Since != day(t, "2023-03-01") {
		t.Errorf("row %+v, idle %+v", part, part.Idle)
	}
	var phases []string
	for _, ph := range part.Details.Phases {
		phases = append(phases, fmt.Sprintf("%s %s %.2f", ph.Phase, ph.Status, ph.AreaM2.Mu().Float()))
	}
	if got := strings.Join(phases, ", "); got != "1 built 80.00, 2 suspected_idle 120.00" {
		t.Errorf("phases %s", got)
	}
	i := slices.IndexFunc(z.Verdicts, func(v land.Verdict) bool { return v.Rule == "idle.not-started" })
	if i < 0 || z.Verdicts[i].Phase != "2" || z.Verdicts[i].Subject != "P" {
		t.Errorf("verdict on the phase: %+v", z.Verdicts)
	}
}

// Issue 3, case (c): handed over late, not started, the cause blank.
func TestLateHandoverWorkedCase(t *testing.T) {
	w := newWorld(t, zone("A", ""))
	w.put("A", 1, 1, "id=P use_code=1001 supplied_on=2020-12-01 price_wan=5000 agreed_handover_on=2021-06-30 handed_over_on=2022-09-20 agreed_start_on=2021-12-31 construction_state=not_started recorded_area_m2=10000")
	r := w.run(analysis.Options{AsOf: day(t, "2024-03-31")})
	p := r.Parts[0]
	if p.Status != land.SuspectedIdle || p.Idle.Measure != "investigate" || p.Idle.FeeIfHolderWan.Known || !slices.Contains(p.Flags, land.HandoverLate) {
		t.Errorf("status %s, idle %+v, flags %v", p.Status, p.Idle, p.Flags)
	}
	if got := p.Idle.Procedure; got == nil || got.Step != land.StepFound || got.Next != land.EventNotice || got.Due != day(t, "2024-04-30") || got.Overdue != 0 {
		t.Errorf("procedure %+v", got)
	}
}

// A parcel of 10,000 m²: 6,000 of industry, 3,000 of housing, the rest unknown.
func TestMixedUse(t *testing.T) {
	w := newWorld(t, zone("A", ""))
	p := w.put("A", 0.5, 0.5, "id=P use_code=1001 approved_on=2018-01-01 supplied_on=2019-01-01 completed_on=2020-01-01 recorded_area_m2=10000 floor_area_m2=20000 output_wan=100 ancillary_site_m2=300 ancillary_floor_m2=700")
	p.Records = &land.Records{Uses: rows(t, land.UseFields(),
		"parcel=P use_code=070102 land_m2=3000 floor_m2=9000 term_years=70",
		"parcel=P use_code=100101 land_m2=6000 floor_m2=8000 term_years=50")}
	r := w.run(analysis.Options{})
	z := &r.Zones[0]
	for class, want := range map[land.Class]string{land.ClassIndustrial: "3000", land.ClassResidential: "1500", land.ClassUnknown: "500"} {
		if got := z.Land.ByClass[class].AreaM2.String(); got != want {
			t.Errorf("%s %s m², want %s", class, got, want)
		}
	}
	if got := statuses(z); got != "built 1 7.5000" {
		t.Errorf("by status: %s", got)
	}
	share := indicatorOf(z.Indicators, "industrial_land_share.built_land")
	if share.Exact || share.Bounds == nil || *share.Bounds.Lo != 0.6 || *share.Bounds.Hi != 0.7 {
		t.Errorf("industrial land %+v with bounds %+v, want 60 to 70 %%", share, share.Bounds)
	}
	far := indicatorOf(z.Indicators, "gross_far.built_land")
	if far.Value == nil || *far.Value != 2 {
		t.Errorf("gross FAR %+v: floors of 20,000 on 10,000 m² of land", far)
	}
	project := indicatorOf(r.Parts[0].Indicators, "ancillary_land_share.project")
	if b := project.Bounds; project.Exact || b == nil || fmt.Sprintf("%.9f %.9f", *b.Lo, *b.Hi) != "0.042857143 0.050000000" {
		t.Errorf("ancillary share %+v from %v to %v, want 300 of 6,000 m² of industry, or of 7,000", project, *b.Lo, *b.Hi)
	}
	var uses []string
	for _, u := range r.Parts[0].Details.Uses {
		uses = append(uses, fmt.Sprintf("%s %s %s %s %s", u.UseCode, u.Class, u.AreaM2, u.FloorM2, u.TermYears))
	}
	if got, want := strings.Join(uses, "; "), "070102 residential 1500 9000 70; 100101 industrial 3000 8000 50;  unknown 500 3000 "; got != want {
		t.Errorf("uses %s\nwant %s", got, want)
	}
}

// A firm on two parcels counts once, by land; a tenant is merged onto the plot.
func TestFirmsCountOnce(t *testing.T) {
	w := newWorld(t, zone("A", ""), zone("B", ""))
	all := rows(t, land.FirmFields(),
		"uscc=F1 year=2023 parcel=P1 role=holder land_m2=6000 output_wan=100 tax_wan=7",
		"uscc=F1 year=2023 parcel=P2 role=holder land_m2=3000 output_wan=100 tax_wan=7",
		"uscc=F2 year=2023 parcel=P1 role=tenant output_wan=50 tax_wan=1",
		"uscc=F2 year=2025 parcel=P1 role=tenant output_wan=99 tax_wan=99")
	const facts = " use_code=1001 approved_on=2018-01-01 supplied_on=2019-01-01 completed_on=2020-01-01 recorded_area_m2=10000"
	w.put("A", 1, 1, "id=P1"+facts).Records = &land.Records{Firms: all}
	w.put("B", 1, 1, "id=P2 tax_wan=2"+facts).Records = &land.Records{Firms: all[:2]}
	r := w.run(analysis.Options{})
	sum := func(list []land.Indicator, id string) string {
		return indicatorOf(list, id).Numerator.Value.String()
	}
	for _, c := range []struct{ what, got, want string }{
		{"output of A", sum(r.Zones[0].Indicators, "output_per_mu.built_land"), "116.666666"},
		{"output of B", sum(r.Zones[1].Indicators, "output_per_mu.built_land"), "33.333334"},
		{"output of both", sum(r.Sets[0].Indicators, "output_per_mu.built_land"), "150"},
		{"tax of B, its own", sum(r.Zones[1].Indicators, "tax_per_mu.built_land"), "2"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
	if d := r.Parts[1].Details; d == nil || fmt.Sprint(d.Notes) != "[{firm_conflict tax_wan [2 2.333334]}]" {
		t.Errorf("notes %+v", d)
	}
}

// Where the firm's land is unknown, its money is between none and all of it.
func TestFirmOfUnknownLand(t *testing.T) {
	w := newWorld(t, zone("A", ""))
	all := rows(t, land.FirmFields(), "uscc=F1 year=2023 parcel=P1 land_m2=6000 output_wan=150", "uscc=F1 year=2023 parcel=P2 output_wan=150")
	const facts = " use_code=1001 approved_on=2018-01-01 supplied_on=2019-01-01 completed_on=2020-01-01 recorded_area_m2=10000"
	w.put("A", 1, 1, "id=P1"+facts).Records = &land.Records{Firms: all}
	r := w.run(analysis.Options{})
	i := indicatorOf(r.Zones[0].Indicators, "output_per_mu.built_land")
	if i.Value != nil || i.Bounds == nil || *i.Bounds.Lo != 0 || fmt.Sprintf("%.9f", *i.Bounds.Hi) != "10.000000000" {
		t.Errorf("output %+v, bounds %+v; want 0 to 10 per mu", i, i.Bounds)
	}
}

// Both averages of a ratio over zones: three zones of 300, 600 and 150 mu with
// GDP of 30, 20 and 0 万元 a mu; then the third's GDP is unknown.
func TestBothAverages(t *testing.T) {
	zones := []land.Zone{zone("A", "500000"), zone("B", "500000"), zone("C", "500000")}
	for i, hectares := range []int64{20, 40, 10} {
		zones[i].ApprovedAreaHa = land.Num(land.Fixed(hectares) * land.One)
	}
	w := newWorld(t, zones...)
	gdp := func(code string, wan int64) {
		w.StatList = append(w.StatList, land.Stats{Zone: code, Year: 2024, GDPWan: land.Num(land.Fixed(wan) * land.One)})
	}
	gdp("A", 300*30)
	gdp("B", 600*20)
	gdp("C", 0)
	const id = "gdp_per_mu.approved_area"
	r := w.run(analysis.Options{})
	sums, mean := indicatorOf(r.Sets[0].Indicators, id), indicatorOf(r.Sets[0].Means, id+".mean_of_zones")
	if sums.Value == nil || *sums.Value != 20 {
		t.Errorf("ratio of the sums %+v, want 21,000 ÷ 1,050", sums)
	}
	if mean.Value == nil || fmt.Sprintf("%.9f", *mean.Value) != "16.666666667" || !mean.Exact || mean.Coverage != 1 ||
		mean.Numerator.Value != 50*land.One || mean.Denominator.Value != 3*land.One || mean.Denominator.Unit != land.UnitZones {
		t.Errorf("mean of the ratios %+v, want 50 over 3 zones", mean)
	}
	w.StatList = w.StatList[:2]
	r = w.run(analysis.Options{})
	mean = indicatorOf(r.Sets[0].Means, id+".mean_of_zones")
	if mean.Exact || mean.Value == nil || *mean.Value != 25 || mean.Bounds != nil || fmt.Sprintf("%.4f", mean.Coverage) != "0.6667" ||
		len(mean.Missing) != 1 || mean.Missing[0].Field != "gdp_wan" {
		t.Errorf("mean with a zone unknown %+v; nothing bounds it", mean)
	}
}

// A zone without a base has no ratio; bounds of the others bound the mean.
func TestMeanOfBoundedRatios(t *testing.T) {
	w := newWorld(t, zone("A", ""), zone("B", ""), zone("C", ""))
	w.put("A", 1, 1, "id=1 recorded_area_m2=10000"+built)
	w.put("B", 1, 1, "id=2 recorded_area_m2=10000"+built)
	w.put("B", 1, 1, "id=3 recorded_area_m2=10000 use_code=1001 supplied_on=2019-01-01 construction_state=not_started agreed_start_on=2030-01-01")
	mean := indicatorOf(w.run(analysis.Options{}).Sets[0].Means, "build_rate.mean_of_zones")
	if !mean.Exact || *mean.Value != 0.75 || *mean.Bounds.Lo != 0.75 || *mean.Bounds.Hi != 0.75 || mean.Denominator.Value != 2*land.One {
		t.Errorf("mean %+v: 1 and 0.5, the third zone is empty", mean)
	}
	w.put("A", 1, 1, "id=4 recorded_area_m2=10000 use_code=1001 ownership=state contract_no=X construction_state=completed approved_on=2018-01-01")
	mean = indicatorOf(w.run(analysis.Options{}).Sets[0].Means, "build_rate.mean_of_zones")
	if mean.Exact || mean.Bounds == nil {
		t.Errorf("mean %+v: the second parcel of A may be supplied", mean)
	}
}

// Zones that overlap count in totals with what the ones before them leave.
func TestAreaOfASetCountsOnce(t *testing.T) {
	w := newWorld(t, zone("A", ""), zone("B", ""), zone("C", ""))
	w.Outlines = map[land.ZoneKey]orb.MultiPolygon{}
	for code, x := range map[string][4]float64{"A": {0, 0, 10, 10}, "B": {5, 0, 15, 10}, "C": {10, 5, 20, 10}} {
		w.Outlines[land.ParseZoneKey(code)] = w.draw(code, x[0], x[1], x[2], x[3])
	}
	for i := range w.ZoneList {
		m2, err := land.FixedOf(geo.AreaM2(w.Outlines[w.ZoneList[i].Key()]))
		if err != nil {
			t.Fatal(err)
		}
		w.ZoneList[i].AreaM2 = m2
	}
	w.put("A", 1, 1, "id=1 recorded_area_m2=10000"+built)
	got := indicatorOf(w.run(analysis.Options{}).Sets[0].Indicators, "development_intensity.zone_area").Denominator.Value.Float()
	// A whole, the half of B beside it, and the half of C beyond B.
	want := w.ZoneList[0].AreaM2.Float()*1.5 + w.ZoneList[2].AreaM2.Float()*0.5
	if got < want*(1-1e-7) || got > want*(1+1e-7) {
		t.Errorf("area of the set %.1f m², want %.1f", got, want)
	}
}
