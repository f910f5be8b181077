package ogcapi

import (
	"strconv"

	"github.com/muscope/muscope/geo/tile"
)

// WebMercatorQuad is the one tile matrix set here (17-083r4 Annex D.1): the
// square that web maps use.
const WebMercatorQuad = "WebMercatorQuad"

const (
	webMercatorQuadURI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
	webMercatorURI     = "http://www.opengis.net/def/crs/EPSG/0/3857"
	// scaleZero is the scale denominator of WebMercatorQuad's first matrix, by
	// pixels of 0.28 mm.
	scaleZero  = 559082264.028717
	matrixSide = 256 // pixels of a tile
)

// tileMatrixSet is a tile matrix set in JSON (17-083r4, 9).
type tileMatrixSet struct {
	ID                string       `json:"id"`
	Title             string       `json:"title"`
	URI               string       `json:"uri"`
	CRS               string       `json:"crs"`
	OrderedAxes       []string     `json:"orderedAxes"`
	WellKnownScaleSet string       `json:"wellKnownScaleSet"`
	TileMatrices      []tileMatrix `json:"tileMatrices"`
}

type tileMatrix struct {
	ID               string     `json:"id"`
	ScaleDenominator float64    `json:"scaleDenominator"`
	CellSize         float64    `json:"cellSize"`
	CornerOfOrigin   string     `json:"cornerOfOrigin"`
	PointOfOrigin    [2]float64 `json:"pointOfOrigin"`
	TileWidth        int        `json:"tileWidth"`
	TileHeight       int        `json:"tileHeight"`
	MatrixWidth      int        `json:"matrixWidth"`
	MatrixHeight     int        `json:"matrixHeight"`
}

func webMercatorQuad() tileMatrixSet {
	set := tileMatrixSet{ID: WebMercatorQuad, Title: "Google Maps Compatible for the World", URI: webMercatorQuadURI, CRS: webMercatorURI,
		OrderedAxes: []string{"E", "N"}, WellKnownScaleSet: "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"}
	for z := range tile.MaxZoom + 1 {
		n := 1 << z
		set.TileMatrices = append(set.TileMatrices, tileMatrix{ID: strconv.Itoa(z), ScaleDenominator: scaleZero / float64(n),
			CellSize: 2 * tile.HalfWorld / matrixSide / float64(n), CornerOfOrigin: "topLeft", PointOfOrigin: [2]float64{-tile.HalfWorld, tile.HalfWorld},
			TileWidth: matrixSide, TileHeight: matrixSide, MatrixWidth: n, MatrixHeight: n})
	}
	return set
}

type tileMatrixSetList struct {
	Links          []Link              `json:"links"`
	TileMatrixSets []tileMatrixSetItem `json:"tileMatrixSets"`
}

type tileMatrixSetItem struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	URI   string `json:"uri"`
	CRS   string `json:"crs"`
	Links []Link `json:"links"`
}

func (a *API) matrixSets(r *Request) error {
	format, err := r.format(jsonFormat, htmlFormat)
	if err != nil {
		return err
	}
	set := webMercatorQuad()
	at := r.root() + "/tileMatrixSets/" + set.ID
	links := append(a.selfLinks(r, format, jsonFormat, htmlFormat), a.home(r))
	if format == htmlFormat {
		p := pageOf(a.text(r, "ogc.link.matrix-sets"), "", links)
		p.Entries = []entry{{at, set.ID, set.Title}}
		return a.html(r, p)
	}
	return r.json(mediaOf(jsonFormat), tileMatrixSetList{links, []tileMatrixSetItem{{set.ID, set.Title, set.URI, set.CRS,
		[]Link{{"self", at, mediaOf(jsonFormat), set.Title}}}}})
}

func (a *API) matrixSet(r *Request) error {
	format, err := r.format(jsonFormat, htmlFormat)
	if err != nil {
		return err
	}
	set := webMercatorQuad()
	if format == htmlFormat {
		return a.html(r, pageOf(set.ID, set.Title, append(a.selfLinks(r, format, jsonFormat, htmlFormat), a.home(r))))
	}
	return r.json(mediaOf(jsonFormat), set)
}
