package indicator

import (
	"math/rand/v2"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// BenchmarkAdd counts parts: wholly known ones, and ones with blank figures.
func BenchmarkAdd(b *testing.B) {
	for name, blank := range map[string]bool{"known": false, "blank": true} {
		b.Run(name, func(b *testing.B) {
			plots := benchPlots(400, blank)
			asOf, _ := land.DateOf(2024, 12, 31)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				z := NewZone(&land.Zone{Code: "Z", AreaM2: ha(1000)}, nil, asOf)
				for _, p := range plots {
					z.Add(&p.Part, &p.Assessment)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/400, "ns/part")
		})
	}
}

// BenchmarkZone is a whole zone of 400 parts, indicators and projects included.
func BenchmarkZone(b *testing.B) {
	plots := benchPlots(400, true)
	asOf, _ := land.DateOf(2024, 12, 31)
	b.ReportAllocs()
	for b.Loop() {
		z := NewZone(&land.Zone{Code: "Z", AreaM2: ha(1000)}, nil, asOf)
		for _, p := range plots {
			z.Add(&p.Part, &p.Assessment)
		}
		z.Indicators()
		z.Projects()
	}
}

func benchPlots(n int, blank bool) []*plot {
	r := rand.New(rand.NewPCG(1, 1))
	statuses := []land.Status{land.Built, land.Built, land.Built, land.Unsupplied, land.SuppliedNotDue, land.NotConstruction, land.UnderConstruction}
	classes := []land.Class{land.ClassIndustrial, land.ClassIndustrial, land.ClassResidential, land.ClassTransport}
	var plots []*plot
	for i := range n {
		p := newPlot(string(rune('a'+i%26))+string(rune('a'+i/26)), m2of(1000+r.Int64N(50000)), pickOf(r, classes...), pickOf(r, statuses...))
		p.SupplyReady = land.Yes
		num := func() land.Number {
			if blank && r.IntN(2) == 0 {
				return land.Number{}
			}
			return land.Num(m2of(r.Int64N(500)))
		}
		p.FloorAreaM2, p.AncillaryFloorM2, p.AncillarySiteM2, p.FootprintM2 = num(), num(), num(), num()
		p.StructuresM2, p.YardsM2, p.GreenM2, p.OutputWan, p.TaxWan, p.FixedAssetsWan = num(), num(), num(), num(), num(), num()
		plots = append(plots, p)
	}
	return plots
}
