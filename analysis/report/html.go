package report

import (
	"bufio"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

//go:embed html/*.html html/report.css
var htmlFiles embed.FS

// maxRejects and maxWarnings are how many rejects and warnings of the load an
// html report lists; it says how many more there are.
const (
	maxRejects  = 2_000
	maxWarnings = 500
)

// writeHTML writes a report that an inspector files and signs: what was
// analyzed and by which law; which rules are broken, and where; zone by zone
// the verdicts with clause and arithmetic, the parcels to look at with their
// numbers on a map, the land and the indicators; then land in no zone, the
// totals and the load report. It is one page without scripts, reads on a screen and prints,
// and is written in pieces, so that its size is no matter of memory.
func writeHTML(ctx context.Context, out io.Writer, src Source, opt Options) error {
	buf := bufio.NewWriterSize(out, 1<<16)
	h, err := newHTML(buf, src, opt)
	if err != nil {
		return err
	}
	steps := []func(context.Context) error{h.measure, h.head, h.overview, h.zones, h.noZone, h.totals, h.load, h.tail}
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
	size size
	key  land.ZoneKey // the zone being written
}

// size is what a report is about, and what that leaves out of it.
type size struct {
	Zones    int
	Parts    int64 // parts of parcels in the zones
	Findings int   // listed of one zone at most
	Maps     bool
	Tips     bool // every parcel of a map says its id and status
	rules    []ruleTotal
}

// manyParts is the number of parts from which the maps of a report have no
// tooltips, and noMapParts the number from which a report over all zones has no
// maps: at some 60 bytes a parcel a browser opens no more.
const (
	manyParts  = 20_000
	noMapParts = 300_000
)

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
		"t":        func(key string, args ...any) string { return h.opt.Texts.Text(h.opt.Lang, key, args...) },
		"word":     func(kind string, v any) string { return h.word(kind, fmt.Sprint(v)) },
		"reason":   h.opt.reason,
		"lang":     func() string { return map[string]string{"zh": "zh-CN", "en": "en"}[h.opt.Lang] },
		"css":      func() template.CSS { return template.CSS(css) }, // our own file, no user's text
		"mu":       mu,
		"m2":       m2,
		"value":    h.value,
		"against":  h.against,
		"qty":      h.quantity,
		"limit":    h.limit,
		"bounds":   h.bounds,
		"coverage": coverage,
		"rule":     h.opt.ruleTitle,
		"quote":    func(key string) string { b, _ := h.opt.basis(key); return b.Quote },
		"tally":    tally,
		"pack":     func(key string) string { pack, _, _ := strings.Cut(key, "#"); return pack },
		"land":     h.landTables,
		"source":   h.source,
		"set":      h.setName,
		"missing":  h.missing,
		"short":    func(s string) string { return s[:min(len(s), 12)] },
		"place":    func(p [2]float64) string { return fmt.Sprintf("%.7f, %.7f", p[0], p[1]) },
		"v":        visible,
		"plain":    plain,
		"words":    func(w land.Words) string { return map[string]string{"zh": w.ZH, "en": w.EN}[h.opt.Lang] },
		"firms":    firmsOf,
		"low":      func(f land.ScoredFirm) bool { return f.LowEfficiency == land.Yes },
		"anchor":   anchor,
		"count":    count,
		"year":     year,
		"n":        func(counts map[land.Outcome]int64, o string) string { return count(counts[land.Outcome(o)]) },
		"zone":     func() string { return h.key.String() },
		"distance": h.distance,
		"known":    known,
		"join":     join,
	}
}

// word is the text of a value, or nothing for none.
func (h *htmlReport) word(kind, v string) string {
	if v == "" {
		return ""
	}
	return strings.TrimPrefix(h.opt.text(kind+"."+v), kind+".")
}

// source says where money or floor came from.
func (h *htmlReport) source(s string) string {
	if year, ok := strings.CutPrefix(s, "stats "); ok {
		return h.opt.Texts.Text(h.opt.Lang, "report.source.stats", year)
	}
	if s == "parcels" || s == "stats" || s == "" {
		return h.word("report.source", s)
	}
	return h.word("field", s)
}

// setName names a set of zones: all, all@managed, province:450000.
func (h *htmlReport) setName(id string) string {
	base, managed := strings.CutSuffix(id, "@managed")
	name := base
	if base == "all" {
		name = h.opt.text("report.set.all")
	} else if code, ok := strings.CutPrefix(base, "province:"); ok {
		name = h.opt.Texts.Text(h.opt.Lang, "report.set.province", code)
	}
	if managed {
		name += " · " + h.word("boundary_scope", string(land.ScopeManaged))
	}
	return name
}

// missing says which facts are missing, and on how many parcels.
func (h *htmlReport) missing(list []land.Missing) string {
	words := make([]string, len(list))
	for i, m := range list {
		words[i] = bare(h.word("field", m.Field))
		if m.Parcels > 0 {
			words[i] += "\u00a0" + h.opt.Texts.Text(h.opt.Lang, "report.missing.parcels", m.Parcels)
		}
	}
	return strings.Join(words, h.opt.text("report.comma"))
}

func (h *htmlReport) run(name string, data any) error {
	if err := h.tmpl.ExecuteTemplate(h.w, name, data); err != nil {
		return fmt.Errorf("section %s: %w", name, err)
	}
	return nil
}

// measure looks at all zones once: how large the report gets, and which rules
// are broken where.
func (h *htmlReport) measure(ctx context.Context) error {
	total := newRuleTotals()
	err := zones(ctx, h.src, h.opt, func(z *land.ZoneResult) error {
		h.size.Zones++
		for _, l := range z.Land.ByStatus {
			h.size.Parts += l.Parcels
		}
		total.add(z)
		return nil
	})
	if err != nil {
		return err
	}
	h.size.rules = total.sorted()
	h.size.Findings = maxFindings
	if h.opt.Zone == nil {
		h.size.Findings = min(maxFindings, max(leastFindings, allFindings/max(h.size.Zones, 1)))
	}
	h.size.Maps = h.opt.Zone != nil || h.size.Parts <= noMapParts
	h.size.Tips = h.size.Parts <= manyParts
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
		Size size
		One  bool
	}{header, zone, h.opt.Now.Format("2006-01-02 15:04 -07:00"), h.size, h.opt.Zone != nil})
}

// overview says which rules are broken, and lists the zones.
func (h *htmlReport) overview(ctx context.Context) error {
	if h.opt.Zone != nil {
		return nil
	}
	var shown struct {
		Rules   []ruleTotal
		Outside []string
	}
	for _, r := range h.size.rules {
		if one := (ruleOn{Counts: r.Counts}); len(r.Counts) > 0 && one.worst() >= severity(land.NotApplicable) {
			shown.Outside = append(shown.Outside, r.Key)
			continue
		}
		shown.Rules = append(shown.Rules, r)
	}
	if err := h.run("rules.html", shown); err != nil {
		return err
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
	Violated, NotReached, Incomputable int64
	Idle, Unsupplied                   land.Land
}

func overviewOf(z *land.ZoneResult) overview {
	o := overview{ZoneResult: z, Idle: z.Land.ByStatus[land.SuspectedIdle], Unsupplied: z.Land.ByStatus[land.Unsupplied]}
	for _, counts := range z.VerdictCounts {
		o.Violated += counts[land.Violated]
		o.NotReached += counts[land.NotReached]
		o.Incomputable += counts[land.Incomputable]
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
		figure := func(v *land.Verdict) *land.Indicator { return indicatorNamed(sets[i].Indicators, v.Indicator) }
		shown := make([]verdict, len(sets[i].Verdicts))
		for j := range shown {
			shown[j] = verdictOf(&sets[i].Verdicts[j], figure(&sets[i].Verdicts[j]))
		}
		if err := h.run("set.html", struct {
			land.SetResult
			Shown    []verdict
			Averages []average
		}{sets[i], shown, averagesOf(&sets[i])}); err != nil {
			return err
		}
	}
	return nil
}

func (h *htmlReport) zones(ctx context.Context) error {
	return zones(ctx, h.src, h.opt, func(z *land.ZoneResult) error {
		h.key = z.Key()
		figure, err := h.figures(ctx, z)
		if err != nil {
			return err
		}
		found, err := h.gather(ctx, h.key, h.size.Findings)
		if err != nil {
			return err
		}
		if err := h.run("zone.html", struct {
			overview
			Rules rules
		}{overviewOf(z), rulesOf(z, figure)}); err != nil {
			return err
		}
		if err := h.drawMap(ctx, z, found); err != nil {
			return err
		}
		if err := h.run("findings.html", found); err != nil {
			return err
		}
		if err := h.run("batches.html", batchesOf(z.Batches)); err != nil {
			return err
		}
		if err := h.run("per-mu.html", z.PerMu); err != nil {
			return err
		}
		return h.run("zone-figures.html", z)
	})
}

// figures finds the indicator behind a verdict: the zone's own, or that of a
// project, which stands on its first part in the zone.
func (h *htmlReport) figures(ctx context.Context, z *land.ZoneResult) (func(*land.Verdict) *land.Indicator, error) {
	type figure struct{ parcel, indicator string }
	wanted := map[figure]*land.Indicator{}
	for i := range z.Verdicts {
		if v := &z.Verdicts[i]; v.Level == land.LevelProject && v.Indicator != "" {
			for _, id := range v.Evidence {
				wanted[figure{id, v.Indicator}] = nil
			}
		}
	}
	key := z.Key()
	err := error(nil)
	if len(wanted) > 0 {
		err = h.src.PartResults(ctx, &key, func(p *land.PartResult) error {
			for i := range p.Indicators {
				f := figure{p.ID, p.Indicators[i].ID}
				if _, ok := wanted[f]; ok {
					one := p.Indicators[i]
					wanted[f] = &one
				}
			}
			return nil
		})
	}
	return func(v *land.Verdict) *land.Indicator {
		if v.Level != land.LevelProject {
			return indicatorNamed(z.Indicators, v.Indicator)
		}
		for _, id := range v.Evidence {
			if one := wanted[figure{id, v.Indicator}]; one != nil {
				return one
			}
		}
		return nil
	}, err
}

func indicatorNamed(list []land.Indicator, id string) *land.Indicator {
	i := slices.IndexFunc(list, func(one land.Indicator) bool { return one.ID == id })
	if i < 0 || id == "" {
		return nil
	}
	return &list[i]
}

// noZone lists land that lies in no zone, if there is any.
func (h *htmlReport) noZone(ctx context.Context) error {
	if h.opt.Zone != nil {
		return nil
	}
	h.key = land.ZoneKey{}
	n := 0
	err := h.src.Rows(ctx, &land.ZoneKey{}, func(r *Row) error {
		if n++; n == 1 {
			if err := h.run("no-zone-open.html", nil); err != nil {
				return err
			}
		}
		if n > maxFindings {
			return nil
		}
		f := findingOf(r)
		f.No = n
		return h.run("finding-row.html", f)
	})
	if err != nil || n == 0 {
		return err
	}
	return h.run("no-zone-close.html", struct{ Count, More int }{n, max(0, n-maxFindings)})
}

func (h *htmlReport) load(ctx context.Context) error {
	header, err := h.src.Header(ctx)
	if err != nil {
		return err
	}
	if err := h.run("load-open.html", header); err != nil {
		return err
	}
	limits := map[land.Severity]int{land.SeverityReject: maxRejects, land.SeverityWarning: maxWarnings}
	seen := map[land.Severity]int{}
	for _, severity := range []land.Severity{land.SeverityReject, land.SeverityWarning} {
		err = h.src.Rejects(ctx, func(r *land.Reject) error {
			if r.Severity != severity {
				return nil
			}
			if seen[severity]++; seen[severity] > limits[severity] {
				return nil
			}
			if seen[land.SeverityReject]+seen[land.SeverityWarning] == 1 {
				if err := h.run("load-head.html", nil); err != nil {
					return err
				}
			}
			return h.run("load-row.html", r)
		})
		if err != nil {
			return err
		}
	}
	return h.run("load-close.html", struct{ Any, Rejects, Warnings int }{len(seen),
		max(0, seen[land.SeverityReject]-maxRejects), max(0, seen[land.SeverityWarning]-maxWarnings)})
}

func (h *htmlReport) tail(context.Context) error { return h.run("tail.html", nil) }

// ruleTotal is a rule over all zones of the report.
type ruleTotal struct {
	Key      string
	Counts   map[land.Outcome]int64
	Violated []zoneRef // zones with a violation
	More     int
}

type zoneRef struct {
	Key  land.ZoneKey
	Name string
	N    int64
}

// maxZoneRefs is how many zones are named behind a rule.
const maxZoneRefs = 12

type ruleTotals map[string]*ruleTotal

func newRuleTotals() ruleTotals { return ruleTotals{} }

func (t ruleTotals) add(z *land.ZoneResult) {
	for key, counts := range z.VerdictCounts {
		one := t[key]
		if one == nil {
			one = &ruleTotal{Key: key, Counts: map[land.Outcome]int64{}}
			t[key] = one
		}
		for outcome, n := range counts {
			one.Counts[outcome] += n
		}
		if n := counts[land.Violated]; n > 0 {
			if len(one.Violated) < maxZoneRefs {
				one.Violated = append(one.Violated, zoneRef{z.Key(), z.Name, n})
			} else {
				one.More++
			}
		}
	}
}

// sorted puts the rules with a violation first, by pack and rule.
func (t ruleTotals) sorted() []ruleTotal {
	var out []ruleTotal
	for _, one := range t {
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b ruleTotal) int {
		x, y := ruleOn{Counts: a.Counts}, ruleOn{Counts: b.Counts}
		if c := x.worst() - y.worst(); c != 0 {
			return c
		}
		return strings.Compare(a.Key, b.Key)
	})
	return out
}

// count is a number of things, thousands grouped.
func count(n int64) string { return group(float64(n), 0) }

// year is a year that may be unknown, as a number a template can write.
func year(y *int) int {
	if y == nil {
		return 0
	}
	return *y
}

// bare is a field's label without the unit behind it: what is missing is not a
// quantity.
func bare(label string) string {
	for _, unit := range []string{", m²", " m²", ", 10⁴ CNY", " 万元"} {
		label = strings.TrimSuffix(label, unit)
	}
	return label
}

// anchor is the place of a zone in the page. Letters and digits stay, so that a
// link can be typed; anything else becomes what a URL needs no escape for.
func anchor(key land.ZoneKey) string {
	return "zone-" + strings.ReplaceAll(url.QueryEscape(key.String()), "%", ".")
}
