package supply_test

import (
	"os"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/supply"
)

// terms are the numbers of the 2012 measures. The real ones stand in
// data/rules/national/idle-land-2012; analysis tests that they are these.
func terms() supply.Terms {
	return supply.Terms{IdleYears: 1, TakeBackYears: 2, HandoverYears: 1,
		FootprintBelow: supply.Ratio{Num: 1, Den: 3}, InvestmentBelow: supply.Ratio{Num: 1, Den: 4},
		FeeShare: supply.Ratio{Num: 1, Den: 5}}
}

func classes(t testing.TB) *supply.Classes {
	t.Helper()
	c, err := supply.LoadClasses(os.DirFS("../../data/classes"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func assessor(t testing.TB, asOf string) *supply.Assessor {
	t.Helper()
	a, err := supply.New(date(t, asOf), classes(t), terms())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func date(t testing.TB, s string) land.Date {
	t.Helper()
	d, err := land.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// part reads facts in the notation "field=value field=value", by the public
// names of the fields.
func part(t testing.TB, facts string) *land.Part {
	t.Helper()
	p := &land.Part{Share: 1, Home: true}
	p.ID = "P"
	for _, fact := range strings.Fields(facts) {
		name, value, ok := strings.Cut(fact, "=")
		f, known := land.FieldNamed(land.ParcelFields(), name)
		if !ok || !known {
			t.Fatalf("%q is no fact of a parcel", fact)
		}
		put(t, f, &p.Parcel, value)
	}
	return p
}

func put(t testing.TB, f land.Field[land.Parcel], p *land.Parcel, value string) {
	t.Helper()
	switch f.Kind {
	case land.Day:
		*f.Date(p) = date(t, value)
	case land.Quant:
		v, err := land.ParseFixed(value)
		if err != nil {
			t.Fatal(err)
		}
		*f.Num(p) = land.Num(v)
	case land.YesNo:
		*f.Flag(p) = land.FlagOf(value == "true")
	default:
		*f.Str(p) = value
	}
}
