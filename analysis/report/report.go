// Package report turns a Result into what people file and programs read: json,
// ndjson, html, csv and geojson, one file a format. It owns presentation alone:
// it computes nothing, so no report can differ from the Result it shows. It
// knows neither files of input nor databases; whoever keeps the Result hands
// it in as a Source.
package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
	"github.com/paulmach/orb"
)

// Row is a part of a parcel with its facts, its result and, where the source
// keeps it, the parcel's whole geometry.
type Row struct {
	Part     *land.Part
	Result   *land.PartResult
	Geometry orb.MultiPolygon
}

// Source is a Result that is kept somewhere. Everything it yields is valid
// during the call only.
type Source interface {
	Header(ctx context.Context) (land.Header, error)
	// ZoneResults yields the zones in key order.
	ZoneResults(ctx context.Context, yield func(*land.ZoneResult) error) error
	Sets(ctx context.Context) ([]land.SetResult, error)
	// PartResults yields the parts of a zone (the zero key: land in no zone),
	// or of all zones (nil), in input order.
	PartResults(ctx context.Context, zone *land.ZoneKey, yield func(*land.PartResult) error) error
	// Rows yields the same parts in the same order, with facts and geometry.
	Rows(ctx context.Context, zone *land.ZoneKey, yield func(*Row) error) error
	ZoneGeometry(ctx context.Context, zone land.ZoneKey) (orb.MultiPolygon, error)
	// Rejects yields the load report.
	Rejects(ctx context.Context, yield func(*land.Reject) error) error
}

// Options say how a report is written.
type Options struct {
	Lang  string        // zh | en
	Zone  *land.ZoneKey // one zone alone; nil is all
	Texts data.Texts
	Packs []Basis   // what the rules say, for reports that quote them
	Now   time.Time // when the report is written, shown in it
}

// Basis is what a report quotes of a rule.
type Basis struct {
	Rule     string // pack#rule
	Title    map[string]string
	Document string
	Quote    string
}

// ErrFormat says that a format doesn't exist.
var ErrFormat = errors.New("no such report format")

// ErrNoZone says that the analysis has no such zone.
var ErrNoZone = errors.New("there is no such zone in the analysis")

type writer func(ctx context.Context, w io.Writer, src Source, opt Options) error

// formats is the one list of formats.
func formats() map[string]writer {
	return map[string]writer{"json": writeJSON, "ndjson": writeNDJSON, "csv": writeCSV, "geojson": writeGeoJSON, "html": writeHTML}
}

// Formats names the formats that Write knows.
func Formats() []string { return []string{"json", "ndjson", "html", "csv", "geojson"} }

// Shapes reports whether a format draws geometries, so that its source has to
// keep them.
func Shapes(format string) bool { return format == "html" || format == "geojson" }

// Check refuses a format that doesn't exist.
func Check(format string) error {
	if _, ok := formats()[format]; !ok {
		return fmt.Errorf("%w: %q; there are %s", ErrFormat, format, strings.Join(Formats(), ", "))
	}
	return nil
}

// Write writes the Result that src keeps in the format.
func Write(ctx context.Context, w io.Writer, format string, src Source, opt Options) error {
	if err := Check(format); err != nil {
		return err
	}
	if err := formats()[format](ctx, w, src, opt); err != nil {
		return fmt.Errorf("write the %s report: %w", format, err)
	}
	return nil
}

// OneZone is a Source that finds the result of one zone without reading those
// of the others.
type OneZone interface {
	// ZoneResult is the result of a zone; where there is none the error wraps ErrNoZone.
	ZoneResult(ctx context.Context, zone land.ZoneKey) (*land.ZoneResult, error)
}

// zones yields the zones that the options ask for.
func zones(ctx context.Context, src Source, opt Options, yield func(*land.ZoneResult) error) error {
	if one, ok := src.(OneZone); ok && opt.Zone != nil {
		z, err := one.ZoneResult(ctx, *opt.Zone)
		if err != nil {
			return err
		}
		return yield(z)
	}
	found := opt.Zone == nil
	err := src.ZoneResults(ctx, func(z *land.ZoneResult) error {
		if opt.Zone != nil && z.Key() != *opt.Zone {
			return nil
		}
		found = true
		return yield(z)
	})
	if err == nil && !found {
		return noSuchZone(*opt.Zone)
	}
	return err
}

func noSuchZone(zone land.ZoneKey) error {
	return fmt.Errorf("%w: %s", ErrNoZone, zone)
}

// Records reports whether a format is made of the records of AppendZone and
// AppendPart, so that its source may keep those.
func Records(format string) bool { return format == "json" || format == "ndjson" }
