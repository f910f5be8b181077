package report

import (
	"cmp"
	"slices"

	"github.com/muscope/muscope/analysis/land"
)

// maxVerdicts is how many verdicts of one rule on projects an html report
// lists of a zone, and maxEvidence how many parcels it names behind one; it
// says how many more there are. json and csv hold them all.
const (
	maxVerdicts = 300
	maxEvidence = 8
)

// rules groups the verdicts of a zone by rule, the worst first.
type rules struct {
	Zone    []verdict // on the zone as a whole, one a rule
	Parts   []ruleOn  // on its projects and parcels
	Outside []outside // rules that don't apply to anything here
}

// outside are rules that don't apply, by the reason why.
type outside struct {
	Reason string // blank where it differs by subject
	Keys   []string
}

// verdict is a verdict with its arithmetic.
type verdict struct {
	*land.Verdict
	Figure *land.Indicator // nil where the rule divides nothing
	Named  []string        // parcels behind it
	More   int             // and how many are not named
}

// ruleOn is a rule on projects or parcels: how its verdicts are spread, and
// those to look at.
type ruleOn struct {
	Key    string
	Sample *land.Verdict // of the clause and the like; nil where nothing is listed
	Counts map[land.Outcome]int64
	Rows   []verdict // projects
	More   int
	Groups []subjects // parcels
}

// subjects are the parcels for which one rule has one outcome for one reason.
type subjects struct {
	Outcome land.Outcome
	Reason  string
	Count   int
	IDs     []string
	More    int
}

func severity(o land.Outcome) int { return slices.Index(land.Outcomes(), o) }

// rulesOf groups z's verdicts; figure finds the indicator behind one.
func rulesOf(z *land.ZoneResult, figure func(*land.Verdict) *land.Indicator) rules {
	on := map[string]*ruleOn{}
	var keys []string
	add := func(key string) *ruleOn {
		if on[key] == nil {
			on[key] = &ruleOn{Key: key, Counts: z.VerdictCounts[key]}
			keys = append(keys, key)
		}
		return on[key]
	}
	var r rules
	whole := map[string]bool{}
	for i := range z.Verdicts {
		v := &z.Verdicts[i]
		shown := verdictOf(v, figure(v))
		switch v.Level {
		case land.LevelProject:
			one := add(v.RuleKey())
			one.Sample, one.Rows = v, append(one.Rows, shown)
		case land.LevelParcel:
			one := add(v.RuleKey())
			one.Sample = v
			one.addParcel(v)
		case land.LevelZone, land.LevelPark:
			whole[v.RuleKey()] = true
			if v.Outcome == land.NotApplicable {
				r.leaveOut(v.RuleKey(), v.Reason)
				continue
			}
			r.Zone = append(r.Zone, shown)
		}
	}
	for key := range z.VerdictCounts {
		if !whole[key] {
			add(key)
		}
	}
	slices.SortStableFunc(r.Zone, func(a, b verdict) int { return cmp.Compare(severity(a.Outcome), severity(b.Outcome)) })
	for _, key := range keys {
		if len(on[key].Counts) > 0 && on[key].worst() == severity(land.NotApplicable) {
			r.leaveOut(key, "")
			continue
		}
		on[key].order()
		r.Parts = append(r.Parts, *on[key])
	}
	for _, o := range r.Outside {
		slices.Sort(o.Keys)
	}
	slices.SortFunc(r.Outside, func(a, b outside) int { return cmp.Compare(a.Reason, b.Reason) })
	slices.SortFunc(r.Parts, func(a, b ruleOn) int { return cmp.Or(cmp.Compare(a.worst(), b.worst()), cmp.Compare(a.Key, b.Key)) })
	return r
}

func (r *rules) leaveOut(key, reason string) {
	i := slices.IndexFunc(r.Outside, func(o outside) bool { return o.Reason == reason })
	if i < 0 {
		i = len(r.Outside)
		r.Outside = append(r.Outside, outside{Reason: reason})
	}
	r.Outside[i].Keys = append(r.Outside[i].Keys, key)
}

// Far reports whether the value lies beyond its limit.
func (v verdict) Far() bool { return v.ExcessMu != nil || v.ExcessM2 != nil }

func verdictOf(v *land.Verdict, figure *land.Indicator) verdict {
	n := min(len(v.Evidence), maxEvidence)
	return verdict{Verdict: v, Figure: figure, Named: v.Evidence[:n], More: len(v.Evidence) - n}
}

func (r *ruleOn) addParcel(v *land.Verdict) {
	i := slices.IndexFunc(r.Groups, func(g subjects) bool { return g.Outcome == v.Outcome && g.Reason == v.Reason })
	if i < 0 {
		i = len(r.Groups)
		r.Groups = append(r.Groups, subjects{Outcome: v.Outcome, Reason: v.Reason})
	}
	g := &r.Groups[i]
	if g.Count++; g.Count <= maxVerdicts {
		g.IDs = append(g.IDs, v.Subject)
	} else {
		g.More++
	}
}

// order puts violations first, and of them the greatest excess.
func (r *ruleOn) order() {
	slices.SortStableFunc(r.Rows, func(a, b verdict) int {
		return cmp.Or(cmp.Compare(severity(a.Outcome), severity(b.Outcome)), cmp.Compare(excessOf(b.Verdict), excessOf(a.Verdict)))
	})
	slices.SortStableFunc(r.Groups, func(a, b subjects) int { return cmp.Compare(severity(a.Outcome), severity(b.Outcome)) })
	if r.More = max(0, len(r.Rows)-maxVerdicts); r.More > 0 {
		r.Rows = r.Rows[:maxVerdicts]
	}
}

// worst orders rules: those with a violation first, then by the next outcome.
func (r *ruleOn) worst() int {
	for i, o := range land.Outcomes() {
		if r.Counts[o] > 0 {
			return i
		}
	}
	return len(land.Outcomes())
}

func excessOf(v *land.Verdict) land.Fixed {
	switch {
	case v.ExcessMu != nil:
		return land.Fixed(*v.ExcessMu)
	case v.ExcessM2 != nil:
		return *v.ExcessM2
	}
	return 0
}

// outcomeCount is how often a rule had an outcome.
type outcomeCount struct {
	Outcome land.Outcome
	N       int64
}

// tally lists the outcomes that occur, the worst first.
func tally(counts map[land.Outcome]int64) []outcomeCount {
	var out []outcomeCount
	for _, o := range land.Outcomes() {
		if counts[o] > 0 {
			out = append(out, outcomeCount{o, counts[o]})
		}
	}
	return out
}

// landRow is one line of a table of land.
type landRow struct {
	Key   string
	Word  string
	Share string // of all land in the table
	land.Land
}

// landTables lists land by status and by class in the order of the contract,
// each with its sum.
type landTables struct {
	Status, Class []landRow
	Sum           land.Land
}

func (h *htmlReport) landTables(t land.LandTable) landTables {
	var out landTables
	for _, l := range t.ByStatus {
		out.Sum.Merge(l)
	}
	row := func(kind, key string, l land.Land) landRow {
		r := landRow{Key: key, Word: h.word(kind, key), Land: l}
		if out.Sum.AreaM2 > 0 {
			r.Share = coverage(l.AreaM2.Float() / out.Sum.AreaM2.Float())
		}
		return r
	}
	for _, s := range land.Statuses() {
		if l, ok := t.ByStatus[s]; ok && l.Parcels > 0 {
			out.Status = append(out.Status, row("status", string(s), l))
		}
	}
	for _, c := range land.Classes() {
		if l, ok := t.ByClass[c]; ok && l.Parcels > 0 {
			out.Class = append(out.Class, row("class", string(c), l))
		}
	}
	return out
}
