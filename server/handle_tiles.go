package server

import (
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/server/problem"
)

const (
	mvtType     = "application/vnd.mapbox-vector-tile"
	deepestZoom = 24
)

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

func (s *Server) tileJSON(x *exchange) error {
	return x.analysis(func(a Analysis, h land.Header) error {
		set, err := a.TileSet(x.r.Context(), x.path["layer"])
		if err != nil {
			return err
		}
		address := s.origin(x.r) + "/tiles/" + url.PathEscape(x.path["snapshot"]) + "/" + url.PathEscape(set.Layer) + "/{z}/{x}/{y}.mvt?v=" + url.QueryEscape(h.AnalysisID)
		fields := set.Fields
		if fields == nil {
			fields = map[string]string{}
		}
		out := tileJSON{TileJSON: "3.0.0", Name: set.Layer, Version: "1.0.0", Scheme: "xyz", Tiles: []string{address}, MinZoom: set.MinZoom, MaxZoom: set.MaxZoom,
			VectorLayers: []vectorLayer{{set.Layer, fields, set.MinZoom, set.MaxZoom}}, AnalysisID: h.AnalysisID}
		if b := set.Bound; b != nil {
			out.Bounds = &[4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
		}
		return x.json(out, digest(h.AnalysisID, "tilejson", set.Layer, s.origin(x.r)))
	})
}

func (s *Server) tile(x *exchange) error {
	z, err := x.tileNumber("z", deepestZoom)
	if err != nil {
		return err
	}
	last := uint64(math.MaxUint32)
	if z < 32 {
		last = 1<<z - 1
	}
	col, err := x.tileNumber("x", last)
	if err != nil {
		return err
	}
	row, err := x.tileNumber("y", last)
	if err != nil {
		return err
	}
	return x.analysis(func(a Analysis, h land.Header) error {
		if x.query("v") == h.AnalysisID { // the address names the analysis, which doesn't change
			x.w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		}
		if x.unchanged(digest(h.AnalysisID, x.r.URL.Path)) {
			return nil
		}
		b, err := a.Tile(x.r.Context(), x.path["layer"], z, col, row)
		if err != nil {
			return err
		}
		if len(b) == 0 {
			x.w.WriteHeader(http.StatusNoContent)
			return nil
		}
		x.body(mvtType, b)
		return nil
	})
}

func (x *exchange) tileNumber(name string, last uint64) (uint32, error) {
	n, err := strconv.ParseUint(x.path[name], 10, 32)
	if err != nil || n > last {
		return 0, problem.Parameter(name, x.path[name], "problem.parameter.tile", last)
	}
	return uint32(n), nil
}
