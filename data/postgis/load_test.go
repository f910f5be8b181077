package postgis_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
)

// openStore gives a store on a migrated database of the test's own.
func openStore(t testing.TB) *postgis.Store {
	t.Helper()
	s, err := postgis.OpenMigrated(t.Context(), postgistest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func beginLoad(t testing.TB, s *postgis.Store, opt postgis.LoadOptions) *postgis.Load {
	t.Helper()
	if opt.Snapshot == "" {
		opt.Snapshot = "2025"
	}
	l, err := s.BeginLoad(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Abort(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func publish(t testing.TB, l *postgis.Load) {
	t.Helper()
	if err := l.Publish(t.Context(), postgis.Published{Inputs: []land.Input{{Layer: "x", File: "f.geojson", SHA256: "00"}}}); err != nil {
		t.Fatal(err)
	}
}

// loadZones loads zones over the fabric: A of 10×10, its park A1, B beside and
// overlapping A by half a parcel, and the managed outline of A.
func loadZones(t testing.TB, s *postgis.Store, size float64) []ingest.ZoneRow {
	t.Helper()
	rows := testZones(size)
	l := beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerZones})
	if err := l.WriteZones(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	publish(t, l)
	return rows
}

func testZones(size float64) []ingest.ZoneRow {
	w := size * fabricStep
	rows := []ingest.ZoneRow{
		zoneRow("A", land.ScopeApproved, "", square(108.3, 22.8, w)),
		zoneRow("A", land.ScopeManaged, "", square(108.3, 22.8, w*1.5)),
		zoneRow("A1", land.ScopeApproved, "A", square(108.3, 22.8, w/2)),
		zoneRow("B", land.ScopeApproved, "", square(108.3+w-fabricStep/2, 22.8, w)),
	}
	for i := range rows {
		rows[i].Zone.Source.Position = int64(i + 1)
	}
	return rows
}

// loadParcels loads n parcels of the fabric over two writers.
func loadParcels(t testing.TB, s *postgis.Store, opt postgis.LoadOptions, f fabric, from, n int) {
	t.Helper()
	opt.Layer = ingest.LayerParcels
	l := beginLoad(t, s, opt)
	writeParcels(t, l, f, from, n)
	publish(t, l)
}

func writeParcels(t testing.TB, l *postgis.Load, f fabric, from, n int) {
	t.Helper()
	zones, err := l.Zones(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	locator, err := ingest.NewLocator(zones)
	if err != nil {
		t.Fatal(err)
	}
	var writers [2]ingest.ParcelWriter
	for i := range writers {
		if writers[i], err = l.ParcelWriter(); err != nil {
			t.Fatal(err)
		}
	}
	for i := from; i < from+n; i++ {
		p, shape := f.parcel(i, 0.4)
		in, err := locator.Locate(shape, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := writers[i%2].Write(&ingest.ParcelRow{Parcel: p, Geometry: shape, In: in}); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range writers {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// readParcels reads every parcel of the snapshot, by position and zone.
func readParcels(t testing.TB, s *postgis.Store, snapshot string) map[string]land.Part {
	t.Helper()
	v, err := s.Current(t.Context(), snapshot)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	got := map[string]land.Part{}
	keys := []land.ZoneKey{{}}
	zones, err := v.Zones(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range zones {
		keys = append(keys, zones[i].Key())
	}
	for _, key := range keys {
		last := int64(-1)
		err := v.WholeParts(t.Context(), key, func(p *land.Part, shape orb.MultiPolygon) error {
			if p.Source.Position <= last {
				return fmt.Errorf("zone %s: position %d after %d", key, p.Source.Position, last)
			}
			last = p.Source.Position
			got[fmt.Sprint(p.Source.Position, "@", p.In)] = *p
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// wantParcels is what readParcels gives of the fabric located by zones.
func wantParcels(t testing.TB, zones []ingest.ZoneRow, f fabric, from, n int) map[string]land.Part {
	t.Helper()
	locator, err := ingest.NewLocator(zones)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]land.Part{}
	for i := from; i < from+n; i++ {
		p, shape := f.parcel(i, 0.4)
		in, err := locator.Locate(shape, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range in {
			want[fmt.Sprint(p.Source.Position, "@", at.Zone)] = land.Part{Parcel: *p, In: at.Zone, Share: at.Share,
				SetShare: at.SetShare, PartEllipsoidM2: at.EllipsoidM2, Home: at.Home}
		}
	}
	return want
}

func sameParts(t testing.TB, got, want map[string]land.Part) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d parts, want %d", len(got), len(want))
	}
	for k, w := range want {
		g, ok := got[k]
		if !ok {
			t.Fatalf("part %s is missing", k)
		}
		if !sameJSON(g.Extra, w.Extra) {
			t.Fatalf("part %s: extra %s, want %s", k, g.Extra, w.Extra)
		}
		g.Extra, w.Extra = nil, nil
		if !reflect.DeepEqual(g, w) {
			t.Fatalf("part %s:\n got %+v\nwant %+v", k, g, w)
		}
	}
}

// sameJSON compares as jsonb does: white space and the order of keys don't
// count, digits of numbers do.
func sameJSON(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	var va, vb any
	for _, x := range []struct {
		b []byte
		v *any
	}{{a, &va}, {b, &vb}} {
		d := json.NewDecoder(bytes.NewReader(x.b))
		d.UseNumber()
		if d.Decode(x.v) != nil {
			return false
		}
	}
	return reflect.DeepEqual(va, vb)
}

func TestLoadKeepsEveryField(t *testing.T) {
	s := openStore(t)
	zones := loadZones(t, s, 10)
	f := fabric{cols: 40}
	loadParcels(t, s, postgis.LoadOptions{}, f, 0, 800)
	sameParts(t, readParcels(t, s, "2025"), wantParcels(t, zones, f, 0, 800))
}

func TestOpenChecksTheDatabase(t *testing.T) {
	dsn := postgistest.DSN(t)
	if _, err := postgis.Open(t.Context(), dsn); !errors.Is(err, postgis.ErrSchema) {
		t.Errorf("a database without schema: %v, want ErrSchema", err)
	}
	var g errgroup.Group
	for range 4 { // several first starts at once
		g.Go(func() error {
			s, err := postgis.OpenMigrated(t.Context(), dsn)
			if err != nil {
				return err
			}
			return s.Close()
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	s, err := postgis.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	psql(t, dsn, "drop schema muscope cascade; drop extension postgis")
	if _, err := postgis.Open(t.Context(), dsn); !errors.Is(err, postgis.ErrSchema) {
		t.Errorf("a database without PostGIS: %v, want ErrSchema", err)
	}
}
