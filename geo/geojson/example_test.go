package geojson_test

import (
	"fmt"
	"io"
	"strings"

	"github.com/muscope/muscope/geo/geojson"
)

// A file is split by one goroutine and decoded by any number of others; here one does both.
func Example() {
	const file = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"id":"A-1","area":120.5},"geometry":{"type":"Polygon","coordinates":[[[108,22],[109,22],[109,23],[108,22]]]}},
{"type":"Feature","properties":{"id":"A-2","id":"A-3"},"geometry":null}
],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}}}`

	r := geojson.NewReader(strings.NewReader(file), geojson.Options{})
	dec := geojson.Decoder{ReuseGeometry: true}
	for {
		batch, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		err = dec.Decode(batch, func(f *geojson.Feature) error {
			if f.Fault != nil {
				fmt.Println(f.Fault.ErrorZH())
				return nil
			}
			id, _ := f.Property("id")
			area, _ := f.Property("area")
			m2, _ := area.Float()
			fmt.Println(f.Number, id.Text(), m2, f.GeometryType)
			return nil
		})
		batch.Release()
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	if crs := r.Header().CRS; crs != nil && crs.AfterFeatures {
		fmt.Println("crs after the features:", crs.Name)
	}
	// Output:
	// 1 A-1 120.5 Polygon
	// 第2个要素，字节227：同一对象中键“id”重复；请只保留一个“id”
	// crs after the features: urn:ogc:def:crs:EPSG::4490
}
