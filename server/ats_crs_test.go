package server_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	crs84  = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	epsgAt = "http://www.opengis.net/def/crs/EPSG/0/"
)

// atsCRS is the abstract test suite of OGC 18-058r1 (Features part 2).
func atsCRS() []abstractTest {
	class := []string{"ogcapi-features-2/crs"}
	test := func(name string, check func(*testing.T, *ats)) abstractTest {
		return abstractTest{"features-2: /conf/crs/" + name, class, check}
	}
	return []abstractTest{
		test("crs-uri", func(t *testing.T, a *ats) {
			for _, c := range a.features() {
				for _, uri := range append(slices.Clone(c.CRS), c.StorageCRS) {
					if !strings.HasPrefix(uri, "http://www.opengis.net/def/crs/") {
						t.Errorf("%s: CRS %q", c.ID, uri)
					}
				}
				for _, want := range []string{crs84, epsgAt + "4326", epsgAt + "4490", epsgAt + "3857"} {
					if !slices.Contains(c.CRS, want) {
						t.Errorf("%s: no CRS %s", c.ID, want)
					}
				}
				if c.ID == "parcels" && !slices.ContainsFunc(c.CRS, func(uri string) bool { return strings.HasPrefix(uri, epsgAt+"45") }) {
					t.Errorf("parcels: no Gauss-Krüger zone among %v", c.CRS)
				}
			}
		}),
		test("fc-md-storageCrs-valid-value", func(t *testing.T, a *ats) {
			for _, c := range a.features() {
				if !slices.Contains(c.CRS, c.StorageCRS) {
					t.Errorf("%s: storageCrs %q is none of its CRS", c.ID, c.StorageCRS)
				}
			}
		}),
		test("crs-parameter", func(t *testing.T, a *ats) {
			for _, path := range []string{itemsPath, itemPath} {
				hasStyle(t, a.parameter(t, path, "crs"), false)
			}
			hasStyle(t, a.parameter(t, itemsPath, "bbox-crs"), false)
		}),
		test("fc-crs-valid-value", func(t *testing.T, a *ats) {
			a.refused(t, "/collections/parcels/items?crs="+esc(epsgAt+"27700"), 400)
			a.refused(t, "/collections/parcels/items?bbox=1,2,3,4&bbox-crs="+esc(epsgAt+"27700"), 400)
		}),
		test("crs-default", func(t *testing.T, a *ats) {
			w := a.get(t, "/collections/parcels/items?limit=1")
			if got := w.header.Get("Content-Crs"); got != "<"+crs84+">" {
				t.Errorf("Content-Crs %q", got)
			}
		}),
		test("crs-action", atsCRSAction), test("bbox-crs-action", atsBBoxCRS),
		test("ogc-crs-header", func(t *testing.T, a *ats) {
			for _, c := range a.features() {
				for _, uri := range c.CRS {
					w := a.get(t, "/collections/"+c.ID+"/items?limit=1&crs="+esc(uri))
					if w.status != 200 || w.header.Get("Content-Crs") != "<"+uri+">" {
						t.Errorf("%s in %s: %d, Content-Crs %q", c.ID, uri, w.status, w.header.Get("Content-Crs"))
					}
				}
			}
		}),
	}
}

// atsCRSAction holds the coordinates of one parcel in every CRS against what
// PROJ makes of its longitude and latitude.
func atsCRSAction(t *testing.T, a *ats) {
	from := firstRing(t, a.page(t, "/collections/parcels/items?limit=1"))
	for _, c := range a.features() {
		if c.ID != "parcels" {
			continue
		}
		for _, uri := range c.CRS {
			got := firstRing(t, a.page(t, "/collections/parcels/items?limit=1&crs="+esc(uri)))
			want, eps := from, 1e-9
			if code, ok := strings.CutPrefix(uri, epsgAt); ok {
				want, eps = project(t, code, from), 1e-3
				if slices.Contains([]string{"4326", "4490"}, code) {
					eps = 1e-8
				}
			}
			if len(got) != len(want) {
				t.Fatalf("%s: %d points, not %d", uri, len(got), len(want))
			}
			for i := range got {
				if math.Abs(got[i][0]-want[i][0]) > eps || math.Abs(got[i][1]-want[i][1]) > eps {
					t.Errorf("%s: point %d is %v, by PROJ %v", uri, i, got[i], want[i])
					break
				}
			}
		}
	}
}

// project asks PROJ for points of longitude and latitude in a CRS, in the axis
// order of its authority.
func project(t *testing.T, code string, points [][2]float64) [][2]float64 {
	t.Helper()
	from := "EPSG:4490"
	if code == "4326" || code == "3857" {
		from = "EPSG:4326" // CGCS2000 is taken as WGS 84
	}
	if code == "4490" || code == "4326" {
		out := make([][2]float64, len(points))
		for i, p := range points {
			out[i] = [2]float64{p[1], p[0]} // latitude first: what the authority says, and nothing to compute
		}
		return out
	}
	var in strings.Builder
	for _, p := range points {
		fmt.Fprintf(&in, "%.12f %.12f\n", p[1], p[0])
	}
	cmd := exec.CommandContext(t.Context(), "cs2cs", "-f", "%.6f", from, "EPSG:"+code)
	cmd.Stdin = strings.NewReader(in.String())
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("cs2cs (Debian package proj-bin): %v", err)
	}
	var out [][2]float64
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var x, y, z float64
		if _, err := fmt.Sscan(line, &x, &y, &z); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out = append(out, [2]float64{x, y})
	}
	return out
}

func firstRing(t *testing.T, p atsPage) [][2]float64 {
	t.Helper()
	var f atsFeature
	if err := json.Unmarshal(p.Features[0], &f); err != nil {
		t.Fatal(err)
	}
	var g struct {
		Type        string
		Coordinates json.RawMessage
	}
	if err := json.Unmarshal(f.Geometry, &g); err != nil {
		t.Fatal(err)
	}
	raw := g.Coordinates
	depth := map[string]int{"Polygon": 1, "MultiPolygon": 2}[g.Type]
	for range depth {
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			t.Fatal(err)
		}
		raw = list[0]
	}
	var ring [][2]float64
	if err := json.Unmarshal(raw, &ring); err != nil {
		t.Fatalf("%s: %v", g.Type, err)
	}
	return ring
}

// atsBBoxCRS: a box in each CRS, its axes in that CRS's order, finds what the
// box in longitude and latitude finds.
func atsBBoxCRS(t *testing.T, a *ats) {
	ring := firstRing(t, a.page(t, "/collections/parcels/items?limit=1"))
	box := boxOf(ring)
	want := idsOf(a.all(t, fmt.Sprintf("/collections/parcels/items?limit=1000&bbox=%.9f,%.9f,%.9f,%.9f", box[0], box[1], box[2], box[3])))
	if len(want) == 0 {
		t.Fatal("nothing in the box")
	}
	for _, code := range []string{"4326", "4490", "3857"} {
		b := boxOf(project(t, code, [][2]float64{{box[0], box[1]}, {box[2], box[3]}}))
		target := fmt.Sprintf("/collections/parcels/items?limit=1000&bbox=%.9f,%.9f,%.9f,%.9f&bbox-crs=%s", b[0], b[1], b[2], b[3], esc(epsgAt+code))
		if got := idsOf(a.all(t, target)); !slices.Equal(got, want) {
			t.Errorf("box in EPSG:%s: %d parcels, not %d", code, len(got), len(want))
		}
	}
}

func boxOf(points [][2]float64) [4]float64 {
	b := [4]float64{points[0][0], points[0][1], points[0][0], points[0][1]}
	for _, p := range points {
		b = [4]float64{min(b[0], p[0]), min(b[1], p[1]), max(b[2], p[0]), max(b[3], p[1])}
	}
	return b
}
