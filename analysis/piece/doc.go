// Package piece applies what the tables say of a parcel to its parts before
// they are judged: papers and firms fill blank columns, phases divide the
// parcel into pieces that are judged each by itself, and the uses of a parcel
// of mixed use divide those by class. It owns how areas and figures are shared
// out; what doesn't add up is noted.
//
// It never knows formulas, limits, geometry or where records come from. A part
// without records never comes here.
package piece
