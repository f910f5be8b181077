package postgis

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/lib/pq"
	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/data/ingest"
)

// ErrGone says that an analysis was replaced and its rows are no longer kept.
var ErrGone = errors.New("the analysis is no longer kept")

// ItemQuery asks for items of a collection.
type ItemQuery struct {
	Collection string
	ID         string      // this item alone; "" is all
	Filter     filter.Expr // checked against the collection's properties, in longitude and latitude; nil is all
	Properties []string    // to give, in this order; nil is all
	Shapeless  bool        // geometries are not asked for
	Sort       []ItemSort
	After      *ItemPlace // behind this item
	Limit      int        // 0 is no limit
}

// ItemSort orders items by a property: unknown values come last either way,
// text is ordered by code point. Ties are broken by the collection's key.
type ItemSort struct {
	Name string
	Desc bool
}

// ItemPlace is the place of an item in the order of its query: the values of
// what it is ordered by, as PostgreSQL writes them. Known is false for NULL.
type ItemPlace struct {
	Keys  []string
	Known []bool
}

// Item is an item as the database sent it. It is valid during the call only.
type Item struct {
	ID string
	// Values are the properties asked for: text as it is, numbers as JSON
	// writes them, days as YYYY-MM-DD, booleans t or f, JSON as such.
	Values []string
	Known  []bool
	Shape  []byte // EWKB in longitude and latitude; nil where there is none
	Place  ItemPlace
}

// AnalyzedAs opens a view of one analysis of a snapshot, by its number
// (View.Analysis), as long as it is kept: ErrGone.
func (s *Store) AnalyzedAs(ctx context.Context, snapshot string, analysis int64, scope Scope) (*View, error) {
	v, err := s.Analyzed(ctx, snapshot, scope)
	if err != nil || v.Analysis == analysis {
		return v, err
	}
	if err := v.Close(); err != nil {
		return nil, err
	}
	select {
	case s.views <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to read snapshot %s: %w", snapshot, context.Cause(ctx))
	}
	if h := s.holds.pinned(snapshot, analysis); h != nil {
		v, err := s.viewOf(ctx, h, scope)
		if err != nil {
			<-s.views
			return nil, err
		}
		v.counted = true
		return v, nil
	}
	guard, err := s.db.Conn(ctx)
	if err != nil {
		<-s.views
		return nil, fmt.Errorf("connect to read snapshot %s: %w", snapshot, err)
	}
	v = &View{store: s, guard: guard, Snapshot: snapshot, Scope: scope, counted: true}
	if err := v.lockAnalysis(ctx, analysis); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	if err := v.narrow(ctx); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

// lockAnalysis is lock for an analysis that needn't be the current one.
func (v *View) lockAnalysis(ctx context.Context, analysis int64) error {
	var held sql.NullString
	_, err := v.guard.ExecContext(ctx, v.store.query("begin_view"))
	if err == nil {
		err = v.guard.QueryRowContext(ctx, v.store.query("hold_analysis"), v.Snapshot, analysis).Scan(&held)
	}
	if err != nil {
		return fmt.Errorf("read analysis %d of snapshot %s: %w", analysis, v.Snapshot, err)
	}
	if !held.Valid {
		return fmt.Errorf("%w: %d of snapshot %s", ErrGone, analysis, v.Snapshot)
	}
	var was snapshotState
	if err := json.Unmarshal([]byte(held.String), &was); err != nil {
		return fmt.Errorf("read analysis %d of snapshot %s: %w", analysis, v.Snapshot, err)
	}
	v.Loads, v.Analysis, v.results, v.batches = was.Loads, was.Analysis, was.Results, was.Batches
	return nil
}

// Items yields the items that q asks for, in its order, as they come from the
// database: memory doesn't grow with their number. ErrNotFound where there is
// no such collection, ErrFilter, ErrCursor.
func (v *View) Items(ctx context.Context, q ItemQuery, yield func(*Item) error) error {
	w, err := v.itemSQL(&q)
	if err != nil {
		return err
	}
	query, err := w.items()
	if err != nil {
		return err
	}
	conn, err := v.store.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to read snapshot %s: %w", v.Snapshot, err)
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	it := w.newItem()
	err = shapedRecords(ctx, conn, query, values(w.args.list...), func(r *record, shape []byte) error {
		it.read(r)
		if r.err != nil {
			return r.err
		}
		it.Shape = shape
		return yield(&it.Item)
	})
	if q.After != nil && isData(err) {
		return fmt.Errorf("%w: %w", ErrCursor, err)
	}
	return wrapItems(err, &q, v.Snapshot)
}

// isData reports an error about a value, of the class that a made-up cursor
// causes.
func isData(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code.Class() == "22"
}

func wrapItems(err error, q *ItemQuery, snapshot string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("read the %s of snapshot %s: %w", q.Collection, snapshot, err)
}

// CountItems counts the items that q asks for, Sort, After and Limit aside, up
// to bound: a greater number is given as bound + 1.
func (v *View) CountItems(ctx context.Context, q ItemQuery, bound int64) (n int64, err error) {
	q.After, q.Sort = nil, nil
	w, err := v.itemSQL(&q)
	if err != nil {
		return 0, err
	}
	query, err := w.count(bound)
	if err != nil {
		return 0, err
	}
	err = v.store.within(ctx, func(conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, query, w.args.list...).Scan(&n)
	})
	return n, wrapItems(err, &q, v.Snapshot)
}

// ItemExtent is where the items of a collection lie, nil where that isn't known
// without looking at them, and for a caller without a scope how many there are
// of those that are loaded (-1: not known).
func (v *View) ItemExtent(ctx context.Context, collection string) (*orb.Bound, int64, error) {
	layer := collection
	switch collection {
	case CollectionParts:
		layer = ingest.LayerParcels
	case CollectionVerdicts, CollectionFindings:
		layer = ingest.LayerZones
	}
	name, args := "items_extent", []any{pq.Array(v.Loads[layer])}
	if v.Scope != nil {
		name, args = "items_extent_scoped", []any{pq.Array(v.Loads[ingest.LayerZones]), v.scope()}
	}
	var n int64
	var b [4]sql.NullFloat64
	err := v.store.db.QueryRowContext(ctx, v.store.query(name), args...).Scan(&n, &b[0], &b[1], &b[2], &b[3])
	if err != nil {
		return nil, 0, fmt.Errorf("read where the %s of snapshot %s lie: %w", collection, v.Snapshot, err)
	}
	if layer != collection || v.Scope != nil {
		n = -1
	}
	if !b[0].Valid || collection == CollectionFindings {
		return nil, n, nil
	}
	return &orb.Bound{Min: orb.Point{b[0].Float64, b[1].Float64}, Max: orb.Point{b[2].Float64, b[3].Float64}}, n, nil
}

// itemReader reads the row value that itemSQL.items selects.
type itemReader struct{ Item }

func (it *itemReader) read(r *record) {
	it.ID = r.text()
	for i := range it.Place.Keys {
		it.Place.Keys[i], it.Place.Known[i] = r.next()
	}
	for i := range it.Values {
		it.Values[i], it.Known[i] = r.next()
	}
}

// shapedRecords is records for queries that select a shape beside the row
// value. The shape comes as bytes, not as hexadecimal text: half as much.
func shapedRecords(ctx context.Context, conn *sql.Conn, query string, args []driver.NamedValue, yield func(*record, []byte) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return conn.Raw(func(c any) error {
		rows, err := c.(driver.QueryerContext).QueryContext(ctx, query, args)
		if err != nil {
			return err
		}
		dest := make([]driver.Value, 2)
		for {
			err := rows.Next(dest)
			if err == nil {
				err = yieldShaped(dest, yield)
			}
			if errors.Is(err, io.EOF) {
				return rows.Close()
			}
			if err != nil {
				cancel()
				rows.Close() //nolint:errcheck // says only that the query was cancelled
				return err
			}
		}
	})
}

func yieldShaped(dest []driver.Value, yield func(*record, []byte) error) error {
	b, ok := dest[0].([]byte)
	if !ok {
		return fmt.Errorf("%w: %T", errRecord, dest[0])
	}
	shape, ok := dest[1].([]byte)
	if !ok && dest[1] != nil {
		return fmt.Errorf("%w: a shape of type %T", errRecord, dest[1])
	}
	r := newRecord(b)
	if err := yield(&r, shape); err != nil {
		return err
	}
	return r.err
}

// itemSQL puts the query of an ItemQuery together.
type itemSQL struct {
	v       *View
	q       *ItemQuery
	of      itemCollection
	columns []*itemColumn // to give
	args    sqlArgs
	status  bool   // the part's status is needed
	box     string // argument: only what may lie in this box is needed; "" is all
}

func (v *View) itemSQL(q *ItemQuery) (*itemSQL, error) {
	of, err := collectionNamed(q.Collection)
	if err != nil {
		return nil, err
	}
	w := &itemSQL{v: v, q: q, of: of}
	w.hide()
	if q.Properties == nil {
		for i := range of.columns {
			w.columns = append(w.columns, &w.of.columns[i])
		}
		return w, nil
	}
	for _, name := range q.Properties {
		c := w.of.column(name)
		if c == nil {
			return nil, fmt.Errorf("%w: property %q of %s", ErrNotFound, name, q.Collection)
		}
		w.columns = append(w.columns, c)
	}
	return w, nil
}

// hide takes what names zones and parcels of others out of columns, so that
// neither values nor filters nor orders tell of them.
func (w *itemSQL) hide() {
	if w.v.Scope == nil {
		return
	}
	for i := range w.of.columns {
		c := &w.of.columns[i]
		switch c.Name {
		case "declared_zone", "part_of":
			c.expr, c.plain = w.v.store.query("items_hidden", "expr", c.expr, "scope", w.args.once("scope", w.v.scope())), ""
		case "evidence":
			c.expr = w.v.store.query("items_hidden_evidence", "expr", c.expr, "scope", w.args.once("scope", w.v.scope()),
				"parcels", w.args.once("parcels", intArray(w.v.Loads[ingest.LayerParcels])))
		}
	}
}

func (w *itemSQL) newItem() *itemReader {
	n, keys := len(w.columns), len(w.q.Sort)+len(w.of.keys)
	return &itemReader{Item{Values: make([]string, n), Known: make([]bool, n), Place: ItemPlace{make([]string, keys), make([]bool, keys)}}}
}

// need notes what a column takes.
func (w *itemSQL) need(c *itemColumn) *itemColumn {
	w.status = w.status || c.status
	return c
}

func (w *itemSQL) items() (string, error) {
	order, place, err := w.order()
	if err != nil {
		return "", err
	}
	exprs := append([]string{w.of.id}, place...)
	for _, c := range w.columns {
		exprs = append(exprs, w.need(c).expr)
	}
	conditions, err := w.conditions()
	if err != nil {
		return "", err
	}
	limit, shape := "null", w.of.geom+"::bytea"
	if w.q.Limit > 0 {
		limit = w.args.add(int64(w.q.Limit))
	}
	if w.q.Shapeless {
		shape = "null::bytea"
	}
	return w.v.store.query("items", "values", strings.Join(exprs, ", "), "shape", shape, "from", w.from(),
		"conditions", conditions, "order", order, "limit", limit), nil
}

func (w *itemSQL) count(bound int64) (string, error) {
	conditions, err := w.conditions()
	if err != nil {
		return "", err
	}
	return w.v.store.query("items_count", "from", w.from(), "conditions", conditions, "limit", w.args.add(bound+1)), nil
}

// from is where the items come from, with the arguments it asks for.
func (w *itemSQL) from() string {
	status := ""
	if w.status {
		status = w.v.store.query("items_status")
	}
	near := ""
	if w.box != "" {
		near = w.v.store.query("items_verdicts_near", "box", w.box)
	}
	return w.fill(w.v.store.query(w.of.query, "status", status, "near", near))
}

// fill puts the arguments that a query of the collection names into it.
func (w *itemSQL) fill(query string) string {
	for name, v := range map[string]any{"zones": intArray(w.v.Loads[ingest.LayerZones]), "parcels": intArray(w.v.Loads[ingest.LayerParcels]),
		"buildings": intArray(w.v.Loads[ingest.LayerBuildings]), "constraints": intArray(w.v.Loads[ingest.LayerConstraints]),
		"results": intArray(w.v.results), "batches": intArray(w.v.batches), "scope": w.v.scope()} {
		if strings.Contains(query, "{"+name+"}") {
			query = strings.ReplaceAll(query, "{"+name+"}", w.args.once(name, v))
		}
	}
	return query
}

// conditions are those of the query beyond its collection's own.
func (w *itemSQL) conditions() (string, error) {
	var out strings.Builder
	if w.q.ID != "" {
		keys, ok := w.of.find(w.q.ID)
		if !ok || strings.ContainsRune(w.q.ID, 0) {
			out.WriteString(" and false")
		}
		for i := range keys {
			if ok {
				out.WriteString(" and " + w.of.keys[i].expr + " = " + w.args.add(keys[i]) + "::text::" + w.of.keys[i].kind)
			}
		}
	}
	if w.q.Filter != nil {
		fs := &filterSQL{of: &w.of, args: &w.args}
		condition := fs.condition(w.q.Filter) + fs.indexed(w.q.Filter)
		if fs.err != nil {
			return "", fs.err
		}
		if box := nearby(w.q.Filter); box != nil && w.of.scattered {
			w.box = w.args.add(mercatorBox(box))
			may := w.fill(w.v.store.query("items_verdicts_may"))
			condition = "case when " + may + " then " + condition + " else false end" // which fixes what is asked first
		}
		out.WriteString(" and " + condition)
		for _, name := range filter.Properties(w.q.Filter) {
			if c := w.of.column(name); c != nil {
				w.need(c)
			}
		}
	}
	if w.q.After != nil {
		after, err := w.after()
		if err != nil {
			return "", err
		}
		out.WriteString(" and (" + after + ")")
	}
	return out.String(), nil
}

// sorted is a part of the order: an expression, its type, its direction.
type sorted struct {
	expr, kind string
	desc, null bool // null: it may be NULL
}

func (w *itemSQL) sorts() ([]sorted, error) {
	var list []sorted
	for _, s := range w.q.Sort {
		c := w.of.column(s.Name)
		if c == nil || c.Kind == filter.Missing {
			return nil, fmt.Errorf("%w: property %q of %s to sort by", ErrNotFound, s.Name, w.q.Collection)
		}
		one := sorted{expr: "(" + w.need(c).expr + ")", desc: s.Desc, null: true}
		switch c.Kind {
		case filter.Text:
			one.kind, one.expr = "text", "("+one.expr+` collate "C")`
		case filter.Number:
			one.kind, one.expr = "numeric", one.expr+"::numeric"
		case filter.Boolean:
			one.kind = "boolean"
		case filter.Date:
			one.kind = "date"
		default:
			one.kind = "timestamptz"
		}
		list = append(list, one)
	}
	for _, k := range w.of.keys {
		list = append(list, sorted{expr: k.expr, kind: k.kind})
	}
	return list, nil
}

// order is the order of the items, and what an ItemPlace holds.
func (w *itemSQL) order() (order string, place []string, err error) {
	list, err := w.sorts()
	if err != nil {
		return "", nil, err
	}
	terms := make([]string, len(list))
	for i, s := range list {
		terms[i] = s.expr
		if s.desc {
			terms[i] += " desc"
		}
		if s.null {
			terms[i] += " nulls last"
		}
		place = append(place, s.expr)
	}
	return strings.Join(terms, ", "), place, nil
}

// after is the condition that an item comes behind a place: it is behind it in
// the first term in which the two differ.
func (w *itemSQL) after() (string, error) {
	list, err := w.sorts()
	if err != nil {
		return "", err
	}
	at := w.q.After
	if len(at.Keys) != len(list) || len(at.Known) != len(list) {
		return "", fmt.Errorf("%w: it has %d terms, the order %d", ErrCursor, len(at.Keys), len(list))
	}
	if len(w.q.Sort) == 0 { // one comparison of rows, which an index answers
		var exprs, args []string
		for i, s := range list {
			exprs, args = append(exprs, s.expr), append(args, w.args.add(at.Keys[i])+"::text::"+s.kind)
		}
		return "(" + strings.Join(exprs, ", ") + ") > (" + strings.Join(args, ", ") + ")", nil
	}
	same, terms := "", []string{}
	for i, s := range list {
		value := "null::" + s.kind
		if at.Known[i] {
			value = w.args.add(at.Keys[i]) + "::text::" + s.kind
		}
		if behind := s.behind(value, at.Known[i]); behind != "" {
			terms = append(terms, "("+same+behind+")")
		}
		same += s.expr + " is not distinct from " + value + " and "
	}
	return strings.Join(terms, " or "), nil
}

// behind is the condition that a value of the term comes after this one; NULL
// comes last.
func (s *sorted) behind(value string, known bool) string {
	if !known {
		return ""
	}
	compare := " > "
	if s.desc {
		compare = " < "
	}
	if s.null {
		return "(" + s.expr + compare + value + " or " + s.expr + " is null)"
	}
	return s.expr + compare + value
}
