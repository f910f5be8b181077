package geojson

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// AppendGeometry appends g as an RFC 7946 geometry object with the shortest numbers that read back to the same
// doubles. A Ring and a Bound become Polygons; a nil geometry becomes null. A coordinate that is NaN or infinite
// has no form in JSON and becomes null, which every strict reader refuses.
func AppendGeometry(dst []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		dst = append(dst, `{"type":"Point","coordinates":`...)
		dst = appendPoint(dst, g)
	case orb.MultiPoint:
		dst = append(dst, `{"type":"MultiPoint","coordinates":`...)
		dst = appendList(dst, g, appendPoint)
	case orb.LineString:
		dst = append(dst, `{"type":"LineString","coordinates":`...)
		dst = appendList(dst, g, appendPoint)
	case orb.MultiLineString:
		dst = append(dst, `{"type":"MultiLineString","coordinates":`...)
		dst = appendList(dst, g, appendLine)
	case orb.Ring:
		return AppendGeometry(dst, orb.Polygon{g})
	case orb.Bound:
		return AppendGeometry(dst, g.ToPolygon())
	case orb.Polygon:
		dst = append(dst, `{"type":"Polygon","coordinates":`...)
		dst = appendPolygon(dst, g)
	case orb.MultiPolygon:
		dst = append(dst, `{"type":"MultiPolygon","coordinates":`...)
		dst = appendList(dst, g, appendPolygon)
	case orb.Collection:
		dst = append(dst, `{"type":"GeometryCollection","geometries":`...)
		dst = appendList(dst, g, AppendGeometry)
	default:
		return append(dst, "null"...)
	}
	return append(dst, '}')
}

func appendList[T any](dst []byte, list []T, one func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = one(dst, v)
	}
	return append(dst, ']')
}

func appendPoint(dst []byte, p orb.Point) []byte {
	dst = append(dst, '[')
	dst = AppendNumber(dst, p[0])
	dst = append(dst, ',')
	dst = AppendNumber(dst, p[1])
	return append(dst, ']')
}

func appendLine(dst []byte, l orb.LineString) []byte { return appendList(dst, l, appendPoint) }

func appendRing(dst []byte, r orb.Ring) []byte { return appendList(dst, r, appendPoint) }

func appendPolygon(dst []byte, p orb.Polygon) []byte { return appendList(dst, p, appendRing) }

// AppendNumber appends v as the shortest JSON number that reads back to the same double, with an exponent only
// below 1e-6 and from 1e21 on. NaN and infinities become null.
func AppendNumber(dst []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(dst, "null"...)
	}
	if b, ok := appendShort(dst, v); ok {
		return b
	}
	form := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		form = 'e'
	}
	return strconv.AppendFloat(dst, v, form, -1, 64)
}

// appendShort appends a number of at most nine decimals and fifteen digits, as
// nearly all coordinates are. Dividing by 1e9 is correctly rounded, so that the
// decimal reads back to v; and no two decimals of fifteen digits read to the
// same double, so that it is the shortest. It takes two thirds of the time of
// strconv's search.
func appendShort(dst []byte, v float64) ([]byte, bool) {
	const scale = 1e9
	if !(v > -360 && v < 360) || v == 0 && math.Signbit(v) {
		return dst, false
	}
	n := int64(math.Round(v * scale))
	if float64(n)/scale != v || n > -1000 && n < 1000 && n != 0 { // below 1e-6 there is an exponent
		return dst, false
	}
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	dst = strconv.AppendInt(dst, n/scale, 10)
	rest := n % scale
	if rest == 0 {
		return dst, true
	}
	at := len(dst)
	dst = strconv.AppendInt(dst, scale+rest, 10) // 1 and nine digits; the 1 becomes the point
	dst[at] = '.'
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst, true
}

// AppendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD; <, > and & are escaped, so that the text
// may stand inside an HTML script element.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		k := s[i]
		if k >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, s[from:i]...)
				dst = append(dst, "\uFFFD"...)
				from = i + 1
			}
			i += n
			continue
		}
		if k >= ' ' && k != '"' && k != '\\' && k != '<' && k != '>' && k != '&' && k != 0x7F {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		switch k {
		case '"', '\\':
			dst = append(dst, '\\', k)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[k>>4], hex[k&15])
		}
		i++
		from = i
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}
