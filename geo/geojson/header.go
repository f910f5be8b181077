package geojson

import (
	"encoding/json"
	"strings"
)

// Header is what a file says beside its features.
type Header struct {
	Format  Format
	Gzip    bool
	BOM     bool     // the text began with a UTF-8 byte order mark
	Name    string   // the "name" member that GDAL writes
	CRS     *CRS     // the legacy "crs" member, nil if there is none (by RFC 7946 section 4 then OGC:CRS84)
	Members []Member // top-level members other than "type" and "features", in their order

	typeSeen bool
}

// Member is a top-level member of the file.
type Member struct {
	Key           string
	Raw           []byte // JSON text; nil where it is longer than 64 KiB or read with the feature itself
	Offset        int64  // byte of the value
	AfterFeatures bool
}

// CRS is a "crs" member of the GeoJSON of 2008 (its section 3), which RFC 7946 section 4 removed.
type CRS struct {
	Kind          string // "name", "link", "EPSG" (of drafts before 2008), "null", or "unknown"
	Name          string // kind name: as written, e.g. "urn:ogc:def:crs:EPSG::4490"; EPSG: "EPSG:<code>"; link: the address
	Raw           string // JSON text
	Offset        int64  // byte of the value
	AfterFeatures bool   // it came after the features: those went out without it, so refuse the file or read it again
}

// Header gives what is known so far: after the first Next all that stands before the features, after io.EOF all.
// A "crs" member after the features shows only then, with AfterFeatures set.
func (r *Reader) Header() Header { return r.header }

const maxRawMember = 64 << 10

// note puts the members of the top-level object into the header.
func (r *Reader) note(d document, text []byte, after bool) {
	at := r.base + int64(r.pos)
	r.header.typeSeen = r.header.typeSeen || d.typAt > 0
	for _, m := range d.members {
		raw := text[m.start:m.end]
		member := Member{Key: m.key, Offset: at + int64(m.start), AfterFeatures: after}
		switch m.key {
		case "geometry", "properties", "coordinates", "geometries":
		default:
			if len(raw) <= maxRawMember {
				member.Raw = append([]byte(nil), raw...)
			}
		}
		switch m.key {
		case "crs":
			r.header.CRS = parseCRS(raw, member.Offset, after)
		case "name":
			r.header.Name = jsonText(raw)
		}
		r.header.Members = append(r.header.Members, member)
	}
}

// parseCRS reads a "crs" member that is known to be sound JSON.
func parseCRS(raw []byte, offset int64, after bool) *CRS {
	c := &CRS{Kind: "unknown", Raw: string(raw), Offset: offset, AfterFeatures: after}
	if c.Raw == "null" {
		c.Kind = "null"
		return c
	}
	var m struct {
		Type       string `json:"type"`
		Properties struct {
			Name json.RawMessage `json:"name"`
			Href json.RawMessage `json:"href"`
			Code json.RawMessage `json:"code"`
		} `json:"properties"`
	}
	if json.Unmarshal(raw, &m) != nil {
		return c
	}
	p := m.Properties
	switch {
	case strings.EqualFold(m.Type, "name") && jsonText(p.Name) != "":
		c.Kind, c.Name = "name", jsonText(p.Name)
	case strings.EqualFold(m.Type, "EPSG") && len(p.Code) > 0:
		c.Kind, c.Name = "EPSG", "EPSG:"+strings.Trim(string(p.Code), `"`)
	case strings.EqualFold(m.Type, "link") && jsonText(p.Href) != "":
		c.Kind, c.Name = "link", jsonText(p.Href)
	}
	return c
}

// jsonText gives the string in raw, "" where it is none.
func jsonText(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}
