package ingest

import (
	"github.com/muscope/muscope/analysis/land"
)

// sense warns of facts of a parcel that contradict each other. Nothing is
// mended: what is computed from them stays what the file says.
func (k *parcelKeeper) sense(p *land.Parcel) {
	for _, o := range dateOrder() {
		first, then := o.first.at(p), o.then.at(p)
		if first.Known() && then.Known() && then < first {
			k.warn("parcel.dates_out_of_order", o.then.name, o.first.name, first.String(), o.then.name, then.String())
		}
	}
	site := p.EllipsoidM2
	if p.RecordedM2.Known {
		site = p.RecordedM2.Value
	}
	for _, o := range partsOfSite() {
		k.within(o, o.at(p), land.Num(site), "recorded_area_m2")
	}
	for _, o := range partsOfFloor() {
		k.within(o, o.at(p), p.FloorAreaM2, "floor_area_m2")
	}
	k.within(areaOf{"started_footprint_m2", nil}, p.StartedFootprintM2, p.PlannedFootprintM2, "planned_footprint_m2")
	if far := p.FloorAreaM2; far.Known && site > 0 && far.Value.Float() > mostFAR*site.Float() {
		k.warn("parcel.far_implausible", "floor_area_m2", formatM2(far.Value), formatM2(site), mostFAR)
	}
}

// mostFAR is a floor area ratio that no plot has: the densest towers stand
// below it, a slip of a unit (mu for m², or a price in the column) far above.
// It is the program's own bound for a look, and no rule.
const mostFAR = 40

// within warns where a part is larger than its whole by more than the accuracy
// of areas.
func (k *parcelKeeper) within(of areaOf, part, whole land.Number, wholeName string) {
	if !part.Known || !whole.Known || part.Value.Float() <= whole.Value.Float()*(1+areaTolerance) {
		return
	}
	k.warn("parcel.part_exceeds_whole", of.name, of.name, formatM2(part.Value), wholeName, formatM2(whole.Value))
}

type lifeDate struct {
	name string
	at   func(*land.Parcel) land.Date
}

type order struct{ first, then lifeDate }

// dateOrder is what comes before what in the life of a parcel.
func dateOrder() [8]order {
	approved := lifeDate{"approved_on", func(p *land.Parcel) land.Date { return p.ApprovedOn }}
	supplied := lifeDate{"supplied_on", func(p *land.Parcel) land.Date { return p.SuppliedOn }}
	started := lifeDate{"started_on", func(p *land.Parcel) land.Date { return p.StartedOn }}
	suspended := lifeDate{"suspended_on", func(p *land.Parcel) land.Date { return p.SuspendedOn }}
	resumed := lifeDate{"resumed_on", func(p *land.Parcel) land.Date { return p.ResumedOn }}
	completed := lifeDate{"completed_on", func(p *land.Parcel) land.Date { return p.CompletedOn }}
	accepted := lifeDate{"accepted_on", func(p *land.Parcel) land.Date { return p.AcceptedOn }}
	agreedStart := lifeDate{"agreed_start_on", func(p *land.Parcel) land.Date { return p.AgreedStartOn }}
	agreedEnd := lifeDate{"agreed_completion_on", func(p *land.Parcel) land.Date { return p.AgreedCompletionOn }}
	return [8]order{{approved, supplied}, {supplied, started}, {started, suspended}, {suspended, resumed}, {started, completed},
		{completed, accepted}, {agreedStart, agreedEnd}, {supplied, agreedEnd}}
}

type areaOf struct {
	name string
	at   func(*land.Parcel) land.Number
}

// partsOfSite can't be larger than the site.
func partsOfSite() [5]areaOf {
	return [5]areaOf{
		{"ancillary_site_m2", func(p *land.Parcel) land.Number { return p.AncillarySiteM2 }},
		{"footprint_m2", func(p *land.Parcel) land.Number { return p.FootprintM2 }},
		{"green_m2", func(p *land.Parcel) land.Number { return p.GreenM2 }},
		{"built_land_m2", func(p *land.Parcel) land.Number { return p.BuiltLandM2 }},
		{"rental_housing_site_m2", func(p *land.Parcel) land.Number { return p.RentalSiteM2 }},
	}
}

// partsOfFloor can't be larger than all floors.
func partsOfFloor() [3]areaOf {
	return [3]areaOf{
		{"ancillary_floor_m2", func(p *land.Parcel) land.Number { return p.AncillaryFloorM2 }},
		{"production_service_floor_m2", func(p *land.Parcel) land.Number { return p.ProductionFloorM2 }},
		{"rental_housing_floor_m2", func(p *land.Parcel) land.Number { return p.RentalFloorM2 }},
	}
}
