package analysis

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
)

// Memory is a Source of zones and parts held in memory, for rule cases, what-if
// questions and tests.
type Memory struct {
	ZoneList []land.Zone // in key order
	StatList []land.Stats
	PartList []land.Part // of all zones, in input order; those Elsewhere after the others

	// RecordList is what the tables say of zones; a zone may be missing.
	RecordList map[land.ZoneKey]*land.ZoneRecords
	// Approved and Parcels are geometries by id: of approvals, which may be drawn
	// beyond a zone, and of parcels. Those that aren't here have none.
	Approved, Parcels map[string]orb.MultiPolygon
	Outlines          map[land.ZoneKey]orb.MultiPolygon // of zones
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

// ZoneRecords is what the tables say of a zone.
func (m *Memory) ZoneRecords(_ context.Context, zone land.ZoneKey) (*land.ZoneRecords, error) {
	if r := m.RecordList[zone]; r != nil {
		return r, nil
	}
	return &land.ZoneRecords{}, nil
}

// ZoneGeometry is the outline of a zone, empty where there is none.
func (m *Memory) ZoneGeometry(_ context.Context, zone land.ZoneKey) (orb.MultiPolygon, error) {
	return m.Outlines[zone], nil
}

// ApprovedShapes yields the drawn approvals of a zone.
func (m *Memory) ApprovedShapes(_ context.Context, zone land.ZoneKey, yield func(string, orb.MultiPolygon) error) error {
	r := m.RecordList[zone]
	if r == nil {
		return nil
	}
	for i := range r.Approvals {
		id := r.Approvals[i].ID
		if shape, ok := m.Approved[id]; ok {
			if err := yield(id, shape); err != nil {
				return err
			}
		}
	}
	return nil
}

// PartShapes yields the drawn parcels of a zone.
func (m *Memory) PartShapes(_ context.Context, zone land.ZoneKey, want func(string) bool, yield func(string, orb.MultiPolygon) error) error {
	for i := range m.PartList {
		p := &m.PartList[i]
		shape, ok := m.Parcels[p.ID]
		if !ok || p.In != zone || p.Elsewhere || !want(p.ID) {
			continue
		}
		if err := yield(p.ID, shape); err != nil {
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
