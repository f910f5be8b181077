package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// realRow is a row of data/maps/REALDATA.md.
type realRow struct{ pattern, command, outcome string }

func (r realRow) of(name string) bool {
	if !strings.Contains(r.pattern, "*") {
		return r.pattern == name
	}
	dir, ext, _ := strings.Cut(r.pattern, "*")
	return strings.HasPrefix(name, dir) && strings.HasSuffix(name, ext)
}

func realRows(t *testing.T) []realRow {
	t.Helper()
	text, err := os.ReadFile("../../data/maps/REALDATA.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []realRow
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\| (.+) \\|$").FindAllStringSubmatch(string(text), -1) {
		rows = append(rows, realRow{m[1], m[2], m[3]})
	}
	if len(rows) < 20 {
		t.Fatalf("%d rows in REALDATA.md", len(rows))
	}
	return rows
}

// TestRealData loads every real file by the command that the documentation
// gives for it, and holds what comes out against what it promises.
func TestRealData(t *testing.T) {
	root := filepath.Dir(realData(t, "README.md"))
	rows := realRows(t)
	used := map[string]bool{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.of(filepath.ToSlash(name)) {
				used[row.pattern] = true
				t.Run(path.Base(name), func(t *testing.T) { row.run(t, root, file) })
				return nil
			}
		}
		t.Errorf("no row of REALDATA.md names %s", name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if !used[row.pattern] {
			t.Errorf("REALDATA.md names %s, which isn't there", row.pattern)
		}
	}
}

func (r realRow) run(t *testing.T, root, file string) {
	zone := filepath.Join(t.TempDir(), "zone.geojson")
	if err := os.WriteFile(zone, []byte(featureOf(`"code":"W","name":"-"`, rectangle(0, 0, 10, 10))), 0o600); err != nil {
		t.Fatal(err)
	}
	args := strings.Fields(r.command)
	for i, a := range args {
		a = strings.Replace(a, "DATA/", root+"/", 1)
		args[i] = strings.NewReplacer("FILE", file, "zone.geojson", zone).Replace(a)
	}
	app, out, errs := testApp(t)
	code := app.Run(context.Background(), append(args, "--lang", "en"))
	balanced(t, errs.String())
	words := regexp.MustCompile("refused: `([^`]+)`").FindStringSubmatch(r.outcome)
	counts := regexp.MustCompile(`\d+ = \d+ \+ \d+`).FindString(r.outcome)
	switch {
	case words != nil:
		if code != exitRefused || !strings.Contains(errs.String(), words[1]) {
			t.Errorf("exit code %d, want it refused with %q: %s", code, words[1], errs)
		}
	case counts != "":
		r.figures(t, code, counts, file, out.Bytes(), errs.String())
	case code != exitDone && code != exitRefused:
		t.Errorf("exit code %d: %s", code, errs)
	}
}

// figures holds the counts of a file, and the area of all parts, against the
// documentation.
func (r realRow) figures(t *testing.T, code int, counts, file string, body []byte, stderr string) {
	t.Helper()
	var result land.Result
	if code != exitDone || json.Unmarshal(body, &result) != nil {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	found := false
	for _, in := range result.Inputs {
		if in.File == file {
			found = true
			if got := fmt.Sprintf("%d = %d + %d", in.Features, in.Loaded, in.Rejected); got != counts {
				t.Errorf("%s, want %s", got, counts)
			}
		}
	}
	if !found {
		t.Error("the file isn't among the inputs")
	}
	area := regexp.MustCompile(`(\d+) m²`).FindStringSubmatch(r.outcome)
	if area == nil {
		return
	}
	var sum land.Fixed
	for _, p := range result.Parts {
		sum += p.AreaM2
	}
	if got := fmt.Sprintf("%.0f", sum.Float()); got != area[1] {
		t.Errorf("%s m², want %s", got, area[1])
	}
}
