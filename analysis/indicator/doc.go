// Package indicator computes the indicators of a zone, of a set of zones and
// of projects: exact numerators and denominators, coverage, bounds and what is
// missing. It knows formulas and units; it never knows a limit, how a supply
// status is decided, where parts come from or how results are shown.
//
// A formula is a row of one table (table.go): what a parcel gives to the
// numerator and to the denominator, as functions of a complete world — a
// parcel of which every yes/no fact is settled. Formulas therefore never deal
// with unknown facts. A parcel with unknown facts stands for every world that
// agrees with what is known (world.go); where all worlds give a formula the
// same, the fact doesn't matter to it, otherwise the parcel is uncovered by
// that indicator and its worlds are the choices of the bounds (bounds.go).
//
// All sums are exact (land.Fixed) and all comparisons of ratios are made on
// integers, so that the order in which parts come never matters and a bound
// that falls exactly on a limit does so in the result too.
package indicator
