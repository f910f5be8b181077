package geo_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo"
)

func ExampleAreaM2() {
	parcel := orb.Polygon{{{108.31, 22.81}, {108.312, 22.81}, {108.312, 22.8115}, {108.31, 22.8115}, {108.31, 22.81}}}
	m2 := geo.AreaM2(parcel)
	fmt.Printf("%.2f m², %.3f mu, %.4f ha\n", m2, geo.Mu(m2), geo.Hectares(m2))
	// Output: 34107.76 m², 51.162 mu, 3.4108 ha
}

func ExampleValidate() {
	bowTie := orb.MultiPolygon{{{{108, 22}, {108.01, 22.01}, {108.01, 22}, {108, 22.01}, {108, 22}}}}
	for _, d := range geo.Validate(bowTie) {
		fmt.Println(d.Message("zh"))
		fmt.Println(d.Message("en"))
	}
	// Output:
	// 环自相交：第 1 个多边形第 1 环第 1 点之后的计算点，位于 108.005000000 22.005000000；请改正边界，或用 --repair 修复
	// the ring crosses or touches itself: polygon 1, ring 1, computed point after vertex 1, at 108.005000000 22.005000000; correct the boundary, or load with --repair
}

func ExampleCRS_Check() {
	crs, err := geo.ParseCRS("urn:ogc:def:crs:EPSG::4545")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(crs.Check(orb.Bound{Min: orb.Point{36530000, 2520000}, Max: orb.Point{36540000, 2530000}}))
	// Output: EPSG:4545 has no zone number before the easting, the coordinates have one; coordinates span 36530000,2520000 … 36540000,2530000. They would fit EPSG:4524: state it with --crs EPSG:4524
}
