package indicator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
)

// contractIDs is section 4 of the contract, in its order.
const contractIDs = `gdp_per_mu.approved_area gdp_per_mu.zone_area gdp_per_mu.construction_land gdp_per_mu.built_land
output_per_mu.industrial_land output_per_mu.built_land tax_per_mu.built_land industrial_tax_per_mu.industrial_land
investment_intensity.industrial_land investment_intensity.project development_intensity.zone_area development_rate
supply_rate build_rate unsupplied_rate.approved_land approval_supply_rate.previous_five_years
approval_supply_rate.last_year approval_supply_rate.this_year idle_rate.suspected idle_rate.determined
industrial_land_share.built_land ancillary_land_share.project ancillary_floor_share.project
ancillary_land_share.industrial_projects ancillary_floor_share.industrial_projects
admin_living_land_share.construction_land admin_residential_land_share.construction_land
admin_living_floor_share.all_floor_area residential_land_share.construction_land
production_service_land_share.construction_land public_service_land_share.construction_land
gross_far.built_land industrial_far.industrial_land far.project building_density.built_land
building_coefficient.industrial_land building_coefficient.project green_share.project population_density.built_land
land_per_capita.built_land energy_per_value_added rd_intensity.gdp
remaining_supply_years.by_supply remaining_supply_years.by_area`

// furtherIDs are those beyond the contract.
const furtherIDs = ` ancillary_less_rental_land_share.project ancillary_less_rental_floor_share.project
residential_land_share.built_land residential_land_share.recent_supply`

func TestDefinitionsAreTheContracts(t *testing.T) {
	// The batches' own rate stands beside that by parcels, whose meaning is the contract's.
	want := strings.Fields(strings.Replace(contractIDs+furtherIDs, "unsupplied_rate.approved_land", "unsupplied_rate.approved_land "+UnsuppliedOfApprovals, 1))
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range Definitions() {
		got = append(got, d.ID)
		if d.Numerator == "" || d.Denominator == "" || d.Unit == "" {
			t.Errorf("%s is not wholly defined: %+v", d.ID, d)
		}
		for _, key := range []string{d.Title, d.Formula, "base." + d.Numerator, "base." + d.Denominator, "unit." + string(d.Unit)} {
			if _, ok := texts[key]; !ok {
				t.Errorf("data/i18n has no %s", key)
			}
		}
		if d.Project != strings.HasSuffix(d.ID, ".project") && !strings.HasSuffix(d.ID, "industrial_projects") {
			t.Errorf("%s: project %v", d.ID, d.Project)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("ids\n%v, want\n%v", got, want)
	}
	for _, reason := range []string{ReasonEmptyBase, ReasonMissingInput, ReasonNoStats, ReasonOverflow, ReasonStorage, ReasonNewIndustry} {
		if _, ok := texts["reason."+reason]; !ok {
			t.Errorf("data/i18n has no reason.%s", reason)
		}
	}
}

func TestInsteadNamesAHiddenFormula(t *testing.T) {
	for i := range formulas {
		if f := &formulas[i]; f.instead != "" {
			if j := formulaNamed(f.instead); j < 0 || formulas[j].level != ofZoneHidden {
				t.Errorf("%s names %s, which is no hidden formula", f.id, f.instead)
			}
		}
	}
}

// quantities writes an indicator for comparison: value, numerator, denominator.
func quantities(i land.Indicator) string {
	text := func(q *land.Quantity) string {
		if q == nil {
			return "null"
		}
		b, err := q.MarshalJSON()
		if err != nil {
			return err.Error()
		}
		return string(b) + " " + string(q.Unit)
	}
	v := "null " + i.Reason
	if i.Value != nil {
		v = fmt.Sprint(*i.Value)
	}
	if !i.Exact {
		v += " of a part"
	}
	return v + " = " + text(i.Numerator) + " / " + text(i.Denominator)
}

func wan(n int64) land.Number { return land.Num(m2of(n)) }

// workedPlots is a zone with a different number for every figure, so that a
// formula that reads the wrong one shows (areas in m²).
func workedPlots() []*plot {
	return []*plot{
		newPlot("factory", m2of(90_000), land.ClassIndustrial, land.Built).with(func(p *plot) {
			p.ProjectNo, p.Source.Position = "P1", 1
			p.FloorAreaM2, p.AncillarySiteM2, p.AncillaryFloorM2 = wan(60_000), wan(0), wan(0)
			p.FootprintM2, p.StructuresM2, p.YardsM2, p.GreenM2 = wan(30_000), wan(4_000), wan(2_000), wan(9_000)
			p.OutputWan, p.TaxWan, p.FixedAssetsWan = wan(5_400), wan(270), wan(2_700)
			p.ContractSignedOn = 737000
		}),
		newPlot("dormitory", m2of(10_000), land.ClassIndustrial, land.Built).with(func(p *plot) {
			p.ProjectNo, p.Source.Position = "P1", 2
			p.FloorAreaM2, p.FARFloorAreaM2, p.AncillarySiteM2, p.AncillaryFloorM2 = wan(12_000), wan(13_000), wan(6_800), wan(12_000)
			p.FootprintM2, p.StructuresM2, p.YardsM2, p.GreenM2 = wan(3_000), wan(400), wan(200), wan(1_000)
			p.OutputWan, p.TaxWan, p.FixedAssetsWan = wan(0), wan(0), wan(300)
			p.ContractSignedOn = 737100
		}),
		newPlot("flats", m2of(20_000), land.ClassResidential, land.Built).with(func(p *plot) {
			p.FloorAreaM2, p.FootprintM2, p.OutputWan, p.TaxWan = wan(40_000), wan(5_000), wan(0), wan(30)
		}),
		newPlot("town hall", m2of(5_000), land.ClassAdminOffice, land.Built).with(func(p *plot) {
			p.FloorAreaM2, p.FootprintM2, p.OutputWan, p.TaxWan = wan(8_000), wan(2_000), wan(0), wan(0)
		}),
		newPlot("laboratory", m2of(15_000), land.ClassProductionService, land.UnderConstruction).with(func(p *plot) {
			p.FloorAreaM2 = wan(5_000)
			p.SuppliedOn, p.ApprovedOn = date0(2023, 5, 1), date0(2023, 1, 1)
		}),
		newPlot("approved", m2of(30_000), land.ClassIndustrial, land.Unsupplied).with(func(p *plot) {
			p.ApprovedOn, p.SupplyReady = date0(2024, 2, 1), land.Yes
		}),
		newPlot("idle", m2of(12_000), land.ClassIndustrial, land.SuspectedIdle).with(func(p *plot) {
			p.SuppliedOn, p.ApprovedOn, p.Determined = date0(2021, 6, 1), date0(2020, 6, 1), true
		}),
		newPlot("reserve", m2of(8_000), land.ClassCommercial, land.Reserve).with(func(p *plot) {
			p.Tenure, p.SupplyReady = land.TenureReserve, land.Yes
		}),
		newPlot("river", m2of(10_000), land.ClassNotConstruction, land.NotConstruction).with(func(p *plot) {
			p.Assessment.Unbuildable = true
		}),
		newPlot("cable tunnel", m2of(50_000), land.ClassIndustrial, land.Built).with(func(p *plot) {
			p.RightLayer = land.LayerBelow
		}),
	}
}

func date0(y, m, d int) land.Date {
	day, _ := land.ParseDate(fmt.Sprintf("%04d-%02d-%02d", y, m, d))
	return day
}

func workedStats() []land.Stats {
	row := land.Stats{Zone: "Z", Year: 2024, GDPWan: wan(6_000), IndustrialOutputWan: wan(9_999), IndustrialValueAddedWan: wan(2_000),
		TaxWan: wan(777), IndustrialTaxWan: wan(666), IndustrialFixedAssetsWan: wan(8_888), ResidentPopulation: wan(2_500),
		RDWan: wan(150), EnergyTCE: wan(700)}
	old, coming := row, row
	old.Year, old.GDPWan, coming.Year, coming.GDPWan = 2023, wan(1), 2025, wan(2)
	return []land.Stats{coming, row, old}
}

func workedZone(plots []*plot, stats []land.Stats) *Zone {
	z := NewZone(&land.Zone{Code: "Z", Scope: land.ScopeApproved, AreaM2: m2of(210_000), ApprovedAreaHa: land.Num(18 * land.One)},
		stats, date0(2024, 12, 31))
	for _, p := range plots {
		z.Add(&p.Part, &p.Assessment)
	}
	return z
}

// TestWorkedZone holds every zone indicator against figures worked by hand.
// Built land is 90,000 + 10,000 + 20,000 + 5,000 = 125,000 m² = 187.5 mu, of it
// industrial 150 mu; construction land 190,000 m² = 285 mu; supplied 152,000 m²
// = 228 mu; ready 15,000 + 12,000 + 8,000 + 30,000 = 65,000 m².
func TestWorkedZone(t *testing.T) {
	z := workedZone(workedPlots(), workedStats())
	got := z.Indicators()
	for id, want := range map[string]string{
		"gdp_per_mu.approved_area":                        "22.22222222222222 = 6000 万元 / 270 mu",
		"gdp_per_mu.zone_area":                            "19.047619047619047 = 6000 万元 / 315 mu",
		"gdp_per_mu.construction_land":                    "21.05263157894737 = 6000 万元 / 285 mu",
		"gdp_per_mu.built_land":                           "32 = 6000 万元 / 187.5 mu",
		"output_per_mu.industrial_land":                   "36 = 5400 万元 / 150 mu",
		"output_per_mu.built_land":                        "28.8 = 5400 万元 / 187.5 mu",
		"tax_per_mu.built_land":                           "1.6 = 300 万元 / 187.5 mu",
		"industrial_tax_per_mu.industrial_land":           "1.8 = 270 万元 / 150 mu",
		"investment_intensity.industrial_land":            "20 = 3000 万元 / 150 mu",
		"development_intensity.zone_area":                 "0.9047619047619048 = 285 mu / 315 mu",
		"development_rate":                                "0.95 = 285 mu / 300 mu",
		"supply_rate":                                     "0.8 = 228 mu / 285 mu",
		"build_rate":                                      "0.8223684210526315 = 187.5 mu / 228 mu",
		"unsupplied_rate.approved_land":                   "0.16483516483516483 = 45 mu / 273 mu",
		"approval_supply_rate.previous_five_years":        "1 = 40.5 mu / 40.5 mu",
		"approval_supply_rate.last_year":                  "1 = 22.5 mu / 22.5 mu",
		"approval_supply_rate.this_year":                  "0 = 0 mu / 45 mu",
		"idle_rate.suspected":                             "0.07894736842105263 = 18 mu / 228 mu",
		"idle_rate.determined":                            "0.07894736842105263 = 18 mu / 228 mu",
		"industrial_land_share.built_land":                "0.8 = 150 mu / 187.5 mu",
		"ancillary_land_share.industrial_projects":        "0.068 = 10.2 mu / 150 mu",
		"ancillary_floor_share.industrial_projects":       "0.16666666666666666 = 12000 m2 / 72000 m2",
		"admin_living_land_share.construction_land":       "0.06210526315789474 = 17.7 mu / 285 mu",
		"admin_residential_land_share.construction_land":  "0.16736842105263158 = 47.7 mu / 285 mu",
		"admin_living_floor_share.all_floor_area":         "0.16 = 20000 m2 / 125000 m2",
		"residential_land_share.construction_land":        "0.10526315789473684 = 30 mu / 285 mu",
		"production_service_land_share.construction_land": "0.07894736842105263 = 22.5 mu / 285 mu",
		"public_service_land_share.construction_land":     "0 = 0 mu / 285 mu",
		"gross_far.built_land":                            "0.968 = 121000 m2 / 125000 m2",
		"industrial_far.industrial_land":                  "0.73 = 73000 m2 / 100000 m2",
		"building_density.built_land":                     "0.32 = 40000 m2 / 125000 m2",
		"building_coefficient.industrial_land":            "0.396 = 39600 m2 / 100000 m2",
		"population_density.built_land":                   "20000 = 2500 person / 0.125 km2",
		"land_per_capita.built_land":                      "50 = 125000 m2 / 2500 person",
		"energy_per_value_added":                          "0.35 = 700 tce / 2000 万元",
		"rd_intensity.gdp":                                "0.025 = 150 万元 / 6000 万元",
		"remaining_supply_years.by_supply":                "7.037037037037037 = 38000 m2 / 5400 m2/year",
		"remaining_supply_years.by_area":                  "10.74074074074074 = 58000 m2 / 5400 m2/year",
	} {
		i := find(t, got, id)
		if have := quantities(i); have != want {
			t.Errorf("%s\n got %s\nwant %s", id, have, want)
		}
		if !i.Exact || i.Coverage != 1 || len(i.Missing) > 0 || i.Bounds == nil || *i.Bounds.Lo != *i.Value || *i.Bounds.Hi != *i.Value {
			t.Errorf("%s is not exact: %+v", id, i)
		}
	}
	if len(got) != 41 {
		t.Errorf("%d zone indicators, want 41", len(got))
	}
	if s := find(t, got, "gross_far.built_land").Source; s != SourceMixedFloor {
		t.Errorf("floor areas came from %q", s)
	}
	if ids := z.Contributors("admin_living_land_share.construction_land", 5); !slices.Equal(ids, []string{"dormitory", "town hall"}) {
		t.Errorf("contributors %v", ids)
	}
	if y := z.StatsYear(); y == nil || *y != 2024 {
		t.Errorf("stats year %v", y)
	}
}

// TestProjectOfTwoCertificates: the dormitory stands on a certificate of its
// own; judged as a whole the land share is 6.8 % and the floor share 1/6.
func TestProjectOfTwoCertificates(t *testing.T) {
	plots := workedPlots()
	plots[1].Elsewhere, plots[1].Share, plots[1].SetShare = true, 0, 0                   // the dormitory lies outside the zone
	plots[0].Share, plots[0].SetShare, plots[0].PartEllipsoidM2 = 0.5, 0.5, m2of(45_000) // and half the factory
	projects := workedZone(plots, nil).Projects()
	if len(projects) != 1 || projects[0].Subject != "P1" || !projects[0].Applicable || projects[0].FirstPosition != 1 ||
		!slices.Equal(projects[0].ParcelIDs, []string{"factory", "dormitory"}) {
		t.Fatalf("projects %+v", projects)
	}
	if p := projects[0]; p.LimitDate != 737100 || p.LimitBasis != BasisContract {
		t.Errorf("limits of %v by %s", p.LimitDate, p.LimitBasis)
	}
	for id, want := range map[string]string{
		"investment_intensity.project":  "20 = 3000 万元 / 150 mu",
		"ancillary_land_share.project":  "0.068 = 10.2 mu / 150 mu",
		"ancillary_floor_share.project": "0.16666666666666666 = 12000 m2 / 72000 m2",
		"far.project":                   "0.73 = 73000 m2 / 100000 m2",
		"building_coefficient.project":  "0.396 = 39600 m2 / 100000 m2",
		"green_share.project":           "0.1 = 10000 m2 / 100000 m2",
	} {
		if have := quantities(find(t, projects[0].Indicators, id)); have != want {
			t.Errorf("%s\n got %s\nwant %s", id, have, want)
		}
	}
	zone := find(t, workedZone(plots, nil).Indicators(), "ancillary_land_share.industrial_projects")
	if have := quantities(zone); have != "0 = 0 mu / 67.5 mu" {
		t.Errorf("over the zone's part: %s", have)
	}
}

// TestExactlyOnTheCap: 7 % of any parcel is 7 %, to the last bit.
func TestExactlyOnTheCap(t *testing.T) {
	for _, area := range []string{"100", "68507.52", "0.01", "12345678.9", "6666666666.7"} {
		whole, err := land.ParseFixed(area)
		if err != nil {
			t.Fatal(err)
		}
		p := newPlot("p", whole, land.ClassIndustrial, land.Built)
		p.AncillarySiteM2 = land.Num(whole / 100 * 7)
		i := find(t, workedZone([]*plot{p}, nil).Projects()[0].Indicators, "ancillary_land_share.project")
		if *i.Value != 0.07 || i.HiExact.Compare(70_000) != 0 || i.LoExact.Compare(70_000) != 0 {
			t.Errorf("%s: %v, exactly %+v", area, *i.Value, i.HiExact)
		}
		p.AncillarySiteM2.Value++
		i = find(t, workedZone([]*plot{p}, nil).Projects()[0].Indicators, "ancillary_land_share.project")
		if i.HiExact.Compare(70_000) != 1 {
			t.Errorf("%s: a square millimetre over is not over", area)
		}
	}
}

// TestExemptProjectsKeepTheirIndicators: a pack may speak of storage or M0.
func TestExemptProjectsKeepTheirIndicators(t *testing.T) {
	s := newPlot("s", m2of(1000), land.ClassStorage, land.Built).with(func(p *plot) { p.AncillarySiteM2 = wan(50) })
	m := newPlot("m", m2of(1000), land.ClassIndustrial, land.Built).with(func(p *plot) {
		p.AncillarySiteM2, p.Assessment.NewIndustry = wan(100), true
	})
	got := workedZone([]*plot{s, m}, nil).Projects()
	if len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	for _, p := range got {
		want := map[string]string{"s": "0.05 = 0.075 mu / 1.5 mu", "m": "0.1 = 0.15 mu / 1.5 mu"}[p.Subject]
		if have := quantities(find(t, p.Indicators, "ancillary_land_share.project")); have != want || p.Applicable ||
			p.NewIndustry != (p.Subject == "m") || (p.Class == land.ClassStorage) != (p.Subject == "s") {
			t.Errorf("%s %+v", have, p)
		}
	}
	zone := find(t, workedZone([]*plot{s, m}, nil).Indicators(), "ancillary_land_share.industrial_projects")
	if zone.Reason != ReasonEmptyBase {
		t.Errorf("%s", mustJSON(t, zone))
	}
}

func TestProjectsThatAreNone(t *testing.T) {
	base := func(s land.Status, c land.Class) *plot {
		return newPlot("p", m2of(1000), c, s).with(func(p *plot) { p.AncillarySiteM2 = wan(100) })
	}
	for name, c := range map[string]struct {
		plot *plot
		want string
	}{
		"factory":          {base(land.Built, land.ClassIndustrial), "applies"},
		"storage":          {base(land.Built, land.ClassStorage), ReasonStorage},
		"new industry":     {base(land.Built, land.ClassIndustrial).with(func(p *plot) { p.Assessment.NewIndustry = true }), ReasonNewIndustry},
		"flats":            {base(land.Built, land.ClassResidential), "none"},
		"mine":             {base(land.Built, land.ClassMining), "none"},
		"not supplied":     {base(land.Unsupplied, land.ClassIndustrial), "none"},
		"supplied":         {base(land.SuppliedNotDue, land.ClassIndustrial), "applies"},
		"without figures":  {newPlot("p", m2of(1000), land.ClassIndustrial, land.SuppliedNotDue), "none"},
		"built, no figure": {newPlot("p", m2of(1000), land.ClassIndustrial, land.Built), "applies"},
		"unknown class":    {newPlot("p", m2of(1000), land.ClassUnknown, land.Built), "none"},
		"unknown, sited":   {base(land.Built, land.ClassUnknown), "applies"},
		"below ground":     {base(land.Built, land.ClassIndustrial).with(func(p *plot) { p.RightLayer = land.LayerBelow }), "none"},
		"a touch":          {base(land.Built, land.ClassIndustrial).with(func(p *plot) { p.Share, p.ProjectNo = 0.00001, "X" }), "none"},
	} {
		got := "none"
		if list := workedZone([]*plot{c.plot}, nil).Projects(); len(list) == 1 {
			if got = list[0].Reason; list[0].Applicable {
				got = "applies"
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestAncillaryWhereNothingStands: figures of land not started are 0, known.
func TestAncillaryWhereNothingStands(t *testing.T) {
	p := newPlot("p", m2of(1000), land.ClassIndustrial, land.SuppliedNotDue).with(func(p *plot) { p.AncillarySiteM2 = wan(500) })
	list := workedZone([]*plot{p}, nil).Projects()
	if have := quantities(find(t, list[0].Indicators, "ancillary_land_share.project")); have != "0 = 0 mu / 1.5 mu" {
		t.Error(have)
	}
	if have := quantities(find(t, list[0].Indicators, "ancillary_floor_share.project")); have != "null empty_base = 0 m2 / 0 m2" {
		t.Error(have)
	}
}

func TestUnknownSiteAndFloor(t *testing.T) {
	known := newPlot("known", m2of(9000), land.ClassIndustrial, land.Built).with(func(p *plot) {
		p.AncillarySiteM2, p.AncillaryFloorM2, p.FloorAreaM2 = wan(450), wan(600), wan(6000)
	})
	blank := newPlot("blank", m2of(1000), land.ClassIndustrial, land.Built).with(func(p *plot) { p.FloorAreaM2 = wan(2000) })
	got := workedZone([]*plot{known, blank}, nil).Indicators()
	check := func(id string, value, lo, hi, coverage float64, field string) {
		t.Helper()
		i := find(t, got, id)
		if *i.Value != value || *i.Bounds.Lo != lo || *i.Bounds.Hi != hi || i.Coverage != coverage || i.Exact ||
			len(i.Missing) != 1 || i.Missing[0] != (land.Missing{Field: field, Parcels: 1, AreaM2: m2of(1000)}) {
			t.Errorf("%s", mustJSON(t, i))
		}
	}
	check("ancillary_land_share.industrial_projects", 0.05, 0.045, 0.145, 0.9, "ancillary_site_m2")
	check("ancillary_floor_share.industrial_projects", 0.1, 0.075, 0.325, 0.9, "ancillary_floor_m2")
	blank.FloorAreaM2 = land.Number{}
	got = workedZone([]*plot{known, blank}, nil).Indicators()
	i := find(t, got, "ancillary_floor_share.industrial_projects") // the rest could be all dormitory, or none
	if *i.Value != 0.1 || *i.Bounds.Lo != 0 || *i.Bounds.Hi != 1 || len(i.Missing) != 2 {
		t.Errorf("%s", mustJSON(t, i))
	}
	i = find(t, got, "gross_far.built_land")
	if *i.Value != 6000./9000 || *i.Bounds.Lo != 0.6 || i.Bounds.Hi != nil || i.HiExact != nil {
		t.Errorf("%s", mustJSON(t, i))
	}
}

func TestMoneyFallsBackToStats(t *testing.T) {
	plots := workedPlots()
	plots[1].OutputWan = land.Number{}
	i := find(t, workedZone(plots, workedStats()).Indicators(), "output_per_mu.industrial_land")
	if have := quantities(i); have != "66.66 = 9999 万元 / 150 mu" || i.Source != "stats 2024" || !i.Exact {
		t.Errorf("%s from %s", have, i.Source)
	}
	i = find(t, workedZone(plots, nil).Indicators(), "output_per_mu.industrial_land")
	if have := quantities(i); have != "40 of a part = 5400 万元 / 135 mu" || i.Source != SourceParcels ||
		i.Coverage != 0.9 || *i.Bounds.Lo != 36 || i.Bounds.Hi != nil {
		t.Errorf("%s %s", have, mustJSON(t, i))
	}
}

func TestMissingFiguresOfTheZone(t *testing.T) {
	z := NewZone(&land.Zone{Code: "Z", AreaM2: m2of(1000)}, nil, date0(2024, 12, 31))
	p := newPlot("p", m2of(1000), land.ClassIndustrial, land.Built)
	z.Add(&p.Part, &p.Assessment)
	for id, want := range map[string]string{
		"gdp_per_mu.approved_area":   "no_stats gdp_wan approved_area_ha",
		"gdp_per_mu.built_land":      "no_stats gdp_wan",
		"energy_per_value_added":     "no_stats energy_tce industrial_value_added_wan",
		"land_per_capita.built_land": "no_stats resident_population",
	} {
		i := find(t, z.Indicators(), id)
		got := i.Reason
		for _, m := range i.Missing {
			got += " " + m.Field
		}
		if got != want || i.Value != nil || i.Exact || i.Bounds != nil {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	z = NewZone(&land.Zone{Code: "Z", AreaM2: m2of(1000)}, []land.Stats{{Year: 2020}}, date0(2024, 12, 31))
	if i := find(t, z.Indicators(), "rd_intensity.gdp"); i.Reason != ReasonMissingInput {
		t.Errorf("%+v", i)
	}
	if i := find(t, z.Indicators(), "gdp_per_mu.built_land"); i.Reason != ReasonEmptyBase {
		t.Errorf("nothing built: %+v", i)
	}
}

func TestStatsYearEnds(t *testing.T) {
	for day, want := range map[string]int{"2024-12-31": 2024, "2024-12-30": 2023, "2025-06-01": 2024, "2023-01-01": 0} {
		z := NewZone(&land.Zone{}, []land.Stats{{Year: 2024}, {Year: 2023}}, date(t, day))
		got := 0
		if y := z.StatsYear(); y != nil {
			got = *y
		}
		if got != want {
			t.Errorf("%s: stats of %d, want %d", day, got, want)
		}
	}
}

// TestIdleBounds: a parcel whose start nobody wrote down may be idle, unless
// its start date is less than a year gone.
func TestIdleBounds(t *testing.T) {
	build := func(due land.Date) land.Indicator {
		u := newPlot("u", m2of(1000), land.ClassIndustrial, land.Undetermined).with(func(p *plot) {
			p.Supplied, p.SuppliedOn, p.Approved, p.ApprovedOn = land.Yes, date0(2015, 1, 1), land.Yes, date0(2014, 1, 1)
			p.AgreedStartOn = due
		})
		b := newPlot("b", m2of(3000), land.ClassIndustrial, land.Built)
		return find(t, workedZone([]*plot{u, b}, nil).Indicators(), "idle_rate.suspected")
	}
	i := build(date0(2016, 1, 1))
	if *i.Value != 0 || *i.Bounds.Hi != 0.25 || i.Coverage != 0.75 || i.Missing[0].Field != "started_on" {
		t.Errorf("%s", mustJSON(t, i))
	}
	if i = build(0); *i.Bounds.Hi != 0.25 || i.Missing[0].Field != "agreed_start_on" {
		t.Errorf("%s", mustJSON(t, i))
	}
	if i = build(date0(2024, 5, 1)); !i.Exact || *i.Value != 0 {
		t.Errorf("%s", mustJSON(t, i))
	}
}

// TestCollectiveLandIsLeftOut of supplied and built land.
func TestCollectiveLandIsLeftOut(t *testing.T) {
	v := newPlot("v", m2of(1000), land.ClassIndustrial, land.Built).with(func(p *plot) { p.Ownership = land.OwnCollective })
	s := newPlot("s", m2of(1000), land.ClassIndustrial, land.Stock).with(func(p *plot) {
		p.RightsBasis, p.Ownership, p.BuiltOn, p.Standing = land.BasisCollective, "", land.Yes, land.Yes
	})
	got := workedZone([]*plot{v, s}, nil).Indicators()
	for _, id := range []string{"build_rate", "supply_rate", "gross_far.built_land"} {
		if i := find(t, got, id); i.Reason != ReasonEmptyBase || !i.Exact {
			t.Errorf("%s: %s", id, mustJSON(t, i))
		}
	}
	s.RightsBasis = land.BasisCertificate
	if have := quantities(find(t, workedZone([]*plot{v, s}, nil).Indicators(), "build_rate")); have != "1 = 1.5 mu / 1.5 mu" {
		t.Error(have)
	}
}

// TestPartsAddUpToTheWhole cuts every parcel in two and compares all sums.
func TestPartsAddUpToTheWhole(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 4))
		var whole, cut []*plot
		for i := range 20 {
			p := randomPlot(r, i)
			p.ProjectNo, p.Assessment.Unbuildable = "", false
			a, b := *p, *p
			a.Share, a.SetShare, b.Share, b.SetShare = 0.25, 0.25, 0.75, 0.75
			b.ID += "b"
			a.PartEllipsoidM2, b.PartEllipsoidM2 = ha(1), ha(1)
			whole, cut = append(whole, p), append(cut, &a, &b)
		}
		one, two := randomZone(r, whole), randomZone(r, cut)
		one.finish()
		two.finish()
		for i := range formulas {
			x, y := &one.own.rows[i], &two.own.rows[i]
			if x.covered != y.covered || x.area != y.area || x.open.area != y.open.area {
				t.Fatalf("seed %d: %s: %v of %v, and cut %v of %v", seed, formulas[i].id, x.covered, x.area, y.covered, y.area)
			}
		}
	}
}

// TestRatesMultiply: development rate × supply rate × build rate is built ÷
// (zone − unbuildable), exactly, wherever all three are known.
func TestRatesMultiply(t *testing.T) {
	seen := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		plots := make([]*plot, 5)
		for i := range plots {
			plots[i] = complete(r, randomPlot(r, i))
		}
		z := randomZone(r, plots)
		got := z.Indicators()
		d, s, b := find(t, got, "development_rate"), find(t, got, "supply_rate"), find(t, got, "build_rate")
		if d.Value == nil || s.Value == nil || b.Value == nil || !(d.Exact && s.Exact && b.Exact) {
			continue
		}
		seen++
		product := rat(d.LoExact.Num, d.LoExact.Den)
		product.Mul(product, rat(s.LoExact.Num, s.LoExact.Den)).Mul(product, rat(b.LoExact.Num, b.LoExact.Den))
		if want := rat(b.Numerator.Value, d.Denominator.Value); product.Cmp(want) != 0 {
			t.Fatalf("seed %d: %v, want %v", seed, product, want)
		}
	}
	if seen < 50 {
		t.Errorf("only %d zones had all three rates", seen)
	}
}

func TestOverflowIsSaid(t *testing.T) {
	big := land.Fixed(1<<62 + 1)
	got := workedZone([]*plot{newPlot("a", big, land.ClassIndustrial, land.Built), newPlot("b", big, land.ClassIndustrial, land.Built)}, nil).Indicators()
	if i := find(t, got, "build_rate"); i.Reason != ReasonOverflow || i.Value != nil {
		t.Errorf("%s", mustJSON(t, i))
	}
}

// TestOwnerOfLand: a blank owner is the state where a supply is recorded, and
// what the right says where not; otherwise nobody knows.
func TestOwnerOfLand(t *testing.T) {
	for name, c := range map[string]struct {
		parcel land.Parcel
		taken  bool
		want   land.Flag
	}{
		"recorded":               {parcel: land.Parcel{Ownership: land.OwnCollective, ContractNo: "c"}, want: land.Yes},
		"state farm":             {parcel: land.Parcel{Ownership: land.OwnStateFarm, RightsBasis: land.BasisCollective}, want: land.No},
		"supplied":               {parcel: land.Parcel{SuppliedOn: 737000, RightsBasis: land.BasisCollective}, want: land.No},
		"contract without a day": {parcel: land.Parcel{PriceWan: wan(3)}, want: land.No},
		"reserve":                {parcel: land.Parcel{Tenure: land.TenureReserve}, want: land.No},
		"taken back":             {taken: true, want: land.No},
		"village right":          {parcel: land.Parcel{RightsBasis: land.BasisCollective}, want: land.Yes},
		"certificate":            {parcel: land.Parcel{RightsBasis: land.BasisCertificate}, want: land.No},
		"approved, nothing else": {parcel: land.Parcel{ApprovedOn: 737000}, want: land.Unknown},
	} {
		if got := collectiveOf(&c.parcel, &land.Assessment{TakenBack: c.taken}); got != c.want {
			t.Errorf("%s: collective %q, want %q", name, got, c.want)
		}
	}
}

// TestApprovalWindows puts approvals on the edges of the calendar years.
func TestApprovalWindows(t *testing.T) {
	c := calendarOf(date0(2024, 2, 29))
	for day, want := range map[land.Date]approval{
		date0(2024, 2, 29): approvedThis, date0(2024, 1, 1): approvedThis, date0(2023, 12, 31): approvedLast,
		date0(2023, 1, 1): approvedLast, date0(2022, 12, 31): approvedFive, date0(2019, 1, 1): approvedFive,
		date0(2018, 12, 31): approvedOlder, 0: approvalUnknown,
	} {
		if got := c.approvalOf(&land.Parcel{ApprovedOn: day}, &land.Assessment{Approved: land.Yes}); got != want {
			t.Errorf("%s: %d, want %d", day, got, want)
		}
	}
	for day, want := range map[land.Date]supply{date0(2019, 2, 28): suppliedOlder, date0(2019, 3, 1): suppliedRecent, 0: supplyUnknown} {
		if got := c.supplyOf(&land.Parcel{SuppliedOn: day}, &land.Assessment{Supplied: land.Yes}); got != want {
			t.Errorf("%s: %d, want %d", day, got, want)
		}
	}
}

// TestUnknownApproval: supplied land without an approval date may have been
// approved in any year.
func TestUnknownApproval(t *testing.T) {
	u := newPlot("u", m2of(1000), land.ClassIndustrial, land.Built).with(func(p *plot) { p.Approved, p.ApprovedOn = land.Unknown, 0 })
	n := newPlot("n", m2of(3000), land.ClassIndustrial, land.Unsupplied).with(func(p *plot) { p.ApprovedOn = date0(2023, 5, 5) })
	got := workedZone([]*plot{u, n}, nil).Indicators()
	for _, id := range []string{"approval_supply_rate.last_year", "approval_supply_rate.previous_five_years", "unsupplied_rate.approved_land"} {
		i := find(t, got, id)
		lo, hi := 0., 0.25
		if strings.HasPrefix(id, "unsupplied") {
			lo, hi = 0.75, 1
		}
		if *i.Bounds.Lo != lo || *i.Bounds.Hi != hi || i.Coverage != 0.75 || i.Missing[0].Field != "approved_on" {
			t.Errorf("%s", mustJSON(t, i))
		}
	}
	// Nothing is surely approved this year: 1 if it was, no base if not.
	if i := find(t, got, "approval_supply_rate.this_year"); i.Value != nil || *i.Bounds.Lo != 1 || *i.Bounds.Hi != 1 || i.Reason != ReasonMissingInput {
		t.Errorf("%s", mustJSON(t, i))
	}
}

// TestProjectOverTouches: a parcel of a project that only touches the zone
// counts for the project, and brings none into the zone by itself.
func TestProjectOverTouches(t *testing.T) {
	in := newPlot("in", m2of(1000), land.ClassIndustrial, land.Built).with(func(p *plot) {
		p.ProjectNo, p.AncillarySiteM2, p.Source.Position = "X", wan(0), 1
	})
	touch := newPlot("touch", m2of(1000), land.ClassIndustrial, land.Built).with(func(p *plot) {
		p.ProjectNo, p.AncillarySiteM2, p.Source.Position, p.Share = "X", wan(100), 2, 0.000001
	})
	got := workedZone([]*plot{touch, in}, nil).Projects()
	if len(got) != 1 || got[0].FirstPosition != 1 {
		t.Fatalf("%+v", got)
	}
	if have := quantities(find(t, got[0].Indicators, "ancillary_land_share.project")); have != "0.05 = 0.15 mu / 3 mu" {
		t.Error(have)
	}
	if n := len(workedZone([]*plot{touch}, nil).Projects()); n != 0 {
		t.Errorf("%d projects of a touch", n)
	}
}

// TestLimitDates: the latest contract that was signed, else the latest
// approval, else the as-of date; days to come have not happened.
func TestLimitDates(t *testing.T) {
	for _, c := range []struct {
		signed, approved [2]land.Date
		want             land.Date
		basis            string
	}{
		{[2]land.Date{737000, 737500}, [2]land.Date{738000, 0}, 737500, BasisContract},
		{[2]land.Date{737000, date0(2025, 1, 1)}, [2]land.Date{}, 737000, BasisContract},
		{[2]land.Date{}, [2]land.Date{736000, 736100}, 736100, BasisApproved},
		{[2]land.Date{}, [2]land.Date{}, date0(2024, 12, 31), BasisAsOf},
	} {
		var plots []*plot
		for i := range 2 {
			plots = append(plots, newPlot(fmt.Sprint(i), m2of(1000), land.ClassIndustrial, land.Built).with(func(p *plot) {
				p.ProjectNo, p.ContractSignedOn, p.ApprovedOn, p.Approved = "X", c.signed[i], c.approved[i], land.Unknown
			}))
		}
		if got := workedZone(plots, nil).Projects()[0]; got.LimitDate != c.want || got.LimitBasis != c.basis {
			t.Errorf("%+v: %s by %s", c, got.LimitDate, got.LimitBasis)
		}
	}
}

// TestContributorsAreTheGreatest of many, whatever their order, at most 20.
func TestContributorsAreTheGreatest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	var plots []*plot
	for i := range 100 {
		plots = append(plots, newPlot(fmt.Sprintf("p%02d", i), m2of(int64(100+i/2)), land.ClassIndustrial, land.Built))
	}
	r.Shuffle(len(plots), func(i, j int) { plots[i], plots[j] = plots[j], plots[i] })
	got := workedZone(plots, nil).Contributors("build_rate", 50)
	if len(got) != topLength || got[0] != "p98" || got[1] != "p99" || got[19] != "p81" {
		t.Errorf("%v", got)
	}
	if got := workedZone(plots, nil).Contributors("no such id", 5); got != nil {
		t.Errorf("%v", got)
	}
}
