package rule

import (
	"slices"

	"github.com/muscope/muscope/analysis/land"
)

// Text is something people read, in Chinese and English.
type Text struct{ ZH, EN string }

// Pack is one document made computable.
type Pack struct {
	ID         string // <authority>/<pack>: guangxi/hightech-2021
	Version    string
	Title      Text
	Authority  Text
	Document   Document
	Applies    Applies
	Parameters []Parameter
	Rules      []*Rule // those that are judged
	// Off is rules that are written out but not judged: their figure is not
	// confirmed at the source, or has to be filled in first. See SwitchOn.
	Off        []*Rule
	Clauses    []Clause
	Slots      []Slot
	References []Reference
	// Digest is the sha256 of the pack file, in hex, with line ends as LF and
	// without a byte order mark, so that a checkout on another system keeps it.
	Digest string
}

// Document is the paper a pack rests on.
type Document struct {
	Number      string
	Title       Text
	IssuedOn    land.Date
	EffectiveOn land.Date // blank: no first day is known
	Status      string    // in_force | draft | repealed
	URL         string
	Source      string // where its words were read
	SHA256      string // of that text, where it is one of the project's own
	Clauses     int    // how many numbered clauses it has; 0: not said
	Note        string // what is doubtful about it
}

// Applies says for which zones a pack is law. A blank list is no condition.
type Applies struct {
	Province  []string // GB/T 2260
	ZoneKind  []string
	ZoneLevel []string
}

// To reports whether a zone is under the pack; unknown where the zone doesn't
// say what the pack asks for.
func (a Applies) To(z *land.Zone) land.Flag {
	return among(a.Province, z.Province).And(among(a.ZoneKind, z.Kind)).And(among(a.ZoneLevel, z.Level))
}

func among(list []string, word string) land.Flag {
	if len(list) == 0 {
		return land.Yes
	}
	if word == "" {
		return land.Unknown
	}
	return land.FlagOf(slices.Contains(list, word))
}

// Parameter is a legal number that is no limit of an indicator: a term of
// years, a share. It is an exact fraction.
type Parameter struct {
	ID       string
	Num, Den int64
	Unit     string
	Clause   string
	Quote    string
	Source   string
}

// The kinds of rule.
const (
	KindCap         = "cap"
	KindFloor       = "floor"
	KindTarget      = "target" // to reach; missing it is no violation
	KindProhibition = "prohibition"
	KindDuty        = "duty"
	KindWarning     = "warning"
	KindReward      = "reward"
)

// The readings of a clause.
const (
	ReadingLaw  = "law"
	ReadingWide = "wide" // wider than the words must mean; never an official finding
)

// The date for which a limit is looked up.
const (
	DateContract = "contract" // of a project: contract, else approval, else as-of
	DateAsOf     = "as_of"
)

// The findings of the supply assessment that a parcel rule can rest on.
const (
	FindingNotStarted = "idle.not_started" // branch A
	FindingSuspended  = "idle.suspended"   // branch B
	FindingThreeHigh  = "entry.three_high" // a firm of high pollution, energy use or emission has moved in
)

// Rule is one provision.
type Rule struct {
	ID         string
	Title      Text
	Clause     string
	Quote      string
	Kind       string
	Level      land.Level
	Indicator  string // of land.Indicator; or else
	Finding    string // of the supply assessment
	Comparison string // <= | < | >= | >
	Unit       land.Unit
	Limits     []Limit // ascending; empty: no limit configured
	Date       string  // contract | as_of
	Reading    string  // law | wide
	TargetYear *int
	Excess     string // mu | m2: what excess and headroom are stated in; blank: not stated
	Touches    Touches
	Mark       string // GK | NF: what of it is not confirmed at the source
	Off        Text   // why the rule is not judged; blank: it is
	Note       string

	// Pack is the pack the rule stands in.
	Pack  *Pack
	order int // in its file
}

// Limit is a limit from a day on. An unset value is a slot: the norm names a
// limit that nobody has supplied yet.
type Limit struct {
	From   land.Date // blank: since ever
	Value  land.Number
	Source string
}

// Touches says which projects or parcels a rule is about.
type Touches struct {
	Classes     []land.Class // blank: industrial
	NewIndustry bool         // M0 too
}

// Key is pack#rule.
func (r *Rule) Key() string { return r.Pack.ID + "#" + r.ID }

// Ref names the pack in a Result.
func (p *Pack) Ref() land.Pack { return land.Pack{ID: p.ID, Version: p.Version, Digest: p.Digest} }

// Rule is the rule with an id, judged or off, or nil.
func (p *Pack) Rule(id string) *Rule {
	for _, r := range slices.Concat(p.Rules, p.Off) {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Parameter is the parameter with an id.
func (p *Pack) Parameter(id string) (Parameter, bool) {
	for _, q := range p.Parameters {
		if q.ID == id {
			return q, true
		}
	}
	return Parameter{}, false
}

// LimitOn is the limit in force on a date: the last that begins on or before
// it. ok is false before the first. A rule without limits has an empty slot
// for ever.
func (r *Rule) LimitOn(d land.Date) (l Limit, ok bool) {
	if len(r.Limits) == 0 {
		return Limit{}, true
	}
	for _, next := range r.Limits {
		if next.From > d {
			break
		}
		l, ok = next, true
	}
	return l, ok
}
