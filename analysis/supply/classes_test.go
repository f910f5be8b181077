package supply_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/supply"
)

func TestLookup(t *testing.T) {
	c := classes(t)
	for _, l := range []struct {
		scheme land.UseScheme
		code   string
		want   string // class, + for unbuildable, * for M0, "" for not found
	}{
		// Collisions: one number, several meanings.
		{"", "1001", "industrial"},
		{land.Guide2023, "1001", "industrial"},
		{land.GBT21010, "1001", "transport"},
		{land.Survey3, "1001", "transport"},
		{land.Guide2023, "1101", "storage"},
		{land.GBT21010, "1101", "not_construction+"},
		{land.Survey3, "1101", "not_construction+"},
		{land.Survey3, "0508", "storage"},
		{land.GBT21010, "0508", ""},
		{land.Guide2023, "0508", "not_construction"},
		{land.GBT21010, "0604", "storage"},
		{land.Guide2023, "0604", "not_construction"},
		{land.Guide2023, "0801", "admin_office"},
		{land.GBT21010, "0801", "admin_office"},
		{land.Guide2023, "1301", "utilities"},
		{land.GBT21010, "1301", ""},
		{land.GBT21010, "1004", "transport"},
		{land.Guide2023, "1004", "industrial*"},
		{land.Guide2023, "100104", "industrial*"},
		// Prefixes: the longest wins.
		{land.Guide2023, "100102", "industrial"},
		{land.Guide2023, "070101", "residential"},
		{land.Guide2023, "0702", "residential_service"},
		{land.Guide2023, "0704", "residential_service"},
		{land.Guide2023, "0802", "production_service"},
		{land.Guide2023, "0902", "production_service"},
		{land.Guide2023, "090104", "commercial"},
		{land.Guide2023, "1701", "not_construction+"},
		{land.Guide2023, "1703", "not_construction"},
		{land.Guide2023, "16", "reserved"},
		{land.GBT21010, "1006", "not_construction"},
		{land.GBT21010, "1102", "not_construction+"},
		{land.GBT21010, "1103", "not_construction"},
		{land.GBT21010, "1109", "utilities"},
		{land.Survey3, "1104A", "not_construction"},
		{land.Survey3, "05H1", "commercial"},
		{land.Survey3, "08H2", "public_service"},
		{land.Survey3, "0810A", "green"},
		{land.Landchina2007, "061", "industrial"},
		{land.Landchina2007, "063", "storage"},
		{land.Landchina2007, "工业用地", "industrial"},
		{land.Landchina2007, "其他普通商品住房用地", "residential"},
		{land.Landchina2007, "科教用地", "public_service"},
		// A heading whose members differ says too little.
		{land.Guide2023, "10", ""},
		{land.Guide2023, "08", ""},
		{land.Landchina2007, "工矿仓储用地", ""},
		{land.Landchina2007, "综合", ""},
		{"nobody's", "1001", ""},
		{land.UnknownScheme, "1001", ""},
		{land.UnknownScheme, "工业用地", ""},
		// One number, two meanings: the scheme decides.
		{land.Guide2023, "1001", "industrial"},
		{land.GBT21010, "1001", "transport"},
		{land.Survey3, "1001", "transport"},
		{land.Guide2023, "1101", "storage"},
		{land.GBT21010, "1101", "not_construction+"},
		{land.Survey3, "0508", "storage"},
		{land.GBT21010, "0508", ""},
		{land.GBT21010, "0604", "storage"},
		{land.Guide2023, "0604", "not_construction"},
		{land.GB50137, "M", "industrial"},
		{land.GB50137, "M1", "industrial"},
		{land.GB50137, "M0", "industrial*"},
		{land.GB50137, "W2", "storage"},
		{land.GB50137, "A1", "admin_office"},
		{land.GB50137, "A33", "public_service"},
		{land.GB50137, "A35", "production_service"},
		{land.GB50137, "B2", "production_service"},
		{land.GB50137, "B11", "commercial"},
		{land.GB50137, "A7", ""},
		{land.GB50137, "H", ""},
		{land.Guide2023, "", ""},
	} {
		use, ok := c.Lookup(l.scheme, l.code)
		got := string(use.Class)
		if use.Unbuildable {
			got += "+"
		}
		if use.NewIndustry {
			got += "*"
		}
		if got != l.want || ok != (l.want != "") {
			t.Errorf("%s %s: got %q %v, want %q", l.scheme, l.code, got, ok, l.want)
		}
	}
}

// TestOverride: a bureau's own table stands in place of the rows it names, and
// of no others.
func TestOverride(t *testing.T) {
	c := classes(t)
	const head = "scheme,code,class,unbuildable,new_industry,name_zh,source\n"
	own := fstest.MapFS{"own.csv": {Data: []byte(head + "guide-2023,1101,production_service,,,物流仓储用地,本地口径\n")},
		"bad.csv": {Data: []byte(head + "guide-2023,1101,logistics,,,,x\n")}}
	if err := c.Override(own, "own.csv"); err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]land.Class{"1101": land.ClassProductionService, "110101": land.ClassProductionService,
		"物流仓储用地": land.ClassProductionService, "1102": land.ClassStorage, "1001": land.ClassIndustrial} {
		if use, ok := c.Lookup(land.Guide2023, code); !ok || use.Class != want {
			t.Errorf("%s: %v %v, want %s", code, use, ok, want)
		}
	}
	if err := c.Override(own, "bad.csv"); err == nil || !strings.Contains(err.Error(), "bad.csv:2") {
		t.Error(err)
	}
}

func TestLoadClassesRefuses(t *testing.T) {
	const head = "scheme,code,class,unbuildable,new_industry,name_zh,source\n"
	for _, c := range []struct{ table, want string }{
		{"", "t.csv:1"},
		{"scheme,code\n", "t.csv:1"},
		{head + "s,01,factory,,,工厂,x\n", `t.csv:2: class "factory"`},
		{head + "s,01,industrial,,,工厂,\n", "t.csv:2"},
		{head + "s,01,industrial,perhaps,,工厂,x\n", "unbuildable"},
		{head + "s,01,industrial,,perhaps,工厂,x\n", "new_industry"},
		{head + "s,01,industrial,,,工厂,x\ns,01,storage,,,仓库,x\n", "t.csv:3: code 01 of s stands twice"},
		{head + "s,01\n", "t.csv"},
	} {
		_, err := supply.LoadClasses(fstest.MapFS{"t.csv": {Data: []byte(c.table)}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want …%s…", c.table, err, c.want)
		}
	}
	if _, err := supply.LoadClasses(fstest.MapFS{}); err == nil {
		t.Error("an empty folder was accepted")
	}
}
