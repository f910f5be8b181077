package piece

import (
	"cmp"
	"slices"
	"time"

	"github.com/muscope/muscope/analysis/land"
)

// figure is a figure that firms report and parcels have.
type figure struct {
	field string
	of    func(*land.Firm) land.Number
	to    number
	most  func(*land.Most) *land.Number // nil: no indicator asks for it
}

func firmFigures() []figure {
	to := yields()
	return []figure{
		{"output_wan", func(f *land.Firm) land.Number { return f.OutputWan }, to[0], func(m *land.Most) *land.Number { return &m.OutputWan }},
		{"value_added_wan", func(f *land.Firm) land.Number { return f.ValueAddedWan }, to[1], nil},
		{"revenue_wan", func(f *land.Firm) land.Number { return f.RevenueWan }, to[2], nil},
		{"tax_wan", func(f *land.Firm) land.Number { return f.TaxWan }, to[3], func(m *land.Most) *land.Number { return &m.TaxWan }},
		{"fixed_assets_wan", func(f *land.Firm) land.Number { return f.AssetsWan }, to[4], func(m *land.Most) *land.Number { return &m.AssetsWan }},
		{"employees", func(f *land.Firm) land.Number { return f.Employees }, to[5], nil},
		{"rd_wan", func(f *land.Firm) land.Number { return f.RDWan }, to[6], nil},
		{"energy_tce", func(f *land.Firm) land.Number { return f.EnergyTCE }, to[7], nil},
	}
}

// firms merges what the firms of a parcel, holder and tenants, report of one
// year onto it: into blank figures. Each firm's money counts once; that of a
// firm on several parcels is shared out by its land.
func (w *work) firms() {
	if len(w.rec.Firms) == 0 {
		return
	}
	w.entry()
	rows := w.rowsOfYear()
	if len(rows) == 0 {
		return
	}
	year := land.Num(land.Fixed(rows[0].Year) * land.One)
	if !w.whole.FiguresYear.Known {
		w.whole.FiguresYear = year
	}
	for _, f := range firmFigures() {
		w.fill(f, rows, w.whole.FiguresYear == year)
	}
}

// entry fills the day of entry where the firms agree on it. Where several
// moved in on different days nobody can say which one is meant.
func (w *work) entry() {
	first, last, known := w.rec.Entered(w.whole.ID)
	if known && first == last && !w.whole.EnteredOn.Known() {
		w.whole.EnteredOn = first
	}
}

// rowsOfYear is the rows, on whatever parcel, of the firms that were on this
// parcel in the year to be used: that of the parcel's own figures where firms
// report it, else the last that had ended.
func (w *work) rowsOfYear() (out []land.Firm) {
	own, last := 0, 0
	for i := range w.rec.Firms {
		f := &w.rec.Firms[i]
		end, err := land.DateOf(f.Year, time.December, 31)
		if f.Parcel != w.whole.ID || err != nil || end > w.assessor.AsOf() {
			continue
		}
		last = max(last, f.Year)
		if n := w.whole.FiguresYear; n.Known && n.Value == land.Fixed(f.Year)*land.One {
			own = f.Year
		}
	}
	year := cmp.Or(own, last)
	here := map[string]bool{}
	for _, f := range w.rec.Firms {
		if f.Year == year && f.Parcel == w.whole.ID {
			here[f.USCC] = true
		}
	}
	for _, f := range w.rec.Firms {
		if f.Year == year && here[f.USCC] {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b land.Firm) int {
		return cmp.Or(cmp.Compare(a.USCC, b.USCC), cmp.Compare(a.Parcel, b.Parcel), cmp.Compare(a.Role, b.Role))
	})
	return out
}

// fill puts the firms' sum of one figure where the parcel's own is blank; of
// one year a difference is noted.
func (w *work) fill(f figure, rows []land.Firm, sameYear bool) {
	own := f.to(&w.whole.Parcel)
	sum, most := land.Num(0), land.Num(0)
	for start := 0; start < len(rows); {
		end := start + 1
		for end < len(rows) && rows[end].USCC == rows[start].USCC {
			end++
		}
		part, all := w.ofFirm(f, rows[start:end])
		sum, most = plus(sum, part), plus(most, all)
		start = end
	}
	switch {
	case own.Known && sum.Known && sameYear && *own != sum:
		w.note(NoteFirmConflict, f.field, own.String(), sum.String())
	case own.Known:
	case sum.Known:
		*own = sum
	case most.Known && f.most != nil:
		if w.whole.Most == nil {
			w.whole.Most = &land.Most{}
		}
		*f.most(w.whole.Most) = most
	}
}

// ofFirm is what of a firm's figure is this parcel's, and the whole of it.
func (w *work) ofFirm(f figure, rows []land.Firm) (part, all land.Number) {
	for i := range rows {
		n := f.of(&rows[i])
		switch {
		case !n.Known:
		case !all.Known:
			all = n
		case all != n:
			w.note(NoteFirmRows, f.field, all.String(), n.String())
			return land.Number{}, land.Number{}
		}
	}
	if !all.Known {
		return all, all
	}
	return w.byLand(all, rows), all
}

// byLand is a firm's sum times this parcel's share in its land.
func (w *work) byLand(all land.Number, rows []land.Firm) land.Number {
	if rows[0].Parcel == rows[len(rows)-1].Parcel {
		return all // it has no other parcel
	}
	weights, some := make([]land.Fixed, len(rows)), false
	for i := range rows {
		n := rows[i].LandM2
		if !n.Known {
			if !w.noted(NoteFirmLand, rows[i].USCC) {
				w.note(NoteFirmLand, "land_m2", rows[i].USCC)
			}
			return land.Number{}
		}
		weights[i] = n.Value
		some = some || n.Value > 0
	}
	if !some {
		return land.Number{}
	}
	sum, shares := land.Fixed(0), apportion(all.Value, weights)
	for i := range rows {
		if rows[i].Parcel == w.whole.ID {
			sum += shares[i]
		}
	}
	return land.Num(sum)
}

func (w *work) noted(code, value string) bool {
	return slices.ContainsFunc(w.out.Notes, func(n land.Note) bool { return n.Code == code && slices.Contains(n.Values, value) })
}

// plus adds two numbers; unknown where one is, or where the sum leaves the
// range.
func plus(a, b land.Number) land.Number {
	sum := a.Value + b.Value
	if !a.Known || !b.Known || sum < a.Value && b.Value >= 0 {
		return land.Number{}
	}
	return land.Num(sum)
}
