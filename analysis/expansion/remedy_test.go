package expansion

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// For up to twelve options every set is tried: none has fewer parcels than
// fewest, none less area than leastArea.
func TestSetsAgainstAllSets(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		n := 1 + rnd.IntN(12)
		options := make([]option, n)
		total := 0.0
		for i := range options {
			m2 := land.Fixed(1+rnd.IntN(20)) * 100 * land.One
			options[i] = option{part: &land.Part{}, m2: m2, gain: m2.Float() * []float64{1, 0.5, 0.93}[rnd.IntN(3)]}
			total += options[i].gain
		}
		slices.SortFunc(options, func(a, b option) int { return int(b.gain - a.gain) })
		need := total * rnd.Float64()
		count, area := math.MaxInt, math.Inf(1)
		for set := range 1 << n {
			gain, m2, k := 0.0, 0.0, 0
			for i := range options {
				if set>>i&1 == 1 {
					gain, m2, k = gain+options[i].gain, m2+options[i].m2.Float(), k+1
				}
			}
			if gain >= need {
				count, area = min(count, k), min(area, m2)
			}
		}
		few, least := fewest(options, need), leastArea(options, need)
		if len(few.options) != max(1, count) && need > 0 {
			t.Errorf("need %f of %v: %d parcels, %d would do", need, options, len(few.options), count)
		}
		sum, gain := 0.0, 0.0
		for _, o := range least.options {
			sum, gain = sum+o.m2.Float(), gain+o.gain
		}
		if !least.exact || math.Abs(sum-area) > 1e-6 || gain < need-1e-9 {
			t.Errorf("need %f: %f m² that gain %f, %f m² would do", need, sum, gain, area)
		}
	}
}

// Where the search is cut short the set still does, and says what no set can be
// below.
func TestLeastAreaBound(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	options := make([]option, 400)
	total := 0.0
	for i := range options {
		m2 := land.Fixed(1000+rnd.IntN(90_000)) * land.One
		options[i] = option{part: &land.Part{}, m2: m2, gain: m2.Float() * (0.9 + 0.2*rnd.Float64())}
		total += options[i].gain
	}
	c := leastArea(options, total*0.37)
	sum, gain := 0.0, 0.0
	for _, o := range c.options {
		sum, gain = sum+o.m2.Float(), gain+o.gain
	}
	if gain < total*0.37 || c.bound <= 0 || c.bound > sum+1e-6 || sum > 1.01*c.bound {
		t.Errorf("%f m² that gain %f of %f, bound %f, exact %v", sum, gain, total*0.37, c.bound, c.exact)
	}
}
