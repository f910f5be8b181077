// Package land is the vocabulary of muscope: zones, parcels, buildings, the
// parts of parcels that lie in zones, and the words of a Result (status,
// indicator, verdict, reject). It holds types, the table of their public
// fields and the exact arithmetic they need, and nothing else: it knows no
// file, no database, no formula and no limit.
//
// Three habits run through it. The zero value of every fact is "unknown",
// never zero. Quantities are exact decimals of six places (Fixed), so that a
// value exactly on a cap satisfies it. Every list of fields is written once
// (ParcelFields and its siblings) and read by ingest, storage, spool and API.
package land
