package report

import (
	"bufio"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

//go:embed html/*.html html/report.css
var htmlFiles embed.FS

// maxWarnings is how many warnings of the load an html report lists; it says
// how many more there are. Rejects are always listed.
const maxWarnings = 500

// writeHTML writes a report that an inspector files and signs: what was
// analyzed and by which law; zone by zone the map, the verdicts with clause
// and arithmetic, the indicators, the land and the parcels to look at; then
// land in no zone and the load report. It is one page without scripts, reads
// on a screen and prints, and is written in pieces, so that its size is no
// matter of memory.
func writeHTML(ctx context.Context, out io.Writer, src Source, opt Options) error {
	buf := bufio.NewWriterSize(out, 1<<16)
	h, err := newHTML(buf, src, opt)
	if err != nil {
		return err
	}
	steps := []func(context.Context) error{h.head, h.overview, h.totals, h.zones, h.noZone, h.load, h.tail}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return buf.Flush()
}

type htmlReport struct {
	w    io.Writer
	src  Source
	opt  Options
	tmpl *template.Template
}

func newHTML(w io.Writer, src Source, opt Options) (*htmlReport, error) {
	if opt.Lang != "zh" {
		opt.Lang = "en"
	}
	h := &htmlReport{w: w, src: src, opt: opt}
	css, err := htmlFiles.ReadFile("html/report.css")
	if err != nil {
		return nil, fmt.Errorf("style of the report: %w", err)
	}
	h.tmpl, err = template.New("report").Funcs(h.funcs(string(css))).ParseFS(htmlFiles, "html/*.html")
	if err != nil {
		return nil, fmt.Errorf("templates of the report: %w", err)
	}
	return h, nil
}

func (h *htmlReport) funcs(css string) template.FuncMap {
	return template.FuncMap{
		"t":      func(key string, args ...any) string { return h.opt.Texts.Text(h.opt.Lang, key, args...) },
		"word":   func(kind string, v any) string { return h.word(kind, fmt.Sprint(v)) },
		"reason": func(code string) string { return h.opt.reason(code) },
		"lang":   func() string { return map[string]string{"zh": "zh-CN", "en": "en"}[h.opt.Lang] },
		"css":    func() template.CSS { return template.CSS(css) }, // our own file, no user's text
		"mu":     func(m land.Mu) string { return group(m.Float(), 2) },
		"value":  h.value,
		"qty":    h.quantity,
		"limit":  h.limit,
		"bounds": h.bounds,
		"rule":   h.opt.ruleTitle,
		"quote":  func(key string) Basis { b, _ := h.opt.basis(key); return b },
		"short":  func(s string) string { return s[:min(len(s), 12)] },
		"pct":    func(f float64) string { return strconv.FormatFloat(f*100, 'f', 1, 64) + " %" },
	}
}

// word is the text of a value, or nothing for none.
func (h *htmlReport) word(kind, v string) string {
	if v == "" {
		return ""
	}
	return strings.TrimPrefix(h.opt.text(kind+"."+v), kind+".")
}

func (h *htmlReport) run(name string, data any) error {
	if err := h.tmpl.ExecuteTemplate(h.w, name, data); err != nil {
		return fmt.Errorf("section %s: %w", name, err)
	}
	return nil
}

func (h *htmlReport) head(ctx context.Context) error {
	header, err := h.src.Header(ctx)
	if err != nil {
		return err
	}
	zone := ""
	if h.opt.Zone != nil {
		zone = h.opt.Zone.String()
	}
	return h.run("head.html", struct {
		land.Header
		Zone string
		Now  string
	}{header, zone, h.opt.Now.Format("2006-01-02 15:04")})
}

func (h *htmlReport) overview(ctx context.Context) error {
	if h.opt.Zone != nil {
		return nil
	}
	if err := h.run("overview-open.html", nil); err != nil {
		return err
	}
	err := h.src.ZoneResults(ctx, func(z *land.ZoneResult) error { return h.run("overview-row.html", overviewOf(z)) })
	if err != nil {
		return err
	}
	return h.run("overview-close.html", nil)
}

type overview struct {
	*land.ZoneResult
	Outcomes map[land.Outcome]int
	Idle     land.Land
	Unsup    land.Land
}

func overviewOf(z *land.ZoneResult) overview {
	o := overview{ZoneResult: z, Outcomes: map[land.Outcome]int{}, Idle: z.Land.ByStatus[land.SuspectedIdle],
		Unsup: z.Land.ByStatus[land.Unsupplied]}
	for _, counts := range z.VerdictCounts {
		for outcome, n := range counts {
			o.Outcomes[outcome] += int(n)
		}
	}
	return o
}

func (h *htmlReport) totals(ctx context.Context) error {
	if h.opt.Zone != nil {
		return nil
	}
	sets, err := h.src.Sets(ctx)
	if err != nil {
		return err
	}
	for i := range sets {
		if err := h.run("set.html", &sets[i]); err != nil {
			return err
		}
	}
	return nil
}

func (h *htmlReport) zones(ctx context.Context) error {
	return zones(ctx, h.src, h.opt, func(z *land.ZoneResult) error {
		key := z.Key()
		if err := h.run("zone.html", z); err != nil {
			return err
		}
		if err := h.drawMap(ctx, key); err != nil {
			return err
		}
		if err := h.run("zone-figures.html", z); err != nil {
			return err
		}
		return h.findings(ctx, key)
	})
}

// noZone lists land that lies in no zone, if there is any.
func (h *htmlReport) noZone(ctx context.Context) error {
	if h.opt.Zone != nil {
		return nil
	}
	any := false
	err := h.src.Rows(ctx, &land.ZoneKey{}, func(r *Row) error {
		if !any {
			any = true
			if err := h.run("no-zone-open.html", nil); err != nil {
				return err
			}
		}
		return h.run("finding-row.html", r)
	})
	if err != nil || !any {
		return err
	}
	return h.run("findings-close.html", nil)
}

func (h *htmlReport) findings(ctx context.Context, key land.ZoneKey) error {
	n := 0
	err := h.src.Rows(ctx, &key, func(r *Row) error {
		if !r.Result.Finding() {
			return nil
		}
		if n++; n == 1 {
			if err := h.run("findings-open.html", nil); err != nil {
				return err
			}
		}
		return h.run("finding-row.html", r)
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return h.run("findings-none.html", nil)
	}
	return h.run("findings-close.html", nil)
}

func (h *htmlReport) load(ctx context.Context) error {
	header, err := h.src.Header(ctx)
	if err != nil {
		return err
	}
	if err := h.run("load-open.html", header); err != nil {
		return err
	}
	warnings := 0
	err = h.src.Rejects(ctx, func(r *land.Reject) error {
		if r.Severity != land.SeverityReject {
			if warnings++; warnings > maxWarnings {
				return nil
			}
		}
		return h.run("load-row.html", r)
	})
	if err != nil {
		return err
	}
	return h.run("load-close.html", max(0, warnings-maxWarnings))
}

func (h *htmlReport) tail(context.Context) error { return h.run("tail.html", nil) }

// value shows a number in a unit: ratios as percent where they are shares,
// thousands grouped, never more digits than a reader can use.
func (h *htmlReport) value(v *float64, unit land.Unit, id string) string {
	if v == nil {
		return "—"
	}
	if unit == land.UnitRatio && percent(id) {
		return strconv.FormatFloat(*v*100, 'f', 2, 64) + " %"
	}
	s := group(*v, 2)
	if unit != land.UnitRatio {
		s += " " + h.word("unit", string(unit))
	}
	return s
}

// percent reports whether a ratio is a share of a whole; floor area ratios and
// densities of floors are not.
func percent(id string) bool {
	return !strings.Contains(id, "far.") && !strings.HasPrefix(id, "gross_far")
}

func (h *htmlReport) quantity(q *land.Quantity) string {
	if q == nil {
		return "—"
	}
	return group(q.Float(), 2) + " " + h.word("unit", string(q.Unit))
}

func (h *htmlReport) limit(v land.Verdict) string {
	if v.Limit == nil {
		return "—"
	}
	sign := map[string]string{"<=": "≤", ">=": "≥"}[v.Comparison]
	if sign == "" {
		sign = v.Comparison
	}
	return sign + " " + h.value(v.Limit, v.Unit, v.Indicator)
}

func (h *htmlReport) bounds(b *land.Bounds, unit land.Unit, id string) string {
	if b == nil {
		return h.opt.text("report.unbounded")
	}
	end := func(f *float64, none string) string {
		if f == nil {
			return none
		}
		return h.value(f, unit, id)
	}
	return end(b.Lo, "−∞") + " … " + end(b.Hi, "∞")
}

// group writes a number with thousands grouped and trailing zeros kept to
// places digits; small numbers keep four significant digits.
func group(f float64, places int) string {
	if a := math.Abs(f); a > 0 && a < 0.1 {
		return strconv.FormatFloat(f, 'g', 4, 64)
	}
	s := strconv.FormatFloat(f, 'f', places, 64)
	whole, frac, _ := strings.Cut(s, ".")
	neg := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if neg {
		whole = "-" + whole
	}
	if frac == "" || strings.Trim(frac, "0") == "" {
		return whole
	}
	return whole + "." + frac
}
