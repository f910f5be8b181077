package geo

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo/internal/jts"
)

// ErrNotRepairable is wrapped by the errors of Repair.
var ErrNotRepairable = errors.New("the boundary cannot be repaired")

// maxCuts bounds the self-crossings that Repair unties in one ring: more of them are no slip of the pen.
const maxCuts = 2000

// Repair makes a multipolygon valid: it closes rings, drops repeated points and spikes, unties rings at their
// self-crossings by the even-odd rule (a bow-tie gives its two lobes), takes holes from their shell and unites the polygons.
// A valid multipolygon comes back as it is. Coordinates that are not finite or out of range, and boundaries that leave no area, are
// errors. It changes areas: the caller reports them before and after.
func Repair(mp orb.MultiPolygon) (orb.MultiPolygon, error) {
	if len(Validate(mp)) == 0 {
		return mp, nil
	}
	for _, p := range mp {
		for _, r := range p {
			for _, pt := range r {
				if !finite(pt) || !inRange(pt) {
					return nil, fmt.Errorf("%w: coordinate %g %g is not a place in degrees", ErrNotRepairable, pt[0], pt[1])
				}
			}
		}
	}
	var parts []orb.MultiPolygon
	for i, p := range mp {
		part, err := repairPolygon(p)
		if err != nil {
			return nil, fmt.Errorf("%w: polygon %d: %w", ErrNotRepairable, i+1, err)
		}
		if len(part) > 0 {
			parts = append(parts, part)
		}
	}
	return repaired(parts)
}

func repaired(parts []orb.MultiPolygon) (orb.MultiPolygon, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: nothing with an area is left", ErrNotRepairable)
	}
	out, err := jts.Union(parts)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotRepairable, err)
	}
	if AreaM2(out) == 0 {
		return nil, fmt.Errorf("%w: nothing with an area is left", ErrNotRepairable)
	}
	if d := Validate(out); len(d) > 0 {
		return nil, fmt.Errorf("%w: %w", ErrNotRepairable, d[0])
	}
	return out, nil
}

func repairPolygon(p orb.Polygon) (orb.MultiPolygon, error) {
	if len(p) == 0 {
		return nil, nil
	}
	shell, err := untieRing(p[0])
	if err != nil {
		return nil, err
	}
	for _, r := range p[1:] {
		hole, err := untieRing(r)
		if err != nil {
			return nil, err
		}
		if len(hole) == 0 || len(shell) == 0 {
			continue
		}
		if shell, err = jts.Difference(shell, hole); err != nil {
			return nil, err
		}
	}
	return shell, nil
}

// untieRing gives the region of a ring by the even-odd rule. A ring that meets itself at a point is two rings that part there, and its
// region is the symmetric difference of theirs; each has fewer points, so this ends.
func untieRing(r orb.Ring) (orb.MultiPolygon, error) {
	var region orb.MultiPolygon
	queue := []orb.Ring{clean(r)}
	for cuts := 0; len(queue) > 0; {
		r := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if len(r) < 4 || breadth(r) < 3 {
			continue
		}
		i, j, at, found := firstSelfMeeting(r)
		if !found {
			var err error
			if region, err = jts.SymmetricDifference(region, orb.MultiPolygon{{r}}); err != nil {
				return nil, err
			}
			continue
		}
		if cuts++; cuts > maxCuts {
			return nil, fmt.Errorf("the ring crosses itself more than %d times", maxCuts)
		}
		inner := append(orb.Ring{at}, r[i+1:j+1]...)
		outer := append(append(append(orb.Ring{}, r[:i+1]...), at), r[j+1:]...)
		queue = append(queue, clean(append(inner, at)), clean(outer))
	}
	return region, nil
}

// firstSelfMeeting finds edges i < j of a closed ring that meet other than as neighbours do, and a common point.
func firstSelfMeeting(r orb.Ring) (i, j int, at orb.Point, found bool) {
	v := validation{mp: orb.MultiPolygon{{r}}, edges: NewEdgeIndex(orb.MultiPolygon{{r}})}
	last := len(v.edges.edges) - 1
	v.edges.eachMeetingPair(func(e, f int) bool {
		if f == e+1 || (e == 0 && f == last) {
			return true
		}
		a, b := &v.edges.edges[e], &v.edges.edges[f]
		how, p := Meet(a.A, a.B, b.A, b.B)
		if how == Apart {
			return true
		}
		i, j, at, found = int(a.Vertex), int(b.Vertex), p, true
		return false
	})
	return i, j, at, found
}

// clean closes a ring and drops repeated points and spikes.
func clean(r orb.Ring) orb.Ring {
	out := make(orb.Ring, 0, len(r)+1)
	push := func(p orb.Point) {
		for {
			n := len(out)
			if n > 0 && out[n-1] == p {
				return
			}
			if n < 2 || !foldsBack(out[n-2], out[n-1], p) {
				out = append(out, p)
				return
			}
			out = out[:n-1]
		}
	}
	for _, p := range r {
		push(p)
	}
	if len(out) > 0 {
		push(out[0])
	}
	// The seam: a spike at the first point.
	for len(out) > 3 && foldsBack(out[len(out)-2], out[0], out[1]) {
		out = out[1 : len(out)-1]
		if out[0] != out[len(out)-1] {
			out = append(out, out[0])
		}
	}
	return out
}
