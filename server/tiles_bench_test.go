package server_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
	"github.com/muscope/muscope/server"
	"github.com/muscope/muscope/server/stored"
)

// The lattice of parcels that tiles are measured on: jittered corners shared by
// neighbours, about 60 m apart.
const (
	latticeWest, latticeSouth = 107.5, 22.0
	latticeCell               = 0.0006
	latticeZone               = 20 // cells along a zone's side
)

func latticeCorner(i, j int) string {
	r := rand.New(rand.NewPCG(uint64(i), uint64(j)))
	return fmt.Sprintf("[%.7f,%.7f]", latticeWest+(float64(i)+r.Float64()*0.2)*latticeCell, latticeSouth+(float64(j)+r.Float64()*0.2)*latticeCell)
}

func latticeRing(i, j, n int) string {
	return fmt.Sprintf("[[%s,%s,%s,%s,%s]]", latticeCorner(i, j), latticeCorner(i+n, j), latticeCorner(i+n, j+n), latticeCorner(i, j+n), latticeCorner(i, j))
}

func feature(b *bytes.Buffer, properties, rings string) {
	fmt.Fprintf(b, `{"type":"Feature","properties":{%s},"geometry":{"type":"Polygon","coordinates":%s}}`+"\n", properties, rings)
}

func buffered(name string, b []byte) ingest.File {
	return ingest.File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}
}

// newLattice is a district of side × side parcels, loaded and analyzed.
func newLattice(t testing.TB, side int) (d *district, dsn string) {
	t.Helper()
	dsn = postgistest.DSN(t)
	store, err := postgis.OpenMigrated(t.Context(), dsn)
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	d = &district{store: store}
	d.texts, err = data.LoadTexts()
	must(t, err)
	var zones, parcels bytes.Buffer
	for j := 0; j < side; j += latticeZone {
		for i := 0; i < side; i += latticeZone {
			feature(&zones, fmt.Sprintf(`"code":"Z%04d%04d","name":"园区","kind":"high_tech"`, i, j), latticeRing(i, j, latticeZone))
		}
	}
	for j := range side {
		for i := range side {
			supplied := ""
			if (i+j)%3 > 0 {
				supplied = `,"supplied_on":"2019-05-01","agreed_start_on":"2020-05-01"`
			}
			feature(&parcels, fmt.Sprintf(`"id":"4501%010d","use_code":"100101","approved_on":"2018-03-01"%s`, j*side+i, supplied), latticeRing(i, j, 1))
		}
	}
	d.loadFile(t, snapshot, ingest.LayerZones, buffered("zones.geojsonl", zones.Bytes()))
	d.loadFile(t, snapshot, ingest.LayerParcels, buffered("parcels.geojsonl", parcels.Bytes()))
	d.analyze(t, snapshot)
	return d, dsn
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// latticeTiles are the tiles of a zoom that lie in the lattice, as z/x/y.
func latticeTiles(side int, z uint32) (paths []string) {
	w, s := tileAt(latticeWest, latticeSouth, z)
	e, n := tileAt(latticeWest+float64(side)*latticeCell, latticeSouth+float64(side)*latticeCell, z)
	for x := w; x <= e; x++ {
		for y := n; y <= s; y++ {
			paths = append(paths, fmt.Sprintf("%d/%d/%d", z, x, y))
		}
	}
	return paths
}

// tileAt is the tile that a place lies in.
func tileAt(lon, lat float64, z uint32) (x, y int) {
	n := float64(uint64(1) << z)
	s := math.Sin(lat * math.Pi / 180)
	return int((lon + 180) / 360 * n), int((0.5 - math.Log((1+s)/(1-s))/(4*math.Pi)) * n)
}

func (d *district) tileServer(t testing.TB, cache int64) *httptest.Server {
	t.Helper()
	s, err := server.New(server.Options{Store: stored.Store{Store: d.store}, Texts: d.texts, Version: "test", Limits: server.Limits{TileCache: cache}})
	must(t, err)
	h := httptest.NewServer(s.Handler())
	t.Cleanup(h.Close)
	return h
}

// peerTile is what an ordinary server asks of PostGIS: the tile, straight from a
// geometry column with an index, with the same properties.
const peerTile = `with drawn as (
    select st_asmvtgeom(geom, st_tileenvelope($1, $2, $3), 4096, 64, true) geom, fid, id, zone, boundary_scope, status, class, finding, area_m2
    from peer where geom && st_tileenvelope($1, $2, $3, margin => 64.0 / 4096))
select st_asmvt(drawn, 'parcels', 4096, 'geom', 'fid') from drawn`

// newPeer serves the same parcels by ST_AsMVT, net/http and database/sql.
func newPeer(t testing.TB, dsn string) *httptest.Server {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	_, err = db.Exec(`create table peer as select p.position fid, p.id, p.zone, p.boundary_scope, s.status, s.class, s.finding,
        s.area_m2::double precision area_m2, p.geom_3857 geom
    from muscope.parcel p join muscope.part_status s on s.id = p.id and s.zone = p.zone and s.home where p.home`)
	must(t, err)
	_, err = db.Exec("create index on peer using gist (geom)")
	must(t, err)
	_, err = db.Exec("analyze peer")
	must(t, err)
	st, err := db.Prepare(peerTile)
	must(t, err)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		var b []byte
		if err := st.QueryRowContext(r.Context(), at[0], at[1], at[2]).Scan(&b); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/vnd.mapbox-vector-tile")
		_, _ = w.Write(b)
	}))
	t.Cleanup(h.Close)
	return h
}

// round is what a crowd of clients measured.
type round struct {
	perSecond float64
	p99       time.Duration
	failed    int64 // answers of 500 and above, and none
}

// crowd lets clients ask for the addresses in turn, for at least so long and
// each address once.
func crowd(t testing.TB, clients int, atLeast time.Duration, addresses []string) round {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients, DisableCompression: true}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var next, failed atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	var g sync.WaitGroup
	start := time.Now()
	for range clients {
		g.Go(func() {
			var own []time.Duration
			for {
				i := next.Add(1) - 1
				if i >= int64(len(addresses)) && time.Since(start) >= atLeast {
					break
				}
				begun := time.Now()
				if !fetch(t.Context(), client, addresses[i%int64(len(addresses))]) {
					failed.Add(1)
				}
				own = append(own, time.Since(begun))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
		})
	}
	g.Wait()
	all := time.Since(start)
	slices.Sort(took)
	return round{float64(len(took)) / all.Seconds(), took[len(took)*99/100], failed.Load()}
}

func fetch(ctx context.Context, client *http.Client, address string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil && resp.StatusCode < 500
}

func each(base string, paths []string, suffix string) (addresses []string) {
	for _, p := range paths {
		addresses = append(addresses, base+p+suffix)
	}
	return addresses
}

// BenchmarkTiles asks for tiles of 100,000 parcels at zoom 14: of ST_AsMVT
// through an ordinary server, of this one without memory, and of this one with.
// The rounds alternate, so that a busy machine is busy for all. Then 200 clients
// at once ask for tiles of several zooms. Run it by itself:
//
//	go test -run '^$' -bench Tiles -benchtime 1x ./server
func BenchmarkTiles(b *testing.B) {
	side, rounds, time1 := 316, 5, 2*time.Second
	if testing.Short() {
		side, rounds, time1 = 40, 1, 0
	}
	d, dsn := newLattice(b, side)
	peer, bare, cached := newPeer(b, dsn), d.tileServer(b, 1), d.tileServer(b, 0)
	z14 := latticeTiles(side, 14)
	own := "/tiles/" + snapshot + "/parcels/"
	const clients = 4
	for b.Loop() {
		var asked [3][]float64
		crowd(b, clients, 0, each(cached.URL+own, z14, ".mvt"))
		for range rounds {
			for i, addresses := range [][]string{each(peer.URL+"/", z14, ""), each(bare.URL+own, z14, ".mvt"), each(cached.URL+own, z14, ".mvt")} {
				r := crowd(b, clients, time1, addresses)
				if r.failed > 0 {
					b.Fatalf("%d requests failed", r.failed)
				}
				asked[i] = append(asked[i], r.perSecond)
			}
		}
		for i := range asked {
			slices.Sort(asked[i])
		}
		mid := func(i int) float64 { return asked[i][rounds/2] }
		b.ReportMetric(mid(0), "peer_req/s")
		b.ReportMetric(mid(1), "uncached_req/s")
		b.ReportMetric(mid(2), "cached_req/s")
		b.ReportMetric(mid(1)/mid(0), "x_uncached")
		b.ReportMetric(mid(2)/mid(0), "x_cached")
		mixed := slices.Concat(latticeTiles(side, 12), latticeTiles(side, 13), z14, latticeTiles(side, 15))
		r := crowd(b, 200, time1, each(d.tileServer(b, 0).URL+own, mixed, ".mvt"))
		if r.failed > 0 {
			b.Fatalf("%d of the crowd's requests failed", r.failed)
		}
		b.ReportMetric(float64(r.p99.Microseconds())/1000, "p99_ms_of_200")
		b.ReportMetric(r.perSecond, "crowd_req/s")
	}
}
