package postgis

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
)

// nullMark is NULL in our COPY text. The empty string would be shorter, but
// land in no zone has the empty zone, which is not NULL.
const nullMark = '~'

// errNUL says that a text holds U+0000, which PostgreSQL can't store.
var errNUL = errors.New("a text holds the character U+0000, which the database can't store; take it out of the file")

// copyRow encodes one row in the text format of COPY. Each column ends with a
// tab; end turns the last one into the line's end. It is written by hand since
// building driver values for 95 columns costs twice what PostgreSQL needs to
// store the row.
type copyRow struct {
	b       []byte
	err     error // the first fault; the row is then unusable
	scratch []byte
}

func (r *copyRow) end() { r.b[len(r.b)-1] = '\n' }

func (r *copyRow) null() { r.b = append(r.b, nullMark, '\t') }

func (r *copyRow) int(v int64) { r.b = append(strconv.AppendInt(r.b, v, 10), '\t') }

// float writes the shortest text that reads back as the same float64.
func (r *copyRow) float(v float64) {
	if v == 1 {
		r.b = append(r.b, '1', '\t')
		return
	}
	r.b = append(strconv.AppendFloat(r.b, v, 'g', -1, 64), '\t')
}

func (r *copyRow) bool(v bool) {
	if v {
		r.b = append(r.b, 't', '\t')
		return
	}
	r.b = append(r.b, 'f', '\t')
}

func (r *copyRow) fixed(v land.Fixed) { r.b = append(v.Append(r.b), '\t') }

func (r *copyRow) number(n land.Number) {
	if !n.Known {
		r.null()
		return
	}
	r.fixed(n.Value)
}

func (r *copyRow) flag(f land.Flag) {
	if f == land.Unknown {
		r.null()
		return
	}
	r.bool(f == land.Yes)
}

func (r *copyRow) date(d land.Date) {
	if !d.Known() {
		r.null()
		return
	}
	r.b = append(appendDay(r.b, d), '\t')
}

// text writes s, and NULL where it is empty: an unknown text.
func (r *copyRow) text(s string) {
	if s == "" {
		r.null()
		return
	}
	r.key(s)
}

// key writes s, also where it is empty.
func (r *copyRow) key(s string) {
	if len(s) == 1 && s[0] == nullMark {
		r.b = append(r.b, '\\')
	}
	from := 0
	for i := range len(s) {
		if c := s[i]; c > '\r' && c != '\\' {
			continue
		}
		esc := copyEscape(s[i])
		switch {
		case esc != 0:
			r.b = append(append(r.b, s[from:i]...), '\\', esc)
			from = i + 1
		case s[i] == 0:
			r.fail(errNUL)
		}
	}
	r.b = append(append(r.b, s[from:]...), '\t')
}

func copyEscape(c byte) byte {
	switch c {
	case '\\':
		return '\\'
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	}
	return 0
}

func (r *copyRow) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// json writes v as a JSON text.
func (r *copyRow) json(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		r.fail(fmt.Errorf("write %T as JSON: %w", v, err))
		return
	}
	r.key(string(b))
}

// indicators writes a JSON array. Of millions of parts most have some, so they
// don't go through reflection.
func (r *copyRow) indicators(list []land.Indicator) {
	b := append(r.scratch[:0], '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = list[i].Append(b)
	}
	r.scratch = append(b, ']')
	r.bytes(r.scratch)
}

// words writes a text array of plain words (letters, digits, underscores).
func words[S ~string](r *copyRow, list []S) {
	r.b = append(r.b, '{')
	for i, w := range list {
		if i > 0 {
			r.b = append(r.b, ',')
		}
		r.b = append(r.b, w...)
	}
	r.b = append(r.b, '}', '\t')
}

// rawExtra is the key under which properties stand that jsonb can't hold.
const rawExtra = "muscope:raw"

// extra writes unmapped properties. jsonb refuses \u0000 and lone surrogates,
// which JSON allows: an object with such an escape is kept as text under
// rawExtra, so that nothing is lost and no feature stops a load.
func (r *copyRow) extra(props []byte) {
	if len(props) == 0 {
		r.null()
		return
	}
	if suspectEscape(props) {
		r.json(map[string]string{rawExtra: string(props)})
		return
	}
	r.bytes(props)
}

func (r *copyRow) bytes(s []byte) {
	from := 0
	for i, c := range s {
		if c > '\r' && c != '\\' {
			continue
		}
		if esc := copyEscape(c); esc != 0 {
			r.b = append(append(r.b, s[from:i]...), '\\', esc)
			from = i + 1
		}
	}
	r.b = append(append(r.b, s[from:]...), '\t')
}

// suspectEscape reports an escape \u0000 or \uD8xx to \uDFxx. Paired
// surrogates would be fine, but are too rare to be looked at more closely.
func suspectEscape(b []byte) bool {
	for {
		i := bytes.Index(b, []byte(`\u`))
		if i < 0 {
			return false
		}
		b = b[i+2:]
		if len(b) >= 4 && (string(b[:4]) == "0000" || b[0]|0x20 == 'd' && b[1] >= '8') {
			return true
		}
	}
}

// shape writes a geometry in longitude and latitude.
func (r *copyRow) shape(mp orb.MultiPolygon) {
	r.b = append(appendEWKB(r.b, mp, sridLonLat, nil), '\t')
}

// mercator writes a geometry given in longitude and latitude in Web Mercator.
func (r *copyRow) mercator(mp orb.MultiPolygon) {
	r.b = append(appendEWKB(r.b, mp, sridMercator, toMercator), '\t')
}

// appendDay writes YYYY-MM-DD. time.Time's formatting takes four times as
// long, and a parcel has up to twenty dates. The arithmetic is the usual one
// of years that begin in March (eras of 400 years).
func appendDay(b []byte, d land.Date) []byte {
	z := int(d) - 1 + 306 // days since 0000-03-01
	era := z / 146097
	doe := z % 146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day := doy - (153*mp+2)/5 + 1
	month, year := mp+3, yoe+era*400
	if month > 12 {
		month, year = month-12, year+1
	}
	return append(b, '0'+byte(year/1000), '0'+byte(year/100%10), '0'+byte(year/10%10), '0'+byte(year%10), '-',
		'0'+byte(month/10), '0'+byte(month%10), '-', '0'+byte(day/10), '0'+byte(day%10))
}
