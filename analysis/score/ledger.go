package score

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/muscope/muscope/analysis/land"
)

// Ledger gathers the firms of a zone as its parcels come by. It is for one
// goroutine.
type Ledger struct {
	asOf  land.Date
	plots map[string]plot // by parcel
	rows  []land.Firm     // of firms with land here, those of other parcels too
	years []int           // with rows, ascending
	Firms bool            // a row of the table of firms was among them

	gather bool
	from   []land.Field[land.Parcel] // of Figures
	to     []land.Field[land.Firm]
}

type plot struct {
	area   land.Fixed
	holder string // holder_code of the parcel
}

// NewLedger is an empty ledger as of a date. Where nobody is going to be scored
// it gathers nothing: it only sees whether there are firms.
func NewLedger(asOf land.Date, gather bool) *Ledger {
	l := &Ledger{asOf: asOf, gather: gather}
	if !gather {
		return l
	}
	l.plots = map[string]plot{}
	for _, name := range Figures() {
		from, _ := land.FieldNamed(land.ParcelFields(), name)
		to, _ := land.FieldNamed(land.FirmFields(), name)
		l.from, l.to = append(l.from, from), append(l.to, to)
	}
	return l
}

// Add takes a parcel that lies in the zone, whole. The part may be reused.
func (l *Ledger) Add(p *land.Part) {
	if !p.Surface() || p.Touch() || p.Elsewhere {
		return
	}
	var rows []land.Firm
	if p.Records != nil && len(p.Records.Firms) > 0 {
		rows, l.Firms = p.Records.Firms, true
	}
	if !l.gather {
		return
	}
	if rows == nil {
		own, ok := l.ownRow(&p.Parcel)
		if !ok {
			return
		}
		rows = []land.Firm{own}
	}
	id := strings.Clone(p.ID)
	l.plots[id] = plot{p.AreaM2(), strings.Clone(p.HolderCode)}
	for i := range rows {
		end, err := land.DateOf(rows[i].Year, time.December, 31)
		if err != nil || end > l.asOf {
			continue // the year isn't over: its figures are not in
		}
		row := rows[i]
		row.USCC, row.Parcel, row.Role = strings.Clone(row.USCC), strings.Clone(row.Parcel), strings.Clone(row.Role)
		row.Source = land.Source{}
		l.rows = append(l.rows, row)
		if at, ok := slices.BinarySearch(l.years, row.Year); !ok {
			l.years = slices.Insert(l.years, at, row.Year)
		}
	}
}

// ownRow is a parcel's own figures as those of its holder; ok is false where it
// has none, or doesn't say of which year.
func (l *Ledger) ownRow(p *land.Parcel) (row land.Firm, ok bool) {
	if y := p.FiguresYear; !y.Known || y.Value%land.One != 0 {
		return row, false
	}
	some := false
	for i := range l.from {
		n := *l.from[i].Num(p)
		*l.to[i].Num(&row) = n
		some = some || n.Known
	}
	row.USCC, row.Parcel, row.Role, row.Year = cmp.Or(p.HolderCode, p.ID), p.ID, holder, int(p.FiguresYear.Value/land.One)
	return row, some
}

// holder is the role of the firm that holds the plot.
const holder = "holder"

// Figures are the fields of a firm, and of a parcel, that a measure may be of.
func Figures() []string {
	return []string{"output_wan", "value_added_wan", "revenue_wan", "tax_wan", "fixed_assets_wan", "employees", "rd_wan", "energy_tce"}
}

// unit is a firm as it is scored in one year: a holder with its tenants.
type unit struct {
	id      string
	parcels []string
	area    land.Fixed
	figures map[string]*big.Rat // nil: unknown
}

// Last is the last year that is over and has figures; 0 where there is none.
func (l *Ledger) Last() int {
	if len(l.years) == 0 {
		return 0
	}
	return l.years[len(l.years)-1]
}

// units are the firms of a year, by id.
func (l *Ledger) units(year int) []*unit {
	byFirm := map[string][]land.Firm{}
	for _, r := range l.rows {
		if r.Year == year && !slices.Contains(byFirm[r.USCC], r) { // a firm on two parcels here came twice
			byFirm[r.USCC] = append(byFirm[r.USCC], r)
		}
	}
	owner := l.owners(byFirm)
	units := map[string]*unit{}
	for parcel, id := range owner {
		u := units[id]
		if u == nil {
			u = &unit{id: id, figures: map[string]*big.Rat{}}
			for _, name := range Figures() {
				u.figures[name] = new(big.Rat)
			}
			units[id] = u
		}
		u.parcels = append(u.parcels, parcel)
		u.area += l.plots[parcel].area
	}
	for _, rows := range byFirm {
		share(rows, owner, units)
	}
	out := make([]*unit, 0, len(units))
	for _, u := range units {
		slices.Sort(u.parcels)
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b *unit) int { return strings.Compare(a.id, b.id) })
	return out
}

// owners says under whom each parcel here is scored: the one firm that holds it,
// else the parcel's own holder, else the parcel itself.
func (l *Ledger) owners(byFirm map[string][]land.Firm) map[string]string {
	holders, present := map[string][]string{}, map[string]bool{}
	for uscc, rows := range byFirm {
		for _, r := range rows {
			if _, here := l.plots[r.Parcel]; !here {
				continue
			}
			present[r.Parcel] = true
			if r.Role == holder && !slices.Contains(holders[r.Parcel], uscc) {
				holders[r.Parcel] = append(holders[r.Parcel], uscc)
			}
		}
	}
	owner := map[string]string{}
	for parcel := range present {
		switch list := holders[parcel]; {
		case len(list) == 1:
			owner[parcel] = list[0]
		case len(list) == 0 && l.plots[parcel].holder != "":
			owner[parcel] = l.plots[parcel].holder
		default:
			owner[parcel] = parcel
		}
	}
	return owner
}

// share gives the figures of one firm to those under whom its parcels are
// scored, by its land where they are several.
func share(rows []land.Firm, owner map[string]string, units map[string]*unit) {
	parts := shares(rows, owner)
	for _, name := range Figures() {
		field, _ := land.FieldNamed(land.FirmFields(), name)
		var all land.Number
		same := true
		for i := range rows {
			switch n := *field.Num(&rows[i]); {
			case !n.Known:
			case !all.Known:
				all = n
			default:
				same = same && all == n
			}
		}
		for id, part := range parts {
			figures := units[id].figures
			if figures[name] == nil {
				continue
			}
			if !all.Known || !same || part == nil {
				figures[name] = nil
				continue
			}
			figures[name].Add(figures[name], new(big.Rat).Mul(exact(all.Value), part))
		}
	}
}

// shares is what part of a firm falls to each of those under whom it is scored;
// nil where its land is unknown.
func shares(rows []land.Firm, owner map[string]string) map[string]*big.Rat {
	parts, sum, known := map[string]*big.Rat{}, new(big.Rat), true
	for i := range rows {
		id := owner[rows[i].Parcel] // blank: elsewhere
		if parts[id] == nil {
			parts[id] = new(big.Rat)
		}
		known = known && rows[i].LandM2.Known
		parts[id].Add(parts[id], exact(rows[i].LandM2.Value))
		sum.Add(sum, exact(rows[i].LandM2.Value))
	}
	for id := range parts {
		switch {
		case len(parts) == 1:
			parts[id] = big.NewRat(1, 1)
		case !known || sum.Sign() <= 0:
			parts[id] = nil
		default:
			parts[id].Quo(parts[id], sum)
		}
	}
	delete(parts, "")
	return parts
}

func exact(f land.Fixed) *big.Rat { return big.NewRat(int64(f), int64(land.One)) }

// mu is the firm's land.
func (u *unit) mu() *big.Rat {
	return new(big.Rat).Mul(exact(u.area), big.NewRat(15, 10000))
}

// value is a measure of the firm, or nil with what is missing.
func (u *unit) value(m *Measure) (*big.Rat, []string) {
	over := u.figures[m.Over]
	if m.Over == LandMu {
		over = u.mu()
	}
	var missing []string
	if u.figures[m.Of] == nil {
		missing = append(missing, m.Of)
	}
	if over == nil || over.Sign() <= 0 {
		missing = append(missing, m.Over)
	}
	if missing != nil {
		return nil, missing
	}
	return new(big.Rat).Quo(u.figures[m.Of], over), nil
}
