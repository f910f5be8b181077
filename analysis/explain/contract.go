package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// contract is the contract asked about with those of its terms that are asked
// for: more than one where it sets the same limit twice.
type contract struct {
	*analysis.WatchedContract
	terms  []land.Term
	judged int        // how many of the terms have been judged
	term   *land.Term // the one judged worst
}

// askTerm understands a question about a term of contracts. What its limit is
// shows once the contract is there.
func (q *question) askTerm(t land.Term) {
	q.term, q.indicator, q.level = &t, t.Indicator, land.LevelProject
	q.rule = q.ruleOfTerm(&t)
}

// ruleOfTerm is the rule that a term makes.
func (q *question) ruleOfTerm(t *land.Term) *rule.Rule {
	var unit land.Unit
	for _, d := range indicator.Definitions() {
		if d.ID == t.Indicator {
			unit = d.Unit
		}
	}
	return rule.TermRule(t, unit, q.AsOf).Rule
}

// Contract follows the figure of the contract asked about.
func (w *watcher) Contract(c *analysis.WatchedContract) error {
	asked := c.No == w.Parcel || slices.ContainsFunc(c.Parts, func(p land.Part) bool { return p.ID == w.Parcel })
	if w.term == nil || w.Parcel == "" || !asked {
		return nil
	}
	own := &contract{WatchedContract: c}
	for _, t := range c.Terms {
		if w.ruleOfTerm(&t).ID == w.rule.ID {
			own.terms = append(own.terms, t)
		}
	}
	if len(own.terms) == 0 {
		return nil
	}
	w.contract = own
	if !w.known() {
		return nil
	}
	_, err := c.Indicators.Trace(w.indicator, c.No)
	return err
}

// ofContract is whether a verdict is the one to explain: on the contract asked
// about, and the worst where it sets the limit twice. Terms are judged in order.
func (w *watcher) ofContract(v *land.Verdict) bool {
	c := w.contract
	if c == nil || v.Subject != c.No || c.judged == len(c.terms) {
		return false
	}
	t := &c.terms[c.judged]
	c.judged++
	if w.verdict != nil && severity(v.Outcome) >= severity(w.verdict.Outcome) {
		return false
	}
	c.term, w.rule = t, w.ruleOfTerm(t)
	return true
}

// traceOf is where the figure was followed.
func (w *watcher) traceOf() *indicator.Zone {
	if w.contract != nil {
		return w.contract.Indicators
	}
	return w.watched.Indicators
}

// contractSubject names the contract asked about. Where none is named there
// must be one at least with such a term.
func (w *watcher) contractSubject(d *Document) error {
	switch {
	case w.contract != nil:
		d.Subject = &Subject{Level: w.level, ID: w.contract.No, Parcels: []string{}}
		for i := range w.contract.Parts {
			d.Subject.Parcels = append(d.Subject.Parcels, w.contract.Parts[i].ID)
		}
	case len(w.result.VerdictCounts[w.rule.Key()]) == 0:
		return fmt.Errorf("%w: no contract with land in zone %s sets a term %s", ErrNotFound, d.Zone.Code, w.rule.ID)
	case w.part != nil:
		return fmt.Errorf("%w: the contract of parcel %q, if any, sets no term %s", ErrNotFound, w.Parcel, w.rule.ID)
	case w.Parcel != "":
		return fmt.Errorf("%w: zone %s has no parcel %q, and no contract of that number with a term %s", ErrNotFound, d.Zone.Code, w.Parcel, w.rule.ID)
	}
	return nil
}

// termWords says of a rule that is a term what a pack says of its rules: the
// document is the contract, and its words are the term as recorded.
func (w *watcher) termWords(r *Rule) {
	if w.term == nil {
		return
	}
	r.Title = w.words("explain.term.title", w.term.Indicator)
	if title := "indicator." + w.indicator + ".title"; w.known() {
		name := w.words(title)
		r.Title = Text{ZH: w.Texts.Text("zh", "explain.term.title", name.ZH), EN: w.Texts.Text("en", "explain.term.title", name.EN)}
	}
	r.Document.Title = w.words("explain.term.document")
	if w.contract == nil || w.contract.term == nil {
		return
	}
	t := w.contract.term
	value := "?"
	if t.Value.Known {
		value = t.Value.Value.String()
	}
	r.Document.Number, r.Clause = t.ContractNo, ""
	r.Quote = strings.TrimSpace(fmt.Sprintf("%s %s %s %s", t.Indicator, t.Comparison, value, t.Unit))
}
