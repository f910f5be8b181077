package geojson

import (
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

func itoa(n int) string { return strconv.Itoa(n) }

// geometryName gives the geometry type of RFC 7946 section 1.4 that t names, "" if it names none.
func geometryName(t []byte) string {
	switch string(t) {
	case "Polygon":
		return "Polygon"
	case "MultiPolygon":
		return "MultiPolygon"
	case "Point":
		return "Point"
	case "MultiPoint":
		return "MultiPoint"
	case "LineString":
		return "LineString"
	case "MultiLineString":
		return "MultiLineString"
	case "GeometryCollection":
		return "GeometryCollection"
	}
	return ""
}

// geometryLevel is the depth of arrays above the numbers of a type: 1 for Point to 4 for MultiPolygon, 0 for a
// collection, -1 for what is no geometry type.
func geometryLevel(t string) int {
	switch t {
	case "Point":
		return 1
	case "LineString", "MultiPoint":
		return 2
	case "Polygon", "MultiLineString":
		return 3
	case "MultiPolygon":
		return 4
	case "GeometryCollection":
		return 0
	}
	return -1
}

// failType reports a type that is none, with the right spelling where only the case is wrong.
func (c *cursor) failType(t string, at int, where Text) bool {
	for _, known := range [...]string{typeFeature, typeCollection, "Point", "MultiPoint", "LineString", "MultiLineString",
		"Polygon", "MultiPolygon", "GeometryCollection"} {
		if strings.EqualFold(t, known) {
			return c.fail(CodeTypeCase, at, shown(t), same(known))
		}
	}
	return c.fail(CodeUnknownType, at, where, shown(t))
}

// outline is what has been seen of a geometry object.
type outline struct {
	seen          members
	typ           string
	coordinatesAt int // of coordinates that came before the type
	geometriesAt  int
	foreign       keySet
}

// geometry decodes the value of "geometry", or a bare geometry, at the cursor.
func (d *Decoder) geometry() bool {
	c := &d.c
	start := c.i
	switch k := c.b[start]; k {
	case '{':
	case 'n':
		d.f.NullGeometry = true
		return c.literal("null")
	default:
		return c.fail(CodeGeometryNotObject, start, kindText(k))
	}
	var o outline
	if !d.geometryMembers(&o) {
		return false
	}
	end, depth := c.i, c.depth
	switch {
	case o.seen&memberType == 0:
		return c.fail(CodeMissingType, start, Text{"几何对象", "geometry"})
	case o.typ == "GeometryCollection":
		if o.seen&memberCoordinates != 0 {
			return c.fail(CodeMisplaced, start, same("coordinates"), same(o.typ))
		}
		if o.seen&memberGeometries == 0 {
			return c.fail(CodeMissingGeometries, start)
		}
	case o.seen&memberGeometries != 0:
		return c.fail(CodeMisplaced, o.geometriesAt, same("geometries"), same(o.typ))
	case o.seen&memberCoordinates == 0:
		return c.fail(CodeMissingCoordinates, start, same(o.typ))
	case o.coordinatesAt > 0:
		c.i = o.coordinatesAt
		if !d.coordinates(o.typ) {
			return false
		}
	}
	c.i, c.depth = end, depth
	d.f.GeometryType = o.typ
	d.f.Geometry = d.shape.build(o.typ, d.ReuseGeometry)
	return true
}

func (d *Decoder) geometryMembers(o *outline) bool {
	c := &d.c
	if !c.open() {
		return false
	}
	if c.space() == '}' {
		c.i++
		c.depth--
		return true
	}
	o.foreign.base = len(c.keys)
	for {
		c.space()
		at := c.i
		k, ok := c.key()
		if !ok || !d.geometryMember(o, k, at) {
			return false
		}
		if again, ok := c.more('}'); !again {
			c.keys = c.keys[:o.foreign.base]
			return ok
		}
	}
}

func (d *Decoder) geometryMember(o *outline, key []byte, at int) bool {
	c := &d.c
	switch string(key) {
	case "type":
		return c.once(&o.seen, memberType, key, at) && d.geometryType(o)
	case "coordinates":
		if !c.once(&o.seen, memberCoordinates, key, at) {
			return false
		}
		if o.typ != "" && o.typ != "GeometryCollection" {
			return d.coordinates(o.typ)
		}
		o.coordinatesAt = c.i
		_, ok := c.skip()
		return ok
	case "geometries":
		o.geometriesAt = at
		return c.once(&o.seen, memberGeometries, key, at) && c.geometries()
	case "bbox":
		return c.once(&o.seen, memberBBox, key, at) && c.bbox()
	case "geometry", "properties", "features":
		return c.fail(CodeMisplaced, at, same(string(key)), Text{"几何对象", "geometry"})
	}
	if !o.foreign.add(c, key, at) {
		return false
	}
	_, ok := c.skip()
	return ok
}

func (d *Decoder) geometryType(o *outline) bool {
	c := &d.c
	at := c.i
	if c.b[at] != '"' {
		return c.fail(CodeTypeNotString, at, kindText(c.b[at]))
	}
	t, ok := c.str()
	if !ok {
		return false
	}
	if o.typ = geometryName(t); o.typ != "" {
		return true
	}
	if string(t) == typeFeature || string(t) == typeCollection {
		return c.fail(CodeGeometryIsFeature, at, same(string(t)))
	}
	return c.failType(string(t), at, Text{"几何对象", "the geometry"})
}

// geometries checks the members of a GeometryCollection as JSON and as objects; nothing more is asked of them, as
// no collection is land.
func (c *cursor) geometries() bool {
	if c.b[c.i] != '[' {
		return c.fail(CodeGeometries, c.i, kindText(c.b[c.i]))
	}
	if !c.open() {
		return false
	}
	if c.space() == ']' {
		c.i++
		c.depth--
		return true
	}
	for {
		if k := c.space(); k != '{' && c.i < len(c.b) {
			return c.fail(CodeGeometries, c.i, kindText(k))
		}
		if _, ok := c.skip(); !ok {
			return false
		}
		if again, ok := c.more(']'); !again {
			return ok
		}
	}
}

// coordinates reads the value of "coordinates" into the shape.
func (d *Decoder) coordinates(typ string) bool {
	c := &d.c
	at := c.i
	if c.b[at] != '[' {
		return c.fail(CodeCoordinatesNotArray, at, kindText(c.b[at]))
	}
	level := geometryLevel(typ)
	if level == 1 {
		if c.i++; c.space() == ']' {
			return c.fail(CodeEmptyCoordinates, at, same(typ))
		}
		return d.position(typ)
	}
	if !d.arrays(typ, level) {
		return false
	}
	if len(d.shape.points) == 0 {
		return c.fail(CodeEmptyCoordinates, at, same(typ))
	}
	return true
}

// arrays reads the array at the cursor, whose positions lie level-1 arrays deeper.
func (d *Decoder) arrays(typ string, level int) bool {
	c := &d.c
	if level == 2 {
		return d.positions(typ)
	}
	c.i++
	if c.space() == ']' {
		c.i++
		d.shape.end(level)
		return true
	}
	for {
		if c.space() != '[' {
			return d.notArray(typ, level-1)
		}
		if !d.arrays(typ, level-1) {
			return false
		}
		switch c.space() {
		case ',':
			c.i++
		case ']':
			c.i++
			d.shape.end(level)
			return true
		default:
			return c.expected(Text{"逗号或 ]", "a comma or ]"})
		}
	}
}

// notArray reports a value where an array of the given level should begin.
func (d *Decoder) notArray(typ string, level int) bool {
	c := &d.c
	if c.i >= len(c.b) {
		return c.expected(Text{"数组", "an array"})
	}
	k := c.b[c.i]
	if k == '-' || k-'0' <= 9 {
		want := [...]Text{{}, {"坐标点", "a position"}, {"坐标点数组", "an array of positions"}, {"环的数组", "an array of rings"}}
		return c.fail(CodeShallow, c.i, same(typ), want[level])
	}
	return c.fail(CodeCoordinatesNotArray, c.i, kindText(k))
}

// end closes a ring (level 2), a polygon (3) or all (4).
func (s *shape) end(level int) {
	switch level {
	case 2:
		s.ringEnds = append(s.ringEnds, len(s.points))
	case 3:
		s.polyEnds = append(s.polyEnds, len(s.ringEnds))
	}
}

// positions reads an array of positions, the innermost loop of all reading.
func (d *Decoder) positions(typ string) bool {
	c := &d.c
	c.i++
	if c.space() == ']' {
		c.i++
		d.shape.end(2)
		return true
	}
	for {
		if c.i >= len(c.b) || c.b[c.i] != '[' {
			if c.space() != '[' {
				return d.notArray(typ, 1)
			}
		}
		c.i++
		if !d.position(typ) {
			return false
		}
		if c.i < len(c.b) && c.b[c.i] == ',' {
			c.i++
			continue
		}
		switch c.space() {
		case ',':
			c.i++
		case ']':
			c.i++
			d.shape.end(2)
			return true
		default:
			return c.expected(Text{"逗号或 ]", "a comma or ]"})
		}
	}
}

// position reads a position after its opening bracket.
func (d *Decoder) position(typ string) bool {
	c := &d.c
	b := c.b
	var p orb.Point
	i := c.i
	for n := 0; ; n++ {
		v, end, ok := parseNumber(b, i)
		if !ok {
			c.i = i
			if k := c.space(); c.i == i || k != '-' && k-'0' > 9 {
				return d.notNumber(typ, n)
			}
			if v, end, ok = parseNumber(b, c.i); !ok {
				return d.notNumber(typ, n)
			}
		}
		if n < 2 {
			p[n] = v
		}
		if end >= len(b) || b[end] != ',' && b[end] != ']' {
			c.i = end
			c.space()
			end = c.i
		}
		if end < len(b) && b[end] == ',' {
			i = end + 1
			continue
		}
		c.i = end
		if end >= len(b) || b[end] != ']' {
			return c.expected(Text{"逗号或 ]", "a comma or ]"})
		}
		c.i++
		return d.point(p, n+1)
	}
}

// point takes a position of n numbers.
func (d *Decoder) point(p orb.Point, n int) bool {
	switch {
	case n < 2:
		return d.c.fail(CodePositionShort, d.c.i-1)
	case n == 3:
		d.f.ZDropped++
	case n > 3:
		d.f.ZDropped++
		d.f.MDropped++
	}
	d.shape.points = append(d.shape.points, p)
	return true
}

// notNumber says why parseNumber failed at the cursor.
func (d *Decoder) notNumber(typ string, n int) bool {
	c := &d.c
	if c.i >= len(c.b) {
		return c.fail(CodeTruncated, c.i, Text{"坐标点", "a position"})
	}
	switch k := c.b[c.i]; {
	case k == '[':
		return c.fail(CodeDeep, c.i, same(typ))
	case k == ']' && n == 0:
		return c.fail(CodePositionShort, c.i)
	case k == '"' || k == '{' || k == 'n' || k == 't' || k == 'f':
		return c.fail(CodePositionNotNumber, c.i, kindText(k))
	case k != '-' && k-'0' > 9:
		return c.expected(Text{"数字", "a number"})
	}
	at := c.i
	text, ok := c.number()
	if !ok {
		return false
	}
	return c.fail(CodeNumberRange, at, shown(text))
}

// build makes the geometry of a shape: nil for types other than Polygon and MultiPolygon. Fresh geometry has points
// and rings of its own, one allocation each.
func (s *shape) build(typ string, reuse bool) orb.Geometry {
	if typ != "Polygon" && typ != "MultiPolygon" {
		return nil
	}
	if reuse {
		s.cutRings()
		if typ == "Polygon" {
			return s.box()
		}
		s.polygons = cutPolygons(s.polygons[:0], s.rings, s.polyEnds)
		return orb.MultiPolygon(s.polygons)
	}
	points := append(make([]orb.Point, 0, len(s.points)), s.points...)
	rings := cutRings(make([]orb.Ring, 0, len(s.ringEnds)), points, s.ringEnds)
	if typ == "Polygon" {
		return orb.Polygon(rings)
	}
	return orb.MultiPolygon(cutPolygons(make([]orb.Polygon, 0, len(s.polyEnds)), rings, s.polyEnds))
}

// cutRings appends the rings of the points.
func cutRings(to []orb.Ring, points []orb.Point, ends []int) []orb.Ring {
	from := 0
	for _, end := range ends {
		to = append(to, orb.Ring(points[from:end:end]))
		from = end
	}
	return to
}

// cutPolygons appends the polygons of the rings.
func cutPolygons(to []orb.Polygon, rings []orb.Ring, ends []int) []orb.Polygon {
	from := 0
	for _, end := range ends {
		to = append(to, orb.Polygon(rings[from:end:end]))
		from = end
	}
	return to
}

// cutRings sets s.rings to the rings of the points. Boxed polygons lie over the array of rings, so they go when it
// is replaced.
func (s *shape) cutRings() {
	if cap(s.rings) < len(s.ringEnds) {
		s.rings = make([]orb.Ring, 0, 2*len(s.ringEnds))
		s.boxed = s.boxed[:0]
	}
	s.rings = cutRings(s.rings[:0], s.points, s.ringEnds)
}

// box gives the polygon of the reused rings. Its interface value is kept for each number of rings, since making
// one allocates (24 bytes a feature).
func (s *shape) box() orb.Geometry {
	const most = 16
	n := len(s.rings)
	if n >= most {
		return orb.Polygon(s.rings[:n:n])
	}
	for len(s.boxed) <= n {
		s.boxed = append(s.boxed, nil)
	}
	if s.boxed[n] == nil {
		s.boxed[n] = orb.Polygon(s.rings[:n:n])
	}
	return s.boxed[n]
}
