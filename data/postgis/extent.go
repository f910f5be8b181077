package postgis

import (
	"math"

	"github.com/paulmach/orb"
)

// densityZoom is the deepest zoom at which features are counted by tile. A
// layer is shown from the zoom at which no tile is too full.
const densityZoom = 14

// tilePlace is the Web Mercator tile of densityZoom a feature's first point
// lies in.
type tilePlace struct{ x, y uint32 }

// extent gathers where the features of a partition lie and how dense.
type extent struct {
	bound orb.Bound
	any   bool
	tiles map[tilePlace]int32
	last  tilePlace
	n     int32 // features in last that tiles doesn't count yet

	inheritedDensest []int64 // of the partition that this one is a copy of
	inheritedBounds  []float64
}

// add counts a feature. Neighbours in the file are mostly neighbours on the
// ground, so the last tile is looked at first.
func (e *extent) add(mp orb.MultiPolygon) {
	if len(mp) == 0 || len(mp[0]) == 0 || len(mp[0][0]) == 0 {
		return
	}
	e.grow(mp)
	p := toMercator(mp[0][0][0])
	const world = 2 * math.Pi * mercatorRadius
	at := tilePlace{tileIndex(p[0]/world + 0.5), tileIndex(0.5 - p[1]/world)}
	if at != e.last {
		e.settle()
		e.last = at
	}
	e.n++
}

func tileIndex(f float64) uint32 {
	const n = 1 << densityZoom
	return uint32(max(0, min(n-1, math.Floor(f*n))))
}

// settle adds what was counted in the last tile.
func (e *extent) settle() {
	if e.n == 0 {
		return
	}
	if e.tiles == nil {
		e.tiles = map[tilePlace]int32{}
	}
	e.tiles[e.last] += e.n
	e.n = 0
}

func (e *extent) grow(mp orb.MultiPolygon) {
	if !e.any {
		p := mp[0][0][0]
		e.bound, e.any = orb.Bound{Min: p, Max: p}, true
	}
	for _, poly := range mp {
		if len(poly) == 0 {
			continue
		}
		for _, p := range poly[0] {
			e.bound.Min[0], e.bound.Max[0] = min(e.bound.Min[0], p[0]), max(e.bound.Max[0], p[0])
			e.bound.Min[1], e.bound.Max[1] = min(e.bound.Min[1], p[1]), max(e.bound.Max[1], p[1])
		}
	}
}

// summary is the greatest number of features in a tile at each zoom from 0 to
// densityZoom, and west, south, east, north; nil where there is no feature.
func (e *extent) summary() (densest []int64, bounds []float64) {
	if !e.any {
		return e.inheritedDensest, e.inheritedBounds
	}
	e.settle()
	densest = make([]int64, densityZoom+1)
	tiles := e.tiles
	for z := densityZoom; z >= 0; z-- {
		up := make(map[tilePlace]int32, len(tiles)/3+1)
		for at, n := range tiles {
			densest[z] = max(densest[z], int64(n))
			up[tilePlace{at.x / 2, at.y / 2}] += n
		}
		tiles = up
	}
	return densest, []float64{e.bound.Min[0], e.bound.Min[1], e.bound.Max[0], e.bound.Max[1]}
}
