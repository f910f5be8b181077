package supply

import "github.com/muscope/muscope/analysis/land"

// found is the procedure of land on which there is no paper at all. It is one
// for all of them, and never written to.
func (a *Assessor) found() *land.Procedure {
	p := &land.Procedure{Step: land.StepFound, On: a.asOf, Papers: []land.Paper{}}
	w := walk{Assessor: a, idle: &land.Idle{}, out: p}
	w.next()
	return p
}

// Procedure says where the handling of suspected idle land stands: the last
// step on paper, the next one and the day it is due. Papers of an earlier
// handling, which a settlement ended, are left out. Nobody wrote down when the
// suspicion was found, so the term of the notice runs from the as-of date.
func (a *Assessor) Procedure(idle *land.Idle, papers Papers) *land.Procedure {
	p := &land.Procedure{Step: land.StepFound, On: a.asOf, Papers: []land.Paper{}}
	w := walk{Assessor: a, idle: idle, out: p, government: idle.Measure == MeasureSettle}
	for i := range papers {
		e := &papers[i]
		if e.On < idle.Since {
			continue
		}
		p.Papers = append(p.Papers, land.Paper{Kind: e.Kind, On: e.On, DocumentNo: e.DocumentNo, FileSHA256: e.FileSHA256})
		w.take(e)
	}
	w.next()
	if p.Due.Known() && a.asOf > p.Due {
		p.Overdue = int(a.asOf - p.Due)
	}
	return p
}

// walk goes through the papers of one handling.
type walk struct {
	*Assessor
	idle       *land.Idle
	out        *land.Procedure
	government bool // the cause is not the holder's: settled, not punished
	noticed    land.Date
	served     land.Date // of the last paper that was served
	serves     string    // its kind
	levied     bool      // the decision is on a fee
	newStart   land.Date
}

// take moves on to a paper's step. A service belongs to the paper before it.
func (w *walk) take(e *land.Event) {
	switch e.Kind {
	case land.EventNotice:
		w.noticed, w.serves, w.served = e.On, e.Kind, 0
	case land.EventDecision:
		w.serves, w.served = e.Kind, 0
		w.levied = e.AmountWan.Known || w.idle.MeasureIfHolder == MeasureFee
	case land.EventService:
		w.served = e.On
		if w.serves == land.EventNotice {
			return // it starts the term of the answer, and is no step of its own
		}
	case land.EventSettlement:
		w.newStart = e.NewStartOn
	}
	w.out.Step, w.out.On = e.Kind, e.On
}

// next names the next step and the day it is due, as far as terms are
// configured.
func (w *walk) next() {
	switch w.out.Step {
	case land.StepFound:
		w.due(land.EventNotice, w.out.On, w.terms.NoticeDays)
	case land.EventNotice:
		from := w.noticed
		if w.serves == land.EventNotice && w.served.Known() {
			from = w.served
		}
		w.due(land.EventAnswer, from, w.terms.AnswerDays)
	case land.EventAnswer:
		w.out.Next = land.EventDetermination
	case land.EventDetermination:
		w.out.Next = land.EventHearing
		if w.government {
			w.out.Next = land.EventSettlement
		}
	case land.EventHearing:
		w.out.Next = land.EventDecision
	case land.EventDecision:
		w.out.Next = land.EventService
	case land.EventService:
		switch {
		case w.serves != land.EventDecision:
			w.out.Next = land.EventDecision
		case w.levied:
			w.due(land.EventPayment, w.served, w.terms.PaymentDays)
		default:
			w.out.Next = land.EventTakeBack
		}
	case land.EventSettlement:
		w.out.Next, w.out.Due = land.StepStart, w.newStart
	}
}

// due is a step that is due some days after another.
func (w *walk) due(step string, from land.Date, days int) {
	w.out.Next = step
	if days > 0 && from.Known() {
		w.out.Due = from + land.Date(days)
	}
}
