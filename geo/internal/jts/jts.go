// Package jts is the one border between orb's polygons and simplefeatures, the Go port of the Java Topology Suite: it converts,
// runs an overlay, converts back, and turns the library's failures into errors. It owns nothing about zones,
// parcels or validity.
package jts

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
	gogeom "github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/xy"
)

// ErrOverlay is wrapped by every error of this package.
var ErrOverlay = errors.New("polygon overlay failed")

// Intersection returns what a and b have in common; parts without area are dropped.
func Intersection(a, b orb.MultiPolygon) (orb.MultiPolygon, error) {
	return binary("intersection", geom.Intersection, a, b)
}

// Difference returns the part of a outside b.
func Difference(a, b orb.MultiPolygon) (orb.MultiPolygon, error) {
	return binary("difference", geom.Difference, a, b)
}

// SymmetricDifference returns the part of a and b that only one of them covers.
func SymmetricDifference(a, b orb.MultiPolygon) (orb.MultiPolygon, error) {
	return binary("symmetric difference", geom.SymmetricDifference, a, b)
}

// Union returns what any of mps covers.
func Union(mps []orb.MultiPolygon) (orb.MultiPolygon, error) {
	return run("union", mps, func(gs []geom.Geometry) (geom.Geometry, error) { return geom.UnionMany(gs) })
}

func binary(name string, op func(a, b geom.Geometry) (geom.Geometry, error), a, b orb.MultiPolygon) (orb.MultiPolygon, error) {
	return run(name, []orb.MultiPolygon{a, b}, func(gs []geom.Geometry) (geom.Geometry, error) { return op(gs[0], gs[1]) })
}

// gridDecimals are the decimals of a degree that the second attempt rounds to, if the first one fails: 1e-11° is a micrometre.
const gridDecimals = 11

func run(name string, in []orb.MultiPolygon, op func([]geom.Geometry) (geom.Geometry, error)) (orb.MultiPolygon, error) {
	gs := make([]geom.Geometry, len(in))
	for i, mp := range in {
		gs[i] = geometry(mp).AsGeometry()
	}
	out, err := guarded(gs, op)
	if err != nil {
		for i := range gs {
			gs[i] = gs[i].SnapToGrid(gridDecimals)
		}
		var again error
		if out, again = guarded(gs, op); again != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrOverlay, name, err)
		}
	}
	return out, nil
}

// guarded runs op and turns a panic of the library into an error: one bad parcel must not end a load of a million.
func guarded(gs []geom.Geometry, op func([]geom.Geometry) (geom.Geometry, error)) (mp orb.MultiPolygon, err error) {
	defer func() {
		if r := recover(); r != nil {
			mp, err = nil, fmt.Errorf("panic in the overlay library: %v", r)
		}
	}()
	g, err := op(gs)
	if err != nil {
		return nil, err
	}
	return multiPolygon(nil, g), nil
}

func geometry(mp orb.MultiPolygon) geom.MultiPolygon {
	polys := make([]geom.Polygon, 0, len(mp))
	for _, p := range mp {
		rings := make([]geom.LineString, 0, len(p))
		for _, r := range p {
			flat := make([]float64, 0, 2*len(r))
			for _, pt := range r {
				flat = append(flat, pt[0], pt[1])
			}
			rings = append(rings, geom.NewLineString(geom.NewSequence(flat, geom.DimXY)))
		}
		polys = append(polys, geom.NewPolygon(rings))
	}
	return geom.NewMultiPolygon(polys)
}

// multiPolygon appends the polygons of any geometry to dst, shells counter-clockwise and holes clockwise (RFC 7946
// section 3.1.6); points and lines, where borders only touch, have no area and are left out.
func multiPolygon(dst orb.MultiPolygon, g geom.Geometry) orb.MultiPolygon {
	for _, part := range g.Dump() {
		p, ok := part.AsPolygon()
		if !ok || p.IsEmpty() {
			continue
		}
		poly := make(orb.Polygon, 0, p.NumRings())
		for i, line := range p.DumpRings() {
			poly = append(poly, ring(line.Coordinates(), i == 0))
		}
		dst = append(dst, poly)
	}
	return dst
}

func ring(seq geom.Sequence, ccw bool) orb.Ring {
	n := seq.Length()
	r, flat := make(orb.Ring, n), make([]float64, 0, 2*n)
	for i := range n {
		p := seq.GetXY(i)
		r[i] = orb.Point{p.X, p.Y}
		flat = append(flat, p.X, p.Y)
	}
	if n >= 4 && xy.IsRingCounterClockwise(gogeom.XY, flat) != ccw {
		r.Reverse()
	}
	return r
}
