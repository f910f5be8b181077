package postgis

import (
	"fmt"

	"github.com/muscope/muscope/analysis/land"
)

// rejectCopy copies the rejects of a load on a connection of its own.
type rejectCopy struct {
	copier
	err error // the first failure; reported when the load is published
}

// Reject stores a reject or warning of the load. It is called from one
// goroutine; a failure shows in Publish.
func (l *Load) Reject(r *land.Reject) {
	if l.rejects == nil {
		l.rejects = &rejectCopy{}
		l.rejects.err = l.openRejects()
	}
	c := l.rejects
	if c.err != nil {
		return
	}
	out := &c.row
	out.int(l.batch)
	out.int(c.rows + 1)
	for _, s := range []string{string(r.Severity), r.Layer, r.File} {
		out.key(s)
	}
	out.int(r.Feature)
	out.int(r.Offset)
	out.text(r.ID)
	out.text(r.Field)
	for _, s := range []string{r.Code, r.Reason, r.Remedy} {
		out.key(s)
	}
	if r.Place == nil {
		out.null()
	} else {
		out.key(fmt.Sprintf("(%v,%v)", r.Place[0], r.Place[1]))
	}
	c.err = c.endRow()
}

func (l *Load) openRejects() error {
	conn, err := l.store.db.Conn(l.ctx)
	if err != nil {
		return fmt.Errorf("connect for the rejects: %w", err)
	}
	l.rejects.copier = copier{ctx: l.ctx, conn: conn, into: l.store.query("copy_rejects")}
	if _, err := conn.ExecContext(l.ctx, "begin"); err != nil {
		return fmt.Errorf("begin to store the rejects: %w", err)
	}
	return nil
}

// endRejects stores what Reject was given.
func (l *Load) endRejects() error {
	c := l.rejects
	if c == nil {
		return nil
	}
	if c.err == nil {
		c.err = c.endCopy()
	}
	if c.err == nil {
		_, c.err = c.conn.ExecContext(l.ctx, "commit")
	}
	if c.err != nil {
		return fmt.Errorf("store the rejects: %w", c.err)
	}
	return nil
}

func (l *Load) abortRejects() error {
	if l.rejects == nil {
		return nil
	}
	return l.rejects.abort()
}
