package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/server/problem"
)

const openAPIType = "application/vnd.oai.openapi+json;version=3.0"

type object = map[string]any

// openAPIDocument is the OpenAPI 3.0 description of the route table.
func openAPIDocument(table []route, version string) ([]byte, error) {
	schemas := &schemaSet{done: map[string]any{}}
	schemas.of(reflect.TypeFor[problem.Document]())
	paths := object{}
	for i := range table {
		r := &table[i]
		paths[r.path] = object{"get": operation(r, schemas)}
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
		"components": object{"schemas": schemas.done, "responses": object{"problem": problemResponse()}},
	}
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("describe the routes: %w", err)
	}
	return b, nil
}

func problemResponse() object {
	return object{"description": "A problem document (RFC 9457)",
		"content": object{problem.ContentType: object{"schema": object{"$ref": "#/components/schemas/problem.Document"}}}}
}

func operation(r *route, schemas *schemaSet) object {
	media, content := r.media, object{}
	if media == "" {
		media = "application/json"
	}
	schema := object{"type": "string"}
	switch {
	case r.body != nil:
		schema = schemas.of(reflect.TypeOf(r.body))
	case media == "application/octet-stream" || media == mvtType:
		schema = object{"type": "string", "format": "binary"}
	case media == openAPIType || media == "application/geo+json":
		schema = object{"type": "object"}
	}
	content[media] = object{"schema": schema}
	return object{
		"operationId": operationID(r.path), "summary": r.summary, "tags": []string{r.tag}, "parameters": parameters(r),
		"responses": object{strconv.Itoa(http.StatusOK): object{"description": r.summary, "content": content},
			"default": object{"$ref": "#/components/responses/problem"}},
	}
}

func operationID(path string) string {
	id := strings.Trim(strings.NewReplacer("/", "_", "{", "", "}", "", ".", "_").Replace(path), "_")
	if id == "" {
		return "page"
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
		out = append(out, object{"name": name, "in": "path", "required": true, "schema": schema})
	}
	for _, p := range append(r.params[:len(r.params):len(r.params)], langParam()) {
		schema := object{"type": p.kind}
		if len(p.enum) > 0 && p.kind == "string" {
			schema["enum"] = p.enum
		}
		if p.repeats {
			schema = object{"type": "array", "items": schema}
		}
		one := object{"name": p.name, "in": "query", "description": p.about, "schema": schema}
		if p.repeats {
			one["style"], one["explode"] = "form", true
		}
		out = append(out, one)
	}
	return out
}

// schemaSet collects the schemas of the types that answers are made of.
type schemaSet struct{ done map[string]any }

// special are the types that write themselves.
func special(t reflect.Type) (object, bool) {
	number := object{"type": "number"}
	switch t {
	case reflect.TypeFor[land.Fixed](), reflect.TypeFor[land.Mu](), reflect.TypeFor[land.Quantity]():
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
	properties := object{}
	s.done[name] = object{"type": "object", "properties": properties}
	if t == reflect.TypeFor[land.Indicator]() {
		t = reflect.TypeFor[indicatorShape]()
	}
	s.fields(t, properties)
	return ref
}

func (s *schemaSet) fields(t reflect.Type, properties object) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == "-":
		case f.Anonymous && tag == "":
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			s.fields(inner, properties)
		case f.IsExported():
			if tag == "" {
				tag = f.Name
			}
			properties[tag] = s.of(f.Type)
		}
	}
}

// indicatorShape is what land.Indicator writes of itself.
type indicatorShape struct {
	ID              string         `json:"id"`
	Value           *float64       `json:"value"`
	Unit            land.Unit      `json:"unit"`
	Numerator       *float64       `json:"numerator"`
	NumeratorUnit   land.Unit      `json:"numerator_unit"`
	Denominator     *float64       `json:"denominator"`
	DenominatorUnit land.Unit      `json:"denominator_unit"`
	Exact           bool           `json:"exact"`
	Coverage        float64        `json:"coverage"`
	Bounds          *land.Bounds   `json:"bounds"`
	Missing         []land.Missing `json:"missing"`
	Reason          string         `json:"reason"`
	Source          string         `json:"source"`
}
