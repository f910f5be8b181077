package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/server/problem"
)

type zoneList struct {
	Snapshot   string        `json:"snapshot"`
	AnalysisID string        `json:"analysis_id"`
	AsOf       land.Date     `json:"as_of"`
	Zones      []zoneSummary `json:"zones"`
}

func (s *Server) zones(x *exchange) error {
	asked := x.r.URL.Query()["indicator"]
	if err := knownIndicators(asked); err != nil {
		return err
	}
	return x.analysis(func(a Analysis, h land.Header) error {
		tag := digest(h.AnalysisID, asked...)
		if x.unchanged(tag) {
			return nil
		}
		over, err := s.overviews.of(x.r.Context(), a, h, x.caller.Zones)
		if err != nil {
			return err
		}
		return x.json(zoneList{x.path["snapshot"], h.AnalysisID, h.AsOf, withIndicators(over.zones, asked)}, tag)
	})
}

func knownIndicators(asked []string) error {
	defs := indicator.Definitions()
	for _, id := range asked {
		if !slices.ContainsFunc(defs, func(d indicator.Definition) bool { return d.ID == id }) {
			return problem.Parameter("indicator", id, "problem.parameter.indicator")
		}
	}
	return nil
}

func digest(id string, parts ...string) string {
	if len(parts) == 0 {
		return id
	}
	sum := sha256.Sum256([]byte(id + "\x00" + strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:12])
}

// scopeTag tells apart what callers of different zones see; nothing for one who
// sees everything.
func scopeTag(zones []string) []string {
	if zones == nil {
		return nil
	}
	return append([]string{"zones"}, zones...)
}

func withIndicators(zones []zoneSummary, asked []string) []zoneSummary {
	out := slices.Clone(zones)
	for i := range out {
		if len(asked) == 0 {
			continue
		}
		out[i].Asked = make(map[string]indicatorSummary, len(asked))
		for _, id := range asked {
			if v, ok := out[i].values[id]; ok {
				out[i].Asked[id] = v
			}
		}
	}
	return out
}

// zoneDetail is the zone's part of the Result, with the head of the Result.
type zoneDetail struct {
	Snapshot   string      `json:"snapshot"`
	AnalysisID string      `json:"analysis_id"`
	AsOf       land.Date   `json:"as_of"`
	Engine     land.Engine `json:"engine"`
	Packs      []land.Pack `json:"packs"`
	*land.ZoneResult
	BBox *[4]float64 `json:"bbox"`
}

func (s *Server) zone(x *exchange) error {
	return x.analysis(func(a Analysis, h land.Header) error {
		z, err := x.zoneResult(a, x.path["code"], x.query("boundary_scope"))
		if err != nil {
			return err
		}
		over, err := s.overviews.of(x.r.Context(), a, h, x.caller.Zones)
		if err != nil {
			return err
		}
		out := zoneDetail{Snapshot: x.path["snapshot"], AnalysisID: h.AnalysisID, AsOf: h.AsOf, Engine: h.Engine, Packs: h.Packs, ZoneResult: z}
		for _, sum := range over.zones {
			if sum.Code == z.Code && sum.Scope == z.Scope {
				out.BBox = sum.BBox
			}
		}
		return x.json(out, digest(h.AnalysisID, z.Key().String()))
	})
}

// zoneResult finds a zone by code: the outline asked for, else the approved
// one, else the managed one.
func (x *exchange) zoneResult(a Analysis, code, scope string) (*land.ZoneResult, error) {
	if scope != "" {
		return a.ZoneResult(x.r.Context(), land.ZoneKey{Code: code, Scope: land.Scope(scope)})
	}
	z, err := a.ZoneResult(x.r.Context(), land.ZoneKey{Code: code, Scope: land.ScopeApproved})
	if errors.Is(err, ErrNotFound) {
		return a.ZoneResult(x.r.Context(), land.ZoneKey{Code: code, Scope: land.ScopeManaged})
	}
	return z, err
}

// reportTypes are the content types of the formats.
func reportType(format string) string {
	switch format {
	case "html":
		return "text/html; charset=utf-8"
	case "json":
		return "application/json; charset=utf-8"
	case "ndjson":
		return "application/x-ndjson; charset=utf-8"
	case "csv":
		return "text/csv; charset=utf-8"
	case "geojson":
		return "application/geo+json"
	}
	return "application/octet-stream"
}

// reportMedia are the content types that a report may have.
func reportMedia() []string {
	var list []string
	for _, f := range report.Formats() {
		media, _, _ := strings.Cut(reportType(f), ";")
		list = append(list, media)
	}
	return list
}

// reportPolicy lets a report bring its own styles and pictures, and nothing
// that runs or comes from elsewhere.
const reportPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (s *Server) zoneReport(x *exchange) error {
	return x.analysis(func(a Analysis, h land.Header) error {
		return x.writeZoneReport(a, h, x.path["format"], true)
	})
}

func (s *Server) reportPage(x *exchange) error {
	return x.analysis(func(a Analysis, h land.Header) error {
		return x.writeZoneReport(a, h, "html", false)
	})
}

func (x *exchange) writeZoneReport(a Analysis, h land.Header, format string, attach bool) error {
	z, err := x.zoneResult(a, x.path["code"], x.query("boundary_scope"))
	if err != nil {
		return err
	}
	key := z.Key()
	name := ""
	if attach {
		name = fmt.Sprintf("%s-%s.%s", x.path["snapshot"], key, format)
	}
	return x.writeReport(x.r.Context(), reported{a, h, format, &key, name})
}

func (s *Server) report(x *exchange) error {
	return x.analysis(func(a Analysis, h land.Header) error {
		format := x.path["format"]
		return x.writeReport(x.r.Context(), reported{a, h, format, nil, x.path["snapshot"] + "." + format})
	})
}

// reported is a report asked for: its file name is "" where it is a page.
type reported struct {
	src    report.Source
	header land.Header
	format string
	zone   *land.ZoneKey
	name   string
}

func (x *exchange) writeReport(ctx context.Context, r reported) error {
	if err := report.Check(r.format); err != nil {
		return &problem.Error{Type: problem.NotFound, Key: "problem.no-format.detail", Args: []any{r.format, strings.Join(report.Formats(), ", ")}, Cause: err}
	}
	h := x.w.Header()
	h.Set("Content-Type", reportType(r.format))
	h.Set("Content-Language", x.lang)
	h.Set("Cache-Control", "no-cache")
	if r.name != "" && r.format != "html" {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": r.name}))
	}
	if r.format == "html" {
		h.Set("Content-Security-Policy", reportPolicy)
	}
	if x.r.Method == "HEAD" {
		return nil
	}
	return report.Write(ctx, x.w, r.format, r.src, report.Options{Lang: x.lang, Zone: r.zone, Texts: x.s.opt.Texts, Packs: x.s.basis(), Now: x.s.opt.Now()})
}
