package ingest

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"math/bits"

	"github.com/muscope/muscope/analysis/land"
)

var (
	errNotNumber = errors.New("not a number")
	errTooLarge  = errors.New("beyond the range of a quantity")
)

// parseDecimal reads a number as people write it: JSON's grammar, a leading
// plus, full-width digits, thousands separators in their places. It is exact
// to six places after the unit's factor has been applied.
func parseDecimal(b []byte, f factor) (land.Fixed, error) {
	var d decimal
	if !d.scan(b) {
		plain, ok := plainNumber(b)
		if !ok {
			return 0, errNotNumber
		}
		d = decimal{}
		if !d.scan(plain) {
			return d.slow(plain, f)
		}
	}
	if v, ok := d.fixed(f); ok {
		return v, nil
	}
	return d.slow(b, f)
}

// decimal is ±mant × 10^exp, with mant below 10^19.
type decimal struct {
	mant uint64
	exp  int
	neg  bool
}

// scan reads digits, point and exponent; false where there is anything else or
// more than 19 digits.
func (d *decimal) scan(b []byte) bool {
	i := 0
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		d.neg = b[i] == '-'
		i++
	}
	start := i
	for i < len(b) && b[i]-'0' <= 9 {
		d.mant = d.mant*10 + uint64(b[i]-'0')
		i++
	}
	count := i - start
	if i < len(b) && b[i] == '.' {
		i++
		point := i
		for i < len(b) && b[i]-'0' <= 9 {
			d.mant = d.mant*10 + uint64(b[i]-'0')
			i++
		}
		d.exp = point - i
		count += i - point
	}
	if count == 0 || count > 19 {
		return false
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		e, ok := exponent(b[i+1:])
		d.exp += e
		return ok
	}
	return i == len(b)
}

func exponent(b []byte) (int, bool) {
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 3 {
		return 0, false
	}
	e := 0
	for _, c := range b {
		if c-'0' > 9 {
			return 0, false
		}
		e = e*10 + int(c-'0')
	}
	if neg {
		e = -e
	}
	return e, true
}

// fixed is the number times the factor in millionths, where 128 bits hold it.
func (d *decimal) fixed(f factor) (land.Fixed, bool) {
	num, den := f.num, f.den
	if num == 0 {
		num, den = 1, 1
	}
	shift := d.exp + 6
	if shift < -19 || shift > 18 {
		return 0, d.mant == 0
	}
	scale := uint64(1)
	for range max(shift, -shift) {
		scale *= 10
	}
	up, down := num, den
	var over uint64
	if shift >= 0 {
		over, up = bits.Mul64(num, scale)
	} else {
		over, down = bits.Mul64(den, scale)
	}
	if over != 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(d.mant, up)
	if hi >= down {
		return 0, false
	}
	q, r := bits.Div64(hi, lo, down)
	if r >= down-r { // half away from zero
		q++
	}
	if q > math.MaxInt64 {
		return 0, false
	}
	if d.neg {
		return -land.Fixed(q), true
	}
	return land.Fixed(q), true
}

// slow is the same with big numbers, for what people rarely write.
func (d *decimal) slow(b []byte, f factor) (land.Fixed, error) {
	plain, ok := plainNumber(b)
	if !ok {
		return 0, errNotNumber
	}
	if len(plain) > 400 {
		return 0, errTooLarge
	}
	if i := bytes.IndexAny(plain, "eE"); i >= 0 {
		if _, ok := exponent(plain[i+1:]); !ok {
			return 0, errTooLarge
		}
	}
	r, ok := new(big.Rat).SetString(string(plain))
	if !ok {
		return 0, errNotNumber
	}
	if f.num != 0 {
		r.Mul(r, new(big.Rat).SetFrac(new(big.Int).SetUint64(f.num), new(big.Int).SetUint64(f.den)))
	}
	r.Mul(r, big.NewRat(1e6, 1))
	half := big.NewRat(1, 2)
	if r.Sign() < 0 {
		half.Neg(half)
	}
	r.Add(r, half)
	q := new(big.Int).Quo(r.Num(), r.Denom())
	if !q.IsInt64() {
		return 0, errTooLarge
	}
	return land.Fixed(q.Int64()), nil
}

// plainNumber turns full-width digits and signs into ASCII and takes thousands
// separators out of their places; ok is false for what is no number.
func plainNumber(b []byte) (plain []byte, ok bool) {
	if len(b) > 1000 {
		return nil, false
	}
	out := make([]byte, 0, len(b))
	for _, r := range string(b) {
		switch {
		case r >= '！' && r <= '～': // the full-width forms of ASCII
			r -= '！' - '!'
		case r == '\u2212': // minus sign
			r = '-'
		}
		if r > 0x7E {
			return nil, false
		}
		out = append(out, byte(r))
	}
	whole, rest := out, []byte(nil)
	if i := bytes.IndexAny(out, ".eE"); i >= 0 {
		whole, rest = out[:i], out[i:]
	}
	if bytes.IndexByte(whole, ',') >= 0 {
		if whole, ok = ungroup(whole); !ok {
			return nil, false
		}
	}
	plain = append(append(make([]byte, 0, len(out)), whole...), rest...)
	return plain, numberForm(plain)
}

// ungroup takes the separators out of 1,234,567; groups of another size than
// three are no number (1,5 is a decimal comma to some, a typing slip to others).
func ungroup(b []byte) ([]byte, bool) {
	sign := 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		sign = 1
	}
	groups := bytes.Split(b[sign:], []byte(","))
	if len(groups[0]) == 0 || len(groups[0]) > 3 {
		return nil, false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return nil, false
		}
	}
	return append(append([]byte(nil), b[:sign]...), bytes.Join(groups[:], nil)...), true
}

// numberForm reports whether b is sign, digits, point, digits, exponent.
func numberForm(b []byte) bool {
	i := 0
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		i++
	}
	digits := 0
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		digits++
	}
	if i < len(b) && b[i] == '.' {
		for i++; i < len(b) && b[i]-'0' <= 9; i++ {
			digits++
		}
	}
	if digits == 0 {
		return false
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '-' || b[i] == '+') {
			i++
		}
		start := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		return i > start && i == len(b)
	}
	return i == len(b)
}
