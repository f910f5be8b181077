package ingest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/muscope/muscope/geo"
)

// boundaryText writes parcels as surveyors do: X is the northing, three places.
func boundaryText(t *testing.T, from *memory, head string, crs geo.CRS) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("[属性描述]\r\n" + head + "[地块坐标]\r\n")
	for position := int64(1); position <= int64(len(from.parcels)); position++ {
		p, shape := from.parcels[position], from.shapes[position]
		points, body := 0, strings.Builder{}
		for ring, r := range shape[0] {
			for i, c := range r {
				at := crs.FromLonLat(c)
				fmt.Fprintf(&body, "J%d,%d,%.3f,%.3f\r\n", i%(len(r)-1)+1, ring+1, at[1], at[0])
				points++
			}
		}
		fmt.Fprintf(&b, "%d,%.4f,%s,%s,面,,工业用地,1001,@\r\n%s", points, p.EllipsoidM2.Float()/1e4, p.ID, "地块"+p.ID, body.String())
	}
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(b.String())
	if err != nil {
		t.Fatal(err)
	}
	return gbk
}

// TestBoundaryText: the sample's parcels as boundary text are the sample's
// parcels: same ids, recorded area from hectares, same land to the millimetre.
func TestBoundaryText(t *testing.T) {
	want, _ := loadFile(t, Options{Files: sample(t, "parcels.geojson"), MaxRejects: NoLimit})
	for _, c := range []struct {
		name, head, crs string
	}{
		{"zone of the head", "坐标系=2000国家大地坐标系\r\n几度分带=3\r\n计量单位=米\r\n带号=36\r\n", "EPSG:4545"},
		{"zone before the easting too", "坐标系=2000国家大地坐标系\r\n几度分带=3\r\n带号=36\r\n", "EPSG:4524"},
		{"zone before the easting alone", "坐标系=CGCS2000\r\n", "EPSG:4524"},
		{"6 degrees", "几度分带=6\r\n带号=18\r\n", "EPSG:4496"},
	} {
		crs, err := geo.ParseCRS(c.crs)
		if err != nil {
			t.Fatal(err)
		}
		content := boundaryText(t, want, c.head, crs)
		got, res := loadFile(t, Options{Files: []File{text("p.txt", content)}, MaxRejects: NoLimit})
		if res.Rejected() != 0 || len(got.parcels) != len(want.parcels) || res.Inputs[0].Settings["map"] != "boundary-text" {
			t.Fatal(c.name, res.Inputs, res.Counts)
		}
		for position, w := range want.parcels {
			g := got.parcels[position]
			if g.ID != w.ID || g.Name != "地块"+w.ID || math.Abs(g.EllipsoidM2.Float()-w.EllipsoidM2.Float()) > 1 ||
				math.Abs(g.RecordedM2.Value.Float()-w.EllipsoidM2.Float()) > 0.6 || !strings.Contains(string(g.Extra), "工业用地") {
				t.Fatalf("%s: %+v, want %+v", c.name, g, w)
			}
		}
	}
}

// TestBoundaryTextRefused: what a head can't say, and axes that are swapped.
func TestBoundaryTextRefused(t *testing.T) {
	point := func(x, y float64) string { return fmt.Sprintf("J,1,%.3f,%.3f\n", x, y) }
	file := func(head string, north, east float64) File {
		body := point(north, east) + point(north+100, east) + point(north+100, east+100) + point(north, east)
		return text("p.txt", "[属性描述]\n"+head+"[地块坐标]\n4,0.5,a,b,面,,,,@\n"+body)
	}
	for _, c := range []struct {
		head        string
		north, east float64
		want        string
	}{
		{"坐标系=80国家大地坐标系\n带号=36\n", 2.5e6, 5e5, "crs.old_datum"},
		{"坐标系=1954北京坐标系\n带号=36\n", 2.5e6, 5e5, "crs.old_datum"},
		{"坐标系=地方坐标系\n带号=36\n", 2.5e6, 5e5, "crs.unsupported"},
		{"坐标系=2000国家大地坐标系\n计量单位=千米\n带号=36\n", 2.5e6, 5e5, "crs.unsupported"},
		{"坐标系=2000国家大地坐标系\n", 2.5e6, 5e5, "boundarytext.no_zone"},
		{"坐标系=2000国家大地坐标系\n几度分带=3\n带号=99\n", 2.5e6, 5e5, "boundarytext.no_zone"},
		{"坐标系=2000国家大地坐标系\n几度分带=3\n带号=35\n", 2.5e6, 36.5e6, "boundarytext.zone_differs"},
		{"坐标系=2000国家大地坐标系\n几度分带=3\n带号=36\n", 36.5e6, 2.5e6, "boundarytext.swapped"},
		{"坐标系=2000国家大地坐标系\n几度分带=3\n带号=36\n", 5e5, 2.5e6, "crs.swapped_axes"},
	} {
		if got := refusedCode(t, file(c.head, c.north, c.east)); got != c.want {
			t.Errorf("%q: %s, want %s", c.head, got, c.want)
		}
	}
	opt := Options{Files: []File{file("几度分带=3\n带号=36\n", 36.5e6, 2.5e6)}, Repair: true, MaxRejects: NoLimit}
	sink, res := loadFile(t, opt)
	if p := sink.parcels[1]; res.Counts["boundarytext.swapped_read"] != 1 || math.Abs(p.EllipsoidM2.Float()-5000) > 5 {
		t.Errorf("%v %+v", res.Counts, p)
	}
}
