package ogcapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope/muscope/server/problem"
)

// The formats, as the parameter f names them.
const (
	jsonFormat = "json"
	geoJSON    = "geojson"
	htmlFormat = "html"
	csvFormat  = "csv"
	seqFormat  = "geojsons"
	fgbFormat  = "fgb"
)

const schemaType = "application/schema+json"

// mediaOf is the media type of a format.
func mediaOf(format string) string {
	switch format {
	case geoJSON:
		return "application/geo+json"
	case htmlFormat:
		return "text/html"
	case csvFormat:
		return "text/csv"
	case seqFormat:
		return "application/geo+json-seq"
	case fgbFormat:
		return "application/flatgeobuf"
	}
	return "application/json"
}

func formatParam(formats ...string) Param {
	return Param{Name: "f", Kind: "string", Enum: formats, About: "Format of the answer; else by the Accept header"}
}

// format is what the request asks for: the parameter f, else the best of the
// Accept header, else the first. json stands for GeoJSON too.
func (r *Request) format(formats ...string) (string, error) {
	if f := r.Query.Get("f"); f != "" {
		if f == jsonFormat && slices.Contains(formats, geoJSON) {
			f = geoJSON
		}
		if !slices.Contains(formats, f) {
			return "", problem.Parameter("f", f, "problem.parameter.enum", strings.Join(formats, ", "))
		}
		return f, nil
	}
	best, bestQ := "", 0.0
	for part := range strings.SplitSeq(r.HTTP.Header.Get("Accept"), ",") {
		media, params, _ := strings.Cut(part, ";")
		q := quality(params)
		if f := accepted(strings.TrimSpace(media), formats); f != "" && q > bestQ {
			best, bestQ = f, q
		}
	}
	if best == "" {
		return formats[0], nil
	}
	return best, nil
}

// quality is the weight of a media range (RFC 9110 §12.4.2), 1 where none is
// given.
func quality(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		if v, ok := strings.CutPrefix(strings.ReplaceAll(p, " ", ""), "q="); ok {
			q, err := strconv.ParseFloat(v, 64)
			if err != nil {
				return 0
			}
			return q
		}
	}
	return 1
}

func accepted(media string, formats []string) string {
	if media == "*/*" || media == "application/*" || media == "application/json" {
		return formats[0]
	}
	for _, f := range formats {
		if mediaOf(f) == media {
			return f
		}
	}
	return ""
}

// json sends v.
func (r *Request) json(contentType string, v any) error {
	b, err := marshal(v)
	if err != nil {
		return err
	}
	r.head(contentType)
	_, _ = r.W.Write(append(b, '\n')) // a client that went away is no fault
	return nil
}

// marshal is json.Marshal that leaves & in addresses as it is.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func (r *Request) head(contentType string) http.Header {
	h := r.W.Header()
	if strings.HasPrefix(contentType, "text/") {
		contentType += "; charset=utf-8"
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Language", r.Lang)
	r.vary()
	h.Set("Cache-Control", "no-cache")
	return h
}

// vary says, once, which headers of the request the answer depends on.
func (r *Request) vary() {
	const on = "Accept, Accept-Language"
	if h := r.W.Header(); !slices.Contains(h.Values("Vary"), on) {
		h.Add("Vary", on)
	}
}

// both are links to the resource in this format and in the other ones.
func (a *API) selfLinks(r *Request, format string, formats ...string) []Link {
	links := []Link{{Rel: "self", Href: r.address(r.Query), Type: mediaOf(format), Title: a.text(r, "ogc.link.self")}}
	for _, f := range formats {
		if f != format {
			name := f
			if f == geoJSON {
				name = jsonFormat
			}
			links = append(links, Link{Rel: "alternate", Href: r.address(r.with("f", name)), Type: mediaOf(f), Title: a.text(r, "ogc.link.as", strings.ToUpper(f))})
		}
	}
	return links
}
