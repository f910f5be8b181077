package ogcapi

import (
	"context"
	"errors"
	"time"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/analysis/land"
	"github.com/paulmach/orb"
)

// What a Store says when there is nothing to give. They are wrapped; everything
// else that it returns is a fault, shown as such.
var (
	ErrNotFound    = errors.New("not found")
	ErrNotAnalyzed = errors.New("the snapshot is not analyzed yet")
	// ErrUnavailable says that the store can't be reached now.
	ErrUnavailable = errors.New("the store can't be reached now")
	// ErrGone says that the analysis a page belongs to was replaced and is no
	// longer kept.
	ErrGone = errors.New("the analysis is no longer kept")
	// ErrCursor says that a place is not one of the list.
	ErrCursor = errors.New("not a cursor of this list")
	// ErrFilter says that a filter asks what the store can't answer.
	ErrFilter = errors.New("the filter can't be answered")
)

// Store is where features are kept. The server hands it in.
type Store interface {
	// Analyzed lists the snapshots that have an analysis with one of the zones
	// (nil is all), the newest first.
	Analyzed(ctx context.Context, zones []string) ([]Snapshot, error)
	// Collections are those that every analysis has.
	Collections() []Collection
	// Open is an analysis of a snapshot, by its number, or the current one (0),
	// of the zones that the caller may see (nil is all). ErrNotFound,
	// ErrNotAnalyzed, ErrGone. It is closed after use.
	Open(ctx context.Context, snapshot string, analysis int64, zones []string) (Analysis, error)
}

// Snapshot is an analyzed snapshot.
type Snapshot struct {
	Name       string
	AnalysisID string
	AsOf       land.Date
	Analyzed   time.Time
}

// Analysis is one analysis of a snapshot; it doesn't change.
type Analysis interface {
	Close()
	// Number names the analysis in Store.Open.
	Number() int64
	// Keep lets it be opened by its number for some minutes more, whatever is
	// published meanwhile.
	Keep()
	// Extent is where the features of a collection lie, nil where that isn't
	// known, and their number, -1 where that isn't known without counting.
	Extent(ctx context.Context, collection string) (*orb.Bound, int64, error)
	// Items yields the features that q asks for, in its order. ErrCursor,
	// ErrFilter.
	Items(ctx context.Context, q Query, yield func(*Item) error) error
	// Count counts them, Sort, After and Limit aside; more than bound is
	// bound + 1.
	Count(ctx context.Context, q Query, bound int64) (int64, error)
}

// Collection is a kind of feature.
type Collection struct {
	Name       string
	Properties []Property
	Geometry   string // MultiPolygon | Point
	Placeless  bool   // features may have no geometry
}

// Property is a property of a feature.
type Property struct {
	Name string
	// Kind is filter.Missing where the value is JSON, which filters can't use.
	Kind  filter.Kind
	Words []string // that a text may be; nil is any
}

// Query asks for features.
type Query struct {
	Collection string
	ID         string      // this feature alone; "" is all
	Filter     filter.Expr // checked, in longitude and latitude; nil is all
	Properties []string    // to give, in this order; nil is all
	Shapeless  bool        // geometries are not asked for
	Sort       []Sort
	After      *Place
	Limit      int // 0 is no limit
}

// Sort orders features by a property; unknown values come last either way.
type Sort struct {
	Name string
	Desc bool
}

// Place is the place of a feature in the order of its query.
type Place struct {
	Keys  []string
	Known []bool
}

// Item is a feature, valid during the call only.
type Item struct {
	ID string
	// Values are the properties asked for: text as it is, numbers as JSON
	// writes them, days as YYYY-MM-DD, booleans t or f, JSON as such. Where
	// Known is false the value is unknown.
	Values []string
	Known  []bool
	Shape  []byte // EWKB in longitude and latitude; nil where there is none
	Place  Place
}
