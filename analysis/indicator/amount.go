package indicator

import "github.com/muscope/muscope/analysis/land"

// term is a quantity that a parcel can give to one side of a ratio.
type term uint8

const (
	nothing term = iota
	areaLand
	lessArea // the parcel's area, taken off
	builtLand
	floorArea
	farFloor
	ancillarySite
	ancillaryFloor
	siteLessRental  // ancillary site without that of rental housing for staff
	floorLessRental // ancillary floor without that of rental housing for staff
	footprint
	groundCover // footprint, structures and yards, of the building coefficient
	greenLand
	output
	tax
	fixedAssets
	termCount
)

// fact is something about a parcel that may be unknown; it is what missing
// lists speak of.
type fact uint8

const (
	factApproved fact = iota
	factSupplied
	factBuilt
	factStanding
	factReady
	factOwner
	factClass
	factIdle
	factIdleStart // the same, where it is the agreed start that is unknown
	worldFacts
)

const (
	blankFloor fact = worldFacts + iota
	blankSite
	blankAncillaryFloor
	blankRentalSite
	blankRentalFloor
	blankFootprint
	blankStructures
	blankYards
	blankGreen
	blankOutput
	blankTax
	blankAssets
	blankApproval // of a batch: its area, what was revoked, or its parcels' supply
	factCount
)

// facts is a set of facts.
type facts uint32

func (f fact) set() facts { return 1 << f }

// factField is the public field in which a fact would be recorded.
func factField(f fact) string {
	return [factCount]string{
		factApproved: "approved_on", factSupplied: "supplied_on", factBuilt: "construction_state",
		factStanding: "construction_state", factReady: "supply_ready", factOwner: "ownership",
		factClass: "use_code", factIdle: "started_on", factIdleStart: "agreed_start_on",
		blankFloor: "floor_area_m2", blankSite: "ancillary_site_m2", blankAncillaryFloor: "ancillary_floor_m2",
		blankRentalSite: "rental_housing_site_m2", blankRentalFloor: "rental_housing_floor_m2",
		blankFootprint: "footprint_m2", blankStructures: "structures_m2", blankYards: "yards_m2",
		blankGreen: "green_m2", blankOutput: "output_wan", blankTax: "tax_wan", blankAssets: "fixed_assets_wan",
		blankApproval: "approvals",
	}[f]
}

// termFacts is which figures a term is read from.
func termFacts(t term) facts {
	switch t {
	case floorArea, farFloor:
		return blankFloor.set()
	case ancillarySite:
		return blankSite.set()
	case ancillaryFloor:
		return blankAncillaryFloor.set()
	case siteLessRental:
		return blankSite.set() | blankRentalSite.set()
	case floorLessRental:
		return blankAncillaryFloor.set() | blankRentalFloor.set()
	case footprint:
		return blankFootprint.set()
	case groundCover:
		return blankFootprint.set() | blankStructures.set() | blankYards.set()
	case greenLand:
		return blankGreen.set()
	case output:
		return blankOutput.set()
	case tax:
		return blankTax.set()
	case fixedAssets:
		return blankAssets.set()
	}
	return 0
}

// amounts are the quantities of one parcel, or of its part in a zone: of each
// term its value, or its least value where a figure is blank.
type amounts struct {
	least [termCount]land.Fixed
	blank facts
	far   bool // far_floor_area_m2 is given
	cut   bool // apportioned: each amount is rounded

	greatest *land.Most // of blank money; nil: nothing bounds it
	share    float64    // with which greatest counts
}

// numbers are the figures of a whole parcel that formulas ask for.
type numbers struct {
	area                                                     land.Fixed
	built, floor, farFloor, site, ancillary                  land.Number
	rentalSite, rentalFloor                                  land.Number
	footprint, structures, yards, green, output, tax, assets land.Number

	most *land.Most // of blank money
}

func numbersOf(p *land.Part) numbers {
	return numbers{area: p.AreaM2(), built: p.BuiltLandM2, floor: p.FloorAreaM2, farFloor: p.FARFloorAreaM2,
		site: p.AncillarySiteM2, ancillary: p.AncillaryFloorM2, footprint: p.FootprintM2,
		rentalSite: p.RentalSiteM2, rentalFloor: p.RentalFloorM2,
		structures: p.StructuresM2, yards: p.YardsM2, green: p.GreenM2,
		output: p.OutputWan, tax: p.TaxWan, assets: p.FixedAssetsWan, most: p.Most}
}

// times is the figures of a share of the parcel.
func (n *numbers) times(share float64) amounts {
	a := amounts{cut: share != 1, greatest: n.most, share: share}
	a.least[areaLand] = n.area.Share(share)
	a.least[lessArea] = -a.least[areaLand]
	a.least[builtLand] = a.least[areaLand]
	if n.built.Known {
		a.least[builtLand] = n.built.Value.Share(share)
	}
	a.least[ancillarySite] = a.read(blankSite, n.site, share)
	a.least[ancillaryFloor] = a.read(blankAncillaryFloor, n.ancillary, share)
	a.least[siteLessRental] = a.less(ancillarySite, blankRentalSite, n.rentalSite, share)
	a.least[floorLessRental] = a.less(ancillaryFloor, blankRentalFloor, n.rentalFloor, share)
	a.least[floorArea] = a.read(blankFloor, n.floor, share)
	if !n.floor.Known {
		a.least[floorArea] = a.least[ancillaryFloor] // all floors hold the ancillary ones
	}
	a.least[farFloor] = a.least[floorArea]
	if n.farFloor.Known { // storeys over 8 m doubled: goes before the plain floor area
		a.far, a.least[farFloor] = true, n.farFloor.Value.Share(share)
	}
	a.least[footprint] = a.read(blankFootprint, n.footprint, share)
	a.least[groundCover] = a.least[footprint] + a.read(blankStructures, n.structures, share) + a.read(blankYards, n.yards, share)
	a.least[greenLand] = a.read(blankGreen, n.green, share)
	a.least[output] = a.read(blankOutput, n.output, share)
	a.least[tax] = a.read(blankTax, n.tax, share)
	a.least[fixedAssets] = a.read(blankAssets, n.assets, share)
	return a
}

// read is a figure times share; a blank one is noted and taken at its least.
func (a *amounts) read(blank fact, n land.Number, share float64) land.Fixed {
	if !n.Known {
		a.blank |= blank.set()
		return 0
	}
	return n.Value.Share(share)
}

// less is a term less a figure that is part of it; where that is blank, the
// least that can be left is nothing.
func (a *amounts) less(t term, blank fact, n land.Number, share float64) land.Fixed {
	part := a.read(blank, n, share)
	if !n.Known {
		return 0
	}
	return max(0, a.least[t]-part)
}

// missing is which figures of a term are blank.
func (a *amounts) missing(t term) facts {
	if t == farFloor && a.far {
		return 0
	}
	return a.blank & termFacts(t)
}

// most is the greatest value a term can have: a site within its parcel, an
// ancillary floor within the floor area. Floors and money have no greatest.
func (a *amounts) most(t term) (v land.Fixed, bounded bool) {
	if a.missing(t) == 0 {
		return a.least[t], true
	}
	switch t {
	case ancillarySite, footprint, groundCover, greenLand:
		return max(a.least[t], a.least[areaLand]), true
	case ancillaryFloor:
		return a.least[floorArea], a.missing(floorArea) == 0
	case siteLessRental:
		return a.most(ancillarySite)
	case floorLessRental:
		return a.most(ancillaryFloor)
	case output, tax, fixedAssets:
		return a.mostMoney(t)
	}
	return 0, false
}

// mostMoney is the most that blank money comes to, where it is all of firms
// whose sums are known and only their apportionment isn't.
func (a *amounts) mostMoney(t term) (v land.Fixed, bounded bool) {
	if a.greatest == nil {
		return 0, false
	}
	n := a.greatest.OutputWan
	switch t {
	case tax:
		n = a.greatest.TaxWan
	case fixedAssets:
		n = a.greatest.AssetsWan
	}
	return n.Value.Share(a.share), n.Known
}
