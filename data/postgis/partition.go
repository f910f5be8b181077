package postgis

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

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

// partition is one new partition being filled by one connection, in one
// transaction: made, copied into and indexed. With wal_level minimal nothing of
// it goes through the write-ahead log, and if the process dies nothing of it
// remains. It is used by one goroutine at a time.
type partition struct {
	copier
	extent
	store *Store
	table table
	id    int64
	of    owner
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
	if _, err := conn.ExecContext(ctx, "begin"); err != nil {
		return nil, errors.Join(fmt.Errorf("make a partition of %s: %w", t.name, err), dropConn(conn))
	}
	p, err := s.newPartitionOn(ctx, conn, t, of)
	if err != nil {
		return nil, errors.Join(err, dropConn(conn))
	}
	return p, nil
}

// newPartitionOn makes an empty partition in the open transaction of a
// connection.
func (s *Store) newPartitionOn(ctx context.Context, conn *sql.Conn, t table, of owner) (*partition, error) {
	p := &partition{copier: copier{ctx: ctx, conn: conn}, store: s, table: t, of: of}
	if err := p.create(); err != nil {
		return nil, fmt.Errorf("make a partition of %s: %w", t.name, err)
	}
	return p, nil
}

func (p *partition) create() error {
	begin := p.store.query("begin_partition", "class", strconv.Itoa(p.of.class), "owner", strconv.FormatInt(p.of.id, 10))
	if _, err := p.conn.ExecContext(p.ctx, begin); err != nil {
		return err
	}
	if err := p.conn.QueryRowContext(p.ctx, p.store.query("next_load")).Scan(&p.id); err != nil {
		return err
	}
	p.into = p.sql("copy_partition", "columns", p.table.columnList())
	_, err := p.conn.ExecContext(p.ctx, p.sql("create_partition"))
	return err
}

func (p *partition) name() string { return p.table.name + "_" + strconv.FormatInt(p.id, 10) }

// sql is the named query for this partition.
func (p *partition) sql(name string, pairs ...string) string {
	return p.store.query(name, append(pairs, "table", p.table.name, "id", strconv.FormatInt(p.id, 10))...)
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
func (p *partition) record(ctx context.Context, zoneLoads []int64) error {
	densest, bounds := p.extent.summary()
	var batch, analysis int64
	if p.of.class == lockAnalysis {
		analysis = p.of.id
	} else {
		batch = p.of.id
	}
	whole := p.rows
	if p.table.name == "parcel" {
		if err := p.conn.QueryRowContext(ctx, p.sql("count_whole")).Scan(&whole); err != nil {
			return fmt.Errorf("count %s: %w", p.name(), err)
		}
	}
	_, err := p.conn.ExecContext(ctx, p.store.query("record_load"), p.id, batch, analysis, p.table.name, pq.Array(zoneLoads),
		p.rows, whole, pq.Array(densest), pq.Array(bounds))
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
