package shapefile

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo/raw"
)

// batch is some records: of each the content of its shape and its row.
type batch struct {
	reader *Reader
	first  int64
	buf    []byte
	spans  []span
}

type span struct {
	offset          int64
	shape, row, end int
}

// Len is the number of records.
func (b *batch) Len() int { return len(b.spans) }

// Decode calls fn for each record.
func (b *batch) Decode(fn func(*raw.Feature) error) error {
	f := raw.Feature{Values: make([]raw.Value, len(b.reader.table.fields))}
	var scratch []byte
	for i, s := range b.spans {
		f = raw.Feature{Number: b.first + int64(i), Offset: s.offset, Values: f.Values}
		b.reader.shapes.decode(b.buf[s.shape:s.row], &f)
		scratch = scratch[:0]
		row := b.buf[s.row:s.end]
		for j := range b.reader.table.fields {
			if field := &b.reader.table.fields[j]; field.kind == memoKind && len(bytes.Trim(field.cellOf(row), " 0")) > 0 {
				b.reader.memos.Add(1)
			}
			f.Values[j], scratch = b.reader.table.fields[j].value(row, &b.reader.encoding, scratch)
		}
		if err := fn(&f); err != nil {
			return err
		}
	}
	return nil
}

// The shape types of the format.
const (
	typeNull     = 0
	typePolygon  = 5
	typePolygonZ = 15
	typePolygonM = 25
)

func typeName(kind int32) string {
	switch kind {
	case typeNull:
		return ""
	case 1, 11, 21:
		return "Point"
	case 3, 13, 23:
		return "PolyLine"
	case typePolygon, typePolygonZ, typePolygonM:
		return "Polygon"
	case 8, 18, 28:
		return "MultiPoint"
	case 31:
		return "MultiPatch"
	}
	return "?"
}

// decode reads the content of a shape.
func (s *shapes) decode(b []byte, f *raw.Feature) {
	if len(b) == 0 {
		return
	}
	kind := int32(binary.LittleEndian.Uint32(b))
	if kind != typeNull && kind != s.kind {
		f.Fault = &raw.Fault{Code: "shape_type", Args: []any{kind, s.kind}}
		return
	}
	if f.Type = typeName(kind); f.Type == "?" {
		f.Fault = &raw.Fault{Code: "shape_type", Args: []any{kind, s.kind}}
		return
	}
	if f.Type == "Polygon" {
		readPolygon(b, kind, f)
	}
}

const polygonHead = 44 // type, box, number of parts and of points

// readPolygon reads the rings of a polygon and puts them together.
func readPolygon(b []byte, kind int32, f *raw.Feature) {
	if len(b) < polygonHead {
		f.Fault = &raw.Fault{Code: "shape_short", Args: []any{len(b), polygonHead}}
		return
	}
	parts := int64(binary.LittleEndian.Uint32(b[36:]))
	points := int64(binary.LittleEndian.Uint32(b[40:]))
	need := polygonHead + 4*parts + 16*points
	if kind == typePolygonZ {
		need += 16 + 8*points
	}
	if need > int64(len(b)) {
		f.Fault = &raw.Fault{Code: "shape_short", Args: []any{len(b), need}}
		return
	}
	if parts == 0 || points == 0 {
		f.Type = ""
		return
	}
	switch {
	case kind == typePolygonZ:
		f.ZDropped = int(points)
		if int64(len(b)) >= need+16+8*points {
			f.MDropped = int(points)
		}
	case kind == typePolygonM:
		f.MDropped = int(points)
	}
	rings, fault := readRings(b, int(parts), int(points))
	if fault == nil {
		f.Geometry, fault = group(rings)
	}
	f.Fault = fault
}

// readRings cuts the points into rings.
func readRings(b []byte, parts, points int) ([]orb.Ring, *raw.Fault) {
	starts := b[polygonHead : polygonHead+4*parts]
	coords := b[polygonHead+4*parts:]
	all := make([]orb.Point, points)
	for i := range all {
		x := math.Float64frombits(binary.LittleEndian.Uint64(coords[16*i:]))
		y := math.Float64frombits(binary.LittleEndian.Uint64(coords[16*i+8:]))
		if math.IsNaN(x) || math.IsInf(x, 0) || math.IsNaN(y) || math.IsInf(y, 0) {
			return nil, &raw.Fault{Code: "not_finite", Args: []any{i + 1}}
		}
		all[i] = orb.Point{x, y}
	}
	rings := make([]orb.Ring, parts)
	for i := range rings {
		start, end := int64(binary.LittleEndian.Uint32(starts[4*i:])), int64(points)
		if i+1 < parts {
			end = int64(binary.LittleEndian.Uint32(starts[4*i+4:]))
		}
		if i == 0 && start != 0 || end <= start || end > int64(points) {
			return nil, &raw.Fault{Code: "ring_bounds", Args: []any{i + 1, start, end, points}}
		}
		rings[i] = all[start:end:end]
	}
	return rings, nil
}

// ringBudget bounds the steps of finding out which ring lies in which, so that
// a hostile record can't take minutes.
const ringBudget = 1 << 29

// group puts rings together to polygons: clockwise rings are outer ones and
// the others holes of the smallest outer ring they lie in. Where no ring is
// clockwise the writer didn't care, and they are told apart by nesting alone.
// A hole that lies in no outer ring goes to the first, where the check of the
// boundary names it.
func group(rings []orb.Ring) (orb.MultiPolygon, *raw.Fault) {
	if len(rings) == 1 {
		return orb.MultiPolygon{{rings[0]}}, nil
	}
	n := nesting{rings: rings, budget: ringBudget}
	var outer, holes []int
	for i, r := range rings {
		n.bounds = append(n.bounds, r.Bound())
		area := turn(r)
		n.areas = append(n.areas, math.Abs(area))
		if area <= 0 {
			outer = append(outer, i)
		} else {
			holes = append(holes, i)
		}
	}
	if len(outer) == 0 {
		outer, holes = n.byDepth()
	}
	mp := make(orb.MultiPolygon, len(outer))
	place := make(map[int]int, len(outer))
	for k, i := range outer {
		mp[k] = orb.Polygon{rings[i]}
		place[i] = k
	}
	for _, h := range holes {
		k := 0
		if len(outer) > 1 {
			if i := n.smallestAround(h, outer); i >= 0 {
				k = place[i]
			}
		}
		mp[k] = append(mp[k], rings[h])
	}
	if n.budget < 0 {
		return nil, &raw.Fault{Code: "too_many_rings", Args: []any{len(rings)}}
	}
	return mp, nil
}

// turn is twice the area of a ring: positive where it runs counter-clockwise.
// It is taken about the first point, since coordinates are large and rings small.
func turn(r orb.Ring) float64 {
	sum, o := 0.0, r[0]
	for i, b := range r {
		a := r[(i+len(r)-1)%len(r)]
		sum += (a[0]-o[0])*(b[1]-o[1]) - (b[0]-o[0])*(a[1]-o[1])
	}
	return sum
}

// nesting answers which ring lies in which.
type nesting struct {
	rings  []orb.Ring
	bounds []orb.Bound
	areas  []float64
	budget int
}

// byDepth tells outer rings (in an even number of others) from holes.
func (n *nesting) byDepth() (outer, holes []int) {
	for i := range n.rings {
		depth := 0
		for j := range n.rings {
			if i != j && n.areas[j] > n.areas[i] && n.contains(j, i) {
				depth++
			}
		}
		if depth%2 == 0 {
			outer = append(outer, i)
		} else {
			holes = append(holes, i)
		}
	}
	return outer, holes
}

// smallestAround is the smallest of the candidates that ring i lies in, -1 for
// none.
func (n *nesting) smallestAround(i int, candidates []int) int {
	best := -1
	for _, j := range candidates {
		n.budget--
		if (best < 0 || n.areas[j] < n.areas[best]) && n.contains(j, i) {
			best = j
		}
	}
	return best
}

// contains reports whether ring inner lies in ring outer, by its first point
// that is not on the outer ring; rings may touch in points.
func (n *nesting) contains(outer, inner int) bool {
	n.budget--
	a, b := n.bounds[outer], n.bounds[inner]
	if n.budget < 0 || !a.Contains(b.Min) || !a.Contains(b.Max) {
		return false
	}
	for _, p := range n.rings[inner] {
		if n.budget -= len(n.rings[outer]); n.budget < 0 {
			return false
		}
		switch where(n.rings[outer], p) {
		case 1:
			return true
		case -1:
			return false
		}
	}
	return false
}

// where is 1 for a point inside the ring, 0 on its line, -1 outside.
func where(r orb.Ring, p orb.Point) int {
	in := -1
	for i, b := range r {
		a := r[(i+len(r)-1)%len(r)]
		cross := (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0])
		if cross == 0 && min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0]) && min(a[1], b[1]) <= p[1] && p[1] <= max(a[1], b[1]) {
			return 0
		}
		if (a[1] > p[1]) != (b[1] > p[1]) && (cross > 0) == (b[1] > a[1]) {
			in = -in
		}
	}
	return in
}
