package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Orient tells on which side of the line a→b the point c lies: +1 left (counter-clockwise), -1 right, 0 exactly on it. The
// sign is exact for all finite float64 input that neither over- nor underflows when multiplied.
//
// A filter decides nearly every call in float64; what is left is decided by exact arithmetic. go-geom's
// bigxy.OrientationIndex, which does the same job, falls back to big.Float at 53 bits of precision, which is no more
// than float64, so it is not used here.
func Orient(a, b, c orb.Point) int {
	l := float64((a[0] - c[0]) * (b[1] - c[1]))
	r := float64((a[1] - c[1]) * (b[0] - c[0]))
	det := l - r
	// Shewchuk, Adaptive Precision Floating-Point Arithmetic, 1997: (3+16ε)ε.
	if bound := 3.3306690738754716e-16 * (math.Abs(l) + math.Abs(r)); det > bound {
		return 1
	} else if -det > bound {
		return -1
	}
	if l == 0 && r == 0 {
		if (a[0] == c[0] || b[1] == c[1]) && (a[1] == c[1] || b[0] == c[0]) {
			return 0
		}
	}
	return orientExact(a, b, c)
}

func orientExact(a, b, c orb.Point) int {
	ax, axt := twoDiff(a[0], c[0])
	ay, ayt := twoDiff(a[1], c[1])
	bx, bxt := twoDiff(b[0], c[0])
	by, byt := twoDiff(b[1], c[1])
	if axt == 0 && ayt == 0 && bxt == 0 && byt == 0 {
		// The usual case: neighbouring coordinates subtract exactly, so two exact products decide.
		lh, ll := twoProduct(ax, by)
		rh, rl := twoProduct(ay, bx)
		if lh != rh {
			return sign(lh - rh)
		}
		return sign(ll - rl)
	}
	var e expansion
	e.addProduct(a[0], b[1])
	e.addProduct(-a[1], b[0])
	e.addProduct(b[0], c[1])
	e.addProduct(-b[1], c[0])
	e.addProduct(c[0], a[1])
	e.addProduct(-c[1], a[0])
	return e.sign()
}

func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func twoSum(a, b float64) (sum, err float64) {
	sum = float64(a + b)
	bv := float64(sum - a)
	return sum, float64(a-float64(sum-bv)) + float64(b-bv)
}

func twoDiff(a, b float64) (diff, err float64) { return twoSum(a, -b) }

func twoProduct(a, b float64) (prod, err float64) {
	prod = float64(a * b)
	return prod, math.FMA(a, b, -prod)
}

// expansion is an exact sum of float64 terms that do not overlap, smallest first (Shewchuk's GROW-EXPANSION).
type expansion struct {
	term [12]float64
	n    int
}

func (e *expansion) addProduct(a, b float64) {
	hi, lo := twoProduct(a, b)
	e.add(lo)
	e.add(hi)
}

func (e *expansion) add(x float64) {
	for i := range e.n {
		x, e.term[i] = twoSum(x, e.term[i])
	}
	e.term[e.n] = x
	e.n++
}

func (e *expansion) sign() int {
	for i := e.n - 1; i >= 0; i-- {
		if e.term[i] != 0 {
			return sign(e.term[i])
		}
	}
	return 0
}

// Meeting says how two segments meet.
type Meeting uint8

// The ways two segments meet.
const (
	Apart    Meeting = iota // no common point
	Touching                // one common point, an end of at least one of them
	Crossing                // one common point inside both
	Overlap                 // a common stretch of line
)

// Meet tells exactly how the segments a–b and c–d meet. The point is the common point (for Overlap, one end of the common
// stretch); only for Crossing is it computed, and rounded, otherwise it is one of the four.
func Meet(a, b, c, d orb.Point) (Meeting, orb.Point) {
	if !boxesMeet(a, b, c, d) {
		return Apart, orb.Point{}
	}
	c1, d1 := Orient(a, b, c), Orient(a, b, d)
	if c1 != 0 && c1 == d1 {
		return Apart, orb.Point{}
	}
	a1, b1 := Orient(c, d, a), Orient(c, d, b)
	if a1 != 0 && a1 == b1 {
		return Apart, orb.Point{}
	}
	if c1 == 0 && d1 == 0 {
		return meetCollinear(a, b, c, d)
	}
	switch {
	case c1 == 0 && inBox(c, a, b):
		return Touching, c
	case d1 == 0 && inBox(d, a, b):
		return Touching, d
	case a1 == 0 && inBox(a, c, d):
		return Touching, a
	case b1 == 0 && inBox(b, c, d):
		return Touching, b
	case c1*d1 < 0 && a1*b1 < 0:
		return Crossing, crossingPoint(a, b, c, d)
	}
	return Apart, orb.Point{}
}

func meetCollinear(a, b, c, d orb.Point) (Meeting, orb.Point) {
	lo, hi := least(a, b), greatest(a, b)
	if m := least(c, d); before(lo, m) {
		lo = m
	}
	if m := greatest(c, d); before(m, hi) {
		hi = m
	}
	switch {
	case lo == hi:
		return Touching, lo
	case before(lo, hi):
		return Overlap, lo
	}
	return Apart, orb.Point{}
}

// before orders points by x, then y: along any line, one way.
func before(a, b orb.Point) bool { return a[0] < b[0] || (a[0] == b[0] && a[1] < b[1]) }

func least(a, b orb.Point) orb.Point {
	if before(b, a) {
		return b
	}
	return a
}

func greatest(a, b orb.Point) orb.Point {
	if before(b, a) {
		return a
	}
	return b
}

func boxesMeet(a, b, c, d orb.Point) bool {
	return max(a[0], b[0]) >= min(c[0], d[0]) && max(c[0], d[0]) >= min(a[0], b[0]) &&
		max(a[1], b[1]) >= min(c[1], d[1]) && max(c[1], d[1]) >= min(a[1], b[1])
}

func inBox(p, a, b orb.Point) bool {
	return p[0] >= min(a[0], b[0]) && p[0] <= max(a[0], b[0]) && p[1] >= min(a[1], b[1]) && p[1] <= max(a[1], b[1])
}

// crossingPoint computes the common point of two segments known to cross, relative to one end for accuracy and kept inside
// both boxes.
func crossingPoint(a, b, c, d orb.Point) orb.Point {
	ux, uy := b[0]-a[0], b[1]-a[1]
	vx, vy := d[0]-c[0], d[1]-c[1]
	wx, wy := c[0]-a[0], c[1]-a[1]
	den := ux*vy - uy*vx
	if den == 0 {
		return least(greatest(c, d), greatest(a, b))
	}
	t := (wx*vy - wy*vx) / den
	clamp := func(x, p, q, r, s float64) float64 {
		return min(max(x, max(min(p, q), min(r, s))), min(max(p, q), max(r, s)))
	}
	return orb.Point{
		clamp(a[0]+t*ux, a[0], b[0], c[0], d[0]),
		clamp(a[1]+t*uy, a[1], b[1], c[1], d[1]),
	}
}

// Location says where a point lies with respect to a polygon.
type Location int8

// The places a point may have.
const (
	Outside  Location = -1
	Boundary Location = 0
	Inside   Location = 1
)

// rayHit counts an edge a→b against the ray from p to the east: whether the ray crosses it, and whether p lies on it.
func rayHit(p, a, b orb.Point) (crosses, on bool) {
	if (a[1] > p[1]) == (b[1] > p[1]) {
		// No crossing, but p may be on a level edge or on a vertex that only touches the ray.
		if a[1] != p[1] && b[1] != p[1] {
			return false, false
		}
		if a == p || b == p {
			return false, true
		}
		return false, a[1] == b[1] && (a[0] > p[0]) != (b[0] > p[0])
	}
	if a[0] < p[0] && b[0] < p[0] {
		return false, false
	}
	if a[0] > p[0] && b[0] > p[0] {
		return true, false
	}
	side := Orient(a, b, p)
	if side == 0 {
		return false, true
	}
	return (side > 0) == (b[1] > a[1]), false
}

// LocateInRing tells where a point lies with respect to a closed ring, exactly. It walks the whole ring; EdgeIndex
// answers the same question for large rings.
func LocateInRing(p orb.Point, r orb.Ring) Location {
	in := false
	for i := 1; i < len(r); i++ {
		crosses, on := rayHit(p, r[i-1], r[i])
		if on {
			return Boundary
		}
		if crosses {
			in = !in
		}
	}
	if in {
		return Inside
	}
	return Outside
}

// Locate tells where a point lies with respect to a polygon, exactly.
func Locate(p orb.Point, poly orb.Polygon) Location {
	if len(poly) == 0 {
		return Outside
	}
	at := LocateInRing(p, poly[0])
	if at != Inside {
		return at
	}
	for _, hole := range poly[1:] {
		switch LocateInRing(p, hole) {
		case Boundary:
			return Boundary
		case Inside:
			return Outside
		}
	}
	return Inside
}
