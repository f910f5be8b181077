package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/postgis/postgistest"
)

// The tests of this file hold muscope against other engines: its results in
// PostGIS against those without a database, its areas and shares against what
// PostGIS computes from the same geometries.

// realData is a folder of real files beside the checkout, which may be absent.
func realData(t *testing.T, names ...string) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real data in %s", dir)
	}
	return filepath.Join(append([]string{dir}, names...)...)
}

// databaseApp runs commands on a database of the test's own.
type databaseApp struct {
	t   *testing.T
	dsn string
}

func (d databaseApp) run(args ...string) *bytes.Buffer {
	d.t.Helper()
	app, stdout, stderr := testApp(d.t)
	app.Getenv = func(name string) string {
		return map[string]string{"MUSCOPE_DATABASE_URL": d.dsn}[name]
	}
	if code := app.Run(context.Background(), args); code != exitDone {
		d.t.Fatalf("muscope %s: exit code %d\n%s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

func (d databaseApp) open() *sql.DB {
	d.t.Helper()
	db, err := sql.Open("postgres", d.dsn)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { db.Close() })
	return db
}

func (d databaseApp) loadSample(order ...string) {
	d.t.Helper()
	for _, layer := range order {
		file := layer + ".geojson"
		if layer == "stats" {
			file = "stats.csv"
		}
		d.run("load", layer, filepath.Join(sampleDir, file), "--snapshot", "s", "--quiet")
	}
}

// The files and the database give the same result, to the last digit; and so
// does a database into which zones came last.
func TestSameResultInBothWays(t *testing.T) {
	want := checkSample(t)
	for _, order := range [][]string{{"zones", "parcels", "buildings", "stats"}, {"parcels", "stats", "buildings", "zones"}} {
		t.Run(strings.Join(order, "-"), func(t *testing.T) {
			d := databaseApp{t, postgistest.DSN(t)}
			d.loadSample(order...)
			d.run("analyze", "--snapshot", "s", "--quiet")
			var got land.Result
			if err := json.Unmarshal(d.run("report", "--snapshot", "s", "--format", "json", "--quiet").Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if got.AsOf != want.AsOf || len(got.Inputs) != len(want.Inputs) {
				t.Errorf("as of %s with %d inputs, want %s with %d", got.AsOf, len(got.Inputs), want.AsOf, len(want.Inputs))
			}
			same(t, "zones", got.Zones, want.Zones)
			same(t, "sets", got.Sets, want.Sets)
			same(t, "parts", got.Parts, want.Parts)
		})
	}
}

func same[T any](t *testing.T, what string, got, want []T) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d %s, want %d", len(got), what, len(want))
		return
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			a, _ := json.Marshal(got[i])
			b, _ := json.Marshal(want[i])
			t.Errorf("%s %d differ:\n%.2000s\n%.2000s", what, i, a, b)
			return
		}
	}
}

// A backup restored elsewhere gives the same report.
func TestBackupAndRestore(t *testing.T) {
	from, to := databaseApp{t, postgistest.DSN(t)}, databaseApp{t, postgistest.DSN(t)}
	from.loadSample("zones", "parcels", "stats")
	from.run("analyze", "--snapshot", "s", "--quiet")
	file := filepath.Join(t.TempDir(), "backup")
	from.run("db", "backup", file)
	to.run("db", "restore", file)
	report := []string{"report", "--snapshot", "s", "--format", "json", "--quiet"}
	if want, got := from.run(report...), to.run(report...); !bytes.Equal(want.Bytes(), got.Bytes()) {
		t.Error("the restored database gives another report")
	}
}

// A report of one zone speaks of that zone alone, --fail-on too.
func TestReportOfOneZone(t *testing.T) {
	d := databaseApp{t, postgistest.DSN(t)}
	d.loadSample("zones", "parcels", "stats")
	d.run("analyze", "--snapshot", "s", "--quiet")
	var r land.Result
	out := d.run("report", "--snapshot", "s", "--zone", "GX01-B", "--fail-on", "violated", "--format", "json", "--quiet")
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || len(r.Zones) != 1 || r.Zones[0].Code != "GX01-B" || len(r.Parts) != 21 {
		t.Errorf("%d zones, %d parts, %v", len(r.Zones), len(r.Parts), err)
	}
}

// postgisAreas compares, row by row, the stored ellipsoid areas and shares with
// PostGIS's own. Segments of 0.0002 radians at most keep PostGIS's geodesic
// edges beside the straight ones of RFC 7946.
const postgisAreas = `
with p as (
  select p.id, p.zone, p.boundary_scope, p.share, p.ellipsoid_m2::float8 as area,
         st_area(st_segmentize(p.geom, 0.0002)::geography) as geos, st_npoints(p.geom) as points, p.geom
  from muscope.parcel p join muscope.snapshot_layer l on l.layer = 'parcels' and p.load_id = any(l.load_ids) and l.snapshot = 's')
select p.id, p.area, p.geos, p.points, p.share,
       case when z.geom is null then 1 else st_area(st_segmentize(st_intersection(p.geom, z.geom), 0.0002)::geography) / p.geos end
from p left join (select z.code, z.boundary_scope, z.geom from muscope.zone z
                  join muscope.snapshot_layer l on l.layer = 'zones' and z.load_id = any(l.load_ids) and l.snapshot = 's') z
  on z.code = p.zone and z.boundary_scope = p.boundary_scope`

// postgisRounding is what PostGIS's geodesic area is off by for each vertex, in
// m²: of Cambridge's parcel 104 (121 vertices) it says 25711.590202 m², while
// integration in exact rational arithmetic gives 25711.591493 m², as we do.
const postgisRounding = 2e-4

// missedParts counts parcels and zones that PostGIS finds to share land while
// muscope has no row of them.
const missedParts = `
with z as (select z.code, z.boundary_scope, z.geom from muscope.zone z
           join muscope.snapshot_layer l on l.layer = 'zones' and z.load_id = any(l.load_ids) and l.snapshot = 's'),
     p as (select distinct p.id, p.geom, p.ellipsoid_m2::float8 as area from muscope.parcel p
           join muscope.snapshot_layer l on l.layer = 'parcels' and p.load_id = any(l.load_ids) and l.snapshot = 's' where p.home)
select count(*) from p join z on st_intersects(p.geom, z.geom)
where st_area(st_intersection(p.geom, z.geom)::geography) > greatest(0.001, 1e-7 * p.area)
  and not exists (select from muscope.parcel q join muscope.snapshot_layer l on l.layer = 'parcels' and q.load_id = any(l.load_ids) and l.snapshot = 's'
                  where q.id = p.id and q.zone = z.code and q.boundary_scope = z.boundary_scope)`

func TestAgainstPostGIS(t *testing.T) {
	for name, c := range map[string]struct {
		zones, parcels []string // file and flags
		rows           int      // at least
	}{
		"sample":    {[]string{filepath.Join(sampleDir, "zones.geojson")}, []string{filepath.Join(sampleDir, "parcels.geojson")}, 300},
		"cambridge": {[]string{realPath("cambridge", "CDD_ZoningDistricts.geojson"), "--map", "cambridge-zoning"}, []string{realPath("cambridge", "parcels_fy2014.geojson"), "--map", "cambridge-parcels"}, 13000},
		"taiwan":    {[]string{realPath("tw-parks", "industrial_parks.geojson"), "--map", "tw-parks"}, []string{realPath("tw-parks", "zoning_F0116.geojson"), "--map", "tw-zoning"}, 100},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "sample" {
				realData(t)
			}
			d := databaseApp{t, postgistest.DSN(t)}
			d.run(append([]string{"load", "zones", "--snapshot", "s", "--quiet"}, c.zones...)...)
			d.run(append([]string{"load", "parcels", "--snapshot", "s", "--quiet"}, c.parcels...)...)
			compareWithPostGIS(t, d.open(), c.rows)
		})
	}
}

func realPath(names ...string) string {
	return filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, names...)...)
}

func compareWithPostGIS(t *testing.T, db *sql.DB, atLeast int) {
	t.Helper()
	rows, err := db.Query(postgisAreas)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n, worstArea, worstShare := 0, 0.0, 0.0
	for rows.Next() {
		var id string
		var area, geos, points, share, geosShare float64
		if err := rows.Scan(&id, &area, &geos, &points, &share, &geosShare); err != nil {
			t.Fatal(err)
		}
		n++
		slack := 1e-8*geos + postgisRounding*points
		if d := math.Abs(area - geos); d > slack {
			t.Errorf("parcel %s: %.6f m², PostGIS %.6f m²", id, area, geos)
		}
		if d := math.Abs(share - geosShare); d > 2*slack/geos {
			t.Errorf("parcel %s: share %.12f, PostGIS %.12f", id, share, geosShare)
		}
		worstArea, worstShare = math.Max(worstArea, math.Abs(area-geos)/geos), math.Max(worstShare, math.Abs(share-geosShare))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if n < atLeast {
		t.Errorf("%d rows, want %d at least", n, atLeast)
	}
	var missed int
	if err := db.QueryRow(missedParts).Scan(&missed); err != nil {
		t.Fatal(err)
	}
	if missed > 0 {
		t.Errorf("%d parcels lie in zones, by PostGIS, that they have no row of", missed)
	}
	t.Logf("%d rows; worst relative area %.1e, worst share %.1e", n, worstArea, worstShare)
}
