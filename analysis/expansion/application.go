package expansion

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
)

// Kind is what an application asks for.
type Kind string

// The values of Kind.
const (
	Enlargement Kind = "enlargement" // 扩区: pieces are added
	Adjustment  Kind = "adjustment"  // 调区: pieces are added and taken out
	Upgrade     Kind = "upgrade"     // 升级, 以升促建: the whole zone, with what is added
	Inclusion   Kind = "inclusion"   // 整合托管, 纳入拓展园: pieces that may lie apart
)

// Kinds lists every Kind.
func Kinds() []Kind { return []Kind{Enlargement, Adjustment, Upgrade, Inclusion} }

// The kinds of constraint that conditions ask for (land.Constraint.Kind).
const (
	Farmland      = "permanent_basic_farmland"   // 永久基本农田
	Redline       = "ecological_redline"         // 生态保护红线
	UrbanBoundary = "urban_development_boundary" // 城镇开发边界
	Evidence      = "evidence"                   // 举证
)

// ErrApplication is wrapped by the errors of an application that can't be
// checked as it stands.
var ErrApplication = errors.New("the application cannot be checked")

// Application is a proposed change of a zone's boundary.
type Application struct {
	Zone land.ZoneKey
	Kind Kind
	// Includes are the codes of zones or parks that are taken in: lying on them
	// is no conflict.
	Includes []string
	FiledNo  string // of the boundary of what is taken in
	Stated   Stated
	// Complete are kinds of constraint, or "zones", whose layer is declared to be whole for
	// the place: that nothing of it lies there then means there is nothing.
	Complete []string

	// Changes are facts of parcels supposed to be otherwise (what if).
	Changes []Change
	// SaveAs is the name under which the caller wants the check kept.
	SaveAs string

	Added, Removed []Piece
	// Whole is the whole new boundary, where that is drawn in place of pieces.
	Whole []Piece
	// Vertices is the number of positions in all pieces.
	Vertices int
}

// Stated is the areas that the application states, in hectares.
type Stated struct {
	OldHa     land.Number `json:"old_ha"`
	AddedHa   land.Number `json:"added_ha"`
	RemovedHa land.Number `json:"removed_ha"`
	NewHa     land.Number `json:"new_ha"`
}

// Piece is one drawn piece: a feature of the boundary file.
type Piece struct {
	ID       string
	Name     string
	File     string
	Feature  int64 // number in the file, from 1
	Geometry orb.MultiPolygon
}

// geometries are the shapes of pieces.
func geometries(pieces []Piece) []orb.MultiPolygon {
	out := make([]orb.MultiPolygon, len(pieces))
	for i := range pieces {
		out[i] = pieces[i].Geometry
	}
	return out
}

// formFault is one thing that doesn't fit together, as a key of texts.
type formFault struct {
	key  string
	args []any
}

// maxStatedHa is more than any zone has.
const maxStatedHa = 10_000_000

// layers are what Complete may name.
func layers() []string { return []string{Farmland, Redline, UrbanBoundary, Evidence, "zones"} }

// faults is what of an application doesn't fit together.
func (a *Application) faults() (out []formFault) {
	add := func(key string, args ...any) { out = append(out, formFault{"expansion.fault." + key, args}) }
	drawn := len(a.Added)+len(a.Removed)+len(a.Whole) > 0
	switch {
	case !slices.Contains(Kinds(), a.Kind):
		add("kind", kindList())
	case !drawn && a.Kind != Upgrade:
		add("nothing_drawn")
	case a.Kind == Enlargement && len(a.Removed) > 0:
		add("removed_in_enlargement")
	}
	if len(a.Whole) > 0 && len(a.Added)+len(a.Removed) > 0 {
		add("whole_and_pieces")
	}
	for _, n := range []land.Number{a.Stated.OldHa, a.Stated.AddedHa, a.Stated.RemovedHa, a.Stated.NewHa} {
		if n.Known && (n.Value < 0 || n.Value > maxStatedHa*land.One) {
			add("stated", n, strconv.Itoa(maxStatedHa))
		}
	}
	for _, kind := range a.Complete {
		if !slices.Contains(layers(), kind) {
			add("complete", kind, strings.Join(layers(), ", "))
		}
	}
	return out
}
