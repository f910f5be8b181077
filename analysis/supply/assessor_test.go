package supply_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/supply"
)

// Every rule of "How the status is decided", a line each. want is
// "status since reason".
func TestStatus(t *testing.T) {
	const sup = "use_code=1001 approved_on=2018-01-01 supplied_on=2019-01-01 "
	for _, c := range []struct{ name, asOf, facts, want string }{
		// 1 reserve
		{"taken back", "2024-12-31", sup + "taken_back_on=2024-12-31 completed_on=2020-01-01", "reserve 2024-12-31 taken_back"},
		{"taken back later", "2024-12-30", sup + "taken_back_on=2024-12-31 completed_on=2020-01-01", "built 2020-01-01 completed"},
		{"in reserve", "2024-12-31", "tenure=reserve acquired_on=2020-05-01 approved_on=2019-01-01", "reserve 2020-05-01 reserved"},
		{"in reserve with a contract number", "2024-12-31", "tenure=reserve contract_no=1", "reserve - reserved"},
		{"supplied out of the reserve", "2024-12-31", sup + "tenure=reserve completed_on=2021-01-01", "built 2021-01-01 completed"},
		// 2 not supplied
		{"contract without a day", "2024-12-31", "approved_on=2018-01-01 contract_no=45-1", "undetermined - supply_undated"},
		{"supervision number without a day", "2024-12-31", "approved_on=2018-01-01 supervision_no=45-1", "undetermined - supply_undated"},
		{"mode without a day", "2024-12-31", "supply_mode=grant", "undetermined - supply_undated"},
		{"price without a day", "2024-12-31", "price_wan=0", "undetermined - supply_undated"},
		{"approved", "2024-12-31", "approved_on=2024-12-31", "unsupplied 2024-12-31 approved_unsupplied"},
		{"approved, supplied later", "2024-12-31", "approved_on=2018-01-01 supplied_on=2025-01-01 contract_no=1", "unsupplied 2018-01-01 approved_unsupplied"},
		{"approved, farmland by survey", "2024-12-31", "approved_on=2018-01-01 use_code=0101", "unsupplied 2018-01-01 approved_unsupplied"},
		{"approved and completed", "2024-12-31", "approved_on=2018-01-01 completed_on=2020-01-01", "unsupplied 2018-01-01 built_unsupplied"},
		{"approved and in use", "2024-12-31", "approved_on=2018-01-01 in_use_on=2020-01-01", "unsupplied 2018-01-01 built_unsupplied"},
		{"approval to come", "2024-12-31", "approved_on=2025-01-01 use_code=1001 rights_basis=certificate", "not_construction - approval_to_come"},
		{"built before approval", "2024-12-31", "approved_on=2025-01-01 construction_state=completed", "undetermined - built_before_approval"},
		{"farmland", "2024-12-31", "use_code=0101", "not_construction - not_construction_class"},
		{"farmland with a house in use", "2024-12-31", "use_code=0101 in_use_on=2000-01-01", "undetermined - no_record"},
		{"farmland built on, old right", "2024-12-31", "use_code=0101 in_use_on=2000-01-01 rights_basis=collective", "stock - old_right"},
		{"old right", "2024-12-31", "use_code=1001 rights_basis=historic_state", "stock - old_right"},
		{"nothing recorded", "2024-12-31", "use_code=1001", "undetermined - no_record"},
		{"supplied later, no approval", "2024-12-31", "use_code=1001 supplied_on=2025-01-01 contract_no=1", "undetermined - no_record"},
		// 3 built
		{"completed", "2024-12-31", sup + "started_on=2019-05-01 completed_on=2024-12-31", "built 2024-12-31 completed"},
		{"completed by state", "2024-12-31", sup + "construction_state=completed in_use_on=2021-01-01", "built 2021-01-01 completed"},
		{"farmland by survey, supplied and completed", "2024-12-31", "use_code=0101 supplied_on=2019-01-01 completed_on=2020-01-01", "built 2020-01-01 completed"},
		{"in use", "2024-12-31", sup + "in_use_on=2022-01-01", "built 2022-01-01 in_use_before_completion"},
		{"in use, completion to come", "2024-12-31", sup + "in_use_on=2022-01-01 completed_on=2025-03-01 construction_state=completed", "built 2022-01-01 in_use_before_completion"},
		// 4 started
		{"under construction", "2024-12-31", sup + "started_on=2024-12-31", "under_construction 2024-12-31 under_construction"},
		{"under construction by state", "2024-12-31", sup + "construction_state=under_construction", "under_construction - under_construction"},
		{"completed by state, by date later", "2024-12-31", sup + "construction_state=completed completed_on=2025-01-01", "under_construction - under_construction"},
		{"completion due today", "2024-12-31", sup + "started_on=2020-01-01 agreed_completion_on=2024-12-31", "under_construction 2020-01-01 under_construction"},
		{"completion due yesterday", "2024-12-31", sup + "started_on=2020-01-01 agreed_completion_on=2024-12-30", "overdue_completion 2024-12-30 completion_overdue"},
		{"suspended a day short of a year", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2024-01-01 planned_footprint_m2=3 started_footprint_m2=0", "suspended 2024-01-01 suspended"},
		{"suspended a year", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2023-12-31 planned_footprint_m2=300 started_footprint_m2=99.999999", "suspected_idle 2024-12-31 suspended_1y_low_progress"},
		{"suspended a year, exactly a third started", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2023-12-31 planned_footprint_m2=300 started_footprint_m2=100 agreed_investment_wan=100 invested_wan=25", "suspended 2023-12-31 suspended"},
		{"investment alone is enough", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2020-12-31 agreed_investment_wan=100 invested_wan=24.99", "suspected_idle 2021-12-31 suspended_1y_low_progress"},
		{"enough footprint, investment unknown", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2020-12-31 planned_footprint_m2=300 started_footprint_m2=100", "undetermined - suspended_1y_progress_unknown"},
		{"nothing known of progress", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2020-12-31", "undetermined - suspended_1y_progress_unknown"},
		{"a plan of 0 says nothing", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2020-12-31 planned_footprint_m2=0 started_footprint_m2=0", "undetermined - suspended_1y_progress_unknown"},
		{"suspended by state, progress unknown", "2024-12-31", sup + "construction_state=suspended", "undetermined - suspended_since_unknown"},
		{"suspended by state, little progress", "2024-12-31", sup + "construction_state=suspended agreed_investment_wan=100 invested_wan=1", "undetermined - suspended_since_unknown"},
		{"suspended by state, good progress", "2024-12-31", sup + "construction_state=suspended agreed_investment_wan=100 invested_wan=50 planned_footprint_m2=3 started_footprint_m2=2", "suspended - suspended"},
		{"resumed on the day of suspension", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2023-01-01 resumed_on=2023-01-01", "under_construction 2023-01-01 under_construction"},
		{"resumed on the as-of date", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2023-01-01 resumed_on=2024-12-31 agreed_completion_on=2022-01-01", "overdue_completion 2022-01-01 completion_overdue"},
		{"resumed later", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2023-01-01 resumed_on=2025-01-01 invested_wan=1 agreed_investment_wan=100", "suspected_idle 2024-01-01 suspended_1y_low_progress"},
		{"resumed before this suspension", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2023-01-01 resumed_on=2022-01-01 invested_wan=1 agreed_investment_wan=100", "suspected_idle 2024-01-01 suspended_1y_low_progress"},
		{"suspended later, suspended by state", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2025-01-01 construction_state=suspended", "under_construction 2020-01-01 under_construction"},
		{"state suspended, yet resumed", "2024-12-31", sup + "started_on=2020-01-01 resumed_on=2022-01-01 construction_state=suspended", "under_construction 2022-01-01 under_construction"},
		{"suspension from 29 February", "2025-02-28", sup + "started_on=2020-01-01 suspended_on=2024-02-29 invested_wan=1 agreed_investment_wan=100", "suspected_idle 2025-02-28 suspended_1y_low_progress"},
		{"settled suspension", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2021-01-01 invested_wan=1 agreed_investment_wan=100 determination=settled determined_on=2024-06-01", "suspended 2021-01-01 suspended"},
		{"settled suspension, no day", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2021-01-01 invested_wan=1 agreed_investment_wan=100 determination=settled", "undetermined - suspension_settled_undated"},
		{"settled suspension a year ago", "2024-12-31", sup + "started_on=2020-01-01 suspended_on=2021-01-01 invested_wan=1 agreed_investment_wan=100 determination=disposed determined_on=2023-06-01", "suspected_idle 2024-06-01 suspended_1y_low_progress"},
		// 5 not started
		{"start due today", "2024-12-31", sup + "construction_state=not_started agreed_start_on=2024-12-31", "supplied_not_due 2019-01-01 start_not_due"},
		{"start due yesterday", "2024-12-31", sup + "construction_state=not_started agreed_start_on=2024-12-30", "overdue_start 2024-12-30 start_overdue"},
		{"a day short of a year", "2024-03-14", sup + "construction_state=not_started agreed_start_on=2023-03-15", "overdue_start 2023-03-15 start_overdue"},
		{"exactly a year", "2024-03-15", sup + "construction_state=not_started agreed_start_on=2023-03-15", "suspected_idle 2024-03-15 start_overdue_1y"},
		{"29 February, a day short", "2025-02-27", sup + "construction_state=not_started agreed_start_on=2024-02-29", "overdue_start 2024-02-29 start_overdue"},
		{"29 February, a year", "2025-02-28", sup + "construction_state=not_started agreed_start_on=2024-02-29", "suspected_idle 2025-02-28 start_overdue_1y"},
		{"28 February into a leap year", "2024-02-28", sup + "construction_state=not_started agreed_start_on=2023-02-28", "suspected_idle 2024-02-28 start_overdue_1y"},
		{"started later", "2024-03-15", sup + "started_on=2024-03-16 agreed_start_on=2023-03-15", "suspected_idle 2024-03-15 start_overdue_1y"},
		{"started later, whatever the state says", "2024-03-15", sup + "started_on=2024-03-16 construction_state=under_construction agreed_start_on=2023-03-15", "suspected_idle 2024-03-15 start_overdue_1y"},
		{"started, whatever the state says", "2024-03-15", sup + "started_on=2024-03-15 construction_state=not_started agreed_start_on=2020-03-15", "under_construction 2024-03-15 under_construction"},
		{"supplementary agreement", "2024-12-31", sup + "construction_state=not_started agreed_start_on=2020-01-01 new_start_on=2025-06-01", "supplied_not_due 2019-01-01 start_not_due"},
		{"supplementary agreement overdue", "2024-12-31", sup + "construction_state=not_started agreed_start_on=2020-01-01 new_start_on=2024-06-01", "overdue_start 2024-06-01 start_overdue"},
		{"a year after handover", "2024-12-31", sup + "construction_state=not_started handed_over_on=2022-12-31", "suspected_idle 2024-12-31 start_overdue_1y"},
		{"handover on 29 February", "2025-02-28", sup + "construction_state=not_started handed_over_on=2024-02-29", "supplied_not_due 2019-01-01 start_not_due"},
		{"handover to come", "2024-12-31", sup + "construction_state=not_started handed_over_on=2025-01-01", "undetermined - no_start_date"},
		{"no start date", "2024-12-31", sup + "construction_state=not_started", "undetermined - no_start_date"},
		{"settled, new start", "2024-12-31", sup + "construction_state=not_started agreed_start_on=2020-01-01 new_start_on=2024-06-01 determination=settled determined_on=2023-12-01", "overdue_start 2024-06-01 start_overdue"},
		{"settled without a new start", "2024-12-31", sup + "construction_state=not_started agreed_start_on=2020-01-01 determination=settled determined_on=2024-06-01", "overdue_start 2020-01-01 start_overdue_settled"},
		{"settled long ago", "2024-12-31", sup + "construction_state=not_started agreed_start_on=2020-01-01 determination=settled determined_on=2022-06-01", "suspected_idle 2023-06-01 start_overdue_1y"},
		{"settled after the as-of date", "2024-12-31", sup + "construction_state=not_started agreed_start_on=2020-01-01 determination=settled determined_on=2025-06-01", "suspected_idle 2021-01-01 start_overdue_1y"},
		{"settled on an unknown day", "2024-12-31", sup + "construction_state=not_started agreed_start_on=2020-01-01 determination=settled", "undetermined - start_settled_undated"},
		{"collective land is suspected too", "2024-12-31", sup + "ownership=collective construction_state=not_started agreed_start_on=2020-01-01", "suspected_idle 2021-01-01 start_overdue_1y"},
		// 6 start unknown
		{"blank start, due", "2024-12-31", sup + "agreed_start_on=2020-01-01", "undetermined 2020-01-01 start_unknown"},
		{"blank start, not due", "2024-12-31", sup + "agreed_start_on=2024-12-31", "supplied_not_due 2019-01-01 start_unknown_not_due"},
		{"blank start, no start date", "2024-12-31", sup, "undetermined - start_unknown_no_start_date"},
		{"the state speaks only from its day", "2024-12-31", sup + "construction_state=not_started state_on=2025-01-01 agreed_start_on=2020-01-01", "undetermined 2020-01-01 start_unknown"},
		{"the state speaks on its day", "2024-12-31", sup + "construction_state=not_started state_on=2024-12-31 agreed_start_on=2020-01-01", "suspected_idle 2021-01-01 start_overdue_1y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := assessor(t, c.asOf).Assess(part(t, c.facts))
			since := got.Since.String()
			if since == "" {
				since = "-"
			}
			if s := fmt.Sprint(got.Status, " ", since, " ", got.Reason); s != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.facts, s, c.want)
			}
		})
	}
}

// want is "branch since days measure measure_if_holder fee".
func TestIdle(t *testing.T) {
	const a = "supplied_on=2019-01-01 construction_state=not_started price_wan=5000 "
	const b = "supplied_on=2019-01-01 started_on=2019-06-01 suspended_on=2022-01-01 agreed_investment_wan=100 invested_wan=1 price_wan=5000 "
	for _, c := range []struct{ name, asOf, facts, want string }{
		{"cause unknown", "2024-03-15", a + "agreed_start_on=2023-03-15", "A 2023-03-15 366 investigate fee 1000"},
		{"holder, not determined", "2024-03-15", a + "agreed_start_on=2023-03-15 delay_cause=holder", "A 2023-03-15 366 investigate fee 1000"},
		{"holder, determined", "2024-03-15", a + "agreed_start_on=2023-03-15 delay_cause=holder determination=determined determined_on=2024-03-15", "A 2023-03-15 366 fee fee 1000"},
		{"holder, determined without a day", "2024-03-15", a + "agreed_start_on=2023-03-15 delay_cause=holder determination=determined", "A 2023-03-15 366 fee fee 1000"},
		{"holder, determined later", "2024-03-15", a + "agreed_start_on=2023-03-15 delay_cause=holder determination=determined determined_on=2024-03-16", "A 2023-03-15 366 investigate fee 1000"},
		{"determined, cause unknown", "2024-03-15", a + "agreed_start_on=2023-03-15 determination=determined", "A 2023-03-15 366 investigate fee 1000"},
		{"a day short of two years", "2025-03-14", a + "agreed_start_on=2023-03-15 delay_cause=holder determination=determined", "A 2023-03-15 730 fee fee 1000"},
		{"two years", "2025-03-15", a + "agreed_start_on=2023-03-15 delay_cause=holder determination=determined", "A 2023-03-15 731 take_back take_back "},
		{"two years from 29 February", "2026-02-28", a + "agreed_start_on=2024-02-29", "A 2024-02-29 730 investigate take_back "},
		{"government", "2025-03-15", a + "agreed_start_on=2023-03-15 delay_cause=government determination=determined", "A 2023-03-15 731 settle take_back "},
		{"force majeure", "2024-03-15", a + "agreed_start_on=2023-03-15 delay_cause=force_majeure", "A 2023-03-15 366 settle fee 1000"},
		{"preliminary work", "2024-03-15", a + "agreed_start_on=2023-03-15 delay_cause=preliminary_work", "A 2023-03-15 366 investigate fee 1000"},
		{"price unknown", "2024-03-15", "supplied_on=2019-01-01 construction_state=not_started agreed_start_on=2023-03-15", "A 2023-03-15 366 investigate fee "},
		{"allocated without a price", "2024-03-15", "supplied_on=2019-01-01 construction_state=not_started agreed_start_on=2023-03-15 price_wan=0", "A 2023-03-15 366 investigate fee 0"},
		{"collective", "2024-03-15", a + "agreed_start_on=2023-03-15 ownership=collective delay_cause=holder determination=determined", "A 2023-03-15 366 by_local_rule  "},
		{"state farm", "2024-03-15", a + "agreed_start_on=2023-03-15 ownership=state_farm", "A 2023-03-15 366 investigate fee 1000"},
		{"counted from the settlement", "2024-12-31", a + "agreed_start_on=2020-01-01 determination=settled determined_on=2023-06-01", "A 2023-06-01 579 investigate fee 1000"},
		{"handover late, no cause", "2024-03-31", a + "agreed_handover_on=2021-06-30 handed_over_on=2022-09-20 agreed_start_on=2021-12-31", "A 2021-12-31 821 investigate take_back "},
		{"branch B", "2024-01-01", b, "B 2022-01-01 730 settle  "},
		{"branch B, collective", "2024-01-01", b + "ownership=collective", "B 2022-01-01 730 by_local_rule  "},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := assessor(t, c.asOf).Assess(part(t, c.facts))
			if got.Idle == nil {
				t.Fatalf("no finding: %s (%s)", got.Status, got.Reason)
			}
			i := got.Idle
			s := fmt.Sprintf("%s %s %d %s %s %s", i.Branch, i.Since, i.Days, i.Measure, i.MeasureIfHolder, i.FeeIfHolderWan)
			if s != c.want {
				t.Errorf("%s\n got %q\nwant %q", c.facts, s, c.want)
			}
		})
	}
}

func TestFlags(t *testing.T) {
	const sup = "supplied_on=2019-01-01 "
	for _, c := range []struct{ asOf, facts, want string }{
		{"2024-12-31", "approved_on=2018-01-01 in_use_on=2020-01-01", "built_unsupplied"},
		{"2024-12-31", "approved_on=2025-01-01 in_use_on=2020-01-01", "built_before_approval"},
		{"2024-12-31", "approved_on=2018-01-01 started_on=2020-01-01", ""},
		{"2024-12-31", sup + "in_use_on=2020-01-01", "in_use_unaccepted"},
		{"2024-12-31", sup + "in_use_on=2020-01-01 accepted_on=2021-01-01", "in_use_unaccepted"}, // as contract rule 3 has it: no completion is recorded
		{"2024-12-31", sup + "in_use_on=2020-01-01 accepted_on=2025-01-01", "in_use_unaccepted"},
		{"2024-12-31", sup + "in_use_on=2020-01-01 completed_on=2020-06-01", ""},
		{"2024-12-31", sup + "started_on=2020-01-01", "start_unproven"},
		{"2024-12-31", sup + "started_on=2020-01-01 permit_on=2019-12-01", ""},
		{"2024-12-31", sup + "started_on=2020-01-01 permit_on=2025-12-01", "start_unproven"},
		{"2024-12-31", sup + "construction_state=under_construction", "start_unproven"},
		{"2024-12-31", sup + "construction_state=completed", ""},
		{"2024-12-31", sup + "started_on=2020-01-02 permit_on=2020-01-01 agreed_start_on=2020-01-01", "late_start"},
		{"2024-12-31", sup + "started_on=2020-01-01 permit_on=2020-01-01 agreed_start_on=2020-01-01", ""},
		{"2024-12-31", sup + "started_on=2020-01-02 permit_on=2020-01-01 agreed_start_on=2020-01-01 new_start_on=2020-06-01", ""},
		{"2024-12-31", sup + "started_on=2020-01-02 permit_on=2020-01-01 handed_over_on=2019-01-01", "late_start"},
		{"2024-12-31", sup + "completed_on=2022-01-02 agreed_completion_on=2022-01-01", "late_completion"},
		{"2024-12-31", sup + "completed_on=2022-01-01 agreed_completion_on=2022-01-01", ""},
		{"2024-12-31", sup + "completed_on=2025-01-02 agreed_completion_on=2022-01-01 construction_state=under_construction permit_on=2020-01-01", ""},
		{"2024-12-31", sup + "agreed_handover_on=2020-01-01 handed_over_on=2020-01-02", "handover_late"},
		{"2024-12-31", sup + "agreed_handover_on=2020-01-01 handed_over_on=2020-01-01", ""},
		{"2024-12-31", sup + "agreed_handover_on=2020-01-01 handed_over_on=2025-06-01", "handover_late"},
		{"2024-12-31", sup + "agreed_handover_on=2020-01-01", ""},
		{"2024-12-31", sup + "agreed_handover_on=2024-12-31 handed_over_on=2025-06-01", ""},
		{"2024-12-31", sup + "in_use_on=2021-01-01 started_on=2020-06-01 agreed_start_on=2020-01-01 agreed_handover_on=2019-01-01 handed_over_on=2019-02-01",
			"in_use_unaccepted start_unproven late_start handover_late"},
	} {
		got := assessor(t, c.asOf).Assess(part(t, c.facts))
		var words []string
		for _, f := range got.Flags {
			words = append(words, string(f))
		}
		if s := strings.Join(words, " "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.facts, s, c.want)
		}
	}
}

// want is "approved supplied completed built_on standing", y n or ?.
func TestFacts(t *testing.T) {
	for _, c := range []struct{ name, facts, want string }{
		{"nothing recorded", "use_code=1001", "n n ? ? ?"},
		{"farmland", "use_code=0101", "n n n n n"},
		{"approved", "approved_on=2018-01-01", "y n n n n"},
		{"approved, works going on", "approved_on=2018-01-01 started_on=2020-01-01", "y n n n y"},
		{"built unsupplied", "approved_on=2018-01-01 in_use_on=2020-01-01", "y n n y y"},
		{"stock", "use_code=1001 rights_basis=certificate", "n n ? ? ?"},
		{"stock with a state", "use_code=1001 rights_basis=certificate construction_state=completed", "n n y y y"},
		{"stock in use", "use_code=1001 rights_basis=certificate in_use_on=1999-01-01", "n n n y y"},
		{"stock, not started", "use_code=1001 rights_basis=certificate construction_state=not_started", "n n n n n"},
		{"stock, state not yet true", "use_code=1001 rights_basis=certificate construction_state=completed state_on=2025-06-01", "n n ? ? ?"},
		{"supplied, no approval", "supplied_on=2019-01-01 completed_on=2020-01-01", "? y y y y"},
		{"supply undated", "contract_no=1", "? ? ? ? ?"},
		{"supply undated, approved", "contract_no=1 approved_on=2018-01-01 completed_on=2020-01-01", "y ? y y y"},
		{"under construction", "approved_on=2018-01-01 supplied_on=2019-01-01 started_on=2020-01-01", "y y n n y"},
		{"idle", "approved_on=2018-01-01 supplied_on=2019-01-01 construction_state=not_started agreed_start_on=2020-01-01", "y y n n n"},
		{"start unknown, overdue", "approved_on=2018-01-01 supplied_on=2019-01-01 agreed_start_on=2020-01-01", "y y ? ? ?"},
		{"state said to be unknown", "approved_on=2018-01-01 supplied_on=2019-01-01 agreed_start_on=2020-01-01 construction_state=unknown", "y y ? ? ?"},
		{"start unknown, not due", "approved_on=2018-01-01 supplied_on=2019-01-01 agreed_start_on=2026-01-01", "y y n n n"},
		{"not started, no start date", "approved_on=2018-01-01 supplied_on=2019-01-01 started_on=2026-01-01", "y y n n n"},
		{"suspended, nobody recorded since when work went on", "approved_on=2018-01-01 supplied_on=2019-01-01 agreed_start_on=2020-01-01 suspended_on=2021-01-01", "y y n n ?"},
		{"suspended, progress unknown", "approved_on=2018-01-01 supplied_on=2019-01-01 started_on=2020-01-01 suspended_on=2021-01-01", "y y n n y"},
	} {
		a := assessor(t, "2024-12-31").Assess(part(t, c.facts))
		var s []string
		for _, f := range []land.Flag{a.Approved, a.Supplied, a.Completed, a.BuiltOn, a.Standing} {
			s = append(s, [...]string{"?", "n", "y"}[f])
		}
		if got := strings.Join(s, " "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	a := assessor(t, "2024-12-31").Assess(part(t, "supplied_on=2019-01-01 taken_back_on=2024-01-01 determination=determined determined_on=2023-01-01"))
	if !a.TakenBack || !a.Determined {
		t.Errorf("taken back %v, determined %v, want both", a.TakenBack, a.Determined)
	}
}

func TestClassOfPart(t *testing.T) {
	for _, c := range []struct {
		facts       string
		class       land.Class
		m0, unbuild bool
	}{
		{"", land.ClassUnknown, false, false},
		{"use_code=9999", land.ClassUnknown, false, false},
		{"use_code=1001", land.ClassIndustrial, false, false},
		{"use_code=1001 new_industry=true", land.ClassIndustrial, true, false},
		{"use_code=100104 new_industry=false", land.ClassIndustrial, true, false},
		{"new_industry=true", land.ClassIndustrial, true, false},
		{"use_code=1701", land.ClassNotConstruction, false, true},
		{"use_code=1001 unbuildable=true", land.ClassIndustrial, false, true},
		{"use_code=1702 unbuildable=false", land.ClassNotConstruction, false, true},
	} {
		a := assessor(t, "2024-12-31").Assess(part(t, c.facts))
		if a.Class != c.class || a.NewIndustry != c.m0 || a.Unbuildable != c.unbuild {
			t.Errorf("%q: got %s %v %v, want %s %v %v", c.facts, a.Class, a.NewIndustry, a.Unbuildable, c.class, c.m0, c.unbuild)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	d := date(t, "2024-12-31")
	if _, err := supply.New(0, classes(t), terms()); err == nil {
		t.Error("a blank as-of date was accepted")
	}
	if _, err := supply.New(d, nil, terms()); err == nil {
		t.Error("missing classes were accepted")
	}
	if _, err := supply.New(d, classes(t), supply.Terms{}); err == nil {
		t.Error("empty terms were accepted")
	}
}
