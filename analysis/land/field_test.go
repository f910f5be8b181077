package land

import (
	"reflect"
	"testing"
)

// Every field of a record has a place of its own: no two public names write
// the same fact, and no name stands twice.
func TestFieldsAreDistinct(t *testing.T) {
	distinct(t, ParcelFields())
	distinct(t, ZoneFields())
	distinct(t, BuildingFields())
	distinct(t, ConstraintFields())
	distinct(t, StatsFields())
}

func distinct[T any](t *testing.T, fields []Field[T]) {
	t.Helper()
	var record T
	names, places := map[string]bool{}, map[any]string{}
	for _, f := range fields {
		var place any
		switch f.Kind {
		case Text, Word:
			place = f.Str(&record)
		case Day:
			place = f.Date(&record)
		case Quant:
			place = f.Num(&record)
		case YesNo:
			place = f.Flag(&record)
		}
		if names[f.Name] {
			t.Errorf("%T: the name %s stands twice", record, f.Name)
		}
		if other, twice := places[place]; twice {
			t.Errorf("%T: %s and %s write the same fact", record, f.Name, other)
		}
		names[f.Name], places[place] = true, f.Name
		if (f.Kind == Word) != (len(f.Words) > 0) {
			t.Errorf("%T: %s is of kind %d with %d words", record, f.Name, f.Kind, len(f.Words))
		}
	}
	if reflect.TypeOf(record).NumField() < len(fields) {
		t.Errorf("%T has fewer fields than names", record)
	}
}
