package main

import (
	"context"
	"errors"
	"strings"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/data/postgis"
)

// analyze judges a snapshot and publishes the result.
func (a *App) analyze(ctx context.Context, args []string) error {
	f := a.flags("analyze")
	j := f.judge()
	database := f.String("database", "", a.text("flag.database"))
	name := f.String("snapshot", "", a.text("flag.snapshot"))
	var zones many
	f.Var(&zones, "zone", a.text("flag.zone"))
	if err := f.parse(args, 0); err != nil {
		return err
	}
	snapshot, err := a.snapshot(*name)
	if err := errors.Join(err, j.check()); err != nil {
		return err
	}
	l, err := a.loadLaw(j.packs)
	if err != nil {
		return err
	}
	db, err := a.openDatabase(ctx, *database)
	if err != nil {
		return err
	}
	run := &analyzeRun{app: a, db: db, law: l, judge: j, snapshot: snapshot, zones: zones}
	return errors.Join(run.run(ctx), db.Close())
}

// analyzeRun is one run of muscope analyze.
type analyzeRun struct {
	app      *App
	db       *database
	law      law
	judge    *judgeFlags
	snapshot string
	zones    []string // those to analyze; none is all
	tally    *tally
}

func (r *analyzeRun) run(ctx context.Context) error {
	r.tally = &tally{judge: r.judge}
	if err := r.store(ctx); err != nil {
		return err
	}
	return r.app.conclude(r.tally)
}

// store analyzes the loads that are current now and publishes the results.
func (r *analyzeRun) store(ctx context.Context) error {
	view, err := r.db.Current(ctx, r.snapshot)
	if err != nil {
		return err
	}
	return errors.Join(r.analyze(ctx, view), view.Close())
}

func (r *analyzeRun) analyze(ctx context.Context, view *postgis.View) error {
	stats, err := view.Stats(ctx)
	if err != nil {
		return err
	}
	inputs, err := view.Inputs(ctx)
	if err != nil {
		return err
	}
	header, err := r.app.header(headerOf{asOf: r.judge.asOf, stats: stats, law: r.law, inputs: inputs, zones: r.zones})
	if err != nil {
		return err
	}
	header.Snapshot = r.snapshot
	r.app.say("say.as-of", header.AsOf, r.app.text("as-of."+header.AsOfReason))
	results, err := r.db.BeginAnalysis(ctx, view, postgis.AnalysisOptions{Header: header, By: userName()})
	if err != nil {
		return err
	}
	line := r.app.progress()
	err = analysis.Run(ctx, analysis.Options{AsOf: header.AsOf, Packs: r.law.packs, Classes: r.law.classes, Zones: r.zones,
		Progress: func(done, total int) { line.show("%s", r.app.text("progress.analyze", done, total)) }}, view, r.tally.over(results))
	line.done()
	if err != nil {
		return errors.Join(err, results.Abort())
	}
	if err := results.Publish(ctx); err != nil {
		return err
	}
	r.app.say("say.analyzed", r.snapshot, header.AnalysisID)
	if len(r.zones) > 0 {
		r.app.say("say.partial", strings.Join(r.zones, ", "))
	}
	return nil
}

// settings are what decides a result beside inputs, date and packs.
func settings(zones []string, law law) map[string]string {
	s := map[string]string{"engine": version}
	if law.classesDigest != "" {
		s["classes"] = law.classesDigest
	}
	if len(zones) > 0 {
		s["zones"] = strings.Join(zones, " ")
	}
	return s
}
