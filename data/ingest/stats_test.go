package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/muscope/muscope/analysis/land"
)

func loadStatsFiles(opt Options, files ...File) (*Result, *memory, *told, error) {
	sink, said := newMemory(), &told{}
	opt.Files = files
	if opt.MaxRejects == 0 {
		opt.MaxRejects = NoLimit
	}
	said.listen(&opt)
	res, err := LoadStats(context.Background(), opt, sink)
	return res, sink, said, err
}

func statsLine(s land.Stats) string {
	return strings.Join([]string{s.Zone, fmt.Sprint(s.Year), s.GDPWan.String(), s.Employees.String()}, " ")
}

func lines(rows []land.Stats) []string {
	var out []string
	for _, r := range rows {
		out = append(out, statsLine(r))
	}
	return out
}

func TestStatsCSV(t *testing.T) {
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String("开发区代码,年份,生产总值(亿元),从业人员\n0450101,2023年,4.2,\"1,200\"\n")
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMap("yearbook", []byte("layer: stats\nfields: {zone: 开发区代码, year: 年份, gdp_wan: {from: 生产总值(亿元), unit: yi}, employees: 从业人员}"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, content string
		m             *Map
		want, said    []string
	}{
		{"plain", "zone,year,gdp_wan,employees\nB,2023,42000,5200\nA,2023,1,\nA,2022,,7\n", nil, []string{"A 2022  7", "A 2023 1 ", "B 2023 42000 5200"}, nil},
		{"byte order mark, CRLF, blank lines", "\xEF\xBB\xBFzone,year,gdp_wan\r\n\r\nA,2023,5\r\n,,\r\n", nil, []string{"A 2023 5 "}, nil},
		{"tabs", "zone\tyear\tgdp_wan\nA\t2023\t5\n", nil, []string{"A 2023 5 "}, nil},
		{"semicolons", "zone;year;gdp_wan\nA;2023;5\n", nil, []string{"A 2023 5 "}, nil},
		{"GB18030 and a map", gbk, m, []string{"0450101 2023 42000 1200"}, nil},
		{"faults", "zone,year,gdp_wan,employees\nA,2023,x,-5\n,2023,1,1\nA,23,1,1\nA,2023,9,9\nB,2023.0,2,3\nB,2024,1,2,3\n", nil,
			[]string{"A 2023  ", "B 2023 2 3"},
			[]string{"2 A / 2023 gdp_wan field.not_a_number", "2 A / 2023 employees field.negative", "3 zone row.key_missing", "4 A year row.year", "7 table.row_too_wide", "5 A / 2023 row.duplicate"}},
	} {
		res, sink, said, err := loadStatsFiles(Options{Map: c.m}, text("s.csv", c.content))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := lines(sink.stats); !slices.Equal(got, c.want) || !slices.Equal(said.lines, c.said) || res.Features() != res.Loaded()+res.Rejected() {
			t.Errorf("%s: %q, want %q; said %q, want %q; %+v", c.name, got, c.want, said.lines, c.said, res.Inputs)
		}
	}
}

func TestStatsRefused(t *testing.T) {
	for _, c := range []struct{ content, code string }{
		{"", "table.empty"},
		{"\n\n", "table.empty"},
		{"zone,year\n", "load.nothing"},
		{"zone,year,zone\nA,2023,B\n", "table.column_twice"},
		{"zone,year\n\"A,2023\n", "table.csv"},
		{"\xFF\xFEz\x00", "table.utf16"},
		{"zone,\xFF\xFF\n", "table.encoding"},
		{"PK\x03\x04not a zip", "table.not_xlsx"},
		{"code,year\nA,2023\n", "row.key_missing"},
	} {
		_, _, _, err := loadStatsFiles(Options{}, text("s.csv", c.content))
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Code != c.code || refused.Reason == "" || refused.Remedy == "" || strings.HasPrefix(refused.Reason, "ingest.") {
			t.Errorf("%q: %v, want %s", c.content, err, c.code)
		}
	}
}

func TestStatsXLSX(t *testing.T) {
	book := excelize.NewFile()
	for i, row := range [][]any{{"zone", "year", "gdp_wan", "employees"}, {450101, 2023, 42000.25, "5,200"}, {}, {"A", "2022", nil, 3}} {
		if err := book.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	style, err := book.NewStyle(&excelize.Style{NumFmt: 3}) // #,##0 would round what is shown
	if err != nil {
		t.Fatal(err)
	}
	if err := book.SetCellStyle("Sheet1", "C2", "C2", style); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	f := File{Name: "s.xlsx", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }}
	res, sink, said, err := loadStatsFiles(Options{KnownZones: map[string]bool{"450101": true}}, f)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := lines(sink.stats), []string{"450101 2023 42000.25 5200", "A 2022  3"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if !slices.Equal(said.lines, []string{"4 A / 2022 zone row.unknown_zone"}) || res.Inputs[0].Warnings != 1 {
		t.Errorf("said %q, %+v", said.lines, res.Inputs)
	}
}

func FuzzStats(f *testing.F) {
	for _, s := range []string{"zone,year,gdp_wan\nA,2023,5\n", "zone;year\n\"A\";2023\n", "\xEF\xBB\xBFzone\tyear\n", "zone,year\nA,2023,,,\nA,2023,x\n", "PK\x03\x04"} {
		f.Add([]byte(s))
	}
	texts := noTexts()
	f.Fuzz(func(t *testing.T, content []byte) {
		res, sink, said, err := loadStatsFiles(Options{Texts: texts}, text("s.csv", string(content)))
		if err != nil {
			if !errors.Is(err, ErrRefused) {
				t.Fatalf("%q: %v", content, err)
			}
			return
		}
		if res.Features() != res.Loaded()+res.Rejected() || res.Loaded() != int64(len(sink.stats)) || res.Rejected() > int64(len(said.lines)) {
			t.Fatalf("%q: %+v, %d rows, said %q", content, res.Inputs, len(sink.stats), said.lines)
		}
	})
}
