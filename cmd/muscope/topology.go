package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/spool"
	"github.com/muscope/muscope/geo/geojson"
	"github.com/muscope/muscope/geo/topology"
)

// topologyFlags say whether and how the topology of what is loaded is checked.
type topologyFlags struct {
	app *App
	out string
	tol topology.Tolerance
}

func (f *flagSet) topology() *topologyFlags {
	t := &topologyFlags{app: f.app}
	f.StringVar(&t.out, "topology", "", f.app.text("flag.topology"))
	f.Float64Var(&t.tol.M, "tolerance", topology.DefaultM, f.app.text("flag.tolerance", topology.DefaultM))
	f.Float64Var(&t.tol.GapMaxM2, "gap-max", topology.DefaultGapMaxM2, f.app.text("flag.gap-max", float64(topology.DefaultGapMaxM2)))
	return t
}

func (t *topologyFlags) check() error {
	if !(t.tol.M > 0 && t.tol.M <= 100) || !(t.tol.GapMaxM2 > 0) {
		return &usageError{text: t.app.text("flag.tolerance.wrong", t.tol.M, t.tol.GapMaxM2)}
	}
	return nil
}

// topologyRun finds what is wrong between the shapes that were loaded, tells
// it to the load report and writes the places.
type topologyRun struct {
	*topologyFlags
	shapes *spool.Shapes
	tell   *ingest.TopologyTeller
	keep   func(*land.Reject)
	only   topology.Kind // of A; 0 for all
	counts map[string]int64
	total  int64
}

// run checks and prints a line for each code. Without a file to write the
// findings go to the load report alone.
func (t *topologyRun) run(ctx context.Context) error {
	t.counts = map[string]int64{}
	var err error
	if t.out == "" {
		err = t.each(ctx, func(*land.Reject, *topology.Finding) error { return nil })
	} else {
		err = t.app.writeTo(t.out, func(w io.Writer) error { return t.write(ctx, w) })
	}
	if err != nil {
		return err
	}
	t.app.say("say.topology.head", t.tol.M, t.tol.GapMaxM2, t.total)
	for _, code := range slices.Sorted(maps.Keys(t.counts)) {
		t.app.say("say.topology.code", code, t.counts[code])
	}
	return nil
}

func (t *topologyRun) each(ctx context.Context, do func(*land.Reject, *topology.Finding) error) error {
	return t.shapes.Check(ctx, t.tol, func(f *topology.Finding) error {
		if t.only != 0 && f.A.Kind != t.only {
			return nil
		}
		r := t.tell.Tell(f)
		t.keep(r)
		t.counts[r.Code]++
		t.total++
		return do(r, f)
	})
}

// write writes the findings as GeoJSON: the land at fault where it is land,
// else the points, and the counts by code after the last.
func (t *topologyRun) write(ctx context.Context, to io.Writer) error {
	w := bufio.NewWriterSize(to, 1<<16)
	fmt.Fprintf(w, `{"type":"FeatureCollection","tolerance_m":%g,"gap_max_m2":%g,"features":[`, t.tol.M, t.tol.GapMaxM2)
	var line []byte
	err := t.each(ctx, func(r *land.Reject, f *topology.Finding) error {
		if t.total > 1 {
			w.WriteByte(',')
		}
		properties, err := json.Marshal(place{Reject: r, Other: f.B.ID, OtherLayer: otherLayer(f), AreaM2: f.AreaM2, WidthM: f.WidthM,
			Share: f.Share, Count: f.Count, Computed: f.Computed, Near: [2]float64(f.Near.Point)})
		if err != nil {
			return fmt.Errorf("write a finding: %w", err)
		}
		geometry := f.Geometry
		if geometry == nil {
			geometry = orb.Point(f.Place)
		}
		line = append(line[:0], "\n"+`{"type":"Feature","geometry":`...)
		line = append(geojson.AppendGeometry(line, geometry), `,"properties":`...)
		line = append(append(line, properties...), '}')
		_, err = w.Write(line)
		return err
	})
	if err != nil {
		return err
	}
	counts, err := json.Marshal(t.counts)
	if err != nil {
		return fmt.Errorf("write the counts: %w", err)
	}
	fmt.Fprintf(w, "\n],\"counts\":%s}\n", counts)
	return w.Flush()
}

// place is the properties of a finding in GeoJSON: its line of the load report
// and its figures.
type place struct {
	*land.Reject
	Other      string     `json:"other,omitempty"`
	OtherLayer string     `json:"other_layer,omitempty"`
	AreaM2     float64    `json:"area_m2,omitempty"`
	WidthM     float64    `json:"width_m,omitempty"` // mean
	Share      float64    `json:"share,omitempty"`   // of the feature
	Count      int        `json:"count,omitempty"`
	Computed   bool       `json:"place_computed"`
	Near       [2]float64 `json:"nearest_vertex"`
}

func otherLayer(f *topology.Finding) string {
	switch f.B.Kind {
	case topology.Zone:
		return ingest.LayerZones
	case topology.Parcel:
		return ingest.LayerParcels
	case topology.Building:
		return ingest.LayerBuildings
	}
	return ""
}

// checkTopology checks what muscope check has loaded.
func (r *checkRun) checkTopology(ctx context.Context, results map[string]*ingest.Result) error {
	if r.shapes == nil {
		return nil
	}
	opt := ingest.Options{Lang: r.app.lang, Texts: r.app.texts}
	tell, err := ingest.NewTopologyTeller(opt, r.topology.tol, results)
	if err != nil {
		return err
	}
	run := topologyRun{topologyFlags: r.topology, shapes: r.shapes, tell: tell, keep: r.keepReject}
	err = errors.Join(run.run(ctx), r.shapes.Close())
	r.shapes = nil
	return err
}
