package rule

import (
	"regexp"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

func (d *Doc) clause(n ast.Node, p *Pack) {
	var c Clause
	d.Object(n,
		Field{"clause", true, func(n ast.Node) { c.No = d.Text(n) }},
		Field{"title", true, func(n ast.Node) { c.Title = d.text2(n) }},
		Field{"provisions", true, func(n ast.Node) {
			d.List(n, func(v ast.Node) { c.Provisions = append(c.Provisions, d.provision(v, p, c.No)) })
		}},
	)
	if _, twice := p.Clause(c.No); twice && c.No != "" {
		d.Fault(n, "clause %q stands twice; list each clause once, with all it provides for", c.No)
	}
	if len(c.Provisions) == 0 {
		d.Fault(n, "clause %q has no provision; say what carries it, or why it is out of scope", c.No)
	}
	p.Clauses = append(p.Clauses, c)
}

func (d *Doc) provision(n ast.Node, p *Pack, clause string) (v Provision) {
	d.Object(n,
		Field{"as", true, func(n ast.Node) { v.As = d.Word(n, AsRule, AsMeasure, AsDuty, AsSupport, AsOutOfScope) }},
		Field{"kind", false, func(n ast.Node) {
			v.Kind = d.Word(n, KindCap, KindFloor, KindTarget, KindProhibition, KindDuty, KindWarning, KindReward)
		}},
		Field{"text", true, func(n ast.Node) { v.Text = d.text2(n) }},
		Field{"quote", false, func(n ast.Node) { v.Quote = d.Text(n) }},
		Field{"rules", false, func(n ast.Node) { v.Rules = d.Words(n) }},
		Field{"indicators", false, func(n ast.Node) { v.Indicators = d.Words(n) }},
		Field{"fields", false, func(n ast.Node) { v.Fields = d.Words(n) }},
		Field{"awaits", false, func(n ast.Node) {
			d.List(n, func(w ast.Node) { v.Awaits = append(v.Awaits, d.Word(w, inputs()...)) })
		}},
		Field{"why", false, func(n ast.Node) { v.Why = d.text2(n) }},
	)
	switch {
	case v.As == AsRule && len(v.Rules) == 0:
		d.Fault(n, "a provision carried by rules must name them under rules")
	case v.As != AsRule && v.As != "" && len(v.Rules) > 0:
		d.Fault(n, "a provision that names rules is carried as: rule")
	case v.As == AsMeasure && len(v.Indicators)+len(v.Fields) == 0:
		d.Fault(n, "a measure must name the indicators or fields that show it")
	case v.As == AsOutOfScope && v.Why == Text{}:
		d.Fault(n, "what is out of scope must say why")
	}
	for _, id := range v.Rules {
		switch r := p.Rule(id); {
		case r == nil:
			d.Fault(n, "there is no rule %q above", id)
		case r.Clause != clause:
			d.Fault(n, "rule %q is of clause %s, not of %s", id, r.Clause, clause)
		}
	}
	return v
}

func (d *Doc) slot(n ast.Node, p *Pack) {
	var s Slot
	d.Object(n,
		Field{"id", true, func(n ast.Node) { s.ID = d.pattern(n, ruleID(), "far.by-industry") }},
		Field{"title", true, func(n ast.Node) { s.Title = d.text2(n) }},
		Field{"unit", true, func(n ast.Node) { s.Unit = d.Text(n) }},
		Field{"clause", true, func(n ast.Node) { s.Clause = d.Text(n) }},
		Field{"mark", true, func(n ast.Node) { s.Mark = d.Word(n, MarkNotFound, MarkGeneral) }},
		Field{"note", false, func(n ast.Node) { s.Note = d.Text(n) }},
	)
	if slices.ContainsFunc(p.Slots, func(o Slot) bool { return o.ID == s.ID }) && s.ID != "" {
		d.Fault(n, "slot %q stands twice; keep one", s.ID)
	}
	p.Slots = append(p.Slots, s)
}

func (d *Doc) reference(n ast.Node, p *Pack) {
	r := Reference{Den: 1}
	d.Object(n,
		Field{"id", true, func(n ast.Node) {
			r.ID = d.pattern(n, regexp.MustCompile(`^[a-z0-9._-]+$`), "national-2020.supply-rate")
		}},
		Field{"indicator", true, func(n ast.Node) { r.Indicator = d.Text(n) }},
		Field{"value", true, func(n ast.Node) { r.Num, r.Den = d.Fraction(n) }},
		Field{"title", true, func(n ast.Node) { r.Title = d.text2(n) }},
		Field{"source", true, func(n ast.Node) { r.Source = d.Text(n) }},
	)
	if slices.ContainsFunc(p.References, func(o Reference) bool { return o.ID == r.ID }) && r.ID != "" {
		d.Fault(n, "reference %q stands twice; keep one", r.ID)
	}
	p.References = append(p.References, r)
}

// checkPack notes what of a pack fits ill together: a pack that lists its
// clauses lists all of them, and every rule under its clause.
func (d *Doc) checkPack(n ast.Node, p *Pack) {
	if want := p.Document.Clauses; want > 0 && want != len(p.Clauses) {
		d.Fault(n, "the document has %d clauses; the pack lists %d", want, len(p.Clauses))
	}
	if len(p.Clauses) == 0 {
		return
	}
	for _, r := range p.All() {
		if !p.carries(r.ID) {
			d.Fault(n, "rule %q carries no provision; name it under the clause %s", r.ID, r.Clause)
		}
	}
}

func (p *Pack) carries(rule string) bool {
	for _, c := range p.Clauses {
		for _, v := range c.Provisions {
			if slices.Contains(v.Rules, rule) {
				return true
			}
		}
	}
	return false
}
