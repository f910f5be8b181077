package report

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/muscope/muscope/analysis/land"
)

// writeJSON writes the Result of the contract as one document, streamed: no
// more than one zone or part is in memory.
func writeJSON(ctx context.Context, out io.Writer, src Source, opt Options) error {
	w := &jsonWriter{w: bufio.NewWriterSize(out, 1<<16)}
	header, err := src.Header(ctx)
	if err != nil {
		return err
	}
	w.open(header)
	w.raw(`,"zones":[`)
	if err := w.zones(ctx, src, opt); err != nil {
		return err
	}
	sets, err := setsOf(ctx, src, opt)
	if err != nil {
		return err
	}
	w.next(`],"sets":[`)
	for i := range sets {
		if err := w.item(&sets[i]); err != nil {
			return err
		}
	}
	w.next(`],"parts":[`)
	if err := w.parts(ctx, src, opt); err != nil {
		return err
	}
	w.raw("]}\n")
	return w.close()
}

// writeNDJSON writes the same records one a line: header, zone, set, part and
// an end with their counts, by which a reader knows that nothing is cut off.
func writeNDJSON(ctx context.Context, out io.Writer, src Source, opt Options) error {
	w := &jsonWriter{w: bufio.NewWriterSize(out, 1<<16), lines: true}
	header, err := src.Header(ctx)
	if err != nil {
		return err
	}
	if err := w.record("header", header); err != nil {
		return err
	}
	if err := w.zones(ctx, src, opt); err != nil {
		return err
	}
	sets, err := setsOf(ctx, src, opt)
	if err != nil {
		return err
	}
	for i := range sets {
		if err := w.record("set", &sets[i]); err != nil {
			return err
		}
	}
	if err := w.parts(ctx, src, opt); err != nil {
		return err
	}
	w.raw(fmt.Sprintf(`{"type":"end","zones":%d,"sets":%d,"parts":%d}`+"\n", w.nZones, len(sets), w.nParts))
	return w.close()
}

// Written is a Source that keeps the records of zones and parts as AppendZone
// and AppendPart write them, so that they needn't be read and written anew.
type Written interface {
	// WrittenZones yields the records of ZoneResults.
	WrittenZones(ctx context.Context, yield func(zone land.ZoneKey, record []byte) error) error
	// WrittenParts yields the records of PartResults.
	WrittenParts(ctx context.Context, zone *land.ZoneKey, yield func(record []byte) error) error
}

// AppendZone writes a zone's record.
func AppendZone(b []byte, z *land.ZoneResult) ([]byte, error) {
	blob, err := marshal(z)
	return append(b, blob...), err
}

func (w *jsonWriter) zones(ctx context.Context, src Source, opt Options) error {
	kept, ok := src.(Written)
	if !ok {
		return zones(ctx, src, opt, func(z *land.ZoneResult) error {
			w.nZones++
			blob, err := marshal(z)
			if err != nil {
				return err
			}
			return w.put("zone", blob)
		})
	}
	err := kept.WrittenZones(ctx, func(zone land.ZoneKey, record []byte) error {
		if opt.Zone != nil && zone != *opt.Zone {
			return nil
		}
		w.nZones++
		return w.put("zone", record)
	})
	if err == nil && opt.Zone != nil && w.nZones == 0 {
		return noSuchZone(*opt.Zone)
	}
	return err
}

func (w *jsonWriter) parts(ctx context.Context, src Source, opt Options) error {
	put := func(record []byte) error {
		w.nParts++
		return w.put("part", record)
	}
	if kept, ok := src.(Written); ok {
		return kept.WrittenParts(ctx, opt.Zone, put)
	}
	return src.PartResults(ctx, opt.Zone, func(p *land.PartResult) error {
		w.buf = AppendPart(w.buf[:0], p)
		return put(w.buf)
	})
}

// setsOf is the totals over zones; the report on one zone has none.
func setsOf(ctx context.Context, src Source, opt Options) ([]land.SetResult, error) {
	if opt.Zone != nil {
		return nil, nil
	}
	return src.Sets(ctx)
}

// jsonWriter writes records with commas between them (one document) or a line
// each. The first error sticks.
type jsonWriter struct {
	w     *bufio.Writer
	lines bool
	begun bool // a record stands before the next one
	buf   []byte
	err   error

	nZones, nParts int64
}

func (w *jsonWriter) raw(s string) {
	if w.err == nil {
		_, w.err = w.w.WriteString(s)
	}
}

func (w *jsonWriter) bytes(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
}

func (w *jsonWriter) next(s string) {
	w.raw(s)
	w.begun = false
}

func (w *jsonWriter) close() error {
	if w.err != nil {
		return w.err
	}
	return w.w.Flush()
}

// open writes the header's members and leaves the object open.
func (w *jsonWriter) open(h land.Header) {
	blob, err := marshal(h)
	if err != nil {
		w.err = err
		return
	}
	w.bytes(bytes.TrimSuffix(blob, []byte("}")))
}

func (w *jsonWriter) item(v any) error { return w.record("", v) }

func (w *jsonWriter) comma() {
	if w.begun && !w.lines {
		w.raw(",\n")
	}
	w.begun = true
}

func (w *jsonWriter) record(kind string, v any) error {
	blob, err := marshal(v)
	if err != nil {
		return err
	}
	return w.put(kind, blob)
}

// put writes a record, an object: with its type where each has a line.
func (w *jsonWriter) put(kind string, record []byte) error {
	w.comma()
	if !w.lines {
		w.bytes(record)
		return w.err
	}
	w.raw(`{"type":"`)
	w.raw(kind)
	w.raw(`",`)
	w.bytes(record[1:])
	w.raw("\n")
	return w.err
}

// AppendPart writes a part's record. There are millions of them, so it is
// written by hand.
func AppendPart(b []byte, p *land.PartResult) []byte {
	b = appendString(append(b, `{"id":`...), p.ID)
	b = append(b, `,"zone":`...)
	if p.Zone == nil {
		b = append(b, `null,"boundary_scope":null`...)
	} else {
		b = appendString(append(appendString(b, *p.Zone), `,"boundary_scope":`...), string(*p.Scope))
	}
	b = appendFloat(append(b, `,"share":`...), p.Share)
	b = p.AreaM2.Append(append(b, `,"area_m2":`...))
	b = appendString(append(b, `,"class":`...), string(p.Class))
	b = appendString(append(b, `,"status":`...), string(p.Status))
	b = append(b, `,"flags":[`...)
	for i, f := range p.Flags {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, string(f))
	}
	b = append(b, ']')
	if p.Touch {
		b = append(b, `,"touch":true`...)
	}
	return appendPartRest(b, p)
}

func appendPartRest(b []byte, p *land.PartResult) []byte {
	b = appendDate(append(b, `,"since":`...), p.Since)
	b = appendString(append(b, `,"reason":`...), p.Reason)
	if p.Idle != nil {
		b = p.Idle.Append(append(b, `,"idle":`...))
	}
	if len(p.Indicators) > 0 {
		b = append(b, `,"indicators":[`...)
		for i := range p.Indicators {
			if i > 0 {
				b = append(b, ',')
			}
			b = p.Indicators[i].Append(b)
		}
		b = append(b, ']')
	}
	return append(p.Details.AppendMembers(b), '}')
}

func appendDate(b []byte, d land.Date) []byte {
	if !d.Known() {
		return append(b, "null"...)
	}
	return append(d.Append(append(b, '"')), '"')
}

// appendFloat writes the shortest number that reads back as f, as
// encoding/json does: with an exponent only where it is far from 1.
func appendFloat(b []byte, f float64) []byte {
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		b = strconv.AppendFloat(b, f, 'e', -1, 64)
		if n := len(b); n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' { // e-09 is e-9
			b[n-2] = b[n-1]
			b = b[:n-1]
		}
		return b
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

// appendString writes a JSON string. Valid UTF-8 without a character that JSON
// escapes, nearly every string, is copied.
func appendString(b []byte, s string) []byte {
	plain := utf8.ValidString(s)
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= 0x20 && s[i] != '"' && s[i] != '\\'
	}
	if !plain {
		if blob, err := marshal(s); err == nil { // a string always marshals
			return append(b, blob...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// marshal is json.Marshal without escapes for HTML: "<=" stays readable.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
