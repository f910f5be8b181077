package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/muscope/muscope/server/ogcapi"
)

// ogcTag marks the routes of OGC API.
const ogcTag = "ogc"

// ogcRoutes are the lines of the route table for OGC API – Features.
func (s *Server) ogcRoutes() []route {
	if s.ogc == nil {
		return nil
	}
	var list []route
	for _, r := range s.ogc.Routes() {
		list = append(list, s.ogcRoute(r))
	}
	for _, prefix := range []string{"/ogc", ogcapi.Snapshots} {
		list = append(list, route{path: prefix + "/api", tag: ogcTag, summary: "This part of the interface as an OpenAPI description of its own", media: []string{openAPIMedia}, public: true, handle: s.ogcAPI})
	}
	return list
}

func (s *Server) ogcRoute(r ogcapi.Route) route {
	out := route{path: r.Path, summary: r.Summary, tag: ogcTag, media: r.Media, body: r.Body, names: r.Names, empty: r.Empty, download: r.Download, streams: r.Streams}
	for _, p := range r.Params {
		out.params = append(out.params, ogcParam(p))
	}
	out.handle = func(x *exchange) error {
		if r.Reads {
			leave, err := x.enter()
			if err != nil {
				return err
			}
			defer leave()
		}
		return r.Handle(&ogcapi.Request{HTTP: x.r, W: x.w, Lang: x.lang, Base: x.s.origin(x.r), Path: x.path, Query: x.r.URL.Query(), Zones: x.caller.Zones, Own: x, Unchanged: x.ogcUnchanged})
	}
	return out
}

// ogcUnchanged is unchanged of an answer under its address, in its language.
func (x *exchange) ogcUnchanged(weak bool, of ...string) bool {
	mark := ""
	if weak {
		mark = "W/"
	}
	return x.unchangedAs(mark, digest(x.s.opt.Version, append(of, x.s.origin(x.r), x.r.URL.EscapedPath(), x.r.URL.RawQuery, x.lang)...))
}

func ogcParam(p ogcapi.Param) param {
	out := param{name: p.Name, kind: p.Kind, about: p.About, enum: p.Enum, list: p.List, long: p.Long, bounds: object{}}
	for key, n := range map[string]int{"default": p.Default, "minimum": p.Min, "maximum": p.Max, "minItems": p.MinItems, "maxItems": p.MaxItems} {
		if n != 0 {
			out.bounds[key] = n
		}
	}
	return out
}

// serverAddress stands for the address of the landing page in the description
// of /ogc, since that differs from request to request.
const serverAddress = "\x00address"

// describeOGC makes the description of /ogc alone: a client that knows the
// landing page finds the paths of the standard below it.
func (s *Server) describeOGC(table []route) error {
	var own []route
	for _, r := range table {
		if path, ok := strings.CutPrefix(r.path, "/ogc"); ok && !strings.HasPrefix(r.path, ogcapi.Snapshots) {
			r.path = path
			if path == "" {
				r.path = "/"
			}
			own = append(own, r)
		}
	}
	b, err := openAPIDocument(own, s.opt.Version)
	if err != nil {
		return err
	}
	var doc map[string]any
	if err := json.Unmarshal(b, &doc); err != nil {
		return fmt.Errorf("describe /ogc: %w", err)
	}
	doc["servers"] = []any{object{"url": serverAddress}}
	s.ogcapi, err = json.Marshal(doc)
	return err
}

// ogcAPI answers with the description of /ogc under the address that the
// client knows.
func (s *Server) ogcAPI(x *exchange) error {
	at := s.origin(x.r) + strings.TrimSuffix(x.r.URL.EscapedPath(), "/api")
	quoted, err := json.Marshal(at)
	if err != nil {
		return err
	}
	mark, err := json.Marshal(serverAddress)
	if err != nil {
		return err
	}
	x.body(openAPIType, bytes.Replace(s.ogcapi, mark, quoted, 1))
	return nil
}
