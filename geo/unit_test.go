package geo

import (
	"math/big"
	"testing"
)

func TestUnits(t *testing.T) {
	for _, tc := range []struct {
		name      string
		got, want float64
	}{
		{"one hectare in mu", Mu(10000), 15},
		{"100 mu in m2", MuToM2(150), 100000},
		{"hectares", Hectares(25000), 2.5},
		{"hectares back", HectaresToM2(2.5), 25000},
		{"square kilometres", Km2(2500000), 2.5},
		{"one mu", M2PerMu, 2000.0 / 3},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, tc.got, tc.want)
		}
	}
	if got := MuToM2Rat(big.NewRat(1, 1)); got.Cmp(big.NewRat(2000, 3)) != 0 {
		t.Errorf("one mu is %v m²", got)
	}
}
