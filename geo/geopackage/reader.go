package geopackage

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/muscope/muscope/geo/raw"
)

const format = "geopackage"

//go:embed sql/layers.sql
var layersSQL string

//go:embed sql/columns.sql
var columnsSQL string

//go:embed sql/features.sql
var featuresSQL string

// Options bound what a Reader takes in; zero values mean the defaults.
type Options struct {
	Layer         string // name of the table; may be left out where there is one only
	BatchBytes    int    // size of a batch, default 1 MiB
	MaxValueBytes int    // size of one boundary or text, default 64 MiB
}

const (
	defaultBatchBytes = 1 << 20
	defaultValueMax   = 64 << 20
	maxBatchRows      = 4096
	maxColumns        = 2000
)

// SRS is the system of a layer as the file names it.
type SRS struct {
	ID           int64 // -1 and 0: none is stated
	Organization string
	Code         int64
	Definition   string // WKT
}

// Reader hands out the rows of a layer. It belongs to one goroutine.
type Reader struct {
	opt      Options
	db       *sql.DB
	conn     *sql.Conn
	rows     *sql.Rows
	layer    layer
	columns  []string // without the geometry
	geometry int      // place of the geometry among the columns selected
	number   int64
	size     int64 // of the file
	bytes    int64
	blobs    int64
	cells    []any
}

type layer struct {
	table, column string
	srs           SRS
}

// Looks reports whether the beginning of a file is that of an SQLite database.
func Looks(head []byte) bool { return strings.HasPrefix(string(head), "SQLite format 3\x00") }

// Open opens a layer of the file at path. Files that aren't GeoPackages, have
// no such layer or are still being written to are refused with a *raw.Error.
func Open(ctx context.Context, path string, opt Options) (_ *Reader, err error) {
	if opt.BatchBytes <= 0 {
		opt.BatchBytes = defaultBatchBytes
	}
	if opt.MaxValueBytes <= 0 {
		opt.MaxValueBytes = defaultValueMax
	}
	r := &Reader{opt: opt}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	if err := r.open(ctx, path); err != nil {
		return nil, err
	}
	if err := r.choose(ctx); err != nil {
		return nil, err
	}
	return r, r.query(ctx)
}

func fault(code string, args ...any) error {
	return &raw.Error{Format: format, Code: code, Args: args}
}

// open opens the database so that nothing in the file can act: read-only,
// without the journal of another program, with a distrusted schema.
func (r *Reader) open(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("open the geopackage: %w", err)
	}
	r.size = info.Size()
	for _, ext := range []string{"-wal", "-journal"} {
		if beside, err := os.Stat(path + ext); err == nil && beside.Size() > 0 {
			return fault("in_use", filepath.Base(path)+ext)
		}
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("open the geopackage: %w", err)
	}
	u := url.URL{Scheme: "file", Path: full, RawQuery: url.Values{"mode": {"ro"}, "immutable": {"1"},
		"_pragma": {"trusted_schema(0)", "cell_size_check(1)", "query_only(1)", "mmap_size(0)", "cache_size(-8192)"}}.Encode()}
	if r.db, err = sql.Open("sqlite", u.String()); err != nil {
		return damaged(err)
	}
	r.db.SetMaxOpenConns(1)
	if r.conn, err = r.db.Conn(ctx); err != nil {
		return damaged(err)
	}
	for id, most := range map[int]int{lib.SQLITE_LIMIT_LENGTH: r.opt.MaxValueBytes, lib.SQLITE_LIMIT_ATTACHED: 0, lib.SQLITE_LIMIT_SQL_LENGTH: 1 << 20} {
		if _, err := sqlite.Limit(r.conn, id, most); err != nil {
			return damaged(err)
		}
	}
	return nil
}

// damaged is what SQLite says of a file that it can't read.
func damaged(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &raw.Error{Format: format, Code: "damaged", Args: []any{short(err.Error())}, Err: err}
}

func short(s string) string {
	if c := []rune(s); len(c) > 100 {
		return string(c[:100]) + "…"
	}
	return s
}

// Close lets go of the file.
func (r *Reader) Close() error {
	var err error
	if r.rows != nil {
		err = r.rows.Close()
	}
	if r.conn != nil {
		err = errors.Join(err, r.conn.Close())
	}
	if r.db != nil {
		err = errors.Join(err, r.db.Close())
	}
	return err
}

// choose finds the layer that is asked for.
func (r *Reader) choose(ctx context.Context) error {
	rows, err := r.conn.QueryContext(ctx, layersSQL)
	if err != nil {
		if strings.Contains(err.Error(), "no such table") {
			return fault("not_geopackage")
		}
		return damaged(err)
	}
	defer rows.Close()
	var names []string
	found := false
	for rows.Next() {
		var l layer
		var id, code sql.NullInt64
		var organization, definition sql.NullString
		if err := rows.Scan(&l.table, &l.column, &id, &organization, &code, &definition); err != nil {
			return damaged(err)
		}
		l.srs = SRS{ID: id.Int64, Organization: organization.String, Code: code.Int64, Definition: definition.String}
		names = append(names, l.table)
		if r.opt.Layer == "" || r.opt.Layer == l.table {
			r.layer, found = l, true
		}
	}
	if err := rows.Err(); err != nil {
		return damaged(err)
	}
	list := short(strings.Join(names, ", "))
	switch {
	case len(names) == 0:
		return fault("no_layers")
	case !found:
		return fault("no_layer", r.opt.Layer, list)
	case r.opt.Layer == "" && len(names) > 1:
		return fault("several", list, names[0])
	}
	return nil
}

// query begins to read the rows.
func (r *Reader) query(ctx context.Context) error {
	names, err := r.tableColumns(ctx)
	if err != nil {
		return err
	}
	r.geometry = slices.Index(names, r.layer.column)
	switch {
	case r.geometry < 0:
		return fault("no_geometry", r.layer.table, r.layer.column)
	case len(names) > maxColumns:
		return fault("too_many_columns", maxColumns)
	}
	var list []string
	for i, n := range names {
		list = append(list, quoted(n))
		if i != r.geometry {
			r.columns = append(r.columns, strings.ToValidUTF8(n, "\uFFFD"))
		}
	}
	_, text, _ := strings.Cut(featuresSQL, "\n") // without the comment
	text = strings.NewReplacer("{columns}", strings.Join(list, ", "), "{table}", quoted(r.layer.table)).Replace(text)
	if r.rows, err = r.conn.QueryContext(ctx, text); err != nil {
		return damaged(err)
	}
	r.cells = make([]any, len(names))
	return nil
}

func (r *Reader) tableColumns(ctx context.Context) ([]string, error) {
	rows, err := r.conn.QueryContext(ctx, columnsSQL, r.layer.table)
	if err != nil {
		return nil, damaged(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, damaged(err)
		}
		names = append(names, n)
	}
	if err := rows.Err(); err != nil {
		return nil, damaged(err)
	}
	return names, nil
}

// quoted is an identifier of SQL.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Columns are the names of the columns, in the order of raw.Feature.Values.
func (r *Reader) Columns() []string { return r.columns }

// SRS is the system that the layer says it is in.
func (r *Reader) SRS() SRS { return r.layer.srs }

// Layer is the name of the layer that is read.
func (r *Reader) Layer() string { return r.layer.table }

// Blobs is the number of binary values left out so far.
func (r *Reader) Blobs() int64 { return r.blobs }

// Bytes is how much text and geometry has been read, for progress.
func (r *Reader) Bytes() int64 { return r.bytes }

// Next gives the next batch, io.EOF after the last one.
func (r *Reader) Next() (raw.Batch, error) {
	b := &batch{first: r.number + 1, width: len(r.columns)}
	start := r.bytes
	for len(b.shapes) < maxBatchRows && r.bytes-start < int64(r.opt.BatchBytes) && r.rows.Next() {
		if err := r.row(b); err != nil {
			return nil, err
		}
	}
	if err := r.rows.Err(); err != nil {
		return nil, damaged(err)
	}
	if len(b.shapes) == 0 {
		return nil, io.EOF
	}
	return b, nil
}

// row adds the row in hand to the batch.
func (r *Reader) row(b *batch) error {
	for i := range r.cells {
		r.cells[i] = new(any)
	}
	if err := r.rows.Scan(r.cells...); err != nil {
		return damaged(err)
	}
	r.number++
	r.bytes += 2
	for i := range r.cells {
		v := *r.cells[i].(*any)
		if i == r.geometry {
			shape, _ := v.([]byte)
			b.shapes = append(b.shapes, shape)
			r.bytes += int64(len(shape))
			continue
		}
		cell := r.value(v)
		r.bytes += int64(len(cell.Text))
		b.values = append(b.values, cell)
	}
	// Pages that point to one another again and again would be read for ever.
	if r.bytes > 8*r.size+1<<20 {
		return fault("repeats")
	}
	return nil
}

// value is a value of SQLite. Binary values have no place among properties.
func (r *Reader) value(v any) raw.Value {
	switch v := v.(type) {
	case int64:
		return raw.Value{Kind: raw.Number, Text: strconv.AppendInt(nil, v, 10)}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return raw.Value{}
		}
		return raw.Value{Kind: raw.Number, Text: strconv.AppendFloat(nil, v, 'g', -1, 64)}
	case bool:
		return raw.Value{Kind: raw.Bool, Text: strconv.AppendBool(nil, v)}
	case string:
		if !utf8.ValidString(v) {
			v = strings.ToValidUTF8(v, "\uFFFD")
		}
		return raw.Value{Kind: raw.Text, Text: []byte(v)}
	case time.Time:
		layout := time.RFC3339Nano
		if v.Equal(v.Truncate(24 * time.Hour)) {
			layout = time.DateOnly
		}
		return raw.Value{Kind: raw.Text, Text: []byte(v.Format(layout))}
	case []byte:
		r.blobs++
	}
	return raw.Value{}
}
