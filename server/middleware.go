package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/muscope/muscope/server/problem"
)

// newEngine makes a gin engine with the layers that every request passes.
func (s *Server) newEngine() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.RedirectFixedPath = false
	engine.UseEscapedPath = true // an id may hold a slash, as %2F
	engine.UnescapePathValues = false
	if err := engine.SetTrustedProxies(nil); err != nil {
		return nil, err
	}
	engine.Use(s.observe, s.recover, s.secure, s.guardHost, s.limitSize, s.cors, s.compress)
	return engine, nil
}

type visitKey struct{}

// visit is what is known of a request before and after its route has it.
type visit struct {
	id    string
	at    reach
	token int64 // of the caller; 0 is none
}

func visitOf(r *http.Request) *visit {
	v, _ := r.Context().Value(visitKey{}).(*visit)
	return v
}

func requestID(r *http.Request) string {
	if v := visitOf(r); v != nil {
		return v.id
	}
	return ""
}

// observe names the request, logs it and counts it.
func (s *Server) observe(c *gin.Context) {
	start := time.Now()
	id := c.GetHeader("X-Request-Id")
	if !goodRequestID(id) {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails
		id = hex.EncodeToString(b[:])
	}
	c.Header("X-Request-Id", id)
	v := &visit{id: id, at: reachOf(c.Request, s.opt.TrustedProxies)}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), visitKey{}, v))
	s.metrics.begin(c.FullPath())
	defer func() {
		took := time.Since(start)
		s.metrics.end(c.FullPath(), c.Writer.Status(), max(c.Writer.Size(), 0), took)
		s.opt.Log.LogAttrs(c.Request.Context(), slog.LevelInfo, "request", slog.String("request_id", id), slog.String("method", c.Request.Method),
			slog.String("path", c.Request.URL.Path), slog.String("route", c.FullPath()), slog.Int("status", c.Writer.Status()), slog.Int("bytes", max(c.Writer.Size(), 0)),
			slog.Duration("took", took), slog.String("client", v.at.client), slog.Int64("token", v.token))
	}()
	c.Next()
}

func goodRequestID(id string) bool {
	for _, r := range id {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
			return false
		}
	}
	return id != "" && len(id) <= 64
}

// recover turns a panic into a problem document; the stack is logged.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		if cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
			panic(cause)
		}
		s.opt.Log.Error("panic", "request_id", requestID(c.Request), "path", c.Request.URL.Path, "cause", cause, "stack", string(debug.Stack()))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler)
		}
		s.refuse(c, problem.New(problem.Internal))
	}()
	c.Next()
}

// guardHost answers callers of this machine only under its own names, or the
// configured one: a page elsewhere whose own name is pointed here (DNS
// rebinding) gets nothing. A caller from elsewhere needs a token, which such a
// page doesn't have.
func (s *Server) guardHost(c *gin.Context) {
	host := hostOf(c.Request.Host)
	if loopback(host) || s.public != nil && (host == s.public.Hostname() || c.Request.Host == s.public.Host) || visitOf(c.Request).at.remote {
		return
	}
	s.refuse(c, problem.New(problem.HostRefused))
}

// limitSize refuses what is too large before it is read.
func (s *Server) limitSize(c *gin.Context) {
	if most := s.opt.Limits.Header; headerSize(c.Request) > most {
		s.refuse(c, problem.New(problem.HeaderTooLarge, most))
	}
}

// secure sets the headers that keep other sites out: nothing inline, nothing
// from another host but the configured base map.
func (s *Server) secure(c *gin.Context) {
	h := c.Writer.Header()
	elsewhere := ""
	if s.basemap != "" {
		elsewhere = " " + s.basemap
	}
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; "+
		"img-src 'self' data: blob:"+elsewhere+"; connect-src 'self'"+elsewhere+"; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}
