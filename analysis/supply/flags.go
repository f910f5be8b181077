package supply

import "github.com/muscope/muscope/analysis/land"

// flagSet is a set of remarks, a bit each, in the contract's order.
type flagSet uint8

const (
	builtUnsupplied flagSet = 1 << iota
	builtBeforeApproval
	inUseUnaccepted
	startUnproven
	lateStart
	lateCompletion
	handoverLate
	flagCount = iota
)

func (s flagSet) list() []land.PartFlag {
	var out []land.PartFlag
	for i, f := range [flagCount]land.PartFlag{land.BuiltUnsupplied, land.BuiltBeforeApproval, land.InUseUnaccepted,
		land.StartUnproven, land.LateStart, land.LateCompletion, land.HandoverLate} {
		if s&(1<<i) != 0 {
			out = append(out, f)
		}
	}
	return out
}

// remarks gives the flags of a part:
//
//   - built_unsupplied: status unsupplied and built on (未供先用);
//   - built_before_approval: built on, and the approval is dated after D;
//   - in_use_unaccepted: supplied and in use, not completed by D;
//   - start_unproven: supplied and started by D (by date or state), and no permit
//     dated by D: work without a permit is no start (动工) in law;
//   - late_start: supplied, and started by D after the start date in force;
//   - late_completion: supplied, and completed by D after the agreed day;
//   - handover_late: supplied, the agreed handover is past, and the handover is
//     dated after it. A blank handover date says nothing.
func (a *Assessor) remarks(p *land.Parcel, l *life, out *land.Assessment) flagSet {
	if !l.supplied {
		switch out.Reason {
		case ReasonBuiltUnsupplied:
			return builtUnsupplied
		case ReasonBuiltBeforeApproval:
			return builtBeforeApproval
		}
		return 0
	}
	if out.Status == land.Reserve { // taken back: what the holder did is over
		return 0
	}
	var s flagSet
	if l.builtOn && !l.completed {
		s |= inUseUnaccepted
	}
	if l.started && !a.happened(p.PermitOn) {
		s |= startUnproven
	}
	if a.happened(p.StartedOn) && l.due.Known() && p.StartedOn > l.due {
		s |= lateStart
	}
	if a.happened(p.CompletedOn) && p.AgreedCompletionOn.Known() && p.CompletedOn > p.AgreedCompletionOn {
		s |= lateCompletion
	}
	if p.AgreedHandoverOn.Known() && p.AgreedHandoverOn < a.asOf && p.HandedOverOn > p.AgreedHandoverOn {
		s |= handoverLate
	}
	return s
}
