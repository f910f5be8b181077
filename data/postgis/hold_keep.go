package postgis

import "time"

// maxPins is how many analyses may be kept for readers who come back.
const maxPins = 8

// pin keeps a hold between the requests of a reader who takes page after page.
type pin struct {
	hold  *hold
	timer *time.Timer
}

// Keep lets the analysis of a view be opened again by AnalyzedAs for a while
// after the view is closed, even where another becomes the current one
// meanwhile: for a reader who takes it page by page.
func (v *View) Keep(d time.Duration) {
	if v.held != nil {
		v.store.holds.keep(v.held, d)
	}
}

// keep counts one more reader of a hold, who leaves after d.
func (hs *holds) keep(h *hold, d time.Duration) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	n := h.state.Analysis
	if p := hs.pins[n]; p != nil {
		p.timer.Reset(d)
		return
	}
	if hs.closed || len(hs.pins) >= maxPins {
		return
	}
	if hs.pins == nil {
		hs.pins = map[int64]*pin{}
	}
	p := &pin{hold: h}
	p.timer = time.AfterFunc(d, func() { hs.unpin(n, p) })
	hs.pins[n] = p
	h.readers++
}

func (hs *holds) unpin(n int64, p *pin) {
	hs.mu.Lock()
	is := hs.pins[n] == p // a timer that is set anew while it runs out comes twice
	if is {
		delete(hs.pins, n)
	}
	hs.mu.Unlock()
	if is {
		hs.release(p.hold)
	}
}

// pinned is the hold of an analysis that is kept, or nil; give it back with
// release.
func (hs *holds) pinned(snapshot string, analysis int64) *hold {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	p := hs.pins[analysis]
	if p == nil || p.hold.snapshot != snapshot {
		return nil
	}
	p.hold.readers++
	return p.hold
}
