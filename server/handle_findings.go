package server

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/server/ogcapi"
	"github.com/muscope/muscope/server/problem"
)

const (
	pageRows    = 50
	maxPageRows = 1000
)

type findingList struct {
	AnalysisID string         `json:"analysis_id"`
	AsOf       land.Date      `json:"as_of"`
	Total      int64          `json:"total"` // of those asked for, on all pages
	Findings   []findingEntry `json:"findings"`
	Links      []link         `json:"links"`
}

type findingEntry struct {
	land.PartResult
	AreaMu    land.Mu `json:"area_mu"`
	Home      bool    `json:"home"`
	Name      *string `json:"name"`
	Holder    *string `json:"holder"`
	UseCode   *string `json:"use_code"`
	ProjectNo *string `json:"project_no"`
}

// link is a web link (RFC 8288) in JSON.
type link struct {
	Rel  string `json:"rel"`
	Href string `json:"href"`
	Type string `json:"type"`
}

func (s *Server) findings(x *exchange) error {
	return x.analysis(func(a Analysis, h land.Header) error {
		q, err := x.findingQuery()
		if err != nil {
			return err
		}
		if q.Limit, err = x.count("limit", pageRows, maxPageRows); err != nil {
			return err
		}
		q.After = x.query("after")
		page, err := a.Findings(x.r.Context(), q)
		if err != nil {
			return err
		}
		return x.json(x.findingList(page, h), digest(h.AnalysisID, "findings", x.s.origin(x.r), x.r.URL.RawQuery))
	})
}

func (x *exchange) findingList(page FindingPage, h land.Header) findingList {
	out := findingList{AnalysisID: h.AnalysisID, AsOf: h.AsOf, Total: page.Total, Findings: []findingEntry{}, Links: []link{}}
	for _, f := range page.Findings {
		out.Findings = append(out.Findings, findingEntry{PartResult: f.Result, AreaMu: f.Result.AreaM2.Mu(), Home: f.Result.Home,
			Name: known(f.Name), Holder: known(f.Holder), UseCode: known(f.UseCode), ProjectNo: known(f.ProjectNo)})
	}
	if page.Next != "" {
		query := x.r.URL.Query()
		query.Set("after", page.Next)
		out.Links = append(out.Links, link{"next", x.s.origin(x.r) + x.r.URL.EscapedPath() + "?" + query.Encode(), "application/json"})
	}
	return out
}

func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// origin is the address of the server as the client knows it, without a slash
// at the end, for every absolute link: the configured one, else what a trusted
// proxy says of the request, else the host it asked for.
func (s *Server) origin(r *http.Request) string {
	if s.public != nil {
		return strings.TrimSuffix(s.public.String(), "/")
	}
	if v := visitOf(r); v != nil {
		return v.at.scheme + "://" + v.at.host + v.at.prefix
	}
	return "http://" + r.Host
}

// findingQuery reads the filters and the order; their words are checked by the
// route table already.
func (x *exchange) findingQuery() (Query, error) {
	values := x.r.URL.Query()
	q := Query{Rule: x.query("rule"), Outcome: land.Outcome(x.query("outcome")), Search: strings.TrimSpace(x.query("q")), All: x.query("all") == "true", Sort: SortID}
	for _, v := range values["status"] {
		q.Statuses = append(q.Statuses, land.Status(v))
	}
	for _, v := range values["class"] {
		q.Classes = append(q.Classes, land.Class(v))
	}
	if by, ok := strings.CutPrefix(x.query("sort"), "-"); by != "" {
		q.Sort, q.Desc = Sort(by), ok
	}
	if q.Rule != "" && x.s.rules[q.Rule] == nil {
		return q, problem.Parameter("rule", q.Rule, "problem.parameter.rule")
	}
	if err := x.findingFilter(&q); err != nil {
		return q, err
	}
	err := x.findingZone(values, &q)
	return q, err
}

// findingFilter reads the CQL2 condition, which has the names of the
// collection of parts.
func (x *exchange) findingFilter(q *Query) (err error) {
	if x.s.ogc == nil || x.query("filter") == "" {
		return nil
	}
	q.Filter, err = x.s.ogc.Condition(&ogcapi.Request{HTTP: x.r, Lang: x.lang, Query: x.r.URL.Query()}, "parts")
	return err
}

func (x *exchange) findingZone(values url.Values, q *Query) error {
	code, scope := values.Get("zone"), land.Scope(values.Get("boundary_scope"))
	none := values.Get("no_zone") == "true"
	switch {
	case none && code != "":
		return problem.Parameter("no_zone", "true", "problem.parameter.no-zone")
	case none:
		q.Zone = &land.ZoneKey{}
	case code != "":
		if scope == "" {
			scope = land.ScopeApproved
		}
		q.Zone = &land.ZoneKey{Code: code, Scope: scope}
	case scope != "":
		return problem.Parameter("boundary_scope", string(scope), "problem.parameter.scope-alone")
	}
	return nil
}

// findingsAs downloads all the findings asked for, in their order.
func (s *Server) findingsAs(format string) handler {
	return func(x *exchange) error {
		return x.analysis(func(a Analysis, _ land.Header) error {
			q, err := x.findingQuery()
			if err != nil {
				return err
			}
			head := x.w.Header()
			head.Set("Content-Type", reportType(format))
			head.Set("Cache-Control", "no-cache")
			head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{
				"filename": fmt.Sprintf("%s-findings.%s", x.path["snapshot"], format)}))
			if x.r.Method == http.MethodHead {
				return nil
			}
			if format == "csv" {
				return x.writeCSV(a, q)
			}
			return x.writeGeoJSON(a, q)
		})
	}
}
