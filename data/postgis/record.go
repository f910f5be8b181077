package postgis

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// errRecord is wrapped by the errors of reading what the database sent.
var errRecord = errors.New("the database sent a row of another shape")

// record reads the text form of a PostgreSQL row value, (a,"b ""c""",,d), field
// by field. A row of ninety columns sent as one value costs a fourth of what
// lib/pq takes to box ninety values, most of them NULL.
type record struct {
	s   string // the rest of the row after the opening parenthesis
	err error
}

func newRecord(b []byte) record {
	s := string(b) // the only copy: fields are pieces of it
	if len(s) < 2 || s[0] != '(' || s[len(s)-1] != ')' {
		return record{err: fmt.Errorf("%w: %.40q", errRecord, s)}
	}
	return record{s: s[1:]}
}

func (r *record) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// next is the next field; known is false for NULL.
func (r *record) next() (field string, known bool) {
	if r.err != nil || r.s == "" {
		r.fail(fmt.Errorf("%w: fields are missing", errRecord))
		return "", false
	}
	if r.s[0] == '"' {
		return r.quoted(), true
	}
	i := strings.IndexByte(r.s, ',')
	if i < 0 {
		i = len(r.s) - 1 // the closing parenthesis
	}
	field, r.s = r.s[:i], r.s[i+1:]
	return field, field != ""
}

// quoted reads a field in quotes, in which " and \ stand doubled.
func (r *record) quoted() string {
	s := r.s[1:]
	i := strings.IndexAny(s, `"\`)
	if i >= 0 && s[i] == '"' && i+1 < len(s) && s[i+1] != '"' {
		r.s = s[i+2:]
		return s[:i]
	}
	var b strings.Builder
	for i >= 0 && i+1 < len(s) {
		b.WriteString(s[:i])
		if s[i] == '"' && s[i+1] != '"' {
			r.s = s[i+2:]
			return b.String()
		}
		b.WriteByte(s[i+1])
		s = s[i+2:]
		i = strings.IndexAny(s, `"\`)
	}
	r.fail(fmt.Errorf("%w: a quote doesn't end", errRecord))
	return ""
}

func (r *record) text() string {
	s, _ := r.next()
	return s
}

func (r *record) int() int64 {
	s, known := r.next()
	if !known {
		return 0
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		r.fail(fmt.Errorf("%w: %w", errRecord, err))
	}
	return v
}

func (r *record) float() float64 {
	s, known := r.next()
	if !known {
		return 0
	}
	if s == "1" {
		return 1
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		r.fail(fmt.Errorf("%w: %w", errRecord, err))
	}
	return v
}

func (r *record) bool() bool { return r.text() == "t" }

func (r *record) flag() land.Flag {
	s, known := r.next()
	if !known {
		return land.Unknown
	}
	return land.FlagOf(s == "t")
}

func (r *record) number() land.Number {
	s, known := r.next()
	if !known {
		return land.Number{}
	}
	v, err := parseFixed(s)
	if err != nil {
		r.fail(fmt.Errorf("%w: %w", errRecord, err))
	}
	return land.Num(v)
}

func (r *record) fixed() land.Fixed { return r.number().Value }

func (r *record) date() land.Date {
	s, known := r.next()
	if !known {
		return 0
	}
	d, ok := parseDay(s)
	if !ok {
		r.fail(fmt.Errorf("%w: %q is no date", errRecord, s))
	}
	return d
}

// extra reads what copyRow.extra wrote.
func (r *record) extra() []byte {
	s, known := r.next()
	if !known {
		return nil
	}
	if strings.Contains(s, rawExtra) {
		var kept map[string]any
		if json.Unmarshal([]byte(s), &kept) == nil && len(kept) == 1 {
			if text, ok := kept[rawExtra].(string); ok {
				return []byte(text)
			}
		}
	}
	return []byte(s)
}

func (r *record) source() land.Source {
	return land.Source{File: int32(r.int()), Feature: r.int(), Position: r.int()}
}

// getFields reads what putFields wrote.
func getFields[T any](r *record, fields []land.Field[T], v *T) {
	for i := range fields {
		f := &fields[i]
		switch f.Kind {
		case land.Text, land.Word:
			*f.Str(v) = r.text()
		case land.Day:
			*f.Date(v) = r.date()
		case land.Quant:
			*f.Num(v) = r.number()
		case land.YesNo:
			*f.Flag(v) = r.flag()
		}
	}
}

// parseFixed reads a plain decimal of at most six places; the rest is left to
// land.ParseFixed.
func parseFixed(s string) (land.Fixed, error) {
	var v, places int64 = 0, -1
	if len(s) > 18 {
		return land.ParseFixed(s)
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			v = v*10 + int64(c-'0')
			if places >= 0 {
				places++
			}
		case c == '.' && places < 0:
			places = 0
		default:
			return land.ParseFixed(s)
		}
	}
	if places > 6 || len(s)-int(max(places, 0)) > 12 {
		return land.ParseFixed(s)
	}
	for range 6 - max(places, 0) {
		v *= 10
	}
	return land.Fixed(v), nil
}

// parseDay reads YYYY-MM-DD as PostgreSQL writes it, a day that exists.
func parseDay(s string) (land.Date, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	n := func(from, to int) (v int) {
		for _, c := range s[from:to] {
			v = v*10 + int(c-'0')
		}
		return v
	}
	year, month, day := n(0, 4), n(5, 7), n(8, 10)
	if month < 3 {
		year, month = year-1, month+12
	}
	era, yoe := year/400, year%400
	doy := (153*(month-3)+2)/5 + day - 1
	return land.Date(era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 305), true
}

// queryer is a pooled connection or a transaction's.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// records runs a query of one row value a row on a connection and yields each.
// It asks lib/pq's driver directly: database/sql would copy each value again.
//
// A yield that fails cancels the query: the server needn't send the rest.
func records(ctx context.Context, conn *sql.Conn, query string, args []driver.NamedValue, yield func(*record) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return conn.Raw(func(c any) error {
		rows, err := c.(driver.QueryerContext).QueryContext(ctx, query, args)
		if err != nil {
			return err
		}
		if err := eachRecord(rows, yield); err != nil {
			cancel()
			rows.Close() //nolint:errcheck // says only that the query was cancelled
			return err
		}
		return rows.Close()
	})
}

func eachRecord(rows driver.Rows, yield func(*record) error) error {
	dest := make([]driver.Value, 1)
	for {
		if err := rows.Next(dest); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		b, ok := dest[0].([]byte)
		if !ok {
			return fmt.Errorf("%w: %T", errRecord, dest[0])
		}
		r := newRecord(b)
		if err := yield(&r); err != nil {
			return err
		}
		if r.err != nil {
			return r.err
		}
	}
}

// values are arguments of database/sql for the driver. What can't become a
// driver value becomes NULL, of which the query then says so.
func values(args ...any) []driver.NamedValue {
	list := make([]driver.NamedValue, len(args))
	for i, a := range args {
		if valuer, ok := a.(driver.Valuer); ok {
			a, _ = valuer.Value()
		}
		if n, ok := a.(int); ok {
			a = int64(n)
		}
		list[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return list
}

// named numbers the arguments of a query for the driver.
func named(args ...driver.Value) []driver.NamedValue {
	list := make([]driver.NamedValue, len(args))
	for i, v := range args {
		list[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return list
}
