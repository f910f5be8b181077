package spool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

var _ expansion.Source = (*Spool)(nil)

// ConstraintWriter is a writer for one goroutine. Constraints bear only on
// expansion: they are kept where shapes are.
func (s *Spool) ConstraintWriter() (ingest.ConstraintWriter, error) {
	if !s.shapes {
		return ingest.Discard{}.ConstraintWriter()
	}
	return &constraintWriter{out: s.barriers.writer()}, nil
}

type constraintWriter struct {
	out *runWriter
	buf []byte
}

// Write spools one constraint.
func (w *constraintWriter) Write(row *ingest.ConstraintRow) error {
	c := row.Constraint
	b := w.buf[:0]
	for _, text := range []string{c.Kind, c.ID, c.Name} {
		b = appendWord(b, text)
	}
	w.buf = appendShape(b, row.Geometry)
	return w.out.add(0, c.Source.Position, w.buf)
}

// Close writes what is still gathered.
func (w *constraintWriter) Close() error { return w.out.close() }

func appendWord(b []byte, s string) []byte {
	n := uint32(len(s))
	b = append(b, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	return append(b, s...)
}

// constraints yields every constraint, in input order.
func (s *Spool) constraints(ctx context.Context, yield func(*land.Constraint, orb.MultiPolygon) error) error {
	return s.barriers.read([]int32{0}, func(_ int32, position int64, payload []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, lifted := slices.BinarySearch(s.lifted, position); lifted {
			return nil
		}
		r := reader{b: payload}
		c := land.Constraint{Source: land.Source{Position: position}}
		for _, field := range []*string{&c.Kind, &c.ID, &c.Name} {
			*field = string(r.take(r.count(1)))
		}
		if r.bad {
			return fmt.Errorf("%w of a constraint", errRecord)
		}
		mp, err := decodeShape(r.b)
		if err != nil {
			return err
		}
		return yield(&c, mp)
	})
}

// ConstraintsNear yields the constraints whose box meets the box.
func (s *Spool) ConstraintsNear(ctx context.Context, box orb.Bound, yield func(*land.Constraint, orb.MultiPolygon) error) error {
	return s.constraints(ctx, func(c *land.Constraint, mp orb.MultiPolygon) error {
		if !mp.Bound().Intersects(box) {
			return nil
		}
		return yield(c, mp)
	})
}

// ConstraintKinds says what was loaded of each kind.
func (s *Spool) ConstraintKinds(ctx context.Context) ([]expansion.ConstraintKind, error) {
	found := map[string]*expansion.ConstraintKind{}
	err := s.constraints(ctx, func(c *land.Constraint, mp orb.MultiPolygon) error {
		k, seen := found[c.Kind]
		if !seen {
			k = &expansion.ConstraintKind{Kind: c.Kind, Bound: mp.Bound()}
			found[c.Kind] = k
		}
		k.Features++
		k.Bound = k.Bound.Union(mp.Bound())
		return nil
	})
	list := make([]expansion.ConstraintKind, 0, len(found))
	for _, k := range found {
		list = append(list, *k)
	}
	slices.SortFunc(list, func(a, b expansion.ConstraintKind) int { return cmp.Compare(a.Kind, b.Kind) })
	return list, err
}

// ZonesNear yields the zones whose box meets the box, in key order.
func (s *Spool) ZonesNear(ctx context.Context, box orb.Bound, yield func(land.ZoneKey, orb.MultiPolygon) error) error {
	for i := range s.zones {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !s.outlines[i].Bound().Intersects(box) {
			continue
		}
		if err := yield(s.zones[i].Key(), s.outlines[i]); err != nil {
			return err
		}
	}
	return nil
}

// Inputs are the files that were loaded, once SetHeader named them.
func (s *Spool) Inputs(context.Context) ([]land.Input, error) { return s.header.Inputs, nil }

// WholeParts yields the parts in a zone in input order, each with the whole
// outline of its parcel. Shapes must be kept.
func (s *Spool) WholeParts(ctx context.Context, zone land.ZoneKey, yield func(*land.Part, orb.MultiPolygon) error) error {
	group, ok := s.number[zone]
	if !ok {
		return fmt.Errorf("zone %s is not in the zone layer", zone)
	}
	return s.wholeParts(ctx, group, yield)
}

func (s *Spool) wholeParts(ctx context.Context, group int32, yield func(*land.Part, orb.MultiPolygon) error) error {
	shapes, stop := iter.Pull2(s.shapesOf([]int32{group}))
	defer stop()
	zone := land.ZoneKey{}
	if group != noZone {
		zone = s.zones[group].Key()
	}
	codec := newPartCodec()
	var p land.Part
	return s.parts.read([]int32{group}, func(_ int32, position int64, payload []byte) error {
		if err := ctx.Err(); err != nil || position >= elsewhere {
			return err
		}
		mp, err, ok := shapes()
		if err != nil || !ok {
			return errors.Join(errRecord, err)
		}
		if s.isDropped(position) {
			return nil
		}
		if err := codec.decodePart(payload, &p); err != nil {
			return err
		}
		p.In, p.Source.Position = zone, position
		return yield(&p, mp)
	})
}

// ParcelsNear yields each parcel (its home part) whose box meets the box, with
// all its fields and its whole outline, zone by zone. Shapes must be kept.
func (s *Spool) ParcelsNear(ctx context.Context, box orb.Bound, _ []string, yield func(*land.Part, orb.MultiPolygon) error) error {
	groups, err := s.parts.groups()
	if err != nil {
		return err
	}
	for _, group := range groups {
		err := s.wholeParts(ctx, group, func(p *land.Part, mp orb.MultiPolygon) error {
			if !p.Home || !mp.Bound().Intersects(box) {
				return nil
			}
			return yield(p, mp)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
