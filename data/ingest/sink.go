package ingest

import (
	"context"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
)

// Located says in which zone a parcel lies, and with how much of it. The zero
// Zone with Share 1 and Home true stands for land in no zone.
type Located struct {
	Zone land.ZoneKey
	// Share is the ellipsoid area of the part over that of the whole parcel,
	// exactly 1 for a parcel wholly inside.
	Share float64
	// SetShare is the share that counts in totals over zones: see land.Part.
	SetShare float64
	// EllipsoidM2 is the ellipsoid area of the part.
	EllipsoidM2 land.Fixed
	// Home is true on exactly one of a parcel's rows.
	Home bool
}

// ParcelRow is a parcel, checked, measured and located. It and everything it
// points to is valid only during the Write it is given to.
type ParcelRow struct {
	Parcel   *land.Parcel
	Geometry orb.MultiPolygon // longitude, latitude (CGCS2000, taken as WGS 84)
	In       []Located        // at least one, in key order
}

// ZoneRow is a zone with the union of its pieces and of all parks below it.
// Its AreaM2 is measured on that union.
type ZoneRow struct {
	Zone     *land.Zone
	Geometry orb.MultiPolygon // longitude, latitude
}

// BuildingRow is a building with its ellipsoid area, valid during Write only.
type BuildingRow struct {
	Building *land.Building
	Geometry orb.MultiPolygon
	AreaM2   land.Fixed
}

// ConstraintRow is a constraint with its ellipsoid area, valid during Write
// only.
type ConstraintRow struct {
	Constraint *land.Constraint
	Geometry   orb.MultiPolygon
	AreaM2     land.Fixed
}

// ApprovalRow is an approval with the ellipsoid area of its boundary, valid
// during Write only.
type ApprovalRow struct {
	Approval *land.Approval
	Geometry orb.MultiPolygon // nil where it has none
	AreaM2   land.Fixed
	In       []Located // nil where it has no boundary or was not to be located
}

// TableRow is a row of one of Tables, valid during Write only.
type TableRow struct {
	// Key names the row in its table: the fields of its key, and for events, which
	// have none, a digest of all.
	Key string
	// Record is a *land.Phase, *land.Use, *land.Term, *land.Firm, *land.Event,
	// *land.Ranking or *land.ZoneAction, by the layer.
	Record any
}

// Sink takes the rows of a load. Its writers are made before the first row and
// closed after the last; a load that fails closes them too, and it is the
// sink's owner who then throws the rows away.
type Sink interface {
	// ParcelWriter gives a writer for one goroutine; each worker asks for its
	// own. Rows come in no particular order; they carry their position.
	ParcelWriter() (ParcelWriter, error)
	// BuildingWriter is the same for buildings.
	BuildingWriter() (BuildingWriter, error)
	// ConstraintWriter is the same for constraints.
	ConstraintWriter() (ConstraintWriter, error)
	// ApprovalWriter is the same for approvals.
	ApprovalWriter() (ApprovalWriter, error)
	// TableWriter gives the one writer for the rows of a table, in input order.
	TableWriter(layer string) (TableWriter, error)
	// WriteZones takes all zones of the load at once, in key order.
	WriteZones(ctx context.Context, rows []ZoneRow) error
	// WriteStats takes all rows of yearly statistics, in order of zone and year.
	WriteStats(ctx context.Context, rows []land.Stats) error
	// Drop takes rows out again by their position in the layer: an id that
	// occurred before is found only after the last feature. It is called after
	// all writers are closed, in chunks of ascending positions.
	Drop(ctx context.Context, layer string, positions []int64) error
}

// ParcelWriter writes the parcels of one worker.
type ParcelWriter interface {
	Write(row *ParcelRow) error
	Close() error
}

// BuildingWriter writes the buildings of one worker.
type BuildingWriter interface {
	Write(row *BuildingRow) error
	Close() error
}

// ConstraintWriter writes the constraints of one worker.
type ConstraintWriter interface {
	Write(row *ConstraintRow) error
	Close() error
}

// ApprovalWriter writes the approvals of one worker.
type ApprovalWriter interface {
	Write(row *ApprovalRow) error
	Close() error
}

// TableWriter writes the rows of a table.
type TableWriter interface {
	Write(row *TableRow) error
	Close() error
}

// Discard is a Sink that keeps nothing: for --dry-run and for measuring the
// pipeline alone.
type Discard struct{}

// ParcelWriter gives a writer that keeps nothing.
func (Discard) ParcelWriter() (ParcelWriter, error) { return discard[ParcelRow]{}, nil }

// BuildingWriter gives a writer that keeps nothing.
func (Discard) BuildingWriter() (BuildingWriter, error) { return discard[BuildingRow]{}, nil }

// ConstraintWriter gives a writer that keeps nothing.
func (Discard) ConstraintWriter() (ConstraintWriter, error) { return discard[ConstraintRow]{}, nil }

// ApprovalWriter gives a writer that keeps nothing.
func (Discard) ApprovalWriter() (ApprovalWriter, error) { return discard[ApprovalRow]{}, nil }

// TableWriter gives a writer that keeps nothing.
func (Discard) TableWriter(string) (TableWriter, error) { return discard[TableRow]{}, nil }

// WriteZones keeps nothing.
func (Discard) WriteZones(context.Context, []ZoneRow) error { return nil }

// WriteStats keeps nothing.
func (Discard) WriteStats(context.Context, []land.Stats) error { return nil }

// Drop has nothing to drop.
func (Discard) Drop(context.Context, string, []int64) error { return nil }

type discard[R any] struct{}

func (discard[R]) Write(*R) error { return nil }
func (discard[R]) Close() error   { return nil }
