package expansion

import (
	"context"
	"fmt"

	"github.com/muscope/muscope/analysis/land"
)

// balance holds old + added − removed = new, of the stated figures and of what
// is drawn.
func (c *check) balance(context.Context) error {
	tolerance, err := c.parameter("expansion.balance-tolerance-ha")
	if err != nil {
		return err
	}
	c.keep(c.balanceStated(tolerance))
	drawn, err := c.balanceDrawn(tolerance)
	if err != nil {
		return err
	}
	c.keep(drawn)
	return nil
}

// balanceStated adds up the figures of the application. Where the old area
// isn't stated, the zone's approved_area_ha is.
func (c *check) balanceStated(tolerance land.Fixed) Condition {
	cond := c.condition("balance_stated", GroupConsistency, basis(c.audit, "面积平衡", 0))
	s := c.app.Stated
	if s == (Stated{}) {
		cond.Outcome, cond.Reason = land.NotApplicable, c.coded("nothing_stated")
		return cond
	}
	if !s.OldHa.Known {
		s.OldHa = c.zone.ApprovedAreaHa
	}
	if !s.RemovedHa.Known && len(c.app.Removed) == 0 && len(c.app.Whole) == 0 {
		s.RemovedHa = land.Num(0) // nothing is drawn as taken out: a fact, not a blank
	}
	if !s.AddedHa.Known && len(c.app.Added) == 0 && len(c.app.Whole) == 0 {
		s.AddedHa = land.Num(0)
	}
	for _, f := range []struct {
		name string
		n    land.Number
	}{{"old_ha", s.OldHa}, {"added_ha", s.AddedHa}, {"removed_ha", s.RemovedHa}, {"new_ha", s.NewHa}} {
		if !f.n.Known {
			cond.Missing = append(cond.Missing, Missing{What: f.name, Remedy: c.text("expansion.remedy.stated", f.name)})
		}
	}
	if len(cond.Missing) > 0 {
		cond.Outcome, cond.Reason = land.Incomputable, c.coded("figures_missing")
		return cond
	}
	sum := s.OldHa.Value + s.AddedHa.Value - s.RemovedHa.Value
	off := sum - s.NewHa.Value
	cond.Arithmetic = c.text("expansion.arithmetic.balance", s.OldHa, s.AddedHa, s.RemovedHa, sum, s.NewHa, off, tolerance)
	c.decideBalance(&cond, off, tolerance)
	return cond
}

func (c *check) decideBalance(cond *Condition, offHa, toleranceHa land.Fixed) {
	area := areaOf(max(offHa, -offHa) * 10_000)
	cond.Area = &area
	if offHa > toleranceHa || offHa < -toleranceHa {
		cond.Outcome, cond.Reason = land.Violated, c.coded("unbalanced", offHa)
		return
	}
	cond.Outcome, cond.Reason = land.Satisfied, c.coded("balanced")
}

// balanceDrawn adds up what is drawn: land drawn as added that is in the zone
// already, or as taken out that isn't, unbalances it; so do pieces that
// overlap.
func (c *check) balanceDrawn(toleranceHa land.Fixed) (Condition, error) {
	cond := c.condition("balance_drawn", GroupConsistency, basis(c.audit, "面积平衡", 0))
	if c.drawnAdded.empty() && c.drawnRemoved.empty() {
		cond.Outcome, cond.Reason = land.NotApplicable, c.coded("nothing_added")
		return cond, nil
	}
	added, removed := pieceSum(c.app.Added), pieceSum(c.app.Removed)
	if len(c.app.Whole) > 0 {
		added, removed = fixed(c.drawnAdded.m2), fixed(c.drawnRemoved.m2)
	}
	old, now := fixed(c.old.m2), fixed(c.old.m2)+fixed(c.added.m2)-fixed(c.removed.m2)
	off := old + added - removed - now
	cond.Arithmetic = c.text("expansion.arithmetic.balance", hectares(old), hectares(added), hectares(removed), hectares(old+added-removed), hectares(now),
		hectares(off), toleranceHa)
	c.decideBalance(&cond, off/10_000, toleranceHa)
	both, err := c.drawnAdded.and(c.drawnRemoved)
	if err != nil {
		return cond, fmt.Errorf("land both added and taken out: %w", err)
	}
	if both.m2 >= c.touchM2() {
		cond.Outcome, cond.Reason = land.Violated, c.coded("added_and_removed", hectares(fixed(both.m2)))
		cond.Pieces, cond.More = spots(polygons(both.shape))
	}
	return cond, c.misdrawn(&cond)
}

// misdrawn puts the land on the map that unbalances a drawing.
func (c *check) misdrawn(cond *Condition) error {
	if cond.Outcome != land.Violated || len(c.app.Whole) > 0 {
		return nil
	}
	inside, err := c.drawnAdded.and(c.old)
	if err != nil {
		return fmt.Errorf("land drawn as added that is in the zone: %w", err)
	}
	outside, err := c.drawnRemoved.minus(c.old)
	if err != nil {
		return fmt.Errorf("land drawn as taken out that isn't in the zone: %w", err)
	}
	all := append(polygons(inside.shape), polygons(outside.shape)...)
	list, more := spots(all)
	cond.Pieces, cond.More = append(cond.Pieces, list...), cond.More+more
	cond.Count = len(cond.Pieces) + cond.More
	for _, f := range all {
		c.draw("overlap.balance_drawn", "", "", f.part)
	}
	return nil
}

func pieceSum(pieces []Piece) (sum land.Fixed) {
	for i := range pieces {
		sum += fixed(areaM2(pieces[i].Geometry))
	}
	return sum
}

// ofKind asks what the kind of application brings with it.
func (c *check) ofKind(context.Context) error {
	switch c.app.Kind {
	case Upgrade:
		c.keep(c.upgradable())
	case Inclusion:
		c.keep(c.filed())
	}
	return nil
}

// upgradable: what is national already has nothing above it.
func (c *check) upgradable() Condition {
	cond := c.condition("upgrade_level", GroupApplication, basis(c.audit, "升级", 0))
	switch c.law.Level {
	case "":
		cond.Outcome, cond.Reason = land.Incomputable, c.coded("level_unknown")
		cond.Missing = []Missing{{What: "level", Remedy: c.text("expansion.remedy.field", "level")}}
	case "national":
		cond.Outcome, cond.Reason = land.Violated, c.coded("national_already")
	default:
		cond.Outcome, cond.Reason = land.Satisfied, c.coded("may_be_upgraded", c.text("expansion.level."+c.law.Level))
	}
	return cond
}

// filed: a park that is taken in states its exact boundary and files it. The
// boundary is the one drawn; a blank filing number is unknown, not unfiled.
func (c *check) filed() Condition {
	cond := c.condition("boundary_filed", GroupApplication, basis(c.audit, "四至与备案", 0))
	var numbers []string
	for i := range c.zones {
		for _, code := range c.app.Includes {
			if c.zones[i].Code == code && c.zones[i].FiledNo != "" {
				numbers = append(numbers, c.zones[i].FiledNo)
			}
		}
	}
	if c.app.FiledNo != "" {
		numbers = append(numbers, c.app.FiledNo)
	}
	if len(numbers) == 0 || len(numbers) < len(c.app.Includes) && c.app.FiledNo == "" {
		cond.Outcome, cond.Reason = land.Incomputable, c.coded("filing_unknown")
		cond.Missing = []Missing{{What: "filed_no", Remedy: c.text("expansion.remedy.field", "filed_no")}}
		return cond
	}
	cond.Outcome, cond.Reason = land.Satisfied, c.coded("filed", fmt.Sprint(numbers))
	return cond
}
