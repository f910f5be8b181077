package server_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	itemsPath = "/collections/{}/items"
	itemPath  = "/collections/{}/items/{}"
)

// atsCore is the abstract test suite of OGC 17-069r4, annex A.2, and of Common
// parts 1 and 2, which say the same of landing page and collections.
func atsCore() []abstractTest {
	core := []string{"ogcapi-features-1/core", "ogcapi-common-1/core", "ogcapi-common-2/collections", "ogcapi-common-1/landing-page", "ogcapi-common-1/json", "ogcapi-common-2/json"}
	test := func(name string, check func(*testing.T, *ats)) abstractTest {
		return abstractTest{"features-1: /conf/core/" + name, core, check}
	}
	return []abstractTest{
		test("http", atsHTTP), test("root-op", atsRoot), test("api-definition-op", atsDefinition), test("conformance-op", atsConformance),
		test("fc-md-op", atsCollections), test("sfc-md-op", atsEachCollection), test("fc-op", atsItems),
		test("fc-limit-definition", func(t *testing.T, a *ats) {
			p := a.parameter(t, itemsPath, "limit")
			hasStyle(t, p, false)
			schema := a.resolve(p["schema"].(map[string]any))
			if schema["type"] != "integer" || schema["minimum"] == nil || schema["maximum"] == nil || schema["default"] == nil {
				t.Errorf("schema of limit: %v", schema)
			}
		}),
		test("fc-limit-response", atsLimit),
		test("fc-bbox-definition", func(t *testing.T, a *ats) {
			p := a.parameter(t, itemsPath, "bbox")
			hasStyle(t, p, false)
			schema := a.resolve(p["schema"].(map[string]any))
			text, _ := json.Marshal(schema)
			for _, part := range []string{`"type":"array"`, `"minItems":4`, `"maxItems":6`, `"type":"number"`} {
				if !strings.Contains(string(text), part) {
					t.Errorf("schema of bbox lacks %s: %s", part, text)
				}
			}
		}),
		test("fc-bbox-response", atsBBox),
		test("fc-time-definition", func(t *testing.T, a *ats) {
			p := a.parameter(t, itemsPath, "datetime")
			hasStyle(t, p, false)
			if schema := a.resolve(p["schema"].(map[string]any)); schema["type"] != "string" {
				t.Errorf("schema of datetime: %v", schema)
			}
		}),
		test("fc-time-response", atsTime), test("fc-links", atsPageLinks), test("fc-timeStamp", atsTimeStamp),
		test("fc-numberMatched", atsNumbers), test("f-op", atsOneFeature),
		test("query-param-unknown", func(t *testing.T, a *ats) {
			for _, path := range []string{"", "/conformance", "/collections", "/collections/parcels", "/collections/parcels/items", "/collections/parcels/queryables"} {
				a.refused(t, path+"?no-such-parameter=1", 400)
			}
		}),
		test("query-param-invalid", func(t *testing.T, a *ats) {
			for _, query := range []string{"limit=0", "limit=-1", "limit=x", "bbox=1,2,3", "bbox=1,2,3,x", "bbox=10,50,5,40", "bbox=1,2,3,4,5", "datetime=yesterday",
				"datetime=2020-01-01T00:00:00Z/2019-01-01T00:00:00Z", "datetime=../..x", "crs=EPSG:1", "bbox=1,2,3,4&bbox-crs=x", "limit=1&limit=2"} {
				a.refused(t, "/collections/parcels/items?"+query, 400)
			}
		}),
		test("not-found", func(t *testing.T, a *ats) {
			for _, path := range []string{"/collections/none", "/collections/none/items", "/collections/parcels/items/none", "/collections/parcels/items/a%2Fb%2F..%2Fc", "/snapshots/none", "/snapshots/none/collections"} {
				a.refused(t, path, 404)
			}
			for _, path := range []string{"/collections/parcels/items/a%00b", "/collections/parcels/items/%FF%FE"} {
				if w := a.get(t, path); w.status != 400 && w.status != 404 {
					t.Errorf("%s: %d", path, w.status)
				}
			}
		}),
	}
}

func atsHTTP(t *testing.T, a *ats) {
	if w := a.send(t, "HEAD", "/collections"); w.status != 200 || len(w.body) != 0 {
		t.Errorf("HEAD: %d, %d bytes", w.status, len(w.body))
	}
	if w := a.send(t, "DELETE", "/collections"); w.status != 405 || w.header.Get("Allow") == "" {
		t.Errorf("DELETE: %d, Allow %q", w.status, w.header.Get("Allow"))
	}
	if w := a.get(t, "/collections/parcels/items", "Accept", "image/png"); w.status != 406 && w.status != 200 {
		t.Errorf("a type that isn't there: %d", w.status)
	}
}

func atsRoot(t *testing.T, a *ats) {
	var page struct {
		Title string
		Links []atsLink
	}
	a.json(t, "", 200, &page)
	if page.Title == "" {
		t.Error("no title")
	}
	for _, rel := range []string{"self", "alternate", "service-desc", "conformance", "data"} {
		l := linkOf(page.Links, rel)
		if l == nil {
			t.Errorf("no link %s", rel)
			continue
		}
		if l.Href == "" || l.Type == "" || !strings.HasPrefix(l.Href, "http") {
			t.Errorf("link %s: %+v", rel, l)
		}
		if w := a.get(t, l.Href); w.status != 200 {
			t.Errorf("link %s: %d", rel, w.status)
		}
	}
}

func atsDefinition(t *testing.T, a *ats) {
	if v, _ := a.openAPI["openapi"].(string); !strings.HasPrefix(v, "3.0") {
		t.Errorf("openapi %v", a.openAPI["openapi"])
	}
	for _, path := range []string{"/", "/conformance", "/collections", "/collections/{}", itemsPath, itemPath} {
		op := a.operation(t, path)
		responses, _ := op["responses"].(map[string]any)
		if responses["200"] == nil {
			t.Errorf("%s: no answer 200 described", path)
		}
		if path == itemsPath && (responses["400"] == nil || responses["404"] == nil) {
			t.Errorf("%s: 400 and 404 are not described", path)
		}
	}
}

func atsConformance(t *testing.T, a *ats) {
	var page struct{ ConformsTo []string }
	a.json(t, "/conformance", 200, &page)
	seen := map[string]bool{}
	for _, uri := range page.ConformsTo {
		if !strings.HasPrefix(uri, "http://www.opengis.net/spec/") || seen[uri] {
			t.Errorf("class %q, or twice", uri)
		}
		seen[uri] = true
	}
}

func atsCollections(t *testing.T, a *ats) {
	var page struct {
		Links       []atsLink
		Collections []atsCollection
	}
	a.json(t, "/collections", 200, &page)
	if linkOf(page.Links, "self", "application/json") == nil || linkOf(page.Links, "alternate", "text/html") == nil {
		t.Errorf("links: %+v", page.Links)
	}
	for _, want := range []string{"zones", "parcels", "buildings", "constraints", "verdicts", "findings"} {
		if !slices.ContainsFunc(page.Collections, func(c atsCollection) bool { return c.ID == want }) {
			t.Errorf("no collection %s", want)
		}
	}
	for _, c := range page.Collections {
		items := linkOf(c.Links, "items", "application/geo+json")
		if items == nil {
			t.Errorf("%s: no link items as GeoJSON", c.ID)
		}
		for _, l := range c.Links {
			if l.Rel == "" || l.Type == "" || !strings.HasPrefix(l.Href, "http") {
				t.Errorf("%s: link %+v", c.ID, l)
			}
		}
		for _, box := range c.Extent.Spatial.BBox {
			if len(box) != 4 && len(box) != 6 || box[0] > box[2] || box[1] > box[3] {
				t.Errorf("%s: extent %v", c.ID, box)
			}
		}
	}
}

func atsEachCollection(t *testing.T, a *ats) {
	for _, c := range a.collections {
		var one atsCollection
		a.json(t, "/collections/"+c.ID, 200, &one)
		x, _ := json.Marshal(c)
		y, _ := json.Marshal(one)
		same := one.ID == c.ID && one.StorageCRS == c.StorageCRS && fmt.Sprint(one.CRS) == fmt.Sprint(c.CRS) && fmt.Sprint(one.Extent.Spatial) == fmt.Sprint(c.Extent.Spatial)
		if !same {
			t.Errorf("%s differs from its entry in /collections:\n%s\n%s", c.ID, x, y)
		}
		if linkOf(one.Links, "self") == nil || linkOf(one.Links, "items") == nil {
			t.Errorf("%s: links %+v", c.ID, one.Links)
		}
	}
	// The extent in time is told where datetime works.
	for _, c := range a.collections {
		if c.ID == "parcels" && (c.Extent.Temporal == nil || len(c.Extent.Temporal.Interval) == 0) {
			t.Error("parcels have no extent.temporal")
		}
	}
}

func atsItems(t *testing.T, a *ats) {
	for _, c := range a.features() {
		p := a.page(t, "/collections/"+c.ID+"/items")
		if p.Type != "FeatureCollection" || p.Features == nil {
			t.Errorf("%s: %s with features %v", c.ID, p.Type, p.Features != nil)
		}
		for _, raw := range p.Features {
			var f struct {
				Type       string
				ID         any
				Properties map[string]any
			}
			var keys map[string]json.RawMessage
			if json.Unmarshal(raw, &f) != nil || json.Unmarshal(raw, &keys) != nil || f.Type != "Feature" || f.ID == nil || f.Properties == nil || keys["geometry"] == nil {
				t.Fatalf("%s: no feature of RFC 7946: %.300s", c.ID, raw)
			}
		}
	}
}

func atsLimit(t *testing.T, a *ats) {
	for _, limit := range []int{1, 7, 100} {
		p := a.page(t, fmt.Sprintf("/collections/parcels/items?limit=%d", limit))
		if len(p.Features) != limit || p.NumberReturned == nil || *p.NumberReturned != limit {
			t.Errorf("limit %d: %d features", limit, len(p.Features))
		}
	}
	// More than the greatest limit is the greatest limit, not an error.
	if p := a.page(t, "/collections/parcels/items?limit=100000000"); len(p.Features) == 0 {
		t.Error("a large limit gives nothing")
	}
	every := idsOf(a.all(t, "/collections/parcels/items?limit=10000"))
	by7 := idsOf(a.all(t, "/collections/parcels/items?limit=7"))
	if len(every) != 300 || !slices.Equal(every, by7) {
		t.Errorf("%d parcels at once, %d by sevens, in the same order: %t", len(every), len(by7), slices.Equal(every, by7))
	}
	slices.Sort(by7)
	if n := len(slices.Compact(by7)); n != len(every) {
		t.Errorf("%d different ids of %d", n, len(every))
	}
}

func atsBBox(t *testing.T, a *ats) {
	c := a.collections[slices.IndexFunc(a.collections, func(c atsCollection) bool { return c.ID == "parcels" })]
	e := c.Extent.Spatial.BBox[0]
	midX := (e[0] + e[2]) / 2
	whole := len(a.all(t, fmt.Sprintf("/collections/parcels/items?bbox=%v,%v,%v,%v&limit=1000", e[0], e[1], e[2], e[3])))
	if whole != 300 {
		t.Errorf("bbox of the extent: %d parcels", whole)
	}
	west := a.all(t, fmt.Sprintf("/collections/parcels/items?bbox=%v,%v,%v,%v&limit=1000", e[0], e[1], midX, e[3]))
	if len(west) == 0 || len(west) == whole {
		t.Errorf("bbox of the west: %d parcels", len(west))
	}
	with6 := a.all(t, fmt.Sprintf("/collections/parcels/items?bbox=%v,%v,-100,%v,%v,9000&limit=1000", e[0], e[1], midX, e[3]))
	if !slices.Equal(idsOf(west), idsOf(with6)) {
		t.Error("six numbers give other features than four")
	}
	for _, f := range west {
		if lo, _ := lonRange(t, f.Geometry); lo > midX+1e-9 {
			t.Errorf("%s lies east of the box", f.ID)
		}
	}
	// Over the antimeridian: nothing of ours lies there, and it is no error.
	if n := len(a.all(t, "/collections/parcels/items?bbox=170,-10,-170,10")); n != 0 {
		t.Errorf("over the antimeridian: %d", n)
	}
	if n := len(a.all(t, "/collections/parcels/items?bbox=0,0,1,1")); n != 0 {
		t.Errorf("in the gulf of Guinea: %d", n)
	}
}

// lonRange is the least and greatest longitude of a geometry.
func lonRange(t *testing.T, geometry json.RawMessage) (lo, hi float64) {
	t.Helper()
	var g struct{ Coordinates json.RawMessage }
	if err := json.Unmarshal(geometry, &g); err != nil {
		t.Fatal(err)
	}
	lo, hi = 1e9, -1e9
	var walk func(json.RawMessage)
	walk = func(raw json.RawMessage) {
		var pair []float64
		if json.Unmarshal(raw, &pair) == nil && len(pair) >= 2 {
			lo, hi = min(lo, pair[0]), max(hi, pair[0])
			return
		}
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil {
			for _, r := range list {
				walk(r)
			}
		}
	}
	walk(g.Coordinates)
	return lo, hi
}

func atsTime(t *testing.T, a *ats) {
	all := len(a.all(t, "/collections/parcels/items?limit=1000"))
	for _, when := range []string{"2018-02-12T23:20:52Z", "2018-02-12", "2018-02-12T00:00:00Z/2018-03-18T12:31:12Z", "2018-02-12T00:00:00Z/..", "../2018-03-18T12:31:12Z", "2018-02-12T00:00:00Z/", "/2018-03-18T12:31:12Z"} {
		if n := len(a.all(t, "/collections/parcels/items?limit=1000&datetime="+esc(when))); n > all {
			t.Errorf("%s: %d parcels of %d", when, n, all)
		}
	}
	before := len(a.all(t, "/collections/parcels/items?limit=1000&datetime="+esc("../1950-01-01T00:00:00Z")))
	open := len(a.all(t, "/collections/parcels/items?limit=1000&datetime="+esc("../..")))
	if open != all || before > all {
		t.Errorf("%d parcels at any time, %d of %d before 1950", open, before, all)
	}
}

func atsPageLinks(t *testing.T, a *ats) {
	p := a.page(t, "/collections/parcels/items?limit=10")
	for _, want := range []struct{ rel, media string }{{"self", "application/geo+json"}, {"alternate", "text/html"}, {"next", "application/geo+json"}} {
		l := linkOf(p.Links, want.rel, want.media)
		if l == nil {
			t.Errorf("no link %s as %s", want.rel, want.media)
		} else if w := a.get(t, l.Href); w.status != 200 || !strings.HasPrefix(w.header.Get("Content-Type"), want.media) {
			t.Errorf("link %s: %d %s", want.rel, w.status, w.header.Get("Content-Type"))
		}
	}
	last := a.page(t, "/collections/parcels/items?limit=1000")
	if linkOf(last.Links, "next") != nil {
		t.Error("the last page has a link next")
	}
}

func atsTimeStamp(t *testing.T, a *ats) {
	p := a.page(t, "/collections/zones/items")
	if _, err := time.Parse(time.RFC3339, p.TimeStamp); err != nil {
		t.Errorf("timeStamp %q: %v", p.TimeStamp, err)
	}
}

func atsNumbers(t *testing.T, a *ats) {
	for _, c := range a.features() {
		p := a.page(t, "/collections/"+c.ID+"/items?limit=5")
		if p.NumberReturned == nil || *p.NumberReturned != len(p.Features) {
			t.Errorf("%s: numberReturned %v of %d", c.ID, p.NumberReturned, len(p.Features))
		}
		if all := len(a.all(t, "/collections/"+c.ID+"/items?limit=1000")); p.NumberMatched == nil || *p.NumberMatched != all {
			t.Errorf("%s: numberMatched %v, counted %d", c.ID, p.NumberMatched, all)
		}
	}
}

func atsOneFeature(t *testing.T, a *ats) {
	for _, c := range a.features() {
		p := a.page(t, "/collections/"+c.ID+"/items?limit=2")
		for _, raw := range p.Features {
			var listed, one atsFeature
			if err := json.Unmarshal(raw, &listed); err != nil {
				t.Fatal(err)
			}
			w := a.get(t, "/collections/"+c.ID+"/items/"+pathSegment(listed.ID), "Accept", "application/geo+json")
			if w.status != 200 {
				t.Errorf("%s %s: %d", c.ID, listed.ID, w.status)
				continue
			}
			var links struct{ Links []atsLink }
			if json.Unmarshal(w.body, &one) != nil || json.Unmarshal(w.body, &links) != nil {
				t.Fatalf("%.200s", w.body)
			}
			if one.ID != listed.ID || string(one.Geometry) != string(listed.Geometry) || fmt.Sprint(one.Properties) != fmt.Sprint(listed.Properties) {
				t.Errorf("%s %s differs from its entry in the list:\n%.300s\n%.300s", c.ID, listed.ID, raw, w.body)
			}
			for _, rel := range []string{"self", "alternate", "collection"} {
				if linkOf(links.Links, rel) == nil {
					t.Errorf("%s %s: no link %s", c.ID, listed.ID, rel)
				}
			}
		}
	}
}

func pathSegment(s string) string { return strings.ReplaceAll(esc(s), "+", "%20") }

// atsFormats is annex A.3 (geojson), A.4 (html) and A.5 (oas30) of OGC 17-069r4.
func atsFormats() []abstractTest {
	pages := []string{"", "/conformance", "/collections", "/collections/parcels", "/collections/parcels/items", "/collections/zones/items", "/collections/parcels/queryables"}
	return []abstractTest{
		{"features-1: /conf/geojson/definition", []string{"ogcapi-features-1/geojson"}, func(t *testing.T, a *ats) {
			for _, path := range []string{itemsPath, itemPath} {
				text, _ := json.Marshal(a.operation(t, path)["responses"])
				if !strings.Contains(string(text), "application/geo+json") {
					t.Errorf("%s: no application/geo+json in the API's definition", path)
				}
			}
		}},
		{"features-1: /conf/geojson/content", []string{"ogcapi-features-1/geojson"}, func(t *testing.T, a *ats) {
			for _, accept := range []string{"application/geo+json", "*/*", "application/json"} {
				w := a.get(t, "/collections/parcels/items?limit=3", "Accept", accept)
				if got := w.header.Get("Content-Type"); !strings.HasPrefix(got, "application/geo+json") && !strings.HasPrefix(got, "application/json") {
					t.Errorf("Accept %s: %s", accept, got)
				}
			}
		}},
		{"features-1: /conf/html/content", []string{"ogcapi-features-1/html", "ogcapi-common-1/html", "ogcapi-common-2/html"}, func(t *testing.T, a *ats) {
			for _, page := range pages {
				for _, lang := range []string{"zh", "en"} {
					w := a.get(t, page, "Accept", "text/html", "Accept-Language", lang)
					if w.status != 200 || !strings.HasPrefix(w.header.Get("Content-Type"), "text/html") {
						t.Errorf("%s: %d %s", page, w.status, w.header.Get("Content-Type"))
					} else if err := validHTML(w.body); err != nil {
						t.Errorf("%s: %v", page, err)
					}
				}
			}
		}},
		{"features-1: /conf/oas30/completeness", []string{"ogcapi-features-1/oas30", "ogcapi-common-1/oas30"}, func(t *testing.T, a *ats) {
			paths, _ := a.openAPI["paths"].(map[string]any)
			for path := range paths {
				op := a.resolve(paths[path].(map[string]any))
				if op["get"] == nil && op["post"] == nil {
					t.Errorf("%s: no operation", path)
				}
			}
			var landing struct{ Links []atsLink }
			a.json(t, "", 200, &landing)
			if w := a.get(t, linkOf(landing.Links, "service-desc").Href); !strings.HasPrefix(w.header.Get("Content-Type"), "application/vnd.oai.openapi+json") {
				t.Errorf("media type of the API's definition: %s", w.header.Get("Content-Type"))
			}
		}},
		{"features-1: /conf/oas30/exceptions-codes", []string{"ogcapi-features-1/oas30"}, func(t *testing.T, a *ats) {
			responses, _ := a.operation(t, itemsPath)["responses"].(map[string]any)
			for _, code := range []string{"200", "400", "404"} {
				if responses[code] == nil {
					t.Errorf("%s isn't described", code)
				}
			}
		}},
	}
}
