package ogcapi

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/muscope/muscope/analysis/filter"
)

// htmlRows is how many features an HTML page shows at most: a page is for
// reading.
const htmlRows = 500

// htmlWriter writes a table of features.
type htmlWriter struct {
	a *API
	r *Request
	q *asked
	p page
}

func (w *htmlWriter) begin() error {
	w.p.Columns = []string{w.a.text(w.r, "ogc.column.id")}
	for _, p := range w.q.properties() {
		w.p.Columns = append(w.p.Columns, w.a.titleOf(w.r, w.q.of, p.Name))
	}
	return nil
}

func (w *htmlWriter) item(it *Item) error {
	if len(w.p.Rows) == htmlRows {
		w.p.Note = w.a.text(w.r, "ogc.html.rows", htmlRows)
		return nil
	}
	href := w.r.root() + "/collections/" + w.q.of.Name + "/items/" + url.PathEscape(it.ID) + "?f=html"
	cells := []string{it.ID}
	for i, p := range w.q.properties() {
		cells = append(cells, w.a.shown(w.r, &p, it.Values[i], it.Known[i]))
	}
	w.p.Rows = append(w.p.Rows, row{href, cells})
	return nil
}

// shown is a value as people read it: words in their language, unknown as a
// dash.
func (a *API) shown(r *Request, p *Property, value string, known bool) string {
	switch {
	case !known:
		return "–"
	case p.Kind == filter.Boolean && value == "t":
		return a.textOr(r, "value.yes", "true")
	case p.Kind == filter.Boolean:
		return a.textOr(r, "value.no", "false")
	case slices.Contains(p.Words, value):
		return a.wordOf(r, p.Name, value)
	}
	return value
}

func (w *htmlWriter) end(n int, next string) error {
	w.p.Title = w.a.text(w.r, "ogc.collection."+w.q.of.Name)
	w.p.About = w.a.text(w.r, "ogc.html.returned", n)
	if w.q.matched >= 0 {
		w.p.About = w.a.text(w.r, "ogc.html.matched", n, strconv.FormatInt(w.q.matched, 10))
	}
	w.p.Next, w.p.NextText = next, w.a.text(w.r, "ogc.link.next")
	w.p.Links = w.a.itemLinks(w.r, htmlFormat)
	return w.a.html(w.r, &w.p)
}

// itemHTML is the page of one feature.
func (a *API) itemHTML(r *Request, q *asked, it *Item, links []Link) error {
	p := pageOf(it.ID, a.text(r, "ogc.collection."+q.of.Name), links)
	p.Columns = []string{a.text(r, "ogc.column.title"), a.text(r, "ogc.column.value"), a.text(r, "ogc.column.name")}
	for i, property := range q.properties() {
		p.Rows = append(p.Rows, row{Cells: []string{a.titleOf(r, q.of, property.Name), a.shown(r, &property, it.Values[i], it.Known[i]), property.Name}})
	}
	return a.html(r, p)
}
