package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestJoinFlags: a table joined by check makes a verdict possible; flags that
// don't fit together are refused in both languages.
func TestJoinFlags(t *testing.T) {
	table := filepath.Join(t.TempDir(), "supply.csv")
	if err := os.WriteFile(table, []byte("宗地号,supplied_on,agreed_start_on,started_on,construction_state,supply_mode\nP1,2020-01-01,2020-06-01,,未动工,挂牌\nP9,2020-01-01,,,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	zones := collectionOf(featureOf(guangxiZone, rectangle(108.40, 22.80, 0.02, 0.02)))
	parcels := collectionOf(featureOf(`"id":"P1"`, square(108.401, 22.801)), featureOf(`"id":"P2"`, square(108.403, 22.801)))
	code, r, stderr := runCheck(t, zones, parcels, "--join", table, "--join-on", "id=宗地号", "--as-of", "2024-12-31")
	if code != exitDone || len(r.Parts) != 2 || r.Parts[0].Status != "suspected_idle" || r.Parts[1].Status != "undetermined" {
		t.Fatalf("exit code %d: %+v: %s", code, r.Parts, stderr)
	}
	if !strings.Contains(stderr, "P2") || !strings.Contains(stderr, "P9") || r.Inputs[1].Settings["join-1"] != "id=宗地号" {
		t.Errorf("%s\n%+v", stderr, r.Inputs)
	}
	_, before, _ := runCheck(t, zones, parcels, "--as-of", "2024-12-31")
	if before.AnalysisID == r.AnalysisID {
		t.Error("the joined table isn't part of the analysis' identity")
	}
	for _, c := range []struct{ args, says string }{
		{"--join " + table, "--join-on"}, {"--join-on a=b", "--join-on"}, {"--join " + table + " --join-on =b", "=b"},
		{"--join stats:" + table + " --join-on a", "stats"}, {"--join buildings:" + table + " --join-on a", "buildings"},
		{"--join " + table + " --join-on id=nr", "宗地号"}, {"--join no.csv --join-on id", "no.csv"},
	} {
		for _, lang := range []string{"zh", "en"} {
			if code, _, stderr := runCheck(t, zones, parcels, append(strings.Fields(c.args), "--lang", lang)...); code != exitRefused || !strings.Contains(stderr, c.says) || strings.Contains(stderr, "%!") {
				t.Errorf("%s: exit code %d: %s", c.args, code, stderr)
			}
		}
	}
	app, _, errs := testApp(t)
	if code := app.Run(context.Background(), []string{"load", "stats", table, "--snapshot", "s", "--join", table, "--join-on", "zone"}); code != exitRefused || !strings.Contains(errs.String(), "stats") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

// TestHelp: flags as the contract writes them, and the layers of load.
func TestHelp(t *testing.T) {
	for command, want := range map[string][]string{"check": {"   -o …", "  --join …"}, "load": {"LAYER: zones, parcels, buildings", "  --dry-run"}} {
		app, _, errs := testApp(t)
		if code := app.Run(context.Background(), []string{command, "--help"}); code != exitDone {
			t.Errorf("exit code %d", code)
		}
		for _, w := range want {
			if !strings.Contains(errs.String(), w) || strings.Contains(errs.String(), "--o ") {
				t.Errorf("%s --help doesn't say %q:\n%s", command, w, errs)
			}
		}
	}
}
