package ogcapi

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/geo/tile"
	"github.com/paulmach/orb"
)

// TileType is the media type of Mapbox vector tiles.
const TileType = "application/vnd.mapbox-vector-tile"

// TileSet describes the tiles of a collection.
type TileSet struct {
	MinZoom, MaxZoom uint32
	Bound            *orb.Bound        // in longitude and latitude; nil where there is nothing
	Fields           map[string]string // kinds of properties, in TileJSON's words
}

// Tiles is where tiles come from. The server hands it in.
type Tiles interface {
	// TileSet describes the tiles of a collection as the caller sees them.
	// ErrNotFound.
	TileSet(r *Request, collection string) (TileSet, error)
	// SendTile answers with a tile, which the tile matrix set has. ErrNotFound
	// where the tileset has none at this zoom.
	SendTile(r *Request, collection string, at tile.ID) error
}

// tiled are the collections that have tiles.
func tiled() []string { return []string{"zones", "parcels", "buildings", "constraints"} }

// TileLinks are what OGC API – Tiles (20-057 Part 1) adds to landing page,
// conformance and collections.
type TileLinks struct{ Texts data.Texts }

var _ Also = TileLinks{}

// Classes are the conformance classes of OGC API – Tiles that hold, and those
// of the tile matrix set.
func (TileLinks) Classes() []string {
	var list []string
	for _, name := range []string{"core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30"} {
		list = append(list, "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"+name)
	}
	return append(list, "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset", "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset")
}

// LandingLinks point to the tile matrix sets.
func (l TileLinks) LandingLinks(root, lang string) []Link {
	return []Link{{"http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", root + "/tileMatrixSets", mediaOf(jsonFormat), l.Texts.Text(lang, "ogc.link.matrix-sets")}}
}

// CollectionLinks point to the tilesets of a collection that has some.
func (l TileLinks) CollectionLinks(root, collection, lang string) []Link {
	if !slices.Contains(tiled(), collection) {
		return nil
	}
	return []Link{{"http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", root + "/collections/" + collection + "/tiles", mediaOf(jsonFormat), l.Texts.Text(lang, "ogc.link.tilesets")}}
}

// tileRoutes are the resources of OGC API – Tiles below a landing page.
func (a *API) tileRoutes() []Route {
	const sets, one = "/collections/{collectionId}/tiles", "/collections/{collectionId}/tiles/" + WebMercatorQuad
	page := []Param{formatParam(jsonFormat, htmlFormat)}
	pages := []string{mediaOf(jsonFormat), mediaOf(htmlFormat)}
	return []Route{
		{Path: "/tileMatrixSets", Summary: "The tile matrix sets", Params: page, Media: pages, Body: tileMatrixSetList{}, Handle: a.matrixSets},
		{Path: "/tileMatrixSets/" + WebMercatorQuad, Summary: "A tile matrix set", Params: page, Media: pages, Body: tileMatrixSet{}, Handle: a.matrixSet},
		{Path: sets, Summary: "The tilesets of a collection", Params: page, Media: pages, Body: tileSetList{}, Handle: a.tileSets},
		{Path: one, Summary: "The tiles of a collection: limits, properties, and how to address them", Params: page, Media: pages, Body: tileSetPage{}, Handle: a.tileSet},
		{Path: one + "/{tileMatrix}/{tileRow}/{tileCol}", Summary: "A vector tile; the row comes before the column. 204 where nothing lies in it",
			Params: []Param{{Name: "f", Kind: "string", Enum: []string{"mvt"}, About: "Format of the tile"}},
			Media:  []string{TileType}, Empty: true, Handle: a.tile},
	}
}

// templated is a Link whose address has variables.
type templated struct {
	Link
	Templated bool `json:"templated,omitempty"`
}

type tileSetList struct {
	Links    []Link        `json:"links"`
	TileSets []tileSetItem `json:"tilesets"`
}

type tileSetItem struct {
	Title            string      `json:"title"`
	DataType         string      `json:"dataType"`
	CRS              string      `json:"crs"`
	TileMatrixSetURI string      `json:"tileMatrixSetURI"`
	Links            []templated `json:"links"`
}

// tileSetPage is the metadata of a tileset (17-083r4, 8).
type tileSetPage struct {
	tileSetItem
	Limits      []matrixLimits `json:"tileMatrixSetLimits"`
	BoundingBox *boundingBox   `json:"boundingBox,omitempty"`
	CenterPoint *centerPoint   `json:"centerPoint,omitempty"`
	Layers      []tileLayer    `json:"layers"`
}

type matrixLimits struct {
	TileMatrix string `json:"tileMatrix"`
	MinTileRow uint32 `json:"minTileRow"`
	MaxTileRow uint32 `json:"maxTileRow"`
	MinTileCol uint32 `json:"minTileCol"`
	MaxTileCol uint32 `json:"maxTileCol"`
}

type boundingBox struct {
	LowerLeft  orb.Point `json:"lowerLeft"`
	UpperRight orb.Point `json:"upperRight"`
	CRS        string    `json:"crs"`
}

type centerPoint struct {
	Coordinates orb.Point `json:"coordinates"`
	CRS         string    `json:"crs"`
	TileMatrix  string    `json:"tileMatrix"`
}

type tileLayer struct {
	ID                string       `json:"id"`
	Title             string       `json:"title"`
	DataType          string       `json:"dataType"`
	GeometryDimension int          `json:"geometryDimension"`
	MinTileMatrix     string       `json:"minTileMatrix"`
	MaxTileMatrix     string       `json:"maxTileMatrix"`
	BoundingBox       *boundingBox `json:"boundingBox,omitempty"`
	PropertiesSchema  tileSchema   `json:"propertiesSchema"`
}

type tileSchema struct {
	Type       string                  `json:"type"`
	Properties map[string]tileProperty `json:"properties"`
}

type tileProperty struct {
	Title string `json:"title,omitempty"`
	Type  string `json:"type"`
}

// openTileSet is the tileset that the path names.
func (a *API) openTileSet(r *Request) (name string, set TileSet, err error) {
	if name, err = findTiled(r); err == nil {
		set, err = a.opt.Tiles.TileSet(r, name)
	}
	return name, set, err
}

// findTiled is the collection that the path names, if it has tiles.
func findTiled(r *Request) (string, error) {
	name := r.Path["collectionId"]
	if !slices.Contains(tiled(), name) {
		return name, fmt.Errorf("%w: tiles of collection %q; there are those of %s", ErrNotFound, name, strings.Join(tiled(), ", "))
	}
	return name, nil
}

func (a *API) tileSetItem(r *Request, collection string) tileSetItem {
	at := r.root() + "/collections/" + collection + "/tiles/" + WebMercatorQuad
	return tileSetItem{Title: a.text(r, "ogc.collection."+collection), DataType: "vector", CRS: webMercatorURI, TileMatrixSetURI: webMercatorQuadURI,
		Links: []templated{
			{Link: Link{"self", at, mediaOf(jsonFormat), a.text(r, "ogc.link.tileset")}},
			{Link: Link{"http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", r.root() + "/tileMatrixSets/" + WebMercatorQuad, mediaOf(jsonFormat), WebMercatorQuad}},
			{Link: Link{"item", at + "/{tileMatrix}/{tileRow}/{tileCol}", TileType, a.text(r, "ogc.link.tile")}, Templated: true},
		}}
}

// tileSets is /req/tilesets-list/tileset-links.
func (a *API) tileSets(r *Request) error {
	format, err := r.format(jsonFormat, htmlFormat)
	if err != nil {
		return err
	}
	name, _, err := a.openTileSet(r)
	if err != nil {
		return err
	}
	links := append(a.selfLinks(r, format, jsonFormat, htmlFormat), a.home(r))
	item := a.tileSetItem(r, name)
	if format == htmlFormat {
		p := pageOf(a.text(r, "ogc.link.tilesets"), item.Title, links)
		p.Entries = []entry{{item.Links[0].Href, WebMercatorQuad, a.text(r, "ogc.link.tileset")}}
		return a.html(r, p)
	}
	return r.json(mediaOf(jsonFormat), tileSetList{links, []tileSetItem{item}})
}

// tileSet is /req/tileset/tileset-link.
func (a *API) tileSet(r *Request) error {
	format, err := r.format(jsonFormat, htmlFormat)
	if err != nil {
		return err
	}
	name, set, err := a.openTileSet(r)
	if err != nil {
		return err
	}
	page := tileSetPage{tileSetItem: a.tileSetItem(r, name), Limits: limitsOf(set)}
	for _, l := range append(a.selfLinks(r, format, jsonFormat, htmlFormat)[1:], a.home(r)) {
		page.Links = append(page.Links, templated{Link: l})
	}
	layer := tileLayer{ID: name, Title: page.Title, DataType: "vector", GeometryDimension: 2, MinTileMatrix: zoomName(set.MinZoom), MaxTileMatrix: zoomName(set.MaxZoom),
		PropertiesSchema: tileSchema{"object", map[string]tileProperty{}}}
	for field, kind := range set.Fields {
		layer.PropertiesSchema.Properties[field] = tileProperty{a.propertyTitle(r, name, field), schemaKind(kind)}
	}
	if b := set.Bound; b != nil {
		page.BoundingBox = &boundingBox{b.Min, b.Max, crs84URI}
		page.CenterPoint = &centerPoint{b.Center(), crs84URI, zoomName(max(set.MinZoom, zoomOf(*b)))}
		layer.BoundingBox = page.BoundingBox
	}
	page.Layers = []tileLayer{layer}
	if format == htmlFormat {
		var links []Link
		for _, l := range page.Links {
			if !l.Templated {
				links = append(links, l.Link)
			}
		}
		p := pageOf(page.Title+" · "+WebMercatorQuad, a.text(r, "ogc.tileset.about", zoomName(set.MinZoom), zoomName(set.MaxZoom)), links)
		p.List = []string{page.Links[2].Href}
		return a.html(r, p)
	}
	return r.json(mediaOf(jsonFormat), page)
}

func (a *API) propertyTitle(r *Request, collection, field string) string {
	return a.textOr(r, "ogc.property."+collection+"."+field, a.textOr(r, "ogc.property."+field, a.textOr(r, "field."+field, "")))
}

func schemaKind(tileJSONKind string) string {
	switch tileJSONKind {
	case "Number":
		return "number"
	case "Boolean":
		return "boolean"
	}
	return "string"
}

func zoomName(z uint32) string { return strconv.FormatUint(uint64(z), 10) }

// limitsOf are the tiles of each zoom in which something lies.
func limitsOf(set TileSet) []matrixLimits {
	list := []matrixLimits{}
	if set.Bound == nil {
		return list
	}
	for z := set.MinZoom; z <= set.MaxZoom; z++ {
		west, north := tileAt(orb.Point{set.Bound.Min[0], set.Bound.Max[1]}, z)
		east, south := tileAt(orb.Point{set.Bound.Max[0], set.Bound.Min[1]}, z)
		list = append(list, matrixLimits{zoomName(z), north, south, west, east})
	}
	return list
}

// tileAt is the tile that a place lies in.
func tileAt(p orb.Point, z uint32) (col, row uint32) {
	n := float64(uint64(1) << z)
	s := math.Sin(p[1] * math.Pi / 180)
	clamp := func(f float64) uint32 { return uint32(max(0, min(n-1, math.Floor(f*n)))) }
	return clamp(p[0]/360 + 0.5), clamp(0.5 - math.Log((1+s)/(1-s))/(4*math.Pi))
}

// zoomOf is the zoom at which a box is about as large as a map on a screen, four
// tiles across.
func zoomOf(b orb.Bound) uint32 {
	across := max(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1], 1e-6)
	return uint32(max(0, min(tile.MaxZoom, math.Floor(math.Log2(4*360/across)))))
}

// tile is /req/core/tc-op: matrix, row, column in this order. What the tile
// matrix set hasn't is not found, and so is a zoom at which the collection is
// too dense to be drawn: an empty tile would say that nothing is there.
func (a *API) tile(r *Request) error {
	name, err := findTiled(r)
	if err != nil {
		return err
	}
	var at tile.ID
	for _, n := range []struct {
		name string
		to   *uint32
	}{{"tileMatrix", &at.Z}, {"tileRow", &at.Y}, {"tileCol", &at.X}} {
		v, err := strconv.ParseUint(r.Path[n.name], 10, 32)
		if err != nil {
			return fmt.Errorf("%w: %s %q", ErrNotFound, n.name, r.Path[n.name])
		}
		*n.to = uint32(v)
	}
	if !at.Valid() {
		return fmt.Errorf("%w: tile %d/%d/%d of %s", ErrNotFound, at.Z, at.Y, at.X, WebMercatorQuad)
	}
	return a.opt.Tiles.SendTile(r, name, at)
}
