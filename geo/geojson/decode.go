package geojson

import (
	"bytes"
	"fmt"

	"github.com/paulmach/orb"
)

const (
	typeFeature    = "Feature"
	typeCollection = "FeatureCollection"

	defaultDepth         = 64
	defaultMaxProperties = 4096
)

// Decoder turns the text of batches into features. It keeps its working memory from feature to feature; use one
// for each goroutine. The zero value is ready.
type Decoder struct {
	// ReuseGeometry lets the coordinates of one feature overwrite those of the one before, which spares nearly all
	// garbage; Feature.Geometry is then valid during the call only.
	ReuseGeometry bool
	// MaxDepth bounds the nesting of arrays and objects in a feature, default 64.
	MaxDepth int
	// MaxProperties bounds the properties of one feature, default 4096.
	MaxProperties int

	c       cursor
	f       Feature
	keys    keyTable
	shape   shape
	scratch []Property
}

// Decode calls fn once for each feature of the batch in the order of the file, those with a Fault among them. An
// error of fn stops it and is returned, wrapped with the feature's number.
func (d *Decoder) Decode(b *Batch, fn func(*Feature) error) error {
	if d.MaxDepth <= 0 {
		d.MaxDepth = defaultDepth
	}
	if d.MaxProperties <= 0 {
		d.MaxProperties = defaultMaxProperties
	}
	d.c.limit = d.MaxDepth
	for i := range b.spans {
		text, offset := b.Raw(i)
		d.f = Feature{Number: b.first + int64(i), Offset: offset, Properties: d.f.Properties[:0], Foreign: d.f.Foreign[:0]}
		d.c.reset(text)
		d.shape.reset()
		if !d.feature(b.bare) {
			d.f.Fault = d.c.fault.feature(d.f.Number, offset)
			d.f.Geometry, d.f.Properties, d.f.Foreign = nil, d.f.Properties[:0], d.f.Foreign[:0]
		}
		if err := fn(&d.f); err != nil {
			return fmt.Errorf("feature %d: %w", d.f.Number, err)
		}
	}
	return nil
}

// members seen of a feature or geometry object.
type members uint8

const (
	memberType members = 1 << iota
	memberGeometry
	memberProperties
	memberID
	memberBBox
	memberCoordinates
	memberGeometries
	memberMisplaced
)

// once notes a member the format knows; a second one is a fault.
func (c *cursor) once(seen *members, m members, key []byte, at int) bool {
	if *seen&m != 0 {
		return c.fail(CodeDuplicateKey, at, shown(key))
	}
	*seen |= m
	return true
}

// record is what has been seen of a feature object.
type record struct {
	seen      members
	misplaced fault
	typ       string
	foreign   keySet
}

// feature decodes the record that is all of the cursor's text.
func (d *Decoder) feature(bare bool) bool {
	c := &d.c
	switch k := c.space(); {
	case k == 'n' && bytes.Equal(bytes.TrimRight(c.b[c.i:], " \t\r\n"), []byte("null")):
		return c.fail(CodeFeatureNull, c.i)
	case k != '{':
		return c.fail(CodeFeatureNotObject, c.i, kindText(k))
	}
	var rec record
	if !d.featureMembers(&rec) {
		return false
	}
	if c.space() != 0 || c.i < len(c.b) {
		return c.fail(CodeTrailing, c.i, Text{"要素", "the feature"}, found(c.b[c.i:]))
	}
	if level := geometryLevel(rec.typ); level >= 0 && bare {
		c.reset(c.b)
		d.f.ID, d.f.Bare, d.f.Properties, d.f.Foreign = ID{}, true, nil, nil
		d.shape.reset()
		c.space()
		return d.geometry()
	}
	return d.judge(&rec)
}

// judge checks that all required members were there and no others of other objects.
func (d *Decoder) judge(rec *record) bool {
	c := &d.c
	c.space()
	switch {
	case rec.seen&memberType == 0:
		return c.fail(CodeMissingType, 0, Text{"要素", "feature"})
	case rec.typ == typeCollection:
		return c.fail(CodeCollectionInside, 0)
	case geometryLevel(rec.typ) >= 0:
		return c.fail(CodeNotWrapped, 0, same(rec.typ))
	case rec.seen&memberMisplaced != 0:
		c.fault = rec.misplaced
		return false
	case rec.seen&memberGeometry == 0:
		return c.fail(CodeMissingGeometry, 0)
	case rec.seen&memberProperties == 0:
		return c.fail(CodeMissingProperties, 0)
	}
	return true
}

func (d *Decoder) featureMembers(rec *record) bool {
	c := &d.c
	if !c.open() {
		return false
	}
	if c.space() == '}' {
		c.i++
		c.depth--
		return true
	}
	rec.foreign.base = len(c.keys)
	for {
		c.space()
		at := c.i
		k, ok := c.key()
		if !ok || !d.featureMember(rec, k, at) {
			return false
		}
		if again, ok := c.more('}'); !again {
			return ok
		}
	}
}

func (d *Decoder) featureMember(rec *record, key []byte, at int) bool {
	c := &d.c
	switch string(key) {
	case "type":
		return c.once(&rec.seen, memberType, key, at) && d.featureType(rec)
	case "geometry":
		return c.once(&rec.seen, memberGeometry, key, at) && d.geometry()
	case "properties":
		return c.once(&rec.seen, memberProperties, key, at) && d.properties()
	case "id":
		return c.once(&rec.seen, memberID, key, at) && d.id()
	case "bbox":
		return c.once(&rec.seen, memberBBox, key, at) && c.bbox()
	case "coordinates", "geometries", "features":
		if rec.seen&memberMisplaced == 0 {
			rec.seen |= memberMisplaced
			rec.misplaced = fault{code: CodeMisplaced, at: at, a: same(string(key)), b: same(typeFeature)}
		}
	}
	if !rec.foreign.add(c, key, at) {
		return false
	}
	p := Property{KeyID: -1}
	if e := d.keys.lookup(key); e != nil {
		p.Key = e.text
	} else {
		p.Key = string(key)
	}
	if !d.value(&p) {
		return false
	}
	d.f.Foreign = append(d.f.Foreign, p)
	return true
}

// featureType reads the type and stops at once where it is none of RFC 7946.
func (d *Decoder) featureType(rec *record) bool {
	c := &d.c
	at := c.i
	if c.b[at] != '"' {
		return c.fail(CodeTypeNotString, at, kindText(c.b[at]))
	}
	t, ok := c.str()
	if !ok {
		return false
	}
	switch {
	case string(t) == typeFeature:
		rec.typ = typeFeature
	case string(t) == typeCollection:
		rec.typ = typeCollection
	default:
		if rec.typ = geometryName(t); rec.typ == "" {
			return c.failType(string(t), at, Text{"要素", "the feature"})
		}
	}
	return true
}

func (d *Decoder) id() bool {
	c := &d.c
	var ok bool
	switch k := c.b[c.i]; {
	case k == '"':
		d.f.ID.Kind = KindString
		d.f.ID.raw, ok = c.str()
	case k == '-' || k-'0' <= 9:
		d.f.ID.Kind = KindNumber
		d.f.ID.raw, ok = c.number()
	case k == 'n':
		ok = c.literal("null")
	default:
		return c.fail(CodeID, c.i, kindText(k))
	}
	if !ok {
		d.f.ID = ID{}
	}
	return ok
}

// bbox checks a "bbox" member (RFC 7946 section 5): 2·n numbers, n the dimension. Its values are not used.
func (c *cursor) bbox() bool {
	start := c.i
	if c.b[start] != '[' {
		return c.fail(CodeBBox, start)
	}
	c.i++
	for n := 1; ; n++ {
		if k := c.space(); k != '-' && k-'0' > 9 {
			return c.fail(CodeBBox, start)
		}
		if _, ok := c.number(); !ok {
			return false
		}
		switch k := c.space(); {
		case k == ',':
			c.i++
		case k == ']' && (n == 4 || n == 6 || n == 8):
			c.i++
			return true
		default:
			return c.fail(CodeBBox, start)
		}
	}
}

// shape gathers the coordinates of one geometry: all points in a row, where rings end among the points and
// polygons among the rings.
type shape struct {
	points   []orb.Point
	ringEnds []int
	polyEnds []int
	rings    []orb.Ring
	polygons []orb.Polygon
	boxed    []orb.Geometry // polygons of 1, 2, … rings over the array of rings, as interface values
}

func (s *shape) reset() {
	s.points, s.ringEnds, s.polyEnds = s.points[:0], s.ringEnds[:0], s.polyEnds[:0]
}
