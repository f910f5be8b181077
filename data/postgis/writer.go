package postgis

import (
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// parcelWriter copies the parcels of one worker into its partition: one row a
// zone the parcel lies in.
type parcelWriter struct {
	part   *partition
	fields []land.Field[land.Parcel]
	facts  copyRow // the part of the row that is the same for all zones
}

// Write encodes the row and sends it when enough have gathered.
func (w *parcelWriter) Write(row *ingest.ParcelRow) error {
	w.encodeFacts(row)
	out := &w.part.row
	for i := range row.In {
		in := &row.In[i]
		out.float(in.Share)
		out.float(in.SetShare)
		out.bool(in.Home)
		out.key(in.Zone.Code)
		out.key(string(in.Zone.Scope))
		out.fixed(in.EllipsoidM2)
		out.b = append(out.b, w.facts.b...)
		if w.facts.err != nil {
			out.fail(w.facts.err)
		}
		if err := w.part.endRow(); err != nil {
			return fmt.Errorf("parcel %s: %w", row.Parcel.ID, err)
		}
	}
	w.part.extent.add(row.Geometry)
	return nil
}

func (w *parcelWriter) encodeFacts(row *ingest.ParcelRow) {
	f, p := &w.facts, row.Parcel
	f.b = f.b[:0]
	f.source(p.Source)
	f.fixed(p.EllipsoidM2)
	f.number(p.PlaneM2)
	f.shape(row.Geometry)
	f.mercator(row.Geometry)
	putFields(f, w.fields, p)
	f.extra(p.Extra)
}

// Close waits until all rows are stored. The partition stays open for Drop.
func (w *parcelWriter) Close() error { return w.part.endCopy() }

// buildingWriter copies the buildings of one worker into its partition.
type buildingWriter struct {
	part   *partition
	fields []land.Field[land.Building]
}

// Write encodes the row and sends it when enough have gathered.
func (w *buildingWriter) Write(row *ingest.BuildingRow) error {
	out := &w.part.row
	out.source(row.Building.Source)
	putFields(out, w.fields, row.Building)
	out.fixed(row.AreaM2)
	out.shape(row.Geometry)
	out.mercator(row.Geometry)
	out.extra(row.Building.Extra)
	w.part.extent.add(row.Geometry)
	if err := w.part.endRow(); err != nil {
		return fmt.Errorf("building %s: %w", row.Building.ID, err)
	}
	return nil
}

// Close waits until all rows are stored.
func (w *buildingWriter) Close() error { return w.part.endCopy() }

// constraintWriter copies the constraints of one worker into its partition.
type constraintWriter struct {
	part   *partition
	fields []land.Field[land.Constraint]
}

// Write encodes the row and sends it when enough have gathered.
func (w *constraintWriter) Write(row *ingest.ConstraintRow) error {
	out := &w.part.row
	out.source(row.Constraint.Source)
	putFields(out, w.fields, row.Constraint)
	out.fixed(row.AreaM2)
	out.shape(row.Geometry)
	out.mercator(row.Geometry)
	out.extra(row.Constraint.Extra)
	w.part.extent.add(row.Geometry)
	if err := w.part.endRow(); err != nil {
		return fmt.Errorf("constraint %s: %w", row.Constraint.ID, err)
	}
	return nil
}

// Close waits until all rows are stored.
func (w *constraintWriter) Close() error { return w.part.endCopy() }

func (p *partition) writeZone(row *ingest.ZoneRow, fields []land.Field[land.Zone]) error {
	out, z := &p.row, row.Zone
	out.source(z.Source)
	putFields(out, fields, z)
	out.fixed(z.AreaM2)
	out.int(int64(z.Pieces))
	out.shape(row.Geometry)
	out.mercator(row.Geometry)
	out.b = append(appendEWKB(out.b, generalized(row.Geometry), sridMercator, nil), '\t')
	out.extra(z.Extra)
	p.extent.add(row.Geometry)
	if err := p.endRow(); err != nil {
		return fmt.Errorf("zone %s: %w", z.Key(), err)
	}
	return nil
}

// lowMetres is how far a generalized outline may lie from the true one, in
// metres of Web Mercator: under half a pixel up to zoom lowZoom.
const (
	lowMetres = 60
	lowZoom   = 9
)

// generalized is a zone's outline for small scales, in Web Mercator. A ring
// that would collapse stays as it is: no zone vanishes at any zoom.
func generalized(mp orb.MultiPolygon) orb.MultiPolygon {
	dp := simplify.DouglasPeucker(lowMetres)
	out := make(orb.MultiPolygon, len(mp))
	for i, poly := range mp {
		out[i] = make(orb.Polygon, len(poly))
		for j, ring := range poly {
			whole := make(orb.Ring, len(ring))
			for k, p := range ring {
				whole[k] = toMercator(p)
			}
			out[i][j] = whole
			if low := dp.Ring(whole.Clone()); len(low) >= 4 {
				out[i][j] = low
			}
		}
	}
	return out
}
