package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
)

// hostile are names that somebody may have put into a file on purpose.
func hostile() []string {
	return []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title></svg><b>`,
		`=HYPERLINK("http://x","y")`, `+1+cmd|' /C calc'!A0`, `-2+3`, `@SUM(A1)`, "＝1+1", "a\u202egnp.exe", "a\u2066b\u2069", "a\u200bb", "tab\tnew\nline",
		`{{template "x"}}`, `%s%d%n`, `]]>`, `&lt;`, `javascript:alert(1)`, "\u2028\u2029", "😀𠮷", `a,b;"c"`, `..\..\x`, "C1\u0085x"}
}

func hostileLayers(t testing.TB) layers {
	t.Helper()
	quoted := func(s string) string {
		b, err := json.Marshal(s)
		must(t, err)
		return string(b)
	}
	square := func(i int) string {
		x, y := 108.40+float64(i%10)*0.001, 22.80+float64(i/10)*0.001
		return fmt.Sprintf(`{"type":"Polygon","coordinates":[[[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f]]]}`,
			x, y, x+.001, y, x+.001, y+.001, x, y+.001, x, y)
	}
	var parcels []string
	for i, name := range hostile() {
		q := quoted(name)
		// Every other one lies outside the zone, which ends at 108.405.
		parcels = append(parcels, fmt.Sprintf(`{"type":"Feature","properties":{"id":%s,"name":%s,"holder":%s,"holder_code":%s,"contract_no":%s,
			"project_no":%s,"use_code":"100101","approved_on":"2019-01-01","supplied_on":"2020-01-01","construction_state":"not_started",
			"state_on":"2024-01-01","agreed_start_on":"2021-01-01","delay_cause":%s},"geometry":%s}`, q, q, q, q, q, q, q, square(i)))
	}
	zone := `{"type":"Feature","properties":{"code":%s,"name":%s,"province":"450000","kind":"high_tech","level":"national"},"geometry":
		{"type":"Polygon","coordinates":[[[108.40,22.80],[108.405,22.80],[108.405,22.81],[108.40,22.81],[108.40,22.80]]]}}`
	collection := func(features ...string) []byte {
		return []byte(`{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`)
	}
	name := quoted(`区<script>"'&` + "\u202e")
	return layers{zones: collection(fmt.Sprintf(zone, name, name)), parcels: collection(parcels...)}
}

// Whatever stands in a name, the page has no markup from it, and no character
// that turns the reading direction.
func TestHTMLIsSafe(t *testing.T) {
	src := analyzed(t, hostileLayers(t))
	for _, lang := range []string{"zh", "en"} {
		page := write(t, src, "html", options(t, lang))
		text := wellFormed(t, page) // refuses scripts and handlers
		for _, bad := range []string{"<script", "<img", "<b>alert", "\u202e", "\u2066", "\u200b"} {
			if bytes.Contains(page, []byte(bad)) {
				t.Errorf("%s: the page holds %q", lang, bad)
			}
		}
		for _, name := range []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `a‹U+202E›gnp.exe`, `{{template "x"}}`, `%s%d%n`, "&lt;", "😀𠮷"} {
			if !strings.Contains(text, name) {
				t.Errorf("%s: the name %q is not shown as it is", lang, name)
			}
		}
	}
}

// No cell begins with what a spreadsheet takes for a formula.
func TestCSVIsSafe(t *testing.T) {
	src := analyzed(t, hostileLayers(t))
	rows := readCSV(t, write(t, src, "csv", options(t, "zh")))
	seen := map[string]bool{}
	for _, row := range rows {
		for _, cell := range row {
			seen[cell] = true
			if _, err := strconv.ParseFloat(cell, 64); err == nil {
				continue // a negative number is one
			}
			if first, _ := utf8.DecodeRuneInString(cell); cell != "" && strings.ContainsRune("=+-@＝＋－＠\t\r\n", first) {
				t.Errorf("the cell %q reads as a formula", cell)
			}
		}
	}
	for _, want := range []string{`'=HYPERLINK("http://x","y")`, `'-2+3`, `a,b;"c"`, "tab\tnew\nline"} {
		if !seen[want] {
			t.Errorf("no cell %q", want)
		}
	}
}

// Every id comes back from every format for programs as it went in.
func TestHostileNamesReadBack(t *testing.T) {
	src := analyzed(t, hostileLayers(t))
	b := write(t, src, "json", options(t, "zh"))
	ids := map[string]bool{}
	for _, p := range decode(t, b).Parts {
		ids[p.ID] = true
	}
	for _, name := range hostile() {
		if strings.Join(strings.Fields(name), " ") != name {
			continue // blanks in an id are ingest's matter
		}
		if !ids[name] {
			t.Errorf("json: no part %q", name)
		}
	}
	for _, line := range bytes.Split(bytes.TrimSpace(write(t, src, "ndjson", options(t, "zh"))), []byte("\n")) {
		if !json.Valid(line) || !utf8.Valid(line) {
			t.Errorf("ndjson: %s", line)
		}
	}
	collection := write(t, src, "geojson", options(t, "zh"))
	var parsed struct{ Features []struct{ ID string } }
	must(t, json.Unmarshal(collection, &parsed))
	if len(parsed.Features) < len(hostile()) {
		t.Errorf("geojson: %d features", len(parsed.Features))
	}
}

// A zone without parcels and without statistics has a report.
func TestEmptyZone(t *testing.T) {
	in := hostileLayers(t)
	far := []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"far"},"geometry":
		{"type":"Polygon","coordinates":[[[109,23],[109.001,23],[109.001,23.001],[109,23.001],[109,23]]]}}]}`)
	src := analyzed(t, layers{zones: in.zones, parcels: far})
	for _, format := range report.Formats() {
		if b := write(t, src, format, options(t, "zh")); len(b) == 0 {
			t.Errorf("%s is empty", format)
		}
	}
	text := wellFormed(t, write(t, src, "html", options(t, "zh")))
	for _, want := range []string{"范围内没有宗地", "没有需核查的宗地", "不在任何开发区内的宗地", "无统计数据"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report doesn't say %s", want)
		}
	}
}

// A report over very many findings says how many it leaves out.
func TestLongListsAreCounted(t *testing.T) {
	n := 5_100
	var features []string
	for i := range n {
		x, y := 108.4+float64(i%100)*0.00002, 22.8+float64(i/100)*0.00002
		features = append(features, fmt.Sprintf(`{"type":"Feature","properties":{"id":"P%05d","supplied_on":"2020-01-01","construction_state":"not_started",
			"state_on":"2024-01-01","agreed_start_on":"2021-01-01","use_code":"100101"},"geometry":{"type":"Polygon","coordinates":[[[%f,%f],[%f,%f],[%f,%f],[%f,%f]]]}}`,
			i, x, y, x+.00001, y, x, y+.00001, x, y))
	}
	in := layers{zones: hostileLayers(t).zones, parcels: []byte(`{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`)}
	src := analyzed(t, in)
	opt := options(t, "en")
	opt.Zone = &land.ZoneKey{Code: `区<script>"'&` + "\u202e", Scope: land.ScopeApproved}
	text := wellFormed(t, write(t, src, "html", opt))
	if !strings.Contains(text, "100 more are not listed here") || !strings.Contains(text, "5,100") && !strings.Contains(text, "5100 parcel") {
		t.Error("the report doesn't say that 100 of 5,100 findings are left out")
	}
	if rows := readCSV(t, write(t, src, "csv", opt)); len(rows) < n {
		t.Errorf("csv has %d rows; it leaves nothing out", len(rows))
	}
}
