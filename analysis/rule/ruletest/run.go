package ruletest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/indicator"
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
	if len(c.On)+len(c.Fill)+len(c.Set)+len(c.Accept) == 0 {
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
	own := c.bureau(p)
	packs, err := rule.Resolve([]*rule.Pack{p, own})
	if err != nil {
		return nil, err
	}
	return packs[0], nil
}

// bureau is the pack of a bureau that accepts marks and sets parameters, as the
// case says.
func (c *Case) bureau(p *rule.Pack) *rule.Pack {
	own := &rule.Pack{ID: "case/bureau"}
	for _, r := range p.Rules {
		if len(c.Accept) > 0 && r.Indicator != "" {
			own.Overrides = append(own.Overrides, &rule.Override{Rule: r.Key(), Accept: c.Accept, Pack: own})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Set)) {
		own.Settings = append(own.Settings, &rule.Setting{Parameter: p.ID + "#" + id, Num: c.Set[id][0], Den: c.Set[id][1]})
	}
	return own
}

// result is a Result with every verdict, also those that it only counts.
type result struct {
	*land.Result
	verdicts []land.Verdict
}

// Begin, Part, Projects and Verdict make result a Watcher of the zones.
func (r *result) Begin(*analysis.Watched) error     { return nil }
func (r *result) Part(*land.Part, *land.Assessment) {}
func (r *result) Projects([]indicator.Project)      {}
func (r *result) Verdict(v *land.Verdict)           { r.verdicts = append(r.verdicts, *v) }

// failures is what of a result is not as the case wants it.
func (c *Case) failures(p *rule.Pack, got *result) (out []string) {
	for _, e := range c.Expect {
		if why := e.compare(p, got); why != "" {
			out = append(out, why)
		}
	}
	for _, m := range c.Measures {
		if why := m.compare(got.Result); why != "" {
			out = append(out, why)
		}
	}
	if c.Silent {
		out = append(out, said(got.Result)...)
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
func (c *Case) analyze(ctx context.Context, packs ...*rule.Pack) (*result, error) {
	source := &analysis.Memory{ZoneList: c.Zones, StatList: c.Stats, RecordList: c.zoneRecords()}
	for i, parcel := range c.Parcels {
		parcel.EllipsoidM2 = 10_000 * land.One
		if parcel.RecordedM2.Known {
			parcel.EllipsoidM2 = parcel.RecordedM2.Value
		}
		parcel.Source.Position = int64(i + 1)
		source.PartList = append(source.PartList, land.Part{Parcel: parcel, In: c.zoneOf(parcel.Zone), Share: 1, SetShare: 1,
			Home: true, PartEllipsoidM2: parcel.EllipsoidM2, Records: c.records(&parcel)})
	}
	sink := &analysis.Collector{}
	got := &result{}
	opt := analysis.Options{AsOf: c.AsOf, Packs: packs, Workers: 1, Watch: func(land.ZoneKey) analysis.Watcher { return got }}
	if err := analysis.Run(ctx, opt, source, sink); err != nil {
		return nil, err
	}
	got.Result = sink.Result()
	return got, nil
}

// zoneRecords is what the case's tables say of its zones.
func (c *Case) zoneRecords() map[land.ZoneKey]*land.ZoneRecords {
	out := map[land.ZoneKey]*land.ZoneRecords{}
	for i := range c.Zones {
		z := &c.Zones[i]
		mine := func(code string) bool { return code == z.Code || code == "" && i == 0 }
		records := &land.ZoneRecords{}
		for _, r := range c.Rankings {
			if mine(r.Zone) {
				records.Rankings = append(records.Rankings, r)
			}
		}
		for _, a := range c.Actions {
			if mine(a.Zone) {
				records.Actions = append(records.Actions, a)
			}
		}
		out[z.Key()] = records
	}
	return out
}

// records is what the case's tables say of a parcel.
func (c *Case) records(p *land.Parcel) *land.Records {
	var out land.Records
	for _, t := range c.Terms {
		if t.ContractNo != "" && t.ContractNo == p.ContractNo {
			out.Terms = append(out.Terms, t)
		}
	}
	for _, f := range c.Firms { // every row of the firms that have one here
		if slices.ContainsFunc(c.Firms, func(o land.Firm) bool { return o.USCC == f.USCC && o.Parcel == p.ID }) {
			out.Firms = append(out.Firms, f)
		}
	}
	if len(out.Terms)+len(out.Firms) == 0 {
		return nil
	}
	return &out
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
func (e Expectation) compare(p *rule.Pack, got *result) string {
	v, why := e.verdict(p, got)
	if why != "" {
		return why
	}
	return e.differs(v)
}

// verdict is the verdict that is meant, or why there is none.
func (e Expectation) verdict(p *rule.Pack, got *result) (*land.Verdict, string) {
	pack, id, of := strings.Cut(e.Rule, "#")
	if !of { // else of a contract, which is no pack's
		pack, id = p.ID, e.Rule
		switch r := p.Rule(e.Rule); {
		case r == nil:
			return nil, fmt.Sprintf("the pack has no rule %q", e.Rule)
		case r.IsOff():
			return nil, fmt.Sprintf("the rule %q is off; the case must switch it on, or fill it in", e.Rule)
		case r.Level == land.LevelZoneSet, r.Level == land.LevelProvince:
			return e.ofSet(got)
		}
	}
	subject := cmp.Or(e.Subject, got.Zones[0].Code)
	var said []string
	for i := range got.verdicts {
		if v := &got.verdicts[i]; v.Rule == id && v.Pack == pack {
			if v.Subject == subject {
				return v, ""
			}
			said = append(said, v.Subject+": "+string(v.Outcome))
		}
	}
	return nil, fmt.Sprintf("%s on %s: no verdict %q; said is %v", e.Rule, subject, e.Outcome, said)
}

func (e Expectation) ofSet(got *result) (*land.Verdict, string) {
	subject := cmp.Or(e.Subject, analysis.SetAll)
	for i := range got.Sets {
		for j := range got.Sets[i].Verdicts {
			if v := &got.Sets[i].Verdicts[j]; v.Rule == e.Rule && v.Subject == subject {
				return v, ""
			}
		}
	}
	return nil, fmt.Sprintf("%s says nothing of the set %s", e.Rule, subject)
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
		{"limit", number(v.Limit), e.Limit},
		{"limit_by", v.LimitBy, e.LimitBy},
		{"since", v.Since.String(), e.Since.String()},
		{"due", v.Due.String(), e.Due.String()},
		{"missing", strings.Join(v.Missing, " "), strings.Join(e.Missing, " ")},
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

// Gaps lists what no case shows of the rules of a pack: each needs one that
// satisfies, one that violates (of a target or reward: does not reach), one
// incomputable and one not applicable; and one that compares figures needs one
// exactly on the limit.
func Gaps(ctx context.Context, p *rule.Pack, f *File) ([]string, error) {
	type key struct {
		rule    string
		outcome land.Outcome
	}
	have, exactly := map[key]bool{}, map[string]bool{}
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
		for _, e := range c.Expect {
			have[key{e.Rule, e.Outcome}] = true
			if v, why := e.verdict(asked, got); why == "" && onLimit(v) {
				exactly[e.Rule] = true
			}
		}
	}
	var out []string
	for _, r := range p.All() {
		if r.Indicator == "" && r.Finding == "" {
			continue
		}
		bad := land.Violated
		if r.Kind == rule.KindTarget || r.Kind == rule.KindReward {
			bad = land.NotReached
		}
		for _, o := range []land.Outcome{land.Satisfied, bad, land.Incomputable, land.NotApplicable} {
			if !have[key{r.ID, o}] {
				out = append(out, fmt.Sprintf("%s has no case %q", r.ID, o))
			}
		}
		if r.Indicator != "" && !exactly[r.ID] {
			out = append(out, fmt.Sprintf("%s has no case exactly on its limit", r.ID))
		}
	}
	return out, nil
}

// onLimit reports whether what is observed is the limit itself.
func onLimit(v *land.Verdict) bool {
	return v.Observed != nil && v.Limit != nil && math.Abs(*v.Observed-*v.Limit) <= 1e-12*math.Abs(*v.Limit)
}
