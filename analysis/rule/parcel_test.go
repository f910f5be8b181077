package rule_test

import (
	"fmt"
	"testing"

	"github.com/muscope/muscope/analysis/land"
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
		va, vb := a.JudgeParcel(part, &c.a, asOf), b.JudgeParcel(part, &c.a, asOf)
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
