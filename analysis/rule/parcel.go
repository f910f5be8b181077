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
