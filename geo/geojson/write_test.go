package geojson

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	orbgeojson "github.com/paulmach/orb/geojson"
)

func TestAppendGeometry(t *testing.T) {
	ring := orb.Ring{{0, 0}, {1.5, 0}, {1, -1e-7}, {0, 0}}
	tests := []struct {
		in   orb.Geometry
		want string
	}{
		{nil, "null"},
		{orb.Point{108.36654321098764, 22.8}, `{"type":"Point","coordinates":[108.36654321098764,22.8]}`},
		{orb.MultiPoint{{1, 2}, {3, 4}}, `{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}`},
		{orb.LineString{{1, 2}, {3, 4}}, `{"type":"LineString","coordinates":[[1,2],[3,4]]}`},
		{orb.MultiLineString{{{1, 2}, {3, 4}}}, `{"type":"MultiLineString","coordinates":[[[1,2],[3,4]]]}`},
		{ring, `{"type":"Polygon","coordinates":[[[0,0],[1.5,0],[1,-1e-07],[0,0]]]}`},
		{orb.Polygon{}, `{"type":"Polygon","coordinates":[]}`},
		{orb.MultiPolygon{{ring}, {ring}}, `{"type":"MultiPolygon","coordinates":[[[[0,0],[1.5,0],[1,-1e-07],[0,0]]],[[[0,0],[1.5,0],[1,-1e-07],[0,0]]]]}`},
		{orb.Bound{Min: orb.Point{0, 0}, Max: orb.Point{1, 2}}, `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,2],[0,2],[0,0]]]}`},
		{orb.Collection{orb.Point{1, 2}}, `{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}`},
		{orb.Point{math.NaN(), math.Inf(1)}, `{"type":"Point","coordinates":[null,null]}`},
	}
	for _, tt := range tests {
		got := string(AppendGeometry([]byte("x"), tt.in))
		if got != "x"+tt.want {
			t.Errorf("%v: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

// What is written reads back the same, here and with orb.
func TestGeometryRoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 500 {
		var g orb.MultiPolygon
		for range 1 + rnd.IntN(3) {
			var p orb.Polygon
			for range 1 + rnd.IntN(3) {
				var r orb.Ring
				for range 4 + rnd.IntN(5) {
					r = append(r, orb.Point{math.Ldexp(rnd.Float64()-0.5, rnd.IntN(80)-40), rnd.Float64() * 90})
				}
				p = append(p, r)
			}
			g = append(g, p)
		}
		text := AppendGeometry(nil, g)
		second, err := orbgeojson.UnmarshalGeometry(text)
		if err != nil || !orb.Equal(second.Geometry(), g) {
			t.Fatalf("orb reads %s otherwise: %v", text, err)
		}
		one(t, feature(`"properties":null,"geometry":`+string(text)), func(f *Feature) {
			if f.Fault != nil || !orb.Equal(f.Geometry, g) {
				t.Fatalf("%s reads back otherwise: %v", text, f.Fault)
			}
		})
	}
}

func TestAppendNumber(t *testing.T) {
	for _, v := range []float64{0, 1, -1.5, 1e-6, 9.9e-7, 1e20, 1e21, math.MaxFloat64, math.SmallestNonzeroFloat64, 1.0 / 3, math.Copysign(0, -1)} {
		text := string(AppendNumber(nil, v))
		checkNumber(t, text)
		if back, err := strconv.ParseFloat(text, 64); err != nil || math.Float64bits(back) != math.Float64bits(v) {
			t.Errorf("%v becomes %s", v, text)
		}
	}
}

func TestAppendString(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `""`},
		{"南宁高新区", `"南宁高新区"`},
		{"a\"b\\c/d", `"a\"b\\c/d"`},
		{"\n\r\t\x00\x1f\x7f", `"\n\r\t\u0000\u001f\u007f"`},
		{"</script>&", `"\u003c/script\u003e\u0026"`},
		{"bad\xFFutf\xC4", "\"bad\uFFFDutf\uFFFD\""},
		{"😀", `"😀"`},
	}
	for _, tt := range tests {
		if got := string(AppendString(nil, tt.in)); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("a\"\\\n南\xFF")
	f.Fuzz(func(t *testing.T, s string) {
		text := AppendString(nil, s)
		var back string
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var c cursor
		c.reset(text)
		own, ok := c.str()
		if !ok || string(own) != back || c.i != len(text) {
			t.Errorf("%s: got %q, encoding/json %q, fault %v", text, own, back, c.fault)
		}
		if json.Valid(text) && string([]rune(s)) != back {
			t.Errorf("%q becomes %q", s, back)
		}
	})
}

// TestAppendNumberIsShortest: the quick way writes what strconv writes.
func TestAppendNumberIsShortest(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	check := func(v float64) {
		t.Helper()
		form := byte('f')
		if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
			form = 'e'
		}
		if got, want := string(AppendNumber(nil, v)), strconv.FormatFloat(v, form, -1, 64); got != want {
			t.Fatalf("AppendNumber(%v) = %s, want %s", v, got, want)
		}
	}
	for _, v := range []float64{0, math.Copysign(0, -1), 1, -1, 180, -180, 359.999999999, 360, 1e-6, 9.99e-7, 1e-7, -1e-9, 5e-324, 1e21, 108.4200000001, 0.1, 0.3, 1.0 / 3} {
		check(v)
	}
	for range 200_000 {
		v := (rng.Float64() - 0.5) * 720
		check(v)
		digits := math.Pow10(rng.IntN(12))
		check(math.Round(v*digits) / digits)
		check(math.Nextafter(math.Round(v*1e9)/1e9, 400))
	}
}

func BenchmarkAppendNumber(b *testing.B) {
	var buf [32]byte
	for b.Loop() {
		AppendNumber(buf[:0], 108.4299852)
	}
}
