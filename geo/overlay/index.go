package overlay

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/rtree"

	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/internal/jts"
)

// Share is the part of a parcel in one zone.
type Share struct {
	// Zone is the position of the zone in the slice given to NewIndex.
	Zone int
	// Share is the area of the part over that of the parcel, both on the ellipsoid: above 0, exactly 1 when the parcel
	// is wholly inside.
	Share float64
	// AreaM2 is the area of the part in m².
	AreaM2 float64
	// Part is the piece of the parcel in the zone; nil when that is the whole parcel.
	Part orb.MultiPolygon
}

const (
	// wholeTolerance: a share that misses 1 by less is 1.
	wholeTolerance = 1e-9
	// leastShare: a share below is rounding along a common border, and dropped.
	leastShare = 1e-12
)

// Index finds the zones that a parcel lies in. It is never changed after NewIndex and may be used by any number of
// goroutines at once.
type Index struct {
	zones []zone
	tree  *rtree.RTree
}

type zone struct {
	shape orb.MultiPolygon // shells counter-clockwise, holes clockwise: the interior is on the left
	edges *geo.EdgeIndex
}

// NewIndex indexes zone boundaries, which must be valid (geo.Validate); zones may overlap each other. An empty boundary
// is an error that names its position.
func NewIndex(zones []orb.MultiPolygon) (*Index, error) {
	x := &Index{zones: make([]zone, len(zones))}
	items := make([]rtree.BulkItem, len(zones))
	for i, mp := range zones {
		shape := leftInterior(mp)
		x.zones[i] = zone{shape: shape, edges: geo.NewEdgeIndex(shape)}
		if x.zones[i].edges.Len() < 3 {
			return nil, fmt.Errorf("zone %d has no boundary: supply its polygon or leave the zone out", i+1)
		}
		items[i] = rtree.BulkItem{Box: box(x.zones[i].edges.Bound()), RecordID: i}
	}
	x.tree = rtree.BulkLoad(items)
	return x, nil
}

func box(b orb.Bound) rtree.Box {
	return rtree.Box{MinX: b.Min[0], MinY: b.Min[1], MaxX: b.Max[0], MaxY: b.Max[1]}
}

// leftInterior turns rings so that the interior is on their left; rings that already are stay shared with mp.
func leftInterior(mp orb.MultiPolygon) orb.MultiPolygon {
	out := make(orb.MultiPolygon, len(mp))
	for i, p := range mp {
		out[i] = make(orb.Polygon, len(p))
		for j, r := range p {
			if (geo.RingAreaM2(r) > 0) != (j == 0) {
				r = r.Clone()
				r.Reverse()
			}
			out[i][j] = r
		}
	}
	return out
}

// Shares returns the parts of a parcel in the zones, in the order of the zones; a parcel in no zone has none. The parcel must be valid. areaM2
// is the parcel's own ellipsoid area as geo.AreaM2 gives it (not the recorded one), so that it is measured once; 0
// or less has it measured here. An error names the zone and a point of the parcel.
func (x *Index) Shares(parcel orb.MultiPolygon, areaM2 float64) ([]Share, error) {
	if len(parcel) == 0 {
		return nil, nil
	}
	if areaM2 <= 0 {
		areaM2 = geo.AreaM2(parcel)
	}
	var shares []Share
	err := x.tree.RangeSearch(box(parcel.Bound()), func(i int) error {
		s, err := x.zones[i].share(parcel, areaM2)
		if err != nil {
			return fmt.Errorf("parcel near %s in zone %d: %w", near(parcel), i+1, err)
		}
		if s.Share > 0 {
			s.Zone = i
			shares = append(shares, s)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(shares) > 1 {
		sort.Slice(shares, func(i, j int) bool { return shares[i].Zone < shares[j].Zone })
	}
	return shares, nil
}

func (z *zone) share(parcel orb.MultiPolygon, areaM2 float64) (Share, error) {
	var part orb.MultiPolygon
	whole := true
	for _, poly := range parcel {
		piece, all, err := z.piece(poly)
		if err != nil {
			return Share{}, err
		}
		whole = whole && all
		part = append(part, piece...)
	}
	if whole {
		return Share{Share: 1, AreaM2: areaM2}, nil
	}
	if len(part) == 0 {
		return Share{}, nil
	}
	partM2 := geo.AreaM2(part)
	switch share := partM2 / areaM2; {
	case !(share >= leastShare):
		return Share{}, nil
	case share >= 1-wholeTolerance:
		return Share{Share: 1, AreaM2: areaM2}, nil
	default:
		return Share{Share: share, AreaM2: partM2, Part: part}, nil
	}
}

// piece returns the part of one polygon in the zone and whether that is all of it.
func (z *zone) piece(poly orb.Polygon) (orb.MultiPolygon, bool, error) {
	if len(poly) == 0 || len(poly[0]) == 0 {
		return nil, true, nil
	}
	bound := poly[0].Bound()
	var room [64]int32
	near := z.edges.Search(room[:0], bound)
	if len(near) == 0 {
		if z.edges.Locate(poly[0][0]) == geo.Inside {
			return orb.MultiPolygon{poly}, true, nil
		}
		return nil, false, nil
	}
	switch z.settle(poly, bound, near) {
	case geo.Inside:
		return orb.MultiPolygon{poly}, true, nil
	case geo.Outside:
		return nil, false, nil
	}
	if mp, ok := z.cut(poly, near); ok {
		return mp, false, nil
	}
	mp, err := z.overlay(poly, bound)
	return mp, false, err
}

// errContradicts: the overlay library gave a part that a point of the parcel contradicts.
var errContradicts = errors.New("the overlay contradicts the position of the parcel: check both borders for needles thinner than a micrometre")

// clearance is how far in degrees (a micrometre) a point must be from all borders for its side to be beyond rounding.
const clearance = 1e-11

// coarser are the grids in degrees that borders are rounded to when a first overlay fails: 0 is none, 1e-10° are 11 µm.
func coarser() [3]float64 { return [3]float64{0, 1e-10, 1e-9} }

// overlay asks the library and tests its answer with one point deep in the parcel, since borders that nearly fold back on
// themselves have been seen to turn its inside and outside round.
func (z *zone) overlay(poly orb.Polygon, bound orb.Bound) (mp orb.MultiPolygon, err error) {
	around := z.around(bound)
	deep, known := deepPoint(poly, bound, clearance)
	if known {
		known = len(z.edges.Search(nil, orb.Bound{Min: deep, Max: deep}.Pad(clearance))) == 0
	}
	inside := known && z.edges.Locate(deep) == geo.Inside
	for _, grid := range coarser() {
		mp, err = jts.Intersection(orb.MultiPolygon{rounded(poly, grid)}, roundedAll(around, grid))
		if err != nil {
			continue
		}
		if !known || slices.ContainsFunc(mp, func(p orb.Polygon) bool { return geo.Locate(deep, p) != geo.Outside }) == inside {
			return mp, nil
		}
		err = errContradicts
	}
	return nil, err
}

func roundedAll(mp orb.MultiPolygon, grid float64) orb.MultiPolygon {
	if grid == 0 {
		return mp
	}
	out := make(orb.MultiPolygon, len(mp))
	for i, p := range mp {
		out[i] = rounded(p, grid)
	}
	return out
}

func rounded(poly orb.Polygon, grid float64) orb.Polygon {
	if grid == 0 {
		return poly
	}
	out := poly.Clone()
	for _, r := range out {
		for i, p := range r {
			r[i] = orb.Point{math.Round(p[0]/grid) * grid, math.Round(p[1]/grid) * grid}
		}
	}
	return out
}
