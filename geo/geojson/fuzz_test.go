package geojson

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/iotest"
)

func seeds(f *testing.F) {
	for _, s := range []string{
		collection(featureA, featureB), collection(), featureA, square, "\x1e" + featureA + "\n\x1e" + featureB,
		featureA + "\n" + featureB, collection("null", "[1]", `"x"`, featureA), `{"features":[],"type":"FeatureCollection","crs":null}`,
		collection(`{"type":"Feature","geometry":` + square + `,"properties":{"a":"\\\"{}","b":"\ud83d\ude00南宁"}}`),
		collection(`{"properties":{"y":[{}]},"type":"Feature","geometry":{"coordinates":[[[1,2,3],[4,5],[6,7]]],"type":"Polygon"}}`),
		string(fabric(3, true)),
	} {
		f.Add([]byte(s))
	}
}

// FuzzChunks: reading by single bytes in the smallest batches gives the same as reading all at once; nothing
// panics; numbers run from 1; no feature is lost.
func FuzzChunks(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, format := range []Format{FormatAuto, FormatLines} {
			want := outcome(bytes.NewReader(text), Options{Format: format, BatchBytes: 1 << 15})
			got := outcome(iotest.OneByteReader(bytes.NewReader(text)), Options{Format: format, BatchBytes: 128})
			if detects := format == FormatAuto && len(text) > 128; detects && strings.Join(got, "\n") != strings.Join(want, "\n") {
				// The format is found out by the first batch, so a longer first line may be judged otherwise.
				if _, lines := bytes.CutPrefix(bytes.TrimSpace(text), []byte("{")); lines && bytes.IndexByte(text, '\n') >= 0 {
					continue
				}
			}
			if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
				t.Errorf("got\n%s\nwant\n%s", a, b)
			}
		}
	})
}

// FuzzSplit compares the features' boundaries with those encoding/json finds, and the vector code with the plain.
func FuzzSplit(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		comparePlain(t, text)
		var want struct {
			Type     string            `json:"type"`
			Features []json.RawMessage `json:"features"`
		}
		if json.Unmarshal(text, &want) != nil || want.Type != typeCollection {
			return
		}
		var got [][]byte
		r := NewReader(bytes.NewReader(text), Options{BatchBytes: 128})
		for {
			b, err := r.Next()
			if _, refused := err.(*StructureError); refused {
				return // stricter than encoding/json: duplicate keys, UTF-8, case of keys
			}
			if err != nil {
				break
			}
			for i := range b.Len() {
				raw, offset := b.Raw(i)
				got = append(got, bytes.Clone(raw))
				if !bytes.HasPrefix(text[offset:], raw) {
					t.Fatalf("offset %d is wrong for %s", offset, raw)
				}
			}
			b.Release()
		}
		if r.Header().Format != FormatCollection {
			return
		}
		if len(got) != len(want.Features) {
			t.Fatalf("%d features, want %d", len(got), len(want.Features))
		}
		for i := range got {
			if !bytes.Equal(got[i], want.Features[i]) {
				t.Errorf("feature %d: got %s, want %s", i+1, got[i], want.Features[i])
			}
		}
	})
}

// plain is find without vector instructions, byte by byte. Backslashes outside strings are a fault for the decoder;
// here they take the meaning from quotes only, as in find.
func plain(b []byte) (end int, done bool) {
	depth, inString, escaped := 0, false, false
	for i, k := range b {
		was := escaped
		escaped = k == '\\' && !was
		switch {
		case k == '"' && !was:
			inString = !inString
		case inString:
		case k == '{':
			depth++
		case k == '}':
			if depth--; depth == 0 {
				return i + 1, true
			}
		}
	}
	return len(b), false
}

// The vector code and the plain agree on every alignment of quotes, backslashes and braces.
func TestBracesOnAnyAlignment(t *testing.T) {
	for n := range 140 {
		pad := strings.Repeat(" ", n)
		for _, tail := range []string{`"a":1}`, `"}":"\\"}`, `"\\\"}{":{}}x`, `"` + strings.Repeat(`\\`, 40) + `":"{"} }`, `"` + strings.Repeat(`\\`, 33) + `\"}":0}}`, `{"y":{}},`} {
			comparePlain(t, []byte("{"+pad+tail))
			comparePlain(t, []byte("{"+pad+tail+pad+"}"))
		}
	}
}

func comparePlain(t *testing.T, text []byte) {
	t.Helper()
	if len(text) == 0 || text[0] != '{' {
		return
	}
	wantEnd, want := plain(text)
	var s braces
	if end, done := s.find(text, 0, true); end != wantEnd || done != want {
		t.Fatalf("found %d %t, want %d %t in %q", end, done, wantEnd, want, text)
	}
	var g braces
	for i := 0; i+block <= len(text); i += block {
		i += g.advanceGeneric(text[i:])
		if i+block > len(text) {
			break
		}
		if at, ok := g.count(text[i : i+block]); ok {
			if i+at != wantEnd {
				t.Fatalf("generic: %d, want %d in %q", i+at, wantEnd, text)
			}
			return
		}
	}
	if want && wantEnd <= len(text)/block*block {
		t.Fatalf("generic: nothing, want %d in %q", wantEnd, text)
	}
}

// exact tells whether no key differs from one RFC 7946 defines in case only: encoding/json takes those alike.
func exact(f *Feature) bool {
	for _, p := range f.Foreign {
		for _, known := range []string{"id", "geometry", "properties", "type", "coordinates"} {
			if strings.EqualFold(p.Key, known) {
				return false
			}
		}
	}
	return true
}

// FuzzDecode: no text makes the decoder panic; what it takes encoding/json takes too, with the same values.
func FuzzDecode(f *testing.F) {
	seeds(f)
	for _, s := range []string{`{"a":"\ud83d"}`, `{"type":"Feature","id":-0.0e1,"geometry":null,"properties":{"a":[[],{}],"b":1e5}}`} {
		f.Add([]byte(s))
	}
	var fresh, reused = Decoder{}, Decoder{ReuseGeometry: true}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, d := range []*Decoder{&fresh, &reused} {
			b := &Batch{buf: text, first: 1, spans: []span{{0, int32(len(text))}}, bare: true}
			err := d.Decode(b, func(got *Feature) error {
				if got.Fault == nil && exact(got) {
					compareJSON(t, text, got)
				} else if got.Fault == nil {
					return nil
				} else if at := got.Fault.At; at < 0 || at > int64(len(text)) {
					t.Errorf("fault at %d of %d bytes", at, len(text))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
