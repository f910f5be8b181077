package filter

import "github.com/paulmach/orb"

// Places says how the geometries of a filter become ones of another coordinate
// reference system.
type Places struct {
	// Point brings a point over, its axes in the order of the filter's system.
	Point func(orb.Point) orb.Point
	// Box brings a box over, which may be none there.
	Box func(lo, hi [2]float64) orb.Geometry
}

// Project is e with every geometry of its own brought to another system. The
// tree given stays as it is; what holds no geometry is shared.
func (p Places) Project(e Expr) Expr {
	switch e := e.(type) {
	case *And:
		return &And{e.Span, p.all(e.Args)}
	case *Or:
		return &Or{e.Span, p.all(e.Args)}
	case *Not:
		return &Not{e.Span, p.Project(e.Arg)}
	case *SpatialPredicate:
		return &SpatialPredicate{e.Span, e.Op, p.Project(e.Left), p.Project(e.Right)}
	case *BBox:
		return &GeometryLiteral{e.Span, p.Box(e.Min, e.Max)}
	case *GeometryLiteral:
		return &GeometryLiteral{e.Span, p.geometry(e.Geometry)}
	}
	return e
}

func (p Places) all(list []Expr) []Expr {
	out := make([]Expr, len(list))
	for i, e := range list {
		out[i] = p.Project(e)
	}
	return out
}

func (p Places) geometry(g orb.Geometry) orb.Geometry {
	switch g := g.(type) {
	case orb.Point:
		return p.Point(g)
	case orb.MultiPoint:
		return orb.MultiPoint(p.points(g))
	case orb.LineString:
		return orb.LineString(p.points(g))
	case orb.MultiLineString:
		out := make(orb.MultiLineString, len(g))
		for i, l := range g {
			out[i] = p.points(l)
		}
		return out
	case orb.Polygon:
		return p.polygon(g)
	case orb.MultiPolygon:
		out := make(orb.MultiPolygon, len(g))
		for i, one := range g {
			out[i] = p.polygon(one)
		}
		return out
	case orb.Collection:
		out := make(orb.Collection, len(g))
		for i, one := range g {
			out[i] = p.geometry(one)
		}
		return out
	}
	return g
}

func (p Places) polygon(g orb.Polygon) orb.Polygon {
	out := make(orb.Polygon, len(g))
	for i, r := range g {
		out[i] = orb.Ring(p.points(r))
	}
	return out
}

func (p Places) points(list []orb.Point) []orb.Point {
	out := make([]orb.Point, len(list))
	for i, pt := range list {
		out[i] = p.Point(pt)
	}
	return out
}
