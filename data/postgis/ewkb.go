package postgis

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// The reference systems of stored shapes. Longitude and latitude are stored as
// CGCS2000 (EPSG:4490), the datum of the trade and the one muscope measures
// on: ST_Area(geom::geography) then uses the same ellipsoid. PROJ takes it and
// WGS 84 (4326) for the same at the accuracy of a parcel.
const (
	sridLonLat   = 4490
	sridMercator = 3857
)

const (
	ewkbPolygon      = 3
	ewkbMultiPolygon = 6
	ewkbHasSRID      = 0x20000000
)

// mercatorRadius is the sphere of Web Mercator in metres; mercatorMaxLat is
// where its square world ends.
const (
	mercatorRadius = 6378137.0
	mercatorMaxLat = 85.05112877980659
)

// toMercator projects longitude and latitude to EPSG:3857, within a micrometre
// of PROJ.
func toMercator(p orb.Point) orb.Point {
	lat := max(-mercatorMaxLat, min(mercatorMaxLat, p[1]))
	s := math.Sin(lat * (math.Pi / 180))
	return orb.Point{p[0] * (mercatorRadius * math.Pi / 180), mercatorRadius / 2 * math.Log((1+s)/(1-s))}
}

// appendEWKB writes mp as hexadecimal EWKB, each point put through project
// where that is given. It does what go-geom's ewkbhex does (the tests hold it
// to that) straight into the COPY buffer: a tenth of the time and no garbage.
func appendEWKB(b []byte, mp orb.MultiPolygon, srid uint32, project func(orb.Point) orb.Point) []byte {
	b = append(b, "01"...)
	b = appendHex32(b, ewkbMultiPolygon|ewkbHasSRID)
	b = appendHex32(b, srid)
	b = appendHex32(b, uint32(len(mp)))
	for _, poly := range mp {
		b = append(b, "01"...)
		b = appendHex32(b, ewkbPolygon)
		b = appendHex32(b, uint32(len(poly)))
		for _, ring := range poly {
			b = appendHex32(b, uint32(len(ring)))
			for _, p := range ring {
				if project != nil {
					p = project(p)
				}
				b = appendHexFloat(appendHexFloat(b, p[0]), p[1])
			}
		}
	}
	return b
}

// hex8 is the eight hexadecimal digits of the four bytes of v, lowest first.
func hex8(v uint32) uint64 {
	const low = 0x000f000f000f000f
	w := uint64(v)
	w = (w | w<<16) & 0x0000ffff0000ffff
	w = (w | w<<8) & 0x00ff00ff00ff00ff
	n := w>>4&low | w&low<<8
	letters := (n + 0x0606060606060606) >> 4 & 0x0101010101010101
	return n + 0x3030303030303030 + letters*('a'-'0'-10)
}

func appendHex32(b []byte, v uint32) []byte { return binary.LittleEndian.AppendUint64(b, hex8(v)) }

func appendHexFloat(b []byte, f float64) []byte {
	v := math.Float64bits(f)
	return appendHex32(appendHex32(b, uint32(v)), uint32(v>>32))
}

// errEWKB is wrapped by the errors of parseEWKB.
var errEWKB = errors.New("not the hexadecimal EWKB of a multipolygon")

// parseEWKB reads what appendEWKB and PostGIS write.
func parseEWKB(hex []byte) (orb.MultiPolygon, error) {
	r := ewkbReader{hex: hex}
	if kind := r.head(); kind != ewkbMultiPolygon {
		return nil, fmt.Errorf("%w: geometry type %d", errEWKB, kind)
	}
	n := r.count(18)
	mp := make(orb.MultiPolygon, 0, n)
	for range n {
		if kind := r.head(); kind != ewkbPolygon {
			return nil, fmt.Errorf("%w: part of type %d", errEWKB, kind)
		}
		rings := r.count(8)
		poly := make(orb.Polygon, 0, rings)
		for range rings {
			poly = append(poly, r.ring())
		}
		mp = append(mp, poly)
	}
	if r.bad || r.at != len(hex) {
		return nil, fmt.Errorf("%w: broken at byte %d of %d", errEWKB, r.at, len(hex))
	}
	return mp, nil
}

type ewkbReader struct {
	hex []byte
	at  int
	bad bool
}

// head reads byte order, type and, where there is one, SRID.
func (r *ewkbReader) head() uint32 {
	if r.at+2 > len(r.hex) || string(r.hex[r.at:r.at+2]) != "01" {
		r.bad = true
		return 0
	}
	r.at += 2
	kind := r.uint32()
	if kind&ewkbHasSRID != 0 {
		r.uint32()
	}
	return kind &^ ewkbHasSRID
}

func (r *ewkbReader) ring() orb.Ring {
	n := r.count(32)
	ring := make(orb.Ring, n)
	for i := range ring {
		ring[i] = orb.Point{r.float(), r.float()}
	}
	return ring
}

// count reads a number of things of at least size hex digits each.
func (r *ewkbReader) count(size int) int {
	n := int(r.uint32())
	if r.bad || n*size > len(r.hex)-r.at {
		r.bad = true
		return 0
	}
	return n
}

func (r *ewkbReader) uint32() uint32 {
	if r.at+8 > len(r.hex) {
		r.bad = true
		return 0
	}
	var v uint32
	for i := 6; i >= 0; i -= 2 {
		v = v<<8 | uint32(nibble(r.hex[r.at+i])<<4|nibble(r.hex[r.at+i+1]))
	}
	r.at += 8
	return v
}

func (r *ewkbReader) float() float64 {
	lo := r.uint32()
	return math.Float64frombits(uint64(r.uint32())<<32 | uint64(lo))
}

// nibble is the value of a hexadecimal digit in either case.
func nibble(c byte) byte { return c&15 + c>>6*9 }
