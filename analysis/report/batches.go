package report

import (
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
)

// maxBatches is how many batches of one zone an html report lists; json and csv
// hold them all.
const maxBatches = 500

// batchTable is the batches of a zone as they are filed: by year of approval,
// with a sum a year, and by class of age.
type batchTable struct {
	Batches []land.Batch
	Years   []batchYear
	Ages    []batchAge
	More    int
}

type batchYear struct {
	Year    int
	Batches []land.Batch
	batchSum
}

type batchAge struct {
	Bucket string
	batchSum
}

// batchSum adds up what is known; Unknown is how many batches are left out.
type batchSum struct {
	InForce, Supplied, Unsupplied land.Fixed
	Unknown                       int
}

func (s *batchSum) add(b *land.Batch) {
	if !b.Unsupplied.Known {
		s.Unknown++
		return
	}
	s.InForce += b.InForceM2.Value
	s.Supplied += b.SuppliedM2.Value
	s.Unsupplied += b.Unsupplied.Value
}

func batchesOf(list []land.Batch) batchTable {
	t := batchTable{Batches: list, More: max(0, len(list)-maxBatches)}
	for i := range list {
		b := &list[i]
		at := slices.IndexFunc(t.Years, func(y batchYear) bool { return y.Year == b.Year })
		if at < 0 {
			at, t.Years = len(t.Years), append(t.Years, batchYear{Year: b.Year})
		}
		y := &t.Years[at]
		y.add(b)
		if i < maxBatches {
			y.Batches = append(y.Batches, *b)
		}
		if b.AgeBucket == "" {
			continue
		}
		at = slices.IndexFunc(t.Ages, func(a batchAge) bool { return a.Bucket == b.AgeBucket })
		if at < 0 {
			at, t.Ages = len(t.Ages), append(t.Ages, batchAge{Bucket: b.AgeBucket})
		}
		t.Ages[at].add(b)
	}
	slices.Reverse(t.Ages) // the youngest first; the batches come by day of approval
	return t
}

// average is an indicator over zones in both meanings of an average.
type average struct {
	ID         string
	Sums, Mean land.Indicator
}

// averagesOf is the averages that can be told, of sets of more than one zone.
func averagesOf(s *land.SetResult) (out []average) {
	if len(s.Zones) < 2 {
		return nil
	}
	for i := range s.Means {
		m := &s.Means[i]
		id, ok := indicator.IsMean(m.ID)
		sums := indicatorNamed(s.Indicators, id)
		if ok && sums != nil && m.Value != nil && m.Denominator != nil {
			out = append(out, average{id, *sums, *m})
		}
	}
	return out
}

// known is an area in mu, or a dash.
func known(n land.Number) string {
	if !n.Known {
		return "—"
	}
	return mu(n.Value.Mu())
}

// join shows the values of a note, each made visible.
func join(values []string) string {
	shown := make([]string, len(values))
	for i, v := range values {
		shown[i] = visible(v)
	}
	return strings.Join(shown, " / ")
}
