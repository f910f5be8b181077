package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// example is a fenced block of CONTRIBUTING.md, by the name behind its language.
func example(t *testing.T, name string) string {
	t.Helper()
	page, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```[a-z]+ " + name + "\n(.*?)```").FindSubmatch(page)
	if m == nil {
		t.Fatalf("CONTRIBUTING.md has no example %q", name)
	}
	return string(m[1])
}

func write(t *testing.T, file, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// replaced is a text with one place of it changed.
func replaced(t *testing.T, text, old, put string) string {
	t.Helper()
	if strings.Count(text, old) < 1 {
		t.Fatalf("there is no %q to change", old)
	}
	return strings.Replace(text, old, put, 1)
}

// To change a limit takes one file: the pack, with a new dated value.
func TestContributingChangeALimit(t *testing.T) {
	pack := read(t, "../../data/rules/guangxi/hightech-2021/pack.yaml")
	at := strings.Index(pack, "- id: ancillary.zone-land-max\n")
	old := "    limits: [{from: 2021-03-01, value: 0.07, source: （二十二）}]\n"
	changed := pack[:at] + replaced(t, pack[at:], old, example(t, "limit"))
	file := write(t, filepath.Join(t.TempDir(), "guangxi", "hightech-2021", "pack.yaml"), changed)
	for _, c := range []struct{ day, want string }{{"2024-12-31", "limit: <= 0.07 "}, {"2025-01-01", "limit: <= 0.06 "}} {
		code, out, errs := runRules(t, "show", "guangxi/hightech-2021#ancillary.zone-land-max", "--pack", file, "--as-of", c.day)
		if code != exitDone || !strings.Contains(out, c.want) {
			t.Errorf("on %s: exit code %d, %q is not in\n%s%s", c.day, code, c.want, out, errs)
		}
	}
	if code, out, _ := runRules(t, "lint", file); code != exitDone {
		t.Errorf("the changed pack has faults:\n%s", out)
	}
}

// A bureau changes it in a pack of its own.
func TestContributingOverride(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "own.yaml"), example(t, "override"))
	args := append([]string{"diff", "guangxi/hightech-2021", file, "--format", "json"}, sampleInput()...)
	args[len(args)-1] = "2025-12-31"
	code, out, errs := runRules(t, args...)
	if code != exitDone || !json.Valid([]byte(out)) {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
}

// To add a rule takes two files, and no Go.
// A county's weights, set in a pack of its own, score the firms.
func TestContributingPerMu(t *testing.T) {
	own, err := rule.Read("own.yaml", []byte(example(t, "per-mu")))
	if err != nil {
		t.Fatal(err)
	}
	packs, err := analysis.DefaultPacks("local/per-mu-2024")
	if err != nil {
		t.Fatal(err)
	}
	if packs, err = rule.Resolve(append(packs, own)); err != nil {
		t.Fatal(err)
	}
	scheme, reason, missing := packs[0].Scorings[0].Scheme(packs[0])
	if reason != "" || len(scheme.Measures) != 2 || len(scheme.Classes) != 4 || len(packs[0].In(&land.Zone{Province: "450000"})) != 1 {
		t.Errorf("%q, missing %v, %d measures, %d classes", reason, missing, len(scheme.Measures), len(scheme.Classes))
	}
	if len(packs[0].In(&land.Zone{Province: "530000"})) != 0 {
		t.Error("the warning is on in another province")
	}
}

func TestContributingAddARule(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "own", "density")
	write(t, filepath.Join(dir, "pack.yaml"), example(t, "rule"))
	write(t, filepath.Join(dir, "cases.yaml"), example(t, "cases"))
	if code, out, _ := runRules(t, "lint", dir); code != exitDone {
		t.Errorf("lint:\n%s", out)
	}
	if code, out, errs := runRules(t, "test", "--strict", dir); code != exitDone || !strings.Contains(out, "1 ") {
		t.Errorf("exit code %d:\n%s%s", code, out, errs)
	}
}

// To add an indicator takes three files: its row, its texts and its case. They
// are laid over the tree, and the package's own test reads them.
func TestContributingAddAnIndicator(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay := map[string]map[string]string{"Replace": {}}
	lay := func(name, text string) {
		overlay["Replace"][filepath.Join(root, filepath.FromSlash(name))] = write(t, filepath.Join(dir, filepath.Base(name)), text)
	}
	table := read(t, filepath.Join(root, "analysis/indicator/table.go"))
	at := strings.Index(table, "func furtherFormulas()")
	lay("analysis/indicator/table.go", table[:at]+replaced(t, table[at:], "\t}\n}\n", example(t, "indicator")+"\t}\n}\n"))
	texts := read(t, filepath.Join(root, "data/i18n/indicator.yaml"))
	lay("data/i18n/indicator.yaml", texts+"\n"+example(t, "indicator-texts"))
	worked := read(t, filepath.Join(root, "analysis/indicator/worked_test.go"))
	lay("analysis/indicator/worked_test.go", replaced(t, worked, "residential_land_share.recent_supply`", "residential_land_share.recent_supply industrial_land_share.construction_land`"))
	b, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, filepath.Join(dir, "overlay.json"), string(b))
	cmd := exec.CommandContext(context.Background(), "go", "test", "-overlay", file, "-run", "TestDefinitionsAreTheContracts", "./analysis/indicator")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
