package piece

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/supply"
	"github.com/muscope/muscope/data"
)

func divider(t *testing.T, asOf string) *Divider {
	t.Helper()
	files, err := data.Classes()
	if err != nil {
		t.Fatal(err)
	}
	classes, err := supply.LoadClasses(files)
	if err != nil {
		t.Fatal(err)
	}
	terms := supply.Terms{IdleYears: 1, TakeBackYears: 2, HandoverYears: 1, FootprintBelow: supply.Ratio{Num: 1, Den: 3},
		InvestmentBelow: supply.Ratio{Num: 1, Den: 4}, FeeShare: supply.Ratio{Num: 1, Den: 5}, NoticeDays: 30, AnswerDays: 30, ExtensionYears: 1}
	a, err := supply.New(day(t, asOf), classes, terms)
	if err != nil {
		t.Fatal(err)
	}
	return New(a)
}

func day(t *testing.T, s string) land.Date {
	t.Helper()
	d, err := land.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fill reads facts in the notation "field=value …" into a row.
func fill[T any](t *testing.T, to *T, fields []land.Field[T], facts string) {
	t.Helper()
	for _, fact := range strings.Fields(facts) {
		name, value, _ := strings.Cut(fact, "=")
		f, known := land.FieldNamed(fields, name)
		if !known {
			t.Fatalf("%q is no field", fact)
		}
		switch f.Kind {
		case land.Day:
			*f.Date(to) = day(t, value)
		case land.Quant:
			v, err := land.ParseFixed(value)
			if err != nil {
				t.Fatal(err)
			}
			*f.Num(to) = land.Num(v)
		case land.YesNo:
			*f.Flag(to) = land.FlagOf(value == "true")
		default:
			*f.Str(to) = value
		}
	}
}

func part(t *testing.T, facts string) *land.Part {
	t.Helper()
	p := &land.Part{Share: 1, SetShare: 1, Records: &land.Records{}}
	fill(t, &p.Parcel, land.ParcelFields(), "id=P use_code=1001 supplied_on=2019-01-01 "+facts)
	p.EllipsoidM2 = p.RecordedM2.Value
	return p
}

func phases(t *testing.T, list ...string) (out []land.Phase) {
	for _, facts := range list {
		var ph land.Phase
		fill(t, &ph, land.PhaseFields(), facts)
		out = append(out, ph)
	}
	return out
}

func events(t *testing.T, list ...string) (out []land.Event) {
	for _, facts := range list {
		var e land.Event
		fill(t, &e, land.EventFields(), facts)
		out = append(out, e)
	}
	return out
}

func show(d *Division) string {
	var out []string
	for i := range d.Phases {
		ph := &d.Phases[i]
		out = append(out, fmt.Sprintf("%s:%s %s", ph.Part.Piece.Phase, ph.Part.AreaM2(), ph.Assessment.Status))
	}
	for _, n := range d.Notes {
		out = append(out, "!"+n.Code)
	}
	return strings.Join(out, ", ")
}

func TestPhases(t *testing.T) {
	const asOf = "2024-06-30"
	for _, c := range []struct {
		name, facts string
		phases      []string
		want        string
	}{
		{"the rest is the parcel's", "recorded_area_m2=1000 agreed_start_on=2020-01-01 construction_state=not_started",
			[]string{"phase=1 land_m2=400 completed_on=2021-01-01"}, "1:400 built, :600 suspected_idle"},
		{"rounded areas make up the parcel", "recorded_area_m2=1000 construction_state=not_started agreed_start_on=2024-01-01",
			[]string{"phase=1 land_m2=333.3", "phase=2 land_m2=666.6"}, "1:333.333333 overdue_start, 2:666.666667 overdue_start"},
		{"more than the parcel", "recorded_area_m2=1000 construction_state=completed",
			[]string{"phase=1 land_m2=1500", "phase=2 land_m2=500"}, "1:750 built, 2:250 built, !phases_exceed"},
		{"the parcel's start is the first phase's", "recorded_area_m2=1000 started_on=2020-01-01 construction_state=under_construction",
			[]string{"phase=1 land_m2=400 started_on=2020-01-01", "phase=2 land_m2=600 agreed_start_on=2022-01-01"},
			"1:400 under_construction, 2:600 undetermined, !phase_figures_unknown"},
		{"a phase whose start is still to come", "recorded_area_m2=1000 construction_state=under_construction",
			[]string{"phase=1 land_m2=400 started_on=2020-01-01", "phase=2 land_m2=600 agreed_start_on=2025-01-01"},
			"1:400 under_construction, 2:600 supplied_not_due"},
		{"the parcel's own start holds where no phase has one", "recorded_area_m2=1000 started_on=2020-01-01",
			[]string{"phase=1 land_m2=400", "phase=2 land_m2=600"}, "1:400 under_construction, 2:600 under_construction"},
		{"of unknown land, all alike", "recorded_area_m2=1000 construction_state=not_started agreed_start_on=2020-01-01",
			[]string{"phase=1 land_m2=400 completed_on=2021-01-01", "phase=2"}, "1:400 built, :600 suspected_idle, !phase_land_blank"},
		{"of unknown land, unlike", "recorded_area_m2=1000 construction_state=not_started agreed_start_on=2020-01-01",
			[]string{"phase=1 completed_on=2021-01-01", "phase=2"}, ":1000 undetermined, !phase_land_blank, !phase_figures_unknown"},
		{"a date of its own undoes an earlier agreement", "recorded_area_m2=1000 construction_state=not_started new_start_on=2020-01-01",
			[]string{"phase=1 land_m2=1000 agreed_start_on=2024-01-01"}, "1:1000 overdue_start"},
		{"a later agreement rules", "recorded_area_m2=1000 construction_state=not_started new_start_on=2024-01-01",
			[]string{"phase=1 land_m2=1000 agreed_start_on=2020-01-01"}, "1:1000 overdue_start"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := part(t, c.facts)
			p.Records.Phases = phases(t, c.phases...)
			d := divider(t, asOf).Divide(p)
			if got := show(&d); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What stands is shared out over the phases on which something stands, the rest
// by land.
func TestFiguresOfPhases(t *testing.T) {
	p := part(t, "recorded_area_m2=1000 floor_area_m2=900 output_wan=30 agreed_investment_wan=100 invested_wan=50 construction_state=not_started agreed_start_on=2025-01-01 price_wan=500")
	p.Records.Phases = phases(t, "phase=1 land_m2=100 completed_on=2021-01-01 price_wan=50", "phase=2 land_m2=200 started_on=2021-01-01", "phase=3 land_m2=700")
	d := divider(t, "2024-06-30").Divide(p)
	var got []string
	for i := range d.Phases {
		q := &d.Phases[i].Part
		got = append(got, fmt.Sprint(q.FloorAreaM2, q.OutputWan, q.AgreedInvestmentWan, q.InvestedWan, "price", q.PriceWan))
	}
	want := "300 10 10 5price50, 600 20 20 10price, 0 0 70 35price"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
}

// Papers as of a day: blank columns are filled, a dated paper goes before an
// undated word, what is still to come hasn't happened.
func TestPapers(t *testing.T) {
	const idle = "recorded_area_m2=1000 construction_state=not_started agreed_start_on=2022-01-01 price_wan=500 "
	for _, c := range []struct {
		name, facts, asOf string
		events            []string
		want              string // status, measure, step → next due overdue
	}{
		{"none", idle, "2023-06-30", nil, "suspected_idle investigate fee100 found→notice 2023-07-30 0"},
		{"a notice, in time", idle, "2023-06-30", []string{"kind=notice on=2023-06-10"}, "suspected_idle investigate fee100 notice→answer 2023-07-10 0"},
		{"served later", idle, "2023-06-30", []string{"kind=notice on=2023-06-10", "kind=service on=2023-06-20"}, "suspected_idle investigate fee100 notice→answer 2023-07-20 0"},
		{"on the last day", idle, "2023-07-10", []string{"kind=notice on=2023-06-10"}, "suspected_idle investigate fee100 notice→answer 2023-07-10 0"},
		{"a day over", idle, "2023-07-11", []string{"kind=notice on=2023-06-10"}, "suspected_idle investigate fee100 notice→answer 2023-07-10 1"},
		{"still to come", idle, "2023-06-09", []string{"kind=notice on=2023-06-10"}, "suspected_idle investigate fee100 found→notice 2023-07-09 0"},
		{"answered: a claim decides nothing", idle, "2023-08-01", []string{"kind=notice on=2023-06-10", "kind=answer on=2023-07-01 cause=government"},
			"suspected_idle investigate fee100 answer→determination  0"},
		{"determined, the holder's", idle, "2023-08-01", []string{"kind=notice on=2023-06-10", "kind=determination on=2023-07-15 cause=holder"},
			"suspected_idle fee fee100 determination→hearing  0"},
		{"determined, the government's", idle, "2023-08-01", []string{"kind=determination on=2023-07-15 cause=government"},
			"suspected_idle settle fee100 determination→settlement  0"},
		{"the paper against the column", idle + "delay_cause=holder", "2023-08-01", []string{"kind=determination on=2023-07-15 cause=government"},
			"suspected_idle settle fee100 determination→settlement  0 !cause_conflict"},
		{"decided and served: no term of payment is configured", idle, "2023-10-01", []string{"kind=determination on=2023-07-15 cause=holder",
			"kind=hearing on=2023-08-01", "kind=decision on=2023-09-01 amount_wan=100", "kind=service on=2023-09-05"},
			"suspected_idle fee fee100 service→payment  0"},
		{"to be taken back", idle, "2024-10-01", []string{"kind=determination on=2023-07-15 cause=holder", "kind=decision on=2024-09-01", "kind=service on=2024-09-05"},
			"suspected_idle take_back take_back service→take_back  0"},
		{"paid", idle, "2023-10-01", []string{"kind=determination on=2023-07-15 cause=holder", "kind=decision on=2023-09-01 amount_wan=100", "kind=payment on=2023-09-20"},
			"suspected_idle fee fee100 payment→  0"},
		{"settled: a new start", idle, "2023-12-31", []string{"kind=determination on=2023-07-15 cause=government", "kind=settlement on=2023-09-01 new_start_on=2023-12-01"},
			"overdue_start !extension_too_long"},
		{"idle again: the old papers are past", idle, "2025-01-31", []string{"kind=notice on=2023-06-10", "kind=settlement on=2023-09-01 new_start_on=2023-12-31"},
			"suspected_idle investigate fee100 found→notice 2025-03-02 0 !extension_too_long"},
		{"taken back", idle, "2025-01-31", []string{"kind=take_back on=2024-12-01"}, "reserve"},
		{"without a day", idle, "2023-06-30", []string{"kind=notice"}, "suspected_idle investigate fee100 found→notice 2023-07-30 0 !event_undated"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := part(t, c.facts)
			p.Records.Events = events(t, c.events...)
			d := divider(t, c.asOf).Divide(p)
			a := &d.Phases[0].Assessment
			got := string(a.Status)
			if i := a.Idle; i != nil {
				pr := i.Procedure
				fee := i.MeasureIfHolder
				if i.FeeIfHolderWan.Known {
					fee += i.FeeIfHolderWan.String()
				}
				got += fmt.Sprintf(" %s %s %s→%s %s %d", i.Measure, fee, pr.Step, pr.Next, pr.Due, pr.Overdue)
			}
			for _, n := range d.Notes {
				got += " !" + n.Code
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestApportionAddsUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		weights := make([]land.Fixed, 1+rng.IntN(6))
		some := false
		for i := range weights {
			weights[i] = land.Fixed(rng.Int64N(1 << rng.IntN(50)))
			some = some || weights[i] > 0
		}
		whole := land.Fixed(rng.Int64N(1 << 60))
		sum := land.Fixed(0)
		for i, v := range apportion(whole, weights) {
			if v < 0 || weights[i] == 0 && v != 0 {
				t.Fatalf("%d of %d by %v: %d", i, whole, weights, v)
			}
			sum += v
		}
		if some && sum != whole || !some && sum != 0 {
			t.Fatalf("%d by %v adds up to %d", whole, weights, sum)
		}
	}
}

// Every note has its words.
func TestNotesHaveTexts(t *testing.T) {
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"zh", "en"} {
		for _, code := range Notes() {
			if key := "note." + code; texts.Text(lang, key) == key {
				t.Errorf("%s has no text in %s", key, lang)
			}
		}
		for _, step := range land.ProcedureSteps() {
			if key := "step." + step; texts.Text(lang, key) == key {
				t.Errorf("%s has no text in %s", key, lang)
			}
		}
	}
}

// A fee is named of a phase with a price of its own alone.
func TestFeesOfPhases(t *testing.T) {
	p := part(t, "recorded_area_m2=1000 construction_state=not_started agreed_start_on=2023-01-01 price_wan=500")
	p.Records.Phases = phases(t, "phase=1 land_m2=400 price_wan=200", "phase=2 land_m2=600")
	d := divider(t, "2024-06-30").Divide(p)
	if got := show(&d); got != "1:400 suspected_idle, 2:600 suspected_idle, !phase_price_blank" {
		t.Errorf("got %s", got)
	}
	if one, two := d.Phases[0].Assessment.Idle.FeeIfHolderWan, d.Phases[1].Assessment.Idle.FeeIfHolderWan; one.String() != "40" || two.Known {
		t.Errorf("fees %s and %s, want 40 and none", one, two)
	}
}

// Where no land is known to be industrial and some is of a class that nobody
// knows, so is whose the offices and living facilities are.
func TestAncillariesOfOpenLand(t *testing.T) {
	for _, c := range []struct {
		name string
		uses []string
		want string // of each piece: use, land, ancillary site and floor
	}{
		{"all known", []string{"use_code=0701 land_m2=5000 floor_m2=5000", "use_code=1001 land_m2=5000 floor_m2=5000"},
			"0701 5000 0 0, 1001 5000 900 1800"},
		{"the plant's land is blank", []string{"use_code=0701 land_m2=5000 floor_m2=5000", "use_code=1001 floor_m2=5000"},
			"0701 5000 - -, 1001 0 - -,  5000 - -"},
		{"storage, and land of the plant blank", []string{"use_code=1101 land_m2=5000 floor_m2=5000", "use_code=1001 floor_m2=5000"},
			"1101 5000 - -, 1001 0 - -,  5000 - -"},
		{"some land has no use", []string{"use_code=1001 land_m2=5000 floor_m2=5000"}, "1001 5000 900 1800,  5000 0 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := part(t, "recorded_area_m2=10000 completed_on=2023-01-01 floor_area_m2=10000 ancillary_site_m2=900 ancillary_floor_m2=1800")
			for _, facts := range c.uses {
				var u land.Use
				fill(t, &u, land.UseFields(), facts)
				p.Records.Uses = append(p.Records.Uses, u)
			}
			d := divider(t, "2024-06-30").Divide(p)
			var got []string
			for _, u := range d.Phases[0].Uses {
				got = append(got, fmt.Sprintf("%s %s %s %s", u.Part.UseCode, u.Part.AreaM2(), orDash(u.Part.AncillarySiteM2), orDash(u.Part.AncillaryFloorM2)))
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

func orDash(n land.Number) string {
	if !n.Known {
		return "-"
	}
	return n.Value.String()
}

// Phases of unknown land that are in different states say nothing of when the
// land was due, whatever day the parcel was handed over.
func TestPhasesOfUnknownLandHaveNoDay(t *testing.T) {
	p := part(t, "recorded_area_m2=1000 handed_over_on=2023-09-23 construction_state=not_started output_wan=100")
	p.Records.Phases = phases(t, "phase=1 agreed_start_on=2020-07-22 completed_on=2023-03-11", "phase=2 agreed_start_on=2019-07-29")
	d := divider(t, "2024-06-30").Divide(p)
	if ph := d.Phases[0]; show(&d) != ":1000 undetermined, !phase_land_blank, !phase_figures_unknown" || ph.Part.HandedOverOn.Known() || ph.Part.AgreedStartOn.Known() ||
		ph.Assessment.BuiltOn != land.Unknown || ph.Assessment.Idle != nil || ph.Part.OutputWan.Known {
		t.Errorf("%s: %+v", show(&d), ph.Assessment)
	}
}

// Phases of unknown land that share a status share no more than both have: land
// that was built on without supply stays apart from land that wasn't.
func TestPhasesOfUnknownLandAlikeInStatus(t *testing.T) {
	p := part(t, "recorded_area_m2=1000 approved_on=2019-01-01 construction_state=not_started")
	p.SuppliedOn = 0
	p.Records.Phases = phases(t, "phase=1 completed_on=2023-03-11", "phase=2")
	d := divider(t, "2024-06-30").Divide(p)
	if ph := d.Phases[0]; show(&d) != ":1000 unsupplied, !phase_land_blank, !phase_figures_unknown" || ph.Assessment.BuiltOn != land.Unknown || len(ph.Assessment.Flags) > 0 {
		t.Errorf("%s: %+v", show(&d), ph.Assessment)
	}
	p = part(t, "recorded_area_m2=1000 construction_state=not_started")
	p.Records.Phases = phases(t, "phase=1 agreed_start_on=2020-01-01", "phase=2 agreed_start_on=2022-12-01")
	d = divider(t, "2024-06-30").Divide(p)
	if i := d.Phases[0].Assessment.Idle; show(&d) != ":1000 suspected_idle, !phase_land_blank" || i == nil || i.Since.String() != "2022-12-01" || i.MeasureIfHolder != supply.MeasureFee {
		t.Errorf("%s: idle %+v, want the later start's", show(&d), i)
	}
}
