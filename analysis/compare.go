package analysis

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// Flip is a subject of which two editions of the law say different things. Zone
// is blank of a set of zones. A side is nil where its edition says nothing.
type Flip struct {
	Zone     land.ZoneKey
	Old, New *land.Verdict
}

// Comparison is what comes of Compare beside the flips.
type Comparison struct {
	Same           int64    // verdicts that both say alike
	Added, Removed []string // rules (pack#rule) that one edition alone judges
}

// The names under which two editions judge side by side.
const (
	oldEdition = "~old"
	newEdition = "~new"
)

// Compare analyzes a source under two editions of the law at once and yields
// every verdict that differs in its outcome, zone by zone; memory is bounded by
// a zone. Rules are the same by pack and id. The editions must agree on the
// terms of idle land, since these decide statuses and no verdict alone.
func Compare(ctx context.Context, opt Options, before, after []*rule.Pack, source Source, yield func(Flip) error) (*Comparison, error) {
	c := &comparer{yield: yield, out: &Comparison{}}
	var err error
	if before, err = rule.Resolve(before); err != nil {
		return nil, err
	}
	if after, err = rule.Resolve(after); err != nil {
		return nil, err
	}
	terms, err := termsFor(before)
	if err != nil {
		return nil, err
	}
	other, err := termsFor(after)
	if err != nil {
		return nil, err
	}
	if terms != other {
		return nil, fmt.Errorf("%w: the two editions differ in the terms of idle land, which decide statuses; analyze with each and compare the results", ErrOptions)
	}
	c.rules(before, after)
	opt.Terms, opt.Packs = &terms, slices.Concat(rule.Renamed(before, oldEdition), rule.Renamed(after, newEdition))
	opt.Watch = c.watch
	if err := Run(ctx, opt, source, c); err != nil {
		return nil, err
	}
	return c.out, nil
}

// comparer is the sink and the watchers of a comparison.
type comparer struct {
	mu    sync.Mutex
	yield func(Flip) error
	out   *Comparison
	zones sync.Map // ZoneKey → *sides
}

// rules lists the rules that one edition alone judges.
func (c *comparer) rules(before, after []*rule.Pack) {
	keys := func(packs []*rule.Pack) (out []string) {
		for _, p := range packs {
			for _, r := range p.Rules {
				out = append(out, r.Key())
			}
		}
		return out
	}
	old, now := keys(before), keys(after)
	for _, k := range old {
		if !slices.Contains(now, k) {
			c.out.Removed = append(c.out.Removed, k)
		}
	}
	for _, k := range now {
		if !slices.Contains(old, k) {
			c.out.Added = append(c.out.Added, k)
		}
	}
}

// sides is the verdicts of one zone that only one edition has given so far.
type sides struct {
	waiting map[sideKey]*land.Verdict
	flips   []Flip
	same    int64
}

// sideKey is what two verdicts on one thing have in common.
type sideKey struct{ rule, subject, phase string }

// Begin, Part, Projects and Verdict make sides a Watcher.
func (s *sides) Begin(*Watched) error              { return nil }
func (s *sides) Part(*land.Part, *land.Assessment) {}
func (s *sides) Projects([]indicator.Project)      {}
func (s *sides) Verdict(v *land.Verdict) {
	if strings.HasPrefix(v.Pack, rule.TermsPack) {
		return // a contract's, of no edition
	}
	s.take(v)
}

// take pairs a verdict with that of the other edition.
func (s *sides) take(v *land.Verdict) {
	pack, isOld := strings.CutSuffix(v.Pack, oldEdition)
	if !isOld {
		pack = strings.TrimSuffix(v.Pack, newEdition)
	}
	one := *v
	one.Pack = pack
	one.LimitBy = strings.TrimSuffix(strings.TrimSuffix(one.LimitBy, oldEdition), newEdition)
	key := sideKey{pack + "#" + v.Rule, strings.Clone(v.Subject), v.Phase}
	other := s.waiting[key]
	switch {
	case other == nil:
		s.waiting[key] = &one
		return
	case other.Outcome == one.Outcome:
		s.same++
	case isOld:
		s.flips = append(s.flips, Flip{Old: &one, New: other})
	default:
		s.flips = append(s.flips, Flip{Old: other, New: &one})
	}
	delete(s.waiting, key)
}

func (c *comparer) watch(zone land.ZoneKey) Watcher {
	s := &sides{waiting: map[sideKey]*land.Verdict{}}
	c.zones.Store(zone, s)
	return s
}

// Zone hands over the flips of a zone, by rule and subject.
func (c *comparer) Zone(_ context.Context, z *land.ZoneResult) error {
	found, ok := c.zones.LoadAndDelete(z.Key())
	if !ok {
		return nil
	}
	return c.hand(z.Key(), found.(*sides))
}

func (c *comparer) hand(zone land.ZoneKey, s *sides) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.Same += s.same
	slices.SortStableFunc(s.flips, func(a, b Flip) int {
		if d := strings.Compare(a.New.RuleKey(), b.New.RuleKey()); d != 0 {
			return d
		}
		return strings.Compare(a.New.Subject, b.New.Subject)
	})
	for _, f := range s.flips {
		f.Zone = zone
		if err := c.yield(f); err != nil {
			return err
		}
	}
	return nil
}

// Parts has nothing to compare.
func (c *comparer) Parts(context.Context, land.ZoneKey, []land.PartResult) error { return nil }

// Sets compares the verdicts on sets of zones.
func (c *comparer) Sets(_ context.Context, sets []land.SetResult) error {
	s := &sides{waiting: map[sideKey]*land.Verdict{}}
	for i := range sets {
		for j := range sets[i].Verdicts {
			s.take(&sets[i].Verdicts[j])
		}
	}
	return c.hand(land.ZoneKey{}, s)
}
