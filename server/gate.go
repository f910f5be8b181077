package server

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// errCrowded says that a gate's queue is full, or that nothing was let go for
// as long as its callers wait.
var errCrowded = errors.New("too many requests of this kind at once")

// gate lets so many through at a time. The others queue, in the order in which
// they came, so many and so long at most.
type gate struct {
	slots    chan struct{}
	waiting  atomic.Int64
	most     int64
	patience time.Duration
}

func newGate(slots, most int, patience time.Duration) *gate {
	return &gate{slots: make(chan struct{}, slots), most: int64(most), patience: patience}
}

// enter waits for a turn. It returns errCrowded, or the context's error; else
// leave gives the turn back and must be called once.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-g.slots }
	select {
	case g.slots <- struct{}{}:
		return leave, nil
	default:
	}
	if g.waiting.Add(1) > g.most {
		g.waiting.Add(-1)
		return nil, errCrowded
	}
	defer g.waiting.Add(-1)
	timer := time.NewTimer(g.patience)
	defer timer.Stop()
	select {
	case g.slots <- struct{}{}:
		return leave, nil
	case <-timer.C:
		return nil, errCrowded
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
