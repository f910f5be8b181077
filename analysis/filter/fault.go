package filter

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/muscope/muscope/data"
)

// ErrFilter is wrapped by every error about a filter.
var ErrFilter = errors.New("faulty filter")

// maxFaults is how many faults of one filter are told.
const maxFaults = 20

// sourceWindow is how many characters of a long line are shown on either side
// of a fault.
const sourceWindow = 60

// Fault is one fault of a filter, with its place.
type Fault struct {
	// Code names the broken rule. Codes are stable.
	Code string
	// Line and Col count from 1; Col counts characters.
	Line, Col int
	// Span is the faulty part of the source, in bytes.
	Span Span
	// Source is the line, or the part of a long one around the fault.
	Source string

	caret, width int // characters of Source before the caret, and under it
	args         []any
}

// key is an argument that has a text of its own.
type key string

// Message says what is wrong and what to do, in "zh" or else in English.
func (f Fault) Message(texts data.Texts, lang string) string {
	return f.text(texts, lang, "reason") + f.separator(lang) + f.text(texts, lang, "remedy")
}

func (f Fault) separator(lang string) string {
	if lang == "zh" {
		return "；"
	}
	return "; "
}

func (f Fault) text(texts data.Texts, lang, part string) string {
	text := texts.Text(lang, "filter."+f.Code+"."+part)
	if !strings.Contains(text, "%[") {
		return text
	}
	args := make([]any, len(f.args))
	for i, a := range f.args {
		args[i] = a
		if k, ok := a.(key); ok {
			args[i] = texts.Text(lang, "filter.word."+string(k))
		}
	}
	return fmt.Sprintf(text, args...)
}

// Pointer is the source line with a caret line below it. Wide characters take
// two columns, as on a terminal.
func (f Fault) Pointer() string {
	var pad, mark strings.Builder
	for i, c := range []rune(f.Source) {
		columns := 1
		if c >= 0x2e80 {
			columns = 2
		}
		switch {
		case i < f.caret && c == '\t':
			pad.WriteByte('\t')
		case i < f.caret:
			pad.WriteString("  "[:columns])
		case i < f.caret+f.width:
			mark.WriteString("^^"[:columns])
		}
	}
	if mark.Len() == 0 {
		mark.WriteByte('^')
	}
	return f.Source + "\n" + pad.String() + mark.String()
}

// Faults is all faults of a filter, in their order in it.
type Faults []Fault

// Message lists the faults with line, column, message, source and caret, in
// "zh" or else in English.
func (fs Faults) Message(texts data.Texts, lang string) string {
	out := make([]string, len(fs))
	for i, f := range fs {
		out[i] = fmt.Sprintf("%d:%d: %s\n%s", f.Line, f.Col, f.Message(texts, lang), f.Pointer())
	}
	return strings.Join(out, "\n")
}

// words are the texts of the program itself, read once when first needed.
var words = sync.OnceValue(func() data.Texts {
	texts, err := data.LoadTexts()
	if err != nil {
		return nil // a fault is then told by its code; data's own test fails
	}
	return texts
})

// Error lists the faults in English.
func (fs Faults) Error() string { return fs.Message(words(), "en") }

// Unwrap makes errors.Is find ErrFilter.
func (fs Faults) Unwrap() error { return ErrFilter }

// faults collects the faults of one source.
type faults struct {
	source string
	list   Faults
}

func (fs *faults) add(code string, at Span, args ...any) {
	if len(fs.list) >= maxFaults {
		return
	}
	f := Fault{Code: code, Span: at, args: args}
	f.locate(fs.source)
	fs.list = append(fs.list, f)
}

// locate finds line, column and the shown part of the line.
func (f *Fault) locate(source string) {
	from := min(max(f.Span.From, 0), len(source))
	start := strings.LastIndexByte(source[:from], '\n') + 1
	end := len(source)
	if i := strings.IndexByte(source[from:], '\n'); i >= 0 {
		end = from + i
	}
	f.Line = strings.Count(source[:start], "\n") + 1
	f.Col = utf8.RuneCountInString(source[start:from]) + 1
	before, after := []rune(source[start:from]), []rune(strings.TrimRight(source[from:end], "\r"))
	f.width = utf8.RuneCountInString(source[from:max(from, min(end, f.Span.To))])
	if len(before) > sourceWindow {
		before = append([]rune("…"), before[len(before)-sourceWindow:]...)
	}
	if len(after) > sourceWindow {
		after = append(after[:sourceWindow:sourceWindow], '…')
	}
	f.width = min(f.width, len(after))
	f.caret = len(before)
	f.Source = string(before) + string(after)
}

// err is the faults in the order of the source, or nil. Of several at one
// place the first found is told: the others follow from it.
func (fs *faults) err() error {
	if len(fs.list) == 0 {
		return nil
	}
	slices.SortStableFunc(fs.list, func(a, b Fault) int { return cmp.Compare(a.Span.From, b.Span.From) })
	return slices.CompactFunc(fs.list, func(a, b Fault) bool { return a.Span.From == b.Span.From })
}
