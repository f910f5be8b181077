package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// TestShift: the shifts are of the size that is known of them, and taken off
// again to a centimetre anywhere in China.
func TestShift(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		p := orb.Point{75 + 58*rnd.Float64(), 18 + 35*rnd.Float64()}
		for name, c := range map[string]struct {
			to, from  func(orb.Point) orb.Point
			most, min float64
		}{"GCJ-02": {ToGCJ02, FromGCJ02, 900, 5}, "BD-09": {ToBD09, FromBD09, 2000, 300}} {
			s := c.to(p)
			if d := metres(p, s); d > c.most || d < c.min {
				t.Fatalf("%s moves %v by %.0f m", name, p, d)
			}
			if d := metres(p, c.from(s)); d > 0.01 {
				t.Fatalf("%s of %v comes back %.4f m off", name, p, d)
			}
		}
	}
	for _, p := range []orb.Point{{0, 0}, {-71, 42}, {139.7, 35.7}} {
		if ToGCJ02(p) != p || ToBD09(p) != p {
			t.Errorf("%v is not in China", p)
		}
	}
}

// TestShiftOfBeijing holds the shift against the pair that circulates for
// Tian'anmen: 116.39123, 39.90728 becomes 116.39747, 39.90868.
func TestShiftOfBeijing(t *testing.T) {
	if d := metres(ToGCJ02(orb.Point{116.39123, 39.90728}), orb.Point{116.39747, 39.90868}); d > 5 {
		t.Errorf("%.1f m off", d)
	}
}

func metres(a, b orb.Point) float64 {
	return math.Hypot((a[0]-b[0])*111320*math.Cos(a[1]*radian), (a[1]-b[1])*110574)
}

func TestWithMeridian(t *testing.T) {
	for _, c := range []struct {
		from string
		by   float64
		want string
	}{{"EPSG:4545", 3, "EPSG:4546"}, {"EPSG:4545", -3, "EPSG:4544"}, {"EPSG:4502", 6, "EPSG:4503"}, {"EPSG:4554", 3, ""}, {"EPSG:4524", 3, ""}, {"EPSG:4490", 3, ""}, {"EPSG:32648", 6, ""}} {
		crs, err := ParseCRS(c.from)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := crs.WithMeridian(c.by)
		if got.ID() != c.want || ok != (c.want != "") {
			t.Errorf("%s %+g: %v %v", c.from, c.by, got, ok)
		}
	}
}
