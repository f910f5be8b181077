package tile

import "github.com/paulmach/orb"

// The grid of a tile, in its own steps.
const (
	Extent = 4096 // steps along a side
	Buffer = 64   // steps drawn beyond each side, so that outlines don't show at tile edges
)

// MaxZoom is the deepest zoom a tile can be asked for: a step of the grid is a
// millimetre on the ground there.
const MaxZoom = 24

// HalfWorld is half the side of the Web Mercator square (EPSG:3857), in metres.
const HalfWorld = 20037508.342789244

// ID names a tile: zoom, column from the west, row from the north.
type ID struct{ Z, X, Y uint32 }

// Valid reports whether there is such a tile.
func (t ID) Valid() bool { return t.Z <= MaxZoom && t.X>>t.Z == 0 && t.Y>>t.Z == 0 }

// Side is the length of a side of the tile, in metres of Web Mercator.
func (t ID) Side() float64 { return 2 * HalfWorld / float64(uint64(1)<<t.Z) }

// Bound is the square of the tile in Web Mercator.
func (t ID) Bound() orb.Bound {
	side := t.Side()
	west, north := -HalfWorld+float64(t.X)*side, HalfWorld-float64(t.Y)*side
	return orb.Bound{Min: orb.Point{west, north - side}, Max: orb.Point{west + side, north}}
}

// Around is Bound with the Buffer: what lies in it is drawn.
func (t ID) Around() orb.Bound {
	b, d := t.Bound(), t.Side()*Buffer/Extent
	return orb.Bound{Min: orb.Point{b.Min[0] - d, b.Min[1] - d}, Max: orb.Point{b.Max[0] + d, b.Max[1] + d}}
}
