package postgis

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// errWire is wrapped by the errors of reading rows in PostgreSQL's binary form.
var errWire = errors.New("the database sent rows of another form")

// wireRows reads rows that a query has strung together by record_send: one
// value arrives instead of a thousand rows. Columns are read where they lie.
type wireRows struct {
	b    []byte
	left int // columns of the row
	err  error
}

// arena keeps the points and rings of one shape, to be used again for the next.
// A slice is cut from it when it is whole, so that growing moves none.
type arena struct {
	points []orb.Point
	rings  []orb.Ring
	shape  orb.MultiPolygon
}

// next begins a row of so many columns, and reports whether there is one.
func (r *wireRows) next(columns int) bool {
	if r.err != nil || len(r.b) == 0 && r.left == 0 {
		return false
	}
	if r.left != 0 {
		r.fail("%d columns too many", r.left)
		return false
	}
	n := int(int32(r.uint32()))
	if r.err == nil && n != columns {
		r.fail("%d columns, not %d", n, columns)
	}
	r.left = columns
	return r.err == nil
}

func (r *wireRows) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: "+format, append([]any{errWire}, args...)...)
	}
}

func (r *wireRows) uint32() uint32 {
	if len(r.b) < 4 {
		r.fail("cut short")
		return 0
	}
	v := binary.BigEndian.Uint32(r.b)
	r.b = r.b[4:]
	return v
}

// column is the next column; nil is NULL.
func (r *wireRows) column() []byte {
	if r.left == 0 {
		r.fail("a column is missing")
	}
	r.left--
	r.uint32() // the type
	size := int32(r.uint32())
	switch {
	case r.err != nil || size == -1:
		return nil
	case size < 0 || int(size) > len(r.b):
		r.fail("a column of %d bytes", size)
		return nil
	}
	v := r.b[:size:size]
	r.b = r.b[size:]
	return v
}

func (r *wireRows) sized(size int) []byte {
	v := r.column()
	if v != nil && len(v) != size {
		r.fail("%d bytes instead of %d", len(v), size)
		return nil
	}
	return v
}

// int is a bigint, 0 where NULL.
func (r *wireRows) int() int64 {
	if v := r.sized(8); v != nil {
		return int64(binary.BigEndian.Uint64(v))
	}
	return 0
}

// float is a double precision; known is false where NULL.
func (r *wireRows) float() (f float64, known bool) {
	if v := r.sized(8); v != nil {
		return math.Float64frombits(binary.BigEndian.Uint64(v)), true
	}
	return 0, false
}

func (r *wireRows) bool() (v, known bool) {
	if b := r.sized(1); b != nil {
		return b[0] != 0, true
	}
	return false, false
}

// parseEWKB reads the binary EWKB of a polygon or multipolygon.
func (a *arena) parseEWKB(b []byte) (orb.MultiPolygon, error) {
	w := wkbReader{b: b}
	a.points, a.rings, a.shape = a.points[:0], a.rings[:0], a.shape[:0]
	switch kind := w.head(); kind {
	case ewkbPolygon:
		a.polygon(&w)
	case ewkbMultiPolygon:
		for range w.count(9) {
			if kind := w.head(); kind != ewkbPolygon {
				return nil, fmt.Errorf("%w: part of type %d", errEWKB, kind)
			}
			a.polygon(&w)
		}
	default:
		return nil, fmt.Errorf("%w: geometry type %d", errEWKB, kind)
	}
	if w.bad || w.at != len(b) {
		return nil, fmt.Errorf("%w: broken at byte %d of %d", errEWKB, w.at, len(b))
	}
	return a.shape, nil
}

// ewkbLen is how many bytes the EWKB of a polygon or multipolygon at the
// beginning of b takes.
func ewkbLen(b []byte) (int, error) {
	w := wkbReader{b: b}
	switch kind := w.head(); kind {
	case ewkbPolygon:
		w.skipPolygon()
	case ewkbMultiPolygon:
		for range w.count(9) {
			w.head()
			w.skipPolygon()
		}
	default:
		return 0, fmt.Errorf("%w: geometry type %d", errEWKB, kind)
	}
	if w.bad {
		return 0, fmt.Errorf("%w: cut short", errEWKB)
	}
	return w.at, nil
}

func (a *arena) polygon(w *wkbReader) {
	first := len(a.rings)
	for range w.count(4) {
		from := len(a.points)
		n := w.count(16)
		a.points = w.points(a.points, n)
		a.rings = append(a.rings, a.points[from:len(a.points):len(a.points)])
	}
	a.shape = append(a.shape, a.rings[first:len(a.rings):len(a.rings)])
}

// wkbReader reads binary EWKB of two dimensions in either byte order.
type wkbReader struct {
	b     []byte
	at    int
	order binary.ByteOrder
	bad   bool
}

func (r *wkbReader) take(n int) []byte {
	if r.bad || len(r.b)-r.at < n {
		r.bad = true
		return nil
	}
	r.at += n
	return r.b[r.at-n : r.at]
}

// head reads byte order, type and, where there is one, SRID.
func (r *wkbReader) head() uint32 {
	order := r.take(1)
	switch {
	case order == nil:
		return 0
	case order[0] == 1:
		r.order = binary.LittleEndian
	case order[0] == 0:
		r.order = binary.BigEndian
	default:
		r.bad = true
		return 0
	}
	kind := r.uint32()
	if kind&ewkbHasSRID != 0 {
		r.uint32()
	}
	return kind &^ ewkbHasSRID
}

func (r *wkbReader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return r.order.Uint32(b)
	}
	return 0
}

// count reads a number of things of at least size bytes each.
func (r *wkbReader) count(size int) int {
	n := int(r.uint32())
	if r.bad || n > (len(r.b)-r.at)/size {
		r.bad = true
		return 0
	}
	return n
}

func (r *wkbReader) skipPolygon() {
	for range r.count(4) {
		r.take(r.count(16) * 16)
	}
}

// points appends n points.
func (r *wkbReader) points(to []orb.Point, n int) []orb.Point {
	b := r.take(n * 16)
	if r.order == binary.LittleEndian { // spelled out, since a call a number costs more than reading it
		for ; len(b) >= 16; b = b[16:] {
			to = append(to, orb.Point{math.Float64frombits(binary.LittleEndian.Uint64(b)), math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))})
		}
		return to
	}
	for ; len(b) >= 16; b = b[16:] {
		to = append(to, orb.Point{math.Float64frombits(r.order.Uint64(b)), math.Float64frombits(r.order.Uint64(b[8:]))})
	}
	return to
}
