package postgis

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"unsafe"

	"github.com/lib/pq"
)

// The classes of our advisory locks (with a number of the class as second
// key): who holds one says what lives, whatever the clock says.
const (
	lockSnapshot = 29046 // exclusive: the one load of a snapshot; key: hash of its name
	lockBatch    = 29047 // shared by every connection of a load; key: batch
	lockLoad     = 29048 // shared by readers of a partition; key: load id
	lockAnalysis = 29049 // shared by every connection of an analysis; key: analysis
)

// flushSize is when encoded rows are handed to the connection: below lib/pq's
// own buffer, so that it sends each in one message.
const flushSize = 56 * 1024

// partition is one new partition being filled by one connection, in one
// transaction: made, copied into and indexed. With wal_level minimal nothing of
// it goes through the write-ahead log, and if the process dies nothing of it
// remains. It is used by one goroutine at a time.
type partition struct {
	store *Store
	ctx   context.Context // of the load: COPY has no call of its own to take one from
	table table
	id    int64
	conn  *sql.Conn
	copy  copyStmt // nil when closed
	row   copyRow
	rows  int64
	extent
}

// copyStmt is lib/pq's statement of a COPY: raw text, any number of lines.
type copyStmt interface {
	driver.Stmt
	CopyData(ctx context.Context, lines string) (driver.Result, error)
}

// owner says whose rows a partition holds, for the lock that shows it lives.
type owner struct {
	class int
	id    int64
}

// newPartition makes an empty partition of a table.
func (s *Store) newPartition(ctx context.Context, t table, of owner) (*partition, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect for COPY: %w", err)
	}
	p := &partition{store: s, ctx: ctx, table: t, conn: conn}
	if err := p.create(of); err != nil {
		return nil, errors.Join(fmt.Errorf("make a partition of %s: %w", t.name, err), p.abort())
	}
	return p, nil
}

func (p *partition) create(of owner) error {
	begin := p.store.query("begin_partition", "class", strconv.Itoa(of.class), "owner", strconv.FormatInt(of.id, 10))
	if _, err := p.conn.ExecContext(p.ctx, begin); err != nil {
		return err
	}
	if err := p.conn.QueryRowContext(p.ctx, p.store.query("next_load")).Scan(&p.id); err != nil {
		return err
	}
	_, err := p.conn.ExecContext(p.ctx, p.sql("create_partition"))
	return err
}

// startCopy opens the COPY stream.
func (p *partition) startCopy() error {
	err := p.conn.Raw(func(c any) error {
		stmt, err := c.(driver.Conn).Prepare(p.sql("copy_partition", "columns", p.table.columnList()))
		if err != nil {
			return err
		}
		copying, ok := stmt.(copyStmt)
		if !ok {
			return errors.New("this version of lib/pq has no CopyData")
		}
		p.copy = copying
		return nil
	})
	if err != nil {
		return fmt.Errorf("start COPY into %s: %w", p.name(), err)
	}
	return nil
}

func (p *partition) name() string { return p.table.name + "_" + strconv.FormatInt(p.id, 10) }

// sql is the named query for this partition.
func (p *partition) sql(name string, pairs ...string) string {
	return p.store.query(name, append(pairs, "table", p.table.name, "id", strconv.FormatInt(p.id, 10))...)
}

// endRow ends the row in p.row and sends what has gathered.
func (p *partition) endRow() error {
	p.row.end()
	p.rows++
	if p.row.err != nil {
		return p.row.err
	}
	if len(p.row.b) < flushSize {
		return nil
	}
	return p.flush()
}

func (p *partition) flush() error {
	if len(p.row.b) == 0 {
		return nil
	}
	if p.copy == nil {
		if err := p.startCopy(); err != nil {
			return err
		}
	}
	// CopyData copies the text before it returns and adds the last newline.
	lines := unsafe.String(&p.row.b[0], len(p.row.b)-1)
	err := p.conn.Raw(func(any) error {
		_, err := p.copy.CopyData(p.ctx, lines)
		return err
	})
	p.row.b = p.row.b[:0]
	if err != nil {
		return fmt.Errorf("COPY into %s: %w", p.name(), err)
	}
	return nil
}

// endCopy sends the rest and waits until PostgreSQL has stored all rows.
func (p *partition) endCopy() error {
	if err := p.flush(); err != nil {
		return err
	}
	if p.copy == nil {
		return nil
	}
	err := p.conn.Raw(func(any) error {
		_, err := p.copy.Exec(nil) //nolint:staticcheck // the driver's own way to end a COPY
		return err
	})
	p.copy = nil
	p.row.b = nil
	if err != nil {
		return fmt.Errorf("COPY into %s: %w", p.name(), err)
	}
	return nil
}

// dropRows takes rows out by position.
func (p *partition) dropRows(ctx context.Context, positions []int64) error {
	res, err := p.conn.ExecContext(ctx, p.sql("drop_rows"), pq.Array(positions))
	if err != nil {
		return fmt.Errorf("take rows out of %s: %w", p.name(), err)
	}
	n, err := res.RowsAffected()
	p.rows -= n
	return err
}

// index builds the indexes. The rows are in the table and nobody sees it yet.
func (p *partition) index(ctx context.Context) error {
	if _, err := p.conn.ExecContext(ctx, p.sql("index_"+p.table.name)); err != nil {
		return fmt.Errorf("index %s: %w", p.name(), err)
	}
	return nil
}

// record notes the partition in the table of loads.
func (p *partition) record(ctx context.Context, batch sql.NullInt64, zoneLoads []int64) error {
	densest, bounds := p.extent.summary()
	_, err := p.conn.ExecContext(ctx, p.store.query("record_load"), p.id, batch, p.table.name, pq.Array(zoneLoads), p.rows,
		pq.Array(densest), pq.Array(bounds))
	if err != nil {
		return fmt.Errorf("record %s: %w", p.name(), err)
	}
	return nil
}

// commit makes the partition stay. It isn't attached yet: nobody reads it.
func (p *partition) commit(ctx context.Context) error {
	if _, err := p.conn.ExecContext(ctx, "commit"); err != nil {
		return fmt.Errorf("commit %s: %w", p.name(), err)
	}
	err := p.conn.Close()
	p.conn = nil
	return err
}

// abort throws the partition away; without effect after commit. The connection
// is closed, not reused: PostgreSQL then rolls back whatever state it was in.
func (p *partition) abort() error {
	if p.conn == nil {
		return nil
	}
	err := p.conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) {
		err = nil
	}
	if closed := p.conn.Close(); closed != nil && !errors.Is(closed, sql.ErrConnDone) {
		err = errors.Join(err, closed)
	}
	p.conn, p.copy = nil, nil
	return err
}
