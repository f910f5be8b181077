package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/geo"
)

// Map is a field map: how a source names, measures and writes what the
// contract calls by its own names. A field that the map doesn't mention is
// read from the property of its own name.
type Map struct {
	Name   string // as given to LoadMap
	SHA256 string // of the text of the map
	Layer  string // the layer it is for; "" any
	Title  [2]string
	CRS    string // stated where the files don't say, or say it wrong
	IDFrom string

	null      map[string]bool // words that mean unknown in every field
	constants map[string]string
	fields    map[string]*fieldSpec
}

// fieldSpec is what a map says of one field.
type fieldSpec struct {
	from   []string // source names; the first that has a value counts
	ignore bool     // the field is not read at all
	unit   factor
	date   string               // "", a Go layout, or one of the epoch words
	words  map[string]wordValue // code table
	null   map[string]bool
}

// wordValue is what a source word stands for; unknown without a warning where
// null.
type wordValue struct {
	to   string
	null bool
}

// otherWord is the entry of a code table for words that are not in it.
const otherWord = "*"

// MapError lists every fault of a field map, each with line and column.
type MapError struct {
	Name   string
	Faults []string // line:col: what; what to do
}

// Error gives all faults, one a line.
func (e *MapError) Error() string {
	return fmt.Sprintf("field map %s: %s", e.Name, strings.Join(e.Faults, "\n\t"))
}

// Unwrap gives ErrRefused.
func (e *MapError) Unwrap() error { return ErrRefused }

// LoadMap reads a field map: a built-in one by its name ("cambridge-parcels"),
// any other by its path. Faults of the text are a *MapError; a name that is
// neither says which built-in maps there are.
func LoadMap(name string) (*Map, error) {
	text, err := builtinMap(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		text, err = os.ReadFile(name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		names, _ := MapNames()
		return nil, fmt.Errorf("%w: no field map %q; give the path of a YAML file or one of: %s",
			ErrRefused, name, strings.Join(names, ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("read the field map: %w", err)
	}
	return ParseMap(name, text)
}

// MapNames lists the built-in field maps.
func MapNames() ([]string, error) {
	maps, err := data.Maps()
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(maps, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the field maps: %w", err)
	}
	var names []string
	for _, f := range files {
		if !strings.HasPrefix(f, "_") {
			names = append(names, strings.TrimSuffix(f, ".yaml"))
		}
	}
	return names, nil
}

func builtinMap(name string) ([]byte, error) {
	if name == "" || strings.HasPrefix(name, "_") || strings.ContainsAny(name, `/\.`) {
		return nil, fs.ErrNotExist
	}
	maps, err := data.Maps()
	if err != nil {
		return nil, err
	}
	return fs.ReadFile(maps, name+".yaml")
}

// ParseMap reads the text of a field map. Unknown keys, unknown fields, units
// of the wrong kind and words that a field doesn't have are all reported at
// once as a *MapError.
func ParseMap(name string, text []byte) (*Map, error) {
	sum := sha256.Sum256(text)
	m := &Map{Name: name, SHA256: hex.EncodeToString(sum[:]), fields: map[string]*fieldSpec{}}
	p := mapParser{m: m}
	if err := p.parse(text); err != nil {
		return nil, &MapError{Name: name, Faults: []string{err.Error()}}
	}
	if len(p.faults) > 0 {
		return nil, &MapError{Name: name, Faults: p.faults}
	}
	return m, nil
}

type mapParser struct {
	m      *Map
	fields map[string]fieldKind
	faults []string
}

// fieldKind is what a map may say of a field, by its layer.
type fieldKind struct {
	kind  land.Kind
	words []string
}

func (p *mapParser) fault(n ast.Node, format string, args ...any) {
	at := n.GetToken().Position
	p.faults = append(p.faults, fmt.Sprintf("%d:%d: ", at.Line, at.Column)+fmt.Sprintf(format, args...))
}

func (p *mapParser) parse(text []byte) error {
	if len(text) > maxMapBytes {
		return fmt.Errorf("a field map of %d bytes; keep it under %d", len(text), maxMapBytes)
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return err
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return errors.New("1:1: want one YAML document with the key fields")
	}
	root := p.pairs(file.Docs[0].Body)
	// The layer decides which fields there are, so it is read first.
	for _, pair := range root {
		if pair.key == "layer" {
			p.layer(pair.value)
		}
	}
	if p.fields == nil {
		p.fields = fieldKinds(p.m.Layer)
	}
	for _, pair := range root {
		p.member(pair)
	}
	return nil
}

const maxMapBytes = 1 << 20

type pair struct {
	key   string
	node  ast.Node
	value ast.Node
}

// pairs gives the members of a mapping; anything else is a fault.
func (p *mapParser) pairs(n ast.Node) []pair {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		p.fault(n, "want a mapping (key: value)")
		return nil
	}
	out := make([]pair, 0, len(values))
	seen := map[string]bool{}
	for _, v := range values {
		key, null, ok := scalar(v.Key)
		if null { // the key null, which YAML takes for no value
			key = v.Key.GetToken().Value
		}
		if !ok {
			p.fault(v.Key, "want a plain key")
			continue
		}
		if seen[key] {
			p.fault(v.Key, "key %q occurs twice; keep one", key)
			continue
		}
		seen[key] = true
		out = append(out, pair{key, v.Key, v.Value})
	}
	return out
}

// scalar is the text of a scalar as it is written: 01 stays 01.
func scalar(n ast.Node) (text string, null, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, false, true
	case *ast.LiteralNode:
		return n.Value.Value, false, true
	case *ast.NullNode:
		return "", true, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, false, true
	case *ast.MappingKeyNode:
		return scalar(n.Value)
	}
	return "", false, false
}

func (p *mapParser) text(n ast.Node) string {
	s, null, ok := scalar(n)
	if !ok || null {
		p.fault(n, "want a text")
	}
	return s
}

// list reads a text or a sequence of texts.
func (p *mapParser) list(n ast.Node) []string {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		return []string{p.text(n)}
	}
	out := make([]string, 0, len(seq.Values))
	for _, v := range seq.Values {
		out = append(out, p.text(v))
	}
	return out
}

func (p *mapParser) set(n ast.Node) map[string]bool {
	set := map[string]bool{}
	for _, w := range p.list(n) {
		set[w] = true
	}
	return set
}

func (p *mapParser) layer(n ast.Node) {
	p.m.Layer = p.text(n)
	if p.fields = fieldKinds(p.m.Layer); p.fields == nil || p.m.Layer == "" {
		p.fault(n, "unknown layer %q; want one of %s", p.m.Layer, strings.Join(Layers(), ", "))
	}
}

func (p *mapParser) member(at pair) {
	switch at.key {
	case "layer":
	case "title":
		p.title(at.value)
	case "source", "note":
		p.text(at.value)
	case "crs":
		p.m.CRS = p.text(at.value)
		if _, err := geo.ParseCRS(p.m.CRS); err != nil {
			p.fault(at.value, "%v", err)
		}
	case "id_from":
		p.m.IDFrom = p.text(at.value)
		if p.m.IDFrom != IDFromPosition && p.m.IDFrom != IDFromFeature {
			p.fault(at.value, "id_from is %s or %s, not %q", IDFromPosition, IDFromFeature, p.m.IDFrom)
		}
	case "null":
		p.m.null = p.set(at.value)
	case "constants":
		p.constants(at.value)
	case "fields":
		for _, f := range p.pairs(at.value) {
			p.field(f)
		}
	default:
		p.fault(at.node, "unknown key %q; want layer, title, source, note, crs, id_from, null, constants or fields", at.key)
	}
}

func (p *mapParser) title(n ast.Node) {
	for _, t := range p.pairs(n) {
		switch t.key {
		case "zh":
			p.m.Title[0] = p.text(t.value)
		case "en":
			p.m.Title[1] = p.text(t.value)
		default:
			p.fault(t.node, "unknown language %q; want zh and en", t.key)
		}
	}
}

func (p *mapParser) constants(n ast.Node) {
	p.m.constants = map[string]string{}
	for _, c := range p.pairs(n) {
		kind, ok := p.known(c)
		if !ok {
			continue
		}
		v := p.text(c.value)
		if kind.kind == land.Word && !slices.Contains(kind.words, v) {
			p.fault(c.value, "%s is one of %s, not %q", c.key, strings.Join(kind.words, ", "), v)
		}
		p.m.constants[c.key] = v
	}
}

func (p *mapParser) known(at pair) (fieldKind, bool) {
	kind, ok := p.fields[at.key]
	if !ok {
		p.fault(at.node, "no field %q in %s; the fields are those of the contract", at.key, p.layerName())
	}
	return kind, ok
}

func (p *mapParser) layerName() string {
	if p.m.Layer == "" {
		return "any layer"
	}
	return "layer " + p.m.Layer
}

func (p *mapParser) field(at pair) {
	kind, ok := p.known(at)
	if !ok {
		return
	}
	spec := &fieldSpec{}
	p.m.fields[at.key] = spec
	switch v := at.value.(type) {
	case *ast.NullNode:
		spec.ignore = true
	case *ast.MappingNode, *ast.MappingValueNode:
		for _, s := range p.pairs(v) {
			p.setting(at.key, kind, spec, s)
		}
		if len(spec.from) == 0 {
			spec.from = []string{at.key}
		}
	default:
		spec.from = p.list(at.value)
	}
}

func (p *mapParser) setting(field string, kind fieldKind, spec *fieldSpec, at pair) {
	switch at.key {
	case "from":
		spec.from = p.list(at.value)
	case "null":
		spec.null = p.set(at.value)
	case "unit":
		if kind.kind != land.Quant {
			p.fault(at.node, "%s is no quantity and has no unit", field)
			return
		}
		unit := p.text(at.value)
		f, err := unitFactor(unit, field)
		if err != nil {
			p.fault(at.value, "%v", err)
		}
		spec.unit = f
	case "date":
		if kind.kind != land.Day {
			p.fault(at.node, "%s is no date", field)
			return
		}
		layout, err := dateLayout(p.text(at.value))
		if err != nil {
			p.fault(at.value, "%v", err)
		}
		spec.date = layout
	case "words":
		p.codeTable(field, kind, spec, at.value)
	default:
		p.fault(at.node, "unknown key %q; want from, unit, words, date or null", at.key)
	}
}

// codeTable reads source word → canonical word; a null word means unknown.
func (p *mapParser) codeTable(field string, kind fieldKind, spec *fieldSpec, n ast.Node) {
	spec.words = map[string]wordValue{}
	if kind.kind == land.Day || kind.kind == land.Quant {
		p.fault(n, "%s takes no code table; use null for words that mean unknown", field)
	}
	for _, w := range p.pairs(n) {
		to, null, ok := scalar(w.value)
		switch {
		case !ok:
			p.fault(w.value, "want a word of %s, or null", field)
		case null:
		case kind.kind == land.Word && !slices.Contains(kind.words, to):
			p.fault(w.value, "%s is one of %s, not %q", field, strings.Join(kind.words, ", "), to)
		case kind.kind == land.YesNo && to != "true" && to != "false":
			p.fault(w.value, "%s is true or false, not %q", field, to)
		}
		spec.words[w.key] = wordValue{to, null}
	}
}

// fieldKinds lists the fields of a layer; of "" those of all layers; nil for a
// layer that doesn't exist.
func fieldKinds(layer string) map[string]fieldKind {
	kinds := map[string]fieldKind{}
	all := layer == ""
	if all || layer == LayerParcels {
		addKinds(kinds, land.ParcelFields())
	}
	if all || layer == LayerZones {
		addKinds(kinds, land.ZoneFields())
	}
	if all || layer == LayerBuildings {
		addKinds(kinds, land.BuildingFields())
	}
	if all || layer == LayerConstraints {
		addKinds(kinds, land.ConstraintFields())
	}
	if all || layer == LayerStats {
		addKinds(kinds, statsLayer().fields)
	}
	addTableKinds(kinds, layer)
	if len(kinds) == 0 {
		return nil
	}
	return kinds
}

func addTableKinds(kinds map[string]fieldKind, layer string) {
	for name, add := range map[string]func(){
		LayerApprovals:   func() { addKinds(kinds, land.ApprovalFields()) },
		LayerPhases:      func() { addKinds(kinds, land.PhaseFields()) },
		LayerUses:        func() { addKinds(kinds, land.UseFields()) },
		LayerTerms:       func() { addKinds(kinds, land.TermFields()) },
		LayerFirms:       func() { addKinds(kinds, firmLayer().fields) },
		LayerEvents:      func() { addKinds(kinds, land.EventFields()) },
		LayerRankings:    func() { addKinds(kinds, rankingLayer().fields) },
		LayerZoneActions: func() { addKinds(kinds, land.ZoneActionFields()) },
	} {
		if layer == "" || layer == name {
			add()
		}
	}
}

// addKinds adds the fields of a layer. A field of the same name in another
// layer (kind) has the words of both.
func addKinds[T any](kinds map[string]fieldKind, fields []land.Field[T]) {
	for _, f := range fields {
		words := f.Words
		if before, twice := kinds[f.Name]; twice {
			words = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(before.words), words...))))
		}
		kinds[f.Name] = fieldKind{f.Kind, words}
	}
}
