package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// Override is what a pack changes in a rule of another pack, in the zones that
// it applies to itself: national < province < zone. It may tighten a limit; it
// relaxes one only where it says so.
type Override struct {
	Rule   string // pack#rule
	Limits []Limit
	Relax  bool
	On     bool     // judge a rule that is off
	Off    Text     // don't judge it here, and why; takes Relax
	Accept []string // marks (GK) of rows of tables that count as confirmed
	Clause string   // of the overriding pack's document
	Source string

	Pack *Pack // the overriding pack
	at   place
}

// Setting is a value that a pack gives to a parameter of another one.
type Setting struct {
	Parameter string // pack#parameter
	Num, Den  int64
	Source    string
	at        place
}

// place is where something stands in its file, for faults found later.
type place struct {
	file, source string
	line, col    int
}

func (p place) fault(format string, args ...any) Fault {
	return Fault{File: p.file, Line: p.line, Col: p.col, Source: p.source, Message: fmt.Sprintf(format, args...)}
}

// The ranks of law, the weaker first.
const (
	rankNational = iota
	rankProvince
	rankZone
)

// rank is how near to the land a pack is law.
func (a Applies) rank() int {
	switch {
	case len(a.Zone) > 0:
		return rankZone
	case len(a.Province) > 0:
		return rankProvince
	}
	return rankNational
}

// Overridden lists the packs that a pack overrides, each once.
func (p *Pack) Overridden() (ids []string) {
	for _, o := range p.Overrides {
		id, _, _ := strings.Cut(o.Rule, "#")
		ids = append(ids, id)
	}
	for _, s := range p.Settings {
		id, _, _ := strings.Cut(s.Parameter, "#")
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Resolve makes packs know the overrides of each other. The packs given are not
// changed. An override of what is not there, and one that would relax a limit
// without saying so, is a fault with its place.
func Resolve(packs []*Pack) ([]*Pack, error) {
	out := make([]*Pack, len(packs))
	byID := map[string]*Pack{}
	for i, p := range packs {
		out[i] = p
		if other := byID[p.ID]; other != nil {
			return nil, fmt.Errorf("%w: two packs are called %q; leave one out", ErrPack, p.ID)
		}
		byID[p.ID] = p
	}
	if !slices.ContainsFunc(packs, func(p *Pack) bool { return len(p.Overrides)+len(p.Settings) > 0 }) {
		return out, nil
	}
	for i, p := range out {
		out[i] = p.copied()
		byID[p.ID] = out[i]
	}
	var faults Faults
	for _, p := range out {
		for _, o := range p.Overrides {
			faults = append(faults, o.join(byID)...)
		}
		for _, s := range p.Settings {
			faults = append(faults, s.join(p, byID)...)
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	for _, p := range out {
		for _, r := range p.All() {
			slices.SortStableFunc(r.over, func(a, b *Override) int { return a.Pack.Applies.rank() - b.Pack.Applies.rank() })
		}
	}
	return out, nil
}

// copied is the pack with rules, overrides and parameters of its own.
func (p *Pack) copied() *Pack {
	c := *p
	c.Rules, c.Off = nil, nil
	c.Parameters = slices.Clone(p.Parameters)
	c.Overrides = make([]*Override, len(p.Overrides))
	for i, o := range p.Overrides {
		with := *o
		with.Pack = &c
		c.Overrides[i] = &with
	}
	copied := func(list []*Rule) (out []*Rule) {
		for _, r := range list {
			with := *r
			with.Pack, with.over = &c, nil
			out = append(out, &with)
		}
		return out
	}
	c.Rules, c.Off = copied(p.Rules), copied(p.Off)
	return &c
}

// join gives the override to its rule.
func (o *Override) join(packs map[string]*Pack) Faults {
	id, name, _ := strings.Cut(o.Rule, "#")
	p := packs[id]
	switch {
	case p == nil:
		return Faults{o.at.fault("the pack %q that is overridden is not among those read; name it with --pack too", id)}
	case p == o.Pack:
		return Faults{o.at.fault("a pack can't override itself; change the rule")}
	case p.Rule(name) == nil:
		return Faults{o.at.fault("the pack %s has no rule %q; it has %s", id, name, strings.Join(p.ruleIDs(), ", "))}
	}
	r := p.Rule(name)
	if faults := o.fits(r); len(faults) > 0 {
		return faults
	}
	r.over = append(r.over, o)
	return nil
}

func (p *Pack) ruleIDs() (ids []string) {
	for _, r := range p.All() {
		ids = append(ids, r.ID)
	}
	return ids
}

// fits notes what an override can't do to a rule.
func (o *Override) fits(r *Rule) (faults Faults) {
	if len(o.Limits) > 0 && r.Indicator == "" {
		return Faults{o.at.fault("the rule %s compares no indicator, so it has no limit to override", o.Rule)}
	}
	if o.Relax {
		return nil
	}
	if (o.Off != Text{}) {
		faults = append(faults, o.at.fault("not to judge %s relaxes it; say relax: true, and who says so in source", o.Rule))
	}
	days := []land.Date{0}
	for _, l := range slices.Concat(r.Limits, o.Limits) {
		days = append(days, l.From)
	}
	for _, d := range days {
		base, ok := limitOn(r.Limits, d)
		own, okOwn := limitOn(o.Limits, d)
		if ok && okOwn && base.Value.Known && own.Value.Known && r.weaker(own.Value.Value, base.Value.Value) {
			return append(faults, o.at.fault("the limit %s %s relaxes %s, where it is %s; say relax: true, and who says so in source",
				r.Comparison, own.Value, o.Rule, base.Value))
		}
	}
	return faults
}

// weaker reports whether a limit asks for less than another.
func (r *Rule) weaker(a, b land.Fixed) bool {
	if r.Comparison == ">=" || r.Comparison == ">" {
		return a < b
	}
	return a > b
}

// join sets a parameter of another pack.
func (s *Setting) join(own *Pack, packs map[string]*Pack) Faults {
	id, name, _ := strings.Cut(s.Parameter, "#")
	p := packs[id]
	if p == nil {
		return Faults{s.at.fault("the pack %q whose parameter is set is not among those read; name it with --pack too", id)}
	}
	i := slices.IndexFunc(p.Parameters, func(q Parameter) bool { return q.ID == name })
	if i < 0 {
		return Faults{s.at.fault("the pack %s has no parameter %q", id, name)}
	}
	q := &p.Parameters[i]
	q.Num, q.Den, q.Set, q.Source = s.Num, s.Den, true, own.ID+": "+s.Source
	return nil
}

// In is the rules of the pack that are judged in a zone, each as the overrides
// that hold there leave it. Where none holds it is p.Rules itself.
func (p *Pack) In(z *land.Zone) []*Rule {
	touched := func(r *Rule) bool { return slices.ContainsFunc(r.over, func(o *Override) bool { return o.holds(z) }) }
	if !slices.ContainsFunc(p.Rules, touched) && !slices.ContainsFunc(p.Off, touched) &&
		!slices.ContainsFunc(p.Rules, func(r *Rule) bool { return len(r.over) > 0 }) {
		return p.Rules
	}
	var out []*Rule
	for _, r := range p.All() {
		if r := r.in(z); r != nil {
			out = append(out, r)
		}
	}
	return out
}

func (o *Override) holds(z *land.Zone) bool { return o.Pack.Applies.To(z) == land.Yes }

// in is the rule in a zone, or nil where it isn't judged there.
func (r *Rule) in(z *land.Zone) *Rule {
	c := *r
	c.over = nil
	on := !r.IsOff()
	for _, o := range r.over {
		if !o.holds(z) {
			continue
		}
		c.over = append(c.over, o)
		switch {
		case o.On:
			on = true
		case o.Off != Text{}:
			on = false
		}
	}
	if !on {
		return nil
	}
	c.Off = Text{}
	return &c
}

// ruling is the limit that decides, with those it stands in place of.
type ruling struct {
	Limit
	ok       bool
	by       *Override // nil: the rule's own
	replaced []land.Replaced
}

// rulingOn is the limit in force on a day after all overrides: the nearer law
// stands where it is tighter, where it relaxes and says so, and where there was
// no limit.
func (r *Rule) rulingOn(d land.Date) (out ruling) {
	out.Limit, out.ok = limitOn(r.Limits, d)
	for _, o := range r.over {
		if len(o.Limits) == 0 {
			continue
		}
		own, ok := limitOn(o.Limits, d)
		if !ok || !own.Value.Known {
			continue
		}
		had := out.ok && out.Value.Known
		if had && !o.Relax && r.weaker(own.Value.Value, out.Value.Value) {
			continue
		}
		if had {
			out.replaced = append(out.replaced, r.replacedBy(out))
		}
		out.Limit, out.ok, out.by = own, true, o
	}
	return out
}

func (r *Rule) replacedBy(old ruling) land.Replaced {
	v := old.Value.Value.Float()
	out := land.Replaced{Pack: r.Pack.ID, Limit: &v, Clause: r.clause()}
	if old.by != nil {
		out.Pack, out.Clause = old.by.Pack.ID, old.by.clause()
	}
	return out
}

func (o *Override) clause() string { return strings.TrimSpace(o.Pack.Document.Number + " " + o.Clause) }

// accepts reports whether a mark of an unconfirmed row counts as confirmed.
func (r *Rule) accepts(mark string) bool {
	return mark == "" || slices.ContainsFunc(r.over, func(o *Override) bool { return slices.Contains(o.Accept, mark) })
}

// Renamed is resolved packs under other names, the overrides already in place:
// so two editions of the law can judge side by side.
func Renamed(packs []*Pack, suffix string) []*Pack {
	out := make([]*Pack, len(packs))
	for i, p := range packs {
		c := *p
		c.ID, c.Overrides, c.Settings = p.ID+suffix, nil, nil
		renamed := func(list []*Rule) (rules []*Rule) {
			for _, r := range list {
				with := *r
				with.Pack = &c
				rules = append(rules, &with)
			}
			return rules
		}
		c.Rules, c.Off = renamed(p.Rules), renamed(p.Off)
		out[i] = &c
	}
	return out
}
