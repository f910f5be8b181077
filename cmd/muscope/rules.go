package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// rules shows, checks and tests rule packs. None of it needs a server or a
// database.
func (a *App) rules(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return &usageError{text: a.text("cmd.rules.what")}
	}
	rest := args[1:]
	switch args[0] {
	case "list":
		return a.rulesList(rest)
	case "show":
		return a.rulesShow(rest)
	case "lint":
		return a.rulesLint(rest)
	case "test":
		return a.rulesTest(ctx, rest)
	case "diff":
		return a.rulesDiff(ctx, rest)
	case "help", "--help", "-h":
		a.flags("rules").help()
		return nil
	}
	return &usageError{text: a.text("cmd.rules.unknown", args[0])}
}

// lawFlags are shared by rules list and rules show.
type lawFlags struct {
	asOf   string
	packs  many
	format string
}

func (f *flagSet) law() *lawFlags {
	l := &lawFlags{}
	f.StringVar(&l.asOf, "as-of", "", f.app.text("rules.flag.as-of"))
	f.Var(&l.packs, "pack", f.app.text("flag.pack"))
	f.StringVar(&l.format, "format", "table", f.app.text("flag.format", "table, json"))
	return l
}

// read is the packs and the day for which limits are looked up.
func (a *App) readLaw(l *lawFlags) ([]*rule.Pack, land.Date, error) {
	day := a.today()
	if l.asOf != "" {
		var err error
		if day, err = land.ParseDate(l.asOf); err != nil {
			return nil, 0, &usageError{text: a.text("flag.as-of.wrong", l.asOf)}
		}
	}
	if l.format != "table" && l.format != "json" {
		return nil, 0, &usageError{text: a.text("rules.format.wrong", l.format)}
	}
	law, err := a.loadLaw(l.packs)
	return law.packs, day, err
}

// rulesList lists packs and rules with the limits in force.
func (a *App) rulesList(args []string) error {
	f := a.flags("rules")
	l := f.law()
	if err := f.parse(args, 0); err != nil {
		return err
	}
	packs, day, err := a.readLaw(l)
	if err != nil {
		return err
	}
	if l.format == "json" {
		list := ruleList{AsOf: day}
		for _, p := range packs {
			list.Packs = append(list.Packs, packOf(p, day))
		}
		return writeIndented(a.Stdout, list)
	}
	for i, p := range packs {
		if i > 0 {
			fmt.Fprintln(a.Stdout)
		}
		a.listPack(p, day)
	}
	return nil
}

func (a *App) listPack(p *rule.Pack, day land.Date) {
	fmt.Fprintf(a.Stdout, "%s  %s\n", p.ID, a.in(p.Title))
	fmt.Fprintf(a.Stdout, "  %s\n", a.text("rules.pack", p.Version, a.text("doc_status."+p.Document.Status), dash(p.Document.EffectiveOn.String()), a.where(p.Applies)))
	rows := [][]string{}
	for _, r := range p.All() {
		basis := r.Indicator
		if basis == "" {
			basis = r.Finding
		}
		state := []string{a.text("kind." + r.Kind), a.text("level." + string(r.Level))}
		if r.Reading == rule.ReadingWide {
			state = append(state, a.text("reading.wide"))
		}
		if r.IsOff() {
			state = append(state, a.text("rules.off"))
		}
		rows = append(rows, []string{r.ID, strings.Join(state, " · "), dash(basis), a.limitOn(r, day), a.in(r.Title)})
	}
	head := []string{a.text("rules.head.rule"), a.text("rules.head.kind"), a.text("rules.head.basis"), a.text("rules.head.limit", day), a.text("rules.head.title")}
	writeTable(a.Stdout, "  ", append([][]string{head}, rows...))
}

// limitOn is the limit in force on a day, for people.
func (a *App) limitOn(r *rule.Rule, day land.Date) string {
	if r.Indicator == "" {
		return "—"
	}
	l, ok := r.LimitOn(day)
	switch {
	case !ok:
		return a.text("rules.limit.from", r.Limits[0].From)
	case l.Table != nil:
		return a.text("rules.limit.table", l.Table.ID)
	case r.Against != "":
		return strings.TrimSpace(r.Comparison + " " + r.Against)
	case !l.Value.Known:
		return a.text("rules.limit.slot")
	}
	return strings.TrimSpace(r.Comparison + " " + l.Value.String() + " " + a.unit(r.Unit))
}

// unit is a unit behind a number; a ratio has none.
func (a *App) unit(u land.Unit) string {
	if u == land.UnitRatio {
		return ""
	}
	return a.text("unit." + string(u))
}

// in is a text in the reader's language.
func (a *App) in(t rule.Text) string {
	if a.lang == "zh" {
		return t.ZH
	}
	return t.EN
}

// where says for which zones a pack is law.
func (a *App) where(w rule.Applies) string {
	var parts []string
	if len(w.Province) > 0 {
		parts = append(parts, a.text("rules.applies.province", strings.Join(w.Province, ", ")))
	}
	if len(w.ZoneKind) > 0 {
		parts = append(parts, a.text("rules.applies.kind", strings.Join(w.ZoneKind, ", ")))
	}
	if len(w.ZoneLevel) > 0 {
		parts = append(parts, a.text("rules.applies.level", strings.Join(w.ZoneLevel, ", ")))
	}
	if len(w.Zone) > 0 {
		parts = append(parts, a.text("rules.applies.zone", strings.Join(w.Zone, ", ")))
	}
	if len(parts) == 0 {
		return a.text("rules.applies.all")
	}
	return strings.Join(parts, "; ")
}

func dash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// rulesShow shows one pack, or one rule of it.
func (a *App) rulesShow(args []string) error {
	f := a.flags("rules")
	l := f.law()
	if err := f.parse(args, 1); err != nil {
		return err
	}
	if len(f.args) == 0 {
		return &usageError{text: a.text("rules.show.none")}
	}
	id, ruleID, one := strings.Cut(f.args[0], "#")
	packs, day, err := a.readLaw(l)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(packs, func(p *rule.Pack) bool { return p.ID == id })
	if i < 0 {
		var ids []string
		for _, p := range packs {
			ids = append(ids, p.ID)
		}
		return &usageError{text: a.text("rules.pack.none", id, strings.Join(ids, ", "))}
	}
	p := packs[i]
	if !one {
		if l.format == "json" {
			return writeIndented(a.Stdout, packOf(p, day))
		}
		a.showPack(p, day)
		return nil
	}
	r := p.Rule(ruleID)
	if r == nil {
		var ids []string
		for _, r := range p.All() {
			ids = append(ids, r.ID)
		}
		return &usageError{text: a.text("rules.rule.none", p.ID, ruleID, strings.Join(ids, ", "))}
	}
	if l.format == "json" {
		return writeIndented(a.Stdout, shownRule{Pack: p.Ref(), Document: paperOf(p), Applies: appliesOf(p.Applies), listedRule: listedOf(r, day)})
	}
	a.showRule(r, day)
	a.showDocument(p)
	return nil
}

func (a *App) showPack(p *rule.Pack, day land.Date) {
	a.listPack(p, day)
	a.showDocument(p)
	for _, q := range p.Parameters {
		a.show("rules.parameter", q.ID, a.value(q), q.Unit, q.Clause, q.Quote, q.Source)
	}
	for _, s := range p.Slots {
		a.show("rules.slot", s.ID, a.in(s.Title), s.Unit, s.Clause)
	}
	for _, c := range p.Clauses {
		a.show("rules.provides", c.No, a.in(c.Title))
		for _, v := range c.Provisions {
			carried := slices.Concat(v.Rules, v.Indicators, v.Fields)
			fmt.Fprintf(a.Stdout, "    %s  %s  %s\n", a.text("rules.as."+v.As), a.in(v.Text), strings.Join(carried, ", "))
		}
	}
}

// value is a parameter's value; one that is not set is an empty slot.
func (a *App) value(q rule.Parameter) string {
	if !q.Set {
		return a.text("rules.limit.slot")
	}
	return fractionText(q.Num, q.Den)
}

func fractionText(num, den int64) string {
	if den == 1 {
		return fmt.Sprint(num)
	}
	return fmt.Sprintf("%d/%d", num, den)
}

// show prints a line that has something to say.
func (a *App) show(key string, args ...any) { fmt.Fprintln(a.Stdout, a.text(key, args...)) }

func (a *App) showDocument(p *rule.Pack) {
	d := &p.Document
	a.show("rules.document", a.in(d.Title), d.Number, a.in(p.Authority))
	a.show("rules.status", a.text("doc_status."+d.Status), dash(d.IssuedOn.String()), dash(d.EffectiveOn.String()))
	a.show("rules.applies", a.where(p.Applies))
	a.show("rules.source", d.Source, dash(d.URL), dash(d.SHA256))
	if d.Note != "" {
		a.show("rules.note", d.Note)
	}
	a.show("rules.digest", p.Version, p.Digest)
}

func (a *App) showRule(r *rule.Rule, day land.Date) {
	fmt.Fprintf(a.Stdout, "%s  %s\n", r.Key(), a.in(r.Title))
	kind := []string{a.text("kind." + r.Kind), a.text("level." + string(r.Level)), a.text("reading." + r.Reading)}
	if r.TargetYear != nil {
		kind = append(kind, a.text("rules.target-year", *r.TargetYear))
	}
	fmt.Fprintf(a.Stdout, "  %s\n", strings.Join(kind, " · "))
	a.show("rules.clause", r.Clause, r.Quote)
	if r.IsOff() {
		a.show("rules.off.why", a.in(r.Off))
	}
	switch {
	case r.Indicator != "":
		a.show("rules.indicator", a.text("indicator."+r.Indicator+".title"), r.Indicator, a.text("indicator."+r.Indicator+".formula"))
		a.show("rules.limit", a.limitOn(r, day), day, a.text("rules.date."+r.Date))
		for _, l := range r.Limits {
			value := a.text("rules.limit.slot")
			if l.Table != nil {
				value = a.text("rules.limit.table", l.Table.ID)
			}
			if l.Value.Known {
				value = strings.TrimSpace(r.Comparison + " " + l.Value.String() + " " + a.unit(r.Unit))
			}
			a.show("rules.dated", dash(l.From.String()), value, l.Source)
		}
	case r.Finding != "":
		a.show("rules.finding", r.Finding)
	}
	switch {
	case r.Where != nil:
		a.show("rules.where", r.Where)
	case r.Level == land.LevelProject:
		a.show("rules.where.project")
	}
	if r.Requires != nil {
		a.show("rules.requires", r.Requires)
	}
	if r.Against != "" {
		a.show("rules.against", a.text("indicator."+r.Against+".title"), r.Against)
	}
	if r.Note != "" {
		a.show("rules.note", r.Note)
	}
}

func writeIndented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// writeTable writes rows in columns; a wide character takes two places.
func writeTable(w io.Writer, indent string, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], places(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-places(cell)+2))
			}
		}
		fmt.Fprintln(w, indent+strings.TrimRight(line.String(), " "))
	}
}

func places(s string) (n int) {
	for _, c := range s {
		if n++; c >= 0x2e80 {
			n++
		}
	}
	return n
}
