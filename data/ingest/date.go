package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/muscope/muscope/analysis/land"
)

var (
	errNotDate   = errors.New("not a calendar date")
	errAmbiguous = errors.New("a year, YYYYMMDD or epoch milliseconds")
	errTooEarly  = errors.New("before 1949-10-01")
	errTooLate   = errors.New("after 2200")
)

// Words of a map's date that name a count instead of a layout.
const (
	dateEpochMS = "epoch_ms"
	dateEpochS  = "epoch_s"
	dateExcel   = "excel" // days, 1 is 1900-01-01, with Excel's 29 February 1900
)

// dateLayout turns YYYYMMDD and the like into Go's layout.
func dateLayout(s string) (string, error) {
	switch s {
	case dateEpochMS, dateEpochS, dateExcel:
		return s, nil
	}
	layout := strings.NewReplacer("YYYY", "2006", "MM", "01", "DD", "02", "M", "1", "D", "2").Replace(s)
	if !strings.Contains(s, "YYYY") || strings.Contains(s, "DD") && !strings.Contains(s, "MM") ||
		strings.Trim(s, "YMD-/. 年月日") != "" || len(s) > 40 {
		return "", fmt.Errorf("date %q: write it with YYYY, MM and DD (like YYYYMMDD, DD/MM/YYYY, YYYY.MM), or epoch_ms, epoch_s, excel", s)
	}
	return layout, nil
}

// shanghai is China's clock: eight hours ahead, with the summer times of 1940
// to 1949 and 1986 to 1991 where the zone data are there.
func shanghai() *time.Location {
	if loc, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		return loc
	}
	return time.FixedZone("CST", 8*60*60)
}

// dates reads dates in the contract's forms and a map's own.
type dates struct {
	clock    *time.Location
	earliest land.Date
	latest   land.Date
}

func newDates() (dates, error) {
	first, err := land.DateOf(1949, time.October, 1)
	if err != nil {
		return dates{}, err
	}
	last, err := land.DateOf(2200, time.December, 31)
	return dates{shanghai(), first, last}, err
}

// parse reads a date. errTooEarly and errTooLate are dates that stand for
// "none" (1900-01-01, 9999-12-31).
func (d *dates) parse(b []byte, layout string) (land.Date, error) {
	v, err := d.read(b, layout)
	switch {
	case err != nil:
		return 0, err
	case v < d.earliest:
		return 0, errTooEarly
	case v > d.latest:
		return 0, errTooLate
	}
	return v, nil
}

func (d *dates) read(b []byte, layout string) (land.Date, error) {
	if layout != "" {
		if v, ok := d.byLayout(string(b), layout); ok {
			return v, nil
		}
	}
	if v, ok := numericDate(b); ok {
		return v, nil
	}
	if len(b) > 40 {
		return 0, errNotDate
	}
	if v, ok := writtenDate(b); ok {
		return v, nil
	}
	if v, ok := d.withTime(string(b)); ok {
		return v, nil
	}
	return d.epoch(b)
}

// numericDate reads YYYY-MM-DD and YYYY/MM/DD, the usual case.
func numericDate(b []byte) (land.Date, bool) {
	if len(b) != 10 || b[4] != b[7] || b[4] != '-' && b[4] != '/' {
		return 0, false
	}
	y, ok1 := number(b[:4])
	m, ok2 := number(b[5:7])
	day, ok3 := number(b[8:])
	if !ok1 || !ok2 || !ok3 {
		return 0, false
	}
	v, err := land.DateOf(y, time.Month(m), day)
	return v, err == nil
}

// writtenDate reads 2007年01月31日, 2007年1月31日, 2018/1/3 and 2018-1-3.
func writtenDate(b []byte) (land.Date, bool) {
	for _, marks := range [...][3]string{{"年", "月", "日"}, {"-", "-", ""}, {"/", "/", ""}} {
		y, rest, ok := bytes.Cut(b, []byte(marks[0]))
		if !ok || len(y) != 4 {
			continue
		}
		m, rest, ok := bytes.Cut(rest, []byte(marks[1]))
		if !ok {
			continue
		}
		day, ok := bytes.CutSuffix(rest, []byte(marks[2]))
		if !ok || len(m) > 2 || len(day) > 2 {
			continue
		}
		year, ok1 := number(y)
		month, ok2 := number(m)
		n, ok3 := number(day)
		if !ok1 || !ok2 || !ok3 {
			continue
		}
		v, err := land.DateOf(year, time.Month(month), n)
		return v, err == nil
	}
	return 0, false
}

func number(b []byte) (n int, ok bool) {
	for _, c := range b {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(b) > 0
}

// withTime reads a date with a time of day: with a zone it is the day that
// instant has in China, without one the day as written.
func (d *dates) withTime(s string) (land.Date, bool) {
	s = strings.Replace(s, " ", "T", 1)
	s = strings.ReplaceAll(s, "/", "-")
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return land.DateOfTime(t.In(d.clock)), true
	}
	if t, err := time.Parse("2006-01-02T15:04:05Z0700", s); err == nil {
		return land.DateOfTime(t.In(d.clock)), true
	}
	for _, layout := range [...]string{"2006-1-2T15:04:05", "2006-1-2T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return land.DateOfTime(t), true
		}
	}
	return 0, false
}

// epoch reads milliseconds since 1970 as a day in China. Up to eight digits may
// as well be a year, YYYYMMDD or a 0 for none: as milliseconds they would all be
// the first days of 1970, so they are refused.
func (d *dates) epoch(b []byte) (land.Date, error) {
	s := strings.TrimSuffix(string(b), ".0")
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, errNotDate
	}
	if ms < 1e8 && ms > -1e8 {
		return 0, errAmbiguous
	}
	return d.millis(ms)
}

// maxMillis is the year 9999 in milliseconds since 1970.
const maxMillis = 253402300799999

func (d *dates) millis(ms int64) (land.Date, error) {
	if ms > maxMillis {
		return 0, errTooLate
	}
	if ms < -62135596800000 { // the year 1
		return 0, errTooEarly
	}
	return land.DateOfTime(time.UnixMilli(ms).In(d.clock)), nil
}

func (d *dates) byLayout(s, layout string) (land.Date, bool) {
	switch layout {
	case dateEpochMS, dateEpochS, dateExcel:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || !(n > -1e15 && n < 1e15) {
			return 0, false
		}
		switch layout {
		case dateEpochS:
			n *= 1000
		case dateExcel:
			return excelDate(n)
		}
		v, err := d.millis(int64(n))
		return v, err == nil
	}
	t, err := time.Parse(layout, s)
	if err != nil || t.Year() < 1 {
		return 0, false
	}
	return land.DateOfTime(t), true
}

// excelDate reads Excel's serial day; before March 1900 its calendar is wrong.
func excelDate(n float64) (land.Date, bool) {
	if n < 61 || n > 3e6 {
		return 0, false
	}
	return land.DateOfTime(time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n))), true
}
