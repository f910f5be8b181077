package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/muscope/muscope/analysis/land"
)

// expectedSample is data/samples/expected.yaml.
type expectedSample struct {
	Parcels []struct {
		At     [2]int
		Status land.Status
		Flags  []land.PartFlag
		Idle   *struct {
			Branch, Since, Measure string
			IfHolder               string   `yaml:"if_holder"`
			FeeWan                 *float64 `yaml:"fee_wan"`
		}
	}
	Zones map[string]expectedZone
	None  struct{ Parcels, Built int }
}

type expectedZone struct {
	ByStatus   map[land.Status]int64   `yaml:"by_status"`
	ByStatusMu map[land.Status]float64 `yaml:"by_status_mu"`
	Indicators map[string]struct {
		Value, Numerator, Denominator *float64
		Exact                         *bool
		Bounds                        []float64
	}
	Verdicts map[string]struct {
		Outcome   land.Outcome
		DecidedBy string   `yaml:"decided_by"`
		ExcessMu  *float64 `yaml:"excess_mu"`
		ExcessM2  *float64 `yaml:"excess_m2"`
	}
	ProjectCounts map[string]map[land.Outcome]int64 `yaml:"project_counts"`
	ExcessMu      map[string]float64                `yaml:"excess_mu"`
}

var sampleDir = filepath.Join("..", "..", "data", "samples")

// testApp is the program with what a test gives it.
func testApp(t *testing.T) (*App, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	app := &App{Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" },
		Now: func() time.Time { return time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC) }}
	return app, &stdout, &stderr
}

func sampleArgs(more ...string) []string {
	args := []string{"check"}
	for _, layer := range [][2]string{{"zones", "zones.geojson"}, {"parcels", "parcels.geojson"}, {"buildings", "buildings.geojson"}, {"stats", "stats.csv"}} {
		args = append(args, "--"+layer[0], filepath.Join(sampleDir, layer[1]))
	}
	return append(args, more...)
}

func checkSample(t *testing.T) *land.Result {
	t.Helper()
	app, stdout, stderr := testApp(t)
	if code := app.Run(context.Background(), sampleArgs()); code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	result := &land.Result{}
	if err := json.Unmarshal(stdout.Bytes(), result); err != nil {
		t.Fatal(err)
	}
	return result
}

func readExpected(t *testing.T) expectedSample {
	t.Helper()
	blob, err := os.ReadFile(filepath.Join(sampleDir, "expected.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var want expectedSample
	if err := yaml.UnmarshalWithOptions(blob, &want, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if len(want.Parcels) < 40 || len(want.Zones) != 4 {
		t.Fatalf("expected.yaml has %d parcels and %d zones", len(want.Parcels), len(want.Zones))
	}
	return want
}

// The sample district comes out as worked out by hand.
func TestSampleAsExpected(t *testing.T) {
	got, want := checkSample(t), readExpected(t)
	if got.AsOf.String() != "2024-12-31" || got.AsOfReason != "latest_stats_year" {
		t.Errorf("as of %s (%s)", got.AsOf, got.AsOfReason)
	}
	checkParts(t, got, want)
	for i := range got.Zones {
		z := &got.Zones[i]
		t.Run(z.Code, func(t *testing.T) { checkZone(t, z, want.Zones[z.Code]) })
	}
	occurs := map[land.Status]bool{}
	for _, p := range got.Parts {
		occurs[p.Status] = true
	}
	for _, s := range land.Statuses() {
		if !occurs[s] {
			t.Errorf("no parcel of the sample is %s", s)
		}
	}
}

func checkParts(t *testing.T, got *land.Result, want expectedSample) {
	t.Helper()
	special := map[string]int{}
	for i, p := range want.Parcels {
		special[sampleID(p.At[0], p.At[1])] = i
	}
	none := 0
	for _, p := range got.Parts {
		if p.Zone == nil {
			none++
		}
		i, ok := special[p.ID]
		if !ok {
			if p.Status != land.Built || len(p.Flags) > 0 || p.Idle != nil {
				t.Errorf("%s is plain, yet %s %v (%s)", p.ID, p.Status, p.Flags, p.Reason)
			}
			continue
		}
		w := want.Parcels[i]
		if p.Status != w.Status || !slices.Equal(p.Flags, append([]land.PartFlag{}, w.Flags...)) {
			t.Errorf("%s at %v: %s %v (%s), want %s %v", p.ID, w.At, p.Status, p.Flags, p.Reason, w.Status, w.Flags)
		}
		if (p.Idle != nil) != (w.Idle != nil) {
			t.Errorf("%s at %v: idle %v, want %v", p.ID, w.At, p.Idle, w.Idle)
			continue
		}
		if w.Idle == nil {
			continue
		}
		fee := "null"
		if w.Idle.FeeWan != nil {
			fee = fmt.Sprint(*w.Idle.FeeWan)
		}
		gotFee, _ := p.Idle.FeeIfHolderWan.MarshalJSON()
		g := [5]string{p.Idle.Branch, p.Idle.Since.String(), p.Idle.Measure, p.Idle.MeasureIfHolder, string(gotFee)}
		if want := [5]string{w.Idle.Branch, w.Idle.Since, w.Idle.Measure, w.Idle.IfHolder, fee}; g != want {
			t.Errorf("%s at %v: idle %v, want %v", p.ID, w.At, g, want)
		}
	}
	if none != want.None.Parcels {
		t.Errorf("%d parcels in no zone, want %d", none, want.None.Parcels)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }

func checkZone(t *testing.T, z *land.ZoneResult, want expectedZone) {
	t.Helper()
	for s, l := range z.Land.ByStatus {
		if l.Parcels != want.ByStatus[s] {
			t.Errorf("%s: %d parcels, want %d", s, l.Parcels, want.ByStatus[s])
		}
		if mu, ok := want.ByStatusMu[s]; ok && !near(l.AreaMu.Float(), mu) {
			t.Errorf("%s: %s mu, want %g", s, l.AreaMu, mu)
		}
	}
	if len(z.Land.ByStatus) != len(want.ByStatus) {
		t.Errorf("%d statuses, want %d", len(z.Land.ByStatus), len(want.ByStatus))
	}
	checkIndicators(t, z, want)
	for rule, w := range want.Verdicts {
		i := slices.IndexFunc(z.Verdicts, func(v land.Verdict) bool { return v.RuleKey() == rule && v.Level == land.LevelZone })
		if i < 0 {
			t.Errorf("no verdict of %s", rule)
			continue
		}
		v := z.Verdicts[i]
		if v.Outcome != w.Outcome || w.DecidedBy != "" && v.DecidedBy != w.DecidedBy {
			t.Errorf("%s: %s by %s (%s), want %s %s", rule, v.Outcome, v.DecidedBy, v.Reason, w.Outcome, w.DecidedBy)
		}
		if w.ExcessMu != nil && (v.ExcessMu == nil || !near(v.ExcessMu.Float(), *w.ExcessMu)) {
			t.Errorf("%s: excess %v mu, want %g", rule, v.ExcessMu, *w.ExcessMu)
		}
		if w.ExcessM2 != nil && (v.ExcessM2 == nil || !near(v.ExcessM2.Float(), *w.ExcessM2)) {
			t.Errorf("%s: excess %v m², want %g", rule, v.ExcessM2, *w.ExcessM2)
		}
	}
	for rule, counts := range want.ProjectCounts {
		for outcome, n := range counts {
			if got := z.VerdictCounts[rule][outcome]; got != n {
				t.Errorf("%s: %d projects %s, want %d (all: %v)", rule, got, outcome, n, z.VerdictCounts[rule])
			}
		}
	}
	for rule, mu := range want.ExcessMu {
		i := slices.IndexFunc(z.Verdicts, func(v land.Verdict) bool { return v.RuleKey() == rule && v.Outcome == land.Violated })
		if i < 0 || z.Verdicts[i].ExcessMu == nil || !near(z.Verdicts[i].ExcessMu.Float(), mu) {
			t.Errorf("%s: want a violation by %g mu", rule, mu)
		}
	}
}

func checkIndicators(t *testing.T, z *land.ZoneResult, want expectedZone) {
	t.Helper()
	for id, w := range want.Indicators {
		i := slices.IndexFunc(z.Indicators, func(x land.Indicator) bool { return x.ID == id })
		if i < 0 {
			t.Errorf("no indicator %s", id)
			continue
		}
		g := z.Indicators[i]
		if w.Value != nil && (g.Value == nil || !near(*g.Value, *w.Value)) {
			t.Errorf("%s = %v, want %g", id, deref(g.Value), *w.Value)
		}
		if w.Value == nil && w.Numerator == nil && w.Exact == nil && g.Value != nil {
			t.Errorf("%s = %g, want none", id, *g.Value)
		}
		if w.Numerator != nil && (g.Numerator == nil || !near(g.Numerator.Float(), *w.Numerator)) {
			t.Errorf("%s: numerator %+v, want %g", id, g.Numerator, *w.Numerator)
		}
		if w.Denominator != nil && (g.Denominator == nil || !near(g.Denominator.Float(), *w.Denominator)) {
			t.Errorf("%s: denominator %+v, want %g", id, g.Denominator, *w.Denominator)
		}
		if w.Exact != nil && g.Exact != *w.Exact {
			t.Errorf("%s: exact %t, want %t; missing %v", id, g.Exact, *w.Exact, g.Missing)
		}
		if w.Bounds != nil && (g.Bounds == nil || g.Bounds.Lo == nil || g.Bounds.Hi == nil || !near(*g.Bounds.Lo, w.Bounds[0]) || !near(*g.Bounds.Hi, w.Bounds[1])) {
			t.Errorf("%s: bounds %v, want %v", id, g.Bounds, w.Bounds)
		}
	}
}

func deref(f *float64) any {
	if f == nil {
		return nil
	}
	return *f
}

// The files of the sample are what the generator makes.
func TestSampleIsGenerated(t *testing.T) {
	dir := t.TempDir()
	if err := writeSample(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, f fs.DirEntry, err error) error {
		if err != nil || f.IsDir() {
			return err
		}
		a, errA := os.ReadFile(filepath.Join(dir, name))
		b, errB := os.ReadFile(filepath.Join(sampleDir, name))
		if err := cmp.Or(errA, errB); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs from what the generator makes (%v); run go run ./cmd/muscope bench sample -o data/samples", name, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
