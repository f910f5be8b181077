// Package geojson reads GeoJSON as a stream: RFC 7946 feature collections, single features and bare
// geometries, GeoJSON text sequences (RFC 8142) and newline-delimited GeoJSON, each also gzipped.
//
// Reading has two steps, so that several cores can share it. A [Reader] only finds where features begin and
// end and hands them out in batches; a [Decoder], one a worker, turns a batch into features:
//
//	r := geojson.NewReader(file, geojson.Options{})
//	for {
//		batch, err := r.Next()     // one goroutine
//		if err == io.EOF {
//			break
//		}
//		...                        // *StructureError: reading stops
//		dec.Decode(batch, func(f *geojson.Feature) error { // any worker, its own Decoder
//			if f.Fault != nil { ... }  // this feature is refused, the next one comes
//			...
//		})
//		batch.Release()
//	}
//
// The reader is strict: duplicate keys, bad UTF-8, lone surrogates, control characters in strings, numbers
// outside JSON's grammar and members in places RFC 7946 section 7.1 forbids are faults with a byte offset.
// A fault inside one feature whose end can be found is a [FeatureError] on that feature; a fault in the
// container is a [StructureError] and ends the reading. Every position in the file is reported exactly once,
// as a feature or as a fault.
//
// Memory is bounded by the batch size and the largest feature (Options.MaxFeatureBytes), whatever the size of
// the file.
//
// The package owns the format only. It never knows whether a ring is closed or a polygon valid (package geo),
// what a property means (package ingest), or which coordinate systems are understood: a legacy "crs" member is
// reported in [Header], not applied.
package geojson
