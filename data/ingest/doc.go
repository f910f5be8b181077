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
// Nothing is mended silently and nothing is dropped silently: of every layer
// features = loaded + rejected, and each reject or unknown field is a
// land.Reject with file, feature, field, stable code, reason and remedy.
package ingest
