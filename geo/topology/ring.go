package topology

import (
	"github.com/paulmach/orb"
)

// alone looks for what is wrong with one boundary by itself.
func (c *Checker) alone(s *Shape) error {
	for _, look := range [...]func(*Shape) *Finding{c.repeated, c.spikes, c.slivers} {
		if f := look(s); f != nil {
			f.A = s.Ref
			if err := c.yield(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// repeated finds consecutive vertices that are one by the tolerance.
func (c *Checker) repeated(s *Shape) *Finding {
	return vertices(s.MP, RepeatedVertices, func(pl plane, r orb.Ring, i int) bool {
		return i > 0 && pl.distance(r[i-1], r[i]) <= c.tol.M
	})
}

// spikes finds vertices from which a boundary comes back the way it went: the shorter of the two edges lies along the other by the
// tolerance, and is at least ten times as long as that.
func (c *Checker) spikes(s *Shape) *Finding {
	return vertices(s.MP, Spike, func(pl plane, r orb.Ring, i int) bool {
		n := len(r) - 1
		if n < 3 {
			return false
		}
		a, b, d := r[(i+n-1)%n], r[i], r[(i+1)%n]
		if pl.distance(b, d) < pl.distance(b, a) {
			a, d = d, a
		}
		abx, aby := pl.vector(b, a)
		dbx, dby := pl.vector(b, d)
		return abx*dbx+aby*dby > 0 && pl.distance(a, b) > sliverWidths*c.tol.M && pl.toSegment(a, b, d) <= c.tol.M
	})
}

// vertices makes one finding of all vertices of a boundary that are at fault; nil where none is. The closing vertex is judged as the
// first, from the last.
func vertices(mp orb.MultiPolygon, code Code, bad func(pl plane, r orb.Ring, i int) bool) *Finding {
	var at orb.MultiPoint
	var first Vertex
	for p, poly := range mp {
		for q, r := range poly {
			if len(r) == 0 {
				continue
			}
			pl := planeAt(r[0][1])
			for i := range r[:len(r)-1] {
				if !bad(pl, r, i) {
					continue
				}
				if len(at) == 0 {
					first = Vertex{p, q, i, r[i]}
				}
				at = append(at, r[i])
			}
		}
	}
	if len(at) == 0 {
		return nil
	}
	return &Finding{Code: code, Count: len(at), Place: at[0], Near: first, Geometry: at}
}

// slivers finds pieces of land too narrow to be land.
func (c *Checker) slivers(s *Shape) *Finding {
	var narrow orb.MultiPolygon
	area, widest := 0.0, 0.0
	for _, poly := range s.MP {
		if a, w := width(poly); w <= sliverWidths*c.tol.M {
			narrow, area, widest = append(narrow, poly), area+a, max(widest, w)
		}
	}
	if len(narrow) == 0 {
		return nil
	}
	f := &Finding{Code: Sliver, Count: len(narrow), AreaM2: area, WidthM: widest, Geometry: narrow}
	c.at(f, narrow, s)
	return f
}
