package geojson

import (
	"encoding/binary"
	"math/bits"
)

const block = 64

// braces finds the end of a JSON object by counting braces outside strings, 64 bytes at a time. It looks at
// quotes, backslashes and braces only: whatever else is wrong inside a feature leaves its boundaries sound and is
// the decoder's matter. The state carries over from one call to the next, so an object may arrive in pieces.
type braces struct {
	depth    int64
	inString uint64 // all ones inside a string
	escaped  uint64 // 1 if the next byte is escaped
	marks    uint64 // braces outside strings of the block at which advance stopped
}

// find looks for the end of the object in b[i:]; it stops after the closing brace (done) or at the start of the
// last, incomplete block, from where the next call goes on. With last set b has no continuation, and the
// incomplete block is looked at too.
func (s *braces) find(b []byte, i int, last bool) (end int, done bool) {
	for i+block <= len(b) {
		i += s.advance(b[i:])
		if i+block > len(b) {
			break
		}
		if at, ok := s.count(b[i : i+block]); ok {
			return i + at, true
		}
		i += block
	}
	if !last || i >= len(b) {
		return i, false
	}
	var pad [block]byte
	n := copy(pad[:], b[i:])
	s.mark(&pad)
	if at, ok := s.count(pad[:]); ok && at <= n {
		return i + at, true
	}
	return len(b), false
}

// advanceGeneric marks blocks from the start of b, stepping over those without braces; it stops at one with
// braces, whose marks it leaves in s, or before an incomplete block. It gives the bytes stepped over.
func (s *braces) advanceGeneric(b []byte) int {
	i := 0
	for i+block <= len(b) {
		s.mark((*[block]byte)(b[i:]))
		if s.marks != 0 {
			break
		}
		i += block
	}
	return i
}

// count goes through the marked braces of a block; ok tells that the object ended before index at.
func (s *braces) count(b []byte) (at int, ok bool) {
	for m := s.marks; m != 0; m &= m - 1 {
		p := bits.TrailingZeros64(m)
		switch b[p] {
		case '{':
			s.depth++
		case '}':
			s.depth--
			if s.depth == 0 {
				return p + 1, true
			}
		}
	}
	return 0, false
}

// mark sets s.marks to the braces outside strings of one block. (With their second and third bit set { and } are
// both DEL, as are y and DEL itself; these don't occur outside strings in JSON and count skips them.)
func (s *braces) mark(b *[block]byte) {
	var quote, slash, brace uint64
	for k := 0; k < block; k += 8 {
		w := binary.LittleEndian.Uint64(b[k:])
		quote |= equal(w^'"'*lowBits) << k
		brace |= equal(w|0x06*lowBits^0x7F*lowBits) << k
		if x := w ^ '\\'*lowBits; (x-lowBits)&^x&highBits != 0 {
			slash |= equal(x) << k
		}
	}
	if slash|s.escaped != 0 {
		quote &^= s.escapes(slash)
	}
	// Each quote flips all bits from its own on: a running XOR.
	quote ^= quote << 1
	quote ^= quote << 2
	quote ^= quote << 4
	quote ^= quote << 8
	quote ^= quote << 16
	quote ^= quote << 32
	quote ^= s.inString
	s.inString = uint64(int64(quote) >> 63)
	s.marks = brace &^ quote
}

// equal gives one bit for each zero byte of x.
func equal(x uint64) uint64 {
	x = ^((x&^highBits + ^uint64(highBits)) | x | ^uint64(highBits))
	return x >> 7 * 0x0102040810204080 >> 56
}

// escapes gives the bytes after an odd run of backslashes (the method of simdjson, Langdale and Lemire 2019).
func (s *braces) escapes(slash uint64) uint64 {
	const even = 0x5555555555555555
	slash &^= s.escaped
	follows := slash<<1 | s.escaped
	odd := slash &^ even &^ follows
	sum, carry := bits.Add64(odd, slash, 0)
	s.escaped = carry
	return (even ^ sum<<1) & follows
}
