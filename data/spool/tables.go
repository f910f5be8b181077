package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"sort"
	"sync"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// The rows of tables that speak of parcels and contracts are spooled by a hash
// of what they name, and so are, where there are such rows, the parcels: once
// all is loaded each bucket is joined by itself, and the rows go to the zones of
// their parcels, in the order of parts. So memory is that of one bucket's rows.

// tables is what the spool keeps of them.
type tables struct {
	rows     *runs // by hash of the name: rows of tables
	firms    *runs // by hash of the firm's code: its rows
	owners   *runs // by hash of the name: where the parcel's parts stand
	byZone   *runs // by zone: rows, at the position of their part
	approved *runs // by zone: approvals with a boundary

	mu      sync.Mutex
	seed    maphash.Seed
	count   int64 // rows
	closed  bool  // parcels are being written: no rows any more
	dropped map[string][]int64
	zones   zoneTables
	missing []ingest.Unmatched
}

func (t *tables) files() []temporary {
	return []temporary{{&t.rows, "rows"}, {&t.firms, "firms"}, {&t.owners, "owners"}, {&t.byZone, "told"}, {&t.approved, "approved"}}
}

// errOrder says that a table came after the parcels.
var errOrder = errors.New("tables are loaded before parcels")

func (t *tables) drop(layer string, positions []int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dropped == nil {
		t.dropped = map[string][]int64{}
	}
	list := append(t.dropped[layer], positions...)
	slices.Sort(list)
	t.dropped[layer] = list
}

func (t *tables) isDropped(layer string, position int64) bool {
	_, found := slices.BinarySearch(t.dropped[layer], position)
	return found
}

// tableCodec writes and reads the rows of one table.
type tableCodec struct {
	layer  string
	append func(b []byte, record any) []byte
	// name is what a row speaks of, with a mark of its kind: p for a parcel, c for
	// a contract, z for a zone.
	name func(record any) string
	// read adds a row to the records of a part or zone.
	read func(r *reader, to *land.Records, zone *land.ZoneRecords)
}

// codecs are the codecs of all tables, in the order of ingest.Tables; a row
// begins with the number of its table.
func codecs() []tableCodec {
	return []tableCodec{
		codecOf(ingest.LayerPhases, land.Phases(), func(p *land.Phase) string { return "p" + p.Parcel },
			func(p land.Phase, r *land.Records, _ *land.ZoneRecords) { r.Phases = append(r.Phases, p) }),
		codecOf(ingest.LayerUses, land.Uses(), func(u *land.Use) string { return "p" + u.Parcel },
			func(u land.Use, r *land.Records, _ *land.ZoneRecords) { r.Uses = append(r.Uses, u) }),
		codecOf(ingest.LayerTerms, land.Terms(), func(t *land.Term) string { return "c" + t.ContractNo },
			func(t land.Term, r *land.Records, _ *land.ZoneRecords) { r.Terms = append(r.Terms, t) }),
		codecOf(ingest.LayerFirms, land.Firms(), func(f *land.Firm) string { return "p" + f.Parcel },
			func(f land.Firm, r *land.Records, _ *land.ZoneRecords) { r.Firms = append(r.Firms, f) }),
		codecOf(ingest.LayerEvents, land.Events(), func(e *land.Event) string { return "p" + e.Parcel },
			func(e land.Event, r *land.Records, _ *land.ZoneRecords) { r.Events = append(r.Events, e) }),
		codecOf(ingest.LayerRankings, land.Rankings(), func(r *land.Ranking) string { return "z" + r.Zone },
			func(r land.Ranking, _ *land.Records, z *land.ZoneRecords) { z.Rankings = append(z.Rankings, r) }),
		codecOf(ingest.LayerZoneActions, land.ZoneActions(), func(a *land.ZoneAction) string { return "z" + a.Zone },
			func(a land.ZoneAction, _ *land.Records, z *land.ZoneRecords) { z.Actions = append(z.Actions, a) }),
	}
}

func codecOf[T any](layer string, t land.RecordTable[T], name func(*T) string, add func(T, *land.Records, *land.ZoneRecords)) tableCodec {
	fields := newFieldCodec(t.Fields)
	return tableCodec{
		layer: layer,
		name:  func(record any) string { return name(record.(*T)) },
		append: func(b []byte, record any) []byte {
			rec := record.(*T)
			b = appendSource(b, *t.Source(rec))
			if t.Year != nil {
				b = binary.AppendVarint(b, int64(*t.Year(rec)))
			}
			if t.Zone != nil {
				b = appendText(b, *t.Zone(rec))
			}
			return fields.appendFields(b, rec)
		},
		read: func(r *reader, to *land.Records, zone *land.ZoneRecords) {
			var rec T
			*t.Source(&rec) = r.source()
			if t.Year != nil {
				*t.Year(&rec) = int(r.varint())
			}
			if t.Zone != nil {
				*t.Zone(&rec) = r.string()
			}
			fields.readFields(r, &rec)
			add(rec, to, zone)
		},
	}
}

func appendSource(b []byte, s land.Source) []byte {
	b = binary.AppendVarint(b, int64(s.File))
	b = binary.AppendVarint(b, s.Feature)
	return binary.AppendVarint(b, s.Position)
}

func (r *reader) source() land.Source {
	return land.Source{File: int32(r.varint()), Feature: r.varint(), Position: r.varint()}
}

// TableWriter is the writer for a table. Tables come before parcels.
func (s *Spool) TableWriter(layer string) (ingest.TableWriter, error) {
	if s.tables.closed {
		return nil, fmt.Errorf("%w: %s", errOrder, layer)
	}
	for i, c := range codecs() {
		if c.layer == layer {
			w := &tableWriter{tables: &s.tables, number: byte(i), codec: c, out: s.tables.rows.writer()}
			if layer == ingest.LayerFirms {
				w.firms = s.tables.firms.writer()
			}
			return w, nil
		}
	}
	return nil, fmt.Errorf("no table %q", layer)
}

type tableWriter struct {
	tables *tables
	number byte
	codec  tableCodec
	out    *runWriter
	firms  *runWriter // nil: it is another table
	buf    []byte
	n      int64
}

// Write spools a row by the name it speaks of.
func (w *tableWriter) Write(row *ingest.TableRow) error {
	name := w.codec.name(row.Record)
	if name[0] == 'z' {
		return w.tables.zones.add(row.Record)
	}
	w.n++
	w.buf = append(appendText(w.buf[:0], name), w.number)
	w.buf = w.codec.append(w.buf, row.Record)
	if f, is := row.Record.(*land.Firm); is && w.firms != nil {
		if err := w.firm(f); err != nil {
			return err
		}
	}
	return w.out.add(bucketOf(w.tables.seed, name), w.n, w.buf)
}

// Close writes what is still gathered.
func (w *tableWriter) Close() error {
	w.tables.mu.Lock()
	w.tables.count += w.n
	w.tables.mu.Unlock()
	if w.firms != nil {
		if err := w.firms.close(); err != nil {
			return err
		}
	}
	return w.out.close()
}

func bucketOf(seed maphash.Seed, name string) int32 {
	return int32(maphash.String(seed, name) % buckets)
}

// ownerWriter notes where the parts of a parcel stand. A nil one notes nothing.
type ownerWriter struct {
	out  *runWriter
	seed maphash.Seed
	buf  []byte
}

// owner is a writer for one goroutine, nil where no row speaks of a parcel. No
// table may come after it.
func (t *tables) owner() *ownerWriter {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.count == 0 {
		return nil
	}
	return &ownerWriter{out: t.owners.writer(), seed: t.seed}
}

func (w *ownerWriter) parcel(s *Spool, row *ingest.ParcelRow, position int64) error {
	if w == nil {
		return nil
	}
	for _, in := range row.In {
		if err := w.note(row.Parcel.ID, row.Parcel.ContractNo, s.number[in.Zone], position); err != nil {
			return err
		}
	}
	return nil
}

// note says that a part of a parcel stands in a zone, at a position.
func (w *ownerWriter) note(id, contract string, zone int32, position int64) error {
	if w == nil {
		return nil
	}
	for _, name := range [...]string{"p" + id, "c" + contract} {
		if name == "c" {
			continue
		}
		w.buf = binary.AppendVarint(appendText(w.buf[:0], name), int64(zone))
		if err := w.out.add(bucketOf(w.seed, name), position, w.buf); err != nil {
			return err
		}
	}
	return nil
}

func (w *ownerWriter) close() error {
	if w == nil {
		return nil
	}
	return w.out.close()
}

// partAt is where a part stands among those of its zone.
type partAt struct {
	zone     int32
	position int64
}

// join hands the rows to the zones of their parcels.
func (t *tables) join(s *Spool) error {
	t.zones.drop(t)
	if err := t.spreadFirms(); err != nil {
		return err
	}
	groups, err := t.rows.groups()
	if err != nil || len(groups) == 0 {
		return err
	}
	j := joining{tables: t, out: t.byZone.writer(), list: codecs(), missing: map[missingAt]*ingest.Unmatched{}}
	for _, bucket := range groups {
		if err := j.bucket(s, bucket); err != nil {
			return err
		}
	}
	for _, m := range j.missing {
		t.missing = append(t.missing, *m)
	}
	sort.Slice(t.missing, func(a, b int) bool {
		x, y := &t.missing[a], &t.missing[b]
		return x.Layer < y.Layer || x.Layer == y.Layer && x.File < y.File
	})
	return j.out.close()
}

type missingAt struct {
	layer string
	file  int32
}

type joining struct {
	*tables
	out     *runWriter
	list    []tableCodec
	missing map[missingAt]*ingest.Unmatched
}

// bucket joins the rows of one bucket with the parts of their parcels.
func (j *joining) bucket(s *Spool, bucket int32) error {
	at := map[string][]partAt{}
	err := j.eachRow(bucket, func(name string, _ []byte) error {
		at[name] = nil
		return nil
	})
	if err != nil {
		return err
	}
	err = j.owners.read([]int32{bucket}, func(_ int32, position int64, payload []byte) error {
		r := reader{b: payload, text: string(payload)}
		name, zone := r.string(), int32(r.varint())
		if r.bad || len(r.b) != 0 {
			return fmt.Errorf("%w of a parcel's place", errRecord)
		}
		if list, wanted := at[name]; wanted && !s.isDropped(position&^elsewhere) {
			at[name] = append(list, partAt{zone, position})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return j.eachRow(bucket, func(name string, row []byte) error { return j.hand(name, row, at[name]) })
}

// eachRow yields the rows of a bucket with the name they speak of; a row is the
// number of its table and its record.
func (j *joining) eachRow(bucket int32, yield func(name string, row []byte) error) error {
	return j.rows.read([]int32{bucket}, func(_ int32, _ int64, payload []byte) error {
		r := reader{b: payload, text: string(payload)}
		name := r.string()
		if r.bad || len(r.b) == 0 || int(r.b[0]&^elsewhereRow) >= len(j.list) {
			return fmt.Errorf("%w of a table's row", errRecord)
		}
		return yield(name, r.b)
	})
}

// hand gives a row to every part of its parcel.
func (j *joining) hand(name string, row []byte, to []partAt) error {
	r := reader{b: row[1:]}
	copied := row[0]&elsewhereRow != 0
	row[0] &^= elsewhereRow
	source, layer := r.source(), j.list[row[0]].layer
	if j.isDropped(layer, source.Position) {
		return nil
	}
	if len(to) == 0 && !copied {
		j.miss(layer, name[1:], source)
	}
	for _, at := range to {
		if err := j.out.add(at.zone, at.position, row); err != nil {
			return err
		}
	}
	return nil
}

func (j *joining) miss(layer, name string, at land.Source) {
	key := missingAt{layer, at.File}
	m := j.missing[key]
	if m == nil {
		m = &ingest.Unmatched{Layer: layer, File: int(at.File), Name: name, Feature: at.Feature}
		j.missing[key] = m
	}
	m.Rows++
	if at.Feature < m.Feature {
		m.Name, m.Feature = name, at.Feature
	}
}

// Unmatched says which rows name a parcel or contract that isn't there; it is
// known once Loaded has returned.
func (s *Spool) Unmatched() []ingest.Unmatched { return s.tables.missing }

// teller tells the records of the parts of one zone, asked in their order.
type teller struct {
	m    *cursors
	list []tableCodec
}

// told opens the records of a zone; nil where there are none.
func (t *tables) told(group int32) (*teller, error) {
	if t.count == 0 {
		return nil, nil
	}
	m, err := t.byZone.merge([]int32{group})
	if err != nil || m.Len() == 0 {
		return nil, err
	}
	return &teller{m, codecs()}, nil
}

// of are the records of the part at a position, nil where there are none.
func (t *teller) of(position int64) (*land.Records, error) {
	if t == nil {
		return nil, nil
	}
	var out *land.Records
	for t.m.Len() > 0 && t.m.list[0].position <= position {
		if c := t.m.list[0]; c.position == position {
			if out == nil {
				out = &land.Records{}
			}
			if err := decodeRow(t.list, c.payload, out, nil); err != nil {
				return nil, err
			}
		}
		if err := t.m.advance(); err != nil {
			return nil, err
		}
	}
	if out != nil {
		out.Sort()
	}
	return out, nil
}

func decodeRow(list []tableCodec, row []byte, to *land.Records, zone *land.ZoneRecords) error {
	r := reader{b: row, text: string(row)}
	number := int(r.byte())
	if number >= len(list) {
		return fmt.Errorf("%w of a table's row", errRecord)
	}
	list[number].read(&r, to, zone)
	if r.bad || len(r.b) != 0 {
		return fmt.Errorf("%w of a table's row", errRecord)
	}
	return nil
}
