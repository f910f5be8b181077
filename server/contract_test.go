package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/muscope/muscope/server"
	"github.com/muscope/muscope/server/problem"
)

// contract is what /openapi.json promises. Every answer that a test of this
// package gets is held against it.
type contract struct {
	doc   *openapi3.T
	paths []describedPath
}

type describedPath struct {
	path   string
	form   *regexp.Regexp
	params int
	item   *openapi3.PathItem
}

var contracts sync.Map // by *server.Server

func contractOf(t testing.TB, s *server.Server) *contract {
	t.Helper()
	made, _ := contracts.LoadOrStore(s, sync.OnceValues(func() (*contract, error) {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, localRequest("GET", "/openapi.json", nil))
		return newContract(w.Body.Bytes())
	}))
	c, err := made.(func() (*contract, error))()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newContract reads the description; it has to be valid OpenAPI 3.0. Objects
// are closed, so that a member that isn't described is found.
func newContract(b []byte) (*contract, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(b)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("openapi.json is not valid: %w", err)
	}
	for _, ref := range doc.Components.Schemas {
		if s := ref.Value; s.Type.Is("object") && len(s.Properties) > 0 {
			closed := false
			s.AdditionalProperties = openapi3.AdditionalProperties{Has: &closed}
		}
	}
	c := &contract{doc: doc}
	param := regexp.MustCompile(`\\\{[a-zA-Z]+\\\}`)
	for path, item := range doc.Paths.Map() {
		form := param.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+")
		c.paths = append(c.paths, describedPath{path, regexp.MustCompile("^" + form + "$"), strings.Count(path, "{"), item})
	}
	return c, nil
}

// find is the path that describes an address: of several the most literal.
func (c *contract) find(address string) *describedPath {
	var found *describedPath
	for i := range c.paths {
		if p := &c.paths[i]; p.form.MatchString(address) && (found == nil || p.params < found.params) {
			found = p
		}
	}
	return found
}

// check says how an answer breaks the contract.
func (c *contract) check(r *http.Request, w *httptest.ResponseRecorder) error {
	body, err := plainBody(w)
	if err != nil {
		return err
	}
	media, _, _ := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if w.Code >= 400 && r.Method != http.MethodHead {
		if err := c.checkProblem(w, media, body); err != nil {
			return err
		}
	}
	at := c.find(r.URL.EscapedPath())
	if at == nil || w.Code == 499 {
		if w.Code < 400 && r.Method != http.MethodOptions {
			return fmt.Errorf("%d of a path that isn't described", w.Code)
		}
		return nil
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	op := at.item.GetOperation(method)
	if op == nil {
		if w.Code != http.StatusMethodNotAllowed && w.Code < 400 {
			return fmt.Errorf("%d to a method that isn't described", w.Code)
		}
		return nil
	}
	return c.checkAnswer(op, r, w, media, body)
}

func (c *contract) checkAnswer(op *openapi3.Operation, r *http.Request, w *httptest.ResponseRecorder, media string, body []byte) error {
	described := op.Responses.Status(w.Code)
	if described == nil && w.Code != http.StatusInternalServerError {
		return fmt.Errorf("status %d isn't described", w.Code)
	}
	if described == nil || r.Method == http.MethodHead {
		return nil
	}
	if len(described.Value.Content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("%d has a body", w.Code)
		}
		return nil
	}
	content := described.Value.Content.Get(w.Header().Get("Content-Type"))
	if content == nil {
		return fmt.Errorf("content type %q isn't described", media)
	}
	for name := range described.Value.Headers {
		if w.Header().Get(name) == "" {
			return fmt.Errorf("%d lacks the header %s", w.Code, name)
		}
	}
	if strings.HasSuffix(media, "json") && media != "application/x-ndjson" {
		return visit(content.Schema.Value, body)
	}
	return nil
}

func (c *contract) checkProblem(w *httptest.ResponseRecorder, media string, body []byte) error {
	if media != problem.ContentType {
		return fmt.Errorf("%d is no problem document: %s", w.Code, media)
	}
	if err := visit(c.doc.Components.Schemas["problem.Document"].Value, body); err != nil {
		return err
	}
	var doc problem.Document
	if err := json.Unmarshal(body, &doc); err != nil {
		return err
	}
	if doc.Status != w.Code || doc.RequestID == "" || doc.RequestID != w.Header().Get("X-Request-Id") || !strings.HasSuffix(doc.Instance, "#"+doc.RequestID) ||
		strings.Contains(doc.Detail, "%!") || doc.Title == "" || doc.Detail == "" {
		return fmt.Errorf("problem %s", body)
	}
	return nil
}

func visit(schema *openapi3.Schema, body []byte) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("%w in %.200s", err, body)
	}
	return brief(schema.VisitJSON(v, openapi3.VisitAsResponse(), openapi3.MultiErrors()))
}

// brief is the first few faults, each once and without the schema.
func brief(err error) error {
	if err == nil {
		return nil
	}
	var list []string
	var collect func(error)
	collect = func(err error) {
		switch e := err.(type) {
		case openapi3.MultiError:
			for _, one := range e {
				collect(one)
			}
		case *openapi3.SchemaError:
			if e.Origin != nil && strings.HasPrefix(e.Reason, "doesn't match") {
				collect(e.Origin)
			}
			if one := e.Reason + " at " + strings.Join(e.JSONPointer(), "/"); len(list) < 8 && !slices.Contains(list, one) {
				list = append(list, one)
			}
		default:
			list = append(list, err.Error())
		}
	}
	collect(err)
	return errors.New(strings.Join(list, "; "))
}

func plainBody(w *httptest.ResponseRecorder) ([]byte, error) {
	if w.Header().Get("Content-Encoding") != "gzip" {
		return w.Body.Bytes(), nil
	}
	zip, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(zip)
}

// do sends a request to the handler and holds the answer against the contract.
func do(t testing.TB, s *server.Server, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if err := contractOf(t, s).check(r, w); err != nil {
		t.Errorf("%s %s: %d breaks openapi.json: %v", r.Method, r.URL, w.Code, err)
	}
	return w
}

// TestContractCatches says that the check can fail.
func TestContractCatches(t *testing.T) {
	s := newServer(t, broken{})
	c := contractOf(t, s)
	good := do(t, s, localRequest("GET", "/healthz", nil))
	for name, change := range map[string]func(*httptest.ResponseRecorder){
		"a status":         func(w *httptest.ResponseRecorder) { w.Code = 418 },
		"a content type":   func(w *httptest.ResponseRecorder) { w.Header().Set("Content-Type", "text/html") },
		"a member":         func(w *httptest.ResponseRecorder) { w.Body = bytes.NewBufferString(`{"status":"ok","more":1}`) },
		"a missing member": func(w *httptest.ResponseRecorder) { w.Body = bytes.NewBufferString(`{}`) },
		"a type":           func(w *httptest.ResponseRecorder) { w.Body = bytes.NewBufferString(`{"status":1}`) },
		"no JSON":          func(w *httptest.ResponseRecorder) { w.Body = bytes.NewBufferString(`{`) },
		"no problem":       func(w *httptest.ResponseRecorder) { w.Code = 404 },
	} {
		w := httptest.NewRecorder()
		w.Code, w.Body = good.Code, bytes.NewBuffer(bytes.Clone(good.Body.Bytes()))
		w.Header().Set("Content-Type", good.Header().Get("Content-Type"))
		change(w)
		if c.check(localRequest("GET", "/healthz", nil), w) == nil {
			t.Errorf("%s that isn't described passes", name)
		}
	}
}
