package rule

import (
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/supply"
)

// Find is the outcome, with its reason, of a rule that rests on a finding of
// the supply assessment. The 2012 measures are law for state land only; land
// that was never supplied is not theirs either.
func (r *Rule) Find(p *land.Part, a *land.Assessment, asOf land.Date) (land.Outcome, string) {
	if e := r.Pack.Document.EffectiveOn; e.Known() && asOf < e {
		return land.NotApplicable, ReasonBeforeEffect
	}
	if r.Finding == FindingThreeHigh {
		return r.findEntry(p, a, asOf)
	}
	switch {
	case p.Ownership == land.OwnCollective:
		return land.NotApplicable, ReasonCollective
	case a.TakenBack || a.Status == land.Reserve || a.Supplied == land.No:
		return land.NotApplicable, ReasonNotSupplied
	case a.Supplied == land.Unknown:
		return land.Incomputable, ReasonSupplyUnknown
	case a.Status == land.SuspectedIdle && a.Idle.Branch == r.branch():
		return land.Violated, a.Reason
	case a.Status == land.Undetermined && r.concerns(a.Reason):
		return land.Incomputable, a.Reason
	}
	return land.Satisfied, ReasonNotIdle
}

// findEntry is the outcome of a ban on firms of high pollution, energy use or
// emission. It is about those that move in from the document's first day on. An
// entry that nobody recorded has not happened where nothing stands, and where
// the land was in use before that day; elsewhere it is unknown.
func (r *Rule) findEntry(p *land.Part, a *land.Assessment, asOf land.Date) (land.Outcome, string) {
	since, entered := r.Pack.Document.EffectiveOn, p.EnteredOn
	switch {
	case a.Class != land.ClassUnknown && !r.touches(a.Class):
		return land.NotApplicable, ReasonClassNotTouched
	case entered.Known() && entered > asOf, !entered.Known() && a.Standing == land.No:
		return land.NotApplicable, ReasonNobodyEntered
	case entered.Known() && entered < since:
		return land.NotApplicable, ReasonEnteredBefore
	case p.HighPollution == land.No:
		return land.Satisfied, ReasonNotThreeHigh
	case entered.Known() && p.HighPollution == land.Unknown:
		return land.Incomputable, ReasonThreeHighUnknown
	case entered.Known():
		return land.Violated, ReasonThreeHighEntered
	case p.HighPollution == land.Unknown && usedBefore(p, since):
		return land.NotApplicable, ReasonNoEntryRecorded
	}
	return land.Incomputable, ReasonEntryUnknown
}

// usedBefore reports whether land was completed or in use before a day.
func usedBefore(p *land.Part, d land.Date) bool {
	return p.CompletedOn.Known() && p.CompletedOn < d || p.InUseOn.Known() && p.InUseOn < d
}

func (r *Rule) branch() string {
	if r.Finding == FindingSuspended {
		return supply.BranchB
	}
	return supply.BranchA
}

// concerns reports whether what keeps a status undetermined is of the rule's
// branch. Where not even the start is known, it is of both.
func (r *Rule) concerns(reason string) bool {
	switch reason {
	case supply.ReasonProgressUnknown, supply.ReasonSuspensionUndated, supply.ReasonSuspensionSettled:
		return r.Finding == FindingSuspended
	case supply.ReasonNoStartDate, supply.ReasonSettlementUndated:
		return r.Finding == FindingNotStarted
	}
	return true
}

// JudgeParcel is the verdict of a rule that rests on a finding.
func (r *Rule) JudgeParcel(p *land.Part, a *land.Assessment, asOf land.Date) land.Verdict {
	s := Subject{Level: land.LevelParcel, ID: p.ID, AsOf: asOf, Evidence: []string{p.ID}}
	o, reason := r.Find(p, a, asOf)
	return decided(r.verdict(&s), o, reason)
}
