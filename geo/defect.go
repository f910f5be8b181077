package geo

import (
	"fmt"

	"github.com/paulmach/orb"
)

// DefectCode names the rule of a sound boundary that is broken. Codes are stable: they stand in reject files.
type DefectCode string

// The defects that Validate finds (OGC Simple Feature Access 06-103r4 section 6.1.11, RFC 7946 section 3.1.6).
const (
	// DefectEmpty: a geometry without polygons, or a polygon without rings.
	DefectEmpty DefectCode = "geometry_empty"
	// DefectNotFinite: a coordinate is not a finite number.
	DefectNotFinite DefectCode = "coordinate_not_finite"
	// DefectOutOfRange: a longitude beyond ±180 or a latitude beyond ±90 degrees.
	DefectOutOfRange DefectCode = "coordinate_out_of_range"
	// DefectNotClosed: the last position of a ring is not its first.
	DefectNotClosed DefectCode = "ring_not_closed"
	// DefectTooFewPoints: a ring of fewer than four positions or three different points.
	DefectTooFewPoints DefectCode = "ring_too_few_points"
	// DefectZeroArea: all points of a ring lie on one line.
	DefectZeroArea DefectCode = "ring_zero_area"
	// DefectSelfIntersection: a ring crosses, touches or retraces itself.
	DefectSelfIntersection DefectCode = "ring_self_intersection"
	// DefectRingsCross: two rings cross each other.
	DefectRingsCross DefectCode = "rings_cross"
	// DefectRingsShareEdge: two rings run along a common stretch.
	DefectRingsShareEdge DefectCode = "rings_share_edge"
	// DefectHoleOutside: a hole lies outside its shell.
	DefectHoleOutside DefectCode = "hole_outside_shell"
	// DefectNestedHoles: a hole lies inside another hole.
	DefectNestedHoles DefectCode = "holes_nested"
	// DefectNestedShells: a polygon lies inside another polygon of the same geometry.
	DefectNestedShells DefectCode = "shells_nested"
	// DefectDisconnected: holes that touch cut the interior of a polygon in two.
	DefectDisconnected DefectCode = "interior_disconnected"
)

// Defect is one broken rule with its place. Polygon, Ring and Vertex count from 0: the polygon in the geometry, the ring in the
// polygon (0 is the shell), the position in the ring nearest before the place; -1 where there is none.
type Defect struct {
	Code     DefectCode
	Place    orb.Point
	Polygon  int
	Ring     int
	Vertex   int
	Computed bool // Place is a computed crossing, not a position of the file
}

// Message says what is wrong, where, and what to do, in "zh" or else in English.
func (d Defect) Message(lang string) string {
	text := defectText(d.Code)
	return pick(lang, text.zh+d.whereZH()+"；"+text.remedyZH, text.en+d.whereEN()+"; "+text.remedyEN)
}

// Error returns the English message, so that a Defect may be wrapped as an error.
func (d Defect) Error() string { return d.Message("en") }

func (d Defect) whereEN() string {
	if d.Polygon < 0 {
		return ""
	}
	s := fmt.Sprintf(": polygon %d", d.Polygon+1)
	if d.Ring >= 0 {
		s += fmt.Sprintf(", ring %d", d.Ring+1)
	}
	switch {
	case d.Vertex < 0:
		return s
	case d.Computed:
		return s + fmt.Sprintf(", computed point after vertex %d, at %s", d.Vertex+1, placeText(d.Place))
	}
	return s + fmt.Sprintf(", vertex %d at %s", d.Vertex+1, placeText(d.Place))
}

func (d Defect) whereZH() string {
	if d.Polygon < 0 {
		return ""
	}
	s := fmt.Sprintf("：第 %d 个多边形", d.Polygon+1)
	if d.Ring >= 0 {
		s += fmt.Sprintf("第 %d 环", d.Ring+1)
	}
	if d.Vertex < 0 {
		return s
	}
	s += fmt.Sprintf("第 %d 点", d.Vertex+1)
	if d.Computed {
		s += "之后的计算点"
	}
	return s + "，位于 " + placeText(d.Place)
}

func placeText(p orb.Point) string { return fmt.Sprintf("%.9f %.9f", p[0], p[1]) }

type defectWords struct{ zh, en, remedyZH, remedyEN string }

func defectText(code DefectCode) defectWords {
	const redrawZH, redraw = "请改正边界，或用 --repair 修复", "correct the boundary, or load with --repair"
	switch code {
	case DefectEmpty:
		return defectWords{"几何为空", "the geometry is empty", "请补全边界", "supply the boundary"}
	case DefectNotFinite:
		return defectWords{"坐标不是有限数", "a coordinate is not a finite number", "请改正坐标", "correct the coordinate"}
	case DefectOutOfRange:
		return defectWords{"经度超出 ±180° 或纬度超出 ±90°", "longitude beyond ±180° or latitude beyond ±90°",
			"请改正坐标；跨 180° 经线的多边形应在该经线处切开", "correct the coordinate; cut a polygon across the antimeridian there (RFC 7946 section 3.1.9)"}
	case DefectNotClosed:
		return defectWords{"环未闭合", "the ring is not closed", "请使末点等于首点，或用 --repair 修复", "repeat the first position at the end, or load with --repair"}
	case DefectTooFewPoints:
		return defectWords{"环的点数不足", "the ring has too few points", "环至少要有 3 个不同的点并闭合", "a ring needs at least 3 different points and its closing one"}
	case DefectZeroArea:
		return defectWords{"环没有面积", "the ring has no area", redrawZH, redraw}
	case DefectSelfIntersection:
		return defectWords{"环自相交", "the ring crosses or touches itself", redrawZH, redraw}
	case DefectRingsCross:
		return defectWords{"两环相交", "two rings cross", redrawZH, redraw}
	case DefectRingsShareEdge:
		return defectWords{"两环有公共边", "two rings share a stretch of edge", redrawZH, redraw}
	case DefectHoleOutside:
		return defectWords{"内环在外环之外", "a hole lies outside its shell", redrawZH, redraw}
	case DefectNestedHoles:
		return defectWords{"内环套在另一内环之中", "a hole lies inside another hole", redrawZH, redraw}
	case DefectNestedShells:
		return defectWords{"多边形套在同一几何的另一多边形之中", "a polygon lies inside another polygon of the geometry", redrawZH, redraw}
	case DefectDisconnected:
		return defectWords{"相接的内环把多边形内部隔断", "touching rings cut the interior in two", redrawZH, redraw}
	}
	return defectWords{string(code), string(code), redrawZH, redraw}
}
