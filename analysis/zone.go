package analysis

import (
	"context"
	"fmt"
	"strings"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/score"
)

// zoneRun is one zone in work. It is for one goroutine.
type zoneRun struct {
	*run
	zone      *land.Zone
	key       land.ZoneKey
	code      *string
	scope     *land.Scope
	indicator *indicator.Zone
	judge     *zoneJudge
	parts     []land.PartResult
	table     landCount
	shared    sharedCount
	fees      zoneFees
	contracts contracts
	text      texts
	watcher   Watcher // nil: nobody watches

	records *land.ZoneRecords // nil: there are no tables
	ledger  *ledger           // nil: nothing was approved here
	firms   *score.Ledger     // nil: no pack scores firms here
}

func (r *run) analyzeZone(ctx context.Context, z *land.Zone) error {
	if z == nil {
		return r.analyzeNone(ctx)
	}
	zr := &zoneRun{run: r, zone: z, key: z.Key(), code: &z.Code, scope: &z.Scope,
		indicator: indicator.NewZone(z, r.stats[z.Code], r.AsOf), judge: r.newJudge(z), firms: r.newLedgerOfFirms(z)}
	if err := r.watch(zr); err != nil {
		return err
	}
	if err := zr.openRecords(ctx); err != nil {
		return err
	}
	if err := r.source.Parts(ctx, zr.key, zr.add); err != nil {
		return fmt.Errorf("read the parts: %w", err)
	}
	if err := zr.ledger.overlay(ctx, r.source, zr.key); err != nil {
		return err
	}
	result, err := zr.result()
	if err != nil {
		return err
	}
	if err := r.sink.Zone(ctx, result); err != nil {
		return fmt.Errorf("hand over the zone: %w", err)
	}
	for start := 0; start < len(zr.parts); start += chunk {
		end := min(start+chunk, len(zr.parts))
		if err := r.sink.Parts(ctx, zr.key, zr.parts[start:end]); err != nil {
			return fmt.Errorf("hand over the parts: %w", err)
		}
	}
	r.sets.add(zr)
	return nil
}

// add takes one part: assess, count, judge, keep its row.
func (zr *zoneRun) add(p *land.Part) error {
	if zr.firms != nil {
		zr.firms.Add(p)
	}
	if p.Records != nil {
		return zr.addRecorded(p)
	}
	a := zr.assessor.Assess(p)
	zr.indicator.Add(p, &a)
	if zr.watcher != nil {
		zr.watcher.Part(p, &a)
	}
	if p.Elsewhere {
		return nil
	}
	id := zr.text.keep(p.ID)
	row := rowOf(p, &a, id)
	row.Zone, row.Scope = zr.code, zr.scope
	zr.parts = append(zr.parts, row)
	zr.fees.add(p, row.Idle, id)
	if row.Touch {
		return nil
	}
	if p.Surface() {
		zr.table.add(&a, row.AreaM2)
		zr.shared.add(p, &a)
		zr.ledger.add(p, &a, id)
	}
	zr.judge.parcel(p, &a, id)
	return nil
}

// rowOf is a part's row of the result, all but its zone.
func rowOf(p *land.Part, a *land.Assessment, id string) land.PartResult {
	return land.PartResult{ID: id, Share: p.Share, AreaM2: p.PartM2(), Class: a.Class, Status: a.Status, Flags: a.Flags,
		Touch: p.Touch(), Since: a.Since, Reason: a.Reason, Idle: a.Idle, Position: p.Source.Position, Home: p.Home}
}

// result closes the zone: indicators, projects, verdicts.
func (zr *zoneRun) result() (*land.ZoneResult, error) {
	zr.fees.settle(zr.run.fees)
	batches := zr.ledger.results(zr.indicator)
	indicators := zr.indicator.Indicators()
	projects := zr.indicator.Projects()
	if zr.watcher != nil {
		zr.watcher.Projects(projects)
	}
	zr.giveIndicators(projects)
	zr.judge.projects(projects)
	zr.judge.wholeZone(indicators, zr.indicator.Contributors, zr.standings.of(zr.key))
	if err := zr.judgeContracts(); err != nil {
		return nil, err
	}
	perMu := zr.scores()
	z := zr.zone
	out := &land.ZoneResult{Code: z.Code, Scope: z.Scope, Name: z.Name, PartOf: z.PartOf, AreaM2: z.AreaM2,
		AreaMu: z.AreaM2.Mu(), StatsYear: zr.indicator.StatsYear(), Land: zr.table.table(),
		Indicators: indicators, Verdicts: zr.judge.list(), VerdictCounts: zr.judge.counts(), Batches: batches,
		Types: zr.types(indicators), PerMu: perMu}
	if zr.records != nil {
		out.Rankings, out.Actions = zr.records.Rankings, zr.happened()
	}
	return out, nil
}

// types is what packs sort the zone into.
func (zr *zoneRun) types(indicators []land.Indicator) (out []land.ZoneType) {
	law := zr.scopes.of(zr.zone)
	for _, p := range zr.Packs {
		if len(p.Types) == 0 || p.Applies.To(&law) != land.Yes {
			continue
		}
		for _, t := range p.Types {
			out = append(out, t.Of(&law, indicators))
		}
	}
	return out
}

// giveIndicators puts a project's indicators on its first part in the zone.
func (zr *zoneRun) giveIndicators(projects []indicator.Project) {
	at := make(map[int64]int, len(projects))
	for i := range projects {
		if projects[i].Applicable {
			at[projects[i].FirstPosition] = i
		}
	}
	for i := range zr.parts {
		if j, ok := at[zr.parts[i].Position]; ok {
			zr.parts[i].Indicators = projects[j].Indicators
		}
	}
}

// analyzeNone streams the land in no zone: it has a status, and is in no sum.
func (r *run) analyzeNone(ctx context.Context) error {
	parts := make([]land.PartResult, 0, chunk)
	fees := make([]zoneFee, 0, chunk)
	flush := func() error {
		for _, f := range fees {
			f.settle(r.fees)
		}
		if len(parts) == 0 {
			return nil
		}
		err := r.sink.Parts(ctx, land.ZoneKey{}, parts)
		parts, fees = parts[:0], fees[:0]
		if err != nil {
			return fmt.Errorf("hand over the parts: %w", err)
		}
		return nil
	}
	var text texts
	err := r.source.Parts(ctx, land.ZoneKey{}, func(p *land.Part) error {
		if p.Elsewhere {
			return nil
		}
		id := text.keep(p.ID)
		row, own := r.rowWithFees(p, id)
		parts, fees = append(parts, row), append(fees, own...)
		if len(parts) == chunk {
			text = texts{}
			return flush()
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the parts: %w", err)
	}
	return flush()
}

// texts keeps copies of ids, many in one allocation: what a part holds is valid
// only while it is being read.
type texts struct {
	b    *strings.Builder
	size int
}

// textBlock is the size of the first block and of the last: small zones take
// little, and one id that is kept for long keeps its whole block.
const (
	firstTextBlock = 1 << 9
	textBlock      = 1 << 15
)

func (t *texts) keep(s string) string {
	if len(s) > firstTextBlock/8 {
		return strings.Clone(s)
	}
	if t.b == nil || t.b.Len()+len(s) > t.b.Cap() {
		t.size = min(textBlock, max(firstTextBlock, 2*t.size))
		t.b = &strings.Builder{}
		t.b.Grow(t.size)
	}
	start := t.b.Len()
	t.b.WriteString(s)
	return t.b.String()[start:]
}
