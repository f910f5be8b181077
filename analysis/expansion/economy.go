package expansion

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// Economy is one indicator of the zone with the limits of level expansion that
// the packs hold for it, and the published means to hold it against.
type Economy struct {
	Indicator  land.Indicator `json:"indicator"`
	Title      Text           `json:"title"`
	Formula    Text           `json:"formula"`
	Rules      []string       `json:"rules"` // pack#rule of its conditions
	Limit      Coded          `json:"limit"` // limit_configured | no_limit_configured
	References []Reference    `json:"references"`
}

// Reference is a published figure; it is no limit.
type Reference struct {
	ID     string      `json:"id"`
	Value  json.Number `json:"value"`
	Title  Text        `json:"title"`
	Source string      `json:"source"`
}

// economyIndicators are the indicators of the audit's second and third part, in
// the order in which they are shown.
func economyIndicators() []string {
	return []string{"supply_rate", "build_rate", "unsupplied_rate.approved_land", "idle_rate.suspected", "idle_rate.determined",
		"approval_supply_rate.previous_five_years", "industrial_land_share.built_land", "gross_far.built_land", "industrial_far.industrial_land",
		"output_per_mu.industrial_land", "tax_per_mu.built_land", "industrial_tax_per_mu.industrial_land",
		"investment_intensity.industrial_land", "remaining_supply_years.by_supply", "remaining_supply_years.by_area"}
}

// keeper keeps the result of one zone.
type keeper struct {
	key    land.ZoneKey
	result *land.ZoneResult
}

// Zone, Parts and Sets make keeper a Sink that keeps the one result.
func (k *keeper) Zone(_ context.Context, z *land.ZoneResult) error {
	if z.Key() == k.key {
		k.result = z
	}
	return nil
}

func (k *keeper) Parts(context.Context, land.ZoneKey, []land.PartResult) error { return nil }
func (k *keeper) Sets(context.Context, []land.SetResult) error                 { return nil }

// run analyzes the zone by the engine that analyzes every zone.
func (c *check) run(ctx context.Context, src analysis.Source) (*land.ZoneResult, error) {
	k := &keeper{key: c.zone.Key()}
	opt := analysis.Options{AsOf: c.AsOf, Packs: c.Packs, Classes: c.Classes, Workers: 1, Zones: []string{c.zone.Key().String()}}
	if err := analysis.Run(ctx, opt, src, k); err != nil {
		return nil, err
	}
	if k.result == nil {
		return nil, fmt.Errorf("zone %s: the analysis gave nothing", c.zone.Key())
	}
	return k.result, nil
}

func (c *check) analyze(ctx context.Context) (err error) {
	c.result, err = c.run(ctx, c.src)
	return err
}

// rulesOf are the rules of level expansion that are law for the zone. A rule
// that is off, or has no value yet, is a slot and no limit.
func (c *check) rulesOf() (rules []*rule.Rule, outside map[*rule.Rule]string) {
	outside = map[*rule.Rule]string{}
	for _, p := range c.Packs {
		applies := p.Applies.To(&c.law)
		if applies == land.No {
			continue
		}
		for _, r := range p.Rules {
			if r.Level != land.LevelExpansion || r.Indicator == "" {
				continue
			}
			if limit, ok := r.LimitOn(c.AsOf); ok && !limit.Value.Known && r.Against == "" {
				continue
			}
			rules = append(rules, r)
			if applies == land.Unknown {
				outside[r] = rule.ReasonScopeUnknown
			}
		}
	}
	return rules, outside
}

// judge holds the indicators of a result against the rules of level expansion.
func (c *check) judge(z *land.ZoneResult) []land.Verdict {
	rules, outside := c.rulesOf()
	out := make([]land.Verdict, 0, len(rules))
	for _, r := range rules {
		s := rule.Subject{Level: land.LevelExpansion, ID: c.zone.Code, AsOf: c.AsOf, NotApplicable: outside[r]}
		out = append(out, r.Judge(&s, indicatorOf(z, r.Indicator), indicatorOf(z, r.Against)))
	}
	return out
}

func indicatorOf(z *land.ZoneResult, id string) *land.Indicator {
	for i := range z.Indicators {
		if z.Indicators[i].ID == id {
			return &z.Indicators[i]
		}
	}
	return nil
}

// economy lists the zone's indicators with what limits there are.
func (c *check) economy(context.Context) error {
	ids := economyIndicators()
	verdicts := c.judge(c.result)
	for i := range verdicts {
		if !slices.Contains(ids, verdicts[i].Indicator) {
			ids = append(ids, verdicts[i].Indicator)
		}
	}
	for _, id := range ids {
		ind := indicatorOf(c.result, id)
		if ind == nil {
			continue
		}
		e := Economy{Indicator: *ind, Title: c.text("indicator." + id + ".title"), Formula: c.text("indicator." + id + ".formula"), Rules: []string{},
			Limit: c.coded("no_limit_configured"), References: c.references(id)}
		for j := range verdicts {
			if verdicts[j].Indicator == id {
				e.Rules, e.Limit = append(e.Rules, verdicts[j].RuleKey()), c.coded("limit_configured")
				c.keep(c.economyCondition(&verdicts[j], ind))
			}
		}
		c.doc.Economy = append(c.doc.Economy, e)
	}
	return nil
}

func (c *check) references(id string) []Reference {
	out := []Reference{}
	for _, p := range c.Packs {
		for _, r := range p.References {
			if r.Indicator != id {
				continue
			}
			value := json.Number(big.NewRat(r.Num, r.Den).FloatString(6))
			out = append(out, Reference{ID: p.ID + "#" + r.ID, Value: value, Title: Text(r.Title), Source: r.Source})
		}
	}
	return out
}

// economyCondition is a verdict as a condition. A target that isn't reached is
// no violation of anything: it is told, and doesn't decide.
func (c *check) economyCondition(v *land.Verdict, ind *land.Indicator) Condition {
	var r *rule.Rule
	for _, p := range c.Packs {
		if p.ID == v.Pack {
			r = p.Rule(v.Rule)
		}
	}
	cond := Condition{ID: v.RuleKey(), Group: GroupEconomy, Title: Text(r.Title), Outcome: v.Outcome, Verdict: v,
		Reason:     Coded{Code: v.Reason, Text: c.text("reason." + v.Reason)},
		Basis:      []Basis{ruleBasis(r)},
		Arithmetic: c.ratioText(v, ind)}
	if v.Outcome == land.Incomputable {
		for _, m := range ind.Missing {
			cond.Missing = append(cond.Missing, Missing{What: m.Field, Remedy: c.text("expansion.remedy.field", m.Field)})
		}
	}
	return cond
}

func ruleBasis(r *rule.Rule) Basis {
	b := basis(r.Pack, r.Clause, 0)
	b.Text, b.Quote = Text(r.Title), r.Quote
	if limits := r.Limits; len(limits) > 0 {
		b.Source = limits[len(limits)-1].Source
	}
	return b
}

// ratioText is the arithmetic of a verdict on a ratio.
func (c *check) ratioText(v *land.Verdict, ind *land.Indicator) Text {
	if ind.Value == nil || ind.Numerator == nil || ind.Denominator == nil || v.Limit == nil {
		return c.text("expansion.arithmetic.none")
	}
	return c.text("expansion.arithmetic.ratio", amount(ind.Numerator), amount(ind.Denominator), *ind.Value, string(ind.Unit), v.Comparison, *v.Limit)
}

// amount is a quantity in its unit.
func amount(q *land.Quantity) string {
	switch q.Unit {
	case land.UnitMu:
		return q.Value.Mu().String() + " mu"
	case land.UnitM2:
		return q.Value.String() + " m²"
	}
	return fmt.Sprintf("%s %s", q.Value, q.Unit)
}

// definition is what a formula says of itself.
func definition(id string) (indicator.Definition, bool) {
	for _, d := range indicator.Definitions() {
		if d.ID == id {
			return d, true
		}
	}
	return indicator.Definition{}, false
}
