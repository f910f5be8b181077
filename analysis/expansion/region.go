package expansion

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/overlay"
)

// region is a piece of ground that others are cut by: the zone, the land added,
// the land taken out.
type region struct {
	shape orb.MultiPolygon
	index *overlay.Index // nil: empty
	bound orb.Bound
	m2    float64
}

func newRegion(shape orb.MultiPolygon) (*region, error) {
	r := &region{shape: shape}
	if len(shape) == 0 {
		return r, nil
	}
	r.bound, r.m2 = shape.Bound(), geo.AreaM2(shape)
	var err error
	r.index, err = overlay.NewIndex([]orb.MultiPolygon{shape})
	return r, err
}

func (r *region) empty() bool { return r.index == nil }

// part is what of a boundary lies in the region, with its area and its share
// of the whole.
func (r *region) part(mp orb.MultiPolygon) (overlay.Share, error) {
	if r.empty() || !r.bound.Intersects(mp.Bound()) {
		return overlay.Share{}, nil
	}
	shares, err := r.index.Shares(mp, 0)
	if err != nil || len(shares) == 0 {
		return overlay.Share{}, err
	}
	s := shares[0]
	if s.Part == nil {
		s.Part = mp
	}
	return s, nil
}

// minus is the region without another.
func (r *region) minus(o *region) (*region, error) {
	if r.empty() || o.empty() || !r.bound.Intersects(o.bound) {
		return r, nil
	}
	rest, err := overlay.Difference(r.shape, o.shape)
	if err != nil {
		return nil, err
	}
	return newRegion(withoutSlivers(rest))
}

// and is what two regions have in common.
func (r *region) and(o *region) (*region, error) {
	if r.empty() || o.empty() {
		return &region{}, nil
	}
	both, err := overlay.Intersection(r.shape, o.shape)
	if err != nil {
		return nil, err
	}
	return newRegion(withoutSlivers(both))
}

// sliverM2 is the area in m² below which a polygon that an overlay gave is the
// rounding of coordinates along a common border.
const sliverM2 = 0.01

func withoutSlivers(mp orb.MultiPolygon) orb.MultiPolygon {
	var out orb.MultiPolygon
	for _, p := range mp {
		if geo.AreaM2(p) >= sliverM2 {
			out = append(out, p)
		}
	}
	return out
}

// cover gathers what lies on a region, of one kind.
type cover struct {
	found  []found
	done   bool
	merged orb.MultiPolygon
	m2     float64
}

// found is one thing that lies on a region.
type found struct {
	id, name string
	part     orb.MultiPolygon
	m2       float64
	whole    orb.MultiPolygon // the thing itself, where it isn't only a part of the region
}

func (c *cover) add(f found) {
	c.found = append(c.found, f)
	c.done = false
}

// around is the things that lie on a region with what of them lies about it. An
// overlay of these with the region meets no border that it shares with it, which
// the parts would all along.
func (c *cover) around(bound orb.Bound) (orb.MultiPolygon, error) {
	shapes := make([]orb.MultiPolygon, len(c.found))
	for i := range c.found {
		var err error
		if shapes[i], err = overlay.Around(c.found[i].whole, bound); err != nil {
			return nil, fmt.Errorf("%s: %w", c.found[i].id, err)
		}
	}
	return overlay.Union(shapes...)
}

// union is the ground that is covered, each square metre once.
func (c *cover) union() (orb.MultiPolygon, float64, error) {
	if c.done {
		return c.merged, c.m2, nil
	}
	parts := make([]orb.MultiPolygon, len(c.found))
	for i := range c.found {
		parts[i] = c.found[i].part
	}
	switch len(parts) {
	case 0:
		c.merged, c.m2 = nil, 0
	case 1:
		c.merged, c.m2 = parts[0], c.found[0].m2
	default:
		merged, err := overlay.Union(parts...)
		if err != nil {
			return nil, 0, fmt.Errorf("unite what covers the land: %w", err)
		}
		c.merged, c.m2 = merged, geo.AreaM2(merged)
	}
	c.done = true
	return c.merged, c.m2, nil
}

// maxSpots is how many places a condition lists; all of them are on the map.
const maxSpots = 100

// spots lists the greatest places first.
func spots(all []found) (list []Spot, more int) {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b found) int { return cmp.Compare(b.m2, a.m2) })
	for i, f := range sorted {
		if i == maxSpots {
			return list, len(sorted) - maxSpots
		}
		list = append(list, Spot{ID: f.id, Name: f.name, Place: placeIn(f.part), Geometry: geometryJSON(f.part), Area: areaOf(fixed(f.m2))})
	}
	return list, 0
}

// placeIn is a point of a shape, to find it by: the first of its greatest
// polygon.
func placeIn(mp orb.MultiPolygon) [2]float64 {
	best, at := -1.0, [2]float64{}
	for _, p := range mp {
		if len(p) == 0 || len(p[0]) == 0 {
			continue
		}
		if m2 := geo.AreaM2(p); m2 > best {
			best, at = m2, [2]float64{p[0][0][0], p[0][0][1]}
		}
	}
	return at
}

// fixed is an area of a boundary that passed the limits of size: it always fits.
func fixed(m2 float64) land.Fixed {
	f, err := land.FixedOf(m2)
	if err != nil {
		return 0
	}
	return f
}
