// Package topology owns what can be wrong between boundaries that are each valid by themselves: repeated vertices and spikes, slivers,
// parcels drawn twice, in or over each other, gaps between them, parcels and buildings across a line.
//
// Shapes come in the order of their western ends and leave again once nothing further east can meet them, so that memory holds what one
// meridian crosses, and the cost follows the number of neighbours. Every check of a run has the same Tolerance. What a parcel is for, who
// reads the findings and in which words, topology never knows.
package topology

import (
	"github.com/paulmach/orb"
)

// Code is the stable code of a kind of finding.
type Code string

// The codes, each with what A, B and the geometry of its finding are.
const (
	RepeatedVertices Code = "repeated_vertices" // A has consecutive vertices nearer than the tolerance; the vertices
	Spike            Code = "spike"             // A goes out and comes back on itself; the tips
	Sliver           Code = "sliver"            // a piece of A is narrower than ten tolerances; the piece
	Duplicate        Code = "duplicate"         // A and B are the same land; that land
	Contained        Code = "contained"         // B lies in A; that land
	Overlap          Code = "overlap"           // A and B overlap; what both claim
	ManyOverlaps     Code = "many_overlaps"     // A overlaps more than are listed
	Gap              Code = "gap"               // land of zone A that no parcel claims; that land
	AcrossLine       Code = "across_line"       // A crosses the line of zone B; its part outside
	OutsideZones     Code = "outside_zones"     // A lies in no zone; A
	Straddles        Code = "building_straddles"
	SticksOut        Code = "building_sticks_out" // part of building A lies on no parcel; that part
	OffParcels       Code = "building_off_parcels"
	Undecided        Code = "undecided" // the overlay of A and B failed; nothing is known of the pair
)

// Codes lists all codes.
func Codes() []Code {
	return []Code{RepeatedVertices, Spike, Sliver, Duplicate, Contained, Overlap, ManyOverlaps, Gap, AcrossLine, OutsideZones,
		Straddles, SticksOut, OffParcels, Undecided}
}

// Tolerance is the one tolerance of a run: what is narrower is how the same line was drawn twice, and no finding.
type Tolerance struct {
	// M is a distance in metres on the ground; see DefaultM.
	M float64
	// GapMaxM2 is the size above which unclaimed land is no gap but land that nobody parcelled: roads, rivers; 0 for DefaultGapMaxM2.
	GapMaxM2 float64
}

const (
	// DefaultM is twice the step of the seventh decimal of a degree of latitude (1.1 cm): two files that round one line to seven
	// decimals, as GeoJSON commonly does, are never further apart.
	DefaultM = 0.022
	// DefaultGapMaxM2 is one hectare.
	DefaultGapMaxM2 = 10_000
	// sliverWidths is how many tolerances wide land has to be to be more than a sliver.
	sliverWidths = 10
	// mostOverlaps is how many overlaps of one parcel are listed: land drawn n times has n² pairs.
	mostOverlaps = 50
)

// Usual is the tolerance where nobody states another.
func Usual() Tolerance { return Tolerance{M: DefaultM, GapMaxM2: DefaultGapMaxM2} }

// Kind is what a shape stands for.
type Kind uint8

// The kinds of shapes.
const (
	Zone Kind = iota + 1
	Parcel
	Building
)

// Ref names a shape and where it stands in the input.
type Ref struct {
	Kind    Kind
	ID      string
	File    int32
	Feature int64
}

// Shape is one valid boundary in longitude and latitude.
type Shape struct {
	Ref
	// Level parts parcels that may lie over each other: rights on, above and below the surface.
	Level string
	// Gaps is whether gaps between parcels are looked for, in a zone.
	Gaps bool
	MP   orb.MultiPolygon
}

// Vertex is a vertex of a boundary: polygon, ring and number from 0, and where it is.
type Vertex struct {
	Polygon, Ring, Number int
	Point                 orb.Point
}

// Finding is one thing to look at. It is valid during the call it is given to.
type Finding struct {
	Code Code
	A, B Ref // B is zero where one shape alone is at fault
	// AreaM2 is the ellipsoid area of Geometry where that is land, and Share that over the area of A.
	AreaM2, Share float64
	// WidthM is the mean width of the widest piece of land: twice its area over its perimeter.
	WidthM float64
	// Count is the number of vertices or parcels where several make one finding.
	Count int
	// Place is a point of the fault: a vertex of A, or, where Computed, a point inside Geometry that no file holds; Near is then the
	// vertex of A that is next to it.
	Place    orb.Point
	Computed bool
	Near     Vertex
	Geometry orb.Geometry
}
