package filter

import "strings"

// CompareOp is an operator between two scalars.
type CompareOp uint8

// The comparison operators of Basic CQL2.
const (
	Equal CompareOp = iota
	NotEqual
	Less
	Greater
	LessOrEqual
	GreaterOrEqual
)

var compareNames = [...]string{"=", "<>", "<", ">", "<=", ">="}

// String is the operator as both encodings write it.
func (o CompareOp) String() string { return compareNames[o] }

// ArithmeticOp is an operator between two numbers.
type ArithmeticOp uint8

// The operators of class "Arithmetic Expressions".
const (
	Add ArithmeticOp = iota
	Subtract
	Multiply
	Divide
	Modulo
	// IntegerDivide (div) divides and cuts toward zero.
	IntegerDivide
	Power
)

var arithmeticNames = [...]string{"+", "-", "*", "/", "%", "div", "^"}

// String is the operator as both encodings write it.
func (o ArithmeticOp) String() string { return arithmeticNames[o] }

// FoldOp says what a comparison of text disregards.
type FoldOp uint8

// The folds of text.
const (
	// CaseInsensitive (CASEI) is Unicode's full case folding.
	CaseInsensitive FoldOp = iota
	// AccentInsensitive (ACCENTI) drops the combining marks U+0300 to U+036F.
	AccentInsensitive
)

var foldNames = [...]string{"casei", "accenti"}

// String is the function's name in the JSON encoding.
func (o FoldOp) String() string { return foldNames[o] }

// SpatialOp is a relation between two geometries (OGC 06-103r4 clause 6.1.14.3).
type SpatialOp uint8

// The spatial functions of CQL2.
const (
	SIntersects SpatialOp = iota
	SEquals
	SDisjoint
	STouches
	SWithin
	SOverlaps
	SCrosses
	SContains
)

var spatialNames = [...]string{
	"s_intersects", "s_equals", "s_disjoint", "s_touches", "s_within", "s_overlaps", "s_crosses", "s_contains",
}

// String is the function's name in the JSON encoding.
func (o SpatialOp) String() string { return spatialNames[o] }

// TemporalOp is a relation between two times (OWL-Time's names).
type TemporalOp uint8

// The temporal functions of CQL2. The first five take instants and intervals,
// the others intervals only.
const (
	TAfter TemporalOp = iota
	TBefore
	TDisjoint
	TEquals
	TIntersects
	TContains
	TDuring
	TFinishedBy
	TFinishes
	TMeets
	TMetBy
	TOverlappedBy
	TOverlaps
	TStartedBy
	TStarts
)

var temporalNames = [...]string{
	"t_after", "t_before", "t_disjoint", "t_equals", "t_intersects", "t_contains", "t_during", "t_finishedBy", "t_finishes",
	"t_meets", "t_metBy", "t_overlappedBy", "t_overlaps", "t_startedBy", "t_starts",
}

// String is the function's name in the JSON encoding.
func (o TemporalOp) String() string { return temporalNames[o] }

// IntervalsOnly reports whether the relation is between intervals, not
// instants.
func (o TemporalOp) IntervalsOnly() bool { return o >= TContains }

// opNamed finds name in a table: exactly for JSON, in any case for text.
func opNamed[O ~uint8](table []string, name string, anyCase bool) (O, bool) {
	for i, n := range table {
		if n == name || anyCase && len(n) == len(name) && strings.EqualFold(n, name) {
			return O(i), true
		}
	}
	return 0, false
}
