package ogcapi

import (
	"slices"

	"github.com/muscope/muscope/analysis/filter"
)

// parseDraft reads a filter as drafts of Part 3 had them (filter-lang cql-text),
// which is what GDAL before 3.8 writes: as CQL2 text, but that a day may stand
// in plain quotes, with a T behind it or a time, and that 0 and 1 are false and
// true.
func (c *collection) parseDraft(given string) (filter.Expr, error) {
	e, err := filter.ParseText(given)
	if err != nil {
		return nil, err
	}
	e = c.undraft(e)
	if err := c.queryables.Check(e, given); err != nil {
		return nil, err
	}
	return e, nil
}

func (c *collection) undraft(e filter.Expr) filter.Expr {
	switch e := e.(type) {
	case *filter.And:
		return &filter.And{Span: e.Span, Args: c.undraftAll(e.Args)}
	case *filter.Or:
		return &filter.Or{Span: e.Span, Args: c.undraftAll(e.Args)}
	case *filter.Not:
		return &filter.Not{Span: e.Span, Arg: c.undraft(e.Arg)}
	case *filter.Comparison:
		p, ok1 := e.Left.(*filter.Property)
		l, ok2 := e.Right.(*filter.Literal)
		if !ok1 || !ok2 {
			return e
		}
		name, _ := c.queryables.Find(p.Name)
		return &filter.Comparison{Span: e.Span, Op: e.Op, Left: p, Right: &filter.Literal{Span: l.Span, Value: undraftValue(name.Kind, l.Value)}}
	}
	return e
}

func (c *collection) undraftAll(list []filter.Expr) []filter.Expr {
	out := slices.Clone(list)
	for i := range out {
		out[i] = c.undraft(out[i])
	}
	return out
}

func undraftValue(kind filter.Kind, v filter.Value) filter.Value {
	switch {
	case kind == filter.Date && v.Kind() == filter.Text && len(v.Text()) >= 10:
		if d, ok := day(v.Text()[:10]); ok && (len(v.Text()) == 10 || v.Text()[10] == 'T') {
			return filter.DateOf(int32(d))
		}
	case kind == filter.Boolean && v.Kind() == filter.Number && (v.Number() == 0 || v.Number() == 1):
		return filter.BooleanOf(v.Number() == 1)
	}
	return v
}
