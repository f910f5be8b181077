// Package geopackage reads the polygons of an OGC GeoPackage (OGC 12-128r19,
// clauses 1.1, 2.1): one layer of features at a time, read-only, out of a file
// that nobody need trust. SQLite itself is modernc.org/sqlite.
//
// Only plain tables are read, never views, virtual tables or generated columns,
// so that a file can't make the reader compute; texts and boundaries are bounded,
// and no more is read out of a file than can stand in it.
//
// [Reader.Next] hands out batches of rows whose boundaries several goroutines
// may decode at once. The package owns the format only: which system an
// organization's code stands for it leaves to package geo, what a column means to
// data/ingest.
package geopackage
