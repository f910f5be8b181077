package spool

import (
	"context"
	"fmt"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
)

// Zones is the zone layer, in key order.
func (s *Spool) Zones(context.Context) ([]land.Zone, error) { return s.zones, nil }

// Stats is the yearly statistics, in input order.
func (s *Spool) Stats(context.Context) ([]land.Stats, error) { return s.stats, nil }

// Parts yields the parts in a zone (the zero key: land in none) in input
// order, then the members that the zone's projects have elsewhere.
func (s *Spool) Parts(ctx context.Context, zone land.ZoneKey, yield func(*land.Part) error) error {
	group, ok := s.number[zone]
	if !ok {
		return fmt.Errorf("zone %s is not in the zone layer", zone)
	}
	told, err := s.tables.told(group)
	if err != nil {
		return err
	}
	return s.readParts(ctx, group, told, yield)
}

// readParts yields the parts of a group with what the tables tell of them; told
// may be nil.
func (s *Spool) readParts(ctx context.Context, group int32, told *teller, yield func(*land.Part) error) error {
	zone := land.ZoneKey{}
	if group != noZone {
		zone = s.zones[group].Key()
	}
	codec := newPartCodec()
	var p land.Part
	return s.parts.read([]int32{group}, func(_ int32, position int64, payload []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.isDropped(position &^ elsewhere) {
			return nil
		}
		if err := codec.decodePart(payload, &p); err != nil {
			return err
		}
		p.In, p.Source.Position = zone, position&^elsewhere
		var err error
		if p.Records, err = told.of(position); err != nil {
			return err
		}
		return yield(&p)
	})
}

// resultWriter encodes results for one goroutine at a time.
type resultWriter struct {
	out *runWriter
	buf []byte
}

// Results is the sink of the analysis.
func (s *Spool) Results() analysis.Sink { return sink{s} }

// sink is a Spool that takes results.
type sink struct{ *Spool }

// Parts keeps the results of a zone's parts.
func (s sink) Parts(_ context.Context, zone land.ZoneKey, parts []land.PartResult) error {
	group, ok := s.number[zone]
	if !ok {
		return fmt.Errorf("zone %s is not in the zone layer", zone)
	}
	w := s.takeWriter()
	defer s.giveWriter(w)
	for i := range parts {
		if s.records {
			w.buf = report.AppendPart(w.buf[:0], &parts[i])
		} else {
			w.buf = appendResult(w.buf[:0], &parts[i])
		}
		if err := w.out.add(group, parts[i].Position, w.buf); err != nil {
			return err
		}
	}
	return nil
}

func (s *Spool) takeWriter() *resultWriter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 {
		w := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return w
	}
	return &resultWriter{out: s.results.writer()}
}

func (s *Spool) giveWriter(w *resultWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, w)
}

// Zone keeps the result of a zone.
func (s sink) Zone(_ context.Context, z *land.ZoneResult) error {
	blob, err := report.AppendZone(nil, z)
	if err != nil {
		return fmt.Errorf("keep the result of zone %s: %w", z.Key(), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.zoneOut.add(0, int64(s.number[z.Key()]), blob)
}

// Sets keeps the totals over zones.
func (s sink) Sets(_ context.Context, sets []land.SetResult) error {
	s.sets = sets
	return nil
}

// Analyzed ends the analysis: all results can be read from here on.
func (s *Spool) Analyzed() error {
	for _, w := range s.idle {
		if err := w.out.close(); err != nil {
			return err
		}
	}
	if err := s.zoneOut.close(); err != nil {
		return err
	}
	return s.rejected.close()
}
