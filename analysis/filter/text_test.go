package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every example reads from both encodings as one tree, and prints to both so
// that it reads back as that tree.
func TestExpressionsInBothEncodings(t *testing.T) {
	for _, x := range expressions {
		fromText, err := ParseText(x.text)
		if err != nil {
			t.Errorf("%s\n%v", x.text, err)
			continue
		}
		fromJSON, err := ParseJSON([]byte(x.json))
		if err != nil {
			t.Errorf("%s\n%v", x.json, err)
			continue
		}
		want := x.print
		if want == "" {
			want = x.text
		}
		for name, e := range map[string]Expr{"text": fromText, "JSON": fromJSON} {
			if got := FormatText(e); got != want {
				t.Errorf("%s from %s: printed %s, want %s", x.text, name, got, want)
			}
			if got := string(FormatJSON(e)); !sameJSON(t, got, x.json) {
				t.Errorf("%s from %s: JSON %s, want %s", x.text, name, got, x.json)
			}
		}
		again, err := ParseText(want)
		if err != nil || !bytes.Equal(FormatJSON(again), FormatJSON(fromText)) {
			t.Errorf("%s printed as %s reads as another tree: %v", x.text, want, err)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal([]byte(a), &x), json.Unmarshal([]byte(b), &y)); err != nil {
		t.Fatal(err)
	}
	p, err1 := json.Marshal(x)
	q, err2 := json.Marshal(y)
	return err1 == nil && err2 == nil && bytes.Equal(p, q)
}

// Each class that we claim has examples, and each spatial, temporal and
// comparison operator occurs in one.
func TestEveryClassAndOperatorHasAnExample(t *testing.T) {
	all := ""
	classes := map[string]bool{}
	for _, x := range expressions {
		classes[x.class] = true
		all += x.json + "\n"
	}
	for _, c := range Classes() {
		if !classes[c.Name] {
			t.Errorf("no example for %s", c.URI())
		}
	}
	for _, op := range slices.Concat(compareNames[:], arithmeticNames[:], spatialNames[:], temporalNames[:], foldNames[:]) {
		if !strings.Contains(all, `"op":"`+op+`"`) {
			t.Errorf("no example with %s", op)
		}
	}
}

// Places are bytes of the source.
func TestPlacesOfNodes(t *testing.T) {
	const src = `use = '工业' AND NOT (far + 1 > 2 OR T_AFTER(d, INTERVAL('2020-01-01', '..'))) AND S_WITHIN(g, POINT(1 2))`
	e, err := ParseText(src)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	Walk(e, func(e Expr) bool {
		p := e.Place()
		got = append(got, src[p.From:p.To])
		return true
	})
	want := []string{
		src, `use = '工业'`, `use`, `'工业'`, `NOT (far + 1 > 2 OR T_AFTER(d, INTERVAL('2020-01-01', '..')))`,
		`far + 1 > 2 OR T_AFTER(d, INTERVAL('2020-01-01', '..'))`, `far + 1 > 2`, `far + 1`, `far`, `1`, `2`,
		`T_AFTER(d, INTERVAL('2020-01-01', '..'))`, `d`, `INTERVAL('2020-01-01', '..')`, `'2020-01-01'`,
		`S_WITHIN(g, POINT(1 2))`, `g`, `POINT(1 2)`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("places:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := Properties(e); !slices.Equal(got, []string{"use", "far", "d", "g"}) {
		t.Errorf("Properties = %v", got)
	}
	js := string(FormatJSON(e))
	f, err := ParseJSON([]byte(js))
	if err != nil {
		t.Fatal(err)
	}
	Walk(f, func(e Expr) bool {
		p := e.Place()
		var v any
		if err := json.Unmarshal([]byte(js[p.From:p.To]), &v); err != nil {
			t.Errorf("place %q of a %T is no JSON value", js[p.From:p.To], e)
		}
		return true
	})
}

func FuzzText(f *testing.F) {
	for _, x := range expressions {
		f.Add(x.text)
	}
	for _, c := range faultCases {
		f.Add(c.src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		e, err := ParseText(src)
		if err != nil {
			faultsAreSound(t, src, err)
			return
		}
		roundTrip(t, e)
	})
}

func FuzzJSON(f *testing.F) {
	for _, x := range expressions {
		f.Add([]byte(x.json))
	}
	for _, c := range faultCases {
		f.Add([]byte(c.src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		e, err := ParseJSON(src)
		if err != nil {
			faultsAreSound(t, string(src), err)
			return
		}
		roundTrip(t, e)
	})
}

func faultsAreSound(t *testing.T, src string, err error) {
	t.Helper()
	var fs Faults
	if !errors.As(err, &fs) || !errors.Is(err, ErrFilter) || len(fs) == 0 {
		t.Fatalf("%q: %v is no Faults", src, err)
	}
	for _, f := range fs {
		if f.Line < 1 || f.Col < 1 || !strings.Contains(f.Pointer(), "^") || strings.Contains(f.Message(words(), "zh"), "%!") {
			t.Fatalf("%q: fault %+v", src, f)
		}
	}
}

// roundTrip prints a tree in both encodings and reads it back.
func roundTrip(t *testing.T, e Expr) {
	t.Helper()
	text, js := FormatText(e), FormatJSON(e)
	if len(text) > DefaultLimits().Bytes || len(js) > DefaultLimits().Bytes {
		return
	}
	fromText, err := ParseText(text)
	if err != nil {
		t.Fatalf("printed %s\n%v", text, err)
	}
	fromJSON, err := ParseJSON(js)
	if err != nil {
		t.Fatalf("printed %s\n%v", js, err)
	}
	for _, again := range []Expr{fromText, fromJSON} {
		if got := FormatJSON(again); !bytes.Equal(got, js) {
			t.Fatalf("%s reads back as %s, want %s", text, got, js)
		}
		if got := FormatText(again); got != text {
			t.Fatalf("%s reads back as %s", text, got)
		}
	}
}

// A stranger's filter costs little, however it is made.
func TestHostileSourcesAreQuick(t *testing.T) {
	for _, unit := range []string{
		"(", ")", "'", `\`, `\'`, `"`, "NOT ", "a ", "a AND ", "a=1 AND ", "a=1 OR (", "-", "1+", "1,", "a(", "S_WITHIN(", "T_AFTER(a,", "POINT(", "POLYGON((",
		"a IN (", "INTERVAL(", "CASEI(", "（", "\n", "1 2,", "=", "[", "{", `{"op":`, `{"op":"not","args":[`, `[1,`, `{"a":1,"b":[`, `"a":1,`, "0", "a", "é",
	} {
		src := strings.Repeat(unit, DefaultLimits().Bytes/len(unit))
		for _, s := range []string{src, "S_WITHIN(g, MULTIPOINT(" + src[:len(src)-100], "a IN (1," + src[:len(src)-100], `{"op":"and",` + src[:len(src)-100]} {
			start := time.Now()
			if _, err := ParseText(s); err != nil {
				faultsAreSound(t, "", err)
			}
			if _, err := ParseJSON([]byte(s)); err != nil {
				faultsAreSound(t, "", err)
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("%d times %q: %v", DefaultLimits().Bytes/len(unit), unit, d)
			} else if testing.Verbose() && d > 50*time.Millisecond {
				t.Logf("%q: %v", s[:30], d)
			}
		}
	}
}
