package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Edge is one edge of a ring. Ring numbers the rings of a multipolygon in order, shells and holes alike.
type Edge struct {
	A, B orb.Point
	Ring int32
	// Vertex is the position of A in its ring.
	Vertex int32
}

// EdgeIndex answers questions about the boundary of a multipolygon in about the logarithm of its size: which edges
// meet a box, where a point lies. It is a tree of boxes over the edges in ring order, in which neighbours are near each other
// already, so that building it is one pass. It is never changed after it is built and may be shared by goroutines.
type EdgeIndex struct {
	edges []Edge
	rings []edgeSpan
	// levels[0] has a box for every leafSize edges, each further level one for every fanOut boxes below, the last one box.
	levels [][]orb.Bound
}

type edgeSpan struct {
	first, end int // into edges
	polygon    int
	number     int // of the ring in its polygon: 0 is the shell
}

const (
	leafSize = 8
	fanOut   = 4
)

// NewEdgeIndex indexes the edges of mp. Edges of no length (repeated points) are left out.
func NewEdgeIndex(mp orb.MultiPolygon) *EdgeIndex {
	n := 0
	for _, p := range mp {
		for _, r := range p {
			n += len(r)
		}
	}
	x := &EdgeIndex{edges: make([]Edge, 0, n)}
	for i, p := range mp {
		for j, r := range p {
			x.addRing(r, i, j)
		}
	}
	x.build()
	return x
}

func (x *EdgeIndex) addRing(r orb.Ring, polygon, number int) {
	first := len(x.edges)
	for k := 1; k < len(r); k++ {
		if r[k] != r[k-1] {
			x.edges = append(x.edges, Edge{A: r[k-1], B: r[k], Ring: int32(len(x.rings)), Vertex: int32(k - 1)})
		}
	}
	x.rings = append(x.rings, edgeSpan{first: first, end: len(x.edges), polygon: polygon, number: number})
}

func (x *EdgeIndex) build() {
	if len(x.edges) == 0 {
		return
	}
	level := make([]orb.Bound, 0, len(x.edges)/leafSize+1)
	for i := 0; i < len(x.edges); i += leafSize {
		b := emptyBound()
		for _, e := range x.edges[i:min(i+leafSize, len(x.edges))] {
			b = grow(b, e.A)
			b = grow(b, e.B)
		}
		level = append(level, b)
	}
	x.levels = append(x.levels, level)
	for len(level) > 1 {
		next := make([]orb.Bound, 0, len(level)/fanOut+1)
		for i := 0; i < len(level); i += fanOut {
			b := level[i]
			for _, o := range level[i+1 : min(i+fanOut, len(level))] {
				b = unite(b, o)
			}
			next = append(next, b)
		}
		x.levels = append(x.levels, next)
		level = next
	}
}

func emptyBound() orb.Bound {
	return orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
}

func grow(b orb.Bound, p orb.Point) orb.Bound {
	b.Min[0], b.Max[0] = min(b.Min[0], p[0]), max(b.Max[0], p[0])
	b.Min[1], b.Max[1] = min(b.Min[1], p[1]), max(b.Max[1], p[1])
	return b
}

func unite(a, b orb.Bound) orb.Bound {
	a.Min[0], a.Max[0] = min(a.Min[0], b.Min[0]), max(a.Max[0], b.Max[0])
	a.Min[1], a.Max[1] = min(a.Min[1], b.Min[1]), max(a.Max[1], b.Max[1])
	return a
}

func boundsMeet(a, b *orb.Bound) bool {
	return a.Min[0] <= b.Max[0] && b.Min[0] <= a.Max[0] && a.Min[1] <= b.Max[1] && b.Min[1] <= a.Max[1]
}

// Bound returns the bound of all edges; an empty one has Min above Max.
func (x *EdgeIndex) Bound() orb.Bound {
	if len(x.levels) == 0 {
		return emptyBound()
	}
	return x.levels[len(x.levels)-1][0]
}

// Len returns the number of edges.
func (x *EdgeIndex) Len() int { return len(x.edges) }

// Edge returns the i-th edge, in ring order.
func (x *EdgeIndex) Edge(i int) Edge { return x.edges[i] }

// Ring returns the half-open range of the edges of a ring, its polygon and its number in it (0 is the shell).
func (x *EdgeIndex) Ring(r int) (first, end, polygon, number int) {
	s := x.rings[r]
	return s.first, s.end, s.polygon, s.number
}

// Rings returns the number of rings.
func (x *EdgeIndex) Rings() int { return len(x.rings) }

// Search appends to found the numbers of the edges that meet the box, in ring order.
func (x *EdgeIndex) Search(found []int32, b orb.Bound) []int32 {
	if len(x.levels) == 0 {
		return found
	}
	return x.search(found, &b, len(x.levels)-1, 0)
}

func (x *EdgeIndex) search(found []int32, b *orb.Bound, level, node int) []int32 {
	if !boundsMeet(&x.levels[level][node], b) {
		return found
	}
	if level > 0 {
		for child := node * fanOut; child < min((node+1)*fanOut, len(x.levels[level-1])); child++ {
			found = x.search(found, b, level-1, child)
		}
		return found
	}
	for i := node * leafSize; i < min((node+1)*leafSize, len(x.edges)); i++ {
		if edgeMeetsBox(&x.edges[i], b) {
			found = append(found, int32(i))
		}
	}
	return found
}

// edgeMeetsBox is exact but for edges that pass a corner within the rounding of coordinates: it calls those true, so that an
// edge it leaves out is truly out.
func edgeMeetsBox(e *Edge, b *orb.Bound) bool {
	if max(e.A[0], e.B[0]) < b.Min[0] || min(e.A[0], e.B[0]) > b.Max[0] ||
		max(e.A[1], e.B[1]) < b.Min[1] || min(e.A[1], e.B[1]) > b.Max[1] {
		return false
	}
	dx, dy := e.B[0]-e.A[0], e.B[1]-e.A[1]
	cx, cy := (b.Min[0]+b.Max[0])/2-e.A[0], (b.Min[1]+b.Max[1])/2-e.A[1]
	adx, ady := math.Abs(dx), math.Abs(dy)
	reach := adx*(b.Max[1]-b.Min[1])/2 + ady*(b.Max[0]-b.Min[0])/2
	const ulps = 2e-15
	slack := ulps * (adx + ady) * (math.Abs(b.Min[0]) + math.Abs(b.Max[0]) + math.Abs(b.Min[1]) + math.Abs(b.Max[1]))
	return math.Abs(dx*cy-dy*cx) <= reach+slack
}

// Locate tells where a point lies with respect to the multipolygon (even-odd over all its rings, which for a valid one is the
// usual meaning), exactly.
func (x *EdgeIndex) Locate(p orb.Point) Location { return x.locate(p, 0, len(x.edges)) }

// LocateInRing tells where a point lies with respect to one ring.
func (x *EdgeIndex) LocateInRing(p orb.Point, ring int) Location {
	return x.locate(p, x.rings[ring].first, x.rings[ring].end)
}

type rayCount struct {
	p          orb.Point
	first, end int
	odd, on    bool
}

func (x *EdgeIndex) locate(p orb.Point, first, end int) Location {
	if len(x.levels) == 0 || first >= end {
		return Outside
	}
	c := rayCount{p: p, first: first, end: end}
	x.castRay(&c, len(x.levels)-1, 0)
	switch {
	case c.on:
		return Boundary
	case c.odd:
		return Inside
	}
	return Outside
}

// castRay counts the crossings of the ray to the east with the edges below a node. A node wholly
// east of the point whose edges are one chain is counted by its two ends: it crosses the ray an odd number of times
// exactly if they lie on different sides of it.
func (x *EdgeIndex) castRay(c *rayCount, level, node int) {
	b := &x.levels[level][node]
	if c.on || b.Max[0] < c.p[0] || b.Min[1] > c.p[1] || b.Max[1] < c.p[1] {
		return
	}
	per := leafSize
	for range level {
		per *= fanOut
	}
	lo, hi := max(node*per, c.first), min((node+1)*per, c.end)
	if lo >= hi {
		return
	}
	if b.Min[0] > c.p[0] && x.edges[lo].Ring == x.edges[hi-1].Ring {
		if (x.edges[lo].A[1] > c.p[1]) != (x.edges[hi-1].B[1] > c.p[1]) {
			c.odd = !c.odd
		}
		return
	}
	if level > 0 {
		for child := node * fanOut; child < min((node+1)*fanOut, len(x.levels[level-1])); child++ {
			x.castRay(c, level-1, child)
		}
		return
	}
	for i := lo; i < hi; i++ {
		crosses, on := rayHit(c.p, x.edges[i].A, x.edges[i].B)
		if on {
			c.on = true
			return
		}
		c.odd = c.odd != crosses
	}
}

// joinLeaves calls f for the edges of two leaves, or of one with itself, whose boxes meet.
func (x *EdgeIndex) joinLeaves(m, n int, f func(i, j int) bool) bool {
	other := &x.levels[0][n]
	for i := m * leafSize; i < min((m+1)*leafSize, len(x.edges)); i++ {
		e := &x.edges[i]
		if m != n && !boxesMeet(e.A, e.B, other.Min, other.Max) {
			continue
		}
		from := n * leafSize
		if m == n {
			from = i + 1
		}
		for j := from; j < min((n+1)*leafSize, len(x.edges)); j++ {
			if g := &x.edges[j]; boxesMeet(e.A, e.B, g.A, g.B) && !f(i, j) {
				return false
			}
		}
	}
	return true
}
