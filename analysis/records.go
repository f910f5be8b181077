package analysis

import (
	"context"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
)

// RecordSource is a Source that has tables beside parcels and zones. The parts
// it yields carry their Records.
type RecordSource interface {
	// ZoneRecords is what the tables say of a zone; never nil without an error.
	ZoneRecords(ctx context.Context, zone land.ZoneKey) (*land.ZoneRecords, error)
}

// ShapeSource is a Source that can give geometries again: what approvals left
// unsupplied is found by overlay. A shape is valid during the call only.
type ShapeSource interface {
	// ApprovedShapes yields the approvals that meet the zone, whole or cut to it.
	ApprovedShapes(ctx context.Context, zone land.ZoneKey, yield func(id string, shape orb.MultiPolygon) error) error
	// PartShapes yields the whole parcels that have a part in the zone and are
	// wanted, by id, in any order.
	PartShapes(ctx context.Context, zone land.ZoneKey, want func(id string) bool, yield func(id string, shape orb.MultiPolygon) error) error
}
