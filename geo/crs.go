package geo

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

type crsKind uint8

const (
	kindGeographic crsKind = iota
	kindWebMercator
	kindTransverse
)

// CRS is one of the coordinate reference systems that input may be in (contract section 1). Coordinates are always in
// the order easting, northing or longitude, latitude, whatever the axis order of the EPSG entry. CGCS2000, WGS 84 and TWD97
// are taken as one datum: they differ by decimetres at most, and no area or share depends on it. The zero CRS is not a
// system; use CRS84 or ParseCRS.
type CRS struct {
	id     string
	epsg   int
	kind   crsKind
	nameEN string
	nameZH string
	prefix int // zone number written before the easting of a Gauss-Krüger system, or 0
	width  int // nominal zone width in degrees of a Gauss-Krüger system, or 0
	tm     transverseMercator
}

// CRS84 returns OGC:CRS84, longitude and latitude on WGS 84: what RFC 7946 prescribes.
func CRS84() CRS {
	return CRS{id: "OGC:CRS84", kind: kindGeographic, nameEN: "WGS 84 longitude, latitude", nameZH: "WGS 84 经纬度"}
}

// ID returns the identifier, like EPSG:4547 or OGC:CRS84.
func (c CRS) ID() string { return c.id }

// EPSG returns the EPSG code, or 0 for OGC:CRS84.
func (c CRS) EPSG() int { return c.epsg }

// Geographic reports whether coordinates are longitude and latitude in degrees.
func (c CRS) Geographic() bool { return c.kind == kindGeographic }

// IsZero reports whether c is the zero CRS, which stands for no system.
func (c CRS) IsZero() bool { return c.id == "" }

// Name returns the name of the system in "zh" or, for any other language, in English.
func (c CRS) Name(lang string) string { return pick(lang, c.nameZH, c.nameEN) }

// String returns the identifier.
func (c CRS) String() string { return c.id }

// ToLonLat brings a point of this system to longitude and latitude in degrees.
func (c CRS) ToLonLat(p orb.Point) orb.Point {
	switch c.kind {
	case kindWebMercator:
		return orb.Point{p[0] / semiMajorM / radian, math.Atan(math.Sinh(p[1]/semiMajorM)) / radian}
	case kindTransverse:
		lon, lat := c.tm.inverse(p[0], p[1])
		return orb.Point{lon, lat}
	}
	return p
}

// FromLonLat brings longitude and latitude in degrees to coordinates of this system.
func (c CRS) FromLonLat(p orb.Point) orb.Point {
	switch c.kind {
	case kindWebMercator:
		return orb.Point{p[0] * radian * semiMajorM, math.Asinh(math.Tan(p[1]*radian)) * semiMajorM}
	case kindTransverse:
		x, y := c.tm.forward(p[0], p[1])
		return orb.Point{x, y}
	}
	return p
}

// MaxEdgeM is the longest edge in metres of a projected file that is taken as straight in longitude and latitude as well; longer
// edges are densified in the plane first (contract section 1). The survey densifies edges over 70 m.
const MaxEdgeM = 20.0

// ToLonLatMultiPolygon brings a multipolygon of this system to longitude and latitude. Edges longer than maxEdgeM metres are
// cut into equal pieces in the plane first, since they are straight there; vertices of the file stay as they are, and
// two rings that share an edge get the same points on it whichever way they run. Of a geographic system it returns mp itself.
func (c CRS) ToLonLatMultiPolygon(mp orb.MultiPolygon, maxEdgeM float64) orb.MultiPolygon {
	if c.Geographic() {
		return mp
	}
	out := make(orb.MultiPolygon, len(mp))
	for i, p := range mp {
		out[i] = make(orb.Polygon, len(p))
		for j, r := range p {
			out[i][j] = c.toLonLatRing(r, maxEdgeM)
		}
	}
	return out
}

func (c CRS) toLonLatRing(r orb.Ring, maxEdgeM float64) orb.Ring {
	if len(r) == 0 {
		return nil
	}
	out := make(orb.Ring, 0, len(r)+len(r)/2)
	out = append(out, c.ToLonLat(r[0]))
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		// A wrong unit must not fill memory: 1e5 pieces are 2000 km at the usual 20 m.
		n := 1
		if length := math.Hypot(b[0]-a[0], b[1]-a[1]); maxEdgeM > 0 && length > maxEdgeM && length < 1e5*maxEdgeM {
			n = int(math.Ceil(length / maxEdgeM))
		}
		for k := 1; k < n; k++ {
			out = append(out, c.ToLonLat(between(a, b, k, n)))
		}
		out = append(out, c.ToLonLat(b))
	}
	return out
}

// between is the k-th of n division points from a to b; from b to a the (n-k)-th is the same to the last bit.
func between(a, b orb.Point, k, n int) orb.Point {
	if b[0] < a[0] || (b[0] == a[0] && b[1] < a[1]) {
		a, b, k = b, a, n-k
	}
	t := float64(k) / float64(n)
	return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
}

// ToLonLatBound gives the longitude and latitude bound of the corners and edge middles of b.
func (c CRS) ToLonLatBound(b orb.Bound) orb.Bound {
	if c.Geographic() {
		return b
	}
	mid := b.Center()
	out := orb.Bound{Min: c.ToLonLat(b.Min), Max: c.ToLonLat(b.Min)}
	for _, x := range [3]float64{b.Min[0], mid[0], b.Max[0]} {
		for _, y := range [3]float64{b.Min[1], mid[1], b.Max[1]} {
			out = out.Extend(c.ToLonLat(orb.Point{x, y}))
		}
	}
	return out
}

var (
	epsgForm  = regexp.MustCompile(`(?i)^(?:epsg\s*:+\s*|urn:(?:ogc|x-ogc):def:crs:epsg:[^:]*:|https?://www\.opengis\.net/def/crs/epsg/[^/]+/|https?://www\.opengis\.net/gml/srs/epsg\.xml#)?(\d{4,6})/?$`)
	crs84Form = regexp.MustCompile(`(?i)^(?:ogc:|urn:(?:ogc|x-ogc):def:crs:ogc:[^:]*:|https?://www\.opengis\.net/def/crs/ogc/[^/]+/)?crs:?84/?$`)
)

// ParseCRS reads the name of a coordinate reference system: EPSG:4547, 4547, urn:ogc:def:crs:EPSG::4547,
// http://www.opengis.net/def/crs/EPSG/0/4547, OGC:CRS84 and its URN and address. The error is a *CRSError that names
// what is supported and the command that converts.
func ParseCRS(s string) (CRS, error) {
	s = strings.TrimSpace(s)
	if crs84Form.MatchString(s) {
		return CRS84(), nil
	}
	m := epsgForm.FindStringSubmatch(s)
	if m == nil {
		return CRS{}, &CRSError{Code: CRSUnreadable, Stated: s}
	}
	code, err := strconv.Atoi(m[1])
	if err != nil {
		return CRS{}, &CRSError{Code: CRSUnreadable, Stated: s}
	}
	c, ok := byEPSG(code)
	if !ok {
		return CRS{}, &CRSError{Code: CRSUnsupported, Stated: fmt.Sprintf("EPSG:%d", code)}
	}
	return c, nil
}

// byEPSG is the list of projected and geographic systems of contract section 1.
func byEPSG(code int) (CRS, bool) {
	c := CRS{id: fmt.Sprintf("EPSG:%d", code), epsg: code}
	switch {
	case code == 4326:
		c.nameEN, c.nameZH = "WGS 84", "WGS 84 经纬度"
	case code == 3824:
		c.nameEN, c.nameZH = "TWD97", "TWD97 经纬度"
	case code == 4490:
		c.nameEN, c.nameZH = "China Geodetic Coordinate System 2000", "2000 国家大地坐标系（经纬度）"
	case code == 3857:
		c.kind, c.nameEN, c.nameZH = kindWebMercator, "WGS 84 / Pseudo-Mercator", "Web 墨卡托"
	case code == 3826:
		c.setTransverse(inverseFlattening, 0.9999, 121, 250000, 0)
		c.tm.halfDeg, c.nameEN, c.nameZH = 1, "TWD97 / TM2 zone 121", "TWD97 二度分带 121"
	case code >= 32601 && code <= 32660:
		c.setUTM(code-32600, "N", "北", 0)
	case code >= 32701 && code <= 32760:
		c.setUTM(code-32700, "S", "南", 1e7)
	case code >= 4491 && code <= 4554:
		c.setGaussKruger(code)
	default:
		return CRS{}, false
	}
	return c, true
}

func (c *CRS) setTransverse(invF, k0, cm, fe, fn float64) {
	c.kind = kindTransverse
	c.tm = newTransverseMercator(semiMajorM, invF, k0)
	c.tm.cm, c.tm.fe, c.tm.fn = cm, fe, fn
}

func (c *CRS) setUTM(zone int, side, sideZH string, fn float64) {
	const wgs84InverseFlattening = 298.257223563
	c.setTransverse(wgs84InverseFlattening, 0.9996, float64(6*zone-183), 500000, fn)
	c.tm.halfDeg = 3
	c.nameEN = fmt.Sprintf("WGS 84 / UTM zone %d%s", zone, side)
	c.nameZH = fmt.Sprintf("WGS 84 / UTM %d 带（%s半球）", zone, sideZH)
}

// setGaussKruger fills EPSG:4491 to 4554: 6-degree zones 13 to 23 with prefix, the same without, 3-degree zones 25 to 45
// with prefix, the same without.
func (c *CRS) setGaussKruger(code int) {
	var cm int
	switch {
	case code <= 4501:
		c.width, c.prefix = 6, code-4491+13
		cm = 6*c.prefix - 3
	case code <= 4512:
		c.width, cm = 6, 75+6*(code-4502)
	case code <= 4533:
		c.width, c.prefix = 3, code-4513+25
		cm = 3 * c.prefix
	default:
		c.width, cm = 3, 75+3*(code-4534)
	}
	c.setTransverse(inverseFlattening, 1, float64(cm), 500000+1e6*float64(c.prefix), 0)
	c.tm.halfDeg = float64(c.width) / 2
	kind, kindZH := "Gauss-Kruger", "六度带"
	if c.width == 3 {
		kind, kindZH = "3-degree Gauss-Kruger", "三度带"
	}
	if c.prefix != 0 {
		c.nameEN = fmt.Sprintf("CGCS2000 / %s zone %d", kind, c.prefix)
		c.nameZH = fmt.Sprintf("CGCS2000 高斯-克吕格%s %d 带（坐标带带号，中央经线 %d°E）", kindZH, c.prefix, cm)
		return
	}
	c.nameEN = fmt.Sprintf("CGCS2000 / %s CM %dE", kind, cm)
	c.nameZH = fmt.Sprintf("CGCS2000 高斯-克吕格%s 中央经线 %d°E（不带带号）", kindZH, cm)
}

// gaussKruger gives the EPSG code of a Gauss-Krüger system by zone width (3 or 6), central meridian, and whether eastings
// carry the zone number; 0 if there is none.
func gaussKruger(width int, cm float64, prefixed bool) int {
	i := int(math.Round((cm - 75) / float64(width)))
	last, plain, with := 20, 4534, 4513
	if width == 6 {
		last, plain, with = 10, 4502, 4491
	}
	switch {
	case i < 0 || i > last:
		return 0
	case prefixed:
		return with + i
	}
	return plain + i
}

// pick chooses the Chinese text for zh (zh-CN, zh_Hans, …) and the English one for everything else.
func pick(lang, zh, en string) string {
	if len(lang) >= 2 && strings.EqualFold(lang[:2], "zh") {
		return zh
	}
	return en
}
