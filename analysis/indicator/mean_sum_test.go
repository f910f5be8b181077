package indicator

import (
	"math/big"
	"testing"
)

// A sum of ratios is exact for few zones; for many it is rounded outwards, by
// less than anybody can see, and is the same in any order.
func TestRatioSum(t *testing.T) {
	for _, n := range []int64{1, exactZones, exactZones + 1, 2000} {
		exact := new(big.Rat)
		lo, hi, back := newRatioSum(false), newRatioSum(true), newRatioSum(false)
		for i := range n {
			r := big.NewRat(i%13-3, 7+i%101)
			exact.Add(exact, r)
			lo.add(r)
			hi.add(r)
			back.add(big.NewRat((n-1-i)%13-3, 7+(n-1-i)%101))
		}
		width, _ := new(big.Rat).Sub(hi.value(), lo.value()).Float64()
		if lo.value().Cmp(exact) > 0 || hi.value().Cmp(exact) < 0 || width > 1e-30 || lo.value().Cmp(back.value()) != 0 {
			t.Errorf("%d ratios: %s and %s around %s", n, lo.value().FloatString(40), hi.value().FloatString(40), exact.FloatString(40))
		}
		if n <= exactZones && (lo.value().Cmp(exact) != 0 || hi.value().Cmp(exact) != 0) {
			t.Errorf("%d ratios: not exact", n)
		}
	}
}
