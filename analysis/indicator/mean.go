package indicator

import (
	"math/big"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// "Average" of a ratio over zones can mean two things: the ratio of the sums,
// which is the set's own indicator, and the mean of the zones' ratios, in which
// a small zone weighs as much as a large one. The second has an id of its own.

// MeanSuffix makes the id of the mean over zones from that of an indicator.
const MeanSuffix = ".mean_of_zones"

// MeanOf is the id of the mean over zones of an indicator.
func MeanOf(id string) string { return id + MeanSuffix }

// IsMean gives the indicator that a mean over zones is of.
func IsMean(id string) (of string, ok bool) { return strings.CutSuffix(id, MeanSuffix) }

// mean gathers the zones' values of one indicator.
type mean struct {
	zones   int64 // in which there is, or may be, a ratio
	exact   int64 // in which it is known
	valued  int64
	sum     *ratioSum // of the values
	lo, hi  *ratioSum // of the bounds; nil: one zone has none
	empty   bool      // in some zone there may be no ratio at all
	missing []land.Missing
}

func newMean() mean {
	return mean{sum: newRatioSum(false), lo: newRatioSum(false), hi: newRatioSum(true)}
}

// exactZones is up to how many zones a sum of ratios is exact: its denominator
// grows with each zone, so that ten thousand would take minutes. Beyond, each
// ratio is rounded outwards to 2^-fineBits, whatever the order of zones.
const (
	exactZones = 256
	fineBits   = 128
)

// ratioSum is a sum of ratios, exact or rounded down (up).
type ratioSum struct {
	up    bool
	n     int
	exact *big.Rat
	fine  *big.Int // of 2^-fineBits
}

func newRatioSum(up bool) *ratioSum {
	return &ratioSum{up: up, exact: new(big.Rat), fine: new(big.Int)}
}

func (s *ratioSum) add(r *big.Rat) {
	if s.n++; s.n <= exactZones {
		s.exact.Add(s.exact, r)
	}
	q, rest := new(big.Int).DivMod(new(big.Int).Lsh(r.Num(), fineBits), r.Denom(), new(big.Int))
	if s.up && rest.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	s.fine.Add(s.fine, q)
}

func (s *ratioSum) value() *big.Rat {
	if s.n <= exactZones {
		return s.exact
	}
	return new(big.Rat).SetFrac(s.fine, new(big.Int).Lsh(big.NewInt(1), fineBits))
}

// add takes a zone's indicator. A zone without a base has no ratio, and is left
// out of the mean.
func (m *mean) add(i *land.Indicator) {
	if i.Reason == ReasonEmptyBase && i.Exact {
		return
	}
	m.zones++
	m.empty = m.empty || i.MayBeEmpty
	if i.Exact {
		m.exact++
	}
	if i.Value != nil {
		m.valued++
		m.sum.add(valueOf(i))
	}
	m.lo, m.hi = extend(m.lo, i.LoExact), extend(m.hi, i.HiExact)
	for _, gap := range i.Missing {
		m.want(gap)
	}
}

func (m *mean) want(gap land.Missing) {
	for i := range m.missing {
		if m.missing[i].Field == gap.Field {
			m.missing[i].Parcels += gap.Parcels
			m.missing[i].AreaM2 += gap.AreaM2
			return
		}
	}
	m.missing = append(m.missing, gap)
}

// valueOf is the zone's ratio, exactly where it is.
func valueOf(i *land.Indicator) *big.Rat {
	if i.Exact && i.LoExact != nil {
		return ratOf(i.LoExact)
	}
	if r := new(big.Rat).SetFloat64(*i.Value); r != nil {
		return r
	}
	return new(big.Rat)
}

func ratOf(f *land.Fraction) *big.Rat { return big.NewRat(int64(f.Num), int64(f.Den)) }

func extend(sum *ratioSum, f *land.Fraction) *ratioSum {
	if sum == nil || f == nil {
		return nil
	}
	sum.add(ratOf(f))
	return sum
}

// indicator is the mean over the zones whose ratio is known; its bounds are
// over all. Numerator is the sum of the ratios, denominator how many they are.
func (m *mean) indicator(id string, unit land.Unit) land.Indicator {
	slices.SortFunc(m.missing, func(a, b land.Missing) int { return strings.Compare(a.Field, b.Field) }) // zones come in any order
	out := land.Indicator{ID: MeanOf(id), Unit: unit, Exact: m.exact == m.zones && !m.empty, Missing: slices.Clone(m.missing), MayBeEmpty: m.empty}
	if m.zones == 0 {
		out.Reason, out.Exact, out.Coverage, out.Missing = ReasonEmptyBase, true, 1, nil
		return out
	}
	out.Coverage = float64(m.exact) / float64(m.zones)
	if !m.empty {
		out.LoExact, out.HiExact = meanEnd(m.lo, m.zones, false), meanEnd(m.hi, m.zones, true)
		out.Bounds = boundsOf(out.LoExact, out.HiExact)
	}
	if m.valued == 0 {
		out.Reason = ReasonMissingInput
		return out
	}
	v, _ := new(big.Rat).Quo(m.sum.value(), big.NewRat(m.valued, 1)).Float64()
	out.Value = &v
	sum, _ := m.sum.value().Float64()
	if total, err := land.FixedOf(sum); err == nil {
		out.Numerator = &land.Quantity{Value: total, Unit: unit}
		out.Denominator = &land.Quantity{Value: land.Fixed(m.valued) * land.One, Unit: land.UnitZones}
	}
	return out
}

// grid is the denominator of the ends of a mean: they are rounded outwards to
// it, so that a mean exactly on a limit is compared as such.
const grid = 1_000_000_000

// meanEnd is a sum of ends over the number of zones; nil where there is no end,
// or it leaves the range.
func meanEnd(sum *ratioSum, zones int64, up bool) *land.Fraction {
	if sum == nil {
		return nil
	}
	scaled := new(big.Rat).Mul(new(big.Rat).Quo(sum.value(), big.NewRat(zones, 1)), big.NewRat(grid, 1))
	n, rest := new(big.Int).DivMod(scaled.Num(), scaled.Denom(), new(big.Int))
	if up && rest.Sign() > 0 {
		n.Add(n, big.NewInt(1))
	}
	if !n.IsInt64() {
		return nil
	}
	return &land.Fraction{Num: land.Fixed(n.Int64()), Den: grid}
}

func boundsOf(lo, hi *land.Fraction) *land.Bounds {
	if lo == nil && hi == nil {
		return nil
	}
	b := &land.Bounds{}
	for _, end := range []struct {
		f  *land.Fraction
		to **float64
	}{{lo, &b.Lo}, {hi, &b.Hi}} {
		if end.f != nil {
			v, _ := ratOf(end.f).Float64()
			*end.to = &v
		}
	}
	return b
}

// Means computes the mean over the set's zones of every zone-level indicator,
// in the contract's order.
func (s *Set) Means() []land.Indicator {
	out := make([]land.Indicator, 0, len(s.means))
	for i := range formulas {
		if m, ok := s.means[formulas[i].id]; ok {
			out = append(out, m.indicator(formulas[i].id, formulas[i].unit))
		}
	}
	return out
}

func (s *Set) addMeans(z *Zone) {
	for _, i := range z.Indicators() {
		m, seen := s.means[i.ID]
		if !seen {
			n := newMean()
			m = &n
			s.means[i.ID] = m
		}
		m.add(&i)
	}
}
