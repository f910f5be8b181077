package server

import (
	"net/http"

	"github.com/muscope/muscope/analysis/explain"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/server/problem"
)

// route is one line of the route table: what the server answers and to whom,
// and what /openapi.json says of it.
type route struct {
	method   string // "" is GET, with HEAD
	path     string // as OpenAPI writes it
	summary  string
	tag      string
	role     Role                // that it takes; "" is Viewer
	public   bool                // answers anybody, whoever he is
	whole    bool                // tells of all zones: refused to a caller of some
	params   []param             // of the query; a parameter that isn't here is refused
	request  *request            // what a POST brings; nil is nothing
	media    []string            // content types of the answer; none is application/json
	body     any                 // a value of the type of the JSON answer
	names    map[string][]string // what parameters of the path may be, where that is a list
	empty    bool                // may answer 204: there is nothing here
	download bool                // may take long
	streams  bool                // is written as it comes, for as long as its client reads
	slots    int                 // how many are answered at a time; 0 is three quarters of the readers
	handle   handler

	gate *gate // made by build
}

// need is the role that a route takes.
func (r *route) need() Role {
	if r.role == "" {
		return Viewer
	}
	return r.role
}

// types are the content types of the answer.
func (r *route) types() []string {
	if len(r.media) == 0 {
		return []string{"application/json"}
	}
	return r.media
}

// negotiated reports whether a client's Accept is honoured: JSON is not sent
// to one that reads other things alone. What has one form by nature (a tile, a
// picture, a file asked for by its ending) is sent to everybody.
func (r *route) negotiated() bool { return len(r.media) == 0 && r.tag != "service" }

// methods are the HTTP methods that a route answers.
func (r *route) methods() []string {
	if r.method == "" {
		return []string{http.MethodGet, http.MethodHead}
	}
	return []string{r.method}
}

// handler answers a request or says why not.
type handler func(*exchange) error

// param is a query parameter.
type param struct {
	name    string
	kind    string // string | integer | number | boolean
	about   string
	enum    []string
	repeats bool
	list    bool   // values separated by commas
	long    bool   // may be longer than a name
	bounds  object // keywords of its schema: default, minimum, …
}

// routes is the one list of what the server answers.
func (s *Server) routes() []route {
	return append(s.ownRoutes(), s.ogcRoutes()...)
}

func (s *Server) ownRoutes() []route {
	const snapshot = "/api/snapshots/{snapshot}"
	return []route{
		{path: "/", tag: "page", summary: "The map and workbench", media: []string{"text/html"}, handle: s.page},
		{path: "/assets/{file}", tag: "page", public: true, summary: "A file of the map page", media: []string{"*/*"}, handle: s.asset},
		{path: "/reports/{snapshot}/{code}", tag: "page", summary: "The report of a zone, to read and print", params: scopeParam(), media: []string{"text/html"}, download: true, handle: s.reportPage},

		{path: "/api/config", tag: "words", summary: "What the page has to know of this server", body: config{}, handle: s.config},
		{path: "/api/texts", tag: "words", summary: "The words people read, by key, in the language asked for", body: map[string]string{}, handle: s.texts},
		{path: "/api/indicators", tag: "words", summary: "The indicators: names, formulas and units", body: indicatorList{}, handle: s.indicators},
		{path: "/api/rules", tag: "words", summary: "The rules: limits by date, document, clause and quote", body: ruleList{}, handle: s.ruleList},

		{path: "/api/snapshots", tag: "snapshots", summary: "The snapshots", body: snapshotList{}, handle: s.snapshots},
		{path: snapshot, tag: "snapshots", summary: "The header of a snapshot's current analysis", body: land.Header{}, handle: s.header},
		{path: snapshot + "/loads", tag: "snapshots", summary: "What was loaded into a snapshot", whole: true, body: loadList{}, handle: s.loads},
		{path: snapshot + "/rejects", tag: "snapshots", summary: "The load report: features refused, and fields unknown", whole: true, params: rejectParams(), body: rejectList{}, download: true, handle: s.rejects},
		{path: snapshot + "/sets", tag: "results", summary: "Totals over sets of zones; each square metre counts once", body: setList{}, handle: s.sets},
		{path: snapshot + "/zones", tag: "results", summary: "The zones, with the indicators asked for", params: zoneListParams(), body: zoneList{}, handle: s.zones},
		{path: snapshot + "/zones/{code}", tag: "results", summary: "The zone's part of the Result", params: scopeParam(), body: zoneDetail{}, handle: s.zone},
		{path: snapshot + "/zones/{code}/report.{format}", tag: "results", summary: "The report of a zone (html, json, ndjson, csv, geojson)", params: scopeParam(), media: reportMedia(), download: true, handle: s.zoneReport},
		{path: snapshot + "/report.{format}", tag: "results", summary: "The report of all zones (html, json, ndjson, csv, geojson)", media: reportMedia(), download: true, handle: s.report},
		{path: snapshot + "/parcels/{id}", tag: "results", summary: "A parcel: facts, parts, statuses and verdicts", body: parcelDetail{}, handle: s.parcel},
		{path: snapshot + "/explain/{zone}/{what}", tag: "results", summary: "Why an indicator or a rule (pack#rule, or a contract's term as contract/terms#far.project.ge, percent-encoded) of a zone is what it is", params: explainParams(), body: explain.Document{}, download: true, handle: s.explain},
		s.expansionRoute(snapshot + "/expansion-checks"),
		{path: snapshot + "/findings", tag: "results", summary: "A page of the findings; the next page is in links", params: findingParams(true), body: findingList{}, handle: s.findings},
		{path: snapshot + "/findings.csv", tag: "results", summary: "All the findings asked for, as CSV", params: findingParams(false), media: []string{"text/csv"}, download: true, handle: s.findingsAs("csv")},
		{path: snapshot + "/findings.geojson", tag: "results", summary: "All the findings asked for, as GeoJSON", params: findingParams(false), media: []string{"application/geo+json"}, download: true, handle: s.findingsAs("geojson")},

		{path: "/tiles/{snapshot}/{layer}.json", tag: "tiles", summary: "TileJSON 3 of a layer (zones, parcels, buildings, constraints)", body: tileJSON{}, handle: s.tileJSON},
		{path: "/tiles/{snapshot}/{layer}/{z}/{x}/{y}.mvt", tag: "tiles", summary: "A Mapbox vector tile; drawing only, never to be measured", params: []param{{name: "v", kind: "string", about: "The mark of the addresses in TileJSON, of an analysis and a version of the program; changes nothing but lets the tile be kept for good"}}, media: []string{mvtType}, empty: true, handle: s.tile},

		{path: "/openapi.json", tag: "service", summary: "This description", public: true, media: []string{openAPIMedia}, handle: s.openAPI},
		{path: "/healthz", tag: "service", summary: "The process runs", public: true, body: health{}, handle: s.healthz},
		{path: "/readyz", tag: "service", summary: "The store answers", public: true, body: health{}, handle: s.readyz},
		{path: "/metrics", tag: "service", summary: "Counters, in the text format of Prometheus", whole: true, media: []string{"text/plain"}, handle: s.showMetrics},
	}
}

func langParam() param {
	return param{name: "lang", kind: "string", enum: []string{"zh", "en"}, about: "Language of words in the answer; else by Accept-Language"}
}

func scopeParam() []param {
	return []param{{name: "boundary_scope", kind: "string", enum: []string{string(land.ScopeApproved), string(land.ScopeManaged)},
		about: "Which outline of the zone; else the approved one, or the managed one where it is alone"}}
}

func rejectParams() []param {
	return []param{
		{name: "severity", kind: "string", enum: []string{string(land.SeverityReject), string(land.SeverityWarning)}, about: "Only these"},
		{name: "layer", kind: "string", enum: layers(), about: "Only of this layer"},
		{name: "limit", kind: "integer", about: "At most so many, 1 to 10000; 1000 where it isn't given. The total is always told"},
	}
}

func layers() []string {
	return []string{"zones", "parcels", "buildings", "constraints", "stats", "approvals", "phases", "uses", "terms", "firms", "events",
		"rankings", "zone_actions"}
}

func zoneListParams() []param {
	return []param{{name: "indicator", kind: "string", repeats: true, about: "Ids of indicators to give with each zone"}}
}

func findingParams(paged bool) []param {
	ps := []param{
		{name: "zone", kind: "string", about: "Code of a zone"},
		{name: "boundary_scope", kind: "string", enum: []string{string(land.ScopeApproved), string(land.ScopeManaged)}, about: "Which outline of the zone"},
		{name: "no_zone", kind: "boolean", enum: []string{"true", "false"}, about: "true: only land in no zone"},
		{name: "status", kind: "string", enum: words(land.Statuses()), repeats: true, about: "Only of these statuses"},
		{name: "class", kind: "string", enum: words(land.Classes()), repeats: true, about: "Only of these classes"},
		{name: "rule", kind: "string", about: "pack#rule: only parcels of which a listed verdict of this rule speaks"},
		{name: "outcome", kind: "string", enum: words(land.Outcomes()), about: "Only parcels of which a listed verdict with this outcome speaks"},
		{name: "q", kind: "string", about: "Only where id, name, holder or project number holds this text"},
		{name: "filter", kind: "string", long: true, about: "Only parts for which this CQL2 condition holds, over the names of /ogc/collections/parts/queryables"},
		{name: "filter-lang", kind: "string", enum: []string{"cql2-text", "cql2-json"}, about: "Encoding of filter; cql2-text where it isn't given"},
		{name: "all", kind: "boolean", enum: []string{"true", "false"}, about: "true: every parcel, finding or not"},
		{name: "sort", kind: "string", enum: signed(words(Sorts())), about: "Order; with - before it, from the greatest"},
	}
	if paged {
		ps = append(ps,
			param{name: "limit", kind: "integer", about: "Rows a page, 1 to 1000; 50 where it isn't given"},
			param{name: "after", kind: "string", about: "Where the page before ended; taken from its link"})
	}
	return ps
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

func signed(list []string) []string {
	out := make([]string, 0, 2*len(list))
	for _, w := range list {
		out = append(out, w, "-"+w)
	}
	return out
}

// gateOf bounds how many requests of a route are answered at a time.
func (s *Server) gateOf(r *route) *gate {
	slots := s.opt.Limits.Readers
	if r.download {
		slots = s.opt.Limits.Downloads
	}
	if slots = max(1, slots*3/4); r.slots > 0 {
		slots = min(slots, r.slots)
	}
	return newGate(slots, s.opt.Limits.Queue, s.opt.Limits.Wait)
}

// build makes the engine from the route table.
func (s *Server) build() error {
	engine, err := s.newEngine()
	if err != nil {
		return err
	}
	table := s.routes()
	for i := range table {
		r := &table[i]
		r.gate = s.gateOf(r)
		pattern, trims := ginPattern(r.path)
		for _, method := range r.methods() {
			engine.Handle(method, pattern, s.serve(r, trims))
		}
	}
	engine.NoRoute(s.fail(func(x *exchange) error { return problem.New(problem.NotFound, x.r.URL.Path) }))
	engine.NoMethod(s.fail(func(x *exchange) error { return problem.New(problem.MethodNotAllowed, x.r.Method, x.r.URL.Path) }))
	s.engine = engine
	if s.openapi, err = openAPIDocument(table, s.opt.Version); err != nil {
		return err
	}
	return s.describeOGC(table)
}
