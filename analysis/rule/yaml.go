package rule

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/muscope/muscope/analysis/land"
)

// Doc is a YAML file being read strictly: every fault is noted with its place
// and reading goes on, so that an author sees all of them at once. (A decoder
// into structs stops at the first.)
type Doc struct {
	file   string
	lines  []string
	faults Faults
}

// Parse parses a YAML file of one document. Keys given twice are syntax faults.
func Parse(file string, data []byte) (*Doc, ast.Node, error) {
	d := &Doc{file: file, lines: strings.Split(string(data), "\n")}
	f, err := parser.ParseBytes(data, 0)
	if err != nil {
		d.syntax(err)
		return d, nil, d.Err()
	}
	if len(f.Docs) != 1 || f.Docs[0].Body == nil {
		d.faults = append(d.faults, Fault{File: file, Message: "must hold exactly one YAML document, and not an empty one"})
		return d, nil, d.Err()
	}
	return d, f.Docs[0].Body, nil
}

func (d *Doc) syntax(err error) {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		d.at(at.GetToken(), "%s", at.GetMessage())
		return
	}
	d.faults = append(d.faults, Fault{File: d.file, Message: err.Error()})
}

// Err is all faults found so far, or nil.
func (d *Doc) Err() error {
	if len(d.faults) == 0 {
		return nil
	}
	return d.faults.sorted()
}

// Fault notes a fault at a node.
func (d *Doc) Fault(n ast.Node, format string, args ...any) { d.at(first(n), format, args...) }

// first is the token at which a node begins, as a reader sees it.
func first(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return first(n.Values[0])
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

func (d *Doc) at(t *token.Token, format string, args ...any) {
	f := Fault{File: d.file, Message: fmt.Sprintf(format, args...)}
	if t != nil && t.Position != nil {
		f.Line, f.Col = t.Position.Line, t.Position.Column
		if f.Line >= 1 && f.Line <= len(d.lines) {
			f.Source = strings.TrimSuffix(d.lines[f.Line-1], "\r")
		}
	}
	d.faults = append(d.faults, f)
}

// within notes a fault at the character at of a text, wherever quotes, folds and
// line breaks have put it in the file: blanks aside, a text stands in its file
// character by character.
func (d *Doc) within(n ast.Node, at int, message string) {
	t := first(n)
	line, col := t.Position.Line-1, t.Position.Column-1
	switch n := n.(type) {
	case *ast.LiteralNode:
		line, col = n.Start.Position.Line, 0
	case *ast.StringNode:
		if n.Token.Type == token.SingleQuoteType || n.Token.Type == token.DoubleQuoteType {
			col++
		}
	}
	before := 0
	for _, c := range []rune(textOf(n))[:at] {
		if !unicode.IsSpace(c) {
			before++
		}
	}
	for ; line < len(d.lines); line, col = line+1, 0 {
		runes := []rune(d.lines[line])
		for ; col < len(runes); col++ {
			switch {
			case unicode.IsSpace(runes[col]):
				continue
			case before == 0:
				d.faults = append(d.faults, Fault{File: d.file, Line: line + 1, Col: col + 1, Source: strings.TrimSuffix(d.lines[line], "\r"), Message: message})
				return
			}
			before--
			if runes[col] == '\'' && t.Type == token.SingleQuoteType {
				col++ // a quote is doubled there
			}
		}
	}
	d.Fault(n, "%s", message) // the text breaks off
}

func textOf(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	}
	return ""
}

// Field reads one key of an object.
type Field struct {
	Name     string
	Required bool
	Read     func(ast.Node)
}

// Object reads a mapping: unknown keys and missing required ones are faults. It
// reports whether the node is a mapping at all.
func (d *Doc) Object(n ast.Node, fields ...Field) bool {
	values, ok := d.Pairs(n)
	if !ok {
		return false
	}
	var given []string
	for _, v := range values {
		name := v.Key.GetToken().Value
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
		if i < 0 {
			d.Fault(v, "unknown key %q; the keys here are %s", name, fieldNames(fields))
			continue
		}
		given = append(given, name)
		if _, null := v.Value.(*ast.NullNode); null && !fields[i].Required {
			continue
		}
		fields[i].Read(v.Value)
	}
	for _, f := range fields {
		if f.Required && !slices.Contains(given, f.Name) {
			d.Fault(n, "%q is missing", f.Name)
		}
	}
	return true
}

func fieldNames(fields []Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

// Pairs is the key-value pairs of a mapping; anything else is a fault.
func (d *Doc) Pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	d.Fault(n, "must be keys and values")
	return nil, false
}

// List reads a sequence, item by item.
func (d *Doc) List(n ast.Node, read func(ast.Node)) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.Fault(n, "must be a list")
		return
	}
	for _, v := range s.Values {
		read(v)
	}
}

// Text reads text; numbers and yes/no words must be quoted to be text.
func (d *Doc) Text(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		if strings.TrimSpace(n.Value) == "" {
			d.Fault(n, "must not be blank")
		}
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	}
	d.Fault(n, "must be text; put it in quotes")
	return ""
}

// Word reads one of some words.
func (d *Doc) Word(n ast.Node, words ...string) string {
	s := d.Text(n)
	if s != "" && !slices.Contains(words, s) {
		d.Fault(n, "%q is none of %s", s, strings.Join(words, ", "))
		return ""
	}
	return s
}

// Date reads a day.
func (d *Doc) Date(n ast.Node) land.Date {
	v, err := land.ParseDate(n.GetToken().Value)
	if err != nil {
		d.Fault(n, "%v", err)
	}
	return v
}

// Number reads a decimal, exactly as it is written.
func (d *Doc) Number(n ast.Node) land.Number {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		v, err := land.ParseFixed(n.GetToken().Value)
		if err != nil {
			d.Fault(n, "%v", err)
			return land.Number{}
		}
		return land.Num(v)
	}
	d.Fault(n, "must be a number")
	return land.Number{}
}

// Int reads a whole number.
func (d *Doc) Int(n ast.Node) int {
	v, err := strconv.Atoi(n.GetToken().Value)
	if err != nil {
		d.Fault(n, "must be a whole number")
	}
	return v
}

// Bool reads true or false.
func (d *Doc) Bool(n ast.Node) bool {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		d.Fault(n, "must be true or false")
		return false
	}
	return b.Value
}

// Fraction reads a decimal or a fraction such as 1/3, exactly.
func (d *Doc) Fraction(n ast.Node) (num, den int64) {
	if s, ok := n.(*ast.StringNode); ok {
		a, b, _ := strings.Cut(s.Value, "/")
		num, err1 := strconv.ParseInt(a, 10, 32)
		den, err2 := strconv.ParseInt(b, 10, 32)
		if err1 == nil && err2 == nil && den > 0 {
			return num, den
		}
		d.Fault(n, "%q is neither a number nor a fraction such as 1/3", s.Value)
		return 0, 1
	}
	num, den = int64(d.Number(n).Value), int64(land.One)
	for a, b := num, den; ; { // in lowest terms
		if b == 0 {
			if a > 1 {
				num, den = num/a, den/a
			}
			return num, den
		}
		a, b = b, a%b
	}
}

// Words reads a list of texts.
func (d *Doc) Words(n ast.Node) (out []string) {
	d.List(n, func(v ast.Node) { out = append(out, d.Text(v)) })
	return out
}

// canonical is the bytes a digest is taken of.
func canonical(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}
