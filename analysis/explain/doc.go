// Package explain says of any figure or verdict of a zone, project or parcel
// why it is so: the formula, both sides with the parcels behind them and the
// fields they were read from, the limit in force and why that one, the exact
// comparison, what is missing and which facts would decide it. The answer is
// one versioned Document that screen, API, reports and terminal show alike.
//
// It computes nothing of its own: the zone is analyzed once more with the
// engine, watched, and the watched sums are those that make the figure. It knows
// no files and no connections; parts come from an analysis.Source.
package explain
