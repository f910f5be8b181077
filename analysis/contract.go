package analysis

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// A contract's own terms (floor-area ratio, investment, output, tax, ancillary
// shares) are limits for the land of the contract and for nothing else: the
// nearest law there is. They are judged over whole parcels, wherever these lie,
// in every zone in which the contract has land.

// contracts gathers the parts of one zone that stand under a contract with
// terms.
type contracts struct {
	order []string // contract numbers, as first met
	land  map[string]*contractLand
}

type contractLand struct {
	terms []land.Term
	parts []land.Part // whole parcels, each once
}

// add keeps a part that has terms; what it says is valid only during the call.
func (c *contracts) add(p *land.Part) {
	if p.Records == nil || len(p.Records.Terms) == 0 || p.ContractNo == "" || !p.Surface() || p.Touch() {
		return
	}
	own := c.land[p.ContractNo]
	if own == nil {
		if c.land == nil {
			c.land = map[string]*contractLand{}
		}
		own = &contractLand{terms: cloneRows(p.Records.Terms, land.TermFields())}
		no := strings.Clone(p.ContractNo)
		c.land[no] = own
		c.order = append(c.order, no)
	}
	own.take(p)
}

func (l *contractLand) take(p *land.Part) {
	same := func(q land.Part) bool {
		return q.ID == p.ID || p.Withheld != "" && q.Source.Position == p.Source.Position
	}
	if slices.ContainsFunc(l.parts, same) {
		return
	}
	l.parts = append(l.parts, wholeParcel(p))
}

// wholeParcel is a copy of a part that stays, standing for the whole of its
// parcel.
func wholeParcel(p *land.Part) land.Part {
	q := *p
	cloneRow(&q.Parcel, land.ParcelFields())
	q.Extra, q.Records = nil, nil
	if r := p.Records; r != nil { // the terms stand with the contract
		q.Records = &land.Records{Phases: cloneRows(r.Phases, land.PhaseFields()), Uses: cloneRows(r.Uses, land.UseFields()),
			Firms: cloneRows(r.Firms, land.FirmFields()), Events: cloneRows(r.Events, land.EventFields())}
	}
	q.Share, q.SetShare, q.PartEllipsoidM2, q.Elsewhere, q.Home = 1, 1, p.EllipsoidM2, false, true
	return q
}

// cloneRow makes the texts of a record its own.
func cloneRow[T any](row *T, fields []land.Field[T]) {
	for _, f := range fields {
		if f.Str != nil {
			*f.Str(row) = strings.Clone(*f.Str(row))
		}
	}
}

func cloneRows[T any](rows []T, fields []land.Field[T]) []T {
	out := slices.Clone(rows)
	for i := range out {
		cloneRow(&out[i], fields)
	}
	return out
}

// spread is parcels of contracts that reach over zones, by contract.
type spread struct {
	mu    sync.Mutex
	parts map[string][]land.Part
}

// note keeps a parcel. known says that its contract is known to reach over zones;
// else only parcels with terms are kept. A source may leave the tables out here.
func (s *spread) note(p *land.Part, known bool) {
	terms := p.Records != nil && len(p.Records.Terms) > 0
	if p.ContractNo == "" || !known && !terms || !p.Surface() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parts == nil {
		s.parts = map[string][]land.Part{}
	}
	whole := wholeParcel(p)
	if p.Withheld != "" {
		whole.ID, whole.Name, whole.Holder, whole.HolderCode, whole.Zone = p.Withheld, "", "", "", ""
	}
	s.parts[p.ContractNo] = append(s.parts[p.ContractNo], whole)
}

// judgeContracts judges the terms of the zone's contracts.
func (zr *zoneRun) judgeContracts() error {
	if len(zr.contracts.order) == 0 {
		return nil
	}
	units := map[string]land.Unit{}
	for _, d := range indicator.Definitions() {
		units[d.ID] = d.Unit
	}
	tallies := map[string]*ruleTally{}
	for _, no := range zr.contracts.order {
		own := zr.contracts.land[no]
		for i := range zr.spread.parts[no] {
			own.take(&zr.spread.parts[no][i])
		}
		if err := zr.judgeContract(no, own, units, tallies); err != nil {
			return err
		}
	}
	return nil
}

// judgeContract judges the terms of one contract over its land.
func (zr *zoneRun) judgeContract(no string, own *contractLand, units map[string]land.Unit, tallies map[string]*ruleTally) error {
	f, err := zr.contractFigures(no, own)
	if err != nil {
		return err
	}
	s := rule.Subject{Level: land.LevelProject, ID: no, AsOf: zr.AsOf, Evidence: f.ids, Unfinished: rule.Unfinished(f.finished)}
	switch f.standing {
	case land.No:
		s.NotApplicable = rule.ReasonEmptyBase
	case land.Unknown:
		s.Doubt = []string{"construction_state"}
	}
	for i := range own.terms {
		t := rule.TermRule(&own.terms[i], units[own.terms[i].Indicator], zr.AsOf)
		tally := tallies[t.ID]
		if tally == nil {
			tally = &ruleTally{Rule: t.Rule, ind: -1, by: -1}
			tallies[t.ID] = tally
			zr.judge.rules = append(zr.judge.rules, tally)
		}
		zr.judge.keep(tally, t.Judge(&s, named(f.indicators, t.Indicator), zr.judge.beside(t, f.signed)))
	}
	return nil
}

// beside is the limits of law on the same figure on the day of the contract.
func (j *zoneJudge) beside(t rule.Term, signed land.Date) (out []land.Replaced) {
	for _, other := range j.onLots {
		day := j.asOf
		if other.Date == rule.DateContract && signed.Known() {
			day = signed
		}
		if t.Same(other.Rule) {
			if r, ok := other.Beside(day); ok {
				out = append(out, r)
			}
		}
	}
	return out
}

// contractFigures is what the land of a contract comes to.
type contractFigures struct {
	indicators []land.Indicator
	ids        []string
	signed     land.Date
	standing   land.Flag // whether something stands on it
	finished   land.Flag // all of it is completed or in use
}

// contractFigures computes every indicator over the land of a contract, as if it
// were a zone of its own with one project: what a contract promises it promises
// of all its land, whatever the class.
func (zr *zoneRun) contractFigures(no string, own *contractLand) (f contractFigures, err error) {
	f.standing = land.No
	z := &land.Zone{Code: no, Scope: land.ScopeApproved}
	slices.SortFunc(own.parts, func(a, b land.Part) int { return strings.Compare(a.ID, b.ID) })
	for i := range own.parts {
		z.AreaM2 += own.parts[i].AreaM2()
	}
	at := indicator.NewZone(z, nil, zr.AsOf)
	watched := &WatchedContract{No: no, Terms: own.terms, Parts: own.parts, Indicators: at}
	if w, ok := zr.watcher.(ContractWatcher); ok {
		if err := w.Contract(watched); err != nil {
			return f, fmt.Errorf("watch contract %s: %w", no, err)
		}
	}
	f.finished = land.Yes
	for i := range own.parts {
		p := own.parts[i]
		f.ids = append(f.ids, p.ID)
		if d := p.ContractSignedOn; d.Known() && d <= zr.AsOf {
			f.signed = max(f.signed, d)
		}
		p.ProjectNo, p.In = no, z.Key()
		if p.Records == nil {
			p.Records = &land.Records{}
		}
		d := zr.divider.Divide(&p)
		for j := range d.Phases {
			for k := range d.Phases[j].Uses {
				use := &d.Phases[j].Uses[k]
				use.Assessment.Class, use.Assessment.NewIndustry = land.ClassIndustrial, false
				f.standing = some(f.standing, use.Assessment.Standing)
				f.finished = f.finished.And(use.Assessment.BuiltOn)
				at.Add(&use.Part, &use.Assessment)
			}
		}
	}
	f.indicators = at.Indicators()
	for _, p := range at.Projects() {
		f.indicators = append(f.indicators, p.Indicators...)
	}
	watched.Figures = f.indicators
	return f, nil
}

// some is whether one of two facts holds.
func some(a, b land.Flag) land.Flag {
	switch {
	case a == land.Yes || b == land.Yes:
		return land.Yes
	case a == land.Unknown || b == land.Unknown:
		return land.Unknown
	}
	return land.No
}
