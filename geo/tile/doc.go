// Package tile draws polygons into Mapbox vector tiles (MVT 2.1) of the Web
// Mercator square: it clips to the tile, puts points on the tile's grid and
// encodes features and their properties.
//
// It owns the grid of a tile, what becomes of shapes smaller than a step of it,
// and the winding of rings. It never knows what a feature is, where it is
// stored, or who may see it.
package tile
