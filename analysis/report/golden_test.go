package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

var update = flag.Bool("update", false, "rewrite testdata/expected_*")

// Every format of a handful of the sample's parcels, byte by byte. Renew with
// go test ./analysis/report -update.
func TestGolden(t *testing.T) {
	src := analyzed(t, handful(t))
	one := &land.ZoneKey{Code: "GX02", Scope: land.ScopeApproved}
	for _, c := range []struct {
		file, format, lang string
		zone               *land.ZoneKey
	}{
		{"expected.json", "json", "zh", nil}, {"expected_one.json", "json", "zh", one},
		{"expected.ndjson", "ndjson", "zh", nil}, {"expected_zh.csv", "csv", "zh", nil}, {"expected_one_en.csv", "csv", "en", one},
		{"expected.geojson", "geojson", "en", nil}, {"expected_zh.html", "html", "zh", nil}, {"expected_one_en.html", "html", "en", one},
	} {
		t.Run(c.file, func(t *testing.T) {
			opt := options(t, c.lang)
			opt.Zone = c.zone
			got := write(t, src, c.format, opt)
			path := filepath.Join("testdata", c.file)
			if *update {
				must(t, os.WriteFile(path, got, 0o644))
				return
			}
			want, err := os.ReadFile(path)
			must(t, err)
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs at %s\nrenew with go test ./analysis/report -update", c.file, firstDifference(got, want))
			}
		})
	}
}

func firstDifference(got, want []byte) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	cut := func(b []byte) string { return string(b[max(0, i-60):min(len(b), i+120)]) }
	return "\n got: …" + cut(got) + "…\nwant: …" + cut(want) + "…"
}
