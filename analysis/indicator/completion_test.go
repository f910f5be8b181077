package indicator

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// pickOf picks one of a few values.
func pickOf[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func maybeNum(r *rand.Rand, most int64) land.Number {
	if r.IntN(3) == 0 {
		return land.Number{}
	}
	return land.Num(m2of(r.Int64N(most + 1)))
}

// randomPlot is a plot of which each fact may be unknown.
func randomPlot(r *rand.Rand, i int) *plot {
	area := r.Int64N(100) * 100
	class := pickOf(r, land.Classes()...)
	if r.IntN(2) == 0 {
		class = pickOf(r, land.ClassIndustrial, land.ClassUnknown)
	}
	p := newPlot(fmt.Sprint("p", i), m2of(area), class, pickOf(r, append(land.Statuses(), land.Undetermined, land.Undetermined)...))
	p.Ownership = pickOf(r, land.OwnState, land.OwnState, land.OwnCollective, "")
	p.SupplyReady = pickOf(r, land.Yes, land.No, land.Unknown)
	p.RightsBasis = pickOf(r, "", "", land.BasisCertificate, land.BasisCollective)
	if p.Status == land.Reserve {
		p.Tenure = land.TenureReserve
	}
	if p.Status == land.Undetermined {
		p.Supplied = pickOf(r, land.Yes, land.No, land.Unknown)
		p.BuiltOn = pickOf(r, land.Yes, land.No, land.Unknown)
		p.Standing = pickOf(r, p.BuiltOn, p.BuiltOn, land.Unknown)
	}
	if p.Supplied == land.Yes {
		p.SuppliedOn = 736330 + land.Date(r.IntN(3000))
	}
	p.Approved = pickOf(r, p.Approved, p.Approved, land.Unknown)
	if p.Approved == land.Yes {
		p.ApprovedOn = 736000 + land.Date(r.IntN(3000))
	} else {
		p.ApprovedOn = 0
	}
	p.Determined = r.IntN(2) == 0
	p.Assessment.Unbuildable = r.IntN(8) == 0
	p.ProjectNo = pickOf(r, "", "", "A", "B")
	if r.IntN(4) == 0 {
		p.BuiltLandM2 = land.Num(m2of(r.Int64N(area + 1)))
	}
	randomFigures(r, p, area)
	return p
}

func randomFigures(r *rand.Rand, p *plot, area int64) {
	p.FloorAreaM2 = maybeNum(r, 3*area)
	p.AncillarySiteM2, p.FootprintM2, p.GreenM2 = maybeNum(r, area), maybeNum(r, area/2), maybeNum(r, area)
	p.StructuresM2, p.YardsM2 = maybeNum(r, area/4), maybeNum(r, area/4)
	if p.FloorAreaM2.Known {
		p.AncillaryFloorM2 = maybeNum(r, int64(p.FloorAreaM2.Value/land.One))
	} else {
		p.AncillaryFloorM2 = maybeNum(r, area)
	}
	if p.AncillarySiteM2.Known {
		p.RentalSiteM2 = maybeNum(r, int64(p.AncillarySiteM2.Value/land.One))
	}
	if p.AncillaryFloorM2.Known {
		p.RentalFloorM2 = maybeNum(r, int64(p.AncillaryFloorM2.Value/land.One))
	}
	p.OutputWan, p.TaxWan, p.FixedAssetsWan = maybeNum(r, 1000), maybeNum(r, 100), maybeNum(r, 500)
}

// complete is a copy of a plot in which every unknown fact has some value.
func complete(r *rand.Rand, from *plot) *plot {
	p := *from
	if p.Assessment.Class == land.ClassUnknown {
		p.Assessment.Class = pickOf(r, land.ClassIndustrial, land.ClassStorage, land.ClassAdminOffice, land.ClassCommercial,
			land.ClassResidential, land.ClassResidentialService, land.ClassPublicService, land.ClassProductionService, land.ClassMining)
	}
	settle := func(f *land.Flag) {
		if *f == land.Unknown {
			*f = pickOf(r, land.No, land.Yes)
		}
	}
	unsettled := p.Supplied == land.Unknown
	settle(&p.Supplied)
	if p.Supplied == land.Yes && !p.SuppliedOn.Known() {
		p.SuppliedOn = pickOf[land.Date](r, 700000, 739000)
	}
	settle(&p.Approved)
	if p.Approved == land.Yes && !p.ApprovedOn.Known() {
		p.ApprovedOn = pickOf[land.Date](r, 700000, 737800, 738600, 739100)
	}
	if p.BuiltOn == land.Yes {
		p.Standing = land.Yes
	}
	settle(&p.Standing)
	if p.Standing == land.No {
		p.BuiltOn = land.No
	}
	settle(&p.BuiltOn)
	settle(&p.SupplyReady)
	if p.Ownership == "" {
		p.Ownership = pickOf(r, land.OwnState, land.OwnCollective)
		switch {
		case from.SuppliedOn.Known() || from.Tenure == land.TenureReserve:
			p.Ownership = land.OwnState
		case from.RightsBasis == land.BasisCollective:
			p.Ownership = land.OwnCollective
		case from.RightsBasis != "":
			p.Ownership = land.OwnState
		}
	}
	completeStatus(r, &p, unsettled)
	completeFigures(r, &p)
	return &p
}

// completeStatus gives undetermined land the status that goes with its facts,
// as far as the formulas read it.
func completeStatus(r *rand.Rand, p *plot, unsettled bool) {
	if p.Status != land.Undetermined {
		return
	}
	idle := p.Supplied == land.Yes && p.BuiltOn == land.No && r.IntN(2) == 0
	switch {
	case idle:
		p.Status = land.SuspectedIdle
	case p.Supplied == land.Yes:
		p.Status = land.OverdueStart
	case unsettled && p.Approved == land.No && p.RightsBasis != "":
		p.Status = land.Stock
	case unsettled && p.Approved == land.Yes:
		p.Status = land.Unsupplied
	}
}

func completeFigures(r *rand.Rand, p *plot) {
	area := int64(p.AreaM2() / land.One)
	within := func(n *land.Number, most int64) {
		if !n.Known {
			*n = land.Num(m2of(pickOf(r, 0, most, r.Int64N(most+1))))
		}
	}
	if !p.FloorAreaM2.Known {
		least := int64(p.AncillaryFloorM2.Value / land.One)
		p.FloorAreaM2 = land.Num(m2of(least + pickOf(r, 0, r.Int64N(1000000))))
	}
	within(&p.AncillaryFloorM2, int64(p.FloorAreaM2.Value/land.One))
	within(&p.AncillarySiteM2, area)
	within(&p.RentalSiteM2, int64(p.AncillarySiteM2.Value/land.One))
	within(&p.RentalFloorM2, int64(p.AncillaryFloorM2.Value/land.One))
	within(&p.GreenM2, area)
	within(&p.FootprintM2, area/2)
	within(&p.StructuresM2, area/4)
	within(&p.YardsM2, area/4)
	within(&p.OutputWan, 100000)
	within(&p.TaxWan, 100000)
	within(&p.FixedAssetsWan, 100000)
}

func randomZone(r *rand.Rand, plots []*plot) *Zone {
	var area land.Fixed = m2of(1000)
	for _, p := range plots {
		area += p.AreaM2()
	}
	zone := land.Zone{Code: "Z", Scope: land.ScopeApproved, AreaM2: area, ApprovedAreaHa: land.Num(7 * land.One)}
	stats := land.Stats{Zone: "Z", Year: 2024, GDPWan: land.Num(m2of(100)), ResidentPopulation: land.Num(m2of(1234)),
		RDWan: land.Num(m2of(3))}
	asOf, _ := land.DateOf(2024, 12, 31)
	z := NewZone(&zone, []land.Stats{stats}, asOf)
	for _, p := range plots {
		z.Add(&p.Part, &p.Assessment)
	}
	return z
}

// TestUnknownNeverNarrows: whatever the unknown facts turn out to be, the value
// then lies within the bounds now, exactly; and an exact indicator never moves.
func TestUnknownNeverNarrows(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		plots := make([]*plot, 1+r.IntN(6))
		for i := range plots {
			plots[i] = randomPlot(r, i)
		}
		z := randomZone(r, plots)
		before, projects := z.Indicators(), z.Projects()
		for range 30 {
			full := make([]*plot, len(plots))
			for i, p := range plots {
				full[i] = complete(r, p)
			}
			done := randomZone(r, full)
			for i, after := range done.Indicators() {
				within(t, seed, &before[i], &after)
			}
			for _, after := range done.Projects() {
				i := slices.IndexFunc(projects, func(p Project) bool { return p.Subject == after.Subject })
				if i < 0 || !projects[i].Applicable || !after.Applicable {
					continue
				}
				for j := range after.Indicators {
					within(t, seed, &projects[i].Indicators[j], &after.Indicators[j])
				}
			}
		}
		if t.Failed() {
			return
		}
	}
}

func within(t *testing.T, seed uint64, before, after *land.Indicator) {
	t.Helper()
	if !after.Exact && after.Reason == "" {
		t.Errorf("seed %d: %s of complete facts isn't exact: %+v", seed, after.ID, after)
	}
	if after.Value == nil || before.Reason == ReasonNoStats {
		return
	}
	switch {
	case before.Reason == ReasonEmptyBase:
		t.Errorf("seed %d: %s was surely empty, and became %v", seed, after.ID, *after.Value)
	case before.Exact && (before.Value == nil || *before.Value != *after.Value):
		t.Errorf("seed %d: %s was exact, and moved to %v", seed, after.ID, *after.Value)
	case before.Bounds == nil && before.Source != "stats 2024" && before.Reason != ReasonMissingInput:
		return
	case before.Bounds == nil:
		return
	case below(after.LoExact, before.LoExact) || below(before.HiExact, after.HiExact):
		t.Errorf("seed %d: %s = %v (%v) is not in %s..%s", seed, after.ID, *after.Value, after.LoExact, end(before.Bounds.Lo), end(before.Bounds.Hi))
	}
}

func below(a, b *land.Fraction) bool {
	return a != nil && b != nil && rat(a.Num, a.Den).Cmp(rat(b.Num, b.Den)) < 0
}

func rat(n, d land.Fixed) *big.Rat { return big.NewRat(int64(n), int64(d)) }

func end(f *float64) string {
	if f == nil {
		return "∞"
	}
	return fmt.Sprint(*f)
}

// TestExtremesAgainstEveryWay holds the bounds against all ways of choosing,
// one by one.
func TestExtremesAgainstEveryWay(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 2))
		sure := point{land.Fixed(r.IntN(3) * r.IntN(50)), land.Fixed(r.IntN(3) * r.IntN(50))}
		var o open
		var every [][]point
		for range r.IntN(9) {
			points := randomPoints(r)
			every = append(every, points)
			if len(points) == 1 {
				points = append(points, points[0])
			}
			o.add(points, 0, points[len(points)-1].d)
		}
		lo, hi, unbounded, some := bruteForce(sure, every)
		least, okLow := o.extreme(sure, -1)
		most, okHigh := o.extreme(sure, +1)
		if okLow != some || okHigh != some {
			t.Fatalf("seed %d: base found %v/%v, want %v", seed, okLow, okHigh, some)
		}
		if !some {
			continue
		}
		if compareCross(least.n, lo.d, lo.n, least.d) != 0 {
			t.Fatalf("seed %d: least %v, want %v", seed, least, lo)
		}
		if most.none != unbounded || !unbounded && compareCross(most.n, hi.d, hi.n, most.d) != 0 {
			t.Fatalf("seed %d: most %v, want %v (unbounded %v)", seed, most, hi, unbounded)
		}
	}
}

func randomPoints(r *rand.Rand) []point {
	a := land.Fixed(1 + r.IntN(40))
	switch r.IntN(4) {
	case 0: // in both, in the denominator, in neither
		return []point{{0, 0}, {0, a}, {a, a}}
	case 1:
		return []point{{0, 0}, {a, a}}
	case 2: // a site within its parcel
		return []point{{0, a}, {a, a}}
	}
	var points []point
	for range 1 + r.IntN(3) {
		points = append(points, point{land.Fixed(r.IntN(60)), land.Fixed(r.IntN(40))})
	}
	return slices.Compact(sortPoints(points))
}

func bruteForce(sure point, every [][]point) (lo, hi point, unbounded, some bool) {
	if len(every) == 0 {
		switch {
		case sure.d > 0:
			return sure, sure, false, true
		default:
			return point{}, point{}, sure.n > 0, false
		}
	}
	for _, p := range every[0] {
		l, h, u, ok := bruteForce(point{sure.n + p.n, sure.d + p.d}, every[1:])
		unbounded = unbounded || u
		if !ok {
			continue
		}
		if !some || compareCross(l.n, lo.d, lo.n, l.d) < 0 {
			lo = l
		}
		if !some || compareCross(h.n, hi.d, hi.n, h.d) > 0 {
			hi = h
		}
		some = true
	}
	return lo, hi, unbounded, some
}

func TestCompareCross(t *testing.T) {
	edge := []land.Fixed{math.MinInt64 + 1, -7, -1, 0, 1, 3, math.MaxInt64}
	for _, a := range edge {
		for _, b := range edge {
			for _, c := range edge {
				for _, d := range edge {
					if got, want := compareCross(a, b, c, d), land.CompareProduct(a, b, c, d); got != want {
						t.Fatalf("%d·%d against %d·%d: %d, want %d", a, b, c, d, got, want)
					}
				}
			}
		}
	}
}

// TestOrderDoesNotMatter shuffles the parts and compares the whole result.
func TestOrderDoesNotMatter(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		plots := make([]*plot, 40)
		for i := range plots {
			plots[i] = randomPlot(r, i)
			plots[i].Source.Position = int64(i + 1)
		}
		one := randomZone(r, plots)
		r.Shuffle(len(plots), func(i, j int) { plots[i], plots[j] = plots[j], plots[i] })
		two := randomZone(r, plots)
		sameResult(t, one, two)
	}
}

func sameResult(t *testing.T, one, two *Zone) {
	t.Helper()
	for i, a := range one.Indicators() {
		b := two.Indicators()[i]
		if x, y := mustJSON(t, a), mustJSON(t, b); x != y {
			t.Fatalf("%s\n%s", x, y)
		}
		if x, y := one.Contributors(a.ID, 20), two.Contributors(a.ID, 20); !slices.Equal(x, y) {
			t.Fatalf("%s: contributors %v, then %v", a.ID, x, y)
		}
	}
	if x, y := mustJSON(t, one.Projects()), mustJSON(t, two.Projects()); x != y {
		t.Fatalf("%s\n%s", x, y)
	}
}
