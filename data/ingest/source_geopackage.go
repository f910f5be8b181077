package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/geopackage"
	"github.com/muscope/muscope/geo/raw"
)

// maxStreamBytes bounds what is kept of a stream that can only be read as a
// file.
const maxStreamBytes = 8 << 30

// geopackageSource reads a layer of a GeoPackage.
type geopackageSource struct {
	job    *job
	src    io.Closer
	reader *geopackage.Reader
	path   string
	temp   bool
}

// geopackage opens a layer; a stream is kept in a temporary file first, since
// SQLite reads here and there.
func (o *opener) geopackage(r io.Reader) (source, error) {
	s := &geopackageSource{job: o.job, src: o.src, path: o.path}
	if s.path == "" {
		if err := s.keep(r); err != nil {
			return nil, errors.Join(err, s.remove())
		}
	}
	var err error
	if s.reader, err = geopackage.Open(o.ctx, s.path, geopackage.Options{Layer: o.part}); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

func (s *geopackageSource) keep(r io.Reader) error {
	f, err := os.CreateTemp(s.job.TempDir, "muscope-*.gpkg")
	if err != nil {
		return fmt.Errorf("keep the geopackage: %w", err)
	}
	s.path, s.temp = f.Name(), true
	n, err := io.Copy(f, io.LimitReader(r, maxStreamBytes+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("keep the geopackage: %w", err)
	}
	if n > maxStreamBytes {
		return &raw.Error{Format: "geopackage", Code: "too_large", Args: []any{int64(maxStreamBytes)}}
	}
	return nil
}

func (s *geopackageSource) remove() error {
	if !s.temp {
		return nil
	}
	return os.Remove(s.path)
}

func (s *geopackageSource) bytes() int64 { return s.reader.Bytes() }

func (s *geopackageSource) close() error {
	return errors.Join(s.reader.Close(), s.remove(), s.src.Close())
}

func (s *geopackageSource) next() (featureBatch, error) {
	b, err := s.reader.Next()
	if err != nil {
		return nil, err
	}
	return rawBatch{Batch: b, job: s.job, columns: s.reader.Columns(), format: "geopackage"}, nil
}

// crs is the layer's system by its organization's code, else by its
// description.
func (s *geopackageSource) crs() (geo.CRS, error) {
	srs := s.reader.SRS()
	if srs.ID <= 0 {
		return geo.CRS{}, &raw.Error{Format: "geopackage", Code: "no_srs"}
	}
	var stated error
	if strings.EqualFold(srs.Organization, "EPSG") {
		crs, err := geo.ParseCRS(fmt.Sprintf("EPSG:%d", srs.Code))
		if err == nil {
			return crs, nil
		}
		stated = err
	}
	crs, err := geo.ParseWKT(srs.Definition)
	var unread *geo.CRSError
	if stated != nil && errors.As(err, &unread) && unread.Code != geo.CRSOldDatum {
		return geo.CRS{}, stated // the code says more than the description
	}
	return crs, err
}

func (s *geopackageSource) finish(bool, geo.CRS) (string, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return "", fmt.Errorf("digest the geopackage: %w", err)
	}
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("digest the geopackage: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func (s *geopackageSource) notes() []note {
	list := []note{{setting: "layer", value: s.reader.Layer()}}
	if n := s.reader.Blobs(); n > 0 {
		list = append(list, note{code: "geopackage.blobs", args: []any{n}, count: n})
	}
	return list
}
