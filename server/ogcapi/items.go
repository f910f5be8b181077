package ogcapi

import (
	"bufio"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muscope/muscope/server/problem"
)

// countBound is up to how many features a filter's matches are counted; beyond,
// numberMatched is left out.
const countBound = 100_000

// writer writes features in a format.
type writer interface {
	// begin writes what stands before the features.
	begin() error
	item(*Item) error
	// end writes what stands behind them: how many there were, and where the
	// next page is ("" is none).
	end(n int, next string) error
}

func downloads() []string { return []string{geoJSON, csvFormat, seqFormat, fgbFormat} }

// items is /req/core/fc-op: a page of features.
func (a *API) items(r *Request) error {
	q := &asked{}
	var err error
	if q.of, err = a.find(r.Path["collectionId"]); err != nil {
		return err
	}
	if q.format, err = r.format(geoJSON, htmlFormat, csvFormat, seqFormat); err != nil {
		return err
	}
	if q.query.Limit, err = a.limit(r); err != nil {
		return err
	}
	at, err := cursorOf(r.Query.Get("cursor"), r.Query.Get("sortby"), q.of.Name)
	if err != nil {
		return err
	}
	an, err := a.ask(r, q, at)
	if err != nil {
		return err
	}
	defer an.Close()
	if a.unchanged(r, q) {
		return nil
	}
	if q.matched, err = a.matched(r, an, q, at); err != nil {
		return err
	}
	return a.respond(r, an, q)
}

// ask reads what the request asks for and opens the analysis.
func (a *API) ask(r *Request, q *asked, at *cursor) (Analysis, error) {
	an, err := a.open(r, at)
	if errors.Is(err, ErrGone) {
		return nil, &problem.Error{Type: problem.Gone, Args: []any{r.root() + "/collections/" + q.of.Name + "/items"}, Cause: err}
	}
	if err != nil {
		return nil, err
	}
	if err := a.askOf(r, an, q, at); err != nil {
		an.Close()
		return nil, err
	}
	return an, nil
}

func (a *API) askOf(r *Request, an Analysis, q *asked, at *cursor) error {
	list, err := a.systems(r.HTTP.Context(), an)
	if err != nil {
		return err
	}
	if q.crs, err = crsParam(r, "crs", list); err != nil {
		return err
	}
	q.query.Collection = q.of.Name
	if q.query.Filter, err = a.conditions(r, q.of, list); err != nil {
		return err
	}
	if q.query.Sort, err = q.of.sorts(r); err != nil {
		return err
	}
	if err := q.of.chosen(r, &q.query); err != nil {
		return err
	}
	if at != nil {
		q.query.After = at.place()
	}
	q.number = an.Number()
	q.name, err = a.snapshot(r)
	if at != nil {
		q.name = at.Snapshot
	}
	return err
}

// unchanged reports whether the client has what it asks for: an analysis never
// changes, and all else is in the address. A page of GeoJSON says when it was
// made, so its bytes do differ.
func (a *API) unchanged(r *Request, q *asked) bool {
	r.vary()
	return r.Unchanged != nil && r.Unchanged(q.format == geoJSON && q.query.ID == "",
		q.name, strconv.FormatInt(q.number, 10), q.format, strconv.Itoa(a.opt.MaxLimit))
}

// matched is how many features there are on all pages, -1 where that isn't
// counted. The first page counts, its cursor carries the number on.
func (a *API) matched(r *Request, an Analysis, q *asked, at *cursor) (int64, error) {
	if at != nil {
		return at.Matched, nil
	}
	if q.query.Filter == nil {
		if _, n, err := an.Extent(r.HTTP.Context(), q.of.Name); err != nil || n >= 0 {
			return n, err
		}
	}
	n, err := an.Count(r.HTTP.Context(), q.query, countBound)
	if n > countBound {
		n = -1
	}
	return n, a.storeProblem(r, err)
}

func (a *API) storeProblem(r *Request, err error) error {
	switch {
	case errors.Is(err, ErrFilter):
		return a.filterProblem(r, err)
	case errors.Is(err, ErrCursor):
		return badCursor(r.Query.Get("cursor"), err)
	}
	return err
}

// respond streams a page: one feature more than it has is asked for, which
// tells whether there is a next page.
func (a *API) respond(r *Request, an Analysis, q *asked) error {
	out := bufio.NewWriterSize(r.W, 64<<10)
	w, err := a.writerOf(r, q, out)
	if err != nil {
		return err
	}
	head := r.head(mediaOf(q.format))
	head.Set("Content-Crs", "<"+q.crs.uri+">")
	head["Link"] = linkHeader(a.itemLinks(r, q.format))
	if r.HTTP.Method == http.MethodHead {
		return nil
	}
	limit := q.query.Limit
	query := q.query
	query.Limit++
	n, next := 0, ""
	last := cursor{Snapshot: q.name, Analysis: q.number, Sort: q.of.Name + ":" + r.Query.Get("sortby"), Matched: q.matched}
	if err := w.begin(); err != nil {
		return err
	}
	err = an.Items(r.HTTP.Context(), query, func(it *Item) error {
		if n == limit {
			next = r.address(r.with("cursor", last.String()))
			an.Keep()
			return nil
		}
		n++
		if n == limit {
			last.keep(&it.Place)
		}
		return w.item(it)
	})
	if err != nil {
		return a.storeProblem(r, err)
	}
	if err := w.end(n, next); err != nil {
		return err
	}
	return out.Flush()
}

// keep notes a place, which is valid during a call only.
func (c *cursor) keep(p *Place) {
	c.Keys = slices.Clone(p.Keys)
	for i := range c.Keys {
		c.Keys[i] = strings.Clone(c.Keys[i])
		if !p.Known[i] {
			c.Null = append(c.Null, i)
		}
	}
}

func (a *API) itemLinks(r *Request, format string) []Link {
	links := a.selfLinks(r, format, geoJSON, htmlFormat, csvFormat, seqFormat)
	return append(links, Link{"collection", r.root() + "/collections/" + r.Path["collectionId"], mediaOf(jsonFormat), a.text(r, "ogc.collection."+r.Path["collectionId"])})
}

// linkHeader is links as header fields (RFC 8288); titles stay in the body,
// since a header is ASCII.
func linkHeader(links []Link) []string {
	out := make([]string, len(links))
	for i, l := range links {
		out[i] = fmt.Sprintf(`<%s>; rel="%s"; type="%s"`, l.Href, l.Rel, l.Type)
	}
	return out
}

func (a *API) writerOf(r *Request, q *asked, out *bufio.Writer) (writer, error) {
	f := newFeatures(q)
	switch q.format {
	case htmlFormat:
		return &htmlWriter{a: a, r: r, q: q}, nil
	case csvFormat:
		return newCSV(f, out), nil
	case seqFormat:
		return &seqWriter{f: f, out: out}, nil
	case fgbFormat:
		return newFGB(f, q, out), nil
	}
	links := a.itemLinks(r, q.format)
	if r.Path["format"] != "" { // of a download there are no alternates: each format has an address of its own
		links = a.selfLinks(r, geoJSON)
	}
	return &geoJSONWriter{f: f, out: out, matched: q.matched, links: links, next: a.text(r, "ogc.link.next")}, nil
}

// download is every feature that a filter leaves, as a file.
func (a *API) download(r *Request) error {
	q := &asked{matched: -1, format: r.Path["format"]}
	var err error
	if q.of, err = a.find(r.Path["collectionId"]); err != nil {
		return err
	}
	if !slices.Contains(downloads(), q.format) {
		return &problem.Error{Type: problem.NotFound, Key: "problem.no-format.detail", Args: []any{q.format, strings.Join(downloads(), ", ")}}
	}
	an, err := a.ask(r, q, nil)
	if err != nil {
		return err
	}
	defer an.Close()
	if a.unchanged(r, q) {
		return nil
	}
	head := r.head(mediaOf(q.format))
	head.Set("Content-Crs", "<"+q.crs.uri+">")
	head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": q.name + "-" + q.of.Name + "." + q.format}))
	if r.HTTP.Method == http.MethodHead {
		return nil
	}
	out := bufio.NewWriterSize(r.W, 64<<10)
	w, err := a.writerOf(r, q, out)
	if err != nil {
		return err
	}
	if err := w.begin(); err != nil {
		return err
	}
	n := 0
	err = an.Items(r.HTTP.Context(), q.query, func(it *Item) error { n++; return w.item(it) })
	if err != nil {
		return a.storeProblem(r, err)
	}
	if err := w.end(n, ""); err != nil {
		return err
	}
	return out.Flush()
}

// item is /req/core/f-op: one feature.
func (a *API) item(r *Request) error {
	q := &asked{matched: -1}
	var err error
	if q.of, err = a.find(r.Path["collectionId"]); err != nil {
		return err
	}
	if q.format, err = r.format(geoJSON, htmlFormat); err != nil {
		return err
	}
	an, err := a.ask(r, q, nil)
	if err != nil {
		return err
	}
	defer an.Close()
	q.query.ID = r.Path["featureId"]
	root := r.root() + "/collections/" + q.of.Name
	links := append(a.selfLinks(r, q.format, geoJSON, htmlFormat), Link{"collection", root, mediaOf(jsonFormat), a.text(r, "ogc.collection."+q.of.Name)})
	found := false
	err = an.Items(r.HTTP.Context(), q.query, func(it *Item) error {
		found = true
		if a.unchanged(r, q) {
			return nil
		}
		if q.format == htmlFormat {
			return a.itemHTML(r, q, it, links)
		}
		b, err := newFeatures(q).feature(nil, it, links)
		if err != nil {
			return err
		}
		head := r.head(mediaOf(geoJSON))
		head.Set("Content-Crs", "<"+q.crs.uri+">")
		head["Link"] = linkHeader(links)
		_, _ = r.W.Write(append(b, '\n')) // a client that went away is no fault
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: %s %q", ErrNotFound, q.of.Name, short(q.query.ID))
	}
	return err
}

// stamp is the time of an answer (/req/core/fc-timeStamp).
func stamp() string { return time.Now().UTC().Format("2006-01-02T15:04:05Z") }
