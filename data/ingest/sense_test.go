package ingest

import (
	"fmt"
	"testing"
)

func TestSense(t *testing.T) {
	for _, tt := range []struct {
		properties string
		want       map[string]int64
	}{
		{`"approved_on":"2020-01-01","supplied_on":"2020-01-01","started_on":"2021-01-01","completed_on":"2022-01-01"`, nil},
		{`"approved_on":"2021-01-01","supplied_on":"2020-01-01"`, map[string]int64{"parcel.dates_out_of_order": 1}},
		{`"supplied_on":"2020-01-02","started_on":"2020-01-01","completed_on":"2019-01-01"`, map[string]int64{"parcel.dates_out_of_order": 2}},
		{`"supplied_on":"2020-01-02","completed_on":"2019-01-01"`, nil}, // the start is unknown: no order is broken
		{`"suspended_on":"2022-01-02","resumed_on":"2021-01-01"`, map[string]int64{"parcel.dates_out_of_order": 1}},
		{`"recorded_area_m2":11440,"footprint_m2":12000`, nil}, // within five per cent
		{`"recorded_area_m2":11440,"footprint_m2":13000`, map[string]int64{"parcel.part_exceeds_whole": 1}},
		{`"floor_area_m2":1000,"ancillary_floor_m2":1051`, map[string]int64{"parcel.part_exceeds_whole": 1}},
		{`"ancillary_floor_m2":1051`, nil},
		{`"planned_footprint_m2":100,"started_footprint_m2":300`, map[string]int64{"parcel.part_exceeds_whole": 1}},
		{`"recorded_area_m2":11440,"floor_area_m2":457600`, nil}, // exactly forty times
		{`"recorded_area_m2":11440,"floor_area_m2":457601`, map[string]int64{"parcel.far_implausible": 1}},
	} {
		text := fmt.Sprintf(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"a",%s},
"geometry":{"type":"Polygon","coordinates":[[[108,22],[108.001,22],[108.001,22.001],[108,22.001],[108,22]]]}}]}`, tt.properties)
		result, err := LoadParcels(t.Context(), Options{Files: []File{textFile("p.geojson", text)}, MaxRejects: NoLimit}, nil, newMemory())
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{"parcel.dates_out_of_order", "parcel.part_exceeds_whole", "parcel.far_implausible"} {
			if result.Counts[code] != tt.want[code] {
				t.Errorf("%s: %s %d, want %d", tt.properties, code, result.Counts[code], tt.want[code])
			}
		}
	}
}
