package geojson

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// checkNumber compares parseNumber with JSON's grammar (encoding/json) and strconv.
func checkNumber(t *testing.T, text string) {
	t.Helper()
	v, end, ok := parseNumber([]byte(text), 0)
	var token json.Number
	whole := json.Unmarshal([]byte(text), &token) == nil && string(token) == text
	want, err := strconv.ParseFloat(text, 64)
	valid := whole && err == nil
	if got := ok && end == len(text); got != valid {
		t.Errorf("%q: accepted %t, want %t", text, got, valid)
		return
	}
	if valid && math.Float64bits(v) != math.Float64bits(want) {
		t.Errorf("%q: got %b, want %b", text, v, want)
	}
}

func TestNumbers(t *testing.T) {
	for _, text := range []string{
		"0", "-0", "0.0", "-0.0", "1", "-1", "108.3665", "22.81234567", "108.366543210987", "108.36654321098765",
		"9007199254740993", "9007199254740992.5", "9007199254740993.5", "9007199254740991.5", "18446744073709551615", "18446744073709551616",
		"0.1", "0.3", "1e22", "1e23", "123456789e15", "1e-22", "1e-27", "1e-28", "5e-324", "2e-324", "1.7976931348623157e308", "1.8e308", "-1e400", "1e-400",
		"0.000000000000000000000000000000000001", "179.99999999999999999999", "4503599627370497.5", "4503599627370496.5",
		"1E5", "1e+5", "1e-5", "1.5E+05", "0e0", "0e999999999999", "12345678", "0.12345678", "0.1234567812345678",
		"", "-", "+1", "01", "-01", "00", "1.", ".5", "1.e5", "1e", "1e+", "1e-", "0x10", "NaN", "Infinity", "1_0", "1 ", " 1", "1,2", "--1", "1.2.3",
	} {
		checkNumber(t, text)
	}
}

func TestNumbersAtRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 60_000 {
		v := (rnd.Float64() - 0.5) * 360
		checkNumber(t, strconv.FormatFloat(v, 'f', rnd.IntN(20), 64))
		checkNumber(t, strconv.FormatFloat(v, 'g', -1, 64))
		checkNumber(t, strconv.FormatUint(rnd.Uint64()>>rnd.IntN(64), 10)+"e-"+strconv.Itoa(rnd.IntN(30)))
		if f := math.Float64frombits(rnd.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			checkNumber(t, strconv.FormatFloat(f, 'e', rnd.IntN(22)-1, 64))
		}
	}
}

// Halfway cases: the digits of the exact midpoint between two doubles, cut or raised by one, where they fit 19 digits.
func TestNumbersHalfway(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 30_000 {
		m := rnd.Uint64()>>rnd.IntN(9) | 1
		k := rnd.IntN(12)
		v := math.Ldexp(float64(m>>11), 0) + 0.5
		for _, d := range []float64{0, 1, -1} {
			checkNumber(t, strconv.FormatFloat(v+d, 'f', k, 64))
		}
		checkNumber(t, strconv.FormatUint(m>>10|1, 10)+".5")
		checkNumber(t, strconv.FormatUint(m, 10)+"e-"+strconv.Itoa(k))
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1.5", "-0", "108.36654321098765", "1e-27", "123456789012345678e-20"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkNumber(t, s) })
}

func BenchmarkNumber(b *testing.B) {
	text := []byte("108.3665432109876,")
	for b.Loop() {
		if _, _, ok := parseNumber(text, 0); !ok {
			b.Fatal()
		}
	}
}

func BenchmarkNumberStrconv(b *testing.B) {
	text := "108.3665432109876"
	for b.Loop() {
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			b.Fatal(err)
		}
	}
}
