package ogcapi

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/paulmach/orb"
)

// The kinds of columns and shapes of FlatGeobuf (header.fbs, version 3).
const (
	fgbBool, fgbDouble, fgbString, fgbJSON, fgbDateTime = 2, 10, 11, 12, 13
	fgbPoint, fgbPolygon, fgbMultiPolygon               = 1, 3, 6
)

// fgbWriter writes FlatGeobuf 3 without an index, which needs all features at
// once: it is streamed, feature by feature. Coordinates are easting, northing
// whatever the system's axis order, as the format has them.
type fgbWriter struct {
	f          *features
	of         *collection
	crs        crs
	out        *bufio.Writer
	flat       flat
	place      func(x, y float64) (float64, float64)
	properties []byte
}

func newFGB(f *features, q *asked, out *bufio.Writer) *fgbWriter {
	w := &fgbWriter{f: f, of: q.of, crs: q.crs, out: out}
	if c := q.crs.CRS; !c.Geographic() {
		w.place = func(x, y float64) (float64, float64) { p := c.FromLonLat(orb.Point{x, y}); return p[0], p[1] }
	}
	return w
}

func (w *fgbWriter) begin() error {
	if _, err := w.out.WriteString("fgb\x03fgb\x00"); err != nil {
		return err
	}
	kind := uint32(fgbMultiPolygon)
	if w.of.Geometry == "Point" {
		kind = fgbPoint
	}
	f := &w.flat
	f.reset()
	at := f.table(f.ref(), slot{field: 0, size: 4}, slot{field: 7, size: 4}, slot{field: 10, size: 4}, slot{field: 9, size: 2}, slot{field: 2, size: 1, value: kind})
	f.text(at[0], w.of.Name)
	w.columns(at[1])
	epsg := w.crs.EPSG()
	if epsg == 0 {
		epsg = 4326 // the format has longitude first in any case
	}
	org := f.table(at[2], slot{field: 0, size: 4}, slot{field: 1, size: 4, value: uint32(epsg)})
	f.text(org[0], "EPSG")
	_, err := w.out.Write(f.finish())
	return err
}

// columns are the feature's id, under the name feature_id, and the properties.
func (w *fgbWriter) columns(at int) {
	f := &w.flat
	f.here(at)
	f.u32(uint32(len(w.f.properties) + 1))
	refs := make([]int, len(w.f.properties)+1)
	for i := range refs {
		refs[i] = f.ref()
	}
	for i, ref := range refs {
		name, kind := "feature_id", fgbString
		if i > 0 {
			name, kind = w.f.properties[i-1].Name, fgbKind(w.f.properties[i-1].Kind)
		}
		column := f.table(ref, slot{field: 0, size: 4}, slot{field: 1, size: 1, value: uint32(kind)})
		f.text(column[0], name)
	}
}

func fgbKind(kind filter.Kind) int {
	switch kind {
	case filter.Missing:
		return fgbJSON
	case filter.Number:
		return fgbDouble
	case filter.Boolean:
		return fgbBool
	case filter.Date, filter.Timestamp:
		return fgbDateTime
	}
	return fgbString
}

func (w *fgbWriter) item(it *Item) error {
	if err := w.values(it); err != nil {
		return err
	}
	f := &w.flat
	f.reset()
	slots := []slot{{field: 1, size: 4}}
	if it.Shape != nil && !w.f.shapeless {
		slots = append(slots, slot{field: 0, size: 4})
	}
	at := f.table(f.ref(), slots...)
	f.here(at[0])
	f.u32(uint32(len(w.properties)))
	f.b = append(f.b, w.properties...)
	if len(at) > 1 {
		if err := w.shape(at[1], it.Shape); err != nil {
			return err
		}
	}
	_, err := w.out.Write(f.finish())
	return err
}

// values writes what is known: the number of the column, then the value.
func (w *fgbWriter) values(it *Item) error {
	b := appendFGBText(w.properties[:0], 0, it.ID)
	for i, p := range w.f.properties {
		if !it.Known[i] {
			continue
		}
		value := it.Values[i]
		switch fgbKind(p.Kind) {
		case fgbDouble:
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return fmt.Errorf("write %s of %q: %w", p.Name, it.ID, err)
			}
			b = binary.LittleEndian.AppendUint16(b, uint16(i+1))
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		case fgbBool:
			b = binary.LittleEndian.AppendUint16(b, uint16(i+1))
			b = append(b, map[bool]byte{true: 1}[value == "t"])
		default:
			b = appendFGBText(b, uint16(i+1), value)
		}
	}
	w.properties = b
	return nil
}

func appendFGBText(b []byte, column uint16, s string) []byte {
	b = binary.LittleEndian.AppendUint16(b, column)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

// shape writes a geometry table straight from EWKB.
func (w *fgbWriter) shape(ref int, shape []byte) error {
	f, r := &w.flat, wkb{b: shape}
	switch kind := r.head(); kind {
	case 1:
		at := f.table(ref, slot{field: 1, size: 4}, slot{field: 6, size: 1, value: fgbPoint})
		w.positions(at[0], &r, []int{1})
	case 6:
		at := f.table(ref, slot{field: 7, size: 4}, slot{field: 6, size: 1, value: fgbMultiPolygon})
		n := r.count(9)
		f.here(at[0])
		f.u32(uint32(n))
		refs := make([]int, n)
		for i := range refs {
			refs[i] = f.ref()
		}
		for _, one := range refs {
			w.polygon(one, &r)
		}
	default:
		return fmt.Errorf("%w: type %d", errShape, kind)
	}
	if r.bad {
		return fmt.Errorf("%w: it breaks off", errShape)
	}
	return nil
}

func (w *fgbWriter) polygon(ref int, r *wkb) {
	f := &w.flat
	if r.head() != fgbPolygon {
		r.bad = true
		return
	}
	at := f.table(ref, slot{field: 0, size: 4}, slot{field: 1, size: 4}, slot{field: 6, size: 1, value: fgbPolygon})
	n := r.count(4)
	ahead := *r // ring ends stand before all positions
	counts := make([]int, n)
	for i := range counts {
		counts[i] = ahead.count(16)
		if ahead.bad {
			r.bad = true
			return
		}
		ahead.b = ahead.b[16*counts[i]:]
	}
	f.here(at[0])
	f.u32(uint32(n))
	end := 0
	for _, c := range counts {
		end += c
		f.u32(uint32(end))
	}
	w.positions(at[1], r, counts)
}

// positions writes a vector of all positions. In a polygon each ring begins
// with the number of its positions.
func (w *fgbWriter) positions(ref int, r *wkb, counts []int) {
	f := &w.flat
	f.align(8, 4)
	f.here(ref)
	total := 0
	for _, c := range counts {
		total += c
	}
	point := len(counts) == 1 && len(r.b) == 16
	f.u32(uint32(2 * total))
	for _, c := range counts {
		if !point {
			r.count(16)
		}
		if r.bad || len(r.b) < 16*c {
			r.bad = true
			return
		}
		if w.place == nil {
			f.b = append(f.b, r.b[:16*c]...)
		} else {
			for i := 0; i < 16*c; i += 16 {
				x, y := w.place(math.Float64frombits(binary.LittleEndian.Uint64(r.b[i:])), math.Float64frombits(binary.LittleEndian.Uint64(r.b[i+8:])))
				f.b = binary.LittleEndian.AppendUint64(f.b, math.Float64bits(x))
				f.b = binary.LittleEndian.AppendUint64(f.b, math.Float64bits(y))
			}
		}
		r.b = r.b[16*c:]
	}
}

func (w *fgbWriter) end(int, string) error { return nil }
