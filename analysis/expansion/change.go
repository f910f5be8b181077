package expansion

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
)

// Change is one fact of a parcel supposed to be otherwise. A blank value makes
// it unknown.
type Change struct {
	Parcel string `json:"parcel"`
	Field  string `json:"field"` // of the parcels layer
	Value  Loose  `json:"value"`
}

// Loose is a value as text; in JSON it may be a string, a number, true, false
// or null.
type Loose string

// UnmarshalJSON reads a plain JSON value as text.
func (l *Loose) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		*l = ""
		return nil
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*l = Loose(s)
		return nil
	case len(b) > 0 && (b[0] == '{' || b[0] == '['):
		return fmt.Errorf("a changed value is text, a number, true, false or null, not %.20s", b)
	}
	*l = Loose(b)
	return nil
}

// MaxChanges is how many facts may be changed at once.
const MaxChanges = 10_000

// edit changes a part.
type edit func(*land.Part)

// changeFaults reads the changes and says what is wrong with them.
func (c *check) changeFaults() (faults []Fault) {
	if len(c.app.Changes) > MaxChanges {
		return []Fault{{Code: "too_many_changes", Text: c.text("expansion.fault.too_many_changes", len(c.app.Changes), MaxChanges)}}
	}
	for i, ch := range c.app.Changes {
		if _, err := ch.edit(); err != nil {
			if len(faults) == maxFaults {
				break
			}
			faults = append(faults, Fault{Code: "change_unreadable", Text: c.text("expansion.fault.change_unreadable", i+1, ch.Parcel, ch.Field, string(ch.Value), err.Error())})
		}
	}
	return faults
}

// edit reads a change as one of a part.
func (ch Change) edit() (edit, error) {
	if ch.Parcel == "" {
		return nil, fmt.Errorf("name the parcel")
	}
	f, ok := land.FieldNamed(land.ParcelFields(), ch.Field)
	if !ok || ch.Field == "id" {
		return nil, fmt.Errorf("parcels have no field %q that could be changed", ch.Field)
	}
	value := strings.TrimSpace(string(ch.Value))
	switch f.Kind {
	case land.Text:
		return func(p *land.Part) { *f.Str(&p.Parcel) = value }, nil
	case land.Word:
		if value != "" && !slices.Contains(f.Words, value) {
			return nil, fmt.Errorf("%q is none of %s", value, strings.Join(f.Words, ", "))
		}
		return func(p *land.Part) { *f.Str(&p.Parcel) = value }, nil
	case land.Day:
		var day land.Date
		if value != "" {
			var err error
			if day, err = land.ParseDate(value); err != nil {
				return nil, err
			}
		}
		return func(p *land.Part) { *f.Date(&p.Parcel) = day }, nil
	case land.Quant:
		var n land.Number
		if value != "" {
			v, err := land.ParseFixed(value)
			if err != nil {
				return nil, err
			}
			if v < 0 {
				return nil, fmt.Errorf("%s is below 0", value)
			}
			n = land.Num(v)
		}
		return func(p *land.Part) { *f.Num(&p.Parcel) = n }, nil
	}
	var flag land.Flag
	if value != "" {
		b, err := strconv.ParseBool(value)
		if err != nil {
			return nil, fmt.Errorf("%q is neither true nor false", value)
		}
		flag = land.FlagOf(b)
	}
	return func(p *land.Part) { *f.Flag(&p.Parcel) = flag }, nil
}

// changed is a source with some parcels otherwise.
type changed struct {
	Source
	edits map[string][]edit
	seen  map[string]bool
}

// Parts yields the parts with the changes.
func (s *changed) Parts(ctx context.Context, zone land.ZoneKey, yield func(*land.Part) error) error {
	return s.Source.Parts(ctx, zone, func(p *land.Part) error {
		edits, ok := s.edits[p.ID]
		if !ok {
			return yield(p)
		}
		s.seen[p.ID] = true
		part := *p
		for _, e := range edits {
			e(&part)
		}
		return yield(&part)
	})
}

// ZoneRecords is what the tables say of a zone; nothing where there are none.
func (s *changed) ZoneRecords(ctx context.Context, zone land.ZoneKey) (*land.ZoneRecords, error) {
	if r, ok := s.Source.(analysis.RecordSource); ok {
		return r.ZoneRecords(ctx, zone)
	}
	return &land.ZoneRecords{}, nil
}

// ApprovedShapes are those of the source: an edit changes no boundary.
func (s *changed) ApprovedShapes(ctx context.Context, zone land.ZoneKey, yield func(id string, shape orb.MultiPolygon) error) error {
	if from, ok := s.Source.(analysis.ShapeSource); ok {
		return from.ApprovedShapes(ctx, zone, yield)
	}
	return nil
}

// PartShapes are those of the source.
func (s *changed) PartShapes(ctx context.Context, zone land.ZoneKey, want func(id string) bool, yield func(id string, shape orb.MultiPolygon) error) error {
	if from, ok := s.Source.(analysis.ShapeSource); ok {
		return from.PartShapes(ctx, zone, want, yield)
	}
	return nil
}

// spread is a changed source that also knows which contracts reach over zones.
type spread struct {
	*changed
	analysis.ContractSource
}

// with is the source with edits. (Money of a contract that reaches over zones is
// stated once; edits don't move it.)
func (c *check) with(edits map[string][]edit) (analysis.Source, *changed) {
	s := &changed{Source: c.src, edits: edits, seen: map[string]bool{}}
	if contracts, ok := c.src.(analysis.ContractSource); ok {
		return spread{s, contracts}, s
	}
	return s, s
}

// WhatIf is the zone before and after the changes, side by side.
type WhatIf struct {
	Changes    []Changed     `json:"changes"`
	Indicators []BeforeAfter `json:"indicators"`
	Verdicts   []Turned      `json:"verdicts"` // all of level expansion; of the others those that differ
	Land       []Status      `json:"by_status"`
}

// Changed is one change with the value it replaced.
type Changed struct {
	Parcel string `json:"parcel"`
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// BeforeAfter is one indicator on both sides; only those that differ are
// listed.
type BeforeAfter struct {
	ID     string         `json:"id"`
	Title  Text           `json:"title"`
	Unit   land.Unit      `json:"unit"`
	Before land.Indicator `json:"before"`
	After  land.Indicator `json:"after"`
}

// Turned is one rule's outcome on both sides.
type Turned struct {
	Rule   string       `json:"rule"`
	Level  land.Level   `json:"level"`
	Before land.Outcome `json:"before"`
	After  land.Outcome `json:"after"`
}

// Status is the land of one status on both sides.
type Status struct {
	Status land.Status `json:"status"`
	Before land.Land   `json:"before"`
	After  land.Land   `json:"after"`
}

// whatIf analyzes the zone once more with the changes.
func (c *check) whatIf(ctx context.Context) error {
	if len(c.app.Changes) == 0 {
		return nil
	}
	edits := map[string][]edit{}
	w := &WhatIf{Changes: make([]Changed, len(c.app.Changes)), Indicators: []BeforeAfter{}, Verdicts: []Turned{}, Land: []Status{}}
	for i, ch := range c.app.Changes {
		e, err := ch.edit()
		if err != nil {
			return fmt.Errorf("change %d: %w", i+1, err)
		}
		out := &w.Changes[i]
		*out = Changed{Parcel: ch.Parcel, Field: ch.Field, After: string(ch.Value)}
		edits[ch.Parcel] = append(edits[ch.Parcel], func(p *land.Part) { out.Before = fieldText(p, ch.Field) }, e)
	}
	src, seen := c.with(edits)
	result, err := c.run(ctx, src)
	if err != nil {
		return err
	}
	if err := c.unknownParcels(edits, seen.seen); err != nil {
		return err
	}
	c.compare(w, result)
	c.doc.WhatIf = w
	return nil
}

func (c *check) unknownParcels(edits map[string][]edit, seen map[string]bool) error {
	var faults []Fault
	for _, ch := range c.app.Changes {
		if !seen[ch.Parcel] && len(faults) < maxFaults {
			faults = append(faults, Fault{Code: "no_such_parcel", Text: c.text("expansion.fault.no_such_parcel", ch.Parcel, c.zone.Code)})
		}
	}
	if len(faults) > 0 {
		return &RefusedError{Faults: faults}
	}
	return nil
}

func fieldText(p *land.Part, name string) string {
	f, _ := land.FieldNamed(land.ParcelFields(), name)
	switch {
	case f.Str != nil:
		return strings.Clone(*f.Str(&p.Parcel))
	case f.Date != nil:
		return f.Date(&p.Parcel).String()
	case f.Num != nil:
		return f.Num(&p.Parcel).String()
	case f.Flag != nil:
		return f.Flag(&p.Parcel).String()
	}
	return ""
}

// compare lists what differs.
func (c *check) compare(w *WhatIf, after *land.ZoneResult) {
	for i := range c.result.Indicators {
		b := &c.result.Indicators[i]
		a := indicatorOf(after, b.ID)
		if a == nil || sameIndicator(b, a) {
			continue
		}
		w.Indicators = append(w.Indicators, BeforeAfter{ID: b.ID, Title: c.text("indicator." + b.ID + ".title"), Unit: b.Unit, Before: *b, After: *a})
	}
	old, now := c.judge(c.result), c.judge(after)
	for i := range old {
		w.Verdicts = append(w.Verdicts, Turned{Rule: old[i].RuleKey(), Level: old[i].Level, Before: old[i].Outcome, After: now[i].Outcome})
	}
	for i := range c.result.Verdicts {
		b := &c.result.Verdicts[i]
		for j := range after.Verdicts {
			a := &after.Verdicts[j]
			if a.RuleKey() == b.RuleKey() && a.Subject == b.Subject && a.Level == b.Level && a.Outcome != b.Outcome {
				w.Verdicts = append(w.Verdicts, Turned{Rule: b.RuleKey(), Level: b.Level, Before: b.Outcome, After: a.Outcome})
			}
		}
	}
	for _, s := range land.Statuses() {
		b, a := c.result.Land.ByStatus[s], after.Land.ByStatus[s]
		if b != (land.Land{}) || a != (land.Land{}) {
			w.Land = append(w.Land, Status{Status: s, Before: b, After: a})
		}
	}
}

func sameIndicator(a, b *land.Indicator) bool {
	same := func(x, y *float64) bool {
		return x == nil && y == nil || x != nil && y != nil && math.Float64bits(*x) == math.Float64bits(*y)
	}
	if !same(a.Value, b.Value) || a.Exact != b.Exact || (a.Bounds == nil) != (b.Bounds == nil) {
		return false
	}
	return a.Bounds == nil || same(a.Bounds.Lo, b.Bounds.Lo) && same(a.Bounds.Hi, b.Bounds.Hi)
}
