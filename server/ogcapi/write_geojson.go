package ogcapi

import (
	"bufio"
	"strconv"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/geo/geojson"
)

// features writes features as GeoJSON objects.
type features struct {
	properties []Property
	heads      []string // `,"name":` of each
	shaper     shaper
	shapeless  bool
	buf        []byte
}

func newFeatures(q *asked) *features {
	f := &features{properties: q.properties(), shaper: shaper{q.crs.place(), q.crs.digits}, shapeless: q.query.Shapeless}
	for i, p := range f.properties {
		head := string(geojson.AppendString(nil, p.Name)) + ":"
		if i > 0 {
			head = "," + head
		}
		f.heads = append(f.heads, head)
	}
	return f
}

// properties are those asked for.
func (q *asked) properties() []Property {
	if q.query.Properties == nil {
		return q.of.Properties
	}
	var list []Property
	for _, name := range q.query.Properties {
		for _, p := range q.of.Properties {
			if p.Name == name {
				list = append(list, p)
			}
		}
	}
	return list
}

// feature appends a feature. Unknown is null.
func (f *features) feature(dst []byte, it *Item, links []Link) ([]byte, error) {
	dst = append(dst, `{"type":"Feature","id":`...)
	dst = geojson.AppendString(dst, it.ID)
	dst = append(dst, `,"geometry":`...)
	if it.Shape == nil || f.shapeless {
		dst = append(dst, "null"...)
	} else {
		var err error
		if dst, err = f.shaper.geoJSON(dst, it.Shape); err != nil {
			return dst, err
		}
	}
	dst = append(dst, `,"properties":{`...)
	for i := range f.properties {
		dst = append(dst, f.heads[i]...)
		dst = appendValue(dst, f.properties[i].Kind, it.Values[i], it.Known[i])
	}
	dst = append(dst, '}')
	if links != nil {
		b, err := marshal(links)
		if err != nil {
			return dst, err
		}
		dst = append(append(dst, `,"links":`...), b...)
	}
	return append(dst, '}'), nil
}

// appendValue writes a value as JSON.
func appendValue(dst []byte, kind filter.Kind, value string, known bool) []byte {
	if !known {
		return append(dst, "null"...)
	}
	switch kind {
	case filter.Number, filter.Missing: // JSON already
		return append(dst, value...)
	case filter.Boolean:
		return strconv.AppendBool(dst, value == "t")
	}
	return geojson.AppendString(dst, value)
}

// geoJSONWriter writes a FeatureCollection. What is known only after the last
// feature stands behind it.
type geoJSONWriter struct {
	f       *features
	out     *bufio.Writer
	matched int64
	links   []Link
	next    string // title of the link to the next page
	n       int
}

func (w *geoJSONWriter) begin() error {
	head := []byte(`{"type":"FeatureCollection",`)
	if w.matched >= 0 {
		head = append(strconv.AppendInt(append(head, `"numberMatched":`...), w.matched, 10), ',')
	}
	head = append(head, `"timeStamp":"`+stamp()+`","features":[`...)
	_, err := w.out.Write(head)
	return err
}

func (w *geoJSONWriter) item(it *Item) error {
	b := w.f.buf[:0]
	if w.n > 0 {
		b = append(b, ",\n"...)
	}
	w.n++
	b, err := w.f.feature(b, it, nil)
	if err != nil {
		return err
	}
	w.f.buf = b
	_, err = w.out.Write(b)
	return err
}

func (w *geoJSONWriter) end(n int, next string) error {
	links := w.links
	if next != "" {
		links = append(links, Link{"next", next, mediaOf(geoJSON), w.next})
	}
	b, err := marshal(links)
	if err != nil {
		return err
	}
	tail := strconv.AppendInt([]byte(`],"numberReturned":`), int64(n), 10)
	tail = append(append(tail, `,"links":`...), b...)
	_, err = w.out.Write(append(tail, "}\n"...))
	return err
}

// seqWriter writes GeoJSON text sequences (RFC 8142).
type seqWriter struct {
	f   *features
	out *bufio.Writer
}

func (w *seqWriter) begin() error { return nil }

func (w *seqWriter) item(it *Item) error {
	b, err := w.f.feature(append(w.f.buf[:0], 0x1e), it, nil)
	if err != nil {
		return err
	}
	w.f.buf = append(b, '\n')
	_, err = w.out.Write(w.f.buf)
	return err
}

func (w *seqWriter) end(int, string) error { return nil }
