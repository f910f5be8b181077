package ingest

import (
	"fmt"
	"slices"
	"strings"
)

// factor turns a source unit into the unit of a field's name, exactly:
// value × num ÷ den. The zero factor is 1.
type factor struct{ num, den uint64 }

func (f factor) one() bool { return f.num == f.den }

// unitOf is one unit: what it measures and how much of the base unit it is
// (m², 万元, m, tce).
type unitOf struct {
	measures string
	num, den uint64
}

// unitTable lists the units that field maps may name. 1 mu is exactly 10000/15
// m²; sqft is the international square foot, 0.09290304 m².
func unitTable() map[string]unitOf {
	return map[string]unitOf{
		"m2":     {"area", 1, 1},
		"ha":     {"area", 10000, 1},
		"mu":     {"area", 10000, 15},
		"km2":    {"area", 1000000, 1},
		"wan_m2": {"area", 10000, 1}, // 万平方米
		"sqft":   {"area", 9290304, 100000000},
		"acre":   {"area", 40468564224, 10000000},

		"yuan":     {"money", 1, 10000},
		"thousand": {"money", 1, 10}, // 千元
		"wan":      {"money", 1, 1},
		"million":  {"money", 100, 1},
		"yi":       {"money", 10000, 1}, // 亿元
		"m":        {"length", 1, 1},
		"cm":       {"length", 1, 100},
		"ft":       {"length", 3048, 10000},
		"tce":      {"energy", 1, 1},
		"10k_tce":  {"energy", 10000, 1}, // 万吨标准煤
		"kg_ce":    {"energy", 1, 1000},
		"percent":  {"ratio", 1, 100},
		"ratio":    {"ratio", 1, 1},
		"person":   {"count", 1, 1},
		"10k":      {"count", 10000, 1}, // 万人
		"years":    {"time", 1, 1},
		"months":   {"time", 1, 12},
	}
}

// baseOf is what a field measures, by the ending of its name.
func baseOf(field string) (measures string, num, den uint64) {
	switch {
	case strings.HasSuffix(field, "_m2"):
		return "area", 1, 1
	case strings.HasSuffix(field, "_ha"):
		return "area", 10000, 1
	case strings.HasSuffix(field, "_wan"):
		return "money", 1, 1
	case strings.HasSuffix(field, "_tce"):
		return "energy", 1, 1
	case strings.HasSuffix(field, "_m"):
		return "length", 1, 1
	case strings.HasSuffix(field, "_years"):
		return "time", 1, 1
	case strings.Contains(field, "_ratio"), field == "far", strings.HasPrefix(field, "far_m"), strings.HasPrefix(field, "density"):
		return "ratio", 1, 1
	}
	return "count", 1, 1
}

// unitFactor gives the factor from a source unit to the unit of a field.
func unitFactor(unit, field string) (factor, error) {
	measures, num, den := baseOf(field)
	u, ok := unitTable()[unit]
	if !ok || u.measures != measures {
		return factor{}, fmt.Errorf("unit %q doesn't fit %s, which measures %s; want %s",
			unit, field, measures, strings.Join(unitsOf(measures), ", "))
	}
	f := factor{u.num * den, u.den * num}
	d := gcd(f.num, f.den)
	return factor{f.num / d, f.den / d}, nil
}

func unitsOf(measures string) []string {
	var names []string
	for name, u := range unitTable() {
		if u.measures == measures {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
