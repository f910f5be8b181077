package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/supply"
	"github.com/muscope/muscope/data"
)

// The errors of Explain.
var (
	ErrNotFound = errors.New("nothing to explain") // no such zone, rule, indicator, project or parcel
	ErrQuestion = errors.New("cannot explain")     // the question names more than one thing, or none
)

// DefaultLimit is how many parcels a document lists where nothing else is said.
const DefaultLimit = 50

// Options are the question and the law it is asked under.
type Options struct {
	Zone land.ZoneKey
	// What is a rule (pack#rule, or the rule's id where only one pack has it), a
	// term of contracts (contract/terms#far.project.ge) or the id of an indicator.
	What string
	// Parcel is a parcel's id or, for rules and indicators of projects, a project
	// number, or of a term a contract's: the subject, or the parcel whose part in
	// the zone's figure is asked.
	Parcel string

	AsOf    land.Date
	Packs   []*rule.Pack
	Classes *supply.Classes // nil: the embedded ones
	Limit   int             // parcels listed; 0: DefaultLimit

	Files      []string   // the parcel files, by land.Source.File; may be nil
	Texts      data.Texts // nil: the embedded ones
	Snapshot   string     // named in the document; may be blank
	AnalysisID string
}

// Explain answers a question by analyzing the zone once more. Its errors wrap
// ErrNotFound or ErrQuestion where the question is at fault.
func Explain(ctx context.Context, source analysis.Source, opt Options) (*Document, error) {
	q := &question{Options: opt, source: source}
	if err := q.prepare(ctx); err != nil {
		return nil, err
	}
	w := &watcher{question: q}
	if err := q.run(ctx, w); err != nil {
		return nil, err
	}
	return q.document(ctx, w)
}

// question is a question that has been understood.
type question struct {
	Options
	source analysis.Source

	rule      *rule.Rule // nil: an indicator is asked for
	indicator string     // blank: the rule rests on a finding, or is a duty
	level     land.Level
	term      *land.Term // a term of contracts is asked for, with indicator and comparison alone
}

func (q *question) prepare(ctx context.Context) error {
	if q.Limit <= 0 {
		q.Limit = DefaultLimit
	}
	if q.Texts == nil {
		texts, err := data.LoadTexts()
		if err != nil {
			return err
		}
		q.Texts = texts
	}
	if err := q.understand(); err != nil {
		return err
	}
	zones, err := q.source.Zones(ctx)
	if err != nil {
		return fmt.Errorf("read the zones: %w", err)
	}
	keys := make([]string, len(zones))
	for i := range zones {
		if keys[i] = zones[i].Key().String(); zones[i].Key() == q.Zone {
			return nil
		}
	}
	return fmt.Errorf("%w: there is no zone %q; there are %s", ErrNotFound, q.Zone, some(keys))
}

// understand finds the rule or indicator that is meant.
func (q *question) understand() error {
	for _, d := range indicator.Definitions() {
		if d.ID == q.What {
			q.indicator, q.level = d.ID, land.LevelZone
			if d.Project {
				q.level = land.LevelProject
			}
			return nil
		}
	}
	pack, id, whole := strings.Cut(q.What, "#")
	if !whole {
		pack, id = "", q.What
	}
	if t, ok := rule.ParseTerm(id); ok && pack == rule.TermsPack {
		q.askTerm(t)
		return nil
	}
	var found []*rule.Rule
	var names []string
	for _, p := range q.Packs {
		if r := p.Rule(id); r != nil && (pack == "" || pack == p.ID) {
			found, names = append(found, r), append(names, r.Key())
		}
	}
	switch len(found) {
	case 0:
		return fmt.Errorf("%w: there is neither a rule nor an indicator %q; muscope rules list shows the rules", ErrNotFound, q.What)
	case 1:
		q.rule, q.indicator, q.level = found[0], found[0].Indicator, found[0].Level
		return nil
	}
	return fmt.Errorf("%w: several packs have a rule %q; name one of %s", ErrQuestion, id, strings.Join(names, ", "))
}

// some names a few of many.
func some(names []string) string {
	const show = 20
	if more := len(names) - show; more > 0 {
		names = append(slices.Clone(names[:show]), fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// run analyzes the zone under the rule's pack alone.
func (q *question) run(ctx context.Context, w *watcher) error {
	opt := analysis.Options{AsOf: q.AsOf, Classes: q.Classes, Workers: 1, Zones: []string{q.Zone.String()},
		Watch: func(zone land.ZoneKey) analysis.Watcher {
			if zone != q.Zone {
				return nil
			}
			return w
		}}
	switch {
	case q.term != nil: // the limits of law stand beside a contract's
		opt.Packs = q.Packs
	case q.rule != nil:
		opt.Packs = []*rule.Pack{q.rule.Pack}
	}
	for _, p := range q.Packs {
		if p.ID == analysis.IdlePack {
			terms, err := analysis.TermsOf(p)
			if err != nil {
				return err
			}
			opt.Terms = &terms
		}
	}
	return analysis.Run(ctx, opt, q.source, w)
}

// watcher gathers what the answer needs from the analysis of the zone.
type watcher struct {
	*question
	watched  *analysis.Watched
	result   *land.ZoneResult
	projects []indicator.Project
	project  *indicator.Project
	contract *contract // of a term: the one asked about
	verdict  *land.Verdict
	part     *land.Part // of the parcel asked about; of its phases the one that is judged worst
	found    *land.Assessment

	last      *land.Part // as it came last
	lastFound *land.Assessment
}

// Begin starts to trace the indicator.
func (w *watcher) Begin(z *analysis.Watched) error {
	w.watched = z
	if w.indicator == "" || w.term != nil || !w.known() {
		return nil
	}
	_, err := z.Indicators.Trace(w.indicator, w.Parcel)
	return err
}

// known is whether anybody computes the indicator.
func (q *question) known() bool {
	return slices.ContainsFunc(indicator.Definitions(), func(d indicator.Definition) bool { return d.ID == q.indicator })
}

// Part keeps the parcel asked about.
func (w *watcher) Part(p *land.Part, a *land.Assessment) {
	if w.Parcel == "" || p.ID != w.Parcel || p.Elsewhere {
		return
	}
	part, found := cloned(p), *a
	w.last, w.lastFound = &part, &found
	if w.part == nil {
		w.part, w.found = w.last, w.lastFound
	}
}

// cloned is a part that stays valid after the call.
func cloned(p *land.Part) land.Part {
	out := *p
	for _, f := range land.ParcelFields() {
		if f.Str != nil {
			s := f.Str(&out.Parcel)
			*s = strings.Clone(*s)
		}
	}
	out.Extra = nil
	return out
}

// Projects finds the project asked about.
func (w *watcher) Projects(projects []indicator.Project) {
	w.projects = projects
	for i := range projects {
		if p := &projects[i]; w.Parcel != "" && (p.Subject == w.Parcel || slices.Contains(p.ParcelIDs, w.Parcel)) {
			w.project = p
			return
		}
	}
}

// Verdict keeps the verdict asked for.
func (w *watcher) Verdict(v *land.Verdict) {
	if w.rule == nil || v.Rule != w.rule.ID || v.Pack != w.rule.Pack.ID {
		return
	}
	switch {
	case w.term != nil:
		if !w.ofContract(v) {
			return
		}
	case v.Level == land.LevelProject:
		if w.project == nil || v.Subject != w.project.Subject {
			return
		}
	case v.Level == land.LevelParcel:
		if v.Subject != w.Parcel || w.verdict != nil && severity(v.Outcome) >= severity(w.verdict.Outcome) {
			return
		}
		w.part, w.found = w.last, w.lastFound
	}
	kept := *v
	w.verdict = &kept
}

// Zone keeps the zone's result. With Parts and Sets it makes the watcher the
// analysis's sink too.
func (w *watcher) Zone(_ context.Context, z *land.ZoneResult) error {
	if z.Key() == w.question.Options.Zone {
		kept := *z
		w.result = &kept
	}
	return nil
}

// Parts needs nothing: the watcher has seen the parts.
func (w *watcher) Parts(context.Context, land.ZoneKey, []land.PartResult) error { return nil }

// Sets needs nothing.
func (w *watcher) Sets(context.Context, []land.SetResult) error { return nil }

// document puts the answer together.
func (q *question) document(ctx context.Context, w *watcher) (*Document, error) {
	if w.watched == nil || w.result == nil {
		return nil, fmt.Errorf("%w: zone %s gave no result", ErrNotFound, q.Options.Zone)
	}
	d := &Document{Format: Format, Asked: q.What, AsOf: q.AsOf, Snapshot: q.Snapshot, AnalysisID: q.AnalysisID,
		Zone: Zone{Code: w.result.Code, Scope: w.result.Scope, Name: w.result.Name, AreaM2: w.result.AreaM2, StatsYear: w.result.StatsYear}}
	if err := w.subject(d); err != nil {
		return nil, err
	}
	w.law(d)
	w.standing(d)
	fields := w.newFields()
	if w.traced(d) {
		t, err := w.traceOf().Traced()
		if err != nil {
			return nil, err
		}
		w.figure(d, &t, fields)
		w.compare(d, &t)
		w.decide(d, &t)
	}
	if q.level == land.LevelParcel && w.part != nil {
		w.finding(d)
	}
	if q.Parcel == "" && d.Reason == nil && (q.level == land.LevelParcel || q.level == land.LevelProject) {
		w.subjects(d)
	}
	return d, fields.fill(ctx)
}

// subject names the project or parcel asked about, which must be there.
func (w *watcher) subject(d *Document) error {
	switch {
	case w.term != nil:
		return w.contractSubject(d)
	case w.Parcel == "":
	case w.level == land.LevelProject && w.project != nil:
		d.Subject = &Subject{Level: w.level, ID: w.project.Subject, Parcels: w.project.ParcelIDs}
	case w.level == land.LevelProject && w.part != nil:
		return fmt.Errorf("%w: parcel %q is part of no project: it is no industrial or storage land that is supplied or built on, with a figure", ErrNotFound, w.Parcel)
	case w.level == land.LevelProject:
		return fmt.Errorf("%w: zone %s has no project or parcel %q", ErrNotFound, d.Zone.Code, w.Parcel)
	case w.part == nil:
		return fmt.Errorf("%w: zone %s has no parcel %q", ErrNotFound, d.Zone.Code, w.Parcel)
	case w.level == land.LevelParcel:
		d.Subject = &Subject{Level: w.level, ID: w.part.ID, Parcels: []string{w.part.ID}}
	}
	return nil
}

// traced is whether there is a figure to take apart, which it puts in place.
func (w *watcher) traced(d *Document) bool {
	if w.indicator == "" {
		return false
	}
	list := w.result.Indicators
	switch {
	case w.term != nil:
		if w.contract == nil {
			return false
		}
		list = w.contract.Figures
	case w.level == land.LevelProject:
		if w.project == nil {
			return false
		}
		list = w.project.Indicators
	}
	i := slices.IndexFunc(list, func(x land.Indicator) bool { return x.ID == w.indicator })
	if i < 0 {
		return false
	}
	d.Indicator = &Indicator{ID: w.indicator, Title: w.words("indicator." + w.indicator + ".title"),
		Formula: w.words("indicator." + w.indicator + ".formula"), Figure: list[i], Reason: w.coded(list[i].Reason)}
	return true
}

// subjects lists who is judged, where nobody is named.
func (w *watcher) subjects(d *Document) {
	s := &Subjects{Listed: []Judged{}}
	d.Subjects = s
	if w.rule == nil {
		s.Count = int64(len(w.projects))
		for i := range w.projects {
			p := &w.projects[i]
			if len(s.Listed) == w.Limit {
				break
			}
			j := Judged{ID: p.Subject, Parcels: p.ParcelIDs}
			if at := slices.IndexFunc(p.Indicators, func(x land.Indicator) bool { return x.ID == w.indicator }); at >= 0 {
				j.Observed, j.Reason = p.Indicators[at].Value, w.coded(p.Indicators[at].Reason)
			}
			s.Listed = append(s.Listed, j)
		}
		s.More = s.Count - int64(len(s.Listed))
		return
	}
	s.Counts = w.result.VerdictCounts[w.rule.Key()]
	for _, n := range s.Counts {
		s.Count += n
	}
	var bad int64
	for _, outcome := range []land.Outcome{land.Violated, land.NotReached, land.Incomputable} {
		for i := range w.result.Verdicts {
			v := &w.result.Verdicts[i]
			if v.RuleKey() != w.rule.Key() || v.Outcome != outcome {
				continue
			}
			if bad++; len(s.Listed) < w.Limit {
				s.Listed = append(s.Listed, Judged{ID: v.Subject, Parcels: v.Evidence, Outcome: v.Outcome, Observed: v.Observed, Reason: w.coded(v.Reason)})
			}
		}
	}
	s.More = bad - int64(len(s.Listed))
}

// words is a text in both languages.
func (q *question) words(key string, args ...any) Text {
	return Text{ZH: q.Texts.Text("zh", key, args...), EN: q.Texts.Text("en", key, args...)}
}

// coded is a reason with its text; nil where there is none.
func (q *question) coded(reason string) *Coded {
	if reason == "" {
		return nil
	}
	return &Coded{Code: reason, Text: q.words("reason." + reason)}
}

// severity orders outcomes, the worst first.
func severity(o land.Outcome) int { return slices.Index(land.Outcomes(), o) }
