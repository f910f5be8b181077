package postgis

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"unsafe"
)

// flushSize is when encoded rows are handed to the connection: below lib/pq's
// own buffer, so that it sends each in one message.
const flushSize = 56 * 1024

// copier is one COPY on a connection with an open transaction. It is used by
// one goroutine at a time.
type copier struct {
	ctx  context.Context // of the load: writers get no context of their own
	conn *sql.Conn
	into string   // the COPY statement
	stmt copyStmt // nil while no COPY is open
	row  copyRow
	rows int64
	// batch, where set, is how much is gathered before it is copied by a COPY of
	// its own: so several tables are filled by turns on one connection.
	batch int
}

// copyStmt is lib/pq's statement of a COPY: raw text, any number of lines.
type copyStmt interface {
	driver.Stmt
	CopyData(ctx context.Context, lines string) (driver.Result, error)
}

// endRow ends the row in c.row and sends what has gathered.
func (c *copier) endRow() error {
	c.row.end()
	c.rows++
	if c.row.err != nil {
		return c.row.err
	}
	if c.batch > 0 {
		if len(c.row.b) < c.batch {
			return nil
		}
		return c.endCopy()
	}
	if len(c.row.b) < flushSize {
		return nil
	}
	return c.flush()
}

func (c *copier) flush() error {
	if len(c.row.b) == 0 {
		return nil
	}
	if c.stmt == nil {
		if err := c.start(); err != nil {
			return err
		}
	}
	// CopyData copies the text before it returns and adds the last newline.
	lines := unsafe.String(&c.row.b[0], len(c.row.b)-1)
	err := c.conn.Raw(func(any) error {
		_, err := c.stmt.CopyData(c.ctx, lines)
		return err
	})
	c.row.b = c.row.b[:0]
	if err != nil {
		return fmt.Errorf("copy rows into the database: %w", err)
	}
	return nil
}

func (c *copier) start() error {
	err := c.conn.Raw(func(conn any) error {
		stmt, err := conn.(driver.Conn).Prepare(c.into)
		if err != nil {
			return err
		}
		copying, ok := stmt.(copyStmt)
		if !ok {
			return errors.New("this version of lib/pq has no CopyData")
		}
		c.stmt = copying
		return nil
	})
	if err != nil {
		return fmt.Errorf("start to copy rows into the database: %w", err)
	}
	return nil
}

// endCopy sends the rest and waits until PostgreSQL has stored all rows.
func (c *copier) endCopy() error {
	if err := c.flush(); err != nil {
		return err
	}
	if c.stmt == nil {
		return nil
	}
	err := c.conn.Raw(func(any) error {
		_, err := c.stmt.Exec(nil) //nolint:staticcheck // the driver's own way to end a COPY
		return err
	})
	c.stmt = nil
	if err != nil {
		return fmt.Errorf("copy rows into the database: %w", err)
	}
	return nil
}

// abort throws away what the connection's transaction did; without effect
// after commit.
func (c *copier) abort() error {
	if c.conn == nil {
		return nil
	}
	err := dropConn(c.conn)
	c.conn, c.stmt = nil, nil
	return err
}

// dropConn closes a connection for good instead of giving it back to the pool:
// PostgreSQL then rolls back and unlocks whatever it held.
func dropConn(conn *sql.Conn) error {
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		err = nil
	}
	if closed := conn.Close(); closed != nil && !errors.Is(closed, sql.ErrConnDone) {
		err = errors.Join(err, closed)
	}
	return err
}
