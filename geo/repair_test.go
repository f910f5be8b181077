package geo

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
)

func TestRepair(t *testing.T) {
	for _, tc := range []struct {
		name, wkt string
		area      float64 // planar
		parts     int
	}{
		{"sound", "POLYGON((0 0,4 0,4 4,0 4,0 0))", 16, 1},
		{"bow-tie", "POLYGON((0 0,4 4,4 0,0 4,0 0))", 8, 2},
		{"not closed", "POLYGON((0 0,4 0,4 4,0 4))", 16, 1},
		{"spike", "POLYGON((0 0,4 0,4 4,8 8,4 4,0 4,0 0))", 16, 1},
		{"spike at the start", "POLYGON((8 0,4 0,4 4,0 4,0 0,8 0))", 16, 1},
		{"touches itself", "POLYGON((0 0,4 0,4 4,2 0,0 4,0 0))", 8, 2},
		{"hole traced with the shell", "POLYGON((0 0,4 0,4 4,0 4,0 0,1 1,1 2,2 1,1 1,0 0))", 15.5, 1},
		{"hole crosses shell", "POLYGON((0 0,4 0,4 4,0 4,0 0),(3 1,5 1,5 2,3 2,3 1))", 15, 1},
		{"hole outside", "POLYGON((0 0,4 0,4 4,0 4,0 0),(5 5,6 5,6 6,5 6,5 5))", 16, 1},
		{"nested holes", "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,6 1,6 6,1 6,1 1),(2 2,3 2,3 3,2 3,2 2))", 56, 1},
		{"overlapping parts", "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((2 2,6 2,6 6,2 6,2 2)))", 28, 1},
		{"parts share an edge", "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((4 0,8 0,8 4,4 4,4 0)))", 32, 1},
		{"one good part", "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((5 5,6 6,5 5)))", 16, 1},
		{"pentagram", "POLYGON((0 3,1.763 -2.427,-2.853 0.927,2.853 0.927,-1.763 -2.427,0 3))", -1, 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Repair(mustWKT(t, tc.wkt))
			if err != nil {
				t.Fatal(err)
			}
			if d := Validate(got); d != nil {
				t.Fatalf("still not sound: %v", d[0])
			}
			if a := PlaneAreaM2(got); tc.area >= 0 && math.Abs(a-tc.area) > 1e-9 || len(got) != tc.parts {
				t.Errorf("area %v in %d parts, want %v in %d: %s", a, len(got), tc.area, tc.parts, wkt.MarshalString(got))
			}
		})
	}
}

func TestRepairRefuses(t *testing.T) {
	for name, mp := range map[string]orb.MultiPolygon{
		"nothing":      nil,
		"line":         mustWKT(t, "POLYGON((0 0,2 2,4 4,0 0))"),
		"out of range": mustWKT(t, "POLYGON((0 0,200 2,4 4,0 0))"),
		"not finite":   {{{{0, 0}, {math.NaN(), 1}, {1, 1}, {0, 0}}}},
	} {
		if _, err := Repair(mp); !errors.Is(err, ErrNotRepairable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRepairRandom: whatever goes in, what comes out is sound, and repairing it again changes nothing.
func TestRepairRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(21, 22))
	for range 1500 {
		mp := orb.MultiPolygon{{gridRing(rnd, 3+rnd.IntN(12), 0, 0, 8)}}
		if rnd.IntN(2) == 0 {
			for i := range mp[0][0] {
				mp[0][0][i][0] += 108.1234567
				mp[0][0][i][1] *= 1.0000001
			}
			mp[0][0][0] = mp[0][0][len(mp[0][0])-1]
		}
		got, err := Repair(mp)
		if errors.Is(err, ErrNotRepairable) && got == nil {
			if d := Validate(mp); d[0].Code != DefectZeroArea && d[0].Code != DefectTooFewPoints && PlaneAreaM2(mp) != 0 {
				t.Fatalf("%s: %v", wkt.MarshalString(mp), err)
			}
			continue
		}
		if d := Validate(got); d != nil {
			t.Fatalf("%s: %v", wkt.MarshalString(mp), d[0])
		}
		if again, err := Repair(got); err != nil || PlaneAreaM2(again) != PlaneAreaM2(got) {
			t.Fatalf("repaired again: %v %v", again, err)
		}
	}
}
