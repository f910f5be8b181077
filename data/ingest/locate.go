package ingest

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/overlay"
)

// Locator finds the zones a parcel lies in. It is never changed after
// NewLocator and may be used by any number of goroutines.
type Locator struct {
	zones []locatedZone // in key order
	index *overlay.Index
	bound orb.Bound // of all zones
}

type locatedZone struct {
	key land.ZoneKey
	top bool // no park of another zone
}

// NewLocator indexes zones, which WriteZones was given or a store read back.
// No zones at all is allowed: then every parcel lies in none.
func NewLocator(rows []ZoneRow) (*Locator, error) {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b ZoneRow) int { return a.Zone.Key().Compare(b.Zone.Key()) })
	l := &Locator{zones: make([]locatedZone, len(sorted))}
	shapes := make([]orb.MultiPolygon, len(sorted))
	for i, r := range sorted {
		l.zones[i] = locatedZone{r.Zone.Key(), r.Zone.PartOf == ""}
		shapes[i] = r.Geometry
		if l.bound = l.bound.Union(r.Geometry.Bound()); i == 0 {
			l.bound = r.Geometry.Bound()
		}
	}
	var err error
	if l.index, err = overlay.NewIndex(shapes); err != nil {
		return nil, fmt.Errorf("index %d zones: %w", len(rows), err)
	}
	return l, nil
}

// Locate says in which zones a valid boundary lies, in key order; land in none
// has one entry with the zero zone. areaM2 is its ellipsoid area, 0 to have it
// measured here.
func (l *Locator) Locate(mp orb.MultiPolygon, areaM2 float64) ([]Located, error) {
	return l.locate(nil, mp, areaM2)
}

// locate is Locate into memory that is used again.
func (l *Locator) locate(in []Located, mp orb.MultiPolygon, areaM2 float64) ([]Located, error) {
	in = in[:0]
	if areaM2 <= 0 {
		areaM2 = geo.AreaM2(mp)
	}
	var shares []overlay.Share
	if len(l.zones) > 0 {
		var err error
		if shares, err = l.index.Shares(mp, areaM2); err != nil {
			return in, err
		}
	}
	for _, s := range shares {
		m2, err := land.FixedOf(s.AreaM2)
		if err != nil {
			return in, err
		}
		in = append(in, Located{Zone: l.zones[s.Zone].key, Share: s.Share, EllipsoidM2: m2})
	}
	if len(in) == 0 {
		whole, err := land.FixedOf(areaM2)
		return append(in, Located{Share: 1, SetShare: 1, EllipsoidM2: whole, Home: true}), err
	}
	l.chooseHome(in, shares)
	if err := l.setShares(in, shares, mp, areaM2); err != nil {
		return in, err
	}
	return outside(in, areaM2)
}

// outside adds the entry of land in no zone to a parcel that only touches
// zones: it counts in none of them.
func outside(in []Located, areaM2 float64) ([]Located, error) {
	for i := range in {
		if !land.Touches(in[i].Share, in[i].EllipsoidM2) {
			return in, nil
		}
	}
	whole, err := land.FixedOf(areaM2)
	for i := range in {
		in[i].Home, in[i].SetShare = false, 0
	}
	return slices.Insert(in, 0, Located{Share: 1, SetShare: 1, EllipsoidM2: whole, Home: true}), err
}

// chooseHome marks the zone with the greatest share, among top-level approved
// zones where there are any; of equals the first in key order.
func (l *Locator) chooseHome(in []Located, shares []overlay.Share) {
	best := 0
	for i := range in[1:] {
		if l.homelier(in, shares, i+1, best) {
			best = i + 1
		}
	}
	in[best].Home = true
}

func (l *Locator) homelier(in []Located, shares []overlay.Share, a, b int) bool {
	za, zb := l.zones[shares[a].Zone], l.zones[shares[b].Zone]
	topA := za.top && za.key.Scope == land.ScopeApproved
	topB := zb.top && zb.key.Scope == land.ScopeApproved
	if topA != topB {
		return topA
	}
	return in[a].Share > in[b].Share
}

// setShares gives each top-level zone of a scope what the ones before it left
// of the parcel.
func (l *Locator) setShares(in []Located, shares []overlay.Share, mp orb.MultiPolygon, areaM2 float64) error {
	for _, scope := range [...]land.Scope{land.ScopeApproved, land.ScopeManaged} {
		taken := takenLand{whole: mp, areaM2: areaM2}
		for i, s := range shares {
			z := l.zones[s.Zone]
			if !z.top || z.key.Scope != scope {
				continue
			}
			var err error
			if in[i].SetShare, err = taken.take(s); err != nil {
				return fmt.Errorf("zone %s: %w", z.key, err)
			}
		}
	}
	return nil
}

// takenLand is what earlier zones took of a parcel.
type takenLand struct {
	whole  orb.MultiPolygon
	areaM2 float64
	parts  []orb.MultiPolygon
	all    bool
}

// take gives the share of the parcel that s covers and nothing before it did.
func (t *takenLand) take(s overlay.Share) (float64, error) {
	if t.all {
		return 0, nil
	}
	part := s.Part
	if part == nil { // the whole parcel
		t.all = true
		part = t.whole
		if len(t.parts) == 0 {
			return s.Share, nil
		}
	}
	if len(t.parts) == 0 {
		t.parts = append(t.parts, part)
		return s.Share, nil
	}
	rest := part
	for _, p := range t.parts {
		var err error
		if rest, err = overlay.Difference(rest, p); err != nil {
			return 0, err
		}
	}
	t.parts = append(t.parts, part)
	left := geo.AreaM2(rest) / t.areaM2
	// Slivers of rounding along a common border are not land.
	if left < 1e-9 {
		return 0, nil
	}
	if s.Share-left < 1e-9 {
		return s.Share, nil
	}
	return left, nil
}

// Approved is the part of an approval in one of the zones; false where its
// boundary doesn't meet it or only touches it.
func (l *Locator) Approved(a land.Approval, shape orb.MultiPolygon, zone land.ZoneKey) (land.ApprovedPart, bool, error) {
	in, err := l.Locate(shape, 0)
	if err != nil {
		return land.ApprovedPart{}, false, fmt.Errorf("approval %s: %w", a.ID, err)
	}
	for i := range in {
		if in[i].Zone == zone && !land.Touches(in[i].Share, in[i].EllipsoidM2) {
			return land.ApprovedPart{Approval: a, Located: true, Share: in[i].Share, PartM2: in[i].EllipsoidM2}, true, nil
		}
	}
	return land.ApprovedPart{}, false, nil
}
