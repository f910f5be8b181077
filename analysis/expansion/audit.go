package expansion

import (
	"context"
	"fmt"

	"github.com/muscope/muscope/analysis/land"
)

// Audit is the table of the audit of zones (开发区整合优化核查): its 20 columns
// in its order, for the zone before the change, the land added, and after.
type Audit struct {
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"`
}

// Column is one column of the table.
type Column struct {
	ID    string `json:"id"`
	Title Text   `json:"title"`
	Kind  string `json:"kind"` // text | area | ratio | years
}

// Row is one row: a cell for each column.
type Row struct {
	Of    string `json:"of"` // before | added | after
	Title Text   `json:"title"`
	Cells []Cell `json:"cells"`
}

// Cell is one value; where there is none, Reason says why. Unsure is land that
// may belong too.
type Cell struct {
	Text   string   `json:"text,omitempty"`
	Label  *Text    `json:"label,omitempty"` // the text in both languages, where it is no name
	Area   *Area    `json:"area,omitempty"`
	Ratio  *float64 `json:"ratio,omitempty"`
	Years  *float64 `json:"years,omitempty"`
	Unsure *Area    `json:"unsure,omitempty"`
	Reason *Coded   `json:"reason,omitempty"`
}

// auditColumns are the columns in the audit's order, with their kinds.
func auditColumns() [][2]string {
	return [][2]string{{"name", "text"}, {"zone_area", "area"}, {"inside_boundary", "area"}, {"outside_boundary", "area"},
		{"on_farmland", "area"}, {"on_redline", "area"}, {"existing_construction", "area"}, {"existing_industrial", "area"},
		{"existing_industrial_rate", "ratio"}, {"approved_construction", "area"}, {"unsupplied", "area"}, {"unsupplied_rate", "ratio"},
		{"supplied", "area"}, {"idle", "area"}, {"idle_rate", "ratio"}, {"planned_construction", "area"},
		{"planned_industrial", "area"}, {"planned_industrial_rate", "ratio"}, {"evidence", "area"}, {"remaining_years", "years"}}
}

// three is an amount of land of which a fact is true, and of which it isn't known.
type three struct{ yes, unknown land.Fixed }

func (t *three) add(f land.Flag, m2 land.Fixed) {
	switch f {
	case land.Yes:
		t.yes += m2
	case land.Unknown:
		t.unknown += m2
	}
}

func (t three) plus(o three) three {
	return three{t.yes + o.yes, t.unknown + o.unknown}
}

func (t three) minus(o three) three {
	return three{max(0, t.yes-o.yes), max(0, t.unknown-o.unknown)}
}

// columns are the sums over parcels that the table needs.
type columns struct {
	existing, existingIndustry, approved, unsupplied, supplied, recent, idle, planned, plannedIndustry three

	parcels int64
	plans   int64 // parcels with a planned use
}

func (s *columns) add(c *check, p *land.Part, a *land.Assessment, m2 land.Fixed) {
	s.parcels++
	built, industry := c.existing(p, a)
	s.existing.add(built, m2)
	s.existingIndustry.add(industry, m2)
	s.approved.add(a.Approved, m2)
	s.unsupplied.add(statusFlag(a, land.Unsupplied), m2)
	supplied := suppliedLand(p, a)
	s.supplied.add(supplied, m2)
	s.recent.add(supplied.And(recently(p, c.AsOf)), m2)
	s.idle.add(statusFlag(a, land.SuspectedIdle).And(supplied), m2)
	plan, planIndustry := land.Unknown, land.Unknown
	if p.PlannedUse != "" {
		s.plans++
		plan, planIndustry = c.use(p.UseScheme, p.PlannedUse)
	}
	s.planned.add(plan, m2)
	s.plannedIndustry.add(planIndustry, m2)
}

// statusFlag is whether land has a status; of undetermined land that isn't
// known.
func statusFlag(a *land.Assessment, s land.Status) land.Flag {
	if a.Status == land.Undetermined {
		return land.Unknown
	}
	return land.FlagOf(a.Status == s)
}

// suppliedLand is the base supplied of the contract: supplied and not taken
// back, collective land left out, and old rights that aren't collective.
func suppliedLand(p *land.Part, a *land.Assessment) land.Flag {
	switch {
	case p.Ownership == land.OwnCollective, a.TakenBack, a.Status == land.Reserve:
		return land.No
	case a.Status == land.Stock:
		return land.FlagOf(p.RightsBasis != land.BasisCollective)
	}
	return a.Supplied
}

func recently(p *land.Part, asOf land.Date) land.Flag {
	if !p.SuppliedOn.Known() {
		return land.Unknown
	}
	return land.FlagOf(p.SuppliedOn > asOf.AddYears(-5) && p.SuppliedOn <= asOf)
}

// use says of a code whether it is construction land, and land of industry,
// mining, salt or storage.
func (c *check) use(scheme land.UseScheme, code string) (construction, industry land.Flag) {
	u, ok := c.Classes.Lookup(scheme, code)
	if !ok || u.Class == land.ClassUnknown {
		return land.Unknown, land.Unknown
	}
	return land.FlagOf(u.Class != land.ClassNotConstruction && u.Class != land.ClassReserved), land.FlagOf(industrialClass(u.Class))
}

func industrialClass(c land.Class) bool {
	return c == land.ClassIndustrial || c == land.ClassMining || c == land.ClassStorage
}

// existing is the use as it stands: by the survey's code where there is one,
// else by what the records say stands there.
func (c *check) existing(p *land.Part, a *land.Assessment) (construction, industry land.Flag) {
	if p.CurrentUse != "" {
		return c.use(p.UseScheme, p.CurrentUse)
	}
	construction = a.Standing.Or(a.BuiltOn)
	if a.BuiltOn == land.No && a.Standing == land.No {
		construction = land.No
	}
	industry = land.FlagOf(industrialClass(a.Class))
	if a.Class == land.ClassUnknown {
		industry = land.Unknown
	}
	return construction, construction.And(industry)
}

// auditTable fills the table.
func (c *check) auditTable(context.Context) error {
	for _, col := range auditColumns() {
		c.doc.Audit.Columns = append(c.doc.Audit.Columns, Column{ID: col[0], Title: c.text("expansion.column." + col[0]), Kind: col[1]})
	}
	t := c.parts
	after := t.old.minus(t.removed).plus(t.added)
	for _, row := range []struct {
		of   string
		name string
		m2   float64
		sums columns
		on   func(all *covers) (float64, error)
	}{
		{"before", c.zone.Name, c.old.m2, t.old, func(all *covers) (float64, error) { return covered(&all.old) }},
		{"added", "", c.added.m2, t.added, func(all *covers) (float64, error) { return covered(&all.added) }},
		{"after", c.zone.Name, c.old.m2 + c.added.m2 - c.removed.m2, after, func(all *covers) (float64, error) {
			sum := 0.0
			for _, part := range []struct {
				cover *cover
				sign  float64
			}{{&all.old, 1}, {&all.added, 1}, {&all.removed, -1}} {
				m2, err := covered(part.cover)
				if err != nil {
					return 0, err
				}
				sum += part.sign * m2
			}
			return max(0, sum), nil
		}},
	} {
		r := auditRow{check: c, m2: row.m2, sums: row.sums, on: row.on}
		cells, err := r.cells(row.name)
		if err != nil {
			return fmt.Errorf("the audit table: %w", err)
		}
		if row.name == "" {
			label := c.text("expansion.row." + row.of)
			cells[0] = Cell{Text: label.ZH, Label: &label}
		}
		c.doc.Audit.Rows = append(c.doc.Audit.Rows, Row{Of: row.of, Title: c.text("expansion.row." + row.of), Cells: cells})
	}
	return nil
}

func covered(c *cover) (float64, error) {
	_, m2, err := c.union()
	return m2, err
}

func (s columns) plus(o columns) columns  { return s.with(o, three.plus, 1) }
func (s columns) minus(o columns) columns { return s.with(o, three.minus, 0) }

func (s columns) with(o columns, op func(a, b three) three, count int64) columns {
	return columns{existing: op(s.existing, o.existing), existingIndustry: op(s.existingIndustry, o.existingIndustry),
		approved: op(s.approved, o.approved), unsupplied: op(s.unsupplied, o.unsupplied), supplied: op(s.supplied, o.supplied),
		recent: op(s.recent, o.recent), idle: op(s.idle, o.idle), planned: op(s.planned, o.planned),
		plannedIndustry: op(s.plannedIndustry, o.plannedIndustry),
		parcels:         s.parcels + count*o.parcels, plans: s.plans + count*o.plans}
}

// auditRow makes one row.
type auditRow struct {
	*check
	m2   float64
	sums columns
	on   func(all *covers) (float64, error)
}

func (r *auditRow) cells(name string) ([]Cell, error) {
	boundary, inside, err := r.constraint(UrbanBoundary)
	if err != nil {
		return nil, err
	}
	outside := boundary
	if boundary.Area != nil {
		a := areaOf(fixed(max(0, r.m2-inside)))
		outside = Cell{Area: &a}
	}
	farmland, _, err := r.constraint(Farmland)
	if err != nil {
		return nil, err
	}
	redline, _, err := r.constraint(Redline)
	if err != nil {
		return nil, err
	}
	evidence, evidenceM2, err := r.constraint(Evidence)
	if err != nil {
		return nil, err
	}
	s, whole := &r.sums, areaOf(fixed(r.m2))
	_ = evidenceM2
	return []Cell{{Text: name}, {Area: &whole}, boundary, outside, farmland, redline,
		r.land(s.existing), r.land(s.existingIndustry), r.rate(s.existingIndustry, s.existing),
		r.land(s.approved), r.land(s.unsupplied), r.rate(s.unsupplied, s.approved),
		r.land(s.supplied), r.land(s.idle), r.rate(s.idle, s.supplied),
		r.plan(r.land(s.planned)), r.plan(r.land(s.plannedIndustry)), r.plan(r.rate(s.plannedIndustry, s.planned)),
		evidence, r.years()}, nil
}

// constraint is what of a kind lies on the row's land, or why that isn't known.
func (r *auditRow) constraint(kind string) (Cell, float64, error) {
	l := r.layer(kind)
	if !l.Loaded && !l.Complete {
		return Cell{Reason: coded(r.coded("not_loaded", l.Title))}, 0, nil
	}
	m2, err := r.on(r.of(kind))
	if err != nil {
		return Cell{}, 0, err
	}
	a := areaOf(fixed(m2))
	return Cell{Area: &a, Reason: l.Doubt}, m2, nil
}

// land is a sum of parcels; without any parcel it isn't known.
func (r *auditRow) land(t three) Cell {
	if r.sums.parcels == 0 {
		return Cell{Reason: coded(r.coded("no_parcels"))}
	}
	a := areaOf(t.yes)
	cell := Cell{Area: &a}
	if t.unknown > 0 {
		u := areaOf(t.unknown)
		cell.Unsure = &u
	}
	return cell
}

// rate is a ratio of two sums over the land of which all is known.
func (r *auditRow) rate(num, den three) Cell {
	switch {
	case r.sums.parcels == 0:
		return Cell{Reason: coded(r.coded("no_parcels"))}
	case den.yes <= 0:
		return Cell{Reason: coded(r.coded("empty_base"))}
	}
	v := float64(num.yes) / float64(den.yes)
	cell := Cell{Ratio: &v}
	if u := num.unknown + den.unknown; u > 0 {
		a := areaOf(max(num.unknown, den.unknown))
		cell.Unsure, cell.Reason = &a, coded(r.coded("partly_unknown"))
	}
	return cell
}

// plan is a cell that takes planned uses: without any it isn't loaded.
func (r *auditRow) plan(cell Cell) Cell {
	if r.sums.parcels > 0 && r.sums.plans == 0 {
		return Cell{Reason: coded(r.coded("not_loaded", r.text("expansion.layer.planned_use")))}
	}
	return cell
}

// years is (planned construction − supplied) ÷ (supply of five years ÷ 5).
func (r *auditRow) years() Cell {
	s := &r.sums
	switch {
	case s.parcels == 0:
		return Cell{Reason: coded(r.coded("no_parcels"))}
	case s.plans == 0:
		return Cell{Reason: coded(r.coded("not_loaded", r.text("expansion.layer.planned_use")))}
	case s.recent.yes <= 0:
		return Cell{Reason: coded(r.coded("no_recent_supply"))}
	}
	v := float64(s.planned.yes-s.supplied.yes) / (float64(s.recent.yes) / 5)
	cell := Cell{Years: &v, Reason: coded(r.coded("years_variant"))}
	if u := max(s.planned.unknown, s.supplied.unknown, s.recent.unknown); u > 0 {
		a := areaOf(u)
		cell.Unsure, cell.Reason = &a, coded(r.coded("partly_unknown"))
	}
	return cell
}
