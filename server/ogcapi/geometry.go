package ogcapi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/muscope/muscope/geo/geojson"
)

// errShape says that the store handed in a shape that is none.
var errShape = errors.New("not a shape in EWKB")

// wkb reads EWKB in either byte order, number by number: a shape becomes text
// without becoming a structure first.
type wkb struct {
	b   []byte
	bad bool
}

func (w *wkb) uint32() uint32 {
	if len(w.b) < 4 {
		w.bad = true
		return 0
	}
	v := binary.LittleEndian.Uint32(w.b)
	w.b = w.b[4:]
	return v
}

// head is the type of the geometry that follows, its SRID passed over.
func (w *wkb) head() uint32 {
	if len(w.b) < 5 || w.b[0] != 1 { // PostGIS on every machine of ours writes little-endian
		w.bad = true
		return 0
	}
	w.b = w.b[1:]
	kind := w.uint32()
	if kind&0x20000000 != 0 {
		w.uint32()
	}
	return kind &^ 0x20000000
}

// count reads a number of things of at least size bytes each.
func (w *wkb) count(size int) int {
	n := int(w.uint32())
	if w.bad || n > len(w.b)/size {
		w.bad = true
		return 0
	}
	return n
}

// shaper writes shapes as text.
type shaper struct {
	place  func(x, y float64) (float64, float64) // nil leaves longitude and latitude as they are
	digits int                                   // -1 is as many as a number has
}

// geoJSON appends a shape as an RFC 7946 geometry, its axes in the order of the
// coordinate reference system.
func (s *shaper) geoJSON(dst, shape []byte) ([]byte, error) {
	w := wkb{b: shape}
	switch kind := w.head(); kind {
	case 1:
		dst = append(dst, `{"type":"Point","coordinates":`...)
		dst = s.positions(dst, &w, 1, ',', "[", "]")
	case 3:
		dst = s.polygon(append(dst, `{"type":"Polygon","coordinates":`...), &w, jsonMarks())
	case 6:
		dst = s.polygons(append(dst, `{"type":"MultiPolygon","coordinates":`...), &w, jsonMarks())
	default:
		return dst, fmt.Errorf("%w: type %d", errShape, kind)
	}
	if w.bad {
		return dst, fmt.Errorf("%w: it breaks off", errShape)
	}
	return append(dst, '}'), nil
}

// wkt appends a shape as well-known text.
func (s *shaper) wkt(dst, shape []byte) ([]byte, error) {
	w := wkb{b: shape}
	switch kind := w.head(); kind {
	case 1:
		dst = append(s.positions(append(dst, "POINT ("...), &w, 1, ' ', "", ""), ')')
	case 3:
		dst = s.polygon(append(dst, "POLYGON "...), &w, wktMarks())
	case 6:
		dst = s.polygons(append(dst, "MULTIPOLYGON "...), &w, wktMarks())
	default:
		return dst, fmt.Errorf("%w: type %d", errShape, kind)
	}
	if w.bad {
		return dst, fmt.Errorf("%w: it breaks off", errShape)
	}
	return dst, nil
}

// marks are the brackets of a text form of shapes.
type marks struct {
	open, close         byte
	pair                byte // between the numbers of a position
	openPair, closePair string
}

func jsonMarks() *marks { return &marks{'[', ']', ',', "[", "]"} }

func wktMarks() *marks { return &marks{'(', ')', ' ', "", ""} }

func (s *shaper) polygons(dst []byte, w *wkb, m *marks) []byte {
	dst = append(dst, m.open)
	for i := range w.count(9) {
		if i > 0 {
			dst = append(dst, ',')
		}
		if w.head() != 3 {
			w.bad = true
			return dst
		}
		dst = s.polygon(dst, w, m)
	}
	return append(dst, m.close)
}

func (s *shaper) polygon(dst []byte, w *wkb, m *marks) []byte {
	dst = append(dst, m.open)
	for i := range w.count(4) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, m.open)
		dst = s.positions(dst, w, w.count(16), m.pair, m.openPair, m.closePair)
		dst = append(dst, m.close)
	}
	return append(dst, m.close)
}

func (s *shaper) positions(dst []byte, w *wkb, n int, pair byte, open, end string) []byte {
	if len(w.b) < 16*n {
		w.bad = true
		return dst
	}
	b := w.b[:16*n]
	w.b = w.b[16*n:]
	for i := 0; i < len(b); i += 16 {
		x := math.Float64frombits(binary.LittleEndian.Uint64(b[i:]))
		y := math.Float64frombits(binary.LittleEndian.Uint64(b[i+8:]))
		if s.place != nil {
			x, y = s.place(x, y)
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, open...)
		dst = append(s.number(dst, x), pair)
		dst = append(s.number(dst, y), end...)
	}
	return dst
}

func (s *shaper) number(dst []byte, v float64) []byte {
	if s.digits < 0 || math.Abs(v) > 1e11 {
		return geojson.AppendNumber(dst, v)
	}
	scale := math.Pow10(s.digits)
	n := int64(math.Round(v * scale))
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	unit := int64(scale)
	dst = strconv.AppendInt(dst, n/unit, 10)
	rest := n % unit
	if rest == 0 {
		return dst
	}
	dst = append(dst, '.')
	for rest > 0 {
		unit /= 10
		dst = append(dst, byte('0'+rest/unit))
		rest %= unit
	}
	return dst
}
