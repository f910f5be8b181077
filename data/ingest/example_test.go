package ingest_test

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// A bureau's own field names, areas in mu and words of its own become the
// contract's through a field map; what can't be read is said, not guessed.
func ExampleLoadParcels() {
	file := `{"type":"FeatureCollection","features":[
	{"type":"Feature","properties":{"ZDDM":"450102001001GB00001","TDYT":601,"ZDMJ":"17.2","GYFS":"挂牌出让","DGSJ":"2021年04月11日"},
	 "geometry":{"type":"Polygon","coordinates":[[[108,22],[108.001,22],[108.001,22.001],[108,22.001],[108,22]]]}},
	{"type":"Feature","properties":{"ZDDM":"450102001001GB00001"},
	 "geometry":{"type":"Polygon","coordinates":[[[108.002,22],[108.003,22],[108.003,22.001],[108.002,22]]]}}]}`
	bureau, err := ingest.ParseMap("bureau", []byte(`
layer: parcels
constants: {use_scheme: gbt21010-2017}
fields:
  id: ZDDM
  use_code: TDYT
  recorded_area_m2: {from: ZDMJ, unit: mu}
  supply_mode: GYFS
  started_on: DGSJ
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := ingest.LoadParcels(context.Background(), ingest.Options{
		Files: []ingest.File{{Name: "parcels.geojson", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(file)), nil
		}}},
		Map:        bureau,
		MaxRejects: ingest.NoLimit,
		Rejects:    func(r *land.Reject) { fmt.Printf("feature %d: %s\n", r.Feature, r.Reason) },
	}, nil, printing{})
	fmt.Println(result.Loaded(), "loaded,", result.Rejected(), "rejected,", err)
	// Output:
	// 450102001001GB00001 0601 grant 2021-04-11 11466.666667 m²
	// 450102001001GB00001    0 m²
	// feature 2: id occurs before: parcels.geojson, feature 1 (positions 1 and 2 in the layer); the first stays
	// drop [2]
	// 1 loaded, 1 rejected, <nil>
}

// printing is a sink that prints.
type printing struct{ ingest.Discard }

func (p printing) ParcelWriter() (ingest.ParcelWriter, error) { return p, nil }
func (printing) Close() error                                 { return nil }
func (printing) Write(r *ingest.ParcelRow) error {
	fmt.Println(r.Parcel.ID, r.Parcel.UseCode, r.Parcel.SupplyMode, r.Parcel.StartedOn, r.Parcel.RecordedM2.Value, "m²")
	return nil
}
func (printing) Drop(_ context.Context, _ string, positions []int64) error {
	fmt.Println("drop", positions)
	return nil
}
