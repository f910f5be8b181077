package filter

import (
	"slices"
	"strings"
)

// checker finds out the kind of every node and reports what doesn't fit.
// Missing as a kind means "may be anything", so that one fault makes no others.
type checker struct {
	*faults
	names *Queryables // nil: any name, of any kind
}

func check(e Expr, q *Queryables, fs *faults) {
	c := &checker{faults: fs, names: q}
	c.condition(e)
}

// condition checks a node that must be true or false.
func (c *checker) condition(e Expr) {
	switch e := e.(type) {
	case *And, *Or, *Not:
		for _, a := range Children(e) {
			c.condition(a)
		}
	case *Comparison:
		c.comparison(e)
	case *Like:
		c.want(e.Arg, Text)
		c.pattern(e.Pattern)
	case *Between:
		c.oneKind("BETWEEN", e.Arg, e.Low, e.High)
	case *In:
		c.oneKind("IN", append([]Expr{e.Arg}, e.List...)...)
		for _, item := range e.List {
			c.word(e.Arg, item)
		}
	case *IsNull:
		c.isNull(e)
	case *SpatialPredicate:
		c.want(e.Left, Geometry)
		c.want(e.Right, Geometry)
	case *TemporalPredicate:
		c.temporal(e)
	default:
		c.bare(e)
	}
}

// bare checks a node that is no predicate where one must stand.
func (c *checker) bare(e Expr) {
	kind := c.kind(e)
	switch e := e.(type) {
	case *invalid, *Function:
		if kind == Missing || kind == Boolean {
			return
		}
	case *Literal:
		if kind == Boolean {
			return
		}
	case *Property:
		c.add("property_alone", e.Place(), e.Name)
		return
	}
	c.add("no_condition", e.Place())
}

func (c *checker) comparison(e *Comparison) {
	c.oneKind(e.Op.String(), e.Left, e.Right)
	if e.Op == Equal || e.Op == NotEqual {
		c.word(e.Left, e.Right)
		c.word(e.Right, e.Left)
	}
}

// oneKind checks that scalars are of one kind.
func (c *checker) oneKind(op string, list ...Expr) {
	first := Missing
	for _, e := range list {
		kind := c.kind(e)
		if kind == Missing {
			continue
		}
		if kind == Geometry {
			c.add("geometry_compared", e.Place(), op)
			continue
		}
		if first == Missing {
			first = kind
		}
		if kind != first {
			c.mismatch(e, first, kind)
		}
	}
}

func (c *checker) mismatch(e Expr, want, got Kind) {
	code := "kind"
	_, literal := e.(*Literal)
	switch {
	case want != Date && want != Timestamp && !literal:
	case got == Text && !literal:
	case want == Date && got == Text, want == Timestamp && got == Text:
		code = "kind_time_text"
	case want == Date && got == Timestamp, want == Timestamp && got == Date:
		code = "kind_time"
	case want == Number && got == Text:
		code = "kind_number_text"
	case want == Text && got == Number:
		code = "kind_text_number"
	}
	c.add(code, e.Place(), kindKey(want), kindKey(got), strings.ToUpper(want.String()))
}

func kindKey(k Kind) key { return key("kind_" + k.String()) }

// want checks that a node has one kind.
func (c *checker) want(e Expr, want Kind) {
	if got := c.kind(e); got != Missing && got != want {
		c.mismatch(e, want, got)
	}
}

// pattern checks the right side of LIKE: a text, maybe folded.
func (c *checker) pattern(e Expr) {
	inner := e
	for {
		f, ok := inner.(*Fold)
		if !ok {
			break
		}
		inner = f.Arg
	}
	switch l, ok := inner.(*Literal); {
	case ok && l.Value.kind == Text:
		if endsInEscape(l.Value.text) {
			c.add("pattern_escape", l.Place())
		}
	default:
		if _, ok := inner.(*invalid); !ok {
			c.add("pattern", e.Place())
		}
	}
}

func (c *checker) isNull(e *IsNull) {
	switch e.Arg.(type) {
	case *Interval, *GeometryLiteral, *BBox:
		c.operand(e.Arg)
	default:
		c.kind(e.Arg)
	}
}

// operand checks a node whose kind doesn't matter.
func (c *checker) operand(e Expr) {
	if i, ok := e.(*Interval); ok {
		c.interval(i)
	}
}

// kind is the kind of a scalar or geometry. What is neither is reported.
func (c *checker) kind(e Expr) Kind {
	switch e := e.(type) {
	case *Property:
		return c.property(e)
	case *Literal:
		return e.Value.kind
	case *Arithmetic:
		c.want(e.Left, Number)
		c.want(e.Right, Number)
		return Number
	case *Fold:
		c.want(e.Arg, Text)
		return Text
	case *GeometryLiteral, *BBox:
		return Geometry
	case *Function:
		return c.function(e)
	case *invalid:
		return Missing
	case *Interval:
		c.add("interval_place", e.Place())
		return Missing
	}
	c.add("condition_place", e.Place())
	return Missing
}

func (c *checker) property(e *Property) Kind {
	if c.names == nil {
		return Missing
	}
	d, ok := c.names.byName[e.Name]
	if ok {
		return d.Kind
	}
	if near := nearest(e.Name, c.names.names); near != "" {
		c.add("name_near", e.Place(), e.Name, near)
	} else {
		c.add("name", e.Place(), e.Name, enumerate(c.names.names))
	}
	return Missing
}

// word checks a text literal against the words of a property.
func (c *checker) word(property, literal Expr) {
	p, ok1 := property.(*Property)
	l, ok2 := literal.(*Literal)
	if !ok1 || !ok2 || c.names == nil || l.Value.kind != Text {
		return
	}
	d := c.names.byName[p.Name]
	if len(d.Words) == 0 || d.AnyWord || slices.Contains(d.Words, l.Value.text) {
		return
	}
	c.add("word", l.Place(), p.Name, cut(l.Value.text, 40), enumerate(d.Words))
}

// enumerate lists names for a message, the first thirty of many.
func enumerate(names []string) string {
	const most = 30
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

func (c *checker) function(e *Function) Kind {
	if !functionName(e.Name) {
		c.add("function_name", e.Place(), cut(e.Name, 40))
		return Missing
	}
	if c.names == nil {
		for _, a := range e.Args {
			c.kind(a)
		}
		return Missing
	}
	f, ok := c.names.functions[e.Name]
	switch {
	case !ok:
		c.add("function", e.Place(), e.Name)
		return Missing
	case len(f.Args) != len(e.Args):
		c.add("function_args", e.Place(), e.Name, len(f.Args), len(e.Args))
		return f.Result
	}
	for i, a := range e.Args {
		c.want(a, f.Args[i])
	}
	return f.Result
}

// functionName reports whether a name can be a function's: a name that needs
// no quotes and is no word of the language in any case.
func functionName(name string) bool {
	for i, r := range name {
		if !inName(r) || i == 0 && !startsName(r) {
			return false
		}
	}
	word := capitals(name)
	switch word {
	case "", "DATE", "TIMESTAMP", "INTERVAL", "BBOX", "CASEI", "ACCENTI", "ISNULL":
		return false
	}
	_, spatial := opNamed[SpatialOp](spatialNames[:], name, true)
	_, temporal := opNamed[TemporalOp](temporalNames[:], name, true)
	return !spatial && !temporal && !reserved(word) && !geometryWord(word) && !arrayFunction(word)
}

func (c *checker) temporal(e *TemporalPredicate) {
	first := Missing
	for _, t := range []Expr{e.Left, e.Right} {
		kind := Missing
		if i, ok := t.(*Interval); ok {
			kind = c.interval(i)
		} else {
			kind = c.instant(t)
			if kind != Missing && e.Op.IntervalsOnly() {
				c.add("instant", t.Place(), capitals(e.Op.String()))
			}
		}
		if first == Missing {
			first = kind
		}
		if kind != Missing && kind != first {
			c.mismatch(t, first, kind)
		}
	}
}

// instant checks a node that must be a date or timestamp.
func (c *checker) instant(e Expr) Kind {
	kind := c.kind(e)
	switch kind {
	case Missing, Date, Timestamp:
		return kind
	case Text:
		c.mismatch(e, Date, kind)
	default:
		c.add("time", e.Place(), kindKey(kind))
	}
	return Missing
}

// interval checks both ends, and is the kind they have.
func (c *checker) interval(e *Interval) Kind {
	var start, end Kind
	if e.Start != nil {
		start = c.instant(e.Start)
	}
	if e.End != nil {
		end = c.instant(e.End)
	}
	// Without names, mixed ends are let through: the standard has such
	// examples, and leaves their meaning to the system.
	if c.names != nil && start != Missing && end != Missing && start != end {
		c.mismatch(e.End, start, end)
	}
	from, ok1 := e.Start.(*Literal)
	to, ok2 := e.End.(*Literal)
	if ok1 && ok2 && start == end && from.Value.order(to.Value) > 0 {
		c.add("interval_reversed", e.Place())
	}
	if start == Missing {
		return end
	}
	return start
}

// nearest is the name that differs from s in case, or in at most two letters
// and about half of them; "" if there is none.
func nearest(s string, names []string) string {
	best, least := "", 3
	for _, n := range names {
		if strings.EqualFold(n, s) {
			return n
		}
		if d := distance([]rune(s), []rune(n), least); d < least && 2*d <= len([]rune(n))+1 {
			best, least = n, d
		}
	}
	return best
}

// distance is Levenshtein's, given up at most.
func distance(a, b []rune, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal + 1
			if x == y {
				cost = diagonal
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
