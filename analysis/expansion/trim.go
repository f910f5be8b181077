package expansion

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo/overlay"
)

// Trimmed is the land asked for without what hits a bottom line.
type Trimmed struct {
	Off      []Cut           `json:"taken_off"` // in this order, each from what the one before left
	Left     Area            `json:"left"`
	Pieces   int             `json:"pieces"`
	Geometry json.RawMessage `json:"geometry"`
	Unknown  []string        `json:"not_known"` // bottom lines that can't be judged: more may have to go
	Text     Text            `json:"text"`
}

// Cut is what one bottom line takes off.
type Cut struct {
	Condition string `json:"condition"`
	Area
}

// trim cuts the added land back to where it hits no bottom line. The zone as it
// is isn't trimmed: of an upgrade, what is added alone.
func (c *check) trim(ctx context.Context) error {
	t := &Trimmed{Off: []Cut{}, Unknown: []string{}}
	left, failed := c.added, false
	for _, line := range []struct{ id, kind string }{{"farmland", Farmland}, {"redline", Redline}, {"other_zones", otherZones},
		{"urban_boundary", UrbanBoundary}, {"contiguity", ""}} {
		switch c.outcome(line.id) {
		case land.Incomputable:
			t.Unknown = append(t.Unknown, line.id)
			continue
		case land.NotApplicable:
			continue
		case land.Violated:
			failed = true
		}
		next, err := c.without(ctx, left, line.id, line.kind)
		if err != nil {
			return fmt.Errorf("trim the boundary by %s: %w", line.id, err)
		}
		if off := left.m2 - next.m2; off >= sliverM2 {
			t.Off = append(t.Off, Cut{Condition: line.id, Area: areaOf(fixed(off))})
		}
		left = next
	}
	if !failed || c.added.empty() {
		return nil
	}
	t.Left, t.Pieces, t.Geometry = areaOf(fixed(left.m2)), len(left.shape), geometryJSON(left.shape)
	t.Text = c.text("expansion.trimmed", t.Left.Ha, t.Left.Mu, hectares(fixed(c.added.m2)), t.Pieces)
	c.draw("trimmed", "", "", left.shape)
	c.doc.Trimmed = t
	return nil
}

// outcome is that of a condition; blank where it isn't asked.
func (c *check) outcome(id string) land.Outcome {
	for i := range c.doc.Conditions {
		if c.doc.Conditions[i].ID == id {
			return c.doc.Conditions[i].Outcome
		}
	}
	return land.NotApplicable
}

// without is the land without what hits one bottom line. Contiguity comes last,
// and whatever was drawn: what the others took off may have cut pieces loose.
func (c *check) without(ctx context.Context, left *region, id, kind string) (*region, error) {
	if left.empty() {
		return left, nil
	}
	if id == "contiguity" {
		tolerance, err := c.parameter("expansion.contiguity-m")
		if err != nil {
			return nil, err
		}
		keep, err := c.adjoining(ctx, left.shape, tolerance.Float())
		if err != nil {
			return nil, err
		}
		return newRegion(keep)
	}
	if c.outcome(id) != land.Violated {
		return left, nil
	}
	on, err := c.of(kind).added.around(left.bound)
	if err != nil {
		return nil, err
	}
	var rest orb.MultiPolygon
	if id == "urban_boundary" {
		rest, err = overlay.Intersection(left.shape, on)
	} else {
		rest, err = overlay.Difference(left.shape, on)
	}
	if err != nil {
		return nil, err
	}
	return newRegion(withoutSlivers(rest))
}
