package server

import (
	"context"
	"errors"
	"time"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/server/ogcapi"
	"github.com/paulmach/orb"
)

// What a Store and an Analysis say when there is nothing to give. They are
// wrapped; everything else that they return is a fault, shown as such.
var (
	ErrNotFound    = ogcapi.ErrNotFound
	ErrNotAnalyzed = ogcapi.ErrNotAnalyzed
	// ErrUnavailable says that the store can't be reached now.
	ErrUnavailable = ogcapi.ErrUnavailable
	// ErrSlow says that the store gave up on what took it too long.
	ErrSlow = errors.New("the store took too long")
	// ErrScenario says that a scenario can't be saved under its name.
	ErrScenario = errors.New("the scenario can't be saved")
	// ErrCursor says that a cursor is not one that Findings gave out.
	ErrCursor = errors.New("not a cursor of this list")
)

// Store is where snapshots are kept. cmd hands it in.
type Store interface {
	// Ping says whether the store answers.
	Ping(ctx context.Context) error
	// Checks says whether the store has what requests need; an error where it
	// doesn't answer.
	Checks(ctx context.Context) ([]Check, error)
	// Pool says how busy the store's connections are.
	Pool() Pool
	// Snapshots lists the snapshots by name: with zones, those alone that have
	// one of these, counted over what such a caller may see.
	Snapshots(ctx context.Context, zones []string) ([]Snapshot, error)
	// Loads is what came into a snapshot, the current loads and those before.
	Loads(ctx context.Context, snapshot string) ([]Load, error)
	// Rejects yields the load report of the current loads of a snapshot.
	Rejects(ctx context.Context, snapshot string, yield func(*land.Reject) error) error
	// Analysis is the current analysis of a snapshot; ErrNotFound, or
	// ErrNotAnalyzed. zones are the codes of the zones that the caller may see,
	// their parks with them; nil is everything. Nothing that the Analysis gives
	// tells of another zone, and a snapshot with none of these zones is not
	// found. It is closed after use.
	Analysis(ctx context.Context, snapshot string, zones []string) (Analysis, error)
	// SaveScenario keeps an expansion check under a name of its snapshot, or
	// says ErrScenario.
	SaveScenario(ctx context.Context, snapshot, name, by string, doc *expansion.Document) error
	// Tiles are the tiles of that analysis, or of one that was current a moment
	// ago: opening them costs nothing to speak of. They are closed after use.
	Tiles(ctx context.Context, snapshot string, zones []string) (Tiles, error)
}

// Tiles are the vector tiles of one analysis, as a caller may see them.
type Tiles interface {
	Close()
	// AnalysisID is the analysis's, and Version names the state that is drawn:
	// with the same version and zones, a tile is always the same bytes.
	AnalysisID() string
	Version() string
	// TileSet describes a layer of tiles, or ErrNotFound.
	TileSet(ctx context.Context, layer string) (TileSet, error)
	// Tile is a Mapbox vector tile with the one layer, empty where nothing lies
	// in it. It leaves nothing out.
	Tile(ctx context.Context, layer string, z, x, y uint32) ([]byte, error)
}

// Check is one thing that requests need, and whether it is there. What to do
// where it isn't is the text ready.<name>.
type Check struct {
	Name string `json:"name"` // schema | postgis | indexes
	OK   bool   `json:"ok"`
	Have string `json:"have,omitempty"`
	Want string `json:"want,omitempty"`
}

// Pool is the state of a store's connections.
type Pool struct {
	Open, InUse, Idle int
	Waits             int64   // for a connection, since the start
	WaitSeconds       float64 // of all of them
}

// Snapshot is a named set of layers.
type Snapshot struct {
	Name    string    `json:"name"`
	Created time.Time `json:"created_at"`
	Layers  []string  `json:"layers"`
	// The current analysis; blank where there is none.
	AnalysisID string    `json:"analysis_id,omitempty"`
	AsOf       land.Date `json:"as_of"`
	// Stale says that layers were loaded after the analysis, which doesn't know
	// them.
	Stale   bool  `json:"stale"`
	Zones   int64 `json:"zones"`
	Parcels int64 `json:"parcels"`
}

// Load is one run of muscope load: what came in and what became of it.
type Load struct {
	ID        int64        `json:"id"`
	Layer     string       `json:"layer"`
	State     string       `json:"state"` // loading | published | retired | failed
	Appended  bool         `json:"appended"`
	LoadedBy  string       `json:"loaded_by,omitempty"`
	Started   time.Time    `json:"started_at"`
	Published *time.Time   `json:"published_at"`
	Inputs    []land.Input `json:"inputs"`
}

// Analysis is one analysis of a snapshot. It doesn't change: a reader sees
// this one until it is closed, whatever is published meanwhile.
type Analysis interface {
	report.Source
	analysis.Source  // what an explanation computes from, once more
	expansion.Source // what an application is held against
	Close()
	// ZoneResult is the result of one zone, or ErrNotFound.
	ZoneResult(ctx context.Context, zone land.ZoneKey) (*land.ZoneResult, error)
	// Places says where the zones lie, in key order.
	Places(ctx context.Context) ([]Place, error)
	// Parcel is every part of a parcel, in key order of zones, or ErrNotFound.
	Parcel(ctx context.Context, id string) ([]report.Row, error)
	// Findings is a page of the parts that q asks for, with the exact total.
	Findings(ctx context.Context, q Query) (FindingPage, error)
	// FindingRows yields all the parts that q asks for, in its order, with
	// facts and geometry; Limit and After don't count.
	FindingRows(ctx context.Context, q Query, yield func(*report.Row) error) error
}

// Place is where a zone lies: its box, and a point inside it for its name.
type Place struct {
	Zone  land.ZoneKey
	Bound orb.Bound
	Label orb.Point
}

// Query asks for parts of parcels.
type Query struct {
	Zone     *land.ZoneKey // nil is every zone; the zero key is land in no zone
	Statuses []land.Status
	Classes  []land.Class
	Rule     string       // pack#rule: parcels that a listed verdict of this rule speaks of
	Outcome  land.Outcome // of the listed verdicts that speak of the parcel
	Search   string       // in id, name, holder and project number, whatever the case
	Filter   filter.Expr  // a CQL2 condition over a part's properties, checked; nil is all
	All      bool         // every part; else those that are findings or have a violated verdict
	Sort     Sort
	Desc     bool
	After    string // Next of the page before
	Limit    int
}

// Sort is what findings are ordered by; ties are broken by id and zone.
type Sort string

// The values of Sort, the default first.
const (
	SortID     Sort = "id"
	SortZone   Sort = "zone"
	SortStatus Sort = "status"
	SortClass  Sort = "class"
	SortHolder Sort = "holder"
	SortArea   Sort = "area"
	SortSince  Sort = "since" // unknown last, either way
	SortDays   Sort = "days"  // days idle; unknown last, either way
)

// Sorts lists every Sort.
func Sorts() []Sort {
	return []Sort{SortID, SortZone, SortStatus, SortClass, SortHolder, SortArea, SortSince, SortDays}
}

// FindingPage is a page of findings.
type FindingPage struct {
	Total    int64
	Findings []Finding
	Next     string // "" on the last page
}

// Finding is a part with what a table shows of its parcel.
type Finding struct {
	Result    land.PartResult
	Name      string
	Holder    string
	UseCode   string
	ProjectNo string
}

// TileSet describes a layer of tiles.
type TileSet struct {
	Layer   string
	MinZoom uint32 // below it a tile would be too large to send whole
	MaxZoom uint32
	Bound   *orb.Bound // nil where the layer is empty
	Fields  map[string]string
}
