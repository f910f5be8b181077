package postgis

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/lib/pq"
	"golang.org/x/sync/errgroup"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// LoadOptions says what a load replaces or adds to.
type LoadOptions struct {
	Snapshot string // made where it doesn't exist
	Layer    string // one of ingest's layers
	Append   bool   // add to the layer instead of replacing it
	By       string // who loads, for the record
}

// Load is one load of one layer of a snapshot: an ingest.Sink whose rows nobody
// sees until Publish. End it with Publish or Abort; a process that dies leaves
// the old load, and the next load of any snapshot cleans up behind it.
type Load struct {
	store   *Store
	ctx     context.Context
	opt     LoadOptions
	batch   int64
	guard   *sql.Conn // holds the locks that say that the load lives
	current layerPointers

	mu       sync.Mutex
	parts    []*partition
	replaced []string
	rejects  rejects
}

// layerPointers are the loads of each layer of a snapshot.
type layerPointers map[string][]int64

var _ ingest.Sink = (*Load)(nil)

// BeginLoad starts a load: it takes the snapshot's lock (ErrBusy where another
// load has it) and clears away what dead loads left. ctx holds for the whole
// load.
func (s *Store) BeginLoad(ctx context.Context, opt LoadOptions) (*Load, error) {
	if tableOf(opt.Layer).name == "" {
		return nil, fmt.Errorf("no layer %q: one of %s", opt.Layer, strings.Join(ingest.Layers(), ", "))
	}
	guard, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect for the load: %w", err)
	}
	l := &Load{store: s, ctx: ctx, opt: opt, guard: guard}
	if err := l.begin(); err != nil {
		return nil, errors.Join(fmt.Errorf("begin to load %s of snapshot %s: %w", opt.Layer, opt.Snapshot, err), l.release())
	}
	return l, nil
}

func (l *Load) begin() error {
	if _, err := l.guard.ExecContext(l.ctx, l.store.query("keep_session")); err != nil {
		return err
	}
	var got bool
	if err := l.guard.QueryRowContext(l.ctx, l.store.query("lock_snapshot"), lockSnapshot, l.opt.Snapshot).Scan(&got); err != nil {
		return err
	}
	if !got {
		return fmt.Errorf("%w; wait for it to end, then load again", ErrBusy)
	}
	if err := l.store.Clean(l.ctx); err != nil {
		return err
	}
	err := l.guard.QueryRowContext(l.ctx, l.store.query("begin_batch"), l.opt.Snapshot, l.opt.Layer, l.opt.Append, l.opt.By, lockBatch).Scan(&l.batch)
	if err != nil {
		return err
	}
	l.current, err = l.store.published(l.ctx, l.opt.Snapshot)
	return err
}

// published are the loads that are a snapshot's layers now.
func (s *Store) published(ctx context.Context, snapshot string) (layerPointers, error) {
	rows, err := s.db.QueryContext(ctx, s.query("published_loads"), snapshot)
	if err != nil {
		return nil, fmt.Errorf("read the loads of snapshot %s: %w", snapshot, err)
	}
	defer rows.Close()
	loads := layerPointers{}
	for rows.Next() {
		var layer string
		var ids []int64
		if err := rows.Scan(&layer, pq.Array(&ids)); err != nil {
			return nil, fmt.Errorf("read the loads of snapshot %s: %w", snapshot, err)
		}
		loads[layer] = ids
	}
	return loads, rows.Err()
}

// newPart makes a partition of the load.
func (l *Load) newPart(t table) (*partition, error) {
	p, err := l.store.newPartition(l.ctx, t, owner{lockBatch, l.batch})
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.parts = append(l.parts, p)
	l.mu.Unlock()
	return p, nil
}

// ParcelWriter gives a worker a connection and a partition of its own.
func (l *Load) ParcelWriter() (ingest.ParcelWriter, error) {
	p, err := l.newPart(parcelTable())
	if err != nil {
		return nil, err
	}
	return &parcelWriter{part: p, fields: land.ParcelFields()}, nil
}

// BuildingWriter gives a worker a connection and a partition of its own.
func (l *Load) BuildingWriter() (ingest.BuildingWriter, error) {
	p, err := l.newPart(tableOf(ingest.LayerBuildings))
	if err != nil {
		return nil, err
	}
	return &buildingWriter{part: p, fields: land.BuildingFields()}, nil
}

// ConstraintWriter gives a worker a connection and a partition of its own.
func (l *Load) ConstraintWriter() (ingest.ConstraintWriter, error) {
	p, err := l.newPart(tableOf(ingest.LayerConstraints))
	if err != nil {
		return nil, err
	}
	return &constraintWriter{part: p, fields: land.ConstraintFields()}, nil
}

// WriteZones stores all zones of the load.
func (l *Load) WriteZones(_ context.Context, rows []ingest.ZoneRow) error {
	p, err := l.newPart(tableOf(ingest.LayerZones))
	if err != nil {
		return err
	}
	fields := land.ZoneFields()
	for i := range rows {
		if err := p.writeZone(&rows[i], fields); err != nil {
			return err
		}
	}
	return p.endCopy()
}

// WriteStats stores all rows of yearly statistics of the load.
func (l *Load) WriteStats(_ context.Context, rows []land.Stats) error {
	p, err := l.newPart(tableOf(ingest.LayerStats))
	if err != nil {
		return err
	}
	fields := land.StatsFields()
	for i := range rows {
		p.row.key(rows[i].Zone)
		p.row.int(int64(rows[i].Year))
		putFields(&p.row, fields, &rows[i])
		if err := p.endRow(); err != nil {
			return fmt.Errorf("stats of zone %s, %d: %w", rows[i].Zone, rows[i].Year, err)
		}
	}
	return p.endCopy()
}

// Drop takes rows out again, after the writers are closed.
func (l *Load) Drop(ctx context.Context, _ string, positions []int64) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, p := range l.parts {
		g.Go(func() error { return p.dropRows(ctx, positions) })
	}
	return g.Wait()
}

// Published is what the reader of the files says of a load.
type Published struct {
	Inputs []land.Input
	Counts map[string]int64 // by code
}

// Publish indexes the rows and makes them the layer, or a part of it, for every
// reader at one instant. Parcels of the snapshot are located anew first where
// the zones change. The load is over whatever Publish returns.
func (l *Load) Publish(ctx context.Context, done Published) (err error) {
	defer func() { err = errors.Join(err, l.Abort()) }()
	loads, err := l.finishAll(ctx)
	if err != nil {
		return err
	}
	changes := []layerChange{{layer: l.opt.Layer, add: loads, batch: l.batch}}
	if l.opt.Append {
		if changes[0].keep, changes[0].add, err = l.appended(ctx, loads); err != nil {
			return err
		}
	}
	if l.opt.Layer == ingest.LayerZones {
		rebuilt, err := l.relocate(ctx, changes[0].loads())
		if err != nil {
			return err
		}
		changes = append(changes, rebuilt...)
	}
	if err := l.publish(ctx, changes, done); err != nil {
		return fmt.Errorf("publish %s of snapshot %s: %w", l.opt.Layer, l.opt.Snapshot, err)
	}
	l.batch = 0 // published: nothing to abort
	return nil
}

// finishAll finishes the rows and the rejects beside them.
func (l *Load) finishAll(ctx context.Context) (loads []int64, err error) {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return l.endRejects(ctx) })
	g.Go(func() error {
		var err error
		loads, err = l.finish(ctx, l.parts, l.zoneLoads())
		return err
	})
	return loads, g.Wait()
}

func (l *Load) zoneLoads() []int64 {
	if l.opt.Layer == ingest.LayerParcels {
		return l.current[ingest.LayerZones]
	}
	return nil
}

// finish indexes and commits partitions, each on its own connection, and
// returns their load ids.
func (l *Load) finish(ctx context.Context, parts []*partition, zoneLoads []int64) ([]int64, error) {
	g, ctx := errgroup.WithContext(ctx)
	loads := make([]int64, len(parts))
	for i, p := range parts {
		loads[i] = p.id
		g.Go(func() error {
			if err := p.endCopy(); err != nil {
				return err
			}
			if err := l.refuseExisting(ctx, p); err != nil {
				return err
			}
			if err := p.index(ctx); err != nil {
				return err
			}
			if err := p.record(ctx, zoneLoads); err != nil {
				return err
			}
			return p.commit(ctx)
		})
	}
	return loads, g.Wait()
}

// refuseExisting refuses an appended layer that holds keys the snapshot has
// already. Parcels, approvals and tables are settled row by row while they are
// read (Existing and Replace); the other layers are small enough to be loaded
// whole.
func (l *Load) refuseExisting(ctx context.Context, p *partition) error {
	current := l.current[l.opt.Layer]
	if !l.opt.Append || l.settlesRows() || len(current) == 0 || p.table.name != tableOf(l.opt.Layer).name {
		return nil
	}
	var keys []string
	q := p.sql("existing_keys", "keys", strings.Join(p.table.keys(), ", "))
	if err := p.conn.QueryRowContext(ctx, q, pq.Array(current)).Scan(pq.Array(&keys)); err != nil {
		return fmt.Errorf("look for existing %s: %w", l.opt.Layer, err)
	}
	if len(keys) > 0 {
		return fmt.Errorf("%w: %s %s; leave them out, or load the whole layer without --append", ErrExists, l.opt.Layer, strings.Join(keys, ", "))
	}
	if l.opt.Layer != ingest.LayerZones {
		return nil
	}
	if err := p.conn.QueryRowContext(ctx, p.sql("park_elsewhere"), pq.Array(current)).Scan(pq.Array(&keys)); err != nil {
		return fmt.Errorf("look for parks: %w", err)
	}
	if len(keys) > 0 {
		return fmt.Errorf("%w: the outline of a zone holds its parks, and %s belong together with zones loaded before; load the whole layer without --append",
			ErrExists, strings.Join(keys, ", "))
	}
	return nil
}

// settlesRows reports that the rows of the layer are compared with those of the
// snapshot one by one.
func (l *Load) settlesRows() bool {
	return l.opt.Layer == ingest.LayerParcels || l.opt.Layer == ingest.LayerApprovals || recordTableOf(l.opt.Layer).name != ""
}

// layerChange is what publishing does to one layer: it becomes the loads keep
// and add.
type layerChange struct {
	layer     string
	keep, add []int64
	batch     int64 // whose rows are added; 0 where old rows were only written anew
}

// loads are all loads of the layer once it is published.
func (c layerChange) loads() []int64 { return append(append([]int64{}, c.keep...), c.add...) }

// publish attaches the new partitions and turns the pointers, in one short
// transaction that takes no lock a reader waits for.
func (l *Load) publish(ctx context.Context, changes []layerChange, done Published) error {
	inputs, err := json.Marshal(done.Inputs)
	if err != nil {
		return fmt.Errorf("write the inputs: %w", err)
	}
	counts, err := json.Marshal(done.Counts)
	if err != nil {
		return fmt.Errorf("write the counts: %w", err)
	}
	tx, err := l.guard.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	for _, c := range changes {
		if err := l.store.attach(ctx, tx, tableOf(c.layer), c.add); err != nil {
			return err
		}
		appended := c.batch == 0 || l.opt.Append
		if _, err := tx.ExecContext(ctx, l.store.query("point_layer"), l.opt.Snapshot, c.layer, pq.Array(c.loads()), c.batch, appended); err != nil {
			return err
		}
	}
	if id := l.rejects.load(); id != 0 {
		if err := l.store.attach(ctx, tx, rejectTable(), []int64{id}); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, l.store.query("publish_batch"), l.batch, inputs, counts, l.rejects.load()); err != nil {
		return err
	}
	return tx.Commit()
}

// attach makes partitions part of their table. ATTACH takes the parent's SHARE
// UPDATE EXCLUSIVE lock, which readers don't mind.
func (s *Store) attach(ctx context.Context, tx *sql.Tx, t table, ids []int64) error {
	for _, id := range ids {
		q := s.query("attach_partition", "table", t.name, "id", fmt.Sprint(id))
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("attach %s_%d: %w", t.name, id, err)
		}
	}
	return nil
}

// Abort throws the load away, where it isn't published, and lets the snapshot
// go. It may be called more than once.
func (l *Load) Abort() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, p := range l.parts {
		errs = append(errs, p.abort())
	}
	l.parts = nil
	if l.rejects.part != nil {
		errs = append(errs, l.rejects.part.abort())
	}
	errs = append(errs, l.release())
	return errors.Join(errs...)
}

// release gives back the guard's locks and marks an unpublished batch as
// failed. It works where the load's context has ended, too.
func (l *Load) release() error {
	if l.guard == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), abortPatience)
	defer cancel()
	var err error
	if l.batch != 0 {
		_, err = l.guard.ExecContext(ctx, l.store.query("fail_batch"), l.batch)
		l.batch = 0
	}
	// Closing unlocks as well, but only when the server has noticed.
	_, unlocked := l.guard.ExecContext(ctx, l.store.query("unlock"))
	err = errors.Join(err, unlocked, dropConn(l.guard))
	l.guard = nil
	return errors.Join(err, l.store.dropUnused(ctx))
}
