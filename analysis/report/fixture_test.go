package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/spool"
)

// layers are the files of an analysis.
type layers struct{ zones, parcels, stats []byte }

// sampleLayers are the sample district's zones and statistics, and those of
// its parcels that stand at column and row (every parcel where there is none).
func sampleLayers(t testing.TB, at ...[2]int) layers {
	t.Helper()
	tree, err := data.Samples()
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		b, err := fs.ReadFile(tree, name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	in := layers{zones: read("zones.geojson"), parcels: read("parcels.geojson"), stats: read("stats.csv")}
	if len(at) > 0 {
		in.parcels = pick(t, in.parcels, at)
	}
	return in
}

func pick(t testing.TB, collection []byte, at [][2]int) []byte {
	t.Helper()
	var all struct {
		Type     string            `json:"type"`
		Features []json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(collection, &all); err != nil {
		t.Fatal(err)
	}
	all.Features = slices.DeleteFunc(all.Features, func(f json.RawMessage) bool {
		return !slices.ContainsFunc(at, func(p [2]int) bool {
			return bytes.Contains(f, fmt.Appendf(nil, `"450102001001GB%05d"`, p[1]*20+p[0]+1))
		})
	})
	if len(all.Features) != len(at) {
		t.Fatalf("%d of %d parcels are in the sample", len(all.Features), len(at))
	}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// analyzed is a real Result of real files, kept as muscope check keeps it.
func analyzed(t testing.TB, in layers) *spool.Spool {
	t.Helper()
	s, err := spool.Open(spool.Options{Dir: t.TempDir(), Shapes: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	ctx := context.Background()
	inputs := loadAll(t, s, in)
	must(t, s.Loaded())
	tree, err := data.Rules()
	must(t, err)
	packs, err := rule.LoadFS(tree, packIDs()...)
	must(t, err)
	asOf, err := land.DateOf(2024, time.December, 31)
	must(t, err)
	s.SetHeader(land.Header{AsOf: asOf, AsOfReason: "given", AnalysisID: "0123456789abcdef", Engine: land.Engine{Version: "test"},
		Packs: []land.Pack{{ID: "guangxi/hightech-2021", Version: "1", Digest: strings.Repeat("0", 64)}}, Inputs: inputs})
	must(t, analysis.Run(ctx, analysis.Options{AsOf: asOf, Packs: packs}, s, s.Results()))
	must(t, s.Analyzed())
	return s
}

func loadAll(t testing.TB, s *spool.Spool, in layers) []land.Input {
	t.Helper()
	ctx := context.Background()
	options := func(name string, b []byte) ingest.Options {
		return ingest.Options{MaxRejects: ingest.NoLimit, Lang: "zh", Workers: 1, TempDir: t.TempDir(),
			Rejects: func(r *land.Reject) { must(t, s.Reject(r)) },
			Files:   []ingest.File{{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}}}
	}
	zones, rows, err := ingest.LoadZones(ctx, options("zones.geojson", in.zones), s)
	must(t, err)
	inputs := zones.Inputs
	locator, err := ingest.NewLocator(rows)
	must(t, err)
	if len(in.stats) > 0 {
		stats, err := ingest.LoadStats(ctx, options("stats.csv", in.stats), s)
		must(t, err)
		inputs = append(inputs, stats.Inputs...)
	}
	parcels, err := ingest.LoadParcels(ctx, options("parcels.geojson", in.parcels), locator, s)
	must(t, err)
	return append(inputs, parcels.Inputs...)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// packIDs are the packs of these tests; a new pack changes no golden file.
func packIDs() []string {
	return []string{"guangxi/hightech-2021", "national/idle-land-2012", "national/industrial-project-2008"}
}

// options are those of a report written at a fixed time.
func options(t testing.TB, lang string) report.Options {
	t.Helper()
	texts, err := data.LoadTexts()
	must(t, err)
	tree, err := data.Rules()
	must(t, err)
	packs, err := rule.LoadFS(tree, packIDs()...)
	must(t, err)
	opt := report.Options{Lang: lang, Texts: texts, Now: time.Date(2025, 1, 15, 9, 30, 0, 0, time.UTC)}
	for _, p := range packs {
		for _, r := range p.Rules {
			opt.Packs = append(opt.Packs, report.Basis{Rule: r.Key(), Title: map[string]string{"zh": r.Title.ZH, "en": r.Title.EN}, Quote: r.Quote})
		}
	}
	return opt
}

func write(t testing.TB, src report.Source, format string, opt report.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, report.Write(context.Background(), &b, format, src, opt))
	return b.Bytes()
}

// handful: of the sample's parcels one or two of each status, two projects
// about the caps, a parcel on the border of two zones and one in none.
func handful(t testing.TB) layers {
	return sampleLayers(t, [2]int{0, 0}, [2]int{0, 1}, [2]int{0, 4}, [2]int{0, 6}, [2]int{1, 3}, [2]int{1, 5}, [2]int{1, 8}, [2]int{1, 9},
		[2]int{1, 11}, [2]int{2, 0}, [2]int{2, 1}, [2]int{2, 2}, [2]int{2, 3}, [2]int{3, 0}, [2]int{3, 1}, [2]int{8, 0}, [2]int{8, 2},
		[2]int{8, 3}, [2]int{11, 0}, [2]int{12, 3}, [2]int{19, 0})
}
