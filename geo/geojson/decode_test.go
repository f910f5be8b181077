package geojson

import (
	"strings"
	"testing"
)

// feature gives the text of a feature with these members.
func feature(members string) string { return `{"type":"Feature",` + members + `}` }

func TestFeatureFaults(t *testing.T) {
	props := func(p string) string { return feature(`"geometry":null,"properties":` + p) }
	tests := []struct{ name, text, want string }{
		{"null", `null`, "feature_null at 0"},
		{"number", `12`, "feature_not_object at 0"},
		{"array", `[]`, "feature_not_object at 0"},
		{"no type", `{"geometry":null,"properties":{}}`, "missing_type at 0"},
		{"type null", `{"type":null}`, "type_not_string at 8"},
		{"type unknown", `{"type":"Parcel"}`, "unknown_type at 8"},
		{"type in lower case", `{"type":"feature"}`, "type_case at 8"},
		{"no geometry", feature(`"properties":{}`), "missing_geometry at 0"},
		{"no properties", feature(`"geometry":null`), "missing_properties at 0"},
		{"coordinates in the feature", feature(`"coordinates":[1,2],"properties":{}`), "misplaced_member at 18"},
		{"features in the feature", feature(`"geometry":null,"properties":{},"features":[]`), "misplaced_member at 50"},
		{"properties array", props(`[]`), "properties_not_object at 47"},
		{"properties number", props(`7`), "properties_not_object at 47"},
		{"id object", feature(`"id":{}`), "bad_id at 23"},
		{"id boolean", feature(`"id":true`), "bad_id at 23"},
		{"bbox text", feature(`"bbox":"1,2,3,4"`), "bad_bbox at 25"},
		{"bbox of five", feature(`"bbox":[1,2,3,4,5]`), "bad_bbox at 25"},
		{"bbox with text", feature(`"bbox":["1",2,3,4]`), "bad_bbox at 25"},
		{"type twice", feature(`"type":"Feature"`), "duplicate_key at 18"},
		{"geometry twice", feature(`"geometry":null,"geometry":null`), "duplicate_key at 34"},
		{"foreign twice", feature(`"x":1,"x":2`), "duplicate_key at 24"},
		{"property twice", props(`{"a":1,"b":2,"a":3}`), "duplicate_key at 60"},
		{"property twice, escaped", props(`{"ab":1,"a\u0062":3}`), "duplicate_key at 55"},
		{"nested key twice", props(`{"a":{"x":1,"x":2}}`), "duplicate_key at 59"},
		{"deeply nested", props(`{"a":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`), "nested_too_deep at 114"},
		{"comma at the end", props(`{"a":1,}`), "syntax at 54"},
		{"comma missing", props(`{"a":1 "b":2}`), "syntax at 54"},
		{"colon missing", props(`{"a" 1}`), "syntax at 52"},
		{"key without quotes", props(`{a:1}`), "syntax at 48"},
		{"value missing", props(`{"a":}`), "syntax at 52"},
		{"NaN", props(`{"a":NaN}`), "syntax at 52"},
		{"literal cut", props(`{"a":nul}`), "syntax at 55"},
		{"leading zero", props(`{"a":012}`), "bad_number at 52"},
		{"plus", props(`{"a":+1}`), "syntax at 52"},
		{"point first", props(`{"a":.5}`), "syntax at 52"},
		{"point last", props(`{"a":5.}`), "bad_number at 52"},
		{"exponent empty", props(`{"a":5e}`), "bad_number at 52"},
		{"minus alone", props(`{"a":-}`), "bad_number at 52"},
		{"control character", props("{\"a\":\"x\ty\"}"), "control_character at 54"},
		{"bad escape", props(`{"a":"\x41"}`), "bad_escape at 53"},
		{"bad digits", props(`{"a":"\u00g0"}`), "bad_escape at 53"},
		{"lone high surrogate", props(`{"a":"\ud83d!"}`), "lone_surrogate at 53"},
		{"lone low surrogate", props(`{"a":"\ude00"}`), "lone_surrogate at 53"},
		{"two high surrogates", props(`{"a":"\ud83d\ud83d"}`), "lone_surrogate at 53"},
		{"GBK text", props("{\"a\":\"\xC4\xCF\xC4\xFE\"}"), "invalid_utf8 at 53"},
		{"surrogate in UTF-8", props("{\"a\":\"\xED\xA0\x80\"}"), "invalid_utf8 at 53"},
		{"overlong", props("{\"a\":\"\xC0\xAF\"}"), "invalid_utf8 at 53"},
		{"brackets crossed", props(`{"a":[1}`), "syntax at 54"},
	}
	for _, tt := range tests {
		got := read(tt.text, Options{Format: FormatLines})
		if i := strings.Index(got, "fault "); i < 0 || !strings.HasPrefix(got[i+6:], tt.want+"\n") {
			t.Errorf("%s: got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestGeometryFaults(t *testing.T) {
	tests := []struct{ name, geometry, want string }{
		{"text", `"POLYGON((0 0,1 0,1 1,0 0))"`, "geometry_not_object at 0"},
		{"array", `[]`, "geometry_not_object at 0"},
		{"no type", `{"coordinates":[1,2]}`, "missing_type at 0"},
		{"type number", `{"type":3}`, "type_not_string at 8"},
		{"unknown type", `{"type":"Circle"}`, "unknown_type at 8"},
		{"lower case", `{"type":"polygon","coordinates":[]}`, "type_case at 8"},
		{"a feature", `{"type":"Feature","geometry":null}`, "geometry_is_feature at 8"},
		{"geometry in it", `{"type":"Polygon","geometry":null}`, "misplaced_member at 18"},
		{"properties in it", `{"type":"Polygon","properties":{}}`, "misplaced_member at 18"},
		{"geometries in a polygon", `{"type":"Polygon","geometries":[]}`, "misplaced_member at 18"},
		{"coordinates in a collection", `{"type":"GeometryCollection","coordinates":[],"geometries":[]}`, "misplaced_member at 0"},
		{"no coordinates", `{"type":"Polygon"}`, "missing_coordinates at 0"},
		{"no geometries", `{"type":"GeometryCollection"}`, "missing_geometries at 0"},
		{"geometries object", `{"type":"GeometryCollection","geometries":{}}`, "geometries_not_array at 42"},
		{"geometries with null", `{"type":"GeometryCollection","geometries":[null]}`, "geometries_not_array at 43"},
		{"coordinates null", `{"type":"Polygon","coordinates":null}`, "coordinates_not_array at 32"},
		{"coordinates text", `{"type":"Polygon","coordinates":"1,2"}`, "coordinates_not_array at 32"},
		{"coordinates object", `{"type":"Polygon","coordinates":{"type":"Polygon"}}`, "coordinates_not_array at 32"},
		{"empty", `{"type":"Polygon","coordinates":[]}`, "empty_coordinates at 32"},
		{"empty ring", `{"type":"Polygon","coordinates":[[]]}`, "empty_coordinates at 32"},
		{"empty point", `{"type":"Point","coordinates":[]}`, "empty_coordinates at 30"},
		{"shallow by one", `{"type":"Polygon","coordinates":[[0,0],[1,0],[1,1],[0,0]]}`, "coordinates_too_shallow at 34"},
		{"shallow by two", `{"type":"Polygon","coordinates":[0,0]}`, "coordinates_too_shallow at 33"},
		{"multipolygon as polygon", `{"type":"MultiPolygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`, "coordinates_too_shallow at 40"},
		{"deep", `{"type":"Polygon","coordinates":[[[[0,0],[1,0]]]]}`, "coordinates_too_deep at 35"},
		{"deep point", `{"type":"Point","coordinates":[[1,2]]}`, "coordinates_too_deep at 31"},
		{"one number", `{"type":"Polygon","coordinates":[[[0]]]}`, "position_too_short at 36"},
		{"no number", `{"type":"Polygon","coordinates":[[[]]]}`, "position_too_short at 35"},
		{"text number", `{"type":"Polygon","coordinates":[[["0",0]]]}`, "position_not_number at 35"},
		{"null number", `{"type":"Polygon","coordinates":[[[0,null]]]}`, "position_not_number at 37"},
		{"text position", `{"type":"Polygon","coordinates":[["0 0"]]}`, "coordinates_not_array at 34"},
		{"comma too many", `{"type":"Polygon","coordinates":[[[0,0,]]]}`, "syntax at 39"},
		{"comma missing", `{"type":"Polygon","coordinates":[[[0 0]]]}`, "syntax at 37"},
		{"positions without comma", `{"type":"Polygon","coordinates":[[[0,0][1,1]]]}`, "syntax at 39"},
		{"leading zero", `{"type":"Polygon","coordinates":[[[00,0]]]}`, "bad_number at 35"},
		{"beyond range", `{"type":"Polygon","coordinates":[[[1e999,0]]]}`, "number_out_of_range at 35"},
		{"coordinates twice", `{"type":"Polygon","coordinates":[[[0,0]]],"coordinates":[[[0,0]]]}`, "duplicate_key at 42"},
		{"coordinates first, deep", `{"coordinates":[[[[0,0]]]],"type":"Polygon"}`, "coordinates_too_deep at 18"},
		{"bad bbox", `{"type":"Point","bbox":[1,2,3],"coordinates":[1,2]}`, "bad_bbox at 23"},
	}
	const head = `{"type":"Feature","properties":{},"geometry":`
	for _, tt := range tests {
		lines := outcome(strings.NewReader(head+tt.geometry+"}"), Options{Format: FormatLines})
		want := strings.Fields(tt.want)
		var f *FeatureError
		one(t, head+tt.geometry+"}", func(got *Feature) { f = got.Fault })
		if f == nil || string(f.Code) != want[0] || itoa(int(f.At)-len(head)) != want[2] {
			t.Errorf("%s: got %q, want %s (after %d)", tt.name, lines, tt.want, len(head))
			continue
		}
		if f.Message.ZH == "" || f.Message.EN == "" || f.Remedy.ZH == "" || f.Remedy.EN == "" {
			t.Errorf("%s: incomplete texts %+v", tt.name, f)
		}
		for _, text := range []string{f.Error(), f.ErrorZH()} {
			if strings.Contains(text, "{0}") || strings.Contains(text, "{1}") {
				t.Errorf("%s: unfilled text %s", tt.name, text)
			}
		}
	}
}

// one decodes a single line.
func one(t *testing.T, text string, fn func(*Feature)) {
	t.Helper()
	b, err := NewReader(strings.NewReader(text), Options{Format: FormatLines}).Next()
	if err != nil {
		t.Fatal(err)
	}
	var d Decoder
	_ = d.Decode(b, func(f *Feature) error { fn(f); return nil })
}

func TestGeometries(t *testing.T) {
	tests := []struct{ name, geometry, want string }{
		{"polygon with a hole", `{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]],[[1,1],[2,1],[2,2],[1,1]]]}`, "="},
		{"multipolygon", `{"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[9,9],[0,0]]],[[[1,1],[2,1],[2,2],[1,1]]]]}`, "="},
		{"coordinates first", `{"coordinates":[[[0,0],[1,0],[1,1],[0,0]]],"type":"Polygon"}`, square},
		{"white space", "{ \"type\" :\n\"Polygon\" , \"coordinates\" : [ [ [ 0 , 0 ] , [1\t, 0 ] , [ 1,1] ,[0,0]\n] ] }", square},
		{"heights", `{"type":"Polygon","coordinates":[[[0,0,5],[1,0,5],[1,1,5,7],[0,0]]]}`, square + " z=3 m=1"},
		{"numbers", `{"type":"Polygon","coordinates":[[[-0.5,1e2],[1E-2,12345678901234567890],[108.366543210987654321,2.5e+1]]]}`, `{"type":"Polygon","coordinates":[[[-0.5,100],[0.01,12345678901234567000],[108.36654321098766,25]]]}`},
		{"members of its own", `{"type":"Polygon","x":{"a":[1]},"bbox":[0,0,1,1],"coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`, square},
		{"point", `{"type":"Point","coordinates":[1,2]}`, "(Point)"},
		{"multipoint", `{"type":"MultiPoint","coordinates":[[1,2]]}`, "(MultiPoint)"},
		{"line", `{"type":"LineString","coordinates":[[1,2],[3,4]]}`, "(LineString)"},
		{"multiline", `{"type":"MultiLineString","coordinates":[[[1,2],[3,4]]]}`, "(MultiLineString)"},
		{"collection", `{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}`, "(GeometryCollection)"},
		{"empty collection", `{"type":"GeometryCollection","geometries":[]}`, "(GeometryCollection)"},
		{"null", `null`, "null"},
	}
	for _, tt := range tests {
		want := tt.want
		if want == "=" {
			want = tt.geometry
		}
		one(t, strings.ReplaceAll(feature(`"properties":{},"geometry":`+tt.geometry), "\n", " "), func(f *Feature) {
			if got := strings.TrimPrefix(describeFeature(f), "1@0 "); got != want {
				t.Errorf("%s: got %s, want %s", tt.name, got, want)
			}
		})
	}
}

func TestProperties(t *testing.T) {
	one(t, feature(`"geometry" : null,"properties" : { "\b\f\/\u00E9" : "\r\t\\" }`), func(f *Feature) {
		if got, want := describeFeature(f), "1@0 null \b\f/é=string:\r\t\\"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	one(t, feature(`"id":"x","geometry":null,"properties":{"用途":"工业\u7528\u5730","n":-1.5e2,"i":42,"t":true,"f":false,"z":null,"a":[1, {"x":2}],"o":{"b":"\u0062"},"":"","e":"\ud83d\ude00\n"}`), func(f *Feature) {
		want := "1@0 id=string:x null 用途=string:工业用地 n=number:-1.5e2 i=number:42 t=boolean:true f=boolean:false z=null:null" +
			` a=array:[1, {"x":2}] o=object:{"b":"\u0062"} =string: e=string:😀` + "\n"
		if got := describeFeature(f); got != want {
			t.Errorf("got %q\nwant %q", got, want)
		}
		get := func(key string) Property {
			p, ok := f.Property(key)
			if !ok {
				t.Errorf("%s is missing", key)
			}
			return p
		}
		if v, ok := get("n").Float(); v != -150 || !ok {
			t.Error("Float", v, ok)
		}
		if v, ok := get("i").Int(); v != 42 || !ok {
			t.Error("Int", v, ok)
		}
		if _, ok := get("n").Int(); ok {
			t.Error("Int of a fraction")
		}
		if v, ok := get("t").Bool(); !v || !ok {
			t.Error("Bool")
		}
		if _, ok := get("i").Bool(); ok {
			t.Error("Bool of a number")
		}
		if _, ok := get("用途").Float(); ok {
			t.Error("Float of a text")
		}
		if !get("z").IsNull() || get("f").IsNull() {
			t.Error("IsNull")
		}
		if _, ok := f.Property("absent"); ok {
			t.Error("absent property found")
		}
	})
}

// Keys keep their ids whatever order and presence later features have them in.
func TestKeysAreInterned(t *testing.T) {
	with := func(p string) string { return feature(`"geometry":null,"properties":` + p) }
	text := strings.Join([]string{with(`{"a":1,"b":2,"c":3}`), with(`{"a" : 1,"b"  :2}`), with(`{}`), with(`{"c":3,"a":1}`), with(`null`), with(`{"b" : 2,"a\u0022":9,"a":1}`), with(`{"a\"":1,"a":2}`), with(`{"a":1,"b":2,"c":3,"a":4}`)}, "\n")
	var d Decoder
	var got []string
	for _, b := range batches(t, []byte(text)) {
		_ = d.Decode(b, func(f *Feature) error {
			line := ""
			for _, p := range f.Properties {
				line += p.Key + itoa(int(p.KeyID))
			}
			if f.Fault != nil {
				line = string(f.Fault.Code)
			}
			got = append(got, line)
			return nil
		})
	}
	want := `a0b1c2|a0b1||c2a0||b1a"3a0|a"3a0|duplicate_key`
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
}

func TestManyKeys(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		b.WriteString(`"k` + itoa(i) + `":{"x":[` + strings.Repeat("{},", 3) + `{}]},`)
	}
	nested := `{"deep":{` + b.String() + `"k7":1}}`
	one(t, feature(`"geometry":null,"properties":`+nested), func(f *Feature) {
		if f.Fault == nil || f.Fault.Code != CodeDuplicateKey {
			t.Errorf("got %v", f.Fault)
		}
	})
	wide := `{` + b.String() + `"last":1}`
	one(t, feature(`"geometry":null,"properties":`+wide), func(f *Feature) {
		if f.Fault != nil || len(f.Properties) != 101 {
			t.Errorf("%d properties, %v", len(f.Properties), f.Fault)
		}
	})
	batch, _ := NewReader(strings.NewReader(feature(`"geometry":null,"properties":`+wide)), Options{}).Next()
	d := Decoder{MaxProperties: 50}
	_ = d.Decode(batch, func(f *Feature) error {
		if f.Fault == nil || f.Fault.Code != CodeTooManyProperties {
			t.Errorf("got %v", f.Fault)
		}
		return nil
	})
}

// Text of the file stands in messages, but neither at any length nor with control characters.
func TestMessagesShowNamesSafely(t *testing.T) {
	for key, want := range map[string]string{
		`面积`:                      `key "面积" occurs`,
		`a\u001b[31m\n`:           "key \"a\uFFFD[31m\uFFFD\" occurs",
		strings.Repeat("长", 1000): `key "` + strings.Repeat("长", 60) + `…" occurs`,
	} {
		one(t, feature(`"geometry":null,"properties":{"`+key+`":1,"`+key+`":2}`), func(f *Feature) {
			if f.Fault == nil || !strings.Contains(f.Fault.Error(), want) {
				t.Errorf("got %v, want %s", f.Fault, want)
			}
		})
	}
}
