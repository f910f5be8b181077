package geo

import "math"

// transverseMercator is the Gauss-Krüger projection of an ellipsoid by Krüger's series to the sixth order in the third
// flattening n (Karney, Transverse Mercator with an accuracy of a few nanometers, J. Geodesy 85, 2011, equations 35 and 36):
// 5 nm within 3900 km of the central meridian.
type transverseMercator struct {
	e       float64    // first eccentricity
	scaleM  float64    // k0 times the rectifying radius, metres
	alpha   [6]float64 // forward series
	beta    [6]float64 // inverse series
	cm      float64    // central meridian, degrees
	fe, fn  float64    // false easting and northing, metres
	halfDeg float64    // half of the zone's nominal width, degrees of longitude
}

func newTransverseMercator(a, invF, k0 float64) transverseMercator {
	f := 1 / invF
	n := f / (2 - f)
	n2 := n * n
	n3, n4 := n2*n, n2*n2
	n5, n6 := n4*n, n3*n3
	return transverseMercator{
		e:      math.Sqrt(f * (2 - f)),
		scaleM: k0 * a / (1 + n) * (1 + n2/4 + n4/64 + n6/256),
		alpha: [6]float64{
			n/2 - 2*n2/3 + 5*n3/16 + 41*n4/180 - 127*n5/288 + 7891*n6/37800,
			13*n2/48 - 3*n3/5 + 557*n4/1440 + 281*n5/630 - 1983433*n6/1935360,
			61*n3/240 - 103*n4/140 + 15061*n5/26880 + 167603*n6/181440,
			49561*n4/161280 - 179*n5/168 + 6601661*n6/7257600,
			34729*n5/80640 - 3418889*n6/1995840,
			212378941 * n6 / 319334400,
		},
		beta: [6]float64{
			n/2 - 2*n2/3 + 37*n3/96 - n4/360 - 81*n5/512 + 96199*n6/604800,
			n2/48 + n3/15 - 437*n4/1440 + 46*n5/105 - 1118711*n6/3870720,
			17*n3/480 - 37*n4/840 - 209*n5/4480 + 5569*n6/90720,
			4397*n4/161280 - 11*n5/504 - 830251*n6/7257600,
			4583*n5/161280 - 108847*n6/3991680,
			20648693 * n6 / 638668800,
		},
	}
}

// forward gives easting and northing in metres of longitude and latitude in degrees.
func (t *transverseMercator) forward(lon, lat float64) (x, y float64) {
	sinL, cosL := math.Sincos((lon - t.cm) * radian)
	tau := math.Tan(lat * radian)
	taup := t.conformalTan(tau)
	xi := math.Atan2(taup, cosL)
	eta := math.Asinh(sinL / math.Hypot(taup, cosL))
	dxi, deta := krugerSum(&t.alpha, xi, eta)
	return t.fe + t.scaleM*(eta+deta), t.fn + t.scaleM*(xi+dxi)
}

// inverse gives longitude and latitude in degrees of easting and northing in metres.
func (t *transverseMercator) inverse(x, y float64) (lon, lat float64) {
	xi, eta := (y-t.fn)/t.scaleM, (x-t.fe)/t.scaleM
	dxi, deta := krugerSum(&t.beta, xi, eta)
	xi, eta = xi-dxi, eta-deta
	sinXi, cosXi := math.Sincos(xi)
	sinhEta := math.Sinh(eta)
	taup := sinXi / math.Hypot(sinhEta, cosXi)
	lon = t.cm + math.Atan2(sinhEta, cosXi)/radian
	return lon, math.Atan(t.geodeticTan(taup)) / radian
}

// krugerSum is Σ c_j sin 2jξ cosh 2jη and Σ c_j cos 2jξ sinh 2jη, by Clenshaw's recurrence on the complex sine.
func krugerSum(c *[6]float64, xi, eta float64) (dxi, deta float64) {
	s, k := math.Sincos(2 * xi)
	sh, ch := math.Sinh(2*eta), math.Cosh(2*eta)
	ar, ai := 2*k*ch, -2*s*sh
	var y0r, y0i, y1r, y1i float64
	for j := 5; j >= 0; j-- {
		y0r, y0i, y1r, y1i = ar*y0r-ai*y0i-y1r+c[j], ar*y0i+ai*y0r-y1i, y0r, y0i
	}
	sr, si := s*ch, k*sh
	return sr*y0r - si*y0i, sr*y0i + si*y0r
}

// conformalTan is the tangent of the conformal latitude of a geodetic latitude's tangent (Karney 2011, equation 7).
func (t *transverseMercator) conformalTan(tau float64) float64 {
	tau1 := math.Hypot(1, tau)
	sig := math.Sinh(t.e * math.Atanh(t.e*tau/tau1))
	return math.Hypot(1, sig)*tau - sig*tau1
}

// geodeticTan inverts conformalTan by Newton's method (Karney 2011, equations 19 to 21); two steps reach float64.
func (t *transverseMercator) geodeticTan(taup float64) float64 {
	e2 := t.e * t.e
	tau := taup / (1 - e2)
	for range 5 {
		tp := t.conformalTan(tau)
		d := (taup - tp) / math.Hypot(1, tp) * (1 + (1-e2)*tau*tau) / ((1 - e2) * math.Hypot(1, tau))
		tau += d
		if !(math.Abs(d) > 1e-15*math.Max(1, math.Abs(tau))) {
			break
		}
	}
	return tau
}
