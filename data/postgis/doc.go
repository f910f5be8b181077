// Package postgis keeps muscope's facts in PostGIS: schema, COPY, queries and the private cluster.
//
// The private cluster (cluster*.go, lease*.go) is the PostgreSQL server that muscope starts and owns where no
// database is named: one data folder, one unix socket, held by leases of every muscope process that uses it.
//
// The package never decides what idle means: it stores and fetches, the rules are judged elsewhere.
package postgis
