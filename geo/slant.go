package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// slantBox is a rectangle along the main direction of some edges. Upright boxes of long slanting edges (a comb, a star)
// all overlap, and comparing every edge with every other would take hours; slanting ones keep apart.
type slantBox struct {
	centre     orb.Point
	ux, uy     float64 // unit vector along
	half, wide float64 // half length along, half width across
}

// slantBoxes gives a slanting box for each node of the index, level by level.
func (x *EdgeIndex) slantBoxes() [][]slantBox {
	out := make([][]slantBox, len(x.levels))
	per := leafSize
	for l, level := range x.levels {
		out[l] = make([]slantBox, len(level))
		for i := range level {
			out[l][i] = slantBoxOf(x.edges[i*per:min((i+1)*per, len(x.edges))], level[i])
		}
		per *= fanOut
	}
	return out
}

func slantBoxOf(edges []Edge, upright orb.Bound) slantBox {
	// The mean direction, lengths squared as weights; angles doubled, so that to and fro count as one.
	var cos2, sin2 float64
	for i := range edges {
		dx, dy := edges[i].B[0]-edges[i].A[0], edges[i].B[1]-edges[i].A[1]
		cos2 += dx*dx - dy*dy
		sin2 += 2 * dx * dy
	}
	b := slantBox{centre: upright.Center()}
	b.uy, b.ux = math.Sincos(math.Atan2(sin2, cos2) / 2)
	for i := range edges {
		for _, p := range [2]orb.Point{edges[i].A, edges[i].B} {
			dx, dy := p[0]-b.centre[0], p[1]-b.centre[1]
			b.half = max(b.half, math.Abs(dx*b.ux+dy*b.uy))
			b.wide = max(b.wide, math.Abs(dy*b.ux-dx*b.uy))
		}
	}
	slack := 1e-14*(math.Abs(b.centre[0])+math.Abs(b.centre[1])) + 1e-13*b.half
	b.half += slack
	b.wide += slack
	return b
}

// meets reports whether two boxes overlap: not so if one of their four axes parts them.
func (b *slantBox) meets(o *slantBox) bool {
	dx, dy := o.centre[0]-b.centre[0], o.centre[1]-b.centre[1]
	cos, sin := math.Abs(b.ux*o.ux+b.uy*o.uy), math.Abs(b.ux*o.uy-b.uy*o.ux)
	return math.Abs(dx*b.ux+dy*b.uy) <= b.half+o.half*cos+o.wide*sin &&
		math.Abs(dy*b.ux-dx*b.uy) <= b.wide+o.half*sin+o.wide*cos &&
		math.Abs(dx*o.ux+dy*o.uy) <= o.half+b.half*cos+b.wide*sin &&
		math.Abs(dy*o.ux-dx*o.uy) <= o.wide+b.half*sin+b.wide*cos
}

// pairJoin walks pairs of nodes whose boxes meet.
type pairJoin struct {
	x      *EdgeIndex
	slants [][]slantBox // nil until upright boxes prove too many
	leaf   func(m, n int) bool
}

// eachMeetingPair calls f for every two edges whose boxes meet, the earlier edge first, until f returns false.
func (x *EdgeIndex) eachMeetingPair(f func(i, j int) bool) {
	if len(x.levels) == 0 {
		return
	}
	top := len(x.levels) - 1
	// Ordinary rings have some ten meeting leaves a leaf; count first.
	budget := 40*len(x.levels[0]) + 1000
	count := pairJoin{x: x, leaf: func(int, int) bool { budget--; return budget > 0 }}
	join := pairJoin{x: x, leaf: func(m, n int) bool { return x.joinLeaves(m, n, f) }}
	if !count.nodes(top, 0, 0) {
		join.slants = x.slantBoxes()
	}
	join.nodes(top, 0, 0)
}

func (p *pairJoin) nodes(level, m, n int) bool {
	if m != n && !p.meet(level, m, n) {
		return true
	}
	if level == 0 {
		return p.leaf(m, n)
	}
	below := len(p.x.levels[level-1])
	for i := m * fanOut; i < min((m+1)*fanOut, below); i++ {
		from := n * fanOut
		if m == n {
			from = i
		}
		for j := from; j < min((n+1)*fanOut, below); j++ {
			if !p.nodes(level-1, i, j) {
				return false
			}
		}
	}
	return true
}

func (p *pairJoin) meet(level, m, n int) bool {
	if !boundsMeet(&p.x.levels[level][m], &p.x.levels[level][n]) {
		return false
	}
	return p.slants == nil || p.slants[level][m].meets(&p.slants[level][n])
}
