package land

import "strings"

// ZoneKey names a zone: its code and which of its outlines. The zero key is
// "in no zone".
type ZoneKey struct {
	Code  string `json:"code"`
	Scope Scope  `json:"boundary_scope"`
}

// String is the code, with "@managed" behind it for the managed outline.
func (k ZoneKey) String() string {
	if k.Scope == ScopeManaged {
		return k.Code + "@managed"
	}
	return k.Code
}

// ParseZoneKey reads what String writes.
func ParseZoneKey(s string) ZoneKey {
	if code, ok := strings.CutSuffix(s, "@managed"); ok {
		return ZoneKey{code, ScopeManaged}
	}
	if s == "" {
		return ZoneKey{}
	}
	return ZoneKey{s, ScopeApproved}
}

// Compare orders keys by code, then approved before managed.
func (k ZoneKey) Compare(o ZoneKey) int {
	if c := strings.Compare(k.Code, o.Code); c != 0 {
		return c
	}
	return strings.Compare(string(k.Scope), string(o.Scope))
}

// Zone is a development zone (开发区) or one of its parks (一区多园).
type Zone struct {
	Code           string
	Name           string
	Scope          Scope
	Kind           string // high_tech | economic | bonded | industrial_park | demonstration | other
	Level          string // national | provincial | municipal
	Province       string // GB/T 2260, six digits
	County         string
	PartOf         string // code of the zone whose park this is
	ApprovedAreaHa Number // of the whole code, once
	ApprovedOn     Date
	FiledNo        string
	FiledOn        Date
	ValidFrom      Date
	ValidTo        Date
	Extra          []byte // unmapped properties, a JSON object or nil
	Source         Source

	// AreaM2 is the ellipsoid area of the union of the zone's pieces and of
	// all parks below it. It is measured, never read.
	AreaM2 Fixed
	// Pieces is the number of features the zone came in.
	Pieces int
}

// Key is the zone's key.
func (z *Zone) Key() ZoneKey { return ZoneKey{z.Code, z.Scope} }

// Source says where a record came from: which input file (index into the
// inputs of the load), which feature in it, and where it stands among all
// features of its layer.
type Source struct {
	File     int32 // 0-based index into the load's inputs
	Feature  int64 // 1-based number in that file
	Position int64 // 1-based number in the layer, over all files, in input order
}

// Constraint is an area that bears on expansion: farmland, redline, boundary.
type Constraint struct {
	ID     string
	Kind   string // permanent_basic_farmland | ecological_redline | urban_development_boundary | evidence | other
	Name   string
	Extra  []byte
	Source Source
}

// Building is one building. Buildings never fill a parcel's blank figure.
type Building struct {
	ID          string
	Parcel      string // declared parcel id; blank means by location
	Use         string
	Floors      Number
	HeightM     Number
	FloorAreaM2 Number
	VacantM2    Number
	CompletedOn Date
	Extra       []byte
	Source      Source
}

// Stats is one row of the yearly statistics of a zone.
type Stats struct {
	Zone string // zone code
	Year int

	GDPWan                   Number
	RevenueWan               Number
	IndustrialOutputWan      Number
	IndustrialValueAddedWan  Number
	TaxWan                   Number
	IndustrialTaxWan         Number
	FixedAssetsWan           Number
	IndustrialFixedAssetsWan Number
	Employees                Number
	ResidentPopulation       Number
	RDWan                    Number
	EnergyTCE                Number
}
