package postgis

import (
	"context"
	"fmt"

	"github.com/muscope/muscope/analysis/land"
)

// rejects is the partition that the rejects of a load are copied into.
type rejects struct {
	part *partition
	err  error // the first failure; reported when the load is published
}

func rejectTable() table {
	return table{"reject", []string{"seq", "severity", "layer", "file", "feature", "byte_offset", "id", "field", "code", "reason", "remedy", "place"}}
}

// Reject stores a reject or warning of the load. It is called from one
// goroutine; a failure shows in Publish.
func (l *Load) Reject(r *land.Reject) {
	c := &l.rejects
	if c.part == nil && c.err == nil {
		c.part, c.err = l.store.newPartition(l.ctx, rejectTable(), owner{lockBatch, l.batch})
	}
	if c.err != nil {
		return
	}
	c.part.writeReject(r)
	c.err = c.part.endRow()
}

func (p *partition) writeReject(r *land.Reject) {
	out := &p.row
	out.int(p.rows + 1)
	out.key(string(r.Severity))
	out.key(r.Layer)
	out.key(r.File)
	out.int(r.Feature)
	out.int(r.Offset)
	out.text(r.ID)
	out.text(r.Field)
	out.key(r.Code)
	out.key(r.Reason)
	out.key(r.Remedy)
	if r.Place == nil {
		out.null()
	} else {
		out.key(fmt.Sprintf("(%v,%v)", r.Place[0], r.Place[1]))
	}
}

// endRejects stores what Reject was given.
func (l *Load) endRejects(ctx context.Context) error {
	c := &l.rejects
	if c.err == nil && c.part != nil {
		_, c.err = l.finish(ctx, []*partition{c.part}, nil)
	}
	if c.err != nil {
		return fmt.Errorf("store the rejects: %w", c.err)
	}
	return nil
}

// load is the partition's load id, 0 where nothing was rejected.
func (c *rejects) load() int64 {
	if c.part == nil {
		return 0
	}
	return c.part.id
}
