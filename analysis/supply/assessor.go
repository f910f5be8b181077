package supply

import (
	"errors"
	"fmt"

	"github.com/muscope/muscope/analysis/land"
)

// Assessor assesses parts of parcels as of one date. It is read-only once made
// and safe for use by several goroutines.
type Assessor struct {
	asOf    land.Date
	classes *Classes
	terms   Terms

	// idleBy and takeBackBy are the last days from which the years of the terms
	// are full on the as-of date: comparing with them spares a calendar walk a
	// parcel.
	idleBy, takeBackBy land.Date
	flags              [1 << flagCount][]land.PartFlag
	noPapers           *land.Procedure
}

// ErrAssessor is wrapped by the errors of New.
var ErrAssessor = errors.New("cannot assess supply")

// New is an Assessor as of a date, with the tables of classes and the terms of
// idle land.
func New(asOf land.Date, classes *Classes, terms Terms) (*Assessor, error) {
	if !asOf.Known() {
		return nil, fmt.Errorf("%w: the as-of date is not given", ErrAssessor)
	}
	if classes == nil {
		return nil, fmt.Errorf("%w: the tables of land-use classes are not given", ErrAssessor)
	}
	if err := terms.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAssessor, err)
	}
	a := &Assessor{asOf: asOf, classes: classes, terms: terms,
		idleBy: lastFull(asOf, terms.IdleYears), takeBackBy: lastFull(asOf, terms.TakeBackYears)}
	for set := range a.flags {
		a.flags[set] = flagSet(set).list()
	}
	a.noPapers = a.found()
	return a, nil
}

// AsOf is the date of assessment.
func (a *Assessor) AsOf() land.Date { return a.asOf }

// lastFull is the last day from which n years are full on asOf. 28 and 29
// February share their corresponding day, so the search starts after it.
func lastFull(asOf land.Date, n int) land.Date {
	d := asOf.AddYears(-n) + 2
	for d.AddYears(n) > asOf {
		d--
	}
	return d
}

// Assess says of a part which status it has, since when and why, with the
// facts that land bases are made of: contract section 3, "How the status is
// decided". Blank words stand for the contract's defaults.
func (a *Assessor) Assess(p *land.Part) land.Assessment {
	var out land.Assessment
	a.classify(&p.Parcel, &out)
	l := a.live(&p.Parcel)
	a.decide(&p.Parcel, &l, &out)
	a.settleFacts(&p.Parcel, &l, &out)
	if out.Idle != nil && p.Ownership != land.OwnCollective {
		out.Idle.Procedure = a.noPapers
		out.Idle.FeeBasis = feeBasis(out.Idle, out.Class)
	}
	out.Flags = a.flags[a.remarks(&p.Parcel, &l, &out)]
	return out
}

func (a *Assessor) classify(p *land.Parcel, out *land.Assessment) {
	use, ok := Use{Class: land.ClassUnknown}, false
	if p.UseCode != "" {
		if use, ok = a.classes.Lookup(p.UseScheme, p.UseCode); !ok {
			use.Class = land.ClassUnknown
		}
	}
	out.NewIndustry = use.NewIndustry || p.NewIndustry == land.Yes
	if out.NewIndustry && use.Class == land.ClassUnknown {
		use.Class = land.ClassIndustrial // M0 is industrial land, whatever code it lacks
	}
	out.Class = use.Class
	out.Unbuildable = use.Unbuildable || p.Unbuildable == land.Yes
}

// life is what has happened to a parcel by the as-of date.
type life struct {
	state      land.ConstructionState // where it may speak, else blank
	approved   bool
	supplied   bool
	undated    bool // supplied, it seems, but the day is unknown
	completed  bool
	builtOn    bool // completed or in use
	started    bool
	notStarted bool // known not to have started
	suspended  bool
	since      land.Date // of the suspension; blank: unknown
	due        land.Date // start date in force; blank: none
	determined bool
	cleared    land.Date // idle time before it is settled or disposed of
	clearedAll bool      // settled or disposed of on a day that is not known
}

func (a *Assessor) happened(d land.Date) bool { return d.Known() && d <= a.asOf }

func (a *Assessor) live(p *land.Parcel) life {
	l := life{approved: a.happened(p.ApprovedOn), supplied: a.happened(p.SuppliedOn)}
	l.undated = !p.SuppliedOn.Known() &&
		(p.ContractNo != "" || p.SupervisionNo != "" || p.SupplyMode != "" || p.PriceWan.Known)
	if p.StateOn <= a.asOf && p.ConstructionState != "unknown" { // a state without a day is taken as of the as-of date
		l.state = p.ConstructionState
	}
	l.completed = a.happened(p.CompletedOn) || !p.CompletedOn.Known() && l.state == land.StateCompleted
	l.builtOn = l.completed || a.happened(p.InUseOn)
	a.start(p, &l)
	a.suspension(p, &l)
	l.due = a.startInForce(p)
	a.determination(p, &l)
	return l
}

func (a *Assessor) start(p *land.Parcel, l *life) {
	if p.StartedOn.Known() {
		l.started = p.StartedOn <= a.asOf
		l.notStarted = !l.started
		return
	}
	switch l.state {
	case land.StateUnderConstruction, land.StateSuspended:
		l.started = true
	case land.StateCompleted:
		l.started = p.CompletedOn > a.asOf
	case land.StateNotStarted:
		l.notStarted = true
	}
}

func (a *Assessor) suspension(p *land.Parcel, l *life) {
	switch {
	case a.happened(p.SuspendedOn):
		l.suspended = !(a.happened(p.ResumedOn) && p.ResumedOn >= p.SuspendedOn)
		l.since = p.SuspendedOn
	case !p.SuspendedOn.Known() && !a.happened(p.ResumedOn):
		l.suspended = l.state == land.StateSuspended
	}
}

// startInForce is the start date in force: of the supplementary agreement, else
// the agreed one, else a year after handover. A handover to come has not
// happened, so it starts no year.
func (a *Assessor) startInForce(p *land.Parcel) land.Date {
	switch {
	case p.NewStartOn.Known():
		return p.NewStartOn
	case p.AgreedStartOn.Known():
		return p.AgreedStartOn
	case a.happened(p.HandedOverOn):
		return p.HandedOverOn.AddYears(a.terms.HandoverYears)
	}
	return 0
}

// determination reads the bureau's act, if it has been made by the as-of date.
// An act without a day is taken to hold; but the time it settles is then
// unknown.
func (a *Assessor) determination(p *land.Parcel, l *life) {
	if p.DeterminedOn > a.asOf {
		return
	}
	switch p.Determination {
	case land.DeterminationDetermined:
		l.determined = true
	case land.DeterminationSettled, land.DeterminationDisposed:
		l.cleared = max(p.NewStartOn, p.DeterminedOn)
		l.clearedAll = !l.cleared.Known()
	}
}

// settleFacts fills the three-valued facts of the land bases (contract section
// 3, "Land bases").
func (a *Assessor) settleFacts(p *land.Parcel, l *life, out *land.Assessment) {
	out.TakenBack = a.happened(p.TakenBackOn)
	out.Determined = l.determined
	out.Supplied = land.FlagOf(l.supplied)
	if l.undated {
		out.Supplied = land.Unknown
	}
	out.Approved = land.FlagOf(l.approved)
	if !p.ApprovedOn.Known() && out.Supplied != land.No {
		out.Approved = land.Unknown
	}
	silent := (out.Status == land.Stock || out.Status == land.Undetermined) &&
		!p.CompletedOn.Known() && !p.InUseOn.Known() && l.state == "" && !l.notStarted && !l.suspended
	out.Completed, out.BuiltOn = land.FlagOf(l.completed), land.FlagOf(l.builtOn)
	if silent {
		out.Completed, out.BuiltOn = land.Unknown, land.Unknown
	}
	out.Standing = out.BuiltOn
	switch {
	case l.started:
		out.Standing = land.Yes
	case l.suspended && !l.notStarted && !l.builtOn: // what was begun, and when, nobody recorded
		out.Standing = land.Unknown
	}
}
