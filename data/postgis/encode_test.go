package postgis

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"testing/quick"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
	"github.com/twpayne/go-geom/encoding/ewkbhex"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// TestEWKBAgreesWithGoGeom holds the encoder to the library's.
func TestEWKBAgreesWithGoGeom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		mp, ref := randomShape(t, rng)
		want, err := ewkbhex.Encode(ref, ewkb.NDR)
		if err != nil {
			t.Fatal(err)
		}
		got := appendEWKB([]byte("x"), mp, sridLonLat, nil)
		if string(got) != "x"+want {
			t.Fatalf("%v\n got %s\nwant x%s", mp, got, want)
		}
		back, err := parseEWKB(bytes.ToUpper([]byte(want))) // PostGIS writes capitals
		if err != nil || !back.Equal(mp) {
			t.Fatalf("read back %v (%v), want %v", back, err, mp)
		}
	}
}

func randomShape(t *testing.T, rng *rand.Rand) (orb.MultiPolygon, *geom.MultiPolygon) {
	var mp orb.MultiPolygon
	var coords [][][]geom.Coord
	for range rng.IntN(4) {
		var poly orb.Polygon
		var rings [][]geom.Coord
		for range 1 + rng.IntN(3) {
			var ring orb.Ring
			var line []geom.Coord
			for range 4 + rng.IntN(5) {
				p := orb.Point{math.Float64frombits(rng.Uint64()&^(1<<62) | 1<<61), rng.NormFloat64()}
				ring, line = append(ring, p), append(line, geom.Coord{p[0], p[1]})
			}
			poly, rings = append(poly, ring), append(rings, line)
		}
		mp, coords = append(mp, poly), append(coords, rings)
	}
	ref, err := geom.NewMultiPolygon(geom.XY).SetCoords(coords)
	if err != nil {
		t.Fatal(err)
	}
	if mp == nil {
		mp = orb.MultiPolygon{}
	}
	return mp, ref.SetSRID(sridLonLat)
}

func FuzzParseEWKB(f *testing.F) {
	f.Add(appendEWKB(nil, orb.MultiPolygon{{{{1, 2}, {3, 4}, {5, 6}, {1, 2}}}}, sridLonLat, nil))
	f.Add([]byte("0106000020"))
	f.Add([]byte("0106000000ffffffff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		mp, err := parseEWKB(b)
		if err != nil && !errors.Is(err, errEWKB) {
			t.Fatalf("error without its kind: %v", err)
		}
		if err == nil && len(mp) > len(b) {
			t.Fatal("more parts than bytes")
		}
	})
}

// TestDaysAgreeWithLand holds the fast dates to land's for every day of nine
// thousand years.
func TestDaysAgreeWithLand(t *testing.T) {
	var b []byte
	last, err := land.ParseDate("9999-12-31")
	if err != nil {
		t.Fatal(err)
	}
	for d := land.Date(1); d <= last; d++ {
		b = appendDay(b[:0], d)
		if back, ok := parseDay(string(b)); !ok || back != d {
			t.Fatalf("day %d is written %s and read %d", d, b, back)
		}
		if d%97 == 0 && string(b) != d.String() {
			t.Fatalf("day %d is %s, want %s", d, b, d)
		}
	}
}

func TestNumbersReadBackExactly(t *testing.T) {
	exact := func(v int64) bool {
		f := land.Fixed(v)
		got, err := parseFixed(f.String())
		return err == nil && got == f
	}
	for shift := range 63 {
		for _, v := range []int64{1<<shift - 1, 1 << shift, -1 << shift, math.MaxInt64 >> shift} {
			if !exact(v) {
				t.Errorf("%d doesn't read back", v)
			}
		}
	}
	if err := quick.Check(exact, nil); err != nil {
		t.Error(err)
	}
	for _, s := range []string{"1.0000004", "123456789012", "1234567890123.5", "0.000000", "-0.5", "1e3", "NaN", "9999999999999"} {
		got, err := parseFixed(s)
		want, wantErr := land.ParseFixed(s)
		if got != want || (err == nil) != (wantErr == nil) {
			t.Errorf("%s is %d (%v), land says %d (%v)", s, got, err, want, wantErr)
		}
	}
}

func TestRecordReadsWhatRowsHold(t *testing.T) {
	r := newRecord([]byte(`(a,,"",1,t,"q""u\\o,te)","x y",2024-02-29,12.5,f)`))
	if got := []string{r.text(), r.text(), r.text()}; got[0] != "a" || got[1] != "" || got[2] != "" {
		t.Errorf("%q", got)
	}
	if n, b := r.int(), r.bool(); n != 1 || !b {
		t.Error(n, b)
	}
	if s := r.text(); s != `q"u\o,te)` {
		t.Error(s)
	}
	if s := r.text(); s != "x y" {
		t.Error(s)
	}
	if d, n, f := r.date(), r.number(), r.flag(); d.String() != "2024-02-29" || n != land.Num(12_500_000) || f != land.No || r.err != nil {
		t.Error(d, n, f, r.err)
	}
	if r.text(); r.err == nil {
		t.Error("a field too many is no error")
	}
}

func FuzzRecord(f *testing.F) {
	for _, s := range []string{`(a,"b""c",,"\\")`, `(`, `()`, `("`, `("")`, `(,)`, `("a"b)`, `("a`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := newRecord(b)
		for range len(b) + 2 {
			r.next()
		}
		if r.err == nil {
			t.Fatal("a row has more fields than bytes")
		}
	})
}

func TestNULIsRefused(t *testing.T) {
	var r copyRow
	r.key("a\x00b")
	if !errors.Is(r.err, errNUL) {
		t.Errorf("%v, want errNUL", r.err)
	}
}

func TestExtraThatJSONBRefuses(t *testing.T) {
	for in, odd := range map[string]bool{`{"a":"\u0041"}`: false, `{"a":"\u0000"}`: true, `{"a":"\uD800"}`: true, `{"a":"\ud83d\ude00"}`: true,
		`{"a":"\\u00"}`: false, `{}`: false} {
		if got := suspectEscape([]byte(in)); got != odd {
			t.Errorf("%s is odd: %v", in, got)
		}
	}
}

func TestMinZoom(t *testing.T) {
	for _, c := range []struct {
		densest []int64
		want    uint32
	}{{nil, 0}, {[]int64{5, 2}, 0}, {[]int64{20_001, 20_000, 3}, 1}, {[]int64{99_999, 99_999}, 1}} {
		if got := minZoom(c.densest); got != c.want {
			t.Errorf("%v: %d, want %d", c.densest, got, c.want)
		}
	}
}

// TestExtentCountsTiles holds the densities to counting each zoom by itself.
func TestExtentCountsTiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var e extent
	counts := make([]map[[2]int]int64, densityZoom+1)
	for z := range counts {
		counts[z] = map[[2]int]int64{}
	}
	for range 3000 {
		p := orb.Point{108 + rng.Float64(), 22 + rng.Float64()}
		e.add(orb.MultiPolygon{{{p, {p[0] + 1e-4, p[1]}, p}}})
		m := toMercator(p)
		const world = 2 * math.Pi * mercatorRadius
		for z := range counts {
			n := float64(int(1) << z)
			counts[z][[2]int{int((m[0]/world + 0.5) * n), int((0.5 - m[1]/world) * n)}]++
		}
	}
	densest, bounds := e.summary()
	for z := range counts {
		var most int64
		for _, n := range counts[z] {
			most = max(most, n)
		}
		if densest[z] != most {
			t.Errorf("zoom %d: %d, want %d", z, densest[z], most)
		}
	}
	if bounds[0] < 108 || bounds[2] > 109.001 || bounds[0] >= bounds[2] || bounds[1] >= bounds[3] {
		t.Errorf("bounds %v", bounds)
	}
}

// TestEveryQueryExists holds the names in the code to the files, both ways.
func TestEveryQueryExists(t *testing.T) {
	queries, err := loadQueries()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, name := range sources {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:query|sql)\("([a-z_]+)"`).FindAllSubmatch(b, -1) {
			used[string(m[1])] = true
			if _, ok := queries[string(m[1])]; !ok && string(m[1]) != "index_" {
				t.Errorf("%s asks for %s.sql, which doesn't exist", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`"([a-z_]+)"`).FindAllSubmatch(b, -1) {
			used[string(m[1])] = true
		}
	}
	for name := range queries {
		if !used[name] && !regexp.MustCompile(`^index_`).MatchString(name) {
			t.Errorf("%s.sql is asked for nowhere", name)
		}
	}
}

func BenchmarkEncodeParcel(b *testing.B) {
	shape := orb.MultiPolygon{{{{108.1, 22.1}, {108.2, 22.1}, {108.2, 22.2}, {108.15, 22.25}, {108.1, 22.2}, {108.1, 22.1}}}}
	w := parcelWriter{fields: land.ParcelFields()}
	p := &land.Parcel{ID: "450103000000001", Holder: "南宁某某科技有限公司", ApprovedOn: 735000, SuppliedOn: 735100, PriceWan: land.Num(123456789)}
	row := &ingest.ParcelRow{Parcel: p, Geometry: shape}
	for b.Loop() {
		w.encodeFacts(row)
	}
	b.SetBytes(int64(len(w.facts.b)))
}
