package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/spool"
	"github.com/muscope/muscope/geo/topology"
)

// loadFlags are the flags of muscope load.
type loadFlags struct {
	*inputFlags
	database string
	snapshot string
	append   bool
	replace  bool
	dryRun   bool
	force    bool
	rejects  string
	topology *topologyFlags
}

// load reads files of one layer into a snapshot and publishes them at once.
func (a *App) load(ctx context.Context, args []string) error {
	f := a.flags("load")
	l := &loadFlags{inputFlags: f.input()}
	f.StringVar(&l.database, "database", "", a.text("flag.database"))
	f.StringVar(&l.snapshot, "snapshot", "", a.text("flag.snapshot"))
	f.BoolVar(&l.append, "append", false, a.text("flag.append"))
	f.BoolVar(&l.replace, "replace", false, a.text("flag.replace"))
	f.BoolVar(&l.dryRun, "dry-run", false, a.text("flag.dry-run"))
	f.BoolVar(&l.force, "force", false, a.text("flag.load-force"))
	f.StringVar(&l.rejects, "rejects", "", a.text("flag.rejects"))
	l.topology = f.topology()
	if err := f.parse(args, 1<<10); err != nil {
		return err
	}
	if err := l.topology.check(); err != nil {
		return err
	}
	snapshot, err := a.snapshot(l.snapshot)
	if err != nil {
		return err
	}
	if len(f.args) == 0 || !slices.Contains(ingest.Layers(), f.args[0]) {
		layer := ""
		if len(f.args) > 0 {
			layer = f.args[0]
		}
		return &usageError{text: a.text("cmd.layer.wrong", layer, strings.Join(ingest.Layers(), ", "))}
	}
	if len(f.args) < 2 {
		return &usageError{text: a.text("cmd.file.none", f.args[0])}
	}
	if l.replace && !l.append {
		return &usageError{text: a.text("flag.replace.alone")}
	}
	if err := l.joinsFit(f.args[0], f.args[:1]); err != nil {
		return err
	}
	opt, err := l.options(ctx, f.args[0], f.args[1:])
	if err != nil {
		return err
	}
	if l.dryRun && l.proposed != "" {
		fmt.Fprint(a.Stdout, l.proposed)
	}
	db, err := a.openDatabase(ctx, l.database)
	if err != nil {
		return err
	}
	run := &loadRun{app: a, db: db, layer: f.args[0], opt: opt, flags: l, snapshot: snapshot}
	return errors.Join(run.run(ctx), db.Close())
}

// loadRun is one run of muscope load.
type loadRun struct {
	app   *App
	db    *database
	layer string
	opt   ingest.Options
	kept  *rejectFile

	flags    *loadFlags
	snapshot string
	shapes   *spool.Shapes // while the topology is asked for
}

func (r *loadRun) run(ctx context.Context) (err error) {
	l, snapshot := r.flags, r.snapshot
	r.kept, err = r.app.keepRejects(l.rejects)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.kept.close()) }()
	if l.dryRun {
		rows, err := r.db.ZoneRows(ctx, snapshot)
		if err != nil {
			return err
		}
		_, err = r.read(ctx, rows, ingest.Discard{}, func(*land.Reject) {})
		return err
	}
	if same, err := r.unchanged(ctx, l); same || err != nil {
		return err
	}
	load, err := r.db.BeginLoad(ctx, postgis.LoadOptions{Snapshot: snapshot, Layer: r.layer, Append: l.append, By: userName()})
	if err != nil {
		return err
	}
	if err := r.fill(ctx, load, l); err != nil {
		return errors.Join(err, load.Abort())
	}
	r.app.say("say.loaded", snapshot, r.app.text("layer."+r.layer))
	return nil
}

// unchanged reports that the layer was loaded from the same files with the same
// settings, and says so: loading them again would change nothing.
func (r *loadRun) unchanged(ctx context.Context, l *loadFlags) (bool, error) {
	if l.append || l.force {
		return false, nil
	}
	loads, err := r.db.Loads(ctx, r.snapshot)
	if err != nil {
		if errors.Is(err, postgis.ErrNoSnapshot) {
			return false, nil
		}
		return false, err
	}
	current := slices.DeleteFunc(loads, func(b postgis.LoadRecord) bool { return b.Layer != r.layer || b.State != "published" })
	if len(current) != 1 {
		return false, nil
	}
	same, err := ingest.Unchanged(r.layer, r.opt, current[0].Inputs)
	if !same || err != nil {
		return false, err
	}
	b := current[0]
	r.app.say("say.unchanged", r.snapshot, r.app.text("layer."+r.layer), b.ID, b.LoadedBy, b.Started.In(chinaTime()).Format("2006-01-02 15:04"))
	return true, nil
}

// fill reads the files into the load and publishes it.
func (r *loadRun) fill(ctx context.Context, load *postgis.Load, l *loadFlags) error {
	if l.append {
		after, err := load.After(ctx)
		if err != nil {
			return err
		}
		r.opt.After, r.opt.Existing = after, load.Existing
		if l.replace {
			r.opt.Replace = load.Replace
		}
	}
	rows, err := load.Zones(ctx)
	if err != nil {
		return err
	}
	result, err := r.read(ctx, rows, load, load.Reject)
	if err != nil {
		return err
	}
	unmatched, err := load.Unmatched(ctx)
	if err != nil {
		return err
	}
	if err := result.Tell(r.opt, r.layer, unmatched); err != nil {
		return err
	}
	return load.Publish(ctx, postgis.Published{Inputs: result.Inputs, Counts: result.Counts})
}

func (r *loadRun) read(ctx context.Context, zones []ingest.ZoneRow, sink ingest.Sink, keep func(*land.Reject)) (*ingest.Result, error) {
	line := r.app.progress()
	shown := 0
	r.opt.Progress = func(bytes, features int64) {
		line.show("%s", r.app.text("progress.load", r.app.text("layer."+r.layer), features, float64(bytes)/1e6))
	}
	r.opt.Rejects = func(rej *land.Reject) {
		r.app.sayReject(rej, &shown)
		r.kept.add(rej)
		keep(rej)
	}
	sink, err := r.watchShapes(ctx, zones, sink)
	if err != nil {
		return nil, err
	}
	result, err := r.readLayer(ctx, zones, sink)
	line.done()
	if result != nil {
		r.app.sayInputs(result.Inputs)
	}
	return result, errors.Join(r.checkTopology(ctx, result, err == nil), err)
}

func (r *loadRun) readLayer(ctx context.Context, zones []ingest.ZoneRow, sink ingest.Sink) (*ingest.Result, error) {
	switch r.layer {
	case ingest.LayerZones:
		result, _, err := ingest.LoadZones(ctx, r.opt, sink)
		return result, err
	case ingest.LayerStats:
		r.knowZones(zones)
		return ingest.LoadStats(ctx, r.opt, sink)
	case ingest.LayerApprovals:
		return ingest.LoadApprovals(ctx, r.opt, nil, sink)
	case ingest.LayerBuildings:
		return ingest.LoadBuildings(ctx, r.opt, sink)
	case ingest.LayerConstraints:
		return ingest.LoadConstraints(ctx, r.opt, sink)
	}
	if slices.Contains(ingest.Tables(), r.layer) {
		if len(zones) > 0 {
			r.knowZones(zones)
		}
		return ingest.LoadTable(ctx, r.layer, r.opt, sink)
	}
	locator, err := ingest.NewLocator(zones)
	if err != nil {
		return nil, err
	}
	return ingest.LoadParcels(ctx, r.opt, locator, sink)
}

// watchShapes puts the topology check before the sink, where it is asked for
// or a dry run is to tell everything.
func (r *loadRun) watchShapes(ctx context.Context, zones []ingest.ZoneRow, sink ingest.Sink) (ingest.Sink, error) {
	shaped := []string{ingest.LayerZones, ingest.LayerParcels, ingest.LayerBuildings}
	if r.flags.topology.out == "" && !r.flags.dryRun || !slices.Contains(shaped, r.layer) {
		return sink, nil
	}
	var err error
	if r.shapes, err = spool.OpenShapes("", sink); err != nil {
		return nil, err
	}
	switch r.layer {
	case ingest.LayerParcels:
		err = r.shapes.KnowZones(zones)
	case ingest.LayerBuildings:
		err = r.knowParcels(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, r.shapes.Close())
	}
	return r.shapes, nil
}

// knowParcels takes the parcels of the snapshot, which buildings stand on.
func (r *loadRun) knowParcels(ctx context.Context) error {
	view, err := r.db.Current(ctx, r.snapshot)
	if errors.Is(err, postgis.ErrNoSnapshot) {
		return nil
	}
	if err != nil {
		return err
	}
	w := r.shapes.Writer()
	everywhere := orb.Bound{Min: orb.Point{-180, -85}, Max: orb.Point{180, 85}}
	err = view.ParcelsNear(ctx, everywhere, []string{"id", "right_layer"}, func(p *land.Part, mp orb.MultiPolygon) error { return r.shapes.KnowParcel(w, &p.Parcel, mp) })
	return errors.Join(err, w.Close(), view.Close())
}

// checkTopology checks what was read, if all was, and lets the shapes go.
func (r *loadRun) checkTopology(ctx context.Context, result *ingest.Result, whole bool) error {
	if r.shapes == nil {
		return nil
	}
	shapes := r.shapes
	r.shapes = nil
	if !whole {
		return shapes.Close()
	}
	tell, err := ingest.NewTopologyTeller(r.opt, r.flags.topology.tol, map[string]*ingest.Result{r.layer: result})
	if err != nil {
		return errors.Join(err, shapes.Close())
	}
	run := topologyRun{topologyFlags: r.flags.topology, shapes: shapes, tell: tell, keep: r.opt.Rejects}
	if r.layer == ingest.LayerBuildings {
		run.only = topology.Building
	}
	return errors.Join(run.run(ctx), shapes.Close())
}

func (r *loadRun) knowZones(zones []ingest.ZoneRow) {
	r.opt.KnownZones = map[string]bool{}
	for _, z := range zones {
		r.opt.KnownZones[z.Zone.Code] = true
	}
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}
