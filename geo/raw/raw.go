// Package raw owns the words in which the readers of file formats other than
// GeoJSON (geo/shapefile, geo/geopackage, geo/boundarytext) hand over what
// stands in a file: features with their number, place, polygons and values, in
// batches that several goroutines decode, and faults by a stable code.
//
// It never knows what a column means, in which language a fault is told, or
// whether a polygon is valid.
package raw

import (
	"fmt"

	"github.com/paulmach/orb"
)

// Kind is the kind of a value.
type Kind uint8

// Kinds of values. The zero value is Null.
const (
	Null   Kind = iota
	Bool        // Text is true or false
	Number      // Text is a number in JSON's grammar
	Text        // Text is UTF-8
)

// Value is one value of a feature.
type Value struct {
	Kind Kind
	Text []byte
}

// Feature is a feature as a file has it. It is valid during the call it is
// given to only.
type Feature struct {
	Number   int64            // position among the features of the file, from 1
	Offset   int64            // byte, line or row id where it stands: what its format counts in
	Fault    *Fault           // why it is refused; then only Number and Offset mean anything
	Type     string           // geometry type in the format's own words; "" where there is no geometry
	Geometry orb.MultiPolygon // nil where Type is no polygon
	ZDropped int              // positions whose height was dropped
	MDropped int              // positions whose measure was dropped
	Values   []Value          // in the order of the reader's columns
}

// Fault is why one feature is refused; the features around it are not touched.
type Fault struct {
	Code string
	Args []any
}

// Batch is some features of a file, not decoded yet.
type Batch interface {
	// Len is the number of features.
	Len() int
	// Decode calls fn once for each feature in the order of the file. Batches of
	// one reader may be decoded by different goroutines at once, each by one.
	Decode(fn func(*Feature) error) error
}

// Error is a fault of a file that ends the reading: what was handed out before
// was sound, the file as a whole is not.
type Error struct {
	Format  string // shapefile, geopackage, boundarytext, zip
	Code    string // stable
	Part    string // the file of several that is at fault, like .dbf; "" of one
	Feature int64  // 0 where none is at fault
	Offset  int64  // byte or line, 0 where the whole is meant
	Args    []any
	Err     error // cause, where another package reported one
}

// Error names format, fault and place; words for people are made of Code and
// Args by who shows them.
func (e *Error) Error() string {
	s := e.Format + e.Part + ": " + e.Code
	if len(e.Args) > 0 {
		s += fmt.Sprintf(" %v", e.Args)
	}
	if e.Feature > 0 {
		s += fmt.Sprintf(", feature %d", e.Feature)
	}
	if e.Offset > 0 {
		s += fmt.Sprintf(", at %d", e.Offset)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
