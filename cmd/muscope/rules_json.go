package main

import (
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// The rules as JSON: muscope rules list and show with --format json.

type ruleList struct {
	AsOf  land.Date    `json:"as_of"`
	Packs []listedPack `json:"packs"`
}

type listedPack struct {
	ID         string            `json:"id"`
	Version    string            `json:"version"`
	Digest     string            `json:"digest"`
	Title      words             `json:"title"`
	Document   listedPaper       `json:"document"`
	Applies    listedApplies     `json:"applies"`
	Parameters []listedParameter `json:"parameters"`
	Rules      []listedRule      `json:"rules"`
}

type words struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

type listedPaper struct {
	Number      string    `json:"number"`
	Title       words     `json:"title"`
	Authority   words     `json:"authority"`
	IssuedOn    land.Date `json:"issued_on"`
	EffectiveOn land.Date `json:"effective_on"`
	Status      string    `json:"status"`
	Source      string    `json:"source"`
	URL         string    `json:"url,omitempty"`
	SHA256      string    `json:"sha256,omitempty"`
	Note        string    `json:"note,omitempty"`
}

type listedApplies struct {
	Province  []string `json:"province,omitempty"`
	ZoneKind  []string `json:"zone_kind,omitempty"`
	ZoneLevel []string `json:"zone_level,omitempty"`
	Zone      []string `json:"zone,omitempty"` // codes
}

type listedParameter struct {
	ID     string `json:"id"`
	Value  string `json:"value,omitempty"` // a whole number or a fraction; not there: to be set
	Unit   string `json:"unit"`
	Clause string `json:"clause"`
	Quote  string `json:"quote,omitempty"`
	Source string `json:"source"`
}

type listedRule struct {
	ID         string       `json:"rule"`
	Title      words        `json:"title"`
	Kind       string       `json:"kind"`
	Level      land.Level   `json:"level"`
	Indicator  string       `json:"indicator,omitempty"`
	Finding    string       `json:"finding,omitempty"`
	Comparison string       `json:"comparison,omitempty"`
	Unit       land.Unit    `json:"unit,omitempty"`
	Limit      land.Number  `json:"limit"`                 // in force on as_of; null: none, or an empty slot
	LimitState string       `json:"limit_state,omitempty"` // in_force | to_come | empty_slot
	Limits     []datedLimit `json:"limits"`
	Date       string       `json:"date"`
	Reading    string       `json:"reading"`
	TargetYear *int         `json:"target_year,omitempty"`
	Against    string       `json:"against,omitempty"`  // an indicator, in place of limits
	Where      string       `json:"where,omitempty"`    // CQL2-text: which subjects the rule is about
	Requires   string       `json:"requires,omitempty"` // CQL2-text: what must hold
	Clause     string       `json:"clause"`
	Quote      string       `json:"quote"`
	Mark       string       `json:"mark,omitempty"`
	Off        *words       `json:"off,omitempty"` // why it isn't judged
	Note       string       `json:"note,omitempty"`
}

type datedLimit struct {
	From   land.Date   `json:"from"`
	Value  land.Number `json:"value"`
	Table  string      `json:"table,omitempty"`
	Source string      `json:"source"`
}

// shownRule is one rule with its document.
type shownRule struct {
	Pack     land.Pack     `json:"pack"`
	Document listedPaper   `json:"document"`
	Applies  listedApplies `json:"applies"`
	listedRule
}

func wordsOf(t rule.Text) words { return words{t.ZH, t.EN} }

func packOf(p *rule.Pack, day land.Date) listedPack {
	out := listedPack{ID: p.ID, Version: p.Version, Digest: p.Digest, Title: wordsOf(p.Title), Document: paperOf(p), Applies: appliesOf(p.Applies),
		Parameters: []listedParameter{}, Rules: []listedRule{}}
	for _, q := range p.Parameters {
		out.Parameters = append(out.Parameters, listedParameter{ID: q.ID, Value: setText(q), Unit: q.Unit, Clause: q.Clause, Quote: q.Quote, Source: q.Source})
	}
	for _, r := range p.All() {
		out.Rules = append(out.Rules, listedOf(r, day))
	}
	return out
}

func setText(q rule.Parameter) string {
	if !q.Set {
		return ""
	}
	return fractionText(q.Num, q.Den)
}

func paperOf(p *rule.Pack) listedPaper {
	d := &p.Document
	return listedPaper{Number: d.Number, Title: wordsOf(d.Title), Authority: wordsOf(p.Authority), IssuedOn: d.IssuedOn, EffectiveOn: d.EffectiveOn,
		Status: d.Status, Source: d.Source, URL: d.URL, SHA256: d.SHA256, Note: d.Note}
}

func appliesOf(a rule.Applies) listedApplies { return listedApplies(a) }

func listedOf(r *rule.Rule, day land.Date) listedRule {
	out := listedRule{ID: r.ID, Title: wordsOf(r.Title), Kind: r.Kind, Level: r.Level, Indicator: r.Indicator, Finding: r.Finding,
		Comparison: r.Comparison, Unit: r.Unit, Limits: []datedLimit{}, Date: r.Date, Reading: r.Reading, TargetYear: r.TargetYear,
		Against: r.Against, Where: r.Where.String(), Requires: r.Requires.String(), Clause: r.Clause, Quote: r.Quote, Mark: r.Mark, Note: r.Note}
	if r.IsOff() {
		off := wordsOf(r.Off)
		out.Off = &off
	}
	for _, l := range r.Limits {
		dated := datedLimit{From: l.From, Value: l.Value, Source: l.Source}
		if l.Table != nil {
			dated.Table = l.Table.ID
		}
		out.Limits = append(out.Limits, dated)
	}
	if r.Indicator == "" {
		return out
	}
	switch l, ok := r.LimitOn(day); {
	case !ok:
		out.LimitState = "to_come"
	case l.Table != nil:
		out.LimitState = "by_table"
	case r.Against != "":
		out.LimitState = "by_indicator"
	case !l.Value.Known:
		out.LimitState = "empty_slot"
	default:
		out.Limit, out.LimitState = l.Value, "in_force"
	}
	return out
}
