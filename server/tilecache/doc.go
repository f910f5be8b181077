// Package tilecache keeps tiles that were drawn, as long as there is room: plain
// and in the encodings that clients accept. Requests for one tile at the same
// time have it drawn once.
//
// It owns the bound of memory, who waits for whom, and the choice of an
// encoding. It never knows what a tile shows, or who may see it: that is all in
// the key.
package tilecache
