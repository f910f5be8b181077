package ogcapi

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/geojson"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"
	"github.com/paulmach/orb/encoding/wkt"
)

func randomShape(rng *rand.Rand) orb.Geometry {
	if rng.IntN(5) == 0 {
		return orb.Point{rng.Float64()*360 - 180, rng.Float64()*180 - 90}
	}
	mp := make(orb.MultiPolygon, rng.IntN(4))
	for i := range mp {
		mp[i] = make(orb.Polygon, 1+rng.IntN(3))
		for j := range mp[i] {
			for range 4 + rng.IntN(6) {
				mp[i][j] = append(mp[i][j], orb.Point{rng.Float64()*360 - 180, rng.Float64()*180 - 90})
			}
		}
	}
	return mp
}

func bytesOf(t testing.TB, g orb.Geometry) []byte {
	t.Helper()
	b, err := ewkb.Marshal(g, 4490)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestShapesAreWrittenAsTheyAre: text straight from EWKB is what a writer of
// structures makes of the same geometry.
func TestShapesAreWrittenAsTheyAre(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	plain := shaper{digits: -1}
	for range 2000 {
		g := randomShape(rng)
		b := bytesOf(t, g)
		got, err := plain.geoJSON([]byte("x"), b)
		want := string(geojson.AppendGeometry([]byte("x"), g))
		if _, point := g.(orb.Point); point {
			want = strings.Replace(want, "[[", "[", 1)
		}
		if err != nil || string(got) != want {
			t.Fatalf("%v\ngot  %s\nwant %s", err, got, want)
		}
		text, err := plain.wkt(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		if mp, ok := g.(orb.MultiPolygon); ok && len(mp) > 0 {
			back, err := wkt.UnmarshalMultiPolygon(string(text))
			if err != nil || !back.Equal(mp) {
				t.Fatalf("%s: %v", text, err)
			}
		}
	}
}

func TestNumbersOfMetres(t *testing.T) {
	s := shaper{digits: 4}
	for v, want := range map[float64]string{0: "0", 1: "1", -1.5: "-1.5", 12032042.12345: "12032042.1235", 0.00004: "0", -0.00004: "0", 36543210.0001: "36543210.0001",
		2524567.99999: "2524568", -0.0001: "-0.0001", 1e12: "1000000000000"} {
		if got := string(s.number(nil, v)); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}

// TestAxes: place and lonLat are each other's inverse in every system, and the
// axes are EPSG's.
func TestAxes(t *testing.T) {
	bound := orb.Bound{Min: orb.Point{108.2, 22}, Max: orb.Point{111, 23}}
	list := crsList(&bound)
	if len(list) != 8 { // CRS84, 4326, 4490, 3857; 108° and 111°E without and with zone number
		t.Fatalf("%v", crsURIs(list))
	}
	at := orb.Point{109.25, 22.5}
	for _, c := range list {
		x, y := at[0], at[1]
		if place := c.place(); place != nil {
			x, y = place(x, y)
		}
		back := c.lonLat(orb.Point{x, y})
		if d := back[0] - at[0]; d > 1e-9 || d < -1e-9 || back[1]-at[1] > 1e-9 || at[1]-back[1] > 1e-9 {
			t.Errorf("%s: %v comes back as %v", c.uri, at, back)
		}
		if northFirst := c.EPSG() != 0 && c.EPSG() != 3857; c.swaps != northFirst {
			t.Errorf("%s: swaps %v", c.uri, c.swaps)
		}
		if again, err := crsNamed(c.uri); err != nil || again.uri != c.uri {
			t.Errorf("%s reads as %v %v", c.uri, again.uri, err)
		}
	}
	if far := (orb.Bound{Min: orb.Point{-10, 40}, Max: orb.Point{-5, 45}}); len(crsList(&far)) != 4 {
		t.Errorf("Gauss-Krüger zones outside the country: %v", crsURIs(crsList(&far)))
	}
}

// FuzzShape: whatever the bytes, no writer panics or reads beyond them.
func FuzzShape(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 10 {
		f.Add(bytesOf(f, randomShape(rng)))
	}
	f.Add([]byte{1, 6, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := shaper{digits: -1}
		_, err1 := s.geoJSON(nil, b)
		if _, err2 := s.wkt(nil, b); (err1 == nil) != (err2 == nil) {
			t.Errorf("GeoJSON %v, WKT %v", err1, err2)
		}
		q := &asked{of: &collection{Collection: Collection{Name: "x", Geometry: "MultiPolygon"}}, crs: crsOf(geo.CRS84())}
		w := newFGB(newFeatures(q), q, bufio.NewWriter(&bytes.Buffer{}))
		if err := w.item(&Item{ID: "a", Shape: b}); err == nil && err1 != nil {
			t.Errorf("FlatGeobuf takes what GeoJSON refuses: %v", err1)
		}
	})
}
