package ogcapi

import (
	"bufio"
	"encoding/csv"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/analysis/report"
)

// csvWriter writes UTF-8 with a byte order mark, which spreadsheets need to
// read Chinese; the geometry is well-known text in the last column.
type csvWriter struct {
	f     *features
	out   *bufio.Writer
	w     *csv.Writer
	cells []string
}

func newCSV(f *features, out *bufio.Writer) *csvWriter {
	return &csvWriter{f: f, out: out, w: csv.NewWriter(out)}
}

func (w *csvWriter) begin() error {
	if _, err := w.out.WriteString("\ufeff"); err != nil {
		return err
	}
	w.cells = append(w.cells[:0], "fid")
	for _, p := range w.f.properties {
		w.cells = append(w.cells, p.Name)
	}
	if !w.f.shapeless {
		w.cells = append(w.cells, "WKT")
	}
	return w.w.Write(w.cells)
}

func (w *csvWriter) item(it *Item) error {
	w.cells = append(w.cells[:0], report.Cell(it.ID))
	for i, p := range w.f.properties {
		cell := it.Values[i]
		switch {
		case !it.Known[i]:
			cell = ""
		case p.Kind == filter.Boolean && cell == "t":
			cell = "true"
		case p.Kind == filter.Boolean:
			cell = "false"
		case p.Kind == filter.Text:
			cell = report.Cell(cell)
		}
		w.cells = append(w.cells, cell)
	}
	if !w.f.shapeless {
		w.f.buf = w.f.buf[:0]
		if it.Shape != nil {
			var err error
			if w.f.buf, err = w.f.shaper.wkt(w.f.buf, it.Shape); err != nil {
				return err
			}
		}
		w.cells = append(w.cells, string(w.f.buf))
	}
	return w.w.Write(w.cells)
}

func (w *csvWriter) end(int, string) error {
	w.w.Flush()
	return w.w.Error()
}
