package boundarytext

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/muscope/muscope/geo/raw"
)

const format = "boundarytext"

// The encodings of the format.
const (
	nameUTF8 = "UTF-8"
	nameGB   = "GB18030"
)

// The two sections of a file.
const (
	sectionHead   = "属性描述"
	sectionPoints = "地块坐标"
)

// Head is what [属性描述] says.
type Head struct {
	Keys   []string // in the order of the file, those with a value
	Values map[string]string
}

// Options bound what a Reader takes in; zero values mean the defaults.
type Options struct {
	BatchBytes     int // size of a batch, default 1 MiB
	MaxParcelBytes int // text of one parcel, default 64 MiB
	// Encoding of the texts, UTF-8 or GB18030, whatever the bytes say; "" is by
	// the bytes.
	Encoding string
	Swapped  bool // the first coordinate is the easting, against the format
}

const (
	defaultBatchBytes = 1 << 20
	defaultParcelMax  = 64 << 20
	maxLine           = 64 << 10
	maxHeadLines      = 1000
	maxBatchParcels   = 4096
)

// Reader splits a file into batches of whole parcels. It belongs to one
// goroutine.
type Reader struct {
	opt     Options
	src     *bufio.Reader
	gbk     bool
	head    Head
	first   orb.Point // first point of the file as written: X, Y
	line    int64     // lines read
	bytes   int64
	number  int64
	next    []byte // the line that begins the next parcel, nil before and after all
	nextAt  int64
	columns []string
	pieces  atomic.Int64
}

// fixedColumns are those of every parcel.
func fixedColumns() []string {
	return []string{"点数", "面积", "地块编号", "地块名称", "图形属性", "图幅号", "用途", "地类"}
}

// Looks reports whether the beginning of a file is that of this format.
func Looks(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n")
	for _, s := range [...]string{sectionHead, sectionPoints} {
		if bytes.HasPrefix(head, []byte("["+s+"]")) || bytes.HasPrefix(head, append([]byte("["), append(inGBK(s), ']')...)) {
			return true
		}
	}
	return false
}

func inGBK(s string) []byte {
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
	if err != nil {
		return nil
	}
	return b
}

// Open reads the head. A text that isn't of this format, or has no parcels, is
// refused with a *raw.Error.
func Open(src io.Reader, opt Options) (*Reader, error) {
	if opt.BatchBytes <= 0 {
		opt.BatchBytes = defaultBatchBytes
	}
	if opt.MaxParcelBytes <= 0 {
		opt.MaxParcelBytes = defaultParcelMax
	}
	if opt.Encoding != "" && opt.Encoding != nameUTF8 && opt.Encoding != nameGB {
		return nil, (&Reader{}).fault("encoding_unknown", opt.Encoding)
	}
	r := &Reader{opt: opt, src: bufio.NewReaderSize(src, maxLine), head: Head{Values: map[string]string{}}}
	if err := r.readHead(); err != nil {
		return nil, err
	}
	r.columns = append(fixedColumns(), r.head.Keys...)
	return r, r.readFirst()
}

// Head is what the file says of itself.
func (r *Reader) Head() Head { return r.head }

// First is the first point of the file as written: X, then Y.
func (r *Reader) First() orb.Point { return r.first }

// Encoding is UTF-8 or GB18030, as Options state it, else by the bytes of the
// section's name.
func (r *Reader) Encoding() string {
	if r.gbk {
		return nameGB
	}
	return nameUTF8
}

// Pieces is how many parcels of several outer rings Decode has handed out.
func (r *Reader) Pieces() int64 { return r.pieces.Load() }

// Columns are the names of the columns, in the order of raw.Feature.Values:
// the eight of a parcel, then the keys of the head.
func (r *Reader) Columns() []string { return r.columns }

// Bytes is how much has been read, for progress.
func (r *Reader) Bytes() int64 { return r.bytes }

// Swap reads the coordinates the other way round from now on: the first is the
// easting, against the format.
func (r *Reader) Swap() { r.opt.Swapped = true }

func (r *Reader) fault(code string, args ...any) error {
	return &raw.Error{Format: format, Code: code, Feature: r.number, Offset: r.line, Args: append([]any{r.line}, args...)}
}

// readLine gives the next line that isn't blank, without white space around it;
// nil at the end.
func (r *Reader) readLine() ([]byte, error) {
	for {
		line, err := r.src.ReadSlice('\n')
		r.bytes += int64(len(line))
		if len(line) > 0 {
			r.line++
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			return nil, r.fault("line_too_long", maxLine)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("boundarytext: reading line %d: %w", r.line+1, err)
		}
		if line = bytes.TrimSpace(line); r.line == 1 {
			line = bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF"))
		}
		if len(line) > 0 || err != nil {
			return line, nil
		}
	}
}

// readHead reads up to [地块坐标].
func (r *Reader) readHead() error {
	for r.line < maxHeadLines {
		line, err := r.readLine()
		if err != nil {
			return err
		}
		if len(line) == 0 {
			break
		}
		if line[0] == '[' {
			byBytes := !utf8.Valid(line)
			name := strings.Trim(string(decode(nil, line, byBytes)), "[] ")
			r.gbk = byBytes && r.opt.Encoding == "" || r.opt.Encoding == nameGB
			switch name {
			case sectionPoints:
				return nil
			case sectionHead:
				continue
			default:
				return r.fault("section", name)
			}
		}
		key, value, ok := strings.Cut(r.text(line), "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if _, twice := r.head.Values[key]; !ok || key == "" || twice {
			return r.fault("head_line", cut(r.text(line)))
		}
		r.head.Values[key] = value
		if strings.Trim(value, ", ") != "" {
			r.head.Keys = append(r.head.Keys, key)
		}
	}
	return r.fault("no_points", sectionPoints)
}

func cut(s string) string {
	if c := []rune(s); len(c) > 60 {
		return string(c[:60]) + "…"
	}
	return s
}

// text decodes a piece of the file.
func (r *Reader) text(b []byte) string { return string(decode(nil, b, r.gbk)) }

func decode(dst, b []byte, gbk bool) []byte {
	ascii := true
	for _, c := range b {
		ascii = ascii && c < utf8.RuneSelf
	}
	switch {
	case ascii:
		return append(dst, b...)
	case !gbk:
		return append(dst, bytes.ToValidUTF8(b, []byte("\uFFFD"))...)
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	if err != nil {
		return append(dst, "\uFFFD"...)
	}
	return append(dst, out...)
}

// begins reports whether a line begins a parcel.
func begins(line []byte) bool {
	return bytes.HasSuffix(line, []byte("@")) && bytes.Contains(line, []byte(","))
}

// readFirst finds the first parcel and looks at its first point.
func (r *Reader) readFirst() error {
	line, err := r.readLine()
	switch {
	case err != nil:
		return err
	case len(line) == 0:
		return r.fault("no_parcels")
	case !begins(line):
		return r.fault("no_start", cut(r.text(line)))
	}
	r.next, r.nextAt = bytes.Clone(line), r.line
	ahead, err := r.src.Peek(1 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("boundarytext: reading line %d: %w", r.line+1, err)
	}
	ahead = bytes.TrimLeft(ahead, " \t\r\n")
	point, _, _ := bytes.Cut(ahead, []byte("\n"))
	if _, p, ok := pointOf(bytes.TrimSpace(point)); ok {
		r.first = p
	}
	return nil
}

// Next gives the next batch, io.EOF after the last one.
func (r *Reader) Next() (raw.Batch, error) {
	b := &batch{reader: r, first: r.number + 1, swapped: r.opt.Swapped}
	for r.next != nil && len(b.spans) < maxBatchParcels && len(b.buf) < r.opt.BatchBytes {
		if err := r.parcel(b); err != nil {
			return nil, err
		}
	}
	if len(b.spans) == 0 {
		return nil, io.EOF
	}
	return b, nil
}

// parcel adds the lines of one parcel to the batch.
func (r *Reader) parcel(b *batch) error {
	r.number++
	s := span{line: r.nextAt, start: len(b.buf)}
	b.buf = append(append(b.buf, r.next...), '\n')
	r.next = nil
	for {
		line, err := r.readLine()
		if err != nil {
			return err
		}
		if len(line) == 0 {
			break
		}
		if line[0] == '[' {
			return r.fault("section", cut(r.text(line)))
		}
		if begins(line) {
			r.next, r.nextAt = bytes.Clone(line), r.line
			break
		}
		b.buf = append(append(b.buf, line...), '\n')
		if len(b.buf)-s.start > r.opt.MaxParcelBytes {
			return r.fault("parcel_too_large", r.opt.MaxParcelBytes)
		}
	}
	s.end = len(b.buf)
	b.spans = append(b.spans, s)
	return nil
}

// batch is the text of some parcels.
type batch struct {
	reader  *Reader
	first   int64
	swapped bool
	buf     []byte
	spans   []span
}

type span struct {
	line       int64
	start, end int
}

// Len is the number of parcels.
func (b *batch) Len() int { return len(b.spans) }

// Decode calls fn for each parcel.
func (b *batch) Decode(fn func(*raw.Feature) error) error {
	f := raw.Feature{Values: make([]raw.Value, len(b.reader.columns))}
	for i, key := range b.reader.head.Keys {
		f.Values[len(f.Values)-len(b.reader.head.Keys)+i] = raw.Value{Kind: raw.Text, Text: []byte(b.reader.head.Values[key])}
	}
	for i, s := range b.spans {
		f = raw.Feature{Number: b.first + int64(i), Offset: s.line, Type: "Polygon", Values: f.Values}
		f.Fault = b.decode(b.buf[s.start:s.end], &f)
		if err := fn(&f); err != nil {
			return err
		}
	}
	return nil
}

// decode reads the line of attributes and the points behind it.
func (b *batch) decode(text []byte, f *raw.Feature) *raw.Fault {
	head, points, _ := bytes.Cut(text, []byte("\n"))
	cells := bytes.Split(bytes.TrimRight(bytes.TrimSuffix(head, []byte("@")), ", "), []byte(","))
	fixed := len(fixedColumns())
	if len(cells) > fixed {
		return &raw.Fault{Code: "too_many_values", Args: []any{len(cells), fixed}}
	}
	for i := range fixed {
		f.Values[i] = raw.Value{}
		if i < len(cells) {
			if text := bytes.TrimSpace(decode(nil, cells[i], b.reader.gbk)); len(text) > 0 {
				f.Values[i] = raw.Value{Kind: raw.Text, Text: text}
			}
		}
	}
	count, err := strconv.Atoi(string(f.Values[0].Text))
	if err != nil {
		return &raw.Fault{Code: "no_count", Args: []any{cut(string(f.Values[0].Text))}}
	}
	shape, read, fault := b.pieces(points)
	if fault != nil {
		return fault
	}
	rings := 0
	for _, piece := range shape {
		rings += len(piece)
	}
	// Some count the point that closes a ring, some don't.
	if count != read && count != read-rings {
		return &raw.Fault{Code: "point_count", Args: []any{count, read}}
	}
	switch len(shape) {
	case 0:
		f.Type = ""
		return nil
	case 1:
	default:
		f.Type = "MultiPolygon"
		b.reader.pieces.Add(1)
	}
	f.Geometry = shape
	return nil
}

// pieces reads the points. Rings stand one after the other, each by its number:
// 1 is an outer one, 2 and on are the holes in it, and 1 again begins another
// piece.
func (b *batch) pieces(text []byte) (shape orb.MultiPolygon, read int, fault *raw.Fault) {
	last := 0
	var ring *orb.Ring
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		number, p, ok := pointOf(line)
		if !ok {
			return nil, read, &raw.Fault{Code: "point", Args: []any{read + 1, cut(string(decode(nil, line, b.reader.gbk)))}}
		}
		read++
		if !b.swapped { // X is the northing
			p[0], p[1] = p[1], p[0]
		}
		switch {
		case number == last && (!closed(*ring) || p == (*ring)[0]):
		case number == 1:
			shape = append(shape, orb.Polygon{nil})
		case number == last+1 && last > 0:
			piece := &shape[len(shape)-1]
			*piece = append(*piece, nil)
		default:
			return nil, read, &raw.Fault{Code: "ring_order", Args: []any{read, number, last}}
		}
		last = number
		piece := shape[len(shape)-1]
		ring = &piece[len(piece)-1]
		*ring = append(*ring, p)
	}
	return shape, read, nil
}

// closed reports whether a ring has come back to its first point.
func closed(r orb.Ring) bool { return len(r) >= 4 && r[0] == r[len(r)-1] }

// pointOf reads J1,1,X,Y; the point is given as written.
func pointOf(line []byte) (ring int, p orb.Point, ok bool) {
	cells := bytes.Split(line, []byte(","))
	if len(cells) == 5 && len(bytes.TrimSpace(cells[4])) == 0 { // a comma at the end
		cells = cells[:4]
	}
	if len(cells) != 4 {
		return 0, p, false
	}
	ring, err := strconv.Atoi(string(bytes.TrimSpace(cells[1])))
	if err != nil || ring < 1 {
		return 0, p, false
	}
	for i := range p {
		cell := bytes.TrimSpace(cells[2+i])
		p[i], err = strconv.ParseFloat(string(cell), 64)
		if err != nil || bytes.ContainsAny(cell, "xXpP_") || math.IsNaN(p[i]) || math.IsInf(p[i], 0) {
			return 0, p, false
		}
	}
	return ring, p, true
}
