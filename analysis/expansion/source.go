package expansion

import (
	"context"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
)

// Source is where the zone, its surroundings and the constraints come from.
// What is yielded is valid during the call only, geometries excepted.
type Source interface {
	analysis.Source
	// ZoneGeometry is the outline of a zone: the union of its pieces and parks.
	ZoneGeometry(ctx context.Context, zone land.ZoneKey) (orb.MultiPolygon, error)
	// ZonesNear yields the zones whose box meets the box.
	ZonesNear(ctx context.Context, box orb.Bound, yield func(land.ZoneKey, orb.MultiPolygon) error) error
	// WholeParts yields the parts in a zone in input order, each with the whole
	// outline of its parcel.
	WholeParts(ctx context.Context, zone land.ZoneKey, yield func(*land.Part, orb.MultiPolygon) error) error
	// ParcelsNear yields each parcel (its home part) whose box meets the box, with
	// its whole outline. Fields of the parcel that aren't named may stay blank:
	// there may be a million parcels. It never calls yield while a call is under way.
	ParcelsNear(ctx context.Context, box orb.Bound, fields []string, yield func(*land.Part, orb.MultiPolygon) error) error
	// ConstraintsNear yields the constraints whose box meets the box.
	ConstraintsNear(ctx context.Context, box orb.Bound, yield func(*land.Constraint, orb.MultiPolygon) error) error
	// ConstraintKinds says what is loaded of each kind of constraint; a kind of
	// which nothing is loaded is not there. The blank kind is those whose kind is unknown.
	ConstraintKinds(ctx context.Context) ([]ConstraintKind, error)
	// Inputs are the files behind the source.
	Inputs(ctx context.Context) ([]land.Input, error)
}

// ConstraintKind is what is loaded of one kind of constraint.
type ConstraintKind struct {
	Kind     string
	Features int64
	Bound    orb.Bound // around all of them
}
