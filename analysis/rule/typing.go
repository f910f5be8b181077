package rule

import (
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/muscope/muscope/analysis/land"
)

// Typing sorts zones into types by their indicators. It judges nothing.
type Typing struct {
	ID     string
	Title  Text
	Clause string
	Source string
	Types  []Type
	Other  Text // of a zone that no type fits
	Pack   *Pack
}

// Type is one type: all of its tests hold, or Always does.
type Type struct {
	ID     string
	Title  Text
	When   []Test
	Always *Condition // on the zone; nil: never
}

// Test compares an indicator with a figure.
type Test struct {
	Indicator  string
	Comparison string
	Value      land.Number
}

// TypeOther is the type of a zone that fits none.
const TypeOther = "other"

// Of is the type of a zone by its indicators: blank with a reason where facts
// are missing that would tell.
func (t *Typing) Of(z *land.Zone, indicators []land.Indicator) land.ZoneType {
	out := land.ZoneType{Pack: t.Pack.ID, ID: t.ID, Clause: t.Clause}
	open := false
	for _, kind := range t.Types {
		fits := land.Yes
		for _, test := range kind.When {
			fits = fits.And(test.holds(indicators))
		}
		if kind.Always != nil {
			if always, _ := kind.Always.Holds(&Scene{Zone: z}); always == land.Yes { // a kind not said is no special one
				fits = land.Yes
			}
		}
		switch fits {
		case land.Yes:
			out.Type, out.Title = kind.ID, land.Words{ZH: kind.Title.ZH, EN: kind.Title.EN}
			return out
		case land.Unknown:
			open = true
		}
	}
	if !open {
		out.Type, out.Title = TypeOther, land.Words{ZH: t.Other.ZH, EN: t.Other.EN}
		return out
	}
	out.Reason = ReasonMissing
	for _, kind := range t.Types {
		for _, test := range kind.When {
			if test.holds(indicators) == land.Unknown && !slices.Contains(out.Missing, test.Indicator) {
				out.Missing = append(out.Missing, test.Indicator)
			}
		}
	}
	return out
}

func (t Test) holds(indicators []land.Indicator) land.Flag {
	i := slices.IndexFunc(indicators, func(i land.Indicator) bool { return i.ID == t.Indicator })
	if i < 0 {
		return land.Unknown
	}
	r := &Rule{Indicator: t.Indicator, Comparison: t.Comparison, Kind: KindCap}
	switch c := r.compareLimit(call{limit: t.Value.Value, known: true}, &indicators[i]); c.outcome {
	case land.Satisfied:
		return land.Yes
	case land.Violated:
		return land.No
	}
	return land.Unknown
}

func (d *Doc) typing(n ast.Node, p *Pack) {
	t := &Typing{Pack: p}
	d.Object(n,
		Field{"id", true, func(n ast.Node) { t.ID = d.pattern(n, ruleID(), "zone.type") }},
		Field{"title", true, func(n ast.Node) { t.Title = d.text2(n) }},
		Field{"clause", true, func(n ast.Node) { t.Clause = d.Text(n) }},
		Field{"source", true, func(n ast.Node) { t.Source = d.Text(n) }},
		Field{"types", true, func(n ast.Node) { d.List(n, func(v ast.Node) { d.oneType(v, t) }) }},
		Field{"other", true, func(n ast.Node) { t.Other = d.text2(n) }},
	)
	p.Types = append(p.Types, t)
}

func (d *Doc) oneType(n ast.Node, t *Typing) {
	var kind Type
	d.Object(n,
		Field{"always", false, func(n ast.Node) { kind.Always = d.condition(n, land.LevelZone, t.Pack) }},
		Field{"id", true, func(n ast.Node) { kind.ID = d.Text(n) }},
		Field{"title", true, func(n ast.Node) { kind.Title = d.text2(n) }},
		Field{"when", true, func(n ast.Node) {
			d.List(n, func(v ast.Node) {
				var test Test
				d.Object(v,
					Field{"indicator", true, func(n ast.Node) { test.Indicator = d.Text(n) }},
					Field{"comparison", true, func(n ast.Node) { test.Comparison = d.Word(n, "<=", "<", ">=", ">") }},
					Field{"value", true, func(n ast.Node) { test.Value = d.Number(n) }},
				)
				kind.When = append(kind.When, test)
			})
		}},
	)
	t.Types = append(t.Types, kind)
}
