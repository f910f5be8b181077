package ingest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// idList is the ids of a batch's loaded features, with their positions.
type idList struct {
	text      []byte
	ends      []int32
	positions []int64
}

func (l *idList) add(id string, position int64) {
	l.text = append(l.text, id...)
	l.ends = append(l.ends, int32(len(l.text)))
	l.positions = append(l.positions, position)
}

func (l *idList) reset() idList { return idList{l.text[:0], l.ends[:0], l.positions[:0]} }

const (
	idBuckets = 64
	// idMemory is how many bytes of ids stay in memory before they go to
	// temporary files: a million ids or so.
	idMemory = 32 << 20
)

// idSet finds ids that occur twice in any number of features: the ids go into
// buckets by hash, on disk where there are many, and each bucket is looked
// through by itself at the end. The id's text is kept, so no two ids are ever
// taken for one.
type idSet struct {
	dir     string
	limit   int
	held    int
	buckets [idBuckets]idBucket
}

type idBucket struct {
	mem  []byte
	file *os.File
}

func newIDSet(dir string) *idSet { return &idSet{dir: dir, limit: idMemory} }

// add takes the ids of a batch; batches come in input order.
func (s *idSet) add(l *idList) error {
	var start int32
	for i, end := range l.ends {
		id := l.text[start:end]
		b := &s.buckets[bucketOf(id)]
		before := len(b.mem)
		b.mem = binary.AppendUvarint(b.mem, uint64(l.positions[i]))
		b.mem = binary.AppendUvarint(b.mem, uint64(len(id)))
		b.mem = append(b.mem, id...)
		s.held += len(b.mem) - before
		start = end
	}
	if s.held < s.limit {
		return nil
	}
	return s.spill()
}

// bucketOf is FNV-1a folded to a bucket; the same in every run, so that the
// order of what is reported is too.
func bucketOf(id []byte) int {
	h := uint64(14695981039346656037)
	for _, c := range id {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return int((h ^ h>>32) % idBuckets)
}

func (s *idSet) spill() error {
	for i := range s.buckets {
		b := &s.buckets[i]
		if b.file == nil {
			f, err := os.CreateTemp(s.dir, "muscope-ids-*")
			if err != nil {
				return fmt.Errorf("keep ids while duplicates are sought: %w", err)
			}
			b.file = f
		}
		if _, err := b.file.Write(b.mem); err != nil {
			return fmt.Errorf("keep ids while duplicates are sought: %w", err)
		}
		b.mem = b.mem[:0]
	}
	s.held = 0
	return nil
}

// each calls fn for each bucket's ids: first position by id, and the later
// ones of those that occur again, in input order.
func (s *idSet) each(fn func(first map[string]int64, again []repeated) error) error {
	for i := range s.buckets {
		first, again, err := s.buckets[i].read()
		if err != nil {
			return fmt.Errorf("look for duplicate ids: %w", err)
		}
		if len(first) == 0 {
			continue
		}
		if err := fn(first, again); err != nil {
			return err
		}
	}
	return nil
}

// repeated is a feature whose id occurred before.
type repeated struct {
	id              string
	first, position int64
}

func (b *idBucket) read() (map[string]int64, []repeated, error) {
	var src io.Reader = bytes.NewReader(b.mem)
	if b.file != nil {
		if _, err := b.file.Seek(0, io.SeekStart); err != nil {
			return nil, nil, err
		}
		src = io.MultiReader(b.file, src)
	}
	in := bufio.NewReaderSize(src, 1<<16)
	first := map[string]int64{}
	var again []repeated
	var id []byte
	for {
		position, err := binary.ReadUvarint(in)
		if errors.Is(err, io.EOF) {
			return first, again, nil
		}
		if err != nil {
			return nil, nil, err
		}
		n, err := binary.ReadUvarint(in)
		if err != nil {
			return nil, nil, err
		}
		if uint64(cap(id)) < n {
			id = make([]byte, n)
		}
		id = id[:n]
		if _, err := io.ReadFull(in, id); err != nil {
			return nil, nil, err
		}
		if at, ok := first[string(id)]; ok {
			again = append(again, repeated{string(id), at, int64(position)})
			continue
		}
		first[string(id)] = int64(position)
	}
}

// close removes the temporary files.
func (s *idSet) close() error {
	var errs []error
	for i := range s.buckets {
		b := &s.buckets[i]
		if b.file == nil {
			continue
		}
		errs = append(errs, b.file.Close(), os.Remove(b.file.Name()))
		b.file = nil
	}
	return errors.Join(errs...)
}
