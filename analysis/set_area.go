package analysis

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/overlay"
)

// setAreas finds, for zones that overlap others of their boundary scope, the
// area with which they count in totals over zones: what the zones before them,
// in key order, leave of them. So the area of a set holds every square metre
// once, as the parcels' SetShare does. Parks count with their zone. Zones whose
// outline can't be had count whole.
func (r *run) setAreas(ctx context.Context) error {
	source, ok := r.source.(OutlineSource)
	if !ok || len(r.zones) < 2 {
		return nil
	}
	r.setM2 = map[land.ZoneKey]land.Fixed{}
	bounds := map[land.Scope][]outlineBound{}
	for i := range r.all {
		z := &r.all[i]
		if z.PartOf != "" {
			continue
		}
		outline, err := source.ZoneGeometry(ctx, z.Key())
		if err != nil {
			return fmt.Errorf("read the outline of zone %s: %w", z.Key(), err)
		}
		if len(outline) == 0 {
			continue
		}
		here := outlineBound{z.Key(), outline.Bound()}
		var meet []land.ZoneKey
		for _, other := range bounds[z.Scope] {
			if other.bound.Intersects(here.bound) {
				meet = append(meet, other.zone)
			}
		}
		bounds[z.Scope] = append(bounds[z.Scope], here)
		if err := r.leave(ctx, source, z, outline, meet); err != nil {
			return fmt.Errorf("the overlaps of zone %s: %w", z.Key(), err)
		}
	}
	return nil
}

type outlineBound struct {
	zone  land.ZoneKey
	bound orb.Bound
}

// leave notes what other zones leave of a zone, where they take any of it.
func (r *run) leave(ctx context.Context, source OutlineSource, z *land.Zone, outline orb.MultiPolygon, meet []land.ZoneKey) error {
	rest, taken := outline, false
	for _, key := range meet {
		other, err := source.ZoneGeometry(ctx, key)
		if err != nil {
			return fmt.Errorf("read the outline of zone %s: %w", key, err)
		}
		index, err := overlay.NewIndex([]orb.MultiPolygon{other})
		if err != nil {
			return err
		}
		shares, err := index.Shares(rest, 0)
		if err != nil {
			return err
		}
		if len(shares) == 0 || shares[0].AreaM2 < leastOverlapM2 { // they share a border at most
			continue
		}
		taken = true
		if rest, err = overlay.Difference(rest, other); err != nil {
			return err
		}
		if len(rest) == 0 {
			break
		}
	}
	if !taken {
		return nil
	}
	share := geo.AreaM2(rest) / geo.AreaM2(outline)
	r.setM2[z.Key()] = z.AreaM2.Share(min(1, share))
	return nil
}

// setAreaOf is the area with which a zone counts in totals over zones.
func (r *run) setAreaOf(z *land.Zone) land.Fixed {
	if area, ok := r.setM2[z.Key()]; ok {
		return area
	}
	return z.AreaM2
}
