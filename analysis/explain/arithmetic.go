package explain

import (
	"encoding/json"
	"math/big"
	"strings"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
)

// inUnit is an amount in a unit, exactly: areas are held in m².
func inUnit(v land.Fixed, u land.Unit) *big.Rat {
	r := big.NewRat(int64(v), int64(land.One))
	switch u {
	case land.UnitMu:
		return r.Mul(r, big.NewRat(15, 10_000))
	case land.UnitHa:
		return r.Mul(r, big.NewRat(1, 10_000))
	case land.UnitKm2:
		return r.Mul(r, big.NewRat(1, 1_000_000))
	}
	return r
}

// exactPlaces is more than any sum of six places times a limit of six places
// and a unit's factor has.
const exactPlaces = 24

// decimal writes a number without rounding where it has an end, else to
// exactPlaces.
func decimal(r *big.Rat) json.Number {
	s := r.FloatString(exactPlaces)
	return json.Number(strings.TrimRight(strings.TrimRight(s, "0"), "."))
}

// sides are both sides of a figure, exactly, in their units.
type sides struct {
	num, den *big.Rat
	years    *big.Rat // the denominator's divisor
	numUnit  land.Unit
	denUnit  land.Unit
}

// sidesOf is what is sure of a figure: the covered parcels and the zone's own
// figures. less says that the area of uncovered parcels is taken off a side that
// holds the whole zone, as the figure over the covered parcels does.
func sidesOf(t *indicator.Traced, less bool) (s sides, ok bool) {
	s = sides{numUnit: t.Numerator.Unit, denUnit: t.Denominator.Unit, years: big.NewRat(t.Denominator.Years, 1)}
	ok = true
	sum := func(side *indicator.Side) *big.Rat {
		v := side.Parcels
		if side.Field != "" {
			ok = ok && side.Whole.Known
			v += side.Whole.Value
		}
		if less {
			v -= side.Uncovered
		}
		return inUnit(v, side.Unit)
	}
	s.num, s.den = sum(&t.Numerator), sum(&t.Denominator)
	s.den.Quo(s.den, s.years)
	return s, ok
}

// over is numerator − limit × denominator of a choice.
func (s *sides) over(n, d land.Fixed, limit *big.Rat) *big.Rat {
	allowed := inUnit(d, s.denUnit)
	allowed.Quo(allowed, s.years).Mul(allowed, limit)
	return new(big.Rat).Sub(inUnit(n, s.numUnit), allowed)
}

// compare puts the arithmetic of the verdict in place.
func (w *watcher) compare(d *Document, t *indicator.Traced) {
	if d.Limit == nil || d.Limit.Value == nil || d.Verdict == nil {
		return
	}
	limit := inUnit(*d.Limit.Value, "")
	c := &Comparison{Unit: t.Numerator.Unit, Limit: decimal(limit)}
	if s, ok := sidesOf(t, true); ok && s.den.Sign() > 0 {
		allowed := new(big.Rat).Mul(limit, s.den)
		difference := new(big.Rat).Sub(s.num, allowed)
		c.Numerator, c.Denominator, c.Allowed, c.Difference = decimal(s.num), decimal(s.den), decimal(allowed), decimal(difference)
		c.Observed = new(big.Rat).Quo(s.num, s.den).RatString()
		c.Sign = signWord(difference.Sign())
		if d.Indicator.Figure.Exact {
			ok := holds(d.Limit.Comparison, difference.Sign())
			c.Holds = &ok
		}
	}
	if f := &d.Indicator.Figure; !f.Exact && f.Bounds != nil {
		c.Lo = w.end(f.Bounds.Lo, f.LoExact, limit, d.Limit.Comparison)
		c.Hi = w.end(f.Bounds.Hi, f.HiExact, limit, d.Limit.Comparison)
	}
	d.Comparison = c
}

// end compares one end of the bounds with the limit.
func (w *watcher) end(bound *float64, exact *land.Fraction, limit *big.Rat, comparison string) *End {
	if bound == nil {
		return nil
	}
	e := &End{Value: *bound}
	at := new(big.Rat)
	if exact != nil {
		at.SetFrac64(int64(exact.Num), int64(exact.Den))
		e.Exact = at.RatString()
	} else {
		at.SetFloat64(*bound)
	}
	sign := at.Cmp(limit)
	e.Sign, e.Holds = signWord(sign), holds(comparison, sign)
	return e
}
