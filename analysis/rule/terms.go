package rule

import (
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// TermsPack is the pack under which a contract's own limits are judged. It is no
// file: its rules are the terms of the contracts.
const TermsPack = "contract/terms"

// The reasons of verdicts on a contract's terms.
const (
	ReasonTermIncomplete = "term_incomplete"
	ReasonTermUnit       = "term_unit_unknown"
)

// Term is a limit that a contract sets, made a rule: contract/terms#far.project.ge.
type Term struct {
	*Rule
	reason string // why it can't be judged; blank: it can
}

// TermRule makes a rule of a contract's term. unit is that of the indicator, ""
// where nobody computes it.
func TermRule(t *land.Term, unit land.Unit, asOf land.Date) Term {
	r := &Rule{ID: t.Indicator + "." + comparisonWord(t.Comparison), Kind: KindCap, Level: land.LevelProject, Indicator: t.Indicator,
		Comparison: t.Comparison, Unit: unit, Date: DateAsOf, Reading: ReadingLaw, Clause: t.ContractNo,
		Pack: &Pack{ID: TermsPack, Document: Document{Status: "in_force"}}}
	if strings.HasPrefix(t.Comparison, ">") {
		r.Kind = KindFloor
	}
	if unit == land.UnitRatio {
		r.Excess = "mu"
		if strings.Contains(t.Indicator, "floor") || strings.Contains(t.Indicator, "far") {
			r.Excess = "m2"
		}
	}
	out := Term{Rule: r}
	value, ok := inUnit(t.Value, t.Unit, unit)
	switch {
	case t.Comparison == "" || t.Indicator == "" || !t.Value.Known:
		out.reason = ReasonTermIncomplete
	case unit == "":
		out.reason = ReasonIndicatorUnknown
	case !ok:
		out.reason = ReasonTermUnit
	default:
		r.Limits = []Limit{{Value: value, Source: t.ContractNo}}
	}
	return out
}

// comparisonWords names the comparisons in the ids of terms; a term that lacks
// its comparison has a word too.
func comparisonWords() map[string]string {
	return map[string]string{"<=": "le", "<": "lt", ">=": "ge", ">": "gt", "": "unknown"}
}

func comparisonWord(c string) string {
	if word, ok := comparisonWords()[c]; ok {
		return word
	}
	return "unknown"
}

// ParseTerm reads the id of a rule that is made of a contract's term,
// far.project.ge, into indicator and comparison; ok is false where it is none.
func ParseTerm(id string) (t land.Term, ok bool) {
	dot := strings.LastIndexByte(id, '.')
	if dot < 0 {
		return t, false
	}
	for comparison, word := range comparisonWords() {
		if word == id[dot+1:] {
			return land.Term{Indicator: id[:dot], Comparison: comparison}, true
		}
	}
	return t, false
}

// inUnit is a value in the unit of an indicator, exactly; ok is false where the
// unit is not understood, or the value can't be held exactly.
func inUnit(v land.Number, from string, to land.Unit) (land.Number, bool) {
	from = strings.TrimSpace(from)
	switch {
	case from == string(to):
		return v, true
	case to == land.UnitRatio && (from == "" || from == "1" || from == "-"):
		return v, true
	case to == land.UnitRatio && (from == "%" || from == "％" || from == "percent"):
		return land.Num(v.Value / 100), v.Value%100 == 0
	case to == land.UnitWanPerMu && (from == "万元/公顷" || from == "万元/ha"):
		return land.Num(v.Value / 15), v.Value%15 == 0
	case to == land.UnitWanPerMu && from == "元/m²", to == land.UnitWanPerMu && from == "元/平方米":
		return land.Num(v.Value / 15), v.Value%15 == 0 // 元/m² is 万元/公顷
	}
	return land.Number{}, false
}

// Judge is the verdict on a term over the contract's own land. beside are the
// rules of law that limit the same indicator the same way: the contract is
// nearer to the land, and those stand beside it.
func (t Term) Judge(s *Subject, ind *land.Indicator, beside []land.Replaced) land.Verdict {
	var v land.Verdict
	if t.reason != "" {
		v = decided(t.verdict(s), land.Incomputable, t.reason)
	} else {
		v = t.Rule.Judge(s, ind, nil)
	}
	v.Clause = t.Clause
	v.Replaced = beside
	return v
}

// Same reports whether a rule limits the same figure the same way as the term.
func (t Term) Same(r *Rule) bool {
	return r.Indicator == t.Indicator && r.Comparison != "" && t.Comparison != "" && r.Comparison[0] == t.Comparison[0]
}

// Beside is a rule's limit on a day, to stand beside a contract's; ok is false
// where there is none.
func (r *Rule) Beside(day land.Date) (land.Replaced, bool) {
	l, ok := r.LimitOn(day)
	if !ok || !l.Value.Known {
		return land.Replaced{}, false
	}
	v := l.Value.Value.Float()
	return land.Replaced{Pack: r.Pack.ID, Rule: r.ID, Limit: &v, Clause: r.clause()}, true
}
