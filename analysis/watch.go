package analysis

import (
	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/supply"
)

// Watcher is told what the result of one zone is made of, while it is being
// made. Its methods are called by one goroutine.
type Watcher interface {
	// Begin is called before the first part.
	Begin(z *Watched) error
	// Part is called with every part and its assessment, both valid during the
	// call only.
	Part(p *land.Part, a *land.Assessment)
	// Projects is called with the projects of the zone, after the parts.
	Projects(projects []indicator.Project)
	// Verdict is called with every verdict on parcels, projects and the zone, also
	// with those that the result only counts.
	Verdict(v *land.Verdict)
}

// ContractWatcher is a Watcher that is told of contracts with terms too, each
// before the verdicts on its terms.
type ContractWatcher interface {
	Contract(c *WatchedContract) error
}

// WatchedContract is the land of a contract, whose figures are about to be
// computed as those of a zone of its own. It stays valid.
type WatchedContract struct {
	No    string
	Terms []land.Term // as recorded, in the order in which they are judged
	Parts []land.Part // its parcels, whole, also those that lie in other zones
	// Indicators has no part yet.
	Indicators *indicator.Zone
	// Figures are the indicators of zone and project; they are there once the
	// verdicts are.
	Figures []land.Indicator
}

// Watched is a zone under analysis.
type Watched struct {
	Zone land.Zone
	// Law is the zone with what its parents say in place of its blanks: what
	// decides which packs are law for it.
	Law        land.Zone
	Indicators *indicator.Zone
	Assessor   *supply.Assessor
	// Standing is what is recorded of the zone's places and of acts on it; read
	// where a pack in use has a rule on them.
	Standing *rule.Standing
}

// watch begins to watch a zone where that is asked for.
func (r *run) watch(zr *zoneRun) error {
	if r.Watch == nil {
		return nil
	}
	zr.watcher = r.Watch(zr.key)
	if zr.watcher == nil {
		return nil
	}
	zr.judge.watcher = zr.watcher
	return zr.watcher.Begin(&Watched{Zone: *zr.zone, Law: r.scopes.of(zr.zone), Indicators: zr.indicator, Assessor: r.assessor,
		Standing: r.standings.of(zr.key)})
}
