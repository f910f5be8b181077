package ogcapi

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/data"
)

// geometryName is what filters call a feature's geometry.
const geometryName = "geometry"

// Options are what an API is made of.
type Options struct {
	Store Store
	Texts data.Texts
	// MaxLimit is the most features of a page; 0 is 10,000.
	MaxLimit int
	// Links and Classes of other parts of OGC API that the server offers beside
	// features; nil is none.
	Also Also
	// Tiles are the tiles of collections; nil is none.
	Tiles Tiles
}

// Also is what another part of OGC API adds to the resources here.
type Also interface {
	// Classes are the URIs of its conformance classes.
	Classes() []string
	// LandingLinks and CollectionLinks are its links; root is the address of the
	// landing page.
	LandingLinks(root, lang string) []Link
	CollectionLinks(root, collection, lang string) []Link
}

// API answers for the resources of OGC API – Features.
type API struct {
	opt         Options
	collections []*collection
}

// collection is a Collection with what filters may name of it.
type collection struct {
	Collection
	queryables *filter.Queryables
	time       timeSpan
}

// timeSpan names the properties from and to which a feature holds; "" is open.
type timeSpan struct{ from, to string }

// timeOf says what datetime compares with: a zone holds from valid_from to
// valid_to, a parcel's status since its date, a building since its completion.
func timeOf(collection string) timeSpan {
	switch collection {
	case "zones":
		return timeSpan{"valid_from", "valid_to"}
	case "parcels", "parts":
		return timeSpan{from: "since"}
	case "buildings":
		return timeSpan{from: "completed_on"}
	}
	return timeSpan{}
}

// New makes an API. It fails where the store's collections can't be filtered.
func New(opt Options) (*API, error) {
	if opt.MaxLimit == 0 {
		opt.MaxLimit = 10_000
	}
	a := &API{opt: opt}
	for _, c := range opt.Store.Collections() {
		names := []filter.Queryable{{Name: geometryName, Kind: filter.Geometry}}
		for _, p := range c.Properties {
			if p.Kind != filter.Missing {
				names = append(names, filter.Queryable{Name: p.Name, Kind: p.Kind, Words: p.Words, AnyWord: true})
			}
		}
		q, err := filter.NewQueryables(names)
		if err != nil {
			return nil, fmt.Errorf("the queryables of %s: %w", c.Name, err)
		}
		a.collections = append(a.collections, &collection{c, q, timeOf(c.Name)})
	}
	return a, nil
}

func (a *API) collectionNames() []string {
	var names []string
	for _, c := range a.collections {
		names = append(names, c.Name)
	}
	return names
}

// Route is a resource, for the server's route table.
type Route struct {
	Path     string // as OpenAPI writes it
	Summary  string
	Params   []Param
	Media    []string // of the answer, the default first
	Body     any      // a value of the type of a JSON answer; nil where it is a feature or none
	Download bool     // may take long
	Streams  bool     // is written as it comes, for as long as its client reads
	Reads    bool     // reads an analysis
	Empty    bool     // may answer 204: there is nothing here
	Handle   func(*Request) error
	// Names are the values that a parameter of the path may have, by its name.
	Names map[string][]string
}

// Param is a parameter of the query.
type Param struct {
	Name  string
	Kind  string // string | integer | number | boolean
	About string
	Enum  []string
	List  bool // values separated by commas (style form, explode false)
	Long  bool // may be longer than a name
	// Of an integer: what is taken where it isn't given, and the least and
	// greatest value.
	Default, Min, Max int
	MinItems          int // of a list
	MaxItems          int
}

// Request is one request. The server has checked that its parameters are known,
// given once, and text.
type Request struct {
	HTTP  *http.Request
	W     http.ResponseWriter
	Lang  string
	Base  string            // public address of the server, without a slash at the end
	Path  map[string]string // parameters of the path
	Query url.Values
	Zones []string // that the caller may see; nil is all
	Own   any      // the server's own, which it gets back with the request
	// Unchanged sets an ETag made of the request's address and language, the
	// caller's zones, the program, and what else the answer depends on, and
	// reports whether the client has that answer: then it was told so. weak says
	// that the bytes may differ all the same.
	Unchanged func(weak bool, of ...string) bool
}

// Snapshots is the path under which each snapshot has a landing page of its own.
const Snapshots = "/ogc/snapshots/{snapshot}"

// Routes are the resources: once at /ogc for the newest snapshot, once for each
// snapshot by its name.
func (a *API) Routes() []Route {
	var list []Route
	for _, prefix := range []string{"/ogc", Snapshots} {
		list = append(list, a.routesAt(prefix)...)
	}
	return append(list, Route{Path: "/ogc/style.css", Summary: "The style of the HTML pages", Media: []string{"text/css"}, Handle: a.style})
}

func (a *API) routesAt(prefix string) []Route {
	const one = "/collections/{collectionId}"
	page := []Param{formatParam(jsonFormat, htmlFormat)}
	pages := []string{mediaOf(jsonFormat), mediaOf(htmlFormat)}
	routes := []Route{
		{Path: "", Summary: "Landing page", Params: page, Media: pages, Body: landingPage{}, Reads: true, Handle: a.landing},
		{Path: "/conformance", Summary: "The conformance classes that hold here", Params: page, Media: pages, Body: conformancePage{}, Handle: a.conformance},
		{Path: "/collections", Summary: "The collections of features", Params: page, Media: pages, Body: collectionsPage{}, Reads: true, Handle: a.collectionList},
		{Path: one, Summary: "A collection of features", Params: page, Media: pages, Body: collectionJSON{}, Reads: true, Handle: a.collectionPage},
		{Path: one + "/queryables", Summary: "The names that filters of a collection may use (JSON Schema)", Params: page,
			Media: []string{schemaType, mediaOf(jsonFormat), mediaOf(htmlFormat)}, Body: schema{}, Reads: true, Handle: a.queryables},
		{Path: one + "/schema", Summary: "The properties of a collection's features (JSON Schema)", Media: []string{schemaType}, Body: featureSchema{}, Reads: true, Handle: a.schema},
		{Path: one + "/items", Summary: "A page of the features of a collection; the next page is in links", Params: a.itemsParams(true),
			Media: []string{mediaOf(geoJSON), mediaOf(htmlFormat), mediaOf(csvFormat), mediaOf(seqFormat)}, Reads: true, Streams: true, Handle: a.items},
		{Path: one + "/items/{featureId}", Summary: "One feature", Params: a.itemParams(),
			Media: []string{mediaOf(geoJSON), mediaOf(htmlFormat)}, Reads: true, Handle: a.item},
		{Path: one + "/download.{format}", Summary: "All features that a filter leaves, in a file (geojson, csv, geojsons, fgb)", Params: a.itemsParams(false),
			Media: []string{mediaOf(geoJSON), mediaOf(csvFormat), mediaOf(seqFormat), mediaOf(fgbFormat)}, Download: true, Reads: true, Handle: a.download},
	}
	if a.opt.Tiles != nil {
		routes = append(routes, a.tileRoutes()...)
	}
	for i := range routes {
		routes[i].Names = map[string][]string{"collectionId": a.collectionNames(), "format": downloads()}
		if strings.Contains(routes[i].Path, "/tiles") {
			routes[i].Names["collectionId"] = tiled()
		}
		routes[i].Path = prefix + routes[i].Path
	}
	return routes
}

// find is the collection that the path names.
func (a *API) find(name string) (*collection, error) {
	i := slices.IndexFunc(a.collections, func(c *collection) bool { return c.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("%w: collection %q", ErrNotFound, name)
	}
	return a.collections[i], nil
}

// Link is a link of a resource (RFC 8288).
type Link struct {
	Rel   string `json:"rel"`
	Href  string `json:"href"`
	Type  string `json:"type,omitempty"`
	Title string `json:"title,omitempty"`
}

// root is the address of the landing page that the request is below.
func (r *Request) root() string {
	if name, ok := r.Path["snapshot"]; ok {
		return r.Base + "/ogc/snapshots/" + url.PathEscape(name)
	}
	return r.Base + "/ogc"
}

// address is the address of the request with another query.
func (r *Request) address(query url.Values) string {
	at := r.Base + r.HTTP.URL.EscapedPath()
	if q := query.Encode(); q != "" {
		at += "?" + q
	}
	return at
}

// with is the query with one parameter set, or left out ("").
func (r *Request) with(name, value string) url.Values {
	query := url.Values{}
	for k, v := range r.Query {
		query[k] = v
	}
	query.Del(name)
	if value != "" {
		query.Set(name, value)
	}
	return query
}

// snapshot is the name of the snapshot asked for: that of the path, else the
// newest.
func (a *API) snapshot(r *Request) (string, error) {
	if name, ok := r.Path["snapshot"]; ok {
		return name, nil
	}
	list, err := a.opt.Store.Analyzed(r.HTTP.Context(), r.Zones)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fmt.Errorf("%w: no snapshot is analyzed yet", ErrNotFound)
	}
	return list[0].Name, nil
}

// open is the analysis asked for: the current one, or that which a cursor names.
func (a *API) open(r *Request, at *cursor) (Analysis, error) {
	var number int64
	name, err := a.snapshot(r)
	if at != nil {
		number = at.Analysis
		if r.Path["snapshot"] == "" {
			name, err = at.Snapshot, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return a.opt.Store.Open(r.HTTP.Context(), name, number, r.Zones)
}

func (a *API) text(r *Request, key string, args ...any) string {
	return a.opt.Texts.Text(r.Lang, key, args...)
}

// textOr is the text of key, or otherwise where there is none.
func (a *API) textOr(r *Request, key, otherwise string) string {
	if _, ok := a.opt.Texts[key]; ok {
		return a.opt.Texts.Text(r.Lang, key)
	}
	return otherwise
}
