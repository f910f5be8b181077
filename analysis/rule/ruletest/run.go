package ruletest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// Failure is a case that does not come out as it should.
type Failure struct {
	Case    string
	Message string
}

// String is the case and what is wrong with it.
func (f Failure) String() string { return fmt.Sprintf("%s: %s", f.Case, f.Message) }

// Run runs every case of a file with the analysis engine, under the pack alone.
// The error is of cases that could not be run at all.
func Run(ctx context.Context, p *rule.Pack, f *File) ([]Failure, error) {
	if f.Pack != p.ID {
		return nil, fmt.Errorf("%w: these are cases of %q, not of %q", rule.ErrPack, f.Pack, p.ID)
	}
	var out []Failure
	for i := range f.Cases {
		c := &f.Cases[i]
		asked, err := c.pack(p)
		if err != nil {
			return nil, fmt.Errorf("case %q: %w", c.Name, err)
		}
		got, err := c.analyze(ctx, asked)
		if err != nil {
			return nil, fmt.Errorf("case %q: %w", c.Name, err)
		}
		for _, why := range c.failures(asked, got) {
			out = append(out, Failure{c.Name, why})
		}
	}
	return out, nil
}

// pack is the pack as the case wants it: rules switched on, slots filled in.
func (c *Case) pack(p *rule.Pack) (*rule.Pack, error) {
	if len(c.On)+len(c.Fill) == 0 {
		return p, nil
	}
	p, err := p.SwitchOn(slices.Concat(c.On, slices.Sorted(maps.Keys(c.Fill)))...)
	if err != nil {
		return nil, err
	}
	for _, r := range p.Rules {
		if v, ok := c.Fill[r.ID]; ok {
			r.Limits = []rule.Limit{{Value: v, Source: "the case"}}
		}
	}
	return p, nil
}

// failures is what of a result is not as the case wants it.
func (c *Case) failures(p *rule.Pack, got *land.Result) (out []string) {
	for _, e := range c.Expect {
		if why := e.compare(p, got); why != "" {
			out = append(out, why)
		}
	}
	for _, m := range c.Measures {
		if why := m.compare(got); why != "" {
			out = append(out, why)
		}
	}
	if c.Silent {
		out = append(out, said(got)...)
	}
	return out
}

// said is every rule that said anything.
func said(got *land.Result) (out []string) {
	for i := range got.Zones {
		for _, key := range slices.Sorted(maps.Keys(got.Zones[i].VerdictCounts)) {
			out = append(out, fmt.Sprintf("%s speaks in zone %s; it must be silent", key, got.Zones[i].Code))
		}
	}
	for i := range got.Sets {
		for j := range got.Sets[i].Verdicts {
			out = append(out, fmt.Sprintf("%s speaks of %s; it must be silent", got.Sets[i].Verdicts[j].RuleKey(), got.Sets[i].ID))
		}
	}
	return out
}

// analyze runs the engine on a case. A parcel lies wholly in its zone and has
// its recorded area, else one hectare.
func (c *Case) analyze(ctx context.Context, packs ...*rule.Pack) (*land.Result, error) {
	source := &analysis.Memory{ZoneList: c.Zones, StatList: c.Stats}
	for i, parcel := range c.Parcels {
		parcel.EllipsoidM2 = 10_000 * land.One
		if parcel.RecordedM2.Known {
			parcel.EllipsoidM2 = parcel.RecordedM2.Value
		}
		parcel.Source.Position = int64(i + 1)
		source.PartList = append(source.PartList, land.Part{Parcel: parcel, In: c.zoneOf(parcel.Zone), Share: 1, SetShare: 1,
			Home: true, PartEllipsoidM2: parcel.EllipsoidM2})
	}
	sink := &analysis.Collector{}
	opt := analysis.Options{AsOf: c.AsOf, Packs: packs, Workers: 1}
	if err := analysis.Run(ctx, opt, source, sink); err != nil {
		return nil, err
	}
	return sink.Result(), nil
}

func (c *Case) zoneOf(code string) land.ZoneKey {
	for i := range c.Zones {
		if c.Zones[i].Code == code {
			return c.Zones[i].Key()
		}
	}
	return c.Zones[0].Key()
}

// compare says how a result differs from what is expected, or "".
func (e Expectation) compare(p *rule.Pack, got *land.Result) string {
	r := p.Rule(e.Rule)
	switch {
	case r == nil:
		return fmt.Sprintf("the pack has no rule %q", e.Rule)
	case r.IsOff():
		return fmt.Sprintf("the rule %q is off; the case must switch it on, or fill it in", e.Rule)
	case r.Level == land.LevelZoneSet, r.Level == land.LevelProvince:
		return e.compareSet(got)
	}
	subject := cmp.Or(e.Subject, got.Zones[0].Code)
	counted := map[land.Outcome]int64{}
	for i := range got.Zones {
		z := &got.Zones[i]
		for j := range z.Verdicts {
			if v := &z.Verdicts[j]; v.Rule == e.Rule && v.Subject == subject {
				return e.differs(v)
			}
		}
		for o, n := range z.VerdictCounts[r.Key()] {
			counted[o] += n
		}
	}
	// Verdicts on projects and parcels that nobody need look at are only counted.
	listed := e.Outcome == land.Violated || e.Outcome == land.Incomputable
	if listed || counted[e.Outcome] == 0 {
		return fmt.Sprintf("%s on %s: no verdict %q; counted are %v", e.Rule, subject, e.Outcome, counted)
	}
	return ""
}

func (e Expectation) compareSet(got *land.Result) string {
	subject := cmp.Or(e.Subject, analysis.SetAll)
	for i := range got.Sets {
		for j := range got.Sets[i].Verdicts {
			if v := &got.Sets[i].Verdicts[j]; v.Rule == e.Rule && v.Subject == subject {
				return e.differs(v)
			}
		}
	}
	return fmt.Sprintf("%s says nothing of the set %s", e.Rule, subject)
}

// compare says how an indicator differs from what it must be, or "".
func (m Measure) compare(got *land.Result) string {
	list := got.Zones[0].Indicators
	for i := range got.Zones {
		if got.Zones[i].Code == m.Zone {
			list = got.Zones[i].Indicators
		}
	}
	for i := range got.Sets {
		if got.Sets[i].ID == m.Zone {
			list = got.Sets[i].Indicators
		}
	}
	for i := range list {
		if list[i].ID == m.Indicator {
			return m.differs(&list[i])
		}
	}
	return fmt.Sprintf("nobody computes %s", m.Indicator)
}

func (m Measure) differs(got *land.Indicator) string {
	v := number(got.Value)
	either := m.Value == "" && m.Exact != land.Unknown
	switch {
	case v != m.Value && !either, m.Reason != "" && got.Reason != m.Reason:
		return fmt.Sprintf("%s is %q (%s), want %q (%s)", m.Indicator, v, got.Reason, m.Value, m.Reason)
	case m.Exact != land.Unknown && m.Exact != land.FlagOf(got.Exact):
		return fmt.Sprintf("%s is exact: %t; want the opposite", m.Indicator, got.Exact)
	}
	return ""
}

func (e Expectation) differs(v *land.Verdict) string {
	for _, c := range []struct{ name, got, want string }{
		{"outcome", string(v.Outcome), string(e.Outcome)},
		{"reason", v.Reason, e.Reason},
		{"observed", number(v.Observed), e.Observed},
		{"excess_mu", written(v.ExcessMu), e.ExcessMu},
		{"headroom_mu", written(v.HeadroomMu), e.HeadroomMu},
		{"excess_m2", written(v.ExcessM2), e.ExcessM2},
		{"headroom_m2", written(v.HeadroomM2), e.HeadroomM2},
	} {
		if c.want != "" && c.got != c.want {
			return fmt.Sprintf("%s on %s: %s is %q (%s), want %q", e.Rule, v.Subject, c.name, c.got, v.Reason, c.want)
		}
	}
	return ""
}

func number(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

func written[T fmt.Stringer](v *T) string {
	if v == nil {
		return ""
	}
	return (*v).String()
}

// Gaps lists the outcomes a rule has no case for: every rule, also one that is
// off, needs cases for satisfied, violated (or not reached), not applicable and
// incomputable.
func Gaps(p *rule.Pack, f *File) []string {
	type key struct {
		rule    string
		outcome land.Outcome
	}
	have := map[key]bool{}
	for _, c := range f.Cases {
		for _, e := range c.Expect {
			have[key{e.Rule, e.Outcome}] = true
		}
	}
	var out []string
	for _, r := range p.All() {
		if r.Indicator == "" && r.Finding == "" {
			continue
		}
		bad := land.Violated
		if r.Kind == rule.KindTarget {
			bad = land.NotReached
		}
		for _, o := range []land.Outcome{land.Satisfied, bad, land.Incomputable, land.NotApplicable} {
			if !have[key{r.ID, o}] {
				out = append(out, fmt.Sprintf("%s has no case %q", r.ID, o))
			}
		}
	}
	return out
}
