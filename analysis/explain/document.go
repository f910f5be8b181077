package explain

import (
	"encoding/json"

	"github.com/muscope/muscope/analysis/land"
)

// Format is the version of the document; a change of meaning is a new one.
const Format = "explain/1"

// Document says of one figure or verdict what it is made of. Amounts are in the
// unit beside them and exact; texts are in both languages, so that one document
// serves every reader.
type Document struct {
	Format     string    `json:"format"`
	Asked      string    `json:"asked"`
	AsOf       land.Date `json:"as_of"`
	Snapshot   string    `json:"snapshot,omitempty"`
	AnalysisID string    `json:"analysis_id,omitempty"`
	Zone       Zone      `json:"zone"`
	Subject    *Subject  `json:"subject,omitempty"`

	Rule       *Rule         `json:"rule,omitempty"`
	Limit      *Limit        `json:"limit,omitempty"`
	Verdict    *land.Verdict `json:"verdict,omitempty"`
	Reason     *Coded        `json:"reason,omitempty"` // of the verdict, or why there is none
	Comparison *Comparison   `json:"comparison,omitempty"`
	Indicator  *Indicator    `json:"indicator,omitempty"`
	Parcels    *Parcels      `json:"parcels,omitempty"`  // those that are counted
	LeftOut    *Parcels      `json:"left_out,omitempty"` // those that lack a fact
	Other      *land.Land    `json:"other,omitempty"`    // land of the zone that gives nothing
	Parcel     *Parcel       `json:"parcel,omitempty"`   // the one asked about
	Deciding   *Deciding     `json:"deciding,omitempty"`
	Finding    *Finding      `json:"finding,omitempty"`
	Subjects   *Subjects     `json:"subjects,omitempty"`
	Standing   *Standing     `json:"standing,omitempty"` // of a rule on places or on acts
}

// Text is something people read.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In is the text in a language.
func (t Text) In(lang string) string {
	if lang == "zh" {
		return t.ZH
	}
	return t.EN
}

// Coded is a stable code with its text.
type Coded struct {
	Code string `json:"code"`
	Text Text   `json:"text"`
}

// Amount is an exact amount in a unit: {"value": 75.09, "unit": "mu"}. Areas are
// held in m², as in land.Quantity.
type Amount struct{ land.Quantity }

// MarshalJSON writes the amount with its unit.
func (a Amount) MarshalJSON() ([]byte, error) {
	number, err := a.Quantity.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		Value json.RawMessage `json:"value"`
		Unit  land.Unit       `json:"unit"`
	}{number, a.Unit})
}

// Zone is where the figure is of.
type Zone struct {
	Code      string     `json:"code"`
	Scope     land.Scope `json:"boundary_scope"`
	Name      string     `json:"name"`
	AreaM2    land.Fixed `json:"area_m2"`
	StatsYear *int       `json:"stats_year"`
}

// Subject is a project or parcel that is judged.
type Subject struct {
	Level   land.Level `json:"level"`
	ID      string     `json:"id"`
	Parcels []string   `json:"parcels"`
}

// Indicator is the figure with its formula.
type Indicator struct {
	ID          string         `json:"id"`
	Title       Text           `json:"title"`
	Formula     Text           `json:"formula"`
	Figure      land.Indicator `json:"figure"`
	Numerator   Side           `json:"numerator"`
	Denominator Side           `json:"denominator"`
	Reason      *Coded         `json:"reason,omitempty"`
}

// Side is the numerator or the denominator: what the covered parcels give, and
// what the zone as a whole gives.
type Side struct {
	Name    string    `json:"name"`
	Title   Text      `json:"title"`
	Unit    land.Unit `json:"unit"`
	Amount  *Amount   `json:"amount"`          // null where the zone's own figure is unknown
	Parcels *Amount   `json:"parcels"`         // before it is divided by years
	Whole   *Whole    `json:"whole,omitempty"` // the zone's own figure
	Less    *Amount   `json:"less,omitempty"`  // area of uncovered parcels, taken off
	Years   int64     `json:"years,omitempty"` // by which the parcels' sum is divided
}

// Whole is a figure that the zone as a whole gives.
type Whole struct {
	Field  string  `json:"field"`
	Title  Text    `json:"title"`
	Value  *Amount `json:"value"`
	Source string  `json:"source"` // zone | stats 2024 | none
}

// Parcels is a bounded list of parcels with the sums over all of them.
type Parcels struct {
	Count       int64      `json:"count"`
	AreaM2      land.Fixed `json:"area_m2"`
	Numerator   *Amount    `json:"numerator,omitempty"`
	Denominator *Amount    `json:"denominator,omitempty"`
	Listed      []Parcel   `json:"listed"` // the greatest first
	More        int64      `json:"more"`   // how many aren't listed
}

// Parcel is what one parcel gives.
type Parcel struct {
	ID        string      `json:"id"`
	ProjectNo string      `json:"project_no,omitempty"`
	Phase     string      `json:"phase,omitempty"` // the one that is judged worst, where it has several
	Source    Source      `json:"source"`
	Share     float64     `json:"share"`
	AreaM2    land.Fixed  `json:"area_m2"` // that counts
	Class     land.Class  `json:"class"`
	Status    land.Status `json:"status"`
	Why       Coded       `json:"why"` // of the status

	Covered     bool    `json:"covered"`
	Numerator   *Amount `json:"numerator,omitempty"`
	Denominator *Amount `json:"denominator,omitempty"`
	Missing     []Field `json:"missing,omitempty"`
	Range       *Range  `json:"range,omitempty"` // of a parcel left out
	Fields      []Field `json:"fields"`          // those that are used, as recorded
}

// Range is the least and the most that a parcel can give to each side; null has
// no end.
type Range struct {
	Numerator   [2]*Amount `json:"numerator"`
	Denominator [2]*Amount `json:"denominator"`
}

// Source is where a parcel was read.
type Source struct {
	File     string `json:"file,omitempty"`
	Feature  int64  `json:"feature"`
	Position int64  `json:"position"`
}

// Field is a public field of a record with its recorded value; null is unknown.
type Field struct {
	Field string `json:"field"`
	Title Text   `json:"title"`
	Value any    `json:"value"`
}

// Rule is the provision.
type Rule struct {
	Pack       string     `json:"pack"`
	Version    string     `json:"version"`
	Digest     string     `json:"digest"`
	ID         string     `json:"rule"`
	Title      Text       `json:"title"`
	Kind       string     `json:"kind"`
	Level      land.Level `json:"level"`
	Reading    string     `json:"reading"`
	TargetYear *int       `json:"target_year,omitempty"`
	Clause     string     `json:"clause"`
	Quote      string     `json:"quote"`
	Note       string     `json:"note,omitempty"`
	Authority  Text       `json:"authority"`
	Document   Paper      `json:"document"`
	Applies    Applies    `json:"applies"`
}

// Paper is the document a rule stands in.
type Paper struct {
	Number      string    `json:"number"`
	Title       Text      `json:"title"`
	IssuedOn    land.Date `json:"issued_on"`
	EffectiveOn land.Date `json:"effective_on"`
	Status      string    `json:"status"` // in_force | draft | repealed
	Source      string    `json:"source"`
	URL         string    `json:"url,omitempty"`
	SHA256      string    `json:"sha256,omitempty"`
	Note        string    `json:"note,omitempty"`
}

// Applies says for which zones the rule's pack is law; a blank list is no
// condition.
type Applies struct {
	Province  []string `json:"province,omitempty"`
	ZoneKind  []string `json:"zone_kind,omitempty"`
	ZoneLevel []string `json:"zone_level,omitempty"`
	Zone      []string `json:"zone,omitempty"`  // codes
	Where     string   `json:"where,omitempty"` // which subjects the rule is about, in CQL2-text
}

// Limit is the limit in force, and why that one.
type Limit struct {
	Value      *land.Fixed `json:"value"` // null: an empty slot
	Unit       land.Unit   `json:"unit"`
	Comparison string      `json:"comparison"`
	From       land.Date   `json:"from"`  // null: since ever
	Until      land.Date   `json:"until"` // the day before which it holds; null: no end is known
	Source     string      `json:"source,omitempty"`
	Date       land.Date   `json:"date"`  // for which it was looked up
	Basis      string      `json:"basis"` // contract_signed_on | approved_on | as_of
	Why        Text        `json:"why"`
	// By is the pack whose limit it is, where it isn't the rule's own, and Replaced
	// what it stands in place of. Table is the table of limits by industry it is
	// from.
	By       string          `json:"by,omitempty"`
	Replaced []land.Replaced `json:"replaced,omitempty"`
	Table    string          `json:"table,omitempty"`
	// Against is the indicator whose value is the limit.
	Against *land.Indicator `json:"against,omitempty"`
}

// Comparison is the arithmetic of a verdict, without rounding: numerator −
// limit × denominator, all in the numerator's unit.
type Comparison struct {
	Unit        land.Unit   `json:"unit"`
	Numerator   json.Number `json:"numerator,omitempty"`
	Denominator json.Number `json:"denominator,omitempty"`
	Limit       json.Number `json:"limit"`
	Allowed     json.Number `json:"allowed,omitempty"`    // limit × denominator
	Difference  json.Number `json:"difference,omitempty"` // numerator − allowed
	// Observed is numerator ÷ denominator as a fraction in lowest terms.
	Observed string `json:"observed,omitempty"`
	Sign     string `json:"sign,omitempty"` // below | on | above
	Holds    *bool  `json:"holds,omitempty"`
	// Lo and Hi are the ends of the bounds, where the figure isn't exact.
	Lo *End `json:"lo,omitempty"`
	Hi *End `json:"hi,omitempty"`
}

// End is one end of the bounds against the limit.
type End struct {
	Value float64 `json:"value"`
	Exact string  `json:"exact,omitempty"`
	Sign  string  `json:"sign"`
	Holds bool    `json:"holds"`
}

// Deciding says which facts would decide what can't be computed.
//
// Whatever the missing facts are, numerator − limit × denominator is a sum over
// parcels, so each parcel's part of its width is exact, and the fewest parcels
// that can decide are those with the widest parts: that number is minimal. It
// says what can decide, if the facts turn out so; for certain only all of them
// together decide. Where there is no limit to compare with, the list is a
// ranking alone, taken at the figure's own value.
type Deciding struct {
	Figures []Field      `json:"figures,omitempty"` // of the zone as a whole, wanted first
	Minimal bool         `json:"minimal"`
	Unit    land.Unit    `json:"unit,omitempty"`
	Lo      *json.Number `json:"lo"` // the least numerator − limit × denominator; null: no end
	Hi      *json.Number `json:"hi"`
	Hold    *Fewest      `json:"to_hold,omitempty"`
	Fail    *Fewest      `json:"to_fail,omitempty"`
	Ranking []Ranked     `json:"ranking"`
	More    int          `json:"more"`
	Note    Text         `json:"note"`
}

// Fewest is the fewest parcels whose facts can decide one way.
type Fewest struct {
	Parcels int      `json:"parcels"`
	IDs     []string `json:"ids"` // as many as are listed
}

// Ranked is one parcel with what its missing facts leave open.
type Ranked struct {
	ID      string       `json:"id"`
	Missing []Field      `json:"missing"`
	Closes  *json.Number `json:"closes"` // of the width; null: without end
	Part    *float64     `json:"part"`   // of the whole width
}

// Standing is the record behind a rule on a zone's places or on acts on it.
type Standing struct {
	// Given is whether a place of any zone is recorded at all; where none is,
	// rules on places judge nothing.
	Given  bool    `json:"given"`
	Places []Place `json:"places"` // of every scope, the latest first
	Acts   []Act   `json:"acts"`   // in order of their days, undated ones first
}

// Place is the zone's place in one yearly assessment.
type Place struct {
	Scope  string      `json:"scope"` // national | provincial | municipal
	Year   int         `json:"year"`
	Rank   land.Number `json:"rank"`
	Of     land.Number `json:"of"`               // how many were ranked
	Shared int         `json:"shared,omitempty"` // how many of the zones read share it, where more than one
	Counts bool        `json:"counts"`           // whether the verdict looked at it
}

// Act is an act of the authority on the zone.
type Act struct {
	On         land.Date `json:"on"`
	Kind       string    `json:"kind"`
	Title      Text      `json:"title"`
	DocumentNo string    `json:"document_no,omitempty"`
	Counts     bool      `json:"counts"` // whether the rule asks for acts of this kind, and its day has come
}

// Finding is what the supply assessment says of a parcel, behind a rule that
// rests on it.
type Finding struct {
	Branch     string      `json:"branch"`
	Status     land.Status `json:"status"`
	Class      land.Class  `json:"class"`
	Reason     Coded       `json:"reason"`
	Since      land.Date   `json:"since"`
	Idle       *land.Idle  `json:"idle,omitempty"`
	Parameters []Parameter `json:"parameters,omitempty"`
	// Deciding are the smallest sets of blank fields that can decide, with a value
	// that does and what comes of it: tried with the assessment itself.
	Deciding []Settling `json:"deciding,omitempty"`
}

// Parameter is a legal number that the assessment uses.
type Parameter struct {
	ID     string `json:"id"`
	Value  string `json:"value"` // a whole number or a fraction
	Unit   string `json:"unit"`
	Clause string `json:"clause"`
	Quote  string `json:"quote,omitempty"`
}

// Settling is one way in which blank fields would decide a finding.
type Settling struct {
	Fields  []Field      `json:"fields"`
	Outcome land.Outcome `json:"outcome"`
}

// Subjects lists the projects or parcels that a rule or a project's indicator
// is of, where none is named.
type Subjects struct {
	Counts map[land.Outcome]int64 `json:"counts,omitempty"`
	Count  int64                  `json:"count"`
	Listed []Judged               `json:"listed"` // violated and incomputable ones; of an indicator, all
	More   int64                  `json:"more"`
}

// Judged is one project or parcel.
type Judged struct {
	ID       string       `json:"id"`
	Parcels  []string     `json:"parcels,omitempty"`
	Outcome  land.Outcome `json:"outcome,omitempty"`
	Observed *float64     `json:"observed"`
	Reason   *Coded       `json:"reason,omitempty"`
}
