package piece

import "github.com/muscope/muscope/analysis/land"

// uses divides the land of every phase by the table of uses. The land of which
// no use is known is of class unknown.
func (w *work) uses() {
	if len(w.rec.Uses) == 0 || w.whole.AreaM2() <= 0 {
		for i := range w.out.Phases {
			ph := &w.out.Phases[i]
			ph.Uses = []Use{{Part: ph.Part, Assessment: ph.Assessment}}
		}
		return
	}
	w.out.Mixed = true
	m := w.mix()
	for i := range w.out.Phases {
		w.divide(&w.out.Phases[i], m)
	}
}

// mix is the uses of a parcel: their land as weights, and their floors.
type mix struct {
	uses   []land.Use
	land   []land.Fixed
	floors []land.Number
}

func (w *work) mix() mix {
	area, sum := w.whole.AreaM2(), land.Fixed(0)
	m := mix{uses: w.rec.Uses}
	for i := range m.uses {
		u := &m.uses[i]
		if !u.LandM2.Known {
			w.note(NoteUseLand, "land_m2", u.UseCode)
		}
		m.land, m.floors = append(m.land, u.LandM2.Value), append(m.floors, u.FloorM2)
		sum += u.LandM2.Value
	}
	switch rest := area - sum; {
	case rest > slack(area):
		m.uses = append(m.uses[:len(m.uses):len(m.uses)], land.Use{Parcel: w.whole.ID})
		m.land, m.floors = append(m.land, rest), append(m.floors, land.Number{})
	case -rest > slack(area):
		w.note(NoteUsesExceed, "land_m2", area.String(), sum.String())
	}
	w.restOfFloors(&m)
	return m
}

// restOfFloors gives the one use whose floor is unknown what the others leave
// of the parcel's, and fills a blank floor area of the parcel in.
func (w *work) restOfFloors(m *mix) {
	open, sum := -1, land.Fixed(0)
	for i, n := range m.floors {
		switch {
		case n.Known:
			sum += n.Value
		case open >= 0:
			return // two are unknown
		default:
			open = i
		}
	}
	whole := &w.whole.FloorAreaM2
	switch {
	case open >= 0 && whole.Known && whole.Value >= sum:
		m.floors[open] = land.Num(whole.Value - sum)
	case open < 0 && whole.Known && whole.Value != sum:
		w.note(NoteUseFloor, "floor_m2", whole.String(), sum.String())
	case open < 0 && len(w.out.Phases) == 1:
		*whole = land.Num(sum)
		w.out.Phases[0].Part.FloorAreaM2 = *whole
	}
}

// divide makes the pieces of one phase.
func (w *work) divide(ph *Phase, m mix) {
	areas := apportion(ph.Part.AreaM2(), m.land)
	ellipsoid := apportion(ph.Part.EllipsoidM2, m.land)
	ph.Uses = make([]Use, 0, len(m.uses))
	pieces := make([]*land.Parcel, len(m.uses))
	for i := range m.uses {
		u := Use{Part: ph.Part, Assessment: ph.Assessment, TermYears: m.uses[i].TermYears}
		p := &u.Part
		p.RecordedM2, p.EllipsoidM2 = land.Num(areas[i]), ellipsoid[i]
		p.UseCode, p.Piece.Use = m.uses[i].UseCode, m.uses[i].UseCode
		if p.UseCode == "" {
			p.NewIndustry = land.Unknown
		}
		w.classify(&u)
		ph.Uses = append(ph.Uses, u)
	}
	for i := range ph.Uses {
		pieces[i] = &ph.Uses[i].Part.Parcel
	}
	whole := ph.Part.Parcel
	builtLand := []number{func(p *land.Parcel) *land.Number { return &p.BuiltLandM2 }}
	shareAll(&whole, pieces, m.land, builtLand, onLand(), grounds(), yields())
	w.divideAncillaries(ph, m, pieces)
	w.divideFloors(ph, m, pieces)
}

// divideAncillaries gives the industrial uses the offices and living facilities
// of the parcel. Where no land is known to be industrial, and the class of some
// is unknown, nobody can say whose they are, unless there are none.
func (w *work) divideAncillaries(ph *Phase, m mix, pieces []*land.Parcel) {
	whole := ph.Part.Parcel
	shareAll(&whole, pieces, industrialLand(ph.Uses, m.land), ancillaries())
	if !openLand(ph.Uses, m.land) {
		return
	}
	for _, figure := range ancillaries() {
		if n := *figure(&whole); n.Known && n.Value == 0 {
			continue
		}
		for _, p := range pieces {
			*figure(p) = land.Number{}
		}
	}
}

// openLand reports whether some of the land is of a class that nobody knows, and
// none is known to be industrial.
func openLand(uses []Use, weights []land.Fixed) (open bool) {
	for i := range uses {
		switch c := uses[i].Assessment.Class; {
		case weights[i] <= 0:
		case c == land.ClassIndustrial:
			return false
		case c == land.ClassUnknown || c == "":
			open = true
		}
	}
	return open
}

// classify gives a piece the class of its use.
func (w *work) classify(u *Use) {
	of := w.assessor.Assess(&u.Part)
	a := &u.Assessment
	a.Class, a.NewIndustry, a.Unbuildable = of.Class, of.NewIndustry, of.Unbuildable
}

// industrialLand is the land of the industrial uses as weights: offices and
// living facilities of a plant are theirs. Where there is none, of all uses.
func industrialLand(uses []Use, all []land.Fixed) []land.Fixed {
	out, some := make([]land.Fixed, len(all)), false
	for i := range uses {
		if c := uses[i].Assessment.Class; (c == land.ClassIndustrial || c == land.ClassStorage) && all[i] > 0 {
			out[i], some = all[i], true
		}
	}
	if !some {
		return all
	}
	return out
}

// divideFloors gives every use its floor. Where that of some use is unknown it
// stays so, unless the uses' floors are known and have to be those of one phase.
func (w *work) divideFloors(ph *Phase, m mix, pieces []*land.Parcel) {
	sum, known := total(m.floors)
	whole := ph.Part.Parcel
	weights := make([]land.Fixed, len(m.floors))
	for i, n := range m.floors {
		weights[i] = n.Value
	}
	for i, p := range pieces {
		blank(p, floors())
		if len(w.out.Phases) == 1 && !(known && whole.FloorAreaM2.Known) {
			p.FloorAreaM2 = m.floors[i]
		}
	}
	if known && sum > 0 {
		shareAll(&whole, pieces, weights, floors())
	}
	for i := range ph.Uses {
		ph.Uses[i].FloorM2 = pieces[i].FloorAreaM2
	}
}
