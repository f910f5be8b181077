package postgis

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/muscope/muscope/analysis/land"
)

const (
	// recentAge is how old the knowledge of which analysis is current may be
	// where many small requests ask, as tiles do.
	recentAge = 250 * time.Millisecond
	// holdLinger is how long an analysis that nobody reads stays held: as long
	// as a map takes to ask for its next tile.
	holdLinger = 5 * time.Second
	// maxHolds is how many snapshots stay held while nobody reads them.
	maxHolds = 8
	// holdPatience bounds what a hold asks of the database, whoever waits.
	holdPatience = 10 * time.Second
	// holdTries is how many publications in a row one reader follows.
	holdTries = 10
)

// errSuperseded says that a hold's analysis isn't the current one any more.
var errSuperseded = errors.New("another analysis is current")

// snapshotState is what a snapshot consists of (muscope.state).
type snapshotState struct {
	Loads    map[string][]int64
	Analysis int64
	Results  []int64
	Batches  []int64
}

// holds are the analyses that are being read, by snapshot. Each is held once,
// by the locks of one session, however many views there are of it: opening a
// view costs no connection and at most one short question.
type holds struct {
	store   *Store
	opening singleflight.Group

	mu     sync.Mutex
	byName map[string]*hold
	pins   map[int64]*pin // by analysis
	closed bool
	ending sync.WaitGroup
}

// hold keeps the loads of an analysis from being dropped.
type hold struct {
	snapshot string
	state    snapshotState
	header   land.Header
	conn     *sql.Conn // its session has the locks
	current  *sql.Stmt // on conn: which analysis is the snapshot's now

	asking  sync.Mutex // one question at a time goes over conn
	checked time.Time  // when the last question that found it current was put

	tiles  tileSets
	scopes knownScopes

	// Of holds.mu:
	readers int
	kept    bool // stands in byName
	idle    *time.Timer
}

// acquire is the hold of the snapshot's analysis that is current, or was at
// most age ago. Give it back with release.
func (hs *holds) acquire(ctx context.Context, snapshot string, age time.Duration) (*hold, error) {
	since := time.Now().Add(-age)
	var last error
	for range holdTries {
		h, err := hs.take(ctx, snapshot)
		if err != nil {
			return nil, err
		}
		if last = h.check(since); last == nil {
			return h, nil
		}
		hs.retire(h)
		hs.release(h)
		if err := context.Cause(ctx); err != nil {
			return nil, fmt.Errorf("read snapshot %s: %w", snapshot, err)
		}
	}
	return nil, fmt.Errorf("read snapshot %s: %w", snapshot, last)
}

// take finds the hold of the snapshot, or opens it, and counts a reader.
func (hs *holds) take(ctx context.Context, snapshot string) (*hold, error) {
	for {
		if h := hs.join(snapshot); h != nil {
			return h, nil
		}
		opened := hs.opening.DoChan(snapshot, func() (any, error) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), holdPatience) // others wait for it too
			defer cancel()
			return nil, hs.open(ctx, snapshot)
		})
		select {
		case r := <-opened:
			if r.Err != nil {
				return nil, r.Err
			}
		case <-ctx.Done():
			return nil, fmt.Errorf("wait to read snapshot %s: %w", snapshot, context.Cause(ctx))
		}
	}
}

func (hs *holds) join(snapshot string) *hold {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h := hs.byName[snapshot]
	if h == nil {
		return nil
	}
	h.readers++
	if h.idle != nil {
		h.idle.Stop()
		h.idle = nil
	}
	return h
}

// open holds the current analysis of the snapshot and keeps it for readers.
func (hs *holds) open(ctx context.Context, snapshot string) error {
	if h := hs.join(snapshot); h != nil { // another was quicker
		hs.release(h)
		return nil
	}
	conn, err := hs.store.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to read snapshot %s: %w", snapshot, err)
	}
	h := &hold{snapshot: snapshot, conn: conn, checked: time.Now()}
	if err := h.lock(ctx, hs.store); err != nil {
		return errors.Join(err, dropConn(conn))
	}
	hs.mu.Lock()
	defer hs.mu.Unlock()
	if hs.closed {
		return errors.Join(errors.New("the store is closed"), dropConn(conn))
	}
	hs.makeRoom()
	hs.byName[snapshot], h.kept = h, true
	h.linger(hs)
	return nil
}

// makeRoom ends holds that nobody reads until there is room for one more. Of
// holds.mu.
func (hs *holds) makeRoom() {
	for _, h := range hs.byName {
		if len(hs.byName) < maxHolds {
			return
		}
		if h.readers == 0 {
			hs.forget(h)
			hs.endLater(h)
		}
	}
}

// lock takes the locks. A load may be replaced and dropped between reading the
// pointer and locking: so the pointer is read again until it stays.
func (h *hold) lock(ctx context.Context, s *Store) error {
	if _, err := h.conn.ExecContext(ctx, s.query("keep_session")); err != nil {
		return fmt.Errorf("read snapshot %s: %w", h.snapshot, err)
	}
	var seen string
	for {
		var now sql.NullString
		h.checked = time.Now()
		if err := h.conn.QueryRowContext(ctx, s.query("state"), h.snapshot).Scan(&now); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read snapshot %s: %w", h.snapshot, err)
		}
		if !now.Valid {
			return fmt.Errorf("%w: %s; muscope load makes it", ErrNoSnapshot, h.snapshot)
		}
		if now.String == seen {
			break
		}
		seen = now.String
		if _, err := h.conn.ExecContext(ctx, s.query("hold_session"), lockLoad, seen); err != nil {
			return fmt.Errorf("read snapshot %s: %w", h.snapshot, err)
		}
	}
	if err := json.Unmarshal([]byte(seen), &h.state); err != nil {
		return fmt.Errorf("read snapshot %s: %w", h.snapshot, err)
	}
	if h.state.Analysis == 0 {
		return fmt.Errorf("%w: %s; run muscope analyze --snapshot %s", ErrNotAnalyzed, h.snapshot, h.snapshot)
	}
	return h.prepare(ctx, s)
}

func (h *hold) prepare(ctx context.Context, s *Store) error {
	var b []byte
	err := h.conn.QueryRowContext(ctx, s.query("header"), h.state.Analysis).Scan(&b)
	if err == nil {
		err = json.Unmarshal(b, &h.header)
	}
	if err != nil {
		return fmt.Errorf("read the header of snapshot %s: %w", h.snapshot, err)
	}
	if h.current, err = h.conn.PrepareContext(ctx, s.query("current_analysis")); err != nil {
		return fmt.Errorf("read snapshot %s: %w", h.snapshot, err)
	}
	return nil
}

// check asks whether the analysis is still the current one, unless that was
// asked since. It asks over the session that has the locks, so that it also
// finds out where they are lost.
func (h *hold) check(since time.Time) error {
	h.asking.Lock()
	defer h.asking.Unlock()
	if !h.checked.Before(since) {
		return nil
	}
	// Not the reader's context: cancelling would break the session for all.
	ctx, cancel := context.WithTimeout(context.Background(), holdPatience)
	defer cancel()
	begun := time.Now()
	var now int64
	if err := h.current.QueryRowContext(ctx, h.snapshot).Scan(&now); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if now != h.state.Analysis {
		return errSuperseded
	}
	h.checked = begun
	return nil
}

// release gives a reader's hold back.
func (hs *holds) release(h *hold) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h.readers--
	switch {
	case h.readers > 0:
	case h.kept:
		h.linger(hs)
	default:
		hs.endLater(h)
	}
}

// linger ends the hold after a while, unless somebody joins. Of holds.mu.
func (h *hold) linger(hs *holds) {
	var timer *time.Timer
	timer = time.AfterFunc(holdLinger, func() {
		hs.mu.Lock()
		defer hs.mu.Unlock()
		if h.idle == timer && h.kept {
			hs.forget(h)
			hs.endLater(h)
		}
	})
	h.idle = timer
}

// retire lets no new reader join. The hold ends with its last reader.
func (hs *holds) retire(h *hold) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.forget(h)
}

func (hs *holds) forget(h *hold) {
	if h.kept {
		delete(hs.byName, h.snapshot)
		h.kept = false
	}
	if h.idle != nil {
		h.idle.Stop()
		h.idle = nil
	}
}

// endLater ends a hold that nobody has any more, and drops what only it kept.
// Whoever published meanwhile couldn't. Of holds.mu.
func (hs *holds) endLater(h *hold) {
	if hs.closed {
		_ = dropConn(h.conn) // the session and its locks end either way
		return
	}
	hs.ending.Go(func() {
		_ = dropConn(h.conn)
		ctx, cancel := context.WithTimeout(context.Background(), holdPatience)
		defer cancel()
		_ = hs.store.sweep(ctx) // what can't be dropped now is dropped after the next load
	})
}

// endIdle ends the holds that nobody reads, now.
func (hs *holds) endIdle() error {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	var errs []error
	for _, h := range hs.byName {
		if h.readers == 0 {
			hs.forget(h)
			errs = append(errs, dropConn(h.conn))
		}
	}
	return errors.Join(errs...)
}

// close ends all holds; views of them must not be used any more.
func (hs *holds) close() {
	hs.mu.Lock()
	hs.closed = true
	for _, h := range hs.byName {
		hs.forget(h)
		if h.readers == 0 {
			_ = dropConn(h.conn)
		}
	}
	hs.mu.Unlock()
	hs.ending.Wait()
}
