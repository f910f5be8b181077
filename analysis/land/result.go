package land

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"
)

// Header opens a Result: what was analyzed, by which law, as of when.
type Header struct {
	AsOf       Date    `json:"as_of"`
	AsOfReason string  `json:"as_of_reason"` // given | latest_stats_year | today
	Snapshot   string  `json:"snapshot,omitempty"`
	AnalysisID string  `json:"analysis_id"`
	Engine     Engine  `json:"engine"`
	Packs      []Pack  `json:"packs"`
	Inputs     []Input `json:"inputs"`
}

// Engine is the program that computed a Result.
type Engine struct {
	Version string `json:"version"`
}

// Pack names a rule pack by version and digest.
type Pack struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
}

// Input is one input file and what became of its features: features is always
// loaded + rejected.
type Input struct {
	Layer    string `json:"layer"` // zones | parcels | buildings | constraints | stats
	File     string `json:"file"`
	SHA256   string `json:"sha256"`
	Features int64  `json:"features"`
	Loaded   int64  `json:"loaded"`
	Rejected int64  `json:"rejected"`
	Repaired int64  `json:"repaired"`
	Warnings int64  `json:"warnings"`
	// Settings are the input settings that change how the file is read
	// (map, crs, blank-start, …), part of the analysis identity.
	Settings map[string]string `json:"settings,omitempty"`
}

// Result is a whole analysis in memory. Large analyses stream the same records
// instead (header, zones, parts).
type Result struct {
	Header
	Zones []ZoneResult `json:"zones"`
	Sets  []SetResult  `json:"sets"`
	Parts []PartResult `json:"parts"`
}

// Land is an amount of land: how many parts of parcels, and their area.
type Land struct {
	Parcels int64 `json:"parcels"`
	AreaM2  Fixed `json:"area_m2"`
	AreaMu  Mu    `json:"area_mu"`
}

// Add counts one more part.
func (l *Land) Add(area Fixed) {
	l.Parcels++
	l.AreaM2 += area
	l.AreaMu = l.AreaM2.Mu()
}

// Merge adds another amount.
func (l *Land) Merge(o Land) {
	l.Parcels += o.Parcels
	l.AreaM2 += o.AreaM2
	l.AreaMu = l.AreaM2.Mu()
}

// LandTable is the land of a zone by status and by class. Touches count in
// neither.
type LandTable struct {
	ByStatus map[Status]Land `json:"by_status"`
	ByClass  map[Class]Land  `json:"by_class"`
}

// ZoneResult is what is said of one zone.
type ZoneResult struct {
	Code          string                       `json:"code"`
	Scope         Scope                        `json:"boundary_scope"`
	Name          string                       `json:"name"`
	PartOf        string                       `json:"part_of,omitempty"`
	AreaM2        Fixed                        `json:"area_m2"`
	AreaMu        Mu                           `json:"area_mu"`
	StatsYear     *int                         `json:"stats_year"`
	Land          LandTable                    `json:"land"`
	Indicators    []Indicator                  `json:"indicators"`
	Verdicts      []Verdict                    `json:"verdicts"`
	VerdictCounts map[string]map[Outcome]int64 `json:"verdict_counts"` // by pack#rule
	Types         []ZoneType                   `json:"types,omitempty"`
	PerMu         []Scoring                    `json:"per_mu,omitempty"` // where the firms of the zone are known

	// What the tables say of the zone; nothing where they aren't loaded.
	Batches  []Batch      `json:"batches,omitempty"`  // by day of approval, then number
	Rankings []Ranking    `json:"rankings,omitempty"` // by scope, then year
	Actions  []ZoneAction `json:"actions,omitempty"`  // by day
}

// ZoneType is what a pack sorts a zone into by its indicators. It is no verdict.
type ZoneType struct {
	Pack    string   `json:"pack"`
	ID      string   `json:"id"`   // of the typing: zone.type
	Type    string   `json:"type"` // industrial_led | … | other; blank where it can't be said
	Title   Words    `json:"title"`
	Clause  string   `json:"clause"`
	Reason  string   `json:"reason,omitempty"`
	Missing []string `json:"missing,omitempty"` // indicators that can't be said
}

// Scoring is what a pack's scoring says of the firms of a zone (亩均论英雄).
type Scoring struct {
	Pack   string `json:"pack"`
	ID     string `json:"id"` // of the scoring: per-mu.firms
	Title  Words  `json:"title"`
	Clause string `json:"clause"`
	// Reason says why nothing is scored, and Missing the parameters that a bureau
	// has to set (see settings).
	Reason    string        `json:"reason,omitempty"`
	Missing   []string      `json:"missing,omitempty"`
	Year      int           `json:"year,omitempty"`  // of the figures
	Years     int           `json:"years,omitempty"` // running in the lowest class that make low efficiency
	Weights   []ScoreWeight `json:"weights,omitempty"`
	Evaluated int           `json:"evaluated"` // firms that are to be scored
	Scored    int           `json:"scored"`    // of them those whose figures are known
	Firms     []ScoredFirm  `json:"firms,omitempty"`
}

// ScoreWeight is a measure that has a weight, and against what it is weighed.
type ScoreWeight struct {
	ID     string  `json:"id"`
	Title  Words   `json:"title"`
	Unit   string  `json:"unit"`
	Weight float64 `json:"weight"`
	Ideal  float64 `json:"ideal"`
	Base   float64 `json:"base"`
}

// ScoredFirm is a holder with the tenants on its plots in the zone.
type ScoredFirm struct {
	Firm     string          `json:"firm"` // code of the holder; of a plot without one holder, its id
	Parcels  []string        `json:"parcels"`
	LandMu   Mu              `json:"land_mu"`
	Measures []ScoredMeasure `json:"measures,omitempty"`
	Score    *float64        `json:"score"`
	Rank     *int            `json:"rank"` // those of one score share it; null where a score is unknown
	Class    string          `json:"class,omitempty"`
	// ClassesBefore are the classes of the years before, the latest first; blank
	// where not known.
	ClassesBefore []string `json:"classes_before,omitempty"`
	LowEfficiency Flag     `json:"low_efficiency"` // in the lowest class in every year
	Reason        string   `json:"reason,omitempty"`
	Missing       []string `json:"missing,omitempty"`
}

// ScoredMeasure is a figure of a firm and the points it earns.
type ScoredMeasure struct {
	ID      string   `json:"id"`
	Value   *float64 `json:"value"`
	Unit    string   `json:"unit"`
	Points  *float64 `json:"points"`
	Missing []string `json:"missing,omitempty"`
}

// Words is a text in both languages.
type Words struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Key is the zone's key.
func (z *ZoneResult) Key() ZoneKey { return ZoneKey{z.Code, z.Scope} }

// SetResult is what is said of a set of zones (all zones of the analysis, of a
// province): each square metre counts once.
type SetResult struct {
	ID         string      `json:"id"`
	Zones      []string    `json:"zones"`
	Land       LandTable   `json:"land"`
	Indicators []Indicator `json:"indicators"` // ratios of the sums
	// Means are the means of the zones' own ratios, "<indicator>.mean_of_zones";
	// of a mean the numerator is the sum of the ratios and the denominator the
	// number of zones that have one. A zone whose base is empty has none.
	Means    []Indicator `json:"means"`
	Verdicts []Verdict   `json:"verdicts"`
}

// Unit is the unit of a quantity.
type Unit string

// The units in use. A ratio has unit "ratio" (0 to 1; percent only when shown).
const (
	UnitRatio      Unit = "ratio"
	UnitM2         Unit = "m2"
	UnitMu         Unit = "mu"
	UnitHa         Unit = "ha"
	UnitKm2        Unit = "km2"
	UnitWan        Unit = "万元"
	UnitWanPerMu   Unit = "万元/亩"
	UnitPerson     Unit = "person"
	UnitPerKm2     Unit = "persons/km²"
	UnitM2Each     Unit = "m²/person"
	UnitTCE        Unit = "tce"
	UnitTCEPerWan  Unit = "tce/万元"
	UnitYears      Unit = "years"
	UnitM2PerYear  Unit = "m2/year"
	UnitHouseholds Unit = "households"
	UnitZones      Unit = "zones"
)

// Quantity is an exact amount shown in a unit. Areas are held in m² and shown
// in the unit named.
type Quantity struct {
	Value Fixed // m² for every unit of area, else the unit itself
	Unit  Unit
}

// MarshalJSON writes the amount as an exact number in its unit.
func (q Quantity) MarshalJSON() ([]byte, error) { return q.appendNumber(nil), nil }

func (q *Quantity) appendNumber(b []byte) []byte {
	switch q.Unit {
	case UnitMu:
		return q.Value.Mu().Append(b)
	case UnitHa:
		return appendScaled(b, int64(q.Value), 10)
	case UnitKm2:
		return appendScaled(b, int64(q.Value), 12)
	}
	return q.Value.Append(b)
}

// Float is the amount in its unit.
func (q Quantity) Float() float64 {
	switch q.Unit {
	case UnitMu:
		return q.Value.Mu().Float()
	case UnitHa:
		return float64(q.Value) / 1e10
	case UnitKm2:
		return float64(q.Value) / 1e12
	}
	return q.Value.Float()
}

// Indicator is one computed figure with its arithmetic: value = numerator ÷
// denominator, in Unit. A nil Value says why in Reason.
type Indicator struct {
	ID          string
	Value       *float64
	Unit        Unit
	Numerator   *Quantity // over the covered parcels; nil where nothing is covered
	Denominator *Quantity
	Exact       bool    // full coverage
	Coverage    float64 // share of the area that may belong to the base for which all is known
	Bounds      *Bounds // nil where nothing bounds it at all
	Missing     []Missing
	Reason      string // empty_base | missing_input | no_stats | … ; a key of the texts in data/i18n
	Source      string // where money or floor came from: parcels | stats | far_floor_area_m2 | …

	// LoExact and HiExact are the ends of Bounds as exact ratios in Unit, for
	// comparing with a limit; nil where the end has no bound or leaves the range
	// of Fixed. They aren't in JSON.
	LoExact, HiExact *Fraction
	// Rounding is how far numerator and denominator may be off, each, because
	// figures of cut parcels are rounded to a millionth. It is not written.
	Rounding Fixed
	// MayBeEmpty says that the base may turn out to hold nothing, so that there
	// may be no ratio at all, whatever Bounds says of it. It is not written.
	MayBeEmpty bool
}

// Fraction is the exact ratio Num ÷ Den; Den is above 0.
type Fraction struct{ Num, Den Fixed }

// Compare compares the ratio with a limit exactly: -1, 0 or +1.
func (f Fraction) Compare(limit Fixed) int { return CompareProduct(f.Num, One, limit, f.Den) }

// Bounds are the least and greatest value an indicator can have, whatever the
// missing facts are. A nil end has no bound.
type Bounds struct {
	Lo, Hi *float64
}

// MarshalJSON writes [lo, hi].
func (b Bounds) MarshalJSON() ([]byte, error) { return json.Marshal([2]*float64{b.Lo, b.Hi}) }

func (b *Bounds) append(to []byte) []byte {
	if b == nil {
		return append(to, "null"...)
	}
	to = appendFloat(append(to, '['), b.Lo)
	return append(appendFloat(append(to, ','), b.Hi), ']')
}

// UnmarshalJSON reads [lo, hi].
func (b *Bounds) UnmarshalJSON(data []byte) error {
	var v [2]*float64
	err := json.Unmarshal(data, &v)
	b.Lo, b.Hi = v[0], v[1]
	return err
}

// Missing says which fact is missing on how many parcels with how much land in
// the zone.
type Missing struct {
	Field   string `json:"field"`
	Parcels int64  `json:"parcels"`
	AreaM2  Fixed  `json:"area_m2"`
}

type indicatorJSON struct {
	ID              string    `json:"id"`
	Value           *float64  `json:"value"`
	Unit            Unit      `json:"unit"`
	Numerator       any       `json:"numerator"`
	NumeratorUnit   Unit      `json:"numerator_unit,omitempty"`
	Denominator     any       `json:"denominator"`
	DenominatorUnit Unit      `json:"denominator_unit,omitempty"`
	Exact           bool      `json:"exact"`
	Coverage        float64   `json:"coverage"`
	Bounds          *Bounds   `json:"bounds"`
	Missing         []Missing `json:"missing"`
	Reason          string    `json:"reason,omitempty"`
	Source          string    `json:"source,omitempty"`
}

// MarshalJSON writes the INDICATOR of the contract, with the units of
// numerator and denominator beside them.
func (i Indicator) MarshalJSON() ([]byte, error) { return i.Append(nil), nil }

// Append writes the INDICATOR of the contract. It is written by hand, since a
// large analysis has millions of them.
func (i *Indicator) Append(b []byte) []byte {
	b = appendText(append(b, `{"id":`...), i.ID)
	b = appendFloat(append(b, `,"value":`...), i.Value)
	b = appendText(append(b, `,"unit":`...), string(i.Unit))
	b = i.Numerator.append(b, "numerator")
	b = i.Denominator.append(b, "denominator")
	b = strconv.AppendBool(append(b, `,"exact":`...), i.Exact)
	b = appendFloat(append(b, `,"coverage":`...), &i.Coverage)
	b = i.Bounds.append(append(b, `,"bounds":`...))
	b = append(b, `,"missing":[`...)
	for n := range i.Missing {
		if n > 0 {
			b = append(b, ',')
		}
		b = i.Missing[n].append(b)
	}
	b = append(b, ']')
	if i.Reason != "" {
		b = appendText(append(b, `,"reason":`...), i.Reason)
	}
	if i.Source != "" {
		b = appendText(append(b, `,"source":`...), i.Source)
	}
	return append(b, '}')
}

// append writes the members name and name_unit.
func (q *Quantity) append(b []byte, name string) []byte {
	b = append(append(append(b, `,"`...), name...), `":`...)
	if q == nil {
		return append(b, "null"...)
	}
	b = q.appendNumber(b)
	b = append(append(append(b, `,"`...), name...), `_unit":`...)
	return appendText(b, string(q.Unit))
}

func (m *Missing) append(b []byte) []byte {
	b = appendText(append(b, `{"field":`...), m.Field)
	b = strconv.AppendInt(append(b, `,"parcels":`...), m.Parcels, 10)
	return append(m.AreaM2.Append(append(b, `,"area_m2":`...)), '}')
}

// appendFloat writes the shortest decimal that reads back as f, or null.
func appendFloat(b []byte, f *float64) []byte {
	if f == nil || math.IsInf(*f, 0) || math.IsNaN(*f) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, *f, 'g', -1, 64)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (i *Indicator) UnmarshalJSON(b []byte) error {
	var in struct {
		indicatorJSON
		Numerator   json.RawMessage `json:"numerator"`
		Denominator json.RawMessage `json:"denominator"`
	}
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	*i = Indicator{ID: in.ID, Value: in.Value, Unit: in.Unit, Exact: in.Exact, Coverage: in.Coverage,
		Bounds: in.Bounds, Missing: in.Missing, Reason: in.Reason, Source: in.Source}
	var err error
	if i.Numerator, err = readQuantity(in.Numerator, in.NumeratorUnit); err != nil {
		return err
	}
	i.Denominator, err = readQuantity(in.Denominator, in.DenominatorUnit)
	return err
}

func readQuantity(b json.RawMessage, unit Unit) (*Quantity, error) {
	if len(b) == 0 || string(b) == "null" {
		return nil, nil
	}
	q := &Quantity{Unit: unit}
	switch unit {
	case UnitMu:
		return q, (*Mu)(&q.Value).UnmarshalJSON(b)
	case UnitHa, UnitKm2:
		text := string(b) + "e4"
		if unit == UnitKm2 {
			text = string(b) + "e6"
		}
		var err error
		q.Value, err = ParseFixed(text)
		return q, err
	}
	return q, q.Value.UnmarshalJSON(b)
}

// Verdict is what one rule says of one subject.
type Verdict struct {
	Rule       string   `json:"rule"` // id within the pack: ancillary.project-land-max
	Pack       string   `json:"pack"` // guangxi/hightech-2021
	Kind       string   `json:"kind"` // cap | floor | target | prohibition | …
	Level      Level    `json:"level"`
	Subject    string   `json:"subject"`         // zone code, project number, parcel id
	Phase      string   `json:"phase,omitempty"` // of the parcel, where one is judged by itself
	Outcome    Outcome  `json:"outcome"`
	DecidedBy  string   `json:"decided_by"` // value | bounds; null where nothing is decided
	Indicator  string   `json:"indicator,omitempty"`
	Observed   *float64 `json:"observed"`
	Bounds     *Bounds  `json:"bounds,omitempty"`
	Limit      *float64 `json:"limit"`
	Comparison string   `json:"comparison"` // <= | >= | < | >; null where the rule rests on a finding
	Unit       Unit     `json:"unit"`
	LimitDate  Date     `json:"limit_date"`            // the date for which the limit was looked up
	LimitBasis string   `json:"limit_basis,omitempty"` // contract_signed_on | approved_on | as_of
	DocStatus  string   `json:"doc_status"`            // in_force | draft | repealed
	Reading    string   `json:"reading,omitempty"`     // law | wide
	TargetYear *int     `json:"target_year,omitempty"`
	ExcessMu   *Mu      `json:"excess_mu,omitempty"`
	HeadroomMu *Mu      `json:"headroom_mu,omitempty"`
	ExcessM2   *Fixed   `json:"excess_m2,omitempty"`
	HeadroomM2 *Fixed   `json:"headroom_m2,omitempty"`
	Clause     string   `json:"clause"` // 桂政发… （二十二）
	Reason     string   `json:"reason"` // key of the texts in data/i18n
	Evidence   []string `json:"evidence"`

	// LimitBy is the pack whose limit decided, where it isn't the rule's own, and
	// Replaced the limits that it stands in place of, the weakest law first.
	LimitBy  string     `json:"limit_by,omitempty"`
	Replaced []Replaced `json:"replaced,omitempty"`
	// Against is the indicator whose value is the limit, where there is one.
	Against string `json:"against,omitempty"`
	// Missing names facts without which nothing can be said, beside those that the
	// indicator itself lacks: zone.province, rankings.2023, industry_edition.
	Missing []string `json:"missing,omitempty"`
	// Of findings by rankings and acts: the years looked at, and the day from
	// which, and that until which, something runs.
	Years []int `json:"years,omitempty"`
	Since Date  `json:"since,omitzero"`
	Due   Date  `json:"due,omitzero"`
}

// Replaced is a limit that another one stands in place of.
type Replaced struct {
	Pack   string   `json:"pack"`
	Rule   string   `json:"rule,omitempty"` // where it isn't the verdict's own
	Limit  *float64 `json:"limit"`
	Clause string   `json:"clause"`
}

// MarshalJSON writes the VERDICT of the contract.
func (v Verdict) MarshalJSON() ([]byte, error) { return v.Append(nil), nil }

// Append writes the VERDICT of the contract; a word that isn't there is null.
func (v *Verdict) Append(b []byte) []byte {
	open := byte('{')
	word := func(name, text string, always bool) {
		if text == "" && !always {
			return
		}
		b = append(append(append(b, open, '"'), name...), `":`...)
		open = ','
		if text == "" {
			b = append(b, "null"...)
			return
		}
		b = appendText(b, text)
	}
	number := func(name string, f *float64) {
		b = append(append(append(b, open, '"'), name...), `":`...)
		b = appendFloat(b, f)
	}
	word("rule", v.Rule, true)
	word("pack", v.Pack, true)
	word("kind", v.Kind, true)
	word("level", string(v.Level), true)
	word("subject", v.Subject, true)
	word("phase", v.Phase, false)
	word("outcome", string(v.Outcome), true)
	word("decided_by", v.DecidedBy, true)
	word("indicator", v.Indicator, false)
	number("observed", v.Observed)
	if v.Bounds != nil {
		b = v.Bounds.append(append(b, `,"bounds":`...))
	}
	number("limit", v.Limit)
	word("comparison", v.Comparison, true)
	word("unit", string(v.Unit), true)
	word("limit_date", v.LimitDate.String(), true)
	word("limit_basis", v.LimitBasis, false)
	word("doc_status", v.DocStatus, true)
	word("reading", v.Reading, false)
	b = v.appendAmounts(b)
	word("clause", v.Clause, true)
	word("reason", v.Reason, true)
	b = append(b, `,"evidence":[`...)
	for i, id := range v.Evidence {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, id)
	}
	return append(v.appendMore(append(b, ']')), '}')
}

// appendMore writes what few verdicts have.
func (v *Verdict) appendMore(b []byte) []byte {
	if v.LimitBy != "" {
		b = appendText(append(b, `,"limit_by":`...), v.LimitBy)
	}
	if len(v.Replaced) > 0 {
		b = append(b, `,"replaced":[`...)
		for i := range v.Replaced {
			if i > 0 {
				b = append(b, ',')
			}
			b = v.Replaced[i].append(b)
		}
		b = append(b, ']')
	}
	if v.Against != "" {
		b = appendText(append(b, `,"against":`...), v.Against)
	}
	if len(v.Missing) > 0 {
		b = append(b, `,"missing":[`...)
		for i, name := range v.Missing {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, name)
		}
		b = append(b, ']')
	}
	if len(v.Years) > 0 {
		b = append(b, `,"years":[`...)
		for i, year := range v.Years {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, int64(year), 10)
		}
		b = append(b, ']')
	}
	if v.Since.Known() {
		b = append(v.Since.Append(append(b, `,"since":"`...)), '"')
	}
	if v.Due.Known() {
		b = append(v.Due.Append(append(b, `,"due":"`...)), '"')
	}
	return b
}

func (r *Replaced) append(b []byte) []byte {
	b = appendText(append(b, `{"pack":`...), r.Pack)
	if r.Rule != "" {
		b = appendText(append(b, `,"rule":`...), r.Rule)
	}
	b = appendFloat(append(b, `,"limit":`...), r.Limit)
	return append(appendText(append(b, `,"clause":`...), r.Clause), '}')
}

func (v *Verdict) appendAmounts(b []byte) []byte {
	if v.TargetYear != nil {
		b = strconv.AppendInt(append(b, `,"target_year":`...), int64(*v.TargetYear), 10)
	}
	if v.ExcessMu != nil {
		b = v.ExcessMu.Append(append(b, `,"excess_mu":`...))
	}
	if v.HeadroomMu != nil {
		b = v.HeadroomMu.Append(append(b, `,"headroom_mu":`...))
	}
	if v.ExcessM2 != nil {
		b = v.ExcessM2.Append(append(b, `,"excess_m2":`...))
	}
	if v.HeadroomM2 != nil {
		b = v.HeadroomM2.Append(append(b, `,"headroom_m2":`...))
	}
	return b
}

// appendText writes a text of anybody's as a JSON string; plain text, nearly
// all of it, is copied.
func appendText(b []byte, s string) []byte {
	plain := utf8.ValidString(s)
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= 0x20 && s[i] != '"' && s[i] != '\\'
	}
	if plain {
		return append(append(append(b, '"'), s...), '"')
	}
	quoted, err := json.Marshal(s) // a string always marshals
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, quoted...)
}

// RuleKey is pack#rule, the key of VerdictCounts.
func (v *Verdict) RuleKey() string { return v.Pack + "#" + v.Rule }

// PartResult is what is said of one part of a parcel.
type PartResult struct {
	ID         string      `json:"id"`
	Zone       *string     `json:"zone"` // null for land in no zone
	Scope      *Scope      `json:"boundary_scope"`
	Share      float64     `json:"share"`
	AreaM2     Fixed       `json:"area_m2"` // inside the zone
	Class      Class       `json:"class"`
	Status     Status      `json:"status"`
	Flags      []PartFlag  `json:"flags"`
	Touch      bool        `json:"touch,omitempty"` // reported, in no count
	Since      Date        `json:"since"`           // since when the status holds, where a date tells
	Reason     string      `json:"reason"`          // key of the texts in data/i18n
	Idle       *Idle       `json:"idle,omitempty"`
	Indicators []Indicator `json:"indicators,omitempty"` // of the project, on its first part in the zone
	// Details is what the tables add, members of the row itself; nil where they
	// say nothing. Where a parcel has phases, the row has the status of the one an
	// inspector has to look at first, and Details lists them all.
	*Details

	Position int64 `json:"-"` // of the parcel in the input
	Home     bool  `json:"-"`
}

// Key is the zone the part lies in.
func (p *PartResult) Key() ZoneKey {
	if p.Zone == nil {
		return ZoneKey{}
	}
	return ZoneKey{*p.Zone, *p.Scope}
}

// Idle is a finding of suspected idleness: a clue with its evidence, which the
// bureau determines.
type Idle struct {
	Branch          string `json:"branch"` // A | B
	Since           Date   `json:"since"`
	Days            int    `json:"days"`
	Measure         string `json:"measure"`           // investigate | settle | fee | take_back | by_local_rule
	MeasureIfHolder string `json:"measure_if_holder"` // fee | take_back; null for collective land
	FeeIfHolderWan  Number `json:"fee_if_holder_wan"`
	// FeeBasis is the law the fee is named by; blank where no fee is.
	FeeBasis string `json:"fee_basis,omitempty"`
	// Procedure is where the handling stands; nil for collective land.
	Procedure *Procedure `json:"procedure,omitempty"`
}

// MarshalJSON writes the idle finding of the contract.
func (i Idle) MarshalJSON() ([]byte, error) { return i.Append(nil), nil }

// Append writes the idle finding of the contract; a measure that doesn't apply
// is null.
func (i *Idle) Append(b []byte) []byte {
	b = appendText(append(b, `{"branch":`...), i.Branch)
	b = append(i.Since.Append(append(b, `,"since":"`...)), '"')
	b = strconv.AppendInt(append(b, `,"days":`...), int64(i.Days), 10)
	b = appendText(append(b, `,"measure":`...), i.Measure)
	b = append(b, `,"measure_if_holder":`...)
	if i.MeasureIfHolder == "" {
		b = append(b, "null"...)
	} else {
		b = appendText(b, i.MeasureIfHolder)
	}
	b = append(b, `,"fee_if_holder_wan":`...)
	if i.FeeIfHolderWan.Known {
		b = i.FeeIfHolderWan.Value.Append(b)
	} else {
		b = append(b, "null"...)
	}
	if i.FeeBasis != "" {
		b = appendText(append(b, `,"fee_basis":`...), i.FeeBasis)
	}
	if i.Procedure != nil {
		b = i.Procedure.append(append(b, `,"procedure":`...))
	}
	return append(b, '}')
}

// append writes the procedure; a step that isn't there is null.
func (p *Procedure) append(b []byte) []byte {
	b = appendText(append(b, `{"step":`...), p.Step)
	b = appendDay(append(b, `,"on":`...), p.On)
	b = append(b, `,"next":`...)
	if p.Next == "" {
		b = append(b, "null"...)
	} else {
		b = appendText(b, p.Next)
	}
	b = appendDay(append(b, `,"due":`...), p.Due)
	b = strconv.AppendInt(append(b, `,"overdue_days":`...), int64(p.Overdue), 10)
	b = append(b, `,"papers":[`...)
	for i := range p.Papers {
		if i > 0 {
			b = append(b, ',')
		}
		b = p.Papers[i].append(b)
	}
	return append(b, ']', '}')
}

func (p *Paper) append(b []byte) []byte {
	b = appendText(append(b, `{"kind":`...), p.Kind)
	b = appendDay(append(b, `,"on":`...), p.On)
	if p.DocumentNo != "" {
		b = appendText(append(b, `,"document_no":`...), p.DocumentNo)
	}
	if p.FileSHA256 != "" {
		b = appendText(append(b, `,"file_sha256":`...), p.FileSHA256)
	}
	return append(b, '}')
}

func appendDay(b []byte, d Date) []byte {
	if !d.Known() {
		return append(b, "null"...)
	}
	return append(d.Append(append(b, '"')), '"')
}

// Reject is a feature that did not load, or a field of one that became
// unknown, with the place in the file and the remedy. Nothing is dropped
// without one.
type Reject struct {
	Severity Severity    `json:"severity"`
	Layer    string      `json:"layer"`
	File     string      `json:"file"`
	Feature  int64       `json:"feature"` // 1-based; 0 for the file as a whole
	Offset   int64       `json:"offset,omitempty"`
	ID       string      `json:"id,omitempty"`
	Field    string      `json:"field,omitempty"`
	Code     string      `json:"code"`
	Reason   string      `json:"reason"` // in the language asked for
	Remedy   string      `json:"remedy"`
	Place    *[2]float64 `json:"place,omitempty"` // longitude, latitude near the fault
}

// Severity says what a Reject costs.
type Severity string

// The values of Severity.
const (
	SeverityReject  Severity = "reject"  // the feature did not load
	SeverityWarning Severity = "warning" // the feature loaded; the field is unknown, or something is to be looked at
)

// Finding reports whether an inspector has something to look at: land not
// supplied, late, suspended, suspected idle or not to be judged, or a flag. A
// finding is a clue; the bureau determines.
func (p *PartResult) Finding() bool {
	if p.Touch {
		return false
	}
	return p.Status.finding() || len(p.Flags) > 0
}

func (s Status) finding() bool {
	switch s {
	case Unsupplied, OverdueStart, SuspectedIdle, Suspended, OverdueCompletion, Undetermined:
		return true
	}
	return false
}
