package topology

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo"
)

// plane turns short distances in degrees about a latitude into metres on the CGCS2000 ellipsoid.
type plane struct{ x, y float64 }

func planeAt(lat float64) plane {
	const a, e2 = 6378137.0, 0.00669438002290
	sin, cos := math.Sincos(lat * math.Pi / 180)
	w := 1 - e2*sin*sin
	return plane{x: a / math.Sqrt(w) * cos * math.Pi / 180, y: a * (1 - e2) / (w * math.Sqrt(w)) * math.Pi / 180}
}

// vector is from p to q in metres.
func (pl plane) vector(p, q orb.Point) (x, y float64) {
	return (q[0] - p[0]) * pl.x, (q[1] - p[1]) * pl.y
}

func (pl plane) distance(p, q orb.Point) float64 { return math.Hypot(pl.vector(p, q)) }

// toSegment is the distance of p from the segment a–b.
func (pl plane) toSegment(p, a, b orb.Point) float64 {
	abx, aby := pl.vector(a, b)
	apx, apy := pl.vector(a, p)
	t := 0.0
	if d := abx*abx + aby*aby; d > 0 {
		t = min(1, max(0, (apx*abx+apy*aby)/d))
	}
	return math.Hypot(apx-t*abx, apy-t*aby)
}

// width is the area of a polygon, and its mean width in metres: twice the area over the perimeter, which is the width of a long strip
// and the radius of a disc.
func width(poly orb.Polygon) (areaM2, widthM float64) {
	if len(poly) == 0 || len(poly[0]) == 0 {
		return 0, 0
	}
	pl := planeAt(poly[0][0][1])
	length := 0.0
	for _, r := range poly {
		for i := 1; i < len(r); i++ {
			length += pl.distance(r[i-1], r[i])
		}
	}
	areaM2 = geo.AreaM2(poly)
	if length == 0 {
		return areaM2, 0
	}
	return areaM2, 2 * areaM2 / length
}

// wide gives the pieces that are wider than w metres, with their area and the width of the widest.
func wide(mp orb.MultiPolygon, w float64) (pieces orb.MultiPolygon, areaM2, widest float64) {
	for _, poly := range mp {
		a, pw := width(poly)
		if pw <= w {
			continue
		}
		pieces, areaM2, widest = append(pieces, poly), areaM2+a, max(widest, pw)
	}
	return pieces, areaM2, widest
}

// inside gives a point inside the largest polygon: the middle of the longest stretch of a parallel that lies in it. Of some parallels the
// one with the longest stretch is taken, none of which goes through a vertex.
func inside(mp orb.MultiPolygon) orb.Point {
	var best orb.Polygon
	most := -1.0
	for _, poly := range mp {
		if a := geo.AreaM2(poly); a > most {
			best, most = poly, a
		}
	}
	if len(best) == 0 || len(best[0]) == 0 {
		return orb.Point{}
	}
	b := best.Bound()
	at, longest := best[0][0], -1.0
	for _, f := range [...]float64{0.4987654321, 0.2513579, 0.7486421, 0.1023, 0.8977} {
		y := b.Min[1] + f*(b.Max[1]-b.Min[1])
		xs := crossings(best, y)
		for i := 1; i < len(xs); i += 2 {
			if d := xs[i] - xs[i-1]; d > longest {
				at, longest = orb.Point{(xs[i] + xs[i-1]) / 2, y}, d
			}
		}
	}
	return at
}

func crossings(poly orb.Polygon, y float64) []float64 {
	var xs []float64
	for _, r := range poly {
		for i := 1; i < len(r); i++ {
			a, b := r[i-1], r[i]
			if (a[1] > y) != (b[1] > y) {
				xs = append(xs, a[0]+(y-a[1])/(b[1]-a[1])*(b[0]-a[0]))
			}
		}
	}
	slices.Sort(xs)
	return xs
}

// nearest is the vertex of a boundary that is next to a point.
func nearest(mp orb.MultiPolygon, p orb.Point) Vertex {
	pl := planeAt(p[1])
	best, least := Vertex{}, math.Inf(1)
	for i, poly := range mp {
		for j, r := range poly {
			for k, q := range r[:max(0, len(r)-1)] {
				if d := pl.distance(p, q); d < least {
					best, least = Vertex{i, j, k, q}, d
				}
			}
		}
	}
	return best
}
