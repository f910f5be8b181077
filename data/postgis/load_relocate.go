package postgis

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
	"golang.org/x/sync/errgroup"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// relocate writes the snapshot's parcels anew, located by the zones of the
// given loads, each old partition on a connection of its own. The change it
// returns is published together with the zones.
func (l *Load) relocate(ctx context.Context, zoneLoads []int64) ([]layerChange, error) {
	old := l.current[ingest.LayerParcels]
	if len(old) == 0 {
		return nil, nil
	}
	zones, err := l.store.zoneRows(ctx, zoneLoads)
	if err != nil {
		return nil, err
	}
	locator, err := ingest.NewLocator(zones)
	if err != nil {
		return nil, fmt.Errorf("locate the parcels by the new zones: %w", err)
	}
	first := len(l.parts)
	g, gctx := errgroup.WithContext(ctx)
	for _, id := range old {
		g.Go(func() error { return l.relocatePartition(gctx, id, locator) })
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("locate the parcels by the new zones: %w", err)
	}
	loads, err := l.finish(ctx, l.parts[first:], zoneLoads)
	return []layerChange{{layer: ingest.LayerParcels, add: loads}}, err
}

func (l *Load) relocatePartition(ctx context.Context, id int64, locator *ingest.Locator) error {
	out, err := l.newPart(parcelTable())
	if err != nil {
		return err
	}
	conn, err := l.store.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	w := &parcelWriter{part: out, fields: land.ParcelFields()}
	// Home rows: each parcel once.
	query := l.store.query("whole_parcels", "id", fmt.Sprint(id), "fields", fieldList(w.fields))
	err = records(ctx, conn, query, nil, func(r *record) error {
		var p land.Parcel
		getParcel(r, w.fields, &p)
		p.Extra = r.extra()
		shape, err := parseEWKB([]byte(r.text()))
		if err = errors.Join(r.err, err); err != nil {
			return err
		}
		in, err := locator.Locate(shape, 0)
		if err != nil {
			return fmt.Errorf("parcel %s: %w", p.ID, err)
		}
		return w.Write(&ingest.ParcelRow{Parcel: &p, Geometry: shape, In: in})
	})
	return errors.Join(err, w.Close())
}

// fieldList are the columns of public fields of a parcel.
func fieldList(fields []land.Field[land.Parcel]) string {
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = parcelColumn(f.Name)
	}
	return strings.Join(columns, ", ")
}

// getParcel reads source, measures and public fields: what the queries that
// read parcels select first.
func getParcel(r *record, fields []land.Field[land.Parcel], p *land.Parcel) {
	p.Source = r.source()
	p.EllipsoidM2 = r.fixed()
	p.PlaneM2 = r.number()
	getFields(r, fields, p)
}

// zoneRows reads zones with their outlines, in key order.
func (s *Store) zoneRows(ctx context.Context, loads []int64) ([]ingest.ZoneRow, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to read the zones: %w", err)
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	var rows []ingest.ZoneRow
	for _, id := range loads {
		if rows, err = s.appendZoneRows(ctx, conn, rows, id); err != nil {
			return nil, fmt.Errorf("read the zones: %w", err)
		}
	}
	slices.SortFunc(rows, func(a, b ingest.ZoneRow) int { return a.Zone.Key().Compare(b.Zone.Key()) })
	return rows, nil
}

// appendZoneRows reads one partition by its own name: it may not be attached
// yet.
func (s *Store) appendZoneRows(ctx context.Context, conn *sql.Conn, rows []ingest.ZoneRow, id int64) ([]ingest.ZoneRow, error) {
	fields := land.ZoneFields()
	query := s.query("zone_rows", "id", fmt.Sprint(id), "fields", strings.Join(names(fields), ", "))
	err := records(ctx, conn, query, nil, func(r *record) error {
		z := getZone(r, fields)
		z.Extra = r.extra()
		shape, err := parseEWKB([]byte(r.text()))
		rows = append(rows, ingest.ZoneRow{Zone: z, Geometry: shape})
		return errors.Join(r.err, err)
	})
	return rows, err
}

func getZone(r *record, fields []land.Field[land.Zone]) *land.Zone {
	z := &land.Zone{Source: r.source()}
	z.AreaM2 = r.fixed()
	z.Pieces = int(r.int())
	getFields(r, fields, z)
	return z
}

// ZoneRows reads the zones of a snapshot as they are now, with their outlines:
// what ingest.NewLocator needs when parcels are loaded. No zones is no error.
func (s *Store) ZoneRows(ctx context.Context, snapshot string) ([]ingest.ZoneRow, error) {
	v, err := s.Current(ctx, snapshot)
	if errors.Is(err, ErrNoSnapshot) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := s.zoneRows(ctx, v.Loads[ingest.LayerZones])
	return rows, errors.Join(err, v.Close())
}

// Zones reads the zones of the load's snapshot, with their outlines. While the
// load runs nobody else can change them.
func (l *Load) Zones(ctx context.Context) ([]ingest.ZoneRow, error) {
	return l.store.zoneRows(ctx, l.current[ingest.LayerZones])
}

// Existing tells found the indexes of the ids that the layer holds already:
// ingest.Options.Existing of an appended load.
func (l *Load) Existing(ctx context.Context, ids []string, found func(i int)) error {
	t := tableOf(l.opt.Layer)
	rows, err := l.store.db.QueryContext(ctx, l.store.query("existing_ids", "table", t.name, "key", t.key()),
		pq.Array(l.current[l.opt.Layer]), pq.Array(ids))
	if err != nil {
		return fmt.Errorf("look for existing ids: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var i int
		if err := rows.Scan(&i); err != nil {
			return fmt.Errorf("look for existing ids: %w", err)
		}
		found(i - 1)
	}
	return rows.Err()
}

// Replace notes ids whose old rows the load's rows replace:
// ingest.Options.Replace of an appended load.
func (l *Load) Replace(_ context.Context, ids []string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		l.replaced = append(l.replaced, strings.Clone(id))
	}
	return nil
}

// After says where an appended load goes on: files and positions of the layer
// so far (ingest.Options.After).
func (l *Load) After(ctx context.Context) (land.Source, error) {
	var at land.Source
	if !l.opt.Append || l.opt.Layer == ingest.LayerStats || len(l.current[l.opt.Layer]) == 0 {
		return at, nil
	}
	q := l.store.query("last_source", "table", tableOf(l.opt.Layer).name)
	err := l.store.db.QueryRowContext(ctx, q, pq.Array(l.current[l.opt.Layer]), l.opt.Snapshot, l.opt.Layer).Scan(&at.File, &at.Position)
	if err != nil {
		return at, fmt.Errorf("find the end of layer %s: %w", l.opt.Layer, err)
	}
	return at, nil
}

// appended are the loads that an appended layer keeps and those it gets: where
// rows are replaced, the old ones written anew count as new.
func (l *Load) appended(ctx context.Context, loads []int64) (keep, add []int64, err error) {
	if len(l.replaced) == 0 {
		return l.current[l.opt.Layer], loads, nil
	}
	rest, err := l.withoutReplaced(ctx)
	return nil, append(rest, loads...), err
}

// withoutReplaced writes the layer's old rows anew without the replaced ids and
// returns the new loads: a published partition never changes, since readers
// hold on to it.
func (l *Load) withoutReplaced(ctx context.Context) ([]int64, error) {
	t := tableOf(l.opt.Layer)
	first := len(l.parts)
	for _, id := range l.current[l.opt.Layer] {
		p, err := l.newPart(t)
		if err != nil {
			return nil, err
		}
		res, err := p.conn.ExecContext(ctx, p.sql("copy_rows_without", "from", fmt.Sprint(id), "key", t.key(), "columns", t.columnList()), pq.Array(l.replaced))
		if err != nil {
			return nil, fmt.Errorf("replace rows of %s: %w", t.name, err)
		}
		if p.rows, err = res.RowsAffected(); err != nil {
			return nil, err
		}
		if err := p.inherit(ctx, id); err != nil {
			return nil, err
		}
	}
	return l.finish(ctx, l.parts[first:], l.zoneLoads())
}

// keys are the columns that name a row of a layer.
func (t table) keys() []string {
	switch t.name {
	case "zone":
		return []string{"code", "boundary_scope"}
	case "stats":
		return []string{"zone", "year"}
	}
	return []string{"id"}
}

// key is the column of what names a feature or row.
func (t table) key() string {
	switch {
	case t.name == "zone":
		return "code"
	case slices.Contains(t.columns, "key"):
		return "key"
	}
	return "id"
}
