package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"sort"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/geojson"
)

// load is one run over the files of a layer: one goroutine splits the text,
// some decode, check, measure and write, one gathers what became of it in
// input order. Memory is bounded by the batches under way.
type load struct {
	*job
	result  Result
	bases   []int64 // position before the first feature, by file
	heights []int64 // features with heights, by file
	bytes   int64
	done    int64
	ids     *idSet
	common  map[string]*commonReject
	tickets chan struct{}
}

// commonReject remembers the first reject of a code, for the message of a
// load of which nothing is left.
type commonReject struct {
	n     int64
	first land.Reject
}

// task is one batch on its way to a worker.
type task struct {
	seq   int64
	file  int
	base  int64
	crs   geo.CRS
	bytes int64 // read from the file since the batch before
	batch *geojson.Batch
}

// featureWorker decodes batches; each goroutine has its own.
type featureWorker interface {
	batch(t task, rep *report) error
	close() error
}

func newLoad(j *job) *load {
	return &load{job: j, result: Result{Counts: map[string]int64{}}, common: map[string]*commonReject{}}
}

// run takes all files through workers made by make.
func (l *load) run(parent context.Context, workers int, make func() (featureWorker, error)) error {
	group, ctx := errgroup.WithContext(parent)
	tasks, reports := newTasks(workers), newReports(workers)
	l.tickets = newTickets(workers)
	group.Go(func() error {
		defer close(tasks)
		return l.split(ctx, tasks)
	})
	working, workCtx := errgroup.WithContext(ctx)
	for range workers {
		working.Go(func() error { return l.work(workCtx, make, tasks, reports) })
	}
	group.Go(func() error {
		defer close(reports)
		return working.Wait()
	})
	group.Go(func() error { return l.gather(ctx, reports) })
	if err := group.Wait(); err != nil {
		return err
	}
	l.tellHeights()
	return parent.Err()
}

// tellHeights says once a file how many features lost their heights.
func (l *load) tellHeights() {
	for i, n := range l.heights {
		if n == 0 {
			continue
		}
		in := &l.result.Inputs[i]
		in.Warnings++
		l.result.Counts[noteHeight] += n
		reason, remedy := l.say(noteHeight, n)
		l.tell(&land.Reject{Severity: land.SeverityWarning, Layer: l.layer, File: in.File, Code: noteHeight, Reason: reason, Remedy: remedy})
	}
}

func newTasks(workers int) chan task      { return make(chan task, workers) }
func newReports(workers int) chan *report { return make(chan *report, workers) }

// newTickets bounds the batches between splitter and gatherer.
func newTickets(workers int) chan struct{} { return make(chan struct{}, 4*workers) }

// split reads the files one after the other.
func (l *load) split(ctx context.Context, tasks chan<- task) error {
	s := splitter{load: l, tasks: tasks, position: l.After.Position}
	for i := range l.Files {
		if err := s.file(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

type splitter struct {
	*load
	tasks    chan<- task
	seq      int64
	position int64
	tail     string // name in a crs member that ends the file
}

func (s *splitter) file(ctx context.Context, i int) error {
	f := s.Files[i]
	src, err := f.open()
	if err != nil {
		return err
	}
	defer src.Close()
	s.tail = f.tailCRS()
	raw := &hashing{src: src, sum: sha256.New()}
	r := geojson.NewReader(raw, geojson.Options{Format: formatOf(f.Name)})
	s.bases[i] = s.position
	features, err := s.batches(ctx, i, r, raw)
	s.position += features
	if err != nil {
		return s.fileError(f.Name, err)
	}
	if _, err := io.Copy(io.Discard, raw); err != nil {
		return fmt.Errorf("read %s to its end: %w", f.Name, err)
	}
	s.result.Inputs[i].SHA256 = hex.EncodeToString(raw.sum.Sum(nil))
	return nil
}

// batches hands out the batches of one file.
func (s *splitter) batches(ctx context.Context, i int, r *geojson.Reader, raw *hashing) (features int64, err error) {
	var crs geo.CRS
	told := int64(0)
	for {
		batch, err := r.Next()
		if errors.Is(err, io.EOF) {
			return features, s.lateCRS(r.Header(), crs)
		}
		if err != nil {
			return features, err
		}
		if features == 0 {
			if crs, err = s.fileCRS(r.Header()); err != nil {
				return features, err
			}
		}
		features += int64(batch.Len())
		t := task{seq: s.seq, file: i, base: s.position, crs: crs, bytes: raw.n - told, batch: batch}
		told = raw.n
		s.seq++
		if err := s.send(ctx, t); err != nil {
			return features, err
		}
	}
}

func (s *splitter) send(ctx context.Context, t task) error {
	select {
	case s.tickets <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case s.tasks <- t:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fileCRS is the system of a file: as the load states it, else as the file
// does, else longitude and latitude.
func (s *splitter) fileCRS(h geojson.Header) (geo.CRS, error) {
	switch {
	case !s.crs.IsZero():
		return s.crs, nil
	case (h.CRS == nil || h.CRS.AfterFeatures) && s.tail != "":
		return geo.ParseCRS(s.tail)
	case h.CRS == nil || h.CRS.AfterFeatures:
		return geo.CRS84(), nil
	case h.CRS.Name == "":
		return geo.CRS{}, s.refuse("crs.no_name", nil, h.CRS.Kind)
	}
	return geo.ParseCRS(h.CRS.Name)
}

// lateCRS refuses a file whose crs member comes after features that were read
// as something else.
func (s *splitter) lateCRS(h geojson.Header, used geo.CRS) error {
	if !s.crs.IsZero() || h.CRS == nil || !h.CRS.AfterFeatures || used.IsZero() {
		return nil
	}
	h.CRS.AfterFeatures = false
	crs, err := s.fileCRS(h)
	if err != nil || crs.Geographic() || crs.ID() == used.ID() {
		return err
	}
	return s.refuse("crs.after_features", nil, crs.ID())
}

// fileError names the file in an error of reading it.
func (s *splitter) fileError(name string, err error) error {
	var structure *geojson.StructureError
	var refused *RefusedError
	var crs *geo.CRSError
	switch {
	case errors.As(err, &structure):
		e := s.refuse("", structure)
		e.File, e.Feature, e.Code = name, structure.Feature, "geojson."+string(structure.Code)
		e.Reason = s.lang(structure.Message.ZH, structure.Message.EN) + s.lang("（字节", " (byte ") +
			fmt.Sprint(structure.Offset) + s.lang("）", ")")
		e.Remedy = s.lang(structure.Remedy.ZH, structure.Remedy.EN)
		return e
	case errors.As(err, &refused):
		refused.File = name
		return refused
	case errors.As(err, &crs):
		return s.job.refuseCRS(name, err)
	case errors.Is(err, context.Canceled):
		return err
	}
	return fmt.Errorf("read %s: %w", name, err)
}

// formatOf tells lines and sequences by the file's name; the rest is found out.
func formatOf(name string) geojson.Format {
	switch path.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")) {
	case ".ndjson", ".geojsonl", ".ndgeojson", ".jsonl":
		return geojson.FormatLines
	case ".geojsons":
		return geojson.FormatSequence
	}
	return geojson.FormatAuto
}

// hashing digests what is read through it.
type hashing struct {
	src io.Reader
	sum hash.Hash
	n   int64
}

func (h *hashing) Read(b []byte) (int, error) {
	n, err := h.src.Read(b)
	h.sum.Write(b[:n])
	h.n += int64(n)
	return n, err
}

// work is one worker's life.
func (l *load) work(ctx context.Context, make func() (featureWorker, error), tasks <-chan task, reports chan<- *report) (err error) {
	w, err := make()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case t, ok := <-tasks:
			if !ok {
				return nil
			}
			rep := &report{}
			rep.reset()
			rep.seq, rep.file, rep.bytes = t.seq, t.file, t.bytes
			err := w.batch(t, rep)
			t.batch.Release()
			if err != nil {
				return err
			}
			select {
			case reports <- rep:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// gather puts the reports into input order.
func (l *load) gather(ctx context.Context, reports <-chan *report) error {
	waiting := map[int64]*report{}
	next := int64(0)
	for rep := range reports {
		waiting[rep.seq] = rep
		for waiting[next] != nil {
			r := waiting[next]
			delete(waiting, next)
			next++
			if err := l.take(r); err != nil {
				return err
			}
			<-l.tickets
		}
	}
	return ctx.Err()
}

// take adds one report to the result.
func (l *load) take(r *report) error {
	in := &l.result.Inputs[r.file]
	in.Features += r.features
	in.Loaded += r.loaded
	in.Rejected += r.rejected
	in.Repaired += r.repaired
	in.Warnings += r.warnings
	l.heights[r.file] += r.heights
	for code, n := range r.counts {
		l.result.Counts[code] += n
	}
	for i := range r.rejects {
		l.tell(&r.rejects[i])
	}
	l.bytes += r.bytes
	l.done += r.features
	if l.Progress != nil {
		l.Progress(l.bytes, l.done)
	}
	if l.ids != nil {
		if err := l.ids.add(&r.ids); err != nil {
			return err
		}
	}
	return l.tooMany()
}

// tell hands one reject to the caller.
func (l *load) tell(r *land.Reject) {
	if r.Severity == land.SeverityReject {
		c := l.common[r.Code]
		if c == nil {
			c = &commonReject{first: *r}
			l.common[r.Code] = c
		}
		c.n++
	}
	if l.Rejects != nil {
		l.Rejects(r)
	}
}

// tooMany refuses the load once more features were rejected than it allows.
func (l *load) tooMany() error {
	n := l.result.Rejected()
	if l.MaxRejects < 0 || n <= l.MaxRejects {
		return nil
	}
	return l.because(l.refuse("load.too_many_rejects", nil, n, l.MaxRejects))
}

// nothing refuses a load of which no feature is left.
func (l *load) nothing() error {
	if l.result.Loaded() > 0 {
		return nil
	}
	return l.because(l.refuse("load.nothing", nil, l.result.Features()))
}

// because adds the commonest reject to an error about many.
func (l *load) because(e *RefusedError) error {
	codes := make([]string, 0, len(l.common))
	for code := range l.common {
		codes = append(codes, code)
	}
	sort.Slice(codes, func(i, j int) bool {
		a, b := l.common[codes[i]], l.common[codes[j]]
		return a.n > b.n || a.n == b.n && codes[i] < codes[j]
	})
	if len(codes) == 0 {
		return e
	}
	c := l.common[codes[0]]
	e.Code = c.first.Code
	e.File, e.Feature = c.first.File, c.first.Feature
	e.Reason += l.lang("：", ": ") + c.first.Reason
	e.Remedy = c.first.Remedy
	return e
}

// open readies the inputs of the result.
func (l *load) open() error {
	if len(l.Files) == 0 {
		return l.refuse("load.no_files", nil)
	}
	l.bases, l.heights = make([]int64, len(l.Files)), make([]int64, len(l.Files))
	settings := l.settings()
	for _, f := range l.Files {
		l.result.Inputs = append(l.result.Inputs, land.Input{Layer: l.layer, File: f.Name, Settings: settings})
	}
	return nil
}

// place is the file and feature number of a position of this load.
func (l *load) place(position int64) (file int, feature int64) {
	file = sort.Search(len(l.bases), func(i int) bool { return l.bases[i] >= position }) - 1
	return file, position - l.bases[file]
}

// lateReject counts a feature that was loaded as rejected after all.
func (l *load) lateReject(position int64, id string, r *refusal) {
	file, feature := l.place(position)
	in := &l.result.Inputs[file]
	in.Loaded--
	in.Rejected++
	l.result.Counts[r.code]++
	l.tell(&land.Reject{Severity: land.SeverityReject, Layer: l.layer, File: in.File, Feature: feature,
		ID: id, Field: r.field, Code: r.code, Reason: r.reason, Remedy: r.remedy, Place: r.place})
}
