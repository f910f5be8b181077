package explain_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/explain"
	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/spool"
)

// sampleFiles is the sample district, whose figures are worked out by hand in
// expected.yaml.
func sampleFile(name string) string { return filepath.Join("..", "..", "data", "samples", name) }

func loadSample(t testing.TB) *spool.Spool {
	t.Helper()
	ctx := context.Background()
	s, err := spool.Open(spool.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	texts := must(t, words)
	opt := func(name string) ingest.Options {
		return ingest.Options{Files: ingest.Paths(sampleFile(name)), MaxRejects: ingest.NoLimit, Texts: texts, Rejects: func(*land.Reject) {}}
	}
	_, rows, err := ingest.LoadZones(ctx, opt("zones.geojson"), s)
	if err != nil {
		t.Fatal(err)
	}
	locator, err := ingest.NewLocator(rows)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ingest.LoadStats(ctx, opt("stats.csv"), s); err != nil {
		t.Fatal(err)
	}
	if _, err := ingest.LoadParcels(ctx, opt("parcels.geojson"), locator, s); err != nil {
		t.Fatal(err)
	}
	if err := s.Loaded(); err != nil {
		t.Fatal(err)
	}
	return s
}

func day(t testing.TB, s string) land.Date {
	t.Helper()
	d, err := land.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Reading packs, classes and texts takes longer than a zone of the sample.
var (
	packs   = sync.OnceValues(func() ([]*rule.Pack, error) { return analysis.DefaultPacks() })
	classes = sync.OnceValues(analysis.DefaultClasses)
	words   = sync.OnceValues(data.LoadTexts)
)

func must[T any](t testing.TB, get func() (T, error)) T {
	t.Helper()
	v, err := get()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func question(t testing.TB, zone, what string) explain.Options {
	t.Helper()
	return explain.Options{Zone: land.ParseZoneKey(zone), What: what, AsOf: day(t, "2024-12-31"), Packs: must(t, packs),
		Classes: must(t, classes), Texts: must(t, words), Files: []string{"parcels.geojson"}, Limit: 1000}
}

func ask(t testing.TB, source analysis.Source, opt explain.Options) *explain.Document {
	t.Helper()
	d, err := explain.Explain(context.Background(), source, opt)
	if err != nil {
		t.Fatalf("%s in %s: %v", opt.What, opt.Zone, err)
	}
	return d
}

// analyzed is the sample as the engine itself sees it.
func analyzed(t testing.TB, source analysis.Source) *land.Result {
	t.Helper()
	c := &analysis.Collector{}
	if err := analysis.Run(context.Background(), analysis.Options{AsOf: day(t, "2024-12-31"), Packs: must(t, packs)}, source, c); err != nil {
		t.Fatal(err)
	}
	return c.Result()
}

// Of every indicator of every zone and of every project, the parcels listed add
// up to the figure exactly, and those left out are those the figure misses.
func TestPartsAddUpToTheFigure(t *testing.T) {
	source := loadSample(t)
	result := analyzed(t, source)
	checked := 0
	for i := range result.Zones {
		z := &result.Zones[i]
		for j := range z.Indicators {
			ind := &z.Indicators[j]
			d := ask(t, source, question(t, z.Key().String(), ind.ID))
			addsUp(t, z.Code, d, ind)
			checked++
		}
	}
	for i := range result.Parts {
		p := &result.Parts[i]
		if p.Zone == nil || i%5 != 0 {
			continue
		}
		for j := range p.Indicators {
			opt := question(t, p.Key().String(), p.Indicators[j].ID)
			opt.Parcel = p.ID
			addsUp(t, p.ID, ask(t, source, opt), &p.Indicators[j])
			checked++
		}
	}
	if checked < 4*30+100 {
		t.Errorf("only %d figures were checked", checked)
	}
}

func addsUp(t *testing.T, where string, d *explain.Document, want *land.Indicator) {
	t.Helper()
	got := d.Indicator
	a, b := asJSON(t, got.Figure), asJSON(t, *want)
	if a != b {
		t.Errorf("%s: the figure is\n%s, analyzed it is\n%s", where, a, b)
	}
	sum := func(q *land.Quantity, side *explain.Side, of func(*explain.Parcel) *explain.Amount) {
		t.Helper()
		if q == nil {
			return
		}
		total := land.Fixed(0)
		for i := range d.Parcels.Listed {
			total += of(&d.Parcels.Listed[i]).Value
		}
		if side.Whole != nil && side.Whole.Value != nil {
			total += side.Whole.Value.Value
		}
		if side.Less != nil {
			total -= side.Less.Value
		}
		if side.Years > 1 {
			total = (total + land.Fixed(side.Years/2)) / land.Fixed(side.Years)
		}
		if total != q.Value || side.Unit != q.Unit {
			t.Errorf("%s %s, %s: parcels and zone add up to %s %s, the figure has %s %s", where, want.ID, side.Name, total, side.Unit, q.Value, q.Unit)
		}
	}
	sum(want.Numerator, &got.Numerator, func(p *explain.Parcel) *explain.Amount { return p.Numerator })
	sum(want.Denominator, &got.Denominator, func(p *explain.Parcel) *explain.Amount { return p.Denominator })
	missing := map[string]land.Missing{}
	for i := range d.LeftOut.Listed {
		p := &d.LeftOut.Listed[i]
		if len(p.Missing) == 0 {
			t.Errorf("%s %s: %s is left out and lacks nothing", where, want.ID, p.ID)
		}
		for _, f := range p.Missing {
			m := missing[f.Field]
			missing[f.Field] = land.Missing{Field: f.Field, Parcels: m.Parcels + 1, AreaM2: m.AreaM2 + p.AreaM2}
		}
	}
	for _, m := range want.Missing {
		// Two facts may be recorded in one field; then a parcel counts there once.
		if g := missing[m.Field]; m.Parcels > 0 && g != m && want.Reason != indicator.ReasonEmptyBase {
			t.Errorf("%s %s: missing %+v, of the parcels left out %+v", where, want.ID, m, g)
		}
	}
	if exact := d.LeftOut.Count == 0; exact != want.Exact && want.Reason == "" {
		t.Errorf("%s %s: %d parcels left out, exact %t", where, want.ID, d.LeftOut.Count, want.Exact)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The verdict that breaks the cap is told to the last figure, as worked out by
// hand: 104,100 − 0.07 × 772,000 = 50,060 m² = 75.09 mu.
func TestViolatedCap(t *testing.T) {
	d := ask(t, loadSample(t), question(t, "GX02", "guangxi/hightech-2021#ancillary.zone-land-max"))
	c := d.Comparison
	want := explain.Comparison{Unit: land.UnitMu, Numerator: "156.15", Denominator: "1158", Limit: "0.07", Allowed: "81.06", Difference: "75.09",
		Observed: "1041/7720", Sign: "above"}
	if c == nil || c.Holds == nil || *c.Holds {
		t.Fatalf("comparison %+v", c)
	}
	got := *c
	got.Holds = nil
	if got != want {
		t.Errorf("comparison\n%+v, want\n%+v", got, want)
	}
	if d.Verdict.Outcome != land.Violated || d.Verdict.ExcessMu.String() != "75.09" {
		t.Errorf("verdict %s, excess %v", d.Verdict.Outcome, d.Verdict.ExcessMu)
	}
	if d.Limit.From.String() != "2021-03-01" || d.Limit.Basis != "as_of" || !strings.Contains(d.Limit.Why.ZH, "2021-03-01") {
		t.Errorf("limit %+v", d.Limit)
	}
	if d.Rule.Clause != "（二十二）" || d.Rule.Quote != "比例不得突破规定上限7%" || d.Rule.Document.Status != "in_force" {
		t.Errorf("rule %+v", d.Rule)
	}
	if d.Parcels.Count != 15+74+15 || d.Parcels.Numerator.Value != 104_100*land.One || d.Deciding != nil {
		t.Errorf("%d parcels with %s m²; deciding %v", d.Parcels.Count, d.Parcels.Numerator.Value, d.Deciding)
	}
	first := d.Parcels.Listed[0]
	if first.Numerator.Value != 8000*land.One || first.Class != land.ClassAdminOffice && first.Class != land.ClassResidentialService ||
		first.Source.File != "parcels.geojson" || first.Source.Feature == 0 {
		t.Errorf("the first parcel is %+v", first)
	}
	if !slices.ContainsFunc(first.Fields, func(f explain.Field) bool { return f.Field == "use_code" && f.Value != nil }) {
		t.Errorf("fields of %s: %+v", first.ID, first.Fields)
	}
}

// A list is bounded, and its sums are those of all parcels.
func TestListsAreBounded(t *testing.T) {
	source := loadSample(t)
	opt := question(t, "GX02", "guangxi/hightech-2021#ancillary.zone-land-max")
	opt.Limit = 5
	d := ask(t, source, opt)
	if len(d.Parcels.Listed) != 5 || d.Parcels.More != 99 || d.Parcels.Numerator.Value != 104_100*land.One {
		t.Errorf("%d listed, %d more, %s", len(d.Parcels.Listed), d.Parcels.More, d.Parcels.Numerator.Value)
	}
	opt.Limit = 0
	if d := ask(t, source, opt); len(d.Parcels.Listed) != explain.DefaultLimit {
		t.Errorf("%d listed by default", len(d.Parcels.Listed))
	}
}

// One unknown site of 8,000 m² leaves 9,719.9 − 0.07 × 184,000 = −3,160.1 m² to
// 4,839.9 m²: that parcel alone decides either way.
func TestDecidingParcel(t *testing.T) {
	d := ask(t, loadSample(t), question(t, "GX01-A", "ancillary.zone-projects-land-max"))
	g := d.Deciding
	if d.Verdict.Outcome != land.Incomputable || g == nil || !g.Minimal {
		t.Fatalf("verdict %s, deciding %+v", d.Verdict.Outcome, g)
	}
	if *g.Lo != "-4.74015" || *g.Hi != "7.25985" || g.Unit != land.UnitMu {
		t.Errorf("from %s to %s %s", *g.Lo, *g.Hi, g.Unit)
	}
	if g.Hold == nil || g.Fail == nil || g.Hold.Parcels != 1 || g.Fail.Parcels != 1 || g.Hold.IDs[0] != g.Fail.IDs[0] {
		t.Fatalf("to hold %+v, to fail %+v", g.Hold, g.Fail)
	}
	if len(g.Ranking) != 1 || g.Ranking[0].ID != g.Hold.IDs[0] || *g.Ranking[0].Closes != "12" || g.Ranking[0].Missing[0].Field != "ancillary_site_m2" {
		t.Errorf("ranking %+v", g.Ranking)
	}
	left := d.LeftOut.Listed[0]
	if left.Range.Numerator[1].Value != 8000*land.One || left.Missing[0].Value != nil {
		t.Errorf("left out %+v", left)
	}
}

// Held against the end of its bounds, the sums over the parcels' choices are
// exactly 0: the bounds and the ranking are of the same choices.
func TestBoundsAreTheChoices(t *testing.T) {
	source := loadSample(t)
	result := analyzed(t, source)
	checked := 0
	for i := range result.Zones {
		z := &result.Zones[i]
		for j := range z.Indicators {
			ind := &z.Indicators[j]
			if ind.Exact || ind.Bounds == nil || ind.HiExact == nil || ind.LoExact == nil {
				continue
			}
			checked++
			traced := trace(t, source, z.Key(), ind.ID)
			for _, e := range []struct {
				at   *land.Fraction
				sign int
			}{{ind.HiExact, 1}, {ind.LoExact, -1}} {
				atEnd(t, z.Code+" "+ind.ID, traced, new(big.Rat).SetFrac64(int64(e.at.Num), int64(e.at.Den)), e.sign)
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d indicators with bounds", checked)
	}
}

// atEnd sums, over the parcels, the best of n − r × d and wants 0.
func atEnd(t *testing.T, where string, tr *indicator.Traced, at *big.Rat, sign int) {
	t.Helper()
	value := func(n, d land.Fixed) *big.Rat {
		num, den := big.NewRat(int64(n), 1), big.NewRat(int64(d), tr.Denominator.Years)
		if tr.Numerator.Unit == land.UnitWan && tr.Denominator.Unit == land.UnitMu {
			den.Mul(den, big.NewRat(15, 10_000))
		}
		if tr.Denominator.Unit == land.UnitKm2 {
			den.Mul(den, big.NewRat(1, 1_000_000))
		}
		return num.Sub(num, den.Mul(den, at))
	}
	total := value(tr.Numerator.Parcels+tr.Numerator.Whole.Value, tr.Denominator.Parcels+tr.Denominator.Whole.Value)
	for i := range tr.Given {
		c := &tr.Given[i]
		if c.Covered {
			continue
		}
		if c.GrowsBoth || c.GrowsDenominator || c.GrowsNumerator {
			return // the end may be where floors grow without end
		}
		best := value(c.Choices[0].Numerator, c.Choices[0].Denominator)
		for _, x := range c.Choices[1:] {
			if v := value(x.Numerator, x.Denominator); v.Cmp(best)*sign > 0 {
				best = v
			}
		}
		total.Add(total, best)
	}
	if total.Sign() != 0 {
		t.Errorf("%s: at its end the choices sum to %s, want 0", where, total.FloatString(6))
	}
}

// tracer traces one indicator of one zone.
type tracer struct {
	analysis.Collector
	id      string
	watched *analysis.Watched
}

func (w *tracer) Begin(z *analysis.Watched) error {
	w.watched = z
	_, err := z.Indicators.Trace(w.id, "")
	return err
}
func (w *tracer) Part(*land.Part, *land.Assessment) {}
func (w *tracer) Projects([]indicator.Project)      {}
func (w *tracer) Verdict(*land.Verdict)             {}

func trace(t *testing.T, source analysis.Source, zone land.ZoneKey, id string) *indicator.Traced {
	t.Helper()
	w := &tracer{id: id}
	opt := analysis.Options{AsOf: day(t, "2024-12-31"), Packs: []*rule.Pack{}, Zones: []string{zone.String()},
		Watch: func(key land.ZoneKey) analysis.Watcher {
			if key == zone {
				return w
			}
			return nil
		}}
	if err := analysis.Run(context.Background(), opt, source, w); err != nil {
		t.Fatal(err)
	}
	traced, err := w.watched.Indicators.Traced()
	if err != nil {
		t.Fatal(err)
	}
	return &traced
}

// What the arithmetic says agrees with every verdict of the sample.
func TestArithmeticAgreesWithVerdicts(t *testing.T) {
	source := loadSample(t)
	result := analyzed(t, source)
	seen := map[land.Outcome]int{}
	for i := range result.Zones {
		z := &result.Zones[i]
		for j := range z.Verdicts {
			v := &z.Verdicts[j]
			opt := question(t, z.Key().String(), v.RuleKey())
			if v.Level == land.LevelProject || v.Level == land.LevelParcel {
				opt.Parcel = v.Subject
			}
			d := ask(t, source, opt)
			if a, b := asJSON(t, d.Verdict), asJSON(t, v); a != b {
				t.Errorf("%s: explained\n%s, analyzed\n%s", z.Code, a, b)
			}
			seen[v.Outcome]++
			agrees(t, z.Code+" "+v.RuleKey()+" "+v.Subject, d)
		}
	}
	for _, o := range []land.Outcome{land.Violated, land.NotReached, land.Incomputable, land.Satisfied} {
		if seen[o] == 0 {
			t.Errorf("no verdict %s was seen: %v", o, seen)
		}
	}
}

func agrees(t *testing.T, where string, d *explain.Document) {
	t.Helper()
	v, c := d.Verdict, d.Comparison
	holds := v.Outcome == land.Satisfied
	switch {
	case v.Indicator == "" || v.Outcome == land.NotApplicable:
	case v.Against != "":
		if d.Limit.Against == nil || d.Limit.Against.ID != v.Against || v.DecidedBy == "value" && (*d.Indicator.Figure.Value <= *d.Limit.Against.Value) != holds {
			t.Errorf("%s is %s against %+v", where, v.Outcome, d.Limit.Against)
		}
	case v.DecidedBy == "value" && (c.Holds == nil || *c.Holds != holds):
		t.Errorf("%s is %s, the arithmetic says %+v", where, v.Outcome, c)
	case v.DecidedBy == "bounds":
		for _, e := range []*explain.End{c.Lo, c.Hi} {
			if e != nil && e.Holds != holds {
				t.Errorf("%s is %s by its bounds, the arithmetic says %+v", where, v.Outcome, e)
			}
		}
	case v.Outcome == land.Incomputable && d.Limit.Value != nil && d.Deciding == nil:
		t.Errorf("%s is incomputable, and nothing is said of what would decide it", where)
	}
	if d.Indicator != nil && d.Indicator.Figure.MayBeEmpty {
		return // whether there is a ratio at all is open, whatever its bounds
	}
	if g := d.Deciding; g != nil && g.Minimal && g.Lo != nil && g.Hi != nil && len(g.Figures) == 0 {
		lo, _ := new(big.Rat).SetString(string(*g.Lo))
		hi, _ := new(big.Rat).SetString(string(*g.Hi))
		if lo.Sign() > 0 || hi.Sign() < 0 || g.Hold == nil || g.Fail == nil {
			t.Errorf("%s is incomputable, yet numerator − limit × denominator is from %s to %s (%+v)", where, lo, hi, g)
		}
	}
}

// Where a rule can't speak, the document says why.
func TestNoVerdict(t *testing.T) {
	source := loadSample(t)
	for what, code := range map[string]string{"yunnan/hightech-2020#entry.three-high-ban": explain.ReasonNotLawHere,
		"guangxi/hightech-2021#rd-intensity.gdp-target": explain.ReasonOtherLevel} {
		d := ask(t, source, question(t, "GX01", what))
		if d.Verdict != nil || d.Subjects != nil || d.Reason == nil || d.Reason.Code != code || d.Rule == nil {
			t.Errorf("%s: verdict %v, reason %+v", what, d.Verdict, d.Reason)
		}
	}
}

// Amounts carry their unit.
func TestAmountJSON(t *testing.T) {
	if got := asJSON(t, explain.Amount{Quantity: land.Quantity{Value: 50_060 * land.One, Unit: land.UnitMu}}); got != `{"value":75.09,"unit":"mu"}` {
		t.Error(got)
	}
}

// A parcel's part in the zone's figure can be asked, also where it has none.
func TestParcelOfAZone(t *testing.T) {
	source := loadSample(t)
	opt := question(t, "GX02", "admin_living_land_share.construction_land")
	all := ask(t, source, opt)
	opt.Parcel = all.Parcels.Listed[3].ID
	d := ask(t, source, opt)
	if d.Parcel == nil || d.Parcel.ID != opt.Parcel || d.Parcel.Numerator.Value != all.Parcels.Listed[3].Numerator.Value || len(d.Parcel.Fields) == 0 {
		t.Errorf("parcel %+v", d.Parcel)
	}
	opt.Zone, opt.Parcel = land.ParseZoneKey("GX01"), "450102001001GB00248" // farmland
	d = ask(t, source, opt)
	if d.Parcel == nil || d.Parcel.Status != land.NotConstruction || d.Parcel.Denominator != nil && d.Parcel.Denominator.Value != 0 {
		t.Errorf("farmland %+v", d.Parcel)
	}
}

// A project is explained as a whole, under the limit of its contract.
func TestProject(t *testing.T) {
	source := loadSample(t)
	opt := question(t, "GX01-A", "guangxi/hightech-2021#ancillary.project-land-max")
	list := ask(t, source, opt)
	if list.Subjects == nil || list.Subjects.Counts[land.Violated] != 1 || list.Subjects.Count != 23 || len(list.Subjects.Listed) != 2 || list.Verdict != nil {
		t.Fatalf("subjects %+v", list.Subjects)
	}
	opt.Parcel = list.Subjects.Listed[0].ID
	d := ask(t, source, opt)
	// 600 − 7 % of 8,000 = 40 m² = 0.06 mu
	if d.Subject == nil || d.Comparison == nil || d.Comparison.Difference != "0.06" || d.Limit.Basis != "contract_signed_on" ||
		!strings.Contains(d.Limit.Why.EN, d.Limit.Date.String()) || d.Parcels.Count != 1 {
		t.Errorf("project %+v, comparison %+v, limit %+v", d.Subject, d.Comparison, d.Limit)
	}
	opt.Parcel = sampleID(8, 3) // over the cap by a contract older than it
	if d := ask(t, source, opt); d.Verdict == nil || d.Verdict.Outcome != land.NotApplicable || d.Limit.Value != nil || d.Limit.Until.String() != "2021-03-01" ||
		!strings.Contains(d.Limit.Why.EN, "the first is from 2021-03-01") {
		t.Errorf("before the first limit: %+v, %+v", d.Verdict, d.Limit)
	}
	opt.Parcel = list.Subjects.Listed[1].ID
	d = ask(t, source, opt)
	if d.Deciding == nil || d.Deciding.Hold == nil || d.Deciding.Hold.Parcels != 1 || d.LeftOut.Count != 1 {
		t.Errorf("incomputable project: %+v", d.Deciding)
	}
}

// A finding is told with the dates behind it and, where it can't be made, with
// the field that would decide it.
func TestFinding(t *testing.T) {
	source := loadSample(t)
	opt := question(t, "GX01", "national/idle-land-2012#idle.not-started")
	opt.Parcel = sampleID(1, 4) // start due 2023-06-01, the holder's cause
	d := ask(t, source, opt)
	if d.Verdict.Outcome != land.Violated || d.Finding == nil || d.Finding.Idle == nil || d.Finding.Idle.Measure != "fee" ||
		!slices.ContainsFunc(d.Parcel.Fields, func(f explain.Field) bool { return f.Field == "agreed_start_on" }) {
		t.Errorf("finding %+v", d.Finding)
	}
	opt.Parcel = sampleID(1, 12) // start unknown, past due
	d = ask(t, source, opt)
	if d.Verdict.Outcome != land.Incomputable || !decides(d, "started_on", land.Satisfied) || !decides(d, "construction_state", land.Violated) {
		t.Errorf("deciding %+v", d.Finding.Deciding)
	}
	opt.What, opt.Parcel = "idle.suspended", sampleID(2, 6) // investment unknown
	d = ask(t, source, opt)
	if d.Verdict.Outcome != land.Incomputable || !decides(d, "invested_wan", land.Violated) || !decides(d, "invested_wan", land.Satisfied) {
		t.Errorf("deciding %+v", d.Finding.Deciding)
	}
}

func decides(d *explain.Document, field string, o land.Outcome) bool {
	return slices.ContainsFunc(d.Finding.Deciding, func(s explain.Settling) bool {
		return len(s.Fields) == 1 && s.Fields[0].Field == field && s.Outcome == o
	})
}

func sampleID(column, row int) string {
	digits := []byte("450102001001GB00000")
	n := row*20 + column + 1
	for i := len(digits) - 1; n > 0; i, n = i-1, n/10 {
		digits[i] = byte('0' + n%10)
	}
	return string(digits)
}

// A figure that wants statistics says which.
func TestMissingStatistics(t *testing.T) {
	d := ask(t, loadSample(t), question(t, "GX02", "rd_intensity.gdp"))
	if d.Deciding == nil || len(d.Deciding.Figures) != 1 || d.Deciding.Figures[0].Field != "rd_wan" || d.Indicator.Numerator.Whole.Source != "stats 2024" {
		t.Errorf("deciding %+v, numerator %+v", d.Deciding, d.Indicator.Numerator.Whole)
	}
}

func TestWrongQuestions(t *testing.T) {
	source := loadSample(t)
	for _, c := range []struct {
		zone, what, parcel string
		want               error
		says               string
	}{
		{"GX09", "supply_rate", "", explain.ErrNotFound, "GX01"},
		{"GX01", "gdp_per_acre", "", explain.ErrNotFound, "gdp_per_acre"},
		{"GX01-A", "ancillary.project-land-max", "", explain.ErrQuestion, "national/industrial-project-2008#ancillary.project-land-max"},
		{"GX01-A", "guangxi/hightech-2021#ancillary.project-land-max", "nobody", explain.ErrNotFound, "nobody"},
		{"GX01", "supply_rate", "nobody", explain.ErrNotFound, "nobody"},
	} {
		opt := question(t, c.zone, c.what)
		opt.Parcel = c.parcel
		_, err := explain.Explain(context.Background(), source, opt)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// Both languages are whole: no key of the texts shows.
func TestTexts(t *testing.T) {
	source := loadSample(t)
	texts := must(t, words)
	questions := []explain.Options{question(t, "GX02", "guangxi/hightech-2021#ancillary.zone-land-max"), question(t, "GX01", "guangxi/hightech-2021#ancillary.zone-land-max"),
		question(t, "GX01", "remaining_supply_years.by_area"), question(t, "GX02", "rd_intensity.gdp"), question(t, "GX01", "idle_rate.suspected"),
		question(t, "GX01-A", "guangxi/hightech-2021#ancillary.project-land-max"), question(t, "GX01", "national/idle-land-2012#idle.not-started")}
	one := question(t, "GX01", "national/idle-land-2012#idle.not-started")
	one.Parcel = sampleID(1, 12)
	for _, opt := range append(questions, one) {
		d := ask(t, source, opt)
		for _, lang := range []string{"zh", "en"} {
			var b bytes.Buffer
			if err := explain.WriteText(&b, d, lang, texts); err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{"explain.", "reason.", "%!", "status.", "unit.", "class.", "outcome."} {
				if i := strings.Index(b.String(), bad); i >= 0 {
					t.Errorf("%s %s in %s shows %q", opt.Zone, opt.What, lang, b.String()[max(0, i-20):min(b.Len(), i+40)])
				}
			}
		}
		var b bytes.Buffer
		if err := explain.WriteJSON(&b, d); err != nil || !strings.HasPrefix(b.String(), "{\n  \"format\": \"explain/1\"") {
			t.Errorf("JSON %v: %.80s", err, b.String())
		}
	}
}
