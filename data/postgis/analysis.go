package postgis

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/lib/pq"
	"golang.org/x/sync/errgroup"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// AnalysisOptions say what an analysis is of and by.
type AnalysisOptions struct {
	Header  land.Header // AsOf, AnalysisID, packs, inputs; stored as it is
	By      string      // who analyzes, for the record
	Workers int         // connections that results are copied over; 0 is 2
}

// Analysis takes the results of one analysis: an analysis.Sink whose rows
// nobody sees until Publish. End it with Publish or Abort.
type Analysis struct {
	store *Store
	ctx   context.Context
	id    int64
	of    *View
	guard *sql.Conn
	idle  chan *resultWriter // those that no zone is being written by
	sets  []byte

	mu      sync.Mutex
	writers []*resultWriter

	violated violatedParcels
}

// violatedParcels are the parcels that violated verdicts of a zone speak of,
// from the zone's result until its parts come, which is next: so each part can
// be marked while it is written.
type violatedParcels struct {
	mu     sync.Mutex
	byZone map[land.ZoneKey]map[string]bool
	recent []land.ZoneKey // oldest first
}

// violatedZones is how many zones are kept: more than anybody analyzes at once.
const violatedZones = 1024

func (v *violatedParcels) note(z *land.ZoneResult) {
	ids := map[string]bool{}
	for i := range z.Verdicts {
		if z.Verdicts[i].Outcome == land.Violated {
			for _, id := range parcelsOf(&z.Verdicts[i]) {
				ids[strings.Clone(id)] = true
			}
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.byZone == nil {
		v.byZone = map[land.ZoneKey]map[string]bool{}
	}
	if len(v.recent) == violatedZones {
		delete(v.byZone, v.recent[0])
		v.recent = v.recent[1:]
	}
	v.byZone[z.Key()] = ids
	v.recent = append(v.recent, z.Key())
}

func (v *violatedParcels) of(zone land.ZoneKey) map[string]bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.byZone[zone]
}

// Located checks that the parcels of the view were located by its zones:
// ErrStale where not.
func (v *View) Located(ctx context.Context) error {
	var stale int64
	err := v.store.db.QueryRowContext(ctx, v.store.query("stale_loads"), pq.Array(v.Loads[ingest.LayerParcels]),
		pq.Array(v.Loads[ingest.LayerZones])).Scan(&stale)
	if err != nil {
		return fmt.Errorf("check the parcels of snapshot %s: %w", v.Snapshot, err)
	}
	if stale > 0 {
		return fmt.Errorf("%w: snapshot %s; load its zones once more, which locates the parcels anew", ErrStale, v.Snapshot)
	}
	return nil
}

// BeginAnalysis starts to store the analysis of what a view shows. The view
// stays open until the analysis is published. Parcels that were located by
// other zones than the view's are refused (ErrStale).
func (s *Store) BeginAnalysis(ctx context.Context, v *View, opt AnalysisOptions) (*Analysis, error) {
	if err := v.Located(ctx); err != nil {
		return nil, err
	}
	if opt.Workers <= 0 {
		opt.Workers = 2
	}
	guard, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect for the analysis: %w", err)
	}
	a := &Analysis{store: s, ctx: ctx, of: v, guard: guard, idle: make(chan *resultWriter, opt.Workers)}
	if err := a.begin(opt); err != nil {
		return nil, errors.Join(fmt.Errorf("begin the analysis of snapshot %s: %w", v.Snapshot, err), a.Abort())
	}
	return a, nil
}

func (a *Analysis) begin(opt AnalysisOptions) error {
	header, err := json.Marshal(opt.Header)
	if err != nil {
		return err
	}
	loads, err := json.Marshal(a.of.Loads)
	if err != nil {
		return err
	}
	batches, err := json.Marshal(a.of.batches)
	if err != nil {
		return err
	}
	if _, err := a.guard.ExecContext(a.ctx, a.store.query("keep_session")); err != nil {
		return err
	}
	err = a.guard.QueryRowContext(a.ctx, a.store.query("begin_analysis"), opt.Header.AnalysisID, a.of.Snapshot, loads, batches,
		opt.Header.AsOf.String(), header, opt.By, lockAnalysis).Scan(&a.id)
	if err != nil {
		return err
	}
	for range opt.Workers {
		w, err := a.newWriter()
		if err != nil {
			return err
		}
		a.writers = append(a.writers, w)
		a.idle <- w
	}
	return nil
}

// resultWriter fills four partitions by turns over one connection, in one
// transaction.
type resultWriter struct {
	conn     *sql.Conn
	zones    *partition
	parts    *partition
	verdicts *partition
	parcels  *partition // verdict_parcel
}

func (w *resultWriter) all() []*partition {
	return []*partition{w.zones, w.parts, w.verdicts, w.parcels}
}

// resultBatch is how much of a table is gathered for a COPY.
const resultBatch = 1 << 20

func (a *Analysis) newWriter() (*resultWriter, error) {
	conn, err := a.store.db.Conn(a.ctx)
	if err != nil {
		return nil, fmt.Errorf("connect for the results: %w", err)
	}
	if _, err := conn.ExecContext(a.ctx, "begin"); err != nil {
		return nil, errors.Join(fmt.Errorf("begin to store results: %w", err), dropConn(conn))
	}
	w := &resultWriter{conn: conn}
	tables := resultTables()
	for i, at := range []**partition{&w.zones, &w.parts, &w.verdicts, &w.parcels} {
		if *at, err = a.store.newPartitionOn(a.ctx, conn, tables[i], owner{lockAnalysis, a.id}); err != nil {
			return nil, errors.Join(err, dropConn(conn))
		}
		(*at).batch = resultBatch
	}
	return w, nil
}

func resultTables() [4]table {
	return [4]table{
		{"zone_result", []string{"zone", "boundary_scope", "name", "result"}},
		{"part_status", []string{"position", "share", "home", "touch", "finding", "listed", "since", "days", "zone", "boundary_scope", "id", "area_m2",
			"class", "status", "flags", "reason", "idle", "indicators", "details"}},
		{"verdict", []string{"seq", "zone", "boundary_scope", "rule", "level", "subject", "outcome", "verdict"}},
		{"verdict_parcel", []string{"seq", "zone", "boundary_scope", "id", "rule", "outcome"}},
	}
}

// take gives a writer to one caller at a time; give gives it back.
func (a *Analysis) take(ctx context.Context) (*resultWriter, error) {
	select {
	case w := <-a.idle:
		return w, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (a *Analysis) give(w *resultWriter) { a.idle <- w }

// Zone stores the result of one zone, before its parts, with a row for each verdict that is
// violated, not reached or incomputable.
func (a *Analysis) Zone(ctx context.Context, z *land.ZoneResult) error {
	w, err := a.take(ctx)
	if err != nil {
		return err
	}
	defer a.give(w)
	a.violated.note(z)
	if err := w.zone(z); err != nil {
		return fmt.Errorf("store the result of zone %s: %w", z.Key(), err)
	}
	return nil
}

func (w *resultWriter) zone(z *land.ZoneResult) error {
	out := &w.zones.row
	out.key(z.Code)
	out.key(string(z.Scope))
	out.key(z.Name)
	out.json(z)
	if err := w.zones.endRow(); err != nil {
		return err
	}
	for i := range z.Verdicts {
		if err := w.verdict(z.Key(), i, &z.Verdicts[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *resultWriter) verdict(zone land.ZoneKey, seq int, v *land.Verdict) error {
	switch v.Outcome {
	case land.Violated, land.NotReached, land.Incomputable:
	default:
		return nil
	}
	out := &w.verdicts.row
	out.int(int64(seq))
	for _, s := range []string{zone.Code, string(zone.Scope), v.RuleKey(), string(v.Level), v.Subject, string(v.Outcome)} {
		out.key(s)
	}
	out.json(v)
	if err := w.verdicts.endRow(); err != nil {
		return err
	}
	for _, id := range parcelsOf(v) {
		out := &w.parcels.row
		out.int(int64(seq))
		for _, s := range []string{zone.Code, string(zone.Scope), id, v.RuleKey(), string(v.Outcome)} {
			out.key(s)
		}
		if err := w.parcels.endRow(); err != nil {
			return err
		}
	}
	return nil
}

// parcelsOf are the parcels that a verdict on a parcel or project speaks of. A
// verdict on a zone speaks of the zone.
func parcelsOf(v *land.Verdict) []string {
	if v.Level != land.LevelParcel && v.Level != land.LevelProject {
		return nil
	}
	ids := slices.Clone(v.Evidence)
	if v.Level == land.LevelParcel {
		ids = append(ids, v.Subject)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Parts stores the results of parts of a zone.
func (a *Analysis) Parts(ctx context.Context, zone land.ZoneKey, parts []land.PartResult) error {
	w, err := a.take(ctx)
	if err != nil {
		return err
	}
	defer a.give(w)
	violated := a.violated.of(zone)
	for i := range parts {
		if err := w.part(zone, &parts[i], violated[parts[i].ID]); err != nil {
			return fmt.Errorf("store the result of parcel %s: %w", parts[i].ID, err)
		}
	}
	return nil
}

func (w *resultWriter) part(zone land.ZoneKey, p *land.PartResult, violated bool) error {
	out := &w.parts.row
	out.int(p.Position)
	out.float(p.Share)
	out.bool(p.Home)
	out.bool(p.Touch)
	out.bool(p.Finding())
	out.bool(p.Finding() || violated)
	out.date(p.Since)
	if p.Idle == nil {
		out.null()
	} else {
		out.int(int64(p.Idle.Days))
	}
	out.key(zone.Code)
	out.key(string(zone.Scope))
	out.key(p.ID)
	out.fixed(p.AreaM2)
	out.key(string(p.Class))
	out.key(string(p.Status))
	words(out, p.Flags)
	out.key(p.Reason)
	if p.Idle == nil {
		out.null()
	} else {
		out.json(p.Idle)
	}
	if len(p.Indicators) == 0 {
		out.null()
	} else {
		out.indicators(p.Indicators)
	}
	if p.Details == nil {
		out.null()
	} else {
		out.json(p.Details)
	}
	return w.parts.endRow()
}

// Sets stores the totals over sets of zones.
func (a *Analysis) Sets(_ context.Context, sets []land.SetResult) error {
	if sets == nil {
		sets = []land.SetResult{}
	}
	b, err := json.Marshal(sets)
	if err != nil {
		return fmt.Errorf("write the totals: %w", err)
	}
	a.sets = b
	return nil
}

// Publish indexes the results and makes them the snapshot's current analysis
// for every reader at one instant. The analysis is over whatever it returns.
func (a *Analysis) Publish(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, a.Abort()) }()
	if err := a.finish(ctx); err != nil {
		return err
	}
	if err := a.publish(ctx); err != nil {
		return fmt.Errorf("publish the analysis of snapshot %s: %w", a.of.Snapshot, err)
	}
	return nil
}

func (a *Analysis) finish(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, w := range a.writers {
		g.Go(func() error { return w.finish(ctx) })
	}
	return g.Wait()
}

func (w *resultWriter) finish(ctx context.Context) error {
	for _, p := range w.all() {
		if err := p.endCopy(); err != nil {
			return err
		}
		if err := p.index(ctx); err != nil {
			return err
		}
		if err := p.record(ctx, nil); err != nil {
			return err
		}
	}
	return w.zones.commit(ctx)
}

func (a *Analysis) publish(ctx context.Context) error {
	tx, err := a.guard.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	var ids []int64
	for _, w := range a.writers {
		for _, p := range w.all() {
			if err := a.store.attach(ctx, tx, p.table, []int64{p.id}); err != nil {
				return err
			}
			ids = append(ids, p.id)
		}
	}
	sets := a.sets
	if sets == nil {
		sets = []byte("[]")
	}
	if _, err := tx.ExecContext(ctx, a.store.query("publish_analysis"), a.id, pq.Array(ids), sets); err != nil {
		return err
	}
	return tx.Commit()
}

// Abort throws the results away, where they aren't published. It may be called
// more than once.
func (a *Analysis) Abort() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	for _, w := range a.writers {
		if w.zones.conn != nil { // not committed
			errs = append(errs, dropConn(w.conn))
		}
	}
	a.writers = nil
	if a.guard != nil {
		errs = append(errs, a.release())
	}
	return errors.Join(errs...)
}

// release gives back the guard's locks and marks an unpublished analysis as
// failed.
func (a *Analysis) release() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), abortPatience)
	defer cancel()
	_, err := a.guard.ExecContext(ctx, a.store.query("fail_analysis"), a.id)
	_, unlocked := a.guard.ExecContext(ctx, a.store.query("unlock"))
	err = errors.Join(err, unlocked, dropConn(a.guard))
	a.guard = nil
	return errors.Join(err, a.store.dropUnused(ctx))
}
