package ingest

import (
	"context"
	"errors"
	"math"

	"github.com/muscope/muscope/analysis/land"
)

func parcelLayer() layerOf[land.Parcel] {
	return layerOf[land.Parcel]{
		fields: land.ParcelFields(), idName: "id",
		id:     func(p *land.Parcel) *string { return &p.ID },
		source: func(p *land.Parcel) *land.Source { return &p.Source },
		extra:  func(p *land.Parcel) *[]byte { return &p.Extra },
	}
}

// LoadParcels reads parcels, finds the zones they lie in and writes them to
// the sink, one row a parcel. With a nil locator all land lies in no zone. An
// error that wraps ErrRefused says what is wrong with the input; the Result is
// given with it, as far as the load came.
func LoadParcels(ctx context.Context, opt Options, zones *Locator, sink Sink) (*Result, error) {
	j, err := newJob(LayerParcels, opt)
	if err != nil {
		return nil, err
	}
	if zones == nil {
		zones = &Locator{}
	}
	j.doctor = newDoctor(zones)
	return loadRecords(ctx, j, sink, func() (featureWorker, error) {
		w, err := newRecordWorker(j, parcelLayer())
		if err != nil {
			return nil, err
		}
		out, err := sink.ParcelWriter()
		if err != nil {
			return nil, err
		}
		k := &parcelKeeper{recordWorker: w, zones: zones, out: out}
		w.keep, w.end = k.keep, out.Close
		return w, nil
	})
}

// loadRecords runs the pipeline of a layer with ids and takes duplicates out
// at the end.
func loadRecords(ctx context.Context, j *job, sink Sink, make func() (featureWorker, error)) (*Result, error) {
	l := newLoad(j)
	if err := l.start(ctx); err != nil {
		return &l.result, err
	}
	l.ids = newIDSet(j.TempDir)
	err := l.run(ctx, j.Workers, make)
	if err == nil {
		err = l.examine()
	}
	if err == nil {
		err = l.dropRepeated(ctx, func(ctx context.Context, positions []int64) error { return sink.Drop(ctx, l.layer, positions) })
	}
	if closed := l.ids.close(); err == nil {
		err = closed
	}
	if err == nil {
		err = l.nothing()
	}
	return &l.result, err
}

// parcelKeeper finishes parcels: defaults, declared against measured, zones.
type parcelKeeper struct {
	*recordWorker[land.Parcel]
	zones *Locator
	out   ParcelWriter
	row   ParcelRow
}

func (k *parcelKeeper) keep(p *land.Parcel, sh *shape) (*refusal, error) {
	k.defaults(p)
	p.EllipsoidM2, p.PlaneM2 = sh.fixedM2, sh.planeM2
	k.compareArea(p)
	k.sense(p)
	in, err := k.zones.locate(k.row.In, sh.mp, sh.areaM2)
	if err != nil {
		// The overlay failed on this one boundary; the rest of the load is sound.
		return k.job.refusal("geometry.overlay", "", err.Error()), nil
	}
	k.compareZone(p, in)
	if k.job.doctor != nil {
		k.job.doctor.see(p.Source.Position, sh, in, k.task)
	}
	k.row = ParcelRow{Parcel: p, Geometry: sh.mp, In: in}
	return nil, k.out.Write(&k.row)
}

// defaults writes the values that the contract gives to blank fields.
func (k *parcelKeeper) defaults(p *land.Parcel) {
	if p.Tenure == "" && !k.read.faulted["tenure"] {
		p.Tenure = land.TenureHolder
	}
	if p.RightLayer == "" && !k.read.faulted["right_layer"] {
		p.RightLayer = land.LayerSurface
	}
	switch {
	case p.UseScheme != "":
	case k.read.faulted["use_scheme"]:
		p.UseScheme = land.UnknownScheme
	default:
		p.UseScheme = land.Guide2023
	}
	if p.Unbuildable == land.Unknown && !k.read.faulted["unbuildable"] {
		p.Unbuildable = land.No
	}
	if p.UseScheme == land.Landchina2007 {
		p.UseCode = landchinaCode(p.UseCode)
	}
	if k.job.BlankStart == string(land.StateNotStarted) && k.blankStart(p) {
		p.ConstructionState = land.StateNotStarted
	}
}

// blankStart reports whether nothing is recorded of building on a supplied
// parcel. A date or word that was there and could not be read is no blank.
func (k *parcelKeeper) blankStart(p *land.Parcel) bool {
	if !p.SuppliedOn.Known() || p.ConstructionState != "" || p.StartedOn.Known() || p.SuspendedOn.Known() ||
		p.ResumedOn.Known() || p.CompletedOn.Known() || p.InUseOn.Known() || p.AcceptedOn.Known() {
		return false
	}
	for _, f := range [...]string{"construction_state", "started_on", "suspended_on", "resumed_on", "completed_on", "in_use_on", "accepted_on"} {
		if k.read.faulted[f] {
			return false
		}
	}
	return true
}

// areaTolerance is by how much recorded and drawn area may differ before it is
// worth a look: 5 %, beyond any survey's accuracy or plane distortion.
const areaTolerance = 0.05

// compareArea warns where the recorded area isn't that of what is drawn, and
// guesses the unit that was meant.
func (k *parcelKeeper) compareArea(p *land.Parcel) {
	if !p.RecordedM2.Known {
		return
	}
	recorded, drawn := p.RecordedM2.Value.Float(), p.EllipsoidM2.Float()
	if math.Abs(recorded-drawn) <= areaTolerance*drawn || math.Abs(recorded-drawn) < 1 {
		return
	}
	code := "parcel.area_differs"
	if spec := k.job.fields.fields["recorded_area_m2"]; recorded > 0 && (spec == nil || spec.unit.num == 0) {
		switch ratio := drawn / recorded; {
		case near(ratio, 10000):
			code = "parcel.area_in_ha"
		case near(ratio, 10000.0/15):
			code = "parcel.area_in_mu"
		case near(ratio, 1/10.7639):
			code = "parcel.area_in_sqft"
		}
	}
	k.warn(code, "recorded_area_m2", formatM2(p.RecordedM2.Value), formatM2(p.EllipsoidM2))
}

func near(v, want float64) bool { return v > want*0.9 && v < want*1.1 }

// compareZone warns where a parcel says it lies in a zone and doesn't.
func (k *parcelKeeper) compareZone(p *land.Parcel, in []Located) {
	if p.Zone == "" || len(k.zones.zones) == 0 {
		return
	}
	home := ""
	for _, at := range in {
		if at.Zone.Code == p.Zone && at.Share > 0.0001 {
			return
		}
		if at.Home {
			home = at.Zone.String()
		}
	}
	if home == "" {
		k.warn("parcel.in_no_zone", "zone", p.Zone)
		return
	}
	k.warn("parcel.zone_differs", "zone", p.Zone, home)
}

// dropRepeated takes out the features whose id occurred before, in this load
// or in the one it adds to.
func (l *load) dropRepeated(ctx context.Context, take func(ctx context.Context, positions []int64) error) error {
	return l.ids.each(func(first map[string]int64, again []repeated) error {
		var drop []int64
		for _, a := range again {
			file, feature := l.place(a.first)
			l.lateReject(a.position, a.id, l.repeats(l.result.Inputs[file].File, feature, &a))
			drop = append(drop, a.position)
		}
		existing, err := l.existing(ctx, first)
		if err != nil {
			return err
		}
		drop = append(drop, existing...)
		if len(drop) == 0 {
			return nil
		}
		return errors.Join(take(ctx, sorted(drop)), l.tooMany())
	})
}

// repeats says that a feature or row occurred before.
func (l *load) repeats(file string, feature int64, a *repeated) *refusal {
	if l.rows {
		return l.refusal("row.duplicate", "", file, feature)
	}
	return l.refusal("id.duplicate", "id", file, feature, a.first, a.position)
}
