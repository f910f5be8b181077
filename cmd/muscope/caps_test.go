package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

const guangxiZone = `"code":"Z1","name":"甲","province":"450000"`

func verdictOf(t *testing.T, z land.ZoneResult, rule string) land.Verdict {
	t.Helper()
	for _, v := range z.Verdicts {
		if v.RuleKey() == rule {
			return v
		}
	}
	t.Fatalf("no verdict of %s", rule)
	return land.Verdict{}
}

// A value exactly on a cap satisfies it, also where the zone's border cuts the
// parcel at any place and every figure is apportioned.
func TestExactlyOnTheCapWhereCut(t *testing.T) {
	for i := range 40 {
		east := 108.4015 + float64(i)*0.0000137
		zones := collectionOf(featureOf(guangxiZone, rectangle(108.40, 22.80, east-108.40, 0.02)))
		parcel := featureOf(`"id":"P1","use_code":"100101","recorded_area_m2":68507.52,"ancillary_site_m2":4795.5264,"floor_area_m2":90000.7,
			"ancillary_floor_m2":13500.105,"supplied_on":"2022-01-01","contract_signed_on":"2022-01-01","approved_on":"2021-06-01","completed_on":"2023-01-01"`,
			rectangle(108.401, 22.801, 0.002, 0.003))
		_, r, stderr := runCheck(t, zones, collectionOf(parcel))
		if len(r.Zones) != 1 {
			t.Fatal(stderr)
		}
		for _, rule := range []string{"zone-projects-land-max", "zone-projects-floor-max", "zone-land-max", "zone-floor-max"} {
			v := verdictOf(t, r.Zones[0], "guangxi/hightech-2021#ancillary."+rule)
			if v.Outcome != land.Satisfied {
				t.Errorf("border at %.7f: %s is %s (%v)", east, rule, v.Outcome, *v.Observed)
			}
		}
	}
}

// Land that may not be a project at all breaks no cap of projects.
func TestNoVerdictOnWhatMayBeNoProject(t *testing.T) {
	zones := collectionOf(featureOf(guangxiZone, rectangle(108.40, 22.80, 0.02, 0.02)))
	for _, facts := range []string{
		`"supplied_on":"2022-01-01","completed_on":"2023-01-01"`, // class unknown
		`"use_code":"9999"`, // and nothing recorded
		`"use_code":"100101","rights_basis":"certificate"`,                              // built or not
		`"use_code":"100101","supplied_on":"2022-01-01","agreed_start_on":"2022-02-02"`, // started or not: floors
	} {
		parcel := featureOf(`"id":"P1","recorded_area_m2":10000,"ancillary_site_m2":900,"floor_area_m2":1000,"ancillary_floor_m2":500,`+facts, square(108.401, 22.801))
		_, r, stderr := runCheck(t, zones, collectionOf(parcel))
		if len(r.Zones) != 1 {
			t.Fatal(stderr)
		}
		for rule, counts := range r.Zones[0].VerdictCounts {
			if strings.Contains(rule, "project-") && counts[land.Violated]+counts[land.Satisfied] > 0 {
				t.Errorf("%s: %s came out %v", facts, rule, counts)
			}
		}
	}
}

// Of built-on land that is supplied, what is not built is ready land: the
// supply rate is not above 1.
func TestBuiltInPart(t *testing.T) {
	zones := collectionOf(featureOf(guangxiZone, rectangle(108.40, 22.80, 0.02, 0.02)))
	parcel := featureOf(`"id":"P1","use_code":"100101","recorded_area_m2":10000,"built_land_m2":5000,"approved_on":"2021-01-01","supplied_on":"2022-01-01","completed_on":"2023-01-01"`, square(108.401, 22.801))
	_, r, stderr := runCheck(t, zones, collectionOf(parcel))
	if len(r.Zones) != 1 {
		t.Fatal(stderr)
	}
	for id, want := range map[string]float64{"supply_rate": 1, "build_rate": 0.5} {
		for _, ind := range r.Zones[0].Indicators {
			if ind.ID == id && (ind.Value == nil || *ind.Value != want) {
				t.Errorf("%s = %v, want %g", id, deref(ind.Value), want)
			}
		}
	}
}

// A parcel that only touches a zone is reported there, counts nowhere in it,
// and lies in none.
func TestTouch(t *testing.T) {
	zones := collectionOf(featureOf(guangxiZone, rectangle(108.40, 22.80, 0.00100001, 0.02)))
	_, r, stderr := runCheck(t, zones, collectionOf(featureOf(`"id":"P1"`, square(108.401, 22.801))))
	if len(r.Parts) != 2 {
		t.Fatalf("parts %+v: %s", r.Parts, stderr)
	}
	got := fmt.Sprintf("%v %v, %v %v", r.Parts[0].Zone == nil, r.Parts[0].Touch, *r.Parts[1].Zone, r.Parts[1].Touch)
	if got != "true false, Z1 true" || len(r.Zones[0].Land.ByStatus) != 0 {
		t.Errorf("parts %s, land %v", got, r.Zones[0].Land.ByStatus)
	}
}

// An old crs member is honoured wherever in the file it stands.
func TestCRSMemberAtTheEnd(t *testing.T) {
	zones := collectionOf(featureOf(guangxiZone, rectangle(108.40, 22.80, 0.02, 0.02)))
	// 108.401, 22.801 in Web Mercator
	parcels := collectionOf(featureOf(`"id":"P1","crs":{"a":{}}`, rectangle(12067144, 2607930, 100, 100)))
	parcels = strings.TrimSuffix(parcels, "}") + `,"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}}}` + "\n"
	code, r, stderr := runCheck(t, zones, parcels)
	if code != exitDone || len(r.Parts) != 1 || r.Parts[0].Zone == nil {
		t.Errorf("exit code %d, parts %+v: %s", code, r.Parts, stderr)
	}
}
