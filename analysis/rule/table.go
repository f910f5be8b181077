package rule

import (
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// Table is limits by industry (GB/T 4754), in the edition of the code that its
// norm was written for. A code of another edition is read through a crosswalk;
// the same number may mean another industry there.
type Table struct {
	ID         string
	Edition    string // year of GB/T 4754 of the rows: 2002
	Digits     int    // of a code that a row is for
	Unit       land.Unit
	Source     string
	Rows       []Row
	Crosswalks []Crosswalk
}

// Row is the limit of one industry.
type Row struct {
	Code  string
	Name  string
	Value land.Fixed
	Mark  string // GK: not confirmed at the source, and not used unless accepted
}

// Crosswalk leads from the codes of an edition to those of the table; a code
// may come to several.
type Crosswalk struct {
	From   string // year of GB/T 4754
	Mark   string
	Source string
	To     map[string][]string
}

// The reasons why a table gives no single limit.
const (
	ReasonIndustryUnknown = "industry_unknown"
	ReasonEditionUnknown  = "industry_edition_unknown"
	ReasonIndustryOutside = "industry_not_listed"
	ReasonUnconfirmed     = "limit_unconfirmed"
	ReasonNoCrosswalk     = "industry_crosswalk_missing"
	ReasonLimitAmbiguous  = "limit_ambiguous"
)

// span is what a table says of a project: the least and the greatest limit that
// may be meant, or why there is none.
type span struct {
	lo, hi  land.Fixed
	reason  string
	outside bool // the norm is not about that industry
	missing []string
}

// of is the limit of a project's industries. accept says which marks of
// unconfirmed rows count.
func (t *Table) of(p *Project, accept func(mark string) bool) span {
	if p == nil || len(p.Industries) == 0 {
		return span{reason: ReasonIndustryUnknown, missing: []string{"industry_code"}}
	}
	var values []land.Fixed
	var outside span
	for _, i := range p.Industries {
		found, s := t.rowsOf(i, accept)
		switch {
		case s.outside:
			outside = s
		case s.reason != "":
			return s
		}
		values = append(values, found...)
	}
	switch {
	case outside.outside && len(values) > 0: // part of the project is another industry's
		return span{reason: ReasonLimitAmbiguous, missing: []string{"industry_code"}}
	case outside.outside:
		return outside
	}
	return span{lo: slices.Min(values), hi: slices.Max(values)}
}

func (t *Table) rowsOf(i land.Industry, accept func(string) bool) ([]land.Fixed, span) {
	code, edition := shortCode(i.Code, t.Digits), editionOf(i.Edition)
	switch {
	case code == "":
		return nil, span{reason: ReasonIndustryUnknown, missing: []string{"industry_code"}}
	case edition == "":
		return nil, span{reason: ReasonEditionUnknown, missing: []string{"industry_edition"}}
	}
	codes := []string{code}
	if edition != t.Edition {
		at := slices.IndexFunc(t.Crosswalks, func(c Crosswalk) bool { return c.From == edition })
		if at < 0 {
			return nil, span{reason: ReasonNoCrosswalk, missing: []string{"industry_code@" + t.Edition}}
		}
		walk := &t.Crosswalks[at]
		if !accept(walk.Mark) {
			return nil, span{reason: ReasonUnconfirmed, missing: []string{"industry_code@" + t.Edition}}
		}
		if codes = walk.To[code]; len(codes) == 0 {
			return nil, span{reason: ReasonIndustryOutside, outside: true}
		}
	}
	var out []land.Fixed
	for _, c := range codes {
		at := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Code == c })
		switch {
		case at < 0:
			return nil, span{reason: ReasonIndustryOutside, outside: true}
		case !accept(t.Rows[at].Mark):
			return nil, span{reason: ReasonUnconfirmed, missing: []string{"limit." + c}}
		}
		out = append(out, t.Rows[at].Value)
	}
	return out, span{}
}

// shortCode is the first digits of a code such as C1311, 1311 or 13; "" where
// there are not so many.
func shortCode(code string, digits int) string {
	code = strings.TrimLeft(strings.TrimSpace(code), "ABCDEFGHIJKLMNOPQRSTabcdefghijklmnopqrst")
	if len(code) < digits || strings.Trim(code, "0123456789") != "" {
		return ""
	}
	return code[:digits]
}

// editionOf is the year of an edition written as 2017, GB/T 4754-2017 or
// gbt4754-2017; "" where there is none.
func editionOf(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 4 {
		return ""
	}
	if year := s[len(s)-4:]; strings.Trim(year, "0123456789") == "" && (year[:2] == "19" || year[:2] == "20") {
		return year
	}
	return ""
}
