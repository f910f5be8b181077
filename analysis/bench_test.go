package analysis_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// benchSource holds parts by zone, so that a zone is read without a look at the
// others.
type benchSource struct {
	zones []land.Zone
	parts map[land.ZoneKey][]land.Part
}

func (s *benchSource) Zones(context.Context) ([]land.Zone, error)  { return s.zones, nil }
func (s *benchSource) Stats(context.Context) ([]land.Stats, error) { return nil, nil }
func (s *benchSource) SpreadContracts(context.Context, []land.ZoneKey, func(*land.Part) error) error {
	return nil
}

func (s *benchSource) Parts(_ context.Context, zone land.ZoneKey, yield func(*land.Part) error) error {
	for i := range s.parts[zone] {
		if err := yield(&s.parts[zone][i]); err != nil {
			return err
		}
	}
	return nil
}

// benchLand is parcels in zones of Guangxi, half of them industrial, with the
// figures that a good register has: few verdicts are kept.
func benchLand(parcels, zones int) *benchSource {
	rnd := rand.New(rand.NewPCG(1, 1))
	s := &benchSource{parts: map[land.ZoneKey][]land.Part{}}
	for z := range zones {
		s.zones = append(s.zones, land.Zone{Code: fmt.Sprintf("Z%04d", z), Scope: land.ScopeApproved, Kind: "high_tech", Level: "provincial",
			Province: "450000", AreaM2: land.Fixed(parcels/zones) * 20_000 * land.One})
	}
	m2 := func(n int64) land.Number { return land.Num(land.Fixed(n) * land.One) }
	signed, _ := land.DateOf(2021, 6, 1)
	for i := range parcels {
		var p land.Part
		p.ID, p.UseScheme = fmt.Sprintf("P%08d", i), "guide-2023"
		p.UseCode = []string{"1001", "1001", "0701", "0802"}[rnd.IntN(4)]
		area := 5_000 + rnd.Int64N(20_000)
		p.RecordedM2, p.FloorAreaM2 = m2(area), m2(area)
		p.AncillarySiteM2, p.AncillaryFloorM2 = m2(area/20), m2(area/10)
		p.IndustryCode, p.IndustryEd = strconv.Itoa(13+rnd.IntN(20)), "gbt4754-2002"
		p.ApprovedOn, p.SuppliedOn, p.ContractSignedOn, p.CompletedOn = signed-400, signed, signed, signed+700
		p.EllipsoidM2 = p.RecordedM2.Value
		p.In, p.Share, p.SetShare, p.Home, p.PartEllipsoidM2 = s.zones[i%zones].Key(), 1, 1, true, p.EllipsoidM2
		p.Source.Position = int64(i + 1)
		s.parts[p.In] = append(s.parts[p.In], p)
	}
	return s
}

// nothing takes results and keeps none.
type nothing struct{}

func (nothing) Zone(context.Context, *land.ZoneResult) error                 { return nil }
func (nothing) Parts(context.Context, land.ZoneKey, []land.PartResult) error { return nil }
func (nothing) Sets(context.Context, []land.SetResult) error                 { return nil }

// BenchmarkPacks is the analysis under the first pack alone and under all of
// them; the second may take at most 1.3 times the first. With a million parcels:
//
//	MUSCOPE_BENCH_PARCELS=1000000 go test ./analysis -run '^$' -bench Packs -benchtime 3x
func BenchmarkPacks(b *testing.B) {
	parcels := 100_000
	if n, err := strconv.Atoi(os.Getenv("MUSCOPE_BENCH_PARCELS")); err == nil {
		parcels = n
	}
	source := benchLand(parcels, 50)
	for _, c := range []struct {
		name string
		ids  []string
	}{{"first", []string{analysis.IdlePack}}, {"all", nil}} {
		packs, err := analysis.DefaultPacks(c.ids...)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) { runPacks(b, source, packs, parcels) })
	}
}

func runPacks(b *testing.B, source analysis.Source, packs []*rule.Pack, parcels int) {
	asOf, err := land.ParseDate("2024-12-31")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := analysis.Run(b.Context(), analysis.Options{AsOf: asOf, Packs: packs, Workers: 1}, source, nothing{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(parcels)*float64(b.N)/b.Elapsed().Seconds(), "parcels/s")
}

// What satisfies a rule costs no memory: under all packs hardly more is
// allocated than under the first alone, however many parcels there are.
func TestPacksAllocateNothingForWhatSatisfies(t *testing.T) {
	source := benchLand(4_000, 4)
	allocs := func(ids ...string) float64 {
		packs, err := analysis.DefaultPacks(ids...)
		if err != nil {
			t.Fatal(err)
		}
		opt := analysis.Options{AsOf: day(t, "2024-12-31"), Packs: packs, Workers: 1}
		return testing.AllocsPerRun(1, func() {
			if err := analysis.Run(t.Context(), opt, source, nothing{}); err != nil {
				t.Fatal(err)
			}
		})
	}
	if first, all := allocs(analysis.IdlePack), allocs(); all > first+1_500 {
		t.Errorf("%.0f allocations under all packs, %.0f under the first", all, first)
	}
}
