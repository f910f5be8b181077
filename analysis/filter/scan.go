package filter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEnd    tokenKind = iota
	tokenName             // a name or word without quotes
	tokenQuoted           // a name in double quotes
	tokenText             // 'text'
	tokenNumber           // without sign
	tokenPunct
)

type token struct {
	kind tokenKind
	span Span
	// text is the name, the text without quotes and escapes, the digits or the
	// punctuation.
	text string
	// word is the name in ASCII capitals, for tokenName.
	word string
	// level is how many parentheses are open before the token.
	level int
}

// scanner cuts a source into tokens. What it cannot read it reports and leaves
// out, and goes on behind it.
type scanner struct {
	faults *faults
	src    string
	pos    int
	tokens []token
}

func scan(fs *faults) []token {
	s := &scanner{faults: fs, src: fs.source}
	for s.skipSpace(); s.pos < len(s.src); s.skipSpace() {
		s.next()
	}
	s.emit(tokenEnd, s.pos, "")
	level := 0
	for i := range s.tokens {
		t := &s.tokens[i]
		t.level = level
		if t.kind == tokenPunct && t.text == "(" {
			level++
		} else if t.kind == tokenPunct && t.text == ")" {
			level--
		}
	}
	return s.tokens
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.src) {
		r, n := utf8.DecodeRuneInString(s.src[s.pos:])
		if !unicode.IsSpace(r) {
			return
		}
		s.pos += n
	}
}

func (s *scanner) next() {
	c := s.src[s.pos]
	r, n := utf8.DecodeRuneInString(s.src[s.pos:])
	switch {
	case c == '\'':
		s.text()
	case c == '"':
		s.quoted()
	case isDigit(c) || c == '.' && s.pos+1 < len(s.src) && isDigit(s.src[s.pos+1]):
		s.number()
	case startsName(r):
		s.name()
	case strings.IndexByte("(),+-*/%^=<>", c) >= 0:
		s.punct()
	default:
		s.strange(r, n)
	}
}

func (s *scanner) emit(kind tokenKind, to int, text string) {
	s.tokens = append(s.tokens, token{kind: kind, span: Span{s.pos, to}, text: text})
	s.pos = to
}

// text reads 'text'. A quote is doubled or follows a backslash; backslashes
// right before a quote pair up; all others stay, for LIKE.
func (s *scanner) text() {
	var b strings.Builder
	for i := s.pos + 1; i < len(s.src); i++ {
		switch c := s.src[i]; c {
		case '\'':
			if i+1 < len(s.src) && s.src[i+1] == '\'' {
				b.WriteByte('\'')
				i++
				continue
			}
			s.emit(tokenText, i+1, b.String())
			return
		case '\\':
			run := len(s.src[i:]) - len(strings.TrimLeft(s.src[i:], `\`))
			i += run - 1
			if i+1 >= len(s.src) || s.src[i+1] != '\'' {
				b.WriteString(s.src[i-run+1 : i+1])
				continue
			}
			b.WriteString(strings.Repeat(`\`, run/2))
			if run%2 == 1 {
				b.WriteByte('\'')
				i++
			}
		default:
			b.WriteByte(c)
		}
	}
	s.faults.add("text_open", Span{s.pos, s.pos + 1})
	s.emit(tokenText, len(s.src), b.String())
}

// quoted reads "name"; a double quote inside is doubled.
func (s *scanner) quoted() {
	rest := s.src[s.pos+1:]
	var b strings.Builder
	for {
		i := strings.IndexByte(rest, '"')
		if i < 0 {
			s.faults.add("name_open", Span{s.pos, s.pos + 1})
			s.emit(tokenQuoted, len(s.src), b.String())
			return
		}
		b.WriteString(rest[:i])
		rest = rest[i+1:]
		if !strings.HasPrefix(rest, `"`) {
			break
		}
		b.WriteByte('"')
		rest = rest[1:]
	}
	to := len(s.src) - len(rest)
	if b.Len() == 0 {
		s.faults.add("name_empty", Span{s.pos, to})
	}
	s.emit(tokenQuoted, to, b.String())
}

func (s *scanner) number() {
	i := s.digits(s.pos)
	if i < len(s.src) && s.src[i] == '.' {
		i = s.digits(i + 1)
	}
	if i < len(s.src) && (s.src[i] == 'e' || s.src[i] == 'E') {
		j := i + 1
		if j < len(s.src) && (s.src[j] == '+' || s.src[j] == '-') {
			j++
		}
		if k := s.digits(j); k > j {
			i = k
		}
	}
	// A letter right behind a number is a slip: 12abc, 1.2.3, 30亩.
	j := i
	for j < len(s.src) {
		r, n := utf8.DecodeRuneInString(s.src[j:])
		if !inName(r) {
			break
		}
		j += n
	}
	if j > i {
		s.faults.add("number", Span{s.pos, j}, s.src[s.pos:j])
	}
	text := s.src[s.pos:i]
	s.emit(tokenNumber, j, text)
}

func (s *scanner) digits(i int) int {
	for i < len(s.src) && isDigit(s.src[i]) {
		i++
	}
	return i
}

func (s *scanner) name() {
	i := s.pos
	for i < len(s.src) {
		r, n := utf8.DecodeRuneInString(s.src[i:])
		if !inName(r) {
			break
		}
		i += n
	}
	text := s.src[s.pos:i]
	s.emit(tokenName, i, text)
	s.tokens[len(s.tokens)-1].word = capitals(text)
}

func (s *scanner) punct() {
	two := ""
	if s.pos+2 <= len(s.src) {
		two = s.src[s.pos : s.pos+2]
	}
	switch two {
	case "<>", "<=", ">=":
		s.emit(tokenPunct, s.pos+2, two)
	case "==", "=<", "=>":
		good := map[string]string{"==": "=", "=<": "<=", "=>": ">="}[two]
		s.faults.add("operator", Span{s.pos, s.pos + 2}, two, good)
		s.emit(tokenPunct, s.pos+2, good)
	default:
		s.emit(tokenPunct, s.pos+1, s.src[s.pos:s.pos+1])
	}
}

// strange reports a character that has no place outside quotes and, where it
// is plain what was meant, reads on as if it had been written.
func (s *scanner) strange(r rune, n int) {
	rest := s.src[s.pos:]
	for _, slip := range [...]struct{ bad, good string }{
		{"!=", "<>"}, {"&&", "AND"}, {"||", "OR"}, {"≤", "<="}, {"≥", ">="}, {"≠", "<>"},
	} {
		if strings.HasPrefix(rest, slip.bad) {
			to := s.pos + len(slip.bad)
			s.faults.add("operator", Span{s.pos, to}, slip.bad, slip.good)
			if slip.good[0] >= 'A' {
				s.emit(tokenName, to, slip.good)
				s.tokens[len(s.tokens)-1].word = slip.good
				return
			}
			s.emit(tokenPunct, to, slip.good)
			return
		}
	}
	at := Span{s.pos, s.pos + n}
	if half, ok := halfwidth(r); ok {
		s.faults.add("fullwidth", at, string(r), half)
		if strings.Contains("(),=<>+-*/%^", half) {
			s.emit(tokenPunct, s.pos+n, half)
			return
		}
	} else {
		s.faults.add("character", at, string(r))
	}
	s.pos += n
}

// halfwidth is the ASCII character that a Chinese keyboard's punctuation was
// meant for.
func halfwidth(r rune) (string, bool) {
	switch r {
	case '‘', '’':
		return "'", true
	case '“', '”':
		return `"`, true
	case '、':
		return ",", true
	case '《':
		return "<", true
	case '》':
		return ">", true
	}
	if r >= 0xff01 && r <= 0xff5e {
		return string(r - 0xff01 + '!'), true
	}
	return "", false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// startsName follows the standard's identifierStart, without the fullwidth
// punctuation that it lets in.
func startsName(r rune) bool {
	switch {
	case r == ':' || r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z':
		return true
	case r < 0xc0 || r == 0xd7 || r == 0xf7 || r == utf8.RuneError:
		return false
	case r >= 0x3001 && r <= 0x303f || r >= 0xff00 && r <= 0xff65:
		return unicode.IsLetter(r)
	}
	return r <= 0x2ff || r >= 0x370 && r <= 0x1ffe && r != 0x37e || r == 0x200c || r == 0x200d ||
		r >= 0x2070 && r <= 0x218f || r >= 0x2c00 && r <= 0x2fef || r >= 0x3001 && r <= 0xd7ff ||
		r >= 0xf900 && r <= 0xfdcf || r >= 0xfdf0 && r <= 0xfffd || r >= 0x10000 && r <= 0xeffff
}

func inName(r rune) bool {
	return startsName(r) || r == '.' || r >= '0' && r <= '9' || r >= 0x300 && r <= 0x36f || r == 0x203f || r == 0x2040
}

// capitals is s with a to z in capitals; other letters are no part of words.
func capitals(s string) string {
	for i := range len(s) {
		if s[i] >= 'a' && s[i] <= 'z' {
			b := []byte(s)
			for j, c := range b {
				if c >= 'a' && c <= 'z' {
					b[j] = c - 'a' + 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
