package ogcapi

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/muscope/muscope/geo"
	"github.com/paulmach/orb"
)

const (
	crs84URI = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	epsgURI  = "http://www.opengis.net/def/crs/EPSG/0/"
)

// crs is a coordinate reference system as OGC API writes it: by URI, with the
// axis order of its authority.
type crs struct {
	geo.CRS
	uri    string
	swaps  bool // latitude or northing comes first
	digits int  // decimals that are written; -1 is as many as the number has
}

// crsNamed reads the name of a system: its URI, EPSG:n, or a safe CURIE.
func crsNamed(name string) (crs, error) {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	c, err := geo.ParseCRS(name)
	if err != nil {
		return crs{}, err
	}
	return crsOf(c), nil
}

// crsOf gives a system its URI and axis order. EPSG puts latitude before
// longitude in 4326 and 4490, and northing before easting in the Gauss-Krüger
// systems of CGCS2000 (4491 to 4554).
func crsOf(c geo.CRS) crs {
	out := crs{CRS: c, uri: crs84URI, digits: -1}
	if n := c.EPSG(); n != 0 {
		out.uri = fmt.Sprintf("%s%d", epsgURI, n)
		out.swaps = n == 4326 || n == 4490 || n >= 4491 && n <= 4554
		if !c.Geographic() {
			out.digits = 4 // a tenth of a millimetre
		}
	}
	return out
}

// crsList are the systems that features may be asked for in: the geographic
// ones, Web Mercator, and the three-degree Gauss-Krüger zones that the bound
// lies in, without and with zone number.
func crsList(bound *orb.Bound) []crs {
	list := []crs{crsOf(geo.CRS84())}
	for _, n := range append([]int{4326, 4490, 3857}, gaussKruger(bound)...) {
		if c, err := geo.ParseCRS(fmt.Sprintf("EPSG:%d", n)); err == nil {
			list = append(list, crsOf(c))
		}
	}
	return list
}

// gaussKruger are the EPSG codes of the three-degree zones of a bound: 4534 to
// 4554 by central meridian from 75°E on, 4513 to 4533 with the zone number.
func gaussKruger(b *orb.Bound) []int {
	if b == nil {
		return nil
	}
	zone := func(lon float64) int { return max(0, min(20, int(math.Round((lon-75)/3)))) }
	var codes []int
	for z := zone(b.Min[0]); z <= zone(b.Max[0]); z++ {
		if b.Max[0] >= 73.5 && b.Min[0] <= 136.5 {
			codes = append(codes, 4534+z, 4513+z)
		}
	}
	return codes
}

func crsURIs(list []crs) []string {
	uris := make([]string, len(list))
	for i, c := range list {
		uris[i] = c.uri
	}
	return uris
}

// within reports whether c is one of list.
func (c crs) within(list []crs) bool {
	return slices.ContainsFunc(list, func(o crs) bool { return o.uri == c.uri })
}

// lonLat brings a point, its axes in c's order, to longitude and latitude.
func (c crs) lonLat(p orb.Point) orb.Point {
	if c.swaps {
		p[0], p[1] = p[1], p[0]
	}
	return c.ToLonLat(p)
}

// place is what the numbers of longitude and latitude become in c, in its axis
// order; nil where they stay as they are.
func (c crs) place() func(x, y float64) (float64, float64) {
	switch {
	case c.Geographic() && !c.swaps:
		return nil
	case c.Geographic():
		return func(x, y float64) (float64, float64) { return y, x }
	case c.swaps:
		return func(x, y float64) (float64, float64) { p := c.FromLonLat(orb.Point{x, y}); return p[1], p[0] }
	}
	return func(x, y float64) (float64, float64) { p := c.FromLonLat(orb.Point{x, y}); return p[0], p[1] }
}

// boxEdges is in how many pieces the sides of a box of a projected system are
// cut, which are not straight in longitude and latitude.
const boxEdges = 32

// box is a box of c, by axis, in longitude and latitude; a geographic one may
// span the antimeridian and is two then.
func (c crs) box(lo, hi [2]float64) orb.Geometry {
	if c.swaps {
		lo[0], lo[1], hi[0], hi[1] = lo[1], lo[0], hi[1], hi[0]
	}
	if c.Geographic() {
		west, east := orb.Bound{Min: lo, Max: hi}, orb.Bound{}
		if lo[0] <= hi[0] {
			return west.ToPolygon()
		}
		west.Max[0], east = 180, orb.Bound{Min: orb.Point{-180, lo[1]}, Max: hi}
		return orb.MultiPolygon{west.ToPolygon(), east.ToPolygon()}
	}
	var ring orb.Ring
	corners := [5]orb.Point{lo, {hi[0], lo[1]}, hi, {lo[0], hi[1]}, lo}
	for i, a := range corners[:4] {
		b := corners[i+1]
		for k := range boxEdges {
			t := float64(k) / boxEdges
			ring = append(ring, c.ToLonLat(orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}))
		}
	}
	return orb.Polygon{append(ring, ring[0])}
}
