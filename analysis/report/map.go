package report

import (
	"context"
	"fmt"
	"html"
	"math"
	"strconv"

	"github.com/muscope/muscope/analysis/land"
	"github.com/paulmach/orb"
)

// A zone's map is mapWidth or mapHeight units (and CSS pixels on a wide
// screen), whichever it reaches first; coordinates are in tenths of a unit.
const (
	mapWidth  = 960.0
	mapHeight = 640.0
	mapPad    = 14.0
	subunits  = 10.0
)

// frame maps longitude and latitude to the map: equirectangular about the
// zone's middle, which over a zone is as true as paper.
type frame struct {
	west, north   float64
	x, y          float64 // subunits a degree
	width, height float64 // units
}

func newFrame(b orb.Bound) frame {
	shrink := math.Cos((b.Min[1] + b.Max[1]) / 2 * math.Pi / 180)
	w, d := math.Max((b.Max[0]-b.Min[0])*shrink, 1e-9), math.Max(b.Max[1]-b.Min[1], 1e-9)
	scale := math.Min((mapWidth-2*mapPad)/w, (mapHeight-2*mapPad)/d)
	width := math.Max(w*scale+2*mapPad, mapWidth/2) // room for the bar and the arrow
	side := (width - w*scale) / 2
	return frame{west: b.Min[0] - side/(scale*shrink), north: b.Max[1] + mapPad/scale,
		x: scale * shrink * subunits, y: scale * subunits, width: width, height: d*scale + 2*mapPad}
}

func (f frame) at(p orb.Point) (x, y int) {
	return int(math.Round((p[0] - f.west) * f.x)), int(math.Round((f.north - p[1]) * f.y))
}

// path writes rings in relative steps; points that fall together on the map
// are written once.
func (f frame) path(b []byte, mp orb.MultiPolygon) []byte {
	for _, poly := range mp {
		for _, ring := range poly {
			b = f.ring(b, ring)
		}
	}
	return b
}

func (f frame) ring(b []byte, ring orb.Ring) []byte {
	var x, y int
	for i, p := range ring {
		nx, ny := f.at(p)
		switch {
		case i == 0:
			b = appendPair(append(b, 'M'), nx, ny)
		case nx == x && ny == y || i == len(ring)-1 && p == ring[0]:
			continue
		default:
			b = appendPair(append(b, 'l'), nx-x, ny-y)
		}
		x, y = nx, ny
	}
	if len(ring) > 0 {
		b = append(b, 'z')
	}
	return b
}

func appendPair(b []byte, x, y int) []byte {
	b = strconv.AppendInt(b, int64(x), 10)
	if y >= 0 {
		b = append(b, ' ')
	}
	return strconv.AppendInt(b, int64(y), 10)
}

// drawMap draws a zone: every parcel coloured by status, the outline over
// them, the numbers of the findings listed, a scale bar, north and a legend.
func (h *htmlReport) drawMap(ctx context.Context, z *land.ZoneResult, found []findingGroup) error {
	if !h.size.Maps {
		return nil
	}
	key := z.Key()
	outline, err := h.src.ZoneGeometry(ctx, key)
	if err != nil || len(outline) == 0 {
		return err
	}
	m := &mapDrawing{h: h, f: newFrame(outline.Bound()), tips: h.size.Tips,
		seen: map[land.Status]bool{}, gathered: map[land.Status][]byte{}}
	m.printf(`<figure class="map"><svg viewBox="0 0 %.0f %.0f" role="img" aria-label="%s"><g transform="scale(.1)">`,
		m.f.width, m.f.height, html.EscapeString(h.opt.Texts.Text(h.opt.Lang, "report.map.label", visible(z.Name))))
	if err := h.src.Rows(ctx, &key, m.parcel); err != nil {
		return err
	}
	m.flush(0)
	m.write(append(m.f.path([]byte(`<path class="outline" d="`), outline), `"/></g>`...))
	m.numbers(found)
	m.scale()
	m.printf(`</svg><figcaption class="legend">`)
	for _, s := range land.Statuses() {
		if m.seen[s] {
			m.printf(`<span><i class="s-%s"></i>%s</span>`, s, html.EscapeString(h.word("status", string(s))))
		}
	}
	m.printf(`<span><i class="edge"></i>%s</span><span>%s</span></figcaption></figure>`+"\n",
		html.EscapeString(h.word("boundary_scope", string(z.Scope))), html.EscapeString(h.opt.text("report.map.numbers")))
	return m.err
}

// mapDrawing is one map being written. The first error sticks.
type mapDrawing struct {
	h        *htmlReport
	f        frame
	tips     bool
	seen     map[land.Status]bool
	gathered map[land.Status][]byte // parcels of a status drawn as one path
	err      error
}

func (m *mapDrawing) write(b []byte) {
	if m.err == nil {
		_, m.err = m.h.w.Write(b)
	}
}

func (m *mapDrawing) printf(format string, args ...any) {
	if m.err == nil {
		_, m.err = fmt.Fprintf(m.h.w, format, args...)
	}
}

// parcel draws a parcel with its id and status as a tooltip; on a map of many,
// parcels of one status share a path, for a browser that has to open it.
func (m *mapDrawing) parcel(r *Row) error {
	if len(r.Geometry) == 0 {
		return nil
	}
	s := r.Result.Status
	m.seen[s] = true
	if !m.tips {
		m.gathered[s] = m.f.path(m.gathered[s], r.Geometry)
		m.flush(pathBytes)
		return m.err
	}
	b := append(append([]byte(`<path class="s-`), s...), `" d="`...)
	b = append(m.f.path(b, r.Geometry), `"><title>`...)
	b = append(b, html.EscapeString(visible(r.Part.ID)+" · "+m.h.word("status", string(s)))...)
	m.write(append(b, "</title></path>\n"...))
	return m.err
}

// pathBytes is how long a shared path gets.
const pathBytes = 1 << 16

// flush writes the shared paths of more than least bytes.
func (m *mapDrawing) flush(least int) {
	for _, s := range land.Statuses() {
		if b := m.gathered[s]; len(b) > least {
			m.printf(`<path class="s-%s" d="%s"/>`+"\n", s, b)
			m.gathered[s] = b[:0]
		}
	}
}

// numbers writes the numbers of the findings that the report lists, as far as
// they can be told apart.
func (m *mapDrawing) numbers(found []findingGroup) {
	m.printf(`<g class="no">`)
	for i := range found {
		for j := range found[i].Rows {
			if f := &found[i].Rows[j]; f.HasPlace && f.No <= maxNumbers {
				x, y := m.f.at(f.At)
				m.printf(`<text x="%g" y="%g">%d</text>`, float64(x)/subunits, float64(y)/subunits+4, f.No)
			}
		}
	}
	m.printf(`</g>`)
}

// scale draws a bar of a round length, about a fifth of the map wide, and
// north. The map is at most a zone's width, so that one scale holds all over
// it.
func (m *mapDrawing) scale() {
	const metresPerDegree = 111_320.0 // of latitude, good to half a percent
	perMetre := m.f.y / subunits / metresPerDegree
	length := math.Pow(10, math.Floor(math.Log10(mapWidth/5/perMetre)))
	for _, k := range []float64{5, 2} {
		if length*k*perMetre < mapWidth/5 {
			length *= k
			break
		}
	}
	label := fmt.Sprintf("%g m", length)
	if length >= 1000 {
		label = fmt.Sprintf("%g km", length/1000)
	}
	y, bar := m.f.height-10, length*perMetre
	m.printf(`<g class="scale"><path class="halo" d="M14 %.1fv6h%.1fv-6"/><path d="M14 %.1fv6h%.1fv-6"/><text x="18" y="%.1f">%s</text>`, y-6, bar, y-6, bar, y-4, label)
	north := m.f.width - 22
	m.printf(`<path class="halo" d="M%.0f 42V16m-6 8l6-9l6 9"/><path d="M%.0f 42V16m-6 8l6-9l6 9"/><text x="%.0f" y="58">%s</text></g>`,
		north, north, north-5, html.EscapeString(m.h.opt.text("report.map.north")))
}
