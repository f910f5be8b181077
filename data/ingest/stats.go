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

// LoadStats reads yearly figures of zones from CSV (UTF-8 or GB18030) or XLSX
// tables with a header, and writes them to the sink in order of zone and year.
// Zone codes are text, a row without zone or year is rejected, of two rows of
// one zone and year the first stays. Errors are those of LoadParcels.
func LoadStats(ctx context.Context, opt Options, sink Sink) (*Result, error) {
	j, err := newJob(LayerStats, opt)
	if err != nil {
		return nil, err
	}
	l := newLoad(j)
	if err := l.start(); err != nil {
		return &l.result, err
	}
	s, err := newStatsReader(l)
	if err != nil {
		return nil, err
	}
	for i := range l.Files {
		if err := s.file(ctx, i); err != nil {
			return &l.result, err
		}
	}
	if err := l.tooMany(); err != nil {
		return &l.result, err
	}
	if err := l.nothing(); err != nil {
		return &l.result, err
	}
	slices.SortStableFunc(s.rows, func(a, b land.Stats) int {
		if c := strings.Compare(a.Zone, b.Zone); c != 0 {
			return c
		}
		return a.Year - b.Year
	})
	return &l.result, sink.WriteStats(ctx, s.rows)
}

// statsRow is a row with its key as text fields, so that one reader serves it.
type statsRow struct {
	land.Stats
	year string
}

type statsKey struct {
	zone string
	year int
}

type statsReader struct {
	*load
	read  *recordReader[statsRow]
	rows  []land.Stats
	seen  map[statsKey]string // where the row stands
	rep   *report
	index int
	line  int64
	id    string
}

func newStatsReader(l *load) (*statsReader, error) {
	fields := []land.Field[statsRow]{
		{Name: "zone", Kind: land.Text, Str: func(s *statsRow) *string { return &s.Zone }},
		{Name: "year", Kind: land.Text, Str: func(s *statsRow) *string { return &s.year }},
	}
	for _, f := range land.StatsFields() {
		num := f.Num
		fields = append(fields, land.Field[statsRow]{Name: f.Name, Kind: f.Kind,
			Num: func(s *statsRow) *land.Number { return num(&s.Stats) }})
	}
	read, err := newRecordReader(fields, l.fields, l.words)
	if err != nil {
		return nil, err
	}
	s := &statsReader{load: l, read: read, seen: map[statsKey]string{}}
	s.read.warn = s.warn
	return s, nil
}

func (s *statsReader) file(ctx context.Context, i int) error {
	f := s.Files[i]
	t, err := openTable(f)
	if err != nil {
		return s.tableError(f.Name, 0, err)
	}
	err = s.table(ctx, i, t)
	return errors.Join(err, t.close())
}

func (s *statsReader) table(ctx context.Context, i int, t *table) error {
	s.result.Inputs[i].SHA256 = t.sum
	s.index = i
	s.rep = &report{file: i}
	s.rep.reset()
	s.rep.file = i
	for n := 0; ; n++ {
		cells, line, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s.tableError(s.Files[i].Name, line, err)
		}
		if n%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		s.line = line
		s.rep.features++
		if t.tooWide(cells) {
			s.id = ""
			s.reject(s.refusal("table.row_too_wide", "", len(cells), len(t.header)))
			continue
		}
		s.row(t.header, cells)
	}
	return s.take(s.rep)
}

func (s *statsReader) tableError(name string, line int64, err error) error {
	var bad *errTable
	if !errors.As(err, &bad) {
		return err
	}
	e := s.refuse(bad.code, bad.err, bad.args...)
	e.File, e.Feature = name, line
	return e
}

// row reads one row; without zone or year there is nothing it could speak of.
func (s *statsReader) row(header, cells []string) {
	var rec statsRow
	s.id = ""
	said := len(s.rep.rejects)
	s.read.begin()
	for i, name := range header {
		if i < len(cells) && name != "" {
			p := cell(name, cells[i])
			s.read.property(&p)
		}
	}
	s.read.finish(&rec)
	s.id = rec.Zone
	for i := range s.rep.rejects[said:] {
		s.rep.rejects[said+i].ID = s.id
	}
	if rec.Zone == "" {
		s.reject(s.refusal("stats.zone_missing", "zone"))
		return
	}
	year, ok := s.year(rec.year)
	if !ok {
		s.reject(s.refusal("stats.year", "year", shown([]byte(rec.year))))
		return
	}
	key, here := statsKey{rec.Zone, year}, s.at(s.index, s.line)
	if there, twice := s.seen[key]; twice {
		s.reject(s.refusal("stats.duplicate", "zone", rec.Zone, year, there, here))
		return
	}
	s.seen[key] = here
	if s.KnownZones != nil && !s.KnownZones[rec.Zone] {
		s.warn("stats.unknown_zone", "zone", rec.Zone)
	}
	rec.Year = year
	s.rows = append(s.rows, rec.Stats)
	s.rep.loaded++
}

// year reads 2024, 2024年 and 2024.0.
func (s *statsReader) year(text string) (int, bool) {
	text = strings.TrimSuffix(strings.TrimSuffix(text, "年"), ".0")
	y, err := strconv.Atoi(text)
	return y, err == nil && y >= 1949 && y <= 2200
}

func (s *statsReader) reject(r *refusal) {
	s.rep.rejected++
	s.note(land.SeverityReject, r)
}

func (s *statsReader) warn(code, field string, args ...any) {
	if code == noteBlankDate {
		return
	}
	s.rep.warnings++
	s.note(land.SeverityWarning, s.refusal(code, field, args...))
}

func (s *statsReader) note(severity land.Severity, r *refusal) {
	s.rep.counts[r.code]++
	s.rep.rejects = append(s.rep.rejects, land.Reject{Severity: severity, Layer: s.layer,
		File: s.Files[s.index].Name, Feature: s.line, ID: s.id, Field: r.field,
		Code: r.code, Reason: r.reason, Remedy: r.remedy})
}
