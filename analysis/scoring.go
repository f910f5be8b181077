package analysis

import (
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/score"
)

// newLedgerOfFirms gathers the firms of a zone; nil where no pack scores them.
func (r *run) newLedgerOfFirms(z *land.Zone) *score.Ledger {
	where := r.scopes.of(z)
	asked, gather := false, false
	for _, p := range r.Packs {
		if p.Applies.To(&where) != land.Yes {
			continue
		}
		for _, s := range p.Scorings {
			_, reason, _ := s.Scheme(p)
			asked, gather = true, gather || reason == ""
		}
	}
	if !asked {
		return nil
	}
	return score.NewLedger(r.AsOf, gather)
}

// scores is what packs say of the zone's firms. Rules on the lowest class are
// judged on the way.
func (zr *zoneRun) scores() (out []land.Scoring) {
	if zr.firms == nil {
		return nil
	}
	law := zr.scopes.of(zr.zone)
	for _, p := range zr.Packs {
		if p.Applies.To(&law) != land.Yes {
			continue
		}
		for _, s := range p.Scorings {
			years := 1
			for _, r := range p.All() {
				if r.Finding == rule.FindingScoring && r.InLowest.Scoring == s.ID {
					years = max(years, r.InLowest.Years)
				}
			}
			found := s.Of(p, zr.firms, years)
			if found == nil {
				continue
			}
			out = append(out, *found)
			zr.judge.scored(p, found)
		}
	}
	return out
}

// scored judges the rules on the lowest class of a scoring.
func (j *zoneJudge) scored(p *rule.Pack, found *land.Scoring) {
	for _, t := range j.rules {
		if t.Finding != rule.FindingScoring || t.Pack.ID != p.ID || t.InLowest.Scoring != found.ID || t.missing != nil {
			continue
		}
		if found.Reason != "" {
			j.keep(t, t.Unscored(&rule.Subject{Level: t.Level, ID: j.subject, AsOf: j.asOf}, found))
			continue
		}
		for i := range found.Firms {
			f := &found.Firms[i]
			for _, id := range f.Parcels {
				j.keep(t, t.JudgeScored(&rule.Subject{Level: t.Level, ID: id, AsOf: j.asOf}, found, f))
			}
		}
	}
}
