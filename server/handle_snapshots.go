package server

import (
	"context"
	"errors"
	"strconv"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/server/problem"
)

type snapshotList struct {
	Snapshots []Snapshot `json:"snapshots"`
}

func (s *Server) snapshots(x *exchange) error {
	list, err := s.opt.Store.Snapshots(x.r.Context(), x.caller.Zones)
	if err != nil {
		return err
	}
	if list == nil {
		list = []Snapshot{}
	}
	x.w.Header().Set("Cache-Control", "no-store")
	return x.json(snapshotList{list}, "")
}

// analysis waits for a turn, opens the current analysis of the snapshot in the path, and closes
// it after use.
func (x *exchange) analysis(use func(a Analysis, h land.Header) error) error {
	leave, err := x.enter()
	if err != nil {
		return err
	}
	defer leave()
	a, err := x.s.opt.Store.Analysis(x.r.Context(), x.path["snapshot"], x.caller.Zones)
	if err != nil {
		return err
	}
	defer a.Close()
	h, err := a.Header(x.r.Context())
	if err != nil {
		return err
	}
	return use(a, h)
}

// enter waits for a turn: of the route first, so that one route's crowd doesn't
// take the turns of all.
func (x *exchange) enter() (leave func(), err error) { return x.enterFor(x.r.Context()) }

// enterFor waits as long as a context lasts.
func (x *exchange) enterFor(ctx context.Context) (leave func(), err error) {
	leaveRoute, err := x.route.gate.enter(ctx)
	if err != nil {
		return nil, err
	}
	leaveAll, err := x.turn.enter(ctx)
	if err != nil {
		leaveRoute()
		return nil, err
	}
	return func() { leaveAll(); leaveRoute() }, nil
}

func (s *Server) header(x *exchange) error {
	return x.analysis(func(_ Analysis, h land.Header) error { return x.json(h, h.AnalysisID) })
}

type loadList struct {
	Loads []Load `json:"loads"`
}

func (s *Server) loads(x *exchange) error {
	list, err := s.opt.Store.Loads(x.r.Context(), x.path["snapshot"])
	if err != nil {
		return err
	}
	if list == nil {
		list = []Load{}
	}
	x.w.Header().Set("Cache-Control", "no-store")
	return x.json(loadList{list}, "")
}

type rejectList struct {
	Total   int64         `json:"total"` // of those asked for
	Rejects []land.Reject `json:"rejects"`
}

func (s *Server) rejects(x *exchange) error {
	limit, err := x.count("limit", 1000, 10000)
	if err != nil {
		return err
	}
	severity, layer := land.Severity(x.query("severity")), x.query("layer")
	out := rejectList{Rejects: []land.Reject{}}
	err = s.opt.Store.Rejects(x.r.Context(), x.path["snapshot"], func(r *land.Reject) error {
		if severity != "" && r.Severity != severity || layer != "" && r.Layer != layer {
			return nil
		}
		out.Total++
		if len(out.Rejects) < limit {
			out.Rejects = append(out.Rejects, *r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	x.w.Header().Set("Cache-Control", "no-store")
	return x.json(out, "")
}

var errRange = errors.New("out of range")

// count reads a whole number from 1 to limit.
func (x *exchange) count(name string, otherwise, limit int) (int, error) {
	given := x.query(name)
	if given == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(given)
	if err == nil && (n < 1 || n > limit) {
		err = errRange
	}
	if err != nil {
		return 0, problem.Parameter(name, given, "problem.parameter.count", limit)
	}
	return n, nil
}

type setList struct {
	AnalysisID string           `json:"analysis_id"`
	AsOf       land.Date        `json:"as_of"`
	Sets       []land.SetResult `json:"sets"`
}

func (s *Server) sets(x *exchange) error {
	return x.analysis(func(a Analysis, h land.Header) error {
		sets, err := a.Sets(x.r.Context())
		if err != nil {
			return err
		}
		if sets == nil {
			sets = []land.SetResult{}
		}
		return x.json(setList{h.AnalysisID, h.AsOf, sets}, h.AnalysisID)
	})
}
