package overlay

import (
	"math"
	"sort"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo"
)

// maxPairs is the number of edge pairs up to which settle is worth its while.
const maxPairs = 20000

// leastStrip is the strip in degrees below which the rounding of coordinates (1.4e-14° at 108°E) would count: parcels of less
// than about a metre.
const leastStrip = 1e-15

// settle decides a parcel that the zone's border comes near but does not cut: the usual one along the border of a
// cadastre, where the border runs along parcel edges. Inside and Outside are verdicts, Boundary is "cannot say".
//
// With t a distance so small that a strip of it along all the parcel's edges is below wholeTolerance of its area, it
// shows that no stretch of the zone's border lies deeper than 2t in the parcel; then what is left of the parcel without
// that strip is in one piece (no necks narrower than 4t) and lies on one side, which one deep point tells.
func (z *zone) settle(poly orb.Polygon, bound orb.Bound, near []int32) geo.Location {
	corners := 0
	for _, r := range poly {
		corners += len(r) - 1
	}
	if corners*(len(near)+corners) > maxPairs {
		return geo.Boundary
	}
	area, length := extent(poly)
	t := 0.4 * wholeTolerance * area / length
	if !(t > leastStrip) {
		return geo.Boundary
	}
	for _, i := range near {
		if e := z.edges.Edge(int(i)); entersDeep(e.A, e.B, poly, t) {
			return geo.Boundary
		}
	}
	if hasNeck(poly, 4*t) {
		return geo.Boundary
	}
	deep, ok := deepPoint(poly, bound, 4*t)
	if !ok {
		return geo.Boundary
	}
	return z.edges.Locate(deep)
}

// extent gives area and length of all edges of a polygon, in degrees.
func extent(poly orb.Polygon) (area, length float64) {
	for i, r := range poly {
		a := math.Abs(geo.PlaneAreaM2(orb.Polygon{r}))
		if i > 0 {
			a = -a
		}
		area += a
		for k := 1; k < len(r); k++ {
			length += math.Hypot(r[k][0]-r[k-1][0], r[k][1]-r[k-1][1])
		}
	}
	return area, length
}

type stretch struct{ from, to float64 }

// entersDeep reports whether the segment a–b has a point inside the polygon that is farther than about t from its edges. Stretches
// of the segment that run within t of an edge are harmless; what is left between them crosses no edge, so its
// middle tells for all of it.
func entersDeep(a, b orb.Point, poly orb.Polygon, t float64) bool {
	var room [16]stretch
	covered := room[:0]
	for _, r := range poly {
		for k := 1; k < len(r); k++ {
			if from, to, ok := along(a, b, r[k-1], r[k], t); ok {
				covered = append(covered, stretch{from, to})
			}
		}
	}
	for i := 1; i < len(covered); i++ { // a handful: insertion sort, which leaves room on the stack
		for j := i; j > 0 && covered[j].from < covered[j-1].from; j-- {
			covered[j], covered[j-1] = covered[j-1], covered[j]
		}
	}
	at, least := 0.0, t/math.Hypot(b[0]-a[0], b[1]-a[1])
	for i := 0; i <= len(covered); i++ {
		next := 1.0
		if i < len(covered) {
			next = covered[i].from
		}
		if next-at > least {
			m := at + (next-at)/2
			if geo.Locate(orb.Point{a[0] + m*(b[0]-a[0]), a[1] + m*(b[1]-a[1])}, poly) != geo.Outside {
				return true
			}
		}
		if i < len(covered) {
			at = max(at, covered[i].to)
		}
	}
	return false
}

// along gives the stretch of a–b, as fractions of it, in the rectangle that reaches t beyond the segment c–d on all sides.
func along(a, b, c, d orb.Point, t float64) (from, to float64, ok bool) {
	dx, dy := d[0]-c[0], d[1]-c[1]
	ax, ay, bx, by := a[0]-c[0], a[1]-c[1], b[0]-c[0], b[1]-c[1]
	n2 := dx*dx + dy*dy
	if n2 == 0 {
		return 0, 0, false // a repeated point
	}
	n := math.Sqrt(n2)
	from, to, ok = within(dx*ay-dy*ax, dx*by-dy*bx, -t*n, t*n, 0, 1)
	if !ok {
		return 0, 0, false
	}
	return within(dx*ax+dy*ay, dx*bx+dy*by, -t*n, n2+t*n, from, to)
}

// within narrows from..to to where the value that runs straight from v0 at 0 to v1 at 1 lies in lo..hi.
func within(v0, v1, lo, hi, from, to float64) (float64, float64, bool) {
	if (v0 < lo && v1 < lo) || (v0 > hi && v1 > hi) {
		return 0, 0, false
	}
	if v0 >= lo && v0 <= hi && v1 >= lo && v1 <= hi {
		return from, to, true
	}
	u, w := (lo-v0)/(v1-v0), (hi-v0)/(v1-v0)
	from, to = max(from, min(u, w)), min(to, max(u, w))
	return from, to, from <= to
}

// hasNeck reports whether a vertex comes within t of an edge that it is not an end of.
func hasNeck(poly orb.Polygon, t float64) bool {
	for _, r := range poly {
		for _, p := range r[1:] {
			for _, s := range poly {
				for k := 1; k < len(s); k++ {
					if p != s[k] && p != s[k-1] && closer(p, s[k-1], s[k], t) {
						return true
					}
				}
			}
		}
	}
	return sharesVertex(poly)
}

// sharesVertex reports whether two rings touch at a vertex: closer's caller leaves common ends out.
func sharesVertex(poly orb.Polygon) bool {
	for i, r := range poly {
		for _, s := range poly[i+1:] {
			for _, p := range r[1:] {
				for _, q := range s[1:] {
					if p == q {
						return true
					}
				}
			}
		}
	}
	return false
}

// closer reports whether p is within t of the segment a–b.
func closer(p, a, b orb.Point, t float64) bool {
	if p[0] < min(a[0], b[0])-t || p[0] > max(a[0], b[0])+t || p[1] < min(a[1], b[1])-t || p[1] > max(a[1], b[1])+t {
		return false
	}
	dx, dy := b[0]-a[0], b[1]-a[1]
	return math.Abs(dx*(p[1]-a[1])-dy*(p[0]-a[0])) <= t*math.Sqrt(dx*dx+dy*dy)
}

// deepPoint gives a point inside the polygon farther than t from its edges: the middle of the widest stretch of a level line.
func deepPoint(poly orb.Polygon, bound orb.Bound, t float64) (orb.Point, bool) {
	var room [32]float64
	for _, f := range [3]float64{0.5, 0.38, 0.71} {
		y := bound.Min[1] + f*(bound.Max[1]-bound.Min[1])
		xs := room[:0]
		for _, r := range poly {
			for k := 1; k < len(r); k++ {
				if a, b := r[k-1], r[k]; (a[1] > y) != (b[1] > y) {
					xs = append(xs, a[0]+(y-a[1])/(b[1]-a[1])*(b[0]-a[0]))
				}
			}
		}
		sort.Float64s(xs)
		widest, p := 0.0, orb.Point{}
		for i := 0; i+1 < len(xs); i += 2 {
			if w := xs[i+1] - xs[i]; w > widest {
				widest, p = w, orb.Point{xs[i] + w/2, y}
			}
		}
		if widest > 0 && geo.Locate(p, poly) == geo.Inside && clearOf(p, poly, t) {
			return p, true
		}
	}
	return orb.Point{}, false
}

func clearOf(p orb.Point, poly orb.Polygon, t float64) bool {
	for _, r := range poly {
		for k := 1; k < len(r); k++ {
			if closer(p, r[k-1], r[k], t) {
				return false
			}
		}
	}
	return true
}
