package filter

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonBoolean
	jsonNumber
	jsonText
	jsonArray
	jsonObject
)

var jsonNames = [...]key{"json_null", "json_boolean", "json_number", "json_text", "json_array", "json_object"}

// jsonValue is a JSON value with its place, which encoding/json forgets.
type jsonValue struct {
	kind  jsonKind
	span  Span
	text  string // of a text; the digits of a number
	truth bool
	items []jsonValue // of an array; the values of an object
	names []jsonValue // of an object
}

// member is the value of an object's member.
func (v jsonValue) member(name string) (jsonValue, bool) {
	for i, n := range v.names {
		if n.text == name {
			return v.items[i], true
		}
	}
	return jsonValue{}, false
}

// maxMembers is more than any object of a filter has.
const maxMembers = 16

type jsonReader struct {
	*faults
	decoder *json.Decoder
	last    int64 // offset behind the token before
	most    int   // nesting allowed
}

// readJSON reads the one value of a source.
func readJSON(fs *faults, most int) (jsonValue, bool) {
	r := &jsonReader{faults: fs, decoder: json.NewDecoder(strings.NewReader(fs.source)), most: most}
	r.decoder.UseNumber()
	t, at, ok := r.token()
	if !ok {
		return jsonValue{}, false
	}
	v, ok := r.value(t, at, 0)
	if !ok {
		return v, false
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		end := int(r.decoder.InputOffset())
		r.add("json_tail", Span{end, end + 1})
		return v, false
	}
	return v, true
}

// token reads a token and finds its place.
func (r *jsonReader) token() (json.Token, Span, bool) {
	from := r.decoder.InputOffset()
	t, err := r.decoder.Token()
	to := r.decoder.InputOffset()
	if err != nil {
		at := int(to)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at = int(syntax.Offset) - 1
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			at = len(r.source)
		}
		at = min(max(at, 0), len(r.source))
		rest := r.source[at:]
		at += len(rest) - len(strings.TrimLeft(rest, " \t\r\n"))
		r.add("json_syntax", Span{at, at + 1}, err.Error())
		return nil, Span{}, false
	}
	skipped := r.source[from:to]
	from += int64(len(skipped) - len(strings.TrimLeft(skipped, " \t\r\n,:")))
	return t, Span{int(from), int(to)}, true
}

func (r *jsonReader) value(t json.Token, at Span, depth int) (jsonValue, bool) {
	v := jsonValue{span: at}
	switch t := t.(type) {
	case nil:
		v.kind = jsonNull
	case bool:
		v.kind, v.truth = jsonBoolean, t
	case json.Number:
		v.kind, v.text = jsonNumber, t.String()
	case string:
		v.kind, v.text = jsonText, t
		return v, r.textual(t, at)
	case json.Delim:
		if depth >= r.most {
			r.add("too_deep", at, r.most)
			return v, false
		}
		return r.nested(v, t, depth+1)
	}
	return v, true
}

// textual refuses what the text encoding and databases cannot hold.
func (r *jsonReader) textual(s string, at Span) bool {
	if strings.IndexByte(s, 0) >= 0 {
		r.add("encoding", at)
		return false
	}
	return true
}

// nested reads an array or object that has just begun.
func (r *jsonReader) nested(v jsonValue, open json.Delim, depth int) (jsonValue, bool) {
	v.kind = jsonArray
	if open == '{' {
		v.kind = jsonObject
	}
	for {
		t, at, ok := r.token()
		if !ok {
			return v, false
		}
		if d, end := t.(json.Delim); end && (d == ']' || d == '}') {
			v.span.To = at.To
			return v, true
		}
		if v.kind == jsonObject {
			name := jsonValue{kind: jsonText, span: at}
			name.text, _ = t.(string)
			if !r.textual(name.text, at) {
				return v, false
			}
			if len(v.names) == maxMembers {
				r.add("json_object", v.span)
				return v, false
			}
			if _, twice := v.member(name.text); twice {
				r.add("json_twice", at, cut(name.text, 40))
				return v, false
			}
			v.names = append(v.names, name)
			if t, at, ok = r.token(); !ok {
				return v, false
			}
		}
		item, ok := r.value(t, at, depth)
		if !ok {
			return v, false
		}
		v.items = append(v.items, item)
	}
}
