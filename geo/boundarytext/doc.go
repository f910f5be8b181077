// Package boundarytext reads the text format in which surveyors and bureaus in
// China exchange boundaries (勘测定界、报备坐标):
//
//	[属性描述]
//	坐标系=2000国家大地坐标系
//	几度分带=3
//	带号=36
//	[地块坐标]
//	5,1.2500,DK-01,甲地块,面,,工业用地,1001,@
//	J1,1,2530000.000,36500000.000
//	…
//
// A line that ends in @ begins a parcel: number of points, area in hectares,
// number, name, kind, map sheet, purpose and land class. Its points follow: name,
// ring (1 is the outer one, 2 and on are the holes in it; a second ring 1 begins
// another piece), X and Y, where X is the NORTHING. Rings repeat their first
// point. The text is mostly GBK.
//
// [Reader.Next] hands out batches of whole parcels, which several goroutines
// may decode at once; memory is bounded by the batch and the largest parcel.
// Geometry is given in the order easting, northing.
//
// The package owns the format only: which coordinate system the head describes
// it says in its own words ([Head]); what a class means and whether a ring is
// valid it never knows.
package boundarytext
