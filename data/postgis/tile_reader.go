package postgis

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/lib/pq"
)

// tileIdle is how long a connection for tiles is kept while nobody looks.
const tileIdle = time.Minute

// tileReader reads what tiles are drawn from, over connections of its own: few,
// since drawing keeps the machine busy, with statements that stay prepared.
type tileReader struct {
	db       *sql.DB
	query    func(name string, pairs ...string) string
	statuses *statusCache

	mu         sync.Mutex
	statements map[string]*sql.Stmt
}

func (s *Store) newTileReader(most time.Duration) (*tileReader, error) {
	cfg := withStatementTimeout(s.config, most)
	// Starting workers and planning anew each cost more than a tile does. Without the place of the tile the planner
	// expects few rows and goes by index, which is right.
	cfg.Runtime["max_parallel_workers_per_gather"] = "0"
	cfg.Runtime["plan_cache_mode"] = "force_generic_plan"
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	r := &tileReader{db: sql.OpenDB(connector), query: s.query, statuses: newStatusCache(), statements: map[string]*sql.Stmt{}}
	n := max(8, 4*runtime.GOMAXPROCS(0))
	r.db.SetMaxOpenConns(n)
	r.db.SetMaxIdleConns(n)
	r.db.SetConnMaxIdleTime(tileIdle)
	return r, nil
}

// statement is the query of that name, prepared once a connection.
func (r *tileReader) statement(ctx context.Context, name, query string) (*sql.Stmt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if st, ok := r.statements[name]; ok {
		return st, nil
	}
	st, err := r.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	r.statements[name] = st
	return st, nil
}

// rows runs a query that strings its rows together. The connection is free
// again when it returns: whoever draws may need to ask once more, and must not
// wait for one while he has one.
func (r *tileReader) rows(ctx context.Context, name string, args ...any) (*wireRows, error) {
	st, err := r.statement(ctx, name, r.query(name))
	if err != nil {
		return nil, err
	}
	var b []byte
	if err := st.QueryRowContext(ctx, args...).Scan(&b); err != nil {
		return nil, err
	}
	return &wireRows{b: b}, nil
}

func (r *tileReader) close() error { return r.db.Close() }
