package ingest

import (
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo/geojson"
)

// layerOf is what the pipeline has to know of a record type.
type layerOf[T any] struct {
	fields []land.Field[T]
	idName string // id or code
	id     func(*T) *string
	source func(*T) *land.Source
	extra  func(*T) *[]byte
	// shapeless records may have no boundary.
	shapeless bool
}

// recordWorker takes features of one layer through reading, checking and
// measuring, and hands them to keep.
type recordWorker[T any] struct {
	job    *job
	layer  layerOf[T]
	dec    decoding
	read   *recordReader[T]
	shaper shaper
	keep   func(rec *T, sh *shape) (*refusal, error)
	end    func() error
	fix    *corrector[T] // nil: nothing to correct

	rec     T
	rep     *report
	task    task
	feature *geojson.Feature
	id      string
}

func newRecordWorker[T any](j *job, layer layerOf[T]) (*recordWorker[T], error) {
	read, err := newRecordReader(layer.fields, j.fields, j.words)
	if err != nil {
		return nil, err
	}
	w := &recordWorker[T]{job: j, layer: layer, read: read, shaper: shaper{job: j}}
	w.dec.ReuseGeometry = true
	w.read.warn = w.warnField
	w.fix, err = newCorrector(w)
	return w, err
}

func (w *recordWorker[T]) close() error {
	if w.end == nil {
		return nil
	}
	return w.end()
}

func (w *recordWorker[T]) batch(t task, rep *report) error {
	w.rep, w.task = rep, t
	return t.batch.decode(&w.dec, w.one)
}

// one takes one feature; its error is one of the sink.
func (w *recordWorker[T]) one(f *geojson.Feature) error {
	w.feature, w.id = f, ""
	w.rep.features++
	if f.Fault != nil {
		w.reject(w.faulty(f.Fault))
		return nil
	}
	if w.job.joins != nil {
		w.job.join(f, w.task.file)
	}
	if r := w.record(f); r != nil {
		w.reject(r)
		return nil
	}
	var sh shape
	var r *refusal
	if !w.layer.shapeless || !f.NullGeometry {
		sh, r = w.shaper.shape(f, w.task.crs)
	}
	if r != nil {
		w.reject(r)
		return nil
	}
	r, err := w.keep(&w.rec, &sh)
	if err != nil {
		return err
	}
	if r != nil {
		w.reject(r)
		return nil
	}
	w.accept(f, &sh)
	return nil
}

// record reads the properties and the id of a feature into rec.
func (w *recordWorker[T]) record(f *geojson.Feature) *refusal {
	var zero T
	w.rec = zero
	said := len(w.rep.rejects)
	w.properties(f)
	r := w.identify(f)
	for i := range w.rep.rejects[said:] { // said before the id was settled
		w.rep.rejects[said+i].ID = w.id
	}
	if r == nil {
		w.fix.apply(&w.rec)
	}
	return r
}

// faulty is a feature that is no feature by RFC 7946.
func (w *recordWorker[T]) faulty(e *geojson.FeatureError) *refusal {
	code := string(e.Code)
	if !strings.Contains(code, ".") { // other formats say whose code it is
		code = "geojson." + code
	}
	return &refusal{code: code, reason: w.job.lang(e.Message.ZH, e.Message.EN),
		remedy: w.job.lang(e.Remedy.ZH, e.Remedy.EN)}
}

// properties reads the fields and constants of the record.
func (w *recordWorker[T]) properties(f *geojson.Feature) {
	w.read.begin()
	for i := range f.Properties {
		w.read.property(&f.Properties[i])
	}
	w.read.finish(&w.rec)
	*w.layer.extra(&w.rec) = w.read.extraJSON()
	*w.layer.source(&w.rec) = land.Source{File: w.job.After.File + int32(w.task.file), Feature: f.Number, Position: w.task.base + f.Number}
}

const maxIDBytes = 500

// identify settles the record's id: its property, else the Feature's own id
// (not for zones, whose code is no row number), else its position where the
// load asks for that.
func (w *recordWorker[T]) identify(f *geojson.Feature) *refusal {
	id := w.layer.id(&w.rec)
	if w.job.IDFrom == IDFromFeature {
		*id = ""
	}
	if *id == "" && f.ID.Present() && (w.layer.idName == "id" || w.job.IDFrom == IDFromFeature) {
		*id = string(codeKey.append(nil, trim(f.ID.Bytes()), false))
	}
	if *id == "" && w.job.IDFrom == IDFromPosition {
		*id = strconv.FormatInt(w.layer.source(&w.rec).Position, 10)
	}
	w.id = *id
	switch {
	case *id == "":
		return w.job.refusal(w.layer.idName+".missing", w.layer.idName)
	case len(*id) > maxIDBytes:
		return w.job.refusal(w.layer.idName+".too_long", w.layer.idName, len(*id), maxIDBytes)
	}
	return nil
}

func (w *recordWorker[T]) accept(f *geojson.Feature, sh *shape) {
	w.rep.loaded++
	if sh.repaired {
		w.rep.repaired++
		w.warn("geometry.repaired", "", formatM2(sh.fixedM2))
	}
	if f.ZDropped > 0 || f.MDropped > 0 {
		w.rep.heights++
	}
	w.rep.ids.add(w.id, w.layer.source(&w.rec).Position)
}

func (w *recordWorker[T]) reject(r *refusal) {
	w.rep.rejected++
	w.rep.counts[r.code]++
	w.rep.rejects = append(w.rep.rejects, land.Reject{Severity: land.SeverityReject, Layer: w.job.layer,
		File: w.job.Files[w.task.file].Name, Feature: w.feature.Number, Offset: w.feature.Offset, ID: w.id,
		Field: r.field, Code: r.code, Reason: r.reason, Remedy: r.remedy, Place: r.place})
}

// warnField says that a field became unknown.
func (w *recordWorker[T]) warnField(code, field string, args ...any) {
	if code == noteBlankDate {
		w.rep.counts[code]++
		return
	}
	w.warn(code, field, args...)
}

func (w *recordWorker[T]) warn(code, field string, args ...any) {
	w.rep.warnings++
	w.rep.counts[code]++
	reason, remedy := w.job.say(code, args...)
	w.rep.rejects = append(w.rep.rejects, land.Reject{Severity: land.SeverityWarning, Layer: w.job.layer,
		File: w.job.Files[w.task.file].Name, Feature: w.feature.Number, Offset: w.feature.Offset, ID: w.id,
		Field: field, Code: code, Reason: reason, Remedy: remedy})
}

func formatM2(f land.Fixed) string {
	// Whole millimetres squared are more than anybody reads.
	return strconv.FormatFloat(f.Float(), 'f', 1, 64)
}
