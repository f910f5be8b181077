package postgis

import (
	"container/list"
	"context"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/lib/pq"
)

// What an analysis says of parcels is read by whole pages of feature ids and
// kept: joining it to a tile's thousand parcels costs five times what reading
// their shapes does. A page costs little more than its share of the join, and
// serves all tiles that its parcels lie in, whatever the zoom.
const (
	statusPageSize = 1 << 12 // feature ids
	// statusBytes bounds the pages that are kept: about two million parcels.
	statusBytes = 64 << 20
	// statusPagesATime bounds what is read in one go.
	statusPagesATime = 16
	// statusPagesATile is how many pages are read for one tile. Where its parcels are
	// strewn over more, as in a file in no order of place, they are asked for one by one.
	statusPagesATile = 64
)

// drawnStatus is what a tile says of a parcel: of its home part. A zone and a
// scope that are nil are none.
type drawnStatus struct {
	id            []byte
	zone, scope   []byte
	status, class []byte
	finding       bool
	areaM2        float64
}

func (d *drawnStatus) read(r *wireRows) {
	d.id, d.zone, d.scope, d.status, d.class = r.column(), r.column(), r.column(), r.column(), r.column()
	d.finding, _ = r.bool()
	d.areaM2, _ = r.float()
}

const statusColumns = 8 // of the queries, the feature id first

// statusPage is a page of drawnStatus in little space. Words are few; ids stand
// in text, each behind its length.
type statusPage struct {
	words [][]byte
	text  []byte
	rows  [statusPageSize]statusRow
}

// statusRow holds indexes of words, and of text plus 1: a row whose id is 0 has
// no result.
type statusRow struct {
	areaM2                     float64
	id                         uint32
	zone, scope, status, class uint16 // zone and scope plus 1; 0 is none
	finding                    bool
}

// at is the result of a feature id; false where there is none.
func (p *statusPage) at(position int64) (d drawnStatus, ok bool) {
	r := &p.rows[position%statusPageSize]
	if r.id == 0 {
		return d, false
	}
	n, k := binary.Uvarint(p.text[r.id-1:])
	from := int(r.id) - 1 + k
	d = drawnStatus{id: p.text[from : from+int(n)], status: p.words[r.status], class: p.words[r.class], finding: r.finding, areaM2: r.areaM2}
	if r.zone > 0 {
		d.zone = p.words[r.zone-1]
	}
	if r.scope > 0 {
		d.scope = p.words[r.scope-1]
	}
	return d, true
}

// size is about what the page takes, in bytes.
func (p *statusPage) size() int64 {
	n := statusPageSize*32 + cap(p.text)
	for _, w := range p.words {
		n += len(w) + 24
	}
	return int64(n)
}

// statusWriter fills a page.
type statusWriter struct {
	page  *statusPage
	words map[string]uint16
}

func (w *statusWriter) word(b []byte) uint16 {
	at, ok := w.words[string(b)]
	if !ok { // at most four words a row, so that a uint16 counts them
		at = uint16(len(w.page.words))
		own := string(b)
		w.words[own] = at
		w.page.words = append(w.page.words, []byte(own))
	}
	return at
}

func (w *statusWriter) put(i int64, d *drawnStatus) {
	p := w.page
	r := &p.rows[i]
	*r = statusRow{areaM2: d.areaM2, finding: d.finding, id: uint32(len(p.text)) + 1, status: w.word(d.status), class: w.word(d.class)}
	p.text = append(binary.AppendUvarint(p.text, uint64(len(d.id))), d.id...)
	if d.zone != nil {
		r.zone = w.word(d.zone) + 1
	}
	if d.scope != nil {
		r.scope = w.word(d.scope) + 1
	}
}

type statusKey struct{ analysis, page int64 }

// statusCache keeps pages of the results that tiles were drawn with, the least
// recently used dropped first.
type statusCache struct {
	reading chan struct{} // one reader at a time: others mostly want the same pages

	mu    sync.Mutex
	size  int64
	pages map[statusKey]*list.Element
	order list.List // of statusEntry, the last used first
}

type statusEntry struct {
	key  statusKey
	page *statusPage
}

func newStatusCache() *statusCache {
	return &statusCache{reading: make(chan struct{}, 1), pages: map[statusKey]*list.Element{}}
}

// find adds the pages that are kept to known and lists the others.
func (c *statusCache) find(analysis int64, wanted []int64, known map[int64]*statusPage) (missing []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range wanted {
		if e, ok := c.pages[statusKey{analysis, n}]; ok {
			c.order.MoveToFront(e)
			known[n] = e.Value.(*statusEntry).page
		} else {
			missing = append(missing, n)
		}
	}
	return missing
}

func (c *statusCache) keep(analysis int64, pages map[int64]*statusPage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for n, page := range pages {
		key := statusKey{analysis, n}
		if _, ok := c.pages[key]; ok {
			continue
		}
		c.pages[key] = c.order.PushFront(&statusEntry{key, page})
		c.size += page.size()
	}
	for c.size > statusBytes {
		last := c.order.Remove(c.order.Back()).(*statusEntry)
		delete(c.pages, last.key)
		c.size -= last.page.size()
	}
}

// statuses gives the results of the home parts of features.
type statuses struct {
	pages map[int64]*statusPage
	alone map[int64]drawnStatus
	last  *statusPage
	at    int64 // of last
}

func (s *statuses) of(position int64) (drawnStatus, bool) {
	if s.alone != nil {
		d, ok := s.alone[position]
		return d, ok
	}
	if n := position / statusPageSize; s.last == nil || n != s.at {
		s.last, s.at = s.pages[n], n
	}
	return s.last.at(position)
}

// statuses reads the results of features, in order of their ids.
func (v *View) statuses(ctx context.Context, shapes []tileShape) (*statuses, error) {
	c := v.store.tiles.statuses
	wanted := pagesOf(shapes)
	known := make(map[int64]*statusPage, len(wanted))
	missing := c.find(v.Analysis, wanted, known)
	if len(missing) > statusPagesATile {
		return v.statusesAlone(ctx, shapes)
	}
	if len(missing) > 0 {
		select {
		case c.reading <- struct{}{}:
			defer func() { <-c.reading }()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		missing = c.find(v.Analysis, missing, known)
	}
	for len(missing) > 0 {
		n := min(statusPagesATime, len(missing))
		read, err := v.readStatusPages(ctx, missing[:n])
		if err != nil {
			return nil, err
		}
		c.keep(v.Analysis, read)
		for at, page := range read {
			known[at] = page
		}
		missing = missing[n:]
	}
	return &statuses{pages: known}, nil
}

// pagesOf are the pages of shapes in order of their ids.
func pagesOf(shapes []tileShape) (pages []int64) {
	for i := range shapes {
		if n := shapes[i].position / statusPageSize; i == 0 || n != pages[len(pages)-1] {
			pages = append(pages, n)
		}
	}
	return pages
}

func (v *View) readStatusPages(ctx context.Context, wanted []int64) (map[int64]*statusPage, error) {
	r, err := v.store.tiles.rows(ctx, "tile_status_pages", pq.Array(v.results), pq.Array(wanted), int64(statusPageSize))
	if err != nil {
		return nil, err
	}
	writers := make(map[int64]statusWriter, len(wanted))
	pages := make(map[int64]*statusPage, len(wanted))
	for _, n := range wanted {
		pages[n] = &statusPage{} // kept also where it is empty
		writers[n] = statusWriter{pages[n], map[string]uint16{}}
	}
	var d drawnStatus
	for r.next(statusColumns) {
		position := r.int()
		w, ok := writers[position/statusPageSize]
		if !ok || position < 0 {
			return nil, fmt.Errorf("%w: feature %d was not asked for", errWire, position)
		}
		d.read(r)
		w.put(position%statusPageSize, &d)
	}
	return pages, r.err
}

// statusesAlone reads the results of these features alone, and keeps none.
func (v *View) statusesAlone(ctx context.Context, shapes []tileShape) (*statuses, error) {
	positions := make([]int64, len(shapes))
	for i := range shapes {
		positions[i] = shapes[i].position
	}
	r, err := v.store.tiles.rows(ctx, "tile_statuses", pq.Array(v.results), pq.Array(positions))
	if err != nil {
		return nil, err
	}
	s := &statuses{alone: make(map[int64]drawnStatus, len(positions))}
	for r.next(statusColumns) {
		position := r.int()
		var d drawnStatus
		d.read(r)
		s.alone[position] = d
	}
	return s, r.err
}
