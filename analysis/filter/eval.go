package filter

import (
	"math"
	"slices"
)

// Truth is the value of a condition.
type Truth int8

// The three values, in their order: AND is the least, OR the greatest.
const (
	No      Truth = -1
	Unknown Truth = 0
	Yes     Truth = 1
)

// String is "no", "unknown" or "yes".
func (t Truth) String() string { return [...]string{"no", "unknown", "yes"}[t+1] }

func truthOf(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

// Env is what a filter is evaluated against: one feature.
type Env struct {
	// Property is the value of a name; the zero Value is a missing one.
	Property func(name string) Value
	// Relate evaluates a spatial predicate, whose operands are Property,
	// GeometryLiteral, BBox or Function. Where it is nil, spatial predicates
	// are Unknown.
	Relate func(*SpatialPredicate) Truth
	// Call is the value of a declared function. Where it is nil, functions are
	// missing values.
	Call func(name string, args []Value) Value
}

// Eval evaluates a condition with the values that property gives.
func Eval(e Expr, property func(name string) Value) Truth {
	env := Env{Property: property}
	return env.Eval(e)
}

// Eval evaluates a condition. A missing value, and one of another kind than
// the filter compares with, make a predicate Unknown.
func (v *Env) Eval(e Expr) Truth {
	switch e := e.(type) {
	case *Comparison:
		return compare(e.Op, v.value(e.Left), v.value(e.Right))
	case *And:
		t := Yes
		for _, a := range e.Args {
			if t = min(t, v.Eval(a)); t == No {
				break
			}
		}
		return t
	case *Or:
		t := No
		for _, a := range e.Args {
			if t = max(t, v.Eval(a)); t == Yes {
				break
			}
		}
		return t
	case *Not:
		return -v.Eval(e.Arg)
	case *In:
		return v.in(e)
	case *IsNull:
		_, interval := e.Arg.(*Interval) // a time, though no scalar
		return truthOf(!interval && v.value(e.Arg).kind == Missing)
	case *Between:
		arg := v.value(e.Arg)
		return min(compare(GreaterOrEqual, arg, v.value(e.Low)), compare(LessOrEqual, arg, v.value(e.High)))
	case *Like:
		arg, pattern := v.value(e.Arg), v.value(e.Pattern)
		if arg.kind != Text || pattern.kind != Text {
			return Unknown
		}
		return truthOf(like(arg.text, pattern.text))
	case *SpatialPredicate:
		if v.Relate == nil {
			return Unknown
		}
		return v.Relate(e)
	case *TemporalPredicate:
		return v.temporal(e)
	}
	if b := v.value(e); b.kind == Boolean {
		return truthOf(b.Boolean())
	}
	return Unknown
}

func (v *Env) in(e *In) Truth {
	arg := v.value(e.Arg)
	if arg.kind == Missing {
		return Unknown
	}
	t := No
	for _, item := range e.List {
		if t = max(t, compare(Equal, arg, v.value(item))); t == Yes {
			break
		}
	}
	return t
}

func compare(op CompareOp, a, b Value) Truth {
	if a.kind != b.kind || a.kind == Missing || a.kind == Geometry {
		return Unknown
	}
	switch op {
	case Equal:
		return truthOf(a.equal(b))
	case NotEqual:
		return truthOf(!a.equal(b))
	case Less:
		return truthOf(a.order(b) < 0)
	case Greater:
		return truthOf(a.order(b) > 0)
	case LessOrEqual:
		return truthOf(a.order(b) <= 0)
	}
	return truthOf(a.order(b) >= 0)
}

func (v *Env) value(e Expr) Value {
	switch e := e.(type) {
	case *Property:
		return v.Property(e.Name)
	case *Literal:
		return e.Value
	case *Arithmetic:
		return arithmetic(e.Op, v.value(e.Left), v.value(e.Right))
	case *Fold:
		if e.done.kind == Text {
			return e.done
		}
		arg := v.value(e.Arg)
		if arg.kind == Text {
			arg.text = e.Op.fold(arg.text)
			return arg
		}
	case *Function:
		if v.Call == nil {
			return Value{}
		}
		args := make([]Value, len(e.Args))
		for i, a := range e.Args {
			args[i] = v.value(a)
		}
		return v.Call(e.Name, args)
	case *GeometryLiteral, *BBox:
		return SomeGeometry()
	}
	return Value{}
}

// arithmetic is missing where an operand is, or the result is out of the range
// of float64, be it too large or too small.
func arithmetic(op ArithmeticOp, left, right Value) Value {
	if left.kind != Number || right.kind != Number {
		return Value{}
	}
	a, b := left.Number(), right.Number()
	switch op {
	case Add:
		return NumberOf(a + b)
	case Subtract:
		return NumberOf(a - b)
	case Multiply:
		return inRange(a*b, a != 0 && b != 0)
	case Power:
		return inRange(math.Pow(a, b), a != 0)
	}
	quotient := inRange(a/b, a != 0)
	if op == Divide || quotient.kind == Missing {
		return quotient
	}
	whole := math.Trunc(a / b)
	if op == IntegerDivide {
		return NumberOf(whole)
	}
	// Not math.Mod: SQL has no exact remainder of float8, and both must agree.
	// The conversion keeps the compiler from fusing both steps.
	return NumberOf(a - float64(b*whole))
}

// inRange is f, or missing where it is not finite, or is 0 only because it is
// too small for a float64.
func inRange(f float64, notZero bool) Value {
	if f == 0 && notZero {
		return Value{}
	}
	return NumberOf(f)
}

// Missing names the properties without a value that keep a condition Unknown,
// each once: a fact for one of them may decide it. It is empty where the
// condition is Yes or No.
func (v *Env) Missing(e Expr) []string {
	var names []string
	v.missing(e, &names)
	return names
}

func (v *Env) missing(e Expr, names *[]string) {
	if v.Eval(e) != Unknown {
		return
	}
	switch e := e.(type) {
	case *And, *Or, *Not:
		for _, a := range Children(e) {
			v.missing(a, names)
		}
		return
	}
	for _, name := range Properties(e) {
		if v.Property(name).kind == Missing && !slices.Contains(*names, name) {
			*names = append(*names, name)
		}
	}
}
