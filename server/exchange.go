package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/muscope/muscope/server/problem"
)

// statusClientGone is what the log and the metrics say of a request whose client
// went away.
const statusClientGone = 499

// retryAfter is when a client may come back, in seconds.
const retryAfter = "5"

// maxParameter is how long a parameter may be, in bytes.
const maxParameter = 512

// exchange is one request and its answer.
type exchange struct {
	s      *Server
	route  *route // nil where there is none
	r      *http.Request
	w      gin.ResponseWriter
	lang   string
	at     reach
	caller Caller
	path   map[string]string // parameters of the path
	turn   *gate             // to pass before an analysis is read
}

// trim is the fixed text around a path parameter: report.{format}.
type trim struct{ before, after string }

// ginPattern turns /a/{b}/c.{d} into gin's /a/:b/:d and the text around d.
func ginPattern(path string) (string, map[string]trim) {
	trims := map[string]trim{}
	segments := strings.Split(path, "/")
	for i, seg := range segments {
		before, rest, ok := strings.Cut(seg, "{")
		if !ok {
			continue
		}
		name, after, _ := strings.Cut(rest, "}")
		trims[name] = trim{before, after}
		segments[i] = ":" + name
	}
	return strings.Join(segments, "/"), trims
}

// serve makes a gin handler of a route: it asks who calls, reads the
// parameters, refuses unknown ones, bounds time and size, and turns an error
// into a problem document.
func (s *Server) serve(r *route, trims map[string]trim) gin.HandlerFunc {
	return func(c *gin.Context) {
		x, cancel := s.open(c, r)
		defer cancel()
		ctx := x.r.Context()
		err := x.admit()
		if err == nil {
			err = x.read(c, r, trims)
		}
		if err == nil {
			err = r.handle(x)
		}
		switch {
		case err == nil:
		case errors.Is(context.Cause(ctx), context.Canceled): // the client went away: nobody reads an answer
			c.Writer.WriteHeader(statusClientGone)
		default:
			x.fail(err)
		}
	}
}

// open makes the exchange of a request that has a route, within its limits.
func (s *Server) open(c *gin.Context, r *route) (x *exchange, cancel context.CancelFunc) {
	limit, turn := s.opt.Limits.Answer, s.readers
	if r.download || r.streams {
		limit = s.opt.Limits.Download
	}
	if r.download {
		turn = s.downloads
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), limit)
	var work *workTime
	if r.streams {
		streaming, cut := context.WithCancelCause(ctx)
		work = newWorkTime(s.opt.Limits.Answer, func() { cut(context.DeadlineExceeded) })
		ctx, cancel = streaming, after(cancel, func() { work.pause(); cut(nil) })
	}
	c.Request = c.Request.WithContext(ctx)
	control := http.NewResponseController(c.Writer)
	_ = control.SetWriteDeadline(time.Now().Add(limit)) // a recorder in a test has none
	x = s.exchange(c)
	x.route, x.turn = r, turn
	x.r.Body = http.MaxBytesReader(c.Writer, x.r.Body, x.bodyLimit())
	if r.download || r.streams {
		x.w = &patient{ResponseWriter: x.w, control: control, stall: s.opt.Limits.Stall, end: time.Now().Add(limit), work: work}
	}
	return x, cancel
}

func after(then, first func()) func() {
	return func() { first(); then() }
}

// exchange makes the exchange of any request.
func (s *Server) exchange(c *gin.Context) *exchange {
	x := &exchange{s: s, r: c.Request, w: c.Writer, lang: problem.Lang(c.Request)}
	if v := visitOf(c.Request); v != nil {
		x.at = v.at
	}
	return x
}

// refuse ends a request before it comes to its route.
func (s *Server) refuse(c *gin.Context, err error) {
	c.Abort()
	s.exchange(c).fail(err)
}

// fail makes a gin handler of what has no route.
func (s *Server) fail(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		x := s.exchange(c)
		x.fail(h(x))
	}
}

func (x *exchange) read(c *gin.Context, r *route, trims map[string]trim) error {
	x.path = map[string]string{}
	for _, p := range c.Params {
		value, err := url.PathUnescape(p.Value)
		t := trims[p.Key]
		if err != nil || !plain(value) {
			return problem.Parameter(p.Key, strings.ToValidUTF8(p.Value, "�"), "problem.parameter.text")
		}
		rest, ok1 := strings.CutPrefix(value, t.before)
		rest, ok2 := strings.CutSuffix(rest, t.after)
		if !ok1 || !ok2 || rest == "" {
			return problem.New(problem.NotFound, x.r.URL.Path)
		}
		x.path[p.Key] = rest
	}
	if r.negotiated() && !accepts(x.r.Header.Values("Accept"), r.types()) {
		return problem.New(problem.NotAcceptable, strings.Join(r.types(), ", "))
	}
	query, err := url.ParseQuery(x.r.URL.RawQuery)
	if err != nil {
		return &problem.Error{Type: problem.BadRequest, Key: "problem.bad-query.detail", Cause: err}
	}
	for name, values := range query {
		if _, known := paramNamed(r, name); r.tag == "page" && !known {
			continue // links to pages gather parameters on their way
		}
		if err := checkParam(r, name, values); err != nil {
			return err
		}
	}
	return nil
}

// accepts reports whether one of the content types is among those that Accept
// headers name; without such a header, all are.
func accepts(headers, types []string) bool {
	asked := strings.Join(headers, ",")
	if strings.TrimSpace(asked) == "" {
		return true
	}
	for part := range strings.SplitSeq(asked, ",") {
		media, params, _ := strings.Cut(part, ";")
		media = strings.ToLower(strings.TrimSpace(media))
		if refusedBy(params) {
			continue
		}
		for _, t := range types {
			family, _, _ := strings.Cut(t, "/")
			if media == t || media == "*/*" || media == "*" || media == family+"/*" || strings.HasSuffix(t, "/json") && strings.HasSuffix(media, "json") {
				return true
			}
		}
	}
	return false
}

// refusedBy reports whether the parameters of a part of an Accept header hold q=0.
func refusedBy(params string) bool {
	for p := range strings.SplitSeq(params, ";") {
		name, q, _ := strings.Cut(strings.ReplaceAll(p, " ", ""), "=")
		if name == "q" && q != "" && strings.Trim(q, "0.") == "" {
			return true
		}
	}
	return false
}

func checkParam(r *route, name string, values []string) error {
	p, ok := paramNamed(r, name)
	if !ok {
		var known []string
		for _, p := range append(r.params, langParam()) {
			known = append(known, p.name)
		}
		return &problem.Error{Type: problem.UnknownParameter, Args: []any{strings.ToValidUTF8(name, "�"), strings.Join(known, ", ")}, Parameter: strings.ToValidUTF8(name, "�")}
	}
	if len(values) > 1 && !p.repeats {
		return problem.Parameter(name, strings.ToValidUTF8(values[1], "�"), "problem.parameter.once")
	}
	for _, v := range values {
		switch {
		case !plain(v) && !(p.long && plainLong(v)):
			return problem.Parameter(name, strings.ToValidUTF8(v, "�"), "problem.parameter.text")
		case len(p.enum) > 0 && !slices.Contains(p.enum, v):
			return problem.Parameter(name, v, "problem.parameter.enum", strings.Join(p.enum, ", "))
		}
	}
	return nil
}

func paramNamed(r *route, name string) (param, bool) {
	for _, p := range r.params {
		if p.name == name {
			return p, true
		}
	}
	if p := langParam(); p.name == name {
		return p, true
	}
	return param{}, false
}

// plain reports whether text can be a name at all: UTF-8, of some length, with
// nothing in it that a database refuses.
func plain(s string) bool { return len(s) <= maxParameter && plainLong(s) }

// plainLong is plain for what has a limit of its own, such as a filter.
func plainLong(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// query is a query parameter, "" where it isn't given.
func (x *exchange) query(name string) string { return x.r.URL.Query().Get(name) }

// fail answers with a problem document, or cuts the connection where part of
// an answer is out already: a reader must not take half for the whole.
func (x *exchange) fail(err error) {
	err = x.classify(err)
	doc := problem.Of(err, x.s.opt.Texts, x.lang)
	doc.RequestID = requestID(x.r)
	doc.Instance = x.r.URL.EscapedPath() + "#" + doc.RequestID // this occurrence, RFC 9457 §3.1.5
	x.failHeader(doc.Status)
	if doc.Status >= http.StatusInternalServerError {
		x.s.opt.Log.Error("request failed", "request_id", doc.RequestID, "path", x.r.URL.Path, "error", err)
	}
	if x.w.Written() {
		x.s.opt.Log.Warn("answer cut short", "request_id", doc.RequestID, "path", x.r.URL.Path, "error", err)
		panic(http.ErrAbortHandler)
	}
	if werr := problem.Write(x.w, doc, x.lang); werr != nil {
		x.s.opt.Log.Debug("problem not sent", "request_id", doc.RequestID, "error", werr)
	}
}

// failHeader says beside a problem what the client can do about it.
func (x *exchange) failHeader(status int) {
	h := x.w.Header()
	switch status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="muscope"`)
		h.Add("WWW-Authenticate", `Basic realm="muscope", charset="UTF-8"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h.Set("Retry-After", retryAfter)
	}
}

func (x *exchange) classify(err error) error {
	var p *problem.Error
	switch {
	case errors.As(err, &p):
		return err
	case errors.Is(err, ErrNotAnalyzed):
		return &problem.Error{Type: problem.NotAnalyzed, Args: []any{x.path["snapshot"]}, Cause: err}
	case errors.Is(err, ErrNotFound):
		return &problem.Error{Type: problem.NotFound, Args: []any{x.r.URL.Path}, Cause: err}
	case errors.Is(err, ErrUnavailable):
		return &problem.Error{Type: problem.Unavailable, Cause: err}
	case errors.Is(err, ErrCursor):
		return &problem.Error{Type: problem.BadParameter, Key: "problem.parameter.cursor", Args: []any{"after", x.query("after")}, Parameter: "after", Cause: err}
	case errors.Is(err, errCrowded):
		return &problem.Error{Type: problem.Busy, Cause: err}
	case errors.Is(err, ErrSlow), errors.Is(err, context.DeadlineExceeded), errors.Is(context.Cause(x.r.Context()), context.DeadlineExceeded): // a cancelled statement says so in its own words
		return &problem.Error{Type: problem.Timeout, Cause: err}
	}
	return &problem.Error{Type: problem.Internal, Cause: err}
}

// json answers with v. tag, where it isn't "", is what the answer depends on
// alone: it becomes a strong ETag.
func (x *exchange) json(v any, tag string) error {
	if tag != "" && x.unchanged(tag) {
		return nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	x.body("application/json; charset=utf-8", buf.Bytes())
	return nil
}

// body sends bytes as they are.
func (x *exchange) body(contentType string, b []byte) {
	x.w.Header().Set("Content-Type", contentType)
	_, _ = x.w.Write(b) // a client that went away is no fault
}

// unchanged sets a strong ETag and answers 304 where the client has it.
func (x *exchange) unchanged(tag string) bool { return x.unchangedAs("", tag) }

// unchangedAs is unchanged of a tag that stands behind a mark: W/ says that
// answers of the same tag mean the same, whether or not their bytes are.
func (x *exchange) unchangedAs(mark, tag string) bool {
	if x.caller.Zones != nil { // who sees other zones gets other bytes
		tag = digest(tag, scopeTag(x.caller.Zones)...)
	}
	etag := `"` + tag + `"`
	x.w.Header().Set("ETag", mark+etag)
	if x.w.Header().Get("Cache-Control") == "" {
		x.w.Header().Set("Cache-Control", "no-cache")
	}
	for have := range strings.SplitSeq(x.r.Header.Get("If-None-Match"), ",") {
		have = strings.TrimPrefix(strings.TrimSpace(have), "W/")
		if have == "*" || have == etag || have == gzipTag(etag) || have == brotliTag(etag) {
			x.w.WriteHeader(http.StatusNotModified)
			x.w.WriteHeaderNow()
			return true
		}
	}
	return false
}
