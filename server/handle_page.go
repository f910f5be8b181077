package server

import (
	"errors"
	"io/fs"
	"mime"
	"path"

	"github.com/muscope/muscope/server/problem"
	"github.com/muscope/muscope/server/web"
)

func (s *Server) page(x *exchange) error {
	html, tag, err := web.Page(x.lang)
	if err != nil {
		return err
	}
	x.w.Header().Set("Content-Language", x.lang)
	if x.unchanged(tag) {
		return nil
	}
	x.body("text/html; charset=utf-8", html)
	return nil
}

// asset serves a file of the page. Their names hold a digest of what is in
// them, so they are kept for good.
func (s *Server) asset(x *exchange) error {
	b, err := web.Asset(x.path["file"])
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return problem.New(problem.NotFound, x.r.URL.Path)
	}
	if err != nil {
		return err
	}
	contentType := mime.TypeByExtension(path.Ext(x.path["file"]))
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	x.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	x.body(contentType, b)
	return nil
}
