package postgis_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
)

// TestZonesAfterParcels holds that the order of loading makes no difference.
func TestZonesAfterParcels(t *testing.T) {
	s := openStore(t)
	f := fabric{cols: 40}
	loadParcels(t, s, postgis.LoadOptions{}, f, 0, 800)
	sameParts(t, readParcels(t, s, "2025"), wantParcels(t, nil, f, 0, 800))
	for _, size := range []float64{10, 7} { // and again, over located parcels
		zones := loadZones(t, s, size)
		sameParts(t, readParcels(t, s, "2025"), wantParcels(t, zones, f, 0, 800))
	}
}

func TestAppendAndReplace(t *testing.T) {
	s := openStore(t)
	zones := loadZones(t, s, 10)
	f := fabric{cols: 40}
	loadParcels(t, s, postgis.LoadOptions{}, f, 0, 400)
	loadParcels(t, s, postgis.LoadOptions{Append: true}, f, 400, 400)
	sameParts(t, readParcels(t, s, "2025"), wantParcels(t, zones, f, 0, 800))

	l := beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerParcels, Append: true})
	after, err := l.After(t.Context())
	if err != nil || after.Position != 800 {
		t.Fatalf("the layer ends at %+v (%v), want position 800", after, err)
	}
	p0, _ := f.parcel(0, 0.4)
	p799, _ := f.parcel(799, 0.4)
	var found []int
	ids := []string{"new", p799.ID, `odd"\,{}`, p0.ID}
	if err := l.Existing(t.Context(), ids, func(i int) { found = append(found, i) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(found, []int{1, 3}) {
		t.Errorf("existing ids at %v, want [1 3]", found)
	}
	if err := l.Replace(t.Context(), []string{p0.ID, p799.ID}); err != nil {
		t.Fatal(err)
	}
	before, err := s.Current(t.Context(), "2025")
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	w, err := l.ParcelWriter()
	if err != nil {
		t.Fatal(err)
	}
	p, shape := f.parcel(0, 0.4)
	p.Holder, p.Source.Position = "replaced", 801
	if err := w.Write(&ingest.ParcelRow{Parcel: p, Geometry: shape, In: []ingest.Located{{Share: 1, SetShare: 1, Home: true}}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	publish(t, l)
	got := readParcels(t, s, "2025")
	if g := got["801@"]; g.Holder != "replaced" {
		t.Errorf("the new row is %+v", g)
	}
	want := wantParcels(t, zones, f, 1, 798)
	if len(got) != len(want)+1 {
		t.Errorf("%d parts, want %d", len(got), len(want)+1)
	}
	n := 0
	count := func(p *land.Part) error {
		if !p.Elsewhere {
			n++
		}
		return nil
	}
	if err := before.Parts(t.Context(), land.ZoneKey{Code: "A", Scope: "approved"}, count); err != nil || n != 100 {
		t.Errorf("a reader from before sees %d parts of A (%v), want 100", n, err)
	}
}

func TestDropTakesRowsOut(t *testing.T) {
	s := openStore(t)
	f := fabric{cols: 10}
	l := beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerParcels})
	writeParcels(t, l, f, 0, 50)
	// A second feature of an id, which the unique index would refuse.
	if err := l.Drop(t.Context(), ingest.LayerParcels, []int64{3, 50}); err != nil {
		t.Fatal(err)
	}
	publish(t, l)
	got := readParcels(t, s, "2025")
	if _, there := got["3@"]; len(got) != 48 || there {
		t.Errorf("%d parts, position 3 there: %v; want 48 without it", len(got), there)
	}
	sn, err := s.Snapshots(t.Context())
	if err != nil || len(sn) != 1 || sn[0].Parcels != 48 {
		t.Errorf("snapshots %+v (%v), want one of 48 parcels", sn, err)
	}
}

func TestOneLoadOfASnapshotAtATime(t *testing.T) {
	s := openStore(t)
	l := beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerParcels})
	if _, err := s.BeginLoad(t.Context(), postgis.LoadOptions{Snapshot: "2025", Layer: ingest.LayerZones}); !errors.Is(err, postgis.ErrBusy) {
		t.Errorf("a second load gives %v, want ErrBusy", err)
	}
	other, err := s.BeginLoad(t.Context(), postgis.LoadOptions{Snapshot: "2024", Layer: ingest.LayerZones})
	if err != nil {
		t.Errorf("a load of another snapshot: %v", err)
	} else if err := other.Abort(); err != nil {
		t.Error(err)
	}
	if err := l.Abort(); err != nil {
		t.Error(err)
	}
	beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerParcels})
}

// TestReadersSeeOldOrNew reads all the while loads are published: a view sees
// one load whole, whatever is published and dropped meanwhile.
func TestReadersSeeOldOrNew(t *testing.T) {
	s := openStore(t)
	f := fabric{cols: 20}
	loadParcels(t, s, postgis.LoadOptions{}, f, 0, 100)
	stop := make(chan struct{})
	var g sync.WaitGroup
	for range 3 {
		g.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := readWhole(t, s); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	defer func() { close(stop); g.Wait() }()
	for i := range 8 {
		loadParcels(t, s, postgis.LoadOptions{}, f, 0, 100+(i+1)*10)
	}
}

// readWhole reads a view in two queries and compares them: each load holds n
// parcels of positions 1 to n.
func readWhole(t *testing.T, s *postgis.Store) error {
	v, err := s.Current(t.Context(), "2025")
	if err != nil {
		return err
	}
	defer v.Close()
	var counts [2]int64
	for i := range counts {
		var last int64
		err := v.Parts(t.Context(), land.ZoneKey{}, func(p *land.Part) error {
			counts[i]++
			last = p.Source.Position
			return nil
		})
		if err != nil {
			return err
		}
		if last != counts[i] || last < 100 {
			return fmt.Errorf("%d parcels, the last at %d: half a load", counts[i], last)
		}
		time.Sleep(time.Millisecond)
	}
	if counts[0] != counts[1] {
		return fmt.Errorf("one view saw %d, then %d parcels", counts[0], counts[1])
	}
	return nil
}

const loaderVariable = "MUSCOPE_TEST_LOADER_DSN"

// TestKilledLoadLeavesTheOld kills a loading process: once while it copies,
// once when its rows are committed and not yet published.
func TestKilledLoadLeavesTheOld(t *testing.T) {
	if dsn := os.Getenv(loaderVariable); dsn != "" {
		loadAndWait(t, dsn)
		return
	}
	dsn := postgistest.DSN(t)
	s, err := postgis.OpenMigrated(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := fabric{cols: 20}
	loadParcels(t, s, postgis.LoadOptions{}, f, 0, 60)
	want := wantParcels(t, nil, f, 0, 60)

	loader := exec.Command(os.Args[0], "-test.run=^TestKilledLoadLeavesTheOld$", "-test.v")
	loader.Env = append(os.Environ(), loaderVariable+"="+dsn)
	if err := loader.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool {
		return psql(t, dsn, "select count(*) from pg_stat_activity where datname = current_database() and query like 'copy muscope.parcel%'") != "0"
	})
	sameParts(t, readParcels(t, s, "2025"), want)
	if err := loader.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	loader.Wait() //nolint:errcheck // it was killed
	waitFor(t, func() bool { return s.Clean(t.Context()) == nil && batchStates(t, dsn) == "failed,published" })
	sameParts(t, readParcels(t, s, "2025"), want)

	// What a process leaves that dies between commit and publication.
	psql(t, dsn, `insert into muscope.batch (snapshot, layer) values ('2025', 'parcels');
		insert into muscope.load (id, batch, of_table, row_count, whole_count) select 9999, max(id), 'parcel', 0, 0 from muscope.batch;
		create table muscope.parcel_9999 (like muscope.parcel)`)
	loadParcels(t, s, postgis.LoadOptions{}, f, 0, 70)
	sameParts(t, readParcels(t, s, "2025"), wantParcels(t, nil, f, 0, 70))
	if got := psql(t, dsn, "select to_regclass('muscope.parcel_9999') is null, (select count(*) from muscope.load), (select count(*) from pg_inherits where inhparent = 'muscope.parcel'::regclass)"); got != "t|2|2" {
		t.Errorf("orphan gone | loads | partitions: %s, want t|2|2", got)
	}
}

func batchStates(t *testing.T, dsn string) string {
	return psql(t, dsn, "select string_agg(distinct state, ',' order by state) from muscope.batch")
}

// loadAndWait is the process that is killed: it copies and never ends.
func loadAndWait(t *testing.T, dsn string) {
	s, err := postgis.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.BeginLoad(t.Context(), postgis.LoadOptions{Snapshot: "2025", Layer: ingest.LayerParcels})
	if err != nil {
		t.Fatal(err)
	}
	w, err := l.ParcelWriter()
	if err != nil {
		t.Fatal(err)
	}
	f := fabric{cols: 20}
	for i := 0; ; i++ {
		p, shape := f.parcel(i%1000, 0.4)
		if err := w.Write(&ingest.ParcelRow{Parcel: p, Geometry: shape, In: []ingest.Located{{Share: 1, Home: true}}}); err != nil {
			t.Fatal(err)
		}
		if i > 5000 {
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func waitFor(t *testing.T, ready func() bool) {
	t.Helper()
	for range 600 {
		if ready() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("waited in vain")
}

// TestColumnsAreFields holds the tables to the field tables: same names, the
// types of the kinds.
func TestColumnsAreFields(t *testing.T) {
	dsn := postgistest.DSN(t)
	s, err := postgis.OpenMigrated(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	checkColumns(t, dsn, "parcel", land.ParcelFields(), map[string]string{"zone": "declared_zone"},
		"load_id file feature position share set_share home zone boundary_scope part_ellipsoid_m2 ellipsoid_m2 plane_m2 geom geom_3857 extra")
	checkColumns(t, dsn, "zone", land.ZoneFields(), nil, "load_id file feature position area_m2 pieces geom geom_3857 geom_low extra")
	checkColumns(t, dsn, "building", land.BuildingFields(), nil, "load_id file feature position area_m2 geom geom_3857 extra")
	checkColumns(t, dsn, "constraint_area", land.ConstraintFields(), nil, "load_id file feature position area_m2 geom geom_3857 extra")
	checkColumns(t, dsn, "stats", land.StatsFields(), nil, "load_id zone year")
	const row = "load_id file feature position key "
	day := map[string]string{"on": "on_day"}
	checkColumns(t, dsn, "approval", land.ApprovalFields(), nil, "load_id file feature position area_m2 geom extra")
	checkColumns(t, dsn, "phase", land.PhaseFields(), nil, row)
	checkColumns(t, dsn, "land_use", land.UseFields(), nil, row)
	checkColumns(t, dsn, "contract_term", land.TermFields(), nil, row)
	checkColumns(t, dsn, "firm", land.FirmFields(), nil, row+"year")
	checkColumns(t, dsn, "idle_event", land.EventFields(), day, row)
	checkColumns(t, dsn, "ranking", land.RankingFields(), nil, row+"year zone")
	checkColumns(t, dsn, "zone_action", land.ZoneActionFields(), day, row)
}

func checkColumns[T any](t *testing.T, dsn, table string, fields []land.Field[T], renamed map[string]string, ours string) {
	t.Helper()
	types := map[land.Kind]string{land.Text: "text", land.Word: "text", land.Day: "date", land.Quant: "numeric", land.YesNo: "boolean"}
	want := map[string]string{}
	for _, f := range fields {
		name := f.Name
		if r := renamed[name]; r != "" {
			name = r
		}
		want[name] = types[f.Kind]
	}
	for line := range strings.SplitSeq(psql(t, dsn, "select column_name, data_type from information_schema.columns where table_schema = 'muscope' and table_name = '"+table+"'"), "\n") {
		name, kind, _ := strings.Cut(line, "|")
		if slices.Contains(strings.Fields(ours), name) {
			continue
		}
		if want[name] != kind {
			t.Errorf("column %s.%s is %s, want %q", table, name, kind, want[name])
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("column %s.%s is missing", table, name)
	}
}

// TestPartitionsHaveTheirParentsIndexes holds the index statements of new
// partitions to the schema: ATTACH builds what it doesn't find, under a lock.
func TestPartitionsHaveTheirParentsIndexes(t *testing.T) {
	dsn := postgistest.DSN(t)
	s, err := postgis.OpenMigrated(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	loadAll(t, s)
	loadAllTables(t, s)
	got := psql(t, dsn, `select c.relname || ':' || count(distinct i.indexrelid) || '/' || count(distinct pi.indexrelid)
		from pg_inherits h join pg_class p on p.oid = h.inhparent join pg_class c on c.oid = h.inhrelid
		left join pg_index i on i.indrelid = c.oid left join pg_index pi on pi.indrelid = p.oid
		where p.relkind = 'p' group by c.relname having count(distinct i.indexrelid) <> count(distinct pi.indexrelid)`)
	if got != "" {
		t.Errorf("indexes of partition / parent differ: %s", got)
	}
	if got := psql(t, dsn, "select count(distinct p.oid) from pg_inherits join pg_class p on p.oid = inhparent where p.relkind = 'p' and p.relnamespace = 'muscope'::regnamespace"); got != "17" {
		t.Errorf("%s tables have partitions, want all 17", got)
	}
}

// TestShapesAgreeWithPostGIS holds the stored Web Mercator to PROJ's, and the
// boxes to the shapes.
func TestShapesAgreeWithPostGIS(t *testing.T) {
	dsn := postgistest.DSN(t)
	s, err := postgis.OpenMigrated(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	loadZones(t, s, 10)
	loadParcels(t, s, postgis.LoadOptions{}, fabric{cols: 20}, 0, 200)
	if got := psql(t, dsn, "select max(st_hausdorffdistance(geom_3857, st_transform(geom, 3857))) < 1e-6, bool_and(st_isvalid(geom)), bool_and(st_srid(geom) = 4490) from muscope.parcel"); got != "t|t|t" {
		t.Errorf("mercator within a micrometre | valid | srid: %s", got)
	}
	if got := psql(t, dsn, `select bool_and(abs(st_area(st_segmentize(geom, 0.0002)::geography) - area_m2::float8) < 1e-8 * area_m2) from muscope.zone`); got != "t" {
		t.Errorf("areas of zones agree: %s", got)
	}
}
