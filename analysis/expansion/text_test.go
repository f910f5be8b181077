package expansion

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"
)

func TestAreasInTextsHaveFourDecimals(t *testing.T) {
	for in, want := range map[string]string{"1.5958977089": "1.5959", "-0.0000000001": "0", "12.8": "12.8", "80": "80", "0.00005": "0.0001", "-2.50004": "-2.5"} {
		if got := rounded(in); got != want {
			t.Errorf("%s is written %s, want %s", in, got, want)
		}
	}
}

// The time limit ends the measuring of a boundary of thousands of pieces.
func TestTimeLimitEndsTheGaps(t *testing.T) {
	var mp orb.MultiPolygon
	for i := range 3000 {
		x := 108 + 1e-4*float64(i)
		mp = append(mp, orb.Polygon{{{x, 22}, {x + 5e-5, 22}, {x + 5e-5, 22.1}, {x, 22.1}, {x, 22}}})
	}
	old, err := newRegion(orb.MultiPolygon{{{{108, 21}, {109, 21}, {109, 21.5}, {108, 21.5}, {108, 21}}}})
	if err != nil {
		t.Fatal(err)
	}
	c := &check{old: old}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.adjoins(ended, mp, 0.1); !errors.Is(err, context.Canceled) {
		t.Errorf("gaps: %v", err)
	}
	if _, err := clusters(ended, mp, 0.1); !errors.Is(err, context.Canceled) {
		t.Errorf("pieces: %v", err)
	}
	if err := connect(ended, []Adjoins{{Touches: true}}, indexed(mp[:1]), 0.1); !errors.Is(err, context.Canceled) {
		t.Errorf("connection: %v", err)
	}
	list, err := c.adjoins(t.Context(), mp, 0.1)
	if err != nil || len(list) != 3000 || list[0].Connected || math.Abs(list[0].GapM-55_370) > 100 {
		t.Errorf("%d pieces, %v: %+v", len(list), err, list[0])
	}
}
