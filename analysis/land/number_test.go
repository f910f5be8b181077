package land

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestParseFixed(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"0", "0"}, {"-0", "0"}, {"1", "1"}, {"68507.52", "68507.52"}, {"-2.5", "-2.5"}, {"1e3", "1000"}, {"1.5E-3", "0.0015"},
		{"12.3456789", "12.345679"}, {"0.0000005", "0.000001"}, {"0.0000004999", "0"}, {"9223372036854.775807", "9223372036854.775807"},
		{"1e-9", "0"}, {".5", "0.5"}, {"5.", "5"}, {"+7", "7"}, {"123456e-3", "123.456"}, {"0.07", "0.07"},
	} {
		got, err := ParseFixed(c.in)
		if err != nil || got.String() != c.want {
			t.Errorf("ParseFixed(%q) = %s, %v; want %s", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"", ".", "-", "abc", "1a", "1.2.3", "9223372036854.8", "1e30", "1e", "0x10", "NaN", "Inf", "１"} {
		if got, err := ParseFixed(in); err == nil {
			t.Errorf("ParseFixed(%q) = %s, want an error", in, got)
		}
	}
}

// FuzzParseFixed holds the parser against big.Rat.
func FuzzParseFixed(f *testing.F) {
	for _, s := range []string{"68507.52", "-1e-5", "0.0000005", "1e12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseFixed(s)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Skip() // big.Rat is stricter about "5." forms than JSON-like files are
		}
		diff := new(big.Rat).Sub(want, new(big.Rat).SetFrac64(int64(got), 1e6))
		if diff.Abs(diff).Cmp(big.NewRat(1, 2_000_000)) > 0 {
			t.Errorf("ParseFixed(%q) = %s, more than half a millionth off", s, got)
		}
	})
}

func TestMuIsExact(t *testing.T) {
	for _, c := range []struct{ m2, mu string }{
		{"1", "0.0015"}, {"1000000", "1500"}, {"68507.52", "102.76128"}, {"0.000001", "0.0000000015"}, {"9000000000000", "13500000000"},
	} {
		f, err := ParseFixed(c.m2)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Mu().String(); got != c.mu {
			t.Errorf("%s m² = %s mu, want %s", c.m2, got, c.mu)
		}
		var back Mu
		if err := back.UnmarshalJSON([]byte(c.mu)); err != nil || Fixed(back) != f {
			t.Errorf("%s mu reads back as %s m², %v; want %s", c.mu, Fixed(back), err, c.m2)
		}
	}
}

// A share of one keeps the number to the last place; shares add up to it.
func TestShare(t *testing.T) {
	f := Fixed(68507_520001)
	if f.Share(1) != f {
		t.Errorf("share 1 of %s = %s", f, f.Share(1))
	}
	if sum := f.Share(0.3) + f.Share(0.7); sum-f > 1 || f-sum > 1 {
		t.Errorf("0.3 and 0.7 of %s add up to %s", f, sum)
	}
}

func TestFlagLogic(t *testing.T) {
	for _, c := range []struct{ a, b, and, or Flag }{
		{Yes, Yes, Yes, Yes}, {Yes, No, No, Yes}, {No, No, No, No},
		{Yes, Unknown, Unknown, Yes}, {No, Unknown, No, Unknown}, {Unknown, Unknown, Unknown, Unknown},
	} {
		if c.a.And(c.b) != c.and || c.b.And(c.a) != c.and || c.a.Or(c.b) != c.or || c.b.Or(c.a) != c.or {
			t.Errorf("%v, %v: and %v, or %v; want %v, %v", c.a, c.b, c.a.And(c.b), c.a.Or(c.b), c.and, c.or)
		}
	}
}

func TestCompareProduct(t *testing.T) {
	site, land, limit := Fixed(4795_526400), Fixed(68507_520000), Fixed(70000)
	if CompareProduct(site, One, limit, land) != 0 {
		t.Error("4795.5264 m² of 68507.52 m² is exactly 7 %")
	}
	if CompareProduct(site+1, One, limit, land) != 1 || CompareProduct(site-1, One, limit, land) != -1 {
		t.Error("a square millimetre over or under exactly 7 % shows")
	}
}

func TestIndicatorReadsBack(t *testing.T) {
	v := 0.07
	lo := 0.05
	in := Indicator{ID: "x", Value: &v, Unit: UnitRatio, Numerator: &Quantity{7_000_000, UnitMu}, Denominator: &Quantity{100_000_000, UnitKm2},
		Coverage: 1, Bounds: &Bounds{Lo: &lo}, Missing: []Missing{{"floor_area_m2", 2, 5}}}
	blob, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out Indicator
	if err := json.Unmarshal(blob, &out); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(out)
	if err != nil || string(again) != string(blob) {
		t.Errorf("reads back as %s, %v; want %s", again, err, blob)
	}
}

// The 128-bit comparison agrees with big integers on every sign and size.
func TestCompareProductAgainstBig(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	edge := []Fixed{0, 1, -1, One, -One, math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
	pick := func() Fixed {
		if rnd.IntN(3) == 0 {
			return edge[rnd.IntN(len(edge))]
		}
		return Fixed(rnd.Uint64()) >> rnd.IntN(60)
	}
	for range 20_000 {
		a, b, c, d := pick(), pick(), pick(), pick()
		ab := new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(int64(b)))
		cd := new(big.Int).Mul(big.NewInt(int64(c)), big.NewInt(int64(d)))
		if got := CompareProduct(a, b, c, d); got != ab.Cmp(cd) {
			t.Fatalf("%d × %d against %d × %d: %d, want %d", a, b, c, d, got, ab.Cmp(cd))
		}
	}
}
