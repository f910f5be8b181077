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
// A pack file, <authority>/<pack>/pack.yaml (unknown keys are errors; all faults
// come at once, as file:line:col with the source line and a caret):
//
//	pack: guangxi/hightech-2021        # as its folder
//	version: "1"
//	title: {zh: …, en: …}
//	authority: {zh: …, en: …}
//	document: {number, title, issued_on, effective_on, status, url, source, sha256, note}
//	applies: {province: ["450000"], zone_kind: [high_tech], zone_level: [national], zone: [GX01]}   # blank: everywhere
//	parameters: [{id, value, unit, clause, quote, source}]      # numbers that are no limit: 2, 0.2, 1/3
//	rules:
//	  - id: ancillary.project-land-max # never renamed after release
//	    title: {zh: …, en: …}
//	    clause: （二十二）
//	    quote: 比例不得突破规定上限7%
//	    kind: cap                      # floor, target, prohibition, duty, warning, reward
//	    level: project                 # parcel, park, zone, zone_set, province
//	    indicator: ancillary_land_share.project      # or finding: idle.not_started | idle.suspended | entry.three_high
//	    comparison: "<="               # < >= >
//	    unit: ratio
//	    limits: [{from: 2021-03-01, value: 0.07, source: （二十二）}]  # no value, or no limits: an empty slot; or table: far.by-industry
//	    date: contract                 # or as_of: the day whose limit counts
//	    reading: law                   # or wide
//	    target_year: 2025              # of a target
//	    excess: mu                     # or m2, or land: what would be spare
//	    where: class = 'storage' AND zone.level = 'national'   # CQL2-text over the names of its level (see Names)
//	    requires: NOT flag.start_unproven   # in place of an indicator: what must hold of a parcel, park or zone
//	    against: gdp_per_mu.built_land      # in place of limits: another indicator
//	    ranking: {scope: provincial, bottom: 3, years: 3, apart: 5}   # top | bottom | first_top | up, within | down
//	    lowest_class: {scoring: per-mu.firms, years: 2}      # a firm in the lowest class of a scoring so many years running
//	    ladder: {from: [delisting_warning], years: 1, passed: [rectification_passed], ends: [delisted]}
//	    mark: GK                       # or NF: not confirmed at its source; the rule must then be off
//	    off: {zh: …, en: …}            # written out and not judged, with the reason; see Pack.SwitchOn
//	    note: …
//	overrides:                         # in rules of other packs, where this one applies; see Resolve
//	  - {rule: pack#rule, limits: […], relax: true, on: true, off: {zh, en}, accept: [GK], clause, source}
//	settings: [{parameter: pack#parameter, value, source}]      # of parameters of other packs
//	tables: [{id, by: industry_code, edition: gbt4754-2002, digits: 2, unit, source, rows: [{code, value, mark}], crosswalks}]
//	scoring: [{id, title, clause, source, measures: [{id, title, unit, of, over}], classes: [A, B, C, D]}]   # see Scoring
//	types: [{id, title, clause, source, types: [{id, title, when: [{indicator, comparison, value}], always}], other}]
//	clauses:                           # what the document provides for, clause by clause, each once
//	  - clause: （二十二）
//	    title: {zh: …, en: …}
//	    provisions:
//	      - as: rule                   # measure, duty, support, out_of_scope
//	        kind: cap                  # where it is of one
//	        text: {zh: …, en: …}       # in our own words
//	        quote: 比例不得突破规定上限7%
//	        rules: [ancillary.project-land-max]      # of as: rule
//	        indicators: […]            # that show it
//	        fields: […]                # of the input, in which it can be seen
//	        awaits: [rankings]         # inputs without which it can't be computed yet
//	        why: {zh: …, en: …}        # out of scope, or not computed
//	slots: [{id, title, unit, clause, mark, note}]              # tables and figures that nobody here has
//	references: [{id, indicator, value, title, source}]         # published figures for charts, no limits
//
// A condition is three-valued: what is unknown makes the verdict incomputable and
// is named. A contract's own terms are judged under the name contract/terms.
//
// A finding idle.* is the supply assessment's; entry.three_high is of a firm of
// high pollution, energy use or emission that moves in (high_pollution,
// entered_on) from the document's first day on. document.clauses says how many
// numbered clauses the document has; a pack that lists clauses lists them all,
// with every rule under its own. What each clause comes to is written out in
// data/rules/CLAUSES.md, which "go test ./analysis/rule/... -update" renews.
//
// The package never knows geometry, SQL, files of users or HTTP.
package rule
