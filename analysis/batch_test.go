package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/geo"
)

// approve puts an approval into a zone, without geometry.
func (w *world) approve(zone, facts string) *land.ApprovedPart {
	if w.RecordList == nil {
		w.RecordList = map[land.ZoneKey]*land.ZoneRecords{}
	}
	key := land.ParseZoneKey(zone)
	if w.RecordList[key] == nil {
		w.RecordList[key] = &land.ZoneRecords{}
	}
	rec := w.RecordList[key]
	rec.Approvals = append(rec.Approvals, land.ApprovedPart{Approval: row(w.t, land.ApprovalFields(), facts), Share: 1})
	return &rec.Approvals[len(rec.Approvals)-1]
}

// draw gives an approval, or a parcel ("parcel:id"), the shape of a rectangle
// in thousandths of a degree.
func (w *world) draw(id string, x0, y0, x1, y1 float64) orb.MultiPolygon {
	if w.Approved == nil {
		w.Approved, w.Parcels = map[string]orb.MultiPolygon{}, map[string]orb.MultiPolygon{}
	}
	const lon, lat, unit = 108, 22, 0.001
	mp := orb.MultiPolygon{{{{lon + x0*unit, lat + y0*unit}, {lon + x1*unit, lat + y0*unit}, {lon + x1*unit, lat + y1*unit},
		{lon + x0*unit, lat + y1*unit}, {lon + x0*unit, lat + y0*unit}}}}
	if parcel, is := strings.CutPrefix(id, "parcel:"); is {
		w.Parcels[parcel] = mp
	} else {
		w.Approved[id] = mp
	}
	return mp
}

func ha(n land.Number) string {
	if !n.Known {
		return "-"
	}
	return fmt.Sprintf("%.2f", n.Value.Float()/10000)
}

func showBatch(b *land.Batch) string {
	rate := "-"
	if b.SupplyRate != nil {
		rate = fmt.Sprintf("%.2f%%", 100**b.SupplyRate)
	}
	out := fmt.Sprintf("%s %s area %s revoked %s in force %s supplied %s built %s drawn %s undrawn %s unsupplied %s rate %s", b.ID, b.State,
		ha(b.AreaM2), ha(b.RevokedM2), ha(b.InForceM2), ha(b.SuppliedM2), ha(b.BuiltM2), ha(b.DrawnM2), ha(b.UndrawnM2), ha(b.Unsupplied), rate)
	if b.Bounds != nil {
		out += fmt.Sprintf(" between %.2f and %.2f", b.Bounds[0].Float()/10000, b.Bounds[1].Float()/10000)
	}
	for _, n := range b.Notes {
		out += " !" + n.Code
	}
	return strings.Join(strings.Fields(out+" "+b.Reason), " ")
}

const (
	suppliedLot = " approval_no=N use_code=1001 supplied_on=2022-06-01 construction_state=not_started agreed_start_on=2025-01-01 "
	roadLot     = " approval_no=N use_code=1207 completed_on=2022-01-01 "
	openLot     = " approval_no=N use_code=1001 approved_on=2021-05-01 "
)

// caseB is issue 3's case (b): 60 ha in 2021, 6 revoked; supplied 22.5 + 9.3 +
// 6.2; a road of 4 built without allocation; 12 undrawn.
func caseB(t testing.TB) *world {
	w := newWorld(t, zone("A", ""))
	w.approve("A", "id=B1 approval_no=N approved_on=2021-05-01 kind=batch area_ha=60 revoked_ha=6 revoked_on=2023-01-01")
	w.put("A", 1, 1, "id=1 recorded_area_m2=225000"+suppliedLot)
	w.put("A", 1, 1, "id=2 recorded_area_m2=93000"+suppliedLot)
	w.put("A", 1, 1, "id=3 recorded_area_m2=62000"+suppliedLot)
	w.put("A", 1, 1, "id=4 recorded_area_m2=40000"+roadLot+"approved_on=2021-05-01")
	return w
}

func TestBatchWorkedCase(t *testing.T) {
	r := caseB(t).run(analysis.Options{})
	z := &r.Zones[0]
	want := "B1 partly_revoked area 60.00 revoked 6.00 in force 54.00 supplied 38.00 built 4.00 drawn 0.00 undrawn 12.00 unsupplied 16.00 rate 70.37%"
	if len(z.Batches) != 1 || showBatch(&z.Batches[0]) != want {
		t.Fatalf("got  %s\nwant %s", showBatch(&z.Batches[0]), want)
	}
	b := z.Batches[0]
	if b.Year != 2021 || *b.AgeYears != 3 || b.AgeBucket != "" || b.Method != land.MethodNumber || b.Parcels != 4 || b.Coverage != 1 {
		t.Errorf("batch %+v", b)
	}
	i := indicatorOf(z.Indicators, "unsupplied_rate.approvals")
	if i.Value == nil || fmt.Sprintf("%.4f", *i.Value) != "0.2963" || !i.Exact || i.Numerator.Value.Mu().Float() != 240 {
		t.Errorf("unsupplied rate of approvals %+v, want 16 of 54", i)
	}
	if s := indicatorOf(r.Sets[0].Indicators, "unsupplied_rate.approvals"); s.Value == nil || *s.Value != *i.Value {
		t.Errorf("of the set %+v", s)
	}
	// By parcels the contract's own meaning stands: a road of 4 of 42 ha.
	if p := indicatorOf(z.Indicators, "unsupplied_rate.approved_land"); p.Exact || p.Value == nil || *p.Value != 1 {
		t.Errorf("unsupplied rate of approved land %+v", p)
	}
}

func TestBatchesByNumber(t *testing.T) {
	for _, c := range []struct {
		name, approval string
		parcels        []string
		want           string
	}{
		{"revoked after the day", "area_ha=10 revoked_ha=4 revoked_on=2025-06-01", []string{"recorded_area_m2=40000" + suppliedLot},
			"valid area 10.00 revoked 0.00 in force 10.00 supplied 4.00 built 0.00 drawn 0.00 undrawn 6.00 unsupplied 6.00 rate 40.00%"},
		{"revoked as a whole", "area_ha=10 revoked_ha=10 revoked_on=2022-06-01", nil,
			"revoked area 10.00 revoked 10.00 in force 0.00 supplied 0.00 built 0.00 drawn 0.00 undrawn 0.00 unsupplied 0.00 rate -"},
		{"revoked by an amount nobody wrote down", "area_ha=10 revoked_on=2022-06-01", []string{"recorded_area_m2=40000" + suppliedLot},
			"area 10.00 revoked - in force - supplied 4.00 built 0.00 drawn 0.00 undrawn - unsupplied - rate - between 0.00 and 6.00 batch_revoked_unknown"},
		{"of unknown area", "", []string{"recorded_area_m2=40000" + suppliedLot},
			"valid area - revoked 0.00 in force - supplied 4.00 built 0.00 drawn 0.00 undrawn - unsupplied - rate - batch_area_unknown"},
		{"of unknown area, some of it revoked", "revoked_ha=2 revoked_on=2022-06-01", []string{"recorded_area_m2=40000" + suppliedLot},
			"area - revoked 2.00 in force - supplied 4.00 built 0.00 drawn 0.00 undrawn - unsupplied - rate - batch_area_unknown"},
		{"of unknown area, nobody knows how much revoked", "revoked_on=2022-06-01", []string{"recorded_area_m2=40000" + suppliedLot},
			"area - revoked - in force - supplied 4.00 built 0.00 drawn 0.00 undrawn - unsupplied - rate - batch_area_unknown"},
		{"an absurd revocation", "area_ha=10 revoked_ha=990000000 revoked_on=2022-06-01", []string{"recorded_area_m2=40000" + suppliedLot},
			"area 10.00 revoked - in force - supplied 4.00 built 0.00 drawn 0.00 undrawn - unsupplied - rate - between 0.00 and 6.00 batch_revoked_unknown"},
		{"supply without a day", "area_ha=10", []string{"recorded_area_m2=40000 approval_no=N use_code=1001 contract_no=C", "recorded_area_m2=10000" + openLot},
			"valid area 10.00 revoked 0.00 in force 10.00 supplied - built 0.00 drawn 1.00 undrawn - unsupplied - rate - between 6.00 and 10.00 batch_supply_unknown"},
		{"more parcels than approved", "area_ha=10", []string{"recorded_area_m2=90000" + suppliedLot, "recorded_area_m2=30000" + openLot},
			"valid area 10.00 revoked 0.00 in force 10.00 supplied 9.00 built 0.00 drawn 3.00 undrawn 0.00 unsupplied 1.00 rate 90.00% !batch_exceeds"},
		{"supply still to come", "area_ha=10", []string{"recorded_area_m2=90000 approval_no=N use_code=1001 approved_on=2021-05-01 supplied_on=2025-06-01"},
			"valid area 10.00 revoked 0.00 in force 10.00 supplied 0.00 built 0.00 drawn 9.00 undrawn 1.00 unsupplied 10.00 rate 0.00%"},
		{"in reserve again counts as supplied once", "area_ha=10", []string{"recorded_area_m2=90000 taken_back_on=2024-01-01" + suppliedLot},
			"valid area 10.00 revoked 0.00 in force 10.00 supplied 9.00 built 0.00 drawn 0.00 undrawn 1.00 unsupplied 1.00 rate 90.00%"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, zone("A", ""))
			w.approve("A", "id=B approval_no=N approved_on=2021-05-01 "+c.approval)
			for i, facts := range c.parcels {
				w.put("A", 1, 1, fmt.Sprintf("id=%d %s", i, facts))
			}
			r := w.run(analysis.Options{})
			if got := showBatch(&r.Zones[0].Batches[0]); got != "B "+c.want {
				t.Errorf("got  %s\nwant B %s", got, c.want)
			}
		})
	}
}

// A batch that isn't drawn has parcels in two zones: what is undrawn may lie in
// either, and is surely only the batch's.
func TestBatchOverTwoZones(t *testing.T) {
	w := newWorld(t, zone("A", ""), zone("B", ""))
	for _, z := range []string{"A", "B"} {
		w.approve(z, "id=B approval_no=N approved_on=2021-05-01 area_ha=10")
	}
	w.put("A", 1, 1, "id=1 recorded_area_m2=50000"+suppliedLot)
	w.put("B", 1, 1, "id=2 recorded_area_m2=20000"+openLot)
	r := w.run(analysis.Options{})
	for i, want := range []string{
		"B valid area 10.00 revoked 0.00 in force - supplied 5.00 built 0.00 drawn 0.00 undrawn - unsupplied - rate - between 0.00 and 3.00 batch_spread",
		"B valid area 10.00 revoked 0.00 in force - supplied 0.00 built 0.00 drawn 2.00 undrawn - unsupplied - rate - between 2.00 and 5.00 batch_spread",
	} {
		if got := showBatch(&r.Zones[i].Batches[0]); got != want {
			t.Errorf("zone %s\n got %s\nwant %s", r.Zones[i].Code, got, want)
		}
	}
	a := indicatorOf(r.Zones[0].Indicators, "unsupplied_rate.approvals")
	if a.Value != nil || a.Bounds == nil || *a.Bounds.Lo != 0 || *a.Bounds.Hi != 0.375 {
		t.Errorf("rate %+v, bounds %+v; want 0 to 3/8", a, a.Bounds)
	}
	// One zone alone is asked for: the other's parcels count all the same.
	alone := w.run(analysis.Options{Zones: []string{"A"}})
	if got, want := showBatch(&alone.Zones[0].Batches[0]), showBatch(&r.Zones[0].Batches[0]); got != want {
		t.Errorf("alone %s\n  with %s", got, want)
	}
}

// Two drawn approvals overlap: what both cover counts once, with the earlier.
// Parcels that overlap each other count once too, and one without a number of
// approval counts where it lies.
func TestBatchesByOverlay(t *testing.T) {
	w := newWorld(t, zone("A", ""))
	part := func(id, facts string, x0, y0, x1, y1 float64) float64 {
		mp := w.draw(id, x0, y0, x1, y1)
		a := w.approve("A", "id="+id+" "+facts)
		m2 := geo.AreaM2(mp)
		a.Located = true
		var err error
		if a.PartM2, err = land.FixedOf(m2); err != nil {
			t.Fatal(err)
		}
		return m2
	}
	parcel := func(id, facts string, x0, y0, x1, y1 float64) float64 {
		m2 := geo.AreaM2(w.draw("parcel:"+id, x0, y0, x1, y1))
		w.put("A", 1, 1, fmt.Sprintf("id=%s recorded_area_m2=%.6f %s", id, m2, facts))
		return m2
	}
	first := part("B1", "approval_no=N approved_on=2020-01-01", 0, 0, 10, 10)
	part("B2", "approval_no=M approved_on=2021-01-01 kind=project", 8, 0, 14, 10)
	parcel("1", "use_code=1001 supplied_on=2022-01-01", 0, 0, 5, 5)
	parcel("2", "use_code=1001 supplied_on=2022-01-01", 4, 0, 9, 5) // a column lies in parcel 1, another in B2
	parcel("3", "use_code=1207 completed_on=2022-01-01", 0, 5, 14, 6)
	parcel("4", "use_code=1001 approved_on=2021-01-01", 10, 8, 20, 10) // half of it beyond B2
	unit := first / 100
	r := w.run(analysis.Options{})
	got := map[string]string{}
	for i := range r.Zones[0].Batches {
		b := &r.Zones[0].Batches[i]
		n := func(v land.Number) string { return fmt.Sprintf("%.1f", v.Value.Float()/unit) }
		got[b.ID] = strings.Join([]string{b.Method, n(b.InForceM2), "supplied", n(b.SuppliedM2), "built", n(b.BuiltM2), "drawn", n(b.DrawnM2),
			"undrawn", n(b.UndrawnM2), "overlap", n(land.Num(b.OverlapM2))}, " ")
	}
	for id, want := range map[string]string{
		"B1": "overlay 100.0 supplied 45.0 built 10.0 drawn 0.0 undrawn 45.0 overlap 0.0",
		"B2": "overlay 40.0 supplied 0.0 built 4.0 drawn 8.0 undrawn 28.0 overlap 20.0",
	} {
		if got[id] != want {
			t.Errorf("%s\n got %s\nwant %s", id, got[id], want)
		}
	}
	i := indicatorOf(r.Zones[0].Indicators, "unsupplied_rate.approvals")
	if i.Value == nil || fmt.Sprintf("%.4f", *i.Value) != fmt.Sprintf("%.4f", 95.0/140) {
		t.Errorf("rate %v, want 95 of 140", i.Value)
	}
}

func TestBatchAges(t *testing.T) {
	packs := []*rule.Pack{{ID: "x/ageing", Version: "1", Parameters: []rule.Parameter{
		{ID: "supply.ageing-years.1", Num: 1, Den: 1}, {ID: "supply.ageing-years.3", Num: 5, Den: 1}, {ID: "supply.ageing-years.2", Num: 2, Den: 1}}}}
	w := newWorld(t, zone("A", ""))
	for _, d := range []string{"2024-01-01", "2023-12-31", "2022-12-31", "2019-12-31", "2025-01-01"} {
		w.approve("A", "id="+d+" area_ha=1 approved_on="+d)
	}
	w.approve("A", "id=undated area_ha=1")
	r := w.run(analysis.Options{Packs: packs})
	var got []string
	for _, b := range r.Zones[0].Batches {
		got = append(got, fmt.Sprint(b.ID, " ", b.Year, " ", b.AgeBucket))
	}
	if s, want := strings.Join(got, ", "), "undated 0 , 2019-12-31 2019 >=5, 2022-12-31 2022 2-5, 2023-12-31 2023 1-2, 2024-01-01 2024 <1"; s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
	packs[0].Parameters[0].Den = 2
	if err := analysis.Run(t.Context(), analysis.Options{AsOf: day(t, "2024-12-31"), Packs: packs}, &w.Memory, &analysis.Collector{}); err == nil {
		t.Error("half a year is no bound")
	}
}

// Without the table the indicator says what is missing; with it a zone without
// approvals has none.
func TestNoApprovals(t *testing.T) {
	w := newWorld(t, zone("A", ""), zone("B", ""))
	w.put("A", 1, 1, "id=1 recorded_area_m2=50000"+suppliedLot)
	i := indicatorOf(w.run(analysis.Options{}).Zones[0].Indicators, "unsupplied_rate.approvals")
	if i.Reason != "missing_input" || len(i.Missing) != 1 || i.Missing[0].Field != "approvals" || i.Value != nil || i.Exact {
		t.Errorf("%+v", i)
	}
	w.approve("B", "id=B approved_on=2021-05-01 area_ha=10")
	r := w.run(analysis.Options{})
	if i := indicatorOf(r.Zones[0].Indicators, "unsupplied_rate.approvals"); i.Reason != "empty_base" || !i.Exact {
		t.Errorf("%+v", i)
	}
}

// A batch of which neither the day nor the area is known may be of any size: the
// little that is known of it, all of it supplied, bounds nothing from above.
func TestBatchOfUnknownDayAndArea(t *testing.T) {
	w := newWorld(t, zone("A", ""))
	w.approve("A", "id=B approval_no=N")
	w.put("A", 1, 1, "id=1 recorded_area_m2=10000 approved_on=2014-01-01"+suppliedLot)
	i := indicatorOf(w.run(analysis.Options{}).Zones[0].Indicators, "unsupplied_rate.approvals")
	if i.Exact || i.Value != nil || i.Bounds != nil && i.Bounds.Hi != nil && *i.Bounds.Hi < 1 {
		t.Errorf("%+v with bounds %+v", i, i.Bounds)
	}
}

// Where nobody knows whether anything stands on a contract's land, nobody knows
// whether its terms are kept.
func TestTermsOfLandOfUnknownStart(t *testing.T) {
	for state, want := range map[string]land.Outcome{"": land.Incomputable, "construction_state=not_started": land.NotApplicable, "completed_on=2023-01-01": land.Violated} {
		w := newWorld(t, zone("A", ""))
		p := w.put("A", 1, 1, "id=1 use_code=1001 recorded_area_m2=10000 floor_area_m2=0 contract_no=C supplied_on=2019-01-01 agreed_start_on=2020-01-01 "+state)
		p.Records = &land.Records{Terms: rows(t, land.TermFields(), "contract_no=C indicator=far.project comparison=>= value=1 unit=ratio")}
		if n := w.run(analysis.Options{}).Zones[0].VerdictCounts["contract/terms#far.project.ge"]; n[want] != 1 {
			t.Errorf("%q: %v, want %s", state, n, want)
		}
	}
}

func TestRankingsAndActionsAreCarried(t *testing.T) {
	w := newWorld(t, zone("A", ""))
	w.RecordList = map[land.ZoneKey]*land.ZoneRecords{w.ZoneList[0].Key(): {
		Rankings: []land.Ranking{{Zone: "A", Year: 2023, Scope: "national", Rank: land.Num(40 * land.One), Of: land.Num(169 * land.One)}},
		Actions:  rows(t, land.ZoneActionFields(), "zone=A kind=yellow_card on=2023-05-01", "zone=A kind=delisted on=2025-05-01")}}
	z := w.run(analysis.Options{}).Zones[0]
	if len(z.Rankings) != 1 || len(z.Actions) != 1 || z.Actions[0].Kind != land.ActionYellowCard {
		t.Errorf("rankings %v, actions %v", z.Rankings, z.Actions)
	}
}

// A zone asked for alone says the same of its batches as among the others.
func TestNoApprovalsHereAlone(t *testing.T) {
	w := newWorld(t, zone("A", ""), zone("B", ""))
	w.put("A", 1, 1, "id=1 recorded_area_m2=50000"+suppliedLot)
	w.approve("B", "id=B approved_on=2021-05-01 area_ha=10")
	i := indicatorOf(w.run(analysis.Options{Zones: []string{"A"}}).Zones[0].Indicators, "unsupplied_rate.approvals")
	if i.Reason != "empty_base" || !i.Exact {
		t.Errorf("%+v", i)
	}
}
