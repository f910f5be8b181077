package stored

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/server/ogcapi"
)

// Features is a PostGIS store for OGC API – Features.
type Features struct{ *postgis.Store }

var _ ogcapi.Store = Features{}

// Analyzed lists the analyzed snapshots, that of the latest date first, and of
// one date the one analyzed last.
func (s Features) Analyzed(ctx context.Context, zones []string) ([]ogcapi.Snapshot, error) {
	snapshots, err := s.SnapshotsOf(ctx, zones)
	var list []ogcapi.Snapshot
	for _, sn := range snapshots {
		if sn.AnalysisID != "" && sn.Analyzed != nil {
			list = append(list, ogcapi.Snapshot{Name: sn.Name, AnalysisID: sn.AnalysisID, AsOf: sn.AsOf, Analyzed: *sn.Analyzed})
		}
	}
	slices.SortStableFunc(list, func(a, b ogcapi.Snapshot) int {
		return cmp.Or(cmp.Compare(b.AsOf, a.AsOf), b.Analyzed.Compare(a.Analyzed))
	})
	return list, missing(err)
}

// Collections are the collections of items.
func (s Features) Collections() []ogcapi.Collection {
	var list []ogcapi.Collection
	for _, c := range postgis.ItemCollections() {
		out := ogcapi.Collection{Name: c.Name, Geometry: c.Geometry, Placeless: c.Placeless}
		for _, p := range c.Properties {
			out.Properties = append(out.Properties, ogcapi.Property(p))
		}
		list = append(list, out)
	}
	return list
}

// Open is an analysis of a snapshot.
func (s Features) Open(ctx context.Context, snapshot string, analysis int64, zones []string) (ogcapi.Analysis, error) {
	open := func() (*postgis.View, error) { return s.Store.Analyzed(ctx, snapshot, zones) }
	if analysis != 0 {
		open = func() (*postgis.View, error) { return s.AnalyzedAs(ctx, snapshot, analysis, zones) }
	}
	view, err := open()
	if err != nil {
		return nil, missing(err)
	}
	return featured{view}, nil
}

// featured is a view of an analysis as ogcapi declares it.
type featured struct{ *postgis.View }

// Close lets the view go; what it held is freed with its connection at the
// latest.
func (a featured) Close() { _ = a.View.Close() }

// Number names the analysis.
func (a featured) Number() int64 { return a.View.Analysis }

// pagePatience is how long a reader may take between two pages.
const pagePatience = 2 * time.Minute

// Keep lets the analysis be opened by its number a while longer.
func (a featured) Keep() { a.View.Keep(pagePatience) }

// Extent is where the features of a collection lie, and their number.
func (a featured) Extent(ctx context.Context, collection string) (*orb.Bound, int64, error) {
	bound, n, err := a.ItemExtent(ctx, collection)
	return bound, n, missing(err)
}

// Items yields the features that q asks for.
func (a featured) Items(ctx context.Context, q ogcapi.Query, yield func(*ogcapi.Item) error) error {
	var out ogcapi.Item
	return missing(a.View.Items(ctx, itemQuery(q), func(it *postgis.Item) error {
		out = ogcapi.Item{ID: it.ID, Values: it.Values, Known: it.Known, Shape: it.Shape, Place: ogcapi.Place(it.Place)}
		return yield(&out)
	}))
}

// Count counts the features that q asks for, up to bound.
func (a featured) Count(ctx context.Context, q ogcapi.Query, bound int64) (int64, error) {
	n, err := a.CountItems(ctx, itemQuery(q), bound)
	return n, missing(err)
}

func itemQuery(q ogcapi.Query) postgis.ItemQuery {
	out := postgis.ItemQuery{Collection: q.Collection, ID: q.ID, Filter: q.Filter, Properties: q.Properties, Shapeless: q.Shapeless,
		After: (*postgis.ItemPlace)(q.After), Limit: q.Limit}
	for _, s := range q.Sort {
		out.Sort = append(out.Sort, postgis.ItemSort(s))
	}
	return out
}
