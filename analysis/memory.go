package analysis

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/muscope/muscope/analysis/land"
)

// Memory is a Source of zones and parts held in memory, for rule cases, what-if
// questions and tests.
type Memory struct {
	ZoneList []land.Zone // in key order
	StatList []land.Stats
	PartList []land.Part // of all zones, in input order; those Elsewhere after the others
}

// Zones lists the zones.
func (m *Memory) Zones(context.Context) ([]land.Zone, error) { return m.ZoneList, nil }

// Stats lists the yearly figures.
func (m *Memory) Stats(context.Context) ([]land.Stats, error) { return m.StatList, nil }

// Parts yields the parts of a zone; each a copy, so that nobody keeps one by
// mistake and finds it true.
func (m *Memory) Parts(ctx context.Context, zone land.ZoneKey, yield func(*land.Part) error) error {
	var p land.Part
	for i := range m.PartList {
		if m.PartList[i].In != zone {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		p = m.PartList[i]
		if err := yield(&p); err != nil {
			return err
		}
	}
	return nil
}

// Collector is a Sink that gathers a whole Result in memory.
type Collector struct {
	mu     sync.Mutex
	result land.Result
}

// Zone keeps a zone's result.
func (c *Collector) Zone(_ context.Context, z *land.ZoneResult) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Zones = append(c.result.Zones, *z)
	return nil
}

// Parts keeps part results.
func (c *Collector) Parts(_ context.Context, _ land.ZoneKey, parts []land.PartResult) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Parts = append(c.result.Parts, parts...)
	return nil
}

// Sets keeps the totals.
func (c *Collector) Sets(_ context.Context, sets []land.SetResult) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Sets = sets
	return nil
}

// Result is what was gathered: zones in key order, parts in input order.
func (c *Collector) Result() *land.Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortFunc(c.result.Zones, func(a, b land.ZoneResult) int { return a.Key().Compare(b.Key()) })
	slices.SortStableFunc(c.result.Parts, func(a, b land.PartResult) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), a.Key().Compare(b.Key()))
	})
	return &c.result
}
