package ogcapi

import "encoding/binary"

// flat builds a size-prefixed FlatBuffer from front to back: a table comes
// before what it refers to. It knows just what FlatGeobuf takes.
type flat struct{ b []byte }

// slot is a field of a table: its place in the schema and its inline value,
// or for a reference (size 4) the place to fill in later.
type slot struct {
	field, size int
	value       uint32
}

func (f *flat) reset() { f.b = append(f.b[:0], 0, 0, 0, 0) }

// align pads so that what comes after more further bytes stands at a multiple of n.
func (f *flat) align(n, more int) {
	for (len(f.b)+more)%n != 0 {
		f.b = append(f.b, 0)
	}
}

func (f *flat) u16(v uint16) { f.b = binary.LittleEndian.AppendUint16(f.b, v) }

func (f *flat) u32(v uint32) { f.b = binary.LittleEndian.AppendUint32(f.b, v) }

// ref leaves room for a reference and gives its place.
func (f *flat) ref() int {
	f.u32(0)
	return len(f.b) - 4
}

// here makes the reference at a place point to what is written next.
func (f *flat) here(at int) {
	binary.LittleEndian.PutUint32(f.b[at:], uint32(len(f.b)-at))
}

// table writes a table after its vtable and makes the reference at a place
// point to it. Slots come widest first; it gives their places.
func (f *flat) table(at int, slots ...slot) []int {
	f.align(4, 0)
	last := 0
	for _, s := range slots {
		last = max(last, s.field)
	}
	vtable, size := len(f.b), 4+2*(last+1)
	f.b = append(f.b, make([]byte, size)...)
	f.align(4, 0)
	f.here(at)
	start := len(f.b)
	f.u32(uint32(start - vtable))
	places := make([]int, len(slots))
	for i, s := range slots {
		places[i] = len(f.b)
		binary.LittleEndian.PutUint16(f.b[vtable+4+2*s.field:], uint16(len(f.b)-start))
		for n := range s.size {
			f.b = append(f.b, byte(s.value>>(8*n)))
		}
	}
	binary.LittleEndian.PutUint16(f.b[vtable:], uint16(size))
	binary.LittleEndian.PutUint16(f.b[vtable+2:], uint16(len(f.b)-start))
	f.align(4, 0)
	return places
}

// text writes a string and makes the reference at a place point to it.
func (f *flat) text(at int, s string) {
	f.align(4, 0)
	f.here(at)
	f.u32(uint32(len(s)))
	f.b = append(append(f.b, s...), 0)
	f.align(4, 0)
}

// finish fills in the size prefix.
func (f *flat) finish() []byte {
	f.align(4, 0)
	binary.LittleEndian.PutUint32(f.b, uint32(len(f.b)-4))
	return f.b
}
