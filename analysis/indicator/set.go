package indicator

import (
	"slices"

	"github.com/muscope/muscope/analysis/land"
)

// Set gathers zones into totals in which each square metre of a parcel counts
// once. It is for one goroutine.
type Set struct {
	id     string
	total  *tally
	area   land.Fixed
	asOf   calendar
	codes  map[string]codeFigures
	scopes map[land.ZoneKey]bool
	means  map[string]*mean // by indicator
}

// codeFigures are the figures that belong to a zone's code, whatever its
// outline: they count once.
type codeFigures struct {
	approved land.Number
	stats    []land.Stats // the zone's own
}

// of is the row of a year.
func (c *codeFigures) of(year int) (row *land.Stats, ok bool) {
	for i := range c.stats {
		if c.stats[i].Year == year {
			row, ok = &c.stats[i], true
		}
	}
	return row, ok
}

// NewSet starts the totals over a set of zones.
func NewSet(id string) *Set {
	return &Set{id: id, total: newTally(), codes: map[string]codeFigures{}, scopes: map[land.ZoneKey]bool{}, means: map[string]*mean{}}
}

// ID is the name of the set.
func (s *Set) ID() string { return s.id }

// AddZone adds a zone's parts, by their SetShare, and its area, as far as no
// zone that was added before covers it. Parks are left out, since their zone
// holds their land, and so is a zone that was added before. No part may be
// added to the zone after it.
func (s *Set) AddZone(z *Zone, m2 land.Fixed) {
	if z.park || s.scopes[z.key] {
		return
	}
	z.finish()
	s.scopes[z.key] = true
	s.asOf = z.calendar
	s.area += m2
	s.addMeans(z)
	s.total.parts += z.shared.parts
	s.total.approvals = s.total.approvals || z.shared.approvals
	for i := range s.total.rows {
		s.total.rows[i].merge(&z.shared.rows[i])
	}
	if _, seen := s.codes[z.key.Code]; seen {
		return
	}
	s.codes[z.key.Code] = codeFigures{approved: z.approved, stats: z.stats}
}

// Indicators computes every zone-level indicator over the set. Stats are of the
// last year that had ended by the as-of date and that all zones have; a figure
// that one of them lacks is unknown.
func (s *Set) Indicators() []land.Indicator {
	g := s.figures()
	return s.total.indicators(&g)
}

// Contributors is Zone.Contributors over the set.
func (s *Set) Contributors(id string, n int) []string { return s.total.contributors(id, n) }

func (s *Set) figures() figures {
	g := figures{zoneM2: s.area, approvedM2: land.Num(0)}
	for _, c := range s.codes {
		g.approvedM2 = plus(g.approvedM2, c.approved)
	}
	year, ok := s.commonYear()
	if !ok {
		return g
	}
	g.stats, g.hasStats = s.sumOf(year), true
	return g
}

// commonYear is the last year that had ended and of which every zone has a row.
func (s *Set) commonYear() (year int, ok bool) {
	for _, c := range s.codes {
		var years []int
		for i := range c.stats {
			years = append(years, c.stats[i].Year)
		}
		slices.Sort(years)
		for _, y := range slices.Backward(years) {
			if s.asOf.ended(y) && s.allHave(y) {
				return y, true
			}
		}
		return 0, false
	}
	return 0, false
}

func (s *Set) allHave(year int) bool {
	for _, c := range s.codes {
		if _, ok := c.of(year); !ok {
			return false
		}
	}
	return true
}

func (s *Set) sumOf(year int) land.Stats {
	total := land.Stats{Year: year}
	fields := land.StatsFields()
	for i := range fields {
		*fields[i].Num(&total) = land.Num(0)
	}
	for _, c := range s.codes {
		row, ok := c.of(year)
		if !ok {
			row = &land.Stats{}
		}
		for i := range fields {
			to := fields[i].Num(&total)
			*to = plus(*to, *fields[i].Num(row))
		}
	}
	return total
}

// plus adds two numbers; unknown where one is, or where the sum leaves the
// range.
func plus(a, b land.Number) land.Number {
	if !a.Known || !b.Known || addTo(&a.Value, b.Value) {
		return land.Number{}
	}
	return a
}
