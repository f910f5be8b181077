// Package server owns the HTTP interface: the route table, who may call what
// (tokens, roles, zones), limits, logging, metrics and the resources of /api and
// /tiles. It declares the store that it
// reads (Store, Analysis) and shows what stands there; it computes nothing, so
// page, API and report can't differ. It never knows SQL or formulas.
//
// A request passes, in this order: observe (request id, how it came, log,
// metrics), recover, secure, guardHost, limitSize, cors, compress, then admit
// (token, role, zones, site) and the parameters of its route. A caller from this
// machine needs no token; everybody else does (see admit and reachOf). The zones
// that a caller may see go into every method of the Store.
package server
