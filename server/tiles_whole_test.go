package server_test

import (
	"flag"
	"net/http"
	"regexp"
	"testing"
)

// tileParcels is settable: -tile-parcels 100000 counts as many.
var tileParcels = flag.Int("tile-parcels", 4_900, "parcels that are looked for in tiles; the square of a number")

var latticeID = regexp.MustCompile(`4501\d{10}`)

// TestEveryParcelIsInTheTiles: at the least zoom that TileJSON names, and at
// 14, the tiles hold each parcel; nothing is left out where it is dense.
func TestEveryParcelIsInTheTiles(t *testing.T) {
	side := 1
	for side*side < *tileParcels {
		side++
	}
	d, _ := newLattice(t, side)
	s := d.server(t)
	set := decode[struct {
		MinZoom uint32 `json:"minzoom"`
	}](t, get(t, s, "/tiles/"+snapshot+"/parcels.json"))
	for _, z := range []uint32{set.MinZoom, 14} {
		seen := map[string]bool{}
		for _, path := range latticeTiles(side, z) {
			w := get(t, s, "/tiles/"+snapshot+"/parcels/"+path+".mvt")
			if w.Code == http.StatusNoContent {
				continue
			}
			if w.Code != http.StatusOK {
				t.Fatalf("%s: %d", path, w.Code)
			}
			for _, id := range latticeID.FindAll(w.Body.Bytes(), -1) { // a value that a feature has stands in the tile once, as it is
				seen[string(id)] = true
			}
		}
		t.Logf("zoom %d: %d of %d parcels", z, len(seen), side*side)
		if len(seen) != side*side {
			t.Errorf("zoom %d: %d of %d parcels are in the tiles", z, len(seen), side*side)
		}
	}
}
