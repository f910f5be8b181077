package server

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/paulmach/orb"
	orbgeojson "github.com/paulmach/orb/geojson"
)

// The downloads of findings: what is said of each part, then every fact of the
// parcel under its public name. They are streamed; a part is held at a time.

// saidColumns are the columns before the facts. Columns are only ever added
// after them.
func saidColumns() []string {
	return []string{"zone", "boundary_scope", "status", "status_text", "class_of_use", "class_text", "flags", "since", "reason", "reason_text",
		"idle_branch", "idle_since", "idle_days", "measure", "measure_if_holder", "fee_if_holder_wan", "share", "area_m2", "area_mu"}
}

// factPrefix tells the facts of the parcel from what is said of the part where
// the names are the same: zone is where the part lies, fact_zone what the
// source declares.
func factColumn(name string) string {
	if name == "zone" {
		return "declared_zone"
	}
	return name
}

func (x *exchange) said(r *report.Row) map[string]any {
	res := r.Result
	out := map[string]any{"zone": nil, "boundary_scope": nil, "status": res.Status, "status_text": x.text("status." + string(res.Status)),
		"class_of_use": res.Class, "class_text": x.text("class." + string(res.Class)), "flags": res.Flags, "since": res.Since,
		"reason": res.Reason, "reason_text": x.text("reason." + res.Reason), "share": res.Share, "area_m2": res.AreaM2, "area_mu": res.AreaM2.Mu()}
	if res.Zone != nil {
		out["zone"], out["boundary_scope"] = *res.Zone, *res.Scope
	}
	if i := res.Idle; i != nil {
		out["idle_branch"], out["idle_since"], out["idle_days"] = i.Branch, i.Since, i.Days
		out["measure"], out["measure_if_holder"], out["fee_if_holder_wan"] = i.Measure, i.MeasureIfHolder, i.FeeIfHolderWan
	}
	return out
}

func (x *exchange) text(key string) string { return x.s.opt.Texts.Text(x.lang, key) }

// writeCSV writes UTF-8 with a byte order mark, which spreadsheets need to read
// Chinese.
func (x *exchange) writeCSV(a Analysis, q Query) error {
	if _, err := io.WriteString(x.w, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(x.w)
	said, fields := saidColumns(), land.ParcelFields()
	columns := append([]string{"id"}, said...)
	for _, f := range fields[1:] { // the first is id
		columns = append(columns, factColumn(f.Name))
	}
	if err := w.Write(columns); err != nil {
		return err
	}
	cells := make([]string, 0, len(columns))
	err := a.FindingRows(x.r.Context(), q, func(r *report.Row) error {
		values := x.said(r)
		cells = append(cells[:0], report.Cell(r.Part.ID))
		for _, name := range said {
			cells = append(cells, report.Cell(plainText(values[name])))
		}
		for _, f := range fields[1:] {
			cells = append(cells, report.Cell(fieldText(&f, &r.Part.Parcel)))
		}
		return w.Write(cells)
	})
	w.Flush()
	if err != nil {
		return err
	}
	return w.Error()
}

func fieldText(f *land.Field[land.Parcel], p *land.Parcel) string {
	switch f.Kind {
	case land.Day:
		return f.Date(p).String()
	case land.Quant:
		return f.Num(p).String()
	case land.YesNo:
		return f.Flag(p).String()
	}
	return *f.Str(p)
}

func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case land.Status:
		return string(v)
	case land.Class:
		return string(v)
	case land.Scope:
		return string(v)
	case []land.PartFlag:
		return strings.Join(words(v), " ")
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case int:
		return strconv.Itoa(v)
	case interface{ String() string }:
		return v.String()
	}
	return ""
}

// writeGeoJSON writes one FeatureCollection (RFC 7946), a feature a part, each
// with the parcel's whole geometry.
func (x *exchange) writeGeoJSON(a Analysis, q Query) error {
	w := bufio.NewWriterSize(x.w, 64<<10)
	if _, err := w.WriteString(`{"type":"FeatureCollection","features":[`); err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	first := true
	err := a.FindingRows(x.r.Context(), q, func(r *report.Row) error {
		if !first {
			if err := w.WriteByte(','); err != nil {
				return err
			}
		}
		first = false
		properties := x.said(r)
		for name, v := range facts(&r.Part.Parcel) {
			properties[factColumn(name)] = v
		}
		return enc.Encode(feature{"Feature", r.Part.ID, properties, shape(r.Geometry)})
	})
	if err != nil {
		return err
	}
	if _, err := w.WriteString("]}\n"); err != nil {
		return err
	}
	return w.Flush()
}

// feature is a feature of GeoJSON.
type feature struct {
	Type       string               `json:"type"`
	ID         string               `json:"id"`
	Properties map[string]any       `json:"properties"`
	Geometry   *orbgeojson.Geometry `json:"geometry"`
}

func shape(mp orb.MultiPolygon) *orbgeojson.Geometry {
	if len(mp) == 0 {
		return nil
	}
	return orbgeojson.NewGeometry(mp)
}
