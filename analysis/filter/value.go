package filter

import (
	"math"
	"strings"
	"time"
)

// Kind is the type of a value.
type Kind uint8

// The kinds of values. Missing is the zero Kind: no value. In a check it
// stands for "may be anything".
const (
	Missing Kind = iota
	Text
	Number
	Boolean
	Date
	Timestamp
	Geometry
)

var kindNames = [...]string{"missing", "text", "number", "boolean", "date", "timestamp", "geometry"}

// String is the kind's name in English.
func (k Kind) String() string { return kindNames[k] }

// Value is what a name stands for in one feature. The zero Value is missing.
type Value struct {
	kind Kind
	// bits holds a float64's bits, a boolean, a day or microseconds.
	bits uint64
	text string
}

// TextOf is a text.
func TextOf(s string) Value { return Value{kind: Text, text: s} }

// NumberOf is a number; one that is not finite is missing.
func NumberOf(f float64) Value {
	if f-f != 0 {
		return Value{}
	}
	return Value{kind: Number, bits: math.Float64bits(f)}
}

// BooleanOf is a truth value.
func BooleanOf(b bool) Value {
	if b {
		return Value{kind: Boolean, bits: 1}
	}
	return Value{kind: Boolean}
}

// DateOf is a calendar day, counted with 0001-01-01 as day 1 (as land.Date
// counts).
func DateOf(day int32) Value { return Value{kind: Date, bits: uint64(int64(day))} }

// TimestampOf is an instant, cut to the microsecond.
func TimestampOf(t time.Time) Value { return Value{kind: Timestamp, bits: uint64(t.UnixMicro())} }

// SomeGeometry says that a geometry is there; which one, only the function
// knows that relates it (see Env.Relate).
func SomeGeometry() Value { return Value{kind: Geometry} }

// Kind is the kind of v.
func (v Value) Kind() Kind { return v.kind }

// Text is the text of a text.
func (v Value) Text() string { return v.text }

// Number is the number of a number.
func (v Value) Number() float64 { return math.Float64frombits(v.bits) }

// Boolean is the truth value of a boolean.
func (v Value) Boolean() bool { return v.bits != 0 }

// Day is the day of a date, 0001-01-01 being day 1.
func (v Value) Day() int32 { return int32(int64(v.bits)) }

// Time is the instant of a timestamp, or midnight UTC of a date.
func (v Value) Time() time.Time {
	if v.kind == Date {
		return time.Date(0, 12, 31+int(v.Day()), 0, 0, 0, 0, time.UTC)
	}
	return time.UnixMicro(int64(v.bits)).UTC()
}

// equal compares two values of one kind.
func (v Value) equal(w Value) bool {
	switch v.kind {
	case Text:
		return v.text == w.text
	case Number:
		return v.Number() == w.Number()
	}
	return v.bits == w.bits
}

// order compares two values of one kind: negative, zero or positive.
func (v Value) order(w Value) int {
	switch v.kind {
	case Text:
		return strings.Compare(v.text, w.text)
	case Number:
		a, b := v.Number(), w.Number()
		switch {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	}
	a, b := int64(v.bits), int64(w.bits)
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// dayZero is the day before 0001-01-01 in seconds of Unix time.
const dayZero = -62135683200

// parseDate reads YYYY-MM-DD.
func parseDate(s string) (Value, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || len(s) != len(time.DateOnly) || t.Year() < 1 {
		return Value{}, false
	}
	return DateOf(int32((t.Unix() - dayZero) / 86400)), true
}

// parseTimestamp reads an RFC 3339 date-time with at most microseconds; an
// offset other than Z is turned into UTC.
func parseTimestamp(s string) (Value, bool) {
	// time.Parse takes a comma before the fraction and one-digit hours too.
	if len(s) < len("2006-01-02T15:04:05Z") || strings.Contains(s, ",") || s[13] != ':' {
		return Value{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Nanosecond()%1000 != 0 || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return Value{}, false
	}
	return TimestampOf(t), true
}

// appendInstant writes a date or timestamp as RFC 3339 does.
func appendInstant(b []byte, v Value) []byte {
	if v.kind == Date {
		return v.Time().AppendFormat(b, time.DateOnly)
	}
	return v.Time().AppendFormat(b, "2006-01-02T15:04:05.999999Z")
}
