package server_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/explain"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/server"
	"github.com/muscope/muscope/server/problem"
)

const api = "/api/snapshots/" + snapshot

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %.300s", err, w.Body)
	}
	return v
}

// TestAPI asks one server over the sample district for everything.
func TestAPI(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	for name, test := range map[string]func(*testing.T, *server.Server){
		"zone is the Result's":       zoneIsTheResults,
		"zones carry indicators":     zonesCarryIndicators,
		"totals add up":              totalsAddUp,
		"parcel":                     parcelTellsAll,
		"unknown is null":            unknownIsNull,
		"findings page through":      findingsPageThrough,
		"findings filter":            findingsFilter,
		"downloads":                  downloads,
		"land in no zone":            landInNoZone,
		"etag":                       etags,
		"tiles":                      tiles,
		"wrong requests":             wrongRequests,
		"explanations":               explanations,
		"openapi":                    openAPIHoldsEveryRoute,
		"reports":                    reports,
		"hosts":                      hosts,
		"metrics and health":         metricsAndHealth,
		"headers":                    securityHeaders,
		"loads and rejects add up":   loadsAndRejects,
		"gzip":                       gzipped,
		"texts in both languages":    textsInBothLanguages,
		"absolute links by the host": absoluteLinks,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

func zoneIsTheResults(t *testing.T, s *server.Server) {
	z := decode[struct {
		land.ZoneResult
		AnalysisID string    `json:"analysis_id"`
		AsOf       land.Date `json:"as_of"`
	}](t, get(t, s, api+"/zones/GX01?boundary_scope=approved"))
	if z.Code != "GX01" || z.AsOf.String() != "2024-12-31" || z.AnalysisID == "" || len(z.Indicators) == 0 || len(z.Verdicts) == 0 {
		t.Fatalf("zone %+v", z)
	}
	report := decode[land.Result](t, get(t, s, api+"/zones/GX01/report.json"))
	want, _ := json.Marshal(report.Zones[0])
	got, _ := json.Marshal(z.ZoneResult)
	if string(want) != string(got) {
		t.Errorf("the API and the report differ:\n%s\n%s", got, want)
	}
}

// An explanation says what the zone's verdict says, with the arithmetic.
func explanations(t *testing.T, s *server.Server) {
	for _, what := range []string{"guangxi%2Fhightech-2021%23ancillary.zone-land-max", "ancillary.zone-land-max"} {
		d := decode[explain.Document](t, get(t, s, api+"/explain/GX02/"+what+"?limit=3"))
		if d.Format != "explain/1" || d.Verdict == nil || d.Verdict.Outcome != land.Violated || d.Verdict.ExcessMu.String() != "75.09" || len(d.Parcels.Listed) != 3 {
			t.Errorf("%s: %+v", what, d.Verdict)
		}
	}
	d := decode[explain.Document](t, get(t, s, api+"/explain/GX02/build_rate"))
	if d.Indicator == nil || d.Verdict != nil || d.Snapshot != snapshot {
		t.Errorf("build_rate: %+v", d)
	}
}

func zonesCarryIndicators(t *testing.T, s *server.Server) {
	list := decode[struct {
		Zones []struct {
			Code       string
			BBox       *[4]float64
			Label      *[2]float64
			Indicators map[string]struct{ Value *float64 }
		}
	}](t, get(t, s, api+"/zones?indicator=build_rate&indicator=supply_rate"))
	if len(list.Zones) != 4 {
		t.Fatalf("%d zones", len(list.Zones))
	}
	for _, z := range list.Zones {
		if len(z.Indicators) != 2 || z.Indicators["build_rate"].Value == nil {
			t.Errorf("zone %s: indicators %v", z.Code, z.Indicators)
		}
		if z.BBox == nil || z.Label == nil || z.Label[0] < z.BBox[0] || z.Label[0] > z.BBox[2] {
			t.Errorf("zone %s lies nowhere: %v %v", z.Code, z.BBox, z.Label)
		}
	}
}

func totalsAddUp(t *testing.T, s *server.Server) {
	sets := decode[struct{ Sets []land.SetResult }](t, get(t, s, api+"/sets"))
	zones := decode[struct {
		Zones []struct {
			PartOf   string                    `json:"part_of"`
			ByStatus map[land.Status]land.Land `json:"by_status"`
		}
	}](t, get(t, s, api+"/zones"))
	want := map[land.Status]land.Fixed{}
	for _, z := range zones.Zones {
		if z.PartOf == "" { // the sample's zones don't overlap
			for st, l := range z.ByStatus {
				want[st] += l.AreaM2
			}
		}
	}
	for st, l := range sets.Sets[0].Land.ByStatus {
		if l.AreaM2 != want[st] {
			t.Errorf("%s: %s m² over all, %s zone by zone", st, l.AreaM2, want[st])
		}
	}
}

type parcelAnswer struct {
	ID       string
	Facts    map[string]any
	Parts    []land.PartResult
	BBox     *[4]float64
	Source   struct{ File string }
	Geometry struct{ Type string }
	Verdicts []struct {
		land.Verdict
		Zones []string
		Title map[string]string
		Quote string
	}
}

func parcelTellsAll(t *testing.T, s *server.Server) {
	p := decode[parcelAnswer](t, get(t, s, api+"/parcels/450102001001GB00049"))
	if p.BBox == nil || p.Geometry.Type != "MultiPolygon" || p.Source.File != "parcels.geojson" {
		t.Errorf("parcel %+v", p)
	}
	if len(p.Parts) != 2 { // the zone and its park
		t.Fatalf("%d parts", len(p.Parts))
	}
	if len(p.Verdicts) == 0 {
		t.Fatal("no verdict")
	}
	seen := map[string]bool{}
	for _, v := range p.Verdicts {
		if v.Clause == "" || v.Quote == "" || v.Title["zh"] == "" || v.Limit == nil || v.ExcessMu == nil && v.ExcessM2 == nil {
			t.Errorf("verdict %s lacks words or numbers: %+v", v.RuleKey(), v)
		}
		if seen[v.RuleKey()] {
			t.Errorf("%s stands twice", v.RuleKey())
		}
		seen[v.RuleKey()] = true
	}
	if !seen["guangxi/hightech-2021#ancillary.project-land-max"] {
		t.Errorf("rules %v", seen)
	}
}

func unknownIsNull(t *testing.T, s *server.Server) {
	p := decode[parcelAnswer](t, get(t, s, api+"/parcels/450102001001GB00021"))
	fields := land.ParcelFields()
	if len(p.Facts) != len(fields) {
		t.Errorf("%d facts, want %d", len(p.Facts), len(fields))
	}
	for _, name := range []string{"supplied_on", "completed_on", "tax_wan", "project_no"} {
		if v, ok := p.Facts[name]; !ok || v != nil {
			t.Errorf("%s is %v (%t), want null", name, v, ok)
		}
	}
}

type findingAnswer struct {
	Total    int64
	Findings []struct {
		land.PartResult
		Home   bool
		Name   *string
		Holder *string
	}
	Links []struct{ Rel, Href string }
}

// pageThrough follows next links to the end and gives the ids with their zones.
func pageThrough(t *testing.T, s *server.Server, target string) (rows []string, total int64) {
	t.Helper()
	for range 1000 {
		page := decode[findingAnswer](t, get(t, s, target))
		total = page.Total
		for _, f := range page.Findings {
			key := f.Key()
			rows = append(rows, f.ID+" "+key.String())
		}
		if len(page.Links) == 0 {
			return rows, total
		}
		u, err := url.Parse(page.Links[0].Href)
		if err != nil || u.Host != "127.0.0.1:8080" {
			t.Fatalf("next link %q", page.Links[0].Href)
		}
		target = u.RequestURI()
	}
	t.Fatal("the list has no end")
	return nil, 0
}

func findingsPageThrough(t *testing.T, s *server.Server) {
	var first []string
	for _, by := range server.Sorts() {
		for _, sign := range []string{"", "-"} {
			rows, total := pageThrough(t, s, fmt.Sprintf("%s/findings?all=true&limit=7&sort=%s%s", api, sign, by))
			if int64(len(rows)) != total {
				t.Errorf("sort %s%s: %d rows, total %d", sign, by, len(rows), total)
			}
			slices.Sort(rows)
			if first == nil {
				first = rows
			}
			if len(slices.Compact(rows)) != len(first) || !slices.Equal(rows, first) {
				t.Errorf("sort %s%s gives other rows", sign, by)
			}
		}
	}
}

func findingsFilter(t *testing.T, s *server.Server) {
	for query, check := range map[string]func(land.PartResult) bool{
		"status=suspected_idle":                         func(p land.PartResult) bool { return p.Status == land.SuspectedIdle },
		"status=suspected_idle&status=overdue_start":    func(p land.PartResult) bool { return p.Status == land.SuspectedIdle || p.Status == land.OverdueStart },
		"zone=GX02&all=true":                            func(p land.PartResult) bool { return p.Zone != nil && *p.Zone == "GX02" },
		"class=residential&all=true":                    func(p land.PartResult) bool { return p.Class == land.ClassResidential },
		"q=GB00062":                                     func(p land.PartResult) bool { return strings.HasSuffix(p.ID, "GB00062") },
		"rule=national/idle-land-2012%23idle.suspended": func(p land.PartResult) bool { return p.Status == land.SuspectedIdle || p.Status == land.Undetermined },
	} {
		page := decode[findingAnswer](t, get(t, s, api+"/findings?limit=500&"+query))
		if page.Total == 0 || int64(len(page.Findings)) != page.Total {
			t.Errorf("%s: %d of %d", query, len(page.Findings), page.Total)
		}
		for _, f := range page.Findings {
			if !check(f.PartResult) {
				t.Errorf("%s gives %s %s", query, f.ID, f.Status)
			}
		}
	}
	if page := decode[findingAnswer](t, get(t, s, api+"/findings?q="+url.QueryEscape(`%_\'";--`))); page.Total != 0 {
		t.Errorf("signs of SQL find %d rows", page.Total)
	}
}

func landInNoZone(t *testing.T, s *server.Server) {
	page := decode[findingAnswer](t, get(t, s, api+"/findings?no_zone=true&all=true&limit=100"))
	if page.Total != 30 {
		t.Errorf("%d parcels in no zone, want 30", page.Total)
	}
	for _, f := range page.Findings {
		if f.Zone != nil || f.Scope != nil {
			t.Errorf("%s lies in %v", f.ID, *f.Zone)
		}
	}
}

func downloads(t *testing.T, s *server.Server) {
	for _, query := range []string{"", "?status=suspected_idle&sort=-days", "?no_zone=true&all=true"} {
		page := decode[findingAnswer](t, get(t, s, api+"/findings"+query+map[bool]string{true: "?", false: "&"}[query == ""]+"limit=1000"))
		w := get(t, s, api+"/findings.csv"+query)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
		if err != nil || int64(len(rows)-1) != page.Total {
			t.Errorf("csv %q: %d rows, want %d (%v)", query, len(rows)-1, page.Total, err)
		}
		var fc struct {
			Features []struct {
				ID         string
				Properties map[string]any
				Geometry   *struct{ Type string }
			}
		}
		w = get(t, s, api+"/findings.geojson"+query)
		if err := json.Unmarshal(w.Body.Bytes(), &fc); err != nil || int64(len(fc.Features)) != page.Total {
			t.Fatalf("geojson %q: %d features, want %d (%v)", query, len(fc.Features), page.Total, err)
		}
		for i, f := range fc.Features {
			if f.Geometry == nil || f.ID != rows[i+1][0] || f.ID != page.Findings[i].ID || f.Properties["status"] != string(page.Findings[i].Status) {
				t.Fatalf("row %d of %q differs: %s, %s, %s", i, query, f.ID, rows[i+1][0], page.Findings[i].ID)
			}
		}
	}
}

func etags(t *testing.T, s *server.Server) {
	for _, target := range []string{api + "/zones", api + "/zones/GX01", api + "/sets", api, "/tiles/2024/parcels/14/13125/7134.mvt", "/"} {
		w := get(t, s, target)
		tag := w.Header().Get("ETag")
		if w.Code != http.StatusOK && w.Code != http.StatusNoContent || tag == "" || strings.HasPrefix(tag, "W/") {
			t.Errorf("%s: %d, ETag %q", target, w.Code, tag)
			continue
		}
		again := get(t, s, target, "If-None-Match", tag)
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s again: %d, %d bytes", target, again.Code, again.Body.Len())
		}
		if w := get(t, s, target, "If-None-Match", `"other"`); w.Code == http.StatusNotModified {
			t.Errorf("%s: a foreign tag passes", target)
		}
	}
}

func tiles(t *testing.T, s *server.Server) {
	for _, layer := range []string{"zones", "parcels", "buildings", "constraints"} {
		tj := decode[struct {
			TileJSON     string
			Tiles        []string
			Bounds       *[4]float64
			VectorLayers []struct{ ID string } `json:"vector_layers"`
		}](t, get(t, s, "/tiles/2024/"+layer+".json"))
		if tj.TileJSON != "3.0.0" || len(tj.Tiles) != 1 || !strings.HasPrefix(tj.Tiles[0], "http://127.0.0.1:8080/tiles/2024/"+layer+"/{z}/{x}/{y}.mvt") || tj.VectorLayers[0].ID != layer {
			t.Errorf("%s: %+v", layer, tj)
		}
		if (tj.Bounds == nil) != (layer == "constraints") { // the sample has none
			t.Errorf("%s: bounds %v", layer, tj.Bounds)
		}
	}
	w := get(t, s, "/tiles/2024/parcels/14/13126/7130.mvt") // 108.42 E, 22.8 N
	if w.Code != http.StatusOK && w.Code != http.StatusNoContent {
		t.Fatalf("tile: %d %s", w.Code, w.Body)
	}
	if w := get(t, s, "/tiles/2024/parcels/0/0/0.mvt"); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/vnd.mapbox-vector-tile" || w.Body.Len() == 0 {
		t.Errorf("the world: %d %s %d bytes", w.Code, w.Header().Get("Content-Type"), w.Body.Len())
	}
	if w := get(t, s, "/tiles/2024/parcels/10/0/0.mvt"); w.Code != http.StatusNoContent {
		t.Errorf("an empty tile: %d", w.Code)
	}
}

func wrongRequests(t *testing.T, s *server.Server) {
	for target, want := range map[string]struct {
		status int
		typ    problem.Type
	}{
		"/api/nothing":                                  {404, problem.NotFound},
		"/api/snapshots/":                               {404, problem.NotFound},
		"/api/snapshots/nope/zones":                     {404, problem.NotFound},
		"/api/snapshots/nope/loads":                     {404, problem.NotFound},
		"/api/snapshots/nope/rejects":                   {404, problem.NotFound},
		"/api/snapshots/" + loadOnly + "/zones":         {409, problem.NotAnalyzed},
		api + "/zones/NOPE":                             {404, problem.NotFound},
		api + "/explain/NOPE/build_rate":                {404, problem.NotFound},
		api + "/explain/GX01/no.such.thing":             {404, problem.NotFound},
		api + "/explain/GX01/build_rate?limit=0":        {400, problem.BadParameter},
		api + "/zones/GX01?boundary_scope=managed":      {404, problem.NotFound},
		api + "/zones/GX01?boundary_scope=x":            {400, problem.BadParameter},
		api + "/zones?indicator=nope":                   {400, problem.BadParameter},
		api + "/zones?nope=1":                           {400, problem.UnknownParameter},
		api + "/zones/GX01/report.docx":                 {404, problem.NotFound},
		api + "/zones/GX01/nothing":                     {404, problem.NotFound},
		api + "/parcels/nope":                           {404, problem.NotFound},
		api + "/parcels/a%2Fb":                          {404, problem.NotFound},
		api + "/parcels/a%00b":                          {400, problem.BadParameter},
		api + "/parcels/%ff":                            {400, problem.BadParameter},
		api + "/parcels/..%2F..%2Fetc":                  {404, problem.NotFound},
		api + "/findings?sort=nope":                     {400, problem.BadParameter},
		api + "/findings?limit=0":                       {400, problem.BadParameter},
		api + "/findings?limit=1001":                    {400, problem.BadParameter},
		api + "/findings?limit=x":                       {400, problem.BadParameter},
		api + "/findings?after=x":                       {400, problem.BadParameter},
		api + "/findings?status=nope":                   {400, problem.BadParameter},
		api + "/findings?rule=nope":                     {400, problem.BadParameter},
		api + "/findings?q=a&q=b":                       {400, problem.BadParameter},
		api + "/findings?q=%00":                         {400, problem.BadParameter},
		api + "/findings?q=%ff":                         {400, problem.BadParameter},
		api + "/findings?q=%zz":                         {400, problem.BadRequest},
		api + "/findings?no_zone=true&zone=A":           {400, problem.BadParameter},
		api + "/findings?q=" + strings.Repeat("x", 600): {400, problem.BadParameter},
		"/tiles/2024/nope.json":                         {404, problem.NotFound},
		"/tiles/2024/parcels":                           {404, problem.NotFound},
		"/tiles/2024/parcels/1/2/0.mvt":                 {400, problem.BadParameter},
		"/tiles/2024/parcels/99/0/0.mvt":                {400, problem.BadParameter},
		"/tiles/2024/parcels/1/-1/0.mvt":                {400, problem.BadParameter},
		"/tiles/2024/parcels/1/0/0.png":                 {404, problem.NotFound},
		"/tiles/2024/nope/1/0/0.mvt":                    {404, problem.NotFound},
		"/assets/..%2Fplaceholder.txt":                  {404, problem.NotFound},
		"/assets/nope.js":                               {404, problem.NotFound},
	} {
		w := get(t, s, target, "Accept-Language", "en")
		var doc problem.Document
		if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
			continue
		}
		if w.Code != want.status || doc.Type != "urn:muscope:problem:"+string(want.typ) || doc.RequestID == "" || doc.Detail == "" ||
			w.Header().Get("Content-Type") != problem.ContentType {
			t.Errorf("%s: %d %s (%s), want %d %s", target, w.Code, doc.Type, doc.Detail, want.status, want.typ)
		}
		if strings.Contains(doc.Detail, "%!") {
			t.Errorf("%s: %s", target, doc.Detail)
		}
	}
	r := localRequest("POST", api+"/zones", nil)
	r.Host = "localhost"
	w := do(t, s, r)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("POST: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func openAPIHoldsEveryRoute(t *testing.T, s *server.Server) {
	doc := decode[struct {
		OpenAPI    string
		Paths      map[string]map[string]struct{ OperationID string }
		Components struct{ Schemas map[string]any }
	}](t, get(t, s, "/openapi.json"))
	if doc.OpenAPI != "3.0.3" || len(doc.Paths) < 20 {
		t.Fatalf("openapi %s with %d paths", doc.OpenAPI, len(doc.Paths))
	}
	seen := map[string]bool{}
	for path, ops := range doc.Paths {
		for method, op := range ops {
			if op.OperationID == "" || seen[op.OperationID] {
				t.Errorf("%s %s: operation %q", method, path, op.OperationID)
			}
			seen[op.OperationID] = true
		}
	}
	body := get(t, s, "/openapi.json").Body.String()
	for _, ref := range strings.Split(body, `"$ref":"#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(ref, `"`)
		if _, ok := doc.Components.Schemas[name]; !ok {
			t.Errorf("schema %s is referred to and not there", name)
		}
	}
}

func reports(t *testing.T, s *server.Server) {
	for _, lang := range []string{"zh", "en"} {
		w := get(t, s, "/reports/2024/GX01?lang="+lang)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || !strings.Contains(w.Body.String(), "GX01") {
			t.Errorf("report page: %d %.200s", w.Code, w.Body)
		}
		if policy := w.Header().Get("Content-Security-Policy"); strings.Contains(policy, "script-src") || !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("policy of the report: %s", policy)
		}
		if strings.Contains(w.Body.String(), "<script") {
			t.Error("the report runs a script")
		}
	}
	for _, format := range []string{"json", "ndjson", "csv", "geojson", "html"} {
		if w := get(t, s, api+"/report."+format); w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("report.%s: %d", format, w.Code)
		}
	}
}

func hosts(t *testing.T, s *server.Server) {
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "localhost": 200, "localhost:9999": 200, "[::1]:8080": 200, "127.9.9.9": 200,
		"evil.example": 421, "evil.example:8080": 421, "127.0.0.1.evil.example": 421, "10.0.0.1:8080": 421, "": 421,
	} {
		r := localRequest("GET", "/healthz", nil)
		r.Host = host
		w := do(t, s, r)
		if w.Code != want {
			t.Errorf("host %q: %d, want %d", host, w.Code, want)
		}
	}
}

func metricsAndHealth(t *testing.T, s *server.Server) {
	for _, path := range []string{"/healthz", "/readyz"} {
		if w := get(t, s, path); w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	body := get(t, s, "/metrics").Body.String()
	for _, want := range []string{`muscope_requests_total{route="/healthz",status="200",class="2xx"}`, `muscope_request_seconds_bucket{route="/healthz",le="+Inf"}`, "muscope_requests_in_flight 1"} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %s:\n%s", want, body)
		}
	}
}

func securityHeaders(t *testing.T, s *server.Server) {
	w := get(t, s, "/", "X-Request-Id", "abc-1")
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "script-src 'self';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("policy %s", policy)
	}
	if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("X-Request-Id") != "abc-1" {
		t.Errorf("headers %v", w.Header())
	}
	if w := get(t, s, "/healthz", "X-Request-Id", "a\nb"); w.Header().Get("X-Request-Id") == "a\nb" {
		t.Error("a request id with a line break passes")
	}
}

func loadsAndRejects(t *testing.T, s *server.Server) {
	loads := decode[struct{ Loads []server.Load }](t, get(t, s, api+"/loads"))
	if len(loads.Loads) != 4 {
		t.Errorf("%d loads", len(loads.Loads))
	}
	for _, l := range loads.Loads {
		for _, in := range l.Inputs {
			if in.Features != in.Loaded+in.Rejected || in.SHA256 == "" {
				t.Errorf("%s: %d read, %d loaded, %d rejected", in.File, in.Features, in.Loaded, in.Rejected)
			}
		}
	}
	rej := decode[struct {
		Total   int64
		Rejects []land.Reject
	}](t, get(t, s, api+"/rejects?severity=warning"))
	if rej.Total != int64(len(rej.Rejects)) || rej.Total == 0 {
		t.Errorf("%d of %d rejects", len(rej.Rejects), rej.Total)
	}
}

func gzipped(t *testing.T, s *server.Server) {
	plain, zipped := get(t, s, api+"/zones"), get(t, s, api+"/zones", "Accept-Encoding", "br, gzip")
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Body.Len() >= plain.Body.Len() {
		t.Errorf("%q, %d of %d bytes", zipped.Header().Get("Content-Encoding"), zipped.Body.Len(), plain.Body.Len())
	}
	tag := zipped.Header().Get("ETag")
	if tag == plain.Header().Get("ETag") {
		t.Error("other bytes under the same strong ETag")
	}
	if w := get(t, s, api+"/zones", "Accept-Encoding", "gzip", "If-None-Match", tag); w.Code != http.StatusNotModified {
		t.Errorf("again: %d", w.Code)
	}
	if w := get(t, s, api+"/zones", "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
		t.Error("gzip for those who refuse it")
	}
	if w := get(t, s, "/api/nothing", "Accept-Encoding", "gzip"); !json.Valid(w.Body.Bytes()) {
		t.Error("a problem document can't be read")
	}
}

func textsInBothLanguages(t *testing.T, s *server.Server) {
	zh := decode[map[string]string](t, get(t, s, "/api/texts?lang=zh"))
	en := decode[map[string]string](t, get(t, s, "/api/texts?lang=en"))
	if len(zh) != len(en) || zh["status.suspected_idle"] != "疑似闲置" || en["status.suspected_idle"] != "suspected idle" {
		t.Errorf("%d and %d texts", len(zh), len(en))
	}
	for _, f := range land.ParcelFields() {
		if en["field."+f.Name] == "" {
			t.Errorf("field %s has no name", f.Name)
		}
		for _, word := range f.Words {
			if word != "unknown" && en["value."+f.Name+"."+word] == "" {
				t.Errorf("value.%s.%s has no text", f.Name, word)
			}
		}
	}
}

func absoluteLinks(t *testing.T, s *server.Server) {
	r := localRequest("GET", api+"/findings?limit=1&lang=en&q=%E5%B9%BF+%26", nil)
	r.Host = "localhost:1234"
	w := do(t, s, r)
	if page := decode[findingAnswer](t, w); len(page.Links) > 0 && !strings.HasPrefix(page.Links[0].Href, "http://localhost:1234/api/") {
		t.Errorf("link %s", page.Links[0].Href)
	}
	r = localRequest("GET", api+"/findings?limit=1&q=%E5%B9%BF%E8%A5%BF", nil)
	r.Host = "localhost:1234"
	w = do(t, s, r)
	page := decode[findingAnswer](t, w)
	if len(page.Links) != 1 || page.Links[0].Rel != "next" {
		t.Fatalf("links %v of %d", page.Links, page.Total)
	}
	u, err := url.Parse(page.Links[0].Href)
	if err != nil || u.Query().Get("q") != "广西" || u.Query().Get("after") == "" {
		t.Errorf("link %s", page.Links[0].Href)
	}
}
