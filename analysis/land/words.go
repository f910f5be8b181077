package land

// The enumerated facts are typed words. The empty word is "unknown"; where the
// contract names a default, the reader of files writes the default.

// Scope says which outline of a zone is meant (boundary_scope).
type Scope string

// The two outlines of a zone: 依法审批范围 and 实际管理范围.
const (
	ScopeApproved Scope = "approved"
	ScopeManaged  Scope = "managed"
)

// Ownership is the owner of the land: 国有, 集体, 国营农场.
type Ownership string

// The values of Ownership.
const (
	OwnState      Ownership = "state"
	OwnCollective Ownership = "collective"
	OwnStateFarm  Ownership = "state_farm"
)

// Tenure says who holds the land: a right holder, the reserve (储备) or a
// temporary user.
type Tenure string

// The values of Tenure.
const (
	TenureHolder    Tenure = "holder"
	TenureReserve   Tenure = "reserve"
	TenureTemporary Tenure = "temporary"
)

// RightLayer is the layer of space a right covers; only the surface counts in
// sums of land.
type RightLayer string

// The values of RightLayer: 地表, 地上, 地下.
const (
	LayerSurface RightLayer = "surface"
	LayerAbove   RightLayer = "above"
	LayerBelow   RightLayer = "below"
)

// RightsBasis is what an old right rests on where there is no supply record.
type RightsBasis string

// The values of RightsBasis.
const (
	BasisCertificate   RightsBasis = "certificate"
	BasisAllocation    RightsBasis = "allocation"
	BasisHistoricState RightsBasis = "historic_state"
	BasisCollective    RightsBasis = "collective"
)

// UseScheme is the classification a land-use code belongs to. A code without
// its scheme is unusable: 1001 is a railway in one and a factory in another.
type UseScheme string

// The values of UseScheme.
const (
	Guide2023     UseScheme = "guide-2023"
	GBT21010      UseScheme = "gbt21010-2017"
	Survey3       UseScheme = "survey-3"
	Landchina2007 UseScheme = "landchina-2007"
	GB50137       UseScheme = "gb50137" // letters of the old urban plans: M1, B2
	// UnknownScheme is a classification that nobody could tell: its codes mean
	// nothing, so the class is unknown.
	UnknownScheme UseScheme = "unknown"
)

// SupplyMode is the form of supply: 出让 划拨 租赁 先租后让 作价出资.
type SupplyMode string

// The values of SupplyMode.
const (
	SupplyGrant          SupplyMode = "grant"
	SupplyAllocation     SupplyMode = "allocation"
	SupplyLease          SupplyMode = "lease"
	SupplyLeaseThenGrant SupplyMode = "lease_then_grant"
	SupplyCapital        SupplyMode = "capital"
)

// ConstructionState is the state of building as recorded at a date (state_on).
type ConstructionState string

// The values of ConstructionState. "unknown" in a file is read as "".
const (
	StateNotStarted        ConstructionState = "not_started"
	StateUnderConstruction ConstructionState = "under_construction"
	StateSuspended         ConstructionState = "suspended"
	StateCompleted         ConstructionState = "completed"
)

// DelayCause is why a start is late, as far as it is recorded.
type DelayCause string

// The values of DelayCause.
const (
	CauseHolder          DelayCause = "holder"
	CauseGovernment      DelayCause = "government"
	CauseForceMajeure    DelayCause = "force_majeure"
	CausePreliminaryWork DelayCause = "preliminary_work"
	CauseCourtSeizure    DelayCause = "court_seizure"
)

// Determination is the bureau's own act on idle land (认定), never ours.
type Determination string

// The values of Determination.
const (
	DeterminationNone       Determination = "none"
	DeterminationDetermined Determination = "determined"
	DeterminationSettled    Determination = "settled"
	DeterminationDisposed   Determination = "disposed"
)

// Status is the supply status of a part of a parcel as of a date.
type Status string

// The values of Status, in the order in which they are shown.
const (
	NotConstruction   Status = "not_construction"
	Reserve           Status = "reserve"
	Unsupplied        Status = "unsupplied"
	SuppliedNotDue    Status = "supplied_not_due"
	OverdueStart      Status = "overdue_start"
	SuspectedIdle     Status = "suspected_idle"
	UnderConstruction Status = "under_construction"
	Suspended         Status = "suspended"
	OverdueCompletion Status = "overdue_completion"
	Built             Status = "built"
	Stock             Status = "stock"
	Undetermined      Status = "undetermined"
)

// Statuses lists every Status in the order in which they are shown.
func Statuses() []Status {
	return []Status{NotConstruction, Reserve, Unsupplied, SuppliedNotDue, OverdueStart, SuspectedIdle,
		UnderConstruction, Suspended, OverdueCompletion, Built, Stock, Undetermined}
}

// PartFlag is a remark beside a status.
type PartFlag string

// The values of PartFlag.
const (
	BuiltUnsupplied     PartFlag = "built_unsupplied" // 未供先用
	BuiltBeforeApproval PartFlag = "built_before_approval"
	InUseUnaccepted     PartFlag = "in_use_unaccepted"
	StartUnproven       PartFlag = "start_unproven"
	LateStart           PartFlag = "late_start"
	LateCompletion      PartFlag = "late_completion"
	HandoverLate        PartFlag = "handover_late"
)

// PartFlags lists every PartFlag in the order of the contract.
func PartFlags() []PartFlag {
	return []PartFlag{BuiltUnsupplied, BuiltBeforeApproval, InUseUnaccepted, StartUnproven, LateStart, LateCompletion, HandoverLate}
}

// Class is what the analyzer takes a use code for.
type Class string

// The values of Class, in the order in which they are shown.
const (
	ClassIndustrial         Class = "industrial"
	ClassMining             Class = "mining"
	ClassStorage            Class = "storage"
	ClassResidential        Class = "residential"
	ClassResidentialService Class = "residential_service"
	ClassAdminOffice        Class = "admin_office"
	ClassProductionService  Class = "production_service"
	ClassCommercial         Class = "commercial"
	ClassPublicService      Class = "public_service"
	ClassTransport          Class = "transport"
	ClassUtilities          Class = "utilities"
	ClassGreen              Class = "green"
	ClassSpecial            Class = "special"
	ClassReserved           Class = "reserved"
	ClassNotConstruction    Class = "not_construction"
	ClassUnknown            Class = "unknown"
)

// Classes lists every Class in the order in which they are shown.
func Classes() []Class {
	return []Class{ClassIndustrial, ClassMining, ClassStorage, ClassResidential, ClassResidentialService,
		ClassAdminOffice, ClassProductionService, ClassCommercial, ClassPublicService, ClassTransport,
		ClassUtilities, ClassGreen, ClassSpecial, ClassReserved, ClassNotConstruction, ClassUnknown}
}

// Outcome is what a rule says of a subject.
type Outcome string

// The values of Outcome.
const (
	Satisfied     Outcome = "satisfied"
	Violated      Outcome = "violated"
	NotReached    Outcome = "not_reached"
	Incomputable  Outcome = "incomputable"
	NotApplicable Outcome = "not_applicable"
)

// Outcomes lists every Outcome in the order in which they are shown.
func Outcomes() []Outcome {
	return []Outcome{Violated, NotReached, Incomputable, Satisfied, NotApplicable}
}

// Level is what a rule speaks about.
type Level string

// The values of Level.
const (
	LevelParcel   Level = "parcel"
	LevelProject  Level = "project"
	LevelPark     Level = "park"
	LevelZone     Level = "zone"
	LevelZoneSet  Level = "zone_set"
	LevelProvince Level = "province"
	// LevelExpansion is of an application to change a zone's boundary (扩区, 调区,
	// 升级): judged by analysis/expansion, never by an analysis of zones.
	LevelExpansion Level = "expansion"
)
