package piece

import (
	"cmp"
	"slices"

	"github.com/muscope/muscope/analysis/land"
)

// slack is how much the phases or uses of a parcel may miss its area by and
// still be taken to make it up: sums of rounded areas.
func slack(area land.Fixed) land.Fixed { return max(land.One, area/10_000) }

// phases divides the whole by the table of phases: each phase has its own land
// and dates, where blank the parcel's; the land of no phase is judged as the
// parcel itself.
func (w *work) phases() {
	area := w.whole.AreaM2()
	if len(w.rec.Phases) == 0 || area <= 0 {
		w.out.Phases = []Phase{{Part: w.whole}}
		return
	}
	w.out.Phased = true
	var open []*land.Phase // of unknown land
	sum := land.Fixed(0)
	for i := range w.rec.Phases {
		ph := &w.rec.Phases[i]
		if !ph.LandM2.Known {
			open = append(open, ph)
			continue
		}
		sum += ph.LandM2.Value
		w.addPhase(Phase{Part: w.phased(ph)}, ph.LandM2.Value)
	}
	rest := area - sum
	switch {
	case len(open) > 0:
		w.note(NotePhaseLand, "land_m2", open[0].Phase)
		if rest > 0 || len(w.out.Phases) == 0 {
			w.addPhase(w.together(open), max(rest, 0))
		}
	case rest > slack(area):
		w.addPhase(w.restOfLand(), rest)
	}
	if -rest > slack(area) {
		w.note(NotePhasesExceed, "land_m2", area.String(), sum.String())
	}
	w.settleLand(area)
}

// restOfLand is the land of no phase. The price is of the whole parcel, and none
// of it is known to be of this land.
func (w *work) restOfLand() Phase {
	p := w.whole
	p.PriceWan = land.Number{}
	return Phase{Part: p}
}

func (w *work) addPhase(ph Phase, m2 land.Fixed) {
	w.out.Phases, w.parts = append(w.out.Phases, ph), append(w.parts, m2)
}

// settleLand gives the phases their land, which adds up to the parcel's: where
// it doesn't by itself, each phase's is scaled alike.
func (w *work) settleLand(area land.Fixed) {
	ellipsoid := apportion(w.whole.EllipsoidM2, w.parts)
	for i, m2 := range apportion(area, w.parts) {
		p := &w.out.Phases[i].Part
		p.RecordedM2, p.EllipsoidM2, w.parts[i] = land.Num(m2), ellipsoid[i], m2
	}
}

// phased is the parcel with a phase's own facts.
func (w *work) phased(ph *land.Phase) land.Part {
	p := w.whole
	p.Piece.Phase = ph.Phase
	if ph.AgreedStartOn.Known() {
		p.AgreedStartOn = ph.AgreedStartOn
		if p.NewStartOn <= ph.AgreedStartOn { // an agreement on an earlier start is of an earlier phase
			p.NewStartOn = 0
		}
	}
	p.AgreedCompletionOn = cmp.Or(ph.AgreedCompletionOn, p.AgreedCompletionOn)
	w.history(&p.Parcel, ph)
	if w.plannedByPhase() {
		p.PlannedFootprintM2, p.StartedFootprintM2 = ph.PlannedFootprintM2, land.Number{}
	}
	switch {
	case ph.PriceWan.Known:
		p.PriceWan = ph.PriceWan
	case len(w.rec.Phases) > 1 && p.PriceWan.Known:
		p.PriceWan = land.Number{} // how a price is shared out over partly idle land is local practice
	}
	return p
}

// history gives a phase what was done on it. What is recorded of the whole
// parcel is the phase's too, unless another phase is what it speaks of: a
// parcel begun with its first phase says nothing of the second.
func (w *work) history(p *land.Parcel, ph *land.Phase) {
	var begun, done bool // some phase has a start, a completion of its own
	whole := &w.whole
	for i := range w.rec.Phases {
		other := &w.rec.Phases[i]
		if other == ph {
			continue
		}
		begun = begun || other.StartedOn.Known() || other.CompletedOn.Known()
		done = done || other.CompletedOn.Known() && other.CompletedOn >= whole.CompletedOn
	}
	own := ph.StartedOn.Known() || ph.CompletedOn.Known()
	p.StartedOn, p.CompletedOn = ph.StartedOn, ph.CompletedOn
	if !p.StartedOn.Known() && !begun {
		p.StartedOn = whole.StartedOn
	}
	if !p.CompletedOn.Known() && !done {
		p.CompletedOn = whole.CompletedOn
	}
	if begun && !ph.CompletedOn.Known() {
		p.InUseOn, p.AcceptedOn = 0, 0
	}
	if own || !begun {
		return
	}
	p.SuspendedOn, p.ResumedOn = 0, 0
	switch p.ConstructionState {
	case land.StateUnderConstruction, land.StateSuspended:
		p.ConstructionState, p.StateOn = "", 0
	}
}

// together is the phases of unknown land and the land of no phase in one piece.
// Where they are not all assessed alike, nothing can be said of it.
func (w *work) together(open []*land.Phase) Phase {
	first := w.phased(open[0])
	out := Phase{Part: first, Assessment: w.assessor.Assess(&first)}
	for _, ph := range open[1:] {
		other := w.phased(ph)
		out.differ(&other, w)
	}
	if len(open) < len(w.rec.Phases) || len(open) > 1 {
		out.Part.Piece.Phase = ""
	}
	if rest := w.whole; len(open) < len(w.rec.Phases) {
		out.differ(&rest, w)
	}
	return out
}

// ReasonPhaseLand says why a piece is undetermined; text in data/i18n.
const ReasonPhaseLand = "phase_land_unknown"

// differ weighs another phase that may be (part of) the same land.
func (ph *Phase) differ(other *land.Part, w *work) {
	a, b := &ph.Assessment, w.assessor.Assess(other)
	w.unlike = w.unlike || a.Standing != b.Standing
	a.Completed, a.BuiltOn, a.Standing = either(a.Completed, b.Completed), either(a.BuiltOn, b.BuiltOn), either(a.Standing, b.Standing)
	a.Determined = a.Determined && b.Determined
	a.Flags = slices.DeleteFunc(slices.Clone(a.Flags), func(f land.PartFlag) bool { return !slices.Contains(b.Flags, f) })
	if a.Status == b.Status {
		if a.Idle != nil && b.Idle != nil && b.Idle.Since > a.Idle.Since { // the least that can be said of all of it
			a.Idle, a.Since = b.Idle, b.Since
		}
		return
	}
	a.Status, a.Reason, a.Since, a.Idle = land.Undetermined, ReasonPhaseLand, 0, nil
	// No day may speak for this land: not even whether it is overdue is known.
	ph.Part.StartedOn, ph.Part.AgreedStartOn, ph.Part.NewStartOn, ph.Part.HandedOverOn = 0, 0, 0, 0
}

func either(a, b land.Flag) land.Flag {
	if a == b {
		return a
	}
	return land.Unknown
}

// figures shares the parcel's figures out over its phases, by land: what
// stands, and what is made there, over those on which something stands.
func (w *work) figures() {
	if len(w.out.Phases) == 1 && !w.unlike {
		return
	}
	pieces := make([]*land.Parcel, len(w.out.Phases))
	standing, unknown := make([]land.Fixed, len(pieces)), false
	some := false
	for i := range pieces {
		ph := &w.out.Phases[i]
		pieces[i] = &ph.Part.Parcel
		switch ph.Assessment.Standing {
		case land.Yes:
			standing[i], some = w.parts[i], true
		case land.Unknown:
			unknown = true
		}
	}
	w.planned(pieces)
	shareAll(&w.whole.Parcel, pieces, w.parts, onLand())
	on := [][]number{floors(), ancillaries(), grounds(), yields()}
	switch {
	case unknown:
		w.note(NotePhaseFigures, "started_on")
		for _, p := range pieces {
			blank(p, on...)
		}
	case some:
		shareAll(&w.whole.Parcel, pieces, standing, on...)
	default:
		shareAll(&w.whole.Parcel, pieces, w.parts, on...)
	}
	if w.whole.BuiltLandM2.Known {
		w.note(NotePhaseBuiltLand, "built_land_m2", w.whole.BuiltLandM2.String())
		for _, p := range pieces {
			p.BuiltLandM2 = land.Number{}
		}
	}
	for i := range pieces {
		w.out.Phases[i].Part.Most = w.whole.Most
	}
}

// plannedByPhase reports whether a phase has a footprint to be started of its
// own. What is started of the parcel's can then not be set against it.
func (w *work) plannedByPhase() bool {
	for i := range w.rec.Phases {
		if w.rec.Phases[i].PlannedFootprintM2.Known {
			return true
		}
	}
	return false
}

// planned shares the footprint to be started out by land, where no phase has
// one of its own.
func (w *work) planned(pieces []*land.Parcel) {
	if w.plannedByPhase() {
		return
	}
	shareAll(&w.whole.Parcel, pieces, w.parts, []number{
		func(p *land.Parcel) *land.Number { return &p.PlannedFootprintM2 },
		func(p *land.Parcel) *land.Number { return &p.StartedFootprintM2 },
	})
}
