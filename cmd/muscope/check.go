package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/spool"
)

// checkFlags are the flags of muscope check.
type checkFlags struct {
	*inputFlags
	*judgeFlags
	layers  map[string]*many
	format  string
	out     string
	rejects string

	topology *topologyFlags
}

// check analyzes files without a database: everything passes through bounded
// temporary files.
func (a *App) check(ctx context.Context, args []string) error {
	f := a.flags("check")
	c := &checkFlags{inputFlags: f.input(), judgeFlags: f.judge(), layers: map[string]*many{}}
	for _, layer := range ingest.Layers() {
		c.layers[layer] = &many{}
		f.Var(c.layers[layer], strings.ReplaceAll(layer, "_", "-"), a.text("flag."+layer))
	}
	f.StringVar(&c.format, "format", "json", a.text("flag.format", strings.Join(report.Formats(), ", ")))
	f.StringVar(&c.out, "o", "", a.text("flag.out"))
	f.StringVar(&c.rejects, "rejects", "", a.text("flag.rejects"))
	c.topology = f.topology()
	if err := f.parse(args, 0); err != nil {
		return err
	}
	if err := errors.Join(report.Check(c.format), c.judgeFlags.check(), c.topology.check()); err != nil {
		return &usageError{text: err.Error()}
	}
	for _, layer := range []string{ingest.LayerZones, ingest.LayerParcels} {
		if len(*c.layers[layer]) == 0 {
			return &usageError{text: a.text("cmd.layer.none", layer)}
		}
	}
	if err := c.checkJoins(); err != nil {
		return err
	}
	law, err := a.loadLaw(c.packs)
	if err != nil {
		return err
	}
	s, err := spool.Open(spool.Options{Shapes: report.Shapes(c.format), Records: report.Records(c.format)})
	if err != nil {
		return err
	}
	run := &checkRun{checkFlags: c, app: a, law: law, spool: s, tally: &tally{judge: c.judgeFlags}}
	if c.topology.out != "" {
		if run.shapes, err = spool.OpenShapes("", s); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	err = run.all(ctx)
	if run.shapes != nil { // the load failed before
		err = errors.Join(err, run.shapes.Close())
	}
	return errors.Join(err, s.Close())
}

// checkRun is one run of muscope check.
type checkRun struct {
	*checkFlags
	app   *App
	law   law
	spool *spool.Spool
	tally *tally

	shapes *spool.Shapes // nil: the topology isn't asked for

	inputs    []land.Input
	locator   *ingest.Locator
	known     map[string]bool // zone codes
	rejectErr error
	shown     int
}

func (r *checkRun) all(ctx context.Context) error {
	if err := r.load(ctx); err != nil {
		return err
	}
	if err := r.judge(ctx); err != nil {
		return err
	}
	return r.write(ctx)
}

// sink is where the layers go: the spool, behind the shapes where the topology
// is asked for.
func (r *checkRun) sink() ingest.Sink {
	if r.shapes != nil {
		return r.shapes
	}
	return r.spool
}

// layerReader reads the files of a layer.
type layerReader func(context.Context, ingest.Options) (*ingest.Result, error)

// order is the order in which check reads the layers: zones first, since the
// others lie in them, and tables before the parcels they speak of.
func (r *checkRun) order() []string {
	order := append([]string{ingest.LayerZones, ingest.LayerStats, ingest.LayerApprovals}, ingest.Tables()...)
	return append(order, ingest.LayerParcels, ingest.LayerBuildings, ingest.LayerConstraints)
}

func (r *checkRun) reader(layer string) layerReader {
	switch layer {
	case ingest.LayerZones:
		return r.loadZones
	case ingest.LayerStats:
		return func(ctx context.Context, opt ingest.Options) (*ingest.Result, error) {
			return ingest.LoadStats(ctx, opt, r.sink())
		}
	case ingest.LayerApprovals:
		return func(ctx context.Context, opt ingest.Options) (*ingest.Result, error) {
			return ingest.LoadApprovals(ctx, opt, r.locator, r.sink())
		}
	case ingest.LayerParcels:
		return func(ctx context.Context, opt ingest.Options) (*ingest.Result, error) {
			return ingest.LoadParcels(ctx, opt, r.locator, r.sink())
		}
	case ingest.LayerBuildings:
		return func(ctx context.Context, opt ingest.Options) (*ingest.Result, error) {
			return ingest.LoadBuildings(ctx, opt, r.sink())
		}
	case ingest.LayerConstraints:
		return func(ctx context.Context, opt ingest.Options) (*ingest.Result, error) {
			return ingest.LoadConstraints(ctx, opt, r.sink())
		}
	}
	return func(ctx context.Context, opt ingest.Options) (*ingest.Result, error) {
		opt.KnownZones = r.known
		return ingest.LoadTable(ctx, layer, opt, r.sink())
	}
}

// load reads the layers.
func (r *checkRun) load(ctx context.Context) error {
	results := map[string]*ingest.Result{}
	for _, layer := range r.order() {
		if len(*r.layers[layer]) == 0 {
			continue
		}
		result, err := r.loadLayer(ctx, layer)
		if result != nil {
			r.app.sayInputs(result.Inputs)
			results[layer] = result
		}
		if err := errors.Join(err, r.rejectErr); err != nil {
			return err
		}
	}
	r.locator = nil // of no more use, and large where zones are many
	if err := errors.Join(r.checkTopology(ctx, results), r.rejectErr); err != nil {
		return err
	}
	if err := r.spool.Loaded(); err != nil {
		return err
	}
	for _, layer := range r.order() {
		result := results[layer]
		if result == nil {
			continue
		}
		opt := ingest.Options{Lang: r.app.lang, Texts: r.app.texts, Rejects: r.keepReject}
		if err := errors.Join(result.Tell(opt, layer, r.spool.Unmatched()), r.rejectErr); err != nil {
			return err
		}
		r.inputs = append(r.inputs, result.Inputs...)
	}
	return nil
}

func (r *checkRun) loadLayer(ctx context.Context, layer string) (*ingest.Result, error) {
	opt, err := r.options(ctx, layer, *r.layers[layer])
	if err != nil {
		return nil, err
	}
	line := r.app.progress()
	defer line.done()
	opt.Progress = func(bytes, features int64) {
		line.show("%s", r.app.text("progress.load", r.app.text("layer."+layer), features, float64(bytes)/1e6))
	}
	opt.Rejects = r.keepReject
	return r.reader(layer)(ctx, opt)
}

func (r *checkRun) loadZones(ctx context.Context, opt ingest.Options) (*ingest.Result, error) {
	result, rows, err := ingest.LoadZones(ctx, opt, r.sink())
	if err != nil {
		return result, err
	}
	r.known = map[string]bool{}
	for _, z := range rows {
		r.known[z.Zone.Code] = true
	}
	r.locator, err = ingest.NewLocator(rows)
	return result, err
}

// keepReject shows the first lines of the load report and keeps all of it.
func (r *checkRun) keepReject(rej *land.Reject) {
	r.app.sayReject(rej, &r.shown)
	if err := r.spool.Reject(rej); err != nil && r.rejectErr == nil {
		r.rejectErr = err
	}
}

func (r *checkRun) judge(ctx context.Context) error {
	stats, err := r.spool.Stats(ctx)
	if err != nil {
		return err
	}
	header, err := r.app.header(headerOf{asOf: r.asOf, stats: stats, law: r.law, inputs: r.inputs})
	if err != nil {
		return err
	}
	r.spool.SetHeader(header)
	r.app.say("say.as-of", header.AsOf, r.app.text("as-of."+header.AsOfReason))
	line := r.app.progress()
	defer line.done()
	err = analysis.Run(ctx, analysis.Options{AsOf: header.AsOf, Packs: r.law.packs, Classes: r.law.classes,
		Progress: func(done, total int) { line.show("%s", r.app.text("progress.analyze", done, total)) }}, r.spool, r.tally.over(r.spool.Results()))
	if err != nil {
		return err
	}
	return r.spool.Analyzed()
}

func (r *checkRun) write(ctx context.Context) error {
	opt := report.Options{Lang: r.app.lang, Texts: r.app.texts, Packs: r.law.bases(), Now: r.app.Now()}
	err := r.app.writeTo(r.out, func(w io.Writer) error { return report.Write(ctx, w, r.format, r.spool.Report(), opt) })
	if err != nil {
		return err
	}
	if r.rejects != "" {
		if err := r.app.writeTo(r.rejects, func(w io.Writer) error { return writeRejects(ctx, w, r.spool) }); err != nil {
			return err
		}
	}
	r.app.say("say.temporary", float64(r.spool.Bytes())/1e6)
	return r.app.conclude(r.tally)
}

// writeRejects writes the load report, one JSON object a line.
func writeRejects(ctx context.Context, w io.Writer, src report.Source) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return src.Rejects(ctx, func(rej *land.Reject) error { return enc.Encode(rej) })
}

// headerOf is what a header is made of.
type headerOf struct {
	asOf   string // as given; "" is by default
	stats  []land.Stats
	law    law
	inputs []land.Input
	zones  []string // those to analyze; none is all
}

// header says what is analyzed, as of when and by which law.
func (a *App) header(of headerOf) (land.Header, error) {
	h := land.Header{Engine: land.Engine{Version: version}, Inputs: of.inputs}
	if of.asOf != "" {
		day, err := land.ParseDate(of.asOf)
		if err != nil {
			return h, &usageError{text: a.text("flag.as-of.wrong", of.asOf)}
		}
		h.AsOf, h.AsOfReason = day, analysis.AsOfGiven
	} else {
		h.AsOf, h.AsOfReason = analysis.DefaultAsOf(of.stats, a.today())
	}
	for _, p := range of.law.packs {
		h.Packs = append(h.Packs, p.Ref())
	}
	var err error
	h.AnalysisID, err = analysis.ID(of.inputs, h.AsOf, h.Packs, settings(of.zones, of.law))
	return h, err
}

// shownRejects is how many lines of the load report go to the terminal.
const shownRejects = 20

func (a *App) sayReject(rej *land.Reject, shown *int) {
	if *shown++; *shown > shownRejects {
		if *shown == shownRejects+1 {
			a.say("say.more-rejects", shownRejects)
		}
		return
	}
	where := rej.File
	if rej.Feature > 0 {
		where = fmt.Sprintf("%s #%d", where, rej.Feature)
	}
	if rej.ID != "" {
		where += " " + rej.ID
	}
	if rej.Field != "" {
		where += " " + rej.Field
	}
	if rej.Place != nil {
		where += fmt.Sprintf(" @ %.7f,%.7f", rej.Place[0], rej.Place[1])
	}
	a.say("say.reject", a.text("severity."+string(rej.Severity)), where, rej.Reason, rej.Remedy)
}

func (a *App) sayInputs(inputs []land.Input) {
	for _, in := range inputs {
		a.say("say.input", a.text("layer."+in.Layer), in.File, in.Features, in.Loaded, in.Rejected, in.Repaired, in.Warnings)
	}
}
