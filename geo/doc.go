// Package geo owns measuring and checking on the ground: units of land area, area on the CGCS2000 ellipsoid,
// the coordinate reference systems that input files may be in, and whether a boundary is a sound one, with the
// place of the fault where it is not.
//
// It never knows land law, files or databases: it takes orb geometries and numbers and gives the same back.
// Coordinates are longitude, latitude in degrees unless a name says plane; files in a projected system are brought to
// longitude and latitude first (CRS.ToLonLatMultiPolygon). Edges are straight in longitude and latitude, as RFC 7946
// section 3.1.1 has it, so that the pieces of a cut parcel add up to the whole.
package geo
