package indicator

import (
	"math/bits"
	"slices"

	"github.com/muscope/muscope/analysis/land"
)

// point is what a parcel, or a sum of parcels, gives to the two sides.
type point struct{ n, d land.Fixed }

// rayset is the ways in which unknown figures can grow without end.
type rayset uint8

const (
	rayNum  rayset = 1 << iota // the numerator alone: the ratio has no most
	rayDen                     // the denominator alone: the ratio can come near 0
	rayBoth                    // both alike: the ratio can come near 1
)

// vertices appends the corners of what a parcel can give as a pair, whatever
// its blank figures are, with the rays along which it has no end.
func (a *amounts) vertices(to []point, p pair) ([]point, rayset) {
	low, high := point{a.least[p.num], a.least[p.den]}, point{}
	if a.missing(p.num)|a.missing(p.den) == 0 {
		return append(to, low), 0
	}
	if p.den == floorArea {
		return a.floorVertices(to, p)
	}
	high.d = low.d
	most, bounded := a.most(p.num)
	if !bounded {
		return append(to, low), rayNum
	}
	high.n = most
	return append(to, low, high), 0
}

// floorVertices is vertices over all floors: a part of the floors can't be
// more than the whole, so both sides move together.
func (a *amounts) floorVertices(to []point, p pair) ([]point, rayset) {
	least := a.least[floorArea]
	switch {
	case p.num == floorArea:
		return append(to, point{least, least}), rayBoth
	case p.num == nothing:
		return append(to, point{0, least}), rayDen
	case a.missing(floorArea) == 0: // the ancillary floors are blank
		most, _ := a.most(p.num)
		return append(to, point{0, least}, point{most, least}), 0
	case p.num == floorLessRental:
		return append(to, point{}), rayDen | rayBoth
	case a.missing(ancillaryFloor) == 0:
		return append(to, point{a.least[ancillaryFloor], least}), rayDen
	}
	return append(to, point{}), rayDen | rayBoth
}

// open is the parcels of which a formula doesn't know all, kept as what they
// can give. Parcels whose choices are alike are kept as one sum, since the
// best of them is the same for all.
type open struct {
	area   land.Fixed
	count  int64
	rays   rayset
	least  point          // of parcels of one denominator, their least numerators …
	most   land.Fixed     // … and their greatest
	scaled [16]land.Fixed // area of parcels that give some of (0|area, 0|area), by which of the four
	points []point        // of all other parcels, end to end
	ends   []int
}

func (o *open) detach() {
	o.points, o.ends = slices.Clone(o.points), slices.Clone(o.ends)
}

// add keeps a parcel that gives one of the points, sorted by denominator, then
// numerator. It reports whether a sum left the range.
func (o *open) add(points []point, rays rayset, area land.Fixed) (over bool) {
	o.count++
	o.rays |= rays
	over = addTo(&o.area, area)
	first, last := points[0], points[len(points)-1]
	if first.d == last.d {
		return or(over, addTo(&o.least.n, first.n), addTo(&o.least.d, first.d), addTo(&o.most, last.n))
	}
	mask := 0
	for _, p := range points {
		if area == 0 || p.n != 0 && p.n != area || p.d != 0 && p.d != area {
			o.points = append(o.points, points...)
			o.ends = append(o.ends, len(o.points))
			return over
		}
		mask |= 1 << corner(p.n != 0, p.d != 0)
	}
	return or(over, addTo(&o.scaled[mask], area))
}

func or(flags ...bool) bool { return slices.Contains(flags, true) }

func corner(n, d bool) (i int) {
	if n {
		i |= 1
	}
	if d {
		i |= 2
	}
	return i
}

func (o *open) merge(other *open) (over bool) {
	o.count += other.count
	o.rays |= other.rays
	over = or(addTo(&o.area, other.area), addTo(&o.least.n, other.least.n), addTo(&o.least.d, other.least.d),
		addTo(&o.most, other.most))
	for i, area := range other.scaled {
		over = addTo(&o.scaled[i], area) || over
	}
	base := len(o.points)
	o.points = append(o.points, other.points...)
	for _, end := range other.ends {
		o.ends = append(o.ends, base+end)
	}
	return over
}

// each yields the choices of every open parcel, those alike as one.
func (o *open) each(yield func([]point)) {
	var room []point
	for mask, area := range o.scaled {
		if area == 0 {
			continue
		}
		room = room[:0]
		for i := range 4 {
			if mask&(1<<i) != 0 {
				room = append(room, point{area * land.Fixed(i&1), area * land.Fixed(i>>1)})
			}
		}
		yield(room)
	}
	start := 0
	for _, end := range o.ends {
		yield(o.points[start:end])
		start = end
	}
}

// limit is one end of the bounds: the exact ratio there, unless there is none.
type limit struct {
	point
	none bool
}

// extreme is the least (sign −1) or greatest (sign +1) ratio of the sums, sure
// included, over every way in which the open parcels can be. ok is false where
// the base is empty in every way. It is Dinkelbach's method on integers: from
// the ratio N/D of one way to the way that is best for n·D − N·d, until that
// is no better; each step is a pass over the parcels, and there are few.
func (o *open) extreme(sure point, sign int) (end limit, ok bool) {
	if o.count == 0 {
		return limit{point: sure}, sure.d > 0
	}
	if sign > 0 {
		sure.n += o.most
	} else {
		sure.n += o.least.n
	}
	sure.d += o.least.d
	best := o.pick(sure, func(p, q point) bool { return p.d > q.d || p.d == q.d && beyond(p.n, q.n, sign) })
	if best.d <= 0 && o.rays&(rayDen|rayBoth) == 0 {
		return limit{}, false
	}
	none := o.pick(sure, func(p, q point) bool { return p.d < q.d || p.d == q.d && beyond(p.n, q.n, sign) })
	if none.d <= 0 && beyond(none.n, 0, sign) || sign > 0 && o.rays&rayNum != 0 {
		return limit{none: true}, true
	}
	if best.d <= 0 {
		return o.alongRays(limit{}, sign, false)
	}
	for {
		next := o.pick(sure, func(p, q point) bool {
			c := compareCross(p.n-q.n, best.d, best.n, p.d-q.d) * sign
			return c > 0 || c == 0 && p.d > q.d
		})
		if next.d <= 0 || compareCross(next.n, best.d, best.n, next.d)*sign <= 0 {
			return o.alongRays(limit{point: best}, sign, true)
		}
		best = next
	}
}

func beyond(a, b land.Fixed, sign int) bool {
	if sign > 0 {
		return a > b
	}
	return a < b
}

// pick sums the best choice of each open parcel.
func (o *open) pick(sure point, better func(p, q point) bool) point {
	o.each(func(points []point) {
		best := points[0]
		for _, p := range points[1:] {
			if better(p, best) {
				best = p
			}
		}
		sure.n += best.n
		sure.d += best.d
	})
	return sure
}

// alongRays moves an end to where unknown floors can still take it.
func (o *open) alongRays(end limit, sign int, ok bool) (limit, bool) {
	toward := func(p point) {
		if !ok || compareCross(p.n, end.d, end.n, p.d)*sign > 0 {
			end, ok = limit{point: p}, true
		}
	}
	if o.rays&rayBoth != 0 {
		toward(point{land.One, land.One})
	}
	if o.rays&rayDen != 0 {
		toward(point{0, land.One})
	}
	return end, ok
}

// compareCross compares a·b with c·d exactly.
func compareCross(a, b, c, d land.Fixed) int {
	hi1, lo1 := mul(int64(a), int64(b))
	hi2, lo2 := mul(int64(c), int64(d))
	switch {
	case hi1 != hi2:
		if hi1 < hi2 {
			return -1
		}
		return 1
	case lo1 != lo2:
		if lo1 < lo2 {
			return -1
		}
		return 1
	}
	return 0
}

// mul is the 128-bit product of two signed numbers.
func mul(a, b int64) (hi int64, lo uint64) {
	h, lo := bits.Mul64(uint64(a), uint64(b))
	hi = int64(h)
	if a < 0 {
		hi -= b
	}
	if b < 0 {
		hi -= a
	}
	return hi, lo
}
