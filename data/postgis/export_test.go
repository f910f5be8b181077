package postgis

import "github.com/muscope/muscope/analysis/filter"

// ConditionSQL is what filterSQL writes for a table of columns of these names,
// with the arguments. The geometry's columns are geom and geom_3857.
func ConditionSQL(columns []ItemProperty, e filter.Expr) (string, []any, error) {
	of := itemCollection{geom: "geom", index: "geom_3857"}
	for _, c := range columns {
		of.columns = append(of.columns, itemColumn{ItemProperty: c, expr: c.Name})
	}
	args := &sqlArgs{}
	w := &filterSQL{of: &of, args: args}
	condition := w.condition(e)
	return condition, args.list, w.err
}
