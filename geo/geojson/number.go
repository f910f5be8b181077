package geojson

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"unsafe"
)

// parseNumber reads the JSON number at b[i] as the nearest double (ties to even) and gives the index after it.
// It returns ok false, and no more detail, for anything outside JSON's grammar and for numbers beyond the range.
//
// Three ways, all exactly rounded: a mantissa below 2^53 with a power of ten up to 22 is one division (Clinger
// 1990); a mantissa of 64 bits over a power of ten up to 27 is one 128-by-64-bit division with a sticky
// remainder, since 5^27 still fits a word; everything else goes to strconv. Coordinates written by GDAL or
// PostGIS have 15 to 17 digits and take the first two.
func parseNumber(b []byte, i int) (v float64, end int, ok bool) {
	start, neg := i, false
	if i < len(b) && b[i] == '-' {
		neg = true
		i++
	}
	var m uint64
	first := i
	for i < len(b) && b[i]-'0' <= 9 {
		m = m*10 + uint64(b[i]-'0')
		i++
	}
	count := i - first
	if count == 0 || count > 1 && b[first] == '0' {
		return 0, i, false
	}
	exp := 0
	if i < len(b) && b[i] == '.' {
		i++
		point := i
		m, i = fraction(b, i, m)
		if i == point {
			return 0, i, false
		}
		exp = point - i
		count -= exp
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		e, n, ok := exponent(b, i+1)
		if !ok {
			return 0, n, false
		}
		i = n
		exp += e
	}
	if count > 19 {
		return slowNumber(b[start:i], i)
	}
	if v, ok = scale(m, exp); !ok {
		return slowNumber(b[start:i], i)
	}
	if neg {
		v = -v
	}
	return v, i, true
}

// fraction appends the digits at i to m, eight at a time.
func fraction(b []byte, i int, m uint64) (uint64, int) {
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		if !eightDigits(w) {
			break
		}
		m = m*1e8 + eight(w)
		i += 8
	}
	for i < len(b) && b[i]-'0' <= 9 {
		m = m*10 + uint64(b[i]-'0')
		i++
	}
	return m, i
}

// eightDigits tells whether all bytes of w are '0' to '9'.
func eightDigits(w uint64) bool {
	return w&0xF0F0F0F0F0F0F0F0|(w+0x0606060606060606)&0xF0F0F0F0F0F0F0F0>>4 == 0x3333333333333333
}

// eight is the value of eight ASCII digits: pairs, then fours, then all, three multiplications instead of eight.
func eight(w uint64) uint64 {
	w -= '0' * lowBits
	w = w*10 + w>>8
	const mask = 0x000000FF000000FF
	return (w&mask*(100+1000000<<32) + w>>16&mask*(1+10000<<32)) >> 32
}

// exponent reads the digits after e. Beyond 100000 the value stays there: strconv decides between 0 and range.
func exponent(b []byte, i int) (e, end int, ok bool) {
	neg := false
	if i < len(b) && (b[i] == '+' || b[i] == '-') {
		neg = b[i] == '-'
		i++
	}
	first := i
	for i < len(b) && b[i]-'0' <= 9 {
		if e < 100000 {
			e = e*10 + int(b[i]-'0')
		}
		i++
	}
	if neg {
		e = -e
	}
	return e, i, i > first
}

// powers of ten that a double holds exactly, and powers of five that a word holds.
var (
	tens  = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}
	fives = [...]uint64{1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625, 1220703125,
		6103515625, 30517578125, 152587890625, 762939453125, 3814697265625, 19073486328125, 95367431640625,
		476837158203125, 2384185791015625, 11920928955078125, 59604644775390625, 298023223876953125,
		1490116119384765625, 7450580596923828125}
)

// scale gives m·10^exp, exactly rounded, or ok false where it has no fast way.
func scale(m uint64, exp int) (float64, bool) {
	if m < 1<<53 {
		switch {
		case exp == 0:
			return float64(m), true
		case exp < 0 && exp >= -22:
			return float64(m) / tens[-exp], true
		case exp > 0 && exp <= 22:
			return float64(m) * tens[exp], true
		}
	}
	if m == 0 {
		return 0, true
	}
	if exp > 0 || exp < -27 {
		return 0, false
	}
	return quotient(m, -exp), true
}

// quotient gives m / 10^k for m > 0, k ≤ 27. With both operands shifted to fill their words the quotient of
// (m·2^63) / 5^k has 63 or 64 bits, ten more than a double needs, so one sticky bit for the remainder makes the
// rounding exact. No result here is subnormal.
func quotient(m uint64, k int) float64 {
	five := fives[k]
	sm, sf := bits.LeadingZeros64(m), bits.LeadingZeros64(five)
	m <<= sm
	q, rem := bits.Div64(m>>1, m<<63, five<<sf)
	if rem != 0 {
		q |= 1
	}
	// value = q · 2^(sf - sm - 63 - k); bring q to 64 bits, keep 53 and round.
	lead := bits.LeadingZeros64(q)
	q <<= lead
	exp := sf - sm - 63 - k - lead + 11
	half := q & 0x7FF
	q >>= 11
	if half > 0x400 || half == 0x400 && q&1 == 1 {
		q++ // may reach 2^53, which the addition below carries into the exponent
	}
	return math.Float64frombits(uint64(exp+1074+1)<<52 + q - 1<<52)
}

// slowNumber leaves the number to strconv, without copying its text.
func slowNumber(text []byte, end int) (float64, int, bool) {
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64)
	return v, end, err == nil
}
