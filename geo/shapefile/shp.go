package shapefile

import (
	"encoding/binary"
	"io"

	"github.com/muscope/muscope/geo/raw"
)

// shapes walks the records of a .shp, by the .shx where there is one: programs
// that edit in place append a grown boundary and leave its old text behind.
type shapes struct {
	shp, shx window
	indexed  bool
	count    int64 // by the .shx; -1 without one
	end      int64 // of the records, by the header
	kind     int32
	at       int64 // next record without .shx
	row      int64
	base     int64 // number of the first record
	bytes    int64
	max      int
}

const (
	headerBytes = 100
	fileCode    = 9994
	fileVersion = 1000
)

func openShapes(shp Part, shx *Part, maxRecord int) (*shapes, error) {
	s := &shapes{shp: window{part: shp, name: ".shp"}, count: -1, at: headerBytes, max: maxRecord}
	var err error
	if s.end, s.kind, err = header(&s.shp); err != nil {
		return nil, err
	}
	if shx == nil {
		return s, nil
	}
	s.shx, s.indexed = window{part: *shx, name: ".shx"}, true
	end, _, err := header(&s.shx)
	if err != nil {
		return nil, err
	}
	s.count = (end - headerBytes) / 8
	return s, nil
}

// header checks the first 100 bytes, which .shp and .shx share, and gives the
// length and the shape type they state.
func header(w *window) (end int64, kind int32, err error) {
	fail := func(code string, args ...any) (int64, int32, error) {
		return 0, 0, &raw.Error{Format: format, Part: w.name, Code: code, Args: args}
	}
	h, err := w.bytes(0, headerBytes)
	if err != nil {
		return 0, 0, err
	}
	if binary.BigEndian.Uint32(h) != fileCode || binary.LittleEndian.Uint32(h[28:]) != fileVersion {
		return fail("not_shapefile")
	}
	end = 2 * int64(binary.BigEndian.Uint32(h[24:]))
	if end < headerBytes || end > w.part.Size {
		return fail("truncated", end, w.part.Size)
	}
	return end, int32(binary.LittleEndian.Uint32(h[32:])), nil
}

// next gives the content of the next record and its place. A record without
// content is a null shape.
func (s *shapes) next() (content []byte, at int64, err error) {
	at, stated := s.at, int64(-1)
	if s.indexed {
		if s.row >= s.count {
			return nil, 0, io.EOF
		}
		entry, err := s.shx.bytes(headerBytes+8*s.row, 8)
		if err != nil {
			return nil, 0, err
		}
		at, stated = 2*int64(binary.BigEndian.Uint32(entry)), 2*int64(binary.BigEndian.Uint32(entry[4:]))
	} else if s.at >= s.end {
		return nil, 0, io.EOF
	}
	s.row++
	if s.indexed && at == 0 && stated == 0 {
		return nil, 0, nil
	}
	if content, err = s.content(at, stated); err != nil {
		return nil, 0, err
	}
	s.at = at + 8 + int64(len(content))
	if s.bytes += 8 + int64(len(content)); s.bytes > s.shp.part.Size {
		// An index that names records twice would make a small file a large load.
		return nil, 0, s.fault("index_repeats", at)
	}
	return content, at, nil
}

func (s *shapes) fault(code string, at int64, args ...any) error {
	return &raw.Error{Format: format, Part: ".shp", Code: code, Feature: s.row, Offset: at, Args: args}
}

// numbered reports whether a record's own number is that of its row; some
// programs count from 0.
func (s *shapes) numbered(number int64) bool {
	if s.row == 1 {
		s.base = number
	}
	return number == s.row-1+s.base && (s.base == 0 || s.base == 1)
}

// content reads the record at a place; stated is the length that the .shx
// gives, -1 for none.
func (s *shapes) content(at, stated int64) ([]byte, error) {
	if at < headerBytes || at > s.end-8 {
		return nil, s.fault("truncated", at, at+8, s.end)
	}
	head, err := s.shp.bytes(at, 8)
	if err != nil {
		return nil, err
	}
	number, n := int64(binary.BigEndian.Uint32(head)), 2*int64(binary.BigEndian.Uint32(head[4:]))
	switch {
	case stated >= 0 && n != stated:
		return nil, s.fault("index_differs", at, stated, n)
	case stated >= 0 && !s.numbered(number):
		return nil, s.fault("index_number", at, s.row, number)
	case n > s.end-at-8:
		return nil, s.fault("truncated", at, at+8+n, s.end)
	case n > int64(s.max):
		return nil, s.fault("record_too_large", at, n, s.max)
	case n < 4:
		return nil, s.fault("record_too_small", at, n)
	}
	return s.shp.bytes(at+8, int(n))
}
