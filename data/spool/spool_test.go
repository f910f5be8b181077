package spool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data/ingest"
)

var ( // read-only
	zoneA = land.ZoneKey{Code: "A", Scope: land.ScopeApproved}
	zoneB = land.ZoneKey{Code: "B", Scope: land.ScopeApproved}
	zoneM = land.ZoneKey{Code: "B", Scope: land.ScopeManaged}
	none  = land.ZoneKey{}
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, shapes bool) *Spool {
	t.Helper()
	s, err := Open(Options{Dir: t.TempDir(), Shapes: shapes})
	must(t, err)
	t.Cleanup(func() { s.Close() })
	var rows []ingest.ZoneRow
	for i, key := range []land.ZoneKey{zoneA, zoneB, zoneM} {
		rows = append(rows, ingest.ZoneRow{Zone: &land.Zone{Code: key.Code, Scope: key.Scope, AreaM2: land.Fixed(i+1) * land.One}, Geometry: shapeOf(int64(i))})
	}
	must(t, s.WriteZones(context.Background(), rows))
	return s
}

// shapeOf is a geometry that tells its position.
func shapeOf(position int64) orb.MultiPolygon {
	x := float64(position)
	return orb.MultiPolygon{{{{x, 0}, {x + 1, 0}, {x, 1}, {x, 0}}}}
}

func in(home land.ZoneKey, others ...land.ZoneKey) []ingest.Located {
	at := []ingest.Located{{Zone: home, Share: 1, SetShare: 1, EllipsoidM2: land.One, Home: true}}
	for _, z := range others {
		at = append(at, ingest.Located{Zone: z, Share: .25, SetShare: 0, EllipsoidM2: land.One / 4})
	}
	return at
}

// load writes parcels through two writers, in a mixed order.
func load(t testing.TB, s *Spool, parcels map[int64][]ingest.Located, facts func(p *land.Parcel)) {
	t.Helper()
	writers := make([]ingest.ParcelWriter, 2)
	for i := range writers {
		var err error
		writers[i], err = s.ParcelWriter()
		must(t, err)
	}
	n := 0
	for position, at := range parcels { // a map: in any order
		p := &land.Parcel{ID: fmt.Sprintf("P%05d", position), Source: land.Source{Feature: position, Position: position}}
		if facts != nil {
			facts(p)
		}
		must(t, writers[n%2].Write(&ingest.ParcelRow{Parcel: p, Geometry: shapeOf(position), In: at}))
		n++
	}
	for _, w := range writers {
		must(t, w.Close())
	}
}

// analyze gives every part a result that tells its parcel.
func analyze(t testing.TB, s *Spool) {
	t.Helper()
	must(t, s.Loaded())
	sink := s.Results()
	for _, key := range []land.ZoneKey{zoneB, none, zoneM, zoneA} {
		var results []land.PartResult
		must(t, s.Parts(context.Background(), key, func(p *land.Part) error {
			if !p.Elsewhere {
				results = append(results, land.PartResult{ID: p.ID, Share: p.Share, Status: land.Built, Flags: []land.PartFlag{},
					Position: p.Source.Position, Home: p.Home})
			}
			return nil
		}))
		must(t, sink.Parts(context.Background(), key, results))
	}
	must(t, s.Analyzed())
}

func randomPlaces(n int) map[int64][]ingest.Located {
	rnd := rand.New(rand.NewPCG(9, 10))
	parcels := map[int64][]ingest.Located{}
	for len(parcels) < n {
		at := [][]ingest.Located{in(zoneA), in(zoneB), in(zoneB, zoneM), in(zoneA, zoneB, zoneM), in(none)}
		parcels[1+rnd.Int64N(1<<30)] = at[rnd.IntN(len(at))]
	}
	return parcels
}

// Rows zips facts, results and shapes of the same part, in input order, for a
// zone and for all; dropped parcels are in none of the three.
func TestRows(t *testing.T) {
	for _, shapes := range []bool{true, false} {
		s := open(t, shapes)
		places := randomPlaces(3_000)
		load(t, s, places, nil)
		var dropped []int64
		for position := range places {
			if len(dropped) < 200 {
				dropped = append(dropped, position)
				delete(places, position)
			}
		}
		must(t, s.Drop(context.Background(), "parcels", dropped))
		must(t, s.Drop(context.Background(), "buildings", []int64{1, 2, 3})) // leaves nothing here
		analyze(t, s)
		for _, zone := range []*land.ZoneKey{nil, &zoneA, &zoneB, &zoneM, &none} {
			checkRows(t, s, zone, places, shapes)
		}
	}
}

func checkRows(t *testing.T, s *Spool, zone *land.ZoneKey, places map[int64][]ingest.Located, shapes bool) {
	t.Helper()
	want := 0
	for _, at := range places {
		for _, a := range at {
			if zone == nil || a.Zone == *zone {
				want++
			}
		}
	}
	var ids []string
	last := int64(0)
	must(t, s.Rows(context.Background(), zone, func(r *report.Row) error {
		ids = append(ids, r.Result.ID+" "+r.Result.Key().String())
		position := r.Part.Source.Position
		if r.Part.ID != r.Result.ID || r.Part.In != r.Result.Key() || r.Part.Share != r.Result.Share || position < last || r.Result.Position != position {
			t.Fatalf("part %s in %s at %d with the result of %s in %s", r.Part.ID, r.Part.In, position, r.Result.ID, r.Result.Key())
		}
		if shapes != reflect.DeepEqual(r.Geometry, shapeOf(position)) {
			t.Fatalf("parcel %s has the shape %v", r.Part.ID, r.Geometry)
		}
		if places[position] == nil {
			t.Fatalf("parcel %s was dropped", r.Part.ID)
		}
		last = position
		return nil
	}))
	if len(ids) != want {
		t.Errorf("%d rows of %v, want %d", len(ids), zone, want)
	}
	i := 0
	must(t, s.PartResults(context.Background(), zone, func(p *land.PartResult) error {
		if i >= len(ids) || ids[i] != p.ID+" "+p.Key().String() {
			t.Fatalf("part result %d is %s", i, p.ID)
		}
		i++
		return nil
	}))
	if i != want {
		t.Errorf("%d part results of %v, want %d", i, zone, want)
	}
}

// A reader that stops gets its own error back, and nothing is left running.
func TestRowsStop(t *testing.T) {
	s := open(t, true)
	load(t, s, randomPlaces(100), nil)
	analyze(t, s)
	stop := errors.New("enough")
	if err := s.Rows(context.Background(), nil, func(*report.Row) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Rows: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Rows(ctx, nil, func(*report.Row) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Rows of a cancelled context: %v", err)
	}
	nowhere := &land.ZoneKey{Code: "nowhere", Scope: land.ScopeApproved}
	if err := s.Rows(context.Background(), nowhere, nil); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("Rows of an unknown zone: %v", err)
	}
}

func partsOf(t testing.TB, s *Spool, zone land.ZoneKey) (here, elsewhere []string) {
	t.Helper()
	must(t, s.Parts(context.Background(), zone, func(p *land.Part) error {
		if p.In != zone {
			t.Errorf("part %s is in %s, want %s", p.ID, p.In, zone)
		}
		if p.Elsewhere {
			if p.Share != 0 || p.Home || p.PartEllipsoidM2 != 0 {
				t.Errorf("%s has no land in %s and a share of %v", p.ID, zone, p.Share)
			}
			elsewhere = append(elsewhere, p.ID)
			return nil
		}
		if len(elsewhere) > 0 {
			t.Errorf("part %s comes after those from elsewhere", p.ID)
		}
		here = append(here, p.ID)
		return nil
	}))
	return here, elsewhere
}

// The members that a project has elsewhere come to every zone it touches; land
// in no zone gets none, and a dropped member goes nowhere.
func TestElsewhere(t *testing.T) {
	s := open(t, false)
	project := map[int64]string{1: "X", 2: "X", 3: "X", 4: "X", 5: "Y", 6: "", 7: "Z", 8: "Z"}
	load(t, s, map[int64][]ingest.Located{1: in(zoneA), 2: in(zoneB, zoneM), 3: in(none), 4: in(zoneA), 5: in(zoneA), 6: in(zoneB), 7: in(none), 8: in(none)},
		func(p *land.Parcel) { p.ProjectNo = project[p.Source.Position] })
	must(t, s.Drop(context.Background(), "parcels", []int64{4}))
	must(t, s.Loaded())
	for _, c := range []struct {
		zone            land.ZoneKey
		here, elsewhere []string
	}{
		{zoneA, []string{"P00001", "P00005"}, []string{"P00002", "P00003"}},
		{zoneB, []string{"P00002", "P00006"}, []string{"P00001", "P00003"}},
		{zoneM, []string{"P00002"}, []string{"P00001", "P00003"}},
		{none, []string{"P00003", "P00007", "P00008"}, nil},
	} {
		here, elsewhere := partsOf(t, s, c.zone)
		if !slices.Equal(here, c.here) || !slices.Equal(elsewhere, c.elsewhere) {
			t.Errorf("zone %q: %v and from elsewhere %v, want %v and %v", c.zone, here, elsewhere, c.here, c.elsewhere)
		}
	}
}

// A contract over parcels of several zones, or of a zone and none, is spread;
// one within a zone, or left with one parcel, is not.
func TestSpreadContracts(t *testing.T) {
	s := open(t, false)
	contract := map[int64]string{1: "ab", 2: "ab", 3: "a", 4: "a", 5: "an", 6: "an", 7: "dropped", 8: "dropped", 9: "", 10: ""}
	load(t, s, map[int64][]ingest.Located{1: in(zoneA), 2: in(zoneB, zoneM), 3: in(zoneA), 4: in(zoneA, zoneB), 5: in(zoneA), 6: in(none),
		7: in(zoneA), 8: in(zoneB), 9: in(zoneA), 10: in(zoneB)}, func(p *land.Parcel) { p.ContractNo = contract[p.Source.Position] })
	must(t, s.Drop(context.Background(), "parcels", []int64{8}))
	must(t, s.Loaded())
	var got []string
	must(t, s.SpreadContracts(context.Background(), nil, func(p *land.Part) error {
		if !p.Home {
			t.Errorf("%s comes from a zone that isn't its home", p.ID)
		}
		got = append(got, p.ID)
		return nil
	}))
	slices.Sort(got)
	if want := []string{"P00001", "P00002", "P00005", "P00006"}; !slices.Equal(got, want) {
		t.Errorf("spread %v, want %v", got, want)
	}
}

// Zone results come back in key order, whatever the order of work; sets,
// rejects, header and statistics as they went in.
func TestResultsOfZones(t *testing.T) {
	ctx, s := context.Background(), open(t, false)
	sink := s.Results()
	for _, key := range []land.ZoneKey{zoneM, zoneA, zoneB} {
		must(t, sink.Zone(ctx, &land.ZoneResult{Code: key.Code, Scope: key.Scope, Name: "区 " + key.String()}))
	}
	must(t, sink.Sets(ctx, []land.SetResult{{ID: "all", Zones: []string{"A", "B"}}}))
	must(t, s.WriteStats(ctx, []land.Stats{{Zone: "A", Year: 2023}, {Zone: "A", Year: 2024}}))
	for i := range 3 {
		must(t, s.Reject(&land.Reject{Severity: land.SeverityReject, Feature: int64(i), Code: "c", Place: &[2]float64{1, 2}}))
	}
	must(t, s.Loaded())
	must(t, s.Analyzed())
	var names []string
	must(t, s.ZoneResults(ctx, func(z *land.ZoneResult) error {
		names = append(names, z.Name)
		return nil
	}))
	if want := []string{"区 A", "区 B", "区 B@managed"}; !slices.Equal(names, want) {
		t.Errorf("zones %v, want %v", names, want)
	}
	next := int64(0)
	must(t, s.Rejects(ctx, func(r *land.Reject) error {
		if r.Feature != next || r.Place[1] != 2 {
			t.Errorf("reject %+v, want that of feature %d", r, next)
		}
		next++
		return nil
	}))
	sets, _ := s.Sets(ctx)
	stats, _ := s.Stats(ctx)
	mp, err := s.ZoneGeometry(ctx, zoneB)
	if next != 3 || len(sets) != 1 || len(stats) != 2 || err != nil || !reflect.DeepEqual(mp, shapeOf(1)) {
		t.Errorf("%d rejects, %d sets, %d stats, outline %v (%v)", next, len(sets), len(stats), mp, err)
	}
	if _, err := s.ZoneGeometry(ctx, none); err == nil {
		t.Error("land in no zone has an outline")
	}
	if s.Bytes() == 0 {
		t.Error("no temporary disk in use")
	}
}

// Every byte of a temporary file counts: whichever one is damaged, and wherever
// the file is cut, reading says so and doesn't panic.
func TestDamage(t *testing.T) {
	for name, damage := range map[string]func(b []byte, rnd *rand.Rand) []byte{
		"a flipped bit": func(b []byte, rnd *rand.Rand) []byte { b[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8); return b },
		"cut short":     func(b []byte, rnd *rand.Rand) []byte { return b[:rnd.IntN(len(b))] },
		"zeroed":        func(b []byte, rnd *rand.Rand) []byte { clear(b[rnd.IntN(len(b)):]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(11, 12))
			s := open(t, true)
			load(t, s, randomPlaces(60), func(p *land.Parcel) { p.ContractNo, p.ProjectNo = "c", "p"+p.ID[4:] })
			analyze(t, s)
			for _, r := range []*runs{s.parts, s.outline, s.results, s.project, s.contract} {
				for range 50 {
					damageAndRead(t, s, r, func(b []byte) []byte { return damage(b, rnd) })
				}
			}
		})
	}
}

func damageAndRead(t *testing.T, s *Spool, r *runs, damage func([]byte) []byte) {
	t.Helper()
	whole, err := os.ReadFile(r.file.Name())
	must(t, err)
	bad := damage(slices.Clone(whole))
	if slices.Equal(bad, whole) {
		return
	}
	must(t, os.WriteFile(r.file.Name(), bad, 0o600))
	ctx := context.Background()
	rows := s.Rows(ctx, nil, func(*report.Row) error { return nil })
	spread := s.SpreadContracts(ctx, nil, func(*land.Part) error { return nil })
	_, members := s.readProjects(groupsOf(t, s.project)[0])
	for _, bucket := range groupsOf(t, s.project) {
		_, err := s.readProjects(bucket)
		members = errors.Join(members, err)
	}
	got := errors.Join(rows, spread, members)
	if got == nil {
		// Parts from elsewhere are read by the analysis alone.
		for _, key := range []land.ZoneKey{zoneA, zoneB, zoneM, none} {
			got = errors.Join(got, s.Parts(ctx, key, func(*land.Part) error { return nil }))
		}
	}
	if !errors.Is(got, errRecord) {
		t.Errorf("%s is damaged, and reading says %v", r.file.Name(), got)
	}
	must(t, os.WriteFile(r.file.Name(), whole, 0o600))
}

func TestCloseRemovesTheFiles(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir})
	must(t, err)
	must(t, s.Close())
	left, err := os.ReadDir(dir)
	must(t, err)
	if len(left) != 0 {
		t.Errorf("%v is left", left)
	}
	if _, err := Open(Options{Dir: dir + "/nowhere"}); err == nil || !strings.Contains(err.Error(), "TMPDIR") {
		t.Errorf("no such folder: %v", err)
	}
}

func TestParcelOfAnUnknownZone(t *testing.T) {
	s := open(t, false)
	w, err := s.ParcelWriter()
	must(t, err)
	err = w.Write(&ingest.ParcelRow{Parcel: &land.Parcel{ID: "P1"}, In: in(land.ZoneKey{Code: "nowhere", Scope: land.ScopeApproved})})
	if err == nil || !strings.Contains(err.Error(), "P1") || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error %v", err)
	}
}

// Fifty thousand parcels in many runs are read back in order of input, with
// the memory of a few readers.
func TestManyRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 60 MB")
	}
	s := open(t, false)
	long := strings.Repeat("长", 300)
	load(t, s, randomPlaces(50_000), func(p *land.Parcel) { p.Name = long })
	must(t, s.Loaded())
	for _, key := range []land.ZoneKey{zoneA, zoneB, zoneM, none} {
		last, n := int64(0), 0
		must(t, s.Parts(context.Background(), key, func(p *land.Part) error {
			if p.Source.Position <= last || p.Name != long {
				t.Fatalf("part %s after position %d", p.ID, last)
			}
			last = p.Source.Position
			n++
			return nil
		}))
		if n == 0 {
			t.Errorf("no parts in %q", key)
		}
	}
}

func groupsOf(t *testing.T, r *runs) []int32 {
	t.Helper()
	groups, err := r.groups()
	if err != nil {
		t.Fatal(err)
	}
	return groups
}
