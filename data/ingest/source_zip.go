package ingest

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/muscope/muscope/geo/raw"
)

// Limits of a zip. A shapefile can't be larger than two files of 4 GiB; text
// and boundaries pack to a twentieth at best, so a member that unpacks to two
// hundred times its size is a bomb.
const (
	maxZipMembers = 10_000
	maxZipBytes   = 8 << 30
	maxZipRatio   = 200
	zipRatioFree  = 1 << 20 // small members may pack better
)

// zipFile is a zip in a real file.
type zipFile struct {
	job    *job
	name   string
	file   *os.File
	temp   bool
	digest string
	reader *zip.Reader
	dir    string // of unpacked members
}

// zip reads the one shapefile in a zip, or the one named behind a colon. Its
// members are unpacked into a temporary folder under numbers, never under
// their own names.
func (o *opener) zip(r io.Reader) (_ source, err error) {
	z := &zipFile{job: o.job, name: o.file.Name}
	defer func() {
		if err != nil {
			err = errors.Join(err, z.close())
		}
	}()
	if err := z.openFile(o, r); err != nil {
		return nil, err
	}
	base, err := z.choose(o.part)
	if err != nil {
		return nil, err
	}
	p, err := z.unpack(base)
	if err != nil {
		return nil, err
	}
	s, err := o.openShapefile(p)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	s.digest = func() (string, error) { return z.digest, nil }
	s.done = func() error { return errors.Join(p.close(), z.close(), o.src.Close()) }
	return s, nil
}

func (z *zipFile) fault(code string, args ...any) error {
	return &raw.Error{Format: "zip", Code: code, Args: args}
}

// openFile digests the zip and opens it; a stream is kept in a temporary file
// first, since the directory of a zip stands at its end.
func (z *zipFile) openFile(o *opener, r io.Reader) error {
	sum := sha256.New()
	var err error
	if o.path != "" {
		if z.file, err = os.Open(o.path); err != nil {
			return fmt.Errorf("open the zip: %w", err)
		}
		_, err = io.Copy(sum, r)
	} else {
		if z.file, err = os.CreateTemp(o.job.TempDir, "muscope-zip-*"); err != nil {
			return fmt.Errorf("keep the zip: %w", err)
		}
		z.temp = true
		var n int64
		n, err = io.Copy(io.MultiWriter(sum, z.file), io.LimitReader(r, maxZipBytes+1))
		if err == nil && n > maxZipBytes {
			return z.fault("too_large", n, int64(maxZipBytes))
		}
	}
	if err != nil {
		return fmt.Errorf("read the zip: %w", err)
	}
	z.digest = hex.EncodeToString(sum.Sum(nil))
	info, err := z.file.Stat()
	if err != nil {
		return fmt.Errorf("size of the zip: %w", err)
	}
	if z.reader, err = zip.NewReader(z.file, info.Size()); err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return &raw.Error{Format: "zip", Code: "damaged", Args: []any{err.Error()}, Err: err}
	}
	return nil
}

func (z *zipFile) close() error {
	var err error
	if z.file != nil {
		err = z.file.Close()
		if z.temp {
			err = errors.Join(err, os.Remove(z.file.Name()))
		}
	}
	if z.dir != "" {
		err = errors.Join(err, os.RemoveAll(z.dir))
	}
	return err
}

// memberName is the name of a member in UTF-8: Chinese Windows writes GBK and
// doesn't say so.
func memberName(f *zip.File) string {
	if f.NonUTF8 && !utf8.ValidString(f.Name) {
		if s, err := simplifiedchinese.GB18030.NewDecoder().String(f.Name); err == nil {
			return s
		}
	}
	return f.Name
}

// choose finds the shapefile and gives its name without extension.
func (z *zipFile) choose(part string) (string, error) {
	if n := len(z.reader.File); n > maxZipMembers {
		return "", z.fault("too_many", n, maxZipMembers)
	}
	var found, others []string
	for _, f := range z.reader.File {
		name := memberName(f)
		clean := strings.ReplaceAll(name, `\`, "/")
		switch {
		case path.IsAbs(clean) || slices.Contains(strings.Split(clean, "/"), "..") || strings.ContainsAny(clean, ":\x00"):
			return "", z.fault("bad_name", shown([]byte(name)))
		case strings.HasPrefix(clean, "__MACOSX/") || strings.HasSuffix(clean, "/"):
		case strings.EqualFold(path.Ext(clean), ".shp"):
			base := strings.TrimSuffix(name, path.Ext(clean))
			if part == "" || path.Base(base) == part || base == part {
				found = append(found, base)
			}
			others = append(others, path.Base(base))
		case strings.EqualFold(path.Ext(clean), ".zip"):
			return "", z.fault("nested", shown([]byte(name)))
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(others) == 0:
		return "", z.fault("no_shapefile")
	case len(found) == 0:
		return "", z.fault("no_layer", part, strings.Join(others, ", "))
	}
	return "", z.fault("several", strings.Join(others, ", "), z.name+":"+others[0])
}

// unpack writes the files of one shapefile into a temporary folder.
func (z *zipFile) unpack(base string) (*plainParts, error) {
	var err error
	if z.dir, err = os.MkdirTemp(z.job.TempDir, "muscope-shp-*"); err != nil {
		return nil, fmt.Errorf("unpack the zip: %w", err)
	}
	p := &plainParts{files: map[string]*os.File{}}
	left := int64(maxZipBytes)
	for _, f := range z.reader.File {
		name := memberName(f)
		ext := strings.ToLower(path.Ext(name))
		if !slices.Contains([]string{".shp", ".dbf", ".shx", ".prj", ".cpg"}, ext) || !strings.EqualFold(name[:len(name)-len(ext)], base) {
			continue
		}
		if p.files[ext] != nil {
			return nil, errors.Join(z.fault("twice", shown([]byte(name))), p.close())
		}
		n, err := z.member(p, f, ext, left)
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		left -= n
	}
	return p, nil
}

// member unpacks one file, and stops where it grows beyond its limits.
func (z *zipFile) member(p *plainParts, f *zip.File, ext string, left int64) (int64, error) {
	if f.Flags&1 != 0 {
		return 0, z.fault("encrypted", shown([]byte(memberName(f))))
	}
	limit := min(left, max(int64(min(f.CompressedSize64, maxZipBytes))*maxZipRatio, zipRatioFree))
	src, err := f.Open()
	if err != nil {
		return 0, &raw.Error{Format: "zip", Code: "damaged", Args: []any{err.Error()}, Err: err}
	}
	defer src.Close()
	to, err := os.Create(z.dir + "/part" + ext)
	if err != nil {
		return 0, fmt.Errorf("unpack the zip: %w", err)
	}
	p.files[ext] = to
	var unreadable *readError
	n, err := io.Copy(to, io.LimitReader(&marked{src}, limit+1))
	switch {
	case errors.As(err, &unreadable):
		return n, &raw.Error{Format: "zip", Code: "damaged", Args: []any{unreadable.Error()}, Err: err}
	case err != nil:
		return n, fmt.Errorf("unpack the zip: %w", err)
	case n > limit:
		return n, z.fault("bomb", shown([]byte(memberName(f))), f.CompressedSize64, limit)
	}
	return n, nil
}

// marked tells errors of reading from those of writing.
type marked struct{ io.Reader }

type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

func (m *marked) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &readError{err}
	}
	return n, err
}
