package postgis

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/lib/pq"
)

// statementMargin is how much longer than its reader the database goes on with
// a statement: the reader's own end, which says more, comes first.
const statementMargin = 5 * time.Second

// LimitStatements bounds how long the database works on a statement, for
// readers who won't wait longer, whatever becomes of this process: long where
// rows go to a reader as they come, short for counts and tiles. Call it before
// the store is used by several goroutines, and not on one that loads or
// analyzes.
func (s *Store) LimitStatements(long, short time.Duration) error {
	db, err := s.limited(long)
	if err != nil {
		return err
	}
	tiles, err := s.newTileReader(short)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	old, oldTiles := s.db, s.tiles
	s.db, s.tiles, s.short = db, tiles, short
	if err := errors.Join(old.Close(), oldTiles.close()); err != nil {
		return fmt.Errorf("close the connections without a time limit: %w", err)
	}
	return nil
}

// limited opens connections whose statements end after most; 0 is never.
func (s *Store) limited(most time.Duration) (*sql.DB, error) {
	connector, err := pq.NewConnectorConfig(withStatementTimeout(s.config, most))
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(8)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}

func withStatementTimeout(cfg pq.Config, most time.Duration) pq.Config {
	cfg = cfg.Clone()
	if cfg.Runtime == nil {
		cfg.Runtime = map[string]string{}
	}
	if most != 0 {
		cfg.Runtime["statement_timeout"] = milliseconds(most + statementMargin)
	}
	return cfg
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(max(1, d.Milliseconds()), 10) }

// within runs a statement that has to be short, on a connection that ends it.
func (s *Store) within(ctx context.Context, run func(*sql.Conn) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	if s.short == 0 {
		return run(conn)
	}
	if _, err := conn.ExecContext(ctx, s.query("limit_statement"), milliseconds(s.short+statementMargin)); err != nil {
		return err
	}
	err = run(conn)
	if _, lost := conn.ExecContext(context.WithoutCancel(ctx), s.query("unlimit_statement")); lost != nil {
		return errors.Join(err, dropConn(conn)) // it would cut short what comes next
	}
	return err
}

// Slow reports whether an error says that the database ended a statement
// because it took too long.
func Slow(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code == "57014" // query_canceled
}
