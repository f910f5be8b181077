package supply_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// random is a part with each fact blank, or drawn close enough to the as-of
// date that every comparison is met from both sides.
func random(rng *rand.Rand, asOf land.Date) *land.Part {
	p := &land.Part{Share: 1}
	p.ID, p.UseCode = "P", []string{"", "0101", "1001", "1101"}[rng.IntN(4)]
	for _, f := range land.ParcelFields() {
		if rng.IntN(2) == 0 {
			continue
		}
		switch f.Kind {
		case land.Day:
			*f.Date(&p.Parcel) = asOf + land.Date(rng.IntN(1600)-1200)
		case land.Word:
			*f.Str(&p.Parcel) = f.Words[rng.IntN(len(f.Words))]
		case land.Quant:
			*f.Num(&p.Parcel) = land.Num(land.Fixed(rng.IntN(5)) * land.One)
		case land.YesNo:
			*f.Flag(&p.Parcel) = land.FlagOf(rng.IntN(2) == 0)
		}
	}
	if p.ConstructionState == "unknown" { // read as blank by ingest
		p.ConstructionState = ""
	}
	p.UseScheme = ""
	return p
}

// events are the facts that happen on a day, apart from those whose coming is
// itself a statement about today: a start, a completion, an approval, a supply
// or a handover to come says that today there is none.
func events(p *land.Parcel) []*land.Date {
	return []*land.Date{&p.SuspendedOn, &p.ResumedOn, &p.InUseOn, &p.AcceptedOn, &p.TakenBackOn,
		&p.PermitOn, &p.AcquiredOn, &p.FeeLeviedOn, &p.EnteredOn}
}

// An event dated after D has not happened: its day may move, and where its
// absence says no more than its coming, it may be blank.
func TestEventsAfterTheDateChangeNothing(t *testing.T) {
	asOf := date(t, "2024-02-29")
	a, rng := assessor(t, "2024-02-29"), rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		p := random(rng, asOf)
		before := a.Assess(p)
		for _, f := range land.ParcelFields() {
			if f.Kind == land.Day && *f.Date(&p.Parcel) > asOf && !agreed(f.Name) {
				*f.Date(&p.Parcel) += land.Date(rng.IntN(900))
			}
		}
		if after := a.Assess(p); !reflect.DeepEqual(before, after) {
			t.Fatalf("moving events to come changed\n%+v\ninto\n%+v\nfor %+v", before, after, p)
		}
		if p.ConstructionState != "" {
			continue // a blank date gives the word to the state
		}
		for _, d := range events(&p.Parcel) {
			if *d > asOf && d != &p.InUseOn {
				*d = 0
			}
		}
		if after := a.Assess(p); before.Status != after.Status || before.Reason != after.Reason {
			t.Fatalf("forgetting events to come changed %s into %s for %+v", before.Status, after.Status, p)
		}
	}
}

func agreed(name string) bool {
	switch name {
	case "agreed_handover_on", "agreed_start_on", "new_start_on", "agreed_completion_on":
		return true
	}
	return false
}

// What is forgotten never makes land suspected idle that was not. (Forgetting a
// suspension's end or a new start date is no loss of knowledge but another
// story, so only the facts of the finding itself are forgotten.)
func TestUnknownNeverBecomesSuspectedIdle(t *testing.T) {
	asOf := date(t, "2024-12-31")
	a, rng := assessor(t, "2024-12-31"), rand.New(rand.NewPCG(3, 4))
	forget := []func(*land.Parcel){
		func(p *land.Parcel) { p.StartedOn, p.ConstructionState = 0, "" },
		func(p *land.Parcel) { p.PlannedFootprintM2 = land.Number{} },
		func(p *land.Parcel) { p.StartedFootprintM2 = land.Number{} },
		func(p *land.Parcel) { p.InvestedWan = land.Number{} },
		func(p *land.Parcel) { p.AgreedInvestmentWan = land.Number{} },
		func(p *land.Parcel) { p.SuppliedOn = 0 },
		func(p *land.Parcel) {
			if !p.NewStartOn.Known() { // else the new start alone says from when time runs
				p.DeterminedOn = 0
			}
		},
		func(p *land.Parcel) { p.AgreedStartOn, p.NewStartOn, p.HandedOverOn = 0, 0, 0 },
	}
	idle := 0
	for range 40000 {
		p := random(rng, asOf)
		if a.Assess(p).Status == land.SuspectedIdle {
			idle++
			continue
		}
		forget[rng.IntN(len(forget))](&p.Parcel)
		if got := a.Assess(p); got.Status == land.SuspectedIdle {
			t.Fatalf("forgetting made it idle (%s): %+v", got.Reason, p)
		}
	}
	if idle < 100 {
		t.Errorf("only %d of 40000 random parcels were idle: the test says little", idle)
	}
}

// Where the dates are known, no state changes anything.
func TestDatesRuleOverTheState(t *testing.T) {
	asOf := date(t, "2024-12-31")
	a, rng := assessor(t, "2024-12-31"), rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		p := random(rng, asOf)
		for _, d := range []*land.Date{&p.StartedOn, &p.CompletedOn, &p.SuspendedOn} {
			if !d.Known() {
				*d = asOf - land.Date(rng.IntN(900)) + 200
			}
		}
		p.ConstructionState = ""
		want := a.Assess(p)
		for _, s := range []land.ConstructionState{land.StateNotStarted, land.StateUnderConstruction, land.StateSuspended, land.StateCompleted} {
			p.ConstructionState = s
			if got := a.Assess(p); got.Status != want.Status || got.Reason != want.Reason {
				t.Fatalf("state %s changed %s into %s for %+v", s, want.Status, got.Status, p)
			}
		}
	}
}

// Every status is a known one with a reason, and a finding goes with its status.
func TestAssessmentsAreWhole(t *testing.T) {
	asOf := date(t, "2025-02-28")
	a, rng := assessor(t, "2025-02-28"), rand.New(rand.NewPCG(7, 8))
	seen := map[land.Status]bool{}
	for range 40000 {
		p := random(rng, asOf)
		got := a.Assess(p)
		seen[got.Status] = true
		if got.Reason == "" || (got.Idle != nil) != (got.Status == land.SuspectedIdle) || got.Since > asOf {
			t.Fatalf("%+v for %+v", got, p)
		}
		if got.Status == land.SuspectedIdle && got.Since != got.Idle.Since.AddYears(1) {
			t.Fatalf("idle since %s, suspected since %s", got.Idle.Since, got.Since)
		}
	}
	for _, s := range land.Statuses() {
		if !seen[s] {
			t.Errorf("no random parcel is %s", s)
		}
	}
}
