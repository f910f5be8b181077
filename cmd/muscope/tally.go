package main

import (
	"context"
	"sync"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
)

// tally counts outcomes while results pass, and matches --fail-on.
type tally struct {
	judge *judgeFlags

	mu                     sync.Mutex
	violated, incomputable int64
	matched                bool
}

func (t *tally) add(z *land.ZoneResult) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.matched = t.matched || t.judge.matches(z)
	for _, counts := range z.VerdictCounts {
		t.violated += counts[land.Violated]
		t.incomputable += counts[land.Incomputable]
	}
}

// over is a sink that counts what passes to another.
func (t *tally) over(sink analysis.Sink) analysis.Sink { return tallySink{sink, t} }

type tallySink struct {
	analysis.Sink
	tally *tally
}

// Zone counts a zone's outcomes and hands it on.
func (s tallySink) Zone(ctx context.Context, z *land.ZoneResult) error {
	s.tally.add(z)
	return s.Sink.Zone(ctx, z)
}

// conclude prints the outcomes and gives errMatched where --fail-on matched.
func (a *App) conclude(t *tally) error {
	a.say("say.verdicts", t.violated, t.incomputable)
	if t.matched {
		return errMatched
	}
	return nil
}

// tallyOf counts the outcomes of a result that is kept, of one zone or of all
// (nil).
func (a *App) tallyOf(ctx context.Context, src report.Source, j *judgeFlags, zone *land.ZoneKey) (*tally, error) {
	t := &tally{judge: j}
	return t, src.ZoneResults(ctx, func(z *land.ZoneResult) error {
		if zone == nil || z.Key() == *zone {
			t.add(z)
		}
		return nil
	})
}
