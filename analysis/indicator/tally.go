package indicator

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// gap is how much land wants a fact.
type gap struct {
	parcels int64
	area    land.Fixed
}

// sum is what parcels give to one formula.
type sum struct {
	covered point      // of parcels of which all is known
	area    land.Fixed // their area
	open    open       // of the others
	missing []gap      // by fact; nil while nothing is
	top     top
	far     uint8 // which floor areas covered parcels have: bit 0 plain, bit 1 storeys doubled
	blank   bool  // an open parcel lacks a figure of the numerator
	over    bool  // a sum left the range of Fixed
	cuts    int64 // covered parcels whose amounts are apportioned, and so rounded
}

const (
	plainFloor   = 1
	doubledFloor = 2
)

// tally is the sums of all formulas.
type tally struct {
	rows  []sum
	parts int64 // counted at level ofZone
	// approvals is whether the table of approvals is loaded.
	approvals bool
}

func newTally() *tally { return &tally{rows: make([]sum, len(formulas))} }

func (t *tally) clone() *tally {
	out := &tally{rows: slices.Clone(t.rows), parts: t.parts, approvals: t.approvals}
	for i := range out.rows {
		out.rows[i].detach()
	}
	return out
}

// detach makes a copied sum independent of the one it was copied from.
func (s *sum) detach() {
	s.open.detach()
	s.top = slices.Clone(s.top)
	s.missing = slices.Clone(s.missing)
}

// add gives a parcel's amounts to the formulas of a level. maybe says that it
// may give nothing at all to any of them, for want of a fact.
func (t *tally) add(p *pattern, l level, a *amounts, id *name, maybe facts) {
	for i := range p.sure[l] {
		c := &p.sure[l][i]
		s := &t.rows[c.row]
		if maybe == 0 && a.missing(c.num)|a.missing(c.den) == 0 {
			s.cover(a, c.pair, id)
			continue
		}
		s.leave(a, []pair{c.pair}, 0, maybe, id)
	}
	for i := range p.open[l] {
		c := &p.open[l][i]
		t.rows[c.row].leave(a, c.pairs, c.unknown, maybe, id)
	}
}

// cover adds a parcel of which the formula knows all it needs.
func (s *sum) cover(a *amounts, p pair, id *name) {
	s.plus(&s.covered.n, a.least[p.num])
	s.plus(&s.covered.d, a.least[p.den])
	s.plus(&s.area, a.least[areaLand])
	if a.cut {
		s.cuts++
	}
	if p.num == farFloor {
		s.far |= plainFloor
		if a.far {
			s.far ^= plainFloor | doubledFloor
		}
	}
	if id != nil && a.least[p.num] > 0 {
		s.top.offer(a.least[p.num], id)
	}
}

// leave adds a parcel that gives one of several pairs, or one with a blank
// figure. Where every way comes to the same it is covered after all.
func (s *sum) leave(a *amounts, pairs []pair, unknown, maybe facts, id *name) {
	var room [16]point
	points, rays := room[:0], rayset(0)
	for _, p := range pairs {
		var r rayset
		points, r = a.vertices(points, p)
		rays |= r
		unknown |= a.missing(p.num) | a.missing(p.den)
	}
	if maybe != 0 {
		points, unknown = append(points, point{}), unknown|maybe
	}
	points = slices.Compact(sortPoints(points))
	if len(points) == 1 && rays == 0 {
		s.cover(a, pairs[0], id)
		return
	}
	for _, p := range pairs {
		s.blank = s.blank || a.missing(p.num) != 0
	}
	s.want(unknown, a.least[areaLand])
	s.over = s.open.add(points, rays, a.least[areaLand]) || s.over
}

func sortPoints(p []point) []point {
	slices.SortFunc(p, func(a, b point) int { return cmp.Or(cmp.Compare(a.d, b.d), cmp.Compare(a.n, b.n)) })
	return p
}

// want notes the facts that a parcel lacks.
func (s *sum) want(unknown facts, area land.Fixed) {
	if s.missing == nil {
		s.missing = make([]gap, factCount)
	}
	for ; unknown != 0; unknown &= unknown - 1 {
		g := &s.missing[bits.TrailingZeros32(uint32(unknown))]
		g.parcels++
		s.plus(&g.area, area)
	}
}

// clear empties the sum and keeps its room.
func (s *sum) clear() {
	missing, points, ends := s.missing, s.open.points[:0], s.open.ends[:0]
	clear(missing)
	*s = sum{missing: missing, open: open{points: points, ends: ends}}
}

func (s *sum) merge(o *sum) {
	s.plus(&s.covered.n, o.covered.n)
	s.plus(&s.covered.d, o.covered.d)
	s.plus(&s.area, o.area)
	s.over = s.open.merge(&o.open) || s.over || o.over
	s.blank = s.blank || o.blank
	s.far |= o.far
	s.cuts += o.cuts
	if s.missing == nil && o.missing != nil {
		s.missing = make([]gap, factCount)
	}
	for f, g := range o.missing {
		s.missing[f].parcels += g.parcels
		s.plus(&s.missing[f].area, g.area)
	}
	for _, c := range o.top {
		s.top.offer(c.amount, &name{text: c.id, kept: true})
	}
}

// plus adds, or says that the sum left the range and stops at its end.
func (s *sum) plus(to *land.Fixed, v land.Fixed) { s.over = addTo(to, v) || s.over }

func addTo(to *land.Fixed, v land.Fixed) (over bool) {
	out := *to + v
	if (v > 0) != (out > *to) && v != 0 {
		return true
	}
	*to = out
	return false
}

// gaps is the missing list, by field in the order of facts.
func (s *sum) gaps(out *slab) []land.Missing {
	start := len(out.missing)
	for f, g := range s.missing {
		if g.parcels > 0 {
			out.missing = append(out.missing, land.Missing{Field: factField(fact(f)), Parcels: g.parcels, AreaM2: g.area})
		}
	}
	if len(out.missing) == start {
		return nil
	}
	return out.missing[start:len(out.missing):len(out.missing)]
}

// name is a parcel id that is valid only during a call until it is kept.
type name struct {
	text string
	kept bool
}

func (n *name) keep() string {
	if !n.kept {
		n.text, n.kept = strings.Clone(n.text), true
	}
	return n.text
}

// topLength bounds how many contributors a formula remembers.
const topLength = 20

type contributor struct {
	amount land.Fixed
	id     string
}

// top is the parcels that give most to a numerator, the greatest first, ties
// by id.
type top []contributor

func (t *top) offer(amount land.Fixed, id *name) {
	list := *t
	if n := len(list); n == topLength {
		if last := &list[n-1]; amount < last.amount || amount == last.amount && id.text >= last.id {
			return
		}
		list = list[:n-1]
	}
	list = append(list, contributor{amount, id.keep()})
	for i := len(list) - 1; i > 0 && list[i].before(&list[i-1]); i-- {
		list[i], list[i-1] = list[i-1], list[i]
	}
	*t = list
}

func (c *contributor) before(o *contributor) bool {
	return c.amount > o.amount || c.amount == o.amount && c.id < o.id
}
