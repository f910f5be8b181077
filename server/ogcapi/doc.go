// Package ogcapi owns the resources of OGC API – Features (17-069r4 Part 1,
// 18-058r1 Part 2, 19-079r2 Part 3) and OGC API – Tiles (20-057): landing pages, conformance, collections,
// queryables, items and downloads, as GeoJSON, HTML, CSV, GeoJSON text
// sequences and FlatGeobuf.
//
// It says what a resource is and how its parameters are read; the server above
// it routes, limits and describes, and a Store hands in the features. It never
// knows land rules, SQL, or where features are kept.
package ogcapi
