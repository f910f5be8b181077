package ingest

import (
	"strings"
	"testing"
)

// TestFreeText reads numbers as tables of plans and contracts have them.
func TestFreeText(t *testing.T) {
	for _, c := range []struct{ text, field, unit, want string }{
		{"12.5", "recorded_area_m2", "", "12.5"},
		{"12.5公顷", "recorded_area_m2", "", "125000"},
		{"12.5 公顷", "recorded_area_m2", "mu", "125000"},
		{"30亩", "recorded_area_m2", "", "20000"},
		{"1,200平方米", "recorded_area_m2", "ha", "1200"},
		{"500万元", "price_wan", "", "500"},
		{"2亿元", "price_wan", "", "20000"},
		{"50年", "term_years", "", "50"},
		{"50年", "price_wan", "", "!"},
		{"210%", "green_ratio", "", "2.1"},
		{"210％", "green_ratio", "", "2.1"},
		{"210%", "price_wan", "", "!"},
		{"120~200", "price_wan", "", "120..200"},
		{"120～200", "price_wan", "", "120..200"},
		{"1.5-2.0", "price_wan", "", "1.5..2"},
		{"1.5—2.0", "price_wan", "", "1.5..2"},
		{"1至2公顷", "recorded_area_m2", "", "10000..20000"},
		{"2.0-1.5", "price_wan", "", "!"},
		{"-5", "tax_wan", "", "-5"},
		{"≤0.5", "price_wan", "", "..0.5"},
		{"<=0.5", "price_wan", "", "..0.5"},
		{"不高于2.0", "price_wan", "", "..2"},
		{"30%以下", "green_ratio", "", "..0.3"},
		{"≥1.2", "price_wan", "", "1.2.."},
		{"不低于1.2", "price_wan", "", "1.2.."},
		{"1.2以上", "price_wan", "", "1.2.."},
		{"-", "price_wan", "", "!"},
		{"面议", "price_wan", "", "!"},
		{"挂牌出让", "price_wan", "", "!"},
		{"约3", "price_wan", "", "!"},
		{"3.5.6", "price_wan", "", "!"},
		{"2020-01-01", "price_wan", "", "!"},
		{strings.Repeat("1", 101) + "~2", "price_wan", "", "!"},
	} {
		f := factor{}
		if c.unit != "" {
			var err error
			if f, err = unitFactor(c.unit, c.field); err != nil {
				t.Fatal(err)
			}
		}
		n, b, ok := parseFree(c.text, c.field, f)
		got := n.String()
		switch {
		case !ok:
			got = "!"
		case b.hasLeast || b.hasMost:
			got = ".."
			if b.hasLeast {
				got = b.least.String() + got
			}
			if b.hasMost {
				got += b.most.String()
			}
		}
		if got != c.want {
			t.Errorf("%s of %q: %s, want %s", c.field, c.text, got, c.want)
		}
	}
}

// TestKeptOriginal: a mapped value that can't be read, or not whole, stays
// under its own name, and nothing else changes.
func TestKeptOriginal(t *testing.T) {
	m, err := ParseMap("m", []byte("layer: parcels\nfields: {id: ID, price_wan: 价格, recorded_area_m2: {from: 面积, unit: ha}, supply_mode: 方式}"))
	if err != nil {
		t.Fatal(err)
	}
	for properties, want := range map[string]string{
		`"ID":"a","价格":"120~200"`:           `{"价格":"120~200","price_wan.min":120,"price_wan.max":200}`,
		`"ID":"a","价格":"面议","方式":"送"`:       `{"方式":"送","价格":"面议"}`,
		`"ID":"a","价格":"500万元","方式":"挂牌出让"`: `{"价格":"500万元"}`,
		`"ID":"a","价格":-3`:                  `{"价格":-3}`,
		`"ID":"a","价格":5,"其他":1`:            `{"其他":1}`,
		`"ID":"a","面积":"≤2"`:                `{"面积":"≤2","recorded_area_m2.max":20000}`,
	} {
		_, sink, _, err := loadText(t, Options{Map: m}, feature(properties, square(0, 0)))
		if err != nil {
			t.Fatal(err)
		}
		p := sink.parcels[1]
		if got := string(p.Extra); got != want {
			t.Errorf("%s: %s, want %s", properties, got, want)
		}
	}
}
