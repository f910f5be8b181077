package ingest

import (
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo/geojson"
)

// bounds is what a text says of a number that isn't one number: 120~200, ≤0.5,
// 不低于2.0. Either side may be missing.
type bounds struct {
	least, most       land.Fixed
	hasLeast, hasMost bool
}

// sides are words that make a number a bound, behind or before it. Whether the
// bound itself is allowed (以下) or not (低于) is left to the kept original.
type side struct {
	word string
	most bool
}

func leading() []side {
	return []side{{"≤", true}, {"<=", true}, {"＜=", true}, {"<", true}, {"＜", true}, {"不高于", true}, {"不大于", true}, {"不超过", true},
		{"不得超过", true}, {"不得高于", true}, {"小于等于", true}, {"小于", true}, {"低于", true}, {"≥", false}, {">=", false}, {">", false},
		{"＞", false}, {"不低于", false}, {"不小于", false}, {"不少于", false}, {"不得低于", false}, {"大于等于", false}, {"大于", false}, {"高于", false}}
}

func trailing() []side {
	return []side{{"以下", true}, {"以内", true}, {"以上", false}}
}

// dashes part the two numbers of a range.
func dashes() []string { return []string{"~", "～", "—", "–", "至", "到", "-", "－"} }

// unitWords are units as people write them behind a number.
func unitWords() map[string]string {
	return map[string]string{"公顷": "ha", "亩": "mu", "平方米": "m2", "㎡": "m2", "m²": "m2", "m2": "m2", "M2": "m2", "平方公里": "km2", "万平方米": "wan_m2",
		"万元": "wan", "元": "yuan", "亿元": "yi", "千元": "thousand", "年": "years", "米": "m", "人": "person", "吨标准煤": "tce"}
}

// parseFree reads a number as people write it in a text: with its unit
// (12.5公顷), per cent where the field is a ratio (210%), or as a range or a
// bound, which is no single number.
func parseFree(text, field string, unit factor) (n land.Fixed, b bounds, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > 100 {
		return 0, b, false
	}
	if n, ok := withUnit(text, field, unit); ok {
		return n, b, true
	}
	if lo, hi, ok := between(text, field, unit); ok {
		return 0, bounds{least: lo, most: hi, hasLeast: true, hasMost: true}, true
	}
	for _, s := range leading() {
		if rest, found := strings.CutPrefix(text, s.word); found {
			n, ok := withUnit(rest, field, unit)
			return 0, boundOf(n, s.most), ok
		}
	}
	for _, s := range trailing() {
		if rest, found := strings.CutSuffix(text, s.word); found {
			n, ok := withUnit(rest, field, unit)
			return 0, boundOf(n, s.most), ok
		}
	}
	return 0, b, false
}

func boundOf(n land.Fixed, most bool) bounds {
	if most {
		return bounds{most: n, hasMost: true}
	}
	return bounds{least: n, hasLeast: true}
}

// between reads 120~200; the unit stands behind the second number for both.
func between(text, field string, unit factor) (lo, hi land.Fixed, ok bool) {
	for _, d := range dashes() {
		i := strings.Index(text[min(1, len(text)):], d) // not a sign
		if i < 0 {
			continue
		}
		left, right := text[:i+1], text[i+1+len(d):]
		hi, ok = withUnit(right, field, unit)
		if !ok {
			return 0, 0, false
		}
		if lo, ok = withUnit(left+unitBehind(right), field, unit); !ok {
			lo, ok = withUnit(left, field, unit)
		}
		return lo, hi, ok && lo <= hi
	}
	return 0, 0, false
}

// unitBehind is what follows the number in a text.
func unitBehind(text string) string {
	return strings.TrimLeft(strings.TrimSpace(text), "0123456789.,+")
}

// withUnit reads a number with or without a unit behind it; a unit that the
// field can't have makes it no number.
func withUnit(text, field string, unit factor) (land.Fixed, bool) {
	text = strings.TrimSpace(text)
	if n, err := parseDecimal([]byte(text), unit); err == nil {
		return n, true
	}
	for _, percent := range [...]string{"%", "％"} {
		if rest, found := strings.CutSuffix(text, percent); found {
			if measures, _, _ := baseOf(field); measures != "ratio" {
				return 0, false
			}
			n, err := parseDecimal([]byte(strings.TrimSpace(rest)), factor{1, 100})
			return n, err == nil
		}
	}
	name, found := unitWords()[strings.TrimSpace(unitBehind(text))]
	if !found {
		return 0, false
	}
	f, err := unitFactor(name, field)
	if err != nil {
		return 0, false
	}
	n, err := parseDecimal([]byte(strings.TrimSpace(strings.TrimSuffix(text, unitBehind(text)))), f)
	return n, err == nil
}

// free reads a number out of a text that is none by itself. Of a range or a
// bound the field stays unknown, unless it is an upper or lower limit by its
// own name; the bounds and the original are kept among the unmapped properties.
func (r *recordReader[T]) free(p *fieldPlan[T], rec *T, v value) bool {
	if v.kind != geojson.KindString {
		return false
	}
	n, b, ok := parseFree(string(v.raw), p.Name, p.spec.unit)
	if !ok {
		return false
	}
	switch {
	case b.hasMost && strings.HasSuffix(p.Name, "_max"):
		n = b.most
	case b.hasLeast && strings.HasSuffix(p.Name, "_min"):
		n = b.least
	case b.hasLeast || b.hasMost:
		r.faulted[p.Name] = true
		r.warn("field.range", p.Name, shown(v.raw))
		r.keepSource(v)
		r.keepBound(p.Name+".min", b.least, b.hasLeast)
		r.keepBound(p.Name+".max", b.most, b.hasMost)
		return true
	}
	r.keepSource(v)
	r.settleNumber(p, rec, v, n)
	return true
}

func (r *recordReader[T]) keepBound(key string, n land.Fixed, has bool) {
	if has {
		r.keepExtra(&geojson.Property{Key: key, Kind: geojson.KindNumber, Raw: []byte(n.String())})
	}
}

// keepSource keeps a value that was mapped and could not be read, or not whole,
// under its own name, once.
func (r *recordReader[T]) keepSource(v value) {
	if v.key == "" {
		return
	}
	for _, k := range r.kept {
		if k == v.key {
			return
		}
	}
	r.kept = append(r.kept, v.key)
	if v.kind == geojson.KindString && (len(v.raw) > maxTextBytes || strings.IndexByte(string(v.raw), 0) >= 0) {
		return // told already
	}
	r.keepExtra(&geojson.Property{Key: v.key, Kind: v.kind, Raw: v.raw})
}
