package rule

import (
	"math/big"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/score"
)

// Scoring is how a pack scores firms by their yield (亩均论英雄). Its numbers are
// parameters of the pack, which it declares itself and which are slots until a
// bureau sets them: weight.<measure>, ideal.<measure>, base.<measure> (0 where
// not set: value ÷ ideal), until.<class> of all classes but the last, cut.least
// and cut.most (not cut where not set), and least.land-mu (all firms).
type Scoring struct {
	ID       string
	Title    Text
	Clause   string
	Source   string
	Measures []ScoringMeasure
	Classes  []string // the best first
}

// ScoringMeasure is a figure that may be given a weight.
type ScoringMeasure struct {
	ID       string
	Title    Text
	Unit     string
	Of, Over string // of score.Figures, or score.LandMu
}

// InLowest is the finding that a firm is in the lowest class of a scoring in so
// many years running.
type InLowest struct {
	Scoring string
	Years   int
}

// Scoring is the pack's scoring with an id.
func (p *Pack) Scoring(id string) (*Scoring, bool) {
	i := slices.IndexFunc(p.Scorings, func(s *Scoring) bool { return s.ID == id })
	if i < 0 {
		return nil, false
	}
	return p.Scorings[i], true
}

// number is a parameter as a number, nil where it isn't set.
func (p *Pack) number(id string) *big.Rat {
	q, ok := p.Parameter(id)
	if !ok || !q.Set {
		return nil
	}
	return big.NewRat(q.Num, q.Den)
}

// Scheme is the scoring with the numbers that are set. Where those don't suffice
// reason says why, and missing names the parameters.
func (s *Scoring) Scheme(p *Pack) (out score.Scheme, reason string, missing []string) {
	var weights []string
	for _, m := range s.Measures {
		weights = append(weights, "weight."+m.ID)
		weight := p.number("weight." + m.ID)
		if weight == nil || weight.Sign() == 0 {
			continue
		}
		one := score.Measure{ID: m.ID, Unit: m.Unit, Of: m.Of, Over: m.Over, Weight: weight, Ideal: p.number("ideal." + m.ID), Base: p.number("base." + m.ID)}
		if one.Base == nil {
			one.Base = new(big.Rat)
		}
		if one.Ideal == nil || one.Ideal.Cmp(one.Base) == 0 { // nothing can be weighed between the same two figures
			missing = append(missing, "ideal."+m.ID)
		}
		out.Measures = append(out.Measures, one)
	}
	if len(out.Measures) == 0 {
		return out, score.ReasonNoWeights, weights
	}
	for i, id := range s.Classes {
		c := score.Class{ID: id}
		if i < len(s.Classes)-1 {
			if c.Until = p.number("until." + strings.ToLower(id)); c.Until == nil {
				missing = append(missing, "until."+strings.ToLower(id))
			}
		}
		out.Classes = append(out.Classes, c)
	}
	if missing != nil {
		return out, score.ReasonIncomplete, missing
	}
	out.CutLeast, out.CutMost, out.LeastMu = p.number("cut.least"), p.number("cut.most"), p.number("least.land-mu")
	return out, "", nil
}

// Of is what the scoring says of the firms of a zone; nil where it knows of
// none. years is how many years running in the lowest class count.
func (s *Scoring) Of(p *Pack, l *score.Ledger, years int) *land.Scoring {
	scheme, reason, missing := s.Scheme(p)
	out := &land.Scoring{Reason: reason, Missing: missing}
	switch {
	case reason != "" && !l.Firms: // nobody asked for it here
		return nil
	case reason == "":
		if out = scheme.Score(l, years); out == nil {
			return nil
		}
		for i := range scheme.Measures {
			m := &scheme.Measures[i]
			w := land.ScoreWeight{ID: m.ID, Unit: m.Unit}
			w.Weight, _ = m.Weight.Float64()
			w.Ideal, _ = m.Ideal.Float64()
			w.Base, _ = m.Base.Float64()
			at := slices.IndexFunc(s.Measures, func(o ScoringMeasure) bool { return o.ID == m.ID })
			w.Title = land.Words(s.Measures[at].Title)
			out.Weights = append(out.Weights, w)
		}
	}
	out.Pack, out.ID, out.Clause, out.Title = p.ID, s.ID, s.Clause, land.Words(s.Title)
	return out
}

// JudgeScored holds a rule on the lowest class against a firm that was scored:
// the verdict is on one of its parcels.
func (r *Rule) JudgeScored(s *Subject, all *land.Scoring, f *land.ScoredFirm) land.Verdict {
	v := r.verdict(s)
	v.Observed, v.Evidence = f.Score, f.Parcels
	for i := range all.Years {
		v.Years = append(v.Years, all.Year-i)
	}
	switch {
	case f.Reason == score.ReasonBelowLeast:
		return decided(v, land.NotApplicable, f.Reason)
	case f.LowEfficiency == land.Yes:
		v.DecidedBy = "value"
		return decided(v, land.Violated, score.ReasonLowest)
	case f.LowEfficiency == land.No:
		v.DecidedBy = "value"
		return decided(v, land.Satisfied, score.ReasonNotLowest)
	}
	v.Missing = f.Missing
	if f.Reason != "" {
		return decided(v, land.Incomputable, f.Reason)
	}
	return decided(v, land.Incomputable, score.ReasonClassUnknown) // of a year before
}

// Unscored is the verdict, one for the zone, of a rule on the lowest class where
// no weights are configured.
func (r *Rule) Unscored(s *Subject, all *land.Scoring) land.Verdict {
	v := decided(r.verdict(s), land.Incomputable, all.Reason)
	v.Level, v.Missing = land.LevelZone, all.Missing
	return v
}

func (d *Doc) scoring(n ast.Node, p *Pack) {
	s := &Scoring{}
	d.Object(n,
		Field{"id", true, func(n ast.Node) { s.ID = d.pattern(n, ruleID(), "per-mu.firms") }},
		Field{"title", true, func(n ast.Node) { s.Title = d.text2(n) }},
		Field{"clause", true, func(n ast.Node) { s.Clause = d.Text(n) }},
		Field{"source", true, func(n ast.Node) { s.Source = d.Text(n) }},
		Field{"measures", true, func(n ast.Node) { d.List(n, func(v ast.Node) { d.scoringMeasure(v, s) }) }},
		Field{"classes", true, func(n ast.Node) { s.Classes = d.Words(n) }},
	)
	if len(s.Classes) < 2 {
		d.Fault(n, "a scoring needs at least two classes, the best first")
	}
	declare := func(id, unit string) {
		if _, twice := p.Parameter(id); twice {
			d.Fault(n, "scoring %q declares the parameter %q, which is there already", s.ID, id)
		}
		p.Parameters = append(p.Parameters, Parameter{ID: id, Den: 1, Unit: unit, Clause: s.Clause, Source: s.Source})
	}
	for _, m := range s.Measures {
		declare("weight."+m.ID, "points")
		declare("ideal."+m.ID, m.Unit)
		declare("base."+m.ID, m.Unit)
	}
	for _, c := range s.Classes[:max(len(s.Classes)-1, 0)] {
		declare("until."+strings.ToLower(c), "ratio")
	}
	declare("cut.least", "ratio")
	declare("cut.most", "ratio")
	declare("least.land-mu", "mu")
	p.Scorings = append(p.Scorings, s)
}

func (d *Doc) scoringMeasure(n ast.Node, s *Scoring) {
	var m ScoringMeasure
	d.Object(n,
		Field{"id", true, func(n ast.Node) { m.ID = d.Text(n) }},
		Field{"title", true, func(n ast.Node) { m.Title = d.text2(n) }},
		Field{"unit", true, func(n ast.Node) { m.Unit = d.Text(n) }},
		Field{"of", true, func(n ast.Node) { m.Of = d.Word(n, score.Figures()...) }},
		Field{"over", true, func(n ast.Node) { m.Over = d.Word(n, append([]string{score.LandMu}, score.Figures()...)...) }},
	)
	s.Measures = append(s.Measures, m)
}

// inLowest reads the finding; its scoring must stand in the pack.
func (d *Doc) inLowest(n ast.Node, p *Pack) *InLowest {
	l := &InLowest{Years: 1}
	d.Object(n,
		Field{"scoring", true, func(n ast.Node) {
			if l.Scoring = d.Text(n); l.Scoring == "" {
				return
			}
			if _, ok := p.Scoring(l.Scoring); !ok {
				d.Fault(n, "the pack has no scoring %q", l.Scoring)
			}
		}},
		Field{"years", true, func(n ast.Node) { l.Years = d.Int(n) }})
	if l.Years < 1 || l.Years > 10 {
		d.Fault(n, "the years running are 1 to 10")
	}
	return l
}
