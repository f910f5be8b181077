package indicator

import (
	"slices"

	"github.com/muscope/muscope/analysis/land"
)

// class is a land.Class as a small number.
type class uint8

// The classes that some formula names; every other class is classOther.
const (
	classOther class = iota
	industrial
	mining
	storage
	residential
	residentialService
	adminOffice
	productionService
	publicService
	classUnknown
)

func classOf(c land.Class) class {
	switch c {
	case land.ClassIndustrial:
		return industrial
	case land.ClassMining:
		return mining
	case land.ClassStorage:
		return storage
	case land.ClassResidential:
		return residential
	case land.ClassResidentialService:
		return residentialService
	case land.ClassAdminOffice:
		return adminOffice
	case land.ClassProductionService:
		return productionService
	case land.ClassPublicService:
		return publicService
	case land.ClassUnknown, "":
		return classUnknown
	}
	return classOther
}

// approval is when a parcel was approved, seen from the as-of date.
type approval uint8

const (
	notApproved approval = iota
	approvedOlder
	approvedFive // in one of the five calendar years before, but the last
	approvedLast // in the calendar year before
	approvedThis // in the calendar year of the as-of date
	approvalUnknown
)

// supply is whether, and when, a parcel was supplied.
type supply uint8

const (
	notSupplied supply = iota
	suppliedOlder
	suppliedRecent // in the five years up to the as-of date
	supplyUnknown
)

// right is what an old right rests on.
type right uint8

const (
	noRight right = iota
	stateRight
	collectiveRight
)

// known is what is known of a part for the formulas. It is comparable: parts
// of the same known share their pattern.
type known struct {
	class      class
	approval   approval
	supply     supply
	right      right
	built      land.Flag
	standing   land.Flag
	ready      land.Flag // supply_ready
	collective land.Flag
	idle       land.Flag

	takenBack    bool
	once         bool // supplied by the as-of date, also where it was taken back since
	reserve      bool // tenure
	stock        bool
	construction bool
	newIndustry  bool
	determined   bool
	unbuildable  bool
	noStartDate  bool // idle is unknown for want of a start date in force
}

// calendar holds the dates that formulas look back to.
type calendar struct {
	asOf     land.Date
	year     int
	fiveAgo  land.Date // supplies after it are recent
	yearAgo  land.Date // a start date after it cannot have made the land idle
	thisYear land.Date // 1 January of the year of the as-of date
	lastYear land.Date // 1 January of the year before
	fiveYear land.Date // 1 January five years before
}

func calendarOf(asOf land.Date) calendar {
	c := calendar{asOf: asOf, year: asOf.Year(), fiveAgo: asOf.AddYears(-5), yearAgo: asOf.AddYears(-1)}
	c.thisYear, c.lastYear, c.fiveYear = newYear(c.year), newYear(c.year-1), newYear(c.year-5)
	return c
}

// newYear is 1 January; of years before the calendar begins it is day 1.
func newYear(year int) land.Date {
	d, err := land.DateOf(max(year, 1), 1, 1)
	if err != nil {
		return 1
	}
	return d
}

// knownOf gathers what is known of a part.
func (c *calendar) knownOf(p *land.Parcel, a *land.Assessment) known {
	k := known{class: classOf(a.Class), built: a.BuiltOn, standing: a.Standing, ready: p.SupplyReady,
		takenBack: a.TakenBack, reserve: p.Tenure == land.TenureReserve, stock: a.Status == land.Stock,
		construction: a.Status != land.NotConstruction, newIndustry: a.NewIndustry, determined: a.Determined,
		unbuildable: a.Unbuildable, once: a.Supplied == land.Yes}
	if k.built == land.Yes {
		k.standing = land.Yes
	}
	if k.standing == land.No {
		k.built = land.No
	}
	k.approval = c.approvalOf(p, a)
	k.supply = c.supplyOf(p, a)
	if k.stock || !p.ApprovedOn.Known() {
		k.right = rightOf(p)
	}
	k.collective = collectiveOf(p, a)
	k.idle = c.idleOf(p, a)
	k.settle()
	k.noStartDate = k.idle == land.Unknown && !p.NewStartOn.Known() && !p.AgreedStartOn.Known() && !p.HandedOverOn.Known()
	return k
}

// settle settles the unknown facts that no formula can ask for, so that most
// parts have one world.
func (k *known) settle() {
	waiting := k.supply != suppliedOlder && k.supply != suppliedRecent &&
		(k.takenBack || k.reserve || k.approval != notApproved)
	if k.ready == land.Unknown && !waiting {
		k.ready = land.No
	}
	if k.collective == land.Unknown && k.built == land.No && k.supply == notSupplied && !k.stock {
		k.collective = land.No
	}
}

func (c *calendar) approvalOf(p *land.Parcel, a *land.Assessment) approval {
	switch {
	case a.Approved == land.No:
		return notApproved
	case a.Approved == land.Unknown || !p.ApprovedOn.Known():
		return approvalUnknown
	case p.ApprovedOn >= c.thisYear:
		return approvedThis
	case p.ApprovedOn >= c.lastYear:
		return approvedLast
	case p.ApprovedOn >= c.fiveYear:
		return approvedFive
	}
	return approvedOlder
}

func (c *calendar) supplyOf(p *land.Parcel, a *land.Assessment) supply {
	switch {
	case a.Status == land.Reserve || a.Supplied == land.No: // taken back, or reserved whatever contract is noted
		return notSupplied
	case a.Supplied == land.Unknown || !p.SuppliedOn.Known():
		return supplyUnknown
	case p.SuppliedOn > c.fiveAgo:
		return suppliedRecent
	}
	return suppliedOlder
}

func rightOf(p *land.Parcel) right {
	switch p.RightsBasis {
	case "":
		return noRight
	case land.BasisCollective:
		return collectiveRight
	}
	return stateRight
}

// collectiveOf is whether the land is the village's. A blank owner is the
// state where there is a supply record (contract section 1), where the land is
// in reserve, was taken back or is approved (requisition comes with that), and where an old right
// that is not collective is recorded.
func collectiveOf(p *land.Parcel, a *land.Assessment) land.Flag {
	switch {
	case p.Ownership != "":
		return land.FlagOf(p.Ownership == land.OwnCollective)
	case a.TakenBack || p.Tenure == land.TenureReserve || supplyRecorded(p) || a.Approved == land.Yes:
		return land.No
	case p.RightsBasis != "":
		return land.FlagOf(p.RightsBasis == land.BasisCollective)
	}
	return land.Unknown
}

func supplyRecorded(p *land.Parcel) bool {
	return p.SuppliedOn.Known() || p.ContractNo != "" || p.SupervisionNo != "" || p.SupplyMode != "" || p.PriceWan.Known
}

// idleOf is whether the land is suspected idle. Undetermined supplied land may
// be, unless it is built on or its start date is less than a year gone.
func (c *calendar) idleOf(p *land.Parcel, a *land.Assessment) land.Flag {
	if a.Status == land.SuspectedIdle {
		return land.Yes
	}
	if a.Status != land.Undetermined || a.Supplied == land.No || a.BuiltOn == land.Yes {
		return land.No
	}
	due := p.NewStartOn
	if !due.Known() {
		due = p.AgreedStartOn
	}
	if !due.Known() && p.HandedOverOn.Known() && p.HandedOverOn <= c.asOf {
		due = p.HandedOverOn.AddYears(1)
	}
	if a.Standing != land.Yes && due.Known() && due > c.yearAgo && due.AddYears(1) > c.asOf {
		return land.No
	}
	return land.Unknown
}

// world is a parcel of which every yes/no fact is settled.
type world struct {
	class      class
	approval   approval
	supply     supply
	built      bool
	standing   bool
	ready      bool
	collective bool
	idle       bool
	*known     // what needs no settling
	settled    [worldFacts]uint8
}

func (w *world) approved() bool { return w.approval != notApproved }

// handed is whether the land is supplied and not taken back.
func (w *world) handed() bool { return w.supply != notSupplied }

// suppliedOnce is whether the land was supplied by the as-of date, whatever came
// of it.
func (w *world) suppliedOnce() bool { return w.handed() || w.once }

// inReserve is status reserve: taken back, or reserved and not supplied.
func (w *world) inReserve() bool { return w.takenBack || w.known.reserve && !w.handed() }

// unsupplied is 批而未供: approved, and neither supplied nor in reserve.
func (w *world) unsupplied() bool { return w.approved() && !w.handed() && !w.inReserve() }

// oldRight is stock: construction land of old right, without approval or supply.
func (w *world) oldRight() bool {
	return w.stock || w.right != noRight && !w.approved() && !w.handed() && !w.inReserve() && w.known.supply == supplyUnknown
}

// supplied is the base of that name: collective land left out, stock counted
// unless its right is collective.
func (w *world) supplied() bool {
	return !w.collective && (w.handed() || w.oldRight() && w.right != collectiveRight)
}

// builtUp is the base built_land: land built on, collective land left out.
func (w *world) builtUp() bool { return w.built && !w.collective }

// readyLand is the base ready: land that could be built on now and is not.
func (w *world) readyLand() bool { return !w.built && w.open() }

// open is whether what is not built of the parcel could be built on now.
func (w *world) open() bool { return w.supplied() || w.ready && (w.inReserve() || w.unsupplied()) }

// industry is whether the class counts as industrial land.
func (w *world) industry() bool {
	return w.class == industrial || w.class == storage || w.class == mining
}

// project is whether the parcel belongs to a project of contract section 3.
func (w *world) project() bool {
	return w.class == industrial && !w.newIndustry && (w.handed() || w.built)
}

// lot is whether the parcel can belong to a project at all, also to one to
// which the caps don't apply by default: storage and new-industry land.
func (w *world) lot() bool {
	return (w.class == industrial || w.known.class == storage) && (w.handed() || w.built)
}

// worldsOf lists every world that agrees with what is known.
func worldsOf(k *known) []world {
	worlds := []world{{known: k}}
	worlds = branch(worlds, factClass, k.class, classUnknown,
		[]class{classOther, industrial, storage, residential, residentialService, adminOffice, productionService, publicService},
		func(w *world, c class) { w.class = c })
	worlds = branch(worlds, factApproved, k.approval, approvalUnknown,
		[]approval{notApproved, approvedOlder, approvedFive, approvedLast, approvedThis},
		func(w *world, a approval) { w.approval = a })
	worlds = branch(worlds, factSupplied, k.supply, supplyUnknown,
		[]supply{notSupplied, suppliedOlder, suppliedRecent},
		func(w *world, s supply) { w.supply = s })
	worlds = branchFlag(worlds, factBuilt, k.built, func(w *world, b bool) { w.built = b })
	worlds = branchFlag(worlds, factStanding, k.standing, func(w *world, b bool) { w.standing = b })
	worlds = branchFlag(worlds, factReady, k.ready, func(w *world, b bool) { w.ready = b })
	worlds = branchFlag(worlds, factOwner, k.collective, func(w *world, b bool) { w.collective = b })
	worlds = branchFlag(worlds, factIdle, k.idle, func(w *world, b bool) { w.idle = b })
	return slices.DeleteFunc(worlds, func(w world) bool { return !w.possible() })
}

// possible drops worlds that contradict themselves.
func (w *world) possible() bool {
	return !(w.built && !w.standing) && !(w.idle && (w.built || !w.handed()))
}

func branchFlag(worlds []world, f fact, flag land.Flag, set func(*world, bool)) []world {
	return branch(worlds, f, flag, land.Unknown, []land.Flag{land.No, land.Yes},
		func(w *world, v land.Flag) { set(w, v == land.Yes) })
}

// branch settles one fact in every world: as known, or in each way there is.
func branch[T comparable](worlds []world, f fact, v, unknown T, ways []T, set func(*world, T)) []world {
	if v != unknown {
		for i := range worlds {
			set(&worlds[i], v)
		}
		return worlds
	}
	out := make([]world, 0, len(worlds)*len(ways))
	for _, w := range worlds {
		for i, way := range ways {
			w.settled[f] = uint8(i)
			set(&w, way)
			out = append(out, w)
		}
	}
	return out
}
