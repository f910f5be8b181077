package shapefile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Where an encoding was known from.
const (
	FromOption   = "option"   // stated by the caller
	FromCPG      = "cpg"      // the .cpg file
	FromLanguage = "language" // the language byte of the .dbf
	FromContent  = "content"  // the bytes themselves
	FromASCII    = "ascii"    // every text is plain ASCII, so it doesn't matter
)

// Encoding is the encoding of a .dbf and the evidence for it.
type Encoding struct {
	Name string // UTF-8, GB18030, Big5 or windows-1252
	From string // one of the From words
	// Stated is what .cpg or the language byte says, "" for nothing.
	Stated string
	// Contradicted says that the bytes are not in the stated encoding and were
	// read in another.
	Contradicted bool
	// Texts is the number of texts beyond ASCII that were looked at, Fit how many
	// of them are sound in the encoding.
	Texts, Fit int64

	charset encoding.Encoding // nil for UTF-8
	tail    func([]byte) int  // bytes of a character that was cut off at the end
}

const (
	nameUTF8   = "UTF-8"
	nameGB     = "GB18030"
	nameBig5   = "Big5"
	nameLatin1 = "windows-1252"
)

// EncodingNames are the encodings that Options.Encoding may name.
func EncodingNames() []string { return []string{nameUTF8, nameGB, nameBig5, nameLatin1} }

// EncodingNamed is the one of EncodingNames that .cpg files and people mean by a
// name, "" for an unknown one.
func EncodingNamed(s string) string {
	s = strings.ToUpper(strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.TrimSpace(s)))
	switch strings.TrimPrefix(strings.TrimPrefix(s, "ANSI"), "CP") {
	case "UTF8", "65001", "UNICODE":
		return nameUTF8
	case "GB18030", "54936", "GBK", "936", "GB2312", "EUCCN", "OEM936", "WINDOWS936", "MS936":
		return nameGB
	case "BIG5", "950", "BIGFIVE", "BIG5HKSCS", "OEM950", "WINDOWS950":
		return nameBig5
	case "ISO88591", "88591", "LATIN1", "1252", "WINDOWS1252", "8859":
		return nameLatin1
	}
	return ""
}

// languageName is the encoding that the language byte of a .dbf names. 0x57
// means the code page of whichever machine wrote the file, which says nothing.
func languageName(b byte) string {
	switch b {
	case 0x4D, 0x7A:
		return nameGB
	case 0x4F, 0x78:
		return nameBig5
	}
	return ""
}

func (e *Encoding) use(name string) {
	e.Name, e.charset = name, nil
	switch name {
	case nameUTF8:
		e.tail = tailUTF8
	case nameGB:
		e.charset, e.tail = simplifiedchinese.GB18030, func(b []byte) int { return scanGB(b).tail }
	case nameBig5:
		e.charset, e.tail = traditionalchinese.Big5, func(b []byte) int { return scanBig5(b).tail }
	default:
		e.charset, e.tail = charmap.Windows1252, func([]byte) int { return 0 }
	}
}

// decode appends text to dst as UTF-8. Of a text that fills its column half a
// character may be left at the end, which is taken off: the program that wrote
// it cut it there. What else is no text in the encoding becomes U+FFFD.
func (e *Encoding) decode(dst, text []byte, full bool) []byte {
	if ascii(text) {
		return append(dst, text...)
	}
	if full {
		text = text[:len(text)-e.tail(text)]
	}
	if e.charset == nil {
		return append(dst, bytes.ToValidUTF8(text, []byte("\uFFFD"))...)
	}
	decoded, err := e.charset.NewDecoder().Bytes(text)
	if err != nil {
		return append(dst, "\uFFFD"...)
	}
	return append(dst, decoded...)
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// scan is what a text looks like in one encoding.
type scan struct {
	pairs  int64 // characters beyond ASCII
	common int64 // of them, those that people write
	tail   int   // bytes of a last character that isn't whole
	bad    bool
}

// scanGB counts the characters of the first level of GB 2312 and its symbols:
// all but a few of what a bureau writes.
func scanGB(b []byte) (s scan) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c < 0x80:
			continue
		case c == 0x80 || c == 0xFF:
			s.bad = true
			continue
		case i+1 >= len(b):
			s.tail = 1
			return s
		}
		t := b[i+1]
		switch {
		case t-'0' <= 9:
			if i+3 >= len(b) {
				s.tail = len(b) - i
				return s
			}
			s.bad = s.bad || b[i+2] < 0x81 || b[i+2] == 0xFF || b[i+3]-'0' > 9
			i += 2
		case t < 0x40 || t == 0x7F || t == 0xFF:
			s.bad = true
		case t >= 0xA1 && (c >= 0xB0 && c <= 0xD7 || c >= 0xA1 && c <= 0xA3):
			s.common++
		}
		s.pairs++
		i++
	}
	return s
}

// scanBig5 counts the frequently used characters of Big5 and its symbols.
func scanBig5(b []byte) (s scan) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c < 0x80:
			continue
		case c == 0x80 || c == 0xFF:
			s.bad = true
			continue
		case i+1 >= len(b):
			s.tail = 1
			return s
		}
		t := b[i+1]
		switch {
		case t < 0x40 || t > 0x7E && t < 0xA1 || t == 0xFF:
			s.bad = true
		case c >= 0xA1 && c <= 0xC6:
			s.common++
		}
		s.pairs++
		i++
	}
	return s
}

// tailUTF8 is the length of a last character that isn't whole.
func tailUTF8(b []byte) int {
	for n := 1; n <= min(3, len(b)); n++ {
		c := b[len(b)-n]
		switch {
		case c < utf8.RuneSelf:
			return 0
		case utf8.RuneStart(c):
			if utf8.FullRune(b[len(b)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}

// evidence is what the texts of a table beyond ASCII look like.
type evidence struct {
	texts       int64
	utf8        int64 // sound texts, by encoding
	gb, big5    int64
	gbAll, bAll scan
}

func (e *evidence) add(b []byte, full bool) {
	if ascii(b) {
		return
	}
	e.texts++
	whole := b
	if full {
		whole = b[:len(b)-tailUTF8(b)]
	}
	if utf8.Valid(whole) {
		e.utf8++
	}
	g, f := scanGB(b), scanBig5(b)
	if !g.bad && (g.tail == 0 || full) {
		e.gb++
	}
	if !f.bad && (f.tail == 0 || full) {
		e.big5++
	}
	e.gbAll.pairs += g.pairs
	e.gbAll.common += g.common
	e.bAll.pairs += f.pairs
	e.bAll.common += f.common
}

func (e *evidence) fit(name string) int64 {
	switch name {
	case nameUTF8:
		return e.utf8
	case nameGB:
		return e.gb
	case nameBig5:
		return e.big5
	}
	return e.texts
}

// guess is the encoding that the bytes speak for: UTF-8 where all are, since
// other text hardly ever is by chance; else the Chinese encoding in which fewer
// texts break, else that in which more characters are common ones.
func (e *evidence) guess() string {
	if e.utf8 == e.texts {
		return nameUTF8
	}
	gb, big5 := e.gb, e.big5
	if gb == big5 {
		gb, big5 = e.gbAll.common*max(e.bAll.pairs, 1), e.bAll.common*max(e.gbAll.pairs, 1)
	}
	best := nameGB
	if big5 > gb {
		best = nameBig5
	}
	if e.utf8 > e.fit(best) {
		return nameUTF8
	}
	return best
}

// settle finds out the encoding of a table.
func (t *table) settle(option string, cpg []byte) (Encoding, error) {
	e := Encoding{From: FromOption}
	if option != "" {
		name := EncodingNamed(option)
		if name == "" {
			return e, t.fault("encoding_unknown", option, strings.Join(EncodingNames(), ", "))
		}
		e.use(name)
		return e, nil
	}
	seen, err := t.look()
	if err != nil {
		return e, err
	}
	e.Texts = seen.texts
	e.Stated, e.From = EncodingNamed(string(bytes.TrimPrefix(bytes.TrimSpace(cpg), []byte("\xEF\xBB\xBF")))), FromCPG
	if e.Stated == "" {
		e.Stated, e.From = languageName(t.language), FromLanguage
	}
	name := e.Stated
	guess := seen.guess()
	switch {
	case seen.texts == 0:
		e.From = FromASCII
		name = nameUTF8
	case name == "":
		name, e.From = guess, FromContent
	case name != guess && seen.contradicts(name, guess):
		name, e.From, e.Contradicted = guess, FromContent, true
	}
	e.Fit = seen.fit(name)
	if 2*e.Fit < e.Texts {
		return e, t.fault("encoding_unclear", e.Texts, fmt.Sprintf("UTF-8 %d, GB18030 %d, Big5 %d", seen.utf8, seen.gb, seen.big5))
	}
	e.use(name)
	return e, nil
}

// contradicts reports whether the texts can't be in the encoding that the
// files state, while they can be in the one guessed. GDAL writes ISO-8859-1
// where it was told nothing, whatever the bytes.
func (e *evidence) contradicts(stated, guess string) bool {
	switch {
	case e.fit(guess) < e.texts:
		return e.fit(guess) > e.fit(stated)
	case stated == nameLatin1:
		all, common := e.gbAll.pairs, e.gbAll.common
		if guess == nameBig5 {
			all, common = e.bAll.pairs, e.bAll.common
		}
		return guess == nameUTF8 || all >= 2 && common*10 >= all*9
	case guess == nameUTF8:
		return true
	}
	return e.fit(stated) < e.texts
}

// look reads all texts of the table: what is damaged is told before it is kept.
func (t *table) look() (*evidence, error) {
	e := &evidence{}
	for _, f := range t.fields {
		e.add(f.name, len(f.name) >= 10)
	}
	for i := int64(0); i < t.count; i++ {
		row, err := t.row(i)
		if err != nil {
			return nil, err
		}
		if row[0] == deletedMark || ascii(row) {
			continue
		}
		for j := range t.fields {
			if f := &t.fields[j]; f.kind == 'C' {
				cell := f.cellOf(row)
				e.add(bytes.TrimRight(cell, " "), len(cell) == f.length)
			}
		}
	}
	return e, nil
}
