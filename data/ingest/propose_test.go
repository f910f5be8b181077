package ingest

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func propose(t *testing.T, layer string, opt Options) *Proposal {
	t.Helper()
	p, err := Propose(context.Background(), layer, opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range p.Matched {
		if strings.Contains(m.Why, "propose.") || strings.Contains(m.Why, "%!") || m.Why == "" {
			t.Errorf("%+v", m)
		}
	}
	return p
}

// matchOf is field ← column and unit of a proposal.
func matchOf(p *Proposal, field string) string {
	for _, m := range p.Matched {
		if m.Field == field {
			return strings.TrimSpace(m.Column + " " + m.Unit)
		}
	}
	return ""
}

// survey is a layer as a bureau sends it: areas in hectares, free text, codes
// of the old standard, a state in words under a name nobody knows.
func survey(use func(i int) string) string {
	var features []string
	for i := range 40 {
		// 0.001° by 0.001° at 22.05° N is 1.14 ha.
		features = append(features, feature(fmt.Sprintf(`"DKBM":"D%03d","TDSYQR":"公司%d","TDMJ":%.4f,"JZMJ":%.4f,"PZYT":%q,"状况":%q,"约定开工时间":"2021-0%d-01","GYFS":"挂牌出让","CJJG":"%d万元","备注":"a\nb"`,
			i, i%7, 1.1424, 0.6, use(i), []string{"在建", "竣工", "未动工"}[i%3], i%9+1, 100+i), square(i, 50)))
	}
	return collection(features...)
}

func TestPropose(t *testing.T) {
	old := []string{"0601", "0604", "0701", "1201", "0809"}
	for _, lang := range []string{"zh", "en"} {
		p := propose(t, LayerParcels, Options{Lang: lang, Files: []File{text("s.geojson", survey(func(i int) string { return old[i%5] }))}})
		for field, want := range map[string]string{"id": "DKBM", "holder": "TDSYQR", "recorded_area_m2": "TDMJ ha", "floor_area_m2": "JZMJ ha", "use_code": "PZYT",
			"construction_state": "状况", "agreed_start_on": "约定开工时间", "supply_mode": "GYFS", "price_wan": "CJJG", "name": ""} {
			if got := matchOf(p, field); got != want {
				t.Errorf("%s ← %q, want %q", field, got, want)
			}
		}
		if !strings.Contains(p.YAML, "use_scheme: gbt21010-2017") || strings.Join(p.Unused, " ") != "备注" || len(p.Missing) == 0 {
			t.Errorf("%s\nunused %v, missing %v", p.YAML, p.Unused, p.Missing)
		}
		// The proposal is a map that loads every feature.
		sink, res := loadFile(t, Options{Files: []File{text("s.geojson", survey(func(i int) string { return old[i%5] }))}, Map: p.Map, MaxRejects: NoLimit})
		if q := sink.parcels[1]; res.Loaded() != 40 || q.RecordedM2.String() != "11424" || q.PriceWan.String() != "100" || q.UseScheme != "gbt21010-2017" {
			t.Errorf("%+v %v", q, res.Counts)
		}
	}
	// Codes that several classifications know mean nothing until one is named.
	p := propose(t, LayerParcels, Options{Files: []File{text("s.geojson", survey(func(int) string { return "1001" }))}})
	if !strings.Contains(p.YAML, "use_scheme: unknown") {
		t.Error(p.YAML)
	}
	// Codes of no classification are left alone.
	p = propose(t, LayerParcels, Options{Files: []File{text("s.geojson", survey(func(i int) string { return fmt.Sprint("X", i) }))}})
	if matchOf(p, "use_code") != "" || strings.Contains(p.YAML, "use_scheme") {
		t.Error(p.YAML)
	}
}

// TestProposeHostile: whatever the columns are called, the map is one that can
// be read, and reads these columns.
func TestProposeHostile(t *testing.T) {
	for _, name := range []string{`id`, `a\"b`, `用途\n  id: x`, `ZDMJ(亩)\u0085x`, `null`, `~`, `# id`, `{}`, `ZDMJ（公顷）`, strings.Repeat("x", 300)} {
		p := propose(t, LayerParcels, Options{Files: []File{text("h.geojson", collection(feature(`"`+name+`":"1"`, square(0, 0)), feature(`"`+name+`":"2"`, square(2, 0))))}})
		if p.Map == nil || len(p.Matched)+len(p.Unused) != 1 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestProposeReal holds proposals for real files against the maps made by hand.
func TestProposeReal(t *testing.T) {
	p := propose(t, LayerZones, Options{Files: Paths(shared(t, "tw-parks/industrial_parks.geojson"))})
	if matchOf(p, "code") != "NAME" || matchOf(p, "name") != "NAME" || matchOf(p, "approved_area_ha") != "NN ha" || p.Like != "tw-parks" {
		t.Errorf("%+v", p.Matched)
	}
	p = propose(t, LayerParcels, Options{Files: Paths(shared(t, "cambridge/parcels_fy2014.geojson"))})
	if matchOf(p, "recorded_area_m2") != "LandArea_sqft sqft" || matchOf(p, "use_code") != "" || p.Like != "cambridge-parcels" {
		t.Errorf("%+v", p.Matched)
	}
	if _, err := Propose(context.Background(), LayerParcels, Options{Files: Paths("/nowhere.geojson")}); err == nil {
		t.Error("a file that isn't there")
	}
}
