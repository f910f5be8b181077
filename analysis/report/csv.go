package report

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"maps"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/muscope/muscope/analysis/land"
)

// csvColumns is the header of the list of findings. Columns are only ever
// added at the end.
func csvColumns() []string {
	return []string{"kind", "zone", "boundary_scope", "zone_name", "subject", "name", "holder", "holder_code", "contract_no",
		"status_or_rule", "status_or_rule_text", "outcome", "flags", "since", "days", "branch", "measure", "measure_if_holder",
		"fee_if_holder_wan", "area_m2", "area_mu", "observed", "limit", "unit", "excess_mu", "excess_m2", "clause", "reason",
		"reason_text", "evidence", "phase", "step", "next", "due", "overdue_days", "fee_basis", "notes", "approved_on", "area_approved_m2",
		"in_force_m2", "supplied_m2", "unsupplied_m2", "built_unsupplied_m2", "drawn_unsupplied_m2", "undrawn_m2", "supply_rate",
		"age_years", "age_bucket", "score", "rank", "class", "classes_before"}
}

// writeCSV writes what an inspector has to look at: a row for every verdict
// that is violated, not reached or incomputable, a row for every batch of
// approved land, then a row for every part that is a finding (of a parcel with
// phases one a phase that is), zone by zone, then land in no zone. UTF-8 with a byte
// order mark, which spreadsheets need to read Chinese.
func writeCSV(ctx context.Context, out io.Writer, src Source, opt Options) error {
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return err
	}
	w := &csvWriter{w: csv.NewWriter(out), opt: opt}
	if err := w.w.Write(csvColumns()); err != nil {
		return err
	}
	err := zones(ctx, src, opt, func(z *land.ZoneResult) error {
		for i := range z.Verdicts {
			if err := w.verdict(z, &z.Verdicts[i]); err != nil {
				return err
			}
		}
		for i := range z.Batches {
			if err := w.batch(z, &z.Batches[i]); err != nil {
				return err
			}
		}
		for i := range z.PerMu {
			if err := w.perMu(z, &z.PerMu[i]); err != nil {
				return err
			}
		}
		key := z.Key()
		return src.Rows(ctx, &key, func(r *Row) error { return w.finding(z.Name, r) })
	})
	if err != nil {
		return err
	}
	if opt.Zone == nil {
		err = src.Rows(ctx, &land.ZoneKey{}, func(r *Row) error { return w.finding("", r) })
	}
	w.w.Flush()
	if err != nil {
		return err
	}
	return w.w.Error()
}

type csvWriter struct {
	w   *csv.Writer
	opt Options
}

func (w *csvWriter) verdict(z *land.ZoneResult, v *land.Verdict) error {
	if v.Outcome == land.Satisfied || v.Outcome == land.NotApplicable {
		return nil
	}
	row := map[string]string{
		"kind": "verdict", "zone": z.Code, "boundary_scope": string(z.Scope), "zone_name": z.Name, "subject": v.Subject,
		"status_or_rule": v.RuleKey(), "status_or_rule_text": w.opt.ruleTitle(v.RuleKey()), "outcome": string(v.Outcome),
		"observed": number(v.Observed), "limit": number(v.Limit), "unit": string(v.Unit), "clause": v.Clause,
		"reason": v.Reason, "reason_text": w.opt.reason(v.Reason), "evidence": strings.Join(v.Evidence, " "), "phase": v.Phase,
	}
	if v.ExcessMu != nil {
		row["excess_mu"] = v.ExcessMu.String()
	}
	if v.ExcessM2 != nil {
		row["excess_m2"] = v.ExcessM2.String()
	}
	return w.write(row)
}

func (w *csvWriter) finding(zoneName string, r *Row) error {
	p, res := r.Part, r.Result
	if !res.Finding() {
		return nil
	}
	key := res.Key()
	row := map[string]string{
		"kind": "parcel", "zone": key.Code, "boundary_scope": string(key.Scope), "zone_name": zoneName, "subject": p.ID,
		"name": p.Name, "holder": p.Holder, "holder_code": p.HolderCode, "contract_no": p.ContractNo,
		"status_or_rule": string(res.Status), "status_or_rule_text": w.opt.text("status." + string(res.Status)),
		"flags": joinFlags(res.Flags), "since": res.Since.String(), "area_m2": res.AreaM2.String(), "area_mu": res.AreaM2.Mu().String(),
		"reason": res.Reason, "reason_text": w.opt.reason(res.Reason),
	}
	w.idle(row, res.Idle)
	if res.Details == nil {
		return w.write(row)
	}
	row["notes"] = w.notes(res.Details.Notes)
	if len(res.Details.Phases) == 0 {
		return w.write(row)
	}
	for i := range res.Details.Phases {
		if err := w.phase(row, &res.Details.Phases[i]); err != nil {
			return err
		}
	}
	return nil
}

// phase writes one phase of a parcel, if it is a finding.
func (w *csvWriter) phase(parcel map[string]string, ph *land.PhaseResult) error {
	one := land.PartResult{Status: ph.Status, Flags: ph.Flags}
	if !one.Finding() {
		return nil
	}
	row := maps.Clone(parcel)
	for _, name := range []string{"days", "branch", "measure", "measure_if_holder", "fee_if_holder_wan", "step", "next", "due", "overdue_days", "fee_basis"} {
		delete(row, name)
	}
	row["phase"], row["status_or_rule"], row["status_or_rule_text"] = ph.Phase, string(ph.Status), w.opt.text("status."+string(ph.Status))
	row["flags"], row["since"], row["area_m2"], row["area_mu"] = joinFlags(ph.Flags), ph.Since.String(), ph.AreaM2.String(), ph.AreaM2.Mu().String()
	row["reason"], row["reason_text"] = ph.Reason, w.opt.reason(ph.Reason)
	w.idle(row, ph.Idle)
	return w.write(row)
}

func (w *csvWriter) idle(row map[string]string, i *land.Idle) {
	if i == nil {
		return
	}
	row["since"], row["days"], row["branch"], row["measure"] = i.Since.String(), strconv.Itoa(i.Days), i.Branch, i.Measure
	row["measure_if_holder"], row["fee_if_holder_wan"], row["fee_basis"] = i.MeasureIfHolder, i.FeeIfHolderWan.String(), i.FeeBasis
	if p := i.Procedure; p != nil {
		row["step"], row["next"], row["due"], row["overdue_days"] = p.Step, p.Next, p.Due.String(), strconv.Itoa(p.Overdue)
	}
}

func (w *csvWriter) notes(list []land.Note) string {
	out := make([]string, len(list))
	for i, n := range list {
		if out[i] = w.opt.text("note." + n.Code); len(n.Values) > 0 {
			out[i] += " (" + strings.Join(n.Values, " / ") + ")"
		}
	}
	return strings.Join(out, "; ")
}

// batch writes a batch of approved land; what is unknown of it is blank.
func (w *csvWriter) batch(z *land.ZoneResult, b *land.Batch) error {
	row := map[string]string{
		"kind": "batch", "zone": z.Code, "boundary_scope": string(z.Scope), "zone_name": z.Name, "subject": cmp.Or(b.ApprovalNo, b.ID),
		"status_or_rule": b.State, "reason": b.Reason, "reason_text": w.opt.reason(b.Reason), "notes": w.notes(b.Notes),
		"approved_on": b.ApprovedOn.String(), "area_approved_m2": b.AreaM2.String(), "in_force_m2": b.InForceM2.String(),
		"supplied_m2": b.SuppliedM2.String(), "unsupplied_m2": b.Unsupplied.String(), "built_unsupplied_m2": b.BuiltM2.String(),
		"drawn_unsupplied_m2": b.DrawnM2.String(), "undrawn_m2": b.UndrawnM2.String(), "supply_rate": number(b.SupplyRate), "age_bucket": b.AgeBucket,
	}
	if b.State != "" {
		row["status_or_rule_text"] = w.opt.text("batch.state." + b.State)
	}
	if b.AgeYears != nil {
		row["age_years"] = strconv.Itoa(*b.AgeYears)
	}
	return w.write(row)
}

func (w *csvWriter) write(row map[string]string) error {
	columns := csvColumns()
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = Cell(row[c])
	}
	return w.w.Write(cells)
}

// Cell keeps a spreadsheet from taking a text of the input for a formula (OWASP,
// CSV injection; East Asian ones also read full-width signs); a number stays a
// number.
func Cell(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); s == "" || !strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}

func joinFlags(flags []land.PartFlag) string {
	words := make([]string, len(flags))
	for i, f := range flags {
		words[i] = string(f)
	}
	return strings.Join(words, " ")
}

func number(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'g', -1, 64)
}

func (o Options) text(key string) string { return o.Texts.Text(o.Lang, key) }

// reason is the text of a reason code, without the code's namespace.
func (o Options) reason(code string) string {
	if code == "" {
		return ""
	}
	if key := "reason." + code; o.text(key) != key {
		return o.text(key)
	}
	return code
}

func (o Options) basis(ruleKey string) (Basis, bool) {
	for _, b := range o.Packs {
		if b.Rule == ruleKey {
			return b, true
		}
	}
	return Basis{}, false
}

func (o Options) ruleTitle(ruleKey string) string {
	if b, ok := o.basis(ruleKey); ok {
		return b.Title[o.Lang]
	}
	return ruleKey
}
