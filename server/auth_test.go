package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/server"
)

// token makes a token and gives its secret.
func (d *district) token(t testing.TB, role server.Role, zones ...string) string {
	t.Helper()
	secret, hash := server.NewSecret()
	if _, err := d.store.CreateToken(t.Context(), postgis.NewToken{Hash: hash, Role: string(role), Zones: zones}); err != nil {
		t.Fatal(err)
	}
	return secret
}

// remoteRequest is a request of somebody on another machine.
func remoteRequest(method, target, secret string, body io.Reader) *http.Request {
	r := httptest.NewRequest(method, target, body)
	r.RemoteAddr, r.Host = "198.51.100.7:50000", "muscope.example:8080"
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	return r
}

// ownAndOther are, for every path of openapi.json, addresses with what lies in
// GX02 and addresses with what lies elsewhere. A path that isn't here fails the
// test: whoever adds a route says here what a caller of some zones may see of
// it. A blank list says that the path names nothing of a zone.
func ownAndOther() map[string][2][]string {
	const none = "/tiles/2024/"
	table := map[string][2][]string{
		"/":                                      {{"/"}},
		"/assets/{file}":                         {{"/assets/none.js"}},
		"/reports/{snapshot}/{code}":             {{"/reports/2024/GX02"}, {"/reports/2024/GX01", "/reports/2024/GX01-A?boundary_scope=approved"}},
		"/api/config":                            {{"/api/config"}},
		"/api/texts":                             {{"/api/texts"}},
		"/api/indicators":                        {{"/api/indicators"}},
		"/api/rules":                             {{"/api/rules"}},
		"/api/snapshots":                         {{"/api/snapshots"}},
		"/api/snapshots/{snapshot}":              {{api}},
		"/api/snapshots/{snapshot}/loads":        {{api + "/loads"}},
		"/api/snapshots/{snapshot}/rejects":      {{api + "/rejects"}},
		"/api/snapshots/{snapshot}/sets":         {{api + "/sets"}},
		"/api/snapshots/{snapshot}/zones":        {{api + "/zones", api + "/zones?indicator=build_rate"}},
		"/api/snapshots/{snapshot}/zones/{code}": {{api + "/zones/GX02"}, {api + "/zones/GX01", api + "/zones/GX01-B"}},
		"/api/snapshots/{snapshot}/zones/{code}/report.{format}": {formats(api + "/zones/GX02/report."), formats(api + "/zones/GX01/report.")},
		"/api/snapshots/{snapshot}/report.{format}":              {formats(api + "/report.")},
		"/api/snapshots/{snapshot}/parcels/{id}":                 {{api + "/parcels/{own}"}, {api + "/parcels/{other}"}},
		"/api/snapshots/{snapshot}/explain/{zone}/{what}": {{api + "/explain/GX02/build_rate?limit=1000", api + "/explain/GX02/ancillary.project-land-max?limit=1000"},
			{api + "/explain/GX01/build_rate"}},
		"/api/snapshots/{snapshot}/expansion-checks": {{api + "/expansion-checks"}},
		"/api/snapshots/{snapshot}/findings": {{api + "/findings?all=true&limit=1000", api + "/findings?zone=GX01&all=true&limit=1000", api + "/findings?no_zone=true&all=true",
			api + "/findings?q=GB0", api + "/findings?sort=zone"}},
		"/api/snapshots/{snapshot}/findings.csv":     {{api + "/findings.csv?all=true", api + "/findings.csv?zone=GX01&all=true"}},
		"/api/snapshots/{snapshot}/findings.geojson": {{api + "/findings.geojson?all=true", api + "/findings.geojson?zone=GX01&all=true"}},
		"/tiles/{snapshot}/{layer}.json":             {{none + "parcels.json", none + "zones.json"}},
		"/tiles/{snapshot}/{layer}/{z}/{x}/{y}.mvt": {{none + "zones/10/820/445.mvt", none + "parcels/14/13126/7134.mvt", none + "parcels/13/6563/3567.mvt",
			none + "buildings/13/6563/3567.mvt", none + "findings/13/6563/3567.mvt"}},
		"/openapi.json":  {{"/openapi.json"}},
		"/healthz":       {{"/healthz"}},
		"/readyz":        {{"/readyz"}},
		"/metrics":       {{"/metrics"}},
		"/ogc/style.css": {{"/ogc/style.css"}},
	}
	for _, root := range [][2]string{{"/ogc", "/ogc"}, {"/ogc/snapshots/{snapshot}", "/ogc/snapshots/2024"}} {
		for path, addresses := range ogcAddresses(root[1]) {
			table[root[0]+path] = addresses
		}
	}
	return table
}

// ogcAddresses are the addresses below a landing page of OGC API.
func ogcAddresses(root string) map[string][2][]string {
	collections := []string{"zones", "parcels", "parts", "buildings", "constraints", "verdicts", "findings"}
	each := func(after ...string) (list []string) {
		for _, c := range collections {
			for _, a := range after {
				list = append(list, root+"/collections/"+c+a)
			}
		}
		return list
	}
	return map[string][2][]string{
		"": {{root, root + "?f=html"}}, "/api": {{root + "/api"}}, "/conformance": {{root + "/conformance"}},
		"/collections":                                      {{root + "/collections", root + "/collections?f=html"}},
		"/collections/{collectionId}":                       {each("", "?f=html")},
		"/collections/{collectionId}/queryables":            {each("/queryables")},
		"/collections/{collectionId}/schema":                {each("/schema")},
		"/collections/{collectionId}/items":                 {each("/items?limit=1000", "/items?limit=1000&f=html", "/items?limit=1000&f=csv", "/items?limit=1000&sortby=-id", "/items?bbox=100,20,120,30&limit=1000", "/items?filter=zone%3D%27GX01%27&limit=1000")},
		"/collections/{collectionId}/items/{featureId}":     {{root + "/collections/parcels/items/{own}"}, {root + "/collections/parcels/items/{other}", root + "/collections/zones/items/GX01"}},
		"/tileMatrixSets":                                   {{root + "/tileMatrixSets", root + "/tileMatrixSets?f=html"}},
		"/tileMatrixSets/WebMercatorQuad":                   {{root + "/tileMatrixSets/WebMercatorQuad"}},
		"/collections/{collectionId}/tiles":                 {each("/tiles", "/tiles?f=html")},
		"/collections/{collectionId}/tiles/WebMercatorQuad": {each("/tiles/WebMercatorQuad", "/tiles/WebMercatorQuad?f=html")},
		"/collections/{collectionId}/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}": {each("/tiles/WebMercatorQuad/13/3567/6563", "/tiles/WebMercatorQuad/14/7134/13126", "/tiles/WebMercatorQuad/10/445/820")},
		"/collections/{collectionId}/download.{format}":                                      {each("/download.geojson", "/download.csv", "/download.geojsons", "/download.fgb")},
	}
}

func formats(before string) (list []string) {
	for _, f := range report.Formats() {
		list = append(list, before+f)
	}
	return list
}

// secrets of a scope: what may be in no answer to its caller.
func hidden(t *testing.T, s *server.Server) (own, other []string) {
	t.Helper()
	all := decode[land.Result](t, get(t, s, api+"/report.json"))
	for _, p := range all.Parts {
		if p.Zone != nil && *p.Zone == "GX02" {
			own = append(own, p.ID)
		}
	}
	for _, p := range all.Parts {
		if !slices.Contains(own, p.ID) {
			other = append(other, p.ID)
		}
	}
	if len(own) < 10 || len(other) < 10 {
		t.Fatalf("%d parcels in GX02, %d elsewhere", len(own), len(other))
	}
	return own, other
}

// TestEveryRoute walks the description: who shows no token from elsewhere is
// sent away, and a caller of one zone sees nothing of another, whatever he asks.
func TestEveryRoute(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	secret := d.token(t, server.Viewer, "GX02")
	own, other := hidden(t, s)
	words := append([]string{"GX01", "邕南高新", "东园", "西园"}, other...)
	table, told := ownAndOther(), 0
	for path, item := range contractOf(t, s).doc.Paths.Map() {
		addresses, ok := table[path]
		if !ok {
			t.Errorf("%s: say in ownAndOther what a caller of some zones sees of it", path)
			continue
		}
		for i, list := range addresses {
			for _, address := range list {
				address = strings.NewReplacer("{own}", own[0], "{other}", other[0]).Replace(address)
				for method, op := range item.Operations() {
					sendAway(t, s, method, address, op.Security == nil)
					if method != http.MethodGet {
						postedBy(t, s, path, address, secret, words)
						continue
					}
					w := do(t, s, remoteRequest(method, address, secret, nil))
					body, err := plainBody(w)
					if err != nil {
						t.Error(err)
					}
					shows(t, address, w, string(body), words, i == 1)
					if body, err := plainBody(get(t, s, address)); err == nil && slices.ContainsFunc(words, func(word string) bool { return strings.Contains(string(body), word) }) {
						told++
					}
				}
			}
		}
	}
	if told < 15 {
		t.Errorf("only %d answers would tell of another zone to who may see all: the test looks for the wrong words", told)
	}
}

// postedBy sends what a caller of GX02 may think of, to see what comes back.
func postedBy(t *testing.T, s *server.Server, path, address, secret string, hidden []string) {
	t.Helper()
	over := func(zone string) []byte { // a piece that covers the whole district
		return []byte(`{"type":"FeatureCollection","application":{"kind":"enlargement","zone":"` + zone + `"},"features":[{"type":"Feature","properties":{"part":"added"},` +
			`"geometry":{"type":"Polygon","coordinates":[[[108.40,22.78],[108.46,22.78],[108.46,22.83],[108.40,22.83],[108.40,22.78]]]}}]}`)
	}
	bodies := map[string][][]byte{"/api/snapshots/{snapshot}/expansion-checks": {expansionSample(t, "application.geojson"), over("GX02"), over("GX01")}}[path]
	if len(bodies) == 0 {
		t.Errorf("%s: say in postedBy what a caller of some zones may send", path)
	}
	for i, body := range bodies {
		for _, query := range []string{"", "?format=html", "?format=csv", "?format=geojson"} {
			r := remoteRequest(http.MethodPost, address+query, secret, bytes.NewReader(body))
			r.Header.Set("Content-Type", "application/geo+json")
			w := do(t, s, r)
			if i < 2 != (w.Code == http.StatusOK) {
				t.Errorf("%s, body %d: %d %.300s", address+query, i, w.Code, w.Body)
			}
			if w.Code == http.StatusOK {
				shows(t, address+query, w, w.Body.String(), hidden, false)
			}
		}
	}
}

func sendAway(t *testing.T, s *server.Server, method, address string, public bool) {
	t.Helper()
	w := do(t, s, remoteRequest(method, address, "", nil))
	if public {
		if w.Code == http.StatusUnauthorized {
			t.Errorf("%s is public and asks for a token", address)
		}
		return
	}
	if w.Code != http.StatusUnauthorized || len(w.Header().Values("WWW-Authenticate")) != 2 || strings.Contains(w.Body.String(), "GX0") && !strings.Contains(address, "GX0") {
		t.Errorf("%s %s without a token: %d %v", method, address, w.Code, w.Header())
	}
	if w := do(t, s, remoteRequest(method, address, "mus_"+strings.Repeat("A", 43), nil)); w.Code != http.StatusUnauthorized {
		t.Errorf("%s %s with a token of nobody: %d", method, address, w.Code)
	}
}

// shows says whether an answer to the caller of GX02 holds what is hidden from
// him; what he asked for himself is repeated in links and problems.
func shows(t *testing.T, address string, w *httptest.ResponseRecorder, body string, hidden []string, elsewhere bool) {
	t.Helper()
	if elsewhere && w.Code != http.StatusNotFound {
		t.Errorf("%s: %d, want 404", address, w.Code)
	}
	if w.Code >= 500 || w.Code == http.StatusUnauthorized {
		t.Errorf("%s: %d %.200s", address, w.Code, body)
	}
	if address == "/api/texts" || address == "/openapi.json" {
		return // the product's own words
	}
	for _, own := range []string{"%27GX01%27", "zone=GX01"} { // links repeat what he asked
		if strings.Contains(address, own) {
			body = strings.ReplaceAll(body, own, "")
		}
	}
	for _, word := range hidden {
		if strings.Contains(body, word) && !((elsewhere || strings.Contains(address, "GX01")) && w.Code >= 400) {
			t.Errorf("%s shows %q", address, word)
			return
		}
	}
}

// TestScopes says what callers of some zones do see.
func TestScopes(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	for _, c := range []struct {
		zones []string
		want  string
	}{
		{[]string{"GX01"}, "GX01 GX01-A(GX01) GX01-B(GX01)"}, // its parks with it
		{[]string{"GX01-A"}, "GX01-A"},                       // not its parent, by name either
		{[]string{"GX02", "GX01-B"}, "GX01-B GX02"},
		{nil, "GX01 GX01-A(GX01) GX01-B(GX01) GX02"},
	} {
		secret := d.token(t, server.Viewer, c.zones...)
		list := decode[struct {
			Zones []struct {
				Code   string
				PartOf string `json:"part_of"`
			}
		}](t, do(t, s, remoteRequest("GET", api+"/zones", secret, nil)))
		var got []string
		for _, z := range list.Zones {
			if z.PartOf != "" {
				z.Code += "(" + z.PartOf + ")"
			}
			got = append(got, z.Code)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v sees %v, want %s", c.zones, got, c.want)
		}
	}
	secret := d.token(t, server.Viewer, "GX02")
	snapshots := decode[struct{ Snapshots []server.Snapshot }](t, do(t, s, remoteRequest("GET", "/api/snapshots", secret, nil)))
	all := decode[struct{ Snapshots []server.Snapshot }](t, get(t, s, "/api/snapshots"))
	if len(snapshots.Snapshots) != 2 || snapshots.Snapshots[0].Zones != 1 || snapshots.Snapshots[0].Parcels == 0 || snapshots.Snapshots[0].Parcels >= all.Snapshots[0].Parcels {
		t.Errorf("snapshots of GX02: %+v", snapshots.Snapshots)
	}
	nowhere := d.token(t, server.Viewer, "NOPE")
	if got := do(t, s, remoteRequest("GET", "/api/snapshots", nowhere, nil)).Body.String(); strings.Contains(got, "2024") {
		t.Errorf("who sees no zone sees a snapshot: %s", got)
	}
	for path, want := range map[string]int{api: 404, api + "/zones": 404, "/tiles/2024/zones.json": 404, api + "/loads": 403, "/metrics": 403, "/api/snapshots/" + loadOnly + "/zones": 404} {
		if w := do(t, s, remoteRequest("GET", path, nowhere, nil)); w.Code != want {
			t.Errorf("%s for who sees no zone: %d, want %d", path, w.Code, want)
		}
	}
	sameBytes(t, s, secret)
}

// sameBytes says that callers of different zones never share an ETag, and what
// a caller of one zone is told of it is what everybody is told.
func sameBytes(t *testing.T, s *server.Server, secret string) {
	t.Helper()
	for _, path := range []string{api + "/zones", api + "/zones/GX02", api + "/sets", api + "/findings", "/tiles/2024/parcels/13/6563/3567.mvt", "/tiles/2024/parcels.json"} {
		mine, all := do(t, s, remoteRequest("GET", path, secret, nil)), get(t, s, path)
		if tag := all.Header().Get("ETag"); tag == "" || tag == mine.Header().Get("ETag") {
			t.Errorf("%s: one ETag %s for different callers", path, tag)
		}
		if !slices.Contains(mine.Header().Values("Vary"), "Authorization") || strings.Contains(mine.Header().Get("Cache-Control"), "public") {
			t.Errorf("%s: a shared cache would mix callers: %v", path, mine.Header())
		}
	}
	mine := decode[land.ZoneResult](t, do(t, s, remoteRequest("GET", api+"/zones/GX02", secret, nil)))
	all := decode[land.ZoneResult](t, get(t, s, api+"/zones/GX02"))
	a, _ := json.Marshal(mine.Indicators)
	b, _ := json.Marshal(all.Indicators)
	if string(a) != string(b) || len(mine.Verdicts) != len(all.Verdicts) {
		t.Error("the figures of a zone depend on who asks")
	}
}

// TestWhoNeedsAToken says from where a token is needed.
func TestWhoNeedsAToken(t *testing.T) {
	d := newDistrict(t)
	options := d.options()
	local, strict := d.with(t, options), options
	strict.RequireToken = true
	behind := options
	behind.PublicURL = "https://land.example/m"
	for name, c := range map[string]struct {
		s      *server.Server
		from   string
		host   string
		header []string
		want   int
	}{
		"on this machine":              {local, "127.0.0.1:9", "localhost:8080", nil, 200},
		"on this machine, IPv6":        {local, "[::1]:9", "[::1]:8080", nil, 200},
		"by another name":              {local, "127.0.0.1:9", "evil.example", nil, 421},
		"on this machine, strict":      {d.with(t, strict), "127.0.0.1:9", "localhost", nil, 401},
		"from elsewhere":               {local, "192.0.2.1:9", "localhost", nil, 401},
		"from elsewhere, mapped":       {local, "[::ffff:192.0.2.1]:9", "localhost", nil, 401},
		"an address that can't be":     {local, "@", "localhost", nil, 401},
		"through a proxy":              {local, "127.0.0.1:9", "localhost", []string{"X-Forwarded-For", "127.0.0.1"}, 401},
		"through a proxy, RFC 7239":    {local, "127.0.0.1:9", "localhost", []string{"Forwarded", "for=127.0.0.1"}, 401},
		"through a proxy, host alone":  {local, "127.0.0.1:9", "localhost", []string{"X-Forwarded-Host", "x"}, 401},
		"through a proxy, Via":         {local, "127.0.0.1:9", "localhost", []string{"Via", "1.1 x"}, 401},
		"through a proxy, X-Real-IP":   {local, "127.0.0.1:9", "localhost", []string{"X-Real-IP", "10.0.0.1"}, 401},
		"behind a proxy that is quiet": {d.with(t, behind), "127.0.0.1:9", "127.0.0.1:8080", nil, 401},
	} {
		r := httptest.NewRequest("GET", "/api/snapshots", nil)
		r.RemoteAddr, r.Host = c.from, c.host
		for i := 0; i+1 < len(c.header); i += 2 {
			r.Header.Set(c.header[i], c.header[i+1])
		}
		if w := do(t, c.s, r); w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
}

// TestCredentials says how a token may be sent, and when it is good.
func TestCredentials(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	secret := d.token(t, server.Viewer)
	gone := d.token(t, server.Viewer)
	list, err := d.store.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	late, hash := server.NewSecret()
	end := time.Date(2025, 1, 6, 9, 0, 0, 0, time.UTC) // now, for the server
	if _, err := d.store.CreateToken(t.Context(), postgis.NewToken{Hash: hash, Role: "viewer", Expires: &end}); err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]int{
		"Bearer " + secret: 200, "bearer  " + secret: 200, basic("anybody", secret): 200, basic("", secret): 200, basic("a:b", secret): 401,
		basic(secret, ""): 401, "Bearer": 401, "Bearer " + secret[:46]: 401, "Bearer " + secret + "A": 401, "Bearer " + strings.ToUpper(secret): 401,
		secret: 401, "Digest " + secret: 401, "Basic !!": 401, "Bearer " + late: 401, "Bearer " + strings.Repeat("a", 4000): 401,
	} {
		r := remoteRequest("GET", "/api/snapshots", "", nil)
		r.Header.Set("Authorization", header)
		if w := do(t, s, r); w.Code != want {
			t.Errorf("%.40s: %d, want %d", header, w.Code, want)
		}
	}
	r := remoteRequest("GET", "/api/snapshots", secret, nil)
	r.Header.Add("Authorization", "Bearer "+secret)
	if w := do(t, s, r); w.Code != 401 {
		t.Errorf("two headers: %d", w.Code)
	}
	for _, query := range []string{"?token=" + secret, "?access_token=x", "?q=" + secret} {
		if w := do(t, s, remoteRequest("GET", api+"/findings"+query, secret, nil)); w.Code != 400 || strings.Contains(w.Body.String(), secret) || !strings.Contains(w.Body.String(), "token-in-address") {
			t.Errorf("%.20s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := do(t, s, remoteRequest("GET", "/api/snapshots", gone, nil)); w.Code != 200 {
		t.Fatalf("before it is revoked: %d", w.Code)
	}
	if _, err := d.store.RevokeToken(t.Context(), list[1].ID); err != nil {
		t.Fatal(err)
	}
	time.Sleep(600 * time.Millisecond)
	if w := do(t, s, remoteRequest("GET", "/api/snapshots", gone, nil)); w.Code != 401 {
		t.Errorf("after it is revoked: %d", w.Code)
	}
	if list, err = d.store.Tokens(t.Context()); err != nil || list[0].LastUsed.String() != "2025-01-06" || list[2].LastUsed.Known() {
		t.Errorf("last used %v, %v (%v)", list[0].LastUsed, list[2].LastUsed, err)
	}
	r = localRequest("GET", "/api/snapshots", nil) // a token counts on this machine too
	r.Header.Set("Authorization", "Bearer "+gone)
	if w := do(t, s, r); w.Code != 401 {
		t.Errorf("a revoked token on this machine: %d", w.Code)
	}
}

// TestScopeOfAProject has a project over two zones: its figures are those of
// the whole project, and its parcels in the other zone stay unnamed.
func TestScopeOfAProject(t *testing.T) {
	d := newDistrict(t)
	files, err := data.Samples()
	if err != nil {
		t.Fatal(err)
	}
	sample, err := fs.ReadFile(files, "parcels.geojson")
	if err != nil {
		t.Fatal(err)
	}
	own, _ := hidden(t, d.server(t))
	spread := regexp.MustCompile(`"project_no":"[^"]*"`).ReplaceAll(sample, []byte(`"project_no":"SPREAD"`))
	for _, id := range own[:20] {
		spread = bytes.Replace(spread, []byte(`"id":"`+id+`"`), []byte(`"project_no":"SPREAD","id":"`+id+`"`), 1)
	}
	d.loadFile(t, snapshot, ingest.LayerParcels, ingest.File{Name: "parcels.geojson", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(spread)), nil
	}})
	d.analyze(t, snapshot)
	s := d.server(t)
	secret := d.token(t, server.Viewer, "GX02")
	_, other := hidden(t, s)
	address := api + "/explain/GX02/guangxi%2Fhightech-2021%23ancillary.project-land-max?parcel=SPREAD&limit=1000"
	var observed []any
	for _, path := range []string{api + "/report.json", address, "/ogc/collections/verdicts/items?limit=1000"} {
		all := get(t, s, path).Body.String()
		mine := do(t, s, remoteRequest("GET", path, secret, nil))
		named := func(body string) bool {
			return slices.ContainsFunc(other, func(id string) bool { return strings.Contains(body, `"`+id+`"`) })
		}
		if mine.Code != http.StatusOK || !named(all) || named(mine.Body.String()) {
			t.Errorf("%s: %d; everybody is told of the other zone: %v, the caller of GX02: %v", path, mine.Code, named(all), named(mine.Body.String()))
		}
		if path != address {
			continue
		}
		for _, body := range []string{all, mine.Body.String()} {
			var doc struct{ Verdict *land.Verdict }
			if err := json.Unmarshal([]byte(body), &doc); err != nil || doc.Verdict == nil || doc.Verdict.Observed == nil {
				t.Fatalf("%v in %.300s", err, body)
			}
			observed = append(observed, *doc.Verdict.Observed, doc.Verdict.Outcome)
		}
		if observed[0] != observed[2] || observed[1] != observed[3] || !strings.Contains(mine.Body.String(), "withheld:") {
			t.Errorf("the project's figure depends on who asks: %v", observed)
		}
	}
}
