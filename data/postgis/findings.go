package postgis

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data/ingest"
)

// ErrCursor says that FindingQuery.After is not a cursor of this list.
var ErrCursor = errors.New("not a cursor of this list")

// FindingQuery asks for parts of parcels.
type FindingQuery struct {
	Zone     *land.ZoneKey // nil is every zone; the zero key is land in no zone
	Statuses []land.Status
	Classes  []land.Class
	Rule     string       // pack#rule: parcels that a listed verdict of this rule speaks of
	Outcome  land.Outcome // of the listed verdicts that speak of the parcel
	Search   string       // in id, name, holder and project number, whatever the case of Latin letters
	Filter   filter.Expr  // checked against the properties of CollectionParts, in longitude and latitude; nil is all
	All      bool         // every part; else those that are findings or have a violated verdict
	Sort     string       // id (default), zone, status, class, holder, area, since, days
	Desc     bool
	After    string // Next of the page before
	Limit    int
}

// FindingPage is a page of findings.
type FindingPage struct {
	Total    int64 // of all that were asked for, on all pages
	Findings []Finding
	Next     string // "" on the last page
}

// Finding is a part with what a table shows of its parcel.
type Finding struct {
	Result    land.PartResult
	Name      string
	Holder    string
	UseCode   string
	ProjectNo string
}

// findingSort is an order: an expression and its type. Unknown values come last
// either way.
type findingSort struct{ expr, kind, last string }

func findingSorts() map[string]findingSort {
	return map[string]findingSort{
		"":       {"s.id", "text", ""},
		"id":     {"s.id", "text", ""},
		"zone":   {"s.zone", "text", ""},
		"status": {"s.status", "text", ""},
		"class":  {"s.class", "text", ""},
		"holder": {"p.holder", "text", ""},
		"area":   {"s.area_m2", "numeric", ""},
		"since":  {"s.since", "date", "infinity"},
		"days":   {"s.days", "double precision", "infinity"},
	}
}

// order is what rows are compared by.
func (s findingSort) order(desc bool) string {
	expr := s.expr
	switch {
	case s.last != "" && desc:
		expr = "coalesce(" + expr + ", '-" + s.last + "'::" + s.kind + ")"
	case s.last != "":
		expr = "coalesce(" + expr + ", '" + s.last + "'::" + s.kind + ")"
	case s.expr == "p.holder" && desc:
		expr = "coalesce(p.holder, '')"
	case s.expr == "p.holder": // after every text: the highest character
		expr = "coalesce(p.holder, U&'\\+10FFFF')"
	}
	if s.expr == "p.holder" { // the other texts are by byte already, and keep their index
		expr += ` collate "C"`
	}
	return expr
}

// findingCursor is the place of the last row of a page in the order.
type findingCursor struct {
	Sort  string `json:"s"`
	Desc  bool   `json:"d"`
	Value string `json:"v"`
	ID    string `json:"i"`
	Zone  string `json:"z"`
	Scope string `json:"b"`
	// Total of all pages, and the analysis in which it was counted.
	Total    int64 `json:"n"`
	Analysis int64 `json:"a"`
}

func (q *FindingQuery) cursor() (*findingCursor, error) {
	if q.After == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(q.After)
	var c findingCursor
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || c.Sort != q.Sort || c.Desc != q.Desc {
		return nil, fmt.Errorf("%w: %.60q", ErrCursor, q.After)
	}
	return &c, nil
}

func (c findingCursor) String() string {
	b, err := json.Marshal(c)
	if err != nil { // a struct of strings can't fail
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// findingsFrom is the condition of a query of findings, whose arguments are
// args and, behind them, those of the filter. The wide table of parcels is
// joined before rows are chosen only where the choice or the order asks it.
func (v *View) findingsFrom(q *FindingQuery, sorted bool, args []any) (string, []any, error) {
	join, search := "", ""
	if q.Search != "" || q.Filter != nil || sorted && q.Sort == "holder" {
		join = v.store.query("findings_join")
	}
	if q.Search != "" {
		search = v.store.query("findings_search")
	}
	if q.Filter != nil {
		of := partItems()
		w := &filterSQL{of: &of, args: &sqlArgs{list: args}}
		search += " and " + w.condition(q.Filter)
		if w.err != nil {
			return "", nil, w.err
		}
		args = w.args.list
	}
	return v.store.query("findings_where", "join", join, "search", search), args, nil
}

// findingArgs are the arguments that the queries of findings share, from $1 on:
// results, scope, loads, zone, boundary scope, statuses, classes, rule,
// outcome, search, all.
func (v *View) findingArgs(q *FindingQuery) []any {
	code, scope := zoneArgs(q.Zone)
	search := ""
	if q.Search != "" {
		search = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q.Search) + "%"
	}
	return []any{intArray(v.results), v.scope(), intArray(v.Loads[ingest.LayerParcels]), code, scope,
		textArray(q.Statuses), textArray(q.Classes), nullable(q.Rule), nullable(string(q.Outcome)), nullable(search), q.All}
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Findings is a page of the parts that q asks for, with the exact total.
func (v *View) Findings(ctx context.Context, q FindingQuery) (FindingPage, error) {
	page, err := v.findings(ctx, &q)
	if err != nil {
		return page, fmt.Errorf("read the findings of snapshot %s: %w", v.Snapshot, err)
	}
	return page, nil
}

func (v *View) findings(ctx context.Context, q *FindingQuery) (page FindingPage, err error) {
	after, err := q.cursor()
	if err != nil {
		return page, err
	}
	order, compare, err := q.orderBy()
	if err != nil {
		return page, err
	}
	args := v.findingArgs(q)
	if page.Total, err = v.findingCount(ctx, q, after, args); err != nil {
		return page, err
	}
	if after == nil {
		args = append(args, nil, nil, nil, nil)
	} else {
		args = append(args, after.Value, after.ID, after.Zone, after.Scope)
	}
	from, args, err := v.findingsFrom(q, true, append(args, q.Limit+1))
	if err != nil {
		return page, err
	}
	query := v.store.query("findings", "from", from, "result", resultColumns, "order", order, "compare", compare,
		"kind", findingSorts()[q.Sort].kind, "dir", direction(q.Desc), "join", v.store.query("findings_join"))
	var keys []string
	err = v.records(ctx, query, values(args...), func(r *record) error {
		keys = append(keys, r.text())
		var f Finding
		f.Name, f.Holder, f.UseCode, f.ProjectNo = r.text(), r.text(), r.text(), r.text()
		err := getResult(r, &f.Result)
		page.Findings = append(page.Findings, f)
		return err
	})
	if err == nil && q.Limit > 0 && len(page.Findings) > q.Limit {
		page.Findings = page.Findings[:q.Limit]
		last := &page.Findings[q.Limit-1].Result
		key := last.Key()
		page.Next = findingCursor{q.Sort, q.Desc, keys[q.Limit-1], last.ID, key.Code, string(key.Scope), page.Total, v.Analysis}.String()
	}
	return page, err
}

// findingCount counts on the first page; the cursor carries the total on, as
// long as the analysis is the same.
func (v *View) findingCount(ctx context.Context, q *FindingQuery, after *findingCursor, args []any) (total int64, err error) {
	if after != nil && after.Analysis == v.Analysis {
		return after.Total, nil
	}
	from, args, err := v.findingsFrom(q, false, slices.Clone(args))
	if err != nil {
		return 0, err
	}
	err = v.store.db.QueryRowContext(ctx, v.store.query("finding_count", "from", from), args...).Scan(&total)
	return total, err
}

func (q *FindingQuery) orderBy() (order, compare string, err error) {
	s, ok := findingSorts()[q.Sort]
	if !ok {
		return "", "", fmt.Errorf("no order %q of findings", q.Sort)
	}
	if q.Desc {
		return s.order(true), "<", nil
	}
	return s.order(false), ">", nil
}

func direction(desc bool) string {
	if desc {
		return "desc"
	}
	return "asc"
}

// FindingRows yields all the parts that q asks for, in its order, with facts
// and outline; Limit and After don't count.
func (v *View) FindingRows(ctx context.Context, q FindingQuery, yield func(*report.Row) error) error {
	order, _, err := q.orderBy()
	if err != nil {
		return err
	}
	from, args, err := v.findingsFrom(&q, true, v.findingArgs(&q))
	if err != nil {
		return err
	}
	query := v.store.query("finding_rows", append(v.rowColumns(), "join", v.store.query("findings_join"), "from", from, "order", order, "dir", direction(q.Desc))...)
	return v.yieldRows(ctx, query, yield, args)
}

// textArray is words as a PostgreSQL array, NULL where there are none.
func textArray[S ~string](list []S) any {
	if len(list) == 0 {
		return nil
	}
	var b strings.Builder
	for i, s := range list {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(string(s)) + `"`)
	}
	b.WriteByte('}')
	return b.String()
}
