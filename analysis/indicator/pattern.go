package indicator

// pair is what a parcel gives to both sides of a formula.
type pair struct{ num, den term }

// cell is a formula to which a parcel surely gives this pair.
type cell struct {
	row int
	pair
}

// choice is a formula to which a parcel gives one of several pairs, and the
// facts that would settle which.
type choice struct {
	row     int
	pairs   []pair
	unknown facts
}

// pattern is what parcels of which the same is known give to all formulas of
// each level. Formulas to which they give nothing aren't in it.
type pattern struct {
	sure [levelCount][]cell
	open [levelCount][]choice
}

func patternOf(k *known) *pattern {
	p := new(pattern)
	worlds := worldsOf(k)
	given := make([]pair, len(worlds))
	for row := range formulas {
		f := &formulas[row]
		l := f.level
		if l == ofZoneHidden {
			l = ofZone
		}
		for i := range worlds {
			given[i] = f.givenIn(&worlds[i])
		}
		switch pairs := distinct(given); {
		case len(pairs) > 1:
			unknown := deciding(worlds, given)
			if k.noStartDate && unknown&factIdle.set() != 0 {
				unknown = unknown&^factIdle.set() | factIdleStart.set()
			}
			p.open[l] = append(p.open[l], choice{row, pairs, unknown})
		case pairs[0] != pair{}:
			p.sure[l] = append(p.sure[l], cell{row, pairs[0]})
		}
	}
	return p
}

func (f *formula) givenIn(w *world) (p pair) {
	if f.num.of != nil {
		p.num = f.num.of(w)
	}
	if f.den.of != nil {
		p.den = f.den.of(w)
	}
	return p
}

func distinct(given []pair) []pair {
	var out []pair
next:
	for _, p := range given {
		for _, q := range out {
			if p == q {
				continue next
			}
		}
		out = append(out, p)
	}
	return out
}

// deciding is the facts that make a difference to a formula: two worlds that
// differ only in that fact give it different pairs. Whether the land is built
// on and whether something stands there are read from the same field.
func deciding(worlds []world, given []pair) (unknown facts) {
	for f := range worldFacts {
		if splits(worlds, given, f) {
			unknown |= f.set()
		}
	}
	if unknown&factStanding.set() != 0 {
		unknown = unknown&^factStanding.set() | factBuilt.set()
	}
	return unknown
}

func splits(worlds []world, given []pair, f fact) bool {
	type rest [worldFacts]uint8
	first := make(map[rest]pair, len(worlds))
	for i := range worlds {
		key := worlds[i].settled
		key[f] = 0
		if f == factBuilt || f == factStanding { // they go together
			key[factBuilt], key[factStanding] = 0, 0
		}
		p, seen := first[key]
		if seen && p != given[i] {
			return true
		}
		first[key] = given[i]
	}
	return false
}
