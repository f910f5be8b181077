package filter

import (
	"strings"

	"github.com/paulmach/orb"
)

// geometryWord reports whether word begins a WKT geometry. Some clients join
// the Z to it: POINTZ.
func geometryWord(word string) bool {
	switch strings.TrimSuffix(word, "Z") {
	case "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION":
		return true
	}
	return false
}

// geometry reads a WKT literal.
func (p *parser) geometry() Expr {
	from := p.peek().span.From
	g := p.wkt(false)
	if g == nil {
		return nil
	}
	return p.node(&GeometryLiteral{Span: p.since(from), Geometry: g})
}

func (p *parser) wkt(inCollection bool) orb.Geometry {
	t := p.peek()
	if t.kind != tokenName || !geometryWord(t.word) {
		p.add("expected", t.span, key("geometry"), p.found())
		return nil
	}
	p.pos++
	p.accept("Z")
	switch {
	case p.isWord("EMPTY"):
		p.add("geometry_empty", p.since(t.span.From))
		return nil
	case p.isWord("M", "ZM"):
		p.add("geometry_measure", p.peek().span)
		return nil
	case inCollection && strings.HasPrefix(t.word, "GEOMETRYCOLLECTION"):
		p.add("collection_nested", t.span)
		return nil
	}
	return p.wktBody(t)
}

func (p *parser) wktBody(t token) orb.Geometry {
	switch strings.TrimSuffix(t.word, "Z") {
	case "POINT":
		if c, ok := parenthesised(p, p.position); ok && len(c) == 1 {
			return c[0]
		} else if ok {
			p.add("point_count", p.since(t.span.From))
		}
	case "LINESTRING":
		if c, ok := p.line(); ok {
			return c
		}
	case "POLYGON":
		if c, ok := p.polygon(); ok {
			return c
		}
	case "MULTIPOINT":
		if c, ok := parenthesised(p, p.multiPosition); ok {
			return orb.MultiPoint(c)
		}
	case "MULTILINESTRING":
		if c, ok := parenthesised(p, p.line); ok {
			return orb.MultiLineString(c)
		}
	case "MULTIPOLYGON":
		if c, ok := parenthesised(p, p.polygon); ok {
			return orb.MultiPolygon(c)
		}
	case "GEOMETRYCOLLECTION":
		c, ok := parenthesised(p, func() (orb.Geometry, bool) {
			g := p.wkt(true)
			return g, g != nil
		})
		if ok {
			return orb.Collection(c)
		}
	}
	return nil
}

// parenthesised reads "(item, item, …)".
func parenthesised[T any](p *parser, item func() (T, bool)) ([]T, bool) {
	if p.isWord("EMPTY") {
		p.add("geometry_empty", p.peek().span)
		return nil, false
	}
	if !p.expect("(") {
		return nil, false
	}
	var list []T
	for {
		c, ok := item()
		if !ok {
			return nil, false
		}
		list = append(list, c)
		if !p.accept(",") {
			return list, p.expect(")")
		}
	}
}

func (p *parser) line() (orb.LineString, bool) {
	from := p.peek().span.From
	c, ok := parenthesised(p, p.position)
	if ok && len(c) < 2 {
		p.add("line_count", p.since(from))
		return nil, false
	}
	return c, ok
}

func (p *parser) polygon() (orb.Polygon, bool) {
	return parenthesised(p, func() (orb.Ring, bool) {
		from := p.peek().span.From
		c, ok := parenthesised(p, p.position)
		if !ok {
			return nil, false
		}
		if code := ringFault(c); code != "" {
			p.add(code, p.since(from))
			return nil, false
		}
		return c, true
	})
}

// ringFault names what keeps positions from being a ring.
func ringFault(c []orb.Point) string {
	switch {
	case len(c) < 4:
		return "ring_count"
	case c[0] != c[len(c)-1]:
		return "ring_open"
	}
	return ""
}

// multiPosition reads the position of a MULTIPOINT, with its parentheses or,
// as many write it, without.
func (p *parser) multiPosition() (orb.Point, bool) {
	if !p.isPunct("(") {
		return p.position()
	}
	from := p.peek().span.From
	c, ok := parenthesised(p, p.position)
	if ok && len(c) != 1 {
		p.add("point_count", p.since(from))
		return orb.Point{}, false
	}
	if !ok {
		return orb.Point{}, false
	}
	return c[0], true
}

// position reads two coordinates, and a height that it drops.
func (p *parser) position() (orb.Point, bool) {
	if p.vertices++; p.vertices == p.limits.Vertices+1 {
		p.stop("too_many_vertices", p.peek().span, p.limits.Vertices)
		return orb.Point{}, false
	}
	x, ok1 := p.coordinate()
	if !ok1 {
		return orb.Point{}, false
	}
	y, ok2 := p.coordinate()
	if !ok2 {
		return orb.Point{}, false
	}
	if !p.isPunct(",") && !p.isPunct(")") {
		if _, ok := p.coordinate(); !ok {
			return orb.Point{}, false
		}
	}
	return orb.Point{x, y}, true
}

func (p *parser) coordinate() (float64, bool) {
	sign := 1.0
	if p.accept("-") {
		sign = -1
	} else {
		p.accept("+")
	}
	t := p.peek()
	if t.kind != tokenNumber {
		p.add("expected", t.span, key("coordinate"), p.found())
		return 0, false
	}
	p.pos++
	f, ok := parseNumber(t.text)
	if !ok {
		p.add("number_range", t.span, t.text)
		return 0, false
	}
	// Adding zero turns -0 into 0.
	return f*sign + 0, true
}

// bbox reads the numbers of a BBOX, the parenthesis being open.
func (p *parser) bbox(from int) Expr {
	var c []float64
	for {
		f, ok := p.coordinate()
		if !ok {
			return nil
		}
		c = append(c, f)
		if len(c) > 6 || !p.accept(",") {
			break
		}
	}
	if !p.expect(")") {
		return nil
	}
	b, code := newBBox(p.since(from), c)
	if code != "" {
		p.add(code, p.since(from), len(c))
		return nil
	}
	return p.node(b)
}

// newBBox makes a box of 4 or 6 numbers, heights dropped. Which axis may wrap
// at the antimeridian depends on the CRS; both cannot.
func newBBox(at Span, c []float64) (*BBox, string) {
	b := &BBox{Span: at}
	switch len(c) {
	case 4:
		b.Min, b.Max = [2]float64{c[0], c[1]}, [2]float64{c[2], c[3]}
	case 6:
		b.Min, b.Max = [2]float64{c[0], c[1]}, [2]float64{c[3], c[4]}
	default:
		return nil, "bbox_count"
	}
	if b.Min[0] > b.Max[0] && b.Min[1] > b.Max[1] {
		return nil, "bbox_reversed"
	}
	return b, ""
}
