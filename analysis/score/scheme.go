package score

import (
	"math/big"

	"github.com/muscope/muscope/analysis/land"
)

// LandMu is the denominator that is the firm's land, in mu.
const LandMu = "land_mu"

// The reasons why something is not said; their texts are in data/i18n.
const (
	ReasonNoWeights    = "no_weights_configured"
	ReasonIncomplete   = "scoring_incomplete" // a benchmark or a share of a class is not set
	ReasonUnknown      = "score_unknown"      // a figure of the firm is not known
	ReasonBelowLeast   = "below_least_land"
	ReasonTied         = "score_tied" // firms of one score reach over the line between two classes
	ReasonOthersOpen   = "scores_of_others_unknown"
	ReasonTooFew       = "fewer_firms_than_classes"
	ReasonLowest       = "lowest_class_each_year"
	ReasonNotLowest    = "not_lowest_class_each_year"
	ReasonClassUnknown = "class_unknown"
)

// Reasons lists the reasons that are this package's own.
func Reasons() []string {
	return []string{ReasonNoWeights, ReasonIncomplete, ReasonUnknown, ReasonBelowLeast, ReasonTied, ReasonOthersOpen,
		ReasonTooFew, ReasonLowest, ReasonNotLowest, ReasonClassUnknown}
}

// Measure is one of the figures that are weighed: Of ÷ Over, fields of
// land.Firm or LandMu. Its points are Weight × (value − Base) ÷ (Ideal − Base).
type Measure struct {
	ID                  string
	Unit                string
	Of, Over            string
	Weight, Ideal, Base *big.Rat
}

// Class is one class, the best first: those whose rank ÷ firms is at most Until.
// Of the last class Until is nil.
type Class struct {
	ID    string
	Until *big.Rat
}

// Scheme is how a place scores its firms. Its numbers are exact.
type Scheme struct {
	Measures []Measure // those with a weight
	Classes  []Class
	// CutLeast and CutMost bound the part of a weight that a figure earns; nil: it
	// isn't cut.
	CutLeast, CutMost *big.Rat
	LeastMu           *big.Rat // firms of less land are not scored; nil: all are
}

// points is what a value earns of a measure.
func (s *Scheme) points(m *Measure, value *big.Rat) *big.Rat {
	share := new(big.Rat).Sub(value, m.Base)
	share.Quo(share, new(big.Rat).Sub(m.Ideal, m.Base))
	if s.CutLeast != nil && share.Cmp(s.CutLeast) < 0 {
		share.Set(s.CutLeast)
	}
	if s.CutMost != nil && share.Cmp(s.CutMost) > 0 {
		share.Set(s.CutMost)
	}
	return share.Mul(share, m.Weight)
}

// score gives a firm its measures and its score; the sum is nil where a figure
// that has weight is unknown.
func (s *Scheme) score(u *unit) (*big.Rat, []land.ScoredMeasure, []string) {
	sum, missing := new(big.Rat), []string(nil)
	out := make([]land.ScoredMeasure, len(s.Measures))
	for i := range s.Measures {
		m := &s.Measures[i]
		value, lacks := u.value(m)
		out[i] = land.ScoredMeasure{ID: m.ID, Unit: m.Unit, Missing: lacks}
		if value == nil {
			if m.Weight.Sign() != 0 {
				sum, missing = nil, append(missing, lacks...)
			}
			continue
		}
		points := s.points(m, value)
		out[i].Value, out[i].Points = float(value), float(points)
		if sum != nil {
			sum.Add(sum, points)
		}
	}
	return sum, out, missing
}

func float(r *big.Rat) *float64 {
	f, _ := r.Float64()
	return &f
}
