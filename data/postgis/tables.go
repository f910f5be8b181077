package postgis

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// recordTable is where the rows of one of ingest.Tables stand.
type recordTable struct {
	table
	of string // the column of what a row speaks of: a parcel, a contract or a zone
	as string // the column of parcels that has the same; "" for zones
	// put writes a row of the table's type, getter makes a reader of rows.
	put func(out *copyRow, record any)
}

// recordTableOf is the table of a layer; its name is "" where there is none.
func recordTableOf(layer string) recordTable {
	switch layer {
	case ingest.LayerPhases:
		return recordTableFor("phase", "parcel", "id", land.Phases())
	case ingest.LayerUses:
		return recordTableFor("land_use", "parcel", "id", land.Uses())
	case ingest.LayerTerms:
		return recordTableFor("contract_term", "contract_no", "contract_no", land.Terms())
	case ingest.LayerFirms:
		return recordTableFor("firm", "parcel", "id", land.Firms())
	case ingest.LayerEvents:
		return recordTableFor("idle_event", "parcel", "id", land.Events())
	case ingest.LayerRankings:
		return recordTableFor("ranking", "zone", "", land.Rankings())
	case ingest.LayerZoneActions:
		return recordTableFor("zone_action", "zone", "", land.ZoneActions())
	}
	return recordTable{}
}

func recordTableFor[T any](name, of, as string, t land.RecordTable[T]) recordTable {
	return recordTable{
		table: table{name, append(append(sourceColumns(), "key"), recordColumns(t)...)}, of: of, as: as,
		put: func(out *copyRow, record any) {
			rec, ok := record.(*T)
			if !ok {
				out.fail(fmt.Errorf("a row of table %s is a %T", name, record))
				return
			}
			if t.Year != nil {
				out.int(int64(*t.Year(rec)))
			}
			if t.Zone != nil {
				out.key(*t.Zone(rec))
			}
			putFields(out, t.Fields, rec)
		},
	}
}

// recordColumns are the columns of a record: year and zone where the table has
// them, then its fields.
func recordColumns[T any](t land.RecordTable[T]) []string {
	var columns []string
	if t.Year != nil {
		columns = append(columns, "year")
	}
	if t.Zone != nil {
		columns = append(columns, "zone")
	}
	for _, f := range t.Fields {
		columns = append(columns, recordColumn(f.Name))
	}
	return columns
}

// recordColumn is the column of a public field: of the same name, but that on
// is a word of SQL.
func recordColumn(field string) string {
	if field == "on" {
		return "on_day"
	}
	return field
}

// getRecord reads what put wrote, after file, feature and position.
func getRecord[T any](r *record, t land.RecordTable[T]) T {
	var rec T
	*t.Source(&rec) = r.source()
	if t.Year != nil {
		*t.Year(&rec) = int(r.int())
	}
	if t.Zone != nil {
		*t.Zone(&rec) = r.text()
	}
	getFields(r, t.Fields, &rec)
	return rec
}

// TableWriter gives a connection and a partition of its own.
func (l *Load) TableWriter(layer string) (ingest.TableWriter, error) {
	t := recordTableOf(layer)
	if t.name == "" || layer != l.opt.Layer {
		return nil, fmt.Errorf("a load of %s has no table %q", l.opt.Layer, layer)
	}
	p, err := l.newPart(t.table)
	if err != nil {
		return nil, err
	}
	return &tableWriter{part: p, of: t}, nil
}

// tableWriter copies the rows of a table into its partition.
type tableWriter struct {
	part *partition
	of   recordTable
	rows int64
}

// Write encodes the row and sends it when enough have gathered.
func (w *tableWriter) Write(row *ingest.TableRow) error {
	out := &w.part.row
	out.source(sourceOf(row.Record))
	out.key(row.Key)
	w.of.put(out, row.Record)
	if err := w.part.endRow(); err != nil {
		return fmt.Errorf("a row of %s: %w", w.of.name, err)
	}
	return nil
}

// Close waits until all rows are stored. The partition stays open for Drop.
func (w *tableWriter) Close() error { return w.part.endCopy() }

func sourceOf(record any) land.Source {
	switch rec := record.(type) {
	case *land.Phase:
		return rec.Source
	case *land.Use:
		return rec.Source
	case *land.Term:
		return rec.Source
	case *land.Firm:
		return rec.Source
	case *land.Event:
		return rec.Source
	case *land.Ranking:
		return rec.Source
	case *land.ZoneAction:
		return rec.Source
	}
	return land.Source{}
}

func approvalTable() table {
	return table{"approval", append(append(sourceColumns(), names(land.ApprovalFields())...), "area_m2", "geom", "extra")}
}

// ApprovalWriter gives a worker a connection and a partition of its own.
func (l *Load) ApprovalWriter() (ingest.ApprovalWriter, error) {
	p, err := l.newPart(approvalTable())
	if err != nil {
		return nil, err
	}
	return &approvalWriter{part: p, fields: land.ApprovalFields()}, nil
}

// approvalWriter copies the approvals of one worker into its partition.
type approvalWriter struct {
	part   *partition
	fields []land.Field[land.Approval]
}

// Write encodes the row and sends it when enough have gathered.
func (w *approvalWriter) Write(row *ingest.ApprovalRow) error {
	out := &w.part.row
	out.source(row.Approval.Source)
	putFields(out, w.fields, row.Approval)
	if row.Geometry == nil {
		out.null()
		out.null()
	} else {
		out.fixed(row.AreaM2)
		out.shape(row.Geometry)
		w.part.extent.add(row.Geometry)
	}
	out.extra(row.Approval.Extra)
	if err := w.part.endRow(); err != nil {
		return fmt.Errorf("approval %s: %w", row.Approval.ID, err)
	}
	return nil
}

// Close waits until all rows are stored. The partition stays open for Drop.
func (w *approvalWriter) Close() error { return w.part.endCopy() }

// Unmatched says which rows of a table under load name a parcel or contract
// that the snapshot doesn't have; nothing where it has no parcels yet. Call it
// between reading and Publish.
func (l *Load) Unmatched(ctx context.Context) ([]ingest.Unmatched, error) {
	t, parcels := recordTableOf(l.opt.Layer), l.current[ingest.LayerParcels]
	if t.as == "" || len(parcels) == 0 {
		return nil, nil
	}
	var list []ingest.Unmatched
	for _, p := range l.parts {
		some, err := l.unmatchedIn(ctx, p, t, parcels)
		if err != nil {
			return nil, fmt.Errorf("look for the parcels of %s: %w", l.opt.Layer, err)
		}
		list = append(list, some...)
	}
	return list, nil
}

func (l *Load) unmatchedIn(ctx context.Context, p *partition, t recordTable, parcels []int64) ([]ingest.Unmatched, error) {
	rows, err := p.conn.QueryContext(ctx, p.sql("unmatched", "of", t.of, "as", t.as), pq.Array(parcels))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []ingest.Unmatched
	for rows.Next() {
		u := ingest.Unmatched{Layer: l.opt.Layer}
		if err := rows.Scan(&u.File, &u.Rows, &u.Name, &u.Feature); err != nil {
			return nil, err
		}
		list = append(list, u)
	}
	return list, rows.Err()
}
