package analysis

import (
	"context"
	"fmt"
	"slices"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// standings is what rankings and acts say of the zones. They are read before the
// zones are, since a tie shows only where all of them are known.
type standings struct {
	zones map[land.ZoneKey]*rule.Standing
	tied  map[place]int
	some  bool // a place of some zone is given
}

type place struct {
	scope string
	year  int
	rank  land.Fixed
}

// readStandings reads them where a rule in use asks for them.
func (r *run) readStandings(ctx context.Context) error {
	r.standings = &standings{zones: map[land.ZoneKey]*rule.Standing{}, tied: map[place]int{}}
	source, ok := r.source.(RecordSource)
	asked := func(ru *rule.Rule) bool { return ru.Finding == rule.FindingRanking || ru.Finding == rule.FindingLadder }
	if !ok || !slices.ContainsFunc(r.Packs, func(p *rule.Pack) bool { return slices.ContainsFunc(p.All(), asked) }) {
		return nil
	}
	seen := map[string]bool{} // an outline more of a zone is no zone more
	for i := range r.all {
		key := r.all[i].Key()
		records, err := source.ZoneRecords(ctx, key)
		if err != nil {
			return fmt.Errorf("read the rankings of zone %s: %w", key, err)
		}
		r.standings.zones[key] = &rule.Standing{Rankings: records.Rankings, Actions: records.Actions, Tied: r.standings.share}
		if seen[key.Code] {
			continue
		}
		seen[key.Code] = true
		r.standings.some = r.standings.some || len(records.Rankings) > 0
		for _, row := range records.Rankings {
			if row.Rank.Known {
				r.standings.tied[place{row.Scope, row.Year, row.Rank.Value}]++
			}
		}
	}
	for _, st := range r.standings.zones {
		st.Ranked = r.standings.some
	}
	return nil
}

// share is how many of the zones read have a place.
func (s *standings) share(scope string, year int, rank land.Fixed) int {
	return s.tied[place{scope, year, rank}]
}

// of is the standing of a zone; of one of which nothing is recorded an empty
// one.
func (s *standings) of(key land.ZoneKey) *rule.Standing {
	if found := s.zones[key]; found != nil {
		return found
	}
	return &rule.Standing{Ranked: s.some}
}
