package postgis_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
)

// benchParcel is like a real record: 26 of 85 fields known.
func benchParcel(i int) *land.Parcel {
	rng := rand.New(rand.NewPCG(uint64(i), 9))
	p := &land.Parcel{ID: fmt.Sprintf("450103%09d", i), Name: fmt.Sprintf("地块%d", i), Zone: "G001", Holder: "南宁某某科技有限公司",
		HolderCode: "91450100MA5KXXXX1X", Ownership: land.OwnState, Tenure: land.TenureHolder, RightLayer: land.LayerSurface,
		UseCode: "100101", UseScheme: land.Guide2023, ProjectNo: fmt.Sprintf("X%06d", i/3), ApprovalNo: "桂政地字2019-101",
		SupplyMode: land.SupplyGrant, ContractNo: fmt.Sprintf("HT%08d", i), ConstructionState: "completed"}
	for _, d := range []*land.Date{&p.ApprovedOn, &p.SuppliedOn, &p.ContractSignedOn, &p.AgreedStartOn, &p.StartedOn, &p.CompletedOn} {
		*d = land.Date(735000 + rng.IntN(4000))
	}
	for _, n := range []*land.Number{&p.RecordedM2, &p.PriceWan, &p.FloorAreaM2, &p.FootprintM2, &p.AncillarySiteM2, &p.OutputWan, &p.TaxWan} {
		*n = land.Num(land.Fixed(rng.Int64N(1e7)) * 10000)
	}
	p.EllipsoidM2 = land.Fixed(rng.Int64N(1e11))
	p.Source = land.Source{Feature: int64(i + 1), Position: int64(i + 1)}
	return p
}

// benchShape is a parcel of twelve points.
func benchShape(i int) orb.MultiPolygon {
	x, y := 108+float64(i%1000)*0.001, 22+float64(i/1000)*0.001
	rng := rand.New(rand.NewPCG(uint64(i), 3))
	ring := orb.Ring{}
	for k := range 12 {
		dx := [...]float64{0, 1, 2, 3, 3, 3, 3, 2, 1, 0, 0, 0}[k]
		dy := [...]float64{0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 2, 1}[k]
		ring = append(ring, orb.Point{x + dx*0.0003 + rng.Float64()*1e-5, y + dy*0.0003 + rng.Float64()*1e-5})
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

// benchRows is how many parcels the load benchmark stores; MUSCOPE_BENCH_ROWS
// names another number.
func benchRows(b *testing.B) int {
	n := 100_000
	if s := os.Getenv("MUSCOPE_BENCH_ROWS"); s != "" {
		if _, err := fmt.Sscan(s, &n); err != nil {
			b.Fatal(err)
		}
	}
	return n
}

// BenchmarkLoad stores parcels over two connections, indexes and publishes
// them; then copies the same rows with psql's COPY over one connection into a
// table without indexes, and reports the ratio.
func BenchmarkLoad(b *testing.B) {
	n := benchRows(b)
	rows := make([]ingest.ParcelRow, n)
	for i := range rows {
		p := benchParcel(i)
		rows[i] = ingest.ParcelRow{Parcel: p, Geometry: benchShape(i), In: []ingest.Located{{Zone: land.ZoneKey{Code: fmt.Sprintf("G%04d", i/400), Scope: "approved"},
			Share: 1, SetShare: 1, EllipsoidM2: p.EllipsoidM2, Home: true}}}
	}
	dsn := postgistest.DSN(b)
	s, err := postgis.OpenMigrated(b.Context(), dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for b.Loop() {
		start := time.Now()
		l := beginLoad(b, s, postgis.LoadOptions{Layer: ingest.LayerParcels})
		var g errgroup.Group
		for k := range 2 {
			w, err := l.ParcelWriter()
			if err != nil {
				b.Fatal(err)
			}
			g.Go(func() error {
				for i := k * n / 2; i < (k+1)*n/2; i++ {
					if err := w.Write(&rows[i]); err != nil {
						return err
					}
				}
				return w.Close()
			})
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
		copied := time.Since(start)
		publish(b, l)
		loaded := time.Since(start)
		b.StopTimer()
		bare := bareCopy(b, dsn)
		b.ReportMetric(float64(n)/copied.Seconds(), "copied_rows/s")
		b.ReportMetric(float64(n)/loaded.Seconds(), "rows/s")
		b.ReportMetric(loaded.Seconds()/bare.Seconds(), "x_bare_copy")
		b.StartTimer()
	}
	benchParts(b, s, n)
}

// bareCopy copies the parcels out and times copying them in again.
func bareCopy(b *testing.B, dsn string) time.Duration {
	file := filepath.Join(b.TempDir(), "rows")
	f, err := os.Create(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	out := exec.Command("psql", dsn, "-qc", "copy (select * from muscope.parcel) to stdout")
	out.Stdout = f
	if err := out.Run(); err != nil {
		b.Fatal(err)
	}
	psql(b, dsn, "drop table if exists bare; create table bare (like muscope.parcel)")
	start := time.Now()
	psql(b, dsn, `\copy bare from '`+file+`'`)
	return time.Since(start)
}

func psql(t testing.TB, dsn string, command string) string {
	t.Helper()
	out, err := exec.Command("psql", dsn, "-qAtc", command).CombinedOutput()
	if err != nil {
		t.Fatalf("psql %s: %s", command, out)
	}
	return strings.TrimSpace(string(out))
}

// benchParts reads every part, zone by zone, over one connection.
func benchParts(b *testing.B, s *postgis.Store, n int) {
	v, err := s.Current(b.Context(), "2025")
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	start, parts := time.Now(), 0
	for z := 0; z*400 < n; z++ {
		err := v.Parts(b.Context(), land.ZoneKey{Code: fmt.Sprintf("G%04d", z), Scope: "approved"}, func(p *land.Part) error {
			parts++
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(parts)/time.Since(start).Seconds(), "parts/s")
}
