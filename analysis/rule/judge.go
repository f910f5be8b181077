package rule

import (
	"math"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// The reasons of a verdict, beside those that come with an indicator: stable
// codes whose texts stand in data/i18n/rule.yaml under "reason." + code.
const (
	ReasonWithin           = "within_limit"
	ReasonExceeded         = "limit_exceeded"
	ReasonReached          = "target_reached"
	ReasonNotReached       = "target_not_reached"
	ReasonStraddles        = "bounds_on_both_sides"
	ReasonMissing          = "missing_input"
	ReasonEmptyBase        = "empty_base"
	ReasonNoLimit          = "no_limit_configured"
	ReasonBeforeFirst      = "before_first_limit"
	ReasonBeforeEffect     = "before_effect"
	ReasonScopeUnknown     = "zone_scope_unknown"
	ReasonWhereNot         = "where_not_met"
	ReasonWhereUnknown     = "where_unknown"
	ReasonRequired         = "requirement_met"
	ReasonNotRequired      = "requirement_not_met"
	ReasonRequireUnknown   = "requirement_unknown"
	ReasonCollective       = "collective_land"
	ReasonNotSupplied      = "not_supplied"
	ReasonSupplyUnknown    = "supply_unknown"
	ReasonNotIdle          = "not_idle"
	ReasonIndicatorUnknown = "indicator_unknown"
	ReasonNobodyEntered    = "nobody_entered"
	ReasonEnteredBefore    = "entered_before_rule"
	ReasonNoEntryRecorded  = "no_entry_recorded"
	ReasonEntryUnknown     = "entry_unknown"
	ReasonNotThreeHigh     = "not_three_high"
	ReasonThreeHighUnknown = "three_high_unknown"
	ReasonThreeHighEntered = "three_high_entered"
	ReasonUnfinished       = "project_unfinished"
	ReasonFinishUnknown    = "project_finish_unknown"
)

// Reasons lists the reasons that are this package's own.
func Reasons() []string {
	return []string{ReasonWithin, ReasonExceeded, ReasonReached, ReasonNotReached, ReasonStraddles, ReasonNoLimit,
		ReasonBeforeFirst, ReasonBeforeEffect, ReasonScopeUnknown, ReasonWhereNot, ReasonWhereUnknown,
		ReasonRequired, ReasonNotRequired, ReasonRequireUnknown,
		ReasonCollective, ReasonNotSupplied, ReasonSupplyUnknown, ReasonNotIdle, ReasonIndicatorUnknown,
		ReasonNobodyEntered, ReasonEnteredBefore, ReasonNoEntryRecorded, ReasonEntryUnknown, ReasonNotThreeHigh, ReasonThreeHighUnknown, ReasonThreeHighEntered,
		ReasonIndustryUnknown, ReasonEditionUnknown, ReasonIndustryOutside, ReasonUnconfirmed, ReasonNoCrosswalk, ReasonLimitAmbiguous,
		ReasonRankingMet, ReasonRankingNotMet, ReasonRankingMissing, ReasonRankingTied, ReasonRankingTooFew, ReasonZoneYounger,
		ReasonNoWarning, ReasonActUndated, ReasonUnderWay, ReasonOverdue, ReasonPassed, ReasonZoneRemoved,
		ReasonTermIncomplete, ReasonTermUnit, ReasonUnfinished, ReasonFinishUnknown, ReasonNoRankings}
}

// Subject is what a rule is held against.
type Subject struct {
	Level land.Level
	ID    string // zone code, project number, parcel id
	AsOf  land.Date
	// LimitDate is the contract's date of a project with its basis
	// (contract_signed_on | approved_on | as_of). Where it is blank, AsOf counts.
	LimitDate  land.Date
	LimitBasis string
	// Exempt is why the project caps don't apply (storage, new-industry land)
	// unless the rule's own where says that they do; blank otherwise.
	Exempt string
	// Unfinished is why a floor on what stands can't be asked of a project yet:
	// ReasonUnfinished, or ReasonFinishUnknown where nobody knows; blank where all
	// of it is completed or in use.
	Unfinished string
	// NotApplicable is why the rule can't apply, where the caller knows that;
	// blank otherwise.
	NotApplicable string
	// Doubt is the facts without which nobody knows whether the rule applies; nil:
	// it does.
	Doubt []string
	// Scene is what the rule's where and tables of limits are held against; nil
	// only where the rule has neither.
	Scene    *Scene
	Evidence []string
}

// call is what is decided of a subject, before it is written out.
type call struct {
	outcome land.Outcome
	reason  string
	by      string
	ruling  ruling
	limit   land.Fixed // that decided; known says whether there is one
	known   bool
	missing []string
}

func (c call) as(o land.Outcome, reason string) call {
	c.outcome, c.reason = o, reason
	return c
}

// Outcome is what Judge would say, for subjects that are only counted.
func (r *Rule) Outcome(s *Subject, ind, against *land.Indicator) land.Outcome {
	return r.decide(s, ind, against).outcome
}

// Judge holds an indicator against a rule's limit in force on the date the rule
// asks for, or against another indicator where the rule names one. A nil
// indicator is one that nobody computes: the verdict is then incomputable.
func (r *Rule) Judge(s *Subject, ind, against *land.Indicator) land.Verdict {
	c := r.decide(s, ind, against)
	v := r.verdict(s)
	v.Outcome, v.Reason, v.DecidedBy, v.Missing = c.outcome, c.reason, c.by, c.missing
	if ind != nil {
		v.Observed = ind.Value
		if !ind.Exact {
			v.Bounds = ind.Bounds
		}
	}
	if c.known {
		f := c.limit.Float()
		v.Limit = &f
	}
	if r.Against != "" && against != nil {
		v.Limit = against.Value
	}
	if o := c.ruling.by; o != nil {
		v.LimitBy, v.Replaced, v.Clause = o.Pack.ID, c.ruling.replaced, o.clause()
		v.DocStatus = o.Pack.Document.Status
	}
	if c.by == "value" && c.known {
		r.state(&v, ind, c.limit)
	}
	return v
}

// decide says how an indicator stands to the limit in force.
func (r *Rule) decide(s *Subject, ind, against *land.Indicator) (c call) {
	holds, missing := land.Yes, []string(nil)
	if r.Where != nil {
		holds, missing = r.Where.Holds(s.Scene)
	}
	if why := r.outside(s, holds); why != "" {
		return c.as(land.NotApplicable, why)
	}
	early := r.early(s)
	if early == ReasonUnfinished {
		return c.as(land.NotApplicable, early)
	}
	c = r.compare(c, s, ind, against)
	switch {
	case c.outcome == land.NotApplicable:
	case early != "":
		c.by, c.missing = "", []string{"construction_state"}
		return c.as(land.Incomputable, early)
	case holds == land.Unknown:
		c.by, c.missing = "", missing
		return c.as(land.Incomputable, ReasonWhereUnknown)
	case len(s.Doubt) > 0:
		c.by, c.missing = "", s.Doubt
		return c.as(land.Incomputable, ReasonMissing)
	}
	return c
}

// outside is why the rule is not about the subject, or "".
func (r *Rule) outside(s *Subject, holds land.Flag) string {
	switch {
	case s.NotApplicable != "":
		return s.NotApplicable
	case holds == land.No:
		return ReasonWhereNot
	case s.Exempt != "" && !r.Where.asksFor("class", "new_industry"):
		return s.Exempt
	}
	return ""
}

// early is why it is too early for the rule: a floor asks what a project must
// come to, which nobody can say while it is being built. A cap holds from the
// first day. A where that names finished settles it its own way.
func (r *Rule) early(s *Subject) string {
	if r.Kind != KindFloor || r.Level != land.LevelProject || r.Where.asksFor("finished") {
		return ""
	}
	return s.Unfinished
}

// Unfinished is the reason that goes with whether a project is finished, or "".
func Unfinished(finished land.Flag) string {
	switch finished {
	case land.No:
		return ReasonUnfinished
	case land.Unknown:
		return ReasonFinishUnknown
	}
	return ""
}

// compare looks the limit up and holds the indicator against it.
func (r *Rule) compare(c call, s *Subject, ind, against *land.Indicator) call {
	if r.Against != "" {
		return r.compareBoth(c, ind, against)
	}
	day := s.AsOf
	if r.Date == DateContract && s.LimitDate.Known() {
		day = s.LimitDate
	}
	if len(r.over) > 0 {
		c.ruling = r.rulingOn(day)
	} else {
		c.ruling.Limit, c.ruling.ok = limitOn(r.Limits, day)
	}
	limit := &c.ruling.Limit
	c.limit, c.known = limit.Value.Value, limit.Value.Known
	switch {
	case !c.ruling.ok:
		c.known = false
		return c.as(land.NotApplicable, ReasonBeforeFirst)
	case ind == nil:
		return c.as(land.Incomputable, ReasonIndicatorUnknown)
	case ind.Value == nil && ind.Reason == ReasonEmptyBase:
		return c.as(land.NotApplicable, ReasonEmptyBase)
	case limit.Table != nil:
		return r.compareTable(c, s, ind)
	case !c.known:
		return c.as(land.Incomputable, ReasonNoLimit)
	}
	return r.compareLimit(c, ind)
}

func (r *Rule) compareLimit(c call, ind *land.Indicator) call {
	if ind.Exact && ind.Value != nil {
		return r.settle(c, r.holds(compare(ind, c.limit)), "value")
	}
	return r.byBounds(c, ind)
}

// compareTable holds the indicator against the limit of the project's industry.
// Where several may be meant, the verdict stands if it is the same for all.
func (r *Rule) compareTable(c call, s *Subject, ind *land.Indicator) call {
	var p *Project
	if s.Scene != nil {
		p = s.Scene.Project
	}
	found := c.ruling.Table.of(p, r.accepts)
	switch {
	case found.outside:
		return c.as(land.NotApplicable, found.reason)
	case found.reason != "":
		c.missing = found.missing
		return c.as(land.Incomputable, found.reason)
	}
	c.limit, c.known = found.lo, true
	lo := r.compareLimit(c, ind)
	if found.lo == found.hi {
		return lo
	}
	c.limit = found.hi
	hi := r.compareLimit(c, ind)
	if lo.outcome == hi.outcome && lo.outcome != land.Incomputable {
		tight := lo
		if r.weaker(lo.limit, hi.limit) == (lo.outcome == land.Satisfied) {
			tight = hi // the limit that settles it: the hardest held, the mildest broken
		}
		tight.by = "bounds"
		return tight
	}
	c.known, c.missing = false, []string{"industry_code"}
	return c.as(land.Incomputable, ReasonLimitAmbiguous)
}

// compareBoth holds the indicator against another one.
func (r *Rule) compareBoth(c call, ind, against *land.Indicator) call {
	switch {
	case ind == nil || against == nil:
		return c.as(land.Incomputable, ReasonIndicatorUnknown)
	case ind.Value == nil && ind.Reason == ReasonEmptyBase || against.Value == nil && against.Reason == ReasonEmptyBase:
		return c.as(land.NotApplicable, ReasonEmptyBase)
	case ind.Exact && against.Exact && ind.Value != nil && against.Value != nil:
		return r.settle(c, r.holds(compareTwo(ind, against)), "value")
	case ind.Bounds == nil || against.Bounds == nil || ind.MayBeEmpty || against.MayBeEmpty:
		return c.as(land.Incomputable, ReasonMissing)
	}
	least, most := ends(ind), ends(against)
	if r.Comparison == ">=" || r.Comparison == ">" {
		least, most = most, least
	}
	// least and most are now the smaller and the greater side that is asked for.
	if a, b := least.hi, most.lo; a != nil && b != nil && r.holds(r.up(near(*a, *b))) {
		return r.settle(c, true, "bounds")
	}
	if a, b := least.lo, most.hi; a != nil && b != nil && !r.holds(r.up(near(*a, *b))) {
		return r.settle(c, false, "bounds")
	}
	return c.as(land.Incomputable, ReasonStraddles)
}

// up turns the sign of smaller against greater into that of the indicator
// against the other.
func (r *Rule) up(sign int) int {
	if r.Comparison == ">=" || r.Comparison == ">" {
		return -sign
	}
	return sign
}

type interval struct{ lo, hi *float64 }

func ends(i *land.Indicator) interval {
	if i.Exact && i.Value != nil {
		return interval{i.Value, i.Value}
	}
	return interval{i.Bounds.Lo, i.Bounds.Hi}
}

// compareTwo compares two ratios of one unit, exactly where their sides are
// there.
func compareTwo(a, b *land.Indicator) int {
	if a.Unit != b.Unit || a.Numerator == nil || b.Numerator == nil || a.Denominator == nil || b.Denominator == nil ||
		a.Denominator.Value <= 0 || b.Denominator.Value <= 0 || a.Rounding+b.Rounding > 0 {
		return near(*a.Value, *b.Value)
	}
	return land.CompareProduct(a.Numerator.Value, b.Denominator.Value, b.Numerator.Value, a.Denominator.Value)
}

// verdict is the part of a verdict that doesn't depend on what is observed.
func (r *Rule) verdict(s *Subject) land.Verdict {
	v := land.Verdict{Rule: r.ID, Pack: r.Pack.ID, Kind: r.Kind, Level: r.Level, Subject: s.ID, Indicator: r.Indicator,
		Comparison: r.Comparison, Unit: r.Unit, LimitDate: s.AsOf, LimitBasis: "as_of", Against: r.Against,
		DocStatus: r.Pack.Document.Status, Reading: r.Reading, TargetYear: r.TargetYear, Clause: r.clause(),
		Evidence: s.Evidence}
	if r.Date == DateContract && s.LimitDate.Known() {
		v.LimitDate, v.LimitBasis = s.LimitDate, s.LimitBasis
	}
	if v.Evidence == nil {
		v.Evidence = []string{}
	}
	return v
}

// Unplaced is the verdict on a zone of which it is not known whether the rule is
// its law.
func (r *Rule) Unplaced(s *Subject, missing []string) land.Verdict {
	v := decided(r.verdict(s), land.Incomputable, ReasonScopeUnknown)
	v.Missing = missing
	return v
}

// clause is the document's number and the clause in it.
func (r *Rule) clause() string {
	return strings.TrimSpace(r.Pack.Document.Number + " " + r.Clause)
}

func decided(v land.Verdict, o land.Outcome, reason string) land.Verdict {
	v.Outcome, v.Reason = o, reason
	return v
}

// holds reports whether a comparison holds, of a value that compares with the
// limit as sign says.
func (r *Rule) holds(sign int) bool {
	switch r.Comparison {
	case "<=":
		return sign <= 0
	case "<":
		return sign < 0
	case ">=":
		return sign >= 0
	}
	return sign > 0
}

func (r *Rule) settle(c call, holds bool, by string) call {
	c.by = by
	target := r.Kind == KindTarget || r.Kind == KindReward
	switch {
	case holds && target:
		return c.as(land.Satisfied, ReasonReached)
	case holds:
		return c.as(land.Satisfied, ReasonWithin)
	case target:
		return c.as(land.NotReached, ReasonNotReached)
	}
	return c.as(land.Violated, ReasonExceeded)
}

// compare compares numerator ÷ denominator, in the indicator's unit, with the
// limit, exactly. An indicator without its two sides, or in a unit whose factor
// is its own affair (years), is compared by its value.
func compare(ind *land.Indicator, limit land.Fixed) int {
	if ind.Denominator != nil && ind.Denominator.Unit == land.UnitZones {
		return compareMean(ind, limit)
	}
	up, down, ok := factor(ind.Unit)
	if !ok || ind.Numerator == nil || ind.Denominator == nil || ind.Denominator.Value <= 0 {
		return near(*ind.Value, limit.Float())
	}
	return land.CompareRounded(ind.Numerator.Value, up, limit*down, ind.Denominator.Value, ind.Rounding)
}

// compareMean compares a mean over zones, whose exact ends enclose it as narrowly
// as a limit can be written: a limit never lies between them.
func compareMean(ind *land.Indicator, limit land.Fixed) int {
	switch lo, hi := ind.LoExact, ind.HiExact; {
	case lo == nil || hi == nil:
		return near(*ind.Value, limit.Float())
	case lo.Compare(limit) < 0:
		return -1
	case hi.Compare(limit) > 0:
		return 1
	}
	return 0
}

// factor is what a ratio of base amounts (m², 万元, persons) is multiplied with
// to give the unit, as up ÷ down: 万元/亩 is 万元/m² × 10000/15.
func factor(u land.Unit) (up, down land.Fixed, ok bool) {
	switch u {
	case land.UnitRatio, land.UnitM2Each, land.UnitTCEPerWan:
		return land.One, 1, true
	case land.UnitWanPerMu:
		return 10000 * land.One, 15, true
	case land.UnitPerKm2:
		return 1_000_000 * land.One, 1, true
	}
	return 0, 0, false
}

// near compares two floats; what differs by rounding alone is equal.
func near(a, b float64) int {
	switch tiny := 1e-12 * max(math.Abs(a), math.Abs(b)); {
	case a-b > tiny:
		return 1
	case b-a > tiny:
		return -1
	}
	return 0
}

// byBounds decides where the rule holds, or fails, at both ends. Where the base
// may be empty the rule may not apply at all, so bounds don't decide.
func (r *Rule) byBounds(c call, ind *land.Indicator) call {
	if ind.Bounds != nil && !ind.MayBeEmpty {
		best, bestSign := end(ind.Bounds.Lo, ind.LoExact, c.limit)
		worst, worstSign := end(ind.Bounds.Hi, ind.HiExact, c.limit)
		if r.Comparison == ">=" || r.Comparison == ">" {
			best, bestSign, worst, worstSign = worst, worstSign, best, bestSign
		}
		if worst && r.holds(worstSign) {
			return r.settle(c, true, "bounds")
		}
		if best && !r.holds(bestSign) {
			return r.settle(c, false, "bounds")
		}
	}
	switch {
	case ind.Value != nil:
		return c.as(land.Incomputable, ReasonStraddles)
	case ind.Reason != "":
		return c.as(land.Incomputable, ind.Reason)
	}
	return c.as(land.Incomputable, ReasonMissing)
}

// end compares one end of the bounds with the limit, exactly where the exact
// ratio is given; ok is false where there is no bound.
func end(bound *float64, exact *land.Fraction, limit land.Fixed) (ok bool, sign int) {
	switch {
	case exact != nil:
		return true, exact.Compare(limit)
	case bound != nil:
		return true, near(*bound, limit.Float())
	}
	return false, 0
}

// state gives the excess of a rule not held, numerator − limit × denominator
// (below a floor it is negative: so much is lacking), or the headroom of one
// that is: how much more, or for a floor how much less, the numerator may be.
func (r *Rule) state(v *land.Verdict, ind *land.Indicator, limit land.Fixed) {
	if r.Excess == "" || ind.Numerator == nil || ind.Denominator == nil {
		return
	}
	if r.Excess == ExcessLand {
		r.stateLand(v, ind, limit)
		return
	}
	if ind.Unit != land.UnitRatio {
		return
	}
	over := ind.Numerator.Value - product(limit, ind.Denominator.Value)
	excess := v.Outcome == land.Violated || v.Outcome == land.NotReached
	if !excess && (r.Comparison == "<=" || r.Comparison == "<") {
		over = -over
	}
	if !excess && over < 0 { // by rounding alone
		over = 0
	}
	mu := over.Mu()
	switch {
	case excess && r.Excess == "mu":
		v.ExcessMu = &mu
	case excess:
		v.ExcessM2 = &over
	case r.Excess == "mu":
		v.HeadroomMu = &mu
	default:
		v.HeadroomM2 = &over
	}
}

// stateLand gives how much of the denominator's land would be spare if the rest
// were used as the limit asks (强度潜力): denominator − numerator ÷ limit.
func (r *Rule) stateLand(v *land.Verdict, ind *land.Indicator, limit land.Fixed) {
	up, down, ok := factor(ind.Unit)
	if !ok || limit <= 0 || v.Outcome == land.Satisfied {
		return
	}
	needed := float64(ind.Numerator.Value) * (float64(up) / float64(land.One)) / float64(down) / limit.Float()
	spare, err := land.FixedOf((float64(ind.Denominator.Value) - needed) / float64(land.One))
	if err != nil {
		return
	}
	mu := (-spare).Mu()
	v.ExcessMu = &mu
}
