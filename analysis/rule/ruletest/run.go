package ruletest

import (
	"context"
	"fmt"
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
		got, err := c.analyze(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("case %q: %w", c.Name, err)
		}
		for _, e := range c.Expect {
			if why := e.compare(p, got); why != "" {
				out = append(out, Failure{c.Name, why})
			}
		}
	}
	return out, nil
}

// analyze runs the engine on a case. A parcel lies wholly in the zone and has
// its recorded area, else one hectare.
func (c *Case) analyze(ctx context.Context, p *rule.Pack) (*land.ZoneResult, error) {
	source := &analysis.Memory{ZoneList: []land.Zone{c.Zone}, StatList: c.Stats}
	for i, parcel := range c.Parcels {
		parcel.EllipsoidM2 = 10_000 * land.One
		if parcel.RecordedM2.Known {
			parcel.EllipsoidM2 = parcel.RecordedM2.Value
		}
		parcel.Source.Position = int64(i + 1)
		source.PartList = append(source.PartList, land.Part{Parcel: parcel, In: c.Zone.Key(), Share: 1, SetShare: 1,
			Home: true, PartEllipsoidM2: parcel.EllipsoidM2})
	}
	sink := &analysis.Collector{}
	opt := analysis.Options{AsOf: c.AsOf, Packs: []*rule.Pack{p}, Workers: 1}
	if err := analysis.Run(ctx, opt, source, sink); err != nil {
		return nil, err
	}
	return &sink.Result().Zones[0], nil
}

// compare says how a result differs from what is expected, or "".
func (e Expectation) compare(p *rule.Pack, z *land.ZoneResult) string {
	r := p.Rule(e.Rule)
	if r == nil {
		return fmt.Sprintf("the pack has no rule %q", e.Rule)
	}
	subject := e.Subject
	if subject == "" {
		subject = z.Code
	}
	for i := range z.Verdicts {
		if v := &z.Verdicts[i]; v.Rule == e.Rule && v.Subject == subject {
			return e.differs(v)
		}
	}
	// Verdicts on projects and parcels that nobody need look at are only counted.
	counts := z.VerdictCounts[r.Key()]
	listed := e.Outcome == land.Violated || e.Outcome == land.Incomputable
	if listed || counts[e.Outcome] == 0 {
		return fmt.Sprintf("%s on %s: no verdict %q; counted are %v", e.Rule, subject, e.Outcome, counts)
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

// Gaps lists the outcomes a rule has no case for: every rule needs cases for
// satisfied, violated (or not reached), not applicable and incomputable.
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
	for _, r := range p.Rules {
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
