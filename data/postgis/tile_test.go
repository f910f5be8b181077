package postgis_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
	"github.com/muscope/muscope/geo/tile"
)

// starParcels loads parcels of random shapes and sizes, some with a hole, and
// analyzes them.
func starParcels(t testing.TB, s *postgis.Store, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	l := beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerParcels})
	w, err := l.ParcelWriter()
	check(t, err)
	for i := range n {
		at := orb.Point{108.3 + r.Float64()*0.05, 22.8 + r.Float64()*0.05}
		size := math.Pow(10, -r.Float64()*4-2) // degrees, from a metre to a kilometre
		poly := orb.Polygon{starRing(r, at, size, 0.5)}
		if i%4 == 0 {
			poly = append(poly, starRing(r, at, size*0.3, 0.5))
		}
		p := &land.Parcel{ID: fmt.Sprintf("S%05d", i), Source: land.Source{Position: int64(i + 1)}, EllipsoidM2: land.One}
		check(t, w.Write(&ingest.ParcelRow{Parcel: p, Geometry: orb.MultiPolygon{poly}, In: []ingest.Located{{Share: 1, SetShare: 1, Home: true}}}))
	}
	check(t, w.Close())
	publish(t, l)
	analyze(t, s)
}

func starRing(r *rand.Rand, at orb.Point, size, least float64) orb.Ring {
	var ring orb.Ring
	n := 8 + r.IntN(12)
	for i := range n {
		a, d := 2*math.Pi*(float64(i)+r.Float64()*0.3)/float64(n), size*(least+(1-least)*r.Float64())
		ring = append(ring, orb.Point{at[0] + d*math.Cos(a), at[1] + d*math.Sin(a)})
	}
	return append(ring, ring[0])
}

// mvtArea is the area of a feature's polygon on the grid: outer rings are
// positive, holes negative.
func mvtArea(commands []uint64) (twice float64) {
	var x, y float64
	delta := func(v uint64) float64 { return float64(int64(v>>1) ^ -int64(v&1)) }
	var ring orb.Ring
	for i := 0; i < len(commands); {
		n := int(commands[i] >> 3)
		switch commands[i] & 7 {
		case 7:
			for k := range ring {
				p, q := ring[k], ring[(k+1)%len(ring)]
				twice += p[0]*q[1] - q[0]*p[1]
			}
			ring = nil
			i++
			continue
		}
		for k := range n {
			x, y = x+delta(commands[i+1+2*k]), y+delta(commands[i+2+2*k])
			ring = append(ring, orb.Point{x, y})
		}
		i += 1 + 2*n
	}
	return twice / 2
}

// TestTilesAgainstPostGIS holds tiles to ST_AsMVTGeom: what that draws is drawn,
// with the same area within what rounding can change, and what is drawn besides
// is there, too small for it.
func TestTilesAgainstPostGIS(t *testing.T) {
	dsn := postgistest.DSN(t)
	s, err := postgis.OpenMigrated(t.Context(), dsn)
	check(t, err)
	defer s.Close()
	loadZones(t, s, 10)
	starParcels(t, s, 600)
	v := openAnalyzed(t, s, nil)
	defer v.Close()
	drawn, tiny := 0, 0
	for z := uint32(9); z <= 18; z += 3 {
		n := float64(uint64(1) << z)
		x0, y0 := uint32((108.3+180)/360*n), uint32((0.5-math.Asinh(math.Tan(22.85*math.Pi/180))/(2*math.Pi))*n)
		for i := range uint32(9) {
			at := tile.ID{Z: z, X: x0 + i%3, Y: y0 + i/3}
			want := map[uint64][4]float64{} // area that ST_AsMVTGeom draws, or -1; area and perimeter of what lies there; 1 if something does
			out := psql(t, dsn, fmt.Sprintf(`select position, coalesce(st_area(st_asmvtgeom(geom_3857, box, 4096, 64, true)), -1), st_area(piece) / step / step,
				st_perimeter(piece) / step, st_intersects(geom_3857, around)::int
				from (select st_tileenvelope(%d, %d, %d) box, st_tileenvelope(%[1]d, %[2]d, %[3]d, margin => 64.0 / 4096) around, %[4]v step) tile,
				muscope.parcel, lateral (select st_intersection(geom_3857, around) piece) of_tile where geom_3857 && around`, at.Z, at.X, at.Y, at.Side()/tile.Extent))
			for line := range strings.Lines(out) {
				var id uint64
				var w [4]float64
				if _, err := fmt.Sscanf(strings.ReplaceAll(strings.TrimSpace(line), "|", " "), "%d %g %g %g %g", &id, &w[0], &w[1], &w[2], &w[3]); err != nil {
					t.Fatalf("%q: %v", line, err)
				}
				want[id] = w
			}
			b, err := v.Tile(t.Context(), "parcels", at.Z, at.X, at.Y)
			check(t, err)
			got := map[uint64]bool{}
			_, features := readTile(t, b)
			for _, f := range features {
				w, ok := want[f.id]
				if !ok || w[3] == 0 || got[f.id] {
					t.Errorf("%v: feature %d is drawn, and doesn't lie there or twice", at, f.id)
				}
				got[f.id] = true
				area := mvtArea(f.geometry)
				if area <= 0 {
					t.Errorf("%v: feature %d has area %g: its rings turn the wrong way", at, f.id, area)
				}
				tolerance := w[2]*math.Sqrt2/2 + 2
				if math.Abs(area-w[1]) > tolerance || w[0] >= 0 && math.Abs(area-w[0]) > 2*tolerance {
					t.Errorf("%v: feature %d has area %g; ST_AsMVTGeom %g, true %g ± %g", at, f.id, area, w[0], w[1], tolerance)
				}
				if w[0] < 0 {
					tiny++
				}
				drawn++
				if f.props["id"] != fmt.Sprintf("S%05d", f.id-1) || f.props["status"] == nil || f.props["area_m2"] == nil {
					t.Errorf("%v: feature %d says %v", at, f.id, f.props)
				}
			}
			for id, w := range want {
				if w[0] >= 0 && !got[id] || w[1] > 1e-6 && !got[id] {
					t.Errorf("%v: feature %d isn't drawn: %v", at, id, w)
				}
			}
		}
	}
	if drawn < 1000 || tiny < 20 {
		t.Errorf("%d features drawn, %d that ST_AsMVTGeom leaves out: the test sees too little", drawn, tiny)
	}
}

// TestTilesOfStrewnParcels holds that the ways to the results give the same
// tile: by pages, one by one, and joined where some parcels have none.
func TestTilesOfStrewnParcels(t *testing.T) {
	s := openStore(t)
	loadAll(t, s)
	v := openAnalyzed(t, s, nil)
	defer v.Close()
	ways, err := v.TileWays(t.Context(), tile.ID{Z: 8, X: 205, Y: 111})
	check(t, err)
	for name, b := range ways {
		if len(b) == 0 || string(b) != string(ways["pages"]) {
			t.Errorf("by %s the tile is another: %d bytes, by pages %d", name, len(b), len(ways["pages"]))
		}
	}
}

// TestTilesNeverMixLoads draws tiles all the while loads and analyses are
// published: each is of one of them, whole, and the newest shows within a second.
func TestTilesNeverMixLoads(t *testing.T) {
	s := openStore(t)
	loadZones(t, s, 10)
	publishParcels := func(n int) {
		loadParcels(t, s, postgis.LoadOptions{}, fabric{cols: 40}, 0, n)
		analyze(t, s)
	}
	publishParcels(100)
	var mu sync.Mutex
	seen := map[string]int{} // parcels by version
	stop := make(chan struct{})
	var g sync.WaitGroup
	for range 4 {
		g.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				v, err := s.Recent(t.Context(), "2025", nil)
				if err != nil {
					t.Error(err)
					return
				}
				b, err := v.Tile(t.Context(), "parcels", 8, 205, 111)
				version := v.TileVersion()
				if err := v.Close(); err != nil {
					t.Error(err)
				}
				if err != nil {
					t.Error(err)
					return
				}
				_, features := readTile(t, b)
				for _, f := range features {
					if f.props["status"] == nil {
						t.Errorf("version %s: parcel %v without a result", version, f.props["id"])
					}
				}
				mu.Lock()
				if n, ok := seen[version]; ok && n != len(features) || len(features)%10 != 0 || len(features) < 100 {
					t.Errorf("version %s has %d parcels, then %d", version, n, len(features))
				}
				seen[version] = len(features)
				mu.Unlock()
			}
		})
	}
	for i := range 6 {
		n := 110 + 10*i
		publishParcels(n)
		shown := func() bool {
			mu.Lock()
			defer mu.Unlock()
			for _, have := range seen {
				if have == n {
					return true
				}
			}
			return false
		}
		for end := time.Now().Add(time.Second); !shown(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("the analysis of %d parcels doesn't show after a second", n)
				break
			}
		}
	}
	close(stop)
	g.Wait()
}

// TestViewsShareTheirLocks holds that any number of views of an analysis cost
// one session, that one whose session was killed is replaced, and that another
// process's publication is followed.
func TestViewsShareTheirLocks(t *testing.T) {
	dsn := postgistest.DSN(t)
	s, err := postgis.OpenMigrated(t.Context(), dsn)
	check(t, err)
	defer s.Close()
	loadAll(t, s)
	const holders = "select count(distinct pid) from pg_locks where locktype = 'advisory' and classid = 29048 and mode = 'ShareLock'"
	var views []*postgis.View
	for range 25 {
		views = append(views, openAnalyzed(t, s, nil))
	}
	if got := psql(t, dsn, holders); got != "1" {
		t.Errorf("%s sessions hold loads for 25 views", got)
	}
	for _, v := range views {
		check(t, v.Close())
		check(t, v.Close()) // is no fault
	}
	psql(t, dsn, "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 29048")
	v := openAnalyzed(t, s, nil)
	if got := psql(t, dsn, holders); got != "1" {
		t.Errorf("%s sessions hold loads after one was killed", got)
	}
	other, err := postgis.Open(t.Context(), dsn)
	check(t, err)
	defer other.Close()
	version := v.TileVersion()
	analyze(t, other)
	parts := "select count(*) from pg_inherits where inhparent = 'muscope.part_status'::regclass"
	if before := psql(t, dsn, parts); before != "4" {
		t.Errorf("%s partitions of results while the old analysis is read, want 4", before)
	}
	newer := openAnalyzed(t, s, nil)
	if newer.TileVersion() == version {
		t.Error("another process's analysis isn't seen")
	}
	check(t, v.Close())
	check(t, newer.Close())
	waitFor(t, func() bool { return psql(t, dsn, parts) == "2" }) // dropped behind the last reader
}

// TestTilesStopWithTheirCaller holds that a tile that nobody waits for ends in
// the database too.
func TestTilesStopWithTheirCaller(t *testing.T) {
	dsn := postgistest.DSN(t)
	s, err := postgis.OpenMigrated(t.Context(), dsn)
	check(t, err)
	defer s.Close()
	loadAll(t, s)
	v := openAnalyzed(t, s, nil)
	defer v.Close()
	release := lockTable(t, dsn, "muscope.building")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := v.Tile(ctx, "buildings", 14, 13123, 7134); done <- err }()
	const waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
	waitFor(t, func() bool { return psql(t, dsn, waiting) == "1" })
	cancel()
	if err := <-done; err == nil {
		t.Error("a tile that nobody waits for was drawn")
	}
	waitFor(t, func() bool { return psql(t, dsn, waiting) == "0" })
	release()
	if _, err := v.Tile(t.Context(), "buildings", 14, 13123, 7134); err != nil {
		t.Errorf("the next tile: %v", err)
	}
}

// lockTable keeps everybody from a table until release.
func lockTable(t testing.TB, dsn, table string) (release func()) {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	check(t, err)
	tx, err := db.BeginTx(t.Context(), nil)
	check(t, err)
	_, err = tx.ExecContext(t.Context(), "lock table "+table+" in access exclusive mode")
	check(t, err)
	return sync.OnceFunc(func() {
		check(t, tx.Rollback())
		check(t, db.Close())
	})
}
