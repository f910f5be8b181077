package server

import (
	"strings"

	"github.com/muscope/muscope/server/problem"
)

type health struct {
	Status string  `json:"status"`
	Checks []Check `json:"checks,omitempty"` // for callers that may read anything else
}

func (s *Server) healthz(x *exchange) error {
	x.w.Header().Set("Cache-Control", "no-store")
	return x.json(health{Status: "ok"}, "")
}

// readyz says whether requests can be answered now and, where they can't, what
// is wrong and what to do. Anybody may ask; versions and names are for those
// alone who may ask for more.
func (s *Server) readyz(x *exchange) error {
	x.w.Header().Set("Cache-Control", "no-store")
	checks, err := s.opt.Store.Checks(x.r.Context())
	if err != nil {
		return &problem.Error{Type: problem.Unavailable, Cause: err}
	}
	known := s.known(x)
	var failing []string
	for _, c := range checks {
		switch {
		case c.OK:
		case known:
			failing = append(failing, s.opt.Texts.Text(x.lang, "ready."+c.Name, c.Have, c.Want))
		default:
			failing = append(failing, c.Name)
		}
	}
	if len(failing) > 0 {
		return problem.New(problem.NotReady, strings.Join(failing, "; "))
	}
	out := health{Status: "ok"}
	if known {
		out.Checks = checks
	}
	return x.json(out, "")
}

// known reports whether the caller of a public route could call others too.
func (s *Server) known(x *exchange) bool {
	secret, given, ok := secretIn(x.r.Header.Values("Authorization"))
	if !given {
		return !s.needsToken(x.at)
	}
	_, err := s.keys.caller(x.r.Context(), secret)
	return ok && err == nil
}

func (s *Server) showMetrics(x *exchange) error {
	state := metricsState{version: s.opt.Version, pool: s.opt.Store.Pool(), tiles: s.tiles.Stats(),
		waiting: map[string]int64{"read": s.readers.waiting.Load(), "download": s.downloads.waiting.Load(), "token": s.keys.gate.waiting.Load()}}
	x.body(metricsType, s.metrics.text(state))
	return nil
}
