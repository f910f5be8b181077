package explain

import (
	"encoding/json"
	"math/big"
	"slices"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
)

// stretch is what one parcel's missing facts leave open of numerator − limit ×
// denominator: from lo to hi, either without end where it is nil.
type stretch struct {
	*indicator.Contribution
	lo, hi *big.Rat
}

// width is hi − lo; nil is without end.
func (s *stretch) width() *big.Rat {
	if s.lo == nil || s.hi == nil {
		return nil
	}
	return new(big.Rat).Sub(s.hi, s.lo)
}

func sortWidest(list []stretch) { slices.SortStableFunc(list, wider) }

// wider puts the widest first.
func wider(a, b stretch) int {
	x, y := a.width(), b.width()
	switch {
	case x == nil && y == nil:
		return 0
	case x == nil:
		return -1
	case y == nil:
		return 1
	}
	return y.Cmp(x)
}

// decide says which facts would decide the verdict, or make the figure exact.
func (w *watcher) decide(d *Document, t *indicator.Traced) {
	if d.Indicator.Figure.Exact || d.Verdict != nil && d.Verdict.Outcome != land.Incomputable {
		return
	}
	out := &Deciding{Figures: w.figuresMissing(t), Ranking: []Ranked{}, Note: w.words("explain.deciding.ranking")}
	base, ok := sidesOf(t, false)
	limit := w.against(d, t)
	if !ok || limit == nil {
		if len(out.Figures) > 0 {
			out.Note = w.words("explain.deciding.figures")
			d.Deciding = out
		}
		return
	}
	out.Minimal = d.Limit != nil && d.Limit.Value != nil
	out.Unit = t.Numerator.Unit
	open := stretches(t, &base, limit)
	sure := new(big.Rat).Sub(base.num, new(big.Rat).Mul(base.den, limit))
	lo, hi := total(sure, open)
	out.Lo, out.Hi = number(lo), number(hi)
	if out.Minimal {
		out.Note = w.words("explain.deciding.minimal")
		up := d.Limit.Comparison == ">=" || d.Limit.Comparison == ">"
		holding := func(sign int) bool { return holds(d.Limit.Comparison, sign) }
		failing := func(sign int) bool { return !holding(sign) }
		out.Hold = w.fewest(open, sure, up, holding)
		out.Fail = w.fewest(open, sure, !up, failing)
	}
	w.rank(out, open)
	d.Deciding = out
}

// figuresMissing is the figures of the zone as a whole that are unknown.
func (w *watcher) figuresMissing(t *indicator.Traced) (out []Field) {
	for _, s := range []*indicator.Side{&t.Numerator, &t.Denominator} {
		if s.Field != "" && !s.Whole.Known {
			out = append(out, Field{Field: s.Field, Title: w.words("base." + s.Field)})
		}
	}
	return out
}

// against is the limit that decides; without one the figure's own value, else
// an end of its bounds; nil where there is nothing to hold it against.
func (w *watcher) against(d *Document, t *indicator.Traced) *big.Rat {
	if d.Limit != nil && d.Limit.Value != nil {
		return inUnit(*d.Limit.Value, "")
	}
	if s, ok := sidesOf(t, true); ok && s.den.Sign() > 0 && d.Indicator.Figure.Value != nil {
		return new(big.Rat).Quo(s.num, s.den)
	}
	for _, f := range []*land.Fraction{d.Indicator.Figure.HiExact, d.Indicator.Figure.LoExact} {
		if f != nil {
			return new(big.Rat).SetFrac64(int64(f.Num), int64(f.Den))
		}
	}
	return nil
}

// stretches is what every parcel left out leaves open, the widest first.
func stretches(t *indicator.Traced, s *sides, limit *big.Rat) []stretch {
	var out []stretch
	for i := range t.Given {
		c := &t.Given[i]
		if c.Covered {
			continue
		}
		x := stretch{Contribution: c}
		for _, choice := range c.Choices {
			v := s.over(choice.Numerator, choice.Denominator, limit)
			if x.lo == nil || v.Cmp(x.lo) < 0 {
				x.lo = v
			}
			if x.hi == nil || v.Cmp(x.hi) > 0 {
				x.hi = v
			}
		}
		x.grow(limit)
		out = append(out, x)
	}
	sortWidest(out)
	return out
}

// grow takes off the ends that there aren't.
func (s *stretch) grow(limit *big.Rat) {
	one := limit.Cmp(big.NewRat(1, 1))
	if s.GrowsNumerator || s.GrowsBoth && one < 0 {
		s.hi = nil
	}
	if s.GrowsDenominator && limit.Sign() > 0 || s.GrowsBoth && one > 0 {
		s.lo = nil
	}
}

// total is the least and the most of the sum; nil is without end.
func total(sure *big.Rat, open []stretch) (lo, hi *big.Rat) {
	lo, hi = new(big.Rat).Set(sure), new(big.Rat).Set(sure)
	for i := range open {
		if lo != nil && open[i].lo != nil {
			lo.Add(lo, open[i].lo)
		} else {
			lo = nil
		}
		if hi != nil && open[i].hi != nil {
			hi.Add(hi, open[i].hi)
		} else {
			hi = nil
		}
	}
	return lo, hi
}

// fewest is the fewest parcels that can decide one way: up for the sum to be
// great, else for it to be small. With those parcels at their best and all
// others at their worst, the sum must be decided. Each moves it by its own
// width, so that taking the widest first is minimal; those whose worst has no
// end must be among them. It is nil where not even all of them can.
func (w *watcher) fewest(open []stretch, sure *big.Rat, up bool, decided func(sign int) bool) *Fewest {
	sum := new(big.Rat).Set(sure)
	taken := make([]bool, len(open))
	endless := false
	out := &Fewest{IDs: []string{}}
	take := func(i int) {
		taken[i] = true
		if out.Parcels++; len(out.IDs) < w.Limit {
			out.IDs = append(out.IDs, open[i].ID)
		}
	}
	for i := range open {
		worst, best := open[i].ends(up)
		if worst != nil {
			sum.Add(sum, worst)
			continue
		}
		take(i)
		if best == nil {
			endless = true
			continue
		}
		sum.Add(sum, best)
	}
	for i := 0; !endless && !decided(sum.Sign()); i++ {
		if i == len(open) {
			return nil
		}
		if taken[i] {
			continue
		}
		take(i)
		worst, best := open[i].ends(up)
		if best == nil {
			endless = true
			continue
		}
		sum.Add(sum, best).Sub(sum, worst)
	}
	return out
}

// ends is a stretch's worst and best end.
func (s *stretch) ends(up bool) (worst, best *big.Rat) {
	if up {
		return s.lo, s.hi
	}
	return s.hi, s.lo
}

// rank lists the parcels with what knowing their facts closes.
func (w *watcher) rank(out *Deciding, open []stretch) {
	whole, endless := new(big.Rat), false
	for i := range open {
		if width := open[i].width(); width != nil {
			whole.Add(whole, width)
		} else {
			endless = true
		}
	}
	for i := range open[:min(len(open), w.Limit)] {
		x := &open[i]
		r := Ranked{ID: x.ID, Closes: number(x.width())}
		for _, name := range x.Missing {
			r.Missing = append(r.Missing, Field{Field: name, Title: w.words("field." + name)})
		}
		if width := x.width(); width != nil && !endless && whole.Sign() > 0 {
			part, _ := new(big.Rat).Quo(width, whole).Float64()
			r.Part = &part
		}
		out.Ranking = append(out.Ranking, r)
	}
	out.More = len(open) - len(out.Ranking)
}

// number is a number for JSON; nil stays nil.
func number(r *big.Rat) *json.Number {
	if r == nil {
		return nil
	}
	n := decimal(r)
	return &n
}
