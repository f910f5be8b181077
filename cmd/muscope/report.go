package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
)

// report writes the current analysis of a snapshot.
func (a *App) report(ctx context.Context, args []string) error {
	f := a.flags("report")
	j := f.judge()
	database := f.String("database", "", a.text("flag.database"))
	name := f.String("snapshot", "", a.text("flag.snapshot"))
	zone := f.String("zone", "", a.text("flag.zone"))
	format := f.String("format", "html", a.text("flag.format", strings.Join(report.Formats(), ", ")))
	out := f.String("o", "", a.text("flag.out"))
	if err := f.parse(args, 0); err != nil {
		return err
	}
	snapshot, err := a.snapshot(*name)
	if err := errors.Join(err, j.check()); err != nil {
		return err
	}
	if err := report.Check(*format); err != nil {
		return &usageError{text: err.Error()}
	}
	l, err := a.loadLaw(j.packs)
	if err != nil {
		return err
	}
	db, err := a.openDatabase(ctx, *database)
	if err != nil {
		return err
	}
	opt := report.Options{Lang: a.lang, Texts: a.texts, Packs: l.bases(), Now: a.Now()}
	if *zone != "" {
		key := land.ParseZoneKey(*zone)
		opt.Zone = &key
	}
	return errors.Join(a.reportFrom(ctx, db, snapshot, *format, *out, opt, j), db.Close())
}

func (a *App) reportFrom(ctx context.Context, db *database, snapshot, format, out string, opt report.Options, j *judgeFlags) error {
	view, err := db.Analyzed(ctx, snapshot, nil)
	if err != nil {
		return err
	}
	err = a.asOfFits(ctx, view, j)
	if err == nil {
		err = a.sayStale(ctx, db, snapshot)
	}
	if err == nil {
		err = a.writeTo(out, func(w io.Writer) error { return report.Write(ctx, w, format, view, opt) })
	}
	if err == nil {
		err = a.concludeKept(ctx, view, j, opt.Zone)
	}
	return errors.Join(err, view.Close())
}

func (a *App) concludeKept(ctx context.Context, src report.Source, j *judgeFlags, zone *land.ZoneKey) error {
	t, err := a.tallyOf(ctx, src, j, zone)
	if err != nil {
		return err
	}
	return a.conclude(t)
}

// sayStale says where layers were loaded after the analysis.
func (a *App) sayStale(ctx context.Context, db *database, snapshot string) error {
	list, err := db.Snapshots(ctx)
	for _, s := range list {
		if s.Name == snapshot && s.Stale {
			a.say("say.stale", snapshot, snapshot)
		}
	}
	return err
}

// asOfFits refuses an --as-of that is not the analysis's: a report shows what
// was analyzed, and computes nothing.
func (a *App) asOfFits(ctx context.Context, src report.Source, j *judgeFlags) error {
	if j.asOf == "" {
		return nil
	}
	header, err := src.Header(ctx)
	if err != nil {
		return err
	}
	if header.AsOf.String() != j.asOf {
		return &usageError{text: a.text("flag.as-of.other", header.AsOf, j.asOf, header.Snapshot, j.asOf)}
	}
	return nil
}
