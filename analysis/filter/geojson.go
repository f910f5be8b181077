package filter

import "github.com/paulmach/orb"

// geometry reads a GeoJSON geometry literal.
func (p *jsonParser) geometry(v jsonValue) Expr {
	g := p.geoJSON(v, false)
	if g == nil {
		return &invalid{v.span}
	}
	return p.node(&GeometryLiteral{v.span, g})
}

// geoJSON gives nil where there is a fault, which is then reported.
func (p *jsonParser) geoJSON(v jsonValue, inCollection bool) orb.Geometry {
	kind, _ := v.member("type")
	if kind.kind != jsonText {
		p.wrong(v, "expected", key("geometry"), jsonNames[v.kind])
		return nil
	}
	what := "coordinates"
	if kind.text == "GeometryCollection" {
		what = "geometries"
	}
	p.only(v, "type", "bbox", what)
	m, ok := v.member(what)
	switch {
	case !ok || m.kind != jsonArray:
		p.wrong(v, "json_coordinates", what)
		return nil
	case len(m.items) == 0:
		p.wrong(v, "geometry_empty")
		return nil
	case inCollection && what == "geometries":
		p.wrong(kind, "collection_nested")
		return nil
	}
	return p.geoJSONBody(kind, m)
}

func (p *jsonParser) geoJSONBody(kind, m jsonValue) orb.Geometry {
	switch kind.text {
	case "Point":
		if c, ok := p.position(m); ok {
			return c
		}
	case "LineString":
		if c, ok := p.line(m); ok {
			return c
		}
	case "Polygon":
		if c, ok := p.polygon(m); ok {
			return c
		}
	case "MultiPoint":
		if c, ok := each(p, m, p.position); ok {
			return orb.MultiPoint(c)
		}
	case "MultiLineString":
		if c, ok := each(p, m, p.line); ok {
			return orb.MultiLineString(c)
		}
	case "MultiPolygon":
		if c, ok := each(p, m, p.polygon); ok {
			return orb.MultiPolygon(c)
		}
	case "GeometryCollection":
		c, ok := each(p, m, func(v jsonValue) (orb.Geometry, bool) {
			g := p.geoJSON(v, true)
			return g, g != nil
		})
		if ok {
			return orb.Collection(c)
		}
	default:
		p.wrong(kind, "json_geometry", cut(kind.text, 40))
	}
	return nil
}

// each reads the items of an array that mustn't be empty.
func each[T any](p *jsonParser, v jsonValue, item func(jsonValue) (T, bool)) ([]T, bool) {
	if v.kind != jsonArray {
		p.wrong(v, "json_kind", jsonNames[jsonArray], jsonNames[v.kind])
		return nil, false
	}
	if len(v.items) == 0 {
		p.wrong(v, "geometry_empty")
		return nil, false
	}
	list := make([]T, len(v.items))
	for i, it := range v.items {
		c, ok := item(it)
		if !ok {
			return nil, false
		}
		list[i] = c
	}
	return list, true
}

func (p *jsonParser) line(v jsonValue) (orb.LineString, bool) {
	c, ok := each(p, v, p.position)
	if ok && len(c) < 2 {
		p.wrong(v, "line_count")
		return nil, false
	}
	return c, ok
}

func (p *jsonParser) polygon(v jsonValue) (orb.Polygon, bool) {
	return each(p, v, func(v jsonValue) (orb.Ring, bool) {
		c, ok := each(p, v, p.position)
		if !ok {
			return nil, false
		}
		if code := ringFault(c); code != "" {
			p.wrong(v, code)
			return nil, false
		}
		return c, true
	})
}

// position reads a GeoJSON position and drops a height.
func (p *jsonParser) position(v jsonValue) (orb.Point, bool) {
	if p.vertices++; p.vertices > p.limits.Vertices {
		p.wrong(v, "too_many_vertices", p.limits.Vertices)
		p.full = true
		return orb.Point{}, false
	}
	if v.kind != jsonArray || len(v.items) < 2 || len(v.items) > 3 {
		p.wrong(v, "json_position")
		return orb.Point{}, false
	}
	x, ok1 := p.number(v.items[0])
	y, ok2 := p.number(v.items[1])
	if len(v.items) == 3 {
		if _, ok := p.number(v.items[2]); !ok {
			return orb.Point{}, false
		}
	}
	return orb.Point{x, y}, ok1 && ok2
}
