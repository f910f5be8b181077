package geojson

// keyTable holds one string for each key a decoder has met, so that features share them.
type keyTable struct {
	byText map[string]*keyEntry
	first  *keyEntry // first key of the feature before
	serial uint64    // of the object being read, for finding duplicates
}

// keyEntry is a key. Files repeat their keys in one order, so each remembers its follower: comparing with that is
// several times faster than a map.
type keyEntry struct {
	text  string
	next  *keyEntry
	seen  uint64 // serial of the last object that had it
	id    int32
	plain bool // stands in JSON text as it is
}

// Bounds of the table, so that a hostile file can't fill the memory with keys.
const (
	maxKeys      = 1 << 16
	maxKeyLength = 256
)

// lookup gives the entry of a key, a new one if need be; nil for overlong keys and once the table is full.
func (t *keyTable) lookup(key []byte) *keyEntry {
	if e := t.byText[string(key)]; e != nil {
		return e
	}
	if len(t.byText) >= maxKeys || len(key) > maxKeyLength {
		return nil
	}
	if t.byText == nil {
		t.byText = make(map[string]*keyEntry)
	}
	e := &keyEntry{text: string(key), id: int32(len(t.byText)), plain: true}
	for _, k := range key {
		if k == '"' || k == '\\' || k < ' ' {
			e.plain = false
		}
	}
	t.byText[e.text] = e
	return e
}

// properties decodes the value of "properties".
func (d *Decoder) properties() bool {
	c := &d.c
	switch k := c.b[c.i]; k {
	case '{':
	case 'n':
		d.f.Properties = nil
		return c.literal("null")
	default:
		return c.fail(CodePropertiesNotObject, c.i, kindText(k))
	}
	if d.f.Properties == nil {
		d.f.Properties = d.scratch[:0]
	}
	if !c.open() {
		return false
	}
	if c.space() == '}' {
		c.i++
		c.depth--
		return true
	}
	d.keys.serial++
	extra := keySet{base: len(c.keys)}
	expect, last := d.keys.first, (*keyEntry)(nil)
	for {
		e, ok := d.property(expect, &extra)
		if !ok {
			return false
		}
		if e != nil {
			if last != nil {
				last.next = e
			} else {
				d.keys.first = e
			}
			last, expect = e, e.next
		}
		if again, ok := c.more('}'); !again {
			d.scratch = d.f.Properties
			return ok
		}
	}
}

// property reads one key and value. expect is the key that stood here in the feature before.
func (d *Decoder) property(expect *keyEntry, extra *keySet) (*keyEntry, bool) {
	c := &d.c
	c.space()
	at := c.i
	e := expect
	if e == nil || !e.plain || !c.has(e.text) {
		key, ok := c.key()
		if !ok {
			return nil, false
		}
		if e = d.keys.lookup(key); e == nil {
			return nil, extra.add(c, key, at) && d.keep(string(key), -1)
		}
	}
	if e.seen == d.keys.serial {
		return nil, c.fail(CodeDuplicateKey, at, shown(e.text))
	}
	e.seen = d.keys.serial
	return e, d.keep(e.text, e.id)
}

// has steps over the given key and its colon, if they are what stands at the cursor.
func (c *cursor) has(key string) bool {
	b, i := c.b, c.i
	end := i + len(key) + 1
	if end+1 >= len(b) || b[i] != '"' || b[end] != '"' || string(b[i+1:end]) != key {
		return false
	}
	if b[end+1] == ':' {
		c.i = end + 2
	} else {
		c.i = end + 1
		if c.space() != ':' {
			c.i = i
			return false
		}
		c.i++
	}
	if c.space() == 0 {
		c.i = i
		return false
	}
	return true
}

// keep reads the value of a property and puts both among the properties.
func (d *Decoder) keep(key string, id int32) bool {
	n := len(d.f.Properties)
	if n >= d.MaxProperties {
		return d.c.fail(CodeTooManyProperties, d.c.i, same(itoa(d.MaxProperties)))
	}
	if n < cap(d.f.Properties) {
		d.f.Properties = d.f.Properties[:n+1]
	} else {
		d.f.Properties = append(d.f.Properties, Property{})
	}
	p := &d.f.Properties[n]
	p.Key, p.KeyID = key, id
	return d.value(p)
}

// value reads the value at the cursor into p.
func (d *Decoder) value(p *Property) (ok bool) {
	c := &d.c
	start := c.i
	switch k := c.b[start]; {
	case k == '"':
		p.Kind = KindString
		p.Raw, ok = c.str()
		return ok
	case k == '-' || k-'0' <= 9:
		p.Kind = KindNumber
		p.Raw, ok = c.number()
		return ok
	}
	if p.Kind, ok = c.skip(); ok {
		p.Raw = c.b[start:c.i:c.i]
	}
	return ok
}
