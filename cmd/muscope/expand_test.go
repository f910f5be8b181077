package main

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
)

// expectedExpansion is one application of data/samples/expansion/expected.yaml.
type expectedExpansion struct {
	Outcome    land.Outcome
	Counts     map[string]int
	Added      [][2]int `yaml:"added_cells"`
	Removed    [][2]int `yaml:"removed_cells"`
	Conditions map[string]struct {
		Outcome land.Outcome
		Cells   [][2]int
		Count   *int
	}
	Trimmed struct {
		Cells  [][2]int
		Pieces int
	}
	Room struct {
		HeldMu *float64 `yaml:"held_mu"`
		Ratio  float64
		Digest []string
		Exact  bool
	}
	Changes map[string]struct {
		ShortfallMu  float64 `yaml:"shortfall_mu"`
		ShortfallWan float64 `yaml:"shortfall_wan"`
		Fewest       int
		LeastMu      float64 `yaml:"least_mu"`
		After        land.Outcome
	}
	WhatIf map[string]struct{ Before, After float64 } `yaml:"what_if"`
	Audit  struct {
		Before, Added, After map[string]float64
		NotLoaded            []string            `yaml:"not_loaded"`
		Evidence             map[string][][2]int `yaml:"evidence_cells"`
	}
}

// cellsM2 is the area of some cells as drawn; each must be a parcel's as
// recorded, within 4 %.
func cellsM2(t *testing.T, cells [][2]int) (sum float64) {
	t.Helper()
	for _, c := range cells {
		var ring orb.Ring
		for _, p := range sampleRing(c[0], c[1], c[0]+1, c[1]+1) {
			ring = append(ring, orb.Point(p))
		}
		m2 := geo.AreaM2(orb.Polygon{ring})
		if math.Abs(m2/8000-1) > 0.04 {
			t.Fatalf("cell %v has %f m²", c, m2)
		}
		sum += m2
	}
	return sum
}

func sampleExpandArgs(application string, more ...string) []string {
	in := func(name string) string { return filepath.Join(sampleDir, name) }
	return append([]string{"expand", "--quiet", "--zones", in("zones.geojson"), "--parcels", in("parcels.geojson"), "--stats", in("stats.csv"),
		"--constraints", in("expansion/constraints.geojson"), "--boundary", in("expansion/" + application + ".geojson"),
		"--pack", "national/zone-evaluation", "--pack", in("expansion/pack.yaml")}, more...)
}

func expandSample(t *testing.T, application string, more ...string) *expansion.Document {
	t.Helper()
	a, stdout, stderr := testApp(t)
	if code := a.Run(context.Background(), sampleExpandArgs(application, more...)); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var doc expansion.Document
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return &doc
}

func TestSampleExpansionAsExpected(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(sampleDir, "expansion", "expected.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]expectedExpansion
	if err := yaml.UnmarshalWithOptions(b, &expected, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if len(expected) != 2 {
		t.Fatalf("%d applications are expected", len(expected))
	}
	for name, want := range expected {
		t.Run(name, func(t *testing.T) {
			doc := expandSample(t, name, "--change", filepath.Join(sampleDir, "expansion", "changes.csv"))
			want.conditions(t, doc)
			want.areas(t, doc)
			want.changes(t, doc)
			want.audit(t, doc)
		})
	}
}

func (want *expectedExpansion) conditions(t *testing.T, doc *expansion.Document) {
	t.Helper()
	n := doc.Counts
	if doc.Outcome != want.Outcome || n.Satisfied != want.Counts["satisfied"] || n.Violated != want.Counts["violated"] || n.Incomputable != want.Counts["incomputable"] {
		t.Errorf("%s, %+v; want %s, %v", doc.Outcome, n, want.Outcome, want.Counts)
	}
	seen := 0
	for _, c := range doc.Conditions {
		w, ok := want.Conditions[c.ID]
		if !ok {
			continue
		}
		seen++
		if c.Outcome != w.Outcome {
			t.Errorf("%s is %s, want %s: %s", c.ID, c.Outcome, w.Outcome, c.Arithmetic.EN)
		}
		if m2 := cellsM2(t, w.Cells); len(w.Cells) > 0 && math.Abs(c.Area.M2.Float()-m2) > 0.1 {
			t.Errorf("%s: %v m², want %f", c.ID, c.Area.M2, m2)
		}
		if w.Count != nil && c.Count != *w.Count {
			t.Errorf("%s: %d pieces, want %d", c.ID, c.Count, *w.Count)
		}
		if c.Reason.Text.ZH == "" || len(c.Basis) == 0 || c.Basis[0].Clause == "" {
			t.Errorf("%s says neither why nor by what clause: %+v", c.ID, c)
		}
	}
	if seen != len(want.Conditions) {
		t.Errorf("%d of %d conditions are there", seen, len(want.Conditions))
	}
}

func (want *expectedExpansion) areas(t *testing.T, doc *expansion.Document) {
	t.Helper()
	close := func(what string, got land.Fixed, cells [][2]int) {
		if m2 := cellsM2(t, cells); math.Abs(got.Float()-m2) > 0.1 {
			t.Errorf("%s: %v m², want %f", what, got, m2)
		}
	}
	close("added", doc.Areas.Added.M2, want.Added)
	close("removed", doc.Areas.Removed.M2, want.Removed)
	if doc.Areas.New.M2 != doc.Areas.Old.M2+doc.Areas.Added.M2-doc.Areas.Removed.M2 {
		t.Errorf("the areas don't add up: %+v", doc.Areas)
	}
	if (doc.Trimmed != nil) != (want.Trimmed.Pieces > 0) {
		t.Fatalf("trimmed: %v", doc.Trimmed)
	}
	if doc.Trimmed != nil {
		close("trimmed", doc.Trimmed.Left.M2, want.Trimmed.Cells)
		if doc.Trimmed.Pieces != want.Trimmed.Pieces {
			t.Errorf("trimmed: %d pieces, want %d", doc.Trimmed.Pieces, want.Trimmed.Pieces)
		}
	}
	if want.Room.HeldMu == nil {
		return
	}
	r := doc.Room
	var digest []string
	for _, d := range r.Digest {
		digest = append(digest, d.ID)
	}
	if r.Held.Mu.Float() != *want.Room.HeldMu || math.Abs(*r.Ratio/want.Room.Ratio-1) > 0.015 || !slices.Equal(digest, want.Room.Digest) || r.Exact != want.Room.Exact {
		t.Errorf("room: %+v, want %+v", r, want.Room)
	}
}

func (want *expectedExpansion) changes(t *testing.T, doc *expansion.Document) {
	t.Helper()
	for rule, w := range want.Changes {
		i := slices.IndexFunc(doc.Changes, func(r expansion.Remedy) bool { return r.Rule == rule })
		if i < 0 {
			t.Errorf("nothing is said of %s", rule)
			continue
		}
		r := doc.Changes[i]
		if w.ShortfallWan > 0 {
			if r.Amount == nil || r.Amount.Value.Float() != w.ShortfallWan || r.Fewest != nil {
				t.Errorf("%s: %+v, want %v 万元 and no set", rule, r.Amount, w.ShortfallWan)
			}
			continue
		}
		if r.Shortfall == nil || math.Abs(r.Shortfall.Mu.Float()-w.ShortfallMu) > 1e-6 {
			t.Errorf("%s: shortfall %+v, want %v mu", rule, r.Shortfall, w.ShortfallMu)
		}
		if r.Fewest == nil || r.Fewest.Count != w.Fewest || r.Fewest.Method != expansion.MethodExact || r.Fewest.Outcome != w.After {
			t.Errorf("%s: fewest %+v, want %d", rule, r.Fewest, w.Fewest)
		}
		if r.LeastArea == nil || r.LeastArea.Mu.Float() != w.LeastMu || r.LeastArea.Outcome != w.After {
			t.Errorf("%s: least %+v, want %v mu", rule, r.LeastArea, w.LeastMu)
		}
	}
	for id, w := range want.WhatIf {
		i := slices.IndexFunc(doc.WhatIf.Indicators, func(b expansion.BeforeAfter) bool { return b.ID == id })
		if i < 0 || *doc.WhatIf.Indicators[i].Before.Value != w.Before || *doc.WhatIf.Indicators[i].After.Value != w.After {
			t.Errorf("what if: %s isn't %v then %v", id, w.Before, w.After)
		}
	}
}

func (want *expectedExpansion) audit(t *testing.T, doc *expansion.Document) {
	t.Helper()
	if len(doc.Audit.Columns) != 20 || len(doc.Audit.Rows) != 3 {
		t.Fatalf("the table has %d columns and %d rows", len(doc.Audit.Columns), len(doc.Audit.Rows))
	}
	at := func(id string) int {
		return slices.IndexFunc(doc.Audit.Columns, func(c expansion.Column) bool { return c.ID == id })
	}
	for i, cells := range []map[string]float64{want.Audit.Before, want.Audit.Added, want.Audit.After} {
		row := doc.Audit.Rows[i]
		for id, ha := range cells {
			if c := row.Cells[at(id)]; c.Area == nil || math.Abs(c.Area.M2.Float()/10_000-ha) > 1e-3 {
				t.Errorf("%s %s: %+v, want %v ha", row.Of, id, c.Area, ha)
			}
		}
		for _, id := range want.Audit.NotLoaded {
			if c := row.Cells[at(id)]; c.Area != nil || c.Ratio != nil || c.Years != nil || c.Reason == nil || c.Reason.Code != "not_loaded" {
				t.Errorf("%s %s: %+v must say that it isn't loaded", row.Of, id, c)
			}
		}
		if m2 := cellsM2(t, want.Audit.Evidence[row.Of]); m2 > 0 && math.Abs(row.Cells[at("evidence")].Area.M2.Float()-m2) > 0.1 {
			t.Errorf("%s evidence: %+v, want %f m²", row.Of, row.Cells[at("evidence")].Area, m2)
		}
	}
}

// The table has the audit's headings in the audit's order (domain: 核查表).
func TestExpandTable(t *testing.T) {
	a, stdout, stderr := testApp(t)
	if code := a.Run(context.Background(), sampleExpandArgs("application", "--format", "csv", "--unit", "mu", "--lang", "zh")); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	head, rest, _ := strings.Cut(strings.TrimPrefix(stdout.String(), "\ufeff"), "\n")
	const want = "园区名称,园区面积 (亩),开发边界内 (亩),开发边界外 (亩),压占永久基本农田 (亩),压占生态保护红线 (亩),现状建设用地 (亩),现状工业/采矿/盐田/仓储用地 (亩)," +
		"现状工业用地率 (%),已批建设用地 (亩),批而未供面积 (亩),批而未供率 (%),已供应建设用地 (亩),闲置土地面积 (亩),闲置土地率 (%),规划建设用地 (亩)," +
		"规划工矿仓储用地 (亩),规划工业用地率 (%),举证面积 (亩),尚可供应年限 (年),范围,说明"
	if head != want {
		t.Errorf("the head is\n%s\nwant\n%s", head, want)
	}
	if !strings.Contains(rest, ",1158.0000,24.0000,2.0725,规划用途（planned_use_code）未载入,") {
		t.Errorf("the row of the zone lacks its figures:\n%s", rest)
	}
}

func TestExpandFormats(t *testing.T) {
	for format, wants := range map[string][]string{
		"html":    {"<!DOCTYPE html>", "Trimmed boundary", "<svg", "第一条", "Fewest parcels"},
		"geojson": {`"layer":"overlap.farmland"`, `"layer":"overlap.urban_boundary"`, `"layer":"trimmed"`, `"layer":"new"`, `"layer":"room"`},
	} {
		a, stdout, stderr := testApp(t)
		if code := a.Run(context.Background(), sampleExpandArgs("application", "--format", format, "--lang", "en", "--change", filepath.Join(sampleDir, "expansion", "changes.csv"))); code != exitDone {
			t.Fatalf("%s: exit %d: %s", format, code, stderr)
		}
		for _, want := range wants {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%s lacks %q", format, want)
			}
		}
		if strings.Contains(stdout.String(), "expansion.page.") || strings.Contains(stdout.String(), "%!") {
			t.Errorf("%s shows a key or a bad verb", format)
		}
	}
}

// What is refused is refused with the place and a remedy, and exit code 2.
func TestExpandRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	polygon := func(ring string) string {
		return `{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[` + ring + `]}}`
	}
	bowtie := write("bowtie.geojson", polygon(`[[108.4367,22.8],[108.4377,22.801],[108.4377,22.8],[108.4367,22.801],[108.4367,22.8]]`))
	global := write("global.geojson", polygon(`[[-179,-80],[179,-80],[179,80],[-179,80],[-179,-80]]`))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"expand", "--zone", "GX02"}, "--boundary"},
		{sampleExpandArgs("application", "--boundary", bowtie), "108.437"},
		{sampleExpandArgs("application", "--boundary", global), "degrees"},
		{sampleExpandArgs("application", "--boundary", filepath.Join(dir, "none")), "none"},
		{sampleExpandArgs("application", "--format", "pdf"), "geojson"},
		{sampleExpandArgs("application", "--unit", "acre"), "km2"},
		{sampleExpandArgs("application", "--kind", "annexation"), "enlargement, adjustment"},
		{sampleExpandArgs("application", "--zone", "GX99"), "GX02"},
		{sampleExpandArgs("application", "--new-ha", "much"), "--new-ha"},
		{sampleExpandArgs("application", "--removed", filepath.Join(sampleDir, "expansion", "adjustment.geojson"), "--kind", "enlargement"), "adjustment"},
		{sampleExpandArgs("application", "--change", write("c.csv", "id,field\n")), "parcel,field,value"},
		{sampleExpandArgs("application", "--change", write("d.csv", "parcel,field,value\nX,joy,1\n")), "joy"},
		{sampleExpandArgs("application", "--change", write("e.csv", "parcel,field,value\nX,tax_wan,1\n")), "parcel X"},
		{sampleExpandArgs("application", "--snapshot", "2025"), "--snapshot"},
	} {
		a, _, stderr := testApp(t)
		if code := a.Run(context.Background(), append(c.args, "--lang", "en")); code != exitRefused || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%v: exit %d, %s; want %q", c.args[max(0, len(c.args)-2):], code, stderr, c.want)
		}
	}
}
