package geo

import (
	"math"
	"sort"

	"github.com/paulmach/orb"
)

// maxDefects is the number of defects after which Validate stops: a list that nobody reads to its end.
const maxDefects = 16

// Validate checks a multipolygon in longitude and latitude and returns its defects, nil if it is sound: what PostGIS
// ST_IsValid calls valid, with closed rings and coordinates within ±180° and ±90°. The orientation of rings and repeated
// points are no defects (see RepeatedPoints). All tests of position are exact. At most 16 defects are listed.
//
// A parcel of one small ring is decided without an allocation; large ones take a tree of boxes over their edges.
func Validate(mp orb.MultiPolygon) []Defect { return validate(mp, true) }

// ValidatePlane is Validate for coordinates in metres: their range is not checked.
func ValidatePlane(mp orb.MultiPolygon) []Defect { return validate(mp, false) }

func validate(mp orb.MultiPolygon, degrees bool) []Defect {
	if len(mp) == 1 && len(mp[0]) == 1 && plainlySound(mp[0][0], degrees) {
		return nil
	}
	v := validation{mp: mp, degrees: degrees}
	v.checkCoordinates()
	if len(v.defects) == 0 {
		v.edges = NewEdgeIndex(mp)
		v.checkMeetings()
	}
	if len(v.defects) == 0 && v.edges.Rings() > 1 {
		v.checkTouches()
	}
	if len(v.defects) == 0 && v.edges.Rings() > 1 {
		v.checkNesting()
		v.checkConnected()
	}
	return v.defects
}

// smallRing is the number of positions up to which comparing every edge with every other is faster than a tree.
const smallRing = 48

// plainlySound says yes only to a small sound ring without repeated points; every doubt goes to the full check.
func plainlySound(r orb.Ring, degrees bool) bool {
	n := len(r) - 1
	if n < 3 || n > smallRing || r[0] != r[n] {
		return false
	}
	// The corners of each edge's box, so that most pairs part after two comparisons.
	var lo, hi [smallRing]orb.Point
	for i := range n {
		a, b := r[i], r[i+1]
		if !finite(a) || (degrees && !inRange(a)) || a == b {
			return false
		}
		lo[i] = orb.Point{min(a[0], b[0]), min(a[1], b[1])}
		hi[i] = orb.Point{max(a[0], b[0]), max(a[1], b[1])}
	}
	for i := range n {
		// The next edge shares a vertex: only folding back on it is a fault.
		k := i + 1
		if k == n {
			k = 0
		}
		if foldsBack(r[i], r[i+1], r[k+1]) {
			return false
		}
		last := n
		if i == 0 {
			last = n - 1 // edge n-1 is the neighbour of edge 0
		}
		for j := i + 2; j < last; j++ {
			if lo[j][0] > hi[i][0] || hi[j][0] < lo[i][0] || lo[j][1] > hi[i][1] || hi[j][1] < lo[i][1] {
				continue
			}
			if !clearlyApart(r[i], r[i+1], r[j], r[j+1]) {
				return false
			}
		}
	}
	return true
}

// clearlyApart reports whether one segment lies strictly on one side of the other's line.
func clearlyApart(a, b, c, d orb.Point) bool {
	s := Orient(a, b, c)
	if s != 0 && s == Orient(a, b, d) {
		return true
	}
	t := Orient(c, d, a)
	return t != 0 && t == Orient(c, d, b)
}

// foldsBack reports whether the path a→p→b turns round on itself.
func foldsBack(a, p, b orb.Point) bool {
	if (a[0]-p[0])*(b[0]-p[0])+(a[1]-p[1])*(b[1]-p[1]) <= 0 {
		return false
	}
	return Orient(a, p, b) == 0
}

func finite(p orb.Point) bool {
	return math.Abs(p[0]) <= math.MaxFloat64 && math.Abs(p[1]) <= math.MaxFloat64
}

func inRange(p orb.Point) bool {
	return math.Abs(p[0]) <= 180+degreeSlack && math.Abs(p[1]) <= 90+degreeSlack
}

// RepeatedPoints counts positions that equal the one before: tolerated, but worth a note to the owner of the file.
func RepeatedPoints(mp orb.MultiPolygon) int {
	n := 0
	for _, p := range mp {
		for _, r := range p {
			for i := 1; i < len(r); i++ {
				if r[i] == r[i-1] {
					n++
				}
			}
		}
	}
	return n
}

type validation struct {
	mp      orb.MultiPolygon
	degrees bool
	defects []Defect
	edges   *EdgeIndex
	touches []touch
}

// touch is a point where two rings meet without a common stretch; e and f are edges of the rings that hold it.
type touch struct {
	p            orb.Point
	ringA, ringB int
	e, f         int
}

// add notes a defect and reports whether there is room for more.
func (v *validation) add(d Defect) bool {
	if len(v.defects) < maxDefects {
		v.defects = append(v.defects, d)
	}
	return len(v.defects) < maxDefects
}

func (v *validation) checkCoordinates() {
	if len(v.mp) == 0 {
		v.add(Defect{Code: DefectEmpty, Polygon: -1, Ring: -1, Vertex: -1})
	}
	for i, p := range v.mp {
		if len(p) == 0 {
			v.add(Defect{Code: DefectEmpty, Polygon: i, Ring: -1, Vertex: -1})
		}
		for j, r := range p {
			v.checkRing(r, i, j)
		}
	}
}

func (v *validation) checkRing(r orb.Ring, polygon, ring int) {
	at := func(code DefectCode, vertex int) {
		d := Defect{Code: code, Polygon: polygon, Ring: ring, Vertex: vertex}
		if vertex >= 0 {
			d.Place = r[vertex]
		}
		v.add(d)
	}
	for k, p := range r {
		if !finite(p) {
			at(DefectNotFinite, k)
			return
		}
		if v.degrees && !inRange(p) {
			at(DefectOutOfRange, k)
			return
		}
	}
	switch {
	case len(r) == 0:
		at(DefectTooFewPoints, -1)
	case r[0] != r[len(r)-1]:
		at(DefectNotClosed, len(r)-1)
	case len(r) < 4:
		at(DefectTooFewPoints, 0)
	default:
		switch breadth(r) {
		case 0, 1:
			at(DefectTooFewPoints, 0)
		case 2:
			at(DefectZeroArea, 0)
		}
	}
}

// breadth is 1 for a ring of one or two different points, 2 for more of them on one line, else 3.
func breadth(r orb.Ring) int {
	far := -1
	for i, p := range r {
		if p == r[0] {
			continue
		}
		if far < 0 {
			far = i
			continue
		}
		if p != r[far] && Orient(r[0], r[far], p) != 0 {
			return 3
		}
	}
	if far < 0 {
		return 1
	}
	for _, p := range r {
		if p != r[0] && p != r[far] {
			return 2
		}
	}
	return 1
}

// checkMeetings looks at every two edges that meet.
func (v *validation) checkMeetings() {
	x := v.edges
	x.eachMeetingPair(func(i, j int) bool {
		e, f := &x.edges[i], &x.edges[j]
		if e.Ring == f.Ring {
			return v.checkSameRing(i, j)
		}
		how, p := Meet(e.A, e.B, f.A, f.B)
		switch how {
		case Touching:
			v.touches = append(v.touches, touch{p: p, ringA: int(e.Ring), ringB: int(f.Ring), e: i, f: j})
		case Crossing:
			return v.addAt(DefectRingsCross, i, p, true)
		case Overlap:
			return v.addAt(DefectRingsShareEdge, i, p, false)
		}
		return true
	})
}

func (v *validation) checkSameRing(i, j int) bool {
	e, f := &v.edges.edges[i], &v.edges.edges[j]
	span := v.edges.rings[e.Ring]
	switch {
	case j == i+1:
		if foldsBack(e.A, e.B, f.B) {
			return v.addAt(DefectSelfIntersection, j, e.B, false)
		}
	case i == span.first && j == span.end-1:
		if foldsBack(f.A, f.B, e.B) {
			return v.addAt(DefectSelfIntersection, i, e.A, false)
		}
	default:
		if how, p := Meet(e.A, e.B, f.A, f.B); how != Apart {
			return v.addAt(DefectSelfIntersection, i, p, how == Crossing)
		}
	}
	return true
}

// addAt notes a defect on edge i.
func (v *validation) addAt(code DefectCode, i int, p orb.Point, computed bool) bool {
	e := &v.edges.edges[i]
	s := v.edges.rings[e.Ring]
	vertex := int(e.Vertex)
	if !computed && p == e.B {
		vertex++
	}
	return v.add(Defect{Code: code, Place: p, Polygon: s.polygon, Ring: s.number, Vertex: vertex, Computed: computed})
}

// neighbours gives the points before and after p on the ring of edge i, which holds p.
func (v *validation) neighbours(i int, p orb.Point) (prev, next orb.Point) {
	e := &v.edges.edges[i]
	s := v.edges.rings[e.Ring]
	prev, next = e.A, e.B
	if p == e.A {
		if i == s.first {
			i = s.end
		}
		prev = v.edges.edges[i-1].A
	} else if p == e.B {
		i++
		if i == s.end {
			i = s.first
		}
		next = v.edges.edges[i].B
	}
	return prev, next
}

// checkTouches finds rings that cross at a vertex, and keeps one touch for each point and pair of rings.
func (v *validation) checkTouches() {
	sort.Slice(v.touches, func(i, j int) bool {
		a, b := &v.touches[i], &v.touches[j]
		if a.p != b.p {
			return before(a.p, b.p)
		}
		if a.ringA != b.ringA {
			return a.ringA < b.ringA
		}
		return a.ringB < b.ringB
	})
	kept := v.touches[:0]
	for _, t := range v.touches {
		if n := len(kept); n > 0 && kept[n-1].p == t.p && kept[n-1].ringA == t.ringA && kept[n-1].ringB == t.ringB {
			continue
		}
		kept = append(kept, t)
		a0, a1 := v.neighbours(t.e, t.p)
		b0, b1 := v.neighbours(t.f, t.p)
		if leftOfPath(t.p, a0, a1, b0) != leftOfPath(t.p, a0, a1, b1) {
			if !v.addAt(DefectRingsCross, t.e, t.p, false) {
				break
			}
		}
	}
	v.touches = kept
}

// leftOfPath reports whether the direction from p to q lies in the sector to the left of the path prev→p→next.
func leftOfPath(p, prev, next, q orb.Point) bool {
	in, out := Orient(prev, p, q), Orient(p, next, q)
	if turn := Orient(prev, p, next); turn > 0 || (turn == 0 && !foldsBack(prev, p, next)) {
		return in > 0 && out > 0
	}
	return in > 0 || out > 0
}

// inside reports whether ring r lies inside ring s, given that they neither cross nor share a stretch.
func (v *validation) inside(r, s int) bool {
	span := v.edges.rings[r]
	for _, e := range v.edges.edges[span.first:span.end] {
		if at := v.edges.LocateInRing(e.A, s); at != Boundary {
			return at == Inside
		}
	}
	// Every vertex of r is on s: the direction in which r leaves a common point decides.
	for _, t := range v.touches {
		e, f := t.e, t.f
		if t.ringA == r && t.ringB == s {
			e, f = f, e
		} else if t.ringA != s || t.ringB != r {
			continue
		}
		prev, next := v.neighbours(e, t.p)
		_, out := v.neighbours(f, t.p)
		return leftOfPath(t.p, prev, next, out) == (ringPlaneArea(v.ring(s)) > 0)
	}
	return false
}

func (v *validation) ring(i int) orb.Ring {
	s := v.edges.rings[i]
	return v.mp[s.polygon][s.number]
}

// checkNesting tests holes against shells and each other, and shells against other polygons.
func (v *validation) checkNesting() {
	n := v.edges.Rings()
	bounds := make([]orb.Bound, n)
	order := make([]int, n)
	shell := make([]int, len(v.mp)) // the first ring of each polygon
	for i := n - 1; i >= 0; i-- {
		bounds[i], order[i] = v.ring(i).Bound(), i
		shell[v.edges.rings[i].polygon] = i
	}
	for i := range n {
		if s := v.edges.rings[i]; s.number > 0 && !v.inside(i, shell[s.polygon]) {
			v.addAt(DefectHoleOutside, s.first, v.edges.edges[s.first].A, false)
		}
	}
	sort.Slice(order, func(i, j int) bool { return bounds[order[i]].Min[0] < bounds[order[j]].Min[0] })
	for i, a := range order {
		for _, b := range order[i+1:] {
			if bounds[b].Min[0] > bounds[a].Max[0] {
				break
			}
			if boundsMeet(&bounds[a], &bounds[b]) {
				v.checkNested(a, b, bounds)
				v.checkNested(b, a, bounds)
			}
		}
	}
}

// checkNested tests ring in against ring out: two holes of one polygon, or two shells.
func (v *validation) checkNested(in, out int, bounds []orb.Bound) {
	a, b := v.edges.rings[in], v.edges.rings[out]
	o, i := &bounds[out], &bounds[in]
	if i.Min[0] < o.Min[0] || i.Max[0] > o.Max[0] || i.Min[1] < o.Min[1] || i.Max[1] > o.Max[1] {
		return
	}
	place := v.edges.edges[a.first].A
	switch {
	case a.polygon == b.polygon && a.number > 0 && b.number > 0:
		if v.inside(in, out) {
			v.addAt(DefectNestedHoles, a.first, place, false)
		}
	case a.polygon != b.polygon && a.number == 0 && b.number == 0:
		if !v.inside(in, out) {
			return
		}
		for hole := out + 1; hole < out+len(v.mp[b.polygon]); hole++ {
			if v.inside(in, hole) {
				return
			}
		}
		v.addAt(DefectNestedShells, a.first, place, false)
	}
}

// checkConnected looks for a cycle in the graph of rings and the points where they touch: a cycle cuts the interior.
func (v *validation) checkConnected() {
	parent := make([]int, v.edges.Rings(), v.edges.Rings()+len(v.touches))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	type key struct {
		p       orb.Point
		polygon int
	}
	type link struct {
		key
		ring int
	}
	points, linked := map[key]int{}, map[link]bool{}
	for _, t := range v.touches {
		polygon := v.edges.rings[t.ringA].polygon
		if polygon != v.edges.rings[t.ringB].polygon {
			continue
		}
		k := key{t.p, polygon}
		node, ok := points[k]
		if !ok {
			node = len(parent)
			parent = append(parent, node)
			points[k] = node
		}
		for _, ring := range [2]int{t.ringA, t.ringB} {
			if linked[link{k, ring}] {
				continue
			}
			linked[link{k, ring}] = true
			a, b := find(ring), find(node)
			if a == b {
				v.addAt(DefectDisconnected, t.e, t.p, false)
				continue
			}
			parent[a] = b
		}
	}
}
