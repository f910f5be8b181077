package server

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/muscope/muscope/geo/tile"
	"github.com/muscope/muscope/server/ogcapi"
)

// ogcTiles are the tiles of OGC API, out of the same memory as those at /tiles.
type ogcTiles struct {
	features ogcapi.Store
	newest   newest
}

var _ ogcapi.Tiles = (*ogcTiles)(nil)

// open opens the tiles of the snapshot that the path names, else of the newest.
func (o *ogcTiles) open(r *ogcapi.Request, use func(*exchange, Tiles) error) error {
	x, ok := r.Own.(*exchange)
	if !ok {
		return fmt.Errorf("%w: tiles outside of a server", ErrNotFound)
	}
	name, given := r.Path["snapshot"]
	if !given {
		var err error
		if name, err = o.newest.of(x.r.Context(), o.features, x.caller.Zones); err != nil {
			return err
		}
	}
	return x.tiles(name, func(t Tiles) error { return use(x, t) })
}

// TileSet describes the tiles of a collection.
func (o *ogcTiles) TileSet(r *ogcapi.Request, collection string) (out ogcapi.TileSet, err error) {
	err = o.open(r, func(x *exchange, t Tiles) error {
		set, err := t.TileSet(x.r.Context(), collection)
		out = ogcapi.TileSet{MinZoom: set.MinZoom, MaxZoom: set.MaxZoom, Bound: set.Bound, Fields: set.Fields}
		return err
	})
	return out, err
}

// SendTile answers with a tile.
func (o *ogcTiles) SendTile(r *ogcapi.Request, collection string, at tile.ID) error {
	return o.open(r, func(x *exchange, t Tiles) error {
		set, err := t.TileSet(x.r.Context(), collection)
		if err != nil {
			return err
		}
		if at.Z < set.MinZoom {
			return fmt.Errorf("%w: tiles of %s at zoom %d; they begin at zoom %d", ErrNotFound, collection, at.Z, set.MinZoom)
		}
		return x.sendTile(t, collection, at)
	})
}

// newestAge is how old the knowledge of the newest snapshot may be for tiles.
const newestAge = 500 * time.Millisecond

// maxNewest bounds how many kinds of callers it is known for.
const maxNewest = 1000

// newest is the newest analyzed snapshot by what a caller may see: a map asks
// for it with every tile.
type newest struct {
	mu    sync.Mutex
	known map[string]newestSnapshot
}

type newestSnapshot struct {
	name  string
	asked time.Time
}

func (n *newest) of(ctx context.Context, features ogcapi.Store, zones []string) (string, error) {
	key := strings.Join(scopeTag(zones), "\x00")
	n.mu.Lock()
	have, ok := n.known[key]
	n.mu.Unlock()
	if ok && time.Since(have.asked) < newestAge {
		return have.name, nil
	}
	have.asked = time.Now()
	list, err := features.Analyzed(ctx, zones)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fmt.Errorf("%w: no snapshot is analyzed yet", ErrNotFound)
	}
	have.name = list[0].Name
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil || len(n.known) == maxNewest {
		n.known = map[string]newestSnapshot{}
	}
	n.known[key] = have
	return have.name, nil
}
