package filter

import (
	"slices"

	"github.com/paulmach/orb"
)

// Span is the place of a node in its source: bytes From up to, not including,
// To. A tree built by hand has zero spans.
type Span struct{ From, To int }

// Place is the span itself, so that every node that embeds one has a place.
func (s Span) Place() Span { return s }

// Expr is a node of a filter: one of the pointer types of this file. Walk it
// with a type switch or with Walk. Nodes are never changed after parsing and
// may be shared by goroutines.
type Expr interface {
	// Place is where the node stands in its source.
	Place() Span
	expr()
}

// And holds where all Args (two or more conditions) hold.
type And struct {
	Span
	Args []Expr
}

// Or holds where one of Args (two or more conditions) holds.
type Or struct {
	Span
	Args []Expr
}

// Not turns Yes into No and No into Yes. NOT LIKE, NOT IN, NOT BETWEEN and IS
// NOT NULL are a Not around the plain predicate, as in the JSON encoding.
type Not struct {
	Span
	Arg Expr
}

// Comparison compares two scalars of one kind.
type Comparison struct {
	Span
	Op          CompareOp
	Left, Right Expr
}

// Like matches text with a pattern: a Literal of text, or Folds around one.
type Like struct {
	Span
	Arg, Pattern Expr
}

// Between holds where Low ≤ Arg ≤ High.
type Between struct {
	Span
	Arg, Low, High Expr
}

// In holds where Arg equals one of List, which has one or more scalars.
type In struct {
	Span
	Arg  Expr
	List []Expr
}

// IsNull holds where Arg has no value. It is Yes or No, never Unknown.
type IsNull struct {
	Span
	Arg Expr
}

// SpatialPredicate relates two geometries: Property, GeometryLiteral, BBox or
// Function.
type SpatialPredicate struct {
	Span
	Op          SpatialOp
	Left, Right Expr
}

// TemporalPredicate relates two times: Property, Literal (date or timestamp),
// Interval or Function.
type TemporalPredicate struct {
	Span
	Op          TemporalOp
	Left, Right Expr
}

// Arithmetic is a number made of two numbers. A minus before anything but a
// number literal is a multiplication by -1.
type Arithmetic struct {
	Span
	Op          ArithmeticOp
	Left, Right Expr
}

// Fold is CASEI or ACCENTI: text without regard to case or to accents.
type Fold struct {
	Span
	Op  FoldOp
	Arg Expr

	// done is the folded text where Arg is constant, so that Eval needn't fold
	// it for every feature.
	done Value
}

// Property is the value of a queryable.
type Property struct {
	Span
	Name string
}

// Literal is a text, number, boolean, date or timestamp.
type Literal struct {
	Span
	Value Value
}

// Interval is a time from Start to End, both included. An end is a Literal
// (date or timestamp), a Property or a Function; nil is open ('..').
type Interval struct {
	Span
	Start, End Expr
}

// GeometryLiteral is a geometry of the filter, 2-D, with the axis order of the
// CRS that the filter's coordinates have. It is never empty; a Collection
// holds no other Collection.
type GeometryLiteral struct {
	Span
	Geometry orb.Geometry
}

// BBox is a box by axis, as the filter's CRS orders them. Min may be beyond
// Max on one axis: the box then spans the antimeridian.
type BBox struct {
	Span
	Min, Max [2]float64
}

// Function is a call of a declared function.
type Function struct {
	Span
	Name string
	Args []Expr
}

// invalid stands where a fault was found, so that the rest can be read; no
// tree that is handed out has one.
type invalid struct{ Span }

func (*And) expr()               {}
func (*Or) expr()                {}
func (*Not) expr()               {}
func (*Comparison) expr()        {}
func (*Like) expr()              {}
func (*Between) expr()           {}
func (*In) expr()                {}
func (*IsNull) expr()            {}
func (*SpatialPredicate) expr()  {}
func (*TemporalPredicate) expr() {}
func (*Arithmetic) expr()        {}
func (*Fold) expr()              {}
func (*Property) expr()          {}
func (*Literal) expr()           {}
func (*Interval) expr()          {}
func (*GeometryLiteral) expr()   {}
func (*BBox) expr()              {}
func (*Function) expr()          {}
func (*invalid) expr()           {}

// Children are the nodes directly below e, in the order of the source.
func Children(e Expr) []Expr {
	switch e := e.(type) {
	case *And:
		return e.Args
	case *Or:
		return e.Args
	case *Not:
		return []Expr{e.Arg}
	case *Comparison:
		return []Expr{e.Left, e.Right}
	case *Like:
		return []Expr{e.Arg, e.Pattern}
	case *Between:
		return []Expr{e.Arg, e.Low, e.High}
	case *In:
		return append([]Expr{e.Arg}, e.List...)
	case *IsNull:
		return []Expr{e.Arg}
	case *SpatialPredicate:
		return []Expr{e.Left, e.Right}
	case *TemporalPredicate:
		return []Expr{e.Left, e.Right}
	case *Arithmetic:
		return []Expr{e.Left, e.Right}
	case *Fold:
		return []Expr{e.Arg}
	case *Interval:
		return slices.DeleteFunc([]Expr{e.Start, e.End}, func(e Expr) bool { return e == nil })
	case *Function:
		return e.Args
	}
	return nil
}

// Walk calls visit for e and all nodes below it, a node before its children.
// Where visit gives false, the children are left out.
func Walk(e Expr, visit func(Expr) bool) {
	if !visit(e) {
		return
	}
	for _, c := range Children(e) {
		Walk(c, visit)
	}
}

// Properties are the names that e uses, each once, in the order of the source.
func Properties(e Expr) []string {
	var names []string
	Walk(e, func(e Expr) bool {
		if p, ok := e.(*Property); ok && !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
		return true
	})
	return names
}
