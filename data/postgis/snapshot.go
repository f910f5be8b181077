package postgis

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/muscope/muscope/analysis/land"
)

// Snapshot is a named set of layers.
type Snapshot struct {
	Name    string
	Created time.Time
	Layers  []string
	// The current analysis; blank where there is none.
	AnalysisID string
	AsOf       land.Date
	Analyzed   *time.Time
	Stale      bool // loads were published after the analysis that it isn't of
	Zones      int64
	Parcels    int64
}

// LoadRecord is one run of a load: what came in and what became of it.
type LoadRecord struct {
	ID        int64
	Layer     string
	State     string // loading | published | retired | failed
	Appended  bool
	LoadedBy  string
	Started   time.Time
	Published *time.Time
	Inputs    []land.Input
	Counts    map[string]int64 // rejects, warnings and notes by code
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("the database doesn't answer: %w", err)
	}
	return nil
}

// Snapshots lists the snapshots by name.
func (s *Store) Snapshots(ctx context.Context) ([]Snapshot, error) {
	rows, err := s.db.QueryContext(ctx, s.query("snapshots"))
	if err != nil {
		return nil, fmt.Errorf("list the snapshots: %w", err)
	}
	defer rows.Close()
	var list []Snapshot
	for rows.Next() {
		var sn Snapshot
		var id sql.NullString
		var asOf, analyzed sql.NullTime
		err := rows.Scan(&sn.Name, &sn.Created, pq.Array(&sn.Layers), &id, &asOf, &analyzed, &sn.Stale, &sn.Zones, &sn.Parcels)
		if err != nil {
			return nil, fmt.Errorf("list the snapshots: %w", err)
		}
		sn.AnalysisID = id.String
		if asOf.Valid {
			sn.AsOf = land.DateOfTime(asOf.Time)
		}
		if analyzed.Valid {
			sn.Analyzed = &analyzed.Time
		}
		list = append(list, sn)
	}
	return list, rows.Err()
}

// Loads is what came into a snapshot, newest first, or ErrNoSnapshot.
func (s *Store) Loads(ctx context.Context, snapshot string) ([]LoadRecord, error) {
	list, err := s.loadRecords(ctx, "loads", snapshot)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%w: %s", ErrNoSnapshot, snapshot)
	}
	return list, err
}

func (s *Store) loadRecords(ctx context.Context, name string, arg any) ([]LoadRecord, error) {
	rows, err := s.db.QueryContext(ctx, s.query(name), arg)
	if err != nil {
		return nil, fmt.Errorf("list the loads: %w", err)
	}
	defer rows.Close()
	var list []LoadRecord
	for rows.Next() {
		var l LoadRecord
		var inputs, counts []byte
		var published sql.NullTime
		err := rows.Scan(&l.ID, &l.Layer, &l.State, &l.Appended, &l.LoadedBy, &l.Started, &published, &inputs, &counts)
		if err == nil {
			err = json.Unmarshal(inputs, &l.Inputs)
		}
		if err == nil {
			err = json.Unmarshal(counts, &l.Counts)
		}
		if err != nil {
			return nil, fmt.Errorf("list the loads: %w", err)
		}
		if published.Valid {
			l.Published = &published.Time
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

// Inputs are the input files of the view's loads, layer by layer in the order
// in which they are loaded: zones, parcels, buildings, constraints, stats.
func (v *View) Inputs(ctx context.Context) ([]land.Input, error) {
	loads, err := v.store.loadRecords(ctx, "inputs", pq.Array(v.batches))
	if err != nil {
		return nil, err
	}
	var inputs []land.Input
	for _, l := range loads {
		inputs = append(inputs, l.Inputs...)
	}
	return inputs, nil
}

// Rejects yields what the loads of the view rejected or warned of, layer by
// layer, in input order. A caller with a scope gets none: a feature that was
// not loaded lies in no zone that could be his.
func (v *View) Rejects(ctx context.Context, yield func(*land.Reject) error) error {
	if v.Scope != nil {
		return nil
	}
	return v.store.rejects(ctx, v.batches, yield)
}

// Rejects yields what the current loads of a snapshot rejected or warned of.
func (s *Store) Rejects(ctx context.Context, snapshot string, yield func(*land.Reject) error) error {
	v, err := s.Current(ctx, snapshot)
	if err != nil {
		return err
	}
	defer v.Close() //nolint:errcheck // it only lets locks go
	return v.Rejects(ctx, yield)
}

func (s *Store) rejects(ctx context.Context, batches []int64, yield func(*land.Reject) error) error {
	rows, err := s.db.QueryContext(ctx, s.query("rejects"), pq.Array(batches))
	if err != nil {
		return fmt.Errorf("read the rejects: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r land.Reject
		var x, y sql.NullFloat64
		err := rows.Scan(&r.Severity, &r.Layer, &r.File, &r.Feature, &r.Offset, &r.ID, &r.Field, &r.Code, &r.Reason, &r.Remedy, &x, &y)
		if err != nil {
			return fmt.Errorf("read the rejects: %w", err)
		}
		if x.Valid && y.Valid {
			r.Place = &[2]float64{x.Float64, y.Float64}
		}
		if err := yield(&r); err != nil {
			return err
		}
	}
	return rows.Err()
}
