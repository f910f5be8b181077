package rule

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrPack is wrapped by every error about a pack or a cases file.
var ErrPack = errors.New("faulty rule pack")

// Fault is one fault of a file, with its place.
type Fault struct {
	File    string
	Line    int // 1-based; 0 for the file as a whole
	Col     int // 1-based, in characters
	Source  string
	Message string
}

// String is file:line:col, the message, the source line and a caret under the
// fault.
func (f Fault) String() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.File, f.Message)
	}
	// Wide characters take two columns on a terminal, and so does the caret's way.
	var pad strings.Builder
	for i, c := range []rune(f.Source) {
		switch {
		case i >= f.Col-1:
		case c == '\t':
			pad.WriteByte('\t')
		case c >= 0x2e80:
			pad.WriteString("  ")
		default:
			pad.WriteByte(' ')
		}
	}
	return fmt.Sprintf("%s:%d:%d: %s\n  %s\n  %s^", f.File, f.Line, f.Col, f.Message, f.Source, pad.String())
}

// Faults is all faults of a file, in their order in it.
type Faults []Fault

// Error lists the faults, one below the other.
func (fs Faults) Error() string {
	out := make([]string, len(fs))
	for i, f := range fs {
		out[i] = f.String()
	}
	return strings.Join(out, "\n")
}

// Unwrap makes errors.Is find ErrPack.
func (fs Faults) Unwrap() error { return ErrPack }

func (fs Faults) sorted() Faults {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return fs
}
