package ogcapi

import (
	"bytes"
	"embed"
	"html/template"
	"strings"
)

//go:embed page.html style.css
var files embed.FS

// page is what an HTML page shows.
type page struct {
	Lang, Title, About, Style string
	Crumbs                    []Link
	Links                     []Link
	Entries                   []entry  // things to go to
	List                      []string // plain lines
	Columns                   []string // of a table
	Rows                      []row
	Note                      string
	Next                      string
	NextText                  string
}

type entry struct{ Href, Title, About string }

// row is a row of a table; where Href is given the first cell is a link.
type row struct {
	Href  string
	Cells []string
}

func pageOf(title, about string, links []Link) *page {
	return &page{Title: title, About: about, Links: links}
}

// html sends a page. Every text on it is escaped by the template.
func (a *API) html(r *Request, p *page) error {
	t, err := template.ParseFS(files, "page.html")
	if err != nil {
		return err
	}
	p.Lang, p.Style = r.Lang, r.Base+"/ogc/style.css"
	p.Crumbs = a.crumbs(r)
	for i := range p.Links {
		if p.Links[i].Type == mediaOf(jsonFormat) && p.Links[i].Rel != "alternate" && !strings.Contains(p.Links[i].Href, "?") {
			p.Links[i].Href += "?f=html" // whoever reads pages wants pages
		}
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return err
	}
	r.head(mediaOf(htmlFormat))
	_, _ = r.W.Write(b.Bytes()) // a client that went away is no fault
	return nil
}

// crumbs lead from the landing page to the collection.
func (a *API) crumbs(r *Request) []Link {
	root := r.root()
	list := []Link{{Href: root + "?f=html", Title: a.text(r, "ogc.title")}, {Href: root + "/collections?f=html", Title: a.text(r, "ogc.link.collections")}}
	if name := r.Path["collectionId"]; name != "" {
		list = append(list, Link{Href: root + "/collections/" + name + "?f=html", Title: a.text(r, "ogc.collection."+name)})
	}
	return list
}

// style is the style sheet of the pages.
func (a *API) style(r *Request) error {
	b, err := files.ReadFile("style.css")
	if err != nil {
		return err
	}
	r.head("text/css").Set("Cache-Control", "max-age=3600")
	_, _ = r.W.Write(b)
	return nil
}
