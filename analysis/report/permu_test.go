package report_test

import (
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// scored is a zone in which firms were scored, and one in which nobody could be.
func scored(t *testing.T) *memory {
	t.Helper()
	src := withTables(t)
	number := func(f float64) *float64 { return &f }
	rank := 2
	src.result.Zones[0].PerMu = []land.Scoring{{Pack: "local/per-mu-2024", ID: "per-mu.firms", Title: land.Words{ZH: "企业评价", EN: "firms"}, Clause: "评分与分档",
		Year: 2023, Years: 2, Evaluated: 2, Scored: 1, Weights: []land.ScoreWeight{{ID: "tax", Title: land.Words{ZH: "亩均税收", EN: "Tax per mu"}, Unit: "万元/亩", Weight: 50, Ideal: 10}},
		Firms: []land.ScoredFirm{
			{Firm: "=9145<i>", Parcels: []string{"1", "2"}, LandMu: (10_000 * land.One).Mu(), Score: number(7.5), Rank: &rank, Class: "D", ClassesBefore: []string{"D"}, LowEfficiency: land.Yes,
				Measures: []land.ScoredMeasure{{ID: "tax", Value: number(1.5), Unit: "万元/亩", Points: number(7.5)}}},
			{Firm: "9146", Parcels: []string{"3"}, Reason: "score_unknown", Missing: []string{"tax_wan"}, Measures: []land.ScoredMeasure{{ID: "tax", Unit: "万元/亩"}}}}}}
	src.result.Zones[1].PerMu = []land.Scoring{{Pack: "local/per-mu-2024", ID: "per-mu.firms", Reason: "no_weights_configured", Missing: []string{"weight.tax"}}}
	return src
}

// Firms stand in the page and in the list of findings, with what is missing, and
// nothing of the input is markup or a formula.
func TestPerMuIsReadable(t *testing.T) {
	src := scored(t)
	for lang, want := range map[string][]string{
		"zh": {"企业亩均效益评价", "2023年数据；参评2家，可评分1家", "亩均税收：权重50，基准10", "7.5", "低效", "（此前：D）", "企业的指标数据不全", "缺：tax_wan", "未配置权重", "缺：weight.tax"},
		"en": {"Firms by yield per mu", "2 firms evaluated, 1 scored", "Tax per mu: weight 50", "low-efficiency", "no weights are configured"},
	} {
		page := string(write(t, src, "html", options(t, lang)))
		text := wellFormed(t, []byte(page))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is not in the page", lang, w)
			}
		}
		if strings.Contains(page, "9145<i>") {
			t.Errorf("%s: markup of the input in the page", lang)
		}
	}
	list := string(write(t, src, "csv", options(t, "zh")))
	for _, w := range []string{"per_mu,GX01,approved,甲高新区,'=9145<i>,", ",7.5,2,D,D", "score_unknown", "no_weights_configured"} {
		if !strings.Contains(list, w) {
			t.Errorf("%q is not in the csv:\n%s", w, list)
		}
	}
	if doc := string(write(t, src, "json", options(t, "zh"))); !strings.Contains(doc, `"per_mu":[{"pack":"local/per-mu-2024"`) {
		t.Error("the json has no per_mu")
	}
}
