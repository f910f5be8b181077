package postgis

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"

	"github.com/muscope/muscope/analysis/filter"
)

// ErrFilter says that a filter asks what the database can't answer.
var ErrFilter = errors.New("the filter can't be answered")

// sqlArgs numbers the arguments of a query that is put together.
type sqlArgs struct {
	list  []any
	named map[string]string
}

// add gives the place of an argument: $1, $2 and so on.
func (a *sqlArgs) add(v any) string {
	a.list = append(a.list, v)
	return "$" + strconv.Itoa(len(a.list))
}

// once is add for an argument that stands in several places.
func (a *sqlArgs) once(name string, v any) string {
	if at, ok := a.named[name]; ok {
		return at
	}
	if a.named == nil {
		a.named = map[string]string{}
	}
	a.named[name] = a.add(v)
	return a.named[name]
}

// filterSQL writes a checked filter as a condition that is true, false or NULL
// exactly where filter.Eval gives Yes, No or Unknown. It is put together from
// fragments that stand here, expressions of itemColumn, and arguments: nothing
// of the filter's own text gets into it.
type filterSQL struct {
	of   *itemCollection
	args *sqlArgs
	err  error
}

func (w *filterSQL) fail(format string, args ...any) string {
	if w.err == nil {
		w.err = fmt.Errorf("%w: "+format, append([]any{ErrFilter}, args...)...)
	}
	return "null"
}

func (w *filterSQL) list(sep string, list []filter.Expr, one func(filter.Expr) string) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = one(e)
	}
	return "(" + strings.Join(out, sep) + ")"
}

func (w *filterSQL) condition(e filter.Expr) string {
	switch e := e.(type) {
	case *filter.And:
		return w.list(" and ", e.Args, w.condition)
	case *filter.Or:
		return w.list(" or ", e.Args, w.condition)
	case *filter.Not:
		return "(not " + w.condition(e.Arg) + ")"
	case *filter.Comparison:
		return "(" + w.scalar(e.Left) + " " + e.Op.String() + " " + w.scalar(e.Right) + ")"
	case *filter.Like:
		return "(" + w.scalar(e.Arg) + " like " + w.scalar(e.Pattern) + ")"
	case *filter.Between:
		return "(" + w.scalar(e.Arg) + " between " + w.scalar(e.Low) + " and " + w.scalar(e.High) + ")"
	case *filter.In:
		return "(" + w.scalar(e.Arg) + " in " + w.list(", ", e.List, w.scalar) + ")"
	case *filter.IsNull:
		if _, interval := e.Arg.(*filter.Interval); interval { // a time, though no scalar
			return "false"
		}
		if g, ok := w.geometry(e.Arg); ok {
			return "(" + g.sql + " is null)"
		}
		return "(" + w.scalar(e.Arg) + " is null)"
	case *filter.SpatialPredicate:
		return w.spatial(e)
	case *filter.TemporalPredicate:
		return w.temporal(e)
	}
	return w.scalar(e)
}

// scalar writes a value: text by code point, numbers as float64.
func (w *filterSQL) scalar(e filter.Expr) string {
	switch e := e.(type) {
	case *filter.Property:
		return w.property(e.Name)
	case *filter.Literal:
		return w.literal(e.Value)
	case *filter.Fold:
		if e.Op == filter.CaseInsensitive {
			return "(muscope.casei(" + w.scalar(e.Arg) + `) collate "C")`
		}
		return "(muscope.accenti(" + w.scalar(e.Arg) + `) collate "C")`
	case *filter.Arithmetic:
		return "muscope.calculate('" + e.Op.String() + "', " + w.scalar(e.Left) + ", " + w.scalar(e.Right) + ")"
	case *filter.And, *filter.Or, *filter.Not, *filter.Comparison, *filter.Like, *filter.Between, *filter.In, *filter.IsNull,
		*filter.SpatialPredicate, *filter.TemporalPredicate:
		return w.condition(e)
	}
	return w.fail("%T is no value here", e)
}

func (w *filterSQL) property(name string) string {
	c := w.of.column(name)
	if c == nil || c.Kind == filter.Missing {
		return w.fail("there is no queryable %q", name)
	}
	switch c.Kind {
	case filter.Text:
		return "((" + c.expr + `) collate "C")`
	case filter.Number:
		return "((" + c.expr + ")::float8)"
	}
	return "(" + c.expr + ")"
}

func (w *filterSQL) literal(v filter.Value) string {
	switch v.Kind() {
	case filter.Text:
		if strings.ContainsRune(v.Text(), 0) {
			return w.fail("a text holds the character U+0000; leave it out")
		}
		return "(" + w.args.add(v.Text()) + `::text collate "C")`
	case filter.Number:
		return w.args.add(strconv.FormatFloat(v.Number(), 'g', -1, 64)) + "::float8"
	case filter.Boolean:
		return strconv.FormatBool(v.Boolean())
	case filter.Date:
		return w.args.add(v.Time().Format("2006-01-02")) + "::date"
	case filter.Timestamp:
		return w.args.add(v.Time().Format("2006-01-02T15:04:05.999999Z")) + "::timestamptz"
	}
	return "null"
}

// placed is a geometry operand: in longitude and latitude, and, for an item's,
// in Web Mercator where that has an index.
type placed struct {
	sql, indexed string
	literal      orb.Geometry
}

func (w *filterSQL) geometry(e filter.Expr) (placed, bool) {
	switch e := e.(type) {
	case *filter.Property:
		if e.Name == ItemGeometry {
			return placed{sql: w.of.geom, indexed: w.of.index}, true
		}
	case *filter.GeometryLiteral:
		return w.shape(e.Geometry), true
	case *filter.BBox:
		if e.Min[0] <= e.Max[0] {
			return w.shape(boxShape(e.Min[0], e.Min[1], e.Max[0], e.Max[1])), true
		}
		return w.shape(orb.MultiPolygon{boxShape(e.Min[0], e.Min[1], 180, e.Max[1]), boxShape(-180, e.Min[1], e.Max[0], e.Max[1])}), true
	}
	return placed{}, false
}

// boxShape is a box as the geometry it is: a point, a line or a rectangle.
func boxShape(west, south, east, north float64) orb.Polygon {
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}.ToPolygon()
}

func (w *filterSQL) shape(g orb.Geometry) placed {
	g = oneKind(g)
	hex, err := ewkb.MarshalToHex(g, sridLonLat)
	if err != nil {
		return placed{sql: w.fail("a geometry can't be written: %v", err)}
	}
	return placed{sql: w.args.add(hex) + "::geometry", literal: g}
}

// oneKind makes a collection of one kind of geometry what it is: GEOS relates
// collections by intersection alone.
func oneKind(g orb.Geometry) orb.Geometry {
	list, ok := g.(orb.Collection)
	if !ok || len(list) == 0 {
		return g
	}
	var points orb.MultiPoint
	var lines orb.MultiLineString
	var areas orb.MultiPolygon
	for _, one := range list {
		switch one := one.(type) {
		case orb.Point:
			points = append(points, one)
		case orb.MultiPoint:
			points = append(points, one...)
		case orb.LineString:
			lines = append(lines, one)
		case orb.MultiLineString:
			lines = append(lines, one...)
		case orb.Polygon:
			areas = append(areas, one)
		case orb.MultiPolygon:
			areas = append(areas, one...)
		default:
			return g
		}
	}
	switch {
	case lines == nil && areas == nil:
		return points
	case points == nil && areas == nil:
		return lines
	}
	return g // areas side by side may overlap, which a MultiPolygon may not
}

// mercatorBox is the bound of g in Web Mercator, a millimetre wider: the index
// need not agree with the shape to the last bit.
func mercatorBox(g orb.Geometry) string {
	const margin = 1e-3
	b := g.Bound()
	lo, hi := toMercator(b.Min), toMercator(b.Max)
	box := orb.Bound{Min: orb.Point{lo[0] - margin, lo[1] - margin}, Max: orb.Point{hi[0] + margin, hi[1] + margin}}
	return string(appendEWKB(nil, orb.MultiPolygon{box.ToPolygon()}, sridMercator, nil))
}

var spatialFunctions = [...]string{filter.SIntersects: "st_intersects", filter.SEquals: "st_equals", filter.SDisjoint: "st_disjoint",
	filter.STouches: "st_touches", filter.SWithin: "st_within", filter.SOverlaps: "st_overlaps", filter.SCrosses: "st_crosses", filter.SContains: "st_contains"}

// spatial relates two geometries. Where one is the item's and the other is of
// the filter, the index on boxes is asked first: no relation but S_DISJOINT
// holds between shapes whose boxes are apart, and S_DISJOINT then does.
func (w *filterSQL) spatial(e *filter.SpatialPredicate) string {
	left, ok1 := w.geometry(e.Left)
	right, ok2 := w.geometry(e.Right)
	if !ok1 || !ok2 || int(e.Op) >= len(spatialFunctions) {
		return w.fail("a spatial function takes %s or a geometry", ItemGeometry)
	}
	function, negate := spatialFunctions[e.Op], ""
	if e.Op == filter.SDisjoint {
		function, negate = "st_intersects", "not "
	}
	for _, g := range []orb.Geometry{left.literal, right.literal} {
		if _, mixed := g.(orb.Collection); mixed && function != "st_intersects" {
			return w.fail("%s can't relate a GEOMETRYCOLLECTION; write its parts one by one, joined by OR", e.Op)
		}
	}
	related := function + "(" + left.sql + ", " + right.sql + ")"
	switch {
	case left.indexed != "" && right.literal != nil:
		related = left.indexed + " && " + w.args.add(mercatorBox(right.literal)) + "::geometry and " + related
	case right.indexed != "" && left.literal != nil:
		related = right.indexed + " && " + w.args.add(mercatorBox(left.literal)) + "::geometry and " + related
	}
	return "(" + negate + "(" + related + "))"
}

// temporalConditions are the relations of the standard's tables 7 and 8, each
// time a start {s} and an end {e}.
var temporalConditions = [...]string{
	filter.TAfter:        "{s1} > {e2}",
	filter.TBefore:       "{e1} < {s2}",
	filter.TDisjoint:     "{e1} < {s2} or {s1} > {e2}",
	filter.TIntersects:   "not ({e1} < {s2} or {s1} > {e2})",
	filter.TEquals:       "{s1} = {s2} and {e1} = {e2}",
	filter.TContains:     "{s1} < {s2} and {e1} > {e2}",
	filter.TDuring:       "{s1} > {s2} and {e1} < {e2}",
	filter.TFinishedBy:   "{s1} < {s2} and {e1} = {e2}",
	filter.TFinishes:     "{s1} > {s2} and {e1} = {e2}",
	filter.TMeets:        "{e1} = {s2}",
	filter.TMetBy:        "{s1} = {e2}",
	filter.TOverlappedBy: "{s1} > {s2} and {s1} < {e2} and {e1} > {e2}",
	filter.TOverlaps:     "{s1} < {s2} and {e1} > {s2} and {e1} < {e2}",
	filter.TStartedBy:    "{s1} = {s2} and {e1} > {e2}",
	filter.TStarts:       "{s1} = {s2} and {e1} < {e2}",
}

func (w *filterSQL) temporal(e *filter.TemporalPredicate) string {
	if int(e.Op) >= len(temporalConditions) {
		return w.fail("there is no %s", e.Op)
	}
	out := temporalConditions[e.Op]
	for _, end := range []struct {
		mark string
		of   filter.Expr
		end  bool
	}{{"{s1}", e.Left, false}, {"{e1}", e.Left, true}, {"{s2}", e.Right, false}, {"{e2}", e.Right, true}} {
		if strings.Contains(out, end.mark) { // an argument that no condition names would have no type
			out = strings.ReplaceAll(out, end.mark, w.end(end.of, end.end))
		}
	}
	return "(" + out + ")"
}

// end is the start or the end of a time; an open one is infinitely far.
func (w *filterSQL) end(e filter.Expr, last bool) string {
	i, ok := e.(*filter.Interval)
	if !ok {
		return w.scalar(e)
	}
	at, open := i.Start, "'-infinity'::"
	if last {
		at, open = i.End, "'infinity'::"
	}
	if at != nil {
		return w.scalar(at)
	}
	if w.timestamp(i.Start) || w.timestamp(i.End) {
		return open + "timestamptz"
	}
	return open + "date"
}

func (w *filterSQL) timestamp(e filter.Expr) bool {
	switch e := e.(type) {
	case *filter.Literal:
		return e.Value.Kind() == filter.Timestamp
	case *filter.Property:
		c := w.of.column(e.Name)
		return c != nil && c.Kind == filter.Timestamp
	}
	return false
}

// indexed repeats what a filter demands of columns that have an index, in a
// form that the index knows: zone = 'G001' asks nullif(zone, ”), which has none.
func (w *filterSQL) indexed(e filter.Expr) string {
	var out strings.Builder
	args := []filter.Expr{e}
	if and, ok := e.(*filter.And); ok {
		args = and.Args
	}
	for _, a := range args {
		c, ok := a.(*filter.Comparison)
		if !ok || c.Op != filter.Equal {
			continue
		}
		p, ok1 := c.Left.(*filter.Property)
		l, ok2 := c.Right.(*filter.Literal)
		if !ok1 || !ok2 || l.Value.Kind() != filter.Text {
			continue
		}
		if column := w.of.column(p.Name); column != nil && column.plain != "" {
			out.WriteString(" and " + column.plain + " = " + w.literal(l.Value))
		}
	}
	return out.String()
}

// nearby is a shape whose box every item that a filter leaves either meets or
// has no geometry to meet it with; nil where the filter doesn't say.
func nearby(e filter.Expr) orb.Geometry {
	args := []filter.Expr{e}
	if and, ok := e.(*filter.And); ok {
		args = and.Args
	}
	for _, a := range args {
		if or, ok := a.(*filter.Or); ok && len(or.Args) == 2 && isGeometryNull(or.Args[0]) {
			a = or.Args[1]
		}
		s, ok := a.(*filter.SpatialPredicate)
		if !ok || s.Op == filter.SDisjoint {
			continue
		}
		for _, side := range []filter.Expr{s.Left, s.Right} {
			if g := literalShape(side); g != nil {
				return g
			}
		}
	}
	return nil
}

func isGeometryNull(e filter.Expr) bool {
	n, ok := e.(*filter.IsNull)
	if !ok {
		return false
	}
	p, ok := n.Arg.(*filter.Property)
	return ok && p.Name == ItemGeometry
}

// literalShape is the geometry that a filter writes out, nil for a property.
func literalShape(e filter.Expr) orb.Geometry {
	switch e := e.(type) {
	case *filter.GeometryLiteral:
		return e.Geometry
	case *filter.BBox:
		if e.Min[0] <= e.Max[0] {
			return boxShape(e.Min[0], e.Min[1], e.Max[0], e.Max[1])
		}
	}
	return nil
}
