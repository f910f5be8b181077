package geojson

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/paulmach/orb"
)

// outcome is all that reading a text gave, one line a feature, the header and the error last.
func outcome(src io.Reader, opt Options) []string {
	r := NewReader(src, opt)
	var d Decoder
	var out []string
	for {
		batch, err := r.Next()
		if err != nil {
			h := r.Header()
			head := fmt.Sprintf("format=%s gzip=%t bom=%t", h.Format, h.Gzip, h.BOM)
			if h.Name != "" {
				head += " name=" + h.Name
			}
			if h.CRS != nil {
				head += fmt.Sprintf(" crs=%s:%s after=%t", h.CRS.Kind, h.CRS.Name, h.CRS.AfterFeatures)
			}
			out = append(out, head)
			if err != io.EOF {
				out = append(out, describeError(err))
			}
			return out
		}
		if batch.Len() == 0 || batch.Bytes() == 0 {
			return append(out, "empty batch")
		}
		err = d.Decode(batch, func(f *Feature) error {
			out = append(out, describeFeature(f))
			return nil
		})
		if err != nil {
			return append(out, "decode: "+err.Error())
		}
		batch.Release()
	}
}

func describeError(err error) string {
	var s *StructureError
	if errors.As(err, &s) {
		return fmt.Sprintf("stop %s at %d in feature %d", s.Code, s.Offset, s.Feature)
	}
	return "stop: " + err.Error()
}

func describeFeature(f *Feature) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d@%d", f.Number, f.Offset)
	if f.ID.Present() {
		fmt.Fprintf(&b, " id=%s:%s", f.ID.Kind, f.ID)
	}
	if f.Fault != nil {
		fmt.Fprintf(&b, " fault %s at %d", f.Fault.Code, f.Fault.At)
		return b.String()
	}
	switch {
	case f.NullGeometry:
		b.WriteString(" null")
	case f.Geometry == nil:
		b.WriteString(" (" + f.GeometryType + ")")
	default:
		b.WriteString(" ")
		b.Write(AppendGeometry(nil, f.Geometry))
	}
	if f.ZDropped+f.MDropped > 0 {
		fmt.Fprintf(&b, " z=%d m=%d", f.ZDropped, f.MDropped)
	}
	for _, p := range f.Properties {
		fmt.Fprintf(&b, " %s=%s:%s", p.Key, p.Kind, p.Raw)
	}
	for _, p := range f.Foreign {
		fmt.Fprintf(&b, " +%s=%s", p.Key, p.Raw)
	}
	return b.String()
}

func read(text string, opt Options) string {
	return strings.Join(outcome(strings.NewReader(text), opt), "\n")
}

const (
	square   = `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`
	featureA = `{"type":"Feature","id":"a","geometry":null,"properties":{"k":1}}`
	featureB = `{"type":"Feature","id":2,"geometry":null,"properties":null}`
)

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func TestFormats(t *testing.T) {
	const a, b = " id=string:a null k=number:1", " id=number:2 null"
	squareOut := " " + square
	tests := []struct {
		name, text string
		opt        Options
		want       string
	}{
		{"collection", collection(featureA, featureB), Options{}, "1@40" + a + "\n2@105" + b + "\nformat=FeatureCollection gzip=false bom=false"},
		{"empty collection", collection(), Options{}, "format=FeatureCollection gzip=false bom=false"},
		{"type last", `{"features":[` + featureB + `],"type":"FeatureCollection"}`, Options{}, "1@13" + b + "\nformat=FeatureCollection gzip=false bom=false"},
		{"byte order mark", "\xEF\xBB\xBF" + collection(featureB), Options{}, "1@43" + b + "\nformat=FeatureCollection gzip=false bom=true"},
		{"one feature", "\n " + featureA + "\n", Options{}, "1@2" + a + "\nformat=Feature gzip=false bom=false"},
		{"bare geometry", square, Options{}, "1@0" + squareOut + "\nformat=Geometry gzip=false bom=false"},
		{"bare point", `{"type":"Point","coordinates":[1,2]}`, Options{}, "1@0 (Point)\nformat=Geometry gzip=false bom=false"},
		{"sequence", "\x1e" + featureA + "\n\x1e" + square + "\n", Options{}, "1@1" + a + "\n2@67" + squareOut + "\nformat=GeoJSON text sequence gzip=false bom=false"},
		{"sequence, pretty, empty records", "\x1e\x1e{\n\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,0]]]}\n\x1e\n", Options{}, "1@2" + squareOut + "\nformat=GeoJSON text sequence gzip=false bom=false"},
		{"sequence, broken record", "\x1e{\"type\":\n\x1e" + featureB, Options{}, "1@1 fault truncated at 9\n2@11" + b + "\nformat=GeoJSON text sequence gzip=false bom=false"},
		{"lines", featureA + "\n" + featureB, Options{}, "1@0" + a + "\n2@65" + b + "\nformat=newline-delimited GeoJSON gzip=false bom=false"},
		{"lines, CR and blank lines", featureA + "\r\n\r\n" + featureB + "\r\n", Options{}, "1@0" + a + "\n2@68" + b + "\nformat=newline-delimited GeoJSON gzip=false bom=false"},
		{"lines, broken in the middle", featureB + "\n" + `{"type":"Feature",,}` + "\n" + featureB, Options{}, "1@0" + b + "\n2@60 fault syntax at 78\n3@81" + b + "\nformat=newline-delimited GeoJSON gzip=false bom=false"},
		{"lines, first one cut", `{"type":"Feature","id":1` + "\n" + featureB, Options{}, "1@0 id=number:1 fault truncated at 24\n2@25" + b + "\nformat=newline-delimited GeoJSON gzip=false bom=false"},
		{"lines, named", "nonsense\n" + featureB, Options{Format: FormatLines}, "1@0 fault feature_not_object at 0\n2@9" + b + "\nformat=newline-delimited GeoJSON gzip=false bom=false"},
		{"one line, named", featureB, Options{Format: FormatLines}, "1@0" + b + "\nformat=newline-delimited GeoJSON gzip=false bom=false"},
		{"lines that mention features", `{"type":"Feature","geometry":null,"properties":{"features":1}}` + "\n" + featureB, Options{}, "1@0 null features=number:1\n2@63" + b + "\nformat=newline-delimited GeoJSON gzip=false bom=false"},
		{"line with a collection", featureB + "\n" + collection() + "\n", Options{}, "1@0" + b + "\n2@60 fault collection_inside at 60\nformat=newline-delimited GeoJSON gzip=false bom=false"},
		{"line with two features", featureB + "\n" + featureB + featureB, Options{}, "1@0" + b + "\n2@60 id=number:2 fault trailing_data at 119\nformat=newline-delimited GeoJSON gzip=false bom=false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := read(tt.text, tt.opt); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			var z bytes.Buffer
			w := gzip.NewWriter(&z)
			_, _ = io.WriteString(w, tt.text)
			_ = w.Close()
			want := strings.Replace(tt.want, "gzip=false", "gzip=true", 1)
			if got := strings.Join(outcome(&z, tt.opt), "\n"); got != want {
				t.Errorf("gzipped: got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A line longer than a batch hides the format; the second object on the next line still tells.
func TestLongFirstLine(t *testing.T) {
	long := `{"type":"Feature","id":1,"geometry":null,"properties":{"t":"` + strings.Repeat("x", 3000) + `"}}`
	got := outcome(strings.NewReader(long+"\n"+featureB+"\n"), Options{BatchBytes: 128})
	if len(got) != 3 || !strings.HasSuffix(got[1], "id=number:2 null") || !strings.HasPrefix(got[2], "format=newline-delimited") {
		t.Errorf("got %q", got)
	}
}

func TestCRS(t *testing.T) {
	const legacy = `{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}}`
	tests := []struct{ name, text, want string }{
		{"before", `{"type":"FeatureCollection","crs":` + legacy + `,"features":[]}`, "name:urn:ogc:def:crs:EPSG::4490 after=false"},
		{"after", `{"type":"FeatureCollection","features":[` + featureB + `],"crs":` + legacy + `}`, "name:urn:ogc:def:crs:EPSG::4490 after=true"},
		{"null", `{"type":"FeatureCollection","crs":null,"features":[]}`, "null: after=false"},
		{"EPSG draft", `{"type":"FeatureCollection","crs":{"type":"EPSG","properties":{"code":4326}},"features":[]}`, "EPSG:EPSG:4326 after=false"},
		{"link", `{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"http://x/1","type":"proj4"}},"features":[]}`, "link:http://x/1 after=false"},
		{"text", `{"type":"FeatureCollection","crs":"EPSG:4490","features":[]}`, "unknown: after=false"},
		{"of a geometry", `{"type":"Point","coordinates":[1,2],"crs":` + legacy + `}`, "name:urn:ogc:def:crs:EPSG::4490 after=false"},
	}
	for _, tt := range tests {
		if got := read(tt.text, Options{}); !strings.HasSuffix(got, " crs="+tt.want) {
			t.Errorf("%s: got\n%s", tt.name, got)
		}
	}
	got := read(collection(`{"type":"Feature","crs":`+legacy+`,"geometry":null,"properties":{}}`), Options{})
	if !strings.Contains(got, "+crs="+legacy) {
		t.Errorf("crs of a feature is lost: %s", got)
	}
}

func TestHeaderMembers(t *testing.T) {
	r := NewReader(strings.NewReader(`{"type":"FeatureCollection","name":"宗地","when":[1, 2],"features":[],"bbox":[1,2,3,4]}`), Options{})
	if _, err := r.Next(); err != io.EOF {
		t.Fatal(err)
	}
	h := r.Header()
	got := ""
	for _, m := range h.Members {
		got += fmt.Sprintf("%s=%s@%d after=%t\n", m.Key, m.Raw, m.Offset, m.AfterFeatures)
	}
	want := "name=\"宗地\"@35 after=false\nwhen=[1, 2]@51 after=false\nbbox=[1,2,3,4]@79 after=true\n"
	if got != want || h.Name != "宗地" {
		t.Errorf("got %s", got)
	}
}

func TestStructureErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "stop empty_file at 0 in feature 0"},
		{"blank", " \n ", "stop empty_file at 3 in feature 0"},
		{"bare rings", "[[[1,2],[3,4]]]", "stop not_geojson at 0 in feature 0"},
		{"string", `"x"`, "stop not_geojson at 0 in feature 0"},
		{"null", "null", "stop not_geojson at 0 in feature 0"},
		{"false", "false", "stop not_geojson at 0 in feature 0"},
		{"xml", "<kml/>", "stop not_json at 0 in feature 0"},
		{"csv", "id,area\n1,2\n", "stop not_json at 0 in feature 0"},
		{"zip", "PK\x03\x04....", "stop archive at 0 in feature 0"},
		{"utf-16", "\xFF\xFE{\x00", "stop not_utf8_encoding at 0 in feature 0"},
		{"no type", `{"geometry":null}`, "stop missing_type at 0 in feature 0"},
		{"empty object", `{}`, "stop missing_type at 0 in feature 0"},
		{"no type beside features", `{"features":[]}`, "stop missing_type at 14 in feature 0"},
		{"type number", `{"type":1}`, "stop type_not_string at 8 in feature 0"},
		{"type unknown", `{"type":"FeatureSet","features":[]}`, "stop unknown_type at 8 in feature 0"},
		{"type in lower case", `{"type":"featurecollection","features":[]}`, "stop type_case at 8 in feature 0"},
		{"type in lower case, last", `{"features":[],"type":"featurecollection"}`, "stop type_case at 22 in feature 0"},
		{"no features", `{"type":"FeatureCollection"}`, "stop missing_features at 8 in feature 0"},
		{"features object", `{"type":"FeatureCollection","features":{}}`, "stop features_not_array at 39 in feature 0"},
		{"features null", `{"type":"FeatureCollection","features":null}`, "stop features_not_array at 39 in feature 0"},
		{"features in a feature", `{"type":"Feature","features":[]}`, "stop misplaced_member at 8 in feature 0"},
		{"geometry in a collection", `{"type":"FeatureCollection","geometry":null,"features":[]}`, "stop misplaced_member at 28 in feature 0"},
		{"properties in a collection, last", `{"type":"FeatureCollection","features":[],"properties":{}}`, "stop misplaced_member at 42 in feature 0"},
		{"features twice", `{"type":"FeatureCollection","features":[],"features":[]}`, "stop duplicate_key at 42 in feature 0"},
		{"type twice", `{"type":"FeatureCollection","features":[],"type":"FeatureCollection"}`, "stop duplicate_key at 42 in feature 0"},
		{"name twice", `{"type":"FeatureCollection","name":"a","features":[],"name":"b"}`, "stop duplicate_key at 53 in feature 0"},
		{"name twice before", `{"type":"FeatureCollection","name":"a","n\u0061me":"b","features":[]}`, "stop duplicate_key at 39 in feature 0"},
		{"trailing text", collection() + "x", "stop trailing_data at 42 in feature 0"},
		{"trailing document on a line", collection() + "\n" + collection(), "stop trailing_data at 43 in feature 0"},
		{"trailing document", collection() + collection(), "stop trailing_data at 42 in feature 0"},
		{"comma at the end", `{"type":"FeatureCollection","features":[],}`, "stop syntax at 42 in feature 0"},
		{"bad utf-8 in a member", "{\"type\":\"FeatureCollection\",\"name\":\"\xC4\xCF\",\"features\":[]}", "stop invalid_utf8 at 36 in feature 0"},
		{"cut in the head", `{"type":"FeatureCollection","na`, "stop truncated at 31 in feature 0"},
		{"cut before the end", `{"type":"FeatureCollection","features":[]`, "stop truncated at 41 in feature 0"},
		{"cut in a feature alone", `{"type":"Feature","geometry":{"type"`, "stop truncated at 36 in feature 0"},
	}
	for _, tt := range tests {
		got := read(tt.text, Options{})
		if got = got[strings.LastIndex(got, "\n")+1:]; got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Features before a fault in the container are given first; the fault names the feature it stands in or after.
func TestStopsAfterFeatures(t *testing.T) {
	head := `{"type":"FeatureCollection","features":[` + featureB
	tests := []struct{ name, tail, want string }{
		{"comma missing", featureB + "]}", "stop syntax at 99 in feature 1"},
		{"comma too many", ",]}", "stop syntax at 100 in feature 1"},
		{"two commas", ",," + featureB + "]}", "stop syntax at 100 in feature 1"},
		{"brace too many", "}]}", "stop syntax at 99 in feature 1"},
		{"cut after a feature", "", "stop truncated at 99 in feature 0"},
		{"cut in a feature", `,{"type":"Feat`, "stop truncated at 113 in feature 2"},
		{"cut in a text", `,"Feat`, "stop truncated at 105 in feature 2"},
		{"quote missing", `,{"type":"Feature,"id":"x"}]}`, "stop truncated at 128 in feature 2"},
	}
	for _, tt := range tests {
		lines := outcome(strings.NewReader(head+tt.tail), Options{})
		if lines[0] != "1@40 id=number:2 null" || lines[len(lines)-1] != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, lines, tt.want)
		}
	}
	_, err := drain(NewReader(strings.NewReader(head+`,{"type":"Feat`), Options{}))
	for _, want := range []string{"feature 2, which starts at byte 100", "第2个要素（始于字节100）"} {
		if s, ok := err.(*StructureError); !ok || !strings.Contains(s.Error()+s.ErrorZH(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

func drain(r *Reader) (n int, err error) {
	for {
		b, err := r.Next()
		if err != nil {
			return n, err
		}
		n += b.Len()
		b.Release()
	}
}

func TestLimits(t *testing.T) {
	big := `{"type":"Feature","id":3,"geometry":null,"properties":{"t":"` + strings.Repeat("x", 2000) + `"}}`
	tests := []struct {
		name, text string
		opt        Options
		want       string
	}{
		{"feature", collection(featureB, big), Options{MaxFeatureBytes: 1000}, "stop feature_too_large at 100 in feature 2"},
		{"feature in small batches", collection(featureB, big), Options{MaxFeatureBytes: 1000, BatchBytes: 128}, "stop feature_too_large at 100 in feature 2"},
		{"feature within", collection(big), Options{MaxFeatureBytes: len(big), BatchBytes: 128}, "format=FeatureCollection gzip=false bom=false"},
		{"line", featureB + "\n" + big, Options{MaxFeatureBytes: 1000, BatchBytes: 128}, "stop feature_too_large at 60 in feature 2"},
		{"head", `{"x":"` + strings.Repeat("y", 2000), Options{MaxFeatureBytes: 1000, BatchBytes: 128}, "stop members_too_large at 0 in feature 0"},
		{"tail", `{"type":"FeatureCollection","features":[],"x":[` + strings.Repeat("1,", 2000), Options{MaxFeatureBytes: 1000, BatchBytes: 128}, "stop members_too_large at 41 in feature 0"},
		{"file", collection(featureB, big), Options{MaxBytes: 1000}, "stop file_too_large at 1000 in feature 0"},
	}
	for _, tt := range tests {
		lines := outcome(strings.NewReader(tt.text), tt.opt)
		if got := lines[len(lines)-1]; got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestGzipBombAndDamage(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = io.WriteString(w, `{"type":"FeatureCollection","features":[`)
	for range 200 {
		_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<16))
	}
	_, _ = io.WriteString(w, "]}")
	_ = w.Close()
	whole := z.Bytes()
	last := func(b []byte, opt Options) string {
		lines := outcome(bytes.NewReader(b), opt)
		return lines[len(lines)-1]
	}
	if got := last(whole, Options{}); got != "format=FeatureCollection gzip=true bom=false" {
		t.Error(got)
	}
	if got := last(whole, Options{MaxBytes: 1 << 20}); got != "stop file_too_large at 1048576 in feature 0" {
		t.Error(got)
	}
	if got := last(whole[:len(whole)/2], Options{}); !strings.HasPrefix(got, "stop gzip_damaged") {
		t.Error(got)
	}
	broken := bytes.Clone(whole)
	broken[len(broken)-6] ^= 1
	if got := last(broken, Options{}); !strings.HasPrefix(got, "stop gzip_damaged") {
		t.Error(got)
	}
}

func TestReleasedBatchIsEmpty(t *testing.T) {
	r := NewReader(strings.NewReader(collection(featureA, featureB)), Options{})
	b, err := r.Next()
	if err != nil || b.Len() != 2 || b.First() != 1 || b.Bytes() != len(featureA)+1+len(featureB) || r.Offset() == 0 {
		t.Fatalf("%+v, %v", b, err)
	}
	b.Release()
	b.Release()
	if b.Len() != 0 || b.Bytes() != 0 {
		t.Errorf("%d features after release", b.Len())
	}
}

func TestSourceError(t *testing.T) {
	gone := errors.New("disk gone")
	src := io.MultiReader(strings.NewReader(collection(featureA)[:50]), iotest.ErrReader(gone))
	if _, err := drain(NewReader(src, Options{})); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
	r := NewReader(strings.NewReader("["), Options{})
	_, first := r.Next()
	if _, again := r.Next(); again != first || first == nil {
		t.Errorf("errors differ: %v, %v", first, again)
	}
}

// Small batches, single-byte reads and one large batch give the same.
func TestChunksMakeNoDifference(t *testing.T) {
	parcels := string(fabric(40, false))
	for name, text := range map[string]string{
		"parcels": parcels,
		"cut":     parcels[:len(parcels)-300],
		"escapes": collection(`{"type":"Feature","geometry":null,"properties":{"a":"\\","b":"\"}{\\\"","`+strings.Repeat(`\\`, 70)+`":"}"}}`, featureA),
		"odd":     collection(`null`, ` [1,{"a":"]"}] `, `"a,b"`, `12`, `}`, featureA),
		"lines":   strings.Repeat(featureA+"\n", 30),
	} {
		want := read(text, Options{})
		for _, size := range []int{128, 129, 191, 1000} {
			got := strings.Join(outcome(iotest.OneByteReader(strings.NewReader(text)), Options{BatchBytes: size}), "\n")
			if got != want {
				t.Errorf("%s, batches of %d: got\n%.600s\nwant\n%.600s", name, size, got, want)
			}
		}
	}
}

// Memory is bounded: a hundred megabytes pass through a few buffers.
func TestMemoryIsBounded(t *testing.T) {
	one := featureB + ","
	body := strings.Repeat(one, 1<<20/len(one))
	parts := []io.Reader{strings.NewReader(`{"type":"FeatureCollection","features":[`)}
	for range 100 {
		parts = append(parts, strings.NewReader(body))
	}
	parts = append(parts, strings.NewReader(featureB+"]}"))
	r := NewReader(io.MultiReader(parts...), Options{})
	n, err := drain(r)
	if want := 100*(1<<20/len(one)) + 1; n != want || err != io.EOF {
		t.Errorf("%d features, want %d: %v", n, want, err)
	}
	if len(r.buf) > 4<<20 {
		t.Errorf("buffer of %d bytes", len(r.buf))
	}
}

func TestReusedGeometryEqualsFresh(t *testing.T) {
	ring := func(k int) string { return fmt.Sprintf("[[%d,0],[%d,0],[%d,1],[%d,0]]", k, k+1, k+1, k) }
	rings := func(k, n int) string {
		var all []string
		for i := range n {
			all = append(all, ring(k+i))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	var features []string
	for k := range 60 {
		g := `{"type":"Polygon","coordinates":` + rings(k, 1+k*7%23) + `}`
		if k%3 == 1 {
			g = `{"type":"MultiPolygon","coordinates":[` + rings(k, 1+k%5) + "," + rings(k, k) + `]}`
		}
		features = append(features, feature(`"properties":null,"geometry":`+g))
	}
	var kept []orb.Geometry
	fresh, reused := Decoder{}, Decoder{ReuseGeometry: true}
	for _, b := range batches(t, []byte(collection(features...))) {
		_ = fresh.Decode(b, func(f *Feature) error {
			if f.Fault != nil {
				t.Fatal(f.Fault)
			}
			kept = append(kept, f.Geometry)
			return nil
		})
		_ = reused.Decode(b, func(f *Feature) error {
			if !orb.Equal(f.Geometry, kept[f.Number-1]) {
				t.Errorf("feature %d differs: %v, %v", f.Number, f.Geometry, kept[f.Number-1])
			}
			return nil
		})
	}
	if len(kept) != len(features) {
		t.Errorf("%d features", len(kept))
	}
}

func TestDecodeStopsOnCallersError(t *testing.T) {
	enough := errors.New("enough")
	for _, b := range batches(t, []byte(collection(featureA, featureB))) {
		var d Decoder
		n := 0
		err := d.Decode(b, func(*Feature) error { n++; return enough })
		if !errors.Is(err, enough) || n != 1 {
			t.Errorf("%d calls, %v", n, err)
		}
	}
}

// Batches decoded by several workers give each feature once, whatever is read and released meanwhile.
func TestWorkersShareAFile(t *testing.T) {
	const features = 3000
	r := NewReader(bytes.NewReader(fabric(features, false)), Options{BatchBytes: 1 << 14})
	work := make(chan *Batch)
	seen := make([]atomic.Int32, features+1)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			d := Decoder{ReuseGeometry: true}
			for b := range work {
				_ = d.Decode(b, func(f *Feature) error {
					id, _ := f.Property("id")
					if f.Fault != nil || id.Text() != fmt.Sprintf("450100-%07d", f.Number-1) {
						t.Errorf("feature %d: %s %v", f.Number, id.Raw, f.Fault)
					}
					seen[f.Number].Add(1)
					return nil
				})
				b.Release()
				b.Release() // a second one does nothing
			}
		})
	}
	for b, err := r.Next(); err == nil; b, err = r.Next() {
		work <- b
	}
	close(work)
	wg.Wait()
	for n := 1; n <= features; n++ {
		if seen[n].Load() != 1 {
			t.Errorf("feature %d seen %d times", n, seen[n].Load())
		}
	}
}

// Decoding with reused geometry makes no garbage once the working memory has its size.
func TestReuseDoesNotAllocate(t *testing.T) {
	all := batches(t, fabric(500, true))
	d := Decoder{ReuseGeometry: true}
	run := func() {
		for _, b := range all {
			_ = d.Decode(b, func(*Feature) error { return nil })
		}
	}
	run()
	if n := testing.AllocsPerRun(5, run); n > 3 {
		t.Errorf("%v allocations for 500 features", n)
	}
}
