package geo

import "math/big"

const (
	// M2PerMu is the number of square metres in one mu (亩): exactly 10000/15 (15 亩 make one hectare), here the
	// nearest float64. Use MuToM2Rat where the fraction has to be exact.
	M2PerMu = 10000.0 / 15.0
	// M2PerHa is the number of square metres in one hectare (公顷).
	M2PerHa = 10000.0
	// M2PerKm2 is the number of square metres in one square kilometre (平方公里).
	M2PerKm2 = 1000000.0
	// MuPerHa is the number of mu in one hectare, exactly 15.
	MuPerHa = 15.0
)

// Mu converts square metres to mu (亩). It multiplies before it divides, so that whole hectares give whole mu.
func Mu(m2 float64) float64 { return m2 * 15 / 10000 }

// MuToM2 converts mu (亩) to square metres.
func MuToM2(mu float64) float64 { return mu * 10000 / 15 }

// MuToM2Rat converts mu (亩) to square metres without rounding.
func MuToM2Rat(mu *big.Rat) *big.Rat { return new(big.Rat).Mul(mu, big.NewRat(10000, 15)) }

// Hectares converts square metres to hectares (公顷).
func Hectares(m2 float64) float64 { return m2 / M2PerHa }

// HectaresToM2 converts hectares (公顷) to square metres.
func HectaresToM2(ha float64) float64 { return ha * M2PerHa }

// Km2 converts square metres to square kilometres (平方公里).
func Km2(m2 float64) float64 { return m2 / M2PerKm2 }
