package analysis

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/muscope/muscope/analysis/land"
)

// The reasons of an as-of date (land.Header.AsOfReason).
const (
	AsOfGiven = "given"
	AsOfStats = "latest_stats_year"
	AsOfToday = "today"
)

// DefaultAsOf is the as-of date where none is given: 31 December of the latest
// stats year, else today; with the reason to print beside it.
func DefaultAsOf(stats []land.Stats, today land.Date) (land.Date, string) {
	year := 0
	for _, s := range stats {
		year = max(year, s.Year)
	}
	if d, err := land.DateOf(year, time.December, 31); err == nil {
		return d, AsOfStats
	}
	return today, AsOfToday
}

// idLength is how many hexadecimal digits of the digest an analysis is named
// by.
const idLength = 16

// ID names an analysis by what decides its result: the content and settings of
// its inputs in their order, the as-of date, the packs and the settings of the
// run (engine version among them, if its caller wants that). Paths of files and
// counts are not part of it.
func ID(inputs []land.Input, asOf land.Date, packs []land.Pack, settings map[string]string) (string, error) {
	type input struct {
		Layer    string
		SHA256   string
		Settings map[string]string
	}
	what := struct {
		AsOf     string
		Inputs   []input
		Packs    []land.Pack
		Settings map[string]string
	}{AsOf: asOf.String(), Packs: packs, Settings: settings}
	for i := range inputs {
		what.Inputs = append(what.Inputs, input{inputs[i].Layer, inputs[i].SHA256, inputs[i].Settings})
	}
	b, err := json.Marshal(what) // map keys are sorted
	if err != nil {
		return "", fmt.Errorf("name the analysis: %w", err)
	}
	sum := sha256.Sum256(append(strconv.AppendInt(nil, int64(len(b)), 10), b...))
	return hex.EncodeToString(sum[:])[:idLength], nil
}
