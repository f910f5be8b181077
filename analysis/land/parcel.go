package land

// Parcel is a parcel of land (宗地) with the facts of its life, as recorded.
// Areas are m², money 万元. Fields are named as in the contract; their public
// names stand in ParcelFields.
type Parcel struct {
	ID           string
	Name         string
	Zone         string // declared; the geometry decides
	Holder       string
	HolderCode   string
	Ownership    Ownership
	Tenure       Tenure
	RightLayer   RightLayer
	RightsBasis  RightsBasis
	UseCode      string // approved or contract use
	CurrentUse   string // survey
	PlannedUse   string // plan
	UseScheme    UseScheme
	NewIndustry  Flag // M0
	IndustryCode string
	IndustryEd   string
	RecordedM2   Number
	BuiltLandM2  Number
	ProjectNo    string
	ParentIDs    string

	ApprovalNo       string
	ApprovedOn       Date
	AcquiredOn       Date
	SupplyReady      Flag // 三通一平
	SuppliedOn       Date
	SupplyMode       SupplyMode
	ContractNo       string
	SupervisionNo    string
	ContractSignedOn Date
	PriceWan         Number // of the whole contract
	TermYears        Number

	AgreedHandoverOn   Date
	HandedOverOn       Date
	AgreedStartOn      Date
	NewStartOn         Date // supplementary agreement
	AgreedCompletionOn Date
	PermitOn           Date
	ConstructionState  ConstructionState
	StateOn            Date
	StartedOn          Date
	SuspendedOn        Date
	ResumedOn          Date
	CompletedOn        Date
	InUseOn            Date
	AcceptedOn         Date

	DelayCause    DelayCause
	Determination Determination
	DeterminedOn  Date
	FeeLeviedOn   Date
	TakenBackOn   Date
	Unbuildable   Flag
	LowEfficiency string // suspected | determined | redeveloped
	HighPollution Flag
	EnteredOn     Date

	PlannedFootprintM2  Number
	StartedFootprintM2  Number
	AgreedInvestmentWan Number
	InvestedWan         Number // land price excluded
	FloorAreaM2         Number
	FARFloorAreaM2      Number // storeys over 8 m doubled
	FootprintM2         Number
	StructuresM2        Number
	YardsM2             Number
	GreenM2             Number
	AncillarySiteM2     Number // 行政办公及生活服务设施用地
	AncillaryBasis      string // separate | floor_apportioned | footprint
	AncillaryFloorM2    Number
	RentalSiteM2        Number
	RentalFloorM2       Number
	ProductionFloorM2   Number

	FiguresYear    Number
	OutputWan      Number
	ValueAddedWan  Number
	RevenueWan     Number
	TaxWan         Number
	FixedAssetsWan Number
	Employees      Number
	RDWan          Number
	EnergyTCE      Number

	// Extra is the unmapped properties as a JSON object, or nil.
	Extra  []byte
	Source Source

	// EllipsoidM2 is the area of the drawn parcel on the CGCS2000 ellipsoid;
	// PlaneM2 its area in the file's projected plane, where there was one.
	EllipsoidM2 Fixed
	PlaneM2     Number
}

// AreaM2 is the parcel's area: the recorded one where known, else the
// ellipsoid area of what is drawn.
func (p *Parcel) AreaM2() Fixed {
	if p.RecordedM2.Known {
		return p.RecordedM2.Value
	}
	return p.EllipsoidM2
}

// Industry is a code of GB/T 4754 with the edition it is of, as recorded; either
// may be blank. A code of another edition may mean another industry.
type Industry struct{ Code, Edition string }

// Surface reports whether the parcel counts in sums of land.
func (p *Parcel) Surface() bool { return p.RightLayer == "" || p.RightLayer == LayerSurface }

// Part is the piece of a parcel that lies in one zone; land in no zone is one
// Part with the zero Zone. Every quantity of the parcel counts in the zone
// times Share.
type Part struct {
	Parcel
	In ZoneKey // where the part lies; Parcel.Zone is only what was declared

	// Share is the geometric share: ellipsoid area of the part over that of
	// the whole, exactly 1 for a parcel wholly inside.
	Share float64
	// PartEllipsoidM2 is the ellipsoid area of the part itself.
	PartEllipsoidM2 Fixed
	// Home is true on exactly one part of a parcel.
	Home bool
	// SetShare is the share with which the part counts in totals over zones: of
	// the top-level zones (no parks) of one boundary scope, in key order, each
	// counts what the ones before it left of the parcel, so that no square
	// metre counts twice. 0 in parks.
	SetShare float64
	// Elsewhere marks a parcel that has no land in the zone and comes along
	// only because its project has: it counts for that project, and nowhere
	// else.
	Elsewhere bool
	// Withheld stands for the id of a parcel of a contract over several zones
	// that lies where the caller may not look; blank: there is nothing to hide.
	Withheld string
	// Records is what the tables say of the parcel; nil: nothing.
	Records *Records
	// Piece says which piece of the part this is, where the tables divide it; the
	// zero Piece is the whole.
	Piece Piece
	// Most is the most that money of unknown apportionment can come to; nil where
	// nothing is known of it.
	Most *Most
}

// Piece is a piece of a part that is judged by itself: a phase of the parcel, or
// one of its uses.
type Piece struct {
	No    int    // from 1, in the order of phases, then uses; 0: the whole part
	Phase string // blank: of no phase
	Use   string // use code; blank: the parcel's own
}

// Most bounds figures that are blank because it isn't known how much of a
// firm's money is this parcel's: they lie between 0 and these.
type Most struct {
	OutputWan, TaxWan, AssetsWan Number
}

// touchShare and touchM2 are the limits under which a part is a touch: max(1
// m², 0.01 % of the parcel).
const (
	touchM2    = One
	touchShare = 0.0001
)

// Touch reports whether the part only touches the zone: it is reported, and is
// in no count, sum or verdict. A parcel smaller than that but wholly inside is
// no touch.
func (p *Part) Touch() bool {
	return p.In != (ZoneKey{}) && Touches(p.Share, p.PartEllipsoidM2)
}

// Touches reports whether a part of this share and ellipsoid area only touches
// its zone.
func Touches(share float64, m2 Fixed) bool {
	return share != 1 && (m2 < touchM2 || share < touchShare)
}

// PartM2 is the area that counts in the zone: the parcel's area times Share.
func (p *Part) PartM2() Fixed { return p.AreaM2().Share(p.Share) }
