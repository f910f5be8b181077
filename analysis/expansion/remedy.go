package expansion

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// Action is something that could be done about a parcel.
type Action string

// The values of Action.
const (
	ActionSupply   Action = "supply"   // unsupplied land is supplied
	ActionStart    Action = "start"    // land that waits or is suspended is started
	ActionComplete Action = "complete" // land that is supplied is built on
	ActionConvert  Action = "convert"  // built land of another use becomes industrial
)

// How good an answer is.
const (
	MethodExact = "exact" // nothing smaller would do
	MethodBound = "bound" // it would do; nothing smaller than Bound would
	MethodNone  = "none"  // no parcel that we know of would do
)

// Remedy is what would have to change for one failed cap, floor or rate.
type Remedy struct {
	Rule       string    `json:"rule"` // pack#rule
	Title      Text      `json:"title"`
	Indicator  string    `json:"indicator"`
	Observed   float64   `json:"observed"`
	Comparison string    `json:"comparison"`
	Limit      float64   `json:"limit"`
	Unit       land.Unit `json:"unit"`
	Shortfall  *Area     `json:"shortfall,omitempty"`        // of land: |numerator − limit × denominator|
	Amount     *Amount   `json:"shortfall_amount,omitempty"` // of what isn't land (floor area, money)
	Reason     Coded     `json:"reason"`
	Candidates int       `json:"candidates"` // parcels of which some action helps
	Fewest     *Set      `json:"fewest_parcels,omitempty"`
	LeastArea  *Set      `json:"least_area,omitempty"`
}

// Amount is an amount of what isn't land, in its unit.
type Amount struct {
	Value land.Fixed `json:"value"`
	Unit  land.Unit  `json:"unit"`
}

// Set is some parcels with what is done about each.
type Set struct {
	Method  string       `json:"method"` // exact | bound
	Count   int          `json:"count"`
	Bound   *Area        `json:"at_least,omitempty"` // of bound: no set has less area
	Steps   []Step       `json:"parcels"`
	More    int          `json:"more,omitempty"` // parcels that aren't listed
	Outcome land.Outcome `json:"outcome_after"`  // by the engine, with all the steps taken
	After   *float64     `json:"value_after"`
	Area
}

// Step is one parcel of a set.
type Step struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
	Action Action `json:"action"`
	Text   Text   `json:"text"`
	Area
}

// candidate reports whether something could be done about land.
func candidate(p *land.Part, a *land.Assessment) bool {
	for _, act := range actions() {
		if act.applies(p, a) {
			return true
		}
	}
	return false
}

// act is an action: what it is for, and what it makes of a parcel.
type act struct {
	name    Action
	applies func(p *land.Part, a *land.Assessment) bool
	do      func(p *land.Part, on land.Date)
}

func actions() []act {
	return []act{
		{ActionSupply, func(_ *land.Part, a *land.Assessment) bool { return a.Status == land.Unsupplied }, supplyLand},
		{ActionStart, func(_ *land.Part, a *land.Assessment) bool {
			return a.Status == land.OverdueStart || a.Status == land.SuspectedIdle || a.Status == land.Suspended
		}, start},
		{ActionComplete, func(_ *land.Part, a *land.Assessment) bool {
			return slices.Contains([]land.Status{land.SuppliedNotDue, land.OverdueStart, land.SuspectedIdle, land.UnderConstruction,
				land.Suspended, land.OverdueCompletion}, a.Status)
		}, complete},
		{ActionConvert, func(p *land.Part, a *land.Assessment) bool {
			_, known := industrialCode(p.UseScheme)
			return known && a.BuiltOn == land.Yes && slices.Contains([]land.Class{land.ClassCommercial, land.ClassResidential,
				land.ClassResidentialService, land.ClassAdminOffice, land.ClassProductionService, land.ClassReserved}, a.Class)
		}, func(p *land.Part, _ land.Date) { p.UseCode, _ = industrialCode(p.UseScheme) }},
	}
}

func supplyLand(p *land.Part, on land.Date) {
	p.SuppliedOn, p.HandedOverOn, p.AgreedStartOn = on, on, on.AddYears(1)
	if p.SupplyMode == "" {
		p.SupplyMode = land.SupplyGrant
	}
	if p.ConstructionState == "" && !p.CompletedOn.Known() && !p.InUseOn.Known() && !p.StartedOn.Known() {
		p.ConstructionState = land.StateNotStarted
	}
}

func start(p *land.Part, on land.Date) {
	if p.StartedOn.Known() || p.SuspendedOn.Known() {
		p.ResumedOn = on
	}
	if !p.StartedOn.Known() {
		p.StartedOn, p.PermitOn = on, on
	}
	p.ConstructionState = land.StateUnderConstruction
}

func complete(p *land.Part, on land.Date) {
	start(p, on)
	p.CompletedOn, p.ConstructionState = on, land.StateCompleted
}

// industrialCode is industrial land (工业用地) in a scheme.
func industrialCode(s land.UseScheme) (string, bool) {
	code, ok := map[land.UseScheme]string{"": "1001", land.Guide2023: "1001", land.GBT21010: "0601", land.Survey3: "0601",
		land.Landchina2007: "061"}[s]
	return code, ok
}

// remedies answers every failed cap, floor or rate: those of level expansion,
// and the zone's own caps by the words of the law.
func (c *check) remedies(ctx context.Context) error {
	var failed []*land.Verdict
	for i := range c.doc.Conditions {
		if v := c.doc.Conditions[i].Verdict; v != nil && v.Outcome == land.Violated {
			failed = append(failed, v)
		}
	}
	for i := range c.result.Verdicts {
		v := &c.result.Verdicts[i]
		if v.Outcome == land.Violated && v.Level == land.LevelZone && v.Reading != rule.ReadingWide && v.DocStatus == "in_force" {
			failed = append(failed, v)
		}
	}
	stats, err := c.src.Stats(ctx)
	if err != nil {
		return fmt.Errorf("read the stats: %w", err)
	}
	for _, v := range failed {
		r, err := c.remedy(ctx, v, stats)
		if err != nil {
			return fmt.Errorf("what would satisfy %s: %w", v.RuleKey(), err)
		}
		c.doc.Changes = append(c.doc.Changes, *r)
	}
	return nil
}

func (c *check) ruleOf(v *land.Verdict) *rule.Rule {
	for _, p := range c.Packs {
		if p.ID == v.Pack {
			return p.Rule(v.Rule)
		}
	}
	return nil
}

func (c *check) remedy(ctx context.Context, v *land.Verdict, stats []land.Stats) (*Remedy, error) {
	ind := indicatorOf(c.result, v.Indicator)
	r := &Remedy{Rule: v.RuleKey(), Indicator: v.Indicator, Comparison: v.Comparison, Unit: v.Unit, Title: Text(c.ruleOf(v).Title)}
	if v.Limit != nil {
		r.Limit = *v.Limit
	}
	if v.Observed != nil {
		r.Observed = *v.Observed
	}
	if ind == nil || ind.Numerator == nil || ind.Denominator == nil || ind.Value == nil || v.Limit == nil {
		r.Reason = c.coded("remedy_unknown")
		return r, nil
	}
	s := search{check: c, verdict: v, ind: ind, scale: unitScale(ind.Unit), limit: *v.Limit, up: strings.HasPrefix(v.Comparison, ">")}
	s.need = s.short(float64(ind.Numerator.Value)/1e6, float64(ind.Denominator.Value)/1e6)
	if v.Comparison == ">" || v.Comparison == "<" {
		s.need += 1e-6 // the limit itself isn't enough
	}
	r.shortfall(ind, s.need)
	options, err := s.options(stats)
	if err != nil {
		return nil, err
	}
	r.Candidates = len(options)
	return r, s.answer(ctx, r, options)
}

// shortfall states how much of the numerator is too much or too little.
func (r *Remedy) shortfall(ind *land.Indicator, need float64) {
	scale := unitScale(ind.Unit)
	amount, err := land.FixedOf(need / scale)
	if err != nil {
		return
	}
	switch ind.Numerator.Unit {
	case land.UnitMu, land.UnitM2, land.UnitHa, land.UnitKm2:
		if ind.Numerator.Unit == land.UnitM2 && ind.Unit == land.UnitRatio && ind.ID != "" && !landIndicator(ind) {
			r.Amount = &Amount{Value: amount, Unit: land.UnitM2}
			return
		}
		a := areaOf(amount)
		r.Shortfall = &a
	default:
		r.Amount = &Amount{Value: amount, Unit: ind.Numerator.Unit}
	}
}

// landIndicator reports whether the numerator is land and no floor area.
func landIndicator(ind *land.Indicator) bool {
	d, ok := definition(ind.ID)
	return ok && !strings.Contains(d.Numerator, "floor") && !strings.Contains(d.Numerator, "footprint") && !strings.Contains(d.Numerator, "green")
}

// unitScale is what numerator ÷ denominator, in base amounts, is multiplied
// with to give the unit.
func unitScale(u land.Unit) float64 {
	switch u {
	case land.UnitWanPerMu:
		return 10000.0 / 15
	case land.UnitPerKm2:
		return 1e6
	}
	return 1
}

// search looks for parcels by which a verdict would turn.
type search struct {
	*check
	verdict   *land.Verdict
	ind       *land.Indicator
	scale     float64
	limit     float64
	up        bool    // a floor
	need      float64 // by how much scale × numerator − limit × denominator has to move
	truncated bool
}

// short is how much is lacking: above 0 where the limit isn't held.
func (s *search) short(num, den float64) float64 {
	over := s.scale*num - s.limit*den
	if s.up {
		return -over
	}
	return over
}

// option is one parcel with the action that helps most.
type option struct {
	part   *land.Part
	action act
	gain   float64
	m2     land.Fixed
}

// options measures by the engine's own formulas what each action on each parcel
// changes: numerator and denominator are sums over parcels.
func (s *search) options(stats []land.Stats) ([]option, error) {
	parts := s.parts.candidates
	before, years, err := s.contributions(parts, stats, nil)
	if err != nil {
		return nil, err
	}
	best := map[int64]option{}
	for _, a := range actions() {
		after, _, err := s.contributions(parts, stats, &a)
		if err != nil {
			return nil, err
		}
		for i := range parts {
			p := &parts[i]
			now, ok := after[p.Source.Position]
			was := before[p.Source.Position]
			if !ok || !now.known || !was.known && was != (contribution{}) {
				continue
			}
			gain := s.short(was.num, was.den/years) - s.short(now.num, now.den/years)
			if gain <= 1e-9 || gain <= best[p.Source.Position].gain {
				continue
			}
			best[p.Source.Position] = option{part: p, action: a, gain: gain, m2: p.PartM2()}
		}
	}
	out := make([]option, 0, len(best))
	for _, o := range best {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b option) int {
		return cmp.Or(cmp.Compare(b.gain, a.gain), cmp.Compare(a.m2, b.m2), strings.Compare(a.part.ID, b.part.ID))
	})
	return out, nil
}

// contribution is what a parcel gives to both sides, in m² or the side's unit.
type contribution struct {
	num, den float64
	known    bool
}

// contributions are what the parts give, with an action done to those to which
// it applies (nil: as they are); the others are then left out.
func (s *search) contributions(parts []land.Part, stats []land.Stats, a *act) (map[int64]contribution, float64, error) {
	var own []land.Stats
	for _, st := range stats {
		if st.Zone == s.zone.Code {
			own = append(own, st)
		}
	}
	z := indicator.NewZone(&s.zone, own, s.AsOf)
	if _, err := z.Trace(s.verdict.Indicator, ""); err != nil {
		return nil, 0, err
	}
	out := map[int64]contribution{}
	for i := range parts {
		p := parts[i]
		found := s.assessor.Assess(&p)
		if a != nil {
			if !a.applies(&p, &found) {
				continue
			}
			a.do(&p, s.AsOf)
			found = s.assessor.Assess(&p)
		}
		out[p.Source.Position] = contribution{known: true} // gives nothing unless the trace says otherwise
		z.Add(&p, &found)
	}
	t, err := z.Traced()
	if err != nil {
		return nil, 0, err
	}
	for _, g := range t.Given {
		out[g.Position] = contribution{num: float64(g.Numerator) / 1e6, den: float64(g.Denominator) / 1e6, known: g.Covered}
	}
	return out, float64(max(1, t.Denominator.Years)), nil
}

// answer fills the sets.
func (s *search) answer(ctx context.Context, r *Remedy, options []option) error {
	total := 0.0
	for _, o := range options {
		total += o.gain
	}
	switch {
	case s.verdict.DecidedBy == "bounds":
		r.Reason = s.coded("remedy_by_bounds")
	case len(options) == 0:
		r.Reason = s.coded("remedy_none")
		return nil
	case total < s.need:
		r.Reason = s.coded("remedy_not_enough", len(options))
		return nil
	default:
		r.Reason = s.coded("remedy_found")
	}
	var err error
	if r.Fewest, err = s.set(ctx, fewest(options, s.need)); err != nil {
		return err
	}
	least := leastArea(options, s.need)
	if r.LeastArea, err = s.set(ctx, least); err != nil {
		return err
	}
	if s.truncated || s.verdict.DecidedBy == "bounds" { // what isn't known may make it smaller
		for _, set := range []*Set{r.Fewest, r.LeastArea} {
			set.Method = MethodBound
		}
	}
	return nil
}

// choice is a chosen set; bound is a least area where it isn't proven.
type choice struct {
	options []option
	exact   bool
	bound   float64
}

// fewest takes the options that gain most: as every parcel counts for itself,
// no fewer of them can gain as much.
func fewest(options []option, need float64) choice {
	sum := 0.0
	for i := range options {
		sum += options[i].gain
		if sum >= need {
			return choice{options: options[:i+1], exact: true}
		}
	}
	return choice{options: options, exact: true}
}

// maxNodes bounds the search for the least area.
const maxNodes = 300_000

// leastArea looks for the set of least area that gains enough, by branch and
// bound on the options in the order of gain per area. Where that takes too
// many steps the best set found is given, with the area that no set can be
// below.
func leastArea(options []option, need float64) choice {
	list := slices.Clone(options)
	slices.SortStableFunc(list, func(a, b option) int { return cmp.Compare(b.gain/float64(b.m2), a.gain/float64(a.m2)) })
	b := branch{list: list, best: math.Inf(1), rest: make([]float64, len(list)+1)}
	for i := len(list) - 1; i >= 0; i-- {
		b.rest[i] = b.rest[i+1] + list[i].gain
	}
	b.visit(0, need, 0)
	c := choice{exact: b.nodes < maxNodes, bound: b.relaxed(0, need)}
	for i, take := range b.kept {
		if take {
			c.options = append(c.options, list[i])
		}
	}
	if len(c.options) == 0 { // no set was reached within the bound: the greedy one
		return choice{options: fewest(options, need).options, bound: c.bound}
	}
	return c
}

type branch struct {
	list  []option
	rest  []float64 // gain of all from i on
	taken []bool
	kept  []bool
	best  float64 // m²
	nodes int
}

// relaxed is the least area by which the options from i on can gain enough, if
// one of them may be taken in part.
func (b *branch) relaxed(i int, need float64) (m2 float64) {
	for ; i < len(b.list) && need > 0; i++ {
		o := &b.list[i]
		m2 += o.m2.Float() * min(1, need/o.gain)
		need -= o.gain
	}
	return m2
}

func (b *branch) visit(i int, need, m2 float64) {
	if need <= 0 {
		if m2 < b.best {
			b.best, b.kept = m2, slices.Clone(b.taken)
		}
		return
	}
	if b.nodes++; b.nodes >= maxNodes && !math.IsInf(b.best, 1) || i == len(b.list) || b.rest[i] < need || m2+b.relaxed(i, need) >= b.best-1e-6 {
		return
	}
	b.taken = append(b.taken, true)
	b.visit(i+1, need-b.list[i].gain, m2+b.list[i].m2.Float())
	b.taken[len(b.taken)-1] = false
	b.visit(i+1, need, m2)
	b.taken = b.taken[:len(b.taken)-1]
}

// set proves a choice: the zone is analyzed once more with all its steps taken.
func (s *search) set(ctx context.Context, ch choice) (*Set, error) {
	out := &Set{Method: MethodExact, Count: len(ch.options), Steps: []Step{}}
	if !ch.exact {
		a := areaOf(fixed(ch.bound))
		out.Method, out.Bound = MethodBound, &a
	}
	edits := map[string][]edit{}
	var m2 land.Fixed
	for _, o := range ch.options {
		m2 += o.m2
		edits[o.part.ID] = []edit{func(p *land.Part) { o.action.do(p, s.AsOf) }}
		if len(out.Steps) < s.Limit {
			out.Steps = append(out.Steps, Step{ID: o.part.ID, Name: o.part.Name, Action: o.action.name,
				Text: s.text("expansion.action." + string(o.action.name)), Area: areaOf(o.m2)})
		}
	}
	out.More, out.Area = len(ch.options)-len(out.Steps), areaOf(m2)
	src, _ := s.with(edits)
	result, err := s.run(ctx, src)
	if err != nil {
		return nil, err
	}
	r := s.ruleOf(s.verdict)
	subject := rule.Subject{Level: s.verdict.Level, ID: s.zone.Code, AsOf: s.AsOf}
	v := r.Judge(&subject, indicatorOf(result, s.verdict.Indicator), indicatorOf(result, r.Against))
	out.Outcome, out.After = v.Outcome, v.Observed
	return out, nil
}
