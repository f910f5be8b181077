package expansion

import (
	"context"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/overlay"
)

// Contiguity says how the added pieces lie to the zone.
type Contiguity struct {
	OldPieces  int       `json:"old_pieces"`
	NewPieces  int       `json:"new_pieces"` // of the zone after the change
	ToleranceM float64   `json:"tolerance_m"`
	Added      []Adjoins `json:"added"`
}

// Adjoins says how one added polygon lies to the zone.
type Adjoins struct {
	Piece     int       `json:"piece"`     // from 1
	Connected bool      `json:"connected"` // to the zone, directly or over other pieces
	Touches   bool      `json:"touches"`   // the zone itself
	GapM      float64   `json:"gap_m"`     // to the zone, 0 where it touches
	From      orb.Point `json:"from"`      // the nearest points
	To        orb.Point `json:"to"`
	Area
}

// contiguity measures the gaps between the added pieces and the zone.
func (c *check) contiguity(ctx context.Context) error {
	tolerance, err := c.parameter("expansion.contiguity-m")
	if err != nil {
		return err
	}
	after, err := c.after()
	if err != nil {
		return err
	}
	d := &Contiguity{OldPieces: len(c.old.shape), ToleranceM: tolerance.Float()}
	if d.NewPieces, err = clusters(ctx, after, d.ToleranceM); err != nil {
		return err
	}
	if d.Added, err = c.adjoins(ctx, c.added.shape, d.ToleranceM); err != nil {
		return err
	}
	c.doc.Contiguity = d
	c.keep(c.contiguous(d))
	return nil
}

// adjoins measures how each polygon lies to the zone.
func (c *check) adjoins(ctx context.Context, shape orb.MultiPolygon, toleranceM float64) ([]Adjoins, error) {
	list, pieces, zone := []Adjoins{}, indexed(shape), geo.NewEdgeIndex(c.old.shape)
	for i, p := range shape {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("measure the gap of piece %d: %w", i+1, err)
		}
		g := pieces[i].Gap(zone, math.Inf(1))
		list = append(list, Adjoins{Piece: i + 1, Touches: g.M <= toleranceM, GapM: g.M, From: g.From, To: g.To, Area: areaOf(fixed(geo.AreaM2(p)))})
	}
	return list, connect(ctx, list, pieces, toleranceM)
}

// indexed is each polygon of a shape with its edges indexed.
func indexed(shape orb.MultiPolygon) []*geo.EdgeIndex {
	out := make([]*geo.EdgeIndex, len(shape))
	for i, p := range shape {
		out[i] = geo.NewEdgeIndex(orb.MultiPolygon{p})
	}
	return out
}

// adjoining are the polygons of a shape that are connected to the zone.
func (c *check) adjoining(ctx context.Context, shape orb.MultiPolygon, toleranceM float64) (keep orb.MultiPolygon, err error) {
	list, err := c.adjoins(ctx, shape, toleranceM)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Connected {
			keep = append(keep, shape[i])
		}
	}
	return keep, nil
}

// after is the boundary as it would be.
func (c *check) after() (orb.MultiPolygon, error) {
	shape := c.old.shape
	var err error
	if !c.removed.empty() {
		if shape, err = overlay.Difference(shape, c.removed.shape); err != nil {
			return nil, fmt.Errorf("the zone without what is taken out: %w", err)
		}
		shape = withoutSlivers(shape)
	}
	if !c.added.empty() {
		if shape, err = overlay.Union(shape, c.added.shape); err != nil {
			return nil, fmt.Errorf("the zone with what is added: %w", err)
		}
	}
	c.draw("new", c.zone.Code, c.zone.Name, shape)
	return shape, nil
}

// connect spreads the connection with the zone over pieces that adjoin each
// other: from each connected piece, once, to those within reach of it.
func connect(ctx context.Context, list []Adjoins, pieces []*geo.EdgeIndex, toleranceM float64) error {
	var queue []int
	for i := range list {
		if list[i].Connected = list[i].Touches; list[i].Connected {
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("connect the pieces: %w", err)
		}
		i := queue[0]
		queue = queue[1:]
		for j := range list {
			if !list[j].Connected && adjoin(pieces[i], pieces[j], toleranceM) {
				list[j].Connected = true
				queue = append(queue, j)
			}
		}
	}
	return nil
}

// adjoin reports whether two boundaries lie within a tolerance of each other.
func adjoin(a, b *geo.EdgeIndex, toleranceM float64) bool {
	return near(a.Bound(), b.Bound(), toleranceM) && a.Gap(b, toleranceM+1e-9).M <= toleranceM
}

// contiguous decides the condition: parks taken in and extension areas may lie
// apart, other pieces may not.
func (c *check) contiguous(d *Contiguity) Condition {
	cond := c.condition("contiguity", GroupBottomLine, basis(c.audit, "毗连", 0))
	apart, m2, worst := 0, land.Fixed(0), 0.0
	var away []found
	for i, a := range d.Added {
		if !a.Connected {
			apart, m2, worst = apart+1, m2+a.M2, max(worst, a.GapM)
			away = append(away, found{id: fmt.Sprint(a.Piece), part: orb.MultiPolygon{c.added.shape[i]}, m2: a.M2.Float()})
		}
	}
	area, of := areaOf(m2), areaOf(fixed(c.added.m2))
	cond.Area, cond.Of, cond.Count = &area, &of, apart
	cond.Arithmetic = c.text("expansion.arithmetic.contiguity", len(d.Added), apart, worst, d.ToleranceM, d.OldPieces, d.NewPieces)
	switch {
	case c.added.empty():
		cond.Outcome, cond.Reason = land.NotApplicable, c.coded("nothing_added")
	case c.app.Kind == Inclusion:
		cond.Outcome, cond.Reason = land.NotApplicable, c.coded("may_lie_apart", apart, worst)
	case apart > 0:
		cond.Outcome, cond.Reason = land.Violated, c.coded("apart", apart, worst)
		cond.Pieces, cond.More = spots(away)
		var all orb.MultiPolygon
		for _, f := range away {
			all = append(all, f.part...)
		}
		c.draw("overlap.contiguity", "", "", all)
	default:
		cond.Outcome, cond.Reason = land.Satisfied, c.coded("adjoins")
	}
	return cond
}

// clusters counts the pieces of a boundary; polygons within the tolerance are
// one piece.
func clusters(ctx context.Context, mp orb.MultiPolygon, toleranceM float64) (int, error) {
	parent := make([]int, len(mp))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	pieces := indexed(mp)
	for i := range mp {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("count the pieces of the boundary: %w", err)
		}
		for j := range i {
			if root(i) != root(j) && adjoin(pieces[i], pieces[j], toleranceM) {
				parent[root(i)] = root(j)
			}
		}
	}
	n := 0
	for i := range parent {
		if parent[i] == i {
			n++
		}
	}
	return n, nil
}

func near(a, b orb.Bound, m float64) bool { return a.Pad(m / 50_000).Intersects(b) } // a degree has 55 km and more where zones lie
