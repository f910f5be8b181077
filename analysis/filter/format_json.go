package filter

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/paulmach/orb"
)

// FormatJSON prints a tree in the JSON encoding, without spaces. Reading it
// again gives the same tree.
func FormatJSON(e Expr) []byte { return appendJSON(nil, e) }

func appendJSON(b []byte, e Expr) []byte {
	switch e := e.(type) {
	case *And:
		return appendOp(b, "and", e.Args...)
	case *Or:
		return appendOp(b, "or", e.Args...)
	case *Not:
		return appendOp(b, "not", e.Arg)
	case *Comparison:
		return appendOp(b, e.Op.String(), e.Left, e.Right)
	case *Like:
		return appendOp(b, "like", e.Arg, e.Pattern)
	case *Between:
		return appendOp(b, "between", e.Arg, e.Low, e.High)
	case *In:
		b = append(appendJSON(append(b, `{"op":"in","args":[`...), e.Arg), ",["...)
		return append(appendArgs(b, e.List), "]]}"...)
	case *IsNull:
		return appendOp(b, "isNull", e.Arg)
	case *SpatialPredicate:
		return appendOp(b, e.Op.String(), e.Left, e.Right)
	case *TemporalPredicate:
		return appendOp(b, e.Op.String(), e.Left, e.Right)
	case *Arithmetic:
		return appendOp(b, e.Op.String(), e.Left, e.Right)
	case *Fold:
		return appendOp(b, e.Op.String(), e.Arg)
	case *Function:
		return appendOp(b, e.Name, e.Args...)
	}
	return appendJSONLeaf(b, e)
}

func appendJSONLeaf(b []byte, e Expr) []byte {
	switch e := e.(type) {
	case *Property:
		return append(appendString(append(b, `{"property":`...), e.Name), '}')
	case *Literal:
		return appendJSONValue(b, e.Value)
	case *Interval:
		b = appendJSONEnd(append(b, `{"interval":[`...), e.Start)
		b = appendJSONEnd(append(b, ','), e.End)
		return append(b, "]}"...)
	case *GeometryLiteral:
		return appendGeoJSON(b, e.Geometry)
	case *BBox:
		b = append(b, `{"bbox":`...)
		b = appendArray(b, []float64{e.Min[0], e.Min[1], e.Max[0], e.Max[1]}, appendNumber)
		return append(b, '}')
	}
	return append(b, "null"...)
}

func appendOp(b []byte, op string, args ...Expr) []byte {
	b = appendString(append(b, `{"op":`...), op)
	b = appendArgs(append(b, `,"args":[`...), args)
	return append(b, "]}"...)
}

func appendArgs(b []byte, args []Expr) []byte {
	for i, a := range args {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, a)
	}
	return b
}

func appendJSONValue(b []byte, v Value) []byte {
	switch v.kind {
	case Text:
		return appendString(b, v.text)
	case Number:
		return appendNumber(b, v.Number())
	case Boolean:
		return strconv.AppendBool(b, v.Boolean())
	case Date:
		return append(appendInstant(append(b, `{"date":"`...), v), `"}`...)
	case Timestamp:
		return append(appendInstant(append(b, `{"timestamp":"`...), v), `"}`...)
	}
	return append(b, "null"...)
}

func appendJSONEnd(b []byte, e Expr) []byte {
	if e == nil {
		return append(b, `".."`...)
	}
	if l, ok := e.(*Literal); ok && (l.Value.kind == Date || l.Value.kind == Timestamp) {
		return append(appendInstant(append(b, '"'), l.Value), '"')
	}
	return appendJSON(b, e)
}

// appendString writes a JSON string, < and > as they are.
func appendString(b []byte, s string) []byte {
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // a string always encodes
		return append(b, `""`...)
	}
	return append(b, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
}

func appendGeoJSON(b []byte, g orb.Geometry) []byte {
	b = appendString(append(b, `{"type":`...), g.GeoJSONType())
	if c, ok := g.(orb.Collection); ok {
		return append(appendArray(append(b, `,"geometries":`...), c, appendGeoJSON), '}')
	}
	b = append(b, `,"coordinates":`...)
	switch g := g.(type) {
	case orb.Point:
		b = appendJSONPosition(b, g)
	case orb.LineString:
		b = appendArray(b, g, appendJSONPosition)
	case orb.Polygon:
		b = appendJSONPolygon(b, g)
	case orb.MultiPoint:
		b = appendArray(b, g, appendJSONPosition)
	case orb.MultiLineString:
		b = appendArray(b, g, func(b []byte, c orb.LineString) []byte { return appendArray(b, c, appendJSONPosition) })
	case orb.MultiPolygon:
		b = appendArray(b, g, appendJSONPolygon)
	}
	return append(b, '}')
}

func appendJSONPolygon(b []byte, p orb.Polygon) []byte {
	return appendArray(b, p, func(b []byte, r orb.Ring) []byte { return appendArray(b, r, appendJSONPosition) })
}

func appendJSONPosition(b []byte, c orb.Point) []byte { return appendArray(b, c[:], appendNumber) }

// appendArray writes "[item,item]".
func appendArray[T any](b []byte, items []T, item func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, c := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, c)
	}
	return append(b, ']')
}
