// Package ruletest runs the cases that come with a rule pack: facts of a zone
// and its parcels in, the expected verdicts out, by the analysis engine itself.
// A case reads like a case: see any cases.yaml beside a pack.yaml.
//
// It knows how cases are written and compared. It never knows how a verdict is
// reached.
package ruletest
