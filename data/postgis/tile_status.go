package postgis

import (
	"bytes"
	"container/list"
	"context"
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
	// statusPages bounds the pages that are kept: about 64 MB, five million parcels.
	statusPages = 1200
	// statusPagesATime bounds what is read in one go.
	statusPagesATime = 16
	// statusPagesATile is how many pages are read for one tile. Where its parcels are
	// strewn over more, as in a file in no order of place, they are asked for one by one.
	statusPagesATile = 64
)

// drawnStatus is what a tile says of a parcel: the result of its home part.
type drawnStatus struct {
	areaM2        float64
	status, class []byte
	finding       bool
}

// statusPage is a page of drawnStatus in little space. Words are few.
type statusPage struct {
	words   [][]byte
	areas   [statusPageSize]float64
	status  [statusPageSize]uint8 // index of words, plus 1; 0 where there is no result
	class   [statusPageSize]uint8
	finding [statusPageSize]bool
}

func (p *statusPage) word(w []byte) (uint8, error) {
	for i, have := range p.words {
		if bytes.Equal(have, w) {
			return uint8(i + 1), nil
		}
	}
	if len(p.words) == 255 {
		return 0, fmt.Errorf("%w: more than 255 statuses and classes", errWire)
	}
	p.words = append(p.words, bytes.Clone(w))
	return uint8(len(p.words)), nil
}

// at is the result of a feature id, nil where there is none.
func (p *statusPage) at(position int64) *drawnStatus {
	i := position % statusPageSize
	if p.status[i] == 0 {
		return nil
	}
	return &drawnStatus{p.areas[i], p.words[p.status[i]-1], p.words[p.class[i]-1], p.finding[i]}
}

type statusKey struct{ analysis, page int64 }

// statusCache keeps pages of the results that tiles were drawn with, the least
// recently used dropped first.
type statusCache struct {
	reading chan struct{} // one reader at a time: others mostly want the same pages

	mu    sync.Mutex
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
		for len(c.pages) > statusPages {
			last := c.order.Back()
			c.order.Remove(last)
			delete(c.pages, last.Value.(*statusEntry).key)
		}
	}
}

// statuses gives the results of the home parts of features, in any order.
func (v *View) statuses(ctx context.Context, positions []int64) (func(position int64) *drawnStatus, error) {
	c := v.store.tiles.statuses
	wanted := pagesOf(positions)
	known := make(map[int64]*statusPage, len(wanted))
	missing := c.find(v.Analysis, wanted, known)
	if len(missing) > statusPagesATile {
		return v.statusesOf(ctx, positions)
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
	return func(position int64) *drawnStatus { return known[position/statusPageSize].at(position) }, nil
}

// pagesOf are the pages of positions, each once.
func pagesOf(positions []int64) (pages []int64) {
	seen := map[int64]bool{}
	last := int64(-1)
	for _, p := range positions {
		n := p / statusPageSize
		if n == last {
			continue
		}
		last = n
		if !seen[n] {
			seen[n] = true
			pages = append(pages, n)
		}
	}
	return pages
}

func (v *View) readStatusPages(ctx context.Context, wanted []int64) (map[int64]*statusPage, error) {
	pages := make(map[int64]*statusPage, len(wanted))
	for _, n := range wanted {
		pages[n] = &statusPage{} // kept also where it is empty
	}
	err := v.store.tiles.rows(ctx, "tile_status_pages", func(r *wireRows) error {
		for r.next(5) {
			position := r.int()
			page, ok := pages[position/statusPageSize]
			if !ok {
				return fmt.Errorf("%w: feature %d was not asked for", errWire, position)
			}
			if err := page.read(r, position%statusPageSize); err != nil {
				return err
			}
		}
		return r.err
	}, pq.Array(v.results), pq.Array(wanted), int64(statusPageSize))
	return pages, err
}

func (p *statusPage) read(r *wireRows, i int64) (err error) {
	if i < 0 {
		return fmt.Errorf("%w: a feature id below 0", errWire)
	}
	if p.status[i], err = p.word(r.column()); err != nil {
		return err
	}
	if p.class[i], err = p.word(r.column()); err != nil {
		return err
	}
	p.finding[i], _ = r.bool()
	p.areas[i], _ = r.float()
	return r.err
}

// statusesOf reads the results of these features alone, and keeps none.
func (v *View) statusesOf(ctx context.Context, positions []int64) (func(position int64) *drawnStatus, error) {
	found := make(map[int64]*drawnStatus, len(positions))
	err := v.store.tiles.rows(ctx, "tile_statuses", func(r *wireRows) error {
		for r.next(5) {
			position := r.int()
			s := &drawnStatus{status: bytes.Clone(r.column()), class: bytes.Clone(r.column())}
			s.finding, _ = r.bool()
			s.areaM2, _ = r.float()
			found[position] = s
		}
		return r.err
	}, pq.Array(v.results), pq.Array(positions))
	return func(position int64) *drawnStatus { return found[position] }, err
}
