package postgis

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

var _ expansion.Source = (*View)(nil)

// boxInMercator is a box of longitude and latitude in Web Mercator, a millimetre
// wider, since shapes were rounded when they were projected.
func boxInMercator(b orb.Bound) orb.Bound {
	m := orb.Bound{Min: toMercator(b.Min), Max: toMercator(b.Max)}
	return m.Pad(0.001)
}

// ConstraintsNear yields the constraints whose box meets the box, in no
// particular order.
func (v *View) ConstraintsNear(ctx context.Context, box orb.Bound, yield func(*land.Constraint, orb.MultiPolygon) error) error {
	m := boxInMercator(box)
	args := values(intArray(v.Loads[ingest.LayerConstraints]), v.scope(), m.Min[0], m.Min[1], m.Max[0], m.Max[1])
	err := v.records(ctx, v.store.query("constraints_near"), args, func(r *record) error {
		c := land.Constraint{Source: land.Source{Position: r.int()}, Kind: r.text(), ID: r.text(), Name: r.text()}
		shape, err := parseEWKB([]byte(r.text()))
		if r.err != nil {
			return r.err
		}
		if err != nil {
			return err
		}
		return yield(&c, shape)
	})
	if err != nil {
		return fmt.Errorf("read the constraints of snapshot %s: %w", v.Snapshot, err)
	}
	return nil
}

// ConstraintKinds says what is loaded of each kind of constraint.
func (v *View) ConstraintKinds(ctx context.Context) ([]expansion.ConstraintKind, error) {
	var list []expansion.ConstraintKind
	args := values(intArray(v.Loads[ingest.LayerConstraints]), v.scope())
	err := v.records(ctx, v.store.query("constraint_kinds"), args, func(r *record) error {
		k := expansion.ConstraintKind{Kind: r.text(), Features: r.int()}
		k.Bound.Min = orb.Point{r.float(), r.float()}
		k.Bound.Max = orb.Point{r.float(), r.float()}
		list = append(list, k)
		return r.err
	})
	if err != nil {
		return nil, fmt.Errorf("read which constraints snapshot %s has: %w", v.Snapshot, err)
	}
	return list, nil
}

// ParcelsNear yields each parcel (its home part) whose box meets the box, with
// the fields named and its whole outline, in no particular order: loads are read
// side by side.
func (v *View) ParcelsNear(ctx context.Context, box orb.Bound, fields []string, yield func(*land.Part, orb.MultiPolygon) error) error {
	m, named := boxInMercator(box), make([]land.Field[land.Parcel], 0, len(fields))
	for _, name := range fields {
		f, ok := land.FieldNamed(land.ParcelFields(), name)
		if !ok {
			return fmt.Errorf("read the parcels of snapshot %s: they have no field %q", v.Snapshot, name)
		}
		named = append(named, f)
	}
	query := v.store.query("parcels_near", "fields", fieldList(named))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(nearReaders)
	var mu sync.Mutex
	for _, load := range v.Loads[ingest.LayerParcels] {
		args := values(intArray([]int64{load}), v.scope(), m.Min[0], m.Min[1], m.Max[0], m.Max[1])
		g.Go(func() error { return v.parcelsNear(ctx, query, args, named, &mu, yield) })
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("read the parcels of snapshot %s: %w", v.Snapshot, err)
	}
	return nil
}

// nearReaders is how many connections read the parcels near a proposal.
const nearReaders = 2

// parcelsNear reads one load; yield is called under the lock.
func (v *View) parcelsNear(ctx context.Context, query string, args []driver.NamedValue, fields []land.Field[land.Parcel], mu *sync.Mutex,
	yield func(*land.Part, orb.MultiPolygon) error) error {
	var part land.Part
	return v.records(ctx, query, args, func(r *record) error {
		part = land.Part{}
		getPart(r, fields, &part)
		shape, err := parseEWKB([]byte(r.text()))
		if err := errors.Join(r.err, err); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		return yield(&part, shape)
	})
}

// ZonesNear yields the zones whose box meets the box, in key order.
func (v *View) ZonesNear(ctx context.Context, box orb.Bound, yield func(land.ZoneKey, orb.MultiPolygon) error) error {
	m := boxInMercator(box)
	args := values(intArray(v.Loads[ingest.LayerZones]), v.scope(), m.Min[0], m.Min[1], m.Max[0], m.Max[1])
	err := v.records(ctx, v.store.query("zones_near"), args, func(r *record) error {
		key := land.ZoneKey{Code: r.text(), Scope: land.Scope(r.text())}
		shape, err := parseEWKB([]byte(r.text()))
		if r.err != nil {
			return r.err
		}
		if err != nil {
			return err
		}
		return yield(key, shape)
	})
	if err != nil {
		return fmt.Errorf("read the zones of snapshot %s: %w", v.Snapshot, err)
	}
	return nil
}
