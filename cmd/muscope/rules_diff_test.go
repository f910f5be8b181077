package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/data/postgis/postgistest"
)

// cityPack is a bureau's pack that tightens the cap on the zone's land from 7 to
// half a per cent.
const cityPack = `pack: own/city
version: "1"
title: {zh: 本市, en: city}
authority: {zh: 局, en: bureau}
document: {number: 本市文件, title: {zh: 某, en: some}, status: in_force, source: a paper of ours}
applies: {province: ["450000"]}
rules: []
overrides:
  - rule: guangxi/hightech-2021#ancillary.zone-projects-land-max
    limits: [{from: 2022-01-01, value: 0.005, source: 第三条}]
    clause: 第三条
    source: 第三条
`

func writeCity(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "city.yaml")
	if err := os.WriteFile(file, []byte(cityPack), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func sampleInput() []string {
	return []string{"--zones", "../../data/samples/zones.geojson", "--parcels", "../../data/samples/parcels.geojson", "--as-of", "2024-12-31"}
}

// What flips is listed with both limits, in the table and as JSON; nothing else
// is.
func TestRulesDiff(t *testing.T) {
	city := writeCity(t)
	args := append([]string{"diff", "guangxi/hightech-2021", city}, sampleInput()...)
	code, out, errs := runRules(t, append(args, "--format", "json")...)
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	var got struct {
		AsOf  string `json:"as_of"`
		Flips []struct {
			Zone, Rule, Subject string
			Old, New            struct {
				Outcome string
				Limit   *float64
				LimitBy string `json:"limit_by"`
			}
		}
		Same           int64
		Added, Removed []string
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got.AsOf != "2024-12-31" || len(got.Flips) == 0 || got.Same == 0 || got.Added == nil || len(got.Added)+len(got.Removed) != 0 {
		t.Fatalf("%+v", got)
	}
	for _, f := range got.Flips {
		if f.Rule != "guangxi/hightech-2021#ancillary.zone-projects-land-max" || f.Zone == "" || f.Old.Outcome == f.New.Outcome ||
			f.Old.Limit == nil || *f.Old.Limit != 0.07 || f.New.Limit == nil || *f.New.Limit != 0.005 || f.New.LimitBy != "own/city" || f.Old.LimitBy != "" {
			t.Errorf("flip %+v", f)
		}
	}
	code, table, _ := runRules(t, args...)
	if code != exitDone || !strings.Contains(table, "(<= 0.07) → ") || !strings.Contains(table, "(<= 0.005)") || !strings.Contains(table, "verdicts flip") {
		t.Errorf("exit code %d\n%s", code, table)
	}
	if code, _, _ := runRules(t, append(args, "--fail-on", "violated")...); code != exitMatched {
		t.Errorf("exit code %d where a verdict flips to violated", code)
	}
	code, out, _ = runRules(t, append([]string{"diff", city, city}, sampleInput()...)...)
	if code != exitDone || !strings.HasPrefix(out, "0 verdicts flip") {
		t.Errorf("the same law twice: exit code %d\n%s", code, out)
	}
	code, out, _ = runRules(t, append([]string{"diff", "guangxi/hightech-2021", "national/idle-land-2012"}, sampleInput()...)...)
	if code != exitDone || !strings.Contains(out, "judged by the new one alone: national/idle-land-2012#idle.not-started") ||
		!strings.Contains(out, "judged by the old one alone: guangxi/hightech-2021#") {
		t.Errorf("two packs: exit code %d\n%s", code, out)
	}
}

// What can't be compared is refused before anything is read.
func TestRulesDiffRefuses(t *testing.T) {
	faulty := filepath.Join(t.TempDir(), "faulty.yaml")
	if err := os.WriteFile(faulty, []byte(strings.Replace(cityPack, "0.005", "0.5", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	terms := filepath.Join(t.TempDir(), "terms.yaml")
	own := strings.Split(cityPack, "overrides:")[0]
	own = strings.Replace(own, `{province: ["450000"]}`, "{}", 1) + "settings: [{parameter: national/idle-land-2012#idle.take-back-years, value: 3, source: 试点}]\n"
	if err := os.WriteFile(terms, []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"one pack", []string{"diff", "guangxi/hightech-2021"}, "name two packs"},
		{"nothing to judge", []string{"diff", "guangxi/hightech-2021", "guangxi/hightech-2021"}, "name a snapshot"},
		{"both inputs", append([]string{"diff", "a", "b", "--snapshot", "x"}, sampleInput()...), "snapshot"},
		{"no such pack", append([]string{"diff", "guangxi/hightech-2021", "nowhere/pack"}, sampleInput()...), `no pack "nowhere/pack"`},
		{"relaxes in silence", append([]string{"diff", "guangxi/hightech-2021", faulty}, sampleInput()...), "relaxes guangxi/hightech-2021"},
		{"other terms of idle land", append([]string{"diff", "national/idle-land-2012", terms}, sampleInput()...), "terms of idle land"},
		{"a format that isn't there", append([]string{"diff", "guangxi/hightech-2021", "guangxi/hightech-2021", "--format", "pdf"}, sampleInput()...), "pdf"},
	} {
		if code, _, errs := runRules(t, c.args...); code != exitRefused || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit code %d, %q; want %q", c.name, code, errs, c.want)
		}
	}
}

// A pack of the user is law wherever MUSCOPE_PACKS names it, tells that its limit
// decided, and changes the identity of the analysis.
func TestPacksOfTheUser(t *testing.T) {
	city := writeCity(t)
	result := func(env map[string]string, args ...string) (id string, limits map[string]bool) {
		app, out, errs := testApp(t)
		lookup := app.Getenv
		app.Getenv = func(name string) string {
			if v, ok := env[name]; ok {
				return v
			}
			return lookup(name)
		}
		if code := app.Run(t.Context(), append(append([]string{"check"}, sampleInput()...), args...)); code != exitDone {
			t.Fatalf("exit code %d: %s", code, errs)
		}
		var got struct {
			ID    string `json:"analysis_id"`
			Zones []struct {
				Verdicts []struct {
					Rule, Pack string
					LimitBy    string `json:"limit_by"`
					Replaced   []struct{ Pack string }
				}
			}
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		limits = map[string]bool{}
		for _, z := range got.Zones {
			for _, v := range z.Verdicts {
				if v.Rule == "ancillary.zone-projects-land-max" {
					limits[v.LimitBy] = true
					if v.LimitBy != "" && (len(v.Replaced) != 1 || v.Replaced[0].Pack != "guangxi/hightech-2021") {
						t.Errorf("replaced %+v", v.Replaced)
					}
				}
			}
		}
		return got.ID, limits
	}
	plain, none := result(nil)
	named, by := result(nil, "--pack", city)
	everywhere, too := result(map[string]string{"MUSCOPE_PACKS": filepath.Dir(city) + "/city.yaml"})
	if none["own/city"] || !by["own/city"] || !too["own/city"] {
		t.Errorf("limits by %v, %v, %v", none, by, too)
	}
	if plain == named || plain == everywhere || named == everywhere {
		t.Errorf("analyses %s, %s, %s have one identity", plain, named, everywhere)
	}
}

// Of a snapshot the same verdicts flip as of the files that it was loaded from,
// analyzed or not.
func TestRulesDiffSnapshot(t *testing.T) {
	d := databaseApp{t, postgistest.DSN(t)}
	d.loadSample("zones", "parcels")
	city := writeCity(t)
	sorted := func(out string) []string { // zones come as they are done
		lines := strings.Split(strings.ReplaceAll(out, ",\n", "\n"), "\n")
		slices.Sort(lines)
		return lines
	}
	for _, format := range []string{"json", "table"} {
		args := []string{"rules", "diff", "guangxi/hightech-2021", city, "--format", format, "--quiet"}
		files := d.run(append(args, sampleInput()...)...).String()
		stored := append(args, "--snapshot", "s", "--as-of", "2024-12-31")
		if got := d.run(stored...).String(); !slices.Equal(sorted(got), sorted(files)) || !strings.Contains(got, "0.005") {
			t.Errorf("%s of the snapshot\n%s\nof the files\n%s", format, got, files)
		}
	}
	d.run("analyze", "--snapshot", "s", "--quiet")
	same := d.run("rules", "diff", city, city, "--snapshot", "s", "--as-of", "2024-12-31", "--quiet").String()
	if !strings.HasPrefix(same, "0 verdicts flip") {
		t.Errorf("the same law twice:\n%s", same)
	}
	app, _, errs := testApp(t)
	app.Getenv = func(name string) string { return map[string]string{"MUSCOPE_DATABASE_URL": d.dsn}[name] }
	if code := app.Run(t.Context(), []string{"rules", "diff", city, city, "--snapshot", "nowhere", "--quiet"}); code != exitRefused || !strings.Contains(errs.String(), "nowhere") {
		t.Errorf("a snapshot that isn't there: exit code %d, %s", code, errs)
	}
}
