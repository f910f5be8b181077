package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/server/problem"
)

// The tests of this file put routes of their own behind the layers that every
// route has, for what no route of the table does yet or does quickly.

type saved struct {
	Name  string          `json:"name"`
	Shape json.RawMessage `json:"shape,omitempty"`
}

func guarded(t *testing.T, opt Options, routes ...*route) *gin.Engine {
	t.Helper()
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	opt.Texts, opt.Store = texts, struct{ Store }{}
	s, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := s.newEngine()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes {
		r.gate = s.gateOf(r)
		for _, m := range r.methods() {
			engine.Handle(m, r.path, s.serve(r, nil))
		}
	}
	return engine
}

// keys are tokens by secret.
type keys map[string]Token

func (k keys) TokenOf(_ context.Context, hash [32]byte) (Token, error) {
	for secret, t := range k {
		if h, _ := HashSecret(secret); h == hash {
			return t, nil
		}
	}
	return Token{}, fmt.Errorf("keys: %w", ErrNotFound)
}

func send(engine http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:9", "localhost:8080"
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	engine.ServeHTTP(w, r)
	return w
}

func problemType(w *httptest.ResponseRecorder) string {
	var doc problem.Document
	_ = json.Unmarshal(w.Body.Bytes(), &doc) // what is none has no type
	return strings.TrimPrefix(doc.Type, "urn:muscope:problem:")
}

func TestBody(t *testing.T) {
	var got saved
	engine := guarded(t, Options{}, &route{method: "POST", path: "/save", role: Editor,
		request: &request{value: saved{}, bytes: 2000, vertices: 4}, handle: func(x *exchange) error {
			got = saved{}
			if err := x.decode(&got); err != nil {
				return err
			}
			return x.json(got, "")
		}})
	for _, c := range []struct {
		name, media, body, want string
	}{
		{"a body", "application/json", `{"name":"a"}`, ""},
		{"with its charset", "application/json; charset=UTF-8", `{"name":"界"}`, ""},
		{"as many vertices as allowed", "application/json", `{"name":"a","shape":[[[1,2],[3,4],[5,6],[1,2]]]}`, ""},
		{"one vertex more", "application/json", `{"name":"a","shape":[[[1,2],[3,4],[5,6],[7,8],[1,2]]]}`, "too-large"},
		{"a form", "application/x-www-form-urlencoded", "name=a", "unsupported-media"},
		{"text, which pages may send", "text/plain", `{"name":"a"}`, "unsupported-media"},
		{"no type", "", `{"name":"a"}`, "unsupported-media"},
		{"another charset", "application/json; charset=gbk", `{"name":"a"}`, "unsupported-media"},
		{"no JSON", "application/json", `{"name"`, "bad-request"},
		{"nothing", "application/json", ``, "bad-request"},
		{"two values", "application/json", `{"name":"a"}{}`, "bad-request"},
		{"a member that isn't there", "application/json", `{"nome":"a"}`, "bad-request"},
		{"a wrong type", "application/json", `{"name":1}`, "bad-request"},
		{"deep", "application/json", `{"shape":` + strings.Repeat("[", 900) + strings.Repeat("]", 900) + `}`, "bad-request"},
		{"large", "application/json", `{"name":"` + strings.Repeat("a", 2000) + `"}`, "too-large"},
	} {
		header := []string{"Content-Type", c.media}
		w := send(engine, "POST", "/save", c.body, header...)
		if problemType(w) != c.want || c.want == "" && w.Code != 200 {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
	r := httptest.NewRequest("POST", "/save", struct{ *strings.Reader }{strings.NewReader(`{"name":"` + strings.Repeat("a", 2000) + `"}`)}) // of unknown length
	r.RemoteAddr, r.Host, r.ContentLength = "127.0.0.1:9", "localhost", -1
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if engine.ServeHTTP(w, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body of unknown length: %d %s", w.Code, w.Body)
	}
	if w := send(engine, "GET", "/save", ""); w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusNotFound {
		t.Errorf("GET: %d", w.Code)
	}
}

func TestRolesAndSites(t *testing.T) {
	secrets := map[string]string{}
	ring := keys{}
	for i, role := range Roles() {
		secret, _ := NewSecret()
		secrets[string(role)], ring[secret] = secret, Token{ID: int64(i + 1), Role: role}
	}
	tokens := noTouch{ring}
	say := func(x *exchange) error { return x.json(health{Status: "ok"}, "") }
	engine := guarded(t, Options{Tokens: tokens, CORSOrigins: []string{"https://gis.example"}},
		&route{path: "/view", handle: say}, &route{method: "POST", path: "/edit", role: Editor, handle: say}, &route{method: "POST", path: "/admin", role: Admin, handle: say})
	for _, c := range []struct {
		role, method, path string
		want               int
	}{
		{"viewer", "GET", "/view", 200}, {"viewer", "POST", "/edit", 403}, {"viewer", "POST", "/admin", 403},
		{"editor", "GET", "/view", 200}, {"editor", "POST", "/edit", 200}, {"editor", "POST", "/admin", 403},
		{"admin", "GET", "/view", 200}, {"admin", "POST", "/edit", 200}, {"admin", "POST", "/admin", 200},
	} {
		w := send(engine, c.method, c.path, "", "Authorization", "Bearer "+secrets[c.role])
		if w.Code != c.want || c.want == 403 && problemType(w) != "forbidden" {
			t.Errorf("%s %s %s: %d %s", c.role, c.method, c.path, w.Code, w.Body)
		}
	}
	for name, c := range map[string]struct {
		header []string
		want   int
	}{
		"a program":                         {nil, 200},
		"our page":                          {[]string{"Origin", "http://localhost:8080", "Sec-Fetch-Site", "same-origin"}, 200},
		"our page, old browser":             {[]string{"Origin", "http://localhost:8080"}, 200},
		"another site":                      {[]string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		"another site, old browser":         {[]string{"Origin", "https://evil.example"}, 403},
		"another port":                      {[]string{"Origin", "http://localhost:9999", "Sec-Fetch-Site", "same-site"}, 403},
		"a page without an origin":          {[]string{"Origin", "null"}, 403},
		"another site with what it can't":   {[]string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Authorization", "Basic " + basicOf(secrets["admin"])}, 403},
		"another site that knows the token": {[]string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Authorization", "Bearer " + secrets["admin"]}, 200},
		"an allowed site":                   {[]string{"Origin", "https://gis.example", "Sec-Fetch-Site", "cross-site"}, 200},
	} {
		if w := send(engine, "POST", "/edit", "", c.header...); w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
	corsAnswers(t, engine)
}

func basicOf(secret string) string {
	r := httptest.NewRequest("GET", "/", nil)
	r.SetBasicAuth("any", secret)
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Basic ")
}

func corsAnswers(t *testing.T, engine http.Handler) {
	t.Helper()
	w := send(engine, "OPTIONS", "/edit", "", "Origin", "https://gis.example", "Access-Control-Request-Method", "POST")
	if h := w.Header(); w.Code != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != "https://gis.example" || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") || h.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("preflight: %d %v", w.Code, h)
	}
	for _, origin := range []string{"https://evil.example", "https://gis.example.evil", "null", ""} {
		w := send(engine, "GET", "/view", "", "Origin", origin)
		if h := w.Header(); h.Get("Access-Control-Allow-Origin") != "" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" || h.Get("Vary") == "" {
			t.Errorf("origin %q: %v", origin, h)
		}
		if w := send(engine, "OPTIONS", "/edit", "", "Origin", origin, "Access-Control-Request-Method", "POST"); w.Code == http.StatusNoContent {
			t.Errorf("preflight of %q passes", origin)
		}
	}
}

// noTouch are keys that nobody notes the use of.
type noTouch struct{ keys }

func (noTouch) TouchToken(context.Context, int64, land.Date) error { return nil }

func TestGate(t *testing.T) {
	g := newGate(2, 3, 50*time.Millisecond)
	var leaves []func()
	for range 2 {
		leave, err := g.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	start := time.Now()
	if _, err := g.enter(t.Context()); !errors.Is(err, errCrowded) || time.Since(start) < 50*time.Millisecond {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.enter(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("who went away: %v", err)
	}
	var wait sync.WaitGroup
	let := make(chan error, 1)
	wait.Go(func() {
		leave, err := g.enter(t.Context())
		if err == nil {
			leave()
		}
		let <- err
	})
	for g.waiting.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	leaves[0]()
	if err := <-let; err != nil {
		t.Errorf("who waits when one leaves: %v", err)
	}
	wait.Wait()
	leaves[1]()
	if g.waiting.Load() != 0 || len(g.slots) != 0 {
		t.Errorf("%d wait and %d are inside when all are gone", g.waiting.Load(), len(g.slots))
	}
}

// TestCrowd sends more requests than a route lets in: the rest is told to come
// back, in both languages, and none waits for ever.
func TestCrowd(t *testing.T) {
	release := make(chan struct{})
	slow := &route{path: "/slow", slots: 1, handle: func(x *exchange) error {
		leave, err := x.enter()
		if err != nil {
			return err
		}
		defer leave()
		<-release
		return x.json(health{Status: "ok"}, "")
	}}
	other := &route{path: "/other", handle: func(x *exchange) error {
		leave, err := x.enter()
		if err != nil {
			return err
		}
		defer leave()
		return x.json(health{Status: "ok"}, "")
	}}
	engine := guarded(t, Options{Limits: Limits{Readers: 4, Queue: 2, Wait: 100 * time.Millisecond}}, slow, other)
	answers := make(chan *httptest.ResponseRecorder, 10)
	for range 10 {
		go func() { answers <- send(engine, "GET", "/slow?lang=en", "") }()
	}
	for range 9 {
		w := <-answers
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || problemType(w) != "busy" || !strings.Contains(w.Body.String(), "again") {
			t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
		}
	}
	if w := send(engine, "GET", "/other", ""); w.Code != http.StatusOK {
		t.Errorf("another route meanwhile: %d", w.Code)
	}
	close(release)
	if w := <-answers; w.Code != http.StatusOK {
		t.Errorf("the one inside: %d", w.Code)
	}
}

// TestLimits holds what each limit says.
func TestLimits(t *testing.T) {
	wait := &route{path: "/wait", handle: func(x *exchange) error {
		<-x.r.Context().Done()
		return errors.New("pq: canceling statement due to user request")
	}}
	engine := guarded(t, Options{Limits: Limits{Answer: 30 * time.Millisecond, Header: 2000}}, wait)
	if w := send(engine, "GET", "/wait?lang=en", ""); w.Code != http.StatusGatewayTimeout || problemType(w) != "timeout" {
		t.Errorf("too slow: %d %s", w.Code, w.Body)
	}
	for _, h := range [][]string{{"X-Long", strings.Repeat("a", 2000)}, {"Accept-Language", "zh", "Cookie", strings.Repeat("a", 1990)}} {
		if w := send(engine, "GET", "/wait", "", h...); w.Code != http.StatusRequestHeaderFieldsTooLarge || !strings.Contains(w.Body.String(), "2000") {
			t.Errorf("a large header: %d %s", w.Code, w.Body)
		}
	}
	if w := send(engine, "GET", "/wait?q="+strings.Repeat("a", 2000), ""); w.Code != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a long address: %d", w.Code)
	}
}

// TestGuessing holds that unknown secrets can't take every connection.
func TestGuessing(t *testing.T) {
	block := make(chan struct{})
	engine := guarded(t, Options{Tokens: slowKeys{block}}, &route{path: "/view", handle: func(x *exchange) error { return x.json(health{Status: "ok"}, "") }})
	const n = lookups + lookupQueue + 20
	codes := make(chan int, n)
	for range n {
		go func() {
			secret, _ := NewSecret()
			w := send(engine, "GET", "/view", "", "Authorization", "Bearer "+secret)
			if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
				t.Error("429 without Retry-After")
			}
			codes <- w.Code
		}()
	}
	for range 20 {
		if code := <-codes; code != http.StatusTooManyRequests {
			t.Errorf("a secret too many: %d", code)
		}
	}
	close(block)
	for range n - 20 {
		if code := <-codes; code != http.StatusUnauthorized {
			t.Errorf("a secret of nobody: %d", code)
		}
	}
}

type slowKeys struct{ block chan struct{} }

func (k slowKeys) TokenOf(context.Context, [32]byte) (Token, error) {
	<-k.block
	return Token{}, ErrNotFound
}
func (slowKeys) TouchToken(context.Context, int64, land.Date) error { return nil }
