package rule

import (
	"math/bits"

	"github.com/muscope/muscope/analysis/land"
)

// product is a × b, rounded half away from zero to the sixth place.
func product(a, b land.Fixed) land.Fixed {
	neg := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	lo, carry := bits.Add64(lo, uint64(land.One)/2, 0)
	hi += carry
	if hi >= uint64(land.One) {
		return 0 // beyond the range of Fixed; no area comes near it
	}
	q, _ := bits.Div64(hi, lo, uint64(land.One))
	if neg {
		return -land.Fixed(q)
	}
	return land.Fixed(q)
}

func magnitude(f land.Fixed) uint64 {
	if f < 0 {
		return uint64(-f)
	}
	return uint64(f)
}
