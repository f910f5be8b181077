package ingest

import (
	"context"
	"math"
	"strconv"

	"github.com/muscope/muscope/analysis/land"
)

// LoadApprovals reads approvals from files of features, whose geometry may be
// null, and from tables (CSV, XLSX), which have none, and writes them to the
// sink. Those with a boundary are located in zones; nil leaves that to the
// reader. Errors are those of LoadParcels.
func LoadApprovals(ctx context.Context, opt Options, zones *Locator, sink Sink) (*Result, error) {
	j, err := newJob(LayerApprovals, opt)
	if err != nil {
		return nil, err
	}
	layer := layerOf[land.Approval]{
		fields: land.ApprovalFields(), idName: "id", shapeless: true,
		id:     func(a *land.Approval) *string { return &a.ID },
		source: func(a *land.Approval) *land.Source { return &a.Source },
		extra:  func(a *land.Approval) *[]byte { return &a.Extra },
	}
	return loadRecords(ctx, j, sink, func() (featureWorker, error) {
		w, err := newRecordWorker(j, layer)
		if err != nil {
			return nil, err
		}
		out, err := sink.ApprovalWriter()
		if err != nil {
			return nil, err
		}
		k := &approvalKeeper{recordWorker: w, zones: zones, out: out}
		w.keep, w.end = k.keep, out.Close
		return w, nil
	})
}

// approvalKeeper finishes approvals: recorded against drawn area, zones.
type approvalKeeper struct {
	*recordWorker[land.Approval]
	zones *Locator
	out   ApprovalWriter
	row   ApprovalRow
}

func (k *approvalKeeper) keep(a *land.Approval, sh *shape) (*refusal, error) {
	k.row = ApprovalRow{Approval: a, Geometry: sh.mp, AreaM2: sh.fixedM2, In: k.row.In[:0]}
	if len(sh.mp) == 0 {
		k.row.Geometry = nil
		return nil, k.out.Write(&k.row)
	}
	k.compareArea(a, sh.areaM2)
	if k.zones != nil {
		var err error
		if k.row.In, err = k.zones.locate(k.row.In, sh.mp, sh.areaM2); err != nil {
			return k.job.refusal("geometry.overlay", "", err.Error()), nil
		}
	}
	return nil, k.out.Write(&k.row)
}

// compareArea warns where the approved area isn't that of what is drawn.
func (k *approvalKeeper) compareArea(a *land.Approval, drawnM2 float64) {
	if !a.AreaHa.Known {
		return
	}
	approved, drawn := a.AreaHa.Value.Float(), drawnM2/1e4
	if math.Abs(approved-drawn) > areaTolerance*drawn && math.Abs(approved-drawn) >= 1e-4 {
		k.warn("approval.area_differs", "area_ha", strconv.FormatFloat(approved, 'f', -1, 64), strconv.FormatFloat(drawn, 'f', 4, 64))
	}
}
