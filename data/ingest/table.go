package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/muscope/muscope/geo/geojson"
)

// maxTableBytes bounds an XLSX file, which is read whole. CSV is read as a
// stream and may have any size.
const maxTableBytes = 256 << 20

// wholeBytes is up to where a CSV file is read whole.
const wholeBytes = 4 << 20

// maxRecordBytes bounds one record of a CSV file: a quote that never ends would
// take the rest of the file into one cell.
const maxRecordBytes = 16 << 20

// table is the rows of a CSV or XLSX file, one after the other.
type table struct {
	sum    string
	header []string
	// next gives the cells of the next row, io.EOF after the last, and its
	// number in the file (the header is 1).
	next  func() (cells []string, line int64, err error)
	close func() error
}

// errTable is a fault of the table file itself; its text is a key of the
// messages.
type errTable struct {
	code string
	args []any
	err  error
}

func (e *errTable) Error() string { return e.code }
func (e *errTable) Unwrap() error { return e.err }

// openTable reads a table in the encoding and format it turns out to have. A
// large CSV file is read twice: for its digest and encoding, then for its rows.
func openTable(f File) (*table, error) {
	src, err := f.open()
	if err != nil {
		return nil, err
	}
	text, err := readTable(src)
	if err := errors.Join(err, src.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	t := &table{close: func() error { return nil }}
	if bytes.HasPrefix(text, xlsxMark) {
		if len(text) > maxTableBytes {
			return nil, &errTable{code: "table.too_large", args: []any{maxTableBytes}}
		}
		t.sum = digest(text)
		return t, t.openXLSX(text)
	}
	if len(text) > wholeBytes {
		return t, t.openStream(f)
	}
	t.sum = digest(text)
	return t, t.openCSV(text)
}

var xlsxMark = []byte("PK\x03\x04")

// readTable reads an XLSX file whole, and of other files what is read whole; a
// byte more than that says that there is more.
func readTable(src io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(src, wholeBytes+1))
	if err != nil || len(text) <= wholeBytes || !bytes.HasPrefix(text, xlsxMark) {
		return text, err
	}
	return io.ReadAll(io.MultiReader(bytes.NewReader(text), io.LimitReader(src, maxTableBytes-wholeBytes)))
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func (t *table) openXLSX(text []byte) error {
	// A zip may unfold to far more than itself; a table has no business to.
	book, err := excelize.OpenReader(bytes.NewReader(text), excelize.Options{
		UnzipSizeLimit: 4 * maxTableBytes, UnzipXMLSizeLimit: 16 << 20, RawCellValue: true})
	if err != nil {
		return &errTable{code: "table.not_xlsx", args: []any{err.Error()}, err: err}
	}
	t.close = book.Close
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return errors.Join(&errTable{code: "table.empty"}, book.Close())
	}
	rows, err := book.Rows(sheets[0])
	if err != nil {
		return errors.Join(&errTable{code: "table.not_xlsx", args: []any{err.Error()}, err: err}, book.Close())
	}
	t.close = func() error { return errors.Join(rows.Close(), book.Close()) }
	line := int64(0)
	t.next = func() ([]string, int64, error) {
		for rows.Next() {
			line++
			cells, err := rows.Columns()
			if err != nil {
				return nil, line, &errTable{code: "table.not_xlsx", args: []any{err.Error()}, err: err}
			}
			if !blankRow(cells) {
				return cells, line, nil
			}
		}
		if err := rows.Error(); err != nil {
			return nil, line, &errTable{code: "table.not_xlsx", args: []any{err.Error()}, err: err}
		}
		return nil, line, io.EOF
	}
	return t.readHeader()
}

func (t *table) openCSV(text []byte) error {
	text, err := decodeText(text)
	if err != nil {
		return err
	}
	return t.rows(bytes.NewReader(text), delimiterOf(text))
}

// rows reads CSV in UTF-8.
func (t *table) rows(text io.Reader, delimiter rune) error {
	guard := &recordGuard{src: text}
	r := csv.NewReader(guard)
	r.Comma = delimiter
	r.FieldsPerRecord = -1
	t.next = func() ([]string, int64, error) {
		for {
			guard.left = maxRecordBytes
			cells, err := r.Read()
			var parse *csv.ParseError
			switch {
			case errors.Is(err, errRecordTooLong):
				line, _ := r.FieldPos(0)
				return nil, int64(line), &errTable{code: "table.record_too_long", args: []any{line, maxRecordBytes}}
			case errors.As(err, &parse):
				return nil, int64(parse.Line), &errTable{code: "table.csv", args: []any{parse.Line, parse.Column, parse.Err.Error()}, err: err}
			case err != nil:
				return nil, 0, err
			case !blankRow(cells):
				line, _ := r.FieldPos(0)
				return cells, int64(line), nil
			}
		}
	}
	return t.readHeader()
}

// decodeText gives UTF-8 without a byte order mark. What is no UTF-8 is read
// as GB18030, which takes GBK and GB2312 in.
func decodeText(text []byte) ([]byte, error) {
	if bytes.HasPrefix(text, []byte("\xFF\xFE")) || bytes.HasPrefix(text, []byte("\xFE\xFF")) {
		return nil, &errTable{code: "table.utf16"}
	}
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	if utf8.Valid(text) {
		return text, nil
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(text)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return nil, &errTable{code: "table.encoding", err: err}
	}
	return out, nil
}

// delimiterOf is the mark that the header has most of.
func delimiterOf(text []byte) rune {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, d := range [...]rune{'\t', ';'} {
		if n := bytes.Count(line, []byte(string(d))); n > most {
			best, most = d, n
		}
	}
	return best
}

func blankRow(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

func (t *table) readHeader() error {
	header, _, err := t.next()
	if errors.Is(err, io.EOF) {
		err = &errTable{code: "table.empty"}
	}
	if err != nil {
		return errors.Join(err, t.close())
	}
	seen := map[string]bool{}
	for _, h := range header {
		h = strings.TrimSpace(h)
		if h != "" && seen[h] {
			return errors.Join(&errTable{code: "table.column_twice", args: []any{h}}, t.close())
		}
		seen[h] = true
		t.header = append(t.header, h)
	}
	return nil
}

// cell is a cell as a property of a record: text, blank where there is none.
func cell(name, text string) geojson.Property {
	return geojson.Property{Key: name, KeyID: -1, Kind: geojson.KindString, Raw: []byte(text)}
}

// tooWide reports whether a row has values beyond the last named column: they
// would be lost, and mostly mean that a separator stands inside a value.
func (t *table) tooWide(cells []string) bool {
	return len(cells) > len(t.header) && !blankRow(cells[len(t.header):])
}
