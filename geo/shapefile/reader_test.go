package shapefile

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

func gbk(t testing.TB, s string) string {
	t.Helper()
	out, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func big5(t testing.TB, s string) string {
	t.Helper()
	out, err := traditionalchinese.Big5.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestValues reads one cell a case.
func TestValues(t *testing.T) {
	for _, c := range []struct {
		kind       byte
		cell, want string
	}{
		{'C', "abc   ", "t:abc"}, {'C', "  ", "~"}, {'C', " a", "t: a"}, {'C', "ab\x00zz", "t:ab"}, {'C', "007", "t:007"},
		{'N', "  12", "n:12"}, {'N', "-1.50", "n:-1.5"}, {'N', ".5", "n:0.5"}, {'N', "5.", "n:5"}, {'N', "+7", "n:7"}, {'N', "007", "n:7"},
		{'N', "0.000", "n:0"}, {'N', "", "~"}, {'N', "*****", "~"}, {'N', "1,5", "t:1,5"}, {'N', "-", "t:-"}, {'N', "nan", "t:nan"},
		{'F', "1.5e+003", "n:1.5e+003"}, {'F', "1.50000000000e+005", "n:1.5e+005"}, {'F', "1e", "t:1e"},
		{'D', "20210411", "t:2021-04-11"}, {'D', "00000000", "~"}, {'D', "        ", "~"}, {'D', "2021-4-1", "t:2021-4-1"},
		{'L', "T", "b:true"}, {'L', "y", "b:true"}, {'L', "F", "b:false"}, {'L', "n", "b:false"}, {'L', "?", "~"}, {'L', " ", "~"},
		{'M', "12", "~"},
	} {
		m := build(typePolygon, []column{{"a", c.kind, 20}}, []any{shape(typeNull), c.cell})
		all, _, code := m.read(t, Options{})
		if code != "" || len(all) != 1 || all[0].values[0] != c.want {
			t.Errorf("%c %q: %v %s, want %s", c.kind, c.cell, all, code, c.want)
		}
	}
}

// TestGroup tells outer rings from holes as GDAL and QGIS do.
func TestGroup(t *testing.T) {
	out, hole := func(x, y, w float64) orb.Ring { return ring(x, y, w, w, false) }, func(x, y, w float64) orb.Ring { return ring(x, y, w, w, true) }
	for _, c := range []struct {
		name  string
		rings []orb.Ring
		want  string // rings of each polygon
	}{
		{"one", []orb.Ring{out(0, 0, 10)}, "1"},
		{"one the other way round", []orb.Ring{hole(0, 0, 10)}, "1"},
		{"hole", []orb.Ring{out(0, 0, 10), hole(2, 2, 2)}, "2"},
		{"hole before its polygon", []orb.Ring{hole(2, 2, 2), out(0, 0, 10)}, "2"},
		{"two", []orb.Ring{out(0, 0, 10), out(20, 0, 10), hole(22, 2, 2)}, "1 2"},
		{"island in a hole", []orb.Ring{out(0, 0, 10), hole(1, 1, 8), out(2, 2, 4), hole(3, 3, 1)}, "2 2"},
		{"hole that touches in a point", []orb.Ring{out(0, 0, 10), {{0, 5}, {1, 4}, {1, 6}, {0, 5}}, out(20, 0, 1)}, "2 1"},
		{"no direction at all", []orb.Ring{hole(0, 0, 10), hole(2, 2, 2), hole(20, 0, 10)}, "2 1"},
		{"hole in no polygon stays to be found", []orb.Ring{out(0, 0, 10), hole(50, 50, 2)}, "2"},
	} {
		mp, fault := group(c.rings)
		var got []string
		for _, p := range mp {
			got = append(got, fmt.Sprint(len(p)))
		}
		if fault != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v %v, want %s", c.name, got, fault, c.want)
		}
	}
}

// TestMemos: texts that stand in another file are counted, not lost in silence.
func TestMemos(t *testing.T) {
	m := build(typePolygon, []column{{"a", 'C', 5}, {"bz", 'M', 10}}, []any{shape(typeNull), "x", "12"}, []any{shape(typeNull), "y", ""}, []any{shape(typeNull), "z", "0000000007"})
	all, r, code := m.read(t, Options{})
	if columns, n := r.Memos(); code != "" || len(all) != 3 || n != 2 || strings.Join(columns, ",") != "bz" {
		t.Errorf("%v %d %q", columns, n, code)
	}
}

// TestManyRings: a record made to cost minutes is refused instead.
func TestManyRings(t *testing.T) {
	var rings []orb.Ring
	for i := range 30_000 {
		x := float64(i) * 1e-6
		rings = append(rings, ring(x, x, 1, 1, false), ring(x+.2, x+.2, .1, .1, true))
	}
	if _, fault := group(rings); fault == nil || fault.Code != "too_many_rings" {
		t.Errorf("%v", fault)
	}
}

// TestEncoding finds the encoding by what stands in the file.
func TestEncoding(t *testing.T) {
	gb, b5 := gbk(t, "南宁高新技术产业开发区"), big5(t, "南崗產業園區平鎮土城")
	for _, c := range []struct {
		name, text, cpg string
		language        byte
		option          string
		want, from      string
		contradicted    bool
		value           string
	}{
		{"ascii", "abc", "", 0, "", "UTF-8", FromASCII, false, "abc"},
		{"ascii with cpg", "abc", "GBK", 0, "", "UTF-8", FromASCII, false, "abc"},
		{"utf-8", "南宁", "", 0, "", "UTF-8", FromContent, false, "南宁"},
		{"utf-8 by cpg", "南宁", "UTF-8\n", 0, "", "UTF-8", FromCPG, false, "南宁"},
		{"gbk", gb, "", 0, "", "GB18030", FromContent, false, "南宁高新技术产业开发区"},
		{"gbk by cpg", gb, "936", 0, "", "GB18030", FromCPG, false, "南宁高新技术产业开发区"},
		{"gbk by language", gb, "", 0x4D, "", "GB18030", FromLanguage, false, "南宁高新技术产业开发区"},
		{"gbk, cpg says utf-8", gb, "UTF-8", 0, "", "GB18030", FromContent, true, "南宁高新技术产业开发区"},
		{"utf-8, language says gbk", "南宁高新", "", 0x4D, "", "UTF-8", FromContent, true, "南宁高新"},
		{"gbk, cpg as GDAL writes it untold", gb, "ISO-8859-1", 0, "", "GB18030", FromContent, true, "南宁高新技术产业开发区"},
		{"latin", "caf\xE9 de la gare", "ISO-8859-1", 0, "", "windows-1252", FromCPG, false, "café de la gare"},
		{"big5", b5, "", 0, "", "Big5", FromContent, false, "南崗產業園區平鎮土城"},
		{"big5 by cpg", b5, "BIG5", 0, "", "Big5", FromCPG, false, "南崗產業園區平鎮土城"},
		{"option", gb, "UTF-8", 0, "gbk", "GB18030", FromOption, false, "南宁高新技术产业开发区"},
		{"full column cut within a character", gbk(t, strings.Repeat("南", 20))[:39], "", 0, "", "GB18030", FromContent, false, strings.Repeat("南", 19)},
		{"the same in utf-8", strings.Repeat("南", 14)[:40], "", 0, "", "UTF-8", FromContent, false, strings.Repeat("南", 13)},
	} {
		size := 40
		if strings.HasPrefix(c.name, "full") {
			size = 39
		}
		m := build(typePolygon, []column{{"a", 'C', size}}, []any{shape(typeNull), c.text})
		m.cpg, m.dbf[29] = []byte(c.cpg), c.language
		all, r, code := m.read(t, Options{Encoding: c.option})
		if code != "" {
			t.Errorf("%s: %s", c.name, code)
			continue
		}
		e := r.Encoding()
		if e.Name != c.want || e.From != c.from || e.Contradicted != c.contradicted || all[0].values[0] != "t:"+c.value {
			t.Errorf("%s: %+v %v", c.name, e, all[0].values)
		}
	}
}

func TestColumnNames(t *testing.T) {
	m := build(typePolygon, []column{{gbk(t, "宗地代码"), 'C', 10}, {gbk(t, "宗地面积名"), 'N', 10}}, []any{shape(typeNull), gbk(t, "甲"), "1.5"})
	_, r, code := m.read(t, Options{})
	if code != "" || !slices.Equal(r.Columns(), []string{"宗地代码", "宗地面积名"}) {
		t.Error(code, r)
	}
}

// TestLies changes one thing a case and names how it is refused: a code before
// the first feature, or of one feature.
func TestLies(t *testing.T) {
	put32 := func(b []byte, at int, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }
	put16 := func(b []byte, at int, v uint16) { binary.LittleEndian.PutUint16(b[at:], v) }
	big32 := func(b []byte, at int, v uint32) { binary.BigEndian.PutUint32(b[at:], v) }
	for _, c := range []struct {
		name string
		lie  func(m *made)
		want string
	}{
		{"none", func(*made) {}, ""},
		{"none, without .shx", func(m *made) { m.noIndex = true }, ""},
		{"no table", func(m *made) { m.dbf = nil }, "truncated"},
		{"no shapes", func(m *made) { m.shp = nil }, "truncated"},
		{"GeoJSON in its place", func(m *made) { m.shp = []byte(strings.Repeat("{", 200)) }, "not_shapefile"},
		{"foreign table", func(m *made) { m.dbf[0] = 'x' }, "not_dbf"},
		{"more rows promised", func(m *made) { put32(m.dbf, 4, 1000) }, "row_count"},
		{"2^32 rows", func(m *made) { put32(m.dbf, 4, math.MaxUint32) }, "row_count"},
		{"fewer rows promised", func(m *made) { put32(m.dbf, 4, 0) }, "row_count"},
		{"table cut", func(m *made) { m.dbf = m.dbf[:len(m.dbf)-5] }, "row_count"},
		{"row length 0", func(m *made) { put16(m.dbf, 10, 0) }, "not_dbf"},
		{"row length too small", func(m *made) { put16(m.dbf, 10, 1) }, "row_count"},
		{"column longer than the row", func(m *made) { m.dbf[32+16] = 255 }, "column_length"},
		{"column of no length", func(m *made) { m.dbf[32+16] = 0 }, "column_length"},
		{"columns shorter than the row", func(m *made) { m.dbf[32+16] = 2 }, "row_length"},
		{"unknown type", func(m *made) { m.dbf[32+11] = 'Z' }, "column_type"},
		{"no end of columns", func(m *made) { m.dbf[32+64] = ' ' }, "no_header_end"},
		{"one name twice", func(m *made) { m.dbf[64] = 'a' }, "column_twice"},
		{"shapes cut", func(m *made) { m.shp = m.shp[:len(m.shp)-4] }, "truncated"},
		{"index cut", func(m *made) { m.shx = m.shx[:len(m.shx)-4] }, "truncated"},
		{"index of fewer", func(m *made) { m.shx = m.shx[:len(m.shx)-8]; big32(m.shx, 24, uint32(len(m.shx)/2)) }, "counts_differ"},
		{"index off the file", func(m *made) { big32(m.shx, 100, 1<<30) }, "truncated"},
		{"index into the header", func(m *made) { big32(m.shx, 100, 2) }, "truncated"},
		{"index of another length", func(m *made) { big32(m.shx, 104, 9) }, "index_differs"},
		{"index names one shape again and again", func(m *made) {
			for i := range 3 {
				copy(m.shx[100+8*i:], m.shx[100:108])
			}
		}, "index_number"},
		{"shapes that lie over one another", func(m *made) {
			for i := range uint32(3) {
				at := 100 + 8*i
				half := (uint32(len(m.shp)) - at - 8) / 2
				big32(m.shp, int(at), i+1)
				big32(m.shp, int(at)+4, half)
				big32(m.shx, 100+8*int(i), at/2)
				big32(m.shx, 104+8*int(i), half)
			}
		}, "index_repeats"},
		{"record of 2 GB", func(m *made) { m.noIndex = true; big32(m.shp, 104, 1<<30) }, "truncated"},
		{"record of nothing", func(m *made) { m.noIndex = true; big32(m.shp, 104, 0) }, "record_too_small"},
		{"fewer shapes without .shx", func(m *made) { m.noIndex = true; big32(m.shp, 24, 50+(8+128)/2) }, "counts_differ"},
		{"shape of another type", func(m *made) { put32(m.shp, 108, 1) }, "#shape_type"},
		{"2^31 parts", func(m *made) { put32(m.shp, 108+36, 1<<31) }, "#shape_short"},
		{"2^32 points", func(m *made) { put32(m.shp, 108+40, math.MaxUint32) }, "#shape_short"},
		{"part beyond the points", func(m *made) { put32(m.shp, 108+44, 77) }, "#ring_bounds"},
		{"not a number", func(m *made) { put32(m.shp, 108+48+4, 0x7FF80000) }, "#not_finite"},
		{"infinite", func(m *made) { put32(m.shp, 108+48+4, 0x7FF00000); put32(m.shp, 108+48, 0) }, "#not_finite"},
		{"encoding nobody knows", func(m *made) { m.encoding = "klingon" }, "encoding_unknown"},
		{"bytes of no encoding", func(m *made) { copy(m.dbf[32+64+1+1:], "\xFF\xFF\xFF") }, "encoding_unclear"},
	} {
		m := build(typePolygon, []column{{"a", 'C', 5}, {"b", 'N', 9}},
			[]any{shape(typePolygon, ring(0, 0, 1, 1, false)), "x", 1}, []any{shape(typePolygon, ring(2, 0, 1, 1, false)), "y", 2},
			[]any{shape(typePolygon, ring(4, 0, 1, 1, false)), "z", 3})
		c.lie(&m)
		all, _, code := m.read(t, Options{})
		if want, of := strings.CutPrefix(c.want, "#"); of {
			if code != "" || len(all) != 3 || all[0].fault != want || all[1].fault != "" {
				t.Errorf("%s: %v, %q; want %s of the first", c.name, all, code, want)
			}
			continue
		}
		if code != c.want || c.want == "" && len(all) != 3 {
			t.Errorf("%s: %v, %q; want %q", c.name, all, code, c.want)
		}
	}
}

// TestDeleted: a deleted row is no feature, and the shape beside it neither.
func TestDeleted(t *testing.T) {
	square := shape(typePolygon, ring(0, 0, 1, 1, false))
	m := build(typePolygon, []column{{"a", 'C', 3}}, []any{square, "one"}, []any{square, "*", "two"}, []any{shape(typeNull), "six"})
	all, r, code := m.read(t, Options{})
	if code != "" || len(all) != 2 || all[1].number != 2 || all[1].values[0] != "t:six" || all[1].kind != "" || r.Deleted() != 1 {
		t.Error(all, code, r.Deleted())
	}
}

// TestHeights: Z and M are counted and dropped.
func TestHeights(t *testing.T) {
	for kind, want := range map[int32]string{typePolygon: "0 0", typePolygonZ: "5 5", typePolygonM: "0 5"} {
		m := build(kind, []column{{"a", 'C', 3}}, []any{shape(kind, ring(0, 0, 1, 1, false)), "x"})
		all, _, code := m.read(t, Options{})
		if code != "" || len(all) != 1 || len(all[0].geometry) != 1 || len(all[0].geometry[0][0]) != 5 || all[0].heights != want {
			t.Error(kind, all, code)
		}
	}
}

// TestBatches: many records come out once each, in order, in small batches.
func TestBatches(t *testing.T) {
	var rows [][]any
	for i := range 500 {
		rows = append(rows, []any{shape(typePolygon, ring(float64(i), 0, 1, 1, false)), i})
	}
	all, r, code := build(typePolygon, []column{{"a", 'N', 5}}, rows...).read(t, Options{BatchBytes: 1000})
	if code != "" || len(all) != 500 || r.Bytes() == 0 {
		t.Fatal(len(all), code)
	}
	for i, k := range all {
		if k.number != int64(i+1) || k.values[0] != fmt.Sprintf("n:%d", i) || k.geometry[0][0][0][0] != float64(i) {
			t.Fatal(i, k)
		}
	}
	if _, _, code := build(typePolygon, []column{{"a", 'N', 5}}, rows...).read(t, Options{MaxRecordBytes: 100}); code != "record_too_large" {
		t.Error(code)
	}
}

// FuzzRead holds any four files against the promise: no panic, and every
// feature is handed out once, in order, with a geometry or a reason.
func FuzzRead(f *testing.F) {
	m := build(typePolygon, []column{{"a", 'C', 5}, {"b", 'N', 9}, {"c", 'D', 8}, {"d", 'L', 1}},
		[]any{shape(typePolygon, ring(0, 0, 9, 9, false), ring(2, 2, 1, 1, true)), "x", 1, "20200101", "T"}, []any{shape(typeNull), "*", "y", 2, "", ""})
	f.Add(m.shp, m.shx, m.dbf, []byte("UTF-8"), true)
	z := build(typePolygonZ, []column{{gbk(f, "名称"), 'C', 9}}, []any{shape(typePolygonZ, ring(0, 0, 9, 9, false)), gbk(f, "高新区")})
	f.Add(z.shp, z.shx, z.dbf, []byte{}, false)
	f.Fuzz(func(t *testing.T, shp, shx, dbf, cpg []byte, indexed bool) {
		all, _, _ := made{shp: shp, shx: shx, dbf: dbf, cpg: cpg, noIndex: !indexed}.read(t, Options{BatchBytes: 256})
		for i, k := range all {
			if k.number != int64(i+1) || k.kind == "Polygon" && k.fault == "" && len(k.geometry) == 0 {
				t.Fatal(i, k)
			}
		}
	})
}
