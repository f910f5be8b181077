package server_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/paulmach/orb/planar"

	"github.com/muscope/muscope/geo/tile"
)

// sampleTiles are the tiles of a zoom in which the sample's parcels lie.
func sampleTiles(t testing.TB, d *district, z uint32) (list []tile.ID) {
	t.Helper()
	at := func(x, y float64) (uint32, uint32) {
		side := tile.ID{Z: z}.Side()
		return uint32((x + tile.HalfWorld) / side), uint32((tile.HalfWorld - y) / side)
	}
	for _, box := range d.rows(t, "select 1, concat_ws(' ', st_xmin(e), st_ymin(e), st_xmax(e), st_ymax(e)) from (select st_extent(geom_3857) e from muscope.parcel) x") {
		var b orb.Bound
		if _, err := fmt.Sscanf(box, "%g %g %g %g", &b.Min[0], &b.Min[1], &b.Max[0], &b.Max[1]); err != nil {
			t.Fatal(err)
		}
		x0, y0 := at(b.Min[0], b.Max[1])
		x1, y1 := at(b.Max[0], b.Min[1])
		for x := x0; x <= x1; x++ {
			for y := y0; y <= y1; y++ {
				list = append(list, tile.ID{Z: z, X: x, Y: y})
			}
		}
	}
	return list
}

// TestTileEncodings holds that a tile is the same in every encoding and by
// either address, each encoding under an ETag of its own.
func TestTileEncodings(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	at := sampleTiles(t, d, 12)[0]
	own := fmt.Sprintf("/tiles/2024/parcels/%d/%d/%d.mvt", at.Z, at.X, at.Y)
	var plain string
	tags := map[string]bool{}
	for _, c := range []struct {
		encoding string
		open     func(io.Reader) (io.Reader, error)
	}{
		{"", func(r io.Reader) (io.Reader, error) { return r, nil }},
		{"gzip", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
		{"br", func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }},
	} {
		for _, path := range []string{own, fmt.Sprintf("/ogc/collections/parcels/tiles/WebMercatorQuad/%d/%d/%d", at.Z, at.Y, at.X),
			fmt.Sprintf("/ogc/snapshots/2024/collections/parcels/tiles/WebMercatorQuad/%d/%d/%d?f=mvt", at.Z, at.Y, at.X)} {
			w := get(t, s, path, "Accept-Encoding", c.encoding)
			if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != c.encoding || w.Header().Get("Content-Length") != fmt.Sprint(w.Body.Len()) {
				t.Fatalf("%s as %q: %d %v", path, c.encoding, w.Code, w.Header())
			}
			r, err := c.open(w.Body)
			must(t, err)
			b, err := io.ReadAll(r)
			must(t, err)
			if plain == "" {
				plain = string(b)
			}
			if string(b) != plain || len(b) < 1000 {
				t.Errorf("%s as %q is another tile: %d bytes", path, c.encoding, len(b))
			}
			tag := w.Header().Get("ETag")
			tags[tag] = true
			if again := get(t, s, path, "Accept-Encoding", c.encoding, "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
				t.Errorf("%s as %q with its ETag %s: %d", path, c.encoding, tag, again.Code)
			}
		}
	}
	if len(tags) != 3 {
		t.Errorf("ETags %v: want one for each encoding", tags)
	}
	before := get(t, s, own)
	d.analyze(t, snapshot)
	waitForTag(t, func() string { return get(t, s, own).Header().Get("ETag") }, before.Header().Get("ETag"))
}

// waitForTag waits until another analysis shows, which takes a moment.
func waitForTag(t *testing.T, tag func() string, old string) {
	t.Helper()
	for range 1000 {
		if tag() != old {
			return
		}
	}
	t.Error("a new analysis keeps the ETag")
}

func TestTilesThatAreNone(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	const quad = "/ogc/collections/parcels/tiles/WebMercatorQuad"
	for path, want := range map[string]int{quad + "/14/0/0": 204, "/tiles/2024/parcels/14/0/0.mvt": 204, quad + "/1/2/0": 404, quad + "/25/0/0": 404, quad + "/-1/0/0": 404, quad + "/x/0/0": 404,
		quad + "/1/0/99999999999": 404, "/ogc/collections/findings/tiles": 404, "/ogc/collections/parcels/tiles/Other": 404, "/ogc/snapshots/none/collections/parcels/tiles/WebMercatorQuad/1/0/0": 404} {
		w := get(t, s, path)
		if w.Code != want || want == 204 && w.Body.Len() > 0 {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
		if want == 404 && (!strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") || !strings.Contains(w.Body.String(), `"urn:muscope:problem:`)) {
			t.Errorf("%s: %s %s", path, w.Header().Get("Content-Type"), w.Body)
		}
	}
}

// TestGDALReadsTiles reads tiles with GDAL's MVT driver: every parcel
// is in them, and one that lies whole in a tile has its area within the tile's grid.
func TestGDALReadsTiles(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	want := d.rows(t, "select id, concat_ws(' ', st_area(geom_3857), st_perimeter(geom_3857), st_xmin(geom_3857), st_ymin(geom_3857), st_xmax(geom_3857), st_ymax(geom_3857)) from muscope.parcel where home")
	found, measured := map[string]bool{}, 0
	for _, at := range sampleTiles(t, d, 14) {
		w := get(t, s, fmt.Sprintf("/ogc/collections/parcels/tiles/WebMercatorQuad/%d/%d/%d", at.Z, at.Y, at.X))
		if w.Code == http.StatusNoContent {
			continue
		}
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, "tile.mvt"), w.Body.Bytes(), 0o644))
		file := filepath.Join(dir, "out.csv")
		ogr(t, "ogr2ogr", "-f", "CSV", file, "MVT:"+filepath.Join(dir, "tile.mvt"), "parcels", "-oo", fmt.Sprint("X=", at.X), "-oo", fmt.Sprint("Y=", at.Y), "-oo", fmt.Sprint("Z=", at.Z),
			"-oo", "CLIP=NO", "-lco", "GEOMETRY=AS_WKT", "-lco", "SEPARATOR=TAB")
		step := at.Side() / tile.Extent
		for id, text := range tableOf(t, file) {
			g, err := wkt.Unmarshal(text)
			must(t, err)
			found[id] = true
			var area, length float64
			var b orb.Bound
			if _, err := fmt.Sscanf(want[id], "%g %g %g %g %g %g", &area, &length, &b.Min[0], &b.Min[1], &b.Max[0], &b.Max[1]); err != nil {
				t.Fatalf("parcel %q of the tile isn't in the table: %v", id, err)
			}
			if around := at.Around(); !around.Contains(b.Min) || !around.Contains(b.Max) {
				continue
			}
			measured++
			if got := planar.Area(g); math.Abs(got-area) > length*step*math.Sqrt2/2+2*step*step {
				t.Errorf("parcel %s has %.1f m² in the tile, %.1f m² in the table", id, got, area)
			}
		}
	}
	if len(found) != len(want) || measured < len(want)*9/10 {
		t.Errorf("GDAL finds %d of %d parcels, %d of them whole", len(found), len(want), measured)
	}
}
