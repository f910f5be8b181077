package expansion_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/spool"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/geojson"
)

// A world of unit squares: its unit is a thousandth of a degree, its origin
// 108.4 east, 22.8 north. A shape is written in units, as WKT.
func shape(t testing.TB, text string) orb.MultiPolygon {
	t.Helper()
	g, err := wkt.Unmarshal(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var mp orb.MultiPolygon
	switch g := g.(type) {
	case orb.Polygon:
		mp = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		mp = g
	default:
		t.Fatalf("%s is no polygon", text)
	}
	for _, p := range mp {
		for _, r := range p {
			for i := range r {
				r[i] = orb.Point{108.4 + r[i][0]/1000, 22.8 + r[i][1]/1000}
			}
		}
	}
	return mp
}

// box is the square from (x, y) to (u, v).
func box(x, y, u, v float64) string {
	return fmt.Sprintf("POLYGON((%[1]g %[2]g,%[3]g %[2]g,%[3]g %[4]g,%[1]g %[4]g,%[1]g %[2]g))", x, y, u, v)
}

type thing struct {
	shape string
	props string // JSON members
}

func collection(t testing.TB, things []thing, member string) []byte {
	t.Helper()
	b := []byte(`{"type":"FeatureCollection",` + member + `"features":[`)
	for i, f := range things {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"type":"Feature","properties":{`+f.props+`},"geometry":`...)
		b = geojson.AppendGeometry(b, shape(t, f.shape))
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

func file(name string, text []byte) ingest.Options {
	return ingest.Options{MaxRejects: ingest.NoLimit, Files: []ingest.File{{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}}}
}

// world is what is loaded.
type world struct {
	zones, parcels, constraints []thing
}

// load puts a world into a spool.
func (w world) load(t testing.TB) *spool.Spool {
	t.Helper()
	ctx := context.Background()
	s, err := spool.Open(spool.Options{Shapes: true, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	var h land.Header
	note := func(r *ingest.Result, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		h.Inputs = append(h.Inputs, r.Inputs...)
	}
	zr, rows, err := ingest.LoadZones(ctx, file("zones", collection(t, w.zones, "")), s)
	note(zr, err)
	locator, err := ingest.NewLocator(rows)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.parcels) > 0 {
		note(ingest.LoadParcels(ctx, file("parcels", collection(t, w.parcels, "")), locator, s))
	}
	if len(w.constraints) > 0 {
		note(ingest.LoadConstraints(ctx, file("constraints", collection(t, w.constraints, "")), s))
	}
	if err := s.Loaded(); err != nil {
		t.Fatal(err)
	}
	s.SetHeader(h)
	return s
}

func texts(t testing.TB) data.Texts {
	t.Helper()
	x, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// day is the as-of date of all tests.
func day(t testing.TB, s string) land.Date {
	t.Helper()
	d, err := land.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func applied(t testing.TB, pieces []thing, member string) *expansion.Application {
	t.Helper()
	a := &expansion.Application{}
	if err := expansion.ReadBoundary(context.Background(), bytes.NewReader(collection(t, pieces, member)),
		expansion.ReadOptions{File: "b", Texts: texts(t)}, a); err != nil {
		t.Fatal(err)
	}
	if a.Zone.Code == "" {
		a.Zone = land.ParseZoneKey("Z")
	}
	return a
}

func checked(t testing.TB, w world, a *expansion.Application, packs ...*rule.Pack) *expansion.Document {
	t.Helper()
	doc, err := expansion.Check(context.Background(), w.load(t), a, expansion.Options{AsOf: day(t, "2026-06-30"), Packs: packs})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func outcomes(doc *expansion.Document) map[string]land.Outcome {
	out := map[string]land.Outcome{}
	for _, c := range doc.Conditions {
		out[c.ID] = c.Outcome
	}
	return out
}

func condition(t testing.TB, doc *expansion.Document, id string) *expansion.Condition {
	t.Helper()
	for i := range doc.Conditions {
		if doc.Conditions[i].ID == id {
			return &doc.Conditions[i]
		}
	}
	t.Fatalf("there is no condition %s", id)
	return nil
}

// plain is a zone of 4 × 4 units with another zone 20 units east, whole layers
// of farmland and redline far from what is added, and the urban boundary around
// all of it.
func plain() world {
	return world{
		zones: []thing{{box(0, 0, 4, 4), `"code":"Z","name":"甲区","level":"provincial"`}, {box(20, 0, 24, 4), `"code":"Y","name":"乙区","filed_no":"备7"`}},
		constraints: []thing{{box(0, 8, 30, 9), `"id":"f","kind":"permanent_basic_farmland"`}, {box(0, -9, 30, -8), `"id":"r","kind":"ecological_redline"`},
			{box(-5, -10, 30, 10), `"id":"u","kind":"urban_development_boundary"`}, {box(4, -9, 30, 9), `"id":"e","kind":"evidence"`},
			{box(-5, -10, -4, -9.5), `"id":"f0","kind":"permanent_basic_farmland"`}, {box(-5, 9.5, -4, 10), `"id":"r0","kind":"ecological_redline"`}},
		parcels: []thing{{box(0, 0, 2, 4), `"id":"p1","use_code":"1001","approved_on":"2015-01-01","supplied_on":"2016-01-01","completed_on":"2018-01-01"`}},
	}
}

const (
	yes = land.Satisfied
	no  = land.Violated
	dk  = land.Incomputable
	na  = land.NotApplicable
)

func TestConditions(t *testing.T) {
	layerless := plain()
	layerless.constraints = nil
	alone := plain()
	alone.zones = alone.zones[:1]
	elsewhere := plain()
	elsewhere.constraints[0].shape, elsewhere.constraints[4].shape = box(100, 100, 101, 101), box(102, 100, 103, 101)
	nameless := plain()
	nameless.constraints = append(nameless.constraints, thing{box(-5, -10, 30, 10), `"id":"x"`})
	broken := plain()
	broken.constraints = append(broken.constraints, thing{"POLYGON((0 0,1 1,1 0,0 1,0 0))", `"id":"x","kind":"permanent_basic_farmland"`})
	big := box(4, -8.5, 6, 8.5) // reaches half a unit into farmland and redline
	for _, c := range []struct {
		name   string
		world  world
		pieces []thing
		member string
		want   map[string]land.Outcome
	}{
		{"nothing is wrong", plain(), []thing{{box(4, 0, 6, 4), ""}}, `"kind":"enlargement"`,
			map[string]land.Outcome{"farmland": yes, "redline": yes, "urban_boundary": yes, "other_zones": yes, "contiguity": yes, "balance_drawn": yes, "balance_stated": na}},
		{"farmland and redline", plain(), []thing{{big, ""}}, `"kind":"enlargement"`, map[string]land.Outcome{"farmland": no, "redline": no, "urban_boundary": yes, "contiguity": yes}},
		{"outside the urban boundary", plain(), []thing{{box(4, 0, 31, 1), ""}}, `"kind":"enlargement"`, map[string]land.Outcome{"urban_boundary": no, "other_zones": no}},
		{"no layer is loaded", layerless, []thing{{box(4, 0, 6, 4), ""}}, `"kind":"enlargement"`, map[string]land.Outcome{"farmland": dk, "redline": dk, "urban_boundary": dk, "other_zones": yes}},
		{"no layer is loaded, and there is none", layerless, []thing{{box(4, 0, 6, 4), ""}}, `"kind":"enlargement","complete":["ecological_redline"]`, map[string]land.Outcome{"farmland": dk, "redline": yes}},
		{"the layer is of another place", elsewhere, []thing{{box(4, 0, 6, 4), ""}}, `"kind":"enlargement"`, map[string]land.Outcome{"farmland": dk, "redline": yes}},
		{"a constraint is of unknown kind", nameless, []thing{{box(4, 0, 6, 4), ""}}, `"kind":"enlargement"`, map[string]land.Outcome{"farmland": dk, "redline": dk}},
		{"a constraint was refused", broken, []thing{{box(4, 0, 6, 4), ""}}, `"kind":"enlargement"`, map[string]land.Outcome{"farmland": dk, "redline": dk}},
		{"what is there fails, whatever was refused", broken, []thing{{big, ""}}, `"kind":"enlargement"`, map[string]land.Outcome{"farmland": no, "redline": no}},
		{"no other zone is loaded", alone, []thing{{box(4, 0, 6, 4), ""}}, `"kind":"enlargement"`, map[string]land.Outcome{"other_zones": dk}},
		{"there is no other zone", alone, []thing{{box(4, 0, 6, 4), ""}}, `"kind":"enlargement","complete":["zones"]`, map[string]land.Outcome{"other_zones": yes}},
		{"a piece lies apart", plain(), []thing{{box(4, 0, 6, 4), ""}, {box(7, 0, 8, 4), ""}}, `"kind":"enlargement"`, map[string]land.Outcome{"contiguity": no}},
		{"a piece over another one", plain(), []thing{{box(6, 0, 8, 4), ""}, {box(4, 0, 6, 4), ""}}, `"kind":"enlargement"`, map[string]land.Outcome{"contiguity": yes}},
		{"an extension area may lie apart", plain(), []thing{{box(7, 0, 8, 4), ""}}, `"kind":"inclusion","filed_no":"备1"`, map[string]land.Outcome{"contiguity": na, "boundary_filed": yes}},
		{"a zone is taken in", plain(), []thing{{box(20, 0, 24, 4), ""}}, `"kind":"inclusion","includes":["Y"]`, map[string]land.Outcome{"other_zones": yes, "boundary_filed": yes}},
		{"what is taken in isn't filed as far as known", plain(), []thing{{box(7, 0, 8, 4), ""}}, `"kind":"inclusion"`, map[string]land.Outcome{"boundary_filed": dk}},
		{"the piece lies in the zone already", plain(), []thing{{box(3, 0, 6, 4), ""}}, `"kind":"enlargement"`, map[string]land.Outcome{"balance_drawn": no, "farmland": yes}},
		{"what is taken out isn't in the zone", plain(), []thing{{box(4, 0, 6, 4), ""}, {box(-1, 0, 1, 1), `"part":"removed"`}}, `"kind":"adjustment"`, map[string]land.Outcome{"balance_drawn": no}},
		{"added and taken out", plain(), []thing{{box(4, 0, 6, 4), ""}, {box(0, 0, 1, 1), `"part":"removed"`}}, `"kind":"adjustment"`, map[string]land.Outcome{"balance_drawn": yes}},
		{"the whole new boundary", plain(), []thing{{box(1, 0, 6, 4), `"part":"whole"`}}, `"kind":"adjustment"`, map[string]land.Outcome{"balance_drawn": yes, "contiguity": yes}},
		{"an upgrade looks at the zone", plain(), []thing{{box(4, 0, 6, 4), ""}}, `"kind":"upgrade"`, map[string]land.Outcome{"upgrade_level": yes, "farmland": yes}},
		{"a provincial letter that rounds", plain(), []thing{{box(4, 0, 6, 4), ""}}, `"kind":"enlargement","stated":{"old_ha":152.1,"added_ha":742.35,"removed_ha":15.16,"new_ha":879.28}`, map[string]land.Outcome{"balance_stated": yes}},
		{"and one that doesn't add up", plain(), []thing{{box(4, 0, 6, 4), ""}}, `"kind":"enlargement","stated":{"old_ha":152.1,"added_ha":742.35,"removed_ha":15.16,"new_ha":879.27}`, map[string]land.Outcome{"balance_stated": no}},
		{"a figure is missing", plain(), []thing{{box(4, 0, 6, 4), ""}}, `"kind":"enlargement","stated":{"added_ha":742.35,"new_ha":879.27}`, map[string]land.Outcome{"balance_stated": dk}},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := checked(t, c.world, applied(t, c.pieces, `"application":{`+c.member+`},`))
			got := outcomes(doc)
			for _, id := range slices.Sorted(maps.Keys(c.want)) {
				if got[id] != c.want[id] {
					t.Errorf("%s is %s, want %s: %s", id, got[id], c.want[id], condition(t, doc, id).Reason.Text.EN)
				}
			}
			want := land.Satisfied
			for _, o := range got {
				if o == no || o == dk && want != no {
					want = o
				}
			}
			if doc.Outcome != want {
				t.Errorf("the whole is %s, want %s", doc.Outcome, want)
			}
			for _, cond := range doc.Conditions {
				if cond.Outcome == dk && len(cond.Missing) == 0 {
					t.Errorf("%s can't be judged and says nothing of what is missing", cond.ID)
				}
				if cond.Reason.Text.ZH == "" || strings.HasPrefix(cond.Reason.Text.EN, "expansion.") || strings.Contains(cond.Reason.Text.EN+cond.Arithmetic.EN+cond.Arithmetic.ZH, "%!") || len(cond.Basis) == 0 {
					t.Errorf("%s: reason %+v, arithmetic %+v, basis %v", cond.ID, cond.Reason, cond.Arithmetic, cond.Basis)
				}
			}
		})
	}
}

// Areas by hand: the overlap of two boxes is a box.
func TestOverlapAreas(t *testing.T) {
	doc := checked(t, plain(), applied(t, []thing{{box(4, -8.5, 6, 8.5), ""}}, `"application":{"kind":"enlargement"},`))
	for id, want := range map[string]string{"farmland": box(4, 8, 6, 8.5), "redline": box(4, -8.5, 6, -8)} {
		c := condition(t, doc, id)
		m2 := geo.AreaM2(shape(t, want))
		if math.Abs(c.Area.M2.Float()-m2) > 1e-3 || c.Count != 1 || len(c.Pieces) != 1 || c.Pieces[0].ID == "" {
			t.Errorf("%s: %+v, want %f m² in one piece", id, c.Area, m2)
		}
		if mu := c.Area.Mu.Float(); math.Abs(mu-m2*15/10000) > 1e-6 {
			t.Errorf("%s: %f mu", id, mu)
		}
	}
	trimmed := doc.Trimmed
	if trimmed == nil {
		t.Fatal("nothing is trimmed")
	}
	if want := geo.AreaM2(shape(t, box(4, -8, 6, 8))); math.Abs(trimmed.Left.M2.Float()-want) > 1e-2 || len(trimmed.Off) != 2 {
		t.Errorf("%f m² are left, want %f; taken off %v", trimmed.Left.M2.Float(), want, trimmed.Off)
	}
}

// Overlapping constraints count each square metre once.
func TestOverlapCountsOnce(t *testing.T) {
	w := plain()
	w.constraints = append(w.constraints, thing{box(5, 0, 6, 2), `"id":"f2","kind":"permanent_basic_farmland"`}, thing{box(5, 1, 6, 3), `"id":"f3","kind":"permanent_basic_farmland"`})
	c := condition(t, checked(t, w, applied(t, []thing{{box(4, 0, 6, 4), ""}}, `"application":{"kind":"enlargement"},`)), "farmland")
	if want := geo.AreaM2(shape(t, box(5, 0, 6, 3))); math.Abs(c.Area.M2.Float()-want) > 1e-2 || c.Count != 2 {
		t.Errorf("%f m² in %d pieces, want %f in 2", c.Area.M2.Float(), c.Count, want)
	}
}

func TestApplicationFaults(t *testing.T) {
	for _, c := range []struct{ member, code string }{
		{`"kind":"annexation"`, "kind"}, {`"kind":"enlargement","includes":["W"]`, "no_included_zone"}, {`"kind":"enlargement","zone":"W"`, "no_zone"},
		{`"kind":"enlargement","complete":["clouds"]`, "complete"}, {`"kind":"enlargement","stated":{"old_ha":-1}`, "stated"},
		{`"kind":"enlargement","changes":[{"parcel":"p1","field":"supplied_on","value":"someday"}]`, "change_unreadable"},
		{`"kind":"enlargement","changes":[{"parcel":"p1","field":"id","value":"p2"}]`, "change_unreadable"},
		{`"kind":"enlargement","changes":[{"parcel":"p9","field":"supplied_on","value":"2020-01-01"}]`, "no_such_parcel"},
	} {
		a := applied(t, []thing{{box(4, 0, 6, 4), ""}}, `"application":{`+c.member+`},`)
		_, err := expansion.Check(context.Background(), plain().load(t), a, expansion.Options{AsOf: day(t, "2026-06-30")})
		e, ok := expansion.Refused(err)
		if !ok || !errors.Is(err, expansion.ErrApplication) || e.Faults[0].Code != c.code || e.Message("zh") == e.Message("en") {
			t.Errorf("%s: %v, want %s", c.member, err, c.code)
		}
	}
}
