package geojson

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Format is the way features are strung together in a file.
type Format uint8

// Formats. FormatAuto, the zero value, finds out by the first bytes: a record separator means a text sequence, a
// first line that holds one whole object followed by another means lines. Lines whose first line is broken in the
// middle may look like a damaged document, so name the format where the file name says it (.ndjson, .geojsonl).
const (
	FormatAuto       Format = iota
	FormatCollection        // RFC 7946 FeatureCollection
	FormatFeature           // one RFC 7946 Feature
	FormatGeometry          // one bare RFC 7946 geometry
	FormatSequence          // RFC 8142 GeoJSON text sequence
	FormatLines             // newline-delimited GeoJSON
)

// String names the format in English.
func (f Format) String() string {
	switch f {
	case FormatCollection:
		return "FeatureCollection"
	case FormatFeature:
		return "Feature"
	case FormatGeometry:
		return "Geometry"
	case FormatSequence:
		return "GeoJSON text sequence"
	case FormatLines:
		return "newline-delimited GeoJSON"
	}
	return "GeoJSON"
}

// Options bound what a Reader takes in. Zero values mean the defaults.
type Options struct {
	Format          Format // FormatLines and FormatSequence override what the text looks like; the others are found out
	BatchBytes      int    // size of a batch in bytes, default 1 MiB, at most 256 MiB
	MaxFeatureBytes int    // size of one feature, and of all members beside the features, default 64 MiB, at most 512 MiB
	MaxBytes        int64  // size of the file after decompression (guards against gzip bombs), default no limit
}

const (
	defaultBatchBytes = 1 << 20
	defaultFeatureMax = 64 << 20
	minBatchBytes     = 128
	maxBatchBytes     = 256 << 20 // places in a batch are 32-bit numbers
	maxFeatureBytes   = 512 << 20
)

// Reader splits a GeoJSON text into batches of whole features. Next and Header belong to one goroutine.
type Reader struct {
	src     io.Reader
	opt     Options
	pool    *sync.Pool
	header  Header
	mode    func(*Reader, *Batch) error
	err     error // given by Next once the batch before it is out
	started bool
	bare    bool // geometries may stand in place of features

	buf   []byte // text in hand, buf[:n] read
	n     int
	base  int64 // place of buf[0] in the file
	pos   int   // next byte to look at
	srcAt error // io.EOF or the error that ended src

	number  int64 // features found
	inside  bool  // buf[pos:] starts with an incomplete element, looked at up to scan
	scan    int
	braces  braces
	bracket brackets
	wantSep wanted
	oneLine bool // the document was one feature without a line break
	newLine bool // a line break came after it
}

// wanted says what may follow in the features array.
type wanted uint8

const (
	wantFirst     wanted = iota // an element or the end
	wantSeparator               // a comma or the end
	wantElement                 // an element
)

// NewReader gives a Reader of src. Nothing is read before the first Next.
func NewReader(src io.Reader, opt Options) *Reader {
	if opt.BatchBytes <= 0 {
		opt.BatchBytes = defaultBatchBytes
	}
	opt.BatchBytes = min(max(opt.BatchBytes, minBatchBytes), maxBatchBytes)
	if opt.MaxFeatureBytes <= 0 {
		opt.MaxFeatureBytes = defaultFeatureMax
	}
	opt.MaxFeatureBytes = min(opt.MaxFeatureBytes, maxFeatureBytes)
	size := opt.BatchBytes
	return &Reader{
		src: src, opt: opt, header: Header{Format: opt.Format},
		pool: &sync.Pool{New: func() any { return &memory{buf: make([]byte, size)} }},
	}
}

// Batch holds the text of some whole features. Release gives its memory back to the Reader once they are decoded.
type Batch struct {
	buf   []byte
	base  int64
	first int64
	spans []span
	bare  bool
	keep  int // larger buffers are not kept
	pool  *sync.Pool
}

type span struct{ start, end int32 }

// memory is what released batches leave for later ones. A Batch itself isn't used again, so that nobody who still
// holds one sees another's text.
type memory struct {
	buf   []byte
	spans []span
}

// Len is the number of features in the batch.
func (b *Batch) Len() int { return len(b.spans) }

// First is the position in the file, from 1, of the first feature of the batch.
func (b *Batch) First() int64 { return b.first }

// Bytes is the size of the text of the features, for progress.
func (b *Batch) Bytes() int {
	if len(b.spans) == 0 {
		return 0
	}
	return int(b.spans[len(b.spans)-1].end - b.spans[0].start)
}

// Raw is the text of feature i of the batch and its place in the file, valid until Release.
func (b *Batch) Raw(i int) (text []byte, offset int64) {
	s := b.spans[i]
	return b.buf[s.start:s.end:s.end], b.base + int64(s.start)
}

// Release ends the use of the batch and of everything that was decoded from it without copying. The batch is empty
// then; to release it again does nothing.
func (b *Batch) Release() {
	if b.pool == nil {
		return
	}
	m := &memory{spans: b.spans[:0]}
	if len(b.buf) <= b.keep {
		m.buf = b.buf
	}
	pool := b.pool
	*b = Batch{}
	pool.Put(m)
}

// Next gives the next batch, io.EOF after the last one, or what stopped the reading: a *StructureError where the
// file is at fault, else an error of the source. Batches found before an error are given first.
func (r *Reader) Next() (*Batch, error) {
	if r.err != nil {
		return nil, r.err
	}
	b := r.batch()
	if r.buf == nil {
		r.buf, b.buf = b.buf, nil
	}
	if !r.started {
		r.started = true
		r.err = r.start()
	}
	for r.err == nil && len(b.spans) == 0 {
		if r.err = r.fill(); r.err == nil {
			r.err = r.mode(r, b)
		}
	}
	if len(b.spans) == 0 {
		return nil, r.err
	}
	r.handOver(b)
	return b, nil
}

// Offset is the number of bytes of the (decompressed) file that are split so far, for progress.
func (r *Reader) Offset() int64 { return r.base + int64(r.pos) }

func (r *Reader) batch() *Batch {
	m := r.pool.Get().(*memory)
	return &Batch{buf: m.buf, spans: m.spans, pool: r.pool, bare: r.bare, first: r.number + 1, keep: 4 * r.opt.BatchBytes}
}

// handOver gives the text in hand to the batch and goes on with a copy of what the batch doesn't use.
func (r *Reader) handOver(b *Batch) {
	rest := r.buf[r.pos:r.n]
	next := b.buf
	if len(next) < len(rest) || len(next) == 0 {
		next = make([]byte, max(r.opt.BatchBytes, len(rest)))
	}
	b.buf, b.base, b.bare = r.buf, r.base, r.bare
	r.base += int64(r.pos)
	r.n = copy(next, rest)
	r.buf, r.scan, r.pos = next, r.scan-r.pos, 0
}

// fill reads until the buffer is full or the source ends. What was looked at is dropped; an element that fills the
// whole buffer makes it grow.
func (r *Reader) fill() error {
	if r.pos > 0 {
		r.n = copy(r.buf, r.buf[r.pos:r.n])
		r.base += int64(r.pos)
		r.scan -= r.pos
		r.pos = 0
	}
	if r.n == len(r.buf) && r.srcAt == nil {
		grown := make([]byte, 2*len(r.buf))
		copy(grown, r.buf[:r.n])
		r.buf = grown
	}
	for r.n < len(r.buf) && r.srcAt == nil {
		n, err := r.src.Read(r.buf[r.n:])
		r.n += n
		r.srcAt = err
	}
	if r.opt.MaxBytes > 0 && r.base+int64(r.n) > r.opt.MaxBytes {
		return fault{code: CodeTooLarge, a: same(fmt.Sprint(r.opt.MaxBytes))}.structure(r.opt.MaxBytes)
	}
	return r.sourceError()
}

// sourceError tells whether the source ended otherwise than by io.EOF.
func (r *Reader) sourceError() error {
	switch {
	case r.srcAt == nil || errors.Is(r.srcAt, io.EOF):
		return nil
	case r.header.Gzip && damagedGzip(r.srcAt):
		err := fault{code: CodeGzip, a: same(r.srcAt.Error())}.structure(r.base + int64(r.n))
		err.Err = r.srcAt
		return err
	}
	return fmt.Errorf("geojson: reading at byte %d: %w", r.base+int64(r.n), r.srcAt)
}

func damagedGzip(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &corrupt)
}

// ended tells whether all of the file is in hand.
func (r *Reader) ended() bool { return r.srcAt != nil }

// start unpacks gzip, skips a byte order mark and finds out the format.
func (r *Reader) start() error {
	if err := r.fill(); err != nil {
		return err
	}
	if head := r.buf[:r.n]; len(head) > 2 && head[0] == 0x1F && head[1] == 0x8B {
		packed := bytes.NewReader(bytes.Clone(head))
		var src io.Reader = packed
		if !r.ended() {
			src = io.MultiReader(packed, r.src)
		}
		r.header.Gzip, r.n, r.srcAt = true, 0, nil
		unpacked, err := gzip.NewReader(src)
		if err != nil {
			r.srcAt = err
			return r.sourceError()
		}
		r.src = unpacked
		if err := r.fill(); err != nil {
			return err
		}
	}
	if bytes.HasPrefix(r.buf[:r.n], []byte("\xEF\xBB\xBF")) {
		r.header.BOM = true
		r.pos = 3
	}
	return r.detect()
}

// detect chooses the mode by the first bytes.
func (r *Reader) detect() error {
	for {
		r.pos = r.n - len(bytes.TrimLeft(r.buf[r.pos:r.n], " \t\r\n"))
		if r.pos < r.n || r.ended() {
			break
		}
		if err := r.fill(); err != nil {
			return err
		}
	}
	head := r.buf[r.pos:r.n]
	if err := r.foreign(head); err != nil {
		return err
	}
	switch {
	case r.opt.Format == FormatSequence || len(head) > 0 && head[0] == recordSeparator:
		r.header.Format, r.mode, r.bare = FormatSequence, (*Reader).splitSequence, true
	case r.opt.Format == FormatLines || looksLikeLines(head):
		r.header.Format, r.mode, r.bare = FormatLines, (*Reader).splitLines, true
	default:
		r.header.Format, r.mode = FormatAuto, (*Reader).splitDocument
	}
	return nil
}

// foreign refuses, by name, what people send instead of GeoJSON.
func (r *Reader) foreign(head []byte) error {
	at := func(code Code, args ...Text) error {
		var c cursor
		c.fail(code, r.pos, args...)
		return c.fault.structure(r.base)
	}
	switch {
	case len(head) == 0:
		return at(CodeEmpty)
	case bytes.HasPrefix(head, []byte("\xFF\xFE")):
		return at(CodeEncoding, same("UTF-16LE"))
	case bytes.HasPrefix(head, []byte("\xFE\xFF")):
		return at(CodeEncoding, same("UTF-16BE"))
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return at(CodeArchive, same("zip"))
	case bytes.HasPrefix(head, []byte("7z\xBC\xAF")):
		return at(CodeArchive, same("7z"))
	}
	return nil
}

// looksLikeLines tells whether the first line is one whole object and another object follows it, or a broken
// object that no document could continue on the next line with another object.
func looksLikeLines(head []byte) bool {
	line, rest, ok := bytes.Cut(head, []byte("\n"))
	if !ok || len(line) == 0 || line[0] != '{' || bytes.Contains(line, []byte(`"features"`)) {
		return false // a collection on one line; a feature that only mentions the word is found out by splitEnd
	}
	if rest = bytes.TrimLeft(rest, " \t\r\n"); len(rest) == 0 || rest[0] != '{' {
		return false
	}
	line = bytes.TrimRight(line, " \t\r")
	var s braces
	if end, done := s.find(line, 0, true); done {
		return end == len(line)
	}
	return !bytes.ContainsRune([]byte("[:,{"), rune(line[len(line)-1]))
}

// add puts the element buf[start:end] into the batch.
func (r *Reader) add(b *Batch, start, end int) error {
	if end-start > r.opt.MaxFeatureBytes {
		return r.featureTooLarge(start)
	}
	r.number++
	b.spans = append(b.spans, span{int32(start), int32(end)})
	return nil
}

func (r *Reader) featureTooLarge(start int) error {
	number := r.number + 1
	err := fault{code: CodeFeatureTooLarge, at: start, a: same(fmt.Sprint(r.opt.MaxFeatureBytes)),
		b: same(fmt.Sprint(number))}.structure(r.base)
	err.Feature = number
	return err
}

// unfinished is called where the element at pos has no end in hand: at the end of the file that is a fault.
func (r *Reader) unfinished() error {
	if r.scan-r.pos > r.opt.MaxFeatureBytes {
		return r.featureTooLarge(r.pos)
	}
	if !r.ended() {
		return nil
	}
	number, start := r.number+1, r.base+int64(r.pos)
	err := fault{code: CodeTruncated, at: r.n,
		a: Text{fmt.Sprintf("第%d个要素（始于字节%d）", number, start), fmt.Sprintf("feature %d, which starts at byte %d,", number, start)},
	}.structure(r.base)
	err.Feature = number
	return err
}
