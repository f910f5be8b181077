package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/muscope/muscope/geo/tile"
	"github.com/muscope/muscope/server/problem"
	"github.com/muscope/muscope/server/tilecache"
)

const mvtType = "application/vnd.mapbox-vector-tile"

// tileJSON is TileJSON 3.0.0. An empty layer has no bounds: [0,0,0,0] would
// make a map jump.
type tileJSON struct {
	TileJSON     string        `json:"tilejson"`
	Name         string        `json:"name"`
	Version      string        `json:"version"`
	Scheme       string        `json:"scheme"`
	Tiles        []string      `json:"tiles"`
	MinZoom      uint32        `json:"minzoom"`
	MaxZoom      uint32        `json:"maxzoom"`
	Bounds       *[4]float64   `json:"bounds,omitempty"`
	VectorLayers []vectorLayer `json:"vector_layers"`
	AnalysisID   string        `json:"analysis_id"`
}

type vectorLayer struct {
	ID      string            `json:"id"`
	Fields  map[string]string `json:"fields"`
	MinZoom uint32            `json:"minzoom"`
	MaxZoom uint32            `json:"maxzoom"`
}

// tiles opens the tiles of a snapshot and closes them after use.
func (x *exchange) tiles(snapshot string, use func(Tiles) error) error {
	t, err := x.s.opt.Store.Tiles(x.r.Context(), snapshot, x.caller.Zones)
	if err != nil {
		return err
	}
	defer t.Close()
	return use(t)
}

func (s *Server) tileJSON(x *exchange) error {
	return x.tiles(x.path["snapshot"], func(t Tiles) error {
		set, err := t.TileSet(x.r.Context(), x.path["layer"])
		if err != nil {
			return err
		}
		address := s.origin(x.r) + "/tiles/" + url.PathEscape(x.path["snapshot"]) + "/" + url.PathEscape(set.Layer) + "/{z}/{x}/{y}.mvt?v=" + url.QueryEscape(s.tileMark(t))
		fields := set.Fields
		if fields == nil {
			fields = map[string]string{}
		}
		out := tileJSON{TileJSON: "3.0.0", Name: set.Layer, Version: "1.0.0", Scheme: "xyz", Tiles: []string{address}, MinZoom: set.MinZoom, MaxZoom: set.MaxZoom,
			VectorLayers: []vectorLayer{{set.Layer, fields, set.MinZoom, set.MaxZoom}}, AnalysisID: t.AnalysisID()}
		if b := set.Bound; b != nil {
			out.Bounds = &[4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
		}
		return x.json(out, digest(t.AnalysisID(), "tilejson", s.tileMark(t), set.Layer, s.origin(x.r)))
	})
}

// tileMark names in tile addresses what is drawn and the program that draws it,
// so that a tile of that address may be kept for good.
func (s *Server) tileMark(t Tiles) string { return digest(t.AnalysisID(), t.Version(), s.opt.Version) }

func (s *Server) tile(x *exchange) error {
	z, err := x.tileNumber("z", tile.MaxZoom)
	if err != nil {
		return err
	}
	col, err := x.tileNumber("x", 1<<z-1)
	if err != nil {
		return err
	}
	row, err := x.tileNumber("y", 1<<z-1)
	if err != nil {
		return err
	}
	return x.tiles(x.path["snapshot"], func(t Tiles) error { return x.sendTile(t, x.path["layer"], tile.ID{Z: z, X: col, Y: row}) })
}

// sendTile answers with a tile, from memory where it is there. An empty tile is
// 204: maps and GDAL take that for a tile with nothing in it, whereas 200
// without a body is no vector tile to some.
func (x *exchange) sendTile(t Tiles, layer string, at tile.ID) error {
	if x.query("v") == x.s.tileMark(t) { // the address names what is drawn and by which program: that doesn't change
		x.w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	tag := digest(t.AnalysisID(), t.Version(), x.s.opt.Version, layer, fmt.Sprint(at.Z, at.X, at.Y))
	if x.unchanged(tag) {
		return nil
	}
	key := tilecache.Key{Version: t.Version(), Scope: strings.Join(scopeTag(x.caller.Zones), "\x00"), Layer: layer, Z: at.Z, X: at.X, Y: at.Y}
	got, err := x.s.tiles.Get(x.r.Context(), key, func(ctx context.Context) ([]byte, error) {
		leave, err := x.enterFor(ctx) // only drawing takes a turn
		if err != nil {
			return nil, err
		}
		defer leave()
		return t.Tile(ctx, layer, at.Z, at.X, at.Y)
	})
	if err != nil {
		return err
	}
	if got.Empty() {
		x.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	b, encoding := x.s.tiles.Bytes(got, tilecache.Accepted(x.r.Header.Get("Accept-Encoding")))
	if encoding != tilecache.Plain {
		x.w.Header().Set("Content-Encoding", string(encoding))
		x.w.Header().Set("ETag", strings.TrimSuffix(x.w.Header().Get("ETag"), `"`)+encoding.Suffix()+`"`)
	}
	x.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	x.body(mvtType, b)
	return nil
}

func (x *exchange) tileNumber(name string, last uint64) (uint32, error) {
	n, err := strconv.ParseUint(x.path[name], 10, 32)
	if err != nil || n > last {
		return 0, problem.Parameter(name, x.path[name], "problem.parameter.tile", last)
	}
	return uint32(n), nil
}
