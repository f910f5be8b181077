package report

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/geo/geojson"
)

// ExpansionOptions say how the check of an application is written.
type ExpansionOptions struct {
	Lang  string // zh | en
	Unit  string // of areas in html and csv: ha (default) | mu | m2 | km2
	Texts data.Texts
	Now   time.Time
}

// ExpansionFormats names the formats of WriteExpansion: the whole document as
// json and html, the audit table as csv, the map layers as geojson.
func ExpansionFormats() []string { return []string{"json", "html", "csv", "geojson"} }

// ExpansionUnits names the units that areas can be shown in.
func ExpansionUnits() []string { return []string{"ha", "mu", "m2", "km2"} }

// WriteExpansion writes the check of an application. A format or unit that
// doesn't exist is ErrFormat.
func WriteExpansion(w io.Writer, format string, doc *expansion.Document, opt ExpansionOptions) error {
	if opt.Unit == "" {
		opt.Unit = "ha"
	}
	if !slices.Contains(ExpansionUnits(), opt.Unit) {
		return fmt.Errorf("%w: unit %q; there are %s", ErrFormat, opt.Unit, strings.Join(ExpansionUnits(), ", "))
	}
	switch format {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(doc)
	case "csv":
		return opt.table(w, doc)
	case "geojson":
		return opt.shapes(w, doc)
	case "html":
		return opt.page(w, doc)
	}
	return fmt.Errorf("%w: %q; there are %s", ErrFormat, format, strings.Join(ExpansionFormats(), ", "))
}

// auditDecimals are the decimals of the audit's own table.
const auditDecimals = 4

// area is an area in the unit asked for.
func (o ExpansionOptions) area(a *expansion.Area) string {
	m2 := a.M2.Float()
	v := map[string]float64{"ha": m2 / 10_000, "mu": m2 * 15 / 10_000, "m2": m2, "km2": m2 / 1e6}[o.Unit]
	return strconv.FormatFloat(v, 'f', auditDecimals, 64)
}

func (o ExpansionOptions) text(key string, args ...any) string {
	return o.Texts.Text(o.Lang, key, args...)
}

// head is a column's title with its unit.
func (o ExpansionOptions) head(c expansion.Column) string {
	title := c.Title.In(o.Lang)
	switch c.Kind {
	case "area":
		return title + " (" + o.text("expansion.unit."+o.Unit) + ")"
	case "ratio":
		return title + " (%)"
	case "years":
		return title + " (" + o.text("expansion.unit.years") + ")"
	}
	return title
}

// cell is a value as it is shown; what isn't known says why.
func (o ExpansionOptions) cell(c expansion.Cell) string {
	reason := ""
	if c.Reason != nil {
		reason = c.Reason.Text.In(o.Lang)
	}
	switch {
	case c.Area != nil:
		return o.area(c.Area)
	case c.Ratio != nil:
		return strconv.FormatFloat(100**c.Ratio, 'f', auditDecimals, 64)
	case c.Years != nil:
		return strconv.FormatFloat(*c.Years, 'f', auditDecimals, 64)
	case c.Label != nil:
		return c.Label.In(o.Lang)
	case c.Text != "":
		return c.Text
	}
	return reason
}

// table writes the audit table: 20 columns in the audit's order, then what the
// row is of and what isn't known in it.
func (o ExpansionOptions) table(out io.Writer, doc *expansion.Document) error {
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(out)
	var head []string
	for _, c := range doc.Audit.Columns {
		head = append(head, o.head(c))
	}
	if err := w.Write(append(head, o.text("expansion.table.row"), o.text("expansion.table.notes"))); err != nil {
		return err
	}
	for _, r := range doc.Audit.Rows {
		var line []string
		for _, c := range r.Cells {
			line = append(line, Cell(o.cell(c)))
		}
		if err := w.Write(append(line, Cell(r.Title.In(o.Lang)), Cell(strings.Join(o.notes(doc.Audit.Columns, r), "; ")))); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// notes are what is doubtful in a row.
func (o ExpansionOptions) notes(columns []expansion.Column, r expansion.Row) (notes []string) {
	for i, c := range r.Cells {
		note := ""
		if c.Reason != nil && (c.Area != nil || c.Ratio != nil || c.Years != nil) {
			note = c.Reason.Text.In(o.Lang)
		}
		if c.Unsure != nil {
			note = strings.TrimPrefix(note+"; "+o.text("expansion.table.unsure", o.area(c.Unsure), o.text("expansion.unit."+o.Unit)), "; ")
		}
		if note != "" {
			notes = append(notes, columns[i].Title.In(o.Lang)+": "+note)
		}
	}
	return notes
}

// shapes writes the map layers: one feature a shape, its layer in property
// layer.
func (o ExpansionOptions) shapes(out io.Writer, doc *expansion.Document) error {
	w := bufio.NewWriterSize(out, 1<<16)
	w.WriteString(`{"type":"FeatureCollection","features":[`)
	var b []byte
	for i, s := range doc.Shapes {
		b = b[:0]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, "\n{\"type\":\"Feature\",\"properties\":{\"layer\":"...)
		b = geojson.AppendString(b, s.Layer)
		b = append(b, `,"id":`...)
		b = geojson.AppendString(b, s.ID)
		b = append(b, `,"name":`...)
		b = geojson.AppendString(b, s.Name)
		b = append(b, `,"area_m2":`...)
		b = s.Area.Append(b)
		b = append(b, `,"area_mu":`...)
		b = s.Area.Mu().Append(b)
		b = append(b, `},"geometry":`...)
		b = geojson.AppendGeometry(b, s.Geometry)
		b = append(b, '}')
		w.Write(b)
	}
	w.WriteString("\n]}\n")
	return w.Flush()
}

// page writes the document to be read and printed.
func (o ExpansionOptions) page(out io.Writer, doc *expansion.Document) error {
	t, err := template.New("expansion").Funcs(template.FuncMap{
		"in":   func(t expansion.Text) string { return t.In(o.Lang) },
		"t":    func(key string, args ...any) string { return o.text(key, args...) },
		"area": func(a expansion.Area) string { return o.area(&a) },
		"head": o.head, "cell": o.cell,
		"notes":   func(r expansion.Row) []string { return o.notes(doc.Audit.Columns, r) },
		"outcome": func(v land.Outcome) string { return o.text("outcome." + string(v)) },
		"value":   o.value,
		"map3":    func(name string, set *expansion.Set, unit string) namedSet { return namedSet{name, set, unit} },
		"percent": func(v float64) string { return strconv.FormatFloat(100*v, 'f', 2, 64) + " %" },
	}).Parse(expansionPage)
	if err != nil {
		return fmt.Errorf("the page of an expansion check: %w", err)
	}
	var buf bytes.Buffer
	err = t.Execute(&buf, map[string]any{"Doc": doc, "Lang": o.Lang, "Unit": o.text("expansion.unit." + o.Unit), "Map": template.HTML(expansionMap(doc)), //nolint:gosec // made of numbers alone
		"Now": o.Now.Format("2006-01-02")})
	if err != nil {
		return fmt.Errorf("the page of an expansion check: %w", err)
	}
	_, err = buf.WriteTo(out)
	return err
}

// value is an indicator's figure with its unit.
func (o ExpansionOptions) value(i land.Indicator) string {
	if i.Value == nil {
		return o.text("expansion.page.unknown")
	}
	v := strconv.FormatFloat(*i.Value, 'f', 4, 64) + " " + string(i.Unit)
	if i.Unit == land.UnitRatio {
		v = strconv.FormatFloat(100**i.Value, 'f', 2, 64) + " %"
	}
	if !i.Exact {
		v += " *"
	}
	return v
}
