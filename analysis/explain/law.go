package explain

import (
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// The reasons why a rule says nothing of what is asked about.
const (
	ReasonNotLawHere = "not_law_here"     // the pack is another province's, or for other zones
	ReasonDuty       = "duty_unjudged"    // a duty is listed with its pack and never judged
	ReasonOtherLevel = "level_elsewhere"  // of sets of zones, provinces, or parks only
	ReasonOff        = "rule_off"         // written out, and not judged yet; the text says why
	ReasonNotJudged  = "subject_unjudged" // the rule meets no such project or parcel here
)

// law puts rule, limit and verdict in place.
func (w *watcher) law(d *Document) {
	r := w.rule
	if r == nil {
		return
	}
	d.Rule = ruleOf(r)
	w.termWords(d.Rule)
	d.Verdict = w.verdict
	if w.verdict != nil {
		d.Reason = w.coded(w.verdict.Reason)
		if d.Verdict.Observed == nil && w.verdict.Reason == rule.ReasonIndicatorUnknown {
			d.Indicator = nil
		}
	} else {
		d.Reason = w.unjudged()
	}
	if w.term != nil && w.contract == nil {
		return // every contract sets its own
	}
	if r.Indicator != "" && (w.verdict != nil || w.Parcel == "") {
		w.limit(d)
	}
}

// unjudged is why there is no verdict; nil where the subjects are listed.
func (w *watcher) unjudged() *Coded {
	r := w.rule
	switch {
	case r.Pack.Applies.To(&w.watched.Law) == land.No:
		return w.coded(ReasonNotLawHere)
	case r.IsOff():
		return &Coded{Code: ReasonOff, Text: textOf(r.Off)}
	case r.Indicator == "" && r.Finding == "":
		return w.coded(ReasonDuty)
	case r.Level == land.LevelZoneSet || r.Level == land.LevelProvince || r.Level == land.LevelExpansion || r.Level == land.LevelPark && w.watched.Zone.PartOf == "":
		return w.coded(ReasonOtherLevel)
	case w.Parcel != "":
		return w.coded(ReasonNotJudged)
	}
	return nil
}

func ruleOf(r *rule.Rule) *Rule {
	p := r.Pack
	doc := &p.Document
	return &Rule{Pack: p.ID, Version: p.Version, Digest: p.Digest, ID: r.ID, Title: textOf(r.Title), Kind: r.Kind, Level: r.Level,
		Reading: r.Reading, TargetYear: r.TargetYear, Clause: r.Clause, Quote: r.Quote, Note: r.Note, Authority: textOf(p.Authority),
		Document: Paper{Number: doc.Number, Title: textOf(doc.Title), IssuedOn: doc.IssuedOn, EffectiveOn: doc.EffectiveOn,
			Status: doc.Status, Source: doc.Source, URL: doc.URL, SHA256: doc.SHA256, Note: doc.Note},
		Applies: Applies{Province: p.Applies.Province, ZoneKind: p.Applies.ZoneKind, ZoneLevel: p.Applies.ZoneLevel,
			Zone: p.Applies.Zone, Where: r.Where.String()}}
}

func textOf(t rule.Text) Text { return Text{ZH: t.ZH, EN: t.EN} }

// limit says which limit is in force and why that one. Of a rule on projects
// that names none it is the limit as of the date of the analysis.
func (w *watcher) limit(d *Document) {
	r := w.rule
	l := &Limit{Unit: r.Unit, Comparison: r.Comparison, Date: w.AsOf, Basis: "as_of"}
	if w.verdict != nil {
		l.Date, l.Basis = w.verdict.LimitDate, w.verdict.LimitBasis
	}
	if r.Against != "" {
		w.otherFigure(l)
		d.Limit = l
		return
	}
	in, ok := w.effective().LimitOn(l.Date)
	if ok {
		if in.Table != nil {
			l.Table = in.Table.ID
			w.fromTable(l)
		}
		l.From, l.Source = in.From, in.Source
		if in.Value.Known {
			v := in.Value.Value
			l.Value = &v
		}
	}
	if v := w.verdict; v != nil {
		l.By, l.Replaced = v.LimitBy, v.Replaced
	}
	for _, next := range r.Limits {
		if next.From > l.Date {
			l.Until = next.From
			break
		}
	}
	basis := w.words("limit_basis." + l.Basis)
	l.Why = Text{ZH: w.whyLimit("zh", l, ok, basis.ZH), EN: w.whyLimit("en", l, ok, basis.EN)}
	d.Limit = l
}

// effective is the rule as the overrides of the zone leave it.
func (w *watcher) effective() *rule.Rule {
	for _, r := range w.rule.Pack.In(&w.watched.Law) {
		if r.ID == w.rule.ID {
			return r
		}
	}
	return w.rule
}

// fromTable takes the limit of the project's industry from the verdict.
func (w *watcher) fromTable(l *Limit) {
	if w.verdict == nil || w.verdict.Limit == nil {
		return
	}
	if v, err := land.FixedOf(*w.verdict.Limit); err == nil {
		l.Value = &v
	}
}

// otherFigure is the indicator that is the limit.
func (w *watcher) otherFigure(l *Limit) {
	lists := [][]land.Indicator{w.result.Indicators}
	if w.project != nil {
		lists = append(lists, w.project.Indicators)
	}
	for _, list := range lists {
		for i := range list {
			if list[i].ID == w.rule.Against {
				l.Against = &list[i]
			}
		}
	}
	l.Why = Text{ZH: w.Texts.Text("zh", "explain.limit.against", w.rule.Against), EN: w.Texts.Text("en", "explain.limit.against", w.rule.Against)}
}

func (w *watcher) whyLimit(lang string, l *Limit, ok bool, basis string) string {
	key := "as-of"
	if w.rule.Date == rule.DateContract {
		key = "contract"
	}
	day := w.Texts.Text(lang, "explain.limit."+key, l.Date, basis)
	switch {
	case w.contract != nil:
		return w.Texts.Text(lang, "explain.limit.term", w.contract.No)
	case !ok:
		return day + w.Texts.Text(lang, "explain.limit.before-first", l.Until)
	case l.Value == nil:
		return day + w.Texts.Text(lang, "explain.limit.slot")
	case !l.From.Known():
		return day + w.Texts.Text(lang, "explain.limit.ever")
	case l.Until.Known():
		return day + w.Texts.Text(lang, "explain.limit.from-until", l.From, l.Until)
	}
	return day + w.Texts.Text(lang, "explain.limit.from", l.From)
}

// holds reports whether a comparison holds of a value that compares with the
// limit as sign says.
func holds(comparison string, sign int) bool {
	switch comparison {
	case "<=":
		return sign <= 0
	case "<":
		return sign < 0
	case ">=":
		return sign >= 0
	}
	return sign > 0
}

func signWord(sign int) string { return [...]string{"below", "on", "above"}[sign+1] }
