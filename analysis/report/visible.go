package report

import (
	"fmt"
	"strings"
)

// visible shows characters that would turn the reading direction of what
// follows, or hide in it, as their code points: a name can't make a line read
// as another one. Escaping of markup is the template's.
func visible(s string) string {
	if strings.IndexFunc(s, deceptive) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if deceptive(r) {
			fmt.Fprintf(&b, "‹U+%04X›", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// deceptive: C0 and C1 controls other than tab and line ends, the bidirectional
// controls of UAX #9, and invisible characters.
func deceptive(r rune) bool {
	switch {
	case r < 0x20:
		return r != '\t' && r != '\n' && r != '\r'
	case r >= 0x7f && r <= 0x9f:
		return true
	case r == 0x061c, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return false
}
