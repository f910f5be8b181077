package land

import "encoding/json"

// Note is something to look at that the tables brought up: two records that
// contradict each other, areas that don't add up. It never decides anything by
// itself.
type Note struct {
	Code   string   `json:"code"`             // key of the texts in data/i18n, under "note."
	Field  string   `json:"field,omitempty"`  // public name of the field it is about
	Values []string `json:"values,omitempty"` // what the records say, the one in use first
}

// Details is what the tables add to the row of a part. The row itself is that
// of its leading phase; see PartResult.
type Details struct {
	Phases []PhaseResult `json:"phases,omitempty"`
	Uses   []UseResult   `json:"uses,omitempty"`
	Notes  []Note        `json:"notes,omitempty"`
}

// PhaseResult is what is said of one phase of a parcel (分期), judged as a parcel
// of its own. The land that belongs to no phase has a blank name.
type PhaseResult struct {
	Phase  string     `json:"phase"`
	AreaM2 Fixed      `json:"area_m2"` // inside the zone
	Status Status     `json:"status"`
	Since  Date       `json:"since"`
	Reason string     `json:"reason"`
	Flags  []PartFlag `json:"flags"`
	Idle   *Idle      `json:"idle,omitempty"`
}

// UseResult is one use of a parcel of mixed use. The land of which no use is
// known has a blank code and class unknown.
type UseResult struct {
	UseCode   string `json:"use_code"`
	Class     Class  `json:"class"`
	AreaM2    Fixed  `json:"area_m2"` // inside the zone
	FloorM2   Number `json:"floor_m2"`
	TermYears Number `json:"term_years"`
}

// AppendMembers writes the details as members of an open JSON object, each
// with a comma before it.
func (d *Details) AppendMembers(b []byte) []byte {
	if d == nil {
		return b
	}
	blob, err := json.Marshal(d) // of texts, numbers and dates: it always marshals
	if err != nil || len(blob) <= len("{}") {
		return b
	}
	return append(append(b, ','), blob[1:len(blob)-1]...)
}

// Procedure is where the handling of idle land stands by its papers (53号令).
// A step or a day that no record and no configured term tells is blank.
type Procedure struct {
	Step    string  `json:"step"` // the last step taken, of ProcedureSteps
	On      Date    `json:"on"`   // its day
	Next    string  `json:"next"` // the next one due, of ProcedureSteps; "start" once settled; blank: none
	Due     Date    `json:"due"`
	Overdue int     `json:"overdue_days"` // 0: not overdue, or no day is due
	Papers  []Paper `json:"papers"`       // those on record, by day
}

// Paper is one paper of a procedure.
type Paper struct {
	Kind       string `json:"kind"`
	On         Date   `json:"on"`
	DocumentNo string `json:"document_no,omitempty"`
	FileSHA256 string `json:"file_sha256,omitempty"`
}

// The steps of a procedure that are no kind of event.
const (
	StepFound = "found" // suspected; nothing has been sent yet
	StepStart = "start" // what a settlement leads to
)

// ProcedureSteps lists the steps of the procedure in their order; between
// found and start they are the kinds of event.
func ProcedureSteps() []string {
	return append(append([]string{StepFound}, EventKinds()...), StepStart)
}

// The bases of an idle fee (Idle.FeeBasis).
const (
	FeeByMeasures = "measures_art14"    // 闲置土地处置办法 第十四条: 20 %
	FeeCeiling    = "real_estate_art26" // 城市房地产管理法 第二十六条: 20 % at most
)

// Batch is the land approved under one number, as far as it is a zone's, and
// what became of it: of the area in force (area − revoked), what was supplied
// and what was not (批而未供). Areas are m²; unknown ones are null.
type Batch struct {
	ID         string   `json:"id"`
	ApprovalNo string   `json:"approval_no"`
	ApprovedOn Date     `json:"approved_on"`
	Kind       string   `json:"kind"`
	State      string   `json:"state"`  // valid | partly_revoked | revoked; blank: unknown
	Method     string   `json:"method"` // approval_no | overlay
	AreaM2     Number   `json:"area_m2"`
	RevokedM2  Number   `json:"revoked_m2"`
	InForceM2  Number   `json:"in_force_m2"`
	SuppliedM2 Number   `json:"supplied_m2"`
	BuiltM2    Number   `json:"built_unsupplied_m2"` // built on without supply (未供先用)
	DrawnM2    Number   `json:"drawn_unsupplied_m2"` // other parcels drawn and not supplied
	UndrawnM2  Number   `json:"undrawn_m2"`          // of which no parcel is drawn
	Unsupplied Number   `json:"unsupplied_m2"`
	SupplyRate *float64 `json:"supply_rate"`
	Year       int      `json:"approved_year"` // 0: unknown
	AgeYears   *int     `json:"age_years"`     // full years since approval
	AgeBucket  string   `json:"age_bucket"`    // <1 | 1-2 | … | ≥5; blank: no bounds are configured, or no age
	Parcels    int64    `json:"parcels"`       // of the zone that were counted
	// OverlapM2 is what earlier approvals already count of it.
	OverlapM2 Fixed     `json:"overlap_m2,omitempty"`
	Bounds    *[2]Fixed `json:"unsupplied_m2_bounds,omitempty"` // least and most, where unsupplied is unknown
	Reason    string    `json:"reason,omitempty"`               // why something is unknown; a key of the texts in data/i18n
	Notes     []Note    `json:"notes,omitempty"`
	Coverage  float64   `json:"coverage"` // share of the area whose supply is known
}

// The states of an approval as of a day (有效 部分撤销 撤销).
const (
	BatchValid         = "valid"
	BatchPartlyRevoked = "partly_revoked"
	BatchRevoked       = "revoked"
)

// BatchStates lists the states of an approval.
func BatchStates() []string { return []string{BatchValid, BatchPartlyRevoked, BatchRevoked} }

// The ways in which a batch's land was found.
const (
	MethodNumber  = "approval_no"
	MethodOverlay = "overlay"
)
