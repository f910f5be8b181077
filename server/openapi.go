package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muscope/muscope/analysis/explain"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/server/problem"
)

const (
	openAPIMedia = "application/vnd.oai.openapi+json"
	openAPIType  = openAPIMedia + ";version=3.0"
)

type object = map[string]any

// openAPIDocument is the OpenAPI 3.0 description of the route table.
func openAPIDocument(table []route, version string) ([]byte, error) {
	schemas := &schemaSet{done: map[string]any{}}
	schemas.of(reflect.TypeFor[problem.Document]())
	paths := object{}
	for i := range table {
		r := &table[i]
		item, _ := paths[r.path].(object)
		if item == nil {
			item = object{}
			paths[r.path] = item
		}
		item[strings.ToLower(r.methods()[0])] = operation(r, schemas)
	}
	if version == "" {
		version = "dev"
	}
	doc := object{
		"openapi": "3.0.3",
		"info": object{"title": "muscope", "version": version,
			"description": "Land-use efficiency of development zones: zones, parcels, findings, verdicts and tiles. Unknown is null, never 0. A finding is a clue with evidence; the bureau determines."},
		"servers":    []any{object{"url": "/"}},
		"paths":      paths,
		"components": object{"schemas": schemas.done, "responses": problemResponses(), "securitySchemes": securitySchemes()},
	}
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("describe the routes: %w", err)
	}
	return b, nil
}

// securitySchemes are the two ways to send a token.
func securitySchemes() object {
	return object{
		"bearer": object{"type": "http", "scheme": "bearer", "description": "A token of muscope token create. Callers on the server's own machine need none, unless it runs with --require-token."},
		"basic":  object{"type": "http", "scheme": "basic", "description": "The token as the password, under any user name, for clients that can't send a bearer token."},
	}
}

// problemResponses are the problem documents by status, and one for all others.
func problemResponses() object {
	out := object{"problem": problemResponse("A problem document (RFC 9457)", nil)}
	token := object{"WWW-Authenticate": headerOf("The ways to send a token")}
	after := object{"Retry-After": headerOf("Seconds after which to try again")}
	for status, one := range map[int]object{
		400: problemResponse("The request, a parameter or the body is wrong; the detail says which and what it may be", nil),
		401: problemResponse("A token is needed, or the one given is not good", token),
		403: problemResponse("The token's role or zones don't allow this", nil),
		404: problemResponse("There is no such resource, or it is not for the caller to see", nil),
		405: problemResponse("The resource doesn't take this method", nil),
		406: problemResponse("The resource has none of the content types asked for", nil),
		409: problemResponse("The snapshot is loaded and not analyzed yet", nil),
		413: problemResponse("The body is too large, or its geometries have too many vertices", nil),
		410: problemResponse("The analysis that the page belongs to is no longer kept; begin again with the first page", nil),
		415: problemResponse("The body's content type is not one that is read here", nil),
		421: problemResponse("Asked under a name that is not this server's", nil),
		429: problemResponse("Too many requests of this caller", after),
		431: problemResponse("Address and header are too large", nil),
		503: problemResponse("No turn came free in time, or the database is away", after),
		504: problemResponse("The answer took longer than allowed", nil),
	} {
		out[problemName(status)] = one
	}
	return out
}

func problemName(status int) string { return "problem" + strconv.Itoa(status) }

func headerOf(about string) object {
	return object{"description": about, "schema": object{"type": "string"}}
}

func problemResponse(about string, headers object) object {
	out := object{"description": about,
		"content": object{problem.ContentType: object{"schema": object{"$ref": "#/components/schemas/problem.Document"}}}}
	if headers != nil {
		out["headers"] = headers
	}
	return out
}

// problemsOf are the statuses of the problems that a route may answer with.
func problemsOf(r *route) []int {
	list := []int{400, 404, 405, 413, 421, 429, 431, 503, 504}
	if !r.public {
		list = append(list, 401, 403)
	}
	if strings.Contains(r.path, "{snapshot}") {
		list = append(list, 409)
	}
	if _, paged := paramNamed(r, "cursor"); paged {
		list = append(list, http.StatusGone)
	}
	if r.request != nil {
		list = append(list, 415)
	}
	if r.negotiated() {
		list = append(list, 406)
	}
	return list
}

func operation(r *route, schemas *schemaSet) object {
	out := object{
		"operationId": operationID(r), "summary": r.summary, "tags": []string{r.tag}, "parameters": parameters(r),
		"responses": responses(r, schemas),
	}
	if !r.public {
		out["security"] = []any{object{}, object{"bearer": []string{}}, object{"basic": []string{}}}
		out["x-role"] = r.need()
	}
	if q := r.request; q != nil {
		content := object{}
		for _, media := range q.types() {
			content[media] = object{"schema": schemas.of(reflect.TypeOf(q.value))}
		}
		out["requestBody"] = object{"description": q.about, "required": true, "content": content}
	}
	return out
}

func responses(r *route, schemas *schemaSet) object {
	content := object{}
	for _, media := range r.types() {
		content[media] = object{"schema": answerSchema(r, media, schemas)}
	}
	out := object{strconv.Itoa(http.StatusOK): object{"description": r.summary, "content": content},
		strconv.Itoa(http.StatusNotModified): object{"description": "The client has it: its If-None-Match names the ETag"},
		"default":                            object{"$ref": "#/components/responses/problem"}}
	if r.empty {
		out[strconv.Itoa(http.StatusNoContent)] = object{"description": "There is nothing here"}
	}
	for _, status := range problemsOf(r) {
		out[strconv.Itoa(status)] = object{"$ref": "#/components/responses/" + problemName(status)}
	}
	return out
}

func answerSchema(r *route, media string, schemas *schemaSet) object {
	switch {
	case media == "application/geo+json" && r.method != "": // the map layers of an answer that is more
		return object{"type": "object"}
	case r.body != nil && (strings.HasSuffix(media, "json") || strings.HasSuffix(media, "+json")):
		return schemas.of(reflect.TypeOf(r.body))
	case strings.HasPrefix(media, "text/"), media == "application/x-ndjson":
		return object{"type": "string"}
	case media == openAPIMedia, media == openAPIType, media == "application/geo+json", media == "application/json":
		return object{"type": "object"}
	}
	return object{"type": "string", "format": "binary"}
}

func operationID(r *route) string {
	id := strings.Trim(strings.NewReplacer("/", "_", "{", "", "}", "", ".", "_").Replace(r.path), "_")
	if id == "" {
		id = "page"
	}
	if r.method != "" {
		id = strings.ToLower(r.method) + "_" + id
	}
	return id
}

func parameters(r *route) []any {
	out := []any{}
	for seg := range strings.SplitSeq(r.path, "/") {
		_, rest, ok := strings.Cut(seg, "{")
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(rest, "}")
		schema := object{"type": "string"}
		if name == "z" || name == "x" || name == "y" {
			schema = object{"type": "integer", "minimum": 0}
		}
		if r.names[name] != nil {
			schema["enum"] = r.names[name]
		}
		out = append(out, object{"name": name, "in": "path", "required": true, "schema": schema})
	}
	for _, p := range append(r.params[:len(r.params):len(r.params)], langParam()) {
		schema := object{"type": p.kind}
		if len(p.enum) > 0 && p.kind == "string" {
			schema["enum"] = p.enum
		}
		for k, v := range p.bounds {
			schema[k] = v
		}
		if p.repeats || p.list {
			schema = arraySchema(p)
		}
		one := object{"name": p.name, "in": "query", "description": p.about, "schema": schema}
		if p.repeats {
			one["style"], one["explode"] = "form", true
		} else if r.tag == ogcTag {
			one["style"], one["explode"] = "form", false
		}
		out = append(out, one)
	}
	return out
}

// arraySchema is the schema of a parameter with several values; bounds are then
// those of the list.
func arraySchema(p param) object {
	items := object{"type": p.kind}
	if len(p.enum) > 0 && p.kind == "string" {
		items["enum"] = p.enum
	}
	schema := object{"type": "array", "items": items}
	for k, v := range p.bounds {
		schema[k] = v
	}
	return schema
}

// schemaSet collects the schemas of the types that answers are made of.
type schemaSet struct{ done map[string]any }

// special are the types that write themselves.
func special(t reflect.Type) (object, bool) {
	number := object{"type": "number"}
	switch t {
	case reflect.TypeFor[land.Fixed](), reflect.TypeFor[land.Mu](), reflect.TypeFor[land.Quantity](), reflect.TypeFor[json.Number]():
		return number, true
	case reflect.TypeFor[land.Number]():
		return object{"type": "number", "nullable": true}, true
	case reflect.TypeFor[land.Date]():
		return object{"type": "string", "format": "date", "nullable": true}, true
	case reflect.TypeFor[land.Flag]():
		return object{"type": "boolean", "nullable": true}, true
	case reflect.TypeFor[land.Bounds]():
		return object{"type": "array", "minItems": 2, "maxItems": 2, "items": object{"type": "number", "nullable": true}}, true
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}, true
	case reflect.TypeFor[json.RawMessage]():
		return object{"type": "object", "nullable": true}, true
	}
	return nil, false
}

// of is the schema of a type; structs are named and referred to.
func (s *schemaSet) of(t reflect.Type) object {
	if schema, ok := special(t); ok {
		return schema
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.nullable(t.Elem())
	case reflect.Slice, reflect.Array:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		return s.named(t)
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Interface:
		return object{"nullable": true}
	}
	return object{"type": "integer"}
}

func (s *schemaSet) nullable(t reflect.Type) object {
	inner := s.of(t)
	if _, ref := inner["$ref"]; ref {
		return object{"allOf": []any{inner}, "nullable": true}
	}
	out := object{"nullable": true}
	for k, v := range inner {
		out[k] = v
	}
	return out
}

func (s *schemaSet) named(t reflect.Type) object {
	name := t.String()
	ref := object{"$ref": "#/components/schemas/" + name}
	if _, done := s.done[name]; done {
		return ref
	}
	properties, schema := object{}, object{"type": "object"}
	schema["properties"] = properties
	s.done[name] = schema
	t = shapeOf(t)
	if required := s.fields(t, properties); len(required) > 0 {
		slices.Sort(required)
		schema["required"] = required
	}
	return ref
}

// fields describes the members of a struct and says which are always there.
func (s *schemaSet) fields(t reflect.Type, properties object) (required []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == "-":
		case f.Anonymous && tag == "":
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			required = append(required, s.fields(inner, properties)...)
		case f.IsExported():
			if tag == "" {
				tag = f.Name
			}
			properties[tag] = s.of(f.Type)
			if f.Type.Kind() == reflect.String && writesNull(t) {
				properties[tag] = s.nullable(f.Type)
			}
			if !strings.Contains(options, "omit") {
				required = append(required, tag)
			}
		}
	}
	return required
}

// shapeOf is the struct that has the members which a type writes of itself.
func shapeOf(t reflect.Type) reflect.Type {
	switch t {
	case reflect.TypeFor[land.Indicator]():
		return reflect.TypeFor[indicatorShape]()
	case reflect.TypeFor[verdictDetail]():
		return reflect.TypeFor[verdictDetailShape]()
	case reflect.TypeFor[explain.Amount]():
		return reflect.TypeFor[amountShape]()
	}
	return t
}

// writesNull reports whether a type writes null for a word that isn't there.
func writesNull(t reflect.Type) bool {
	return t == reflect.TypeFor[land.Verdict]() || t == reflect.TypeFor[land.Idle]()
}

type indicatorShape struct {
	ID              string         `json:"id"`
	Value           *float64       `json:"value"`
	Unit            land.Unit      `json:"unit"`
	Numerator       *float64       `json:"numerator"`
	NumeratorUnit   land.Unit      `json:"numerator_unit,omitempty"`
	Denominator     *float64       `json:"denominator"`
	DenominatorUnit land.Unit      `json:"denominator_unit,omitempty"`
	Exact           bool           `json:"exact"`
	Coverage        float64        `json:"coverage"`
	Bounds          *land.Bounds   `json:"bounds"`
	Missing         []land.Missing `json:"missing"`
	Reason          string         `json:"reason,omitempty"`
	Source          string         `json:"source,omitempty"`
}

type verdictDetailShape struct {
	land.Verdict
	verdictWords
}

type amountShape struct {
	Value land.Quantity `json:"value"`
	Unit  land.Unit     `json:"unit"`
}
