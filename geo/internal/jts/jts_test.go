package jts

import (
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"
)

func square(x, y, side float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{x, y}, {x, y + side}, {x + side, y + side}, {x + side, y}, {x, y}}}} // clockwise
}

func TestOrientationAndShape(t *testing.T) {
	got, err := Difference(square(0, 0, 9), square(3, 3, 3))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || len(got[0]) != 2 {
		t.Fatalf("%v", got)
	}
	if got[0][0].Orientation() != orb.CCW || got[0][1].Orientation() != orb.CW {
		t.Error("the shell is not counter-clockwise or the hole not clockwise")
	}
	for name, op := range map[string]func(a, b orb.MultiPolygon) (orb.MultiPolygon, error){"intersection": Intersection, "difference": Difference} {
		touch, err := op(square(0, 0, 3), square(3, 0, 3))
		if err != nil || (name == "intersection") != (len(touch) == 0) {
			t.Errorf("%s of neighbours: %v, %v", name, touch, err)
		}
	}
	both, err := SymmetricDifference(nil, square(0, 0, 3))
	if err != nil || len(both) != 1 {
		t.Errorf("with nothing: %v, %v", both, err)
	}
}

// TestNeverPanics: what the library can't do becomes an error of ours or a result, never a panic.
func TestNeverPanics(t *testing.T) {
	bad := []orb.MultiPolygon{
		{{{{math.NaN(), 0}, {1, 0}, {1, 1}, {math.NaN(), 0}}}},
		{{{{math.Inf(1), 0}, {1, 0}, {1, 1}, {math.Inf(1), 0}}}},
		{{{{0, 0}, {4, 4}, {4, 0}, {0, 4}, {0, 0}}}},
		{{{{0, 0}, {4, 4}}}},
		{{{{0, 0}, {4, 0}, {4, 4}}}}, // not closed
		{{}},
		{{{}}},
	}
	for i, a := range bad {
		for _, b := range append(bad, square(0, 0, 3)) {
			for _, op := range []func(a, b orb.MultiPolygon) (orb.MultiPolygon, error){Intersection, Difference, SymmetricDifference} {
				if _, err := op(a, b); err != nil && !errors.Is(err, ErrOverlay) {
					t.Errorf("input %d: %v", i, err)
				}
			}
			if _, err := Union([]orb.MultiPolygon{a, b}); err != nil && !errors.Is(err, ErrOverlay) {
				t.Errorf("input %d: %v", i, err)
			}
		}
	}
}
