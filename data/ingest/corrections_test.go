package ingest

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

func textFile(name, text string) File {
	return File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

const twoLots = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"id":"a","recorded_area_m2":1000,"supplied_on":"2020-01-02","use_code":"1001","note":"x"},
"geometry":{"type":"Polygon","coordinates":[[[108,22],[108.001,22],[108.001,22.001],[108,22.001],[108,22]]]}},
{"type":"Feature","properties":{"id":"b"},
"geometry":{"type":"Polygon","coordinates":[[[108.002,22],[108.003,22],[108.003,22.001],[108.002,22.001],[108.002,22]]]}}]}`

func TestCorrections(t *testing.T) {
	fixes, err := ReadCorrections(textFile("fix.csv", `layer,id,field,old,new,reason,document
parcels,a,recorded_area_m2,1000.0,11000,typo,桂（2024）1号
parcels,a,supplied_on,2020-01-03,2021-01-03,wrong year,
parcels,b,supplied_on,,2022-02-02,found,
parcels,b,use_code,,1001,,
parcels,a,use_code,1001,,withdrawn,
parcels,a,nothing,1,2,,
parcels,a,id,a,c,,
parcels,a,price_wan,,cheap,,
parcels,zz,name,,x,,
zones,Z,name,a,b,,
`), Options{Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	m := newMemory()
	var told []land.Reject
	result, err := LoadParcels(t.Context(), Options{Files: []File{textFile("p.geojson", twoLots)}, Corrections: fixes, Lang: "en", MaxRejects: NoLimit,
		Rejects: func(r *land.Reject) { told = append(told, *r) }}, nil, m)
	if err != nil {
		t.Fatal(err)
	}
	a, b := m.parcels[1], m.parcels[2]
	if a.RecordedM2.String() != "11000" || a.SuppliedOn.String() != "2020-01-02" || a.UseCode != "" || b.SuppliedOn.String() != "2022-02-02" || b.UseCode != "1001" {
		t.Errorf("a: %s m², supplied %s, use %q; b: supplied %s, use %q", a.RecordedM2, a.SuppliedOn, a.UseCode, b.SuppliedOn, b.UseCode)
	}
	for _, want := range []string{`"note":"x"`, `"muscope_corrections":[{`, `"old":"1000.0"`, `桂（2024）1号`} {
		if !strings.Contains(string(a.Extra), want) {
			t.Errorf("a keeps %s, want %s in it", a.Extra, want)
		}
	}
	for code, n := range map[string]int64{"correction.applied": 4, "correction.old_differs": 1, "correction.unknown_field": 1, "correction.key": 1,
		"correction.bad_value": 1, "correction.unknown_id": 1} {
		if result.Counts[code] != n {
			t.Errorf("%s: %d, want %d", code, result.Counts[code], n)
		}
	}
	if fixes.Rows != 10 || result.Inputs[0].Settings["corrections-sha256"] != fixes.SHA256 || fixes.SHA256 == "" {
		t.Errorf("%d rows, settings %v", fixes.Rows, result.Inputs[0].Settings)
	}
	for _, r := range told {
		if r.Reason == "" || strings.Contains(r.Reason, "%!") {
			t.Errorf("%+v", r)
		}
	}
}

func TestCorrectionsRefused(t *testing.T) {
	for text, code := range map[string]string{
		"layer,id,field,old\nparcels,a,name,x\n":          "correction.column",
		"layer,id,field,old,new\nstats,a,gdp_wan,1,2\n":   "correction.layer",
		"layer,id,field,old,new\n\"parcels,a,name,x,y\n":  "table.csv",
		"layer,layer,id,field,old,new\nparcels,a,n,x,y\n": "table.column_twice",
		"": "table.empty",
	} {
		_, err := ReadCorrections(textFile("fix.csv", text), Options{Lang: "en"})
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Code != code {
			t.Errorf("%q: %v, want %s", text, err, code)
		}
	}
}

func FuzzCorrections(f *testing.F) {
	f.Add("layer,id,field,old,new,reason,document\nparcels,a,recorded_area_m2,1000,2000,r,d\n")
	f.Add("layer,id,field,old,new\nparcels,a,use_code,1001,\nparcels,b,supplied_on,,2020-01-01\n")
	f.Fuzz(func(t *testing.T, text string) {
		fixes, err := ReadCorrections(textFile("fix.csv", text), Options{})
		if err != nil {
			if !errors.Is(err, ErrRefused) {
				t.Fatal(err)
			}
			return
		}
		m := newMemory()
		result, err := LoadParcels(t.Context(), Options{Files: []File{textFile("p.geojson", twoLots)}, Corrections: fixes, MaxRejects: NoLimit}, nil, m)
		if err != nil {
			t.Fatal(err)
		}
		if n := result.Loaded(); n != 2 {
			t.Fatalf("%d loaded", n)
		}
		told := int64(0)
		for _, code := range []string{"applied", "old_differs", "unknown_id", "unknown_field", "key", "bad_value"} {
			told += result.Counts["correction."+code]
		}
		want := 0
		for _, list := range fixes.of(LayerParcels) {
			want += len(list)
		}
		if told != int64(want) {
			t.Fatalf("%d of %d corrections have an outcome", told, want)
		}
	})
}
