package filter

import (
	"errors"
	"strings"
	"testing"

	"github.com/muscope/muscope/data"
)

func names(t testing.TB) *Queryables {
	t.Helper()
	q, err := NewQueryables([]Queryable{
		{Name: "far", Kind: Number},
		{Name: "area", Kind: Number},
		{Name: "holder", Kind: Text},
		{Name: "use", Kind: Text, Words: []string{"industrial", "storage", "green"}},
		{Name: "tag", Kind: Text, Words: []string{"a"}, AnyWord: true},
		{Name: "in_use", Kind: Boolean},
		{Name: "supplied_on", Kind: Date},
		{Name: "completed_on", Kind: Date},
		{Name: "loaded_at", Kind: Timestamp},
		{Name: "geometry", Kind: Geometry},
	}, Signature{Name: "len", Args: []Kind{Text}, Result: Number})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// faultCases have one fault or more each, as "line:col code".
var faultCases = []struct{ src, want string }{
	// Source and limits
	{"", "1:1 empty"},
	{" \n ", "1:1 empty"},
	{"far \x00< 1", "1:5 encoding"},
	{"far < 1 AND \xff", "1:13 encoding"},
	{"far < 1" + strings.Repeat(" ", 200_000), "1:1 too_long"},
	{strings.Repeat("(", 200) + "far < 1" + strings.Repeat(")", 200), "1:130 too_deep"},
	{"far < 1" + strings.Repeat(" + 1", 100), "1:7 too_deep"},
	{"far IN (1" + strings.Repeat(",1", 2000) + ")", "1:4007 too_many_nodes"},
	{"S_INTERSECTS(geometry, MULTIPOINT(" + strings.Repeat("1 2,", 10_000) + "1 2))", "1:40035 too_many_vertices"},
	// Characters
	{"far ＜ 1", "1:5 fullwidth"},
	{"（far < 1）", "1:1 fullwidth, 1:9 fullwidth"},
	{"use = ‘green’", "1:7 fullwidth, 1:8 name, 1:13 fullwidth"},
	{"far = 1 && area != 2 || far == 3", "1:9 operator, 1:17 operator, 1:22 operator, 1:29 operator"},
	{"far ≥ 1 AND area => 1", "1:5 operator, 1:18 operator"},
	{"far < 1;", "1:8 character"},
	{"holder = 'x", "1:10 text_open"},
	{`"far < 1`, "1:1 name_open"},
	{`"" < 1`, "1:1 name_empty"},
	{"area > 30亩", "1:8 number"},
	{"area > 1.2.3", "1:8 number"},
	{"area > 1E400", "1:8 number_range"},
	// Grammar
	{"far <", "1:6 expected"},
	{"far < 1 AND", "1:12 expected"},
	{"AND far < 1", "1:1 expected"},
	{"(far < 1", "1:9 expected"},
	{"far < 1)", "1:8 unexpected"},
	{"far < 1 area < 1", "1:9 unexpected"},
	{"far < 1 < 2", "1:9 unexpected"},
	{"far = NULL", "1:7 null_operand"},
	{"holder NOT NULL", "1:12 expected"},
	{"holder IS 'x'", "1:11 expected"},
	{"far IN ()", "1:9 expected"},
	{"far BETWEEN 1 OR 2", "1:15 expected, 1:18 no_condition"},
	{"far = 2 ^ 3 ^ 2", "1:13 power_twice"},
	{"far = +area", "1:8 expected"},
	{"A_CONTAINS(tags, ('x'))", "1:1 array"},
	{"supplied_on = DATE('2021-02-29')", "1:20 date"},
	{"supplied_on = DATE(2021)", "1:20 expected"},
	{"loaded_at = TIMESTAMP('2021-01-01')", "1:23 timestamp"},
	{"loaded_at = TIMESTAMP('2021-01-01T00:00:00.1234567Z')", "1:23 timestamp"},
	{"T_AFTER(supplied_on, INTERVAL('2021-01-01', 'now'))", "1:45 interval_end"},
	{"far <\nAND area < AND\n  far > 1 1", "2:1 expected, 2:12 expected, 3:11 unexpected"},
	// Geometries
	{"S_WITHIN(geometry, POINT EMPTY)", "1:20 geometry_empty"},
	{"S_WITHIN(geometry, MULTIPOLYGON(EMPTY))", "1:33 geometry_empty"},
	{"S_WITHIN(geometry, POINT M (1 2 3))", "1:26 geometry_measure"},
	{"S_WITHIN(geometry, POINT(1))", "1:27 expected"},
	{"S_WITHIN(geometry, POINT(1, 2))", "1:27 expected"},
	{"S_WITHIN(geometry, POINT(1 2, 3 4))", "1:20 point_count"},
	{"S_WITHIN(geometry, LINESTRING(1 2))", "1:30 line_count"},
	{"S_WITHIN(geometry, POLYGON((0 0, 1 1, 0 0)))", "1:28 ring_count"},
	{"S_WITHIN(geometry, POLYGON((0 0, 1 1, 1 0, 0 1)))", "1:28 ring_open"},
	{"S_WITHIN(geometry, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 2))))", "1:39 collection_nested"},
	{"S_WITHIN(geometry, GEOMETRYCOLLECTION(far))", "1:39 expected"},
	{"S_WITHIN(geometry, BBOX(1,2,3))", "1:20 bbox_count"},
	{"S_WITHIN(geometry, BBOX(3,4,1,2))", "1:20 bbox_reversed"},
	// Names and kinds
	{"fra < 1 AND areas > 1 AND nothing = 1", "1:1 name_near, 1:13 name_near, 1:27 name"},
	{"FAR < 1", "1:1 name_near"},
	{"use = 'industry' OR use IN ('green','red') OR 'blue' <> use OR tag = 'z'", "1:7 word, 1:37 word, 1:47 word"},
	{"far = 'x' AND holder = 1 AND supplied_on > '2020-01-01'", "1:7 kind_number_text, 1:24 kind_text_number, 1:44 kind_time_text"},
	{"in_use > far", "1:10 kind"},
	{"loaded_at > DATE('2020-01-01')", "1:13 kind_time"},
	{"supplied_on IN (DATE('2020-01-01'), TIMESTAMP('2020-01-01T00:00:00Z'))", "1:37 kind_time"},
	{"geometry = POINT(1 2)", "1:1 geometry_compared, 1:12 geometry_compared"},
	{"S_WITHIN(far, 1)", "1:10 kind, 1:15 kind"},
	{"holder + 1 > 2", "1:1 kind"},
	{"CASEI(far) = 'x'", "1:7 kind"},
	{"in_use AND NOT in_use", "1:1 property_alone, 1:16 property_alone"},
	{"far + 1", "1:1 no_condition"},
	{"'x'", "1:1 no_condition"},
	{"len(holder)", "1:1 no_condition"},
	{"(far > 1) = TRUE", "1:2 condition_place"},
	{"(far > 1) IS NULL", "1:2 condition_place"},
	{"supplied_on = INTERVAL('2020-01-01', '..')", "1:15 interval_place"},
	{"T_AFTER(supplied_on, INTERVAL('2020-01-02', '2020-01-01'))", "1:22 interval_reversed"},
	{"T_AFTER(supplied_on, INTERVAL('2020-01-02', '2020-01-03T00:00:00Z'))", "1:45 kind_time"},
	{"T_DURING(supplied_on, INTERVAL('2020-01-02', '..'))", "1:10 instant"},
	{"T_AFTER(far, '2020-01-01')", "1:9 time, 1:14 kind_time_text"},
	{"T_AFTER(supplied_on, loaded_at)", "1:22 kind_time"},
	{"holder LIKE use", "1:13 pattern"},
	{`holder LIKE 'x\'`, "1:13 text_open"},
	{`holder LIKE 'x\\'`, "1:13 pattern_escape"},
	{"Buffer(geometry, 1) = 2", "1:1 function"},
	{"len(holder, 1) = 2", "1:1 function_args"},
	{"len(1) = 2", "1:5 kind_text_number"},
	// JSON
	{`{"op":"=" "args":[]}`, "1:11 json_syntax"},
	{`{"op":`, "1:7 json_syntax"},
	{`true false`, "1:11 json_tail"},
	{`{"op":"not","op":"not","args":[true]}`, "1:13 json_twice"},
	{`{"property":1}`, "1:13 json_kind"},
	{`{"op":"=","args":[null,[1]]}`, "1:19 null_operand, 1:24 json_array"},
	{`{"a":1}`, "1:1 json_object"},
	{`{"op":"not","args":[true],"x":1}`, "1:27 json_member"},
	{`{"op":"t_after","args":[{"property":"supplied_on"},{"interval":["2020-01-01"]}]}`, "1:64 json_interval"},
	{`{"op":"and"}`, "1:1 json_args"},
	{`{"op":"and","args":[true]}`, "1:20 json_count"},
	{`{"op":"in","args":[{"property":"far"},[]]}`, "1:19 json_in"},
	{`{"op":"AND","args":[true,true]}`, "1:1 function_name"},
	{`{"op":"a_equals","args":[[1],[1]]}`, "1:7 array"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"Point"}]}`, "1:50 json_coordinates"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":[]}]}`, "1:50 geometry_empty"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"Circle","coordinates":[1,2]}]}`, "1:58 json_geometry"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":[1,"2"]}]}`, "1:83 json_kind"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"LineString","coordinates":[[1],[2,3]]}]}`, "1:86 json_position"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"MultiLineString","coordinates":[[[1,2]]]}]}`, "1:91 line_count"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}]}`, "1:83 ring_count"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"MultiPolygon","coordinates":[[[[0,0],[1,1],[1,0],[2,2]]]]}]}`, "1:89 ring_open"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[]]}]}`, "1:83 geometry_empty"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"MultiPoint","coordinates":[1]}]}`, "1:86 json_position"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"LineString","coordinates":[[1,2],[1,2,"3"]]}]}`, "1:97 json_kind"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[1]}]}`, "1:83 json_kind"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":1}]}`, "1:50 expected"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[{"type":"GeometryCollection","geometries":[1]}]}]}`, "1:101 collection_nested"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"bbox":[1,2,3]}]}`, "1:58 bbox_count"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"bbox":[1,2,3,null]}]}`, "1:65 json_kind"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"bbox":1}]}`, "1:58 json_kind"},
	{`{"op":"=","args":[{"property":"supplied_on"},{"date":"2021-02-29"}]}`, "1:54 date"},
	{`{"op":"=","args":[{"property":"supplied_on"},{"date":20210228}]}`, "1:54 json_kind"},
	{`{"op":"t_after","args":[{"property":"supplied_on"},{"interval":["..","2020"]}]}`, "1:70 interval_end"},
	{`{"op":1,"args":[]}`, "1:7 json_kind"},
	{`{"op":"and","args":1}`, "1:20 json_kind"},
	{`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1}`, "1:1 json_object"},
	{strings.Repeat(`{"op":"not","args":[`, 70) + "true" + strings.Repeat("]}", 70), "1:1281 too_deep"},
	{`{"op":"in","args":[{"property":"far"},[1` + strings.Repeat(",1", 2000) + `]]}`, "1:4038 too_many_nodes"},
	{`{"op":"s_within","args":[{"property":"geometry"},{"type":"MultiPoint","coordinates":[[1,2]` + strings.Repeat(",[1,2]", 10_000) + `]}]}`, "1:60086 too_many_vertices"},
	{`{"op":"<","args":[{"property":"fra"},"1e400"]}`, "1:19 name_near"},
	{`{"op":"=","args":[{"property":"holder"},"\u0000"]}`, "1:41 encoding"},
	{`{"op":"<","args":[{"property":"far"},1e400]}`, "1:38 number_range"},
	{"{\"op\":\"<\",\n\"args\":[{\"property\":\"far\"},\n \"1\"]}", "3:2 kind_number_text"},
}

func TestFaults(t *testing.T) {
	q := names(t)
	told := map[string]bool{}
	for _, c := range faultCases {
		var err error
		if strings.HasPrefix(c.src, "{") || strings.HasPrefix(c.src, "true ") {
			_, err = q.ParseJSON([]byte(c.src))
		} else {
			_, err = q.ParseText(c.src)
		}
		var fs Faults
		if !errors.As(err, &fs) {
			t.Errorf("%s: no faults: %v", cut(c.src, 80), err)
			continue
		}
		var got []string
		for _, f := range fs {
			got = append(got, place(f)+" "+f.Code)
			told[f.Code] = true
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s\n got %s\nwant %s\n%v", cut(c.src, 80), s, c.want, err)
		}
	}
	texts := loadTexts(t)
	for k := range texts {
		code, ok := strings.CutPrefix(k, "filter.")
		code, reason := strings.CutSuffix(code, ".reason")
		if ok && reason && !told[code] {
			t.Errorf("no case for fault %s", code)
		}
	}
	for code := range told {
		for _, part := range []string{".reason", ".remedy"} {
			if texts["filter."+code+part] == nil {
				t.Errorf("fault %s has no %s", code, part)
			}
		}
	}
}

func place(f Fault) string {
	s := Faults{f}.Error()
	return s[:strings.Index(s, ": ")]
}

func loadTexts(t testing.TB) data.Texts {
	t.Helper()
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// A fault reads whole: what, where, what to do, in both languages.
func TestMessages(t *testing.T) {
	_, err := names(t).ParseText("use = '工业' AND\nloaded_at > '2020-01-01' AND holder = '厂' 1")
	var fs Faults
	if !errors.As(err, &fs) {
		t.Fatal(err)
	}
	texts := loadTexts(t)
	want := map[string]string{
		"zh": `1:7: “use”的取值中没有“工业”；可用：industrial, storage, green
use = '工业' AND
      ^^^^^^
2:13: 此处应为时刻，实为文本；请写作 TIMESTAMP('…')
loaded_at > '2020-01-01' AND holder = '厂' 1
            ^^^^^^^^^^^^
2:43: 此处不应出现“1”；请检查前面的运算符和括号，用 AND 或 OR 连接两个条件
loaded_at > '2020-01-01' AND holder = '厂' 1
                                           ^`,
		"en": `1:7: “use” is never “工业”; it may be: industrial, storage, green
use = '工业' AND
      ^^^^^^
2:13: this must be of kind timestamp, not text; write TIMESTAMP('…')
loaded_at > '2020-01-01' AND holder = '厂' 1
            ^^^^^^^^^^^^
2:43: “1” can't stand here; check the operators and parentheses before it; AND or OR joins two conditions
loaded_at > '2020-01-01' AND holder = '厂' 1
                                           ^`,
	}
	for lang, w := range want {
		if got := fs.Message(texts, lang); got != w {
			t.Errorf("%s:\n%s\nwant\n%s", lang, got, w)
		}
	}
}

// A long line is shown around its fault only.
func TestPointerOfLongLine(t *testing.T) {
	_, err := names(t).ParseText(strings.Repeat("far < 1 AND ", 100) + "fra < 1" + strings.Repeat(" AND far < 1", 100))
	var fs Faults
	if !errors.As(err, &fs) || len(fs) != 1 || fs[0].Col != 1201 {
		t.Fatal(err)
	}
	line, mark, _ := strings.Cut(fs[0].Pointer(), "\n")
	at := strings.IndexByte(mark, '^')
	if r := []rune(line); len(r) > 130 || string(r[at:at+3]) != "fra" || strings.TrimLeft(mark, " ") != "^^^" {
		t.Errorf("pointer\n%s\n%s", line, mark)
	}
}

func TestNewQueryablesRefuses(t *testing.T) {
	for name, list := range map[string][]Queryable{
		"twice":   {{Name: "a", Kind: Text}, {Name: "a", Kind: Number}},
		"empty":   {{Kind: Text}},
		"no kind": {{Name: "a"}},
		"words":   {{Name: "a", Kind: Number, Words: []string{"x"}}},
	} {
		if _, err := NewQueryables(list); !errors.Is(err, ErrQueryables) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewQueryables(nil, Signature{Name: "casei", Result: Text}); !errors.Is(err, ErrQueryables) {
		t.Errorf("function casei: %v", err)
	}
}

// A server may set limits of its own.
func TestLimits(t *testing.T) {
	q := names(t)
	q.Limits = Limits{Bytes: 40, Depth: 3, Nodes: 6, Vertices: 2}
	for src, want := range map[string]string{
		"far < 1 AND area < 1":                       "too_many_nodes",
		"NOT (NOT (far < 1))":                        "too_deep",
		"S_WITHIN(geometry,LINESTRING(1 1,1 1,1 1))": "too_long",
		"S_WITHIN(geometry,LINESTRING(1 1,1 1,1 ":    "too_many_vertices",
		"far < 1": "",
	} {
		_, err := q.ParseText(src)
		var fs Faults
		if want == "" && err != nil || want != "" && (!errors.As(err, &fs) || fs[0].Code != want) {
			t.Errorf("%s: %v, want %s", src, err, want)
		}
	}
	if got := q.Names(); len(got) != 10 || got[0] != "far" {
		t.Errorf("Names = %v", got)
	}
	if d, ok := q.Find("use"); !ok || d.Kind != Text {
		t.Errorf("Find(use) = %v, %v", d, ok)
	}
}

// Trees made by hand or read without names are checked all the same.
func TestCheckOfATree(t *testing.T) {
	const src = "fra < 1"
	e, err := ParseText(src)
	if err != nil {
		t.Fatal(err)
	}
	if err := names(t).Check(e, src); err == nil || !strings.Contains(err.Error(), "did you mean “far”?\nfra < 1\n^^^") {
		t.Errorf("Check = %v", err)
	}
	if err := names(t).Check(&Property{Name: "in_use"}, ""); !errors.Is(err, ErrFilter) {
		t.Errorf("Check of a bare property = %v", err)
	}
	if err := names(t).Check(&IsNull{Arg: &Property{Name: "in_use"}}, ""); err != nil {
		t.Error(err)
	}
}
