package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// idChunk is how many ids are asked for at once.
const idChunk = 5000

// existing asks which ids the load that is added to holds already: their rows
// are rejected, or replace the old ones. It gives the positions to drop.
func (l *load) existing(ctx context.Context, first map[string]int64) ([]int64, error) {
	if l.Existing == nil {
		return nil, nil
	}
	ids := make([]string, 0, len(first))
	for id := range first {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return int(first[a] - first[b]) })
	var drop []int64
	for chunk := range slices.Chunk(ids, idChunk) {
		var found []string
		if err := l.Existing(ctx, chunk, func(i int) { found = append(found, chunk[i]) }); err != nil {
			return nil, fmt.Errorf("look up existing ids of %s: %w", l.layer, err)
		}
		slices.SortFunc(found, strings.Compare)
		found = slices.Compact(found)
		if l.Replace != nil {
			if len(found) == 0 {
				continue
			}
			if err := l.Replace(ctx, found); err != nil {
				return nil, fmt.Errorf("replace existing %s: %w", l.layer, err)
			}
			continue
		}
		for _, id := range found {
			l.lateReject(first[id], id, l.exists())
			drop = append(drop, first[id])
		}
	}
	return drop, nil
}

// exists says that the load which is added to holds the feature or row.
func (l *load) exists() *refusal {
	if l.rows {
		return l.refusal("row.exists", "")
	}
	return l.refusal("id.exists", "id")
}

func sorted(positions []int64) []int64 {
	slices.Sort(positions)
	return positions
}
