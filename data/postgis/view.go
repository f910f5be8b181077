package postgis

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// View is one consistent state of a snapshot: the loads and the analysis that
// were current when it was opened, held against being dropped until Close. A
// load or analysis published meanwhile is not seen. A View may be used by any
// number of goroutines, and is closed once; one that ends without Close is let
// go when its process ends.
type View struct {
	store    *Store
	guard    *sql.Conn // its transaction holds the locks, or
	held     *hold     // what holds them for all views of an analysis
	Snapshot string
	Loads    map[string][]int64 // by layer
	Analysis int64              // 0 where there is none, or the view is of the loads alone
	Scope    Scope              // what the caller may see; every query asks for that alone
	batches  []int64            // that the loads came in
	results  []int64            // load ids of the analysis's own rows
	counted  bool               // among the store's views
	closed   bool

	spread spreadProjects
}

// fewZones is up to how many zones are looked up for themselves.
const fewZones = 4

// spreadProjects are the projects with land in more than one zone, by zone.
// Those of the first zones asked for are looked up one by one; who asks for more
// reads all zones, for which they are found at once.
type spreadProjects struct {
	asked  atomic.Int64
	once   sync.Once
	byZone map[land.ZoneKey][]string
	err    error
}

// Current opens a view of the loads published now, whatever has been analyzed:
// what analyze reads.
func (s *Store) Current(ctx context.Context, snapshot string) (*View, error) {
	return s.hold(ctx, snapshot, nil, false)
}

// Analyzed opens a view of the current analysis of a snapshot, of the loads
// that it is of, which may be older than those published now, and of what scope
// allows. ErrNoSnapshot, or ErrNotAnalyzed.
func (s *Store) Analyzed(ctx context.Context, snapshot string, scope Scope) (*View, error) {
	select {
	case s.views <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to read snapshot %s: %w", snapshot, context.Cause(ctx))
	}
	v, err := s.join(ctx, snapshot, scope, 0)
	if err != nil {
		<-s.views
		return nil, err
	}
	v.counted = true
	return v, nil
}

// Recent is Analyzed for many small requests, as those for tiles: it asks
// the database at most four times a second which analysis is current, so that a
// new one shows a quarter of a second late.
func (s *Store) Recent(ctx context.Context, snapshot string, scope Scope) (*View, error) {
	return s.join(ctx, snapshot, scope, recentAge)
}

func (s *Store) join(ctx context.Context, snapshot string, scope Scope, age time.Duration) (*View, error) {
	h, err := s.holds.acquire(ctx, snapshot, age)
	if errors.Is(err, ErrNotAnalyzed) {
		return nil, cmp.Or(s.unseen(ctx, snapshot, scope), err)
	}
	if err != nil {
		return nil, err
	}
	return s.viewOf(ctx, h, scope)
}

// viewOf is a view of what is held; it gives the hold back when it is closed.
func (s *Store) viewOf(ctx context.Context, h *hold, scope Scope) (*View, error) {
	v := &View{store: s, held: h, Snapshot: h.snapshot, Scope: scope,
		Loads: h.state.Loads, Analysis: h.state.Analysis, results: h.state.Results, batches: h.state.Batches}
	if err := v.narrow(ctx); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

// hold opens a view with locks of its own.
func (s *Store) hold(ctx context.Context, snapshot string, scope Scope, analyzed bool) (*View, error) {
	guard, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to read snapshot %s: %w", snapshot, err)
	}
	v := &View{store: s, guard: guard, Snapshot: snapshot, Scope: scope}
	if err := v.lock(ctx, analyzed); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

func (v *View) lock(ctx context.Context, analyzed bool) error {
	var held sql.NullString
	if _, err := v.guard.ExecContext(ctx, v.store.query("begin_view")); err != nil {
		return fmt.Errorf("read snapshot %s: %w", v.Snapshot, err)
	}
	if err := v.guard.QueryRowContext(ctx, v.store.query("hold"), v.Snapshot, analyzed).Scan(&held); err != nil {
		return fmt.Errorf("read snapshot %s: %w", v.Snapshot, err)
	}
	if !held.Valid {
		return fmt.Errorf("%w: %s; muscope load makes it", ErrNoSnapshot, v.Snapshot)
	}
	var now snapshotState
	if err := json.Unmarshal([]byte(held.String), &now); err != nil {
		return fmt.Errorf("read snapshot %s: %w", v.Snapshot, err)
	}
	v.Loads, v.Analysis, v.results, v.batches = now.Loads, now.Analysis, now.Results, now.Batches
	return nil
}

// SpreadContracts yields the home part of every parcel whose contract also
// stands on a parcel of another zone, whatever the scope: which parcel states a
// contract's fee is found among all of them. Those that the caller may not see
// say so (land.Part.Withheld). Of a few zones they are looked up
// by number; of many all parcels are read.
func (v *View) SpreadContracts(ctx context.Context, zones []land.ZoneKey, yield func(*land.Part) error) error {
	give := func(p *land.Part, _ *record) error {
		if p.Withheld = ""; !v.sees(p.In.Code) {
			p.Withheld = withheldPrefix + strconv.FormatInt(p.Source.Position, 10)
		}
		return yield(p)
	}
	if 0 < len(zones) && len(zones) <= fewZones {
		for _, zone := range zones {
			if err := v.anyParts(ctx, "spread_contracts_of", zone, nil, give); err != nil {
				return err
			}
		}
		return nil
	}
	return v.anyParts(ctx, "spread_contracts", land.ZoneKey{}, nil, give)
}

// Close lets the loads go.
func (v *View) Close() error {
	if v.closed {
		return nil
	}
	v.closed = true
	if v.counted {
		<-v.store.views
	}
	if v.held != nil {
		v.store.holds.release(v.held)
		return nil
	}
	_, err := v.guard.ExecContext(context.Background(), "rollback")
	if err != nil {
		err = dropConn(v.guard)
	} else {
		err = v.guard.Close()
	}
	if err != nil {
		return fmt.Errorf("close the view of snapshot %s: %w", v.Snapshot, err)
	}
	return nil
}

// records runs a query of row values on a connection of its own.
func (v *View) records(ctx context.Context, query string, args []driver.NamedValue, yield func(*record) error) error {
	conn, err := v.store.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to read snapshot %s: %w", v.Snapshot, err)
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	return records(ctx, conn, query, args, yield)
}

// Zones reads the zones in key order.
func (v *View) Zones(ctx context.Context) ([]land.Zone, error) {
	fields := land.ZoneFields()
	var zones []land.Zone
	query := v.store.query("zones", "fields", strings.Join(names(fields), ", "))
	err := v.records(ctx, query, values(intArray(v.Loads[ingest.LayerZones]), v.scope()), func(r *record) error {
		z := getZone(r, fields)
		z.Extra = r.extra()
		if !v.sees(z.PartOf) {
			z.PartOf = ""
		}
		zones = append(zones, *z)
		return r.err
	})
	if err != nil {
		return nil, fmt.Errorf("read the zones of snapshot %s: %w", v.Snapshot, err)
	}
	return zones, nil
}

// Stats reads the yearly statistics, by zone and year.
func (v *View) Stats(ctx context.Context) ([]land.Stats, error) {
	fields := land.StatsFields()
	var list []land.Stats
	query := v.store.query("stats", "fields", strings.Join(names(fields), ", "))
	err := v.records(ctx, query, values(intArray(v.Loads[ingest.LayerStats]), v.scope()), func(r *record) error {
		st := land.Stats{Zone: r.text(), Year: int(r.int())}
		getFields(r, fields, &st)
		list = append(list, st)
		return r.err
	})
	if err != nil {
		return nil, fmt.Errorf("read the stats of snapshot %s: %w", v.Snapshot, err)
	}
	return list, nil
}

// Parts yields the parts in a zone in input order (the zero key: land in none),
// then, marked Elsewhere, parcels of projects that have land in the zone but no
// part there. Unmapped properties are not read. A part is valid during the call
// only.
func (v *View) Parts(ctx context.Context, zone land.ZoneKey, yield func(*land.Part) error) error {
	add, flush := v.withRecords(ctx, yield)
	if err := v.parts(ctx, "parts_by_zone", zone, func(p *land.Part, _ *record) error { return add(p) }); err != nil {
		return err
	}
	if err := v.partsElsewhere(ctx, zone, add); err != nil {
		return err
	}
	return flush()
}

func (v *View) partsElsewhere(ctx context.Context, zone land.ZoneKey, yield func(*land.Part) error) error {
	projects, err := v.projectsElsewhere(ctx, zone)
	if err != nil || len(projects) == 0 {
		return err
	}
	return v.anyParts(ctx, "parts_elsewhere", zone, nil, func(p *land.Part, _ *record) error {
		home := p.In.Code
		*p = land.Part{Parcel: p.Parcel, Elsewhere: true}
		v.hideElsewhere(&p.Parcel, home)
		return yield(p)
	}, projects)
}

// projectsElsewhere are the projects that have land in the zone and in others.
func (v *View) projectsElsewhere(ctx context.Context, zone land.ZoneKey) ([]string, error) {
	if v.Scope != nil && !slices.Contains(v.Scope, zone.Code) {
		return nil, nil
	}
	if v.spread.asked.Add(1) <= fewZones {
		return v.spreadProjectsOf(ctx, zone)
	}
	v.spread.once.Do(func() { v.spread.byZone, v.spread.err = v.spreadProjects(ctx) })
	return v.spread.byZone[zone], v.spread.err
}

// spreadProjectsOf asks for one zone alone.
func (v *View) spreadProjectsOf(ctx context.Context, zone land.ZoneKey) (projects []string, err error) {
	err = v.store.db.QueryRowContext(ctx, v.store.query("spread_projects_of"), pq.Array(v.Loads[ingest.LayerParcels]), zone.Code, string(zone.Scope)).
		Scan(pq.Array(&projects))
	if err != nil {
		return nil, fmt.Errorf("read the projects of zone %s of snapshot %s: %w", zone, v.Snapshot, err)
	}
	return projects, nil
}

func (v *View) spreadProjects(ctx context.Context) (map[land.ZoneKey][]string, error) {
	rows, err := v.store.db.QueryContext(ctx, v.store.query("spread_projects"), pq.Array(v.Loads[ingest.LayerParcels]))
	if err != nil {
		return nil, fmt.Errorf("read the projects of snapshot %s: %w", v.Snapshot, err)
	}
	defer rows.Close()
	byZone := map[land.ZoneKey][]string{}
	for rows.Next() {
		var zone land.ZoneKey
		var projects []string
		if err := rows.Scan(&zone.Code, &zone.Scope, pq.Array(&projects)); err != nil {
			return nil, fmt.Errorf("read the projects of snapshot %s: %w", v.Snapshot, err)
		}
		byZone[zone] = projects
	}
	return byZone, rows.Err()
}

// WholeParts yields the parts in a zone in input order with their unmapped
// properties and the parcel's whole outline.
func (v *View) WholeParts(ctx context.Context, zone land.ZoneKey, yield func(*land.Part, orb.MultiPolygon) error) error {
	return v.parts(ctx, "whole_parts_by_zone", zone, func(p *land.Part, r *record) error {
		p.Extra = r.extra()
		shape, err := parseEWKB([]byte(r.text()))
		if err != nil {
			return err
		}
		return yield(p, shape)
	})
}

// parts runs a query of parts in the caller's zones.
func (v *View) parts(ctx context.Context, name string, zone land.ZoneKey, yield func(*land.Part, *record) error) error {
	return v.anyParts(ctx, name, zone, v.scope(), yield)
}

// anyParts runs a query of parts within a scope that may be wider than the
// caller's: sums need what he doesn't see.
func (v *View) anyParts(ctx context.Context, name string, zone land.ZoneKey, scope any, yield func(*land.Part, *record) error, projects ...[]string) error {
	fields := land.ParcelFields()
	query := v.store.query(name, "fields", fieldList(fields))
	args := []any{intArray(v.Loads[ingest.LayerParcels]), zone.Code, string(zone.Scope), scope}
	for _, p := range projects {
		args = append(args, pq.Array(p))
	}
	var part land.Part
	err := v.records(ctx, query, values(args...), func(r *record) error {
		part = land.Part{}
		getPart(r, fields, &part)
		if r.err != nil {
			return r.err
		}
		return yield(&part, r)
	})
	if err != nil {
		return fmt.Errorf("read the parcels of zone %q of snapshot %s: %w", zone, v.Snapshot, err)
	}
	return nil
}

// getPart reads the place of a part, then its parcel.
func getPart(r *record, fields []land.Field[land.Parcel], p *land.Part) {
	p.Share = r.float()
	p.SetShare = r.float()
	p.Home = r.bool()
	p.In.Code = r.text()
	p.In.Scope = land.Scope(r.text())
	p.PartEllipsoidM2 = r.fixed()
	getParcel(r, fields, &p.Parcel)
}
