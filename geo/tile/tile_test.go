package tile_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/paulmach/orb/planar"

	"github.com/muscope/muscope/geo/tile"
)

// steps turns a shape in steps of a tile's grid, y to the south, into Web
// Mercator.
func steps(t testing.TB, at tile.ID, text string) orb.MultiPolygon {
	t.Helper()
	g, err := wkt.Unmarshal(text)
	if err != nil {
		t.Fatal(err)
	}
	mp, ok := g.(orb.MultiPolygon)
	if !ok {
		mp = orb.MultiPolygon{g.(orb.Polygon)}
	}
	b, step := at.Bound(), at.Side()/tile.Extent
	for _, poly := range mp {
		for _, ring := range poly {
			for i, p := range ring {
				ring[i] = orb.Point{b.Min[0] + p[0]*step, b.Max[1] - p[1]*step}
			}
		}
	}
	return mp
}

// drawn is the one feature of a layer as rings of grid points, closed, in the
// order and direction in which they stand.
func drawn(t testing.TB, b []byte) (rings []orb.Ring) {
	t.Helper()
	for _, f := range features(t, b) {
		rings = append(rings, f.rings...)
	}
	return rings
}

type feature struct {
	id    uint64
	kind  uint64
	props map[string]any
	rings []orb.Ring
}

// message yields the fields of a protocol buffers message.
func message(t testing.TB, b []byte, yield func(field int, n uint64, b []byte)) {
	t.Helper()
	for len(b) > 0 {
		tag, k := binary.Uvarint(b)
		if k <= 0 {
			t.Fatal("bad tag")
		}
		b = b[k:]
		switch tag & 7 {
		case 0:
			n, k := binary.Uvarint(b)
			yield(int(tag>>3), n, nil)
			b = b[k:]
		case 1:
			yield(int(tag>>3), binary.LittleEndian.Uint64(b), nil)
			b = b[8:]
		case 2:
			n, k := binary.Uvarint(b)
			yield(int(tag>>3), 0, b[k:k+int(n)])
			b = b[k+int(n):]
		default:
			t.Fatalf("wire type %d", tag&7)
		}
	}
}

func numbers(b []byte) (list []uint64) {
	for len(b) > 0 {
		n, k := binary.Uvarint(b)
		list, b = append(list, n), b[k:]
	}
	return list
}

func features(t testing.TB, b []byte) (list []feature) {
	t.Helper()
	message(t, b, func(_ int, _ uint64, layer []byte) {
		var keys []string
		var values []any
		var raw [][]byte
		message(t, layer, func(field int, n uint64, b []byte) {
			switch field {
			case 2:
				raw = append(raw, b)
			case 3:
				keys = append(keys, string(b))
			case 4:
				message(t, b, func(field int, n uint64, b []byte) {
					values = append(values, map[int]any{1: string(b), 3: math.Float64frombits(n), 5: n, 7: n != 0}[field])
				})
			case 5:
				if n != tile.Extent {
					t.Errorf("extent %d", n)
				}
			case 15:
				if n != 2 {
					t.Errorf("version %d", n)
				}
			}
		})
		for _, b := range raw {
			f := feature{props: map[string]any{}}
			message(t, b, func(field int, n uint64, b []byte) {
				switch field {
				case 1:
					f.id = n
				case 2:
					tags := numbers(b)
					for i := 0; i < len(tags); i += 2 {
						f.props[keys[tags[i]]] = values[tags[i+1]]
					}
				case 3:
					f.kind = n
				case 4:
					f.rings = ringsOf(t, numbers(b))
				}
			})
			list = append(list, f)
		}
	})
	return list
}

// ringsOf reads geometry commands (MVT 2.1, 4.3) strictly: MoveTo one, LineTo
// two or more without a step of nothing, ClosePath.
func ringsOf(t testing.TB, n []uint64) (rings []orb.Ring) {
	t.Helper()
	var at orb.Point
	delta := func(v uint64) float64 { return float64(int64(v>>1) ^ -int64(v&1)) }
	for len(n) > 0 {
		if n[0] != 9 || len(n) < 5 || n[3]&7 != 2 || n[3]>>3 < 2 {
			t.Fatalf("commands %v", n)
		}
		at = orb.Point{at[0] + delta(n[1]), at[1] + delta(n[2])}
		ring := orb.Ring{at}
		count := int(n[3] >> 3)
		n = n[4:]
		for range count {
			if n[0] == 0 && n[1] == 0 {
				t.Fatal("a step of nothing")
			}
			at = orb.Point{at[0] + delta(n[0]), at[1] + delta(n[1])}
			ring = append(ring, at)
			n = n[2:]
		}
		if n[0] != 15 {
			t.Fatalf("%d instead of ClosePath", n[0])
		}
		n = n[1:]
		if ring[0] == ring[len(ring)-1] {
			t.Fatal("the last point repeats the first")
		}
		rings = append(rings, append(ring, ring[0]))
	}
	return rings
}

// area is a ring's by the surveyor's formula with y to the south, as MVT 2.1
// has it: positive of outer rings.
func area(r orb.Ring) (twice float64) {
	for i := 1; i < len(r); i++ {
		twice += r[i-1][0]*r[i][1] - r[i][0]*r[i-1][1]
	}
	return twice / 2
}

// TestDraw puts shapes, in steps of the grid, onto a tile.
func TestDraw(t *testing.T) {
	at := tile.ID{Z: 14, X: 13088, Y: 7160}
	for _, c := range []struct{ name, shape, want string }{
		{"a square, whichever way it turns", "POLYGON((10 10,20 10,20 20,10 20,10 10))", "10 10,20 10,20 20,10 20"},
		{"the other way", "POLYGON((10 10,10 20,20 20,20 10,10 10))", "20 10,20 20,10 20,10 10"},
		{"rounded, points on lines left out", "POLYGON((10.4 10,15 10.2,19.6 9.8,20 20,10 20,10.4 10))", "10 10,20 10,20 20,10 20"},
		{"a spike", "POLYGON((10 10,20 10,20 40,20 20,10 20,10 10))", "10 10,20 10,20 20,10 20"},
		{"a spike where the ring closes", "POLYGON((10 0,10 10,20 10,20 20,10 20,10 0))", "10 10,20 10,20 20,10 20"},
		{"a hole", "POLYGON((0 0,90 0,90 90,0 90,0 0),(10 10,20 10,20 20,10 20,10 10))", "0 0,90 0,90 90,0 90 / 10 20,20 20,20 10,10 10"},
		{"a hole below the grid", "POLYGON((0 0,90 0,90 90,0 90,0 0),(10.1 10.1,10.3 10.1,10.3 10.3,10.1 10.1))", "0 0,90 0,90 90,0 90"},
		{"a hole as large as the shape", "POLYGON((10 10,20 10,20 20,10 20,10 10),(10.2 10.2,19.8 10.2,19.8 19.8,10.2 19.8,10.2 10.2))", "10 10,20 10,20 20,10 20"},
		{"a shape below the grid", "POLYGON((10.1 10.1,10.3 10.1,10.3 10.3,10.1 10.1))", "10 10,11 10,11 11,10 11"},
		{"a strip from west to east", "POLYGON((10 10.1,50 10.1,50 10.3,10 10.3,10 10.1))", "10 10,50 10,50 11,10 11"},
		{"a strip from north to south", "POLYGON((10.1 10,10.3 10,10.3 50,10.1 50,10.1 10))", "10 10,11 10,11 50,10 50"},
		{"of two parts, the one that can be seen", "MULTIPOLYGON(((10.1 10.1,10.3 10.1,10.3 10.3,10.1 10.1)),((30 30,40 30,40 40,30 40,30 30)))", "30 30,40 30,40 40,30 40"},
		{"clipped", "POLYGON((-500 10,50 10,50 20,-500 20,-500 10))", "-64 10,50 10,50 20,-64 20"},
		{"all around", "POLYGON((-9000 -9000,9000 -9000,9000 9000,-9000 9000,-9000 -9000))", "-64 -64,4160 -64,4160 4160,-64 4160"},
		{"beside", "POLYGON((-500 10,-65 10,-65 20,-500 20,-500 10))", ""},
		{"around a corner that it doesn't cover", "POLYGON((-500 5000,-500 -500,5000 -500,5000 -400,-400 -400,-400 5000,-500 5000))", ""},
		{"a box that overlaps, a shape that doesn't", "POLYGON((-4000 0,0 -4000,-200 -4000,-4000 -200,-4000 0))", ""},
		{"no ring", "POLYGON((10 10,20 10))", ""},
	} {
		l := tile.NewLayer(at, "x")
		l.Draw(1, steps(t, at, c.shape))
		if got, want := said(drawn(t, l.Bytes())), said(listed(c.want)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, want)
		}
	}
}

// listed reads rings as the table above writes them, unclosed.
func listed(text string) (rings []orb.Ring) {
	if text == "" {
		return nil
	}
	for part := range strings.SplitSeq(text, " / ") {
		var ring orb.Ring
		for p := range strings.SplitSeq(part, ",") {
			var x, y float64
			_, _ = fmt.Sscanf(p, "%g %g", &x, &y)
			ring = append(ring, orb.Point{x, y})
		}
		rings = append(rings, append(ring, ring[0]))
	}
	return rings
}

// said writes rings from their least point on, so that where a ring begins makes
// no difference and which way it turns does.
func said(rings []orb.Ring) string {
	var out []string
	for _, r := range rings {
		r = r[:len(r)-1]
		least := 0
		for i, p := range r {
			if p[0] < r[least][0] || p[0] == r[least][0] && p[1] < r[least][1] {
				least = i
			}
		}
		var b strings.Builder
		for i := range r {
			p := r[(least+i)%len(r)]
			fmt.Fprintf(&b, "%g %g,", p[0], p[1])
		}
		out = append(out, b.String())
	}
	return strings.Join(out, " / ")
}

func TestProperties(t *testing.T) {
	at := tile.ID{}
	l := tile.NewLayer(at, "things", "word", "text", "number", "flag", "count")
	square := steps(t, at, "POLYGON((10 10,20 10,20 20,10 20,10 10))")
	for i := range 3 {
		if !l.Draw(uint64(i+1), square) {
			t.Fatal("not drawn")
		}
		l.Word(0, []byte("工业"))
		l.Text(1, fmt.Append(nil, "id", i))
		l.Number(2, -1.5*float64(i))
		l.Flag(3, i%2 == 0)
		l.Count(4, uint64(i)<<40)
	}
	if l.Draw(9, steps(t, at, "POLYGON((9000 10,9001 10,9001 20,9000 10))")) {
		t.Error("drawn beside the tile")
	}
	got := features(t, l.Bytes())
	if len(got) != 3 || l.Features() != 3 {
		t.Fatalf("%d features", len(got))
	}
	for i, f := range got {
		want := map[string]any{"word": "工业", "text": fmt.Sprint("id", i), "number": -1.5 * float64(i), "flag": i%2 == 0, "count": uint64(i) << 40}
		if fmt.Sprint(f.props) != fmt.Sprint(want) || f.id != uint64(i+1) || f.kind != 3 {
			t.Errorf("feature %+v, want %v", f, want)
		}
	}
	if b := tile.NewLayer(at, "none").Bytes(); b != nil {
		t.Errorf("a layer without features has %d bytes", len(b))
	}
}

// star is a random ring around a place, its corners in order of angle: it
// doesn't cross itself.
func star(r *rand.Rand, x, y, size float64) orb.Ring {
	n := 3 + r.IntN(30)
	var ring orb.Ring
	for i := range n {
		a := 2 * math.Pi * (float64(i) + r.Float64()*0.9) / float64(n)
		d := size * (0.2 + 0.8*r.Float64())
		ring = append(ring, orb.Point{x + d*math.Cos(a), y + d*math.Sin(a)})
	}
	return append(ring, ring[0])
}

// TestDrawKeepsAreas draws random shapes of all sizes in all places: rings have
// the winding of the standard, points stay on the tile and its buffer, and the area is that of
// the clipped shape, as orb clips it, within what rounding may change.
func TestDrawKeepsAreas(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	at := tile.ID{Z: 12, X: 3272, Y: 1790}
	side := at.Side()
	step, around := side/tile.Extent, at.Around()
	clips := 0
	for range 20_000 {
		size := step * math.Pow(10, r.Float64()*5-1)
		ring := star(r, around.Min[0]+(r.Float64()*1.4-0.2)*side, around.Min[1]+(r.Float64()*1.4-0.2)*side, size)
		l := tile.NewLayer(at, "x")
		visible := l.Draw(1, orb.MultiPolygon{{ring}})
		clipped := clipRing(around, ring)
		want := math.Abs(planar.Area(clipped)) / step / step
		if visible != (want > 1e-9) {
			t.Fatalf("drawn: %v, area %g of %v", visible, want, ring)
		}
		if !visible {
			continue
		}
		var got, length float64
		for i, ring := range drawn(t, l.Bytes()) {
			a := area(ring)
			if i == 0 && a <= 0 {
				t.Fatalf("an outer ring of area %g", a)
			}
			got += a
			for _, p := range ring {
				if p[0] < -tile.Buffer || p[0] > tile.Extent+tile.Buffer+1 || p[1] < -tile.Buffer || p[1] > tile.Extent+tile.Buffer+1 {
					t.Fatalf("%v lies beside the tile", p)
				}
			}
		}
		for i := 1; i < len(clipped); i++ {
			length += planar.Distance(clipped[i-1], clipped[i]) / step
		}
		if len(clipped) != len(ring) {
			clips++
		}
		// Each edge moves by at most half a diagonal of a step; what has no area on the grid gets a step's width.
		if tolerance := length*math.Sqrt2/2 + 2; math.Abs(got-want) > tolerance {
			t.Fatalf("area %g, want %g ± %g of %v", got, want, tolerance, ring)
		}
	}
	if clips < 500 {
		t.Errorf("only %d shapes were clipped", clips)
	}
}

// clipRing clips by the textbook, one side after the other.
func clipRing(b orb.Bound, ring orb.Ring) orb.Ring {
	type side struct {
		axis  int
		limit float64
		above bool
	}
	for _, s := range []side{{0, b.Min[0], true}, {0, b.Max[0], false}, {1, b.Min[1], true}, {1, b.Max[1], false}} {
		var out orb.Ring
		in := func(p orb.Point) bool { return s.above && p[s.axis] >= s.limit || !s.above && p[s.axis] <= s.limit }
		for i := 1; i < len(ring); i++ {
			p, q := ring[i-1], ring[i]
			if in(p) {
				out = append(out, p)
			}
			if in(p) != in(q) {
				f := (s.limit - p[s.axis]) / (q[s.axis] - p[s.axis])
				out = append(out, orb.Point{p[0] + f*(q[0]-p[0]), p[1] + f*(q[1]-p[1])})
			}
		}
		if len(out) < 3 {
			return nil
		}
		ring = append(out, out[0])
	}
	return ring
}

// FuzzDraw holds that no shape makes a tile that can't be read.
func FuzzDraw(f *testing.F) {
	f.Add([]byte("\x00\x00\x10\x00\x10\x10\x00\x00"), uint32(14), 1.0)
	f.Fuzz(func(t *testing.T, b []byte, z uint32, scale float64) {
		at := tile.ID{Z: z % (tile.MaxZoom + 1)}
		var ring orb.Ring
		for i := 0; i+1 < len(b); i += 2 {
			ring = append(ring, orb.Point{-tile.HalfWorld + float64(int8(b[i]))*scale, tile.HalfWorld - float64(int8(b[i+1]))*scale})
		}
		l := tile.NewLayer(at, "x", "k")
		if l.Draw(1, orb.MultiPolygon{{ring, ring}}) {
			l.Number(0, scale)
			for _, ring := range drawn(t, l.Bytes()) {
				if len(ring) < 4 || area(ring) == 0 {
					t.Errorf("ring %v", ring)
				}
			}
		} else if l.Bytes() != nil {
			t.Error("something was drawn after all")
		}
	})
}

func BenchmarkDraw(b *testing.B) {
	at := tile.ID{Z: 14, X: 13088, Y: 7160}
	shape := steps(b, at, "POLYGON((10.3 10,15 10.1,20 9,21 20,15 20.4,10.2 20,10.3 10))")
	l := tile.NewLayer(at, "x", "id", "area")
	for b.Loop() {
		if l.Features() == 2000 {
			l = tile.NewLayer(at, "x", "id", "area")
		}
		l.Draw(1, shape)
		l.Text(0, []byte("450103001001GB00001"))
		l.Number(1, 1234.5)
	}
}
