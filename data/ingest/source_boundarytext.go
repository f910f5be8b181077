package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/boundarytext"
	"github.com/muscope/muscope/geo/raw"
	"github.com/muscope/muscope/geo/shapefile"
)

// boundaryTextSource reads the bureaus' boundary text.
type boundaryTextSource struct {
	job     *job
	src     io.Closer
	raw     *hashing
	reader  *boundarytext.Reader
	swapped bool
}

func (o *opener) boundaryText(r io.Reader) (source, error) {
	s := &boundaryTextSource{job: o.job, src: o.src, raw: &hashing{src: r, sum: sha256.New()}}
	encoding := o.job.Encoding
	if known := shapefile.EncodingNamed(encoding); known != "" {
		encoding = known
	}
	var err error
	if s.reader, err = boundarytext.Open(s.raw, boundarytext.Options{Encoding: encoding}); err != nil {
		return nil, err
	}
	// A zone number before the first coordinate shows that it is the easting.
	if p := s.reader.First(); zonePrefix(p[0]) != 0 && zonePrefix(p[1]) == 0 {
		if !o.job.Repair {
			return nil, &raw.Error{Format: "boundarytext", Code: "swapped", Args: []any{formatCoordinate(p[0]), formatCoordinate(p[1])}}
		}
		s.reader.Swap()
		s.swapped = true
	}
	return s, nil
}

func formatCoordinate(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// zonePrefix is the zone number before an easting, 0 for none: of 3-degree
// zones 25 to 45, of 6-degree zones 13 to 23.
func zonePrefix(easting float64) int {
	if z := int(math.Floor(easting / 1e6)); z >= 13 && z <= 45 {
		return z
	}
	return 0
}

func (s *boundaryTextSource) bytes() int64 { return s.reader.Bytes() }
func (s *boundaryTextSource) close() error { return s.src.Close() }

func (s *boundaryTextSource) next() (featureBatch, error) {
	b, err := s.reader.Next()
	if err != nil {
		return nil, err
	}
	return rawBatch{Batch: b, job: s.job, columns: s.reader.Columns(), format: "boundarytext"}, nil
}

func (s *boundaryTextSource) finish(bool, geo.CRS) (string, error) {
	if _, err := io.Copy(io.Discard, s.raw); err != nil {
		return "", fmt.Errorf("read to the end: %w", err)
	}
	return hex.EncodeToString(s.raw.sum.Sum(nil)), nil
}

func (s *boundaryTextSource) notes() []note {
	list := []note{{setting: "encoding", value: s.reader.Encoding()}}
	if s.swapped {
		list = append(list, note{code: "boundarytext.swapped_read", count: 1})
	}
	if n := s.reader.Pieces(); n > 0 {
		list = append(list, note{code: "boundarytext.pieces", args: []any{n}, count: n})
	}
	return list
}

// crs is the system that the head describes: datum, width of the zones, zone
// number. The eastings say whether they carry the zone number.
func (s *boundaryTextSource) crs() (geo.CRS, error) {
	head := s.reader.Head().Values
	datum := strings.ToUpper(strings.ReplaceAll(head["坐标系"], " ", ""))
	switch {
	case strings.Contains(datum, "80") || strings.Contains(datum, "54"):
		return geo.CRS{}, &geo.CRSError{Code: geo.CRSOldDatum, Stated: head["坐标系"]}
	case datum != "" && !strings.Contains(datum, "2000"):
		return geo.CRS{}, &geo.CRSError{Code: geo.CRSUnsupported, Stated: head["坐标系"]}
	}
	first := s.reader.First()
	if unit := head["计量单位"]; strings.Contains(unit, "度") {
		return geo.ParseCRS("EPSG:4490")
	} else if unit != "" && unit != "米" && !strings.EqualFold(unit, "m") {
		return geo.CRS{}, &geo.CRSError{Code: geo.CRSUnsupported, Stated: head["坐标系"] + "，计量单位=" + unit}
	}
	easting := first[1]
	if s.swapped {
		easting = first[0]
	}
	return s.gaussKruger(head, zonePrefix(easting))
}

// gaussKruger is the Gauss-Krüger system of the head's zone; prefix is the zone
// number that the eastings carry, 0 for none.
func (s *boundaryTextSource) gaussKruger(head map[string]string, prefix int) (geo.CRS, error) {
	zone, err := strconv.Atoi(head["带号"])
	if head["带号"] == "" {
		zone, err = prefix, nil
	}
	width := head["几度分带"]
	if width == "" && zone >= 25 {
		width = "3"
	} else if width == "" && zone > 0 {
		width = "6"
	}
	if err != nil || zone == 0 || width != "3" && width != "6" {
		return geo.CRS{}, s.job.refuse("boundarytext.no_zone", err, head["几度分带"], head["带号"])
	}
	if prefix != 0 && prefix != zone {
		return geo.CRS{}, s.job.refuse("boundarytext.zone_differs", nil, zone, prefix)
	}
	code := map[string]int{"3true": 4513 - 25, "3false": 4534 - 25, "6true": 4491 - 13, "6false": 4502 - 13}[fmt.Sprint(width, prefix != 0)] + zone
	if width == "3" && (zone < 25 || zone > 45) || width == "6" && (zone < 13 || zone > 23) {
		return geo.CRS{}, s.job.refuse("boundarytext.no_zone", nil, width, head["带号"])
	}
	return geo.ParseCRS(fmt.Sprintf("EPSG:%d", code))
}
