package shapefile

import (
	"bytes"
	"encoding/binary"

	"github.com/muscope/muscope/geo/raw"
)

// field is one column of a .dbf.
type field struct {
	name   []byte // in the encoding of the file
	kind   byte
	offset int // in the row, behind the deletion mark
	length int
}

// table is a .dbf: dBASE III, which is all that shapefiles may hold.
type table struct {
	file      window
	count     int64
	recordLen int
	headerLen int
	language  byte
	fields    []field
}

const (
	deletedMark = '*'
	fieldBytes  = 32
	memoKind    = 'M'
	maxFields   = 2046
)

func openTable(p Part) (*table, error) {
	t := &table{file: window{part: p, name: ".dbf"}}
	h, err := t.file.bytes(0, fieldBytes)
	if err != nil {
		return nil, err
	}
	t.count = int64(binary.LittleEndian.Uint32(h[4:]))
	t.headerLen = int(binary.LittleEndian.Uint16(h[8:]))
	t.recordLen = int(binary.LittleEndian.Uint16(h[10:]))
	t.language = h[29]
	if h[0]&7 != 3 || t.headerLen < fieldBytes+1 || t.recordLen < 1 {
		return nil, t.fault("not_dbf")
	}
	if err := t.checkCount(); err != nil {
		return nil, err
	}
	return t, t.readFields()
}

func (t *table) fault(code string, args ...any) error {
	return &raw.Error{Format: format, Part: ".dbf", Code: code, Args: args}
}

// checkCount holds the number of rows that the header states against the size:
// a table that was cut off, or whose header was never brought up to date, would
// lose rows in silence.
func (t *table) checkCount() error {
	if int64(t.headerLen) > t.file.part.Size {
		return t.fault("truncated", t.headerLen, t.file.part.Size)
	}
	held := (t.file.part.Size - int64(t.headerLen)) / int64(t.recordLen)
	if held != t.count {
		rest := t.file.part.Size - int64(t.headerLen) - t.count*int64(t.recordLen)
		if rest == 1 { // the mark for the end of the file, where rows are one byte long
			return nil
		}
		return t.fault("row_count", t.count, held)
	}
	return nil
}

func (t *table) readFields() error {
	head, err := t.file.bytes(0, t.headerLen)
	if err != nil {
		return err
	}
	offset := 1
	for at := fieldBytes; ; at += fieldBytes {
		if at >= len(head) {
			return t.fault("no_header_end")
		}
		if head[at] == '\r' {
			break
		}
		if at+fieldBytes > len(head) || len(t.fields) >= maxFields {
			return t.fault("no_header_end")
		}
		d := head[at : at+fieldBytes]
		name, _, _ := bytes.Cut(d[:11], []byte{0})
		f := field{name: bytes.Clone(bytes.TrimSpace(name)), kind: d[11], offset: offset, length: int(d[16])}
		if f.kind == 'C' { // long texts use the decimals as a second byte
			f.length += int(d[17]) << 8
		}
		if err := t.checkField(f); err != nil {
			return err
		}
		offset += f.length
		t.fields = append(t.fields, f)
	}
	if offset != t.recordLen {
		return t.fault("row_length", t.recordLen, offset)
	}
	return nil
}

func (t *table) checkField(f field) error {
	if bytes.IndexByte([]byte("CNFDLM"), f.kind) < 0 {
		return t.fault("column_type", string(f.name), string(rune(f.kind)))
	}
	if f.length == 0 || f.offset+f.length > t.recordLen || len(f.name) == 0 {
		return t.fault("column_length", string(f.name), f.length, t.recordLen)
	}
	return nil
}

// row gives row i with its deletion mark, valid until the next call.
func (t *table) row(i int64) ([]byte, error) {
	return t.file.bytes(int64(t.headerLen)+i*int64(t.recordLen), t.recordLen)
}

// cellOf is the text of a field in a row, up to the first NUL.
func (f *field) cellOf(row []byte) []byte {
	b := row[f.offset : f.offset+f.length]
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return b
}

// value reads one cell. Texts go to scratch where they must be decoded.
func (f *field) value(row []byte, e *Encoding, scratch []byte) (raw.Value, []byte) {
	cell := f.cellOf(row)
	switch f.kind {
	case 'C':
		full := len(cell) == f.length
		cell = bytes.TrimRight(cell, " ")
		if len(cell) == 0 {
			return raw.Value{}, scratch
		}
		start := len(scratch)
		out := e.decode(scratch, cell, full)
		return raw.Value{Kind: raw.Text, Text: out[start:len(out):len(out)]}, out
	case 'N', 'F':
		return numberValue(bytes.TrimSpace(cell), scratch)
	case 'D':
		return dateValue(bytes.TrimSpace(cell), scratch)
	case 'L':
		return logicalValue(bytes.TrimSpace(cell)), scratch
	}
	// A memo is a number into a .dbt file, which isn't read: what is left out is
	// counted by Reader.Memos.
	return raw.Value{}, scratch
}

// numberValue gives a number in JSON's grammar, without the zeros that only
// fill the column; stars mean that it didn't fit, so it is unknown.
func numberValue(b, scratch []byte) (raw.Value, []byte) {
	if len(b) == 0 || bytes.Trim(b, "*") == nil || len(bytes.Trim(b, "*")) == 0 {
		return raw.Value{}, scratch
	}
	start := len(scratch)
	text := b
	if text[0] == '+' {
		text = text[1:]
	}
	if len(text) > 0 && text[0] == '-' {
		scratch, text = append(scratch, '-'), text[1:]
	}
	whole := digits(text)
	rest := text[whole:]
	lead := bytes.TrimLeft(text[:whole], "0")
	if len(lead) == 0 {
		lead = []byte("0")
	}
	scratch = append(scratch, lead...)
	fraction := 0
	if len(rest) > 0 && rest[0] == '.' {
		fraction = digits(rest[1:])
		if kept := bytes.TrimRight(rest[1:1+fraction], "0"); len(kept) > 0 {
			scratch = append(append(scratch, '.'), kept...)
		}
		rest = rest[1+fraction:]
	}
	if whole+fraction == 0 || !exponent(rest) {
		return raw.Value{Kind: raw.Text, Text: append(scratch[:start:start], printable(b)...)}, scratch[:start]
	}
	scratch = append(scratch, rest...)
	return raw.Value{Kind: raw.Number, Text: scratch[start:len(scratch):len(scratch)]}, scratch
}

func digits(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}

// exponent reports whether b is nothing or e, a sign and digits.
func exponent(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	if b[0]|0x20 != 'e' {
		return false
	}
	b = b[1:]
	if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		b = b[1:]
	}
	return len(b) > 0 && digits(b) == len(b)
}

// printable is b as text where it is no number: bytes beyond ASCII have no
// business there and are shown as question marks.
func printable(b []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r > 0x7E || r < ' ' {
			return '?'
		}
		return r
	}, b)
}

// dateValue gives YYYYMMDD as YYYY-MM-DD; blanks and zeros are no date.
func dateValue(b, scratch []byte) (raw.Value, []byte) {
	if len(bytes.Trim(b, "0 ")) == 0 {
		return raw.Value{}, scratch
	}
	if len(b) != 8 || digits(b) != 8 {
		return raw.Value{Kind: raw.Text, Text: printable(b)}, scratch
	}
	start := len(scratch)
	scratch = append(append(append(append(append(scratch, b[:4]...), '-'), b[4:6]...), '-'), b[6:]...)
	return raw.Value{Kind: raw.Text, Text: scratch[start:len(scratch):len(scratch)]}, scratch
}

func logicalValue(b []byte) raw.Value {
	switch string(b) {
	case "T", "t", "Y", "y":
		return raw.Value{Kind: raw.Bool, Text: []byte("true")}
	case "F", "f", "N", "n":
		return raw.Value{Kind: raw.Bool, Text: []byte("false")}
	}
	return raw.Value{}
}
