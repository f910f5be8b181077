package score_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/score"
)

// scheme weighs tax per mu alone, 100 points at 10 万元/亩.
func scheme(until ...int64) *score.Scheme {
	s := &score.Scheme{Measures: []score.Measure{{ID: "tax", Of: "tax_wan", Over: score.LandMu,
		Weight: big.NewRat(100, 1), Ideal: big.NewRat(10, 1), Base: new(big.Rat)}}}
	for i, u := range until {
		s.Classes = append(s.Classes, score.Class{ID: string(rune('A' + i)), Until: big.NewRat(u, 100)})
	}
	s.Classes = append(s.Classes, score.Class{ID: "D"})
	return s
}

func firm(uscc, parcel, role string, year int, tax string) land.Firm {
	f := land.Firm{USCC: uscc, Parcel: parcel, Role: role, Year: year}
	if tax != "" {
		v, err := land.ParseFixed(tax)
		if err != nil {
			panic(err)
		}
		f.TaxWan = land.Num(v)
	}
	return f
}

// ledger puts firms on parcels of 15 mu, which are here where their id doesn't
// begin with x.
func ledger(t *testing.T, rows ...land.Firm) *score.Ledger {
	t.Helper()
	d, err := land.ParseDate("2024-12-31")
	if err != nil {
		t.Fatal(err)
	}
	l, seen := score.NewLedger(d, true), map[string]bool{}
	for _, r := range rows {
		if seen[r.Parcel] || strings.HasPrefix(r.Parcel, "x") {
			continue
		}
		seen[r.Parcel] = true
		rec := &land.Records{}
		for _, o := range rows {
			for _, h := range rows {
				if h.Parcel == r.Parcel && h.USCC == o.USCC {
					rec.Firms = append(rec.Firms, o)
					break
				}
			}
		}
		l.Add(&land.Part{Parcel: land.Parcel{ID: r.Parcel, EllipsoidM2: 10_000 * land.One}, Share: 1, PartEllipsoidM2: 10_000 * land.One, Home: true, Records: rec})
	}
	return l
}

func written(s *land.Scoring) string {
	if s == nil {
		return "none"
	}
	var out []string
	for _, f := range s.Firms {
		points, rank := "?", "-"
		if f.Score != nil {
			points = fmt.Sprintf("%g", *f.Score)
		}
		if f.Rank != nil {
			rank = fmt.Sprint(*f.Rank)
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s=%s #%s %s %s", f.Firm, points, rank, f.Class, f.Reason)))
	}
	return strings.Join(out, "; ")
}

func TestScore(t *testing.T) {
	half := firm("H", "p1", "holder", 2024, "150")
	half.LandM2 = land.Num(10_000 * land.One)
	away := firm("H", "x9", "holder", 2024, "150")
	away.LandM2 = land.Num(30_000 * land.One)
	noLand := away
	noLand.LandM2 = land.Number{}
	other := firm("H", "p2", "holder", 2024, "30")
	for _, c := range []struct {
		name string
		s    *score.Scheme
		rows []land.Firm
		want string
	}{
		{"nobody", scheme(50), nil, "none"},
		{"two classes of two", scheme(50), []land.Firm{firm("A", "p1", "holder", 2024, "150"), firm("B", "p2", "holder", 2024, "75")},
			"A=100 #1 A; B=50 #2 D"},
		{"a tie within a class", scheme(67), []land.Firm{firm("A", "p1", "holder", 2024, "150"), firm("B", "p2", "holder", 2024, "150"), firm("C", "p3", "holder", 2024, "15")},
			"A=100 #1 A; B=100 #1 A; C=10 #3 D"},
		{"a tie over the line", scheme(50), []land.Firm{firm("A", "p1", "holder", 2024, "150"), firm("B", "p2", "holder", 2024, "150"), firm("C", "p3", "holder", 2024, "15")},
			"A=100 #1  score_tied; B=100 #1  score_tied; C=10 #3 D"},
		{"an unknown one may stand before", scheme(50), []land.Firm{firm("A", "p1", "holder", 2024, "150"), firm("B", "p2", "holder", 2024, "")},
			"A=100 #-  scores_of_others_unknown; B=? #-  score_unknown"},
		{"fewer firms than classes", scheme(20, 60), []land.Firm{firm("A", "p1", "holder", 2024, "150"), firm("B", "p2", "holder", 2024, "75")},
			"A=100 #1  fewer_firms_than_classes; B=50 #2  fewer_firms_than_classes"},
		{"tenants are merged onto the holder", scheme(50), []land.Firm{firm("A", "p1", "holder", 2024, "75"), firm("T", "p1", "tenant", 2024, "75"), firm("B", "p2", "holder", 2024, "15")},
			"A=100 #1 A; B=10 #2 D"},
		{"of several holders the plot is scored", scheme(50), []land.Firm{firm("A", "p1", "holder", 2024, "75"), firm("T", "p1", "holder", 2024, "75"), firm("B", "p2", "holder", 2024, "15")},
			"p1=100 #1 A; B=10 #2 D"},
		{"money counts once for all the plots of a holder", scheme(50), []land.Firm{firm("A", "p1", "holder", 2024, "150"), firm("A", "p3", "holder", 2024, "150"), firm("B", "p2", "holder", 2024, "15")},
			"A=50 #1 A; B=10 #2 D"},
		{"land elsewhere takes its share", scheme(50), []land.Firm{half, away, firm("B", "p2", "holder", 2024, "15")},
			"H=25 #1 A; B=10 #2 D"},
		{"and makes it unknown where nobody says how much", scheme(50), []land.Firm{half, noLand, firm("B", "p2", "holder", 2024, "15")},
			"B=10 #-  scores_of_others_unknown; H=? #-  score_unknown"},
		{"rows of a year that differ", scheme(50), []land.Firm{firm("H", "p1", "holder", 2024, "150"), other, firm("B", "p3", "holder", 2024, "15")},
			"B=10 #-  scores_of_others_unknown; H=? #-  score_unknown"},
		{"a year to come", scheme(50), []land.Firm{firm("A", "p1", "holder", 2025, "150")}, "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := written(c.s.Score(ledger(t, c.rows...), 1))
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Points are cut where the place cuts them.
func TestCut(t *testing.T) {
	s := scheme(50)
	s.CutLeast, s.CutMost = big.NewRat(1, 5), big.NewRat(3, 2)
	got := written(s.Score(ledger(t, firm("A", "p1", "holder", 2024, "450"), firm("B", "p2", "holder", 2024, "0")), 1))
	if want := "A=150 #1 A; B=20 #2 D"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Whatever a firm's unknown figure turns out to be, no class that was told
// changes, and every firm is in one class or told why not.
func TestUnknownsNeverBecomeClasses(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 3))
	for range 300 {
		var known, all []land.Firm
		for i := range 4 + r.IntN(6) {
			tax := fmt.Sprint(15 * r.IntN(6))
			full := firm(fmt.Sprintf("F%d", i), fmt.Sprintf("p%d", i), "holder", 2024, tax)
			some := full
			if r.IntN(4) == 0 {
				some.TaxWan = land.Number{}
			}
			known, all = append(known, some), append(all, full)
		}
		s := scheme(20, 60)
		truth := map[string]land.ScoredFirm{}
		for _, f := range s.Score(ledger(t, all...), 1).Firms {
			truth[f.Firm] = f
		}
		for _, f := range s.Score(ledger(t, known...), 1).Firms {
			if (f.Class == "") == (f.Reason == "") {
				t.Fatalf("%s: class %q with reason %q", f.Firm, f.Class, f.Reason)
			}
			if want := truth[f.Firm]; f.Class != "" && want.Class != "" && f.Class != want.Class {
				t.Fatalf("%s was told to be %s and is %s", f.Firm, f.Class, want.Class)
			}
		}
	}
}
