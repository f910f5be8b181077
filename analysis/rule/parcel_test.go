package rule_test

import (
	"fmt"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/supply"
)

func TestIdleRules(t *testing.T) {
	p := pack(t, "national/idle-land-2012")
	a, b := p.Rule("idle.not-started"), p.Rule("idle.suspended")
	sup := land.Assessment{Supplied: land.Yes}
	with := func(s land.Status, reason, branch string) land.Assessment {
		x := sup
		x.Status, x.Reason = s, reason
		if branch != "" {
			x.Idle = &land.Idle{Branch: branch}
		}
		return x
	}
	for _, c := range []struct {
		name         string
		a            land.Assessment
		owner        land.Ownership
		asOf         string
		wantA, wantB string
	}{
		{"idle, branch A", with(land.SuspectedIdle, supply.ReasonStartOverdue1Y, "A"), "", "", "violated start_overdue_1y", "satisfied not_idle"},
		{"idle, branch B", with(land.SuspectedIdle, supply.ReasonSuspendedIdle, "B"), "", "", "satisfied not_idle", "violated suspended_1y_low_progress"},
		{"overdue, start unknown", with(land.Undetermined, supply.ReasonStartUnknown, ""), "", "", "incomputable start_unknown", "incomputable start_unknown"},
		{"no start date", with(land.Undetermined, supply.ReasonNoStartDate, ""), "", "", "incomputable no_start_date", "satisfied not_idle"},
		{"suspended, progress unknown", with(land.Undetermined, supply.ReasonProgressUnknown, ""), "", "", "satisfied not_idle", "incomputable suspended_1y_progress_unknown"},
		{"overdue under a year", with(land.OverdueStart, supply.ReasonStartOverdue, ""), "", "", "satisfied not_idle", "satisfied not_idle"},
		{"built", with(land.Built, supply.ReasonCompleted, ""), "", "", "satisfied not_idle", "satisfied not_idle"},
		{"not supplied", land.Assessment{Status: land.Unsupplied, Supplied: land.No}, "", "", "not_applicable not_supplied", "not_applicable not_supplied"},
		{"taken back", land.Assessment{Status: land.Reserve, Supplied: land.Yes, TakenBack: true}, "", "", "not_applicable not_supplied", "not_applicable not_supplied"},
		{"supply undated", land.Assessment{Status: land.Undetermined, Reason: supply.ReasonSupplyUndated}, "", "", "incomputable supply_unknown", "incomputable supply_unknown"},
		{"collective", with(land.SuspectedIdle, supply.ReasonStartOverdue1Y, "A"), land.OwnCollective, "", "not_applicable collective_land", "not_applicable collective_land"},
		{"before the measures", with(land.SuspectedIdle, supply.ReasonStartOverdue1Y, "A"), "", "2012-06-30", "not_applicable before_effect", "not_applicable before_effect"},
	} {
		part := &land.Part{}
		part.ID, part.Ownership = "P", c.owner
		asOf := day(t, "2024-12-31")
		if c.asOf != "" {
			asOf = day(t, c.asOf)
		}
		va, vb := a.JudgeParcel(scene(part, &c.a), asOf), b.JudgeParcel(scene(part, &c.a), asOf)
		if got := fmt.Sprint(va.Outcome, " ", va.Reason); got != c.wantA {
			t.Errorf("%s, not started: got %s, want %s", c.name, got, c.wantA)
		}
		if got := fmt.Sprint(vb.Outcome, " ", vb.Reason); got != c.wantB {
			t.Errorf("%s, suspended: got %s, want %s", c.name, got, c.wantB)
		}
		if va.Evidence[0] != "P" || va.Clause != "国土资源部令第53号 第二条" {
			t.Errorf("verdict %+v", va)
		}
	}
}

// The ban on firms of high pollution: with the reason of each outcome.
func TestEntryRule(t *testing.T) {
	r := pack(t, "yunnan/hightech-2020").Rule("entry.three-high-ban")
	plant := land.Assessment{Class: land.ClassIndustrial, Standing: land.Yes}
	for _, c := range []struct {
		name               string
		a                  land.Assessment
		entered, completed string
		highPollution      land.Flag
		want               string
	}{
		{"moved in on the first day", plant, "2020-12-29", "2020-01-01", land.Yes, "violated three_high_entered"},
		{"moved in the day before", plant, "2020-12-28", "2020-01-01", land.Yes, "not_applicable entered_before_rule"},
		{"moves in after the as-of date", plant, "2025-01-01", "2020-01-01", land.Yes, "not_applicable nobody_entered"},
		{"a clean firm", plant, "2022-01-01", "2020-01-01", land.No, "satisfied not_three_high"},
		{"a clean firm, day unknown", plant, "", "2020-01-01", land.No, "satisfied not_three_high"},
		{"a firm of which nothing is said", plant, "2022-01-01", "", land.Unknown, "incomputable three_high_unknown"},
		{"a dirty firm, day unknown", plant, "", "2020-01-01", land.Yes, "incomputable entry_unknown"},
		{"nothing recorded, built before", plant, "", "2020-12-28", land.Unknown, "not_applicable no_entry_recorded"},
		{"nothing recorded, built since", plant, "", "2020-12-29", land.Unknown, "incomputable entry_unknown"},
		{"nothing recorded, day of building unknown", plant, "", "", land.Unknown, "incomputable entry_unknown"},
		{"nothing stands", land.Assessment{Class: land.ClassIndustrial, Standing: land.No}, "", "", land.Unknown, "not_applicable nobody_entered"},
		{"housing", land.Assessment{Class: land.ClassResidential, Standing: land.Yes}, "2022-01-01", "", land.Unknown, "not_applicable where_not_met"},
		{"such a firm on land for housing", land.Assessment{Class: land.ClassResidential, Standing: land.Yes}, "2022-01-01", "", land.Yes, "violated three_high_entered"},
		{"class unknown", land.Assessment{Class: land.ClassUnknown, Standing: land.Yes}, "2022-01-01", "", land.Yes, "violated three_high_entered"},
	} {
		part := &land.Part{}
		part.ID, part.HighPollution = "P", c.highPollution
		for at, s := range map[*land.Date]string{&part.EnteredOn: c.entered, &part.CompletedOn: c.completed} {
			if s != "" {
				*at = day(t, s)
			}
		}
		v := r.JudgeParcel(scene(part, &c.a), day(t, "2024-12-31"))
		if got := fmt.Sprint(v.Outcome, " ", v.Reason); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func scene(p *land.Part, a *land.Assessment) *rule.Scene {
	return &rule.Scene{Zone: &land.Zone{}, Part: p, Assessment: a}
}
