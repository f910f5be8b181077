package postgis_test

import (
	"database/sql"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/peterstace/simplefeatures/geom"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
)

// The differential test of filters: random conditions are evaluated by
// filter.Env in Go, geometries by simplefeatures, and by PostGIS through the
// SQL that filterSQL writes. Both must give the same of three values.

func filterColumns() []postgis.ItemProperty {
	return []postgis.ItemProperty{
		{Name: "holder", Kind: filter.Text}, {Name: "tag", Kind: filter.Text}, {Name: "far", Kind: filter.Number}, {Name: "area", Kind: filter.Number},
		{Name: "in_use", Kind: filter.Boolean}, {Name: "supplied_on", Kind: filter.Date}, {Name: "completed_on", Kind: filter.Date}, {Name: "loaded_at", Kind: filter.Timestamp},
	}
}

// filterFeature is a feature as both engines see it.
type filterFeature struct {
	values map[string]filter.Value
	shape  orb.Geometry // nil is missing
}

// conditions makes random trees and features.
type conditions struct{ *rand.Rand }

func oneOf[T any](g conditions, list ...T) T { return list[g.IntN(len(list))] }

func (g conditions) condition(depth int) filter.Expr {
	if depth > 0 {
		switch g.IntN(6) {
		case 0:
			return &filter.And{Args: []filter.Expr{g.condition(depth - 1), g.condition(depth - 1)}}
		case 1:
			return &filter.Or{Args: []filter.Expr{g.condition(depth - 1), g.condition(depth - 1), g.condition(depth - 1)}}
		case 2:
			return &filter.Not{Arg: g.condition(depth - 1)}
		}
	}
	return g.predicate(depth)
}

func (g conditions) predicate(depth int) filter.Expr {
	kind := oneOf(g, filter.Text, filter.Number, filter.Boolean, filter.Date, filter.Timestamp)
	scalar := func() filter.Expr { return g.scalar(kind, depth) }
	switch g.IntN(10) {
	case 0:
		return oneOf[filter.Expr](g, &filter.Literal{Value: filter.BooleanOf(g.IntN(2) == 0)}, &filter.Property{Name: "in_use"})
	case 1:
		return &filter.IsNull{Arg: oneOf[filter.Expr](g, scalar(), &filter.Property{Name: postgis.ItemGeometry})}
	case 2:
		return &filter.Between{Arg: scalar(), Low: scalar(), High: scalar()}
	case 3:
		return &filter.In{Arg: scalar(), List: []filter.Expr{scalar(), scalar()}}
	case 4:
		return &filter.Like{Arg: g.scalar(filter.Text, depth), Pattern: g.pattern()}
	case 5:
		return g.temporal(oneOf(g, filter.Date, filter.Timestamp))
	case 6, 7:
		return &filter.SpatialPredicate{Op: filter.SpatialOp(g.IntN(8)), Left: g.geometry(), Right: g.geometry()}
	}
	return &filter.Comparison{Op: filter.CompareOp(g.IntN(6)), Left: scalar(), Right: scalar()}
}

func (g conditions) pattern() filter.Expr {
	s := ""
	for range g.IntN(5) {
		s += oneOf(g, "a", "B", "工", "%", "_", `\%`, `\_`, `\\`, "'")
	}
	l := &filter.Literal{Value: filter.TextOf(s)}
	return oneOf[filter.Expr](g, l, &filter.Fold{Op: filter.FoldOp(g.IntN(2)), Arg: l})
}

func (g conditions) temporal(kind filter.Kind) filter.Expr {
	op := filter.TemporalOp(g.IntN(15))
	side := func() filter.Expr {
		if !op.IntervalsOnly() && g.IntN(2) == 0 {
			return g.scalar(kind, 0)
		}
		i := &filter.Interval{}
		if g.IntN(4) > 0 {
			i.Start = g.scalar(kind, 0)
		}
		if g.IntN(4) > 0 || i.Start == nil {
			i.End = g.scalar(kind, 0)
		}
		return i
	}
	return &filter.TemporalPredicate{Op: op, Left: side(), Right: side()}
}

func (g conditions) scalar(kind filter.Kind, depth int) filter.Expr {
	switch {
	case g.IntN(2) == 0:
		var names []string
		for _, c := range filterColumns() {
			if c.Kind == kind {
				names = append(names, c.Name)
			}
		}
		return &filter.Property{Name: oneOf(g, names...)}
	case kind == filter.Number && depth > 0 && g.IntN(3) > 0:
		return &filter.Arithmetic{Op: filter.ArithmeticOp(g.IntN(7)), Left: g.scalar(kind, depth-1), Right: g.scalar(kind, depth-1)}
	case kind == filter.Text && depth > 0 && g.IntN(3) == 0:
		return &filter.Fold{Op: filter.FoldOp(g.IntN(2)), Arg: g.scalar(kind, depth-1)}
	}
	return &filter.Literal{Value: g.value(kind)}
}

func (g conditions) value(kind filter.Kind) filter.Value {
	switch kind {
	case filter.Text:
		return filter.TextOf(oneOf(g, "", "a", "aB", "B", "工业", "É", "é", "e\u0301", `\`, `a'\`, "%", "_", "Straße", "STRASSE", "ΟΔΌΣ", "ｱ", "Ａ"))
	case filter.Number:
		return filter.NumberOf(oneOf(g, 0, 1, -1, 2, 3, 0.5, -2.5, 7, 1e-7, 1e22, 1e200, -1e308, 1e-300))
	case filter.Boolean:
		return filter.BooleanOf(g.IntN(2) == 0)
	case filter.Date:
		return filter.DateOf(int32(737_000 + g.IntN(4)))
	}
	return filter.TimestampOf(time.Unix(1_600_000_000, int64(g.IntN(4))*1000))
}

// geometry is an operand on a small lattice, so that shapes often touch,
// coincide and contain each other.
func (g conditions) geometry() filter.Expr {
	switch g.IntN(4) {
	case 0, 1:
		return &filter.Property{Name: postgis.ItemGeometry}
	case 2:
		x, y := float64(g.IntN(5)), float64(g.IntN(5))
		return &filter.BBox{Min: [2]float64{x, y}, Max: [2]float64{x + 1 + float64(g.IntN(3)), y + 1 + float64(g.IntN(3))}}
	}
	return &filter.GeometryLiteral{Geometry: g.shape()}
}

func (g conditions) shape() orb.Geometry {
	p := func() orb.Point { return orb.Point{float64(g.IntN(7)), float64(g.IntN(7))} }
	a, b := p(), p()
	for b == a {
		b = p()
	}
	switch g.IntN(6) {
	case 0:
		return a
	case 1:
		return orb.MultiPoint{a, b}
	case 2:
		return orb.LineString{a, b}
	case 3:
		c := p()
		for (b[0]-a[0])*(c[1]-a[1]) == (b[1]-a[1])*(c[0]-a[0]) {
			c = p()
		}
		return orb.Polygon{{a, b, c, a}}
	}
	return g.area()
}

func (g conditions) area() orb.MultiPolygon {
	x, y, side := float64(g.IntN(5)), float64(g.IntN(5)), float64(1+g.IntN(2))
	one := orb.Polygon{{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}}
	return oneOf(g, orb.MultiPolygon{one}, orb.MultiPolygon{one, {{{x + 2, y + 3}, {x + 3, y + 3}, {x + 3, y + 4}, {x + 2, y + 3}}}})
}

func (g conditions) feature() filterFeature {
	f := filterFeature{values: map[string]filter.Value{}}
	for _, c := range filterColumns() {
		if g.IntN(4) > 0 {
			f.values[c.Name] = g.value(c.Kind)
		}
	}
	if g.IntN(8) > 0 {
		f.shape = g.area()
	}
	return f
}

// relate is the other engine for geometry.
func (f *filterFeature) relate(t *testing.T) func(*filter.SpatialPredicate) filter.Truth {
	operand := func(e filter.Expr) orb.Geometry {
		switch e := e.(type) {
		case *filter.GeometryLiteral:
			return e.Geometry
		case *filter.BBox:
			return orb.Bound{Min: e.Min, Max: e.Max}.ToPolygon()
		}
		return f.shape
	}
	return func(p *filter.SpatialPredicate) filter.Truth {
		left, right := operand(p.Left), operand(p.Right)
		if left == nil || right == nil {
			return filter.Unknown
		}
		yes, err := related(p.Op, left, right)
		if err != nil {
			t.Fatal(err)
		}
		if yes {
			return filter.Yes
		}
		return filter.No
	}
}

func related(op filter.SpatialOp, left, right orb.Geometry) (bool, error) {
	var pair [2]geom.Geometry
	for i, g := range []orb.Geometry{left, right} {
		b, err := wkb.Marshal(g)
		if err != nil {
			return false, err
		}
		if pair[i], err = geom.UnmarshalWKB(b); err != nil {
			return false, err
		}
	}
	a, b := pair[0], pair[1]
	switch op {
	case filter.SIntersects:
		return geom.Intersects(a, b), nil
	case filter.SEquals:
		return geom.Equals(a, b)
	case filter.SDisjoint:
		return geom.Disjoint(a, b)
	case filter.STouches:
		return geom.Touches(a, b)
	case filter.SWithin:
		return geom.Within(a, b)
	case filter.SOverlaps:
		return geom.Overlaps(a, b)
	case filter.SCrosses:
		return geom.Crosses(a, b)
	}
	return geom.Contains(a, b)
}

// storeFeatures makes the table that both engines' features stand in.
func storeFeatures(t *testing.T, db *sql.DB, list []filterFeature) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), `create table feature (n integer, holder text, tag text, far numeric, area double precision, in_use boolean,
		supplied_on date, completed_on date, loaded_at timestamptz, geom geometry(MultiPolygon, 4490), geom_3857 geometry(MultiPolygon, 3857))`); err != nil {
		t.Fatal(err)
	}
	for n, f := range list {
		args := []any{n}
		for _, c := range filterColumns() {
			args = append(args, sqlOf(f.values[c.Name]))
		}
		var shape any
		if f.shape != nil {
			hex, err := ewkb.MarshalToHex(f.shape, 4490)
			if err != nil {
				t.Fatal(err)
			}
			shape = hex
		}
		if _, err := db.ExecContext(t.Context(), `insert into feature select $1, $2, $3, $4, $5, $6, $7, $8, $9, g, st_transform(st_setsrid(g, 4326), 3857) from (select $10::geometry g) s`,
			append(args, shape)...); err != nil {
			t.Fatal(err)
		}
	}
}

func sqlOf(v filter.Value) any {
	switch v.Kind() {
	case filter.Text:
		return v.Text()
	case filter.Number:
		return v.Number()
	case filter.Boolean:
		return v.Boolean()
	case filter.Date, filter.Timestamp:
		return v.Time()
	}
	return nil
}

func TestFilterInSQLIsFilterInGo(t *testing.T) {
	dsn := postgistest.DSN(t)
	store, err := postgis.OpenMigrated(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	g := conditions{rand.New(rand.NewPCG(1, 2))}
	features := make([]filterFeature, 40)
	for i := range features {
		features[i] = g.feature()
	}
	storeFeatures(t, db, features)
	trees := 2500
	if testing.Short() {
		trees = 300
	}
	seen := map[filter.Truth]int{}
	for range trees {
		e := g.condition(3)
		got := evaluated(t, db, e, len(features))
		for i := range features {
			env := filter.Env{Property: func(name string) filter.Value { return features[i].values[name] }, Relate: features[i].relate(t)}
			if property := features[i].shape; property != nil {
				env.Property = func(name string) filter.Value {
					if name == postgis.ItemGeometry {
						return filter.SomeGeometry()
					}
					return features[i].values[name]
				}
			}
			want := env.Eval(e)
			seen[want]++
			if got[i] != want {
				t.Fatalf("%s\n%v %v: SQL says %s, Go %s", filter.FormatText(e), features[i].values, features[i].shape, got[i], want)
			}
		}
	}
	for _, v := range []filter.Truth{filter.Yes, filter.No, filter.Unknown} {
		if seen[v] < trees {
			t.Errorf("only %d of the answers are %s: the trees prove too little", seen[v], v)
		}
	}
}

// evaluated is what PostGIS says of each feature.
func evaluated(t *testing.T, db *sql.DB, e filter.Expr, n int) []filter.Truth {
	t.Helper()
	condition, args, err := postgis.ConditionSQL(filterColumns(), e)
	if err != nil {
		t.Fatalf("%s: %v", filter.FormatText(e), err)
	}
	rows, err := db.QueryContext(t.Context(), "select n, ("+condition+") from feature", args...)
	if err != nil {
		t.Fatalf("%s\n%s: %v", filter.FormatText(e), condition, err)
	}
	defer rows.Close()
	out := make([]filter.Truth, n)
	for rows.Next() {
		var i int
		var yes sql.NullBool
		if err := rows.Scan(&i, &yes); err != nil {
			t.Fatal(err)
		}
		switch {
		case !yes.Valid:
		case yes.Bool:
			out[i] = filter.Yes
		default:
			out[i] = filter.No
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s\n%s %v: %v", filter.FormatText(e), condition, args, err)
	}
	return out
}

// TestFilterSQLHasNoTextOfTheUsers: whatever a filter holds, the SQL is made of
// our own fragments, and the rest is arguments.
func TestFilterSQLHasNoTextOfTheUsers(t *testing.T) {
	evil := `'; drop table muscope.parcel; --`
	for _, e := range []filter.Expr{
		&filter.Comparison{Left: &filter.Property{Name: "holder"}, Right: &filter.Literal{Value: filter.TextOf(evil)}},
		&filter.Like{Arg: &filter.Fold{Arg: &filter.Literal{Value: filter.TextOf(evil)}}, Pattern: &filter.Literal{Value: filter.TextOf(evil)}},
		&filter.In{Arg: &filter.Property{Name: "tag"}, List: []filter.Expr{&filter.Literal{Value: filter.TextOf(evil)}}},
	} {
		condition, _, err := postgis.ConditionSQL(filterColumns(), e)
		if err != nil || strings.Contains(condition, "drop") {
			t.Errorf("%s: %v", condition, err)
		}
	}
	for _, e := range []filter.Expr{
		&filter.Comparison{Left: &filter.Property{Name: evil}, Right: &filter.Property{Name: "holder"}},
		&filter.Comparison{Left: &filter.Property{Name: "holder"}, Right: &filter.Literal{Value: filter.TextOf("a\x00b")}},
		&filter.Comparison{Left: &filter.Function{Name: evil}, Right: &filter.Property{Name: "holder"}},
		&filter.SpatialPredicate{Op: filter.SWithin, Left: &filter.Property{Name: postgis.ItemGeometry},
			Right: &filter.GeometryLiteral{Geometry: orb.Collection{orb.Point{1, 2}, orb.LineString{{1, 2}, {3, 4}}}}},
		&filter.SpatialPredicate{Left: &filter.Property{Name: "holder"}, Right: &filter.Property{Name: postgis.ItemGeometry}},
	} {
		condition, _, err := postgis.ConditionSQL(filterColumns(), e)
		if err == nil || strings.Contains(condition, "drop") {
			t.Errorf("%s is taken: %v", filter.FormatText(e), condition)
		}
	}
}
