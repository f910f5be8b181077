// Package overlay owns polygon on polygon: which part of a parcel lies in which zone, and the union, intersection and difference
// of boundaries. It is the only place in the product where overlay runs.
//
// It never knows what a zone is for: it takes multipolygons in longitude and latitude and gives shares and pieces.
// Most parcels lie wholly in or out and are decided by one indexed question about a point; parcels along a zone's
// border are decided by comparing edges; only what a border really cuts reaches the overlay library, with the zone
// clipped to the parcel's surroundings first.
package overlay

import (
	"fmt"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo/internal/jts"
)

// Union returns what any of the multipolygons covers, shells counter-clockwise. Multipolygons that no other one's
// bound meets are taken over as they are. The input must be valid; parts without area are dropped.
func Union(mps ...orb.MultiPolygon) (orb.MultiPolygon, error) {
	var out orb.MultiPolygon
	for _, group := range meetingGroups(mps) {
		if len(group) == 1 {
			out = append(out, group[0]...)
			continue
		}
		u, err := jts.Union(group)
		if err != nil {
			return nil, fmt.Errorf("unite %d boundaries near %s: %w", len(group), near(group[0]), err)
		}
		out = append(out, u...)
	}
	return out, nil
}

// meetingGroups puts multipolygons whose bounds meet, directly or over others, into one group; empty ones into none.
func meetingGroups(mps []orb.MultiPolygon) [][]orb.MultiPolygon {
	var groups [][]orb.MultiPolygon
	var bounds []orb.Bound
	for _, mp := range mps {
		if len(mp) == 0 {
			continue
		}
		group, bound := []orb.MultiPolygon{mp}, mp.Bound()
		// What joins may bring further groups within reach, so look again until nothing joins.
		for joined := true; joined; {
			joined = false
			for i := 0; i < len(groups); i++ {
				if !bounds[i].Intersects(bound) {
					continue
				}
				group, bound = append(groups[i], group...), bounds[i].Union(bound)
				last := len(groups) - 1
				groups[i], bounds[i] = groups[last], bounds[last]
				groups, bounds = groups[:last], bounds[:last]
				joined = true
			}
		}
		groups, bounds = append(groups, group), append(bounds, bound)
	}
	return groups
}

// Intersection returns what a and b have in common; where they only touch there is nothing.
func Intersection(a, b orb.MultiPolygon) (orb.MultiPolygon, error) {
	if len(a) == 0 || len(b) == 0 || !a.Bound().Intersects(b.Bound()) {
		return nil, nil
	}
	mp, err := jts.Intersection(a, b)
	if err != nil {
		return nil, fmt.Errorf("intersect boundaries near %s: %w", near(a), err)
	}
	return mp, nil
}

// Difference returns the part of a outside b.
func Difference(a, b orb.MultiPolygon) (orb.MultiPolygon, error) {
	if len(a) == 0 || len(b) == 0 || !a.Bound().Intersects(b.Bound()) {
		return a, nil
	}
	mp, err := jts.Difference(a, b)
	if err != nil {
		return nil, fmt.Errorf("subtract boundaries near %s: %w", near(a), err)
	}
	return mp, nil
}

// near names a boundary by its first point, so that a person finds it on the map.
func near(mp orb.MultiPolygon) string {
	if len(mp) == 0 || len(mp[0]) == 0 || len(mp[0][0]) == 0 {
		return "an empty boundary"
	}
	p := mp[0][0][0]
	return fmt.Sprintf("%.7f %.7f", p[0], p[1])
}
