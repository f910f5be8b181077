package filter

import "math"

// period is a time with both ends; an instant is a period whose ends are one.
type period struct{ start, end bound }

// bound is an end of a period. An open end lies before or behind all others.
type bound struct {
	known bool
	kind  Kind // Missing for an open end
	at    int64
}

func (v *Env) period(e Expr) period {
	i, ok := e.(*Interval)
	if !ok {
		b := boundOf(v.value(e))
		return period{b, b}
	}
	p := period{bound{known: true, at: math.MinInt64}, bound{known: true, at: math.MaxInt64}}
	if i.Start != nil {
		p.start = boundOf(v.value(i.Start))
	}
	if i.End != nil {
		p.end = boundOf(v.value(i.End))
	}
	return p
}

func boundOf(v Value) bound {
	return bound{known: v.kind == Date || v.kind == Timestamp, kind: v.kind, at: int64(v.bits)}
}

// less is a < b; Unknown where a bound is, or one is a date and the other a
// timestamp.
func less(a, b bound) Truth {
	if !sameKind(a, b) {
		return Unknown
	}
	return truthOf(a.at < b.at)
}

func same(a, b bound) Truth {
	if !sameKind(a, b) {
		return Unknown
	}
	return truthOf(a.at == b.at)
}

func sameKind(a, b bound) bool {
	return a.known && b.known && (a.kind == b.kind || a.kind == Missing || b.kind == Missing)
}

// temporal evaluates the relations of the standard's tables 7 and 8 (OWL-Time).
func (v *Env) temporal(e *TemporalPredicate) Truth {
	a, b := v.period(e.Left), v.period(e.Right)
	switch e.Op {
	case TAfter:
		return less(b.end, a.start)
	case TBefore:
		return less(a.end, b.start)
	case TDisjoint:
		return max(less(a.end, b.start), less(b.end, a.start))
	case TIntersects:
		return -max(less(a.end, b.start), less(b.end, a.start))
	case TEquals:
		return min(same(a.start, b.start), same(a.end, b.end))
	case TMeets:
		return same(a.end, b.start)
	case TContains, TFinishedBy, TStartedBy, TOverlaps:
		return within(e.Op, b, a)
	case TMetBy:
		return same(a.start, b.end)
	case TDuring:
		return within(TContains, a, b)
	case TFinishes:
		return within(TFinishedBy, a, b)
	case TStarts:
		return within(TStartedBy, a, b)
	}
	return within(TOverlaps, a, b) // TOverlappedBy
}

// within evaluates "outer op inner", so that each pair of converse relations
// is written once.
func within(op TemporalOp, inner, outer period) Truth {
	switch op {
	case TContains:
		return min(less(outer.start, inner.start), less(inner.end, outer.end))
	case TFinishedBy:
		return min(less(outer.start, inner.start), same(outer.end, inner.end))
	case TStartedBy:
		return min(same(outer.start, inner.start), less(inner.end, outer.end))
	}
	return min(less(outer.start, inner.start), less(inner.start, outer.end), less(outer.end, inner.end)) // TOverlaps
}
