package filter

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// newFold makes a Fold and, where its argument is constant, folds it once.
func newFold(at Span, op FoldOp, arg Expr) *Fold {
	f := &Fold{Span: at, Op: op, Arg: arg}
	switch a := arg.(type) {
	case *Literal:
		if a.Value.kind == Text {
			f.done = TextOf(op.fold(a.Value.text))
		}
	case *Fold:
		if a.done.kind == Text {
			f.done = TextOf(op.fold(a.done.text))
		}
	}
	return f
}

// fold gives the text that stands for all that differ from s in case, or in
// accents, only.
func (o FoldOp) fold(s string) string {
	if o == CaseInsensitive {
		if caseless(s) {
			return s
		}
		if ascii(s) {
			return strings.ToLower(s)
		}
		return cases.Fold().String(s)
	}
	if caseless(s) || ascii(s) {
		return s
	}
	return norm.NFC.String(strings.Map(dropMark, norm.NFD.String(s)))
}

func dropMark(r rune) rune {
	if r >= 0x300 && r <= 0x36f {
		return -1
	}
	return r
}

// caseless reports whether s is made of characters that neither fold changes:
// ASCII without capitals, and Chinese characters. It spares most texts the way
// through Unicode's tables.
func caseless(s string) bool {
	for _, r := range s {
		if r >= 'A' && r <= 'Z' || r >= 0x80 && (r < 0x4e00 || r > 0x9fff) {
			return false
		}
	}
	return true
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
