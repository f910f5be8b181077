package explain

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
)

// figure takes the figure apart: both sides, the parcels behind them and those
// that are left out.
func (w *watcher) figure(d *Document, t *indicator.Traced, fields *fieldReader) {
	d.Indicator.Numerator, d.Indicator.Denominator = w.side(&t.Numerator), w.side(&t.Denominator)
	var in, out []*indicator.Contribution
	for i := range t.Given {
		if c := &t.Given[i]; c.Covered {
			in = append(in, c)
		} else {
			out = append(out, c)
		}
	}
	sortBySize(in)
	sortByOpen(out)
	d.Parcels = w.parcels(in, t, fields)
	d.LeftOut = w.parcels(out, t, fields)
	d.LeftOut.Numerator, d.LeftOut.Denominator = nil, nil
	if w.level != land.LevelProject {
		other := t.Other
		d.Other = &other
	}
	if w.level == land.LevelZone || w.level == land.LevelPark {
		w.one(d, t, fields)
	}
}

// sortBySize puts first what gives most to the numerator, then to the
// denominator.
func sortBySize(list []*indicator.Contribution) {
	slices.SortStableFunc(list, func(a, b *indicator.Contribution) int {
		return cmp.Or(cmp.Compare(size(b.Numerator), size(a.Numerator)), cmp.Compare(size(b.Denominator), size(a.Denominator)))
	})
}

func size(v land.Fixed) land.Fixed { return max(v, -v) }

// sortByOpen puts first the parcels with the most land.
func sortByOpen(list []*indicator.Contribution) {
	slices.SortStableFunc(list, func(a, b *indicator.Contribution) int { return cmp.Compare(b.AreaM2, a.AreaM2) })
}

func (w *watcher) side(s *indicator.Side) Side {
	out := Side{Name: s.Name, Title: w.words("base." + s.Name), Unit: s.Unit, Parcels: quantity(s.Parcels, partUnit(s))}
	if v, ok := s.Total(); ok {
		out.Amount = quantity(v, s.Unit)
	}
	if s.Years != 1 {
		out.Years = s.Years
	}
	if s.Field == "" {
		return out
	}
	whole := &Whole{Field: s.Field, Title: w.words("base." + s.Field), Source: "zone"}
	if s.Whole.Known {
		whole.Value = quantity(s.Whole.Value, s.Unit)
	}
	if s.Year != nil {
		whole.Source = fmt.Sprintf("stats %d", *s.Year)
	} else if !s.Whole.Known {
		whole.Source = "none"
	}
	out.Whole = whole
	if s.Uncovered != 0 {
		out.Less = quantity(s.Uncovered, s.Unit)
	}
	return out
}

// partUnit is the unit of what parcels give: that of the side, before it is
// divided by years.
func partUnit(s *indicator.Side) land.Unit {
	if s.Unit == land.UnitM2PerYear {
		return land.UnitM2
	}
	return s.Unit
}

func quantity(v land.Fixed, u land.Unit) *Amount { return &Amount{land.Quantity{Value: v, Unit: u}} }

// parcels is the list of contributions, bounded.
func (w *watcher) parcels(list []*indicator.Contribution, t *indicator.Traced, fields *fieldReader) *Parcels {
	out := &Parcels{Count: int64(len(list)), Listed: []Parcel{}}
	var num, den land.Fixed
	for _, c := range list {
		out.AreaM2 += c.AreaM2
		num, den = num+c.Numerator, den+c.Denominator
	}
	out.Numerator, out.Denominator = quantity(num, partUnit(&t.Numerator)), quantity(den, partUnit(&t.Denominator))
	shown := list[:min(len(list), w.Limit)]
	out.Listed = make([]Parcel, len(shown))
	for i, c := range shown {
		w.line(&out.Listed[i], c, t)
		fields.want(&out.Listed[i], c)
	}
	out.More = int64(len(list) - len(shown))
	return out
}

// line is what one parcel gives.
func (w *watcher) line(p *Parcel, c *indicator.Contribution, t *indicator.Traced) {
	*p = Parcel{ID: c.ID, ProjectNo: c.ProjectNo, Share: c.Share, AreaM2: c.AreaM2, Covered: c.Covered}
	num, den := partUnit(&t.Numerator), partUnit(&t.Denominator)
	if c.Covered {
		p.Numerator, p.Denominator = quantity(c.Numerator, num), quantity(c.Denominator, den)
		return
	}
	n, d := reach(c, func(x indicator.Choice) land.Fixed { return x.Numerator }), reach(c, func(x indicator.Choice) land.Fixed { return x.Denominator })
	p.Range = &Range{Numerator: [2]*Amount{quantity(n[0], num), quantity(n[1], num)},
		Denominator: [2]*Amount{quantity(d[0], den), quantity(d[1], den)}}
	if c.GrowsNumerator || c.GrowsBoth {
		p.Range.Numerator[1] = nil
	}
	if c.GrowsDenominator || c.GrowsBoth {
		p.Range.Denominator[1] = nil
	}
}

// reach is the least and the most of one side over a parcel's choices.
func reach(c *indicator.Contribution, side func(indicator.Choice) land.Fixed) [2]land.Fixed {
	ends := [2]land.Fixed{side(c.Choices[0]), side(c.Choices[0])}
	for _, x := range c.Choices[1:] {
		ends[0], ends[1] = min(ends[0], side(x)), max(ends[1], side(x))
	}
	return ends
}

// one puts the parcel in place that is asked about, also where it gives
// nothing.
func (w *watcher) one(d *Document, t *indicator.Traced, fields *fieldReader) {
	if w.part == nil {
		return
	}
	c := &indicator.Contribution{ID: w.part.ID, ProjectNo: w.part.ProjectNo, Position: w.part.Source.Position, Share: w.part.Share,
		AreaM2: w.part.PartM2(), Covered: true, Facts: []string{"use_code", "approved_on", "supplied_on", "construction_state"}}
	for i := range t.Given {
		if t.Given[i].Position == c.Position && t.Given[i].ID == c.ID {
			c = &t.Given[i]
		}
	}
	d.Parcel = &Parcel{}
	w.line(d.Parcel, c, t)
	fields.want(d.Parcel, c)
}

// fieldReader reads the recorded fields of the parcels listed, in one more pass
// over the zone's parts, so that memory is of the size of the list.
type fieldReader struct {
	*watcher
	wanted map[int64][]wanted
	known  map[string]land.Field[land.Parcel]
}

type wanted struct {
	to      *Parcel
	fields  []string
	missing []string
}

func (w *watcher) newFields() *fieldReader {
	r := &fieldReader{watcher: w, wanted: map[int64][]wanted{}, known: map[string]land.Field[land.Parcel]{}}
	for _, f := range land.ParcelFields() {
		r.known[f.Name] = f
	}
	return r
}

// want asks for the fields that a contribution rests on.
func (r *fieldReader) want(to *Parcel, c *indicator.Contribution) {
	var names []string
	for _, list := range [][]string{c.NumeratorFields, c.DenominatorFields} {
		for _, name := range list {
			names = appendNew(names, name)
		}
	}
	for _, name := range c.Facts {
		for _, f := range related(name) {
			names = appendNew(names, f)
		}
	}
	r.wanted[c.Position] = append(r.wanted[c.Position], wanted{to, names, c.Missing})
}

func appendNew(list []string, name string) []string {
	if slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// related is the fields from which a fact is read, the one that speaks first
// leading.
func related(fact string) []string {
	switch fact {
	case "use_code":
		return []string{"use_code", "use_scheme", "new_industry"}
	case "supplied_on":
		return []string{"supplied_on", "taken_back_on", "tenure"}
	case "construction_state":
		return []string{"completed_on", "in_use_on", "started_on", "construction_state", "state_on"}
	case "ownership":
		return []string{"ownership", "rights_basis"}
	case "started_on", "agreed_start_on":
		return []string{"started_on", "construction_state", "new_start_on", "agreed_start_on", "handed_over_on", "suspended_on"}
	}
	return []string{fact}
}

// fill reads the zone's parts again.
func (r *fieldReader) fill(ctx context.Context) error {
	if len(r.wanted) == 0 {
		return nil
	}
	err := r.read(ctx, func(p *land.Part) error {
		list, ok := r.wanted[p.Source.Position]
		if !ok {
			return nil
		}
		a := r.watched.Assessor.Assess(p)
		for _, want := range list {
			if want.to.ID == p.ID {
				r.put(want, p, &a)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the parcels' fields: %w", err)
	}
	return nil
}

// read passes over the parts: those of a contract are at hand, wherever they
// lie.
func (r *fieldReader) read(ctx context.Context, yield func(*land.Part) error) error {
	if r.contract == nil {
		return r.source.Parts(ctx, r.question.Options.Zone, yield)
	}
	for i := range r.contract.Parts {
		if err := yield(&r.contract.Parts[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *fieldReader) put(want wanted, p *land.Part, a *land.Assessment) {
	to := want.to
	to.Source = r.sourceOf(p)
	to.Class, to.Status, to.Why = a.Class, a.Status, *r.coded(a.Reason)
	to.Fields = []Field{}
	for _, name := range want.fields {
		f := r.field(name, &p.Parcel)
		// Of several fields that tell of one fact, blank ones say nothing unless
		// they are what is missing.
		if f.Value != nil || slices.Contains(want.missing, name) || !slices.ContainsFunc(want.fields, func(other string) bool { return tellsOf(other, name) }) {
			to.Fields = append(to.Fields, f)
		}
	}
	for _, name := range want.missing {
		to.Missing = append(to.Missing, r.field(name, &p.Parcel))
	}
}

// tellsOf is whether two fields are of one fact, of which either may be blank.
func tellsOf(a, b string) bool {
	if a == b {
		return false
	}
	for _, fact := range []string{"use_code", "supplied_on", "construction_state", "ownership", "started_on"} {
		if list := related(fact); slices.Contains(list, a) && slices.Contains(list, b) {
			return true
		}
	}
	return false
}

// sourceOf says where a parcel was read.
func (w *watcher) sourceOf(p *land.Part) Source {
	s := Source{Feature: p.Source.Feature, Position: p.Source.Position}
	if i := int(p.Source.File); i >= 0 && i < len(w.Files) {
		s.File = w.Files[i]
	}
	return s
}

// field is a field of a parcel as it is recorded. The area of a parcel without
// a recorded one is that of its outline.
func (r *fieldReader) field(name string, p *land.Parcel) Field {
	f, ok := r.known[name]
	if !ok {
		return Field{Field: name, Title: r.words("field." + name)}
	}
	if name == "recorded_area_m2" && !p.RecordedM2.Known {
		return Field{Field: "ellipsoid_area_m2", Title: r.words("explain.ellipsoid-area"), Value: p.EllipsoidM2}
	}
	return Field{Field: name, Title: r.words("field." + name), Value: recorded(&f, p)}
}

// recorded is a field's value for JSON; nil is unknown.
func recorded(f *land.Field[land.Parcel], p *land.Parcel) any {
	switch f.Kind {
	case land.Day:
		if d := *f.Date(p); d.Known() {
			return d
		}
	case land.Quant:
		if n := *f.Num(p); n.Known {
			return n.Value
		}
	case land.YesNo:
		if v := *f.Flag(p); v != land.Unknown {
			return v
		}
	default:
		if s := *f.Str(p); s != "" {
			return string([]byte(s))
		}
	}
	return nil
}
