package expansion

import (
	"context"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/overlay"
)

// The groups of conditions.
const (
	GroupBottomLine  = "bottom_line"
	GroupConsistency = "consistency"
	GroupApplication = "application"
	GroupEconomy     = "economy"
)

func areaM2(mp orb.MultiPolygon) float64 { return geo.AreaM2(mp) }

// box is around the zone and all that is drawn.
func (c *check) box() orb.Bound {
	b := c.old.bound
	for _, r := range []*region{c.drawnAdded, c.drawnRemoved} {
		if !r.empty() {
			b = b.Union(r.bound)
		}
	}
	return b
}

// of is what of a kind lies on the regions.
func (c *check) of(kind string) *covers {
	if c.covers[kind] == nil {
		c.covers[kind] = &covers{}
	}
	return c.covers[kind]
}

// constraints reads what lies near, and cuts it by the regions.
func (c *check) constraints(ctx context.Context) error {
	kinds, err := c.src.ConstraintKinds(ctx)
	if err != nil {
		return fmt.Errorf("read which constraints are loaded: %w", err)
	}
	c.kinds = map[string]ConstraintKind{}
	for _, k := range kinds {
		c.kinds[k.Kind] = k
	}
	inputs, err := c.src.Inputs(ctx)
	if err != nil {
		return fmt.Errorf("read the inputs: %w", err)
	}
	c.doc.Inputs = append(c.doc.Inputs, inputs...)
	for _, in := range inputs {
		if in.Layer == "constraints" {
			c.rejected += in.Rejected
		}
	}
	err = c.src.ConstraintsNear(ctx, c.box(), func(k *land.Constraint, mp orb.MultiPolygon) error {
		return c.cut(c.of(k.Kind), k.ID, k.Name, mp)
	})
	if err != nil {
		return fmt.Errorf("read the constraints: %w", err)
	}
	for _, kind := range []string{Farmland, Redline, UrbanBoundary, Evidence} {
		c.doc.Layers = append(c.doc.Layers, c.layer(kind))
	}
	return nil
}

// cut keeps what of a boundary lies on the regions.
func (c *check) cut(all *covers, id, name string, mp orb.MultiPolygon) error {
	for _, on := range []struct {
		region *region
		cover  *cover
	}{{c.old, &all.old}, {c.added, &all.added}, {c.removed, &all.removed}} {
		s, err := on.region.part(mp)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		if s.Share > 0 {
			on.cover.add(found{id: id, name: name, part: s.Part, m2: s.AreaM2, whole: mp})
		}
	}
	return nil
}

// layer says whether a kind of constraint is there to be judged by.
func (c *check) layer(kind string) Layer {
	k, loaded := c.kinds[kind]
	l := Layer{Kind: kind, Title: c.text("expansion.layer." + kind), Loaded: loaded, Features: k.Features,
		Complete: slices.Contains(c.app.Complete, kind)}
	switch {
	case l.Complete:
	case !loaded:
		l.Doubt = coded(c.coded("layer_not_loaded", l.Title))
	case !c.target.empty() && !k.Bound.Intersects(c.target.bound):
		l.Doubt = coded(c.coded("layer_elsewhere", l.Title))
	case c.rejected > 0:
		l.Doubt = coded(c.coded("constraints_rejected", c.rejected))
	case c.kinds[""].Features > 0 && c.kinds[""].Bound.Intersects(c.target.bound):
		l.Doubt = coded(c.coded("constraint_kind_unknown", c.kinds[""].Features))
	}
	return l
}

func coded(c Coded) *Coded { return &c }

// onTarget is what covers the land the bottom lines are asked of.
func (c *check) onTarget(all *covers) (parts []found, merged orb.MultiPolygon, m2 float64, err error) {
	lists := []*cover{&all.added}
	if c.app.Kind == Upgrade {
		lists = append(lists, &all.old)
	}
	for _, l := range lists {
		mp, part, err := l.union()
		if err != nil {
			return nil, nil, 0, err
		}
		parts, merged, m2 = append(parts, l.found...), append(merged, mp...), m2+part
	}
	return parts, merged, m2, nil
}

// bottomLines asks for farmland, redline and what is outside the urban
// development boundary.
func (c *check) bottomLines(context.Context) error {
	for _, line := range []struct {
		id, kind  string
		provision int
	}{{"farmland", Farmland, 0}, {"redline", Redline, 1}} {
		parts, merged, m2, err := c.onTarget(c.of(line.kind))
		if err != nil {
			return fmt.Errorf("%s: %w", line.id, err)
		}
		cond := c.condition(line.id, GroupBottomLine, basis(c.audit, "底线", line.provision))
		c.overlap(&cond, line.kind, parts, merged, m2)
		c.keep(cond)
	}
	return c.outside()
}

// condition begins a condition.
func (c *check) condition(id, group string, on ...Basis) Condition {
	return Condition{ID: id, Group: group, Title: c.text("expansion.condition." + id), Basis: on}
}

func (c *check) keep(cond Condition) { c.doc.Conditions = append(c.doc.Conditions, cond) }

// overlap decides a condition by which nothing may lie on the land: what lies
// there fails it whatever else is unknown; nothing there holds only where the
// layer is beyond doubt.
func (c *check) overlap(cond *Condition, kind string, parts []found, merged orb.MultiPolygon, m2 float64) {
	c.measured(cond, m2)
	layer := c.layer(kind)
	switch touch := c.touchM2(); {
	case c.target.empty():
		cond.Outcome, cond.Reason = land.NotApplicable, c.coded("nothing_added")
	case m2 >= touch:
		cond.Outcome, cond.Reason = land.Violated, c.coded("overlap", hectares(fixed(m2)), fixed(m2).Mu())
		cond.Pieces, cond.More = spots(parts)
		cond.Count = len(parts)
		c.draw("overlap."+cond.ID, "", "", merged)
	case layer.Doubt != nil:
		cond.Outcome, cond.Reason = land.Incomputable, *layer.Doubt
		cond.Area = nil
		cond.Missing = []Missing{{What: kind, Remedy: c.text("expansion.remedy.layer", kind, kind)}}
		cond.Arithmetic = c.text("expansion.arithmetic.unknown", layer.Doubt.Text)
	case m2 > 0:
		cond.Outcome, cond.Reason = land.Satisfied, c.coded("touch", touch)
	default:
		cond.Outcome, cond.Reason = land.Satisfied, c.coded("no_overlap")
	}
}

// measured writes the area at fault and the arithmetic.
func (c *check) measured(cond *Condition, m2 float64) {
	area, of := areaOf(fixed(m2)), areaOf(fixed(c.target.m2))
	cond.Area, cond.Of = &area, &of
	share := 0.0
	if c.target.m2 > 0 {
		share = 100 * m2 / c.target.m2
	}
	cond.Arithmetic = c.text("expansion.arithmetic.overlap", area.Ha, area.Mu, of.Ha, of.Mu, share)
}

// outside asks for land outside the urban development boundary: the target
// without all that is inside.
func (c *check) outside() error {
	on := []Basis{basis(c.audit, "底线", 2)}
	if since := c.bound.Document.EffectiveOn; since.Known() && since <= c.AsOf {
		on = append(on, basis(c.bound, "边界外", 0))
	}
	cond := c.condition("urban_boundary", GroupBottomLine, on...)
	_, inside, insideM2, err := c.onTarget(c.of(UrbanBoundary))
	if err != nil {
		return fmt.Errorf("urban development boundary: %w", err)
	}
	layer := c.layer(UrbanBoundary)
	if layer.Doubt != nil && !c.target.empty() && c.target.m2-insideM2 >= c.touchM2() || !layer.Loaded && !layer.Complete {
		// What seems to lie outside may be inside a part of the boundary that isn't there.
		if layer.Doubt != nil {
			cond.Outcome, cond.Reason = land.Incomputable, *layer.Doubt
			cond.Arithmetic = c.text("expansion.arithmetic.unknown", layer.Doubt.Text)
		}
		cond.Missing = []Missing{{What: UrbanBoundary, Remedy: c.text("expansion.remedy.layer", UrbanBoundary, UrbanBoundary)}}
		c.keep(cond)
		return nil
	}
	beyond := max(0, c.target.m2-insideM2)
	c.measured(&cond, beyond)
	switch {
	case c.target.empty():
		cond.Outcome, cond.Reason = land.NotApplicable, c.coded("nothing_added")
	case beyond >= c.touchM2():
		rest := c.target.shape
		if len(inside) > 0 {
			if rest, err = overlay.Difference(c.target.shape, inside); err != nil {
				return fmt.Errorf("the land outside the urban development boundary: %w", err)
			}
		}
		rest = withoutSlivers(rest)
		cond.Outcome, cond.Reason = land.Violated, c.coded("outside", hectares(fixed(beyond)), fixed(beyond).Mu())
		cond.Pieces, cond.More = spots(polygons(rest))
		cond.Count = len(rest)
		c.draw("overlap.urban_boundary", "", "", rest)
	default:
		cond.Outcome, cond.Reason = land.Satisfied, c.coded("inside")
	}
	c.keep(cond)
	return nil
}

// polygons is each polygon of a shape for itself.
func polygons(mp orb.MultiPolygon) []found {
	out := make([]found, len(mp))
	for i, p := range mp {
		out[i] = found{part: orb.MultiPolygon{p}, m2: geo.AreaM2(p)}
	}
	return out
}

// otherZones asks for land of other zones. The zone's own parks, the zone it is
// a park of, other outlines of the same code and what is taken in are none.
func (c *check) otherZones(ctx context.Context) error {
	all := &covers{}
	if !c.target.empty() {
		if err := c.src.ZonesNear(ctx, c.target.bound, func(key land.ZoneKey, mp orb.MultiPolygon) error { return c.otherZone(all, key, mp) }); err != nil {
			return fmt.Errorf("read the outlines of other zones: %w", err)
		}
	}
	c.covers[otherZones] = all
	parts, merged, m2, err := c.onTarget(all)
	if err != nil {
		return fmt.Errorf("other zones: %w", err)
	}
	cond := c.condition("other_zones", GroupBottomLine, basis(c.audit, "底线", 3))
	c.measured(&cond, m2)
	switch {
	case c.target.empty():
		cond.Outcome, cond.Reason = land.NotApplicable, c.coded("nothing_added")
	case m2 >= c.touchM2():
		cond.Outcome, cond.Reason = land.Violated, c.coded("overlap", hectares(fixed(m2)), fixed(m2).Mu())
		cond.Pieces, cond.More = spots(parts)
		cond.Count = len(parts)
		c.draw("overlap.other_zones", "", "", merged)
	case c.ZonesWithheld:
		cond.Outcome, cond.Reason, cond.Area = land.Incomputable, c.coded("zones_withheld"), nil
		cond.Missing = []Missing{{What: "zones", Remedy: c.text("expansion.remedy.withheld")}}
	case len(c.zones) == 1 && !slices.Contains(c.app.Complete, "zones"):
		cond.Outcome, cond.Reason, cond.Area = land.Incomputable, c.coded("only_zone"), nil
		cond.Missing = []Missing{{What: "zones", Remedy: c.text("expansion.remedy.zones")}}
	default:
		cond.Outcome, cond.Reason = land.Satisfied, c.coded("no_overlap")
	}
	c.keep(cond)
	return nil
}

// otherZone cuts the outline of a zone that isn't to be lain on.
func (c *check) otherZone(all *covers, key land.ZoneKey, mp orb.MultiPolygon) error {
	i := slices.IndexFunc(c.zones, func(z land.Zone) bool { return z.Key() == key })
	if i < 0 {
		return nil
	}
	z := &c.zones[i]
	if c.kin(z) || slices.Contains(c.app.Includes, z.Code) || z.Scope == land.ScopeManaged && c.hasApproved(z.Code) {
		return nil
	}
	if err := c.cut(all, key.String(), z.Name, mp); err != nil {
		return fmt.Errorf("zone %s: %w", key, err)
	}
	return nil
}

// otherZones is the key of other zones among the covers.
const otherZones = "other_zone"

// kin reports whether a zone is the one asked about, one of its parks or a zone
// it is a park of.
func (c *check) kin(z *land.Zone) bool {
	return z.Code == c.zone.Code || c.below(z, c.zone.Code) || c.below(&c.zone, z.Code)
}

// below reports whether a zone is a park of another, at whatever depth.
func (c *check) below(z *land.Zone, code string) bool {
	for range c.zones {
		if z.PartOf == "" {
			return false
		}
		if z.PartOf == code {
			return true
		}
		i := slices.IndexFunc(c.zones, func(o land.Zone) bool { return o.Code == z.PartOf })
		if i < 0 {
			return false
		}
		z = &c.zones[i]
	}
	return false
}

func (c *check) hasApproved(code string) bool {
	return slices.ContainsFunc(c.zones, func(z land.Zone) bool { return z.Code == code && z.Scope == land.ScopeApproved })
}
