package ingest

import (
	"context"
	"errors"
	"testing"

	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/geo"
)

// noTexts spares fuzz targets the reading of all texts.
func noTexts() data.Texts { return data.Texts{"": {}} }

// FuzzLoadParcels holds any bytes against the promise: features = loaded +
// rejected = rows + rejects told, and whatever loads is valid and has an area.
func FuzzLoadParcels(f *testing.F) {
	f.Add([]byte(collection(feature(`"id":"a","price_wan":"1,000"`, square(0, 0)), feature(`"id":"a"`, square(2, 0)))), false)
	f.Add([]byte(collection(feature(`"id":7,"started_on":0,"supply_mode":"出让"`, `[[[0,0],[1,1],[1,0],[0,1],[0,0]]]`))), true)
	f.Add([]byte(feature(`"id":"x"`, square(1, 1))+"\n"+feature(``, `[]`)), false)
	f.Add([]byte(`{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4547"}},"features":[]}`), false)
	locator, err := NewLocator([]ZoneRow{zoneRow("A", "approved", "", cells(0, 0, 4, 4)), zoneRow("B", "approved", "", cells(2, 2, 4, 4))})
	if err != nil {
		f.Fatal(err)
	}
	texts := noTexts()
	f.Fuzz(func(t *testing.T, content []byte, repair bool) {
		sink, said := newMemory(), &told{}
		opt := Options{Files: []File{text("p", string(content))}, MaxRejects: NoLimit, Repair: repair, Texts: texts, Workers: 1}
		said.listen(&opt)
		res, err := LoadParcels(context.Background(), opt, locator, validSink{sink, t})
		if err != nil && !errors.Is(err, ErrRefused) {
			t.Fatal(err)
		}
		rejects := int64(0)
		for _, r := range said.rejects {
			if r.Severity == "reject" {
				rejects++
			}
		}
		if res.Features() != res.Loaded()+res.Rejected() || rejects != res.Rejected() {
			t.Fatalf("%+v, %d rejects told", res.Inputs, rejects)
		}
		if err == nil && int64(len(sink.parcels)) != res.Loaded() {
			t.Fatalf("%d rows, %d loaded", len(sink.parcels), res.Loaded())
		}
	})
}

type validSink struct {
	*memory
	t *testing.T
}

func (s validSink) ParcelWriter() (ParcelWriter, error) {
	return validWriter{memoryParcels{s.memory}, s.t}, nil
}

type validWriter struct {
	memoryParcels
	t *testing.T
}

func (w validWriter) Write(r *ParcelRow) error {
	if d := geo.Validate(r.Geometry); len(d) > 0 || r.Parcel.EllipsoidM2 <= 0 || len(r.In) == 0 || r.Parcel.ID == "" {
		w.t.Fatalf("loaded %+v with %v, %+v", r.Parcel, d, r.In)
	}
	return w.memoryParcels.Write(r)
}
