// Package postgis keeps muscope's facts and results in PostGIS: schema, COPY, queries and the private cluster.
//
// A Store is one database. What it holds is never changed in place: a Load (an ingest.Sink) or an Analysis (an
// analysis.Sink) writes partitions of its own over several connections, each made, filled and indexed in one
// transaction, and Publish attaches them and turns the snapshot's pointer to them at one instant. A View is one
// consistent state of a snapshot (an analysis.Source and a report.Source), held against being dropped until it is
// closed. Partitions that nothing points to and nobody reads are dropped by the next load. Who is alive is told by
// advisory locks, never by age.
//
// Tables stand in the schema muscope (migrations/), queries in sql/, each under the name by which Store.query finds it.
// {words} in them stand for numbers of partitions and lists of columns, which SQL doesn't take as parameters. Every query
// of a View takes the zones that its caller may see.
//
// The private cluster (cluster*.go, lease*.go) is the PostgreSQL server that muscope starts and owns where no
// database is named: one data folder, one unix socket, held by leases of every muscope process that uses it.
//
// The package never decides what idle means: it stores and fetches, the rules are judged elsewhere.
package postgis
