package analysis

import (
	"strings"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// maxEvidence is how many parcels a zone's verdict may name: those that give
// most to the numerator, the greatest first. package indicator keeps fewer (see
// Zone.Contributors); how many more there are is told by the zone's parts.
const maxEvidence = 200

// zoneJudge gathers the verdicts of one zone, a rule at a time.
type zoneJudge struct {
	asOf    land.Date
	subject string
	park    bool
	rules   []*ruleTally
	onLand  []*ruleTally // those on parcels
	watcher Watcher      // nil: nobody watches
}

// ruleTally is one rule's verdicts: all counted; of a zone all kept, of
// projects and parcels those violated or incomputable.
type ruleTally struct {
	*rule.Rule
	outside string // why the rule can't apply in this zone
	kept    []land.Verdict
	counts  map[land.Outcome]int64
}

// newJudge picks the rules for a zone. A pack that is another province's law
// (or for another kind or level of zone) says nothing here. Where the zone
// doesn't tell, its rules are not applicable, and say what is missing.
func (r *run) newJudge(z *land.Zone) *zoneJudge {
	j := &zoneJudge{asOf: r.AsOf, subject: z.Code, park: z.PartOf != ""}
	where := r.scopes.of(z)
	for _, p := range r.Packs {
		applies := p.Applies.To(&where)
		if applies == land.No {
			continue
		}
		outside := ""
		if applies == land.Unknown {
			outside = rule.ReasonScopeUnknown
		}
		for _, ru := range p.Rules {
			j.take(ru, outside)
		}
	}
	return j
}

func (j *zoneJudge) take(r *rule.Rule, outside string) {
	t := &ruleTally{Rule: r, outside: outside, counts: map[land.Outcome]int64{}}
	switch {
	case r.Indicator == "" && r.Finding == "":
		return // a duty: listed with its pack, never judged
	case r.Level == land.LevelPark && !j.park, r.Level == land.LevelZoneSet, r.Level == land.LevelProvince,
		r.Level == land.LevelExpansion: // of an application, not of the zone as it is
		return
	case r.Level == land.LevelParcel:
		j.onLand = append(j.onLand, t)
	}
	j.rules = append(j.rules, t)
}

func (j *zoneJudge) keep(t *ruleTally, v land.Verdict) {
	if j.watcher != nil {
		seen := v // so that v itself stays off the heap where nobody watches
		j.watcher.Verdict(&seen)
	}
	t.counts[v.Outcome]++
	if v.Level == land.LevelZone || v.Level == land.LevelPark || v.Outcome == land.Violated || v.Outcome == land.Incomputable {
		t.kept = append(t.kept, v)
	}
}

// parcel judges the rules on parcels. Most verdicts are only counted, so that
// one is built only where it is kept.
func (j *zoneJudge) parcel(p *land.Part, a *land.Assessment, id string) {
	for _, t := range j.onLand {
		if t.outside != "" {
			t.counts[land.NotApplicable]++
			continue
		}
		outcome, _ := t.Find(p, a, j.asOf)
		if outcome != land.Violated && outcome != land.Incomputable && j.watcher == nil {
			t.counts[outcome]++
			continue
		}
		v := t.JudgeParcel(p, a, j.asOf)
		v.Subject, v.Evidence = id, []string{id}
		v.Phase = strings.Clone(p.Piece.Phase)
		j.keep(t, v)
	}
}

// projects judges the rules on projects.
func (j *zoneJudge) projects(projects []indicator.Project) {
	for _, t := range j.rules {
		if t.Level != land.LevelProject {
			continue
		}
		for i := range projects {
			p := &projects[i]
			s := rule.Subject{Level: land.LevelProject, ID: p.Subject, AsOf: j.asOf, LimitDate: p.LimitDate,
				LimitBasis: p.LimitBasis, NotApplicable: t.outside, Evidence: p.ParcelIDs}
			if s.NotApplicable == "" && !p.Applicable {
				s.NotApplicable = p.Reason
			}
			j.keep(t, t.Judge(&s, named(p.Indicators, t.Indicator)))
		}
	}
}

// wholeZone judges the rules on the zone itself.
func (j *zoneJudge) wholeZone(indicators []land.Indicator, evidence func(id string, n int) []string) {
	for _, t := range j.rules {
		if t.Level != land.LevelZone && t.Level != land.LevelPark {
			continue
		}
		s := rule.Subject{Level: t.Level, ID: j.subject, AsOf: j.asOf, NotApplicable: t.outside,
			Evidence: evidence(t.Indicator, maxEvidence)}
		j.keep(t, t.Judge(&s, named(indicators, t.Indicator)))
	}
}

func named(indicators []land.Indicator, id string) *land.Indicator {
	for i := range indicators {
		if indicators[i].ID == id {
			return &indicators[i]
		}
	}
	return nil
}

// list is the verdicts kept, in the order of packs and rules.
func (j *zoneJudge) list() []land.Verdict {
	out := []land.Verdict{}
	for _, t := range j.rules {
		out = append(out, t.kept...)
	}
	return out
}

// counts is every rule's outcomes, also of rules that met no subject.
func (j *zoneJudge) counts() map[string]map[land.Outcome]int64 {
	out := make(map[string]map[land.Outcome]int64, len(j.rules))
	for _, t := range j.rules {
		out[t.Key()] = t.counts
	}
	return out
}
