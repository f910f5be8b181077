package report_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/geo/geojson"
)

func decode(t testing.TB, b []byte) land.Result {
	t.Helper()
	var r land.Result
	must(t, json.Unmarshal(b, &r))
	return r
}

// The json report is the Result: it reads back, and what it says of a part is
// what encoding/json would.
func TestJSONReadsBack(t *testing.T) {
	src := analyzed(t, sampleLayers(t))
	b := write(t, src, "json", options(t, "zh"))
	r := decode(t, b)
	if len(r.Zones) != 4 || len(r.Sets) != 1 || len(r.Parts) < 300 {
		t.Errorf("%d zones, %d sets, %d parts", len(r.Zones), len(r.Sets), len(r.Parts))
	}
	var raw struct {
		Parts []json.RawMessage `json:"parts"`
	}
	must(t, json.Unmarshal(b, &raw))
	for i, p := range raw.Parts {
		want, err := json.Marshal(r.Parts[i])
		must(t, err)
		var a, c any
		must(t, json.Unmarshal(p, &a))
		must(t, json.Unmarshal(want, &c))
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(c)
		if !bytes.Equal(x, y) {
			t.Fatalf("part %d:\n%s\n%s", i, x, y)
		}
	}
}

// A report on one zone holds that zone alone, and no totals.
func TestOneZone(t *testing.T) {
	src := analyzed(t, sampleLayers(t))
	opt := options(t, "zh")
	opt.Zone = &land.ZoneKey{Code: "GX02", Scope: land.ScopeApproved}
	r := decode(t, write(t, src, "json", opt))
	if len(r.Zones) != 1 || r.Zones[0].Code != "GX02" || len(r.Sets) != 0 || len(r.Parts) == 0 {
		t.Errorf("%d zones, %d sets, %d parts", len(r.Zones), len(r.Sets), len(r.Parts))
	}
	for _, p := range r.Parts {
		if p.Key() != *opt.Zone {
			t.Errorf("parcel %s is in %s", p.ID, p.Key())
		}
	}
	for _, row := range readCSV(t, write(t, src, "csv", opt))[1:] {
		if row[1] != "GX02" {
			t.Errorf("csv: a row of zone %q", row[1])
		}
	}
	for _, format := range []string{"ndjson", "html", "geojson"} {
		if b := write(t, src, format, opt); bytes.Contains(b, []byte("东园")) {
			t.Errorf("%s of GX02 speaks of a park of GX01", format)
		}
	}
	opt.Zone = &land.ZoneKey{Code: "nowhere", Scope: land.ScopeApproved}
	for _, format := range report.Formats() {
		if err := report.Write(context.Background(), io.Discard, format, src, opt); err == nil || !strings.Contains(err.Error(), "nowhere") {
			t.Errorf("%s of a zone that isn't there: %v", format, err)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	err := report.Write(context.Background(), io.Discard, "docm", nil, report.Options{})
	if !errors.Is(err, report.ErrFormat) || !strings.Contains(err.Error(), "geojson") {
		t.Errorf("error %v, want one that lists the formats", err)
	}
}

// ndjson holds the records of json, one a line, and an end that counts them.
func TestNDJSON(t *testing.T) {
	src := analyzed(t, sampleLayers(t))
	lines := strings.Split(strings.TrimSuffix(string(write(t, src, "ndjson", options(t, "en"))), "\n"), "\n")
	counts := map[string]int64{}
	for i, line := range lines {
		var rec struct {
			Type                string
			Zones, Sets, Parts  json.RawMessage
			Code, Scope, Status string
		}
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		counts[rec.Type]++
		if i == 0 && rec.Type != "header" {
			t.Errorf("begins with %s", rec.Type)
		}
		if i < len(lines)-1 {
			continue
		}
		end := map[string]int64{"zones": num(rec.Zones), "sets": num(rec.Sets), "parts": num(rec.Parts)}
		if rec.Type != "end" || end["zones"] != counts["zone"] || end["sets"] != counts["set"] || end["parts"] != counts["part"] {
			t.Errorf("end %v, records %v", end, counts)
		}
	}
}

func num(raw json.RawMessage) int64 {
	n, _ := strconv.ParseInt(string(raw), 10, 64)
	return n
}

// The geojson report satisfies the project's own strict reader and GDAL.
func TestGeoJSON(t *testing.T) {
	src := analyzed(t, sampleLayers(t))
	b := write(t, src, "geojson", options(t, "zh"))
	want := len(decode(t, write(t, src, "json", options(t, "zh"))).Parts) + 4
	reader := geojson.NewReader(bytes.NewReader(b), geojson.Options{})
	dec, ids := &geojson.Decoder{}, map[string]bool{}
	for {
		batch, err := reader.Next()
		if err == io.EOF {
			break
		}
		must(t, err)
		must(t, dec.Decode(batch, func(f *geojson.Feature) error {
			if f.Fault != nil || f.Geometry == nil {
				t.Errorf("feature %s: %v", f.ID, f.Fault)
			}
			ids[f.ID.String()] = true
			return nil
		}))
		batch.Release()
	}
	if len(ids) != want {
		t.Errorf("%d ids of %d features", len(ids), want)
	}
	tool, err := exec.LookPath("ogrinfo")
	if err != nil {
		if os.Getenv("CI") == "true" { // a second engine is never skipped there
			t.Fatal("no GDAL on this machine; sh setup.sh installs it")
		}
		t.Skip("no GDAL on this machine; sh setup.sh installs it")
	}
	path := filepath.Join(t.TempDir(), "report.geojson")
	must(t, os.WriteFile(path, b, 0o644))
	out, err := exec.Command(tool, "-ro", "-so", "-al", path).CombinedOutput()
	must(t, err)
	if !bytes.Contains(out, []byte("Feature Count: "+strconv.Itoa(want))) || bytes.Contains(out, []byte("Warning")) {
		t.Errorf("GDAL reads:\n%s", out)
	}
}

func readCSV(t testing.TB, b []byte) [][]string {
	t.Helper()
	b, ok := bytes.CutPrefix(b, []byte("\ufeff"))
	if !ok {
		t.Error("csv has no byte order mark")
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll() // refuses rows of different length
	must(t, err)
	return rows
}

// csv has a row for each finding and each verdict to look at, as json has them.
func TestCSV(t *testing.T) {
	src := analyzed(t, sampleLayers(t))
	rows := readCSV(t, write(t, src, "csv", options(t, "zh")))
	r := decode(t, write(t, src, "json", options(t, "zh")))
	want := map[string]int{}
	for i := range r.Parts {
		if r.Parts[i].Finding() {
			want["parcel"]++
		}
	}
	for _, z := range r.Zones {
		for _, v := range z.Verdicts {
			if v.Outcome != land.Satisfied && v.Outcome != land.NotApplicable {
				want["verdict"]++
			}
		}
	}
	got := map[string]int{}
	for _, row := range rows[1:] {
		got[row[0]]++
	}
	if len(rows[0]) != len(rows[1]) || got["parcel"] != want["parcel"] || got["verdict"] != want["verdict"] {
		t.Errorf("rows %v, want %v", got, want)
	}
}

// wellFormed parses a report as XML, strictly, after closing the few elements
// that HTML leaves open, and returns its text without code and style.
func wellFormed(t testing.TB, b []byte) string {
	t.Helper()
	s := strings.TrimPrefix(string(b), "<!DOCTYPE html>")
	s = regexp.MustCompile(`<(br|meta)([^>]*)>`).ReplaceAllString(s, "<$1$2/>")
	dec := xml.NewDecoder(strings.NewReader(s))
	var text strings.Builder
	var open []string
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return text.String()
		}
		if err != nil {
			line, col := dec.InputPos()
			t.Fatalf("not well-formed at %d:%d: %v", line, col, err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			open = append(open, v.Name.Local)
			if v.Name.Local == "script" {
				t.Error("the report has a script")
			}
			for _, a := range v.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(strings.ToLower(a.Value), "javascript:") {
					t.Errorf("attribute %s=%q", a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			open = open[:len(open)-1]
			text.WriteByte('\n')
		case xml.CharData:
			if top := open; len(top) > 0 && top[len(top)-1] != "code" && top[len(top)-1] != "style" {
				text.Write(v)
			}
		}
	}
}

var rawKey = regexp.MustCompile(`\b(report|indicator|reason|status|class|flag|outcome|measure|branch|unit|field|layer|severity|as-of|level|kind|reading|limit_basis|decided_by|doc_status|boundary_scope|base)\.[a-zA-Z_]+|%!|<no value>|\{\{`)

// No report shows a key or a code where a person expects words.
func TestHTMLHasWordsForAll(t *testing.T) {
	src := analyzed(t, sampleLayers(t))
	r := decode(t, write(t, src, "json", options(t, "zh")))
	codes := map[string]bool{}
	for _, p := range r.Parts {
		codes[p.Reason] = true
	}
	for _, z := range r.Zones {
		for _, v := range z.Verdicts {
			codes[v.Reason] = true
		}
	}
	for _, lang := range []string{"zh", "en"} {
		text := wellFormed(t, write(t, src, "html", options(t, lang)))
		if found := rawKey.FindAllString(text, 5); found != nil {
			t.Errorf("%s: keys in the text: %q", lang, found)
		}
		for code := range codes {
			if strings.Contains(code, "_") && strings.Contains(text, code) {
				t.Errorf("%s: the reason code %s in the text", lang, code)
			}
		}
	}
}

// Every text that a template names exists, in both languages.
func TestTemplateKeys(t *testing.T) {
	texts, err := data.LoadTexts()
	must(t, err)
	files, err := filepath.Glob("html/*.html")
	must(t, err)
	sources, err := filepath.Glob("*.go")
	must(t, err)
	key := regexp.MustCompile("(?:\\bt |text\\(|opt\\.Lang, )\"([a-z_]+\\.[^\"%]+)\"")
	n := 0
	for _, file := range append(files, sources...) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		must(t, err)
		for _, m := range key.FindAllSubmatch(b, -1) {
			if strings.HasSuffix(string(m[1]), ".") {
				continue
			}
			n++
			for _, lang := range []string{"zh", "en"} {
				if texts[string(m[1])][lang] == "" {
					t.Errorf("%s: %s has no text in %s", file, m[1], lang)
				}
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d keys found; has the way of naming them changed?", n)
	}
}

// The numbers a person reads are those a program reads.
func TestHTMLNumbersAreThoseOfJSON(t *testing.T) {
	src := analyzed(t, sampleLayers(t))
	page := string(write(t, src, "html", options(t, "en")))
	r := decode(t, write(t, src, "json", options(t, "en")))
	checked := 0
	for _, z := range r.Zones {
		_, section, ok := strings.Cut(page, `id="zone-`+z.Key().String()+`"`)
		if !ok {
			t.Fatalf("zone %s is not in the report", z.Code)
		}
		section, _, _ = strings.Cut(section, `<section class="zone"`)
		want := []string{strings.ReplaceAll(plain(z.AreaMu.Float()), "-", "−") + " mu"}
		for _, v := range z.Verdicts {
			if v.Observed != nil && v.Unit == land.UnitRatio {
				want = append(want, plain(*v.Observed*100)+"%")
			}
			if v.ExcessMu != nil {
				want = append(want, plain(math.Abs(v.ExcessMu.Float()))+" mu")
			}
		}
		for i := range z.Indicators {
			if one := &z.Indicators[i]; one.Value != nil && one.Unit == land.UnitWanPerMu {
				want = append(want, plain(*one.Value))
			}
		}
		for _, w := range want {
			checked++
			if !strings.Contains(strings.NewReplacer(",", "", "\u00a0", " ").Replace(section), w) {
				t.Errorf("zone %s: %s is not in its section", z.Code, w)
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d numbers compared", checked)
	}
}

// plain is a number as the report shows one of ordinary size, without grouping.
func plain(f float64) string {
	f = math.Round(f*1e9) / 1e9
	if f == math.Trunc(f) {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	s := strconv.FormatFloat(f, 'f', 2, 64)
	if math.Abs(f) < 0.1 {
		s = strings.TrimRight(strconv.FormatFloat(f, 'f', 4, 64), "0")
	}
	return s
}
