package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo/geojson"
)

// Join is a table (CSV or XLSX with a header) whose columns are added to the
// features that carry the same key.
type Join struct {
	File File
	// Left is the property of the feature, as its file names it ("id" stands for
	// the Feature's own id where there is no such property); Right is the column
	// of the table.
	Left, Right string
}

// maxJoinBytes bounds what all joined tables of a load hold in memory: their
// texts, and maxJoinRow for each row.
const maxJoinBytes = 512 << 20

// maxJoinRow is what a row takes besides its texts and cells.
const maxJoinRow = 96

// joinExamples is how many keys without a partner a message names.
const joinExamples = 10

// Codes of what a join couldn't match.
const (
	codeJoinRows     = "join.unmatched_rows"
	codeJoinFeatures = "join.unmatched_features"
	codeJoinRepeated = "join.repeated_key"
	codeJoinConflict = "join.conflict"
)

// joined is a table in memory, read-only but for the counts of what was
// matched.
type joined struct {
	Join
	sum    string
	header []string // "" for columns that aren't joined
	keys   int      // index of the key column
	rows   []joinRow
	byKey  map[string]int32
	used   []atomic.Bool

	repeated, blank int64
	again           string // the first key that occurs twice, and where
	firstLine, line int64

	mu       sync.Mutex
	missing  []missed           // by file of the load
	conflict map[string]*missed // by column
}

// joinRow is a row: its cells one after the other in one text.
type joinRow struct {
	text string
	ends []uint32
	line int64
}

func (r *joinRow) cell(i int) string {
	start := uint32(0)
	if i > 0 {
		start = r.ends[i-1]
	}
	return r.text[start:r.ends[i]]
}

// missed counts features and keeps the first of them.
type missed struct {
	n     int64
	first []missedAt
}

type missedAt struct {
	feature int64
	key     string
}

// add keeps the features that come first in the file, in whatever order the
// workers meet them.
func (m *missed) add(feature int64, key string) {
	m.n++
	if len(m.first) == joinExamples && m.first[joinExamples-1].feature < feature {
		return
	}
	i, _ := slices.BinarySearchFunc(m.first, feature, func(a missedAt, f int64) int { return int(a.feature - f) })
	m.first = slices.Insert(m.first, i, missedAt{feature, shown([]byte(key))})
	m.first = m.first[:min(len(m.first), joinExamples)]
}

func (m *missed) keys() string {
	list := make([]string, len(m.first))
	for i, at := range m.first {
		list[i] = at.key
		if at.key == "" {
			list[i] = fmt.Sprintf("#%d", at.feature)
		}
	}
	return moreThan(list, m.n)
}

func moreThan(list []string, n int64) string {
	s := strings.Join(list, ", ")
	if int64(len(list)) < n {
		s += ", …"
	}
	return s
}

// readJoins reads the tables to be joined, within maxJoinBytes of memory.
func (j *job) readJoins(ctx context.Context) error {
	if len(j.Joins) == 0 || j.joins != nil {
		return nil
	}
	left := int64(maxJoinBytes)
	for _, join := range j.Joins {
		t, err := j.readJoin(ctx, join, &left)
		if err != nil {
			return err
		}
		j.joins = append(j.joins, t)
	}
	return nil
}

func (j *job) readJoin(ctx context.Context, join Join, left *int64) (_ *joined, err error) {
	fault := func(err error) error { return newLoad(j).tableError(join.File.Name, 0, err) }
	src, err := openTable(join.File)
	if err != nil {
		return nil, fault(err)
	}
	defer func() { err = errors.Join(err, src.close()) }()
	t := &joined{Join: join, sum: src.sum, header: slices.Clone(src.header), byKey: map[string]int32{},
		missing: make([]missed, len(j.Files)), conflict: map[string]*missed{}}
	if t.keys = slices.Index(t.header, join.Right); t.keys < 0 {
		return nil, fault(&errTable{code: "join.no_column", args: []any{join.Right, columnList(t.header)}})
	}
	if join.Right == join.Left {
		t.header[t.keys] = "" // the feature has it
	}
	for n := 0; ; n++ {
		cells, line, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && n%1000 == 0 {
			err = ctx.Err()
		}
		if err == nil && src.tooWide(cells) {
			err = &errTable{code: "join.row_too_wide", args: []any{line, len(cells), len(src.header)}}
		}
		if err != nil {
			return nil, fault(err)
		}
		if *left -= t.add(cells, line); *left < 0 {
			return nil, fault(&errTable{code: "join.too_large", args: []any{maxJoinBytes >> 20}})
		}
	}
	t.used = make([]atomic.Bool, len(t.rows))
	return t, nil
}

func columnList(header []string) string {
	named := slices.DeleteFunc(slices.Clone(header), func(h string) bool { return h == "" })
	if len(named) > 30 {
		named = append(named[:30], "…")
	}
	return strings.Join(named, ", ")
}

// add keeps a row and says how many bytes it takes. Of rows of one key the
// first stays.
func (t *joined) add(cells []string, line int64) int64 {
	key := ""
	if t.keys < len(cells) {
		key = string(joinKey([]byte(cells[t.keys])))
	}
	if key == "" {
		t.blank++
		return 0
	}
	if first, twice := t.byKey[key]; twice {
		if t.repeated++; t.repeated == 1 {
			t.again, t.firstLine, t.line = key, t.rows[first].line, line
		}
		return 0
	}
	row := joinRow{line: line, ends: make([]uint32, len(t.header))}
	var b strings.Builder
	for i := range t.header {
		if i < len(cells) && t.header[i] != "" {
			b.WriteString(cells[i])
		}
		row.ends[i] = uint32(b.Len())
	}
	row.text = b.String()
	t.byKey[key] = int32(len(t.rows))
	t.rows = append(t.rows, row)
	return int64(len(row.text) + 4*len(row.ends) + len(key) + maxJoinRow)
}

// joinKey is a key without white space around it and without the decimals that
// a spreadsheet gives a whole number.
func joinKey(raw []byte) []byte { return bytes.TrimSuffix(trim(raw), []byte(".0")) }

// keyOf is the key that a feature carries.
func (t *joined) keyOf(f *geojson.Feature) []byte {
	for i := range f.Properties {
		p := &f.Properties[i]
		if p.Key != t.Left {
			continue
		}
		if p.Kind == geojson.KindString || p.Kind == geojson.KindNumber {
			return joinKey(p.Raw)
		}
		return nil
	}
	if t.Left == "id" && f.ID.Present() {
		return joinKey(f.ID.Bytes())
	}
	return nil
}

// join adds the columns of the tables to a feature. Where both have a value
// the table's stands, since it was named to supply the figures.
func (j *job) join(f *geojson.Feature, file int) {
	for _, t := range j.joins {
		key := t.keyOf(f)
		at, ok := t.byKey[string(key)]
		if !ok {
			t.mu.Lock()
			t.missing[file].add(f.Number, string(key))
			t.mu.Unlock()
			continue
		}
		t.used[at].Store(true)
		t.give(f, &t.rows[at], j.fields.null)
	}
}

func (t *joined) give(f *geojson.Feature, row *joinRow, null map[string]bool) {
	own := f.Properties
	for i, name := range t.header {
		if name == "" {
			continue
		}
		text := trim([]byte(row.cell(i)))
		if len(text) == 0 || null[string(text)] {
			continue
		}
		given := geojson.Property{Key: name, KeyID: -1, Kind: geojson.KindString, Raw: text}
		k := slices.IndexFunc(own, func(p geojson.Property) bool { return p.Key == name })
		if k < 0 {
			f.Properties = append(f.Properties, given)
			continue
		}
		if before := &own[k]; before.Kind != geojson.KindNull && len(trim(before.Raw)) > 0 && !null[string(trim(before.Raw))] && !sameValue(before.Raw, text) {
			t.differs(name, f.Number, string(before.Raw)+" → "+string(text))
		}
		f.Properties[k] = given
	}
}

// sameValue reports whether two values are one: 12.50 and 12.5 are.
func sameValue(a, b []byte) bool {
	if bytes.Equal(joinKey(a), joinKey(b)) {
		return true
	}
	x, errX := parseDecimal(trim(a), factor{})
	y, errY := parseDecimal(trim(b), factor{})
	return errX == nil && errY == nil && x == y
}

func (t *joined) differs(column string, feature int64, what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.conflict[column]
	if m == nil {
		m = &missed{}
		t.conflict[column] = m
	}
	m.add(feature, what)
}

// tellJoins says what the joined tables and the features have no partner for.
func (l *load) tellJoins() {
	for _, t := range l.joins {
		for i := range t.missing {
			if m := &t.missing[i]; m.n > 0 {
				l.tellJoin(i, l.Files[i].Name, codeJoinFeatures, t.Left, m.first[0].feature, m.n, m.n, t.File.Name, m.keys())
			}
		}
		l.tellRows(t)
		for _, column := range t.header {
			if m := t.conflict[column]; m != nil {
				l.tellJoin(0, t.File.Name, codeJoinConflict, column, 0, m.n, m.n, column, m.first[0].key, m.first[0].feature)
			}
		}
	}
}

func (l *load) tellRows(t *joined) {
	var list []string
	unused, line := t.blank, int64(0)
	for i := range t.rows {
		if t.used[i].Load() {
			continue
		}
		if unused++; len(list) < joinExamples {
			list = append(list, shown([]byte(t.keyAt(i))))
		}
		if line == 0 {
			line = t.rows[i].line
		}
	}
	if unused > 0 {
		l.tellJoin(0, t.File.Name, codeJoinRows, t.Right, line, unused, unused, t.blank, moreThan(list, unused-t.blank))
	}
	if t.repeated > 0 {
		l.tellJoin(0, t.File.Name, codeJoinRepeated, t.Right, t.line, t.repeated, t.repeated, t.again, t.firstLine, t.line)
	}
}

// keyAt is the key of a row, which its text doesn't hold where the feature has
// the column.
func (t *joined) keyAt(i int) string {
	if t.header[t.keys] != "" {
		return string(joinKey([]byte(t.rows[i].cell(t.keys))))
	}
	for key, at := range t.byKey {
		if int(at) == i {
			return key
		}
	}
	return ""
}

// tellJoin adds a warning on a file of the load: n cases of a code.
func (l *load) tellJoin(input int, file, code, field string, feature, n int64, args ...any) {
	l.result.Inputs[input].Warnings++
	l.result.Counts[code] += n
	reason, remedy := l.say(code, args...)
	l.tell(&land.Reject{Severity: land.SeverityWarning, Layer: l.layer, File: file, Feature: feature, Field: field,
		Code: code, Reason: reason, Remedy: remedy})
}
