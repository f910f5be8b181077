package explain_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/explain"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
)

// beihai is the sale 2023GC07007 of 铁山港(临海)工业区, 68,507.52 m², on two
// certificates, of which the second lies in another zone; and a plot without
// contract. Of the tax nothing is recorded for the second.
func beihai(t *testing.T) (*analysis.Memory, land.Date) {
	t.Helper()
	asOf, err := land.ParseDate("2024-12-31")
	if err != nil {
		t.Fatal(err)
	}
	fixed := func(s string) land.Number {
		f, err := land.ParseFixed(s)
		if err != nil {
			t.Fatal(err)
		}
		return land.Num(f)
	}
	const no = "2023GC07007"
	terms := []land.Term{
		{ContractNo: no, Indicator: "far.project", Comparison: ">=", Value: fixed("0.7"), Unit: "ratio"},
		{ContractNo: no, Indicator: "far.project", Comparison: ">=", Value: fixed("0.6"), Unit: "ratio"},
		{ContractNo: no, Indicator: "green_share.project", Comparison: "<=", Value: fixed("20"), Unit: "%"},
		{ContractNo: no, Indicator: "ancillary_land_share.project", Comparison: "<=", Value: fixed("7"), Unit: "%"},
		{ContractNo: no, Indicator: "investment_intensity.project", Comparison: ">=", Value: fixed("250"), Unit: "万元/亩"},
		{ContractNo: no, Indicator: "tax_per_mu.built_land", Comparison: ">=", Value: fixed("20"), Unit: "万元/亩"},
		{ContractNo: no, Indicator: "joy.project", Comparison: ">=", Value: fixed("1"), Unit: "ratio"},
	}
	m := &analysis.Memory{ZoneList: []land.Zone{{Code: "A", Scope: land.ScopeApproved, AreaM2: 1e6 * land.One}, {Code: "B", Scope: land.ScopeApproved, AreaM2: 1e6 * land.One}}}
	put := func(zone int, p land.Parcel) {
		p.UseCode, p.EllipsoidM2, p.Source.Position = "1001", p.RecordedM2.Value, int64(len(m.PartList)+1)
		p.SuppliedOn, p.ContractSignedOn, p.CompletedOn = asOf.AddYears(-1), asOf.AddYears(-1), asOf-100
		part := land.Part{Parcel: p, In: m.ZoneList[zone].Key(), Share: 1, SetShare: 1, Home: true, PartEllipsoidM2: p.EllipsoidM2}
		if p.ContractNo != "" {
			part.Records = &land.Records{Terms: terms}
		}
		m.PartList = append(m.PartList, part)
	}
	put(0, land.Parcel{ID: "G7", ContractNo: no, RecordedM2: fixed("48507.52"), FloorAreaM2: fixed("40000"), GreenM2: fixed("3701.51"),
		AncillarySiteM2: fixed("4795.5264"), FixedAssetsWan: fixed("20000"), TaxWan: fixed("100")})
	put(1, land.Parcel{ID: "G8", ContractNo: no, RecordedM2: fixed("20000"), FloorAreaM2: fixed("5000"), GreenM2: fixed("10000"),
		AncillarySiteM2: fixed("0"), FixedAssetsWan: fixed("5690.32")})
	put(0, land.Parcel{ID: "G9", RecordedM2: fixed("1000"), FloorAreaM2: fixed("1")})
	return m, asOf
}

// sales names the contracts that reach over zones, as files and databases do.
type sales struct{ *analysis.Memory }

func (s sales) SpreadContracts(_ context.Context, _ []land.ZoneKey, yield func(*land.Part) error) error {
	for i := range s.PartList {
		if p := s.PartList[i]; p.ContractNo != "" {
			if err := yield(&p); err != nil {
				return err
			}
		}
	}
	return nil
}

func askTerm(t *testing.T, what, subject string) (*explain.Document, error) {
	t.Helper()
	m, asOf := beihai(t)
	packs, err := analysis.DefaultPacks()
	if err != nil {
		t.Fatal(err)
	}
	return explain.Explain(t.Context(), sales{m}, explain.Options{Zone: m.ZoneList[0].Key(), What: what, Parcel: subject, AsOf: asOf, Packs: packs})
}

// The terms of 2023GC07007 worked by hand, over both of its parcels, whether the
// contract or one of its parcels is named.
func TestExplainTerms(t *testing.T) {
	for _, c := range []struct {
		what       string
		outcome    land.Outcome
		quote      string
		limit      string
		difference string
		sign       string
	}{
		// 45,000 − 0.7 × 68,507.52; the laxer 0.6 holds and is not what counts
		{"far.project.ge", land.Violated, "far.project >= 0.7 ratio", "0.7", "-2955.264", "below"},
		// 13,701.51 − 0.2 × 68,507.52
		{"green_share.project.le", land.Violated, "green_share.project <= 20 %", "0.2", "0.006", "above"},
		// 7.1927… mu of 102.76128
		{"ancillary_land_share.project.le", land.Satisfied, "ancillary_land_share.project <= 7 %", "0.07", "0", "on"},
		// 25,690.32 − 250 × 102.76128
		{"investment_intensity.project.ge", land.Satisfied, "investment_intensity.project >= 250 万元/亩", "250", "0", "on"},
	} {
		for _, subject := range []string{"2023GC07007", "G7", "G8"} {
			d, err := askTerm(t, "contract/terms#"+c.what, subject)
			if err != nil {
				t.Fatalf("%s: %v", c.what, err)
			}
			if d.Verdict == nil || d.Verdict.Outcome != c.outcome || d.Subject.ID != "2023GC07007" || !slices.Equal(d.Subject.Parcels, []string{"G7", "G8"}) {
				t.Fatalf("%s of %s: verdict %+v, subject %+v", c.what, subject, d.Verdict, d.Subject)
			}
			if d.Rule.Quote != c.quote || d.Rule.Document.Number != "2023GC07007" || d.Limit.Value == nil || d.Limit.Value.String() != c.limit ||
				!strings.Contains(d.Limit.Why.EN, "contract 2023GC07007") {
				t.Errorf("%s: rule %+v, limit %+v", c.what, d.Rule, d.Limit)
			}
			if d.Comparison == nil || string(d.Comparison.Difference) != c.difference || d.Comparison.Sign != c.sign {
				t.Errorf("%s: comparison %+v, want %s", c.what, d.Comparison, c.difference)
			}
			if d.Parcels.Count != 2 || d.Parcels.Listed[0].Fields == nil || d.Parcels.Listed[1].Fields == nil {
				t.Errorf("%s: parcels %+v", c.what, d.Parcels)
			}
		}
	}
}

// A term whose figure lacks a fact says which parcel lacks it.
func TestExplainTermIncomputable(t *testing.T) {
	d, err := askTerm(t, "contract/terms#tax_per_mu.built_land.ge", "2023GC07007")
	if err != nil {
		t.Fatal(err)
	}
	if d.Verdict.Outcome != land.Incomputable || d.LeftOut == nil || d.LeftOut.Count != 1 || d.LeftOut.Listed[0].ID != "G8" ||
		len(d.LeftOut.Listed[0].Missing) != 1 || d.LeftOut.Listed[0].Missing[0].Field != "tax_wan" || d.Deciding == nil || d.Deciding.Hold == nil {
		t.Errorf("verdict %+v, left out %+v, deciding %+v", d.Verdict, d.LeftOut, d.Deciding)
	}
	d, err = askTerm(t, "contract/terms#joy.project.ge", "G7")
	if err != nil || d.Verdict.Reason != "indicator_unknown" || d.Indicator != nil {
		t.Errorf("%v, %+v", err, d)
	}
}

// Where no contract is named those with the term are counted; one that isn't
// there is said to be so.
func TestExplainTermSubjects(t *testing.T) {
	d, err := askTerm(t, "contract/terms#green_share.project.le", "")
	if err != nil || d.Subjects == nil || d.Subjects.Count != 1 || d.Subjects.Listed[0].ID != "2023GC07007" || d.Limit != nil {
		t.Errorf("%v, %+v", err, d)
	}
	for what, subject := range map[string]string{"far.project.lt": "G7", "far.project.ge": "G9", "green_share.project.le": "X", "far.project.up": "G7", "far.project.le": ""} {
		if _, err := askTerm(t, "contract/terms#"+what, subject); !errors.Is(err, explain.ErrNotFound) {
			t.Errorf("%s of %q: %v", what, subject, err)
		}
	}
}

// A rule on places shows the places it looked at, those beside them, and the
// ties; one on acts the acts.
func TestExplainStanding(t *testing.T) {
	m, asOf := beihai(t)
	row := func(year int, scope string, rank, of int64) land.Ranking {
		return land.Ranking{Year: year, Scope: scope, Rank: land.Num(land.Fixed(rank) * land.One), Of: land.Num(land.Fixed(of) * land.One)}
	}
	m.ZoneList[0].Province, m.ZoneList[0].Kind, m.ZoneList[0].Level = "450000", "high_tech", "provincial"
	m.RecordList = map[land.ZoneKey]*land.ZoneRecords{
		m.ZoneList[0].Key(): {Rankings: []land.Ranking{row(2022, "provincial", 11, 12), row(2024, "provincial", 12, 13), row(2024, "national", 100, 178)},
			Actions: []land.ZoneAction{{On: asOf, Kind: "reward"}, {On: asOf - 90, Kind: "delisting_warning", DocumentNo: "19号"}, {Kind: "delisted"}}},
		m.ZoneList[1].Key(): {Rankings: []land.Ranking{row(2024, "provincial", 12, 13)}},
	}
	packs, err := analysis.DefaultPacks("guangxi/hightech-2021")
	if err != nil {
		t.Fatal(err)
	}
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	read := func(what string) (*explain.Standing, map[string]string) {
		d, err := explain.Explain(t.Context(), m, explain.Options{Zone: m.ZoneList[0].Key(), What: what, AsOf: asOf, Packs: packs})
		if err != nil || d.Standing == nil || d.Verdict == nil {
			t.Fatalf("%s: %v, %+v", what, err, d)
		}
		said := map[string]string{}
		for _, lang := range []string{"zh", "en"} {
			var b bytes.Buffer
			if err := explain.WriteText(&b, d, lang, texts); err != nil {
				t.Fatal(err)
			}
			said[lang] = b.String()
		}
		return d.Standing, said
	}
	s, said := read("ranking.regional-last-three-years")
	if !s.Given || len(s.Places) != 3 || s.Places[0].Scope != "national" || s.Places[0].Counts || !s.Places[1].Counts || s.Places[1].Shared != 2 || !s.Places[2].Counts ||
		s.Places[2].Year != 2022 {
		t.Errorf("places %+v", s.Places)
	}
	if !strings.Contains(said["en"], "* 2024, provincial: place 12 of 13 (shared by 2)") || !strings.Contains(said["zh"], "* 2022 年") {
		t.Errorf("%s", said)
	}
	s, said = read("ranking.rectification-year")
	if len(s.Acts) != 3 || s.Acts[0].Kind != "delisted" || !s.Acts[0].Counts || !s.Acts[1].Counts || s.Acts[2].Counts {
		t.Errorf("acts %+v", s.Acts)
	}
	if !strings.Contains(said["en"], "warning of delisting  19号") || !strings.Contains(said["zh"], "* 未知  退出（摘牌）") {
		t.Errorf("%s", said)
	}
}
