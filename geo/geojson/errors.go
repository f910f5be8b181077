package geojson

import (
	"fmt"
	"strings"
)

// Text is a message in the two languages people read it in.
type Text struct {
	ZH string // Chinese
	EN string // English
}

// FeatureError says why one feature is refused. The features around it are not touched by it.
type FeatureError struct {
	Number  int64 // position in the file, from 1
	Offset  int64 // byte at which the feature starts
	At      int64 // byte at which the fault is
	Code    Code
	Message Text
	Remedy  Text
}

// Error gives the English message with place and remedy.
func (e *FeatureError) Error() string {
	return fmt.Sprintf("feature %d, byte %d: %s; %s", e.Number, e.At, e.Message.EN, e.Remedy.EN)
}

// ErrorZH gives the Chinese message with place and remedy.
func (e *FeatureError) ErrorZH() string {
	return fmt.Sprintf("第%d个要素，字节%d：%s；%s", e.Number, e.At, e.Message.ZH, e.Remedy.ZH)
}

// StructureError says why the file as a whole can't be read (further). Features handed out before it were
// sound, but the file is not: a caller that loads all or nothing throws them away.
type StructureError struct {
	Offset  int64 // byte of the (decompressed) file at which the fault is
	Feature int64 // position of the feature the reader was in, 0 if in none
	Code    Code
	Message Text
	Remedy  Text
	Err     error // cause, where another package reported one (gzip)
}

// Error gives the English message with place and remedy.
func (e *StructureError) Error() string {
	return fmt.Sprintf("byte %d: %s; %s", e.Offset, e.Message.EN, e.Remedy.EN)
}

// ErrorZH gives the Chinese message with place and remedy.
func (e *StructureError) ErrorZH() string {
	return fmt.Sprintf("字节%d：%s；%s", e.Offset, e.Message.ZH, e.Remedy.ZH)
}

// Unwrap gives the cause, if another package reported one.
func (e *StructureError) Unwrap() error { return e.Err }

// fault is a finding before it has a place in the file: at is an index into the bytes being parsed, a and b
// fill {0} and {1} of the texts of its code.
type fault struct {
	code Code
	at   int
	a, b Text
}

func (f fault) texts() (message, remedy Text) {
	t := describe(f.code)
	zh := strings.NewReplacer("{0}", f.a.ZH, "{1}", f.b.ZH)
	en := strings.NewReplacer("{0}", f.a.EN, "{1}", f.b.EN)
	fill := func(x Text) Text { return Text{ZH: zh.Replace(x.ZH), EN: en.Replace(x.EN)} }
	return fill(t.message), fill(t.remedy)
}

func (f fault) feature(number, start int64) *FeatureError {
	m, r := f.texts()
	return &FeatureError{Number: number, Offset: start, At: start + int64(f.at), Code: f.code, Message: m, Remedy: r}
}

func (f fault) structure(base int64) *StructureError {
	m, r := f.texts()
	return &StructureError{Offset: base + int64(f.at), Code: f.code, Message: m, Remedy: r}
}
