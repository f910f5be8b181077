package analysis

import (
	"fmt"

	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/supply"
)

// IdlePack is the pack that holds the terms of idle land.
const IdlePack = "national/idle-land-2012"

// termsFor takes the terms of idle land from the packs of an analysis, else
// from the embedded ones: a parcel has a status whatever rules are asked for.
func termsFor(packs []*rule.Pack) (supply.Terms, error) {
	for _, p := range packs {
		if p.ID == IdlePack {
			return TermsOf(p)
		}
	}
	own, err := DefaultPacks(IdlePack)
	if err != nil {
		return supply.Terms{}, err
	}
	return TermsOf(own[0])
}

// TermsOf reads the terms of idle land from the parameters of a pack; one that
// is missing is an error that names it.
func TermsOf(p *rule.Pack) (supply.Terms, error) {
	var t supply.Terms
	for _, term := range []struct {
		id    string
		years *int
		ratio *supply.Ratio
	}{
		{"idle.years", &t.IdleYears, nil},
		{"idle.take-back-years", &t.TakeBackYears, nil},
		{"idle.handover-years", &t.HandoverYears, nil},
		{"idle.started-footprint-below", nil, &t.FootprintBelow},
		{"idle.invested-below", nil, &t.InvestmentBelow},
		{"idle.fee-share", nil, &t.FeeShare},
	} {
		q, ok := p.Parameter(term.id)
		switch {
		case !ok || !q.Set:
			return t, fmt.Errorf("%w: the pack %s sets no parameter %q", rule.ErrPack, p.ID, term.id)
		case term.ratio != nil:
			*term.ratio = supply.Ratio{Num: q.Num, Den: q.Den}
		case q.Den != 1:
			return t, fmt.Errorf("%w: %s: %q must be whole years", rule.ErrPack, p.ID, term.id)
		default:
			*term.years = int(q.Num)
		}
	}
	if err := proceduralTerms(p, &t); err != nil {
		return t, err
	}
	if err := t.Check(); err != nil {
		return t, fmt.Errorf("%s: %w", p.ID, err)
	}
	return t, nil
}

// proceduralTerms reads the days of the procedure: those that a pack doesn't
// set are no term, since not all of them are confirmed at the source.
func proceduralTerms(p *rule.Pack, t *supply.Terms) error {
	for id, to := range map[string]*int{"idle.notice-days": &t.NoticeDays, "idle.answer-days": &t.AnswerDays,
		"idle.payment-days": &t.PaymentDays, "idle.extension-years": &t.ExtensionYears} {
		q, ok := p.Parameter(id)
		if !ok {
			continue
		}
		if q.Den != 1 {
			return fmt.Errorf("%w: %s: %q must be a whole number", rule.ErrPack, p.ID, id)
		}
		*to = int(q.Num)
	}
	return nil
}
