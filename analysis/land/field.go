package land

// Kind is the kind of a field's value.
type Kind uint8

// The kinds of field.
const (
	Text  Kind = iota // free text, kept as written
	Word              // one of Words
	Day               // a Date
	Quant             // a Number, in the unit of the field's name
	YesNo             // a Flag
)

// Field is one public field of a record of type T: its name in files, SQL and
// JSON, its kind, and the way to it. Exactly one accessor is set, by Kind
// (Text and Word share one).
type Field[T any] struct {
	Name  string
	Kind  Kind
	Words []string // of a Word, in the contract's order

	Str  func(*T) *string
	Date func(*T) *Date
	Num  func(*T) *Number
	Flag func(*T) *Flag
}

// FieldNamed finds a field by its public name.
func FieldNamed[T any](fields []Field[T], name string) (Field[T], bool) {
	for _, f := range fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field[T]{}, false
}

type pf = Field[Parcel]

func text[T any](name string, at func(*T) *string) Field[T] {
	return Field[T]{Name: name, Kind: Text, Str: at}
}

func word[T any](name string, at func(*T) *string, words ...string) Field[T] {
	return Field[T]{Name: name, Kind: Word, Words: words, Str: at}
}

func day[T any](name string, at func(*T) *Date) Field[T] {
	return Field[T]{Name: name, Kind: Day, Date: at}
}

func num[T any](name string, at func(*T) *Number) Field[T] {
	return Field[T]{Name: name, Kind: Quant, Num: at}
}

func yes[T any](name string, at func(*T) *Flag) Field[T] {
	return Field[T]{Name: name, Kind: YesNo, Flag: at}
}

// ParcelFields is every public field of a parcel, in the contract's order. The
// slice is made anew at each call.
func ParcelFields() []Field[Parcel] {
	return append(append(append(parcelIdentity(), parcelSupply()...), parcelLife()...), parcelFigures()...)
}

func parcelIdentity() []pf {
	return []pf{
		text("id", func(p *Parcel) *string { return &p.ID }),
		text("name", func(p *Parcel) *string { return &p.Name }),
		text("zone", func(p *Parcel) *string { return &p.Zone }),
		text("holder", func(p *Parcel) *string { return &p.Holder }),
		text("holder_code", func(p *Parcel) *string { return &p.HolderCode }),
		word("ownership", func(p *Parcel) *string { return (*string)(&p.Ownership) }, "state", "collective", "state_farm"),
		word("tenure", func(p *Parcel) *string { return (*string)(&p.Tenure) }, "holder", "reserve", "temporary"),
		word("right_layer", func(p *Parcel) *string { return (*string)(&p.RightLayer) }, "surface", "above", "below"),
		word("rights_basis", func(p *Parcel) *string { return (*string)(&p.RightsBasis) },
			"certificate", "allocation", "historic_state", "collective"),
		text("use_code", func(p *Parcel) *string { return &p.UseCode }),
		text("current_use_code", func(p *Parcel) *string { return &p.CurrentUse }),
		text("planned_use_code", func(p *Parcel) *string { return &p.PlannedUse }),
		word("use_scheme", func(p *Parcel) *string { return (*string)(&p.UseScheme) },
			"guide-2023", "gbt21010-2017", "survey-3", "landchina-2007", "gb50137", "unknown"),
		yes("new_industry", func(p *Parcel) *Flag { return &p.NewIndustry }),
		text("industry_code", func(p *Parcel) *string { return &p.IndustryCode }),
		text("industry_edition", func(p *Parcel) *string { return &p.IndustryEd }),
		num("recorded_area_m2", func(p *Parcel) *Number { return &p.RecordedM2 }),
		num("built_land_m2", func(p *Parcel) *Number { return &p.BuiltLandM2 }),
		text("project_no", func(p *Parcel) *string { return &p.ProjectNo }),
		text("parent_ids", func(p *Parcel) *string { return &p.ParentIDs }),
	}
}

func parcelSupply() []pf {
	return []pf{
		text("approval_no", func(p *Parcel) *string { return &p.ApprovalNo }),
		day("approved_on", func(p *Parcel) *Date { return &p.ApprovedOn }),
		day("acquired_on", func(p *Parcel) *Date { return &p.AcquiredOn }),
		yes("supply_ready", func(p *Parcel) *Flag { return &p.SupplyReady }),
		day("supplied_on", func(p *Parcel) *Date { return &p.SuppliedOn }),
		word("supply_mode", func(p *Parcel) *string { return (*string)(&p.SupplyMode) },
			"grant", "allocation", "lease", "lease_then_grant", "capital"),
		text("contract_no", func(p *Parcel) *string { return &p.ContractNo }),
		text("supervision_no", func(p *Parcel) *string { return &p.SupervisionNo }),
		day("contract_signed_on", func(p *Parcel) *Date { return &p.ContractSignedOn }),
		num("price_wan", func(p *Parcel) *Number { return &p.PriceWan }),
		num("term_years", func(p *Parcel) *Number { return &p.TermYears }),
	}
}

func parcelLife() []pf {
	return []pf{
		day("agreed_handover_on", func(p *Parcel) *Date { return &p.AgreedHandoverOn }),
		day("handed_over_on", func(p *Parcel) *Date { return &p.HandedOverOn }),
		day("agreed_start_on", func(p *Parcel) *Date { return &p.AgreedStartOn }),
		day("new_start_on", func(p *Parcel) *Date { return &p.NewStartOn }),
		day("agreed_completion_on", func(p *Parcel) *Date { return &p.AgreedCompletionOn }),
		day("permit_on", func(p *Parcel) *Date { return &p.PermitOn }),
		word("construction_state", func(p *Parcel) *string { return (*string)(&p.ConstructionState) },
			"not_started", "under_construction", "suspended", "completed", "unknown"),
		day("state_on", func(p *Parcel) *Date { return &p.StateOn }),
		day("started_on", func(p *Parcel) *Date { return &p.StartedOn }),
		day("suspended_on", func(p *Parcel) *Date { return &p.SuspendedOn }),
		day("resumed_on", func(p *Parcel) *Date { return &p.ResumedOn }),
		day("completed_on", func(p *Parcel) *Date { return &p.CompletedOn }),
		day("in_use_on", func(p *Parcel) *Date { return &p.InUseOn }),
		day("accepted_on", func(p *Parcel) *Date { return &p.AcceptedOn }),
		word("delay_cause", func(p *Parcel) *string { return (*string)(&p.DelayCause) },
			"holder", "government", "force_majeure", "preliminary_work", "court_seizure"),
		word("determination", func(p *Parcel) *string { return (*string)(&p.Determination) },
			"none", "determined", "settled", "disposed"),
		day("determined_on", func(p *Parcel) *Date { return &p.DeterminedOn }),
		day("fee_levied_on", func(p *Parcel) *Date { return &p.FeeLeviedOn }),
		day("taken_back_on", func(p *Parcel) *Date { return &p.TakenBackOn }),
		yes("unbuildable", func(p *Parcel) *Flag { return &p.Unbuildable }),
		word("low_efficiency", func(p *Parcel) *string { return &p.LowEfficiency }, "suspected", "determined", "redeveloped"),
		yes("high_pollution", func(p *Parcel) *Flag { return &p.HighPollution }),
		day("entered_on", func(p *Parcel) *Date { return &p.EnteredOn }),
	}
}

func parcelFigures() []pf {
	return []pf{
		num("planned_footprint_m2", func(p *Parcel) *Number { return &p.PlannedFootprintM2 }),
		num("started_footprint_m2", func(p *Parcel) *Number { return &p.StartedFootprintM2 }),
		num("agreed_investment_wan", func(p *Parcel) *Number { return &p.AgreedInvestmentWan }),
		num("invested_wan", func(p *Parcel) *Number { return &p.InvestedWan }),
		num("floor_area_m2", func(p *Parcel) *Number { return &p.FloorAreaM2 }),
		num("far_floor_area_m2", func(p *Parcel) *Number { return &p.FARFloorAreaM2 }),
		num("footprint_m2", func(p *Parcel) *Number { return &p.FootprintM2 }),
		num("structures_m2", func(p *Parcel) *Number { return &p.StructuresM2 }),
		num("yards_m2", func(p *Parcel) *Number { return &p.YardsM2 }),
		num("green_m2", func(p *Parcel) *Number { return &p.GreenM2 }),
		num("ancillary_site_m2", func(p *Parcel) *Number { return &p.AncillarySiteM2 }),
		word("ancillary_basis", func(p *Parcel) *string { return &p.AncillaryBasis }, "separate", "floor_apportioned", "footprint"),
		num("ancillary_floor_m2", func(p *Parcel) *Number { return &p.AncillaryFloorM2 }),
		num("rental_housing_site_m2", func(p *Parcel) *Number { return &p.RentalSiteM2 }),
		num("rental_housing_floor_m2", func(p *Parcel) *Number { return &p.RentalFloorM2 }),
		num("production_service_floor_m2", func(p *Parcel) *Number { return &p.ProductionFloorM2 }),
		num("figures_year", func(p *Parcel) *Number { return &p.FiguresYear }),
		num("output_wan", func(p *Parcel) *Number { return &p.OutputWan }),
		num("value_added_wan", func(p *Parcel) *Number { return &p.ValueAddedWan }),
		num("revenue_wan", func(p *Parcel) *Number { return &p.RevenueWan }),
		num("tax_wan", func(p *Parcel) *Number { return &p.TaxWan }),
		num("fixed_assets_wan", func(p *Parcel) *Number { return &p.FixedAssetsWan }),
		num("employees", func(p *Parcel) *Number { return &p.Employees }),
		num("rd_wan", func(p *Parcel) *Number { return &p.RDWan }),
		num("energy_tce", func(p *Parcel) *Number { return &p.EnergyTCE }),
	}
}

// ZoneFields is every public field of a zone, in the contract's order.
func ZoneFields() []Field[Zone] {
	return []Field[Zone]{
		text("code", func(z *Zone) *string { return &z.Code }),
		text("name", func(z *Zone) *string { return &z.Name }),
		word("boundary_scope", func(z *Zone) *string { return (*string)(&z.Scope) }, "approved", "managed"),
		word("kind", func(z *Zone) *string { return &z.Kind },
			"high_tech", "economic", "bonded", "industrial_park", "demonstration", "other"),
		word("level", func(z *Zone) *string { return &z.Level }, "national", "provincial", "municipal"),
		text("province", func(z *Zone) *string { return &z.Province }),
		text("county", func(z *Zone) *string { return &z.County }),
		text("part_of", func(z *Zone) *string { return &z.PartOf }),
		num("approved_area_ha", func(z *Zone) *Number { return &z.ApprovedAreaHa }),
		day("approved_on", func(z *Zone) *Date { return &z.ApprovedOn }),
		text("filed_no", func(z *Zone) *string { return &z.FiledNo }),
		day("filed_on", func(z *Zone) *Date { return &z.FiledOn }),
		day("valid_from", func(z *Zone) *Date { return &z.ValidFrom }),
		day("valid_to", func(z *Zone) *Date { return &z.ValidTo }),
	}
}

// BuildingFields is every public field of a building, in the contract's order.
func BuildingFields() []Field[Building] {
	return []Field[Building]{
		text("id", func(b *Building) *string { return &b.ID }),
		text("parcel", func(b *Building) *string { return &b.Parcel }),
		text("use", func(b *Building) *string { return &b.Use }),
		num("floors", func(b *Building) *Number { return &b.Floors }),
		num("height_m", func(b *Building) *Number { return &b.HeightM }),
		num("floor_area_m2", func(b *Building) *Number { return &b.FloorAreaM2 }),
		num("vacant_m2", func(b *Building) *Number { return &b.VacantM2 }),
		day("completed_on", func(b *Building) *Date { return &b.CompletedOn }),
	}
}

// ConstraintFields is every public field of a constraint, in the contract's order.
func ConstraintFields() []Field[Constraint] {
	return []Field[Constraint]{
		text("id", func(c *Constraint) *string { return &c.ID }),
		word("kind", func(c *Constraint) *string { return &c.Kind },
			"permanent_basic_farmland", "ecological_redline", "urban_development_boundary", "evidence", "other"),
		text("name", func(c *Constraint) *string { return &c.Name }),
	}
}

// StatsFields is every public figure of a yearly row; zone and year are its key.
func StatsFields() []Field[Stats] {
	return []Field[Stats]{
		num("gdp_wan", func(s *Stats) *Number { return &s.GDPWan }),
		num("revenue_wan", func(s *Stats) *Number { return &s.RevenueWan }),
		num("industrial_output_wan", func(s *Stats) *Number { return &s.IndustrialOutputWan }),
		num("industrial_value_added_wan", func(s *Stats) *Number { return &s.IndustrialValueAddedWan }),
		num("tax_wan", func(s *Stats) *Number { return &s.TaxWan }),
		num("industrial_tax_wan", func(s *Stats) *Number { return &s.IndustrialTaxWan }),
		num("fixed_assets_wan", func(s *Stats) *Number { return &s.FixedAssetsWan }),
		num("industrial_fixed_assets_wan", func(s *Stats) *Number { return &s.IndustrialFixedAssetsWan }),
		num("employees", func(s *Stats) *Number { return &s.Employees }),
		num("resident_population", func(s *Stats) *Number { return &s.ResidentPopulation }),
		num("rd_wan", func(s *Stats) *Number { return &s.RDWan }),
		num("energy_tce", func(s *Stats) *Number { return &s.EnergyTCE }),
	}
}
