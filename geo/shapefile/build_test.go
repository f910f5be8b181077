package shapefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo/raw"
)

// made is a shapefile in memory, written by hand so that every byte can lie.
type made struct {
	shp, shx, dbf, cpg []byte
	noIndex            bool
	encoding           string
}

// column is one column of a .dbf: name, type and width.
type column struct {
	name string
	kind byte
	size int
}

// shape is the content of a record: its type, its rings, and what follows.
func shape(kind int32, rings ...orb.Ring) []byte {
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	put(kind)
	if kind == typeNull {
		return b.Bytes()
	}
	put([4]float64{})
	points := 0
	for _, r := range rings {
		points += len(r)
	}
	put(int32(len(rings)))
	put(int32(points))
	at := 0
	for _, r := range rings {
		put(int32(at))
		at += len(r)
	}
	for _, r := range rings {
		for _, p := range r {
			put([2]float64(p))
		}
	}
	for range map[int32]int{typePolygonZ: 2, typePolygonM: 1}[kind] {
		put(make([]float64, 2+points))
	}
	return b.Bytes()
}

// build writes the files of a shapefile: of each row its shape and its cells,
// a first cell of "*" standing for a deleted row.
func build(kind int32, columns []column, rows ...[]any) made {
	var m made
	body, index := bytes.Buffer{}, bytes.Buffer{}
	width := 1
	for _, c := range columns {
		width += c.size
	}
	var cells bytes.Buffer
	for i, row := range rows {
		content := row[0].([]byte)
		_ = binary.Write(&index, binary.BigEndian, []int32{int32(headerBytes+body.Len()) / 2, int32(len(content) / 2)})
		_ = binary.Write(&body, binary.BigEndian, []int32{int32(i + 1), int32(len(content) / 2)})
		body.Write(content)
		mark, values := " ", row[1:]
		if len(values) > len(columns) {
			mark, values = "*", values[1:]
		}
		cells.WriteString(mark)
		for j, c := range columns {
			text := fmt.Sprint(values[j])
			cells.WriteString(text + string(bytes.Repeat([]byte(" "), max(0, c.size-len(text)))))
		}
	}
	m.shp = append(fileHead(kind, headerBytes+body.Len()), body.Bytes()...)
	m.shx = append(fileHead(kind, headerBytes+index.Len()), index.Bytes()...)
	head := make([]byte, 32)
	head[0] = 3
	binary.LittleEndian.PutUint32(head[4:], uint32(len(rows)))
	binary.LittleEndian.PutUint16(head[8:], uint16(33+32*len(columns)))
	binary.LittleEndian.PutUint16(head[10:], uint16(width))
	for _, c := range columns {
		d := make([]byte, 32)
		copy(d, c.name)
		d[11], d[16] = c.kind, byte(c.size)
		head = append(head, d...)
	}
	m.dbf = append(append(append(head, '\r'), cells.Bytes()...), 0x1A)
	return m
}

func fileHead(kind int32, size int) []byte {
	h := make([]byte, headerBytes)
	binary.BigEndian.PutUint32(h, fileCode)
	binary.BigEndian.PutUint32(h[24:], uint32(size/2))
	binary.LittleEndian.PutUint32(h[28:], fileVersion)
	binary.LittleEndian.PutUint32(h[32:], uint32(kind))
	return h
}

func part(b []byte) Part { return Part{bytes.NewReader(b), int64(len(b))} }

func (m made) open(opt Options) (*Reader, error) {
	p := Parts{SHP: part(m.shp), DBF: part(m.dbf), CPG: m.cpg}
	if !m.noIndex {
		shx := part(m.shx)
		p.SHX = &shx
	}
	if opt.Encoding == "" {
		opt.Encoding = m.encoding
	}
	return Open(p, opt)
}

// kept is a feature that outlives its call.
type kept struct {
	number   int64
	fault    string
	kind     string
	geometry orb.MultiPolygon
	heights  string
	values   []string
}

// read reads everything; the code of the error that ended it comes last.
func (m made) read(t testing.TB, opt Options) (all []kept, r *Reader, code string) {
	t.Helper()
	r, err := m.open(opt)
	for err == nil {
		var b raw.Batch
		if b, err = r.Next(); err != nil {
			break
		}
		err = b.Decode(func(f *raw.Feature) error {
			k := kept{number: f.Number, kind: f.Type, geometry: f.Geometry, heights: fmt.Sprint(f.ZDropped, f.MDropped)}
			if f.Fault != nil {
				k.fault = f.Fault.Code
			}
			for _, v := range f.Values {
				k.values = append(k.values, map[raw.Kind]string{raw.Null: "~", raw.Bool: "b:", raw.Number: "n:", raw.Text: "t:"}[v.Kind]+string(v.Text))
			}
			all = append(all, k)
			return nil
		})
	}
	var e *raw.Error
	switch {
	case errors.Is(err, io.EOF):
	case errors.As(err, &e):
		code = e.Code
	default:
		t.Fatal(err)
	}
	return all, r, code
}

// ring is a rectangle, clockwise (an outer ring) unless it is a hole.
func ring(x, y, w, h float64, hole bool) orb.Ring {
	r := orb.Ring{{x, y}, {x, y + h}, {x + w, y + h}, {x + w, y}, {x, y}}
	if hole {
		r.Reverse()
	}
	return r
}
