package topology

import (
	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo/overlay"
)

// gapFinder looks for land of a zone that no parcel claims, strip by strip from the west, so that it holds the parcels of a strip and
// the gaps that reach out of it.
type gapFinder struct {
	c       *Checker
	zone    *item
	done    float64 // gaps west of it are known
	parcels []*item
	gaps    orb.MultiPolygon // that reach a line of the strips or cells
}

const (
	stripParcels = 4096 // are gathered before a strip is done
	cellParcels  = 48   // are united at once
	mostSplits   = 24
)

func newGapFinder(c *Checker, zone *item) *gapFinder {
	return &gapFinder{c: c, zone: zone, done: zone.bound.Min[0]}
}

// add takes a parcel that lies in the zone. Those still to come begin no further west than the sweep.
func (g *gapFinder) add(p *item) error {
	g.parcels = append(g.parcels, p)
	if len(g.parcels) < stripParcels || g.c.west <= g.done {
		return nil
	}
	if err := g.strip(g.c.west); err != nil {
		return err
	}
	kept := g.parcels[:0]
	for _, p := range g.parcels {
		if p.bound.Max[0] >= g.done {
			kept = append(kept, p)
		}
	}
	clear(g.parcels[len(kept):])
	g.parcels = kept
	return nil
}

// finish does the last strip, joins what the lines cut, and tells of it.
func (g *gapFinder) finish() error {
	if err := g.strip(g.zone.bound.Max[0]); err != nil {
		return err
	}
	g.parcels = nil
	pieces := make([]orb.MultiPolygon, len(g.gaps))
	for i, poly := range g.gaps {
		pieces[i] = orb.MultiPolygon{poly}
	}
	whole, err := overlay.Union(pieces...)
	if err != nil {
		return g.c.tell(&Finding{Code: Undecided, Geometry: g.zone.MP}, g.zone, nil)
	}
	for _, poly := range whole {
		if err := g.tell(poly); err != nil {
			return err
		}
	}
	return nil
}

// strip finds the gaps between the last strip and x.
func (g *gapFinder) strip(x float64) error {
	b := g.zone.bound
	box := orb.Bound{Min: orb.Point{g.done, b.Min[1]}, Max: orb.Point{x, b.Max[1]}}
	g.done = x
	if box.Min[0] >= box.Max[0] || box.Min[1] >= box.Max[1] {
		return nil
	}
	return g.split(box, g.parcels, mostSplits)
}

// split halves a box until few parcels reach into it.
func (g *gapFinder) split(box orb.Bound, parcels []*item, more int) error {
	var here []*item
	for _, p := range parcels {
		if p.bound.Intersects(box) {
			here = append(here, p)
		}
	}
	if len(here) <= cellParcels || more == 0 {
		return g.cell(box, here)
	}
	west, east := box, box
	if pl := planeAt(box.Min[1]); (box.Max[0]-box.Min[0])*pl.x > (box.Max[1]-box.Min[1])*pl.y {
		at := (box.Min[0] + box.Max[0]) / 2
		west.Max[0], east.Min[0] = at, at
	} else {
		at := (box.Min[1] + box.Max[1]) / 2
		west.Max[1], east.Min[1] = at, at
	}
	if err := g.split(west, here, more-1); err != nil {
		return err
	}
	return g.split(east, here, more-1)
}

// cell finds the gaps in one box. Those that reach its sides wait for what lies beyond.
func (g *gapFinder) cell(box orb.Bound, parcels []*item) error {
	free, err := g.free(box, parcels)
	if err != nil {
		at := orb.MultiPolygon{box.ToPolygon()}
		return g.c.tell(&Finding{Code: Undecided, Geometry: at}, g.zone, nil)
	}
	for _, poly := range free {
		b := poly.Bound()
		if b.Min[0] <= box.Min[0] || b.Min[1] <= box.Min[1] || b.Max[0] >= box.Max[0] || b.Max[1] >= box.Max[1] {
			g.gaps = append(g.gaps, poly)
			continue
		}
		if err := g.tell(poly); err != nil {
			return err
		}
	}
	return nil
}

// free is the land of the zone in a box that is on no parcel.
func (g *gapFinder) free(box orb.Bound, parcels []*item) (orb.MultiPolygon, error) {
	cell := &item{Shape: Shape{MP: orb.MultiPolygon{box.ToPolygon()}}, bound: box}
	in, err := shareIn(cell, g.zone)
	if err != nil || len(in.Part) == 0 {
		return nil, err
	}
	var taken []orb.MultiPolygon
	for _, p := range parcels {
		mp := p.MP
		if vertexCount(mp) > 200 { // a long parcel is clipped, so that each box costs what lies in it
			s, err := shareIn(cell, p)
			if err != nil {
				return nil, err
			}
			mp = s.Part
		}
		if len(mp) > 0 {
			taken = append(taken, mp)
		}
	}
	all, err := overlay.Union(taken...)
	if err != nil {
		return nil, err
	}
	return overlay.Difference(in.Part, all)
}

// tell tells of a gap, unless it is within the tolerance or larger than a gap.
func (g *gapFinder) tell(poly orb.Polygon) error {
	area, w := width(poly)
	if w <= g.c.tol.M || area > g.c.tol.GapMaxM2 {
		return nil
	}
	return g.c.tell(&Finding{Code: Gap, AreaM2: area, WidthM: w, Geometry: orb.MultiPolygon{poly}}, g.zone, nil)
}
