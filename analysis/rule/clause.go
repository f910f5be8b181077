package rule

import (
	"fmt"
	"slices"
)

// What carries a provision.
const (
	AsRule       = "rule"         // rules of the pack are judged (or written out and off)
	AsMeasure    = "measure"      // indicators, statuses or fields show it; the text sets no limit
	AsDuty       = "duty"         // somebody has to act; nothing is computed
	AsSupport    = "support"      // a promise of money, land, powers; nothing is computed
	AsOutOfScope = "out_of_scope" // not about land, or not of a zone; the reason is said
)

// The marks of what is not confirmed at its source.
const (
	MarkGeneral  = "GK" // general knowledge, unverified
	MarkNotFound = "NF" // looked for, not found
)

// Clause is one numbered clause of a document, with what it provides for.
type Clause struct {
	No         string // as the document numbers it: （二十二）, 8, 第十四条
	Title      Text
	Provisions []Provision
}

// Provision is one thing a clause says, and what carries it here.
type Provision struct {
	As         string
	Kind       string // as a rule's kind, where the provision is of one: reward, warning, target, …
	Text       Text   // restated in short
	Quote      string // a fragment that stands so in the clause; may be blank
	Rules      []string
	Indicators []string
	Fields     []string // input fields in which it can be seen
	Awaits     []string // inputs the engine does not have yet, without which it cannot be computed
	Why        Text     // why it is out of scope, or not computed
}

// Slot is a table or figure that the norm sets and nobody here has: a bureau
// fills it in, with source and day of effect, in a pack of its own.
type Slot struct {
	ID     string
	Title  Text
	Unit   string
	Clause string
	Mark   string // NF | GK
	Note   string
}

// Reference is a published figure to hold an indicator against on a chart. It
// is no limit.
type Reference struct {
	ID        string
	Indicator string
	Num, Den  int64 // the value, in the indicator's unit
	Title     Text
	Source    string
}

// inputs lists what a provision may wait for: tables of the public contract,
// and facts of a kind the engine does not read yet.
func inputs() []string {
	return []string{"approvals", "phases", "uses", "terms", "firms", "events", "rankings", "zone_actions", "snapshots",
		"stats", "plan", "county", "industry_limits", "ideal_values", "housing_limits"}
}

// All is every rule of the pack, those judged and those that are off, in the
// order of the file.
func (p *Pack) All() []*Rule {
	all := slices.Concat(p.Rules, p.Off)
	slices.SortStableFunc(all, func(a, b *Rule) int { return a.order - b.order })
	return all
}

// Clause is the clause with a number.
func (p *Pack) Clause(no string) (Clause, bool) {
	for _, c := range p.Clauses {
		if c.No == no {
			return c, true
		}
	}
	return Clause{}, false
}

// SwitchOn is the pack with some of its rules that are off judged as well. An id
// that is no rule of the pack is an error; one that is judged already is not.
func (p *Pack) SwitchOn(ids ...string) (*Pack, error) {
	on := *p
	on.Rules, on.Off = nil, nil
	for _, id := range ids {
		if p.Rule(id) == nil {
			return nil, fmt.Errorf("%w: the pack %s has no rule %q to switch on", ErrPack, p.ID, id)
		}
	}
	for _, r := range p.All() {
		c := *r
		c.Pack = &on
		if c.IsOff() && !slices.Contains(ids, c.ID) {
			on.Off = append(on.Off, &c)
			continue
		}
		c.Off = Text{}
		on.Rules = append(on.Rules, &c)
	}
	return &on, nil
}

// IsOff reports whether the rule is written out and not judged.
func (r *Rule) IsOff() bool { return r.Off != Text{} }

// Empty reports whether the rule is a slot: it compares, and no day has a
// limit.
func (r *Rule) Empty() bool {
	return r.Indicator != "" && r.Against == "" && !slices.ContainsFunc(r.Limits, func(l Limit) bool { return l.Value.Known || l.Table != nil })
}
