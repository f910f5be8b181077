package indicator

import (
	"strconv"

	"github.com/muscope/muscope/analysis/land"
)

// fixed is an amount that the zone as a whole gives to a formula.
type fixed uint8

const (
	noFixed fixed = iota
	zoneArea
	approvedArea
	statGDP
	statOutput
	statTax
	statIndustrialTax
	statIndustrialAssets
	statPopulation
	statEnergy
	statValueAdded
	statRD
	fixedCount
)

// field is the public field the amount is read from.
func (f fixed) field() string {
	return [fixedCount]string{
		zoneArea: "zone_area", approvedArea: "approved_area_ha", statGDP: "gdp_wan",
		statOutput: "industrial_output_wan", statTax: "tax_wan", statIndustrialTax: "industrial_tax_wan",
		statIndustrialAssets: "industrial_fixed_assets_wan", statPopulation: "resident_population",
		statEnergy: "energy_tce", statValueAdded: "industrial_value_added_wan", statRD: "rd_wan",
	}[f]
}

func (f fixed) isStat() bool { return f >= statGDP }

// figures are the amounts of the zone as a whole: its areas, and its stats of
// the last year that had ended by the as-of date.
type figures struct {
	zoneM2     land.Fixed
	approvedM2 land.Number
	stats      land.Stats
	hasStats   bool
}

func (g *figures) amount(f fixed) land.Number {
	s := &g.stats
	switch f {
	case noFixed:
		return land.Num(0)
	case zoneArea:
		return land.Num(g.zoneM2)
	case approvedArea:
		return g.approvedM2
	case statGDP:
		return s.GDPWan
	case statOutput:
		return s.IndustrialOutputWan
	case statTax:
		return s.TaxWan
	case statIndustrialTax:
		return s.IndustrialTaxWan
	case statIndustrialAssets:
		return s.IndustrialFixedAssetsWan
	case statPopulation:
		return s.ResidentPopulation
	case statEnergy:
		return s.EnergyTCE
	case statValueAdded:
		return s.IndustrialValueAddedWan
	case statRD:
		return s.RDWan
	}
	return land.Number{}
}

// source names the year of the stats.
func (g *figures) source() string { return "stats " + strconv.Itoa(g.stats.Year) }

// figuresOf takes the stats of the last year whose 31 December is not after
// the as-of date.
func figuresOf(zone *land.Zone, stats []land.Stats, c *calendar) figures {
	g := figures{zoneM2: zone.AreaM2, approvedM2: squareMetres(zone.ApprovedAreaHa)}
	for _, s := range stats {
		if c.ended(s.Year) && (!g.hasStats || s.Year > g.stats.Year) {
			g.stats, g.hasStats = s, true
		}
	}
	return g
}

// ended reports whether 31 December of a year is not after the as-of date.
func (c *calendar) ended(year int) bool {
	return year < c.year || year == c.year && (c.asOf+1).Year() > year
}

// squareMetres is hectares in m²; unknown where that leaves the range.
func squareMetres(ha land.Number) land.Number {
	const perHa = 10_000
	if !ha.Known || ha.Value > 1<<63/perHa-1 || ha.Value < 0 {
		return land.Number{}
	}
	return land.Num(ha.Value * perHa)
}
