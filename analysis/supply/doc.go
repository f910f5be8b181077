// Package supply says where a parcel stands in its life as of a date: approved,
// supplied, started, suspended, built, idle. It owns the order in which the
// recorded dates are asked, the three-valued facts that follow from them, and
// the tables that turn a land-use code into a class.
//
// It never knows geometry, formulas, limits or where facts come from. The
// thresholds of the idle-land measures come in as Terms; they stand with their
// source in the rule packs.
//
// Three habits: an event dated after the as-of date has not happened; dates
// rule over the recorded construction state, which speaks only where the date
// it would need is blank; and unknown never becomes a suspicion.
package supply
