package rule

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/muscope/muscope/analysis/land"
)

// Read reads a pack. The error is a Faults: every fault of the file at once,
// with line, column and source line.
func Read(file string, data []byte) (*Pack, error) {
	data = canonical(data)
	d, body, err := Parse(file, data)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	p := &Pack{Digest: hex.EncodeToString(sum[:])}
	d.pack(body, p)
	if err := d.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

func (d *Doc) pack(n ast.Node, p *Pack) {
	var clauses, rules ast.Node
	d.Object(n,
		Field{"pack", true, func(n ast.Node) { p.ID = d.pattern(n, packID(), "<authority>/<pack>, such as national/idle-land-2012") }},
		Field{"version", true, func(n ast.Node) { p.Version = d.Text(n) }},
		Field{"title", true, func(n ast.Node) { p.Title = d.text2(n) }},
		Field{"authority", true, func(n ast.Node) { p.Authority = d.text2(n) }},
		Field{"document", true, func(n ast.Node) { d.document(n, &p.Document) }},
		Field{"applies", false, func(n ast.Node) { d.applies(n, &p.Applies) }},
		Field{"parameters", false, func(n ast.Node) { d.List(n, func(v ast.Node) { d.parameter(v, p) }) }},
		Field{"rules", true, func(n ast.Node) { rules = n }},
		Field{"overrides", false, func(n ast.Node) { d.List(n, func(v ast.Node) { d.override(v, p) }) }},
		Field{"settings", false, func(n ast.Node) { d.List(n, func(v ast.Node) { d.setting(v, p) }) }},
		Field{"tables", false, func(n ast.Node) { d.List(n, func(v ast.Node) { d.table(v, p) }) }},
		Field{"scoring", false, func(n ast.Node) { d.List(n, func(v ast.Node) { d.scoring(v, p) }) }},
		Field{"types", false, func(n ast.Node) { d.List(n, func(v ast.Node) { d.typing(v, p) }) }},
		Field{"clauses", false, func(n ast.Node) { clauses = n }},
		Field{"slots", false, func(n ast.Node) { d.List(n, func(v ast.Node) { d.slot(v, p) }) }},
		Field{"references", false, func(n ast.Node) { d.List(n, func(v ast.Node) { d.reference(v, p) }) }},
	)
	if rules != nil { // after the tables that limits name
		d.List(rules, func(v ast.Node) { d.rule(v, p) })
	}
	if clauses != nil { // last, for provisions name rules
		d.List(clauses, func(v ast.Node) { d.clause(v, p) })
	}
	d.checkPack(n, p)
}

func packID() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+$`) }
func ruleID() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`) }

func (d *Doc) pattern(n ast.Node, re *regexp.Regexp, like string) string {
	s := d.Text(n)
	if s != "" && !re.MatchString(s) {
		d.Fault(n, "%q must be like %s", s, like)
	}
	return s
}

func (d *Doc) text2(n ast.Node) (t Text) {
	d.Object(n,
		Field{"zh", true, func(n ast.Node) { t.ZH = d.Text(n) }},
		Field{"en", true, func(n ast.Node) { t.EN = d.Text(n) }},
	)
	return t
}

func (d *Doc) document(n ast.Node, doc *Document) {
	d.Object(n,
		Field{"number", true, func(n ast.Node) { doc.Number = d.Text(n) }},
		Field{"title", true, func(n ast.Node) { doc.Title = d.text2(n) }},
		Field{"issued_on", false, func(n ast.Node) { doc.IssuedOn = d.Date(n) }},
		Field{"effective_on", false, func(n ast.Node) { doc.EffectiveOn = d.Date(n) }},
		Field{"status", true, func(n ast.Node) { doc.Status = d.Word(n, "in_force", "draft", "repealed") }},
		Field{"url", false, func(n ast.Node) { doc.URL = d.Text(n) }},
		Field{"source", true, func(n ast.Node) { doc.Source = d.Text(n) }},
		Field{"sha256", false, func(n ast.Node) { doc.SHA256 = d.Text(n) }},
		Field{"clauses", false, func(n ast.Node) { doc.Clauses = d.Int(n) }},
		Field{"note", false, func(n ast.Node) { doc.Note = d.Text(n) }},
	)
}

func (d *Doc) applies(n ast.Node, a *Applies) {
	kind, _ := land.FieldNamed(land.ZoneFields(), "kind")
	level, _ := land.FieldNamed(land.ZoneFields(), "level")
	province := regexp.MustCompile(`^[0-9]{6}$`)
	d.Object(n,
		Field{"province", false, func(n ast.Node) {
			d.List(n, func(v ast.Node) { a.Province = append(a.Province, d.pattern(v, province, `"450000"`)) })
		}},
		Field{"zone_kind", false, func(n ast.Node) {
			d.List(n, func(v ast.Node) { a.ZoneKind = append(a.ZoneKind, d.Word(v, kind.Words...)) })
		}},
		Field{"zone_level", false, func(n ast.Node) {
			d.List(n, func(v ast.Node) { a.ZoneLevel = append(a.ZoneLevel, d.Word(v, level.Words...)) })
		}},
		Field{"zone", false, func(n ast.Node) { a.Zone = d.Words(n) }},
	)
}

func (d *Doc) parameter(n ast.Node, p *Pack) {
	q := Parameter{Den: 1}
	d.Object(n,
		Field{"id", true, func(n ast.Node) { q.ID = d.pattern(n, ruleID(), "idle.years") }},
		Field{"value", false, func(n ast.Node) { q.Num, q.Den = d.Fraction(n); q.Set = true }},
		Field{"unit", true, func(n ast.Node) { q.Unit = d.Text(n) }},
		Field{"clause", true, func(n ast.Node) { q.Clause = d.Text(n) }},
		Field{"quote", false, func(n ast.Node) { q.Quote = d.Text(n) }},
		Field{"source", true, func(n ast.Node) { q.Source = d.Text(n) }},
	)
	if _, twice := p.Parameter(q.ID); twice && q.ID != "" {
		d.Fault(n, "parameter %q stands twice; keep one", q.ID)
	}
	p.Parameters = append(p.Parameters, q)
}

func (d *Doc) rule(n ast.Node, p *Pack) {
	r := &Rule{Pack: p, Reading: ReadingLaw}
	var where, requires, limits, lowest ast.Node // read last: they take the level, and the tables
	fields := append(d.ruleFields(r),
		Field{"limits", false, func(n ast.Node) { limits = n }},
		Field{"where", false, func(n ast.Node) { where = n }},
		Field{"requires", false, func(n ast.Node) { requires = n }},
		Field{"lowest_class", false, func(n ast.Node) { lowest = n }})
	if !d.Object(n, fields...) {
		return
	}
	if limits != nil {
		d.List(limits, func(v ast.Node) { d.limit(v, &r.Limits, p) })
	}
	if where != nil {
		r.Where = d.condition(where, r.Level, p)
	}
	if requires != nil {
		r.Requires, r.Finding = d.condition(requires, r.Level, p), FindingRequires
	}
	if lowest != nil {
		r.InLowest, r.Finding = d.inLowest(lowest, p), FindingScoring
	}
	if p.Rule(r.ID) != nil && r.ID != "" {
		d.Fault(n, "rule %q stands twice; keep one", r.ID)
	}
	d.checkRule(n, r)
	r.order = len(p.Rules) + len(p.Off)
	if r.IsOff() {
		p.Off = append(p.Off, r)
		return
	}
	p.Rules = append(p.Rules, r)
}

func (d *Doc) ruleFields(r *Rule) []Field {
	return []Field{
		{"id", true, func(n ast.Node) { r.ID = d.pattern(n, ruleID(), "ancillary.project-land-max") }},
		{"title", true, func(n ast.Node) { r.Title = d.text2(n) }},
		{"clause", true, func(n ast.Node) { r.Clause = d.Text(n) }},
		{"quote", true, func(n ast.Node) { r.Quote = d.Text(n) }},
		{"kind", true, func(n ast.Node) {
			r.Kind = d.Word(n, KindCap, KindFloor, KindTarget, KindProhibition, KindDuty, KindWarning, KindReward)
		}},
		{"level", true, func(n ast.Node) {
			r.Level = land.Level(d.Word(n, string(land.LevelParcel), string(land.LevelProject), string(land.LevelPark),
				string(land.LevelZone), string(land.LevelZoneSet), string(land.LevelProvince), string(land.LevelExpansion)))
		}},
		{"indicator", false, func(n ast.Node) { r.Indicator = d.Text(n) }},
		{"finding", false, func(n ast.Node) { r.Finding = d.Word(n, FindingNotStarted, FindingSuspended, FindingThreeHigh) }},
		{"comparison", false, func(n ast.Node) { r.Comparison = d.Word(n, "<=", "<", ">=", ">") }},
		{"unit", false, func(n ast.Node) { r.Unit = land.Unit(d.Word(n, units()...)) }},
		{"against", false, func(n ast.Node) { r.Against = d.Text(n) }},
		{"ranking", false, func(n ast.Node) { r.Ranking, r.Finding = d.ranking(n), FindingRanking }},
		{"ladder", false, func(n ast.Node) { r.Ladder, r.Finding = d.ladder(n), FindingLadder }},
		{"date", true, func(n ast.Node) { r.Date = d.Word(n, DateContract, DateAsOf) }},
		{"reading", false, func(n ast.Node) { r.Reading = d.Word(n, ReadingLaw, ReadingWide) }},
		{"target_year", false, func(n ast.Node) { y := d.Int(n); r.TargetYear = &y }},
		{"excess", false, func(n ast.Node) { r.Excess = d.Word(n, "mu", "m2", ExcessLand) }},
		{"mark", false, func(n ast.Node) { r.Mark = d.Word(n, MarkGeneral, MarkNotFound) }},
		{"off", false, func(n ast.Node) { r.Off = d.text2(n) }},
		{"note", false, func(n ast.Node) { r.Note = d.Text(n) }},
	}
}

func units() []string {
	return []string{string(land.UnitRatio), string(land.UnitWanPerMu), string(land.UnitPerKm2), string(land.UnitM2Each),
		string(land.UnitTCEPerWan), string(land.UnitYears)}
}

func (d *Doc) limit(n ast.Node, list *[]Limit, p *Pack) {
	var l Limit
	d.Object(n,
		Field{"from", false, func(n ast.Node) { l.From = d.Date(n) }},
		Field{"value", false, func(n ast.Node) { l.Value = d.Number(n) }},
		Field{"table", false, func(n ast.Node) {
			id := d.Text(n)
			if i := slices.IndexFunc(p.Tables, func(t *Table) bool { return t.ID == id }); i >= 0 {
				l.Table = p.Tables[i]
				return
			}
			d.Fault(n, "the pack has no table %q", id)
		}},
		Field{"source", true, func(n ast.Node) { l.Source = d.Text(n) }},
	)
	if l.Table != nil && l.Value.Known {
		d.Fault(n, "a limit has a value or a table; keep one")
	}
	if i := len(*list); i > 0 && l.From <= (*list)[i-1].From {
		d.Fault(n, "limits must stand in the order of their days; %s comes after %s", l.From, (*list)[i-1].From)
	}
	*list = append(*list, l)
}

// checkRule notes what fits ill together.
func (d *Doc) checkRule(n ast.Node, r *Rule) {
	bases := 0
	for _, has := range []bool{r.Indicator != "", r.Finding != ""} {
		if has {
			bases++
		}
	}
	switch {
	case bases > 1:
		d.Fault(n, "rule %q has both an indicator and a finding; keep one", r.ID)
	case bases == 0 && r.Kind != KindDuty:
		d.Fault(n, "rule %q has neither an indicator nor a finding", r.ID)
	case r.Finding != "":
		d.checkFinding(n, r)
	case r.Level == land.LevelParcel && r.Kind != KindDuty:
		d.Fault(n, "rule %q: a rule on parcels must rest on a finding", r.ID)
	case r.Indicator != "" && (r.Comparison == "" || r.Unit == ""):
		d.Fault(n, "rule %q compares an indicator: it needs a comparison and a unit", r.ID)
	case r.Against != "" && len(r.Limits) > 0:
		d.Fault(n, "rule %q is held against another indicator, or against limits; keep one", r.ID)
	}
	if up := r.Comparison == ">=" || r.Comparison == ">"; r.Comparison != "" &&
		(r.Kind == KindCap && up || r.Kind == KindFloor && !up) {
		d.Fault(n, "rule %q is a %s, which %s does not say", r.ID, r.Kind, r.Comparison)
	}
	if r.Date == DateContract && r.Level != land.LevelProject && r.Level != land.LevelParcel {
		d.Fault(n, "rule %q: only projects and parcels have a contract date; use date: as_of", r.ID)
	}
	if !r.IsOff() && r.Mark != "" {
		d.Fault(n, "rule %q is marked %s: until somebody confirms it, it must be off, and say so", r.ID, r.Mark)
	}
	if r.TargetYear != nil && r.Kind != KindTarget {
		d.Fault(n, "rule %q: only a target has a target_year", r.ID)
	}
}

// checkFinding notes what a rule that rests on a finding can't have.
func (d *Doc) checkFinding(n ast.Node, r *Rule) {
	if len(r.Limits) > 0 || r.Comparison != "" || r.Against != "" {
		d.Fault(n, "rule %q rests on a finding: it has no comparison and no limits", r.ID)
	}
	onZone := r.Level == land.LevelZone || r.Level == land.LevelPark
	switch r.Finding {
	case FindingRequires:
		if r.Level != land.LevelParcel && !onZone && r.Level != land.LevelZoneSet {
			d.Fault(n, "rule %q: only a parcel, a park, a zone or a set of zones can be required something of", r.ID)
		}
	case FindingRanking, FindingLadder:
		if !onZone {
			d.Fault(n, "rule %q rests on rankings or acts: its level is zone or park", r.ID)
		}
	default:
		if r.Level != land.LevelParcel {
			d.Fault(n, "rule %q rests on a finding of the supply assessment: its level is parcel", r.ID)
		}
	}
	if r.Where != nil && r.Level != land.LevelParcel && !onZone && r.Finding != FindingRequires {
		d.Fault(n, "rule %q: where is not for this level", r.ID)
	}
}
