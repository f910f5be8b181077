package geo

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// wktNode is one KEYWORD[…] of well-known text: its keyword in capitals, its
// texts and numbers in order, and the nodes inside.
type wktNode struct {
	key   string
	texts []string
	inner []*wktNode
}

// maxWKT bounds a description in bytes; real ones are under two thousand.
const maxWKT = 64 << 10

// ParseWKT reads a coordinate reference system from well-known text as .prj
// files and GeoPackages carry it: WKT 1 as OGC and Esri write it, and WKT 2
// (ISO 19162). An authority's code is believed where it is one of the list;
// else the datum and the projection's parameters decide. The error is a
// *CRSError; of Beijing 1954, Xian 1980 and TWD67 it says that they need the
// survey's own transformation.
func ParseWKT(s string) (CRS, error) {
	s = strings.TrimSpace(strings.TrimPrefix(s, "\uFEFF"))
	p := wktParser{s: s}
	root, ok := p.node(0)
	if len(s) > maxWKT || !ok || strings.TrimSpace(p.s[p.i:]) != "" {
		return CRS{}, &CRSError{Code: CRSUnreadable, Stated: shortened(s)}
	}
	if root.key == "COMPD_CS" || root.key == "COMPOUNDCRS" { // heights are dropped
		for _, n := range root.inner {
			if c, err := crsOfNode(n); err == nil || n.isProjected() || n.isGeographic() {
				return c, err
			}
		}
	}
	return crsOfNode(root)
}

func shortened(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

type wktParser struct {
	s string
	i int
}

const maxWKTDepth = 16

// node reads KEYWORD[item, item, …] with either kind of bracket.
func (p *wktParser) node(depth int) (*wktNode, bool) {
	p.space()
	start := p.i
	for p.i < len(p.s) && (isLetter(p.s[p.i]) || p.s[p.i] == '_' || p.i > start && p.s[p.i]-'0' <= 9) {
		p.i++
	}
	n := &wktNode{key: strings.ToUpper(p.s[start:p.i])}
	p.space()
	if n.key == "" || depth > maxWKTDepth || p.i >= len(p.s) || p.s[p.i] != '[' && p.s[p.i] != '(' {
		return nil, false
	}
	for {
		p.i++ // the bracket or a comma
		if !p.item(n, depth) {
			return nil, false
		}
		p.space()
		if p.i >= len(p.s) {
			return nil, false
		}
		switch p.s[p.i] {
		case ',':
		case ']', ')':
			p.i++
			return n, true
		default:
			return nil, false
		}
	}
}

// item reads one text, number, word or node into n.
func (p *wktParser) item(n *wktNode, depth int) bool {
	p.space()
	if p.i < len(p.s) && p.s[p.i] == '"' {
		end := strings.IndexByte(p.s[p.i+1:], '"')
		if end < 0 {
			return false
		}
		n.texts = append(n.texts, p.s[p.i+1:p.i+1+end])
		p.i += end + 2
		return true
	}
	end := strings.IndexAny(p.s[p.i:], ",[]()")
	if end < 0 {
		return false
	}
	if c := p.s[p.i+end]; c == '[' || c == '(' {
		inner, ok := p.node(depth + 1)
		n.inner = append(n.inner, inner)
		return ok
	}
	n.texts = append(n.texts, strings.TrimSpace(p.s[p.i:p.i+end]))
	p.i += end
	return true
}

func (p *wktParser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n\x00", p.s[p.i]) >= 0 {
		p.i++
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func (n *wktNode) isProjected() bool {
	return n.key == "PROJCS" || n.key == "PROJCRS" || n.key == "PROJECTEDCRS"
}

func (n *wktNode) isGeographic() bool {
	return n.key == "GEOGCS" || n.key == "GEOGCRS" || n.key == "GEODCRS" || n.key == "BASEGEOGCRS" || n.key == "GEOGRAPHICCRS" || n.key == "GEODETICCRS" || n.key == "BASEGEODCRS"
}

func (n *wktNode) name() string {
	if len(n.texts) == 0 {
		return ""
	}
	return n.texts[0]
}

// find is the first node of one of the keys, n's own children first.
func (n *wktNode) find(keys ...string) *wktNode {
	for _, c := range n.inner {
		for _, k := range keys {
			if c.key == k {
				return c
			}
		}
	}
	for _, c := range n.inner {
		if found := c.find(keys...); found != nil {
			return found
		}
	}
	return nil
}

// epsg is the code that an AUTHORITY or ID of n itself gives, 0 for none.
func (n *wktNode) epsg() int {
	for _, c := range n.inner {
		if (c.key == "AUTHORITY" || c.key == "ID") && len(c.texts) > 1 && strings.EqualFold(c.texts[0], "EPSG") {
			code, err := strconv.Atoi(c.texts[1])
			if err == nil {
				return code
			}
		}
	}
	return 0
}

func (n *wktNode) number(i int) float64 {
	if n == nil || i >= len(n.texts) {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(n.texts[i], 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

func crsOfNode(n *wktNode) (CRS, error) {
	if !n.isProjected() && !n.isGeographic() {
		return CRS{}, &CRSError{Code: CRSUnsupported, Stated: shortened(n.name())}
	}
	if code := n.epsg(); code != 0 {
		if c, ok := byEPSG(code); ok {
			return c, nil
		}
	}
	d := datumOf(n)
	switch {
	case d == datumOld:
		return CRS{}, &CRSError{Code: CRSOldDatum, Stated: shortened(n.name())}
	case d == datumUnknown:
		return CRS{}, &CRSError{Code: CRSUnsupported, Stated: shortened(n.name())}
	case n.isGeographic():
		return geographicOf(n, d)
	}
	code := projectedEPSG(n)
	if c, ok := byEPSG(code); ok {
		return c, nil
	}
	return CRS{}, &CRSError{Code: CRSUnsupported, Stated: shortened(n.name())}
}

type datumKind uint8

const (
	datumUnknown datumKind = iota
	datumCGCS2000
	datumWGS84
	datumTWD97
	datumOld
)

// datumOf tells the datum by its name; of one with another name the ellipsoid
// alone doesn't prove it, but an old ellipsoid condemns it.
func datumOf(n *wktNode) datumKind {
	datum := n.find("DATUM", "GEODETICDATUM", "TRF", "ENSEMBLE")
	if datum == nil {
		return datumUnknown
	}
	name := strings.NewReplacer("_", "", " ", "", "-", "").Replace(strings.ToUpper(datum.name()))
	a := datum.find("SPHEROID", "ELLIPSOID").number(1)
	switch {
	case a == 6378140 || a == 6378245 || a == 6378160: // Xian 1980, Krasovsky (Beijing 1954), TWD67
		return datumOld
	case strings.Contains(name, "CHINA2000") || strings.Contains(name, "CGCS2000"):
		return datumCGCS2000
	case strings.Contains(name, "WGS1984") || strings.Contains(name, "WGS84") || strings.Contains(name, "WORLDGEODETICSYSTEM1984"):
		return datumWGS84
	case strings.Contains(name, "TWD97") || strings.Contains(name, "TWD1997") || strings.Contains(name, "TAIWANDATUM1997"):
		return datumTWD97
	}
	return datumUnknown
}

// geographicOf is longitude and latitude in degrees from Greenwich.
func geographicOf(n *wktNode, d datumKind) (CRS, error) {
	unit := n.unit()
	if math.Abs(unit-radian) > 1e-9 || math.Abs(n.find("PRIMEM", "PRIMEMERIDIAN").number(1)) > 1e-9 {
		return CRS{}, &CRSError{Code: CRSUnsupported, Stated: shortened(n.name())}
	}
	code := 4326
	switch d {
	case datumCGCS2000:
		code = 4490
	case datumTWD97:
		code = 3824
	}
	c, _ := byEPSG(code)
	return c, nil
}

// unit is the factor of the system's own UNIT: the last one of its children,
// or of the coordinate system's axes in WKT 2.
func (n *wktNode) unit() float64 {
	for i := len(n.inner) - 1; i >= 0; i-- {
		switch c := n.inner[i]; c.key {
		case "UNIT", "LENGTHUNIT", "ANGLEUNIT":
			return c.number(1)
		}
	}
	for _, c := range n.inner {
		if c.key == "AXIS" {
			return c.find("LENGTHUNIT", "ANGLEUNIT", "UNIT").number(1)
		}
	}
	return math.NaN()
}

// parameters of the projection, by names without marks and in lower case.
func (n *wktNode) parameters() map[string]float64 {
	out := map[string]float64{}
	var walk func(*wktNode)
	walk = func(n *wktNode) {
		for _, c := range n.inner {
			if c.key == "PARAMETER" {
				out[strings.NewReplacer("_", "", " ", "").Replace(strings.ToLower(c.name()))] = c.number(1)
			}
			walk(c)
		}
	}
	walk(n)
	return out
}

// firstOf is the first parameter that is given, 0 where none is.
func firstOf(p map[string]float64, otherwise float64, names ...string) float64 {
	for _, n := range names {
		if v, ok := p[n]; ok {
			return v
		}
	}
	return otherwise
}

// projectedEPSG finds the system of the list with these parameters, 0 for none.
func projectedEPSG(n *wktNode) int {
	if math.Abs(n.unit()-1) > 1e-9 {
		return 0
	}
	method := n.find("PROJECTION", "METHOD")
	if method == nil {
		return 0
	}
	p := n.parameters()
	name := strings.NewReplacer("_", "", " ", "", "-", "").Replace(strings.ToLower(method.name()))
	switch name {
	case "mercatorauxiliarysphere", "popularvisualisationpseudomercator":
		return 3857
	case "transversemercator", "gausskruger", "gaussschreibertransversemercator":
		return transverseEPSG(n, p)
	}
	if strings.Contains(strings.ToLower(n.name()), "pseudo-mercator") {
		return 3857
	}
	return 0
}

func transverseEPSG(n *wktNode, p map[string]float64) int {
	cm := firstOf(p, 0, "centralmeridian", "longitudeofnaturalorigin")
	fe := firstOf(p, 0, "falseeasting")
	fn := firstOf(p, 0, "falsenorthing")
	k0 := firstOf(p, 1, "scalefactor", "scalefactoratnaturalorigin")
	if firstOf(p, 0, "latitudeoforigin", "latitudeofnaturalorigin") != 0 {
		return 0
	}
	switch {
	case k0 == 0.9996 && fe == 500000 && (fn == 0 || fn == 1e7):
		zone := int(math.Round((cm + 183) / 6))
		if zone < 1 || zone > 60 || float64(6*zone-183) != cm {
			return 0
		}
		if fn == 0 {
			return 32600 + zone
		}
		return 32700 + zone
	case k0 == 0.9999 && cm == 121 && fe == 250000 && fn == 0:
		return 3826
	case k0 == 1 && fn == 0:
		return gaussKrugerOf(strings.ToLower(n.name()), cm, fe)
	}
	return 0
}

// gaussKrugerOf finds the Gauss-Krüger system: a false easting over a million
// carries the zone number, and that says how wide the zone is; without one the
// name does, and 3 degrees where it doesn't (the coordinates are the same).
func gaussKrugerOf(name string, cm, fe float64) int {
	if math.Mod(cm, 3) != 0 {
		return 0
	}
	zone := (fe - 500000) / 1e6
	width := 3
	name = strings.NewReplacer("_", "", " ", "", "-", "").Replace(name)
	switch {
	case zone == 0 && strings.Contains(name, "3degree"):
	case zone == 0: // Esri's CGCS2000_GK_CM_105E and EPSG's "Gauss-Kruger CM 105E" are 6 degrees wide
		if math.Mod(cm-3, 6) == 0 && (strings.Contains(name, "gkcm") || strings.Contains(name, "gausskrugercm") || strings.Contains(name, "6degree")) {
			width = 6
		}
	case zone*3 == cm:
	case zone*6-3 == cm:
		width = 6
	default:
		return 0
	}
	return gaussKruger(width, cm, zone != 0)
}

// describeOldDatum is the message of a datum that no formula brings to CGCS2000.
func describeOldDatum(stated string) (zh, en string) {
	return "坐标系“" + stated + "”基于旧的大地基准（1954 北京、1980 西安或 TWD67），与 2000 国家大地坐标系相差数十至上百米",
		fmt.Sprintf("%q is on an old datum (Beijing 1954, Xian 1980 or TWD67), tens to hundreds of metres off CGCS2000", stated)
}
