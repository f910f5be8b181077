package postgis

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"
	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data/ingest"
)

var _ report.Source = (*View)(nil)

// scope is the caller's scope as a query argument: NULL is everything.
func (v *View) scope() any { return pq.Array([]string(v.Scope)) }

// zones is a zone, or all (nil), as two query arguments.
func zoneArgs(zone *land.ZoneKey) (code, scope any) {
	if zone == nil {
		return nil, nil
	}
	return zone.Code, string(zone.Scope)
}

// Header is what was analyzed, by which law, as of when.
func (v *View) Header(ctx context.Context) (land.Header, error) {
	if v.held != nil {
		return v.held.header, nil
	}
	var h land.Header
	var b []byte
	err := v.store.db.QueryRowContext(ctx, v.store.query("header"), v.Analysis).Scan(&b)
	if err == nil {
		err = json.Unmarshal(b, &h)
	}
	if err != nil {
		return h, fmt.Errorf("read the header of snapshot %s: %w", v.Snapshot, err)
	}
	return h, nil
}

// ZoneResults yields the results of the zones, in key order.
func (v *View) ZoneResults(ctx context.Context, yield func(*land.ZoneResult) error) error {
	rows, err := v.store.db.QueryContext(ctx, v.store.query("zone_results"), pq.Array(v.results), v.scope())
	if err != nil {
		return fmt.Errorf("read the results of snapshot %s: %w", v.Snapshot, err)
	}
	defer rows.Close()
	for rows.Next() {
		var b sql.RawBytes
		if err := rows.Scan(&b); err != nil {
			return fmt.Errorf("read the results of snapshot %s: %w", v.Snapshot, err)
		}
		var z land.ZoneResult
		if err := json.Unmarshal(b, &z); err != nil {
			return fmt.Errorf("read the results of snapshot %s: %w", v.Snapshot, err)
		}
		if err := v.hideZones(ctx, &z); err != nil {
			return err
		}
		if err := yield(&z); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ZoneResult is the result of one zone; where there is none the error wraps
// ErrNotFound and report.ErrNoZone.
func (v *View) ZoneResult(ctx context.Context, zone land.ZoneKey) (*land.ZoneResult, error) {
	var b []byte
	err := v.store.db.QueryRowContext(ctx, v.store.query("zone_result"), pq.Array(v.results), v.scope(), zone.Code, string(zone.Scope)).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: %w: zone %s in snapshot %s", ErrNotFound, report.ErrNoZone, zone, v.Snapshot)
	}
	z := &land.ZoneResult{}
	if err == nil {
		err = json.Unmarshal(b, z)
	}
	if err != nil {
		return nil, fmt.Errorf("read the result of zone %s: %w", zone, err)
	}
	return z, v.hideZones(ctx, z)
}

// Sets is the totals over sets of zones, of those alone whose every zone the
// caller may see.
func (v *View) Sets(ctx context.Context) ([]land.SetResult, error) {
	var b []byte
	var sets []land.SetResult
	err := v.store.db.QueryRowContext(ctx, v.store.query("sets"), v.Analysis, v.scope()).Scan(&b)
	if err == nil {
		err = json.Unmarshal(b, &sets)
	}
	if err != nil {
		return nil, fmt.Errorf("read the totals of snapshot %s: %w", v.Snapshot, err)
	}
	for i := range sets {
		if err := v.hideEvidence(ctx, sets[i].Verdicts); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// PartResults yields the results of a zone's parts (the zero key: land in no
// zone), or of all (nil), in input order.
func (v *View) PartResults(ctx context.Context, zone *land.ZoneKey, yield func(*land.PartResult) error) error {
	code, scope := zoneArgs(zone)
	var p land.PartResult
	err := v.records(ctx, v.store.query("part_results", "result", resultColumns), values(intArray(v.results), v.scope(), code, scope), func(r *record) error {
		if err := getResult(r, &p); err != nil {
			return err
		}
		return yield(&p)
	})
	if err != nil {
		return fmt.Errorf("read the results of snapshot %s: %w", v.Snapshot, err)
	}
	return nil
}

// Rows yields the same parts in the same order, with all facts and the
// parcel's whole outline.
func (v *View) Rows(ctx context.Context, zone *land.ZoneKey, yield func(*report.Row) error) error {
	code, scope := zoneArgs(zone)
	return v.rows(ctx, "rows", yield, code, scope)
}

// rows runs a query that selects result, part, extra and outline, of the
// results $1, the scope $2, the loads $3 and further arguments.
func (v *View) rows(ctx context.Context, name string, yield func(*report.Row) error, more ...any) error {
	query := v.store.query(name, v.rowColumns()...)
	return v.yieldRows(ctx, query, yield, append([]any{intArray(v.results), v.scope(), intArray(v.Loads[ingest.LayerParcels])}, more...))
}

func (v *View) rowColumns() []string {
	return []string{"result", resultColumns, "part", "p." + strings.ReplaceAll(partColumns()+", "+fieldList(land.ParcelFields()), ", ", ", p.")}
}

func (v *View) yieldRows(ctx context.Context, query string, yield func(*report.Row) error, args []any) error {
	fields := land.ParcelFields()
	err := v.records(ctx, query, values(args...), func(r *record) error {
		row := report.Row{Part: &land.Part{}, Result: &land.PartResult{}}
		if err := getResult(r, row.Result); err != nil {
			return err
		}
		getPart(r, fields, row.Part)
		row.Part.Extra = r.extra()
		v.hideParcel(&row.Part.Parcel)
		var err error
		if row.Geometry, err = parseEWKB([]byte(r.text())); err != nil {
			return errors.Join(r.err, err)
		}
		return yield(&row)
	})
	if err != nil {
		return fmt.Errorf("read the parcels of snapshot %s: %w", v.Snapshot, err)
	}
	return nil
}

// partColumns is what getPart reads before the fields.
func partColumns() string {
	return "share, set_share, home, zone, boundary_scope, part_ellipsoid_m2, file, feature, position, ellipsoid_m2, plane_m2"
}

// resultColumns is what getResult reads.
const resultColumns = "s.position, s.share, s.home, s.touch, s.since, s.zone, s.boundary_scope, s.id, s.area_m2, s.class, s.status, s.flags, s.reason, s.idle, s.indicators, s.details"

func getResult(r *record, p *land.PartResult) error {
	*p = land.PartResult{Position: r.int(), Share: r.float(), Home: r.bool(), Touch: r.bool(), Since: r.date()}
	key := land.ZoneKey{Code: r.text(), Scope: land.Scope(r.text())}
	if key != (land.ZoneKey{}) {
		p.Zone, p.Scope = &key.Code, &key.Scope
	}
	p.ID = r.text()
	p.AreaM2 = r.fixed()
	p.Class, p.Status = land.Class(r.text()), land.Status(r.text())
	p.Flags = []land.PartFlag{}
	if flags := strings.Trim(r.text(), "{}"); flags != "" {
		for f := range strings.SplitSeq(flags, ",") {
			p.Flags = append(p.Flags, land.PartFlag(f))
		}
	}
	p.Reason = r.text()
	if idle, known := r.next(); known {
		p.Idle = &land.Idle{}
		if err := json.Unmarshal([]byte(idle), p.Idle); err != nil {
			r.fail(fmt.Errorf("%w: %w", errRecord, err))
		}
	}
	if indicators, known := r.next(); known {
		if err := json.Unmarshal([]byte(indicators), &p.Indicators); err != nil {
			r.fail(fmt.Errorf("%w: %w", errRecord, err))
		}
	}
	if details, known := r.next(); known {
		p.Details = &land.Details{}
		if err := json.Unmarshal([]byte(details), p.Details); err != nil {
			r.fail(fmt.Errorf("%w: %w", errRecord, err))
		}
	}
	return r.err
}

// Parcel is every part of a parcel that the caller may see, in key order of
// zones, or ErrNotFound.
func (v *View) Parcel(ctx context.Context, id string) ([]report.Row, error) {
	var rows []report.Row
	err := v.rows(ctx, "parcel", func(r *report.Row) error {
		rows = append(rows, *r)
		return nil
	}, id)
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("%w: parcel %s in snapshot %s", ErrNotFound, id, v.Snapshot)
	}
	return rows, err
}

// ParcelVerdict is a listed verdict that speaks of a parcel, in one zone.
type ParcelVerdict struct {
	Zone    land.ZoneKey
	Verdict land.Verdict
}

// ParcelVerdicts are the violated, not reached and incomputable verdicts on a
// parcel and its project, in order of zones.
func (v *View) ParcelVerdicts(ctx context.Context, id string) ([]ParcelVerdict, error) {
	rows, err := v.store.db.QueryContext(ctx, v.store.query("parcel_verdicts"), pq.Array(v.results), v.scope(), id)
	if err != nil {
		return nil, fmt.Errorf("read the verdicts on parcel %s: %w", id, err)
	}
	defer rows.Close()
	var list []ParcelVerdict
	for rows.Next() {
		var pv ParcelVerdict
		var b sql.RawBytes
		if err := rows.Scan(&pv.Zone.Code, &pv.Zone.Scope, &b); err != nil {
			return nil, fmt.Errorf("read the verdicts on parcel %s: %w", id, err)
		}
		if err := json.Unmarshal(b, &pv.Verdict); err != nil {
			return nil, fmt.Errorf("read the verdicts on parcel %s: %w", id, err)
		}
		list = append(list, pv)
	}
	return list, rows.Err()
}

// ZoneGeometry is the outline of a zone, or ErrNotFound.
func (v *View) ZoneGeometry(ctx context.Context, zone land.ZoneKey) (orb.MultiPolygon, error) {
	var hex []byte
	err := v.store.db.QueryRowContext(ctx, v.store.query("zone_geometry"), pq.Array(v.Loads[ingest.LayerZones]), v.scope(),
		zone.Code, string(zone.Scope)).Scan(&hex)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: zone %s in snapshot %s", ErrNotFound, zone, v.Snapshot)
	}
	if err != nil {
		return nil, fmt.Errorf("read the outline of zone %s: %w", zone, err)
	}
	return parseEWKB(hex)
}

// Place is where a zone lies: its box, and a point inside it for its name.
type Place struct {
	Zone  land.ZoneKey
	Bound orb.Bound
	Label orb.Point
}

// Places says where the zones lie, in key order.
func (v *View) Places(ctx context.Context) ([]Place, error) {
	rows, err := v.store.db.QueryContext(ctx, v.store.query("places"), pq.Array(v.Loads[ingest.LayerZones]), v.scope())
	if err != nil {
		return nil, fmt.Errorf("read where the zones of snapshot %s lie: %w", v.Snapshot, err)
	}
	defer rows.Close()
	var list []Place
	for rows.Next() {
		var p Place
		b, l := &p.Bound, &p.Label
		if err := rows.Scan(&p.Zone.Code, &p.Zone.Scope, &b.Min[0], &b.Min[1], &b.Max[0], &b.Max[1], &l[0], &l[1]); err != nil {
			return nil, fmt.Errorf("read where the zones of snapshot %s lie: %w", v.Snapshot, err)
		}
		list = append(list, p)
	}
	return list, rows.Err()
}
