// Package ruletest runs the cases that come with a rule pack: facts of a zone
// and its parcels in, the expected verdicts out, by the analysis engine itself.
// A case reads like a case: see any cases.yaml beside a pack.yaml.
//
// Beside facts and the verdicts expected of rules (expect), a case may say what
// indicators must be (measures), that the pack must not say anything (silent:
// true), which rules that are off are judged in it (on) and what is put into
// empty slots (fill). It is about one zone, or about several (zones), whose
// parcels declare the zone they lie in.
//
// It knows how cases are written and compared. It never knows how a verdict is
// reached.
package ruletest
