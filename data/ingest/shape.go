package ingest

import (
	"errors"
	"strings"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/geojson"
)

// shape is a boundary that has passed every check, measured.
type shape struct {
	mp       orb.MultiPolygon // longitude, latitude
	areaM2   float64          // on the ellipsoid
	fixedM2  land.Fixed       // the same, exact from here on
	planeM2  land.Number      // in the file's plane, where it has one
	repaired bool
}

// shaper checks and measures boundaries; one a goroutine.
type shaper struct {
	job *job
	one [1]orb.Polygon
}

// shape checks the geometry of a feature: a polygon, in the system it is said
// to be in, closed and not crossing itself, with an area.
func (s *shaper) shape(f *geojson.Feature, crs geo.CRS) (shape, *refusal) {
	var sh shape
	switch g := f.Geometry.(type) {
	case orb.Polygon:
		s.one[0] = g
		sh.mp = s.one[:]
	case orb.MultiPolygon:
		sh.mp = g
	default:
		if f.NullGeometry {
			return sh, s.job.refusal("geometry.null", "")
		}
		return sh, s.job.refusal("geometry.not_polygon", "", f.GeometryType)
	}
	if len(sh.mp) == 0 {
		return sh, s.job.refusal("geometry.null", "")
	}
	if err := crs.Check(sh.mp.Bound()); err != nil {
		return sh, s.refuseCRS(err)
	}
	if !crs.Geographic() {
		plane, err := land.FixedOf(geo.PlaneAreaM2(sh.mp))
		sh.planeM2 = land.Number{Value: plane, Known: err == nil}
		sh.mp = crs.ToLonLatMultiPolygon(sh.mp, geo.MaxEdgeM)
	}
	if r := s.check(&sh); r != nil {
		return sh, r
	}
	return sh, s.measure(&sh)
}

func (s *shaper) refuseCRS(err error) *refusal {
	e := s.job.refuseCRS("", err)
	return &refusal{code: e.Code, reason: e.Reason, remedy: e.Remedy}
}

// check holds the boundary valid, or mends it where the load asked for that.
func (s *shaper) check(sh *shape) *refusal {
	defects := geo.Validate(sh.mp)
	if len(defects) == 0 {
		return nil
	}
	if !s.job.Repair {
		return s.defect(defects)
	}
	mended, err := geo.Repair(sh.mp)
	if err != nil {
		r := s.defect(defects)
		reason, remedy := s.job.say("geometry.not_repairable", err.Error())
		r.reason, r.remedy = r.reason+"; "+reason, remedy
		return r
	}
	sh.mp, sh.repaired = mended, true
	return nil
}

func (s *shaper) defect(defects []geo.Defect) *refusal {
	d := defects[0]
	reason, remedy := d.Message(s.job.Lang), ""
	for _, mark := range [...]string{"; ", "；"} {
		if i := strings.LastIndex(reason, mark); i >= 0 {
			reason, remedy = reason[:i], reason[i+len(mark):]
			break
		}
	}
	r := &refusal{code: "geometry." + strings.TrimPrefix(string(d.Code), "geometry_"), reason: reason, remedy: remedy}
	if d.Vertex >= 0 {
		r.place = &[2]float64{d.Place[0], d.Place[1]}
	}
	if len(defects) > 1 {
		more, _ := s.job.say("geometry.more_defects", len(defects)-1)
		r.reason += more
	}
	return r
}

func (s *shaper) measure(sh *shape) *refusal {
	sh.areaM2 = geo.AreaM2(sh.mp)
	var err error
	if sh.fixedM2, err = land.FixedOf(sh.areaM2); errors.Is(err, land.ErrNumber) {
		return s.job.refusal("geometry.too_large", "")
	}
	if sh.fixedM2 <= 0 {
		return s.job.refusal("geometry.no_area", "")
	}
	return nil
}
