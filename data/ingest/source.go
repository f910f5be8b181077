package ingest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/boundarytext"
	"github.com/muscope/muscope/geo/geojson"
	"github.com/muscope/muscope/geo/geopackage"
	"github.com/muscope/muscope/geo/raw"
)

// source hands out the features of one file, whatever its format.
type source interface {
	// next gives the next batch, io.EOF after the last.
	next() (featureBatch, error)
	// crs is the system that the file states; it is asked after the first next,
	// and not at all where the load states one.
	crs() (geo.CRS, error)
	// bytes is how much has been read, for progress.
	bytes() int64
	// finish is called after io.EOF: it gives the digest of the file, and an
	// error where only its end shows that it can't be read like this (used is
	// the system that was used).
	finish(stated bool, used geo.CRS) (sha256 string, err error)
	// notes are what the report of the load says of the file as a whole.
	notes() []note
	close() error
}

// note is one line on a file: a setting to be kept with the input, a warning,
// or both.
type note struct {
	setting, value string // kept with the input; "" for none
	code           string // of the warning; "" for none
	args           []any
	count          int64
}

// featureBatch is some features, not decoded yet.
type featureBatch interface {
	Len() int
	// decode hands each feature to fn.
	decode(d *decoding, fn func(*geojson.Feature) error) error
	Release()
}

// decoding is the memory of one worker.
type decoding struct {
	geojson.Decoder
	feature geojson.Feature
}

// opener opens a file whose first bytes are head.
type opener struct {
	ctx  context.Context
	job  *job
	file File
	path string // of a real file, "" for a stream
	part string // the layer that the name asks for behind a colon
	src  io.ReadCloser
	head []byte
}

const headBytes = 4 << 10

// open finds out what a file is by what stands in it, not by its name.
func (j *job) open(ctx context.Context, f File) (source, error) {
	o := opener{ctx: ctx, job: j, file: f}
	var err error
	if o.path, o.part, err = f.where(); err != nil {
		return nil, err
	}
	if f.Open != nil {
		o.src, err = f.Open()
	} else {
		o.src, err = File{Name: o.path}.open()
	}
	if err != nil {
		return nil, err
	}
	s, err := o.detect()
	if err != nil {
		return nil, errors.Join(err, o.src.Close())
	}
	return s, nil
}

// where parts path:layer, where there is no file of the whole name.
func (f File) where() (path, part string, err error) {
	if f.Open != nil {
		return "", "", nil
	}
	if _, err := os.Stat(f.Name); !errors.Is(err, fs.ErrNotExist) {
		return f.Name, "", nil
	}
	i := strings.LastIndexByte(f.Name, ':')
	if i <= 0 {
		return f.Name, "", nil // opening it says that there is none
	}
	if _, err := os.Stat(f.Name[:i]); err != nil {
		return f.Name, "", nil
	}
	return f.Name[:i], f.Name[i+1:], nil
}

// usualMap is the field map of files that no map is named for: of formats that
// have names of their own that of the format, else one without any.
func usualMap(files []File) (*Map, error) {
	for _, f := range files {
		path, _, err := f.where()
		if err != nil {
			return nil, err
		}
		if f.Open == nil {
			f.Name = path
		}
		src, err := f.open()
		if err != nil {
			return &Map{}, nil // reading it says why
		}
		head := make([]byte, headBytes)
		n, err := io.ReadFull(src, head)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return &Map{}, errors.Join(src.Close(), nil)
		}
		if err := src.Close(); err != nil {
			return nil, fmt.Errorf("close %s: %w", f.Name, err)
		}
		if !boundarytext.Looks(head[:n]) {
			return &Map{}, nil
		}
	}
	if len(files) == 0 {
		return &Map{}, nil
	}
	return LoadMap("boundary-text")
}

// detect chooses the reader by the first bytes.
func (o *opener) detect() (source, error) {
	r := bufio.NewReaderSize(o.src, 64<<10)
	var err error
	o.head, err = r.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", o.file.Name, err)
	}
	o.head = bytes.Clone(o.head)
	switch {
	case o.isXLSX():
		return o.tableSource()
	case bytes.HasPrefix(o.head, []byte("PK\x03\x04")), bytes.HasPrefix(o.head, []byte("PK\x05\x06")):
		return o.zip(r)
	case bytes.HasPrefix(o.head, []byte{0, 0, 0x27, 0x0A}):
		return o.shapefile()
	case geopackage.Looks(o.head):
		return o.geopackage(r)
	case boundarytext.Looks(o.head):
		return o.boundaryText(r)
	case o.isCSV() && (o.job.layer == LayerApprovals || o.hasWKT()):
		return o.tableSource()
	case o.isCSV() && strings.HasSuffix(strings.ToLower(o.file.Name), ".csv"):
		return nil, o.job.refuse("table.no_boundary", nil)
	}
	return o.geojson(r), nil
}

// geojsonSource reads GeoJSON in all its forms.
type geojsonSource struct {
	job    *job
	src    io.Closer
	raw    *hashing
	reader *geojson.Reader
	tail   string // name in a crs member that ends the file
}

func (o *opener) geojson(r io.Reader) source {
	h := &hashing{src: r, sum: sha256.New()}
	return &geojsonSource{job: o.job, src: o.src, raw: h, tail: o.file.tailCRS(),
		reader: geojson.NewReader(h, geojson.Options{Format: formatOf(o.file.Name)})}
}

func (s *geojsonSource) bytes() int64  { return s.raw.n }
func (s *geojsonSource) notes() []note { return nil }
func (s *geojsonSource) close() error  { return s.src.Close() }

func (s *geojsonSource) next() (featureBatch, error) {
	b, err := s.reader.Next()
	if err != nil {
		return nil, err
	}
	return geojsonBatch{b}, nil
}

type geojsonBatch struct{ *geojson.Batch }

func (b geojsonBatch) decode(d *decoding, fn func(*geojson.Feature) error) error {
	return d.Decode(b.Batch, fn)
}

// crs is what a crs member names, else longitude and latitude.
func (s *geojsonSource) crs() (geo.CRS, error) { return s.crsOf(s.reader.Header()) }

func (s *geojsonSource) crsOf(h geojson.Header) (geo.CRS, error) {
	switch {
	case (h.CRS == nil || h.CRS.AfterFeatures) && s.tail != "":
		return geo.ParseCRS(s.tail)
	case h.CRS == nil || h.CRS.AfterFeatures:
		return geo.CRS84(), nil
	case h.CRS.Name == "":
		return geo.CRS{}, s.job.refuse("crs.no_name", nil, h.CRS.Kind)
	}
	return geo.ParseCRS(h.CRS.Name)
}

// finish refuses a file whose crs member comes after features that were read
// as something else.
func (s *geojsonSource) finish(stated bool, used geo.CRS) (string, error) {
	h := s.reader.Header()
	if !stated && h.CRS != nil && h.CRS.AfterFeatures && !used.IsZero() {
		h.CRS.AfterFeatures = false
		crs, err := s.crsOf(h)
		if err != nil {
			return "", err
		}
		if !crs.Geographic() && crs.ID() != used.ID() {
			return "", s.job.refuse("crs.after_features", nil, crs.ID())
		}
	}
	if _, err := io.Copy(io.Discard, s.raw); err != nil {
		return "", fmt.Errorf("read to the end: %w", err)
	}
	return hex.EncodeToString(s.raw.sum.Sum(nil)), nil
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

// rawReader is what the readers of the other formats have in common.
type rawReader interface {
	Columns() []string
	Next() (raw.Batch, error)
	Bytes() int64
}

// rawBatch makes features of what such a reader hands out.
type rawBatch struct {
	raw.Batch
	job     *job
	columns []string
	format  string
}

func (b rawBatch) Release() {}

func (b rawBatch) decode(d *decoding, fn func(*geojson.Feature) error) error {
	f, null := &d.feature, []byte("null")
	return b.Decode(func(r *raw.Feature) error {
		*f = geojson.Feature{Number: r.Number, Offset: r.Offset, ZDropped: r.ZDropped, MDropped: r.MDropped,
			GeometryType: r.Type, NullGeometry: r.Type == "", Properties: f.Properties[:0]}
		if r.Fault != nil {
			f.Fault = b.fault(r)
			return fn(f)
		}
		if r.Geometry != nil {
			f.Geometry = r.Geometry
		}
		for i, v := range r.Values {
			if v.Kind == raw.Null {
				v.Text = null
			}
			f.Properties = append(f.Properties, geojson.Property{Key: b.columns[i], KeyID: int32(i), Kind: kindOfRaw(v.Kind), Raw: v.Text})
		}
		return fn(f)
	})
}

func kindOfRaw(k raw.Kind) geojson.Kind {
	switch k {
	case raw.Bool:
		return geojson.KindBool
	case raw.Number:
		return geojson.KindNumber
	case raw.Text:
		return geojson.KindString
	}
	return geojson.KindNull
}

// fault gives the words of a feature's fault.
func (b rawBatch) fault(r *raw.Feature) *geojson.FeatureError {
	code := b.format + "." + r.Fault.Code
	reason, remedy := b.job.say(code, r.Fault.Args...)
	return &geojson.FeatureError{Number: r.Number, Offset: r.Offset, At: r.Offset, Code: geojson.Code(code),
		Message: geojson.Text{ZH: reason, EN: reason}, Remedy: geojson.Text{ZH: remedy, EN: remedy}}
}

// refuseRaw is refuse for a fault that a reader of a format found.
func (j *job) refuseRaw(name string, e *raw.Error) *RefusedError {
	code := e.Format + "." + e.Code
	r := j.refuse(code, e, e.Args...)
	r.File, r.Feature = name+e.Part, e.Feature
	if e.Part != "" && strings.HasSuffix(strings.ToLower(name), ".shp") {
		r.File = name[:len(name)-len(".shp")] + e.Part
	}
	return r
}
