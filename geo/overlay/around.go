package overlay

import (
	"fmt"

	"github.com/paulmach/orb"
)

// Around returns a shape that within the bound is the boundary, cut to a box
// somewhat larger: what overlays with something small take of a boundary that is
// large. The boundary must be valid (geo.Validate).
func Around(mp orb.MultiPolygon, bound orb.Bound) (orb.MultiPolygon, error) {
	if b := mp.Bound(); len(mp) == 0 || bound.Contains(b.Min) && bound.Contains(b.Max) {
		return mp, nil
	}
	x, err := NewIndex([]orb.MultiPolygon{mp})
	if err != nil {
		return nil, fmt.Errorf("cut a boundary to its surroundings: %w", err)
	}
	return x.zones[0].around(bound), nil
}
