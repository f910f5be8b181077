package server

import (
	"compress/gzip"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/muscope/muscope/server/tilecache"
)

// compress sends text to those who accept gzip. A compressed answer has an
// ETag of its own, since a strong one names the bytes.
func (s *Server) compress(c *gin.Context) {
	c.Writer.Header().Add("Vary", "Accept-Encoding")
	if c.Request.Method == http.MethodHead || !acceptsGzip(c.GetHeader("Accept-Encoding")) {
		c.Next()
		return
	}
	w := &gzipWriter{ResponseWriter: c.Writer}
	c.Writer = w
	defer func() { c.Writer = w.ResponseWriter }()
	c.Next()
	w.close()
}

func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) == "gzip" {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// brotliTag is the ETag of an answer of the tile cache, which alone encodes so.
func brotliTag(etag string) string {
	return strings.TrimSuffix(etag, `"`) + tilecache.Brotli.Suffix() + `"`
}

func gzipTag(etag string) string {
	return strings.TrimSuffix(etag, `"`) + tilecache.Gzip.Suffix() + `"`
}

// gzipWriter decides at the first byte whether the answer is worth it.
type gzipWriter struct {
	gin.ResponseWriter
	zip     *gzip.Writer
	decided bool
}

// Unwrap is the writer below, for http.ResponseController.
func (w *gzipWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *gzipWriter) decide() {
	if w.decided {
		return
	}
	w.decided = true
	h := w.Header()
	if w.Status() != http.StatusOK || h.Get("Content-Encoding") != "" || !compressible(h.Get("Content-Type")) {
		return
	}
	h.Set("Content-Encoding", "gzip")
	h.Del("Content-Length")
	if etag := h.Get("ETag"); etag != "" {
		h.Set("ETag", gzipTag(etag))
	}
	w.zip, _ = gzip.NewWriterLevel(w.ResponseWriter, gzip.BestSpeed) // the level is valid
}

func compressible(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	switch media {
	case "text/html", "text/css", "text/csv", "text/javascript", "text/plain", "application/json", "application/geo+json",
		"application/x-ndjson", "application/geo+json-seq", "application/schema+json", "image/svg+xml", mvtType, openAPIType:
		return true
	}
	return false
}

// Write compresses where that was decided.
func (w *gzipWriter) Write(b []byte) (int, error) {
	w.decide()
	if w.zip != nil {
		return w.zip.Write(b)
	}
	return w.ResponseWriter.Write(b)
}

// WriteString is Write of a string.
func (w *gzipWriter) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// Written reports whether anything is on its way to the client.
func (w *gzipWriter) Written() bool { return w.zip != nil || w.ResponseWriter.Written() }

// Flush sends what was written so far.
func (w *gzipWriter) Flush() {
	if w.zip != nil {
		_ = w.zip.Flush() // the next Write tells
	}
	w.ResponseWriter.Flush()
}

func (w *gzipWriter) close() {
	if w.zip != nil {
		_ = w.zip.Close() // the client went away
	}
}
