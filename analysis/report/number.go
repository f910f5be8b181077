package report

import (
	"math"
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// How a number is shown to a person. The Result keeps every digit; a reader
// gets two decimals, more where two would hide that a value isn't 0 or isn't
// its limit, and never more than maxPlaces.
const maxPlaces = 8

// value shows a number in a unit: shares as percent, thousands grouped.
func (h *htmlReport) value(v *float64, unit land.Unit, id string) string {
	if v == nil {
		return "—"
	}
	return h.shown(*v, unit, id, places(scaled(*v, unit, id)))
}

// against shows a value beside its limit, with so many decimals that the two
// differ where they do.
func (h *htmlReport) against(v *land.Verdict) string {
	if v.Observed == nil {
		return "—"
	}
	observed := scaled(*v.Observed, v.Unit, v.Indicator)
	n := places(observed)
	if v.Limit != nil && *v.Limit != *v.Observed {
		limit := scaled(*v.Limit, v.Unit, v.Indicator)
		for n < maxPlaces && strconv.FormatFloat(observed, 'f', n, 64) == strconv.FormatFloat(limit, 'f', n, 64) {
			n++
		}
	}
	return h.shown(*v.Observed, v.Unit, v.Indicator, n)
}

// shown writes v with n decimals and its unit. Percent stands close to its
// number, other units a no-break space away, so that a line never ends between
// the two.
func (h *htmlReport) shown(v float64, unit land.Unit, id string, n int) string {
	s := group(scaled(v, unit, id), n)
	switch {
	case unit != land.UnitRatio:
		return s + "\u00a0" + h.word("unit", string(unit))
	case percent(id):
		return s + "%"
	}
	return s
}

// scaled is v as it is shown: a share times 100, so rounded that 0.07 is 7 and
// not 7.000000000000001.
func scaled(v float64, unit land.Unit, id string) float64 {
	if unit == land.UnitRatio && percent(id) {
		return math.Round(v*1e14) / 1e12
	}
	return v
}

// percent reports whether a ratio is a share of a whole; a floor area ratio is
// not.
func percent(id string) bool { return !strings.HasPrefix(id, "far.") && !strings.Contains(id, "_far.") }

// places is how many decimals v needs: two, or as many as it takes to see
// three digits of a smaller number.
func places(v float64) int {
	a := math.Abs(v)
	if a == 0 || a >= 0.1 {
		return 2
	}
	return min(2-int(math.Floor(math.Log10(a))), maxPlaces)
}

func (h *htmlReport) quantity(q *land.Quantity) string {
	if q == nil {
		return "—"
	}
	f := q.Float()
	return group(f, places(f)) + "\u00a0" + h.word("unit", string(q.Unit))
}

// limit shows the comparison a value has to stand, and the limit.
func (h *htmlReport) limit(v *land.Verdict) string {
	if v.Limit == nil {
		return "—"
	}
	sign := map[string]string{"<=": "≤", ">=": "≥"}[v.Comparison]
	if sign == "" {
		sign = v.Comparison
	}
	return strings.TrimSpace(sign + "\u00a0" + h.value(v.Limit, v.Unit, v.Indicator))
}

// bounds shows the least and the greatest value that the missing facts allow.
func (h *htmlReport) bounds(b *land.Bounds, unit land.Unit, id string) string {
	switch {
	case b == nil || b.Lo == nil && b.Hi == nil:
		return h.opt.text("report.unbounded")
	case b.Lo == nil:
		return "≤\u00a0" + h.value(b.Hi, unit, id)
	case b.Hi == nil:
		return "≥\u00a0" + h.value(b.Lo, unit, id)
	case *b.Lo == *b.Hi:
		return h.value(b.Lo, unit, id)
	}
	return h.value(b.Lo, unit, id) + " – " + h.value(b.Hi, unit, id)
}

// distance says how much land or floor lies between the value and its limit,
// and on which side: an excess of a least value is negative in the Result, and
// a shortfall to a reader.
func (h *htmlReport) distance(v *land.Verdict) string {
	word, amount := "report.over", ""
	if strings.HasPrefix(v.Comparison, ">") {
		word = "report.short"
	}
	if v.HeadroomMu != nil || v.HeadroomM2 != nil {
		word = map[string]string{"report.over": "report.room", "report.short": "report.above"}[word]
	}
	for _, m := range []*land.Mu{v.ExcessMu, v.HeadroomMu} {
		if m != nil {
			amount = mu(max(*m, -*m)) + "\u00a0" + h.word("unit", string(land.UnitMu))
		}
	}
	for _, f := range []*land.Fixed{v.ExcessM2, v.HeadroomM2} {
		if f != nil {
			amount = m2(max(*f, -*f)) + "\u00a0" + h.word("unit", string(land.UnitM2))
		}
	}
	if amount == "" {
		return ""
	}
	return h.opt.text(word) + " " + amount
}

// coverage shows a share that reads 100 % only where it is.
func coverage(f float64) string {
	if f < 1 && f > 0.999 {
		return "> 99.9%"
	}
	if f > 0 && f < 0.001 {
		return "< 0.1%"
	}
	return group(f*100, 1) + "%"
}

// mu shows an area in mu.
func mu(m land.Mu) string {
	f := m.Float()
	return group(f, places(f))
}

// m2 shows an area in square metres.
func m2(f land.Fixed) string { return group(f.Float(), places(f.Float())) }

// group writes a number with n decimals and thousands grouped. A whole number
// has no decimals, and decimals after the second don't end in zeros.
func group(f float64, n int) string {
	s := strconv.FormatFloat(math.Abs(f), 'f', n, 64)
	whole, frac, _ := strings.Cut(s, ".")
	zero := strings.Trim(whole+frac, "0") == ""
	if f == math.Trunc(f) || zero {
		frac = ""
	}
	for len(frac) > 2 && frac[len(frac)-1] == '0' {
		frac = frac[:len(frac)-1]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if f < 0 && !zero {
		whole = "−" + whole
	}
	if frac == "" {
		return whole
	}
	return whole + "." + frac
}
