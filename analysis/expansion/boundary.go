package expansion

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/geojson"
)

// Limits bound what a boundary file may be.
type Limits struct {
	MaxBytes    int64   // of GeoJSON text, unpacked
	MaxVertices int     // in all pieces
	MaxPieces   int     // polygons
	MaxSpanDeg  float64 // of the box around all pieces, either way
	MaxAreaKm2  float64 // of all pieces
}

// DefaultLimits are generous for a development zone: the greatest of the
// country has some 2,300 km².
func DefaultLimits() Limits {
	return Limits{MaxBytes: 32 << 20, MaxVertices: 500_000, MaxPieces: 2_000, MaxSpanDeg: 3, MaxAreaKm2: 10_000}
}

// ReadOptions say how boundary files are read.
type ReadOptions struct {
	File   string // as shown in messages
	CRS    string // overrides what the file says ("EPSG:4547")
	Part   string // of pieces that don't say: added (default) | removed | whole
	Limits Limits
	Texts  data.Texts
}

// The words of a piece's property "part".
const (
	PartAdded   = "added"
	PartRemoved = "removed"
	PartWhole   = "whole"
)

// ReadBoundary reads GeoJSON into an application: each feature is a piece,
// which its property part says is added (the default), removed, or (a piece
// of) the whole new boundary; id and name name it. A top-level member
// "application" fills what the application leaves blank (see Form). Faults of
// the file are a *RefusedError with all of them.
func ReadBoundary(ctx context.Context, src io.Reader, opt ReadOptions, into *Application) error {
	if opt.Limits == (Limits{}) {
		opt.Limits = DefaultLimits()
	}
	r := &boundaryReader{ReadOptions: opt, words: words{opt.Texts}, into: into}
	if err := r.read(ctx, src); err != nil {
		return err
	}
	r.checkExtent()
	if len(r.faults) > 0 {
		return &RefusedError{Faults: r.faults}
	}
	return nil
}

// maxFaults is how many faults are listed.
const maxFaults = 20

type boundaryReader struct {
	ReadOptions
	words
	into    *Application
	crs     geo.CRS
	crsRead bool
	pieces  []orb.MultiPolygon
	nPoly   int
	faults  []Fault
}

func (r *boundaryReader) fault(f Fault) {
	f.File = r.File
	if len(r.faults) < maxFaults {
		r.faults = append(r.faults, f)
	}
}

// errEnough ends the reading of a file that is refused anyway.
var errEnough = errors.New("refused")

func (r *boundaryReader) read(ctx context.Context, src io.Reader) error {
	reader := geojson.NewReader(src, geojson.Options{MaxBytes: r.Limits.MaxBytes, MaxFeatureBytes: int(r.Limits.MaxBytes)})
	var dec geojson.Decoder
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read the boundary: %w", err)
		}
		batch, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return r.form(reader.Header())
		}
		var broken *geojson.StructureError
		if errors.As(err, &broken) {
			r.fault(Fault{Code: string(broken.Code), Feature: broken.Feature, Text: Text{ZH: broken.ErrorZH(), EN: broken.Error()}})
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the boundary: %w", err)
		}
		r.system(reader.Header())
		err = dec.Decode(batch, r.feature)
		batch.Release()
		if errors.Is(err, errEnough) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the boundary: %w", err)
		}
	}
}

// system finds the coordinate system before the first feature.
func (r *boundaryReader) system(h geojson.Header) {
	if r.crsRead {
		return
	}
	r.crsRead, r.crs = true, geo.CRS84()
	name := r.CRS
	if name == "" && h.CRS != nil {
		name = h.CRS.Name
	}
	if name == "" {
		return
	}
	crs, err := geo.ParseCRS(name)
	if err != nil {
		r.crsFault(0, err)
		return
	}
	r.crs = crs
}

func (r *boundaryReader) crsFault(feature int64, err error) {
	var e *geo.CRSError
	if errors.As(err, &e) {
		r.fault(Fault{Code: string(e.Code), Feature: feature, Text: Text{ZH: e.Message("zh"), EN: e.Message("en")}})
		return
	}
	r.fault(Fault{Code: string(geo.CRSUnreadable), Feature: feature, Text: Text{ZH: err.Error(), EN: err.Error()}})
}

func (r *boundaryReader) feature(f *geojson.Feature) error {
	if f.Fault != nil {
		r.fault(Fault{Code: string(f.Fault.Code), Feature: f.Number, Text: Text{ZH: f.Fault.ErrorZH(), EN: f.Fault.Error()}})
		return nil
	}
	mp, ok := r.shape(f)
	if !ok {
		return nil
	}
	for _, poly := range mp {
		r.nPoly++
		for _, ring := range poly {
			r.into.Vertices += len(ring)
		}
	}
	if r.into.Vertices > r.Limits.MaxVertices {
		r.fault(Fault{Code: "too_many_vertices", Feature: f.Number, Text: r.text("expansion.fault.too_many_vertices", r.Limits.MaxVertices)})
		return errEnough
	}
	if r.nPoly > r.Limits.MaxPieces {
		r.fault(Fault{Code: "too_many_pieces", Feature: f.Number, Text: r.text("expansion.fault.too_many_pieces", r.Limits.MaxPieces)})
		return errEnough
	}
	mp, ok = r.sound(f.Number, mp)
	if !ok {
		return nil
	}
	r.pieces = append(r.pieces, mp)
	r.keep(f, mp)
	return nil
}

func (r *boundaryReader) shape(f *geojson.Feature) (orb.MultiPolygon, bool) {
	switch g := f.Geometry.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}, true
	case orb.MultiPolygon:
		if len(g) > 0 {
			return g, true
		}
	}
	kind := f.GeometryType
	if f.NullGeometry || kind == "" {
		kind = "null"
	}
	r.fault(Fault{Code: "not_a_polygon", Feature: f.Number, Text: r.text("expansion.fault.not_a_polygon", kind)})
	return nil, false
}

// sound brings a shape to longitude and latitude and holds it valid, naming the
// place of every defect.
func (r *boundaryReader) sound(feature int64, mp orb.MultiPolygon) (orb.MultiPolygon, bool) {
	if err := r.crs.Check(mp.Bound()); err != nil {
		r.crsFault(feature, err)
		return nil, false
	}
	mp = r.crs.ToLonLatMultiPolygon(mp, geo.MaxEdgeM)
	b := mp.Bound()
	if b.Max[0]-b.Min[0] > r.Limits.MaxSpanDeg || b.Max[1]-b.Min[1] > r.Limits.MaxSpanDeg {
		r.fault(Fault{Code: "too_wide", Feature: feature, Place: &[2]float64{b.Min[0], b.Min[1]}, Text: r.text("expansion.fault.too_wide",
			b.Min[0], b.Min[1], b.Max[0], b.Max[1], r.Limits.MaxSpanDeg)})
		return nil, false
	}
	defects := geo.Validate(mp)
	for _, d := range defects {
		f := Fault{Code: string(d.Code), Feature: feature, Text: Text{ZH: d.Message("zh"), EN: d.Message("en")}}
		if d.Vertex >= 0 {
			f.Place = &[2]float64{d.Place[0], d.Place[1]}
		}
		r.fault(f)
	}
	return mp, len(defects) == 0
}

func (r *boundaryReader) keep(f *geojson.Feature, mp orb.MultiPolygon) {
	p := Piece{ID: f.ID.String(), File: r.File, Feature: f.Number, Geometry: mp}
	if id, ok := f.Property("id"); ok && !id.IsNull() {
		p.ID = id.Text()
	}
	if name, ok := f.Property("name"); ok && !name.IsNull() {
		p.Name = name.Text()
	}
	part := r.Part
	if v, ok := f.Property("part"); ok && !v.IsNull() {
		part = v.Text()
	}
	switch part {
	case "", PartAdded:
		r.into.Added = append(r.into.Added, p)
	case PartRemoved:
		r.into.Removed = append(r.into.Removed, p)
	case PartWhole:
		r.into.Whole = append(r.into.Whole, p)
	default:
		r.fault(Fault{Code: "part_unknown", Feature: f.Number, Text: r.text("expansion.fault.part_unknown", part)})
	}
}

// checkExtent refuses what no zone can be.
func (r *boundaryReader) checkExtent() {
	if len(r.pieces) == 0 {
		return
	}
	b, km2 := r.pieces[0].Bound(), 0.0
	for _, mp := range r.pieces {
		b, km2 = b.Union(mp.Bound()), km2+geo.Km2(geo.AreaM2(mp))
	}
	if b.Max[0]-b.Min[0] > r.Limits.MaxSpanDeg || b.Max[1]-b.Min[1] > r.Limits.MaxSpanDeg {
		r.fault(Fault{Code: "too_wide", Text: r.text("expansion.fault.too_wide", b.Min[0], b.Min[1], b.Max[0], b.Max[1], r.Limits.MaxSpanDeg)})
	}
	if km2 > r.Limits.MaxAreaKm2 {
		r.fault(Fault{Code: "too_large", Text: r.text("expansion.fault.too_large", km2, r.Limits.MaxAreaKm2)})
	}
}

// Form is the member "application" of a boundary file: what isn't drawn.
type Form struct {
	Zone     string   `json:"zone,omitempty"`
	Scope    string   `json:"boundary_scope,omitempty"`
	Kind     Kind     `json:"kind,omitempty"`
	Includes []string `json:"includes,omitempty"`
	FiledNo  string   `json:"filed_no,omitempty"`
	Complete []string `json:"complete,omitempty"`
	Stated   Stated   `json:"stated,omitempty"`
	Changes  []Change `json:"changes,omitempty"`
	SaveAs   string   `json:"save_as,omitempty"`
}

// form reads the member "application"; an unknown key in it is a fault.
func (r *boundaryReader) form(h geojson.Header) error {
	for _, m := range h.Members {
		if m.Key != "application" {
			continue
		}
		if m.Raw == nil {
			r.fault(Fault{Code: "application_too_long", Text: r.text("expansion.fault.application_too_long")})
			return nil
		}
		var f Form
		dec := json.NewDecoder(strings.NewReader(string(m.Raw)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&f); err != nil {
			r.fault(Fault{Code: "application_unreadable", Text: r.text("expansion.fault.application_unreadable", err.Error())})
			return nil
		}
		r.into.fill(&f)
	}
	return nil
}

// fill takes from a form what the application doesn't say itself.
func (a *Application) fill(f *Form) {
	if a.Zone.Code == "" {
		a.Zone = land.ParseZoneKey(f.Zone)
		if f.Scope != "" {
			a.Zone.Scope = land.Scope(f.Scope)
		}
	}
	if a.Kind == "" {
		a.Kind = f.Kind
	}
	if a.FiledNo == "" {
		a.FiledNo = f.FiledNo
	}
	if a.SaveAs == "" {
		a.SaveAs = f.SaveAs
	}
	a.Includes = union(a.Includes, f.Includes)
	a.Complete = union(a.Complete, f.Complete)
	a.Changes = append(a.Changes, f.Changes...)
	for _, n := range [][2]*land.Number{{&a.Stated.OldHa, &f.Stated.OldHa}, {&a.Stated.AddedHa, &f.Stated.AddedHa},
		{&a.Stated.RemovedHa, &f.Stated.RemovedHa}, {&a.Stated.NewHa, &f.Stated.NewHa}} {
		if !n[0].Known {
			*n[0] = *n[1]
		}
	}
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}
