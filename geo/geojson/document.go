package geojson

import (
	"bytes"
	"io"
)

// document is the result of walking the members of the top-level object up to its features.
type document struct {
	members  []docMember
	features int // index after the opening bracket of "features", 0 if the object ended without
	typ      string
	typAt    int
}

type docMember struct {
	key        string
	start, end int
	at         int // of the key
}

// splitDocument reads the top-level object up to its features. It starts anew with a larger buffer where the text
// in hand doesn't reach that far, which is rare: features mostly begin in the first kilobyte.
func (r *Reader) splitDocument(b *Batch) error {
	text := r.buf[r.pos:r.n]
	c := cursor{limit: defaultDepth}
	c.reset(text)
	var doc document
	if !r.openDocument(&c) || !doc.walk(&c) {
		if c.fault.code != CodeTruncated || r.ended() {
			return c.fault.structure(r.base + int64(r.pos))
		}
		if len(text) > r.opt.MaxFeatureBytes {
			return fault{code: CodeMembersTooLarge, a: same(itoa(r.opt.MaxFeatureBytes))}.structure(r.base + int64(r.pos))
		}
		return nil
	}
	c.fault = fault{}
	r.note(doc, text, false)
	if doc.features > 0 {
		if !doc.judgeCollection(&c) {
			return c.fault.structure(r.base + int64(r.pos))
		}
		r.header.Format, r.mode = FormatCollection, (*Reader).splitFeatures
		r.pos += doc.features
		return r.splitFeatures(b)
	}
	if !doc.judgeType(&c) {
		return c.fault.structure(r.base + int64(r.pos))
	}
	return r.single(b, doc, c.i)
}

// openDocument steps into the top-level object or says what stands there instead.
func (r *Reader) openDocument(c *cursor) bool {
	switch k := c.space(); {
	case k == '{':
		return c.open()
	case c.i >= len(c.b):
		return c.fail(CodeTruncated, c.i, Text{"文件", "the file"})
	case k == '[' || k == '"' || k == '-' || k-'0' <= 9,
		bytes.HasPrefix(c.b[c.i:], []byte("null")), bytes.HasPrefix(c.b[c.i:], []byte("true")), bytes.HasPrefix(c.b[c.i:], []byte("false")):
		return c.fail(CodeNotGeoJSON, c.i, kindText(k))
	}
	return c.fail(CodeNotJSON, c.i, found(c.b[c.i:]))
}

// walk goes through the members until "features" or the end of the object.
func (d *document) walk(c *cursor) bool {
	if c.space() == '}' {
		c.i++
		c.depth--
		return true
	}
	seen := keySet{base: len(c.keys)}
	for {
		at := c.i
		k, ok := c.key()
		if !ok || !seen.add(c, k, at) {
			return false
		}
		if string(k) == "features" {
			if c.b[c.i] != '[' {
				return c.fail(CodeFeaturesNotArray, c.i, kindText(c.b[c.i]))
			}
			d.features = c.i + 1
			return true
		}
		if !d.member(c, string(k), at) {
			return false
		}
		if again, ok := c.more('}'); !again {
			return ok
		}
		c.space()
	}
}

// member steps over one value. What belongs to a single feature is left to the decoder, so that a fault in it is
// the feature's.
func (d *document) member(c *cursor, key string, at int) bool {
	start := c.i
	switch key {
	case "type":
		if c.b[c.i] != '"' {
			return c.fail(CodeTypeNotString, c.i, kindText(c.b[c.i]))
		}
		t, ok := c.str()
		if !ok {
			return false
		}
		d.typ, d.typAt = string(t), start
		return true
	case "geometry", "properties", "coordinates", "geometries":
		if !c.pass() {
			return false
		}
	default:
		if _, ok := c.skip(); !ok {
			return false
		}
	}
	d.members = append(d.members, docMember{key, start, c.i, at})
	return true
}

// pass steps over the value at the cursor by its brackets alone.
func (c *cursor) pass() bool {
	var s brackets
	start := c.i
	if c.b[start] == '{' {
		var s braces
		end, done := s.find(c.b, start, true)
		c.i = end
		return done || c.expected(Text{"右花括号", "a closing brace"})
	}
	if k := c.b[start]; k == ',' || k == '}' || k == ']' {
		return c.expected(Text{"值", "a value"})
	}
	end, done := s.find(c.b, start, start)
	c.i = end
	return done || c.expected(Text{"值的结尾", "the end of the value"})
}

// judgeType checks the type of a document that has no features.
func (d *document) judgeType(c *cursor) bool {
	switch {
	case d.typAt == 0:
		return c.fail(CodeMissingType, 0, Text{"顶层对象", "top-level"})
	case d.typ == typeCollection && d.features == 0:
		return c.fail(CodeMissingFeatures, d.typAt)
	case d.typ == typeCollection || d.typ == typeFeature || geometryLevel(d.typ) >= 0:
		return true
	}
	return c.failType(d.typ, d.typAt, Text{"顶层对象", "the top-level object"})
}

// judgeCollection checks type and members of an object that has features (RFC 7946 sections 3.3 and 7.1).
func (d *document) judgeCollection(c *cursor) bool {
	if d.typAt > 0 && d.typ != typeCollection {
		if d.typ == typeFeature || geometryLevel(d.typ) >= 0 {
			return c.fail(CodeMisplaced, d.typAt, same("features"), same(d.typ))
		}
		return c.failType(d.typ, d.typAt, Text{"顶层对象", "the top-level object"})
	}
	for _, m := range d.members {
		switch m.key {
		case "coordinates", "geometries", "geometry", "properties":
			return c.fail(CodeMisplaced, m.at, same(m.key), same(typeCollection))
		}
	}
	return true
}

// single makes a batch of the one feature or geometry that is the document.
func (r *Reader) single(b *Batch, doc document, end int) error {
	r.header.Format = FormatFeature
	if doc.typ != typeFeature {
		r.header.Format = FormatGeometry
	}
	start := r.pos + len(r.buf[r.pos:r.n]) - len(bytes.TrimLeft(r.buf[r.pos:r.n], " \t\r\n"))
	r.bare, b.bare = true, true
	if err := r.add(b, start, r.pos+end); err != nil {
		return err
	}
	r.oneLine = bytes.IndexByte(r.buf[start:r.pos+end], '\n') < 0
	r.pos += end
	r.mode = (*Reader).splitEnd
	return nil
}

// splitTail reads the members after the features.
func (r *Reader) splitTail(*Batch) error {
	text := r.buf[r.pos:r.n]
	c := cursor{limit: defaultDepth, depth: 1, b: text}
	var doc document
	if !doc.tail(&c, r.header) || !doc.judgeCollection(&c) {
		if c.fault.code != CodeTruncated || r.ended() {
			return c.fault.structure(r.base + int64(r.pos))
		}
		if len(text) > r.opt.MaxFeatureBytes {
			return fault{code: CodeMembersTooLarge, a: same(itoa(r.opt.MaxFeatureBytes))}.structure(r.base + int64(r.pos))
		}
		return nil
	}
	r.note(doc, text, true)
	r.pos += c.i
	r.mode = (*Reader).splitEnd
	return nil
}

// tail goes through the members after the features; keys of the members before them count as seen.
func (d *document) tail(c *cursor, before Header) bool {
	seen := keySet{}
	c.keys = append(c.keys, []byte("features"))
	for _, m := range before.Members {
		c.keys = append(c.keys, []byte(m.Key))
	}
	if before.typeSeen {
		c.keys = append(c.keys, []byte("type"))
	}
	for {
		again, ok := c.more('}')
		if !again {
			if ok && !before.typeSeen && d.typAt == 0 {
				return c.fail(CodeMissingType, c.i-1, same("FeatureCollection"))
			}
			return ok
		}
		c.space()
		at := c.i
		k, ok := c.key()
		if !ok || !seen.add(c, k, at) || !d.member(c, string(k), at) {
			return false
		}
	}
}

// splitEnd lets only white space pass after the document, or finds that it was but the first line of many (too
// long a line to be seen whole when the format was found out).
func (r *Reader) splitEnd(b *Batch) error {
	text := r.buf[r.pos:r.n]
	rest := bytes.TrimLeft(text, " \t\r\n")
	r.newLine = r.newLine || bytes.IndexByte(text[:len(text)-len(rest)], '\n') >= 0
	if len(rest) == 0 {
		r.pos = r.n
		if r.ended() {
			return io.EOF
		}
		return nil
	}
	if r.oneLine && r.newLine && rest[0] == '{' {
		r.header = Header{Format: FormatLines, Gzip: r.header.Gzip, BOM: r.header.BOM}
		r.mode = (*Reader).splitLines
		return r.splitLines(b)
	}
	at := len(text) - len(rest)
	return fault{code: CodeTrailing, at: at, a: same(r.header.Format.String()), b: found(rest)}.structure(r.base + int64(r.pos))
}
