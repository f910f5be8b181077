package expansion

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/data"
)

// What the columns of the table come to hangs on no field but those that are
// read of the parcels near the land added.
func TestAssessedFieldsAreAllThatCount(t *testing.T) {
	asOf, err := land.ParseDate("2026-06-30")
	if err != nil {
		t.Fatal(err)
	}
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	c := &check{Options: Options{AsOf: asOf, Texts: texts, Packs: []*rule.Pack{}}}
	if c.Classes, err = analysis.DefaultClasses(); err == nil {
		err = c.prepareLaw()
	}
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	differ := 0
	for range 20_000 {
		var whole land.Part
		randomFacts(rnd, &whole, asOf)
		some := whole
		for _, f := range land.ParcelFields() {
			if !slices.Contains(assessedFields(), f.Name) {
				blank(f, &some.Parcel)
			}
		}
		if whole.Name != some.Name || whole.PriceWan != some.PriceWan {
			differ++
		}
		var x, y columns
		a, b := c.assessor.Assess(&whole), c.assessor.Assess(&some)
		x.add(c, &whole, &a, whole.PartM2())
		y.add(c, &some, &b, some.PartM2())
		if x != y || whole.Surface() != some.Surface() {
			t.Fatalf("%+v\ngives %+v, with the assessed fields alone %+v", whole.Parcel, x, y)
		}
	}
	if differ == 0 {
		t.Error("no field was left out")
	}
}

func randomFacts(rnd *rand.Rand, p *land.Part, asOf land.Date) {
	p.Share, p.Home, p.EllipsoidM2 = 1, true, 1000*land.One
	for _, f := range land.ParcelFields() {
		if rnd.IntN(2) == 0 {
			continue
		}
		switch {
		case f.Date != nil:
			*f.Date(&p.Parcel) = asOf + 400 - land.Date(rnd.IntN(5000))
		case f.Num != nil:
			*f.Num(&p.Parcel) = land.Num(land.Fixed(rnd.Int64N(5000)) * land.One)
		case f.Flag != nil:
			*f.Flag(&p.Parcel) = land.FlagOf(rnd.IntN(2) == 0)
		case f.Kind == land.Word:
			*f.Str(&p.Parcel) = f.Words[rnd.IntN(len(f.Words))]
		default:
			*f.Str(&p.Parcel) = []string{"1001", "0701", "0101", "1201"}[rnd.IntN(4)]
		}
	}
}

func blank(f land.Field[land.Parcel], p *land.Parcel) {
	switch {
	case f.Date != nil:
		*f.Date(p) = 0
	case f.Num != nil:
		*f.Num(p) = land.Number{}
	case f.Flag != nil:
		*f.Flag(p) = land.Unknown
	default:
		*f.Str(p) = ""
	}
}
