package filter

import (
	"math"
	"strconv"
)

// ParseJSON reads a filter in the JSON encoding (cql2-json), whatever names it
// uses, within the default limits. An error is Faults.
func ParseJSON(src []byte) (Expr, error) {
	fs := &faults{source: string(src)}
	e := parseJSON(fs, Limits{})
	if len(fs.list) == 0 {
		check(e, nil, fs)
	}
	if err := fs.err(); err != nil {
		return nil, err
	}
	return e, nil
}

// jsonParser turns JSON values into nodes. A function reports a fault and gives
// an invalid node, so that all faults are found.
type jsonParser struct {
	*faults
	meter
	full bool // a limit is reached, and told once
}

func parseJSON(fs *faults, limits Limits) Expr {
	p := &jsonParser{faults: fs, meter: meter{limits: limits.orDefault()}}
	if !p.readable(fs) {
		return &invalid{}
	}
	// Coordinates of a multipolygon lie six levels below their predicate; a
	// node takes two levels (object, args), and IN a third.
	v, ok := readJSON(fs, 3*p.limits.Depth+8)
	if !ok {
		return &invalid{}
	}
	e := p.expr(v)
	p.measure(e, fs)
	return e
}

func (p *jsonParser) wrong(v jsonValue, code string, args ...any) Expr {
	if !p.full {
		p.add(code, v.span, args...)
	}
	return &invalid{v.span}
}

func (p *jsonParser) node(e Expr) Expr {
	if p.nodes++; p.nodes > p.limits.Nodes {
		if !p.full {
			p.add("too_many_nodes", e.Place(), p.limits.Nodes)
			p.full = true
		}
		return &invalid{e.Place()}
	}
	return e
}

// expr reads any node.
func (p *jsonParser) expr(v jsonValue) Expr {
	switch v.kind {
	case jsonBoolean:
		return p.node(&Literal{v.span, BooleanOf(v.truth)})
	case jsonText:
		return p.node(&Literal{v.span, TextOf(v.text)})
	case jsonNumber:
		f, ok := p.number(v)
		if !ok {
			return &invalid{v.span}
		}
		return p.node(&Literal{v.span, NumberOf(f)})
	case jsonNull:
		return p.wrong(v, "null_operand")
	case jsonArray:
		return p.wrong(v, "json_array")
	}
	return p.object(v)
}

func (p *jsonParser) number(v jsonValue) (float64, bool) {
	if v.kind != jsonNumber {
		p.wrong(v, "json_kind", jsonNames[jsonNumber], jsonNames[v.kind])
		return 0, false
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if err != nil || math.IsInf(f, 0) {
		p.wrong(v, "number_range", cut(v.text, 40))
		return 0, false
	}
	return f + 0, true
}

// object reads a node by the member that names its kind.
func (p *jsonParser) object(v jsonValue) Expr {
	for i, name := range v.names {
		m := v.items[i]
		switch name.text {
		case "op":
			return p.operation(v, m)
		case "property":
			p.only(v, "property")
			if m.kind != jsonText || m.text == "" {
				return p.wrong(m, "json_kind", jsonNames[jsonText], jsonNames[m.kind])
			}
			return p.node(&Property{v.span, m.text})
		case "date", "timestamp":
			p.only(v, name.text)
			return p.instant(v, m, name.text)
		case "interval":
			p.only(v, "interval")
			return p.interval(v, m)
		case "bbox":
			if _, ok := v.member("type"); ok {
				continue // a geometry with a bbox of its own
			}
			p.only(v, "bbox")
			return p.bbox(v, m)
		case "type":
			return p.geometry(v)
		}
	}
	return p.wrong(v, "json_object")
}

// only reports members that have no meaning.
func (p *jsonParser) only(v jsonValue, known ...string) {
	for _, name := range v.names {
		found := false
		for _, k := range known {
			found = found || k == name.text
		}
		if !found {
			p.wrong(name, "json_member", cut(name.text, 40))
		}
	}
}

func (p *jsonParser) instant(v, m jsonValue, what string) Expr {
	parse := parseDate
	if what == "timestamp" {
		parse = parseTimestamp
	}
	if m.kind != jsonText {
		return p.wrong(m, "json_kind", jsonNames[jsonText], jsonNames[m.kind])
	}
	at, ok := parse(m.text)
	if !ok {
		return p.wrong(m, what, cut(m.text, 40))
	}
	return p.node(&Literal{v.span, at})
}

func (p *jsonParser) interval(v, m jsonValue) Expr {
	if m.kind != jsonArray || len(m.items) != 2 {
		return p.wrong(m, "json_interval")
	}
	e := &Interval{Span: v.span}
	e.Start = p.intervalEnd(m.items[0])
	e.End = p.intervalEnd(m.items[1])
	return p.node(e)
}

func (p *jsonParser) intervalEnd(v jsonValue) Expr {
	if v.kind != jsonText {
		return p.expr(v)
	}
	if v.text == ".." {
		return nil
	}
	at, ok := instantOf(v.text)
	if !ok {
		return p.wrong(v, "interval_end", cut(v.text, 40))
	}
	return p.node(&Literal{v.span, at})
}

// operation reads {"op": …, "args": […]}.
func (p *jsonParser) operation(v, op jsonValue) Expr {
	p.only(v, "op", "args")
	args, ok := v.member("args")
	switch {
	case op.kind != jsonText:
		return p.wrong(op, "json_kind", jsonNames[jsonText], jsonNames[op.kind])
	case !ok:
		return p.wrong(v, "json_args")
	case args.kind != jsonArray:
		return p.wrong(args, "json_kind", jsonNames[jsonArray], jsonNames[args.kind])
	case arrayFunction(capitals(op.text)):
		return p.wrong(op, "array", op.text)
	case op.text == "in":
		return p.in(v, args)
	}
	if least, most, ok := arity(op.text); ok && (len(args.items) < least || len(args.items) > most) {
		return p.wrong(args, "json_count", op.text, least, len(args.items))
	}
	list := make([]Expr, len(args.items))
	for i, a := range args.items {
		list[i] = p.expr(a)
	}
	return p.node(operationNode(v.span, op.text, list))
}

// arity is how many arguments an operator of the standard takes.
func arity(op string) (least, most int, known bool) {
	switch op {
	case "and", "or":
		return 2, math.MaxInt, true
	case "not", "isNull", "casei", "accenti":
		return 1, 1, true
	case "between":
		return 3, 3, true
	case "like":
		return 2, 2, true
	}
	for _, table := range [][]string{compareNames[:], arithmeticNames[:], spatialNames[:], temporalNames[:]} {
		for _, n := range table {
			if n == op {
				return 2, 2, true
			}
		}
	}
	return 0, 0, false
}

// operationNode makes the node of an operator whose arguments are counted.
func operationNode(at Span, op string, args []Expr) Expr {
	switch op {
	case "and":
		return &And{at, args}
	case "or":
		return &Or{at, args}
	case "not":
		return &Not{at, args[0]}
	case "isNull":
		return &IsNull{at, args[0]}
	case "casei":
		return newFold(at, CaseInsensitive, args[0])
	case "accenti":
		return newFold(at, AccentInsensitive, args[0])
	case "between":
		return &Between{at, args[0], args[1], args[2]}
	case "like":
		return &Like{at, args[0], args[1]}
	}
	if o, ok := opNamed[CompareOp](compareNames[:], op, false); ok {
		return &Comparison{at, o, args[0], args[1]}
	}
	if o, ok := opNamed[ArithmeticOp](arithmeticNames[:], op, false); ok {
		return &Arithmetic{at, o, args[0], args[1]}
	}
	if o, ok := opNamed[SpatialOp](spatialNames[:], op, false); ok {
		return &SpatialPredicate{at, o, args[0], args[1]}
	}
	if o, ok := opNamed[TemporalOp](temporalNames[:], op, false); ok {
		return &TemporalPredicate{at, o, args[0], args[1]}
	}
	return &Function{at, op, args}
}

func (p *jsonParser) in(v, args jsonValue) Expr {
	if len(args.items) != 2 || args.items[1].kind != jsonArray || len(args.items[1].items) == 0 {
		return p.wrong(args, "json_in")
	}
	e := &In{Span: v.span, Arg: p.expr(args.items[0])}
	for _, item := range args.items[1].items {
		e.List = append(e.List, p.expr(item))
	}
	return p.node(e)
}

func (p *jsonParser) bbox(v, m jsonValue) Expr {
	if m.kind != jsonArray {
		return p.wrong(m, "json_kind", jsonNames[jsonArray], jsonNames[m.kind])
	}
	c := make([]float64, len(m.items))
	for i, item := range m.items {
		f, ok := p.number(item)
		if !ok {
			return &invalid{v.span}
		}
		c[i] = f
	}
	b, code := newBBox(v.span, c)
	if code != "" {
		return p.wrong(m, code, len(c))
	}
	return p.node(b)
}
