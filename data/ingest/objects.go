package ingest

import (
	"context"

	"github.com/muscope/muscope/analysis/land"
)

// LoadBuildings reads buildings and writes them to the sink. Errors are those
// of LoadParcels.
func LoadBuildings(ctx context.Context, opt Options, sink Sink) (*Result, error) {
	j, err := newJob(LayerBuildings, opt)
	if err != nil {
		return nil, err
	}
	layer := layerOf[land.Building]{
		fields: land.BuildingFields(), idName: "id",
		id:     func(b *land.Building) *string { return &b.ID },
		source: func(b *land.Building) *land.Source { return &b.Source },
		extra:  func(b *land.Building) *[]byte { return &b.Extra },
	}
	return loadRecords(ctx, j, sink, func() (featureWorker, error) {
		w, err := newRecordWorker(j, layer)
		if err != nil {
			return nil, err
		}
		out, err := sink.BuildingWriter()
		if err != nil {
			return nil, err
		}
		var row BuildingRow
		w.end = out.Close
		w.keep = func(b *land.Building, sh *shape) (*refusal, error) {
			row = BuildingRow{Building: b, Geometry: sh.mp, AreaM2: sh.fixedM2}
			return nil, out.Write(&row)
		}
		return w, nil
	})
}

// LoadConstraints reads constraints and writes them to the sink. Errors are
// those of LoadParcels.
func LoadConstraints(ctx context.Context, opt Options, sink Sink) (*Result, error) {
	j, err := newJob(LayerConstraints, opt)
	if err != nil {
		return nil, err
	}
	layer := layerOf[land.Constraint]{
		fields: land.ConstraintFields(), idName: "id",
		id:     func(c *land.Constraint) *string { return &c.ID },
		source: func(c *land.Constraint) *land.Source { return &c.Source },
		extra:  func(c *land.Constraint) *[]byte { return &c.Extra },
	}
	return loadRecords(ctx, j, sink, func() (featureWorker, error) {
		w, err := newRecordWorker(j, layer)
		if err != nil {
			return nil, err
		}
		out, err := sink.ConstraintWriter()
		if err != nil {
			return nil, err
		}
		var row ConstraintRow
		w.end = out.Close
		w.keep = func(c *land.Constraint, sh *shape) (*refusal, error) {
			row = ConstraintRow{Constraint: c, Geometry: sh.mp, AreaM2: sh.fixedM2}
			return nil, out.Write(&row)
		}
		return w, nil
	})
}
