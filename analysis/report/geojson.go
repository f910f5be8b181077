package report

import (
	"bufio"
	"context"
	"io"
	"strconv"

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
	w.raw(`{"type":"FeatureCollection","features":[`)
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
	m := &members{}
	err = src.Rows(ctx, opt.Zone, func(r *Row) error {
		m.b = m.b[:0]
		m.part(r, opt.text("status."+string(r.Result.Status)), opt.reason(r.Result.Reason))
		return w.feature(featureID(r), m, r.Geometry)
	})
	if err != nil {
		return err
	}
	w.next("\n],\"muscope\":")
	if err := w.item(header); err != nil {
		return err
	}
	w.raw("}\n")
	return w.close()
}

// featureID is the parcel's id on its home part, so that ids are unique: the
// parts that a parcel has in other zones carry the zone behind it.
func featureID(r *Row) string {
	if key := r.Result.Key(); !r.Result.Home && key != (land.ZoneKey{}) {
		return r.Part.ID + "@" + key.String()
	}
	return r.Part.ID
}

func (w *jsonWriter) feature(id string, properties *members, mp orb.MultiPolygon) error {
	w.comma()
	b := appendString(append(w.buf[:0], `{"type":"Feature","id":`...), id)
	b = append(append(append(b, `,"properties":{`...), properties.b...), `},"geometry":`...)
	if len(mp) == 0 {
		b = append(b, "null"...)
	} else {
		b = geojson.AppendGeometry(b, mp)
	}
	w.buf = append(b, '}')
	w.bytes(w.buf)
	return w.err
}

// members are the members of a JSON object, in the order of writing.
type members struct{ b []byte }

func (m *members) key(name string) {
	if len(m.b) > 0 {
		m.b = append(m.b, ',')
	}
	m.b = append(appendString(m.b, name), ':')
}

func (m *members) text(name, v string) {
	m.key(name)
	m.b = appendString(m.b, v)
}

func (m *members) date(name string, v land.Date) {
	m.key(name)
	m.b = appendDate(m.b, v)
}

// raw takes a value that is JSON already.
func (m *members) raw(name, v string) {
	m.key(name)
	m.b = append(m.b, v...)
}

func (m *members) float(name string, v *float64) {
	if v == nil {
		m.raw(name, "null")
		return
	}
	m.key(name)
	m.b = appendFloat(m.b, *v)
}

func zoneProperties(z *land.ZoneResult) *members {
	m := &members{}
	m.text("layer", "zones")
	m.text("code", z.Code)
	m.text("boundary_scope", string(z.Scope))
	m.text("name", z.Name)
	m.raw("area_m2", z.AreaM2.String())
	m.raw("area_mu", z.AreaMu.String())
	if z.StatsYear == nil {
		m.raw("stats_year", "null")
	} else {
		m.raw("stats_year", strconv.Itoa(*z.StatsYear))
	}
	for i := range z.Indicators {
		m.float(z.Indicators[i].ID, z.Indicators[i].Value)
	}
	for i := range z.Verdicts {
		if v := &z.Verdicts[i]; v.Level == land.LevelZone || v.Level == land.LevelPark {
			m.text("verdict."+v.RuleKey(), string(v.Outcome))
		}
	}
	return m
}

func (m *members) part(r *Row, statusText, reasonText string) {
	p, res := r.Part, r.Result
	m.text("layer", "parcels")
	m.text("id", p.ID)
	m.text("name", p.Name)
	m.text("holder", p.Holder)
	if res.Zone == nil {
		m.raw("zone", "null")
		m.raw("boundary_scope", "null")
	} else {
		m.text("zone", *res.Zone)
		m.text("boundary_scope", string(*res.Scope))
	}
	m.float("share", &res.Share)
	m.raw("area_m2", res.AreaM2.String())
	m.raw("area_mu", res.AreaM2.Mu().String())
	m.text("class", string(res.Class))
	m.text("status", string(res.Status))
	m.text("status_text", statusText)
	m.text("flags", joinFlags(res.Flags))
	m.date("since", res.Since)
	m.text("reason", res.Reason)
	m.text("reason_text", reasonText)
	m.raw("finding", strconv.FormatBool(res.Finding()))
	m.raw("touch", strconv.FormatBool(res.Touch))
	if i := res.Idle; i != nil {
		m.idle(i)
	}
}

func (m *members) idle(i *land.Idle) {
	m.text("idle_branch", i.Branch)
	m.date("idle_since", i.Since)
	m.raw("idle_days", strconv.Itoa(i.Days))
	m.text("idle_measure", i.Measure)
	m.text("idle_measure_if_holder", i.MeasureIfHolder)
	if i.FeeIfHolderWan.Known {
		m.raw("idle_fee_if_holder_wan", i.FeeIfHolderWan.String())
	} else {
		m.raw("idle_fee_if_holder_wan", "null")
	}
	if p := i.Procedure; p != nil {
		m.text("idle_step", p.Step)
		m.text("idle_next", p.Next)
		m.date("idle_due", p.Due)
		m.raw("idle_overdue_days", strconv.Itoa(p.Overdue))
	}
}
