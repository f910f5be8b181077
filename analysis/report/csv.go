package report

import (
	"context"
	"encoding/csv"
	"io"
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
		"reason_text", "evidence"}
}

// writeCSV writes what an inspector has to look at: a row for every verdict
// that is violated, not reached or incomputable, then a row for every part
// that is a finding, zone by zone, then land in no zone. UTF-8 with a byte
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
		"reason": v.Reason, "reason_text": w.opt.reason(v.Reason), "evidence": strings.Join(v.Evidence, " "),
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
	if i := res.Idle; i != nil {
		row["since"], row["days"], row["branch"], row["measure"] = i.Since.String(), strconv.Itoa(i.Days), i.Branch, i.Measure
		row["measure_if_holder"], row["fee_if_holder_wan"] = i.MeasureIfHolder, i.FeeIfHolderWan.String()
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
