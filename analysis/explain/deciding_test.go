package explain

import (
	"context"
	"fmt"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
)

// The number of parcels that can decide is the least of all subsets.
func TestFewestIsMinimal(t *testing.T) {
	w := &watcher{question: &question{Options: Options{Limit: 100}}}
	some, none := 0, 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 5))
		sure, open := big.NewRat(int64(r.IntN(41)-20), 1), randomStretches(r)
		for _, up := range []bool{false, true} {
			decided := func(sign int) bool { return sign <= 0 }
			if up {
				decided = func(sign int) bool { return sign > 0 }
			}
			got, want := w.fewest(open, sure, up, decided), bruteFewest(open, sure, up, decided)
			switch {
			case got == nil && want < 0:
				none++
			case got == nil || got.Parcels != want || len(got.IDs) != want:
				t.Errorf("seed %d, up %t: %+v, of all subsets %d", seed, up, got, want)
			default:
				some++
			}
		}
	}
	if some < 100 || none < 20 {
		t.Errorf("%d could be decided, %d not", some, none)
	}
}

func randomStretches(r *rand.Rand) []stretch {
	var open []stretch
	for i := range 1 + r.IntN(6) {
		lo := int64(r.IntN(21) - 15)
		s := stretch{Contribution: &indicator.Contribution{ID: fmt.Sprint(i)}, lo: big.NewRat(lo, 1), hi: big.NewRat(lo+int64(r.IntN(15)), 1)}
		switch r.IntN(12) {
		case 0:
			s.lo = nil
		case 1:
			s.hi = nil
		}
		open = append(open, s)
	}
	sortWidest(open)
	return open
}

// bruteFewest tries every subset; −1 where none decides.
func bruteFewest(open []stretch, sure *big.Rat, up bool, decided func(int) bool) int {
	best := -1
	for set := range uint(1) << len(open) {
		if n := bits.OnesCount(set); best >= 0 && n >= best || !decides(open, set, sure, up, decided) {
			continue
		}
		best = bits.OnesCount(set)
	}
	return best
}

func decides(open []stretch, set uint, sure *big.Rat, up bool, decided func(int) bool) bool {
	sum, endless := new(big.Rat).Set(sure), false
	for i := range open {
		worst, best := open[i].ends(up)
		switch in := set&(1<<i) != 0; {
		case in && best == nil:
			endless = true
		case in:
			sum.Add(sum, best)
		case worst == nil:
			return false
		default:
			sum.Add(sum, worst)
		}
	}
	return endless || decided(sum.Sign())
}

// manyParcels is a zone of factories, every twentieth without its ancillary
// site.
func manyParcels(n int) *analysis.Memory {
	zone := land.Zone{Code: "Z", Scope: land.ScopeApproved, Province: "450000", Kind: "high_tech", Level: "national", AreaM2: land.Fixed(n) * 10_000 * land.One}
	m := &analysis.Memory{ZoneList: []land.Zone{zone}}
	for i := range n {
		p := land.Parcel{ID: fmt.Sprintf("P%07d", i), UseCode: "1001", UseScheme: land.Guide2023, SuppliedOn: 738000, ContractSignedOn: 738000, CompletedOn: 738500,
			RecordedM2: land.Num(8000 * land.One), FloorAreaM2: land.Num(9600 * land.One), AncillarySiteM2: land.Num(560 * land.One),
			EllipsoidM2: 8000 * land.One, Source: land.Source{Feature: int64(i + 1), Position: int64(i + 1)}}
		if i%20 == 0 {
			p.AncillarySiteM2 = land.Number{}
		}
		m.PartList = append(m.PartList, land.Part{Parcel: p, In: zone.Key(), Share: 1, SetShare: 1, PartEllipsoidM2: 8000 * land.One, Home: true})
	}
	return m
}

func BenchmarkExplain(b *testing.B) {
	const parcels = 20_000
	source := manyParcels(parcels)
	packs, err := analysis.DefaultPacks("guangxi/hightech-2021", analysis.IdlePack)
	if err != nil {
		b.Fatal(err)
	}
	day, err := land.ParseDate("2024-12-31")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		d, err := Explain(context.Background(), source, Options{Zone: land.ParseZoneKey("Z"), What: "ancillary.zone-projects-land-max", AsOf: day, Packs: packs})
		if err != nil {
			b.Fatal(err)
		}
		if d.Parcels.Count+d.LeftOut.Count != parcels || len(d.Deciding.Ranking) != DefaultLimit {
			b.Fatalf("%d parcels and %d left out", d.Parcels.Count, d.LeftOut.Count)
		}
	}
	b.ReportMetric(float64(parcels)*float64(b.N)/b.Elapsed().Seconds(), "parcels/s")
}
