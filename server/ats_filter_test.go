package server_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
)

// atsFilter is the abstract test suite of OGC 19-079r2 (Features part 3).
func atsFilter() []abstractTest {
	test := func(class, name string, check func(*testing.T, *ats)) abstractTest {
		return abstractTest{"features-3: /conf/" + class + "/" + name, []string{"ogcapi-features-3/" + class}, check}
	}
	return []abstractTest{
		test("queryables", "get", atsQueryables),
		test("queryables-query-parameters", "parameters", func(t *testing.T, a *ats) {
			want := idsOf(a.all(t, "/collections/parcels/items?limit=1000&filter="+esc("status = 'built'")))
			if got := idsOf(a.all(t, "/collections/parcels/items?limit=1000&status=built")); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("status=built: %d parcels, by a filter %d", len(got), len(want))
			}
		}),
		test("filter", "filter-param", func(t *testing.T, a *ats) {
			for _, name := range []string{"filter", "filter-lang", "filter-crs"} {
				p := a.parameter(t, itemsPath, name)
				if p != nil && p["required"] == true {
					t.Errorf("%s is required", name)
				}
			}
			lang, _ := json.Marshal(a.resolve(a.parameter(t, itemsPath, "filter-lang")["schema"].(map[string]any)))
			for _, want := range []string{"cql2-text", "cql2-json"} {
				if !strings.Contains(string(lang), want) {
					t.Errorf("filter-lang lacks %s: %s", want, lang)
				}
			}
		}),
		test("filter", "invalid", func(t *testing.T, a *ats) {
			for _, f := range []string{"status =", "no_such = 1", "status = 1", "status < DATE('x')", "(((", "status = 'built' AND", "S_INTERSECTS(geometry, POINT(1))", "1 = 1;drop table x", "area_m2 / 'a' > 1"} {
				a.refused(t, "/collections/parcels/items?filter="+esc(f), 400)
			}
			a.refused(t, "/collections/parcels/items?filter-lang=cql3&filter="+esc("status = 'built'"), 400)
			a.refused(t, "/collections/parcels/items?filter-lang=cql2-json&filter="+esc("status = 'built'"), 400)
			a.refused(t, "/collections/parcels/items?filter="+esc(strings.Repeat("(", 5000)), 400)
			a.refused(t, "/collections/parcels/items?filter-crs="+esc(epsgAt+"27700")+"&filter="+esc("status = 'built'"), 400)
		}),
		test("filter", "filter-crs", func(t *testing.T, a *ats) {
			ring := firstRing(t, a.page(t, "/collections/parcels/items?limit=1"))
			want := idsOf(a.all(t, "/collections/parcels/items?limit=1000&filter="+esc(fmt.Sprintf("S_INTERSECTS(geometry, POINT(%v %v))", ring[0][0], ring[0][1]))))
			latFirst := esc(fmt.Sprintf("S_INTERSECTS(geometry, POINT(%v %v))", ring[0][1], ring[0][0]))
			if got := idsOf(a.all(t, "/collections/parcels/items?limit=1000&filter-crs="+esc(epsgAt+"4326")+"&filter="+latFirst)); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("latitude first: %d parcels, longitude first %d", len(got), len(want))
			}
		}),
		test("features-filter", "mixing", func(t *testing.T, a *ats) {
			// A filter holds together with bbox, datetime and paging, and its links keep it.
			f := "filter=" + esc("status = 'built'")
			all := idsOf(a.all(t, "/collections/parcels/items?limit=1000&"+f))
			paged := idsOf(a.all(t, "/collections/parcels/items?limit=9&"+f))
			if len(all) == 0 || !slices.Equal(all, paged) {
				t.Errorf("%d at once, %d by nines", len(all), len(paged))
			}
			e := a.collections[slices.IndexFunc(a.collections, func(c atsCollection) bool { return c.ID == "parcels" })].Extent.Spatial.BBox[0]
			box := fmt.Sprintf("bbox=%v,%v,%v,%v", e[0], e[1], (e[0]+e[2])/2, e[3])
			west := idsOf(a.all(t, "/collections/parcels/items?limit=1000&"+box))
			both := idsOf(a.all(t, "/collections/parcels/items?limit=1000&"+box+"&"+f))
			var want []string
			for _, id := range west {
				if slices.Contains(all, id) {
					want = append(want, id)
				}
			}
			if !slices.Equal(both, want) {
				t.Errorf("filter and bbox: %d parcels, not %d", len(both), len(want))
			}
		}),
	}
}

func atsQueryables(t *testing.T, a *ats) {
	for _, c := range a.features() {
		link := linkOf(c.Links, "http://www.opengis.net/def/rel/ogc/1.0/queryables")
		if link == nil || linkOf(c.Links, "http://www.opengis.net/def/rel/ogc/1.0/queryables", "application/schema+json") == nil {
			t.Errorf("%s: no link to its queryables", c.ID)
			continue
		}
		w := a.get(t, link.Href, "Accept", "application/schema+json")
		var schema struct {
			Schema               string `json:"$schema"`
			ID                   string `json:"$id"`
			Type                 string
			Properties           map[string]map[string]any
			AdditionalProperties *bool
		}
		if err := json.Unmarshal(w.body, &schema); err != nil || !strings.HasPrefix(w.header.Get("Content-Type"), "application/schema+json") {
			t.Fatalf("%s: %s %v", c.ID, w.header.Get("Content-Type"), err)
		}
		if schema.Type != "object" || schema.ID == "" || !strings.Contains(schema.Schema, "json-schema.org") || len(schema.Properties) == 0 {
			t.Errorf("%s: %s %s %s, %d properties", c.ID, schema.Type, schema.ID, schema.Schema, len(schema.Properties))
		}
		// Every queryable can be asked for, and what can't is no queryable.
		for name, p := range schema.Properties {
			if p["format"] != nil && strings.HasPrefix(fmt.Sprint(p["format"]), "geometry") || p["$ref"] != nil {
				continue
			}
			if w := a.get(t, "/collections/"+c.ID+"/items?limit=1&filter="+esc(name+" IS NULL")); w.status != 200 {
				t.Errorf("%s: %s IS NULL: %d %.200s", c.ID, name, w.status, w.body)
			}
		}
	}
}

// cqlCase is an expression and the same in Go over a feature's properties.
type cqlCase struct {
	class string
	text  string
	json  string // blank: only text is tried
	holds func(p map[string]any) bool
}

// atsCQL2 follows annex A of OGC 21-065r2: each predicate over the test data,
// as text and as JSON, against the same said in Go.
func atsCQL2() []abstractTest {
	var tests []abstractTest
	for _, c := range cqlCases {
		tests = append(tests, abstractTest{"cql2: /conf/" + c.class + ": " + c.text, []string{"cql2/" + c.class}, func(t *testing.T, a *ats) { a.holds(t, c) }})
	}
	whole := func(lang string) abstractTest {
		return abstractTest{"cql2: /conf/" + lang + "/validate", []string{"cql2/" + lang}, func(t *testing.T, a *ats) {
			for _, c := range cqlCases {
				if lang == "cql2-json" && c.json == "" {
					continue
				}
				expr := map[string]string{"cql2-text": c.text, "cql2-json": c.json}[lang]
				if w := a.get(t, "/collections/parcels/items?limit=1&filter-lang="+lang+"&filter="+esc(expr)); w.status != 200 {
					t.Errorf("%s: %d %.300s", expr, w.status, w.body)
				}
			}
		}}
	}
	return append(tests, whole("cql2-text"), whole("cql2-json"))
}

// holds compares what the filter gives with what the predicate says of every
// feature; unknown is neither.
func (a *ats) holds(t *testing.T, c cqlCase) {
	t.Helper()
	var want []string
	for _, f := range a.all(t, "/collections/parcels/items?limit=1000") {
		if c.holds(f.Properties) {
			want = append(want, f.ID)
		}
	}
	got := idsOf(a.all(t, "/collections/parcels/items?limit=1000&filter="+esc(c.text)))
	sort.Strings(got)
	sort.Strings(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d parcels, want %d", len(got), len(want))
	}
	if c.json == "" {
		return
	}
	fromJSON := idsOf(a.all(t, "/collections/parcels/items?limit=1000&filter-lang=cql2-json&filter="+esc(c.json)))
	sort.Strings(fromJSON)
	if !slices.Equal(got, fromJSON) {
		t.Errorf("as JSON %d parcels, as text %d", len(fromJSON), len(got))
	}
}

func str(p map[string]any, name string) (string, bool)  { s, ok := p[name].(string); return s, ok }
func num(p map[string]any, name string) (float64, bool) { n, ok := p[name].(float64); return n, ok }

func isStr(name, value string) func(map[string]any) bool {
	return func(p map[string]any) bool { s, ok := str(p, name); return ok && s == value }
}

func always(map[string]any) bool { return true }
func never(map[string]any) bool  { return false }

var cqlCases = []cqlCase{
	{"basic-cql2", "status = 'built'", `{"op":"=","args":[{"property":"status"},"built"]}`, isStr("status", "built")},
	{"basic-cql2", "status <> 'built'", `{"op":"<>","args":[{"property":"status"},"built"]}`, func(p map[string]any) bool { s, ok := str(p, "status"); return ok && s != "built" }},
	{"basic-cql2", "area_m2 > 8000", `{"op":">","args":[{"property":"area_m2"},8000]}`, func(p map[string]any) bool { n, ok := num(p, "area_m2"); return ok && n > 8000 }},
	{"basic-cql2", "area_m2 >= 8000", "", func(p map[string]any) bool { n, ok := num(p, "area_m2"); return ok && n >= 8000 }},
	{"basic-cql2", "NOT area_m2 >= 8000", "", func(p map[string]any) bool { n, ok := num(p, "area_m2"); return ok && n < 8000 }},
	{"basic-cql2", "output_wan < 1000", `{"op":"<","args":[{"property":"output_wan"},1000]}`, func(p map[string]any) bool { n, ok := num(p, "output_wan"); return ok && n < 1000 }},
	{"basic-cql2", "output_wan IS NULL", `{"op":"isNull","args":[{"property":"output_wan"}]}`, func(p map[string]any) bool { return p["output_wan"] == nil }},
	{"basic-cql2", "output_wan IS NOT NULL AND status = 'built'", `{"op":"and","args":[{"op":"not","args":[{"op":"isNull","args":[{"property":"output_wan"}]}]},{"op":"=","args":[{"property":"status"},"built"]}]}`,
		func(p map[string]any) bool { return p["output_wan"] != nil && p["status"] == "built" }},
	{"basic-cql2", "started_on < DATE('2021-01-01')", `{"op":"<","args":[{"property":"started_on"},{"date":"2021-01-01"}]}`, func(p map[string]any) bool { s, ok := str(p, "started_on"); return ok && s < "2021-01-01" }},
	{"basic-cql2", "status = 'built' OR status = 'unsupplied'", "", func(p map[string]any) bool { return p["status"] == "built" || p["status"] == "unsupplied" }},
	{"basic-cql2", "unbuildable = TRUE", `{"op":"=","args":[{"property":"unbuildable"},true]}`, func(p map[string]any) bool { return p["unbuildable"] == true }},
	{"basic-cql2", "TRUE", "", always},
	{"basic-cql2", "status = 'it''s'", "", never},
	{"advanced-comparison-operators", "id LIKE '450102001001GB0000_'", `{"op":"like","args":[{"property":"id"},"450102001001GB0000_"]}`,
		func(p map[string]any) bool {
			s, _ := str(p, "id")
			return len(s) == 19 && strings.HasPrefix(s, "450102001001GB0000")
		}},
	{"advanced-comparison-operators", "id NOT LIKE '%1'", "", func(p map[string]any) bool { s, _ := str(p, "id"); return !strings.HasSuffix(s, "1") }},
	{"advanced-comparison-operators", "area_m2 BETWEEN 100 AND 8000", `{"op":"between","args":[{"property":"area_m2"},100,8000]}`, func(p map[string]any) bool { n, ok := num(p, "area_m2"); return ok && n >= 100 && n <= 8000 }},
	{"advanced-comparison-operators", "status IN ('built','suspended')", `{"op":"in","args":[{"property":"status"},["built","suspended"]]}`, func(p map[string]any) bool { return p["status"] == "built" || p["status"] == "suspended" }},
	{"advanced-comparison-operators", "status NOT IN ('built','suspended')", "", func(p map[string]any) bool { return p["status"] != "built" && p["status"] != "suspended" }},
	{"case-insensitive-comparison", "CASEI(status) = CASEI('BUILT')", `{"op":"=","args":[{"op":"casei","args":[{"property":"status"}]},{"op":"casei","args":["BUILT"]}]}`, isStr("status", "built")},
	{"case-insensitive-comparison", "CASEI(id) LIKE CASEI('%gb0000%')", "", func(p map[string]any) bool {
		s, _ := str(p, "id")
		return strings.Contains(strings.ToLower(s), "gb0000")
	}},
	{"accent-insensitive-comparison", "ACCENTI(status) = ACCENTI('bùilt')", `{"op":"=","args":[{"op":"accenti","args":[{"property":"status"}]},{"op":"accenti","args":["bùilt"]}]}`, isStr("status", "built")},
	{"basic-spatial-functions", "S_INTERSECTS(geometry, BBOX(-180,-90,180,90))", `{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[-180,-90,180,90]}]}`, always},
	{"basic-spatial-functions", "S_INTERSECTS(geometry, POINT(0 0))", `{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[0,0]}]}`, never},
	{"basic-spatial-functions-plus", "S_INTERSECTS(geometry, POLYGON((100 20,120 20,120 30,100 30,100 20)))", `{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[100,20],[120,20],[120,30],[100,30],[100,20]]]}]}`, always},
	{"spatial-functions", "S_WITHIN(geometry, POLYGON((100 20,120 20,120 30,100 30,100 20)))", "", always},
	{"spatial-functions", "S_DISJOINT(geometry, POLYGON((0 0,1 0,1 1,0 1,0 0)))", "", always},
	{"spatial-functions", "S_CONTAINS(geometry, POINT(0 0))", "", never},
	{"spatial-functions", "S_EQUALS(geometry, POINT(0 0)) OR S_TOUCHES(geometry, POINT(0 0)) OR S_OVERLAPS(geometry, POLYGON((0 0,1 0,1 1,0 1,0 0))) OR S_CROSSES(geometry, LINESTRING(0 0,1 1))", "", never},
	{"temporal-functions", "T_AFTER(started_on, DATE('2021-01-01'))", `{"op":"t_after","args":[{"property":"started_on"},{"date":"2021-01-01"}]}`, func(p map[string]any) bool { s, ok := str(p, "started_on"); return ok && s > "2021-01-01" }},
	{"temporal-functions", "T_DURING(INTERVAL(started_on, started_on), INTERVAL('2020-01-01', '2021-12-31'))", "", func(p map[string]any) bool {
		s, ok := str(p, "started_on")
		return ok && s > "2020-01-01" && s < "2021-12-31"
	}},
	{"temporal-functions", "T_INTERSECTS(started_on, INTERVAL('2020-01-01', '..'))", "", func(p map[string]any) bool { s, ok := str(p, "started_on"); return ok && s >= "2020-01-01" }},
	{"property-property", "started_on > agreed_start_on", `{"op":">","args":[{"property":"started_on"},{"property":"agreed_start_on"}]}`,
		func(p map[string]any) bool {
			s, ok := str(p, "started_on")
			d, ok2 := str(p, "agreed_start_on")
			return ok && ok2 && s > d
		}},
	{"property-property", "recorded_area_m2 = area_m2", "", func(p map[string]any) bool {
		x, ok := num(p, "recorded_area_m2")
		y, ok2 := num(p, "area_m2")
		return ok && ok2 && x == y
	}},
	{"arithmetic", "output_wan / 12 > 100", `{"op":">","args":[{"op":"/","args":[{"property":"output_wan"},12]},100]}`, func(p map[string]any) bool { n, ok := num(p, "output_wan"); return ok && n/12 > 100 }},
	{"arithmetic", "area_m2 * 3 - 24000 = 0 AND 7 % 4 = 3 AND 7 div 4 = 1 AND 2 ^ 3 = 8", "", func(p map[string]any) bool { n, ok := num(p, "area_m2"); return ok && n*3-24000 == 0 }},
}
