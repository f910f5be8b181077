package supply

import (
	"cmp"
	"slices"

	"github.com/muscope/muscope/analysis/land"
)

// The notes on papers; texts in data/i18n.
const (
	NoteCauseConflict         = "cause_conflict"         // the bureau's paper names another cause than the parcel
	NoteDeterminationConflict = "determination_conflict" // the papers tell of another act than the parcel
	NoteStartConflict         = "new_start_conflict"     // a settlement agrees another start than the parcel has
	NoteTakeBackConflict      = "taken_back_conflict"    // the paper and the parcel differ on the day
	NoteExtensionLong         = "extension_too_long"     // the start is put off by more than the measures allow
	NoteEventUndated          = "event_undated"          // a paper without a day says nothing as of a day
)

// Papers are the events of a parcel that have happened by the as-of date, by
// day. A paper without a day is left out: what it says can't be put in order.
type Papers []land.Event

// PapersOf picks and orders them. known is false where some paper has no day.
func (a *Assessor) PapersOf(events []land.Event) (out Papers, undated int) {
	for i := range events {
		switch e := &events[i]; {
		case !e.On.Known():
			undated++
		case e.On <= a.asOf:
			out = append(out, *e)
		}
	}
	slices.SortStableFunc(out, func(x, y land.Event) int {
		return cmp.Or(cmp.Compare(x.On, y.On), cmp.Compare(stepOf(x.Kind), stepOf(y.Kind)))
	})
	return out, undated
}

func stepOf(kind string) int { return slices.Index(land.EventKinds(), kind) }

// Fold puts what the papers say into a parcel's blank columns: the cause of
// delay, the bureau's act and its day, the agreed new start, the levied fee and
// the taking back. A dated paper goes before a word without a day; a column
// with a day of its own stays. Where the two differ, a note names both.
func (a *Assessor) Fold(p *land.Parcel, papers Papers) (notes []land.Note) {
	f := folder{a, p, nil}
	before := cmp.Or(p.NewStartOn, p.AgreedStartOn)
	for i := range papers {
		switch e := &papers[i]; e.Kind {
		case land.EventDetermination, land.EventDecision:
			f.cause(e)
		case land.EventSettlement:
			f.cause(e)
			f.newStart(e, before)
		case land.EventTakeBack:
			f.day(&p.TakenBackOn, e.On, "taken_back_on", NoteTakeBackConflict)
		}
		if e := &papers[i]; e.Kind == land.EventPayment || e.Kind == land.EventDecision && e.AmountWan.Known {
			if !p.FeeLeviedOn.Known() {
				p.FeeLeviedOn = e.On
			}
		}
	}
	f.act(papers)
	return f.notes
}

type folder struct {
	*Assessor
	p     *land.Parcel
	notes []land.Note
}

func (f *folder) note(code, field string, used, other string) {
	f.notes = append(f.notes, land.Note{Code: code, Field: field, Values: []string{used, other}})
}

// cause is what the bureau's paper names; what the holder says in an answer is
// a claim, and decides nothing.
func (f *folder) cause(e *land.Event) {
	if e.Cause == "" {
		return
	}
	if old := f.p.DelayCause; old != "" && old != e.Cause {
		f.note(NoteCauseConflict, "delay_cause", string(e.Cause), string(old))
	}
	f.p.DelayCause = e.Cause
}

func (f *folder) newStart(e *land.Event, before land.Date) {
	if !e.NewStartOn.Known() {
		return
	}
	f.day(&f.p.NewStartOn, e.NewStartOn, "new_start_on", NoteStartConflict)
	if n := f.terms.ExtensionYears; n > 0 && before.Known() && e.NewStartOn > before.AddYears(n) {
		f.note(NoteExtensionLong, "new_start_on", e.NewStartOn.String(), before.String())
	}
}

// day fills a blank day; a day that is there stays, and a difference is noted.
func (f *folder) day(to *land.Date, d land.Date, field, code string) {
	switch {
	case !to.Known():
		*to = d
	case *to != d:
		f.note(code, field, to.String(), d.String())
	}
}

// act is the bureau's last act on record: determined, settled or disposed of.
func (f *folder) act(papers Papers) {
	word, on := land.Determination(""), land.Date(0)
	for i := range papers {
		switch papers[i].Kind {
		case land.EventDetermination:
			word, on = land.DeterminationDetermined, papers[i].On
		case land.EventSettlement:
			word, on = land.DeterminationSettled, papers[i].On
		case land.EventTakeBack:
			word, on = land.DeterminationDisposed, papers[i].On
		}
	}
	p := f.p
	if word == "" || p.Determination == word && p.DeterminedOn.Known() {
		return
	}
	said := p.Determination != "" && p.Determination != word
	if said && p.DeterminedOn.Known() && p.DeterminedOn >= on { // a later act than the papers tell
		f.note(NoteDeterminationConflict, "determination", string(p.Determination), string(word))
		return
	}
	if said {
		f.note(NoteDeterminationConflict, "determination", string(word), string(p.Determination))
	}
	p.Determination, p.DeterminedOn = word, on
}
