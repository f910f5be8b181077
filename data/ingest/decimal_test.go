package ingest

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct{ in, unit, field, want string }{
		{"68507.52", "m2", "footprint_m2", "68507.52"},
		{"1.5", "ha", "footprint_m2", "15000"},
		{"1.5", "mu", "footprint_m2", "1000"},
		{"1", "mu", "footprint_m2", "666.666667"},
		{"0.0001234567", "km2", "footprint_m2", "123.4567"},
		{"5000.0001876", "sqft", "recorded_area_m2", "464.515217"},
		{"150", "mu", "approved_area_ha", "10"},
		{"412", "", "approved_area_ha", "412"},
		{"12345", "yuan", "price_wan", "1.2345"},
		{"0.01", "yuan", "price_wan", "0.000001"},
		{"3.2", "yi", "output_wan", "32000"},
		{"18", "months", "term_years", "1.5"},
		{"1,234,567.5", "", "price_wan", "1234567.5"},
		{"１２３．４", "", "price_wan", "123.4"},
		{"+7", "", "price_wan", "7"},
		{"-7.25", "", "tax_wan", "-7.25"},
		{"\u22127", "", "tax_wan", "-7"},
		{"1.5e3", "", "price_wan", "1500"},
		{"1E-2", "", "price_wan", "0.01"},
		{"0.0000005", "", "price_wan", "0.000001"},
		{"-0.0000005", "", "tax_wan", "-0.000001"},
		{"0.00000049999999999999999999", "", "price_wan", "0"},
		{"123456789.12345678901234567890", "", "price_wan", "123456789.123457"},
		{"00012", "", "price_wan", "12"},
		{".5", "", "price_wan", "0.5"},
		{"5.", "", "price_wan", "5"},
		{"1e-400", "", "price_wan", "0"},
		{"9223372036854.775807", "", "price_wan", "9223372036854.775807"},

		{"", "", "price_wan", "!"},
		{"abc", "", "price_wan", "!"},
		{"1,23", "", "price_wan", "!"},
		{"1,5", "", "price_wan", "!"},
		{",123", "", "price_wan", "!"},
		{"12万", "", "price_wan", "!"},
		{"210%", "", "price_wan", "!"},
		{"120~200", "", "price_wan", "!"},
		{"1 000", "", "price_wan", "!"},
		{"0x10", "", "price_wan", "!"},
		{"1_000", "", "price_wan", "!"},
		{"NaN", "", "price_wan", "!"},
		{"Infinity", "", "price_wan", "!"},
		{"1e", "", "price_wan", "!"},
		{"-", "", "price_wan", "!"},
		{"--1", "", "price_wan", "!"},
		{"1/2", "", "price_wan", "!"},
		{"1e999999999", "", "price_wan", "large"},
		{"9223372036854.775808", "", "price_wan", "large"},
		{"1e13", "", "price_wan", "large"},
		{"1e30", "ha", "footprint_m2", "large"},
	} {
		var f factor
		if c.unit != "" {
			var err error
			if f, err = unitFactor(c.unit, c.field); err != nil {
				t.Fatal(err)
			}
		}
		v, err := parseDecimal([]byte(c.in), f)
		got := v.String()
		switch err {
		case errNotNumber:
			got = "!"
		case errTooLarge:
			got = "large"
		}
		if got != c.want {
			t.Errorf("%q %s: %s, want %s", c.in, c.unit, got, c.want)
		}
	}
}

// TestParseDecimalExact holds the 128-bit way against rational arithmetic.
func TestParseDecimalExact(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	units := []string{"m2", "ha", "mu", "km2", "sqft", "acre"}
	for range 20000 {
		in := strconv.FormatInt(rnd.Int64N(1e9), 10) + "." + strconv.FormatInt(rnd.Int64N(1e8), 10)
		f, err := unitFactor(units[rnd.IntN(len(units))], "footprint_m2")
		if err != nil {
			t.Fatal(err)
		}
		var d decimal
		want, errSlow := d.slow([]byte(in), f)
		got, errFast := parseDecimal([]byte(in), f)
		if got != want || errSlow != errFast {
			t.Fatalf("%s × %v: %v %v, want %v %v", in, f, got, errFast, want, errSlow)
		}
	}
}

func TestUnitFactor(t *testing.T) {
	for _, c := range []struct{ unit, field string }{
		{"ha", "price_wan"}, {"yuan", "footprint_m2"}, {"furlong", "height_m"}, {"m2", "height_m"}, {"", "price_wan"},
	} {
		if f, err := unitFactor(c.unit, c.field); err == nil {
			t.Errorf("%s for %s: %v, want an error", c.unit, c.field, f)
		}
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"1", "-1.5e3", "1,234.5", "１２", "1e400", "0.0000005", "９，０００", "--", "1e-30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parseDecimal([]byte(s), factor{})
		if err != nil {
			return
		}
		// What reads must be within half a millionth of what big.Rat reads.
		plain, ok := plainNumber([]byte(s))
		if !ok {
			t.Fatalf("%q reads as %v but has no number's form", s, v)
		}
		if len(plain) > 400 {
			return
		}
		r, ok := new(big.Rat).SetString(string(plain))
		if !ok {
			t.Fatalf("%q reads as %v, and not at all exactly", s, v)
		}
		diff := r.Sub(r, big.NewRat(int64(v), 1e6))
		if diff.Abs(diff).Cmp(big.NewRat(1, 2e6)) > 0 {
			t.Fatalf("%q reads as %v, off by %s", s, v, diff.FloatString(12))
		}
		again, err := parseDecimal(land.Fixed(v).Append(nil), factor{})
		if err != nil || again != v {
			t.Fatalf("%q: %v then %v, %v", s, v, again, err)
		}
	})
}
