package main

import (
	"context"
	"fmt"
	"time"
)

// watchEvery is how often a server looks after its private database.
const watchEvery = 2 * time.Second

// watch starts the private database again where it has gone away under a
// server, until ctx ends. A database of the user's own is the user's affair.
func (a *App) watch(ctx context.Context, db *database) {
	if db.cluster == nil {
		return
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if db.Ping(ctx) == nil || ctx.Err() != nil {
			continue
		}
		if err := db.cluster.Ensure(ctx); err != nil && ctx.Err() == nil {
			fmt.Fprintln(a.Stderr, "muscope:", err)
		}
	}
}
