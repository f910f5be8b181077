package indicator

import (
	"slices"

	"github.com/muscope/muscope/analysis/land"
)

// UnsuppliedOfApprovals is the id of the indicator that is made of batches of
// approved land, where unsupplied_rate.approved_land is made of parcels.
const UnsuppliedOfApprovals = "unsupplied_rate.approvals"

// Batch is what a batch of approved land gives to UnsuppliedOfApprovals.
type Batch struct {
	ID     string
	AreaM2 land.Fixed // in force, at most
	Exact  bool       // all is known of it
	// Endless says that its area is unknown: what is left of it adds to both sides.
	Endless bool
	// Corners is what it can give: unsupplied land and land in force; one where
	// all is known.
	Corners []Choice
}

// SeeApprovals says that approvals are loaded: a zone without any has none,
// where otherwise nobody knows.
func (z *Zone) SeeApprovals() {
	z.own.approvals, z.shared.approvals = true, true
}

// AddBatch counts a batch. No indicator may have been computed before it.
func (z *Zone) AddBatch(b Batch) {
	row := formulaNamed(UnsuppliedOfApprovals)
	z.own.rows[row].addBatch(&b)
	if z.own != z.shared {
		z.shared.rows[row].addBatch(&b)
	}
	if t := z.trace; t != nil && t.formula.id == UnsuppliedOfApprovals {
		t.batch(&b)
	}
}

func (s *sum) addBatch(b *Batch) {
	points := make([]point, 0, len(b.Corners))
	for _, c := range b.Corners {
		points = append(points, point{c.Numerator, c.Denominator})
	}
	points = slices.Compact(sortPoints(points))
	if b.Exact && len(points) == 1 {
		s.plus(&s.covered.n, points[0].n)
		s.plus(&s.covered.d, points[0].d)
		s.plus(&s.area, b.AreaM2)
		if points[0].n > 0 {
			s.top.offer(points[0].n, &name{text: b.ID})
		}
		return
	}
	rays := rayset(0)
	if b.Endless {
		rays = rayBoth
	}
	s.want(blankApproval.set(), b.AreaM2)
	s.over = s.open.add(points, rays, b.AreaM2) || s.over
}

// batch follows a batch as a contribution of its own.
func (t *Trace) batch(b *Batch) {
	c := Contribution{ID: b.ID, Share: 1, AreaM2: b.AreaM2, Covered: b.Exact, Facts: []string{"approved_on"},
		NumeratorFields: []string{"area_ha", "revoked_ha", "supplied_on"}, DenominatorFields: []string{"area_ha", "revoked_ha"}}
	if b.Exact {
		c.Numerator, c.Denominator = b.Corners[0].Numerator, b.Corners[0].Denominator
	} else {
		c.Missing, c.Choices = []string{factField(blankApproval)}, b.Corners
		c.GrowsBoth = b.Endless
	}
	t.rows[0].given = append(t.rows[0].given, c)
}
