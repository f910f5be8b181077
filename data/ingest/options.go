package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/geo"
)

// The layers of a load, as the contract names them.
const (
	LayerZones       = "zones"
	LayerParcels     = "parcels"
	LayerBuildings   = "buildings"
	LayerConstraints = "constraints"
	LayerStats       = "stats"
	LayerApprovals   = "approvals"
	LayerPhases      = "phases"
	LayerUses        = "uses"
	LayerTerms       = "terms"
	LayerFirms       = "firms"
	LayerEvents      = "events"
	LayerRankings    = "rankings"
	LayerZoneActions = "zone_actions"
)

// Layers lists the layers in the order in which results name their inputs.
func Layers() []string {
	return append([]string{LayerZones, LayerParcels, LayerBuildings, LayerConstraints, LayerStats, LayerApprovals}, Tables()...)
}

// Tables lists the layers whose rows come through Sink.TableWriter.
func Tables() []string {
	return []string{LayerPhases, LayerUses, LayerTerms, LayerFirms, LayerEvents, LayerRankings, LayerZoneActions}
}

// Values of Options.IDFrom.
const (
	// IDFromPosition numbers features that have no id of their own.
	IDFromPosition = "position"
	// IDFromFeature takes the Feature's own id and no property.
	IDFromFeature = "feature"
)

// File is one input file.
type File struct {
	// Name is the name shown in messages and results; with a nil Open it is
	// the path as well.
	Name string
	// Open gives the bytes of the file; nil opens Name.
	Open func() (io.ReadCloser, error)
}

// Paths gives the files of paths.
func Paths(paths ...string) []File {
	files := make([]File, len(paths))
	for i, p := range paths {
		files[i] = File{Name: p}
	}
	return files
}

func (f File) open() (io.ReadCloser, error) {
	if f.Open != nil {
		return f.Open()
	}
	r, err := os.Open(f.Name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: there is no such file: %w", ErrRefused, err)
		}
		return nil, fmt.Errorf("open the input: %w", err)
	}
	return r, nil
}

// NoLimit as Options.MaxRejects lets any number of features be rejected.
const NoLimit = -1

// Options says how the files of one layer are read.
type Options struct {
	Files []File
	// Map names the source's fields; nil reads the contract's own names.
	Map *Map
	// Joins are tables whose columns are added to the features, before the map is
	// applied. Layers without boundaries take none.
	Joins []Join
	// CRS overrides what the file says of its coordinate system ("EPSG:4547").
	CRS string
	// Encoding overrides what the bytes of a shapefile's attributes say of their
	// encoding: one of shapefile.EncodingNames or a common name of it.
	Encoding string
	// Repair mends unclosed rings, self-crossings and overlapping pieces and
	// counts what it mended, instead of rejecting the feature.
	Repair bool
	// BlankStart is "" or "not_started": what a supplied parcel without a
	// recorded start, state, use and completion is taken for.
	BlankStart string
	// IDFrom is "", IDFromPosition or IDFromFeature; "" leaves it to the map.
	IDFrom string
	// MaxRejects is how many features may be rejected before the load is
	// refused; NoLimit for any number.
	MaxRejects int64
	// Lang is the language of reasons and remedies: zh or en (default).
	Lang string
	// Workers is the number of goroutines that decode and measure; 0 takes one
	// a processor.
	Workers int
	// Progress, where set, is told how many bytes and features of the layer
	// are done. It is called from one goroutine.
	Progress func(bytes, features int64)
	// Rejects, where set, is given each reject and warning, in input order
	// (duplicate ids, which show only at the end, come last). It is called from
	// one goroutine; the Reject is valid during the call.
	Rejects func(*land.Reject)
	// TempDir holds the ids of a large load while duplicates are sought; "" is
	// the system's.
	TempDir string
	// After is where an appended load goes on: the number of input files and
	// the highest position of the layer that exist already.
	After land.Source
	// Existing, where set (--append), says which of the ids are loaded already
	// by calling found with their indexes.
	Existing func(ctx context.Context, ids []string, found func(i int)) error
	// Replace, where set (--append --replace), is told the ids of loaded rows
	// that stand in place of existing ones; where nil such rows are rejected.
	Replace func(ctx context.Context, ids []string) error
	// KnownZones, where set, are the zone codes that rows of a table may name; a
	// row of another zone is loaded with a warning.
	KnownZones map[string]bool
	// Corrections, where set, are applied to the records of the layer.
	Corrections *Corrections
	// Texts are the words of reasons and remedies; nil loads the built-in ones.
	Texts data.Texts
}

// Result says what became of the features of a layer.
type Result struct {
	// Inputs has one entry a file, in order: features = loaded + rejected.
	Inputs []land.Input
	// Counts is the number of rejects, warnings and notes by code.
	Counts map[string]int64
}

// Loaded is the number of features loaded over all files.
func (r *Result) Loaded() int64 { return r.sum(func(i *land.Input) int64 { return i.Loaded }) }

// Rejected is the number of features rejected over all files.
func (r *Result) Rejected() int64 { return r.sum(func(i *land.Input) int64 { return i.Rejected }) }

// Features is the number of features over all files.
func (r *Result) Features() int64 { return r.sum(func(i *land.Input) int64 { return i.Features }) }

// Warnings is the number of warnings over all files.
func (r *Result) Warnings() int64 { return r.sum(func(i *land.Input) int64 { return i.Warnings }) }

func (r *Result) sum(of func(*land.Input) int64) (n int64) {
	for i := range r.Inputs {
		n += of(&r.Inputs[i])
	}
	return n
}

// ErrRefused is wrapped by every error that says the input can't be loaded as
// it is: a broken file, too many rejects, nothing loadable, a map or setting
// that doesn't fit. Other errors are failures of the machine or the sink.
var ErrRefused = errors.New("input refused")

// RefusedError says why a load is refused, where, and what to do.
type RefusedError struct {
	Layer   string
	File    string // "" where no single file is at fault
	Feature int64  // 0 where no single feature is at fault
	Code    string // stable, as in land.Reject
	Reason  string // in the language of Options.Lang
	Remedy  string
	Err     error // what another package reported, or nil
}

// Error gives place, reason and remedy.
func (e *RefusedError) Error() string {
	where := e.Layer
	if e.File != "" {
		where = e.File
	}
	if e.Feature > 0 {
		where = fmt.Sprintf("%s#%d", where, e.Feature)
	}
	s := where + ": " + e.Reason
	if e.Remedy != "" {
		s += " — " + e.Remedy
	}
	return s
}

// Unwrap gives ErrRefused and the cause.
func (e *RefusedError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrRefused}
	}
	return []error{ErrRefused, e.Err}
}

// job is what the goroutines of one load share, read-only.
type job struct {
	Options
	layer  string
	texts  data.Texts
	crs    geo.CRS // stated by Options or map; zero: by the file
	fields *Map    // never nil
	words  builtinWords
	doctor *doctor // of parcels with zones; else nil
	joins  []*joined
}

func newJob(layer string, opt Options) (*job, error) {
	j := &job{Options: opt, layer: layer, texts: opt.Texts, fields: opt.Map}
	if j.Workers <= 0 {
		j.Workers = runtime.GOMAXPROCS(0)
	}
	if j.fields == nil {
		m, err := usualMap(j.Files)
		if err != nil {
			return nil, err
		}
		j.fields = m
	}
	if j.IDFrom == "" {
		j.IDFrom = j.fields.IDFrom
	}
	var err error
	if j.texts == nil {
		if j.texts, err = data.LoadTexts(); err != nil {
			return nil, err
		}
	}
	if j.words, err = loadBuiltinWords(); err != nil {
		return nil, err
	}
	return j, j.check()
}

func (j *job) check() error {
	if l := j.fields.Layer; l != "" && l != j.layer {
		return j.refuse("map.layer", nil, j.fields.Name, l, j.layer)
	}
	if v := j.IDFrom; v != "" && v != IDFromPosition && v != IDFromFeature {
		return j.refuse("setting.value", nil, "--id-from", v, IDFromPosition+", "+IDFromFeature)
	}
	if v := j.BlankStart; v != "" && v != string(land.StateNotStarted) {
		return j.refuse("setting.value", nil, "--blank-start", v, string(land.StateNotStarted))
	}
	stated := j.CRS
	if stated == "" {
		stated = j.fields.CRS
	}
	if stated == "" {
		return nil
	}
	crs, err := geo.ParseCRS(stated)
	if err != nil {
		return j.refuseCRS("", err)
	}
	j.crs = crs
	return nil
}

// settings are the choices that change how the files are read.
func (j *job) settings() map[string]string {
	s := map[string]string{}
	put := func(key, value string) {
		if value != "" {
			s[key] = value
		}
	}
	put("map", j.fields.Name)
	put("map-sha256", j.fields.SHA256)
	put("crs", j.CRS)
	put("encoding", j.Encoding)
	put("blank-start", j.BlankStart)
	put("id-from", j.Options.IDFrom)
	for i, t := range j.joins {
		put(fmt.Sprintf("join-%d", i+1), t.Left+"="+t.Right)
		put(fmt.Sprintf("join-%d-sha256", i+1), t.sum)
	}
	if len(j.Corrections.of(j.layer)) > 0 {
		put("corrections-sha256", j.Corrections.SHA256)
	}
	if j.Repair {
		put("repair", "true")
	}
	if len(s) == 0 {
		return nil
	}
	return s
}
