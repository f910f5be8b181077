package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Gap is the least distance between two boundaries, with the two points it is
// between.
type Gap struct {
	M        float64 // in metres
	From, To orb.Point
}

// GapBetween measures how far two valid boundaries lie apart: 0 where they
// overlap, touch or lie in one another. Lengths are measured in the plane that
// touches the ellipsoid at the middle of both boxes: for boundaries some
// kilometres apart and across they are right to a thousandth. An empty boundary
// is infinitely far.
func GapBetween(a, b orb.MultiPolygon) Gap {
	return NewEdgeIndex(a).Gap(NewEdgeIndex(b), math.Inf(1))
}

// Gap is GapBetween of boundaries that are indexed already. One of at least
// limit metres may be given as infinite, which is much faster to tell.
func (x *EdgeIndex) Gap(y *EdgeIndex, limit float64) Gap {
	none := Gap{M: math.Inf(1)}
	if x.Len() == 0 || y.Len() == 0 {
		return none
	}
	if x.Len() > y.Len() { // the smaller one asks
		g := y.Gap(x, limit)
		return Gap{M: g.M, From: g.To, To: g.From}
	}
	n := nearest{edges: y, scale: metresPerDegree(x.Bound().Union(y.Bound()).Center()[1]), best: Gap{M: limit}}
	n.box = x.Bound()
	whole := y.Bound()
	if n.away(&whole) >= limit {
		return none
	}
	for _, in := range []struct {
		at    orb.Point
		other *EdgeIndex
	}{{x.Edge(0).A, y}, {y.Edge(0).A, x}} {
		if in.other.Locate(in.at) != Outside {
			return Gap{From: in.at, To: in.at}
		}
	}
	for i := range x.Len() {
		e := x.Edge(i)
		n.a, n.b = e.A, e.B
		n.box = grow(grow(emptyBound(), e.A), e.B)
		n.visit(len(y.levels)-1, 0)
		if n.best.M == 0 {
			break
		}
	}
	if n.best.M >= limit {
		return none
	}
	return n.best
}

// metresPerDegree is how long a degree of longitude and of latitude is at a
// latitude, by the ellipsoid's radii of curvature.
func metresPerDegree(lat float64) [2]float64 {
	sin, cos := math.Sincos(lat * radian)
	w := 1 - eccentricity2*sin*sin
	prime, meridian := semiMajorM/math.Sqrt(w), semiMajorM*(1-eccentricity2)/math.Pow(w, 1.5)
	return [2]float64{prime * cos * radian, meridian * radian}
}

// nearest looks for the edge of an index nearest to a–b, nearer than what is
// found already: boxes that lie farther are never opened.
type nearest struct {
	edges *EdgeIndex
	scale [2]float64
	a, b  orb.Point
	box   orb.Bound
	best  Gap
}

func (n *nearest) visit(level, i int) {
	if n.away(&n.edges.levels[level][i]) >= n.best.M {
		return
	}
	if level == 0 {
		for k := i * leafSize; k < min((i+1)*leafSize, len(n.edges.edges)); k++ {
			n.measure(n.edges.edges[k].A, n.edges.edges[k].B)
		}
		return
	}
	first, end := i*fanOut, min((i+1)*fanOut, len(n.edges.levels[level-1]))
	closest := first // opened first, so that the others may be left closed
	for k := first + 1; k < end; k++ {
		if n.away(&n.edges.levels[level-1][k]) < n.away(&n.edges.levels[level-1][closest]) {
			closest = k
		}
	}
	n.visit(level-1, closest)
	for k := first; k < end; k++ {
		if k != closest {
			n.visit(level-1, k)
		}
	}
}

// away is the distance of a box from that of the edge, in metres.
func (n *nearest) away(b *orb.Bound) float64 {
	dx := max(0, b.Min[0]-n.box.Max[0], n.box.Min[0]-b.Max[0]) * n.scale[0]
	dy := max(0, b.Min[1]-n.box.Max[1], n.box.Min[1]-b.Max[1]) * n.scale[1]
	return math.Hypot(dx, dy)
}

func (n *nearest) measure(c, d orb.Point) {
	if how, at := Meet(n.a, n.b, c, d); how != Apart {
		n.best = Gap{From: at, To: at}
		return
	}
	for _, t := range [4]struct {
		p, a, b orb.Point
		other   bool
	}{{n.a, c, d, false}, {n.b, c, d, false}, {c, n.a, n.b, true}, {d, n.a, n.b, true}} {
		foot := n.foot(t.p, t.a, t.b)
		m := math.Hypot((t.p[0]-foot[0])*n.scale[0], (t.p[1]-foot[1])*n.scale[1])
		if m >= n.best.M {
			continue
		}
		n.best = Gap{M: m, From: t.p, To: foot}
		if t.other {
			n.best.From, n.best.To = foot, t.p
		}
	}
}

// foot is the point of the segment a–b nearest to p.
func (n *nearest) foot(p, a, b orb.Point) orb.Point {
	dx, dy := (b[0]-a[0])*n.scale[0], (b[1]-a[1])*n.scale[1]
	length2 := dx*dx + dy*dy
	if length2 == 0 {
		return a
	}
	t := ((p[0]-a[0])*n.scale[0]*dx + (p[1]-a[1])*n.scale[1]*dy) / length2
	t = min(1, max(0, t))
	return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
}
