package rule

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
)

// Condition is the where of a rule: CQL2-text over the declared names of its
// level, read and checked once. A nil Condition always holds.
type Condition struct {
	Text string

	expr  filter.Expr
	names map[string]reading // those the text uses
}

// String is the condition's text; of none it is "".
func (c *Condition) String() string {
	if c == nil {
		return ""
	}
	return c.Text
}

// Scene is what a condition is held against. Zone is always there; Part with
// its Assessment for rules on parcels, Project for rules on projects.
type Scene struct {
	Zone       *land.Zone // with what its parents say in place of its blanks
	Part       *land.Part
	Assessment *land.Assessment
	Project    *Project
	// Pack is the pack of the rule, whose parameters a rule on a set of zones may
	// ask for.
	Pack *Pack
}

// Project is what rules ask of a project beside its indicators.
type Project struct {
	No          string
	Class       land.Class
	NewIndustry bool
	Industries  []land.Industry // of its parcels, each pair once
	LimitDate   land.Date       // of its contract or approval
	Parcels     int
	Finished    land.Flag // all of it is completed or in use
}

// reading takes the value of one name from a scene.
type reading func(*Scene) filter.Value

// Holds is whether the condition holds; where that is unknown, missing names the
// facts that would tell.
func (c *Condition) Holds(s *Scene) (holds land.Flag, missing []string) {
	if c == nil {
		return land.Yes, nil
	}
	env := filter.Env{Property: func(name string) filter.Value { return c.names[name](s) }}
	switch env.Eval(c.expr) {
	case filter.Yes:
		return land.Yes, nil
	case filter.No:
		return land.No, nil
	}
	return land.Unknown, env.Missing(c.expr)
}

// asksFor reports whether the condition uses one of some names.
func (c *Condition) asksFor(names ...string) bool {
	if c == nil {
		return false
	}
	return slices.ContainsFunc(names, func(n string) bool { return c.names[n] != nil })
}

// declared is a name that conditions of some level may use.
type declared struct {
	filter.Queryable
	read reading
}

// Names are the names that a where may use at a level, for people and for
// checks: those of the zone everywhere (zone.province), and those of the parcel
// or project.
func Names(level land.Level) []string {
	var out []string
	for _, d := range namesOf(level) {
		out = append(out, d.Name)
	}
	return out
}

func namesOf(level land.Level) []declared {
	out := recordNames(land.ZoneFields(), "zone.", func(s *Scene) *land.Zone { return s.Zone })
	switch level {
	case land.LevelParcel:
		return append(parcelNames(), out...)
	case land.LevelProject:
		return append(projectNames(), out...)
	}
	return out
}

// parameterNames are the parameters of a pack, supply.task-ha as
// parameter.supply.task_ha; one that is not set is a missing value.
func (p *Pack) parameterNames() (out []declared) {
	for _, q := range p.Parameters {
		id := q.ID
		out = append(out, declared{filter.Queryable{Name: "parameter." + strings.ReplaceAll(id, "-", "_"), Kind: filter.Number}, func(s *Scene) filter.Value {
			q, ok := s.Pack.Parameter(id)
			if !ok || !q.Set {
				return filter.Value{}
			}
			return filter.NumberOf(float64(q.Num) / float64(q.Den))
		}})
	}
	return out
}

// parcelNames are the fields of a parcel and what the assessment says of it.
func parcelNames() []declared {
	out := recordNames(land.ParcelFields(), "", func(s *Scene) *land.Parcel { return &s.Part.Parcel })
	for i := range out {
		switch out[i].Name {
		case "new_industry": // as assessed: blank is no, a local use code says yes
			out[i].read = func(s *Scene) filter.Value { return filter.BooleanOf(s.Assessment.NewIndustry) }
		case "unbuildable":
			out[i].read = func(s *Scene) filter.Value { return filter.BooleanOf(s.Assessment.Unbuildable) }
		}
	}
	out = append(out,
		declared{filter.Queryable{Name: "status", Kind: filter.Text, Words: words(land.Statuses())},
			func(s *Scene) filter.Value { return filter.TextOf(string(s.Assessment.Status)) }},
		declared{filter.Queryable{Name: "class", Kind: filter.Text, Words: classWords()},
			func(s *Scene) filter.Value { return classValue(s.Assessment.Class) }},
		declared{filter.Queryable{Name: "area_m2", Kind: filter.Number},
			func(s *Scene) filter.Value { return filter.NumberOf(s.Part.AreaM2().Float()) }},
		declared{filter.Queryable{Name: "share", Kind: filter.Number},
			func(s *Scene) filter.Value { return filter.NumberOf(s.Part.Share) }})
	for _, f := range land.PartFlags() {
		out = append(out, declared{filter.Queryable{Name: "flag." + string(f), Kind: filter.Boolean}, func(s *Scene) filter.Value {
			for _, g := range s.Assessment.Flags {
				if g == f {
					return filter.BooleanOf(true)
				}
			}
			return filter.BooleanOf(false)
		}})
	}
	return out
}

func projectNames() []declared {
	name := func(name string, kind filter.Kind, read func(*Project) filter.Value, of ...string) declared {
		return declared{filter.Queryable{Name: name, Kind: kind, Words: of}, func(s *Scene) filter.Value { return read(s.Project) }}
	}
	return []declared{
		name("project_no", filter.Text, func(p *Project) filter.Value { return textValue(p.No) }),
		name("class", filter.Text, func(p *Project) filter.Value { return classValue(p.Class) }, classWords()...),
		name("new_industry", filter.Boolean, func(p *Project) filter.Value { return filter.BooleanOf(p.NewIndustry) }),
		name("limit_date", filter.Date, func(p *Project) filter.Value { return dateValue(p.LimitDate) }),
		name("finished", filter.Boolean, func(p *Project) filter.Value { return flagValue(p.Finished) }),
		name("parcels", filter.Number, func(p *Project) filter.Value { return filter.NumberOf(float64(p.Parcels)) }),
		name("industry_code", filter.Text, func(p *Project) filter.Value { return p.industry(func(i land.Industry) string { return i.Code }) }),
		name("industry_edition", filter.Text, func(p *Project) filter.Value { return p.industry(func(i land.Industry) string { return i.Edition }) }),
	}
}

// industry is what all parcels of the project agree on.
func (p *Project) industry(of func(land.Industry) string) filter.Value {
	if len(p.Industries) == 0 {
		return filter.Value{}
	}
	for _, i := range p.Industries[1:] {
		if of(i) != of(p.Industries[0]) {
			return filter.Value{}
		}
	}
	return textValue(of(p.Industries[0]))
}

// recordNames declares the fields of a record, each read through its accessor.
func recordNames[T any](fields []land.Field[T], prefix string, of func(*Scene) *T) []declared {
	out := make([]declared, len(fields))
	for i, f := range fields {
		d := declared{Queryable: filter.Queryable{Name: prefix + f.Name}}
		switch f.Kind {
		case land.Day:
			d.Kind, d.read = filter.Date, func(s *Scene) filter.Value { return dateValue(*f.Date(of(s))) }
		case land.Quant:
			d.Kind, d.read = filter.Number, func(s *Scene) filter.Value { return numberValue(*f.Num(of(s))) }
		case land.YesNo:
			d.Kind, d.read = filter.Boolean, func(s *Scene) filter.Value { return flagValue(*f.Flag(of(s))) }
		default:
			d.Kind, d.Words = filter.Text, f.Words
			d.read = func(s *Scene) filter.Value { return textValue(*f.Str(of(s))) }
		}
		out[i] = d
	}
	return out
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// classWords is the classes but unknown, which is a missing value.
func classWords() []string {
	return slices.DeleteFunc(words(land.Classes()), func(w string) bool { return w == string(land.ClassUnknown) })
}

func textValue(s string) filter.Value {
	if s == "" {
		return filter.Value{}
	}
	return filter.TextOf(s)
}

func classValue(c land.Class) filter.Value {
	if c == land.ClassUnknown {
		return filter.Value{}
	}
	return textValue(string(c))
}

func dateValue(d land.Date) filter.Value {
	if !d.Known() {
		return filter.Value{}
	}
	return filter.DateOf(int32(d))
}

func numberValue(n land.Number) filter.Value {
	if !n.Known {
		return filter.Value{}
	}
	return filter.NumberOf(n.Value.Float())
}

func flagValue(f land.Flag) filter.Value {
	if f == land.Unknown {
		return filter.Value{}
	}
	return filter.BooleanOf(f == land.Yes)
}

// condition reads a where. Its faults stand at their own place in the file.
func (d *Doc) condition(n ast.Node, level land.Level, p *Pack) *Condition {
	text := d.Text(n)
	if text == "" {
		return nil
	}
	list := namesOf(level)
	if level == land.LevelZoneSet || level == land.LevelProvince {
		list = append(list, p.parameterNames()...)
	}
	queryables := make([]filter.Queryable, len(list))
	for i := range list {
		queryables[i] = list[i].Queryable
	}
	q, err := filter.NewQueryables(queryables)
	if err != nil {
		d.Fault(n, "%v", err)
		return nil
	}
	expr, err := q.ParseText(text)
	var faults filter.Faults
	if errors.As(err, &faults) {
		texts, _ := data.LoadTexts() // a fault without texts is told by its code
		for _, f := range faults {
			d.within(n, utf8.RuneCountInString(text[:min(f.Span.From, len(text))]), f.Message(texts, "en"))
		}
		return nil
	}
	if err != nil {
		d.Fault(n, "%v", err)
		return nil
	}
	c := &Condition{Text: strings.TrimSpace(text), expr: expr, names: map[string]reading{}}
	for _, used := range filter.Properties(expr) {
		for i := range list {
			if list[i].Name == used {
				c.names[used] = list[i].read
			}
		}
	}
	return c
}
