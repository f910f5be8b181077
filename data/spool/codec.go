package spool

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"github.com/muscope/muscope/analysis/land"
)

// errRecord says that a temporary record doesn't read back; it can only be a
// damaged disk or a fault of this package.
var errRecord = errors.New("damaged temporary record")

// fieldCodec writes and reads the public fields of a record by their one table:
// a bitmap of the known fields, then their values. Unknown fields, the majority,
// cost one bit. One codec serves one goroutine.
type fieldCodec[T any] struct {
	fields []land.Field[T]
	bitmap []byte
}

func newFieldCodec[T any](fields []land.Field[T]) *fieldCodec[T] {
	return &fieldCodec[T]{fields: fields, bitmap: make([]byte, (len(fields)+7)/8)}
}

func (c *fieldCodec[T]) appendFields(b []byte, v *T) []byte {
	start := len(b)
	b = append(b, c.bitmap...)
	for i := range c.fields {
		n := len(b)
		if b = appendField(b, &c.fields[i], v); len(b) > n {
			b[start+i/8] |= 1 << (i % 8)
		}
	}
	return b
}

func (c *fieldCodec[T]) readFields(r *reader, v *T) {
	known := r.take(len(c.bitmap))
	for i := range c.fields {
		if len(known) == len(c.bitmap) && known[i/8]&(1<<(i%8)) != 0 {
			readField(r, &c.fields[i], v)
		}
	}
}

// partCodec writes and reads parts.
type partCodec struct{ *fieldCodec[land.Parcel] }

func newPartCodec() *partCodec { return &partCodec{newFieldCodec(land.ParcelFields())} }

// appendPart writes p, all but In, which is the record's group.
func (c *partCodec) appendPart(b []byte, p *land.Part) []byte {
	b = c.appendFields(b, &p.Parcel)
	b = binary.AppendUvarint(b, uint64(p.Source.File))
	b = binary.AppendVarint(b, p.Source.Feature)
	b = binary.AppendVarint(b, int64(p.EllipsoidM2))
	b = appendNumber(b, p.PlaneM2)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p.Share))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p.SetShare))
	b = binary.AppendVarint(b, int64(p.PartEllipsoidM2))
	b = append(b, boolByte(p.Home)|boolByte(p.Elsewhere)<<1)
	b = binary.AppendUvarint(b, uint64(len(p.Extra)))
	return append(b, p.Extra...)
}

// appendField writes a known value and nothing for an unknown one; every known
// value takes at least one byte.
func appendField[T any](b []byte, f *land.Field[T], p *T) []byte {
	switch f.Kind {
	case land.Text, land.Word:
		if s := *f.Str(p); s != "" {
			if f.Kind == land.Word {
				if i := slices.Index(f.Words, s); i >= 0 {
					return append(b, byte(i))
				}
				b = append(b, 0xff)
			}
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
	case land.Day:
		if d := *f.Date(p); d.Known() {
			b = binary.AppendUvarint(b, uint64(d))
		}
	case land.Quant:
		if n := *f.Num(p); n.Known {
			b = binary.AppendVarint(b, int64(n.Value))
		}
	case land.YesNo:
		if v := *f.Flag(p); v != land.Unknown {
			b = append(b, byte(v))
		}
	}
	return b
}

func appendNumber(b []byte, n land.Number) []byte {
	b = append(b, boolByte(n.Known))
	return binary.AppendVarint(b, int64(n.Value))
}

func boolByte(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// decodePart reads what appendPart wrote. The texts of p share one string made
// of the record, so p may be kept.
func (c *partCodec) decodePart(payload []byte, p *land.Part) error {
	*p = land.Part{}
	r := reader{b: payload, text: string(payload)}
	c.readFields(&r, &p.Parcel)
	p.Source.File = int32(r.uvarint())
	p.Source.Feature = r.varint()
	p.EllipsoidM2 = land.Fixed(r.varint())
	p.PlaneM2 = r.number()
	p.Share = math.Float64frombits(r.uint64())
	p.SetShare = math.Float64frombits(r.uint64())
	p.PartEllipsoidM2 = land.Fixed(r.varint())
	bits := r.byte()
	p.Home, p.Elsewhere = bits&1 != 0, bits&2 != 0
	if extra := r.string(); extra != "" {
		p.Extra = unsafe.Slice(unsafe.StringData(extra), len(extra)) // read-only by contract, as the texts are
	}
	if r.bad || len(r.b) != 0 {
		return fmt.Errorf("%w of a parcel", errRecord)
	}
	return nil
}

// reader reads a record; bad is set at the first byte that doesn't fit.
type reader struct {
	b    []byte
	text string // the whole record, whose end is aligned with b's
	bad  bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) byte() byte {
	if b := r.take(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.take(n)
	if n <= 0 {
		r.bad = true
	}
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	r.take(n)
	if n <= 0 {
		r.bad = true
	}
	return v
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); len(b) == 8 {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) number() land.Number {
	known := r.byte() == 1
	return land.Number{Value: land.Fixed(r.varint()), Known: known}
}

func (r *reader) string() string {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return ""
	}
	start := len(r.text) - len(r.b)
	r.take(int(n))
	return r.text[start : start+int(n)]
}

func readField[T any](r *reader, f *land.Field[T], p *T) {
	switch f.Kind {
	case land.Text:
		*f.Str(p) = r.string()
	case land.Word:
		if i := r.byte(); i == 0xff {
			*f.Str(p) = r.string()
		} else if int(i) < len(f.Words) {
			*f.Str(p) = f.Words[i]
		} else {
			r.bad = true
		}
	case land.Day:
		*f.Date(p) = land.Date(r.uvarint())
	case land.Quant:
		*f.Num(p) = land.Num(land.Fixed(r.varint()))
	case land.YesNo:
		*f.Flag(p) = land.Flag(r.byte())
	}
}

// appendResult writes a part's result, all but its zone, which is the record's
// group, and its position.
func appendResult(b []byte, p *land.PartResult) []byte {
	b = appendText(b, p.ID)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p.Share))
	b = binary.AppendVarint(b, int64(p.AreaM2))
	b = appendText(b, string(p.Class))
	b = appendText(b, string(p.Status))
	b = binary.AppendUvarint(b, uint64(len(p.Flags)))
	for _, f := range p.Flags {
		b = appendText(b, string(f))
	}
	b = append(b, boolByte(p.Touch)|boolByte(p.Home)<<1|boolByte(p.Idle != nil)<<2|boolByte(p.Details != nil)<<3)
	b = binary.AppendUvarint(b, uint64(p.Since))
	b = appendText(b, p.Reason)
	if p.Idle != nil {
		b = appendIdle(b, p.Idle)
	}
	b = binary.AppendUvarint(b, uint64(len(p.Indicators)))
	for i := range p.Indicators {
		b = appendIndicator(b, &p.Indicators[i])
	}
	if p.Details != nil {
		b = appendJSON(b, p.Details)
	}
	return b
}

// appendJSON writes what is there of few rows only.
func appendJSON(b []byte, v any) []byte {
	blob, err := json.Marshal(v) // of texts, numbers and dates: it always marshals
	if err != nil {
		blob = []byte("null")
	}
	return appendText(b, string(blob))
}

func (r *reader) json(v any) {
	if err := json.Unmarshal([]byte(r.string()), v); err != nil {
		r.bad = true
	}
}

func appendIndicator(b []byte, i *land.Indicator) []byte {
	b = appendText(b, i.ID)
	b = appendText(b, string(i.Unit))
	b = appendFloat(b, i.Value)
	b = appendQuantity(b, i.Numerator)
	b = appendQuantity(b, i.Denominator)
	b = append(b, boolByte(i.Exact)|boolByte(i.Bounds != nil)<<1)
	b = appendFloat(b, &i.Coverage)
	if i.Bounds != nil {
		b = appendFloat(appendFloat(b, i.Bounds.Lo), i.Bounds.Hi)
	}
	b = binary.AppendUvarint(b, uint64(len(i.Missing)))
	for _, m := range i.Missing {
		b = binary.AppendVarint(binary.AppendVarint(appendText(b, m.Field), m.Parcels), int64(m.AreaM2))
	}
	return appendText(appendText(b, i.Reason), i.Source)
}

func appendFloat(b []byte, f *float64) []byte {
	if f == nil {
		return append(b, 0)
	}
	return binary.LittleEndian.AppendUint64(append(b, 1), math.Float64bits(*f))
}

func appendQuantity(b []byte, q *land.Quantity) []byte {
	if q == nil {
		return append(b, 0)
	}
	return binary.AppendVarint(appendText(append(b, 1), string(q.Unit)), int64(q.Value))
}

func (r *reader) float() *float64 {
	if r.byte() == 0 {
		return nil
	}
	f := math.Float64frombits(r.uint64())
	return &f
}

func (r *reader) quantity() *land.Quantity {
	if r.byte() == 0 {
		return nil
	}
	unit := land.Unit(r.string())
	return &land.Quantity{Unit: unit, Value: land.Fixed(r.varint())}
}

func (r *reader) indicator() land.Indicator {
	i := land.Indicator{ID: r.string(), Unit: land.Unit(r.string()), Value: r.float(), Numerator: r.quantity(), Denominator: r.quantity()}
	bits := r.byte()
	i.Exact = bits&1 != 0
	if c := r.float(); c != nil {
		i.Coverage = *c
	}
	if bits&2 != 0 {
		i.Bounds = &land.Bounds{Lo: r.float(), Hi: r.float()}
	}
	for range r.length() {
		i.Missing = append(i.Missing, land.Missing{Field: r.string(), Parcels: r.varint(), AreaM2: land.Fixed(r.varint())})
	}
	i.Reason, i.Source = r.string(), r.string()
	return i
}

// length reads a count of things, each of one byte at least.
func (r *reader) length() uint64 {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad = true
		return 0
	}
	return n
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendIdle(b []byte, i *land.Idle) []byte {
	b = appendText(b, i.Branch)
	b = binary.AppendUvarint(b, uint64(i.Since))
	b = binary.AppendVarint(b, int64(i.Days))
	b = appendText(b, i.Measure)
	b = appendText(b, i.MeasureIfHolder)
	b = appendText(appendNumber(b, i.FeeIfHolderWan), i.FeeBasis)
	if b = append(b, boolByte(i.Procedure != nil)); i.Procedure != nil {
		b = appendJSON(b, i.Procedure)
	}
	return b
}

func (r *reader) idle() *land.Idle {
	i := &land.Idle{Branch: r.string(), Since: land.Date(r.uvarint()), Days: int(r.varint()),
		Measure: r.string(), MeasureIfHolder: r.string(), FeeIfHolderWan: r.number(), FeeBasis: r.string()}
	if r.byte() == 1 {
		i.Procedure = &land.Procedure{}
		r.json(i.Procedure)
	}
	return i
}

// decodeResult reads what appendResult wrote.
func decodeResult(payload []byte, p *land.PartResult) error {
	r := reader{b: payload, text: string(payload)}
	*p = land.PartResult{ID: r.string(), Share: math.Float64frombits(r.uint64()), AreaM2: land.Fixed(r.varint()),
		Class: land.Class(r.string()), Status: land.Status(r.string()), Flags: []land.PartFlag{}}
	for range r.length() {
		p.Flags = append(p.Flags, land.PartFlag(r.string()))
	}
	bits := r.byte()
	p.Touch, p.Home = bits&1 != 0, bits&2 != 0
	p.Since = land.Date(r.uvarint())
	p.Reason = r.string()
	if bits&4 != 0 {
		p.Idle = r.idle()
	}
	for range r.length() {
		p.Indicators = append(p.Indicators, r.indicator())
	}
	if bits&8 != 0 {
		p.Details = &land.Details{}
		r.json(p.Details)
	}
	if r.bad || len(r.b) != 0 {
		return fmt.Errorf("%w of a result", errRecord)
	}
	return nil
}
