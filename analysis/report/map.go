package report

import (
	"context"
	"fmt"
	"html"
	"io"
	"math"
	"strconv"

	"github.com/muscope/muscope/analysis/land"
	"github.com/paulmach/orb"
)

// mapWidth is the width of a zone's map in its own units (and CSS pixels on a
// wide screen); coordinates are written to a tenth of it.
const mapWidth = 960.0

// plainParcels is how many parcels of a zone have a tooltip on the map; beyond
// it all are drawn, without.
const plainParcels = 20_000

// frame maps longitude and latitude to the map: equirectangular about the
// zone's middle, which over a zone is as true as paper.
type frame struct {
	west, north float64
	x, y        float64 // units a degree
	height      float64
}

func newFrame(b orb.Bound) frame {
	mid := (b.Min[1] + b.Max[1]) / 2
	shrink := math.Cos(mid * math.Pi / 180)
	w, d := (b.Max[0]-b.Min[0])*shrink, b.Max[1]-b.Min[1]
	scale := mapWidth / math.Max(math.Max(w, d), 1e-9)
	pad := 12.0
	scale *= (mapWidth - 2*pad) / mapWidth
	return frame{west: b.Min[0] - pad/(scale*shrink), north: b.Max[1] + pad/scale, x: scale * shrink, y: scale,
		height: d*scale + 2*pad}
}

func (f frame) path(b []byte, mp orb.MultiPolygon) []byte {
	for _, poly := range mp {
		for _, ring := range poly {
			for i, p := range ring {
				b = append(b, "ML"[min(i, 1)])
				b = strconv.AppendFloat(b, (p[0]-f.west)*f.x, 'f', 1, 64)
				b = append(b, ' ')
				b = strconv.AppendFloat(b, (f.north-p[1])*f.y, 'f', 1, 64)
			}
			b = append(b, 'Z')
		}
	}
	return b
}

// drawMap draws a zone: every parcel coloured by status, the outline over
// them, a scale bar and a legend of the statuses that occur.
func (h *htmlReport) drawMap(ctx context.Context, key land.ZoneKey) error {
	outline, err := h.src.ZoneGeometry(ctx, key)
	if err != nil || len(outline) == 0 {
		return err
	}
	f := newFrame(outline.Bound())
	fmt.Fprintf(h.w, `<figure class="map"><svg viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`,
		mapWidth, f.height, html.EscapeString(h.opt.Texts.Text(h.opt.Lang, "report.map.label", key.String())))
	seen := map[land.Status]bool{}
	n := 0
	err = h.src.Rows(ctx, &key, func(r *Row) error {
		n++
		seen[r.Result.Status] = true
		return f.drawParcel(h.w, r, n <= plainParcels, h.word("status", string(r.Result.Status)))
	})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(h.w, `<path class="outline" d="%s"/>`, f.path(nil, outline)); err != nil {
		return err
	}
	f.drawScale(h.w)
	io.WriteString(h.w, `</svg><figcaption class="legend">`)
	for _, s := range land.Statuses() {
		if seen[s] {
			fmt.Fprintf(h.w, `<span><i class="s-%s"></i>%s</span>`, s, html.EscapeString(h.word("status", string(s))))
		}
	}
	_, err = io.WriteString(h.w, "</figcaption></figure>\n")
	return err
}

func (f frame) drawParcel(w io.Writer, r *Row, tip bool, status string) error {
	b := append([]byte(`<path class="s-`), r.Result.Status...)
	b = append(f.path(append(b, `" d="`...), r.Geometry), '"')
	if tip {
		b = append(b, "><title>"...)
		b = append(b, html.EscapeString(r.Part.ID+" · "+status)...)
		b = append(b, "</title></path>\n"...)
	} else {
		b = append(b, "/>\n"...)
	}
	_, err := w.Write(b)
	return err
}

// drawScale draws a bar of a round length, about a fifth of the map wide, and
// north.
func (f frame) drawScale(w io.Writer) {
	const metresPerDegree = 111_320.0 // of latitude, good to half a percent
	perMetre := f.y / metresPerDegree
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
	y := f.height - 10
	fmt.Fprintf(w, `<g class="scale"><path d="M14 %.1fv6h%.1fv-6"/><text x="18" y="%.1f">%s</text></g>`, y-6, length*perMetre, y-9, label)
	fmt.Fprintf(w, `<g class="scale"><path d="M%.0f 40V16m-6 8l6-9l6 9"/><text x="%.0f" y="54">N</text></g>`, mapWidth-20, mapWidth-25)
}
