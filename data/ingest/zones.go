package ingest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/overlay"
)

// zonePiece is one feature of the zones layer.
type zonePiece struct {
	zone  land.Zone
	shape orb.MultiPolygon
}

// zoneGroup is all pieces of one zone.
type zoneGroup struct {
	key    land.ZoneKey
	pieces []zonePiece
	parent *zoneGroup
	parks  []*zoneGroup
	shape  orb.MultiPolygon // of the pieces, later with all parks below
	united bool
}

// LoadZones reads zones: pieces of one (code, boundary_scope) are joined, parks
// are united into the zones they are part of, and the ellipsoid area of the
// whole is measured. The rows, in key order, are written to the sink and
// returned for NewLocator. Zones whose pieces contradict each other, whose
// parent doesn't exist or is below them are rejected whole. Errors are those
// of LoadParcels.
func LoadZones(ctx context.Context, opt Options, sink Sink) (*Result, []ZoneRow, error) {
	j, err := newJob(LayerZones, opt)
	if err != nil {
		return nil, nil, err
	}
	l := newLoad(j)
	if err := l.start(ctx); err != nil {
		return &l.result, nil, err
	}
	var pieces []zonePiece
	err = l.run(ctx, 1, func() (featureWorker, error) { return newZoneWorker(j, &pieces) })
	if err != nil {
		return &l.result, nil, err
	}
	rows, err := l.assemble(pieces)
	if err != nil {
		return &l.result, nil, err
	}
	if err := l.tooMany(); err != nil {
		return &l.result, nil, err
	}
	if err := l.nothing(); err != nil {
		return &l.result, nil, err
	}
	return &l.result, rows, sink.WriteZones(ctx, rows)
}

func newZoneWorker(j *job, pieces *[]zonePiece) (featureWorker, error) {
	w, err := newRecordWorker(j, layerOf[land.Zone]{
		fields: land.ZoneFields(), idName: "code",
		id:     func(z *land.Zone) *string { return &z.Code },
		source: func(z *land.Zone) *land.Source { return &z.Source },
		extra:  func(z *land.Zone) *[]byte { return &z.Extra },
	})
	if err != nil {
		return nil, err
	}
	w.dec.ReuseGeometry = false
	w.keep = func(z *land.Zone, sh *shape) (*refusal, error) {
		if z.Name == "" {
			return j.refusal("name.missing", "name"), nil
		}
		if z.Scope == "" && w.read.faulted["boundary_scope"] {
			// Which of two outlines this is can't be left unknown: it is the key.
			return j.refusal("zone.scope_unknown", "boundary_scope"), nil
		}
		if z.Scope == "" {
			z.Scope = land.ScopeApproved
		}
		if string(w.read.written("level")) == "市级" && directMunicipality(z.Province) {
			z.Level = "provincial"
		}
		z.Extra = bytes.Clone(z.Extra)
		*pieces = append(*pieces, zonePiece{*z, slices.Clone(sh.mp)})
		return nil, nil
	}
	return w, nil
}

// directMunicipality reports whether a province is a 直辖市, whose 市级 is the
// level of a province.
func directMunicipality(province string) bool {
	switch province {
	case "110000", "120000", "310000", "500000":
		return true
	}
	return false
}

// assemble joins pieces and parks to zones in key order.
func (l *load) assemble(pieces []zonePiece) ([]ZoneRow, error) {
	groups := map[land.ZoneKey]*zoneGroup{}
	var order []*zoneGroup
	for _, p := range pieces {
		key := p.zone.Key()
		g := groups[key]
		if g == nil {
			g = &zoneGroup{key: key}
			groups[key] = g
			order = append(order, g)
		}
		g.pieces = append(g.pieces, p)
	}
	slices.SortFunc(order, func(a, b *zoneGroup) int { return a.key.Compare(b.key) })
	for _, g := range order {
		if r := l.mergePieces(g); r != nil {
			l.rejectZone(groups, g, r)
		}
	}
	l.linkParks(groups, order)
	return l.zoneRows(groups, order)
}

// rejectZone rejects every piece of a zone.
func (l *load) rejectZone(groups map[land.ZoneKey]*zoneGroup, g *zoneGroup, r *refusal) {
	delete(groups, g.key)
	for _, p := range g.pieces {
		l.lateReject(p.zone.Source.Position, g.key.String(), r)
	}
}

// mergePieces joins the attributes of a zone's pieces into the first; two
// values that differ are a contradiction nobody but the file's owner can settle.
func (l *load) mergePieces(g *zoneGroup) *refusal {
	first := &g.pieces[0].zone
	for i := range g.pieces[1:] {
		next := &g.pieces[i+1].zone
		for _, f := range land.ZoneFields() {
			a, b := fieldText(f, first), fieldText(f, next)
			switch {
			case b == "" || a == b:
			case a == "":
				copyField(f, first, next)
			default:
				fa, na := l.place(first.Source.Position)
				fb, nb := l.place(next.Source.Position)
				return l.refusal("zone.pieces_differ", f.Name, g.key.String(), f.Name,
					l.at(fa, na), a, l.at(fb, nb), b)
			}
		}
	}
	return nil
}

func (l *load) at(file int, feature int64) string {
	return fmt.Sprintf("%s#%d", l.result.Inputs[file].File, feature)
}

func fieldText[T any](f land.Field[T], rec *T) string {
	switch {
	case f.Str != nil:
		return *f.Str(rec)
	case f.Date != nil:
		return f.Date(rec).String()
	case f.Num != nil:
		return f.Num(rec).String()
	case f.Flag != nil:
		return f.Flag(rec).String()
	}
	return ""
}

func copyField[T any](f land.Field[T], to, from *T) {
	switch {
	case f.Str != nil:
		*f.Str(to) = *f.Str(from)
	case f.Date != nil:
		*f.Date(to) = *f.Date(from)
	case f.Num != nil:
		*f.Num(to) = *f.Num(from)
	case f.Flag != nil:
		*f.Flag(to) = *f.Flag(from)
	}
}

// linkParks ties parks to their zones; a park whose zone isn't there, and
// zones that are parks of each other, are rejected, and then their parks too.
func (l *load) linkParks(groups map[land.ZoneKey]*zoneGroup, order []*zoneGroup) {
	for again := true; again; {
		again = false
		for _, g := range order {
			if groups[g.key] != g {
				continue
			}
			partOf := g.pieces[0].zone.PartOf
			if partOf == "" {
				continue
			}
			if partOf == g.key.Code {
				l.rejectZone(groups, g, l.refusal("zone.cycle", "part_of", g.key.String()+" → "+partOf))
				again = true
				continue
			}
			if g.parent = parentOf(groups, g, partOf); g.parent == nil {
				l.rejectZone(groups, g, l.refusal("zone.unknown_parent", "part_of", g.key.String(), partOf))
				again = true
			}
		}
		for _, g := range order {
			if groups[g.key] == g && inCycle(g) {
				for _, member := range cycleOf(g) {
					l.rejectZone(groups, member, l.refusal("zone.cycle", "part_of", cycleText(g)))
				}
				again = true
			}
		}
	}
	for _, g := range order {
		if groups[g.key] == g && g.parent != nil {
			g.parent.parks = append(g.parent.parks, g)
		}
	}
}

// parentOf finds the zone a park is part of: of the park's own scope, else of
// the other.
func parentOf(groups map[land.ZoneKey]*zoneGroup, g *zoneGroup, code string) *zoneGroup {
	for _, scope := range [...]land.Scope{g.key.Scope, land.ScopeApproved, land.ScopeManaged} {
		if p := groups[land.ZoneKey{Code: code, Scope: scope}]; p != nil && p != g {
			return p
		}
	}
	return nil
}

// inCycle reports whether g is above itself.
func inCycle(g *zoneGroup) bool {
	seen := map[*zoneGroup]bool{}
	for p := g.parent; p != nil && !seen[p]; p = p.parent {
		if p == g {
			return true
		}
		seen[p] = true
	}
	return false
}

func cycleOf(g *zoneGroup) []*zoneGroup {
	cycle := []*zoneGroup{g}
	for p := g.parent; p != g; p = p.parent {
		cycle = append(cycle, p)
	}
	return cycle
}

func cycleText(g *zoneGroup) string {
	var names []string
	for _, m := range cycleOf(g) {
		names = append(names, m.key.String())
	}
	return strings.Join(append(names, g.key.String()), " → ")
}

func (l *load) zoneRows(groups map[land.ZoneKey]*zoneGroup, order []*zoneGroup) ([]ZoneRow, error) {
	var rows []ZoneRow
	for _, g := range order {
		if groups[g.key] != g {
			continue
		}
		if err := g.unite(); err != nil {
			return nil, err
		}
		zone := g.pieces[0].zone
		zone.Pieces = len(g.pieces)
		m2, err := land.FixedOf(geo.AreaM2(g.shape))
		if err != nil {
			return nil, fmt.Errorf("area of zone %s: %w", g.key, err)
		}
		zone.AreaM2 = m2
		rows = append(rows, ZoneRow{Zone: &zone, Geometry: g.shape})
	}
	return rows, nil
}

// unite makes the shape of a zone of its pieces and of all parks below.
func (g *zoneGroup) unite() error {
	if g.united {
		return nil
	}
	g.united = true
	var shapes []orb.MultiPolygon
	for _, p := range g.pieces {
		shapes = append(shapes, p.shape)
	}
	for _, park := range g.parks {
		if err := park.unite(); err != nil {
			return err
		}
		shapes = append(shapes, park.shape)
	}
	if len(shapes) == 1 {
		g.shape = shapes[0]
		return nil
	}
	var err error
	if g.shape, err = overlay.Union(shapes...); err != nil {
		return fmt.Errorf("join the pieces of zone %s: %w", g.key, err)
	}
	return nil
}
