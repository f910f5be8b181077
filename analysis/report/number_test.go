package report

import (
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
	"github.com/paulmach/orb"
)

func testReport(t testing.TB) *htmlReport {
	t.Helper()
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	h, err := newHTML(nil, nil, Options{Lang: "en", Texts: texts})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestGroup(t *testing.T) {
	for _, c := range []struct {
		f    float64
		n    int
		want string
	}{
		{0, 2, "0"}, {12, 2, "12"}, {1234.5, 2, "1,234.50"}, {-1234567.891, 2, "−1,234,567.89"}, {0.06, 4, "0.06"}, {0.0612, 4, "0.0612"},
		{97.999, 2, "98.00"}, {98, 2, "98"}, {-0.001, 2, "0"}, {999.999, 2, "1,000.00"}, {100000, 0, "100,000"},
	} {
		if got := group(c.f, c.n); got != c.want {
			t.Errorf("group(%v, %d) = %q, want %q", c.f, c.n, got, c.want)
		}
	}
}

func TestValue(t *testing.T) {
	h := testReport(t)
	for _, c := range []struct {
		v    float64
		unit land.Unit
		id   string
		want string
	}{
		{0.07, land.UnitRatio, "ancillary_land_share.project", "7%"}, {0.0749, land.UnitRatio, "x", "7.49%"},
		{0.00001234, land.UnitRatio, "x", "0.00123%"}, {1.0811, land.UnitRatio, "gross_far.built_land", "1.08"},
		{0.9, land.UnitRatio, "far.project", "0.90"}, {25.239, land.UnitWanPerMu, "x", "25.24\u00a010⁴ CNY/mu"},
	} {
		if got := h.value(&c.v, c.unit, c.id); got != c.want {
			t.Errorf("value(%v %s %s) = %q, want %q", c.v, c.unit, c.id, got, c.want)
		}
	}
	if got := h.value(nil, land.UnitRatio, "x"); got != "—" {
		t.Errorf("no value = %q", got)
	}
}

// A value just beyond its limit never reads as the limit itself.
func TestAgainstTellsValueFromLimit(t *testing.T) {
	h := testReport(t)
	limit := 0.07
	for observed, want := range map[float64]string{0.07: "7%", 0.0700004: "7.00004%", 0.069999: "6.9999%", 0.08: "8%"} {
		v := &land.Verdict{Observed: &observed, Limit: &limit, Unit: land.UnitRatio, Indicator: "ancillary_land_share.project"}
		if got := h.against(v); got != want {
			t.Errorf("%v against 0.07 = %q, want %q", observed, got, want)
		}
	}
}

func TestCoverageReadsFullOnlyWhereItIs(t *testing.T) {
	for f, want := range map[float64]string{1: "100%", 0.99999: "> 99.9%", 0.967: "96.7%", 0.00001: "< 0.1%", 0: "0%"} {
		if got := coverage(f); got != want {
			t.Errorf("coverage(%v) = %q, want %q", f, got, want)
		}
	}
}

func TestBounds(t *testing.T) {
	h := testReport(t)
	at := func(f float64) *float64 { return &f }
	for want, b := range map[string]*land.Bounds{
		"unbounded": nil, "4.79% – 11.29%": {Lo: at(0.0479), Hi: at(0.1129)}, "≥\u00a05%": {Lo: at(0.05)}, "≤\u00a05%": {Hi: at(0.05)}, "0%": {Lo: at(0), Hi: at(0)},
	} {
		if got := h.bounds(b, land.UnitRatio, "x"); got != want {
			t.Errorf("bounds = %q, want %q", got, want)
		}
	}
}

// An excess over a cap and a shortfall to a target read as what they are.
func TestDistance(t *testing.T) {
	h := testReport(t)
	mus := func(f float64) *land.Mu { m := land.Mu(f / 15 * 1e10); return &m }
	m2s := func(f land.Fixed) *land.Fixed { f *= land.One; return &f }
	for _, c := range []struct {
		v    land.Verdict
		want string
	}{
		{land.Verdict{Comparison: "<=", ExcessMu: mus(3)}, "over by 3\u00a0mu"}, {land.Verdict{Comparison: ">=", ExcessMu: mus(-43.5)}, "short by 43.50\u00a0mu"},
		{land.Verdict{Comparison: "<=", HeadroomM2: m2s(160)}, "room for 160\u00a0m²"}, {land.Verdict{Comparison: ">=", HeadroomM2: m2s(-160)}, "above by 160\u00a0m²"},
		{land.Verdict{Comparison: "<="}, ""},
	} {
		if got := h.distance(&c.v); got != c.want {
			t.Errorf("distance = %q, want %q", got, c.want)
		}
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"a\u202eb": "a‹U+202E›b", "tab\tline\n": "tab\tline\n", "中文 abc": "中文 abc", "\u0085": "‹U+0085›", "": "", "\ufeffx": "‹U+FEFF›x",
	} {
		if got := visible(in); got != want {
			t.Errorf("visible(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRuleOrder(t *testing.T) {
	mus := func(n int64) *land.Mu { m := land.Mu(n); return &m }
	v := func(rule string, level land.Level, o land.Outcome, excess *land.Mu) land.Verdict {
		return land.Verdict{Pack: "p", Rule: rule, Level: level, Outcome: o, ExcessMu: excess, Subject: rule}
	}
	z := &land.ZoneResult{Verdicts: []land.Verdict{
		v("zone.a", land.LevelZone, land.Satisfied, nil), v("zone.b", land.LevelZone, land.Violated, nil),
		v("late", land.LevelProject, land.Incomputable, nil), v("cap", land.LevelProject, land.Incomputable, nil),
		v("cap", land.LevelProject, land.Violated, mus(1)), v("cap", land.LevelProject, land.Violated, mus(5)), v("idle", land.LevelParcel, land.Violated, nil),
	}, VerdictCounts: map[string]map[land.Outcome]int64{
		"p#zone.a": {land.Satisfied: 1}, "p#zone.b": {land.Violated: 1}, "p#late": {land.Incomputable: 1}, "p#cap": {land.Violated: 2, land.Incomputable: 1},
		"p#idle": {land.Violated: 1}, "p#quiet": {land.Satisfied: 9},
	}}
	r := rulesOf(z, func(*land.Verdict) *land.Indicator { return nil })
	if r.Zone[0].Rule != "zone.b" {
		t.Errorf("first zone rule %s, want the violated one", r.Zone[0].Rule)
	}
	var order []string
	for _, one := range r.Parts {
		order = append(order, one.Key)
	}
	if got, want := len(order), 4; got != want || order[0] != "p#cap" || order[1] != "p#idle" || order[2] != "p#late" || order[3] != "p#quiet" {
		t.Errorf("rules in order %v", order)
	}
	if rows := r.Parts[0].Rows; *rows[0].ExcessMu != 5 || *rows[1].ExcessMu != 1 || rows[2].Outcome != land.Incomputable {
		t.Error("project verdicts are not by outcome and excess")
	}
}

// The zone fills its map, keeps its shape, and the scale bar is as long as it
// says.
func TestFrame(t *testing.T) {
	b := orb.Bound{Min: orb.Point{108.40, 22.80}, Max: orb.Point{108.42, 22.81}}
	f := newFrame(b)
	x, y := f.at(orb.Point{108.40, 22.81})
	if x != int(mapPad*subunits) || y != int(mapPad*subunits) {
		t.Errorf("north-west corner at %d, %d", x, y)
	}
	x2, y2 := f.at(orb.Point{108.42, 22.80})
	if float64(x2) > (f.width-mapPad)*subunits+1 || float64(y2) > (f.height-mapPad)*subunits+1 {
		t.Errorf("south-east corner at %d, %d of %.0f × %.0f", x2, y2, f.width, f.height)
	}
	if ratio := float64(x2-x) / float64(y2-y); ratio < 1.83 || ratio > 1.86 { // 2 × cos 22.8°
		t.Errorf("2 × 1 hundredths of a degree are drawn %.3f wide", ratio)
	}
	tall := newFrame(orb.Bound{Min: orb.Point{108.40, 22.80}, Max: orb.Point{108.401, 22.90}})
	if tall.height > mapHeight+1 || tall.width < mapWidth/2 {
		t.Errorf("a tall zone is drawn %.0f × %.0f", tall.width, tall.height)
	}
}

func TestPathSkipsWhatFallsTogether(t *testing.T) {
	f := newFrame(orb.Bound{Min: orb.Point{0, 0}, Max: orb.Point{1, 1}})
	ring := orb.Ring{{0, 0}, {1, 0}, {1, 1e-9}, {1, 1}, {0, 0}}
	if got := string(f.path(nil, orb.MultiPolygon{{ring}})); got != "M140 6260l6120 0l0-6120z" {
		t.Errorf("path %s", got)
	}
}
