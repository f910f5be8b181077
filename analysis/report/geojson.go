package report

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo/geojson"
	"github.com/paulmach/orb"
)

// writeGeoJSON writes one FeatureCollection (RFC 7946): the zones, then the
// parcels in input order, one feature a zone and parcel, each with its whole
// geometry. The member "layer" tells zones from parcels.
func writeGeoJSON(ctx context.Context, out io.Writer, src Source, opt Options) error {
	w := &jsonWriter{w: bufio.NewWriterSize(out, 1<<16)}
	header, err := src.Header(ctx)
	if err != nil {
		return err
	}
	w.raw(`{"type":"FeatureCollection","muscope":`)
	if err := w.item(header); err != nil {
		return err
	}
	w.next(`,"features":[`)
	err = zones(ctx, src, opt, func(z *land.ZoneResult) error {
		mp, err := src.ZoneGeometry(ctx, z.Key())
		if err != nil {
			return err
		}
		return w.feature(z.Key().String(), zoneProperties(z), mp)
	})
	if err != nil {
		return err
	}
	if err := src.Rows(ctx, opt.Zone, func(r *Row) error { return w.feature(r.Part.ID, partProperties(r, opt), r.Geometry) }); err != nil {
		return err
	}
	w.raw("]}\n")
	return w.close()
}

func (w *jsonWriter) feature(id string, properties any, mp orb.MultiPolygon) error {
	blob, err := marshal(properties)
	if err != nil {
		return fmt.Errorf("feature %s: %w", id, err)
	}
	w.comma()
	b := appendString(append(w.buf[:0], `{"type":"Feature","id":`...), id)
	b = append(append(append(b, `,"properties":`...), blob...), `,"geometry":`...)
	if len(mp) == 0 {
		b = append(b, "null"...)
	} else {
		b = geojson.AppendGeometry(b, mp)
	}
	w.buf = append(b, '}')
	w.bytes(w.buf)
	return w.err
}

func zoneProperties(z *land.ZoneResult) map[string]any {
	m := map[string]any{"layer": "zones", "code": z.Code, "boundary_scope": z.Scope, "name": z.Name,
		"area_m2": z.AreaM2, "area_mu": z.AreaMu, "stats_year": z.StatsYear}
	for i := range z.Indicators {
		m[z.Indicators[i].ID] = z.Indicators[i].Value
	}
	for i := range z.Verdicts {
		if v := &z.Verdicts[i]; v.Level == land.LevelZone {
			m["verdict."+v.RuleKey()] = v.Outcome
		}
	}
	return m
}

func partProperties(r *Row, opt Options) map[string]any {
	p, res := r.Part, r.Result
	m := map[string]any{"layer": "parcels", "id": p.ID, "name": p.Name, "holder": p.Holder, "zone": res.Zone, "boundary_scope": res.Scope,
		"share": res.Share, "area_m2": res.AreaM2, "area_mu": res.AreaM2.Mu(), "class": res.Class, "status": res.Status,
		"status_text": opt.text("status." + string(res.Status)), "flags": joinFlags(res.Flags), "since": res.Since,
		"reason": res.Reason, "reason_text": opt.reason(res.Reason), "finding": res.Finding()}
	if i := res.Idle; i != nil {
		m["idle_branch"], m["idle_since"], m["idle_days"], m["idle_measure"] = i.Branch, i.Since, i.Days, i.Measure
		m["idle_measure_if_holder"], m["idle_fee_if_holder_wan"] = i.MeasureIfHolder, i.FeeIfHolderWan
	}
	return m
}
