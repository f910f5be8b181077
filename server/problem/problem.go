// Package problem owns what a caller of the HTTP interface sees of an error:
// a problem document (RFC 9457) with a stable type, in the reader's language.
// What went wrong inside is logged by whoever writes it and never leaves the
// server. It knows neither routes nor stores nor land.
package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/muscope/muscope/data"
)

// ContentType is the media type of a problem document.
const ContentType = "application/problem+json"

// typePrefix makes a Type a URI, as RFC 9457 §3.1.1 asks for; it is an
// identifier and not an address, so that it stays the same wherever the server
// stands.
const typePrefix = "urn:muscope:problem:"

// Type is a kind of problem, a stable word that programs compare.
type Type string

// The types of problem.
const (
	BadRequest       Type = "bad-request"       // the request can't be read
	NoToken          Type = "token-required"    // a caller from elsewhere shows no token
	BadToken         Type = "token-refused"     // the token is unknown, revoked or expired
	SecretInAddress  Type = "token-in-address"  // a token in the query, which logs keep
	Forbidden        Type = "forbidden"         // the token's role is too low
	Withheld         Type = "withheld"          // tells of zones that the token isn't for
	CrossSite        Type = "cross-site"        // a page of another site asks for a change
	UnsupportedMedia Type = "unsupported-media" // a body of another content type
	HeaderTooLarge   Type = "header-too-large"  // address and header over the limit
	TooManyRequests  Type = "too-many-requests" // more of this kind than one caller may send
	Busy             Type = "busy"              // no turn came free in time
	NotReady         Type = "not-ready"         // the server runs, and can't answer yet
	UnknownParameter Type = "unknown-parameter" // a query parameter that the resource doesn't have
	BadParameter     Type = "bad-parameter"     // a parameter with a value that it can't have
	NotFound         Type = "not-found"         // no such resource
	Gone             Type = "gone"              // was there and is no longer kept
	NotAnalyzed      Type = "not-analyzed"      // the snapshot is loaded and not analyzed yet
	MethodNotAllowed Type = "method-not-allowed"
	NotAcceptable    Type = "not-acceptable" // no such format
	HostRefused      Type = "host-refused"   // asked under a name that is not this server's
	TooLarge         Type = "too-large"      // body or header over the limit
	Unavailable      Type = "unavailable"    // the store can't be reached now
	Timeout          Type = "timeout"        // the answer took longer than allowed
	NotBuilt         Type = "page-not-built" // the binary was built without the map page
	Internal         Type = "internal"       // a fault of ours
)

// Types lists every Type with its HTTP status.
func Types() map[Type]int {
	return map[Type]int{
		NoToken: http.StatusUnauthorized, BadToken: http.StatusUnauthorized, SecretInAddress: http.StatusBadRequest,
		Forbidden: http.StatusForbidden, Withheld: http.StatusForbidden, CrossSite: http.StatusForbidden,
		UnsupportedMedia: http.StatusUnsupportedMediaType, HeaderTooLarge: http.StatusRequestHeaderFieldsTooLarge,
		TooManyRequests: http.StatusTooManyRequests, Busy: http.StatusServiceUnavailable, NotReady: http.StatusServiceUnavailable,
		BadRequest: http.StatusBadRequest, UnknownParameter: http.StatusBadRequest, BadParameter: http.StatusBadRequest,
		NotFound: http.StatusNotFound, NotAnalyzed: http.StatusConflict, MethodNotAllowed: http.StatusMethodNotAllowed,
		Gone: http.StatusGone, NotAcceptable: http.StatusNotAcceptable, HostRefused: http.StatusMisdirectedRequest,
		TooLarge: http.StatusRequestEntityTooLarge, Unavailable: http.StatusServiceUnavailable,
		Timeout: http.StatusGatewayTimeout, NotBuilt: http.StatusServiceUnavailable, Internal: http.StatusInternalServerError,
	}
}

// Error is an error that a caller may see: Type, and a detail given by the key
// of a text and its arguments. Cause is for the log alone.
type Error struct {
	Type      Type
	Key       string // of the texts; "" is problem.<type>.detail
	Args      []any
	Parameter string // the parameter at fault, where there is one
	Cause     error
}

// Error says the type and the cause, for logs.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %v", e.Type, e.Cause)
	}
	return fmt.Sprintf("%s %s %v", e.Type, e.Key, e.Args)
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New is an Error whose detail is the text problem.<t>.detail with args.
func New(t Type, args ...any) *Error { return &Error{Type: t, Args: args} }

// Parameter is an Error about a parameter: its name, what was given, and the
// text key of what it may be.
func Parameter(name, given, key string, args ...any) *Error {
	return &Error{Type: BadParameter, Key: key, Args: append([]any{name, given}, args...), Parameter: name}
}

// Document is a problem document.
type Document struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Instance  string `json:"instance,omitempty"`
	Parameter string `json:"parameter,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

// Of is the document of err in lang. An err that holds no Error is Internal,
// and nothing of its text is shown.
func Of(err error, texts data.Texts, lang string) Document {
	var e *Error
	if !errors.As(err, &e) {
		e = New(Internal)
	}
	status, known := Types()[e.Type]
	if !known {
		e, status = New(Internal), http.StatusInternalServerError
	}
	key := e.Key
	if key == "" {
		key = "problem." + string(e.Type) + ".detail"
	}
	return Document{
		Type: typePrefix + string(e.Type), Title: texts.Text(lang, "problem."+string(e.Type)+".title"), Status: status,
		Detail: texts.Text(lang, key, e.Args...), Parameter: e.Parameter,
	}
}

// Write sends the document. It is the only way an error leaves the server.
func Write(w http.ResponseWriter, doc Document, lang string) error {
	body, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("write a problem document: %w", err)
	}
	h := w.Header()
	for _, name := range []string{"ETag", "Content-Disposition", "Last-Modified", "Content-Encoding"} {
		h.Del(name)
	}
	h.Set("Content-Type", ContentType)
	h.Set("Content-Language", lang)
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Language")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(doc.Status)
	_, err = w.Write(body)
	return err
}
