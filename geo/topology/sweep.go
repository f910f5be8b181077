package topology

import (
	"container/heap"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/overlay"
)

// Checker checks shapes that come in the order of their western ends. It is for one goroutine.
type Checker struct {
	tol   Tolerance
	have  Have
	yield func(*Finding) error

	west float64 // of the last shape
	open byEast  // shapes that what comes may meet
	rows rowIndex
}

// item is an open shape.
type item struct {
	Shape
	bound  orb.Bound
	areaM2 float64
	index  *overlay.Index // made when first needed
	seen   int64          // the last question that met it
	at     int            // in the heap
	pairs  int            // overlaps told

	zoned   bool             // a parcel that lies in a zone
	on      int              // parcels that a building stands on
	largest float64          // share of the building on one of them
	rest    orb.MultiPolygon // of a building: what stands on no parcel yet
	gaps    *gapFinder       // of a zone
}

// Have says which kinds will come: where there are no zones at all, no parcel
// lies outside one.
type Have struct{ Zones, Parcels bool }

// NewChecker makes a checker that gives its findings to yield, whose error ends the run.
func NewChecker(tol Tolerance, have Have, yield func(*Finding) error) (*Checker, error) {
	if tol.GapMaxM2 == 0 {
		tol.GapMaxM2 = DefaultGapMaxM2
	}
	if !(tol.M > 0 && tol.M <= 100) || !(tol.GapMaxM2 > 0) {
		return nil, fmt.Errorf("a tolerance of %g m with gaps up to %g m² is none: give more than 0 and at most 100 m, and gaps over 0", tol.M, tol.GapMaxM2)
	}
	return &Checker{tol: tol, have: have, yield: yield, west: math.Inf(-1), rows: newRowIndex()}, nil
}

// ErrOrder says that shapes didn't come in the order of their western ends.
var ErrOrder = errors.New("shapes come in the order of their western ends")

// Add takes the next shape, which must be valid and stay unchanged until Close.
func (c *Checker) Add(s *Shape) error {
	b := s.MP.Bound()
	if len(s.MP) == 0 {
		return nil
	}
	if b.Min[0] < c.west {
		return fmt.Errorf("%w: %s begins at %.9f, the one before at %.9f", ErrOrder, s.ID, b.Min[0], c.west)
	}
	c.west = b.Min[0]
	if err := c.leave(b.Min[0] - c.margin(b)); err != nil {
		return err
	}
	it := &item{Shape: *s, bound: b, areaM2: geo.AreaM2(s.MP)}
	if err := c.alone(s); err != nil {
		return err
	}
	if err := c.meet(it); err != nil {
		return err
	}
	heap.Push(&c.open, it)
	c.rows.add(it)
	return nil
}

// margin is the tolerance in degrees of longitude, generously.
func (c *Checker) margin(b orb.Bound) float64 { return 2 * c.tol.M / planeAt(b.Max[1]).x }

// Close settles the shapes that are still open.
func (c *Checker) Close() error { return c.leave(math.Inf(1)) }

// leave settles and lets go the shapes that end west of x.
func (c *Checker) leave(x float64) error {
	for len(c.open) > 0 && c.open[0].bound.Max[0] < x {
		it := heap.Pop(&c.open).(*item)
		c.rows.remove(it)
		if err := c.settle(it); err != nil {
			return err
		}
	}
	return nil
}

// meet compares a new shape with the open ones.
func (c *Checker) meet(it *item) error {
	switch it.Kind {
	case Zone:
		if it.Gaps && c.have.Parcels {
			it.gaps = newGapFinder(c, it)
		}
	case Building:
		it.rest = it.MP
	}
	return c.rows.each(it.bound, func(other *item) (bool, error) {
		err := c.pair(it, other)
		return it.Kind == Parcel && it.pairs > mostOverlaps, err
	})
}

// pair compares two shapes whose bounds meet; a is the one that came later.
func (c *Checker) pair(a, b *item) error {
	if a.Kind > b.Kind {
		a, b = b, a
	}
	switch {
	case a.Kind == Parcel && b.Kind == Parcel:
		if a.Level == b.Level {
			if a.ID > b.ID || a.ID == b.ID && a.Feature > b.Feature {
				a, b = b, a
			}
			return c.overlap(a, b)
		}
	case a.Kind == Zone && b.Kind == Parcel:
		return c.inZone(a, b)
	case a.Kind == Parcel && b.Kind == Building:
		return c.under(a, b)
	}
	return nil
}

// settle says what is known of a shape once all have come that can meet it.
func (c *Checker) settle(it *item) error {
	switch it.Kind {
	case Zone:
		if it.gaps != nil {
			return it.gaps.finish()
		}
	case Parcel:
		if it.pairs > mostOverlaps {
			if err := c.tell(&Finding{Code: ManyOverlaps, Count: mostOverlaps, Geometry: it.MP}, it, nil); err != nil {
				return err
			}
		}
		if c.have.Zones && !it.zoned {
			return c.whole(OutsideZones, it)
		}
	case Building:
		return c.settleBuilding(it)
	}
	return nil
}

// shareIn is the part of a in b: nil with share 1 where that is all of a.
func shareIn(a, b *item) (overlay.Share, error) {
	if b.index == nil {
		x, err := overlay.NewIndex([]orb.MultiPolygon{b.MP})
		if err != nil {
			return overlay.Share{}, err
		}
		b.index = x
	}
	shares, err := b.index.Shares(a.MP, a.areaM2)
	if err != nil || len(shares) == 0 {
		return overlay.Share{}, err
	}
	s := shares[0]
	if s.Part == nil {
		s.Part = a.MP
	}
	return s, nil
}

// whole tells of a shape as it is.
func (c *Checker) whole(code Code, it *item) error {
	_, _, w := wide(it.MP, 0)
	return c.tell(&Finding{Code: code, AreaM2: it.areaM2, WidthM: w, Geometry: it.MP}, it, nil)
}

// land tells of a piece of land; pieces within the tolerance are none.
func (c *Checker) land(code Code, a, b *item, mp orb.MultiPolygon) error {
	pieces, area, w := wide(mp, c.tol.M)
	if len(pieces) == 0 {
		return nil
	}
	return c.tell(&Finding{Code: code, AreaM2: area, WidthM: w, Geometry: pieces}, a, b)
}

// tell completes a finding about a, and b where it isn't nil.
func (c *Checker) tell(f *Finding, a, b *item) error {
	f.A = a.Ref
	if b != nil {
		f.B = b.Ref
	}
	if a.areaM2 > 0 {
		f.Share = f.AreaM2 / a.areaM2
	}
	if mp, ok := f.Geometry.(orb.MultiPolygon); ok {
		c.at(f, mp, &a.Shape)
	}
	return c.yield(f)
}

// at places a finding inside a piece of land.
func (c *Checker) at(f *Finding, mp orb.MultiPolygon, s *Shape) {
	f.Place, f.Computed = inside(mp), true
	f.Near = nearest(s.MP, f.Place)
}

// byEast is a heap of open shapes by their eastern ends.
type byEast []*item

func (h byEast) Len() int           { return len(h) }
func (h byEast) Less(i, j int) bool { return h[i].bound.Max[0] < h[j].bound.Max[0] }
func (h byEast) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

// Push adds an open shape.
func (h *byEast) Push(x any) {
	it := x.(*item)
	it.at = len(*h)
	*h = append(*h, it)
}

// Pop takes the last.
func (h *byEast) Pop() any {
	last := len(*h) - 1
	it := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return it
}
