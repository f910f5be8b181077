package filter

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// FormatText prints a tree in the text encoding. Reading it again gives the
// same tree.
func FormatText(e Expr) string {
	w := &textWriter{}
	w.expr(e)
	return string(w.b)
}

type textWriter struct{ b []byte }

func (w *textWriter) put(s ...string) {
	for _, s := range s {
		w.b = append(w.b, s...)
	}
}

func (w *textWriter) expr(e Expr) {
	switch e := e.(type) {
	case *And:
		w.list(" AND ", e.Args, w.inLogic)
	case *Or:
		w.list(" OR ", e.Args, w.inLogic)
	case *Not:
		w.not(e)
	case *Comparison:
		w.list(" "+e.Op.String()+" ", []Expr{e.Left, e.Right}, w.operand)
	case *Like:
		w.like(e, "")
	case *Between:
		w.between(e, "")
	case *In:
		w.in(e, "")
	case *IsNull:
		w.operand(e.Arg)
		w.put(" IS NULL")
	case *SpatialPredicate:
		w.call(capitals(e.Op.String()), e.Left, e.Right)
	case *TemporalPredicate:
		w.call(capitals(e.Op.String()), e.Left, e.Right)
	case *Fold:
		w.call(capitals(e.Op.String()), e.Arg)
	case *Function:
		w.call(e.Name, e.Args...)
	case *Arithmetic:
		w.arithmetic(e)
	default:
		w.leaf(e)
	}
}

func (w *textWriter) leaf(e Expr) {
	switch e := e.(type) {
	case *Property:
		w.name(e.Name)
	case *Literal:
		w.literal(e.Value)
	case *Interval:
		w.put("INTERVAL(")
		w.intervalEnd(e.Start)
		w.put(", ")
		w.intervalEnd(e.End)
		w.put(")")
	case *GeometryLiteral:
		w.b = appendWKT(w.b, e.Geometry)
	case *BBox:
		w.put("BBOX(")
		for i, f := range [...]float64{e.Min[0], e.Min[1], e.Max[0], e.Max[1]} {
			if i > 0 {
				w.put(",")
			}
			w.b = appendNumber(w.b, f)
		}
		w.put(")")
	}
}

func (w *textWriter) list(between string, items []Expr, item func(Expr)) {
	for i, e := range items {
		if i > 0 {
			w.put(between)
		}
		item(e)
	}
}

func (w *textWriter) parenthesised(e Expr) {
	w.put("(")
	w.expr(e)
	w.put(")")
}

// inLogic prints an argument of AND, OR or NOT: parentheses around AND and OR,
// even where precedence would do, since the tree keeps them apart.
func (w *textWriter) inLogic(e Expr) {
	switch e.(type) {
	case *And, *Or:
		w.parenthesised(e)
	default:
		w.expr(e)
	}
}

func (w *textWriter) not(e *Not) {
	switch arg := e.Arg.(type) {
	case *Like:
		w.like(arg, "NOT ")
	case *Between:
		w.between(arg, "NOT ")
	case *In:
		w.in(arg, "NOT ")
	case *IsNull:
		w.operand(arg.Arg)
		w.put(" IS NOT NULL")
	case *Not, *Comparison:
		w.put("NOT ")
		w.parenthesised(arg)
	default:
		w.put("NOT ")
		w.inLogic(arg)
	}
}

func (w *textWriter) like(e *Like, not string) {
	w.operand(e.Arg)
	w.put(" ", not, "LIKE ")
	w.operand(e.Pattern)
}

func (w *textWriter) between(e *Between, not string) {
	w.operand(e.Arg)
	w.put(" ", not, "BETWEEN ")
	w.operand(e.Low)
	w.put(" AND ")
	w.operand(e.High)
}

func (w *textWriter) in(e *In, not string) {
	w.operand(e.Arg)
	w.put(" ", not, "IN (")
	w.list(", ", e.List, w.operand)
	w.put(")")
}

// operand prints a scalar; what isn't one by shape gets parentheses.
func (w *textWriter) operand(e Expr) {
	switch e.(type) {
	case *And, *Or, *Not, *Comparison, *Like, *Between, *In, *IsNull:
		w.parenthesised(e)
	default:
		w.expr(e)
	}
}

func (w *textWriter) call(name string, args ...Expr) {
	w.put(name, "(")
	w.list(", ", args, w.operand)
	w.put(")")
}

// arithmetic puts parentheses around operands that bind less, and on the
// right around those that bind the same.
func (w *textWriter) arithmetic(e *Arithmetic) {
	level := precedence(e)
	left := precedence(e.Left)
	if left < level || left == level && e.Op == Power {
		w.parenthesised(e.Left)
	} else {
		w.operand(e.Left)
	}
	w.put(" ", e.Op.String(), " ")
	if precedence(e.Right) <= level {
		w.parenthesised(e.Right)
	} else {
		w.operand(e.Right)
	}
}

func precedence(e Expr) int {
	a, ok := e.(*Arithmetic)
	switch {
	case !ok:
		return 4
	case a.Op == Add || a.Op == Subtract:
		return 1
	case a.Op == Power:
		return 3
	}
	return 2
}

func (w *textWriter) intervalEnd(e Expr) {
	if e == nil {
		w.put("'..'")
		return
	}
	if l, ok := e.(*Literal); ok && (l.Value.kind == Date || l.Value.kind == Timestamp) {
		w.put("'")
		w.b = appendInstant(w.b, l.Value)
		w.put("'")
		return
	}
	w.operand(e)
}

func (w *textWriter) literal(v Value) {
	switch v.kind {
	case Text:
		w.b = appendText(w.b, v.text)
	case Number:
		w.b = appendNumber(w.b, v.Number())
	case Boolean:
		w.put(strings.ToUpper(strconv.FormatBool(v.Boolean())))
	case Date:
		w.put("DATE('")
		w.b = append(appendInstant(w.b, v), "')"...)
	case Timestamp:
		w.put("TIMESTAMP('")
		w.b = append(appendInstant(w.b, v), "')"...)
	}
}

// appendText quotes a text: quotes doubled, and backslashes too where they
// stand right before a quote.
func appendText(b []byte, s string) []byte {
	b = append(b, '\'')
	run := 0
	for i := range len(s) {
		switch s[i] {
		case '\\':
			run++
		case '\'':
			for range run {
				b = append(b, '\\')
			}
			b = append(b, '\'')
			run = 0
		default:
			run = 0
		}
		b = append(b, s[i])
	}
	for range run {
		b = append(b, '\\')
	}
	return append(b, '\'')
}

// name prints a property's name, in quotes where it could be read otherwise.
func (w *textWriter) name(name string) {
	plain := name != ""
	for i, r := range name {
		plain = plain && inName(r) && (i > 0 || startsName(r))
	}
	word := capitals(name)
	if plain && !reserved(word) && !geometryWord(word) {
		w.put(name)
		return
	}
	w.put(`"`, strings.ReplaceAll(name, `"`, `""`), `"`)
}

// appendNumber writes the shortest decimal that reads back as f.
func appendNumber(b []byte, f float64) []byte {
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(b, f, 'E', -1, 64)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

func appendWKT(b []byte, g orb.Geometry) []byte {
	b = append(b, strings.ToUpper(g.GeoJSONType())...)
	switch g := g.(type) {
	case orb.Point:
		return appendItems(b, []orb.Point{g}, appendPosition)
	case orb.LineString:
		return appendItems(b, g, appendPosition)
	case orb.Polygon:
		return appendItems(b, g, appendRing)
	case orb.MultiPoint:
		return appendItems(b, g, func(b []byte, c orb.Point) []byte { return appendItems(b, []orb.Point{c}, appendPosition) })
	case orb.MultiLineString:
		return appendItems(b, g, func(b []byte, c orb.LineString) []byte { return appendItems(b, c, appendPosition) })
	case orb.MultiPolygon:
		return appendItems(b, g, func(b []byte, c orb.Polygon) []byte { return appendItems(b, c, appendRing) })
	case orb.Collection:
		return appendItems(b, g, appendWKT)
	}
	return b
}

func appendRing(b []byte, r orb.Ring) []byte { return appendItems(b, r, appendPosition) }

func appendPosition(b []byte, c orb.Point) []byte {
	return appendNumber(append(appendNumber(b, c[0]), ' '), c[1])
}

// appendItems writes "(item, item)".
func appendItems[T any](b []byte, items []T, item func([]byte, T) []byte) []byte {
	b = append(b, '(')
	for i, c := range items {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = item(b, c)
	}
	return append(b, ')')
}
