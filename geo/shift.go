package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// The shifts of Chinese internet maps: GCJ-02 (高德, 腾讯, Google in China) moves
// places by 50 to 700 m, BD-09 (百度) moves those once more. Neither is published;
// the formulas are those in general use, good to about a metre. They are here to
// recognize shifted coordinates, never to mend them.

const (
	gcjSemiMajorM = 6378245.0 // Krasovsky's ellipsoid
	gcjE2         = 0.00669342162296594323
	bdPi          = math.Pi * 3000 / 180
)

// InGCJ02Area reports whether a place is where the shift is applied: China by
// its rectangle.
func InGCJ02Area(p orb.Point) bool {
	return p[0] >= 72.004 && p[0] <= 137.8347 && p[1] >= 0.8293 && p[1] <= 55.8271
}

// ToGCJ02 shifts longitude and latitude in degrees as GCJ-02 does; places
// outside China stay.
func ToGCJ02(p orb.Point) orb.Point {
	if !InGCJ02Area(p) {
		return p
	}
	x, y := p[0]-105, p[1]-35
	wave := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	root := math.Sqrt(math.Abs(x))
	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root + wave +
		(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi))*2/3 + (160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root + wave +
		(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi))*2/3 + (150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	sin, cos := math.Sincos(p[1] * radian)
	w := 1 - gcjE2*sin*sin
	return orb.Point{
		p[0] + east/(gcjSemiMajorM/math.Sqrt(w)*cos)/radian,
		p[1] + north/(gcjSemiMajorM*(1-gcjE2)/(w*math.Sqrt(w)))/radian,
	}
}

// ToBD09 shifts longitude and latitude in degrees as BD-09 does: GCJ-02, and
// once more.
func ToBD09(p orb.Point) orb.Point {
	if !InGCJ02Area(p) {
		return p
	}
	g := ToGCJ02(p)
	z := math.Hypot(g[0], g[1]) + 0.00002*math.Sin(g[1]*bdPi)
	theta := math.Atan2(g[1], g[0]) + 0.000003*math.Cos(g[0]*bdPi)
	return orb.Point{z*math.Cos(theta) + 0.0065, z*math.Sin(theta) + 0.006}
}

// FromGCJ02 takes the shift of GCJ-02 off again.
func FromGCJ02(p orb.Point) orb.Point { return unshift(p, ToGCJ02) }

// FromBD09 takes the shift of BD-09 off again.
func FromBD09(p orb.Point) orb.Point { return unshift(p, ToBD09) }

// unshift inverts a shift by repeating it: it changes by less than a tenth of
// itself over its own length, so each round gains a place or more.
func unshift(p orb.Point, shift func(orb.Point) orb.Point) orb.Point {
	at := p
	for range 10 {
		s := shift(at)
		at[0] += p[0] - s[0]
		at[1] += p[1] - s[1]
	}
	return at
}

// WithMeridian gives the Gauss-Krüger system of the same width whose central
// meridian lies so many degrees further east; false where c is none without zone
// number before its eastings, or there is no such system. With a wrong meridian
// every place lies wrong by just that longitude.
func (c CRS) WithMeridian(degrees float64) (CRS, bool) {
	if c.width == 0 || c.prefix != 0 {
		return CRS{}, false
	}
	return byEPSG(gaussKruger(c.width, c.tm.cm+degrees, false))
}
