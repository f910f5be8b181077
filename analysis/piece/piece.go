package piece

import (
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/supply"
)

// The notes on pieces; texts in data/i18n.
const (
	NotePhasesExceed   = "phases_exceed"    // the phases have more land than the parcel: theirs is scaled down to it
	NotePhaseLand      = "phase_land_blank" // a phase's land is unknown: it is judged with the rest of the parcel
	NotePhaseFigures   = "phase_figures_unknown"
	NotePhaseBuiltLand = "phase_built_land" // built_land_m2 is of the whole parcel: the phases say what is built
	NotePhasePrice     = "phase_price_blank"
	NoteUsesExceed     = "uses_exceed"
	NoteUseLand        = "use_land_blank"
	NoteUseFloor       = "use_floor_conflict"
	NoteFirmConflict   = "firm_conflict"    // the parcel's own figure differs from that of its firms
	NoteFirmRows       = "firm_rows_differ" // a firm's rows of one year tell different sums
	NoteFirmLand       = "firm_land_unknown"
)

// Notes lists every note that an analysis can make, those on papers too.
func Notes() []string {
	return []string{NotePhasesExceed, NotePhaseLand, NotePhaseFigures, NotePhaseBuiltLand, NotePhasePrice, NoteUsesExceed,
		NoteUseLand, NoteUseFloor, NoteFirmConflict, NoteFirmRows, NoteFirmLand, supply.NoteCauseConflict,
		supply.NoteDeterminationConflict, supply.NoteStartConflict, supply.NoteTakeBackConflict, supply.NoteExtensionLong,
		supply.NoteEventUndated}
}

// Divider divides parts. It is read-only and safe for use by several
// goroutines.
type Divider struct{ assessor *supply.Assessor }

// New is a Divider that assesses pieces with an Assessor.
func New(a *supply.Assessor) *Divider { return &Divider{a} }

// Phase is a phase of a part, or the whole part where it has none, assessed.
type Phase struct {
	Part       land.Part
	Assessment land.Assessment
	Uses       []Use // what its land is counted as; at least one
}

// Use is the land of one use in a phase, with the phase's assessment and its
// own class.
type Use struct {
	Part       land.Part
	Assessment land.Assessment
	FloorM2    land.Number
	TermYears  land.Number
}

// Division is a part divided. The pieces' areas add up to the part's.
type Division struct {
	Phases []Phase
	Phased bool // the table of phases names the parcel
	Mixed  bool // the table of uses names it
	Notes  []land.Note
}

// Divide applies the records of a part. What it holds is valid as long as the
// part is.
func (d *Divider) Divide(p *land.Part) Division {
	w := work{Divider: d, whole: *p, rec: p.Records}
	w.papers()
	w.firms()
	w.phases()
	for i := range w.out.Phases {
		w.assess(&w.out.Phases[i])
	}
	w.figures()
	w.uses()
	w.number()
	return w.out
}

// work is one division under way.
type work struct {
	*Divider
	whole  land.Part // with what papers and firms fill in
	rec    *land.Records
	events supply.Papers
	parts  []land.Fixed // the land of each phase
	unlike bool         // something stands on some of the land of one piece, and not on all
	out    Division
}

func (w *work) note(code, field string, values ...string) {
	w.out.Notes = append(w.out.Notes, land.Note{Code: code, Field: field, Values: values})
}

func (w *work) papers() {
	if len(w.rec.Events) == 0 {
		return
	}
	events, undated := w.assessor.PapersOf(w.rec.Events)
	if undated > 0 {
		w.note(supply.NoteEventUndated, "on")
	}
	w.events = events
	w.out.Notes = append(w.out.Notes, w.assessor.Fold(&w.whole.Parcel, events)...)
}

func (w *work) assess(ph *Phase) {
	if ph.Assessment.Status == "" { // phases of unknown land are assessed together before
		ph.Assessment = w.assessor.Assess(&ph.Part)
	}
	i := ph.Assessment.Idle
	if i == nil {
		return
	}
	if i.Procedure != nil && len(w.events) > 0 {
		i.Procedure = w.assessor.Procedure(i, w.events)
	}
	if w.out.Phased && i.MeasureIfHolder == supply.MeasureFee && !ph.Part.PriceWan.Known && w.whole.PriceWan.Known {
		w.note(NotePhasePrice, "price_wan", ph.Part.Piece.Phase)
	}
}

// number gives every piece its number, by which the pieces of a part differ.
func (w *work) number() {
	if len(w.out.Phases) == 1 && len(w.out.Phases[0].Uses) == 1 {
		return
	}
	no := 0
	for i := range w.out.Phases {
		ph := &w.out.Phases[i]
		for j := range ph.Uses {
			no++
			ph.Uses[j].Part.Piece.No = no
		}
		ph.Part.Piece.No = ph.Uses[0].Part.Piece.No
	}
}
