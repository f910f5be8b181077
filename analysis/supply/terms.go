package supply

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/muscope/muscope/analysis/land"
)

// Terms are the thresholds of the idle-land measures (闲置土地处置办法). They are
// legal numbers and stand, with their source, in the pack national/idle-land-2012.
type Terms struct {
	IdleYears     int // years past the start date, or of suspension, from which land is suspected idle
	TakeBackYears int // years past the start date from which it may be taken back
	HandoverYears int // years from handover to the start date where no start was agreed
	// FootprintBelow is the share of the footprint to be started, and
	// InvestmentBelow the share of the agreed investment, under which suspended
	// land may be found idle (branch B).
	FootprintBelow  Ratio
	InvestmentBelow Ratio
	FeeShare        Ratio // of the price of the contract

	// The days of the procedure, each from the day of the step before; 0: no term
	// is configured, and no day is due.
	NoticeDays  int // from finding suspected idle land to the notice of investigation
	AnswerDays  int // from the service of the notice to the holder's answer
	PaymentDays int // from the service of a decision to the payment
	// ExtensionYears is by how much a settlement may put off the start at most; 0:
	// not configured.
	ExtensionYears int
}

// Ratio is an exact fraction, such as 1/3.
type Ratio struct{ Num, Den int64 }

// ErrTerms is wrapped by the errors of Terms.Check.
var ErrTerms = errors.New("incomplete terms of idle land")

// Check reports a term that is missing or makes no sense.
func (t Terms) Check() error {
	switch {
	case t.IdleYears < 1 || t.TakeBackYears < t.IdleYears || t.HandoverYears < 0:
		return fmt.Errorf("%w: years %d to suspicion, %d to taking back, %d after handover", ErrTerms,
			t.IdleYears, t.TakeBackYears, t.HandoverYears)
	case !t.FootprintBelow.ok() || !t.InvestmentBelow.ok() || !t.FeeShare.ok():
		return fmt.Errorf("%w: footprint %v, investment %v and fee %v must be fractions above 0", ErrTerms,
			t.FootprintBelow, t.InvestmentBelow, t.FeeShare)
	case t.NoticeDays < 0 || t.AnswerDays < 0 || t.PaymentDays < 0 || t.ExtensionYears < 0:
		return fmt.Errorf("%w: days %d to the notice, %d to the answer, %d to the payment, years %d of extension can't be below 0",
			ErrTerms, t.NoticeDays, t.AnswerDays, t.PaymentDays, t.ExtensionYears)
	}
	return nil
}

func (r Ratio) ok() bool { return r.Num > 0 && r.Den > 0 }

// Below reports whether part/whole < r, exactly; unknown where either is
// unknown or negative, or the whole is 0.
func (r Ratio) Below(part, whole land.Number) land.Flag {
	if !part.Known || !whole.Known || part.Value < 0 || whole.Value <= 0 {
		return land.Unknown
	}
	aHi, aLo := bits.Mul64(uint64(part.Value), uint64(r.Den))
	bHi, bLo := bits.Mul64(uint64(whole.Value), uint64(r.Num))
	return land.FlagOf(aHi < bHi || aHi == bHi && aLo < bLo)
}

// Of is r of the amount n, rounded half up to the sixth place (万元: below the
// fen); unknown where n is unknown, negative, or the product leaves the range.
func (r Ratio) Of(n land.Number) land.Number {
	if !n.Known || n.Value < 0 {
		return land.Number{}
	}
	hi, lo := bits.Mul64(uint64(n.Value), uint64(r.Num))
	if hi >= uint64(r.Den) {
		return land.Number{}
	}
	q, rest := bits.Div64(hi, lo, uint64(r.Den))
	if rest >= uint64(r.Den)-rest {
		q++
	}
	if q > 1<<63-1 {
		return land.Number{}
	}
	return land.Num(land.Fixed(q))
}
