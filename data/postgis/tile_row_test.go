package postgis

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// TestBinaryEWKBAgreesWithHexadecimal holds the two readers of stored shapes to
// each other, with shapes of all sizes one behind the other in one arena.
func TestBinaryEWKBAgreesWithHexadecimal(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var a arena
	for range 300 {
		mp := make(orb.MultiPolygon, r.IntN(4))
		for i := range mp {
			for range r.IntN(4) {
				ring := make(orb.Ring, r.IntN(50))
				for k := range ring {
					ring[k] = orb.Point{r.NormFloat64() * 1e7, r.NormFloat64()}
				}
				mp[i] = append(mp[i], ring)
			}
		}
		text := appendEWKB(nil, mp, sridMercator, nil)
		b, err := hex.DecodeString(string(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.parseEWKB(b)
		if err != nil || len(got) != len(mp) {
			t.Fatalf("%v: %v", mp, err)
		}
		for i := range mp {
			if len(got[i]) != len(mp[i]) || len(mp[i]) > 0 && !got[i].Equal(mp[i]) {
				t.Fatalf("got %v, want %v", got, mp)
			}
		}
		if n, err := ewkbLen(append(b, 1, 2, 3)); err != nil || n != len(b) {
			t.Fatalf("length %d (%v), want %d", n, err, len(b))
		}
	}
}

// TestBigEndianEWKB reads what a server of the other byte order sends.
func TestBigEndianEWKB(t *testing.T) {
	b := []byte{0}
	put := func(v uint32) { b = binary.BigEndian.AppendUint32(b, v) }
	put(ewkbPolygon | ewkbHasSRID)
	put(sridMercator)
	put(1)
	put(4)
	for _, f := range []float64{0, 0, 1, 0, 1, 2, 0, 0} {
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(f))
	}
	var a arena
	got, err := a.parseEWKB(b)
	if want := (orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 2}, {0, 0}}}}); err != nil || !got.Equal(want) {
		t.Errorf("%v (%v)", got, err)
	}
}

// FuzzTileRows holds that nothing that a server may send breaks the readers.
func FuzzTileRows(f *testing.F) {
	row := []byte{0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7}
	f.Add(row)
	shape, _ := hex.DecodeString(string(appendEWKB(nil, orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 2}, {0, 0}}}}, sridMercator, nil)))
	f.Add(append([]byte{0, 0, 0, 0, 0, 0, 0, 7}, shape...))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &wireRows{b: b}
		for r.next(1) {
			r.int()
		}
		if r.err != nil && !errors.Is(r.err, errWire) {
			t.Errorf("rows: %v", r.err)
		}
		var a arena
		if mp, err := a.parseEWKB(b); err == nil {
			n := 0
			for _, poly := range mp {
				for _, ring := range poly {
					n += len(ring)
				}
			}
			if n*16 > len(b) {
				t.Errorf("%d points out of %d bytes", n, len(b))
			}
			if length, err := ewkbLen(b); err != nil || length != len(b) {
				t.Errorf("length %d of %d (%v)", length, len(b), err)
			}
		}
		shapes, err := tileShapes(b)
		if err != nil && !errors.Is(err, errWire) && !errors.Is(err, errEWKB) {
			t.Errorf("shapes: %v", err)
		}
		if len(shapes)*8 > len(b) {
			t.Errorf("%d shapes out of %d bytes", len(shapes), len(b))
		}
	})
}
