package server_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
)

const matrixSet = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"

// atsTiles is the abstract test suite of OGC 20-057 (Tiles part 1).
func atsTiles() []abstractTest {
	test := func(name string, check func(*testing.T, *ats), classes ...string) abstractTest {
		return abstractTest{"tiles-1: /conf/" + name, classes, check}
	}
	return []abstractTest{
		test("core/tc-op", atsTile, "ogcapi-tiles-1/core"),
		test("core/tc-error", func(t *testing.T, a *ats) {
			for _, path := range []string{"/1/2/0", "/1/0/2", "/99/0/0", "/x/0/0", "/-1/0/0", "/1/0/99999999999"} {
				if w := a.get(t, "/collections/parcels/tiles/WebMercatorQuad"+path); w.status != 404 && w.status != 400 {
					t.Errorf("%s: %d", path, w.status)
				}
			}
			a.refused(t, "/collections/parcels/tiles/NoSuchSet/1/0/0", 404)
			a.refused(t, "/collections/none/tiles/WebMercatorQuad/1/0/0", 404)
		}, "ogcapi-tiles-1/core"),
		test("tileset/description", atsTileset, "ogcapi-tiles-1/tileset", "ogcapi-tiles-1/geodata-tilesets"),
		test("tilesets-list/tsl-op", func(t *testing.T, a *ats) {
			for _, c := range []string{"zones", "parcels", "buildings", "constraints"} {
				var list struct {
					Tilesets []struct {
						DataType         string
						CRS              any
						TileMatrixSetURI string
						Links            []atsLink
					}
				}
				a.json(t, "/collections/"+c+"/tiles", 200, &list)
				if len(list.Tilesets) == 0 || list.Tilesets[0].DataType != "vector" || list.Tilesets[0].TileMatrixSetURI != matrixSet || linkOf(list.Tilesets[0].Links, "self") == nil {
					t.Errorf("%s: %+v", c, list)
				}
			}
		}, "ogcapi-tiles-1/tilesets-list", "ogcapi-tiles-1/geodata-tilesets"),
		test("geodata-tilesets/rel-link", func(t *testing.T, a *ats) {
			for _, c := range a.collections {
				link := linkOf(c.Links, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector")
				if c.ID == "parcels" && link == nil {
					t.Errorf("%s: no link to its tilesets", c.ID)
				}
				if link != nil {
					a.json(t, link.Href, 200, nil)
				}
			}
		}, "ogcapi-tiles-1/geodata-tilesets"),
		test("mvt/content", func(t *testing.T, a *ats) {
			w, _ := a.someTile(t)
			if got := w.header.Get("Content-Type"); !strings.HasPrefix(got, "application/vnd.mapbox-vector-tile") {
				t.Errorf("content type %s", got)
			}
		}, "ogcapi-tiles-1/mvt"),
		test("oas30/completeness", func(t *testing.T, a *ats) {
			a.operation(t, "/collections/{}/tiles/WebMercatorQuad/{}/{}/{}")
		}, "ogcapi-tiles-1/oas30"),
		test("tile-matrix-set", func(t *testing.T, a *ats) {
			var list struct {
				TileMatrixSets []struct {
					ID    string
					Links []atsLink
				}
			}
			a.json(t, "/tileMatrixSets", 200, &list)
			var set struct {
				ID           string
				URI          string
				TileMatrices []struct {
					ID                        string
					ScaleDenominator          float64
					CellSize                  float64
					PointOfOrigin             []float64
					TileWidth, TileHeight     int
					MatrixWidth, MatrixHeight int
				}
			}
			a.json(t, "/tileMatrixSets/WebMercatorQuad", 200, &set)
			if len(list.TileMatrixSets) == 0 || set.ID != "WebMercatorQuad" || len(set.TileMatrices) < 18 {
				t.Fatalf("%+v", set)
			}
			for i, m := range set.TileMatrices {
				scale := 559082264.028717 / math.Pow(2, float64(i))
				if m.ID != fmt.Sprint(i) || m.MatrixWidth != 1<<i || m.MatrixHeight != 1<<i || m.TileWidth != 256 || math.Abs(m.ScaleDenominator/scale-1) > 1e-9 {
					t.Errorf("matrix %d: %+v", i, m)
				}
			}
		}, "tms/tilematrixset", "tms/json-tilematrixset", "ogcapi-tiles-1/tileset"),
	}
}

// someTile is a tile in which parcels lie.
func (a *ats) someTile(t *testing.T) (answer, string) {
	t.Helper()
	const z = 14
	ring := firstRing(t, a.page(t, "/collections/parcels/items?limit=1"))
	lon, lat := ring[0][0], ring[0][1]*math.Pi/180
	n := math.Pow(2, z)
	col := int((lon + 180) / 360 * n)
	row := int((1 - math.Asinh(math.Tan(lat))/math.Pi) / 2 * n)
	path := fmt.Sprintf("/collections/parcels/tiles/WebMercatorQuad/%d/%d/%d", z, row, col) // the row before the column
	return a.get(t, path, "Accept-Encoding", "identity"), path
}

func atsTile(t *testing.T, a *ats) {
	w, path := a.someTile(t)
	if w.status != 200 || len(w.body) == 0 {
		t.Fatalf("%s: %d, %d bytes", path, w.status, len(w.body))
	}
	tag := w.header.Get("ETag")
	if tag == "" || strings.HasPrefix(tag, "W/") {
		t.Errorf("ETag %q is not a strong one", tag)
	}
	if again := a.get(t, path, "Accept-Encoding", "identity", "If-None-Match", tag); again.status != 304 || len(again.body) != 0 {
		t.Errorf("with its ETag: %d", again.status)
	}
	// An empty tile inside the limits of the matrix is no fault.
	if empty := a.get(t, "/collections/parcels/tiles/WebMercatorQuad/14/0/0"); empty.status != 200 && empty.status != 204 && empty.status != 404 {
		t.Errorf("an empty tile: %d", empty.status)
	}
}

func atsTileset(t *testing.T, a *ats) {
	for _, c := range []string{"zones", "parcels", "buildings", "constraints"} {
		var set struct {
			DataType            string
			CRS                 any
			TileMatrixSetURI    string
			TileMatrixSetLimits []struct{ TileMatrix string }
			Layers              []json.RawMessage
			Links               []atsLink
		}
		a.json(t, "/collections/"+c+"/tiles/WebMercatorQuad", 200, &set)
		if set.DataType != "vector" || set.CRS == nil || set.TileMatrixSetURI != matrixSet {
			t.Errorf("%s: %+v", c, set)
		}
		item := linkOf(set.Links, "item")
		if item == nil || !strings.Contains(item.Href, "{tileMatrix}") || !strings.Contains(item.Href, "{tileRow}") || !strings.Contains(item.Href, "{tileCol}") {
			t.Errorf("%s: template %+v", c, item)
		}
		if linkOf(set.Links, "self") == nil || linkOf(set.Links, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme") == nil {
			t.Errorf("%s: links %+v", c, set.Links)
		}
	}
}
