package filter

import (
	"math/big"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

// grower makes random trees that suit the names of the tests, and features to
// evaluate them on.
type grower struct{ *rand.Rand }

func pickOne[T any](g grower, list ...T) T { return list[g.IntN(len(list))] }

func (g grower) condition(depth int) Expr {
	if depth == 0 {
		return g.predicate(0)
	}
	switch g.IntN(6) {
	case 0:
		return &And{Args: g.conditions(depth)}
	case 1:
		return &Or{Args: g.conditions(depth)}
	case 2:
		return &Not{Arg: g.condition(depth - 1)}
	}
	return g.predicate(depth)
}

func (g grower) conditions(depth int) []Expr {
	list := make([]Expr, 2+g.IntN(2))
	for i := range list {
		list[i] = g.condition(depth - 1)
	}
	return list
}

func (g grower) predicate(depth int) Expr {
	kind := pickOne(g, Text, Number, Boolean, Date, Timestamp)
	scalar := func() Expr { return g.scalar(kind, depth) }
	switch g.IntN(9) {
	case 0:
		return &Literal{Value: BooleanOf(g.IntN(2) == 0)}
	case 1:
		return &IsNull{Arg: scalar()}
	case 2:
		return &Between{Arg: scalar(), Low: scalar(), High: scalar()}
	case 3:
		list := make([]Expr, 1+g.IntN(3))
		for i := range list {
			list[i] = scalar()
		}
		return &In{Arg: scalar(), List: list}
	case 4:
		kind = Text
		return &Like{Arg: scalar(), Pattern: g.pattern()}
	case 5:
		return g.temporal(pickOne(g, Date, Timestamp))
	case 6:
		return &SpatialPredicate{Op: SpatialOp(g.IntN(len(spatialNames))), Left: &Property{Name: "geometry"}, Right: g.geometry()}
	}
	return &Comparison{Op: CompareOp(g.IntN(len(compareNames))), Left: scalar(), Right: scalar()}
}

func (g grower) pattern() Expr {
	s := ""
	for range g.IntN(5) {
		s += pickOne(g, "a", "B", "工", "%", "_", `\%`, `\_`, `\\`, "'", `\'`)
	}
	l := &Literal{Value: TextOf(s)}
	return pickOne[Expr](g, l, l, newFold(Span{}, FoldOp(g.IntN(2)), l))
}

func (g grower) temporal(kind Kind) Expr {
	op := TemporalOp(g.IntN(len(temporalNames)))
	side := func() Expr {
		if !op.IntervalsOnly() && g.IntN(2) == 0 {
			return g.scalar(kind, 0)
		}
		i := &Interval{}
		if g.IntN(4) > 0 {
			i.Start = g.scalar(kind, 0)
		}
		if g.IntN(4) > 0 {
			i.End = g.scalar(kind, 0)
		}
		// A constant interval that ends before it starts is a fault.
		if a, ok := i.Start.(*Literal); ok {
			if b, ok := i.End.(*Literal); ok && a.Value.order(b.Value) > 0 {
				i.Start, i.End = i.End, i.Start
			}
		}
		return i
	}
	return &TemporalPredicate{Op: op, Left: side(), Right: side()}
}

func (g grower) geometry() Expr {
	p := func() orb.Point { return orb.Point{float64(g.IntN(360) - 180), g.Float64() * 90} }
	ring := func() orb.Ring { a := p(); return orb.Ring{a, p(), p(), a} }
	line := orb.LineString{p(), p()}
	switch g.IntN(5) {
	case 0:
		return &BBox{Min: [2]float64{1, 2}, Max: [2]float64{3 + g.Float64(), 4e-9 + g.Float64()*1e30}}
	case 1:
		return &Property{Name: "geometry"}
	}
	return &GeometryLiteral{Geometry: pickOne[orb.Geometry](g, p(), line, orb.Polygon{ring(), ring()}, orb.MultiPoint{p(), p()},
		orb.MultiLineString{line}, orb.MultiPolygon{{ring()}}, orb.Collection{p(), line})}
}

func (g grower) scalar(kind Kind, depth int) Expr {
	switch {
	case g.IntN(2) == 0:
		return &Property{Name: pickOne(g, scalarNames[kind]...)}
	case kind == Number && depth > 0 && g.IntN(3) > 0:
		return &Arithmetic{Op: ArithmeticOp(g.IntN(len(arithmeticNames))), Left: g.scalar(Number, depth-1), Right: g.scalar(Number, depth-1)}
	case kind == Text && depth > 0 && g.IntN(3) == 0:
		return newFold(Span{}, FoldOp(g.IntN(2)), g.scalar(Text, depth-1))
	}
	return &Literal{Value: g.value(kind)}
}

var scalarNames = map[Kind][]string{
	Text: {"holder", "tag"}, Number: {"far", "area"}, Boolean: {"in_use"}, Date: {"supplied_on", "completed_on"}, Timestamp: {"loaded_at"},
}

func (g grower) value(kind Kind) Value {
	switch kind {
	case Text:
		return TextOf(pickOne(g, "", "a", "aB", "B", "工业", "É", "e\u0301", `\`, `a'\`, "%", "_", "Straße", "STRASSE"))
	case Number:
		return NumberOf(pickOne(g, 0, 1, -1, 2, 3, 0.5, -2.5, 7, 1e-7, 1e22))
	case Boolean:
		return BooleanOf(g.IntN(2) == 0)
	case Date:
		return DateOf(int32(737_000 + g.IntN(4)))
	}
	return TimestampOf(time.Unix(1_600_000_000, int64(g.IntN(4))*1000))
}

func (g grower) feature() map[string]Value {
	f := map[string]Value{}
	for kind, list := range scalarNames {
		for _, n := range list {
			if g.IntN(4) > 0 {
				f[n] = g.value(kind)
			}
		}
	}
	return f
}

// reference evaluates in another way: values are any, a missing one is nil,
// and every condition is a *bool.
type reference map[string]Value

func (r reference) value(e Expr) any {
	switch e := e.(type) {
	case *Property:
		return plain(r[e.Name])
	case *Literal:
		return plain(e.Value)
	case *Fold:
		s, ok := r.value(e.Arg).(string)
		if !ok {
			return nil
		}
		if e.Op == CaseInsensitive {
			return strings.ReplaceAll(strings.ToLower(s), "ß", "ss")
		}
		return strings.NewReplacer("É", "E", "é", "e", "e\u0301", "e").Replace(s)
	case *Arithmetic:
		a, ok1 := r.value(e.Left).(float64)
		b, ok2 := r.value(e.Right).(float64)
		if !ok1 || !ok2 {
			return nil
		}
		return calculate(e.Op, a, b)
	}
	return nil
}

func plain(v Value) any {
	switch v.Kind() {
	case Text:
		return v.Text()
	case Number:
		return v.Number()
	case Boolean:
		return v.Boolean()
	case Date, Timestamp:
		return v.Time()
	}
	return nil
}

// calculate takes % and div step by step in 53-bit numbers of another library,
// the rest by the evaluator's own arithmetic, which TestEval covers.
func calculate(op ArithmeticOp, a, b float64) any {
	if op != Modulo && op != IntegerDivide {
		return plain(arithmetic(op, NumberOf(a), NumberOf(b)))
	}
	if b == 0 {
		return nil
	}
	number := func(f float64) *big.Float { return new(big.Float).SetPrec(53).SetFloat64(f) }
	whole, _ := number(0).Quo(number(a), number(b)).Int(nil)
	quotient := number(0).SetInt(whole)
	if op == Modulo {
		quotient.Sub(number(a), number(0).Mul(number(b), quotient))
	}
	f, _ := quotient.Float64()
	return plain(NumberOf(f))
}

// before is a < b in the order of the kind; nil where either is missing.
func before(a, b any) *bool {
	if a == nil || b == nil {
		return nil
	}
	var t bool
	switch a := a.(type) {
	case string:
		x, y := []rune(a), []rune(b.(string))
		for i := 0; ; i++ {
			if i == len(x) || i == len(y) {
				t = len(x) < len(y)
				break
			}
			if x[i] != y[i] {
				t = x[i] < y[i]
				break
			}
		}
	case float64:
		t = a < b.(float64)
	case bool:
		t = !a && b.(bool)
	case time.Time:
		t = a.Before(b.(time.Time))
	}
	return &t
}

func not(a *bool) *bool {
	if a == nil {
		return nil
	}
	t := !*a
	return &t
}

// both is the standard's table for AND.
func both(a, b *bool) *bool {
	switch {
	case a != nil && !*a:
		return a
	case b != nil && !*b:
		return b
	case a == nil || b == nil:
		return nil
	}
	return a
}

func either(a, b *bool) *bool { return not(both(not(a), not(b))) }

func equal(a, b any) *bool { return both(not(before(a, b)), not(before(b, a))) }

func (r reference) eval(e Expr) *bool {
	switch e := e.(type) {
	case *And:
		t := r.eval(e.Args[0])
		for _, a := range e.Args[1:] {
			t = both(t, r.eval(a))
		}
		return t
	case *Or:
		t := r.eval(e.Args[0])
		for _, a := range e.Args[1:] {
			t = either(t, r.eval(a))
		}
		return t
	case *Not:
		return not(r.eval(e.Arg))
	case *Literal:
		t := e.Value.Boolean()
		return &t
	case *IsNull:
		t := r.value(e.Arg) == nil
		return &t
	case *In:
		t := equal(r.value(e.Arg), r.value(e.List[0]))
		for _, item := range e.List[1:] {
			t = either(t, equal(r.value(e.Arg), r.value(item)))
		}
		return t
	case *Between:
		arg := r.value(e.Arg)
		return both(not(before(arg, r.value(e.Low))), not(before(r.value(e.High), arg)))
	case *Like:
		return r.like(e)
	case *Comparison:
		return r.compare(e)
	case *TemporalPredicate:
		return r.temporal(e)
	}
	return nil
}

func (r reference) compare(e *Comparison) *bool {
	a, b := r.value(e.Left), r.value(e.Right)
	switch e.Op {
	case Equal:
		return equal(a, b)
	case NotEqual:
		return not(equal(a, b))
	case Less:
		return before(a, b)
	case Greater:
		return before(b, a)
	case LessOrEqual:
		return not(before(b, a))
	}
	return not(before(a, b))
}

func (r reference) like(e *Like) *bool {
	s, ok := r.value(e.Arg).(string)
	if !ok {
		return nil
	}
	expr, escaped := "(?s)^", false
	for _, c := range r.value(e.Pattern).(string) {
		switch {
		case escaped:
			expr += regexp.QuoteMeta(string(c))
			escaped = false
		case c == '\\':
			escaped = true
		case c == '%':
			expr += ".*"
		case c == '_':
			expr += "."
		default:
			expr += regexp.QuoteMeta(string(c))
		}
	}
	t := regexp.MustCompile(expr + "$").MatchString(s)
	return &t
}

// temporal spells out OWL-Time's definitions one by one.
func (r reference) temporal(e *TemporalPredicate) *bool {
	ends := func(e Expr) (any, any) {
		i, ok := e.(*Interval)
		if !ok {
			return r.value(e), r.value(e)
		}
		var from, to any = time.Unix(-1e11, 0), time.Unix(1e12, 0)
		if i.Start != nil {
			from = r.value(i.Start)
		}
		if i.End != nil {
			to = r.value(i.End)
		}
		return from, to
	}
	s1, e1 := ends(e.Left)
	s2, e2 := ends(e.Right)
	return map[TemporalOp]*bool{
		TAfter:        before(e2, s1),
		TBefore:       before(e1, s2),
		TDisjoint:     either(before(e1, s2), before(e2, s1)),
		TIntersects:   not(either(before(e1, s2), before(e2, s1))),
		TEquals:       both(equal(s1, s2), equal(e1, e2)),
		TContains:     both(before(s1, s2), before(e2, e1)),
		TDuring:       both(before(s2, s1), before(e1, e2)),
		TFinishedBy:   both(before(s1, s2), equal(e1, e2)),
		TFinishes:     both(before(s2, s1), equal(e1, e2)),
		TMeets:        equal(e1, s2),
		TMetBy:        equal(s1, e2),
		TOverlappedBy: both(before(s2, s1), both(before(s1, e2), before(e2, e1))),
		TOverlaps:     both(before(s1, s2), both(before(s2, e1), before(e1, e2))),
		TStartedBy:    both(equal(s1, s2), before(e2, e1)),
		TStarts:       both(equal(s1, s2), before(e1, e2)),
	}[e.Op]
}

func truth(b *bool) Truth {
	if b == nil {
		return Unknown
	}
	return truthOf(*b)
}

// FuzzEval grows a tree and features: the tree passes the check, reads back
// from both encodings, evaluates as the reference does, and what Missing names
// is missing indeed.
func FuzzEval(f *testing.F) {
	f.Add(uint64(3046)) // ACCENTI of CASEI
	for seed := range uint64(300) {
		f.Add(seed)
	}
	q := names(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := grower{rand.New(rand.NewPCG(seed, 1))}
		e := g.condition(4)
		if err := q.Check(e, ""); err != nil {
			t.Fatalf("%s\n%v", FormatText(e), err)
		}
		roundTrip(t, e)
		for range 20 {
			feature := g.feature()
			env := Env{Property: func(name string) Value { return feature[name] }}
			got, want := env.Eval(e), truth(reference(feature).eval(e))
			if got != want {
				t.Fatalf("%s on %v = %v, want %v", FormatText(e), feature, got, want)
			}
			missing := env.Missing(e)
			if got != Unknown && len(missing) > 0 {
				t.Fatalf("%s is %v and yet misses %v", FormatText(e), got, missing)
			}
			for _, m := range missing {
				if feature[m].Kind() != Missing {
					t.Fatalf("%s misses %s, which is %v", FormatText(e), m, feature[m])
				}
			}
		}
	})
}
