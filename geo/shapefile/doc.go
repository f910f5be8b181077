// Package shapefile reads Esri shapefiles as bureaus send them: the .shp with
// polygons, the .dbf with attributes in GB18030, Big5 or UTF-8, the .shx where
// there is one, and what .cpg says of the encoding.
//
// [Open] checks the headers against the sizes of the files and settles the
// encoding with its evidence; [Reader.Next] hands out batches of records which
// several goroutines may decode at once. Memory is bounded by the batch and the
// largest record, whatever the size of the files. A fault of one record is a
// raw.Fault of that feature; files that contradict each other or themselves are
// a *raw.Error, and nothing of them should be kept.
//
// The package owns the format only: rings are put together to polygons by their
// direction and by which lies in which, but whether they are closed or cross
// each other is asked by package geo, and what a column means by data/ingest.
// It follows Esri's Shapefile Technical Description of July 1998 and the dBASE
// III table format.
package shapefile
