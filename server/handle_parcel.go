package server

import (
	"encoding/json"
	"slices"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/paulmach/orb"
	orbgeojson "github.com/paulmach/orb/geojson"
)

// parcelDetail is all that is known of a parcel and said of it.
type parcelDetail struct {
	Snapshot    string               `json:"snapshot"`
	AnalysisID  string               `json:"analysis_id"`
	AsOf        land.Date            `json:"as_of"`
	ID          string               `json:"id"`
	AreaM2      land.Fixed           `json:"area_m2"` // recorded where known, else on the ellipsoid
	AreaMu      land.Mu              `json:"area_mu"`
	EllipsoidM2 land.Fixed           `json:"ellipsoid_m2"`
	PlaneM2     land.Number          `json:"plane_m2"`
	Facts       map[string]any       `json:"facts"` // by public name; null is unknown
	Extra       json.RawMessage      `json:"extra"` // properties of the source that no field map names
	Source      parcelSource         `json:"source"`
	Parts       []partDetail         `json:"parts"`
	Verdicts    []verdictDetail      `json:"verdicts"`
	BBox        *[4]float64          `json:"bbox"`
	Geometry    *orbgeojson.Geometry `json:"geometry"`
}

// parcelSource is where the record stands: file, feature in it, and place in
// the layer.
type parcelSource struct {
	File     string `json:"file"`
	SHA256   string `json:"sha256,omitempty"`
	Feature  int64  `json:"feature"`
	Position int64  `json:"position"`
}

type partDetail struct {
	land.PartResult
	AreaMu   land.Mu `json:"area_mu"`
	Home     bool    `json:"home"`
	ZoneName string  `json:"zone_name,omitempty"`
}

// verdictDetail is a verdict with the words of its rule.
type verdictDetail struct {
	land.Verdict
	verdictWords
}

// verdictWords is what people read beside a verdict.
type verdictWords struct {
	Zones    []string          `json:"zones"` // where it is said: code, or code@managed
	Title    map[string]string `json:"title,omitempty"`
	Quote    string            `json:"quote,omitempty"`
	Document string            `json:"document,omitempty"`
}

// MarshalJSON writes the members of both in one object.
func (v verdictDetail) MarshalJSON() ([]byte, error) {
	rest, err := json.Marshal(v.verdictWords)
	if err != nil {
		return nil, err
	}
	own := v.Append(nil)
	return append(append(own[:len(own)-1], ','), rest[1:]...), nil
}

func (s *Server) parcel(x *exchange) error {
	return x.analysis(func(a Analysis, h land.Header) error {
		tag := digest(h.AnalysisID, "parcel", x.path["id"])
		rows, err := a.Parcel(x.r.Context(), x.path["id"])
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrNotFound
		}
		out := describeParcel(&rows[0], h)
		out.Snapshot = x.path["snapshot"]
		for i := range rows {
			if err := x.addPart(a, &out, &rows[i]); err != nil {
				return err
			}
		}
		return x.json(out, tag)
	})
}

func describeParcel(row *report.Row, h land.Header) parcelDetail {
	p := &row.Part.Parcel
	out := parcelDetail{AnalysisID: h.AnalysisID, AsOf: h.AsOf, ID: p.ID, AreaM2: p.AreaM2(), AreaMu: p.AreaM2().Mu(), EllipsoidM2: p.EllipsoidM2, PlaneM2: p.PlaneM2,
		Facts: facts(p), Source: parcelSource{Feature: p.Source.Feature, Position: p.Source.Position}, Parts: []partDetail{}, Verdicts: []verdictDetail{}}
	if len(p.Extra) > 0 {
		out.Extra = slices.Clone(p.Extra)
	}
	var files []land.Input
	for _, in := range h.Inputs {
		if in.Layer == "parcels" {
			files = append(files, in)
		}
	}
	if i := int(p.Source.File); i >= 0 && i < len(files) {
		out.Source.File, out.Source.SHA256 = files[i].File, files[i].SHA256
	}
	if len(row.Geometry) > 0 {
		b := row.Geometry.Bound()
		out.BBox = &[4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
		out.Geometry = orbgeojson.NewGeometry(orb.Geometry(row.Geometry))
	}
	return out
}

// facts is every public field of a parcel; what is unknown is null.
func facts(p *land.Parcel) map[string]any {
	out := map[string]any{}
	for _, f := range land.ParcelFields() {
		switch f.Kind {
		case land.Text, land.Word:
			out[f.Name] = nil
			if v := *f.Str(p); v != "" {
				out[f.Name] = v
			}
		case land.Day:
			out[f.Name] = *f.Date(p)
		case land.Quant:
			out[f.Name] = *f.Num(p)
		case land.YesNo:
			out[f.Name] = *f.Flag(p)
		}
	}
	return out
}

func (x *exchange) addPart(a Analysis, out *parcelDetail, row *report.Row) error {
	part := partDetail{PartResult: *row.Result, AreaMu: row.Result.AreaM2.Mu(), Home: row.Part.Home}
	if part.Zone != nil {
		z, err := a.ZoneResult(x.r.Context(), row.Result.Key())
		if err != nil {
			return err
		}
		part.ZoneName = z.Name
		for _, v := range z.Verdicts {
			if speaksOf(&v, &row.Part.Parcel) {
				out.Verdicts = x.s.addVerdict(out.Verdicts, v, z.Key())
			}
		}
	}
	out.Parts = append(out.Parts, part)
	return nil
}

// speaksOf reports whether a verdict is about the parcel or its project. That
// a zone's verdict has it among its evidence doesn't make it one of the parcel.
func speaksOf(v *land.Verdict, p *land.Parcel) bool {
	switch v.Level {
	case land.LevelParcel:
		return v.Subject == p.ID
	case land.LevelProject:
		return p.ProjectNo != "" && v.Subject == p.ProjectNo || slices.Contains(v.Evidence, p.ID)
	}
	return false
}

// addVerdict adds a verdict with the words of its rule. A parcel and a project
// are judged as a whole, so every zone they touch says the same of them: it
// stands once, with all those zones.
func (s *Server) addVerdict(list []verdictDetail, v land.Verdict, zone land.ZoneKey) []verdictDetail {
	for i := range list {
		o := &list[i]
		if o.RuleKey() == v.RuleKey() && o.Subject == v.Subject && o.Outcome == v.Outcome && o.LimitDate == v.LimitDate {
			o.Zones = append(o.Zones, zone.String())
			return list
		}
	}
	out := verdictDetail{Verdict: v, verdictWords: verdictWords{Zones: []string{zone.String()}}}
	if r := s.rules[v.RuleKey()]; r != nil {
		out.Title, out.Quote = both(r.Title), r.Quote
		out.Document = r.Pack.Document.Title.ZH
		if n := r.Pack.Document.Number; n != "" {
			out.Document += " " + n
		}
	}
	return append(list, out)
}
