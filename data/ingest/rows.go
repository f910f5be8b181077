package ingest

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// keySeparator parts the fields of a row's key; no key field holds it.
const keySeparator = "\x1f"

// rowLayer is what reading a table has to know of its rows.
type rowLayer[T any] struct {
	fields []land.Field[T]
	must   []string                           // text fields without which a row speaks of nothing
	source func(*T) *land.Source              // nil: rows don't know their place
	year   func(*T) (text *string, year *int) // nil: rows have no year
	zone   func(*T) string                    // nil: rows name no zone
	key    func(*T) []string                  // names a row
	record func(*T) any                       // as TableRow wants it
}

// rowLoad reads the tables of one layer. It is for one goroutine.
type rowLoad[T any] struct {
	*load
	layer rowLayer[T]
	read  *recordReader[T]
	keep  func(key string, position int64, rec *T) error

	rec      T
	rep      *report
	position int64 // before the first row of the file
	line     int64
	id       string
}

// newRows readies the reading of a layer's tables; keep is given each row that
// is sound, with its key, valid during the call.
func newRows[T any](ctx context.Context, j *job, layer rowLayer[T], keep func(key string, position int64, rec *T) error) (*rowLoad[T], error) {
	l := newLoad(j)
	if err := l.start(ctx); err != nil {
		return nil, err
	}
	l.rows = true
	read, err := newRecordReader(layer.fields, j.fields, j.words)
	if err != nil {
		return nil, err
	}
	r := &rowLoad[T]{load: l, layer: layer, read: read, keep: keep, position: j.After.Position}
	r.read.warn = r.warn
	return r, nil
}

// all reads the files, then has the rows dropped that occurred before.
func (r *rowLoad[T]) all(ctx context.Context, drop func(ctx context.Context, positions []int64) error) error {
	r.ids = newIDSet(r.TempDir)
	err := r.files(ctx)
	if err == nil {
		err = r.dropRepeated(ctx, drop)
	}
	if err = errors.Join(err, r.ids.close()); err != nil {
		return err
	}
	return r.nothing()
}

func (r *rowLoad[T]) files(ctx context.Context) error {
	for i := range r.Files {
		if err := r.file(ctx, i); err != nil {
			return err
		}
	}
	return r.tooMany()
}

func (r *rowLoad[T]) file(ctx context.Context, i int) error {
	f := r.Files[i]
	t, err := openTable(f)
	if err != nil {
		return r.tableError(f.Name, 0, err)
	}
	r.result.Inputs[i].SHA256 = t.sum
	r.bases[i] = r.position
	r.rep, r.line = newReport(i), 0
	err = r.table(ctx, t)
	r.position += r.line
	return errors.Join(err, t.close())
}

// rowsAtOnce is how many rows are reported at a time.
const rowsAtOnce = 1000

func (r *rowLoad[T]) table(ctx context.Context, t *table) error {
	for {
		cells, line, err := t.next()
		if errors.Is(err, io.EOF) {
			return r.take(r.rep)
		}
		if err != nil {
			return r.tableError(r.Files[r.rep.file].Name, line, err)
		}
		r.line = line
		if err := r.row(t, cells); err != nil {
			return err
		}
		if r.rep.features < rowsAtOnce {
			continue
		}
		if err := errors.Join(ctx.Err(), r.take(r.rep)); err != nil {
			return err
		}
		r.rep = newReport(r.rep.file)
	}
}

// row reads one row; its error is one of the sink.
func (r *rowLoad[T]) row(t *table, cells []string) error {
	r.rep.features++
	r.id = ""
	if t.tooWide(cells) {
		r.reject(r.refusal("table.row_too_wide", "", len(cells), len(t.header)))
		return nil
	}
	var zero T
	r.rec = zero
	said := len(r.rep.rejects)
	r.read.begin()
	for i, name := range t.header {
		if i < len(cells) && name != "" {
			p := cell(name, cells[i])
			r.read.property(&p)
		}
	}
	r.read.finish(&r.rec)
	bad := r.check()
	key := strings.Join(r.layer.key(&r.rec), keySeparator)
	r.id = r.nameOf(key)
	for i := range r.rep.rejects[said:] { // said before the key was settled
		r.rep.rejects[said+i].ID = r.id
	}
	if bad != nil {
		r.reject(bad)
		return nil
	}
	position := r.position + r.line
	if r.layer.source != nil {
		*r.layer.source(&r.rec) = land.Source{File: r.After.File + int32(r.rep.file), Feature: r.line, Position: position}
	}
	if r.layer.zone != nil && r.KnownZones != nil && !r.KnownZones[r.layer.zone(&r.rec)] {
		r.warn("row.unknown_zone", "zone", r.layer.zone(&r.rec))
	}
	r.rep.loaded++
	r.rep.ids.add(key, position)
	return r.keep(key, position, &r.rec)
}

// nameOf is a key as messages show it.
func (l *load) nameOf(key string) string {
	if !l.rows {
		return key
	}
	parts := strings.Split(key, keySeparator)
	if l.layer == LayerEvents {
		parts = parts[:len(parts)-1] // the digest
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" || p == "0" }), " / ")
}

// check says why a row speaks of nothing, and reads its year.
func (r *rowLoad[T]) check() *refusal {
	for _, name := range r.layer.must {
		f, ok := land.FieldNamed(r.layer.fields, name)
		if ok && *f.Str(&r.rec) == "" {
			return r.refusal("row.key_missing", name, name)
		}
		if ok && len(*f.Str(&r.rec)) > maxIDBytes {
			return r.refusal("id.too_long", name, len(*f.Str(&r.rec)), maxIDBytes)
		}
	}
	if r.layer.year == nil {
		return nil
	}
	text, year := r.layer.year(&r.rec)
	y, ok := yearOf(*text)
	if !ok {
		return r.refusal("row.year", "year", shown([]byte(*text)))
	}
	*year = y
	return nil
}

// yearOf reads 2024, 2024年 and 2024.0.
func yearOf(text string) (int, bool) {
	text = strings.TrimSuffix(strings.TrimSuffix(text, "年"), ".0")
	y, err := strconv.Atoi(text)
	return y, err == nil && y >= 1949 && y <= 2200
}

func (r *rowLoad[T]) reject(why *refusal) {
	r.rep.rejected++
	r.note(land.SeverityReject, why)
}

func (r *rowLoad[T]) warn(code, field string, args ...any) {
	if code == noteBlankDate {
		r.rep.counts[code]++
		return
	}
	r.rep.warnings++
	r.note(land.SeverityWarning, r.refusal(code, field, args...))
}

func (r *rowLoad[T]) note(severity land.Severity, why *refusal) {
	r.rep.counts[why.code]++
	r.rep.rejects = append(r.rep.rejects, land.Reject{Severity: severity, Layer: r.job.layer,
		File: r.Files[r.rep.file].Name, Feature: r.line, ID: r.id, Field: why.field,
		Code: why.code, Reason: why.reason, Remedy: why.remedy})
}

// tableError names the file in a fault of a table.
func (l *load) tableError(name string, line int64, err error) error {
	var bad *errTable
	if !errors.As(err, &bad) {
		return err
	}
	e := l.refuse(bad.code, bad.err, bad.args...)
	e.File, e.Feature = name, line
	return e
}
