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
	Off []*Rule
	// Overrides is what the pack changes in rules of other packs; see Resolve.
	Overrides  []*Override
	Settings   []*Setting // of parameters of other packs
	Tables     []*Table
	Types      []*Typing
	Scorings   []*Scoring
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
	Zone      []string // codes: a pack for these zones alone
}

// To reports whether a zone is under the pack; unknown where the zone doesn't
// say what the pack asks for.
func (a Applies) To(z *land.Zone) land.Flag {
	return among(a.Province, z.Province).And(among(a.ZoneKind, z.Kind)).And(among(a.ZoneLevel, z.Level)).And(among(a.Zone, z.Code))
}

// Wants names what the zone does not say of what the pack asks for.
func (a Applies) Wants(z *land.Zone) (names []string) {
	for _, ask := range []struct {
		name, word string
		list       []string
	}{{"zone.province", z.Province, a.Province}, {"zone.kind", z.Kind, a.ZoneKind}, {"zone.level", z.Level, a.ZoneLevel}} {
		if len(ask.list) > 0 && ask.word == "" {
			names = append(names, ask.name)
		}
	}
	return names
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
// years, a share. It is an exact fraction; where it is not set it is a slot that
// a pack of the user fills.
type Parameter struct {
	ID       string
	Num, Den int64
	Set      bool
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

// The findings that have a key of their own in a pack.
const (
	FindingRequires = "requires" // a condition that must hold
	FindingRanking  = "ranking"  // a zone's places in yearly assessments
	FindingLadder   = "ladder"   // acts of the authority on a zone
	FindingScoring  = "scoring"  // a firm's classes by yield
)

// ExcessLand is excess stated as the land of the denominator that would be spare
// (强度潜力).
const ExcessLand = "land"

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
	Excess     string     // mu | m2 | land: what excess and headroom are stated in; blank: not stated
	Against    string     // of land.Indicator: its value is the limit
	Where      *Condition // which subjects the rule is about; nil: all of its level
	Requires   *Condition // of a finding by condition: what must hold
	Ranking    *Ranking   // of a finding by ranking; see Ranking
	Ladder     *Ladder    // of a finding by acts on a zone; see Ladder
	InLowest   *InLowest  // of a finding by a firm's classes
	Mark       string     // GK | NF: what of it is not confirmed at the source
	Off        Text       // why the rule is not judged; blank: it is
	Note       string

	// Pack is the pack the rule stands in.
	Pack  *Pack
	order int         // in its file
	over  []*Override // that hold in the zone the rule was made for, the weakest first
}

// Limit is a limit from a day on. An unset value is a slot: the norm names a
// limit that nobody has supplied yet.
type Limit struct {
	From   land.Date // blank: since ever
	Value  land.Number
	Table  *Table // in place of Value: by the industry of the project
	Source string
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
// for ever. Of a rule made for a zone (see Pack.In) it is the one that the
// overrides leave.
func (r *Rule) LimitOn(d land.Date) (l Limit, ok bool) {
	if len(r.over) == 0 {
		return limitOn(r.Limits, d)
	}
	ruling := r.rulingOn(d)
	return ruling.Limit, ruling.ok
}

func limitOn(limits []Limit, d land.Date) (l Limit, ok bool) {
	if len(limits) == 0 {
		return Limit{}, true
	}
	for _, next := range limits {
		if next.From > d {
			break
		}
		l, ok = next, true
	}
	return l, ok
}
