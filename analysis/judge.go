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

// zoneJudge gathers the verdicts of one zone, a rule at a time. Which rules are
// law there is settled once, before the first part.
type zoneJudge struct {
	asOf    land.Date
	subject string
	park    bool
	rules   []*ruleTally
	onLand  []*ruleTally // those on parcels
	onLots  []*ruleTally // those on projects
	scene   rule.Scene   // of the subject in work
	project rule.Project
	watcher Watcher // nil: nobody watches
}

// ruleTally is one rule's verdicts: all counted; of a zone all kept, of
// projects and parcels those violated or incomputable.
type ruleTally struct {
	*rule.Rule
	missing []string // what the zone doesn't say, so that nobody knows whether the rule is its law
	ind, by int      // where the indicators of a project stand; -1: not there
	kept    []land.Verdict
	counted [5]int64 // by outcomeIndex
}

// outcomeIndex is the place of an outcome in land.Outcomes.
func outcomeIndex(o land.Outcome) int {
	switch o {
	case land.Violated:
		return 0
	case land.NotReached:
		return 1
	case land.Incomputable:
		return 2
	case land.Satisfied:
		return 3
	}
	return 4
}

// newJudge picks the rules for a zone. A pack that is another province's law
// (or for another kind or level of zone) says nothing here. Where the zone
// doesn't tell, nobody knows: each of its rules is incomputable, once and for the
// zone as a whole, and says what is missing.
func (r *run) newJudge(z *land.Zone) *zoneJudge {
	where := r.scopes.of(z)
	j := &zoneJudge{asOf: r.AsOf, subject: z.Code, park: z.PartOf != ""}
	j.scene.Zone = &where
	for _, p := range r.Packs {
		switch p.Applies.To(&where) {
		case land.Yes:
			for _, ru := range p.In(&where) {
				j.take(ru, nil)
			}
		case land.Unknown:
			for _, ru := range p.Rules {
				j.take(ru, p.Applies.Wants(&where))
			}
		}
	}
	return j
}

func (j *zoneJudge) take(r *rule.Rule, missing []string) {
	t := &ruleTally{Rule: r, missing: missing, ind: -1, by: -1}
	switch {
	case r.Indicator == "" && r.Finding == "":
		return // a duty: listed with its pack, never judged
	case r.Level == land.LevelPark && !j.park,
		r.Level == land.LevelZoneSet, r.Level == land.LevelProvince, r.Level == land.LevelExpansion:
		return
	case missing != nil:
	case r.Finding == rule.FindingScoring: // judged once all firms are known
	case r.Level == land.LevelParcel:
		j.onLand = append(j.onLand, t)
	case r.Level == land.LevelProject:
		j.onLots = append(j.onLots, t)
	}
	j.rules = append(j.rules, t)
}

func (j *zoneJudge) keep(t *ruleTally, v land.Verdict) {
	if j.watcher != nil {
		seen := v // so that v itself stays off the heap where nobody watches
		j.watcher.Verdict(&seen)
	}
	t.counted[outcomeIndex(v.Outcome)]++
	if v.Level == land.LevelZone || v.Level == land.LevelPark || listed(v.Outcome) {
		t.kept = append(t.kept, v)
	}
}

// listed reports whether a verdict on a parcel or project is written out.
func listed(o land.Outcome) bool { return o == land.Violated || o == land.Incomputable }

// parcel judges the rules on parcels. Most verdicts are only counted, so that
// one is built only where it is kept.
func (j *zoneJudge) parcel(p *land.Part, a *land.Assessment, id string) {
	if len(j.onLand) == 0 {
		return
	}
	j.scene.Part, j.scene.Assessment = p, a
	for _, t := range j.onLand {
		outcome, _, _ := t.Find(&j.scene, j.asOf)
		if !listed(outcome) && j.watcher == nil {
			t.counted[outcomeIndex(outcome)]++
			continue
		}
		v := t.JudgeParcel(&j.scene, j.asOf)
		v.Subject, v.Evidence = id, []string{id}
		v.Phase = strings.Clone(p.Piece.Phase)
		j.keep(t, v)
	}
}

// projects judges the rules on projects.
func (j *zoneJudge) projects(projects []indicator.Project) {
	if len(j.onLots) == 0 || len(projects) == 0 {
		return
	}
	for _, t := range j.onLots { // the indicators of every project stand in one order
		t.ind, t.by = indexOf(projects[0].Indicators, t.Indicator), indexOf(projects[0].Indicators, t.Against)
	}
	j.scene.Project = &j.project
	for i := range projects {
		p := &projects[i]
		j.project = rule.Project{No: p.No, Class: p.Class, NewIndustry: p.NewIndustry, Industries: p.Industries, Parcels: len(p.ParcelIDs),
			Finished: p.Finished}
		if p.LimitBasis != indicator.BasisAsOf {
			j.project.LimitDate = p.LimitDate
		}
		s := rule.Subject{Level: land.LevelProject, ID: p.Subject, AsOf: j.asOf, LimitDate: p.LimitDate, LimitBasis: p.LimitBasis,
			Scene: &j.scene, Evidence: p.ParcelIDs, Unfinished: rule.Unfinished(p.Finished)}
		if !p.Applicable {
			s.Exempt = p.Reason
		}
		for _, t := range j.onLots {
			ind, against := at(p.Indicators, t.ind), at(p.Indicators, t.by)
			if o := t.Outcome(&s, ind, against); !listed(o) && j.watcher == nil {
				t.counted[outcomeIndex(o)]++
				continue
			}
			j.keep(t, t.Judge(&s, ind, against))
		}
	}
}

// wholeZone judges the rules on the zone itself.
func (j *zoneJudge) wholeZone(indicators []land.Indicator, evidence func(id string, n int) []string, standing *rule.Standing) {
	for _, t := range j.rules {
		s := rule.Subject{Level: t.Level, ID: j.subject, AsOf: j.asOf, Scene: &j.scene}
		switch {
		case t.missing != nil:
			v := t.Unplaced(&s, t.missing)
			v.Level = land.LevelZone
			j.keep(t, v)
		case t.Level != land.LevelZone && t.Level != land.LevelPark:
		case t.Finding != "":
			j.keep(t, j.findOnZone(t.Rule, &s, standing))
		default:
			s.Evidence = evidence(t.Indicator, maxEvidence)
			j.keep(t, t.Judge(&s, named(indicators, t.Indicator), named(indicators, t.Against)))
		}
	}
}

// findOnZone judges a rule that rests on a finding about the zone.
func (j *zoneJudge) findOnZone(r *rule.Rule, s *rule.Subject, standing *rule.Standing) land.Verdict {
	switch r.Finding {
	case rule.FindingRanking:
		return r.JudgeRanking(s, standing)
	case rule.FindingLadder:
		return r.JudgeLadder(s, standing)
	}
	return r.JudgeRequired(s)
}

func indexOf(indicators []land.Indicator, id string) int {
	for i := range indicators {
		if indicators[i].ID == id {
			return i
		}
	}
	return -1
}

func at(indicators []land.Indicator, i int) *land.Indicator {
	if i < 0 || i >= len(indicators) {
		return nil
	}
	return &indicators[i]
}

func named(indicators []land.Indicator, id string) *land.Indicator {
	return at(indicators, indexOf(indicators, id))
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
		counts := map[land.Outcome]int64{}
		for _, o := range land.Outcomes() {
			if n := t.counted[outcomeIndex(o)]; n > 0 {
				counts[o] = n
			}
		}
		out[t.Key()] = counts
	}
	return out
}
