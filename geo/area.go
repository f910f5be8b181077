package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// The CGCS2000 ellipsoid (GB 22021-2008): the same numbers as GRS80.
const (
	semiMajorM        = 6378137.0
	inverseFlattening = 298.257222101
	flattening        = 1 / inverseFlattening
	eccentricity2     = flattening * (2 - flattening)
	semiMinorM        = semiMajorM * (1 - flattening)
	radian            = math.Pi / 180
)

// AreaM2 returns the area in m² of a Polygon or MultiPolygon on the CGCS2000 ellipsoid, for edges that are straight in
// longitude and latitude (RFC 7946 section 3.1.1). The first ring of a polygon is its shell, the others are subtracted
// as holes; their orientation is irrelevant. Any other geometry has no area: 0.
func AreaM2(g orb.Geometry) float64 {
	switch g := g.(type) {
	case orb.Polygon:
		return polygonAreaM2(g, RingAreaM2)
	case orb.MultiPolygon:
		var sum float64
		for _, p := range g {
			sum += polygonAreaM2(p, RingAreaM2)
		}
		return sum
	case orb.Ring:
		return math.Abs(RingAreaM2(g))
	case orb.Bound:
		return AreaM2(g.ToPolygon())
	}
	return 0
}

// PlaneAreaM2 returns the area in m² of a Polygon or MultiPolygon whose coordinates are metres in a plane. It is the
// area of registration (宗地面积 from boundary-point coordinates), not that of the survey's ellipsoid.
func PlaneAreaM2(g orb.Geometry) float64 {
	switch g := g.(type) {
	case orb.Polygon:
		return polygonAreaM2(g, ringPlaneArea)
	case orb.MultiPolygon:
		var sum float64
		for _, p := range g {
			sum += polygonAreaM2(p, ringPlaneArea)
		}
		return sum
	case orb.Ring:
		return math.Abs(ringPlaneArea(g))
	}
	return 0
}

func polygonAreaM2(p orb.Polygon, area func(orb.Ring) float64) float64 {
	if len(p) == 0 {
		return 0
	}
	sum := math.Abs(area(p[0]))
	for _, hole := range p[1:] {
		sum -= math.Abs(area(hole))
	}
	return sum
}

// ringPlaneArea is the shoelace formula about the ring's first point, so that large coordinates cost no digits.
func ringPlaneArea(r orb.Ring) float64 {
	if len(r) < 3 {
		return 0
	}
	o := r[0]
	var sum float64
	px, py := r[len(r)-1][0]-o[0], r[len(r)-1][1]-o[1]
	for _, p := range r {
		x, y := p[0]-o[0], p[1]-o[1]
		sum += px*y - x*py
		px, py = x, y
	}
	return sum / 2
}

// RingAreaM2 returns the signed area in m² of a ring on the CGCS2000 ellipsoid, positive where it runs
// counter-clockwise, for edges straight in longitude and latitude. An unclosed ring is read as closed.
//
// With S(φ) the area between the equator and latitude φ per radian of longitude, an edge contributes ∫ S dλ, which
// along a straight edge is Δλ times the mean of S over [φ1, φ2]. A closed ring may subtract any constant from S, so S is
// taken about the ring's middle latitude, as a polynomial whose degree follows the ring's height. The mean of uᵏ over
// an edge is Σ u1^j u2^(k-j) / (k+1): no division by Δφ, nothing that cancels on flat, steep or tiny edges.
// Rings taller than maxTaylorRad take the sine series.
func RingAreaM2(r orb.Ring) float64 {
	if len(r) < 3 {
		return 0
	}
	lo, hi := r[0][1], r[0][1]
	for _, p := range r {
		if p[1] < lo {
			lo = p[1]
		}
		if p[1] > hi {
			hi = p[1]
		}
	}
	mid := lo + (hi-lo)/2
	half := (hi - lo) / 2 * radian
	if !(half <= maxTaylorRad) {
		return tallRingAreaM2(r, mid)
	}
	var c areaSeries
	c.expand(mid*radian, taylorDegree(half))
	return -c.integrate(r, mid)
}

// maxTaylorRad is half the height of the tallest ring measured by the polynomial (0.06 rad are 3.4°, 760 km from end to
// end): with maxDegree terms it is below 1e-16 of the area there.
const (
	maxTaylorRad = 0.06
	maxDegree    = 9
)

// taylorDegree gives the degree at which the next term is below 1e-16 of the first, for |u| <= half. The k-th
// coefficient is at most about 2/k! of the first one in middle latitudes, but the first vanishes at the poles, so
// k+1 terms of margin are kept.
func taylorDegree(half float64) int {
	switch {
	case half < 3e-6: // 19 m
		return 3
	case half < 1e-4: // 640 m
		return 4
	case half < 2e-3: // 13 km
		return 6
	}
	return maxDegree
}

// areaSeries is S(φ0+u) - S(φ0) as a polynomial: coef[k] belongs to u^(k), already divided by k+1 for the mean over an
// edge, and scaled so that longitude and u may both be in degrees. coef[0] is 0.
type areaSeries struct {
	coef   [maxDegree + 1]float64
	degree int
}

// expand fills the series about latitude phi (radians). S' = b² cosφ / (1 - e² sin²φ)²; sine and cosine of φ0+u are
// power series, w = 1 - e² sin² is one product and the two divisions by w are back-substitutions.
func (c *areaSeries) expand(phi float64, degree int) {
	c.degree = degree
	sin, cos := math.Sincos(phi)
	var s, q, w [maxDegree + 1]float64
	d0, d1 := sin, cos
	f := 1.0
	for k := range degree {
		s[k], q[k] = d0*f, d1*f
		d0, d1 = d1, -d0
		f /= float64(k + 1)
	}
	for k := range degree {
		var sum float64
		for j := 0; j <= k; j++ {
			sum += s[j] * s[k-j]
		}
		w[k] = -eccentricity2 * sum
	}
	w[0]++
	inv := 1 / w[0]
	for range 2 {
		for k := range degree {
			sum := q[k]
			for j := 1; j <= k; j++ {
				sum -= w[j] * q[k-j]
			}
			q[k] = sum * inv
		}
	}
	scale := semiMinorM * semiMinorM * radian * radian
	for k := 1; k <= degree; k++ {
		c.coef[k] = scale * q[k-1] / float64(k) / float64(k+1)
		scale *= radian
	}
}

// integrate sums Δλ · mean(S) over the edges.
func (c *areaSeries) integrate(r orb.Ring, mid float64) float64 {
	prev := r[len(r)-1]
	v := prev[1] - mid
	var sum float64
	if c.degree == 3 { // the usual small parcel, unrolled: 3.5 against 7 ns a vertex
		c1, c2, c3 := c.coef[1], c.coef[2], c.coef[3]
		for _, p := range r {
			u := p[1] - mid
			uu, vv, uv := u*u, v*v, u*v
			t := u + v
			sum += (p[0] - prev[0]) * (c1*t + c2*(uu+uv+vv) + c3*t*(uu+vv))
			prev, v = p, u
		}
		return sum
	}
	for _, p := range r {
		u := p[1] - mid
		if dl := p[0] - prev[0]; dl != 0 {
			h, vk, t := 1.0, 1.0, 0.0
			for k := 1; k <= c.degree; k++ {
				vk *= v
				h = h*u + vk
				t += c.coef[k] * h
			}
			sum += dl * t
		}
		prev, v = p, u
	}
	return sum
}

// tallRingAreaM2 integrates with Gauss-Legendre nodes: each edge is cut into pieces no taller than 0.03 rad, on
// which five nodes are exact beyond float64.
func tallRingAreaM2(r orb.Ring, mid float64) float64 {
	base := zoneAreaM2(mid * radian)
	prev := r[len(r)-1]
	var sum float64
	for _, p := range r {
		dl, dphi := (p[0]-prev[0])*radian, (p[1]-prev[1])*radian
		if dl != 0 {
			n := int(math.Abs(dphi)/0.03) + 1
			sum += dl * meanZoneAreaM2(prev[1]*radian, dphi, n, base)
		}
		prev = p
	}
	return -sum
}

// gauss5 holds the nodes on [0, 1] and weights of five-point Gauss-Legendre quadrature.
func gauss5() (node, weight [5]float64) {
	a, b := math.Sqrt(5-2*math.Sqrt(10.0/7))/3, math.Sqrt(5+2*math.Sqrt(10.0/7))/3
	wa, wb := (322+13*math.Sqrt(70))/1800, (322-13*math.Sqrt(70))/1800
	node = [5]float64{(1 - b) / 2, (1 - a) / 2, 0.5, (1 + a) / 2, (1 + b) / 2}
	weight = [5]float64{wb, wa, 64.0 / 225, wa, wb}
	return node, weight
}

func meanZoneAreaM2(phi, dphi float64, pieces int, base float64) float64 {
	node, weight := gauss5()
	var sum float64
	for i := range pieces {
		for k, x := range node {
			sum += weight[k] * (zoneAreaM2(phi+dphi*(float64(i)+x)/float64(pieces)) - base)
		}
	}
	return sum / float64(pieces)
}

// zoneAreaM2 is S(φ): the area in m² between the equator and latitude φ (radians), per radian of longitude, in closed form
// (Snyder, Map Projections, USGS PP 1395, equation 3-12 times a²/2).
func zoneAreaM2(phi float64) float64 {
	e := math.Sqrt(eccentricity2)
	s := math.Sin(phi)
	return semiMinorM * semiMinorM / 2 * (s/(1-eccentricity2*s*s) + math.Atanh(e*s)/e)
}
