package geojson

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// cursor walks JSON text strictly (RFC 8259; duplicate keys refused as by RFC 7493). The first fault stops it:
// methods then return false and fault says why.
type cursor struct {
	b     []byte
	i     int
	depth int
	limit int    // of depth
	arena []byte // decoded strings that had escapes
	keys  [][]byte
	fault fault
}

func (c *cursor) reset(b []byte) {
	c.b, c.i, c.depth = b, 0, 0
	c.arena, c.keys = c.arena[:0], c.keys[:0]
	c.fault = fault{}
}

func (c *cursor) fail(code Code, at int, args ...Text) bool {
	f := fault{code: code, at: at}
	if len(args) > 0 {
		f.a = args[0]
	}
	if len(args) > 1 {
		f.b = args[1]
	}
	c.fault = f
	return false
}

// expected reports that want does not stand at the cursor.
func (c *cursor) expected(want Text) bool {
	if c.i >= len(c.b) {
		return c.fail(CodeTruncated, len(c.b), Text{"对象", "an object"})
	}
	return c.fail(CodeSyntax, c.i, want, found(c.b[c.i:]))
}

func same(s string) Text { return Text{ZH: s, EN: s} }

// shown gives text from the file fit for a message: 60 characters at most, none of them unprintable.
func shown[T string | []byte](text T) Text {
	const most = 60
	var out []rune
	for _, r := range string(text[:min(len(text), most*utf8.UTFMax)]) {
		if len(out) == most {
			break
		}
		if !unicode.IsPrint(r) {
			r = utf8.RuneError
		}
		out = append(out, r)
	}
	if len(string(out)) < len(text) {
		return same(string(out) + "…")
	}
	return same(string(out))
}

// found names the byte at the start of b for a message.
func found(b []byte) Text {
	if len(b) == 0 {
		return Text{"文件结尾", "the end of the file"}
	}
	if r, n := utf8.DecodeRune(b); r != utf8.RuneError || n > 1 {
		return same(fmt.Sprintf("%q", string(r)))
	}
	return same(fmt.Sprintf("0x%02X", b[0]))
}

// kindText names the JSON value that starts with byte b.
func kindText(b byte) Text {
	switch {
	case b == '"':
		return Text{"字符串", "a string"}
	case b == '{':
		return Text{"对象", "an object"}
	case b == '[':
		return Text{"数组", "an array"}
	case b == 'n':
		return Text{"null", "null"}
	case b == 't' || b == 'f':
		return Text{"布尔值", "a boolean"}
	case b == '-' || b-'0' <= 9:
		return Text{"数字", "a number"}
	}
	return found([]byte{b})
}

// space moves to the next byte that is no white space and returns it, 0 at the end.
func (c *cursor) space() byte {
	b, i := c.b, c.i
	for i < len(b) {
		if k := b[i]; k > ' ' || k != ' ' && k != '\n' && k != '\r' && k != '\t' {
			c.i = i
			return k
		}
		i++
	}
	c.i = i
	return 0
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// special marks, in the highest bit of each byte, the bytes of w that end a plain ASCII run in a string: quote,
// backslash, control characters and bytes of 0x80 and up. The lowest mark is exact; those above may be false.
func special(w uint64) uint64 {
	quote := w ^ '"'*lowBits
	slash := w ^ '\\'*lowBits
	return ((quote-lowBits)&^quote | (slash-lowBits)&^slash | (w-' '*lowBits)&^w | w) & highBits
}

// str reads the string whose opening quote stands at the cursor. The result is a slice of the text, or of the
// arena where there were escapes; it is valid until the next reset.
func (c *cursor) str() ([]byte, bool) {
	start := c.i + 1
	i := c.run(start)
	if i < len(c.b) && c.b[i] == '"' {
		c.i = i + 1
		return c.b[start:i], true
	}
	if i < len(c.b) && c.b[i] == '\\' {
		return c.escaped(start, i)
	}
	return nil, c.badRun(i, start)
}

// run goes from i over plain and valid UTF-8 text to the next quote, backslash, bad byte or end.
func (c *cursor) run(i int) int {
	b := c.b
	for {
		for i+8 <= len(b) {
			m := special(binary.LittleEndian.Uint64(b[i:]))
			if m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		for i < len(b) && b[i] < utf8.RuneSelf && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
			i++
		}
		if i >= len(b) || b[i] < utf8.RuneSelf {
			return i
		}
		n := runes(b[i:])
		if n == 0 {
			return i
		}
		i += n
	}
}

// runes gives the length of the valid non-ASCII text at the start of b. Chinese text is runs of three-byte
// sequences E4..E9, which are always valid with two continuation bytes.
func runes(b []byte) int {
	i := 0
	for i+3 <= len(b) && b[i]-0xE1 <= 0xEC-0xE1 && b[i+1]&0xC0 == 0x80 && b[i+2]&0xC0 == 0x80 {
		i += 3
	}
	for i < len(b) && b[i] >= utf8.RuneSelf {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return i
}

// badRun says what stopped run at i.
func (c *cursor) badRun(i, start int) bool {
	if i >= len(c.b) {
		return c.fail(CodeTruncated, len(c.b), Text{"字符串", "a string"})
	}
	k := c.b[i]
	if k < ' ' {
		return c.fail(CodeControl, i, same(fmt.Sprintf("U+%04X", k)))
	}
	if !utf8.FullRune(c.b[i:]) && i+utf8.UTFMax > len(c.b) {
		return c.fail(CodeTruncated, len(c.b), Text{"字符串", "a string"})
	}
	return c.fail(CodeUTF8, i, same(fmt.Sprintf("0x%02X", k)))
}

// escaped decodes a string whose first backslash stands at i.
func (c *cursor) escaped(start, i int) ([]byte, bool) {
	from := len(c.arena)
	c.arena = append(c.arena, c.b[start:i]...)
	for {
		if i >= len(c.b) {
			return nil, c.badRun(i, start)
		}
		switch c.b[i] {
		case '"':
			c.i = i + 1
			return c.arena[from:len(c.arena):len(c.arena)], true
		case '\\':
			n, ok := c.escape(i)
			if !ok {
				return nil, false
			}
			i += n
		default:
			end := c.run(i)
			if end == i {
				return nil, c.badRun(i, start)
			}
			c.arena = append(c.arena, c.b[i:end]...)
			i = end
		}
	}
}

// escape decodes one escape at i into the arena and gives its length.
func (c *cursor) escape(i int) (int, bool) {
	if i+1 >= len(c.b) {
		return 0, c.fail(CodeTruncated, len(c.b), Text{"字符串", "a string"})
	}
	k := c.b[i+1]
	switch k {
	case '"', '\\', '/':
	case 'b':
		k = '\b'
	case 'f':
		k = '\f'
	case 'n':
		k = '\n'
	case 'r':
		k = '\r'
	case 't':
		k = '\t'
	case 'u':
		return c.unicode(i)
	default:
		_, n := utf8.DecodeRune(c.b[i+1:])
		return 0, c.fail(CodeEscape, i, same(fmt.Sprintf("%q", c.b[i:i+1+n])))
	}
	c.arena = append(c.arena, k)
	return 2, true
}

// unicode decodes \uXXXX, or a pair of surrogates, at i.
func (c *cursor) unicode(i int) (int, bool) {
	r, ok := c.hex4(i)
	if !ok {
		return 0, false
	}
	if r < 0xD800 || r > 0xDFFF {
		c.arena = utf8.AppendRune(c.arena, r)
		return 6, true
	}
	lone := same(string(c.b[i : i+6]))
	if r > 0xDBFF {
		return 0, c.fail(CodeSurrogate, i, lone)
	}
	switch rest := c.b[i+6:]; {
	case len(rest) == 0 || len(rest) == 1 && rest[0] == '\\':
		return 0, c.fail(CodeTruncated, len(c.b), Text{"字符串", "a string"})
	case rest[0] != '\\' || rest[1] != 'u':
		return 0, c.fail(CodeSurrogate, i, lone)
	}
	low, ok := c.hex4(i + 6)
	if !ok {
		return 0, false
	}
	if low < 0xDC00 || low > 0xDFFF {
		return 0, c.fail(CodeSurrogate, i, lone)
	}
	c.arena = utf8.AppendRune(c.arena, (r-0xD800)<<10|(low-0xDC00)+0x10000)
	return 12, true
}

// hex4 reads the four digits of the \u escape at i.
func (c *cursor) hex4(i int) (rune, bool) {
	var r rune
	for n := 2; n < 6; n++ {
		if i+n >= len(c.b) {
			return 0, c.fail(CodeTruncated, len(c.b), Text{"字符串", "a string"})
		}
		k := c.b[i+n]
		switch {
		case k-'0' <= 9:
			r = r<<4 | rune(k-'0')
		case k|0x20-'a' <= 5:
			r = r<<4 | rune(k|0x20-'a'+10)
		default:
			return 0, c.fail(CodeEscape, i, same(fmt.Sprintf("%q", c.b[i:i+n+1])))
		}
	}
	return r, true
}

// number checks the number at the cursor against JSON's grammar and gives its text.
func (c *cursor) number() ([]byte, bool) {
	b, start := c.b, c.i
	i := start
	if i < len(b) && b[i] == '-' {
		i++
	}
	n := digits(b, i)
	if n == i || b[i] == '0' && n > i+1 {
		return nil, c.badNumber(start, n)
	}
	i = n
	if i < len(b) && b[i] == '.' {
		if n = digits(b, i+1); n == i+1 {
			return nil, c.badNumber(start, n)
		}
		i = n
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if n = digits(b, i); n == i {
			return nil, c.badNumber(start, n)
		}
		i = n
	}
	c.i = i
	return b[start:i], true
}

func digits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// badNumber reports the number at start, which breaks the grammar at i.
func (c *cursor) badNumber(start, i int) bool {
	if i >= len(c.b) {
		return c.fail(CodeTruncated, len(c.b), Text{"数字", "a number"})
	}
	end := start
	for end < len(c.b) && end < start+40 && c.b[end] > ' ' && c.b[end] < utf8.RuneSelf &&
		c.b[end] != ',' && c.b[end] != ']' && c.b[end] != '}' {
		end++
	}
	return c.fail(CodeNumber, start, same(string(c.b[start:end])))
}

// literal reads true, false or null.
func (c *cursor) literal(word string) bool {
	for n := range len(word) {
		if c.i+n >= len(c.b) {
			return c.fail(CodeTruncated, len(c.b), same(word))
		}
		if c.b[c.i+n] != word[n] {
			c.i += n
			return c.expected(same(word))
		}
	}
	c.i += len(word)
	return true
}

// open steps over the bracket at the cursor, into one more level.
func (c *cursor) open() bool {
	if c.depth >= c.limit {
		return c.fail(CodeDepth, c.i, same(fmt.Sprint(c.limit)))
	}
	c.depth++
	c.i++
	return true
}

// key reads a member name and the colon after it, up to the first byte of the value.
func (c *cursor) key() ([]byte, bool) {
	if c.space() != '"' {
		return nil, c.expected(Text{"带双引号的键", "a key in double quotes"})
	}
	k, ok := c.str()
	if !ok {
		return nil, false
	}
	if c.space() != ':' {
		return nil, c.expected(Text{"冒号", "a colon"})
	}
	c.i++
	if c.space() == 0 && c.i >= len(c.b) {
		return nil, c.expected(Text{"值", "a value"})
	}
	return k, true
}

// more steps over a comma (true) or the closing bracket (false, level left); ok is false on a fault.
func (c *cursor) more(closing byte) (again, ok bool) {
	switch c.space() {
	case ',':
		c.i++
		return true, true
	case closing:
		c.i++
		c.depth--
		return false, true
	}
	return false, c.expected(Text{"逗号或 " + string(rune(closing)), "a comma or " + string(rune(closing))})
}

// skip checks the value at the cursor, whatever it is, and steps over it.
func (c *cursor) skip() (Kind, bool) {
	var ok bool
	if c.i >= len(c.b) {
		return 0, c.expected(Text{"值", "a value"})
	}
	switch k := c.b[c.i]; k {
	case '"':
		_, ok = c.str()
		return KindString, ok
	case '{':
		return KindObject, c.skipObject()
	case '[':
		return KindArray, c.skipArray()
	case 't':
		return KindBool, c.literal("true")
	case 'f':
		return KindBool, c.literal("false")
	case 'n':
		return KindNull, c.literal("null")
	default:
		if k != '-' && k-'0' > 9 {
			return 0, c.expected(Text{"值", "a value"})
		}
		_, ok = c.number()
		return KindNumber, ok
	}
}

func (c *cursor) skipArray() bool {
	if !c.open() {
		return false
	}
	if c.space() == ']' {
		c.i++
		c.depth--
		return true
	}
	for {
		c.space()
		if _, ok := c.skip(); !ok {
			return false
		}
		if again, ok := c.more(']'); !again {
			return ok
		}
	}
}

func (c *cursor) skipObject() bool {
	if !c.open() {
		return false
	}
	if c.space() == '}' {
		c.i++
		c.depth--
		return true
	}
	seen := keySet{base: len(c.keys)}
	for {
		c.space()
		at := c.i
		k, ok := c.key()
		if !ok || !seen.add(c, k, at) {
			return false
		}
		if _, ok = c.skip(); !ok {
			return false
		}
		if again, ok := c.more('}'); !again {
			c.keys = c.keys[:seen.base]
			return ok
		}
	}
}

// keySet holds the keys of one object: a stretch of the cursor's key stack, and beyond 32 keys a map.
type keySet struct {
	base int
	many map[string]struct{}
}

func (s *keySet) add(c *cursor, key []byte, at int) bool {
	const few = 32
	if s.many == nil {
		for _, k := range c.keys[s.base:] {
			if string(k) == string(key) {
				return c.fail(CodeDuplicateKey, at, shown(key))
			}
		}
		c.keys = append(c.keys, key)
		if len(c.keys)-s.base > few {
			s.many = make(map[string]struct{}, 4*few)
			for _, k := range c.keys[s.base:] {
				s.many[string(k)] = struct{}{}
			}
		}
		return true
	}
	if _, ok := s.many[string(key)]; ok {
		return c.fail(CodeDuplicateKey, at, shown(key))
	}
	s.many[string(key)] = struct{}{}
	return true
}
