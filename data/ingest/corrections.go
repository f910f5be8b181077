package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo/geojson"
)

// Corrections are what somebody found out about single records, as a table:
// layer, id, field, old, new, reason, document. They are applied while a layer
// is read, each only where the field still has its old value.
type Corrections struct {
	// File and SHA256 are of the table; the digest is a setting of the load.
	File, SHA256 string
	// Rows is how many there are.
	Rows int
	by   map[string]map[string][]*correction // layer → id
}

type correction struct {
	line                                  int64
	field, old, new, reason, document, id string
	told                                  atomic.Bool // applied, or why it wasn't
}

const (
	// mostCorrections bounds a table that is held in memory; more than that is a
	// new delivery of the layer.
	mostCorrections = 200_000
	// correctionsKey is where a record keeps what it was before, among its
	// unmapped properties.
	correctionsKey = "muscope_corrections"
)

// CorrectableLayers are the layers whose records have an id of their own.
func CorrectableLayers() []string {
	return []string{LayerZones, LayerParcels, LayerBuildings, LayerConstraints, LayerApprovals}
}

// ReadCorrections reads a CSV or XLSX table of corrections. A table that can't
// be read, without the columns it needs, with a layer that takes none, or with
// too many rows is refused (RefusedError).
func ReadCorrections(f File, opt Options) (*Corrections, error) {
	opt.Map, opt.CRS, opt.Corrections = &Map{}, "", nil
	j, err := newJob("corrections", opt)
	if err != nil {
		return nil, err
	}
	l := newLoad(j)
	t, err := openTable(f)
	if err != nil {
		return nil, l.tableError(f.Name, 0, err)
	}
	c := &Corrections{File: f.Name, SHA256: t.sum, by: map[string]map[string][]*correction{}}
	return c, errors.Join(c.read(l, t), t.close())
}

func (c *Corrections) read(l *load, t *table) error {
	columns := map[string]int{}
	for i, name := range t.header {
		columns[strings.TrimSpace(name)] = i
	}
	for _, name := range []string{"layer", "id", "field", "old", "new"} {
		if _, ok := columns[name]; !ok {
			return c.refuse(l, 1, "correction.column", name)
		}
	}
	for {
		cells, line, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return l.tableError(c.File, line, err)
		}
		of := func(name string) string {
			if i, ok := columns[name]; ok && i < len(cells) {
				return strings.TrimSpace(cells[i])
			}
			return ""
		}
		layer, id := of("layer"), of("id")
		if !slices.Contains(CorrectableLayers(), layer) {
			return c.refuse(l, line, "correction.layer", shown([]byte(layer)), strings.Join(CorrectableLayers(), ", "))
		}
		if c.Rows++; c.Rows > mostCorrections {
			return c.refuse(l, line, "correction.too_many", mostCorrections)
		}
		if c.by[layer] == nil {
			c.by[layer] = map[string][]*correction{}
		}
		c.by[layer][id] = append(c.by[layer][id], &correction{line: line, id: id, field: of("field"), old: of("old"), new: of("new"),
			reason: of("reason"), document: of("document")})
	}
}

func (c *Corrections) refuse(l *load, line int64, code string, args ...any) error {
	e := l.refuse(code, nil, args...)
	e.File, e.Feature = c.File, line
	return e
}

// of gives the corrections of a layer by id; none on a nil receiver.
func (c *Corrections) of(layer string) map[string][]*correction {
	if c == nil {
		return nil
	}
	return c.by[layer]
}

// corrector applies corrections to the records of one goroutine.
type corrector[T any] struct {
	w    *recordWorker[T]
	by   map[string][]*correction
	read *recordReader[T] // reads values in the contract's own words and units
	bad  string           // the last code that read warned of
}

func newCorrector[T any](w *recordWorker[T]) (*corrector[T], error) {
	c := &corrector[T]{w: w, by: w.job.Corrections.of(w.job.layer)}
	if len(c.by) == 0 {
		return nil, nil
	}
	var err error
	if c.read, err = newRecordReader(w.layer.fields, &Map{}, w.job.words); err != nil {
		return nil, err
	}
	c.read.warn = func(code, _ string, _ ...any) { c.bad = code }
	return c, nil
}

// apply corrects a record that is read whole. What was before stays with it.
func (c *corrector[T]) apply(rec *T) {
	if c == nil {
		return
	}
	var kept []json.RawMessage
	for _, x := range c.by[c.w.id] {
		if c.one(rec, x) {
			b, err := json.Marshal(map[string]string{"field": x.field, "old": x.old, "new": x.new, "reason": x.reason, "document": x.document})
			if err == nil { // strings alone: it can't fail
				kept = append(kept, b)
			}
		}
	}
	if len(kept) == 0 {
		return
	}
	b, err := json.Marshal(kept)
	if err != nil {
		return
	}
	extra := c.w.layer.extra(rec)
	out := append([]byte{'{'}, '"')
	if n := len(*extra); n > 0 {
		out = append(append([]byte{}, (*extra)[:n-1]...), ',', '"')
	}
	*extra = append(append(append(out, correctionsKey+`":`...), b...), '}')
}

// one applies one correction, or says why not.
func (c *corrector[T]) one(rec *T, x *correction) bool {
	x.told.Store(true)
	f, ok := land.FieldNamed(c.w.layer.fields, x.field)
	switch {
	case !ok:
		c.w.warn("correction.unknown_field", x.field, c.source(x), shown([]byte(x.field)))
		return false
	case x.field == c.w.layer.idName || x.field == "boundary_scope":
		c.w.warn("correction.key", x.field, c.source(x))
		return false
	}
	old, okOld := c.value(x.field, x.old)
	to, okNew := c.value(x.field, x.new)
	if !okNew {
		c.w.warn("correction.bad_value", x.field, c.source(x), shown([]byte(x.new)))
		return false
	}
	if has := fieldText(f, rec); !okOld || fieldText(f, &old) != has {
		c.w.warn("correction.old_differs", x.field, c.source(x), shown([]byte(x.old)), shown([]byte(has)))
		return false
	}
	copyField(f, rec, &to)
	delete(c.w.read.faulted, x.field)
	c.w.warn("correction.applied", x.field, c.source(x), shown([]byte(x.old)), shown([]byte(x.new)), shown([]byte(x.reason)), shown([]byte(x.document)))
	return true
}

// value reads one value of a field; a blank one is unknown.
func (c *corrector[T]) value(field, text string) (rec T, ok bool) {
	c.bad = ""
	c.read.begin()
	c.read.property(&geojson.Property{Key: field, KeyID: -1, Kind: geojson.KindString, Raw: []byte(text)})
	c.read.finish(&rec)
	return rec, c.bad == "" || c.bad == noteBlankDate
}

func (c *corrector[T]) source(x *correction) string {
	return fmt.Sprintf("%s#%d", c.w.job.Corrections.File, x.line)
}

// tellUnused says which corrections met no record, once all were read.
func (l *load) tellUnused() {
	var unused []*correction
	for _, list := range l.Corrections.of(l.layer) {
		for _, x := range list {
			if !x.told.Load() {
				unused = append(unused, x)
			}
		}
	}
	slices.SortFunc(unused, func(a, b *correction) int { return int(a.line - b.line) })
	for _, x := range unused {
		l.result.Counts["correction.unknown_id"]++
		reason, remedy := l.say("correction.unknown_id", shown([]byte(x.id)))
		l.tell(&land.Reject{Severity: land.SeverityWarning, Layer: l.layer, File: l.Corrections.File, Feature: x.line, ID: x.id, Field: x.field,
			Code: "correction.unknown_id", Reason: reason, Remedy: remedy})
	}
}
