package ogcapi

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/paulmach/orb"
)

type landingPage struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Links       []Link `json:"links"`
}

// landing is /req/core/root-success.
func (a *API) landing(r *Request) error {
	format, err := r.format(jsonFormat, htmlFormat)
	if err != nil {
		return err
	}
	root := r.root()
	list, err := a.opt.Store.Analyzed(r.HTTP.Context(), r.Zones)
	if err != nil {
		return err
	}
	page := landingPage{Title: a.text(r, "ogc.title"), Description: a.text(r, "ogc.description.none")}
	if name, err := a.snapshot(r); err == nil {
		page.Description = a.text(r, "ogc.description", name)
		if r.Path["snapshot"] != "" { // it may not exist, or not be for the caller to see
			an, err := a.opt.Store.Open(r.HTTP.Context(), name, 0, r.Zones)
			if err != nil {
				return err
			}
			an.Close()
		}
	} else if !errors.Is(err, ErrNotFound) {
		return err
	}
	page.Links = append(a.selfLinks(r, format, jsonFormat, htmlFormat),
		Link{"service-desc", root + "/api", "application/vnd.oai.openapi+json;version=3.0", a.text(r, "ogc.link.api")},
		Link{"conformance", root + "/conformance", mediaOf(jsonFormat), a.text(r, "ogc.link.conformance")},
		Link{"http://www.opengis.net/def/rel/ogc/1.0/conformance", root + "/conformance", mediaOf(jsonFormat), a.text(r, "ogc.link.conformance")},
		Link{"data", root + "/collections", mediaOf(jsonFormat), a.text(r, "ogc.link.collections")},
		Link{"http://www.opengis.net/def/rel/ogc/1.0/data", root + "/collections", mediaOf(jsonFormat), a.text(r, "ogc.link.collections")})
	if a.opt.Also != nil {
		page.Links = append(page.Links, a.opt.Also.LandingLinks(root, r.Lang)...)
	}
	for _, s := range list {
		page.Links = append(page.Links, Link{"related", r.Base + "/ogc/snapshots/" + url.PathEscape(s.Name), mediaOf(jsonFormat),
			a.text(r, "ogc.link.snapshot", s.Name, s.AsOf.String())})
	}
	if format == htmlFormat {
		return a.html(r, pageOf(page.Title, page.Description, page.Links))
	}
	return r.json(mediaOf(jsonFormat), page)
}

type conformancePage struct {
	Links      []Link   `json:"links"`
	ConformsTo []string `json:"conformsTo"`
}

// Classes are the URIs of the conformance classes that hold here. Those of
// filters stand under their final names and under the names of the drafts,
// which GDAL 3.6 and QGIS before 3.44 know alone.
func (a *API) Classes() []string {
	const part1, part2, part3 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/", "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/",
		"http://www.opengis.net/spec/ogcapi-features-3/1.0/"
	list := []string{"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core", "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
		part1 + "core", part1 + "oas30", part1 + "geojson", part1 + "html", part2 + "crs"}
	for _, name := range []string{"filter", "features-filter", "queryables"} {
		list = append(list, part3+"conf/"+name, part3+"req/"+name)
	}
	for _, c := range filter.Classes() {
		list = append(list, c.URI())
		for _, version := range []string{"0.0/conf/", "0.0/req/", "1.0/req/"} {
			list = append(list, "http://www.opengis.net/spec/cql2/"+version+c.Name)
		}
	}
	if a.opt.Also != nil {
		list = append(list, a.opt.Also.Classes()...)
	}
	return list
}

// conformance is /req/core/conformance-success.
func (a *API) conformance(r *Request) error {
	format, err := r.format(jsonFormat, htmlFormat)
	if err != nil {
		return err
	}
	page := conformancePage{ConformsTo: a.Classes(), Links: append(a.selfLinks(r, format, jsonFormat, htmlFormat), a.home(r))}
	if format == htmlFormat {
		p := pageOf(a.text(r, "ogc.link.conformance"), "", page.Links)
		p.List = page.ConformsTo
		return a.html(r, p)
	}
	return r.json(mediaOf(jsonFormat), page)
}

func (a *API) home(r *Request) Link {
	return Link{"root", r.root(), mediaOf(jsonFormat), a.text(r, "ogc.title")}
}

type collectionsPage struct {
	Links       []Link           `json:"links"`
	CRS         []string         `json:"crs"`
	Collections []collectionJSON `json:"collections"`
}

type collectionJSON struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Links       []Link   `json:"links"`
	Extent      *extent  `json:"extent,omitempty"`
	ItemType    string   `json:"itemType"`
	CRS         []string `json:"crs"`
	StorageCRS  string   `json:"storageCrs"`
	Features    *int64   `json:"x-features,omitempty"`
}

type extent struct {
	Spatial  *spatialExtent  `json:"spatial,omitempty"`
	Temporal *temporalExtent `json:"temporal,omitempty"`
}

type spatialExtent struct {
	BBox [][4]float64 `json:"bbox"`
	CRS  string       `json:"crs"`
}

type temporalExtent struct {
	Interval [][2]*string `json:"interval"`
	TRS      string       `json:"trs"`
}

// collectionList is /req/core/fc-md-success.
func (a *API) collectionList(r *Request) error {
	format, err := r.format(jsonFormat, htmlFormat)
	if err != nil {
		return err
	}
	page := collectionsPage{Collections: []collectionJSON{}, CRS: []string{crs84URI}, Links: append(a.selfLinks(r, format, jsonFormat, htmlFormat), a.home(r))}
	an, err := a.open(r, nil)
	switch {
	case err == nil:
		defer an.Close()
		for _, c := range a.collections {
			one, err := a.describe(r, an, c)
			if err != nil {
				return err
			}
			page.Collections = append(page.Collections, one)
			if len(one.CRS) > len(page.CRS) {
				page.CRS = one.CRS
			}
		}
	case r.Path["snapshot"] != "" || !errors.Is(err, ErrNotFound):
		return err
	}
	if format == htmlFormat {
		p := pageOf(a.text(r, "ogc.link.collections"), "", page.Links)
		for _, c := range page.Collections {
			p.Entries = append(p.Entries, entry{r.root() + "/collections/" + c.ID, c.Title, c.Description})
		}
		return a.html(r, p)
	}
	return r.json(mediaOf(jsonFormat), page)
}

// collectionPage is /req/core/sfc-md-success.
func (a *API) collectionPage(r *Request) error {
	format, err := r.format(jsonFormat, htmlFormat)
	if err != nil {
		return err
	}
	c, err := a.find(r.Path["collectionId"])
	if err != nil {
		return err
	}
	an, err := a.open(r, nil)
	if err != nil {
		return err
	}
	defer an.Close()
	page, err := a.describe(r, an, c)
	if err != nil {
		return err
	}
	page.Links = append(a.selfLinks(r, format, jsonFormat, htmlFormat), append(page.Links[1:], a.home(r))...)
	if format == htmlFormat {
		return a.html(r, pageOf(page.Title, page.Description, page.Links))
	}
	return r.json(mediaOf(jsonFormat), page)
}

// describe is a collection as its page and the list of collections show it.
func (a *API) describe(r *Request, an Analysis, c *collection) (collectionJSON, error) {
	at := r.root() + "/collections/" + c.Name
	out := collectionJSON{ID: c.Name, Title: a.text(r, "ogc.collection."+c.Name), Description: a.text(r, "ogc.collection."+c.Name+".about"),
		ItemType: "feature", StorageCRS: crs84URI}
	bound, n, err := an.Extent(r.HTTP.Context(), c.Name)
	if err != nil {
		return out, err
	}
	if n >= 0 {
		out.Features = &n
	}
	out.Extent = c.extent(bound)
	systems, err := a.systems(r.HTTP.Context(), an)
	if err != nil {
		return out, err
	}
	out.CRS = crsURIs(systems)
	out.Links = []Link{
		{"self", at, mediaOf(jsonFormat), out.Title},
		{"items", at + "/items", mediaOf(geoJSON), a.text(r, "ogc.link.items", "GeoJSON")},
		{"items", at + "/items?f=html", mediaOf(htmlFormat), a.text(r, "ogc.link.items", "HTML")},
		{"http://www.opengis.net/def/rel/ogc/1.0/queryables", at + "/queryables", schemaType, a.text(r, "ogc.link.queryables")},
		{"queryables", at + "/queryables?f=json", mediaOf(jsonFormat), a.text(r, "ogc.link.queryables")}, // as the drafts, and GDAL 3.6, have it
		{"describedBy", at + "/schema", schemaType, a.text(r, "ogc.link.schema")},
	}
	for _, f := range downloads() {
		out.Links = append(out.Links, Link{"enclosure", at + "/download." + f, mediaOf(f), a.text(r, "ogc.link.download", strings.ToUpper(f))})
	}
	if a.opt.Also != nil {
		out.Links = append(out.Links, a.opt.Also.CollectionLinks(r.root(), c.Name, r.Lang)...)
	}
	return out, nil
}

// extent says where and when features lie; nothing of it where that isn't
// known. An open end of time is null.
func (c *collection) extent(bound *orb.Bound) *extent {
	var e extent
	if bound != nil {
		e.Spatial = &spatialExtent{BBox: [][4]float64{{bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]}}, CRS: crs84URI}
	}
	if c.time != (timeSpan{}) {
		e.Temporal = &temporalExtent{Interval: [][2]*string{{nil, nil}}, TRS: "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}
	}
	if e == (extent{}) {
		return nil
	}
	return &e
}

// systems are the systems of an analysis: of the zones, in all collections.
func (a *API) systems(ctx context.Context, an Analysis) ([]crs, error) {
	bound, _, err := an.Extent(ctx, "zones")
	if err != nil {
		return nil, err
	}
	return crsList(bound), nil
}
