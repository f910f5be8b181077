package rule

import (
	"math"
	"slices"

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
	ReasonClassNotTouched  = "class_not_touched"
	ReasonNewIndustry      = "new_industry_not_touched"
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
)

// Reasons lists the reasons that are this package's own.
func Reasons() []string {
	return []string{ReasonWithin, ReasonExceeded, ReasonReached, ReasonNotReached, ReasonStraddles, ReasonNoLimit,
		ReasonBeforeFirst, ReasonBeforeEffect, ReasonScopeUnknown, ReasonClassNotTouched, ReasonNewIndustry,
		ReasonCollective, ReasonNotSupplied, ReasonSupplyUnknown, ReasonNotIdle, ReasonIndicatorUnknown,
		ReasonNobodyEntered, ReasonEnteredBefore, ReasonNoEntryRecorded, ReasonEntryUnknown, ReasonNotThreeHigh, ReasonThreeHighUnknown, ReasonThreeHighEntered}
}

// Subject is what a rule is held against.
type Subject struct {
	Level land.Level
	ID    string // zone code, project number, parcel id
	AsOf  land.Date
	// LimitDate is the contract's date of a project with its basis
	// (contract_signed_on | approved_on | as_of). Where it is blank, AsOf counts.
	LimitDate   land.Date
	LimitBasis  string
	Class       land.Class // of a project or parcel; blank: not asked
	NewIndustry bool
	// NotApplicable is why the rule can't apply, where the caller knows that;
	// blank otherwise.
	NotApplicable string
	Evidence      []string
}

// Judge holds an indicator against a rule's limit in force on the date the rule
// asks for. A nil indicator is one that nobody computes: the verdict is then
// incomputable.
func (r *Rule) Judge(s *Subject, ind *land.Indicator) land.Verdict {
	v := r.verdict(s)
	if ind != nil {
		v.Observed = ind.Value
		if !ind.Exact {
			v.Bounds = ind.Bounds
		}
	}
	if why := r.outside(s); why != "" {
		return decided(v, land.NotApplicable, why)
	}
	limit, ok := r.LimitOn(v.LimitDate)
	if !ok {
		return decided(v, land.NotApplicable, ReasonBeforeFirst)
	}
	if limit.Value.Known {
		f := limit.Value.Value.Float()
		v.Limit = &f
	}
	switch {
	case ind == nil:
		return decided(v, land.Incomputable, ReasonIndicatorUnknown)
	case ind.Value == nil && ind.Reason == ReasonEmptyBase:
		return decided(v, land.NotApplicable, ReasonEmptyBase)
	case !limit.Value.Known:
		return decided(v, land.Incomputable, ReasonNoLimit)
	case ind.Exact && ind.Value != nil:
		return r.byValue(v, ind, limit.Value.Value)
	}
	return r.byBounds(v, ind, limit.Value.Value)
}

// verdict is the part of a verdict that doesn't depend on what is observed.
func (r *Rule) verdict(s *Subject) land.Verdict {
	v := land.Verdict{Rule: r.ID, Pack: r.Pack.ID, Kind: r.Kind, Level: r.Level, Subject: s.ID, Indicator: r.Indicator,
		Comparison: r.Comparison, Unit: r.Unit, LimitDate: s.AsOf, LimitBasis: "as_of",
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

// clause is the document's number and the clause in it.
func (r *Rule) clause() string { return r.Pack.Document.Number + " " + r.Clause }

// outside is why the rule is not about the subject, or "".
func (r *Rule) outside(s *Subject) string {
	switch {
	case s.NotApplicable != "":
		return s.NotApplicable
	case s.Class != "" && !r.touches(s.Class):
		return ReasonClassNotTouched
	case s.NewIndustry && !r.Touches.NewIndustry:
		return ReasonNewIndustry
	}
	return ""
}

func (r *Rule) touches(c land.Class) bool {
	if len(r.Touches.Classes) == 0 {
		return c == land.ClassIndustrial
	}
	return slices.Contains(r.Touches.Classes, c)
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

func (r *Rule) settle(v land.Verdict, holds bool, by string) land.Verdict {
	v.DecidedBy = by
	target := r.Kind == KindTarget
	switch {
	case holds && target:
		return decided(v, land.Satisfied, ReasonReached)
	case holds:
		return decided(v, land.Satisfied, ReasonWithin)
	case target:
		return decided(v, land.NotReached, ReasonNotReached)
	}
	return decided(v, land.Violated, ReasonExceeded)
}

func (r *Rule) byValue(v land.Verdict, ind *land.Indicator, limit land.Fixed) land.Verdict {
	v = r.settle(v, r.holds(compare(ind, limit)), "value")
	r.state(&v, ind, limit)
	return v
}

// compare compares numerator ÷ denominator, in the indicator's unit, with the
// limit, exactly. An indicator without its two sides, or in a unit whose factor
// is its own affair (years), is compared by its value.
func compare(ind *land.Indicator, limit land.Fixed) int {
	up, down, ok := factor(ind.Unit)
	if !ok || ind.Numerator == nil || ind.Denominator == nil || ind.Denominator.Value <= 0 {
		return near(*ind.Value, limit.Float())
	}
	return land.CompareRounded(ind.Numerator.Value, up, limit*down, ind.Denominator.Value, ind.Rounding)
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
func (r *Rule) byBounds(v land.Verdict, ind *land.Indicator, limit land.Fixed) land.Verdict {
	if ind.Bounds != nil && !ind.MayBeEmpty {
		best, bestSign := end(ind.Bounds.Lo, ind.LoExact, limit)
		worst, worstSign := end(ind.Bounds.Hi, ind.HiExact, limit)
		if r.Comparison == ">=" || r.Comparison == ">" {
			best, bestSign, worst, worstSign = worst, worstSign, best, bestSign
		}
		if worst && r.holds(worstSign) {
			return r.settle(v, true, "bounds")
		}
		if best && !r.holds(bestSign) {
			return r.settle(v, false, "bounds")
		}
	}
	switch {
	case ind.Value != nil:
		return decided(v, land.Incomputable, ReasonStraddles)
	case ind.Reason != "":
		return decided(v, land.Incomputable, ind.Reason)
	}
	return decided(v, land.Incomputable, ReasonMissing)
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
	if r.Excess == "" || ind.Numerator == nil || ind.Denominator == nil || ind.Unit != land.UnitRatio {
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
