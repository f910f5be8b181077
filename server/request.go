package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/muscope/muscope/server/problem"
)

// request is what the body of a POST may be.
type request struct {
	about    string
	value    any      // a value of the type that the JSON is of, for /openapi.json
	media    []string // content types; none is application/json
	bytes    int64    // at most; 0 is Limits.Body
	vertices int      // positions of all geometries together, at most; 0 asks none
}

func (q *request) types() []string {
	if len(q.media) == 0 {
		return []string{"application/json"}
	}
	return q.media
}

// maxNesting is how deep JSON may nest.
const maxNesting = 64

// decode reads the body into v, as the route's request says: a member that v
// doesn't have is refused, and so is anything behind the value.
func (x *exchange) decode(v any) error {
	b, err := x.readBody()
	if err != nil {
		return err
	}
	positions, err := countPositions(b)
	if err != nil {
		return badBody(err)
	}
	if most := x.route.request.vertices; most > 0 && positions > most {
		return &problem.Error{Type: problem.TooLarge, Key: "problem.vertices.detail", Args: []any{positions, most}}
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return badBody(err)
	}
	return nil
}

func badBody(err error) error {
	return &problem.Error{Type: problem.BadRequest, Key: "problem.bad-body.detail", Args: []any{err.Error()}, Cause: err}
}

func (x *exchange) readBody() ([]byte, error) {
	types := x.route.request.types()
	media, params, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || !slices.Contains(types, media) || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, problem.New(problem.UnsupportedMedia, strings.Join(types, ", "))
	}
	if enc := x.r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return nil, problem.New(problem.UnsupportedMedia, strings.Join(types, ", "))
	}
	b, err := io.ReadAll(x.r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, problem.New(problem.TooLarge, large.Limit)
	}
	if err != nil {
		return nil, badBody(err)
	}
	return b, nil
}

var (
	errNesting = fmt.Errorf("nested deeper than %d", maxNesting)
	errBehind  = errors.New("there is more behind the end of the value")
)

// countPositions counts the arrays of JSON that begin with a number, which is
// what a position of GeoJSON is, without building anything from it.
func countPositions(b []byte) (n int, err error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	depth, opened := 0, false
	for {
		token, err := dec.Token()
		if err != nil {
			return n, err
		}
		switch token := token.(type) {
		case json.Delim:
			opened = token == '['
			if token == '[' || token == '{' {
				depth++
			} else {
				depth--
			}
		case json.Number:
			if opened {
				n++
			}
			opened = false
		default:
			opened = false
		}
		if depth > maxNesting {
			return n, errNesting
		}
		if depth == 0 {
			break
		}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return n, errBehind
	}
	return n, nil
}

// crossSite reports whether a page of another site makes a browser send this
// request. Browsers say where a request comes from (Fetch Metadata, or Origin);
// other clients say neither, and carry nobody's credentials.
func (s *Server) crossSite(x *exchange) bool {
	switch x.r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
	default:
		return !s.corsAllows(x.r.Header.Get("Origin"))
	}
	origin := x.r.Header.Get("Origin")
	if origin == "" || s.corsAllows(origin) {
		return false
	}
	from, err := url.Parse(origin)
	return err != nil || from.Host == "" || from.Host != x.at.host && (s.public == nil || from.Host != s.public.Host)
}
