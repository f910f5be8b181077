package land

// The tables of the contract's section 1 that come beside parcels and zones.
// Every field but a row's key may be unknown.

// Approval is a batch (城市批次用地) or a separately sited project (单独选址用地)
// of land approved for construction. Its geometry, where there is one, is kept
// beside it.
type Approval struct {
	ID                string
	ApprovalNo        string // what parcels name in approval_no
	ApprovedOn        Date
	Kind              string // batch | project | other
	AreaHa            Number // as approved, of the whole
	NewConstructionHa Number // of it land newly taken for construction
	RevokedHa         Number // revoked since; of the whole where equal to AreaHa
	RevokedOn         Date
	Extra             []byte
	Source            Source
}

// Phase is one stage of a parcel built in stages; each is judged as a parcel of
// its own (分期开发).
type Phase struct {
	Parcel             string
	Phase              string // 1, 2, 一期
	LandM2             Number
	AgreedStartOn      Date
	AgreedCompletionOn Date
	StartedOn          Date
	CompletedOn        Date
	PlannedFootprintM2 Number
	PriceWan           Number
	Source             Source
}

// Use is one of the uses of a parcel of mixed use (混合用地).
type Use struct {
	Parcel    string
	UseCode   string // in the parcel's scheme
	LandM2    Number
	FloorM2   Number
	TermYears Number
	Source    Source
}

// Term is a limit that a contract sets for its own land.
type Term struct {
	ContractNo string
	Indicator  string // an id of the contract's section 4
	Comparison string // <= | < | >= | >
	Value      Number
	Unit       string
	Source     Source
}

// Firm is what a firm reports for a year and the parcel it works on. Money
// counts once a firm and year, however many parcels and rows it has.
type Firm struct {
	USCC          string // unified social credit code, 统一社会信用代码
	Year          int
	Parcel        string
	Role          string // holder | tenant
	LandM2        Number
	FloorM2       Number
	EnteredOn     Date
	OutputWan     Number
	ValueAddedWan Number
	RevenueWan    Number
	TaxWan        Number
	AssetsWan     Number // fixed assets
	Employees     Number
	RDWan         Number
	EnergyTCE     Number
	Source        Source
}

// Event is one paper or act in the handling of idle land (53号令): who did what
// on which day, with the document's number.
type Event struct {
	Parcel     string
	On         Date
	Kind       string // see EventKinds
	DocumentNo string
	Cause      DelayCause // what the paper names as the cause
	CauseFrom  Date       // the time the cause lasted
	CauseTo    Date
	NewStartOn Date // of a settlement: the start it agrees anew
	AmountWan  Number
	By         string
	Note       string
	FileSHA256 string // of the scanned paper
	Source     Source
}

// The kinds of Event, in the order of the procedure.
const (
	EventNotice        = "notice"        // 闲置土地调查通知书
	EventAnswer        = "answer"        // the holder's answer
	EventDetermination = "determination" // 闲置土地认定书
	EventHearing       = "hearing"       // 听证
	EventDecision      = "decision"      // 征缴土地闲置费 or 收回决定书
	EventService       = "service"       // 送达
	EventPayment       = "payment"       // 缴纳
	EventSettlement    = "settlement"    // agreement by art. 12: a new start, an extension, a swap
	EventTakeBack      = "take_back"     // 收回
)

// EventKinds lists the kinds of Event in the order of the procedure.
func EventKinds() []string {
	return []string{EventNotice, EventAnswer, EventDetermination, EventHearing, EventDecision, EventService, EventPayment, EventSettlement, EventTakeBack}
}

// Ranking is a zone's place in one year's assessment.
type Ranking struct {
	Zone   string `json:"-"`
	Year   int    `json:"year"`
	Scope  string `json:"scope"` // national | provincial | municipal
	Rank   Number `json:"rank"`  // 1 is the best; ties share one
	Of     Number `json:"of"`    // how many were ranked
	Source Source `json:"-"`
}

// ZoneAction is an act of the authority on a zone: a yellow card, an order to
// rectify, a removal from the list.
type ZoneAction struct {
	Zone       string `json:"-"`
	On         Date   `json:"on"`
	Kind       string `json:"kind"` // see ZoneActionKinds
	DocumentNo string `json:"document_no,omitempty"`
	Source     Source `json:"-"`
}

// The kinds of ZoneAction.
const (
	ActionReward        = "reward"
	ActionInterview     = "interview"     // 约谈
	ActionCriticism     = "criticism"     // 通报批评
	ActionYellowCard    = "yellow_card"   // 黄牌警告
	ActionRectification = "rectification" // 限期整改
	ActionPassed        = "rectification_passed"
	ActionDelistWarning = "delisting_warning"
	ActionDelisted      = "delisted"
	ActionUpgraded      = "upgraded" // 以升促建
)

// ZoneActionKinds lists the kinds of ZoneAction.
func ZoneActionKinds() []string {
	return []string{ActionReward, ActionInterview, ActionCriticism, ActionYellowCard, ActionRectification, ActionPassed, ActionDelistWarning, ActionDelisted, ActionUpgraded}
}

// Records is what the tables say of one parcel. Each list is in the order of
// its key, then of input.
type Records struct {
	Phases []Phase // by phase
	Uses   []Use   // by use code
	Terms  []Term  // of the parcel's contract_no, by indicator
	// Firms is every row, of whatever parcel, of the firms that have a row on this
	// parcel, by year, then code, then parcel: a firm's money is shared out over
	// all its land.
	Firms  []Firm
	Events []Event // by day; of unknown day last
}

// ApprovedPart is the part of an approval that lies in a zone: by its geometry,
// or, where it has none, the whole.
type ApprovedPart struct {
	Approval
	Located bool    // it has a geometry
	Share   float64 // of its drawn area in the zone; 1 where it has none
	PartM2  Fixed   // ellipsoid area of the drawn part in the zone
}

// ZoneRecords is what the tables say of one zone.
type ZoneRecords struct {
	Rankings  []Ranking      // by scope, then year
	Actions   []ZoneAction   // by day
	Approvals []ApprovedPart // by approval day, then id; without geometry: where a parcel in the zone names the number
}

// Entered is the first and the last day on which a firm moved onto a parcel;
// known is false where there is none, or one of them didn't say.
func (r *Records) Entered(parcel string) (first, last Date, known bool) {
	if r == nil {
		return 0, 0, false
	}
	for i := range r.Firms {
		f := &r.Firms[i]
		if f.Parcel != parcel {
			continue
		}
		if !f.EnteredOn.Known() {
			return 0, 0, false
		}
		if !first.Known() {
			first = f.EnteredOn
		}
		first, last = min(first, f.EnteredOn), max(last, f.EnteredOn)
	}
	return first, last, first.Known()
}
