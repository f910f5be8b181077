package overlay

import (
	"math"
	"sort"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo"
)

// around returns a shape that within the bound is the zone: the zone clipped to a box somewhat larger, so that the cost of an
// overlay follows the parcel and not the zone. Where the clip is not beyond doubt (a border through a corner of the
// box) another box is tried, and in the end the whole zone is given.
func (z *zone) around(bound orb.Bound) orb.MultiPolygon {
	w, h := bound.Max[0]-bound.Min[0], bound.Max[1]-bound.Min[1]
	for _, f := range [3]float64{0.1117, 0.1931, 0.3413} {
		dx, dy := f*w+1e-9, f*h*0.9371+1e-9
		box := orb.Bound{
			Min: orb.Point{bound.Min[0] - dx, bound.Min[1] - dy},
			Max: orb.Point{bound.Max[0] + dx*1.0173, bound.Max[1] + dy*1.0319},
		}
		if mp, ok := z.clip(box); ok {
			return mp
		}
	}
	return z.shape
}

// chord is a stretch of a ring through the box, from the border to the border, the zone on its left.
type chord struct {
	points  []orb.Point
	in, out float64 // places on the border of the box, see place
	used    bool
}

type clipping struct {
	box    orb.Bound
	chords []chord
	shells []orb.Ring
	holes  []orb.Ring
}

// clip cuts the zone to the box. The rings' stretches through the box are chords with the zone on their left; going on from the end of one
// counter-clockwise along the border to the start of the next walks round a piece. Ends that do not alternate
// between in and out mean that rounding spoilt their order: not ok.
func (z *zone) clip(box orb.Bound) (orb.MultiPolygon, bool) {
	c := clipping{box: box}
	found := z.edges.Search(nil, box)
	for len(found) > 0 {
		ring := z.edges.Edge(int(found[0])).Ring
		n := sort.Search(len(found), func(i int) bool { return z.edges.Edge(int(found[i])).Ring > ring })
		if !c.addRing(z, found[:n], int(ring)) {
			return nil, false
		}
		found = found[n:]
	}
	if len(c.chords) == 0 && z.edges.Locate(box.Min) == geo.Inside {
		c.shells = append(c.shells, box.ToRing())
	}
	if !c.connect() {
		return nil, false
	}
	return c.assemble()
}

func (c *clipping) inside(p orb.Point) bool {
	return p[0] > c.box.Min[0] && p[0] < c.box.Max[0] && p[1] > c.box.Min[1] && p[1] < c.box.Max[1]
}

// addRing collects the chords of one ring, of which found are the edges that meet the box.
func (c *clipping) addRing(z *zone, found []int32, ring int) bool {
	start := -1
	for i, e := range found {
		if !c.inside(z.edges.Edge(int(e)).A) {
			start = i
			break
		}
	}
	if start < 0 {
		return c.addWhole(z, found, ring)
	}
	var open []orb.Point
	var in float64
	for i := range found {
		e := z.edges.Edge(int(found[(start+i)%len(found)]))
		aIn, bIn := c.inside(e.A), c.inside(e.B)
		if aIn && open == nil {
			return false
		}
		if aIn && bIn {
			open = append(open, e.B)
			continue
		}
		u, v, ok := c.through(e.A, e.B)
		switch {
		case !ok && !aIn && !bIn:
		case !ok:
			return false
		case aIn:
			p, at := c.place(e.A, e.B, v)
			c.chords = append(c.chords, chord{points: append(open, p), in: in, out: at})
			open = nil
		case bIn:
			p, at := c.place(e.A, e.B, u)
			open, in = []orb.Point{p, e.B}, at
		default:
			p, from := c.place(e.A, e.B, u)
			q, to := c.place(e.A, e.B, v)
			if math.Floor(from) != math.Floor(to) {
				c.chords = append(c.chords, chord{points: []orb.Point{p, q}, in: from, out: to})
			}
		}
	}
	return open == nil
}

// addWhole takes a ring that lies in the box altogether.
func (c *clipping) addWhole(z *zone, found []int32, ring int) bool {
	first, end, polygon, number := z.edges.Ring(ring)
	if len(found) != end-first {
		return false
	}
	r := z.shape[polygon][number]
	if number == 0 {
		c.shells = append(c.shells, r)
	} else {
		c.holes = append(c.holes, r)
	}
	return true
}

// through gives the fractions of a–b between which it is in the box (Liang and Barsky).
func (c *clipping) through(a, b orb.Point) (u, v float64, ok bool) {
	u, v = 0, 1
	for k := range 2 {
		d := b[k] - a[k]
		lo, hi := c.box.Min[k]-a[k], c.box.Max[k]-a[k]
		if d == 0 {
			if lo > 0 || hi < 0 {
				return 0, 0, false
			}
			continue
		}
		s, t := lo/d, hi/d
		if s > t {
			s, t = t, s
		}
		u, v = max(u, s), min(v, t)
	}
	return u, v, u < v
}

// place gives the point at a fraction of a–b, moved onto the nearest side of the box, and where that is on the border: 0 to 1 along
// the bottom from the left, 1 to 2 up the right side, 2 to 3 back along the top, 3 to 4 down the left side.
func (c *clipping) place(a, b orb.Point, u float64) (orb.Point, float64) {
	lo, hi := c.box.Min, c.box.Max
	p := orb.Point{a[0] + u*(b[0]-a[0]), a[1] + u*(b[1]-a[1])}
	w, h := hi[0]-lo[0], hi[1]-lo[1]
	away := [4]float64{math.Abs(p[1]-lo[1]) / h, math.Abs(hi[0]-p[0]) / w, math.Abs(hi[1]-p[1]) / h, math.Abs(p[0]-lo[0]) / w}
	side := 0
	for i, d := range away {
		if d < away[side] {
			side = i
		}
	}
	p[0], p[1] = min(max(p[0], lo[0]), hi[0]), min(max(p[1], lo[1]), hi[1])
	const below = 1 - 1e-16
	switch side {
	case 0:
		p[1] = lo[1]
		return p, min((p[0]-lo[0])/w, below)
	case 1:
		p[0] = hi[0]
		return p, 1 + min((p[1]-lo[1])/h, below)
	case 2:
		p[1] = hi[1]
		return p, 2 + min((hi[0]-p[0])/w, below)
	}
	p[0] = lo[0]
	return p, 3 + min((hi[1]-p[1])/h, below)
}

// connect walks the pieces that chords bound.
func (c *clipping) connect() bool {
	type end struct {
		at    float64
		chord int
		in    bool
	}
	ends := make([]end, 0, 2*len(c.chords))
	for i, ch := range c.chords {
		ends = append(ends, end{ch.in, i, true}, end{ch.out, i, false})
	}
	sort.Slice(ends, func(i, j int) bool { return ends[i].at < ends[j].at })
	next := make([]int, len(c.chords)) // the chord that starts where the piece goes on after this one
	for i, e := range ends {
		after := ends[(i+1)%len(ends)]
		if after.in == e.in || (after.at == e.at) {
			return false
		}
		if !e.in {
			next[e.chord] = after.chord
		}
	}
	for i := range c.chords {
		if c.chords[i].used {
			continue
		}
		var r orb.Ring
		for k := i; !c.chords[k].used; k = next[k] {
			c.chords[k].used = true
			r = append(r, c.chords[k].points...)
			r = c.corners(r, c.chords[k].out, c.chords[next[k]].in)
		}
		c.shells = append(c.shells, append(r, r[0]))
	}
	return true
}

// corners appends the corners of the box between two places, counter-clockwise.
func (c *clipping) corners(r orb.Ring, from, to float64) orb.Ring {
	if to < from {
		to += 4
	}
	for k := math.Floor(from) + 1; k <= to; k++ {
		switch int(k) % 4 {
		case 0:
			r = append(r, c.box.Min)
		case 1:
			r = append(r, orb.Point{c.box.Max[0], c.box.Min[1]})
		case 2:
			r = append(r, c.box.Max)
		default:
			r = append(r, orb.Point{c.box.Min[0], c.box.Max[1]})
		}
	}
	return r
}

// assemble gives each hole to the shell that holds it.
func (c *clipping) assemble() (orb.MultiPolygon, bool) {
	mp := make(orb.MultiPolygon, len(c.shells))
	for i, s := range c.shells {
		mp[i] = orb.Polygon{s}
	}
	for _, hole := range c.holes {
		best := -1
		for i, s := range c.shells {
			// Of nested shells (an island in a hole) the smallest holds the hole.
			if holds(s, hole) && (best < 0 || holds(c.shells[best], s)) {
				best = i
			}
		}
		if best < 0 {
			return nil, false
		}
		mp[best] = append(mp[best], hole)
	}
	return mp, true
}

func holds(shell, r orb.Ring) bool {
	for _, p := range r {
		if at := geo.LocateInRing(p, shell); at != geo.Boundary {
			return at == geo.Inside
		}
	}
	return false
}
