package indicator

import "github.com/muscope/muscope/analysis/land"

// side is the numerator or the denominator of a formula: what each parcel
// gives to it, what the zone as a whole gives to it, or both.
type side struct {
	name  string // of the base or measure: built_land, floor_area, gdp
	unit  land.Unit
	of    func(w *world) term
	fixed fixed
}

// level is who a formula is for.
type level uint8

const (
	ofZone       level = iota
	ofZoneHidden       // a zone's formula that only serves another one
	ofProject          // over the whole parcels of a project
	ofIndustry         // over the zone's projects that are built on
	levelCount
)

// formula is one indicator: numerator ÷ denominator, in a unit.
type formula struct {
	id       string
	level    level
	unit     land.Unit
	num, den side
	// instead, where it is set, is the hidden formula that takes a figure of
	// the zone's stats in place of the parcels' sum.
	instead string
}

// scale is the factor between the ratio of two amounts, as held, and the
// indicator's unit, as a fraction.
func (f *formula) scale() (num, den int64) {
	switch f.unit {
	case land.UnitWanPerMu: // 1 mu is exactly 10000/15 m²
		return 2000, 3
	case land.UnitPerKm2:
		return 1e6, 1
	case land.UnitYears: // ÷ a fifth of five years' supply
		return yearsOfSupply, 1
	}
	return 1, 1
}

// yearsOfSupply is over how many years the mean yearly supply is taken.
const yearsOfSupply = 5

// Definition is what a formula says of itself: for menus, legends and explain.
type Definition struct {
	ID          string
	Unit        land.Unit
	Title       string // key of the texts in data/i18n
	Formula     string // key of the texts in data/i18n
	Numerator   string // name of the measure or base
	Denominator string
	Project     bool // of a project, not of a zone
}

// Definitions lists every indicator in the order of the contract, section 4.
func Definitions() []Definition {
	var out []Definition
	for i := range formulas {
		f := &formulas[i]
		if f.level == ofZoneHidden {
			continue
		}
		out = append(out, Definition{ID: f.id, Unit: f.unit, Title: "indicator." + f.id + ".title",
			Formula: "indicator." + f.id + ".formula", Numerator: f.num.name, Denominator: f.den.name,
			Project: f.level == ofProject})
	}
	return out
}

// take gives a term of the parcels for which a condition holds.
func take(t term, where func(w *world) bool) func(*world) term {
	return func(w *world) term {
		if where(w) {
			return t
		}
		return nothing
	}
}

// standing gives a figure of the parcels for which a condition holds and on
// which something stands; elsewhere the figure is 0.
func standing(t term, where func(w *world) bool) func(*world) term {
	return take(t, func(w *world) bool { return w.standing && where(w) })
}

func anyLand(*world) bool { return true }

func ofClass(c class) func(*world) bool {
	return func(w *world) bool { return w.construction && w.class == c }
}

func industrialLand(w *world) bool { return w.builtUp() && w.industry() }

// developed is built + ready land; the two never overlap.
func developed(w *world) term {
	switch {
	case w.builtUp() && !w.open():
		return builtLand
	case w.builtUp(), w.readyLand(): // of built-on land that is supplied or ready, the rest of the parcel is ready too
		return areaLand
	}
	return nothing
}

// adminLiving is admin and living land: parcels of those classes, and the
// ancillary sites of projects. wide adds residential parcels.
func adminLiving(wide bool) func(*world) term {
	return func(w *world) term {
		switch {
		case !w.construction:
			return nothing
		case w.class == adminOffice || w.class == residentialService || wide && w.class == residential:
			return areaLand
		case w.project() && w.standing:
			return ancillarySite
		}
		return nothing
	}
}

func adminLivingFloor(w *world) term {
	switch {
	case !w.standing:
		return nothing
	case w.class == adminOffice || w.class == residentialService:
		return floorArea
	case w.project():
		return ancillaryFloor
	}
	return nothing
}

// approvedIn is approval in one of some windows of calendar years.
func approvedIn(windows ...approval) func(*world) bool {
	return func(w *world) bool {
		for _, a := range windows {
			if w.approval == a {
				return true
			}
		}
		return false
	}
}

func and(a, b func(*world) bool) func(*world) bool {
	return func(w *world) bool { return a(w) && b(w) }
}

func idleLand(w *world) bool { return w.idle && w.supplied() }

// recentSupply is land supplied in the five years up to the as-of date.
func recentSupply(w *world) bool { return w.supply == suppliedRecent && w.supplied() }

// leftToSupply is unsupplied land and the ready part of the reserve.
func leftToSupply(w *world) bool { return w.unsupplied() || w.inReserve() && w.readyLand() }

// The bases and measures that several formulas share.
func baseBuilt(unit land.Unit) side {
	return side{name: "built_land", unit: unit, of: take(builtLand, (*world).builtUp)}
}

func baseIndustrial(unit land.Unit) side {
	return side{name: "industrial_land", unit: unit, of: take(builtLand, industrialLand)}
}

func baseConstruction() side {
	return side{name: "construction_land", unit: land.UnitMu, of: take(areaLand, func(w *world) bool { return w.construction })}
}

func baseSupplied() side {
	return side{name: "supplied", unit: land.UnitMu, of: take(areaLand, (*world).supplied)}
}

func baseDeveloped() side { return side{name: "built_land+ready", unit: land.UnitMu, of: developed} }

func baseProject(unit land.Unit, where func(*world) bool) side {
	return side{name: "project_land", unit: unit, of: take(areaLand, where)}
}

func mu(name string, of func(*world) term) side { return side{name: name, unit: land.UnitMu, of: of} }
func m2(name string, of func(*world) term) side { return side{name: name, unit: land.UnitM2, of: of} }

func figure(f fixed, unit land.Unit) side { return side{name: f.field(), unit: unit, fixed: f} }

func ratio(id string, num, den side) formula {
	return formula{id: id, unit: land.UnitRatio, num: num, den: den}
}

func perMu(id string, f fixed, den side) formula {
	return formula{id: id, unit: land.UnitWanPerMu, num: figure(f, land.UnitWan), den: den}
}

// money is a sum over parcels, or else a figure of the stats, per mu.
func money(id, name string, t term, where func(*world) bool, den side, instead string) formula {
	return formula{id: id, unit: land.UnitWanPerMu, den: den, instead: instead,
		num: side{name: name, unit: land.UnitWan, of: take(t, where)}}
}

func hidden(id string, f fixed, den side) formula {
	out := perMu(id, f, den)
	out.level = ofZoneHidden
	return out
}

func at(l level, f formula) formula {
	f.level = l
	return f
}

// formulas is the table of indicators, in the order of the contract. It is
// never written to.
var formulas = concat(
	moneyFormulas(), landFormulas(), shareFormulas(), densityFormulas(), zoneFormulas(), furtherFormulas(), hiddenFormulas())

func concat(parts ...[]formula) (all []formula) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func moneyFormulas() []formula {
	const mu = land.UnitMu
	return []formula{
		perMu("gdp_per_mu.approved_area", statGDP, figure(approvedArea, mu)),
		perMu("gdp_per_mu.zone_area", statGDP, figure(zoneArea, mu)),
		perMu("gdp_per_mu.construction_land", statGDP, baseConstruction()),
		perMu("gdp_per_mu.built_land", statGDP, baseBuilt(mu)),
		money("output_per_mu.industrial_land", "output", output, industrialLand, baseIndustrial(mu), "stats.output.industrial_land"),
		money("output_per_mu.built_land", "output", output, (*world).builtUp, baseBuilt(mu), "stats.output.built_land"),
		money("tax_per_mu.built_land", "tax", tax, (*world).builtUp, baseBuilt(mu), "stats.tax.built_land"),
		money("industrial_tax_per_mu.industrial_land", "tax", tax, industrialLand, baseIndustrial(mu), "stats.industrial_tax.industrial_land"),
		money("investment_intensity.industrial_land", "fixed_assets", fixedAssets, industrialLand, baseIndustrial(mu), "stats.industrial_fixed_assets.industrial_land"),
		at(ofProject, money("investment_intensity.project", "fixed_assets", fixedAssets, (*world).lot, baseProject(mu, (*world).lot), "")),
	}
}

func hiddenFormulas() []formula {
	const mu = land.UnitMu
	return []formula{
		hidden("stats.output.industrial_land", statOutput, baseIndustrial(mu)),
		hidden("stats.output.built_land", statOutput, baseBuilt(mu)),
		hidden("stats.tax.built_land", statTax, baseBuilt(mu)),
		hidden("stats.industrial_tax.industrial_land", statIndustrialTax, baseIndustrial(mu)),
		hidden("stats.industrial_fixed_assets.industrial_land", statIndustrialAssets, baseIndustrial(mu)),
	}
}

func landFormulas() []formula {
	fiveYears := approvedIn(approvedFive, approvedLast)
	handed := (*world).suppliedOnce
	return []formula{
		ratio("development_intensity.zone_area", baseConstruction(), figure(zoneArea, land.UnitMu)),
		ratio("development_rate", baseDeveloped(), side{name: "zone_area-unbuildable", unit: land.UnitMu, fixed: zoneArea,
			of: take(lessArea, func(w *world) bool { return w.unbuildable })}),
		ratio("supply_rate", baseSupplied(), baseDeveloped()),
		ratio("build_rate", baseBuilt(land.UnitMu), baseSupplied()),
		ratio("unsupplied_rate.approved_land", mu("unsupplied", take(areaLand, (*world).unsupplied)),
			mu("approved_land", take(areaLand, (*world).approved))),
		// of batches of approved land, which AddBatch gives
		ratio(UnsuppliedOfApprovals, mu("unsupplied_of_batches", nil), mu("batches_in_force", nil)),
		ratio("approval_supply_rate.previous_five_years", mu("supplied_of_approved", take(areaLand, and(handed, fiveYears))),
			mu("approved_in_window", take(areaLand, fiveYears))),
		ratio("approval_supply_rate.last_year", mu("supplied_of_approved", take(areaLand, and(handed, approvedIn(approvedLast)))),
			mu("approved_in_window", take(areaLand, approvedIn(approvedLast)))),
		ratio("approval_supply_rate.this_year", mu("supplied_of_approved", take(areaLand, and(handed, approvedIn(approvedThis)))),
			mu("approved_in_window", take(areaLand, approvedIn(approvedThis)))),
		ratio("idle_rate.suspected", mu("suspected_idle", take(areaLand, idleLand)), baseSupplied()),
		ratio("idle_rate.determined", mu("determined_idle", take(areaLand, func(w *world) bool { return w.determined && idleLand(w) })),
			baseSupplied()),
	}
}

func shareFormulas() []formula {
	ancillary := func(t term, where func(*world) bool) side {
		if t == ancillarySite {
			return mu("ancillary_site", standing(t, where))
		}
		return m2("ancillary_floor", standing(t, where))
	}
	floors := func(where func(*world) bool) side { return m2("floor_area", standing(floorArea, where)) }
	lot, project := (*world).lot, (*world).project
	share := func(id, name string, of func(*world) term) formula {
		return ratio(id, mu(name, of), baseConstruction())
	}
	return []formula{
		ratio("industrial_land_share.built_land", baseIndustrial(land.UnitMu), baseBuilt(land.UnitMu)),
		at(ofProject, ratio("ancillary_land_share.project", ancillary(ancillarySite, lot), baseProject(land.UnitMu, lot))),
		at(ofProject, ratio("ancillary_floor_share.project", ancillary(ancillaryFloor, lot), floors(lot))),
		at(ofIndustry, ratio("ancillary_land_share.industrial_projects", ancillary(ancillarySite, project), baseProject(land.UnitMu, project))),
		at(ofIndustry, ratio("ancillary_floor_share.industrial_projects", ancillary(ancillaryFloor, project), floors(project))),
		share("admin_living_land_share.construction_land", "admin_living_land", adminLiving(false)),
		share("admin_residential_land_share.construction_land", "admin_residential_land", adminLiving(true)),
		ratio("admin_living_floor_share.all_floor_area", m2("admin_living_floor", adminLivingFloor),
			floors(anyLand)),
		share("residential_land_share.construction_land", "residential_land", take(areaLand, ofClass(residential))),
		share("production_service_land_share.construction_land", "production_service_land", take(areaLand, ofClass(productionService))),
		share("public_service_land_share.construction_land", "public_service_land", take(areaLand, ofClass(publicService))),
	}
}

// furtherFormulas are those that rules ask for beyond the contract's own table:
// rental housing counted apart, and housing among built and newly supplied land.
func furtherFormulas() []formula {
	lot := (*world).lot
	return []formula{
		at(ofProject, ratio("ancillary_less_rental_land_share.project",
			mu("ancillary_site-rental_housing", standing(siteLessRental, lot)), baseProject(land.UnitMu, lot))),
		at(ofProject, ratio("ancillary_less_rental_floor_share.project",
			m2("ancillary_floor-rental_housing", standing(floorLessRental, lot)), m2("floor_area", standing(floorArea, lot)))),
		ratio("residential_land_share.built_land",
			mu("residential_built_land", take(builtLand, and((*world).builtUp, ofClass(residential)))), baseBuilt(land.UnitMu)),
		ratio("residential_land_share.recent_supply",
			mu("residential_supplied_recently", take(areaLand, and(recentSupply, ofClass(residential)))),
			mu("supplied_recently", take(areaLand, recentSupply))),
	}
}

func densityFormulas() []formula {
	const m = land.UnitM2
	lot := (*world).lot
	return []formula{
		ratio("gross_far.built_land", m2("far_floor_area", take(farFloor, (*world).builtUp)), baseBuilt(m)),
		ratio("industrial_far.industrial_land", m2("far_floor_area", take(farFloor, industrialLand)), baseIndustrial(m)),
		at(ofProject, ratio("far.project", m2("far_floor_area", standing(farFloor, lot)), baseProject(m, lot))),
		ratio("building_density.built_land", m2("footprint", take(footprint, (*world).builtUp)), baseBuilt(m)),
		ratio("building_coefficient.industrial_land", m2("footprint+structures+yards", take(groundCover, industrialLand)), baseIndustrial(m)),
		at(ofProject, ratio("building_coefficient.project", m2("footprint+structures+yards", standing(groundCover, lot)), baseProject(m, lot))),
		at(ofProject, ratio("green_share.project", m2("green", standing(greenLand, lot)), baseProject(m, lot))),
	}
}

func zoneFormulas() []formula {
	people := figure(statPopulation, land.UnitPerson)
	supplied := side{name: "yearly_supply", unit: land.UnitM2PerYear,
		of: take(areaLand, func(w *world) bool { return w.supply == suppliedRecent && w.supplied() })}
	years := func(id string, num side) formula {
		return formula{id: id, unit: land.UnitYears, num: num, den: supplied}
	}
	return []formula{
		{id: "population_density.built_land", unit: land.UnitPerKm2, num: people, den: baseBuilt(land.UnitKm2)},
		{id: "land_per_capita.built_land", unit: land.UnitM2Each, num: baseBuilt(land.UnitM2), den: people},
		{id: "energy_per_value_added", unit: land.UnitTCEPerWan, num: figure(statEnergy, land.UnitTCE), den: figure(statValueAdded, land.UnitWan)},
		ratio("rd_intensity.gdp", figure(statRD, land.UnitWan), figure(statGDP, land.UnitWan)),
		years("remaining_supply_years.by_supply", m2("unsupplied+reserve_ready", take(areaLand, leftToSupply))),
		years("remaining_supply_years.by_area", side{name: "zone_area-supplied", unit: land.UnitM2, fixed: zoneArea,
			of: take(lessArea, (*world).supplied)}),
	}
}
