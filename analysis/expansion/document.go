package expansion

import (
	"encoding/json"
	"math/big"
	"strings"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo/geojson"
)

// Format is the version of the document; a change of meaning is a new one.
const Format = "expansion/1"

// Document is what an auditor would find. Texts are in both languages.
type Document struct {
	Format      string       `json:"format"`
	AsOf        land.Date    `json:"as_of"`
	Snapshot    string       `json:"snapshot,omitempty"`
	Engine      land.Engine  `json:"engine"`
	Packs       []land.Pack  `json:"packs"`
	Inputs      []land.Input `json:"inputs"`
	Application Applied      `json:"application"`
	Outcome     land.Outcome `json:"outcome"` // violated | incomputable | satisfied
	Counts      Counts       `json:"counts"`
	Areas       Areas        `json:"areas"`
	Layers      []Layer      `json:"layers"`
	Conditions  []Condition  `json:"conditions"`
	Contiguity  *Contiguity  `json:"contiguity,omitempty"`
	Economy     []Economy    `json:"economy"`
	Room        *Room        `json:"room,omitempty"`
	Changes     []Remedy     `json:"what_would_have_to_change"`
	Trimmed     *Trimmed     `json:"trimmed,omitempty"`
	WhatIf      *WhatIf      `json:"what_if,omitempty"`
	Audit       Audit        `json:"audit"`
	Shapes      []Shape      `json:"-"` // for maps
}

// Applied is the application as it was understood.
type Applied struct {
	Zone     string     `json:"zone"`
	Scope    land.Scope `json:"boundary_scope"`
	Name     string     `json:"name"`
	Kind     Kind       `json:"kind"`
	KindText Text       `json:"kind_text"`
	Includes []string   `json:"includes,omitempty"`
	Stated   Stated     `json:"stated"`
	Complete []string   `json:"complete,omitempty"`
	Pieces   []Drawn    `json:"pieces"`
	Vertices int        `json:"vertices"`
}

// Drawn is one piece as it was drawn.
type Drawn struct {
	Part    string `json:"part"` // added | removed | whole
	ID      string `json:"id,omitempty"`
	Name    string `json:"name,omitempty"`
	File    string `json:"file,omitempty"`
	Feature int64  `json:"feature"`
	Area
}

// Counts is how many conditions there are of each outcome, and for how many
// indicators no limit is configured.
type Counts struct {
	Satisfied     int `json:"satisfied"`
	Violated      int `json:"violated"`
	Incomputable  int `json:"incomputable"`
	NotApplicable int `json:"not_applicable"`
	NoLimit       int `json:"no_limit_configured"`
}

// Area is one area in three units, exact: m², hectares and mu.
type Area struct {
	M2 land.Fixed  `json:"area_m2"`
	Ha json.Number `json:"area_ha"`
	Mu land.Mu     `json:"area_mu"`
}

// areaOf is an area of m² on the ellipsoid, to the millionth.
func areaOf(m2 land.Fixed) Area { return Area{M2: m2, Ha: hectares(m2), Mu: m2.Mu()} }

// hectares is m² in hectares, exactly.
func hectares(m2 land.Fixed) json.Number {
	s := new(big.Rat).SetFrac(big.NewInt(int64(m2)), big.NewInt(10_000*int64(land.One))).FloatString(10)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	return json.Number(s)
}

// Areas are the areas the change is about, as drawn.
type Areas struct {
	Old      Area  `json:"old"`
	Added    Area  `json:"added"`   // new land: what was drawn as added and isn't in the zone yet
	Removed  Area  `json:"removed"` // of the zone
	New      Area  `json:"new"`
	Approved *Area `json:"approved,omitempty"` // the zone's approved_area_ha
}

// Layer says of one kind of constraint whether it is there to be judged by.
type Layer struct {
	Kind     string `json:"kind"`
	Title    Text   `json:"title"`
	Loaded   bool   `json:"loaded"`
	Features int64  `json:"features"`
	Complete bool   `json:"complete"` // declared whole for the place
	Doubt    *Coded `json:"doubt,omitempty"`
}

// Condition is one thing the audit asks.
type Condition struct {
	ID         string        `json:"id"`
	Group      string        `json:"group"` // bottom_line | consistency | application | economy
	Title      Text          `json:"title"`
	Outcome    land.Outcome  `json:"outcome"`
	Reason     Coded         `json:"reason"`
	Area       *Area         `json:"area,omitempty"` // that is at fault
	Of         *Area         `json:"of,omitempty"`   // of how much land
	Arithmetic Text          `json:"arithmetic"`
	Basis      []Basis       `json:"basis"`
	Missing    []Missing     `json:"missing,omitempty"`
	Count      int           `json:"count"` // of pieces
	Pieces     []Spot        `json:"pieces,omitempty"`
	More       int           `json:"more,omitempty"` // pieces that aren't listed; all are on the map
	Verdict    *land.Verdict `json:"verdict,omitempty"`
}

// Basis is the clause a condition rests on.
type Basis struct {
	Pack     string    `json:"pack"`
	Document Text      `json:"document"`
	Number   string    `json:"number"`
	Clause   string    `json:"clause"`
	Text     Text      `json:"text"`
	Quote    string    `json:"quote,omitempty"`
	Since    land.Date `json:"since"`
	Status   string    `json:"status"`
	Source   string    `json:"source"`
}

// Missing is something without which a condition can't be judged, and what to
// do about it.
type Missing struct {
	What   string `json:"what"` // a layer, a field, a stated figure
	Remedy Text   `json:"remedy"`
}

// Spot is one place at fault.
type Spot struct {
	ID       string          `json:"id,omitempty"` // of the constraint, zone or piece
	Name     string          `json:"name,omitempty"`
	Place    [2]float64      `json:"place"`
	Geometry json.RawMessage `json:"geometry"`
	Area
}

// Shape is one thing to draw.
type Shape struct {
	Layer    string // zone | added | removed | new | overlap.<condition> | trimmed | room
	ID       string
	Name     string
	Area     land.Fixed
	Geometry orb.MultiPolygon
}

// geometryJSON is a shape as GeoJSON.
func geometryJSON(mp orb.MultiPolygon) json.RawMessage {
	return geojson.AppendGeometry(nil, mp)
}
