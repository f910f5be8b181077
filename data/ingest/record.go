package ingest

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/goccy/go-yaml"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/geo/geojson"
)

// maxTextBytes is the longest text a field may have; a longer one is a file
// gone wrong, and would be stored millions of times.
const maxTextBytes = 10_000

// builtinWords is field → word as people write it → canonical word, for the
// words that mean the same everywhere (出让, 在建, 是).
type builtinWords map[string]map[string]string

// yesNoWords is the entry of builtinWords for every yes/no field.
const yesNoWords = "yes_no"

func loadBuiltinWords() (builtinWords, error) {
	maps, err := data.Maps()
	if err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(maps, "_words.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the built-in words: %w", err)
	}
	var lists map[string]map[string][]string
	if err := yaml.Unmarshal(text, &lists); err != nil {
		return nil, fmt.Errorf("built-in words: %w", err)
	}
	words := builtinWords{}
	for field, byWord := range lists {
		words[field] = map[string]string{}
		for to, list := range byWord {
			for _, w := range list {
				words[field][w] = to
			}
		}
	}
	return words, nil
}

// value is one value of a source, whatever the format it came in.
type value struct {
	kind geojson.Kind
	raw  []byte // decoded text of a string, else its JSON text
	key  string // its name in the source; "" of a constant
}

// recordReader reads the fields of records of type T by their kind: one
// reader for every field of every layer. It belongs to one goroutine.
type recordReader[T any] struct {
	plans  []fieldPlan[T]
	byName map[string][]target
	byKey  []keyTargets // by geojson.Property.KeyID
	null   map[string]bool
	dates  dates

	slots   []slot
	values  []value
	text    []byte // texts of the record in hand, one after the other
	texts   []textAt
	extra   []byte
	kept    []string        // source names of values kept although they were mapped
	faulted map[string]bool // fields that had a value nobody could read
	warn    func(code, field string, args ...any)
}

// fieldPlan is one field with what the map says of it.
type fieldPlan[T any] struct {
	land.Field[T]
	spec   fieldSpec
	words  map[string]wordValue
	open   bool // words outside the table are kept (texts without one)
	other  *wordValue
	limits limits
	code   codeForm
	// constant is the value where the source gives none.
	constant []byte
}

// target is a field that a property feeds; the lowest rank wins.
type target struct {
	field int32
	rank  int32
}

// keyTargets is what is known of one key number.
type keyTargets struct {
	known bool
	list  []target
}

type slot struct {
	value int32 // index into values, -1 where none
	rank  int32
}

type textAt struct {
	field      int32
	start, end int32
}

func newRecordReader[T any](fields []land.Field[T], m *Map, words builtinWords) (*recordReader[T], error) {
	d, err := newDates()
	if err != nil {
		return nil, err
	}
	r := &recordReader[T]{byName: map[string][]target{}, null: m.null, dates: d,
		slots: make([]slot, len(fields)), faulted: map[string]bool{}}
	for i, f := range fields {
		p := fieldPlan[T]{Field: f, limits: limitsOf(f.Name), code: codeFormOf(f.Name)}
		p.spec.from = []string{f.Name}
		if spec := m.fields[f.Name]; spec != nil {
			p.spec = *spec
		}
		if c, ok := m.constants[f.Name]; ok {
			p.constant = []byte(c)
		}
		p.buildWords(words)
		r.plans = append(r.plans, p)
		if p.spec.ignore {
			continue
		}
		for rank, name := range p.spec.from {
			r.byName[name] = append(r.byName[name], target{int32(i), int32(rank)})
		}
	}
	return r, nil
}

// buildWords makes the code table of a field: the canonical words, those that
// mean the same everywhere, and the map's own over them.
func (p *fieldPlan[T]) buildWords(builtin builtinWords) {
	p.open = p.Kind == land.Text && len(p.spec.words) == 0
	if p.Kind != land.Word && p.Kind != land.YesNo && p.open {
		return
	}
	p.words = map[string]wordValue{}
	list := p.Name
	if p.Kind == land.YesNo {
		list = yesNoWords
		p.words["true"], p.words["false"] = wordValue{to: "true"}, wordValue{to: "false"}
	}
	for from, to := range builtin[list] {
		if p.Kind == land.YesNo || slices.Contains(p.Words, to) {
			p.words[from] = wordValue{to: to}
		}
	}
	for _, w := range p.Words {
		p.words[w] = wordValue{to: w}
	}
	for from, to := range p.spec.words {
		p.words[from] = to
	}
	if o, ok := p.spec.words[otherWord]; ok {
		p.other = &o
	}
}

// begin forgets the record before.
func (r *recordReader[T]) begin() {
	for i := range r.slots {
		r.slots[i] = slot{value: -1}
	}
	r.values = r.values[:0]
	r.text, r.texts, r.extra, r.kept = r.text[:0], r.texts[:0], r.extra[:0], r.kept[:0]
	clear(r.faulted)
}

// property takes one property of a feature.
func (r *recordReader[T]) property(p *geojson.Property) {
	var targets []target
	if id := int(p.KeyID); id >= 0 && id < len(r.byKey) && r.byKey[id].known {
		targets = r.byKey[id].list
	} else {
		targets = r.lookup(p.Key, id)
	}
	if len(targets) == 0 {
		r.keepExtra(p)
		return
	}
	r.offer(targets, value{p.Kind, p.Raw, p.Key})
}

// lookup finds the fields that a key feeds and remembers them by its number.
func (r *recordReader[T]) lookup(key string, id int) []target {
	targets := r.byName[key]
	if id >= 0 {
		for len(r.byKey) <= id {
			r.byKey = append(r.byKey, keyTargets{})
		}
		r.byKey[id] = keyTargets{true, targets}
	}
	return targets
}

func (r *recordReader[T]) offer(targets []target, v value) {
	n := int32(len(r.values))
	r.values = append(r.values, v)
	for _, t := range targets {
		s := &r.slots[t.field]
		if s.value < 0 || r.better(&r.plans[t.field].spec, v, t.rank, *s) {
			*s = slot{n, t.rank}
		}
	}
}

// better reports whether v is to be taken before what the slot holds: a value
// before a blank, else the name that stands first in the map.
func (r *recordReader[T]) better(spec *fieldSpec, v value, rank int32, s slot) bool {
	if r.blank(spec, v) {
		return false
	}
	return rank < s.rank || r.blank(spec, r.values[s.value])
}

// blank reports whether v is null, empty or one of the words for unknown.
func (r *recordReader[T]) blank(spec *fieldSpec, v value) bool {
	switch v.kind {
	case geojson.KindAbsent, geojson.KindNull:
		return true
	case geojson.KindString:
		v.raw = trim(v.raw)
		if len(v.raw) == 0 {
			return true
		}
	}
	return spec.null[string(v.raw)] || r.null[string(v.raw)]
}

// trim takes white space off both ends, the ideographic space among it.
func trim(b []byte) []byte {
	if n := len(b); n > 0 && b[0] > ' ' && b[0] < utf8.RuneSelf && b[n-1] > ' ' && b[n-1] < utf8.RuneSelf {
		return b
	}
	return bytes.TrimSpace(b)
}

// finish reads the fields into rec, which is zero before.
func (r *recordReader[T]) finish(rec *T) {
	for i := range r.plans {
		p := &r.plans[i]
		v, ok := r.given(p, r.slots[i])
		switch {
		case ok:
			r.read(p, int32(i), rec, v)
		case p.constant != nil:
			r.read(p, int32(i), rec, value{kind: geojson.KindString, raw: p.constant})
		}
	}
	r.settleTexts(rec)
}

// given is the value that the source gives a field, false where it is blank.
func (r *recordReader[T]) given(p *fieldPlan[T], s slot) (value, bool) {
	if s.value < 0 {
		return value{}, false
	}
	v := r.values[s.value]
	if r.blank(&p.spec, v) {
		if p.Kind == land.Day && v.kind == geojson.KindString {
			r.warn(noteBlankDate, p.Name)
		}
		return value{}, false
	}
	if v.kind == geojson.KindString {
		v.raw = trim(v.raw)
	}
	return v, true
}

// written is the text that the source gives a field, nil where it is blank.
func (r *recordReader[T]) written(field string) []byte {
	for i := range r.plans {
		if r.plans[i].Name == field && r.slots[i].value >= 0 {
			return trim(r.values[r.slots[i].value].raw)
		}
	}
	return nil
}

func (r *recordReader[T]) read(p *fieldPlan[T], i int32, rec *T, v value) {
	if v.kind == geojson.KindArray || v.kind == geojson.KindObject {
		r.bad(p, "field.not_a_value", v)
		return
	}
	switch p.Kind {
	case land.Text:
		r.readText(p, i, v)
	case land.Word:
		r.readWord(p, rec, v)
	case land.Day:
		r.readDate(p, rec, v)
	case land.Quant:
		r.readNumber(p, rec, v)
	case land.YesNo:
		r.readYesNo(p, rec, v)
	}
}

// bad leaves the field unknown and says so.
func (r *recordReader[T]) bad(p *fieldPlan[T], code string, v value, args ...any) {
	r.faulted[p.Name] = true
	r.warn(code, p.Name, append([]any{shown(v.raw)}, args...)...)
	r.keepSource(v)
}

// shown is a value as it goes into a message: short, and on one line.
func shown(raw []byte) string {
	s := string(raw)
	if len(s) > 60 {
		cut := 60
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7F {
			return ' '
		}
		return c
	}, s)
}

func (r *recordReader[T]) readText(p *fieldPlan[T], i int32, v value) {
	if !p.open {
		to, ok := p.lookup(v)
		if !ok {
			r.bad(p, "field.unknown_word", v, wordList(p.words))
			return
		}
		if to.null {
			return
		}
		v = value{kind: geojson.KindString, raw: []byte(to.to)}
	}
	switch {
	case len(v.raw) > maxTextBytes:
		r.bad(p, "field.too_long", v, maxTextBytes)
		return
	case bytes.IndexByte(v.raw, 0) >= 0:
		r.bad(p, "field.control_character", v)
		return
	}
	if p.code == codeKey && !onOneLine(v.raw) {
		r.warn("field.line_break", p.Name, shown(v.raw))
	}
	start := int32(len(r.text))
	if v.kind == geojson.KindNumber {
		v.raw = bytes.TrimSuffix(v.raw, []byte(".0"))
	}
	r.text = p.code.append(r.text, v.raw, v.kind == geojson.KindNumber)
	r.texts = append(r.texts, textAt{i, start, int32(len(r.text))})
}

// settleTexts makes one string of all texts of the record and cuts the fields
// from it: one allocation a record, and safe to keep.
func (r *recordReader[T]) settleTexts(rec *T) {
	if len(r.texts) == 0 {
		return
	}
	all := string(r.text)
	for _, t := range r.texts {
		*r.plans[t.field].Str(rec) = all[t.start:t.end]
	}
}

// lookup finds a value in the field's code table, exactly, else in lower case
// for ASCII words.
func (p *fieldPlan[T]) lookup(v value) (wordValue, bool) {
	if w, ok := p.words[string(v.raw)]; ok && string(v.raw) != otherWord {
		return w, true
	}
	if w, ok := p.words[strings.ToLower(string(v.raw))]; ok && string(v.raw) != otherWord {
		return w, true
	}
	if p.other != nil {
		return *p.other, true
	}
	return wordValue{}, false
}

func (r *recordReader[T]) readWord(p *fieldPlan[T], rec *T, v value) {
	w, ok := p.lookup(v)
	switch {
	case !ok:
		r.bad(p, "field.unknown_word", v, strings.Join(p.Words, ", "))
	case w.null || w.to == "unknown" && p.Name != "use_scheme": // a scheme left blank would be taken for the usual one
	default:
		*p.Str(rec) = w.to
	}
}

func (r *recordReader[T]) readYesNo(p *fieldPlan[T], rec *T, v value) {
	w, ok := p.lookup(v)
	switch {
	case !ok:
		r.bad(p, "field.not_yes_no", v)
	case w.null:
	default:
		*p.Flag(rec) = land.FlagOf(w.to == "true")
	}
}

func (r *recordReader[T]) readDate(p *fieldPlan[T], rec *T, v value) {
	if v.kind == geojson.KindBool {
		r.bad(p, "field.not_a_date", v)
		return
	}
	d, err := r.dates.parse(v.raw, p.spec.date)
	switch err {
	case nil:
		*p.Date(rec) = d
	case errTooEarly:
		r.warn("field.date_too_early", p.Name, shown(v.raw))
	case errTooLate:
		r.warn("field.date_too_late", p.Name, shown(v.raw))
	case errAmbiguous:
		r.bad(p, "field.date_ambiguous", v)
	default:
		r.bad(p, "field.not_a_date", v)
	}
}

func (r *recordReader[T]) readNumber(p *fieldPlan[T], rec *T, v value) {
	if v.kind == geojson.KindBool {
		r.bad(p, "field.not_a_number", v)
		return
	}
	n, err := parseDecimal(v.raw, p.spec.unit)
	switch {
	case err == errTooLarge:
		r.bad(p, "field.too_large", v, p.limits.most.String())
	case err == nil:
		r.settleNumber(p, rec, v, n)
	case !r.free(p, rec, v):
		r.bad(p, "field.not_a_number", v)
	}
}

// settleNumber holds a number against the limits of its field.
func (r *recordReader[T]) settleNumber(p *fieldPlan[T], rec *T, v value, n land.Fixed) {
	switch {
	case n > p.limits.most || n < -p.limits.most:
		r.bad(p, "field.too_large", v, p.limits.most.String())
	case n < 0 && !p.limits.negative:
		r.bad(p, "field.negative", v)
	case n >= 0 && n < p.limits.least:
		r.bad(p, "field.too_small", v, p.limits.least.String())
	default:
		*p.Num(rec) = land.Num(n)
	}
}

// keepExtra adds an unmapped property to the record's extra JSON object.
func (r *recordReader[T]) keepExtra(p *geojson.Property) {
	// PostgreSQL's jsonb can't hold U+0000, so it is kept out everywhere.
	if bytes.IndexByte(p.Raw, 0) >= 0 || p.Kind > geojson.KindString && bytes.Contains(p.Raw, []byte(`\u0000`)) ||
		strings.IndexByte(p.Key, 0) >= 0 {
		r.warn("field.control_character", shown([]byte(p.Key)), shown(p.Raw))
		return
	}
	if len(p.Raw) > maxTextBytes {
		r.warn("field.too_long", shown([]byte(p.Key)), shown(p.Raw), maxTextBytes)
		return
	}
	if len(r.extra) == 0 {
		r.extra = append(r.extra, '{')
	} else {
		r.extra = append(r.extra, ',')
	}
	r.extra = geojson.AppendString(r.extra, p.Key)
	r.extra = append(r.extra, ':')
	if p.Kind == geojson.KindString {
		r.extra = geojson.AppendString(r.extra, unsafe.String(unsafe.SliceData(p.Raw), len(p.Raw)))
		return
	}
	r.extra = append(r.extra, p.Raw...)
}

// extraJSON is the object of unmapped properties, nil where there are none.
func (r *recordReader[T]) extraJSON() []byte {
	if len(r.extra) == 0 {
		return nil
	}
	r.extra = append(r.extra, '}')
	return r.extra
}

func wordList(words map[string]wordValue) string {
	list := make([]string, 0, len(words))
	for w := range words {
		list = append(list, w)
	}
	slices.Sort(list)
	if len(list) > 12 {
		list = append(list[:12], "…")
	}
	return strings.Join(list, ", ")
}
