package server

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/server/web"
)

// config is what the page has to know of this server.
type config struct {
	Version       string   `json:"version"`
	Basemap       *Basemap `json:"basemap"`
	ReportFormats []string `json:"report_formats"`
	Statuses      []string `json:"statuses"` // in the order in which they are shown
	Classes       []string `json:"classes"`
	Outcomes      []string `json:"outcomes"`
	PageBuilt     bool     `json:"page_built"`
	// ParcelFields are the public fields of a parcel, in the contract's order.
	ParcelFields []fieldEntry `json:"parcel_fields"`
}

type fieldEntry struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // text | word | date | number | flag
}

func parcelFields() []fieldEntry {
	kinds := map[land.Kind]string{land.Text: "text", land.Word: "word", land.Day: "date", land.Quant: "number", land.YesNo: "flag"}
	var out []fieldEntry
	for _, f := range land.ParcelFields() {
		out = append(out, fieldEntry{f.Name, kinds[f.Kind]})
	}
	return out
}

func (s *Server) config(x *exchange) error {
	return x.json(config{Version: s.opt.Version, Basemap: s.opt.Basemap, ReportFormats: report.Formats(), Statuses: words(land.Statuses()),
		Classes: words(land.Classes()), Outcomes: words(land.Outcomes()), PageBuilt: web.Built(), ParcelFields: parcelFields()}, "")
}

// texts gives every text of the product in one language: the page has none of
// its own.
func (s *Server) texts(x *exchange) error {
	keys := make([]string, 0, len(s.opt.Texts))
	for key := range s.opt.Texts {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	out := make(map[string]string, len(keys))
	hash := sha256.New()
	for _, key := range keys {
		out[key] = s.opt.Texts[key][x.lang]
		hash.Write([]byte(key + "\x00" + out[key] + "\x00"))
	}
	x.w.Header().Add("Vary", "Accept-Language")
	x.w.Header().Set("Content-Language", x.lang)
	return x.json(out, hex.EncodeToString(hash.Sum(nil)[:12]))
}

type indicatorList struct {
	Indicators []indicatorEntry `json:"indicators"`
}

type indicatorEntry struct {
	ID          string            `json:"id"`
	Unit        land.Unit         `json:"unit"`
	Title       map[string]string `json:"title"`
	Formula     map[string]string `json:"formula"`
	Numerator   string            `json:"numerator"`
	Denominator string            `json:"denominator"`
	Project     bool              `json:"project"` // of a project, not of a zone
}

func (s *Server) indicators(x *exchange) error {
	out := indicatorList{Indicators: []indicatorEntry{}}
	for _, d := range indicator.Definitions() {
		out.Indicators = append(out.Indicators, indicatorEntry{ID: d.ID, Unit: d.Unit, Title: s.bothWords(d.Title), Formula: s.bothWords(d.Formula),
			Numerator: d.Numerator, Denominator: d.Denominator, Project: d.Project})
	}
	return x.json(out, "")
}

func (s *Server) bothWords(key string) map[string]string {
	return map[string]string{"zh": s.opt.Texts.Text("zh", key), "en": s.opt.Texts.Text("en", key)}
}

type ruleList struct {
	Packs []packEntry `json:"packs"`
	Rules []ruleEntry `json:"rules"`
}

type packEntry struct {
	land.Pack
	Title     map[string]string `json:"title"`
	Authority map[string]string `json:"authority"`
}

// ruleEntry is a provision: what it asks, and the words it rests on.
type ruleEntry struct {
	Pack       string            `json:"pack"`
	Rule       string            `json:"rule"`
	Title      map[string]string `json:"title"`
	Kind       string            `json:"kind"`
	Level      land.Level        `json:"level"`
	Indicator  string            `json:"indicator,omitempty"`
	Finding    string            `json:"finding,omitempty"`
	Comparison string            `json:"comparison,omitempty"`
	Unit       land.Unit         `json:"unit,omitempty"`
	Limits     []limitEntry      `json:"limits"`
	Reading    string            `json:"reading,omitempty"`
	TargetYear *int              `json:"target_year,omitempty"`
	Clause     string            `json:"clause"`
	Quote      string            `json:"quote"`
	Note       string            `json:"note,omitempty"`
	Document   documentEntry     `json:"document"`
}

type limitEntry struct {
	From   land.Date   `json:"from"`
	Value  land.Number `json:"value"`
	Source string      `json:"source,omitempty"`
}

type documentEntry struct {
	Number      string            `json:"number"`
	Title       map[string]string `json:"title"`
	Status      string            `json:"doc_status"`
	IssuedOn    land.Date         `json:"issued_on"`
	EffectiveOn land.Date         `json:"effective_on"`
	URL         string            `json:"url,omitempty"`
}

func (s *Server) ruleList(x *exchange) error {
	out := ruleList{Packs: []packEntry{}, Rules: []ruleEntry{}}
	for _, pack := range s.opt.Packs {
		out.Packs = append(out.Packs, packEntry{Pack: pack.Ref(), Title: both(pack.Title), Authority: both(pack.Authority)})
		for _, r := range pack.Rules {
			out.Rules = append(out.Rules, entryOf(r))
		}
	}
	return x.json(out, "")
}

func both(t rule.Text) map[string]string { return map[string]string{"zh": t.ZH, "en": t.EN} }

func entryOf(r *rule.Rule) ruleEntry {
	doc := r.Pack.Document
	e := ruleEntry{Pack: r.Pack.ID, Rule: r.ID, Title: both(r.Title), Kind: r.Kind, Level: r.Level, Indicator: r.Indicator, Finding: r.Finding,
		Comparison: r.Comparison, Unit: r.Unit, Limits: []limitEntry{}, Reading: r.Reading, TargetYear: r.TargetYear, Clause: r.Clause, Quote: r.Quote, Note: r.Note,
		Document: documentEntry{Number: doc.Number, Title: both(doc.Title), Status: doc.Status, IssuedOn: doc.IssuedOn, EffectiveOn: doc.EffectiveOn, URL: doc.URL}}
	for _, l := range r.Limits {
		e.Limits = append(e.Limits, limitEntry{From: l.From, Value: l.Value, Source: l.Source})
	}
	return e
}

// basis is what reports quote of the rules.
func (s *Server) basis() []report.Basis {
	var out []report.Basis
	for _, pack := range s.opt.Packs {
		for _, r := range pack.Rules {
			out = append(out, report.Basis{Rule: r.Key(), Title: both(r.Title), Document: pack.Document.Title.ZH + " " + pack.Document.Number, Quote: r.Quote})
		}
	}
	return out
}

func (s *Server) openAPI(x *exchange) error {
	x.body(openAPIType, s.openapi)
	return nil
}
