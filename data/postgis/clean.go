package postgis

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"
)

// abortPatience bounds the clearing up after a load that failed, which must
// also work where the load's context has ended.
const abortPatience = 30 * time.Second

// dropPatience is how long dropping an old partition may keep readers waiting:
// DROP needs the parent for itself for a moment. What can't be dropped now is
// dropped after the next load.
const dropPatience = "100ms"

// Clean clears away what dead loads and analyses left. Dead is one whose
// advisory lock nobody holds: its processes and their connections are gone. Age
// says nothing: a load may run for hours.
func (s *Store) Clean(ctx context.Context) error {
	if _, err := s.db.ExecContext(ctx, s.query("fail_dead")); err != nil {
		return fmt.Errorf("look for dead loads: %w", err)
	}
	return s.dropUnused(ctx)
}

// dropUnused drops partitions that neither a snapshot's layer nor a current
// analysis nor a living load nor a reader holds.
func (s *Store) dropUnused(ctx context.Context) error {
	return errors.Join(s.holds.endIdle(), s.sweep(ctx))
}

func (s *Store) sweep(ctx context.Context) error {
	unused, err := s.unusedLoads(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, u := range unused {
		errs = append(errs, s.dropLoad(ctx, u))
	}
	return errors.Join(errs...)
}

type unusedLoad struct {
	id    int64
	table string
}

func (s *Store) unusedLoads(ctx context.Context) ([]unusedLoad, error) {
	rows, err := s.db.QueryContext(ctx, s.query("unused_loads"))
	if err != nil {
		return nil, fmt.Errorf("look for unused loads: %w", err)
	}
	defer rows.Close()
	var list []unusedLoad
	for rows.Next() {
		var u unusedLoad
		if err := rows.Scan(&u.id, &u.table); err != nil {
			return nil, fmt.Errorf("look for unused loads: %w", err)
		}
		list = append(list, u)
	}
	return list, rows.Err()
}

// dropLoad drops one partition, unless somebody reads it or the tables are
// busy: then it stays for the next time, which is no error.
func (s *Store) dropLoad(ctx context.Context, u unusedLoad) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("drop an old load: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	var free bool
	if err := tx.QueryRowContext(ctx, s.query("lock_load"), lockLoad, u.id).Scan(&free); err != nil {
		return fmt.Errorf("drop load %d: %w", u.id, err)
	}
	if !free {
		return nil
	}
	q := s.query("drop_load", "table", u.table, "id", strconv.FormatInt(u.id, 10), "patience", dropPatience)
	if _, err := tx.ExecContext(ctx, q); err != nil {
		if isBusy(err) {
			return nil
		}
		return fmt.Errorf("drop load %d: %w", u.id, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("drop load %d: %w", u.id, err)
	}
	return nil
}

// isBusy reports a lock that wasn't to be had in time, or a partition another
// process dropped first.
func isBusy(err error) bool {
	var e *pq.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case "55P03", "40P01", "42P01": // lock_not_available, deadlock_detected, undefined_table
		return true
	}
	return false
}

// intArray is ids as the text of a PostgreSQL array.
func intArray(ids []int64) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(id, 10))
	}
	b.WriteByte('}')
	return b.String()
}

// inherit gives a partition that was copied from another the measures of that.
func (p *partition) inherit(ctx context.Context, from int64) error {
	err := p.conn.QueryRowContext(ctx, p.store.query("load_extent"), from).Scan(pq.Array(&p.extent.inheritedDensest), pq.Array(&p.extent.inheritedBounds))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
