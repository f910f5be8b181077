package tile

import (
	"math"

	"github.com/paulmach/orb"
)

// step is a point on the grid: x to the east, y to the south.
type step struct{ x, y int32 }

// canvas turns polygons in Web Mercator into MVT geometry commands. It keeps
// its buffers from shape to shape.
type canvas struct {
	west, north float64 // of the tile
	scale       float64 // steps a metre
	points      []orb.Point
	spare       []orb.Point
	steps       []step
	commands    []byte
	at          step // where the pen is
	sliver      sliver
}

// sliver is a part of a shape that has no area on the grid.
type sliver struct {
	any  bool
	a, b step // its ends
}

func newCanvas(t ID) canvas {
	b := t.Bound()
	return canvas{west: b.Min[0], north: b.Max[1], scale: Extent / t.Side()}
}

// draw fills commands with the shape, and reports whether any of it lies within
// the tile and its buffer. A shape without area on the grid is drawn a step
// wide: nothing that touches the tile vanishes.
func (c *canvas) draw(mp orb.MultiPolygon) bool {
	c.commands, c.at, c.sliver = c.commands[:0], step{}, sliver{}
	for _, poly := range mp {
		c.polygon(poly)
	}
	if len(c.commands) == 0 && c.sliver.any {
		c.thicken()
	}
	return len(c.commands) > 0
}

func (c *canvas) polygon(poly orb.Polygon) {
	var left int64 // twice the area that holes have left
	for i, ring := range poly {
		if !c.clipped(ring) {
			if i == 0 {
				return
			}
			continue
		}
		c.quantise()
		twice := c.clean()
		switch {
		case i == 0 && twice == 0:
			return
		case i == 0:
			left = max(twice, -twice)
		case twice == 0 || max(twice, -twice) >= left: // rounding has made the hole as large as what is around it
			continue
		default:
			left -= max(twice, -twice)
		}
		if (twice > 0) != (i == 0) { // on a grid with y to the south, outer rings have positive area
			c.reverse()
		}
		c.ring()
	}
}

// clipped puts the ring, in steps, clipped to the tile and its buffer, into
// points, without the closing point; false where nothing of it lies there.
func (c *canvas) clipped(ring orb.Ring) bool {
	if n := len(ring); n > 1 && ring[0] == ring[n-1] {
		ring = ring[:n-1]
	}
	if len(ring) < 3 {
		return false
	}
	c.points = c.points[:0]
	lo, hi := orb.Point{math.Inf(1), math.Inf(1)}, orb.Point{math.Inf(-1), math.Inf(-1)}
	for _, p := range ring {
		q := orb.Point{(p[0] - c.west) * c.scale, (c.north - p[1]) * c.scale}
		lo[0], hi[0] = min(lo[0], q[0]), max(hi[0], q[0])
		lo[1], hi[1] = min(lo[1], q[1]), max(hi[1], q[1])
		c.points = append(c.points, q)
	}
	const from, to = -Buffer, Extent + Buffer
	if !(lo[0] <= to && hi[0] >= from && lo[1] <= to && hi[1] >= from) { // also false for NaN
		return false
	}
	if lo[0] >= from && hi[0] <= to && lo[1] >= from && hi[1] <= to {
		return true
	}
	for _, side := range [...]struct {
		axis  int
		limit float64
		sign  float64
	}{{0, from, 1}, {0, to, -1}, {1, from, 1}, {1, to, -1}} {
		if side.sign > 0 && lo[side.axis] >= side.limit || side.sign < 0 && hi[side.axis] <= side.limit {
			continue
		}
		c.clipSide(side.axis, side.limit, side.sign)
	}
	return len(c.points) >= 3 && !c.flat()
}

// clipSide keeps what lies on one side of a line (Sutherland and Hodgman): a
// ring stays one ring, its pieces joined along the line, outside of the tile.
func (c *canvas) clipSide(axis int, limit, sign float64) {
	c.points, c.spare = c.spare[:0], c.points
	n := len(c.spare)
	if n == 0 {
		return
	}
	from := c.spare[n-1]
	wasIn := (from[axis]-limit)*sign >= 0
	for _, to := range c.spare {
		isIn := (to[axis]-limit)*sign >= 0
		if isIn != wasIn {
			t := (limit - from[axis]) / (to[axis] - from[axis])
			cut := orb.Point{from[0] + t*(to[0]-from[0]), from[1] + t*(to[1]-from[1])}
			cut[axis] = limit
			c.points = append(c.points, cut)
		}
		if isIn {
			c.points = append(c.points, to)
		}
		from, wasIn = to, isIn
	}
}

// flat reports a clipped ring without area: one that only goes along the border
// of what is drawn, as around a corner that it doesn't cover.
func (c *canvas) flat() bool {
	const least = 1e-9 // square steps
	var twice float64
	o := c.points[0]
	for i := 2; i < len(c.points); i++ {
		a, b := c.points[i-1], c.points[i]
		twice += (a[0]-o[0])*(b[1]-o[1]) - (b[0]-o[0])*(a[1]-o[1])
	}
	return math.Abs(twice) < least
}

// quantise rounds points onto the grid.
func (c *canvas) quantise() {
	c.steps = c.steps[:0]
	for _, p := range c.points {
		s := step{int32(math.Floor(p[0] + 0.5)), int32(math.Floor(p[1] + 0.5))}
		if n := len(c.steps); n == 0 || c.steps[n-1] != s {
			c.steps = append(c.steps, s)
		}
	}
}

// turn is twice the area of a, b, c; 0 where they lie on a line.
func turn(a, b, c step) int64 {
	return int64(b.x-a.x)*int64(c.y-a.y) - int64(c.x-a.x)*int64(b.y-a.y)
}

// clean takes points out of steps that don't turn, spikes among them, and
// returns twice the ring's signed area. Where that is 0 the ring is noted as a
// sliver.
func (c *canvas) clean() (twice int64) {
	first, last := c.ends()
	out := c.steps[:0]
	for _, s := range c.steps {
		for len(out) >= 2 && turn(out[len(out)-2], out[len(out)-1], s) == 0 {
			out = out[:len(out)-1]
		}
		if len(out) == 0 || out[len(out)-1] != s {
			out = append(out, s)
		}
	}
	for again := true; again && len(out) >= 3; { // where the ring closes
		n := len(out)
		switch {
		case out[0] == out[n-1] || turn(out[n-2], out[n-1], out[0]) == 0:
			out = out[:n-1]
		case turn(out[n-1], out[0], out[1]) == 0:
			out = out[1:]
		default:
			again = false
		}
	}
	if len(out) >= 3 {
		for i := 2; i < len(out); i++ {
			twice += turn(out[0], out[i-1], out[i])
		}
	}
	c.steps = out
	if twice == 0 {
		c.sliver = sliver{true, first, last}
	}
	return twice
}

// ends are the two points of the ring that lie farthest apart along x, or along
// y where it is longer that way.
func (c *canvas) ends() (a, b step) {
	w, e, n, s := c.steps[0], c.steps[0], c.steps[0], c.steps[0]
	for _, p := range c.steps {
		if p.x < w.x {
			w = p
		}
		if p.x > e.x {
			e = p
		}
		if p.y < n.y {
			n = p
		}
		if p.y > s.y {
			s = p
		}
	}
	if e.x-w.x >= s.y-n.y {
		return w, e
	}
	return n, s
}

// thicken draws the sliver as a parallelogram one step wide.
func (c *canvas) thicken() {
	a, b := c.sliver.a, c.sliver.b
	if b.x-a.x >= b.y-a.y { // a lies west of b, or at the same place
		if a == b {
			b.x++
		}
		c.steps = append(c.steps[:0], a, b, step{b.x, b.y + 1}, step{a.x, a.y + 1})
	} else {
		c.steps = append(c.steps[:0], a, step{a.x + 1, a.y}, step{b.x + 1, b.y}, b)
	}
	c.ring()
}

func (c *canvas) reverse() {
	for i, j := 0, len(c.steps)-1; i < j; i, j = i+1, j-1 {
		c.steps[i], c.steps[j] = c.steps[j], c.steps[i]
	}
}

// The commands of MVT 2.1 (4.3.1), with their counts.
const (
	moveToOne = 1 | 1<<3
	lineTo    = 2
	closePath = 7 | 1<<3
)

// ring writes steps as commands.
func (c *canvas) ring() {
	b := append(c.commands, moveToOne)
	b = appendDelta(b, c.steps[0], c.at)
	b = appendUvarint(b, lineTo|uint64(len(c.steps)-1)<<3)
	for i := 1; i < len(c.steps); i++ {
		b = appendDelta(b, c.steps[i], c.steps[i-1])
	}
	c.commands = append(b, closePath)
	c.at = c.steps[len(c.steps)-1]
}

func appendDelta(b []byte, to, from step) []byte {
	return appendUvarint(appendUvarint(b, zigzag(to.x-from.x)), zigzag(to.y-from.y))
}

func zigzag(v int32) uint64 { return uint64(uint32(v<<1) ^ uint32(v>>31)) }

func appendUvarint(b []byte, v uint64) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}
