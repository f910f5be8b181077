package ruletest

import (
	"regexp"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// File is a cases file: the cases of one pack.
type File struct {
	Pack  string
	Cases []Case
}

// Case is a zone with its parcels as of a date, and what rules must say of it.
type Case struct {
	Name    string
	AsOf    land.Date
	Zones   []land.Zone // in key order; one called Z where the case names none
	Stats   []land.Stats
	Parcels []land.Parcel // each wholly in the zone it declares, else in the first
	// The tables: of the first zone where a row names none.
	Rankings []land.Ranking
	Actions  []land.ZoneAction
	Terms    []land.Term
	Firms    []land.Firm
	Expect   []Expectation
	// On is rules that are off and are judged here; Fill is limits put into
	// empty slots, as a bureau would.
	On   []string
	Fill map[string]land.Number
	// Accept is marks of unconfirmed rows of tables that count here.
	Accept []string
	// Set is parameters of the pack that are set here, as fractions.
	Set map[string][2]int64
	// Measures is what indicators must be, whatever the rules; Silent says that
	// the pack must not say anything at all.
	Measures []Measure
	Silent   bool
}

// Measure is what an indicator of a zone, or of all zones together, must be.
type Measure struct {
	Indicator string
	Zone      string // code, or the id of a set; blank: the first zone
	Value     string // blank: there is no value, or, where Exact is said, any
	Reason    string // blank: any
	Exact     land.Flag
}

// Expectation is what a rule must say.
type Expectation struct {
	Rule    string // id within the pack
	Subject string // project number, parcel id, zone, set; blank: the first zone, of sets "all"
	Outcome land.Outcome
	Reason  string // blank: any
	// What is stated beside the outcome; blank: not compared.
	Observed, ExcessMu, HeadroomMu, ExcessM2, HeadroomM2 string
	Limit, LimitBy                                       string
	Since, Due                                           land.Date
	Missing                                              []string
}

// defaultZone is the zone of a case that says nothing of it: 1 km² in Guangxi.
func defaultZone() land.Zone {
	return land.Zone{Code: "Z", Name: "Z", Scope: land.ScopeApproved, Kind: "high_tech", Province: "450000",
		AreaM2: 1_000_000 * land.One}
}

// Read reads a cases file strictly: all faults at once, with their places.
func Read(file string, b []byte) (*File, error) {
	d, body, err := rule.Parse(file, b)
	if err != nil {
		return nil, err
	}
	r, f := reader{d}, &File{}
	d.Object(body,
		rule.Field{Name: "pack", Required: true, Read: func(n ast.Node) { f.Pack = d.Text(n) }},
		rule.Field{Name: "cases", Required: true, Read: func(n ast.Node) {
			d.List(n, func(v ast.Node) { f.Cases = append(f.Cases, r.one(v)) })
		}},
	)
	if err := d.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

type reader struct{ *rule.Doc }

func (r reader) one(n ast.Node) Case {
	c := Case{Fill: map[string]land.Number{}, Set: map[string][2]int64{}}
	first := defaultZone()
	r.Object(n,
		rule.Field{Name: "name", Required: true, Read: func(n ast.Node) { c.Name = r.Text(n) }},
		rule.Field{Name: "as_of", Required: true, Read: func(n ast.Node) { c.AsOf = r.Date(n) }},
		rule.Field{Name: "zone", Read: func(n ast.Node) { r.zone(n, &first) }},
		rule.Field{Name: "zones", Read: func(n ast.Node) {
			r.List(n, func(v ast.Node) {
				z := defaultZone()
				r.zone(v, &z)
				c.Zones = append(c.Zones, z)
			})
		}},
		rule.Field{Name: "stats", Read: func(n ast.Node) {
			r.List(n, func(v ast.Node) { c.Stats = append(c.Stats, r.stats(v)) })
		}},
		rule.Field{Name: "parcels", Required: true, Read: func(n ast.Node) {
			r.List(n, func(v ast.Node) { c.Parcels = append(c.Parcels, r.parcel(v)) })
		}},
		rule.Field{Name: "rankings", Read: func(n ast.Node) {
			r.List(n, func(v ast.Node) { c.Rankings = append(c.Rankings, r.ranking(v)) })
		}},
		rule.Field{Name: "actions", Read: func(n ast.Node) {
			r.List(n, func(v ast.Node) { c.Actions = append(c.Actions, record(r, land.ZoneActionFields(), v)) })
		}},
		rule.Field{Name: "terms", Read: func(n ast.Node) {
			r.List(n, func(v ast.Node) { c.Terms = append(c.Terms, record(r, land.TermFields(), v)) })
		}},
		rule.Field{Name: "firms", Read: func(n ast.Node) {
			r.List(n, func(v ast.Node) { c.Firms = append(c.Firms, r.firm(v)) })
		}},
		rule.Field{Name: "accept", Read: func(n ast.Node) { c.Accept = r.Words(n) }},
		rule.Field{Name: "set", Read: func(n ast.Node) {
			pairs, _ := r.Pairs(n)
			for _, p := range pairs {
				num, den := r.Fraction(p.Value)
				c.Set[p.Key.GetToken().Value] = [2]int64{num, den}
			}
		}},
		rule.Field{Name: "expect", Read: func(n ast.Node) {
			r.List(n, func(v ast.Node) { c.Expect = append(c.Expect, r.expectation(v)) })
		}},
		rule.Field{Name: "on", Read: func(n ast.Node) { c.On = r.Words(n) }},
		rule.Field{Name: "fill", Read: func(n ast.Node) { r.fill(n, c.Fill) }},
		rule.Field{Name: "measures", Read: func(n ast.Node) {
			r.List(n, func(v ast.Node) { c.Measures = append(c.Measures, r.measure(v)) })
		}},
		rule.Field{Name: "silent", Read: func(n ast.Node) { c.Silent = r.Bool(n) }},
	)
	if len(c.Zones) == 0 {
		c.Zones = []land.Zone{first}
	}
	if len(c.Expect)+len(c.Measures) == 0 && !c.Silent {
		r.Fault(n, "a case must say what it expects: expect, measures or silent: true")
	}
	return c
}

func (r reader) fill(n ast.Node, to map[string]land.Number) {
	pairs, _ := r.Pairs(n)
	for _, p := range pairs {
		to[p.Key.GetToken().Value] = r.Number(p.Value)
	}
}

func (r reader) measure(n ast.Node) (m Measure) {
	r.Object(n,
		rule.Field{Name: "indicator", Required: true, Read: func(n ast.Node) { m.Indicator = r.Text(n) }},
		rule.Field{Name: "zone", Read: func(n ast.Node) { m.Zone = r.Text(n) }},
		rule.Field{Name: "value", Read: func(n ast.Node) { m.Value = r.decimal(n) }},
		rule.Field{Name: "reason", Read: func(n ast.Node) { m.Reason = r.Text(n) }},
		rule.Field{Name: "exact", Read: func(n ast.Node) { m.Exact = land.FlagOf(r.Bool(n)) }},
	)
	if m.Value == "" && m.Reason == "" && m.Exact == land.Unknown {
		r.Fault(n, "a measure must say its value, whether it is exact, or the reason why it has no value")
	}
	return m
}

func (r reader) zone(n ast.Node, z *land.Zone) {
	fields := facts(r, land.ZoneFields(), z)
	for i := range fields {
		if slices.Contains([]string{"province", "kind", "level"}, fields[i].Name) { // may be unsaid on purpose
			at, read := i, fields[i].Read
			fields[at].Read = func(n ast.Node) {
				if s, ok := n.(*ast.StringNode); ok && s.Value == "unknown" {
					blank(z, fields[at].Name)
					return
				}
				read(n)
			}
		}
	}
	fields = append(fields, rule.Field{Name: "area_m2", Read: func(n ast.Node) { z.AreaM2 = r.Number(n).Value }})
	r.Object(n, fields...)
}

func blank(z *land.Zone, name string) {
	if f, ok := land.FieldNamed(land.ZoneFields(), name); ok {
		*f.Str(z) = ""
	}
}

func (r reader) stats(n ast.Node) land.Stats {
	s := land.Stats{Zone: "Z"}
	fields := append(facts(r, land.StatsFields(), &s),
		rule.Field{Name: "zone", Read: func(n ast.Node) { s.Zone = r.Text(n) }},
		rule.Field{Name: "year", Required: true, Read: func(n ast.Node) { s.Year = r.Int(n) }})
	r.Object(n, fields...)
	return s
}

func (r reader) parcel(n ast.Node) land.Parcel {
	var p land.Parcel
	r.Object(n, facts(r, land.ParcelFields(), &p)...)
	if p.ID == "" {
		r.Fault(n, "a parcel needs an id")
	}
	return p
}

// record reads a row of a table.
func record[T any](r reader, fields []land.Field[T], n ast.Node) (row T) {
	r.Object(n, facts(r, fields, &row)...)
	return row
}

func (r reader) ranking(n ast.Node) (row land.Ranking) {
	r.Object(n, append(facts(r, land.RankingFields(), &row),
		rule.Field{Name: "zone", Read: func(n ast.Node) { row.Zone = r.Text(n) }},
		rule.Field{Name: "year", Required: true, Read: func(n ast.Node) { row.Year = r.Int(n) }})...)
	return row
}

func (r reader) firm(n ast.Node) (row land.Firm) {
	r.Object(n, append(facts(r, land.FirmFields(), &row),
		rule.Field{Name: "year", Required: true, Read: func(n ast.Node) { row.Year = r.Int(n) }})...)
	return row
}

// facts makes a reader of every public field of a record.
func facts[T any](r reader, fields []land.Field[T], to *T) []rule.Field {
	out := make([]rule.Field, len(fields))
	for i, f := range fields {
		out[i] = rule.Field{Name: f.Name, Read: func(n ast.Node) {
			switch f.Kind {
			case land.Day:
				*f.Date(to) = r.Date(n)
			case land.Quant:
				*f.Num(to) = r.Number(n)
			case land.YesNo:
				*f.Flag(to) = land.FlagOf(r.Bool(n))
			case land.Word:
				*f.Str(to) = r.Word(n, f.Words...)
			default:
				*f.Str(to) = r.Text(n)
			}
		}}
	}
	return out
}

func (r reader) expectation(n ast.Node) (e Expectation) {
	var outcomes []string
	for _, o := range land.Outcomes() {
		outcomes = append(outcomes, string(o))
	}
	amount := func(name string, to *string) rule.Field {
		return rule.Field{Name: name, Read: func(n ast.Node) { *to = r.decimal(n) }}
	}
	r.Object(n,
		rule.Field{Name: "rule", Required: true, Read: func(n ast.Node) { e.Rule = r.Text(n) }},
		rule.Field{Name: "subject", Read: func(n ast.Node) { e.Subject = r.Text(n) }},
		rule.Field{Name: "outcome", Required: true, Read: func(n ast.Node) { e.Outcome = land.Outcome(r.Word(n, outcomes...)) }},
		rule.Field{Name: "reason", Read: func(n ast.Node) { e.Reason = r.Text(n) }},
		amount("observed", &e.Observed), amount("excess_mu", &e.ExcessMu), amount("headroom_mu", &e.HeadroomMu),
		amount("excess_m2", &e.ExcessM2), amount("headroom_m2", &e.HeadroomM2), amount("limit", &e.Limit),
		rule.Field{Name: "limit_by", Read: func(n ast.Node) { e.LimitBy = r.Text(n) }},
		rule.Field{Name: "since", Read: func(n ast.Node) { e.Since = r.Date(n) }},
		rule.Field{Name: "due", Read: func(n ast.Node) { e.Due = r.Date(n) }},
		rule.Field{Name: "missing", Read: func(n ast.Node) { e.Missing = r.Words(n) }},
	)
	return e
}

// decimal keeps a number as it is written: mu have ten places.
func (r reader) decimal(n ast.Node) string {
	s := n.GetToken().Value
	if !regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`).MatchString(s) {
		r.Fault(n, "%q must be a decimal number", s)
	}
	return s
}
