package ogcapi

import (
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/geo"
)

func TestDays(t *testing.T) {
	for given, want := range map[string]string{
		"2020-02-29": "2020-02-29 2020-02-29", "2020-01-01T10:00:00Z": "2020-01-01 2020-01-01", "2020-01-01T23:59:59+08:00": "2020-01-01 2020-01-01",
		"2020-01-01/2020-12-31": "2020-01-01 2020-12-31", "../2020-01-01": " 2020-01-01", "2020-01-01/..": "2020-01-01 ", "/2020-01-01": " 2020-01-01",
		"../..": " ", "2021-02-29": "-", "": "-", "..": "-", "2020": "-", "2020-01-02/2020-01-01": "-", "2020-01-01/2020-01-02/2020-01-03": "-", "2020-01-01 10:00": "-",
	} {
		from, to, ok := days(given)
		got := "-"
		if ok {
			got = from.String() + " " + to.String()
		}
		if got != want {
			t.Errorf("days(%q) = %q, want %q", given, got, want)
		}
	}
}

func TestBoxes(t *testing.T) {
	lonLat, latLon := crsOf(geo.CRS84()), crsOf(mustCRS(t, "EPSG:4490"))
	for _, c := range []struct {
		given string
		in    crs
		want  bool
	}{
		{"108,22,109,23", lonLat, true}, {"108,22,0,109,23,100", lonLat, true}, {" 108 , 22,109,23", lonLat, true}, {"170,-10,-170,10", lonLat, true},
		{"22,108,23,109", latLon, true}, {"108,22,109,23", latLon, false}, {"108,23,109,22", lonLat, false}, {"108,22,109", lonLat, false},
		{"108,22,109,23,24", lonLat, false}, {"108,22,1,109,23,0", lonLat, false}, {"a,22,109,23", lonLat, false}, {"108,22,Inf,23", lonLat, false},
		{"500000,2e6,600000,3e6", crsOf(mustCRS(t, "EPSG:3857")), true}, {"600000,2e6,500000,3e6", crsOf(mustCRS(t, "EPSG:3857")), false}, {"", lonLat, false},
	} {
		lo, hi, ok := boxNumbers(c.given)
		if got := ok && c.in.validBox(lo, hi); got != c.want {
			t.Errorf("%q in %s: %v, want %v", c.given, c.in.uri, got, c.want)
		}
	}
}

func mustCRS(t *testing.T, name string) geo.CRS {
	t.Helper()
	c, err := geo.ParseCRS(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDraftFilters(t *testing.T) {
	q, err := filter.NewQueryables([]filter.Queryable{{Name: "day", Kind: filter.Date}, {Name: "yes", Kind: filter.Boolean}, {Name: "text", Kind: filter.Text}, {Name: "n", Kind: filter.Number}})
	if err != nil {
		t.Fatal(err)
	}
	c := &collection{queryables: q}
	for given, want := range map[string]string{
		"day > '2020-01-31T'": "day > DATE('2020-01-31')", "day = '2020-01-31'": "day = DATE('2020-01-31')", "(day <= '2020-01-31T10:00:00Z') AND (text = '2020-01-31')": "day <= DATE('2020-01-31') AND text = '2020-01-31'",
		"yes = 1": "yes = TRUE", "NOT (yes = 0)": "NOT (yes = FALSE)", "(n = 1) OR (text LIKE 'a%')": "n = 1 OR text LIKE 'a%'",
		"day > '2020-02-31T'": "", "yes = 2": "", "text ILIKE 'a'": "", "other = 1": "",
	} {
		e, err := c.parseDraft(given)
		got := ""
		if err == nil {
			got = filter.FormatText(e)
		}
		if strings.NewReplacer("(", "", ")", "").Replace(got) != strings.NewReplacer("(", "", ")", "").Replace(want) {
			t.Errorf("%s is read as %q (%v), want %q", given, got, err, want)
		}
	}
}

// FuzzCursor: a made-up cursor is refused or read, and what is read is written
// the same.
func FuzzCursor(f *testing.F) {
	f.Add((&cursor{Snapshot: "2024", Analysis: 3, Sort: "parcels:-area_m2", Keys: []string{"1", "a"}, Null: []int{0}, Matched: -1}).String())
	f.Add("")
	f.Add("bnVsbA")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := cursorOf(text, "-area_m2", "parcels")
		if err != nil || c == nil {
			return
		}
		place := c.place()
		if len(place.Keys) != len(place.Known) {
			t.Errorf("%v", place)
		}
		if again, err := cursorOf(c.String(), "-area_m2", "parcels"); err != nil || again.String() != c.String() {
			t.Errorf("%q: %v", text, err)
		}
	})
}
