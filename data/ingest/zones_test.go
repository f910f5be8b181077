package ingest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
)

// cellM2 is the area of square(0, 0) and its neighbours to a ppm or so.
const cellM2 = 11435.0

func loadZoneText(t *testing.T, features ...string) (*Result, []ZoneRow, *told, error) {
	t.Helper()
	said := &told{}
	opt := Options{Files: []File{text("z.geojson", collection(features...))}, MaxRejects: NoLimit}
	said.listen(&opt)
	res, rows, err := LoadZones(context.Background(), opt, newMemory())
	if res != nil && res.Features() != res.Loaded()+res.Rejected() {
		t.Errorf("features %d, loaded %d, rejected %d", res.Features(), res.Loaded(), res.Rejected())
	}
	return res, rows, said, err
}

func zoneFeature(code, more string, coordinates string) string {
	return feature(`"code":"`+code+`","name":"区`+code+`"`+more, coordinates)
}

// TestZones gives zones and their cells: code@scope cells pieces part_of.
func TestZones(t *testing.T) {
	for _, c := range []struct {
		name     string
		features []string
		want     []string
		said     []string
	}{
		{"one", []string{zoneFeature("A", "", square(0, 0))}, []string{"A 1 1"}, nil},
		{"pieces", []string{zoneFeature("A", "", square(0, 0)), zoneFeature("B", "", square(9, 9)), zoneFeature("A", "", square(4, 0))},
			[]string{"A 2 2", "B 1 1"}, nil},
		{"pieces that meet", []string{zoneFeature("A", "", square(0, 0)), zoneFeature("A", "", square(1, 0))}, []string{"A 2 2"}, nil},
		{"pieces that overlap", []string{zoneFeature("A", "", box(0, 0, 2, 1)), zoneFeature("A", "", box(1, 0, 2, 1))}, []string{"A 3 2"}, nil},
		{"a piece that says more", []string{zoneFeature("A", "", square(0, 0)), zoneFeature("A", `,"level":"国家级"`, square(4, 0))}, []string{"A 2 2"}, nil},
		{"two outlines", []string{zoneFeature("A", "", square(0, 0)), zoneFeature("A", `,"boundary_scope":"managed"`, box(0, 0, 3, 1))},
			[]string{"A 1 1", "A@managed 3 1"}, nil},
		{"zones that overlap", []string{zoneFeature("B", "", square(0, 0)), zoneFeature("A", "", square(0, 0))}, []string{"A 1 1", "B 1 1"}, nil},
		{"parks", []string{zoneFeature("P2", `,"part_of":"P1"`, square(6, 0)), zoneFeature("P1", `,"part_of":"A"`, square(3, 0)), zoneFeature("A", "", square(0, 0))},
			[]string{"A 3 1", "P1 2 1 A", "P2 1 1 P1"}, nil},
		{"a park inside its zone", []string{zoneFeature("A", "", box(0, 0, 3, 1)), zoneFeature("P", `,"part_of":"A"`, square(1, 0))},
			[]string{"A 3 1", "P 1 1 A"}, nil},
		{"a park of the other outline", []string{zoneFeature("A", `,"boundary_scope":"managed"`, square(0, 0)), zoneFeature("P", `,"part_of":"A"`, square(3, 0))},
			[]string{"A@managed 2 1", "P 1 1 A"}, nil},
		{"pieces that differ", []string{zoneFeature("A", `,"level":"national"`, square(0, 0)), zoneFeature("B", "", square(9, 9)), zoneFeature("A", `,"level":"provincial"`, square(4, 0))},
			[]string{"B 1 1"}, []string{"1 A level zone.pieces_differ", "3 A level zone.pieces_differ"}},
		{"unknown parent", []string{zoneFeature("A", "", square(0, 0)), zoneFeature("P", `,"part_of":"X"`, square(3, 0)), zoneFeature("Q", `,"part_of":"P"`, square(6, 0))},
			[]string{"A 1 1"}, []string{"2 P part_of zone.unknown_parent", "3 Q part_of zone.unknown_parent"}},
		{"part of itself", []string{zoneFeature("A", "", square(0, 0)), zoneFeature("P", `,"part_of":"P"`, square(3, 0))},
			[]string{"A 1 1"}, []string{"2 P part_of zone.cycle"}},
		{"cycle", []string{zoneFeature("A", "", square(0, 0)), zoneFeature("P", `,"part_of":"Q"`, square(3, 0)), zoneFeature("Q", `,"part_of":"P"`, square(6, 0)),
			zoneFeature("R", `,"part_of":"Q"`, square(8, 0))},
			[]string{"A 1 1"}, []string{"2 P part_of zone.cycle", "3 Q part_of zone.cycle", "4 R part_of zone.unknown_parent"}},
		{"no name, no code", []string{zoneFeature("A", "", square(0, 0)), feature(`"code":"B"`, square(0, 0)), feature(`"name":"C"`, square(0, 0))},
			[]string{"A 1 1"}, []string{"2 B name name.missing", "3 code code.missing"}},
		{"unknown outline", []string{zoneFeature("A", "", square(0, 0)), zoneFeature("B", `,"boundary_scope":"planned"`, square(0, 0))},
			[]string{"A 1 1"}, []string{"2 B boundary_scope field.unknown_word", "2 B boundary_scope zone.scope_unknown"}},
		{"code as a number", []string{feature(`"code":450101,"name":"x","province":45`, square(0, 0))}, []string{"450101 1 1"}, nil},
	} {
		_, rows, said, err := loadZoneText(t, c.features...)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, r := range rows {
			cells := r.Zone.AreaM2.Float() / cellM2
			if math.Abs(cells-math.Round(cells)) > 0.001 || len(geo.Validate(r.Geometry)) > 0 {
				t.Errorf("%s: %s has %f cells, %v", c.name, r.Zone.Code, cells, geo.Validate(r.Geometry))
			}
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %.0f %d %s", r.Zone.Key(), cells, r.Zone.Pieces, r.Zone.PartOf)))
		}
		if !slices.Equal(got, c.want) || !slices.Equal(said.lines, c.said) {
			t.Errorf("%s: %q, want %q; said %q, want %q", c.name, got, c.want, said.lines, c.said)
		}
	}
}

func TestZoneLevel(t *testing.T) {
	for _, c := range []struct{ properties, want string }{
		{`,"level":"市级","province":"310000"`, "provincial"},
		{`,"level":"市级","province":31`, "provincial"},
		{`,"level":"市级","province":"450000"`, "municipal"},
		{`,"level":"自治区级","province":"450000"`, "provincial"},
		{`,"level":"国家级"`, "national"},
		{`,"level":"provincial"`, "provincial"},
		{``, ""},
	} {
		_, rows, _, err := loadZoneText(t, zoneFeature("A", c.properties, square(0, 0)))
		if err != nil || rows[0].Zone.Level != c.want {
			t.Errorf("%s: %v, %+v, want %s", c.properties, err, rows, c.want)
		}
	}
}

func TestZonesNothing(t *testing.T) {
	for _, features := range [][]string{{}, {feature(`"name":"x"`, square(0, 0))},
		{zoneFeature("P", `,"part_of":"Q"`, square(0, 0)), zoneFeature("Q", `,"part_of":"P"`, square(3, 0))}} {
		if _, _, _, err := loadZoneText(t, features...); !errors.Is(err, ErrRefused) {
			t.Errorf("%v", err)
		}
	}
}

func cells(x, y, w, h float64) orb.MultiPolygon {
	x, y, w, h = 108+x/1000, 22+y/1000, w/1000, h/1000
	return orb.MultiPolygon{{{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}, {x, y}}}}
}

func zoneRow(code string, scope land.Scope, partOf string, mp orb.MultiPolygon) ZoneRow {
	return ZoneRow{Zone: &land.Zone{Code: code, Scope: scope, PartOf: partOf}, Geometry: mp}
}

// TestLocate: zones A (0–4) and B (2–6) overlap, P is a park in A, M is the
// managed outline of A, all one cell high.
func TestLocate(t *testing.T) {
	l, err := NewLocator([]ZoneRow{
		zoneRow("B", land.ScopeApproved, "", cells(2, 0, 4, 1)),
		zoneRow("A", land.ScopeManaged, "", cells(0, 0, 8, 1)),
		zoneRow("A", land.ScopeApproved, "", cells(0, 0, 4, 1)),
		zoneRow("P", land.ScopeApproved, "A", cells(1, 0, 2, 1)),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		parcel orb.MultiPolygon
		want   []string // zone share set-share, * at home
	}{
		{"in A alone", cells(0, 0, 1, 1), []string{"A 1.00 1.00*", "A@managed 1.00 1.00"}},
		{"in A and its park", cells(1.2, 0, 0.5, 1), []string{"A 1.00 1.00*", "A@managed 1.00 1.00", "P 1.00 0.00"}},
		{"in both", cells(3, 0, 1, 1), []string{"A 1.00 1.00*", "A@managed 1.00 1.00", "B 1.00 0.00"}},
		{"mostly in B", cells(3, 0, 2, 1), []string{"A 0.50 0.50", "A@managed 1.00 1.00", "B 1.00 0.50*"}},
		{"half of B covered by A", cells(3.5, 0, 1, 1), []string{"A 0.50 0.50", "A@managed 1.00 1.00", "B 1.00 0.50*"}},
		{"from A over B to outside", cells(1, 0, 10, 1), []string{"A 0.30 0.30", "A@managed 0.70 0.70", "B 0.40 0.20*", "P 0.20 0.00"}},
		{"in the managed outline alone", cells(6.5, 0, 1, 1), []string{"A@managed 1.00 1.00*"}},
		{"outside", cells(20, 0, 1, 1), []string{" 1.00 1.00*"}},
		{"along the border", cells(0, 1, 1, 1), []string{" 1.00 1.00*"}},
	} {
		in, err := l.Locate(c.parcel, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		var sum land.Fixed
		for _, at := range in {
			s := fmt.Sprintf("%s %.2f %.2f", at.Zone, at.Share, at.SetShare)
			if at.Home {
				s += "*"
			}
			got = append(got, s)
			sum += at.EllipsoidM2
		}
		if !slices.Equal(got, c.want) || sum <= 0 {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	none, err := NewLocator(nil)
	if err != nil {
		t.Fatal(err)
	}
	if in, err := none.Locate(cells(0, 0, 1, 1), 0); err != nil || len(in) != 1 || !in[0].Home || in[0].Share != 1 || in[0].Zone != (land.ZoneKey{}) {
		t.Errorf("%+v %v", in, err)
	}
}

// TestSetSharesOnce: whatever zones overlap, the set shares of a scope cover
// exactly what their union covers of a parcel.
func TestSetSharesOnce(t *testing.T) {
	l, err := NewLocator([]ZoneRow{
		zoneRow("A", land.ScopeApproved, "", cells(0, 0, 5, 5)),
		zoneRow("B", land.ScopeApproved, "", cells(3, 3, 5, 5)),
		zoneRow("C", land.ScopeApproved, "", cells(4, 0, 5, 5)),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		x, y := float64(i%10)*0.87, float64(i/10)*0.87
		in, err := l.Locate(cells(x, y, 1.3, 1.1), 0)
		if err != nil {
			t.Fatal(err)
		}
		got := 0.0
		for _, at := range in {
			if at.Zone != (land.ZoneKey{}) {
				got += at.SetShare
			}
		}
		// The share by counting on a fine grid.
		const n = 200
		inside := 0
		for k := range n * n {
			px, py := x+1.3*(float64(k%n)+0.5)/n, y+1.1*(float64(k/n)+0.5)/n
			in := func(zx, zy float64) bool { return px > zx && px < zx+5 && py > zy && py < zy+5 }
			if in(0, 0) || in(3, 3) || in(4, 0) {
				inside++
			}
		}
		if want := float64(inside) / n / n; math.Abs(got-want) > 0.01 {
			t.Errorf("parcel at %.2f %.2f: set shares add up to %.4f, want %.4f: %+v", x, y, got, want, in)
		}
	}
}

func TestDeclaredZone(t *testing.T) {
	l, err := NewLocator([]ZoneRow{zoneRow("A", land.ScopeApproved, "", cells(0, 0, 4, 4)), zoneRow("B", land.ScopeApproved, "", cells(4, 0, 4, 4))})
	if err != nil {
		t.Fatal(err)
	}
	said := &told{}
	opt := Options{MaxRejects: NoLimit, Files: []File{text("p", collection(
		feature(`"id":"1","zone":"A"`, square(1, 1)), feature(`"id":"2","zone":"B"`, square(1, 2)),
		feature(`"id":"3","zone":"A"`, square(9, 9)), feature(`"id":"4","zone":"B"`, box(3, 0, 2, 1)), feature(`"id":"5"`, square(9, 9))))}}
	said.listen(&opt)
	if _, err := LoadParcels(context.Background(), opt, l, newMemory()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"2 2 zone parcel.zone_differs", "3 3 zone parcel.in_no_zone"}; !slices.Equal(said.lines, want) {
		t.Errorf("said %q", said.lines)
	}
}
