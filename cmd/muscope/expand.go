package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/spool"
)

// expandFlags are the flags of muscope expand.
type expandFlags struct {
	checkFlags
	database string
	snapshot string
	zone     string
	boundary many
	removed  many
	whole    many
	kind     string
	includes many
	complete many
	filedNo  string
	stated   map[string]*string
	changes  string
	saveAs   string
	unit     string
	limit    int
}

// statedFlags are the flags of the areas an application states, in hectares.
func statedFlags() []string { return []string{"old-ha", "added-ha", "removed-ha", "new-ha"} }

// expand checks an application to change a zone's boundary, of files or of a
// snapshot.
func (a *App) expand(ctx context.Context, args []string) error {
	f := a.flags("expand")
	e := &expandFlags{checkFlags: checkFlags{inputFlags: f.input(), judgeFlags: f.judge(), layers: map[string]*many{}}, stated: map[string]*string{}}
	for _, layer := range ingest.Layers() {
		e.layers[layer] = &many{}
		f.Var(e.layers[layer], strings.ReplaceAll(layer, "_", "-"), a.text("flag."+layer))
	}
	f.StringVar(&e.database, "database", "", a.text("flag.database"))
	f.StringVar(&e.snapshot, "snapshot", "", a.text("flag.snapshot"))
	f.StringVar(&e.zone, "zone", "", a.text("cmd.explain.flag.zone"))
	f.Var(&e.boundary, "boundary", a.text("cmd.expand.flag.boundary"))
	f.Var(&e.removed, "removed", a.text("cmd.expand.flag.removed"))
	f.Var(&e.whole, "whole", a.text("cmd.expand.flag.whole"))
	f.StringVar(&e.kind, "kind", "", a.text("cmd.expand.flag.kind", kindNames()))
	f.Var(&e.includes, "includes", a.text("cmd.expand.flag.includes"))
	f.Var(&e.complete, "complete", a.text("cmd.expand.flag.complete"))
	f.StringVar(&e.filedNo, "filed-no", "", a.text("cmd.expand.flag.filed-no"))
	for _, name := range statedFlags() {
		e.stated[name] = f.String(name, "", a.text("cmd.expand.flag."+name))
	}
	f.StringVar(&e.changes, "change", "", a.text("cmd.expand.flag.change"))
	f.StringVar(&e.saveAs, "save-as", "", a.text("cmd.expand.flag.save-as"))
	f.StringVar(&e.unit, "unit", "ha", a.text("cmd.expand.flag.unit", strings.Join(report.ExpansionUnits(), ", ")))
	f.IntVar(&e.limit, "limit", expansion.DefaultLimit, a.text("cmd.explain.flag.limit"))
	f.StringVar(&e.format, "format", "json", a.text("flag.format", strings.Join(report.ExpansionFormats(), ", ")))
	f.StringVar(&e.out, "o", "", a.text("flag.out"))
	if err := f.parse(args, 0); err != nil {
		return err
	}
	if err := errors.Join(e.judgeFlags.check(), e.checkJoins(), e.check()); err != nil {
		return err
	}
	law, err := a.loadLaw(e.packs)
	if err != nil {
		return err
	}
	run := &expandRun{expandFlags: e, app: a, law: law}
	if err := run.read(ctx); err != nil {
		return run.refused(err)
	}
	if e.snapshot != "" {
		return run.refused(run.fromSnapshot(ctx))
	}
	return run.refused(run.fromFiles(ctx))
}

func kindNames() string {
	var names []string
	for _, k := range expansion.Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// check refuses what can't be answered before anything is read.
func (e *expandFlags) check() error {
	app := e.inputFlags.app
	wrong := func(key string, args ...any) error { return &usageError{text: app.text(key, args...)} }
	switch {
	case len(e.boundary)+len(e.removed)+len(e.whole) == 0 && e.kind != string(expansion.Upgrade):
		return wrong("cmd.expand.boundary.none")
	case !slices.Contains(report.ExpansionFormats(), e.format):
		return wrong("cmd.expand.format.wrong", e.format, strings.Join(report.ExpansionFormats(), ", "))
	case !slices.Contains(report.ExpansionUnits(), e.unit):
		return wrong("cmd.expand.unit.wrong", e.unit, strings.Join(report.ExpansionUnits(), ", "))
	case e.limit < 1:
		return wrong("cmd.explain.limit.wrong", e.limit)
	}
	return app.filesOrSnapshot(e.layers, e.snapshot)
}

// expandRun is one run of muscope expand.
type expandRun struct {
	*expandFlags
	app         *App
	law         law
	application expansion.Application
	save        func(context.Context, *expansion.Document) error // where the check is kept; nil: nowhere
}

// refused makes a refusal of the application a wrong call, in the user's
// language.
func (r *expandRun) refused(err error) error {
	if e, ok := expansion.Refused(err); ok {
		return &usageError{text: e.Message(r.app.lang), help: "expand"}
	}
	return err
}

// read makes the application of flags and boundary files.
func (r *expandRun) read(ctx context.Context) error {
	a := &r.application
	a.Kind, a.Includes, a.Complete, a.FiledNo, a.SaveAs = expansion.Kind(r.kind), r.includes, r.complete, r.filedNo, r.saveAs
	if r.zone != "" {
		a.Zone = land.ParseZoneKey(r.zone)
	}
	for i, n := range []*land.Number{&a.Stated.OldHa, &a.Stated.AddedHa, &a.Stated.RemovedHa, &a.Stated.NewHa} {
		name := statedFlags()[i]
		if text := *r.stated[name]; text != "" {
			v, err := land.ParseFixed(text)
			if err != nil {
				return &usageError{text: r.app.text("cmd.expand.ha.wrong", name, text)}
			}
			*n = land.Num(v)
		}
	}
	for _, list := range []struct {
		files []string
		part  string
	}{{r.boundary, expansion.PartAdded}, {r.removed, expansion.PartRemoved}, {r.whole, expansion.PartWhole}} {
		for _, file := range list.files {
			if err := r.readBoundary(ctx, file, list.part); err != nil {
				return err
			}
		}
	}
	if a.Zone.Code == "" {
		return &usageError{text: r.app.text("cmd.explain.zone.none")}
	}
	if a.Kind == "" {
		a.Kind = expansion.Enlargement
		if len(a.Removed)+len(a.Whole) > 0 {
			a.Kind = expansion.Adjustment
		}
	}
	if a.SaveAs != "" && (r.snapshot == "" || !snapshotName.MatchString(a.SaveAs)) {
		return &usageError{text: r.app.text("cmd.expand.save-as.wrong", a.SaveAs)}
	}
	return r.readChanges()
}

func (r *expandRun) readBoundary(ctx context.Context, name, part string) error {
	file, err := os.Open(name)
	if err != nil {
		return &usageError{text: r.app.text("cmd.expand.file.none", name, err.Error())}
	}
	err = expansion.ReadBoundary(ctx, file, expansion.ReadOptions{File: name, CRS: r.crs, Part: part, Texts: r.app.texts}, &r.application)
	return errors.Join(err, file.Close())
}

// maxChangeBytes bounds a file of changes.
const maxChangeBytes = 4 << 20

// readChanges reads the CSV of changes: parcel, field, value, with a header.
func (r *expandRun) readChanges() error {
	if r.changes == "" {
		return nil
	}
	file, err := os.Open(r.changes)
	if err != nil {
		return &usageError{text: r.app.text("cmd.expand.file.none", r.changes, err.Error())}
	}
	defer file.Close() //nolint:errcheck // read only
	rows := csv.NewReader(io.LimitReader(file, maxChangeBytes))
	rows.FieldsPerRecord = 3
	for line := 1; ; line++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &usageError{text: r.app.text("cmd.expand.change.wrong", r.changes, err.Error())}
		}
		if line == 1 {
			row[0] = strings.TrimPrefix(row[0], "\ufeff")
			if !slices.Equal(row, []string{"parcel", "field", "value"}) {
				return &usageError{text: r.app.text("cmd.expand.change.head", r.changes, strings.Join(row, ","))}
			}
			continue
		}
		r.application.Changes = append(r.application.Changes, expansion.Change{Parcel: row[0], Field: row[1], Value: expansion.Loose(row[2])})
	}
}

// fromFiles reads the files as check does.
func (r *expandRun) fromFiles(ctx context.Context) error {
	s, err := spool.Open(spool.Options{Shapes: true})
	if err != nil {
		return err
	}
	run := &checkRun{checkFlags: &r.checkFlags, app: r.app, law: r.law, spool: s}
	return errors.Join(r.answerFiles(ctx, run), s.Close())
}

func (r *expandRun) answerFiles(ctx context.Context, run *checkRun) error {
	if err := run.load(ctx); err != nil {
		return err
	}
	stats, err := run.spool.Stats(ctx)
	if err != nil {
		return err
	}
	header, err := r.app.header(headerOf{asOf: r.asOf, stats: stats, law: r.law, inputs: run.inputs})
	if err != nil {
		return err
	}
	run.spool.SetHeader(header)
	return r.answer(ctx, run.spool, header.AsOf, header.AsOfReason)
}

// fromSnapshot checks against the loads of a snapshot as they are now.
func (r *expandRun) fromSnapshot(ctx context.Context) error {
	db, err := r.app.openDatabase(ctx, r.database)
	if err != nil {
		return err
	}
	if name := r.application.SaveAs; name != "" {
		r.save = func(ctx context.Context, doc *expansion.Document) error {
			return db.SaveScenario(ctx, r.snapshot, name, "cli", doc)
		}
	}
	view, err := db.Current(ctx, r.snapshot)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(r.answerView(ctx, view), view.Close(), db.Close())
}

func (r *expandRun) answerView(ctx context.Context, view *postgis.View) error {
	stats, err := view.Stats(ctx)
	if err != nil {
		return err
	}
	header, err := r.app.header(headerOf{asOf: r.asOf, stats: stats, law: r.law})
	if err != nil {
		return err
	}
	return r.answer(ctx, view, header.AsOf, header.AsOfReason)
}

// answer checks the application and writes what was found.
func (r *expandRun) answer(ctx context.Context, source expansion.Source, asOf land.Date, reason string) error {
	r.app.say("say.as-of", asOf, r.app.text("as-of."+reason))
	doc, err := expansion.Check(ctx, source, &r.application, expansion.Options{AsOf: asOf, Packs: r.law.packs, Classes: r.law.classes,
		Texts: r.app.texts, Limit: r.limit, Engine: land.Engine{Version: version}, Snapshot: r.snapshot})
	if err != nil {
		return err
	}
	if r.save != nil {
		if err := r.save(ctx, doc); errors.Is(err, postgis.ErrScenario) {
			return &usageError{text: err.Error()}
		} else if err != nil {
			return err
		}
	}
	r.app.say("cmd.expand.say", doc.Counts.Satisfied, doc.Counts.Violated, doc.Counts.Incomputable, doc.Counts.NoLimit)
	opt := report.ExpansionOptions{Lang: r.app.lang, Unit: r.unit, Texts: r.app.texts, Now: r.app.Now()}
	if err := r.app.writeTo(r.out, func(w io.Writer) error { return report.WriteExpansion(w, r.format, doc, opt) }); err != nil {
		return fmt.Errorf("write the check: %w", err)
	}
	if r.failOn != "" && string(doc.Outcome) == r.failOn || r.failOn == string(land.Incomputable) && doc.Counts.Incomputable > 0 {
		return errMatched
	}
	return nil
}
