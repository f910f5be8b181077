package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/spool"
)

// diffFlags are the flags of muscope rules diff.
type diffFlags struct {
	checkFlags
	database string
	snapshot string
}

// rulesDiff lists the verdicts that two editions of the law give differently on
// the same land, of a snapshot or of files.
func (a *App) rulesDiff(ctx context.Context, args []string) error {
	f := a.flags("rules")
	d := &diffFlags{checkFlags: checkFlags{inputFlags: f.input(), judgeFlags: &judgeFlags{app: a}, layers: map[string]*many{}}}
	for _, layer := range ingest.Layers() {
		d.layers[layer] = &many{}
		f.Var(d.layers[layer], strings.ReplaceAll(layer, "_", "-"), a.text("flag."+layer))
	}
	f.StringVar(&d.asOf, "as-of", "", a.text("flag.as-of"))
	f.StringVar(&d.failOn, "fail-on", "", a.text("flag.fail-on"))
	f.StringVar(&d.database, "database", "", a.text("flag.database"))
	f.StringVar(&d.snapshot, "snapshot", "", a.text("flag.snapshot"))
	f.StringVar(&d.format, "format", "table", a.text("flag.format", "table, json"))
	f.StringVar(&d.out, "o", "", a.text("flag.out"))
	if err := f.parse(args, 2); err != nil {
		return err
	}
	if err := errors.Join(d.judgeFlags.check(), d.checkJoins(), d.check(f.args)); err != nil {
		return err
	}
	run := &diffRun{diffFlags: d, app: a}
	for i, to := range []*law{&run.before, &run.after} {
		l, err := a.loadLaw(f.args[i : i+1])
		if err != nil {
			return err
		}
		*to = l
	}
	if d.snapshot != "" {
		return run.fromSnapshot(ctx)
	}
	return run.fromFiles(ctx)
}

func (d *diffFlags) check(args []string) error {
	app := d.inputFlags.app
	wrong := func(key string, args ...any) error { return &usageError{text: app.text(key, args...)} }
	files := 0
	for _, list := range d.layers {
		files += len(*list)
	}
	switch {
	case len(args) != 2:
		return wrong("rules.diff.two")
	case d.format != "table" && d.format != "json":
		return wrong("rules.format.wrong", d.format)
	case d.snapshot != "" && files > 0:
		return wrong("cmd.explain.both")
	case d.snapshot != "":
		_, err := app.snapshot(d.snapshot)
		return err
	}
	for _, layer := range []string{ingest.LayerZones, ingest.LayerParcels} {
		if len(*d.layers[layer]) == 0 {
			return wrong("rules.diff.input", layer)
		}
	}
	return nil
}

// diffRun is one run of muscope rules diff.
type diffRun struct {
	*diffFlags
	app           *App
	before, after law
	flips         int
	matched       bool
}

func (r *diffRun) fromFiles(ctx context.Context) error {
	s, err := spool.Open(spool.Options{})
	if err != nil {
		return err
	}
	run := &checkRun{checkFlags: &r.checkFlags, app: r.app, law: r.after, spool: s}
	work := func() error {
		if err := run.load(ctx); err != nil {
			return err
		}
		return r.compare(ctx, s)
	}
	return errors.Join(work(), s.Close())
}

func (r *diffRun) fromSnapshot(ctx context.Context) error {
	db, err := r.app.openDatabase(ctx, r.database)
	if err != nil {
		return err
	}
	work := func() error {
		view, err := db.Current(ctx, r.snapshot)
		if err != nil {
			return err
		}
		return errors.Join(r.compare(ctx, view), view.Close())
	}
	return errors.Join(work(), db.Close())
}

// compare writes what differs.
func (r *diffRun) compare(ctx context.Context, source analysis.Source) error {
	stats, err := source.Stats(ctx)
	if err != nil {
		return err
	}
	header, err := r.app.header(headerOf{asOf: r.asOf, stats: stats, law: r.after})
	if err != nil {
		return err
	}
	r.app.say("say.as-of", header.AsOf, r.app.text("as-of."+header.AsOfReason))
	err = r.app.writeTo(r.out, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		return errors.Join(r.write(ctx, out, source, header.AsOf), out.Flush())
	})
	switch {
	case errors.Is(err, analysis.ErrOptions):
		return &usageError{text: err.Error()}
	case err == nil && r.matched:
		return errMatched
	}
	return err
}

func (r *diffRun) write(ctx context.Context, w io.Writer, source analysis.Source, asOf land.Date) error {
	show := r.row
	if r.format == "json" {
		show = r.object
		if err := r.open(w, asOf); err != nil {
			return err
		}
	}
	opt := analysis.Options{AsOf: asOf, Classes: r.after.classes}
	sum, err := analysis.Compare(ctx, opt, r.before.packs, r.after.packs, source, func(f analysis.Flip) error {
		r.flips++
		r.matched = r.matched || r.failOn != "" && string(f.New.Outcome) == r.failOn && f.New.DocStatus == "in_force" &&
			f.New.Kind != "target" && f.New.Reading != "wide"
		return show(w, f)
	})
	if err != nil {
		return err
	}
	if r.format == "json" {
		rest, err := json.Marshal(map[string]any{"same": sum.Same, "flipped": r.flips, "added": texts(sum.Added), "removed": texts(sum.Removed)})
		if err == nil {
			_, err = fmt.Fprintf(w, "\n],%s\n", rest[1:])
		}
		return err
	}
	for _, list := range []struct {
		key   string
		rules []string
	}{{"rules.diff.added", sum.Added}, {"rules.diff.removed", sum.Removed}} {
		if len(list.rules) > 0 {
			fmt.Fprintln(w, r.app.text(list.key, strings.Join(list.rules, ", ")))
		}
	}
	_, err = fmt.Fprintln(w, r.app.text("rules.diff.sum", r.flips, sum.Same))
	return err
}

// texts is a list that is never null.
func texts(list []string) []string { return append([]string{}, list...) }

// open writes the head of the JSON document: its flips follow one by one.
func (r *diffRun) open(w io.Writer, asOf land.Date) error {
	refs := func(l law) (out []land.Pack) {
		for _, p := range l.packs {
			out = append(out, p.Ref())
		}
		return out
	}
	head, err := json.Marshal(struct {
		AsOf land.Date   `json:"as_of"`
		Old  []land.Pack `json:"old"`
		New  []land.Pack `json:"new"`
	}{asOf, refs(r.before), refs(r.after)})
	if err == nil {
		_, err = fmt.Fprintf(w, "%s,\"flips\":[", head[:len(head)-1])
	}
	return err
}

// flipped is a flip in JSON.
type flipped struct {
	Zone    *string    `json:"zone"` // null: a set of zones
	Scope   land.Scope `json:"boundary_scope,omitempty"`
	Rule    string     `json:"rule"`
	Subject string     `json:"subject"`
	Old     said       `json:"old"`
	New     said       `json:"new"`
}

type said struct {
	Outcome    land.Outcome `json:"outcome"`
	Observed   *float64     `json:"observed"`
	Comparison string       `json:"comparison,omitempty"`
	Limit      *float64     `json:"limit"`
	LimitBy    string       `json:"limit_by,omitempty"`
	Reason     string       `json:"reason"`
}

func saidOf(v *land.Verdict) said {
	return said{v.Outcome, v.Observed, v.Comparison, v.Limit, v.LimitBy, v.Reason}
}

func (r *diffRun) object(w io.Writer, f analysis.Flip) error {
	out := flipped{Rule: f.New.RuleKey(), Subject: f.New.Subject, Old: saidOf(f.Old), New: saidOf(f.New)}
	if f.Zone != (land.ZoneKey{}) {
		out.Zone, out.Scope = &f.Zone.Code, f.Zone.Scope
	}
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	sep := ",\n"
	if r.flips == 1 {
		sep = "\n"
	}
	_, err = io.WriteString(w, sep+string(b))
	return err
}

// row is a flip for people: zone, rule, subject, what was and what is said.
func (r *diffRun) row(w io.Writer, f analysis.Flip) error {
	zone := f.Zone.String()
	if zone == "" {
		zone = "—"
	}
	_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s → %s\n", zone, f.New.RuleKey(), f.New.Subject, r.side(f.Old), r.side(f.New))
	return err
}

func (r *diffRun) side(v *land.Verdict) string {
	word := r.app.text("outcome." + string(v.Outcome))
	if v.Limit == nil {
		return word
	}
	return fmt.Sprintf("%s (%s %s)", word, v.Comparison, strconv.FormatFloat(*v.Limit, 'f', -1, 64))
}
