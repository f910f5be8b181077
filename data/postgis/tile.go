package postgis

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/lib/pq"
	"github.com/paulmach/orb"

	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/geo/tile"
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

// The kinds of properties, in TileJSON's words.
const (
	textField   = "String"
	numberField = "Number"
	flagField   = "Boolean"
)

// tileField is a property of a tile's features: a column of the query, of the
// same place behind the id and the shape.
type tileField struct {
	name string
	kind string
	own  bool // no two features have the same
	int  bool // a bigint
}

// tileLayer is where a layer of tiles comes from.
type tileLayer struct {
	query  string // of the tile
	layer  string // of the loads
	fields []tileField
}

func parcelFields() []tileField {
	return []tileField{{name: "id", kind: textField, own: true}, {name: "zone", kind: textField}, {name: "boundary_scope", kind: textField},
		{name: "status", kind: textField}, {name: "class", kind: textField}, {name: "finding", kind: flagField}, {name: "area_m2", kind: numberField}}
}

// tileLayerNamed is the layer of that name; false where there is none.
func tileLayerNamed(name string) (tileLayer, bool) {
	switch name {
	case ingest.LayerParcels:
		return tileLayer{"tile_parcels_in", ingest.LayerParcels, parcelFields()}, true
	case layerFindings:
		return tileLayer{"tile_findings", ingest.LayerParcels, []tileField{{name: "id", kind: textField, own: true}, {name: "zone", kind: textField},
			{name: "boundary_scope", kind: textField}, {name: "status", kind: textField}, {name: "class", kind: textField}, {name: "area_m2", kind: numberField},
			{name: "violated", kind: numberField, int: true}, {name: "incomputable", kind: numberField, int: true}}}, true
	case ingest.LayerZones:
		return tileLayer{"tile_zones", ingest.LayerZones, []tileField{{name: "code", kind: textField}, {name: "boundary_scope", kind: textField},
			{name: "key", kind: textField, own: true}, {name: "name", kind: textField}, {name: "part_of", kind: textField}, {name: "kind", kind: textField},
			{name: "level", kind: textField}, {name: "area_m2", kind: numberField}}}, true
	case ingest.LayerBuildings:
		return tileLayer{"tile_buildings", ingest.LayerBuildings, []tileField{{name: "id", kind: textField, own: true}, {name: "use", kind: textField},
			{name: "floors", kind: numberField}, {name: "area_m2", kind: numberField}}}, true
	case ingest.LayerConstraints:
		return tileLayer{"tile_constraints", ingest.LayerConstraints, []tileField{{name: "id", kind: textField, own: true}, {name: "kind", kind: textField},
			{name: "name", kind: textField}}}, true
	}
	return tileLayer{}, false
}

func (t tileLayer) names() []string {
	list := make([]string, len(t.fields))
	for i, f := range t.fields {
		list[i] = f.name
	}
	return list
}

// TileVersion names the state that the view's tiles show: tiles of one version,
// layer, place and scope are the same bytes.
func (v *View) TileVersion() string { return strconv.FormatInt(v.Analysis, 36) }

// AnalysisID is the id of the analysis that the view is of, "" where it is of
// loads alone.
func (v *View) AnalysisID() string {
	if v.held == nil {
		return ""
	}
	return v.held.header.AnalysisID
}

// tileSets are the descriptions of an analysis's layers, each read once.
type tileSets struct {
	mu      sync.Mutex
	byLayer map[string]TileSet
}

// TileSet describes a layer of tiles as the caller sees it, or says ErrNotFound.
func (v *View) TileSet(ctx context.Context, layer string) (TileSet, error) {
	set, err := v.wholeTileSet(ctx, layer)
	if err != nil || v.Scope == nil || set.Bound == nil {
		return set, err
	}
	var bounds []float64
	err = v.store.tiles.db.QueryRowContext(ctx, v.store.query("tile_set_in"), pq.Array(v.Loads[ingest.LayerZones]), v.scope()).Scan(pq.Array(&bounds))
	if err != nil {
		return set, fmt.Errorf("describe the tiles of %s: %w", layer, err)
	}
	set.Bound = boundOf(bounds)
	return set, nil
}

// wholeTileSet describes a layer as it is for those who see everything. It is
// read once for an analysis.
func (v *View) wholeTileSet(ctx context.Context, layer string) (TileSet, error) {
	t, ok := tileLayerNamed(layer)
	if !ok {
		return TileSet{}, fmt.Errorf("%w: tile layer %q", ErrNotFound, layer)
	}
	if v.held == nil {
		return v.readTileSet(ctx, layer, t)
	}
	sets := &v.held.tiles
	sets.mu.Lock()
	set, ok := sets.byLayer[layer]
	sets.mu.Unlock()
	if ok {
		return set, nil
	}
	set, err := v.readTileSet(ctx, layer, t)
	if err != nil {
		return set, err
	}
	sets.mu.Lock()
	defer sets.mu.Unlock()
	if sets.byLayer == nil {
		sets.byLayer = map[string]TileSet{}
	}
	sets.byLayer[layer] = set
	return set, nil
}

func (v *View) readTileSet(ctx context.Context, layer string, t tileLayer) (TileSet, error) {
	set := TileSet{Layer: layer, MaxZoom: tileMaxZoom, Fields: make(map[string]string, len(t.fields))}
	for _, f := range t.fields {
		set.Fields[f.name] = f.kind
	}
	var densest []int64
	var bounds []float64
	err := v.store.tiles.db.QueryRowContext(ctx, v.store.query("tile_set"), pq.Array(v.Loads[t.layer])).Scan(pq.Array(&densest), pq.Array(&bounds))
	if err != nil {
		return set, fmt.Errorf("describe the tiles of %s: %w", layer, err)
	}
	set.Bound = boundOf(bounds)
	if layer != ingest.LayerZones { // zones are drawn generalised at every zoom
		set.MinZoom = minZoom(densest)
	}
	return set, nil
}

// boundOf is west, south, east, north as a box, nil of anything else.
func boundOf(b []float64) *orb.Bound {
	if len(b) != 4 {
		return nil
	}
	return &orb.Bound{Min: orb.Point{b[0], b[1]}, Max: orb.Point{b[2], b[3]}}
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
	t, ok := tileLayerNamed(layer)
	if !ok {
		return nil, fmt.Errorf("%w: tile layer %q", ErrNotFound, layer)
	}
	id := tile.ID{Z: z, X: x, Y: y}
	if !id.Valid() {
		return nil, fmt.Errorf("%w: tile %d/%d/%d", ErrNotFound, z, x, y)
	}
	if layer != ingest.LayerZones && z < densityZoom {
		set, err := v.wholeTileSet(ctx, layer)
		if err != nil || z < set.MinZoom {
			return nil, err
		}
	}
	out := tile.NewLayer(id, layer, t.names()...)
	var err error
	if layer == ingest.LayerParcels && v.Scope == nil {
		err = v.drawParcels(ctx, out, id, t, v.statuses)
	} else {
		err = v.drawLayer(ctx, out, id, t)
	}
	if err != nil {
		return nil, fmt.Errorf("draw tile %d/%d/%d of %s: %w", z, x, y, layer, err)
	}
	return out.Bytes(), nil
}

// drawLayer draws what the layer's query gives.
func (v *View) drawLayer(ctx context.Context, out *tile.Layer, id tile.ID, t tileLayer) error {
	args := []any{pq.Array(v.Loads[t.layer]), v.scope(), id.Z, id.X, id.Y}
	switch t.query {
	case "tile_parcels_in", "tile_findings":
		args = append(args, pq.Array(v.results))
	case "tile_zones":
		args = append(args, id.Z <= lowZoom)
	case "tile_buildings":
		args = append(args, pq.Array(v.Loads[ingest.LayerZones]))
	}
	r, err := v.store.tiles.rows(ctx, t.query, args...)
	if err != nil {
		return err
	}
	rows := tileRows(r, 2+len(t.fields), t.layer != ingest.LayerZones)
	if r.err != nil {
		return r.err
	}
	var shapes arena
	for i := range rows {
		if err := drawRow(out, &rows[i], &shapes, t.fields); err != nil {
			return err
		}
	}
	return nil
}

func drawRow(out *tile.Layer, t *tileRow, shapes *arena, fields []tileField) error {
	r := &t.row
	shape, err := shapes.parseEWKB(r.column())
	if err != nil {
		return err
	}
	if out.Draw(uint64(t.position), shape) {
		for i := range fields {
			drawField(out, i, &fields[i], r)
		}
	}
	return r.err
}

// drawField sets a property of the feature. One that isn't known is left out.
func drawField(out *tile.Layer, key int, f *tileField, r *wireRows) {
	switch {
	case f.int:
		if n := r.int(); n >= 0 {
			out.Count(key, uint64(n))
		}
	case f.kind == numberField:
		if n, known := r.float(); known {
			out.Number(key, n)
		}
	case f.kind == flagField:
		if b, known := r.bool(); known {
			out.Flag(key, b)
		}
	default:
		if text := r.column(); text == nil {
			return
		} else if f.own {
			out.Text(key, text)
		} else {
			out.Word(key, text)
		}
	}
}

// tileRow is where a feature stands in what was read, behind its id.
type tileRow struct {
	position int64
	row      wireRows
}

// tileRows finds the rows, sorted by feature id where the query promises no
// order: the same tile must always be the same bytes.
func tileRows(r *wireRows, columns int, sorted bool) (rows []tileRow) {
	for r.next(columns) {
		position := r.int()
		rows = append(rows, tileRow{position, wireRows{b: r.b, left: r.left}})
		for range columns - 1 {
			r.column()
		}
	}
	if sorted {
		slices.SortFunc(rows, func(a, b tileRow) int { return cmp.Compare(a.position, b.position) })
	}
	return rows
}

// readStatuses reads what the analysis says of features.
type readStatuses func(ctx context.Context, shapes []tileShape) (*statuses, error)

// drawParcels draws the parcels as everybody sees them: by their home part.
func (v *View) drawParcels(ctx context.Context, out *tile.Layer, id tile.ID, t tileLayer, read readStatuses) error {
	r, err := v.store.tiles.rows(ctx, "tile_parcels", pq.Array(v.Loads[ingest.LayerParcels]), id.Z, id.X, id.Y)
	if err != nil {
		return err
	}
	shapes, err := tileShapes(r.b)
	if err != nil {
		return err
	}
	results, err := read(ctx, shapes)
	if err != nil {
		return err
	}
	for i := range shapes {
		if _, ok := results.of(shapes[i].position); !ok { // the analysis is of some zones alone
			return v.drawLayer(ctx, out, id, t)
		}
	}
	var a arena
	for i := range shapes {
		shape, err := a.parseEWKB(shapes[i].wkb)
		if err != nil {
			return err
		}
		if out.Draw(uint64(shapes[i].position), shape) {
			d, _ := results.of(shapes[i].position)
			drawParcel(out, &d)
		}
	}
	return nil
}

// tileShape is a shape among those that were read, by feature id.
type tileShape struct {
	position int64
	wkb      []byte
}

// tileShapes finds the shapes, each behind its feature id, and sorts them by
// that.
func tileShapes(b []byte) ([]tileShape, error) {
	list := make([]tileShape, 0, len(b)/128)
	for len(b) > 0 {
		if len(b) < 8 {
			return nil, fmt.Errorf("%w: cut short", errWire)
		}
		position := int64(binary.BigEndian.Uint64(b))
		n, err := ewkbLen(b[8:])
		if err != nil {
			return nil, err
		}
		if position < 0 {
			return nil, fmt.Errorf("%w: feature %d", errWire, position)
		}
		list = append(list, tileShape{position, b[8 : 8+n : 8+n]})
		b = b[8+n:]
	}
	slices.SortFunc(list, func(a, b tileShape) int { return cmp.Compare(a.position, b.position) })
	return list, nil
}

func drawParcel(out *tile.Layer, d *drawnStatus) {
	out.Text(0, d.id)
	if d.zone != nil {
		out.Word(1, d.zone)
	}
	if d.scope != nil {
		out.Word(2, d.scope)
	}
	out.Word(3, d.status)
	out.Word(4, d.class)
	out.Flag(5, d.finding)
	out.Number(6, d.areaM2)
}
