package geojson

import (
	"strconv"
	"unsafe"

	"github.com/paulmach/orb"
)

// Feature is one feature of a file. It and everything it refers to is valid only during the call it is given to,
// Geometry excepted unless Decoder.ReuseGeometry is set; copy (or use the String methods) to keep.
type Feature struct {
	Number int64         // position in the file, from 1; in line formats blank lines don't count
	Offset int64         // byte at which it starts in the (decompressed) file
	Fault  *FeatureError // why the feature is refused; then only Number, Offset and perhaps ID mean anything
	ID     ID
	Bare   bool // the record is a geometry without a feature around it

	Geometry     orb.Geometry // orb.Polygon or orb.MultiPolygon, nil for other types and for null
	GeometryType string       // "Polygon", "Point", … as RFC 7946 section 1.4 has it; "" for null
	NullGeometry bool
	ZDropped     int // positions that had a third number
	MDropped     int // positions that had a fourth number or more

	Properties []Property // in the order of the file; nil where "properties" is null
	Foreign    []Property // members of the feature object that RFC 7946 doesn't define, e.g. a legacy "crs"
}

// Property finds a property by its key.
func (f *Feature) Property(key string) (Property, bool) {
	for i := range f.Properties {
		if f.Properties[i].Key == key {
			return f.Properties[i], true
		}
	}
	return Property{}, false
}

// ID is the "id" member of a feature. A null id counts as absent.
type ID struct {
	Kind Kind   // KindString, KindNumber, or KindAbsent
	raw  []byte // decoded text or text of the number
}

// Present tells whether the feature has an id.
func (id ID) Present() bool { return id.Kind != KindAbsent }

// Bytes is the id as text, valid as long as the feature.
func (id ID) Bytes() []byte { return id.raw }

// String is a copy of the id as text; numbers as written in the file.
func (id ID) String() string { return string(id.raw) }

// Kind is the kind of a JSON value.
type Kind uint8

// Kinds of JSON values.
const (
	KindAbsent Kind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindArray
	KindObject
)

// String names the kind as JSON does.
func (k Kind) String() string {
	return [...]string{"absent", "null", "boolean", "number", "string", "array", "object"}[k]
}

// Property is one member of "properties".
type Property struct {
	Key string // shared by all features of a Decoder, may be kept
	// KeyID numbers the different keys a Decoder has met, from 0, so that a caller can look a key up in a slice;
	// -1 for keys beyond the first 65,536, keys of over 256 bytes and foreign members.
	KeyID int32
	Kind  Kind
	// Raw is the decoded text of a string, else the JSON text of the value. It lies in the batch: copy it to keep it.
	Raw []byte
}

// Text is a copy of the string, or of the JSON text of another value.
func (p Property) Text() string { return string(p.Raw) }

// IsNull tells whether the value is null.
func (p Property) IsNull() bool { return p.Kind == KindNull }

// Bool is the boolean value; ok is false for other kinds.
func (p Property) Bool() (value, ok bool) {
	return p.Kind == KindBool && p.Raw[0] == 't', p.Kind == KindBool
}

// Float is the number as the nearest double; ok is false for other kinds and beyond the range. A string is not
// taken for a number: that decision is the caller's.
func (p Property) Float() (float64, bool) {
	if p.Kind != KindNumber {
		return 0, false
	}
	v, end, ok := parseNumber(p.Raw, 0)
	return v, ok && end == len(p.Raw)
}

// Int is the number where it is written as an integer of 64 bits.
func (p Property) Int() (int64, bool) {
	if p.Kind != KindNumber {
		return 0, false
	}
	v, err := strconv.ParseInt(unsafe.String(unsafe.SliceData(p.Raw), len(p.Raw)), 10, 64)
	return v, err == nil
}
