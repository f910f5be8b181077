package overlay

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo"
)

// crossing is a point where the zone's border crosses the parcel's, both in the insides of their edges.
type crossing struct {
	at         orb.Point
	corner     int     // the parcel's edge, from this corner to the next
	t          float64 // how far along it
	edge       int32   // the zone's edge
	u          float64 // how far along it
	leaves     bool    // the parcel's ring leaves the zone here, so its border goes into the parcel
	nextParcel int     // the next crossing along the parcel's ring
	nextZone   int     // the next crossing along the zone's ring
	done       bool
}

// cut gives the part of a ring in the zone where the two borders do nothing but cross (the usual cut parcel) by walking
// round the pieces: along the parcel inside the zone, along the zone's border inside the parcel (Weiler and
// Atherton). Borders that touch, run along each other or lie within one another are left to the overlay library (not
// ok). It takes 4 µs where the library takes 100.
func (z *zone) cut(poly orb.Polygon, near []int32) (orb.MultiPolygon, bool) {
	if len(poly) != 1 || len(poly[0])*len(near) > 10*maxPairs {
		return nil, false
	}
	r := poly[0]
	if geo.PlaneAreaM2(poly) == 0 {
		return nil, false
	}
	if !counterClockwise(r) {
		r = r.Clone()
		r.Reverse()
	}
	var room [16]crossing
	cs, ok := z.crossings(room[:0], r, near)
	if !ok || len(cs) < 2 || len(cs)%2 != 0 || z.hasUncrossed(cs, r, near) || !z.linkAll(cs) {
		return nil, false
	}
	var out orb.MultiPolygon
	for i := range cs {
		if cs[i].leaves || cs[i].done {
			continue
		}
		if piece := z.walk(cs, i, r); len(piece) >= 4 {
			out = append(out, orb.Polygon{piece})
		}
	}
	return out, true
}

func counterClockwise(r orb.Ring) bool { return r.Orientation() == orb.CCW }

func (z *zone) crossings(cs []crossing, r orb.Ring, near []int32) ([]crossing, bool) {
	for _, i := range near {
		e := z.edges.Edge(int(i))
		for k := 1; k < len(r); k++ {
			a, b := r[k-1], r[k]
			if a == b {
				continue
			}
			switch how, p := geo.Meet(a, b, e.A, e.B); how {
			case geo.Crossing:
				cs = append(cs, crossing{
					at: p, corner: k - 1, t: fraction(p, a, b), edge: i, u: fraction(p, e.A, e.B),
					leaves: geo.Orient(a, b, e.B) > 0,
				})
			case geo.Touching, geo.Overlap:
				return nil, false
			}
		}
	}
	return cs, true
}

// fraction tells how far along a–b the point p on it lies.
func fraction(p, a, b orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	return ((p[0]-a[0])*dx + (p[1]-a[1])*dy) / (dx*dx + dy*dy)
}

// hasUncrossed reports whether a ring of the zone lies in the parcel without crossing its border.
func (z *zone) hasUncrossed(cs []crossing, r orb.Ring, near []int32) bool {
	last := int32(-1)
	for _, i := range near {
		e := z.edges.Edge(int(i))
		if e.Ring == last {
			continue
		}
		last = e.Ring
		crossed := slices.ContainsFunc(cs, func(c crossing) bool { return z.edges.Edge(int(c.edge)).Ring == e.Ring })
		if !crossed && geo.LocateInRing(e.A, r) != geo.Outside {
			return true
		}
	}
	return false
}

// leastGap is the least distance, as a fraction of an edge, between two crossings on it whose order rounding can't spoil.
const leastGap = 1e-9

// linkAll finds the next crossing of each along both rings; not so if their kinds do not alternate or their order is in doubt.
func (z *zone) linkAll(cs []crossing) bool {
	var room [16]int
	order := room[:0]
	for i := range cs {
		order = append(order, i)
	}
	slices.SortFunc(order, func(i, j int) int { return compare(cs[i].corner, cs[j].corner, cs[i].t, cs[j].t) })
	for k, i := range order {
		j := order[(k+1)%len(order)]
		if cs[i].leaves == cs[j].leaves || (cs[i].corner == cs[j].corner && math.Abs(cs[i].t-cs[j].t) < leastGap) {
			return false
		}
		cs[i].nextParcel = j
	}
	slices.SortFunc(order, func(i, j int) int { return compare(int(cs[i].edge), int(cs[j].edge), cs[i].u, cs[j].u) })
	for first := 0; first < len(order); {
		ring := z.edges.Edge(int(cs[order[first]].edge)).Ring
		end := first
		for end < len(order) && z.edges.Edge(int(cs[order[end]].edge)).Ring == ring {
			end++
		}
		for k := first; k < end; k++ {
			i, j := order[k], order[first]
			if k+1 < end {
				j = order[k+1]
			}
			if cs[i].leaves == cs[j].leaves || (cs[i].edge == cs[j].edge && math.Abs(cs[i].u-cs[j].u) < leastGap) {
				return false
			}
			cs[i].nextZone = j
		}
		first = end
	}
	return true
}

func compare(i, j int, t, u float64) int {
	switch {
	case i != j:
		return i - j
	case t < u:
		return -1
	case t > u:
		return 1
	}
	return 0
}

// walk goes round one piece, from a crossing where the parcel enters the zone.
func (z *zone) walk(cs []crossing, start int, r orb.Ring) orb.Ring {
	piece := make(orb.Ring, 0, 12)
	push := func(p orb.Point) {
		if n := len(piece); n == 0 || piece[n-1] != p {
			piece = append(piece, p)
		}
	}
	for i := start; !cs[i].done; {
		cs[i].done = true
		push(cs[i].at)
		out := cs[i].nextParcel
		alongParcel(r, &cs[i], &cs[out], push)
		push(cs[out].at)
		next := cs[out].nextZone
		z.alongBorder(cs[out].edge, cs[out].u, cs[next].edge, cs[next].u, push)
		i = next
	}
	push(cs[start].at)
	return piece
}

// alongParcel pushes the corners of a closed ring between two crossings.
func alongParcel(r orb.Ring, from, to *crossing, push func(orb.Point)) {
	if from.corner == to.corner && from.t < to.t {
		return
	}
	for k := from.corner; ; {
		if k++; k == len(r)-1 {
			k = 0
		}
		push(r[k])
		if k == to.corner {
			return
		}
	}
}

// alongBorder pushes the vertices of the zone's ring between two places on it.
func (z *zone) alongBorder(from int32, u float64, to int32, v float64, push func(orb.Point)) {
	if from == to && u < v {
		return
	}
	first, end, _, _ := z.edges.Ring(int(z.edges.Edge(int(from)).Ring))
	for i := int(from); ; {
		push(z.edges.Edge(i).B)
		if i++; i == end {
			i = first
		}
		if i == int(to) {
			return
		}
	}
}
