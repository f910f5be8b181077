// Package spool keeps an analysis in bounded temporary files: the sink that
// `muscope check` loads into, the source that the analysis reads zone by zone,
// and the source that a report is written from. It owns the temporary files
// and their format; it knows no formula, no rule and no database. The files
// vanish with Close, and with the process.
package spool

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"math"
	"os"
	"slices"
	"sync"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/paulmach/orb"
)

// Spool is one analysis in temporary files. Load into it (it is an
// ingest.Sink), call Loaded, analyze it (it is an analysis.Source and Sink),
// call Analyzed, and write reports from it (it is a report.Source).
type Spool struct {
	dir     string
	shapes  bool
	records bool

	parts    *runs // by zone: land.Part
	outline  *runs // by zone: the parcel's geometry, where shapes are kept
	results  *runs // by zone: land.PartResult
	verdict  *runs // one group: land.ZoneResult by zone number
	project  *runs // by hash of the project number: the members' parts
	contract *runs // by hash of the contract number: hash and home zone
	seed     maphash.Seed
	rejects  *runs // one group: land.Reject in order of arrival
	barriers *runs // one group: constraints, where shapes are kept
	tables   tables

	zones    []land.Zone // key order
	outlines []orb.MultiPolygon
	number   map[land.ZoneKey]int32
	stats    []land.Stats

	mu       sync.Mutex
	dropped  []int64 // sorted positions of parcels taken out again
	lifted   []int64 // and of constraints
	idle     []*resultWriter
	zoneOut  *runWriter
	rejected *runWriter
	nReject  int64
	sets     []land.SetResult
	header   land.Header
}

// Options say where a spool lives and what it keeps.
type Options struct {
	// Dir is the folder for temporary files; "" is the system's.
	Dir string
	// Shapes keeps the parcels' geometries for reports that draw them.
	Shapes bool
	// Records keeps results as the records that report.Written gives; facts are
	// then not read with them (Rows).
	Records bool
}

// noZone is the group of land in no zone.
const noZone int32 = -1

// Open makes the temporary files in a folder of their own.
func Open(opt Options) (*Spool, error) {
	dir, err := os.MkdirTemp(opt.Dir, "muscope-check-*")
	if err != nil {
		return nil, fmt.Errorf("make a folder for temporary files: %w; name another with TMPDIR", err)
	}
	s := &Spool{dir: dir, shapes: opt.Shapes, records: opt.Records, number: map[land.ZoneKey]int32{{}: noZone}, seed: maphash.MakeSeed()}
	s.tables.seed = s.seed
	for _, f := range append([]temporary{{&s.parts, "parts"}, {&s.outline, "outlines"}, {&s.results, "results"}, {&s.verdict, "zones"},
		{&s.project, "projects"}, {&s.contract, "contracts"}, {&s.rejects, "rejects"}, {&s.barriers, "constraints"}}, s.tables.files()...) {
		if *f.runs, err = createRuns(dir, f.name); err != nil {
			os.RemoveAll(dir)
			return nil, err
		}
	}
	s.zoneOut, s.rejected = s.verdict.writer(), s.rejects.writer()
	return s, nil
}

// temporary is a temporary file to be made.
type temporary struct {
	runs **runs
	name string
}

// all are the temporary files.
func (s *Spool) all() []*runs {
	list := []*runs{s.parts, s.outline, s.results, s.verdict, s.project, s.contract, s.rejects, s.barriers}
	for _, f := range s.tables.files() {
		list = append(list, *f.runs)
	}
	return list
}

// Close removes the temporary files.
func (s *Spool) Close() error {
	for _, r := range s.all() {
		r.close()
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove the temporary files: %w", err)
	}
	return nil
}

// Bytes is the temporary disk in use.
func (s *Spool) Bytes() int64 {
	var n int64
	for _, r := range s.all() {
		n += r.size()
	}
	return n
}

// WriteZones takes the zone layer, in key order.
func (s *Spool) WriteZones(_ context.Context, rows []ingest.ZoneRow) error {
	for _, row := range rows {
		s.number[row.Zone.Key()] = int32(len(s.zones))
		s.zones = append(s.zones, *row.Zone)
		s.outlines = append(s.outlines, row.Geometry)
	}
	return nil
}

// WriteStats takes the yearly statistics.
func (s *Spool) WriteStats(_ context.Context, rows []land.Stats) error {
	s.stats = append(s.stats, rows...)
	return nil
}

// Drop takes out again what turned out to be a duplicate.
func (s *Spool) Drop(_ context.Context, layer string, positions []int64) error {
	if layer != ingest.LayerParcels {
		s.tables.drop(layer, positions)
		return nil
	}
	s.dropped = append(s.dropped, positions...)
	slices.Sort(s.dropped)
	return nil
}

// ParcelWriter is a writer for one goroutine.
func (s *Spool) ParcelWriter() (ingest.ParcelWriter, error) {
	return &parcelWriter{spool: s, codec: newPartCodec(), parts: s.parts.writer(),
		outlines: s.outline.writer(), projects: s.project.writer(), contracts: s.contract.writer(), owners: s.tables.owner()}, nil
}

type parcelWriter struct {
	spool     *Spool
	codec     *partCodec
	parts     *runWriter
	outlines  *runWriter
	projects  *runWriter
	contracts *runWriter
	owners    *ownerWriter // nil: no table speaks of parcels
	part      land.Part
	buf       []byte
	shape     []byte
}

// Write spools one parcel: a part for every zone it lies in.
func (w *parcelWriter) Write(row *ingest.ParcelRow) error {
	w.part.Parcel = *row.Parcel
	position := row.Parcel.Source.Position
	if w.spool.shapes {
		w.shape = appendShape(w.shape[:0], row.Geometry)
	}
	for _, in := range row.In {
		group, ok := w.spool.number[in.Zone]
		if !ok {
			return fmt.Errorf("parcel %s lies in zone %s, which is not in the zone layer", row.Parcel.ID, in.Zone)
		}
		w.part.In, w.part.Share, w.part.SetShare = in.Zone, in.Share, in.SetShare
		w.part.PartEllipsoidM2, w.part.Home = in.EllipsoidM2, in.Home
		w.buf = w.codec.appendPart(w.buf[:0], &w.part)
		if err := w.parts.add(group, position, w.buf); err != nil {
			return err
		}
		if w.spool.shapes {
			if err := w.outlines.add(group, position, w.shape); err != nil {
				return err
			}
		}
	}
	w.spool.tables.zones.name(w.spool, row)
	if err := w.owners.parcel(w.spool, row, position); err != nil {
		return err
	}
	if row.Parcel.ContractNo != "" {
		if err := w.addContract(row, position); err != nil {
			return err
		}
	}
	if row.Parcel.ProjectNo == "" {
		return nil
	}
	return w.addMember(row, position)
}

// Close writes what is still gathered.
func (w *parcelWriter) Close() error {
	for _, r := range []*runWriter{w.parts, w.outlines, w.projects, w.contracts} {
		if err := r.close(); err != nil {
			return err
		}
	}
	return w.owners.close()
}

// appendShape writes a geometry losslessly: counts and raw coordinates.
func appendShape(b []byte, mp orb.MultiPolygon) []byte {
	put := func(v uint32) { b = append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24)) }
	put(uint32(len(mp)))
	for _, poly := range mp {
		put(uint32(len(poly)))
		for _, ring := range poly {
			put(uint32(len(ring)))
			for _, p := range ring {
				for _, v := range p {
					bits := math.Float64bits(v)
					put(uint32(bits))
					put(uint32(bits >> 32))
				}
			}
		}
	}
	return b
}

func decodeShape(payload []byte) (orb.MultiPolygon, error) {
	r := reader{b: payload}
	mp := make(orb.MultiPolygon, r.count(4))
	for i := range mp {
		mp[i] = make(orb.Polygon, r.count(4))
		for j := range mp[i] {
			mp[i][j] = make(orb.Ring, r.count(16))
			for k := range mp[i][j] {
				mp[i][j][k] = orb.Point{math.Float64frombits(r.uint64()), math.Float64frombits(r.uint64())}
			}
		}
	}
	if r.bad || len(r.b) != 0 {
		return nil, fmt.Errorf("%w of a geometry", errRecord)
	}
	return mp, nil
}

// count reads a count of things of at least size bytes each, and refuses one
// that the record can't hold.
func (r *reader) count(size int) int {
	b := r.take(4)
	if len(b) < 4 {
		return 0
	}
	n := int(b[0]) | int(b[1])<<8 | int(b[2])<<16 | int(b[3])<<24
	if n > len(r.b)/size {
		r.bad = true
		return 0
	}
	return n
}

// BuildingWriter keeps nothing: buildings never fill a parcel's blank figure,
// so that a Result has only their counts.
func (s *Spool) BuildingWriter() (ingest.BuildingWriter, error) {
	return ingest.Discard{}.BuildingWriter()
}

// Reject keeps one line of the load report, in order of arrival.
func (s *Spool) Reject(r *land.Reject) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	blob, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep a reject: %w", err)
	}
	s.nReject++
	return s.rejected.add(0, s.nReject, blob)
}

// SetHeader says what is analyzed; reports open with it.
func (s *Spool) SetHeader(h land.Header) { s.header = h }
