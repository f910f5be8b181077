package land

import (
	"cmp"
	"slices"
)

// RecordTable is one of the tables beside parcels and zones: what reading and
// keeping its rows has to know.
type RecordTable[T any] struct {
	Fields []Field[T]
	Source func(*T) *Source
	Year   func(*T) *int    // nil: rows have no year
	Zone   func(*T) *string // nil: no zone but among Fields
}

// Phases is the table of phases.
func Phases() RecordTable[Phase] {
	return RecordTable[Phase]{Fields: PhaseFields(), Source: func(p *Phase) *Source { return &p.Source }}
}

// Uses is the table of mixed uses.
func Uses() RecordTable[Use] {
	return RecordTable[Use]{Fields: UseFields(), Source: func(u *Use) *Source { return &u.Source }}
}

// Terms is the table of contract terms.
func Terms() RecordTable[Term] {
	return RecordTable[Term]{Fields: TermFields(), Source: func(t *Term) *Source { return &t.Source }}
}

// Firms is the table of firms.
func Firms() RecordTable[Firm] {
	return RecordTable[Firm]{Fields: FirmFields(), Source: func(f *Firm) *Source { return &f.Source },
		Year: func(f *Firm) *int { return &f.Year }}
}

// Events is the table of events.
func Events() RecordTable[Event] {
	return RecordTable[Event]{Fields: EventFields(), Source: func(e *Event) *Source { return &e.Source }}
}

// Rankings is the table of rankings.
func Rankings() RecordTable[Ranking] {
	return RecordTable[Ranking]{Fields: RankingFields(), Source: func(r *Ranking) *Source { return &r.Source },
		Year: func(r *Ranking) *int { return &r.Year }, Zone: func(r *Ranking) *string { return &r.Zone }}
}

// ZoneActions is the table of acts on zones.
func ZoneActions() RecordTable[ZoneAction] {
	return RecordTable[ZoneAction]{Fields: ZoneActionFields(), Source: func(a *ZoneAction) *Source { return &a.Source }}
}

// Sort puts every list in the order that Records promises.
func (r *Records) Sort() {
	sortRecords(r.Phases, func(a, b *Phase) int { return cmp.Compare(a.Phase, b.Phase) }, Phases().Source)
	sortRecords(r.Uses, func(a, b *Use) int { return cmp.Compare(a.UseCode, b.UseCode) }, Uses().Source)
	sortRecords(r.Terms, func(a, b *Term) int { return cmp.Compare(a.Indicator, b.Indicator) }, Terms().Source)
	sortRecords(r.Firms, func(a, b *Firm) int { return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.USCC, b.USCC)) }, Firms().Source)
	sortRecords(r.Events, func(a, b *Event) int { return compareDays(a.On, b.On) }, Events().Source)
}

// Sort puts every list in the order that ZoneRecords promises.
func (z *ZoneRecords) Sort() {
	sortRecords(z.Rankings, func(a, b *Ranking) int { return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Year, b.Year)) }, Rankings().Source)
	sortRecords(z.Actions, func(a, b *ZoneAction) int { return compareDays(a.On, b.On) }, ZoneActions().Source)
	sortRecords(z.Approvals, func(a, b *ApprovedPart) int {
		return cmp.Or(compareDays(a.ApprovedOn, b.ApprovedOn), cmp.Compare(a.ID, b.ID))
	}, func(a *ApprovedPart) *Source { return &a.Source })
}

// compareDays puts an unknown day last.
func compareDays(a, b Date) int {
	if a.Known() != b.Known() {
		if a.Known() {
			return -1
		}
		return 1
	}
	return cmp.Compare(a, b)
}

func sortRecords[T any](list []T, by func(a, b *T) int, source func(*T) *Source) {
	if len(list) < 2 {
		return
	}
	slices.SortStableFunc(list, func(a, b T) int {
		return cmp.Or(by(&a, &b), cmp.Compare(source(&a).Position, source(&b).Position))
	})
}
