package rule

import (
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/supply"
)

// Find is the outcome, with its reason, of a rule on a parcel: one that rests on
// a finding of the supply assessment, or that requires something of the parcel.
// missing names what keeps a condition unknown. The 2012 measures are law for
// state land only; land that was never supplied is not theirs either.
func (r *Rule) Find(s *Scene, asOf land.Date) (o land.Outcome, reason string, missing []string) {
	if e := r.Pack.Document.EffectiveOn; e.Known() && asOf < e {
		return land.NotApplicable, ReasonBeforeEffect, nil
	}
	holds := land.Yes
	if r.Where != nil {
		if holds, missing = r.Where.Holds(s); holds == land.No {
			return land.NotApplicable, ReasonWhereNot, nil
		}
	}
	var lacks []string
	o, reason, lacks = r.found(s, asOf)
	if holds == land.Unknown && o != land.NotApplicable {
		return land.Incomputable, ReasonWhereUnknown, missing
	}
	return o, reason, lacks
}

func (r *Rule) found(s *Scene, asOf land.Date) (land.Outcome, string, []string) {
	switch {
	case r.Requires != nil:
		return r.required(s)
	case r.Finding == FindingThreeHigh:
		o, reason := r.findEntry(s.Part, s.Assessment, asOf)
		return o, reason, nil
	}
	o, reason := r.findIdle(s.Part, s.Assessment)
	return o, reason, nil
}

// required is what becomes of a condition that must hold.
func (r *Rule) required(s *Scene) (land.Outcome, string, []string) {
	switch holds, missing := r.Requires.Holds(s); {
	case holds == land.Yes:
		return land.Satisfied, ReasonRequired, nil
	case holds == land.Unknown:
		return land.Incomputable, ReasonRequireUnknown, missing
	case r.Kind == KindTarget || r.Kind == KindReward:
		return land.NotReached, ReasonNotRequired, nil
	}
	return land.Violated, ReasonNotRequired, nil
}

func (r *Rule) findIdle(p *land.Part, a *land.Assessment) (land.Outcome, string) {
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

// JudgeParcel is the verdict of a rule on a parcel.
func (r *Rule) JudgeParcel(s *Scene, asOf land.Date) land.Verdict {
	id := s.Part.ID
	o, reason, missing := r.Find(s, asOf)
	v := decided(r.verdict(&Subject{Level: land.LevelParcel, ID: id, AsOf: asOf, Evidence: []string{id}}), o, reason)
	v.Missing = missing
	return v
}

// JudgeRequired is the verdict of a rule that requires something of a zone.
func (r *Rule) JudgeRequired(s *Subject) land.Verdict {
	v := r.verdict(s)
	if e := r.Pack.Document.EffectiveOn; e.Known() && s.AsOf < e {
		return decided(v, land.NotApplicable, ReasonBeforeEffect)
	}
	scene := *s.Scene
	scene.Pack = r.Pack
	o, reason, missing := r.Find(&scene, s.AsOf)
	v.Missing = missing
	return decided(v, o, reason)
}
