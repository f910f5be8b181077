package spool

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

var (
	_ analysis.RecordSource = (*Spool)(nil)
	_ analysis.ShapeSource  = (*Spool)(nil)
)

// maxZoneRows bounds what is kept in memory: rows of tables on zones, and
// approvals without a boundary. A province has a hundredth of it in ten years.
const maxZoneRows = 200_000

// errTooMany says that such rows are more than memory is for.
var errTooMany = fmt.Errorf("%w: more than %d rows on zones and approvals without a boundary; load them into a database with muscope load, where there is no such limit",
	ingest.ErrRefused, maxZoneRows)

// zoneTables are the rows that speak of zones, which are few.
type zoneTables struct {
	mu     sync.Mutex
	byZone map[string]*land.ZoneRecords // of a code
	rows   int
	loose  map[string][]land.Approval   // without a boundary, by number
	named  map[int32]map[string][]int64 // numbers that parcels of a zone name, with some parcels' positions
}

func (z *zoneTables) add(record any) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.rows++; z.rows > maxZoneRows {
		return errTooMany
	}
	switch rec := record.(type) {
	case *land.Ranking:
		to := z.of(rec.Zone)
		to.Rankings = append(to.Rankings, *rec)
	case *land.ZoneAction:
		to := z.of(rec.Zone)
		to.Actions = append(to.Actions, *rec)
	}
	return nil
}

func (z *zoneTables) of(code string) *land.ZoneRecords {
	if z.byZone == nil {
		z.byZone = map[string]*land.ZoneRecords{}
	}
	if z.byZone[code] == nil {
		z.byZone[code] = &land.ZoneRecords{}
	}
	return z.byZone[code]
}

// drop takes duplicates out.
func (z *zoneTables) drop(t *tables) {
	for _, r := range z.byZone {
		r.Rankings = slices.DeleteFunc(r.Rankings, func(r land.Ranking) bool { return t.isDropped(ingest.LayerRankings, r.Source.Position) })
		r.Actions = slices.DeleteFunc(r.Actions, func(a land.ZoneAction) bool { return t.isDropped(ingest.LayerZoneActions, a.Source.Position) })
	}
	for no, list := range z.loose {
		z.loose[no] = slices.DeleteFunc(list, func(a land.Approval) bool { return t.isDropped(ingest.LayerApprovals, a.Source.Position) })
	}
}

// ApprovalWriter is a writer for one goroutine. Approvals come before parcels.
func (s *Spool) ApprovalWriter() (ingest.ApprovalWriter, error) {
	if s.tables.closed {
		return nil, fmt.Errorf("%w: %s", errOrder, ingest.LayerApprovals)
	}
	return &approvalWriter{spool: s, out: s.tables.approved.writer(), codec: newFieldCodec(land.ApprovalFields())}, nil
}

type approvalWriter struct {
	spool *Spool
	out   *runWriter
	codec *fieldCodec[land.Approval]
	buf   []byte
}

// Write keeps an approval in every zone that its boundary meets; one without a
// boundary waits for the parcels that name it.
func (w *approvalWriter) Write(row *ingest.ApprovalRow) error {
	if row.Geometry == nil {
		return w.spool.tables.zones.addLoose(row.Approval)
	}
	w.spool.keepShapes()
	for _, in := range row.In {
		group, ok := w.spool.number[in.Zone]
		if !ok {
			return fmt.Errorf("approval %s lies in zone %s, which is not in the zone layer", row.Approval.ID, in.Zone)
		}
		if group == noZone || land.Touches(in.Share, in.EllipsoidM2) {
			continue
		}
		w.buf = appendSource(w.buf[:0], row.Approval.Source)
		w.buf = w.codec.appendFields(w.buf, row.Approval)
		w.buf = appendText(w.buf, string(row.Approval.Extra))
		w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(in.Share))
		w.buf = binary.AppendVarint(w.buf, int64(in.EllipsoidM2))
		w.buf = appendShape(w.buf, row.Geometry)
		if err := w.out.add(group, row.Approval.Source.Position, w.buf); err != nil {
			return err
		}
	}
	return nil
}

// Close writes what is still gathered.
func (w *approvalWriter) Close() error { return w.out.close() }

// keepShapes keeps the parcels' outlines, which come later: what an approval
// leaves is found by overlay.
func (s *Spool) keepShapes() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shapes = true
}

func (z *zoneTables) addLoose(a *land.Approval) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.rows++; z.rows > maxZoneRows {
		return errTooMany
	}
	if z.loose == nil {
		z.loose, z.named = map[string][]land.Approval{}, map[int32]map[string][]int64{}
	}
	kept := *a
	kept.Extra = slices.Clone(a.Extra)
	z.loose[a.ApprovalNo] = append(z.loose[a.ApprovalNo], kept)
	return nil
}

// maxNaming is how many parcels of a zone are kept for a number: one that is no
// duplicate is enough.
const maxNaming = 64

// name notes that a part in a zone names an approval without a boundary.
func (z *zoneTables) name(s *Spool, row *ingest.ParcelRow) {
	no := row.Parcel.ApprovalNo
	if no == "" || len(z.loose[no]) == 0 {
		return
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, in := range row.In {
		group := s.number[in.Zone]
		if group == noZone || land.Touches(in.Share, in.EllipsoidM2) {
			continue
		}
		if z.named[group] == nil {
			z.named[group] = map[string][]int64{}
		}
		if list := z.named[group][no]; len(list) < maxNaming {
			z.named[group][no] = append(list, row.Parcel.Source.Position)
		}
	}
}

// ZoneRecords is what the tables say of a zone.
func (s *Spool) ZoneRecords(_ context.Context, zone land.ZoneKey) (*land.ZoneRecords, error) {
	group, ok := s.number[zone]
	if !ok {
		return nil, fmt.Errorf("zone %s is not in the zone layer", zone)
	}
	out := &land.ZoneRecords{}
	if group == noZone {
		return out, nil
	}
	if own := s.tables.zones.byZone[zone.Code]; own != nil {
		out.Rankings, out.Actions = slices.Clone(own.Rankings), slices.Clone(own.Actions)
	}
	err := s.eachApproved(group, func(a *land.ApprovedPart, _ orb.MultiPolygon) error {
		out.Approvals = append(out.Approvals, *a)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for no, positions := range s.tables.zones.named[group] {
		if !slices.ContainsFunc(positions, func(p int64) bool { return !s.isDropped(p) }) {
			continue
		}
		for _, a := range s.tables.zones.loose[no] {
			out.Approvals = append(out.Approvals, land.ApprovedPart{Approval: a, Share: 1})
		}
	}
	out.Sort()
	return out, nil
}

// eachApproved yields the approvals whose boundary meets a zone, in input order.
func (s *Spool) eachApproved(group int32, yield func(*land.ApprovedPart, orb.MultiPolygon) error) error {
	codec := newFieldCodec(land.ApprovalFields())
	return s.tables.approved.read([]int32{group}, func(_ int32, position int64, payload []byte) error {
		if s.tables.isDropped(ingest.LayerApprovals, position) {
			return nil
		}
		r := reader{b: payload, text: string(payload)}
		a := land.ApprovedPart{Located: true}
		a.Source = r.source()
		codec.readFields(&r, &a.Approval)
		if extra := r.string(); extra != "" {
			a.Extra = []byte(extra)
		}
		a.Share = math.Float64frombits(r.uint64())
		a.PartM2 = land.Fixed(r.varint())
		if r.bad {
			return fmt.Errorf("%w of an approval", errRecord)
		}
		shape, err := decodeShape(r.b)
		if err != nil {
			return err
		}
		return yield(&a, shape)
	})
}

// ApprovedShapes yields the boundaries of the approvals that meet a zone, whole.
func (s *Spool) ApprovedShapes(_ context.Context, zone land.ZoneKey, yield func(id string, shape orb.MultiPolygon) error) error {
	group, ok := s.number[zone]
	if !ok || group == noZone {
		return nil
	}
	return s.eachApproved(group, func(a *land.ApprovedPart, shape orb.MultiPolygon) error { return yield(a.ID, shape) })
}

// PartShapes yields the outlines of the wanted parcels that have a part in a
// zone, in input order. They are kept where an approval with a boundary was
// loaded, or for a report that draws them.
func (s *Spool) PartShapes(ctx context.Context, zone land.ZoneKey, want func(id string) bool, yield func(id string, shape orb.MultiPolygon) error) error {
	group, ok := s.number[zone]
	if !ok || !s.shapes {
		return nil
	}
	shapes, stop := iter.Pull2(s.shapesOf([]int32{group}))
	defer stop()
	codec := newPartCodec()
	var p land.Part
	return s.parts.read([]int32{group}, func(_ int32, position int64, payload []byte) error {
		if err := ctx.Err(); err != nil || position >= elsewhere {
			return err
		}
		shape, err, ok := shapes()
		if err != nil || !ok {
			return errors.Join(errRecord, err)
		}
		if s.isDropped(position) {
			return nil
		}
		if err := codec.decodePart(payload, &p); err != nil || !want(p.ID) {
			return err
		}
		return yield(p.ID, shape)
	})
}
