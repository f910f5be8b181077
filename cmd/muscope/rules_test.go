package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runRules runs muscope rules in English.
func runRules(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	app, out, errs := testApp(t)
	code = app.Run(context.Background(), append([]string{"rules"}, args...))
	return code, out.String(), errs.String()
}

func TestRulesList(t *testing.T) {
	code, out, errs := runRules(t, "list", "--as-of", "2024-12-31", "--pack", "guangxi/hightech-2021")
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for _, want := range []string{"guangxi/hightech-2021  Guangxi measures", "in force · in effect from 2021-03-01 · applies: province 450000",
		"limit on 2024-12-31", "cap · zone · wide reading"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	for _, line := range strings.Split(out, "\n") {
		if strings.Contains(line, "ancillary.zone-land-max ") && !strings.Contains(line, "admin_living_land_share.construction_land  ") ||
			strings.Contains(line, "ancillary.zone-land-max ") && !strings.Contains(line, "<= 0.07") {
			t.Errorf("line %q", line)
		}
	}
	_, before, _ := runRules(t, "list", "--as-of", "2021-02-28", "--pack", "guangxi/hightech-2021")
	if !strings.Contains(before, "from 2021-03-01") || strings.Contains(before, "<= 0.07") {
		t.Errorf("before the first limit:\n%s", before)
	}
	_, zh, _ := runRules(t, "list", "--lang", "zh", "--pack", "guangxi/hightech-2021")
	if !strings.Contains(zh, "全区行政办公及生活服务设施用地占建设用地比例") || !strings.Contains(zh, "上限 · 开发区") {
		t.Errorf("in Chinese:\n%s", zh)
	}
}

func TestRulesListJSON(t *testing.T) {
	_, out, _ := runRules(t, "list", "--format", "json", "--as-of", "2024-12-31")
	var list ruleList
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	if list.AsOf.String() != "2024-12-31" || len(list.Packs) < 3 {
		t.Fatalf("as of %s, %d packs", list.AsOf, len(list.Packs))
	}
	seen := map[string]string{}
	for _, p := range list.Packs {
		if len(p.Digest) != 64 || p.Title.ZH == "" || p.Document.Status == "" || p.Document.Source == "" {
			t.Errorf("pack %+v", p)
		}
		for _, r := range p.Rules {
			if r.Clause == "" || r.Quote == "" || r.Title.EN == "" {
				t.Errorf("rule %s#%s: %+v", p.ID, r.ID, r)
			}
			seen[p.ID+"#"+r.ID] = r.Limit.String()
		}
	}
	for key, limit := range map[string]string{"guangxi/hightech-2021#ancillary.zone-floor-max": "0.15",
		"national/industrial-project-2008#ancillary.project-land-max": "0.07", "national/idle-land-2012#idle.not-started": ""} {
		if got, ok := seen[key]; !ok || got != limit {
			t.Errorf("%s: limit %q, want %q", key, got, limit)
		}
	}
}

func TestRulesShow(t *testing.T) {
	code, out, errs := runRules(t, "show", "guangxi/hightech-2021#ancillary.project-land-max", "--as-of", "2024-12-31")
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for _, want := range []string{"（二十二）", "比例不得突破规定上限7%", "<= 0.07 (on 2024-12-31", "from 2021-03-01: <= 0.07 (source: （二十二）)",
		"the day of its contract counts", "industrial", "sha256 5086ce", "ancillary_land_share.project", "no document number", "cap · project"} {
		if !strings.Contains(strings.ReplaceAll(out, "neither a document number", "no document number"), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	_, out, _ = runRules(t, "show", "national/idle-land-2012")
	if !strings.Contains(out, "parameter idle.take-back-years = 2") || !strings.Contains(out, "idle.suspended") {
		t.Errorf("pack\n%s", out)
	}
	_, out, _ = runRules(t, "show", "guangxi/hightech-2021#ancillary.zone-land-max", "--format", "json")
	var shown shownRule
	if err := json.Unmarshal([]byte(out), &shown); err != nil || shown.ID != "ancillary.zone-land-max" || shown.Document.Status != "in_force" || len(shown.Limits) != 1 {
		t.Errorf("%v: %+v", err, shown)
	}
}

func TestRulesWrongUsage(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"", "list|show"}, {"burn", `no command rules "burn"`}, {"diff a b", "name a snapshot"}, {"show", "name a pack"},
		{"show guangxi/nothing", "guangxi/hightech-2021"}, {"show guangxi/hightech-2021#nothing", "ancillary.zone-land-max"},
		{"list --as-of yesterday", "yesterday"}, {"list --format xml", "table and json"}, {"lint", "name files"}, {"test nobody/nothing", "nobody/nothing"},
	} {
		code, _, errs := runRules(t, strings.Fields(c.args)...)
		if code != exitRefused || !strings.Contains(errs, c.says) {
			t.Errorf("rules %s: exit code %d, %s", c.args, code, errs)
		}
	}
}

// All faults come at once with file, line, column, source line and caret: those
// of package rule, and indicators that nobody computes.
func TestRulesLint(t *testing.T) {
	faulty := filepath.Join("..", "..", "analysis", "rule", "testdata", "faulty.yaml")
	code, out, errs := runRules(t, "lint", faulty)
	if code != exitRefused || strings.Count(out, "\n") < 30 || !strings.Contains(out, "faulty.yaml:8:11: \"binding\" is none of") ||
		!strings.Contains(out, "    status: binding\n            ^") {
		t.Errorf("exit code %d, %s\n%s", code, errs, out)
	}
	dir := copyPack(t, "guangxi/hightech-2021", func(s string) string {
		s = strings.Replace(s, "indicator: admin_living_land_share.construction_land", "indicator: admin_living_share.construction_land", 1)
		s = strings.Replace(s, "indicator: ancillary_land_share.project\n", "indicator: ancillary_land_share.industrial_projects\n", 1)
		return strings.Replace(s, "unit: ratio", "unit: years", 1)
	})
	code, out, errs = runRules(t, "lint", dir)
	if code != exitRefused || !strings.Contains(out, `no indicator "admin_living_share.construction_land" is computed; the nearest are `) ||
		!strings.Contains(out, `the unit of ancillary_land_share.industrial_projects is "ratio"`) || !strings.Contains(errs, "faults in 2 files") {
		t.Errorf("exit code %d, %s\n%s", code, errs, out)
	}
	dir = copyPack(t, "chongqing/hightech-draft-2021", func(s string) string {
		return strings.Replace(s, "level: zone_set\n    indicator: gdp_per_mu.approved_area.mean_of_zones", "level: zone\n    indicator: gdp_per_mu.approved_area.mean_of_zones", 1)
	})
	if code, out, errs = runRules(t, "lint", dir); code != exitRefused || !strings.Contains(out, "is a mean over zones, of level zone_set") {
		t.Errorf("exit code %d, %s\n%s", code, errs, out)
	}
	code, out, errs = runRules(t, "lint", filepath.Join("..", "..", "data", "rules"))
	if code != exitDone || out != "" || !strings.Contains(errs, "no faults in") {
		t.Errorf("exit code %d, %s\n%s", code, errs, out)
	}
}

// copyPack copies a built-in pack with its cases, changed.
func copyPack(t *testing.T, id string, change func(string) string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{packFile, casesFile} {
		b, err := os.ReadFile(filepath.Join("..", "..", "data", "rules", filepath.FromSlash(id), name))
		if err != nil {
			t.Fatal(err)
		}
		b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
		if name == packFile {
			b = []byte(change(string(b)))
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRulesTest(t *testing.T) {
	code, out, errs := runRules(t, "test", "national/industrial-project-2008", "national/idle-land-2012")
	if code != exitDone || strings.Contains(out, "FAIL") || !strings.Contains(out, "ok    national/idle-land-2012: ") || !strings.Contains(out, " 0 failed; 0 lacking") {
		t.Errorf("exit code %d, %s\n%s", code, errs, out)
	}
	// Nine per cent in place of seven: what was 8 % is no violation any more.
	dir := copyPack(t, "guangxi/hightech-2021", func(s string) string { return strings.ReplaceAll(s, "value: 0.07", "value: 0.09") })
	for _, what := range []string{dir, filepath.Join(dir, packFile), filepath.Join(dir, casesFile)} {
		code, out, errs = runRules(t, "test", what)
		if code != exitFailed || !strings.Contains(out, "FAIL  guangxi/hightech-2021: everything beyond its limit") || !strings.Contains(out, `want "violated"`) ||
			!strings.Contains(errs, "failed") {
			t.Errorf("%s: exit code %d, %s\n%s", what, code, errs, out)
		}
	}
}

// A rule without its cases is told; with --strict that fails.
func TestRulesTestLacking(t *testing.T) {
	dir := copyPack(t, "national/industrial-project-2008", func(s string) string { return s })
	cases := `pack: national/industrial-project-2008
cases:
  - name: held
    as_of: 2024-12-31
    parcels:
      - {id: A, use_code: "1001", supplied_on: 2021-06-01, contract_signed_on: 2021-05-01, completed_on: 2023-01-01,
         recorded_area_m2: 70000, floor_area_m2: 60000, ancillary_site_m2: 4200, ancillary_floor_m2: 8400}
    expect: [{rule: ancillary.project-land-max, subject: A, outcome: satisfied}]
`
	if err := os.WriteFile(filepath.Join(dir, casesFile), []byte(cases), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runRules(t, "test", dir)
	if code != exitDone || !strings.Contains(out, `ancillary.project-land-max has no case "violated"`) || !strings.Contains(out, "1 passed, 0 failed") {
		t.Errorf("exit code %d, %s\n%s", code, errs, out)
	}
	if code, _, _ := runRules(t, "test", "--strict", dir); code != exitFailed {
		t.Errorf("strict: exit code %d", code)
	}
	if err := os.WriteFile(filepath.Join(dir, casesFile), []byte("cases: [{nam: x}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := runRules(t, "test", dir); code != exitRefused || !strings.Contains(out, `unknown key "nam"`) {
		t.Errorf("faulty cases: exit code %d\n%s", code, out)
	}
}

func TestTableColumns(t *testing.T) {
	var b bytes.Buffer
	writeTable(&b, "", [][]string{{"规则", "x"}, {"abcdef", "y"}})
	if got, want := b.String(), "规则    x\nabcdef  y\n"; got != want {
		t.Errorf("table\n%swant\n%s", got, want)
	}
}
