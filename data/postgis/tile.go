package postgis

import (
	"context"
	"fmt"

	"github.com/lib/pq"
	"github.com/paulmach/orb"

	"github.com/muscope/muscope/data/ingest"
)

// The layers of tiles, besides ingest's zones, parcels and buildings and
// constraints.
const layerFindings = "findings"

// tileFeatures is how many features a tile may hold: below the zoom at which no
// tile holds more, a layer has no tiles, and its TileSet says so. No feature is
// ever left out of a tile.
const tileFeatures = 20_000

// tileMaxZoom is the deepest zoom of tiles: a step of their grid is 15 cm on
// the ground there, and maps enlarge them beyond.
const tileMaxZoom = 16

// TileSet describes a layer of tiles.
type TileSet struct {
	Layer   string
	MinZoom uint32 // below it a tile would be too large to send whole
	MaxZoom uint32
	Bound   *orb.Bound // nil where the layer is empty
	Fields  map[string]string
}

// tileLayer is where a layer of tiles comes from.
type tileLayer struct {
	query  string // of the tile
	layer  string // of the loads
	fields map[string]string
}

func tileLayers() map[string]tileLayer {
	parcel := map[string]string{"id": "String", "zone": "String", "boundary_scope": "String", "status": "String", "class": "String",
		"finding": "Boolean", "area_m2": "Number"}
	findings := map[string]string{"id": "String", "zone": "String", "boundary_scope": "String", "status": "String", "class": "String",
		"area_m2": "Number", "violated": "Number", "incomputable": "Number"}
	return map[string]tileLayer{
		ingest.LayerZones: {"tile_zones", ingest.LayerZones, map[string]string{"code": "String", "boundary_scope": "String",
			"key": "String", "name": "String", "part_of": "String", "kind": "String", "level": "String", "area_m2": "Number"}},
		ingest.LayerParcels:     {"tile_parcels", ingest.LayerParcels, parcel},
		layerFindings:           {"tile_findings", ingest.LayerParcels, findings},
		ingest.LayerBuildings:   {"tile_buildings", ingest.LayerBuildings, map[string]string{"id": "String", "use": "String", "floors": "Number", "area_m2": "Number"}},
		ingest.LayerConstraints: {"tile_constraints", ingest.LayerConstraints, map[string]string{"id": "String", "kind": "String", "name": "String"}},
	}
}

// TileSet describes a layer of tiles, or says ErrNotFound.
func (v *View) TileSet(ctx context.Context, layer string) (TileSet, error) {
	set := TileSet{Layer: layer, MaxZoom: tileMaxZoom}
	t, ok := tileLayers()[layer]
	if !ok {
		return set, fmt.Errorf("%w: tile layer %q", ErrNotFound, layer)
	}
	set.Fields = t.fields
	var densest []int64
	var bounds []float64
	err := v.store.db.QueryRowContext(ctx, v.store.query("tile_set"), pq.Array(v.Loads[t.layer])).Scan(pq.Array(&densest), pq.Array(&bounds))
	if err != nil {
		return set, fmt.Errorf("describe the tiles of %s: %w", layer, err)
	}
	if len(bounds) == 4 {
		set.Bound = &orb.Bound{Min: orb.Point{bounds[0], bounds[1]}, Max: orb.Point{bounds[2], bounds[3]}}
	}
	if layer != ingest.LayerZones { // zones are drawn generalised at every zoom
		set.MinZoom = minZoom(densest)
	}
	return set, nil
}

// minZoom is the first zoom at which no tile is too full.
func minZoom(densest []int64) uint32 {
	for z, n := range densest {
		if n <= tileFeatures {
			return uint32(z)
		}
	}
	return uint32(max(0, len(densest)-1))
}

// Tile is a Mapbox vector tile of one layer, empty where nothing lies in it.
// Every feature that touches the tile is in it; one too small for the tile's
// grid is drawn as big as a step of the grid.
func (v *View) Tile(ctx context.Context, layer string, z, x, y uint32) ([]byte, error) {
	t, ok := tileLayers()[layer]
	if !ok {
		return nil, fmt.Errorf("%w: tile layer %q", ErrNotFound, layer)
	}
	if z > 30 || x>>z != 0 || y>>z != 0 {
		return nil, fmt.Errorf("%w: tile %d/%d/%d", ErrNotFound, z, x, y)
	}
	if layer != ingest.LayerZones && z < densityZoom {
		set, err := v.TileSet(ctx, layer)
		if err != nil || z < set.MinZoom {
			return nil, err
		}
	}
	args := []any{pq.Array(v.Loads[t.layer]), v.scope(), z, x, y}
	switch layer {
	case ingest.LayerParcels, layerFindings:
		args = append(args, pq.Array(v.results))
	case ingest.LayerZones:
		args = append(args, z <= lowZoom)
	case ingest.LayerBuildings:
		args = append(args, pq.Array(v.Loads[ingest.LayerZones]))
	}
	var tile []byte
	if err := v.store.db.QueryRowContext(ctx, v.store.query(t.query), args...).Scan(&tile); err != nil {
		return nil, fmt.Errorf("draw tile %d/%d/%d of %s: %w", z, x, y, layer, err)
	}
	return tile, nil
}
