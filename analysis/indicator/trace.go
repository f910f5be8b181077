package indicator

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// Trace follows one indicator of a zone, or of one of its projects: what every
// parcel gives to both sides, and what it could give where a fact is missing.
// It is filled by the table of formulas and the sums that make the indicator
// itself, so that an explanation and the figure cannot differ.
type Trace struct {
	formula *formula
	subject string // of a project's indicator
	rows    []tracedRow
	scratch *tally // of one parcel at a time
	rests   map[*pattern][]facts
}

// tracedRow is one row of the table: the parcels' own, or the one with a figure
// of the stats in place of their sum.
type tracedRow struct {
	row   int
	given []Contribution
	other land.Land
}

// Contribution is what one parcel gives to an indicator.
type Contribution struct {
	ID        string
	ProjectNo string
	Position  int64
	Share     float64    // that counts: in the zone; 1 of a project's parcels
	AreaM2    land.Fixed // that counts

	// Covered is whether all is known that the formula needs. Numerator and
	// Denominator are then what the parcel adds: m² for areas, else the unit
	// itself. Of a parcel that isn't covered they are 0.
	Covered                bool
	Numerator, Denominator land.Fixed

	NumeratorFields   []string // from which its amounts are read
	DenominatorFields []string
	Facts             []string // fields that decide whether and how it belongs
	Missing           []string // fields that would have to be known

	// Choices are the corners of what a parcel that isn't covered can give.
	Choices []Choice
	// The ways in which it can give more without end: to the numerator alone,
	// to the denominator alone, to both alike.
	GrowsNumerator, GrowsDenominator, GrowsBoth bool
}

// Choice is one way in which a parcel can count.
type Choice struct{ Numerator, Denominator land.Fixed }

// Side is one side of a traced indicator.
type Side struct {
	Name string
	Unit land.Unit
	// Parcels is the sum over the covered parcels.
	Parcels land.Fixed
	// Field and Whole are the figure that the zone as a whole gives; Field is
	// blank where it gives none. Year is of the stats it is from.
	Field string
	Whole land.Number
	Year  *int
	// Uncovered is the area of the uncovered parcels, taken off a side that
	// holds the whole zone.
	Uncovered land.Fixed
	// Years divides the side: 5 of the mean yearly supply of five years, else 1.
	Years int64
}

// Total is the side's amount: that of the covered parcels and of the zone; ok
// is false where the zone's own figure is unknown.
func (s *Side) Total() (v land.Fixed, ok bool) {
	v = s.Parcels - s.Uncovered
	if s.Field != "" {
		v += s.Whole.Value
	}
	return (v + land.Fixed(s.Years/2)) / land.Fixed(s.Years), s.Field == "" || s.Whole.Known
}

// Traced is what a Trace found.
type Traced struct {
	Numerator, Denominator Side
	// Given is the parcels that give, or may give, something, in input order;
	// the others of the zone are only counted.
	Given []Contribution
	Other land.Land
}

// ErrTrace is wrapped by the errors of Zone.Trace.
var ErrTrace = errors.New("cannot trace the indicator")

// Trace starts to follow an indicator. It must be called before any part is
// added. subject names the project of a project's indicator, by its number or
// the id of one of its parcels.
func (z *Zone) Trace(id, subject string) (*Trace, error) {
	i := formulaNamed(id)
	if i < 0 || formulas[i].level == ofZoneHidden {
		return nil, fmt.Errorf("%w: there is no indicator %q", ErrTrace, id)
	}
	if len(z.patterns) > 0 {
		return nil, fmt.Errorf("%w %s: parts have been added already", ErrTrace, id)
	}
	t := &Trace{formula: &formulas[i], subject: subject, scratch: newTally(), rests: map[*pattern][]facts{}}
	t.rows = append(t.rows, tracedRow{row: i})
	if f := &formulas[i]; f.instead != "" {
		t.rows = append(t.rows, tracedRow{row: formulaNamed(f.instead)})
	}
	z.trace = t
	return t, nil
}

// see notes what parcels of a pattern rest on.
func (t *Trace) see(k *known, p *pattern) {
	if _, seen := t.rests[p]; seen {
		return
	}
	found := make([]facts, len(t.rows))
	for i := range t.rows {
		found[i] = restsOn(k, &formulas[t.rows[i].row])
	}
	t.rests[p] = found
}

// restsOn is the facts that, were they other than they are, would let a parcel
// give a formula something else.
func restsOn(k *known, f *formula) (out facts) {
	for one := range worldFacts {
		other := *k
		switch one {
		case factApproved:
			other.approval = approvalUnknown
		case factSupplied:
			other.supply = supplyUnknown
		case factBuilt: // something stands wherever land is built on
			other.built, other.standing = land.Unknown, land.Unknown
		case factReady:
			other.ready = land.Unknown
		case factOwner:
			other.collective = land.Unknown
		case factClass:
			other.class = classUnknown
		case factIdle:
			other.idle = land.Unknown
		default:
			continue
		}
		worlds := worldsOf(&other)
		given := make([]pair, len(worlds))
		for i := range worlds {
			worlds[i].known = k
			given[i] = f.givenIn(&worlds[i])
		}
		if splits(worlds, given, one) {
			out |= one.set()
		}
	}
	return out
}

// part follows a part of the zone.
func (t *Trace) part(p *land.Part, pattern *pattern) {
	if t.formula.level != ofZone {
		return
	}
	n := numbersOf(p)
	t.follow(&Contribution{ID: strings.Clone(p.ID), ProjectNo: strings.Clone(p.ProjectNo), Position: p.Source.Position, Share: p.Share},
		&n, pattern, 0)
}

// member follows a parcel of a project, with the share that counts.
func (t *Trace) member(l level, m *member, share float64, maybe facts) {
	if t.formula.level != l {
		return
	}
	t.follow(&Contribution{ID: m.id, ProjectNo: m.project, Position: m.position, Share: share}, &m.numbers, m.pattern, maybe)
}

// wants is whether a project is the one that is followed.
func (t *Trace) wants(p *Project) bool {
	return t != nil && (p.Subject == t.subject || slices.Contains(p.ParcelIDs, t.subject))
}

// follow adds a parcel to the empty scratch as it is added to the sums, and
// keeps what has become of it.
func (t *Trace) follow(c *Contribution, n *numbers, p *pattern, maybe facts) {
	a := n.times(c.Share)
	c.AreaM2 = a.least[areaLand]
	t.scratch.add(p, t.formula.level, &a, nil, maybe)
	for i := range t.rows {
		r := &t.rows[i]
		pairs := p.pairs(t.formula.level, r.row)
		if pairs == nil {
			r.other.Add(c.AreaM2)
			continue
		}
		r.given = append(r.given, c.with(&t.scratch.rows[r.row], n, pairs, t.rests[p][i]))
	}
	for i := range t.scratch.rows {
		t.scratch.rows[i].clear()
	}
}

// pairs is what a pattern may give to a row; nil where it gives nothing.
func (p *pattern) pairs(l level, row int) []pair {
	for i := range p.sure[l] {
		if c := &p.sure[l][i]; c.row == row {
			return []pair{c.pair}
		}
	}
	for i := range p.open[l] {
		if c := &p.open[l][i]; c.row == row {
			return c.pairs
		}
	}
	return nil
}

// with is the contribution with what the sum of this one parcel says.
func (c Contribution) with(s *sum, n *numbers, pairs []pair, rests facts) Contribution {
	for _, p := range pairs {
		c.NumeratorFields = n.fields(c.NumeratorFields, p.num)
		c.DenominatorFields = n.fields(c.DenominatorFields, p.den)
	}
	c.Covered = s.open.count == 0
	c.Numerator, c.Denominator = s.covered.n, s.covered.d
	var missing facts
	for f, g := range s.missing {
		if g.parcels > 0 {
			missing |= fact(f).set()
		}
	}
	c.Missing, c.Facts = missing.fields(), rests.fields()
	if !c.Covered {
		c.Choices = s.open.choices()
		c.GrowsNumerator = s.open.rays&rayNum != 0
		c.GrowsDenominator = s.open.rays&rayDen != 0
		c.GrowsBoth = s.open.rays&rayBoth != 0
	}
	return c
}

// choices is the corners of a single open parcel.
func (o *open) choices() (out []Choice) {
	o.each(func(points []point) {
		for _, p := range points {
			out = append(out, Choice{p.n, p.d})
		}
	})
	if out == nil { // all of one denominator
		out = []Choice{{o.least.n, o.least.d}}
		if o.most != o.least.n {
			out = append(out, Choice{o.most, o.least.d})
		}
	}
	return out
}

// fields is the public fields of facts, each once.
func (s facts) fields() (out []string) {
	for ; s != 0; s &= s - 1 {
		if name := factField(fact(bits.TrailingZeros32(uint32(s)))); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// fields adds the public fields that a term is read from.
func (n *numbers) fields(to []string, t term) []string {
	var names []string
	switch t {
	case nothing:
	case areaLand, lessArea:
		names = []string{"recorded_area_m2"}
	case builtLand:
		if names = []string{"recorded_area_m2"}; n.built.Known {
			names = []string{"built_land_m2"}
		}
	case farFloor:
		if names = termFacts(t).fields(); n.farFloor.Known {
			names = []string{"far_floor_area_m2"}
		}
	default:
		names = termFacts(t).fields()
	}
	for _, name := range names {
		if !slices.Contains(to, name) {
			to = append(to, name)
		}
	}
	return to
}

// Traced is what the trace of a zone found. No part may be added after it.
func (z *Zone) Traced() (Traced, error) {
	t := z.trace
	if t == nil {
		return Traced{}, fmt.Errorf("%w: it was not followed", ErrTrace)
	}
	z.finish()
	g := &z.figures
	if t.formula.level == ofProject {
		g = &figures{}
	}
	i := slices.IndexFunc(t.rows, func(r tracedRow) bool { return r.row == z.own.rowOf(t.rows[0].row, g) })
	r := &t.rows[max(i, 0)]
	f := &formulas[r.row]
	out := Traced{Given: joined(r.given), Other: r.other}
	out.Numerator, out.Denominator = g.side(f.num), g.side(f.den)
	for i := range out.Given {
		c := &out.Given[i]
		out.Numerator.Parcels += c.Numerator
		out.Denominator.Parcels += c.Denominator
		if c.Covered {
			continue
		}
		switch {
		case f.den.fixed == zoneArea:
			out.Denominator.Uncovered += c.AreaM2
		case f.num.fixed == zoneArea:
			out.Numerator.Uncovered += c.AreaM2
		}
	}
	return out, nil
}

// joined puts the pieces of a divided parcel, of which all is known, back
// together; a piece that isn't covered stays by itself.
func joined(list []Contribution) []Contribution {
	out := list[:0:0]
	for _, c := range list {
		if n := len(out) - 1; n >= 0 && c.Position > 0 && out[n].Position == c.Position && out[n].ID == c.ID && out[n].Covered && c.Covered {
			last := &out[n]
			last.AreaM2 += c.AreaM2
			last.Numerator += c.Numerator
			last.Denominator += c.Denominator
			continue
		}
		out = append(out, c)
	}
	return out
}

// side is a side without its parcels.
func (g *figures) side(s side) Side {
	out := Side{Name: s.name, Unit: s.unit, Years: 1}
	if s.unit == land.UnitM2PerYear {
		out.Years = yearsOfSupply
	}
	if s.fixed != noFixed {
		out.Field, out.Whole = s.fixed.field(), g.amount(s.fixed)
		if s.fixed.isStat() && g.hasStats {
			year := g.stats.Year
			out.Year = &year
		}
	}
	return out
}
