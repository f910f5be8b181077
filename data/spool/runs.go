package spool

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// runBytes is how much one writer gathers before it sorts and writes a run. A
// zone is then read from some hundred places at ten million parcels.
const runBytes = 8 << 20

// mergeBytes is the memory that all readers of one merge share.
const mergeBytes = 32 << 20

// maxSegments bounds the index of segments: 24 bytes each. Ten million parcels
// in 25,000 zones have seven million, so that beyond the bound no index is kept
// and the runs are merged into one before they are read.
const maxSegments = 1 << 18

// runs is a file of records that are read back by group, each group in order of
// position: writers gather records, sort them by group and position and append
// them as one run; a reader merges the segments that the runs hold of its
// groups. Memory is bounded by the writers' buffers and the index of segments,
// whatever the number of records. Nobody may write while somebody reads.
type runs struct {
	file *os.File
	most int // segments that are indexed

	mu       sync.Mutex
	end      int64
	list     []segment // the runs as wholes
	segments map[int32][]segment
	indexed  int
	merging  bool // too many segments: to be merged before the next reading
}

// segment is where a run, or its records of one group, stands: from off on, in
// len bytes, n records.
type segment struct{ off, len, n int64 }

func createRuns(dir, name string) (*runs, error) {
	f, err := os.CreateTemp(dir, name)
	if err != nil {
		return nil, fmt.Errorf("make a temporary file in %s: %w; name another folder with --temp or TMPDIR", dir, err)
	}
	return &runs{file: f, most: maxSegments, segments: map[int32][]segment{}}, nil
}

func (r *runs) close() error { return r.file.Close() }

// size is the number of bytes on disk.
func (r *runs) size() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.end
}

// groups lists the groups that have records, in order.
func (r *runs) groups() ([]int32, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.mergeRuns(); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(r.segments)), nil
}

// runWriter gathers records for one goroutine.
type runWriter struct {
	runs *runs
	buf  []byte
	recs []recordRef
	out  []byte
}

type recordRef struct {
	group    int32
	len      int32
	position int64
	off      int
}

func (r *runs) writer() *runWriter { return &runWriter{runs: r} }

// add appends one record; payload is copied.
func (w *runWriter) add(group int32, position int64, payload []byte) error {
	w.recs = append(w.recs, recordRef{group, int32(len(payload)), position, len(w.buf)})
	w.buf = append(w.buf, payload...)
	if len(w.buf) >= runBytes {
		return w.flush()
	}
	return nil
}

// flush sorts what was gathered and appends it to the file as one run.
func (w *runWriter) flush() error {
	if len(w.recs) == 0 {
		return nil
	}
	slices.SortFunc(w.recs, func(a, b recordRef) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.position, b.position))
	})
	w.out = w.out[:0]
	index := map[int32]segment{}
	for i := 0; i < len(w.recs); {
		start, first, group := len(w.out), i, w.recs[i].group
		for ; i < len(w.recs) && w.recs[i].group == group; i++ {
			rec := w.recs[i]
			w.out = appendRecord(w.out, group, rec.position, w.buf[rec.off:rec.off+int(rec.len)])
		}
		index[group] = segment{int64(start), int64(len(w.out) - start), int64(i - first)}
	}
	n := len(w.recs)
	w.buf, w.recs = w.buf[:0], w.recs[:0]
	return w.runs.append(w.out, int64(n), index)
}

func appendRecord(b []byte, group int32, position int64, payload []byte) []byte {
	b = binary.AppendVarint(b, int64(group))
	b = binary.AppendVarint(b, position)
	b = binary.AppendUvarint(b, uint64(len(payload)))
	b = binary.LittleEndian.AppendUint32(b, checksum(group, position, payload))
	return append(b, payload...)
}

// close flushes what is gathered and lets the buffers go.
func (w *runWriter) close() error {
	err := w.flush()
	w.buf, w.recs, w.out = nil, nil, nil
	return err
}

func (r *runs) append(run []byte, n int64, index map[int32]segment) error {
	r.mu.Lock()
	base := r.end
	r.end += int64(len(run))
	r.mu.Unlock()
	if _, err := r.file.WriteAt(run, base); err != nil {
		return fmt.Errorf("write %d bytes to the temporary file %s: %w; free disk space or name another folder with TMPDIR",
			len(run), r.file.Name(), err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, segment{base, int64(len(run)), n})
	if r.indexed += len(index); r.indexed > r.most || r.merging {
		r.segments, r.merging = nil, true
		return nil
	}
	for g, s := range index {
		r.segments[g] = append(r.segments[g], segment{base + s.off, s.len, s.n})
	}
	return nil
}

// mergeRuns makes one run of all where their segments are too many to be
// indexed: each group then stands in one place. It takes the size of the file
// on disk once more while it works.
func (r *runs) mergeRuns() error {
	if !r.merging {
		return nil
	}
	m := cursors{byGroup: true}
	for i, run := range r.list {
		if err := r.open(&m, i, run, len(r.list)); err != nil {
			return err
		}
	}
	heap.Init(&m)
	name := r.file.Name()
	to, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name))
	if err != nil {
		return fmt.Errorf("make a temporary file: %w; name another folder with TMPDIR", err)
	}
	if err := r.mergeInto(to, &m); err != nil {
		return errors.Join(err, to.Close())
	}
	err = errors.Join(r.file.Close(), os.Remove(name))
	r.file, r.merging = to, false
	return err
}

func (r *runs) mergeInto(to *os.File, m *cursors) error {
	out := bufio.NewWriterSize(to, 1<<20)
	r.segments, r.indexed, r.end = map[int32][]segment{}, 0, 0
	var b []byte
	var records int64
	var group int32
	var at segment
	settle := func() {
		if at.n > 0 {
			r.segments[group] = []segment{at}
		}
		records += at.n
		at = segment{off: r.end}
	}
	err := m.each(func(c *cursor) error {
		if c.group != group {
			settle()
			group = c.group
		}
		b = appendRecord(b[:0], c.group, c.position, c.payload)
		at.n, at.len, r.end = at.n+1, at.len+int64(len(b)), r.end+int64(len(b))
		_, err := out.Write(b)
		return err
	})
	settle()
	r.indexed, r.list = len(r.segments), []segment{{0, r.end, records}}
	if err = errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("merge the temporary file %s: %w; free disk space or name another folder with TMPDIR", r.file.Name(), err)
	}
	return nil
}

// read yields the records of the groups in order of position (of one position,
// in the order of groups). The payload is valid during the call only.
func (r *runs) read(groups []int32, yield func(group int32, position int64, payload []byte) error) error {
	m, err := r.merge(groups)
	if err != nil {
		return err
	}
	return m.each(func(c *cursor) error { return yield(c.group, c.position, c.payload) })
}

func (r *runs) merge(groups []int32) (*cursors, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.mergeRuns(); err != nil {
		return nil, err
	}
	n := 0
	for _, g := range groups {
		n += len(r.segments[g])
	}
	m := &cursors{list: make([]*cursor, 0, n)}
	for order, g := range groups {
		for _, s := range r.segments[g] {
			if err := r.open(m, order, s, n); err != nil {
				return nil, err
			}
		}
	}
	heap.Init(m)
	return m, nil
}

// open adds a cursor on the first record of a segment, one of n.
func (r *runs) open(m *cursors, order int, s segment, n int) error {
	size := min(64<<10, max(512, mergeBytes/max(n, 1)))
	c := &cursor{order: order, left: s.len, records: s.n,
		r: bufio.NewReaderSize(io.NewSectionReader(r.file, s.off, s.len), int(min(int64(size), s.len)))}
	if err := c.next(); err != nil {
		return fmt.Errorf("read the temporary file %s: %w", r.file.Name(), err)
	}
	m.list = append(m.list, c)
	return nil
}

// each calls do with the cursor of each record, in order.
func (m *cursors) each(do func(*cursor) error) error {
	for len(m.list) > 0 {
		top := m.list[0]
		if err := do(top); err != nil {
			return err
		}
		if err := m.advance(); err != nil {
			return err
		}
	}
	return nil
}

// advance goes past the first record.
func (m *cursors) advance() error {
	switch err := m.list[0].next(); err {
	case nil:
		heap.Fix(m, 0)
	case io.EOF:
		heap.Pop(m)
	default:
		return fmt.Errorf("read a temporary file: %w", err)
	}
	return nil
}

// checksum is of a record, so that a damaged disk gives an error and never
// another figure.
func checksum(group int32, position int64, payload []byte) uint32 {
	const spread = 0x9e3779b97f4a7c15 // odd: no bit of the position cancels another
	return crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli)) ^ uint32(uint64(position)*spread>>32) ^ uint32(group)
}

// cursor stands on one record of a segment.
type cursor struct {
	records  int64 // still to come
	left     int64 // bytes of the segment that they can have at most
	sum      [4]byte
	group    int32
	order    int
	position int64
	payload  []byte
	r        *bufio.Reader
}

func (c *cursor) next() error {
	if c.records == 0 {
		return io.EOF
	}
	c.records--
	group, err := binary.ReadVarint(c.r)
	if err != nil {
		return fmt.Errorf("%w: %w", errRecord, noEOF(err))
	}
	pos, err := binary.ReadVarint(c.r)
	if err != nil {
		return fmt.Errorf("%w: %w", errRecord, noEOF(err))
	}
	n, err := binary.ReadUvarint(c.r)
	if err != nil {
		return fmt.Errorf("%w: %w", errRecord, noEOF(err))
	}
	if n > uint64(c.left) { // before any memory is taken for it
		return fmt.Errorf("%w: %d bytes where %d are left", errRecord, n, c.left)
	}
	c.left -= int64(n)
	c.group, c.position = int32(group), pos
	c.payload = slices.Grow(c.payload[:0], int(n))[:n]
	for _, b := range [...][]byte{c.sum[:], c.payload} {
		if _, err := io.ReadFull(c.r, b); err != nil {
			return fmt.Errorf("%w: %w", errRecord, noEOF(err))
		}
	}
	if binary.LittleEndian.Uint32(c.sum[:]) != checksum(c.group, pos, c.payload) {
		return fmt.Errorf("%w: its checksum differs", errRecord)
	}
	return nil
}

// noEOF makes an end of file inside a record what it is.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// cursors is a heap of cursors by position or, where byGroup, by group first.
type cursors struct {
	list    []*cursor
	byGroup bool
}

func (m *cursors) Len() int { return len(m.list) }
func (m *cursors) Less(i, j int) bool {
	a, b := m.list[i], m.list[j]
	if m.byGroup && a.group != b.group {
		return a.group < b.group
	}
	return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(a.order, b.order)) < 0
}
func (m *cursors) Swap(i, j int) { m.list[i], m.list[j] = m.list[j], m.list[i] }
func (m *cursors) Push(x any)    { m.list = append(m.list, x.(*cursor)) }
func (m *cursors) Pop() any {
	last := len(m.list) - 1
	x := m.list[last]
	m.list = m.list[:last]
	return x
}
