package indicator

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// Project is the unit of the project caps (contract section 3): the parcels of
// one project number, or a parcel that has none, judged as a whole wherever
// its parcels lie.
type Project struct {
	Subject   string // project number, or the id of a parcel that has none
	No        string // project number; blank for a parcel that has none
	ParcelIDs []string

	// LimitDate is the date for which its limits are looked up, and LimitBasis
	// the field it comes from: contract_signed_on | approved_on | as_of.
	LimitDate  land.Date
	LimitBasis string

	// Applicable is false for storage and new-industry land, to which the
	// project caps don't apply unless a pack says so; Reason then says which.
	Applicable  bool
	Reason      string
	Class       land.Class // industrial, storage, or unknown where no parcel's class is
	NewIndustry bool
	Finished    land.Flag        // all of its parcels are completed or in use; Unknown where that of one is
	Industries  []land.Industry  // of its parcels, each once; nil where none has a code
	Indicators  []land.Indicator // over whole parcels

	FirstPosition int64 // of its first part in the zone
}

// The reasons why project caps don't apply.
const (
	ReasonStorage     = "project_storage"
	ReasonNewIndustry = "project_new_industry"
)

// The bases of a limit date.
const (
	BasisContract = "contract_signed_on"
	BasisApproved = "approved_on"
	BasisAsOf     = "as_of"
)

// member is what is kept of a parcel that may belong to a project.
type member struct {
	project  string
	id       string
	position int64
	piece    int  // of a parcel that the tables divide
	here     bool // it has land in the zone
	share    float64
	setShare float64
	pattern  *pattern
	numbers  numbers // of the whole parcel

	class    class
	exempt   bool      // new-industry land
	rightful land.Flag // supplied or built on
	built    land.Flag
	figured  bool // an ancillary or floor figure is given
	sited    bool // an ancillary figure is given
	signed   land.Date
	approved land.Date
	industry []land.Industry // one, shared by all parcels of it; nil: not recorded
}

// mayBeProject leaves out parcels that no project can have.
func (k *known) mayBeProject() bool {
	return (k.class == industrial || k.class == storage || k.class == classUnknown) && k.rightful() != land.No
}

// rightful is whether the land is supplied or built on.
func (k *known) rightful() land.Flag {
	supplied := land.FlagOf(k.supply != notSupplied)
	if k.supply == supplyUnknown {
		supplied = land.Unknown
	}
	return supplied.Or(k.built)
}

func newMember(p *land.Part, k *known, pattern *pattern, here bool) member {
	sited := p.AncillarySiteM2.Known || p.AncillaryFloorM2.Known
	return member{
		project: strings.Clone(p.ProjectNo), id: strings.Clone(p.ID), position: p.Source.Position, piece: p.Piece.No,
		here: here, share: p.Share, setShare: p.SetShare, pattern: pattern,
		numbers: numbersOf(p),
		class:   k.class, exempt: k.newIndustry, rightful: k.rightful(), built: k.built, sited: sited,
		figured: sited || p.FloorAreaM2.Known || p.FARFloorAreaM2.Known,
		signed:  p.ContractSignedOn, approved: p.ApprovedOn,
	}
}

// belongs is whether the parcel belongs to a project to which the caps apply.
func (m *member) belongs() land.Flag {
	switch {
	case m.exempt || m.class == storage:
		return land.No
	case m.class == classUnknown:
		return land.Unknown.And(m.rightful)
	}
	return m.rightful
}

// group is the members of one project, in input order.
type group []member

// sortMembers brings the members of a project together, in input order, each
// parcel once: where it has land here goes before where it only came along.
func sortMembers(m []member) []member {
	slices.SortStableFunc(m, func(a, b member) int {
		return cmp.Or(strings.Compare(a.project, b.project), cmp.Compare(a.position, b.position),
			strings.Compare(a.id, b.id), cmp.Compare(a.piece, b.piece), -compareBool(a.here, b.here))
	})
	return slices.CompactFunc(m, func(a, b member) bool {
		return a.project == b.project && a.position == b.position && a.id == b.id && a.piece == b.piece
	})
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// projects yields the groups that have land in the zone; a parcel without a
// project number is a group alone.
func projects(m []member) iter.Seq[group] {
	return func(yield func(group) bool) {
		for start := 0; start < len(m); {
			end := start + 1
			for end < len(m) && m[start].goesWith(&m[end]) {
				end++
			}
			g := group(m[start:end:end])
			start = end
			if slices.ContainsFunc(g, func(m member) bool { return m.here }) && !yield(g) {
				return
			}
		}
	}
}

// goesWith reports whether two members, sorted, are of one project: of its
// number, or pieces of one parcel.
func (m *member) goesWith(o *member) bool {
	if m.project != "" {
		return m.project == o.project
	}
	return o.project == "" && o.piece > 0 && m.piece > 0 && m.id == o.id && m.position == o.position
}

// builtOn is whether some parcel of the project is built on, and the facts
// that would tell where it is unknown.
func (g group) builtOn() (built land.Flag, unknown facts) {
	built = land.No
	for i := range g {
		m := &g[i]
		flag := m.built
		if len(g) > 1 { // the class of a lone parcel is its formulas' own choice
			flag = flag.And(m.belongs())
		} else if m.belongs() == land.No {
			flag = land.No
		}
		built = built.Or(flag)
		if flag == land.Unknown && m.built == land.Unknown {
			unknown |= factBuilt.set()
		} else if flag == land.Unknown {
			unknown |= factClass.set()
		}
	}
	if built != land.Unknown {
		unknown = 0
	}
	return built, unknown
}

// standsFor says whether the group is, or may be, a project: industrial land
// supplied or built on, with a figure or built on. Land of unknown class is
// taken for one only where an ancillary figure, or an industrial parcel of the
// same project, speaks for it.
func (g group) standsFor() (applicable, exempt bool) {
	var speaks, evidence bool
	for i := range g {
		m := &g[i]
		if m.belongs() == land.No {
			exempt = exempt || m.rightful == land.Yes && (m.figured || m.built == land.Yes)
			continue
		}
		speaks = speaks || m.class != classUnknown || m.sited
		evidence = evidence || m.figured || m.built != land.No
	}
	return speaks && evidence, exempt
}

// counts is whether the parcel is one of those the project is made of.
func (m *member) counts(applicable bool) bool { return (m.belongs() != land.No) == applicable }

// here is whether a parcel that counts has land in the zone.
func (g group) here(applicable bool) bool {
	return slices.ContainsFunc(g, func(m member) bool { return m.here && m.counts(applicable) })
}

// Projects lists the projects with land in the zone, in the order of their
// first parts there, each with its indicators over whole parcels. No part may
// be added after it.
func (z *Zone) Projects() []Project {
	z.finish()
	var out []Project
	w := projectWriter{calendar: &z.calendar, scratch: newTally(), trace: z.trace}
	for g := range projects(z.members) {
		applicable, exempt := g.standsFor()
		if (applicable || exempt) && g.here(applicable) {
			out = append(out, w.project(g, applicable))
		}
	}
	slices.SortStableFunc(out, func(a, b Project) int { return cmp.Compare(a.FirstPosition, b.FirstPosition) })
	return out
}

// projectWriter makes projects, with room for many at a time.
type projectWriter struct {
	calendar *calendar
	scratch  *tally
	trace    *Trace
	room     *slab
	list     []land.Indicator
	left     int
}

// roomFor is how many projects share one allocation.
const roomFor = 32

// project makes the project of a group. Where the caps apply it is made of the
// parcels to which they do, else of the exempt ones.
func (w *projectWriter) project(g group, applicable bool) Project {
	of := func(m *member) bool { return m.counts(applicable) }
	out := w.frame(g, of)
	out.Applicable, out.Finished = applicable, land.Yes
	out.Industries = g.industries(of)
	traced := w.trace.wants(&out)
	for i := range g {
		m := &g[i]
		if !of(m) {
			continue
		}
		a := m.numbers.times(1)
		w.scratch.add(m.pattern, ofProject, &a, nil, 0)
		if traced {
			w.trace.member(ofProject, m, 1, 0)
		}
		out.Finished = out.Finished.And(m.built)
		out.NewIndustry = out.NewIndustry || m.exempt
		if m.class == industrial || m.class == storage && out.Class == land.ClassUnknown {
			out.Class = land.ClassIndustrial
			if m.class == storage {
				out.Class = land.ClassStorage
			}
		}
	}
	switch {
	case out.NewIndustry:
		out.Reason = ReasonNewIndustry
	case !applicable:
		out.Reason = ReasonStorage
	}
	out.Indicators = w.indicators()
	return out
}

// industries is the industries of parcels, each once, with a blank one beside
// those known where a parcel has no code; nil where none has.
func (g group) industries(of func(*member) bool) (list []land.Industry) {
	blank := false
	for i := range g {
		one := g[i].industry
		switch {
		case !of(&g[i]):
		case len(one) == 0:
			blank = true
		case len(list) == 0:
			list = one[:1:1] // shared: most projects have one industry
		case !slices.Contains(list, one[0]):
			list = append(list, one[0])
		}
	}
	if blank && len(list) > 0 {
		list = append(list, land.Industry{})
	}
	return list
}

// frame is a project without its class and indicators.
func (w *projectWriter) frame(g group, of func(*member) bool) Project {
	p := Project{Class: land.ClassUnknown, Subject: g[0].project, No: g[0].project, LimitDate: w.calendar.asOf, LimitBasis: BasisAsOf}
	if p.Subject == "" {
		p.Subject = g[0].id
	}
	var signed, approved land.Date
	p.ParcelIDs = make([]string, 0, len(g))
	for i := range g {
		m := &g[i]
		if !of(m) {
			continue
		}
		if m.here && p.FirstPosition == 0 {
			p.FirstPosition = m.position
		}
		if n := len(p.ParcelIDs); n == 0 || p.ParcelIDs[n-1] != m.id { // the pieces of a parcel stand together
			p.ParcelIDs = append(p.ParcelIDs, m.id)
		}
		signed, approved = w.later(signed, m.signed), w.later(approved, m.approved)
	}
	switch {
	case signed.Known():
		p.LimitDate, p.LimitBasis = signed, BasisContract
	case approved.Known():
		p.LimitDate, p.LimitBasis = approved, BasisApproved
	}
	return p
}

// later is the later of two days; a day to come has not happened.
func (w *projectWriter) later(a, b land.Date) land.Date {
	if b > w.calendar.asOf {
		return a
	}
	return max(a, b)
}

// indicators computes a project's indicators and clears the sums.
func (w *projectWriter) indicators() []land.Indicator {
	count := levelCounts()[ofProject]
	if w.left == 0 {
		w.room, w.list, w.left = newSlab(count*roomFor), make([]land.Indicator, 0, count*roomFor), roomFor
	}
	w.left--
	start := len(w.list)
	for i := range formulas {
		if formulas[i].level != ofProject {
			continue
		}
		s := &w.scratch.rows[i]
		w.list = append(w.list, formulas[i].indicator(s, &figures{}, w.room))
		s.clear()
	}
	return w.list[start:len(w.list):len(w.list)]
}

func levelCounts() (count [levelCount]int) {
	for i := range formulas {
		count[formulas[i].level]++
	}
	return count
}
