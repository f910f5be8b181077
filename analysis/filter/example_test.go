package filter_test

import (
	"fmt"

	"github.com/muscope/muscope/analysis/filter"
)

func queryables() *filter.Queryables {
	q, err := filter.NewQueryables([]filter.Queryable{
		{Name: "far", Kind: filter.Number},
		{Name: "use", Kind: filter.Text, Words: []string{"industrial", "storage"}},
		{Name: "supplied_on", Kind: filter.Date},
		{Name: "geometry", Kind: filter.Geometry},
	})
	if err != nil {
		fmt.Println(err)
	}
	return q
}

// A condition is read and checked once and evaluated on many features; what is
// missing keeps it unknown.
func Example() {
	where, err := queryables().ParseText("use = 'industrial' AND far < 1 AND supplied_on >= DATE('2020-01-01')")
	if err != nil {
		fmt.Println(err)
		return
	}
	parcel := map[string]filter.Value{"use": filter.TextOf("industrial"), "far": filter.NumberOf(0.6)}
	env := filter.Env{Property: func(name string) filter.Value { return parcel[name] }}
	fmt.Println(env.Eval(where), env.Missing(where))
	parcel["far"] = filter.NumberOf(1.2)
	fmt.Println(env.Eval(where), env.Missing(where))
	// Output:
	// unknown [supplied_on]
	// no []
}

// All faults are told at once, with their places and remedies.
func ExampleQueryables_ParseText() {
	_, err := queryables().ParseText("use = 'industry' AND\nsupplied_on >= '2020-01-01' AND far ≥ 1")
	fmt.Println(err)
	// Output:
	// 1:7: “use” is never “industry”; it may be: industrial, storage
	// use = 'industry' AND
	//       ^^^^^^^^^^
	// 2:16: this must be of kind date, not text; write DATE('…')
	// supplied_on >= '2020-01-01' AND far ≥ 1
	//                ^^^^^^^^^^^^
	// 2:37: there is no operator “≥”; write >=
	// supplied_on >= '2020-01-01' AND far ≥ 1
	//                                     ^
}

// Both encodings are one tree.
func ExampleFormatJSON() {
	e, err := filter.ParseText("far NOT BETWEEN 0.5 AND 2 OR S_WITHIN(geometry, BBOX(106,29,107,30))")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(filter.FormatJSON(e)))
	// Output:
	// {"op":"or","args":[{"op":"not","args":[{"op":"between","args":[{"property":"far"},0.5,2]}]},{"op":"s_within","args":[{"property":"geometry"},{"bbox":[106,29,107,30]}]}]}
}

// Whoever turns a tree into something else walks it with a type switch.
func ExampleWalk() {
	e, err := filter.ParseText("far < 1 AND use IN ('industrial', 'storage')")
	if err != nil {
		fmt.Println(err)
		return
	}
	filter.Walk(e, func(e filter.Expr) bool {
		switch e := e.(type) {
		case *filter.Comparison:
			fmt.Println("comparison", e.Op)
		case *filter.In:
			fmt.Println("one of", len(e.List))
			return false
		case *filter.Property:
			fmt.Println("property", e.Name)
		}
		return true
	})
	// Output:
	// comparison <
	// property far
	// one of 2
}
