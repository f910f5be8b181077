package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAbstractTests runs the abstract tests of the OGC standards, one check per
// requirement, over the sample district, for every class that /ogc/conformance
// declares. A class that is declared and has no tests here fails. Names are
// those of the standards' test suites.
func TestAbstractTests(t *testing.T) {
	address := newDistrict(t).serve(t)
	a := &ats{base: address + "/ogc", client: &http.Client{Timeout: 30 * time.Second}}
	a.prepare(t)
	suites := map[string][]abstractTest{}
	for _, list := range [][]abstractTest{atsCore(), atsFormats(), atsCRS(), atsFilter(), atsCQL2(), atsTiles()} {
		for _, test := range list {
			for _, class := range test.classes {
				suites[class] = append(suites[class], test)
			}
		}
	}
	var declared struct {
		ConformsTo []string `json:"conformsTo"`
	}
	a.json(t, "/conformance", 200, &declared)
	if len(declared.ConformsTo) < 20 {
		t.Fatalf("only %d classes are declared", len(declared.ConformsTo))
	}
	ran := map[string]bool{}
	for _, uri := range declared.ConformsTo {
		class := shortClass(uri)
		tests := suites[class]
		if len(tests) == 0 {
			t.Errorf("%s is declared and has no abstract tests", uri)
		}
		for _, test := range tests {
			if ran[test.name] {
				continue
			}
			ran[test.name] = true
			t.Run(test.name, func(t *testing.T) { test.check(t, a) })
		}
	}
	t.Logf("%d classes declared, %d abstract tests", len(declared.ConformsTo), len(ran))
	for _, must := range mustDeclare {
		if !slices.Contains(declared.ConformsTo, must) {
			t.Errorf("%s is not declared", must)
		}
	}
}

// mustDeclare are the classes that clients look for by these very names: QGIS
// since 3.44 and GDAL since 3.9 the final ones, earlier versions those of the
// drafts.
var mustDeclare = []string{
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core", "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html", "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
	"http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
	"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter", "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
	"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
	"http://www.opengis.net/spec/cql2/1.0/conf/cql2-text", "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json", "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
	"http://www.opengis.net/spec/cql2/0.0/conf/cql2-text", "http://www.opengis.net/spec/cql2/0.0/conf/basic-cql2",
	"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core", "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
	"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list", "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
	"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
}

// shortClass is the standard and class of a URI without its version: drafts and
// final versions are tested alike.
func shortClass(uri string) string {
	return classURI.ReplaceAllString(uri, "$1/$2")
}

var classURI = regexp.MustCompile(`^http://www\.opengis\.net/spec/([^/]+)/[0-9.]+/(?:conf|req)/(.+)$`)

// abstractTest is one test of a standard's suite.
type abstractTest struct {
	name    string   // standard: /conf/class/test
	classes []string // whose requirements it checks
	check   func(t *testing.T, a *ats)
}

// ats is the service under test and what is known of it.
type ats struct {
	base        string
	client      *http.Client
	openAPI     map[string]any
	collections []atsCollection
}

type atsLink struct {
	Rel, Href, Type string
}

type atsCollection struct {
	ID         string
	Links      []atsLink
	ItemType   string
	CRS        []string
	StorageCRS string
	Extent     struct {
		Spatial struct {
			BBox [][]float64
		}
		Temporal *struct {
			Interval [][]*string
		}
	}
}

type atsPage struct {
	Type           string
	Features       []json.RawMessage
	Links          []atsLink
	TimeStamp      string
	NumberMatched  *int
	NumberReturned *int
}

type atsFeature struct {
	Type       string
	ID         string
	Geometry   json.RawMessage
	Properties map[string]any
}

func (a *ats) prepare(t *testing.T) {
	t.Helper()
	var list struct{ Collections []atsCollection }
	a.json(t, "/collections", 200, &list)
	if len(list.Collections) < 6 {
		t.Fatalf("%d collections", len(list.Collections))
	}
	a.collections = list.Collections
	var landing struct{ Links []atsLink }
	a.json(t, "", 200, &landing)
	api := linkOf(landing.Links, "service-desc")
	if api == nil {
		t.Fatal("the landing page has no link service-desc")
	}
	a.json(t, api.Href, 200, &a.openAPI)
}

// answer is an HTTP answer read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// url is a path under the base, or an absolute address as it is.
func (a *ats) url(target string) string {
	if strings.HasPrefix(target, "http") {
		return target
	}
	return a.base + target
}

func (a *ats) get(t *testing.T, target string, header ...string) answer {
	t.Helper()
	return a.send(t, "GET", target, header...)
}

func (a *ats) send(t *testing.T, method, target string, header ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, a.url(target), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w, err := a.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{w.StatusCode, w.Header, body}
}

// json gets a JSON document; a status other than the one wanted ends the test.
func (a *ats) json(t *testing.T, target string, status int, into any) answer {
	t.Helper()
	w := a.get(t, target, "Accept", "application/json")
	if w.status != status {
		t.Fatalf("%s: %d, not %d: %.400s", target, w.status, status, w.body)
	}
	if into != nil {
		if err := json.Unmarshal(w.body, into); err != nil {
			t.Fatalf("%s: %v: %.200s", target, err, w.body)
		}
	}
	return w
}

// refused wants a 400 with a problem document that says why.
func (a *ats) refused(t *testing.T, target string, status int) {
	t.Helper()
	w := a.get(t, target)
	if w.status != status {
		t.Errorf("%s: %d, not %d: %.200s", target, w.status, status, w.body)
		return
	}
	var doc struct{ Type, Title, Detail string }
	if err := json.Unmarshal(w.body, &doc); err != nil || doc.Title == "" || !strings.HasPrefix(w.header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("%s: no problem document: %s %.200s", target, w.header.Get("Content-Type"), w.body)
	}
}

// page gets a page of items.
func (a *ats) page(t *testing.T, target string) atsPage {
	t.Helper()
	w := a.get(t, target, "Accept", "application/geo+json")
	if w.status != 200 {
		t.Fatalf("%s: %d: %.400s", target, w.status, w.body)
	}
	var p atsPage
	if err := json.Unmarshal(w.body, &p); err != nil {
		t.Fatalf("%s: %v: %.200s", target, err, w.body)
	}
	return p
}

// all follows the next links to the end and gives every feature.
func (a *ats) all(t *testing.T, target string) []atsFeature {
	t.Helper()
	var out []atsFeature
	for pages := 0; target != ""; pages++ {
		if pages > 1000 {
			t.Fatal("more than 1000 pages")
		}
		p := a.page(t, target)
		for _, raw := range p.Features {
			var f atsFeature
			if err := json.Unmarshal(raw, &f); err != nil {
				t.Fatal(err)
			}
			out = append(out, f)
		}
		target = ""
		if next := linkOf(p.Links, "next"); next != nil {
			target = next.Href
		}
	}
	return out
}

func idsOf(features []atsFeature) []string {
	ids := make([]string, len(features))
	for i, f := range features {
		ids[i] = f.ID
	}
	return ids
}

func linkOf(links []atsLink, rel string, media ...string) *atsLink {
	for i, l := range links {
		if l.Rel == rel && (len(media) == 0 || strings.HasPrefix(l.Type, media[0])) {
			return &links[i]
		}
	}
	return nil
}

func esc(s string) string { return url.QueryEscape(s) }

// featureCollections are those of the OGC API – Features.
func (a *ats) features() []atsCollection {
	return slices.DeleteFunc(slices.Clone(a.collections), func(c atsCollection) bool { return c.ItemType != "" && c.ItemType != "feature" })
}

// operation is an operation of the API's definition, by the path as it is
// written there without the names of its parameters.
func (a *ats) operation(t *testing.T, path string) map[string]any {
	t.Helper()
	paths, _ := a.openAPI["paths"].(map[string]any)
	for p, item := range paths {
		if braces.ReplaceAllString(p, "{}") == path {
			op, _ := item.(map[string]any)["get"].(map[string]any)
			return op
		}
	}
	t.Fatalf("the API's definition has no path %s", path)
	return nil
}

var braces = regexp.MustCompile(`\{[^}]*\}`)

// parameter is a query parameter of an operation with references resolved.
func (a *ats) parameter(t *testing.T, path, name string) map[string]any {
	t.Helper()
	list, _ := a.operation(t, path)["parameters"].([]any)
	for _, p := range list {
		param := a.resolve(p.(map[string]any))
		if param["name"] == name && param["in"] == "query" {
			return param
		}
	}
	t.Errorf("%s: no parameter %s in the API's definition", path, name)
	return nil
}

func (a *ats) resolve(node map[string]any) map[string]any {
	ref, ok := node["$ref"].(string)
	if !ok {
		return node
	}
	at := any(a.openAPI)
	for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		m, _ := at.(map[string]any)
		at = m[part]
	}
	m, _ := at.(map[string]any)
	return m
}

// hasStyle wants style: form and the explode given, spelled out.
func hasStyle(t *testing.T, p map[string]any, explode bool) {
	t.Helper()
	if p == nil {
		return
	}
	if p["style"] != "form" || p["explode"] != explode {
		t.Errorf("parameter %v: style %v, explode %v; want form, %v", p["name"], p["style"], p["explode"], explode)
	}
	if p["required"] == true {
		t.Errorf("parameter %v is required", p["name"])
	}
}

func validHTML(body []byte) error {
	if !bytes.HasPrefix(bytes.TrimSpace(bytes.ToLower(body)), []byte("<!doctype html>")) {
		return fmt.Errorf("no HTML 5: %.80s", body)
	}
	if bytes.Contains(body, []byte("<script")) && bytes.Contains(body, []byte("://unpkg")) {
		return fmt.Errorf("scripts from elsewhere")
	}
	return nil
}
