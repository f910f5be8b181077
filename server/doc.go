// Package server owns the HTTP interface: the route table, limits, logging,
// metrics and the resources of /api and /tiles. It declares the store that it
// reads (Store, Analysis) and shows what stands there; it computes nothing, so
// page, API and report can't differ. It never knows SQL or formulas.
//
// Until there are accounts it listens on loopback alone and answers only under
// loopback names (see Listen and guardHost).
package server
