package analysis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

func day(t testing.TB, s string) land.Date {
	t.Helper()
	d, err := land.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// parcel reads facts in the notation "id=A field=value …".
func parcel(t testing.TB, facts string) land.Parcel {
	t.Helper()
	var p land.Parcel
	for _, fact := range strings.Fields(facts) {
		name, value, _ := strings.Cut(fact, "=")
		f, known := land.FieldNamed(land.ParcelFields(), name)
		if !known {
			t.Fatalf("%q is no fact of a parcel", fact)
		}
		switch f.Kind {
		case land.Day:
			*f.Date(&p) = day(t, value)
		case land.Quant:
			v, err := land.ParseFixed(value)
			if err != nil {
				t.Fatal(err)
			}
			*f.Num(&p) = land.Num(v)
		case land.YesNo:
			*f.Flag(&p) = land.FlagOf(value == "true")
		default:
			*f.Str(&p) = value
		}
	}
	p.EllipsoidM2 = p.RecordedM2.Value
	return p
}

// world is a Memory being put together.
type world struct {
	analysis.Memory
	t         testing.TB
	positions map[string]int64
}

func newWorld(t testing.TB, zones ...land.Zone) *world {
	return &world{Memory: analysis.Memory{ZoneList: zones}, t: t, positions: map[string]int64{}}
}

// put puts a part of a parcel into a zone ("" for none). A parcel's first part
// is its home.
func (w *world) put(zone string, share, setShare float64, facts string) *land.Part {
	p := land.Part{Parcel: parcel(w.t, facts), In: land.ParseZoneKey(zone), Share: share, SetShare: setShare}
	_, seen := w.positions[p.ID]
	if !seen {
		w.positions[p.ID] = int64(len(w.positions) + 1)
	}
	p.Home = !seen
	p.Source.Position = w.positions[p.ID]
	p.PartEllipsoidM2 = p.EllipsoidM2.Share(share)
	w.PartList = append(w.PartList, p)
	return &w.PartList[len(w.PartList)-1]
}

func (w *world) run(opt analysis.Options) *land.Result {
	w.t.Helper()
	if opt.Packs == nil {
		packs, err := analysis.DefaultPacks()
		if err != nil {
			w.t.Fatal(err)
		}
		opt.Packs = packs
	}
	if !opt.AsOf.Known() {
		opt.AsOf = day(w.t, "2024-12-31")
	}
	sink := &analysis.Collector{}
	if err := analysis.Run(context.Background(), opt, &w.Memory, sink); err != nil {
		w.t.Fatal(err)
	}
	return sink.Result()
}

func zone(code, province string) land.Zone {
	return land.Zone{Code: code, Name: code, Scope: land.ScopeApproved, Kind: "high_tech", Province: province,
		AreaM2: 1_000_000 * land.One}
}

func indicatorOf(list []land.Indicator, id string) land.Indicator {
	i := slices.IndexFunc(list, func(x land.Indicator) bool { return x.ID == id })
	if i < 0 {
		return land.Indicator{Reason: "not there"}
	}
	return list[i]
}

const built = " use_code=1001 approved_on=2018-01-01 supplied_on=2019-01-01 completed_on=2020-01-01 "

// Two zones that overlap, parcels across their border, a touch, land in none.
func TestLandAndTotals(t *testing.T) {
	w := newWorld(t, zone("A", "450000"), zone("B", "450000"))
	w.put("A", 1, 1, "id=1 recorded_area_m2=10000"+built)
	w.put("A", 0.6, 0.6, "id=2 recorded_area_m2=20000"+built)
	w.put("B", 0.4, 0.4, "id=2 recorded_area_m2=20000"+built)
	w.put("A", 0.5, 0.5, "id=3 recorded_area_m2=10000 use_code=0101") // in both zones, which overlap
	w.put("B", 1, 0.5, "id=3 recorded_area_m2=10000 use_code=0101")
	w.put("B", 0.00001, 0, "id=4 recorded_area_m2=10000"+built) // touches B
	w.put("A", 1, 1, "id=5 right_layer=below recorded_area_m2=500"+built)
	w.put("", 1, 0, "id=6 recorded_area_m2=700"+built)
	r := w.run(analysis.Options{})

	type amounts map[land.Status]string
	got := func(table land.LandTable) amounts {
		out := amounts{}
		for s, l := range table.ByStatus {
			out[s] = fmt.Sprint(l.Parcels, " ", l.AreaM2)
		}
		return out
	}
	for _, c := range []struct {
		name  string
		table land.LandTable
		want  amounts
	}{
		{"A", r.Zones[0].Land, amounts{land.Built: "2 22000", land.NotConstruction: "1 5000"}},
		{"B", r.Zones[1].Land, amounts{land.Built: "1 8000", land.NotConstruction: "1 10000"}},
		{"all", r.Sets[0].Land, amounts{land.Built: "2 30000", land.NotConstruction: "1 10000"}},
	} {
		if g := got(c.table); fmt.Sprint(g) != fmt.Sprint(c.want) {
			t.Errorf("%s: got %v, want %v", c.name, g, c.want)
		}
	}
	if r.Sets[0].ID != "all" || fmt.Sprint(r.Sets[0].Zones) != "[A B]" || len(r.Sets) != 1 {
		t.Errorf("sets %+v", r.Sets)
	}
	var rows []string
	for _, p := range r.Parts {
		rows = append(rows, fmt.Sprint(p.ID, p.Key(), " ", p.AreaM2, " ", p.Touch))
	}
	want := "1A 10000 false,2A 12000 false,2B 8000 false,3A 5000 false,3B 10000 false,4B 0.1 true,5A 500 false,6 700 false"
	if s := strings.Join(rows, ","); s != want {
		t.Errorf("rows\n got %s\nwant %s", s, want)
	}
	if p := r.Parts[len(r.Parts)-1]; p.Zone != nil || p.Scope != nil || p.Status != land.Built {
		t.Errorf("land in no zone: %+v", p)
	}
	if v := indicatorOf(r.Sets[0].Indicators, "build_rate").Value; v == nil || *v != 1 {
		t.Errorf("build rate over all zones %v, want 1", v)
	}
}

// A contract over several parcels states its fee once: on the first by id.
func TestFeeOncePerContract(t *testing.T) {
	const idle = " use_code=1001 supplied_on=2020-01-01 construction_state=not_started agreed_start_on=2023-06-01 price_wan=5000 recorded_area_m2=1000 "
	for _, spread := range []bool{false, true} {
		w := newWorld(t, zone("A", ""), zone("B", ""))
		w.put("A", 1, 1, "id=3 contract_no=C"+idle)
		w.put("A", 0.3, 0.3, "id=2 contract_no=C"+idle)
		w.put("B", 0.7, 0.7, "id=2 contract_no=C"+idle)
		w.put("B", 1, 1, "id=4"+idle) // of no contract that is known
		w.put("A", 1, 1, "id=5 contract_no=D"+idle)
		w.put("A", 1, 1, "id=0 contract_no=D use_code=1001 supplied_on=2020-01-01 completed_on=2021-01-01 price_wan=5000 recorded_area_m2=1000")
		if spread {
			w.put("", 1, 0, "id=1 contract_no=C"+idle)
		}
		fees := map[string]string{}
		for _, p := range w.run(analysis.Options{}).Parts {
			if p.Idle != nil {
				fees[p.ID+p.Key().String()] = p.Idle.MeasureIfHolder + p.Idle.FeeIfHolderWan.String()
			}
		}
		want := map[string]string{"3A": "fee", "2A": "fee1000", "2B": "fee1000", "4B": "fee1000", "5A": "fee1000"}
		if spread {
			want["2A"], want["2B"], want["1"] = "fee", "fee", "fee1000"
		}
		if fmt.Sprint(fees) != fmt.Sprint(want) {
			t.Errorf("over land in no zone %v:\n got %v\nwant %v", spread, fees, want)
		}
	}
}

// contracts is a source that knows its contracts over several zones.
type contracts struct {
	*analysis.Memory
	asked int
}

func (c *contracts) SpreadContracts(_ context.Context, _ []land.ZoneKey, yield func(*land.Part) error) error {
	c.asked++
	for i := range c.PartList {
		if p := c.PartList[i]; p.Home {
			if err := yield(&p); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestContractSourceIsAsked(t *testing.T) {
	w := newWorld(t, zone("A", ""), zone("B", ""))
	const idle = " contract_no=C use_code=1001 supplied_on=2020-01-01 construction_state=not_started agreed_start_on=2023-06-01 price_wan=5000 recorded_area_m2=1000 "
	w.put("A", 1, 1, "id=2"+idle)
	w.put("B", 1, 1, "id=1"+idle)
	source, sink := &contracts{Memory: &w.Memory}, &analysis.Collector{}
	if err := analysis.Run(context.Background(), analysis.Options{AsOf: day(t, "2024-12-31")}, source, sink); err != nil {
		t.Fatal(err)
	}
	parts := sink.Result().Parts
	if source.asked != 1 || parts[0].Idle.FeeIfHolderWan.Known || !parts[1].Idle.FeeIfHolderWan.Known {
		t.Errorf("asked %d times; fees %v %v", source.asked, parts[0].Idle, parts[1].Idle)
	}
}

// A project is judged as a whole in every zone it touches: 9,000 of 100,000 m²
// in two zones and outside.
func TestProjectAcrossZones(t *testing.T) {
	w := newWorld(t, zone("A", "450000"), zone("B", "500000"))
	const of = " project_no=P contract_signed_on=2022-05-01 "
	w.put("A", 1, 1, "id=1 recorded_area_m2=40000 ancillary_site_m2=9000 ancillary_floor_m2=100 floor_area_m2=50000"+of+built)
	w.put("B", 0.5, 0.5, "id=2 recorded_area_m2=40000 ancillary_site_m2=0 ancillary_floor_m2=0 floor_area_m2=50000"+of+built)
	w.put("", 1, 0, "id=3 recorded_area_m2=20000 ancillary_site_m2=0 ancillary_floor_m2=0 floor_area_m2=50000"+of+built)
	for _, z := range []string{"A", "B"} { // what the store brings along
		for _, facts := range []string{"id=3 recorded_area_m2=20000 ancillary_site_m2=0 ancillary_floor_m2=0 floor_area_m2=50000"} {
			w.put(z, 0, 0, facts+of+built).Elsewhere = true
		}
	}
	w.put("A", 0, 0, "id=2 recorded_area_m2=40000 ancillary_site_m2=0 ancillary_floor_m2=0 floor_area_m2=50000"+of+built).Elsewhere = true
	w.put("B", 0, 0, "id=1 recorded_area_m2=40000 ancillary_site_m2=9000 ancillary_floor_m2=100 floor_area_m2=50000"+of+built).Elsewhere = true
	r := w.run(analysis.Options{})
	for i, want := range []string{
		"national/industrial-project-2008#ancillary.project-land-max P violated 3,guangxi/hightech-2021#ancillary.project-land-max P violated 3",
		"national/industrial-project-2008#ancillary.project-land-max P violated 3",
	} {
		var got []string
		for _, v := range r.Zones[i].Verdicts {
			if v.Level == land.LevelProject {
				got = append(got, fmt.Sprint(v.RuleKey(), " ", v.Subject, " ", v.Outcome, " ", v.ExcessMu))
				if fmt.Sprint(v.Evidence) != "[1 2 3]" || v.LimitBasis != "contract_signed_on" {
					t.Errorf("verdict %+v", v)
				}
			}
		}
		slices.Sort(got)
		if w := strings.Split(want, ","); !slices.Equal(got, slices.Sorted(slices.Values(w))) {
			t.Errorf("zone %s:\n got %v\nwant %v", r.Zones[i].Code, got, w)
		}
	}
	if n := r.Zones[0].VerdictCounts["guangxi/hightech-2021#ancillary.project-floor-max"][land.Satisfied]; n != 1 {
		t.Errorf("floor cap satisfied %d times, want once", n)
	}
	if _, ok := r.Zones[1].VerdictCounts["guangxi/hightech-2021#ancillary.project-floor-max"]; ok {
		t.Error("Guangxi's law was held against Chongqing")
	}
	if len(r.Parts[0].Indicators) == 0 || len(r.Parts[1].Indicators) == 0 || len(r.Parts) != 3 {
		t.Errorf("%d rows; a project's indicators stand on its first part in each zone", len(r.Parts))
	}
	if v := indicatorOf(r.Parts[1].Indicators, "ancillary_land_share.project").Value; v == nil || *v != 0.09 {
		t.Errorf("share of the project %v, want 0.09", v)
	}
	if got := r.Zones[1].Land.ByStatus[land.Built].AreaM2; got != 20000*land.One {
		t.Errorf("land of B %v, want the half of parcel 2", got)
	}
}

func TestSets(t *testing.T) {
	managed := zone("A", "450000")
	managed.Scope = land.ScopeManaged
	park := zone("A-1", "")
	park.PartOf = "A"
	w := newWorld(t, zone("A", "450000"), managed, park, zone("C", "500000"))
	w.put("A", 1, 1, "id=1 recorded_area_m2=10000"+built)
	w.put("A@managed", 1, 1, "id=1 recorded_area_m2=10000"+built)
	w.put("A-1", 1, 0, "id=1 recorded_area_m2=10000"+built)
	w.put("C", 1, 1, "id=2 recorded_area_m2=30000"+built)
	r := w.run(analysis.Options{})
	var got []string
	for _, s := range r.Sets {
		got = append(got, fmt.Sprintf("%s%v%s", s.ID, s.Zones, s.Land.ByStatus[land.Built].AreaM2))
	}
	if want := "all[A C]40000 all@managed[A]10000 province:450000[A]10000 province:500000[C]30000"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	// A park is under the law of its zone, and has its own result.
	i := slices.IndexFunc(r.Zones, func(z land.ZoneResult) bool { return z.Code == "A-1" })
	if _, ok := r.Zones[i].VerdictCounts["guangxi/hightech-2021#ancillary.zone-land-max"]; !ok {
		t.Errorf("the park of a Guangxi zone is not under Guangxi's law: %v", r.Zones[i].VerdictCounts)
	}
	for i := range r.Sets {
		if v := indicatorOf(r.Sets[i].Indicators, "build_rate"); v.Value == nil || *v.Value != 1 {
			t.Errorf("%s: build rate %+v", r.Sets[i].ID, v)
		}
	}
}

// random is a world of zones with parts of every kind.
func random(t testing.TB, zones, parts int) *world {
	rng := rand.New(rand.NewPCG(1, uint64(zones)))
	w := newWorld(t)
	for i := range zones {
		w.ZoneList = append(w.ZoneList, zone(fmt.Sprintf("Z%03d", i), []string{"450000", "500000"}[i%2]))
	}
	fields := land.ParcelFields()
	asOf := day(t, "2024-12-31")
	for i := range zones * parts {
		p := land.Part{Share: 1, SetShare: 1, Home: true, In: w.ZoneList[i/parts].Key()}
		for _, f := range fields {
			if rng.IntN(10) < 3 {
				continue
			}
			switch f.Kind {
			case land.Day:
				*f.Date(&p.Parcel) = asOf - land.Date(rng.IntN(3000)) + 300
			case land.Word:
				*f.Str(&p.Parcel) = f.Words[rng.IntN(len(f.Words))]
			case land.Quant:
				*f.Num(&p.Parcel) = land.Num(land.Fixed(rng.IntN(20000)) * land.One)
			case land.YesNo:
				*f.Flag(&p.Parcel) = land.FlagOf(rng.IntN(2) == 0)
			}
		}
		p.ID, p.UseCode, p.UseScheme = fmt.Sprintf("P%07d", i), []string{"1001", "0801", "0701", "0802", "0101", "1101"}[rng.IntN(6)], ""
		p.ConstructionState = land.ConstructionState(strings.TrimPrefix(string(p.ConstructionState), "unknown"))
		p.ProjectNo, p.ContractNo = "", ""
		if rng.IntN(4) == 0 {
			p.ProjectNo, p.ContractNo = fmt.Sprintf("J%d", i/5), fmt.Sprintf("C%d", i/3)
		}
		p.TakenBackOn = 0
		p.RecordedM2 = land.Num(land.Fixed(1000+rng.IntN(50000)) * land.One)
		p.EllipsoidM2, p.PartEllipsoidM2 = p.RecordedM2.Value, p.RecordedM2.Value
		p.Source.Position = int64(i + 1)
		w.PartList = append(w.PartList, p)
	}
	return w
}

// The result depends neither on the number of workers nor on chance.
func TestWorkersDontMatter(t *testing.T) {
	w := random(t, 12, 200)
	want, err := json.Marshal(w.run(analysis.Options{Workers: 1}))
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{2, 7, 0} {
		got, err := json.Marshal(w.run(analysis.Options{Workers: workers}))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%d workers give another result", workers)
		}
	}
}

// Every verdict is counted, and the counts of a parcel rule are the parts that
// count.
func TestCountsAddUp(t *testing.T) {
	r := random(t, 4, 300).run(analysis.Options{})
	for _, z := range r.Zones {
		listed := map[string]map[land.Outcome]int64{}
		for _, v := range z.Verdicts {
			if listed[v.RuleKey()] == nil {
				listed[v.RuleKey()] = map[land.Outcome]int64{}
			}
			listed[v.RuleKey()][v.Outcome]++
		}
		for key, counts := range z.VerdictCounts {
			for _, o := range []land.Outcome{land.Violated, land.Incomputable} {
				if listed[key][o] != counts[o] {
					t.Errorf("%s %s %s: %d listed, %d counted", z.Code, key, o, listed[key][o], counts[o])
				}
			}
		}
		var idle int64
		for _, n := range z.VerdictCounts["national/idle-land-2012#idle.not-started"] {
			idle += n
		}
		if idle != 300 {
			t.Errorf("%s: %d parcels judged, want 300", z.Code, idle)
		}
		var parcels int64
		for _, l := range z.Land.ByClass {
			parcels += l.Parcels
		}
		var byStatus int64
		for _, l := range z.Land.ByStatus {
			byStatus += l.Parcels
		}
		if parcels != byStatus {
			t.Errorf("%s: %d parcels by class, %d by status", z.Code, parcels, byStatus)
		}
	}
}

func TestRestriction(t *testing.T) {
	managed := zone("A", "")
	managed.Scope = land.ScopeManaged
	w := newWorld(t, zone("A", ""), managed, zone("B", ""))
	w.put("A", 1, 1, "id=1 recorded_area_m2=10"+built)
	w.put("", 1, 0, "id=2 recorded_area_m2=10"+built)
	for _, c := range []struct{ zones, want string }{
		{"", "A A@managed B, 2 parts"},
		{"A", "A A@managed, 1 parts"},
		{"A@managed", "A@managed, 0 parts"},
		{"B", "B, 0 parts"},
	} {
		var done []string
		r := w.run(analysis.Options{Zones: strings.Fields(c.zones), Progress: func(n, total int) { done = append(done, fmt.Sprint(n, "/", total)) }})
		var keys []string
		for _, z := range r.Zones {
			keys = append(keys, z.Key().String())
		}
		if got := fmt.Sprintf("%s, %d parts", strings.Join(keys, " "), len(r.Parts)); got != c.want {
			t.Errorf("%q: got %s, want %s", c.zones, got, c.want)
		}
		if last := done[len(done)-1]; last != fmt.Sprintf("%d/%d", len(done), len(done)) {
			t.Errorf("progress %v", done)
		}
	}
	err := analysis.Run(context.Background(), analysis.Options{AsOf: day(t, "2024-12-31"), Zones: []string{"X"}}, &w.Memory, &analysis.Collector{})
	if !errors.Is(err, analysis.ErrOptions) || !strings.Contains(err.Error(), `"X"`) || !strings.Contains(err.Error(), "A@managed") {
		t.Errorf("an unknown zone: %v", err)
	}
	if err := analysis.Run(context.Background(), analysis.Options{}, &w.Memory, &analysis.Collector{}); !errors.Is(err, analysis.ErrOptions) {
		t.Errorf("no as-of date: %v", err)
	}
}

// failing fails at one of its methods.
type failing struct {
	analysis.Collector
	at string
}

var errFull = errors.New("disk full")

func (f *failing) Zone(ctx context.Context, z *land.ZoneResult) error {
	if f.at == "zone" && z.Code == "B" {
		return errFull
	}
	return f.Collector.Zone(ctx, z)
}

func (f *failing) Sets(ctx context.Context, s []land.SetResult) error {
	if f.at == "sets" {
		return errFull
	}
	return f.Collector.Sets(ctx, s)
}

type source struct {
	*analysis.Memory
	at string
}

func (s source) Stats(ctx context.Context) ([]land.Stats, error) {
	if s.at == "stats" {
		return nil, errFull
	}
	return s.Memory.Stats(ctx)
}

func (s source) Parts(ctx context.Context, z land.ZoneKey, yield func(*land.Part) error) error {
	if s.at == "source" && z.Code == "B" {
		return errFull
	}
	return s.Memory.Parts(ctx, z, yield)
}

func TestErrorsSayWhere(t *testing.T) {
	w := newWorld(t, zone("A", ""), zone("B", ""))
	w.put("B", 1, 1, "id=1 recorded_area_m2=10"+built)
	for at, want := range map[string]string{"stats": "read the stats", "zone": "zone B", "source": "zone B", "sets": "totals"} {
		f := &failing{at: at}
		err := analysis.Run(context.Background(), analysis.Options{AsOf: day(t, "2024-12-31")}, source{&w.Memory, at}, f)
		if !errors.Is(err, errFull) || !strings.Contains(err.Error(), want) {
			t.Errorf("failing at %s: %v, want …%s…", at, err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := analysis.Run(ctx, analysis.Options{AsOf: day(t, "2024-12-31")}, &w.Memory, &analysis.Collector{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run: %v", err)
	}
}

func TestDefaultAsOf(t *testing.T) {
	today := day(t, "2026-03-04")
	if d, why := analysis.DefaultAsOf(nil, today); d != today || why != analysis.AsOfToday {
		t.Errorf("without stats: %s %s", d, why)
	}
	d, why := analysis.DefaultAsOf([]land.Stats{{Year: 2022}, {Year: 2024}, {Year: 2023}}, today)
	if d.String() != "2024-12-31" || why != analysis.AsOfStats {
		t.Errorf("with stats: %s %s", d, why)
	}
}

func TestID(t *testing.T) {
	in := []land.Input{{Layer: "zones", SHA256: "aa"}, {Layer: "parcels", File: "x", SHA256: "bb"}}
	packs := []land.Pack{{ID: "a/b", Version: "1", Digest: "cc"}}
	id := func(in []land.Input, asOf string, packs []land.Pack, set map[string]string) string {
		s, err := analysis.ID(in, day(t, asOf), packs, set)
		if err != nil || len(s) != 16 {
			t.Fatalf("%q, %v", s, err)
		}
		return s
	}
	base := id(in, "2024-12-31", packs, nil)
	moved := slices.Clone(in)
	moved[1].File, moved[1].Features = "elsewhere/x", 7
	if id(moved, "2024-12-31", packs, nil) != base {
		t.Error("the place of a file changed the identity")
	}
	other := slices.Clone(in)
	other[1].SHA256 = "bc"
	for what, got := range map[string]string{
		"content": id(other, "2024-12-31", packs, nil), "date": id(in, "2024-12-30", packs, nil),
		"packs": id(in, "2024-12-31", nil, nil), "settings": id(in, "2024-12-31", packs, map[string]string{"zones": "A"}),
	} {
		if got == base {
			t.Errorf("another %s has the same identity", what)
		}
	}
}

func TestTermsComeFromThePack(t *testing.T) {
	packs, err := analysis.DefaultPacks(analysis.IdlePack)
	if err != nil {
		t.Fatal(err)
	}
	got, err := analysis.TermsOf(packs[0])
	if want := "{1 2 1 {1 3} {1 4} {1 5} 30 30 0 1}"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("terms %v, %v; want %s", got, err, want)
	}
	if _, err := analysis.TermsOf(&rule.Pack{ID: "x/y"}); !errors.Is(err, rule.ErrPack) {
		t.Errorf("a pack without parameters: %v", err)
	}
	p := *packs[0]
	p.Parameters = slices.Clone(p.Parameters)
	p.Parameters[0].Num, p.Parameters[0].Den = 3, 2
	if _, err := analysis.TermsOf(&p); err == nil {
		t.Error("one and a half years were accepted")
	}
}

// Every indicator a rule of an embedded pack names is computed, for the level it is asked for.
func TestRulesNameRealIndicators(t *testing.T) {
	packs, err := analysis.DefaultPacks()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, zone("A", "450000"))
	w.put("A", 1, 1, "id=1 recorded_area_m2=10"+built)
	r := w.run(analysis.Options{Packs: packs})
	for _, z := range r.Zones {
		for _, v := range z.Verdicts {
			if v.Reason == rule.ReasonIndicatorUnknown {
				t.Errorf("%s: nobody computes %s", v.RuleKey(), v.Indicator)
			}
		}
	}
}

func TestReasonsOfRulesHaveTexts(t *testing.T) {
	b, err := os.ReadFile("../data/i18n/rule.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]map[string]string
	if err := yaml.Unmarshal(b, &texts); err != nil {
		t.Fatal(err)
	}
	for _, r := range rule.Reasons() {
		if w := texts["reason."+r]; w["zh"] == "" || w["en"] == "" {
			t.Errorf("reason.%s lacks a text", r)
		}
	}
}

func BenchmarkRun4000(b *testing.B) { benchmarkRun(b, 1, 4000) }

func BenchmarkRun100x400(b *testing.B) { benchmarkRun(b, 100, 400) }

func benchmarkRun(b *testing.B, zones, parts int) {
	w := ordinary(b, zones, parts)
	packs, err := analysis.DefaultPacks()
	if err != nil {
		b.Fatal(err)
	}
	byZone := &sliced{Memory: &w.Memory, parts: parts}
	b.ReportAllocs()
	for b.Loop() {
		opt := analysis.Options{AsOf: day(b, "2024-12-31"), Packs: packs, Workers: 1}
		if err := analysis.Run(context.Background(), opt, byZone, drop{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(zones*parts*b.N)/b.Elapsed().Seconds(), "parts/s")
}

// ordinary is a world such as bureaus have: most parcels built and recorded,
// some under way, some idle, some with gaps.
func ordinary(t testing.TB, zones, parts int) *world {
	lives := []string{built, built, built, built,
		" use_code=1001 approved_on=2018-01-01 supplied_on=2022-01-01 contract_signed_on=2021-12-01 started_on=2023-01-01 permit_on=2022-12-01 agreed_start_on=2022-12-31 agreed_completion_on=2025-12-31 ",
		" use_code=1001 approved_on=2018-01-01 supplied_on=2022-01-01 agreed_start_on=2023-01-31 construction_state=not_started price_wan=2000 ",
		" use_code=1001 approved_on=2018-01-01 supplied_on=2022-01-01 agreed_start_on=2023-01-31 ",
		" use_code=0701 approved_on=2015-01-01 supplied_on=2016-01-01 completed_on=2018-01-01 floor_area_m2=20000 ",
		" use_code=0801 supplied_on=2016-01-01 completed_on=2018-01-01 floor_area_m2=5000 ",
		" use_code=0902 approved_on=2015-01-01 supplied_on=2016-01-01 completed_on=2018-01-01 ",
		" use_code=1101 approved_on=2020-01-01 supply_ready=true ", " use_code=0101 ", " use_code=1207 rights_basis=historic_state "}
	rng := rand.New(rand.NewPCG(2, 2))
	w := newWorld(t)
	for i := range zones {
		w.ZoneList = append(w.ZoneList, zone(fmt.Sprintf("Z%04d", i), []string{"450000", "500000"}[i%2]))
	}
	var kinds []land.Parcel
	for _, l := range lives {
		kinds = append(kinds, parcel(t, l))
	}
	for i := range zones * parts {
		p := land.Part{Parcel: kinds[rng.IntN(len(kinds))], Share: 1, SetShare: 1, Home: true, In: w.ZoneList[i/parts].Key()}
		p.ID, p.Source.Position = fmt.Sprintf("450100%08d", i), int64(i+1)
		area := land.Fixed(2000+rng.IntN(50000)) * land.One
		p.RecordedM2, p.EllipsoidM2, p.PartEllipsoidM2 = land.Num(area), area, area
		if p.CompletedOn.Known() && rng.IntN(10) > 0 {
			p.FloorAreaM2, p.AncillarySiteM2 = land.Num(area), land.Num(area/16)
			p.AncillaryFloorM2, p.FootprintM2 = land.Num(area/8), land.Num(area/3)
			p.OutputWan, p.TaxWan = land.Num(area/20), land.Num(area/400)
		}
		w.PartList = append(w.PartList, p)
	}
	return w
}

// sliced finds a zone's parts without a search, and has no spread contracts.
type sliced struct {
	*analysis.Memory
	parts int
}

func (s *sliced) Parts(_ context.Context, z land.ZoneKey, yield func(*land.Part) error) error {
	for i := range s.ZoneList {
		if s.ZoneList[i].Code != z.Code {
			continue
		}
		for j := range s.parts {
			if err := yield(&s.PartList[i*s.parts+j]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sliced) SpreadContracts(context.Context, []land.ZoneKey, func(*land.Part) error) error {
	return nil
}

type drop struct{}

func (drop) Zone(context.Context, *land.ZoneResult) error                 { return nil }
func (drop) Parts(context.Context, land.ZoneKey, []land.PartResult) error { return nil }
func (drop) Sets(context.Context, []land.SetResult) error                 { return nil }
