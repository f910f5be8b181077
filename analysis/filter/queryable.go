package filter

import (
	"errors"
	"fmt"
	"slices"
)

// Queryable is a name that a filter may use (OGC API – Features Part 3).
type Queryable struct {
	Name string
	Kind Kind
	// Words are the values that a text may have; none means any.
	Words []string
	// AnyWord lets filters compare with other words too; nothing equals them.
	AnyWord bool
}

// Signature declares a function.
type Signature struct {
	Name   string
	Args   []Kind
	Result Kind
}

// Queryables is what filters are checked against. It may be shared by
// goroutines.
type Queryables struct {
	// Limits bounds the filters; zero fields take the default.
	Limits Limits

	names     []string // in the order given
	byName    map[string]Queryable
	functions map[string]Signature
}

// ErrQueryables is wrapped by the errors of NewQueryables.
var ErrQueryables = errors.New("faulty declaration of names for filters")

// NewQueryables declares names and, if any, functions. A name without a kind
// and a name declared twice are errors.
func NewQueryables(list []Queryable, functions ...Signature) (*Queryables, error) {
	q := &Queryables{byName: map[string]Queryable{}, functions: map[string]Signature{}}
	for _, name := range list {
		if _, twice := q.byName[name.Name]; twice || name.Name == "" {
			return nil, fmt.Errorf("%w: name %q is empty or declared twice; keep one", ErrQueryables, name.Name)
		}
		if name.Kind == Missing || name.Kind > Geometry {
			return nil, fmt.Errorf("%w: name %q has no kind; give it one", ErrQueryables, name.Name)
		}
		if len(name.Words) > 0 && name.Kind != Text {
			return nil, fmt.Errorf("%w: name %q is a %s with words; only a text has words", ErrQueryables, name.Name, name.Kind)
		}
		q.byName[name.Name] = name
		q.names = append(q.names, name.Name)
	}
	for _, f := range functions {
		if !functionName(f.Name) || f.Result == Missing || slices.Contains(f.Args, Missing) {
			return nil, fmt.Errorf("%w: function %q needs a name that is no word of the language, and kinds", ErrQueryables, f.Name)
		}
		q.functions[f.Name] = f
	}
	return q, nil
}

// Names are the declared names, in the order given.
func (q *Queryables) Names() []string { return slices.Clone(q.names) }

// Find is the declaration of a name.
func (q *Queryables) Find(name string) (Queryable, bool) {
	d, ok := q.byName[name]
	return d, ok
}

// ParseText reads a filter in the text encoding and checks it. An error is
// Faults: all of them, of syntax, names and types.
func (q *Queryables) ParseText(src string) (Expr, error) {
	fs := &faults{source: src}
	return q.finish(parseText(fs, q.Limits), fs)
}

// ParseJSON reads a filter in the JSON encoding and checks it. An error is
// Faults: all of them, of syntax, names and types.
func (q *Queryables) ParseJSON(src []byte) (Expr, error) {
	fs := &faults{source: string(src)}
	return q.finish(parseJSON(fs, q.Limits), fs)
}

func (q *Queryables) finish(e Expr, fs *faults) (Expr, error) {
	check(e, q, fs)
	if err := fs.err(); err != nil {
		return nil, err
	}
	return e, nil
}

// Check checks a tree that was read without names, or built by hand, against
// q. source is what it was read from, for the lines of the faults; it may be
// "".
func (q *Queryables) Check(e Expr, source string) error {
	_, err := q.finish(e, &faults{source: source})
	return err
}
