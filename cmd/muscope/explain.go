package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/explain"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/spool"
)

// explainFlags are the flags of muscope explain.
type explainFlags struct {
	checkFlags
	database string
	snapshot string
	zone     string
	parcel   string
	limit    int
}

// explain says why a figure or a verdict is so, of files or of a snapshot.
func (a *App) explain(ctx context.Context, args []string) error {
	f := a.flags("explain")
	e := &explainFlags{checkFlags: checkFlags{inputFlags: f.input(), judgeFlags: &judgeFlags{app: a}, layers: map[string]*many{}}}
	for _, layer := range ingest.Layers() {
		e.layers[layer] = &many{}
		f.Var(e.layers[layer], strings.ReplaceAll(layer, "_", "-"), a.text("flag."+layer))
	}
	f.StringVar(&e.asOf, "as-of", "", a.text("flag.as-of"))
	f.Var(&e.packs, "pack", a.text("flag.pack"))
	f.StringVar(&e.database, "database", "", a.text("flag.database"))
	f.StringVar(&e.snapshot, "snapshot", "", a.text("flag.snapshot"))
	f.StringVar(&e.zone, "zone", "", a.text("cmd.explain.flag.zone"))
	f.StringVar(&e.parcel, "parcel", "", a.text("cmd.explain.flag.parcel"))
	f.IntVar(&e.limit, "limit", explain.DefaultLimit, a.text("cmd.explain.flag.limit"))
	f.StringVar(&e.format, "format", "text", a.text("flag.format", "text, json"))
	f.StringVar(&e.out, "o", "", a.text("flag.out"))
	if err := f.parse(args, 1); err != nil {
		return err
	}
	if err := errors.Join(e.judgeFlags.check(), e.checkJoins(), e.check(f.args)); err != nil {
		return err
	}
	law, err := a.loadLaw(e.packs)
	if err != nil {
		return err
	}
	run := &explainRun{explainFlags: e, app: a, law: law, what: f.args[0]}
	if e.snapshot != "" {
		return run.fromSnapshot(ctx)
	}
	return run.fromFiles(ctx)
}

// check refuses what can't be answered before anything is read.
func (e *explainFlags) check(args []string) error {
	app := e.inputFlags.app
	wrong := func(key string, args ...any) error { return &usageError{text: app.text(key, args...)} }
	switch {
	case len(args) == 0:
		return wrong("cmd.explain.what.none")
	case e.zone == "":
		return wrong("cmd.explain.zone.none")
	case e.limit < 1:
		return wrong("cmd.explain.limit.wrong", e.limit)
	case !slices.Contains([]string{"text", "json"}, e.format):
		return wrong("cmd.explain.format.wrong", e.format)
	}
	return app.filesOrSnapshot(e.layers, e.snapshot)
}

// filesOrSnapshot refuses a question about files and a snapshot at once, and one
// about files without zones or parcels.
func (a *App) filesOrSnapshot(layers map[string]*many, snapshot string) error {
	files := 0
	for _, list := range layers {
		files += len(*list)
	}
	switch {
	case snapshot != "" && files > 0:
		return &usageError{text: a.text("cmd.explain.both")}
	case snapshot != "":
		_, err := a.snapshot(snapshot)
		return err
	}
	for _, layer := range []string{ingest.LayerZones, ingest.LayerParcels} {
		if len(*layers[layer]) == 0 {
			return &usageError{text: a.text("cmd.explain.files.none", layer)}
		}
	}
	return nil
}

// explainRun is one run of muscope explain.
type explainRun struct {
	*explainFlags
	app  *App
	law  law
	what string
}

// fromFiles reads the files as check does.
func (r *explainRun) fromFiles(ctx context.Context) error {
	s, err := spool.Open(spool.Options{})
	if err != nil {
		return err
	}
	run := &checkRun{checkFlags: &r.checkFlags, app: r.app, law: r.law, spool: s}
	return errors.Join(r.answerFiles(ctx, run), s.Close())
}

func (r *explainRun) answerFiles(ctx context.Context, run *checkRun) error {
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
	r.app.say("say.as-of", header.AsOf, r.app.text("as-of."+header.AsOfReason))
	return r.answer(ctx, run.spool, header, run.inputs)
}

// fromSnapshot explains the snapshot's current analysis or, where it hasn't
// been analyzed, its loads.
func (r *explainRun) fromSnapshot(ctx context.Context) error {
	db, err := r.app.openDatabase(ctx, r.database)
	if err != nil {
		return err
	}
	return errors.Join(r.answerSnapshot(ctx, db), db.Close())
}

func (r *explainRun) answerSnapshot(ctx context.Context, db *database) error {
	view, err := db.Analyzed(ctx, r.snapshot, nil)
	if errors.Is(err, postgis.ErrNotAnalyzed) {
		view, err = db.Current(ctx, r.snapshot)
	}
	if err != nil {
		return err
	}
	return errors.Join(r.answerView(ctx, view), view.Close())
}

func (r *explainRun) answerView(ctx context.Context, view *postgis.View) error {
	inputs, err := view.Inputs(ctx)
	if err != nil {
		return err
	}
	header, err := r.viewHeader(ctx, view, inputs)
	if err != nil {
		return err
	}
	r.app.say("say.as-of", header.AsOf, r.app.text("as-of."+header.AsOfReason))
	return r.answer(ctx, view, header, inputs)
}

// viewHeader is the header of the analysis that is explained: the stored one,
// unless another date is asked for or there is none.
func (r *explainRun) viewHeader(ctx context.Context, view *postgis.View, inputs []land.Input) (land.Header, error) {
	if view.Analysis != 0 {
		header, err := view.Header(ctx)
		if err != nil || r.asOf == "" || r.asOf == header.AsOf.String() {
			return header, err
		}
	}
	stats, err := view.Stats(ctx)
	if err != nil {
		return land.Header{}, err
	}
	header, err := r.app.header(headerOf{asOf: r.asOf, stats: stats, law: r.law, inputs: inputs})
	header.Snapshot, header.AnalysisID = r.snapshot, "" // nobody has stored it
	return header, err
}

// answer writes the explanation.
func (r *explainRun) answer(ctx context.Context, source analysis.Source, header land.Header, inputs []land.Input) error {
	opt := explain.Options{Zone: land.ParseZoneKey(r.zone), What: r.what, Parcel: r.parcel, AsOf: header.AsOf, Packs: r.law.packs,
		Classes: r.law.classes, Limit: r.limit, Texts: r.app.texts, Snapshot: header.Snapshot, AnalysisID: header.AnalysisID}
	for _, in := range inputs {
		if in.Layer == ingest.LayerParcels {
			opt.Files = append(opt.Files, in.File)
		}
	}
	for _, p := range r.law.packs {
		if pack, _, _ := strings.Cut(r.what, "#"); pack == p.ID && !slices.Contains(header.Packs, p.Ref()) {
			opt.AnalysisID = "" // judged by another pack than the stored analysis
		}
	}
	d, err := explain.Explain(ctx, source, opt)
	if errors.Is(err, explain.ErrNotFound) || errors.Is(err, explain.ErrQuestion) {
		return &usageError{text: err.Error()}
	}
	if err != nil {
		return err
	}
	return r.app.writeTo(r.out, func(w io.Writer) error {
		if r.format == "json" {
			return explain.WriteJSON(w, d)
		}
		return explain.WriteText(w, d, r.app.lang, r.app.texts)
	})
}
