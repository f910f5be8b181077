package boundarytext

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/muscope/muscope/geo/raw"
)

const (
	head   = "[属性描述]\n格式版本号=1.01\n数据产生单位=某测绘院\n坐标系=2000国家大地坐标系\n几度分带=3\n投影类型=高斯克吕格\n计量单位=米\n带号=36\n精度=0.001\n转换参数=,,,,,,\n[地块坐标]\n"
	square = "5,1.0000,DK-01,甲地块,面,,工业用地,1001,@\nJ1,1,2530000.000,36500000.000\nJ2,1,2530100.000,36500000.000\nJ3,1,2530100.000,36500100.000\nJ4,1,2530000.000,36500100.000\nJ1,1,2530000.000,36500000.000\n"
	holed  = "9,0.9900,DK-02,乙地块,面,,,,@\n" +
		"J1,1,0,0\nJ2,1,0,100\nJ3,1,100,100\nJ4,1,100,0\nJ1,1,0,0\nK1,2,10,10\nK2,2,20,10\nK3,2,20,20\nK1,2,10,10\n"
)

// read gives what Decode hands out, one line a parcel, and the code of the
// error that ended the reading.
func read(t testing.TB, text string, opt Options) (lines []string, shapes []orb.MultiPolygon, code string) {
	t.Helper()
	r, err := Open(strings.NewReader(text), opt)
	for err == nil {
		var b raw.Batch
		if b, err = r.Next(); err != nil {
			break
		}
		err = b.Decode(func(f *raw.Feature) error {
			if f.Number != int64(len(lines)+1) {
				t.Fatalf("number %d after %d", f.Number, len(lines))
			}
			line := fmt.Sprintf("%d@%d", f.Number, f.Offset)
			if f.Fault != nil {
				line += " !" + f.Fault.Code
			}
			for i, v := range f.Values {
				if f.Fault == nil && v.Kind != raw.Null {
					line += " " + r.Columns()[i] + "=" + string(v.Text)
				}
			}
			lines, shapes = append(lines, line), append(shapes, f.Geometry)
			return nil
		})
	}
	var e *raw.Error
	switch {
	case errors.Is(err, io.EOF):
	case errors.As(err, &e):
		code = e.Code
	default:
		t.Fatal(err)
	}
	return lines, shapes, code
}

func TestRead(t *testing.T) {
	text := head + square + strings.Replace(square, "DK-01", "DK-02", 1)
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	want := " 点数=5 面积=1.0000 地块编号=DK-0%d 地块名称=甲地块 图形属性=面 用途=工业用地 地类=1001 格式版本号=1.01 数据产生单位=某测绘院 " +
		"坐标系=2000国家大地坐标系 几度分带=3 投影类型=高斯克吕格 计量单位=米 带号=36 精度=0.001"
	for name, text := range map[string]string{"utf-8": text, "gbk": gbk, "bom": "\uFEFF" + text, "crlf": strings.ReplaceAll(text, "\n", "\r\n"),
		"blank lines": strings.ReplaceAll(text, "\n", "\n \n"), "commas behind": strings.ReplaceAll(text, "6500000.000\n", "6500000.000,\n")} {
		lines, shapes, code := read(t, text, Options{BatchBytes: 10})
		if code != "" || len(lines) != 2 || !strings.HasSuffix(lines[0], fmt.Sprintf(want, 1)) || !strings.HasSuffix(lines[1], fmt.Sprintf(want, 2)) {
			t.Errorf("%s: %q %s", name, lines, code)
			continue
		}
		if shapes[0][0][0][1] != (orb.Point{36500000, 2530100}) { // easting first
			t.Errorf("%s: %v", name, shapes[0])
		}
		if !Looks([]byte(text)) {
			t.Errorf("%s isn't known", name)
		}
	}
}

func TestHoles(t *testing.T) {
	_, shapes, code := read(t, head+holed, Options{})
	if code != "" || len(shapes) != 1 || len(shapes[0][0]) != 2 || len(shapes[0][0][1]) != 4 || shapes[0][0][0][1] != (orb.Point{100, 0}) {
		t.Error(shapes, code)
	}
	if _, shapes, _ := read(t, head+holed, Options{Swapped: true}); shapes[0][0][0][1] != (orb.Point{0, 100}) {
		t.Error(shapes)
	}
}

// TestPieces: a ring 1 behind a closed one begins another piece, whose holes
// are its own.
func TestPieces(t *testing.T) {
	ring := func(n, x int) string {
		var s string
		for i, p := range [][2]int{{0, 0}, {0, 9}, {9, 9}, {9, 0}, {0, 0}} {
			s += fmt.Sprintf("J%d,%d,%d,%d\n", i+1, n, p[0], x+p[1])
		}
		return s
	}
	parcel := func(points int, rings ...string) string {
		return head + fmt.Sprintf("%d,1,DK-01,甲,面,,,,@\n", points) + strings.Join(rings, "")
	}
	for _, c := range []struct{ name, text, want string }{
		{"two", parcel(10, ring(1, 0), ring(1, 100)), "1 1"},
		{"hole and piece", parcel(15, ring(1, 0), ring(2, 2), ring(1, 100)), "2 1"},
		{"piece with holes", parcel(20, ring(1, 0), ring(1, 100), ring(2, 102), ring(3, 104)), "1 3"},
		{"closing points not counted", parcel(8, ring(1, 0), ring(1, 100)), "1 1"},
		{"closing point twice", parcel(6, ring(1, 0), "J1,1,0,0\n"), "1"},
		{"a hole numbered as the hole before", parcel(15, ring(1, 0), ring(2, 2), ring(2, 4)), "!ring_order"},
		{"ring 3 behind 1", parcel(10, ring(1, 0), ring(3, 2)), "!ring_order"},
	} {
		lines, shapes, code := read(t, c.text, Options{})
		if code != "" || len(lines) != 1 {
			t.Fatal(c.name, lines, code)
		}
		var got []string
		for _, p := range shapes[0] {
			got = append(got, fmt.Sprint(len(p)))
		}
		if want, fault := strings.CutPrefix(c.want, "!"); fault && !strings.HasSuffix(lines[0], "!"+want) || !fault && strings.Join(got, " ") != want {
			t.Errorf("%s: %v %q, want %s", c.name, got, lines, c.want)
		}
	}
}

// TestEncoding: what is stated goes before what the bytes look like.
func TestEncoding(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("甲地块")
	if err != nil {
		t.Fatal(err)
	}
	mixed := strings.Replace(head+square, "甲地块", gbk, 1) // the head is UTF-8
	for encoding, want := range map[string]string{"": "\uFFFD", "UTF-8": "\uFFFD", "GB18030": "甲地块"} {
		lines, _, code := read(t, mixed, Options{Encoding: encoding})
		if code != "" || !strings.Contains(lines[0], "地块名称="+want) {
			t.Errorf("%q: %q %s", encoding, lines, code)
		}
	}
	if _, _, code := read(t, head+square, Options{Encoding: "EBCDIC"}); code != "encoding_unknown" {
		t.Error(code)
	}
}

// TestFaults: what is wrong with a file, or after # with one parcel.
func TestFaults(t *testing.T) {
	change := func(old, new string) string { return strings.Replace(head+square, old, new, 1) }
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "no_points"},
		{"head alone", strings.Split(head, "[地块")[0], "no_points"},
		{"no parcels", head, "no_parcels"},
		{"points without a parcel", change("5,1.0000,DK-01,甲地块,面,,工业用地,1001,@\n", ""), "no_start"},
		{"key twice", change("带号=36", "带号=36\n带号=37"), "head_line"},
		{"no key", change("带号=36", "带号"), "head_line"},
		{"foreign section", change("[属性描述]", "[别的]"), "section"},
		{"two files in one", head + square + head + square, "section"},
		{"long line", change("某测绘院", strings.Repeat("长", 50_000)), "line_too_long"},
		{"10 MB line", head + strings.Repeat("1", 10<<20), "line_too_long"},
		{"count too high", change("5,1.0000", "7,1.0000"), "#point_count"},
		{"cut short", strings.TrimSuffix(head+square, "J4,1,2530000.000,36500100.000\nJ1,1,2530000.000,36500000.000\n"), "#point_count"},
		{"closing point not counted", change("5,1.0000", "4,1.0000"), "#"},
		{"no count", change("5,1.0000", "five,1.0000"), "#no_count"},
		{"comma in a name", change("甲地块", "甲,乙,丙"), "#too_many_values"},
		{"fewer values", change("面,,工业用地,1001,@", "@"), "#"},
		{"letter in a coordinate", change("2530100.000", "253O100.000"), "#point"},
		{"not a number", change("2530100.000", "NaN"), "#point"},
		{"hexadecimal is read by ParseFloat and yet no coordinate", change("2530100.000", "0x1p4"), "#point"},
		{"point without ring", change("J2,1,", "J2,"), "#point"},
		{"ring 0", change("J1,1,", "J1,0,"), "#point"},
		{"first ring is 2", strings.ReplaceAll(head+square, ",1,2", ",2,2"), "#ring_order"},
	} {
		lines, _, code := read(t, c.text, Options{})
		if want, of := strings.CutPrefix(c.want, "#"); of {
			got := ""
			if len(lines) == 1 {
				_, got, _ = strings.Cut(lines[0], "!")
			}
			if code != "" || len(lines) != 1 || got != want {
				t.Errorf("%s: %q, %q; want %s", c.name, lines, code, c.want)
			}
			continue
		}
		if code != c.want {
			t.Errorf("%s: %q, want %q", c.name, code, c.want)
		}
	}
	if _, _, code := read(t, head+square, Options{MaxParcelBytes: 100}); code != "parcel_too_large" {
		t.Error(code)
	}
}

// FuzzRead holds any bytes against the promise: no panic, every parcel once
// and in order, with a geometry or a reason.
func FuzzRead(f *testing.F) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(head + square)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(gbk)
	f.Add(head + holed + square)
	f.Fuzz(func(t *testing.T, text string) {
		lines, shapes, _ := read(t, text, Options{BatchBytes: 100})
		for i, l := range lines {
			if !strings.Contains(l, "!") && strings.Count(text, "@") < len(lines) {
				t.Fatal(l, shapes[i])
			}
		}
	})
}
