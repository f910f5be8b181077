package shapefile

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/muscope/muscope/geo/raw"
)

const format = "shapefile"

// Part is one file of a shapefile.
type Part struct {
	io.ReaderAt
	Size int64
}

// Parts are the files of one shapefile. SHX may be nil, CPG empty.
type Parts struct {
	SHP, DBF Part
	SHX      *Part
	CPG      []byte
}

// Options bound what a Reader takes in; zero values mean the defaults.
type Options struct {
	Encoding       string // overrides what the files say: see EncodingNames
	BatchBytes     int    // size of a batch, default 1 MiB
	MaxRecordBytes int    // size of one boundary, default 64 MiB
}

const (
	defaultBatchBytes = 1 << 20
	defaultRecordMax  = 64 << 20
	maxBatchRecords   = 4096
)

// Reader hands out the records of a shapefile. It belongs to one goroutine.
type Reader struct {
	opt      Options
	table    *table
	shapes   *shapes
	encoding Encoding
	row      int64 // rows read
	number   int64 // features handed out: rows that are not deleted
	deleted  int64
	memos    atomic.Int64
	columns  []string
}

// Open reads the headers and finds out the encoding. Files that contradict
// each other (a .dbf of 10 rows with a .shp of 12 shapes, a header that promises
// more than the file holds) are refused with a *raw.Error.
func Open(p Parts, opt Options) (*Reader, error) {
	if opt.BatchBytes <= 0 {
		opt.BatchBytes = defaultBatchBytes
	}
	if opt.MaxRecordBytes <= 0 {
		opt.MaxRecordBytes = defaultRecordMax
	}
	r := &Reader{opt: opt}
	var err error
	if r.shapes, err = openShapes(p.SHP, p.SHX, opt.MaxRecordBytes); err != nil {
		return nil, err
	}
	if r.table, err = openTable(p.DBF); err != nil {
		return nil, err
	}
	if n := r.shapes.count; n >= 0 && n != r.table.count {
		return nil, countsDiffer(r.table.count, n)
	}
	if r.encoding, err = r.table.settle(opt.Encoding, p.CPG); err != nil {
		return nil, err
	}
	return r, r.nameColumns()
}

func countsDiffer(rows, shapes int64) error {
	return &raw.Error{Format: format, Code: "counts_differ", Args: []any{rows, shapes}}
}

// nameColumns decodes the names of the columns; two of one name are told apart
// by nobody.
func (r *Reader) nameColumns() error {
	seen := map[string]bool{}
	for _, f := range r.table.fields {
		name := string(r.encoding.decode(nil, f.name, len(f.name) >= 10))
		if seen[name] {
			return &raw.Error{Format: format, Part: ".dbf", Code: "column_twice", Args: []any{name}}
		}
		seen[name] = true
		r.columns = append(r.columns, name)
	}
	return nil
}

// Columns are the names of the columns, in the order of raw.Feature.Values.
func (r *Reader) Columns() []string { return r.columns }

// Encoding says which encoding the attributes are read in, and why.
func (r *Reader) Encoding() Encoding { return r.encoding }

// Memos are the columns whose texts stand in a .dbt file, which isn't read, and
// how many such texts the features handed out by Decode so far point to.
func (r *Reader) Memos() (columns []string, texts int64) {
	for i, f := range r.table.fields {
		if f.kind == memoKind {
			columns = append(columns, r.columns[i])
		}
	}
	return columns, r.memos.Load()
}

// Deleted is the number of rows marked as deleted so far: they and their
// shapes are no features.
func (r *Reader) Deleted() int64 { return r.deleted }

// Bytes is how much of the .shp and .dbf has been read, for progress.
func (r *Reader) Bytes() int64 { return r.shapes.bytes + r.row*int64(r.table.recordLen) }

// Next gives the next batch, io.EOF after the last one.
func (r *Reader) Next() (raw.Batch, error) {
	b := &batch{reader: r, first: r.number + 1}
	for len(b.spans) < maxBatchRecords && len(b.buf) < r.opt.BatchBytes {
		err := r.record(b)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if len(b.spans) == 0 {
		return nil, io.EOF
	}
	return b, nil
}

// record adds the next row and its shape to the batch.
func (r *Reader) record(b *batch) error {
	shape, at, err := r.shapes.next()
	if errors.Is(err, io.EOF) && r.row < r.table.count {
		return countsDiffer(r.table.count, r.row)
	}
	if err != nil {
		return err
	}
	if r.row >= r.table.count {
		return countsDiffer(r.table.count, r.row+1)
	}
	row, err := r.table.row(r.row)
	if err != nil {
		return err
	}
	r.row++
	if row[0] == deletedMark {
		r.deleted++
		return nil
	}
	r.number++
	s := span{offset: at, shape: len(b.buf)}
	b.buf = append(b.buf, shape...)
	s.row = len(b.buf)
	b.buf = append(b.buf, row...)
	s.end = len(b.buf)
	b.spans = append(b.spans, s)
	return nil
}

// window reads a file forwards in large pieces, or anywhere if it must.
type window struct {
	part Part
	name string
	buf  []byte
	at   int64
}

const windowBytes = 1 << 20

// bytes gives n bytes at an offset, valid until the next call.
func (w *window) bytes(offset int64, n int) ([]byte, error) {
	if offset < 0 || n < 0 || offset > w.part.Size-int64(n) {
		return nil, &raw.Error{Format: format, Part: w.name, Code: "truncated", Offset: w.part.Size, Args: []any{offset + int64(n), w.part.Size}}
	}
	if offset >= w.at && offset+int64(n) <= w.at+int64(len(w.buf)) {
		i := int(offset - w.at)
		return w.buf[i : i+n : i+n], nil
	}
	size := int(min(int64(max(n, windowBytes)), w.part.Size-offset))
	if cap(w.buf) < size {
		w.buf = make([]byte, size)
	}
	w.buf, w.at = w.buf[:size], offset
	if got, err := w.part.ReadAt(w.buf, offset); got < size {
		w.buf = w.buf[:0]
		return nil, fmt.Errorf("shapefile%s: reading %d bytes at %d: %w", w.name, size, offset, err)
	}
	return w.buf[:n:n], nil
}
