package server_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/server"
	"github.com/muscope/muscope/server/problem"
)

// FuzzRequest asks for anything of a store that has nothing: whatever the
// address, the answer is one of ours, and never a fault of ours.
func FuzzRequest(f *testing.F) {
	for _, target := range []string{"/", "/api/snapshots/a/zones/b?boundary_scope=managed", "/api/snapshots/a/findings?status=built&sort=-area&after=x",
		"/tiles/a/b/1/1/1.mvt", "/tiles/a/zones.json", "/api/snapshots/%2e%2e/parcels/a%2fb", "/api/snapshots/a/zones/b/report.html", "/assets/x", "//", "/api/%00"} {
		f.Add(target, "zh-CN,en;q=0.5", "gzip")
	}
	texts, err := data.LoadTexts()
	if err != nil {
		f.Fatal(err)
	}
	s, err := server.New(server.Options{Store: broken{err: server.ErrNotFound}, Texts: texts})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, target, lang, encoding string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Host != "" || u.Path == "/readyz" || u.Path == "/api/snapshots" {
			return
		}
		r := localRequest("GET", "/", nil)
		r.URL, r.Host = u, "localhost"
		r.Header.Set("Accept-Language", lang)
		r.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%q: %d %s", target, w.Code, w.Body)
		}
		if w.Code >= 400 && (w.Header().Get("Content-Type") != problem.ContentType || !json.Valid(w.Body.Bytes())) {
			t.Fatalf("%q: %d is no problem document: %s", target, w.Code, w.Body)
		}
	})
}
