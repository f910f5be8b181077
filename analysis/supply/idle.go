package supply

import "github.com/muscope/muscope/analysis/land"

// The measures of an idle finding (contract section 3). A measure is what the
// law provides for if the finding stands; the bureau decides.
const (
	MeasureInvestigate = "investigate"
	MeasureSettle      = "settle"
	MeasureFee         = "fee"
	MeasureTakeBack    = "take_back"
	MeasureLocalRule   = "by_local_rule"
)

// The branches of an idle finding: not started, and suspended.
const (
	BranchA = "A"
	BranchB = "B"
)

// idleA is the finding on land not started since from. For collective land the
// national ladder does not apply, so no fee is named either.
func (a *Assessor) idleA(p *land.Parcel, l *life, from land.Date) *land.Idle {
	idle := &land.Idle{Branch: BranchA, Since: from, Days: int(a.asOf - from), Measure: MeasureLocalRule}
	if p.Ownership == land.OwnCollective {
		return idle
	}
	idle.MeasureIfHolder = MeasureTakeBack
	if from > a.takeBackBy {
		idle.MeasureIfHolder = MeasureFee
		idle.FeeIfHolderWan = a.terms.FeeShare.Of(p.PriceWan)
	}
	switch {
	case p.DelayCause == land.CauseGovernment || p.DelayCause == land.CauseForceMajeure:
		idle.Measure = MeasureSettle
	case p.DelayCause == land.CauseHolder && l.determined:
		idle.Measure = idle.MeasureIfHolder
	default:
		idle.Measure = MeasureInvestigate
	}
	return idle
}

// idleB is the finding on land suspended since from.
func (a *Assessor) idleB(p *land.Parcel, from land.Date) *land.Idle {
	idle := &land.Idle{Branch: BranchB, Since: from, Days: int(a.asOf - from), Measure: MeasureSettle}
	if p.Ownership == land.OwnCollective {
		idle.Measure = MeasureLocalRule
	}
	return idle
}

// feeBasis is the law by which a fee is named: where the land is for real
// estate the share is a ceiling.
func feeBasis(idle *land.Idle, class land.Class) string {
	switch {
	case idle.MeasureIfHolder != MeasureFee:
		return ""
	case class == land.ClassResidential || class == land.ClassCommercial:
		return land.FeeCeiling
	}
	return land.FeeByMeasures
}
