package topology

import (
	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo/overlay"
)

// overlap tells of land that two parcels claim: all of both, all of one, or a part. Whether it is the whole is asked of the remainder, by
// the same tolerance.
func (c *Checker) overlap(a, b *item) error {
	if a.pairs > mostOverlaps || b.pairs > mostOverlaps {
		return nil
	}
	few, many := a, b
	if vertexCount(a.MP) > vertexCount(b.MP) {
		few, many = b, a
	}
	s, err := shareIn(few, many)
	if err != nil {
		return c.undecided(a, b)
	}
	pieces, area, w := wide(s.Part, c.tol.M)
	if len(pieces) == 0 {
		return nil
	}
	a.pairs++
	b.pairs++
	aRest, err := c.outside(a.MP, b.MP)
	if err != nil {
		return c.undecided(a, b)
	}
	bRest, err := c.outside(b.MP, a.MP)
	if err != nil {
		return c.undecided(a, b)
	}
	f := &Finding{Code: Overlap, AreaM2: area, WidthM: w, Geometry: pieces}
	switch {
	case len(aRest) == 0 && len(bRest) == 0:
		f.Code = Duplicate
	case len(bRest) == 0:
		f.Code = Contained
	case len(aRest) == 0:
		f.Code = Contained
		a, b = b, a
	}
	return c.tell(f, a, b)
}

// outside is the part of a that is not in b, without what is within the tolerance.
func (c *Checker) outside(a, b orb.MultiPolygon) (orb.MultiPolygon, error) {
	rest, err := overlay.Difference(a, b)
	if err != nil {
		return nil, err
	}
	pieces, _, _ := wide(rest, c.tol.M)
	return pieces, nil
}

// undecided says that a pair could not be compared: unknown is not none.
func (c *Checker) undecided(a, b *item) error {
	return c.tell(&Finding{Code: Undecided, Geometry: a.MP}, a, b)
}

func vertexCount(mp orb.MultiPolygon) (n int) {
	for _, poly := range mp {
		for _, r := range poly {
			n += len(r)
		}
	}
	return n
}

// inZone tells of a parcel across the line of a zone, and hands it to the search for gaps.
func (c *Checker) inZone(z, p *item) error {
	s, err := shareIn(p, z)
	if err != nil {
		return c.undecided(p, z)
	}
	if in, _, _ := wide(s.Part, c.tol.M); len(in) == 0 {
		return nil
	}
	p.zoned = true
	if z.gaps != nil {
		if err := z.gaps.add(p); err != nil {
			return err
		}
	}
	if s.Share >= 1 {
		return nil
	}
	out, err := overlay.Difference(p.MP, s.Part)
	if err != nil {
		return c.undecided(p, z)
	}
	return c.land(AcrossLine, p, z, out)
}

// under notes on how much of a parcel a building stands.
func (c *Checker) under(p, b *item) error {
	s, err := shareIn(b, p)
	if err != nil {
		return c.undecided(b, p)
	}
	if s.Share == 0 {
		return nil
	}
	if on, _, _ := wide(s.Part, c.tol.M); len(on) > 0 {
		b.on++
		b.largest = max(b.largest, s.Share)
	}
	b.rest, err = overlay.Difference(b.rest, p.MP)
	if err != nil {
		b.rest = nil
		return c.undecided(b, p)
	}
	return nil
}

// settleBuilding tells of a building that doesn't stand on one parcel.
func (c *Checker) settleBuilding(b *item) error {
	if !c.have.Parcels {
		return nil
	}
	if b.on == 0 {
		return c.whole(OffParcels, b)
	}
	if b.on > 1 {
		f := &Finding{Code: Straddles, Count: b.on, AreaM2: b.areaM2 * (1 - b.largest), Geometry: b.MP}
		if err := c.tell(f, b, nil); err != nil {
			return err
		}
	}
	return c.land(SticksOut, b, nil, b.rest)
}
