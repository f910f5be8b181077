package spool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/paulmach/orb"
)

// Header is what was analyzed.
func (s *Spool) Header(context.Context) (land.Header, error) { return s.header, nil }

// ZoneResults yields the results of the zones, in key order.
func (s *Spool) ZoneResults(_ context.Context, yield func(*land.ZoneResult) error) error {
	return s.verdict.read([]int32{0}, func(_ int32, _ int64, payload []byte) error {
		var z land.ZoneResult
		if err := json.Unmarshal(payload, &z); err != nil {
			return fmt.Errorf("%w: %w", errRecord, err)
		}
		return yield(&z)
	})
}

// Report is the source of a report: of records where they are kept
// (Options.Records), which then is report.Written.
func (s *Spool) Report() report.Source {
	if s.records {
		return records{s}
	}
	return s
}

type records struct{ *Spool }

var _ report.Written = records{}

// WrittenZones yields the records of the zones, in key order.
func (s records) WrittenZones(_ context.Context, yield func(zone land.ZoneKey, record []byte) error) error {
	return s.verdict.read([]int32{0}, func(_ int32, number int64, payload []byte) error {
		return yield(s.zones[number].Key(), payload)
	})
}

// WrittenParts yields the records of a zone's parts, or of all (nil), in input
// order.
func (s records) WrittenParts(ctx context.Context, zone *land.ZoneKey, yield func(record []byte) error) error {
	groups, err := s.groupsOf(zone)
	if err != nil {
		return err
	}
	return s.results.read(groups, func(_ int32, _ int64, payload []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return yield(payload)
	})
}

// Sets is the totals over zones.
func (s *Spool) Sets(context.Context) ([]land.SetResult, error) { return s.sets, nil }

// PartResults yields the results of a zone's parts, or of all (nil), in input
// order.
func (s *Spool) PartResults(ctx context.Context, zone *land.ZoneKey, yield func(*land.PartResult) error) error {
	groups, err := s.groupsOf(zone)
	if err != nil {
		return err
	}
	return s.results.read(groups, func(group int32, position int64, payload []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := s.result(group, position, payload)
		if err != nil {
			return err
		}
		return yield(p)
	})
}

func (s *Spool) result(group int32, position int64, payload []byte) (*land.PartResult, error) {
	p := &land.PartResult{}
	if err := decodeResult(payload, p); err != nil {
		return nil, err
	}
	p.Position = position
	if group != noZone {
		key := s.zones[group].Key()
		p.Zone, p.Scope = &key.Code, &key.Scope
	}
	return p, nil
}

func (s *Spool) groupsOf(zone *land.ZoneKey) ([]int32, error) {
	if zone == nil {
		return s.results.groups()
	}
	group, ok := s.number[*zone]
	if !ok {
		return nil, fmt.Errorf("zone %s is not in the zone layer", *zone)
	}
	return []int32{group}, nil
}

// errStop ends a read early without being an error of its own.
var errStop = errors.New("stop")

// Rows yields the parts of a zone, or of all (nil), with their facts and, where
// shapes are kept, the parcel's whole geometry, in input order.
func (s *Spool) Rows(ctx context.Context, zone *land.ZoneKey, yield func(*report.Row) error) error {
	groups, err := s.groupsOf(zone)
	if err != nil {
		return err
	}
	shapes, stop := iter.Pull2(s.shapesOf(groups))
	defer stop()
	results, stopResults := iter.Pull2(s.resultsOf(groups))
	defer stopResults()
	codec := newPartCodec()
	return s.parts.read(groups, func(group int32, position int64, payload []byte) error {
		if err := ctx.Err(); err != nil || position >= elsewhere {
			return err
		}
		var mp orb.MultiPolygon
		if s.shapes {
			shape, err, ok := shapes()
			if err != nil || !ok {
				return errors.Join(errRecord, err)
			}
			mp = shape
		}
		if s.isDropped(position) {
			return nil
		}
		result, err, ok := results()
		if err != nil || !ok {
			return errors.Join(errRecord, err)
		}
		part := &land.Part{}
		if err := codec.decodePart(payload, part); err != nil {
			return err
		}
		part.Source.Position, part.In = position, result.Key()
		return yield(&report.Row{Part: part, Result: result, Geometry: mp})
	})
}

func (s *Spool) shapesOf(groups []int32) iter.Seq2[orb.MultiPolygon, error] {
	return func(yield func(orb.MultiPolygon, error) bool) {
		err := s.outline.read(groups, func(_ int32, _ int64, payload []byte) error {
			mp, err := decodeShape(payload)
			if !yield(mp, err) {
				return errStop
			}
			return nil
		})
		if err != nil && err != errStop {
			yield(nil, err)
		}
	}
}

func (s *Spool) resultsOf(groups []int32) iter.Seq2[*land.PartResult, error] {
	return func(yield func(*land.PartResult, error) bool) {
		err := s.results.read(groups, func(group int32, position int64, payload []byte) error {
			p, err := s.result(group, position, payload)
			if !yield(p, err) {
				return errStop
			}
			return nil
		})
		if err != nil && err != errStop {
			yield(nil, err)
		}
	}
}

// ZoneGeometry is the outline of a zone.
func (s *Spool) ZoneGeometry(_ context.Context, zone land.ZoneKey) (orb.MultiPolygon, error) {
	i, ok := s.number[zone]
	if !ok || i == noZone {
		return nil, fmt.Errorf("zone %s is not in the zone layer", zone)
	}
	return s.outlines[i], nil
}

// Rejects yields the load report, in order of arrival.
func (s *Spool) Rejects(_ context.Context, yield func(*land.Reject) error) error {
	return s.rejects.read([]int32{0}, func(_ int32, _ int64, payload []byte) error {
		var r land.Reject
		if err := json.Unmarshal(payload, &r); err != nil {
			return fmt.Errorf("%w: %w", errRecord, err)
		}
		return yield(&r)
	})
}
