package analysis

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/overlay"
)

// OutlineSource is a Source that can give a zone's outline: drawn approvals are
// cut to it.
type OutlineSource interface {
	ZoneGeometry(ctx context.Context, zone land.ZoneKey) (orb.MultiPolygon, error)
}

// overlay lays the zone's parcels over its drawn batches. Without shapes the
// batches are counted by number, as those that aren't drawn.
func (l *ledger) overlay(ctx context.Context, source Source, zone land.ZoneKey) error {
	if l == nil || !l.drawn {
		return nil
	}
	shapes, ok := source.(ShapeSource)
	if ok {
		if err := l.draw(ctx, source, shapes, zone); err != nil {
			return err
		}
	}
	var drawn []*batch
	var outlines []orb.MultiPolygon
	for _, b := range l.list {
		switch {
		case b.Method != land.MethodOverlay:
		case len(b.shape) > 0:
			drawn, outlines = append(drawn, b), append(outlines, b.shape)
			b.here, b.Parcels = [lotCount]land.Fixed{}, 0 // what lies in it counts, whatever number it names
		case b.OverlapM2 == 0:
			b.Method = land.MethodNumber // nobody can give its shape
		}
	}
	if len(drawn) == 0 {
		return nil
	}
	index, err := overlay.NewIndex(outlines)
	if err != nil {
		return fmt.Errorf("index the approvals: %w", err)
	}
	pieces, err := l.lay(ctx, shapes, zone, index, drawn)
	if err != nil {
		return err
	}
	for i, b := range drawn {
		if err := b.measure(&pieces[i]); err != nil {
			return fmt.Errorf("approval %s: %w", b.ID, err)
		}
	}
	return nil
}

// draw gives every batch what it covers in the zone, less what earlier ones do.
func (l *ledger) draw(ctx context.Context, source Source, shapes ShapeSource, zone land.ZoneKey) error {
	of := map[string]*batch{}
	for _, b := range l.list {
		for _, a := range b.parts {
			if a.Located {
				of[a.ID] = b
			}
		}
	}
	cut := cutter(ctx, source, zone)
	got := map[*batch][]orb.MultiPolygon{}
	err := shapes.ApprovedShapes(ctx, zone, func(id string, shape orb.MultiPolygon) error {
		b := of[id]
		if b == nil {
			return nil
		}
		here, err := cut(shape)
		if err != nil {
			return fmt.Errorf("approval %s: %w", id, err)
		}
		if len(here) > 0 {
			got[b] = append(got[b], here.Clone())
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the shapes of approvals: %w", err)
	}
	return l.disjoin(got)
}

// cutter cuts shapes to the zone, where its outline is to be had.
func cutter(ctx context.Context, source Source, zone land.ZoneKey) func(orb.MultiPolygon) (orb.MultiPolygon, error) {
	keep := func(mp orb.MultiPolygon) (orb.MultiPolygon, error) { return mp, nil }
	outlines, ok := source.(OutlineSource)
	if !ok {
		return keep
	}
	outline, err := outlines.ZoneGeometry(ctx, zone)
	if err != nil {
		return func(orb.MultiPolygon) (orb.MultiPolygon, error) { return nil, err }
	}
	if len(outline) == 0 {
		return keep
	}
	index, err := overlay.NewIndex([]orb.MultiPolygon{outline})
	if err != nil {
		return func(orb.MultiPolygon) (orb.MultiPolygon, error) { return nil, err }
	}
	return func(mp orb.MultiPolygon) (orb.MultiPolygon, error) {
		shares, err := index.Shares(mp, 0)
		switch {
		case err != nil || len(shares) == 0:
			return nil, err
		case shares[0].Part == nil:
			return mp, nil
		}
		return shares[0].Part, nil
	}
}

// disjoin unites the approvals of a batch and takes off what earlier batches
// cover already, so that approvals that overlap count once.
func (l *ledger) disjoin(got map[*batch][]orb.MultiPolygon) error {
	var before []orb.MultiPolygon
	for _, b := range l.list {
		if len(got[b]) == 0 {
			continue
		}
		whole, err := overlay.Union(got[b]...)
		if err != nil {
			return fmt.Errorf("approval %s: %w", b.ID, err)
		}
		rest := whole
		for _, other := range before {
			if rest, err = overlay.Difference(rest, other); err != nil {
				return fmt.Errorf("approval %s: %w", b.ID, err)
			}
		}
		b.scale = b.scaleOf(geo.AreaM2(whole))
		if over := geo.AreaM2(whole) - geo.AreaM2(rest); over > leastOverlapM2 {
			if b.OverlapM2, err = land.FixedOf(over * b.scale); err != nil {
				return fmt.Errorf("approval %s: %w", b.ID, err)
			}
			b.shape = rest
		} else {
			b.shape = whole
		}
		before = append(before, whole)
	}
	return nil
}

// leastOverlapM2 is under what two approvals only share a border.
const leastOverlapM2 = 1

// scaleOf is the recorded area over the drawn one: what is measured is given in
// shares of the area that was approved.
func (b *batch) scaleOf(drawnM2 float64) float64 {
	sum := land.Fixed(0)
	for _, a := range b.parts {
		area, ok := approvedM2(a)
		if !ok {
			return 1
		}
		sum += area
	}
	if drawnM2 <= 0 || sum <= 0 {
		return 1
	}
	return sum.Float() / drawnM2
}

// laid is the pieces of parcels in one batch, by what they are to it.
type laid [lotCount][]orb.MultiPolygon

// lay finds the pieces of the zone's parcels in the batches.
func (l *ledger) lay(ctx context.Context, shapes ShapeSource, zone land.ZoneKey, index *overlay.Index, drawn []*batch) ([]laid, error) {
	out := make([]laid, len(drawn))
	want := func(id string) bool { _, ok := l.lots[id]; return ok }
	err := shapes.PartShapes(ctx, zone, want, func(id string, shape orb.MultiPolygon) error {
		shares, err := index.Shares(shape, 0)
		if err != nil {
			return fmt.Errorf("parcel %s: %w", id, err)
		}
		for _, s := range shares {
			piece := s.Part
			if piece == nil {
				piece = shape
			}
			drawn[s.Zone].Parcels++
			to := &out[s.Zone][l.lots[id]]
			*to = append(*to, piece.Clone())
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the shapes of parcels: %w", err)
	}
	return out, nil
}

// measure gives the batch the areas of its pieces, each square metre once:
// supplied goes before built, built before drawn.
func (b *batch) measure(pieces *laid) error {
	var all []orb.MultiPolygon
	before := 0.0
	for what := range lotCount {
		if len(pieces[what]) == 0 {
			continue
		}
		all = append(all, pieces[what]...)
		union, err := overlay.Union(all...)
		if err != nil {
			return err
		}
		all = []orb.MultiPolygon{union}
		covered := geo.AreaM2(union)
		if b.here[what], err = land.FixedOf(max(0, covered-before) * b.scale); err != nil {
			return err
		}
		before = covered
	}
	return nil
}
