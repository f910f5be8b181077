package explain

import (
	"fmt"
	"slices"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// finding says what the supply assessment found of the parcel asked about, from
// which fields, and what would decide it where it can't.
func (w *watcher) finding(d *Document) {
	if w.rule == nil || w.rule.Finding == "" {
		return
	}
	a := w.found
	f := &Finding{Branch: w.rule.Finding, Status: a.Status, Class: a.Class, Reason: *w.coded(a.Reason), Since: a.Since, Idle: a.Idle}
	for _, p := range w.rule.Pack.Parameters {
		value := fmt.Sprint(p.Num)
		if p.Den != 1 {
			value = fmt.Sprintf("%d/%d", p.Num, p.Den)
		}
		f.Parameters = append(f.Parameters, Parameter{ID: p.ID, Value: value, Unit: p.Unit, Clause: p.Clause, Quote: p.Quote})
	}
	if d.Verdict != nil && d.Verdict.Outcome == land.Incomputable {
		f.Deciding = w.settlings()
	}
	d.Finding = f
	d.Parcel = &Parcel{ID: w.part.ID, ProjectNo: w.part.ProjectNo, Phase: w.part.Piece.Phase, Share: w.part.Share, AreaM2: w.part.PartM2(), Covered: a.Status != land.Undetermined,
		Source: w.sourceOf(w.part), Class: a.Class, Status: a.Status, Why: *w.coded(a.Reason)}
	d.Parcel.Fields = w.life()
}

// lifeFields are the fields that the assessment of a parcel's life reads.
func lifeFields() []string {
	return []string{"use_code", "ownership", "tenure", "approved_on", "supplied_on", "supply_mode", "contract_no", "supervision_no", "price_wan",
		"taken_back_on", "rights_basis", "agreed_handover_on", "handed_over_on", "agreed_start_on", "new_start_on", "agreed_completion_on",
		"permit_on", "construction_state", "state_on", "started_on", "suspended_on", "resumed_on", "completed_on", "in_use_on", "accepted_on",
		"planned_footprint_m2", "started_footprint_m2", "agreed_investment_wan", "invested_wan", "delay_cause", "determination", "determined_on", "entered_on", "high_pollution", "industry_code"}
}

// life is the recorded fields of the parcel's life.
func (w *watcher) life() []Field {
	out := []Field{}
	r := w.newFields()
	for _, name := range lifeFields() {
		if f := r.field(name, &w.part.Parcel); f.Value != nil {
			out = append(out, f)
		}
	}
	return out
}

// trial is one way to fill a blank field.
type trial struct {
	field string
	set   func(*land.Part)
}

// settlings are the smallest sets of blank fields, of one or two, that can
// decide the rule: each is tried with the assessment itself.
func (w *watcher) settlings() []Settling {
	tried := w.trials()
	var out []Settling
	for i := range tried {
		if o := w.outcome(tried[i]); o != land.Incomputable {
			out = w.settled(out, o, tried[i])
		}
	}
	if len(out) > 0 {
		return out
	}
	for i := range tried {
		for j := range tried[:i] {
			if tried[i].field == tried[j].field {
				continue
			}
			if o := w.outcome(tried[j], tried[i]); o != land.Incomputable {
				out = w.settled(out, o, tried[j], tried[i])
			}
		}
	}
	return out
}

// outcome is what the rule says of the parcel with some blanks filled in.
func (w *watcher) outcome(fill ...trial) land.Outcome {
	p := *w.part
	for _, t := range fill {
		t.set(&p)
	}
	a := w.watched.Assessor.Assess(&p)
	o, _, _ := w.rule.Find(&rule.Scene{Zone: &w.watched.Law, Part: &p, Assessment: &a}, w.AsOf)
	return o
}

// settled adds a way to decide, once for each set of fields and outcome.
func (w *watcher) settled(list []Settling, o land.Outcome, fill ...trial) []Settling {
	p := *w.part
	s := Settling{Outcome: o}
	r := w.newFields()
	for _, t := range fill {
		t.set(&p)
	}
	for _, t := range fill {
		s.Fields = append(s.Fields, r.field(t.field, &p.Parcel))
	}
	same := func(x Settling) bool {
		return x.Outcome == o && slices.EqualFunc(x.Fields, s.Fields, func(a, b Field) bool { return a.Field == b.Field })
	}
	if slices.ContainsFunc(list, same) {
		return list
	}
	return append(list, s)
}

// trials is every blank field of the parcel's life that may hide a fact, with
// the values worth trying: days long and one and a half years before, on and
// after the as-of date, every state of building, progress from none to beyond
// its plan, yes and no.
func (w *watcher) trials() (out []trial) {
	p := &w.part.Parcel
	days := []land.Date{w.AsOf.AddYears(-4), w.AsOf.AddYears(-2) + 180, w.AsOf, w.AsOf + 90}
	for _, f := range land.ParcelFields() {
		if !hides(f.Name, p) {
			continue
		}
		switch f.Kind {
		case land.Day:
			for _, day := range days {
				out = append(out, trial{f.Name, func(p *land.Part) { *f.Date(&p.Parcel) = day }})
			}
		case land.Word:
			for _, word := range f.Words {
				out = append(out, trial{f.Name, func(p *land.Part) { *f.Str(&p.Parcel) = word }})
			}
		case land.YesNo:
			for _, v := range []land.Flag{land.No, land.Yes} {
				out = append(out, trial{f.Name, func(p *land.Part) { *f.Flag(&p.Parcel) = v }})
			}
		case land.Quant:
			out = append(out, w.amounts(f)...)
		}
	}
	return out
}

// hides is whether a field is blank where a fact is missing. A new start, say,
// is blank where none was agreed; it is missing only where the bureau has
// settled the matter.
func hides(field string, p *land.Parcel) bool {
	settled := p.Determination == land.DeterminationSettled || p.Determination == land.DeterminationDisposed
	switch field {
	case "supplied_on":
		return !p.SuppliedOn.Known()
	case "agreed_start_on":
		return !p.AgreedStartOn.Known() && !p.NewStartOn.Known()
	case "started_on":
		return !p.StartedOn.Known()
	case "suspended_on":
		return !p.SuspendedOn.Known() && p.ConstructionState == land.StateSuspended
	case "completed_on":
		return !p.CompletedOn.Known()
	case "construction_state":
		return p.ConstructionState == ""
	case "new_start_on":
		return !p.NewStartOn.Known() && settled
	case "determined_on":
		return !p.DeterminedOn.Known() && settled
	case "planned_footprint_m2":
		return !p.PlannedFootprintM2.Known
	case "started_footprint_m2":
		return !p.StartedFootprintM2.Known
	case "agreed_investment_wan":
		return !p.AgreedInvestmentWan.Known
	case "invested_wan":
		return !p.InvestedWan.Known
	case "entered_on":
		return !p.EnteredOn.Known()
	case "high_pollution":
		return p.HighPollution == land.Unknown
	}
	return false
}

// amounts tries nothing and as much as the other figure of its pair.
func (w *watcher) amounts(f land.Field[land.Parcel]) []trial {
	p := &w.part.Parcel
	pairs := map[string]land.Number{"planned_footprint_m2": p.StartedFootprintM2, "started_footprint_m2": p.PlannedFootprintM2,
		"agreed_investment_wan": p.InvestedWan, "invested_wan": p.AgreedInvestmentWan}
	values := []land.Fixed{0, land.One}
	if other := pairs[f.Name]; other.Known {
		values = []land.Fixed{0, other.Value, other.Value * 10}
	}
	var out []trial
	for _, v := range values {
		out = append(out, trial{f.Name, func(p *land.Part) { *f.Num(&p.Parcel) = land.Num(v) }})
	}
	return out
}
