package supply_test

import (
	"math"
	"os"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/supply"
)

func TestRatioIsExact(t *testing.T) {
	third := supply.Ratio{Num: 1, Den: 3}
	n := func(f land.Fixed) land.Number { return land.Num(f) }
	for _, c := range []struct {
		part, whole land.Number
		want        land.Flag
	}{
		{n(99_999_999), n(300_000_000), land.Yes},
		{n(100_000_000), n(300_000_000), land.No},
		{n(0), n(1), land.Yes},
		{n(0), n(0), land.Unknown},
		{n(-1), n(3), land.Unknown},
		{land.Number{}, n(3), land.Unknown},
		{n(3), land.Number{}, land.Unknown},
		{n(math.MaxInt64), n(math.MaxInt64), land.No},
		{n(math.MaxInt64 / 3), n(math.MaxInt64), land.Yes}, // the range is no limit
	} {
		if got := third.Below(c.part, c.whole); got != c.want {
			t.Errorf("%v / %v < 1/3: got %v, want %v", c.part, c.whole, got, c.want)
		}
	}
	if got := (supply.Ratio{Num: 1, Den: 5}).Of(n(2_570_000_003)); got != n(514_000_001) {
		t.Errorf("a fifth of 2570.000003 is %v, want 514.000001", got)
	}
	if got := (supply.Ratio{Num: 4, Den: 1}).Of(n(math.MaxInt64)); got.Known {
		t.Errorf("an amount out of range is %v, want unknown", got)
	}
}

func TestEveryReasonHasATextInBothLanguages(t *testing.T) {
	b, err := os.ReadFile("../../data/i18n/supply.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]map[string]string
	if err := yaml.Unmarshal(b, &texts); err != nil {
		t.Fatal(err)
	}
	for _, r := range supply.Reasons() {
		if w := texts["reason."+r]; w["zh"] == "" || w["en"] == "" {
			t.Errorf("reason.%s lacks a text", r)
		}
	}
	for _, m := range []string{supply.MeasureInvestigate, supply.MeasureSettle, supply.MeasureFee,
		supply.MeasureTakeBack, supply.MeasureLocalRule} {
		if w := texts["measure."+m]; w["zh"] == "" || w["en"] == "" {
			t.Errorf("measure.%s lacks a text", m)
		}
	}
}
