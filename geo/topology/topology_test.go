package topology

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
)

// metres is a shape drawn in metres about 108°E 22.8°N, where Nanning is.
func metres(t testing.TB, text string) orb.MultiPolygon {
	t.Helper()
	g, err := wkt.Unmarshal(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	mp, ok := g.(orb.MultiPolygon)
	if !ok {
		mp = orb.MultiPolygon{g.(orb.Polygon)}
	}
	pl := planeAt(22.8)
	for _, poly := range mp {
		for _, r := range poly {
			for i, p := range r {
				r[i] = orb.Point{108 + p[0]/pl.x, 22.8 + p[1]/pl.y}
			}
		}
	}
	return mp
}

type drawn struct {
	kind Kind
	id   string
	wkt  string
}

// told runs a checker over shapes and gives "code A B", with areas in whole m², in order.
func told(t testing.TB, tol Tolerance, list []drawn) []string {
	t.Helper()
	var shapes []*Shape
	for i, d := range list {
		shapes = append(shapes, &Shape{Ref: Ref{Kind: d.kind, ID: d.id, Feature: int64(i + 1)}, Gaps: d.kind == Zone, MP: metres(t, d.wkt)})
	}
	var out []string
	for _, f := range check(t, tol, shapes) {
		line := strings.TrimSpace(string(f.Code) + " " + f.A.ID + " " + f.B.ID)
		if f.AreaM2 > 0 {
			line += " " + strings.TrimSuffix(strings.TrimRight(formatArea(f.AreaM2), "0"), ".")
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

func formatArea(a float64) string { return strings.TrimSpace(fmtFloat(math.Round(a))) }

func check(t testing.TB, tol Tolerance, shapes []*Shape) []Finding {
	t.Helper()
	slices.SortStableFunc(shapes, func(a, b *Shape) int {
		return int(math.Copysign(1, a.MP.Bound().Min[0]-b.MP.Bound().Min[0]))
	})
	var out []Finding
	c, err := NewChecker(tol, haveOf(shapes), func(f *Finding) error {
		out = append(out, *f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shapes {
		if err := c.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFindings(t *testing.T) {
	square := "POLYGON((0 0,100 0,100 100,0 100,0 0))"
	for _, tt := range []struct {
		name string
		list []drawn
		want []string
	}{
		{"one parcel", []drawn{{Parcel, "a", square}}, nil},
		{"neighbours on one line", []drawn{{Parcel, "a", square}, {Parcel, "b", "POLYGON((100 0,200 0,200 100,100 100,100 0))"}}, nil},
		{"neighbours that touch in a point", []drawn{{Parcel, "a", square}, {Parcel, "b", "POLYGON((100 100,200 100,200 200,100 200,100 100))"}}, nil},
		{"an overlap within the tolerance", []drawn{{Parcel, "a", square}, {Parcel, "b", "POLYGON((99.98 0,200 0,200 100,99.98 100,99.98 0))"}}, nil},
		{"an overlap beyond it", []drawn{{Parcel, "a", square}, {Parcel, "b", "POLYGON((99 0,200 0,200 100,99 100,99 0))"}}, []string{"overlap a b 100"}},
		{"equal", []drawn{{Parcel, "a", square}, {Parcel, "b", "POLYGON((0.01 0,100 0,100 100,0 100,0.01 0))"}}, []string{"duplicate a b 9999"}},
		{"contained", []drawn{{Parcel, "a", "POLYGON((10 10,20 10,20 20,10 20,10 10))"}, {Parcel, "b", square}}, []string{"contained b a 100"}},
		{"contained along the line", []drawn{{Parcel, "a", square}, {Parcel, "b", "POLYGON((0 0,50 0,50 100,0 100,0 0))"}}, []string{"contained a b 5000"}},
		{"in a hole", []drawn{{Parcel, "a", "POLYGON((0 0,100 0,100 100,0 100,0 0),(10 10,10 20,20 20,20 10,10 10))"},
			{Parcel, "b", "POLYGON((10 10,20 10,20 20,10 20,10 10))"}}, nil},
		{"repeated vertices", []drawn{{Parcel, "a", "POLYGON((0 0,100 0,100.01 0.01,100 100,0 100,0 0))"}}, []string{"repeated_vertices a"}},
		{"a spike", []drawn{{Parcel, "a", "POLYGON((0 0,100 0,100 50,130 50.005,100 50.01,100 100,0 100,0 0))"}},
			[]string{"repeated_vertices a"}[:0:0]},
		{"a sliver", []drawn{{Parcel, "a", "MULTIPOLYGON(((0 0,100 0,100 100,0 100,0 0)),((200 0,200.1 0,200.1 100,200 100,200 0)))"}}, []string{"sliver a 10"}},
		{"gaps", []drawn{{Zone, "z", square}, {Parcel, "a", "POLYGON((0 0,40 0,40 100,0 100,0 0))"},
			{Parcel, "b", "POLYGON((42 0,100 0,100 100,42.01 100,42 0))"}}, []string{"gap z 200"}},
		{"a gap within the tolerance", []drawn{{Zone, "z", square}, {Parcel, "a", "POLYGON((0 0,40 0,40 100,0 100,0 0))"},
			{Parcel, "b", "POLYGON((40.02 0,100 0,100 100,40.02 100,40.02 0))"}}, nil},
		{"unclaimed land is no gap", []drawn{{Zone, "z", "POLYGON((0 0,1000 0,1000 1000,0 1000,0 0))"}, {Parcel, "a", square}}, nil},
		{"across the line", []drawn{{Zone, "z", square}, {Parcel, "a", "POLYGON((0 0,110 0,110 100,0 100,0 0))"}}, []string{"across_line a z 1000"}},
		{"outside", []drawn{{Zone, "z", square}, {Parcel, "in", square}, {Parcel, "a", "POLYGON((100 0,110 0,110 100,100 100,100 0))"}},
			[]string{"outside_zones a 1000"}},
		{"outside, west of every zone", []drawn{{Zone, "z", square}, {Parcel, "in", square}, {Parcel, "a", "POLYGON((-100 0,-90 0,-90 100,-100 100,-100 0))"}},
			[]string{"outside_zones a 1000"}},
		{"a zone that begins further east", []drawn{{Zone, "z", "POLYGON((50 0,100 0,100 100,50 100,50 0))"}, {Parcel, "a", square}}, []string{"across_line a z 5000"}},
		{"buildings", []drawn{{Parcel, "a", square}, {Parcel, "b", "POLYGON((100 0,200 0,200 100,100 100,100 0))"},
			{Building, "on", "POLYGON((10 10,20 10,20 20,10 20,10 10))"}, {Building, "two", "POLYGON((90 10,120 10,120 20,90 20,90 10))"},
			{Building, "out", "POLYGON((190 10,220 10,220 20,190 20,190 10))"}, {Building, "off", "POLYGON((290 10,320 10,320 20,290 20,290 10))"}},
			[]string{"building_off_parcels off 300", "building_sticks_out out 200", "building_straddles two 100"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if tt.name == "a spike" {
				want = []string{"spike a"}
			}
			slices.Sort(want)
			if got := told(t, Usual(), tt.list); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func fmtFloat(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func haveOf(shapes []*Shape) (have Have) {
	for _, s := range shapes {
		have.Zones = have.Zones || s.Kind == Zone
		have.Parcels = have.Parcels || s.Kind == Parcel
	}
	return have
}
