// Package ingest turns other people's files into land types. It owns their
// field names, encodings, units, dates and code tables (the field maps of
// data/maps), decides what is loaded, what becomes unknown and what is
// rejected, measures what is drawn, finds the zones a parcel lies in, and runs
// the parallel pipeline that does so for millions of features in bounded
// memory.
//
// Rows go into a Sink. Where the sink puts them (PostGIS, temporary files,
// nowhere), how results are computed and what the law says, ingest never
// knows.
//
// A field map is YAML; every key but fields may be left out:
//
//	layer: parcels                 # zones, parcels, buildings, constraints, stats
//	title: {zh: …, en: …}
//	source: where the data come from
//	note: what to know of them
//	crs: EPSG:4524                 # where the files don't say, or say it wrong
//	id_from: position              # or feature
//	null: ["-", "Nah"]             # words for unknown in every field
//	constants: {use_scheme: survey-3}
//	fields:
//	  id: ZDDM                     # contract's name: source's name
//	  name: [XMMC, ZDZL]           # the first that has a value
//	  zone: ~                      # not read at all
//	  recorded_area_m2: {from: ZDMJ, unit: mu, null: ["0"]}
//	  supply_mode: {from: GYFS, words: {"1": allocation, "2": grant, "*": ~}}
//	  started_on: {from: DGSJ, date: YYYYMMDD}
//
// A field that the map doesn't mention is read from the property of its own
// name. A code table takes words as they are written; "*" stands for all others
// and ~ for unknown, without a warning. Constants fill fields that the source
// leaves blank.
//
// Nothing is mended silently and nothing is dropped silently: of every layer
// features = loaded + rejected, and each reject or unknown field is a
// land.Reject with file, feature, field, stable code, reason and remedy.
package ingest
