package expansion

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo/overlay"
)

// partTable is what the parcels of the zone, of the land added and of the land
// taken out come to.
type partTable struct {
	old, added, removed columns
	held                []heldParcel // that may be room, in input order
	anyLedger           bool         // some parcel says whether it is low-efficiency
	candidates          []land.Part  // that something could be done about
	parcels             int64
}

// assessedFields are the fields of a parcel that its status and the columns of
// the table hang on.
func assessedFields() []string {
	return []string{"id", "ownership", "tenure", "right_layer", "rights_basis", "use_code", "current_use_code", "planned_use_code", "use_scheme",
		"new_industry", "recorded_area_m2", "contract_no", "supervision_no", "price_wan", "approved_on", "acquired_on", "supplied_on", "supply_mode", "agreed_handover_on", "handed_over_on",
		"agreed_start_on", "new_start_on", "agreed_completion_on", "permit_on", "construction_state", "state_on", "started_on", "suspended_on",
		"resumed_on", "completed_on", "in_use_on", "delay_cause", "determination", "determined_on", "fee_levied_on", "taken_back_on",
		"unbuildable", "agreed_investment_wan", "invested_wan", "planned_footprint_m2", "started_footprint_m2"}
}

// gather reads the parcels of the zone, then those near the land added.
func (c *check) gather(ctx context.Context) error {
	t := &partTable{}
	c.parts = t
	err := c.src.WholeParts(ctx, c.zone.Key(), func(p *land.Part, mp orb.MultiPolygon) error {
		return c.inZone(t, p, mp)
	})
	if err != nil {
		return fmt.Errorf("read the parcels of zone %s: %w", c.zone.Key(), err)
	}
	if c.added.empty() {
		return nil
	}
	err = c.src.ParcelsNear(ctx, c.added.bound, assessedFields(), func(p *land.Part, mp orb.MultiPolygon) error {
		s, err := c.added.part(mp)
		if err != nil {
			return fmt.Errorf("parcel %s: %w", p.ID, err)
		}
		if s.Share == 0 {
			return nil
		}
		part := *p
		part.Share, part.PartEllipsoidM2 = s.Share, fixed(s.AreaM2)
		if part.Touch() || !part.Surface() {
			return nil
		}
		a := c.assessor.Assess(&part)
		t.added.add(c, &part, &a, part.PartM2())
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the parcels near the land added: %w", err)
	}
	return nil
}

// inZone takes a part of the zone: for the table, the room, and what could be
// done.
func (c *check) inZone(t *partTable, p *land.Part, mp orb.MultiPolygon) error {
	if p.Elsewhere || p.Touch() || !p.Surface() {
		return nil
	}
	t.parcels++
	t.anyLedger = t.anyLedger || p.LowEfficiency != ""
	a := c.assessor.Assess(p)
	t.old.add(c, p, &a, p.PartM2())
	if !c.removed.empty() {
		s, err := c.removed.part(mp)
		if err != nil {
			return fmt.Errorf("parcel %s: %w", p.ID, err)
		}
		if s.Share > 0 {
			t.removed.add(c, p, &a, p.AreaM2().Share(s.Share))
		}
	}
	if h, ok := hold(p, &a); ok {
		if p.Share == 1 {
			h.shape = mp
		} else {
			s, err := c.old.part(mp)
			if err != nil {
				return fmt.Errorf("parcel %s: %w", p.ID, err)
			}
			h.shape = s.Part
		}
		t.held = append(t.held, h)
	}
	if candidate(p, &a) {
		t.candidates = append(t.candidates, cloned(p))
	}
	return nil
}

// overlaps takes off each parcel what earlier ones cover already, so that each
// square metre counts once.
func overlaps(held []heldParcel) error {
	shapes := make([]orb.MultiPolygon, 0, len(held))
	at := make([]int, 0, len(held))
	for i := range held {
		if len(held[i].shape) > 0 {
			shapes, at = append(shapes, held[i].shape), append(at, i)
		}
	}
	if len(shapes) < 2 {
		return nil
	}
	index, err := overlay.NewIndex(shapes)
	if err != nil {
		return err
	}
	for k, shape := range shapes {
		shares, err := index.Shares(shape, 0)
		if err != nil {
			return fmt.Errorf("parcel %s: %w", held[at[k]].ID, err)
		}
		var earlier cover
		for _, s := range shares {
			if s.Zone >= k || s.Share < 1e-9 {
				continue
			}
			part := s.Part
			if part == nil {
				part = shape
			}
			earlier.add(found{part: part, m2: s.AreaM2})
		}
		if len(earlier.found) == 0 {
			continue
		}
		_, m2, err := earlier.union()
		if err != nil {
			return fmt.Errorf("parcel %s: %w", held[at[k]].ID, err)
		}
		h := &held[at[k]]
		h.double = min(1, m2/areaM2(shape))
	}
	return nil
}
