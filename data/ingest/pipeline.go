package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path"
	"sort"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/geojson"
	"github.com/muscope/muscope/geo/raw"
)

// load is one run over the files of a layer: one goroutine splits the text,
// some decode, check, measure and write, one gathers what became of it in
// input order. Memory is bounded by the batches under way.
type load struct {
	*job
	result  Result
	bases   []int64  // position before the first feature, by file
	heights []int64  // features with heights, by file
	ends    [][]note // what is known of a file at its end, by file
	bytes   int64
	done    int64
	ids     *idSet
	rows    bool // of a table: keys in place of ids
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
	batch featureBatch
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
	l.tellNotes()
	l.tellJoins()
	l.tellUnused()
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

// tellNotes says what is to be said of each file as a whole.
func (l *load) tellNotes() {
	for i, list := range l.ends {
		in := &l.result.Inputs[i]
		for _, n := range list {
			if n.setting != "" {
				in.Settings = maps.Clone(in.Settings)
				if in.Settings == nil {
					in.Settings = map[string]string{}
				}
				in.Settings[n.setting] = n.value
			}
			if n.code == "" {
				continue
			}
			in.Warnings++
			l.result.Counts[n.code] += n.count
			reason, remedy := l.say(n.code, n.args...)
			l.tell(&land.Reject{Severity: land.SeverityWarning, Layer: l.layer, File: in.File, Code: n.code, Reason: reason, Remedy: remedy})
		}
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
}

func (s *splitter) file(ctx context.Context, i int) error {
	name := s.Files[i].Name
	src, err := s.open(ctx, s.Files[i])
	if err != nil {
		return s.fileError(name, err)
	}
	s.bases[i] = s.position
	err = errors.Join(s.batches(ctx, i, src), src.close())
	if err != nil {
		return s.fileError(name, err)
	}
	return nil
}

// batches hands out the batches of one file.
func (s *splitter) batches(ctx context.Context, i int, src source) error {
	var crs geo.CRS
	told := int64(0)
	for {
		batch, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if crs.IsZero() {
			if crs, err = s.fileCRS(src); err != nil {
				return err
			}
		}
		n := int64(batch.Len())
		t := task{seq: s.seq, file: i, base: s.bases[i], crs: crs, bytes: src.bytes() - told, batch: batch}
		told = src.bytes()
		s.seq++
		if err := s.send(ctx, t); err != nil {
			return err
		}
		s.position += n
	}
	sum, err := src.finish(!s.crs.IsZero(), crs)
	s.result.Inputs[i].SHA256 = sum
	s.ends[i] = src.notes()
	return err
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
// does.
func (s *splitter) fileCRS(src source) (geo.CRS, error) {
	if !s.crs.IsZero() {
		return s.crs, nil
	}
	return src.crs()
}

// fileError names the file in an error of reading it.
func (s *splitter) fileError(name string, err error) error {
	var structure *geojson.StructureError
	var refused *RefusedError
	var crs *geo.CRSError
	var other *raw.Error
	switch {
	case errors.As(err, &other):
		return s.refuseRaw(name, other)
	case errors.As(err, &structure):
		e := s.refuse("", structure)
		e.File, e.Feature, e.Code = name, structure.Feature, "geojson."+string(structure.Code)
		e.Reason = s.lang(structure.Message.ZH, structure.Message.EN) + s.lang("（字节", " (byte ") +
			fmt.Sprint(structure.Offset) + s.lang("）", ")")
		e.Remedy = s.lang(structure.Remedy.ZH, structure.Remedy.EN)
		return e
	case errors.As(err, &refused):
		if refused.File == "" {
			refused.File = name
		}
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

// start readies the inputs of the result.
func (l *load) start(ctx context.Context) error {
	if len(l.Files) == 0 {
		return l.refuse("load.no_files", nil)
	}
	if err := l.readJoins(ctx); err != nil {
		return err
	}
	l.bases, l.heights, l.ends = make([]int64, len(l.Files)), make([]int64, len(l.Files)), make([][]note, len(l.Files))
	for i := range l.bases {
		l.bases[i] = math.MaxInt64 // not read yet
	}
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
		ID: l.nameOf(id), Field: r.field, Code: r.code, Reason: r.reason, Remedy: r.remedy, Place: r.place})
}
