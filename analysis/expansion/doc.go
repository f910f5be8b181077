// Package expansion answers, before an application to change a zone's boundary
// is filed, what an auditor would find: which conditions hold, which fail,
// which cannot be judged and for want of what, and the least that would have
// to change.
//
// An Application names the zone, the kind of change (扩区 enlargement, 调区
// adjustment, 升级 upgrade, 整合托管 and 纳入拓展园 inclusion), the pieces added
// and taken out, and the figures it states. Check holds it against a Source:
// the bottom lines (底线) by overlay with constraint layers and other zones,
// the economy of land (节约集约) by the indicators of the zone that
// analysis.Run computes, against the limits that packs hold for level
// expansion, and the room (发展空间) by the parcels that wait to be used.
//
// A layer that isn't loaded makes a condition incomputable, never satisfied.
// Areas are of the CGCS2000 ellipsoid, edges straight in longitude and
// latitude.
//
// The package owns these conditions and what would satisfy them. It never
// knows files, databases or how a result is shown; legal numbers come from the
// packs.
package expansion
