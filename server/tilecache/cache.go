package tilecache

import (
	"container/list"
	"context"
	"errors"
	"sync"
)

// Key names the bytes of a tile: two requests of one key get the same.
type Key struct {
	Version string // of what is drawn
	Scope   string // of what the caller may see
	Layer   string
	Z, X, Y uint32
}

// entryOverhead is about what a tile takes besides its bytes: an empty one isn't
// free.
const entryOverhead = 400

// Cache is a bounded set of tiles, the least recently used dropped first. It is
// safe for concurrent use.
type Cache struct {
	most int64

	mu      sync.Mutex
	size    int64
	byKey   map[Key]*list.Element
	order   list.List // of *Tile, the last used first
	drawing map[Key]*drawing
	hits    int64
	misses  int64
}

// Tile is a drawn tile.
type Tile struct {
	key   Key
	plain []byte
	size  int64 // counted by the cache, of its mu

	mu      sync.Mutex
	encoded map[Encoding][]byte
}

// drawing is a tile that is being drawn, and who waits for it.
type drawing struct {
	done    chan struct{}
	tile    *Tile
	err     error
	waiting int // of Cache.mu; at 0 nobody wants it any more
	cancel  context.CancelFunc
}

// New makes a Cache that keeps so many bytes at most; 0 keeps nothing.
func New(most int64) *Cache {
	return &Cache{most: most, byKey: map[Key]*list.Element{}, drawing: map[Key]*drawing{}}
}

// errAbandoned is what a drawing ends with whose callers all went away.
var errAbandoned = errors.New("nobody waits for this tile any more")

// Get is the tile of that key, from the cache or drawn. draw gets a context that
// ends when all who asked for the tile have gone; it runs in the goroutine of
// the first, who stays until it ends.
func (c *Cache) Get(ctx context.Context, key Key, draw func(context.Context) ([]byte, error)) (*Tile, error) {
	for {
		c.mu.Lock()
		if e, ok := c.byKey[key]; ok {
			c.hits++
			c.order.MoveToFront(e)
			c.mu.Unlock()
			return e.Value.(*Tile), nil
		}
		d, ok := c.drawing[key]
		if !ok || d.waiting == 0 {
			return c.lead(ctx, key, draw)
		}
		d.waiting++
		c.mu.Unlock()
		select {
		case <-d.done:
		case <-ctx.Done():
			c.leave(d)
			return nil, context.Cause(ctx)
		}
		if d.err == nil || !errors.Is(d.err, errAbandoned) {
			return d.tile, d.err
		}
	}
}

// lead draws the tile for all who ask meanwhile. It is called with c.mu locked.
func (c *Cache) lead(ctx context.Context, key Key, draw func(context.Context) ([]byte, error)) (*Tile, error) {
	all, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	d := &drawing{done: make(chan struct{}), waiting: 1, cancel: cancel, err: errAbandoned}
	c.drawing[key] = d
	c.misses++
	c.mu.Unlock()

	stop := context.AfterFunc(ctx, func() { c.leave(d) })
	defer stop()
	defer func() { // also where draw panics
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.drawing[key] == d {
			delete(c.drawing, key)
		}
		close(d.done)
	}()
	b, err := draw(all)
	switch {
	case err == nil:
		d.tile, d.err = &Tile{key: key, plain: b}, nil
		c.keep(d.tile)
	case all.Err() == nil: // the drawing's own fault, not that everybody left
		d.err = err
	default:
		return nil, err
	}
	return d.tile, d.err
}

func (c *Cache) leave(d *drawing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d.waiting--; d.waiting == 0 {
		d.cancel()
	}
}

func (c *Cache) keep(t *Tile) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t.size = int64(len(t.plain)) + entryOverhead
	if t.size > c.most {
		return
	}
	if e, ok := c.byKey[t.key]; ok { // drawn twice, where the first drawing was given up late
		c.drop(e)
	}
	c.byKey[t.key] = c.order.PushFront(t)
	c.size += t.size
	c.shrink()
}

// grow counts bytes that a kept tile has got besides.
func (c *Cache) grow(t *Tile, by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[t.key]; ok && e.Value == any(t) {
		t.size += int64(by)
		c.size += int64(by)
		c.shrink()
	}
}

func (c *Cache) shrink() {
	for c.size > c.most {
		c.drop(c.order.Back())
	}
}

func (c *Cache) drop(e *list.Element) {
	t := c.order.Remove(e).(*Tile)
	delete(c.byKey, t.key)
	c.size -= t.size
}

// Stats are what a Cache has done and holds.
type Stats struct {
	Hits, Misses int64 // a request that waited for another's drawing is neither
	Tiles        int
	Bytes        int64
}

// Stats counts.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Stats{c.hits, c.misses, len(c.byKey), c.size}
}
