package report

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"

	"github.com/muscope/muscope/analysis/expansion"
)

// expansionPage is the html of an expansion check: no script, nothing fetched.
const expansionPage = `<!DOCTYPE html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><title>{{t "expansion.page.title"}} {{.Doc.Application.Name}}</title>
<style>
body{font:15px/1.55 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#222;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #ccc}
table{border-collapse:collapse;width:100%;font-size:.88rem}td,th{border:1px solid #ddd;padding:.3rem .5rem;text-align:left;vertical-align:top}
th{background:#f5f5f2}.n{text-align:right;font-variant-numeric:tabular-nums}.wide{overflow-x:auto}
.violated{color:#a3200d;font-weight:600}.satisfied{color:#1d6b35}.incomputable{color:#8a5a00;font-weight:600}.not_applicable{color:#666}
small{color:#555}svg{width:100%;height:auto;max-height:32rem;border:1px solid #ddd;background:#fafaf7}
</style></head><body>
<h1>{{t "expansion.page.title"}}: {{.Doc.Application.Name}} ({{.Doc.Application.Zone}})</h1>
<p>{{in .Doc.Application.KindText}} · {{t "expansion.page.as-of"}} {{.Doc.AsOf}} · <span class="{{.Doc.Outcome}}">{{outcome .Doc.Outcome}}</span>
({{t "expansion.page.counts" .Doc.Counts.Satisfied .Doc.Counts.Violated .Doc.Counts.Incomputable .Doc.Counts.NoLimit}})</p>
<p><small>{{t "expansion.page.clue"}}</small></p>
{{.Map}}
<h2>{{t "expansion.page.conditions"}}</h2>
<table><tr><th>{{t "expansion.page.condition"}}</th><th>{{t "expansion.page.outcome"}}</th><th>{{t "expansion.page.reason"}}</th><th>{{t "expansion.page.basis"}}</th></tr>
{{range .Doc.Conditions}}<tr><td>{{in .Title}}<br><small>{{t (printf "expansion.group.%s" .Group)}}</small></td><td class="{{.Outcome}}">{{outcome .Outcome}}</td>
<td>{{in .Reason.Text}}{{with in .Arithmetic}}<br><small>{{.}}</small>{{end}}{{range .Missing}}<br>→ {{in .Remedy}}{{end}}
{{range .Pieces}}<br><small>{{.ID}} {{.Name}} {{area .Area}} {{$.Unit}} @ {{printf "%.6f, %.6f" (index .Place 0) (index .Place 1)}}</small>{{end}}</td>
<td>{{range .Basis}}{{in .Document}} {{.Clause}}: {{in .Text}}{{with .Quote}} “{{.}}”{{end}}<br>{{end}}</td></tr>{{end}}</table>
{{with .Doc.Trimmed}}<h2>{{t "expansion.page.trimmed"}}</h2><p>{{in .Text}}</p><ul>{{range .Off}}<li>{{t (printf "expansion.condition.%s" .Condition)}}: −{{area .Area}} {{$.Unit}}</li>{{end}}</ul>{{end}}
{{with .Doc.Room}}<h2>{{t "expansion.page.room"}}</h2><p>{{in .Text}}{{if not .Exact}} *{{end}}</p>{{range .Doubts}}<p><small>* {{in .Text}}</small></p>{{end}}
<p>{{range .Years}}{{t (printf "indicator.%s.title" .ID)}}: {{value .}}<br>{{end}}</p>
<table><tr><th>#</th><th>{{t "expansion.page.parcel"}}</th><th>{{t "expansion.page.status"}}</th><th>{{t "expansion.page.how"}}</th><th class="n">{{t "expansion.page.area"}} ({{$.Unit}})</th></tr>
{{range .Digest}}<tr><td>{{.Rank}}</td><td>{{.ID}} {{.Name}}</td><td>{{t (printf "status.%s" .Status)}}</td><td>{{in .How}}</td><td class="n">{{area .Area}}</td></tr>{{end}}</table>
{{if .More}}<p><small>+ {{.More}}</small></p>{{end}}{{end}}
<h2>{{t "expansion.page.economy"}}</h2>
<table><tr><th>{{t "expansion.page.indicator"}}</th><th class="n">{{t "expansion.page.value"}}</th><th>{{t "expansion.page.limit"}}</th><th>{{t "expansion.page.reference"}}</th></tr>
{{range .Doc.Economy}}<tr><td>{{in .Title}}<br><small>{{in .Formula}}</small></td><td class="n">{{value .Indicator}}</td><td>{{in .Limit.Text}}{{range .Rules}}<br><small>{{.}}</small>{{end}}</td>
<td>{{range .References}}{{.Value}} <small>{{in .Title}}</small><br>{{end}}</td></tr>{{end}}</table>
{{with .Doc.Changes}}<h2>{{t "expansion.page.changes"}}</h2>{{range .}}<h3>{{in .Title}} <small>{{.Rule}}</small></h3><p>{{in .Reason.Text}}{{with .Shortfall}} ({{t "expansion.page.shortfall"}} {{area .}} {{$.Unit}}){{end}}</p>
{{with .Fewest}}{{template "set" (map3 "fewest" . $.Unit)}}{{end}}{{with .LeastArea}}{{template "set" (map3 "least" . $.Unit)}}{{end}}{{end}}{{end}}
{{with .Doc.WhatIf}}<h2>{{t "expansion.page.what-if"}}</h2>
<table><tr><th>{{t "expansion.page.parcel"}}</th><th>{{t "expansion.page.field"}}</th><th>{{t "expansion.page.before"}}</th><th>{{t "expansion.page.after"}}</th></tr>
{{range .Changes}}<tr><td>{{.Parcel}}</td><td>{{.Field}}</td><td>{{.Before}}</td><td>{{.After}}</td></tr>{{end}}
{{range .Indicators}}<tr><td colspan="2">{{in .Title}}</td><td>{{value .Before}}</td><td>{{value .After}}</td></tr>{{end}}
{{range .Verdicts}}<tr><td colspan="2">{{.Rule}}</td><td class="{{.Before}}">{{outcome .Before}}</td><td class="{{.After}}">{{outcome .After}}</td></tr>{{end}}</table>{{end}}
<h2>{{t "expansion.page.audit"}}</h2><div class="wide"><table><tr><th></th>{{range .Doc.Audit.Rows}}<th>{{in .Title}}</th>{{end}}</tr>
{{range $i, $c := .Doc.Audit.Columns}}<tr><th>{{head $c}}</th>{{range $.Doc.Audit.Rows}}<td class="n">{{cell (index .Cells $i)}}</td>{{end}}</tr>{{end}}</table></div>
{{range .Doc.Audit.Rows}}{{$r := .}}{{range notes .}}<p><small>{{in $r.Title}} · {{.}}</small></p>{{end}}{{end}}
<p><small>muscope {{.Doc.Engine.Version}} · {{.Now}}{{range .Doc.Packs}} · {{.ID}} {{.Version}}{{end}}</small></p>
</body></html>
{{define "set"}}<p><b>{{t (printf "expansion.page.%s" .Name)}}</b> ({{t (printf "expansion.method.%s" .Set.Method)}}): {{.Set.Count}} · {{area .Set.Area}} {{.Unit}} → <span class="{{.Set.Outcome}}">{{outcome .Set.Outcome}}</span></p>
<ul>{{range .Set.Steps}}<li>{{.ID}} {{.Name}}: {{in .Text}} ({{area .Area}} {{$.Unit}})</li>{{end}}{{if .Set.More}}<li>+ {{.Set.More}}</li>{{end}}</ul>{{end}}`

// namedSet is a set with what it is called, for the page.
type namedSet struct {
	Name string
	Set  *expansion.Set
	Unit string
}

// The map of the page: a drawing in a plain grid of degrees, stretched to the
// latitude. It is made of numbers alone.
const (
	sketchWidth  = 900.0
	sketchPoints = 4_000 // a shape; more are simplified away
)

func expansionMap(doc *expansion.Document) string {
	var bound orb.Bound
	for i, s := range doc.Shapes {
		if i == 0 {
			bound = s.Geometry.Bound()
		}
		bound = bound.Union(s.Geometry.Bound())
	}
	w, h := bound.Max[0]-bound.Min[0], bound.Max[1]-bound.Min[1]
	if len(doc.Shapes) == 0 || w <= 0 || h <= 0 {
		return ""
	}
	scale := sketchWidth / w
	const stretch = 1.08 // a degree of latitude over one of longitude at 22°
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %.0f %.0f" role="img">`, sketchWidth, h*scale*stretch)
	for _, layer := range [][3]string{{"zone", "#cfd8dc", "#455a64"}, {"room", "#fff3c4", "#c9a227"}, {"added", "#bfe3c7", "#2e7d32"}, {"removed", "#eeeeee", "#8d6e63"},
		{"overlap", "#e5735f", "#a3200d"}, {"trimmed", "none", "#0d47a1"}} {
		for _, s := range doc.Shapes {
			if s.Layer != layer[0] && !strings.HasPrefix(s.Layer, layer[0]+".") {
				continue
			}
			fmt.Fprintf(&b, `<path fill="%s" fill-opacity="0.8" fill-rule="evenodd" stroke="%s" stroke-width="1.2" d="`, layer[1], layer[2])
			path(&b, s.Geometry, bound, scale, stretch)
			b.WriteString(`"/>`)
		}
	}
	b.WriteString(`</svg>`)
	return b.String()
}

func path(b *strings.Builder, mp orb.MultiPolygon, bound orb.Bound, scale, stretch float64) {
	for _, p := range mp {
		for _, r := range p {
			if len(r) > sketchPoints {
				r = simplify.VisvalingamKeep(sketchPoints).Ring(r.Clone())
			}
			for i, pt := range r {
				cmd := byte('L')
				if i == 0 {
					cmd = 'M'
				}
				fmt.Fprintf(b, "%c%.1f %.1f", cmd, (pt[0]-bound.Min[0])*scale, (bound.Max[1]-pt[1])*scale*stretch)
			}
			b.WriteByte('Z')
		}
	}
}
