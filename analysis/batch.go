package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// What became of approved land (批而未供). A batch is the approvals of one number.
// Where it is drawn its land is found by overlay: what the approvals cover,
// once, less what supplied parcels cover. Where it isn't, its parcels are those
// that name the number, and what no parcel is drawn on is the batch's area less
// theirs. Of the area in force (as approved, less what was revoked):
//
//	supplied + built on without supply + drawn and not supplied + undrawn
//
// and the last three together are unsupplied.

// The reasons why something of a batch is unknown; texts in data/i18n.
const (
	ReasonBatchArea    = "batch_area_unknown"    // neither recorded nor drawn
	ReasonBatchRevoked = "batch_revoked_unknown" // how much was revoked, or how much of that lies here
	ReasonBatchSupply  = "batch_supply_unknown"  // parcels of unknown supply date
	ReasonBatchSpread  = "batch_spread"          // it has parcels elsewhere, so the undrawn land may lie there
	ReasonBatchUndated = "batch_undated"         // the day of approval is unknown
)

// NoteBatchExceeds: the parcels have more land than the approval has in force.
const NoteBatchExceeds = "batch_exceeds"

// supplySlack is how much the drawn parcels may exceed a batch by: rounding.
func supplySlack(area land.Fixed) land.Fixed { return max(land.One, area/1_000) }

// lot is what a parcel's land is to the batch it was approved in.
type lot uint8

const (
	lotSupplied lot = iota
	lotBuilt        // built on without supply
	lotDrawn        // neither
	lotUnknown      // nobody knows whether it was supplied
	lotCount
)

func lotOf(a *land.Assessment) lot {
	switch {
	case a.Supplied == land.Yes:
		return lotSupplied
	case a.Supplied == land.Unknown:
		return lotUnknown
	case a.BuiltOn == land.Yes:
		return lotBuilt
	}
	return lotDrawn
}

// batch is one batch in work. Areas are of its land in the zone.
type batch struct {
	land.Batch
	parts      []*land.ApprovedPart
	shape      orb.MultiPolygon // what it covers in the zone and no earlier batch does; nil: not drawn
	scale      float64          // of what is drawn to what is recorded
	here       [lotCount]land.Fixed
	spread     bool       // it has parcels beyond the zone
	everywhere land.Fixed // the land of all its parcels
}

// ledger gathers the batches of one zone. It is for one goroutine.
type ledger struct {
	asOf   land.Date
	bounds []int // of the classes of age, in years
	list   []*batch
	byNo   map[string]*batch
	lots   map[string]lot // of the zone's parcels, by id, for the overlay
	drawn  bool           // some batch is
}

// newLedger opens the ledger of a zone; nil where nothing was approved in it by
// the as-of date.
func (r *run) newLedger(rec *land.ZoneRecords) *ledger {
	l := &ledger{asOf: r.AsOf, bounds: r.ageing, byNo: map[string]*batch{}, lots: map[string]lot{}}
	for i := range rec.Approvals {
		a := &rec.Approvals[i]
		if a.ApprovedOn > r.AsOf {
			continue
		}
		l.open(a)
	}
	if len(l.list) == 0 {
		return nil
	}
	slices.SortStableFunc(l.list, func(a, b *batch) int {
		return cmp.Or(cmp.Compare(a.ApprovedOn, b.ApprovedOn), strings.Compare(a.ApprovalNo, b.ApprovalNo), strings.Compare(a.ID, b.ID))
	})
	for _, b := range l.list {
		if b.Method == land.MethodNumber {
			b.everywhere = max(0, r.drawn[b.ApprovalNo])
		}
	}
	return l
}

// open puts an approval into its batch.
func (l *ledger) open(a *land.ApprovedPart) {
	b := l.byNo[a.ApprovalNo]
	if b == nil || a.ApprovalNo == "" {
		b = &batch{Batch: land.Batch{ID: a.ID, ApprovalNo: a.ApprovalNo, Kind: a.Kind, Method: land.MethodNumber}}
		l.list = append(l.list, b)
		if a.ApprovalNo != "" {
			l.byNo[a.ApprovalNo] = b
		}
	}
	if a.Located {
		b.Method, l.drawn = land.MethodOverlay, true
	}
	if !b.ApprovedOn.Known() || a.ApprovedOn.Known() && a.ApprovedOn < b.ApprovedOn {
		b.ApprovedOn = a.ApprovedOn
	}
	b.parts = append(b.parts, a)
}

// add counts a part, or a piece of one, in the batch it names.
func (l *ledger) add(p *land.Part, a *land.Assessment, id string) {
	if l == nil {
		return
	}
	what := lotOf(a)
	if l.drawn {
		if old, seen := l.lots[id]; !seen || what == lotBuilt && old == lotDrawn {
			l.lots[id] = what
		}
	}
	b := l.byNo[p.ApprovalNo]
	if b == nil || p.ApprovalNo == "" {
		return
	}
	if p.Piece.No < 2 {
		b.Parcels++
	}
	b.here[what] += p.PartM2()
}

// results closes the ledger, once the shapes have been laid over each other,
// and gives every batch to the zone's indicators.
func (l *ledger) results(z *indicator.Zone) []land.Batch {
	if l == nil {
		return nil
	}
	out := make([]land.Batch, len(l.list))
	for i, b := range l.list {
		v := b.close(l)
		z.AddBatch(indicator.Batch{ID: b.ID, AreaM2: v.most, Exact: v.exact(), Endless: v.endless, Corners: v.corners()})
		out[i] = b.Batch
	}
	return out
}

// interval is what is known of an area: it lies between two ends.
type interval struct{ lo, hi land.Fixed }

func (i interval) known() bool { return i.lo == i.hi }

func (i interval) number() land.Number {
	if !i.known() {
		return land.Number{}
	}
	return land.Num(i.lo)
}

// found is what of a batch is in force, and what was supplied.
type found struct {
	force, supplied interval
	undated         bool
	endless         bool // nothing bounds the area from above
	most            land.Fixed
}

func (f *found) exact() bool {
	return f.force.known() && f.supplied.known() && !f.undated && !f.endless
}

// corners is what the batch can give to unsupplied ÷ approved land in force.
func (f *found) corners() (out []indicator.Choice) {
	for _, force := range []land.Fixed{f.force.lo, f.force.hi} {
		for _, supplied := range []land.Fixed{f.supplied.lo, f.supplied.hi} {
			c := indicator.Choice{Numerator: max(0, force-supplied), Denominator: force}
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	if f.undated {
		out = append(out, indicator.Choice{})
	}
	return out
}

// close fills the batch in.
func (b *batch) close(l *ledger) found {
	whole, revoked, known := b.amounts(l.asOf)
	f := found{undated: !b.ApprovedOn.Known()}
	drawn := b.here[lotSupplied] + b.here[lotBuilt] + b.here[lotDrawn] + b.here[lotUnknown]
	b.spread = b.Method == land.MethodNumber && b.everywhere-drawn > supplySlack(drawn)
	f.supplied = interval{b.here[lotSupplied], b.here[lotSupplied] + b.here[lotUnknown]}
	switch {
	case !known:
		f.force, f.endless = interval{drawn, drawn}, true
		b.because(ReasonBatchArea)
	case b.spread:
		rest := max(0, whole-revoked.lo-b.everywhere)
		f.force = interval{drawn, drawn + rest}
		if rest == 0 {
			f.force.hi = drawn
		} else {
			b.because(ReasonBatchSpread)
		}
	default:
		f.force = interval{max(0, whole-revoked.hi), max(0, whole-revoked.lo)}
	}
	if !revoked.known() {
		b.because(ReasonBatchRevoked)
	}
	if b.here[lotUnknown] > 0 {
		b.because(ReasonBatchSupply)
	}
	if f.undated {
		b.because(ReasonBatchUndated)
	}
	f.most = max(f.force.hi, drawn)
	b.state(whole, revoked, known)
	b.fill(&f, whole, revoked, known, drawn)
	b.age(l)
	return f
}

func (b *batch) because(reason string) {
	if b.Reason == "" {
		b.Reason = reason
	}
}

// state is 有效, 部分撤销 or 撤销 as of the day.
func (b *batch) state(whole land.Fixed, revoked interval, known bool) {
	switch {
	case !revoked.known():
	case revoked.lo == 0:
		b.State = land.BatchValid
	case known && revoked.lo >= whole:
		b.State = land.BatchRevoked
	case known:
		b.State = land.BatchPartlyRevoked
	}
}

// fill states the areas that are known.
func (b *batch) fill(f *found, whole land.Fixed, revoked interval, known bool, drawn land.Fixed) {
	if known {
		b.AreaM2 = land.Num(whole)
	}
	b.RevokedM2, b.InForceM2 = revoked.number(), f.force.number()
	b.SuppliedM2, b.BuiltM2, b.DrawnM2 = f.supplied.number(), land.Num(b.here[lotBuilt]), land.Num(b.here[lotDrawn])
	b.Coverage = 1
	if f.most > 0 {
		b.Coverage = float64(f.most-b.here[lotUnknown]-(f.force.hi-f.force.lo)) / float64(f.most)
	}
	if f.endless {
		b.InForceM2, b.Coverage = land.Number{}, 0
		return
	}
	least, most := max(0, f.force.lo-f.supplied.hi), max(0, f.force.hi-f.supplied.lo)
	if b.spread {
		least = f.force.lo - f.supplied.hi
	}
	if !f.force.known() || !f.supplied.known() {
		b.Bounds = &[2]land.Fixed{least, most}
		return
	}
	force, supplied := f.force.lo, f.supplied.lo
	b.Unsupplied = land.Num(most)
	b.UndrawnM2 = land.Num(max(0, force-drawn))
	if drawn-force > supplySlack(force) {
		b.Notes = append(b.Notes, land.Note{Code: NoteBatchExceeds, Field: "area_ha", Values: []string{drawn.String(), force.String()}})
	}
	if force > 0 {
		rate := float64(min(supplied, force)) / float64(force)
		b.SupplyRate = &rate
	}
}

// age classes the batch by the years since its approval.
func (b *batch) age(l *ledger) {
	if !b.ApprovedOn.Known() {
		return
	}
	years := b.ApprovedOn.FullYears(l.asOf)
	b.Year, b.AgeYears = b.ApprovedOn.Year(), &years
	b.AgeBucket = bucket(years, l.bounds)
}

// bucket names the class of age: <1, 1-2, 2-5, >=5 of the bounds 1, 2 and 5.
func bucket(years int, bounds []int) string {
	for i, end := range bounds {
		switch {
		case years >= end:
		case i == 0:
			return "<" + strconv.Itoa(end)
		default:
			return fmt.Sprintf("%d-%d", bounds[i-1], end)
		}
	}
	if len(bounds) == 0 {
		return ""
	}
	return ">=" + strconv.Itoa(bounds[len(bounds)-1])
}

// amounts is the batch's approved area in the zone, that of earlier batches
// left out, and how much of it was revoked by the as-of date.
func (b *batch) amounts(asOf land.Date) (whole land.Fixed, revoked interval, known bool) {
	known = true
	for _, a := range b.parts {
		area, ok := approvedM2(a)
		if !ok { // some, and at least what was revoked
			known, area = false, land.One
			if m2, ok := hectares(a.RevokedHa); ok {
				area = max(area, m2)
			}
		}
		whole += area
		r := revokedM2(a, asOf, area)
		revoked.lo, revoked.hi = revoked.lo+r.lo, revoked.hi+r.hi
	}
	whole -= b.OverlapM2
	revoked.hi = min(revoked.hi, max(whole, 0))
	revoked.lo = min(revoked.lo, revoked.hi)
	return max(whole, 0), revoked, known
}

// perHa is the square metres of a hectare.
const perHa = 10_000

// approvedM2 is the approved area in the zone: as recorded, by the drawn share.
func approvedM2(a *land.ApprovedPart) (land.Fixed, bool) {
	area, ok := hectares(a.AreaHa)
	switch {
	case ok:
		return area.Share(a.Share), true
	case a.Located && !a.AreaHa.Known:
		return a.PartM2, true
	}
	return 0, false
}

// hectares is a recorded area in m²; ok is false where it is unknown or absurd.
func hectares(n land.Number) (land.Fixed, bool) {
	if !n.Known || n.Value < 0 || n.Value >= 1<<63/perHa-1 {
		return 0, false
	}
	return n.Value * perHa, true
}

// revokedM2 is what was revoked of the area in the zone. Blank columns mean that
// nothing was; a revocation without an amount can be of anything up to all, and
// of a batch cut by the zone's border nobody knows where it lies.
func revokedM2(a *land.ApprovedPart, asOf land.Date, area land.Fixed) interval {
	switch {
	case a.RevokedOn > asOf:
		return interval{}
	case !a.RevokedHa.Known && !a.RevokedOn.Known():
		return interval{}
	}
	revoked, ok := hectares(a.RevokedHa)
	if !ok {
		return interval{0, area}
	}
	if a.Share == 1 || revoked == 0 {
		return interval{min(revoked, area), min(revoked, area)}
	}
	if !a.AreaHa.Known {
		return interval{0, min(revoked, area)}
	}
	elsewhere := a.AreaHa.Value*perHa - area
	return interval{max(0, min(revoked-elsewhere, area)), min(revoked, area)}
}

// SupplyPack is the pack that may hold the bounds of the classes of age.
const SupplyPack = "national/supply-2018"

// ageingBounds reads the bounds from the parameters supply.ageing-years.<n> of
// whatever pack has them: whole years, ascending. Without any the batches have a
// year and an age, and no class.
func ageingBounds(packs []*rule.Pack) ([]int, error) {
	var out []int
	for _, p := range packs {
		for _, q := range p.Parameters {
			if !strings.HasPrefix(q.ID, "supply.ageing-years.") {
				continue
			}
			if q.Den != 1 || q.Num < 1 || slices.Contains(out, int(q.Num)) {
				return nil, fmt.Errorf("%w: %s: %q must be whole years of at least 1, each bound once", rule.ErrPack, p.ID, q.ID)
			}
			out = append(out, int(q.Num))
		}
	}
	slices.Sort(out)
	return out, nil
}
