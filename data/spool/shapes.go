package spool

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"sync/atomic"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/geo/topology"
)

// Shapes is a sink that hands everything on to another and keeps the outlines
// of zones, parcels and buildings in a temporary file, in the order of their
// western ends, for the topology report.
type Shapes struct {
	ingest.Sink
	dir     string
	runs    *runs
	dropped map[string]map[int64]bool // of duplicates, by layer and position
	zones   bool                      // there are some
	parcels atomic.Bool
}

// OpenShapes puts shapes before a sink. dir is the folder for the temporary
// file; "" is the system's.
func OpenShapes(dir string, under ingest.Sink) (*Shapes, error) {
	dir, err := os.MkdirTemp(dir, "muscope-topology-*")
	if err != nil {
		return nil, fmt.Errorf("make a folder for temporary files: %w; name another with TMPDIR", err)
	}
	r, err := createRuns(dir, "outlines")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Shapes{Sink: under, dir: dir, runs: r, dropped: map[string]map[int64]bool{}}, nil
}

// Close removes the temporary file. The other sink is its owner's to close.
func (s *Shapes) Close() error { return errors.Join(s.runs.close(), os.RemoveAll(s.dir)) }

// WriteZones keeps the zones and hands them on.
func (s *Shapes) WriteZones(ctx context.Context, rows []ingest.ZoneRow) error {
	if err := s.KnowZones(rows); err != nil {
		return err
	}
	return s.Sink.WriteZones(ctx, rows)
}

// KnowZones keeps zones that were loaded before. Gaps are looked for in zones
// that are no part of another.
func (s *Shapes) KnowZones(rows []ingest.ZoneRow) error {
	s.zones = s.zones || len(rows) > 0
	w := shapeWriter{out: s.runs.writer()}
	for _, row := range rows {
		ref := topology.Ref{Kind: topology.Zone, ID: row.Zone.Key().String(), File: row.Zone.Source.File, Feature: row.Zone.Source.Feature}
		if err := w.add(&topology.Shape{Ref: ref, Gaps: row.Zone.PartOf == "", MP: row.Geometry}, row.Zone.Source.Position); err != nil {
			return err
		}
	}
	return w.out.close()
}

// ParcelWriter is a writer for one goroutine.
func (s *Shapes) ParcelWriter() (ingest.ParcelWriter, error) {
	s.parcels.Store(true)
	under, err := s.Sink.ParcelWriter()
	return &shapedParcels{under, shapeWriter{out: s.runs.writer()}}, err
}

// BuildingWriter is a writer for one goroutine.
func (s *Shapes) BuildingWriter() (ingest.BuildingWriter, error) {
	under, err := s.Sink.BuildingWriter()
	return &shapedBuildings{under, shapeWriter{out: s.runs.writer()}}, err
}

// Drop takes out again what turned out to be a duplicate.
func (s *Shapes) Drop(ctx context.Context, layer string, positions []int64) error {
	of := s.dropped[layer]
	if of == nil {
		of = map[int64]bool{}
		s.dropped[layer] = of
	}
	for _, p := range positions {
		of[p] = true
	}
	return s.Sink.Drop(ctx, layer, positions)
}

// KnowParcel keeps a parcel that was loaded before, for a load of buildings.
func (s *Shapes) KnowParcel(w *ShapeWriter, p *land.Parcel, mp orb.MultiPolygon) error {
	s.parcels.Store(true)
	return w.add(parcelShape(p, mp), p.Source.Position)
}

// ShapeWriter keeps shapes for one goroutine.
type ShapeWriter struct{ shapeWriter }

// Writer gives a writer for KnowParcel, to be closed before Check.
func (s *Shapes) Writer() *ShapeWriter { return &ShapeWriter{shapeWriter{out: s.runs.writer()}} }

// Close writes what is still gathered.
func (w *ShapeWriter) Close() error { return w.out.close() }

func parcelShape(p *land.Parcel, mp orb.MultiPolygon) *topology.Shape {
	return &topology.Shape{Ref: topology.Ref{Kind: topology.Parcel, ID: p.ID, File: p.Source.File, Feature: p.Source.Feature},
		Level: string(p.RightLayer), MP: mp}
}

type shapedParcels struct {
	ingest.ParcelWriter
	shapeWriter
}

// Write keeps the outline of a parcel and hands it on.
func (w *shapedParcels) Write(row *ingest.ParcelRow) error {
	if err := w.add(parcelShape(row.Parcel, row.Geometry), row.Parcel.Source.Position); err != nil {
		return err
	}
	return w.ParcelWriter.Write(row)
}

// Close ends both writers.
func (w *shapedParcels) Close() error { return errors.Join(w.out.close(), w.ParcelWriter.Close()) }

type shapedBuildings struct {
	ingest.BuildingWriter
	shapeWriter
}

// Write keeps the outline of a building and hands it on.
func (w *shapedBuildings) Write(row *ingest.BuildingRow) error {
	b := row.Building
	ref := topology.Ref{Kind: topology.Building, ID: b.ID, File: b.Source.File, Feature: b.Source.Feature}
	if err := w.add(&topology.Shape{Ref: ref, MP: row.Geometry}, b.Source.Position); err != nil {
		return err
	}
	return w.BuildingWriter.Write(row)
}

// Close ends both writers.
func (w *shapedBuildings) Close() error { return errors.Join(w.out.close(), w.BuildingWriter.Close()) }

type shapeWriter struct {
	out *runWriter
	buf []byte
}

func (w *shapeWriter) add(s *topology.Shape, position int64) error {
	if len(s.MP) == 0 {
		return nil
	}
	b := append(w.buf[:0], byte(s.Kind), boolByte(s.Gaps))
	b = binary.AppendVarint(b, position)
	b = binary.AppendVarint(b, int64(s.File))
	b = binary.AppendVarint(b, s.Feature)
	b = appendText(b, s.Level)
	b = appendText(b, s.ID)
	w.buf = appendShape(b, s.MP)
	return w.out.add(0, ascending(s.MP.Bound().Min[0]), w.buf)
}

// ascending gives numbers that are in the order of the floats.
func ascending(v float64) int64 {
	n := int64(math.Float64bits(v))
	if n < 0 {
		n ^= math.MaxInt64
	}
	return n
}

func decodeShaped(payload []byte) (s *topology.Shape, position int64, err error) {
	r := reader{b: payload}
	s = &topology.Shape{}
	s.Kind, s.Gaps = topology.Kind(r.byte()), r.byte() != 0
	position = r.varint()
	s.File, s.Feature = int32(r.varint()), r.varint()
	s.Level, s.ID = string(r.take(int(r.uvarint()))), string(r.take(int(r.uvarint())))
	if r.bad {
		return nil, 0, fmt.Errorf("%w of an outline", errRecord)
	}
	s.MP, err = decodeShape(r.b)
	return s, position, err
}

// layerOfKind is the layer that shapes of a kind come from.
func layerOfKind(k topology.Kind) string {
	switch k {
	case topology.Zone:
		return ingest.LayerZones
	case topology.Building:
		return ingest.LayerBuildings
	}
	return ingest.LayerParcels
}

// Check gives everything that is wrong between the shapes to yield, in an
// order that depends on the shapes alone. All writers must be closed.
func (s *Shapes) Check(ctx context.Context, tol topology.Tolerance, yield func(*topology.Finding) error) error {
	c, err := topology.NewChecker(tol, topology.Have{Zones: s.zones, Parcels: s.parcels.Load()}, yield)
	if err != nil {
		return err
	}
	var level []placed // shapes of one western end
	flush := func() error {
		slices.SortFunc(level, func(a, b placed) int {
			return cmp.Or(cmp.Compare(a.shape.Kind, b.shape.Kind), cmp.Compare(a.position, b.position))
		})
		for _, p := range level {
			if err := errors.Join(ctx.Err(), c.Add(p.shape)); err != nil {
				return err
			}
		}
		level = level[:0]
		return nil
	}
	west := int64(math.MinInt64)
	err = s.runs.read([]int32{0}, func(_ int32, at int64, payload []byte) error {
		shape, position, err := decodeShaped(payload)
		if err != nil || s.dropped[layerOfKind(shape.Kind)][position] {
			return err
		}
		if at != west {
			if err := flush(); err != nil {
				return err
			}
			west = at
		}
		level = append(level, placed{shape, position})
		return nil
	})
	if err != nil {
		return err
	}
	if err := flush(); err != nil {
		return err
	}
	return c.Close()
}

type placed struct {
	shape    *topology.Shape
	position int64
}
