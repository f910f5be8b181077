package report

import (
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// maxFirms is how many firms of one zone an html report lists; json and csv hold
// them all.
const maxFirms = 500

// firmTable is as many firms as are shown.
type firmTable struct {
	Shown []land.ScoredFirm
	More  int
}

// firmsOf is nil where nobody was scored.
func firmsOf(s land.Scoring) *firmTable {
	if len(s.Firms) == 0 {
		return nil
	}
	n := min(len(s.Firms), maxFirms)
	return &firmTable{Shown: s.Firms[:n], More: len(s.Firms) - n}
}

// plain is a figure with at most four places.
func plain(f any) string {
	switch f := f.(type) {
	case *float64:
		return plain(*f)
	case float64:
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 4, 64), "0"), ".")
	}
	return ""
}

// perMu writes the firms of a scoring, or why nobody is scored.
func (w *csvWriter) perMu(z *land.ZoneResult, s *land.Scoring) error {
	row := func(subject, reason string, missing []string) map[string]string {
		return map[string]string{"kind": "per_mu", "zone": z.Code, "boundary_scope": string(z.Scope), "zone_name": z.Name, "subject": subject,
			"status_or_rule": s.Pack + "#" + s.ID, "status_or_rule_text": map[string]string{"zh": s.Title.ZH, "en": s.Title.EN}[w.opt.Lang],
			"clause": s.Clause, "reason": reason, "reason_text": w.opt.reason(reason), "notes": strings.Join(missing, " ")}
	}
	if s.Reason != "" {
		return w.write(row(z.Code, s.Reason, s.Missing))
	}
	for i := range s.Firms {
		f := &s.Firms[i]
		cells := row(f.Firm, f.Reason, f.Missing)
		cells["area_mu"], cells["evidence"], cells["score"], cells["class"] = f.LandMu.String(), strings.Join(f.Parcels, " "), number(f.Score), f.Class
		cells["classes_before"] = strings.Join(f.ClassesBefore, " ")
		if f.Rank != nil {
			cells["rank"] = strconv.Itoa(*f.Rank)
		}
		if f.LowEfficiency == land.Yes {
			cells["flags"] = "low_efficiency"
		}
		if err := w.write(cells); err != nil {
			return err
		}
	}
	return nil
}
