package server

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/muscope/muscope/server/problem"
)

// admit finds out who calls and whether the route is for him.
//
// Who sits at this machine needs no token, as long as nothing says that the
// request was passed on by a proxy; everybody else does, and a token that is
// given counts wherever it comes from.
func (x *exchange) admit() error {
	if x.r.ContentLength > 0 && x.r.ContentLength > x.bodyLimit() {
		return problem.New(problem.TooLarge, x.bodyLimit())
	}
	if err := x.secretInAddress(); err != nil {
		return err
	}
	secret, given, ok := secretIn(x.r.Header.Values("Authorization"))
	if !given || x.route.public {
		return x.admitWithout()
	}
	x.w.Header().Add("Vary", "Authorization")
	if !ok {
		return problem.New(problem.BadToken)
	}
	caller, err := x.s.keys.caller(x.r.Context(), secret)
	if errors.Is(err, errNoToken) {
		return &problem.Error{Type: problem.BadToken, Cause: err}
	}
	if err != nil {
		return err
	}
	x.caller = caller
	if v := visitOf(x.r); v != nil {
		v.token = caller.Token
	}
	return x.permit(strings.HasPrefix(strings.ToLower(x.r.Header.Get("Authorization")), "bearer"))
}

// bodyLimit is how large the body may be, in bytes.
func (x *exchange) bodyLimit() int64 {
	if q := x.route.request; q != nil && q.bytes > 0 {
		return q.bytes
	}
	return x.s.opt.Limits.Body
}

// admitWithout admits a caller that shows no token.
func (x *exchange) admitWithout() error {
	if x.route.public {
		return nil
	}
	x.w.Header().Add("Vary", "Authorization")
	if x.s.needsToken(x.at) {
		return problem.New(problem.NoToken)
	}
	x.caller = Caller{Role: Admin}
	return x.permit(false)
}

// needsToken reports whether a request that came so needs a token. With a
// public address there is a proxy, which needn't say that it is one.
func (s *Server) needsToken(at reach) bool {
	return at.remote || s.opt.RequireToken || s.public != nil && !loopback(s.public.Hostname())
}

// permit checks role, zones and, where the browser may have added the
// credentials by itself, the site that the request comes from.
func (x *exchange) permit(deliberate bool) error {
	switch {
	case !x.caller.Role.allows(x.route.need()):
		return problem.New(problem.Forbidden, x.route.need(), x.caller.Role)
	case x.route.whole && x.caller.Zones != nil:
		return problem.New(problem.Withheld, strings.Join(x.caller.Zones, ", "))
	case x.route.method != "" && x.route.method != http.MethodGet && !deliberate && x.s.crossSite(x):
		return problem.New(problem.CrossSite)
	}
	return nil
}

// secretInAddress refuses a secret in the query: addresses end up in logs,
// histories and bookmarks.
func (x *exchange) secretInAddress() error {
	if !strings.Contains(x.r.URL.RawQuery, secretPrefix) && !strings.Contains(x.r.URL.RawQuery, "token") {
		return nil
	}
	for name, values := range x.r.URL.Query() {
		if name == "token" || name == "access_token" || slices.ContainsFunc(values, func(v string) bool { return strings.HasPrefix(v, secretPrefix) }) {
			return problem.New(problem.SecretInAddress)
		}
	}
	return nil
}

func (s *Server) corsAllows(origin string) bool {
	return origin != "" && (slices.Contains(s.opt.CORSOrigins, origin) || slices.Contains(s.opt.CORSOrigins, "*"))
}

// cors lets pages of the configured sites read answers. Their scripts send a
// token themselves; what the browser holds is never sent along.
func (s *Server) cors(c *gin.Context) {
	if len(s.opt.CORSOrigins) == 0 {
		return
	}
	h := c.Writer.Header()
	h.Add("Vary", "Origin")
	origin := c.GetHeader("Origin")
	if !s.corsAllows(origin) {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "Content-Disposition, ETag, Link, Retry-After, X-Request-Id")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if c.Request.Method == http.MethodOptions && c.GetHeader("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
		h.Set("Access-Control-Allow-Headers", "Accept-Language, Authorization, Content-Type, If-None-Match, X-Request-Id")
		h.Set("Access-Control-Max-Age", "600")
		c.AbortWithStatus(http.StatusNoContent)
	}
}
