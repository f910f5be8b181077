package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/raw"
	"github.com/muscope/muscope/geo/shapefile"
)

// maxSideBytes bounds .prj and .cpg, which are a line each.
const maxSideBytes = 64 << 10

// shapefileSource reads a shapefile out of files that it has open.
type shapefileSource struct {
	job    *job
	reader *shapefile.Reader
	prj    []byte // nil where there is none
	// digest of a plain shapefile is that of .shp, .dbf, .prj and .cpg one behind
	// the other; of a zip that of the zip.
	digest func() (string, error)
	done   func() error
}

// plainParts are the files of a shapefile that lies open in a folder.
type plainParts struct {
	files map[string]*os.File // by extension
}

func (p *plainParts) close() error {
	var err error
	for _, f := range p.files {
		err = errors.Join(err, f.Close())
	}
	return err
}

// shapefile opens the files beside a .shp.
func (o *opener) shapefile() (source, error) {
	if o.path == "" {
		return nil, o.job.refuseRaw(o.file.Name, &raw.Error{Format: "shapefile", Code: "stream"})
	}
	p := &plainParts{files: map[string]*os.File{}}
	for _, ext := range []string{".shp", ".dbf", ".shx", ".prj", ".cpg"} {
		f, err := openBeside(o.path, ext)
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		if f != nil {
			p.files[ext] = f
		}
	}
	s, err := o.openShapefile(p)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	s.done = func() error { return errors.Join(p.close(), o.src.Close()) }
	s.digest = p.digest
	return s, nil
}

// openBeside opens the file of another extension beside a .shp, in capitals or
// not; nil where there is none.
func openBeside(shp, ext string) (*os.File, error) {
	base := strings.TrimSuffix(shp, filepath.Ext(shp))
	for _, name := range []string{base + ext, base + strings.ToUpper(ext), shp + ext} {
		if ext == ".shp" {
			name = shp
		}
		f, err := os.Open(name)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("open the shapefile: %w", err)
		}
	}
	return nil, nil
}

// digest reads the files once more, from the cache of the system.
func (p *plainParts) digest() (string, error) {
	sum := sha256.New()
	for _, ext := range []string{".shp", ".dbf", ".prj", ".cpg"} {
		f := p.files[ext]
		if f == nil {
			continue
		}
		info, err := f.Stat()
		if err == nil {
			_, err = io.Copy(sum, io.NewSectionReader(f, 0, info.Size()))
		}
		if err != nil {
			return "", fmt.Errorf("digest %s: %w", f.Name(), err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// openShapefile reads the headers of a shapefile.
func (o *opener) openShapefile(p *plainParts) (*shapefileSource, error) {
	parts := shapefile.Parts{}
	for _, want := range []struct {
		ext string
		to  *shapefile.Part
	}{{".shp", &parts.SHP}, {".dbf", &parts.DBF}} {
		f := p.files[want.ext]
		if f == nil {
			return nil, o.job.refuseRaw(o.file.Name, &raw.Error{Format: "shapefile", Part: want.ext, Code: "missing", Args: []any{want.ext}})
		}
		part, err := partOf(f)
		if err != nil {
			return nil, err
		}
		*want.to = part
	}
	if f := p.files[".shx"]; f != nil {
		part, err := partOf(f)
		if err != nil {
			return nil, err
		}
		parts.SHX = &part
	}
	s := &shapefileSource{job: o.job}
	var err error
	if s.prj, err = small(p.files[".prj"]); err != nil {
		return nil, err
	}
	if parts.CPG, err = small(p.files[".cpg"]); err != nil {
		return nil, err
	}
	s.reader, err = shapefile.Open(parts, shapefile.Options{Encoding: o.job.Encoding})
	return s, err
}

func partOf(f *os.File) (shapefile.Part, error) {
	info, err := f.Stat()
	if err != nil {
		return shapefile.Part{}, fmt.Errorf("size of %s: %w", f.Name(), err)
	}
	return shapefile.Part{ReaderAt: f, Size: info.Size()}, nil
}

func small(f *os.File) ([]byte, error) {
	if f == nil {
		return nil, nil
	}
	text, err := io.ReadAll(io.NewSectionReader(f, 0, maxSideBytes))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name(), err)
	}
	return text, nil
}

func (s *shapefileSource) bytes() int64 { return s.reader.Bytes() }
func (s *shapefileSource) close() error { return s.done() }

func (s *shapefileSource) next() (featureBatch, error) {
	b, err := s.reader.Next()
	if err != nil {
		return nil, err
	}
	return rawBatch{Batch: b, job: s.job, columns: s.reader.Columns(), format: "shapefile"}, nil
}

// crs is what the .prj describes, else longitude and latitude, with a warning.
func (s *shapefileSource) crs() (geo.CRS, error) {
	if len(bytes.TrimSpace(s.prj)) == 0 {
		return geo.CRS84(), nil
	}
	return geo.ParseWKT(string(s.prj))
}

func (s *shapefileSource) finish(bool, geo.CRS) (string, error) { return s.digest() }

func (s *shapefileSource) notes() []note {
	e := s.reader.Encoding()
	list := []note{{setting: "encoding", value: e.Name + " (" + e.From + ")"}}
	if e.Contradicted {
		list = append(list, note{code: "shapefile.encoding_contradicted", args: []any{e.Stated, e.Name, e.Fit, e.Texts}, count: 1})
	}
	if e.Fit < e.Texts {
		list = append(list, note{code: "shapefile.encoding_damaged", args: []any{e.Texts - e.Fit, e.Texts, e.Name}, count: e.Texts - e.Fit})
	}
	if n := s.reader.Deleted(); n > 0 {
		list = append(list, note{code: "shapefile.deleted", args: []any{n}, count: n})
	}
	if columns, n := s.reader.Memos(); n > 0 {
		list = append(list, note{code: "shapefile.memo", args: []any{n, strings.Join(columns, ", ")}, count: n})
	}
	if len(bytes.TrimSpace(s.prj)) == 0 && s.job.crs.IsZero() {
		list = append(list, note{code: "shapefile.no_prj", count: 1})
	}
	return list
}
