package report_test

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/paulmach/orb"
)

// manyParts is a Source of n parts, made of the real parts of the sample over
// and over: what a report costs by itself, without the reading.
type manyParts struct {
	report.Source
	parts []land.PartResult
	n     int
}

func (m *manyParts) PartResults(_ context.Context, _ *land.ZoneKey, yield func(*land.PartResult) error) error {
	for i := range m.n {
		if err := yield(&m.parts[i%len(m.parts)]); err != nil {
			return err
		}
	}
	return nil
}

func (m *manyParts) Rows(_ context.Context, zone *land.ZoneKey, yield func(*report.Row) error) error {
	if zone != nil && *zone == (land.ZoneKey{}) {
		return nil
	}
	var part land.Part
	square := orb.MultiPolygon{{{{108.4, 22.8}, {108.41, 22.8}, {108.41, 22.81}, {108.4, 22.81}, {108.4, 22.8}}}}
	for i := range m.n {
		p := &m.parts[i%len(m.parts)]
		part.ID, part.Name, part.Holder = p.ID, "名称", "使用权人"
		if err := yield(&report.Row{Part: &part, Result: p, Geometry: square}); err != nil {
			return err
		}
	}
	return nil
}

type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// BenchmarkWrite writes 100,000 parts in each format; MB/s are of output.
func BenchmarkWrite(b *testing.B) {
	kept := analyzed(b, sampleLayers(b))
	src := &manyParts{Source: kept, parts: decode(b, write(b, kept, "json", options(b, "zh"))).Parts, n: 100_000}
	for _, format := range report.Formats() {
		b.Run(fmt.Sprintf("%s/%d", format, src.n), func(b *testing.B) {
			opt := options(b, "zh")
			b.ReportAllocs()
			for b.Loop() {
				var n counter
				must(b, report.Write(context.Background(), io.Writer(&n), format, src, opt))
				b.SetBytes(int64(n))
			}
		})
	}
}
