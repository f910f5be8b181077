package ingest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/geo/topology"
)

// TestTexts: every code that the source names has reason and remedy in both
// languages, with the same places for arguments, and every text is of a code.
func TestTexts(t *testing.T) {
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	prefixes := `geopackage|shapefile|boundarytext|id|join|code|name|field|geometry|crs|parcel|zone|approval|row|table|load|map|setting|correction`
	code := regexp.MustCompile(`"((?:` + prefixes + `)\.[a-z0-9_]+)"`)
	used := map[string]bool{}
	for _, suffix := range []string{"missing", "too_long"} {
		used["id."+suffix], used["code."+suffix] = true, true
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllStringSubmatch(string(text), -1) {
			if m[1] != noteBlankDate {
				used[m[1]] = true
			}
		}
	}
	formatCodes(t, used)
	used["topology.near"] = true
	for _, c := range topology.Codes() {
		used[TopologyCode(c)] = true
	}
	place := regexp.MustCompile(`%\[\d\][sd]`)
	for c := range used {
		for _, part := range []string{".reason", ".remedy"} {
			words := texts["ingest."+c+part]
			if words["zh"] == "" || words["en"] == "" {
				t.Errorf("%s%s has no text", c, part)
			}
			if zh, en := place.FindAllString(words["zh"], -1), place.FindAllString(words["en"], -1); len(zh) != len(en) {
				t.Errorf("%s%s: places %v in zh, %v in en", c, part, zh, en)
			}
		}
	}
	for key := range texts {
		if c, ok := strings.CutPrefix(key, "ingest."); ok {
			c = strings.TrimSuffix(strings.TrimSuffix(c, ".reason"), ".remedy")
			if !used[c] {
				t.Errorf("text of a code that nothing says: %s", c)
			}
		}
	}
}

// formatCodes adds the codes that the readers of formats give.
func formatCodes(t *testing.T, used map[string]bool) {
	fault := regexp.MustCompile(`(?:Code: |fault\(|fail\()"([a-z0-9_]+)"`)
	for format, glob := range map[string]string{"shapefile": "../../geo/shapefile/*.go", "zip": "source_zip.go", "geopackage": "../../geo/geopackage/*.go",
		"boundarytext": "../../geo/boundarytext/*.go"} {
		files, err := filepath.Glob(glob)
		if err != nil || len(files) == 0 {
			t.Fatal(format, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range fault.FindAllStringSubmatch(string(text), -1) {
				used[format+"."+m[1]] = true
			}
		}
	}
	used["boundarytext.swapped"], used["table.wkt"] = true, true
	used["geopackage.too_large"], used["geopackage.no_srs"] = true, true
	used["shapefile.missing"], used["shapefile.stream"] = true, true // said by ingest, which opens the files
}

func TestChinese(t *testing.T) {
	_, _, said, _ := loadText(t, Options{Lang: "zh"}, feature(`"id":"a","started_on":"soon","supply_mode":"送"`, square(0, 0)),
		feature(`"id":"b"`, `[[[108,22],[108.002,22.002],[108.002,22],[108,22.002],[108,22]]]`), feature(`"id":"a"`, square(5, 5)), `{"type":"Feature","properties":{}}`)
	for _, r := range said.rejects {
		if !regexp.MustCompile(`\p{Han}`).MatchString(r.Reason) || !regexp.MustCompile(`\p{Han}`).MatchString(r.Remedy) || strings.Contains(r.Reason, "%!") {
			t.Errorf("%s: %q, %q", r.Code, r.Reason, r.Remedy)
		}
	}
	if len(said.rejects) != 5 {
		t.Errorf("said %q", said.lines)
	}
}
