package analysis

import "github.com/muscope/muscope/analysis/land"

// landCount counts land by status and class.
type landCount struct {
	status map[land.Status]land.Land
	class  map[land.Class]land.Land
}

func (c *landCount) add(a *land.Assessment, area land.Fixed) {
	c.count(a.Status, a.Class, land.Land{Parcels: 1, AreaM2: area})
}

func (c *landCount) count(s land.Status, k land.Class, l land.Land) {
	c.init()
	merge(c.status, s, l)
	merge(c.class, k, l)
}

// addStatus and addClass count land by one of the two alone: of land in several
// uses each class gets its own, and the status all of it once.
func (c *landCount) addStatus(s land.Status, area land.Fixed) {
	c.init()
	merge(c.status, s, land.Land{Parcels: 1, AreaM2: area})
}

func (c *landCount) addClass(k land.Class, area land.Fixed) {
	c.init()
	merge(c.class, k, land.Land{Parcels: 1, AreaM2: area})
}

func (c *landCount) init() {
	if c.status == nil {
		c.status, c.class = map[land.Status]land.Land{}, map[land.Class]land.Land{}
	}
}

func (c *landCount) merge(o *landCount) {
	c.init()
	for s, l := range o.status {
		merge(c.status, s, l)
	}
	for k, l := range o.class {
		merge(c.class, k, l)
	}
}

func merge[K comparable](to map[K]land.Land, key K, l land.Land) {
	sum := to[key]
	sum.Merge(l)
	to[key] = sum
}

func (c *landCount) table() land.LandTable {
	c.init()
	return land.LandTable{ByStatus: c.status, ByClass: c.class}
}

// sharedCount is the land a zone gives to totals over zones, by SetShare.
type sharedCount struct {
	whole landCount
	// pieces are parcels that may lie in another zone of the set too; a total
	// counts each of them once.
	pieces []sharedPiece
}

type sharedPiece struct {
	position int64
	status   land.Status
	class    land.Class
	area     land.Fixed
}

func (c *sharedCount) add(p *land.Part, a *land.Assessment) {
	switch area := p.AreaM2().Share(p.SetShare); {
	case p.SetShare == 1:
		c.whole.add(a, area)
	case p.SetShare > 0:
		c.pieces = append(c.pieces, sharedPiece{p.Source.Position, a.Status, a.Class, area})
	}
}

// addPiece counts a piece of a divided part. Only the first use of a phase
// counts the phase's parcel.
func (c *sharedCount) addPiece(p *land.Part, a *land.Assessment, first bool) {
	area := p.AreaM2().Share(p.SetShare)
	switch {
	case p.SetShare == 1:
		c.whole.addClass(a.Class, area)
		c.whole.init()
		l := land.Land{AreaM2: area}
		if first {
			l.Parcels = 1
		}
		merge(c.whole.status, a.Status, l)
	case p.SetShare > 0:
		c.pieces = append(c.pieces, sharedPiece{p.Source.Position, a.Status, a.Class, area})
	}
}
