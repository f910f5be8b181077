package ogcapi

import (
	"github.com/muscope/muscope/analysis/filter"
)

type schema struct {
	Schema     string                    `json:"$schema"`
	ID         string                    `json:"$id"`
	Type       string                    `json:"type"`
	Title      string                    `json:"title"`
	Properties map[string]schemaProperty `json:"properties"`
	Additional bool                      `json:"additionalProperties"`
	// Queryables is how drafts of Part 3 list the names; GDAL 3.6 reads nothing
	// else.
	Queryables []draftQueryable `json:"queryables"`
}

type draftQueryable struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type schemaProperty struct {
	Title  string       `json:"title,omitempty"`
	Type   string       `json:"type,omitempty"`
	Format string       `json:"format,omitempty"`
	Enum   []string     `json:"enum,omitempty"`
	OneOf  []schemaWord `json:"x-ogc-codelist,omitempty"`
	Role   string       `json:"x-ogc-role,omitempty"`
	Order  int          `json:"x-ogc-propertySeq,omitempty"`
	Items  *schemaItems `json:"items,omitempty"`
}

type schemaItems struct {
	Type string `json:"type"`
}

// schemaWord is what a word of an enumeration means.
type schemaWord struct {
	Const string `json:"const"`
	Title string `json:"title"`
}

// queryables is /req/queryables/get-queryables-response of Part 3.
func (a *API) queryables(r *Request) error {
	format, err := r.format(jsonFormat, htmlFormat)
	if err != nil && r.Query.Get("f") != "" {
		return err
	}
	c, err := a.find(r.Path["collectionId"])
	if err != nil {
		return err
	}
	an, err := a.open(r, nil) // of a snapshot that isn't there there is nothing to say
	if err != nil {
		return err
	}
	an.Close()
	title := a.text(r, "ogc.collection."+c.Name)
	if format == htmlFormat {
		return a.queryablesPage(r, c, title)
	}
	page := schema{Schema: draft2020, ID: r.root() + "/collections/" + c.Name + "/queryables", Type: "object",
		Title: title, Properties: map[string]schemaProperty{}}
	shape := "geometry-multipolygon"
	if c.Geometry == "Point" {
		shape = "geometry-point"
	}
	page.Properties[geometryName] = schemaProperty{Title: a.text(r, "ogc.property.geometry"), Format: shape, Role: "primary-geometry"}
	for i, p := range c.Properties {
		if p.Kind != filter.Missing {
			page.Properties[p.Name] = a.schemaOf(r, c, &p, i+1)
			page.Queryables = append(page.Queryables, draftQueryable{p.Name, page.Properties[p.Name].Type})
		}
	}
	if r.Query.Get("f") == jsonFormat {
		return r.json(mediaOf(jsonFormat), page)
	}
	return r.json(schemaType, page)
}

type featureSchema struct {
	Schema     string         `json:"$schema"`
	ID         string         `json:"$id"`
	Type       string         `json:"type"`
	Title      string         `json:"title"`
	Properties map[string]any `json:"properties"`
}

type propertiesSchema struct {
	Type       string                    `json:"type"`
	Properties map[string]schemaProperty `json:"properties"`
}

// schema describes a feature of the collection as GeoJSON: by it a client knows
// the properties and their types whatever the first page holds.
func (a *API) schema(r *Request) error {
	c, err := a.find(r.Path["collectionId"])
	if err != nil {
		return err
	}
	an, err := a.open(r, nil) // of a snapshot that isn't there there is nothing to say
	if err != nil {
		return err
	}
	an.Close()
	inner := propertiesSchema{Type: "object", Properties: map[string]schemaProperty{}}
	for i, p := range c.Properties {
		inner.Properties[p.Name] = a.schemaOf(r, c, &p, i+1)
	}
	return r.json(schemaType, featureSchema{Schema: draft2020, ID: r.root() + "/collections/" + c.Name + "/schema", Type: "object",
		Title: a.text(r, "ogc.collection."+c.Name), Properties: map[string]any{
			"type": schemaProperty{Type: "string", Enum: []string{"Feature"}}, "id": schemaProperty{Type: "string"},
			"geometry": map[string]string{"$ref": "https://geojson.org/schema/" + c.Geometry + ".json"}, "properties": inner}})
}

const draft2020 = "https://json-schema.org/draft/2020-12/schema"

func (a *API) schemaOf(r *Request, c *collection, p *Property, order int) schemaProperty {
	out := schemaProperty{Title: a.titleOf(r, c, p.Name), Type: "string", Order: order}
	switch p.Kind {
	case filter.Missing:
		out.Type, out.Items = "array", &schemaItems{"string"}
	case filter.Number:
		out.Type = "number"
	case filter.Boolean:
		out.Type = "boolean"
	case filter.Date:
		out.Format = "date"
	case filter.Timestamp:
		out.Format = "date-time"
	}
	switch {
	case p.Name == "id" || p.Name == "code" && c.Name == "zones":
		out.Role = "id"
	case p.Name == c.time.from:
		out.Role = "primary-interval-start"
	case p.Name == c.time.to:
		out.Role = "primary-interval-end"
	}
	out.Enum = p.Words
	for _, w := range p.Words {
		out.OneOf = append(out.OneOf, schemaWord{w, a.wordOf(r, p.Name, w)})
	}
	return out
}

// titleOf is what people read for a property.
func (a *API) titleOf(r *Request, c *collection, name string) string {
	for _, key := range []string{"ogc.property." + c.Name + "." + name, "ogc.property." + name, "field." + name} {
		if _, ok := a.opt.Texts[key]; ok {
			return a.text(r, key)
		}
	}
	return name
}

// wordOf is what people read for a word of a property.
func (a *API) wordOf(r *Request, property, word string) string {
	return a.textOr(r, "value."+property+"."+word, a.textOr(r, property+"."+word, word))
}

func (a *API) queryablesPage(r *Request, c *collection, title string) error {
	p := pageOf(title, a.text(r, "ogc.queryables.about"), append(a.selfLinks(r, htmlFormat, jsonFormat, htmlFormat), a.home(r)))
	p.Columns = []string{a.text(r, "ogc.column.name"), a.text(r, "ogc.column.title"), a.text(r, "ogc.column.type")}
	p.Rows = append(p.Rows, row{Cells: []string{geometryName, a.text(r, "ogc.property.geometry"), c.Geometry}})
	for i := range c.Properties {
		one := &c.Properties[i]
		if one.Kind != filter.Missing {
			s := a.schemaOf(r, c, one, 0)
			p.Rows = append(p.Rows, row{Cells: []string{one.Name, s.Title, s.Type + " " + s.Format}})
		}
	}
	return a.html(r, p)
}
