// Package analysis runs an analysis: zones, their parts, rule packs and a date
// in, results out. It owns the order of the steps — assess each part's supply
// status, gather indicators, judge rules, total over zones — and what belongs
// to no single step: the fee of a contract stated once, the identity of an
// analysis, the default as-of date.
//
// It knows no files, no connections and no formats: parts come from a Source,
// results go to a Sink, a zone at a time, so that memory is of the size of the
// zones in work and never of the whole.
package analysis
