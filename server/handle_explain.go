package server

import (
	"bytes"
	"errors"

	"github.com/muscope/muscope/analysis/explain"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/server/problem"
)

// maxExplained is how many parcels an explanation lists at most.
const maxExplained = 1000

func explainParams() []param {
	return append(scopeParam(),
		param{name: "parcel", kind: "string", about: "A parcel's id, a project number or, of a contract's term, the contract's number: the subject, or the parcel whose part in the zone's figure is asked"},
		param{name: "limit", kind: "integer", about: "How many parcels are listed"})
}

// explain answers why an indicator or a verdict of a zone is what it is. The
// zone is computed once more, by the engine that computed it first.
func (s *Server) explain(x *exchange) error {
	limit, err := x.count("limit", explain.DefaultLimit, maxExplained)
	if err != nil {
		return err
	}
	return x.analysis(func(a Analysis, h land.Header) error {
		z, err := x.zoneResult(a, x.path["zone"], x.query("boundary_scope"))
		if err != nil {
			return err
		}
		opt := explain.Options{Zone: z.Key(), What: x.path["what"], Parcel: x.query("parcel"), AsOf: h.AsOf, Packs: s.opt.Packs, Limit: limit,
			Texts: s.opt.Texts, Snapshot: x.path["snapshot"], AnalysisID: h.AnalysisID, Files: parcelFiles(h)}
		doc, err := explain.Explain(x.r.Context(), a, opt)
		switch {
		case errors.Is(err, explain.ErrNotFound):
			return &problem.Error{Type: problem.NotFound, Args: []any{x.r.URL.Path}, Cause: err}
		case errors.Is(err, explain.ErrQuestion):
			return problem.Parameter("parcel", opt.Parcel, "problem.parameter.explain")
		case err != nil:
			return err
		}
		var buf bytes.Buffer
		if err := explain.WriteJSON(&buf, doc); err != nil {
			return err
		}
		x.body("application/json", buf.Bytes())
		return nil
	})
}

// parcelFiles are the files that a parcel's source counts.
func parcelFiles(h land.Header) []string {
	var files []string
	for _, in := range h.Inputs {
		if in.Layer == "parcels" {
			files = append(files, in.File)
		}
	}
	return files
}
