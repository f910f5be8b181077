package ingest

import (
	"context"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// TestLandchina reads published supply results, which have no boundary:
// sentinel dates become unknown, and no actual start is not "not started".
func TestLandchina(t *testing.T) {
	for _, c := range []struct {
		file, m                        string
		rows, agreedAndNoStart, noUses int
	}{
		{"landchina/supply_results_2007.csv", "landchina-2007", 225, 164, 2},
		{"landchina/supply_results_2018_12.json", "landchina-2018", 241, 145, 1},
	} {
		t.Run(c.m, func(t *testing.T) {
			opt := options(t, c.m, shared(t, c.file))
			rows, agreed, noUse, early := 0, 0, 0, 0
			opt.Rejects = func(r *land.Reject) {
				if r.Severity == land.SeverityReject {
					t.Errorf("rejected: %+v", *r)
				}
			}
			res, err := ReadParcels(context.Background(), opt, func(p *land.Parcel) error {
				rows++
				if p.AgreedStartOn.Known() && !p.StartedOn.Known() {
					agreed++
				}
				if p.UseCode == "" {
					noUse++
				}
				if p.SuppliedOn.Known() && p.SuppliedOn.Year() < 1990 || p.UseScheme != land.Landchina2007 {
					early++
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if rows != c.rows || agreed != c.agreedAndNoStart || noUse != c.noUses || early != 0 {
				t.Errorf("%d rows, %d agreed and not started, %d without use, %d too early; want %+v", rows, agreed, noUse, early, c)
			}
			if res.Loaded() != int64(rows) {
				t.Errorf("loaded %d of %d", res.Loaded(), rows)
			}
		})
	}
}
