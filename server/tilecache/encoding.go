package tilecache

import (
	"bytes"
	"compress/gzip"
	"io"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

// Encoding is a content coding of HTTP; "" is none.
type Encoding string

// The encodings that tiles are sent in.
const (
	Plain  Encoding = ""
	Gzip   Encoding = "gzip"
	Brotli Encoding = "br"
)

// Suffix tells the ETag of the encoded bytes from that of the plain ones, since
// a strong ETag names the bytes.
func (e Encoding) Suffix() string {
	switch e {
	case Gzip:
		return "-gz"
	case Brotli:
		return "-br"
	}
	return ""
}

// Accepted is the encoding that an Accept-Encoding header likes best of those
// here, the smaller one where it likes two alike.
func Accepted(header string) Encoding {
	best, weight := Plain, 0.0
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		e := Encoding(strings.ToLower(strings.TrimSpace(name)))
		if e != Gzip && e != Brotli {
			continue
		}
		if q := quality(params); q > weight || q == weight && q > 0 && e == Brotli {
			best, weight = e, q
		}
	}
	return best
}

// quality is the q of a part of an Accept header, 1 where there is none or it
// can't be read.
func quality(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		name, v, _ := strings.Cut(strings.ReplaceAll(p, " ", ""), "=")
		if !strings.EqualFold(name, "q") {
			continue
		}
		if q, err := strconv.ParseFloat(v, 64); err == nil {
			return q
		}
	}
	return 1
}

const (
	// leastEncoded is the size from which encoding is worth it: what is smaller fits
	// into one packet as it is.
	leastEncoded = 1200
	// brotliQuality takes about as long as gzip at its best, for a tenth less.
	brotliQuality = 4
)

// Empty reports a tile with nothing in it.
func (t *Tile) Empty() bool { return len(t.plain) == 0 }

// Bytes are the tile in that encoding, and the encoding it really has: a small
// one stays plain. It is encoded once.
func (c *Cache) Bytes(t *Tile, e Encoding) ([]byte, Encoding) {
	if e == Plain || len(t.plain) < leastEncoded {
		return t.plain, Plain
	}
	t.mu.Lock()
	b, known := t.encoded[e]
	if !known {
		b = encode(t.plain, e)
		if t.encoded == nil {
			t.encoded = map[Encoding][]byte{}
		}
		t.encoded[e] = b
	}
	t.mu.Unlock()
	if !known {
		c.grow(t, len(b))
	}
	return b, e
}

func encode(plain []byte, e Encoding) []byte {
	var buf bytes.Buffer
	buf.Grow(len(plain) / 2)
	var w io.WriteCloser
	if e == Brotli {
		w = brotli.NewWriterLevel(&buf, brotliQuality)
	} else {
		w, _ = gzip.NewWriterLevel(&buf, gzip.BestSpeed) // the level is valid
	}
	_, _ = w.Write(plain) // a buffer takes all
	_ = w.Close()
	return bytes.Clone(buf.Bytes())
}
