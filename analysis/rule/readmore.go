package rule

import (
	"regexp"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/muscope/muscope/analysis/land"
)

// at is the place of a node, for faults that are found once all packs are read.
func (d *Doc) place(n ast.Node) place {
	p := place{file: d.file}
	if t := first(n); t != nil && t.Position != nil {
		p.line, p.col = t.Position.Line, t.Position.Column
		if p.line >= 1 && p.line <= len(d.lines) {
			p.source = d.lines[p.line-1]
		}
	}
	return p
}

func ruleKey() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+#[a-z0-9-]+(\.[a-z0-9-]+)+$`)
}

func (d *Doc) override(n ast.Node, p *Pack) {
	o := &Override{Pack: p, at: d.place(n)}
	var limits ast.Node
	d.Object(n,
		Field{"rule", true, func(n ast.Node) { o.Rule = d.pattern(n, ruleKey(), "national/idle-land-2012#idle.not-started") }},
		Field{"limits", false, func(n ast.Node) { limits = n }},
		Field{"relax", false, func(n ast.Node) { o.Relax = d.Bool(n) }},
		Field{"on", false, func(n ast.Node) { o.On = d.Bool(n) }},
		Field{"off", false, func(n ast.Node) { o.Off = d.text2(n) }},
		Field{"accept", false, func(n ast.Node) {
			d.List(n, func(v ast.Node) { o.Accept = append(o.Accept, d.Word(v, MarkGeneral, MarkNotFound)) })
		}},
		Field{"clause", false, func(n ast.Node) { o.Clause = d.Text(n) }},
		Field{"source", true, func(n ast.Node) { o.Source = d.Text(n) }},
	)
	if limits != nil {
		d.List(limits, func(v ast.Node) { d.limit(v, &o.Limits, p) })
	}
	switch {
	case len(o.Limits) == 0 && !o.On && o.Off == Text{} && len(o.Accept) == 0:
		d.Fault(n, "an override must change something: limits, on, off or accept")
	case o.On && o.Off != Text{}:
		d.Fault(n, "an override switches a rule on or off; keep one")
	}
	p.Overrides = append(p.Overrides, o)
}

func (d *Doc) setting(n ast.Node, p *Pack) {
	s := &Setting{Den: 1, at: d.place(n)}
	d.Object(n,
		Field{"parameter", true, func(n ast.Node) { s.Parameter = d.pattern(n, ruleKey(), "local/per-mu-2024#weight.tax") }},
		Field{"value", true, func(n ast.Node) { s.Num, s.Den = d.Fraction(n) }},
		Field{"source", true, func(n ast.Node) { s.Source = d.Text(n) }},
	)
	if slices.ContainsFunc(p.Settings, func(o *Setting) bool { return o.Parameter == s.Parameter }) && s.Parameter != "" {
		d.Fault(n, "parameter %q is set twice; keep one", s.Parameter)
	}
	p.Settings = append(p.Settings, s)
}

func (d *Doc) table(n ast.Node, p *Pack) {
	t := &Table{}
	d.Object(n,
		Field{"id", true, func(n ast.Node) { t.ID = d.pattern(n, ruleID(), "far.by-industry") }},
		Field{"by", true, func(n ast.Node) { d.Word(n, "industry_code") }},
		Field{"edition", true, func(n ast.Node) { t.Edition = d.edition(n) }},
		Field{"digits", true, func(n ast.Node) { t.Digits = d.Int(n) }},
		Field{"unit", true, func(n ast.Node) { t.Unit = land.Unit(d.Word(n, units()...)) }},
		Field{"source", true, func(n ast.Node) { t.Source = d.Text(n) }},
		Field{"rows", true, func(n ast.Node) { d.List(n, func(v ast.Node) { d.row(v, t) }) }},
		Field{"crosswalks", false, func(n ast.Node) { d.List(n, func(v ast.Node) { d.crosswalk(v, t) }) }},
	)
	if t.Digits < 1 || t.Digits > 4 {
		d.Fault(n, "the codes of GB/T 4754 have one to four digits")
	}
	p.Tables = append(p.Tables, t)
}

// edition reads a year of GB/T 4754, which must be written as a text.
func (d *Doc) edition(n ast.Node) string {
	s := d.Text(n)
	year := editionOf(s)
	if year == "" && s != "" {
		d.Fault(n, "%q names no edition of GB/T 4754, such as gbt4754-2002", s)
	}
	return year
}

func (d *Doc) row(n ast.Node, t *Table) {
	var r Row
	d.Object(n,
		Field{"code", true, func(n ast.Node) { r.Code = d.pattern(n, regexp.MustCompile(`^[0-9]{1,4}$`), `"13"`) }},
		Field{"name", false, func(n ast.Node) { r.Name = d.Text(n) }},
		Field{"value", true, func(n ast.Node) { r.Value = d.Number(n).Value }},
		Field{"mark", false, func(n ast.Node) { r.Mark = d.Word(n, MarkGeneral, MarkNotFound) }},
	)
	if slices.ContainsFunc(t.Rows, func(o Row) bool { return o.Code == r.Code }) && r.Code != "" {
		d.Fault(n, "the code %s stands twice; keep one", r.Code)
	}
	t.Rows = append(t.Rows, r)
}

func (d *Doc) crosswalk(n ast.Node, t *Table) {
	c := Crosswalk{To: map[string][]string{}}
	d.Object(n,
		Field{"from", true, func(n ast.Node) { c.From = d.edition(n) }},
		Field{"mark", false, func(n ast.Node) { c.Mark = d.Word(n, MarkGeneral, MarkNotFound) }},
		Field{"source", true, func(n ast.Node) { c.Source = d.Text(n) }},
		Field{"codes", true, func(n ast.Node) {
			pairs, _ := d.Pairs(n)
			for _, v := range pairs {
				c.To[v.Key.GetToken().Value] = d.Words(v.Value)
			}
		}},
	)
	t.Crosswalks = append(t.Crosswalks, c)
}

func (d *Doc) ranking(n ast.Node) *Ranking {
	r := &Ranking{}
	count := func(name string, to *int) Field {
		return Field{name, false, func(n ast.Node) {
			if *to = d.Int(n); *to < 1 {
				d.Fault(n, "must be at least 1")
			}
		}}
	}
	scope, _ := land.FieldNamed(land.RankingFields(), "scope")
	d.Object(n, Field{"scope", true, func(n ast.Node) { r.Scope = d.Word(n, scope.Words...) }},
		count("top", &r.Top), count("bottom", &r.Bottom), count("years", &r.Years), count("apart", &r.Apart),
		count("first_top", &r.FirstTop), count("since", &r.Since), count("up", &r.Up), count("within", &r.Within), count("down", &r.Down))
	asked := 0
	for _, k := range []int{r.Top, r.Bottom, r.FirstTop, r.Up, r.Down} {
		if k > 0 {
			asked++
		}
	}
	if asked != 1 {
		d.Fault(n, "a ranking asks for exactly one of top, bottom, first_top, up, down")
	}
	return r
}

func (d *Doc) ladder(n ast.Node) *Ladder {
	l := &Ladder{}
	acts := func(name string, required bool, to *[]string) Field {
		return Field{name, required, func(n ast.Node) {
			d.List(n, func(v ast.Node) { *to = append(*to, d.Word(v, land.ZoneActionKinds()...)) })
		}}
	}
	d.Object(n, acts("from", true, &l.From), acts("passed", true, &l.Passed), acts("ends", true, &l.Ends),
		Field{"years", false, func(n ast.Node) { l.Years = d.Int(n) }})
	return l
}
