package ingest

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestBuiltinMaps(t *testing.T) {
	names, err := MapNames()
	if err != nil || len(names) < 12 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		m, err := LoadMap(name)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if m.Layer == "" && name != "boundary-text" || m.Title[0] == "" || m.Title[1] == "" || len(m.SHA256) != 64 {
			t.Errorf("%s: layer %q, title %q", name, m.Layer, m.Title)
		}
	}
	if _, err := loadBuiltinWords(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"_words", "nowhere", "../maps/tw-parks", ""} {
		if _, err := LoadMap(name); !errors.Is(err, ErrRefused) {
			t.Errorf("map %q: %v", name, err)
		}
	}
}

func TestMapByPath(t *testing.T) {
	path := t.TempDir() + "/bureau.yaml"
	text := "layer: parcels\nfields: {id: ZDDM, use_code: TDYT, recorded_area_m2: {from: ZDMJ, unit: mu}}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := LoadMap(path)
	if err != nil || m.fields["id"].from[0] != "ZDDM" {
		t.Fatal(m, err)
	}
}

func TestMapFaults(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "layer: parcels\nfeilds: {}", `2:1: unknown key "feilds"`},
		{"unknown layer", "layer: plots", `1:8: unknown layer "plots"`},
		{"unknown field", "layer: parcels\nfields:\n  idd: ZDDM", `3:3: no field "idd" in layer parcels`},
		{"field of another layer", "layer: zones\nfields:\n  holder: X", `3:3: no field "holder"`},
		{"unit of a text", "layer: parcels\nfields:\n  id: {from: X, unit: ha}", `3:17: id is no quantity`},
		{"unit of another measure", "layer: parcels\nfields:\n  price_wan: {from: X, unit: ha}", `3:30: unit "ha" doesn't fit price_wan, which measures money; want million, thousand, wan, yi, yuan`},
		{"word", "layer: parcels\nfields:\n  supply_mode:\n    words: {招拍挂: granted}", `4:18: supply_mode is one of grant, `},
		{"word of a number", "layer: parcels\nfields:\n  price_wan:\n    words: {a: b}", `price_wan takes no code table`},
		{"yes or no", "layer: parcels\nfields:\n  unbuildable: {words: {不可建: 1}}", `unbuildable is true or false`},
		{"date of a number", "layer: parcels\nfields:\n  price_wan: {date: YYYY}", `price_wan is no date`},
		{"date form", "layer: parcels\nfields:\n  approved_on: {date: DDMM}", `write it with YYYY, MM and DD`},
		{"crs", "crs: EPSG:9999", `1:6: `},
		{"id_from", "id_from: row", `id_from is position or feature`},
		{"constant", "layer: zones\nconstants: {kind: park}", `kind is one of high_tech`},
		{"constant of no field", "constants: {colour: red}", `no field "colour" in any layer`},
		{"twice", "layer: parcels\nfields:\n  id: A\n  id: B", `4:3`},
		{"setting", "layer: parcels\nfields:\n  id: {form: A}", `3:8: unknown key "form"; want from, unit, words, date or null`},
		{"a list", "- a", `1:1: want a mapping`},
		{"empty", "", `want one YAML document`},
		{"title", "title: {fr: x}", `unknown language "fr"`},
		{"several", "feilds: {}\nlayer: plots", "unknown layer"},
		{"no YAML", "a: [", `1:`},
	} {
		_, err := ParseMap("m", []byte(c.text))
		var fault *MapError
		if !errors.As(err, &fault) || !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	_, err := ParseMap("m", []byte("layer: parcels\nx: 1\nfields: {y: 1, id: {z: 1}}"))
	var fault *MapError
	if !errors.As(err, &fault) || len(fault.Faults) != 3 {
		t.Errorf("want all three faults at once: %v", err)
	}
}

func FuzzParseMap(f *testing.F) {
	f.Add("layer: parcels\nfields: {id: ZDDM, recorded_area_m2: {from: [A, B], unit: mu, null: [0]}}")
	f.Add("null: ['-']\nconstants: {use_scheme: survey-3}\nfields:\n  supply_mode: {words: {a: grant, '*': ~}}\n  zone: ~")
	f.Add("a: &x [1]\nb: *x\n? c\n: d")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMap("fuzz", []byte(text))
		if err != nil {
			var fault *MapError
			if !errors.As(err, &fault) || len(fault.Faults) == 0 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for name, spec := range m.fields {
			if !spec.ignore && len(spec.from) == 0 {
				t.Fatalf("%q: field %s reads from nothing", text, name)
			}
		}
	})
}
