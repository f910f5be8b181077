package ruletest

import (
	"context"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/data"
)

// firstPacks are those whose verdicts on zones, projects and parcels other
// people's scripts count on.
func firstPacks() []string {
	return []string{"guangxi/hightech-2021", "national/idle-land-2012", "national/industrial-project-2008"}
}

// The other packs add nothing to what a zone outside their province is told,
// and change nothing of it.
func TestOtherPacksAddNothing(t *testing.T) {
	tree, err := data.Rules()
	if err != nil {
		t.Fatal(err)
	}
	all, err := rule.LoadFS(tree)
	if err != nil {
		t.Fatal(err)
	}
	first, err := rule.LoadFS(tree, firstPacks()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range first {
		b, err := fs.ReadFile(tree, p.ID+"/cases.yaml")
		if err != nil {
			t.Fatal(err)
		}
		f, err := Read(p.ID+"/cases.yaml", b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Cases {
			sameResult(t, &f.Cases[i], first, all)
		}
	}
}

func sameResult(t *testing.T, c *Case, first, all []*rule.Pack) {
	t.Helper()
	few, err := c.analyze(context.Background(), first...)
	if err != nil {
		t.Fatal(err)
	}
	many, err := c.analyze(context.Background(), all...)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(few.Parts, many.Parts) || !reflect.DeepEqual(few.Sets, many.Sets) {
		t.Errorf("%s: parts or sets differ under all packs", c.Name)
	}
	for i := range few.Zones {
		a, b := &few.Zones[i], &many.Zones[i]
		added := slices.DeleteFunc(slices.Collect(maps.Keys(b.VerdictCounts)), func(k string) bool {
			_, ok := a.VerdictCounts[k]
			return ok
		})
		if c.Zones[i].Province == "" { // it may be any province's: its rules say so, each once
			b.Verdicts = slices.DeleteFunc(b.Verdicts, func(v land.Verdict) bool { return slices.Contains(added, v.RuleKey()) })
			for _, k := range added {
				delete(b.VerdictCounts, k)
			}
			added = nil
		}
		if len(added) > 0 || !reflect.DeepEqual(a.Verdicts, b.Verdicts) || !reflect.DeepEqual(a.VerdictCounts, b.VerdictCounts) {
			t.Errorf("%s: zone %s hears more under all packs: %v", c.Name, a.Code, added)
		}
	}
}
