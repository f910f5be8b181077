package supply_test

import (
	"math/rand/v2"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

func BenchmarkAssess(b *testing.B) {
	a, rng := assessor(b, "2024-12-31"), rand.New(rand.NewPCG(9, 9))
	parts := make([]*land.Part, 1024)
	for i := range parts {
		parts[i] = random(rng, a.AsOf())
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		a.Assess(parts[i%len(parts)])
	}
}
