package server_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/postgis"
)

// sampleItem is an item of the sample with its values as filters see them.
type sampleItem struct {
	id     string
	values map[string]filter.Value
}

// TestRandomFiltersOnTheSample: on the properties and values of the sample, each
// random filter leaves in PostGIS the features that it leaves in Go, and the
// count is theirs.
func TestRandomFiltersOnTheSample(t *testing.T) {
	d := newDistrict(t)
	v, err := d.store.Analyzed(t.Context(), snapshot, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close() //nolint:errcheck // it only lets locks go
	rng := rand.New(rand.NewPCG(11, 12))
	for _, c := range postgis.ItemCollections() {
		items := sampleItems(t, v, c)
		if len(items) == 0 && c.Name != "constraints" && c.Name != "findings" {
			t.Errorf("no %s", c.Name)
		}
		left := 0
		for range 60 {
			e := randomFilter(rng, c, items, 2)
			want := map[string]bool{}
			for _, it := range items {
				if filter.Eval(e, func(name string) filter.Value { return it.values[name] }) == filter.Yes {
					want[it.id] = true
				}
			}
			q, n := postgis.ItemQuery{Collection: c.Name, Filter: e, Properties: []string{}, Shapeless: true}, 0
			if err := v.Items(t.Context(), q, func(it *postgis.Item) error {
				if n++; !want[it.ID] {
					t.Errorf("%s: %s: SQL has %s, Go hasn't", c.Name, filter.FormatText(e), it.ID)
				}
				return nil
			}); err != nil {
				t.Fatalf("%s: %s: %v", c.Name, filter.FormatText(e), err)
			}
			const bound = 5
			counted, err := v.CountItems(t.Context(), q, bound)
			if n != len(want) || err != nil || counted != int64(min(n, bound+1)) {
				t.Fatalf("%s: %s: SQL has %d (counted %d, %v), Go %d", c.Name, filter.FormatText(e), n, counted, err, len(want))
			}
			left += n
		}
		if len(items) > 10 && left == 0 {
			t.Errorf("%s: the filters leave nothing: they prove too little", c.Name)
		}
	}
}

func sampleItems(t *testing.T, v *postgis.View, c postgis.ItemCollection) []sampleItem {
	t.Helper()
	var items []sampleItem
	err := v.Items(t.Context(), postgis.ItemQuery{Collection: c.Name}, func(it *postgis.Item) error {
		one := sampleItem{id: it.ID, values: map[string]filter.Value{}}
		for i, p := range c.Properties {
			if it.Known[i] {
				one.values[p.Name] = filterValue(t, p.Kind, it.Values[i])
			}
		}
		items = append(items, one)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func filterValue(t *testing.T, kind filter.Kind, text string) filter.Value {
	t.Helper()
	switch kind {
	case filter.Text:
		return filter.TextOf(text)
	case filter.Number:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return filter.NumberOf(n)
	case filter.Boolean:
		return filter.BooleanOf(text == "t")
	case filter.Date:
		day, err := land.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return filter.DateOf(int32(day))
	}
	return filter.Value{}
}

// randomFilter compares properties with values that some item has.
func randomFilter(rng *rand.Rand, c postgis.ItemCollection, items []sampleItem, depth int) filter.Expr {
	if depth > 0 && rng.IntN(2) == 0 {
		a, b := randomFilter(rng, c, items, depth-1), randomFilter(rng, c, items, depth-1)
		return []filter.Expr{&filter.And{Args: []filter.Expr{a, b}}, &filter.Or{Args: []filter.Expr{a, b}}, &filter.Not{Arg: a}}[rng.IntN(3)]
	}
	p := c.Properties[rng.IntN(len(c.Properties))]
	for p.Kind == filter.Missing {
		p = c.Properties[rng.IntN(len(c.Properties))]
	}
	property := &filter.Property{Name: p.Name}
	var some filter.Value
	if len(items) > 0 {
		some = items[rng.IntN(len(items))].values[p.Name]
	}
	if some.Kind() == filter.Missing {
		return &filter.IsNull{Arg: property}
	}
	literal := &filter.Literal{Value: some}
	switch {
	case rng.IntN(5) == 0:
		return &filter.In{Arg: property, List: []filter.Expr{literal, literal}}
	case p.Kind == filter.Text && rng.IntN(3) == 0:
		prefix := []rune(some.Text())
		return &filter.Like{Arg: &filter.Fold{Arg: property}, Pattern: &filter.Fold{Arg: &filter.Literal{Value: filter.TextOf(string(prefix[:len(prefix)/2]) + "%")}}}
	case p.Kind == filter.Number && rng.IntN(3) == 0:
		return &filter.Comparison{Op: filter.Less, Left: &filter.Arithmetic{Op: filter.Multiply, Left: property, Right: &filter.Literal{Value: filter.NumberOf(0.5)}}, Right: literal}
	}
	return &filter.Comparison{Op: filter.CompareOp(rng.IntN(6)), Left: property, Right: literal}
}
