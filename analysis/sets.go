package analysis

import (
	"cmp"
	"slices"
	"sync"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// SetAll is the set of all zones' approved outlines. The sets are: all; all of
// the managed outlines (all@managed) where there are any; and, where the zones
// are of several provinces, each province (province:450000, and @managed). Parks
// are left out, for their zone holds their land. A set in which there is no
// zone is not there.
const SetAll = "all"

// sets gathers totals over zones. Its methods may be called from several
// goroutines.
type sets struct {
	mu     sync.Mutex
	scopes scopes
	list   []*set
}

type set struct {
	id        string
	scope     land.Scope
	province  string // blank: of any
	same      string // the province of all its zones, blank where they differ
	zones     []string
	indicator *indicator.Set
	land      landCount
	seen      map[int64]bool // positions of the parcels of which a piece was counted
}

func newSets(zones []land.Zone, where scopes) *sets {
	s := &sets{scopes: where}
	for _, scope := range []land.Scope{land.ScopeApproved, land.ScopeManaged} {
		var provinces []string
		some := false
		for i := range zones {
			if z := &zones[i]; z.Scope == scope && z.PartOf == "" {
				some = true
				provinces = append(provinces, z.Province)
			}
		}
		if !some {
			continue
		}
		slices.Sort(provinces)
		provinces = slices.Compact(provinces)
		s.open(SetAll, scope, "", provinces)
		for _, p := range provinces {
			if len(provinces) > 1 && p != "" {
				s.open("province:"+p, scope, p, []string{p})
			}
		}
	}
	return s
}

func (s *sets) open(id string, scope land.Scope, province string, of []string) {
	if scope == land.ScopeManaged {
		id += "@managed"
	}
	one := &set{id: id, scope: scope, province: province, indicator: indicator.NewSet(id), seen: map[int64]bool{}, zones: []string{}}
	if len(of) == 1 {
		one.same = of[0]
	}
	s.list = append(s.list, one)
}

// add counts a zone's land in the sets it belongs to.
func (s *sets) add(zr *zoneRun) {
	z := zr.zone
	if z.PartOf != "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.list {
		if t.scope != z.Scope || t.province != "" && t.province != z.Province {
			continue
		}
		t.zones = append(t.zones, z.Code)
		t.indicator.AddZone(zr.indicator, zr.setAreaOf(z))
		t.land.merge(&zr.shared.whole)
		for _, p := range zr.shared.pieces {
			t.count(p)
		}
	}
}

// count counts a piece of a parcel: its area always, the parcel once.
func (t *set) count(p sharedPiece) {
	l := land.Land{Parcels: 1, AreaM2: p.area}
	if t.seen[p.position] {
		l.Parcels = 0
	}
	t.seen[p.position] = true
	t.land.count(p.status, p.class, l)
}

// results closes the sets, judging the rules on them.
func (s *sets) results(packs []*rule.Pack, asOf land.Date) []land.SetResult {
	out := []land.SetResult{}
	for _, t := range s.list {
		slices.Sort(t.zones)
		r := land.SetResult{ID: t.id, Zones: t.zones, Land: t.land.table(), Indicators: t.indicator.Indicators(), Means: t.indicator.Means(), Verdicts: []land.Verdict{}}
		for _, p := range packs {
			if p.Applies.To(&land.Zone{Province: t.same}) == land.Yes {
				r.Verdicts = append(r.Verdicts, t.judge(p, &r, asOf)...)
			}
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b land.SetResult) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func (t *set) judge(p *rule.Pack, r *land.SetResult, asOf land.Date) (out []land.Verdict) {
	for _, ru := range p.In(&land.Zone{Province: t.same}) {
		if ru.Level == land.LevelZoneSet && ru.Finding == rule.FindingRequires {
			out = append(out, ru.JudgeRequired(&rule.Subject{Level: ru.Level, ID: t.id, AsOf: asOf, Scene: &rule.Scene{Zone: &land.Zone{Province: t.same}}}))
			continue
		}
		if ru.Indicator == "" || ru.Level != land.LevelZoneSet && (ru.Level != land.LevelProvince || t.same == "") {
			continue
		}
		of, _ := indicator.IsMean(ru.Indicator)
		s := rule.Subject{Level: ru.Level, ID: t.id, AsOf: asOf, Evidence: t.indicator.Contributors(of, maxEvidence)}
		out = append(out, ru.Judge(&s, ofSet(r, ru.Indicator), ofSet(r, ru.Against)))
	}
	return out
}

// ofSet is the set's indicator of an id: a ratio of sums, or a mean of ratios.
func ofSet(r *land.SetResult, id string) *land.Indicator {
	if _, mean := indicator.IsMean(id); mean {
		return named(r.Means, id)
	}
	return named(r.Indicators, id)
}
