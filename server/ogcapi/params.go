package ogcapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/server/problem"
	"github.com/paulmach/orb"
)

// defaultLimit is how many features a page has where nothing is said.
const defaultLimit = 100

// maxSorts bounds the properties to sort by.
const maxSorts = 4

func (a *API) itemsParams(paged bool) []Param {
	ps := []Param{
		{Name: "bbox", Kind: "number", List: true, MinItems: 4, MaxItems: 6, About: "Only features that touch this box: 4 numbers, or 6 with heights, which are not looked at; axes in the order of bbox-crs"},
		{Name: "bbox-crs", Kind: "string", About: "URI of the system of bbox; CRS84 where it isn't given"},
		{Name: "datetime", Kind: "string", About: "Only features of this date or date-time, or interval start/end with .. for an open end"},
		{Name: "filter", Kind: "string", Long: true, About: "Only features for which this CQL2 condition holds"},
		{Name: "filter-lang", Kind: "string", Enum: []string{"cql2-text", "cql2-json", "cql-text"}, About: "Encoding of filter; cql2-text where it isn't given. cql-text is the name of the draft, which GDAL before 3.8 knows alone"},
		{Name: "filter-crs", Kind: "string", About: "URI of the system of the filter's geometries; CRS84 where it isn't given"},
		{Name: "sortby", Kind: "string", List: true, About: "Properties to sort by, - before one for descending; unknown values come last"},
	}
	ps = append(ps, a.itemParams()[:3]...)
	if !paged {
		return ps
	}
	return append(ps, formatParam(jsonFormat, geoJSON, htmlFormat, csvFormat, seqFormat),
		Param{Name: "limit", Kind: "integer", Default: min(defaultLimit, a.opt.MaxLimit), Min: 1, Max: a.opt.MaxLimit, About: "Features a page at most; more than the maximum is the maximum"},
		Param{Name: "cursor", Kind: "string", Long: true, About: "Where the page before ended; taken from its next link"})
}

func (a *API) itemParams() []Param {
	return []Param{
		{Name: "crs", Kind: "string", About: "URI of the system of the answer, one of the collection's crs list; CRS84 where it isn't given"},
		{Name: "properties", Kind: "string", List: true, Long: true, About: "Only these properties"},
		{Name: "skipGeometry", Kind: "boolean", Enum: []string{"true", "false"}, About: "true: without geometries"},
		formatParam(jsonFormat, geoJSON, htmlFormat),
	}
}

// asked is what a request for features asks for.
type asked struct {
	of      *collection
	format  string
	query   Query
	crs     crs
	matched int64 // features on all pages; -1 is not counted, -2 not known yet
	number  int64 // of the analysis
	name    string
}

// cursor is the place where a page ended, and of what: the analysis stays the
// same on all pages, whatever is published meanwhile.
type cursor struct {
	Snapshot string   `json:"s"`
	Analysis int64    `json:"a"`
	Sort     string   `json:"o"`
	Keys     []string `json:"k"`
	Null     []int    `json:"n,omitempty"`
	Matched  int64    `json:"m"` // -1 is not counted
}

func (c *cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil { // a struct of strings and numbers can't fail
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func cursorOf(text, sort, collection string) (*cursor, error) {
	if text == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	c := &cursor{}
	if err == nil {
		err = json.Unmarshal(b, c)
	}
	if err == nil && c.Sort != collection+":"+sort {
		err = ErrCursor
	}
	for _, k := range c.Keys {
		if strings.ContainsRune(k, 0) {
			err = ErrCursor
		}
	}
	if err != nil {
		return nil, badCursor(text, err)
	}
	return c, nil
}

func badCursor(text string, err error) error {
	return &problem.Error{Type: problem.BadParameter, Key: "problem.parameter.cursor", Args: []any{"cursor", short(text)}, Parameter: "cursor", Cause: err}
}

// short keeps what is given back of a parameter readable.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

func (c *cursor) place() *Place {
	p := &Place{Keys: c.Keys, Known: make([]bool, len(c.Keys))}
	for i := range p.Known {
		p.Known[i] = !slices.Contains(c.Null, i)
	}
	return p
}

// limit is the features a page; more than the maximum is the maximum
// (/req/core/fc-limit-response-1).
func (a *API) limit(r *Request) (int, error) {
	given := r.Query.Get("limit")
	if !r.Query.Has("limit") {
		return min(defaultLimit, a.opt.MaxLimit), nil
	}
	n, err := strconv.Atoi(given)
	if errors.Is(err, strconv.ErrRange) && given[0] != '-' {
		n, err = a.opt.MaxLimit, nil
	}
	if err != nil || n < 1 {
		return 0, problem.Parameter("limit", given, "problem.parameter.count", a.opt.MaxLimit)
	}
	return min(n, a.opt.MaxLimit), nil
}

// sorts reads sortby: names with + or - before them.
func (c *collection) sorts(r *Request) ([]Sort, error) {
	given := r.Query.Get("sortby")
	if given == "" {
		return nil, nil
	}
	var list []Sort
	for term := range strings.SplitSeq(given, ",") {
		name := strings.TrimLeft(strings.TrimSpace(term), "+") // an unescaped + comes as a blank
		name, desc := strings.CutPrefix(name, "-")
		if p, ok := c.queryables.Find(name); !ok || p.Kind == filter.Geometry {
			return nil, problem.Parameter("sortby", name, "problem.parameter.property", c.queryableNames())
		}
		list = append(list, Sort{name, desc})
	}
	if len(list) > maxSorts {
		return nil, problem.Parameter("sortby", given, "problem.parameter.sorts", maxSorts)
	}
	return list, nil
}

func (c *collection) queryableNames() string { return strings.Join(c.queryables.Names()[1:], ", ") }

// chosen reads properties and skipGeometry into q.
func (c *collection) chosen(r *Request, q *Query) error {
	q.Shapeless = r.Query.Get("skipGeometry") == "true"
	if !r.Query.Has("properties") {
		return nil
	}
	q.Properties = []string{}
	for name := range strings.SplitSeq(r.Query.Get("properties"), ",") {
		name = strings.TrimSpace(name)
		known := slices.ContainsFunc(c.Properties, func(p Property) bool { return p.Name == name })
		switch {
		case name == "" || name == geometryName || slices.Contains(q.Properties, name):
		case !known:
			var names []string
			for _, p := range c.Properties {
				names = append(names, p.Name)
			}
			return problem.Parameter("properties", short(name), "problem.parameter.property", strings.Join(names, ", "))
		default:
			q.Properties = append(q.Properties, name)
		}
	}
	return nil
}

// crsParam reads a parameter that names a coordinate reference system; given
// a list it must be one of it.
func crsParam(r *Request, name string, list []crs) (crs, error) {
	given := r.Query.Get(name)
	if given == "" {
		return crsOf(geo.CRS84()), nil
	}
	c, err := crsNamed(given)
	if err != nil || list != nil && !c.within(list) {
		uris := strings.Join(crsURIs(list), ", ")
		return crs{}, problem.Parameter(name, short(given), "problem.parameter.crs", uris)
	}
	return c, nil
}

// conditions are what bbox, datetime and filter leave, in longitude and
// latitude; nil is everything.
func (a *API) conditions(r *Request, c *collection, list []crs) (filter.Expr, error) {
	var all []filter.Expr
	for _, read := range []func(*Request, *collection, []crs) (filter.Expr, error){a.bbox, a.datetime, a.filter} {
		e, err := read(r, c, list)
		if err != nil {
			return nil, err
		}
		if e != nil {
			all = append(all, e)
		}
	}
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return all[0], nil
	}
	return &filter.And{Args: all}, nil
}

// bbox is /req/core/fc-bbox-definition: features without a geometry match.
func (a *API) bbox(r *Request, c *collection, list []crs) (filter.Expr, error) {
	system, err := crsParam(r, "bbox-crs", list)
	if err != nil || !r.Query.Has("bbox") {
		return nil, err
	}
	given := r.Query.Get("bbox")
	lo, hi, ok := boxNumbers(given)
	if !ok || !system.validBox(lo, hi) {
		return nil, problem.Parameter("bbox", short(given), "problem.parameter.bbox")
	}
	var e filter.Expr = &filter.SpatialPredicate{Op: filter.SIntersects, Left: &filter.Property{Name: geometryName},
		Right: &filter.GeometryLiteral{Geometry: system.box(lo, hi)}}
	if c.Placeless {
		e = &filter.Or{Args: []filter.Expr{&filter.IsNull{Arg: &filter.Property{Name: geometryName}}, e}}
	}
	return e, nil
}

// boxNumbers reads 4 numbers, or 6 of which the heights are dropped.
func boxNumbers(given string) (lo, hi [2]float64, ok bool) {
	parts := strings.Split(given, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return lo, hi, false
	}
	n := make([]float64, len(parts))
	for i, p := range parts {
		v, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return lo, hi, false
		}
		n[i] = v
	}
	half := len(n) / 2
	return [2]float64{n[0], n[1]}, [2]float64{n[half], n[half+1]}, len(n) == 4 || n[2] <= n[5]
}

// validBox reports whether a box can be one: south below north, and west of
// east but across the antimeridian.
func (c crs) validBox(lo, hi [2]float64) bool {
	if c.swaps {
		lo[0], lo[1], hi[0], hi[1] = lo[1], lo[0], hi[1], hi[0]
	}
	if !c.Geographic() {
		return lo[0] <= hi[0] && lo[1] <= hi[1] && math.Abs(lo[0]) < 1e9 && math.Abs(hi[0]) < 1e9 && math.Abs(lo[1]) < 1e9 && math.Abs(hi[1]) < 1e9
	}
	return lo[1] <= hi[1] && lo[1] >= -90 && hi[1] <= 90 && lo[0] >= -180 && lo[0] <= 180 && hi[0] >= -180 && hi[0] <= 180
}

// datetime is /req/core/fc-time-definition: an unknown start or end is open, so
// that features without a date match.
func (a *API) datetime(r *Request, c *collection, _ []crs) (filter.Expr, error) {
	if !r.Query.Has("datetime") {
		return nil, nil
	}
	given := r.Query.Get("datetime")
	from, to, ok := days(given)
	if !ok {
		return nil, problem.Parameter("datetime", short(given), "problem.parameter.datetime")
	}
	var all []filter.Expr
	add := func(property string, op filter.CompareOp, day land.Date) {
		if property == "" || !day.Known() {
			return
		}
		p := &filter.Property{Name: property}
		all = append(all, &filter.Or{Args: []filter.Expr{&filter.IsNull{Arg: p},
			&filter.Comparison{Op: op, Left: p, Right: &filter.Literal{Value: filter.DateOf(int32(day))}}}})
	}
	add(c.time.from, filter.LessOrEqual, to)
	add(c.time.to, filter.GreaterOrEqual, from)
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return all[0], nil
	}
	return &filter.And{Args: all}, nil
}

// days reads an instant or interval; the day of a date-time is the one written.
// An open end is the zero Date.
func days(given string) (from, to land.Date, ok bool) {
	start, end, interval := strings.Cut(given, "/")
	if !interval {
		end = start
	}
	if !interval && (start == "" || start == "..") {
		return 0, 0, false
	}
	from, ok1 := day(start)
	to, ok2 := day(end)
	return from, to, ok1 && ok2 && (!from.Known() || !to.Known() || from <= to)
}

func day(s string) (land.Date, bool) {
	if s == "" || s == ".." {
		return 0, true
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t, err = time.Parse(time.DateOnly, s)
	}
	if err != nil || t.Year() < 1 {
		return 0, false
	}
	d, err := land.ParseDate(t.Format(time.DateOnly))
	return d, err == nil
}

// Condition is the parameter filter of a request, for resources beside the
// standard's that take the same: over the properties of a collection, in
// longitude and latitude; nil where none is given.
func (a *API) Condition(r *Request, collection string) (filter.Expr, error) {
	for _, c := range a.collections {
		if c.Name == collection {
			return a.filter(r, c, nil)
		}
	}
	return nil, problem.New(problem.NotFound, collection)
}

// filter is /req/filter/filter-param of Part 3.
func (a *API) filter(r *Request, c *collection, list []crs) (filter.Expr, error) {
	system, err := crsParam(r, "filter-crs", list)
	if err != nil || !r.Query.Has("filter") {
		return nil, err
	}
	given := r.Query.Get("filter")
	var e filter.Expr
	switch r.Query.Get("filter-lang") {
	case "cql2-json":
		e, err = c.queryables.ParseJSON([]byte(given))
	case "cql-text":
		e, err = c.parseDraft(given)
	default:
		e, err = c.queryables.ParseText(given)
	}
	if err != nil {
		return nil, a.filterProblem(r, err)
	}
	e = filter.Places{Point: system.lonLat, Box: system.box}.Project(e)
	if err := checkShapes(e); err != nil {
		return nil, &problem.Error{Type: problem.BadParameter, Key: "problem.parameter.filter", Args: []any{"filter", err.Message(r.Lang)}, Parameter: "filter", Cause: err}
	}
	return e, nil
}

func (a *API) filterProblem(r *Request, err error) error {
	var faults filter.Faults
	message := err.Error()
	if errors.As(err, &faults) {
		message = faults.Message(a.opt.Texts, r.Lang)
	}
	return &problem.Error{Type: problem.BadParameter, Key: "problem.parameter.filter", Args: []any{"filter", message}, Parameter: "filter", Cause: err}
}

// checkShapes refuses polygons that the database could not relate: it would
// answer with an error, or wrongly.
func checkShapes(e filter.Expr) (found *geo.Defect) {
	check := func(mp orb.MultiPolygon) {
		if d := geo.Validate(mp); found == nil && len(d) > 0 {
			found = &d[0]
		}
	}
	var shape func(g orb.Geometry)
	shape = func(g orb.Geometry) {
		switch g := g.(type) {
		case orb.Polygon:
			if b := g.Bound(); b.Min[0] < b.Max[0] && b.Min[1] < b.Max[1] || len(g) > 1 { // a flat box is a line or a point
				check(orb.MultiPolygon{g})
			}
		case orb.MultiPolygon:
			check(g)
		case orb.Collection:
			for _, one := range g {
				shape(one)
			}
		}
	}
	filter.Walk(e, func(e filter.Expr) bool {
		if g, ok := e.(*filter.GeometryLiteral); ok {
			shape(g.Geometry)
		}
		return true
	})
	return found
}
