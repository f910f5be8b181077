package ingest

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/geojson"
)

// isXLSX tells a workbook from a zip of something else by its first bytes.
func (o *opener) isXLSX() bool {
	return bytes.HasPrefix(o.head, xlsxMark) && (bytes.Contains(o.head, []byte("[Content_Types].xml")) || bytes.Contains(o.head, []byte("xl/")))
}

// isCSV reports that a file that is no other format isn't JSON either.
func (o *opener) isCSV() bool {
	text := bytes.TrimLeft(bytes.TrimPrefix(o.head, []byte("\xEF\xBB\xBF")), " \t\r\n\x1e")
	gzip := bytes.HasPrefix(text, []byte{0x1f, 0x8b})
	return len(text) > 0 && text[0] != '{' && text[0] != '[' && !gzip
}

// hasWKT reports whether the header of a CSV names a column of boundaries.
func (o *opener) hasWKT() bool {
	line, _, _ := bytes.Cut(bytes.TrimPrefix(o.head, []byte("\xEF\xBB\xBF")), []byte("\n"))
	for _, c := range bytes.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ';' || r == '\t' }) {
		if isWKTColumn(string(bytes.Trim(c, "\" \r"))) {
			return true
		}
	}
	return false
}

// isWKTColumn tells the column of a table that holds boundaries as well-known
// text: the names that GDAL and QGIS give it.
func isWKTColumn(name string) bool {
	return strings.EqualFold(name, "wkt") || strings.EqualFold(name, "wkt_geom")
}

// readWKT reads the boundary of a row. Heights are not known in it.
func readWKT(text string, f *geojson.Feature) bool {
	if text = strings.TrimSpace(text); text == "" {
		return true
	}
	g, err := wkt.Unmarshal(text)
	if err != nil {
		return false
	}
	f.NullGeometry, f.GeometryType = false, g.GeoJSONType()
	switch g := g.(type) {
	case orb.Polygon:
		f.Geometry = g
		return finite(orb.MultiPolygon{g})
	case orb.MultiPolygon:
		f.Geometry = g
		return finite(g)
	}
	return true
}

func finite(mp orb.MultiPolygon) bool {
	for _, p := range mp {
		for _, r := range p {
			for _, at := range r {
				if sum := at[0] + at[1]; math.IsNaN(sum) || math.IsInf(sum, 0) {
					return false
				}
			}
		}
	}
	return true
}

// tableSource hands out the rows of a table as features, with the boundary of
// their column of well-known text where there is one.
type tableSource struct {
	job    *job
	table  *table
	number int64
}

// tableSource opens a table.
func (o *opener) tableSource() (source, error) {
	if err := o.src.Close(); err != nil {
		return nil, err
	}
	t, err := openTable(o.file)
	if err != nil {
		return nil, o.job.tableFault(err)
	}
	return &tableSource{job: o.job, table: t}, nil
}

// tableFault makes a refusal of a fault of the table.
func (j *job) tableFault(err error) error {
	var bad *errTable
	if !errors.As(err, &bad) {
		return err
	}
	return j.refuse(bad.code, bad.err, bad.args...)
}

func (s *tableSource) bytes() int64          { return 0 }
func (s *tableSource) notes() []note         { return nil }
func (s *tableSource) close() error          { return s.table.close() }
func (s *tableSource) crs() (geo.CRS, error) { return geo.CRS84(), nil }
func (s *tableSource) finish(bool, geo.CRS) (string, error) {
	return s.table.sum, nil
}

func (s *tableSource) next() (featureBatch, error) {
	b := &tableBatch{source: s, first: s.number}
	for len(b.rows) < rowsAtOnce {
		cells, _, err := s.table.next()
		if errors.Is(err, io.EOF) && len(b.rows) > 0 {
			break
		}
		if err != nil {
			return nil, s.job.tableFault(err)
		}
		b.rows = append(b.rows, cells)
	}
	s.number += int64(len(b.rows))
	return b, nil
}

type tableBatch struct {
	source *tableSource
	first  int64
	rows   [][]string
}

func (b *tableBatch) Len() int { return len(b.rows) }
func (b *tableBatch) Release() {}

func (b *tableBatch) decode(_ *decoding, fn func(*geojson.Feature) error) error {
	header := b.source.table.header
	for i, cells := range b.rows {
		f := geojson.Feature{Number: b.first + int64(i) + 1, NullGeometry: true}
		if b.source.table.tooWide(cells) {
			f.Fault = b.source.job.wideFault(f.Number, len(cells), len(header))
		}
		for c, name := range header {
			if c < len(cells) && isWKTColumn(name) {
				if f.Fault == nil && !readWKT(cells[c], &f) {
					f.Fault = b.source.job.rowFault(f.Number, "wkt", shown([]byte(cells[c])))
				}
				continue
			}
			if c < len(cells) && name != "" {
				f.Properties = append(f.Properties, cell(name, cells[c]))
			}
		}
		if err := fn(&f); err != nil {
			return err
		}
	}
	return nil
}

// wideFault is the fault of a row with more cells than the header.
func (j *job) wideFault(number int64, cells, columns int) *geojson.FeatureError {
	return j.rowFault(number, "row_too_wide", cells, columns)
}

// rowFault is a fault of one row of a table.
func (j *job) rowFault(number int64, code string, args ...any) *geojson.FeatureError {
	in := func(part, lang string) string { return j.texts.Text(lang, "ingest.table."+code+"."+part, args...) }
	return &geojson.FeatureError{Number: number, Code: geojson.Code("table." + code),
		Message: geojson.Text{ZH: in("reason", "zh"), EN: in("reason", "en")},
		Remedy:  geojson.Text{ZH: in("remedy", "zh"), EN: in("remedy", "en")}}
}
