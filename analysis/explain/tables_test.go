package explain_test

import (
	"testing"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/explain"
	"github.com/muscope/muscope/analysis/land"
)

func tabled(t *testing.T) (*analysis.Memory, land.Date) {
	t.Helper()
	date := func(s string) land.Date {
		d, err := land.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	z := land.Zone{Code: "A", Scope: land.ScopeApproved, AreaM2: 1e6 * land.One}
	m := &analysis.Memory{ZoneList: []land.Zone{z}, RecordList: map[land.ZoneKey]*land.ZoneRecords{z.Key(): {Approvals: []land.ApprovedPart{
		{Approval: land.Approval{ID: "B1", ApprovalNo: "N", ApprovedOn: date("2021-05-01"), AreaHa: land.Num(60 * land.One), RevokedHa: land.Num(6 * land.One)}, Share: 1}}}}}
	put := func(p land.Parcel, rec *land.Records) {
		p.UseCode, p.EllipsoidM2, p.Source.Position = "1001", p.RecordedM2.Value, int64(len(m.PartList)+1)
		m.PartList = append(m.PartList, land.Part{Parcel: p, In: z.Key(), Share: 1, SetShare: 1, Home: true, PartEllipsoidM2: p.EllipsoidM2, Records: rec})
	}
	put(land.Parcel{ID: "1", ApprovalNo: "N", RecordedM2: land.Num(380_000 * land.One), SuppliedOn: date("2022-01-01"), CompletedOn: date("2023-01-01")}, nil)
	put(land.Parcel{ID: "2", RecordedM2: land.Num(200 * land.One), SuppliedOn: date("2019-01-01"), ConstructionState: land.StateNotStarted}, &land.Records{Phases: []land.Phase{
		{Parcel: "2", Phase: "一", LandM2: land.Num(80 * land.One), CompletedOn: date("2021-01-01")},
		{Parcel: "2", Phase: "二", LandM2: land.Num(120 * land.One), AgreedStartOn: date("2022-03-01")}}})
	return m, date("2024-06-30")
}

// The rate of the batches is explained by the batches.
func TestExplainBatches(t *testing.T) {
	m, asOf := tabled(t)
	d, err := explain.Explain(t.Context(), m, explain.Options{Zone: m.ZoneList[0].Key(), What: "unsupplied_rate.approvals", AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	if d.Indicator == nil || d.Indicator.Figure.Value == nil || d.Parcels == nil || len(d.Parcels.Listed) != 1 || d.Parcels.Listed[0].ID != "B1" {
		t.Errorf("%+v, %+v", d, d.Parcels)
	}
}

// Of a parcel with phases the verdict and the finding are those of the phase
// that is judged worst, whatever their order; a figure has the parcel once.
func TestExplainPhases(t *testing.T) {
	m, asOf := tabled(t)
	packs, err := analysis.DefaultPacks(analysis.IdlePack)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		d, err := explain.Explain(t.Context(), m, explain.Options{Zone: m.ZoneList[0].Key(), What: "idle.not-started", Parcel: "2", AsOf: asOf, Packs: packs})
		if err != nil {
			t.Fatal(err)
		}
		if d.Verdict == nil || d.Verdict.Outcome != land.Violated || d.Parcel.Phase != "二" || d.Finding.Status != land.SuspectedIdle || d.Finding.Idle.Procedure == nil {
			t.Errorf("verdict %+v, parcel %+v", d.Verdict, d.Parcel)
		}
		ph := m.PartList[1].Records.Phases
		ph[0], ph[1] = ph[1], ph[0]
	}
}
