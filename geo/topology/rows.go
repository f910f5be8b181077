package topology

import (
	"math"

	"github.com/paulmach/orb"
)

// rowIndex finds open shapes by latitude: each stands in the rows it reaches into, a shape of many rows in a list of its own.
type rowIndex struct {
	rows  map[int32][]*item
	tall  []*item
	asked int64
}

const (
	rowDegrees = 0.001 // some 110 m, about the size of an industrial parcel
	mostRows   = 64
)

func newRowIndex() rowIndex { return rowIndex{rows: map[int32][]*item{}} }

func rowsOf(b orb.Bound) (first, last int32) {
	return int32(math.Floor(b.Min[1] / rowDegrees)), int32(math.Floor(b.Max[1] / rowDegrees))
}

func (x *rowIndex) add(it *item) {
	first, last := rowsOf(it.bound)
	if last-first >= mostRows {
		x.tall = append(x.tall, it)
		return
	}
	for r := first; r <= last; r++ {
		x.rows[r] = append(x.rows[r], it)
	}
}

func (x *rowIndex) remove(it *item) {
	first, last := rowsOf(it.bound)
	if last-first >= mostRows {
		x.tall = without(x.tall, it)
		return
	}
	for r := first; r <= last; r++ {
		if list := without(x.rows[r], it); len(list) > 0 {
			x.rows[r] = list
		} else {
			delete(x.rows, r)
		}
	}
}

// without takes an item out and keeps the order, so that findings come in the same order on every run.
func without(list []*item, it *item) []*item {
	for i := range list {
		if list[i] == it {
			copy(list[i:], list[i+1:])
			list[len(list)-1] = nil
			return list[:len(list)-1]
		}
	}
	return list
}

// each calls do with the open shapes whose bound meets b, each once, until it says that it is done.
func (x *rowIndex) each(b orb.Bound, do func(*item) (done bool, err error)) error {
	x.asked++
	visit := func(list []*item) (bool, error) {
		for _, it := range list {
			if it.seen == x.asked || !it.bound.Intersects(b) {
				continue
			}
			it.seen = x.asked
			if done, err := do(it); done || err != nil {
				return true, err
			}
		}
		return false, nil
	}
	if done, err := visit(x.tall); done {
		return err
	}
	first, last := rowsOf(b)
	if int(last)-int(first) > len(x.rows) {
		for _, list := range x.rows {
			if done, err := visit(list); done {
				return err
			}
		}
		return nil
	}
	for r := first; r <= last; r++ {
		if done, err := visit(x.rows[r]); done {
			return err
		}
	}
	return nil
}
