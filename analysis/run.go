package analysis

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/piece"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/supply"
	"github.com/muscope/muscope/data"
)

// Source is where zones and parts come from. Its methods are called from
// several goroutines.
type Source interface {
	// Zones lists the zones in key order, with their areas.
	Zones(ctx context.Context) ([]land.Zone, error)
	// Stats lists the yearly figures of all zones.
	Stats(ctx context.Context) ([]land.Stats, error)
	// Parts yields every part in a zone (zero key: land in none) in input order;
	// after them the parts marked Elsewhere: parcels of projects that have land
	// in the zone but no part there. A part is valid during the call only.
	Parts(ctx context.Context, zone land.ZoneKey, yield func(*land.Part) error) error
}

// ContractSource is a Source that knows which contracts reach over zones. It
// spares Run a reading of all parts before the real one.
type ContractSource interface {
	// SpreadContracts yields the home part of every parcel whose contract_no also
	// stands on a parcel that lies in another zone (or in none), in any order: of
	// the contracts with land in the zones named, or of all (none named). To yield
	// more parts than that does no harm.
	SpreadContracts(ctx context.Context, zones []land.ZoneKey, yield func(*land.Part) error) error
}

// Sink takes results. Zone and Parts are called from several goroutines, each
// zone by one of them: first its Zone, then its Parts in chunks, in input
// order. Land in no zone has Parts alone. What is handed over is valid during
// the call only. Sets is called once, at the end.
type Sink interface {
	Zone(ctx context.Context, zone *land.ZoneResult) error
	Parts(ctx context.Context, zone land.ZoneKey, parts []land.PartResult) error
	Sets(ctx context.Context, sets []land.SetResult) error
}

// Options say how to run.
type Options struct {
	AsOf    land.Date
	Packs   []*rule.Pack
	Classes *supply.Classes // nil: the embedded ones
	Terms   *supply.Terms   // of idle land; nil: those of the packs, else the embedded ones
	Workers int             // zones at a time; 0: one a processor
	// Zones restricts the run to zones of these codes or keys (code@managed). Land
	// in no zone is then left out, and totals are over these zones alone. Blank:
	// all zones and land in none.
	Zones []string
	// Progress is told after each zone how many are done; it may be nil. Calls
	// don't overlap.
	Progress func(done, total int)
	// Watch gives the watcher of a zone, or nil; it may be nil itself.
	Watch func(zone land.ZoneKey) Watcher
}

// ErrOptions is wrapped by the errors of wrong options.
var ErrOptions = errors.New("cannot analyze")

// chunk is how many part results go to the Sink at a time.
const chunk = 4096

// run is one analysis under way. Everything but its sets is read-only once
// zones are in work.
type run struct {
	Options
	source    Source
	sink      Sink
	assessor  *supply.Assessor
	divider   *piece.Divider
	approvals bool                        // some zone has an approval
	records   RecordSource                // nil: there are no tables
	ageing    []int                       // bounds of the classes of age of batches, in years
	drawn     map[string]land.Fixed       // land of all parcels, anywhere, that name a batch that isn't drawn
	setM2     map[land.ZoneKey]land.Fixed // area in totals, of zones that overlap an earlier one
	stats     map[string][]land.Stats
	all       []land.Zone // of the source
	zones     []land.Zone // those to analyze
	scopes    scopes
	fees      map[string]string // first parcel of each contract that reaches over zones
	sets      *sets

	standings *standings
	spread    spread // of contracts with terms

	mu   sync.Mutex
	done int
}

// Run analyzes every zone of a source, and the land in none, and hands the
// results to a sink. The results depend on the source and the options alone,
// never on the number of workers.
func Run(ctx context.Context, opt Options, source Source, sink Sink) error {
	r := &run{Options: opt, source: source, sink: sink}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	if err := r.spreadContracts(ctx); err != nil {
		return err
	}
	if err := r.spreadBatches(ctx); err != nil {
		return err
	}
	if err := r.setAreas(ctx); err != nil {
		return err
	}
	if err := r.eachZone(ctx, true, r.analyzeZone); err != nil {
		return err
	}
	if err := sink.Sets(ctx, r.sets.results(r.Packs, r.AsOf)); err != nil {
		return fmt.Errorf("hand over the totals: %w", err)
	}
	return nil
}

func (r *run) prepare(ctx context.Context) error {
	if !r.AsOf.Known() {
		return fmt.Errorf("%w: no as-of date", ErrOptions)
	}
	var err error
	if r.Packs, err = rule.Resolve(r.Packs); err != nil {
		return err
	}
	if r.Workers <= 0 {
		r.Workers = runtime.GOMAXPROCS(0)
	}
	if err := r.prepareAssessor(); err != nil {
		return err
	}
	zones, err := r.source.Zones(ctx)
	if err != nil {
		return fmt.Errorf("read the zones: %w", err)
	}
	stats, err := r.source.Stats(ctx)
	if err != nil {
		return fmt.Errorf("read the stats: %w", err)
	}
	r.stats = byZone(stats)
	r.scopes, r.all = scopesOf(zones), zones
	if r.ageing, err = ageingBounds(r.Packs); err != nil {
		return err
	}
	if r.zones, err = restrict(zones, r.Zones); err != nil {
		return err
	}
	r.sets = newSets(r.zones, r.scopes)
	return r.readStandings(ctx)
}

// asked are the zones that the run is restricted to; none: all.
func (r *run) asked() (keys []land.ZoneKey) {
	if len(r.Zones) == 0 {
		return nil
	}
	for i := range r.zones {
		keys = append(keys, r.zones[i].Key())
	}
	return keys
}

// byZone groups the yearly figures by zone; those of a zone that stand together
// aren't copied.
func byZone(stats []land.Stats) map[string][]land.Stats {
	out := map[string][]land.Stats{}
	for i := 0; i < len(stats); {
		first, zone := i, stats[i].Zone
		for i < len(stats) && stats[i].Zone == zone {
			i++
		}
		if out[zone] == nil {
			out[zone] = stats[first:i:i]
		} else {
			out[zone] = append(out[zone], stats[first:i]...)
		}
	}
	return out
}

func (r *run) prepareAssessor() error {
	if r.Classes == nil {
		c, err := DefaultClasses()
		if err != nil {
			return err
		}
		r.Classes = c
	}
	if r.Terms == nil {
		t, err := termsFor(r.Packs)
		if err != nil {
			return err
		}
		r.Terms = &t
	}
	var err error
	if r.assessor, err = supply.New(r.AsOf, r.Classes, *r.Terms); err != nil {
		return err
	}
	r.divider = piece.New(r.assessor)
	return nil
}

// DefaultClasses is the embedded tables of land-use classes.
func DefaultClasses() (*supply.Classes, error) {
	files, err := data.Classes()
	if err != nil {
		return nil, fmt.Errorf("open the embedded classes: %w", err)
	}
	return supply.LoadClasses(files)
}

// DefaultPacks is embedded packs by id; all of them where none is named.
func DefaultPacks(ids ...string) ([]*rule.Pack, error) {
	files, err := embeddedRules()
	if err != nil {
		return nil, err
	}
	return rule.LoadFS(files, ids...)
}

func embeddedRules() (fs.FS, error) {
	files, err := data.Rules()
	if err != nil {
		return nil, fmt.Errorf("open the embedded rule packs: %w", err)
	}
	return files, nil
}

// restrict keeps the zones that are asked for; a name that fits none is an
// error that lists the zones.
func restrict(zones []land.Zone, names []string) ([]land.Zone, error) {
	if len(names) == 0 {
		return zones, nil
	}
	var keep []land.Zone
	found := map[string]bool{}
	for i := range zones {
		z := &zones[i]
		asked := false
		for _, name := range names {
			if name == z.Code || name == z.Key().String() {
				asked, found[name] = true, true
			}
		}
		if asked {
			keep = append(keep, *z)
		}
	}
	for _, name := range names {
		if !found[name] {
			return nil, fmt.Errorf("%w: there is no zone %q; there are %s", ErrOptions, name, someKeys(zones))
		}
	}
	return keep, nil
}

func someKeys(zones []land.Zone) string {
	const show = 20
	var keys []string
	for i := range zones[:min(len(zones), show)] {
		keys = append(keys, zones[i].Key().String())
	}
	if more := len(zones) - show; more > 0 {
		keys = append(keys, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(keys, ", ")
}

// eachZone calls do for each zone, several at a time, and for land in no zone.
func (r *run) eachZone(ctx context.Context, report bool, do func(context.Context, *land.Zone) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.Workers)
	work := make([]*land.Zone, 0, len(r.zones)+1)
	for i := range r.zones {
		work = append(work, &r.zones[i])
	}
	if len(r.Zones) == 0 {
		work = append(work, nil)
	}
	for _, z := range work {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := do(ctx, z); err != nil {
				return fmt.Errorf("zone %s: %w", zoneName(z), err)
			}
			if report {
				r.progress(len(work))
			}
			return nil
		})
	}
	return g.Wait()
}

func zoneName(z *land.Zone) string {
	if z == nil {
		return "(none)"
	}
	return z.Key().String()
}

func (r *run) progress(total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	if r.Progress != nil {
		r.Progress(r.done, total)
	}
}

// scopes says which zones are under which law: parks are under that of their
// zone where they say nothing themselves.
type scopes map[string]land.Zone

func scopesOf(zones []land.Zone) scopes {
	s := make(scopes, len(zones))
	for i := range zones {
		if _, seen := s[zones[i].Code]; !seen || zones[i].Scope == land.ScopeApproved {
			s[zones[i].Code] = zones[i]
		}
	}
	return s
}

// of is a zone with what its parents say in place of its blanks.
func (s scopes) of(z *land.Zone) land.Zone {
	out := *z
	seen := []string{z.Code}
	for out.PartOf != "" && !slices.Contains(seen, out.PartOf) {
		parent, ok := s[out.PartOf]
		if !ok {
			break
		}
		seen = append(seen, out.PartOf)
		fill(&out.Province, parent.Province)
		fill(&out.Kind, parent.Kind)
		fill(&out.Level, parent.Level)
		out.PartOf = parent.PartOf
	}
	return out
}

func fill(blank *string, with string) {
	if *blank == "" {
		*blank = with
	}
}
