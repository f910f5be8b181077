package spool

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"sync"
)

// runBytes is how much one writer gathers before it sorts and writes a run. A
// zone is then read from some hundred places at ten million parcels.
const runBytes = 8 << 20

// mergeBytes is the memory that all readers of one merge share.
const mergeBytes = 32 << 20

// runs is an append-only file of records that are read back by group, each
// group in order of position: writers gather records, sort them by group and
// position and append them as one run; a reader merges the segments that the
// runs hold of its groups. Memory is bounded by the writers' buffers and the
// index of segments, whatever the number of records.
type runs struct {
	file *os.File

	mu       sync.Mutex
	end      int64
	segments map[int32][]segment
}

// segment is where a run holds the records of one group: from off on, in len
// bytes, n of them.
type segment struct{ off, len, n int64 }

func createRuns(dir, name string) (*runs, error) {
	f, err := os.CreateTemp(dir, name)
	if err != nil {
		return nil, fmt.Errorf("make a temporary file in %s: %w; name another folder with --temp or TMPDIR", dir, err)
	}
	return &runs{file: f, segments: map[int32][]segment{}}, nil
}

func (r *runs) close() error { return r.file.Close() }

// size is the number of bytes on disk.
func (r *runs) size() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.end
}

// groups lists the groups that have records, in order.
func (r *runs) groups() []int32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var gs []int32
	for g := range r.segments {
		gs = append(gs, g)
	}
	slices.Sort(gs)
	return gs
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
			payload := w.buf[rec.off : rec.off+int(rec.len)]
			w.out = binary.AppendVarint(w.out, rec.position)
			w.out = binary.AppendUvarint(w.out, uint64(rec.len))
			w.out = binary.LittleEndian.AppendUint32(w.out, checksum(rec.position, payload))
			w.out = append(w.out, payload...)
		}
		index[group] = segment{int64(start), int64(len(w.out) - start), int64(i - first)}
	}
	w.buf, w.recs = w.buf[:0], w.recs[:0]
	return w.runs.append(w.out, index)
}

// close flushes what is gathered and lets the buffers go.
func (w *runWriter) close() error {
	err := w.flush()
	w.buf, w.recs, w.out = nil, nil, nil
	return err
}

func (r *runs) append(run []byte, index map[int32]segment) error {
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
	for g, s := range index {
		r.segments[g] = append(r.segments[g], segment{base + s.off, s.len, s.n})
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
	for len(m) > 0 {
		top := m[0]
		if err := yield(top.group, top.position, top.payload); err != nil {
			return err
		}
		switch err := top.next(); err {
		case nil:
			heap.Fix(&m, 0)
		case io.EOF:
			heap.Pop(&m)
		default:
			return fmt.Errorf("read the temporary file %s: %w", r.file.Name(), err)
		}
	}
	return nil
}

func (r *runs) merge(groups []int32) (cursors, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, g := range groups {
		n += len(r.segments[g])
	}
	size := min(64<<10, max(512, mergeBytes/max(n, 1)))
	m := make(cursors, 0, n)
	for order, g := range groups {
		for _, s := range r.segments[g] {
			c := &cursor{group: g, order: order, left: s.len, records: s.n,
				r: bufio.NewReaderSize(io.NewSectionReader(r.file, s.off, s.len), int(min(int64(size), s.len)))}
			if err := c.next(); err != nil {
				return nil, fmt.Errorf("read the temporary file %s: %w", r.file.Name(), err)
			}
			m = append(m, c)
		}
	}
	heap.Init(&m)
	return m, nil
}

// checksum is of a record, so that a damaged disk gives an error and never
// another figure.
func checksum(position int64, payload []byte) uint32 {
	const spread = 0x9e3779b97f4a7c15 // odd: no bit of the position cancels another
	return crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli)) ^ uint32(uint64(position)*spread>>32)
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
	c.position = pos
	c.payload = slices.Grow(c.payload[:0], int(n))[:n]
	for _, b := range [...][]byte{c.sum[:], c.payload} {
		if _, err := io.ReadFull(c.r, b); err != nil {
			return fmt.Errorf("%w: %w", errRecord, noEOF(err))
		}
	}
	if binary.LittleEndian.Uint32(c.sum[:]) != checksum(pos, c.payload) {
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

type cursors []*cursor

func (m cursors) Len() int { return len(m) }
func (m cursors) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(m[i].position, m[j].position), cmp.Compare(m[i].order, m[j].order)) < 0
}
func (m cursors) Swap(i, j int) { m[i], m[j] = m[j], m[i] }
func (m *cursors) Push(x any)   { *m = append(*m, x.(*cursor)) }
func (m *cursors) Pop() any {
	old := *m
	x := old[len(old)-1]
	*m = old[:len(old)-1]
	return x
}
