package server_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os/exec"
	"strings"
	"testing"
)

// TestCRSAgainstPROJ: in every system that the collection offers, features come
// where PROJ puts them, axes in EPSG's order, and say which system that is.
func TestCRSAgainstPROJ(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	var c struct {
		CRS        []string
		StorageCRS string
		Extent     struct{ Temporal, Spatial *struct{} }
	}
	if err := json.Unmarshal(get(t, s, "/ogc/collections/parcels").Body.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.CRS) < 6 || c.StorageCRS != c.CRS[0] || c.Extent.Temporal == nil || c.Extent.Spatial == nil {
		t.Fatalf("%+v", c)
	}
	lonLat := firstShapes(t, d, "")
	seen := map[string]bool{}
	for _, uri := range c.CRS {
		seen[uri[strings.LastIndex(uri, "/")+1:]] = true
		w := get(t, s, "/ogc/collections/parcels/items?limit=20&crs="+url.QueryEscape(uri))
		if got := w.Header().Get("Content-Crs"); got != "<"+uri+">" {
			t.Errorf("Content-Crs %s, want %s", got, uri)
		}
		if uri == c.CRS[0] {
			continue
		}
		got, want := firstShapes(t, d, uri), projected(t, lonLat, "EPSG:"+uri[strings.LastIndex(uri, "/")+1:])
		for i := range want {
			if math.Abs(got[i][0]-want[i][0]) > 1e-4 || math.Abs(got[i][1]-want[i][1]) > 1e-4 {
				t.Errorf("%s: %v, PROJ says %v", uri, got[i], want[i])
				break
			}
		}
	}
	for _, code := range []string{"CRS84", "4326", "4490", "3857", "4545", "4524"} { // 108°E: three-degree zone 36
		if !seen[code] {
			t.Errorf("%s isn't offered: %v", code, c.CRS)
		}
	}
}

// TestBoxesInEverySystem: the same box, said in another system, leaves the same
// features; so does a filter with filter-crs.
func TestBoxesInEverySystem(t *testing.T) {
	d := newDistrict(t)
	const west, south, east, north = 108.421, 22.801, 108.427, 22.806
	first, _ := page(t, d, fmt.Sprintf("/ogc/collections/parcels/items?limit=1000&properties=id&bbox=%g,%g,%g,%g", west, south, east, north))
	want := map[string]bool{}
	for _, f := range first.Features {
		want[f.ID] = true
	}
	if len(want) == 0 {
		t.Fatal("nothing in the box")
	}
	for _, code := range []int{4326, 4490, 3857, 4545, 4524} {
		corners := projected(t, [][2]float64{{west, south}, {east, north}}, fmt.Sprintf("EPSG:%d", code))
		box := fmt.Sprintf("%.9f,%.9f,%.9f,%.9f", corners[0][0], corners[0][1], corners[1][0], corners[1][1])
		uri := url.QueryEscape(fmt.Sprintf("http://www.opengis.net/def/crs/EPSG/0/%d", code))
		for _, query := range []string{"bbox=" + box + "&bbox-crs=" + uri, "filter=" + url.QueryEscape("S_INTERSECTS(geometry,BBOX("+box+"))") + "&filter-crs=" + uri} {
			p, _ := page(t, d, "/ogc/collections/parcels/items?limit=1000&properties=id&"+query)
			same := 0
			for _, f := range p.Features {
				if want[f.ID] {
					same++
				}
			}
			// The sides of a box of a projected system bend: parcels on the edge may differ.
			if allowed := len(want) / 10; same < len(want)-allowed || len(p.Features) > len(want)+allowed || (code < 4500 && code != 3857 && same != len(want)) {
				t.Errorf("%d: %d features, %d of them among the %d", code, len(p.Features), same, len(want))
			}
		}
	}
}

// firstShapes are the first positions of the first parcels.
func firstShapes(t *testing.T, d *district, uri string) [][2]float64 {
	t.Helper()
	target := "/ogc/collections/parcels/items?limit=20&properties=id"
	if uri != "" {
		target += "&crs=" + url.QueryEscape(uri)
	}
	p, _ := page(t, d, target)
	var list [][2]float64
	for _, f := range p.Features {
		var g struct{ Coordinates [][][][2]float64 }
		if err := json.Unmarshal(f.Geometry, &g); err != nil {
			t.Fatal(err)
		}
		list = append(list, g.Coordinates[0][0]...)
	}
	return list
}

// projected asks PROJ, whose axes are EPSG's.
func projected(t *testing.T, lonLat [][2]float64, to string) [][2]float64 {
	t.Helper()
	var in strings.Builder
	for _, p := range lonLat {
		fmt.Fprintf(&in, "%.12f %.12f\n", p[0], p[1])
	}
	cmd := exec.CommandContext(t.Context(), "cs2cs", "-f", "%.9f", "OGC:CRS84", to)
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cs2cs: %v: the tests need PROJ (apt-get install proj-bin)", err)
	}
	list := make([][2]float64, 0, len(lonLat))
	for line := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n") {
		var p [2]float64
		if _, err := fmt.Sscan(line, &p[0], &p[1]); err != nil {
			t.Fatalf("cs2cs says %q: %v", line, err)
		}
		list = append(list, p)
	}
	return list
}
