package server

import (
	"context"
	"fmt"
	"sync"

	"github.com/muscope/muscope/analysis/land"
)

// overview is what the list of zones needs of a whole analysis. It never
// changes, and making it reads every zone's result, so the last few are kept.
type overview struct {
	zones []zoneSummary
}

// zoneSummary is a zone in the list of zones.
type zoneSummary struct {
	Code      string                      `json:"code"`
	Scope     land.Scope                  `json:"boundary_scope"`
	Name      string                      `json:"name"`
	PartOf    string                      `json:"part_of,omitempty"`
	AreaM2    land.Fixed                  `json:"area_m2"`
	AreaMu    land.Mu                     `json:"area_mu"`
	StatsYear *int                        `json:"stats_year"`
	ByStatus  map[land.Status]land.Land   `json:"by_status"`
	Verdicts  map[land.Outcome]int64      `json:"verdicts"` // of all levels
	BBox      *[4]float64                 `json:"bbox"`     // west, south, east, north
	Label     *[2]float64                 `json:"label"`    // a point inside
	Asked     map[string]indicatorSummary `json:"indicators,omitempty"`

	values map[string]indicatorSummary
}

// indicatorSummary is an indicator without its arithmetic.
type indicatorSummary struct {
	Value    *float64     `json:"value"`
	Exact    bool         `json:"exact"`
	Coverage float64      `json:"coverage"`
	Bounds   *land.Bounds `json:"bounds"`
	Reason   string       `json:"reason,omitempty"`
}

// keptOverviews is how many analyses are held: a few snapshots compared.
const keptOverviews = 8

type overviews struct {
	mu   sync.Mutex
	kept []*overviewSlot // the latest last
}

type overviewSlot struct {
	id   string
	once sync.Mutex // one makes it, the others wait
	made *overview
}

func newOverviews() *overviews { return &overviews{} }

func (o *overviews) slot(id string) *overviewSlot {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, s := range o.kept {
		if s.id == id {
			o.kept = append(append(o.kept[:i:i], o.kept[i+1:]...), s)
			return s
		}
	}
	s := &overviewSlot{id: id}
	o.kept = append(o.kept, s)
	if len(o.kept) > keptOverviews {
		o.kept = o.kept[1:]
	}
	return s
}

// of is the overview of an analysis, as far as a caller of some zones (nil: all)
// may see it.
func (o *overviews) of(ctx context.Context, a Analysis, h land.Header, zones []string) (*overview, error) {
	s := o.slot(h.Snapshot + "\x00" + digest(h.AnalysisID, scopeTag(zones)...))
	s.once.Lock()
	defer s.once.Unlock()
	if s.made != nil {
		return s.made, nil
	}
	made, err := makeOverview(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("overview of the zones: %w", err)
	}
	s.made = made
	return made, nil
}

func makeOverview(ctx context.Context, a Analysis) (*overview, error) {
	places, err := a.Places(ctx)
	if err != nil {
		return nil, err
	}
	at := make(map[land.ZoneKey]Place, len(places))
	for _, p := range places {
		at[p.Zone] = p
	}
	out := &overview{zones: []zoneSummary{}}
	err = a.ZoneResults(ctx, func(z *land.ZoneResult) error {
		sum := summarize(z)
		if p, ok := at[z.Key()]; ok {
			sum.BBox = &[4]float64{p.Bound.Min[0], p.Bound.Min[1], p.Bound.Max[0], p.Bound.Max[1]}
			sum.Label = &[2]float64{p.Label[0], p.Label[1]}
		}
		out.zones = append(out.zones, sum)
		return nil
	})
	return out, err
}

func summarize(z *land.ZoneResult) zoneSummary {
	sum := zoneSummary{Code: z.Code, Scope: z.Scope, Name: z.Name, PartOf: z.PartOf, AreaM2: z.AreaM2, AreaMu: z.AreaMu, StatsYear: z.StatsYear,
		ByStatus: z.Land.ByStatus, Verdicts: map[land.Outcome]int64{}, values: make(map[string]indicatorSummary, len(z.Indicators))}
	for _, counts := range z.VerdictCounts {
		for outcome, n := range counts {
			sum.Verdicts[outcome] += n
		}
	}
	for _, i := range z.Indicators {
		sum.values[i.ID] = indicatorSummary{Value: i.Value, Exact: i.Exact, Coverage: i.Coverage, Bounds: i.Bounds, Reason: i.Reason}
	}
	return sum
}
