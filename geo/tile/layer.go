package tile

import (
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"
)

// Layer is one layer of a tile while it is drawn. For each feature call Draw,
// then set its properties; at the end take Bytes. It is for one goroutine.
type Layer struct {
	canvas   canvas
	features []byte // encoded
	count    int
	id       uint64 // of the feature that is being drawn
	open     bool
	tags     []byte
	values   []byte
	n        uint64 // values so far
	words    map[string]uint64
	flags    [2]uint64 // where false and true stand, plus 1
	head     []byte
	keys     []byte
}

// The fields of an MVT message (vector_tile.proto 2.1), with their wire types.
const (
	tileLayer       = 3<<3 | 2
	layerName       = 1<<3 | 2
	layerFeature    = 2<<3 | 2
	layerKey        = 3<<3 | 2
	layerValue      = 4<<3 | 2
	layerExtent     = 5<<3 | 0
	layerVersion    = 15<<3 | 0
	featureID       = 1<<3 | 0
	featureTags     = 2<<3 | 2
	featureType     = 3<<3 | 0
	featureGeometry = 4<<3 | 2
	valueString     = 1<<3 | 2
	valueDouble     = 3<<3 | 1
	valueUint       = 5<<3 | 0
	valueBool       = 7<<3 | 0
	typePolygon     = 3
)

// NewLayer begins a layer of a tile. A property is set by the place of its key
// in keys.
func NewLayer(t ID, name string, keys ...string) *Layer {
	l := &Layer{canvas: newCanvas(t), words: map[string]uint64{}}
	l.head = appendText(l.head, layerName, name)
	for _, k := range keys {
		l.keys = appendText(l.keys, layerKey, k)
	}
	return l
}

// Draw begins a feature of that shape, in Web Mercator, and reports whether any
// of it lies within the tile and its buffer; where not there is no feature.
func (l *Layer) Draw(id uint64, shape orb.MultiPolygon) bool {
	l.end()
	l.open = l.canvas.draw(shape)
	l.id = id
	return l.open
}

// Word sets a property that many features share.
func (l *Layer) Word(key int, v []byte) {
	at, known := l.words[string(v)]
	if !known {
		at = l.text(v)
		l.words[string(v)] = at
	}
	l.tag(key, at)
}

// Text sets a property that is the feature's own, as an id.
func (l *Layer) Text(key int, v []byte) { l.tag(key, l.text(v)) }

// Number sets a property, as a double.
func (l *Layer) Number(key int, v float64) {
	b := appendUvarint(append(l.values, layerValue), 9)
	l.values = binary.LittleEndian.AppendUint64(append(b, valueDouble), math.Float64bits(v))
	l.tag(key, l.n)
	l.n++
}

// Count sets a property, as an unsigned integer.
func (l *Layer) Count(key int, v uint64) {
	var buf [11]byte
	b := appendUvarint(append(buf[:0], valueUint), v)
	l.values = append(appendUvarint(append(l.values, layerValue), uint64(len(b))), b...)
	l.tag(key, l.n)
	l.n++
}

// Flag sets a property, as a bool.
func (l *Layer) Flag(key int, v bool) {
	bit := byte(0)
	if v {
		bit = 1
	}
	if l.flags[bit] == 0 {
		l.values = append(l.values, layerValue, 2, valueBool, bit)
		l.n++
		l.flags[bit] = l.n
	}
	l.tag(key, l.flags[bit]-1)
}

func (l *Layer) text(v []byte) uint64 {
	n := uint64(len(v))
	b := appendUvarint(append(l.values, layerValue), 1+uint64(uvarintLen(n))+n)
	l.values = append(appendUvarint(append(b, valueString), n), v...)
	l.n++
	return l.n - 1
}

func (l *Layer) tag(key int, value uint64) {
	l.tags = appendUvarint(appendUvarint(l.tags, uint64(key)), value)
}

// end writes the feature that is being drawn.
func (l *Layer) end() {
	if l.open {
		size := 1 + uvarintLen(l.id) + 2 + // id and type
			1 + uvarintLen(uint64(len(l.canvas.commands))) + len(l.canvas.commands)
		if len(l.tags) > 0 {
			size += 1 + uvarintLen(uint64(len(l.tags))) + len(l.tags)
		}
		b := appendUvarint(append(l.features, layerFeature), uint64(size))
		b = appendUvarint(append(b, featureID), l.id)
		if len(l.tags) > 0 {
			b = append(appendUvarint(append(b, featureTags), uint64(len(l.tags))), l.tags...)
		}
		b = append(b, featureType, typePolygon)
		b = appendUvarint(append(b, featureGeometry), uint64(len(l.canvas.commands)))
		l.features = append(b, l.canvas.commands...)
		l.count++
	}
	l.open = false
	l.tags = l.tags[:0]
}

// Features is how many features have been drawn.
func (l *Layer) Features() int {
	l.end()
	return l.count
}

// Bytes is the tile with this one layer, nil where it has no feature.
func (l *Layer) Bytes() []byte {
	l.end()
	if l.count == 0 {
		return nil
	}
	tail := appendUvarint([]byte{layerExtent}, Extent)
	tail = append(tail, layerVersion, 2)
	size := len(l.head) + len(l.features) + len(l.keys) + len(l.values) + len(tail)
	b := make([]byte, 0, size+12)
	b = appendUvarint(append(b, tileLayer), uint64(size))
	b = append(b, l.head...)
	b = append(b, l.features...)
	b = append(b, l.keys...)
	b = append(b, l.values...)
	return append(b, tail...)
}

func appendText(b []byte, field byte, s string) []byte {
	return append(appendUvarint(append(b, field), uint64(len(s))), s...)
}

func uvarintLen(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}
