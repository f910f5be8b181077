package problem_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/server/problem"
)

func texts(t *testing.T) data.Texts {
	t.Helper()
	tx, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func TestEveryTypeHasWords(t *testing.T) {
	tx := texts(t)
	for typ, status := range problem.Types() {
		if status < 400 {
			t.Errorf("%s: status %d is no error", typ, status)
		}
		for _, part := range []string{"title", "detail"} {
			key := "problem." + string(typ) + "." + part
			if _, ok := tx[key]; !ok {
				t.Errorf("no text for %s", key)
			}
		}
	}
}

func TestSecretsStayInside(t *testing.T) {
	secret := errors.New("pq: password authentication failed for user postgres://bureau:hunter2@db/muscope")
	for _, err := range []error{
		secret,
		fmt.Errorf("read zones: %w", secret),
		&problem.Error{Type: problem.Unavailable, Cause: secret},
		&problem.Error{Type: "no-such-type", Cause: secret},
	} {
		w := httptest.NewRecorder()
		if werr := problem.Write(w, problem.Of(err, texts(t), "en"), "en"); werr != nil {
			t.Fatal(werr)
		}
		if body := w.Body.String(); strings.Contains(body, "hunter2") || strings.Contains(body, "pq:") {
			t.Errorf("%v leaks: %s", err, body)
		}
		if w.Code < 500 || w.Header().Get("Content-Type") != problem.ContentType {
			t.Errorf("%v: %d %s", err, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

func TestDocument(t *testing.T) {
	err := fmt.Errorf("handler: %w", problem.New(problem.NotFound, "/api/x"))
	for lang, want := range map[string]string{"zh": "/api/x", "en": "/api/x"} {
		doc := problem.Of(err, texts(t), lang)
		if doc.Type != "urn:muscope:problem:not-found" || doc.Status != 404 || !strings.Contains(doc.Detail, want) {
			t.Errorf("%s: %+v", lang, doc)
		}
	}
	w := httptest.NewRecorder()
	w.Header().Set("ETag", `"x"`)
	if err := problem.Write(w, problem.Of(err, texts(t), "zh"), "zh"); err != nil {
		t.Fatal(err)
	}
	var got problem.Document
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if w.Header().Get("ETag") != "" || w.Header().Get("Content-Language") != "zh" {
		t.Errorf("headers %v", w.Header())
	}
}

func TestLang(t *testing.T) {
	for _, c := range []struct{ query, header, want string }{
		{"", "", "zh"},
		{"lang=en", "zh-CN", "en"},
		{"lang=xx", "en-GB", "en"},
		{"", "zh-TW,en;q=0.8", "zh"},
		{"", "en-US,zh;q=0.9", "en"},
		{"", "zh;q=0.1,en;q=0.9", "en"},
		{"", "de-DE", "en"},
		{"", "de, zh;q=0.2", "zh"},
		{"", "\x00;;;", "zh"},
	} {
		r := httptest.NewRequest("GET", "/?"+c.query, nil)
		r.Header.Set("Accept-Language", c.header)
		if got := problem.Lang(r); got != c.want {
			t.Errorf("Lang(%q, %q) = %s, want %s", c.query, c.header, got, c.want)
		}
	}
}
