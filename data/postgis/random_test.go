package postgis_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/geo"
)

// randomFields fills the public fields of a record: each known with the given
// probability, texts with the characters that COPY and row values escape.
func randomFields[T any](rng *rand.Rand, fields []land.Field[T], v *T, known float64) {
	for _, f := range fields {
		if rng.Float64() >= known {
			continue
		}
		switch f.Kind {
		case land.Text:
			*f.Str(v) = randomText(rng)
		case land.Word:
			*f.Str(v) = f.Words[rng.IntN(len(f.Words))]
		case land.Day:
			*f.Date(v) = land.Date(711000 + rng.IntN(30000))
		case land.Quant:
			*f.Num(v) = land.Num(randomFixed(rng))
		case land.YesNo:
			*f.Flag(v) = land.FlagOf(rng.IntN(2) == 0)
		}
	}
}

func randomText(rng *rand.Rand) string {
	texts := []string{"南宁高新技术产业开发区", "a\tb", "line\nbreak\r", `back\slash`, `quo"te`, "~", `\N`, `\.`, "(a,b)", " lead", "NULL", "{x}", "é"}
	if rng.IntN(3) == 0 {
		return texts[rng.IntN(len(texts))]
	}
	return fmt.Sprintf("桂土%d", rng.IntN(1e6))
}

func randomFixed(rng *rand.Rand) land.Fixed {
	switch rng.IntN(6) {
	case 0:
		return 0
	case 1:
		return land.Fixed(rng.Int64()) // up to 9.2e12, all places
	case 2:
		return -land.Fixed(rng.Int64N(1e12))
	case 3:
		return land.Fixed(rng.Int64N(1e6)) // below 1
	case 4:
		return land.Fixed(rng.Int64N(1e6)) * land.One
	}
	return land.Fixed(rng.Int64N(1e12))
}

// fabric is a field of square parcels, cols to a row, of about 100 m, from
// 108.3°E 22.8°N on.
type fabric struct{ cols int }

const fabricStep = 0.001

func (f fabric) shape(i int) orb.MultiPolygon {
	return square(108.3+fabricStep*float64(i%f.cols), 22.8+fabricStep*float64(i/f.cols), fabricStep)
}

func square(x, y, size float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}, {x, y}}}}
}

// parcel is the parcel at place i, with random facts.
func (f fabric) parcel(i int, known float64) (*land.Parcel, orb.MultiPolygon) {
	rng := rand.New(rand.NewPCG(uint64(i), 7))
	p := &land.Parcel{}
	randomFields(rng, land.ParcelFields(), p, known)
	p.ID = fmt.Sprintf("P%07d", i)
	if i%11 == 0 {
		p.ID += randomText(rng)
	}
	shape := f.shape(i)
	p.EllipsoidM2, _ = land.FixedOf(geo.AreaM2(shape))
	if i%3 == 0 {
		p.PlaneM2 = land.Num(randomFixed(rng))
		p.Extra = []byte(`{"备注": "a\"b\\c\n", "n": 12345678901234567890.5}`)
	}
	if i%17 == 0 {
		p.Extra = []byte(`{"bad": "\u0000 \ud800"}`)
	}
	p.Source = land.Source{File: int32(i % 2), Feature: int64(i + 1), Position: int64(i + 1)}
	return p, shape
}

func zoneRow(code string, scope land.Scope, partOf string, shape orb.MultiPolygon) ingest.ZoneRow {
	z := &land.Zone{Code: code, Name: "园区 " + code, Scope: scope, PartOf: partOf, Province: "450000", Pieces: 1,
		ApprovedAreaHa: land.Num(123_456_789), Extra: []byte(`{"k": 1}`)}
	z.AreaM2, _ = land.FixedOf(geo.AreaM2(shape))
	return ingest.ZoneRow{Zone: z, Geometry: shape}
}
