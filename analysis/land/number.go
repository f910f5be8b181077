package land

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Fixed is an exact decimal with six places, held as a count of millionths:
// square metres to the square millimetre, 万元 to the fen. Its zero value is
// the number 0; a quantity that may be unknown is a Number.
type Fixed int64

// One is the Fixed of 1.
const One Fixed = 1_000_000

// ErrNumber is wrapped by every error of ParseFixed.
var ErrNumber = errors.New("not a decimal number")

// FixedOf rounds f half away from zero to six places. Values beyond the range
// of Fixed (±9.2e12) and NaN give an error.
func FixedOf(f float64) (Fixed, error) {
	m := math.Round(f * 1e6)
	if !(m > -math.MaxInt64 && m < math.MaxInt64) {
		return 0, fmt.Errorf("%w in the range ±9.2e12: %g", ErrNumber, f)
	}
	return Fixed(m), nil
}

// ParseFixed reads a JSON-style decimal ("68507.52", "1.5e3", "-2"), exact to
// six places and rounded half away from zero beyond them. It never passes
// through a float, so what the file says is what is compared with a limit.
func ParseFixed(s string) (Fixed, error) {
	mant, exp, err := splitExponent(s)
	if err != nil {
		return 0, err
	}
	neg := strings.HasPrefix(mant, "-")
	mant = strings.TrimPrefix(strings.TrimPrefix(mant, "-"), "+")
	whole, frac, _ := strings.Cut(mant, ".")
	if whole == "" && frac == "" {
		return 0, fmt.Errorf("%w: %q", ErrNumber, s)
	}
	m, err := fixedDigits(whole, frac, exp)
	if err != nil {
		return 0, fmt.Errorf("%w: %q", err, s)
	}
	if neg {
		m = -m
	}
	return m, nil
}

func splitExponent(s string) (mant string, exp int, err error) {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, 0, nil
	}
	exp, err = strconv.Atoi(s[i+1:])
	if err != nil || exp < -400 || exp > 400 {
		return "", 0, fmt.Errorf("%w: exponent of %q", ErrNumber, s)
	}
	return s[:i], exp, nil
}

// fixedDigits gives whole.frac × 10^exp in millionths: the digits up to the
// sixth place after the shifted point count, the seventh rounds.
func fixedDigits(whole, frac string, exp int) (Fixed, error) {
	keep := len(whole) + exp + 6 // digits that count
	var m uint64
	for i := 0; i < max(keep, len(whole)+len(frac)); i++ {
		d, err := digitAt(whole, frac, i)
		if err != nil {
			return 0, err
		}
		switch {
		case i < keep:
			hi, lo := bits.Mul64(m, 10)
			if hi != 0 || lo+uint64(d) > math.MaxInt64 {
				return 0, fmt.Errorf("%w in the range ±9.2e12", ErrNumber)
			}
			m = lo + uint64(d)
		case i == keep && d >= 5:
			m++
		}
	}
	return Fixed(m), nil
}

func digitAt(whole, frac string, i int) (byte, error) {
	var c byte
	switch {
	case i < len(whole):
		c = whole[i]
	case i < len(whole)+len(frac):
		c = frac[i-len(whole)]
	default:
		return 0, nil
	}
	if c < '0' || c > '9' {
		return 0, ErrNumber
	}
	return c - '0', nil
}

// Float is f as the nearest float64.
func (f Fixed) Float() float64 { return float64(f) / 1e6 }

// Share is f × share, rounded to the millionth; a share of exactly 1 keeps f.
func (f Fixed) Share(share float64) Fixed {
	if share == 1 {
		return f
	}
	return Fixed(math.Round(float64(f) * share))
}

// Append writes f as the shortest exact decimal, without exponent.
func (f Fixed) Append(b []byte) []byte { return appendScaled(b, int64(f), 6) }

// String is f as the shortest exact decimal, without exponent.
func (f Fixed) String() string { return string(f.Append(nil)) }

// MarshalJSON writes f as an exact JSON number.
func (f Fixed) MarshalJSON() ([]byte, error) { return f.Append(nil), nil }

// UnmarshalJSON reads a JSON number or a number in a string.
func (f *Fixed) UnmarshalJSON(b []byte) error {
	v, err := ParseFixed(strings.Trim(string(b), `"`))
	*f = v
	return err
}

// Mu is the area f, given in m², in mu (1 mu is exactly 10000/15 m²), as an
// exact decimal of ten places.
func (f Fixed) Mu() Mu { return Mu(f) }

// Mu is an area that is held in m² and shown in mu, exactly.
type Mu Fixed

// Append writes the area in mu as the shortest exact decimal.
func (m Mu) Append(b []byte) []byte {
	// m² × 15/10000 in millionths is m × 15 / 1e10 in mu.
	v := new(big.Int).Mul(big.NewInt(int64(m)), big.NewInt(15))
	if v.IsInt64() {
		return appendScaled(b, v.Int64(), 10)
	}
	r := new(big.Rat).SetFrac(v, big.NewInt(1e10))
	return append(b, strings.TrimRight(strings.TrimRight(r.FloatString(10), "0"), ".")...)
}

// Float is the area in mu as a float64.
func (m Mu) Float() float64 { return float64(m) * 15 / 1e10 }

// String is the area in mu as the shortest exact decimal.
func (m Mu) String() string { return string(m.Append(nil)) }

// MarshalJSON writes the area in mu as an exact JSON number.
func (m Mu) MarshalJSON() ([]byte, error) { return m.Append(nil), nil }

// UnmarshalJSON reads an area in mu.
func (m *Mu) UnmarshalJSON(b []byte) error {
	r, ok := new(big.Rat).SetString(string(b))
	if !ok {
		return fmt.Errorf("%w: %q", ErrNumber, b)
	}
	r.Mul(r, big.NewRat(1e10, 15))
	f, _ := r.Float64()
	*m = Mu(math.Round(f))
	return nil
}

func appendScaled(b []byte, v int64, places int) []byte {
	if v < 0 {
		b = append(b, '-')
	}
	u := uint64(v)
	if v < 0 {
		u = -u
	}
	var scale uint64 = 1
	for range places {
		scale *= 10
	}
	b = strconv.AppendUint(b, u/scale, 10)
	rest := u % scale
	if rest == 0 {
		return b
	}
	b = append(b, '.')
	for scale /= 10; rest > 0; scale /= 10 {
		b = append(b, '0'+byte(rest/scale))
		rest %= scale
	}
	return b
}

// Number is a quantity that may be unknown. Its zero value is unknown; unknown
// is not zero.
type Number struct {
	Value Fixed
	Known bool
}

// Num is the known number f.
func Num(f Fixed) Number { return Number{f, true} }

// Share is n × share where n is known.
func (n Number) Share(share float64) Number {
	if n.Known {
		n.Value = n.Value.Share(share)
	}
	return n
}

// String is the decimal, or "" where the number is unknown.
func (n Number) String() string {
	if !n.Known {
		return ""
	}
	return n.Value.String()
}

// MarshalJSON writes the decimal, or null where it is unknown.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.Known {
		return []byte("null"), nil
	}
	return n.Value.Append(nil), nil
}

// UnmarshalJSON reads a number or null.
func (n *Number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = Number{}
		return nil
	}
	n.Known = true
	return n.Value.UnmarshalJSON(b)
}

// CompareProduct compares a × b with c × d exactly: -1, 0 or +1. It is how a
// ratio is held against a limit: numerator × 1 against limit × denominator.
func CompareProduct(a, b, c, d Fixed) int {
	negAB, hiAB, loAB := product128(a, b)
	negCD, hiCD, loCD := product128(c, d)
	if negAB != negCD {
		if negAB {
			return -1
		}
		return 1
	}
	sign := cmp.Or(cmp.Compare(hiAB, hiCD), cmp.Compare(loAB, loCD))
	if negAB {
		return -sign
	}
	return sign
}

// product128 is a × b in 128 bits; zero is never negative.
func product128(a, b Fixed) (negative bool, hi, lo uint64) {
	hi, lo = bits.Mul64(magnitude(a), magnitude(b))
	return (a < 0) != (b < 0) && hi|lo != 0, hi, lo
}

func magnitude(f Fixed) uint64 {
	if f < 0 {
		return -uint64(f)
	}
	return uint64(f)
}

// CompareRounded is CompareProduct where a and d are sums of rounded figures,
// each off by rounding at most: what differs by no more than that is equal.
func CompareRounded(a, b, c, d, rounding Fixed) int {
	if rounding == 0 { // nearly always; and nothing is allocated
		return CompareProduct(a, b, c, d)
	}
	ab := new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(int64(b)))
	diff := ab.Sub(ab, new(big.Int).Mul(big.NewInt(int64(c)), big.NewInt(int64(d))))
	slack := new(big.Int).Add(new(big.Int).Abs(big.NewInt(int64(b))), new(big.Int).Abs(big.NewInt(int64(c))))
	if diff.CmpAbs(slack.Mul(slack, big.NewInt(int64(rounding)))) <= 0 {
		return 0
	}
	return diff.Sign()
}

// Flag is a three-valued yes/no fact. Its zero value is unknown.
type Flag uint8

// The values of a Flag.
const (
	Unknown Flag = iota
	No
	Yes
)

// FlagOf is Yes or No.
func FlagOf(b bool) Flag {
	if b {
		return Yes
	}
	return No
}

// Not is the three-valued negation.
func (f Flag) Not() Flag {
	switch f {
	case Yes:
		return No
	case No:
		return Yes
	}
	return Unknown
}

// And is the three-valued conjunction: No wins over Unknown.
func (f Flag) And(g Flag) Flag {
	switch {
	case f == No || g == No:
		return No
	case f == Unknown || g == Unknown:
		return Unknown
	}
	return Yes
}

// Or is the three-valued disjunction: Yes wins over Unknown.
func (f Flag) Or(g Flag) Flag { return f.Not().And(g.Not()).Not() }

// String is "true", "false" or "".
func (f Flag) String() string {
	return [...]string{"", "false", "true"}[f]
}

// MarshalJSON writes true, false or null.
func (f Flag) MarshalJSON() ([]byte, error) {
	return []byte([...]string{"null", "false", "true"}[f]), nil
}

// UnmarshalJSON reads true, false or null.
func (f *Flag) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "true":
		*f = Yes
	case "false":
		*f = No
	case "null":
		*f = Unknown
	default:
		return fmt.Errorf("%q is neither true, false nor null", b)
	}
	return nil
}
