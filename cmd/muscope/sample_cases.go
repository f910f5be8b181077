package main

import "maps"

// sampleCases are the parcels that are not plain, by column and row. The as-of
// date of the sample is 2024-12-31, the end of its last year of statistics.
func sampleCases() map[[2]int]facts {
	cases := map[[2]int]facts{}
	for _, some := range []map[[2]int]facts{unsuppliedCases(), startCases(), buildingCases(), recordCases(), capCases(), fringeCases()} {
		maps.Copy(cases, some)
	}
	return cases
}

// without takes facts away from a plain parcel.
func without(names ...string) facts {
	f := facts{}
	for _, n := range names {
		f[n] = nil
	}
	return f
}

// raw is a parcel as it is before anything is built: what a plain parcel
// records of construction and use is taken away.
func raw(more facts) facts {
	f := without("permit_on", "started_on", "completed_on", "accepted_on", "in_use_on", "planned_footprint_m2", "started_footprint_m2",
		"agreed_investment_wan", "invested_wan", "floor_area_m2", "footprint_m2", "structures_m2", "yards_m2", "green_m2",
		"ancillary_site_m2", "ancillary_basis", "ancillary_floor_m2", "figures_year", "output_wan", "tax_wan", "fixed_assets_wan", "employees")
	maps.Copy(f, more)
	return f
}

// unsupplied is raw and has no supply record either.
func unsupplied(more facts) facts {
	f := raw(without("supplied_on", "supply_mode", "contract_no", "contract_signed_on", "price_wan", "term_years", "agreed_handover_on",
		"handed_over_on", "agreed_start_on", "agreed_completion_on"))
	maps.Copy(f, more)
	return f
}

// supplied is raw, of a contract of 2020, with the start date that is to be
// judged.
func supplied(start string, more facts) facts {
	f := raw(facts{"approved_on": "2019-04-02", "supplied_on": "2020-03-10", "contract_signed_on": "2020-03-10",
		"agreed_handover_on": "2020-04-10", "handed_over_on": "2020-04-10", "agreed_start_on": start, "agreed_completion_on": "2026-12-31",
		"price_wan": 1000, "construction_state": "not_started", "state_on": "2024-11-30"})
	maps.Copy(f, more)
	return f
}

// unsuppliedCases: 批而未供, reserve and what is no construction land yet
// (GX01, column 0).
func unsuppliedCases() map[[2]int]facts {
	return map[[2]int]facts{
		{0, 0}: unsupplied(facts{"approval_no": nil, "approved_on": nil, "tenure": "reserve", "supply_ready": true, "ownership": "state"}),
		{0, 1}: unsupplied(facts{"approved_on": "2022-05-01", "supply_ready": true}),
		{0, 2}: unsupplied(facts{"approved_on": "2022-05-01", "supply_ready": false}),
		{0, 3}: unsupplied(facts{"approved_on": "2020-02-29"}),
		{0, 4}: unsupplied(facts{"approved_on": "2023-01-10", "supply_ready": true, "completed_on": "2024-03-01", "floor_area_m2": 6000,
			"footprint_m2": 3000, "ancillary_site_m2": 300, "ancillary_floor_m2": 500, "output_wan": 1000, "tax_wan": 50, "fixed_assets_wan": 900,
			"structures_m2": 0, "yards_m2": 0}),
		{0, 5}: unsupplied(facts{"approved_on": "2025-03-01"}),
		{0, 6}: unsupplied(facts{"approved_on": "2025-03-01", "completed_on": "2023-06-01"}),
		{0, 7}: supplied("2021-06-01", facts{"taken_back_on": "2024-05-20"}),
	}
}

// startCases: late and idle starts (GX01, column 1), branch A.
func startCases() map[[2]int]facts {
	return map[[2]int]facts{
		{1, 0}:  supplied("2025-06-30", nil),
		{1, 1}:  supplied("2024-05-15", nil),
		{1, 2}:  supplied("2024-01-01", nil), // a year is full on 2025-01-01
		{1, 3}:  supplied("2023-12-31", nil), // a year is full on the day itself
		{1, 4}:  supplied("2023-06-01", facts{"delay_cause": "holder", "determination": "determined", "determined_on": "2024-08-01"}),
		{1, 5}:  supplied("2021-06-01", facts{"delay_cause": "holder", "determination": "determined", "determined_on": "2023-08-01"}),
		{1, 6}:  supplied("2022-03-01", facts{"delay_cause": "government"}),
		{1, 7}:  supplied("2022-03-01", nil),
		{1, 8}:  supplied("2022-03-01", facts{"ownership": "collective"}),
		{1, 9}:  supplied("2021-06-01", facts{"new_start_on": "2024-09-30", "determination": "settled", "determined_on": "2024-01-15"}),
		{1, 10}: supplied("", facts{"agreed_start_on": nil, "handed_over_on": "2022-02-28"}), // due a year after handover
		{1, 11}: supplied("", facts{"agreed_start_on": nil, "handed_over_on": nil, "agreed_handover_on": nil}),
		{1, 12}: supplied("2023-03-01", facts{"construction_state": "unknown"}),
		{1, 13}: supplied("2025-03-01", facts{"construction_state": nil, "state_on": nil}),
		{1, 14}: supplied("2024-02-29", nil), // a year is full on 2025-02-28
	}
}

// started is a parcel under construction since the middle of 2021.
func started(more facts) facts {
	f := supplied("2021-03-10", facts{"construction_state": nil, "state_on": nil, "permit_on": "2021-02-20", "started_on": "2021-03-05",
		"planned_footprint_m2": 3000, "started_footprint_m2": 3000, "agreed_investment_wan": 4000, "invested_wan": 4000,
		"ancillary_site_m2": 400, "ancillary_floor_m2": 0, "floor_area_m2": 0})
	maps.Copy(f, more)
	return f
}

// buildingCases: under construction, suspended, idle by branch B, late or
// unproven (GX01, column 2).
func buildingCases() map[[2]int]facts {
	return map[[2]int]facts{
		{2, 0}:  started(nil),
		{2, 1}:  started(facts{"agreed_completion_on": "2023-03-10"}),
		{2, 2}:  started(facts{"suspended_on": "2024-06-01"}),
		{2, 3}:  started(facts{"suspended_on": "2023-03-01", "started_footprint_m2": 900}),
		{2, 4}:  started(facts{"suspended_on": "2023-03-01", "invested_wan": 999}),
		{2, 5}:  started(facts{"suspended_on": "2023-03-01", "started_footprint_m2": 1000, "invested_wan": 1000}), // exactly a third and a quarter
		{2, 6}:  started(facts{"suspended_on": "2023-03-01", "invested_wan": nil}),
		{2, 7}:  started(facts{"suspended_on": "2022-03-01", "resumed_on": "2023-01-10", "started_footprint_m2": 900}),
		{2, 8}:  started(facts{"suspended_on": "2023-12-31", "started_footprint_m2": 900}), // suspended a full year on the day itself
		{2, 9}:  started(facts{"construction_state": "suspended", "state_on": "2024-10-01", "invested_wan": 500}),
		{2, 10}: started(facts{"permit_on": nil}),
		{2, 11}: {"started_on": "2014-12-01"},                                // late start, completed in time
		{2, 12}: {"completed_on": "2016-02-01", "accepted_on": "2016-02-20"}, // late completion
		{2, 13}: {"completed_on": nil, "accepted_on": nil},                   // in use, not accepted
		{2, 14}: {"handed_over_on": "2013-09-01"},                            // handed over late
	}
}

// recordCases: what the records lack (GX01, column 3, rows 0–6).
func recordCases() map[[2]int]facts {
	noRecord := func(more facts) facts {
		f := unsupplied(facts{"approval_no": nil, "approved_on": nil})
		maps.Copy(f, more)
		return f
	}
	return map[[2]int]facts{
		{3, 0}: noRecord(facts{"rights_basis": "certificate", "construction_state": "completed", "state_on": "2020-01-01", "floor_area_m2": 5000,
			"footprint_m2": 2500, "ancillary_site_m2": 300, "ancillary_floor_m2": 400, "output_wan": 2000, "tax_wan": 100, "fixed_assets_wan": 1500,
			"structures_m2": 0, "yards_m2": 0}),
		{3, 1}: noRecord(nil),
		{3, 2}: {"supplied_on": nil},                                  // supply date unknown
		{3, 3}: {"approved_on": nil},                                  // approval date unknown
		{3, 4}: {"ancillary_site_m2": nil, "ancillary_floor_m2": nil}, // what the caps need
		{3, 5}: {"floor_area_m2": nil, "output_wan": nil},
		{3, 6}: {"use_code": nil},
	}
}

// after is a project whose contract is of 2021-06-01, so that the caps of
// 2021-03-01 bind it.
func after(more facts) facts {
	f := facts{"approved_on": "2020-12-01", "supplied_on": "2021-06-01", "contract_signed_on": "2021-06-01", "agreed_handover_on": "2021-07-01",
		"handed_over_on": "2021-06-30", "agreed_start_on": "2021-12-01", "permit_on": "2021-10-20", "started_on": "2021-11-01",
		"agreed_completion_on": "2023-12-01", "completed_on": "2023-06-30", "accepted_on": "2023-07-20", "in_use_on": "2023-08-01"}
	maps.Copy(f, more)
	return f
}

// capCases: admin and living land and floors of projects (park A, column 8).
func capCases() map[[2]int]facts {
	return map[[2]int]facts{
		{8, 0}: after(facts{"ancillary_site_m2": 559.9, "ancillary_floor_m2": 1439.9}),                    // just under 7 % and 15 %
		{8, 1}: after(facts{"ancillary_site_m2": 560, "ancillary_floor_m2": 1440}),                        // exactly
		{8, 2}: after(facts{"ancillary_site_m2": 600, "ancillary_floor_m2": 1600}),                        // over
		{8, 3}: {"ancillary_site_m2": 600, "ancillary_floor_m2": 1600},                                    // over, of 2013: 7 % of 2008 binds, 15 % does not
		{8, 4}: after(facts{"ancillary_site_m2": nil, "ancillary_floor_m2": nil}),                         // nothing known: incomputable
		{8, 5}: after(facts{"new_industry": true, "ancillary_site_m2": 1600, "ancillary_floor_m2": 3000}), // M0: not applicable
		{8, 6}: after(facts{"project_no": "2021-450102-07", "ancillary_site_m2": 900}),                    // one project of two parcels: 900 + 100 of 16,000
		{8, 7}: after(facts{"project_no": "2021-450102-07", "ancillary_site_m2": 100}),
	}
}

// fringeCases: the second zone, its boundary and land in no zone.
func fringeCases() map[[2]int]facts {
	return map[[2]int]facts{
		{11, 0}:  {"recorded_area_m2": nil},                                               // its drawn area counts
		{12, 3}:  after(facts{"project_no": "2021-450102-09", "ancillary_site_m2": 1000}), // a project across the boundary, half of one parcel in the zone
		{11, 3}:  after(facts{"project_no": "2021-450102-09", "ancillary_site_m2": 100}),  // and one parcel in none
		{13, 0}:  {"zone": "GX01"},                                                        // declared elsewhere
		{14, 5}:  {"tax_wan": nil},
		{15, 7}:  {"right_layer": "below"}, // under ground: in no sum of land
		{16, 9}:  supplied("2023-06-01", facts{"delay_cause": "force_majeure"}),
		{17, 11}: supplied("2019-06-01", facts{"price_wan": nil}),
	}
}
