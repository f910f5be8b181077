package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/server/problem"
)

const (
	// expansionTimeout is how long one check may take.
	expansionTimeout = 60 * time.Second
	// expansionSlots is how many are checked at a time: each holds a boundary of
	// up to half a million vertices.
	expansionSlots = 2
)

// proposal is the body of an expansion check, as /openapi.json describes it; it
// is read by expansion.ReadBoundary.
type proposal struct {
	Type        string         `json:"type"` // FeatureCollection
	Application expansion.Form `json:"application,omitzero"`
	Features    []drawnPiece   `json:"features"`
}

// drawnPiece is a feature of a proposal.
type drawnPiece struct {
	Type       string         `json:"type"`
	Properties *pieceFields   `json:"properties"`
	Geometry   map[string]any `json:"geometry"`
}

// pieceFields are the properties of a drawn piece.
type pieceFields struct {
	Part string `json:"part,omitempty"` // added | removed | whole
	Name string `json:"name,omitempty"`
}

func (s *Server) expansionRoute(path string) route {
	return route{method: http.MethodPost, path: path, tag: "results", summary: "Would an application to enlarge, adjust or upgrade a zone pass, and what would have to change",
		request: &request{about: "GeoJSON of the pieces; its member application names the zone, the kind, stated areas and facts supposed to be otherwise",
			value: proposal{}, media: []string{"application/geo+json", "application/json"}, bytes: expansion.DefaultLimits().MaxBytes},
		params: []param{
			{name: "format", kind: "string", enum: report.ExpansionFormats(), about: "json is the whole, csv the audit's table of 20 columns, geojson the map layers; json where it isn't given"},
			{name: "unit", kind: "string", enum: report.ExpansionUnits(), about: "Unit of areas in html and csv; ha where it isn't given"},
			{name: "limit", kind: "integer", about: "How many parcels a list holds, 1 to 1000; 50 where it isn't given"},
			{name: "crs", kind: "string", about: "Coordinate reference system of the coordinates, where they aren't longitude and latitude (EPSG:4547)"},
		},
		media: []string{"application/json", "text/html", "text/csv", "application/geo+json"}, body: expansion.Document{}, download: true, slots: expansionSlots,
		handle: s.expansionCheck}
}

// expansionCheck holds an application against a snapshot. Nothing is stored
// unless the application says save_as, which takes an editor.
func (s *Server) expansionCheck(x *exchange) error {
	limit, err := x.count("limit", expansion.DefaultLimit, maxExplained)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(x.r.Context(), expansionTimeout)
	defer cancel()
	body, err := x.readBody()
	if err != nil {
		return err
	}
	var app expansion.Application
	err = expansion.ReadBoundary(ctx, bytes.NewReader(body), expansion.ReadOptions{CRS: x.query("crs"), Texts: s.opt.Texts}, &app)
	if err != nil {
		return x.refusal(err)
	}
	if app.SaveAs != "" && !x.caller.Role.allows(Editor) {
		return problem.New(problem.Forbidden, Editor, x.caller.Role)
	}
	return x.analysis(func(a Analysis, h land.Header) error {
		doc, err := expansion.Check(ctx, a, &app, expansion.Options{AsOf: h.AsOf, Packs: s.opt.Packs, Texts: s.opt.Texts, Limit: limit,
			ZonesWithheld: x.caller.Zones != nil, Engine: land.Engine{Version: s.opt.Version}, Snapshot: x.path["snapshot"]})
		if err != nil {
			return x.refusal(err)
		}
		if app.SaveAs != "" {
			if err := s.opt.Store.SaveScenario(ctx, x.path["snapshot"], app.SaveAs, fmt.Sprintf("token %d", x.caller.Token), doc); err != nil {
				return x.unsaved(err)
			}
		}
		return x.expansion(doc)
	})
}

// refusal says what is wrong with an application, all of it.
func (x *exchange) refusal(err error) error {
	if e, ok := expansion.Refused(err); ok {
		kind := problem.BadRequest
		if slices.ContainsFunc(e.Faults, func(f expansion.Fault) bool {
			return slices.Contains([]string{"file_too_large", "feature_too_large", "too_many_vertices", "too_many_pieces"}, f.Code)
		}) {
			kind = problem.TooLarge
		}
		return &problem.Error{Type: kind, Key: "problem.expansion.detail", Args: []any{e.Message(x.lang)}, Cause: err}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &problem.Error{Type: problem.Timeout, Cause: err}
	}
	return err
}

// unsaved says why a scenario wasn't kept.
func (x *exchange) unsaved(err error) error {
	if errors.Is(err, ErrScenario) {
		return &problem.Error{Type: problem.BadRequest, Key: "problem.bad-body.detail", Args: []any{err.Error()}, Cause: err}
	}
	return err
}

// expansion answers with a check in the format asked for.
func (x *exchange) expansion(doc *expansion.Document) error {
	format := x.query("format")
	if format == "" {
		format = "json"
	}
	types := map[string]string{"json": "application/json; charset=utf-8", "html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8", "geojson": "application/geo+json"}
	var buf bytes.Buffer
	err := report.WriteExpansion(&buf, format, doc, report.ExpansionOptions{Lang: x.lang, Unit: x.query("unit"), Texts: x.s.opt.Texts, Now: x.s.opt.Now()})
	if err != nil {
		return err
	}
	x.body(types[format], buf.Bytes())
	return nil
}
