package land

// ApprovalFields is every public field of an approval. The slice is made anew
// at each call, as are those of the other tables.
func ApprovalFields() []Field[Approval] {
	return []Field[Approval]{
		text("id", func(a *Approval) *string { return &a.ID }),
		text("approval_no", func(a *Approval) *string { return &a.ApprovalNo }),
		day("approved_on", func(a *Approval) *Date { return &a.ApprovedOn }),
		word("kind", func(a *Approval) *string { return &a.Kind }, "batch", "project", "other"),
		num("area_ha", func(a *Approval) *Number { return &a.AreaHa }),
		num("new_construction_ha", func(a *Approval) *Number { return &a.NewConstructionHa }),
		num("revoked_ha", func(a *Approval) *Number { return &a.RevokedHa }),
		day("revoked_on", func(a *Approval) *Date { return &a.RevokedOn }),
	}
}

// PhaseFields is every public field of a phase.
func PhaseFields() []Field[Phase] {
	return []Field[Phase]{
		text("parcel", func(p *Phase) *string { return &p.Parcel }),
		text("phase", func(p *Phase) *string { return &p.Phase }),
		num("land_m2", func(p *Phase) *Number { return &p.LandM2 }),
		day("agreed_start_on", func(p *Phase) *Date { return &p.AgreedStartOn }),
		day("agreed_completion_on", func(p *Phase) *Date { return &p.AgreedCompletionOn }),
		day("started_on", func(p *Phase) *Date { return &p.StartedOn }),
		day("completed_on", func(p *Phase) *Date { return &p.CompletedOn }),
		num("planned_footprint_m2", func(p *Phase) *Number { return &p.PlannedFootprintM2 }),
		num("price_wan", func(p *Phase) *Number { return &p.PriceWan }),
	}
}

// UseFields is every public field of a use.
func UseFields() []Field[Use] {
	return []Field[Use]{
		text("parcel", func(u *Use) *string { return &u.Parcel }),
		text("use_code", func(u *Use) *string { return &u.UseCode }),
		num("land_m2", func(u *Use) *Number { return &u.LandM2 }),
		num("floor_m2", func(u *Use) *Number { return &u.FloorM2 }),
		num("term_years", func(u *Use) *Number { return &u.TermYears }),
	}
}

// TermFields is every public field of a contract's term.
func TermFields() []Field[Term] {
	return []Field[Term]{
		text("contract_no", func(t *Term) *string { return &t.ContractNo }),
		text("indicator", func(t *Term) *string { return &t.Indicator }),
		word("comparison", func(t *Term) *string { return &t.Comparison }, "<=", "<", ">=", ">"),
		num("value", func(t *Term) *Number { return &t.Value }),
		text("unit", func(t *Term) *string { return &t.Unit }),
	}
}

// FirmFields is every public field of a firm's year but the year, which is part
// of its key.
func FirmFields() []Field[Firm] {
	return []Field[Firm]{
		text("uscc", func(f *Firm) *string { return &f.USCC }),
		text("parcel", func(f *Firm) *string { return &f.Parcel }),
		word("role", func(f *Firm) *string { return &f.Role }, "holder", "tenant"),
		num("land_m2", func(f *Firm) *Number { return &f.LandM2 }),
		num("floor_m2", func(f *Firm) *Number { return &f.FloorM2 }),
		day("entered_on", func(f *Firm) *Date { return &f.EnteredOn }),
		num("output_wan", func(f *Firm) *Number { return &f.OutputWan }),
		num("value_added_wan", func(f *Firm) *Number { return &f.ValueAddedWan }),
		num("revenue_wan", func(f *Firm) *Number { return &f.RevenueWan }),
		num("tax_wan", func(f *Firm) *Number { return &f.TaxWan }),
		num("fixed_assets_wan", func(f *Firm) *Number { return &f.AssetsWan }),
		num("employees", func(f *Firm) *Number { return &f.Employees }),
		num("rd_wan", func(f *Firm) *Number { return &f.RDWan }),
		num("energy_tce", func(f *Firm) *Number { return &f.EnergyTCE }),
	}
}

// EventFields is every public field of an event.
func EventFields() []Field[Event] {
	return []Field[Event]{
		text("parcel", func(e *Event) *string { return &e.Parcel }),
		day("on", func(e *Event) *Date { return &e.On }),
		word("kind", func(e *Event) *string { return &e.Kind }, EventKinds()...),
		text("document_no", func(e *Event) *string { return &e.DocumentNo }),
		word("cause", func(e *Event) *string { return (*string)(&e.Cause) },
			"holder", "government", "force_majeure", "preliminary_work", "court_seizure"),
		day("cause_from", func(e *Event) *Date { return &e.CauseFrom }),
		day("cause_to", func(e *Event) *Date { return &e.CauseTo }),
		day("new_start_on", func(e *Event) *Date { return &e.NewStartOn }),
		num("amount_wan", func(e *Event) *Number { return &e.AmountWan }),
		text("by", func(e *Event) *string { return &e.By }),
		text("note", func(e *Event) *string { return &e.Note }),
		text("file_sha256", func(e *Event) *string { return &e.FileSHA256 }),
	}
}

// RankingFields is every public field of a ranking but zone and year, its key.
func RankingFields() []Field[Ranking] {
	return []Field[Ranking]{
		word("scope", func(r *Ranking) *string { return &r.Scope }, "national", "provincial", "municipal"),
		num("rank", func(r *Ranking) *Number { return &r.Rank }),
		num("of", func(r *Ranking) *Number { return &r.Of }),
	}
}

// ZoneActionFields is every public field of an act on a zone.
func ZoneActionFields() []Field[ZoneAction] {
	return []Field[ZoneAction]{
		text("zone", func(a *ZoneAction) *string { return &a.Zone }),
		day("on", func(a *ZoneAction) *Date { return &a.On }),
		word("kind", func(a *ZoneAction) *string { return &a.Kind }, ZoneActionKinds()...),
		text("document_no", func(a *ZoneAction) *string { return &a.DocumentNo }),
	}
}
