package geopackage

import (
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo/raw"
)

// batch is some rows: their geometry as it stands in the file, their values
// one row after the other.
type batch struct {
	first  int64
	width  int
	shapes [][]byte
	values []raw.Value
}

// Len is the number of rows.
func (b *batch) Len() int { return len(b.shapes) }

// Decode calls fn for each row.
func (b *batch) Decode(fn func(*raw.Feature) error) error {
	var f raw.Feature
	for i, shape := range b.shapes {
		f = raw.Feature{Number: b.first + int64(i), Values: b.values[i*b.width : (i+1)*b.width]}
		f.Fault = decodeShape(shape, &f)
		if err := fn(&f); err != nil {
			return err
		}
	}
	return nil
}

// The header of a GeoPackage geometry: clause 2.1.3.
const (
	headBytes    = 8
	flagLittle   = 1
	flagEmpty    = 1 << 4
	flagExtended = 1 << 5
)

// decodeShape reads a geometry with its header.
func decodeShape(b []byte, f *raw.Feature) *raw.Fault {
	if len(b) == 0 {
		return nil
	}
	if len(b) < headBytes || b[0] != 'G' || b[1] != 'P' || b[2] != 0 || b[3]&flagExtended != 0 {
		return &raw.Fault{Code: "not_geometry"}
	}
	if b[3]&flagEmpty != 0 {
		return nil
	}
	envelope := []int{0, 32, 48, 48, 64}
	kind := int(b[3] >> 1 & 7)
	if kind >= len(envelope) || len(b) < headBytes+envelope[kind] {
		return &raw.Fault{Code: "not_geometry"}
	}
	r := wkbReader{b: b[headBytes+envelope[kind]:]}
	mp := r.geometry(f)
	switch {
	case r.bad || r.i != len(r.b) && f.Type == "Polygon":
		return &raw.Fault{Code: "wkb", Args: []any{len(b)}}
	case r.infinite:
		return &raw.Fault{Code: "not_finite"}
	}
	f.Geometry = mp
	if f.Type == "Polygon" && len(mp) == 0 {
		f.Type = ""
	}
	return nil
}

// wkbReader reads well-known binary: ISO's type numbers (1003 is a polygon with
// Z) and those of EWKB.
type wkbReader struct {
	b             []byte
	i             int
	bad, infinite bool
}

func (r *wkbReader) take(n int) []byte {
	if r.bad || n < 0 || len(r.b)-r.i < n {
		r.bad = true
		return nil
	}
	r.i += n
	return r.b[r.i-n : r.i]
}

// head reads byte order and type: its base number, and how many numbers a
// point has.
func (r *wkbReader) head() (order binary.ByteOrder, kind uint32, z, m bool) {
	mark := r.take(1)
	if r.bad || mark[0] > 1 {
		r.bad = true
		return nil, 0, false, false
	}
	order = binary.BigEndian
	if mark[0] == 1 {
		order = binary.LittleEndian
	}
	kind = r.count(order)
	const ewkbZ, ewkbM, ewkbSRID = 1 << 31, 1 << 30, 1 << 29
	z, m = kind&ewkbZ != 0, kind&ewkbM != 0
	if kind&ewkbSRID != 0 {
		r.take(4)
	}
	kind &^= ewkbZ | ewkbM | ewkbSRID
	switch kind / 1000 {
	case 1:
		z = true
	case 2:
		m = true
	case 3:
		z, m = true, true
	}
	return order, kind % 1000, z, m
}

func (r *wkbReader) count(order binary.ByteOrder) uint32 {
	b := r.take(4)
	if r.bad {
		return 0
	}
	return order.Uint32(b)
}

const (
	wkbPolygon      = 3
	wkbMultiPolygon = 6
)

func wkbName(kind uint32) string {
	names := []string{"Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "Polygon", "GeometryCollection",
		"CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface", "Curve", "Surface", "PolyhedralSurface", "TIN", "Triangle"}
	if int(kind) < len(names) {
		return names[kind]
	}
	return "?"
}

// geometry reads a polygon or the polygons of a multipolygon.
func (r *wkbReader) geometry(f *raw.Feature) orb.MultiPolygon {
	order, kind, z, m := r.head()
	if r.bad {
		return nil
	}
	f.Type = wkbName(kind)
	switch kind {
	case wkbPolygon:
		if p := r.polygon(order, z, m, f); p != nil {
			return orb.MultiPolygon{p}
		}
	case wkbMultiPolygon:
		n := r.count(order)
		var mp orb.MultiPolygon
		for range n {
			order, kind, z, m := r.head()
			if r.bad = r.bad || kind != wkbPolygon; r.bad {
				return nil
			}
			if p := r.polygon(order, z, m, f); p != nil {
				mp = append(mp, p)
			}
		}
		return mp
	}
	return nil
}

// polygon reads the rings of a polygon, nil for an empty one.
func (r *wkbReader) polygon(order binary.ByteOrder, z, m bool, f *raw.Feature) orb.Polygon {
	size := 16
	if z {
		size += 8
	}
	if m {
		size += 8
	}
	var p orb.Polygon
	for range r.count(order) {
		n := int(r.count(order))
		if r.bad || n == 0 || n > (len(r.b)-r.i)/size {
			r.bad = true
			return nil
		}
		ring := make(orb.Ring, n)
		for i := range ring {
			b := r.take(size)
			ring[i] = orb.Point{r.number(order, b), r.number(order, b[8:])}
		}
		if z {
			f.ZDropped += n
		}
		if m {
			f.MDropped += n
		}
		p = append(p, ring)
	}
	return p
}

func (r *wkbReader) number(order binary.ByteOrder, b []byte) float64 {
	v := math.Float64frombits(order.Uint64(b))
	r.infinite = r.infinite || math.IsNaN(v) || math.IsInf(v, 0)
	return v
}
