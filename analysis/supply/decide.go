package supply

import "github.com/muscope/muscope/analysis/land"

// set gives a status; it is here so that a decision reads as one line.
func set(out *land.Assessment, s land.Status, since land.Date, reason string) {
	out.Status, out.Since, out.Reason = s, since, reason
}

// decide goes through the contract's steps in their order; the first that fits
// gives the status.
func (a *Assessor) decide(p *land.Parcel, l *life, out *land.Assessment) {
	switch {
	case a.happened(p.TakenBackOn):
		set(out, land.Reserve, p.TakenBackOn, ReasonTakenBack)
	case p.Tenure == land.TenureReserve && !l.supplied:
		set(out, land.Reserve, a.ifHappened(p.AcquiredOn), ReasonReserved)
	case !l.supplied:
		a.decideUnsupplied(p, l, out)
	case l.completed:
		set(out, land.Built, a.firstHappened(p.CompletedOn, p.InUseOn), ReasonCompleted)
	case l.builtOn:
		set(out, land.Built, p.InUseOn, ReasonInUse)
	case l.started:
		a.decideStarted(p, l, out)
	case l.notStarted:
		a.decideNotStarted(p, l, out)
	default:
		a.decideStartUnknown(p, l, out)
	}
}

func (a *Assessor) ifHappened(d land.Date) land.Date {
	if a.happened(d) {
		return d
	}
	return 0
}

func (a *Assessor) firstHappened(dates ...land.Date) land.Date {
	for _, d := range dates {
		if a.happened(d) {
			return d
		}
	}
	return 0
}

func (a *Assessor) decideUnsupplied(p *land.Parcel, l *life, out *land.Assessment) {
	switch {
	case l.undated:
		set(out, land.Undetermined, 0, ReasonSupplyUndated)
	case l.approved && l.builtOn:
		set(out, land.Unsupplied, p.ApprovedOn, ReasonBuiltUnsupplied)
	case l.approved:
		set(out, land.Unsupplied, p.ApprovedOn, ReasonApprovedUnsupplied)
	case p.ApprovedOn.Known() && l.builtOn:
		set(out, land.Undetermined, 0, ReasonBuiltBeforeApproval)
	case p.ApprovedOn.Known():
		set(out, land.NotConstruction, 0, ReasonApprovalToCome)
	case out.Class == land.ClassNotConstruction && !l.builtOn:
		set(out, land.NotConstruction, 0, ReasonNotConstruction)
	case p.RightsBasis != "":
		set(out, land.Stock, 0, ReasonOldRight)
	default:
		set(out, land.Undetermined, 0, ReasonNoRecord)
	}
}

// decideStarted is step 4: suspended, overdue in completion, or going on.
func (a *Assessor) decideStarted(p *land.Parcel, l *life, out *land.Assessment) {
	switch {
	case l.suspended:
		a.decideSuspended(p, l, out)
	case p.AgreedCompletionOn.Known() && p.AgreedCompletionOn < a.asOf:
		set(out, land.OverdueCompletion, p.AgreedCompletionOn, ReasonCompletionOverdue)
	default:
		since := a.ifHappened(p.StartedOn)
		if a.happened(p.ResumedOn) && p.ResumedOn > since {
			since = p.ResumedOn
		}
		set(out, land.UnderConstruction, since, ReasonUnderConstruction)
	}
}

func (a *Assessor) decideSuspended(p *land.Parcel, l *life, out *land.Assessment) {
	low := a.lowProgress(p)
	from := max(l.since, l.cleared)
	switch {
	case low == land.No:
		set(out, land.Suspended, l.since, ReasonSuspended)
	case from > a.idleBy:
		set(out, land.Suspended, l.since, ReasonSuspended)
	case !l.since.Known():
		set(out, land.Undetermined, 0, ReasonSuspensionUndated)
	case l.clearedAll:
		set(out, land.Undetermined, 0, ReasonSuspensionSettled)
	case low == land.Unknown:
		set(out, land.Undetermined, 0, ReasonProgressUnknown)
	default:
		set(out, land.SuspectedIdle, from.AddYears(a.terms.IdleYears), ReasonSuspendedIdle)
		out.Idle = a.idleB(p, from)
	}
}

// lowProgress is branch B's condition: little of the footprint started, or
// little of the investment made.
func (a *Assessor) lowProgress(p *land.Parcel) land.Flag {
	return a.terms.FootprintBelow.Below(p.StartedFootprintM2, p.PlannedFootprintM2).
		Or(a.terms.InvestmentBelow.Below(p.InvestedWan, p.AgreedInvestmentWan))
}

// decideNotStarted is step 5.
func (a *Assessor) decideNotStarted(p *land.Parcel, l *life, out *land.Assessment) {
	from := max(l.due, l.cleared)
	switch {
	case !l.due.Known():
		set(out, land.Undetermined, 0, ReasonNoStartDate)
	case a.asOf <= l.due:
		set(out, land.SuppliedNotDue, p.SuppliedOn, ReasonNotDue)
	case l.due > a.idleBy:
		set(out, land.OverdueStart, l.due, ReasonStartOverdue)
	case l.clearedAll:
		set(out, land.Undetermined, 0, ReasonSettlementUndated)
	case from > a.idleBy:
		set(out, land.OverdueStart, l.due, ReasonStartSettled)
	default:
		set(out, land.SuspectedIdle, from.AddYears(a.terms.IdleYears), ReasonStartOverdue1Y)
		out.Idle = a.idleA(p, l, from)
	}
}

// decideStartUnknown is step 6: nobody wrote down whether it started.
func (a *Assessor) decideStartUnknown(p *land.Parcel, l *life, out *land.Assessment) {
	switch {
	case !l.due.Known():
		set(out, land.Undetermined, 0, ReasonStartUnknownNoDate)
	case a.asOf <= l.due:
		set(out, land.SuppliedNotDue, p.SuppliedOn, ReasonStartUnknownNotDue)
	default:
		set(out, land.Undetermined, l.due, ReasonStartUnknown) // since then it has to be verified on site
	}
}
