package indicator

import (
	"math/big"

	"github.com/muscope/muscope/analysis/land"
)

// The reasons of an indicator without a value; texts in data/i18n.
const (
	ReasonEmptyBase    = "empty_base"    // the base holds no land, or the divisor is 0
	ReasonMissingInput = "missing_input" // nothing is covered; Missing says what to supply
	ReasonNoStats      = "no_stats"      // the zone has no stats of a year that had ended
	ReasonOverflow     = "overflow"      // a sum left the range of exact numbers
)

// Where money and floor areas came from, in Indicator.Source; stats are named
// with their year ("stats 2024").
const (
	SourceParcels      = "parcels"
	SourceFloor        = "floor_area_m2"
	SourceDoubledFloor = "far_floor_area_m2"
	SourceMixedFloor   = "far_floor_area_m2+floor_area_m2"
)

// roundings is how many figures of a part, each rounded to a millionth, make
// its numerator at most (footprint, structures and yards), halved and rounded up.
const roundings = 2

// slab gives out the small values that indicators point to, many at a time.
type slab struct {
	floats    []float64
	amounts   []land.Quantity
	bounds    []land.Bounds
	fractions []land.Fraction
	missing   []land.Missing // grows; what was given out of it stays
}

func newSlab(indicators int) *slab {
	return &slab{floats: make([]float64, 0, 3*indicators), amounts: make([]land.Quantity, 0, 2*indicators),
		bounds: make([]land.Bounds, 0, indicators), fractions: make([]land.Fraction, 0, 2*indicators)}
}

func put[T any](in *[]T, v T) *T {
	if len(*in) == cap(*in) { // what was given out keeps the old room
		*in = make([]T, 0, max(cap(*in), 4))
	}
	*in = append(*in, v)
	return &(*in)[len(*in)-1]
}

// indicator computes a formula from its sums.
func (f *formula) indicator(s *sum, g *figures, out *slab) land.Indicator {
	r := land.Indicator{ID: f.id, Unit: f.unit, Missing: s.gaps(out), Source: f.source(s, g), Rounding: roundings * land.Fixed(s.cuts)}
	n, d := g.amount(f.num.fixed), g.amount(f.den.fixed)
	if s.over {
		r.Reason = ReasonOverflow
		return r
	}
	if !n.Known || !d.Known {
		f.lack(&r, n, d, s, g, out)
		return r
	}
	sure := point{s.covered.n + n.Value, s.covered.d + d.Value}
	most, some := s.open.extreme(sure, +1)
	if !some {
		f.empty(&r, s, sure, out)
		return r
	}
	least, _ := s.open.extreme(sure, -1)
	r.MayBeEmpty = sure.d+s.open.least.d <= 0
	f.bound(&r, least, most, out)
	f.cover(&r, s, sure, out)
	return r
}

// source says where money and floor areas came from.
func (f *formula) source(s *sum, g *figures) string {
	switch {
	case f.num.fixed.isStat() || f.den.fixed.isStat():
		if g.hasStats {
			return g.source()
		}
	case f.num.unit == land.UnitWan:
		return SourceParcels
	case f.num.name == "far_floor_area":
		return [...]string{"", SourceFloor, SourceDoubledFloor, SourceMixedFloor}[s.far]
	}
	return ""
}

// lack is an indicator that wants a figure of the zone as a whole. A divisor
// that is surely 0 goes before a missing numerator.
func (f *formula) lack(r *land.Indicator, n, d land.Number, s *sum, g *figures, out *slab) {
	r.Reason = ReasonMissingInput
	for _, side := range []struct {
		fixed
		land.Number
	}{{f.num.fixed, n}, {f.den.fixed, d}} {
		if side.Known {
			continue
		}
		r.Missing = append(r.Missing, land.Missing{Field: side.field()})
		if side.isStat() && !g.hasStats {
			r.Reason = ReasonNoStats
		}
	}
	if n.Known {
		r.Numerator = f.quantity(f.num, s.covered.n+n.Value, out)
	}
	if !d.Known {
		return
	}
	if _, some := s.open.extreme(point{0, s.covered.d + d.Value}, +1); !some {
		r.Missing, r.Reason, r.Exact, r.Coverage = nil, ReasonEmptyBase, true, 1
	}
	r.Denominator = f.quantity(f.den, s.covered.d+d.Value, out)
}

func (f *formula) empty(r *land.Indicator, s *sum, sure point, out *slab) {
	r.Reason, r.Missing, r.Exact, r.Coverage = ReasonEmptyBase, nil, true, 1
	r.Numerator, r.Denominator = f.quantity(f.num, sure.n, out), f.quantity(f.den, sure.d, out)
}

// cover gives the ratio over the covered parcels, and how much they are of the
// base. Where a side holds the whole zone, uncovered parcels are taken off it.
func (f *formula) cover(r *land.Indicator, s *sum, at point, out *slab) {
	r.Exact = s.open.count == 0
	base := s.area + s.open.area
	switch {
	case f.den.fixed == zoneArea:
		base = at.d + s.open.least.d
		at.d -= s.open.area
	case f.num.fixed == zoneArea:
		base = at.n + s.area
		at.n -= s.open.area
	}
	switch {
	case r.Exact:
		r.Coverage = 1
	case base > 0:
		r.Coverage = min(1, max(0, float64(base-s.open.area)/float64(base)))
	}
	if at.d <= 0 {
		if r.Exact {
			r.Reason, r.Bounds = ReasonEmptyBase, nil
			return
		}
		r.Reason = ReasonMissingInput
		return
	}
	r.Value = put(&out.floats, f.value(at))
	r.Numerator, r.Denominator = f.quantity(f.num, at.n, out), f.quantity(f.den, at.d, out)
}

// bound gives both ends in the indicator's unit, as numbers and exactly.
func (f *formula) bound(r *land.Indicator, least, most limit, out *slab) {
	var b land.Bounds
	if !least.none {
		b.Lo = put(&out.floats, f.value(least.point))
		r.LoExact = f.fraction(least.point, out)
	}
	if !most.none {
		b.Hi = put(&out.floats, f.value(most.point))
		r.HiExact = f.fraction(most.point, out)
	}
	if !least.none || !most.none {
		r.Bounds = put(&out.bounds, b)
	}
}

func (f *formula) quantity(of side, v land.Fixed, out *slab) *land.Quantity {
	if of.unit == land.UnitM2PerYear {
		v = (v + yearsOfSupply/2) / yearsOfSupply
	}
	return put(&out.amounts, land.Quantity{Value: v, Unit: of.unit})
}

// value is the ratio in the formula's unit, as the nearest float64.
func (f *formula) value(p point) float64 {
	const exact = 1 << 53
	sn, sd := f.scale()
	if abs(p.n) < land.Fixed(exact/sn) && abs(p.d) < land.Fixed(exact/sd) {
		return float64(int64(p.n)*sn) / float64(int64(p.d)*sd)
	}
	n := new(big.Int).Mul(big.NewInt(int64(p.n)), big.NewInt(sn))
	d := new(big.Int).Mul(big.NewInt(int64(p.d)), big.NewInt(sd))
	v, _ := new(big.Rat).SetFrac(n, d).Float64()
	return v
}

// fraction is the ratio in the formula's unit, exactly; nil where that leaves
// the range.
func (f *formula) fraction(p point, out *slab) *land.Fraction {
	sn, sd := f.scale()
	g := gcd(abs(p.n), abs(p.d))
	p.n, p.d = p.n/g, p.d/g
	const end = 1<<63 - 1
	if abs(p.n) > land.Fixed(end/sn) || abs(p.d) > land.Fixed(end/sd) {
		return nil
	}
	return put(&out.fractions, land.Fraction{Num: p.n * land.Fixed(sn), Den: p.d * land.Fixed(sd)})
}

func abs(f land.Fixed) land.Fixed { return max(f, -f) }

func gcd(a, b land.Fixed) land.Fixed {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, 1)
}
