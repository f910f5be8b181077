package rule_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// userPack is a pack of a bureau, with what it applies to and what it changes.
func userPack(t *testing.T, id, applies, body string) *rule.Pack {
	t.Helper()
	p, err := rule.Read(id+".yaml", []byte(userText(id, applies, body)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func userText(id, applies, body string) string {
	return `pack: ` + id + `
version: "1"
title: {zh: 本地, en: local}
authority: {zh: 局, en: bureau}
document: {number: 某号, title: {zh: 某, en: some}, status: in_force, source: a paper of ours}
applies: ` + applies + `
rules: []
` + body
}

const cap7 = "guangxi/hightech-2021#ancillary.zone-land-max"

func cap7Limits(value, more string) string {
	return "overrides:\n  - rule: " + cap7 + "\n    limits: [{from: 2022-01-01, value: " + value + ", source: 第三条}]\n    clause: 第三条\n    source: 第三条\n" + more
}

// National < province < zone: the nearer law stands where it is tighter, or
// relaxes and says so; the verdict tells which limit decided and what it
// replaced.
func TestOverrides(t *testing.T) {
	province := userPack(t, "gx/city", `{province: ["450000"]}`, cap7Limits("0.06", ""))
	zone := userPack(t, "gx/zone", `{zone: [Z]}`, cap7Limits("0.1", "    relax: true\n"))
	mild := userPack(t, "gx/mild", `{zone: [Z]}`, cap7Limits("0.05", ""))
	z := &land.Zone{Code: "Z", Province: "450000"}
	elsewhere := &land.Zone{Code: "Y", Province: "450000"}
	eight := ratio(t, "8000", "100000", land.UnitRatio, land.UnitM2)
	for _, c := range []struct {
		name  string
		packs []*rule.Pack
		zone  *land.Zone
		asOf  string
		want  string
	}{
		{"nobody overrides", nil, z, "2024-12-31", "violated 0.07  "},
		{"the province tightens", []*rule.Pack{province}, z, "2024-12-31", "violated 0.06 gx/city guangxi/hightech-2021=0.07"},
		{"before the province's day", []*rule.Pack{province}, z, "2021-12-31", "violated 0.07  "},
		{"the zone relaxes what the province tightened", []*rule.Pack{zone, province}, z, "2024-12-31", "satisfied 0.1 gx/zone guangxi/hightech-2021=0.07 gx/city=0.06"},
		{"in another zone only the province's holds", []*rule.Pack{zone, province}, elsewhere, "2024-12-31", "violated 0.06 gx/city guangxi/hightech-2021=0.07"},
		{"the zone tightens further", []*rule.Pack{mild, province}, z, "2024-12-31", "violated 0.05 gx/mild guangxi/hightech-2021=0.07 gx/city=0.06"},
	} {
		packs, err := rule.Resolve(append([]*rule.Pack{pack(t, "guangxi/hightech-2021")}, c.packs...))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range packs[0].In(c.zone) {
			if r.ID != "ancillary.zone-land-max" {
				continue
			}
			v := r.Judge(&rule.Subject{Level: land.LevelZone, ID: c.zone.Code, AsOf: day(t, c.asOf)}, eight, nil)
			var replaced []string
			for _, old := range v.Replaced {
				replaced = append(replaced, old.Pack+"="+decimal(*old.Limit))
			}
			got := string(v.Outcome) + " " + decimal(*v.Limit) + " " + v.LimitBy + " " + strings.Join(replaced, " ")
			if got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
	}
}

// The packs that are handed in stay as they are.
func TestResolveChangesNothing(t *testing.T) {
	gx := pack(t, "guangxi/hightech-2021")
	before := len(gx.Rules)
	if _, err := rule.Resolve([]*rule.Pack{gx, userPack(t, "gx/city", `{province: ["450000"]}`, cap7Limits("0.06", ""))}); err != nil {
		t.Fatal(err)
	}
	l, _ := gx.Rule("ancillary.zone-land-max").LimitOn(day(t, "2024-12-31"))
	if len(gx.Rules) != before || l.Value.String() != "0.07" {
		t.Errorf("the pack has changed: %d rules, limit %s", len(gx.Rules), l.Value)
	}
}

// A pack switches rules on and off, and sets parameters of others.
func TestOverridesSwitch(t *testing.T) {
	on := userPack(t, "a/on", "{}", "overrides:\n  - {rule: national/industrial-project-2008#green.project-max, on: true, source: 局办公会}\n"+
		"  - {rule: national/industrial-project-2008#ancillary.project-land-max, off: {zh: 不查, en: not asked}, relax: true, source: 局办公会}\n"+
		"settings: [{parameter: national/idle-land-2012#idle.take-back-years, value: 3, source: 试点}]\n")
	packs, err := rule.Resolve([]*rule.Pack{pack(t, "national/industrial-project-2008"), pack(t, "national/idle-land-2012"), on})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range packs[0].In(&land.Zone{}) {
		ids = append(ids, r.ID)
	}
	if strings.Join(ids, " ") != "green.project-max" {
		t.Errorf("judged are %v", ids)
	}
	if q, _ := packs[1].Parameter("idle.take-back-years"); q.Num != 3 || !strings.Contains(q.Source, "a/on") {
		t.Errorf("parameter %+v", q)
	}
}

// What an override can't do is a fault with its place.
func TestOverrideFaults(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"relaxes in silence", cap7Limits("0.08", ""), "own.yaml:9:5: the limit <= 0.08 relaxes guangxi/hightech-2021#ancillary.zone-land-max, where it is 0.07"},
		{"a pack that isn't there", "overrides:\n  - {rule: nowhere/pack#a.b, on: true, source: x}\n", `own.yaml:9:5: the pack "nowhere/pack" that is overridden is not among those read`},
		{"a rule that isn't there", "overrides:\n  - {rule: guangxi/hightech-2021#a.b, on: true, source: x}\n", `has no rule "a.b"; it has ancillary.project-land-max`},
		{"off in silence", "overrides:\n  - {rule: " + cap7 + ", off: {zh: 否, en: no}, source: x}\n", "not to judge guangxi/hightech-2021#ancillary.zone-land-max relaxes it"},
		{"a limit of a finding", "overrides:\n  - {rule: yunnan/hightech-2020#entry.three-high-ban, limits: [{value: 1, source: x}], source: x}\n", "compares no indicator"},
		{"a parameter that isn't there", "settings:\n  - {parameter: guangxi/hightech-2021#a.b, value: 1, source: x}\n", `has no parameter "a.b"`},
	} {
		own, err := rule.Read("own.yaml", []byte(userText("own/pack", "{}", c.body)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		_, err = rule.Resolve([]*rule.Pack{pack(t, "guangxi/hightech-2021"), pack(t, "yunnan/hightech-2020"), own})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := rule.Resolve([]*rule.Pack{pack(t, "yunnan/hightech-2020"), pack(t, "yunnan/hightech-2020")}); err == nil {
		t.Error("two packs of one id")
	}
	for _, c := range []struct{ body, want string }{
		{"overrides: [{rule: a/b#c.d, source: x}]", "must change something"},
		{"overrides: [{rule: a/b, on: true, source: x}]", "must be like"},
		{"overrides: [{rule: a/b#c.d, on: true}]", `"source" is missing`},
	} {
		if _, err := rule.Read("own.yaml", []byte(userText("own/pack", "{}", c.body))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.body, err, c.want)
		}
	}
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
