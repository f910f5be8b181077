package ingest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
)

// doctor looks, at the end of a load of parcels, whether they lie where the
// zones say they should: a wrong central meridian, another region, or the shift
// of an internet map. It keeps a sample that doesn't depend on the order in
// which workers come by, and bounded memory.
type doctor struct {
	zones *Locator

	mu      sync.Mutex
	total   int64
	touched int64
	bound   orb.Bound
	near    sketch // parcels that touch a zone
	all     sketch
}

// sampledParcel is a parcel of the sample.
type sampledParcel struct {
	hash   uint64
	shape  orb.MultiPolygon
	areaM2 float64
	share  float64 // the greatest in a zone
	crs    geo.CRS
	file   int
}

// sketch keeps the parcels with the least hashes of their positions.
type sketch struct {
	most int
	list []sampledParcel
}

const (
	sampleNear     = 400
	sampleAll      = 100
	sampleVertices = 2000 // larger boundaries are left out of the sample
)

func newDoctor(zones *Locator) *doctor {
	if len(zones.zones) == 0 {
		return nil
	}
	return &doctor{zones: zones, near: sketch{most: sampleNear}, all: sketch{most: sampleAll}}
}

// wants reports whether a parcel of this hash would be kept.
func (s *sketch) wants(hash uint64) bool {
	return len(s.list) < s.most || hash < s.list[len(s.list)-1].hash
}

func (s *sketch) add(p sampledParcel) {
	i, _ := slices.BinarySearchFunc(s.list, p.hash, func(a sampledParcel, h uint64) int { return cmp.Compare(a.hash, h) })
	s.list = slices.Insert(s.list, i, p)
	if len(s.list) > s.most {
		s.list = s.list[:s.most]
	}
}

// spread is a hash of a position: neighbours in the file lie far apart in it.
func spread(position int64) uint64 {
	x := uint64(position) * 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// see takes note of a parcel that has been located.
func (d *doctor) see(position int64, sh *shape, in []Located, t task) {
	share := greatestShare(in)
	hash := spread(position)
	d.mu.Lock()
	defer d.mu.Unlock()
	bound := sh.mp.Bound()
	if d.total == 0 {
		d.bound = bound
	}
	d.bound = d.bound.Union(bound)
	d.total++
	to := &d.all
	if share > 0 {
		d.touched++
		to = &d.near
	}
	if !to.wants(hash) || vertices(sh.mp) > sampleVertices {
		return
	}
	to.add(sampledParcel{hash: hash, shape: sh.mp.Clone(), areaM2: sh.areaM2, share: share, crs: t.crs, file: t.file})
}

func greatestShare(in []Located) float64 {
	share := 0.0
	for _, at := range in {
		if at.Zone != (land.ZoneKey{}) {
			share = max(share, at.Share)
		}
	}
	return share
}

func vertices(mp orb.MultiPolygon) int {
	n := 0
	for _, p := range mp {
		for _, r := range p {
			n += len(r)
		}
	}
	return n
}

// fit is how a sample lies to the zones: the area in zones, and the area on the
// wrong side of a zone's line that its parcel is mostly on the other side of.
// Parcels keep to the line; shifted ones don't.
type fit struct{ inside, astride, area float64 }

func (d *doctor) fit(sample []sampledParcel, move func(orb.Point) orb.Point) fit {
	var f fit
	for i := range sample {
		p := &sample[i]
		share := p.share
		if move != nil {
			in, err := d.zones.Locate(moved(p.shape, move), 0)
			if err != nil {
				continue // the moved boundary is worth nothing; the sample is large
			}
			share = greatestShare(in)
		}
		f.inside += share * p.areaM2
		f.astride += min(share, 1-share) * p.areaM2
		f.area += p.areaM2
	}
	return f
}

func moved(mp orb.MultiPolygon, move func(orb.Point) orb.Point) orb.MultiPolygon {
	out := mp.Clone()
	for _, p := range out {
		for _, r := range p {
			for i := range r {
				r[i] = move(r[i])
			}
		}
	}
	return out
}

// suspicion is a shift that explains where the parcels lie.
type suspicion struct {
	code string
	move func(orb.Point) orb.Point
}

func suspicions() []suspicion {
	return []suspicion{
		{"crs.parcels_gcj02", geo.FromGCJ02}, {"crs.parcels_bd09", geo.FromBD09},
		{"crs.zones_gcj02", geo.ToGCJ02}, {"crs.zones_bd09", geo.ToBD09},
	}
}

// A shift is suspected where at least so many parcels touch zones, so much of
// their area is on the wrong side of a line, and the shift explains all of it
// but so much.
const (
	suspectParcels = 20
	suspectAstride = 0.02
	suspectLeft    = 0.25
	suspectInside  = 0.4 // of what lies inside: parcels that came in by the shift go out again
	fitsInside     = 0.5 // of parcels that lie in no zone: how much must come to lie in one
)

// examine says what the sample shows: a refusal where another central meridian
// brings the parcels into the zones, else warnings.
func (l *load) examine() error {
	d := l.doctor
	switch {
	case d == nil || d.total == 0:
		return nil
	case d.touched == 0:
		return l.examineFar(d)
	case d.touched >= suspectParcels:
		l.examineShift(d)
	}
	return nil
}

// examineFar is about parcels of which none lies in a zone.
func (l *load) examineFar(d *doctor) error {
	for k := 1; k <= 20; k++ {
		for _, degrees := range [...]float64{float64(3 * k), float64(-3 * k)} {
			f := d.fit(d.all.list, func(p orb.Point) orb.Point { return orb.Point{p[0] + degrees, p[1]} })
			if f.inside < fitsInside*f.area {
				continue
			}
			first := d.all.list[0]
			guess := fmt.Sprintf("%+g°", degrees)
			if crs, ok := first.crs.WithMeridian(degrees); ok {
				guess = "--crs " + crs.ID()
			}
			e := l.refuse("crs.wrong_meridian", nil, first.crs.ID(), fmt.Sprintf("%+g", degrees), percent(f.inside/f.area), guess)
			e.File = l.Files[first.file].Name
			return e
		}
	}
	for _, s := range suspicions() {
		if f := d.fit(d.all.list, s.move); f.inside >= fitsInside*f.area {
			l.warnFile(s.code, percent(0), percent(f.inside/f.area), medianMove(d.all.list, s.move))
			return nil
		}
	}
	if far, where := d.far(); far > farDegrees {
		l.warnFile("crs.out_of_region", boundText(d.bound), boundText(where), strconv.Itoa(int(math.Round(far*111))))
	}
	return nil
}

// farDegrees is how far from every zone parcels must lie to be in another
// region: some 50 km.
const farDegrees = 0.5

// far is the distance in degrees between the parcels and the zones, and where
// the zones are.
func (d *doctor) far() (float64, orb.Bound) {
	zones := d.zones.bound
	dx := max(0, zones.Min[0]-d.bound.Max[0], d.bound.Min[0]-zones.Max[0])
	dy := max(0, zones.Min[1]-d.bound.Max[1], d.bound.Min[1]-zones.Max[1])
	return math.Hypot(dx, dy), zones
}

// examineShift is about parcels that lie in zones, and perhaps off their place.
func (l *load) examineShift(d *doctor) {
	asIs := d.fit(d.near.list, nil)
	if asIs.astride < suspectAstride*asIs.area {
		return
	}
	best, bestFit := suspicion{}, fit{astride: suspectLeft * asIs.astride}
	for _, s := range suspicions() {
		if f := d.fit(d.near.list, s.move); f.astride < bestFit.astride && f.inside >= suspectInside*asIs.inside {
			best, bestFit = s, f
		}
	}
	if best.move != nil {
		l.warnFile(best.code, percent(asIs.astride/asIs.area), percent(bestFit.astride/bestFit.area), medianMove(d.near.list, best.move))
	}
}

// medianMove is by how many metres a shift moves the parcels, in the median.
func medianMove(sample []sampledParcel, move func(orb.Point) orb.Point) string {
	var all []float64
	for _, p := range sample {
		a := p.shape.Bound().Center()
		b := move(a)
		all = append(all, math.Hypot((a[0]-b[0])*111320*math.Cos(a[1]*math.Pi/180), (a[1]-b[1])*110574))
	}
	slices.Sort(all)
	return strconv.Itoa(int(math.Round(all[len(all)/2])))
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func boundText(b orb.Bound) string {
	return fmt.Sprintf("%.3f–%.3f°E %.3f–%.3f°N", b.Min[0], b.Max[0], b.Min[1], b.Max[1])
}

// warnFile warns of the layer as a whole; the line stands with its first file.
func (l *load) warnFile(code string, args ...any) {
	in := &l.result.Inputs[0]
	in.Warnings++
	l.result.Counts[code]++
	reason, remedy := l.say(code, args...)
	l.tell(&land.Reject{Severity: land.SeverityWarning, Layer: l.layer, File: in.File, Code: code, Reason: reason, Remedy: remedy})
}
