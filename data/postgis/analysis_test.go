package postgis_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
)

var (
	_ analysis.Source         = (*postgis.View)(nil)
	_ analysis.ContractSource = (*postgis.View)(nil)
	_ analysis.Sink           = (*postgis.Analysis)(nil)
	_ report.Source           = (*postgis.View)(nil)
)

const testDay = land.Date(739000)

// loadAll loads every layer and analyzes it; the results are what it returns.
func loadAll(t testing.TB, s *postgis.Store) *resultSink {
	t.Helper()
	loadZones(t, s, 10)
	loadParcels(t, s, postgis.LoadOptions{}, fabric{cols: 40}, 0, 800)
	l := beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerBuildings})
	bw, err := l.BuildingWriter()
	check(t, err)
	for i := range 20 {
		check(t, bw.Write(&ingest.BuildingRow{Building: &land.Building{ID: fmt.Sprint("b", i), Source: land.Source{Position: int64(i + 1)}},
			Geometry: square(108.3+float64(i)*fabricStep, 22.8, fabricStep/3), AreaM2: land.One}))
	}
	check(t, bw.Close())
	publish(t, l)
	l = beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerConstraints})
	cw, err := l.ConstraintWriter()
	check(t, err)
	check(t, cw.Write(&ingest.ConstraintRow{Constraint: &land.Constraint{ID: "c", Kind: "ecological_redline", Source: land.Source{Position: 1}}, Geometry: square(108.3, 22.8, fabricStep), AreaM2: land.One}))
	check(t, cw.Close())
	publish(t, l)
	l = beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerStats})
	check(t, l.WriteStats(t.Context(), []land.Stats{{Zone: "A", Year: 2023, GDPWan: land.Num(123_456)}, {Zone: "A", Year: 2024}}))
	publish(t, l)
	return analyze(t, s)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// resultSink keeps results as JSON beside a sink.
type resultSink struct {
	*postgis.Analysis
	zones, parts map[string]string
}

// analyze makes up a result for every part and stores it: storage doesn't care
// what the law says.
func analyze(t testing.TB, s *postgis.Store) *resultSink {
	t.Helper()
	v, err := s.Current(t.Context(), "2025")
	check(t, err)
	defer v.Close()
	a, err := s.BeginAnalysis(t.Context(), v, postgis.AnalysisOptions{Header: land.Header{AsOf: testDay, AnalysisID: "abc", Snapshot: "2025"}})
	check(t, err)
	defer a.Abort()
	sink := &resultSink{a, map[string]string{}, map[string]string{}}
	zones, err := v.Zones(t.Context())
	check(t, err)
	keys := []land.ZoneKey{{}}
	for i := range zones {
		z := madeUpZone(&zones[i])
		keys = append(keys, z.Key())
		check(t, a.Zone(t.Context(), z))
		sink.zones[z.Key().String()] = asJSON(t, z)
	}
	for _, key := range keys {
		var parts []land.PartResult
		check(t, v.Parts(t.Context(), key, func(p *land.Part) error {
			if !p.Elsewhere {
				r := madeUpPart(p)
				parts = append(parts, r)
				sink.parts[fmt.Sprint(r.Position, "@", key)] = asJSON(t, r)
			}
			return nil
		}))
		check(t, a.Parts(t.Context(), key, parts))
	}
	check(t, a.Sets(t.Context(), []land.SetResult{{ID: "all", Zones: []string{"A", "B"}}, {ID: "one", Zones: []string{"A"}}}))
	check(t, a.Publish(t.Context()))
	return sink
}

func madeUpZone(z *land.Zone) *land.ZoneResult {
	p7, _ := fabric{}.parcelID(7)
	return &land.ZoneResult{Code: z.Code, Scope: z.Scope, Name: z.Name, AreaM2: z.AreaM2, AreaMu: z.AreaM2.Mu(),
		Verdicts: []land.Verdict{
			{Rule: "r.a", Pack: "p", Level: land.LevelParcel, Subject: p7, Outcome: land.Violated, Evidence: []string{p7}},
			{Rule: "r.b", Pack: "p", Level: land.LevelZone, Subject: z.Code, Outcome: land.Satisfied},
			{Rule: "r.c", Pack: "p", Level: land.LevelProject, Subject: "x", Outcome: land.Incomputable, Evidence: []string{"P0000008", "P0000009"}},
		}}
}

func (fabric) parcelID(i int) (string, orb.MultiPolygon) {
	p, shape := fabric{cols: 40}.parcel(i, 0.4)
	return p.ID, shape
}

func madeUpPart(p *land.Part) land.PartResult {
	r := land.PartResult{ID: p.ID, Share: p.Share, AreaM2: p.PartM2(), Class: land.ClassIndustrial, Status: land.Built, Flags: []land.PartFlag{},
		Touch: p.Touch(), Reason: "made_up", Position: p.Source.Position, Home: p.Home}
	if p.In != (land.ZoneKey{}) {
		key := p.In
		r.Zone, r.Scope = &key.Code, &key.Scope
	}
	if p.Source.Position%5 == 0 {
		r.Status, r.Since, r.Flags = land.SuspectedIdle, testDay-land.Date(p.Source.Position), []land.PartFlag{land.LateStart, land.StartUnproven}
		r.Idle = &land.Idle{Branch: "A", Since: r.Since, Days: int(p.Source.Position), Measure: "investigate", FeeIfHolderWan: land.Num(12)}
		v := 0.5
		r.Indicators = []land.Indicator{{ID: "far.project", Value: &v, Unit: land.UnitRatio}}
	}
	return r
}

func asJSON(t testing.TB, v any) string {
	b, err := json.Marshal(v)
	check(t, err)
	return string(b)
}

func openAnalyzed(t testing.TB, s *postgis.Store, scope postgis.Scope) *postgis.View {
	t.Helper()
	v, err := s.Analyzed(t.Context(), "2025", scope)
	check(t, err)
	t.Cleanup(func() { check(t, v.Close()) })
	return v
}

func TestAnalysisReadsBack(t *testing.T) {
	s := openStore(t)
	if _, err := s.Analyzed(t.Context(), "2025", nil); !errors.Is(err, postgis.ErrNoSnapshot) {
		t.Errorf("no snapshot gives %v", err)
	}
	want := loadAll(t, s)
	v := openAnalyzed(t, s, nil)
	zones, last := 0, land.ZoneKey{}
	check(t, v.ZoneResults(t.Context(), func(z *land.ZoneResult) error {
		zones++
		if z.Key().Compare(last) <= 0 || asJSON(t, z) != want.zones[z.Key().String()] {
			t.Errorf("zone %s after %s:\n got %s\nwant %s", z.Key(), last, asJSON(t, z), want.zones[z.Key().String()])
		}
		last = z.Key()
		return nil
	}))
	if zones != 4 {
		t.Errorf("%d zones, want 4", zones)
	}
	parts := 0
	check(t, v.PartResults(t.Context(), nil, func(p *land.PartResult) error {
		parts++
		if k := fmt.Sprint(p.Position, "@", p.Key()); asJSON(t, p) != want.parts[k] {
			t.Fatalf("part %s:\n got %s\nwant %s", k, asJSON(t, p), want.parts[k])
		}
		return nil
	}))
	facts := readParcels(t, s, "2025")
	rows := map[string]land.Part{}
	check(t, v.Rows(t.Context(), nil, func(r *report.Row) error {
		rows[fmt.Sprint(r.Part.Source.Position, "@", r.Part.In)] = *r.Part
		if r.Result.ID != r.Part.ID || len(r.Geometry) != 1 {
			t.Errorf("row of %s beside %s, %d pieces", r.Result.ID, r.Part.ID, len(r.Geometry))
		}
		return nil
	}))
	if parts != len(want.parts) || parts != len(facts) {
		t.Errorf("%d parts, want %d of %d facts", parts, len(want.parts), len(facts))
	}
	sameParts(t, rows, facts)
	sets, err := v.Sets(t.Context())
	if err != nil || len(sets) != 2 {
		t.Errorf("sets %v (%v)", sets, err)
	}
	h, err := v.Header(t.Context())
	if err != nil || h.AnalysisID != "abc" || h.AsOf != testDay {
		t.Errorf("header %+v (%v)", h, err)
	}
	stats, err := v.Stats(t.Context())
	if err != nil || len(stats) != 2 || stats[0].GDPWan != land.Num(123_456) || stats[1].GDPWan.Known {
		t.Errorf("stats %+v (%v)", stats, err)
	}
}

// TestAnalysisKeepsItsLoads holds that what is shown stays together: a newer
// load isn't seen before it is analyzed, and the old one is dropped then.
func TestAnalysisKeepsItsLoads(t *testing.T) {
	dsn := postgistest.DSN(t)
	s, err := postgis.OpenMigrated(t.Context(), dsn)
	check(t, err)
	defer s.Close()
	loadAll(t, s)
	loadParcels(t, s, postgis.LoadOptions{}, fabric{cols: 40}, 0, 10)
	count := func() (n int) {
		v, err := s.Analyzed(t.Context(), "2025", nil)
		check(t, err)
		defer v.Close()
		check(t, v.Rows(t.Context(), nil, func(*report.Row) error { n++; return nil }))
		return n
	}
	before := count()
	sn, err := s.Snapshots(t.Context())
	check(t, err)
	if before < 800 || !sn[0].Stale || sn[0].Parcels != 800 {
		t.Errorf("%d rows of %+v, want the analyzed 800 parcels, stale", before, sn[0])
	}
	analyze(t, s)
	if sn, err = s.Snapshots(t.Context()); err != nil || sn[0].Stale || sn[0].Parcels != 10 {
		t.Errorf("after the analysis: %+v (%v)", sn, err)
	}
	if after := count(); after >= before {
		t.Errorf("%d rows after the analysis", after)
	}
	if got := psql(t, dsn, "select count(*) from pg_inherits where inhparent = 'muscope.parcel'::regclass"); got != "2" {
		t.Errorf("%s partitions of parcel, want 2", got)
	}
}

func TestScopeIsInEveryQuery(t *testing.T) {
	s := openStore(t)
	loadAll(t, s)
	ctx := t.Context()
	v := openAnalyzed(t, s, postgis.Scope{"B"})
	allowed := func(key land.ZoneKey) {
		t.Helper()
		if key.Code != "B" {
			t.Errorf("zone %q shows", key)
		}
	}
	n := 0
	check(t, v.ZoneResults(ctx, func(z *land.ZoneResult) error {
		allowed(z.Key())
		n++
		for _, verdict := range z.Verdicts {
			for _, id := range verdict.Evidence {
				if _, err := v.Parcel(ctx, id); err != nil {
					t.Errorf("evidence %s of %s shows: %v", id, verdict.Rule, err)
				}
			}
		}
		return nil
	}))
	check(t, v.PartResults(ctx, nil, func(p *land.PartResult) error { allowed(p.Key()); n++; return nil }))
	check(t, v.Rows(ctx, nil, func(r *report.Row) error { allowed(r.Part.In); n++; return nil }))
	check(t, v.Parts(ctx, land.ZoneKey{Code: "A", Scope: "approved"}, func(p *land.Part) error { allowed(land.ZoneKey{Code: "A"}); return nil }))
	check(t, v.WholeParts(ctx, land.ZoneKey{}, func(p *land.Part, _ orb.MultiPolygon) error { allowed(p.In); return nil }))
	if stats, err := v.Stats(ctx); err != nil || len(stats) != 0 {
		t.Errorf("stats of another's zone show: %v (%v)", stats, err)
	}
	places, err := v.Places(ctx)
	check(t, err)
	for _, p := range places {
		allowed(p.Zone)
	}
	page, err := v.Findings(ctx, postgis.FindingQuery{All: true, Limit: 1000})
	check(t, err)
	for _, f := range page.Findings {
		allowed(f.Result.Key())
	}
	if n == 0 || len(places) != 1 || page.Total == 0 {
		t.Errorf("what is allowed doesn't show: %d, %d, %d", n, len(places), page.Total)
	}
	for name, err := range map[string]error{
		"ZoneResult":   second(v.ZoneResult(ctx, land.ZoneKey{Code: "A", Scope: "approved"})),
		"ZoneGeometry": second(v.ZoneGeometry(ctx, land.ZoneKey{Code: "A", Scope: "approved"})),
		"Parcel":       second(v.Parcel(ctx, "P0000001")),
	} {
		if !errors.Is(err, postgis.ErrNotFound) {
			t.Errorf("%s of another's zone gives %v, want ErrNotFound", name, err)
		}
	}
	if sets, err := v.Sets(ctx); err != nil || len(sets) != 0 {
		t.Errorf("sets over others' zones show: %v (%v)", sets, err)
	}
	if verdicts, err := v.ParcelVerdicts(ctx, "P0000008"); err != nil || len(verdicts) != 1 {
		t.Errorf("verdicts %v (%v), want one of zone B", verdicts, err)
	}
	for layer, want := range map[string]int{"zones": 1, "parcels": 110, "buildings": 10, "constraints": 1} {
		if got := tileFeatures(t, v, layer); len(got) != want {
			t.Errorf("%d %s in the tile, want %d", len(got), layer, want)
		}
	}
	for _, scope := range []postgis.Scope{{}, {"NOPE"}, {"B' or 'a'='a"}} {
		if _, err := s.Analyzed(ctx, "2025", scope); !errors.Is(err, postgis.ErrNoSnapshot) {
			t.Errorf("scope %q: %v, want ErrNoSnapshot", scope, err)
		}
	}
}

// TestReadingStopsEarly holds that a reader that has enough stops the query,
// and that the store goes on.
func TestReadingStopsEarly(t *testing.T) {
	s := openStore(t)
	loadAll(t, s)
	enough := errors.New("enough")
	for range 20 {
		v := openAnalyzed(t, s, nil)
		if err := v.Rows(t.Context(), nil, func(*report.Row) error { return enough }); !errors.Is(err, enough) {
			t.Fatalf("%v, want what the reader said", err)
		}
		check(t, v.Close())
	}
}

func second[T any](_ T, err error) error { return err }

// tileFeatures are the features of the tile that holds the whole fabric.
func tileFeatures(t testing.TB, v *postgis.View, layer string) []map[string]any {
	t.Helper()
	b, err := v.Tile(t.Context(), layer, 8, 205, 111)
	check(t, err)
	if len(b) == 0 {
		return nil
	}
	name, features := readTile(t, b)
	if name != layer {
		t.Errorf("layer %q in the tile of %s", name, layer)
	}
	var list []map[string]any
	seen := map[uint64]bool{}
	for _, f := range features {
		if f.id == 0 || f.kind != 3 || len(f.geometry) < 9 || seen[f.id] {
			t.Errorf("feature %d %v without id or shape of its own", f.id, f.props)
		}
		seen[f.id] = true
		list = append(list, f.props)
	}
	return list
}

// TestTilesHideNothing holds that each feature is in the tile once, also those
// far below a pixel.
func TestTilesHideNothing(t *testing.T) {
	s := openStore(t)
	loadAll(t, s)
	v := openAnalyzed(t, s, nil)
	for layer, want := range map[string]int{"zones": 4, "parcels": 800, "buildings": 20, "constraints": 1} {
		if got := tileFeatures(t, v, layer); len(got) != want {
			t.Errorf("%d %s in the tile, want %d", len(got), layer, want)
		}
		set, err := v.TileSet(t.Context(), layer)
		if err != nil || set.Bound == nil || set.MinZoom != 0 {
			t.Errorf("tile set %+v (%v)", set, err)
		}
	}
	for _, f := range tileFeatures(t, v, "findings") {
		if f["id"] == "" || f["status"] == nil {
			t.Errorf("finding %v", f)
		}
	}
	if _, err := v.Tile(t.Context(), "none", 0, 0, 0); !errors.Is(err, postgis.ErrNotFound) {
		t.Errorf("an unknown layer gives %v", err)
	}
	if b, err := v.Tile(t.Context(), "parcels", 10, 0, 0); err != nil || len(b) != 0 {
		t.Errorf("a tile elsewhere has %d bytes (%v)", len(b), err)
	}
}

// TestFindingsPageByPage reads every order in small pages, both ways, and
// compares with the whole.
func TestFindingsPageByPage(t *testing.T) {
	s := openStore(t)
	want := loadAll(t, s)
	v := openAnalyzed(t, s, nil)
	once := map[string]bool{} // each parcel is listed once, by its home part
	for p := range want.parts {
		position, _, _ := strings.Cut(p, "@")
		once[position] = true
	}
	parcels := len(once)
	for _, sort := range []string{"id", "zone", "status", "class", "holder", "area", "since", "days"} {
		for _, desc := range []bool{false, true} {
			q := postgis.FindingQuery{All: true, Sort: sort, Desc: desc, Limit: 217}
			var got, whole []string
			for {
				page, err := v.Findings(t.Context(), q)
				check(t, err)
				if page.Total != int64(parcels) {
					t.Fatalf("total %d, want %d", page.Total, parcels)
				}
				for _, f := range page.Findings {
					got = append(got, fmt.Sprint(f.Result.Position, "@", f.Result.Key()))
				}
				if q.After = page.Next; q.After == "" {
					break
				}
			}
			check(t, v.FindingRows(t.Context(), q, func(r *report.Row) error {
				whole = append(whole, fmt.Sprint(r.Result.Position, "@", r.Result.Key()))
				return nil
			}))
			if !slices.Equal(got, whole) || len(slices.Compact(slices.Sorted(slices.Values(got)))) != parcels {
				t.Errorf("by %s (desc %v): pages give %d, the whole %d", sort, desc, len(got), len(whole))
			}
		}
	}
	if _, err := v.Findings(t.Context(), postgis.FindingQuery{After: "x", Limit: 1}); !errors.Is(err, postgis.ErrCursor) {
		t.Errorf("a bad cursor gives %v", err)
	}
}

func TestFindingFilters(t *testing.T) {
	s := openStore(t)
	loadAll(t, s)
	v := openAnalyzed(t, s, nil)
	p7, _ := fabric{}.parcelID(7)
	for name, c := range map[string]struct {
		q    postgis.FindingQuery
		want []string // ids
	}{
		"violated rule":        {postgis.FindingQuery{Rule: "p#r.a", Zone: &land.ZoneKey{Code: "A", Scope: "approved"}}, []string{p7}},
		"outcome":              {postgis.FindingQuery{All: true, Outcome: land.Incomputable, Zone: &land.ZoneKey{Code: "A", Scope: "approved"}}, []string{"P0000008", "P0000009"}},
		"search":               {postgis.FindingQuery{All: true, Search: "p0000009", Zone: &land.ZoneKey{Code: "A", Scope: "approved"}}, []string{"P0000009"}},
		"search takes no %":    {postgis.FindingQuery{All: true, Search: "P%9"}, nil},
		"status":               {postgis.FindingQuery{All: true, Statuses: []land.Status{land.Reserve}}, nil},
		"class":                {postgis.FindingQuery{All: true, Classes: []land.Class{land.ClassGreen, land.ClassMining}}, nil},
		"land in none is none": {postgis.FindingQuery{Rule: "p#r.a", Zone: &land.ZoneKey{}}, nil},
	} {
		c.q.Limit = 10
		page, err := v.Findings(t.Context(), c.q)
		check(t, err)
		var ids []string
		for _, f := range page.Findings {
			ids = append(ids, f.Result.ID)
		}
		if !reflect.DeepEqual(ids, c.want) || page.Total != int64(len(c.want)) {
			t.Errorf("%s: %v of %d, want %v", name, ids, page.Total, c.want)
		}
	}
}

func TestRejectsAndLoads(t *testing.T) {
	s := openStore(t)
	l := beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerParcels, By: "me"})
	writeParcels(t, l, fabric{cols: 10}, 0, 10)
	want := []land.Reject{
		{Severity: land.SeverityReject, Layer: "parcels", File: "a~\t.geojson", Feature: 3, Offset: 99, ID: "~", Code: "geom.x", Reason: "宗地\n", Remedy: `\`, Place: &[2]float64{108.25, 22.5}},
		{Severity: land.SeverityWarning, Layer: "parcels", File: "b", Feature: 4, Field: "price_wan", Code: "c"},
	}
	for i := range want {
		l.Reject(&want[i])
	}
	check(t, l.Publish(t.Context(), postgis.Published{Inputs: []land.Input{{Layer: "parcels", File: "f", SHA256: "ab", Features: 12, Loaded: 10, Rejected: 2,
		Settings: map[string]string{"crs": "EPSG:4490"}}}, Counts: map[string]int64{"geom.x": 1}}))
	var got []land.Reject
	check(t, s.Rejects(t.Context(), "2025", func(r *land.Reject) error { got = append(got, *r); return nil }))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("rejects\n got %+v\nwant %+v", got, want)
	}
	loads, err := s.Loads(t.Context(), "2025")
	check(t, err)
	if len(loads) != 1 || loads[0].State != "published" || loads[0].LoadedBy != "me" || loads[0].Inputs[0].Settings["crs"] != "EPSG:4490" || loads[0].Counts["geom.x"] != 1 {
		t.Errorf("loads %+v", loads)
	}
	if _, err := s.Loads(t.Context(), "none"); !errors.Is(err, postgis.ErrNoSnapshot) {
		t.Errorf("no snapshot gives %v", err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	s := openStore(t)
	want := loadAll(t, s)
	file := filepath.Join(t.TempDir(), "backup")
	check(t, s.Backup(t.Context(), file))
	other := openStore(t)
	loadParcels(t, other, postgis.LoadOptions{Snapshot: "gone"}, fabric{cols: 10}, 0, 10)
	if err := other.Restore(t.Context(), filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing file restores")
	}
	if sn, err := other.Snapshots(t.Context()); err != nil || len(sn) != 1 || sn[0].Name != "gone" {
		t.Errorf("after a failed restore: %+v (%v)", sn, err)
	}
	check(t, other.Restore(t.Context(), file))
	parts := 0
	check(t, openAnalyzed(t, other, nil).PartResults(t.Context(), nil, func(*land.PartResult) error { parts++; return nil }))
	if parts != len(want.parts) {
		t.Errorf("%d parts restored, want %d", parts, len(want.parts))
	}
	loadParcels(t, other, postgis.LoadOptions{}, fabric{cols: 10}, 0, 10)
}

func TestAppendedZonesThatExistAreRefused(t *testing.T) {
	s := openStore(t)
	loadZones(t, s, 10)
	for _, row := range []ingest.ZoneRow{
		zoneRow("B", land.ScopeApproved, "", square(1, 1, 1)),
		zoneRow("B2", land.ScopeApproved, "B", square(1, 1, 1)),
	} {
		l := beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerZones, Append: true})
		check(t, l.WriteZones(t.Context(), []ingest.ZoneRow{row}))
		if err := l.Publish(t.Context(), postgis.Published{}); !errors.Is(err, postgis.ErrExists) {
			t.Errorf("zone %s: %v, want ErrExists", row.Zone.Code, err)
		}
	}
	l := beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerZones, Append: true})
	check(t, l.WriteZones(t.Context(), []ingest.ZoneRow{zoneRow("C", land.ScopeApproved, "", square(109, 23, 0.1))}))
	publish(t, l)
	if rows, err := s.ZoneRows(t.Context(), "2025"); err != nil || len(rows) != 5 {
		t.Errorf("%d zones (%v), want 5", len(rows), err)
	}
}
