package analysis

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/piece"
)

// addRecorded takes a part of which the tables say something: each of its
// phases is counted and judged as a parcel of its own, each of its uses counted
// as land of its class.
func (zr *zoneRun) addRecorded(p *land.Part) error {
	d := zr.divider.Divide(p)
	touch := p.Touch()
	id := p.ID
	if !p.Elsewhere {
		id = zr.text.keep(p.ID)
	}
	for i := range d.Phases {
		ph := &d.Phases[i]
		for j := range ph.Uses {
			use := &ph.Uses[j]
			zr.indicator.Add(&use.Part, &use.Assessment)
			if zr.watcher != nil {
				zr.watcher.Part(&use.Part, &use.Assessment)
			}
		}
		if p.Elsewhere {
			continue
		}
		zr.fees.add(&ph.Part, ph.Assessment.Idle, id)
		if touch {
			continue
		}
		if p.Surface() {
			zr.countPhase(ph, id)
		}
		zr.judge.parcel(&ph.Part, &ph.Assessment, id)
	}
	if p.Elsewhere {
		return nil
	}
	zr.contracts.add(p)
	row := rowOfDivision(p, &d, id)
	row.Zone, row.Scope = zr.code, zr.scope
	zr.parts = append(zr.parts, row)
	return nil
}

func (zr *zoneRun) countPhase(ph *piece.Phase, id string) {
	zr.table.addStatus(ph.Assessment.Status, ph.Part.PartM2())
	zr.ledger.add(&ph.Part, &ph.Assessment, id)
	for j := range ph.Uses {
		use := &ph.Uses[j]
		zr.table.addClass(use.Assessment.Class, use.Part.PartM2())
		zr.shared.addPiece(&use.Part, &use.Assessment, j == 0)
	}
}

// rowWithFees is a part's row and the findings in it that name a fee.
func (r *run) rowWithFees(p *land.Part, id string) (row land.PartResult, fees []zoneFee) {
	if p.Records == nil {
		a := r.assessor.Assess(p)
		if f, ok := feeOf(p, a.Idle, id); ok {
			fees = append(fees, f)
		}
		return rowOf(p, &a, id), fees
	}
	d := r.divider.Divide(p)
	for i := range d.Phases {
		if f, ok := feeOf(&d.Phases[i].Part, d.Phases[i].Assessment.Idle, id); ok {
			fees = append(fees, f)
		}
	}
	return rowOfDivision(p, &d, id), fees
}

// rowOfDivision is the row of a part that the tables divide: that of its
// leading phase, with what the tables add.
func rowOfDivision(p *land.Part, d *piece.Division, id string) land.PartResult {
	lead := &d.Phases[0]
	for i := range d.Phases {
		if weight(d.Phases[i].Assessment.Status) < weight(lead.Assessment.Status) {
			lead = &d.Phases[i]
		}
	}
	row := rowOf(p, &lead.Assessment, id)
	row.Class = classOfUses(d, lead.Assessment.Class)
	details := land.Details{Notes: d.Notes}
	if d.Phased {
		for i := range d.Phases {
			details.Phases = append(details.Phases, phaseResult(&d.Phases[i]))
		}
		row.Flags = allFlags(d)
	}
	if d.Mixed {
		details.Uses = useResults(d)
	}
	keepPapers(row.Idle)
	if len(details.Notes)+len(details.Phases)+len(details.Uses) > 0 {
		keepDetails(&details)
		row.Details = &details
	}
	return row
}

// keepDetails makes texts independent of the part they are of, which is valid
// only while it is being read.
func keepDetails(d *land.Details) {
	for i := range d.Phases {
		d.Phases[i].Phase = strings.Clone(d.Phases[i].Phase)
		keepPapers(d.Phases[i].Idle)
	}
	for i := range d.Uses {
		d.Uses[i].UseCode = strings.Clone(d.Uses[i].UseCode)
	}
	for i := range d.Notes {
		for j, v := range d.Notes[i].Values {
			d.Notes[i].Values[j] = strings.Clone(v)
		}
	}
}

func keepPapers(idle *land.Idle) {
	if idle == nil || idle.Procedure == nil {
		return
	}
	for i := range idle.Procedure.Papers { // nothing is written where there is no paper: that procedure is shared
		p := &idle.Procedure.Papers[i]
		p.Kind, p.DocumentNo, p.FileSHA256 = strings.Clone(p.Kind), strings.Clone(p.DocumentNo), strings.Clone(p.FileSHA256)
	}
	p := idle.Procedure
	if len(p.Papers) > 0 {
		p.Step, p.Next = strings.Clone(p.Step), strings.Clone(p.Next)
	}
}

// weight orders statuses by how much an inspector has to look at them: the
// phase that comes first gives a parcel its status.
func weight(s land.Status) int {
	return slices.Index([]land.Status{land.SuspectedIdle, land.Undetermined, land.OverdueStart, land.Suspended,
		land.OverdueCompletion, land.Unsupplied, land.UnderConstruction, land.SuppliedNotDue, land.Reserve, land.Built,
		land.Stock, land.NotConstruction}, s)
}

// classOfUses is the parcel's own class, else that of the use with most land.
func classOfUses(d *piece.Division, own land.Class) land.Class {
	if own != land.ClassUnknown || !d.Mixed {
		return own
	}
	most := land.Fixed(-1)
	for _, use := range d.Phases[0].Uses {
		if area := use.Part.PartM2(); area > most {
			own, most = use.Assessment.Class, area
		}
	}
	return own
}

func phaseResult(ph *piece.Phase) land.PhaseResult {
	a := &ph.Assessment
	return land.PhaseResult{Phase: ph.Part.Piece.Phase, AreaM2: ph.Part.PartM2(), Status: a.Status, Since: a.Since,
		Reason: a.Reason, Flags: append([]land.PartFlag{}, a.Flags...), Idle: a.Idle}
}

func allFlags(d *piece.Division) (out []land.PartFlag) {
	for i := range d.Phases {
		for _, f := range d.Phases[i].Assessment.Flags {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// useResults adds the uses up over the phases.
func useResults(d *piece.Division) []land.UseResult {
	out := make([]land.UseResult, len(d.Phases[0].Uses))
	for i := range d.Phases {
		for j := range d.Phases[i].Uses {
			use, to := &d.Phases[i].Uses[j], &out[j]
			floor := use.FloorM2
			if i > 0 {
				floor = sumOf(to.FloorM2, floor)
			}
			*to = land.UseResult{UseCode: use.Part.UseCode, Class: use.Assessment.Class, AreaM2: to.AreaM2 + use.Part.PartM2(),
				FloorM2: floor, TermYears: use.TermYears}
		}
	}
	return out
}

// sumOf adds two numbers; unknown where one is.
func sumOf(a, b land.Number) land.Number {
	if !a.Known || !b.Known {
		return land.Number{}
	}
	return land.Num(a.Value + b.Value)
}

// openRecords reads what the tables say of the zone.
func (zr *zoneRun) openRecords(ctx context.Context) error {
	if zr.run.records == nil {
		return nil
	}
	rec, err := zr.run.records.ZoneRecords(ctx, zr.key)
	if err != nil {
		return fmt.Errorf("read the tables: %w", err)
	}
	zr.records, zr.ledger = rec, zr.newLedger(rec)
	if zr.run.approvals {
		zr.indicator.SeeApprovals()
	}
	return nil
}

// happened is the acts on the zone by the as-of date; one without a day is
// among them, for it is on record.
func (zr *zoneRun) happened() (out []land.ZoneAction) {
	for _, a := range zr.records.Actions {
		if a.On <= zr.AsOf {
			out = append(out, a)
		}
	}
	return out
}

// spreadBatches looks which batches aren't drawn, and sums the land of the
// parcels that name one of them, wherever they lie: what is left of a batch may
// be in another zone. Where all batches are drawn no part is read.
func (r *run) spreadBatches(ctx context.Context) error {
	source, ok := r.source.(RecordSource)
	if !ok {
		return nil
	}
	r.records, r.drawn = source, map[string]land.Fixed{}
	for i := range r.zones {
		rec, err := source.ZoneRecords(ctx, r.zones[i].Key())
		if err != nil {
			return fmt.Errorf("read the tables of zone %s: %w", r.zones[i].Key(), err)
		}
		for j := range rec.Approvals {
			r.approvals = true
			if a := &rec.Approvals[j]; !a.Located && a.ApprovalNo != "" {
				r.drawn[strings.Clone(a.ApprovalNo)] = 0
			}
		}
	}
	if err := r.seeApprovals(ctx, source); err != nil {
		return err
	}
	if len(r.drawn) == 0 {
		return nil
	}
	add := func(p *land.Part) error {
		if sum, asked := r.drawn[p.ApprovalNo]; asked && p.Home && !p.Elsewhere && p.Surface() {
			r.drawn[p.ApprovalNo] = sum + p.AreaM2()
		}
		return nil
	}
	for i := range r.all {
		if err := r.source.Parts(ctx, r.all[i].Key(), add); err != nil {
			return fmt.Errorf("read the parts of zone %s: %w", r.all[i].Key(), err)
		}
	}
	return r.source.Parts(ctx, land.ZoneKey{}, add)
}

// seeApprovals looks whether another zone has approvals, where those to analyze
// have none: the table is then loaded, and these zones have no batch.
func (r *run) seeApprovals(ctx context.Context, source RecordSource) error {
	for i := 0; i < len(r.all) && !r.approvals && len(r.zones) < len(r.all); i++ {
		rec, err := source.ZoneRecords(ctx, r.all[i].Key())
		if err != nil {
			return fmt.Errorf("read the tables of zone %s: %w", r.all[i].Key(), err)
		}
		r.approvals = len(rec.Approvals) > 0
	}
	return nil
}
