package ruletest_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/rule/ruletest"
	"github.com/muscope/muscope/data"
)

// Every pack's cases come out as written, and no rule lacks one.
func TestCasesOfEveryPack(t *testing.T) {
	tree, err := data.Rules()
	if err != nil {
		t.Fatal(err)
	}
	packs, err := rule.LoadFS(tree)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packs {
		t.Run(p.ID, func(t *testing.T) {
			name := p.ID + "/cases.yaml"
			b, err := fs.ReadFile(tree, name)
			if err != nil {
				t.Fatal(err)
			}
			f, err := ruletest.Read(name, b)
			if err != nil {
				t.Fatal(err)
			}
			failures, err := ruletest.Run(context.Background(), p, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, fail := range failures {
				t.Error(fail)
			}
			gaps, err := ruletest.Gaps(context.Background(), p, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, gap := range gaps {
				t.Error(gap)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	_, err := ruletest.Read("cases.yaml", []byte(`
pack: a/b
cases:
  - name: x
    as_of: yesterday
    zone: {provinz: "450000"}
    parcels:
      - {id: A, supplied: 2020-01-01, ownership: mine}
    expect:
      - {rule: a.b, outcome: fine, excess_mu: much}
    measures: [{indicator: build_rate}]
  - {name: y, as_of: 2024-12-31, parcels: []}
`))
	if err == nil {
		t.Fatal("faulty cases were accepted")
	}
	for _, want := range []string{"cases.yaml:5:", `unknown key "provinz"`, `unknown key "supplied"`, `"mine" is none of`,
		`"fine" is none of`, `"much" must be a decimal`, "a measure must say its value", "a case must say what it expects"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among the faults:\n%v", want, err)
		}
	}
}

// A case that is wrong fails, and says how.
func TestFailures(t *testing.T) {
	tree, err := data.Rules()
	if err != nil {
		t.Fatal(err)
	}
	packs, err := rule.LoadFS(tree, "national/idle-land-2012")
	if err != nil {
		t.Fatal(err)
	}
	f, err := ruletest.Read("cases.yaml", []byte(`
pack: national/idle-land-2012
cases:
  - name: wrong
    as_of: 2024-12-31
    parcels: [{id: A, supplied_on: 2020-01-01, completed_on: 2021-01-01}]
    expect:
      - {rule: idle.not-started, subject: A, outcome: violated}
      - {rule: idle.not-started, subject: A, outcome: satisfied}
      - {rule: idle.forgotten, outcome: satisfied}
`))
	if err != nil {
		t.Fatal(err)
	}
	failures, err := ruletest.Run(context.Background(), packs[0], f)
	if err != nil {
		t.Fatal(err)
	}
	if len(failures) != 2 || !strings.Contains(failures[0].String(), `wrong: idle.not-started on A: outcome is "satisfied" (not_idle), want "violated"`) ||
		!strings.Contains(failures[1].String(), `no rule "idle.forgotten"`) {
		t.Errorf("failures %v", failures)
	}
}

// So do cases about measures, sets, silence and rules that are off.
func TestFailuresOfOtherKinds(t *testing.T) {
	for _, c := range []struct{ name, pack, text, want string }{
		{"a measure", "national/zone-evaluation", "measures: [{indicator: build_rate, value: 0.5}]", `build_rate is "1" (), want "0.5"`},
		{"a measure that is exact", "national/zone-evaluation", "measures: [{indicator: build_rate, exact: false}]", "build_rate is exact: true"},
		{"a measure nobody has", "national/zone-evaluation", "measures: [{indicator: joy, value: 1}]", "nobody computes joy"},
		{"a pack that speaks", "guangxi/hightech-2021", "silent: true", "guangxi/hightech-2021#rd-intensity.gdp-target speaks of all"},
		{"another set", "guangxi/hightech-2021", "expect: [{rule: rd-intensity.gdp-target, subject: some, outcome: satisfied}]", "says nothing of the set some"},
		{"a rule that is off", "national/industrial-project-2023", "expect: [{rule: far.project-min, subject: A, outcome: satisfied}]", "is off"},
	} {
		p := packText(t, c.pack)
		f, err := ruletest.Read("cases.yaml", []byte("pack: "+c.pack+"\ncases:\n  - name: x\n    as_of: 2024-12-31\n"+
			"    parcels: [{id: A, use_code: \"1001\", approved_on: 2018-01-01, supplied_on: 2019-01-01, completed_on: 2020-01-01}]\n    "+c.text+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		failures, err := ruletest.Run(context.Background(), p, f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(fmt.Sprint(failures), c.want) {
			t.Errorf("%s: failures %v, want %q", c.name, failures, c.want)
		}
	}
	f := &ruletest.File{Pack: "national/industrial-project-2023", Cases: []ruletest.Case{{Name: "x", On: []string{"far.forgotten"}}}}
	if _, err := ruletest.Run(context.Background(), packText(t, f.Pack), f); !errors.Is(err, rule.ErrPack) {
		t.Errorf("a rule to switch on that is not there: %v", err)
	}
}

// What no case shows is told, the case exactly on the limit among it.
func TestGaps(t *testing.T) {
	p := packText(t, "national/industrial-project-2008")
	f, err := ruletest.Read("cases.yaml", []byte(`
pack: national/industrial-project-2008
cases:
  - name: over
    as_of: 2024-12-31
    parcels: [{id: A, use_code: "1001", supplied_on: 2016-06-01, contract_signed_on: 2016-05-01, completed_on: 2019-01-01, recorded_area_m2: 100000, ancillary_site_m2: 7001}]
    expect: [{rule: ancillary.project-land-max, subject: A, outcome: violated}]
`))
	if err != nil {
		t.Fatal(err)
	}
	gaps, err := ruletest.Gaps(context.Background(), p, f)
	if err != nil {
		t.Fatal(err)
	}
	told := fmt.Sprint(gaps)
	for _, want := range []string{`ancillary.project-land-max has no case "satisfied"`, "ancillary.project-land-max has no case exactly on its limit"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not among %v", want, gaps)
		}
	}
	if strings.Contains(told, `ancillary.project-land-max has no case "violated"`) {
		t.Errorf("told of what is there: %v", gaps)
	}
}
