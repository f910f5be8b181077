package explain

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
)

// WriteJSON writes the document as one JSON object, indented.
func WriteJSON(w io.Writer, d *Document) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

// WriteText writes the document for a person at a terminal, in a language (zh
// or en).
func WriteText(w io.Writer, d *Document, lang string, texts data.Texts) error {
	p := &printer{w: bufio.NewWriter(w), lang: lang, texts: texts}
	p.head(d)
	p.rule(d)
	p.verdict(d)
	p.comparison(d)
	p.indicator(d.Indicator)
	if d.Parcel != nil {
		p.line("")
		p.say("explain.parcel")
		p.parcel(d.Parcel)
	}
	p.finding(d.Finding)
	p.standing(d.Standing)
	p.parcels("explain.parcels", d.Parcels)
	p.parcels("explain.left-out", d.LeftOut)
	if d.Other != nil && d.Other.Parcels > 0 && d.Parcels.Count+d.LeftOut.Count > 0 {
		p.line("")
		p.say("explain.other", d.Other.Parcels, d.Other.AreaMu.String())
	}
	p.deciding(d.Deciding)
	p.subjects(d.Subjects)
	if err := p.w.Flush(); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

// printer writes lines; a failed write is told by the flush.
type printer struct {
	w     *bufio.Writer
	lang  string
	texts data.Texts
}

func (p *printer) text(key string, args ...any) string { return p.texts.Text(p.lang, key, args...) }
func (p *printer) say(key string, args ...any)         { p.line("%s", p.text(key, args...)) }

func (p *printer) line(format string, args ...any) {
	fmt.Fprintf(p.w, format+"\n", args...) //nolint:errcheck // bufio keeps the error for Flush
}

func (p *printer) head(d *Document) {
	key := land.ZoneKey{Code: d.Zone.Code, Scope: d.Zone.Scope}
	p.say("explain.head", d.Zone.Name, key.String(), p.text("boundary_scope."+string(d.Zone.Scope)), d.AsOf)
	if d.Subject != nil {
		id := d.Subject.ID
		if list := strings.Join(d.Subject.Parcels, ", "); list != id {
			id += " (" + list + ")"
		}
		p.say("explain.subject", p.text("level."+string(d.Subject.Level)), id)
	}
}

func (p *printer) rule(d *Document) {
	r := d.Rule
	if r == nil {
		return
	}
	p.line("")
	p.line("%s#%s  %s", r.Pack, r.ID, r.Title.In(p.lang))
	kind := []string{p.text("kind." + r.Kind), p.text("level." + string(r.Level)), p.text("doc_status." + r.Document.Status)}
	if r.Reading == "wide" {
		kind = append(kind, p.text("reading."+r.Reading))
	}
	if r.TargetYear != nil {
		kind = append(kind, strconv.Itoa(*r.TargetYear))
	}
	p.line("  %s", strings.Join(kind, " · "))
	p.say("explain.clause", r.Document.Title.In(p.lang), r.Document.Number, r.Clause)
	if r.Quote != "" {
		p.say("explain.quote", r.Quote)
	}
	if r.Note != "" {
		p.say("explain.note", r.Note)
	}
	if l := d.Limit; l != nil {
		value := p.text("explain.slot")
		if l.Value != nil {
			value = p.amount(l.Value.String(), l.Unit)
		}
		if a := l.Against; a != nil && a.Value != nil {
			value = p.amount(strconv.FormatFloat(*a.Value, 'f', -1, 64), l.Unit)
		}
		p.say("explain.limit", l.Comparison+" "+value, l.Why.In(p.lang), l.Source)
	}
}

func (p *printer) verdict(d *Document) {
	v := d.Verdict
	if v == nil {
		if d.Reason != nil {
			p.say("explain.no-verdict", d.Reason.Text.In(p.lang))
		}
		return
	}
	by := ""
	if v.DecidedBy != "" {
		by = p.text("decided_by." + v.DecidedBy)
	}
	p.say("explain.verdict", p.text("outcome."+string(v.Outcome)), join("; ", d.Reason.Text.In(p.lang), by))
	switch {
	case v.ExcessMu != nil:
		p.say("explain.excess", p.amount(v.ExcessMu.String(), land.UnitMu))
	case v.ExcessM2 != nil:
		p.say("explain.excess", p.amount(v.ExcessM2.String(), land.UnitM2))
	case v.HeadroomMu != nil:
		p.say("explain.headroom", p.amount(v.HeadroomMu.String(), land.UnitMu))
	case v.HeadroomM2 != nil:
		p.say("explain.headroom", p.amount(v.HeadroomM2.String(), land.UnitM2))
	}
}

func join(sep string, parts ...string) string {
	var some []string
	for _, s := range parts {
		if s != "" {
			some = append(some, s)
		}
	}
	return strings.Join(some, sep)
}

func (p *printer) comparison(d *Document) {
	c := d.Comparison
	if c == nil {
		return
	}
	if c.Difference != "" {
		p.say("explain.arithmetic", c.Numerator, c.Limit, c.Denominator, p.amount(string(c.Difference), c.Unit), p.text("explain.sign."+c.Sign))
	}
	p.end("explain.lo", c.Lo, c.Limit)
	p.end("explain.hi", c.Hi, c.Limit)
}

func (p *printer) end(key string, e *End, limit json.Number) {
	if e != nil {
		p.say(key, float(e.Value), e.Exact, p.text("explain.sign."+e.Sign), limit)
	}
}

func float(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// amount is a number with its unit; a ratio goes bare.
func (p *printer) amount(number string, u land.Unit) string {
	if u == land.UnitRatio || u == "" {
		return number
	}
	return number + " " + p.text("unit."+string(u))
}

func (p *printer) quantity(q *Amount) string {
	if q == nil {
		return p.text("explain.unknown")
	}
	return p.amount(bare(q), q.Unit)
}

// bare is a quantity's number, in its unit.
func bare(q *Amount) string {
	b, err := q.Quantity.MarshalJSON()
	if err != nil {
		return ""
	}
	return string(b)
}

func (p *printer) indicator(i *Indicator) {
	if i == nil {
		return
	}
	p.line("")
	p.line("%s  %s", i.ID, i.Title.In(p.lang))
	p.say("explain.formula", i.Formula.In(p.lang))
	f := &i.Figure
	switch {
	case f.Value != nil && f.Numerator != nil && f.Denominator != nil:
		p.say("explain.value", p.amount(float(*f.Value), f.Unit), p.quantity(&Amount{*f.Numerator}), p.quantity(&Amount{*f.Denominator}))
	case i.Reason != nil:
		p.say("explain.no-value", i.Reason.Text.In(p.lang))
	}
	if !f.Exact {
		p.coverage(f)
	}
	p.side("explain.numerator", &i.Numerator)
	p.side("explain.denominator", &i.Denominator)
}

// coverage says how much of the base is known, and what is missing of it.
func (p *printer) coverage(f *land.Indicator) {
	if f.Bounds != nil {
		lo, hi := p.text("explain.endless"), p.text("explain.endless")
		if f.Bounds.Lo != nil {
			lo = float(*f.Bounds.Lo)
		}
		if f.Bounds.Hi != nil {
			hi = float(*f.Bounds.Hi)
		}
		p.say("explain.coverage", strconv.FormatFloat(f.Coverage*100, 'f', 2, 64), lo, hi)
	}
	for _, m := range f.Missing {
		if m.Parcels > 0 {
			p.say("explain.missing", p.text("field."+m.Field), m.Field, m.Parcels, m.AreaM2.Mu().String())
		}
	}
}

func (p *printer) side(key string, s *Side) {
	var parts []string
	if s.Whole != nil {
		parts = append(parts, p.text("explain.whole", s.Whole.Title.In(p.lang), p.quantity(s.Whole.Value), s.Whole.Field, p.source(s.Whole.Source)))
	}
	if s.Whole == nil || s.Parcels.Value != 0 {
		parts = append(parts, p.text("explain.from-parcels", p.quantity(s.Parcels)))
	}
	if s.Less != nil {
		parts = append(parts, p.text("explain.less", p.quantity(s.Less)))
	}
	if s.Years > 1 {
		parts = append(parts, p.text("explain.years", s.Years))
	}
	p.say(key, s.Title.In(p.lang), p.quantity(s.Amount), strings.Join(parts, "; "))
}

func (p *printer) source(s string) string {
	if year, ok := strings.CutPrefix(s, "stats "); ok {
		return p.text("explain.source.stats", year)
	}
	return p.text("explain.source." + s)
}

func (p *printer) parcels(key string, list *Parcels) {
	if list == nil || list.Count == 0 {
		return
	}
	p.line("")
	p.say(key, list.Count, list.AreaM2.Mu().String())
	for i := range list.Listed {
		p.parcel(&list.Listed[i])
	}
	if list.More > 0 {
		p.say("explain.more", list.More)
	}
}

func (p *printer) parcel(x *Parcel) {
	amounts := ""
	switch {
	case x.Range != nil:
		amounts = p.text("explain.range", p.reach(x.Range.Numerator), p.reach(x.Range.Denominator))
	case x.Numerator != nil:
		amounts = p.text("explain.gives", p.added(x.Numerator), p.added(x.Denominator))
	}
	p.line("  %s  %s", x.ID, join("  ", amounts, p.text("explain.area", x.AreaM2.Mu().String(), float(x.Share)),
		p.text("class."+string(x.Class)), p.text("status."+string(x.Status))))
	place := "#" + strconv.FormatInt(x.Source.Feature, 10)
	if x.Source.File != "" {
		place = x.Source.File + " " + place
	}
	p.line("      %s  %s", place, p.fields(x.Fields))
	if len(x.Missing) > 0 {
		p.line("      %s", p.text("explain.lacks", p.names(x.Missing)))
	}
}

// added is an amount with its sign.
func (p *printer) added(q *Amount) string {
	if q.Value < 0 {
		return p.quantity(q)
	}
	return "+" + p.quantity(q)
}

func (p *printer) reach(r [2]*Amount) string {
	lo, hi := bare(r[0]), p.text("explain.endless")
	if r[1] != nil {
		hi = bare(r[1])
	}
	if lo == hi {
		return p.quantity(r[0])
	}
	return p.amount(lo+"…"+hi, r[0].Unit)
}

func (p *printer) fields(list []Field) string {
	out := make([]string, len(list))
	for i, f := range list {
		value := p.text("explain.blank")
		if f.Value != nil {
			value = fmt.Sprint(f.Value)
		}
		out[i] = f.Field + "=" + value
	}
	return strings.Join(out, " ")
}

func (p *printer) names(list []Field) string {
	out := make([]string, len(list))
	for i, f := range list {
		out[i] = fmt.Sprintf("%s (%s)", f.Title.In(p.lang), f.Field)
	}
	return strings.Join(out, ", ")
}

func (p *printer) finding(f *Finding) {
	if f == nil {
		return
	}
	p.line("")
	since := ""
	if f.Since.Known() {
		since = p.text("explain.since", f.Since)
	}
	p.say("explain.finding", p.text("status."+string(f.Status)), f.Reason.Text.In(p.lang), since)
	if i := f.Idle; i != nil {
		p.say("explain.idle", p.text("branch."+i.Branch), i.Since, i.Days, p.text("measure."+i.Measure))
	}
	for _, q := range f.Parameters {
		p.say("explain.parameter", q.ID, q.Value, q.Unit, q.Clause, q.Quote)
	}
	if len(f.Deciding) > 0 {
		p.say("explain.settling")
	}
	for _, s := range f.Deciding {
		p.line("  %s → %s", p.fields(s.Fields), p.text("outcome."+string(s.Outcome)))
	}
}

// standing lists places and acts; those that count are marked.
func (p *printer) standing(s *Standing) {
	if s == nil {
		return
	}
	p.line("")
	p.say("explain.standing")
	if len(s.Places) == 0 {
		p.say("explain.standing.no-places")
	}
	number := func(n land.Number) string {
		if !n.Known {
			return p.text("explain.unknown")
		}
		return n.Value.String()
	}
	mark := map[bool]string{true: "*", false: " "}
	for _, x := range s.Places {
		shared := ""
		if x.Shared > 1 {
			shared = p.text("explain.standing.shared", x.Shared)
		}
		p.line("%s %s%s", mark[x.Counts], p.text("explain.standing.place", x.Year, p.text("ranking.scope."+x.Scope), number(x.Rank), number(x.Of)), shared)
	}
	if len(s.Acts) == 0 {
		p.say("explain.standing.no-acts")
	}
	for _, a := range s.Acts {
		day := p.text("explain.unknown")
		if a.On.Known() {
			day = a.On.String()
		}
		p.line("%s %s", mark[a.Counts], join("  ", day, a.Title.In(p.lang), a.DocumentNo))
	}
	p.say("explain.standing.mark")
}

func (p *printer) deciding(d *Deciding) {
	if d == nil {
		return
	}
	p.line("")
	p.say("explain.deciding")
	p.line("  %s", d.Note.In(p.lang))
	if len(d.Figures) > 0 {
		p.say("explain.deciding.wanted", p.names(d.Figures))
	}
	if d.Minimal {
		p.say("explain.deciding.range", p.endOf(d.Lo), p.endOf(d.Hi), p.text("unit."+string(d.Unit)))
	}
	p.fewest("explain.deciding.hold", d.Hold)
	p.fewest("explain.deciding.fail", d.Fail)
	for i, r := range d.Ranking {
		part := ""
		if r.Part != nil {
			part = fmt.Sprintf("(%.1f %%)", *r.Part*100)
		}
		p.line("  %d. %s  %s %s  %s", i+1, r.ID, p.amount(p.endOf(r.Closes), d.Unit), part, p.names(r.Missing))
	}
	if d.More > 0 {
		p.say("explain.more", d.More)
	}
}

func (p *printer) endOf(n *json.Number) string {
	if n == nil {
		return p.text("explain.endless")
	}
	return string(*n)
}

func (p *printer) fewest(key string, f *Fewest) {
	if f != nil {
		more := ""
		if n := f.Parcels - len(f.IDs); n > 0 {
			more = " …"
		}
		p.say(key, f.Parcels, strings.Join(f.IDs, ", ")+more)
	}
}

func (p *printer) subjects(s *Subjects) {
	if s == nil {
		return
	}
	p.line("")
	var counts []string
	for _, o := range land.Outcomes() {
		if n := s.Counts[o]; n > 0 {
			counts = append(counts, fmt.Sprintf("%s %d", p.text("outcome."+string(o)), n))
		}
	}
	p.say("explain.subjects", s.Count, strings.Join(counts, ", "))
	for _, j := range s.Listed {
		value, outcome, reason := "", "", ""
		if j.Observed != nil {
			value = float(*j.Observed)
		}
		if j.Outcome != "" {
			outcome = p.text("outcome." + string(j.Outcome))
		}
		if j.Reason != nil {
			reason = j.Reason.Text.In(p.lang)
		}
		p.line("  %s  %s", j.ID, join("  ", outcome, value, reason))
	}
	if s.More > 0 {
		p.say("explain.more", s.More)
	}
	p.say("explain.name-one")
}
