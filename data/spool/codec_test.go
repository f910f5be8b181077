package spool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
)

// randomParcel fills about half of the fields of the table.
func randomParcel(rnd *rand.Rand) land.Parcel {
	var p land.Parcel
	for _, f := range land.ParcelFields() {
		if rnd.IntN(2) == 0 {
			continue
		}
		setField(rnd, f, &p)
	}
	p.Source = land.Source{File: rnd.Int32N(9), Feature: rnd.Int64N(1 << 40), Position: 1 + rnd.Int64N(1<<40)}
	p.EllipsoidM2 = land.Fixed(rnd.Int64() - 1<<62)
	if rnd.IntN(2) == 0 {
		p.PlaneM2 = land.Num(land.Fixed(rnd.Int64N(1 << 50)))
	}
	if rnd.IntN(3) == 0 {
		p.Extra = fmt.Appendf(nil, `{"备注":%q}`, randomText(rnd))
	}
	return p
}

func setField(rnd *rand.Rand, f land.Field[land.Parcel], p *land.Parcel) {
	switch f.Kind {
	case land.Text:
		*f.Str(p) = randomText(rnd)
	case land.Word:
		*f.Str(p) = f.Words[rnd.IntN(len(f.Words))]
		if rnd.IntN(10) == 0 {
			*f.Str(p) = "a word the table doesn't know"
		}
	case land.Day:
		*f.Date(p) = land.Date(1 + rnd.Int32N(3_000_000))
	case land.Quant:
		*f.Num(p) = land.Num(land.Fixed(rnd.Int64() - 1<<62))
		if rnd.IntN(3) == 0 {
			*f.Num(p) = land.Num(0) // known to be zero, not unknown
		}
	case land.YesNo:
		*f.Flag(p) = land.FlagOf(rnd.IntN(2) == 0)
	}
}

func randomText(rnd *rand.Rand) string {
	words := []string{"宗地", "A", "\x00", "😀", "450102001001GB00001", "\"'<>", string(bytes.Repeat([]byte("长"), 300))}
	s := words[rnd.IntN(len(words))]
	for range rnd.IntN(3) {
		s += words[rnd.IntN(len(words)-1)]
	}
	return s
}

func randomPart(rnd *rand.Rand) land.Part {
	return land.Part{Parcel: randomParcel(rnd), Share: rnd.Float64(), SetShare: rnd.Float64(), PartEllipsoidM2: land.Fixed(rnd.Int64N(1 << 50)),
		Home: rnd.IntN(2) == 0, Elsewhere: rnd.IntN(2) == 0}
}

// Every field of every part reads back, known and unknown.
func TestPartsReadBack(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	codec := newPartCodec()
	var b []byte
	seen := map[string]bool{}
	for i := range 2_000 {
		want := randomPart(rnd)
		b = codec.appendPart(b[:0], &want)
		var got land.Part
		if err := codec.decodePart(b, &got); err != nil {
			t.Fatal(err)
		}
		got.Source.Position = want.Source.Position // it is the record's position
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("part %d:\n got %+v\nwant %+v", i, got, want)
		}
		for _, f := range codec.fields {
			if f.Kind == land.Quant && f.Num(&got.Parcel).Known && f.Num(&got.Parcel).Value == 0 {
				seen[f.Name] = true
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d figures were a known zero", len(seen))
	}
}

// What a decoder kept stays when the buffer is used again.
func TestDecodedPartOwnsItsTexts(t *testing.T) {
	codec := newPartCodec()
	want := land.Part{Parcel: land.Parcel{ID: "一", Name: "名", Extra: []byte(`{"a":1}`)}}
	b := codec.appendPart(nil, &want)
	var got land.Part
	if err := codec.decodePart(b, &got); err != nil {
		t.Fatal(err)
	}
	clear(b)
	if got.ID != "一" || got.Name != "名" || string(got.Extra) != `{"a":1}` {
		t.Errorf("after the buffer is gone: %q %q %s", got.ID, got.Name, got.Extra)
	}
}

func randomResult(rnd *rand.Rand) land.PartResult {
	statuses, classes := land.Statuses(), land.Classes()
	r := land.PartResult{ID: randomText(rnd), Share: rnd.Float64(), AreaM2: land.Fixed(rnd.Int64N(1 << 50)),
		Class: classes[rnd.IntN(len(classes))], Status: statuses[rnd.IntN(len(statuses))], Flags: []land.PartFlag{},
		Touch: rnd.IntN(9) == 0, Home: rnd.IntN(2) == 0, Since: land.Date(rnd.Int32N(800_000)), Reason: "completed"}
	for range rnd.IntN(3) {
		r.Flags = append(r.Flags, land.LateStart)
	}
	if rnd.IntN(2) == 0 {
		r.Idle = &land.Idle{Branch: "A", Since: land.Date(rnd.Int32N(800_000)), Days: rnd.IntN(4000), Measure: "fee"}
		if rnd.IntN(2) == 0 {
			r.Idle.MeasureIfHolder, r.Idle.FeeIfHolderWan = "take_back", land.Num(land.Fixed(rnd.Int64N(1<<40)))
		}
	}
	for range rnd.IntN(3) {
		r.Indicators = append(r.Indicators, randomIndicator(rnd))
	}
	return r
}

func randomIndicator(rnd *rand.Rand) land.Indicator {
	at := func() *float64 {
		if rnd.IntN(3) == 0 {
			return nil
		}
		f := math.Ldexp(rnd.Float64(), rnd.IntN(80)-40)
		return &f
	}
	i := land.Indicator{ID: "far.project", Value: at(), Unit: land.UnitRatio, Exact: rnd.IntN(2) == 0, Coverage: rnd.Float64()}
	if rnd.IntN(2) == 0 {
		i.Numerator = &land.Quantity{Value: land.Fixed(rnd.Int64N(1 << 50)), Unit: land.UnitMu}
		i.Denominator = &land.Quantity{Value: land.Fixed(rnd.Int64N(1 << 50)), Unit: land.UnitM2}
		i.Bounds = &land.Bounds{Lo: at(), Hi: at()}
		i.Source = "stats 2024"
	} else {
		i.Reason = "missing_input"
		i.Missing = append(i.Missing, land.Missing{Field: "floor_area_m2", Parcels: 3, AreaM2: land.One})
	}
	return i
}

func TestResultsReadBack(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 1_000 {
		want := randomResult(rnd)
		b := appendResult(nil, &want)
		var got land.PartResult
		if err := decodeResult(b, &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			x, _ := json.Marshal(got)
			y, _ := json.Marshal(want)
			t.Fatalf("got  %s\nwant %s", x, y)
		}
	}
}

func TestShapesReadBack(t *testing.T) {
	for _, want := range []orb.MultiPolygon{
		{}, {{{{108.4, 22.8}, {math.Copysign(0, -1), 1e-300}, {1, 2}, {108.4, 22.8}}}},
		{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}, {{.2, .1}, {.3, .1}, {.3, .2}, {.2, .1}}}, {{{5, 5}, {6, 5}, {6, 6}, {5, 5}}}},
	} {
		got, err := decodeShape(appendShape(nil, want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
}

// A record cut at any byte is an error, never a panic and never another part.
func TestCutRecordsAreErrors(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	codec := newPartCodec()
	for range 20 {
		part, result := randomPart(rnd), randomResult(rnd)
		whole := codec.appendPart(nil, &part)
		for n := range whole {
			var p land.Part
			if err := codec.decodePart(slices.Clone(whole[:n]), &p); !errors.Is(err, errRecord) {
				t.Fatalf("part cut at %d of %d: %v", n, len(whole), err)
			}
		}
		whole = appendResult(nil, &result)
		for n := range whole {
			var p land.PartResult
			if err := decodeResult(slices.Clone(whole[:n]), &p); !errors.Is(err, errRecord) {
				t.Fatalf("result cut at %d of %d: %v", n, len(whole), err)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	rnd := rand.New(rand.NewPCG(7, 8))
	codec := newPartCodec()
	for range 5 {
		part, result := randomPart(rnd), randomResult(rnd)
		f.Add(codec.appendPart(nil, &part))
		b := appendResult(nil, &result)
		f.Add(b)
		f.Add(appendShape(nil, orb.MultiPolygon{{{{1, 2}, {3, 4}, {1, 2}}}}))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var p land.Part
		if err := codec.decodePart(b, &p); err == nil {
			again := codec.appendPart(nil, &p)
			var q land.Part
			if err := codec.decodePart(again, &q); err != nil {
				t.Errorf("what was read doesn't read back: %v", err)
			}
		}
		var r land.PartResult
		_ = decodeResult(b, &r) // an error or a result, no panic
		_, _ = decodeShape(b)
	})
}
