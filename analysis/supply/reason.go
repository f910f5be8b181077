package supply

// The reasons of a status: stable codes whose texts, in Chinese and English,
// stand in data/i18n/supply.yaml under "reason." + code.
const (
	ReasonTakenBack           = "taken_back"
	ReasonReserved            = "reserved"
	ReasonSupplyUndated       = "supply_undated"
	ReasonApprovedUnsupplied  = "approved_unsupplied"
	ReasonBuiltUnsupplied     = "built_unsupplied"
	ReasonApprovalToCome      = "approval_to_come"
	ReasonBuiltBeforeApproval = "built_before_approval"
	ReasonNotConstruction     = "not_construction_class"
	ReasonOldRight            = "old_right"
	ReasonNoRecord            = "no_record"
	ReasonCompleted           = "completed"
	ReasonInUse               = "in_use_before_completion"
	ReasonSuspendedIdle       = "suspended_1y_low_progress"
	ReasonProgressUnknown     = "suspended_1y_progress_unknown"
	ReasonSuspensionUndated   = "suspended_since_unknown"
	ReasonSuspensionSettled   = "suspension_settled_undated"
	ReasonSuspended           = "suspended"
	ReasonCompletionOverdue   = "completion_overdue"
	ReasonUnderConstruction   = "under_construction"
	ReasonNoStartDate         = "no_start_date"
	ReasonNotDue              = "start_not_due"
	ReasonStartOverdue1Y      = "start_overdue_1y"
	ReasonStartOverdue        = "start_overdue"
	ReasonStartSettled        = "start_overdue_settled"
	ReasonSettlementUndated   = "start_settled_undated"
	ReasonStartUnknownNotDue  = "start_unknown_not_due"
	ReasonStartUnknown        = "start_unknown"
	ReasonStartUnknownNoDate  = "start_unknown_no_start_date"
)

// Reasons lists every reason a status can have.
func Reasons() []string {
	return []string{ReasonTakenBack, ReasonReserved, ReasonSupplyUndated, ReasonApprovedUnsupplied,
		ReasonBuiltUnsupplied, ReasonApprovalToCome, ReasonBuiltBeforeApproval, ReasonNotConstruction,
		ReasonOldRight, ReasonNoRecord, ReasonCompleted, ReasonInUse, ReasonSuspendedIdle,
		ReasonProgressUnknown, ReasonSuspensionUndated, ReasonSuspensionSettled, ReasonSuspended,
		ReasonCompletionOverdue, ReasonUnderConstruction, ReasonNoStartDate, ReasonNotDue,
		ReasonStartOverdue1Y, ReasonStartOverdue, ReasonStartSettled, ReasonSettlementUndated,
		ReasonStartUnknownNotDue, ReasonStartUnknown, ReasonStartUnknownNoDate}
}
