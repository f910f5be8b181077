package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net"
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
	engine.Use(s.observe, s.recover, s.guardHost, s.limitBody, s.secure, s.compress)
	return engine, nil
}

type requestKey struct{}

func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestKey{}).(string)
	return id
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
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), requestKey{}, id))
	s.metrics.begin()
	defer func() {
		took := time.Since(start)
		s.metrics.end(c.FullPath(), c.Writer.Status(), took)
		s.opt.Log.LogAttrs(c.Request.Context(), slog.LevelInfo, "request", slog.String("request_id", id), slog.String("method", c.Request.Method),
			slog.String("path", c.Request.URL.Path), slog.Int("status", c.Writer.Status()), slog.Int("bytes", max(c.Writer.Size(), 0)), slog.Duration("took", took))
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
		x := &exchange{s: s, r: c.Request, w: c.Writer, lang: problem.Lang(c.Request)}
		x.fail(problem.New(problem.Internal))
		c.Abort()
	}()
	c.Next()
}

// guardHost answers only under names of this machine, or the configured one: a
// page elsewhere whose own name is pointed here (DNS rebinding) gets nothing.
func (s *Server) guardHost(c *gin.Context) {
	host := c.Request.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if len(host) > 2 && host[0] == '[' {
		host = host[1 : len(host)-1]
	}
	if loopback(host) || s.public != nil && (host == s.public.Hostname() || c.Request.Host == s.public.Host) {
		return
	}
	c.Abort()
	x := &exchange{s: s, r: c.Request, w: c.Writer, lang: problem.Lang(c.Request)}
	x.fail(problem.New(problem.HostRefused))
}

func (s *Server) limitBody(c *gin.Context) {
	if c.Request.ContentLength > maxBodyBytes {
		c.Abort()
		x := &exchange{s: s, r: c.Request, w: c.Writer, lang: problem.Lang(c.Request)}
		x.fail(problem.New(problem.TooLarge))
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxBodyBytes)
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
