package ingest

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// candidate is a column that could be a field.
type candidate struct {
	Match
	score  int
	scheme string // of codes
}

// Shares of values that must fit.
const (
	mostFit = 0.8  // of words, numbers, dates, codes
	allFit  = 0.99 // of ids that differ
)

// fits holds the name and the values of a column against a field. Without a
// known name only a table of words can show what a column is.
func (p *proposer) fits(c *column, field string, kind fieldKind) (candidate, bool) {
	m := candidate{Match: Match{Field: field, Column: c.name}}
	known, named := p.names[normalName(c.name)][field]
	if named && known.from != "" && known.rank >= 10*rankMap && known.from != p.proposal.Like {
		named = false // what one map calls so proves nothing of another's files
	}
	var whys []string
	if named {
		m.score = 100 - known.rank
		whys = append(whys, p.text("propose.name", []any{c.name}))
		if known.from != "" {
			whys = []string{p.text("propose.map", []any{c.name, known.from})}
		}
		m.Unit = known.unit
	}
	if u := unitInName(c.name); u != "" {
		m.Unit = u
	}
	if len(c.values) == 0 {
		m.Doubt = true
		m.Why = strings.Join(append(whys, p.text("propose.blank", nil)), p.lang("；", "; "))
		return m, named
	}
	why, fit := p.valuesFit(c, field, kind, named)
	if isUseCode(field) {
		why, m.scheme = p.codesFit(c)
		fit = why != ""
	}
	if !fit {
		return m, false
	}
	if why != "" {
		m.score += 30
		whys = append(whys, why)
	}
	m.Doubt = why == ""
	m.Why = strings.Join(whys, p.lang("；", "; "))
	return m, named || why != "" && kind.kind == land.Word
}

// valuesFit reports whether the values can be those of a field, and why they
// speak for it; "" where they say nothing.
func (p *proposer) valuesFit(c *column, field string, kind fieldKind, named bool) (why string, fit bool) {
	switch kind.kind {
	case land.Quant:
		n := share(c.values, func(v string) bool { _, _, ok := parseFree(v, field, factor{}); return ok || isNullWord(v) })
		return p.shared("propose.numbers", n), n >= mostFit && !allDates(c.values)
	case land.Day:
		n := share(c.values, func(v string) bool {
			_, err := p.dates.parse([]byte(v), "")
			return err == nil || err == errTooEarly || isNullWord(v)
		})
		return p.shared("propose.dates", n), n >= mostFit
	case land.Word, land.YesNo:
		return p.wordsFit(c, field, kind, named)
	}
	return p.textFits(c, field)
}

func (p *proposer) shared(key string, n float64) string {
	return p.text(key, []any{fmt.Sprintf("%.0f %%", 100*n)})
}

func (p *proposer) wordsFit(c *column, field string, kind fieldKind, named bool) (string, bool) {
	plan := fieldPlan[struct{}]{Field: land.Field[struct{}]{Name: field, Kind: kind.kind, Words: kind.words}}
	plan.buildWords(p.words)
	different := map[string]bool{}
	n := share(c.values, func(v string) bool {
		_, ok := plan.lookup(value{raw: []byte(v)})
		if ok && allLetters(v) {
			different[v] = true
		}
		return ok || isNullWord(v)
	})
	if named {
		return p.shared("propose.words", n), n >= mostFit
	}
	// Y, 1 and the like are words of every table; two words of one table are not
	// there by chance.
	return p.shared("propose.words", n), n >= 0.95 && len(different) >= 2 && kind.kind == land.Word
}

// allLetters leaves out 1, Y and the like, which are words of every table.
func allLetters(v string) bool { return len(v) > 2 }

// textFits: ids differ, codes are of one classification; other texts can be
// anything.
func (p *proposer) textFits(c *column, field string) (string, bool) {
	switch field {
	case "id":
		n := float64(len(distinct(c.values))) / float64(max(p.sampled, 1))
		return p.shared("propose.differ", n), n >= allFit
	case "holder_code":
		n := share(c.values, func(v string) bool { return len(v) == 18 })
		return p.shared("propose.codes18", n), n >= 0.5
	}
	return "", true
}

func isUseCode(field string) bool {
	return field == "use_code" || field == "current_use_code" || field == "planned_use_code"
}

// codesFit finds the classification that knows the codes; codes of none are
// left alone. Where several know them and would take them for different
// classes it stays open, and so does the class, until somebody says which it is.
func (p *proposer) codesFit(c *column) (why, scheme string) {
	schemes := []land.UseScheme{land.Guide2023, land.GBT21010, land.Survey3, land.Landchina2007, land.GB50137}
	known := make([]float64, len(schemes))
	best := 0
	for i, s := range schemes {
		known[i] = share(c.values, func(v string) bool { _, ok := p.classes.Lookup(s, v); return ok })
		if known[i] > known[best] {
			best = i
		}
	}
	if known[best] < mostFit {
		return "", ""
	}
	percent := fmt.Sprintf("%.0f %%", 100*known[best])
	for i, s := range schemes {
		if i != best && known[i] > known[best]-0.1 && !p.sameClasses(c, schemes[best], s) {
			return p.text("propose.schemes", []any{percent}), string(land.UnknownScheme)
		}
	}
	return p.text("propose.scheme", []any{percent, string(schemes[best])}), string(schemes[best])
}

// sameClasses reports whether two classifications take the codes of a column
// for the same classes.
func (p *proposer) sameClasses(c *column, a, b land.UseScheme) bool {
	for v := range distinct(c.values) {
		x, okA := p.classes.Lookup(a, v)
		y, okB := p.classes.Lookup(b, v)
		if okA && okB && x != y {
			return false
		}
	}
	return true
}

func isNullWord(v string) bool {
	return slices.Contains([]string{"-", "--", "/", "无", "N/A", "null", "NULL", "Nah"}, v)
}

func share(values []string, ok func(string) bool) float64 {
	n := 0
	for _, v := range values {
		if ok(v) {
			n++
		}
	}
	return float64(n) / float64(max(len(values), 1))
}

func distinct(values []string) map[string]bool {
	set := map[string]bool{}
	for _, v := range values {
		set[v] = true
	}
	return set
}

// allDates keeps 2021-04-11 from being a range of numbers.
func allDates(values []string) bool {
	return share(values, func(v string) bool { return strings.Count(v, "-") == 2 || strings.Count(v, "/") == 2 }) > 0.5
}

// settleUnits finds the unit of areas: of the recorded one by what is drawn, of
// the others by the recorded one where they are of its size.
func (p *proposer) settleUnits() {
	recorded := ""
	for i := range p.proposal.Matched {
		m := &p.proposal.Matched[i]
		switch m.Field {
		case "recorded_area_m2":
			p.recordedUnit(m)
			recorded = m.Unit
		case "approved_area_ha":
			p.recordedUnit(m)
		}
	}
	for i := range p.proposal.Matched {
		m := &p.proposal.Matched[i]
		measures, _, _ := baseOf(m.Field)
		if measures != "area" || m.Field == "recorded_area_m2" || m.Field == "approved_area_ha" || m.Unit != "" {
			continue
		}
		if recorded != "" && p.likeRecorded(m) {
			m.Unit = recorded
			m.Why += p.lang("；", "; ") + p.text("propose.unit_like", []any{recorded})
		} else {
			m.Doubt = true
			m.Why += p.lang("；", "; ") + p.text("propose.unit_unknown", nil)
		}
	}
}

// recordedUnit compares the recorded area with the drawn one.
func (p *proposer) recordedUnit(m *Match) {
	ratio := p.medianRatio(m.Column)
	for _, u := range []string{"m2", "ha", "mu", "km2", "sqft"} {
		of := unitTable()[u]
		if r := ratio * float64(of.num) / float64(of.den); r > 0.8 && r < 1.25 {
			m.Unit, m.Doubt = u, false
			m.Why += p.lang("；", "; ") + p.text("propose.unit_drawn", []any{u, fmt.Sprintf("%.4g", r)})
			return
		}
	}
	m.Doubt = true
	m.Why += p.lang("；", "; ") + p.text("propose.unit_unknown", nil)
}

// likeRecorded reports whether another area, in the unit of the recorded one,
// is of the size of what is drawn, and wouldn't be in square metres.
func (p *proposer) likeRecorded(m *Match) bool {
	of := unitTable()[m.Unit]
	for _, r := range p.proposal.Matched {
		if r.Field == "recorded_area_m2" {
			of = unitTable()[r.Unit]
		}
	}
	ratio := p.medianRatio(m.Column)
	in := ratio * float64(of.num) / float64(max(of.den, 1))
	return in > 0.01 && in < 10 && (of.num == of.den || ratio < 0.01)
}

// medianRatio is the middle one of the values over the drawn areas.
func (p *proposer) medianRatio(name string) float64 {
	c := p.columns[name]
	var ratios []float64
	for i, v := range c.values {
		n, _, ok := parseFree(v, "recorded_area_m2", factor{})
		if ok && n > 0 && c.drawn[i] > 0 {
			ratios = append(ratios, n.Float()/c.drawn[i])
		}
	}
	if len(ratios) == 0 {
		return math.NaN()
	}
	sort.Float64s(ratios)
	return ratios[len(ratios)/2]
}

// write gives the proposal as the text of a map, and reads it back.
func (p *proposer) write() error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", p.text("propose.head", []any{p.sampled}))
	fmt.Fprintf(&b, "layer: %s\n", p.layer)
	if p.layer != LayerZones && slices.Contains(p.proposal.Missing, "id") {
		if p.featured {
			b.WriteString("id_from: feature\n")
		} else {
			b.WriteString("id_from: position\n")
		}
	}
	if words := p.nullWords(); len(words) > 0 {
		fmt.Fprintf(&b, "null: [%s]\n", strings.Join(words, ", "))
	}
	if p.scheme != "" && !p.matched("use_scheme") {
		fmt.Fprintf(&b, "constants: {use_scheme: %s}\n", p.scheme)
	}
	b.WriteString("fields:\n")
	sort.SliceStable(p.proposal.Matched, func(i, k int) bool {
		return slices.Index(p.order, p.proposal.Matched[i].Column) < slices.Index(p.order, p.proposal.Matched[k].Column)
	})
	if len(p.proposal.Matched) == 0 {
		b.WriteString("  {}\n")
	}
	for _, m := range p.proposal.Matched {
		from := quoted(m.Column)
		if m.Unit != "" {
			from = fmt.Sprintf("{from: %s, unit: %s}", from, m.Unit)
		}
		fmt.Fprintf(&b, "  %s: %s # %s\n", m.Field, from, onLine(m.Why))
	}
	p.proposal.YAML = b.String()
	var err error
	p.proposal.Map, err = ParseMap("auto", []byte(p.proposal.YAML))
	return err
}

func (p *proposer) matched(field string) bool {
	return slices.ContainsFunc(p.proposal.Matched, func(m Match) bool { return m.Field == field })
}

// nullWords are the words for none that occur in the columns that are used.
func (p *proposer) nullWords() []string {
	seen := map[string]bool{}
	for _, m := range p.proposal.Matched {
		for _, v := range p.columns[m.Column].values {
			if isNullWord(v) {
				seen[quoted(v)] = true
			}
		}
	}
	words := make([]string, 0, len(seen))
	for w := range seen {
		words = append(words, w)
	}
	slices.Sort(words)
	return words
}

// onLine keeps a comment on its line, whatever is in the names it quotes.
func onLine(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7F || c == 0x85 || c == 0x2028 || c == 0x2029 {
			return ' '
		}
		return c
	}, s)
}

// quoted is a text as YAML reads it back whatever is in it.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < ' ' || c == 0x7F || c == 0x85 || c == 0x2028 || c == 0x2029 || c == 0xFEFF:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
