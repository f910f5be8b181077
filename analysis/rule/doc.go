// Package rule holds the law as data: packs of rules read from YAML, the limit
// in force on a date, and the verdict of a rule on a subject.
//
// A pack is one document: its number, dates and status, where it applies, and
// its rules. A rule names an indicator, a comparison and dated limits, or a
// finding of the supply assessment; with the clause and the quoted words behind
// it. Changing a legal number touches one YAML file and no Go.
//
// Comparisons are exact: numerator × unit against limit × denominator, in
// integers. A value exactly on a cap satisfies it. What is missing makes a
// verdict incomputable unless both bounds fall on one side of the limit.
//
// The package never knows geometry, SQL, files of users or HTTP.
package rule
