package geo

import (
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"
)

// CRSCode says why a coordinate reference system was refused.
type CRSCode string

// The reasons a coordinate reference system is refused.
const (
	// CRSUnreadable: the name is not one that ParseCRS reads.
	CRSUnreadable CRSCode = "crs_unreadable"
	// CRSUnsupported: the system is not in the list of contract section 1.
	CRSUnsupported CRSCode = "crs_unsupported"
	// CRSOldDatum: the system stands on a datum (Beijing 1954, Xian 1980, TWD67) that only the survey's own transformation
	// brings to CGCS2000.
	CRSOldDatum CRSCode = "crs_old_datum"
	// CRSNotFinite: the bound of the coordinates is empty or not a number.
	CRSNotFinite CRSCode = "crs_not_finite"
	// CRSMetresAsDegrees: the file is said to be in degrees and holds metres.
	CRSMetresAsDegrees CRSCode = "crs_metres_as_degrees"
	// CRSDegreesAsMetres: the file is said to be in metres and holds degrees.
	CRSDegreesAsMetres CRSCode = "crs_degrees_as_metres"
	// CRSSwapped: the axes are the other way round (latitude, longitude; northing, easting).
	CRSSwapped CRSCode = "crs_swapped_axes"
	// CRSPrefixMissing: the system wants a zone number before the easting and there is none.
	CRSPrefixMissing CRSCode = "crs_prefix_missing"
	// CRSPrefixUnexpected: the system has no zone number before the easting and the coordinates do.
	CRSPrefixUnexpected CRSCode = "crs_prefix_unexpected"
	// CRSPrefixWrong: the zone number before the easting is another zone's.
	CRSPrefixWrong CRSCode = "crs_prefix_wrong"
	// CRSOutside: the coordinates are too far outside the system's zone or the globe.
	CRSOutside CRSCode = "crs_outside"
)

// CRSError tells why a system was refused, what the coordinates look like, and what to do.
type CRSError struct {
	Code   CRSCode
	Stated string    // the system as stated, or the text that named it
	Guess  []string  // systems that the coordinates would fit, likeliest first
	Bound  orb.Bound // the offending coordinates; zero if the name itself was refused
}

// Error returns the message in English.
func (e *CRSError) Error() string { return e.Message("en") }

// Message returns what is wrong, where, and the remedy, in "zh" or else in English.
func (e *CRSError) Message(lang string) string {
	var zh, en string
	switch e.Code {
	case CRSUnreadable:
		zh, en = "无法识别坐标系名称“"+e.Stated+"”", "cannot read coordinate reference system "+fmt.Sprintf("%q", e.Stated)
	case CRSUnsupported:
		zh, en = "不支持坐标系 "+e.Stated, "coordinate reference system "+e.Stated+" is not supported"
	case CRSOldDatum:
		zh, en = describeOldDatum(e.Stated)
	case CRSNotFinite:
		zh, en = "坐标为空或不是有限数", "the coordinates are empty or not finite numbers"
	case CRSMetresAsDegrees:
		zh, en = "声明为经纬度（"+e.Stated+"），坐标却像是米", "said to be degrees ("+e.Stated+") but the coordinates look like metres"
	case CRSDegreesAsMetres:
		zh, en = "声明为以米为单位的 "+e.Stated+"，坐标却像是经纬度", "said to be metres in "+e.Stated+" but the coordinates look like degrees"
	case CRSSwapped:
		zh, en = "坐标轴顺序似乎颠倒（应为先经度/东坐标、后纬度/北坐标）", "the axes look swapped (longitude or easting must come first, then latitude or northing)"
	case CRSPrefixMissing:
		zh, en = e.Stated+" 的东坐标应带带号，坐标没有带号", e.Stated+" has the zone number before the easting, the coordinates have none"
	case CRSPrefixUnexpected:
		zh, en = e.Stated+" 的东坐标不带带号，坐标却带有带号", e.Stated+" has no zone number before the easting, the coordinates have one"
	case CRSPrefixWrong:
		zh, en = "坐标的带号不是 "+e.Stated+" 的带号", "the zone number before the easting is not that of "+e.Stated
	default:
		zh, en = "坐标远在 "+e.Stated+" 的适用范围之外", "the coordinates are far outside "+e.Stated
	}
	return pick(lang, zh+e.where("；坐标范围 ")+e.remedyZH(), en+e.where("; coordinates span ")+e.remedyEN())
}

func (e *CRSError) where(label string) string {
	if e.Bound == (orb.Bound{}) {
		return ""
	}
	return fmt.Sprintf("%s%.10g,%.10g … %.10g,%.10g", label, e.Bound.Min[0], e.Bound.Min[1], e.Bound.Max[0], e.Bound.Max[1])
}

const (
	supportedCRS = "OGC:CRS84, EPSG:4326, 4490, 3857, 4491-4554 (CGCS2000 Gauss-Kruger), 32601-32660, 32701-32760 (UTM), 3824 and 3826 (TWD97, TWD97 TM2)"
	// Seven parameters of a Helmert transformation, which hold for one region only.
	convertOldDatum = "ogr2ogr -f GeoJSON -s_srs '<PROJ string with +towgs84=dx,dy,dz,rx,ry,rz,s>' -t_srs EPSG:4490 out.geojson in.shp"
	convertCRS      = "ogr2ogr -f GeoJSON -t_srs EPSG:4490 out.geojson in.geojson"
)

func (e *CRSError) remedyEN() string {
	switch {
	case e.Code == CRSUnreadable || e.Code == CRSUnsupported:
		return ". Supported: " + supportedCRS + ". Convert first: " + convertCRS + " (add -s_srs if the file does not name its system)"
	case e.Code == CRSOldDatum:
		return ". Ask the surveying authority for the file in CGCS2000, or convert with its local parameters: " + convertOldDatum
	case e.Code == CRSNotFinite:
		return ". Correct the file"
	case e.Code == CRSSwapped:
		return ". Swap the axes: ogr2ogr -f GeoJSON -dialect SQLite -sql 'SELECT ST_SwapCoordinates(geometry), * FROM layer' out.geojson in.geojson"
	case len(e.Guess) > 0 && e.Guess[0] == anyMeridian:
		return ". They would fit one of EPSG:4534-4554: find out the central meridian and state its system with --crs EPSG:n (CM 75E + 3°·k is EPSG:4534 + k)"
	case len(e.Guess) > 0:
		return ". They would fit " + strings.Join(e.Guess, " or ") + ": state it with --crs " + e.Guess[0]
	}
	return ". Find out the file's system and state it with --crs EPSG:n"
}

func (e *CRSError) remedyZH() string {
	switch {
	case e.Code == CRSUnreadable || e.Code == CRSUnsupported:
		return "。支持：" + supportedCRS + "。请先转换：" + convertCRS + "（文件未写明坐标系时加 -s_srs）"
	case e.Code == CRSOldDatum:
		return "。请向测绘主管部门索取 2000 国家大地坐标系成果，或用其提供的参数转换：" + convertOldDatum
	case e.Code == CRSNotFinite:
		return "。请改正文件"
	case e.Code == CRSSwapped:
		return "。请交换坐标轴：ogr2ogr -f GeoJSON -dialect SQLite -sql 'SELECT ST_SwapCoordinates(geometry), * FROM layer' out.geojson in.geojson"
	case len(e.Guess) > 0 && e.Guess[0] == anyMeridian:
		return "。坐标更像 EPSG:4534-4554 之一：请查明中央经线并用 --crs EPSG:n 指明（中央经线 75°E + 3°·k 为 EPSG:4534 + k）"
	case len(e.Guess) > 0:
		return "。坐标更像 " + strings.Join(e.Guess, " 或 ") + "：请用 --crs " + e.Guess[0] + " 指明"
	}
	return "。请查明文件的坐标系并用 --crs EPSG:n 指明"
}

// Check refuses coordinates that cannot be in this system: metres said to be degrees, degrees said to be metres, swapped
// axes, a missing, superfluous or wrong zone number, places far outside the zone. The error is a *CRSError with the
// guess and the remedy. A nil error does not prove the system right: without a zone number, three degrees too far
// east look like any other place.
func (c CRS) Check(b orb.Bound) error {
	for _, v := range [4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &CRSError{Code: CRSNotFinite, Stated: c.id, Bound: b}
		}
	}
	if b.Min[0] > b.Max[0] || b.Min[1] > b.Max[1] {
		return &CRSError{Code: CRSNotFinite, Stated: c.id}
	}
	code, guess := CRSCode(""), []string(nil)
	switch c.kind {
	case kindGeographic:
		code, guess = checkGeographic(b)
	case kindWebMercator:
		code, guess = checkWebMercator(b)
	default:
		code, guess = c.checkTransverse(b)
	}
	if code == "" {
		return nil
	}
	return &CRSError{Code: code, Stated: c.id, Guess: guess, Bound: b}
}

// degreeSlack lets 180.0000000001 pass: rounding in another program, not a fault.
const degreeSlack = 1e-9

func inDegrees(b orb.Bound) bool {
	return b.Min[0] >= -180-degreeSlack && b.Max[0] <= 180+degreeSlack && b.Min[1] >= -90-degreeSlack && b.Max[1] <= 90+degreeSlack
}

// span reports whether lo..hi lies within [min, max].
func span(lo, hi, min, max float64) bool { return lo >= min && hi <= max }

func checkGeographic(b orb.Bound) (CRSCode, []string) {
	if inDegrees(b) {
		// Latitude 3..54 first and longitude 73..90 second is western China with its axes swapped; read as it stands it would be
		// the Arctic Ocean around Svalbard.
		if span(b.Min[0], b.Max[0], 3, 54) && span(b.Min[1], b.Max[1], 73, 90) {
			return CRSSwapped, nil
		}
		return "", nil
	}
	if b.Min[0] >= -90 && b.Max[0] <= 90 && b.Min[1] >= -180 && b.Max[1] <= 180 {
		return CRSSwapped, nil
	}
	if guess := guessMetres(b); len(guess) > 0 {
		return CRSMetresAsDegrees, guess
	}
	if guess := guessMetres(swapped(b)); len(guess) > 0 {
		return CRSMetresAsDegrees, nil
	}
	if math.Max(b.Max[0], b.Max[1]) > 1000 || math.Min(b.Min[0], b.Min[1]) < -1000 {
		return CRSMetresAsDegrees, nil
	}
	return CRSOutside, nil
}

func swapped(b orb.Bound) orb.Bound {
	return orb.Bound{Min: orb.Point{b.Min[1], b.Min[0]}, Max: orb.Point{b.Max[1], b.Max[0]}}
}

// Northings of China (3°N to 54°N) and eastings of a zone about its false easting of 500 km, in metres.
const (
	chinaSouthM, chinaNorthM = 300e3, 6.0e6
	zoneWestM, zoneEastM     = 100e3, 900e3
)

// anyMeridian stands for the 3-degree systems without zone number: their eastings fit any central meridian.
const anyMeridian = "EPSG:4534-4554"

// guessMetres names systems of the list that metres like these would fit in China, the likeliest first.
func guessMetres(b orb.Bound) []string {
	var guess []string
	if span(b.Min[1], b.Max[1], chinaSouthM, chinaNorthM) {
		if p := prefixOf(b); p >= 25 && p <= 45 {
			guess = append(guess, fmt.Sprintf("EPSG:%d", gaussKruger(3, float64(3*p), true)))
		} else if p >= 13 && p <= 23 {
			guess = append(guess, fmt.Sprintf("EPSG:%d", gaussKruger(6, float64(6*p-3), true)))
		} else if span(b.Min[0], b.Max[0], zoneWestM, zoneEastM) {
			guess = append(guess, anyMeridian)
		}
	}
	if span(b.Min[0], b.Max[0], 73*111319.49, 136*111319.49) && span(b.Min[1], b.Max[1], 334111, 7.2e6) {
		guess = append(guess, "EPSG:3857")
	}
	return guess
}

// prefixOf is the zone number of a Gauss-Krüger system of China before the eastings, or 0: the same for west and east,
// with a remainder that is an easting.
func prefixOf(b orb.Bound) int {
	lo, hi := math.Floor(b.Min[0]/1e6), math.Floor(b.Max[0]/1e6)
	if lo != hi || lo < 13 || lo == 24 || lo > 45 || !span(b.Min[0]-lo*1e6, b.Max[0]-lo*1e6, zoneWestM, zoneEastM) {
		return 0
	}
	return int(lo)
}

func checkWebMercator(b orb.Bound) (CRSCode, []string) {
	const limit = math.Pi*semiMajorM + 1
	switch {
	case inDegrees(b):
		return CRSDegreesAsMetres, []string{"EPSG:4490", "EPSG:4326"}
	case span(b.Min[0], b.Max[0], -limit, limit) && span(b.Min[1], b.Max[1], -limit, limit):
		return "", nil
	}
	return CRSOutside, guessMetres(b)
}

// zoneMarginDeg is how far outside its nominal zone a file may reach, in degrees: places on a zone's border are often kept
// whole in one zone, and offshore islands in the nearest.
const zoneMarginDeg = 2

func (c CRS) checkTransverse(b orb.Bound) (CRSCode, []string) {
	if inDegrees(b) {
		return CRSDegreesAsMetres, []string{"EPSG:4490", "EPSG:4326"}
	}
	if c.within(b) {
		return "", nil
	}
	if c.within(swapped(b)) {
		return CRSSwapped, nil
	}
	p := prefixOf(b)
	switch {
	case c.prefix != 0 && p == 0 && span(b.Min[0], b.Max[0], zoneWestM, zoneEastM):
		return CRSPrefixMissing, []string{fmt.Sprintf("EPSG:%d", gaussKruger(c.width, c.tm.cm, false))}
	case p != 0 && p != c.prefix:
		guess := guessMetres(b)
		if c.prefix != 0 {
			return CRSPrefixWrong, guess
		}
		return CRSPrefixUnexpected, guess
	}
	if len(guessMetres(swapped(b))) > 0 && len(guessMetres(b)) == 0 {
		return CRSSwapped, nil
	}
	return CRSOutside, guessMetres(b)
}

// within reports whether the bound lies in the zone, its margin included.
func (c CRS) within(b orb.Bound) bool {
	if b.Max[0]-c.tm.fe > 1e6 || b.Min[0]-c.tm.fe < -1e6 {
		return false
	}
	lo, hi := -1.0, 1e7-1
	if c.tm.fn > 0 { // southern half: false northing 10 000 km
		lo, hi = 1, 1e7+1
	} else if c.width != 0 { // CGCS2000 is China's
		hi = chinaNorthM + 50e3
	}
	if b.Min[1] < lo || b.Max[1] > hi {
		return false
	}
	reach := c.tm.halfDeg + zoneMarginDeg
	for _, p := range [4]orb.Point{b.Min, b.Max, {b.Min[0], b.Max[1]}, {b.Max[0], b.Min[1]}} {
		if lon, _ := c.tm.inverse(p[0], p[1]); !(math.Abs(lon-c.tm.cm) <= reach) {
			return false
		}
	}
	return true
}
