package indicator

import (
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// Zone gathers the parts of one zone and computes its indicators. It is for
// one goroutine.
type Zone struct {
	key      land.ZoneKey
	park     bool
	calendar calendar
	figures  figures
	area     land.Fixed
	approved land.Number
	stats    []land.Stats
	patterns map[known]*pattern

	own *tally
	// shared is what the zone gives to totals over zones. It is own until a
	// part comes whose SetShare isn't its Share.
	shared  *tally
	members []member
	trades  map[land.Industry][]land.Industry
	trace   *Trace // nil: none is asked for
	done    bool
}

// NewZone starts a zone. stats are the rows of its code, of any year; they are
// kept and never changed.
func NewZone(zone *land.Zone, stats []land.Stats, asOf land.Date) *Zone {
	c := calendarOf(asOf)
	own := newTally()
	return &Zone{key: zone.Key(), park: zone.PartOf != "", calendar: c, figures: figuresOf(zone, stats, &c),
		area: zone.AreaM2, approved: squareMetres(zone.ApprovedAreaHa), stats: stats,
		patterns: make(map[known]*pattern), own: own, shared: own}
}

// StatsYear is the year of the stats in use, the last whose 31 December is not
// after the as-of date; nil where there is none.
func (z *Zone) StatsYear() *int {
	if !z.figures.hasStats {
		return nil
	}
	year := z.figures.stats.Year
	return &year
}

// Add counts a part with its assessment. The part need only be valid during
// the call. Touches and parcels elsewhere count for their project alone; a
// right above or below the surface counts nowhere.
func (z *Zone) Add(part *land.Part, a *land.Assessment) {
	if !part.Surface() {
		return
	}
	k := z.calendar.knownOf(&part.Parcel, a)
	p := z.patterns[k]
	if p == nil {
		p = patternOf(&k)
		z.patterns[k] = p
	}
	here := !part.Elsewhere && !part.Touch()
	if z.trace != nil {
		z.trace.see(&k, p)
	}
	if here {
		z.count(part, p)
	}
	if (here || part.ProjectNo != "") && k.mayBeProject() {
		m := newMember(part, &k, p, here)
		m.industry = z.industryOf(part)
		z.members = append(z.members, m)
	}
}

// industryOf is the recorded industry, one copy for all parcels of it.
func (z *Zone) industryOf(part *land.Part) []land.Industry {
	if part.IndustryCode == "" {
		return nil
	}
	key := land.Industry{Code: part.IndustryCode, Edition: part.IndustryEd}
	if found := z.trades[key]; found != nil {
		return found
	}
	if z.trades == nil {
		z.trades = map[land.Industry][]land.Industry{}
	}
	key = land.Industry{Code: strings.Clone(key.Code), Edition: strings.Clone(key.Edition)}
	z.trades[key] = []land.Industry{key}
	return z.trades[key]
}

func (z *Zone) count(part *land.Part, p *pattern) {
	id := name{text: part.ID}
	figures := numbersOf(part)
	a := figures.times(part.Share)
	if part.SetShare != part.Share && z.own == z.shared {
		z.shared = z.own.clone()
	}
	z.own.parts++
	z.own.add(p, ofZone, &a, &id, 0)
	if z.trace != nil {
		z.trace.part(part, p)
	}
	if z.own == z.shared {
		return
	}
	if part.SetShare > 0 {
		a = figures.times(part.SetShare)
		z.shared.parts++
		z.shared.add(p, ofZone, &a, &id, 0)
	}
}

// finish adds what is known only when all parts of a project are.
func (z *Zone) finish() {
	if z.done {
		return
	}
	z.done = true
	z.members = sortMembers(z.members)
	for group := range projects(z.members) {
		built, unknown := group.builtOn()
		if built == land.No {
			continue
		}
		for i := range group {
			z.countMember(&group[i], unknown)
		}
	}
}

func (z *Zone) countMember(m *member, maybe facts) {
	if !m.here {
		return
	}
	id := name{text: m.id, kept: true}
	a := m.numbers.times(m.share)
	z.own.add(m.pattern, ofIndustry, &a, &id, maybe)
	if z.trace != nil {
		z.trace.member(ofIndustry, m, m.share, maybe)
	}
	if z.own != z.shared && m.setShare > 0 {
		a = m.numbers.times(m.setShare)
		z.shared.add(m.pattern, ofIndustry, &a, &id, maybe)
	}
}

// Indicators computes every indicator of a zone, in the contract's order. No
// part may be added after it.
func (z *Zone) Indicators() []land.Indicator {
	z.finish()
	return z.own.indicators(&z.figures)
}

// Contributors is the ids of at most n parcels (and at most 20) that give most
// to an indicator's numerator, the greatest first: the evidence of a zone's
// verdict. Parcels of which not all is known aren't among them.
func (z *Zone) Contributors(id string, n int) []string {
	z.finish()
	return z.own.contributors(id, n)
}

func (t *tally) indicators(g *figures) []land.Indicator {
	room := newSlab(len(formulas))
	out := make([]land.Indicator, 0, len(formulas))
	for i := range formulas {
		if l := formulas[i].level; l == ofZone || l == ofIndustry {
			out = append(out, t.indicator(i, g, room))
		}
	}
	return out
}

// indicator computes one formula. Money is the parcels' where all of the base
// have it, else the stats', else the covered parcels'.
func (t *tally) indicator(i int, g *figures, room *slab) land.Indicator {
	row := t.rowOf(i, g)
	if f := &formulas[row]; t.parts == 0 && f.level == ofZone && f.num.fixed == noFixed && f.den.fixed != noFixed {
		return unseen(f, "parcels")
	}
	if formulas[row].id == UnsuppliedOfApprovals && !t.approvals {
		return unseen(&formulas[row], factField(blankApproval))
	}
	r := formulas[row].indicator(&t.rows[row], g, room)
	r.ID = formulas[i].id
	return r
}

// unseen is a share of the zone's area in a zone of which no parcel is known:
// nothing is known of its land, which is not the same as none. The same goes for
// what rests on the approvals where none are loaded.
func unseen(f *formula, layer string) land.Indicator {
	return land.Indicator{ID: f.id, Unit: f.unit, Reason: ReasonMissingInput, Missing: []land.Missing{{Field: layer}}}
}

// rowOf is the row of the table that gives a formula: its own, or the one with
// a figure of the stats.
func (t *tally) rowOf(i int, g *figures) int {
	if f := &formulas[i]; f.instead != "" && t.rows[i].blank {
		if j := formulaNamed(f.instead); g.amount(formulas[j].num.fixed).Known {
			return j
		}
	}
	return i
}

func (t *tally) contributors(id string, n int) []string {
	var out []string
	if i := formulaNamed(id); i >= 0 {
		for _, c := range t.rows[i].top {
			if len(out) < n && !slices.Contains(out, c.id) {
				out = append(out, c.id)
			}
		}
	}
	return out
}

func formulaNamed(id string) int {
	return slices.IndexFunc(formulas, func(f formula) bool { return f.id == id })
}
