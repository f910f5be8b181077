package geojson

import (
	"bytes"
	"io"
)

const recordSeparator = 0x1E // RFC 7464 section 2.2

// splitFeatures takes elements out of the features array until the text in hand ends.
func (r *Reader) splitFeatures(b *Batch) error {
	for {
		if !r.inside {
			element, err := r.nextElement()
			if !element || err != nil {
				return err
			}
			r.inside, r.scan = true, r.pos
			r.braces, r.bracket = braces{}, brackets{}
		}
		end, done := r.elementEnd()
		if !done {
			r.scan = end
			return r.unfinished()
		}
		if err := r.add(b, r.pos, end); err != nil {
			return err
		}
		r.pos, r.inside, r.wantSep = end, false, wantSeparator
	}
}

// nextElement moves pos to the next element of the features array. false without an error means that more text
// is needed or that the array has ended.
func (r *Reader) nextElement() (bool, error) {
	for ; r.pos < r.n; r.pos++ {
		switch k := r.buf[r.pos]; k {
		case ' ', '\t', '\r', '\n':
		case ',':
			if r.wantSep != wantSeparator {
				return false, r.syntax(Text{"要素", "a feature"})
			}
			r.wantSep = wantElement
		case ']':
			if r.wantSep == wantElement {
				return false, r.syntax(Text{"要素（最后一个逗号多余？）", "a feature (is the last comma one too many?)"})
			}
			r.pos++
			r.mode = (*Reader).splitTail
			return false, nil
		default:
			if r.wantSep == wantSeparator {
				return false, r.syntax(Text{"逗号或 ]", "a comma or ]"})
			}
			return true, nil
		}
	}
	if r.ended() {
		return false, fault{code: CodeTruncated, at: r.n, a: Text{"\"features\" 数组", "the \"features\" array"}}.structure(r.base)
	}
	return false, nil
}

func (r *Reader) syntax(want Text) error {
	err := fault{code: CodeSyntax, at: r.pos, a: want, b: found(r.buf[r.pos:r.n])}.structure(r.base)
	err.Feature = r.number
	return err
}

// elementEnd finds the end of the element at pos: of objects by braces, of other values by a slower way, for they
// are faults anyway.
func (r *Reader) elementEnd() (end int, done bool) {
	if r.buf[r.pos] == '{' {
		return r.braces.find(r.buf[:r.n], r.scan, r.ended())
	}
	return r.bracket.find(r.buf[:r.n], r.scan, r.pos)
}

// brackets finds the end of an element of the features array that is not an object.
type brackets struct {
	depth             int
	inString, escaped bool
}

func (s *brackets) find(b []byte, i, start int) (end int, done bool) {
	for ; i < len(b); i++ {
		k := b[i]
		switch {
		case s.escaped:
			s.escaped = false
		case s.inString:
			s.escaped = k == '\\'
			s.inString = k != '"'
		case k == '"':
			s.inString = true
		case k == '[' || k == '{':
			s.depth++
		case s.depth == 0 && (k == ',' || k == ']' || k == '}'):
			if i > start { // a closing bracket that opens nothing is an element of one byte: a fault, not a loop
				return trimmed(b, start, i), true
			}
		case k == ']' || k == '}':
			s.depth--
		}
	}
	return i, false
}

// trimmed gives the end of b[start:end] without white space behind.
func trimmed(b []byte, start, end int) int {
	return start + len(bytes.TrimRight(b[start:end], " \t\r\n"))
}

// splitLines takes one record a line; blank lines don't count.
func (r *Reader) splitLines(b *Batch) error { return r.splitRecords(b, '\n') }

// splitSequence takes records that begin with a record separator each.
func (r *Reader) splitSequence(b *Batch) error { return r.splitRecords(b, recordSeparator) }

func (r *Reader) splitRecords(b *Batch, separator byte) error {
	for {
		r.scan = max(r.scan, r.pos)
		end := bytes.IndexByte(r.buf[r.scan:r.n], separator)
		if end < 0 && !r.ended() {
			r.scan = r.n
			if r.n-r.pos > r.opt.MaxFeatureBytes {
				return r.featureTooLarge(r.pos)
			}
			return nil
		}
		next := r.n
		if end >= 0 {
			end += r.scan
			next = end + 1
		} else {
			end = r.n
		}
		start := end - len(bytes.TrimLeft(r.buf[r.pos:end], " \t\r\n"))
		if start < end {
			if err := r.add(b, start, trimmed(r.buf, start, end)); err != nil {
				return err
			}
		}
		r.pos = next
		if r.pos == r.n && r.ended() {
			return io.EOF
		}
	}
}
