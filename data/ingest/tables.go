package ingest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/muscope/muscope/analysis/land"
)

// LoadTable reads the rows of one of Tables from CSV (UTF-8 or GB18030) or XLSX
// files with a header, and writes them to the sink in input order. A row
// without its key is rejected; of two rows of one key the first stays. Errors
// are those of LoadParcels.
func LoadTable(ctx context.Context, layer string, opt Options, sink Sink) (*Result, error) {
	switch layer {
	case LayerPhases:
		return loadTable(ctx, layer, opt, sink, phaseLayer())
	case LayerUses:
		return loadTable(ctx, layer, opt, sink, useLayer())
	case LayerTerms:
		return loadTable(ctx, layer, opt, sink, termLayer())
	case LayerFirms:
		return loadTable(ctx, layer, opt, sink, firmLayer())
	case LayerEvents:
		return loadTable(ctx, layer, opt, sink, eventLayer())
	case LayerRankings:
		return loadTable(ctx, layer, opt, sink, rankingLayer())
	case LayerZoneActions:
		return loadTable(ctx, layer, opt, sink, actionLayer())
	}
	return nil, fmt.Errorf("no table %q", layer)
}

func loadTable[T any](ctx context.Context, layer string, opt Options, sink Sink, of rowLayer[T]) (*Result, error) {
	j, err := newJob(layer, opt)
	if err != nil {
		return nil, err
	}
	out, err := sink.TableWriter(layer)
	if err != nil {
		return nil, err
	}
	var row TableRow
	r, err := newRows(ctx, j, of, func(key string, _ int64, rec *T) error {
		row = TableRow{Key: key, Record: of.record(rec)}
		return out.Write(&row)
	})
	if err != nil {
		return nil, errors.Join(err, out.Close())
	}
	closed := false
	end := func() error {
		if closed {
			return nil
		}
		closed = true
		return out.Close()
	}
	err = r.all(ctx, func(ctx context.Context, positions []int64) error {
		if err := end(); err != nil {
			return err
		}
		return sink.Drop(ctx, layer, positions)
	})
	return &r.result, errors.Join(err, end())
}

// LoadStats reads yearly figures of zones as LoadTable reads tables, and writes
// them to the sink at once, in order of zone and year.
func LoadStats(ctx context.Context, opt Options, sink Sink) (*Result, error) {
	j, err := newJob(LayerStats, opt)
	if err != nil {
		return nil, err
	}
	// The store refuses an added layer as a whole where it holds keys that exist.
	j.Existing = nil
	type placed struct {
		land.Stats
		position int64
	}
	var rows []placed
	r, err := newRows(ctx, j, statsLayer(), func(_ string, position int64, rec *dated[land.Stats]) error {
		rows = append(rows, placed{rec.of, position})
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = r.all(ctx, func(_ context.Context, positions []int64) error {
		rows = slices.DeleteFunc(rows, func(p placed) bool {
			_, drop := slices.BinarySearch(positions, p.position)
			return drop
		})
		return nil
	})
	if err != nil {
		return &r.result, err
	}
	slices.SortStableFunc(rows, func(a, b placed) int { return cmp.Or(cmp.Compare(a.Zone, b.Zone), a.Year-b.Year) })
	list := make([]land.Stats, len(rows))
	for i := range rows {
		list[i] = rows[i].Stats
	}
	return &r.result, sink.WriteStats(ctx, list)
}

// dated is a record with its year as it is written, so that one reader serves
// it.
type dated[R any] struct {
	of   R
	year string
}

// datedFields are the fields of a record and its year.
func datedFields[R any](fields []land.Field[R]) []land.Field[dated[R]] {
	out := []land.Field[dated[R]]{textField("year", func(d *dated[R]) *string { return &d.year })}
	for _, f := range fields {
		g := land.Field[dated[R]]{Name: f.Name, Kind: f.Kind, Words: f.Words}
		switch {
		case f.Str != nil:
			g.Str = func(d *dated[R]) *string { return f.Str(&d.of) }
		case f.Date != nil:
			g.Date = func(d *dated[R]) *land.Date { return f.Date(&d.of) }
		case f.Num != nil:
			g.Num = func(d *dated[R]) *land.Number { return f.Num(&d.of) }
		case f.Flag != nil:
			g.Flag = func(d *dated[R]) *land.Flag { return f.Flag(&d.of) }
		}
		out = append(out, g)
	}
	return out
}

func textField[T any](name string, at func(*T) *string) land.Field[T] {
	return land.Field[T]{Name: name, Kind: land.Text, Str: at}
}

func statsLayer() rowLayer[dated[land.Stats]] {
	type row = dated[land.Stats]
	return rowLayer[row]{
		fields: append(datedFields(land.StatsFields()), textField("zone", func(r *row) *string { return &r.of.Zone })),
		must:   []string{"zone"},
		year:   func(r *row) (*string, *int) { return &r.year, &r.of.Year },
		zone:   func(r *row) string { return r.of.Zone },
		key:    func(r *row) []string { return []string{r.of.Zone, strconv.Itoa(r.of.Year)} },
	}
}

func phaseLayer() rowLayer[land.Phase] {
	return rowLayer[land.Phase]{fields: land.PhaseFields(), must: []string{"parcel", "phase"},
		source: func(p *land.Phase) *land.Source { return &p.Source },
		key:    func(p *land.Phase) []string { return []string{p.Parcel, p.Phase} },
		record: func(p *land.Phase) any { return p }}
}

func useLayer() rowLayer[land.Use] {
	return rowLayer[land.Use]{fields: land.UseFields(), must: []string{"parcel", "use_code"},
		source: func(u *land.Use) *land.Source { return &u.Source },
		key:    func(u *land.Use) []string { return []string{u.Parcel, u.UseCode} },
		record: func(u *land.Use) any { return u }}
}

func termLayer() rowLayer[land.Term] {
	return rowLayer[land.Term]{fields: land.TermFields(), must: []string{"contract_no", "indicator"},
		source: func(t *land.Term) *land.Source { return &t.Source },
		key:    func(t *land.Term) []string { return []string{t.ContractNo, t.Indicator, t.Comparison} },
		record: func(t *land.Term) any { return t }}
}

func firmLayer() rowLayer[dated[land.Firm]] {
	type row = dated[land.Firm]
	return rowLayer[row]{fields: datedFields(land.FirmFields()), must: []string{"uscc", "parcel"},
		source: func(r *row) *land.Source { return &r.of.Source },
		year:   func(r *row) (*string, *int) { return &r.year, &r.of.Year },
		key:    func(r *row) []string { return []string{r.of.USCC, strconv.Itoa(r.of.Year), r.of.Parcel, r.of.Role} },
		record: func(r *row) any { return &r.of }}
}

func eventLayer() rowLayer[land.Event] {
	fields := land.EventFields()
	return rowLayer[land.Event]{fields: fields, must: []string{"parcel"},
		source: func(e *land.Event) *land.Source { return &e.Source },
		key:    func(e *land.Event) []string { return []string{e.Parcel, e.On.String(), e.Kind, digestOf(fields, e)} },
		record: func(e *land.Event) any { return e }}
}

func rankingLayer() rowLayer[dated[land.Ranking]] {
	type row = dated[land.Ranking]
	return rowLayer[row]{
		fields: append(datedFields(land.RankingFields()), textField("zone", func(r *row) *string { return &r.of.Zone })),
		must:   []string{"zone"},
		source: func(r *row) *land.Source { return &r.of.Source },
		year:   func(r *row) (*string, *int) { return &r.year, &r.of.Year },
		zone:   func(r *row) string { return r.of.Zone },
		key:    func(r *row) []string { return []string{r.of.Zone, strconv.Itoa(r.of.Year), r.of.Scope} },
		record: func(r *row) any { return &r.of }}
}

func actionLayer() rowLayer[land.ZoneAction] {
	return rowLayer[land.ZoneAction]{fields: land.ZoneActionFields(), must: []string{"zone"},
		source: func(a *land.ZoneAction) *land.Source { return &a.Source },
		zone:   func(a *land.ZoneAction) string { return a.Zone },
		key:    func(a *land.ZoneAction) []string { return []string{a.Zone, a.On.String(), a.Kind} },
		record: func(a *land.ZoneAction) any { return a }}
}

// digestOf names a record that has no key by all its fields.
func digestOf[T any](fields []land.Field[T], rec *T) string {
	var b []byte
	for i := range fields {
		f := &fields[i]
		b = append(b, keySeparator...)
		switch f.Kind {
		case land.Text, land.Word:
			b = strconv.AppendQuote(b, *f.Str(rec))
		case land.Day:
			b = strconv.AppendInt(b, int64(*f.Date(rec)), 10)
		case land.Quant:
			if n := *f.Num(rec); n.Known {
				b = strconv.AppendInt(b, int64(n.Value), 10)
			}
		case land.YesNo:
			b = append(b, byte(*f.Flag(rec)))
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
